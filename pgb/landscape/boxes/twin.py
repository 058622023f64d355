"""The interpreter of `lanes` said a second time, in plain numpy: the reference that tests compare with, bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pgb.landscape.boxes import enclosures
from pgb.landscape.boxes.rounding import (
    EXP_HIGH,
    EXP_LOW,
    LARGE,
    LN2_HIGH,
    LN2_LOW,
    LOG2E,
    MARGIN,
    TINY,
    ULP,
    WIDE_MARGIN,
)
from pgb.landscape.boxes.tape import Code, Tape

Floats = NDArray[np.float64]
Interval = tuple[Floats, Floats]


def down(x: Floats) -> Floats:
    """Return a lower bound of the exact result that was rounded to x."""
    return x - (np.abs(x) * ULP + TINY)


def up(x: Floats) -> Floats:
    """Return an upper bound of the exact result that was rounded to x."""
    return x + (np.abs(x) * ULP + TINY)


def horner(coefficients: Any, x: Floats) -> Floats:
    """Evaluate a polynomial, lowest coefficient first."""
    q = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        q = q * x + c
    return q


def exp(x: Floats) -> Floats:
    """Return exp(x) with the error bound of `enclosures`, -708 <= x <= 709."""
    k = np.floor(x * LOG2E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    return horner(enclosures.EXP_COEFFICIENTS, r) * np.ldexp(1.0, k.astype(np.int64))


def atanh_twice(z: Floats) -> Floats:
    """Return 2 artanh(z), |z| <= 1/3."""
    return 2.0 * z * horner(enclosures.LOG_TERMS, z * z)


def log(x: Floats) -> Floats:
    """Return log(x), x > 0."""
    m, k = np.frexp(x)
    small = m < 0.7071067811865476
    m, k = np.where(small, 2.0 * m, m), (k - small).astype(float)
    return k * LN2_HIGH + (atanh_twice((m - 1.0) / (m + 1.0)) + k * LN2_LOW)


def atan(x: Floats) -> Floats:
    """Return arctan(x)."""
    t = np.abs(x)
    flipped = t > 1.0
    t = np.where(flipped, 1.0 / t, t)
    moved = t > 0.4142135623730951
    z = np.where(moved, (t - 1.0) / (t + 1.0), t)
    y = z * horner(enclosures.ATAN_TERMS, z * z)
    y = np.where(moved, enclosures.PI_QUARTER + y, y)
    y = np.where(flipped, enclosures.PI_HALF - y, y)
    return np.where(x >= 0.0, y, -y)


def erf(x: Floats) -> Floats:
    """Return erf(x)."""
    table = enclosures.erf_table()
    t = np.minimum(np.abs(x), 6.0)
    j = np.floor(2.0 * t + 0.5).astype(np.int64)
    h = t - 0.5 * j
    q = table[j, -1]
    for i in range(table.shape[1] - 2, -1, -1):
        q = q * h + table[j, i]
    return np.where(x >= 0.0, q, -q)


def sin(x: Floats, quarter: int) -> Floats:
    """Return sin(x + quarter pi/2), |x| <= 1e5."""
    p1, p2, p3 = enclosures.HALF_PI_PARTS
    k = np.floor(x * enclosures.TWO_OVER_PI + 0.5)
    r = ((x - k * p1) - k * p2) - k * p3
    turn = (k.astype(np.int64) + quarter) & 3
    even, odd = horner(enclosures.SIN_COEFFICIENTS, r * r) * r, horner(enclosures.COS_COEFFICIENTS, r * r)
    q = np.where(turn & 1, odd, even)
    return np.where(turn & 2, -q, q)


def _sin_interval(a: Floats, b: Floats, quarter: int) -> Interval:
    near = (a >= -1e5) & (b <= 1e5)
    x, y = np.where(near, a, 0.0), np.where(near, b, 0.0)
    p, q = sin(x, quarter), sin(y, quarter)
    low, high = np.maximum(-1.0, np.minimum(p, q) - MARGIN), np.minimum(1.0, np.maximum(p, q) + MARGIN)
    shift = 0.5 * (1 - quarter)
    first = np.floor(x * (0.5 * enclosures.TWO_OVER_PI) - shift - 1e-9) + 1.0
    last = np.floor(y * (0.5 * enclosures.TWO_OVER_PI) - shift + 1e-9)
    even = (first.astype(np.int64) & 1) == 0
    top = (last >= first) & (even | (last > first))
    bottom = (last >= first) & (~even | (last > first))
    return np.where(near & ~bottom, low, -1.0), np.where(near & ~top, high, 1.0)


def _tanh(a: Floats, b: Floats) -> tuple[Interval, Interval]:
    e, f = exp(-2.0 * np.minimum(np.abs(a), 350.0)), exp(-2.0 * np.minimum(np.abs(b), 350.0))
    t, s = (1.0 - e) / (1.0 + e), (1.0 - f) / (1.0 + f)
    low, high = np.where(a >= 0.0, t, -t) - MARGIN, np.where(b >= 0.0, s, -s) + MARGIN
    low = np.maximum(np.where(a >= 0.0, np.maximum(low, 0.0), low), -1.0)
    high = np.minimum(np.where(b <= 0.0, np.minimum(high, 0.0), high), 1.0)
    p, q = 4.0 * e / ((1.0 + e) * (1.0 + e)), 4.0 * f / ((1.0 + f) * (1.0 + f))
    return (low, high), _bell(a, b, p, q, 1.0, 350.0)


def _bell(a: Floats, b: Floats, p: Floats, q: Floats, top: float, far: float) -> Interval:
    low = np.where(np.maximum(-a, b) > far, 0.0, np.minimum(p, q) * (1.0 - MARGIN))
    high = np.minimum(np.maximum(p, q) * (1.0 + MARGIN), top)
    return low, np.where((a <= 0.0) & (b >= 0.0), top, high)


def _sigmoid(a: Floats, b: Floats) -> tuple[Interval, Interval]:
    e, f = exp(-np.minimum(np.abs(a), 700.0)), exp(-np.minimum(np.abs(b), 700.0))
    t = np.where(a >= 0.0, 1.0 / (1.0 + e), e / (1.0 + e))
    s = np.where(b >= 0.0, 1.0 / (1.0 + f), f / (1.0 + f))
    low, high = np.where(a < -700.0, 0.0, t * (1.0 - MARGIN)), np.minimum(s * (1.0 + MARGIN), 1.0)
    p, q = e / ((1.0 + e) * (1.0 + e)), f / ((1.0 + f) * (1.0 + f))
    return (low, high), _bell(a, b, p, q, 0.25, 700.0)


def _exp(a: Floats, b: Floats) -> Interval:
    low = np.where(a < EXP_LOW, 0.0, exp(np.clip(a, EXP_LOW, EXP_HIGH)) * (1.0 - MARGIN))
    return low, np.where(b > EXP_HIGH, np.inf, exp(np.clip(b, EXP_LOW, EXP_HIGH)) * (1.0 + MARGIN))


def _softplus(a: Floats, b: Floats) -> Interval:
    e, f = exp(-np.minimum(np.abs(a), 700.0)), exp(-np.minimum(np.abs(b), 700.0))
    low = np.maximum(a, 0.0) + np.where(np.abs(a) > 700.0, 0.0, atanh_twice(e / (2.0 + e)))
    return low * (1.0 - MARGIN), (np.maximum(b, 0.0) + atanh_twice(f / (2.0 + f))) * (1.0 + MARGIN)


def _where(known: NDArray[np.bool_], low: Floats, high: Floats) -> Interval:
    return np.where(known, low, -np.inf), np.where(known, high, np.inf)


def _log(a: Floats, b: Floats) -> Interval:
    known = (a > 0.0) & (b < np.inf)
    x, y = log(np.where(known, a, 1.0)), log(np.where(known, b, 1.0))
    return _where(known, x - np.abs(x) * MARGIN, y + np.abs(y) * MARGIN)


def _sqrt(a: Floats, b: Floats) -> Interval:
    known = a >= 0.0
    x, y = np.sqrt(np.where(known, a, 1.0)), np.sqrt(np.where(known, b, 1.0))
    return _where(known, np.maximum(down(x), 0.0), up(y))


def _recip(a: Floats, b: Floats) -> Interval:
    known = (a > 0.0) | (b < 0.0)
    return _where(known, down(1.0 / np.where(known, b, 1.0)), up(1.0 / np.where(known, a, 1.0)))


def _erf(a: Floats, b: Floats) -> Interval:
    x, y = erf(a) - WIDE_MARGIN, erf(b) + WIDE_MARGIN
    low = np.where(a >= 0.0, np.maximum(x, 0.0), np.maximum(x, -1.0))
    return low, np.where(b <= 0.0, np.minimum(y, 0.0), np.minimum(y, 1.0))


def _atan(a: Floats, b: Floats) -> Interval:
    x, y = atan(a), atan(b)
    return x - (np.abs(x) * MARGIN + TINY), y + (np.abs(y) * MARGIN + TINY)


UNARY: Final[dict[int, Callable[[Floats, Floats], Interval]]] = {
    Code.EXP: _exp,
    Code.LOG: _log,
    Code.SQRT: _sqrt,
    Code.RECIP: _recip,
    Code.SOFTPLUS: _softplus,
    Code.ERF: _erf,
    Code.ATAN: _atan,
    Code.SIN: lambda a, b: _sin_interval(a, b, 0),
    Code.COS: lambda a, b: _sin_interval(a, b, 1),
    Code.ABS: lambda a, b: (np.maximum(np.maximum(a, -b), 0.0), np.maximum(-a, b)),
    Code.SIGN: lambda a, b: (np.where(a > 0.0, 1.0, -1.0), np.where(b < 0.0, -1.0, 1.0)),
    Code.STEP: lambda a, b: (np.where(a > 0.0, 1.0, 0.0), np.where(b < 0.0, 0.0, 1.0)),
    Code.RELU: lambda a, b: (np.maximum(a, 0.0), np.maximum(b, 0.0)),
}


def multiply(a: Interval, b: Interval) -> Interval:
    """Enclose the product."""
    p, q, r, s = a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]
    low, high = np.minimum(np.minimum(p, q), np.minimum(r, s)), np.maximum(np.maximum(p, q), np.maximum(r, s))
    return down(low), up(high)


def _square(a: Interval) -> Interval:
    p, q = a[0] * a[0], a[1] * a[1]
    low = np.maximum(down(np.minimum(p, q)), 0.0)
    return np.where((a[0] <= 0.0) & (a[1] >= 0.0), 0.0, low), up(np.maximum(p, q))


def _power(a: Interval, k: int) -> Interval:
    x, y = np.abs(a[0]), np.abs(a[1])
    xl, xh, yl, yh = x, x, y, y
    for _ in range(k - 1):
        xl, xh = np.maximum(down(xl * x), 0.0), up(xh * x)
        yl, yh = np.maximum(down(yl * y), 0.0), up(yh * y)
    if k % 2 == 0:
        return np.where((a[0] <= 0.0) & (a[1] >= 0.0), 0.0, np.minimum(xl, yl)), np.maximum(xh, yh)
    return np.where(a[0] >= 0.0, xl, -xh), np.where(a[1] >= 0.0, yh, -yl)


def _linear(op: int, a: Interval, b: Interval, k: tuple[float, float]) -> Interval:
    if op == Code.ADDC:
        return down(a[0] + k[0]), up(a[1] + k[1])
    low, high = multiply(a, (np.asarray(k[0]), np.asarray(k[1])))
    return (low, high) if op == Code.SMUL else (down(b[0] + low), up(b[1] + high))


def _select(a: Interval, b: Interval, c: Interval) -> Interval:
    low = np.where(a[0] > 0.0, b[0], np.where(a[1] < 0.0, c[0], np.minimum(b[0], c[0])))
    return low, np.where(a[0] > 0.0, b[1], np.where(a[1] < 0.0, c[1], np.maximum(b[1], c[1])))


def run(tape: Tape, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Enclose rows and second derivatives over N boxes, with every overflow turned into the whole line.

    Parameters
    ----------
    low, high
        Shape (n, N).

    Returns
    -------
    lower, upper
        Shape (rows + n * n, N).
    """
    registers: dict[int, Interval] = {k: (low[k], high[k]) for k in range(tape.n)}
    with np.errstate(all="ignore"):
        for row, k in zip(tape.code.tolist(), tape.constants.tolist(), strict=True):
            op, d, a, b, c = row
            if op in (Code.TANH, Code.SIGMOID):
                first, second = (_tanh if op == Code.TANH else _sigmoid)(*registers[a])
                registers[d], registers[b] = _bounded(first), _bounded(second)
                continue
            registers[d] = _bounded(_step(op, registers, (a, b, c), (k[0], k[1]), low[0]))
    wanted = [*tape.rows.tolist(), *tape.hessian.reshape(-1).tolist()]
    return np.array([registers[r][0] for r in wanted]), np.array([registers[r][1] for r in wanted])


def _step(
    op: int, registers: dict[int, Interval], operands: tuple[int, int, int], k: tuple[float, float], like: Floats
) -> Interval:
    a, b, c = operands
    match op:
        case Code.CONST:
            return np.full_like(like, k[0]), np.full_like(like, k[1])
        case Code.ADD:
            return down(registers[a][0] + registers[b][0]), up(registers[a][1] + registers[b][1])
        case Code.SUB:
            return down(registers[a][0] - registers[b][1]), up(registers[a][1] - registers[b][0])
        case Code.MUL:
            return multiply(registers[a], registers[b])
        case Code.SQR:
            return _square(registers[a])
        case Code.POW:
            return _power(registers[a], c)
        case Code.SMUL | Code.ADDC | Code.AXPY:
            return _linear(op, registers[a], registers[b] if op == Code.AXPY else registers[a], k)
        case Code.SELECT:
            return _select(registers[a], registers[b], registers[c])
    return UNARY[op](*registers[a])


def _bounded(x: Interval) -> Interval:
    fine = (x[0] >= -LARGE) & (x[1] <= LARGE)
    return _where(fine, x[0], x[1])
