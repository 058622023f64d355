"""Makes a counterexample small: greedy steps, simplest first, each certified again by the judge before it is kept."""

from __future__ import annotations

import copy
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from pgb.errors import InputError
from pgb.falsify.candidates import Floats
from pgb.falsify.claims import Attack, Judge, Wanted, accepted, admissible, failing_case
from pgb.falsify.documents import Document, Spot, problem_of, size, weight
from pgb.falsify.points import looks_like, spots
from pgb.landscape.balls import NoEnclosure

SIMPLE: Final = ("0", "1", "-1", "2", "1/2", "-2", "-1/2")
PASSES: Final = 4
JUDGMENTS: Final = 250
TRIED: Final = 2


@dataclass(frozen=True, slots=True)
class Target:
    """What must keep failing."""

    theorem: str
    drop: str
    attack: Attack
    hypotheses: tuple[str, ...]
    judge: Judge
    seed: int


@dataclass(frozen=True, slots=True)
class State:
    """A counterexample on its way: the problem, the point, the failure, the steps so far; and whether it was cut short."""

    document: Document
    spot: Spot
    failure: Wanted
    steps: int = 0
    stopped: bool = False


def shrunk(target: Target, state: State, until: float) -> State:
    """Return the smallest counterexample that greedy steps reach within the limits of time and judgments."""
    budget = [JUDGMENTS]
    try:
        for _ in range(PASSES):
            before = state
            for steps in (_shifted, _fewer, _plainer, _simpler):
                state = _descend(target, state, steps, until, budget)
            state = _nearer(target, state, until, budget)
            if state is before:
                break
    except KeyboardInterrupt:
        return replace(state, stopped=True)
    return replace(state, stopped=time.monotonic() > until)


def _descend(target: Target, state: State, steps: Any, until: float, budget: list[int]) -> State:
    """Take every step of one kind that is certified, starting again from the new problem after each success."""
    again = True
    while again:
        again = False
        for document in steps(state.document):
            if time.monotonic() > until or budget[0] <= 0:
                return state
            smaller = _moved(target, state, document, budget)
            if smaller is not None:
                state, again = smaller, True
                break
    return state


def _moved(target: Target, state: State, document: Document, budget: list[int]) -> State | None:
    """Return the counterexample of a changed problem: at the same point if that still fails, else at one searched for."""
    if document == state.document:
        return None
    try:
        problem = problem_of(document)
        if not admissible(problem, target.hypotheses, target.drop):
            return None
        floats = Floats(problem, target.seed)
    except (InputError, NoEnclosure):
        return None
    tried = 0
    for spot, failure in itertools.chain(_same(floats, state, target), spots(floats, target.attack, 4)):
        if size(document, spot) >= size(state.document, state.spot) or tried >= TRIED:
            continue
        tried += 1
        budget[0] -= 1
        if accepted(target.judge, failing_case(target.theorem, target.drop, document, spot, failure, target.seed)):
            return State(document, spot, failure, state.steps + 1)
    return None


def _same(floats: Floats, state: State, target: Target) -> Iterator[tuple[Spot, Wanted]]:
    """Yield the point as it is, without the variables that are gone, where floats still see a failure."""
    values = {n: state.spot.values.get(n, "0") for n in floats.names}
    (guess,) = floats.seen(floats.point(values)[None, :])
    failure = looks_like(guess, target.attack)
    if failure is not None and state.spot.exact:
        yield Spot(values, True, floats.rival if state.spot.rival else ()), failure


# -- steps: each yields changed problems


