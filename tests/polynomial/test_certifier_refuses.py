"""The certificates accept what is true and refuse what is not: perturbed points, overlaps, false reality, NaN, other instances."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from polynomial_cases import network_of, random_network, read

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.polynomial.certify import Zeros, certify, decide_reality, inertia, overlapping, parameter_balls
from pgb.landscape.polynomial.completeness import judge
from pgb.landscape.polynomial.degenerate import Examined
from pgb.landscape.polynomial.exact import certify_exact, inertia_exact, lower, upper
from pgb.landscape.polynomial.finish import Found
from pgb.landscape.polynomial.general import pose_polynomial
from pgb.landscape.polynomial.instances import solve_instances
from pgb.landscape.polynomial.solve import Posed, pose_network, real_points

CASE = next(c for c in read("linear_networks.json") if c["id"] == "1_1_2_2_2_s1")


@pytest.fixture(scope="module")
def posed() -> Posed:
    return pose_network(network_of(CASE))


@pytest.fixture(scope="module")
def found(posed: Posed) -> Found:
    return solve_instances(posed.system, [posed.parameters])[0]


def test_a_perturbed_point_is_refused(posed: Posed, found: Found) -> None:
    balls = parameter_balls([posed.parameters])
    good = certify(posed.system.family, found.zeros.points, balls, polish=False)
    assert good.ok.all()
    for size in (1e-1, 1e-2, 1e-3):
        moved = certify(posed.system.family, found.zeros.points + size, balls, polish=False)
        radius = np.where(moved.ok, moved.radius, np.inf)
        inside = np.abs(moved.points - found.zeros.points).max(axis=1) <= radius + found.zeros.radius
        assert not (moved.ok & ~inside).any()  # whatever is accepted still holds the true zero
    assert not certify(posed.system.family, found.zeros.points + 0.3, balls, polish=False).ok.any()


def test_a_point_of_another_instance_is_refused(posed: Posed, found: Found) -> None:
    other = pose_network(random_network((2, 1, 2), 2, 4))
    far = found.zeros.points[np.abs(found.zeros.points).max(axis=1) > 0]
    assert not certify(posed.system.family, far, parameter_balls([other.parameters]), polish=False).ok.any()


def test_nan_and_infinity_are_refused(posed: Posed, found: Found) -> None:
    balls = parameter_balls([posed.parameters])
    for bad in (np.nan, np.inf, -np.inf):
        points = found.zeros.points.copy()
        points[0, 1] = bad
        zeros = certify(posed.system.family, points, balls, polish=False)
        assert not zeros.ok[0]
        assert zeros.ok[1:].all()
        with pytest.raises(InputError, match="finite"):
            overlapping(points, found.zeros.radius, np.zeros(len(points), np.int64))
        with pytest.raises(InputError, match="finite"):
            overlapping(
                found.zeros.points, np.where(np.arange(len(points)) == 0, bad, 0.0), np.zeros(len(points), np.int64)
            )
    holes = (balls[0].copy(), np.where(np.arange(balls[1].shape[1]) == 0, np.nan, balls[1]))
    assert not certify(posed.system.family, found.zeros.points, holes, polish=False).ok.any()


def test_nan_balls_bound_nothing() -> None:
    from flint import arb

    assert upper(arb("nan")) == np.inf
    assert upper(arb("inf")) == np.inf
    assert lower(arb("nan")) == 0.0
    assert lower(arb(1, 2)) == 0.0


def test_double_zeros_are_refused() -> None:
    x = sympy.Symbol("x")
    posed = pose_polynomial(x**3 / 3 - x**2 + x, [x])  # derivative (x - 1)^2
    balls = parameter_balls([posed.parameters])
    for at in (1.0, 1.0 + 1e-9, 1.0 + 1e-5):
        assert not certify(posed.system.family, np.array([[at + 0j]]), balls).ok.any()
        assert certify_exact(posed.system.family, [at], posed.parameters, 128) is None


def test_no_zero_no_certificate() -> None:
    x = sympy.Symbol("x")
    posed = pose_polynomial(x**3 / 3 + x * sympy.Rational(1, 10**12), [x])  # x^2 + 1e-12: two zeros +- i 1e-6
    zeros = certify(
        posed.system.family, np.array([[0j], [1e-6j], [1e-3 + 0j]]), parameter_balls([posed.parameters]), polish=False
    )
    assert zeros.ok.tolist() == [False, True, False]


def test_overlapping_balls_are_not_distinct(found: Found) -> None:
    points, radius = found.zeros.points, found.zeros.radius
    one = np.zeros(len(points), np.int64)
    assert overlapping(points, radius, one) == []
    twice = np.concatenate([points, points[3:4] + 1e-9])
    radii = np.concatenate([np.full(len(points), 1e-10), [1e-8]])
    assert overlapping(twice, radii, np.zeros(len(twice), np.int64)) == [(3, len(points))]
    assert overlapping(twice, np.full(len(twice), 1e-10), np.zeros(len(twice), np.int64)) == []
    assert overlapping(twice, radii, np.array([0] * len(points) + [1])) == []
    assert len(overlapping(points, np.full(len(points), 1e3), one)) == len(points) * (len(points) - 1) // 2


def test_a_nonreal_point_is_never_real() -> None:
    """x^2 + 1e-12 has the zeros +- i 1e-6: certified, not real, however close to the line."""
    x = sympy.Symbol("x")
    posed = pose_polynomial(x**3 / 3 + x * sympy.Rational(1, 10**12), [x])
    balls = parameter_balls([posed.parameters])
    zeros = certify(posed.system.family, np.array([[1e-6j], [-1e-6j]]), balls)
    _, reality = decide_reality(posed.system.family, zeros, balls, np.zeros(2, np.int64))
    assert reality.nonreal.all()
    assert not reality.real.any()
    blurred = Zeros(zeros.points, zeros.ok, np.full(2, 1e-3), np.full(2, 1e-3))  # as if they were known badly
    _, reality = decide_reality(posed.system.family, blurred, balls, np.zeros(2, np.int64))
    assert not reality.real.any()
    zero = certify_exact(posed.system.family, [1e-6j], posed.parameters, 128)
    assert zero is not None
    assert zero.real is False
    assert inertia_exact(posed.system.family, zero, posed.parameters) is None


def test_reality_of_the_reference(found: Found) -> None:
    assert (found.real ^ found.nonreal).all()
    assert found.n_real == CASE["N_R"]


def test_inertia_is_proved_or_refused() -> None:
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    for k in range(6):
        H = (Q * np.where(np.arange(5) < k, -1.0, 2.0)) @ Q.T
        ok, index = inertia(np.array([(H + H.T) / 2]), np.full((1, 5, 5), 1e-12))
        assert ok[0]
        assert index[0] == k
    singular = (Q * np.array([0.0, 1, 1, -1, 2])) @ Q.T
    assert not inertia(np.array([(singular + singular.T) / 2]), np.zeros((1, 5, 5)))[0][0]
    wide = np.diag([1.0, -1.0, 3.0, 1.0, 1.0])
    assert not inertia(wide[None], np.full((1, 5, 5), 0.5))[0][0]
    assert not inertia(np.full((1, 5, 5), np.nan), np.zeros((1, 5, 5)))[0][0]
    assert not inertia(wide[None], np.full((1, 5, 5), np.nan))[0][0]


def test_exact_tier_agrees_and_refuses(posed: Posed, found: Found) -> None:
    family = posed.system.family
    for k, z in enumerate(found.zeros.points):
        zero = certify_exact(family, z.tolist(), posed.parameters, 160)
        assert zero is not None
        assert zero.is_the_zero_near(z, float(found.zeros.unique[k]))
        assert zero.real is bool(found.real[k])
        if found.real[k]:
            assert inertia_exact(family, zero, posed.parameters) == found.index[k]
        assert not zero.is_the_zero_near(z + 1e-3, float(found.zeros.unique[k]))
    assert certify_exact(family, [float("nan")] * family.n, posed.parameters, 128) is None


def test_a_dropped_solution_is_not_complete(posed: Posed, found: Found) -> None:
    points = real_points(posed, found, 30)
    whole = judge(posed, found, points, Examined())
    assert whole.complete
    assert whole.status is Evidence.CERTIFIED
    for drop in range(len(found.size)):
        keep = np.arange(len(found.size)) != drop
        fields = ("size", "stratum", "real", "nonreal", "index", "value", "value_radius")
        rows = {f: getattr(found, f)[keep] for f in fields}
        zeros = Zeros(*(getattr(found.zeros, f)[keep] for f in ("points", "ok", "radius", "unique")))
        less = replace(found, zeros=zeros, **rows)
        verdict = judge(posed, less, real_points(posed, less, 30), Examined())
        assert not verdict.complete
        assert verdict.status is Evidence.NUMERICAL
        if found.real[drop]:
            assert any("missing" in note for note in verdict.notes)


def test_more_points_than_the_bound_is_a_contradiction(posed: Posed, found: Found) -> None:
    verdict = judge(posed, found, real_points(posed, found, 30), Examined(complex_points=1, multiplicity=1))
    assert not verdict.complete
    assert "Contradiction" in verdict.sentence


def test_unbounded_parameters_are_bad_input(posed: Posed) -> None:
    with pytest.raises(InputError, match="308"):
        parameter_balls([[Fraction(10) ** 400] * posed.system.family.q])
