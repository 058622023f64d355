"""Krawczyk's existence and uniqueness test on an inflated box, compiled by numba; trusted."""

from __future__ import annotations

import numpy as np

from pgb.landscape.boxes import examine as X
from pgb.landscape.boxes.functions import down, up
from pgb.landscape.boxes.jit import compiled, inlined
from pgb.landscape.boxes.lanes import run
from pgb.landscape.boxes.rounding import GROW, SMALL, TINY, ULP


@compiled
def workspace(registers, dim, lanes):  # type: ignore[no-untyped-def]
    """Return scratch memory for `lanes` boxes in `dim` variables."""
    bits = np.zeros(lanes, np.int64)
    return (
        np.zeros((registers, lanes)),
        np.zeros((registers, lanes)),
        np.zeros((4, lanes)),
        bits,
        bits.view(np.float64),
        np.zeros((8, dim, lanes)),
        np.zeros((4, dim, dim, lanes)),
        np.zeros((2, lanes), np.int64),
    )


@inlined
def newton_data(tape, boxlo, boxhi, point, ws, dim, n, checked):  # type: ignore[no-untyped-def]
    """Evaluate H over boxes and g at points; fill mid, rad (matrices 0, 1) and g, gr (vectors 0, 1)."""
    code, constants, ends, rows, registers = tape
    lo, hi, work, bits, scale, vectors, matrices, _ = ws
    X.load(lo, hi, boxlo, boxhi, dim, n)
    run(code, constants, 0, ends[2], lo, hi, work, bits, scale, n, checked)
    X.hessian(lo, hi, registers, matrices[0], matrices[1], dim, n)
    X.load(lo, hi, point, point, dim, n)
    run(code, constants, 0, ends[0], lo, hi, work, bits, scale, n, checked)
    for i in range(dim):
        X.middle_radius(lo, hi, rows[i], vectors[0, i], vectors[1, i], n)


@compiled
def invert_one(m, p, dim):  # type: ignore[no-untyped-def]  # noqa: PLR0912
    """Set p[:, :, 0] to about the inverse of m[:, :, 0], with pivoting; False where it looks singular. Untrusted."""
    w = np.zeros((dim, 2 * dim))
    for i in range(dim):
        for j in range(dim):
            w[i, j] = m[i, j, 0]
        w[i, dim + i] = 1.0
    for k in range(dim):
        best = k
        for i in range(k + 1, dim):
            if abs(w[i, k]) > abs(w[best, k]):
                best = i
        if not abs(w[best, k]) > 1e-200:
            return False
        if best != k:
            for j in range(2 * dim):
                w[k, j], w[best, j] = w[best, j], w[k, j]
        d = 1.0 / w[k, k]
        for j in range(2 * dim):
            w[k, j] *= d
        for i in range(dim):
            if i != k:
                f = w[i, k]
                for j in range(2 * dim):
                    w[i, j] -= f * w[k, j]
    for i in range(dim):
        for j in range(dim):
            p[i, j, 0] = w[i, dim + j]
            if not abs(p[i, j, 0]) < 1e200:
                return False
    return True


@inlined
def krawczyk(tape, boxlo, boxhi, point, newlo, newhi, ws, dim):  # type: ignore[no-untyped-def]
    """Set new to K = c - P g(c) + (I - P H)(X - c) for lane 0; return whether K lies strictly inside X.

    If it does, X holds exactly one zero of g, and K does (Krawczyk 1969; Rump, Acta Numerica 19 (2010), section 13).
    """
    vectors, matrices = ws[5], ws[6]
    newton_data(tape, boxlo, boxhi, point, ws, dim, 1, True)
    if not invert_one(matrices[0], matrices[2], dim):
        return False
    X.precondition(
        matrices[0],
        matrices[1],
        vectors[0],
        vectors[1],
        matrices[2],
        matrices[3],
        vectors[2],
        vectors[3],
        ws[2],
        np.arange(dim),
        dim,
        1,
    )
    strict = True
    for i in range(dim):
        s = vectors[3, i, 0]
        for j in range(dim):
            rho = max(boxhi[j, 0] - point[j, 0], point[j, 0] - boxlo[j, 0]) * (1.0 + 4.0 * ULP) + TINY
            s += matrices[3][i, j, 0] * rho
        s = s * GROW + SMALL
        low = down(down(point[i, 0] - vectors[2, i, 0]) - s)
        high = up(up(point[i, 0] - vectors[2, i, 0]) + s)
        newlo[i, 0] = low
        newhi[i, 0] = high
        if not (low > boxlo[i, 0] and high < boxhi[i, 0]):
            strict = False
    return strict


@compiled
def certify(tape, boxlo, boxhi, oldlo, oldhi, lane, ws, zone, dim):  # type: ignore[no-untyped-def]
    """Try to prove exactly one zero in a box that contains lane `lane`; fill zone (tight lo, hi, region lo, hi).

    The region is an INFLATED box about the float Newton point and contains the lane's box, so that a success decides it.
    """
    point, low, high = np.zeros((dim, 1)), np.zeros((dim, 1)), np.zeros((dim, 1))
    newlo, newhi = np.zeros((dim, 1)), np.zeros((dim, 1))
    vectors, matrices = ws[5], ws[6]
    for j in range(dim):
        point[j, 0] = 0.5 * boxlo[j, lane] + 0.5 * boxhi[j, lane]
    for _ in range(4):
        newton_data(tape, point, point, point, ws, dim, 1, True)
        if not invert_one(matrices[0], matrices[2], dim):
            return False
        for i in range(dim):
            s = 0.0
            for j in range(dim):
                s += matrices[2][i, j, 0] * vectors[0, j, 0]
            point[i, 0] -= s
    for j in range(dim):
        width = oldhi[j, lane] - oldlo[j, lane]
        if not (point[j, 0] > oldlo[j, lane] - 0.5 * width and point[j, 0] < oldhi[j, lane] + 0.5 * width):
            return False
        reach = max(abs(point[j, 0] - boxlo[j, lane]), abs(boxhi[j, lane] - point[j, 0])) * 1.05 + 1e-12
        low[j, 0] = point[j, 0] - reach
        high[j, 0] = point[j, 0] + reach
        zone[2, j] = low[j, 0]
        zone[3, j] = high[j, 0]
        if not (low[j, 0] <= boxlo[j, lane] and boxhi[j, lane] <= high[j, 0]):
            return False
    for step in range(4):  # the first step is the proof, the others narrow the enclosure
        strict = krawczyk(tape, low, high, point, newlo, newhi, ws, dim)
        if step == 0 and not strict:
            return False
        for j in range(dim):
            low[j, 0] = max(low[j, 0], newlo[j, 0])
            high[j, 0] = min(high[j, 0], newhi[j, 0])
            point[j, 0] = 0.5 * low[j, 0] + 0.5 * high[j, 0]
    for j in range(dim):
        zone[0, j] = low[j, 0]
        zone[1, j] = high[j, 0]
    return True


@compiled
def known(zone, zones, count, dim):  # type: ignore[no-untyped-def]
    """Tell whether a certified zero lies in a certified region: then it is that region's zero."""
    for q in range(count):
        within = True
        for j in range(dim):
            if not (zone[0, j] >= zones[q, 2, j] and zone[1, j] <= zones[q, 3, j]):
                within = False
                break
        if within:
            return True
    return False
