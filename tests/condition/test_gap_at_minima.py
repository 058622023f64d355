"""At certified local minima the gap is never positive: the condition is necessary (pgb_condition), on every case that ships."""

import pytest

from pgb import condition, library, objective, problem
from pgb.landscape.classify import classify

CASES = ("linear_weight_decay", "ysj_quadratic", "ysj_sigmoid", "straight_line")


@pytest.mark.parametrize("name", CASES)
def test_no_certified_minimum_has_a_positive_gap(name: str) -> None:
    p = problem.load(library.counterexamples_folder() / f"{name}.toml", extra_sections=("case",))
    target = objective.loss(p)
    looked = 0
    for point in p.points.values():
        if set(point) - {v.name for v in target.variables}:
            continue
        found = classify(target, point)
        if not (found.local_minimum and found.exact):
            continue
        looked += 1
        assert condition.gap(p, target, point, per_invariance=2).zero is not False
    assert looked
