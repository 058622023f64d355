"""The mistake: every single loss gradient vanishes, without labels_consistent: equal inputs need not have equal losses."""

from __future__ import annotations

from pgb.kernel import IND, Term, Theorem, eq, indicator, linear
from pgb.library import Script

from ..building import for_all, fresh
from ..statements import GRADIENT, POINT, Setting, i, j, k, loss_slope, network, same_input, theta, vector_of
from ..tactics import by_cases, generalise_all, rewrite

NAME = "one_label_per_input_assumed"
TITLE = "Per-sample elimination without consistent labels"
HYPOTHESES = ()
REFUSED_AT = "the same slope"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"


def _terms() -> tuple[Term, Term]:
    mark = IND(same_input(i, j))
    return loss_slope(theta, i, k) * mark, loss_slope(theta, j, k) * mark


def claim(_: Setting) -> Term:
    return for_all(theta, i, j, k, then=eq(*_terms()))


def prove(script: Script) -> Theorem:
    mine = loss_slope(theta, i, k)

    def yes(same: Theorem) -> Theorem:
        z = fresh("z", *POINT)
        moved = rewrite(
            lambda v: eq(mine, GRADIENT(i, vector_of(lambda c: network(theta, v, c)), k)),
            z,
            same,
            linear(eq(mine, mine)),
        )
        return linear(eq(*_terms()), [(IND(same_input(i, j)), moved)])

    def no(different: Theorem) -> Theorem:
        return linear(eq(*_terms()), [(mine - loss_slope(theta, j, k), indicator(different, true=False))])

    with script.step("Equal inputs have equal predictions, so the same slope") as step:
        equal = step(by_cases(same_input(i, j), yes, no))
    return script.qed(generalise_all(equal, theta, i, j, k))
