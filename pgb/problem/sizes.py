"""How many terms an expression has when multiplied out: known before it is multiplied out, so that nothing hangs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import sympy

from pgb.problem.balls import enclose

MAX_EXPONENT: Final = 100_000  # of exp: beyond it a number has more than 43,000 digits
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


def overflow(expressions: Iterable[sympy.Expr], point: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr | None:
    """Return an exponent such as 10^9 log(7), of which exp would be a number too long to write; None where there is none.

    Exponents are looked at from the inside out, so that none is put into exp before it is known to be small. Those
    without a logarithm stay as they are in exact work, and are no danger.
    """
    exponents = {f.args[0] for e in expressions for f in e.atoms(sympy.exp)}
    for exponent in sorted(exponents, key=lambda u: (sympy.count_ops(u), str(u))):
        value = exponent.xreplace(dict(point))
        if value.has(sympy.log) and not value.free_symbols:
            ball = enclose(value)
            if ball is None or not abs(ball) < MAX_EXPONENT:
                return exponent
    return None
