"""The mistake: elimination for quadratic units a_k (w_k . x + b_k)^2, as if any unit with a bias would do."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, discharge, mp, specialise
from pgb.library import Script

from ..building import for_all, implies
from ..statements import MUTATED, Setting, W, a, b, optimal, theta
from ..tactics import conjuncts, generalise_all

NAME = "polynomial_unit"
TITLE = "Elimination for quadratic units"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
REFUSED_AT = "the network does not change"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


QUADRATIC = Setting(MUTATED["exp_neuron"][0])


def claim(_: Setting) -> Term:
    minimum = QUADRATIC.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, optimal(theta)))


def prove(script: Script) -> Theorem:
    minimum = script.suppose("Let (a, b, W) be a local minimum", QUADRATIC.local_minimum_fixed(theta, a, b, W))
    eliminated = script.use("elimination", "By elimination, theta is optimal", QUADRATIC)
    best = conjuncts(mp(specialise(eliminated, theta, a, b, W), minimum), 6)[2]
    return script.qed(generalise_all(discharge(minimum.concl, best), theta, a, b, W))
