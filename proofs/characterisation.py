"""characterisation: the local minima of Lt are exactly the points with a = 0 and L(theta) = L*, and all are global.

The value there is L(theta) = L*; b and W are free.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import Term, Theorem, assume, both, discharge, eq, generalise, linear, mp, specialise, witness
from pgb.library import Script

from .building import ONE, PARAM, conjunction, for_all, iff, implies, positive
from .lemmas import global_from_optimal, local_minimum_gives_fixed
from .statements import (
    W2,
    Setting,
    W,
    a,
    a2,
    all_zero,
    b,
    b2,
    close_matrix,
    close_vector,
    optimal,
    original,
    theta,
    theta2,
)
from .tactics import apply, conjuncts, discharge_all, generalise_all

NAME = "characterisation"
TITLE = "The local minima of Lt are exactly a = 0, L(theta) = L*; each is global, with value L(theta)"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum(theta, a, b, W)
    exactly = iff(minimum, conjunction(all_zero(a), optimal(theta)))
    value = eq(setting.augmented(theta, a, b, W), original(theta))
    then = implies(minimum, conjunction(setting.global_minimum(theta, a, b, W), value))
    return for_all(theta, a, b, W, then=conjunction(exactly, then))


def prove(script: Script) -> Theorem:
    setting = script.setting
    minimum = script.suppose("Let (theta, a, b, W) be a local minimum of Lt", setting.local_minimum(theta, a, b, W))
    eliminated = script.use("elimination", "By elimination, a = 0 and L(theta) = L*")
    with script.step("A local minimum of Lt is one with theta held fixed, so elimination applies") as step:
        held = mp(specialise(local_minimum_gives_fixed(setting), theta, a, b, W), minimum)
        off, _, best, _, _, value = conjuncts(mp(specialise(eliminated, theta, a, b, W), held), 6)
        forward = step(both(off, best))

    converse = script.suppose("Conversely, let a = 0 and L(theta) = L*", conjunction(all_zero(a), optimal(theta)))
    with script.step("Lt(theta', a', b', W') >= L* + lambda |a'|^2 >= L(theta): a global minimum") as step:
        bound = global_from_optimal(setting, script.hypothesis("lambda_positive"))
        lowest = step(apply(specialise(bound, theta, a, b, W), *conjuncts(converse, 2)))
    with script.step("A global minimum is a local one") as step:
        local = step(_local_from_global(setting, lowest))

    with script.step("So every local minimum is global") as step:
        everywhere = step(apply(discharge(converse.concl, lowest), forward))
    exactly = both(discharge(minimum.concl, forward), discharge(converse.concl, local))
    then = discharge(minimum.concl, both(everywhere, value))
    return script.qed(generalise_all(both(exactly, then), theta, a, b, W))


def _local_from_global(setting: Setting, lowest: Theorem) -> Theorem:
    """A global minimum is a local one, with radius 1."""
    near = [
        assume(p)
        for p in (
            close_vector(theta, theta2, ONE, PARAM),
            close_vector(a, a2, ONE),
            close_vector(b, b2, ONE),
            close_matrix(W, W2, ONE),
        )
    ]
    inner = discharge_all(specialise(lowest, theta2, a2, b2, W2), *(h.concl for h in near[1:]))
    bound = generalise(theta2, discharge(near[0].concl, generalise_all(inner, a2, b2, W2)))
    return witness(setting.local_minimum(theta, a, b, W), ONE, both(linear(positive(ONE)), bound))
