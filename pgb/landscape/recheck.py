"""Checks the certificate of a classified point again, from the objective and plain data alone; trusted, without any search."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pgb import expressions
from pgb.errors import PgbError
from pgb.landscape import balls, certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.certified import ZeroData, certified_place
from pgb.landscape.exact import Undecided
from pgb.landscape.fitted import FitData, fitted_place
from pgb.landscape.flat.curves import verify as verify_curve
from pgb.landscape.flat.face import Face, Proved
from pgb.landscape.flat.rules import verify
from pgb.landscape.place import (
    PRECISION,
    Place,
    combine,
    derivative_vanishes,
    exact_place,
    field_at,
    invariant,
    rationals,
    vanishes,
)
from pgb.landscape.results import Kind
from pgb.objective.base import Objective

FORMAT: Final = "pgb-point-1"
MAX_PRECISION: Final = 8_192


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate proves about its point.

    `kind` is None where it proves only that the point is no local minimum (not critical, say), and DEGENERATE where only
    that it is critical (and, where `local_minimum` is False, no local minimum).
    """

    kind: Kind | None
    strict: bool | None
    index: int | None
    local_minimum: bool | None


def fingerprint(objective: Objective) -> str:
    """Return a digest of the objective: its variables and its exact expression."""
    text = ",".join(v.name for v in objective.variables) + ";" + expressions.text(objective.expression)
    return hashlib.sha256(text.encode()).hexdigest()


def negated(place: Place) -> Place | Refused:
    """Return the same point as a place of -L (given by its expression alone)."""
    objective = place.objective
    other = Objective("-" + objective.name, objective.variables, -objective.expression, "")
    from pgb.landscape.compile import compile_expressions

    source = compile_expressions([other.expression], other.variables)
    return Place(other, source, place.ring, place.coordinates, place.exact, place.critical)


