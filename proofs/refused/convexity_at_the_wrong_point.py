"""The mistake: l(p) + grad l(p') . (p' - p) <= l(p'), with the slope at the wrong end."""

from __future__ import annotations

from pgb.kernel import LE, Term, Theorem, linear, specialise
from pgb.library import Script

from ..building import OUTPUT, for_all, total_over, variable
from ..lemmas import first_order
from ..statements import GRADIENT, LOSS, VECTOR, Setting, i
from ..tactics import generalise_all

NAME = "convexity_at_the_wrong_point"
TITLE = "A convex loss lies above l(p) + grad l(p') . (p' - p)"
HYPOTHESES = ("loss_differentiable", "loss_convex")
REFUSED_AT = "The tangent at p'"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "is negative"


p, p2 = variable("p", *VECTOR), variable("p2", *VECTOR)


def _above_wrong_tangent() -> Term:
    rise = total_over(OUTPUT, lambda c: GRADIENT(i, p2, c) * (p2(c) - p(c)))
    return LE(LOSS(i, p) + rise, LOSS(i, p2))


def claim(_: Setting) -> Term:
    return for_all(i, p, p2, then=_above_wrong_tangent())


def prove(script: Script) -> Theorem:
    tangents = first_order(script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable"))
    with script.step("The tangent at p' bounds the loss at p: read it for the loss at p'") as step:
        tangent_at_p2 = specialise(tangents, i, p2, p)
        above = step(linear(_above_wrong_tangent(), [], [(-1, tangent_at_p2)]))
    return script.qed(generalise_all(above, i, p, p2))
