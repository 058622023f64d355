"""Budgets, interruption, degenerate zeros, boundaries, unbounded regions, and certificates that must be refused."""

import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise

import box_problems as problems
import numpy as np
import pytest
import sympy

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import real_symbol
from pgb.landscape import recheck
from pgb.landscape.boxes import clusters
from pgb.landscape.boxes.critical import critical_points_in_box, pose
from pgb.landscape.boxes.krawczyk import certify, workspace
from pgb.landscape.boxes.preview import boxes_needed
from pgb.landscape.boxes.search import Search
from pgb.landscape.certificates import Refused
from pgb.landscape.results import Kind
from pgb.objective.base import Objective

x, y = real_symbol("x"), real_symbol("y")


def test_a_budget_of_boxes_leaves_open_boxes_that_hold_what_is_missing():
    objective, parameters, box = problems.problem_c()
    whole = critical_points_in_box(objective, parameters, box)
    found = critical_points_in_box(objective, parameters, box, boxes=150_000)
    assert not found.complete
    assert found.status is Evidence.UNDECIDED
    assert found.n_real is None
    assert "raise `boxes`" in found.completeness
    assert found.open_boxes
    seen = {tuple(p.theta.values()) for p in found.points}
    for point in whole.points:
        theta = np.array([float(v) for v in point.theta.values()])
        inside = [
            all(float(b[p.name][0]) <= t <= float(b[p.name][1]) for p, t in zip(parameters, theta, strict=True))
            for b in found.open_boxes
        ]
        assert tuple(point.theta.values()) in seen or any(inside)


def test_a_time_budget_ends_the_search():
    objective, parameters, box = *problems.tanh_network(problems.Y_B, "1/1000", 2), [(-9, 9)] * 6
    started = time.monotonic()
    found = critical_points_in_box(objective, parameters, box, seconds=0.5)
    assert time.monotonic() - started < 20
    assert not found.complete
    assert "raise `seconds`" in found.completeness
    assert len(found.open_boxes) <= 200


def test_control_c_returns_what_is_certified():
    objective, parameters, _ = problems.six_parameters()
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    found = critical_points_in_box(objective, parameters, [(-9, 9)] * 6, seconds=60)
    assert not found.complete
    assert "interrupted" in found.completeness
    assert found.open_boxes
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_progress_tells_the_preview_first():
    objective, parameters, box = problems.five_parameters()
    told = []
    critical_points_in_box(objective, parameters, box, progress=told.append)
    assert told[0].estimate > 0
    assert all(0 <= p.covered <= 1 for p in told)
    assert all(a.boxes <= b.boxes for a, b in pairwise(told))


def test_the_cost_preview_is_of_the_right_size():
    objective, parameters, _ = problems.problem_c()
    code = pose(objective, parameters).tape
    low, high = np.full(4, -3.0), np.full(4, 3.0)
    none = np.zeros((0, 4))
    needed = Search(code, low, high, none, 1).run().statistics["boxes"]
    guesses = [boxes_needed(code, low, high, none, 1e-3, checked=False, seed=s) for s in range(3)]
    assert all(needed / 4 < g < needed * 4 for g in guesses)
    assert guesses[0] == boxes_needed(code, low, high, none, 1e-3, checked=False, seed=0)


@pytest.mark.parametrize(
    ("objective", "box"),
    [(x**4 + y**2, [(-2, 3)] * 2), (x**3 - 3 * x * y**2, [(-1, 2)] * 2), (x**2 * (1 + y) + y**4, [("-1/2", 1)] * 2)],
)
def test_a_degenerate_zero_is_one_undecided_cluster(objective, box):
    found = critical_points_in_box(objective, [x, y], box)
    assert not found.complete
    (cluster,) = found.points
    assert cluster.kind is Kind.DEGENERATE
    assert cluster.status is Evidence.UNDECIDED
    hull = cluster.certificate["hull"]
    for name in ("x", "y"):
        assert float(hull[name][0]) <= 0 <= float(hull[name][1])
        assert float(hull[name][1]) - float(hull[name][0]) < 0.1
    assert len(found.open_boxes) == 1


def test_a_pitchfork_degenerate_to_the_last_digit_ends_with_one_cluster():
    # v tanh(w x): the Hessian at 0 is [[mu, -s], [-s, mu]], s = sum x y, singular for mu = s
    w, v = real_symbol("w"), real_symbol("v")
    data = sum((v * sympy.tanh(w * t) - r) ** 2 for t, r in ((1, sympy.Rational(1, 2)), (2, sympy.Rational(1, 4)))) / 2
    found = critical_points_in_box(data + (w**2 + v**2) / 2, [w, v], [(-3, 3)] * 2)
    assert not found.complete
    assert [p.kind for p in found.points] == [Kind.DEGENERATE]
    shifted = critical_points_in_box(data + (w**2 + v**2) * sympy.Rational(49, 100), [w, v], [(-3, 3)] * 2)
    assert shifted.complete
    assert len(shifted.points) == 3


def test_a_circle_of_zeros_ends_with_an_open_cluster_around_it():
    found = critical_points_in_box((x**2 + y**2 - 1) ** 2, [x, y], [(-2, 2)] * 2)
    assert not found.complete
    assert any(p.kind is Kind.LOCAL_MAXIMUM for p in found.points)
    (hull,) = found.open_boxes
    assert float(hull["x"][0]) <= -1 <= 1 <= float(hull["x"][1])


