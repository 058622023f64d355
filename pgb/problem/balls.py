"""Enclosures of exact real constants by Arb balls, and with them their signs; an undecided sign is None, never a guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import flint
import sympy

from pgb.functions import relu, sigmoid, softplus

PRECISIONS: Final = (64, 256, 1024)
_FUNCTIONS: Final[dict[type, Callable[[Any], Any]]] = {
    sympy.exp: lambda u: u.exp(),
    sympy.log: lambda u: u.log(),
    sympy.tanh: lambda u: u.tanh(),
    sympy.erf: lambda u: u.erf(),
    sympy.atan: lambda u: u.atan(),
    sympy.sin: lambda u: u.sin(),
    sympy.cos: lambda u: u.cos(),
    sympy.Abs: abs,
    sigmoid: lambda u: 1 / (1 + (-u).exp()),
    softplus: lambda u: (1 + u.exp()).log(),
    relu: lambda u: (u + abs(u)) / 2,
}


class _Unknown(Exception):
    """The constant holds something that is not enclosed here."""


def enclose(e: sympy.Expr, precision: int = 256) -> Any | None:
    """Return an `flint.arb` that holds the real number `e`, or None where there is no finite enclosure.

    Parameters
    ----------
    e
        A constant made of rationals, pi, + * powers and the functions of formulas.
    precision
        Working precision in bits.
    """
    before = flint.ctx.prec
    flint.ctx.prec = precision
    try:
        ball = _ball(e)
    except (_Unknown, ZeroDivisionError, OverflowError, ValueError):
        return None
    finally:
        flint.ctx.prec = before
    return ball if ball.is_finite() else None


def sign(e: sympy.Expr) -> int | None:
    """Return the sign of the constant `e`: 0 only where it is exactly zero, None where nothing is decided."""
    if e.is_Rational:
        return int(bool(e > 0)) - int(bool(e < 0))
    if not e.is_number:
        return None
    for precision in PRECISIONS:
        ball = enclose(e, precision)
        if ball is not None and ball > 0:
            return 1
        if ball is not None and ball < 0:
            return -1
    return 0 if sympy.expand(e) == 0 else None


def _ball(e: sympy.Expr) -> Any:
    if e.is_Rational:
        return flint.arb(flint.fmpq(int(e.p), int(e.q)))
    if e == sympy.pi:
        return flint.arb.pi()
    if e == sympy.E:
        return flint.arb(1).exp()
    if isinstance(e, sympy.Add):
        return sum((_ball(a) for a in e.args), flint.arb(0))
    if isinstance(e, sympy.Mul):
        product = flint.arb(1)
        for a in e.args:
            product *= _ball(a)
        return product
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        base = _ball(e.base)
        return base ** int(e.exp) if e.exp.is_Integer else base ** flint.arb(flint.fmpq(int(e.exp.p), int(e.exp.q)))
    if type(e) in _FUNCTIONS:
        return _FUNCTIONS[type(e)](_ball(e.args[0]))
    raise _Unknown
