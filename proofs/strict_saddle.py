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
    FALSE,
    INV,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    absurd,
    antisymmetry,
    assume,
    beta,
    both,
    choose,
    discharge,
    eq,
    exp_tangent,
    free,
    generalise,
    indicator,
    inverse,
    is_const,
    lam,
    left,
    leibniz,
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
    Body,
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
from .calculus import close_to, merge
from .lemmas import exp_positive
from .reduction import exponential_sum, moved_weights
from .statements import (
    LOSS,
    SAMPLES,
    W2,
    Setting,
    W,
    X,
    a,
    axis,
    b,
    dot,
    i,
    k,
    loss_slope,
    matrix_row,
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
    below_root,
    by_cases,
    conjuncts,
    count_positive,
    discharge_all,
    flip,
    generalise_all,
    inverse_positive,
    join,
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

t, step = variable("t", REAL), variable("s", REAL)
kappa, rho = variable("kappa", REAL), variable("rho", REAL)
C, radius = variable("C", REAL), variable("d", REAL)
alpha, v, mu = variable("alpha", REAL), variable("v", REAL), variable("mu", REAL)  # numbers of the proof


def derivative_of_sum() -> Term:
    """Return ``sum_i d_k l_i exp(w_k . x_i) x_ir``, the derivative of S_k in w_kr."""
    return total_over(SAMPLE, lambda n: _slope(n) * EXP(_exponent(n)) * X(n, row))


def bounded_near(size: Term) -> Term:
    """Return: ``l_i(f_i + s e_k) <= l_i(f_i) + s d_k l_i + C s^2`` for every i and |s| < size, where size > 0."""
    raised = vector_of(lambda c: network(theta, sample_input(i), c) + step * delta(c, k))
    bound = LOSS(i, prediction(theta, i)) + step * _slope(i) + C * square_of(step)
    return conjunction(positive(size), for_all(i, step, then=implies(within(step, size), LE(LOSS(i, raised), bound))))


def quadratic_bound() -> Term:
    """Return: for some C and d > 0 the losses are so bounded for |s| < d."""
    return for_some(C, radius, that=bounded_near(radius))


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
        "Let every l_i(f_i + s e_k) be at most l_i(f_i) + s d_k l_i + C s^2 for |s| < d", bounded_near(radius)
    )
    with script.step(
        "Where |u| < 1/2, 1 + u <= e^u <= 1 + u + 2 u^2 and e^u <= 2: e^u is above 1 + u, e^(-u) above 1 - u"
    ) as done:
        exponential = done(_exponential())
    with script.step(
        "With a_k = t alpha and w_kr - t v, output k of sample i moves by s_i = t alpha E_i e^(-t v x_ir)"
    ) as done:
        moves = done(_moves(setting))
    with script.step(
        "If |t v x_ir| < 1/2 and |t d_k l_i| < mu, then t sum_i d_k l_i E_i e^(-t v x_ir) <= -t^2 (e^(b_k) v^2 - 2 mu A)"
    ) as done:
        first = done(_first_order(setting, zero, exponential))
    with script.step("If |s_i| < d, the quadratic bounds and the penalty add at most t^2 alpha^2 Y") as done:
        second = done(_second_order(setting, right(bound), exponential, moves))
    with script.step("With alpha Y = P / 4 and 8 mu A <= P, Lt falls by at least alpha P t^2 / 2") as done:
        fall = done(_fall(setting, first, second))
    with script.step("All this holds for |t| < rho with some rho > 0, and alpha P > 0 because v is not 0") as done:
        lines = done(_descent(setting, fall, left(bound), simple))
    some = assume(quadratic_bound())
    found = obtain(some, C, lambda size: choose(size, radius, lines))
    whole = discharge_all(found, zero.concl, simple.concl, some.concl)
    return script.qed(generalise_all(whole, theta, b, W, k, row))


# -- the quantities of the proof --------------------------------------------------------------------------------------
def _exponent(n: Term) -> Term:
    """Return ``w_k . x_n``."""
    return dot(matrix_row(W, k), sample_input(n))


def _slope(n: Term) -> Term:
    """Return ``d_k l_n`` at ``f(x_n; theta)``."""
    return loss_slope(theta, n, k)


def _factor(setting: Setting) -> Term:
    """Return ``e^(b_k)``, or 1 for a unit without a bias."""
    with_bias = (b.name, b.type) in free(setting.objective.unit(ONE, O, b(k)))
    return EXP(b(k)) if with_bias else ONE


def _unit(setting: Setting, n: Term) -> Term:
    """Return ``E_n``, the unit at a = 1."""
    return _factor(setting) * EXP(_exponent(n))


