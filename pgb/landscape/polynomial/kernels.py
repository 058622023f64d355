"""The path tracker's inner loop, eight paths in lockstep, each with its own time, step and family member. Untrusted (search only).

Taylor coefficients to order four give a Pade (2,1) predictor and the step length; two Newton steps correct; a step is
taken back when Newton does not contract as it should. A lane whose path ends takes the next path of the queue.
`twin.py` states the same algorithm in numpy.
"""

# numba compiles these functions from the types of their arguments; mypy has nothing to check them against.
# mypy: disable-error-code="no-untyped-def,untyped-decorator,no-untyped-call,import-untyped"

from __future__ import annotations

import numpy as np
from numba import njit

from pgb.landscape.polynomial.lanes import LANES, ORDER, factor, run_series, run_tape, solve

DONE, SMALL_STEP, MANY_STEPS, DIVERGED = 0, 1, 2, 3
FLOOR = 1e-8  # relative size of a second Newton update that counts as converged whatever the first was


@njit(cache=True)
def _load_point(n, x_re, x_im, y_re, y_im, re, im):
    for i in range(n):
        for lane in range(LANES):
            re[i, lane] = x_re[i, lane] + y_re[i, lane]
            im[i, lane] = x_im[i, lane] + y_im[i, lane]


@njit(cache=True)
def _newton(n, code, out, re, im, lu_re, lu_im, pivots):
    """Evaluate F and J at the point in registers 0..n-1, factor J, solve, subtract; the update is left in the right-hand side."""
    run_tape(code, re, im)
    rhs = n * n
    for i in range(n):
        for lane in range(LANES):
            lu_re[rhs + i, lane] = re[out[i], lane]
            lu_im[rhs + i, lane] = im[out[i], lane]
    k = n
    for j in range(n):
        for i in range(j + 1):
            o, p, q = out[k], i * n + j, j * n + i
            k += 1
            for lane in range(LANES):
                lu_re[p, lane] = re[o, lane]
                lu_im[p, lane] = im[o, lane]
                lu_re[q, lane] = re[o, lane]
                lu_im[q, lane] = im[o, lane]
    factor(n, lu_re, lu_im, pivots)
    solve(n, lu_re, lu_im, pivots, rhs)
    for i in range(n):
        for lane in range(LANES):
            re[i, lane] -= lu_re[rhs + i, lane]
            im[i, lane] -= lu_im[rhs + i, lane]


@njit(cache=True)
def _norms(n, at, re, im, weight, norm):
    """Weighted maximum norm of rows ``at .. at+n-1`` in each lane; NaN becomes infinite."""
    for lane in range(LANES):
        norm[lane] = 0.0
    for i in range(n):
        for lane in range(LANES):
            size = (abs(re[at + i, lane]) + abs(im[at + i, lane])) * weight[i, lane]
            if not size <= norm[lane]:
                norm[lane] = np.inf if np.isnan(size) else size


@njit(cache=True)
def _taylor(n, q, code, out, re, im, x_re, x_im, p_re, p_im, d_re, d_im, lu_re, lu_im, pivots, c_re, c_im):
    """Taylor coefficients 1..4 of the path at (x, p) in direction d, written to ``c[(k - 1) * n + i]``."""
    w, rhs = ORDER + 1, n * n
    for i in range(n):
        for lane in range(LANES):
            re[i * w, lane], im[i * w, lane] = x_re[i, lane], x_im[i, lane]
            for k in range(1, w):
                re[i * w + k, lane] = im[i * w + k, lane] = 0.0
    for i in range(q):
        for lane in range(LANES):
            at = (n + i) * w
            re[at, lane], im[at, lane] = p_re[i, lane], p_im[i, lane]
            re[at + 1, lane], im[at + 1, lane] = d_re[i, lane], d_im[i, lane]
    run_series(code, re, im, 0)
    for k in range(1, w):
        run_series(code, re, im, k)
        for i in range(n):
            for lane in range(LANES):
                lu_re[rhs + i, lane] = re[out[i] * w + k, lane]
                lu_im[rhs + i, lane] = im[out[i] * w + k, lane]
        solve(n, lu_re, lu_im, pivots, rhs)
        for i in range(n):
            for lane in range(LANES):
                r, s = -lu_re[rhs + i, lane], -lu_im[rhs + i, lane]
                re[i * w + k, lane] = c_re[(k - 1) * n + i, lane] = r
                im[i * w + k, lane] = c_im[(k - 1) * n + i, lane] = s
        if k < ORDER:
            run_series(code, re, im, k)


