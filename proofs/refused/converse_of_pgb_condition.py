"""The mistake: the PGB condition is read backwards: an induced model that is never better makes z a local minimum."""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, assume, both, convert, discharge, linear, mp, specialise, witness
from pgb.library import Script

from ..building import ONE, for_all, implies, positive, variable
from ..frames import ONE_BLOCK
from ..statements import Setting
from ..tactics import discharge_all, generalise_all

NAME = "converse_of_pgb_condition"
TITLE = "If the induced model is never better, z is a local minimum"
HYPOTHESES = ()
REFUSED_AT = "every nearby value"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


FRAME = ONE_BLOCK
z, z2 = FRAME.space.point("z"), FRAME.space.point("z2")
r, eps, radius = variable("r", REAL), variable("eps", REAL), variable("radius", REAL)


def claim(_: Setting) -> Term:
    return for_all(*z, r, eps, then=implies(FRAME.lower_bound(z, r, eps), FRAME.local_minimum(z)))


def prove(script: Script) -> Theorem:
    bound = script.suppose("Let Q(z) be at most every induced value", FRAME.lower_bound(z, r, eps))
    v, alpha = FRAME.families("v"), FRAME.families("alpha")
    with script.step("The induced model reaches every nearby value Q(z')") as step:
        members = assume(FRAME.all_admissible(z, eps, v))
        induced = specialise(mp(specialise(bound, *v), members), *alpha)
        nearby = convert(induced, LE(FRAME.value(z), FRAME.value(z2)))
        close = FRAME.space.close(z, z2, ONE)
        ball = both(linear(positive(ONE)), generalise_all(discharge_all(nearby, *close), *z2))
        minimum = step(witness(FRAME.local_minimum(z), ONE, ball))
    return script.qed(generalise_all(discharge(bound.concl, minimum), *z, r, eps))
