"""Continuous affine symmetries of a polynomial loss, found and proved exactly; their orbits are sets of critical points. Trusted."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pgb.landscape.polynomial.family import Family

MAX_VARIABLES = 14


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A vector field ``theta -> M theta + b`` along which the loss does not change: ``<grad L, M theta + b> = 0`` identically."""

    matrix: tuple[tuple[Fraction, ...], ...]
    shift: tuple[Fraction, ...]

    def at(self, theta: list[Any], lift: Any) -> list[Any]:
        """Return the vector at a point of any ring into which `lift` takes exact numbers."""
        out = []
        for row, b in zip(self.matrix, self.shift, strict=True):
            total = lift(b)
            for m, t in zip(row, theta, strict=True):
                if m:
                    total = total + lift(m) * t
            out.append(total)
        return out


def symmetry_fields(family: Family, parameters: tuple[Fraction, ...]) -> list[Field]:
    """Return a basis of the affine vector fields that leave a member's function unchanged.

    Candidates solve the linear equations at random integer points exactly; each is then proved by expanding
    ``<grad L, M theta + b>`` as a polynomial. Too many variables give the empty list, which claims nothing.
    """
    from flint import fmpq, fmpq_mat

    n = family.n
    if n > MAX_VARIABLES:
        return []
    unknowns = n * n + n
    draw = random.Random(3)
    rows = []
    for _ in range(unknowns + 8):
        theta = [Fraction(draw.randint(-9, 9)) for _ in range(n)]
        F = family.full.run_exact(theta, list(parameters))[:n]
        rows.append([F[i] * theta[j] for i in range(n) for j in range(n)] + F)
    A = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])
    fields = []
    for vector in _kernel(A):
        M = tuple(tuple(vector[i * n + j] for j in range(n)) for i in range(n))
        field = Field(M, tuple(vector[n * n :]))
        if proves(family, parameters, field):
            fields.append(field)
    return fields


def _kernel(A: Any) -> list[list[Fraction]]:
    """Return a basis of the right kernel of an exact matrix."""
    reduced, rank = A.rref()
    columns = A.ncols()
    pivots = []
    for i in range(rank):
        pivots.append(next(j for j in range(columns) if reduced[i, j] != 0))
    out = []
    for free in (j for j in range(columns) if j not in pivots):
        vector = [Fraction(0)] * columns
        vector[free] = Fraction(1)
        for i, p in enumerate(pivots):
            v = reduced[i, free]
            vector[p] = -Fraction(int(v.p), int(v.q))
        out.append(vector)
    return out


def proves(family: Family, parameters: tuple[Fraction, ...], field: Field) -> bool:
    """Whether ``<grad L, M theta + b>`` is the zero polynomial."""
    theta, lift = polynomial_ring(family.n)
    F = family.full.run(theta, [lift(p) for p in parameters], lift)[: family.n]
    total = lift(Fraction(0))
    for f, v in zip(F, field.at(theta, lift), strict=True):
        total = total + f * v
    return bool(total == 0)


def polynomial_ring(n: int) -> tuple[list[Any], Any]:
    """Return the variables of Q[t_0..t_{n-1}] and the map of exact numbers into it."""
    from flint import Ordering, fmpq, fmpq_mpoly_ctx

    ring = fmpq_mpoly_ctx.get([f"t{k}" for k in range(n)], Ordering.degrevlex)
    return list(ring.gens()), lambda v: ring.constant(fmpq(v.numerator, v.denominator))
