"""Places at which the network fits its data exactly, certified near a point given by decimals; trusted.

Lemma. Let t_1 .. t_J be values of the J different outputs F_j of an objective w sum_i l_i(F_i) + const at which the summed loss gradients vanish:
sum over the samples i with output F_j of grad l_i(t_j) = 0. If Krawczyk's test gives a z* with F_j(base + basis z*) = t_j for all j, then
theta* = base + basis z* is a critical point. The basis having d columns, the points with the same outputs form a manifold of
dimension n - d near theta*: it is no strict minimum if n > d.

Proof. The gradient is w sum_j F_j'^T (sum of grad l_i(t_j)) = 0. The Jacobian in z is regular at z* (Krawczyk), so by the implicit function theorem
the equations define a manifold of dimension n - d, on which L does not change. QED
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy

from pgb.landscape import certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives, jacobian_of
from pgb.landscape.exact import Form, Ring, Undecided
from pgb.landscape.place import PRECISION, Place, combine, consistent, plain
from pgb.objective.base import Objective

Row = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class FitData:
    """What certifies an exact fit.

    Attributes
    ----------
    targets
        t_j for each different row of outputs, in the order of their first samples.
    base, basis
        The slice base + basis z: n rationals, n rows of d rationals.
    centre, radius, inverse
        Data of the Krawczyk test for the d equations F_j = t_j in z.
    precision
        Bits.
    """

    targets: tuple[Row, ...]
    base: Row
    basis: tuple[Row, ...]
    centre: Row = ()
    radius: Row = ()
    inverse: tuple[Row, ...] = ()
    precision: int = PRECISION

    def to_json(self) -> dict[str, Any]:
        """Return plain data; numbers are rational strings."""
        keys = ("targets", "base", "basis", "centre", "radius", "inverse")
        return {k: plain(getattr(self, k)) for k in keys} | {"precision": self.precision}


def groups(objective: Objective) -> dict[tuple[sympy.Expr, ...], list[int]]:
    """Return the samples by their row of outputs, in the order of first appearance."""
    found: dict[tuple[sympy.Expr, ...], list[int]] = {}
    for i, row in enumerate(objective.outputs):
        found.setdefault(tuple(row), []).append(i)
    return found


def stationary(objective: Objective, samples: Sequence[int], target: Row) -> bool:
    """Does the summed gradient of these samples' losses vanish exactly at a rational value of the outputs?"""
    ring = Ring()
    at = [ring.constant(v) for v in target]
    total: list[Form] = [{} for _ in objective.q]
    try:
        for i in samples:
            programs = derivatives(objective.sample_losses[i], objective.q)
            if not all(ring.sign(g) for g in ring.run(programs.value.guard_values(), at)):
                return False
            total = [ring.add(a, b) for a, b in zip(total, ring.run(programs.gradient, at), strict=True)]
    except Undecided:
        return False
    return all(ring.is_zero(t) for t in total)


def fitted_place(objective: Objective, data: FitData) -> Place | Refused:
    """Return the place of the exact fit that the data certify, a critical point of L."""
    rule = "fit"
    if not consistent(objective) or sympy.sympify(objective.rest, strict=True).free_symbols:
        return Refused(rule, "needs an objective of the form w sum l_i(F_i) + constant")
    rows = groups(objective)
    if len(data.targets) != len(rows) or any(len(t) != len(objective.q) for t in data.targets):
        return Refused(rule, f"needs a target with {len(objective.q)} entries for each of {len(rows)} output rows")
    for (row, samples), target in zip(rows.items(), data.targets, strict=True):
        if not stationary(objective, samples, target):
            return Refused(rule, f"needs a loss gradient that vanishes at {plain(target)}, for the output {row}")
    n, d = len(objective.variables), len(data.centre)
    if len(data.base) != n or len(data.basis) != n or any(len(row) != d for row in data.basis):
        return Refused(rule, f"needs a base of {n} numbers and {n} rows of {d}")
    equations = [
        f - sympy.Rational(t.numerator, t.denominator)
        for row, target in zip(rows, data.targets, strict=True)
        for f, t in zip(row, target, strict=True)
    ]
    names = [f"z{k + 1}" for k in range(d)]
    system = compile_expressions(equations, objective.variables).along(data.base, data.basis, names)
    found = certificates.krawczyk(system, jacobian_of(system), data.centre, data.radius, data.inverse, data.precision)
    if isinstance(found, Refused):
        return found
    ring = Ring(dict(zip(names, found.enclosure, strict=True)))
    z = [ring.variable(name) for name in names]
    coordinates = tuple(combine(ring, ring.constant(b), row, z) for b, row in zip(data.base, data.basis, strict=True))
    source = compile_expressions([objective.expression], objective.variables)
    place = Place(objective, source, ring, coordinates, exact=False, critical=True)
    if place.smooth() is None:
        return Refused(rule, "needs a function that is smooth at the fit")
    by_row = dict(zip(rows, data.targets, strict=True))
    fitted = tuple(tuple(ring.constant(v) for v in by_row[tuple(row)]) for row in objective.outputs)
    return replace(place, fitted=fitted, spare=n - d)
