"""Minima by convexity of the losses in the outputs (affine regions, dead regions, constant outputs); trusted.

Lemma. Let L = w sum_i l_i(F_i(theta)) + R(theta) with w > 0 and every l_i convex, let q_i = F_i(theta*), and let g_i be a
subgradient of l_i at q_i. If on the face, near theta*,

    S(theta) := w sum_i g_i . F_i(theta)   is constant,

and R is convex on the face with zero gradient along it at theta* (for instance constant), then theta* is a local minimum of L
on the face.

Proof. By convexity L(theta) >= w sum_i (l_i(q_i) + g_i . (F_i(theta) - q_i)) + R(theta) = L(theta*) + (S(theta) - S(theta*)) +
(R(theta) - R(theta*)), and both brackets are >= 0. QED

In a region where the signs of all relu arguments are fixed the F_i are polynomials and S being constant says that the best
point of the convex problem over their affine hull is reached (normal equations): so relu networks in an affine region, dead
units and linear networks are instances; so are points whose outputs are constant on the levels of a symmetry.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from pgb.landscape.certificates import Refused
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives, differentiate
from pgb.landscape.exact import Form, Undecided
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.place import combine, consistent, rationals
from pgb.problem import facts

RULE = "convex image"


def verify(face: Face, data: dict[str, Any]) -> Outcome:
    """Check the rule; ``data["subgradients"]`` may give rationals for losses with a kink at q_i: {"i": [g_i1, ..]}."""
    place, objective = face.place, face.place.objective
    if place.piece or not consistent(objective):
        return Refused(RULE, "needs an objective of the form w sum l_i(F_i) + R")
    if not objective.weight > 0:
        return Refused(RULE, f"needs a positive weight, got {objective.weight}")
    for loss in dict.fromkeys(objective.sample_losses):
        if not convex(loss, objective.q):
            return Refused(RULE, f"needs convex losses; nothing shows that {loss} is convex")
    given = {int(i): rationals(g) for i, g in data.get("subgradients", {}).items()}
    ring = place.ring
    try:
        change: Form = {}
        for i, row in enumerate(objective.outputs):
            program = compile_expressions(row, objective.variables)
            here = list(place.fitted[i]) if place.fitted else ring.run(program, list(place.coordinates))
            slopes = subgradient(face, i, here, given.get(i))
            if isinstance(slopes, Refused):
                return slopes
            for g, moved, q in zip(slopes, ring.run(program, face.points()), here, strict=True):
                change = ring.add(change, ring.mul(g, ring.sub(moved, q)))
        if not ring.is_zero(change):
            return Refused(RULE, "needs sum_i g_i . F_i constant on the face")
    except Undecided as reason:
        return Refused(RULE, str(reason))
    outcome = _penalty(face)
    known = place.fitted is not None and place.spare > 0 and face.dim == place.n
    return Proved(strict=False) if known and isinstance(outcome, Proved) else outcome


def convex(e: Any, variables: Sequence[sympy.Symbol]) -> bool:
    """Is an expression convex by the composition rules, or (in one variable) by the sign of its second derivative?"""
    if facts.curvature(e, variables) in (0, 1):
        return True
    return len(variables) == 1 and facts.convex(e, variables).holds is True


def subgradient(face: Face, i: int, at: list[Form], given: Sequence[Fraction] | None) -> list[Form] | Refused:
    """Return a subgradient of l_i at q_i = at: the gradient, or the given one shown to be a subgradient."""
    objective, ring = face.place.objective, face.place.ring
    programs = derivatives(objective.sample_losses[i], objective.q)
    if given is None:
        guards = ring.run(programs.value.guard_values(), at)
        if not all(ring.sign(g) for g in guards):
            return Refused(RULE, f"needs a subgradient for sample {i}, whose loss may have a kink here")
        return ring.run(programs.gradient, at)
    if not _is_subgradient(face, i, at, given):
        return Refused(RULE, f"needs a subgradient of the loss of sample {i}, got {[str(v) for v in given]}")
    return [ring.constant(v) for v in given]


def _is_subgradient(face: Face, i: int, at: Sequence[Form], given: Sequence[Fraction]) -> bool:
    """Is g a subgradient of a convex l at q in one output variable: left derivative <= g <= right derivative?"""
    ring = face.place.ring
    sides = slopes_beside(face, i, at)
    if sides is None or len(given) != 1:
        return False
    g = ring.constant(given[0])
    return ring.sign(ring.sub(sides[0], g)) in (0, 1) and ring.sign(ring.sub(g, sides[1])) in (0, 1)


def slopes_beside(face: Face, i: int, at: Sequence[Form]) -> tuple[Form, Form] | None:
    """Return the right and left derivative of l_i at q = at, for losses of one output; None where not decided."""
    objective, ring = face.place.objective, face.place.ring
    if len(objective.q) != 1:
        return None
    source = compile_expressions([objective.sample_losses[i]], objective.q)
    sides = []
    for direction in (1, -1):
        signs = {}
        for k in range(len(source.guards)):
            (value,) = ring.run(source.guard_values().pick([k]), list(at))
            sign = ring.sign(value)
            if sign == 0:
                (slope,) = ring.run(_slope(source, k), list(at))
                sign = ring.sign(slope)
                sign = None if sign is None else sign * direction
            if not sign:
                return None
            signs[k] = sign
        (side,) = ring.run(differentiate(source.resolve(signs)).gradient, list(at))
        sides.append(side)
    return sides[0], sides[1]


def _slope(source: Any, guard: int) -> Any:
    """Return the program of a guard's derivative in the single output variable."""
    program = source.guard_values().pick([guard])
    return differentiate(program).gradient


def _penalty(face: Face) -> Outcome:
    """Check that R is convex with zero gradient along the face, or constant on it."""
    place, objective = face.place, face.place.objective
    rest = sympy.sympify(objective.rest, strict=True)
    if not rest.free_symbols:
        return Proved(strict=None)
    ring = place.ring
    program = compile_expressions([rest], objective.variables)
    try:
        (moved,) = ring.run(program, face.points())
        (here,) = ring.run(program, list(place.coordinates))
        if ring.is_zero(ring.sub(moved, here)):
            return Proved(strict=None)
        if not convex(rest, objective.variables):
            return Refused(RULE, "needs a convex penalty")
        if program.guards:
            return Refused(RULE, "needs a smooth penalty")
        gradient = ring.run(derivatives(rest, objective.variables).gradient, list(place.coordinates))
    except Undecided as reason:
        return Refused(RULE, str(reason))
    columns = zip(*face.basis, strict=True)
    if all(ring.is_zero(combine(ring, {}, column, gradient)) for column in columns):
        return Proved(strict=None)
    return Refused(RULE, "needs a penalty whose gradient along the face vanishes here")
