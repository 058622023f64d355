"""strict_saddle: where S_k(w_k) = 0 and the sums v = sum_i d_k l_i exp(w_k . x_i) x_i are not all 0, Lt falls quadratically.

At such a point (theta, 0, b, W), along the line a_k = t alpha, w_kr + t beta, |t| < rho: Lt <= L(theta) - kappa t^2 with kappa > 0. So
a critical point of this kind is a strict saddle. Near the outputs f(x_i; theta) each loss needs a quadratic upper bound along e_k with
slope d_k l_i, which every C^2 loss has; it is a premise of the statement. Neither differentiability nor convexity, nor the sign of
lambda, nor the bias of the unit is used.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from fractions import Fraction

from pgb.kernel import (
    EXP,
    INV,
    LE,
    Term,
    Theorem,
    antisymmetry,
    assume,
    beta,
    both,
    choose,
    discharge,
    eq,
    generalise,
    inverse,
    left,
    linear,
    mp,
    multiply,
    neg,
    not_le,
    real,
    reflexive,
    right,
    specialise,
    square,
    subst,
    witness,
)
from pgb.library import Script

from .building import (
    HALF,
    INPUT,
    OUTPUT,
    SAMPLE,
    Body,
    O,
    conjunction,
    delta,
    for_all,
    for_some,
    function,
    implies,
    is_zero,
    matrix,
    positive,
    square_of,
    variable,
    within,
)
from .calculus import close_to, merge
from .lemmas import exp_positive
from .reduction import exponential_sum
from .saddle_line import (
    C,
    alpha,
    cost_of,
    curvature_of,
    derivative_of_sum,
    exponential_near_zero,
    factor_positive,
    fall_along_line,
    gain_of,
    input_exponent,
    kappa,
    move_of,
    moves_of_outputs,
    moves_small,
    mu,
    named_derivative,
    radius,
    rho,
    slope_along_line,
    slope_at,
    slopes_small,
    step,
    t,
    turn_of,
    turns_small,
    unit_at_one,
    v,
    value_along_line,
)
from .statements import (
    LOSS,
    W2,
    Setting,
    W,
    X,
    a,
    axis,
    b,
    i,
    k,
    network,
    original,
    prediction,
    row,
    sample_input,
    theta,
    vector_of,
)
from .tactics import (
    apply,
    count_positive,
    discharge_all,
    generalise_all,
    inverse_positive,
    not_zero,
    obtain,
    sum_nonnegative,
    weaken,
    witness_chain,
    zero_square,
)

NAME = "strict_saddle"
TITLE = "Where S_k has a zero with a non-zero derivative, Lt falls quadratically along a line: a strict saddle"
HYPOTHESES = ()
STRUCTURE = ("exp_neuron", "bias")


def bounded_near() -> Term:
    """Return: ``l_i(f_i + s e_k) <= l_i(f_i) + s d_k l_i + C s^2`` for every i and |s| < d."""
    raised = vector_of(lambda c: network(theta, sample_input(i), c) + step * delta(c, k))
    bound = LOSS(i, prediction(theta, i)) + step * slope_at(i) + C * square_of(step)
    return for_all(i, step, then=implies(within(step, radius), LE(LOSS(i, raised), bound)))


def quadratic_bound() -> Term:
    """Return: for some d > 0 and some C the losses are so bounded for |s| < d."""
    return for_some(radius, that=conjunction(positive(radius), for_some(C, that=bounded_near())))


def descent(setting: Setting) -> Term:
    """Return: for some a, V and kappa, rho > 0, ``Lt(theta, t a, b, W + t V) <= L(theta) - kappa t^2`` for all |t| < rho."""
    moved = matrix(OUTPUT, INPUT, lambda c, r: W(c, r) + t * W2(c, r))
    value = setting.augmented(theta, vector_of(lambda c: t * a(c)), b, moved)
    line = for_all(t, then=implies(within(t, rho), LE(value, original(theta) - kappa * square_of(t))))
    lengths = for_some(kappa, that=conjunction(positive(kappa), for_some(rho, that=conjunction(positive(rho), line))))
    return for_some(a, W2, that=lengths)


def claim(setting: Setting) -> Term:
    return for_all(theta, b, W, k, row, then=implies(
        is_zero(exponential_sum(k)), neg(is_zero(derivative_of_sum())), quadratic_bound(), descent(setting)))  # fmt: skip


def prove(script: Script) -> Theorem:
    setting = script.setting
    zero = script.suppose("Let S_k(w_k) = 0", is_zero(exponential_sum(k)))
    simple = script.suppose("and let v, the derivative of S_k in w_kr, not be 0", neg(is_zero(derivative_of_sum())))
    bound = script.suppose(
        "Let every l_i(f_i + s e_k) be at most l_i(f_i) + s d_k l_i + C s^2 for |s| < d", bounded_near()
    )
    with script.step(
        "Where |u| < 1/2, 1 + u <= e^u <= 1 + u + 2 u^2 and e^u <= 2: e^u is above 1 + u, e^(-u) above 1 - u"
    ) as done:
        exponential = done(exponential_near_zero())
    with script.step(
        "With a_k = t alpha and w_kr - t v, output k of sample i moves by s_i = t alpha E_i e^(u_i), u_i = -t v x_ir"
    ) as done:
        moves = done(moves_of_outputs(setting))
    with script.step(
        "If |t v x_ir| < 1/2, |t d_k l_i| < mu: t sum_i d_k l_i E_i e^(u_i) <= -t^2 v^2 (e^(b_k) - 2 mu sum_i E_i x_ir^2)"
    ) as done:
        first = done(slope_along_line(setting, zero, exponential))
    with script.step(
        "If |s_i| < d, the quadratic bounds and the penalty add at most t^2 alpha^2 Y, Y independent of t and alpha"
    ) as done:
        second = done(value_along_line(setting, bound, exponential, moves))
    with script.step(
        "With P = e^(b_k) v^2 / m, A = v^2 sum_i E_i x_ir^2 / m, alpha Y = P / 4, 8 mu A <= P: Lt falls by alpha P t^2 / 2"
    ) as done:
        fall = done(fall_along_line(setting, first, second))
    with script.step("All this holds for |t| < rho with some rho > 0, and alpha P > 0 because v is not 0") as done:
        lines = done(_descent(setting, fall, assume(positive(radius)), simple))
    some, wide = assume(quadratic_bound()), discharge(positive(radius), lines)
    found = obtain(some, radius, lambda near: choose(right(near), C, mp(wide, left(near))))
    whole = discharge_all(found, zero.concl, simple.concl, some.concl)
    return script.qed(generalise_all(whole, theta, b, W, k, row))


def _gain_positive(setting: Setting, on: Theorem) -> Theorem:
    """``not (v = 0) |- 0 < P``."""
    none = assume(LE(square_of(v), O))
    size = not_le(discharge(none.concl, mp(on, zero_square(antisymmetry(none, square(v))))))
    scale = multiply(inverse_positive(count_positive()), factor_positive(setting))
    return linear(positive(gain_of(setting)), [], [(1, multiply(scale, size))])


def _curvature_positive(setting: Setting) -> Theorem:
    """``|- 0 < Y``."""
    n = variable("i", SAMPLE)
    total = sum_nonnegative(generalise(n, square(unit_at_one(setting, n))))
    average = multiply(total, weaken(inverse_positive(count_positive())))
    wide = multiply(linear(LE(O, square_of(C) + 1), [], [(1, square(C))]), average)
    return linear(positive(curvature_of(setting)), [], [(4, wide), (1, square(setting.objective.weight))])


def _cost_nonnegative(setting: Setting, gain: Theorem) -> Theorem:
    """``0 < P |- 0 <= A``."""
    n = variable("i", SAMPLE)
    each = multiply(weaken(exp_positive(input_exponent(n))), square(X(n, row)))
    each = linear(LE(O, EXP(input_exponent(n)) * square_of(X(n, row))), [], [(1, each)])
    return linear(LE(O, cost_of(setting)), [], [(1, multiply(weaken(gain), sum_nonnegative(generalise(n, each))))])


def _near(setting: Setting, width: Theorem) -> Theorem:
    """There is rho > 0 such that turns, moves and slopes are small wherever |t| < rho."""

    def small(body: Body, radius_positive: Theorem) -> Theorem:
        return close_to([lambda s: function(SAMPLE, lambda n: subst(body(n), t, s))], radius_positive)

    turns = small(turn_of, linear(positive(real(HALF))))
    moves = small(lambda n: move_of(setting, n), width)
    slopes = small(lambda n: t * slope_at(n), assume(positive(mu)))
    return merge(merge(turns, moves, step), slopes, step)


def _descent(setting: Setting, fall: Theorem, width: Theorem, simple: Theorem) -> Theorem:
    """The statement's conclusion, with the numbers mu and alpha chosen, and v what it stands for."""
    gain = _gain_positive(setting, assume(neg(is_zero(v))))
    parts = turns_small(), moves_small(setting), slopes_small()
    depth = linear(positive(alpha * gain_of(setting) * HALF), [], [(HALF, multiply(assume(positive(alpha)), gain))])

    def use(h: Theorem) -> Theorem:
        close = assume(within(t, rho))
        at = mp(specialise(right(h), t), close)
        near = left(left(at)), right(left(at)), right(at)
        here = apply(discharge_all(fall, *parts), *near)
        line = generalise(t, discharge(close.concl, here))
        direction = axis(k, alpha), matrix(OUTPUT, INPUT, lambda c, r: -(v * (delta(c, k) * delta(r, row))))
        return _witnessed(descent(setting), (*direction, depth.concl.args[1], rho), depth, left(h), line)

    found = obtain(_near(setting, width), rho, use)
    found = _with_mu(setting, found, gain)
    found = _with_alpha(setting, found, gain)
    named = generalise(v, discharge_all(found, named_derivative(), neg(is_zero(v))))
    slope = derivative_of_sum()
    return apply(specialise(named, slope), reflexive(slope), simple)


