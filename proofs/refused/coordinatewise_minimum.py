"""The mistake: depth_width from a minimum along each coordinate, which a convex loss with kinks may have anywhere on a kink.

``|z1 - z2| + |z1 + z2 - 2|`` is least along each coordinate at (0, 0), where it is 2; it is 0 at (1, 1).
"""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, generalise, specialise, tangents
from pgb.library import Script

from ..building import PARAM, every, for_all, implies
from ..depth_width import (
    MEAN,
    OUTPUTS,
    PHI,
    PHI_SLOPES,
    alpha,
    basis,
    convex_mean,
    h,
    induced,
    lower_bound,
    p,
    smooth,
    value,
    z,
)
from ..statements import THETA, Setting, bump, i, k
from ..tactics import discharge_all, generalise_all

NAME = "coordinatewise_minimum"
TITLE = "Depth and width from minima along the coordinates"
HYPOTHESES = ("loss_convex",)
REFUSED_AT = "Its slope is 0 along each curve s -> phi(z + s e_p)"
REFUSED_BY = "tangents"
REFUSED_BECAUSE = "needs hasd(...)"


def lowest_along_coordinates() -> Term:
    """Return: ``Q(z) <= Q(z + s e_p)`` for all p and s."""
    return every(PARAM, lambda q: every(REAL, lambda s: LE(value(z), value(bump(z, q, s)))))


def claim(_: Setting) -> Term:
    minimum = every(THETA, lambda w: LE(value(z), induced(w)))
    return for_all(PHI, PHI_SLOPES, z, h, then=implies(smooth(), lowest_along_coordinates(), basis(), minimum))


def prove(script: Script) -> Theorem:
    slopes = script.suppose("Let dphi be the partial derivatives of phi at z", smooth())
    low = script.suppose("let Q be lowest at z along each coordinate", lowest_along_coordinates())
    spans = script.suppose("and let h be a gradient basis at z", basis())
    convex = convex_mean(script.hypothesis("loss_convex"))
    with script.step(REFUSED_AT) as step:
        curves = generalise_all(specialise(slopes, i, k, p), p, i, k)
        lowest = step(tangents(MEAN, OUTPUTS, convex, curves, low))
    result = discharge_all(generalise(alpha, lower_bound(lowest, spans)), slopes.concl, low.concl, spans.concl)
    return script.qed(generalise_all(result, PHI, PHI_SLOPES, z, h))
