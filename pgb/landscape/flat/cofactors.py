"""Finds the factors with which derivatives on a plane are multiples of derivatives known to vanish; untrusted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat

from pgb.landscape import balls
from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Form, Ring, Undecided
from pgb.landscape.flat.face import Face, Matrix
from pgb.landscape.place import NEAR, PRECISION, Place, combine, slice_gradient


def cofactors(face: Face, plane: Matrix) -> list[dict[str, Any]]:
    """Return, for each derivative g along the face on theta* + N s, a relation b g = a dL/dz_k with affine a and b.

    An empty list where some derivative has none.
    """
    place, ring = face.place, face.place.ring
    programs = face.programs()
    if isinstance(programs, Refused):
        return []
    with ctx.workprec(PRECISION):
        ring.values.update({f"s{k + 1}": arb(0, balls.exact(NEAR)) for k in range(len(plane[0]))})
    names = sorted(name for name in ring.values if name[0] in "zs")
    free = [ring.variable(f"s{k + 1}") for k in range(len(plane[0]))]
    points = [combine(ring, c, row, free) for c, row in zip(place.coordinates, plane, strict=True)]
    try:
        gradient = ring.run(programs.gradient, points)
        along = [combine(ring, {}, column, gradient) for column in zip(*face.basis, strict=True)]
        slopes = slice_gradient(place, programs.gradient)
        found = [relation(ring, g, slopes, names) for g in along]
    except Undecided:
        return []
    return [f for f in found if f is not None] if None not in found else []


def slope_relation(place: Place, form: Form) -> dict[str, Any] | None:
    """Return why a form in the unknowns z of a certified zero vanishes there: a relation, {} if identically, else None."""
    programs = place.smooth()
    if programs is None or place.exact:
        return {} if place.ring.is_zero(form) else None
    if "slopes" not in place._cache:
        place._cache["slopes"] = slice_gradient(place, programs.gradient)
    names = [name for name in place.ring.values if name.startswith("z")]
    return relation(place.ring, form, place._cache["slopes"], names)


def relation(ring: Ring, g: Form, slopes: Sequence[Form], names: Sequence[str]) -> dict[str, Any] | None:
    """Return {"slope": k, "factor": a, "divisor": b} with b g = a slopes_k, {} where g is zero, None where there is none."""
    if ring.is_zero(g):
        return {}
    letters = {"1": ring.constant(1), **{name: ring.variable(name) for name in names}}
    for k, slope in enumerate(slopes):
        products = [ring.mul(v, g) for v in letters.values()] + [ring.neg(ring.mul(v, slope)) for v in letters.values()]
        monomials = sorted({m for p in products for m in p}, key=repr)
        matrix = fmpq_mat([[p.get(m, fmpq(0)) for p in products] for m in monomials])
        for solution in nullspace(matrix):
            divisor = _data(letters, solution[: len(letters)])
            form = ring.constant(0)
            for name, value in divisor.items():
                form = ring.add(form, ring.mul(ring.constant(Fraction(value)), letters[name]))
            if ring.sign(form):
                return {"slope": k, "factor": _data(letters, solution[len(letters) :]), "divisor": divisor}
    return None


def _data(letters: dict[str, Form], values: list[fmpq]) -> dict[str, str]:
    return {name: str(Fraction(int(v.p), int(v.q))) for name, v in zip(letters, values, strict=True) if v != 0}


def nullspace(matrix: fmpq_mat) -> list[list[fmpq]]:
    """Return a basis of the rational kernel."""
    reduced, rank = matrix.rref()
    n = matrix.ncols()
    pivots = []
    for i in range(rank):
        pivots.append(next(j for j in range(n) if reduced[i, j] != 0))
    basis = []
    for free in (j for j in range(n) if j not in pivots):
        v = [fmpq(0)] * n
        v[free] = fmpq(1)
        for i, p in enumerate(pivots):
            v[p] = -reduced[i, free]
        basis.append(v)
    return basis
