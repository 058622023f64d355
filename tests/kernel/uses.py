"""Right uses of every rule, each with the theorem that must come out: hypotheses, conclusion, facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple


class Use(NamedTuple):
    """A use of a rule: the theorem made, and what it must say."""

    theorem: Any
    concl: Any
    hyps: Iterable[Any] = ()
    facts: Iterable[str] = ()


USES: list[tuple[str, Callable[[Any], Use]]] = []


def use(rule: str) -> Callable[[Callable[[Any], Use]], Callable[[Any], Use]]:
    def register(run: Callable[[Any], Use]) -> Callable[[Any], Use]:
        USES.append((rule, run))
        return run

    return register


@use("assume")
def assume_a_formula(k):
    return Use(k.assume(k.p), k.p, [k.p])


@use("discharge")
def discharge_a_hypothesis(k):
    return Use(k.discharge(k.p, k.both(k.th(k.p), k.th(k.q))), k.IMP(k.p, k.AND(k.p, k.q)), [k.q])


@use("discharge")
def discharge_what_was_not_assumed(k):
    return Use(k.discharge(k.p, k.th(k.q)), k.IMP(k.p, k.q), [k.q])


@use("mp")
def modus_ponens(k):
    return Use(k.mp(k.th(k.IMP(k.p, k.q)), k.th(k.p)), k.q, [k.IMP(k.p, k.q), k.p])


@use("mp")
def modus_ponens_up_to_the_normal_form(k):
    imp = k.IMP(k.LE(k.s, k.y), k.q)
    other = k.LE(k.zero, (k.y - k.s) * 3)
    return Use(k.mp(k.th(imp), k.th(other)), k.q, [imp, other])


@use("both")
def both_of_two(k):
    return Use(k.both(k.th(k.p), k.th(k.q)), k.AND(k.p, k.q), [k.p, k.q])


@use("left")
def left_of_two(k):
    return Use(k.left(k.th(k.AND(k.p, k.q))), k.p, [k.AND(k.p, k.q)])


@use("right")
def right_of_two(k):
    return Use(k.right(k.th(k.AND(k.p, k.q))), k.q, [k.AND(k.p, k.q)])


@use("cases")
def cases_of_a_formula(k):
    """q follows from p -> q, not p -> q."""
    yes = k.mp(k.th(k.IMP(k.p, k.q)), k.th(k.p))
    no = k.mp(k.th(k.IMP(k.neg(k.p), k.q)), k.th(k.neg(k.p)))
    return Use(k.cases(k.p, yes, no), k.q, [k.IMP(k.p, k.q), k.IMP(k.neg(k.p), k.q)])


@use("cases")
def cases_keep_the_other_case_of_each_side(k):
    """The first premise may not lose not p, nor the second p."""
    yes, no = k.th(k.neg(k.p)), k.discharge(k.p, k.th(k.FALSE))
    return Use(k.cases(k.p, yes, no), k.neg(k.p), [k.neg(k.p), k.FALSE])


@use("cases")
def cases_keep_p_on_the_side_of_not_p(k):
    return Use(k.cases(k.p, k.th(k.q), k.left(k.both(k.th(k.q), k.th(k.p)))), k.q, [k.q, k.p])


@use("absurd")
def absurd_gives_anything(k):
    return Use(k.absurd(k.th(k.FALSE), k.q), k.q, [k.FALSE])


@use("generalise")
def generalise_over_a_free_variable(k):
    p = k.eq(k.s, k.s)
    return Use(k.generalise(k.s, k.reflexive(k.s)), k.forall(k.s, p))


@use("generalise")
def generalise_past_a_hypothesis_without_the_variable(k):
    th = k.left(k.both(k.th(k.LT(k.zero, k.y)), k.reflexive(k.s)))
    return Use(k.generalise(k.s, th), k.forall(k.s, k.LT(k.zero, k.y)), [k.LT(k.zero, k.y)])


@use("generalise")
def generalise_past_a_variable_of_the_same_name_and_another_type(k):
    other = k.eq(k.var("s", "sample"), k.i)
    return Use(k.generalise(k.s, k.th(other)), k.forall(k.s, other), [other])


@use("specialise")
def specialise_twice(k):
    every = k.forall(k.s, k.forall(k.y, k.LT(k.s, k.y + k.s)))
    return Use(k.specialise(k.th(every), k.y, k.s * 2), k.LT(k.y, k.s * 2 + k.y), [every])


@use("specialise")
def specialise_to_a_function(k):
    every = k.forall(k.F, k.LT(k.F(k.zero), k.F(k.one)))
    return Use(k.specialise(k.th(every), k.lam(k.s, k.s * k.s)), k.LT(k.zero * k.zero, k.one * k.one), [every])


@use("specialise")
def specialise_to_a_bare_function(k):
    every = k.forall(k.F, k.LT(k.F(k.zero), k.F(k.one)))
    return Use(k.specialise(k.th(every), k.G), k.LT(k.G(k.zero), k.G(k.one)), [every])


@use("specialise")
def specialise_to_a_variable_bound_inside(k):
    """For all y there is s with s = y + 1, at y := s."""
    every = k.forall(k.y, k.exists(k.s, k.eq(k.s, k.y + 1)))
    return Use(k.specialise(k.th(every), k.s), k.exists(k.z, k.eq(k.z, k.s + 1)), [every])


@use("specialise")
def specialise_to_nothing(k):
    return Use(k.specialise(k.true), k.truth)


@use("witness")
def witness_of_a_number(k):
    goal = k.exists(k.s, k.LT(k.zero, k.s))
    return Use(k.witness(goal, k.y + 1, k.th(k.LT(k.zero, k.y + 1))), goal, [k.LT(k.zero, k.y + 1)])


@use("witness")
def witness_of_a_function(k):
    goal = k.exists(k.C, k.eq(k.C(k.i), k.C(k.j)))
    return Use(k.witness(goal, k.D, k.th(k.eq(k.D(k.i), k.D(k.j)))), goal, [k.eq(k.D(k.i), k.D(k.j))])


@use("choose")
def choose_an_element(k):
    """There is s > 0 with s < y; so 0 < y."""
    p = k.AND(k.LT(k.zero, k.s), k.LT(k.s, k.y))
    h = k.th(p)
    q = k.linear(k.LT(k.zero, k.y), [], [(1, k.left(h)), (1, k.right(h))])
    return Use(k.choose(k.th(k.exists(k.s, p)), k.s, q), k.LT(k.zero, k.y), [k.exists(k.s, p)])


@use("choose")
def choose_keeps_the_hypotheses_of_both_sides(k):
    """Even those of the first premise that speak of the chosen variable."""
    p = k.LT(k.zero, k.s)
    some = k.witness(k.exists(k.s, p), k.s, k.th(p))
    q = k.left(k.both(k.th(k.q), k.th(p)))
    return Use(k.choose(some, k.s, q), k.q, [p, k.q])


@use("choose")
def choose_a_function(k):
    p = k.forall(k.i, k.eq(k.C(k.i), 1))
    h = k.linear(k.LT(k.zero, k.one))
    return Use(k.choose(k.th(k.exists(k.C, p)), k.C, k.left(k.both(h, k.th(p)))), h.concl, [k.exists(k.C, p)])


@use("convert")
def convert_a_polynomial(k):
    before, after = k.eq(k.s * k.s - 1, 0), k.eq((k.s - 1) * (k.s + 1) * 5, 0)
    return Use(k.convert(k.th(before), after), after, [before])


@use("convert")
def convert_inside_a_function(k):
    before, after = (k.LT(k.zero, k.l(k.i, k.lam(k.o, t))) for t in (k.A(k.o) + k.A(k.o), k.A(k.o) * 2))
    return Use(k.convert(k.th(before), after), after, [before])


@use("leibniz")
def leibniz_for_a_number(k):
    th = k.leibniz(k.lam(k.y, k.LT(k.zero, k.y)), k.th(k.eq(k.s, k.z)), k.th(k.LT(k.zero, k.s)))
    return Use(th, k.LT(k.zero, k.z), [k.eq(k.s, k.z), k.LT(k.zero, k.s)])


@use("leibniz")
def leibniz_for_a_sample(k):
    th = k.leibniz(k.lam(k.j, k.eq(k.C(k.j), 0)), k.th(k.eq(k.i, k.j)), k.th(k.eq(k.C(k.i), 0)))
    return Use(th, k.eq(k.C(k.j), 0), [k.eq(k.i, k.j), k.eq(k.C(k.i), 0)])


@use("leibniz")
def leibniz_for_a_matrix(k):
    """M = 0 everywhere, so sum M = 0."""
    every = k.forall(k.i, k.forall(k.j, k.eq(k.M(k.i, k.j), k.zero)))
    v = k.var("v", k.M.type)

    def goal(f):
        return k.eq(k.sum(k.i, k.sum(k.j, f(k.i, k.j))), k.sum(k.i, k.sum(k.j, k.M(k.i, k.j))))

    th = k.leibniz(k.lam(v, goal(v)), k.th(every), k.reflexive(k.sum(k.i, k.sum(k.j, k.M(k.i, k.j)))))
    return Use(th, goal(lambda i, j: k.zero), [every])


@use("leibniz")
def leibniz_keeps_the_order_of_the_indices(k):
    """M_ij = C_i for all i, j: the sum over the second index of M_yj is that of C_y."""
    every = k.forall(k.i, k.forall(k.j, k.eq(k.M(k.i, k.j), k.C(k.i))))
    v = k.var("v", k.M.type)

    def goal(f):
        return k.LT(k.zero, f(k.i, k.j))

    start = goal(k.M)
    return Use(k.leibniz(k.lam(v, goal(v)), k.th(every), k.th(start)), k.LT(k.zero, k.C(k.i)), [every, start])


@use("induction")
def powers_of_one(k):
    """1^n = 1."""

    def power(e):
        return k.eq(k.POW(k.one, e), 1)

    step = k.linear(power(k.SUC(k.n)), [(1, k.th(power(k.n)))])
    step = k.generalise(k.n, k.discharge(power(k.n), step))
    th = k.induction(k.lam(k.n, power(k.n)), k.linear(power(k.ZERO)), step)
    return Use(th, k.forall(k.n, power(k.n)))


@use("induction")
def induction_keeps_hypotheses(k):
    base, step = k.p, k.forall(k.n, k.IMP(k.p, k.p))
    h = k.left(k.both(k.th(step), k.th(k.q)))
    return Use(k.induction(k.lam(k.n, k.p), k.th(base), h), k.forall(k.n, k.p), [base, step, k.q])


@use("linear")
def linear_identity(k):
    goal = k.eq((k.s + k.y) * (k.s + k.y), k.s * k.s + k.s * k.y * 2 + k.y * k.y)
    return Use(k.linear(goal), goal)


@use("linear")
def linear_equality_from_equalities(k):
    """From s = y and y = z: s z = z^2."""
    goal = k.eq(k.s * k.z, k.z * k.z)
    eqs = [(k.z, k.th(k.eq(k.s, k.y))), (k.z, k.th(k.eq(k.y, k.z)))]
    return Use(k.linear(goal, eqs), goal, [k.eq(k.s, k.y), k.eq(k.y, k.z)])


@use("linear")
def linear_weak(k):
    one, two = k.LE(k.s, k.y), k.LT(k.y, k.z)
    goal = k.LE(k.s * Fraction(1, 2), k.z * Fraction(1, 2) + 1)
    half = Fraction(1, 2)
    return Use(k.linear(goal, [], [(half, k.th(one)), (half, k.th(two))]), goal, [one, two])


@use("linear")
def linear_strict_by_a_strict_premise(k):
    one, two = k.LE(k.s, k.y), k.LT(k.y, k.z)
    return Use(k.linear(k.LT(k.s, k.z), [], [(1, k.th(one)), (1, k.th(two))]), k.LT(k.s, k.z), [one, two])


@use("linear")
def linear_strict_by_an_earlier_strict_premise(k):
    one, two = k.LT(k.s, k.y), k.LE(k.y, k.z)
    return Use(k.linear(k.LT(k.s, k.z), [], [(1, k.th(one)), (1, k.th(two))]), k.LT(k.s, k.z), [one, two])


@use("linear")
def linear_strict_by_the_constant(k):
    return Use(k.linear(k.LT(k.s, k.s + 1)), k.LT(k.s, k.s + 1))


@use("linear")
def linear_weak_on_the_edge(k):
    return Use(k.linear(k.LE(k.s, k.s)), k.LE(k.s, k.s))


@use("linear")
def linear_false_by_the_constant(k):
    bad = k.LE(k.one, k.zero)
    return Use(k.linear(k.FALSE, [], [(1, k.th(bad))]), k.FALSE, [bad])


@use("linear")
def linear_false_by_a_strict_premise(k):
    one, two = k.LE(k.s, k.y), k.LT(k.y, k.s)
    return Use(k.linear(k.FALSE, [], [(1, k.th(one)), (1, k.th(two))]), k.FALSE, [one, two])


@use("linear")
def linear_false_by_an_equality(k):
    return Use(k.linear(k.FALSE, [(-1, k.th(k.eq(0, 1)))]), k.FALSE, [k.eq(0, 1)])


@use("reflexive")
def reflexive_sample(k):
    return Use(k.reflexive(k.i), k.eq(k.i, k.i))


@use("square")
def square_of_a_sum(k):
    return Use(k.square(k.s + k.y), k.LE(k.zero, (k.s + k.y) * (k.s + k.y)))


@use("multiply")
def multiply_strict_inequalities(k):
    one, two = k.LT(k.s, k.y), k.LT(k.zero, k.z)
    return Use(k.multiply(k.th(one), k.th(two)), k.LT(k.zero, (k.y - k.s) * (k.z - k.zero)), [one, two])


@use("multiply")
def multiply_weak_and_strict(k):
    one, two = k.LE(k.s, k.y), k.LT(k.zero, k.z)
    return Use(k.multiply(k.th(one), k.th(two)), k.LE(k.zero, (k.y - k.s) * (k.z - k.zero)), [one, two])


@use("multiply")
def multiply_strict_and_weak(k):
    one, two = k.LT(k.s, k.y), k.LE(k.zero, k.z)
    return Use(k.multiply(k.th(one), k.th(two)), k.LE(k.zero, (k.y - k.s) * (k.z - k.zero)), [one, two])


@use("not_le")
def not_le_is_greater(k):
    h = k.neg(k.LE(k.s, k.y))
    return Use(k.not_le(k.th(h)), k.LT(k.y, k.s), [h])


@use("antisymmetry")
def antisymmetry_of_two_numbers(k):
    one, two = k.LE(k.s, k.y), k.LE(k.y, k.s)
    return Use(k.antisymmetry(k.th(one), k.th(two)), k.eq(k.s, k.y), [one, two])


@use("sum_le")
def sum_of_inequalities(k):
    every = k.forall(k.i, k.LE(k.C(k.i), k.D(k.i) + k.y))
    goal = k.LE(k.sum(k.i, k.C(k.i)), k.sum(k.i, k.D(k.i) + k.y))
    return Use(k.sum_le(k.th(every)), goal, [every])


@use("inverse")
def inverse_of_a_number(k):
    h = k.neg(k.eq(k.s, 0))
    return Use(k.inverse(k.th(h)), k.eq(k.s * k.INV(k.s), 1), [h])


@use("indicator")
def bracket_of_a_true_formula(k):
    return Use(k.indicator(k.th(k.p), true=True), k.eq(k.IND(k.p), 1), [k.p])


@use("indicator")
def bracket_of_a_false_formula(k):
    return Use(k.indicator(k.th(k.neg(k.p)), true=False), k.eq(k.IND(k.p), 0), [k.neg(k.p)])


RULES_OF_DERIVATIVES = "derivative rules"


@use("exp_tangent")
def exp_above_its_tangent(k):
    return Use(k.exp_tangent(k.s), k.LE(k.one + k.s, k.EXP(k.s)), [], ["exp lies above its tangent at 0"])


@use("d_const")
def derivative_of_a_constant(k):
    return Use(k.d_const(k.y, k.z), k.HASD(k.lam(k.s, k.y), k.z, k.zero), [], [RULES_OF_DERIVATIVES])


@use("d_id")
def derivative_of_the_identity(k):
    return Use(k.d_id(k.z), k.HASD(k.lam(k.s, k.s), k.z, k.one), [], [RULES_OF_DERIVATIVES])


def _two(k):
    f, g = k.HASD(k.eta(k.F), k.z, k.s), k.HASD(k.eta(k.G), k.z, k.y)
    return f, g


@use("d_add")
def derivative_of_a_sum(k):
    f, g = _two(k)
    goal = k.HASD(k.lam(k.t, k.F(k.t) + k.G(k.t)), k.z, k.s + k.y)
    return Use(k.d_add(k.th(f), k.th(g)), goal, [f, g], [RULES_OF_DERIVATIVES])


@use("d_mul")
def derivative_of_a_product(k):
    f, g = _two(k)
    goal = k.HASD(k.lam(k.t, k.F(k.t) * k.G(k.t)), k.z, k.s * k.G(k.z) + k.F(k.z) * k.y)
    return Use(k.d_mul(k.th(f), k.th(g)), goal, [f, g], [RULES_OF_DERIVATIVES])


@use("d_exp")
def derivative_of_an_exponential(k):
    f, _ = _two(k)
    goal = k.HASD(k.lam(k.t, k.EXP(k.F(k.t))), k.z, k.EXP(k.F(k.z)) * k.s)
    return Use(k.d_exp(k.th(f)), goal, [f], ["derivative of exp"])


@use("d_sum")
def derivative_of_a_finite_sum(k):
    def f(i, t):
        return k.var("f", k.fun("sample", k.REAL, k.REAL))(i, t)

    every = k.forall(k.i, k.HASD(k.lam(k.t, f(k.i, k.t)), k.z, k.C(k.i)))
    goal = k.HASD(k.lam(k.t, k.sum(k.j, f(k.j, k.t))), k.z, k.sum(k.j, k.C(k.j)))
    return Use(k.d_sum(k.th(every)), goal, [every], [RULES_OF_DERIVATIVES])


@use("d_chain")
def derivative_along_a_curve(k):
    """G at the curve (A_k + t)_k, t = 0."""
    vector = ("output", k.REAL)
    big, grad = k.var("big", (vector, k.REAL)), k.var("grad", vector)
    curve = k.generalise(k.o, k.d_add(k.d_const(k.A(k.o), k.zero), k.d_id(k.zero)))
    outer = k.fderiv(k.eta(big), k.eta(k.A), k.eta(grad))
    goal = k.HASD(
        k.lam(k.t, big(k.lam(k.o, k.A(k.o) + k.t))), k.zero, k.sum(k.o, grad(k.o) * (k.zero + k.one))
    )  # fmt: skip
    return Use(k.d_chain(k.th(outer), curve), goal, [outer], ["chain rule", RULES_OF_DERIVATIVES])


@use("d_compose")
def derivative_of_a_composition(k):
    f, g = k.HASD(k.eta(k.F), k.G(k.z), k.s), k.HASD(k.eta(k.G), k.z, k.y)
    goal = k.HASD(k.lam(k.t, k.F(k.G(k.t))), k.z, k.s * k.y)
    return Use(k.d_compose(k.th(f), k.th(g)), goal, [f, g], ["chain rule"])


@use("d_unique")
def derivatives_agree(k):
    f, g = k.HASD(k.eta(k.F), k.z, k.s), k.HASD(k.eta(k.F), k.z, k.y)
    return Use(k.d_unique(k.th(f), k.th(g)), k.eq(k.s, k.y), [f, g], ["uniqueness of derivatives"])


@use("fermat")
def derivative_at_a_maximum_on_the_right(k):
    f, r = k.HASD(k.eta(k.F), k.z, k.y), k.LT(k.zero, k.t)
    top = k.forall(k.s, k.IMP(k.LE(k.z, k.s), k.IMP(k.LT(k.s, k.z + k.t), k.LE(k.F(k.s), k.F(k.z)))))
    return Use(k.fermat(k.th(f), k.th(top), k.th(r)), k.LE(k.y, k.zero), [f, top, r], ["Fermat"])


def _near(k, p, r, gap):
    """There is e > 0 such that (s - p)^2 < e^2 implies gap(s)^2 < r^2."""
    e, d = k.var("e", k.REAL), k.s - p
    return e, k.AND(k.LT(k.zero, e), k.forall(k.s, k.IMP(k.LT(d * d, e * e), gap)))


@use("continuity")
def one_function_is_continuous(k):
    f, r = k.HASD(k.eta(k.F), k.z, k.y), k.LT(k.zero, k.t)
    d = k.F(k.s) - k.F(k.z)
    e, body = _near(k, k.z, k.t, k.LT(d * d, k.t * k.t))
    fact = "differentiable implies continuous"
    return Use(k.continuity(k.th(f), k.th(r)), k.exists(e, body), [f, r], [fact])


@use("continuity")
def a_matrix_of_functions_is_continuous(k):
    def f(i, o, t):
        return k.var("f", k.fun("sample", "output", k.REAL, k.REAL))(i, o, t)

    every = k.forall(k.i, k.forall(k.o, k.HASD(k.lam(k.t, f(k.i, k.o, k.t)), k.z, k.M(k.i, k.i) * k.A(k.o))))
    d = f(k.i, k.o, k.s) - f(k.i, k.o, k.z)
    e, body = _near(k, k.z, k.t, k.forall(k.i, k.forall(k.o, k.LT(d * d, k.t * k.t))))
    th = k.continuity(k.th(every), k.th(k.LT(k.zero, k.t)))
    fact = "differentiable implies continuous"
    return Use(th, k.exists(e, body), [every, k.LT(k.zero, k.t)], [fact])


def convexity(k, big, like):
    """G is convex, a function of what has the type of `like`."""
    u, v, c = k.var("u", like.sort), k.var("v", like.sort), k.var("c", k.REAL)

    def mix(a, b, depth):
        if isinstance(a.sort, tuple):
            index = k.var(f"n{depth}", a.sort[0])
            return k.lam(index, mix(a(index), b(index), depth + 1))
        return c * a + (k.one - c) * b

    chord = k.LE(big(mix(u, v, 0)), c * big(u) + (k.one - c) * big(v))
    return k.forall(u, k.forall(v, k.forall(c, k.IMP(k.LE(k.zero, c), k.IMP(k.LE(c, k.one), chord)))))


@use("tangents")
def tangents_of_a_function_of_matrices(k):
    """Curves Q + t V_p + H_p(t), where H_p(0) - H_p(0) = 0: through Q at 0 by the normal form, and only by it."""
    matrix, p = k.fun("sample", "output", k.REAL), k.var("p", "param")
    big, q, e = k.var("big", (matrix, k.REAL)), k.var("Q", matrix), k.var("e", ("param", k.REAL))
    d, h = (k.var(n, ("param", matrix)) for n in ("d", "h"))

    def curve(i, o, t):
        return q(i, o) + t * d(p, i, o) + h(p, i, o) * (k.EXP(t) - 1)

    def family(body):
        return k.lam(k.i, k.lam(k.o, body(k.i, k.o)))

    convex = convexity(k, big, q)
    curves = k.forall(
        p,
        k.forall(k.i, k.forall(k.o, k.HASD(k.lam(k.t, curve(k.i, k.o, k.t)), k.zero, d(p, k.i, k.o) + h(p, k.i, k.o)))),
    )
    along = k.forall(p, k.HASD(k.lam(k.t, big(family(lambda i, o: curve(i, o, k.t)))), k.zero, e(p)))
    w = k.var("w", ("param", k.REAL))
    there = big(family(lambda i, o: q(i, o) + k.sum(p, w(p) * (d(p, i, o) + h(p, i, o)))))
    goal = k.forall(w, k.LE(big(q) + k.sum(p, w(p) * e(p)), there))
    th = k.tangents(k.eta(big), k.eta(q), k.th(convex), k.th(curves), k.th(along))
    return Use(th, goal, [convex, curves, along], ["tangents of convex functions"])  # fmt: skip


@use("tangents")
def tangents_of_a_function_of_one_number(k):
    """F along the curves z + C_i (t - y) at t = y."""

    def curve(i, t):
        return k.z + k.C(i) * (t - k.y)

    convex = convexity(k, k.F, k.z)
    curves = k.forall(k.i, k.HASD(k.lam(k.t, curve(k.i, k.t)), k.y, k.C(k.i)))
    along = k.forall(k.i, k.HASD(k.lam(k.t, k.F(curve(k.i, k.t))), k.y, k.D(k.i)))
    w = k.var("w", ("sample", k.REAL))
    goal = k.forall(w, k.LE(k.F(k.z) + k.sum(k.i, w(k.i) * k.D(k.i)), k.F(k.z + k.sum(k.i, w(k.i) * k.C(k.i)))))
    th = k.tangents(k.eta(k.F), k.z, k.th(convex), k.th(curves), k.th(along))
    return Use(th, goal, [convex, curves, along], ["tangents of convex functions"])


@use("lagrange")
def interpolation(k):
    a, d = k.var("a", ("degree", k.REAL)), k.var("d", "degree")
    agree = k.forall(k.i, k.forall(k.j, k.IMP(k.eq(k.C(k.i), k.C(k.j)), k.eq(k.D(k.i), k.D(k.j)))))
    fits = k.forall(k.i, k.eq(k.sum(d, a(d) * k.POW(k.C(k.i), k.AS_NAT(d))), k.D(k.i)))
    th = k.lagrange(k.eta(k.C), k.eta(k.D))
    return Use(th, k.IMP(agree, k.exists(a, fits)), [], ["Lagrange interpolation"])


@use("separation")
def separating_direction(k):
    u, r = k.var("u", ("input", k.REAL)), k.var("r", "input")

    def along(i):
        return k.sum(r, u(r) * k.x(i, r))

    same = k.forall(r, k.eq(k.x(k.i, r), k.x(k.j, r)))
    goal = k.exists(u, k.forall(k.i, k.forall(k.j, k.IMP(k.eq(along(k.i), along(k.j)), same))))
    return Use(k.separation(k.eta(k.x)), goal, [], ["hyperplane avoidance"])


def inverse_of(k, s, w):
    """What `right_inverse` says of an injection s of the rows into the columns and a matrix w."""
    rows, (columns, _) = w.sort
    i, j, r = k.var("i", rows), k.var("j", rows), k.var("r", columns)
    p, v = k.var("p", (columns, k.REAL)), k.var("v", k.fun(columns, rows, k.REAL))
    injective = k.forall(i, k.forall(j, k.IMP(k.eq(s(i), s(j)), k.eq(i, j))))
    nothing = k.forall(i, k.eq(k.sum(r, w(i, r) * p(r)), 0))
    trivial = k.forall(p, k.IMP(nothing, k.forall(r, k.eq(p(r), 0))))
    product = k.forall(i, k.forall(j, k.eq(k.sum(r, w(i, r) * v(r, j)), k.IND(k.eq(i, j)))))
    return k.IMP(injective, k.IMP(trivial, k.exists(v, product)))


@use("right_inverse")
def inverse_of_a_matrix(k):
    s, w = k.eta(k.var("s", ("output", "input"))), k.eta(k.var("W", k.fun("output", "input", k.REAL)))
    return Use(k.right_inverse(s, w), inverse_of(k, s, w), [], ["rank and nullity"])


@use("right_inverse")
def inverse_of_a_square_matrix_by_the_identity_map(k):
    s = k.lam(k.i, k.i)
    return Use(k.right_inverse(s, k.eta(k.M)), inverse_of(k, s, k.eta(k.M)), [], ["rank and nullity"])
