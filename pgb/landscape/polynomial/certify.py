"""TRUSTED. Decides, in double precision with proved bounds, that a point is near exactly one regular zero, and what kind.

Zeros (Krawczyk; Rump, "Verification methods", Acta Numerica 19 (2010), section 13). Let F be a polynomial map of C^n, x a point,
C any matrix, r > 0 and B = {y : max |y_i - x_i| <= r}. If ``max_i |(C F(x))_i| <= eta``, every entry of the Jacobian on B lies in
a disc, and for all matrices J of those discs the row sums of ``|I - C J|`` are at most q <= 1/2, and ``2 eta <= r``, then
``y -> y - C F(y)`` maps B into itself and contracts by q (mean value theorem on the segment, discs being convex): F has
exactly one zero in B, it is regular (q < 1 makes C J invertible), and it lies within ``eta / (1 - q) <= 2 eta`` of x.

Matrix products are accumulated entry by entry with elementwise array operations. A sum of k rounded products in doubles errs by
at most ``gamma_k sum |products|``, gamma_k = k u / (1 - k u) (Higham, "Accuracy and Stability", section 3.1); complex entries
count 2 n products per part. Bounds are sums of nonnegative doubles of fewer than 2^10 operations and are multiplied by
1 + 2^-40, which exceeds (1 - u)^-(2^11); underflow is covered by an added 2^-800.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pgb.errors import InputError
from pgb.landscape.polynomial.balls import UNIT, Balls, Floats, constant, table
from pgb.landscape.polynomial.family import BoolArray, ComplexArray, Family, Integers

UP = 1.0 + 2.0**-40
TINY = 2.0**-800
LARGEST = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Zeros:
    """What is certified about each point of a batch.

    Attributes
    ----------
    points
        Shape (P, n): the centres.
    ok
        Shape (P,): exactly one zero within `unique` of the centre; it is regular and within `radius` of it (maximum norm).
        Where False nothing is claimed.
    radius, unique
        Shape (P,); meaningless where not `ok`.
    """

    points: ComplexArray
    ok: BoolArray
    radius: Floats
    unique: Floats

    def __repr__(self) -> str:
        return f"Zeros({int(self.ok.sum())} of {len(self.ok)} certified)"


def parameter_balls(rows: Sequence[Sequence[Fraction]]) -> tuple[Floats, Floats]:
    """Return centres and radii (A, q) of exact family parameters, one row per instance."""
    return table(rows)


def jacobian_balls(family: Family, values: list[Balls], size: int) -> tuple[Floats, Floats, Floats]:
    """Return centre (real, imaginary) and radius, shape (P, n, n), of the symmetric Jacobian from the tape's outputs."""
    n = family.n
    re, im, rad = (np.empty((size, n, n)) for _ in range(3))
    k = n
    for j in range(n):
        for i in range(j + 1):
            for part, source in ((re, values[k].re), (im, values[k].im), (rad, values[k].rad)):
                part[:, i, j] = part[:, j, i] = source
            k += 1
    return re, im, rad


def _gamma(k: int) -> float:
    return (k + 2) * UNIT * UP  # k u / (1 - k u) for k <= 4 LARGEST


