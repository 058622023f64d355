"""All real zeros of S(w) = sum_j c_j exp(w t_j), isolated and certified; the sums that decide the critical points of Lt.

Trusted: signs are decided by balls that exclude zero, and completeness follows from a proof, not from a search.

Method. Let t_1 < ... < t_n and every c_j be non-zero. T(w) = S(w) exp(-w t_1) has the zeros of S, and its derivative is
an exponential sum of n - 1 terms. Between consecutive zeros of T', T is strictly monotone, so it has at most one zero
there, and it has one exactly when its signs at the two ends differ; the signs at the ends of the line are those of c_1
and c_n. By induction all zeros are found, and each is simple. Where the sign of T at a zero of T' cannot be decided, S
may have a multiple zero there, and nothing is claimed; for rational coefficients and commensurable nodes S is a
polynomial in exp(w d), whose multiple roots are split off exactly first.

The number of zeros with multiplicity is at most the number of sign changes of c_1, ..., c_n, and of the same parity
(Descartes' rule for exponential sums: G. Polya and G. Szego, Problems and Theorems in Analysis II, part V).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flint import arb, ctx, fmpq, fmpq_poly

from pgb.landscape.balls import exact

PRECISION: Final = 192
NARROW: Final = Fraction(1, 2**120)
FAR: Final = Fraction(2**40)
MAX_DEGREE: Final = 400
Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Zeros:
    """The real zeros of an exponential sum.

    Attributes
    ----------
    intervals
        Disjoint intervals in increasing order, each of width at most 2^-120 (relative to its size), each with exactly
        one zero.
    multiplicities
        Of the zeros, in the same order.
    complete
        True when it is proved that there are no others.
    sign_changes
        Descartes' bound, or None where a coefficient's sign is not known.
    reason
        Why it is complete, or what is undecided.
    identically_zero
        True when every coefficient is exactly 0.
    """

    intervals: tuple[Interval, ...]
    complete: bool
    sign_changes: int | None
    reason: str
    identically_zero: bool = False
    multiplicities: tuple[int, ...] = ()


class _Undecided(Exception):
    """A sign that the working precision does not decide."""


def zeros(coefficients: Sequence[Any], nodes: Sequence[Fraction]) -> Zeros:
    """Isolate all real zeros of sum_j c_j exp(w t_j).

    Parameters
    ----------
    coefficients
        n balls (or exact rationals), one for each node. A coefficient that is exactly 0 must be given as the number 0:
        a ball around 0 leaves the question undecided.
    nodes
        n distinct rationals t_j, in any order.

    Returns
    -------
    Zeros
        Complete with certified intervals; or not complete, with the reason.
    """
    terms = sorted((t, c) for t, c in zip(nodes, coefficients, strict=True) if not _exact_zero(c))
    if not terms:
        return Zeros((), True, 0, "every coefficient is exactly 0: the sum vanishes identically", True)
    if all(isinstance(c, int | Fraction) for _, c in terms):
        multiple = _with_multiplicity(terms)
        if multiple is not None:
            return multiple
    with ctx.workprec(PRECISION):
        t = [node for node, _ in terms]
        c = [exact(v) if isinstance(v, int | Fraction) else v for _, v in terms]
        if not all(v.is_finite() for v in c):
            return Zeros((), False, None, "a coefficient is not finite")
        try:
            signs = [_sign(v) for v in c]
        except _Undecided:
            return Zeros((), False, None, "the sign of a coefficient is not decided")
        changes = sum(a != b for a, b in itertools.pairwise(signs))
        try:
            found = _isolate(c, t)
        except _Undecided:
            return Zeros(
                (), False, changes, "a zero may be multiple: the sum cannot be told from 0 at a zero of its derivative"
            )
    return _complete(found, [1] * len(found), changes)


def _complete(found: Sequence[Interval], multiplicities: Sequence[int], changes: int) -> Zeros:
    count = f"{len(found)} zeros" if any(m > 1 for m in multiplicities) else f"{len(found)} simple zeros"
    reason = f"{count} of at most {changes} by sign changes, isolated between the zeros of the derivative"
    return Zeros(tuple(found), True, changes, reason, multiplicities=tuple(multiplicities))


def _with_multiplicity(terms: Sequence[tuple[Fraction, int | Fraction]]) -> Zeros | None:
    """Rational coefficients: if S is a polynomial in u = exp(w d) > 0 with multiple roots, split them off exactly.

    Returns None where the polynomial is squarefree (the general method serves) or its degree is above 400.
    """
    common = math.lcm(*(t.denominator for t, _ in terms))
    spread = [int((t - terms[0][0]) * common) for t, _ in terms]
    unit = math.gcd(*spread) or 1
    powers = [n // unit for n in spread]
    if max(powers) > MAX_DEGREE:
        return None
    row = [fmpq(0)] * (max(powers) + 1)
    for n, (_, c) in zip(powers, terms, strict=True):
        row[n] = fmpq(Fraction(c).numerator, Fraction(c).denominator)
    _, factors = fmpq_poly(row).factor_squarefree()
    if all(m == 1 for _, m in factors):
        return None
    found: list[tuple[Interval, int]] = []
    for factor, m in factors:
        parts = [(n * Fraction(unit, common), Fraction(int(c.p), int(c.q))) for n, c in enumerate(factor.coeffs())]
        inner = zeros([c for _, c in parts], [t for t, _ in parts])
        if not inner.complete:
            return None
        found += [(z, m) for z in inner.intervals]
    found.sort()
    if any(one[0][1] >= two[0][0] for one, two in itertools.pairwise(found)):
        return None
    changes = sum((one[1] > 0) != (two[1] > 0) for one, two in itertools.pairwise(terms))
    return _complete([z for z, _ in found], [m for _, m in found], changes)


def value(coefficients: Sequence[Any], nodes: Sequence[Fraction], at: Interval, power: int = 0) -> Any:
    """Enclose sum_j c_j t_j^power exp(w t_j) over an interval of w, as a ball."""
    with ctx.workprec(PRECISION):
        w = exact(at[0]).union(exact(at[1]))
        return _sum([exact(v) if isinstance(v, int | Fraction) else v for v in coefficients], nodes, w, power)


def _exact_zero(c: Any) -> bool:
    return isinstance(c, int | Fraction) and c == 0


def _sum(c: Sequence[arb], t: Sequence[Fraction], w: arb, power: int = 0) -> arb:
    total = arb(0)
    for ci, ti in zip(c, t, strict=True):
        total += ci * exact(ti) ** power * (w * exact(ti)).exp()
    return total


def _sign(ball: arb) -> int:
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    raise _Undecided


def _sign_at(c: Sequence[arb], t: Sequence[Fraction], w: Fraction) -> int:
    return _sign(_sum(c, [ti - t[0] for ti in t], exact(w)))


def _isolate(c: list[arb], t: list[Fraction]) -> list[Interval]:
    """Return isolating intervals of all zeros; the coefficients are non-zero and the nodes increase."""
    if len(c) == 1:
        return []
    shifted = [ti - t[0] for ti in t[1:]]
    turning = _isolate([ci * exact(ti) for ci, ti in zip(c[1:], shifted, strict=True)], shifted)
    signs = [_sign(c[0]), *(_sign_over(c, t, turn) for turn in turning), _sign(c[-1])]
    ends: list[Fraction | None] = [None, *(x for turn in turning for x in turn), None]
    out = []
    for n, (before, after) in enumerate(itertools.pairwise(signs)):
        if before != after:
            out.append(_bisect(c, t, ends[2 * n], ends[2 * n + 1], before))
    return out


def _sign_over(c: Sequence[arb], t: Sequence[Fraction], turn: Interval) -> int:
    """Return the sign of T over a whole isolating interval of a zero of T'."""
    w = exact(turn[0]).union(exact(turn[1]))
    return _sign(_sum(c, [ti - t[0] for ti in t], w))


