"""A-priori boxes: no critical point outside, honest refusals, and certified completeness on all of R^n."""

from fractions import Fraction

import box_problems as problems
import numpy as np
import pytest
import sympy
from box_multistart import newton_limits
from flint import arb
from sympy import Rational

from pgb import expressions
from pgb.errors import InputError
from pgb.expressions import real_symbol
from pgb.landscape import bounds
from pgb.landscape.boxes.critical import critical_points_in_box
from pgb.landscape.results import Kind
from pgb.objective.base import Objective

q1, q2 = real_symbol("q1"), real_symbol("q2")


def objective_of(parameters, q, outputs, losses, weight, ridge):
    """Assemble weight sum_i l_i(f_i) + sum_p ridge_p theta_p^2 with its parts."""
    rest = sum((r * p**2 for p, r in zip(parameters, ridge, strict=True)), sympy.S.Zero)
    data = sum(
        loss.subs(dict(zip(q, row, strict=True)), simultaneous=True) for loss, row in zip(losses, outputs, strict=True)
    )
    return Objective(
        "L",
        tuple(parameters),
        weight * data + rest,
        "",
        weight,
        tuple(q),
        tuple(losses),
        tuple(map(tuple, outputs)),
        rest,
    )


def shallow(activation, labels, ridge, units=1, *, output_bias=False, loss=None, depth=1):
    w = [real_symbol(f"w{k}") for k in range(units)]
    b = [real_symbol(f"b{k}") for k in range(units)]
    v = [real_symbol(f"v{k}") for k in range(units)]
    c = [real_symbol("c")] if output_bias else []
    deep = [real_symbol("d"), real_symbol("e")] if depth == 2 else []
    outputs = []
    for x in problems.X:
        hidden = [activation(w[k] * x + b[k]) for k in range(units)]
        if deep:
            hidden = [activation(deep[0] * h + deep[1]) for h in hidden]
        outputs.append([sum((v[k] * hidden[k] for k in range(units)), sympy.S.Zero) + (c[0] if c else 0)])
    losses = [(q1 - Rational(y)) ** 2 if loss is None else loss(y) for y in labels]
    parameters = [*w, *b, *deep, *v, *c]
    return objective_of(parameters, [q1], outputs, losses, Rational(1, 2), [Rational(ridge)] * len(parameters))


def everywhere(objective, **options):
    return critical_points_in_box(
        objective.expression, objective.variables, None, residual_structure=objective, **options
    )


@pytest.mark.parametrize(
    ("objective", "count"),
    [
        (shallow(sympy.tanh, problems.Y_B, "1/200"), 11),
        (shallow(sympy.tanh, problems.Y_C, "1/200", output_bias=True), 15),
    ],
)
def test_everywhere_the_known_counts(objective, count):
    found = everywhere(objective)
    assert found.complete
    assert len(found.points) == count
    assert any("everywhere" in note for note in found.notes)
    assert any("coercive" in note for note in found.notes)
    assert sum((-1) ** p.index for p in found.points) == 1