@njit(cache=True)
def _step_length(n, lane, c_re, c_im, weight, trust, tolerance, beta):
    """Step for which the Pade (2,1) error and the ratio of coefficients stay within bounds."""
    error, tau, a3, a4 = 0.0, 1e30, 0.0, 0.0
    for i in range(n):
        w = weight[i, lane]
        c2 = complex(c_re[n + i, lane], c_im[n + i, lane])
        c3 = complex(c_re[2 * n + i, lane], c_im[2 * n + i, lane])
        c4 = complex(c_re[3 * n + i, lane], c_im[3 * n + i, lane])
        m2, m3, m4 = abs(c2) * w, abs(c3) * w, abs(c4) * w
        a3, a4 = max(a3, m3), max(a4, m4)
        if m3 > 1e-12 * (1.0 + m2):
            tau = min(tau, m2 / m3)
        error = max(error, abs(c4 - c3 * c3 / c2) * w if m2 > 1e-14 else m4)
    if a4 > 1e-300:
        tau = max(tau, 0.25 * a3 / a4)
    h = beta * tau
    if error > 1e-300:
        h = min(h, (tolerance / (max(trust, 1.0) * error)) ** 0.25)
    return h


@njit(cache=True)
def _predict(n, lane, h, c_re, c_im, weight, y_re, y_im):
    """Pade (2,1) displacement over a step h, coordinate by coordinate, Taylor where the pole is near."""
    for i in range(n):
        c1 = complex(c_re[i, lane], c_im[i, lane])
        c2 = complex(c_re[n + i, lane], c_im[n + i, lane])
        c3 = complex(c_re[2 * n + i, lane], c_im[2 * n + i, lane])
        a2 = abs(c2)
        if a2 * weight[i, lane] > 1e-14 and h * abs(c3) < 0.7 * a2:
            y = h * c1 + h * h * c2 / (1.0 - h * c3 / c2)
        else:
            y = h * (c1 + h * (c2 + h * c3))
        y_re[i, lane], y_im[i, lane] = y.real, y.imag


