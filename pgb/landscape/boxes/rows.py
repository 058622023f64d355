"""Redundant rows: exact combinations of gradient components, whose natural ranges exclude 0 where single components do not.

Trusted: each row is an exact identity in the gradient, so it vanishes wherever the gradient does.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pgb.landscape.boxes.forms import SUM, VAR, ZERO, Form, Forms, Monomial, add, constant, scaled, value_of

MOST: Final = 24


def eliminations(store: Forms, gradient: Sequence[Form], limit: int = MOST) -> list[Form]:
    """Return combinations of two gradient components in which one nonlinear term cancels.

    With squared loss and a unit tanh(w x + b), the combination dL/dw - x_j dL/db no longer holds the j-th datum; its
    natural range excludes zero where saturated data hide it in either component.

    Parameters
    ----------
    limit
        At most this many combinations are made.
    """
    found: dict[Form, None] = {}
    for k in range(store.n):
        for j in range(k + 1, store.n):
            left, right = dict(gradient[k]), dict(gradient[j])
            shared = [m for m in left if m in right and _nonlinear(store, m)]
            for m in shared if len(shared) > 1 else []:
                combination = add(gradient[k], gradient[j], -left[m] / right[m])
                if value_of(combination) is None:
                    found.setdefault(combination)
    return list(found)[:limit]


def scalings(store: Forms, objective: Form, gradient: Sequence[Form], limit: int = MOST) -> list[Form]:
    """Return the rows sum_{p in S} theta_p dL/dtheta_p for sets S of parameters that scale a sum inside the objective.

    For the last layer and squared loss the row is sum_i r_i f_i + (ridge) = sum_i (f_i - y_i / 2)^2 + (ridge) - const: an
    energy identity that no single component shows. For hidden units it bounds the incoming weights likewise.

    Parameters
    ----------
    objective
        L; the sets are read off the sums and function arguments in it.
    limit
        At most this many rows are made.
    """
    rows: dict[Form, None] = {}
    for group in _groups(store, objective):
        total = ZERO
        for p in group:
            for m, c in gradient[p]:
                total = add(total, store.mul(store.variable(p), ((m, c),)))
        row = _gathered(store, total)
        if value_of(row) is None:
            rows.setdefault(row)
    return list(rows)[:limit]


def cancellations(store: Forms, gradient: Sequence[Form], limit: int = MOST) -> list[Form]:
    """Return the rows theta_p dL/dtheta_p - k dL/dtheta_q in which every nonlinear term cancels.

    For a unit a exp(w . x + b) with a penalty on a and b this is the identity a dL/da - dL/db, a polynomial.
    """
    rows: dict[Form, None] = {}
    for p in range(store.n):
        left = ZERO
        for m, c in gradient[p]:
            left = add(left, store.mul(store.variable(p), ((m, c),)))
        for q in range(store.n):
            right = dict(gradient[q])
            shared = [(m, c) for m, c in left if m in right and _nonlinear(store, m)]
            if q == p or not shared:
                continue
            row = add(left, gradient[q], -shared[0][1] / right[shared[0][0]])
            if value_of(row) is None and not any(_nonlinear(store, m) for m, _ in row):
                rows.setdefault(row)
    return list(rows)[:limit]


def quadratic_block(store: Forms, hessian: Sequence[Sequence[Form]]) -> list[int]:
    """Return variables in which the objective is jointly quadratic, given the others; none if these are all variables.

    Parameters
    ----------
    hessian
        Shape (n, n).
    """
    block = [p for p in range(store.n) if not store.depends(hessian[p][p], p)]
    fine = all(not store.depends(hessian[p][q], k) for p in block for q in block for k in block)
    return block if fine and len(block) < store.n else []


def _nonlinear(store: Forms, m: Monomial) -> bool:
    return any(store.atoms[a].kind != VAR for a, _ in m)


def _groups(store: Forms, objective: Form) -> list[list[int]]:
    """Return the sets of parameters that occur linearly side by side in the outermost sums and arguments that have any."""
    groups: list[set[int]] = []
    seen: set[int] = set()
    stack = [a for m, _ in objective for a, _ in m]
    while stack:
        a = stack.pop()
        if a in seen:
            continue
        seen.add(a)
        for f in store.atoms[a].args:
            direct = {v for m, _ in f for v, p in m if p == 1 and store.atoms[v].kind == VAR}
            if direct:
                joined = [g for g in groups if g & direct]
                groups = [g for g in groups if not g & direct] + [direct.union(*joined)]
            else:
                stack += [v for m, _ in f for v, _ in m]
    return [sorted(g) for g in groups]


def _gathered(store: Forms, total: Form) -> Form:
    """Collect a row by its sum atoms, R (k R + c) becoming k (R + c / 2k)^2 - c^2 / 4k, and R g becoming R times one sum."""
    left = dict(total)
    result = ZERO
    for a in sorted({a for m in left for a, p in m if p == 1 and store.atoms[a].kind == SUM}):
        inner = {_without(m, a): c for m, c in left.items() if (a, 1) in m}
        g = tuple(sorted(inner.items()))
        for m in inner:
            del left[tuple(sorted((*m, (a, 1))))]
        result = add(result, _completed(store, a, g))
    return add(result, tuple(sorted(left.items())))


def _completed(store: Forms, a: int, g: Form) -> Form:
    """Return R g for the sum R of atom a, as a square where g = k R + c."""
    R = store.atoms[a].args[0]
    lead, c_lead = next((m, c) for m, c in R if m)
    k = dict(g).get(lead, Fraction(0)) / c_lead
    rest = value_of(add(g, scaled(R, -k)))
    if k and rest is not None:
        square = store.power(add(R, constant(rest / (2 * k))), 2)
        return add(scaled(square, k), constant(-rest * rest / (4 * k)))
    return store.mul(((((a, 1),), Fraction(1)),), g)


def _without(m: Monomial, a: int) -> Monomial:
    return tuple(pair for pair in m if pair[0] != a)
