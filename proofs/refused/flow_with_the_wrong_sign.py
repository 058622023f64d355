"""The mistake: b_k follows +dLt/db_k while a_k follows -dLt/da_k; then b_k - a_k^2 / 2 is not what grows."""

from __future__ import annotations

from pgb.kernel import REAL, Term, Theorem, eq, lam, linear, real
from pgb.library import Script

from ..building import HALF, for_all, implies, square_of, variable
from ..calculus import differentiate, with_slope
from ..statements import LAMBDA, Setting, partial
from ..tactics import discharge_all, generalise_all

NAME = "flow_with_the_wrong_sign"
TITLE = "The flow identity with one sign changed"
HYPOTHESES = ("lambda_positive",)
REFUSED_AT = "So it is 2 lambda a_k^2"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"


t, A, B = variable("t", REAL), variable("A", REAL), variable("B", REAL)
a_, b_ = variable("a", REAL, REAL), variable("b", REAL, REAL)


def _premises() -> tuple[Term, Term, Term]:
    identity = eq(a_(t) * A - B, real(2) * LAMBDA * square_of(a_(t)))
    return identity, partial(a_, t, -A), partial(b_, t, B)


def claim(_: Setting) -> Term:
    grows = partial(lambda s: b_(s) - square_of(a_(s)) * HALF, t, real(2) * LAMBDA * square_of(a_(t)))
    return for_all(a_, b_, t, A, B, then=implies(*_premises(), grows))


def prove(script: Script) -> Theorem:
    labels = ("Let a A - B = 2 lambda a^2", "let a move with velocity -A", "and b with velocity B")
    identity, a_moves, b_moves = (script.suppose(*pair) for pair in zip(labels, _premises(), strict=True))
    s = variable("s", REAL)
    curve = lam(s, b_(s) - square_of(a_(s)) * HALF)
    velocity = differentiate(curve, t, None, {"a": lambda *_: a_moves, "b": lambda *_: b_moves})
    with script.step("So it is 2 lambda a_k^2") as step:
        value = linear(eq(velocity.concl.args[2], real(2) * LAMBDA * square_of(a_(t))), [(1, identity)])
        grows = step(with_slope(velocity, value))
    return script.qed(generalise_all(discharge_all(grows, *_premises()), a_, b_, t, A, B))
