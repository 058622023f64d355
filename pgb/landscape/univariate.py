"""All critical points of a polynomial in one variable, by exact isolation of the zeros of its derivative; trusted.

The real zeros of a rational polynomial are isolated with their multiplicities by continued fractions, as sympy does (Akritas
and Strzebonski, "A comparative study of two real root isolation methods", 2005). At a zero c of multiplicity m of f',
f'(t) = (t - c)^m h(t) with h(c) != 0, and m! h(c) is the m-th derivative of f' at c: for odd m the point is a strict minimum
or maximum by its sign, for even m it is neither. So nothing stays undecided, and nothing can be missing.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any, Final

import sympy
from flint import arb, ctx, fmpq

from pgb.errors import PgbError
from pgb.evidence import Evidence
from pgb.landscape.compare import of_ball
from pgb.landscape.results import CriticalPoint, CriticalSet, Kind
from pgb.objective import Objective

FORMAT: Final = "pgb-univariate-1"
DIGITS: Final = 40
WIDTH: Final = Fraction(1, 10 ** (DIGITS + 20))
BITS: Final = 400
WHY: Final = "Complete: the derivative is a polynomial in one variable, and its real zeros are isolated exactly."


def critical_points_on_the_line(title: str, objective: Objective) -> CriticalSet:
    """Return all critical points of a polynomial with rational coefficients in one variable, each typed.

    Parameters
    ----------
    objective
        A function of one variable, of degree at least 3.
    """
    begun = time.perf_counter()
    (theta,) = objective.variables
    f = sympy.Poly(objective.expression, theta, domain="QQ")
    slope = f.diff(theta)
    width = sympy.Rational(WIDTH.numerator, WIDTH.denominator)
    factors = [(p, m) for p, m in slope.factor_list()[1]]
    points = [
        _point(theta.name, f, slope, p, m, _fraction(low), _fraction(high))
        for p, m in factors
        for (low, high), _ in p.intervals(eps=width)
    ]
    points.sort(key=lambda p: (Fraction(p.value), Fraction(p.theta[theta.name])))
    number = sum(p.degree() for p, _ in factors)
    seconds = time.perf_counter() - begun
    return CriticalSet(
        title, Evidence.CERTIFIED, True, WHY, tuple(points), number, len(points), seconds=seconds
    )  # fmt: skip


def _fraction(v: sympy.Rational) -> Fraction:
    return Fraction(int(v.p), int(v.q))


def _ball(low: Fraction, high: Fraction) -> Any:
    middle, radius = (low + high) / 2, (high - low) / 2
    centre = arb(fmpq(middle.numerator, middle.denominator))
    return centre + arb(0, 1) * arb(fmpq(radius.numerator, radius.denominator))


def _at(p: sympy.Poly, ball: Any) -> Any:
    """Return a polynomial's value on a ball, by Horner's rule."""
    out = arb(0)
    for c in p.all_coeffs():
        out = out * ball + arb(fmpq(int(c.p), int(c.q)))
    return out


def _decimals(ball: Any) -> str:
    text = of_ball(ball, DIGITS)
    return str(ball.mid().str(DIGITS, radius=False)) if text is None else text


def _point(
    name: str, f: sympy.Poly, slope: sympy.Poly, factor: sympy.Poly, m: int, low: Fraction, high: Fraction
) -> CriticalPoint:
    """Return the critical point in [low, high], a zero of the irreducible `factor` and one of multiplicity m of f'.

    The value f(c) is rational just where f has a constant remainder modulo the factor; otherwise a ball decides its digits.
    """
    before = ctx.prec
    ctx.prec = BITS
    try:
        ball = _ball(low, high)
        rise = _at(slope.diff((slope.gen, m)), ball)
        if not (rise > 0 or rise < 0):
            raise PgbError(f"the type of the critical point near {name} = {float(low)} is not decided at {BITS} bits")
        constant = f.rem(factor)
        exact = constant.degree() <= 0
        value = str(constant.as_expr()) if exact else _decimals(_at(f, ball))
        value = _decimals(arb(fmpq(*map(int, sympy.Rational(value).as_numer_denom())))) if exact else value
        shown = str(sympy.Integer(low)) if low == high and low.denominator == 1 else _decimals(ball)
    finally:
        ctx.prec = before
    gap = max(abs(Fraction(shown) - low), abs(Fraction(shown) - high))
    kind = Kind.SADDLE if m % 2 == 0 else Kind.LOCAL_MINIMUM if rise > 0 else Kind.LOCAL_MAXIMUM
    certificate = {"format": FORMAT, "interval": [str(low), str(high)]}
    return CriticalPoint(
        {name: shown}, value, kind, int(m == 1 and kind is Kind.LOCAL_MAXIMUM), Evidence.CERTIFIED,
        "0" if not gap else "1e-40" if gap < Fraction(1, 10**40) else f"{float(gap) * 1.01:.2e}",
        None if kind is Kind.SADDLE else True, m, certificate,
    )  # fmt: skip


def refusal(point: Any, objective: Objective) -> str | None:
    """Return why a recorded point is refused, after computing everything again; None when it is confirmed."""
    if len(objective.variables) != 1 or not objective.expression.is_polynomial(*objective.variables):
        return "the objective is no polynomial in one variable"
    found = [p.to_json() for p in critical_points_on_the_line("", objective).points]
    near = [p for p in found if p["certificate"] == point["certificate"]]
    if not near:
        return "exact isolation finds no critical point in the record's interval"
    for name, value in near[0].items():
        if point.get(name) != value or type(point.get(name)) is not type(value):
            shown, said = (_shown(name, v) for v in (value, point.get(name)))
            return f"exact isolation gives {shown}, the record says {said}"
    return None


def _shown(name: str, value: Any) -> str:
    if isinstance(value, dict) and name == "theta":
        return ", ".join(f"{n} = {v}" for n, v in value.items())
    return f"{name} = {value}"
