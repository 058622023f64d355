"""elimination_by_pgb: a second proof of elimination, from the PGB condition.

Hold theta fixed. Then Lt(theta, .) is an objective of the PGB condition in z = (a, b, W), three blocks of coordinates, with
phi_i = g(x_i; a, b, W), rho_k = a_k^2 and Q_i(y, u) = l_i(f(x_i; theta) + y) + lambda sum_k u_k; its gradient basis is h = (a, 0, 0)
with r = 2. At a minimum a = 0, so moving (b, W) changes neither phi nor rho: every short move of W is in V[z, eps], and by the
condition no induced model f + sum_j alpha_j exp(w_j . x + b) is better than f. Its coefficients alpha are free reals, so the loss
slopes are orthogonal to every such exponential, hence by independence to every function of x: the infimum is L*.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279, and Kawaguchi, Huang and Kaelbling, arXiv 1904.03673.
"""

from __future__ import annotations

from typing import Final

from pgb.kernel import (
    EXP,
    INV,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    assume,
    beta,
    both,
    choose,
    convert,
    discharge,
    eq,
    generalise,
    inverse,
    is_const,
    lam,
    left,
    linear,
    mp,
    multiply,
    real,
    right,
    specialise,
    square,
    sum_le,
    witness,
)
from pgb.library import Script

from .building import (
    HALF,
    INPUT,
    ONE,
    OUTPUT,
    SAMPLE,
    O,
    conjunction,
    delta,
    every,
    for_all,
    for_some,
    fresh,
    function,
    implies,
    is_zero,
    matrix,
    positive,
    square_of,
    total_over,
    variable,
    within,
)
from .calculus import Leaf, differentiate, stationary, with_slope
from .frames import Frame
from .independence import vanishes_near
from .lemmas import first_order, group_gradients, optimal_from_orthogonal
from .spaces import Space
from .statements import (
    GRADIENT,
    LOSS,
    POINT,
    STANDARD,
    VECTOR,
    W2,
    Setting,
    W,
    X,
    a,
    a2,
    all_zero,
    b,
    b2,
    close_vector,
    dot,
    group_sum,
    i,
    k,
    k2,
    loss_slope,
    matrix_row,
    mean,
    moment,
    network,
    optimal,
    row,
    sample_input,
    theta,
    vector_of,
)
from .tactics import (
    apply,
    cancel,
    count_inverse,
    count_positive,
    discharge_all,
    generalise_all,
    inverse_positive,
    join,
    not_zero,
    obtain,
    rewrite,
    trivially,
    weaken,
)

NAME = "elimination_by_pgb"
TITLE = "Elimination again, from the PGB condition and independence"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

A_B_W: Final = Frame(Space(((OUTPUT,), (OUTPUT,), (OUTPUT, INPUT))), OUTPUT)


def conclusion() -> Term:
    """Return: a = 0, the loss gradients of each group sum to 0, and L(theta) = L*."""
    groups = every(
        SAMPLE, lambda n: every(OUTPUT, lambda c: is_zero(group_sum(lambda n2: loss_slope(theta, n2, c), n)))
    )
    return conjunction(all_zero(a), groups, optimal(theta))


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, conclusion()))


