"""Certified counts of small networks, the types of their points, and independent checks of both."""

from fractions import Fraction

import box_problems as problems
import box_reference_search as reference_search
import mpmath
import numpy as np
import pytest
import sympy
from box_multistart import newton_limits

from pgb.evidence import Evidence
from pgb.landscape.boxes.critical import critical_points_in_box, pose
from pgb.landscape.derivatives import derivatives
from pgb.landscape.results import Kind


@pytest.mark.parametrize(
    ("make", "count"),
    [(problems.problem_a, 5), (problems.problem_b, 11), (problems.problem_c, 15), (problems.five_parameters, 25)],
)
def test_every_critical_point_is_found_and_certified(make, count):
    objective, parameters, box = make()
    found = critical_points_in_box(objective, parameters, box)
    assert found.complete
    assert found.status is Evidence.CERTIFIED
    assert found.n_real == len(found.points) == count
    assert sum((-1) ** p.index for p in found.points) == 1
    assert not found.open_boxes
    points = np.array([[float(v) for v in p.theta.values()] for p in found.points])
    hessians = derivatives(objective, parameters).hessian.numpy(points.T).reshape(len(parameters), len(parameters), -1)
    for point, values in zip(found.points, np.linalg.eigvalsh(hessians.transpose(2, 0, 1)), strict=True):
        assert (values < 0).sum() == point.index
        assert (point.kind is Kind.LOCAL_MINIMUM) == bool((values > 0).all())


@pytest.mark.parametrize("make", [problems.problem_a, problems.problem_b])
def test_a_second_search_by_other_formulas_finds_the_same(make):
    objective, parameters, box = make()
    if make is problems.problem_a:
        box = [(-3, 3)] * 2  # without the redundant rows this search is slow in the saturated region
    found = critical_points_in_box(objective, parameters, box)
    code = pose(objective, parameters).tape
    ends = np.array(box, dtype=float)
    others = reference_search.zeros(code, ends[:, 0] - 1e-3, ends[:, 1] + 2e-3)
    points = np.array([[float(v) for v in p.theta.values()] for p in found.points])
    middles = np.array([0.5 * (a + b) for a, b in others])
    assert len(points) == len(middles)
    assert np.abs(points[:, None] - middles[None]).max(axis=2).min(axis=1).max() < 1e-9


def test_points_are_critical_to_thirty_digits():
    objective, parameters, box = problems.problem_b()
    gradient = [sympy.diff(objective, p) for p in parameters]
    hessian = [[sympy.diff(g, q) for q in parameters] for g in gradient]
    value, slope, second = (
        sympy.lambdify(parameters, e, "mpmath") for e in (objective, gradient, sympy.Matrix(hessian))
    )
    for point in critical_points_in_box(objective, parameters, box).points:
        with mpmath.workdps(45):
            at = [mpmath.mpf(point.theta[p.name]) for p in parameters]
            assert all(abs(g) < mpmath.mpf("1e-29") for g in slope(*at))
            assert abs(value(*at) - mpmath.mpf(point.value)) < mpmath.mpf("1e-28")
            assert sum(v < 0 for v in mpmath.eigsy(second(*at), eigvals_only=True)) == point.index
        assert Fraction(point.radius) < Fraction(1, 10**29)


def test_an_asymmetric_box_uses_no_symmetry_and_finds_the_same_points():
    objective, parameters, box = problems.problem_b()
    whole = critical_points_in_box(objective, parameters, box)
    lopsided = critical_points_in_box(objective, parameters, [(-5, "5.001"), (-5, 5), ("-5.002", 5)])
    assert not any("symmetry group" in note for note in lopsided.notes)
    assert lopsided.complete
    key = lambda p: tuple(round(float(v), 12) + 0.0 for v in p.theta.values())
    assert sorted(map(key, whole.points)) == sorted(map(key, lopsided.points))


def test_halves_of_a_box_add_up():
    objective, parameters, box = problems.problem_b()
    left = critical_points_in_box(objective, parameters, [(-5, "1/7"), *box[1:]])
    right = critical_points_in_box(objective, parameters, [("1/7", 5), *box[1:]])
    assert left.complete
    assert right.complete
    assert len(left.points) + len(right.points) == 11


def test_orbits_are_closed_under_the_sign_flip():
    objective, parameters, box = problems.problem_b()
    points = {tuple(p.theta.values()) for p in critical_points_in_box(objective, parameters, box).points}
    negated = {tuple(v if v == "0" else v[1:] if v[0] == "-" else "-" + v for v in p) for p in points}
    assert points == negated


def test_the_same_run_twice_and_with_other_numbers_of_workers():
    objective, parameters, box = problems.problem_c()
    runs = [critical_points_in_box(objective, parameters, box, workers=w) for w in (1, 2, 2, 3)]
    assert len({tuple(sorted(tuple(p.theta.values()) for p in r.points)) for r in runs}) == 1


def test_newton_from_many_starts_finds_nothing_else():
    objective, parameters, box = problems.problem_c()
    found = critical_points_in_box(objective, parameters, box)
    known = np.array([[float(v) for v in p.theta.values()] for p in found.points])
    limits = newton_limits(objective, parameters, box, 3_000, seed=1)
    assert len(limits) > 100
    distance = np.abs(limits[:, None] - known[None]).max(axis=2).min(axis=1)
    assert distance.max() < 1e-6