def _bisect(
    c: Sequence[arb], t: Sequence[Fraction], low: Fraction | None, high: Fraction | None, below: int
) -> Interval:
    """Narrow the one zero between two points where the signs differ; None stands for an end of the line."""
    a = low if low is not None else _march(c, t, high, -1, below)
    b = high if high is not None else _march(c, t, low, 1, -below)
    while b - a > NARROW * max(Fraction(1), abs(a), abs(b)):
        middle = _rounded((a + b) / 2)
        try:
            sign = _sign_at(c, t, middle)
        except _Undecided:
            return _around(c, t, a, b, middle, below)
        a, b = (middle, b) if sign == below else (a, middle)
    return a, b


def _around(
    c: Sequence[arb], t: Sequence[Fraction], a: Fraction, b: Fraction, middle: Fraction, below: int
) -> Interval:
    """The sign at `middle` is not decided: it is (nearly) the zero. Return the least decided interval around it."""
    radius = NARROW * max(Fraction(1), abs(middle)) / 4
    while True:
        left, right = max(a, middle - radius), min(b, middle + radius)
        try:
            decided = _sign_at(c, t, left) == below and _sign_at(c, t, right) == -below
        except _Undecided:
            decided = False
        if decided:
            return left, right
        if left == a and right == b:
            return a, b
        radius *= 16


def _march(c: Sequence[arb], t: Sequence[Fraction], start: Fraction | None, way: int, wanted: int) -> Fraction:
    """Go outwards in doubling steps until T has the sign that it has at that end of the line."""
    step = Fraction(1)
    origin = start if start is not None else Fraction(0)
    while step <= FAR:
        w = origin + way * step
        try:
            if _sign_at(c, t, w) == wanted:
                return w
        except _Undecided:
            pass
        step *= 2
    raise _Undecided


def _rounded(x: Fraction, bits: int = 160) -> Fraction:
    """Return a nearby dyadic number, so that bisection does not grow the denominators."""
    return Fraction(round(x * 2**bits), 2**bits)
