"""reduction: the critical points of Lt are exactly (theta, 0, b, W) with grad L(theta) = 0 and S_k(w_k) = 0 for each k, b free.

Here S_k(w) = sum_i d_k l_i(f(x_i; theta)) exp(w . x_i). No differentiability of f is assumed: a point is critical when every partial
derivative exists and is 0, and at a = 0, Lt(., 0, b, W) is L, so the two have the same partial derivatives in theta.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    INV,
    REAL,
    Term,
    Theorem,
    both,
    convert,
    d_const,
    d_unique,
    discharge,
    generalise,
    lam,
    left,
    linear,
    right,
    specialise,
)
from pgb.library import Script

from .building import (
    INPUT,
    OUTPUT,
    PARAM,
    SAMPLE,
    Body,
    O,
    conjunction,
    delta,
    every,
    for_all,
    fresh,
    iff,
    is_zero,
    matrix,
    total_over,
    variable,
)
from .calculus import differentiate, with_slope
from .lemmas import exp_positive
from .statements import (
    SAMPLES,
    VECTOR,
    Setting,
    W,
    a,
    all_zero,
    b,
    bump,
    dot,
    k,
    loss_slope,
    matrix_row,
    original,
    partial,
    row,
    sample_input,
    theta,
    vector_of,
)
from .tactics import apply, cancel, conjuncts, count_positive, flip, generalise_all, inverse_positive, join, rewrite
from .vanishing import slope_in_a, slope_in_b

NAME = "reduction"
TITLE = "The critical points of Lt are those of L with a = 0 and S_k(w_k) = 0 for each k, b free"
HYPOTHESES = ("lambda_positive", "loss_differentiable")
STRUCTURE = ("exp_neuron", "bias")

p = variable("p", PARAM)


def slope_in_theta(value: Body) -> Term:
    """Return: the partial derivative of ``value(theta)`` in theta_p is 0."""
    return partial(lambda s: value(bump(theta, p, s)), O, O)


def moved_weights(step: Term) -> Term:
    """Return ``W + step e_kr``."""
    return matrix(OUTPUT, INPUT, lambda c, r: W(c, r) + step * (delta(c, k) * delta(r, row)))


def slope_in_w(setting: Setting) -> Term:
    """Return: the partial derivative of Lt in w_kr is 0."""
    return partial(lambda s: setting.augmented(theta, a, b, moved_weights(s)), O, O)


def critical(setting: Setting) -> Term:
    """Return: every partial derivative of Lt exists at (theta, a, b, W) and is 0."""
    return conjunction(
        for_all(p, then=slope_in_theta(lambda th: setting.augmented(th, a, b, W))),
        for_all(k, then=slope_in_a(setting, O)),
        for_all(k, then=slope_in_b(setting, O)),
        for_all(k, row, then=slope_in_w(setting)),
    )


def exponential_sum(c: Term) -> Term:
    """Return ``S_c(w_c)``."""
    return total_over(SAMPLE, lambda n: loss_slope(theta, n, c) * EXP(dot(matrix_row(W, c), sample_input(n))))


def reduced(_: Setting) -> Term:
    """Return: a = 0, theta is critical for L, and every S_k(w_k) = 0."""
    sums = every(OUTPUT, lambda c: is_zero(exponential_sum(c)))
    return conjunction(all_zero(a), for_all(p, then=slope_in_theta(original)), sums)


def claim(setting: Setting) -> Term:
    return for_all(theta, a, b, W, then=iff(critical(setting), reduced(setting)))


def prove(script: Script) -> Theorem:
    setting, losses = script.setting, script.hypothesis("loss_differentiable")
    point = script.suppose("Let every partial derivative of Lt vanish at (theta, a, b, W)", critical(setting))
    in_theta, in_a, in_b, _ = conjuncts(point, 4)
    vanish = script.use("vanishing", "By vanishing, a = 0")
    with script.step("a = 0, and Lt(theta, 0, b, W) = L(theta): theta is critical for L") as step:
        off = apply(right(specialise(vanish, theta, a, b, W)), in_a, in_b)
        of_l = step(
            _with_a(off, lambda v: slope_in_theta(lambda th: setting.augmented(th, v, b, W)), in_theta, original)
        )
    with script.step("The derivative in a_k is then (1/m) e^(b_k) S_k(w_k), so S_k(w_k) = 0") as step:
        sums = step(_sums(setting, losses, off, in_a))
    forward = discharge(point.concl, join(off, of_l, sums))

    known = script.suppose("Conversely let a = 0, grad L(theta) = 0 and S_k(w_k) = 0 for all k", reduced(setting))
    off, of_l, sums = conjuncts(known, 3)
    nothing = vector_of(lambda _: O)
    with script.step("At a = 0 the derivatives of Lt in theta are those of L") as step:
        in_theta = convert(specialise(of_l, p), slope_in_theta(lambda th: setting.augmented(th, nothing, b, W)))
        in_theta = step(
            generalise(p, _back(off, lambda v: slope_in_theta(lambda th: setting.augmented(th, v, b, W)), in_theta))
        )
    with script.step("the one in a_k is (1/m) e^(b_k) S_k(w_k) = 0") as step:
        in_a = step(generalise(k, _back(off, lambda v: _slope_a(setting, v), _zero_slope(setting, losses, sums))))
    with script.step("and those in b and W are 0, because the value does not depend on (b, W)") as step:
        still = d_const(original(theta), O)
        in_b = convert(still, partial(lambda s: setting.augmented(theta, nothing, bump(b, k, s), W), O, O))
        in_b = _back(off, lambda v: partial(lambda s: setting.augmented(theta, v, bump(b, k, s), W), O, O), in_b)
        in_w = convert(still, partial(lambda s: setting.augmented(theta, nothing, b, moved_weights(s)), O, O))
        in_w = _back(off, lambda v: partial(lambda s: setting.augmented(theta, v, b, moved_weights(s)), O, O), in_w)
        flat = step(both(generalise(k, in_b), generalise_all(in_w, k, row)))
    backward = discharge(known.concl, join(in_theta, in_a, left(flat), right(flat)))
    return script.qed(generalise_all(both(forward, backward), theta, a, b, W))


def _slope_a(setting: Setting, v: Term) -> Term:
    """Return: the partial derivative of Lt in a_k at a = v is 0."""
    return partial(lambda s: setting.augmented(theta, bump(v, k, s), b, W), O, O)


def _with_a(off: Theorem, context: Body, at_a: Theorem, value: Body) -> Theorem:
    """Put a = 0 into a statement about the derivative in theta_p, and read it for `value`."""
    v, zero = fresh("v", *VECTOR), generalise(k, specialise(off, k))
    return generalise(p, convert(rewrite(context, v, zero, specialise(at_a, p)), slope_in_theta(value)))


def _back(off: Theorem, context: Body, at_zero: Theorem) -> Theorem:
    """From a statement at 0 to the same at a = 0."""
    return rewrite(context, fresh("v", *VECTOR), generalise(k, flip(specialise(off, k))), at_zero)


def _curve_a(setting: Setting) -> Term:
    """Return ``s -> Lt(theta, s e_k, b, W)``, a = 0."""
    s = variable("s", REAL)
    return lam(s, setting.augmented(theta, bump(vector_of(lambda _: O), k, s), b, W))


def _sums(setting: Setting, losses: Theorem, off: Theorem, in_a: Theorem) -> Theorem:
    """``S_k(w_k) = 0`` from the derivative in a_k at a = 0."""
    zero = generalise(k, specialise(off, k))
    at_zero = rewrite(lambda v: _slope_a(setting, v), fresh("v", *VECTOR), zero, specialise(in_a, k))
    slope = d_unique(differentiate(_curve_a(setting), O, losses), at_zero)
    product = EXP(b(k)) * exponential_sum(k)
    scaled = cancel(inverse_positive(count_positive()), slope, product)
    return generalise(k, cancel(exp_positive(b(k)), scaled, exponential_sum(k)))


def _zero_slope(setting: Setting, losses: Theorem, sums: Theorem) -> Theorem:
    """The derivative in a_k at a = 0 vanishes if S_k(w_k) = 0."""
    found = differentiate(_curve_a(setting), O, losses)
    value = linear(is_zero(found.concl.args[2]), [(INV(SAMPLES) * EXP(b(k)), specialise(sums, k))])
    return convert(with_slope(found, value), _slope_a(setting, vector_of(lambda _: O)))
