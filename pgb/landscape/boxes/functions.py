"""Elementary functions on lanes of intervals, compiled by numba; trusted by the branch-and-prune search.

`pgb.landscape.boxes.twin` says the same in numpy, and a test holds the two equal bit by bit. The error bounds stated
here are proved in `pgb.landscape.boxes.enclosures`.
"""

from __future__ import annotations

import math

import numpy as np

from pgb.landscape.boxes import enclosures
from pgb.landscape.boxes.jit import compiled, inlined
from pgb.landscape.boxes.rounding import (
    EXP_HIGH,
    EXP_LOW,
    LN2_HIGH,
    LN2_LOW,
    LOG2E,
    MARGIN,
    TINY,
    ULP,
    WIDE_MARGIN,
)
from pgb.landscape.boxes.tape import Code

E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13 = enclosures.EXP_COEFFICIENTS
LOG_TERMS = enclosures.LOG_TERMS
ATAN_TERMS = enclosures.ATAN_TERMS
ERF_TABLE = enclosures.erf_table()
SIN_COEFFICIENTS = enclosures.SIN_COEFFICIENTS
COS_COEFFICIENTS = enclosures.COS_COEFFICIENTS
PI_1, PI_2, PI_3 = enclosures.HALF_PI_PARTS
TWO_OVER_PI, PI_QUARTER, PI_HALF = enclosures.TWO_OVER_PI, enclosures.PI_QUARTER, enclosures.PI_HALF

_LOG, _SQRT, _RECIP, _ERF = Code.LOG.value, Code.SQRT.value, Code.RECIP.value, Code.ERF.value


@inlined
def down(x):  # type: ignore[no-untyped-def]
    """Return a lower bound of the exact result that was rounded to x (rounding, lemma 1)."""
    return x - (abs(x) * ULP + TINY)


@inlined
def up(x):  # type: ignore[no-untyped-def]
    """Return an upper bound of the exact result that was rounded to x."""
    return x + (abs(x) * ULP + TINY)


@compiled
def exp_row(x, out, bits, scale, n):  # type: ignore[no-untyped-def]
    """Set out[l] to exp(x[l]) (1 + d), |d| <= 5 u, for -708 <= x[l] <= 709; `scale` is `bits` seen as doubles."""
    for l in range(n):
        t = x[l]
        k = np.floor(t * LOG2E + 0.5)
        r = (t - k * LN2_HIGH) - k * LN2_LOW
        q = E13
        q = q * r + E12
        q = q * r + E11
        q = q * r + E10
        q = q * r + E9
        q = q * r + E8
        q = q * r + E7
        q = q * r + E6
        q = q * r + E5
        q = q * r + E4
        q = q * r + E3
        q = q * r + E2
        q = q * r + E1
        q = q * r + E0
        out[l] = q
        bits[l] = (np.int64(k) + 1023) << 52
    for l in range(n):
        out[l] = out[l] * scale[l]


@inlined
def log1p_unit(e):  # type: ignore[no-untyped-def]
    """Return log(1 + e) (1 + d), |d| <= 6 u, for 0 <= e <= 1."""
    z = e / (2.0 + e)
    return atanh_twice(z)


@inlined
def atanh_twice(z):  # type: ignore[no-untyped-def]
    """Return 2 artanh(z) for |z| <= 1/3, by its series in z^2."""
    s = z * z
    q = LOG_TERMS[-1]
    for j in range(LOG_TERMS.size - 2, -1, -1):
        q = q * s + LOG_TERMS[j]
    return 2.0 * z * q


@compiled
def log_point(x):  # type: ignore[no-untyped-def]
    """Return log(x) (1 + d), |d| <= 16 u, for finite x > 0."""
    m, k = math.frexp(x)
    if m < 0.7071067811865476:
        m = 2.0 * m
        k = k - 1
    y = atanh_twice((m - 1.0) / (m + 1.0))
    return k * LN2_HIGH + (y + k * LN2_LOW)


@compiled
def atan_point(x):  # type: ignore[no-untyped-def]
    """Return arctan(x) (1 + d), |d| <= 16 u."""
    t = abs(x)
    flipped = t > 1.0
    if flipped:
        t = 1.0 / t
    moved = t > 0.4142135623730951
    z = (t - 1.0) / (t + 1.0) if moved else t
    s = z * z
    q = ATAN_TERMS[-1]
    for j in range(ATAN_TERMS.size - 2, -1, -1):
        q = q * s + ATAN_TERMS[j]
    y = z * q
    if moved:
        y = PI_QUARTER + y
    if flipped:
        y = PI_HALF - y
    return y if x >= 0.0 else -y


