"""The setting of the PGB condition: Q(z) = weight * sum_i l_i(phi_i(z)) + rho(z), taken from an objective, exactly.

Source: THEORY section 3; after K. Kawaguchi, J. Huang, L. P. Kaelbling, "Every Local Minimum Value is the Global
Minimum Value of Induced Model in Nonconvex Machine Learning", Neural Computation 2019 (arXiv:1904.03673).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from pgb.errors import InputError
from pgb.objective import Objective


@dataclass(frozen=True, slots=True)
class Model:
    """phi and rho of an objective, as expressions in its variables z.

    Attributes
    ----------
    objective
        Where they come from.
    slots
        phi, flattened: m * dy expressions, sample by sample.
    rho
        The rest of the objective, convex and linear in the slot that it occupies: Q_i(q, r) = l_i(q) + r / weight.
    """

    objective: Objective
    slots: tuple[sympy.Expr, ...]
    rho: sympy.Expr

    @property
    def variables(self) -> tuple[sympy.Symbol, ...]:
        """The coordinates of z."""
        return self.objective.variables

    @property
    def dy(self) -> int:
        """Outputs per sample."""
        return len(self.objective.q)

    def jacobian(self) -> tuple[tuple[sympy.Expr, ...], ...]:
        """Return d_k of every slot and, as the last row, of rho: shape (m * dy + 1, dz)."""
        return tuple(tuple(sympy.diff(e, v) for v in self.variables) for e in (*self.slots, self.rho))


def model(objective: Objective) -> Model:
    """Return the PGB setting of an objective.

    Raises
    ------
    InputError
        For an objective that is not of the form weight * sum_i l_i(F_i(z)) + rest(z).
    """
    if not objective.outputs:
        raise InputError("objective", f"{objective.name} is not a weighted sum of losses of outputs plus a penalty")
    return Model(objective, tuple(f for row in objective.outputs for f in row), objective.rest)


def full_point(objective: Objective, point: Mapping[str, sympy.Expr]) -> dict[sympy.Symbol, sympy.Expr]:
    """Return a point as values of every variable of the objective.

    Raises
    ------
    InputError
        Naming the first variable that the point does not give.
    """
    for v in objective.variables:
        if v.name not in point:
            raise InputError(
                f"point.{v.name}",
                f"is missing; {objective.name} has the variables {', '.join(s.name for s in objective.variables)}",
            )
    return {v: sympy.sympify(point[v.name], strict=True) for v in objective.variables}
