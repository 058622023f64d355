"""The mistake: F(0) <= F(s) for s >= 0 only, and still F'(0) = 0."""

from __future__ import annotations

from pgb.kernel import LE, LT, REAL, Term, Theorem, eq, fermat, linear
from pgb.library import Script

from ..building import ONE, O, for_all, implies, is_zero, positive, variable
from ..statements import Setting, partial
from ..tactics import discharge_all, flip, generalise_all

NAME = "one_sided_minimum"
TITLE = "A one-sided minimum is stationary"
HYPOTHESES = ()
REFUSED_AT = "derivative is 0"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "does not give eq"


F, d, s = variable("F", REAL, REAL), variable("d", REAL), variable("s", REAL)


def _premises() -> tuple[Term, Term]:
    lowest = for_all(s, then=implies(LE(O, s), LT(s, O + ONE), LE(-F(s), -F(O))))
    return partial(lambda t: -F(t), O, -d), lowest


def claim(_: Setting) -> Term:
    return for_all(F, d, then=implies(*_premises(), is_zero(d)))


def prove(script: Script) -> Theorem:
    deriv, low = (
        script.suppose(label, p)
        for label, p in zip(("Let d be F'(0)", "and F(0) lowest for s >= 0"), _premises(), strict=True)
    )
    with script.step("By Fermat the derivative is 0") as step:
        sign = fermat(deriv, low, linear(positive(ONE)))
        flat = step(flip(linear(eq(O, d), [], [(1, sign)])))
    return script.qed(generalise_all(discharge_all(flat, deriv.concl, low.concl), F, d))
