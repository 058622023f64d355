"""Strict minima with a one-dimensional kernel, decided by the first term of even order; trusted.

Lemma. Let L be smooth on a d-dimensional face with zero gradient at theta*, let V be d - 1 of its directions with V^T H V positive definite,
and gamma(t) = theta* + t v + t^2 w_2 + ... + t^m w_m a curve in the face, v not in span V, such that V^T grad L(gamma(t)) = O(t^(m+1)) and
L(gamma(t)) = L(theta*) + c t^k + O(t^(k+1)) with k even, c > 0 and 2 (m + 1) > k. Then theta* is a strict local minimum on the face.

Proof. For small t let z(t) be the least point of L on gamma(t) + span V near theta*; h(t) = L(z(t)). As V^T H V is regular, gamma(t) - z(t) =
O(t^(m+1)), so L(gamma(t)) - h(t) = O(t^(2m+2)) and h(t) = L(theta*) + c t^k + O(t^(k+1)) > L(theta*) for t != 0. Every point of the face near
theta* lies on one gamma(t) + span V, on which L is strictly convex with least value h(t). QED
"""

from __future__ import annotations

from typing import Any

from pgb.landscape import certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Form, Ring, Undecided
from pgb.landscape.flat.curves import MAX_ORDER
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.place import PRECISION, combine, rationals
from pgb.landscape.series import Expansion, Series

RULE = "even order"


def verify(face: Face, data: dict[str, Any]) -> Outcome:
    """Check the rule: data["across"] is V (n rows), data["curve"] is [v, w_2, .., w_m], data["order"] is k."""
    across, curve, order = rationals(data["across"]), rationals(data["curve"]), int(data["order"])
    hessian, programs = face.hessian(), face.programs()
    if isinstance(hessian, Refused):
        return hessian
    if isinstance(programs, Refused):
        return programs
    if not face.critical():
        return Refused(RULE, "needs a gradient that is exactly zero along the face")
    if order % 2 or not 2 <= order <= MAX_ORDER or 2 * (len(curve) + 1) <= order:
        return Refused(RULE, f"needs an even order of at most {MAX_ORDER} and a curve of at least half that many terms")
    columns = tuple((*row, *w) for row, w in zip(across, zip(*curve, strict=True), strict=True))
    frame = [(*row, w) for row, w in zip(across, curve[0], strict=True)]
    if certificates.rank(frame) != face.dim or len(frame[0]) != face.dim or not face.contains(columns):
        return Refused(RULE, "needs directions of the face that span it together")
    if across[0] and certificates.positive_definite(hessian, across, PRECISION) is not True:
        return Refused(RULE, "needs a positive definite Hessian across the curve")
    try:
        value, slopes = expand(face, programs, curve, order)
    except Undecided as reason:
        return Refused(RULE, str(reason))
    ring = face.place.ring
    for column in zip(*across, strict=True):
        series = along(ring, slopes, column)
        if not all(ring.is_zero(c) for c in series[: len(curve) + 1]):
            return Refused(RULE, f"needs derivatives across the curve that vanish to order {len(curve)}")
    if not all(ring.is_zero(c) for c in value[1:order]) or ring.sign(value[order]) != 1:
        return Refused(
            RULE, f"needs {order} as the first order with a coefficient that is not 0, and that one positive"
        )
    return Proved(strict=True)


def expand(face: Face, programs: Any, curve: Any, order: int) -> tuple[Series, list[Series]]:
    """Return the series of L and of its n partial derivatives along theta* + t v + t^2 w_2 + .."""
    ring = face.place.ring
    expansion = Expansion(ring, order)
    start = []
    for j, coordinate in enumerate(face.place.coordinates):
        series = expansion.constant(coordinate)
        for k, w in enumerate(curve[:order], start=1):
            series[k] = ring.constant(w[j])
        start.append(series)
    (value,) = expansion.run(programs.value, start)
    return value, expansion.run(programs.gradient, start)


def along(ring: Ring, slopes: list[Series], direction: Any) -> list[Form]:
    """Return the series of the derivative in a direction."""
    return [combine(ring, {}, direction, [s[k] for s in slopes]) for k in range(len(slopes[0]))]