def _krawczyk(
    family: Family, x: ComplexArray, r: Floats, C: ComplexArray, p: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return upper bounds (eta, q) for each point, shape (P,)."""
    n, size = family.n, len(x)
    zero = np.zeros(size)
    parameters = [Balls(c, zero, e) for c, e in zip(p[0].T, p[1].T, strict=True)]
    centre = [Balls(np.ascontiguousarray(v.real), np.ascontiguousarray(v.imag), zero) for v in x.T]
    box = [Balls(v.re, v.im, r) for v in centre]
    F = family.series.run(centre, parameters, constant)
    jre, jim, jrad = jacobian_balls(family, family.full.run(box, parameters, constant), size)
    cre, cim = np.ascontiguousarray(C.real), np.ascontiguousarray(C.imag)
    cabs, jabs = np.abs(cre) + np.abs(cim), np.abs(jre) + np.abs(jim)
    sre, sim, smag = np.zeros((size, n)), np.zeros((size, n)), np.zeros((size, n))
    dre, dim, dmag = np.tile(np.eye(n), (size, 1, 1)), np.zeros((size, n, n)), np.zeros((size, n, n))
    g = _gamma(4 * n)
    for k in range(n):
        fre, fim = np.broadcast_to(F[k].re, size)[:, None], np.broadcast_to(F[k].im, size)[:, None]
        frad = np.broadcast_to(F[k].rad, size)[:, None]
        sre += cre[:, :, k] * fre - cim[:, :, k] * fim
        sim += cre[:, :, k] * fim + cim[:, :, k] * fre
        smag += cabs[:, :, k] * (g * (np.abs(fre) + np.abs(fim)) + frad)
        a, b = cre[:, :, k, None], cim[:, :, k, None]
        dre -= a * jre[:, None, k, :] - b * jim[:, None, k, :]
        dim -= a * jim[:, None, k, :] + b * jre[:, None, k, :]
        dmag += cabs[:, :, k, None] * (g * jabs[:, None, k, :] + jrad[:, None, k, :])
    eta = (np.abs(sre) + np.abs(sim) + smag + TINY).max(axis=1) * UP
    q = ((np.abs(dre) + np.abs(dim) + dmag).sum(axis=2) + n * (g + TINY)).max(axis=1) * UP
    return eta, q


def certify(
    family: Family,
    points: ComplexArray,
    parameters: tuple[Floats, Floats],
    instance: Integers | None = None,
    *,
    polish: bool = True,
) -> Zeros:
    """Certify zeros of members of a family.

    Parameters
    ----------
    points
        Shape (P, n); from anywhere.
    parameters
        `parameter_balls` of the exact parameters, shape (A, q) each.
    instance
        Shape (P,): the row of `parameters` that each point belongs to; all zero by default.
    polish
        Newton steps in floats first (changes the centres, proves nothing).
    """
    n = family.n
    if n > LARGEST:
        raise InputError("parameters", f"at most {LARGEST} of them in double precision; found {n}")
    x = np.array(points, np.complex128).reshape(-1, n)
    which = np.zeros(len(x), np.int64) if instance is None else np.asarray(instance)
    if len(x) == 0:
        empty = np.zeros(0)
        return Zeros(x, np.zeros(0, np.bool_), empty, empty)
    chunk = 2048
    parts = []
    for s in range(0, len(x), chunk):
        rows = which[s : s + chunk]
        p = (parameters[0][rows], parameters[1][rows])
        parts.append(_certify_chunk(family, x[s : s + chunk], p, polish=polish))
    return Zeros(*(np.concatenate(a) for a in zip(*parts, strict=True)))


def _certify_chunk(
    family: Family, x: ComplexArray, p: tuple[Floats, Floats], *, polish: bool
) -> tuple[ComplexArray, BoolArray, Floats, Floats]:
    with np.errstate(all="ignore"):
        F, J = family.evaluate(x, p[0])
        C = _inverse(J)
        if polish:
            for _ in range(2):
                x = x - (C @ F[:, :, None])[:, :, 0]
                F, J = family.evaluate(x, p[0])
            C = _inverse(J)
        step = np.abs((C @ F[:, :, None])[:, :, 0]).max(axis=1)
        size = np.abs(x).max(axis=1)
        r = np.maximum(64.0 * step, 2.0**-38 * (size + 2.0**-10))
        eta, q = _krawczyk(family, x, r, C, p)
        late = ~((q <= 0.5) & (2.0 * eta <= r)) & np.isfinite(eta)
        if late.any():  # once more with a radius fitted to what was found
            again = np.where(late, np.maximum(2.5 * eta, 2.0**-300), r)
            eta2, q2 = _krawczyk(family, x, again, C, p)
            r, eta, q = again, np.where(late, eta2, eta), np.where(late, q2, q)
        finite = np.isfinite(x.real).all(axis=1) & np.isfinite(x.imag).all(axis=1)
        ok = finite & np.isfinite(r) & (r > 0.0) & (q <= 0.5) & (2.0 * eta <= r)
    return x, ok, 2.0 * eta, r


def _inverse(J: ComplexArray) -> ComplexArray:
    """Return approximate inverses; NaN where the matrix is singular."""
    J = np.asarray(np.where(np.isfinite(J), J, 0.0), np.complex128)
    try:
        return np.asarray(np.linalg.inv(J))
    except np.linalg.LinAlgError:
        out = np.full_like(J, np.nan)
        for k, j in enumerate(J):
            try:
                out[k] = np.linalg.inv(j)
            except np.linalg.LinAlgError:
                continue
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Reality:
    """Which certified zeros are real (bool array) and which are not; a zero may be in neither."""

    real: BoolArray
    nonreal: BoolArray


def decide_reality(
    family: Family, zeros: Zeros, parameters: tuple[Floats, Floats], instance: Integers
) -> tuple[Zeros, Reality]:
    """Decide realness; centres of real zeros are replaced by real ones (certified anew).

    Non-real: some ``|Im x_i|`` exceeds the radius. Real: the parameters are real, so a ball about a real centre that
    holds exactly one zero holds its conjugate too, which is therefore the same zero.
    """
    im = np.abs(zeros.points.imag)
    nonreal = zeros.ok & (im > zeros.radius[:, None]).any(axis=1)
    candidates = np.flatnonzero(zeros.ok & ~nonreal)
    real = np.zeros(len(zeros.ok), np.bool_)
    points, radius, unique = zeros.points.copy(), zeros.radius.copy(), zeros.unique.copy()
    if len(candidates):
        centre = zeros.points[candidates].real + 0j
        again = certify(family, centre, parameters, instance[candidates])
        moved = np.abs(again.points - zeros.points[candidates]).max(axis=1)
        straight = again.ok & ~np.any(again.points.imag != 0.0, axis=1)
        same = (moved + again.radius) * UP <= zeros.unique[candidates]  # its zero is the zero found before
        good = straight & same
        real[candidates] = good
        k = candidates[good]
        points[k], radius[k], unique[k] = again.points[good], again.radius[good], again.unique[good]
    return Zeros(points, zeros.ok, radius, unique), Reality(real, nonreal)


def overlapping(points: ComplexArray, radius: Floats, group: Integers) -> list[tuple[int, int]]:
    """Return the pairs of balls of one group that are not proved disjoint; an empty list proves all zeros distinct.

    Balls are sorted by a real linear form (``|coefficients| <= 1``, 2 n of them) whose values are known within
    ``2 n (radius + gamma max|x|)``; only balls whose values overlap are compared coordinate by coordinate.
    """
    if len(points) == 0:
        return []
    if not (np.isfinite(radius).all() and np.isfinite(points.real).all() and np.isfinite(points.imag).all()):
        raise InputError("balls", "finite centres and radii; found NaN or infinity")
    n = points.shape[1]
    coefficients = np.random.default_rng(11).uniform(-1.0, 1.0, size=(2, n))
    key = np.zeros(len(points))
    for k in range(n):
        key = key + (points[:, k].real * coefficients[0, k] + points[:, k].imag * coefficients[1, k])
    size = np.maximum(np.abs(points.real).max(axis=1), np.abs(points.imag).max(axis=1))
    slack = 2 * n * (radius + _gamma(4 * n) * size + TINY) * UP
    spread = 4.0 * UNIT * (np.abs(key) + slack)  # rounding of the two differences below
    low, high = key - slack - spread, key + slack + spread
    order = np.lexsort((low, group))
    low, high, where = low[order], high[order], group[order]
    pairs: list[tuple[int, int]] = []
    for s in np.flatnonzero(
        (low[1:] <= high[:-1]) & (where[1:] == where[:-1])
    ):  # low is sorted: no other s can overlap
        t = s + 1
        while t < len(order) and where[t] == where[s] and low[t] <= high[s]:
            i, j = int(order[s]), int(order[t])
            gap = np.maximum(np.abs(points[i].real - points[j].real), np.abs(points[i].imag - points[j].imag)).max()
            if not gap > (radius[i] + radius[j]) * UP + TINY:
                pairs.append((min(i, j), max(i, j)))
            t += 1
    return pairs


def inertia(hessian: Floats, radius: Floats) -> tuple[BoolArray, Integers]:
    """Certify the number of negative eigenvalues of real symmetric matrices known within entrywise radii.

    Let V diag(w) V^T be a float eigen-decomposition, E bound ``|H - V diag(w) V^T|`` in row sums, and ``|I - V^T V|`` have row
    sums at most e < 1/2. Then V is invertible with ``|V^-1|^2 <= 1 / (1 - e) <= 2``, and H is congruent to ``diag(w) + D`` with
    ``|D| <= 2 E``: if ``2 E < min |w|`` the inertia of H is that of diag(w) (Sylvester, Weyl).

    Parameters
    ----------
    hessian, radius
        Shape (P, n, n).

    Returns
    -------
    (ok, index)
        Shape (P,): whether the inertia is proved, and the number of negative eigenvalues.
    """
    n = hessian.shape[1]
    w, V = np.linalg.eigh(np.where(np.isfinite(hessian), hessian, 0.0))
    R, S = hessian.copy(), np.tile(np.eye(n), (len(hessian), 1, 1))
    Rmag, Smag = np.abs(hessian), np.ones_like(S)
    for k in range(n):
        term = (V[:, :, None, k] * w[:, None, None, k]) * V[:, None, :, k]
        R, Rmag = R - term, Rmag + np.abs(term)
        other = V[:, k, :, None] * V[:, k, None, :]
        S, Smag = S - other, Smag + np.abs(other)
    g = _gamma(4 * n + 4)
    E = ((np.abs(R) + g * Rmag + radius + TINY).sum(axis=2)).max(axis=1) * UP
    e = ((np.abs(S) + g * Smag + TINY).sum(axis=2)).max(axis=1) * UP
    ok = (
        (e < 0.5)
        & (np.abs(w).min(axis=1) > 2.0 * E)
        & np.isfinite(hessian).all(axis=(1, 2))
        & np.isfinite(radius).all(axis=(1, 2))
    )
    return np.asarray(ok), (w < 0.0).sum(axis=1)


def hessian_balls(
    family: Family, zeros: Zeros, parameters: tuple[Floats, Floats], instance: Integers
) -> tuple[Floats, Floats]:
    """Return centre and radius (P, n, n) of the Hessian at the real zeros near the (real) centres."""
    size = len(zeros.points)
    zero = np.zeros(size)
    p = [Balls(c, zero, e) for c, e in zip(parameters[0][instance].T, parameters[1][instance].T, strict=True)]
    box = [Balls(np.ascontiguousarray(v.real), zero, zeros.radius) for v in zeros.points.T]
    re, _, rad = jacobian_balls(family, family.full.run(box, p, constant), size)
    return re, rad


def value_balls(
    family: Family, zeros: Zeros, parameters: tuple[Floats, Floats], instance: Integers
) -> tuple[Floats, Floats]:
    """Return centre and radius (P,) of the family's function at the real zeros near the centres."""
    zero = np.zeros(len(zeros.points))
    p = [Balls(c, zero, e) for c, e in zip(parameters[0][instance].T, parameters[1][instance].T, strict=True)]
    box = [Balls(np.ascontiguousarray(v.real), zero, zeros.radius) for v in zeros.points.T]
    out = family.value.run(box, p, constant)[0]
    return np.broadcast_to(out.re, len(zero)), np.broadcast_to(out.rad, len(zero))
