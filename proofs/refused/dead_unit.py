"""The mistake: independence for x -> h(w . x) with any function h: a dead ReLU is 0 near w for every c, and has no slope to use."""

from __future__ import annotations

from pgb.kernel import REAL, Term, Theorem, d_const, d_unique, discharge, lam
from pgb.library import Script

from ..building import INPUT, SAMPLE, O, for_all, implies, is_zero, total_over, variable
from ..calculus import differentiate
from ..statements import POINT, Setting, X, dot, sample_input
from ..tactics import generalise_all

NAME = "dead_unit"
TITLE = "Independence for an arbitrary activation"
HYPOTHESES = ()
REFUSED_AT = "Differentiate along u"
REFUSED_BY = "differentiate"
REFUSED_BECAUSE = "no rule gives the derivative"


h = variable("h", REAL, REAL)
c, w, u = variable("c", SAMPLE, REAL), variable("w", *POINT), variable("u", *POINT)
s = variable("s", REAL)


def _unit_sum(t: Term) -> Term:
    return total_over(SAMPLE, lambda n: c(n) * h(total_over(INPUT, lambda r: (w(r) + t * u(r)) * X(n, r))))


def claim(_: Setting) -> Term:
    slope = total_over(SAMPLE, lambda n: c(n) * dot(u, sample_input(n)))
    return for_all(c, w, u, h, then=implies(for_all(s, then=is_zero(_unit_sum(s))), is_zero(slope)))


def prove(script: Script) -> Theorem:
    flat = script.suppose("Suppose sum_i c_i h((w + s u) . x_i) = 0 for all s", for_all(s, then=is_zero(_unit_sum(s))))
    with script.step("Differentiate along u at s = 0") as step:
        deriv = differentiate(lam(s, _unit_sum(s)), O)
        slope = step(d_unique(deriv, d_const(O, O)))
    return script.qed(generalise_all(discharge(flat.concl, slope), c, w, u, h))
