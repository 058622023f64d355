"""The activation functions that networks may use, each with the facts that later stages rely on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sympy

from pgb import expressions
from pgb.errors import InputError


@dataclass(frozen=True, slots=True)
class Activation:
    """A scalar activation function.

    Attributes
    ----------
    name
        As written in problem files.
    apply
        Maps an expression u to the activation's expression in u.
    smoothness
        ``"polynomial"``, ``"analytic"`` or ``"piecewise"`` (a kink where some relu or Abs argument vanishes).
    """

    name: str
    apply: Callable[[sympy.Expr], sympy.Expr]
    smoothness: str

    def __call__(self, u: sympy.Expr) -> sympy.Expr:
        """Return the activation of `u`."""
        return self.apply(u)


ACTIVATIONS: Final[dict[str, Activation]] = {
    a.name: a
    for a in (
        Activation("identity", lambda u: u, "polynomial"),
        Activation("square", lambda u: u**2, "polynomial"),
        Activation("cube", lambda u: u**3, "polynomial"),
        Activation("tanh", sympy.tanh, "analytic"),
        Activation("sigmoid", expressions.sigmoid, "analytic"),
        Activation("softplus", expressions.softplus, "analytic"),
        Activation("exp", sympy.exp, "analytic"),
        Activation("erf", sympy.erf, "analytic"),
        Activation("arctan", sympy.atan, "analytic"),
        Activation("sin", sympy.sin, "analytic"),
        Activation("elu", expressions.elu, "piecewise"),
        Activation("relu", expressions.relu, "piecewise"),
        Activation("leaky_relu", expressions.leaky_relu, "piecewise"),
    )
}


def activation(name: object, field: str) -> Activation:
    """Return the activation of this name.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise InputError(field, f"must be one of {', '.join(ACTIVATIONS)}, got {expressions.short(name)}")
    return ACTIVATIONS[name]
