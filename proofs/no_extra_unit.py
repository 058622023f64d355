"""no_extra_unit: L2(theta, a, b) = L(theta) (1 + (a e^b - 1)^2) / 2 + lambda a^2 needs no extra unit to eliminate minima.

Wherever both partial derivatives in (a, b) vanish, a = 0 and L(theta) = 0; with non-negative losses theta is then a global minimum
of L. If L(theta) > 0 no point attains the infimum of L2(theta, .): every value exceeds L(theta) / 2, a value within e of it
forces lambda a^2 <= e and L(theta) (a e^b - 1)^2 <= 2 e, and along a = e^(-s), b = s the value is L(theta) / 2 + lambda e^(-2s).

Source: after Sohl-Dickstein and Kawaguchi, arXiv 1901.03909.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    antisymmetry,
    assume,
    both,
    convert,
    d_unique,
    discharge,
    eq,
    generalise,
    lam,
    linear,
    mp,
    multiply,
    not_le,
    real,
    specialise,
    square,
)
from pgb.library import Script

from .building import HALF, ONE, O, conjunction, every, for_all, fresh, implies, is_zero, positive, square_of, variable
from .calculus import differentiate
from .lemmas import exp_positive
from .statements import THETA, Setting, i, original, partial, prediction, theta, theta2
from .tactics import (
    by_cases,
    cancel,
    count_positive,
    discharge_all,
    flip,
    generalise_all,
    inverse_positive,
    join,
    rewrite,
    sum_nonnegative,
    weaken,
    zero_square,
)

NAME = "no_extra_unit"
TITLE = (
    "L2 = L (1 + (a e^b - 1)^2) / 2 + lambda a^2: stationary in (a, b) only where a = 0 and L = 0; otherwise it escapes"
)
HYPOTHESES = ("lambda_positive", "loss_nonnegative")
STRUCTURE = ("exp_neuron", "bias")

A, B = variable("a", REAL), variable("b", REAL)
s, margin = variable("s", REAL), variable("e", REAL)


def transformed(setting: Setting, u: Term, v: Term) -> Term:
    """Return ``L2(theta, u, v)``: the factor ``u e^v`` is the added unit without its input."""
    factor = setting.objective.unit(u, O, v)
    return original(theta) * HALF * (ONE + square_of(factor - 1)) + setting.objective.weight * square_of(u)


def critical(setting: Setting) -> tuple[Term, Term]:
    """Return: the partial derivatives of L2 in a and in b are 0."""
    return (
        partial(lambda t: transformed(setting, t, B), A, O),
        partial(lambda t: transformed(setting, A, t), B, O),
    )


def _stationary_part(setting: Setting) -> Term:
    lowest = every(THETA, lambda th: LE(original(theta), original(th)))
    return implies(*critical(setting), conjunction(is_zero(A), is_zero(original(theta)), lowest))


def _escape_part(setting: Setting) -> Term:
    value, half = transformed(setting, A, B), original(theta) * HALF
    close = conjunction(
        LE(setting.objective.weight * square_of(A), margin),
        LE(original(theta) * square_of(A * EXP(B) - 1), real(2) * margin),
    )
    curve = eq(transformed(setting, EXP(-s), s), half + setting.objective.weight * EXP(real(-2) * s))
    forced = for_all(margin, then=implies(LE(value, half + margin), close))
    return implies(positive(original(theta)), conjunction(LT(half, value), forced, for_all(s, then=curve)))


def claim(setting: Setting) -> Term:
    return for_all(theta, A, B, then=conjunction(_stationary_part(setting), _escape_part(setting)))


def prove(script: Script) -> Theorem:
    setting, weight, loss = script.setting, script.setting.objective.weight, original(theta)
    weight_positive = script.hypothesis("lambda_positive")
    by_a, by_b = (
        script.suppose(label, formula)
        for label, formula in zip(
            ("Let the partial derivative of L2 in a vanish", "and the one in b"), critical(setting), strict=True
        )
    )
    in_a = d_unique(differentiate(lam(s, transformed(setting, s, B)), A), by_a)
    in_b = d_unique(differentiate(lam(s, transformed(setting, A, s)), B), by_b)
    with script.step("a dL2/da - dL2/db = 2 lambda a^2, so lambda > 0 gives a = 0") as step:
        product = linear(is_zero(weight * square_of(A)), [(A * HALF, in_a), (real(-HALF), in_b)])
        off = step(zero_square(cancel(weight_positive, product, square_of(A))))
    with script.step("At a = 0 the derivative in a is -L(theta) e^b, so L(theta) = 0") as step:
        v = fresh("v", REAL)

        def slope(u: Term) -> Term:
            return is_zero(loss * (u * EXP(B) - 1) * EXP(B) + real(2) * weight * u)

        at_zero = rewrite(slope, v, off, convert(in_a, slope(A)))
        zero = step(cancel(exp_positive(B), linear(is_zero(EXP(B) * loss), [(-1, at_zero)]), loss))
    with script.step("L is nowhere negative, so theta is a global minimum of L") as step:
        lowest = step(_global(script.hypothesis("loss_nonnegative"), zero))
    stationary_part = discharge_all(join(off, zero, lowest), by_a.concl, by_b.concl)

    bad = script.suppose("Now let L(theta) > 0", positive(loss))
    with script.step("Every value exceeds L(theta) / 2: if a = 0 it is L(theta), and otherwise lambda a^2 > 0") as step:
        above = step(_above_half(setting, weight_positive, bad))
    with script.step(
        "A value within e of L(theta) / 2 forces lambda a^2 <= e and L(theta) (a e^b - 1)^2 <= 2 e"
    ) as step:
        forced = step(_forced(setting, weight_positive, bad))
    with script.step("Along a = e^(-s), b = s the value is L(theta) / 2 + lambda e^(-2s)") as step:
        curve = linear(eq(transformed(setting, EXP(-s), s), loss * HALF + weight * EXP(real(-2) * s)))
        curve = step(generalise(s, curve))
    escape = discharge(bad.concl, join(above, forced, curve))
    return script.qed(generalise_all(both(stationary_part, escape), theta, A, B))


def _global(nonnegative: Theorem, zero: Theorem) -> Theorem:
    """If every loss is non-negative and L(theta) = 0, then L(theta) <= L(theta') for all theta'."""
    total = sum_nonnegative(generalise(i, specialise(nonnegative, i, prediction(theta2, i))))
    scaled = multiply(total, weaken(inverse_positive(count_positive())))
    return generalise(theta2, linear(LE(original(theta), original(theta2)), [(1, zero)], [(1, scaled)]))


def _above_half(setting: Setting, weight_positive: Theorem, bad: Theorem) -> Theorem:
    """``L(theta) / 2 < L2(theta, a, b)`` when L(theta) > 0."""
    loss = original(theta)
    fit = multiply(weaken(bad), square(A * EXP(B) - 1))

    def zero_a(h: Theorem) -> Theorem:
        v = fresh("v", REAL)
        at_zero = linear(LT(loss * HALF, transformed(setting, O, B)), [], [(HALF, bad)])
        return rewrite(lambda u: LT(loss * HALF, transformed(setting, u, B)), v, flip(h), at_zero)

    def nonzero_a(h: Theorem) -> Theorem:
        none = assume(LE(square_of(A), O))
        zero = zero_square(antisymmetry(none, square(A)))
        size = not_le(discharge(none.concl, mp(h, zero)))
        penalty = multiply(weight_positive, size)
        return linear(LT(loss * HALF, transformed(setting, A, B)), [], [(HALF, fit), (1, penalty)])

    return by_cases(is_zero(A), zero_a, nonzero_a)


def _forced(setting: Setting, weight_positive: Theorem, bad: Theorem) -> Theorem:
    """For all e: ``L2 <= L / 2 + e`` implies ``lambda a^2 <= e`` and ``L (a e^b - 1)^2 <= 2 e``."""
    loss, weight = original(theta), setting.objective.weight
    near = assume(LE(transformed(setting, A, B), loss * HALF + margin))
    misfit = square_of(A * EXP(B) - 1)
    fit, penalty = multiply(weaken(bad), square(A * EXP(B) - 1)), multiply(weaken(weight_positive), square(A))
    small = linear(LE(weight * square_of(A), margin), [], [(1, near), (HALF, fit)])
    match = linear(LE(loss * misfit, real(2) * margin), [], [(2, near), (2, penalty)])
    return generalise(margin, discharge(near.concl, both(small, match)))
