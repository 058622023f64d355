"""failure_mode: what becomes of the added units at a theta that is not optimal, L(theta) > L*.

(a) No (a, b, W) makes (theta, a, b, W) a local minimum of Lt. (b) Some value Lt(theta, .) lies below L(theta), and no point attains
the infimum of Lt(theta, .): each has a strictly better one. (d) The ray a_k = c_k e^(-s), b_k + s leaves the network unchanged, and
Lt along it is a constant + lambda |c|^2 e^(-2s), strictly decreasing in s when c is not 0.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279; (d) in this form is this project's.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    FALSE,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    absurd,
    assume,
    both,
    convert,
    discharge,
    eq,
    generalise,
    left,
    linear,
    mp,
    multiply,
    neg,
    not_le,
    real,
    specialise,
    witness,
)
from pgb.library import Script

from .building import ONE, OUTPUT, O, conjunction, for_all, for_some, implies, positive, square_of, total_over, variable
from .lemmas import exp_increasing, local_minimum_gives_fixed, norm_positive
from .statements import (
    VECTOR,
    W2,
    Setting,
    W,
    a,
    a2,
    all_zero,
    as_model,
    b,
    b2,
    close_matrix,
    close_vector,
    empirical,
    original,
    q,
    theta,
    vector_of,
)
from .tactics import by_cases, conjuncts, discharge_all, generalise_all, join

NAME = "failure_mode"
TITLE = (
    "At a non-optimal theta: no local minimum, an infimum below L(theta) not attained, and a strictly decreasing ray"
)
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

c_ = variable("c", *VECTOR)
s, s2 = variable("s", REAL), variable("s2", REAL)


def not_optimal() -> Term:
    """Return ``L(q) < L(theta)`` for the function q, the witness of ``L(theta) > L*``."""
    return LT(empirical(as_model(q)), original(theta))


def no_minimum(setting: Setting) -> Term:
    """Return (a): no (a, b, W) is a local minimum, even with theta held fixed."""
    fixed = neg(setting.local_minimum_fixed(theta, a, b, W))
    return for_all(a, b, W, then=conjunction(fixed, neg(setting.local_minimum(theta, a, b, W))))


def better(setting: Setting) -> Term:
    """Return: some (a', b', W') has a strictly smaller value than (a, b, W)."""
    smaller = LT(setting.augmented(theta, a2, b2, W2), setting.augmented(theta, a, b, W))
    return for_some(a2, b2, W2, that=smaller)


def below_original(setting: Setting) -> Term:
    """Return: some (a', b', W') has ``Lt(theta, a', b', W') < L(theta)``."""
    return for_some(a2, b2, W2, that=LT(setting.augmented(theta, a2, b2, W2), original(theta)))


def ray(setting: Setting, t: Term) -> Term:
    """Return ``Lt(theta, c e^(-t), b + t, W)``."""
    return setting.augmented(theta, vector_of(lambda n: c_(n) * EXP(-t)), vector_of(lambda n: b(n) + t), W)


def norm2() -> Term:
    """Return ``|c|^2``."""
    return total_over(OUTPUT, lambda n: square_of(c_(n)))


def ray_law(setting: Setting) -> Term:
    """Return (d): the value along the ray, and that it decreases strictly when c is not 0."""
    fall = setting.objective.weight * norm2() * EXP(real(-2) * s)
    value = eq(ray(setting, s), setting.data_term(theta, c_, b, W) + fall)
    decreasing = implies(neg(all_zero(c_)), LT(s, s2), LT(ray(setting, s2), ray(setting, s)))
    return for_all(c_, b, W, s, s2, then=conjunction(value, decreasing))


def claim(setting: Setting) -> Term:
    infimum = conjunction(for_all(a, b, W, then=better(setting)), below_original(setting))
    at_bad = for_all(q, then=implies(not_optimal(), conjunction(no_minimum(setting), infimum)))
    return for_all(theta, then=conjunction(at_bad, ray_law(setting)))


def prove(script: Script) -> Theorem:
    setting = script.setting
    bad = script.suppose("Let L(theta) > L*: some function q has L(q) < L(theta)", not_optimal())
    eliminated = script.use(
        "elimination", "By elimination, L(theta) <= L(q) at every local minimum, even with theta held fixed"
    )
    with script.step("(a) So no (a, b, W) is a local minimum at this theta") as step:
        none = step(_no_minimum(setting, bad, eliminated))
    with script.step(
        "(b) A point without a strictly better one would be a minimum: every point has a better one"
    ) as step:
        improve = step(generalise_all(_improve(setting, none), a, b, W))
    with script.step("From a = 0, where Lt = L(theta), this gives a value below L(theta)") as step:
        nothing = vector_of(lambda _: O)
        below = step(convert(specialise(improve, nothing, b, W), below_original(setting)))
        at_bad = generalise(q, discharge(bad.concl, join(none, improve, below)))
    with script.step("(d) Along the ray every c_k e^(-s) e^(b_k + s) is constant: only the penalty moves") as step:
        law = step(linear(_value(setting)))
    with script.step("It is lambda |c|^2 e^(-2s), strictly decreasing when c is not 0") as step:
        falls = step(_decreasing(setting, script.hypothesis("lambda_positive")))
    along_ray = generalise_all(both(law, falls), c_, b, W, s, s2)
    return script.qed(generalise(theta, both(at_bad, along_ray)))


def _no_minimum(setting: Setting, bad: Theorem, eliminated: Theorem) -> Theorem:
    """(a), from L(q) < L(theta) and elimination."""
    fixed = assume(setting.local_minimum_fixed(theta, a, b, W))
    best = conjuncts(mp(specialise(eliminated, theta, a, b, W), fixed), 6)[2]
    no_fixed = discharge(fixed.concl, linear(FALSE, [], [(1, bad), (1, specialise(best, q))]))
    whole_minimum = assume(setting.local_minimum(theta, a, b, W))
    held = mp(specialise(local_minimum_gives_fixed(setting), theta, a, b, W), whole_minimum)
    no_free = discharge(whole_minimum.concl, mp(no_fixed, held))
    return generalise_all(both(no_fixed, no_free), a, b, W)


def _improve(setting: Setting, none: Theorem) -> Theorem:
    """(b) at one point: otherwise it would be a local minimum with radius 1."""
    goal = better(setting)
    here, there = setting.augmented(theta, a, b, W), setting.augmented(theta, a2, b2, W2)

    def otherwise(no_better: Theorem) -> Theorem:
        def higher(not_le_: Theorem) -> Theorem:
            lower = not_le(not_le_)
            found = witness(for_some(W2, that=lower.concl), W2, lower)
            found = witness(for_some(b2, W2, that=lower.concl), b2, found)
            return absurd(mp(no_better, witness(goal, a2, found)), LE(here, there))

        lowest = by_cases(LE(here, there), lambda h: h, higher)
        near = [close_vector(a, a2, ONE), close_vector(b, b2, ONE), close_matrix(W, W2, ONE)]
        ball = both(linear(positive(ONE)), generalise_all(discharge_all(lowest, *near), a2, b2, W2))
        minimum = witness(setting.local_minimum_fixed(theta, a, b, W), ONE, ball)
        return absurd(mp(left(specialise(none, a, b, W)), minimum), goal)

    return by_cases(goal, lambda h: h, otherwise)


def _value(setting: Setting) -> Term:
    """Return the formula for the value along the ray."""
    fall = setting.objective.weight * norm2() * EXP(real(-2) * s)
    return eq(ray(setting, s), setting.data_term(theta, c_, b, W) + fall)


def _decreasing(setting: Setting, weight_positive: Theorem) -> Theorem:
    """If c is not 0 and s < s2, the value at s2 is strictly smaller."""
    not_zero_c, later = assume(neg(all_zero(c_))), assume(LT(s, s2))
    size = multiply(weight_positive, norm_positive(c_, not_zero_c))
    factor = linear(positive(setting.objective.weight * norm2()), [], [(1, size)])
    falls = exp_increasing(linear(LT(real(-2) * s2, real(-2) * s), [], [(2, later)]))
    lower = linear(LT(ray(setting, s2), ray(setting, s)), [], [(1, multiply(falls, factor))])
    return discharge_all(lower, not_zero_c.concl, later.concl)
