"""Losses per sample as exact expressions in the outputs q, with the facts that theorems ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sympy

from pgb.errors import InputError
from pgb.expressions import parse, rational, real_symbol, relu, short, softplus
from pgb.problem import facts
from pgb.problem.facts import Fact

NAMES: Final = ("squared", "cross_entropy", "logistic", "smooth_hinge", "absolute", "formula")
HINGE_POWER: Final = 3


@dataclass(frozen=True, slots=True)
class LossFacts:
    """The facts of THEORY section 1 about all l_i of a problem; each is the weakest over the samples."""

    differentiable: Fact
    twice_differentiable: Fact
    convex: Fact
    nonnegative: Fact


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss l(q, y): q in R^dy, y a row of labels.

    Attributes
    ----------
    name
        One of `NAMES`.
    dy
        The number of outputs q1 .. q_dy.
    scale
        A positive factor on every l_i.
    mean
        True for (1/m) sum_i l_i, False for sum_i l_i.
    expression
        For ``"formula"``: the loss in q1.., y1.., without the scale; else None.
    label_columns
        The number of label columns that it reads.
    """

    name: str
    dy: int
    scale: sympy.Rational
    mean: bool
    label_columns: int
    expression: sympy.Expr | None = None

    @property
    def q(self) -> tuple[sympy.Symbol, ...]:
        """The output variables q1 .. q_dy."""
        return tuple(real_symbol(f"q{k}") for k in range(1, self.dy + 1))

    def sample(self, y: Sequence[sympy.Rational]) -> sympy.Expr:
        """Return l_i(q), scale included, for one row of labels."""
        return self.scale * self._unscaled(y)

    def _unscaled(self, y: Sequence[sympy.Rational]) -> sympy.Expr:
        q = self.q
        match self.name:
            case "squared":
                return sympy.Add(*((qk - yk) ** 2 for qk, yk in zip(q, y, strict=True)))
            case "absolute":
                return sympy.Add(*(sympy.Abs(qk - yk) for qk, yk in zip(q, y, strict=True)))
            case "logistic":
                return softplus(-y[0] * q[0])
            case "smooth_hinge":
                return relu(1 - y[0] * q[0]) ** HINGE_POWER
            case "cross_entropy":
                weights = _class_weights(y, self.dy)
                return sympy.Add(
                    *(w * sympy.log(sympy.Add(*(sympy.exp(p - q[k]) for p in q))) for k, w in enumerate(weights) if w)
                )
        labels = {real_symbol(f"y{k}"): v for k, v in enumerate(y, start=1)}
        return sympy.S(self.expression).subs(labels)

    def facts(self, rows: Sequence[Sequence[sympy.Rational]]) -> LossFacts:
        """Derive the facts over the given label rows, from the expressions of the l_i alone."""
        samples = [self.sample(y) for y in dict.fromkeys(map(tuple, rows))]
        q = self.q
        return LossFacts(
            _worst([facts.differentiable(e, q) for e in samples]),
            _worst([facts.differentiable(e, q, 2) for e in samples]),
            _worst([facts.convex(e, q) for e in samples]),
            _worst([facts.nonnegative(e, q) for e in samples]),
        )


def _worst(found: Sequence[Fact]) -> Fact:
    return min(found, key=lambda f: (False, None, True).index(f.holds))


def _class_weights(y: Sequence[sympy.Rational], dy: int) -> tuple[sympy.Rational, ...]:
    if len(y) == 1:
        return tuple(sympy.S(int(k == y[0])) for k in range(dy))
    return tuple(y)


def from_table(section: dict[str, Any], dy: int, columns: int) -> Loss:
    """Return the loss that a [loss] section describes.

    Parameters
    ----------
    section
        Keys name, scale, reduction and (for a formula) formula.
    dy
        Outputs of the network.
    columns
        Columns of data.y.

    Raises
    ------
    InputError
        For an unknown name, a scale that is not positive, a reduction other than mean and sum, or label columns that
        the loss cannot read.
    """
    name = section.get("name")
    if not isinstance(name, str) or name not in NAMES:
        raise InputError("loss.name", f"must be one of {', '.join(NAMES)}, got {short(name)}")
    scale = rational(section.get("scale", 1), "loss.scale")
    if scale <= 0:
        raise InputError("loss.scale", f"must be positive, got {short(scale)}")
    reduction = section.get("reduction", "mean")
    if reduction not in ("mean", "sum"):
        raise InputError("loss.reduction", f"must be 'mean' or 'sum', got {short(reduction)}")
    expression = None
    if name == "formula":
        symbols = {f"q{k}": real_symbol(f"q{k}") for k in range(1, dy + 1)}
        symbols |= {f"y{k}": real_symbol(f"y{k}") for k in range(1, columns + 1)}
        if "formula" not in section:
            raise InputError("loss.formula", "is missing; give the loss in q1.. and y1.., such as '(q1 - y1)^2'")
        expression = parse(section["formula"], symbols, "loss.formula")
    elif "formula" in section:
        raise InputError("loss.formula", f"is read only when loss.name is 'formula', got name {name!r}")
    return Loss(name, dy, scale, reduction == "mean", columns, expression)


def check_labels(loss: Loss, rows: Sequence[Sequence[sympy.Rational]]) -> None:
    """Refuse labels that the loss cannot read.

    Raises
    ------
    InputError
        Naming the first row that does not fit.
    """
    wanted = {"squared": loss.dy, "absolute": loss.dy, "logistic": 1, "smooth_hinge": 1}.get(loss.name)
    if loss.name in ("logistic", "smooth_hinge") and loss.dy != 1:
        raise InputError("loss.name", f"{loss.name} needs a network with one output, got {loss.dy}")
    if loss.name == "cross_entropy":
        _check_classes(loss, rows)
    if wanted is not None and loss.label_columns != wanted:
        raise InputError("data.y", f"must have {wanted} column(s) for the {loss.name} loss, got {loss.label_columns}")
    for i, row in enumerate(rows):
        if loss.name in ("logistic", "smooth_hinge") and row[0] not in (1, -1):
            raise InputError(f"data.y[{i}]", f"must be 1 or -1 for the {loss.name} loss, got {short(row[0])}")


def _check_classes(loss: Loss, rows: Sequence[Sequence[sympy.Rational]]) -> None:
    if loss.dy < 2:
        raise InputError("loss.name", "cross_entropy needs a network with at least two outputs, got 1")
    for i, row in enumerate(rows):
        index = len(row) == 1 and row[0].is_Integer and 0 <= row[0] < loss.dy
        mixture = len(row) == loss.dy and all(v >= 0 for v in row) and sum(row) == 1
        if not (index or mixture):
            raise InputError(
                f"data.y[{i}]",
                f"must be a class index 0 to {loss.dy - 1}, or {loss.dy} class weights "
                f"that sum to 1, got {short([str(v) for v in row])}",
            )
