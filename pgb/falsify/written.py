"""Writes problems and conjectures as documents and TOML, as the readers of files take them. Decides nothing."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from pgb.errors import InputError
from pgb.expressions import short, text
from pgb.falsify.documents import POINT, SECTIONS, Document, Spot
from pgb.problem import Problem
from pgb.problem.files import loads, read_toml

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def document_of(example: Any) -> Document:
    """Return the document of a problem that is given as a document, as the text of a problem file, or as a `Problem`.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if isinstance(example, Mapping):
        return dict(example)
    if isinstance(example, str):
        loads(example)
        return read_toml(example)
    if isinstance(example, Problem):
        return _of_problem(example)
    raise InputError(
        "strategy", f"must draw problems, their documents or the text of their files, got {short(example)}"
    )


def _of_problem(problem: Problem) -> Document:
    """Return a document with the same content; a network's layers are written out as a formula."""
    loss, added = problem.loss, problem.augmentation
    document: Document = {
        "network": {
            "kind": "formula",
            "formula": [text(f) for f in problem.network.outputs],
            "parameters": [p.name for p in problem.parameters],
        },
        "loss": {"name": loss.name, "scale": str(loss.scale), "reduction": "mean" if loss.mean else "sum"},
        "data": {
            "x": [[str(v) for v in row] for row in problem.data.x],
            "y": [[str(v) for v in row] for row in problem.data.y],
        },
        "augmentation": {"kind": added.kind, "lambda": str(added.lam)},
    }
    if loss.expression is not None:
        document["loss"]["formula"] = text(loss.expression)
    if added.unit is not None:
        document["augmentation"]["unit"] = text(added.unit)
    if problem.ridge:
        document["ridge"] = {"weights": {n: str(v) for n, v in problem.ridge.items()}}
    if problem.region:
        document["region"] = {n: [str(low), str(high)] for n, (low, high) in problem.region.items()}
    return document


def file_of(title: str, source: str, document: Document, sections: Mapping[str, Any], spot: Spot, notes: str) -> str:
    """Return the text of a file: notes as a comment, title and source, further sections, the problem, and the point found."""
    lines = [f"# {line}" for line in textwrap.wrap(" ".join(notes.split()), 118)]
    lines += [f"title = {_value(title)}", f"source = {_value(source)}"]
    tables = {**sections, **{name: document[name] for name in SECTIONS if document.get(name)}}
    if spot.values:
        tables[f"points.{POINT}"] = dict(spot.values)
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{_key(k)} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _value(value: Any) -> str:
    """Return a TOML value on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
