"""The mistake: from a_k = 0 for one output k to a = 0, by generalising over a variable of the supposition."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, discharge, generalise
from pgb.library import Script

from ..building import for_all, implies, is_zero
from ..statements import Setting, a, all_zero, k
from ..tactics import generalise_all

NAME = "for_one_k_so_for_all"
TITLE = "If one a_k is 0, all are"
HYPOTHESES = ()
REFUSED_AT = "k was arbitrary"
REFUSED_BY = "generalise"
REFUSED_BECAUSE = "is free in a hypothesis"


def claim(_: Setting) -> Term:
    return for_all(a, k, then=implies(is_zero(a(k)), all_zero(a)))


def prove(script: Script) -> Theorem:
    one = script.suppose("Let a_k = 0", is_zero(a(k)))
    with script.step("k was arbitrary, so a = 0") as step:
        off = step(generalise(k, one))
    return script.qed(generalise_all(discharge(one.concl, off), a, k))
