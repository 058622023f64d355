"""Finds certificates for critical points that are known by decimals: on the whole space, in a gauge, or on a symmetric slice; untrusted.

Every candidate goes through `pgb.landscape.place.certified_place`, which decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np
from flint import arb
from scipy.linalg import qr

from pgb.landscape import proposals
from pgb.landscape.certificates import Refused
from pgb.landscape.certified import ZeroData, certified_place, sliced_place
from pgb.landscape.derivatives import differentiate
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.cofactors import relation
from pgb.landscape.flat.face import Matrix, stack
from pgb.landscape.flat.fields import fields, rational_basis
from pgb.landscape.flat.search import orthogonal
from pgb.landscape.place import (
    PRECISION,
    Place,
    combine,
    field_at,
    slice_gradient,
)

RADIUS: Final = Fraction(1, 2**100)
SAME: Final = Fraction(1, 10**12)


def find(place: Place, near: Fraction, rng: np.random.Generator) -> tuple[Place, ZeroData] | list[Refused]:
    """Return the certified critical point nearest to a point given by decimals, or why none was certified.

    Parameters
    ----------
    place
        The stated point (not critical itself).
    near
        Largest distance, in every coordinate and relative to 1 + |coordinate|, from the stated point.
    rng
        For the search for symmetries.
    """
    stated = [proposals.fraction(b) for b in place.balls()]
    if _far(place, stated, near):
        return [Refused("newton", "points away from the neighbourhood of the stated point")]
    refusals: list[Refused] = []
    for data in _slices(place, stated, rng):
        outcome = _attempt(place, stated, near, data)
        if not isinstance(outcome, Refused):
            return outcome
        refusals.append(outcome)
    return refusals


def _far(place: Place, stated: Sequence[Fraction], near: Fraction) -> bool:
    """Is the first Newton step, taken across the Hessian's large eigenvalues only, a thousand times longer than allowed?"""
    programs = place.smooth()
    if programs is None:
        return True
    x = np.array([[float(v)] for v in stated])
    g, H = programs.gradient.numpy(x)[:, 0], programs.hessian.numpy(x).reshape(place.n, place.n)
    if not (np.all(np.isfinite(g)) and np.all(np.isfinite(H))):
        return True
    step = np.linalg.pinv(H, rcond=1e-9, hermitian=True) @ g
    missed = g - H @ step  # a slope along the kernel, which no step removes
    return bool(
        np.any(np.abs(step) > 1000 * float(near) * (1 + np.abs(x[:, 0])))
        or np.linalg.norm(missed) > 1e-3 * (1 + np.linalg.norm(H)) * min(1.0, 1000 * float(near))
    )


def _attempt(
    place: Place, stated: Sequence[Fraction], near: Fraction, data: ZeroData
) -> tuple[Place, ZeroData] | Refused:
    programs = differentiate(place.source.along(data.base, data.basis, _names(data)))
    start = _coordinates(data, stated)
    centre = proposals.newton(programs.gradient, programs.hessian, start, PRECISION)
    if centre is None:
        return Refused("newton", "does not converge from the stated point")
    if any(abs(c - s) > near * (1 + abs(s)) for c, s in zip(centre, start, strict=True)):
        return Refused("newton", "leaves the neighbourhood of the stated point")
    inverse = proposals.inverse(programs.hessian, centre, PRECISION)
    if inverse is None:
        return Refused("newton", "meets a singular Hessian")
    refused = Refused("krawczyk", "was not tried")
    for radius in _radii(centre):
        full = replace(data, centre=tuple(centre), radius=(radius,) * len(centre), inverse=tuple(map(tuple, inverse)))
        outcome = _with_relations(place, full)
        if not isinstance(outcome, Refused):
            return outcome
        refused = outcome
    return refused


def _with_relations(place: Place, data: ZeroData) -> tuple[Place, ZeroData] | Refused:
    """Certify the zero on its slice, find why the derivatives out of the slice vanish there, and certify it as a whole."""
    if data.normals:
        sliced = sliced_place(place.objective, data)
        if isinstance(sliced, Refused):
            return sliced
        programs = sliced.smooth()
        if programs is None:
            return Refused("slice", "needs a function that is smooth at the zero")
        ring = sliced.ring
        try:
            slopes = slice_gradient(sliced, programs.gradient)
            values = ring.run(programs.gradient, list(sliced.coordinates))
            found = [relation(ring, combine(ring, {}, t, values), slopes, _names(data)) for t in data.normals]
        except Undecided as reason:
            return Refused("slice", str(reason))
        if None in found:
            return Refused("slice", "needs derivatives out of the slice that vanish at the zero")
        data = replace(data, relations=tuple(r or {} for r in found))
    outcome = certified_place(place.objective, data)
    return outcome if isinstance(outcome, Refused) else (outcome, data)


def _names(data: ZeroData) -> list[str]:
    return [f"z{k + 1}" for k in range(len(data.basis[0]))]


def _radii(centre: Sequence[Fraction]) -> Iterator[Fraction]:
    size = max((abs(c) for c in centre), default=Fraction(1))
    scale = Fraction(2 ** max(0, size.numerator.bit_length() - size.denominator.bit_length()))
    yield from (RADIUS * scale, RADIUS * scale * 2**30, RADIUS * scale / 2**30)


