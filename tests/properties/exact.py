"""Exact real numbers c1 exp(q1) + ... + cn exp(qn), c and q rational, and their first-order jets.

The exp(q) of different rationals q are linearly independent over the rationals (Lindemann and Weierstrass; see A. Baker,
Transcendental Number Theory, Theorem 1.4), so that a sum is zero exactly when no term is left, and balls decide every
other sign. A jet ``v + s e`` with ``e^2 = 0`` carries a derivative: a function that is built from +, * and exp has the
derivative d at p exactly when its value at ``p + e`` is ``f(p) + d e``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx, fmpq

Terms = tuple[tuple[Fraction, Fraction], ...]  # pairs (exponent, coefficient), exponents increasing, no coefficient 0


def _terms(found: dict[Fraction, Fraction]) -> Terms:
    return tuple(sorted((q, c) for q, c in found.items() if c))


def _add(a: Terms, b: Terms) -> Terms:
    out = dict(a)
    for q, c in b:
        out[q] = out.get(q, Fraction(0)) + c
    return _terms(out)


def _mul(a: Terms, b: Terms) -> Terms:
    out: dict[Fraction, Fraction] = {}
    for q, c in a:
        for r, d in b:
            out[q + r] = out.get(q + r, Fraction(0)) + c * d
    return _terms(out)


def _ball(terms: Terms) -> arb:
    return sum((_exact(c) * _exact(q).exp() for q, c in terms), arb(0))


def _exact(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


def _sign(terms: Terms) -> int:
    if len(terms) < 2:
        return 0 if not terms else 1 if terms[0][1] > 0 else -1
    precision = 64
    while True:
        with ctx.workprec(precision):
            ball = _ball(terms)
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
        precision *= 2  # not zero, so some precision tells


@dataclass(frozen=True, slots=True)
class Jet:
    """An exact number and an exact derivative."""

    value: Terms
    slope: Terms = ()

    def __add__(self, other: Any) -> Jet:
        o = jet(other)
        return Jet(_add(self.value, o.value), _add(self.slope, o.slope))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Jet:
        o = jet(other)
        slope = _add(_mul(self.value, o.slope), _mul(self.slope, o.value)) if self.slope or o.slope else ()
        return Jet(_mul(self.value, o.value), slope)

    __rmul__ = __mul__

    def __neg__(self) -> Jet:
        return self * -1

    def __sub__(self, other: Any) -> Jet:
        return self + jet(other) * -1

    def __rsub__(self, other: Any) -> Jet:
        return jet(other) + self * -1

    def __pow__(self, n: int) -> Jet:
        out = jet(1)
        for _ in range(n):
            out = out * self
        return out

    def sign(self) -> int:
        """Return the sign of the value: -1, 0 or 1."""
        return _sign(self.value)

    @property
    def rational(self) -> Fraction:
        """The value, if it is rational."""
        if self.value and (len(self.value) > 1 or self.value[0][0]):
            raise ArithmeticError(f"{self} is not rational")
        return self.value[0][1] if self.value else Fraction(0)

    def exp(self) -> Jet:
        """Return exp, of a number with a rational value."""
        value: Terms = ((self.rational, Fraction(1)),)
        return Jet(value, _mul(value, self.slope))

    def inverse(self) -> Jet:
        """Return the reciprocal of c exp(q)."""
        if len(self.value) != 1 or self.slope:
            raise ArithmeticError(f"{self} has no reciprocal of this form")
        ((q, c),) = self.value
        return Jet(((-q, 1 / c),))

    def __float__(self) -> float:
        with ctx.workprec(96):
            return float(_ball(self.value).mid())

    def sympy(self) -> sympy.Expr:
        """Return the value as an expression."""
        return sympy.Add(*(_rational(c) * sympy.exp(_rational(q)) for q, c in self.value))


def _rational(x: Fraction) -> sympy.Rational:
    return sympy.Rational(x.numerator, x.denominator)


def jet(x: Any) -> Jet:
    """Return a rational number, or a jet, as a jet."""
    if isinstance(x, Jet):
        return x
    if isinstance(x, sympy.Rational):
        x = Fraction(int(x.p), int(x.q))
    return Jet(_terms({Fraction(0): Fraction(x)}))


INFINITESIMAL = Jet((), ((Fraction(0), Fraction(1)),))


def from_sympy(e: sympy.Expr) -> Jet:
    """Return a closed sum of rational multiples of exp(rational) as a jet."""
    if e.is_Rational:
        return jet(e)
    if isinstance(e, sympy.exp):
        return from_sympy(e.args[0]).exp()
    if e is sympy.E:
        return jet(1).exp()
    if e.is_Add or e.is_Mul:
        out = jet(0 if e.is_Add else 1)
        for part in e.args:
            out = out + from_sympy(part) if e.is_Add else out * from_sympy(part)
        return out
    if e.is_Pow and e.exp.is_Integer:
        base = from_sympy(e.base)
        return base ** int(e.exp) if e.exp > 0 else base.inverse() ** int(-e.exp)
    raise ArithmeticError(f"{e} is not built from rationals, +, * and exp")
