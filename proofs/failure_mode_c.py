"""failure_mode_c: minimising sequences of Lt(theta, .) at a theta that is not optimal send (b, W) to infinity, and a to 0.

Let V be a lower bound of Lt(theta, .), in particular its infimum. (1) Lt <= V + e implies lambda |a|^2 <= e: along a minimising
sequence a tends to 0. (2) If L(theta) > L*, then for every R there is an e > 0 such that no point with Lt <= V + e has all
|b_k| < R and |w_kr| < R. (3) Where (b, W) is bounded so, Lt is bounded below, whatever a: even if Lt(theta, .) has no lower bound, a
minimising sequence sends (b, W) to infinity. (4) If no loss is negative, lambda |a|^2 <= Lt everywhere: a is bounded wherever Lt
is. No compactness is used: a convex loss lies above its tangent, and the slope in a is bounded where (b, W) is.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279; (1) and the proofs in this form are this project's.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    FALSE,
    INV,
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    both,
    discharge,
    generalise,
    inverse,
    left,
    linear,
    mp,
    multiply,
    neg,
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
    OUTPUT,
    SAMPLE,
    O,
    conjunction,
    every,
    for_all,
    implies,
    positive,
    some,
    square_of,
    total_over,
    variable,
    within,
)
from .failure_mode import not_optimal
from .failure_mode_e import V, lower_bound, margin, scaled
from .lemmas import exp_increasing, exp_positive, first_order
from .statements import (
    W2,
    Setting,
    W,
    X,
    a,
    a2,
    b,
    b2,
    dot,
    i,
    k,
    loss_slope,
    matrix_row,
    mean,
    network,
    original,
    prediction,
    q,
    row,
    sample_input,
    theta,
    vector_of,
)
from .tactics import (
    count_inverse,
    count_positive,
    discharge_all,
    generalise_all,
    inverse_positive,
    join,
    not_zero,
    obtain,
    sum_nonnegative,
    weaken,
)

NAME = "failure_mode_c"
TITLE = "At a non-optimal theta, minimising sequences of Lt(theta, .) send (b, W) to infinity and a to 0"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex", "loss_nonnegative")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

R, M = variable("R", REAL), variable("M", REAL)


def inside(radius: Term) -> Term:
    """Return: ``|b_k| < radius`` and ``|w_kr| < radius`` for all k, r."""
    return conjunction(
        every(OUTPUT, lambda c: within(b(c), radius)),
        every(OUTPUT, lambda c: every(INPUT, lambda r: within(W(c, r), radius))),
    )


def norm2() -> Term:
    """Return ``|a|^2``."""
    return total_over(OUTPUT, lambda n: square_of(a(n)))


def penalty_below(setting: Setting, bound: Term) -> Term:
    """Return ``lambda |a|^2 <= bound``."""
    return LE(setting.objective.weight * norm2(), bound)


def near(setting: Setting, eps: Term) -> Term:
    """Return ``Lt(theta, a, b, W) <= V + eps``."""
    return LE(setting.augmented(theta, a, b, W), V + eps)


def everywhere(setting: Setting, *formulas: Term) -> Term:
    """Return: for all admissible (a, b, W), the premises imply the last formula."""
    return for_all(a, b, W, then=implies(*setting.admissible(b), *formulas))


def vanishing_part(setting: Setting) -> Term:
    """Return (1): ``Lt <= V + e`` implies ``lambda |a|^2 <= e``."""
    return for_all(margin, then=everywhere(setting, near(setting, margin), penalty_below(setting, margin)))


def leaving(setting: Setting) -> Term:
    """Return (2) for R: some e > 0 is such that no point with Lt <= V + e lies inside."""
    return some(REAL, lambda e: conjunction(positive(e), everywhere(setting, near(setting, e), neg(inside(R)))))


def bounded_inside(setting: Setting) -> Term:
    """Return (3) for R: Lt has a lower bound inside."""
    return some(REAL, lambda m: everywhere(setting, inside(R), LE(m, setting.augmented(theta, a, b, W))))


def claim(setting: Setting) -> Term:
    escape = for_all(q, then=implies(not_optimal(), for_all(R, then=leaving(setting))))
    minimising = for_all(V, then=implies(lower_bound(setting), conjunction(vanishing_part(setting), escape)))
    sublevel = everywhere(setting, penalty_below(setting, setting.augmented(theta, a, b, W)))
    return for_all(theta, then=conjunction(minimising, for_all(R, then=bounded_inside(setting)), sublevel))


def prove(script: Script) -> Theorem:
    setting, weight_positive = script.setting, script.hypothesis("lambda_positive")
    bound = script.suppose("Let V be a lower bound of Lt(theta, .)", lower_bound(setting))
    same = script.use("failure_mode_e", "By failure_mode_e, V <= D(c, W) for all c, W as well")
    with script.step("At c = a e^b this is V <= Lt - lambda |a|^2, so Lt <= V + e gives lambda |a|^2 <= e") as step:
        below_data = mp(left(specialise(right(right(specialise(same, theta))), V)), bound)
        small = step(_penalty_small(setting, specialise(below_data, scaled(), W)))
    bad = script.suppose("Let L(theta) > L*: some function q has L(q) < L(theta)", not_optimal())
    falls = script.use("failure_mode", "By failure_mode, some value Lt(theta, .) lies below L(theta)")
    with script.step("So V < L(theta)") as step:
        gap = step(_gap(setting, bound, bad, falls))
    with script.step("A convex differentiable loss lies above its tangents") as step:
        losses = script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable")
        tangents = step(first_order(*losses))
    with script.step(
        "Where |b_k| < R and |w_kr| < R, exp(w_k . x_i + b_k) has a bound that depends on R and x_i alone"
    ) as step:
        bounded = step(_exponent(setting))
    with script.step("There 2 T (Lt - L(theta) - lambda |a|^2) >= -Q(R) - T^2 |a|^2 for every T >= 0") as step:
        least = step(_from_tangents(setting, tangents, bounded))
    with script.step(
        "With T = (Q + 1) / (L(theta) - V), Lt <= V + e is impossible there for e = lambda / (T^2 + 2 T lambda)"
    ) as step:
        leave = step(_leaving(setting, weight_positive, gap, least, small))
    with script.step("With T = lambda: Lt >= L(theta) - Q(R) / (2 lambda) there, whatever a") as step:
        inside_bound = step(_bounded_inside(setting, weight_positive, least))
    with script.step("If no loss is negative, lambda |a|^2 <= Lt") as step:
        sublevel = step(_sublevel(setting, script.hypothesis("loss_nonnegative")))
    escape = generalise(q, discharge(bad.concl, generalise(R, leave)))
    vanish = generalise(
        margin, generalise_all(discharge_all(small, *setting.admissible(b), near(setting, margin)), a, b, W)
    )
    minimising = generalise(V, discharge(bound.concl, both(vanish, escape)))
    return script.qed(generalise(theta, join(minimising, generalise(R, inside_bound), sublevel)))


def _penalty_small(setting: Setting, low: Theorem) -> Theorem:
    """``V <= D(a e^b, W), Lt <= V + e |- lambda |a|^2 <= e``."""
    return linear(penalty_below(setting, margin), [], [(1, low), (1, assume(near(setting, margin)))])


def _gap(setting: Setting, bound: Theorem, bad: Theorem, falls: Theorem) -> Theorem:
    """``0 < L(theta) - V``, by a value of Lt(theta, .) between them."""
    at_bad = mp(specialise(left(specialise(falls, theta)), q), bad)
    goal = positive(original(theta) - V)

    def use(lower: Theorem) -> Theorem:
        return linear(goal, [], [(1, lower), (1, specialise(bound, a2, b2, W2))])

    existence = right(right(at_bad))
    return obtain(existence, a2, lambda one: obtain(one, b2, lambda two: obtain(two, W2, use)))


def _exponent_bound(n: Term) -> Term:
    """Return ``E_n = (sum_r (R^2 + x_nr^2) + R^2 + 1) / 2``, which no ``w_k . x_n + b_k`` inside exceeds."""
    return (total_over(INPUT, lambda r: square_of(R) + square_of(X(n, r))) + square_of(R) + 1) * HALF


def _neuron(n: Term, c: Term) -> Term:
    """Return ``w_c . x_n + b_c``."""
    return dot(matrix_row(W, c), sample_input(n)) + b(c)


def _exponent(setting: Setting) -> Theorem:
    """Inside: ``for all i k, exp(2 (w_k . x_i + b_k)) <= exp(2 E_i)``."""
    within_bounds = assume(inside(R))
    of_b, of_w = specialise(left(within_bounds), k), specialise(right(within_bounds), k, row)
    product = LE(W(k, row) * X(i, row), (square_of(R) + square_of(X(i, row))) * HALF)
    each = linear(product, [], [(HALF, of_w), (HALF, square(W(k, row) - X(i, row)))])
    total = sum_le(generalise(row, each))
    exponent = linear(LE(_neuron(i, k) * 2, _exponent_bound(i) * 2), [], [(2, total), (1, of_b), (1, square(b(k) - 1))])
    return generalise_all(exp_increasing(exponent), i, k)


def _size() -> Term:
    """Return ``Q(R) = (1/m) sum_ik (d_k l_i)^2 exp(2 E_i)``, the derivatives at f(x_i; theta)."""
    return mean(lambda n: total_over(
        OUTPUT, lambda c: square_of(loss_slope(theta, n, c)) * EXP(_exponent_bound(n) * 2)))  # fmt: skip


def _balance(setting: Setting, T: Term) -> Term:
    """Return ``0 <= 2 T (Lt - L(theta) - lambda |a|^2) + Q(R) + T^2 |a|^2``."""
    data = setting.augmented(theta, a, b, W) - original(theta) - setting.objective.weight * norm2()
    return LE(O, T * data * 2 + _size() + square_of(T) * norm2())


def _from_tangents(setting: Setting, tangents: Theorem, bounded: Theorem) -> Theorem:
    """Inside: `_balance` for every T >= 0."""
    T, per_sample = variable("T", REAL), inverse_positive(count_positive())
    enough = assume(LE(O, T))
    now, unit = prediction(theta, i), setting.unit(a, b, W)
    then = vector_of(lambda c: network(theta, sample_input(i), c) + unit(sample_input(i), c))
    rise = multiply(sum_le(generalise(i, specialise(tangents, i, now, then))), weaken(per_sample))
    slope = loss_slope(theta, i, k)
    mixed = square(slope * EXP(_neuron(i, k)) + T * a(k))
    room = multiply(linear(LE(O, square_of(slope)), [], [(1, square(slope))]), specialise(bounded, i, k))
    each = linear(
        LE(O, T * slope * a(k) * EXP(_neuron(i, k)) * 2 + square_of(slope) * EXP(_exponent_bound(i) * 2)
           + square_of(T * a(k))), [], [(1, mixed), (1, room)])  # fmt: skip
    total = sum_nonnegative(generalise(i, sum_nonnegative(generalise(k, each))))
    average = multiply(total, weaken(per_sample))
    lift = multiply(enough, rise)
    one = (square_of(T) * norm2(), count_inverse())
    balance = linear(_balance(setting, T), [one], [(2, lift), (1, average)])
    return generalise(T, discharge(enough.concl, balance))


def _leaving(setting: Setting, weight_positive: Theorem, gap: Theorem, least: Theorem, small: Theorem) -> Theorem:
    """(2) for R, from L(theta) > V, `_balance` inside, and (1)."""
    weight, difference, size = setting.objective.weight, gap.concl.args[1], _size()
    size_positive = linear(positive(size + 1), [], [(1, _size_nonnegative())])
    T = (size + 1) * INV(difference)
    T_positive = linear(positive(T), [], [(1, multiply(size_positive, inverse_positive(gap)))])
    scale = square_of(T) + T * weight * 2
    parts = multiply(T_positive, T_positive), multiply(T_positive, weight_positive)
    scale_positive = linear(positive(scale), [], [(1, parts[0]), (2, parts[1])])
    eps = weight * INV(scale)
    eps_positive = linear(positive(eps), [], [(1, multiply(weight_positive, inverse_positive(scale_positive)))])

    close, within_bounds = assume(near(setting, eps)), assume(inside(R))
    tiny = mp(specialise(generalise(margin, discharge(near(setting, margin), small)), eps), close)
    balance = mp(specialise(least, T), weaken(T_positive))
    penalty = multiply(sum_nonnegative(generalise(k, square(a(k)))), weaken(weight_positive))
    shift, pull = multiply(close, weaken(T_positive)), multiply(penalty, weaken(T_positive))
    crowded = linear(
        LE(size + 2, T * eps * 2 + square_of(T) * norm2()),
        [((size + 1) * -2, inverse(not_zero(gap)))],
        [(1, balance), (2, shift), (2, pull)],
    )
    scaled_up = multiply(crowded, weaken(weight_positive))
    shrunk = multiply(tiny, linear(LE(O, square_of(T)), [], [(1, square(T))]))
    extra = multiply(_size_nonnegative(), weaken(weight_positive))
    false = linear(
        FALSE,
        [(weight, inverse(not_zero(scale_positive)))],
        [(1, scaled_up), (1, shrunk), (1, extra), (1, weight_positive)],
    )
    away = discharge_all(discharge(within_bounds.concl, false), *setting.admissible(b), close.concl)
    return witness(leaving(setting), eps, both(eps_positive, generalise_all(away, a, b, W)))


def _size_nonnegative() -> Theorem:
    """``|- 0 <= Q(R)``."""
    n, c = variable("i", SAMPLE), variable("k", OUTPUT)
    weighted = multiply(
        linear(LE(O, square_of(loss_slope(theta, n, c))), [], [(1, square(loss_slope(theta, n, c)))]),
        weaken(exp_positive(_exponent_bound(n) * 2)),
    )
    total = sum_nonnegative(generalise(n, sum_nonnegative(generalise(c, weighted))))
    average = multiply(total, weaken(inverse_positive(count_positive())))
    return linear(LE(O, _size()), [], [(1, average)])


def _bounded_inside(setting: Setting, weight_positive: Theorem, least: Theorem) -> Theorem:
    """(3) for R, from `_balance` inside at T = lambda."""
    weight, within_bounds = setting.objective.weight, inside(R)
    balance = mp(specialise(least, weight), weaken(weight_positive))
    kept = multiply(
        linear(LE(O, square_of(weight)), [], [(1, square(weight))]), sum_nonnegative(generalise(k, square(a(k))))
    )
    above = linear(
        LE(O, weight * (setting.augmented(theta, a, b, W) - original(theta)) * 2 + _size()),
        [],
        [(1, balance), (1, kept)],
    )
    divided = multiply(above, weaken(inverse_positive(weight_positive)))
    lowest = original(theta) - _size() * INV(weight) * HALF
    difference = setting.augmented(theta, a, b, W) - original(theta)
    low = linear(
        LE(lowest, setting.augmented(theta, a, b, W)),
        [(difference, inverse(not_zero(weight_positive)))],
        [(HALF, divided)],
    )
    return witness(bounded_inside(setting), lowest, generalise_all(
        discharge_all(low, *setting.admissible(b), within_bounds), a, b, W))  # fmt: skip


def _sublevel(setting: Setting, nonnegative: Theorem) -> Theorem:
    """(4): ``lambda |a|^2 <= Lt``, from losses that are never negative."""
    unit = setting.unit(a, b, W)
    output = vector_of(lambda c: network(theta, sample_input(i), c) + unit(sample_input(i), c))
    total = sum_nonnegative(generalise(i, specialise(nonnegative, i, output)))
    average = multiply(total, weaken(inverse_positive(count_positive())))
    low = linear(penalty_below(setting, setting.augmented(theta, a, b, W)), [], [(1, average)])
    return generalise_all(discharge_all(low, *setting.admissible(b)), a, b, W)