def _coordinates(data: ZeroData, stated: Sequence[Fraction]) -> list[Fraction]:
    """Return z with base + basis z nearest to the stated point (each variable is one +-z_k or fixed)."""
    z = []
    for column in zip(*data.basis, strict=True):
        values = [(s - b) / c for s, b, c in zip(stated, data.base, column, strict=True) if c]
        z.append(sum(values, Fraction(0)) / len(values))
    return z


def _slices(place: Place, stated: Sequence[Fraction], rng: np.random.Generator) -> Iterator[ZeroData]:
    """Yield slices: everything; gauges; coordinates that are equal, opposite or zero tied together, or held fixed as well."""
    n = place.n
    zero = (Fraction(0),) * n
    whole = tuple(tuple(Fraction(int(i == j)) for j in range(n)) for i in range(n))
    yield _slice(zero, whole)
    gauge = None if place.open_guards() else _independent_fields(place, fields(place, rng))
    if gauge:
        yield _gauge(stated, *gauge)
    for basis in [*_ties(stated), whole]:
        columns = [list(c) for c in zip(*basis, strict=True)]
        normals = tuple(tuple(v) for v in orthogonal(columns, n)) if basis != whole else ()
        tied = _slice(zero, basis, normals)
        yield from ([tied] if basis != whole else [])
        fixed = _held(place, stated, tied)
        yield from ([fixed] if fixed else [])


def _slice(
    base: tuple[Fraction, ...], basis: Matrix, normals: Matrix = (), moving: tuple[Matrix, ...] = ()
) -> ZeroData:
    return ZeroData(base, basis, (), (), (), normals, moving)


def _held(place: Place, stated: Sequence[Fraction], data: ZeroData) -> ZeroData | None:
    """Hold as many unknowns fixed as the Hessian on the slice has zero eigenvalues; their kernel directions become normals."""
    programs = differentiate(place.source.along(data.base, data.basis, _names(data)))
    z = _coordinates(data, stated)
    d = len(z)
    H = programs.hessian.numpy(np.array([[float(v)] for v in z])).reshape(d, d)
    if not np.all(np.isfinite(H)):
        return None
    values, vectors = np.linalg.eigh(H)
    small = np.abs(values) < 1e-9 * max(float(np.max(np.abs(values))), 1e-300)
    kernel = rational_basis(vectors[:, small].T)
    if not kernel or len(kernel) != int(small.sum()) or len(kernel) == d:
        return None
    _, _, order = qr(np.array(kernel, dtype=float), pivoting=True)
    held = sorted(int(i) for i in order[: len(kernel)])
    free = [k for k in range(d) if k not in held]
    base = tuple(
        b + sum((row[k] * proposals.rounded(z[k], 200) for k in held), Fraction(0))
        for b, row in zip(data.base, data.basis, strict=True)
    )
    basis = tuple(tuple(row[k] for k in free) for row in data.basis)
    moved = [
        tuple(sum((x * y for x, y in zip(row, v, strict=True)), Fraction(0)) for row in data.basis) for v in kernel
    ]
    return _slice(base, basis, (*data.normals, *moved))


def _gauge(stated: Sequence[Fraction], fixed: Sequence[int], chosen: Sequence[Matrix]) -> ZeroData:
    n = len(stated)
    base = tuple(proposals.rounded(stated[i], 200) if i in fixed else Fraction(0) for i in range(n))
    free = [i for i in range(n) if i not in fixed]
    basis = stack([[Fraction(int(i == j)) for i in range(n)] for j in free])
    return _slice(base, basis, (), tuple(chosen))


def _independent_fields(place: Place, candidates: Sequence[Matrix]) -> tuple[list[int], list[Matrix]] | None:
    """Choose fields that are independent at the place, and as many variables to hold fixed."""
    n = place.n
    A = np.zeros((n, 0))
    chosen: list[Matrix] = []
    for candidate in candidates:
        value = np.array([float(v.mid()) for v in field_at(place, candidate)])
        size = float(np.linalg.norm(value))
        if size < 1e-8:
            continue
        B = np.column_stack([A, value / size])
        if np.linalg.svd(B, compute_uv=False)[-1] > 1e-6:
            A, chosen = B, [*chosen, candidate]
    if not chosen or len(chosen) == n:
        return None
    _, _, order = qr(A.T, pivoting=True)
    return sorted(int(i) for i in order[: len(chosen)]), chosen


def _ties(stated: Sequence[Fraction]) -> list[Matrix]:
    """Return bases that tie equal, opposite and vanishing coordinates: all ties, then equalities alone."""
    out = []
    for kinds in ("=-0", "=-", "="):
        groups: list[list[tuple[int, int]]] = []
        for i, v in enumerate(stated):
            if "0" in kinds and abs(v) < SAME:
                continue
            for group in groups:
                j, _ = group[0]
                if abs(v - stated[j]) < SAME * (1 + abs(v)):
                    group.append((i, 1))
                    break
                if "-" in kinds and abs(v + stated[j]) < SAME * (1 + abs(v)):
                    group.append((i, -1))
                    break
            else:
                groups.append([(i, 1)])
        columns = [[Fraction(dict(group).get(i, 0)) for i in range(len(stated))] for group in groups]
        if columns and len(columns) < len(stated) and stack(columns) not in out:
            out.append(stack(columns))
    return out


def distance(place: Place, stated: Sequence[arb]) -> arb:
    """Return an upper bound of the largest coordinate distance between a place and a stated point."""
    gaps = [abs(a - b).upper() for a, b in zip(place.balls(), stated, strict=True)]
    largest = gaps[0]
    for g in gaps[1:]:
        largest = largest.max(g)
    return largest
