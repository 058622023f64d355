"""Balls contain the range of every operation, on narrow and wide balls, on either side of and across 0."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from pgb.landscape import balls, floats
from pgb.landscape.compile import Op

UNARY = [op for op in Op if op not in (Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.SELECT, Op.POWI, Op.POWQ)]
CENTRES = [Fraction(v) for v in ("0", "1/1000", "-1/1000", "3/4", "-3/4", "5", "-5", "40", "-40")]
RADII = [Fraction(0), Fraction(1, 2**60), Fraction(1, 1000), Fraction(1, 2), Fraction(6)]


def samples(centre, radius):
    shifts = np.linspace(-1, 1, 41)
    return np.array([float(centre) + float(radius) * s for s in shifts])


def contains(ball, values):
    low, high = float(ball.lower()), float(ball.upper())
    slack = 1e-12 * np.maximum(1e-300, np.maximum(np.abs(values), max(abs(low), abs(high))))
    return bool(np.all((values >= low - slack) & (values <= high + slack)))


@pytest.mark.parametrize("op", UNARY)
@pytest.mark.parametrize("radius", RADII)
def test_unary_operations_enclose_sampled_values(op, radius):
    checked = 0
    for centre in CENTRES:
        points = samples(centre, radius)
        with np.errstate(all="ignore"):
            values = np.asarray(floats.TABLE[op](Fraction(0), points), dtype=float)
        if op in (Op.STEP, Op.SIGN) and centre == 0 and radius == 0:
            continue  # the jump itself
        with ctx.workprec(100):
            ball = balls.TABLE[op](Fraction(0), balls.around(centre, radius))
        if not np.all(np.isfinite(values)):
            assert not ball.is_finite() or op is Op.EXP
            continue
        if not ball.is_finite():
            assert op in (Op.LOG, Op.SQRT)  # the domain's border is refused
            continue
        assert contains(ball, values)
        checked += 1
    assert checked >= 1


@pytest.mark.parametrize("k", [2, 3, 4, 7])
@pytest.mark.parametrize("radius", RADII)
def test_integer_powers_enclose_and_stay_finite(k, radius):
    for centre in CENTRES:
        with ctx.workprec(100):
            ball = balls.TABLE[Op.POWI](Fraction(k), balls.around(centre, radius))
        assert ball.is_finite()
        assert contains(ball, samples(centre, radius) ** k)


def test_even_powers_across_zero_keep_their_sign():
    with ctx.workprec(100):
        ball = balls.power(balls.around(Fraction(0), Fraction(3)), Fraction(2))
    assert ball.lower() > -1e-6
    assert ball.upper() < 9 + 1e-6


@pytest.mark.parametrize("op", [Op.RELU, Op.ABS, Op.STEP, Op.SIGN])
def test_nan_passes_through_kinks(op):
    assert not balls.TABLE[op](Fraction(0), arb("nan")).is_finite()
    assert not balls.TABLE[Op.SELECT](Fraction(0), arb("nan"), arb(1), arb(1)).is_finite()


def test_select_across_its_border_is_the_hull():
    value = balls.TABLE[Op.SELECT](Fraction(0), arb(0, 1), arb(2), arb(5))
    assert value.contains(2)
    assert value.contains(5)
