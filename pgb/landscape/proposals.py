"""Candidates for the certificate rules, by Newton's method and eigenvectors in multiprecision floats; untrusted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import mpmath
import numpy as np
from flint import arb, arb_mat, ctx

from pgb.landscape import balls, certificates
from pgb.landscape.program import Program

Rationals = Sequence[Fraction]
SMALL: Final = 1e-7


def fraction(value: arb) -> Fraction:
    """Return the midpoint of a ball as the exact rational that it is."""
    m, e = value.mid().man_exp()
    return Fraction(int(m)) * Fraction(2) ** int(e)


def rounded(value: Fraction, bits: int) -> Fraction:
    """Return a dyadic rational near a value, with a denominator of `bits` bits."""
    return Fraction(round(value * 2**bits), 2**bits)


def newton(
    system: Program, jacobian: Program, start: Rationals, precision: int, steps: int = 60
) -> list[Fraction] | None:
    """Run Newton's method in multiprecision; return a point where it stands still, or None."""
    n = len(start)
    with ctx.workprec(precision):
        x = [balls.exact(v).mid() for v in start]
        small = arb(2) ** (-precision // 2)
        for _ in range(steps):
            try:
                value = balls.run(system, x, precision)
                slope = balls.run(jacobian, x, precision)
                matrix = arb_mat(n, n, [v.mid() for v in slope])
                step = matrix.solve(arb_mat([[v.mid()] for v in value]))
            except (balls.NoEnclosure, ZeroDivisionError, ValueError):
                return None
            x = [(v - step[i, 0]).mid() for i, v in enumerate(x)]
            size = max((abs(step[i, 0]).mid() for i in range(n)), default=arb(0))
            if not size.is_finite() or size > 1e6:
                return None
            if size < small * (1 + max((abs(v) for v in x), default=arb(0))):
                return [rounded(fraction(v), precision) for v in x]
    return None


def inverse(jacobian: Program, centre: Rationals, precision: int) -> list[list[Fraction]] | None:
    """Return about the inverse of the Jacobian at the centre, in rationals with few bits, or None where singular."""
    n = len(centre)
    with ctx.workprec(precision):
        try:
            slope = balls.run(jacobian, [balls.exact(v) for v in centre], precision)
            found = arb_mat(n, n, [v.mid() for v in slope]).inv()
        except (balls.NoEnclosure, ZeroDivisionError):
            return None
        entries = [[fraction(found[i, j]) for j in range(n)] for i in range(n)]
    return [[_short(v) for v in row] for row in entries]


def _short(value: Fraction, bits: int = 60) -> Fraction:
    """Return a value rounded to `bits` significant bits."""
    if value == 0:
        return value
    shift = bits - (value.numerator.bit_length() - value.denominator.bit_length())
    scale = Fraction(2) ** shift
    return Fraction(round(value * scale)) / scale


def eigenbasis(matrix: Sequence[Sequence[arb]], precision: int) -> tuple[list[float], list[list[Fraction]]]:
    """Return approximate eigenvalues in increasing order and eigenvectors (columns) of a ball matrix's midpoint.

    Eigenvalues that look zero to the matrix's own accuracy are returned as 0.0. Doubles are enough where the small
    eigenvalues' Schur complement, in balls, contains 0; else multiprecision is used.
    """
    n = len(matrix)
    H = np.array([[float(h.mid()) for h in row] for row in matrix])
    if not n or not np.all(np.isfinite(H)):
        return [], []
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    size = max(float(np.max(np.abs(values))), 1e-300)
    basis = [[Fraction(float(x)) for x in row] for row in vectors]
    small = [k for k, v in enumerate(values) if abs(v) <= SMALL * size]
    if not small or _looks_zero(matrix, basis, small, precision):
        return [0.0 if k in small else float(v) for k, v in enumerate(values)], basis
    with mpmath.workprec(precision):
        M = mpmath.matrix([[_mpf(h) for h in row] for row in matrix])
        E, Q = mpmath.eigsy((M + M.T) / 2)
        order = sorted(range(n), key=lambda k: E[k])
        blur = sum(float(h.rad()) for row in matrix for h in row)
        tiny = max(size * 2.0 ** (-0.75 * precision), 4 * blur)
        exact = [float(E[k]) for k in order]
        return [v if abs(v) > tiny else 0.0 for v in exact], [[_from_mpf(Q[i, k]) for k in order] for i in range(n)]


def _looks_zero(
    matrix: Sequence[Sequence[arb]], basis: Sequence[Sequence[Fraction]], small: Sequence[int], precision: int
) -> bool:
    """May the form be zero on the small eigenvectors once the others are eliminated?"""
    large = [k for k in range(len(basis)) if k not in small]
    with ctx.workprec(precision):
        form = certificates.congruence(matrix, basis)
        rest = arb_mat([[form[i][j] for j in small] for i in small])
        if large:
            try:
                solved = arb_mat([[form[i][j] for j in large] for i in large]).solve(
                    arb_mat([[form[i][j] for j in small] for i in large])
                )
            except ZeroDivisionError:
                return False
            rest = rest - arb_mat([[form[i][j] for j in large] for i in small]) * solved
        return all(bool(v.contains(0)) for v in rest.entries())


def _mpf(h: arb) -> mpmath.mpf:
    m, e = h.mid().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(m)), int(e))


def _from_mpf(v: mpmath.mpf) -> Fraction:
    sign, m, e, _ = v._mpf_
    return _short(Fraction(-int(m) if sign else int(m)) * Fraction(2) ** int(e), 120)
