"""Wrong uses of the rules of calculus, and of the two existence facts."""

from __future__ import annotations

from .base import attack


@attack("exp_tangent", "points outside")
def tangent_at_an_open_term(k):
    return k.exp_tangent(k.Term("bound", 0, k.REAL))


@attack("exp_tangent", "variable of the kernel's own")
def tangent_at_a_local(k):
    return k.exp_tangent(k.local(0, k.REAL))


@attack("term", "does not take")
def tangent_at_an_index(k):
    """1 + i <= exp(i), where i is a sample."""
    return k.exp_tangent(k.i)


@attack("linear", "left over")
def exp_below_its_tangent(k):
    return k.linear(k.LE(k.EXP(k.s), k.one + k.s), [], [(1, k.exp_tangent(k.s))])


@attack("linear", "does not give lt")
def exp_strictly_above_its_tangent(k):
    """False at 0."""
    return k.linear(k.LT(k.one + k.s, k.EXP(k.s)), [], [(1, k.exp_tangent(k.s))])


@attack("d_const", "variable of the kernel's own")
def constant_that_moves(k):
    """(s -> s) has derivative 0."""
    return k.d_const(k.local(0, k.REAL), k.zero)


@attack("d_const", "points outside")
def constant_that_is_open(k):
    return k.d_const(k.Term("bound", 0, k.REAL), k.zero)


@attack("d_const", "needs a term of type 'real'")
def constant_that_is_an_index(k):
    return k.d_const(k.i, k.zero)


@attack("d_const", "variable of the kernel's own")
def constant_at_a_local_point(k):
    return k.d_const(k.one, k.local(0, k.REAL))


@attack("d_id", "variable of the kernel's own")
def identity_at_a_local_point(k):
    return k.d_id(k.local(1, k.REAL))


@attack("d_add", "derivatives at two points")
def sum_of_derivatives_at_two_points(k):
    return k.d_add(k.d_id(k.zero), k.d_id(k.one))


@attack("d_mul", "derivatives at two points")
def product_of_derivatives_at_two_points(k):
    return k.d_mul(k.d_id(k.zero), k.d_id(k.one))


@attack("d_add", "needs hasd(...)")
def sum_with_no_derivative(k):
    vector = ("output", k.REAL)
    g = k.th(k.fderiv(k.eta(k.var("g", (vector, k.REAL))), k.eta(k.A), k.eta(k.A)))
    return k.d_add(g, g)


@attack("d_mul", "needs hasd(...)")
def product_with_no_derivative(k):
    return k.d_mul(k.d_id(k.zero), k.th(k.LT(k.zero, k.one)))


@attack("d_exp", "needs hasd(...)")
def exp_of_no_derivative(k):
    return k.d_exp(k.true)


@attack("d_sum", "not a finite sort")
def sum_of_derivatives_over_the_real_numbers(k):
    return k.d_sum(k.generalise(k.z, k.d_const(k.y, k.zero)))


@attack("d_sum", "variable of the kernel's own")
def sum_of_derivatives_at_a_moving_point(k):
    return k.d_sum(k.generalise(k.i, k.d_id(k.C(k.i))))


@attack("d_sum", "needs all(...)")
def sum_of_one_derivative(k):
    """There is an i with F_i' = 0."""
    return k.d_sum(k.th(k.exists(k.i, k.HASD(k.lam(k.s, k.C(k.i) * k.s), k.zero, k.zero))))


@attack("d_sum", "needs hasd(...)")
def sum_of_no_derivatives(k):
    return k.d_sum(k.th(k.forall(k.i, k.LT(k.zero, k.C(k.i)))))


def _differentiable(k, at):
    vector = ("output", k.REAL)
    g = k.var("g", (vector, k.REAL))
    return k.th(k.fderiv(k.eta(g), at, k.eta(k.A)))


