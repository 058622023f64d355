"""Problem files: TOML with exact numbers, read strictly (an unknown key is an error that names the key)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import sympy

from pgb.errors import InputError
from pgb.expressions import parse, rational, real_symbol, short
from pgb.problem import losses, networks
from pgb.problem.data import Data, table
from pgb.problem.losses import Loss
from pgb.problem.networks import AUXILIARY_PREFIX, Network
from pgb.problem.problem import KINDS, Augmentation, Interval, Point, Problem

MAX_BYTES: Final = 4_000_000
SECTIONS: Final = {
    "network": ("kind", "layers", "activation", "bias", "formula", "parameters"),
    "loss": ("name", "scale", "reduction", "formula"),
    "data": ("x", "y"),
    "ridge": ("weight", "weights"),
    "augmentation": ("kind", "lambda", "unit"),
    "region": None,
    "points": None,
}
REQUIRED: Final = ("network", "loss", "data")


def load(path: str | Path, *, extra_sections: Iterable[str] = ()) -> Problem:
    """Read a problem file.

    Parameters
    ----------
    path
        A TOML file.
    extra_sections
        Top-level sections that somebody else reads (a case's claims) and that are no errors here.

    Raises
    ------
    InputError
        With one sentence that names the file or field at fault.
    """
    return loads(read_text(path), extra_sections=extra_sections)


def read_text(path: str | Path) -> str:
    """Return a file's text, or say in one sentence why it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InputError(str(path), f"must be a file of at most {MAX_BYTES} bytes")
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"must be UTF-8 text; byte {error.start} is not") from None
    except IsADirectoryError:
        raise InputError(str(path), "must be a file, got a folder") from None
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})") from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(short(str(path)), "must be the path of a file") from None  # a zero byte in the name


def read_toml(text: str) -> dict[str, Any]:
    """Return the TOML document, or say in one sentence where it is malformed."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError("file", f"must be TOML: {str(error) or type(error).__name__}") from None


def loads(text: str, *, extra_sections: Iterable[str] = ()) -> Problem:
    """Read a problem from TOML text; see `load`."""
    return from_document(read_toml(text), extra_sections=extra_sections)


def from_document(document: Mapping[str, Any], *, extra_sections: Iterable[str] = ()) -> Problem:
    """Read a problem from a parsed document; see `load`."""
    _known(document, ("title", "source", *SECTIONS, *extra_sections), "")
    sections = {name: _section(document, name) for name in SECTIONS}
    for name in REQUIRED:
        if name not in document:
            raise InputError(name, f"is missing; a problem needs [{'], ['.join(REQUIRED)}]")
    for key in ("x", "y"):
        if key not in sections["data"]:
            raise InputError(f"data.{key}", "is missing")
    x, y = table(sections["data"]["x"], "data.x"), table(sections["data"]["y"], "data.y")
    if len(x) != len(y):
        raise InputError("data.y", f"must have {len(x)} rows like data.x, got {len(y)}")
    network = networks.from_table(sections["network"], len(x[0]))
    loss = losses.from_table(sections["loss"], network.dy, len(y[0]))
    losses.check_labels(loss, y)
    data = Data(x, y)
    augmentation = _augmentation(sections["augmentation"], network)
    auxiliary = auxiliary_names(augmentation, network)
    known = {p.name for p in network.parameters} | set(auxiliary)
    problem = Problem(
        title=_text(document, "title"),
        source=_text(document, "source"),
        network=_valued(network, data),
        loss=_checked(loss, data),
        data=data,
        ridge=_ridge(sections["ridge"], network),
        augmentation=augmentation,
        region=_region(sections["region"], network, known),
        points=_points(sections["points"], network, known),
    )
    for name, point in problem.points.items():
        problem.check_size(point, f"points.{_shown_key(name)}")
    return problem


def auxiliary_names(augmentation: Augmentation, network: Network) -> tuple[str, ...]:
    """Return the names of the added variables: aux_a1.., aux_b1.., aux_w1_1.. (output, input)."""
    outputs = range(1, network.dy + 1)
    if augmentation.kind == "none":
        return ()
    if augmentation.kind == "no_extra_unit":
        return (f"{AUXILIARY_PREFIX}a", f"{AUXILIARY_PREFIX}b")
    names = [f"{AUXILIARY_PREFIX}{v}{k}" for v in "ab" for k in outputs]
    names += [f"{AUXILIARY_PREFIX}w{k}_{r}" for k in outputs for r in range(1, network.dx + 1)]
    return tuple(names)


def _checked(loss: Loss, data: Data) -> Loss:
    """Refuse a loss formula that has no real value for some label row."""
    if loss.name == "formula":
        for i, y in enumerate(data.y):
            if not _real_valued(loss.sample(y)):
                raise InputError("loss.formula", f"has no real value for the labels of data.y[{i}]")
    return loss


def _valued(network: Network, data: Data) -> Network:
    """Refuse a network formula that has no real value at some input."""
    if network.kind == "formula":
        for i, x in enumerate(data.x):
            for k, f in enumerate(network.at(x)):
                if not _real_valued(f):
                    raise InputError(f"network.formula[{k}]", f"has no real value at data.x[{i}]")
    return network


def _real_valued(e: sympy.Expr) -> bool:
    """Is an expression free of infinities and of imaginary constants, such as roots of negative numbers leave behind?"""
    roots = [p for p in e.atoms(sympy.Pow) if p.base.is_number and not p.exp.is_Integer]
    return not e.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I) and not any(p.base.is_negative for p in roots)


def _known(section: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    allowed = tuple(keys)
    for key in section:
        if key not in allowed:
            shown = ", ".join(allowed[:12]) + (", ..." if len(allowed) > 12 else "")
            raise InputError(f"{where}{_shown_key(key)}", f"is not a known key; here they are {shown or 'none'}")


def _shown_key(key: str) -> str:
    """Show a key of the user's as it is if it is a plain name, else quoted and shortened."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", key) else short(key)


