"""Exact multiplicity of an isolated rational critical point, by the dimension of its local dual space. Trusted.

For a polynomial system F and an exact zero x let V_d be the functionals ``sum c_a D^a|_x`` with |a| <= d that vanish on every
product of a monomial ``(t - x)^b`` and an equation. If ``dim V_d = dim V_{d+1}`` the zero is isolated and its multiplicity is that
dimension (Dayton and Zeng, "Computing the multiplicity structure in solving polynomial systems", ISSAC 2005).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pgb.landscape.polynomial.family import Family
from pgb.landscape.polynomial.lie import polynomial_ring

MAX_COLUMNS = 300


def is_exact_zero(family: Family, parameters: Sequence[Fraction], point: Sequence[Fraction]) -> bool:
    """Whether the gradient vanishes exactly."""
    return all(v == 0 for v in family.full.run_exact(list(point), list(parameters))[: family.n])


def expanded(
    family: Family, parameters: Sequence[Fraction], point: Sequence[Fraction] | None = None
) -> list[dict[tuple[int, ...], Any]]:
    """Return the gradient's components as exact polynomials in ``t - point`` (exponent to coefficient)."""
    t, lift = polynomial_ring(family.n)
    shifted = t if point is None else [v + lift(x) for v, x in zip(t, point, strict=True)]
    return [
        {tuple(map(int, e)): c for e, c in (f + lift(Fraction(0))).to_dict().items()}
        for f in family.full.run(shifted, [lift(p) for p in parameters], lift)[: family.n]
    ]


def multiplicity(family: Family, parameters: Sequence[Fraction], point: Sequence[Fraction]) -> int | None:
    """Return the multiplicity of an exact zero, or None where the dual space was still growing when it became too large.

    None claims nothing: the zero may be isolated or not.
    """
    from flint import fmpq, fmpq_mat

    n = family.n
    system = expanded(family, parameters, point)
    if any(tuple([0] * n) in f for f in system):
        return None
    last = 1
    for d in range(1, 40):
        monomials = [e for k in range(d + 1) for e in _exponents(n, k)]
        if len(monomials) > MAX_COLUMNS:
            return None
        place = {e: k for k, e in enumerate(monomials)}
        rows = []
        for b in (e for k in range(d) for e in _exponents(n, k)):
            for f in system:
                row = [fmpq(0)] * len(monomials)
                for e, c in f.items():
                    k = place.get(tuple(i + j for i, j in zip(e, b, strict=True)))
                    if k is not None:
                        row[k] = c
                rows.append(row)
        nullity = len(monomials) - fmpq_mat(rows).rank()
        if nullity == last:
            return int(nullity)
        last = nullity
    return None


def _exponents(n: int, degree: int) -> list[tuple[int, ...]]:
    out = []
    for bars in itertools.combinations(range(degree + n - 1), n - 1):
        cuts = (-1, *bars, degree + n - 1)
        out.append(tuple(b - a - 1 for a, b in itertools.pairwise(cuts)))
    return out
