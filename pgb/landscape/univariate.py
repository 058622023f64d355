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
from flint import arb, ctx

from pgb.errors import PgbError
from pgb.evidence import Evidence
from pgb.landscape import balls
from pgb.landscape.classification import rounded_up
from pgb.landscape.compare import of_ball, rounded
from pgb.landscape.results import CriticalPoint, CriticalSet, Kind
from pgb.objective import Objective

FORMAT: Final = "pgb-univariate-1"
DIGITS: Final = 40
WIDTHS: Final = (
    60,
    240,
    960,
    3_840,
)  # decimals to which an isolating interval is narrowed, until every digit is decided
WHY: Final = "Complete: the derivative is a polynomial in one variable, and its real zeros are isolated exactly."


def on_the_line(objective: Objective) -> sympy.Poly | None:
    """Return the objective as a polynomial with rational coefficients in its only variable; None where it is none."""
    if len(objective.variables) != 1 or not objective.expression.is_polynomial(*objective.variables):
        return None
    f = sympy.Poly(objective.expression, *objective.variables)
    return f.set_domain("QQ") if all(c.is_Rational for c in f.coeffs()) else None


def critical_points_on_the_line(title: str, objective: Objective, f: sympy.Poly) -> CriticalSet:
    """Return all critical points of a polynomial with rational coefficients in one variable, each typed.

    Parameters
    ----------
    objective
        A function of one variable that is not constant.
    f
        The same as a polynomial (`on_the_line`).
    """
    begun = time.perf_counter()
    factors = f.diff().factor_list()[1]
    points = [_point(objective, f, p, m, low, high) for p, m in factors for (low, high), _ in p.intervals()]
    points.sort(key=lambda p: (Fraction(p.value), Fraction(p.theta[objective.variables[0].name])))
    number = sum(p.degree() for p, _ in factors)
    seconds = time.perf_counter() - begun
    return CriticalSet(title, Evidence.CERTIFIED, True, WHY, tuple(points), number, len(points), seconds=seconds)


def _ball(low: Fraction, high: Fraction) -> Any:
    return balls.exact(low).union(balls.exact(high))


def _at(p: sympy.Poly, ball: Any) -> Any:
    """Return a polynomial's value on a ball, by Horner's rule."""
    out = arb(0)
    for c in p.all_coeffs():
        out = out * ball + balls.exact(_fraction(c))
    return out


def _fraction(v: sympy.Rational) -> Fraction:
    return Fraction(int(v.p), int(v.q))


def _point(
    objective: Objective, f: sympy.Poly, factor: sympy.Poly, m: int, low: sympy.Rational, high: sympy.Rational
) -> CriticalPoint:
    """Return the critical point c in [low, high], a zero of the irreducible `factor` and one of multiplicity m of f'.

    f(c) is rational just where f has a constant remainder modulo the factor. So narrow enough intervals decide the sign of the
    m-th derivative of f', which is not 0, and every digit of c and f(c) that is not exact anyway.
    """
    (theta,) = objective.variables
    constant = f.rem(factor)
    value = rounded(_fraction(constant.nth(0)), DIGITS) if constant.degree() <= 0 else None
    shown = rounded(_fraction(-factor.nth(0) / factor.nth(1)), DIGITS) if factor.degree() == 1 else None
    for decimals in WIDTHS:
        low, high = factor.refine_root(low, high, eps=sympy.Rational(1, 10**decimals)) if low != high else (low, high)
        ends = _fraction(low), _fraction(high)
        with ctx.workprec(4 * decimals + 64):
            ball = _ball(*ends)
            rise = _at(f.diff((theta, m + 1)), ball)
            place, there = shown or of_ball(ball, DIGITS), value or of_ball(_at(f, ball), DIGITS)
        if place is not None and there is not None and (rise > 0 or rise < 0):
            return _described(theta.name, place, there, m, bool(rise > 0), ends)
    raise PgbError(f"the critical point near {theta.name} = {float(low)} needs more than {WIDTHS[-1]} decimals")


def _described(
    name: str, place: str, value: str, m: int, rises: bool, ends: tuple[Fraction, Fraction]
) -> CriticalPoint:
    gap = max(abs(Fraction(place) - end) for end in ends)
    kind = Kind.SADDLE if m % 2 == 0 else Kind.LOCAL_MINIMUM if rises else Kind.LOCAL_MAXIMUM
    index = int(m == 1 and kind is Kind.LOCAL_MAXIMUM)
    strict = None if kind is Kind.SADDLE else True
    certificate = {"format": FORMAT, "interval": [str(end) for end in ends]}
    return CriticalPoint({name: place}, value, kind, index, Evidence.CERTIFIED, rounded_up(gap), strict, m, certificate)


def refusal(point: Any, objective: Objective) -> str | None:
    """Return why a recorded point is refused, after computing everything again; None when it is confirmed."""
    f = on_the_line(objective)
    if f is None:
        return "the objective is no polynomial in one variable with rational coefficients"
    found = [p.to_json() for p in critical_points_on_the_line("", objective, f).points]
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
