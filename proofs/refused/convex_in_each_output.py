"""The mistake: depth_width for losses that are convex in each output, the others held fixed.

``u1 u2`` is linear in each, with both slopes 0 at (0, 0), and negative elsewhere.
"""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, generalise, specialise, tangents
from pgb.library import Script

from ..building import ONE, OUTPUT, SAMPLE, O, delta, every, for_all, implies, matrix
from ..depth_width import (
    FAMILY,
    MEAN,
    OUTPUTS,
    PHI,
    PHI_SLOPES,
    alpha,
    basis,
    critical,
    h,
    induced,
    lower_bound,
    p,
    smooth,
    value,
    z,
)
from ..statements import THETA, Setting, i, k
from ..tactics import discharge_all, generalise_all

NAME = "convex_in_each_output"
TITLE = "Depth and width for losses convex in each output"
HYPOTHESES = ()
REFUSED_AT = "Its derivative is 0 along each curve s -> phi(z + s e_p)"
REFUSED_BY = "tangents"
REFUSED_BECAUSE = "needs the premise"


def convex_in_each() -> Term:
    """Return: the mean of the losses is convex in each output of each sample."""

    def below(u: Term, n: Term, o: Term, s: Term, t: Term, c: Term) -> Term:
        def moved(step: Term) -> Term:
            return MEAN(matrix(SAMPLE, OUTPUT, lambda n2, o2: u(n2, o2) + step * delta(n2, n) * delta(o2, o)))

        chord = LE(moved(c * s + (ONE - c) * t), c * moved(s) + (ONE - c) * moved(t))
        return implies(LE(O, c), LE(c, ONE), chord)

    return every(FAMILY, lambda u: every(SAMPLE, lambda n: every(OUTPUT, lambda o: every(REAL, lambda s: every(
        REAL, lambda t: every(REAL, lambda c: below(u, n, o, s, t, c)))))))  # fmt: skip


def claim(_: Setting) -> Term:
    minimum = every(THETA, lambda w: LE(value(z), induced(w)))
    premises = (convex_in_each(), smooth(), critical(), basis())
    return for_all(PHI, PHI_SLOPES, z, h, then=implies(*premises, minimum))


def prove(script: Script) -> Theorem:
    convex = script.suppose("Let the mean of the losses be convex in each output", convex_in_each())
    slopes = script.suppose("let dphi be the partial derivatives of phi at z", smooth())
    flat = script.suppose("let z be a critical point of Q", critical())
    spans = script.suppose("and let h be a gradient basis at z", basis())
    with script.step(REFUSED_AT) as step:
        curves = generalise_all(specialise(slopes, i, k, p), p, i, k)
        lowest = step(tangents(MEAN, OUTPUTS, convex, curves, flat))
    premises = (convex.concl, slopes.concl, flat.concl, spans.concl)
    result = discharge_all(generalise(alpha, lower_bound(lowest, spans)), *premises)
    return script.qed(generalise_all(result, PHI, PHI_SLOPES, z, h))
