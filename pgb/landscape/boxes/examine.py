"""The tests that each lane of boxes goes through, compiled by numba; trusted by the branch-and-prune search.

A box is discarded only by a comparison that is true, so NaN and infinity decide nothing. With g the gradient, H its
Jacobian over the box X, c a point of X and rho_j >= |x_j - c_j| on X:

natural      0 is not in the range computed for a gradient component or an exact combination of components;
mean value   g(x) lies in g(c) + H (X - c) (also for Lipschitz gradients, with the hull of Clarke's Jacobian);
Newton       for ANY matrix P: P g(c) + (P H)(X - c) contains 0 at a zero x; row by row, where 0 is not in (P H)_ii, this
             bounds x_i (Hansen and Sengupta, BIT 21 (1981) 203-211). P is about the inverse of the midpoint of H, and
             P H = I +- R with R = |I - P mid H| + |P| rad H. The same with the rows of a block of variables alone.
"""

from __future__ import annotations

import numpy as np

from pgb.landscape.boxes.jit import compiled
from pgb.landscape.boxes.rounding import DOT, GROW, SMALL, TINY, ULP

DISCARDED = 0
SPLIT = 1
CANDIDATE = 2
SHRUNK = 3


@compiled
def load(lo, hi, boxlo, boxhi, dim, n):  # type: ignore[no-untyped-def]
    """Copy boxes, shape (dim, lanes), into the variables' registers."""
    for j in range(dim):
        for l in range(n):
            lo[j, l] = boxlo[j, l]
            hi[j, l] = boxhi[j, l]


@compiled
def natural(lo, hi, rows, status, n):  # type: ignore[no-untyped-def]
    """Discard lanes in which a row excludes 0; return how many are left."""
    for r in rows:
        a, b = lo[r], hi[r]
        for l in range(n):
            if a[l] > 0.0 or b[l] < 0.0:
                status[l] = DISCARDED
    left = 0
    for l in range(n):
        left += status[l]
    return left


@compiled
def middle_radius(lo, hi, register, mid, rad, n):  # type: ignore[no-untyped-def]
    """Set mid and rad so that the register lies in mid +- rad; DOT |mid| is added for the inner products to come."""
    a, b = lo[register], hi[register]
    for l in range(n):
        m = 0.5 * a[l] + 0.5 * b[l]
        r = max(b[l] - m, m - a[l])
        mid[l] = m
        rad[l] = r * (1.0 + 4.0 * ULP) + abs(m) * DOT + TINY


@compiled
def hessian(lo, hi, registers, mid, rad, dim, n):  # type: ignore[no-untyped-def]
    """Read the Hessian as mid +- rad, shape (dim, dim, lanes)."""
    for i in range(dim):
        for j in range(i, dim):
            middle_radius(lo, hi, registers[i, j], mid[i, j], rad[i, j], n)
            if j > i:
                for l in range(n):
                    mid[j, i, l] = mid[i, j, l]
                    rad[j, i, l] = rad[i, j, l]


@compiled
def centre(boxlo, boxhi, c, rho, dim, n):  # type: ignore[no-untyped-def]
    """Set the centres c and upper bounds rho of the half-widths about them."""
    for j in range(dim):
        for l in range(n):
            m = 0.5 * boxlo[j, l] + 0.5 * boxhi[j, l]
            c[j, l] = m
            rho[j, l] = max(boxhi[j, l] - m, m - boxlo[j, l]) * (1.0 + 4.0 * ULP) + TINY


@compiled
def mean_value(mid, rad, g, gr, rho, status, work, dim, n):  # type: ignore[no-untyped-def]
    """Discard lanes where |mid g_i(c)| exceeds rad g_i(c) + sum_j max|H_ij| rho_j."""
    s = work[0]
    for i in range(dim):
        for l in range(n):
            s[l] = gr[i, l]
        for j in range(dim):
            for l in range(n):
                s[l] += (abs(mid[i, j, l]) + rad[i, j, l]) * rho[j, l]
        for l in range(n):
            if abs(g[i, l]) > s[l] * GROW + SMALL:
                status[l] = DISCARDED


@compiled
def invert(mid, inverse, work, index, n):  # type: ignore[no-untyped-def]
    """Set inverse to about the inverse of the block mid[index, index], by elimination without pivoting; untrusted."""
    factor = work[0]
    size = index.size
    for i in range(size):
        for j in range(size):
            for l in range(n):
                inverse[i, j, l] = mid[index[i], index[j], l]
    for k in range(size):
        for l in range(n):
            factor[l] = 1.0 / inverse[k, k, l]
            inverse[k, k, l] = 1.0
        for j in range(size):
            for l in range(n):
                inverse[k, j, l] *= factor[l]
        for i in range(size):
            if i != k:
                for l in range(n):
                    factor[l] = inverse[i, k, l]
                    inverse[i, k, l] = 0.0
                for j in range(size):
                    for l in range(n):
                        inverse[i, j, l] -= factor[l] * inverse[k, j, l]


