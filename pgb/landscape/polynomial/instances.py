"""Carries generic solutions to many given members at once and keeps what is certified. Search untrusted, acceptance by `certify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from pgb.landscape.polynomial.balls import Floats
from pgb.landscape.polynomial.certify import (
    Zeros,
    certify,
    parameter_balls,
)
from pgb.landscape.polynomial.exact import certify_exact
from pgb.landscape.polynomial.family import ComplexArray, Family, Integers
from pgb.landscape.polynomial.finish import Found, Part, finish, nothing
from pgb.landscape.polynomial.monodromy import Generic, proper, residual_ok
from pgb.landscape.polynomial.rescue import track_precisely
from pgb.landscape.polynomial.store import generic_solutions
from pgb.landscape.polynomial.strata import Stratum, System
from pgb.landscape.polynomial.symmetry import canonical, distinct
from pgb.landscape.polynomial.tracker import CAREFUL, NORMAL, Options, Tracked, track

Progress = Callable[[str], None]
DIVERGED = 3  # the tracker's status
FAR = 1e5
RESCUES = 2000  # end points per pass that may be certified in higher precision
PRECISE_PATHS = 32  # paths per stratum that may be followed in higher precision


def solve_instances(
    system: System,
    members: Sequence[Sequence[Fraction]],
    *,
    seed: int = 0,
    attempts: int = 4,
    use_disk: bool = True,
    progress: Progress | None = None,
) -> list[Found]:
    """Find and certify all zeros of each member that a path from the generic member reaches.

    Parameters
    ----------
    members
        Exact parameters of the full family, one row per instance.
    attempts
        Passes over an instance whose orbits have not all arrived, each from a fresh base point and with smaller steps.
    """
    rng = np.random.default_rng(seed)
    balls = parameter_balls(members)
    whole = np.arange(len(members))
    generics: list[Generic] = []
    for stratum in system.strata:
        generics.append(generic_solutions(stratum.family, rng, use_disk=use_disk))
        if progress:
            progress(f"{stratum.family.name}: {len(generics[-1].points)} orbits")
    first = _first_pass(system, generics, members, balls)
    parts = [
        _arrive(system, stratum, number, generics[number], first[number], members, balls, rng, attempts)
        for number, stratum in enumerate(system.strata)
    ]
    if system.origin:
        parts.append(_origin(system.family, whole, balls))
    return finish(system, parts, balls, members)


def _origin(family: Family, whole: Integers, balls: tuple[Floats, Floats]) -> Part:
    points = np.zeros((len(whole), family.n), np.complex128)
    zeros = certify(family, points, balls, whole, polish=False)
    good = zeros.ok
    pending: list[ComplexArray] = [np.zeros((0 if g else 1, family.n), np.complex128) for g in good]
    kept = Zeros(points[good], zeros.ok[good], zeros.radius[good], zeros.unique[good])
    return Part(kept, whole[good], -1, 1, (~good).astype(np.int64), pending)


def _first_pass(
    system: System, generics: Sequence[Generic], members: Sequence[Sequence[Fraction]], balls: tuple[Floats, Floats]
) -> list[tuple[Tracked, Zeros]]:
    """Track all strata to all instances and certify all end points in one batch."""
    todo = np.arange(len(members))
    ends: list[Tracked] = []
    points: list[ComplexArray] = []
    which: list[Integers] = []
    for stratum, generic in zip(system.strata, generics, strict=True):
        end, at = _pass(system, stratum, generic.points, generic.base, balls, todo, NORMAL)
        ends.append(end)
        points.append(at)
        which.append(np.repeat(todo, len(generic.points)))
    if not ends:
        return []
    who = np.concatenate(which)
    zeros = certify(system.family, np.concatenate(points), balls, who)
    arrived = np.concatenate([e.status == 0 for e in ends])
    zeros = rescue(system.family, zeros, np.flatnonzero(arrived & ~zeros.ok)[:RESCUES], members, who)
    cuts = np.cumsum([0, *map(len, points)])
    return [
        (end, Zeros(*(getattr(zeros, f)[a:b] for f in ("points", "ok", "radius", "unique"))))
        for end, a, b in zip(ends, cuts[:-1], cuts[1:], strict=True)
    ]


def _pass(
    system: System,
    stratum: Stratum,
    start: ComplexArray,
    base: ComplexArray,
    balls: tuple[Floats, Floats],
    todo: Integers,
    options: Options,
) -> tuple[Tracked, ComplexArray]:
    """Track from one base member to some instances; return the end points, and their representatives in all variables."""
    family = stratum.family
    stop = balls[0][:, list(stratum.parameters)] + 0j
    points = np.tile(start, (len(todo), 1))
    end = track(family, points, base, stop, target=np.repeat(todo, len(start)), options=options)
    at = canonical(np.where(np.isfinite(end.points), end.points, 0.0), family.flips)
    return end, stratum.embed(at, system.family.n)


def _arrive(
    system: System,
    stratum: Stratum,
    number: int,
    generic: Generic,
    first: tuple[Tracked, Zeros],
    members: Sequence[Sequence[Fraction]],
    balls: tuple[Floats, Floats],
    rng: np.random.Generator,
    attempts: int,
) -> Part:
    """Track one stratum's orbits to all instances, certify, and repeat for the instances that miss some."""
    family, n, instances = stratum.family, system.family.n, len(members)
    want = len(generic.points)
    best: list[Zeros] = [nothing(n)] * instances
    pending: list[ComplexArray] = [np.zeros((0, n), np.complex128)] * instances
    todo = np.arange(instances)
    for attempt in range(attempts):
        if len(todo) == 0 or want == 0:
            break
        start, (end, zeros) = generic.points, first
        if attempt:
            options = Options(tolerance=0.02 / 4**attempt, beta=0.5, accept=1e-4, max_steps=4000 * (attempt + 1))
            start, base = _fresh(family, generic, rng, options)
            end, points = _pass(system, stratum, start, base, balls, todo, options)
            which = np.repeat(todo, len(start))
            zeros = certify(system.family, points, balls, which)
            missed = np.flatnonzero((end.status == 0) & ~zeros.ok)
            zeros = rescue(system.family, zeros, missed[:RESCUES], members, which)
        arrived = end.status == 0
        again = []
        for block, k in enumerate(todo):
            rows = slice(block * len(start), (block + 1) * len(start))
            ok = zeros.ok[rows] & arrived[rows]
            merged = _merge(
                stratum, best[k], Zeros(*(a[rows][ok] for a in (zeros.points, zeros.ok, zeros.radius, zeros.unique)))
            )
            if len(merged.points) > len(best[k].points) or attempt == 0:
                pending[k] = zeros.points[rows][~ok]
            best[k] = merged
            if len(merged.points) < want:
                gone = ~ok & ((end.status[rows] == DIVERGED) | (np.abs(end.points[rows]).max(axis=1) > FAR))
                if attempt == 0 or gone.sum() < want - len(merged.points):  # twice gone to infinity is enough
                    again.append(k)
        todo = np.array(again, np.int64)
    _follow_precisely(system, stratum, generic, todo, members, best, pending)
    lost = np.array([max(want - len(b.points), 0) for b in best], np.int64)
    pending = [p if m else p[:0] for p, m in zip(pending, lost, strict=True)]
    sizes = [len(b.points) for b in best]
    together = Zeros(*(np.concatenate([getattr(b, f) for b in best]) for f in ("points", "ok", "radius", "unique")))
    return Part(together, np.repeat(np.arange(instances), sizes), number, stratum.orbit, lost, pending)


