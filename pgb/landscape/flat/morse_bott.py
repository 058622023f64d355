"""Minima along a manifold of critical points across which the Hessian is definite; trusted.

Lemma (Morse-Bott). Let the gradient of L along a d-dimensional face vanish on a k-dimensional C^1 manifold M in the face through
theta*, and let the Hessian on the face be positive on a subspace of dimension d - k. Then theta* is a local minimum on the face,
not a strict one if k > 0.

Proof. The Hessian has rank >= d - k, and its kernel contains the tangent space of M, so it has exactly k zero eigenvalues and
the others are positive. By the splitting lemma (D. Gromoll, W. Meyer, "On differentiable functions with isolated
critical points", Topology 8, 1969) L = L(theta*) + |u|^2 + h(v) in suitable coordinates, v in R^k, with all critical points near theta*
on the graph u = 0; M, being k-dimensional, fills that graph near theta*, so h' = 0 and h is constant. QED

M comes from two sources, which may be combined.
  fields: affine vector fields V_j with V_j . grad L = 0 identically. Their flows preserve L, so they carry critical
  points to critical points, and the orbit of theta* has dimension at least the rank of the V_j(theta*) (H. J. Sussmann, 1973).
  plane: rational directions N such that the gradient along the face vanishes identically at theta* + N s. At a certified zero it is enough that
  each derivative, on the slice that defines theta* and with s free, is a product a(z, s) dL/dz_k over b(z, s) with b not 0 at theta*.
Both together: the orbit of the plane; its dimension is the rank of all V_j(theta*) and N together.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, ctx

from pgb.landscape import balls, certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.place import NEAR, PRECISION, combine, field_at, invariant, multiple, rationals, slice_gradient

RULE = "morse-bott"


def verify(face: Face, data: dict[str, Any]) -> Outcome:
    """Check the rule: data["basis"] (n rows of d - k directions), data["fields"], data["plane"] (n rows), data["minor"] (rows)."""
    basis, fields, plane = (rationals(data[key]) for key in ("basis", "fields", "plane"))
    place = face.place
    hessian = face.hessian()
    if isinstance(hessian, Refused):
        return hessian
    if not face.critical():
        return Refused(RULE, "needs a gradient that is exactly zero along the face")
    positive = len(basis[0]) if basis else 0
    found = certificates.signature(hessian, basis, PRECISION) if positive else certificates.Signature(0, 0)
    if isinstance(found, Refused):
        return found
    if found.negative or (positive and not face.contains(basis)):
        return Refused(RULE, "needs a Hessian that is positive on directions of the face")
    columns = [[balls.exact(v) for v in row] for row in plane] if plane else [[] for _ in range(place.n)]
    for vector_field in fields:
        if not tangent(face, vector_field):
            return Refused(RULE, "needs vector fields along the face")
        if not invariant(place, vector_field):
            return Refused(RULE, "needs V . grad L = 0 identically for every vector field")
        for row, value in zip(columns, field_at(place, vector_field), strict=True):
            row.append(value)
    k = len(columns[0])
    if k + positive != face.dim:
        return Refused(RULE, f"needs {face.dim - positive} directions of constancy, got {k}")
    if not certificates.independent(columns, [int(r) for r in data["minor"]], PRECISION):
        return Refused(RULE, "needs independent directions of constancy")
    if plane and plane[0]:
        reason = _critical_plane(face, plane, data.get("cofactors", []))
        if reason:
            return Refused(RULE, reason)
    return Proved(strict=False)


def tangent(face: Face, vector_field: Any) -> bool:
    """Does V map the face into its own directions? (M theta* + c and M B lie in span B; always so on the whole space.)"""
    if face.dim == face.place.n:
        return True
    if not face.place.exact:
        return False
    place, ring = face.place, face.place.ring
    M = [row[: place.n] for row in vector_field]
    moved = tuple(
        tuple(sum((row[i] * face.basis[i][j] for i in range(place.n)), Fraction(0)) for j in range(face.dim))
        for row in M
    )
    if not face.contains(moved):
        return False
    values = [ring.rational(combine(ring, ring.constant(row[-1]), row[:-1], place.coordinates)) for row in vector_field]
    return all(v is not None for v in values) and face.contains(tuple((v or Fraction(0),) for v in values))


def _critical_plane(face: Face, plane: Any, cofactors: Any) -> str:
    """Return why the gradient along the face may not vanish on theta* + N s; empty when it does vanish there."""
    place, ring = face.place, face.place.ring
    programs = face.programs()
    if isinstance(programs, Refused) or not face.contains(plane):
        return "needs a plane in the face, on which L is smooth"
    with ctx.workprec(PRECISION):
        ring.values.update({f"s{k + 1}": arb(0, balls.exact(NEAR)) for k in range(len(plane[0]))})
    free = [ring.variable(f"s{k + 1}") for k in range(len(plane[0]))]
    points = [combine(ring, c, row, free) for c, row in zip(place.coordinates, plane, strict=True)]
    try:
        gradient = ring.run(programs.gradient, points)
        along = [combine(ring, {}, column, gradient) for column in zip(*face.basis, strict=True)]
        if all(ring.is_zero(g) for g in along):
            return ""
        if place.exact or len(cofactors) != len(along):
            return "needs a gradient that vanishes identically on the plane"
        slopes = slice_gradient(place, programs.gradient)
        if not all(multiple(ring, g, slopes, relation) for g, relation in zip(along, cofactors, strict=True)):
            return "needs each derivative on the plane to be a multiple of one that vanishes at theta*"
    except Undecided as reason:
        return str(reason)
    return ""
