"""The mistake: vanishing at minima over a box -1 <= b_k <= 1; on its boundary b cannot grow to pay for a smaller a."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, assume, discharge, left, mp, specialise
from pgb.library import Script

from ..building import for_all, implies
from ..statements import MUTATED, Setting, W, a, all_zero, b, theta
from ..tactics import generalise_all

NAME = "boundary_minimum"
TITLE = "At a minimum over a box for b, a = 0"
HYPOTHESES = ("lambda_positive",)
REFUSED_AT = "Follow"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


BOX = Setting(MUTATED["unbounded_domain"][0])


def claim(_: Setting) -> Term:
    return for_all(theta, a, b, W, then=implies(BOX.local_minimum_fixed(theta, a, b, W), all_zero(a)))


def prove(script: Script) -> Theorem:
    vanish = script.use("vanishing_at_minima", "Follow (a_k e^(-s), b_k + s) inside the box", BOX)
    minimum = assume(BOX.local_minimum_fixed(theta, a, b, W))
    off = mp(left(specialise(vanish, theta, a, b, W)), minimum)
    return script.qed(generalise_all(discharge(minimum.concl, off), theta, a, b, W))
