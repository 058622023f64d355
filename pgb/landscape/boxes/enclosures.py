"""Constants of the elementary functions, with the proofs of their error bounds; trusted by every lane of boxes.

The library's exp, tanh, erf are never used: their errors differ from one processor to the next and are not proved.
Everything below uses + - * / only, u = 2^-52, and holds in every rounding mode (`pgb.landscape.boxes.rounding`, (1)).

exp, -708 <= x <= 709. k = floor(x log2(e) + 1/2), r = (x - k H) - k L with H + L = log 2 up to 2^-85; |r| <= 0.3467.
  k H is exact (H has 32 bits, |k| < 1025); x - k H carries at most u |r|, k L at most 2^-60 and the last difference u |r|:
  the reduced argument is off by less than 0.71 u. The polynomial sum r^j / j!, j <= 13, omits less than
  r^14 / 14! * 1.03 < 2^-57. Horner's q_j = fl(fl(q_(j+1) r) + c_j) has errors E_j <= u (Q_j + 0.35 Q_(j+1)) + 0.35 E_(j+1)
  + u c_j / 2, where Q_j bounds |q_j|: Q_3 = 0.19, Q_2 = 0.57, Q_1 = 1.20, Q_0 = 1.42 and c_0, c_1, c_2 are exact, so
  E_3 <= 0.4 u, E_2 <= 0.8 u, E_1 <= 1.7 u, E_0 <= 2.5 u. q_0 >= 0.70, and the factor 2^k is exact (the result is normal):
  relative error at most (2.5 / 0.70 + 0.71 + 0.03) u < 5 u.
tanh = (1 - e) / (1 + e), e = exp(-2 |u|), |u| <= 350 (beyond, the bound at 350 holds by monotonicity). e/(1+e)^2 <= 1/4 turns
  the error of e into at most 2 * 5 u / 4; three roundings add 3 u: absolute error below 6 u < 16 u = MARGIN.
1 - tanh^2 = 4 e / (1 + e)^2. d log / d log e = (1 - e) / (1 + e) <= 1: 5 u from e, four roundings of one u: relative error
  below 10 u. It decreases in |u|, is 1 at 0, and beyond 350 only 0 <= . <= its value at 350 is used.
sigmoid = 1 / (1 + e) or e / (1 + e), e = exp(-|u|), |u| <= 700: relative error at most 5 u + 2 u + O(u^2) < 16 u; its
  derivative e / (1 + e)^2 as above.
log(1 + e), 0 <= e <= 1: z = e / (2 + e) <= 1/3 (2 u), 2 z sum z^(2 j) / (2 j + 1), j < 18: the omitted rest is below
  9^-18 / 37 * 9/8 < 2^-60; Horner with positive terms and s <= 1/9: below 1.5 u; two products: relative error < 6 u.
softplus = max(u, 0) + log(1 + exp(-|u|)): 5 u (from e) + 6 u + u < 16 u, relative, both terms being non-negative.
log x: x = 2^k m, sqrt(1/2) <= m < sqrt 2; m - 1 is exact, z = (m - 1)/(m + 1), |z| <= 0.1716: 2 u; the series as above: below 6 u in
  all. k H is exact; for k != 0 the result is at least 0.34 and the absolute error at most 0.35 (6 u + u) + u |result|.
  Relative error < 9 u.
arctan: t = |x| or 1 / |x| (u); for t > sqrt 2 - 1, arctan t = pi/4 + arctan z, z = (t - 1)/(t + 1), |z| <= 0.4143. The alternating series with
  24 terms omits less than 2^-60. Errors: z at most 2.3 u, z q(z^2) at most 3.7 u, sums one u each, and results are at least 0.39 after
  the first shift, 0.78 after the second: relative error < 16 u. Without shifts: 4 u, and 2^-1022 where the result is
  subnormal. (No other function here returns subnormal numbers.)
sin, cos, |x| <= 1e5: k = floor(2 x / pi + 1/2) < 2^16, pi/2 = P1 + P2 + P3 up to 2^-115, P1 and P2 of 33 bits: k P1, k P2 exact; three
  subtractions carry at most 0.79 u each. The Taylor polynomials of degree 17 and 16 omit less than 2^-58, Horner adds less than
  2 u: absolute error < 5 u. Extrema are located with a tolerance of 1e-9 half-turns, far above the error of x / pi.
erf: on |t - c| <= 1/4, c = 0, 1/2, .., 6, the Taylor polynomial of degree 18. erf^(n+1)(t) = 2/sqrt(pi) (-1)^n H_n(t) exp(-t^2), and
  Cramer's inequality |H_n(t)| exp(-t^2/2) <= 1.0865 sqrt(2^n n!) (Abramowitz and Stegun, 22.14.17) bounds the rest by
  1.23 sqrt(2^18 18!) / 19! / 4^19 < 2^-59. Coefficients are correct to 2^-53; Horner's error is at most 38 u sum |a_j| 4^-j < 64 u / 1.1.
  For |t| > 6: 1 - 2^-55 < erf < 1. Absolute error at most 2^-46 = WIDE_MARGIN, which `lanes` adds.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

EXP_COEFFICIENTS: Final = tuple(1.0 / factorial(j) for j in range(14))
LOG_TERMS: Final[NDArray[np.float64]] = np.array([1.0 / (2 * j + 1) for j in range(18)])
ATAN_TERMS: Final[NDArray[np.float64]] = np.array([(-1.0) ** j / (2 * j + 1) for j in range(24)])
SIN_COEFFICIENTS: Final[NDArray[np.float64]] = np.array([(-1.0) ** j / factorial(2 * j + 1) for j in range(9)])
COS_COEFFICIENTS: Final[NDArray[np.float64]] = np.array([(-1.0) ** j / factorial(2 * j) for j in range(9)])
TWO_OVER_PI: Final = 0.6366197723675814
PI_HALF: Final = 1.5707963267948966
PI_QUARTER: Final = 0.7853981633974483
HALF_PI_PARTS: Final = (1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21)

ERF_DEGREE: Final = 18
ERF_CENTRES: Final = 13


@cache
def erf_table() -> NDArray[np.float64]:
    """Return the Taylor coefficients of erf at 0, 1/2, .., 6: shape (13, 19), each the nearest double."""
    from flint import arb, ctx

    saved = ctx.prec
    ctx.prec = 200
    try:
        table = np.empty((ERF_CENTRES, ERF_DEGREE + 1))
        for j in range(ERF_CENTRES):
            c = arb(j) / 2
            factor = 2 * (-c * c).exp() / arb.pi().sqrt()
            hermite = [arb(1), 2 * c]
            for n in range(2, ERF_DEGREE):
                hermite.append(2 * c * hermite[-1] - 2 * (n - 1) * hermite[-2])
            table[j, 0] = float(c.erf().mid())
            for n in range(1, ERF_DEGREE + 1):
                table[j, n] = float(((-1) ** (n - 1) * factor * hermite[n - 1] / factorial(n)).mid())
        return table
    finally:
        ctx.prec = saved
