"""grouped_gradients: at every local minimum of Lt, even with theta held fixed, the loss gradients of each group cancel.

There a = 0, sum_i d_k l_i(f(x_i)) h(x_i) = 0 for every k and every function h of x, and so for every j the loss gradients of the
samples with the input x_j sum to 0. No loss need be convex for that.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279; that convexity is not used: this project.
"""

from __future__ import annotations

from pgb.kernel import (
    REAL,
    Term,
    Theorem,
    assume,
    both,
    convert,
    discharge,
    generalise,
    left,
    linear,
    mp,
    right,
    specialise,
    witness,
)
from pgb.library import Script

from .building import (
    INPUT,
    OUTPUT,
    SAMPLE,
    conjunction,
    every,
    for_all,
    fresh,
    function,
    implies,
    is_zero,
    matrix,
    total_over,
    variable,
    within,
)
from .independence import vanishes_near
from .lemmas import group_gradients
from .statements import (
    POINT,
    STANDARD,
    Setting,
    W,
    a,
    all_zero,
    b,
    close_vector,
    group_sum,
    k,
    loss_slope,
    matrix_row,
    moment,
    sample_input,
    theta,
)
from .tactics import apply, generalise_all, join, obtain, square_positive

NAME = "grouped_gradients"
TITLE = "At every local minimum of Lt the loss gradients of each group of equal inputs sum to 0, convex or not"
HYPOTHESES = ("lambda_positive", "loss_differentiable")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def groups_cancel() -> Term:
    """Return: for all j and k, the slopes ``d_k l_i(f(x_i))`` over the group of j sum to 0."""
    return every(SAMPLE, lambda n: every(OUTPUT, lambda c: is_zero(group_sum(lambda n2: loss_slope(theta, n2, c), n))))


def orthogonal_to_all() -> Term:
    """Return: ``sum_i d_k l_i(f(x_i)) h(x_i) = 0`` for every k and every function h of x."""
    return every(OUTPUT, lambda c: every((POINT, REAL), lambda h: is_zero(
        total_over(SAMPLE, lambda n: loss_slope(theta, n, c) * h(sample_input(n))))))  # fmt: skip


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum_fixed(theta, a, b, W)
    found = conjunction(all_zero(a), orthogonal_to_all(), groups_cancel())
    return for_all(theta, a, b, W, then=implies(minimum, found))


def prove(script: Script) -> Theorem:
    setting = script.setting
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    perturbed = script.use(
        "perturbation",
        "By perturbation, a = 0 and sum_i d_k l_i(f(x_i)) exp(w' . x_i + b') = 0 for all (b', W') near (b, W)",
    )
    independent = script.use(
        "independence", "By independence, such sums vanish only if the coefficients of equal inputs cancel"
    )
    with script.step("Hence sum_i d_k l_i(f(x_i)) h(x_i) = 0 for every k and every function h of x") as step:
        near = mp(specialise(perturbed, theta, a, b, W), minimum)
        orthogonal = step(orthogonality(near, independent))
    with script.step("For h the indicator of x_j: the loss gradients of the group of j sum to 0") as step:
        groups = step(group_gradients(orthogonal))
    result = discharge(minimum.concl, join(left(near), orthogonal, groups))
    return script.qed(generalise_all(result, theta, a, b, W))


def orthogonality(near: Theorem, independent: Theorem) -> Theorem:
    """From perturbation's conclusion at (theta, a, b, W) and independence: `lemmas.orthogonal_to_everything`."""
    radius, w2, some_radius = variable("radius", REAL), variable("w2", *POINT), right(near)
    centre, slopes = matrix_row(W, k), function(SAMPLE, lambda n: loss_slope(theta, n, k))

    def use(h: Theorem) -> Theorem:
        """Move only the row w_k, to w2, and keep b."""
        close = assume(close_vector(centre, w2, radius, INPUT))
        moved = matrix(OUTPUT, INPUT, lambda c, r: W(c, r) + (w2(r) - W(k, r)))
        c, r = fresh("c", OUTPUT), fresh("r", INPUT)
        close_w = convert(specialise(close, r), within(moved(c, r) - W(c, r), radius))
        close_b = linear(within(b(c) - b(c), radius), [], [(1, square_positive(left(h)))])
        at = apply(specialise(right(h), b, moved), generalise(c, close_b), generalise_all(close_w, c, r))
        zero = convert(right(specialise(at, k)), is_zero(moment(slopes, w2, b(k))))
        goal = vanishes_near(STANDARD, slopes, centre, b(k))
        return witness(goal, radius, both(left(h), generalise(w2, discharge(close.concl, zero))))

    all_near = obtain(some_radius, radius, use)
    return generalise(k, left(mp(specialise(independent, slopes, centre, b(k)), all_near)))
