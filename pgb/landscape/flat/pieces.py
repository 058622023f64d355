"""Minima of kinked functions through their smooth pieces: the lowest one, or every one of them; trusted.

every piece. Near theta* the value of L at each point is that of one of the pieces L_tau, tau the signs of the guards that may vanish
(relu and Abs do not care about the sign at 0). If theta* is a local minimum of every piece, it is one of L; a strict one if it is a
strict one of each.

lowest piece. Let kappa_1 .. kappa_p be the guards that vanish at theta*, each smooth there with non-zero gradient and read by relu and Abs only,
and L_tau the smooth piece for the signs tau. Fix signs sigma. Suppose that for every j and every choice of the other signs the difference
D = L_(.. -sigma_j ..) - L_(.. sigma_j ..) of two pieces that differ in sign j only grows at first order on the side -sigma_j: for a direction d
with derivative of -sigma_j kappa_j positive along d, that of D is positive at theta*. Then L >= L_sigma near theta*, and theta* is a local
minimum of L if it is one of the smooth function L_sigma; a strict one if it is a strict one of L_sigma.

Proof. D vanishes where kappa_j does (relu and Abs are continuous), so D = -sigma_j kappa_j G with G smooth (Hadamard) and
G(theta*) > 0: hence D >= 0 near theta* where the sign of kappa_j is -sigma_j. At a point with signs tau, flip the signs that differ from sigma one
after another: L = L_tau >= .. >= L_sigma. QED
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import differentiate
from pgb.landscape.exact import Form, Undecided
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.flat.slices import MAX_KINKS, kinked
from pgb.landscape.place import Place, combine

RULE = "lowest piece"
Verify = Callable[[Face, dict[str, Any]], Outcome]


def verify(face: Face, data: dict[str, Any], verify_piece: Verify) -> Outcome:
    """Check the rule: data["signs"] is sigma by position among the open guards, data["then"] the proof for L_sigma."""
    place = face.place
    guards, signs = place.open_guards(), data["signs"]
    if face.dim != place.n or not guards or len(guards) > MAX_KINKS:
        return Refused(RULE, f"needs the whole space, and 1 to {MAX_KINKS} kinks")
    if len(signs) != len(guards) or any(s not in (1, -1) for s in signs):
        return Refused(RULE, f"needs a sign for each of {len(guards)} kinks")
    if not all(place.source.continuous_at(k) for k in guards):
        return Refused(RULE, "needs kinks of relu and Abs only")
    chosen = dict(zip(guards, signs, strict=True))
    try:
        at = place.ring.run(place.source.guard_values().pick(guards), list(place.coordinates))
        if not all(place.ring.is_zero(g) for g in at):
            return Refused(RULE, "needs guards that vanish exactly")
        if not all(_below(place, chosen, k) for k in guards):
            return Refused(RULE, "needs a piece that lies below its neighbours at first order")
    except Undecided as reason:
        return Refused(RULE, str(reason))
    outcome = verify_piece(Face.whole(piece(place, chosen)), data["then"])
    return Proved(strict=True if outcome.strict else None) if isinstance(outcome, Proved) else outcome


def verify_every(face: Face, data: dict[str, Any], verify_piece: Verify) -> Outcome:
    """Check the rule `every piece`: data["pieces"] is a proof for each choice of signs, + first, in lexicographic order."""
    rule, place = "every piece", face.place
    guards = place.open_guards()
    proofs = data["pieces"]
    if face.dim != place.n or not guards or len(guards) > MAX_KINKS or len(proofs) != 2 ** len(guards):
        return Refused(rule, f"needs the whole space, 1 to {MAX_KINKS} kinks and a proof for each of their pieces")
    if not all(place.source.continuous_at(k) for k in guards):
        return Refused(rule, "needs kinks of relu and Abs only")
    strict = True
    for signs, proof in zip(itertools.product((1, -1), repeat=len(guards)), proofs, strict=True):
        outcome = verify_piece(Face.whole(piece(place, dict(zip(guards, signs, strict=True)))), proof)
        if isinstance(outcome, Refused):
            return outcome
        strict = strict and outcome.strict is True
    return Proved(strict=True if strict else None)


def _below(place: Place, chosen: Mapping[int, int], k: int) -> bool:
    """Is every piece with the chosen sign of guard k below the piece with the other sign, on the other side of the kink?"""
    ring = place.ring
    guard = place.source.guard_values().pick([k])
    if kinked(place, guard):
        return False
    slope = ring.run(differentiate(guard).gradient, list(place.coordinates))
    direction = _crossing(place, slope, -chosen[k])
    if direction is None:
        return False
    others = [g for g in chosen if g != k]
    for signs in itertools.product((1, -1), repeat=len(others)):
        rest = dict(zip(others, signs, strict=True))
        beyond, here = (
            ring.run(differentiate(place.source.resolve({**rest, k: s})).gradient, list(place.coordinates))
            for s in (-chosen[k], chosen[k])
        )
        difference = [ring.sub(a, b) for a, b in zip(beyond, here, strict=True)]
        if ring.sign(combine(ring, {}, direction, difference)) != 1:
            return False
    return True


def _crossing(place: Place, slope: Sequence[Form], side: int) -> list[Fraction] | None:
    """Return a unit direction along which side * guard certainly grows, or None."""
    for j, g in enumerate(slope):
        sign = place.ring.sign(g)
        if sign:
            return [Fraction(side * sign if i == j else 0) for i in range(place.n)]
    return None


def piece(place: Place, signs: Mapping[int, int]) -> Place:
    """Return the same point as a place of the smooth piece with these signs of the open guards."""
    source = place.source.resolve(dict(signs))
    smooth = replace(place, source=source, piece=True, critical=False, _cache={})
    programs = smooth.smooth()
    if programs is None:
        return smooth
    try:
        gradient = place.ring.run(programs.gradient, list(place.coordinates))
    except Undecided:
        return smooth
    return replace(smooth, critical=all(place.ring.is_zero(g) for g in gradient))
