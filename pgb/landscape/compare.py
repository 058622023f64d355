"""Certified comparison of exact values, and certified decimal digits; trusted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

from flint import ctx

from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import Program, compile_expressions
from pgb.landscape.exact import Ring, Undecided

MAX_EXPONENT: Final = 200_000  # bits
PRECISIONS: Final = (64, 128, 256, 512, 1024, 2048, 4096)


def compare(a: Any, b: Any) -> int | None:
    """Return the certain sign of a - b for two closed real expressions: 1, 0, -1, or None where it is not decided.

    Balls of growing precision come first; only where they cannot tell is the exact zero test asked.
    """
    program = compile_expressions([a, b], [])
    for precision in PRECISIONS:
        try:
            left, right = program.balls([], precision)
        except NoEnclosure:
            continue
        if left > right or left < right:
            return 1 if left > right else -1
        if precision == PRECISIONS[1]:
            ring = Ring()
            try:
                left_form, right_form = ring.run(program, [])
                if ring.is_zero(ring.sub(left_form, right_form)):
                    return 0
            except Undecided:
                pass
    return None


def value(expression: Any, point: Mapping[str, Any], digits: int = 30) -> str | None:
    """Return an expression's value at exact coordinates, correctly rounded; see `decimal`."""
    symbols = sorted(expression.free_symbols, key=str)
    return decimal(compile_expressions([expression.subs({s: point[s.name] for s in symbols})], []), digits)


def decimal(program: Program, digits: int = 30) -> str | None:
    """Return the value of a closed one-output program to `digits` significant decimals.

    Returns
    -------
    str or None
        The exact value rounded to nearest (ties to even): every digit is correct. None where no precision up to 4,096
        bits decides the rounding, which happens for values that are exactly a tie or exactly 0 in disguise.
    """
    for precision in PRECISIONS:
        try:
            (ball,) = program.balls([], precision)
        except NoEnclosure:
            continue
        if _astronomic(ball):
            return None
        with ctx.workprec(precision):
            ends = [_fraction(ball.lower()), _fraction(ball.upper())]
        low, high = (rounded(v, digits) for v in ends)
        if low == high:
            return low
    ring = Ring()
    try:
        exact = ring.rational(ring.run(program, [])[0])
    except Undecided:
        return None
    return None if exact is None else rounded(exact, digits)


def of_ball(ball: Any, digits: int) -> str | None:
    """Return a ball's number rounded to `digits` significant decimals, where the ball decides the rounding."""
    if not ball.is_finite() or _astronomic(ball):
        return None
    with ctx.workprec(PRECISIONS[-1]):
        low, high = (rounded(_fraction(end), digits) for end in (ball.lower(), ball.upper()))
    return low if low == high else None


def rounded(value: Fraction, digits: int) -> str:
    """Return an exact rational rounded to nearest, ties to even, with `digits` significant decimals."""
    with localcontext() as context:
        context.prec = digits
        context.rounding = ROUND_HALF_EVEN
        return str(Decimal(value.numerator) / Decimal(value.denominator))


def _astronomic(ball: Any) -> bool:
    """Has the number, or its reciprocal, so many digits that nobody could read them and a fraction would fill memory?"""
    with ctx.workprec(64):
        return any(abs(int(end.man_exp()[1])) > MAX_EXPONENT for end in (ball.lower(), ball.upper()))


def _fraction(end: Any) -> Fraction:
    m, e = end.man_exp()
    return Fraction(int(m)) * Fraction(2) ** int(e)


def below(ball: Any) -> str:
    """Return a decimal of about 8 significant digits that is not above the lower end of a positive ball."""
    mantissa, exponent = ball.lower().mid().man_exp()
    value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    places = 8 - len(str(value.numerator)) + len(str(value.denominator))
    scaled = value * Fraction(10) ** places
    return f"{scaled.numerator // scaled.denominator}e{-places}"
