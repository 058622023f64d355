"""elimination_per_sample: with consistent labels, grad l_i(f(x_i; theta)) = 0 for every single sample at a local minimum of Lt.

Equal inputs then have equal losses, hence equal gradients at the common prediction, and a group's sum is its size times one of them.
No loss need be convex.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    IND,
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    convert,
    d_unique,
    discharge,
    eq,
    generalise,
    indicator,
    lam,
    linear,
    mp,
    specialise,
    square,
    sum_le,
)
from pgb.library import Script

from .building import (
    ONE,
    OUTPUT,
    SAMPLE,
    O,
    delta,
    every,
    for_all,
    fresh,
    implies,
    is_zero,
    positive,
    total_over,
    variable,
)
from .calculus import differentiate
from .statements import (
    GRADIENT,
    LOSS,
    POINT,
    VECTOR,
    Setting,
    W,
    X,
    a,
    b,
    bump,
    i,
    j,
    k,
    loss_slope,
    network,
    partial,
    prediction,
    row,
    same_input,
    theta,
    vector_of,
)
from .tactics import by_cases, cancel, conjuncts, flip, generalise_all, rewrite

NAME = "elimination_per_sample"
TITLE = "With consistent labels, every single loss gradient vanishes at a local minimum of Lt"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "labels_consistent")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def every_gradient_zero(th: Term) -> Term:
    """Return: ``d_k l_i(f(x_i; theta)) = 0`` for all i and k."""
    return every(SAMPLE, lambda n: every(OUTPUT, lambda c: is_zero(loss_slope(th, n, c))))


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, every_gradient_zero(theta)))


def prove(script: Script) -> Theorem:
    setting = script.setting
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    grouped = script.use(
        "grouped_gradients", "By grouped_gradients, the loss gradients of each group of equal inputs sum to 0"
    )
    with script.step("Equal inputs have equal losses, so equal loss gradients at every prediction") as step:
        consistent, losses = script.hypothesis("labels_consistent"), script.hypothesis("loss_differentiable")
        equal_slopes = step(_equal_gradients(consistent, losses))
    with script.step("So in the group of j every term d_k l_i(f(x_i)) is d_k l_j(f(x_j))") as step:
        terms = step(_terms_agree(equal_slopes))
    with script.step("The group's sum is its size times d_k l_j(f(x_j)), and its size is at least 1") as step:
        group = specialise(conjuncts(mp(specialise(grouped, theta, a, b, W), minimum), 3)[2], j, k)
        v = fresh("v", SAMPLE, REAL)
        product = rewrite(lambda g: is_zero(total_over(SAMPLE, g)), v, terms, group)
        size = total_over(SAMPLE, lambda n: IND(same_input(n, j)))
        zero = cancel(linear(positive(size), [], [(1, _size_at_least_one())]), product, loss_slope(theta, j, k))
        every_one = step(generalise_all(zero, j, k))
    return script.qed(generalise_all(discharge(minimum.concl, every_one), theta, a, b, W))


def _equal_gradients(consistent: Theorem, losses: Theorem) -> Theorem:
    """For all i, j: ``x_i = x_j`` implies ``d_k l_i(p) = d_k l_j(p)`` for all p and k: a derivative is unique."""
    p, s, g = variable("p", *VECTOR), fresh("s", REAL), fresh("g", VECTOR, REAL)
    same = assume(same_input(i, j))
    equal = mp(specialise(consistent, i, j), same)
    one, two = (differentiate(lam(s, LOSS(n, bump(p, k, s))), O, losses) for n in (i, j))
    slope = one.concl.args[2]
    moved = rewrite(lambda loss: partial(lambda t: loss(bump(p, k, t)), O, slope), g, equal, one)
    goal = eq(GRADIENT(i, p, k), GRADIENT(j, p, k))
    return generalise_all(discharge(same.concl, generalise_all(convert(d_unique(moved, two), goal), p, k)), i, j)


def _terms_agree(equal_slopes: Theorem) -> Theorem:
    """For all i: ``d_k l_i(f(x_i)) [x_i = x_j] = d_k l_j(f(x_j)) [x_i = x_j]``."""
    mark, mine, other = IND(same_input(i, j)), loss_slope(theta, i, k), loss_slope(theta, j, k)
    goal = eq(mine * mark, other * mark)

    def yes(same: Theorem) -> Theorem:
        z = fresh("z", *POINT)
        at_j = rewrite(
            lambda v: eq(mine, GRADIENT(i, vector_of(lambda c: network(theta, v, c)), k)),
            z,
            same,
            linear(eq(mine, mine)),
        )
        equal = specialise(mp(specialise(equal_slopes, i, j), same), prediction(theta, j), k)
        return linear(goal, [(mark, at_j), (mark, equal)])

    def no(different: Theorem) -> Theorem:
        return linear(goal, [(mine - other, indicator(different, true=False))])

    return generalise(i, by_cases(same_input(i, j), yes, no))


def _size_at_least_one() -> Theorem:
    """``sum_i [i = j] <= sum_i [x_i = x_j]``: j itself belongs to its group."""
    mark, index, z = IND(same_input(i, j)), delta(i, j), fresh("z", SAMPLE)
    goal = LE(index, mark)

    def yes(equal: Theorem) -> Theorem:
        itself = generalise(row, linear(eq(X(j, row), X(j, row))))
        in_group = rewrite(lambda n: same_input(n, j), z, flip(equal), itself)
        return linear(goal, [(-1, indicator(in_group, true=True))], [(1, square(ONE - index))])

    def no(unequal: Theorem) -> Theorem:
        return linear(goal, [(1, indicator(unequal, true=False))], [(1, square(mark))])

    return sum_le(generalise(i, by_cases(eq(i, j), yes, no)))
