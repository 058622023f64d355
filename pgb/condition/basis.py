"""The gradient-basis property: h with phi_i = sum_k h_k d_k phi_i for all i and r rho = sum_k h_k d_k rho.

Decided by structure where the network has a linear last layer or the added neurons give it (an identity, checked by
expansion), else by an exact linear solve at the point (rational entries), else by a certified full row rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import sympy
from flint import arb_mat

from pgb.condition.model import Model
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import compile_expressions

PRECISION = 256


@dataclass(frozen=True, slots=True)
class GradientBasis:
    """A gradient basis at a point.

    Attributes
    ----------
    h
        Its value by variable name; variables that are absent have h = 0. None where only its existence is certified.
    r
        The number with r rho = sum_k h_k d_k rho; None where rho = 0, when any number serves.
    how
        By which argument it was found.
    """

    h: Mapping[str, sympy.Expr] | None
    r: sympy.Expr | None
    how: str


def gradient_basis(
    model: Model, point: Mapping[sympy.Symbol, sympy.Expr], linear: Sequence[sympy.Symbol] = ()
) -> GradientBasis | None:
    """Return a gradient basis at `point`, or None where none is found.

    Parameters
    ----------
    point
        Value of every variable.
    linear
        Variables in which phi is linear and homogeneous with the rest fixed (a linear last layer together with the
        a_k): tried first.
    """
    if linear and _euler(model, linear):
        r = _euler_of_rho(model, point, linear)
        if r is not None:
            return GradientBasis({u.name: point[u] for u in linear}, r[0], "linear in " + _names(linear))
    return _solved(model, point) or _full_rank(model, point)


def _names(chosen: Sequence[sympy.Symbol]) -> str:
    return ", ".join(u.name for u in chosen)


def _euler(model: Model, chosen: Sequence[sympy.Symbol]) -> bool:
    """Is phi = sum_u u d_u phi identically, for every slot?"""
    return all(sympy.expand(f - sympy.Add(*(u * sympy.diff(f, u) for u in chosen))) == 0 for f in model.slots)


def _euler_of_rho(
    model: Model, point: Mapping[sympy.Symbol, sympy.Expr], chosen: Sequence[sympy.Symbol]
) -> tuple[sympy.Expr | None] | None:
    """Return (r,) with r rho = sum_u u d_u rho at the point; None where there is no such r."""
    value = model.rho.subs(point)
    slope = sympy.Add(*(u * sympy.diff(model.rho, u) for u in chosen)).subs(point)
    if value == 0:
        return (None,) if slope == 0 else None
    return (slope / value,)


def _solved(model: Model, point: Mapping[sympy.Symbol, sympy.Expr]) -> GradientBasis | None:
    """Solve J h = phi and d rho . h = r rho at the point, exactly, for (h, r); rational entries only."""
    J = [[e.subs(point) for e in row] for row in model.jacobian()]
    values = [f.subs(point) for f in model.slots]
    rho = model.rho.subs(point)
    entries = [e for row in J for e in row] + [*values, rho]
    if not all(e.is_Rational for e in entries):
        return None
    n = len(model.variables)
    matrix = sympy.Matrix([[*row, 0] for row in J[:-1]] + [[*J[-1], -rho]])
    unknowns = sympy.symbols(f"h0:{n + 1}")
    solution = sympy.linsolve((matrix, sympy.Matrix([*values, 0])), *unknowns)
    if not solution:
        return None
    found = [s.subs(dict.fromkeys(unknowns, 0)) for s in next(iter(solution))]
    h = {v.name: s for v, s in zip(model.variables, found[:n], strict=True) if s != 0}
    return GradientBasis(h, found[n] if rho != 0 else None, "an exact linear solve at the point")


def _full_rank(model: Model, point: Mapping[sympy.Symbol, sympy.Expr]) -> GradientBasis | None:
    """Certify that the stacked Jacobian has full row rank at the point, by a minor whose ball excludes 0.

    Every right-hand side, so also (phi, r rho), is then in its column space. The row of rho is left out where rho and
    its derivatives are exactly 0.
    """
    rows = [[e.subs(point) for e in row] for row in model.jacobian()]
    if model.rho.subs(point) == 0 and all(e == 0 for e in rows[-1]):
        rows = rows[:-1]
    J = np.array([[float(e) for e in row] for row in rows])
    n_rows = len(rows)
    if n_rows > len(model.variables) or not np.all(np.isfinite(J)):
        return None
    _, _, order = scipy.linalg.qr(J, pivoting=True)
    entries = [rows[i][j] for i in range(n_rows) for j in order[:n_rows]]
    try:
        balls = compile_expressions(entries, []).balls([], PRECISION)
    except NoEnclosure:
        return None
    minor = arb_mat(n_rows, n_rows, balls).det()
    if not (minor.is_finite() and not minor.contains(0)):
        return None
    return GradientBasis(None, None, f"the Jacobian has full row rank {n_rows} (a minor's ball excludes 0)")
