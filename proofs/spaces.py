"""Parameter spaces R^n given as blocks: one vector, or several vectors and matrices side by side. Untrusted builders.

The kernel's sums run over one sort at a time, so a space whose coordinates are those of (a, b, W) is three blocks. What is said
for all coordinates is said block by block, and a sum over all coordinates is the sum of the blocks' sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pgb.kernel import REAL, Term, Type, eta, fun

from .building import ONE, conjunction, delta, for_all, fresh, function, total_over, variable, within

Point: TypeAlias = tuple[Term, ...]  # one kernel function for each block
Index: TypeAlias = tuple[Term, ...]
AtIndex: TypeAlias = Callable[[int, Index], Term]  # a block's number and an index in it


def family(block: tuple[str, ...], body: Callable[[Index], Term]) -> Term:
    """Return the function of a block's indices."""

    def open_(done: Index) -> Term:
        if len(done) == len(block):
            return body(done)
        return function(block[len(done)], lambda n: open_((*done, n)))

    return open_(())


@dataclass(frozen=True, slots=True)
class Space:
    """A product of blocks.

    Parameters
    ----------
    blocks
        The index sorts of each block: ``("param",)`` for a vector, ``("output", "input")`` for a matrix.
    """

    blocks: tuple[tuple[str, ...], ...]

    @property
    def types(self) -> tuple[Type, ...]:
        """The kernel type of each block."""
        return tuple(fun(*block, REAL) for block in self.blocks)

    def point(self, *names: str) -> Point:
        """Return a point of variables; with fewer names than blocks, numbers are added."""
        chosen = names if len(names) == len(self.blocks) else [f"{names[0]}{n}" for n in range(len(self.blocks))]
        return tuple(variable(name, type_) for name, type_ in zip(chosen, self.types, strict=True))

    def indices(self) -> Iterator[tuple[int, Index]]:
        """Yield each block's number with fresh variables for an index in it."""
        for n, block in enumerate(self.blocks):
            yield n, tuple(fresh("p", sort) for sort in block)

    def make(self, body: AtIndex) -> Point:
        """Return the point with the coordinates ``body(block, index)``."""
        return tuple(family(block, lambda at, n=n: body(n, at)) for n, block in enumerate(self.blocks))  # type: ignore[misc]

    def total(self, body: AtIndex) -> Term:
        """Return the sum of ``body(block, index)`` over all coordinates."""
        sums = [self.block_total(n, body) for n in range(len(self.blocks))]
        result = sums[0]
        for more in sums[1:]:
            result = result + more
        return result

    def block_total(self, n: int, body: AtIndex) -> Term:
        """Return the sum of ``body(n, index)`` over the coordinates of block n."""

        def open_(done: Index) -> Term:
            if len(done) == len(self.blocks[n]):
                return body(n, done)
            return total_over(self.blocks[n][len(done)], lambda v: open_((*done, v)))

        return open_(())

    def every_coordinate(self, body: AtIndex) -> Term:
        """Return "for all coordinates, body", a conjunction over the blocks."""
        return conjunction(*(for_all(*at, then=body(n, at)) for n, at in self.indices()))

    def bump(self, z: Point, n: int, at: Index, step: Term) -> Point:
        """Return z with `step` added to the coordinate `at` of block n."""

        def moved(index: Index) -> Term:
            mark = ONE
            for u, v in zip(index, at, strict=True):
                mark = delta(u, v) if mark == ONE else mark * delta(u, v)
            return z[n](*index) + step * mark

        return tuple(family(self.blocks[b], moved) if b == n else eta(z[b]) for b in range(len(self.blocks)))

    def shift(self, z: Point, v: Point, size: Term) -> Point:
        """Return ``z + size v``."""
        return self.make(lambda n, at: z[n](*at) + size * v[n](*at))

    def close(self, z: Point, z2: Point, radius: Term) -> tuple[Term, ...]:
        """Return, for each block, "every coordinate of z2 is within `radius` of that of z"."""
        return tuple(for_all(*at, then=within(z2[n](*at) - z[n](*at), radius)) for n, at in self.indices())

    def every(self, body: Callable[[Point], Term]) -> Term:
        """Return "for all points"."""
        z = tuple(fresh("z", type_) for type_ in self.types)
        return for_all(*z, then=body(tuple(map(eta, z))))
