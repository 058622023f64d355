"""How many terms an expression has when multiplied out: known before it is multiplied out, so that nothing hangs."""

from __future__ import annotations

import math
from typing import Final

import sympy

MAX_TERMS: Final = 5_000


def terms(e: sympy.Expr) -> int:
    """Return a bound of the number of terms of `sympy.expand(e)`."""
    if isinstance(e, sympy.Add):
        return sum(map(terms, e.args))
    if isinstance(e, sympy.Mul):
        return math.prod(map(terms, e.args))
    if isinstance(e, sympy.Pow) and e.exp.is_Integer:
        n, base = abs(int(e.exp)), terms(e.base)
        return math.comb(base + n - 1, n) if base <= MAX_TERMS else MAX_TERMS + 1
    return max(map(terms, e.args), default=1)


def expanded(e: sympy.Expr) -> sympy.Expr:
    """Return the expression multiplied out, or as it is where that would be too long."""
    return sympy.expand(e) if terms(e) <= MAX_TERMS else e
