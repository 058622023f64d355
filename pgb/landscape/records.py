"""Checks saved records of critical points again, from the problem's text and plain data; none of the search code is imported.

A record is what ``pgb classify --json`` and ``pgb critical --json`` write: it holds the problem, the name of the
objective, and one certificate for each point. What is checked again is every point that is listed: that there is
exactly one critical point where the record says, of the type that it says, with the value that it says. That no other
point exists (completeness) is not part of a point's certificate, and is never confirmed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flint import ctx

from pgb import problem as problems
from pgb.errors import InputError, PgbError
from pgb.evidence import Evidence
from pgb.landscape import balls, certificates, proposals, recheck, univariate
from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import Derivatives, derivatives
from pgb.landscape.place import Place
from pgb.landscape.results import Kind
from pgb.objective import Objective, loss, transformed

PRECISION: Final = 320
SLACK: Final = Fraction(1, 10**15)  # relative: of the decimals of a value


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One point of a record: confirmed, or refused with the hypothesis that fails."""

    point: str
    ok: bool
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data with stable keys."""
        return {"point": self.point, "ok": self.ok, "reason": self.reason}


def recheck_record(record: Mapping[str, Any]) -> tuple[Rechecked, ...]:
    """Check every point of a record again.

    Raises
    ------
    InputError
        When the record holds no problem, no known objective, or no points with certificates.
    """
    objective = _objective(record)
    points = record.get("points", [record] if "certificate" in record else None)
    if not isinstance(points, Sequence) or isinstance(points, str) or not all(isinstance(p, Mapping) for p in points):
        raise InputError("points", "must be a list of points with certificates, as pgb writes them")
    programs = derivatives(objective.expression, objective.variables)
    return tuple(_point(str(n), p, objective, programs) for n, p in enumerate(points, start=1))


def _objective(record: Mapping[str, Any]) -> Objective:
    text = record.get("problem")
    if not isinstance(text, str):
        raise InputError("problem", "is missing; a record that can be checked again holds the text of its problem file")
    problem = problems.loads(text, extra_sections=("case",))
    wanted = record.get("objective")
    for candidate in (loss, transformed):
        found = candidate(problem)
        if found.name == wanted:
            return found
    raise InputError("objective", f"must be the name of an objective of the problem, got {wanted!r}")


def _point(name: str, point: Mapping[str, Any], objective: Objective, programs: Derivatives) -> Rechecked:
    try:
        reason = _refusal(point, objective, programs)
    except (PgbError, KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        reason = f"is not of the needed form ({type(error).__name__}: {error})"
    return Rechecked(name, reason is None, reason or f"{point['kind']}, confirmed")


def _refusal(point: Mapping[str, Any], objective: Objective, programs: Derivatives) -> str | None:
    """Return why a point is refused; None when everything it says is confirmed."""
    certificate = point["certificate"]
    if certificate.get("format") == univariate.FORMAT:
        return univariate.refusal(point, objective)
    if "format" in certificate:
        return _certified(point, certificate, objective)
    with ctx.workprec(PRECISION):
        return _decimals(point, objective, programs)


def _certified(point: Mapping[str, Any], certificate: Any, objective: Objective) -> str | None:
    """Compare what a point says with what its certificate proves, and where it says to be with the certified place."""
    found = recheck.check(certificate, objective)
    where = recheck.located(certificate, objective) if not isinstance(found, Refused) else found
    if isinstance(found, Refused) or isinstance(where, Refused):
        refused = found if isinstance(found, Refused) else where
        return f"{refused.rule}: {refused.reason}"  # type: ignore[union-attr]
    place, critical = where
    exact = "exact" in certificate["place"]
    typed = found.kind is not None and found.kind is not Kind.DEGENERATE
    proved: dict[str, Any] = {
        "kind": None if found.kind is None else str(found.kind),
        "index": found.index,
        "strict": found.strict,
        "status": str(Evidence.CERTIFIED if typed or found.kind is None else Evidence.UNDECIDED),
        "local_minimum": found.local_minimum,
        "critical": critical,
        "exact": exact,
    }
    if exact:
        proved["distance"] = "0"
    needed = ("kind", "index", "strict", "status")
    for name, value in proved.items():
        if (name in needed or name in point) and (point[name] != value or type(point[name]) is not type(value)):
            return f"the certificate proves {name} = {value}; the record says {point[name]}"
    if point.get("multiplicity", 1) != 1 and not _singular(certificate, place.n):
        return f"the Hessian is regular there; the record says multiplicity {point['multiplicity']}"
    return _placed(point, place)


def _singular(certificate: Any, n: int) -> bool:
    """Do the data leave the Hessian's rank below n? (The signature's basis has as many columns as certain signs.)"""
    basis = certificate.get("signature", {}).get("basis", [])
    return not basis or len(basis[0]) < n


def _placed(point: Mapping[str, Any], place: Place) -> str | None:
    """Check that the decimals are within the radius of the certified place, and that the value there is the one stated."""
    names = [v.name for v in place.objective.variables]
    if list(point["theta"]) != names:
        return "the point does not give every variable once, in order"
    stated = Fraction(point["radius"])
    if stated < 0:
        return f"the radius {stated} is negative"
    with ctx.workprec(PRECISION):
        for name, ball in zip(names, place.balls(), strict=True):
            if not abs(ball - balls.exact(Fraction(point["theta"][name]))) <= balls.exact(stated):
                return f"the certified point is farther than the stated radius from {name} = {point['theta'][name]}"
        if point["value"] is None:
            return None
        (value,) = balls.run(place.source, place.balls(), PRECISION)
        said = Fraction(point["value"])
        if not abs(value - balls.exact(said)) <= balls.exact(SLACK * max(Fraction(1), abs(said))):
            return f"the value there is {value.str(12)}, the record says {point['value']}"
    return None


def _decimals(point: Mapping[str, Any], objective: Objective, programs: Derivatives) -> str | None:
    """Check the decimals: where the Hessian is regular, one critical point lies there, of this index and value."""
    centre = [Fraction(point["theta"][v.name]) for v in objective.variables]
    stated = Fraction(point["radius"])
    radius = [max(2 * stated, Fraction(1, 10**25)) * max(Fraction(1), abs(c)) for c in centre]
    value = balls.run(programs.value, [balls.around(c, stated) for c in centre], PRECISION)[0]
    said = Fraction(point["value"])
    if not value.overlaps(balls.around(said, SLACK * max(Fraction(1), abs(said)))):
        return f"the value there is {value.str(12)}, the record says {point['value']}"
    inverse = proposals.inverse(programs.hessian, centre, PRECISION)
    if inverse is None:
        return "the Hessian is singular there"
    found = certificates.krawczyk(programs.gradient, programs.hessian, centre, radius, inverse, PRECISION)
    if isinstance(found, Refused):
        return f"{found.rule}: {found.reason}"
    if not all(
        abs(e - balls.exact(c)) <= balls.exact(stated + Fraction(1, 10**40) * max(Fraction(1), abs(c)))
        for e, c in zip(found.enclosure, centre, strict=True)
    ):
        return "the critical point is farther from the decimals than the stated radius"
    n = len(centre)
    flat = balls.run(programs.hessian, list(found.enclosure), PRECISION, smooth=True)
    matrix = [flat[i * n : (i + 1) * n] for i in range(n)]
    signature = certificates.signature(matrix, proposals.eigenbasis(matrix, PRECISION)[1], PRECISION)
    if isinstance(signature, Refused) or signature.negative + signature.positive != n:
        return "the index is not certified again"
    kind = {0: "local minimum", n: "local maximum"}.get(signature.negative, "saddle")
    if (kind, signature.negative) != (point["kind"], point["index"]):
        return f"it is a {kind} of index {signature.negative}, the record says {point['kind']}, {point['index']}"
    said_else = (point["strict"], point["multiplicity"], point["status"])
    if said_else != (None if kind == "saddle" else True, 1, str(Evidence.CERTIFIED)):
        return f"the Hessian is regular there; the record says strict, multiplicity, status = {said_else}"
    exact = point["certificate"].get("exact", {})
    if any(abs(Fraction(v) - Fraction(point["theta"][n])) > stated for n, v in exact.items()):
        return "the exact coordinates are farther from the decimals than the stated radius"
    return None