@attack("d_chain", "needed at")
def chain_at_another_vector(k):
    """G is differentiable at 0, the curve is at 1."""
    return k.d_chain(_differentiable(k, k.lam(k.o, k.zero)), k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needed at")
def chain_over_another_sort(k):
    return k.d_chain(_differentiable(k, k.lam(k.o, k.one)), k.generalise(k.i, k.d_id(k.one)))


@attack("d_chain", "variable of the kernel's own")
def chain_at_a_moving_point(k):
    """Each coordinate of the curve is differentiable, but at a point of its own."""
    at = k.lam(k.o, k.A(k.o))
    return k.d_chain(_differentiable(k, at), k.generalise(k.o, k.d_id(k.A(k.o))))


@attack("d_chain", "not a finite sort")
def chain_of_infinitely_many(k):
    return k.d_chain(_differentiable(k, k.eta(k.A)), k.generalise(k.z, k.d_id(k.one)))


@attack("d_chain", "needs all(...)")
def chain_of_some_coordinate(k):
    curve = k.th(k.exists(k.o, k.HASD(k.lam(k.s, k.A(k.o)), k.zero, k.one)))
    return k.d_chain(_differentiable(k, k.eta(k.A)), curve)


@attack("d_chain", "needs fderiv(...)")
def chain_without_frechet(k):
    return k.d_chain(k.d_id(k.one), k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needs fderiv(...)")
def chain_from_partial_derivatives(k):
    """All directional derivatives do not make a function differentiable."""
    vector = ("output", k.REAL)
    g = k.var("dirs", k.fun((vector, k.REAL), vector, vector, k.BOOL))
    h = k.var("h", (vector, k.REAL))
    claim = k.th(g(h, k.lam(k.o, k.one), k.A))
    return k.d_chain(claim, k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needs hasd(...)")
def chain_along_no_curve(k):
    return k.d_chain(_differentiable(k, k.eta(k.A)), k.th(k.forall(k.o, k.LT(k.zero, k.A(k.o)))))


@attack("d_compose", "needed at")
def compose_at_the_inner_point(k):
    """F' = 1 at 0, G = s + 1 at 0: F is needed at 1."""
    inner = k.d_add(k.d_id(k.zero), k.d_const(k.one, k.zero))
    return k.d_compose(k.d_id(k.zero), inner)


@attack("d_compose", "needs hasd(...)")
def compose_with_no_derivative(k):
    return k.d_compose(k.d_id(k.zero), k.true)


@attack("d_compose", "needs hasd(...)")
def compose_from_no_derivative(k):
    return k.d_compose(k.true, k.d_id(k.zero))


@attack("d_unique", "derivatives at two points")
def unique_derivative_at_two_points(k):
    f = k.lam(k.s, k.s * k.s)
    return k.d_unique(k.th(k.HASD(f, k.zero, k.y)), k.th(k.HASD(f, k.one, k.z)))


@attack("d_unique", "derivatives of two functions")
def unique_derivative_of_two_functions(k):
    return k.d_unique(k.d_id(k.zero), k.d_const(k.y, k.zero))


@attack("d_unique", "needs hasd(...)")
def unique_derivative_of_nothing(k):
    return k.d_unique(k.true, k.d_id(k.zero))


def _below(k, f, p, r, strictly_below=None):
    top = k.LE(f(k.s), f(p)) if strictly_below is None else strictly_below
    return k.th(k.forall(k.s, k.IMP(k.LE(p, k.s), k.IMP(k.LT(k.s, p + r), top))))


@attack("fermat", "needs 0 < r")
def fermat_on_one_point(k):
    """With r = y >= 1 - 1: premises about y say nothing when 0 < r is -1 < y."""
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, k.y), k.th(k.LT(k.real(-1), k.y)))


@attack("fermat", "needs lt(...)")
def fermat_on_an_empty_neighbourhood(k):
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, k.y), k.th(k.LE(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_with_another_radius(k):
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, -k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_at_a_minimum(k):
    f = k.lam(k.s, k.s)
    below = _below(k, f, k.zero, k.y, k.LE(k.zero, k.s))
    return k.fermat(k.d_id(k.zero), below, k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_on_the_left(k):
    left = k.th(k.forall(k.s, k.IMP(k.LE(k.s, k.zero), k.IMP(k.LT(-k.y, k.s), k.LE(k.s, k.zero)))))
    return k.fermat(k.d_id(k.zero), left, k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_at_another_point(k):
    """s <= 1 for s from 1 on: s -> s has no maximum there, but nothing was said of 0."""
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.one, k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_for_another_function(k):
    return k.fermat(k.d_id(k.zero), _below(k, k.lam(k.s, -k.s), k.zero, k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs hasd(...)")
def fermat_without_a_derivative(k):
    return k.fermat(k.true, k.true, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "not a finite sort")
def continuity_of_infinitely_many(k):
    one = k.d_mul(k.d_id(k.zero), k.d_const(k.z, k.zero))
    return k.continuity(k.generalise(k.z, one), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "not a finite sort")
def continuity_of_all_powers(k):
    powers = k.th(k.forall(k.n, k.HASD(k.lam(k.s, k.POW(k.s, k.n)), k.one, k.zero)))
    return k.continuity(powers, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "variable of the kernel's own")
def continuity_at_a_moving_point(k):
    return k.continuity(k.generalise(k.i, k.d_id(k.C(k.i))), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "variable of the kernel's own")
def continuity_at_a_point_that_moves_with_the_outer_index(k):
    th = k.generalise(k.i, k.generalise(k.o, k.d_id(k.C(k.i))))
    return k.continuity(th, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "needs lt(...)")
def continuity_within_nothing(k):
    return k.continuity(k.d_id(k.zero), k.th(k.LE(k.zero, k.y)))


@attack("continuity", "needs 0 < r")
def continuity_within_a_negative_radius(k):
    """-1 < r allows r = 0, and then no s is within r."""
    return k.continuity(k.d_id(k.zero), k.th(k.LT(k.real(-1), k.y)))


@attack("continuity", "needs hasd(...)")
def continuity_of_what_has_no_derivative(k):
    return k.continuity(k.true, k.th(k.LT(k.zero, k.y)))


# -- variables that are called like constants ---------------------------------------------------------------------------
def _called(k, name, *args):
    """A formula that looks like one about the constant `name`, but says nothing."""
    return k.th(k.var(name, k.fun(*(a.sort for a in args), k.BOOL))(*args))


def _derivative(k):
    """Says nothing, and looks like F' = 1 at 0."""
    return _called(k, "hasd", k.lam(k.s, k.F(k.s)), k.zero, k.one)


@attack("mp", "needs imp(...)")
def variable_called_imp(k):
    return k.mp(_called(k, "imp", k.p, k.q), k.th(k.p))


@attack("left", "needs and(...)")
def variable_called_and(k):
    return k.left(_called(k, "and", k.p, k.q))


@attack("d_add", "needs hasd(...)")
def variable_called_hasd_first(k):
    return k.d_add(_derivative(k), k.d_id(k.zero))


@attack("d_mul", "needs hasd(...)")
def variable_called_hasd_second(k):
    return k.d_mul(k.d_id(k.zero), _derivative(k))


@attack("d_exp", "needs hasd(...)")
def variable_called_hasd_under_exp(k):
    return k.d_exp(_derivative(k))


@attack("d_sum", "needs hasd(...)")
def variables_called_hasd_in_a_sum(k):
    return k.d_sum(k.th(k.forall(k.i, _derivative(k).concl)))


@attack("d_chain", "needs hasd(...)")
def variables_called_hasd_in_a_chain(k):
    at = k.lam(k.o, k.F(k.zero))
    return k.d_chain(_differentiable(k, at), k.th(k.forall(k.o, _derivative(k).concl)))


@attack("d_compose", "needs hasd(...)")
def variable_called_hasd_outside(k):
    return k.d_compose(_derivative(k), k.d_id(k.zero))


@attack("d_compose", "needs hasd(...)")
def variable_called_hasd_inside(k):
    return k.d_compose(k.d_id(k.F(k.zero)), _derivative(k))


@attack("d_unique", "needs hasd(...)")
def variable_called_hasd_twice(k):
    return k.d_unique(_derivative(k), _derivative(k))


@attack("fermat", "needs hasd(...)")
def variable_called_hasd_at_a_maximum(k):
    f = k.eta(k.F)
    return k.fermat(_derivative(k), _below(k, f, k.zero, k.y), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "needs hasd(...)")
def variable_called_hasd_near_a_point(k):
    return k.continuity(_derivative(k), k.th(k.LT(k.zero, k.y)))


# -- existence ----------------------------------------------------------------------------------------------------------
@attack("lagrange", "needs a term of type")
def interpolation_over_another_sort(k):
    return k.lagrange(k.eta(k.A), k.eta(k.C))


@attack("lagrange", "needs a term of type")
def interpolation_of_values_over_another_sort(k):
    return k.lagrange(k.eta(k.C), k.eta(k.A))


@attack("lagrange", "variable of the kernel's own")
def interpolation_at_captured_points(k):
    """The points t_i = M(i, u) with u captured by i: all the points may then be one, with different values."""
    points = k.lam(k.i, k.M(k.i, k.local(0, "sample")))
    return k.lagrange(points, k.eta(k.C))


@attack("lagrange", "variable of the kernel's own")
def interpolation_of_captured_values(k):
    return k.lagrange(k.eta(k.C), k.lam(k.i, k.M(k.i, k.local(0, "sample"))))


@attack("convert", "not another form")
def interpolation_without_distinct_points(k):
    th = k.lagrange(k.lam(k.i, k.zero), k.eta(k.C))
    return k.convert(th, k.IMP(k.truth, th.concl.args[1]))


@attack("separation", "needs a term of type")
def separation_of_another_sort(k):
    return k.separation(k.eta(k.var("W", k.fun("output", "input", k.REAL))))


@attack("separation", "variable of the kernel's own")
def separation_of_captured_inputs(k):
    x = k.lam(k.i, k.lam(k.var("r", "input"), k.M(k.i, k.local(0, "sample"))))
    return k.separation(x)


@attack("witness", "needs the premise")
def separation_by_a_direction_of_choice(k):
    """The direction exists; it is not any direction."""
    goal = k.separation(k.eta(k.x)).concl
    return k.witness(goal, k.lam(k.var("r", "input"), k.zero), k.true)


def _columns(k):
    """A map of the outputs into the inputs."""
    return k.eta(k.var("s", ("output", "input")))


@attack("right_inverse", "needs a term of type")
def inverse_of_the_transposed_matrix(k):
    return k.right_inverse(_columns(k), k.eta(k.var("W", k.fun("input", "output", k.REAL))))


@attack("right_inverse", "needs a term of type")
def inverse_of_rows_that_the_map_does_not_count(k):
    """The map counts outputs among the inputs, the matrix has the samples for its rows."""
    return k.right_inverse(_columns(k), k.eta(k.x))


@attack("right_inverse", "needs a term of type")
def inverse_with_a_number_for_the_map(k):
    return k.right_inverse(k.zero, k.eta(k.x))


@attack("right_inverse", "variable of the kernel's own")
def inverse_of_a_captured_matrix(k):
    """w_or = A(o) B(u) with u captured by the column r of a sum: the matrix w_or = A(o) B(r) has rank one."""
    r, u = k.var("r", "input"), k.local(2, "input")
    b = k.var("B", ("input", k.REAL))
    return k.right_inverse(_columns(k), k.lam(k.o, k.lam(r, k.A(k.o) * b(u))))


@attack("term", "variable of the kernel's own")
def inverse_by_a_captured_map(k):
    """s(o) = t(u) with u captured by the first of two rows: s(o) = s(o2) then says nothing about o and o2."""
    t = k.var("s", ("output", "input"))
    return k.right_inverse(k.lam(k.o, t(k.local(0, "output"))), k.eta(k.var("W", k.fun("output", "input", k.REAL))))


@attack("term", "no constant 'sum'")
def inverse_with_infinitely_many_columns(k):
    """A shift of the natural numbers is one-to-one without being onto."""
    return k.right_inverse(k.lam(k.n, k.SUC(k.n)), k.eta(k.var("W", k.fun(k.NAT, k.NAT, k.REAL))))


@attack("convert", "not another form")
def inverse_of_a_matrix_with_too_few_columns(k):
    """One column, two rows: the column (1, 1) has no kernel, and no right inverse."""
    w = k.eta(k.var("W", k.fun("output", "input", k.REAL)))
    th = k.right_inverse(_columns(k), w)
    return k.convert(th, th.concl.args[1])


@attack("convert", "not another form")
def inverse_of_a_matrix_with_a_kernel(k):
    injective, rest = k.right_inverse(k.lam(k.i, k.i), k.lam(k.i, k.lam(k.j, k.zero))).concl.args
    return k.convert(k.discharge(injective, k.true), k.IMP(injective, rest.args[1]))


@attack("witness", "needs the premise")
def inverse_by_the_transposed_matrix(k):
    """The right inverse exists; it is not any matrix."""
    goal = k.right_inverse(k.lam(k.i, k.i), k.eta(k.M)).concl.args[1].args[1]
    return k.witness(goal, k.lam(k.i, k.lam(k.j, k.M(k.j, k.i))), k.true)