@njit(cache=True)
def track_paths(  # noqa: PLR0912, PLR0915 - one loop over lanes, its state in local arrays
    n, q, constants, code, out, scode, sregisters, sout, registers, points, source, target, start, stop, options
):
    """Track every path of `points` in place.

    Parameters are those of `tracker.track`; `source` and `target` say which row of `start` and `stop` (family members) a
    path goes from and to. Returns (status, steps) per path.
    """
    tolerance, beta, max_steps, accept, far = options[0], options[1], options[2], options[3], options[4]
    paths, rhs, w = points.shape[0], n * n, ORDER + 1
    status = np.zeros(paths, np.int64)
    steps = np.zeros(paths, np.int64)
    re, im = np.zeros((registers, LANES)), np.zeros((registers, LANES))
    s_re, s_im = np.zeros((sregisters * w, LANES)), np.zeros((sregisters * w, LANES))
    for i in range(constants.shape[0]):
        for lane in range(LANES):
            re[n + q + i, lane] = constants[i]
            s_re[(n + q + i) * w, lane] = constants[i]
    lu_re, lu_im = np.zeros((n * n + n, LANES)), np.zeros((n * n + n, LANES))
    pivots = np.zeros((n, LANES), np.int64)
    x_re, x_im, y_re, y_im = np.zeros((n, LANES)), np.zeros((n, LANES)), np.zeros((n, LANES)), np.zeros((n, LANES))
    p_re, p_im, d_re, d_im = np.zeros((q, LANES)), np.zeros((q, LANES)), np.zeros((q, LANES)), np.zeros((q, LANES))
    c_re, c_im = np.zeros((ORDER * n, LANES)), np.zeros((ORDER * n, LANES))
    k_re, k_im = np.zeros((ORDER * n, LANES)), np.zeros((ORDER * n, LANES))
    weight = np.ones((n, LANES))
    t, h, trust, first, second = np.zeros(LANES), np.zeros(LANES), np.ones(LANES), np.zeros(LANES), np.zeros(LANES)
    path = np.full(LANES, -1)
    fresh = np.zeros(LANES, np.bool_)
    moved = np.zeros(LANES, np.bool_)
    queue, active = 0, 0
    while True:
        for lane in range(LANES):  # idle lanes take the next path
            if path[lane] < 0 and queue < paths:
                path[lane] = queue
                fresh[lane] = True
                t[lane], h[lane], trust[lane] = 0.0, 0.0, 1.0
                a, b = source[queue], target[queue]
                big = 0.0
                for i in range(n):
                    x_re[i, lane], x_im[i, lane] = points[queue, i].real, points[queue, i].imag
                    big = max(big, abs(points[queue, i]))
                for i in range(n):
                    weight[i, lane] = 1.0 / max(abs(points[queue, i]), 0.1 * big, 1e-6)
                for i in range(q):
                    d = stop[b, i] - start[a, i]
                    p_re[i, lane], p_im[i, lane] = start[a, i].real, start[a, i].imag
                    d_re[i, lane], d_im[i, lane] = d.real, d.imag
                queue += 1
                active += 1
        if active == 0:
            return status, steps
        for lane in range(LANES):
            if fresh[lane] or path[lane] < 0:
                for i in range(n):
                    y_re[i, lane] = y_im[i, lane] = 0.0
            else:
                _predict(n, lane, h[lane], c_re, c_im, weight, y_re, y_im)
            for i in range(q):
                s = t[lane] + h[lane]
                re[n + i, lane] = p_re[i, lane] + s * d_re[i, lane]
                im[n + i, lane] = p_im[i, lane] + s * d_im[i, lane]
        _load_point(n, x_re, x_im, y_re, y_im, re, im)
        _newton(n, code, out, re, im, lu_re, lu_im, pivots)
        _norms(n, rhs, lu_re, lu_im, weight, first)
        _newton(n, code, out, re, im, lu_re, lu_im, pivots)
        _norms(n, rhs, lu_re, lu_im, weight, second)
        for lane in range(LANES):
            moved[lane] = False
            p = path[lane]
            if p < 0:
                continue
            steps[p] += 1
            good = first[lane] < 0.1 and second[lane] < accept and second[lane] <= max(0.25 * first[lane], FLOOR)
            if good:
                moved[lane] = True
                t[lane] = t[lane] + h[lane]
                if first[lane] > 1e-9 and not fresh[lane]:
                    seen = second[lane] / (first[lane] * first[lane])
                    trust[lane] = max(0.5 * trust[lane], 2.0 * seen) if second[lane] > 1e-14 else 0.5 * trust[lane]
                fresh[lane] = False
                big = 0.0
                for i in range(n):
                    x_re[i, lane], x_im[i, lane] = re[i, lane], im[i, lane]
                    big = max(big, abs(complex(re[i, lane], im[i, lane])))
                for i in range(n):
                    weight[i, lane] = 1.0 / max(abs(complex(re[i, lane], im[i, lane])), 0.1 * big, 1e-6)
                ended = -1
                if t[lane] >= 1.0 - 1e-14:
                    ended = DONE
                elif big > far:
                    ended = DIVERGED
                elif steps[p] > max_steps:
                    ended = MANY_STEPS
            else:
                h[lane] *= 0.4
                ended = SMALL_STEP if fresh[lane] or h[lane] < 1e-13 else -1
                if steps[p] > max_steps:
                    ended = MANY_STEPS
            if ended >= 0:
                status[p] = ended
                for i in range(n):
                    points[p, i] = complex(x_re[i, lane], x_im[i, lane])
                path[lane] = -1
                active -= 1
                moved[lane] = False
        if active == 0 and queue == paths:
            return status, steps
        any_moved = False
        for lane in range(LANES):
            any_moved = any_moved or moved[lane]
        if not any_moved:
            continue
        _taylor(
            n, q, scode, sout, s_re, s_im, x_re, x_im, re[n : n + q], im[n : n + q], d_re, d_im,
            lu_re, lu_im, pivots, k_re, k_im,
        )  # fmt: skip
        for lane in range(LANES):
            if not moved[lane]:
                continue
            for i in range(ORDER * n):
                c_re[i, lane], c_im[i, lane] = k_re[i, lane], k_im[i, lane]
            h[lane] = _step_length(n, lane, c_re, c_im, weight, trust[lane], tolerance, beta)
            if h[lane] >= 1.0 - t[lane] or t[lane] + h[lane] > 1.0 - 1e-14:
                h[lane] = 1.0 - t[lane]
