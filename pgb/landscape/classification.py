"""What is known about one point of an objective, and where that point is, in certified decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

from flint import arb, ctx

from pgb.evidence import Evidence
from pgb.landscape import balls, compare, proposals
from pgb.landscape.exact import Undecided
from pgb.landscape.place import PRECISION, Place
from pgb.landscape.results import Kind

DIGITS: Final = 30


@dataclass(frozen=True, slots=True)
class Classification:
    """What is certified about one point.

    Attributes
    ----------
    kind
        The type; None where the point is no critical point (or nothing is decided about that). DEGENERATE means critical but of
        undecided type.
    strict
        Whether a minimum or maximum is strict, where decided.
    index
        Number of negative Hessian eigenvalues, where certified.
    status
        CERTIFIED, or UNDECIDED for the type.
    reason
        One sentence: which rule decided, or what is missing.
    critical
        True or False where decided, else None (at kinks, say).
    local_minimum
        True or False where decided (also False for points that are not critical), else None.
    exact
        Whether the point itself is meant; False for a certified critical point near it.
    theta, radius, value
        Certified decimals: every coordinate is within `radius` of the one meant; the value is correctly rounded.
    distance
        Upper bound of the distance from the given point, per coordinate ("0" where exact).
    certificate
        Plain data for `pgb.landscape.recheck.check`; empty where nothing is certified.
    """

    kind: Kind | None
    strict: bool | None
    index: int | None
    status: Evidence
    reason: str
    critical: bool | None
    local_minimum: bool | None
    exact: bool
    theta: Mapping[str, str]
    radius: str
    value: str | None
    distance: str = "0"
    certificate: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data with stable keys."""
        return {
            "kind": None if self.kind is None else str(self.kind),
            "strict": self.strict,
            "index": self.index,
            "status": str(self.status),
            "reason": self.reason,
            "critical": self.critical,
            "local_minimum": self.local_minimum,
            "exact": self.exact,
            "theta": dict(self.theta),
            "radius": self.radius,
            "value": self.value,
            "distance": self.distance,
            "certificate": dict(self.certificate),
        }


def described(place: Place, exact: bool, distance: str) -> Classification:
    """Return the part of a classification that only says where the point is."""
    centre = [proposals.fraction(b) for b in place.balls()]
    theta = {v.name: compare.rounded(c, DIGITS) for v, c in zip(place.objective.variables, centre, strict=True)}
    radius = max(
        (_gap(b, Fraction(theta[v.name])) for v, b in zip(place.objective.variables, place.balls(), strict=True)),
        default=Fraction(0),
    )
    shown = _value(place)
    return Classification(
        None, None, None, Evidence.UNDECIDED, "", None, None, exact, theta, rounded_up(radius), shown, distance
    )


def _value(place: Place) -> str | None:
    """Return the objective's value, correctly rounded, or None where no enclosure decides the rounding."""
    try:
        (value,) = balls.run(place.source, place.balls(), PRECISION)
        shown = compare.of_ball(value, DIGITS)
        if shown is None and place.exact:
            exact = place.ring.rational(place.ring.run(place.source, list(place.coordinates))[0])
            shown = None if exact is None else compare.rounded(exact, DIGITS)
    except (balls.NoEnclosure, Undecided):
        return None
    return shown


def _gap(ball: arb, shown: Fraction) -> Fraction:
    """Return an upper bound of the distance between a ball's points and a rational."""
    with ctx.workprec(PRECISION):
        return proposals.fraction(abs(ball - balls.exact(shown)).upper())


def rounded_up(value: Fraction) -> str:
    """Return a decimal not below a non-negative rational, with three digits."""
    if value == 0:
        return "0"
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        return str(Decimal(value.numerator) / Decimal(value.denominator))
