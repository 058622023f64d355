"""What does not change what is studied must not change what is found, and what changes it must change the findings alike."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import strategies as st

from pgb import checking, objective, problem
from pgb.escape import infimum
from pgb.landscape.classify import classify
from pgb.landscape.reduction import reduce_at
from pgb.landscape.search import critical_points

from .concrete import Concrete, nonzero, numbers, positive, rational
from .laws import law
from .test_statements import minima, with_point

F = Fraction
DRAWN = with_point(losses=("squared",), networks=("cubic", "shift"), max_dx=1, max_dy=1)


def named(c: Concrete, theta: Any) -> dict[str, sympy.Expr]:
    return {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}


def having(c: Concrete, **changes: Any) -> Concrete:
    return replace(c, **changes)


def zeros_of(c: Concrete, theta: Any) -> list[list[float]]:
    return [sorted(float(w) for (w,) in o.w) for o in reduce_at(c.problem, named(c, theta)).outputs]


def close(one: Any, two: Any, factor: float = 1.0) -> bool:
    return len(one) == len(two) and all(
        abs(a * factor - b) < 1e-9 * (1 + abs(b)) for a, b in zip(one, two, strict=True)
    )


def numbers_of(c: Concrete) -> list[tuple[Any, ...]]:
    """Return the critical points of L: where, which value, which type."""
    found = critical_points(c.problem)
    assert found.complete
    return sorted((float(p.value), *map(float, p.theta.values()), str(p.kind), p.index) for p in found.points)


def alike(one: list[tuple[Any, ...]], two: list[tuple[Any, ...]], factor: float = 1.0) -> bool:
    return len(one) == len(two) and all(
        abs(a[0] * factor - b[0]) < 1e-12 * (1 + abs(b[0])) and close(a[1:-2], b[1:-2]) and a[-2:] == b[-2:]
        for a, b in zip(one, two, strict=True)
    )


def all_findings(c: Concrete, theta: Any) -> tuple[Any, ...]:
    v = infimum(c.problem, named(c, theta)) if c.loss == "squared" else None
    star = objective.optimum(c.problem)
    return (
        reduce_at(c.problem, named(c, theta)).kind,
        zeros_of(c, theta),
        None if star.value is None else sympy.nsimplify(star.value),
        star.attained,
        None if v is None else v.low[:18],
        objective.loss(c.problem).at(named(c, theta)),
    )


def verdicts(c: Concrete) -> dict[str, str]:
    found = checking.check(c.problem, search=False)
    assert found.ok
    return {v.theorem: str(v.verdict) for v in found.verdicts}


@law(12, drawn=DRAWN, order=st.permutations(range(3)))
def test_the_order_of_the_samples(drawn: Any, order: list[int]) -> None:
    c, theta, *_ = drawn
    turned = [i for i in order if i < c.m]
    other = having(c, x=[c.x[i] for i in turned], y=[c.y[i] for i in turned])
    assert all_findings(other, theta) == all_findings(c, theta)
    assert alike(numbers_of(other), numbers_of(c))


@law(12, drawn=DRAWN)
def test_every_sample_twice(drawn: Any) -> None:
    """The mean stays what it is: L, Lt, L*, V, the zeros and the critical points."""
    c, theta, *_ = drawn
    other = having(c, x=[*c.x, *c.x], y=[*c.y, *c.y])
    assert all_findings(other, theta) == all_findings(c, theta)
    assert sympy.expand(objective.augmented(other.problem).expression - objective.augmented(c.problem).expression) == 0
    assert alike(numbers_of(other), numbers_of(c))


@law(12, drawn=DRAWN, scale=positive)
def test_the_scale_of_the_loss(drawn: Any, scale: Fraction) -> None:
    """With lambda scaled alike, Lt is a multiple: the points and types stay, the values are scaled."""
    c, theta, *_ = drawn
    factor, p = rational(scale), c.problem
    heavier = replace(p.augmentation, lam=p.augmentation.lam * factor)
    scaled = replace(p, loss=replace(p.loss, scale=factor), augmentation=heavier)
    assert (
        sympy.expand(objective.augmented(scaled).expression - factor * objective.augmented(c.problem).expression) == 0
    )
    one, two = reduce_at(c.problem, named(c, theta)), reduce_at(scaled, named(c, theta))
    assert (one.kind, [o.w for o in one.outputs]) == (two.kind, [o.w for o in two.outputs])
    assert objective.optimum(scaled).value == factor * objective.optimum(c.problem).value
    found, other = critical_points(c.problem), critical_points(scaled)
    assert [(p.kind, p.index) for p in found.points] == [(p.kind, p.index) for p in other.points]
    for p, q in zip(found.points, other.points, strict=True):
        assert abs(float(p.value) * float(scale) - float(q.value)) < 1e-12 * (1 + abs(float(q.value)))


@law(12, drawn=DRAWN, shift=numbers, stretch=nonzero)
def test_inputs_moved_and_stretched(drawn: Any, shift: Fraction, stretch: Fraction) -> None:
    """These networks do not look at x. A shift of x goes into b, a stretch into W: zeros w -> w / stretch, V as before."""
    c, theta, *_ = drawn
    other = having(c, x=[[stretch * v + shift for v in row] for row in c.x])
    for one, two in zip(zeros_of(c, theta), zeros_of(other, theta), strict=True):
        assert close(sorted(w / float(stretch) for w in one), two)
    assert all_findings(other, theta)[2:] == all_findings(c, theta)[2:]
    assert all_findings(other, theta)[0] == all_findings(c, theta)[0]


@law(10, drawn=with_point(losses=("squared",), networks=("shift",), max_dx=1))
def test_the_order_of_the_outputs(drawn: Any) -> None:
    c, theta, *_ = drawn
    other = having(c, y=[row[::-1] for row in c.y])
    assert zeros_of(other, theta[::-1]) == zeros_of(c, theta)[::-1]
    assert all_findings(other, theta[::-1])[2:] == all_findings(c, theta)[2:]
    one = [(p[0], *sorted(p[1:-2]), *p[-2:]) for p in numbers_of(c)]
    assert alike(sorted(one), sorted((p[0], *sorted(p[1:-2]), *p[-2:]) for p in numbers_of(other)))


DENSE = """
[network]
kind = "dense"
layers = [1, 2, 1]
activation = "{act}"
bias = false
[loss]
name = "squared"
[data]
x = [["1"], ["2"]]
y = [["{y1}"], ["{y2}"]]
"""


@law(4, w=st.lists(nonzero, min_size=4, max_size=4), fits=st.booleans())
@pytest.mark.parametrize("act", ["tanh", "square"])
def test_hidden_units_exchanged_and_flipped(act: str, w: list[Fraction], fits: bool) -> None:
    """Exchange the units; and flip one: for an odd activation both its weights, for an even one the inner weight alone."""
    names = ("w1_1_1", "w1_2_1", "w2_1_1", "w2_1_2")
    values = dict(zip(names, map(rational, w), strict=True))
    bare = problem.loads(DENSE.format(act=act, y1=0, y2=0))
    y = [row[0].subs({p: values[p.name] for p in bare.parameters}) for row in bare.outputs()]
    if fits and act == "square":
        p = problem.loads(DENSE.format(act=act, y1=y[0], y2=y[1]))
    else:
        p = problem.loads(DENSE.format(act=act, y1="1/3", y2="-1"))
    L = objective.loss(p)
    exchanged = {
        names[1]: values[names[0]],
        names[0]: values[names[1]],
        names[3]: values[names[2]],
        names[2]: values[names[3]],
    }
    flipped = values | {names[0]: -values[names[0]]} | ({names[2]: -values[names[2]]} if act == "tanh" else {})
    seen = classify(L, values)
    for other in (exchanged, flipped):
        assert sympy.expand(L.at(other) - L.at(values)) == 0
        again = classify(L, other)
        assert (again.kind, again.index, again.strict, again.critical, again.local_minimum, again.value) == (
            seen.kind, seen.index, seen.strict, seen.critical, seen.local_minimum, seen.value,
        )  # fmt: skip


@law(3, drawn=minima(losses=("squared",), networks=("cubic", "shift"), max_dx=1, max_dy=1, max_samples=2), away=numbers)
def test_verdicts_do_not_depend_on_how_the_data_are_written(drawn: Any, away: Fraction) -> None:
    """The samples reversed, each twice, and inputs moved: every theorem has the same verdict."""
    c, *_ = drawn
    c.y[0] = [c.y[0][0] + away]
    c = having(c)
    said = verdicts(c)
    assert verdicts(having(c, x=c.x[::-1], y=c.y[::-1])) == said
    assert verdicts(having(c, x=[*c.x, *c.x], y=[*c.y, *c.y])) == said
    assert verdicts(having(c, x=[[v + 1 for v in row] for row in c.x])) == said