def prove(script: Script) -> Theorem:
    setting = script.setting
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    vanish = script.use("vanishing_at_minima", "By vanishing_at_minima, a = 0 there")
    with script.step("So (0, b, W) is a local minimum of Lt with theta held fixed") as step:
        off = mp(left(specialise(vanish, theta, a, b, W)), minimum)
        v = fresh("v", *VECTOR)
        at_zero = step(rewrite(lambda u: setting.local_minimum_fixed(theta, u, b, W), v, off, minimum))
    general = script.use("pgb_condition", "The PGB condition, for z with the three blocks of (a, b, W)", A_B_W)
    losses, convex = script.hypothesis("loss_differentiable"), script.hypothesis("loss_convex")
    with script.step(
        "Take phi = g(x; a, b, W), rho = a^2 and Q_i(y, u) = l_i(f(x_i) + y) + lambda sum_k u_k: differentiable and convex"
    ) as step:
        instance, differentiable, convexity = _instance(setting, general, losses, convex)
        step(both(differentiable, convexity))
    with script.step("(0, b, W) is a local minimum of this Q, h = a with r = 2 is a gradient basis") as step:
        here = _at_zero(instance, differentiable, convexity)
        local, basis, smooth = here.concl.args[0], here.concl.args[1].args[0], here.concl.args[1].args[1].args[0]
        minimum_of_q, gradient_basis = _local(setting, at_zero, local), trivially(basis)
        step(both(minimum_of_q, gradient_basis))
    top, u = variable("e", REAL), variable("u", *POINT)
    with script.step(
        "By the condition no model f + s exp((w_k + (e/2) u) . x + b_k) in output k is better than f: |u| <= 1 puts it in V"
    ) as step:
        condition = apply(here, minimum_of_q, gradient_basis, _smooth(smooth))
        better = step(_none_better(condition, top, u))
    small = script.suppose("Let e be that number", beta(better.concl.args[0], (top,)))
    short = script.suppose("Let |u| <= 1", LE(_norm2(u), ONE))
    eps = top * HALF
    with script.step("So s = 0 is a minimum: sum_i d_k l_i(f(x_i)) exp((w_k + (e/2) u) . x_i + b_k) = 0") as step:
        moved = function(INPUT, lambda r: W(k, r) + eps * u(r))
        slopes = function(SAMPLE, lambda n: loss_slope(theta, n, k))
        lowest = mp(specialise(right(small), k, u), short)
        _, zero = stationary(_curve(eps, u), lowest, losses)
        flat = step(cancel(inverse_positive(count_positive()), zero, moment(slopes, moved, b(k))))
        flat = generalise(u, discharge(short.concl, flat))
    with script.step("Every w within (e/2) / dx of w_k is of this form") as step:
        near = step(_ball(flat, left(small), eps, slopes))
    independent = script.use(
        "independence", "By independence, such sums vanish only if the coefficients of equal inputs cancel"
    )
    with script.step("Hence sum_i d_k l_i(f(x_i)) h(x_i) = 0 for every k and every function h of x") as step:
        orthogonal = left(mp(specialise(independent, slopes, matrix_row(W, k), b(k)), near))
        orthogonal = step(generalise(k, choose(better, top, orthogonal)))
    with script.step(
        "So the loss gradients of each group sum to 0, and by convexity L(theta) <= L(q) for all q"
    ) as step:
        best = optimal_from_orthogonal(first_order(convex, losses), orthogonal)
        result = step(join(off, group_gradients(orthogonal), best))
    return script.qed(generalise_all(discharge(minimum.concl, result), theta, a, b, W))


def _norm2(v: Term) -> Term:
    return total_over(INPUT, lambda r: square_of(v(r)))


def closure(*variables: Term, body: Term) -> Term:
    """Return the function of several variables."""
    for v in reversed(variables):
        body = lam(v, body)
    return body


# -- Lt(theta, .) as an objective of the PGB condition ----------------------------------------------------------------
def _data(setting: Setting) -> tuple[Term, ...]:
    """Return Q, its slopes, phi, its slopes, rho, its slopes, in the order of `Frame.data`."""
    y, t = variable("y", *VECTOR), variable("u", *VECTOR)
    output = vector_of(lambda c: network(theta, sample_input(i), c) + y(c))
    weight = setting.objective.weight
    unit = setting.unit(a, b, W)(sample_input(i), k)
    grows = EXP(dot(matrix_row(W, k), sample_input(i)) + b(k))
    return (
        closure(i, y, t, body=LOSS(i, output) + weight * total_over(OUTPUT, t)),
        closure(i, y, t, k, body=GRADIENT(i, output, k)),
        closure(i, y, t, k, body=weight),
        closure(i, a, b, W, k, body=unit),
        closure(i, a, b, W, k, k2, body=delta(k, k2) * grows),
        closure(i, a, b, W, k, k2, body=delta(k, k2) * unit),
        closure(i, a, b, W, k, k2, row, body=delta(k, k2) * unit * X(i, row)),
        closure(a, b, W, k, body=square_of(a(k))),
        closure(a, b, W, k, k2, body=real(2) * delta(k, k2) * a(k)),
        closure(a, b, W, k, k2, body=O),
        closure(a, b, W, k, k2, row, body=O),
    )


def _instance(setting: Setting, general: Theorem, losses: Theorem, convex: Theorem) -> tuple[Theorem, Theorem, Theorem]:
    """The condition for this Q, phi, rho, still under its two hypotheses; and these two hypotheses."""
    closed = generalise_all(discharge_all(general, A_B_W.differentiable(), A_B_W.convex()), *A_B_W.data)
    instance = specialise(closed, *_data(setting))
    first = _chain_rule(instance.concl.args[0], losses)
    second = _convexity(instance.concl.args[1].args[0], convex)
    return instance, first, second


def _at_zero(instance: Theorem, differentiable: Theorem, convexity: Theorem) -> Theorem:
    """The condition at z = (0, b, W), h = (0, 0, 0), r = 2: three premises still to be given."""
    zero, nothing = vector_of(lambda _: O), matrix(OUTPUT, INPUT, lambda _, __: O)
    return specialise(apply(instance, differentiable, convexity), zero, b, W, zero, zero, nothing, real(2))


