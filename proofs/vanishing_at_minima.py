"""vanishing_at_minima: at a local minimum of Lt, even with theta held fixed, a = 0; no loss need be differentiable.

Replacing (a_k, b_k) by (a_k e^(-s), b_k + s) leaves every a_k e^(b_k), hence the network, unchanged, and turns the penalty into
lambda |a|^2 e^(-2s). At a local minimum that function of s is stationary at 0, so 2 lambda |a|^2 = 0.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    both,
    convert,
    discharge,
    eta,
    exists,
    forall,
    lam,
    left,
    linear,
    mp,
    real,
    right,
    specialise,
)
from pgb.library import Script

from .building import HALF, OUTPUT, O, conjunction, for_all, implies, is_zero, positive, total_over, variable, within
from .calculus import along, stationary
from .lemmas import local_minimum_gives_fixed
from .statements import Setting, W, a, all_zero, b, theta, vector_of
from .tactics import cancel, generalise_all, obtain, squares_zero

NAME = "vanishing_at_minima"
TITLE = "At every local minimum of Lt, a = 0, whatever the losses"
HYPOTHESES = ("lambda_positive",)
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def claim(setting: Setting) -> Term:
    fixed = implies(setting.local_minimum_fixed(theta, a, b, W), all_zero(a))
    free_theta = implies(setting.local_minimum(theta, a, b, W), all_zero(a))
    return for_all(theta, a, b, W, then=conjunction(fixed, free_theta))


def prove(script: Script) -> Theorem:
    setting, radius, s = script.setting, variable("radius", REAL), variable("s", REAL)
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    norm2 = total_over(OUTPUT, lambda c: setting.objective.penalty(a(c)))
    penalty = lam(s, setting.objective.weight * norm2 * EXP(real(-2) * s))

    def follow(h: Theorem) -> Theorem:
        """Move a_k to a_k e^(-s) and b_k to b_k + s inside the ball h."""
        near = along(
            right(h),
            left(h),
            lambda t: vector_of(lambda c: a(c) * EXP(-t)),
            lambda t: vector_of(lambda c: b(c) + t),
            lambda _: eta(W),
        )
        e = variable("e", REAL)
        lower = forall(s, implies(within(s, e), LE(penalty(O), penalty(s))))
        return convert(near, exists(e, conjunction(positive(e), lower)))

    with script.step(
        "Follow (a_k e^(-s), b_k + s): the network does not change, so lambda |a|^2 <= lambda |a|^2 e^(-2s) for small s"
    ) as step:
        low = step(obtain(minimum, radius, follow))
    with script.step("By Fermat the derivative at s = 0 vanishes: -2 lambda |a|^2 = 0") as step:
        flat = step(stationary(penalty, low)[1])
    with script.step("lambda > 0, so |a|^2 = 0, and each square of the sum is 0") as step:
        product = linear(is_zero(setting.objective.weight * norm2), [(-HALF, flat)])
        zero = cancel(script.hypothesis("lambda_positive"), product, norm2)
        off = step(squares_zero(a, OUTPUT, zero))
    fixed = discharge(minimum.concl, off)
    with script.step("A local minimum of Lt is in particular one with theta held fixed") as step:
        whole_minimum = assume(setting.local_minimum(theta, a, b, W))
        held = mp(specialise(local_minimum_gives_fixed(setting), theta, a, b, W), whole_minimum)
        free_theta = step(discharge(whole_minimum.concl, mp(fixed, held)))
    return script.qed(generalise_all(both(fixed, free_theta), theta, a, b, W))
