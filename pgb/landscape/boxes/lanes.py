"""Interval operations on lanes of boxes and the tape's interpreter, compiled by numba; trusted by the search.

`pgb.landscape.boxes.twin` says the same in numpy, and a test holds the two equal bit by bit. The rounding is justified
in `pgb.landscape.boxes.rounding`.
"""

from __future__ import annotations

import numpy as np

from pgb.landscape.boxes.functions import (
    down,
    exp_rows,
    point_rows,
    sigmoid_rows,
    sin_row,
    softplus_rows,
    tanh_rows,
    up,
)
from pgb.landscape.boxes.jit import compiled
from pgb.landscape.boxes.rounding import LARGE
from pgb.landscape.boxes.tape import Code

_CONST, _ADD, _SUB, _MUL, _SQR = Code.CONST.value, Code.ADD.value, Code.SUB.value, Code.MUL.value, Code.SQR.value
_SMUL, _AXPY, _ADDC, _POW = Code.SMUL.value, Code.AXPY.value, Code.ADDC.value, Code.POW.value
_TANH, _SIGMOID, _EXP = Code.TANH.value, Code.SIGMOID.value, Code.EXP.value
_SOFTPLUS, _SIN, _COS, _ABS = Code.SOFTPLUS.value, Code.SIN.value, Code.COS.value, Code.ABS.value
_SIGN, _STEP, _RELU, _SELECT = Code.SIGN.value, Code.STEP.value, Code.RELU.value, Code.SELECT.value


@compiled
def kink_rows(op, al, ah, dl, dh, n):  # type: ignore[no-untyped-def]
    """Enclose |u|, sign u, step u and relu u; at 0 sign and step take every value between their limits."""
    for l in range(n):
        a, b = al[l], ah[l]
        if op == _ABS:
            dl[l] = max(a, -b, 0.0)
            dh[l] = max(-a, b)
        elif op == _SIGN:
            dl[l] = 1.0 if a > 0.0 else -1.0
            dh[l] = -1.0 if b < 0.0 else 1.0
        elif op == _STEP:
            dl[l] = 1.0 if a > 0.0 else 0.0
            dh[l] = 0.0 if b < 0.0 else 1.0
        else:
            dl[l] = max(a, 0.0)
            dh[l] = max(b, 0.0)


@compiled
def power_rows(al, ah, dl, dh, k, n):  # type: ignore[no-untyped-def]
    """Enclose u^k, k >= 3: the powers of the ends, and 0 for even k across zero; each product rounded outward."""
    for l in range(n):
        x, y = abs(al[l]), abs(ah[l])
        xl, xh, yl, yh = x, x, y, y
        for _ in range(k - 1):
            xl, xh = max(down(xl * x), 0.0), up(xh * x)
            yl, yh = max(down(yl * y), 0.0), up(yh * y)
        if k % 2 == 0:
            dl[l] = 0.0 if (al[l] <= 0.0 and ah[l] >= 0.0) else min(xl, yl)
            dh[l] = max(xh, yh)
        else:
            dl[l] = xl if al[l] >= 0.0 else -xh
            dh[l] = yh if ah[l] >= 0.0 else -yl


@compiled
def linear_rows(op, al, ah, bl, bh, dl, dh, kl, kh, n):  # type: ignore[no-untyped-def]  # noqa: PLR0912
    """Enclose k a, b + k a or a + k for an enclosed constant k of one sign."""
    if op == _ADDC:
        for l in range(n):
            dl[l] = down(al[l] + kl)
            dh[l] = up(ah[l] + kh)
    elif op == _SMUL:
        if kl == kh and kl >= 0.0:
            for l in range(n):
                dl[l] = down(kl * al[l])
                dh[l] = up(kl * ah[l])
        elif kl == kh:
            for l in range(n):
                dl[l] = down(kl * ah[l])
                dh[l] = up(kl * al[l])
        else:
            for l in range(n):
                p, q, r, s = kl * al[l], kl * ah[l], kh * al[l], kh * ah[l]
                dl[l] = down(min(p, q, r, s))
                dh[l] = up(max(p, q, r, s))
    elif kl == kh and kl >= 0.0:
        for l in range(n):
            dl[l] = down(bl[l] + down(kl * al[l]))
            dh[l] = up(bh[l] + up(kl * ah[l]))
    elif kl == kh:
        for l in range(n):
            dl[l] = down(bl[l] + down(kl * ah[l]))
            dh[l] = up(bh[l] + up(kl * al[l]))
    else:
        for l in range(n):
            p, q, r, s = kl * al[l], kl * ah[l], kh * al[l], kh * ah[l]
            dl[l] = down(bl[l] + down(min(p, q, r, s)))
            dh[l] = up(bh[l] + up(max(p, q, r, s)))


