"""vacuity: if no theta attains L(theta) = L*, then Lt has no local minimum at all.

Elimination then holds because there is nothing to say: L's own global minimum, if it has one, is eliminated too.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import Term, Theorem, discharge, left, mp, neg, right, specialise
from pgb.library import Script

from .building import every, for_all, implies
from .statements import THETA, Setting, W, a, b, optimal, theta
from .tactics import generalise_all

NAME = "vacuity"
TITLE = "If no theta attains L*, Lt has no local minimum at all"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def no_local_minimum(setting: Setting) -> Term:
    """Return: no point is a local minimum of Lt."""
    return for_all(theta, a, b, W, then=neg(setting.local_minimum(theta, a, b, W)))


def claim(setting: Setting) -> Term:
    return implies(every(THETA, lambda th: neg(optimal(th))), no_local_minimum(setting))


def prove(script: Script) -> Theorem:
    setting = script.setting
    nowhere = script.suppose("Suppose no theta attains L(theta) = L*", every(THETA, lambda th: neg(optimal(th))))
    minimum = script.suppose("and (theta, a, b, W) is a local minimum of Lt", setting.local_minimum(theta, a, b, W))
    exact = script.use("characterisation", "By characterisation, L(theta) = L* at a local minimum")
    with script.step("That contradicts the supposition") as step:
        attained = right(mp(left(left(specialise(exact, theta, a, b, W))), minimum))
        contradiction = step(mp(specialise(nowhere, theta), attained))
    none = generalise_all(discharge(minimum.concl, contradiction), theta, a, b, W)
    return script.qed(discharge(nowhere.concl, none))
