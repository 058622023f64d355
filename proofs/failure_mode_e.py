"""failure_mode_e: the infimum of Lt(theta, .) is the infimum over all c and W of the data term D(c, W), without a penalty.

Here D(c, W) = (1/m) sum_i l_i(f(x_i; theta) + (c_k exp(w_k . x_i))_k) is the data term of the units at b = 0. (i) Every value
Lt(theta, a, b, W) is at least D(a e^b, W), and above it unless a = 0. (ii) Lt(theta, .) comes within every e > 0 of every
D(c, W), at a = c e^(-s), b = s with s large. So a number is a lower bound of the one exactly when it is a lower bound of the
other, whether or not there is any. Of the losses and the network nothing is assumed.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279; in this form this project's.
"""

from __future__ import annotations

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
    both,
    discharge,
    exp_tangent,
    generalise,
    inverse,
    linear,
    mp,
    multiply,
    neg,
    not_le,
    real,
    right,
    specialise,
    square,
)
from pgb.library import Script

from .building import (
    HALF,
    ONE,
    OUTPUT,
    O,
    conjunction,
    for_all,
    for_some,
    iff,
    implies,
    positive,
    square_of,
    total_over,
    variable,
)
from .lemmas import exp_positive, norm_positive
from .statements import VECTOR, Setting, W, a, all_zero, b, k, theta, vector_of
from .tactics import (
    by_cases,
    discharge_all,
    generalise_all,
    join,
    not_zero,
    obtain,
    sum_nonnegative,
    weaken,
    witness_chain,
)

NAME = "failure_mode_e"
TITLE = "The infimum of Lt(theta, .) is that of the data term over all c and W: the penalty is lost"
HYPOTHESES = ("lambda_positive",)
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

c_ = variable("c", *VECTOR)
margin, V = variable("e", REAL), variable("V", REAL)
NOTHING = vector_of(lambda _: O)


def data_alone(setting: Setting, c: Term) -> Term:
    """Return ``D(c, W)``: the data term of the units with b = 0."""
    return setting.data_term(theta, c, NOTHING, W)


def scaled() -> Term:
    """Return the vector ``(a_k exp(b_k))_k``."""
    return vector_of(lambda n: a(n) * EXP(b(n)))


def lower_bound(setting: Setting) -> Term:
    """Return: V is a lower bound of Lt(theta, .)."""
    bound = LE(V, setting.augmented(theta, a, b, W))
    return for_all(a, b, W, then=implies(*setting.admissible(b), bound))


def above_data(setting: Setting) -> Term:
    """Return (i): ``D(a e^b, W) <= Lt(theta, a, b, W)``, with < unless a = 0."""
    low, high = data_alone(setting, scaled()), setting.augmented(theta, a, b, W)
    return conjunction(LE(low, high), implies(neg(all_zero(a)), LT(low, high)))


def close_to_data(setting: Setting) -> Term:
    """Return (ii): some a, b have ``Lt(theta, a, b, W) <= D(c, W) + e``."""
    close = LE(setting.augmented(theta, a, b, W), data_alone(setting, c_) + margin)
    return for_some(a, b, that=conjunction(*setting.admissible(b), close))


def same_bounds(setting: Setting) -> Term:
    """Return: V is a lower bound of Lt(theta, .) exactly when it is one of D."""
    return iff(lower_bound(setting), for_all(c_, W, then=LE(V, data_alone(setting, c_))))


def claim(setting: Setting) -> Term:
    never_below = for_all(a, b, W, then=implies(*setting.admissible(b), above_data(setting)))
    reached = for_all(c_, W, margin, then=implies(positive(margin), close_to_data(setting)))
    return for_all(theta, then=conjunction(never_below, reached, for_all(V, then=same_bounds(setting))))


