"""The perturbation set V[z, eps]: directions v along which phi and rho stay exactly as they are at z.

Two exact sources, each checked by substitution: blocks of coordinates that phi and rho do not depend on once the other
coordinates stand at z (a hidden unit without outgoing weight; b and W of an added neuron with a = 0), and directions d
with phi(z + t d) = phi(z) and rho(z + t d) = rho(z) identically in t.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from pgb.condition.model import Model
from pgb.expressions import real_symbol

Point = Mapping[sympy.Symbol, sympy.Expr]


@dataclass(frozen=True, slots=True)
class Invariance:
    """A family of exact invariances of phi and rho at z.

    Attributes
    ----------
    block
        Names of coordinates that may be moved freely, all at once; empty for a direction.
    direction
        A direction by variable name, for a line of invariance; empty for a block.
    """

    block: tuple[str, ...] = ()
    direction: Mapping[str, sympy.Rational] | None = None


def invariances(model: Model, point: Point) -> tuple[Invariance, ...]:
    """Return exact invariances of phi and rho at `point`: maximal free blocks, then single directions."""
    blocks = tuple(Invariance(block=tuple(v.name for v in block)) for block in _blocks(model, point))
    covered = {n for b in blocks for n in b.block}
    lines = tuple(Invariance(direction=d) for d in _lines(model, point) if not set(d) <= covered)
    return blocks + lines


def perturbed(invariance: Invariance, point: Point, step: Sequence[sympy.Rational]) -> dict[sympy.Symbol, sympy.Expr]:
    """Return z + eps v: the block moved by `step` (one entry per coordinate), or the line by step[0]."""
    by_name = {v.name: v for v in point}
    moved = dict(point)
    if invariance.direction is not None:
        shift = {by_name[n]: step[0] * d for n, d in invariance.direction.items()}
    else:
        shift = {by_name[n]: s for n, s in zip(invariance.block, step, strict=True)}
    for v, s in shift.items():
        moved[v] = moved[v] + s
    return moved


def _free(model: Model, point: Point, block: Sequence[sympy.Symbol]) -> bool:
    """Do phi and rho not depend on the block once all other coordinates stand at the point?"""
    others = {v: value for v, value in point.items() if v not in block}
    return not any(sympy.expand(e.subs(others)).has(*block) for e in (*model.slots, model.rho))


def _blocks(model: Model, point: Point) -> Iterator[tuple[sympy.Symbol, ...]]:
    alone = [v for v in model.variables if _free(model, point, [v])]
    found: list[frozenset[sympy.Symbol]] = []
    for start in alone:
        block = [start]
        for v in alone:
            if v != start and _free(model, point, [*block, v]):
                block.append(v)
        if frozenset(block) not in found:
            found.append(frozenset(block))
            yield tuple(v for v in model.variables if v in block)


def _lines(model: Model, point: Point) -> Iterator[dict[str, sympy.Rational]]:
    """Directions in the rational null space of the stacked Jacobian that keep phi and rho along the whole line."""
    J = sympy.Matrix([[e.subs(point) for e in row] for row in model.jacobian()])
    if not all(e.is_Rational for e in J):
        yield from _pairs(model, point)
        return
    t = real_symbol("_t")
    for basis in J.nullspace():
        d = {v: c for v, c in zip(model.variables, basis, strict=True) if c != 0}
        if _stays(model, point, d, t):
            yield {v.name: c for v, c in d.items()}


def _pairs(model: Model, point: Point) -> Iterator[dict[str, sympy.Rational]]:
    """Directions e_u - e_v and e_u + e_v: weights of two units that are equal, or opposite, at the point."""
    t = real_symbol("_t")
    for u, v in itertools.combinations(model.variables, 2):
        for sign in (-1, 1):
            d = {u: sympy.S.One, v: sympy.S(sign)}
            if _stays(model, point, d, t):
                yield {u.name: sympy.S.One, v.name: sympy.S(sign)}


def _stays(model: Model, point: Point, d: Mapping[sympy.Symbol, sympy.Rational], t: sympy.Symbol) -> bool:
    moved = {v: value + t * d.get(v, 0) for v, value in point.items()}
    return not any(sympy.expand(e.subs(moved, simultaneous=True)).has(t) for e in (*model.slots, model.rho))