@compiled
def erf_point(x):  # type: ignore[no-untyped-def]
    """Return erf(x) + d, |d| <= 2^-47."""
    t = min(abs(x), 6.0)
    j = math.floor(2.0 * t + 0.5)
    h = t - 0.5 * j
    q = ERF_TABLE[j, ERF_TABLE.shape[1] - 1]
    for i in range(ERF_TABLE.shape[1] - 2, -1, -1):
        q = q * h + ERF_TABLE[j, i]
    return q if x >= 0.0 else -q


@compiled
def sin_point(x, quarter):  # type: ignore[no-untyped-def]
    """Return sin(x + quarter pi/2) + d, |d| <= 2^-49, for |x| <= 1e5."""
    k = np.floor(x * TWO_OVER_PI + 0.5)
    r = ((x - k * PI_1) - k * PI_2) - k * PI_3
    s = r * r
    turn = (np.int64(k) + quarter) & 3
    if turn & 1:
        q = COS_COEFFICIENTS[-1]
        for j in range(COS_COEFFICIENTS.size - 2, -1, -1):
            q = q * s + COS_COEFFICIENTS[j]
    else:
        q = SIN_COEFFICIENTS[-1]
        for j in range(SIN_COEFFICIENTS.size - 2, -1, -1):
            q = q * s + SIN_COEFFICIENTS[j]
        q = q * r
    return -q if turn & 2 else q


@compiled
def sin_row(al, ah, dl, dh, quarter, n):  # type: ignore[no-untyped-def]
    """Enclose sin(u + quarter pi/2): ends, and +-1 wherever an extremum may lie inside."""
    for l in range(n):
        a, b = al[l], ah[l]
        if not (a >= -1e5 and b <= 1e5):
            dl[l] = -1.0
            dh[l] = 1.0
            continue
        x, y = sin_point(a, quarter), sin_point(b, quarter)
        low = max(-1.0, min(x, y) - MARGIN)
        high = min(1.0, max(x, y) + MARGIN)
        shift = 0.5 * (1 - quarter)  # extrema of sin(u + quarter pi/2) lie at u = pi (j + shift), value (-1)^j
        first = math.floor(a * (0.5 * TWO_OVER_PI) - shift - 1e-9) + 1.0
        last = math.floor(b * (0.5 * TWO_OVER_PI) - shift + 1e-9)
        if last >= first:
            even = (np.int64(first) & 1) == 0
            if even or last > first:
                high = 1.0
            if not even or last > first:
                low = -1.0
        dl[l] = low
        dh[l] = high


@compiled
def tanh_rows(al, ah, dl, dh, sl, sh, work, bits, scale, n):  # type: ignore[no-untyped-def]
    """Enclose tanh in (dl, dh) and 1 - tanh^2 = 4 e / (1 + e)^2, e = exp(-2 |u|), in (sl, sh)."""
    x, e = work[0], work[1]
    for l in range(n):
        x[l] = -2.0 * min(abs(al[l]), 350.0)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        q = 1.0 + e[l]
        t = (1.0 - e[l]) / q
        t = t if al[l] >= 0.0 else -t
        low = t - MARGIN
        low = max(low, 0.0) if al[l] >= 0.0 else low
        dl[l] = max(low, -1.0)
        x[l] = 4.0 * e[l] / (q * q)
    y = work[2]
    for l in range(n):
        y[l] = -2.0 * min(abs(ah[l]), 350.0)
    exp_row(y, e, bits, scale, n)
    for l in range(n):
        q = 1.0 + e[l]
        t = (1.0 - e[l]) / q
        t = t if ah[l] >= 0.0 else -t
        high = t + MARGIN
        high = min(high, 0.0) if ah[l] <= 0.0 else high
        dh[l] = min(high, 1.0)
        s = 4.0 * e[l] / (q * q)
        low = min(x[l], s) * (1.0 - MARGIN)
        high = min(max(x[l], s) * (1.0 + MARGIN), 1.0)
        sl[l] = 0.0 if max(-al[l], ah[l]) > 350.0 else low
        sh[l] = 1.0 if (al[l] <= 0.0 and ah[l] >= 0.0) else high


