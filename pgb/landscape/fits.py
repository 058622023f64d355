"""Finds exact fits near a point given by decimals: targets from its outputs, unknowns by pivoting; untrusted."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import sympy
from scipy.linalg import qr

from pgb.landscape import proposals
from pgb.landscape.certificates import Refused
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import jacobian_of
from pgb.landscape.fitted import FitData, Row, fitted_place, groups, stationary
from pgb.landscape.flat.face import stack
from pgb.landscape.place import PRECISION, Place, consistent
from pgb.landscape.zeros import RADIUS

CLOSE: Final = 1e-6
MAX_DENOMINATOR: Final = 10**6


def find(place: Place, near: Fraction) -> tuple[Place, FitData] | None:
    """Return a certified exact fit near a stated point, or None."""
    objective = place.objective
    if not consistent(objective) or sympy.sympify(objective.rest, strict=True).free_symbols or place.open_guards():
        return None
    rows = groups(objective)
    outputs = compile_expressions([f for row in rows for f in row], objective.variables)
    stated = [proposals.fraction(b) for b in place.balls()]
    x = np.array([[float(v)] for v in stated])
    values = iter(outputs.numpy(x)[:, 0])
    targets: list[Row] = []
    for row, samples in rows.items():
        near_by = [float(next(values)) for _ in row]
        if not np.all(np.isfinite(near_by)):
            return None
        target = tuple(Fraction(v).limit_denominator(MAX_DENOMINATOR) for v in near_by)
        if any(abs(float(t) - v) > CLOSE for t, v in zip(target, near_by, strict=True)):
            return None
        short = tuple(Fraction(v).limit_denominator(1000) for v in near_by)
        choice = next((t for t in (short, target) if stationary(objective, samples, t)), None)
        if choice is None or any(abs(float(t) - v) > CLOSE for t, v in zip(choice, near_by, strict=True)):
            return None
        targets.append(choice)
    return _certified(place, near, stated, tuple(targets))


def _certified(
    place: Place, near: Fraction, stated: list[Fraction], targets: tuple[Row, ...]
) -> tuple[Place, FitData] | None:
    """Choose as many unknowns as equations, solve for them and certify the solution."""
    objective, n = place.objective, place.n
    equations = [
        f - sympy.Rational(t.numerator, t.denominator)
        for row, target in zip(groups(objective), targets, strict=True)
        for f, t in zip(row, target, strict=True)
    ]
    d = len(equations)
    if d > n:
        return None
    source = compile_expressions(equations, objective.variables)
    J = jacobian_of(source).numpy(np.array([[float(v)] for v in stated])).reshape(d, n)
    if not np.all(np.isfinite(J)):
        return None
    _, triangle, order = qr(J, pivoting=True)
    if abs(triangle[d - 1, d - 1]) < CLOSE * abs(triangle[0, 0]):
        return None
    free = sorted(int(k) for k in order[:d])
    base = tuple(Fraction(0) if k in free else proposals.rounded(stated[k], 200) for k in range(n))
    basis = stack([[Fraction(int(i == k)) for i in range(n)] for k in free])
    system = source.along(base, basis, [f"z{k + 1}" for k in range(d)])
    slopes = jacobian_of(system)
    centre = proposals.newton(system, slopes, [stated[k] for k in free], PRECISION)
    if centre is None or any(
        abs(c - stated[k]) > near * (1 + abs(stated[k])) for c, k in zip(centre, free, strict=True)
    ):
        return None
    inverse = proposals.inverse(slopes, centre, PRECISION)
    if inverse is None:
        return None
    size = max((abs(c) for c in centre), default=Fraction(1))
    data = FitData(targets, base, basis, tuple(centre), (RADIUS * (1 + size),) * d, tuple(map(tuple, inverse)))
    found = fitted_place(objective, data)
    return None if isinstance(found, Refused) else (found, data)