def check(certificate: Any, objective: Objective) -> Checked | Refused:
    """Check a certificate made by `pgb.landscape.classify.classify`.

    Parameters
    ----------
    certificate
        Plain data, from anywhere.
    objective
        The function it is about: built again from the problem, not from the certificate.

    Returns
    -------
    Checked or Refused
        What is proved, or the first hypothesis that fails. Malformed data are refused, never an exception.
    """
    try:
        return _check(certificate, objective)
    except (PgbError, KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        return Refused("certificate", f"is not of the needed form ({type(error).__name__}: {error})")


def _check(certificate: Any, objective: Objective) -> Checked | Refused:
    if certificate["format"] != FORMAT:
        return Refused("certificate", f"needs the format {FORMAT}, got {certificate['format']!r}")
    if certificate["objective"] != fingerprint(objective):
        return Refused("certificate", "is about another objective")
    if certificate["variables"] != [v.name for v in objective.variables]:
        return Refused("certificate", "names other variables")
    place = _place(certificate["place"], objective)
    if isinstance(place, Refused):
        return place
    if "slope" in certificate:
        return _not_critical(place, certificate["slope"])
    bounds = {
        k: tuple(expressions.rational(v, f"bounds.{k}") for v in pair)
        for k, pair in certificate.get("bounds", {}).items()
    }
    if "claim" not in certificate:
        falls = verify_curve(place, certificate["descent"], -1, bounds)
        return (
            Checked(None, None, None, False)
            if falls
            else Refused("descent", "needs a curve along which the value falls")
        )
    claim = certificate["claim"]
    found = _claimed(place, certificate, claim, bounds)
    if isinstance(found, Refused):
        return found
    if claim["index"] is not None and claim["index"] != found.index:
        return Refused("claim", f"claims the index {claim['index']}, proved is {found.index}")
    if claim["strict"] is not None and claim["strict"] is not found.strict:
        return Refused("claim", f"claims strict = {claim['strict']}, proved is {found.strict}")
    return Checked(found.kind, claim["strict"], claim["index"], found.local_minimum)


def _place(where: Any, objective: Objective) -> Place | Refused:
    """Return the certified place of a certificate: an exact point, or the zero that its data enclose."""
    if "exact" in where:
        point = {name: expressions.parse(text, {}, f"place.{name}") for name, text in where["exact"].items()}
        if set(point) != {v.name for v in objective.variables}:
            return Refused("place", "needs one exact number for each variable")
        return exact_place(objective, point)
    zero = where["zero"] if "zero" in where else where["fit"]
    precision = zero["precision"]
    if not isinstance(precision, int) or not 2 <= precision <= MAX_PRECISION:
        return Refused("place", f"needs a precision of 2 to {MAX_PRECISION} bits, got {precision!r}")
    if "fit" in where:
        parts = ("targets", "base", "basis", "centre", "radius", "inverse")
        return fitted_place(objective, FitData(**{k: rationals(zero[k]) for k in parts}, precision=precision))
    keys = ("base", "basis", "centre", "radius", "inverse", "normals", "fields")
    relations = tuple(dict(r) for r in zero["relations"])
    data = ZeroData(**{k: rationals(zero[k]) for k in keys}, relations=relations, precision=precision)
    return certified_place(objective, data)


def located(certificate: Any, objective: Objective) -> tuple[Place, bool | None] | Refused:
    """Return the place that a certificate is about, and whether it is a critical point (None where that is not shown).

    For certificates that `check` accepts; others may raise.
    """
    place = _place(certificate["place"], objective)
    if isinstance(place, Refused):
        return place
    if "slope" in certificate or certificate.get("descent", {}).get("order") == 1:
        return place, False
    return place, True if place.critical else None


def _not_critical(place: Place, name: str) -> Checked | Refused:
    programs = place.smooth()
    names = [v.name for v in place.objective.variables]
    if programs is None or name not in names:
        return Refused("slope", "needs a smooth point and a variable")
    (value,) = balls.run(programs.gradient.pick([names.index(name)]), place.balls(), PRECISION, smooth=True)
    if not certificates.sign(value):
        return Refused("slope", f"needs a derivative that is not 0, got {value}")
    return Checked(None, None, None, False)


def _claimed(place: Place, certificate: Any, claim: Any, bounds: Mapping[str, Any]) -> Checked | Refused:
    """Return what the data prove, if it is the claimed kind."""
    kind = Kind(claim["kind"])
    face = Face.whole(place)
    signature = _signature(face, certificate)
    if isinstance(signature, Refused):
        return signature
    below, above = signature.negative, signature.positive
    complete = below + above == place.n
    index = below if complete or below + above + kernel_dimension(face, certificate.get("kernel")) == place.n else None
    if kind is not Kind.LOCAL_MINIMUM and not place.critical:
        return Refused("claim", "needs a critical point")
    match kind:
        case Kind.LOCAL_MINIMUM:
            return _minimum(face, certificate, complete and below == 0 and place.critical, bounds)
        case Kind.LOCAL_MAXIMUM:
            if complete and above == 0:
                return Checked(kind, True, below, False)
            other = negated(place)
            if isinstance(other, Refused) or bounds:
                return Refused("claim", "needs the negated objective without bounds")
            outcome = verify(Face.whole(other), certificate["proof"])
            if isinstance(outcome, Refused):
                return outcome
            exact = certificate["proof"]["rule"] in ("morse-bott", "even order")  # these fix the kernel's dimension
            return Checked(kind, outcome.strict, below if exact else index, False)
        case Kind.SADDLE:
            falls = below > 0 or ("descent" in certificate and verify_curve(place, certificate["descent"], -1))
            rises = above > 0 or ("ascent" in certificate and verify_curve(place, certificate["ascent"], 1))
            if falls and rises:
                return Checked(kind, None, index, False)
            return Refused("claim", "needs directions of descent and of ascent")
    falls = below > 0 or ("descent" in certificate and verify_curve(place, certificate["descent"], -1))
    return Checked(kind, None, index, False if falls else None)


def _minimum(face: Face, certificate: Any, definite: bool, bounds: Mapping[str, Any]) -> Checked | Refused:
    if definite:
        return Checked(Kind.LOCAL_MINIMUM, True, 0, True)
    outcome = verify(face, certificate["proof"], bounds)
    if isinstance(outcome, Refused):
        return outcome
    strict = outcome.strict
    if strict is None and "constant" in certificate:
        strict = False if constant_line(face, certificate["constant"]) else None
    smooth = face.place.critical and not bounds
    return Checked(Kind.LOCAL_MINIMUM, strict, 0 if smooth else None, True)


def _signature(face: Face, certificate: Any) -> certificates.Signature | Refused:
    if "signature" not in certificate:
        return certificates.Signature(0, 0)
    basis = rationals(certificate["signature"]["basis"])
    hessian = face.hessian()
    if isinstance(hessian, Refused):
        return hessian
    if not basis or not basis[0]:
        return certificates.Signature(0, 0)
    return certificates.signature(hessian, basis, PRECISION)


def kernel_dimension(face: Face, data: Any) -> int:
    """Return a proved lower bound of the dimension of the Hessian's kernel at a critical point.

    Rational vectors v with H v = 0 exactly, or symmetry fields: differentiating V . grad L = 0 at a critical point
    gives H V(theta*) = 0.
    """
    place = face.place
    programs = place.smooth()
    if not data or programs is None or not place.critical:
        return 0
    n, ring = place.n, place.ring
    if data["vectors"]:
        vectors = rationals(data["vectors"])
        try:
            flat = ring.run(programs.hessian, list(place.coordinates))
        except Undecided:
            return 0
        rows = [flat[n * i : n * i + n] for i in range(n)]
        products = [combine(ring, {}, v, row) for v in vectors for row in rows]
        relations = data.get("relations") or [None] * len(products)
        exact = all(vanishes(place, p, r) for p, r in zip(products, relations, strict=True))
        return certificates.rank(vectors) if exact else 0
    fields = rationals(data["fields"])
    if not fields or not all(invariant(place, f) for f in fields):
        return 0
    columns = [list(row) for row in zip(*(field_at(place, f) for f in fields), strict=True)]
    rows_used = [int(r) for r in data["minor"]]
    return len(fields) if certificates.independent(columns, rows_used, PRECISION) else 0


def constant_line(face: Face, data: Any) -> bool:
    """Is L constant on a curve through theta*: a straight line, or an orbit of a symmetry field that moves theta*?"""
    place = face.place
    if "field" in data:
        vector_field = rationals(data["field"])
        moved = field_at(place, vector_field)
        return any(certificates.sign(v) for v in moved) and invariant(place, vector_field)
    direction = rationals(data["line"])
    programs = place.smooth()
    if programs is None or len(direction) != place.n or not any(direction):
        return False
    line = Face(place, tuple((v,) for v in direction))
    return derivative_vanishes(place.ring, programs.gradient, line.points(), direction)


__all__ = ["FORMAT", "Checked", "Proved", "check", "fingerprint", "located"]