@compiled
def sigmoid_rows(al, ah, dl, dh, sl, sh, work, bits, scale, n):  # type: ignore[no-untyped-def]
    """Enclose the logistic function in (dl, dh) and its derivative e / (1 + e)^2, e = exp(-|u|), in (sl, sh)."""
    x, e = work[0], work[1]
    for l in range(n):
        x[l] = -min(abs(al[l]), 700.0)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        q = 1.0 + e[l]
        t = 1.0 / q if al[l] >= 0.0 else e[l] / q
        dl[l] = 0.0 if al[l] < -700.0 else t * (1.0 - MARGIN)
        x[l] = e[l] / (q * q)
    y = work[2]
    for l in range(n):
        y[l] = -min(abs(ah[l]), 700.0)
    exp_row(y, e, bits, scale, n)
    for l in range(n):
        q = 1.0 + e[l]
        t = 1.0 / q if ah[l] >= 0.0 else e[l] / q
        dh[l] = min(t * (1.0 + MARGIN), 1.0)
        s = e[l] / (q * q)
        low = min(x[l], s) * (1.0 - MARGIN)
        high = min(max(x[l], s) * (1.0 + MARGIN), 0.25)
        sl[l] = 0.0 if max(-al[l], ah[l]) > 700.0 else low
        sh[l] = 0.25 if (al[l] <= 0.0 and ah[l] >= 0.0) else high


@compiled
def exp_rows(al, ah, dl, dh, work, bits, scale, n):  # type: ignore[no-untyped-def]
    """Enclose exp."""
    x, e = work[0], work[1]
    for l in range(n):
        x[l] = max(min(al[l], EXP_HIGH), EXP_LOW)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        x[l] = max(min(ah[l], EXP_HIGH), EXP_LOW)
        dl[l] = 0.0 if al[l] < EXP_LOW else e[l] * (1.0 - MARGIN)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        dh[l] = np.inf if ah[l] > EXP_HIGH else e[l] * (1.0 + MARGIN)


@compiled
def softplus_rows(al, ah, dl, dh, work, bits, scale, n):  # type: ignore[no-untyped-def]
    """Enclose log(1 + exp u) = max(u, 0) + log(1 + exp(-|u|))."""
    x, e = work[0], work[1]
    for l in range(n):
        x[l] = -min(abs(al[l]), 700.0)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        t = max(al[l], 0.0) + (0.0 if abs(al[l]) > 700.0 else log1p_unit(e[l]))
        dl[l] = t * (1.0 - MARGIN)
        x[l] = -min(abs(ah[l]), 700.0)
    exp_row(x, e, bits, scale, n)
    for l in range(n):
        dh[l] = (max(ah[l], 0.0) + log1p_unit(e[l])) * (1.0 + MARGIN)


@compiled
def point_rows(op, al, ah, dl, dh, n):  # type: ignore[no-untyped-def]
    """Enclose the functions that are computed end by end: log, sqrt, 1/u, erf, atan."""
    for l in range(n):
        a, b = al[l], ah[l]
        if op == _LOG:
            if a > 0.0 and b < np.inf:
                x, y = log_point(a), log_point(b)
                dl[l] = x - abs(x) * MARGIN
                dh[l] = y + abs(y) * MARGIN
            else:
                dl[l], dh[l] = -np.inf, np.inf
        elif op == _SQRT:
            if a >= 0.0:
                dl[l], dh[l] = max(down(math.sqrt(a)), 0.0), up(math.sqrt(b))
            else:
                dl[l], dh[l] = -np.inf, np.inf
        elif op == _RECIP:
            if a > 0.0 or b < 0.0:
                dl[l], dh[l] = down(1.0 / b), up(1.0 / a)
            else:
                dl[l], dh[l] = -np.inf, np.inf
        elif op == _ERF:
            x, y = erf_point(a) - WIDE_MARGIN, erf_point(b) + WIDE_MARGIN
            dl[l] = max(x, 0.0) if a >= 0.0 else max(x, -1.0)
            dh[l] = min(y, 0.0) if b <= 0.0 else min(y, 1.0)
        else:
            x, y = atan_point(a), atan_point(b)
            dl[l] = x - (abs(x) * MARGIN + TINY)
            dh[l] = y + (abs(y) * MARGIN + TINY)
