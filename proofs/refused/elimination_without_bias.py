"""The mistake: elimination for units a_k exp(w_k . x), which have no bias to trade against a_k; then a != 0 can be a minimum."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, discharge, mp, specialise
from pgb.library import Script

from ..building import for_all, implies
from ..statements import MUTATED, Setting, W, a, b, optimal, theta
from ..tactics import conjuncts, generalise_all

NAME = "elimination_without_bias"
TITLE = "Elimination for units without a bias"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
REFUSED_AT = "the network does not change"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


NO_BIAS = Setting(MUTATED["bias"][0])


def claim(_: Setting) -> Term:
    minimum = NO_BIAS.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, optimal(theta)))


def prove(script: Script) -> Theorem:
    minimum = script.suppose("Let (a, b, W) be a local minimum", NO_BIAS.local_minimum_fixed(theta, a, b, W))
    eliminated = script.use("elimination", "By elimination, theta is optimal", NO_BIAS)
    best = conjuncts(mp(specialise(eliminated, theta, a, b, W), minimum), 6)[2]
    return script.qed(generalise_all(discharge(minimum.concl, best), theta, a, b, W))