def _turn(n: Term) -> Term:
    """Return ``u_n = -t v x_nr``."""
    return -(t * v * X(n, row))


def _move(setting: Setting, n: Term) -> Term:
    """Return ``s_n = t alpha E_n exp(u_n)``."""
    return t * alpha * _unit(setting, n) * EXP(_turn(n))


def _gain(setting: Setting) -> Term:
    """Return ``P = (1/m) e^(b_k) v^2``."""
    return INV(SAMPLES) * _factor(setting) * square_of(v)


def _cost(setting: Setting) -> Term:
    """Return ``A = (1/m) e^(b_k) v^2 sum_i exp(w_k . x_i) x_ir^2``."""
    return _gain(setting) * total_over(SAMPLE, lambda n: EXP(_exponent(n)) * square_of(X(n, row)))


def _curvature(setting: Setting) -> Term:
    """Return ``Y = 4 (C^2 + 1) (1/m) sum_i E_i^2 + lambda^2 + 1``."""
    squares = INV(SAMPLES) * total_over(SAMPLE, lambda n: square_of(_unit(setting, n)))
    return (square_of(C) + 1) * 4 * squares + square_of(setting.objective.weight) + 1


def _named() -> Term:
    """Return: v is the derivative of S_k in w_kr."""
    return eq(derivative_of_sum(), v)


def _turns_small() -> Term:
    return every(SAMPLE, lambda n: within(_turn(n), real(HALF)))


def _moves_small(setting: Setting) -> Term:
    return every(SAMPLE, lambda n: within(_move(setting, n), radius))


def _slopes_small() -> Term:
    return every(SAMPLE, lambda n: within(t * _slope(n), mu))


# -- the steps --------------------------------------------------------------------------------------------------------
def _exponential() -> Theorem:
    """``|- for all u, u^2 < 1/4 -> 1 + u <= e^u and e^u <= 1 + u + 2 u^2 and 0 <= e^u <= 2``."""
    u = variable("u", REAL)
    small, e = assume(within(u, real(HALF))), EXP(u)
    below_half = below_root(small, linear(positive(real(HALF))))
    product = multiply(exp_tangent(-u), weaken(exp_positive(u)))  # e^u (1 - u) <= 1
    above = assume(LE(e, ONE + u + square_of(u) * 2))

    def otherwise(not_below: Theorem) -> Theorem:
        room = multiply(not_le(not_below), linear(LT(O, ONE - u), [], [(1, below_half)]))
        rest = multiply(
            linear(LE(O, square_of(u)), [], [(1, square(u))]), linear(LE(O, ONE - u * 2), [], [(2, below_half)])
        )
        return absurd(linear(FALSE, [], [(1, room), (1, product), (1, rest)]), above.concl)

    upper = by_cases(above.concl, lambda h: h, otherwise)
    two = linear(LE(e, real(2)), [], [(1, upper), (1, below_half), (2, small)])
    facts = join(exp_tangent(u), upper, weaken(exp_positive(u)), two)
    return generalise(u, discharge(small.concl, facts))


def _moves(setting: Setting) -> Theorem:
    """``|- for all i c``: on the line, the unit of output c adds ``s_i [c = k]`` at sample i."""
    c, z = variable("c", OUTPUT), fresh("z", OUTPUT)
    turned = moved_weights(-(t * v))

    def moved(n: Term) -> Term:
        return eq(setting.unit(axis(k, t * alpha), b, turned)(sample_input(i), n), _move(setting, i) * delta(n, k))

    def apart(other: Theorem) -> Theorem:
        alone = setting.objective.unit(t * alpha, dot(matrix_row(turned, c), sample_input(i)), b(c))
        return linear(moved(c), [(alone - _move(setting, i), indicator(other, true=False))])

    def same(h: Theorem) -> Theorem:
        return leibniz(lam(z, moved(z)), flip(h), linear(moved(k)))

    return generalise_all(by_cases(eq(c, k), same, apart), i, c)


