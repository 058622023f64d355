"""Certified zeros as decimal strings: rounding is exact, the printed radius includes it. Trusted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pgb.landscape.polynomial.exact import ExactZero


def fraction(midpoint: Any) -> Fraction:
    """Return an Arb midpoint as the rational it is."""
    mantissa, exponent = midpoint.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def decimal(value: Fraction, digits: int) -> str:
    """Return the decimal with `digits` significant digits nearest to an exact number, in plain notation."""
    if value == 0:
        return "0"
    sign, size = ("-" if value < 0 else ""), abs(value)
    exponent = len(str(size.numerator)) - len(str(size.denominator))
    if size < Fraction(10) ** exponent:
        exponent -= 1
    places = digits - 1 - exponent
    scaled = round(size * Fraction(10) ** places)
    if places <= 0:
        return sign + str(scaled * 10**-places)
    text = str(scaled).rjust(places + 1, "0")
    whole, part = text[:-places], text[-places:].rstrip("0")
    return sign + whole + ("." + part if part else "")


def upper_decimal(value: Fraction) -> str:
    """Return a short decimal in scientific notation that is at least a nonnegative exact number."""
    if value == 0:
        return "0"
    exponent = len(str(value.numerator)) - len(str(value.denominator)) - 1
    scaled = value / Fraction(10) ** exponent
    while scaled >= 10:
        scaled, exponent = scaled / 10, exponent + 1
    mantissa = -((-scaled * 10) // 1)
    return f"{int(mantissa) // 10}.{int(mantissa) % 10}e{exponent}" if mantissa < 100 else f"1.0e{exponent + 1}"


def coordinates(zero: ExactZero, digits: int) -> tuple[list[Fraction], list[str], str]:
    """Return a real zero's rounded coordinates, as exact decimals and as strings, and a radius that holds the true ones."""
    texts, exact, worst = [], [], Fraction(0)
    for c in zero.centre:
        middle = fraction(c.real.mid())
        text = decimal(middle, digits)
        texts.append(text)
        exact.append(Fraction(text))
        worst = max(worst, abs(exact[-1] - middle))
    return exact, texts, upper_decimal(worst + Fraction(zero.radius))


def value_text(ball: Any, digits: int) -> str:
    """Return a real ball as a decimal whose last digit may be off by one; fewer digits where the ball is wider."""
    middle, radius = fraction(ball.mid()), fraction(ball.rad().mid()) + fraction(ball.rad().rad().mid())
    if radius == 0 or abs(middle) > radius * 10 ** (digits + 1):
        return decimal(middle, digits)
    if abs(middle) <= radius:
        places = max(-(len(str(radius.numerator)) - len(str(radius.denominator)) + 1), 0)
        return decimal(Fraction(round(middle * 10**places), 10**places), digits)
    return decimal(middle, max(1, len(str(int(abs(middle) / radius))) - 1))


def negate(texts: Sequence[str], signs: Sequence[int]) -> list[str]:
    """Return the decimals with the signs of an orbit's member applied."""
    return [
        t if s > 0 or t == "0" else t[1:] if t.startswith("-") else "-" + t for t, s in zip(texts, signs, strict=True)
    ]
