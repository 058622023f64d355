"""All zeros of exponential sums: against planted roots, Descartes' bound, and a dense scan."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from pgb.landscape.exponential_sums import Zeros, value, zeros


def planted(roots: list[F], extra: list[int] | None = None) -> list[F]:
    """Coefficients (ascending) of prod (u - r): zeros in w = log u at log r for r > 0."""
    row = [F(c) for c in extra or [1]]
    for r in roots:
        row = [(-r * a) + b for a, b in zip([*row, F(0)], [F(0), *row], strict=True)]
    return row


def nodes(row: list[F]) -> list[F]:
    return [F(n) for n in range(len(row))]


def inside(z: Zeros, roots: list[float]) -> bool:
    return len(z.intervals) == len(roots) and all(
        float(a) - 1e-12 <= r <= float(b) + 1e-12 for (a, b), r in zip(z.intervals, sorted(roots), strict=True)
    )


@settings(deadline=None, max_examples=40)
@given(st.sets(st.fractions(F(1, 20), 20, max_denominator=20), max_size=5))
def test_planted_zeros_are_found_and_only_they(roots: set[F]) -> None:
    row = planted(sorted(roots), [1, 0, 1])
    found = zeros(row, nodes(row))
    assert found.complete
    assert inside(found, [math.log(r) for r in roots])
    assert found.sign_changes is not None
    assert len(found.intervals) <= found.sign_changes
    assert (found.sign_changes - len(found.intervals)) % 2 == 0


@given(
    st.lists(st.integers(-5, 5), min_size=2, max_size=6),
    st.lists(st.integers(-6, 6), min_size=6, max_size=6, unique=True),
)
def test_no_sign_change_of_a_dense_scan_is_missed(c: list[int], t: list[int]) -> None:
    t = t[: len(c)]
    found = zeros(c, [F(n, 3) for n in t])
    if not found.complete:
        return
    w = np.linspace(-15, 15, 4001)
    s = sum(ci * np.exp(w * float(F(ti, 3)) - np.abs(w) * 2) for ci, ti in zip(c, t, strict=True))
    crossings = [w[n] for n in range(len(w) - 1) if s[n] * s[n + 1] < 0]
    middles = np.array([float(a + b) / 2 for a, b in found.intervals])
    assert all(np.min(np.abs(middles - x)) < 0.01 for x in crossings)


def test_double_zero_is_exact_for_rational_coefficients() -> None:
    """(e^w - 1)^2 and its multiplicity; (u - 1)^2 (u - 2)."""
    assert zeros([1, -2, 1], nodes([F(1)] * 3)).multiplicities == (2,)
    found = zeros(planted([F(1), F(1), F(2)]), nodes([F(0)] * 4))
    assert (found.multiplicities, found.complete) == ((2, 1), True)


def test_double_zero_with_balls_is_left_open() -> None:
    balls = [arb(1, 1e-20), arb(-2, 1e-20), arb(1, 1e-20)]
    found = zeros(balls, nodes([F(1)] * 3))
    assert not found.complete
    assert "multiple" in found.reason


@pytest.mark.parametrize("bad", [arb("nan"), arb(1) / arb(0), arb(0, 1)])
def test_undecided_coefficients_claim_nothing(bad: arb) -> None:
    assert not zeros([1, bad], [F(0), F(1)]).complete


def test_all_zero_coefficients_vanish_identically() -> None:
    assert zeros([0, 0], [F(0), F(1)]).identically_zero


def test_far_apart_nodes() -> None:
    """e^w = e^(1000 w) has the zero 0 only."""
    assert inside(zeros([1, -1], [F(1), F(1000)]), [0.0])


def test_value_encloses() -> None:
    assert value([1, 2], [F(0), F(1)], (F(0), F(1))).contains(arb(4))
    assert not value([1, 2], [F(0), F(1)], (F(0), F(0))).contains(arb(4))
