"""Descent and ascent along exact curves, at any order: shows that a point is no local minimum (or maximum); trusted.

Lemma. If L(theta* + d_1 t + d_2 t^2 + ...) = L(theta*) + c t^k + O(t^(k+1)) as t -> 0+, with c < 0, then theta* is no local minimum; with
c > 0 it is no local maximum. `leading` computes k and the sign of c exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Form, Undecided
from pgb.landscape.place import Place, rationals, vanishes
from pgb.landscape.series import Expansion

MAX_ORDER: Final = 8
Bounds = Mapping[str, tuple[Any, Any]]


def leading(
    place: Place, curve: Sequence[Sequence[Fraction]], order: int, relations: Mapping[str, Any] | None = None
) -> tuple[int, int] | Refused:
    """Return (k, sign of c) of the first coefficient of L - L(theta*) along a curve that is not zero.

    Parameters
    ----------
    place
        theta*.
    curve
        d_1, d_2, ..: n rationals each.
    order
        Coefficients beyond this one are not looked at; at most `MAX_ORDER`.
    relations
        At a certified zero: for a coefficient (by its number) that vanishes there, why; see `pgb.landscape.place.multiple`.
    """
    try:
        coefficients = expand(place, curve, order)
        for k in range(1, order + 1):
            if k == 1 and place.critical and not place.open_guards():
                continue
            if vanishes(place, coefficients[k], (relations or {}).get(str(k))):
                continue
            sign = place.ring.sign(coefficients[k])
            return (k, sign) if sign else Refused("curve", f"needs the sign of coefficient {k}")
    except Undecided as reason:
        return Refused("curve", str(reason))
    return Refused("curve", f"needs a coefficient up to order {order} that is not zero")


def expand(place: Place, curve: Sequence[Sequence[Fraction]], order: int) -> list[Form]:
    """Return the coefficients of L(theta* + d_1 t + d_2 t^2 + ..), 0 to `order`.

    Raises
    ------
    Undecided
        For data of another shape, and where the expansion does not decide a sign.
    """
    if not 1 <= order <= MAX_ORDER or not curve or any(len(d) != place.n for d in curve):
        raise Undecided(f"needs an order of at most {MAX_ORDER} and directions with {place.n} coordinates")
    ring = place.ring
    expansion = Expansion(ring, order)
    start: list[list[Form]] = []
    for j in range(place.n):
        series = expansion.constant(place.coordinates[j])
        for k, d in enumerate(curve[:order], start=1):
            series[k] = ring.constant(d[j])
        start.append(series)
    (value,) = expansion.run(place.source, start)
    return value


def inside(place: Place, curve: Sequence[Sequence[Fraction]], bounds: Bounds) -> bool:
    """Does the curve stay within the bounds for small t > 0?"""
    names = [v.name for v in place.objective.variables]
    ring = place.ring
    for name, limits in bounds.items():
        k = names.index(name)
        for limit, direction in zip(limits, (1, -1), strict=True):
            gap = ring.sub(place.coordinates[k], ring.constant(Fraction(int(limit.p), int(limit.q))))
            sign = ring.sign(gap)
            if sign == direction:
                continue
            first = next((d[k] for d in curve if d[k]), Fraction(0))
            if sign != 0 or direction * first < 0:
                return False
    return True


def verify(place: Place, data: dict[str, Any], sign: int, bounds: Bounds | None = None) -> bool:
    """Check descent (sign -1) or ascent (sign 1) data: {"curve": [d_1, ..], "order": k}."""
    curve, order = rationals(data["curve"]), int(data["order"])
    if bounds and not inside(place, curve, bounds):
        return False
    return leading(place, curve, order, data.get("relations")) == (order, sign)
