"""Rules that turn ball arithmetic into theorems about zeros and quadratic forms; TRUSTED, small, without any search.

Every rule takes candidate data as exact rationals from anywhere and either returns what it proves or a `Refused` that
says which hypothesis fails. A poor candidate is refused, never believed; a refusal never means that the claim is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from pgb.landscape import balls
from pgb.landscape.program import Program

Rationals = Sequence[Fraction]
RationalMatrix = Sequence[Sequence[Fraction]]
BallMatrix = Sequence[Sequence[arb]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule's refusal: the rule, and the hypothesis that its data do not meet, with the value found."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Zero:
    """There is exactly one zero in the box, and it lies in the enclosure.

    Attributes
    ----------
    enclosure
        n balls that contain the zero.
    """

    enclosure: tuple[arb, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A symmetric matrix has at least `negative` negative and `positive` positive eigenvalues."""

    negative: int
    positive: int


def krawczyk(
    system: Program, jacobian: Program, centre: Rationals, radius: Rationals, inverse: RationalMatrix, precision: int
) -> Zero | Refused:
    """Show that a smooth system of n equations in n unknowns has exactly one zero in a box.

    With X = centre -/+ radius, C = inverse and K = c - C F(c) + (I - C F'(X)) (X - c): if K lies in the interior of X,
    then C is regular, F has a zero in K, and no other zero in X.

    Parameters
    ----------
    system, jacobian
        n inputs; n and n * n outputs (row by row).
    centre, radius
        n exact rationals each, radius positive.
    inverse
        (n, n) exact rationals, about the inverse of the Jacobian at the centre.
    precision
        Working precision in bits.

    Notes
    -----
    R. Krawczyk, Computing 4 (1969); R. E. Moore, SIAM J. Numer. Anal. 14 (1977); A. Neumaier, "Interval Methods for
    Systems of Equations" (1990), Theorem 5.1.8.
    """
    rule, n = "krawczyk", len(system.inputs)
    if len(system.outputs) != n or len(jacobian.outputs) != n * n or jacobian.inputs != system.inputs:
        return Refused(rule, f"needs n equations and an n x n Jacobian in the same {n} unknowns")
    if len(centre) != n or len(radius) != n or len(inverse) != n or any(len(row) != n for row in inverse):
        return Refused(rule, f"needs a centre, radii and an inverse of size {n}")
    if any(r <= 0 for r in radius):
        return Refused(rule, f"needs positive radii, got {min(radius)}")
    with ctx.workprec(precision):
        point = [balls.exact(c) for c in centre]
        box = [balls.around(c, r) for c, r in zip(centre, radius, strict=True)]
        try:
            value = balls.run(system, point, precision, smooth=True)
            balls.run(system, box, precision, smooth=True)
            slope = balls.run(jacobian, box, precision, smooth=True)
        except balls.NoEnclosure as reason:
            return Refused(rule, f"needs a smooth system on the box: {reason}")
        C = arb_mat([[balls.exact(v) for v in row] for row in inverse])
        step = -(C * arb_mat([[v] for v in value]))
        rest = (arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)]) - C * arb_mat(n, n, slope)) * arb_mat(
            [[arb(0, balls.exact(r))] for r in radius]
        )
        moved = [step[i, 0] + rest[i, 0] for i in range(n)]  # K - c
        for i, (shift, r) in enumerate(zip(moved, radius, strict=True)):
            if not (shift.is_finite() and abs(shift).upper() < balls.exact(r)):
                return Refused(
                    rule, f"needs K inside the box in coordinate {system.inputs[i]}, got {shift} of {float(r)}"
                )
        return Zero(tuple(p + shift for p, shift in zip(point, moved, strict=True)))


def signature(matrix: BallMatrix, basis: RationalMatrix, precision: int) -> Signature | Refused:
    """Count certain negative and positive eigenvalues of a symmetric matrix H.

    For an n x p matrix V the form V^T H V is diagonalised by LDL^T without pivoting. If no pivot's ball meets 0, V has
    rank p and, on its range, H is negative on a subspace of dimension #(negative pivots) and positive on one of dimension
    #(positive pivots): so H has at least so many negative and positive eigenvalues (Courant, Fischer; Sylvester's law).

    Parameters
    ----------
    matrix
        n x n balls that contain H; only symmetric H are meant.
    basis
        V, n rows of p rationals: directions that nearly diagonalise H.
    precision
        Working precision in bits.
    """
    n = len(matrix)
    p = len(basis[0]) if basis else 0
    if len(basis) != n or any(len(row) != n for row in matrix) or any(len(row) != p for row in basis):
        return Refused("signature", f"needs an n x n matrix and n rows of a basis, got {n} and {len(basis)}")
    if not all(h.is_finite() for row in matrix for h in row):
        return Refused("signature", "needs finite entries")
    with ctx.workprec(precision):
        form = congruence(matrix, basis)
        negative = 0
        for k in range(p):
            pivot = form[k][k]
            if not (pivot > 0 or pivot < 0):
                return Refused("signature", f"needs pivots away from 0, pivot {k} is {pivot}")
            negative += int(pivot < 0)
            for i in range(k + 1, p):
                factor = form[i][k] / pivot
                for j in range(k + 1, p):
                    form[i][j] -= factor * form[k][j]
    return Signature(negative, p - negative)


def congruence(matrix: BallMatrix, basis: RationalMatrix) -> list[list[arb]]:
    """Return V^T H V, p x p balls, at the current precision."""
    V = arb_mat([[balls.exact(v) for v in row] for row in basis])
    form = V.transpose() * arb_mat([list(row) for row in matrix]) * V
    p = form.ncols()
    return [[form[min(i, j), max(i, j)] for j in range(p)] for i in range(p)]


def positive_definite(matrix: BallMatrix, basis: RationalMatrix, precision: int) -> bool | Refused:
    """Show that H is positive definite on the p-dimensional range of V; False where a pivot is certainly negative."""
    found = signature(matrix, basis, precision)
    return found if isinstance(found, Refused) else found.negative == 0


def independent(columns: BallMatrix, rows: Sequence[int], precision: int) -> bool:
    """Show that k vectors (k columns of balls) are linearly independent, by a k x k minor that is not 0.

    Parameters
    ----------
    columns
        n rows of k balls.
    rows
        k distinct row numbers: the minor.
    """
    k = len(rows)
    if not k or len(set(rows)) != k or any(len(columns[r]) != k for r in rows):
        return False
    with ctx.workprec(precision):
        minor = arb_mat([list(columns[r]) for r in rows]).det()
        return bool(minor.is_finite() and (minor > 0 or minor < 0))


def rank(columns: RationalMatrix) -> int:
    """Return the exact rank of a rational matrix."""
    if not columns or not columns[0]:
        return 0
    return int(fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in columns]).rank())


def sign(value: Any) -> int | None:
    """Return the certain sign of a ball: 1 or -1, 0 only for the exact number 0, None where the ball does not tell."""
    if not value.is_finite():
        return None
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0 if value.is_exact() and value == 0 else None
