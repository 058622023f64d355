"""Certified critical points for every loss and activation, against dense Newton multistart and known answers."""

import box_problems as problems
import numpy as np
import pytest
import sympy
from box_multistart import newton_limits
from sympy import Rational

from pgb import expressions
from pgb.expressions import real_symbol
from pgb.landscape.boxes.critical import critical_points_in_box
from pgb.landscape.results import Kind

X = (-1, 0, 1, 2)
LABELS = (1, -1, 1, -1)
w, b, v, c = (real_symbol(s) for s in "wbvc")
ACTIVATIONS = {
    "tanh": sympy.tanh,
    "sigmoid": expressions.sigmoid,
    "erf": sympy.erf,
    "atan": sympy.atan,
    "softplus": expressions.softplus,
    "sin": sympy.sin,
    "exp": sympy.exp,
    "cube": lambda u: u**3 / 4,
}


def network(x, activation=sympy.tanh):
    return v * activation(w * x + b) + c


def penalty(weight):
    return Rational(weight) * (w**2 + b**2 + v**2 + c**2)


def found_in_multistart(objective, parameters, box, found, starts, seed):
    """Return the number of multistart limits, after asserting that a complete result misses none of them."""
    limits = newton_limits(objective, parameters, box, starts, seed)
    known = np.array([[float(t) for t in p.theta.values()] for p in found.points]).reshape(-1, len(parameters))
    if len(limits):
        assert np.abs(limits[:, None] - known[None]).max(axis=2).min(axis=1).max() < 1e-5
    return len(limits)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_squared_loss_with_every_activation(name):
    data = zip(X, ("9/10", "-7/10", "8/10", "-6/10"), strict=True)
    objective = sum((v * ACTIVATIONS[name](w * x + b) - Rational(y)) ** 2 for x, y in data) / 2
    objective += (w**2 + b**2 + v**2) / 100
    box = [(-3, 3)] * 3
    found = critical_points_in_box(objective, [w, b, v], box)
    assert found.complete
    assert found_in_multistart(objective, [w, b, v], box, found, 2_000, 3) > 50


@pytest.mark.parametrize("name", ["logistic", "smooth_hinge", "cross_entropy", "cross_entropy_3"])
def test_every_loss_with_a_tanh_unit(name):
    parameters = [w, b, v, c]
    if name == "logistic":
        data = sum(expressions.softplus(-s * network(x)) for x, s in zip(X, LABELS, strict=True))
    elif name == "smooth_hinge":
        data = sum(expressions.relu(1 - s * network(x)) ** 3 for x, s in zip(X, LABELS, strict=True))
    else:
        classes = (0, 1, 0, 1) if name == "cross_entropy" else (0, 1, 2, 1)
        data = 0
        for x, k in zip(X, classes, strict=True):
            h = sympy.tanh(w * x + b)
            q = (v * h, c * h) if name == "cross_entropy" else (v * h, c * h, 0)
            data += sympy.log(sum(sympy.exp(p - q[k]) for p in q))
    objective = data / 4 + penalty("1/20" if name == "smooth_hinge" else "1/100")
    box = [(-4, 4)] * 4
    found = critical_points_in_box(objective, parameters, box)
    assert found.complete
    assert found_in_multistart(objective, parameters, box, found, 1_500, 4) > 20


def test_linear_softmax_regression_with_a_ridge_has_one_critical_point():
    data = sum(
        sympy.log(1 + sympy.exp((1 - 2 * k) * (v * x + c - w * x - b))) for x, k in zip(X, (0, 1, 0, 1), strict=True)
    )
    found = critical_points_in_box(data / 4 + penalty("1/100"), [w, b, v, c], [(-5, 5)] * 4)
    assert found.complete
    assert [p.kind for p in found.points] == [Kind.LOCAL_MINIMUM]


