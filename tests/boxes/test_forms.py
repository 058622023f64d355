"""Exact forms: the same function and the same derivatives as sympy's, exact redundant rows, verified symmetries."""

import itertools
from fractions import Fraction

import box_problems as problems
import numpy as np
import pytest
import sympy

from pgb import expressions
from pgb.errors import InputError
from pgb.expressions import real_symbol
from pgb.landscape.boxes import forms, rows, symmetry, tape
from pgb.landscape.boxes.critical import pose
from pgb.landscape.boxes.evaluate import ranges
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives

x, y, z = (real_symbol(s) for s in "xyz")
FUNCTIONS = [
    (x * y - sympy.Rational(1, 3)) ** 3 * sympy.tanh(x - 2 * y),
    sympy.exp(x * y) / (1 + x**2) + sympy.sqrt(2 + sympy.sin(y)) * sympy.cos(3 * x),
    expressions.softplus(x - y) * expressions.sigmoid(-2 * x) + sympy.log(1 + sympy.exp(x) + sympy.exp(2 * y)),
    sympy.erf(x * y + z) * sympy.atan(z - x) + sympy.pi * x**4 * z,
    expressions.relu(1 - x * y) ** 3 + sympy.Abs(x) ** 3 * expressions.relu(y) ** 2,
    (2 + x**2) ** sympy.Rational(3, 2) - sympy.tanh(-x) * sympy.tanh(x) ** 3,
    sympy.Piecewise((x**3, x > 0), (-(x**3), True)) * y**2,
]


def evaluate(rows_, hessian, store, points):
    """Evaluate forms by the interval code at points, shape (N, n); return midpoints, checking that they are narrow."""
    low, high = ranges(tape.build(store, rows_, hessian), points, points)
    assert np.all(high - low <= 1e-9 * (1 + np.abs(low)))
    return 0.5 * (low + high)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_gradient_and_hessian_agree_with_an_independent_differentiation(f):
    variables = [x, y, z]
    program = compile_expressions([f], variables)
    store, (form,) = forms.from_program(program)
    gradient = store.gradient(form)
    hessian = [[store.derivative(g, j) for j in range(3)] for g in gradient]
    points = np.random.default_rng(4).uniform(0.2, 1.7, (40, 3)) * np.random.default_rng(5).choice([-1, 1], (40, 3))
    want = derivatives(f, variables)
    got = evaluate([*gradient, form, *(h for row in hessian for h in row)], hessian, store, points)
    expected = np.concatenate(
        [want.gradient.numpy(points.T), want.value.numpy(points.T), want.hessian.numpy(points.T)]
    ).T
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("make", [problems.problem_b, problems.problem_c, problems.six_parameters])
def test_redundant_rows_vanish_wherever_the_gradient_does_and_are_not_trivial(make):
    objective, parameters, _ = make()
    store, (form,) = forms.from_program(compile_expressions([objective], parameters))
    gradient = store.gradient(form)
    extra = rows.eliminations(store, gradient) + rows.scalings(store, form, gradient)
    assert extra
    points = np.random.default_rng(1).uniform(-2, 2, (200, store.n))
    code = tape.build(store, [*gradient, *extra], [[forms.ZERO] * store.n] * store.n)
    low, high = ranges(code, points, points)
    g, e = 0.5 * (low + high)[:, : store.n], 0.5 * (low + high)[:, store.n :]
    # each row is sum_p (a_p + b_p theta_p) g_p with constants a, b: fit them, the residual must vanish
    design = np.concatenate([g, g * points], axis=1)
    for k in range(e.shape[1]):
        solution, *_ = np.linalg.lstsq(design, e[:, k], rcond=None)
        np.testing.assert_allclose(design @ solution, e[:, k], atol=1e-8)
        assert np.abs(e[:, k]).max() > 1e-3


def test_one_exponential_unit_has_the_vanishing_identity():
    a, b, w = (real_symbol(s) for s in "abw")
    L = sum((a * sympy.exp(w * t + b) - t) ** 2 for t in (-1, 1, 2)) + a**2 / 10
    store, (form,) = forms.from_program(compile_expressions([L], [a, b, w]))
    (row,) = rows.cancellations(store, store.gradient(form))
    assert row == ((((0, 2),), Fraction(1, 5)),)  # a dL/da - dL/db = 2 lambda a^2


def test_the_quadratic_block_is_the_last_layer():
    for make, block in ((problems.problem_a, []), (problems.problem_c, [2, 3]), (problems.six_parameters, [4, 5])):
        objective, parameters, _ = make()
        assert pose(objective, parameters).tape.block.tolist() == block
    assert pose(x**2 * y**2 + sympy.exp(z), [x, y, z]).tape.block.tolist() == []
    assert pose(expressions.softplus(x) + y**2, [x, y]).tape.block.tolist() == [1]


def test_symmetries_of_a_two_unit_network_are_found_and_verified():
    objective, parameters, _ = problems.six_parameters()
    program = compile_expressions([objective], parameters)
    store, (form,) = forms.from_program(program)
    group = symmetry.closure(symmetry.generators(program, store, form), 6)
    assert len(group) == 8
    assert all(symmetry.holds(store, form, g) for g in group)
    for g, h in itertools.product(group, group):
        assert g.after(h) in group


def test_a_wrong_symmetry_is_refused():
    objective, parameters, _ = problems.problem_b()
    store, (form,) = forms.from_program(compile_expressions([objective], parameters))
    assert symmetry.holds(store, form, symmetry.Signed((0, 1, 2), (-1, -1, -1)))
    for sign in itertools.product((1, -1), repeat=3):
        if sign not in ((1, 1, 1), (-1, -1, -1)):
            assert not symmetry.holds(store, form, symmetry.Signed((0, 1, 2), sign))
    assert not symmetry.holds(store, form, symmetry.Signed((1, 0, 2), (1, 1, 1)))


@pytest.mark.parametrize("make", [problems.problem_b, problems.five_parameters, problems.six_parameters])
def test_the_cone_meets_every_orbit(make):
    objective, parameters, _ = make()
    program = compile_expressions([objective], parameters)
    store, (form,) = forms.from_program(program)
    n = store.n
    group = symmetry.closure(symmetry.generators(program, store, form), n)
    cone = symmetry.cone(group, n)
    assert len(cone) >= 1
    for theta in np.random.default_rng(3).normal(size=(200, n)):
        images = [np.array(g.apply([Fraction(float(v)) for v in theta]), dtype=float) for g in group]
        assert any((cone @ image >= 0).all() for image in images)


def test_gradients_that_jump_are_refused_by_name():
    with pytest.raises(InputError, match="gradient has step"):
        pose(expressions.relu(x) + x**2, [x])
    with pytest.raises(InputError, match="gradient has sign"):
        pose(sympy.Abs(x - 1) + x**2, [x])


def test_constants_are_enclosed_not_rounded():
    for value in (Fraction(1, 10), Fraction(-2, 3), Fraction(1, 3) * 10**40, Fraction(5, 2)):
        low, high = tape.enclose(value)
        assert Fraction(low) <= value <= Fraction(high)
        assert (low == high) == (Fraction(low) == value)
    with pytest.raises(InputError, match="1e150"):
        tape.enclose(Fraction(10) ** 200)
