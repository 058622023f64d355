"""Critical points known by decimals only: the one zero in a certified box, on a slice, shown critical in all directions; trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import ctx

from pgb.landscape import balls, certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import differentiate
from pgb.landscape.exact import Ring, Undecided
from pgb.landscape.place import PRECISION, Place, combine, field_at, invariant, multiple, plain, slice_gradient
from pgb.objective.base import Objective


@dataclass(frozen=True, slots=True)
class ZeroData:
    """What certifies a critical point of L that is known by decimals only.

    Attributes
    ----------
    base, basis
        The slice base + basis z in which it is sought: n rationals, n rows of d rationals.
    centre, radius, inverse
        Data of the Krawczyk test for the gradient of L on the slice, in z.
    normals
        Directions t (n rationals each) with dL/dt identically zero on the slice.
    fields
        Affine vector fields V(theta) = M theta + c, as n rows of n + 1 rationals (c last), with V . grad L = 0 identically.
    relations
        For each normal nothing, or {"slope": k, "factor": a, "divisor": b}: then b dL/dt = a dL/dz_k on the slice instead.
    precision
        Bits.
    """

    base: tuple[Fraction, ...]
    basis: tuple[tuple[Fraction, ...], ...]
    centre: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]
    inverse: tuple[tuple[Fraction, ...], ...]
    normals: tuple[tuple[Fraction, ...], ...] = ()
    fields: tuple[tuple[tuple[Fraction, ...], ...], ...] = ()
    relations: tuple[dict[str, Any], ...] = ()
    precision: int = PRECISION

    def to_json(self) -> dict[str, Any]:
        """Return plain data; numbers are rational strings."""
        return {
            "base": plain(self.base),
            "basis": plain(self.basis),
            "centre": plain(self.centre),
            "radius": plain(self.radius),
            "inverse": plain(self.inverse),
            "normals": plain(self.normals),
            "fields": plain(self.fields),
            "relations": list(self.relations),
            "precision": self.precision,
        }


def certified_place(objective: Objective, data: ZeroData) -> Place | Refused:
    """Return the place of the only critical point of L on a slice, shown to be critical for L in all directions.

    Krawczyk's test gives exactly one z* in its box at which the gradient of z -> L(base + basis z) vanishes, so grad L is
    orthogonal to the slice's directions there. It is orthogonal to every normal: by an identity on the slice, or because there
    the derivative times b is a multiple of one that vanishes at z*, with b(z*) not 0. It is orthogonal to every field's
    vector, by an identity on the whole space. If these vectors together span R^n (an n x n minor of balls that is not 0),
    grad L(theta*) = 0.
    """
    place = sliced_place(objective, data)
    if isinstance(place, Refused):
        return place
    full = place.smooth()
    if full is None:
        return Refused("slice", "needs a function that is smooth at the zero")
    relations = data.relations or ({},) * len(data.normals)
    if len(relations) != len(data.normals):
        return Refused("slice", "needs one relation, or none, for each normal")
    try:
        slopes = slice_gradient(place, full.gradient)
        values = place.ring.run(full.gradient, list(place.coordinates)) if data.normals else []
        for normal, relation in zip(data.normals, relations, strict=True):
            if not multiple(place.ring, combine(place.ring, {}, normal, values), slopes, relation):
                return Refused("slice", f"needs dL/dt = 0 at the zero for t = {plain(normal)}")
    except Undecided as reason:
        return Refused("slice", str(reason))
    for vector_field in data.fields:
        if not invariant(place, vector_field):
            return Refused("slice", "needs V . grad L = 0 identically for the vector field")
    with ctx.workprec(data.precision):
        vectors = [list(map(balls.exact, column)) for column in zip(*data.basis, strict=True)]
        vectors += [[balls.exact(v) for v in normal] for normal in data.normals]
    vectors += [field_at(place, vector_field) for vector_field in data.fields]
    if len(vectors) != place.n or not certificates.independent(
        [list(row) for row in zip(*vectors, strict=True)], range(place.n), data.precision
    ):
        return Refused("slice", f"needs {place.n} independent directions in all, got {len(vectors)}")
    return replace(place, critical=True)


def sliced_place(objective: Objective, data: ZeroData) -> Place | Refused:
    """Return the place of the only critical point on a slice; nothing is claimed about directions out of the slice."""
    n, d = len(objective.variables), len(data.centre)
    if len(data.base) != n or len(data.basis) != n or any(len(row) != d for row in data.basis):
        return Refused("slice", f"needs a base of {n} numbers and {n} rows of {d}")
    source = compile_expressions([objective.expression], objective.variables)
    names = [f"z{k + 1}" for k in range(d)]
    programs = differentiate(source.along(data.base, data.basis, names))
    found = certificates.krawczyk(
        programs.gradient, programs.hessian, data.centre, data.radius, data.inverse, data.precision
    )
    if isinstance(found, Refused):
        return found
    ring = Ring(dict(zip(names, found.enclosure, strict=True)))
    z = [ring.variable(name) for name in names]
    coordinates = tuple(combine(ring, ring.constant(b), row, z) for b, row in zip(data.base, data.basis, strict=True))
    return Place(objective, source, ring, coordinates, exact=False, critical=False)
