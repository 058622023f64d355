"""Exact signed-permutation symmetries of an objective: found in floats, verified as identities of forms; trusted.

If L(g theta) = L(theta) for a linear isometry g, then g maps critical points to critical points and preserves their
value and index. The search may therefore be confined to a cone that meets every orbit, and finds the rest by symmetry.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from pgb.landscape.boxes.forms import Form, Forms, scaled
from pgb.landscape.compile import Program

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_FLIPS: Final = 14  # variables up to which all sign patterns are tried
MAX_SWAPS: Final = 10  # variables up to which all involutive permutations are tried
MAX_ORDER: Final = 5_000


@dataclass(frozen=True, slots=True, order=True)
class Signed:
    """The map (g theta)_j = sign_j theta_(source_j)."""

    source: tuple[int, ...]
    sign: tuple[int, ...]

    def apply(self, theta: Sequence[Fraction]) -> list[Fraction]:
        """Return g theta."""
        return [theta[s] if e > 0 else -theta[s] for s, e in zip(self.source, self.sign, strict=True)]

    def after(self, first: Signed) -> Signed:
        """Return the composition: `first`, then this map."""
        return Signed(
            tuple(first.source[s] for s in self.source),
            tuple(e * first.sign[s] for s, e in zip(self.source, self.sign, strict=True)),
        )

    @property
    def trivial(self) -> bool:
        """Whether this is the identity."""
        return self.source == tuple(range(len(self.source))) and min(self.sign, default=1) > 0


def identity(n: int) -> Signed:
    """Return the identity in n variables."""
    return Signed(tuple(range(n)), (1,) * n)


def holds(store: Forms, f: Form, g: Signed) -> bool:
    """Tell whether f(g theta) = f(theta) is an identity of forms; False may also mean that the forms do not show it."""
    values = [scaled(store.variable(s), e) for s, e in zip(g.source, g.sign, strict=True)]
    return store.substitute(f, values) == f


def generators(program: Program, store: Forms, f: Form, seed: int = 0) -> list[Signed]:
    """Return verified symmetries of f: sign patterns and involutive permutations.

    Parameters
    ----------
    program
        Computes f; used in floats, to propose.
    """
    import numpy as np

    n = store.n
    points = np.random.default_rng(seed).uniform(-1.3, 1.3, (n, 3))
    found: list[Signed] = []
    if n <= MAX_FLIPS:
        signs = np.array(list(itertools.product((1, -1), repeat=n)), dtype=float)[1:]
        likely = _agree(program, points, signs[:, :, None] * points[None])
        spanned: list[tuple[int, ...]] = []
        for k in sorted(likely, key=lambda k: int((signs[k] < 0).sum())):
            pattern = tuple(int(e) for e in signs[k])
            if pattern not in _span(spanned, n) and holds(store, f, g := Signed(identity(n).source, pattern)):
                spanned.append(pattern)
                found.append(g)
    if n <= MAX_SWAPS:
        swaps = np.array([p for p in _involutions(n) if p != tuple(range(n))], dtype=np.int64).reshape(-1, n)
        for k in _agree(program, points, points[swaps]):
            g = Signed(tuple(int(s) for s in swaps[k]), (1,) * n)
            if holds(store, f, g):
                found.append(g)
    return found


def _agree(program: Program, points: NDArray[np.float64], moved: NDArray[np.float64]) -> list[int]:
    """Return the candidates k with f(moved[k]) about equal to f(points), moved of shape (K, n, N)."""
    import numpy as np

    count, n, columns = moved.shape
    wanted = program.numpy(points)[0]
    got = program.numpy(moved.transpose(1, 0, 2).reshape(n, -1))[0].reshape(count, columns)
    close = np.abs(got - wanted) <= 1e-9 * (1.0 + np.abs(wanted))
    return [int(k) for k in np.flatnonzero(close.all(axis=1))]


def _span(patterns: list[tuple[int, ...]], n: int) -> set[tuple[int, ...]]:
    total = {(1,) * n}
    for p in patterns:
        total |= {tuple(a * b for a, b in zip(p, q, strict=True)) for q in total}
    return total


def _involutions(n: int) -> Iterator[tuple[int, ...]]:
    """Yield the permutations of range(n) that are their own inverse."""
    if n == 0:
        yield ()
        return
    for p in _involutions(n - 1):
        yield (*p, n - 1)
    for k in range(n - 1):
        others = [j for j in range(n - 1) if j != k]
        for p in _involutions(n - 2):
            full = list(range(n))
            for place, value in enumerate(p):
                full[others[place]] = others[value]
            full[k], full[n - 1] = n - 1, k
            yield tuple(full)


def closure(found: Sequence[Signed], n: int) -> list[Signed]:
    """Return the group that the maps generate; only the identity where it has more than `MAX_ORDER` elements."""
    group = {identity(n)}
    frontier = list(group)
    while frontier:
        frontier = list({g.after(h) for h in frontier for g in found} - group)
        group.update(frontier)
        if len(group) > MAX_ORDER:
            return [identity(n)]
    return sorted(group, reverse=True)


def keeping(group: Sequence[Signed], low: Sequence[float], high: Sequence[float]) -> list[Signed]:
    """Return the subgroup that maps the box low <= theta <= high to itself."""
    kept = []
    for g in group:
        ends = [(low[s], high[s]) if e > 0 else (-high[s], -low[s]) for s, e in zip(g.source, g.sign, strict=True)]
        if all(a == c and b == d for (a, b), c, d in zip(ends, low, high, strict=True)):
            kept.append(g)
    return kept


def cone(group: Sequence[Signed], n: int) -> NDArray[np.float64]:
    """Return rows s such that the cone {s . theta >= 0 for every row} meets every orbit of the group.

    For any vector a, each orbit has an element theta that maximises a . theta, and there a . (theta - g theta) >= 0 for
    every g. a is chosen with few non-zero entries, powers of 1/2, so that the rows are exact and bound boxes well. Any
    subset of the rows does as well; those with at most two entries are kept if there are any.
    """
    import numpy as np

    a = np.zeros(n)
    weight = 1.0
    for j in range(n - 1, -1, -1):
        stabiliser = [g for g in group if not _difference(a, g).any()]
        if any(g.source[j] != j or g.sign[j] < 0 for g in stabiliser):
            a[j] = weight
            weight *= 0.5
    rows = {tuple(r) for g in group if (r := _difference(a, g)).any()}
    short = {r for r in rows if np.count_nonzero(r) <= 2}
    return _extreme(np.array(sorted(short or rows), dtype=float).reshape(-1, n))


def _extreme(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop rows that are about non-negative combinations of others; fewer rows only make the cone larger."""
    from scipy.optimize import nnls

    kept = list(range(len(rows))) if len(rows) <= 64 else []
    for k in list(kept):
        others = [j for j in kept if j != k]
        if others and nnls(rows[others].T, rows[k])[1] < 1e-12:
            kept.remove(k)
    return rows[kept] if kept else rows


def _difference(a: NDArray[np.float64], g: Signed) -> NDArray[np.float64]:
    """Return the row of theta -> a . (theta - g theta)."""
    row = a.copy()
    for j, (s, e) in enumerate(zip(g.source, g.sign, strict=True)):
        row[s] -= e * a[j]
    return row
