"""Looks for curves along which a function falls or rises: coordinates, kernel directions, bent so as to gain most; untrusted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.cofactors import slope_relation
from pgb.landscape.flat.curves import Bounds, expand, inside, leading
from pgb.landscape.flat.face import Face
from pgb.landscape.place import Place, plain


def descent(face: Face, rng: np.random.Generator, sign: int, bounds: Bounds | None = None) -> dict[str, Any] | None:
    """Look for a curve along which the value falls (sign -1) or rises (sign 1)."""
    place = face.place
    for curve in _curves(face, rng, sign):
        if bounds and not inside(place, curve, bounds):
            continue
        for order in (1, 2, 4, 6):
            relations = {} if place.exact else _relations(place, curve, order)
            found = leading(place, curve, order, relations)
            if not isinstance(found, Refused):
                if found[1] == sign:
                    data = {"curve": plain(tuple(curve)), "order": found[0]}
                    return {**data, "relations": relations} if relations else data
                break
    return None


def steep(face: Face, bounds: Bounds | None = None) -> dict[str, Any] | None:
    """Look for a coordinate along which the value falls at first order: cheap, and enough for most points at kinks."""
    place = face.place
    for curve in itertools.islice(_simple(place.n), 2 * place.n):
        if (not bounds or inside(place, [curve], bounds)) and leading(place, [curve], 1) == (1, -1):
            return {"curve": plain(([*curve],)), "order": 1}
    return None


def _relations(place: Place, curve: Sequence[Sequence[Fraction]], order: int) -> dict[str, Any]:
    """Return why coefficients vanish at a certified zero although not identically."""
    try:
        coefficients = expand(place, curve, order)
    except Undecided:
        return {}
    found = {}
    for k in range(2, order):
        if place.ring.sign(coefficients[k]):
            break
        why = slope_relation(place, coefficients[k])
        if why:
            found[str(k)] = why
    return found


def _curves(face: Face, rng: np.random.Generator, sign: int) -> Iterator[list[list[Fraction]]]:
    """Yield straight lines along simple and steepest directions, then kernel directions bent so as to gain most."""
    from pgb.landscape.flat import search

    n = face.place.n
    found = search.eigen(face)
    if found is None:
        yield from ([d] for d in _simple(n))
        yield from ([_rounded(rng.normal(size=n))] for _ in range(20))
        return
    values, vectors = found
    negative, zero, positive = search.split(values)
    kernel = search.rational_kernel(vectors, zero)
    for v in _combinations(kernel, rng):
        for s in (1, -1):
            direction = [s * x for x in v]
            yield [direction]
            bend = _bend(face, direction, vectors, values, negative + positive)
            if bend is not None and any(bend):
                yield [direction, bend]
    for k in negative if sign < 0 else positive:
        yield [[row[k] for row in vectors]]


def _simple(n: int) -> Iterator[list[Fraction]]:
    for i in range(n):
        for s in (1, -1):
            yield [Fraction(s * int(i == j)) for j in range(n)]
    for i, j in itertools.combinations(range(n), 2):
        for s, t in itertools.product((1, -1), repeat=2):
            yield [Fraction(s * int(i == k) + t * int(j == k)) for k in range(n)]


def _combinations(kernel: Sequence[Sequence[Fraction]], rng: np.random.Generator) -> Iterator[list[Fraction]]:
    yield from map(list, kernel)
    for a, b in itertools.islice(itertools.combinations(kernel, 2), 30):
        yield [x + y for x, y in zip(a, b, strict=True)]
        yield [x - y for x, y in zip(a, b, strict=True)]
    for _ in range(30 if len(kernel) > 1 else 0):
        weights = [Fraction(int(w)) for w in rng.integers(-3, 4, len(kernel))]
        v = [sum((w * k[j] for w, k in zip(weights, kernel, strict=True)), Fraction(0)) for j in range(len(kernel[0]))]
        if any(v):
            yield v


def _rounded(v: np.ndarray) -> list[Fraction]:
    return [Fraction(float(x)).limit_denominator(64) for x in v]


def _bend(
    face: Face, direction: Sequence[Fraction], vectors: Any, values: Sequence[float], used: Sequence[int]
) -> list[Fraction] | None:
    """Return about -H^+ T(d, d) / 2, T the third derivative: the curvature that makes the most of the quartic term."""
    programs = face.programs()
    if isinstance(programs, Refused) or not used:
        return None
    centre = np.array([float(b.mid()) for b in face.place.balls()])
    d = np.array([float(x) for x in direction])
    h = 1e-4 / max(1.0, float(np.linalg.norm(d)))
    points = np.stack([centre + h * d, centre, centre - h * d], axis=1)
    g = programs.gradient.numpy(points)
    third = (g[:, 0] - 2 * g[:, 1] + g[:, 2]) / h**2
    V = np.array([[float(row[k]) for k in used] for row in vectors])
    w = -0.5 * V @ ((V.T @ third) / np.array([values[k] for k in used]))
    return [Fraction(float(x)).limit_denominator(1000) for x in w]
