"""The mistake: the sum over the group of x_j is read as its single term c_j, as if inputs were distinct."""

from __future__ import annotations

from pgb.kernel import REAL, Term, Theorem, discharge, eq, linear
from pgb.library import Script

from ..building import SAMPLE, for_all, implies, is_zero, variable
from ..statements import Setting, group_sum, j
from ..tactics import generalise_all

NAME = "group_sum_as_one_term"
TITLE = "A group's sum is its one term"
HYPOTHESES = ()
REFUSED_AT = "has one term"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"


c = variable("c", SAMPLE, REAL)


def claim(_: Setting) -> Term:
    return for_all(c, j, then=implies(is_zero(group_sum(c, j)), is_zero(c(j))))


def prove(script: Script) -> Theorem:
    group = script.suppose("Let the group of j sum to 0", is_zero(group_sum(c, j)))
    with script.step("The group of j has one term, c_j") as step:
        single = linear(eq(group_sum(c, j), c(j)))
        each = step(linear(is_zero(c(j)), [(1, group), (-1, single)]))
    return script.qed(generalise_all(discharge(group.concl, each), c, j))