CASES = {
    "tanh": shallow(sympy.tanh, problems.Y_B, "1/20"),
    "sigmoid": shallow(expressions.sigmoid, problems.Y_B, "1/50", output_bias=True),
    "erf": shallow(sympy.erf, problems.Y_B, "1/40"),
    "atan": shallow(sympy.atan, problems.Y_C, "1/100"),
    "two units": shallow(sympy.tanh, problems.Y_B, "1/10", 2),
    "two layers": shallow(sympy.tanh, problems.Y_B, "1/30", depth=2),
    "logistic": shallow(sympy.tanh, (1, -1, 1, -1), "1/50", loss=lambda y: expressions.softplus(-y * q1)),
    "hinge": shallow(sympy.tanh, (1, -1, 1, -1), "1/10", loss=lambda y: expressions.relu(1 - y * q1) ** 3),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_critical_point_lies_outside_the_bound(name):
    objective = CASES[name]
    bound = bounds.everywhere(objective, [v.name for v in objective.variables])
    ends = np.array([float(b) for _, b in bound.ends])
    assert np.all(np.isfinite(ends))
    box = [(-3 * e - 5, 3 * e + 5) for e in ends]
    near = [(-3, 3)] * len(ends)
    limits = [newton_limits(objective.expression, objective.variables, b, 800, 2) for b in (box, near)]
    found = np.concatenate(limits)
    assert len(found) > 20
    assert (np.abs(found) <= ends + 1e-9).all()


@pytest.mark.parametrize("name", ["tanh", "erf", "sigmoid", "logistic"])
def test_everywhere_for_other_activations_and_losses(name):
    objective = CASES[name]
    found = everywhere(objective, seconds=60)
    assert found.complete
    limits = newton_limits(objective.expression, objective.variables, [(-6, 6)] * len(objective.variables), 1_000, 3)
    known = np.array([[float(t) for t in p.theta.values()] for p in found.points])
    assert np.abs(limits[:, None] - known[None]).max(axis=2).min(axis=1).max() < 1e-6


def test_cross_entropy_everywhere():
    a, b, c, d = (real_symbol(s) for s in "abcd")
    outputs = [[a * x + b, c * x + d] for x in problems.X]
    losses = [sympy.log(sum(sympy.exp(p - (q1, q2)[k]) for p in (q1, q2))) for k in (0, 1, 0, 1)]
    objective = objective_of([a, b, c, d], [q1, q2], outputs, losses, Rational(1, 4), [Rational(1, 50)] * 4)
    found = everywhere(objective)
    assert found.complete
    assert [p.kind for p in found.points] == [Kind.LOCAL_MINIMUM]


def test_without_a_ridge_the_refusal_names_the_parameter():
    w, b = real_symbol("w"), real_symbol("b")
    outputs = [[sympy.tanh(w * x + b)] for x in problems.X]
    losses = [(q1 - Rational(y)) ** 2 for y in problems.Y_A]
    bare = objective_of([w, b], [q1], outputs, losses, Rational(1), [Rational(1, 10), Rational(0)])
    with pytest.raises(InputError, match="without a ridge on b no bound is provable"):
        everywhere(bare)
    with pytest.raises(InputError, match="a bound is provable only for losses"):
        critical_points_in_box(bare.expression, bare.variables, None)
    negative = objective_of([w, b], [q1], outputs, losses, Rational(1), [Rational(1, 10), Rational(-1, 10)])
    with pytest.raises(InputError, match="without a ridge on b"):
        everywhere(negative)


def test_structures_that_do_not_fit_are_refused():
    good = CASES["tanh"]
    from dataclasses import replace

    with pytest.raises(InputError, match="must have the objective as its expression"):
        critical_points_in_box(good.expression + 1, good.variables, None, residual_structure=good)
    wrong = replace(good, rest=good.rest * 2)
    with pytest.raises(InputError, match="must add up to the objective"):
        everywhere(wrong)


def test_exponential_units_are_refused_not_bounded():
    with pytest.raises(InputError, match="no bound on"):
        everywhere(shallow(sympy.exp, problems.Y_B, "1/20"))


@pytest.mark.parametrize("name", sorted(bounds.EULER))
def test_the_constants_of_the_inner_layers(name):
    slope = {
        "tanh": lambda u: 1 / u.cosh() ** 2,
        "sigmoid": lambda u: 1 / (2 * (u / 2).cosh()) ** 2,
        "erf": lambda u: 2 * (-u * u).exp() / arb.pi().sqrt(),
        "atan": lambda u: 1 / (1 + u * u),
    }[name]
    top = arb(bounds.EULER[name].numerator) / bounds.EULER[name].denominator
    values = [arb(k) / 500 * slope(arb(k) / 500) for k in range(10_000)]
    assert all(v <= top for v in values)
    assert max(float(v) for v in values) > 0.999 * float(top)


def test_roots_are_rounded_upward():
    for value in (Fraction(2), Fraction(1, 3), Fraction(10**12 + 1), Fraction(1, 10**9), Fraction(0)):
        assert bounds._root(value) ** 2 >= value
