"""The mistake: a convex loss is used as if it lay below its tangents, to bound L(q) from above."""

from __future__ import annotations

from pgb.kernel import LE, Term, Theorem, discharge, generalise, linear, specialise
from pgb.library import Script

from ..building import every, for_all, implies
from ..lemmas import first_order, optimal_from_orthogonal, orthogonal_to_everything
from ..statements import MODEL, Setting, as_model, empirical, original, q, theta

NAME = "convexity_in_the_wrong_direction"
TITLE = "L(q) <= L(theta) from convexity"
HYPOTHESES = ("loss_differentiable", "loss_convex")
REFUSED_AT = "Sum the tangent inequalities"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "is negative"


def claim(setting: Setting) -> Term:
    worse = every(MODEL, lambda m: LE(empirical(as_model(m)), original(theta)))
    return for_all(theta, then=implies(orthogonal_to_everything(setting, theta), worse))


def prove(script: Script) -> Theorem:
    orthogonal = script.suppose(
        "Let the loss slopes be orthogonal to every h", orthogonal_to_everything(script.setting, theta)
    )
    tangents = first_order(script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable"))
    with script.step("Sum the tangent inequalities") as step:
        better = specialise(optimal_from_orthogonal(tangents, orthogonal), q)
        worse = step(linear(LE(empirical(as_model(q)), original(theta)), [], [(-1, better)]))
    return script.qed(generalise(theta, discharge(orthogonal.concl, generalise(q, worse))))