def _follow_precisely(
    system: System,
    stratum: Stratum,
    generic: Generic,
    todo: Integers,
    members: Sequence[Sequence[Fraction]],
    best: list[Zeros],
    pending: list[ComplexArray],
) -> None:
    """Follow in higher precision the paths that doubles lose, for the instances that still miss orbits (changes `best`)."""
    family, want, left = stratum.family, len(generic.points), PRECISE_PATHS
    for k in todo:
        exact = [members[int(k)][j] for j in stratum.parameters]
        stop = np.array([[float(v) for v in exact]]) + 0j
        end = track(family, generic.points, generic.base, stop, options=CAREFUL)
        found = []
        for row in np.flatnonzero((end.status != 0) & (end.status != DIVERGED)):
            if left == 0:
                break
            left -= 1
            x = track_precisely(family, generic.points[row].tolist(), generic.base.tolist(), exact)
            if x is None:
                continue
            whole = np.zeros(system.family.n, object)
            whole[:] = 0j
            whole[list(stratum.variables)] = x
            zero = certify_exact(system.family, whole.tolist(), members[int(k)])
            if zero is not None:
                found.append(zero.in_doubles())
        arrived = certify_arrivals(system.family, stratum, end.points[end.status == 0], members[int(k)])
        best[k] = _merge(stratum, best[k], arrived)
        if found:
            points, radius, unique = (np.array(v) for v in zip(*found, strict=True))
            best[k] = _merge(stratum, best[k], Zeros(points, np.ones(len(points), np.bool_), radius, unique))
        if len(best[k].points) >= want:
            pending[k] = pending[k][:0]


