"""The PGB gap and the failure mode: zero gap at minima, no positive one there, and escapes that are what they say."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st

from pgb import condition, objective, problem
from pgb.escape import best_ray, flow, infimum, ray
from pgb.evidence import Evidence

from .concrete import Concrete, concretes, nonzero, positive, rational
from .exact import from_sympy
from .laws import law
from .test_statements import crossed, is_optimal, minima, slopes, with_point

F = Fraction


@law(6, drawn=minima(losses=("squared", "quartic"), max_samples=2))
def test_the_gap_is_zero_at_minima(drawn: Any) -> None:
    """At (theta, 0, b, W) with L(theta) = L* the gap of Lt is certified to be zero, never positive."""
    c, *point = drawn
    lt = objective.augmented(c.problem)
    found = condition.gap(c.problem, lt, c.point(*point), per_invariance=2)
    assert found.zero is not False


@law(6, drawn=crossed(max_samples=2, max_dy=1))
def test_the_gap_is_positive_where_only_perturbations_see_the_residuals(drawn: Any) -> None:
    """Critical for Lt at W = 0, and no minimum: perturbed columns are not orthogonal to the residuals."""
    c, *point = drawn
    assert not any(g.sign() for g in slopes(c, c.point(*point)).values())
    found = condition.gap(c.problem, objective.augmented(c.problem), c.point(*point))
    assert found.zero is False
    assert 0 < F(found.lower) <= from_value(c, point[0])


def from_value(c: Concrete, theta: Any) -> Fraction:
    at = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    value = objective.loss(c.problem).at(at)
    return F(int(value.p), int(value.q))


@law(8, drawn=with_point(losses=("squared",), networks=("linear", "shift", "product"), max_dy=1, max_samples=3))
def test_the_gap_without_perturbations_is_the_distance_to_the_column_space(drawn: Any) -> None:
    """Squared loss, no ridge: Q(z) - |(I - P_J) y|^2 / m, by exact least squares."""
    c, theta, *_ = drawn
    loss = objective.loss(c.problem)
    at = {p: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    outputs = [row[0] for row in c.problem.outputs()]
    J = sympy.Matrix([[sympy.diff(f, p).subs(at) for p in at] for f in outputs])
    y, q = sympy.Matrix([rational(v) for (v,) in c.y]), sympy.Matrix([sympy.sympify(f).subs(at) for f in outputs])
    found = condition.gap(c.problem, loss, {p.name: v for p, v in at.items()}, perturb=False)
    if found.basis is None:
        return
    residual = y - J * (J.T * J).pinv() * J.T * y
    expected = ((q - y).dot(q - y) - residual.dot(residual)) / c.m
    assert (expected == 0) is (found.zero is True)
    assert F(found.lower) <= F(int(expected.p), int(expected.q))
    if expected > 0:
        assert F(found.lower) >= F(int(expected.p), int(expected.q)) * F(99, 100)


@law(6, c=nonzero)
def test_a_gap_of_zero_in_disguise_is_not_positive(c: Fraction) -> None:
    """tanh(log(2)/2) = 1/3, which no expansion shows: f = t tanh(u x) fits c/3 exactly, so that the gap is 0."""
    p = problem.loads(
        '[network]\nkind = "formula"\nformula = ["t*tanh(u*x1)"]\nparameters = ["t", "u"]\n[loss]\nname = "squared"\n'
        f'[data]\nx = [["1"]]\ny = [["{c / 3}"]]\n'
    )
    point = {"t": rational(c), "u": sympy.log(2) / 2}
    assert condition.gap(p, objective.loss(p), point).zero is not False
    beside = {"t": rational(c) + 1, "u": sympy.log(2) / 2}
    assert condition.gap(p, objective.loss(p), beside).zero is False


@law(8, c=concretes(losses=("squared",), networks=("linear",), max_dx=1, max_dy=1), mu=positive)
def test_the_gap_with_a_ridge(c: Concrete, mu: Fraction) -> None:
    """Ridge regression: at its minimum the gap is exactly zero, beside it positive."""
    c = replace(c, ridge=mu)
    loss = objective.loss(c.problem)
    (solution,) = sympy.linsolve(loss.gradient(), *loss.variables)
    best = {v.name: e for v, e in zip(loss.variables, solution, strict=True)}
    assert condition.gap(c.problem, loss, best).zero is True
    beside = best | {"u": best["u"] + 1}
    found = condition.gap(c.problem, loss, beside)
    assert found.zero is False


@law(15, drawn=with_point(losses=("squared", "quartic")), amplitude=st.lists(nonzero, min_size=2, max_size=2))
def test_rays_are_values_of_lt(drawn: Any, amplitude: list[Fraction]) -> None:
    """The values, start and limit of a ray are those of L and Lt at (c e^-s, s, W), certified in 20 digits."""
    c, theta, _, _, W = drawn
    c_ = amplitude[: c.dy]
    named = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    found = ray(c.problem, named, c_, W, at=(0, 2))
    lt = objective.augmented(c.problem)
    for shown, step in found.values:
        point = c.point(theta, [F(0)] * c.dy, [F(int(shown))] * c.dy, W)
        point |= {f"aux_a{k + 1}": rational(v) * sympy.exp(-int(shown)) for k, v in enumerate(c_)}
        assert close(step, from_sympy(lt.at(point)).sympy())
    far = c.point(theta, c_, [F(0)] * c.dy, W)
    size = sum((v**2 for v in c_), F(0)) * c.lam
    limit = from_sympy(lt.at(far)) - size
    assert close(found.limit, limit.sympy())
    assert close(found.start, objective.loss(c.problem).at(named))
    gain = from_sympy(objective.loss(c.problem).at(named)) - limit
    assert (found.status is Evidence.CERTIFIED) is (gain.sign() > 0)
    assert F(found.drop) <= F(float(gain)) * (1 + F(1, 10**12)) or found.drop == "0"


def close(shown: str, value: sympy.Expr) -> bool:
    exact = sympy.N(value, 40)
    return bool(abs(sympy.Float(shown, 40) - exact) <= 10 ** sympy.Integer(-17) * (1 + abs(exact)))


@law(8, drawn=with_point(losses=("squared",), networks=("shift", "linear"), max_dx=1))
def test_the_infimum_is_between_l_star_and_every_ray(drawn: Any) -> None:
    c, theta, *_ = drawn
    named = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    start = float(objective.loss(c.problem).at(named))
    star = float(objective.optimum(c.problem).value)
    v = infimum(c.problem, named)
    assert v.exact
    assert star - 1e-12 <= float(v.low) <= start + 1e-12
    assert float(v.low) - 1e-9 <= float(best_ray(c.problem, named, starts=3).limit)
    if is_optimal(c, theta):
        assert abs(float(v.low) - start) < 1e-15
    else:
        assert float(v.low) < start - 1e-9
    # a grid over w with the best amplitude: no value of the data term is below the infimum, and some are near
    x = np.array([float(r) for (r,) in c.x])
    w = np.linspace(-40, 40, 3201)
    gain = 0.0
    for k in range(c.dy):
        r = np.array([float(c.y[i][k] - c.output(theta, i, k)) for i in range(c.m)])
        columns = np.exp(np.outer(w, x) - np.max(np.outer(w, x), axis=1)[:, None])
        gain += float(np.max((columns @ r) ** 2 / np.sum(columns**2, axis=1)))
    assert float(v.low) <= start - gain / c.m + 1e-9
    assert float(v.low) >= start - gain / c.m - 1e-2 * (1 + start)


@law(4, drawn=with_point(losses=("squared",), networks=("cubic", "shift"), max_dx=1, max_dy=1, max_samples=2))
def test_the_flow_descends_and_keeps_its_invariant(drawn: Any) -> None:
    c, *point = drawn
    lt = objective.augmented(c.problem)
    found = flow(c.problem, lt, {n: float(v) for n, v in c.point(*point).items()}, t_end=20.0, samples=60)
    assert found.success
    assert np.all(np.diff(found.value) <= 1e-9 * (1 + np.abs(found.value[:-1])))
    assert found.drift < 1e-6
    start = objective.augmented(c.problem).at(c.point(*point))
    assert abs(found.value[0] - float(sympy.N(start))) < 1e-9 * (1 + abs(found.value[0]))