def _open(goal: Term) -> tuple[list[Term], Term]:
    """Open the quantifiers of a goal with fresh variables."""
    variables = []
    while is_const(goal, "all"):
        variables.append(fresh("v", goal.args[0].type[0]))
        goal = goal.args[0](variables[-1])
    return variables, goal


def _chain_rule(goal: Term, losses: Theorem) -> Theorem:
    """Q_i(y, u) = l_i(f(x_i) + y) + lambda sum_k u_k obeys the chain rule along curves y, u."""
    variables, inner = _open(goal)
    _, y, u, *_ = variables
    moves_y, moves_u = assume(inner.args[0]), assume(inner.args[1].args[0])
    curve, at, slope = inner.args[1].args[1].args
    leaves: dict[str, Leaf | Theorem] = {
        str(y.name): lambda t, *_: specialise(moves_y, t.args[1]),
        str(u.name): lambda t, *_: specialise(moves_u, t.args[1]),
    }
    found = differentiate(curve, at, losses, leaves)
    th = with_slope(found, linear(eq(found.concl.args[2], slope)))
    return generalise_all(discharge_all(th, moves_y.concl, moves_u.concl), *variables)


def _convexity(goal: Term, convex: Theorem) -> Theorem:
    """Q_i is convex: l_i is, at f(x_i) + y, and the rest is linear."""
    variables, inner = _open(goal)
    n, y, y2, _, _, t = variables
    lower, upper = assume(inner.args[0]), assume(inner.args[1].args[0])
    ends = (_moved(n, y), _moved(n, y2))
    chord = apply(specialise(convex, n, *ends, t), lower, upper)
    th = linear(inner.args[1].args[1], [], [(1, chord)])
    return generalise_all(discharge_all(th, lower.concl, upper.concl), *variables)


def _moved(n: Term, y: Term) -> Term:
    """Return ``f(x_n; theta) + y``."""
    return vector_of(lambda c: network(theta, sample_input(n), c) + y(c))


def _local(setting: Setting, minimum: Theorem, goal: Term) -> Theorem:
    """A local minimum of Lt(theta, .) at (0, b, W) is one of Q: the two have the same values."""
    radius = fresh("r", REAL)
    inverse_m, weight = count_inverse(), setting.objective.weight

    def use(h: Theorem) -> Theorem:
        bound = specialise(right(h), a2, b2, W2)
        near = [bound.concl.args[0], bound.concl.args[1].args[0], bound.concl.args[1].args[1].args[0]]
        le = apply(bound, *map(assume, near))
        wanted = beta(goal.args[0], (radius,)).args[1]
        for v in (a2, b2, W2):
            wanted = wanted.args[0](v)
        wanted = wanted.args[1].args[1].args[1]
        penalty = weight * total_over(OUTPUT, lambda c: square_of(a2(c)))
        le = linear(wanted, [(-penalty, inverse_m)], [(1, le)])
        return witness(goal, radius, both(left(h), generalise_all(discharge_all(le, *near), a2, b2, W2)))

    return obtain(minimum, radius, use)


def _smooth(goal: Term) -> Theorem:
    """Phi and rho have their partial derivatives everywhere."""
    inner = beta(goal.args[0], (ONE,)).args[1]
    variables, inner = _open(inner)
    near = []
    for _ in variables:
        near.append(inner.args[0])
        inner = inner.args[1]
    everywhere = generalise_all(discharge_all(_derivatives(inner), *near), *variables)
    return witness(goal, ONE, both(linear(positive(ONE)), everywhere))


def _derivatives(goal: Term) -> Theorem:
    """Prove statements on derivatives, joined and quantified, by differentiating."""
    if is_const(goal, "and"):
        return both(_derivatives(goal.args[0]), _derivatives(goal.args[1]))
    if is_const(goal, "all"):
        v = fresh("v", goal.args[0].type[0])
        return generalise(v, _derivatives(goal.args[0](v)))
    curve, at, slope = goal.args
    found = differentiate(curve, at)
    return with_slope(found, linear(eq(found.concl.args[2], slope)))


# -- what the condition says there ------------------------------------------------------------------------------------
def _none_better(condition: Theorem, top: Term, u: Term) -> Theorem:
    """For some e > 0, all k and all u with |u| <= 1: s = 0 is a minimum of `_curve`."""

    def use(small: Theorem) -> Theorem:
        short = assume(LE(_norm2(u), ONE))
        each = discharge(short.concl, _no_better(small, top * HALF, u, short))
        found = both(left(small), generalise_all(each, k, u))
        return witness(for_some(top, that=found.concl), top, found)

    return obtain(condition, top, use)


