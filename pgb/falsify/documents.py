"""Problems as plain documents, as problem files have them: written as TOML, measured, and made into cases. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from pgb.problem import Problem
from pgb.problem.files import from_document

Document = dict[str, Any]
POINT: Final = "found"
RADIUS: Final = "1e-9"
_RATIONAL: Final = re.compile(r"-?\d+(/\d+|\.\d+)?")
SECTIONS: Final = ("network", "loss", "data", "ridge", "augmentation", "region")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of an objective as text, exact or as decimals near a critical point, and what a case says besides.

    Attributes
    ----------
    values
        A rational, decimal or closed form for each variable, by name.
    exact
        Whether the point itself is meant; otherwise the critical point within `RADIUS` of it.
    rival
        One output vector for each group of equal inputs, for problems whose L* is not known exactly; else empty.
    claims
        Further [[case.claims]] tables.
    others
        Further named points.
    """

    values: Mapping[str, str]
    exact: bool = True
    rival: tuple[tuple[str, ...], ...] = field(default=())
    claims: tuple[Mapping[str, Any], ...] = ()
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def problem_of(document: Document) -> Problem:
    """Return the problem that a document describes.

    Raises
    ------
    InputError
        When it describes none.
    """
    return from_document({name: document[name] for name in SECTIONS if document.get(name)})


def claims_toml(
    document: Document,
    spot: Spot,
    claims: Sequence[Mapping[str, Any]],
    heading: Mapping[str, Any],
    title: str,
    source: str,
) -> str:
    """Return a case file: the document, the spot as its point, and claims about it.

    Parameters
    ----------
    claims
        Fields of each [[case.claims]] table, before those of the spot itself.
    heading
        Further keys of [case].
    """
    lines = [f"title = {json.dumps(title)}", f"source = {json.dumps(source)}"]
    for name in SECTIONS:
        if document.get(name):
            lines += ["", f"[{name}]", *_entries(document[name])]
    for name, values in ((POINT, spot.values), *spot.others.items()):
        lines += ["", f"[points.{name}]", *_entries(values)]
    lines += ["", "[case]", *_entries(heading)]
    if spot.rival:
        lines.append(f"rival = {json.dumps([list(q) for q in spot.rival])}")
    if not spot.exact:
        lines.append(f'approximate = {{ {POINT} = "{RADIUS}" }}')
    for claim in (*claims, *spot.claims):
        lines += ["", "[[case.claims]]", *_entries(claim)]
    return "\n".join(lines) + "\n"


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in table.items()]


def _toml(value: Any) -> str:
    """Return a string, number, flag, list or table as TOML has it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(v)}" for key, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How much there is to read; smaller sorts first.

    Attributes
    ----------
    samples
        Rows of the data.
    variables
        Parameters of the network and added variables.
    decimals
        1 when the point is known by decimals only.
    formulas
        Characters of the network, the loss and the unit.
    numbers
        The sum of |p| + q - 1 over the rationals p/q of the data, lambda, the region and the point.
    """

    samples: int
    variables: int
    decimals: int
    formulas: int
    numbers: int


def size(document: Document, spot: Spot) -> Size:
    """Measure a problem together with its point."""
    x, y = document["data"]["x"], document["data"]["y"]
    augmentation = document["augmentation"]
    numbers = [v for row in (*x, *y) for v in row] + [
        augmentation.get("lambda", "0"),
        *document.get("ridge", {}).values(),
    ]
    numbers += [v for pair in document.get("region", {}).values() for v in pair]
    numbers += list(spot.values.values()) if spot.exact else []
    numbers += [v for values in spot.others.values() for v in values.values()]
    network = document["network"]
    formulas = [*network.get("formula", []), *map(str, network.get("layers", [])), document["loss"].get("formula", "")]
    length = sum(map(len, formulas)) + len(augmentation.get("unit", "")) + 4 * len(document["loss"])
    length += 40 * (network["kind"] != "formula")
    return Size(len(x), len(spot.values), int(not spot.exact), length, sum(map(weight, numbers)))


def weight(number: str) -> int:
    """Return |p| + q - 1 for the rational p/q: 0 for 0, 1 for 1 and -1. A closed form counts ten for each character."""
    if not _RATIONAL.fullmatch(number):
        return 10 * len(number)
    value = Fraction(number)
    return abs(value.numerator) + value.denominator - 1
