"""Closed forms for coordinates that floats know by decimals only: where Lt's slope is linear or quadratic in them. Untrusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import sympy

from pgb.errors import InputError
from pgb.expressions import parse, text
from pgb.objective import Objective

CLOSE: Final = 1e-8
MOST: Final = 2
LONG: Final = 60  # characters; longer closed forms help nobody


def closed(objective: Objective, values: Mapping[str, str], open_names: Sequence[str]) -> dict[str, str] | None:
    """Return exact values, as text, for the open coordinates, all others being exact; None where none are found.

    Their partial derivatives must be jointly linear in them, or, for a single one, a polynomial with factors of degree at most 2.
    """
    if len(open_names) > MOST:
        return None
    unknown = [v for v in objective.variables if v.name in open_names]
    known = {v: sympy.Rational(values[v.name]) for v in objective.variables if v.name not in open_names}
    fixed = objective.expression.subs(known, simultaneous=True)
    slopes = [sympy.expand(sympy.diff(fixed, v)) for v in unknown]
    if not all(s.is_polynomial(*unknown) for s in slopes):
        return None
    if all(sympy.Poly(s, *unknown).total_degree() <= 1 for s in slopes):
        solution = next(iter(sympy.linsolve(slopes, *unknown)), None)
        options = [] if solution is None else [tuple(solution)]
    elif len(unknown) == 1 and sympy.Poly(slopes[0], *unknown).degree() <= 4:
        factors = sympy.factor_list(slopes[0], *unknown)[1]
        small = [f for f, _ in factors if sympy.Poly(f, *unknown).degree() <= 2]
        options = [(root,) for f in small for root in sympy.roots(f, *unknown)]
    else:
        return None
    for option in options:
        if any(e.free_symbols or not e.is_real for e in option):
            continue
        if all(abs(float(e) - float(values[v.name])) < CLOSE for v, e in zip(unknown, option, strict=True)):
            found = {v.name: text(sympy.radsimp(e)) for v, e in zip(unknown, option, strict=True)}
            return found if all(map(_readable, found.values())) else None
    return None


def _readable(written: str) -> bool:
    """Is it short, and a number that problem files may hold?"""
    try:
        parse(written, {}, "point")
    except InputError:
        return False
    return len(written) <= LONG
