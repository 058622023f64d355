"""Rules that reduce local minimality on a face to a smaller face; trusted.

Three lemmas; in each, theta* is a local minimum of L on the face if (for the first two: exactly if) it is one on the smaller face, and a
strict one if it is a strict one there.

critical slice. Let the face be spanned by T and B'. If every derivative of L along T vanishes identically on theta* + span B'
near theta*, and the Hessian is positive definite on span T, then L(s + t) >= L(s) for s on the slice and small t in span T,
with equality only for t = 0. Proof: the Hessian on span T stays positive definite near theta*, so t -> L(s + t) is strictly convex on a
small ball, and t = 0 is its critical point. QED (An even symmetry L(s + t) = L(s - t) is the usual cause of the identity.)

sharp coordinate. Let d be a direction of the face that is not in span B', and let L be piecewise smooth and continuous: near theta* it is, at
each point, one of finitely many smooth functions, one for each assignment of signs to the guards that may vanish. Suppose that
for t > 0 all those whose signs can occur have a positive derivative along d at theta*, or all have one that vanishes
identically near theta*; and likewise, with -d, for t < 0. Then L(s + t d) >= L(s): on each such line L is locally Lipschitz with these
one-sided derivatives. QED. Off the slice the inequality is strict on a side of the first sort; on one of the second sort L is constant
along d, and theta* is no strict minimum. A guard that vanishes identically on the slice and has a non-zero derivative along d has
the sign of t times that derivative; for others both signs are admitted. On the slice L may still be kinked.

bound. Let a variable v be bounded below (above), theta*_v at the bound, d = e_v (-e_v), span B' the directions of the face without v. If
the derivative of L along d is positive at theta* in every admitted piece, then moving inward from a point of the slice raises L.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pgb.landscape import certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import differentiate
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.face import Face, Matrix, Outcome, Proved, stack
from pgb.landscape.place import PRECISION, Place, combine, derivative_vanishes, rationals
from pgb.landscape.program import KINKS, Program

MAX_KINKS: Final = 10
Verify = Callable[[Face, dict[str, Any]], Outcome]


def verify_critical(face: Face, data: dict[str, Any], verify: Verify) -> Outcome:
    """Check `critical slice`: data["across"] is T, data["slice"] is B' (n rows each), data["then"] the proof on the slice."""
    rule = "critical slice"
    across, inside = rationals(data["across"]), rationals(data["slice"])
    refused = _complement(face, rule, across, inside)
    if refused:
        return refused
    programs, hessian = face.programs(), face.hessian()
    if isinstance(programs, Refused):
        return programs
    if isinstance(hessian, Refused):
        return hessian
    definite = certificates.positive_definite(hessian, rationals(data["basis"]), PRECISION)
    spans = certificates.rank([[*a, *b] for a, b in zip(across, rationals(data["basis"]), strict=True)])
    if definite is not True or len(rationals(data["basis"])[0]) != len(across[0]) or spans != len(across[0]):
        return Refused(rule, f"needs a positive definite Hessian across: {definite}")
    small = Face(face.place, inside)
    points = small.points() if inside and inside[0] else list(face.place.coordinates)
    for direction in zip(*across, strict=True):
        if not derivative_vanishes(face.place.ring, programs.gradient, points, direction):
            return Refused(rule, "needs derivatives across the slice that vanish identically on it")
    return verify(small, data["then"])


def _complement(face: Face, rule: str, across: Matrix, inside: Matrix) -> Refused | None:
    """Refuse unless the columns of both together are a basis of the face's directions."""
    n = face.place.n
    if len(across) != n or len(inside) != n:
        return Refused(rule, f"needs directions with {n} coordinates")
    joined = [[*a, *b] for a, b in zip(across, inside, strict=True)]
    if (
        len(joined[0]) != face.dim
        or certificates.rank(joined) != face.dim
        or not face.contains(tuple(map(tuple, joined)))
    ):
        return Refused(rule, "needs directions across and inside that form a basis of the face")
    return None


def verify_sharp(face: Face, data: dict[str, Any], verify: Verify) -> Outcome:
    """Check `sharp coordinate`: data["across"] is d (one column), data["slice"] is B', data["then"] the proof on the slice."""
    rule = "sharp coordinate"
    across, inside = rationals(data["across"]), rationals(data["slice"])
    refused = _complement(face, rule, across, inside)
    if refused:
        return refused
    small = Face(face.place, inside)
    (direction,) = zip(*across, strict=True)
    level = False
    for side in (1, -1):
        moved = [side * v for v in direction]
        reason = rises(face, small, moved)
        if reason and not stays(face, small, moved):
            return Refused(rule, f"{reason} on the {'positive' if side > 0 else 'negative'} side")
        level |= bool(reason)
    outcome = verify(small, data["then"])
    return Proved(strict=False) if level and isinstance(outcome, Proved) else outcome


