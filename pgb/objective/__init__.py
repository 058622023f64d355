"""The objectives of a problem, exact: L, its optimum L*, and the transformations of L."""

from pgb.objective.augmented import augmented, auxiliary, no_extra_unit, transformed, unit
from pgb.objective.base import Objective, loss
from pgb.objective.optimum import GroupOptimum, Optimum, group_gradient, optimum

__all__ = [
    "GroupOptimum",
    "Objective",
    "Optimum",
    "augmented",
    "auxiliary",
    "group_gradient",
    "loss",
    "no_extra_unit",
    "optimum",
    "transformed",
    "unit",
]