def test_a_polynomial_with_known_critical_points():
    roots_x, roots_y = (-2, -1, Rational(1, 2), 3), (Rational(-3, 2), 0, 1)
    objective = sympy.integrate(sympy.prod([w - r for r in roots_x]), w)
    objective += sympy.integrate(sympy.prod([b - r for r in roots_y]), b)
    found = critical_points_in_box(sympy.expand(objective), [w, b], [(-5, 5)] * 2)
    assert found.complete
    got = {(sympy.nsimplify(p.theta["w"]), sympy.nsimplify(p.theta["b"])) for p in found.points}
    assert got == {(x, y) for x in roots_x for y in roots_y}


def test_critical_points_of_the_rastrigin_function_by_hand_count():
    objective = w**2 + b**2 - 2 * sympy.cos(2 * sympy.pi * w) - 2 * sympy.cos(2 * sympy.pi * b)
    found = critical_points_in_box(objective, [w, b], [(-3, 3)] * 2)
    alone = critical_points_in_box(objective.subs(b, 0), [w], [(-3, 3)])
    assert found.complete
    assert alone.complete
    assert len(found.points) == len(alone.points) ** 2


@pytest.mark.parametrize("seed", range(12))
def test_planted_zeros_are_found(seed):
    """The labels are the network's own outputs at a planted rational point, plus a tilt that keeps its gradient zero."""
    rng = np.random.default_rng(seed)
    planted = {p: Rational(int(rng.integers(-20, 21)), 10) for p in (w, b, v)}
    base = sum((v * sympy.tanh(w * x + b) - Rational(int(rng.integers(-10, 11)), 10)) ** 2 for x in X) / 2
    base += (w**2 + b**2 + v**2) / 20
    tilt = sum(sympy.diff(base, p).subs(planted) * p for p in planted)
    found = critical_points_in_box(base - tilt, [w, b, v], [(-3, 3)] * 3)
    assert found.complete
    close = [
        p
        for p in found.points
        if all(abs(float(p.theta[q.name]) - float(value)) < 1e-12 for q, value in planted.items())
    ]
    assert len(close) == 1


@pytest.mark.parametrize("seed", range(10))
def test_random_problems_miss_no_multistart_point(seed):
    objective, parameters, box = random_problem(seed)
    found = critical_points_in_box(objective, parameters, box)
    assert found.complete
    found_in_multistart(objective, parameters, box, found, 1_000, seed)


@pytest.mark.slow
def test_many_random_problems_miss_no_point_of_a_dense_multistart():
    checked = limits = 0
    for seed in range(100, 170):
        objective, parameters, box = random_problem(seed)
        found = critical_points_in_box(objective, parameters, box, seconds=60)
        if found.complete:
            checked += 1
            limits += found_in_multistart(objective, parameters, box, found, 10_000, seed)
    assert checked >= 50
    assert limits > 50_000


def random_problem(seed):
    """Return a random small network with a random loss, ridge and box."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    inputs = [int(x) for x in rng.choice(np.arange(-3, 4), count, replace=False)]
    activation = ACTIVATIONS[str(rng.choice(["tanh", "sigmoid", "erf", "atan", "sin"]))]
    labels = [Rational(int(rng.integers(-12, 13)), 10) for _ in range(count)]
    output = [v * activation(w * x + b) + (c if seed % 3 == 0 else 0) for x in inputs]
    if seed % 4 == 3:
        data = sum(expressions.softplus(-f * (1 if y >= 0 else -1)) for f, y in zip(output, labels, strict=True))
    else:
        data = sum((f - y) ** 2 for f, y in zip(output, labels, strict=True)) / 2
    parameters = [w, b, v, c] if seed % 3 == 0 else [w, b, v]
    ridge = Rational(1, int(rng.choice([20, 50, 100])))
    box = [(-3, 3)] * len(parameters)
    return data + ridge * sum(p**2 for p in parameters), parameters, box


def test_six_parameters_within_the_budget_of_two_minutes():
    objective, parameters, box = problems.six_parameters()
    found = critical_points_in_box(objective, parameters, box, seconds=120)
    assert found.complete
    assert sum((-1) ** p.index for p in found.points) == 1
    assert found_in_multistart(objective, parameters, box, found, 2_000, 1) > 100