def _first_order(setting: Setting, zero: Theorem, exponential: Theorem) -> Theorem:
    """Where turns and slopes are small: ``t sum_i d_k l_i E_i e^(u_i) <= -t^2 e^(b_k) v^2 + 2 mu t^2 v^2 sum_i E_i x_ir^2``."""
    turns, slopes, size = assume(_turns_small()), assume(_slopes_small()), assume(positive(mu))
    unit, u, shift = _unit(setting, i), _turn(i), t * _slope(i)
    lower, upper, _, _ = conjuncts(mp(specialise(exponential, u), specialise(turns, i)), 4)
    below = multiply(weaken(below_root(specialise(slopes, i), size)), lower)
    above = multiply(upper, weaken(size))
    term = LE(shift * EXP(u), shift * (ONE + u) + mu * square_of(u) * 2)
    weighted = multiply(linear(term, [], [(1, below), (1, above)]), weaken(_unit_positive(setting, i)))
    each = linear(
        LE(shift * unit * EXP(u), shift * unit * (ONE + u) + mu * square_of(u) * unit * 2), [], [(1, weighted)]
    )
    total = sum_le(generalise(i, each))
    factor = _factor(setting)
    rest = total_over(SAMPLE, lambda n: EXP(_exponent(n)) * square_of(X(n, row)))
    goal = LE(
        t * total_over(SAMPLE, lambda n: _slope(n) * _unit(setting, n) * EXP(_turn(n))),
        square_of(t) * square_of(v) * factor * (mu * rest * 2 - 1),
    )
    uses = [(t * factor, zero), (square_of(t) * v * factor * -1, assume(_named()))]
    return linear(goal, uses, [(1, total)])


def _second_order(setting: Setting, quadratic: Theorem, exponential: Theorem, moves: Theorem) -> Theorem:
    """Where moves are small: ``Lt <= L(theta) + (1/m) alpha t sum_i d_k l_i E_i e^(u_i) + t^2 alpha^2 Y`` on the line."""
    turns, small = assume(_turns_small()), assume(_moves_small(setting))
    move, lift = _move(setting, i), EXP(_turn(i))
    bound = mp(specialise(quadratic, i, move), specialise(small, i))
    moved = _moved_loss(setting, moves, bound)
    _, _, low, high = conjuncts(mp(specialise(exponential, _turn(i)), specialise(turns, i)), 4)
    four = multiply(high, linear(LE(O, lift + 2), [], [(1, low)]))
    curved = linear(LE(C, square_of(C) + 1), [], [(1, square(C - HALF))])
    one_up = multiply(linear(LE(O, square_of(C) + 1), [], [(1, square(C))]), square(t * alpha * _unit(setting, i)))
    steeper = multiply(curved, square(move))
    wide = multiply(linear(LE(square_of(lift), real(4)), [], [(1, four)]), one_up)
    left_side = moved.concl.args[0]
    rise = t * alpha * _slope(i) * _unit(setting, i) * lift
    square_term = (square_of(C) + 1) * 4 * square_of(t * alpha * _unit(setting, i))
    each = linear(
        LE(left_side, LOSS(i, prediction(theta, i)) + rise + square_term), [], [(1, moved), (1, steeper), (1, wide)]
    )
    total = multiply(sum_le(generalise(i, each)), weaken(inverse_positive(count_positive())))
    weight = setting.objective.weight
    room = multiply(linear(LE(weight, square_of(weight) + 1), [], [(1, square(weight - HALF))]), square(t * alpha))
    gradient = t * total_over(SAMPLE, lambda n: _slope(n) * _unit(setting, n) * EXP(_turn(n)))
    high_side = original(theta) + INV(SAMPLES) * alpha * gradient + square_of(t * alpha) * _curvature(setting)
    return linear(LE(_on_line(setting), high_side), [], [(1, total), (1, room)])


def _moved_loss(setting: Setting, moves: Theorem, bound: Theorem) -> Theorem:
    """The quadratic bound of the loss of sample i at ``s_i``, for the output on the line."""
    extra = variable("added", OUTPUT, REAL)
    output = vector_of(lambda c: network(theta, sample_input(i), c) + extra(c))
    right_side = bound.concl.args[1]
    back = generalise(k2 := fresh("k", OUTPUT), flip(specialise(moves, i, k2)))
    return leibniz(lam(extra, LE(LOSS(i, output), right_side)), back, bound)


def _on_line(setting: Setting) -> Term:
    """Return ``Lt(theta, t alpha e_k, b, W - t v e_kr)``."""
    return setting.augmented(theta, axis(k, t * alpha), b, moved_weights(-(t * v)))


def _factor_positive(setting: Setting) -> Theorem:
    """``|- 0 < e^(b_k)``, or 0 < 1."""
    factor = _factor(setting)
    return exp_positive(b(k)) if is_const(factor, "exp") else linear(positive(factor))


def _unit_positive(setting: Setting, n: Term) -> Theorem:
    """``|- 0 < E_n``."""
    both_ = multiply(_factor_positive(setting), exp_positive(_exponent(n)))
    return linear(positive(_unit(setting, n)), [], [(1, both_)])


