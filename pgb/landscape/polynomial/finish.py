"""Joins the strata of a search: distinctness of all images proved, realness, index and value decided, split by instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pgb.landscape.polynomial.balls import Floats
from pgb.landscape.polynomial.certify import Zeros, decide_reality, hessian_balls, inertia, overlapping, value_balls
from pgb.landscape.polynomial.exact import certify_exact, inertia_exact
from pgb.landscape.polynomial.family import BoolArray, ComplexArray, Family, Integers
from pgb.landscape.polynomial.strata import System
from pgb.landscape.polynomial.symmetry import group


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Certified zeros of one instance, one per sign orbit.

    Attributes
    ----------
    zeros
        `Zeros` in all variables, every row ok.
    size
        Shape (M,): members of each orbit.
    stratum
        Shape (M,): index into the system's strata, -1 for the origin.
    real, nonreal
        Shape (M,): certified real, certified not real.
    index
        Shape (M,): certified Morse index of real zeros, -1 where not real or not decided.
    value, value_radius
        Shape (M,): the family's function at real zeros (NaN elsewhere).
    lost
        Orbits of the generic member that did not arrive as certified zeros (diverged, singular or lost).
    pending
        Their last positions, shape (lost, n).
    """

    zeros: Zeros
    size: Integers
    stratum: Integers
    real: BoolArray
    nonreal: BoolArray
    index: Integers
    value: Floats
    value_radius: Floats
    lost: int
    pending: ComplexArray

    @property
    def n_complex(self) -> int:
        """Certified number of distinct regular complex critical points."""
        return int(self.size.sum())

    @property
    def n_real(self) -> int:
        """Certified number of distinct regular real critical points."""
        return int(self.size[self.real].sum())

    def index_counts(self) -> dict[int, int]:
        """Return the number of real critical points of each certified index (-1: undecided)."""
        out: dict[int, int] = {}
        for k, s in zip(self.index[self.real].tolist(), self.size[self.real].tolist(), strict=True):
            out[k] = out.get(k, 0) + s
        return dict(sorted(out.items()))

    def __repr__(self) -> str:
        return f"Found({self.n_complex} complex, {self.n_real} real, {self.lost} orbits lost)"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The certified orbits of one stratum over all instances; `lost` and `pending` have one entry per instance."""

    zeros: Zeros
    instance: Integers
    stratum: int
    orbit: int
    lost: Integers
    pending: list[ComplexArray]


def nothing(n: int) -> Zeros:
    """Return an empty batch."""
    return Zeros(np.zeros((0, n), np.complex128), np.zeros(0, np.bool_), np.zeros(0), np.zeros(0))


def finish(
    system: System, parts: list[Part], balls: tuple[Floats, Floats], members: Sequence[Sequence[Fraction]]
) -> list[Found]:
    """Prove distinctness, decide realness, index and value, and split by instance."""
    instances = len(members)
    parts = [*parts, Part(nothing(system.family.n), np.zeros(0, np.int64), -1, 1, np.zeros(instances, np.int64), [])]
    zeros = Zeros(*(np.concatenate([getattr(p.zeros, f) for p in parts]) for f in ("points", "ok", "radius", "unique")))
    instance = np.concatenate([p.instance for p in parts])
    stratum = np.concatenate([np.full(len(p.instance), p.stratum) for p in parts])
    size = np.concatenate([np.full(len(p.instance), p.orbit) for p in parts])
    zeros, reality = decide_reality(system.family, zeros, balls, instance)
    _decide_hard(system.family, zeros, reality.real, reality.nonreal, members, instance)
    keep = np.ones(len(instance), np.bool_)
    keep[_repeated(system, zeros, instance, stratum)] = False
    real = np.flatnonzero(reality.real & keep)
    index, value, value_radius = (
        np.full(len(instance), -1),
        np.full(len(instance), np.nan),
        np.full(len(instance), np.nan),
    )
    some = Zeros(zeros.points[real], zeros.ok[real], zeros.radius[real], zeros.unique[real])
    if len(real):
        decided, negative = inertia(*hessian_balls(system.family, some, balls, instance[real]))
        index[real] = np.where(decided, negative, -1)
        for k in real[~decided]:
            hard = certify_exact(system.family, zeros.points[k].tolist(), members[int(instance[k])])
            if hard is not None and hard.is_the_zero_near(zeros.points[k], float(zeros.unique[k])):
                found = inertia_exact(system.family, hard, members[int(instance[k])])
                index[k] = -1 if found is None else found
        value[real], value_radius[real] = value_balls(system.family, some, balls, instance[real])
    lost = np.sum([p.lost for p in parts], axis=0)
    order = np.argsort(instance, kind="stable")
    order = order[keep[order]]
    cuts = np.searchsorted(instance[order], np.arange(instances + 1))
    out = []
    for k in range(instances):
        rows = order[cuts[k] : cuts[k + 1]]
        out.append(
            Found(
                Zeros(zeros.points[rows], zeros.ok[rows], zeros.radius[rows], zeros.unique[rows]),
                size[rows],
                stratum[rows],
                reality.real[rows],
                reality.nonreal[rows],
                index[rows],
                value[rows],
                value_radius[rows],
                int(lost[k]) + int((instance == k).sum()) - len(rows),
                np.concatenate(
                    [np.zeros((0, system.family.n), np.complex128), *(p.pending[k] for p in parts if p.pending)]
                ),
            )
        )
    return out


def _decide_hard(
    family: Family,
    zeros: Zeros,
    real: BoolArray,
    nonreal: BoolArray,
    members: Sequence[Sequence[Fraction]],
    instance: Integers,
) -> None:
    """Decide in Arb the realness of zeros that doubles left open (changes the arrays in place)."""
    for k in np.flatnonzero(~real & ~nonreal):
        found = certify_exact(family, zeros.points[k].tolist(), members[int(instance[k])])
        if found is None or not found.is_the_zero_near(zeros.points[k], float(zeros.unique[k])):
            continue
        if found.real:
            point, radius, unique = found.in_doubles()
            zeros.points[k], zeros.radius[k], zeros.unique[k] = point.real + 0j, radius, unique
            real[k] = True
        elif found.real is False:
            nonreal[k] = True


def _repeated(system: System, zeros: Zeros, instance: Integers, stratum: Integers) -> list[int]:
    """Return orbits to drop so that all images of all remaining orbits are proved distinct."""
    images, owner = [], []
    for number in np.unique(stratum):
        rows = np.flatnonzero(stratum == number)
        flips = system.strata[number].flips if number >= 0 else np.zeros((0, system.family.n), np.bool_)
        signs = group(flips, system.family.n)
        images.append((signs[:, None, :] * zeros.points[None, rows, :]).reshape(-1, system.family.n))
        owner.append(np.tile(rows, len(signs)))
    if not owner:
        return []
    who = np.concatenate(owner)
    pairs = overlapping(np.concatenate(images), zeros.radius[who], instance[who])
    dropped: set[int] = set()
    for a, b in pairs:
        i, j = int(who[a]), int(who[b])
        if i not in dropped and j not in dropped:
            dropped.add(max(i, j))
    return sorted(dropped)
