"""Classifies one given point of an objective: critical or not, minimum (strict or flat), maximum, saddle; with a certificate.

The search is untrusted; what it returns has passed the trusted rules, and `pgb.landscape.recheck.check` repeats them from the
certificate alone.

Interface: ``classify(objective, {"w": sympy_expression, ..}) -> Classification``. Points are exact: closed expressions such
as ``-log(2)``, or decimals as rationals. A point whose exact gradient is not zero, but which has a certified critical point within
`near`, is taken for that critical point, and the answer says so (`exact` False, `distance`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy
from flint import arb

from pgb import expressions
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape import balls, certificates, compare, fits, proposals, zeros
from pgb.landscape.certificates import Refused
from pgb.landscape.classification import Classification, described, rounded_up
from pgb.landscape.exact import Undecided
from pgb.landscape.flat import descents, search
from pgb.landscape.flat.face import Face
from pgb.landscape.flat.prove import prove
from pgb.landscape.place import PRECISION, Place, exact_place, plain
from pgb.landscape.recheck import FORMAT, fingerprint, negated
from pgb.landscape.results import Kind
from pgb.objective.base import Objective

NEAR: Final = Fraction(1, 10**6)
__all__ = ["NEAR", "Classification", "classify"]

Bounds = Mapping[str, tuple[Any, Any]]


def classify(
    objective: Objective,
    point: Mapping[str, Any],
    *,
    bounds: Bounds | None = None,
    near: Fraction = NEAR,
    seed: int = 0,
) -> Classification:
    """Classify a point of an objective.

    Parameters
    ----------
    objective
        The function; its parts (outputs, convex losses, penalty) are used where they are given.
    point
        A closed real expression or rational for each variable, by name.
    bounds
        Closed intervals by variable name: minimality is then meant within them.
    near
        A critical point within this distance (relative to 1 + |coordinate|) is taken for the one meant.
    seed
        For the search; recorded in the certificate.

    Raises
    ------
    InputError
        When a variable is missing, unknown, or not a closed exact expression.
    """
    values = _checked_point(objective, point)
    rng = np.random.default_rng(seed)
    try:
        place = exact_place(objective, values)
    except Undecided as reason:
        return _undecided(values, f"the point has no exact normal form: {reason}")
    stated: dict[str, Any] = {"exact": {name: expressions.text(v) for name, v in values.items()}}
    base = described(place, True, "0")
    active = {k: b for k, b in (bounds or {}).items() if k in values}
    if place.critical and not active:
        return _typed(place, stated, base, rng, seed)
    if place.open_guards() or active:
        return _by_proof(place, stated, base, rng, seed, active)
    return _near(place, stated, base, near, rng, seed)


def _checked_point(objective: Objective, point: Mapping[str, Any]) -> dict[str, Any]:
    names = [v.name for v in objective.variables]
    unknown = sorted(set(point) - set(names))
    if unknown:
        raise InputError("point", f"has the unknown variable {unknown[0]}; the variables are {', '.join(names)}")
    values = {}
    for name in names:
        if name not in point:
            raise InputError(f"point.{name}", "is missing")
        value = point[name]
        value = sympy.Rational(value) if isinstance(value, int | Fraction) else sympy.sympify(value, strict=True)
        if value.free_symbols or value.has(sympy.Float) or value.has(sympy.oo, sympy.nan, sympy.zoo, sympy.I):
            raise InputError(f"point.{name}", f"must be a closed exact number, got {value}")
        values[name] = value
    return values


def _undecided(values: Mapping[str, Any], reason: str) -> Classification:
    theta = {name: str(v) for name, v in values.items()}
    return Classification(None, None, None, Evidence.UNDECIDED, reason, None, None, True, theta, "0", None)


def _near(
    place: Place, where: dict[str, Any], base: Classification, near: Fraction, rng: np.random.Generator, seed: int
) -> Classification:
    """Decide about a smooth point whose gradient is not exactly zero: a critical point near, or none here."""
    fit = fits.find(place, near)
    found = fit if fit is not None else zeros.find(place, near, rng)
    if not isinstance(found, list):
        zero, data = found
        distance = rounded_up(proposals.fraction(zeros.distance(zero, place.balls())))
        return _typed(
            zero, {"zero" if fit is None else "fit": data.to_json()}, described(zero, False, distance), rng, seed
        )
    programs = place.smooth()
    try:
        gradient = balls.run(programs.gradient, place.balls(), PRECISION, smooth=True) if programs else []
    except balls.NoEnclosure as refusal:
        return replace(base, reason=f"the gradient has no enclosure here: {refusal}")
    for v, g in zip(place.objective.variables, gradient, strict=False):
        if certificates.sign(g):
            reason = f"not a critical point: dL/d{v.name} = {compare.of_ball(g, 6) or g}"
            if abs(g) < arb(10) ** -6:
                reason += f"; no critical point near it was certified ({_why(found)})"
            return replace(
                base,
                status=Evidence.CERTIFIED,
                reason=reason,
                critical=False,
                local_minimum=False,
                certificate=_certificate(place, where, seed) | {"slope": v.name},
            )
    return replace(base, reason="the gradient is not certified to vanish here, nor not to vanish")


def _certificate(place: Place, where: dict[str, Any], seed: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "objective": fingerprint(place.objective),
        "variables": [v.name for v in place.objective.variables],
        "place": where,
        "seed": seed,
    }


def _typed(
    place: Place, where: dict[str, Any], base: Classification, rng: np.random.Generator, seed: int
) -> Classification:
    """Decide the type of a smooth critical point."""
    face = Face.whole(place)
    certificate = _certificate(place, where, seed)
    known = replace(base, critical=True, certificate=certificate)
    eigen = search.eigen(face)
    if eigen is None:
        return _open(known, "the Hessian has no finite enclosure here", None)
    values, vectors = eigen
    negative, zero, positive = search.split(values)
    basis = search.columns(vectors, negative + positive)
    hessian = face.hessian()
    signature: Any = certificates.Signature(0, 0)
    if basis and basis[0] and not isinstance(hessian, Refused):
        signature = certificates.signature(hessian, basis, PRECISION)
    if isinstance(signature, Refused):
        return _open(known, f"the Hessian's signature is not certified: {signature.reason}", None)
    certificate["signature"] = {"basis": plain(basis)}
    below, above = signature.negative, signature.positive
    if below and above:
        exact_index = below if not zero or _kernel_is_exact(face, vectors, zero, rng, certificate) else None
        reason = f"the Hessian has {below} certified negative and {above} positive eigenvalues"
        return _decided(known, Kind.SADDLE, None, exact_index, reason, False)
    if not zero and below == 0:
        return _decided(known, Kind.LOCAL_MINIMUM, True, 0, "the Hessian is positive definite", True)
    if not zero:
        return _decided(known, Kind.LOCAL_MAXIMUM, True, below, "the Hessian is negative definite", False)
    if below:
        return _maximum(place, known, below, rng)
    return _flat(face, known, rng)


def _decided(
    known: Classification, kind: Kind, strict: bool | None, index: int | None, reason: str, minimum: bool | None
) -> Classification:
    certificate = dict(known.certificate)
    certificate["claim"] = {"kind": str(kind), "strict": strict, "index": index}
    return replace(
        known,
        kind=kind,
        strict=strict,
        index=index,
        status=Evidence.CERTIFIED,
        reason=reason,
        local_minimum=minimum,
        certificate=certificate,
    )


def _kernel_is_exact(
    face: Face, vectors: Any, zero: list[int], rng: np.random.Generator, certificate: dict[str, Any]
) -> bool:
    """Show that the apparent zero eigenvalues are exactly zero, by rational kernel vectors or symmetry fields."""
    from pgb.landscape import recheck

    kernel = search.rational_kernel(vectors, zero)
    data: dict[str, Any] = {"vectors": plain(kernel), "relations": [], "fields": [], "minor": []}
    if len(kernel) == len(zero) and not face.place.exact:
        data["relations"] = search.kernel_relations(face, kernel)
    if len(kernel) != len(zero) or recheck.kernel_dimension(face, data) != len(zero):
        chosen = search.completed(face, (), search.kernel_fields(face, rng), len(zero))
        if chosen is None:
            return False
        data = {"vectors": [], "relations": [], "fields": plain(chosen[0]), "minor": chosen[1]}
        if recheck.kernel_dimension(face, data) != len(zero):
            return False
    certificate["kernel"] = data
    return True


def _flat(face: Face, known: Classification, rng: np.random.Generator) -> Classification:
    """Decide a critical point with a positive semidefinite (or zero) Hessian that is singular."""
    found = prove(face, rng)
    certificate = dict(known.certificate)
    if not isinstance(found, list):
        proof, proved = found
        certificate["proof"] = proof
        strict = proved.strict
        if strict is None:
            line = search.constant_direction(face, rng)
            if line is not None:
                certificate["constant"], strict = line, False
        reason = f"local minimum by {_rules(proof)}"
        return _decided(replace(known, certificate=certificate), Kind.LOCAL_MINIMUM, strict, 0, reason, True)
    down, up = descents.descent(face, rng, -1), descents.descent(face, rng, 1)
    above = _positive(known)
    if down is not None:
        certificate["descent"] = down
        if above or up is not None:
            if not above:
                certificate["ascent"] = up
            reason = f"the value falls along an exact curve, at order {down['order']}"
            return _decided(replace(known, certificate=certificate), Kind.SADDLE, None, None, reason, False)
        return _maximum(face.place, replace(known, certificate=certificate), 0, rng)
    return _open(known, f"the Hessian is singular and no certificate was found ({_why(found)})", None)


def _positive(known: Classification) -> bool:
    basis = known.certificate.get("signature", {}).get("basis", [])
    return bool(basis and basis[0])


def _maximum(place: Place, known: Classification, below: int, rng: np.random.Generator) -> Classification:
    """Decide a critical point with descent directions and a singular Hessian: maximum, saddle or undecided."""
    certificate = dict(known.certificate)
    other = negated(place)
    if not isinstance(other, Refused):
        found = prove(Face.whole(other), rng)
        if not isinstance(found, list):
            certificate["proof"] = found[0]
            index = below if found[0]["rule"] in ("morse-bott", "even order") else None
            reason = f"local maximum by {_rules(found[0])}"
            return _decided(
                replace(known, certificate=certificate), Kind.LOCAL_MAXIMUM, found[1].strict, index, reason, False
            )
    up = descents.descent(Face.whole(place), rng, 1)
    if up is not None:
        certificate["ascent"] = up
        reason = f"the value falls in one direction and rises along an exact curve, at order {up['order']}"
        return _decided(replace(known, certificate=certificate), Kind.SADDLE, None, None, reason, False)
    reason = "not a local minimum (the value falls in a certified direction); whether it is a saddle or a flat maximum is undecided"
    return _open(replace(known, certificate=certificate), reason, False)


def _by_proof(
    place: Place, where: dict[str, Any], base: Classification, rng: np.random.Generator, seed: int, bounds: Bounds
) -> Classification:
    """Decide a point at a kink, or within bounds: local minimality by the face rules, else a descent curve."""
    face = Face.whole(place)
    certificate = _certificate(place, where, seed)
    if bounds:
        certificate["bounds"] = {k: [str(v) for v in pair] for k, pair in bounds.items()}
    known = replace(base, critical=True if place.critical else None, certificate=certificate)
    down = descents.steep(face, bounds)
    found = [] if down else prove(face, rng, bounds)
    if not isinstance(found, list):
        certificate["proof"] = found[0]
        reason = f"local minimum by {_rules(found[0])}" + (" within the bounds" if bounds else "")
        return _decided(
            replace(known, certificate=certificate), Kind.LOCAL_MINIMUM, found[1].strict, None, reason, True
        )
    down = down or descents.descent(face, rng, -1, bounds)
    if down is not None:
        certificate["descent"] = down
        reason = f"not a local minimum: the value falls along an exact curve, at order {down['order']}"
        return replace(
            known,
            status=Evidence.CERTIFIED,
            reason=reason,
            critical=False if down["order"] == 1 else known.critical,
            local_minimum=False,
            certificate=certificate,
        )
    return replace(known, reason=f"no certificate was found ({_why(found)})", certificate={})


def _open(known: Classification, reason: str, minimum: bool | None) -> Classification:
    """Return a critical point whose type is not decided; its certificate claims no more than that."""
    certificate = {**known.certificate, "claim": {"kind": str(Kind.DEGENERATE), "strict": None, "index": None}}
    return replace(known, kind=Kind.DEGENERATE, reason=reason, local_minimum=minimum, certificate=certificate)


def _why(refusals: Sequence[Refused]) -> str:
    return "; ".join(dict.fromkeys(f"{r.rule}: {r.reason}" for r in refusals)) or "no rule applies"


def _rules(proof: Mapping[str, Any]) -> str:
    names = []
    step: Any = proof
    while step:
        names.append(step["rule"])
        step = step.get("then")
    return ", then ".join(names)
