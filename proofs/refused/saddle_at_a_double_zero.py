"""The mistake: strict_saddle at every zero of S_k; where the derivative v vanishes too, v^2 is only known not to be negative."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, discharge, linear, square
from pgb.library import Script

from ..building import for_all, implies, is_zero, positive, square_of
from ..reduction import exponential_sum
from ..saddle_line import derivative_of_sum
from ..statements import Setting, W, k, row, theta
from ..tactics import generalise_all

NAME = "saddle_at_a_double_zero"
TITLE = "At every zero of S_k the slope -v^2 along the line is negative"
HYPOTHESES = ()
REFUSED_AT = "its square is positive"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "the constant is 0, which does not give lt"


def claim(_: Setting) -> Term:
    falls = positive(square_of(derivative_of_sum()))
    return for_all(theta, W, k, row, then=implies(is_zero(exponential_sum(k)), falls))


def prove(script: Script) -> Theorem:
    zero = script.suppose("Let S_k(w_k) = 0", is_zero(exponential_sum(k)))
    with script.step("Let v be the derivative of S_k in w_kr: its square is positive") as step:
        falls = step(linear(positive(square_of(derivative_of_sum())), [], [(1, square(derivative_of_sum()))]))
    return script.qed(generalise_all(discharge(zero.concl, falls), theta, W, k, row))
