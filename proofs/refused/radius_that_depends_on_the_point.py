"""The mistake: each (b, s) has its own radius, and one radius is taken for all: the quantifiers are swapped."""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, choose, discharge, generalise, specialise, witness
from pgb.library import Script

from ..building import O, conjunction, for_all, for_some, implies, positive, variable
from ..statements import Setting

NAME = "radius_that_depends_on_the_point"
TITLE = "One radius for all points"
HYPOTHESES = ()
REFUSED_AT = "the same radius"
REFUSED_BY = "generalise"
REFUSED_BECAUSE = "is free in a hypothesis"


near = variable("F", REAL, REAL, REAL)
radius, t = variable("radius", REAL), variable("t", REAL)


def _inside(point: Term, size: Term) -> Term:
    return conjunction(positive(size), LE(near(point, size), O))


def claim(_: Setting) -> Term:
    each = for_all(t, then=for_some(radius, that=_inside(t, radius)))
    one = for_some(radius, that=for_all(t, then=_inside(t, radius)))
    return for_all(near, then=implies(each, one))


def prove(script: Script) -> Theorem:
    each = script.suppose("Let every point t have a radius", for_all(t, then=for_some(radius, that=_inside(t, radius))))
    at_t = script.suppose("Let radius be that of t", _inside(t, radius))
    with script.step("Every point has the same radius") as step:
        every_point = generalise(t, at_t)
        one = step(witness(for_some(radius, that=every_point.concl), radius, every_point))
    result = choose(specialise(each, t), radius, one)
    return script.qed(generalise(near, discharge(each.concl, result)))