@compiled
def product_rows(al, ah, bl, bh, dl, dh, n):  # type: ignore[no-untyped-def]
    """Enclose a b."""
    for l in range(n):
        p, q, r, s = al[l] * bl[l], al[l] * bh[l], ah[l] * bl[l], ah[l] * bh[l]
        dl[l] = down(min(p, q, r, s))
        dh[l] = up(max(p, q, r, s))


@compiled
def simple_rows(op, al, ah, bl, bh, dl, dh, n):  # type: ignore[no-untyped-def]
    """Enclose a + b, a - b or a^2."""
    if op == _ADD:
        for l in range(n):
            dl[l] = down(al[l] + bl[l])
            dh[l] = up(ah[l] + bh[l])
    elif op == _SUB:
        for l in range(n):
            dl[l] = down(al[l] - bh[l])
            dh[l] = up(ah[l] - bl[l])
    else:
        for l in range(n):
            p, q = al[l] * al[l], ah[l] * ah[l]
            low = max(down(min(p, q)), 0.0)
            dl[l] = 0.0 if (al[l] <= 0.0 and ah[l] >= 0.0) else low
            dh[l] = up(max(p, q))


@compiled
def select_rows(al, ah, bl, bh, cl, ch, dl, dh, n):  # type: ignore[no-untyped-def]
    """Enclose 'b where a > 0, c where a < 0'; the hull of both where a may vanish."""
    for l in range(n):
        if al[l] > 0.0:
            dl[l], dh[l] = bl[l], bh[l]
        elif ah[l] < 0.0:
            dl[l], dh[l] = cl[l], ch[l]
        else:
            dl[l], dh[l] = min(bl[l], cl[l]), max(bh[l], ch[l])


@compiled
def run(code, constants, start, stop, lo, hi, work, bits, scale, n, checked):  # type: ignore[no-untyped-def]  # noqa: PLR0912
    """Run operations start .. stop - 1 of a tape on lanes 0 .. n - 1.

    Parameters
    ----------
    lo, hi
        Shape (registers, lanes): the ends; the variables' registers are set by the caller.
    work, bits, scale
        Scratch: (4, lanes) doubles, (lanes,) int64, and the same memory seen as doubles.
    checked
        Whether ends beyond `LARGE` become infinite (see `rounding`); False only where that was shown impossible.
    """
    for i in range(start, stop):
        op, d, a, b, c = code[i, 0], code[i, 1], code[i, 2], code[i, 3], code[i, 4]
        dl, dh, al, ah = lo[d], hi[d], lo[a], hi[a]
        if op == _MUL:
            product_rows(al, ah, lo[b], hi[b], dl, dh, n)
        elif op in (_ADD, _SUB, _SQR):
            simple_rows(op, al, ah, lo[b], hi[b], dl, dh, n)
        elif op in (_SMUL, _AXPY, _ADDC):
            linear_rows(op, al, ah, lo[b], hi[b], dl, dh, constants[i, 0], constants[i, 1], n)
        elif op == _TANH:
            tanh_rows(al, ah, dl, dh, lo[b], hi[b], work, bits, scale, n)
            if checked:
                bounded(lo[b], hi[b], n)
        elif op == _SIGMOID:
            sigmoid_rows(al, ah, dl, dh, lo[b], hi[b], work, bits, scale, n)
        elif op == _CONST:
            for l in range(n):
                dl[l] = constants[i, 0]
                dh[l] = constants[i, 1]
        elif op == _EXP:
            exp_rows(al, ah, dl, dh, work, bits, scale, n)
        elif op == _SOFTPLUS:
            softplus_rows(al, ah, dl, dh, work, bits, scale, n)
        elif op == _POW:
            power_rows(al, ah, dl, dh, c, n)
        elif op == _SIN:
            sin_row(al, ah, dl, dh, 0, n)
        elif op == _COS:
            sin_row(al, ah, dl, dh, 1, n)
        elif op == _SELECT:
            select_rows(al, ah, lo[b], hi[b], lo[c], hi[c], dl, dh, n)
        elif op in (_ABS, _SIGN, _STEP, _RELU):
            kink_rows(op, al, ah, dl, dh, n)
        else:
            point_rows(op, al, ah, dl, dh, n)
        if checked:
            bounded(dl, dh, n)


@compiled
def bounded(dl, dh, n):  # type: ignore[no-untyped-def]
    """Replace what is not within +-LARGE, NaN included, by the whole line."""
    for l in range(n):
        if not (dl[l] >= -LARGE and dh[l] <= LARGE):
            dl[l] = -np.inf
            dh[l] = np.inf
