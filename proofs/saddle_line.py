"""Lt along the line a_k = t alpha, w_kr - t v, where v is the derivative of S_k in w_kr: the estimates behind strict_saddle.

With E_i = exp(w_k . x_i + b_k), output k of sample i moves by s_i = t alpha E_i e^(u_i), u_i = -t v x_ir. The slopes d_k l_i give
about -t^2 alpha P, P = e^(b_k) v^2 / m; everything else is at most t^2 alpha^2 Y or small, by 1 + u <= e^u <= 1 + u + 2 u^2.
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
    assume,
    discharge,
    eq,
    exp_tangent,
    free,
    generalise,
    indicator,
    is_const,
    lam,
    leibniz,
    linear,
    mp,
    multiply,
    not_le,
    real,
    specialise,
    square,
    sum_le,
)

from .building import (
    HALF,
    ONE,
    OUTPUT,
    SAMPLE,
    O,
    delta,
    every,
    fresh,
    positive,
    square_of,
    total_over,
    variable,
    within,
)
from .lemmas import exp_positive
from .reduction import moved_weights
from .statements import (
    LOSS,
    SAMPLES,
    Setting,
    W,
    X,
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
    below_root,
    by_cases,
    conjuncts,
    count_positive,
    flip,
    generalise_all,
    inverse_positive,
    join,
    weaken,
)

t, step = variable("t", REAL), variable("s", REAL)
kappa, rho = variable("kappa", REAL), variable("rho", REAL)
C, radius = variable("C", REAL), variable("d", REAL)
alpha, v, mu = variable("alpha", REAL), variable("v", REAL), variable("mu", REAL)  # numbers of the proof


def derivative_of_sum() -> Term:
    """Return ``sum_i d_k l_i exp(w_k . x_i) x_ir``, the derivative of S_k in w_kr."""
    return total_over(SAMPLE, lambda n: slope_at(n) * EXP(input_exponent(n)) * X(n, row))


# -- the quantities of the proof --------------------------------------------------------------------------------------
def input_exponent(n: Term) -> Term:
    """Return ``w_k . x_n``."""
    return dot(matrix_row(W, k), sample_input(n))


def slope_at(n: Term) -> Term:
    """Return ``d_k l_n`` at ``f(x_n; theta)``."""
    return loss_slope(theta, n, k)


def bias_factor(setting: Setting) -> Term:
    """Return ``e^(b_k)``, or 1 for a unit without a bias."""
    with_bias = (b.name, b.type) in free(setting.objective.unit(ONE, O, b(k)))
    return EXP(b(k)) if with_bias else ONE


def unit_at_one(setting: Setting, n: Term) -> Term:
    """Return ``E_n``, the unit at a = 1."""
    return bias_factor(setting) * EXP(input_exponent(n))


def turn_of(n: Term) -> Term:
    """Return ``u_n = -t v x_nr``."""
    return -(t * v * X(n, row))


def move_of(setting: Setting, n: Term) -> Term:
    """Return ``s_n = t alpha E_n exp(u_n)``."""
    return t * alpha * unit_at_one(setting, n) * EXP(turn_of(n))


def gain_of(setting: Setting) -> Term:
    """Return ``P = (1/m) e^(b_k) v^2``."""
    return INV(SAMPLES) * bias_factor(setting) * square_of(v)


def cost_of(setting: Setting) -> Term:
    """Return ``A = (1/m) e^(b_k) v^2 sum_i exp(w_k . x_i) x_ir^2``."""
    return gain_of(setting) * total_over(SAMPLE, lambda n: EXP(input_exponent(n)) * square_of(X(n, row)))


def curvature_of(setting: Setting) -> Term:
    """Return ``Y = 4 (C^2 + 1) (1/m) sum_i E_i^2 + lambda^2 + 1``."""
    squares = INV(SAMPLES) * total_over(SAMPLE, lambda n: square_of(unit_at_one(setting, n)))
    return (square_of(C) + 1) * 4 * squares + square_of(setting.objective.weight) + 1


def named_derivative() -> Term:
    """Return: v is the derivative of S_k in w_kr."""
    return eq(derivative_of_sum(), v)


def turns_small() -> Term:
    return every(SAMPLE, lambda n: within(turn_of(n), real(HALF)))


def moves_small(setting: Setting) -> Term:
    return every(SAMPLE, lambda n: within(move_of(setting, n), radius))


def slopes_small() -> Term:
    return every(SAMPLE, lambda n: within(t * slope_at(n), mu))


# -- the steps --------------------------------------------------------------------------------------------------------
def exponential_near_zero() -> Theorem:
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


def moves_of_outputs(setting: Setting) -> Theorem:
    """``|- for all i c``: on the line, the unit of output c adds ``s_i [c = k]`` at sample i."""
    c, z = variable("c", OUTPUT), fresh("z", OUTPUT)
    turned = moved_weights(-(t * v))

    def moved(n: Term) -> Term:
        return eq(setting.unit(axis(k, t * alpha), b, turned)(sample_input(i), n), move_of(setting, i) * delta(n, k))

    def apart(other: Theorem) -> Theorem:
        alone = setting.objective.unit(t * alpha, dot(matrix_row(turned, c), sample_input(i)), b(c))
        return linear(moved(c), [(alone - move_of(setting, i), indicator(other, true=False))])

    def same(h: Theorem) -> Theorem:
        return leibniz(lam(z, moved(z)), flip(h), linear(moved(k)))

    return generalise_all(by_cases(eq(c, k), same, apart), i, c)


def slope_along_line(setting: Setting, zero: Theorem, exponential: Theorem) -> Theorem:
    """Where turns and slopes are small: ``t sum_i d_k l_i E_i e^(u_i) <= -t^2 e^(b_k) v^2 + 2 mu t^2 v^2 sum_i E_i x_ir^2``."""
    turns, slopes, size = assume(turns_small()), assume(slopes_small()), assume(positive(mu))
    unit, u, shift = unit_at_one(setting, i), turn_of(i), t * slope_at(i)
    lower, upper, _, _ = conjuncts(mp(specialise(exponential, u), specialise(turns, i)), 4)
    below = multiply(weaken(below_root(specialise(slopes, i), size)), lower)
    above = multiply(upper, weaken(size))
    term = LE(shift * EXP(u), shift * (ONE + u) + mu * square_of(u) * 2)
    weighted = multiply(linear(term, [], [(1, below), (1, above)]), weaken(unit_positive(setting, i)))
    each = linear(
        LE(shift * unit * EXP(u), shift * unit * (ONE + u) + mu * square_of(u) * unit * 2), [], [(1, weighted)]
    )
    total = sum_le(generalise(i, each))
    factor = bias_factor(setting)
    rest = total_over(SAMPLE, lambda n: EXP(input_exponent(n)) * square_of(X(n, row)))
    goal = LE(
        t * total_over(SAMPLE, lambda n: slope_at(n) * unit_at_one(setting, n) * EXP(turn_of(n))),
        square_of(t) * square_of(v) * factor * (mu * rest * 2 - 1),
    )
    uses = [(t * factor, zero), (square_of(t) * v * factor * -1, assume(named_derivative()))]
    return linear(goal, uses, [(1, total)])


def value_along_line(setting: Setting, quadratic: Theorem, exponential: Theorem, moves: Theorem) -> Theorem:
    """Where moves are small: ``Lt <= L(theta) + (1/m) alpha t sum_i d_k l_i E_i e^(u_i) + t^2 alpha^2 Y`` on the line."""
    turns, small = assume(turns_small()), assume(moves_small(setting))
    move, lift = move_of(setting, i), EXP(turn_of(i))
    bound = mp(specialise(quadratic, i, move), specialise(small, i))
    moved = _moved_loss(setting, moves, bound)
    _, _, low, high = conjuncts(mp(specialise(exponential, turn_of(i)), specialise(turns, i)), 4)
    four = multiply(high, linear(LE(O, lift + 2), [], [(1, low)]))
    curved = linear(LE(C, square_of(C) + 1), [], [(1, square(C - HALF))])
    one_up = multiply(
        linear(LE(O, square_of(C) + 1), [], [(1, square(C))]), square(t * alpha * unit_at_one(setting, i))
    )
    steeper = multiply(curved, square(move))
    wide = multiply(linear(LE(square_of(lift), real(4)), [], [(1, four)]), one_up)
    left_side = moved.concl.args[0]
    rise = t * alpha * slope_at(i) * unit_at_one(setting, i) * lift
    square_term = (square_of(C) + 1) * 4 * square_of(t * alpha * unit_at_one(setting, i))
    each = linear(
        LE(left_side, LOSS(i, prediction(theta, i)) + rise + square_term), [], [(1, moved), (1, steeper), (1, wide)]
    )
    total = multiply(sum_le(generalise(i, each)), weaken(inverse_positive(count_positive())))
    weight = setting.objective.weight
    room = multiply(linear(LE(weight, square_of(weight) + 1), [], [(1, square(weight - HALF))]), square(t * alpha))
    gradient = t * total_over(SAMPLE, lambda n: slope_at(n) * unit_at_one(setting, n) * EXP(turn_of(n)))
    high_side = original(theta) + INV(SAMPLES) * alpha * gradient + square_of(t * alpha) * curvature_of(setting)
    return linear(LE(on_line(setting), high_side), [], [(1, total), (1, room)])


def _moved_loss(setting: Setting, moves: Theorem, bound: Theorem) -> Theorem:
    """The quadratic bound of the loss of sample i at ``s_i``, for the output on the line."""
    extra = variable("added", OUTPUT, REAL)
    output = vector_of(lambda c: network(theta, sample_input(i), c) + extra(c))
    right_side = bound.concl.args[1]
    back = generalise(k2 := fresh("k", OUTPUT), flip(specialise(moves, i, k2)))
    return leibniz(lam(extra, LE(LOSS(i, output), right_side)), back, bound)


def on_line(setting: Setting) -> Term:
    """Return ``Lt(theta, t alpha e_k, b, W - t v e_kr)``."""
    return setting.augmented(theta, axis(k, t * alpha), b, moved_weights(-(t * v)))


def factor_positive(setting: Setting) -> Theorem:
    """``|- 0 < e^(b_k)``, or 0 < 1."""
    factor = bias_factor(setting)
    return exp_positive(b(k)) if is_const(factor, "exp") else linear(positive(factor))


def unit_positive(setting: Setting, n: Term) -> Theorem:
    """``|- 0 < E_n``."""
    both_ = multiply(factor_positive(setting), exp_positive(input_exponent(n)))
    return linear(positive(unit_at_one(setting, n)), [], [(1, both_)])


def fall_along_line(setting: Setting, first: Theorem, second: Theorem) -> Theorem:
    """From both: ``Lt <= L(theta) - (alpha P / 2) t^2`` on the line, if alpha Y = P / 4 and 8 mu A <= P."""
    gain, cost, steep = gain_of(setting), cost_of(setting), curvature_of(setting)
    size, balanced, little = (
        assume(positive(alpha)),
        assume(eq(alpha * steep, gain * Fraction(1, 4))),
        assume(LE(mu * cost * 8, gain)),
    )
    weighted = multiply(first, weaken(multiply(inverse_positive(count_positive()), size)))
    spare = multiply(multiply(little, weaken(size)), square(t))
    goal = LE(on_line(setting), original(theta) - alpha * gain * HALF * square_of(t))
    return linear(goal, [(alpha * square_of(t), balanced)], [(1, second), (1, weighted), (Fraction(1, 4), spare)])
