"""The operations of a program in double precision on numpy arrays: for proposals only, never for a claim."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import numpy as np
from scipy import special

from pgb.landscape.program import Constant, Op


def constant(value: Constant) -> float:
    """Return the nearest double to an exact constant, infinite where none is near."""
    if isinstance(value, str):
        return float(np.pi)
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _dsigmoid(_: Fraction, u: Any) -> Any:
    e = np.exp(-np.abs(u))
    return e / (1 + e) ** 2


def _dtanh(_: Fraction, u: Any) -> Any:
    e = np.exp(-2 * np.abs(u))
    return 4 * e / (1 + e) ** 2


def _select(closed: Fraction, d: Any, yes: Any, no: Any) -> Any:
    return np.where(d >= 0 if closed else d > 0, yes, no)


TABLE: Final[dict[Op, Callable[..., Any]]] = {
    Op.ADD: lambda _, a, b: a + b,
    Op.SUB: lambda _, a, b: a - b,
    Op.MUL: lambda _, a, b: a * b,
    Op.DIV: lambda _, a, b: np.divide(a, b),
    Op.NEG: lambda _, a: -a,
    Op.POWI: lambda k, a: a ** int(k),
    Op.POWQ: lambda q, a: np.power(a, float(q)),
    Op.EXP: lambda _, a: np.exp(a),
    Op.LOG: lambda _, a: np.log(a),
    Op.SQRT: lambda _, a: np.sqrt(a),
    Op.TANH: lambda _, a: np.tanh(a),
    Op.DTANH: _dtanh,
    Op.SIGMOID: lambda _, a: special.expit(a),
    Op.DSIGMOID: _dsigmoid,
    Op.SOFTPLUS: lambda _, a: np.logaddexp(0.0, a),
    Op.ERF: lambda _, a: special.erf(a),
    Op.ATAN: lambda _, a: np.arctan(a),
    Op.SIN: lambda _, a: np.sin(a),
    Op.COS: lambda _, a: np.cos(a),
    Op.ABS: lambda _, a: np.abs(a),
    Op.SIGN: lambda _, a: np.sign(a),
    Op.RELU: lambda _, a: np.maximum(a, 0.0),
    Op.STEP: lambda _, a: np.where(a > 0, 1.0, 0.0),
    Op.SELECT: _select,
}
