"""Balls in doubles contain the exact results of the operations on every point of their operands: exact rational check."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.landscape.polynomial.balls import Balls, constant, exact_ball

sizes = st.floats(min_value=-1e60, max_value=1e60, allow_nan=False).map(float) | st.sampled_from(
    [0.0, 5e-324, 1e-310, 1.0, -3.0]
)
radii = st.floats(min_value=0.0, max_value=1e30) | st.just(0.0)
balls = st.builds(lambda a, b, r: Balls(np.array([a]), np.array([b]), np.array([r])), sizes, sizes, radii)


def points(ball: Balls, rng: random.Random) -> list[tuple[Fraction, Fraction]]:
    """Exact points of the disc: centre and rational points of the circle (t -> ((1 - t^2), 2t) / (1 + t^2))."""
    a, b, r = (Fraction(float(v[0])) for v in (ball.re, ball.im, ball.rad))
    out = [(a, b)]
    for _ in range(4):
        t = Fraction(rng.randint(-50, 50), rng.randint(1, 20))
        out.append((a + r * (1 - t * t) / (1 + t * t), b + r * 2 * t / (1 + t * t)))
    return out


def holds(ball: Balls, x: Fraction, y: Fraction) -> bool:
    a, b, r = (float(v[0]) for v in (ball.re, ball.im, ball.rad))
    if not all(map(math.isfinite, (a, b, r))):
        return True  # an unbounded ball claims nothing
    return (x - Fraction(a)) ** 2 + (y - Fraction(b)) ** 2 <= Fraction(r) ** 2


@given(balls, balls, st.randoms(use_true_random=False))
def test_sum_difference_product(p: Balls, q: Balls, rng: random.Random) -> None:
    total, difference, product = p + q, p - q, p * q
    for a, b in points(p, rng):
        for c, d in points(q, rng):
            assert holds(total, a + c, b + d)
            assert holds(difference, a - c, b - d)
            assert holds(product, a * c - b * d, a * d + b * c)


@given(st.fractions(max_denominator=10**40))
def test_constants(value: Fraction) -> None:
    assert holds(
        Balls(*(np.array([float(v)]) for v in (constant(value).re, constant(value).im, constant(value).rad))),
        value,
        Fraction(0),
    )
    centre, radius = exact_ball(value)
    assert (radius == 0.0) == (Fraction(centre) == value)


def test_overflow_and_nan_are_not_finite() -> None:
    big = Balls(np.array([1e200]), np.array([0.0]), np.array([0.0]))
    nan = Balls(np.array([np.nan]), np.array([0.0]), np.array([0.0]))
    with np.errstate(all="ignore"):
        assert not (big * big).finite.any()
        assert not (nan + big).finite.any()
        assert not (nan * big).finite.any()
    assert not Balls(np.array([0.0]), np.array([0.0]), np.array([-1.0])).finite.any()
    with pytest.raises(InputError, match="10\\^308"):
        exact_ball(Fraction(10) ** 400)