def test_clusters_cover_their_boxes_and_stay_apart():
    rng = np.random.default_rng(0)
    corners = np.concatenate([rng.uniform(0, 1, (6_000, 2)), rng.uniform(5, 6, (6_000, 2))])
    boxes = np.stack([corners, corners + 0.02], axis=1)
    hulls = clusters.hulls(boxes)
    assert len(hulls) == 2
    for box in boxes:
        assert any((h[0] <= box[0]).all() and (box[1] <= h[1]).all() for h in hulls)
    assert clusters.hulls(boxes[:0]) == []


def test_an_idle_parameter_gives_lines_and_a_linear_one_gives_none():
    flat = critical_points_in_box(x**2 + x**4 + 0 * y, [x, y], [(-1, 2)] * 2)
    assert flat.complete
    (line,) = flat.components
    assert line.dimension == 1
    assert flat.points == ()
    tilted = critical_points_in_box(x**2 + y, [x, y], [(-1, 2)] * 2)
    assert tilted.complete
    assert tilted.n_real == 0


def test_points_beyond_the_exact_box_are_not_listed():
    objective = (x - sympy.Rational(1, 10)) ** 2
    assert len(critical_points_in_box(objective, [x], [("1/10", 1)]).points) == 1
    epsilon = sympy.Rational(1, 10**25)
    assert critical_points_in_box(objective, [x], [(sympy.Rational(1, 10) + epsilon, 1)]).n_real == 0
    assert critical_points_in_box(objective, [x], [(sympy.Rational(1, 10) - epsilon, 1)]).n_real == 1


@pytest.mark.parametrize(
    ("box", "field"),
    [
        ([(0, 1)], "box"),
        ([(0.5, 1), (0, 1)], "box.x"),
        ([(1, 1), (0, 1)], "box.x"),
        ([(0, 1), (0, 1, 2)], "box"),
        (None, "box"),
    ],
)
def test_boxes_that_are_refused(box, field):
    with pytest.raises(InputError) as error:
        critical_points_in_box(x**2 + y**2, [x, y], box)
    assert error.value.field == field


def test_certificates_are_accepted_again_and_tampered_ones_refused():
    objective, parameters, box = problems.problem_b()
    whole = Objective("L", tuple(parameters), objective, "")
    found = critical_points_in_box(objective, parameters, box)
    for point in found.points:
        data = json.loads(json.dumps(point.certificate))
        checked = recheck.check(data, whole)
        assert not isinstance(checked, Refused)
        assert checked.index == point.index
        assert checked.kind is point.kind
    saddle = next(p for p in found.points if p.kind is Kind.SADDLE and p.theta["v1"] != "0")
    good = json.loads(json.dumps(saddle.certificate))

    def tampered(change):
        data = copy.deepcopy(good)
        change(data, data["place"]["zero"])
        return recheck.check(data, whole)

    def swap(key, k, value):
        return lambda data, zero: zero[key].__setitem__(k, value)

    assert isinstance(tampered(swap("centre", 0, "1/3")), Refused)
    assert isinstance(tampered(swap("radius", 0, "1/" + "1" + "0" * 70)), Refused)
    assert isinstance(tampered(swap("radius", 1, "-1/1000")), Refused)
    last = good["place"]["zero"]["centre"][2]
    flipped = last[1:] if last.startswith("-") else "-" + last
    assert isinstance(tampered(swap("centre", 2, flipped)), Refused)
    assert isinstance(tampered(swap("inverse", 0, ["0", "0", "0"])), Refused)
    assert isinstance(tampered(lambda data, zero: data["claim"].update(index=0)), Refused)
    assert isinstance(tampered(lambda data, zero: data["claim"].update(kind="local minimum", strict=True)), Refused)
    other, *_ = problems.tanh_network(problems.Y_C, "1/100")
    assert isinstance(recheck.check(good, Objective("L", tuple(parameters), other, "")), Refused)


def try_region(tape, low, high):
    zone = np.zeros((4, tape.n))
    low, high = low[:, None].copy(), high[:, None].copy()
    ok = certify(tape.arrays()[:5], low, high, low, high, 0, workspace(tape.registers, tape.n, 1), zone, tape.n)
    return ok, zone


def test_the_interval_certificate_refuses_regions_without_a_zero_or_with_two():
    code = pose((x**2 - 1) ** 2 / 4 + y**2, [x, y]).tape  # zeros of the gradient: x in {-1, 0, 1}, y = 0
    ok, zone = try_region(code, np.array([0.98, -0.01]), np.array([1.01, 0.02]))
    assert ok
    assert zone[2, 0] <= 0.98
    assert zone[0, 0] <= 1.0 <= zone[1, 0]
    assert zone[1, 0] - zone[0, 0] < 1e-12
    for low, high in (
        ([0.3, -0.1], [0.4, 0.1]),
        ([-0.1, -0.1], [1.1, 0.1]),
        ([-1.2, -1], [1.2, 1]),
        ([0.9, 0.5], [1.1, 0.6]),
    ):
        assert not try_region(code, np.array(low), np.array(high))[0]
    double = pose(x**3 / 3 + y**2, [x, y]).tape
    assert not try_region(double, np.array([-0.1, -0.1]), np.array([0.11, 0.1]))[0]


def test_importing_the_package_does_not_load_numba():
    code = "import sys, pgb, pgb.landscape.boxes, pgb.landscape.boxes.critical, pgb.landscape.bounds; print('numba' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