def rises(face: Face, small: Face, direction: Sequence[Fraction]) -> str:
    """Return why L may fail to have a positive derivative along a direction in a piece beside the slice; empty if it has."""
    place = face.place
    pieces = _pieces(face, small, direction)
    if isinstance(pieces, str):
        return pieces
    for source in pieces:
        try:
            gradient = place.ring.run(differentiate(source).gradient, list(place.coordinates))
            sign = place.ring.sign(combine(place.ring, {}, direction, gradient))
        except Undecided as reason:
            return str(reason)
        if sign != 1:
            return "a derivative across the slice is not certainly positive"
    return ""


def stays(face: Face, small: Face, direction: Sequence[Fraction]) -> bool:
    """Does every piece beside the slice have a derivative along a direction that vanishes identically on the face?"""
    pieces = _pieces(face, small, direction)
    if isinstance(pieces, str):
        return False
    ring, points = face.place.ring, face.points()
    return all(derivative_vanishes(ring, differentiate(source).gradient, points, direction) for source in pieces)


def _pieces(face: Face, small: Face, direction: Sequence[Fraction]) -> list[Program] | str:
    """Return the smooth pieces that can occur beside the slice, or why they are not known."""
    place = face.place
    open_guards = face.open_guards()
    if len(open_guards) > MAX_KINKS:
        return f"more than {MAX_KINKS} kinks meet here"
    if not all(place.source.continuous_at(k) for k in open_guards):
        return "a function that may jump is used here"
    dead = dict.fromkeys(face.dead_guards(), 0)
    known = _sides(place, small, open_guards, direction)
    free = [k for k in open_guards if k not in known]
    return [
        place.source.resolve({**dead, **known, **dict(zip(free, signs, strict=True))})
        for signs in itertools.product((1, -1), repeat=len(free))
    ]


def _sides(place: Place, small: Face, guards: Sequence[int], direction: Sequence[Fraction]) -> Mapping[int, int]:
    """Return the signs, beside the slice, of guards that vanish identically on it and not to first order across it."""
    found = {}
    dead = set(small.dead_guards())
    for k in guards:
        guard = place.source.guard_values().pick([k])
        if k not in dead or kinked(place, guard):
            continue
        try:
            gradient = place.ring.run(differentiate(guard).gradient, list(place.coordinates))
            sign = place.ring.sign(combine(place.ring, {}, direction, gradient))
        except Undecided:
            continue
        if sign:
            found[k] = sign
    return found


def kinked(place: Place, guard: Any) -> bool:
    """May the guard itself have a kink at the place? (Its program keeps every guard of the source, its own among them.)"""
    own = guard.outputs[0]
    needed, inner = {own}, set()
    n, c = len(guard.inputs), len(guard.constants)
    for r in range(own, n + c - 1, -1):
        if r in needed:
            step = guard.code[r - n - c]
            needed.update(step.args)
            inner |= {step.args[0]} if step.op in KINKS else set()
    numbers = [k for k, g in enumerate(guard.guards) if g in inner]
    try:
        return not all(
            place.ring.sign(f) for f in place.ring.run(guard.guard_values().pick(numbers), list(place.coordinates))
        )
    except Undecided:
        return True


def verify_bound(face: Face, data: dict[str, Any], verify: Verify, bounds: Mapping[str, tuple[Any, Any]]) -> Outcome:
    """Check `bound`: data["variable"], data["side"] ("low" or "high"), data["then"].

    `bounds` gives the closed interval of a variable as two exact numbers.
    """
    rule = "bound"
    names = [v.name for v in face.place.objective.variables]
    name, side = data["variable"], data["side"]
    if name not in bounds or name not in names or side not in ("low", "high"):
        return Refused(rule, f"needs a bounded variable and a side, got {name} and {side}")
    ring, k = face.place.ring, names.index(name)
    limit = bounds[name][0 if side == "low" else 1]
    if ring.sign(ring.sub(face.place.coordinates[k], ring.constant(Fraction(int(limit.p), int(limit.q))))) != 0:
        return Refused(rule, f"needs {name} exactly at its bound {limit}")
    inside = without(face.basis, k)
    if inside is None:
        return Refused(rule, f"needs {name} to be a direction of its own in the face")
    inward = [Fraction(0)] * len(names)
    inward[k] = Fraction(1 if side == "low" else -1)
    small = Face(face.place, inside)
    reason = rises(face, small, inward)
    return Refused(rule, reason) if reason else verify(small, data["then"])


def without(basis: Matrix, k: int) -> Matrix | None:
    """Return the basis without its column e_k, or None where e_k is no column or another column moves variable k."""
    columns = list(zip(*basis, strict=True))
    unit = tuple(Fraction(int(i == k)) for i in range(len(basis)))
    rest = [c for c in columns if c != unit]
    if unit not in columns or any(c[k] for c in rest):
        return None
    return stack(rest) if rest else tuple(() for _ in basis)
