"""`pgb`: a theorem checker for loss landscapes of neural networks.

>>> import pgb
>>> problem = pgb.load("problem.toml")  # doctest: +SKIP
>>> pgb.critical_points(problem)  # doctest: +SKIP
>>> pgb.check(problem)  # doctest: +SKIP

Names are imported when they are first used, so that ``import pgb`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pgb.cases import reproduce
    from pgb.condition.gap import gap
    from pgb.escape.basins import basins
    from pgb.escape.flow import flow
    from pgb.escape.infimum import infimum
    from pgb.escape.rays import best_ray, ray
    from pgb.falsify.run import falsify
    from pgb.landscape.classify import classify
    from pgb.landscape.search import critical_points
    from pgb.library import check_proof
    from pgb.objective.augmented import augmented, no_extra_unit
    from pgb.objective.base import loss
    from pgb.objective.optimum import optimum
    from pgb.problem import Problem, load, loads

_WHERE: Final = {
    "Problem": "pgb.problem",
    "augmented": "pgb.objective",
    "basins": "pgb.escape",
    "best_ray": "pgb.escape",
    "check_proof": "pgb.library",
    "classify": "pgb.landscape.classify",
    "critical_points": "pgb.landscape.search",
    "flow": "pgb.escape",
    "gap": "pgb.condition",
    "infimum": "pgb.escape",
    "load": "pgb.problem",
    "loads": "pgb.problem",
    "loss": "pgb.objective",
    "no_extra_unit": "pgb.objective",
    "optimum": "pgb.objective",
    "ray": "pgb.escape",
    "reproduce": "pgb.cases",
}

__all__ = [
    "Problem",
    "augmented",
    "basins",
    "best_ray",
    "check",
    "check_proof",
    "classify",
    "critical_points",
    "falsify",
    "flow",
    "gap",
    "infimum",
    "load",
    "loads",
    "loss",
    "no_extra_unit",
    "optimum",
    "ray",
    "reproduce",
]


def check(problem: Problem, **options: Any) -> Any:
    """Decide every theorem on one problem; see `pgb.checking.check`."""
    return importlib.import_module("pgb.checking").check(problem, **options)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "falsify":  # the package itself, which can be called
        return importlib.import_module("pgb.falsify")
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'pgb' has no attribute {name!r}")