def _section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, dict):
        raise InputError(name, f"must be a section [{name}], got {short(section)}")
    keys = SECTIONS[name]
    if keys is not None:
        _known(section, keys, f"{name}.")
    return section


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str):
        raise InputError(key, f"must be text, got {short(value)}")
    return value


def _ridge(section: Mapping[str, Any], network: Network) -> dict[str, sympy.Rational]:
    names = [p.name for p in network.parameters]
    if "weight" in section and "weights" in section:
        raise InputError("ridge", "must have either weight (for all parameters) or weights (by name), not both")
    if "weight" in section:
        weights = dict.fromkeys(names, rational(section["weight"], "ridge.weight"))
    else:
        given = section.get("weights", {})
        if not isinstance(given, dict):
            raise InputError("ridge.weights", f"must be a table such as {{ {names[0]} = '1/2' }}, got {short(given)}")
        _known(given, names, "ridge.weights.")
        weights = {n: rational(v, f"ridge.weights.{n}") for n, v in given.items()}
    for name, value in weights.items():
        if value < 0:
            raise InputError("ridge", f"must have weights of at least 0, got {short(value)} for {name}")
    return {n: v for n, v in weights.items() if v}


def _augmentation(section: Mapping[str, Any], network: Network) -> Augmentation:
    kind = section.get("kind", "exp_neuron")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError("augmentation.kind", f"must be one of {', '.join(KINDS)}, got {short(kind)}")
    lam = rational(section.get("lambda", "1/10"), "augmentation.lambda")
    names = ["a", "b"]
    if kind == "unit":
        names += [f"{v}{r}" for r in range(1, network.dx + 1) for v in "wx"]
        if "unit" not in section:
            raise InputError(
                "augmentation.unit", "is missing; give it in a, b, w1.. and x1.., such as 'a*tanh(w1*x1 + b)'"
            )
    elif kind != "no_extra_unit" and "unit" in section:
        raise InputError(
            "augmentation.unit",
            f"is read only when augmentation.kind is 'unit' or 'no_extra_unit', got kind {short(kind)}",
        )
    if "unit" not in section:
        return Augmentation(kind, lam)
    return Augmentation(kind, lam, parse(section["unit"], {n: real_symbol(n) for n in names}, "augmentation.unit"))


def _region(section: Mapping[str, Any], network: Network, known: set[str]) -> dict[str, Interval]:
    _known(section, ("theta", *sorted(known)), "region.")
    out: dict[str, Interval] = {}
    if "theta" in section and "theta" not in known:
        out = dict.fromkeys((p.name for p in network.parameters), interval(section["theta"], "region.theta"))
    return out | {n: interval(v, f"region.{n}") for n, v in section.items() if n in known}


def interval(value: object, where: str) -> Interval:
    """Return a closed interval from a pair of exact numbers.

    Raises
    ------
    InputError
        When it is no pair, or empty.
    """
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InputError(where, f"must be a pair such as ['-10', '10'], got {short(value)}")
    low, high = rational(value[0], f"{where}[0]"), rational(value[1], f"{where}[1]")
    if low >= high:
        raise InputError(where, f"must have its lower end below its upper end, got [{short(low)}, {short(high)}]")
    return low, high


def _points(section: Mapping[str, Any], network: Network, known: set[str]) -> dict[str, Point]:
    out: dict[str, Point] = {}
    for name, entries in section.items():
        where = f"points.{_shown_key(name)}"
        if not isinstance(entries, dict):
            raise InputError(where, f"must be a table of exact coordinates, got {short(entries)}")
        _known(entries, sorted(known), f"{where}.")
        missing = [p.name for p in network.parameters if p.name not in entries]
        if missing:
            raise InputError(where, f"must give every parameter; {missing[0]} is missing")
        out[name] = {n: parse(v, {}, f"{where}.{n}") for n, v in entries.items()}
    return out
