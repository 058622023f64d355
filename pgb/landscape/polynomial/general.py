"""Any polynomial loss with rational coefficients: its terms, its coefficient family, and the strata by vanishing variables."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pgb.errors import InputError
from pgb.landscape.polynomial.family import BoolArray, Family, gradient_tapes
from pgb.landscape.polynomial.strata import Stratum, System
from pgb.landscape.polynomial.tape import Builder

if TYPE_CHECKING:
    import sympy

    from pgb.landscape.polynomial.solve import Posed

Exponent = tuple[int, ...]
MAX_VARIABLES = 16
MAX_TERMS = 20000


def terms(loss: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> dict[Exponent, Fraction]:
    """Return the exact terms of a polynomial: exponent to coefficient, zeros left out.

    Raises
    ------
    InputError
        When the expression is no polynomial in the symbols with rational coefficients.
    """
    import sympy

    if not symbols or len(set(symbols)) != len(symbols):
        raise InputError("parameters", "at least one symbol, all different")
    try:
        poly = sympy.Poly(loss, *symbols, domain="QQ")
    except (sympy.PolynomialError, sympy.CoercionFailed, sympy.GeneratorsError, ValueError, TypeError) as err:
        raise InputError(
            "loss", f"a polynomial in {', '.join(map(str, symbols))} with exact rational coefficients"
        ) from err
    out = {tuple(int(v) for v in e): Fraction(int(c.numerator), int(c.denominator)) for e, c in poly.terms()}
    if len(out) > MAX_TERMS:
        raise InputError("loss", f"at most {MAX_TERMS} terms; found {len(out)}")
    return {e: c for e, c in out.items() if c}


def pose_polynomial(loss: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> Posed:
    """Pose a polynomial loss as a member of its coefficient family: same monomials, any coefficients."""
    from pgb.landscape.polynomial.solve import Posed

    table = terms(loss, symbols)
    n = len(symbols)
    support = tuple(sorted(e for e in table if any(e)))
    if n > MAX_VARIABLES:
        raise InputError("parameters", f"at most {MAX_VARIABLES} for a loss without a known structure; found {n}")
    if not support:
        raise InputError("loss", "not constant: every point is critical")
    return Posed(
        coefficient_system(support),
        tuple(table[e] for e in support),
        Fraction(1),
        table.get((0,) * n, Fraction(0)),
        tuple(map(str, symbols)),
        None,
    )


@lru_cache(maxsize=128)
def coefficient_system(support: tuple[Exponent, ...]) -> System:
    """Return the system of all polynomials with the given monomials (constant excluded)."""
    n = len(support[0])
    E = np.array(support, np.int64)
    strata = []
    patterns, excess = generic_patterns(E)
    for active in patterns:
        if not active:
            continue
        place = list(active)
        rows = [k for k, e in enumerate(support) if not any(e[i] for i in range(n) if i not in active)]
        small = coefficient_family(tuple(tuple(support[k][i] for i in place) for k in rows))
        flips = np.zeros((len(small.flips), n), np.bool_)
        flips[:, place] = small.flips
        strata.append(Stratum(small, active, tuple(rows), flips))
    return System(
        coefficient_family(support), tuple(strata), origin=not bool((E.sum(axis=1) == 1).any()), excess=excess
    )


@lru_cache(maxsize=512)
def coefficient_family(support: tuple[Exponent, ...]) -> Family:
    """Return the family of all polynomials with the given monomials; the parameters are the coefficients."""
    n, q = len(support[0]), len(support)
    b = Builder(n, q)
    table: dict[Exponent, int] = {e: n + k for k, e in enumerate(support)}
    value = horner(b, table, n)
    F = [horner(b, derivative(b, table, i), n) for i in range(n)]
    return Family(
        f"polynomial with {q} monomials in {n} variables",
        n,
        q,
        *gradient_tapes(b, F, value),
        sign_flips(np.array(support, np.int64)),
        np.arange(q),
        tuple((i,) for i in range(n)),
    )


def derivative(b: Builder, table: Mapping[Exponent, int], i: int) -> dict[Exponent, int]:
    """Return the terms of the derivative by variable i, coefficients as nodes."""
    return {(*e[:i], e[i] - 1, *e[i + 1 :]): b.mul(b.const(e[i]), c) for e, c in table.items() if e[i]}


def horner(b: Builder, table: Mapping[Exponent, int], n: int) -> int:
    """Return the node of a sum of terms by Horner's rule in the variable that occurs in most terms."""
    if not table:
        return b.const(0)
    if len(table) == 1:
        ((e, c),) = table.items()
        out = c
        for i, k in enumerate(e):
            for _ in range(k):
                out = b.mul(out, i)
        return out
    counts = [sum(1 for e in table if e[i]) for i in range(n)]
    i = max(range(n), key=lambda k: counts[k])
    inner = {(*e[:i], e[i] - 1, *e[i + 1 :]): c for e, c in table.items() if e[i]}
    rest = {e: c for e, c in table.items() if not e[i]}
    if not inner:
        return b.total(list(rest.values()))
    return b.add(horner(b, rest, n), b.mul(i, horner(b, inner, n)))


def sign_flips(E: npt.NDArray[np.int64]) -> BoolArray:
    """Return generators of ``{s in {0,1}^n : E s = 0 mod 2}``: sign changes that leave every monomial alone."""
    n = E.shape[1]
    rows = [int("".join(map(str, r)), 2) for r in (np.unique(E % 2, axis=0)).tolist()]
    basis: dict[int, int] = {}  # leading bit -> row, reduced
    for bits in rows:
        row = bits
        for bit, other in basis.items():
            if row >> bit & 1:
                row ^= other
        if row:
            bit = row.bit_length() - 1
            basis = {k: v ^ row if v >> bit & 1 else v for k, v in basis.items()}
            basis[bit] = row
    free = [k for k in range(n) if k not in basis]
    out = np.zeros((len(free), n), np.bool_)
    for g, k in enumerate(free):
        out[g, n - 1 - k] = True
        for bit, row in basis.items():
            out[g, n - 1 - bit] = bool(row >> k & 1)
    return out


def generic_patterns(E: npt.NDArray[np.int64]) -> tuple[list[tuple[int, ...]], bool]:
    """Return the sets of nonzero variables for which a generic polynomial with these exponents has isolated critical points.

    The second value says whether for some set they are infinitely many.

    On the torus of a set A the coefficients enter the equations linearly and with constant rank: the ``d/dx_i``, i in A,
    through the exponents within A (rank r), each ``d/dx_z``, z outside A, through the monomials linear in x_z alone. The
    solutions for generic coefficients are finite in number and not none only if |A| - r is the number of such z with a monomial
    that is linear in it; they may be infinitely many where |A| - r is larger. Only r = |A| is searched.
    """
    _, n = E.shape
    out: list[tuple[int, ...]] = []
    excess = False
    masks = (E > 0) @ (1 << np.arange(n))
    for size in range(n + 1):
        for active in itertools.combinations(range(n), size):
            mask = sum(1 << i for i in active)
            outside = masks & ~mask
            single = (outside > 0) & (outside & (outside - 1) == 0)
            linear = single & ((E * (outside[:, None] >> np.arange(n) & 1)).sum(axis=1) == 1)
            inside = E[outside == 0][:, list(active)]
            rank = int(np.linalg.matrix_rank(inside)) if size and len(inside) else 0
            extra = len(set(outside[linear].tolist()))
            if extra == 0 and rank == size:
                out.append(active)
            excess = excess or size - rank > extra or (size > rank and size - rank == extra)
    return out, excess