def _witnessed(
    goal: Term, values: tuple[Term, Term, Term, Term], depth: Theorem, width: Theorem, line: Theorem
) -> Theorem:
    """From ``0 < kappa``, ``0 < rho`` and the descent along the line: the `goal`, that there are such a, V, kappa, rho."""
    u, V, low, size = values
    lengths = beta(beta(goal.args[0], (u,)).args[0], (V,))
    inner = beta(lengths.args[0], (low,)).args[1]
    within_size = witness(inner, size, both(width, line))
    return witness_chain(goal, (u, V, low), both(depth, within_size))


def _with_mu(setting: Setting, found: Theorem, gain: Theorem) -> Theorem:
    """Put ``mu = P / (8 A + 1)``, which is positive and has 8 mu A <= P."""
    cost = cost_of(setting)
    scale = linear(positive(cost * 8 + 1), [], [(8, _cost_nonnegative(setting, gain))])
    value = gain_of(setting) * INV(cost * 8 + 1)
    size = linear(positive(value), [], [(1, multiply(gain, inverse_positive(scale)))])
    little = linear(LE(value * cost * 8, gain_of(setting)), [(gain_of(setting), inverse(not_zero(scale)))], [(1, size)])
    general = generalise(mu, discharge_all(found, positive(mu), LE(mu * cost * 8, gain_of(setting))))
    return apply(specialise(general, value), size, little)


def _with_alpha(setting: Setting, found: Theorem, gain: Theorem) -> Theorem:
    """Put ``alpha = P / (4 Y)``, which is positive and has alpha Y = P / 4."""
    steep, quarter = curvature_of(setting), gain_of(setting) * Fraction(1, 4)
    scale = linear(positive(steep * 4), [], [(4, _curvature_positive(setting))])
    value = gain_of(setting) * INV(steep * 4)
    size = linear(positive(value), [], [(1, multiply(gain, inverse_positive(scale)))])
    balanced = linear(eq(value * steep, quarter), [(quarter, inverse(not_zero(scale)))])
    general = generalise(alpha, discharge_all(found, positive(alpha), eq(alpha * steep, quarter)))
    return apply(specialise(general, value), size, balanced)
