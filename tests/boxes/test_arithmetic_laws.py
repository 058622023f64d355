"""Outward rounding: every operation of the tape contains the exact rational result, and numpy agrees bit by bit."""

from fractions import Fraction

import box_problems as problems
import numpy as np
import pytest

from pgb.landscape.boxes import lanes, twin
from pgb.landscape.boxes.critical import pose
from pgb.landscape.boxes.evaluate import ranges, scratch, stays_finite
from pgb.landscape.boxes.tape import Code, enclose

COUNT = 4_000


def operands(seed):
    """Return intervals of every size and sign, subnormal ends and points included."""
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.choice([-320.0, -308, -160, -20, -3, 0, 1, 3, 20, 70], COUNT) * rng.uniform(0.1, 10, COUNT)
    centre = rng.choice([-1, 0, 1], COUNT) * size
    radius = np.where(rng.random(COUNT) < 0.3, 0.0, size * 10.0 ** rng.uniform(-3, 1, COUNT))
    return centre - radius, centre + radius


def execute(code, a, b, constant=(0.0, 0.0), power=0):
    lo, hi, work, bits, scale = scratch(3, COUNT)
    lo[0], hi[0], lo[1], hi[1] = a[0], a[1], b[0], b[1]
    row = np.array([[int(code), 2, 0, 1, power]], dtype=np.int32)
    lanes.run(row, np.array([constant]), 0, 1, lo, hi, work, bits, scale, COUNT, True)
    return lo[2], hi[2]


EXACT = {
    Code.ADD: lambda p, q, k: p + q,
    Code.SUB: lambda p, q, k: p - q,
    Code.MUL: lambda p, q, k: p * q,
    Code.SQR: lambda p, q, k: p * p,
    Code.POW: lambda p, q, k: p**3,
    Code.SMUL: lambda p, q, k: k * p,
    Code.AXPY: lambda p, q, k: q + k * p,
    Code.ADDC: lambda p, q, k: p + k,
}


@pytest.mark.parametrize("code", sorted(EXACT))
@pytest.mark.parametrize("k", [Fraction(-2, 7), Fraction(3), Fraction(1, 10)])
def test_results_contain_the_exact_rational_values(code, k):
    a, b = operands(1), operands(2)
    low, high = execute(code, a, b, enclose(k), 3)
    rng = np.random.default_rng(3)
    inner = [(np.clip(u + t * (v - u), u, v)) for u, v in (a, b) for t in (rng.random(COUNT),)]
    for p, q in ((a[0], b[0]), (a[0], b[1]), (a[1], b[0]), (a[1], b[1]), inner):
        for j in range(0, COUNT, 3):
            value = EXACT[code](Fraction(float(p[j])), Fraction(float(q[j])), k)
            assert low[j] == -np.inf or Fraction(float(low[j])) <= value
            assert high[j] == np.inf or value <= Fraction(float(high[j]))


def test_squares_and_even_powers_know_their_sign():
    low, high = execute(Code.SQR, (np.full(COUNT, -1.0), np.full(COUNT, 2.0)), operands(2))
    assert (low == 0).all()
    assert (high >= 4).all()
    low, _ = execute(Code.POW, (np.full(COUNT, -1.0), np.full(COUNT, 2.0)), operands(2), power=4)
    assert (low == 0).all()


def test_overflow_becomes_the_whole_line_and_zero_times_it_is_not_nan():
    big = np.full(COUNT, 1e149)
    low, high = execute(Code.MUL, (big, big), (big, big))
    assert (low == -np.inf).all()
    assert (high == np.inf).all()
    zero = np.zeros(COUNT)
    line = (np.full(COUNT, -np.inf), np.full(COUNT, np.inf))
    for a, b in (((zero, zero), line), (line, (zero, zero)), (line, line), (line, (zero, zero + 1))):
        for code in (Code.MUL, Code.ADD, Code.SUB):
            low, high = execute(code, a, b)
            assert not np.isnan(low).any()
            assert not np.isnan(high).any()
            assert (low == -np.inf).all()
            assert (high == np.inf).all()


@pytest.mark.parametrize("make", [problems.problem_a, problems.problem_c, problems.six_parameters])
def test_whole_tapes_agree_with_numpy_bit_by_bit(make):
    objective, parameters, _ = make()
    code = pose(objective, parameters).tape
    rng = np.random.default_rng(0)
    centre = rng.normal(size=(400, code.n)) * 10 ** rng.uniform(-3, 3, (400, 1))
    width = 10 ** rng.uniform(-12, 2, (400, code.n))
    rows = ranges(code, centre - width, centre + width)
    second = ranges(code, centre - width, centre + width, hessian=True)
    low, high = twin.run(code, (centre - width).T, (centre + width).T)
    np.testing.assert_array_equal(np.hstack([rows[0], second[0]]), low.T)
    np.testing.assert_array_equal(np.hstack([rows[1], second[1]]), high.T)


def test_tapes_contain_the_values_at_inner_points():
    objective, parameters, _ = problems.problem_c()
    code = pose(objective, parameters).tape
    rng = np.random.default_rng(7)
    centre, width = rng.uniform(-4, 4, (500, 4)), 10 ** rng.uniform(-6, 0.5, (500, 4))
    low, high = ranges(code, centre - width, centre + width)
    for _ in range(5):
        inner = centre + width * rng.uniform(-1, 1, width.shape)
        a, b = ranges(code, inner, inner)
        assert (low <= b).all()
        assert (high >= a).all()


def test_a_region_where_a_register_overflows_is_run_checked():
    objective, parameters, _ = problems.problem_b()
    code = pose(objective, parameters).tape
    assert stays_finite(code, np.full(3, -5.0), np.full(3, 5.0))
    assert not stays_finite(code, np.full(3, -1e80), np.full(3, 1e80))
