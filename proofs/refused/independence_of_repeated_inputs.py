"""The mistake: every c_i = 0 although inputs may repeat: h is chosen as the indicator of the sample i, which is no function of x."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, convert, discharge, generalise, left, mp, specialise
from pgb.library import Script

from ..building import SAMPLE, delta, every, for_all, function, implies, is_zero
from ..independence import beta_, c, vanishes_near, w
from ..statements import STANDARD, Setting, j
from ..tactics import generalise_all

NAME = "independence_of_repeated_inputs"
TITLE = "Independence with repeated inputs"
HYPOTHESES = ()
REFUSED_AT = "For h the indicator of sample j"
REFUSED_BY = "term"
REFUSED_BECAUSE = "does not take"


def claim(_: Setting) -> Term:
    each = every(SAMPLE, lambda n: is_zero(c(n)))
    return for_all(c, w, beta_, then=implies(vanishes_near(STANDARD, c, w, beta_), each))


def prove(script: Script) -> Theorem:
    vanish = script.suppose(
        "Suppose sum_i c_i exp(w' . x_i + beta) = 0 for w' near w", vanishes_near(STANDARD, c, w, beta_)
    )
    independent = script.use("independence", "By independence, sum_i c_i h(x_i) = 0 for every h")
    against_all = left(mp(specialise(independent, c, w, beta_), vanish))
    with script.step("For h the indicator of sample j: c_j = 0") as step:
        only_j = function(SAMPLE, lambda n: delta(n, j))
        each = step(convert(specialise(against_all, only_j), is_zero(c(j))))
    return script.qed(generalise_all(discharge(vanish.concl, generalise(j, each)), c, w, beta_))
