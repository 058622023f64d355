"""The mistake: dividing the vanishing identity by a_k, which may be 0."""

from __future__ import annotations

from pgb.kernel import INV, REAL, Term, Theorem, discharge, eq, linear, real
from pgb.library import Script

from ..building import ONE, for_all, implies, square_of, variable
from ..statements import LAMBDA, Setting, a, k
from ..tactics import generalise_all

NAME = "division_by_zero_a"
TITLE = "dLt/da_k = dLt/db_k / a_k + 2 lambda a_k"
HYPOTHESES = ()
REFUSED_AT = "Divide"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"


A, B = variable("A", REAL), variable("B", REAL)


def claim(_: Setting) -> Term:
    identity = eq(a(k) * A - B, real(2) * LAMBDA * square_of(a(k)))
    return for_all(a, k, A, B, then=implies(identity, eq(A, INV(a(k)) * B + real(2) * LAMBDA * a(k))))


def prove(script: Script) -> Theorem:
    identity = script.suppose("Let a_k A - B = 2 lambda a_k^2", eq(a(k) * A - B, real(2) * LAMBDA * square_of(a(k))))
    with script.step("Divide by a_k") as step:
        one = linear(eq(a(k) * INV(a(k)), ONE))
        divided = eq(A, INV(a(k)) * B + real(2) * LAMBDA * a(k))
        quotient = step(linear(divided, [(INV(a(k)), identity), (-A + real(2) * LAMBDA * a(k), one)]))
    return script.qed(generalise_all(discharge(identity.concl, quotient), a, k, A, B))
