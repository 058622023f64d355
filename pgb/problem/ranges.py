"""Bounds of expressions over all real values of their variables, by rules on their structure; exact, never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sympy

from pgb.functions import relu, sigmoid, softplus, step

ZERO, ONE = sympy.S.Zero, sympy.S.One


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of an expression over all real values of its variables; `None` stands for no bound.

    `low_attained` and `high_attained` may be True where it is not known: False says that the bound is never attained.
    """

    low: sympy.Rational | None
    low_attained: bool
    high: sympy.Rational | None
    high_attained: bool = True

    @property
    def positive(self) -> bool:
        """Is every value above 0?"""
        return self.low is not None and bool(self.low > 0 or (self.low == 0 and not self.low_attained))

    @property
    def nonnegative(self) -> bool:
        """Is every value at least 0?"""
        return self.low is not None and bool(self.low >= 0)

    @property
    def nonpositive(self) -> bool:
        """Is every value at most 0?"""
        return self.high is not None and bool(self.high <= 0)

    def times(self, c: sympy.Rational) -> Range:
        """Return the range of c e."""
        low, high = (None if b is None else c * b for b in (self.low, self.high))
        if c > 0:
            return Range(low, self.low_attained, high, self.high_attained)
        return Range(high, self.high_attained, low, self.low_attained)


ANYTHING: Final = Range(None, True, None)
POSITIVE: Final = Range(ZERO, False, None)
NONNEGATIVE: Final = Range(ZERO, True, None)


def value_range(e: sympy.Expr) -> Range:
    """Return rational bounds of `e` over all real values of its variables, by rules on its structure."""
    if e.is_Rational:
        return Range(e, True, e)
    if e.is_number:
        return Range(ZERO, not e.is_positive, None) if e.is_nonnegative else ANYTHING
    if isinstance(e, sympy.Add):
        return _sum([value_range(a) for a in e.args])
    if isinstance(e, sympy.Mul):
        return _product(e)
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        return _power(e)
    if isinstance(e, sympy.Piecewise):
        return _hull([value_range(branch) for branch, _ in e.args])
    return _function(e)


def _function(e: sympy.Expr) -> Range:
    if isinstance(e, sympy.exp):
        inner = value_range(e.args[0])
        low, attained = (ONE, inner.low_attained) if inner.nonnegative else (ZERO, False)
        return Range(low, attained, ONE if inner.nonpositive else None)
    if isinstance(e, relu):
        high = value_range(e.args[0]).high
        return Range(ZERO, True, None if high is None else max(high, ZERO))
    if isinstance(e, sympy.Abs):
        return NONNEGATIVE
    if isinstance(e, softplus):
        return POSITIVE
    if isinstance(e, sigmoid):
        return Range(ZERO, False, ONE, False)
    if isinstance(e, sympy.tanh | sympy.erf):
        return Range(-ONE, False, ONE, False)
    if isinstance(e, sympy.sin | sympy.cos):
        return Range(-ONE, True, ONE)
    if isinstance(e, step):
        return Range(ZERO, True, ONE)
    if isinstance(e, sympy.log):
        least = value_range(e.args[0]).low
        return NONNEGATIVE if least is not None and least >= 1 else ANYTHING
    return ANYTHING


def _sum(parts: list[Range]) -> Range:
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    low = None if None in lows else sympy.Add(*lows)
    high = None if None in highs else sympy.Add(*highs)
    return Range(low, all(p.low_attained for p in parts), high, all(p.high_attained for p in parts))


def _hull(parts: list[Range]) -> Range:
    lows, highs = [[b for b in ends if b is not None] for ends in ([p.low for p in parts], [p.high for p in parts])]
    low = min(lows) if len(lows) == len(parts) else None
    high = max(highs) if len(highs) == len(parts) else None
    return Range(
        low,
        any(p.low_attained for p in parts if p.low == low),
        high,
        any(p.high_attained for p in parts if p.high == high),
    )


def _product(e: sympy.Expr) -> Range:
    coefficient, rest = e.as_coeff_Mul()
    if coefficient != 1:
        return value_range(rest).times(coefficient)
    parts = [value_range(a) for a in e.args]
    if all(p.positive for p in parts):
        return POSITIVE
    return NONNEGATIVE if all(p.nonnegative for p in parts) else ANYTHING


def _power(e: sympy.Expr) -> Range:
    base = value_range(e.base)
    if base.positive:
        below_one = e.exp.is_negative and base.low is not None and base.low >= 1
        return Range(ZERO, False, ONE if below_one else None)
    if e.exp.is_positive and (base.nonnegative or (e.exp.is_Integer and e.exp % 2 == 0)):
        return NONNEGATIVE
    return ANYTHING
