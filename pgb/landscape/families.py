"""Family files: an architecture with the distributions of its data and ridge weights, for `pgb sweep`.

title = "..."
[family]
layers = [2, 1, 2]          # (dx, hidden.., dy) of a deep linear network
samples = 3                 # m
scale = "1/2"               # of |W..W_1 X - Y|^2; optional
seed = 1                    # optional
x = { kind = "normal", mean = "0", deviation = "1" }          # optional, as are y and ridge
ridge = { kind = "uniform", low = "0", high = "1" }           # coefficients of theta_p^2
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pgb.errors import InputError
from pgb.expressions import rational
from pgb.landscape.polynomial.sweep import Distribution, SweepFamily, SweepResult, sweep
from pgb.problem.files import read_text, read_toml

KEYS: Final = ("layers", "samples", "scale", "seed", "x", "y", "ridge")
PARTS: Final = {"normal": ("mean", "deviation"), "uniform": ("low", "high")}
DEFAULTS: Final = {"x": Distribution(), "y": Distribution(), "ridge": Distribution("uniform", 0.0, 1.0)}


def load(path: str | Path) -> tuple[str, SweepFamily, int]:
    """Read a family file; return its title, the family and the seed.

    Raises
    ------
    InputError
        With one sentence that names the field at fault.
    """
    document = read_toml(read_text(path))
    for key in document:
        if key not in ("title", "source", "family"):
            raise InputError(key, "is not a known key; here they are title, source, family")
    section = document.get("family")
    if not isinstance(section, dict):
        raise InputError("family", "is missing; a family file needs a section [family]")
    for key in section:
        if key not in KEYS:
            raise InputError(f"family.{key}", f"is not a known key; here they are {', '.join(KEYS)}")
    layers = section.get("layers")
    if not isinstance(layers, list) or len(layers) < 3:
        raise InputError(
            "family.layers", f"must list input, hidden and output widths such as [2, 1, 2], got {layers!r}"
        )
    widths = tuple(_positive(v, f"family.layers[{n}]") for n, v in enumerate(layers))
    samples = _positive(section.get("samples"), "family.samples")
    drawn = {key: _distribution(section.get(key), key) for key in DEFAULTS}
    scale = rational(section.get("scale", "1/2"), "family.scale")
    if scale <= 0:
        raise InputError("family.scale", f"must be positive, got {scale}")
    seed = section.get("seed", 0)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError("family.seed", f"must be a whole number of at least 0, got {seed!r}")
    return str(document.get("title", "")), SweepFamily(widths, samples, **drawn, scale=str(scale)), seed


def _positive(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(field, f"must be a positive whole number, got {value!r}")
    return value


def _distribution(value: object, key: str) -> Distribution:
    field = f"family.{key}"
    if value is None:
        return DEFAULTS[key]
    if not isinstance(value, Mapping) or value.get("kind") not in PARTS:
        raise InputError(field, f"must be a table with kind 'normal' or 'uniform', got {value!r}")
    names = PARTS[value["kind"]]
    for name in value:
        if name not in ("kind", *names):
            raise InputError(f"{field}.{name}", f"is not a known key; here they are kind, {', '.join(names)}")
    first, second = (float(rational(value.get(n, d), f"{field}.{n}")) for n, d in zip(names, (0, 1), strict=True))
    return Distribution(value["kind"], first, second)


def run(
    family: SweepFamily, runs: int, seed: int, folder: Path | None, progress: Callable[..., None] | None
) -> SweepResult:
    """Run a sweep in a folder that keeps its journal, or in one that is thrown away."""
    if folder is not None:
        return sweep(family, runs, seed, folder, progress=progress)
    with tempfile.TemporaryDirectory(prefix="pgb-sweep-") as scratch:
        return sweep(family, runs, seed, scratch, progress=progress)


def to_json(title: str, result: SweepResult) -> dict[str, Any]:
    """Return a sweep as plain data with stable keys."""
    from dataclasses import asdict

    return {
        "title": title,
        "seed": result.seed,
        "status": "certified",
        "statistics": result.statistics(),
        "runs": [asdict(r) for r in result.records],
    }