def prove(script: Script) -> Theorem:
    setting = script.setting
    with script.step(
        "a_k exp(w_k . x + b_k) is c_k exp(w_k . x) with c = a e^b, and lambda |a|^2 >= 0, > 0 unless a = 0"
    ) as step:
        squares = sum_nonnegative(generalise(k, square(a(k))))
        penalty = multiply(weaken(script.hypothesis("lambda_positive")), squares)
        weak = linear(LE(data_alone(setting, scaled()), setting.augmented(theta, a, b, W)), [], [(1, penalty)])
        strict = _strictly_above(setting, script.hypothesis("lambda_positive"))
        above = discharge_all(both(weak, strict), *setting.admissible(b))
        above = step(generalise_all(above, a, b, W))
    with script.step("With u = lambda |c|^2 / e: u <= 1 + u^2 <= exp(u^2), so lambda |c|^2 exp(-u^2) <= e") as step:
        small = step(_penalty_below(setting))
    with script.step("So at a = c e^(-s), b = s with 2 s = u^2, Lt is at most D(c, W) + e") as step:
        s = square_of(_ratio(setting)) * HALF
        at = vector_of(lambda n: c_(n) * EXP(-s)), vector_of(lambda _: s)
        near = LE(setting.augmented(theta, *at, W), data_alone(setting, c_) + margin)
        found = witness_chain(close_to_data(setting), at, linear(near, [], [(1, small)]))
        close = step(generalise_all(discharge(positive(margin), found), c_, W, margin))
    with script.step("A lower bound of Lt(theta, .) is one of D: otherwise Lt would come below it") as step:
        forward = step(_bound_of_data(setting, close))
    with script.step("and a lower bound of D is one of Lt(theta, .)") as step:
        known = assume(for_all(c_, W, then=LE(V, data_alone(setting, c_))))
        low = specialise(known, scaled(), W)
        least = linear(LE(V, setting.augmented(theta, a, b, W)), [], [(1, low), (1, penalty)])
        least = generalise_all(discharge_all(least, *setting.admissible(b)), a, b, W)
        backward = step(discharge(known.concl, least))
    same = generalise(V, both(forward, backward))
    return script.qed(generalise(theta, join(above, close, same)))


def _strictly_above(setting: Setting, weight_positive: Theorem) -> Theorem:
    """``0 < lambda |- not (a = 0) -> D(a e^b, W) < Lt(theta, a, b, W)``."""
    on = assume(neg(all_zero(a)))
    penalty = multiply(weight_positive, norm_positive(a, on))
    strict = linear(LT(data_alone(setting, scaled()), setting.augmented(theta, a, b, W)), [], [(1, penalty)])
    return discharge(on.concl, strict)


def _weight(setting: Setting) -> Term:
    """Return ``lambda |c|^2``."""
    return setting.objective.weight * total_over(OUTPUT, lambda n: square_of(c_(n)))


def _ratio(setting: Setting) -> Term:
    """Return ``u = lambda |c|^2 / e``."""
    return _weight(setting) * INV(margin)


def _penalty_below(setting: Setting) -> Theorem:
    """``0 < e |- lambda |c|^2 exp(-u^2) <= e``, whatever the sign of lambda."""
    room, u = assume(positive(margin)), _ratio(setting)
    fall = EXP(real(-1) * square_of(u))
    rise = linear(LE(u, EXP(square_of(u))), [], [(1, exp_tangent(square_of(u))), (1, square(u - HALF))])
    at_most_one = multiply(rise, weaken(exp_positive(real(-1) * square_of(u))))
    product = multiply(linear(LE(u * fall, ONE), [], [(1, at_most_one)]), weaken(room))
    unit = inverse(not_zero(room))
    return linear(LE(_weight(setting) * fall, margin), [(-(_weight(setting) * fall), unit)], [(1, product)])


def _bound_of_data(setting: Setting, close: Theorem) -> Theorem:
    """A lower bound V of Lt(theta, .) is at most every D(c, W)."""
    bound = assume(lower_bound(setting))
    value = data_alone(setting, c_)

    def higher(above: Theorem) -> Theorem:
        lower = not_le(above)
        half = (V - value) * HALF
        room = linear(positive(half), [], [(HALF, lower)])

        def reach(at: Theorem) -> Theorem:
            near = right(at) if setting.admissible(b) else at
            least = specialise(bound, a, b, W)
            false = linear(FALSE, [], [(1, near), (1, least), (HALF, lower)])
            return absurd(false, LE(V, value))

        existence = mp(specialise(close, c_, W, half), room)
        return obtain(existence, a, lambda more: obtain(more, b, reach))

    best = by_cases(LE(V, value), lambda h: h, higher)
    return discharge(bound.concl, generalise_all(best, c_, W))
