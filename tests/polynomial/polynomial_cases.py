"""Reference data and small networks for the tests of the polynomial engine."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from pgb.landscape.polynomial.network import LinearNetwork, count

DATA = Path(__file__).parent / "data"


def read(name: str) -> list[dict[str, Any]]:
    return list(json.loads((DATA / name).read_text(encoding="utf-8"))["instances"])


def widths(a: dict[str, int]) -> tuple[int, ...]:
    return (a["dx"], *[a["di"]] * a["H"], a["dy"])


def network_of(case: dict[str, Any]) -> LinearNetwork:
    return LinearNetwork.from_lambda(widths(case["architecture"]), case["X"], case["Y"], case["Lambda"])


def random_network(d: tuple[int, ...], m: int, seed: int) -> LinearNetwork:
    rng = np.random.default_rng(seed)

    def draw(a: int, b: int) -> tuple[tuple[Fraction, ...], ...]:
        return tuple(tuple(Fraction(int(v), 256) for v in row) for row in np.round(256 * rng.normal(size=(a, b))))

    ridge = tuple(Fraction(int(v), 256) for v in rng.integers(20, 200, count(d)))
    return LinearNetwork(d, draw(d[0], m), draw(d[-1], m), ridge)
