"""One-sided derivatives of losses with kinks, exactly: each |u| and max(0, u) is replaced by what it is on that side."""

from __future__ import annotations

import sympy

from pgb.expressions import relu
from pgb.landscape import exact


def one_sided(e: sympy.Expr, q: sympy.Symbol, at: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Return the derivatives of `e` in q at a closed number, from the right and from the left.

    Kinks may not be nested, and their arguments must have a decided sign, or a decided slope where they vanish.
    """
    sides = []
    for side in (1, -1):
        smooth = _without_kinks(e, q, at, side)
        if smooth is None:
            return None
        sides.append(sympy.diff(smooth, q).subs(q, at))
    return sides[0], sides[1]


def _without_kinks(e: sympy.Expr, q: sympy.Symbol, at: sympy.Expr, side: int) -> sympy.Expr | None:
    """Return a smooth expression that equals `e` just to the right (side 1) or left (side -1) of the point."""
    replaced = {}
    for kink in e.atoms(relu, sympy.Abs):
        u = kink.args[0]
        if u.has(relu, sympy.Abs):
            return None
        sign = exact.sign(u.subs(q, at))
        if sign == 0:
            slope = exact.sign(sympy.diff(u, q).subs(q, at))
            sign = side * slope if slope else None
        if sign is None:
            return None
        replaced[kink] = u if sign > 0 else -u if isinstance(kink, sympy.Abs) else sympy.S.Zero
    return e.xreplace(replaced)
