"""Checks a proof that a place is a local minimum on a face, rule by rule; trusted, without any search.

A proof is plain data: ``{"rule": name, ..}``, with the proof on a smaller face under ``"then"`` where the rule reduces to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pgb.landscape.certificates import Refused
from pgb.landscape.flat import basic, convex_image, even_order, morse_bott, pieces, slices
from pgb.landscape.flat.face import Face, Outcome

Bounds = Mapping[str, tuple[Any, Any]]
_DIRECT: Final[dict[str, Callable[[Face, dict[str, Any]], Outcome]]] = {
    "definite": basic.verify_definite,
    "constant": basic.verify_constant,
    "convex": basic.verify_convex,
    "nonnegative": basic.verify_nonnegative,
    "convex image": convex_image.verify,
    "even order": even_order.verify,
    "morse-bott": morse_bott.verify,
}
REDUCING: Final[dict[str, Callable[[Face, dict[str, Any], slices.Verify], Outcome]]] = {
    "critical slice": slices.verify_critical,
    "sharp coordinate": slices.verify_sharp,
    "lowest piece": pieces.verify,
    "every piece": pieces.verify_every,
}


def verify(face: Face, proof: Any, bounds: Bounds | None = None) -> Outcome:
    """Check a proof that theta* is a local minimum of L on the face (and within the bounds, where the rule `bound` is used).

    Parameters
    ----------
    face
        The place and the directions.
    proof
        Plain data.
    bounds
        Closed interval of each bounded variable.
    """

    def inner(small: Face, data: dict[str, Any]) -> Outcome:
        return verify(small, data, bounds)

    try:
        rule = proof["rule"]
        if rule in _DIRECT:
            return _DIRECT[rule](face, proof)
        if rule in REDUCING:
            return REDUCING[rule](face, proof, inner)
        if rule == "bound":
            return slices.verify_bound(face, proof, inner, bounds or {})
        return Refused("proof", f"needs a known rule, got {rule!r}")
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        return Refused("proof", f"is not of the form that its rule needs ({type(error).__name__}: {error})")
