"""Finds affine vector fields that leave an objective unchanged (rescalings, gauge rotations, unused parameters); untrusted.

The fields V(theta) = M theta + c with V . grad f = 0 for all outputs f form a linear space; it is read off from Jacobians at
random points near the place and rounded to rationals. `pgb.landscape.place.invariant` decides whether a field is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from pgb.landscape.place import Place, jacobians

MAX_VARIABLES: Final = 40
SPREAD: Final = 1e-2
Field = tuple[tuple[Fraction, ...], ...]


def fields(place: Place, rng: np.random.Generator) -> list[Field]:
    """Return candidate fields, sparse ones first.

    Parameters
    ----------
    place
        Points are sampled within 1/100 of it, so that relu arguments keep their signs.
    rng
        Source of the sample points.
    """
    n = place.n
    if n > MAX_VARIABLES:
        return []
    program = jacobians(place)[0]
    rows_each = len(program.outputs) // n
    centre = np.array([float(b.mid()) for b in place.balls()])
    unknowns = n * (n + 1)
    count = max(8, 2 * unknowns // rows_each + 8)
    points = centre[:, None] + SPREAD * rng.uniform(-1, 1, (n, count)) * (1 + np.abs(centre[:, None]))
    slopes = program.numpy(points).reshape(rows_each, n, count)
    shifted = np.vstack([(points - centre[:, None]) / SPREAD, np.ones(count)])
    rows = np.einsum("fpk,qk->fkpq", slopes, shifted).reshape(-1, unknowns)
    rows = rows[np.all(np.isfinite(rows), axis=1)]
    if len(rows) < unknowns:
        return []
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
    kernel = _kernel(rows)
    found = []
    for flat in kernel:
        M = flat.reshape(n, n + 1)
        M = np.hstack([M[:, :n] / SPREAD, M[:, n:]])
        M[:, n] -= M[:, :n] @ centre
        found.append(M.reshape(-1))
    return [_shape(v, n) for v in rational_basis(np.array(found))]


def _kernel(rows: np.ndarray) -> np.ndarray:
    _, values, vectors = np.linalg.svd(np.linalg.qr(rows, mode="r"))
    return np.asarray(vectors[values < 1e-9 * max(values[0], 1e-300)])


def _shape(v: Sequence[Fraction], n: int) -> Field:
    return tuple(tuple(v[i * (n + 1) : (i + 1) * (n + 1)]) for i in range(n))


def rational_basis(vectors: np.ndarray, tolerance: float = 1e-6) -> list[list[Fraction]]:
    """Return a reduced echelon basis of the span, rounded to rationals with small denominators; sparse ones first.

    Rows whose entries are near no such rational are left out.
    """
    A = np.array(vectors, dtype=float)
    if A.size == 0:
        return []
    row = 0
    for column in range(A.shape[1]):
        pivot = row + int(np.argmax(np.abs(A[row:, column])))
        if abs(A[pivot, column]) < tolerance:
            continue
        A[[row, pivot]] = A[[pivot, row]]
        A[row] /= A[row, column]
        others = [i for i in range(len(A)) if i != row]
        A[others] -= np.outer(A[others, column], A[row])
        row += 1
        if row == len(A):
            break
    found = []
    for line in A[:row]:
        rounded = [Fraction(float(v)).limit_denominator(1000) for v in line]
        if all(abs(float(r) - v) < tolerance for r, v in zip(rounded, line, strict=True)):
            found.append(rounded)
    return sorted(found, key=lambda v: sum(1 for x in v if x))
