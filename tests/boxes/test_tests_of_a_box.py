"""The mean value, Newton and Krawczyk steps lose no zero: exact rational zeros are planted in random interval systems."""

from fractions import Fraction

import numpy as np
import pytest

from pgb.landscape.boxes import examine
from pgb.landscape.boxes.rounding import DOT

LANES = 64


def solve(matrix, right):
    """Solve a small rational system exactly; None where it is singular."""
    n = len(right)
    rows = [[*row, r] for row, r in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [v - rows[i][k] * w for v, w in zip(rows[i], rows[k], strict=True)]
    return [row[n] for row in rows]


def system(n, seed, spread):
    """Return random arrays (mid, rad) of H and g, boxes around the exact zeros of members, and those zeros.

    The centre that the tests use is the box's own, which rounding moves by 1e-16 from the planted one; hence the 1e-9.
    """
    rng = np.random.default_rng(seed)
    mid = rng.normal(size=(n, n, LANES))
    mid = 0.5 * (mid + mid.transpose(1, 0, 2))
    rad = spread * rng.random((n, n, LANES))
    rad = 0.5 * (rad + rad.transpose(1, 0, 2)) + np.abs(mid) * DOT
    centre = rng.normal(size=(n, LANES))
    g = rng.normal(size=(n, LANES)) * 0.3
    gr = spread * rng.random((n, LANES)) + np.abs(g) * DOT
    low, high, zeros = np.empty((n, LANES)), np.empty((n, LANES)), []
    for l in range(LANES):
        corner = rng.choice([-1, 1], (n, n)) if rng.random() < 0.5 else rng.uniform(-1, 1, (n, n))
        side = rng.choice([-1, 1], n)
        exact = [
            [
                Fraction(mid[i, j, l])
                + Fraction(float(corner[i, j])) * Fraction(rad[i, j, l] - abs(mid[i, j, l]) * DOT)
                for j in range(n)
            ]
            for i in range(n)
        ]
        right = [-(Fraction(g[i, l]) + int(side[i]) * Fraction(gr[i, l] - abs(g[i, l]) * DOT)) for i in range(n)]
        step = solve(exact, right)
        step = step if step is not None and max(map(abs, step)) < 50 else [Fraction(0)] * n
        zero = [Fraction(c) + s for c, s in zip(centre[:, l], step, strict=True)]
        zeros.append(zero if any(step) else None)
        reach = np.array([float(abs(s)) for s in step]) * rng.choice([1.0 + 1e-12, 1.5, 3.0], n) + 1e-9
        low[:, l], high[:, l] = centre[:, l] - reach, centre[:, l] + reach
    return mid, rad, g, gr, low, high, zeros


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("spread", [1e-9, 1e-2, 0.3, 1.0])
def test_planted_zeros_survive_every_test(n, spread):
    discarded = narrowed = 0
    for seed in range(6):
        mid, rad, g, gr, low, high, zeros = system(n, seed, spread)
        status = np.full(LANES, examine.SPLIT)
        work = np.zeros((4, LANES))
        c, rho = np.zeros((n, LANES)), np.zeros((n, LANES))
        examine.centre(low, high, c, rho, n, LANES)
        inverse, R = np.zeros((n, n, LANES)), np.zeros((n, n, LANES))
        b, br, inside = np.zeros((n, LANES)), np.zeros((n, LANES)), np.zeros(LANES, np.int64)
        examine.mean_value(mid, rad, g, gr, rho, status, work, n, LANES)
        before = (high - low).sum()
        for index in (np.arange(n - 1), np.arange(n)):  # a block of the rows first, then all
            examine.invert(mid, inverse, work, index, LANES)
            examine.precondition(mid, rad, g, gr, inverse, R, b, br, work, index, n, LANES)
            examine.contract(R, b, br, c, rho, low, high, status, inside, work, index, n, LANES)
        narrowed += before - (high - low).sum() > 0
        discarded += int((status == examine.DISCARDED).sum())
        for l, zero in enumerate(zeros):
            if zero is None:
                continue
            assert status[l] != examine.DISCARDED
            for j in range(n):
                assert (
                    Fraction(float(low[j, l])) - Fraction(1, 10**9)
                    <= zero[j]
                    <= Fraction(float(high[j, l])) + Fraction(1, 10**9)
                )
    assert narrowed
    assert discarded < 6 * LANES


@pytest.mark.parametrize(("poison", "arrays"), [(np.nan, (0, 1, 2, 3)), (np.inf, (1, 3))])
def test_what_is_not_finite_decides_nothing(poison, arrays):
    n = 2
    for array in arrays:
        parts = [np.ones((n, n, LANES)), np.ones((n, n, LANES)), np.ones((n, LANES)), np.ones((n, LANES))]
        parts[0][0, 1] = parts[0][1, 0] = 0.0
        parts[array][0] = poison
        mid, rad, g, gr = parts
        low, high = np.full((n, LANES), -1.0), np.full((n, LANES), 1.0)
        status = np.full(LANES, examine.SPLIT)
        work, inside = np.zeros((4, LANES)), np.zeros(LANES, np.int64)
        c, rho, b, br = (np.zeros((n, LANES)) for _ in range(4))
        inverse, R = np.zeros((n, n, LANES)), np.zeros((n, n, LANES))
        examine.centre(low, high, c, rho, n, LANES)
        examine.mean_value(mid, rad, g, gr, rho, status, work, n, LANES)
        examine.invert(mid, inverse, work, np.arange(n), LANES)
        examine.precondition(mid, rad, g, gr, inverse, R, b, br, work, np.arange(n), n, LANES)
        examine.contract(R, b, br, c, rho, low, high, status, inside, work, np.arange(n), n, LANES)
        assert (status != examine.DISCARDED).all()
        assert not inside.any()
        assert (low == -1).all()
        assert (high == 1).all()
