"""The mistake: L(theta) is compared with predictions q_i chosen for each sample, which are no function of x if inputs repeat."""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, convert, discharge, specialise
from pgb.library import Script

from ..building import OUTPUT, SAMPLE, for_all, implies, variable
from ..statements import LOSS, Setting, mean, optimal, original, q, theta, vector_of
from ..tactics import generalise_all

NAME = "q_not_a_function_of_x"
TITLE = "L(theta) is at most the mean of l_i(q_i)"
HYPOTHESES = ()
REFUSED_AT = "Choose q_i"
REFUSED_BY = "convert"
REFUSED_BECAUSE = "is not another form of"


Q = variable("q", SAMPLE, OUTPUT, REAL)


def _for_samples() -> Term:
    return LE(original(theta), mean(lambda n: LOSS(n, vector_of(lambda c: Q(n, c)))))


def claim(_: Setting) -> Term:
    return for_all(theta, Q, then=implies(optimal(theta), _for_samples()))


def prove(script: Script) -> Theorem:
    best = script.suppose("Let L(theta) <= L(q) for every function q of x", optimal(theta))
    with script.step("Choose q_i for each sample") as step:
        chosen = step(convert(specialise(best, q), _for_samples()))
    return script.qed(generalise_all(discharge(best.concl, chosen), theta, Q))
