"""The mistake: characterisation stated without convexity; its proof still rests on it, and the check finds it."""

from __future__ import annotations

from pgb.kernel import Term, Theorem
from pgb.library import Script

from .. import characterisation
from ..statements import Setting

NAME = "dropped_convexity"
TITLE = "Characterisation without convexity"
HYPOTHESES = ("lambda_positive", "loss_differentiable")
REFUSED_AT = "the hypotheses"
REFUSED_BY = "claim"
REFUSED_BECAUSE = "undeclared hypothesis"


def claim(setting: Setting) -> Term:
    return characterisation.claim(setting)


def prove(script: Script) -> Theorem:
    return script.qed(script.use("characterisation", "By characterisation"))