def _fall(setting: Setting, first: Theorem, second: Theorem) -> Theorem:
    """From both: ``Lt <= L(theta) - (alpha P / 2) t^2`` on the line, if alpha Y = P / 4 and 8 mu A <= P."""
    gain, cost, steep = _gain(setting), _cost(setting), _curvature(setting)
    size, balanced, little = (
        assume(positive(alpha)),
        assume(eq(alpha * steep, gain * Fraction(1, 4))),
        assume(LE(mu * cost * 8, gain)),
    )
    weighted = multiply(first, weaken(multiply(inverse_positive(count_positive()), size)))
    spare = multiply(multiply(little, weaken(size)), square(t))
    goal = LE(_on_line(setting), original(theta) - alpha * gain * HALF * square_of(t))
    return linear(goal, [(alpha * square_of(t), balanced)], [(1, second), (1, weighted), (Fraction(1, 4), spare)])


def _gain_positive(setting: Setting, on: Theorem) -> Theorem:
    """``not (v = 0) |- 0 < P``."""
    none = assume(LE(square_of(v), O))
    size = not_le(discharge(none.concl, mp(on, zero_square(antisymmetry(none, square(v))))))
    scale = multiply(inverse_positive(count_positive()), _factor_positive(setting))
    return linear(positive(_gain(setting)), [], [(1, multiply(scale, size))])


def _curvature_positive(setting: Setting) -> Theorem:
    """``|- 0 < Y``."""
    n = variable("i", SAMPLE)
    total = sum_nonnegative(generalise(n, square(_unit(setting, n))))
    average = multiply(total, weaken(inverse_positive(count_positive())))
    wide = multiply(linear(LE(O, square_of(C) + 1), [], [(1, square(C))]), average)
    return linear(positive(_curvature(setting)), [], [(4, wide), (1, square(setting.objective.weight))])


def _cost_nonnegative(setting: Setting, gain: Theorem) -> Theorem:
    """``0 < P |- 0 <= A``."""
    n = variable("i", SAMPLE)
    each = multiply(weaken(exp_positive(_exponent(n))), square(X(n, row)))
    each = linear(LE(O, EXP(_exponent(n)) * square_of(X(n, row))), [], [(1, each)])
    return linear(LE(O, _cost(setting)), [], [(1, multiply(weaken(gain), sum_nonnegative(generalise(n, each))))])


def _near(setting: Setting, width: Theorem) -> Theorem:
    """There is rho > 0 such that turns, moves and slopes are small wherever |t| < rho."""

    def small(body: Body, radius_positive: Theorem) -> Theorem:
        return close_to([lambda s: function(SAMPLE, lambda n: subst(body(n), t, s))], radius_positive)

    turns = small(_turn, linear(positive(real(HALF))))
    moves = small(lambda n: _move(setting, n), width)
    slopes = small(lambda n: t * _slope(n), assume(positive(mu)))
    return merge(merge(turns, moves, step), slopes, step)


def _descent(setting: Setting, fall: Theorem, width: Theorem, simple: Theorem) -> Theorem:
    """The statement's conclusion, with the numbers mu and alpha chosen, and v what it stands for."""
    gain = _gain_positive(setting, assume(neg(is_zero(v))))
    parts = _turns_small(), _moves_small(setting), _slopes_small()
    depth = linear(positive(alpha * _gain(setting) * HALF), [], [(HALF, multiply(assume(positive(alpha)), gain))])

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
    named = generalise(v, discharge_all(found, _named(), neg(is_zero(v))))
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
    cost = _cost(setting)
    scale = linear(positive(cost * 8 + 1), [], [(8, _cost_nonnegative(setting, gain))])
    value = _gain(setting) * INV(cost * 8 + 1)
    size = linear(positive(value), [], [(1, multiply(gain, inverse_positive(scale)))])
    little = linear(LE(value * cost * 8, _gain(setting)), [(_gain(setting), inverse(not_zero(scale)))], [(1, size)])
    general = generalise(mu, discharge_all(found, positive(mu), LE(mu * cost * 8, _gain(setting))))
    return apply(specialise(general, value), size, little)


def _with_alpha(setting: Setting, found: Theorem, gain: Theorem) -> Theorem:
    """Put ``alpha = P / (4 Y)``, which is positive and has alpha Y = P / 4."""
    steep, quarter = _curvature(setting), _gain(setting) * Fraction(1, 4)
    scale = linear(positive(steep * 4), [], [(4, _curvature_positive(setting))])
    value = _gain(setting) * INV(steep * 4)
    size = linear(positive(value), [], [(1, multiply(gain, inverse_positive(scale)))])
    balanced = linear(eq(value * steep, quarter), [(quarter, inverse(not_zero(scale)))])
    general = generalise(alpha, discharge_all(found, positive(alpha), eq(alpha * steep, quarter)))
    return apply(specialise(general, value), size, balanced)
