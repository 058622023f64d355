"""All solutions of one generic member of a family by monodromy, modulo the sign group. Untrusted: a stable count proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pgb.landscape.polynomial.family import ComplexArray, Family
from pgb.landscape.polynomial.symmetry import canonical, distinct
from pgb.landscape.polynomial.tracker import CAREFUL, NORMAL, Options, track

QUIET_PATHS: Final = 60  # paths without anything new before a count is believed


@dataclass(frozen=True, slots=True, eq=False)
class Generic:
    """Solutions (N, n) of the member `base` (q,) of a family, one per sign orbit, and how they were found."""

    points: ComplexArray
    base: ComplexArray
    loops: int
    paths: int
    failures: int

    def __repr__(self) -> str:
        return f"Generic({len(self.points)} orbits, {self.loops} loops, {self.paths} paths, {self.failures} failures)"


def proper(family: Family, points: ComplexArray) -> ComplexArray:
    """Return the points of a random member none of whose active groups vanish: the others belong to a smaller family."""
    if len(points) == 0:
        return points
    scale = np.abs(points).max(axis=1)
    good = np.isfinite(scale) & (scale > 1e-7)
    for g in family.active:
        good &= np.abs(points[:, g]).max(axis=1) > 1e-7 * scale
    return points[good]


def residual_ok(family: Family, points: ComplexArray, p: ComplexArray) -> ComplexArray:
    """Return the points polished by Newton whose update became tiny: everything else is dropped."""
    if len(points) == 0:
        return points
    for _ in range(2):
        F, J = family.evaluate(points, p)
        with np.errstate(all="ignore"):
            try:
                step = np.linalg.solve(J, F[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            points = points - step
    good = np.abs(step).max(axis=1) <= 1e-9 * (1e-3 + np.abs(points).max(axis=1))
    return points[good]


def solve_generic(
    family: Family, rng: np.random.Generator, *, stop: int = 8, max_loops: int = 300, options: Options = NORMAL
) -> Generic:
    """Grow the solutions of a random complex member around random triangles of parameters, until that adds nothing.

    Each loop also carries a fresh random point to the member, so that nothing hangs on one orbit. The end comes after
    `stop` loops without anything new, and more of them where the solutions are so few that such loops say little.
    """
    x, p = _seed(family, rng)
    base = family.member(rng)
    paths, failures = 0, 0
    if x is None:
        return Generic(np.zeros((0, family.n), np.complex128), base, 0, 0, 0)
    points: ComplexArray = np.zeros((0, family.n), np.complex128)
    for _ in range(20):
        end = track(family, x[None], p, base, options=CAREFUL)
        paths += 1
        points = canonical(proper(family, residual_ok(family, end.points[end.status == 0], base)), family.flips)
        if len(points):
            break
        base = family.member(rng)
    quiet, loops = 0, 0
    while (quiet < stop or quiet * len(points) < QUIET_PATHS) and loops < max_loops and len(points):
        via = [family.member(rng), family.member(rng)]
        moving = points
        for a, b in ((base, via[0]), (via[0], via[1]), (via[1], base)):
            end = track(family, moving, a, b, options=options)
            paths += len(moving)
            failures += int((end.status != 0).sum())
            moving = end.points[end.status == 0]
        fresh, start = _seed(family, rng)
        if fresh is not None:
            end = track(family, fresh[None], start, base, options=CAREFUL)
            paths += 1
            moving = np.concatenate([moving, end.points[end.status == 0]])
        moving = canonical(proper(family, residual_ok(family, moving, base)), family.flips)
        together = np.concatenate([points, moving])
        together = together[distinct(together)]
        quiet = quiet + 1 if len(together) == len(points) else 0
        points = together
        loops += 1
    return Generic(points, base, loops, paths, failures)


def _seed(family: Family, rng: np.random.Generator) -> tuple[ComplexArray | None, ComplexArray]:
    """Return a point with regular Jacobian, or None when the Jacobian is singular at every try: the stratum is empty."""
    p = family.member(rng)
    for _ in range(3):
        x, p, condition = family.seed(rng)
        if condition > 1e-10:
            return x, p
    return None, p
