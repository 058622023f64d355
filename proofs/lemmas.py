"""Small derived facts that several proofs share: first-order convexity, single-parameter minima, sums over groups."""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    FALSE,
    IND,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    antisymmetry,
    assume,
    both,
    convert,
    discharge,
    eq,
    exp_tangent,
    fermat,
    generalise,
    is_const,
    lam,
    left,
    linear,
    mp,
    multiply,
    not_le,
    right,
    specialise,
    square,
    sum_le,
    witness,
)

from .building import (
    HALF,
    INPUT,
    ONE,
    OUTPUT,
    PARAM,
    SAMPLE,
    O,
    every,
    fresh,
    function,
    is_zero,
    positive,
    total_over,
    variable,
    within,
)
from .calculus import differentiate
from .statements import (
    GRADIENT,
    LOSS,
    POINT,
    VECTOR,
    W2,
    Function,
    Setting,
    W,
    X,
    a,
    a2,
    all_zero,
    as_model,
    b,
    b2,
    empirical,
    group_sum,
    i,
    j,
    k,
    loss_slope,
    network,
    optimal,
    original,
    prediction,
    predictor,
    q,
    sample_input,
    theta,
    theta2,
    vector_of,
)
from .tactics import (
    apply,
    count_positive,
    discharge_all,
    flip,
    generalise_all,
    inverse_positive,
    obtain,
    rewrite,
    square_positive,
    squares_zero,
    sum_nonnegative,
    sum_zero,
    weaken,
)


def exp_positive(t: Term) -> Theorem:
    """``|- 0 < exp(t)``: exp(-t) is a square, so exp(t) <= 0 would give exp(t) exp(-t) <= 0, and it is 1."""
    below = assume(LE(EXP(t), O))
    product = multiply(below, square(EXP(t * -HALF)))
    return not_le(discharge(below.concl, linear(FALSE, [], [(1, product)])))


def exp_increasing(th: Theorem) -> Theorem:
    """``s < t |- exp(s) < exp(t)``, likewise with <=: exp(t) = exp(s) exp(t - s), and exp(t - s) >= 1 + (t - s)."""
    s, t = th.concl.args
    start, order = exp_positive(s), LT if is_const(th.concl, "lt") else LE
    rise, tangent_line = multiply(th, start), multiply(exp_tangent(t - s), weaken(start))
    return linear(order(EXP(s), EXP(t)), [], [(1, rise), (1, tangent_line)])


def norm_positive(v: Term, not_all_zero: Theorem) -> Theorem:
    """``not (for all k, v_k = 0) |- 0 < sum_k v_k v_k`` in R^dy."""
    size = total_over(OUTPUT, lambda c: v(c) * v(c))
    small = assume(LE(size, O))
    nothing = squares_zero(v, OUTPUT, antisymmetry(small, sum_nonnegative(generalise(k, square(v(k))))))
    return not_le(discharge(small.concl, mp(not_all_zero, nothing)))


def local_minimum_gives_fixed(setting: Setting) -> Theorem:
    """``|- for all theta a b W``: a local minimum of Lt is one in (a, b, W) with theta held fixed."""
    radius, p = fresh("r", REAL), fresh("p", PARAM)
    minimum = assume(setting.local_minimum(theta, a, b, W))

    def use(h: Theorem) -> Theorem:
        still = linear(within(theta(p) - theta(p), radius), [], [(1, square_positive(left(h)))])
        bound = mp(specialise(right(h), theta), generalise(p, still))
        return witness(setting.local_minimum_fixed(theta, a, b, W), radius, both(left(h), bound))

    return generalise_all(discharge_all(obtain(minimum, radius, use), minimum.concl), theta, a, b, W)


