"""A user's own transformation of L: an added unit with a penalty, or any formula in L, a and b; made into an exact objective."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sympy

from pgb.errors import InputError
from pgb.expressions import parse, real_symbol
from pgb.falsify.documents import Document
from pgb.objective import Objective, auxiliary, loss, unit
from pgb.objective.base import assembled, ridge_term
from pgb.problem import Problem

PENALTY: Final = "lambda*a^2"
DOT: Final = re.compile(r"\bwx\b")
LAMBDA: Final = re.compile(r"\blambda\b")


@dataclass(frozen=True, slots=True)
class Transformation:
    """What turns L into Lt.

    Attributes
    ----------
    unit
        The unit that is added to every output, in a, b, w1 .. w_dx and x1 .. x_dx; ``wx`` stands for w . x, for any dx.
    penalty
        With a unit: what is added for every output, in a, b, w1 .. w_dx and ``lambda``.
    formula
        Instead of both: Lt as a formula in L, a, b and ``lambda``.
    """

    unit: str = ""
    penalty: str = PENALTY
    formula: str = ""

    def __post_init__(self) -> None:
        if bool(self.unit) is bool(self.formula):
            raise InputError("transformation", "must have either unit (with penalty) or formula, in quotes")
        if self.formula and self.penalty != PENALTY:
            raise InputError("transformation.penalty", "is read only with a unit; a formula holds its penalty itself")

    def section(self, lam: str, dx: int) -> dict[str, str]:
        """Return the [augmentation] section of a problem file that has the same added variables."""
        if self.formula:
            return {"kind": "no_extra_unit", "lambda": lam}
        return {"kind": "unit", "lambda": lam, "unit": _spelled(self.unit, dx)}

    def applied(self, document: Document) -> Document:
        """Return a problem with this transformation's variables in the place of its own; its lambda is kept."""
        lam = document.get("augmentation", {}).get("lambda", "1/10")
        return {**document, "augmentation": self.section(lam, len(document["data"]["x"][0]))}

    def objective(self, problem: Problem) -> Objective:
        """Return Lt of a problem that `applied` made.

        Raises
        ------
        InputError
            When the unit, the penalty or the formula cannot be read.
        """
        return self._whole(problem) if self.formula else self._added(problem)

    def _whole(self, problem: Problem) -> Objective:
        base, added = loss(problem), auxiliary(problem)
        values = {"L": base.expression, "lambda_": problem.augmentation.lam}
        values |= dict(zip("ab", added, strict=True))
        expression = _read(self.formula, values, "transformation.formula")
        return Objective("Lt", (*base.variables, *added), expression, rf"\tilde L = \text{{{self.formula}}}")

    def _added(self, problem: Problem) -> Objective:
        added, dx, penalty = auxiliary(problem), problem.network.dx, sympy.S.Zero
        text = _spelled(self.penalty, dx)
        for k in range(1, problem.network.dy + 1):
            values: dict[str, sympy.Expr] = {v: real_symbol(f"aux_{v}{k}") for v in "ab"}
            values |= {f"w{r}": real_symbol(f"aux_w{k}_{r}") for r in range(1, dx + 1)}
            penalty += _read(text, values | {"lambda_": problem.augmentation.lam}, "transformation.penalty")
        outputs = tuple(
            tuple(f + unit(problem, k, x) for k, f in enumerate(row, start=1))
            for x, row in zip(problem.data.x, problem.outputs(), strict=True)
        )
        shape = r"\frac{1}{m} \sum_i \ell_i(f(x_i; \theta) + \text{unit}(x_i)) + \text{penalty}"
        rest = ridge_term(problem) + penalty
        return assembled("Lt", problem, problem.parameters + added, outputs, rest, rf"\tilde L = {shape}")

    def plain(self) -> dict[str, str]:
        """Return the section [transformation] of a conjecture file."""
        if self.formula:
            return {"formula": self.formula}
        return {"unit": self.unit, "penalty": self.penalty}

    def __str__(self) -> str:
        if self.formula:
            return f"Lt = {self.formula}"
        return f"the added unit {self.unit} and the penalty {self.penalty}"


def _spelled(text: str, dx: int) -> str:
    """Write w . x out."""
    return DOT.sub("(" + " + ".join(f"w{r}*x{r}" for r in range(1, dx + 1)) + ")", text)


def _read(text: str, values: Mapping[str, sympy.Expr], where: str) -> sympy.Expr:
    """Read a formula in which ``lambda`` is a name, and put values in the places of its names."""
    symbols = {name: real_symbol(name) for name in values}
    found = parse(LAMBDA.sub("lambda_", text) if isinstance(text, str) else text, symbols, where)
    return found.subs({symbols[n]: v for n, v in values.items()}, simultaneous=True)


def from_table(table: Any) -> Transformation:
    """Read a section [transformation].

    Raises
    ------
    InputError
        When it has other keys than unit, penalty and formula, or they are no text.
    """
    if not isinstance(table, dict):
        raise InputError("transformation", f"must be a section [transformation], got {table!r}")
    for key, value in table.items():
        if key not in ("unit", "penalty", "formula"):
            raise InputError(f"transformation.{key}", "is not a known key; here they are unit, penalty, formula")
        if not isinstance(value, str):
            raise InputError(f"transformation.{key}", f"must be a formula in quotes, got {value!r}")
    return Transformation(**table)