@compiled
def precondition(mid, rad, g, gr, inverse, spread, b, br, work, index, dim, n):  # type: ignore[no-untyped-def]
    """Set spread to R with P H[index, :] in E +- R, E the rows `index` of the unit matrix, and b +- br to P g[index](c).

    The radii hold DOT |mid| already (lemma 3 of `rounding`).
    """
    e = work[0]
    s = work[1]
    for i in range(index.size):
        for j in range(dim):
            unit = 1.0 if index[i] == j else 0.0
            for l in range(n):
                e[l] = unit
                s[l] = DOT * unit
            for k in range(index.size):
                p, m, r = inverse[i, k], mid[index[k], j], rad[index[k], j]
                for l in range(n):
                    e[l] -= p[l] * m[l]
                    s[l] += abs(p[l]) * r[l]
            out = spread[i, j]
            for l in range(n):
                out[l] = (abs(e[l]) + s[l]) * GROW + SMALL
        for l in range(n):
            e[l] = 0.0
            s[l] = 0.0
        for k in range(index.size):
            p, m, r = inverse[i, k], g[index[k]], gr[index[k]]
            for l in range(n):
                e[l] += p[l] * m[l]
                s[l] += abs(p[l]) * r[l]
        for l in range(n):
            b[i, l] = e[l]
            br[i, l] = s[l] * GROW + SMALL


@compiled
def contract(spread, b, br, c, rho, boxlo, boxhi, status, inside, work, index, dim, n):  # type: ignore[no-untyped-def]
    """Contract the variables `index` by their preconditioned rows; inside[l] becomes 0 where one is not strictly inside."""
    s = work[0]
    for l in range(n):
        inside[l] = 1
    for i in range(index.size):
        v = index[i]
        for l in range(n):
            s[l] = br[i, l]
        for j in range(dim):
            if j != v:
                row, d = spread[i, j], rho[j]
                for l in range(n):
                    s[l] += row[l] * d[l]
        for l in range(n):
            r = spread[i, v, l]
            t = s[l] * GROW + SMALL
            top = b[i, l] + t
            top += abs(top) * (2.0 * ULP) + TINY
            bottom = b[i, l] - t
            bottom -= abs(bottom) * (2.0 * ULP) + TINY
            small = max(1.0 - r, 0.0) * (1.0 - 4.0 * ULP)
            large = (1.0 + r) * (1.0 + 4.0 * ULP)
            high = top / small if top >= 0.0 else top / large
            low = bottom / large if bottom >= 0.0 else bottom / small
            high += abs(high) * (2.0 * ULP) + TINY
            low -= abs(low) * (2.0 * ULP) + TINY
            new_hi = c[v, l] - low
            new_hi += abs(new_hi) * (2.0 * ULP) + TINY
            new_lo = c[v, l] - high
            new_lo -= abs(new_lo) * (2.0 * ULP) + TINY
            regular = r < 1.0
            if regular and (new_lo > boxhi[v, l] or new_hi < boxlo[v, l]):
                status[l] = DISCARDED
            if not regular and abs(b[i, l]) > (s[l] + (1.0 + r) * rho[v, l]) * GROW + SMALL:
                status[l] = DISCARDED
            strict = regular and new_lo > boxlo[v, l] and new_hi < boxhi[v, l]
            inside[l] = inside[l] if strict else 0
            lower = new_lo if (regular and new_lo > boxlo[v, l]) else boxlo[v, l]
            upper = new_hi if (regular and new_hi < boxhi[v, l]) else boxhi[v, l]
            boxlo[v, l] = lower
            boxhi[v, l] = upper
            rho[v, l] = max(upper - c[v, l], c[v, l] - lower, 0.0) * (1.0 + 4.0 * ULP) + TINY


@compiled
def promising(spread, oldlo, oldhi, boxlo, boxhi, inside, status, work, dim, n):  # type: ignore[no-untyped-def]
    """Mark candidates for certification, and boxes that shrank to less than half; untrusted.

    Sides below 2^-20 of the widest do not count as shrinking: or a box that is flat already would never be split.
    """
    norm, volume, floor = work[0], work[1], work[2]
    for l in range(n):
        norm[l] = 0.0
        volume[l] = 1.0
        floor[l] = 1e-300
    for i in range(dim):
        for l in range(n):
            floor[l] = max(floor[l], (oldhi[i, l] - oldlo[i, l]) * 2.0**-20)
    for i in range(dim):
        for l in range(n):
            s = 0.0
            for j in range(dim):
                s += spread[i, j, l] * (oldhi[j, l] - oldlo[j, l])
            width = oldhi[i, l] - oldlo[i, l]
            ratio = s / max(width, 1e-300)
            norm[l] = max(norm[l], ratio) if ratio < np.inf else np.inf
            volume[l] *= (boxhi[i, l] - boxlo[i, l] + floor[l]) / (width + floor[l])
    for l in range(n):
        if status[l] != DISCARDED:
            if inside[l] == 1 or norm[l] < 0.7:
                status[l] = CANDIDATE
            elif volume[l] < 0.5:
                status[l] = SHRUNK