def certify_arrivals(family: Family, stratum: Stratum, points: ComplexArray, member: Sequence[Fraction]) -> Zeros:
    """Certify end points of one instance, in doubles and then in higher precision, and return those that are proved."""
    which = np.zeros(len(points), np.int64)
    zeros = certify(
        family, stratum.embed(canonical(points, stratum.family.flips), family.n), parameter_balls([member]), which
    )
    zeros = rescue(family, zeros, np.flatnonzero(~zeros.ok)[:RESCUES], [member], which)
    return Zeros(zeros.points[zeros.ok], zeros.ok[zeros.ok], zeros.radius[zeros.ok], zeros.unique[zeros.ok])


def rescue(
    family: Family,
    zeros: Zeros,
    rows: Integers,
    members: Sequence[Sequence[Fraction]],
    instance: Integers,
    bits: int = 192,
) -> Zeros:
    """Certify in higher precision the rows that doubles could not decide."""
    points, ok, radius, unique = zeros.points.copy(), zeros.ok.copy(), zeros.radius.copy(), zeros.unique.copy()
    for k in rows:
        size = np.abs(points[k]).max()
        if not np.isfinite(size) or size > 1e12:
            continue
        found = certify_exact(family, points[k].tolist(), members[int(instance[k])], bits)
        if found is not None and found.distance(points[k]) <= 1e-3 * (1.0 + size):
            points[k], radius[k], unique[k] = found.in_doubles()
            ok[k] = True
    return Zeros(points, ok, radius, unique)


def _merge(stratum: Stratum, old: Zeros, new: Zeros) -> Zeros:
    """Return the numerically distinct certified orbits of both that lie in this stratum proper."""
    joined = Zeros(*(np.concatenate([getattr(old, f), getattr(new, f)]) for f in ("points", "ok", "radius", "unique")))
    if len(joined.points) == 0:
        return joined
    keep = np.ones(len(joined.points), np.bool_)
    place = list(stratum.variables)
    for active in stratum.family.active:  # a group that may vanish within the radius belongs to a smaller stratum
        keep &= np.abs(joined.points[:, [place[a] for a in active]]).max(axis=1) > 2.0 * joined.radius
    rows = np.flatnonzero(keep)
    rows = rows[distinct(canonical(joined.points[rows], stratum.flips), 1e-9)]
    return Zeros(joined.points[rows], joined.ok[rows], joined.radius[rows], joined.unique[rows])


def _fresh(
    family: Family, generic: Generic, rng: np.random.Generator, options: Options
) -> tuple[ComplexArray, ComplexArray]:
    """Return the generic solutions at another random member; a larger set found on the way is kept."""
    base = family.member(rng)
    end = track(family, generic.points, generic.base, base, options=options)
    points = canonical(proper(family, residual_ok(family, end.points[end.status == 0], base)), family.flips)
    points = points[distinct(points)]
    if len(points) < len(generic.points):
        end = track(family, generic.points, generic.base, base, options=CAREFUL)
        more = canonical(proper(family, residual_ok(family, end.points[end.status == 0], base)), family.flips)
        points = np.concatenate([points, more])
        points = points[distinct(points)]
    return points, base
