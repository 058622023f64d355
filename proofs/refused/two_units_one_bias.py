"""The mistake: dLt/da_k and dLt/db_k are combined for two different outputs, a_k dLt/da_k - dLt/db_n = 2 lambda a_k^2."""

from __future__ import annotations

from pgb.kernel import REAL, Term, Theorem, eq, left, real, specialise
from pgb.library import Script

from ..building import OUTPUT, O, for_all, implies, square_of, variable
from ..statements import LAMBDA, Setting, W, a, b, bump, k, partial, theta
from ..tactics import apply, discharge_all, generalise_all

NAME = "two_units_one_bias"
TITLE = "The vanishing identity with two different indices"
HYPOTHESES = ("lambda_positive",)
REFUSED_AT = "Combine"
REFUSED_BY = "mp"
REFUSED_BECAUSE = "needs the premise"


n = variable("n", OUTPUT)
A, B = variable("A", REAL), variable("B", REAL)


def _slopes(setting: Setting) -> tuple[Term, Term]:
    return (
        partial(lambda s: setting.augmented(theta, bump(a, k, s), b, W), O, A),
        partial(lambda s: setting.augmented(theta, a, bump(b, n, s), W), O, B),
    )


def claim(setting: Setting) -> Term:
    identity = eq(a(k) * A - B, real(2) * LAMBDA * square_of(a(k)))
    return for_all(theta, a, b, W, k, n, A, B, then=implies(*_slopes(setting), identity))


def prove(script: Script) -> Theorem:
    vanish = script.use("vanishing", "By vanishing")
    by_a, by_b = (script.suppose("Let this be a partial derivative", p) for p in _slopes(script.setting))
    with script.step("Combine the derivative in a_k with the one in b_n") as step:
        identity = step(apply(specialise(left(specialise(vanish, theta, a, b, W)), k, A, B), by_a, by_b))
    return script.qed(generalise_all(discharge_all(identity, by_a.concl, by_b.concl), theta, a, b, W, k, n, A, B))
