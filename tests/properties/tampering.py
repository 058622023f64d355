"""Saved records of every kind, and each of their fields changed one at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from pgb import library, problem
from pgb.landscape.search import classify_point, critical_points

Path = tuple[str | int, ...]
TANH = """
[network]
kind = "formula"
formula = ["tanh(w*x1 + b)"]
parameters = ["w", "b"]
[loss]
name = "squared"
scale = "1/2"
reduction = "sum"
[data]
x = [["-1"], ["0"], ["1"], ["2"]]
y = [["4/5"], ["-9/10"], ["9/10"], ["1/5"]]
[region]
theta = ["-10", "10"]
"""
LINEAR = """
[network]
kind = "linear"
layers = [1, 1, 1]
[loss]
name = "squared"
[data]
x = [["1"]]
y = [["2"]]
[ridge]
weights = { w1_1_1 = "1/3", w2_1_1 = "1/5" }
[points.origin]
w1_1_1 = 0
w2_1_1 = 0
[points.beside]
w1_1_1 = "1/2"
w2_1_1 = "1/3"
"""
REGRESSION = """
[network]
kind = "linear"
layers = [1, 1]
bias = true
[loss]
name = "squared"
[data]
x = [["0"], ["1"], ["2"]]
y = [["1"], ["0"], ["1/3"]]
"""
CUBIC = """
[network]
kind = "formula"
formula = ["t^3 - 3*t"]
parameters = ["t"]
[loss]
name = "squared"
[data]
x = [["1"]]
y = [["-2"]]
[points.optimal]
t = 1
aux_a1 = 0
aux_b1 = "1/3"
aux_w1_1 = "-2"
[points.top]
t = -1
"""
CASES = {
    "flat minimum, by its orbit": ("srebro_jaakkola_rank_one", ()),
    "flat minimum, by a slice": ("ysj_sigmoid", ()),
    "minimum at a kink": ("dead_relu", ()),
    "decimals that fit": ("auer_single_neuron", ()),
}


def _critical(text: str) -> dict[str, Any]:
    found = critical_points(problem.loads(text), workers=1)
    return found.to_json() | {"objective": "L", "problem": text}


def _classified(text: str, name: str) -> dict[str, Any]:
    p = problem.loads(text, extra_sections=("case",))
    return classify_point(p, p.point(name))[1] | {"problem": text}


@cache
def records() -> dict[str, dict[str, Any]]:
    """Return one record of each kind that the package writes, as it comes back from a file."""
    found = {
        "critical points, by boxes": _critical(TANH),
        "critical points, by homotopy": _critical(LINEAR),
        "critical points, by linear algebra": _critical(REGRESSION),
        "a saddle": _classified(LINEAR, "origin"),
        "no critical point": _classified(LINEAR, "beside"),
        "a flat minimum of Lt": _classified(CUBIC, "optimal"),
        "a maximum": _classified(CUBIC, "top"),
    }
    for title, (name, _) in CASES.items():
        text = (library.counterexamples_folder() / f"{name}.toml").read_text(encoding="utf-8")
        p = problem.loads(text, extra_sections=("case",))
        point = next(n for n, v in p.points.items() if set(v) == {q.name for q in p.parameters})
        found[title] = _classified(text, point)
    return {name: json.loads(json.dumps(record)) for name, record in found.items()}


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every field that holds no others (an empty list or table is one)."""
    if isinstance(tree, dict | list) and tree:
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*path, key))
    else:
        yield path, tree


def spoilt(value: Any) -> Iterator[Any]:
    """Yield other values of the same kind."""
    if isinstance(value, bool) or value is None:
        yield from (v for v in (True, False, None) if v is not value)
    elif isinstance(value, int):
        yield from (value + 1, -1)
    elif isinstance(value, str):
        try:
            number = Fraction(value)
        except (ValueError, ZeroDivisionError):
            yield value + "x"
        else:
            yield str(number * Fraction(1001, 1000) + Fraction(1, 997))
            yield str(-number if number else Fraction(1))
    elif isinstance(value, list):
        yield ["1"]
    elif isinstance(value, dict):
        yield {"x": "1"}


def changed(record: Any, path: Path, value: Any) -> Any:
    """Return the record with another value at a path."""
    out = copy.deepcopy(record)
    at = out
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return out
