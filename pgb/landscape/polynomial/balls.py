"""TRUSTED. Arrays of complex balls in double precision: ``|z - (re + i im)| <= rad``, with radii that are proved upper bounds.

Rounding, with u = 2^-53 and the smallest double eta = 2^-1074. One operation on doubles returns ``(a o b)(1 + d) + e`` with
``|d| <= u`` and ``|e| <= eta`` (e = 0 for sums). numpy's elementwise ``+ - *`` on float64 arrays are such operations, one at a
time, never contracted. Write ``M(z) = |re| + |im| >= |z|``.

Sum. Each part of the result r errs by at most ``u |exact| <= u |r| / (1 - u) <= 2 u |r|``, together at most ``2 u M(r)``.

Product. Each part is a sum of two rounded products and errs by at most ``(2u + u^2)`` times the sum of their absolute values,
plus ``3 eta``; the two parts together err by at most ``(2u + u^2) M(a) M(b) + 6 eta``, which ``3 u M(a) M(b) + TINY`` covers.
The radius must cover that and ``M(a) rb + ra M(b) + ra rb``.

Radii are themselves computed in doubles from at most twelve operations on nonnegative numbers. Such a computation returns at
least ``(1 - u)^12`` times the exact value minus twelve eta (times factors below 2^10 at the sizes where eta matters); the added
TINY = 2^-900 covers the second and the final factor ``1 + 2^-48 >= (1 - u)^-13`` the first, its own rounding included.
An overflow gives an infinite or NaN radius; `finite` says so, and every test below is written so that NaN fails it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pgb.errors import InputError

Floats = npt.NDArray[np.float64]

UNIT = 2.0**-53
TINY = 2.0**-900
UP = 1.0 + 2.0**-48


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """Complex balls; the three arrays broadcast against each other."""

    re: Floats
    im: Floats
    rad: Floats
    _size: list[Floats] = field(default_factory=list, repr=False)

    @property
    def size(self) -> Floats:
        """``M`` of the centre, computed once."""
        if not self._size:
            self._size.append(np.abs(self.re) + np.abs(self.im))
        return self._size[0]

    def __add__(self, other: Balls) -> Balls:
        re, im = self.re + other.re, self.im + other.im
        return Balls(re, im, (self.rad + other.rad + 2.0 * UNIT * (np.abs(re) + np.abs(im)) + TINY) * UP)

    def __sub__(self, other: Balls) -> Balls:
        re, im = self.re - other.re, self.im - other.im
        return Balls(re, im, (self.rad + other.rad + 2.0 * UNIT * (np.abs(re) + np.abs(im)) + TINY) * UP)

    def __mul__(self, other: Balls) -> Balls:
        a, b = self.size, other.size
        re = self.re * other.re - self.im * other.im
        im = self.re * other.im + self.im * other.re
        rad = (a * other.rad + self.rad * (b + other.rad) + 3.0 * UNIT * (a * b) + TINY) * UP
        return Balls(re, im, rad)

    @property
    def finite(self) -> npt.NDArray[np.bool_]:
        """Where the ball is a bounded set: finite centre, finite nonnegative radius."""
        return np.asarray(np.isfinite(self.re) & np.isfinite(self.im) & np.isfinite(self.rad) & (self.rad >= 0.0))


def exact_ball(value: Fraction) -> tuple[float, float]:
    """Return the nearest double of an exact number and an upper bound of its error.

    Raises
    ------
    InputError
        When the number is too large for a double.
    """
    try:
        centre = float(value)
    except OverflowError as err:
        raise InputError(
            "coefficients", f"numbers below 10^308 in size; found one of {value.numerator.bit_length()} bits"
        ) from err
    error = abs(value - Fraction(centre))
    return centre, 0.0 if error == 0 else float(np.nextafter(float(error) + TINY, np.inf))


def constant(value: Fraction) -> Balls:
    """Return an exact number as a ball."""
    centre, radius = exact_ball(value)
    return Balls(np.array(centre), np.array(0.0), np.array(radius))


def table(rows: Sequence[Sequence[Fraction]]) -> tuple[Floats, Floats]:
    """Return centres and radii, each of shape (len(rows), q), of rows of exact numbers."""
    pairs = np.array([[exact_ball(v) for v in row] for row in rows], float).reshape(len(rows), -1, 2)
    return pairs[:, :, 0], pairs[:, :, 1]
