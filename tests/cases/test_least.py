"""Certified least values of Lt(theta, .) over the added neurons: no sampled (a, b, W) is better, and the rules refuse the rest."""

import numpy as np
import pytest
import sympy

from pgb.cases import case_names, load_case
from pgb.cases.added import least
from pgb.cases.bench import Bench

ATTAINED = [
    n
    for n in case_names()
    if {"failure_mode_c", "failure_mode_e"} & set(load_case(n).breaks)
    and load_case(n).drops not in ("loss_nonnegative",)
    and load_case(n).problem.augmentation.lam >= 0
]


def prepared(case):
    bench = Bench(case)
    return bench, bench.complete(bench.place(case.at), bench.objective("Lt"))


@pytest.mark.parametrize("name", ATTAINED)
def test_no_sampled_neuron_is_better(name):
    bench, place = prepared(load_case(name))
    assert least(bench, place).holds is True
    Lt = bench.objective("Lt").expression
    added = [v for letter in "abw" for v in bench.added(letter)]
    at_theta = Lt.subs({p: place.values[p.name] for p in bench.problem.parameters}, simultaneous=True)
    value = sympy.lambdify(added, at_theta, "numpy")
    rng = np.random.default_rng(7)
    columns = []
    for v in added:
        low, high = (float(end) for end in bench.problem.region.get(v.name, (-4, 4)))
        near = float(place.values[v.name]) + rng.normal(0, 0.05, 20_000)
        columns.append(np.concatenate([rng.uniform(low, high, 20_000), np.clip(near, low, high)]))
    best = float(bench.enclose(Lt, place))
    assert np.min(value(*columns)) >= best - 1e-9
    assert np.min(value(*columns)) <= best + 0.1


@pytest.mark.parametrize(
    "name", ["double_well", "straight_line", "cubic", "two_outputs", "lambda_negative", "bias", "relu_unit"]
)
def test_where_a_neuron_helps_nothing_is_certified(name):
    """At theta and neurons off (or on, without a bias), Lt(theta, .) has smaller values, or no rule speaks of the unit."""
    case = load_case(name)
    bench = Bench(case)
    start = bench.place(case.at or next(iter(case.problem.points)))
    values = {v.name: sympy.S.Zero for letter in "abw" for v in bench.added(letter)} | dict(start.values)
    assert least(bench, start.moved(start.name, values)).holds is None


def test_a_point_outside_the_region_is_not_least(variant):
    bench, place = prepared(variant("bounded_bias", ('aux_b1 = ["-1", "0"]', 'aux_b1 = ["-2", "-1"]')))
    assert "region" in least(bench, place).sentence