def _fewer(document: Document) -> Iterator[Document]:
    """With one sample at the input 0 and a constant network, or without one sample, one output, one input."""
    yield from _collapsed(document)
    x, y = document["data"]["x"], document["data"]["y"]
    for i in range(len(x)) if len(x) > 1 else ():
        yield _with(document, "data", {"x": x[:i] + x[i + 1 :], "y": y[:i] + y[i + 1 :]})
    network = document["network"]
    outputs = len(network.get("formula", ())) or network["layers"][-1]
    if outputs > 1 and document["loss"]["name"] in ("squared", "absolute", "formula"):
        for k in range(outputs):
            yield from _one_output(document, k)
    yield from _one_input(document)
    constant = {"kind": "formula", "formula": ["0"] * outputs, "parameters": ["t1"]}
    yield _with(document, "network", constant)
    yield _with(document, "network", constant | {"formula": ["t1", *["0"] * (outputs - 1)]})


def _collapsed(document: Document) -> Iterator[Document]:
    """One of the samples alone, its input set to 0, with a constant network; its label is kept."""
    outputs = len(document["network"].get("formula", ())) or document["network"]["layers"][-1]
    flat = {"kind": "formula", "formula": ["0"] * outputs, "parameters": ["t1"]}
    x = [["0"] * len(document["data"]["x"][0])]
    for y in document["data"]["y"]:
        yield document | {"network": flat, "data": {"x": x, "y": [y]}}


def _shifted(document: Document) -> Iterator[Document]:
    """The same box moved so that one of its ends is 0."""
    region = document.get("region", {})
    for upper in (True, False) if region else ():
        moved = {}
        for name, (low, high) in region.items():
            width = Fraction(high) - Fraction(low)
            moved[name] = [str(-width), "0"] if upper else ["0", str(width)]
        yield document | {"region": moved}


def _one_output(document: Document, k: int) -> Iterator[Document]:
    """Keep output k alone."""
    network, loss, data = document["network"], dict(document["loss"]), document["data"]
    formula = network["formula"][k] if "formula" in network else "t1"
    if "formula" in loss:  # the same shape in every output
        parts = re.split(r" \+ (?=[^+]*q2)", loss["formula"])
        loss["formula"] = parts[0] if "q2" not in parts[0] else _only_first(loss["formula"])
        if not loss["formula"]:
            return
    changed = copy.deepcopy(document)
    used = [p for p in ("t1", "t2") if p in formula.replace("tanh", "")]
    changed["network"] = {"kind": "formula", "formula": [formula], "parameters": used or ["t1"]}
    changed["loss"], changed["data"] = loss, {"x": data["x"], "y": [[row[k]] for row in data["y"]]}
    changed["region"] = {n: v for n, v in document.get("region", {}).items() if re.match(r"aux_[abw]1(_|$)", n)}
    yield changed


def _only_first(formula: str) -> str:
    """Return the first half of a sum of equal shapes in q1 and q2; "" where it is no such sum."""
    for cut in (m.start() for m in re.finditer(r" \+ ", formula)):
        left, right = formula[:cut], formula[cut + 3 :]
        if left.replace("q1", "q2").replace("y1", "y2") == right:
            return left
    return ""


def _one_input(document: Document) -> Iterator[Document]:
    """Keep one column of the inputs alone."""
    x = document["data"]["x"]
    if len(x[0]) < 2 or "formula" not in document["network"]:
        return
    for r in range(len(x[0])):
        changed = copy.deepcopy(document)
        changed["data"]["x"] = [[row[r]] for row in x]
        changed["network"]["formula"] = [f.replace(f"x{r + 1}", "x1") for f in document["network"]["formula"]]
        if "unit" in changed["augmentation"]:
            changed["augmentation"]["unit"] = changed["augmentation"]["unit"].replace(" + w2*x2", "")
        changed["region"] = {n: v for n, v in document.get("region", {}).items() if not n.endswith("_2")}
        yield changed