def first_order(convex: Theorem, differentiable: Theorem) -> Theorem:
    """``|- for all i p q``: a convex differentiable l_i lies above its tangent, l_i(p) + grad l_i(p) . (q - p) <= l_i(q).

    One-sided Fermat at s = 0 for ``l_i((1 - s) p + s q) - (1 - s) l_i(p) - s l_i(q)``, which convexity keeps below 0.
    """
    p, p2, s = variable("p", *VECTOR), variable("p2", *VECTOR), variable("s", REAL)
    mix = vector_of(lambda c: (ONE - s) * p(c) + s * p2(c))
    gap = lam(s, LOSS(i, mix) - (ONE - s) * LOSS(i, p) - s * LOSS(i, p2))
    lower, upper = assume(LE(O, s)), assume(LT(s, O + ONE))
    chord = apply(specialise(convex, i, p, p2, s), lower, linear(LE(s, ONE), [], [(1, upper)]))
    low = linear(LE(gap(s), gap(O)), [], [(1, chord)])
    below = generalise(s, discharge_all(low, lower.concl, upper.concl))
    slope = fermat(differentiate(gap, O, differentiable), below, linear(positive(ONE)))
    goal = LE(LOSS(i, p) + tangent(i, p, p2), LOSS(i, p2))
    return generalise_all(linear(goal, [], [(1, slope)]), i, p, p2)


def tangent(n: Term, p: Term, p2: Term) -> Term:
    """Return ``grad l_n(p) . (p2 - p)``."""
    return total_over(OUTPUT, lambda c: GRADIENT(n, p, c) * (p2(c) - p(c)))


def orthogonal_to_everything(setting: Setting, th: Term) -> Term:
    """Return: for all k and every function h of x, ``sum_i d_k l_i(f(x_i; theta)) h(x_i) = 0``."""
    return every(OUTPUT, lambda c: every((POINT, REAL), lambda h: is_zero(
        total_over(SAMPLE, lambda n: loss_slope(th, n, c) * h(sample_input(n))))))  # fmt: skip


def optimal_from_orthogonal(tangents: Theorem, orthogonal: Theorem) -> Theorem:
    """From `first_order` and `orthogonal_to_everything` at theta: ``L(theta) <= L(q)`` for every function q of x."""
    change = function(POINT, lambda z: q(z, k) - network(theta, z, k))
    linear_part = sum_zero(generalise(k, specialise(orthogonal, k, change)))
    now, then = prediction(theta, i), vector_of(lambda c: q(sample_input(i), c))
    total_gap = sum_le(generalise(i, specialise(tangents, i, now, then)))
    low, high = _loss_sum(predictor(theta)), _loss_sum(as_model(q))
    le = linear(LE(low, high), [(-1, linear_part)], [(1, total_gap)])
    scaled = multiply(le, inverse_positive(count_positive()))
    return generalise(q, linear(LE(original(theta), empirical(as_model(q))), [], [(1, scaled)]))


def _loss_sum(model: Function) -> Term:
    """Return ``sum_i l_i(model(x_i))``."""
    return total_over(SAMPLE, lambda n: LOSS(n, vector_of(lambda c: model(sample_input(n), c))))


def group_gradients(orthogonal: Theorem) -> Theorem:
    """From `orthogonal_to_everything`: for all j, k, the sum of ``d_k l_i(f(x_i; theta))`` over the group of j is 0."""
    point = function(POINT, lambda z: IND(every(INPUT, lambda r: eq(z(r), X(j, r)))))
    goal = is_zero(group_sum(lambda n: loss_slope(theta, n, k), j))
    return generalise_all(convert(specialise(orthogonal, k, point), goal), j, k)


def global_from_optimal(setting: Setting, weight_positive: Theorem) -> Theorem:
    """``|- for all theta a b W``: if a = 0 and L(theta) = L*, then Lt is nowhere smaller than at (theta, a, b, W)."""
    off, best = assume(all_zero(a)), assume(optimal(theta))
    moved = function(POINT, lambda z: vector_of(
        lambda c: network(theta2, z, c) + setting.unit(a2, b2, W2)(z, c)))  # fmt: skip
    data = specialise(best, moved)
    squares = sum_nonnegative(generalise(k, square(a2(k))))
    penalty = multiply(squares, weaken(weight_positive))
    nothing = vector_of(lambda _: O)
    goal = LE(setting.augmented(theta, nothing, b, W), setting.augmented(theta2, a2, b2, W2))
    le = generalise_all(linear(goal, [], [(1, data), (1, penalty)]), theta2, a2, b2, W2)
    v = fresh("v", *VECTOR)
    back = generalise(k, flip(specialise(off, k)))
    out = rewrite(lambda u: setting.global_minimum(theta, u, b, W), v, back, le)
    return generalise_all(discharge_all(out, off.concl, best.concl), theta, a, b, W)
