"""Looks for a proof that a place is a local minimum on a face; untrusted: what it returns has passed `rules.verify`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from pgb.landscape.certificates import Refused
from pgb.landscape.flat import pieces, search, slices
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.flat.rules import REDUCING, Bounds, verify
from pgb.landscape.place import plain


def prove(
    face: Face, rng: np.random.Generator, bounds: Bounds | None = None, depth: int = 0
) -> tuple[dict[str, Any], Proved] | list[Refused]:
    """Look for a proof that theta* is a local minimum on the face; return it checked, or why every attempt failed."""
    refusals: list[Refused] = []

    def attempt(proof: dict[str, Any]) -> Proved | None:
        outcome = verify(face, proof, bounds)
        if isinstance(outcome, Proved):
            return outcome
        refusals.append(outcome)
        return None

    for proof in _plain_attempts(face, rng):
        done = attempt(proof)
        if done:
            return proof, done
    if depth >= search.MAX_DEPTH:
        return refusals
    for proof, small in _reductions(face, rng, bounds):
        shallow = _reduces(face, proof, bounds)
        if isinstance(shallow, Refused):
            refusals.append(shallow)
            continue
        found = prove(small, rng, bounds, depth + 1)
        if isinstance(found, list):
            refusals += found
            continue
        whole = {**proof, "then": found[0]}
        done = attempt(whole)
        if done:
            return whole, done
    for proof in _last_attempts(face, rng):
        done = attempt(proof)
        if done:
            return proof, done
    return refusals


def _plain_attempts(face: Face, rng: np.random.Generator) -> Any:
    """Yield proofs by the rules that need no smaller face, cheap ones first."""
    if face.dim == 0:
        yield {"rule": "constant"}
        return
    found = search.eigen(face)
    if found is not None:
        values, vectors = found
        if min(values) > 0:
            yield {"rule": "definite", "basis": plain(face.sub(vectors).basis)}
            return
        if search.split(values)[0]:
            return
    if face.place.objective.outputs and not face.place.piece:
        yield from search.convex_image(face)
    if found is None or all(v == 0 for v in found[0]):
        yield {"rule": "constant"}
    yield from search.morse_bott(face, rng)
    if found is not None:
        yield from search.even_order(face)


def _last_attempts(face: Face, rng: np.random.Generator) -> Any:
    """Yield proofs that tell less about strictness, or cost more."""
    yield {"rule": "nonnegative"}
    yield {"rule": "convex"}
    place = face.place
    guards = place.open_guards()
    if not guards or face.dim != place.n or len(guards) > search.MAX_PIECES or place.piece:
        return
    proofs = []
    for signs in itertools.product((1, -1), repeat=len(guards)):
        smooth = pieces.piece(place, dict(zip(guards, signs, strict=True)))
        found = prove(Face.whole(smooth), rng, None, search.MAX_DEPTH - 1) if smooth.critical else []
        if isinstance(found, list):
            return
        proofs.append(found[0])
    yield {"rule": "every piece", "pieces": proofs}


def _reductions(face: Face, rng: np.random.Generator, bounds: Bounds | None) -> Any:
    """Yield (proof without its end, smaller face)."""
    names = [v.name for v in face.place.objective.variables]
    for name, (low, high) in (bounds or {}).items():
        inside = slices.without(face.basis, names.index(name)) if name in names else None
        if inside is not None:
            for side, limit in (("low", low), ("high", high)):
                if limit is not None:
                    yield {"rule": "bound", "variable": name, "side": side}, Face(face.place, inside)
    yield from search.sharp_slices(face)
    yield from search.lowest_pieces(face)
    yield from search.critical_slices(face, rng)


def _reduces(face: Face, proof: dict[str, Any], bounds: Bounds | None) -> Refused | None:
    """Check a reduction alone, with the end taken for granted: spares the search on slices that lead nowhere."""

    def accept(*_: Any) -> Outcome:
        return Proved(strict=None)

    data = {**proof, "then": {}}
    if proof["rule"] == "bound":
        outcome = slices.verify_bound(face, data, accept, bounds or {})
    else:
        outcome = REDUCING[proof["rule"]](face, data, accept)
    return outcome if isinstance(outcome, Refused) else None