def _plainer(document: Document) -> Iterator[Document]:
    """With a shorter network, loss or unit."""
    network, loss = document["network"], document["loss"]
    for k, f in enumerate(network.get("formula", ())):
        for shorter in ("0", "1", "t1", "x1", "t1*x1"):
            if len(shorter) < len(f):
                formula = [*network["formula"][:k], shorter, *network["formula"][k + 1 :]]
                used = [p for p in ("t1", "t2") if any(p in g.replace("tanh", "") for g in formula)]
                yield _with(document, "network", {"formula": formula, "parameters": used or ["t1"]})
    if "reduction" in loss:
        yield document | {"loss": {k: v for k, v in loss.items() if k != "reduction"}}
    if len(document["data"]["y"][0]) == len(network.get("formula", ())):
        for name in ("squared", "absolute"):
            yield document | {"loss": {"name": name}}
            ones = [["1"] * len(row) for row in document["data"]["y"]]
            yield document | {"loss": {"name": name}, "data": {"x": document["data"]["x"], "y": ones}}
    for inner in _numbers_in(loss.get("formula", "")):
        yield _with(document, "loss", {"formula": inner})
    unit = document["augmentation"].get("unit", "")
    if re.fullmatch(r"a\*exp\((w\d\*x\d \+ )+b\)", unit):
        yield document | {"augmentation": {"kind": "exp_neuron", "lambda": document["augmentation"]["lambda"]}}


def _numbers_in(formula: str) -> Iterator[str]:
    """Yield the formula with one of its bracketed or subtracted numbers replaced by a simpler one."""
    for found in re.finditer(r"\((-?\d+(?:/\d+)?)\)|(?<= - )(\d+(?:/\d+)?)(?=\))", formula):
        old = found.group(1) or found.group(2)
        for new in SIMPLE:
            if weight(new) < weight(old) or (weight(new) == weight(old) and old.startswith("-") and new > old):
                shown = f"({new})" if found.group(1) else new
                yield formula[: found.start()] + shown + formula[found.end() :]


def _simpler(document: Document) -> Iterator[Document]:
    """With one number of the data, lambda or the region replaced by a simpler one."""
    for key in ("x", "y"):
        for i, row in enumerate(document["data"][key]):
            for j, old in enumerate(row):
                for new in _below(old):
                    rows = copy.deepcopy(document["data"][key])
                    rows[i][j] = new
                    yield _with(document, "data", {key: rows})
    for new in _below(document["augmentation"]["lambda"]):
        yield _with(document, "augmentation", {"lambda": new})
    yield from _shifted(document)
    names = list(document.get("region", ()))
    for name in names if len(names) > 1 else ():
        yield document | {"region": {n: v for n, v in document["region"].items() if n != name}}
    for name, end in itertools.product(names, (0, 1)):
        for new in _below(document["region"][name][end]):
            pair = list(document["region"][name])
            pair[end] = new
            if Fraction(pair[0]) < Fraction(pair[1]):
                yield _with(document, "region", {name: pair})


def _below(old: str) -> Iterator[str]:
    yield from (new for new in SIMPLE if weight(new) < weight(old))


def _with(document: Document, section: str, changes: dict[str, Any]) -> Document:
    kept = {} if "kind" in changes else document[section]
    return document | {section: {**kept, **changes}}


# -- the point itself


def _nearer(target: Target, state: State, until: float, budget: list[int]) -> State:
    """Replace coordinates of an exact point by simpler numbers, one after the other."""
    if not state.spot.exact:
        return state
    floats = Floats(problem_of(state.document), target.seed)
    for name in list(state.spot.values):
        for new in _below(state.spot.values[name]):
            spot = replace(state.spot, values={**state.spot.values, name: new})
            (guess,) = floats.seen(floats.point(spot.values)[None, :])
            failure = looks_like(guess, target.attack)
            if failure is None or time.monotonic() > until or budget[0] <= 0:
                continue
            budget[0] -= 1
            text = failing_case(target.theorem, target.drop, state.document, spot, failure, target.seed)
            if accepted(target.judge, text):
                state = State(state.document, spot, failure, state.steps + 1)
                break
    return state
