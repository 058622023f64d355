"""The mistake: vanishing with lambda >= 0 in place of lambda > 0; for lambda = 0 nothing pulls a to 0."""

from __future__ import annotations

from pgb.kernel import LE, Term, Theorem, discharge
from pgb.library import Script

from ..building import O, for_all, implies, is_zero, square_of
from ..statements import LAMBDA, Setting, a, k
from ..tactics import cancel, generalise_all, zero_square

NAME = "lambda_only_nonnegative"
TITLE = "Vanishing with lambda >= 0"
HYPOTHESES = ("lambda_nonnegative",)
REFUSED_AT = "lambda >= 0"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "does not give false"


def hypothesis(_: Setting, name: str) -> Term:
    return {"lambda_nonnegative": LE(O, LAMBDA)}[name]


def claim(_: Setting) -> Term:
    return for_all(a, k, then=implies(is_zero(LAMBDA * square_of(a(k))), is_zero(a(k))))


def prove(script: Script) -> Theorem:
    product = script.suppose("The vanishing identity leaves lambda a_k^2 = 0", is_zero(LAMBDA * square_of(a(k))))
    with script.step("lambda >= 0, so a_k^2 = 0") as step:
        square_zero = cancel(script.hypothesis("lambda_nonnegative"), product, square_of(a(k)))
        off = step(zero_square(square_zero))
    return script.qed(generalise_all(discharge(product.concl, off), a, k))
