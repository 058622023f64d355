"""Chooses subgradients at kinks of the sample losses so that the linearised loss is constant, by linear programming; untrusted."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog

from pgb.landscape.certificates import Refused
from pgb.landscape.compile import compile_expressions
from pgb.landscape.exact import Form, Undecided
from pgb.landscape.flat.cofactors import nullspace
from pgb.landscape.flat.convex_image import slopes_beside, subgradient
from pgb.landscape.flat.face import Face


def subgradients(face: Face) -> dict[str, list[str]] | None:
    """Return {} where all losses are smooth here, {sample: [g]} for those with a kink, or None where none were found."""
    objective, ring = face.place.objective, face.place.ring
    total: Form = {}
    kinked: dict[int, tuple[Form, float, float]] = {}
    try:
        for i, row in enumerate(objective.outputs):
            program = compile_expressions(row, objective.variables)
            fitted = face.place.fitted
            here = list(fitted[i]) if fitted else ring.run(program, list(face.place.coordinates))
            moves = [ring.sub(a, b) for a, b in zip(ring.run(program, face.points()), here, strict=True)]
            slopes = subgradient(face, i, here, None)
            if not isinstance(slopes, Refused):
                for g, move in zip(slopes, moves, strict=True):
                    total = ring.add(total, ring.mul(g, move))
                continue
            sides = slopes_beside(face, i, here)
            if sides is None:
                return None
            right, left = (float(ring.ball(s, 64).mid()) for s in sides)
            kinked[i] = (moves[0], right, left)
    except Undecided:
        return {}
    return _solve(total, kinked) if kinked else {}


def _solve(total: Form, kinked: Mapping[int, tuple[Form, float, float]]) -> dict[str, list[str]] | None:
    """Solve total + sum_i g_i move_i = 0 exactly, with right_i >= g_i >= left_i, as far inside as possible."""
    forms = [move for move, _, _ in kinked.values()]
    monomials = sorted({m for f in (total, *forms) for m in f}, key=repr)
    matrix = fmpq_mat([[*(f.get(m, fmpq(0)) for f in forms), total.get(m, fmpq(0))] for m in monomials])
    basis = (
        nullspace(matrix)
        if monomials
        else [[fmpq(int(i == j)) for j in range(len(forms) + 1)] for i in range(len(forms) + 1)]
    )
    last = [v for v in basis if v[-1] != 0]
    if not last:
        return None
    base = [x / last[0][-1] for x in last[0]]
    free = [[x - v[-1] * y for x, y in zip(v, base, strict=True)] for v in basis if v is not last[0]]
    number = len(free)
    rows, limits = [], []
    for k, (_, right, left) in enumerate(kinked.values()):
        rows.append([*(_float(v[k]) for v in free), 1.0])
        limits.append(right - _float(base[k]))
        rows.append([*(-_float(v[k]) for v in free), 1.0])
        limits.append(_float(base[k]) - left)
    goal = np.zeros(number + 1)
    goal[-1] = -1.0
    found = linprog(goal, A_ub=np.array(rows), b_ub=np.array(limits), bounds=[(None, None)] * number + [(0, 1)])
    if not found.success:
        return None
    weights = [Fraction(float(x)).limit_denominator(10**6) for x in found.x[:-1]]
    chosen: dict[str, list[str]] = {}
    for k, i in enumerate(kinked):
        g = base[k]
        for w, v in zip(weights, free, strict=True):
            g += fmpq(w.numerator, w.denominator) * v[k]
        chosen[str(i)] = [str(Fraction(int(g.p), int(g.q)))]
    return chosen


def _float(v: Any) -> float:
    return int(v.p) / int(v.q)