def _no_better(small: Theorem, eps: Term, u: Term, short: Theorem) -> Theorem:
    """For all small s: the mean loss of ``f + s exp((w_k + eps u) . x + b_k)`` in output k is at least that of f."""
    pos, family_index, s = left(small), fresh("j", "pert"), variable("s", REAL)
    from_zero = linear(LE(O, eps), [], [(HALF, pos)])
    below_top = linear(LT(eps, eps * 2), [], [(HALF, pos)])
    lower = left(apply(specialise(right(small), eps), from_zero, below_top))
    zero = function("pert", lambda _: vector_of(lambda __: O))
    turn = function("pert", lambda _: matrix(OUTPUT, INPUT, lambda c, r: delta(c, k) * u(r)))
    at_family = specialise(lower, zero, zero, turn)
    _, goal = _open(at_family.concl.args[0])
    admissible = both(linear(goal.args[0], [], [(1, short)]), trivially(goal.args[1]))
    every_member = generalise(fresh("j", "pert"), admissible)
    weights = function("pert", lambda n: vector_of(lambda c: s * delta(c, k) * delta(n, family_index)))
    still = function("pert", lambda _: matrix(OUTPUT, INPUT, lambda __, ___: O))
    le = specialise(mp(at_family, every_member), weights, zero, still)

    curve = _curve(eps, u)
    lowest, e = convert(le, LE(curve(O), curve(s))), fresh("e", REAL)
    goal = for_some(e, that=conjunction(positive(e), for_all(s, then=implies(within(s, e), lowest.concl))))
    inside_one = generalise(s, discharge(within(s, ONE), lowest))
    return witness(goal, ONE, both(linear(positive(ONE)), inside_one))


def _curve(eps: Term, u: Term) -> Term:
    """Return ``s -> `` the mean loss of ``f + s exp((w_k + eps u) . x + b_k)`` in output k."""
    s = variable("s", REAL)

    def row_(n: Term, c: Term) -> Term:
        exponent = total_over(INPUT, lambda r: (W(c, r) + eps * (delta(c, k) * u(r))) * X(n, r)) + b(c)
        return network(theta, sample_input(n), c) + s * delta(c, k) * EXP(exponent)

    return lam(s, mean(lambda n: LOSS(n, vector_of(lambda c: row_(n, c)))))


def _ball(flat: Theorem, pos: Theorem, eps: Term, slopes: Term) -> Theorem:
    """From the moments at w_k + eps u, |u| <= 1: they vanish for all w within eps / dx of w_k."""
    w2, r, centre = variable("w2", *POINT), fresh("r", INPUT), matrix_row(W, k)
    size = total_over(INPUT, lambda _: ONE)
    eps_positive = linear(positive(eps), [], [(HALF, pos)])
    by_eps, by_size = inverse(not_zero(eps_positive)), count_inverse(INPUT)
    radius = eps * INV(size)
    close = assume(close_vector(centre, w2, radius, INPUT))
    unit = function(INPUT, lambda c: (w2(c) - W(k, c)) * INV(eps))
    squares = multiply(sum_le(generalise(r, weaken(specialise(close, r)))), square(INV(eps)))
    one_input = _count_at_least_one(INPUT)
    share = multiply(one_input, weaken(inverse_positive(count_positive(INPUT))))
    short = linear(
        LE(_norm2(unit), ONE),
        [(ONE + INV(size), by_size), (size * INV(size) * INV(size) * (ONE + eps * INV(eps)), by_eps)],
        [(1, squares), (1, share)],
    )
    there = mp(specialise(flat, unit), short)
    same = linear(eq(W(k, r) + eps * unit(r), w2(r)), [(w2(r) - W(k, r), by_eps)])
    z = fresh("z", *POINT)
    zero = rewrite(lambda v: is_zero(moment(slopes, v, b(k))), z, generalise(r, same), there)
    radius_positive = linear(
        positive(radius), [], [(1, multiply(eps_positive, inverse_positive(count_positive(INPUT))))]
    )
    goal = vanishes_near(STANDARD, slopes, centre, b(k))
    return witness(goal, radius, both(radius_positive, generalise(w2, discharge(close.concl, zero))))


def _count_at_least_one(sort: str) -> Theorem:
    """``1 <= sum_r 1``: a sort has an element."""
    u, v = fresh("u", sort), fresh("v", sort)
    bound = linear(LE(delta(u, v), ONE), [], [(1, square(ONE - delta(u, v)))])
    return linear(LE(ONE, total_over(sort, lambda _: ONE)), [], [(1, sum_le(generalise(u, bound)))])
