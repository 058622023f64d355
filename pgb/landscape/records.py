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
from pgb.landscape import balls, certificates, proposals, recheck
from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import Derivatives, derivatives
from pgb.objective import Objective, loss, transformed

PRECISION: Final = 320


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
    if certificate.get("format") == recheck.FORMAT:
        found = recheck.check(certificate, objective)
        if isinstance(found, Refused):
            return f"{found.rule}: {found.reason}"
        said = (None if found.kind is None else str(found.kind), found.index)
        if said != (point["kind"], point["index"]):
            return (
                f"the certificate proves {said[0]}, index {said[1]}; the record says {point['kind']}, {point['index']}"
            )
        if point.get("strict") is True and found.strict is not True:
            return "the certificate does not prove that it is strict"
        if found.kind is None:
            return None
    with ctx.workprec(PRECISION):
        return _decimals(point, objective, programs)


def _decimals(point: Mapping[str, Any], objective: Objective, programs: Derivatives) -> str | None:
    """Check the decimals: where the Hessian is regular, one critical point lies there, of this index and value."""
    centre = [Fraction(point["theta"][v.name]) for v in objective.variables]
    stated = Fraction(point["radius"])
    radius = [max(2 * stated, Fraction(1, 10**25)) * max(Fraction(1), abs(c)) for c in centre]
    value = balls.run(programs.value, [balls.around(c, stated) for c in centre], PRECISION)[0]
    said = Fraction(point["value"])
    slack = Fraction(1, 10**15) * max(Fraction(1), abs(said))
    if not value.overlaps(balls.around(said, slack)):
        return f"the value there is {value.str(12)}, the record says {point['value']}"
    inverse = proposals.inverse(programs.hessian, centre, PRECISION)
    if inverse is None:
        return None if point["certificate"].get("format") == recheck.FORMAT else "the Hessian is singular there"
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
    return None
