"""The mistake: the vanishing identity, with its 2 lambda a_k^2, for the penalty lambda sum_k a_k^4."""

from __future__ import annotations

from pgb.kernel import Term, Theorem
from pgb.library import Script

from .. import vanishing
from ..building import square_of
from ..statements import EXPONENTIAL, Objective, Setting

NAME = "quartic_penalty"
TITLE = "The vanishing identity for a quartic penalty"
HYPOTHESES = ("lambda_positive",)
REFUSED_AT = "Subtract the penalty"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


QUARTIC = Setting(Objective("quartic penalty", EXPONENTIAL.unit, lambda u: square_of(square_of(u))))


def claim(_: Setting) -> Term:
    return vanishing.claim(QUARTIC)


def prove(script: Script) -> Theorem:
    return script.use("vanishing", "The same proof with another penalty", QUARTIC)
