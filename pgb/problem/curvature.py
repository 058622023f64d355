"""Is an expression affine, convex or concave? By the composition rules of disciplined convex programming, exactly.

Sources: M. Grant, S. Boyd, Y. Ye, "Disciplined convex programming", 2006; S. Boyd, L. Vandenberghe, "Convex
Optimization", 2004, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from pgb.functions import relu, softplus
from pgb.problem.ranges import value_range
from pgb.problem.sizes import MAX_TERMS, terms

Symbols = Sequence[sympy.Symbol]
CONVEX_NONDECREASING = (sympy.exp, softplus, relu)


def curvature(e: sympy.Expr, q: Symbols) -> int | None:
    """Return 0 for affine, 1 for convex, -1 for concave and None where the rules decide nothing."""
    if not e.has(*q):
        return 0
    if e.is_polynomial(*q) and terms(e) <= MAX_TERMS:
        poly = sympy.Poly(e, *q)
        if poly.total_degree() <= 1:
            return 0
        if poly.total_degree() == 2 and all(c.is_Rational for c in poly.coeffs()):
            return _quadratic(sympy.hessian(e, list(q)))
    if isinstance(e, sympy.Add):
        return _join({curvature(a, q) for a in e.args})
    if isinstance(e, sympy.Mul):
        constant, rest = e.as_independent(*q, as_Add=False)
        inner = curvature(rest, q) if constant != 1 else None
        if inner is None or not (constant.is_nonnegative or constant.is_negative):
            return None
        return inner if constant.is_nonnegative else -inner
    if isinstance(e, CONVEX_NONDECREASING):
        return 1 if curvature(e.args[0], q) in (0, 1) else None
    if isinstance(e, sympy.Abs):
        return 1 if curvature(e.args[0], q) == 0 else None
    if isinstance(e, sympy.log):
        return _log(e.args[0], q)
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        return _power(e, q)
    return None


def _join(signs: set[int | None]) -> int | None:
    if None in signs or {1, -1} <= signs:
        return None
    return next((s for s in signs if s), 0)


def _quadratic(hessian: sympy.Matrix) -> int | None:
    if hessian.is_positive_semidefinite:
        return 1
    return -1 if (-hessian).is_positive_semidefinite else None


def _log(inside: sympy.Expr, q: Symbols) -> int | None:
    """log(sum c_j exp(u_j) + c_0), c_j > 0, u_j convex, is convex (log-sum-exp is convex and non-decreasing)."""
    for term in sympy.Add.make_args(inside):
        coefficient, factor = term.as_independent(*q, as_Add=False)
        power = factor.as_base_exp() if factor != 1 else (sympy.E, sympy.S.Zero)
        fits = power[0] == sympy.E and curvature(power[1], q) in (0, 1)
        if not (coefficient.is_positive and fits):
            return None
    return 1


def _power(e: sympy.Expr, q: Symbols) -> int | None:
    base, exponent = e.base, e.exp
    inner = curvature(base, q)
    if inner == 0 and exponent.is_Integer and exponent >= 2 and exponent % 2 == 0:
        return 1
    if inner in (0, 1) and exponent >= 1 and value_range(base).nonnegative:
        return 1
    squares = exponent == sympy.Rational(1, 2) and all(
        value_range(a).nonnegative and (not a.has(*q) or a.is_polynomial(*q)) for a in sympy.Add.make_args(base)
    )
    if squares and base.is_polynomial(*q) and terms(base) <= MAX_TERMS and sympy.Poly(base, *q).total_degree() == 2:
        return 1 if inner == 1 else None  # a norm of affine functions
    return None
