"""Affine faces theta* + span B through a place, on which the flat certificates argue; trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from pgb.landscape import balls, certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import Derivatives, differentiate
from pgb.landscape.exact import Form, Undecided
from pgb.landscape.place import NEAR, PRECISION, Place, combine
from pgb.landscape.program import Op

Matrix = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Proved:
    """theta* is a local minimum of L on the face.

    Attributes
    ----------
    strict
        True or False where strictness on the face is decided, else None.
    """

    strict: bool | None


Outcome = Proved | Refused


@dataclass(frozen=True, slots=True)
class Face:
    """The set theta* + span B, B rational of full column rank.

    Attributes
    ----------
    place
        theta*.
    basis
        B: n rows of d rationals.
    """

    place: Place
    basis: Matrix
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def dim(self) -> int:
        """The dimension d."""
        return len(self.basis[0]) if self.basis else 0

    @classmethod
    def whole(cls, place: Place) -> Face:
        """Return the face of all directions."""
        n = place.n
        return cls(place, tuple(tuple(Fraction(int(i == j)) for j in range(n)) for i in range(n)))

    def points(self) -> list[Form]:
        """Return the n coordinates of theta* + B r, with r_1 .. r_d free near 0."""
        if "points" not in self._cache:
            ring = self.place.ring
            with ctx.workprec(PRECISION):
                ring.values.update({f"r{k + 1}": arb(0, balls.exact(NEAR)) for k in range(self.dim)})
            free = [ring.variable(f"r{k + 1}") for k in range(self.dim)]
            rows = zip(self.place.coordinates, self.basis, strict=True)
            self._cache["points"] = [combine(ring, c, row, free) for c, row in rows]
        found: list[Form] = self._cache["points"]
        return found

    def dead_guards(self) -> tuple[int, ...]:
        """Return the guards that may vanish at theta* and vanish identically on the face: no kink of L on the face."""
        if "dead" not in self._cache:
            place = self.place
            dead = []
            for k in place.open_guards():
                if place.source.uses(k) & {Op.STEP}:
                    continue  # step has no value at 0
                try:
                    (form,) = place.ring.run(place.source.guard_values().pick([k]), self.points())
                except Undecided:
                    continue
                if place.ring.is_zero(form):
                    dead.append(k)
            self._cache["dead"] = tuple(dead)
        found: tuple[int, ...] = self._cache["dead"]
        return found

    def open_guards(self) -> tuple[int, ...]:
        """Return the guards at which L may have a kink on the face at theta*."""
        dead = self.dead_guards()
        return tuple(k for k in self.place.open_guards() if k not in dead)

    def programs(self) -> Derivatives | Refused:
        """Return programs, in all n variables, of a smooth function that agrees with L on the face near theta*.

        A guard that vanishes identically on the face makes its relu, Abs and their derivatives along the face zero, so
        the branch "0" may stand for it.
        """
        if self.open_guards():
            return Refused("smooth", f"{len(self.open_guards())} kinks may sit at this point on the face")
        if "programs" not in self._cache:
            source = self.place.source.resolve(dict.fromkeys(self.dead_guards(), 0))
            self._cache["programs"] = differentiate(source)
        found: Derivatives = self._cache["programs"]
        return found

    def hessian(self) -> list[list[arb]] | Refused:
        """Return n x n balls; B^T H B is the Hessian of L on the face."""
        programs = self.programs()
        if isinstance(programs, Refused):
            return programs
        if "hessian" not in self._cache:
            n = self.place.n
            try:
                flat = balls.run(programs.hessian, self.place.balls(), PRECISION, smooth=True)
            except balls.NoEnclosure as reason:
                return Refused("smooth", str(reason))
            self._cache["hessian"] = [flat[n * i : n * i + n] for i in range(n)]
        found: list[list[arb]] = self._cache["hessian"]
        return found

    def critical(self) -> bool:
        """Does the gradient of L along the face vanish exactly at theta*?"""
        if self.place.critical:
            return True
        programs = self.programs()
        if isinstance(programs, Refused):
            return False
        ring = self.place.ring
        try:
            gradient = ring.run(programs.gradient, list(self.place.coordinates))
        except Undecided:
            return False
        columns = zip(*self.basis, strict=True)
        return all(ring.is_zero(combine(ring, {}, column, gradient)) for column in columns)

    def contains(self, columns: Matrix) -> bool:
        """Do these directions (n rows) lie in span B?"""
        joined = [[*a, *b] for a, b in zip(self.basis, columns, strict=True)]
        return certificates.rank(joined) == self.dim

    def sub(self, columns: Matrix) -> Face:
        """Return the face of the directions B columns (d rows, in the coordinates r)."""
        return Face(self.place, product(self.basis, columns))


def product(a: Matrix, b: Matrix) -> Matrix:
    """Return the product of two rational matrices given by rows."""
    columns = list(zip(*b, strict=True))
    return tuple(tuple(sum((x * y for x, y in zip(row, c, strict=True)), Fraction(0)) for c in columns) for row in a)


def stack(columns: Sequence[Sequence[Fraction]]) -> Matrix:
    """Return the matrix (rows) with these columns."""
    return tuple(zip(*columns, strict=True))
