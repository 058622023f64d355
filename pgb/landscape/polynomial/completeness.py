"""TRUSTED. What is proved about the number of critical points, and what a count without a proof rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from pgb.evidence import Evidence
from pgb.landscape.polynomial.modular import PRIME, Bound, network_bound
from pgb.landscape.polynomial.multiple import expanded
from pgb.landscape.polynomial.symmetry import canonical, distinct
from pgb.landscape.results import CriticalPoint

if TYPE_CHECKING:
    from pgb.landscape.polynomial.degenerate import Examined
    from pgb.landscape.polynomial.finish import Found
    from pgb.landscape.polynomial.solve import Posed


@dataclass(frozen=True, slots=True)
class Completeness:
    """The verdict on one search: whether all points are found, in which sense, and why."""

    status: Evidence
    complete: bool
    sentence: str
    notes: tuple[str, ...] = ()


MAX_BEZOUT_VARIABLES = 6


def bezout_bound(posed: Posed) -> Bound | None:
    """Return the product of the degrees of the gradient's components.

    Bezout's theorem in its refined form (Fulton, Intersection Theory, Example 8.4.6): the degrees of all irreducible components
    of n hypersurfaces in projective n-space, isolated points with multiplicity, add up to at most the product. A count of
    affine isolated points that meets it leaves nothing else, neither at infinity nor of positive dimension.
    """
    n = posed.system.family.n
    if n > MAX_BEZOUT_VARIABLES:
        return None
    degrees = [max((sum(e) for e in f), default=0) for f in expanded(posed.system.family, posed.parameters)]
    if min(degrees) < 1:
        return None
    return Bound(prod(degrees), f"the product of the degrees {', '.join(map(str, degrees))} of the gradient (Bezout)")


def proved_bound(posed: Posed) -> Bound | None:
    """Return the best proved bound on the number of complex critical points with multiplicity, if any room knows one."""
    if posed.network is not None:
        found = network_bound(posed.network)
        if found is not None:
            return Bound(found.count, f"a matrix rank modulo the prime {PRIME} ({found.how})")
    return bezout_bound(posed)


def poincare_hopf(points: Sequence[CriticalPoint]) -> int | None:
    """Return ``sum (-1)^index`` over the real points, None where some index is not known."""
    if any(p.index is None for p in points):
        return None
    return sum(1 if (p.index or 0) % 2 == 0 else -1 for p in points)


def conjugate_closed(posed: Posed, found: Found) -> bool:
    """Whether the conjugate of every non-real zero found is again among the zeros found (numerical check)."""
    flips = posed.system.family.flips
    for number in np.unique(found.stratum):
        if number >= 0:
            flips = posed.system.strata[number].flips
        rows = found.stratum == number
        points = canonical(found.zeros.points[rows], flips)
        mirrored = canonical(points.conj(), flips)
        if len(distinct(np.concatenate([points, mirrored]), 1e-7)) > len(points):
            return False
    return True


def judge(posed: Posed, found: Found, points: Sequence[CriticalPoint], rest: Examined) -> Completeness:
    """State what is proved about completeness of a search."""
    total = found.n_complex + rest.multiplicity
    undecided = sum(p.status is Evidence.UNDECIDED for p in points)
    open_reality = int((~found.real & ~found.nonreal).sum())
    notes = tuple(_checks(posed, found, points, rest))
    if rest.components:
        return Completeness(
            Evidence.NUMERICAL,
            complete=False,
            sentence="The critical set has components of positive dimension; they were found by numerical search, and nothing is "
            "proved about others.",
            notes=notes,
        )
    bound = proved_bound(posed)
    if bound is not None and total == bound.count and not undecided and not open_reality:
        return Completeness(
            Evidence.CERTIFIED,
            complete=True,
            sentence=f"Complete: there are at most {bound.count} complex critical points with multiplicity, proved by {bound.how}, "
            f"and {total} are certified.",
            notes=notes,
        )
    if bound is not None and total > bound.count:
        return Completeness(
            Evidence.UNDECIDED,
            complete=False,
            sentence=f"Contradiction: {total} certified points exceed the bound {bound.count} from {bound.how}; please report it.",
            notes=notes,
        )
    known = f" The best proved bound, from {bound.how}, is {bound.count}." if bound is not None else ""
    return Completeness(
        Evidence.NUMERICAL,
        complete=False,
        sentence=f"Each listed point is certified; that there are no others is not proved. The count {total} rests on monodromy of a "
        f"generic member and parameter homotopy.{known}",
        notes=notes,
    )


def _checks(posed: Posed, found: Found, points: Sequence[CriticalPoint], rest: Examined) -> list[str]:
    """Return sentences about necessary conditions, passed or failed."""
    out = []
    if found.lost and not rest.points and not rest.components and not rest.notes:
        out.append(f"{found.lost} sign orbits of the generic member did not arrive at certified points")
    if not conjugate_closed(posed, found):
        out.append("the points found are not closed under complex conjugation: at least one is missing")
    if posed.coercive and not rest.components and not rest.points:
        degree = poincare_hopf(points)
        if degree is not None and degree != 1:
            out.append(f"sum of (-1)^index over the real points is {degree}, not 1: at least one real point is missing")
        elif degree == 1:
            out.append("necessary check passed: sum of (-1)^index over the real points is 1")
    return out
