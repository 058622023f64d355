"""The mistake: the escape of failure_mode_c is laid to b alone; with W free, exp(w_k . x_i + b_k) has no bound where b has one."""

from __future__ import annotations

from pgb.kernel import EXP, LE, LT, REAL, Term, Theorem, discharge, generalise, linear, square
from pgb.library import Script

from ..building import HALF, for_all, implies, square_of, variable
from ..lemmas import exp_increasing
from ..statements import Setting, W, b, dot, i, k, matrix_row, sample_input
from ..tactics import generalise_all

NAME = "only_the_bias_escapes"
TITLE = "Where |b_k| < R, the added units' slopes in a_k are bounded, whatever W"
HYPOTHESES = ()
REFUSED_AT = "at most (R^2 + 1) / 2"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"

R = variable("R", REAL)


def exponent() -> Term:
    """Return ``w_k . x_i + b_k``."""
    return dot(matrix_row(W, k), sample_input(i)) + b(k)


def slope_bounded() -> Term:
    """Return ``exp(w_k . x_i + b_k) <= exp((R^2 + 1) / 2)``."""
    return LE(EXP(exponent()), EXP((square_of(R) + 1) * HALF))


def claim(_: Setting) -> Term:
    return for_all(R, b, W, i, k, then=implies(LT(square_of(b(k)), square_of(R)), slope_bounded()))


def prove(script: Script) -> Theorem:
    small = script.suppose("Let |b_k| < R", LT(square_of(b(k)), square_of(R)))
    with script.step("By 2 b_k <= b_k^2 + 1 the exponent is at most (R^2 + 1) / 2") as step:
        bound = LE(exponent(), (square_of(R) + 1) * HALF)
        below = step(linear(bound, [], [(HALF, small), (HALF, square(b(k) - 1))]))
    with script.step("and exp is increasing") as step:
        bounded = step(discharge(small.concl, exp_increasing(below)))
    return script.qed(generalise(R, generalise_all(bounded, b, W, i, k)))
