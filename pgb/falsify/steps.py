"""Single steps that make a problem smaller: each changes one thing, and knows nothing of theorems. Decides nothing.

Steps on data leave networks alone and the other way round. Whether anything still fails after a step is judged elsewhere.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from pgb.falsify.documents import Document, weight
from pgb.falsify.strategies import formula_network

SIMPLE: Final = ("0", "1", "-1", "2", "1/2", "-2", "-1/2")
SHORT: Final = ("0", "1", "t1", "x1", "t1*x1")
LOSSES: Final = ("squared", "absolute")


def fewer(document: Document) -> Iterator[Document]:
    """Without one sample, one output, one input, one hidden unit or one hidden layer; or with a constant network."""
    x, y = document["data"]["x"], document["data"]["y"]
    for i in range(len(x)) if len(x) > 1 else ():
        yield _with(document, "data", {"x": x[:i] + x[i + 1 :], "y": y[:i] + y[i + 1 :]})
    outputs = _outputs(document)
    for k in range(outputs) if outputs > 1 else ():
        yield from _without_output(document, k)
    for r in range(len(x[0])) if len(x[0]) > 1 else ():
        yield from _without_input(document, r)
    layers = document["network"].get("layers", [])
    for j in range(1, len(layers) - 1):
        if layers[j] > 1:
            yield _with(document, "network", {"layers": [*layers[:j], layers[j] - 1, *layers[j + 1 :]]})
        yield _with(document, "network", {"layers": layers[:j] + layers[j + 1 :]})
    yield document | {"network": formula_network(["0"] * outputs)}


def centred(document: Document) -> Iterator[Document]:
    """With all inputs 0."""
    x = document["data"]["x"]
    yield _with(document, "data", {"x": [["0"] * len(row) for row in x]})


def plainer(document: Document) -> Iterator[Document]:
    """With one shorter formula of the network, a plainer loss, or the plain unit."""
    network, loss, augmentation = document["network"], document["loss"], document["augmentation"]
    for k, f in enumerate(network.get("formula", ())):
        shorter = [s for s in SHORT if len(s) < len(f)]
        for new in itertools.chain(shorter, _numbers_in(f)):
            yield document | {"network": formula_network([*network["formula"][:k], new, *network["formula"][k + 1 :]])}
    for key in ("reduction", "scale"):
        if key in loss:
            yield document | {"loss": {k: v for k, v in loss.items() if k != key}}
    for name in LOSSES if loss["name"] not in LOSSES else ():
        yield document | {"loss": {"name": name}}
        if loss["name"] == "cross_entropy":
            yield document | {"loss": {"name": name}, "data": _one_hot(document)}
    for inner in _numbers_in(loss.get("formula", "")):
        yield _with(document, "loss", {"formula": inner})
    unit = augmentation.get("unit", "")
    if re.fullmatch(r"a\*exp\((w\d\*x\d \+ )+b\)", unit):
        yield document | {"augmentation": {"kind": "exp_neuron", "lambda": augmentation["lambda"]}}


def simpler(document: Document) -> Iterator[Document]:
    """With one number of the data, lambda, the ridge or the region replaced by a simpler one, or one input set to 0."""
    for i, row in enumerate(document["data"]["x"]):
        if len(row) > 1 and any(v != "0" for v in row):
            rows = copy.deepcopy(document["data"]["x"])
            rows[i] = ["0"] * len(row)
            yield _with(document, "data", {"x": rows})
    for key in ("x", "y"):
        for i, row in enumerate(document["data"][key]):
            for j, old in enumerate(row):
                for new in below(old):
                    rows = copy.deepcopy(document["data"][key])
                    rows[i][j] = new
                    yield _with(document, "data", {key: rows})
    for section, key in (("augmentation", "lambda"), ("ridge", "weight")):
        for new in below(document.get(section, {}).get(key, "0")):
            yield _with(document, section, {key: new})
    yield from boxes(document)


def boxes(document: Document) -> Iterator[Document]:
    """With the same box moved so that one of its ends is 0, without one side of it, or with one simpler end."""
    region = document.get("region", {})
    for upper in (True, False) if region else ():
        moved = {}
        for name, (low, high) in region.items():
            width = Fraction(high) - Fraction(low)
            moved[name] = [str(-width), "0"] if upper else ["0", str(width)]
        yield document | {"region": moved}
    for name in region if len(region) > 1 else ():
        yield document | {"region": {n: v for n, v in region.items() if n != name}}
    for name, end in itertools.product(region, (0, 1)):
        for new in below(region[name][end]):
            pair = list(region[name])
            pair[end] = new
            if Fraction(pair[0]) < Fraction(pair[1]):
                yield _with(document, "region", {name: pair})


def below(old: str) -> Iterator[str]:
    """Yield the numbers that are simpler than this one."""
    yield from (new for new in SIMPLE if weight(new) < weight(old))


def _one_hot(document: Document) -> dict[str, Any]:
    """Return the data with each class as a row of 0 and a 1."""
    x, y, n = document["data"]["x"], document["data"]["y"], _outputs(document)
    return {"x": x, "y": [[str(int(k == int(row[0]))) for k in range(n)] for row in y]}


def pairs(document: Document) -> Iterator[Document]:
    """After two of the coarse steps, for where neither of them can be taken alone."""
    seen = {json.dumps(document, sort_keys=True)}
    for first in itertools.chain(fewer(document), centred(document)):
        for second in itertools.chain(fewer(first), centred(first)):
            key = json.dumps(second, sort_keys=True)
            if key not in seen:
                seen.add(key)
                yield second


KINDS: Final = (fewer, centred, boxes, plainer, simpler)


def _outputs(document: Document) -> int:
    network = document["network"]
    return len(network["formula"]) if "formula" in network else int(network["layers"][-1])


def _without_output(document: Document, k: int) -> Iterator[Document]:
    """Without output k and its labels, its share of the loss, and its bounds."""
    network, loss, y = document["network"], dict(document["loss"]), document["data"]["y"]
    outputs = _outputs(document)
    if len(y[0]) != outputs:
        return
    if "formula" in loss:
        parts = _parts(loss["formula"], outputs)
        if not parts:
            return
        loss["formula"] = " + ".join(parts[: outputs - 1])  # the same shape in every output
    if "formula" in network:
        changed = formula_network([_renumbered(f, "t", k + 1) for j, f in enumerate(network["formula"]) if j != k])
    else:
        changed = {**network, "layers": [*network["layers"][:-1], outputs - 1]}
    data = {"x": document["data"]["x"], "y": [row[:k] + row[k + 1 :] for row in y]}
    gone = f"aux_[abw]{outputs}(_|$)"
    region = {n: v for n, v in document.get("region", {}).items() if not re.match(gone, n)}
    yield document | {"network": changed, "loss": loss, "data": data} | ({"region": region} if region else {})


def _parts(formula: str, outputs: int) -> list[str]:
    """Return the terms of a sum of equal shapes in q1, q2 ..; none where it is no such sum."""
    for cut in (m.start() for m in re.finditer(r" \+ ", formula)):
        first = formula[:cut]
        shapes = [re.sub(r"([qy])1", rf"\g<1>{k}", first) for k in range(1, outputs + 1)]
        if " + ".join(shapes) == formula:
            return shapes
    return []


def _renumbered(formula: str, letter: str, gone: int) -> str:
    """Return the formula with t3 written as t2 where number 2 is gone, and so on; it keeps number 1."""

    def name(found: re.Match[str]) -> str:
        number = int(found.group(1))
        return f"{letter}{max(1, number - 1) if number >= gone else number}"

    return re.sub(rf"\b{letter}(\d)\b", name, formula)


def _without_input(document: Document, r: int) -> Iterator[Document]:
    """Without one column of the inputs; what the network and the unit make of it goes to the column before, or is left out."""
    network, dx = document["network"], len(document["data"]["x"][0])
    changed = copy.deepcopy(document)
    changed["data"]["x"] = [row[:r] + row[r + 1 :] for row in document["data"]["x"]]
    if "formula" in network:
        changed["network"]["formula"] = [_renumbered(f, "x", r + 1) for f in network["formula"]]
    else:
        changed["network"]["layers"][0] -= 1
    if "unit" in changed["augmentation"]:
        changed["augmentation"]["unit"] = changed["augmentation"]["unit"].replace(f" + w{dx}*x{dx}", "")
    region = {n: v for n, v in document.get("region", {}).items() if not re.fullmatch(rf"aux_w\d_{dx}", n)}
    yield changed | ({"region": region} if region else {})


def _numbers_in(formula: str) -> Iterator[str]:
    """Yield the formula with one of its bracketed, subtracted or leading numbers replaced by a simpler one."""
    for found in re.finditer(r"\((-?\d+(?:/\d+)?)\)|(?<= - )(\d+(?:/\d+)?)(?=\))|^(-?\d+(?:/\d+)?)(?=\*|$)", formula):
        old = next(g for g in found.groups() if g)
        for new in SIMPLE:
            if weight(new) < weight(old) or (weight(new) == weight(old) and old.startswith("-") and new > old):
                shown = f"({new})" if found.group(1) else new
                yield formula[: found.start()] + shown + formula[found.end() :]


def _with(document: Document, section: str, changes: dict[str, Any]) -> Document:
    return document | {section: {**document[section], **changes}}
