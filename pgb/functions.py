"""The functions of formulas that sympy lacks, exact wherever their value is rational: sigmoid, softplus, relu and its kin.

Every kink is written with one primitive, ``relu`` (and its derivative ``step``, which is undefined at 0), or with
``Abs``: so piecewise-smooth problems are decided region by region, by the signs of the arguments of these functions.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import Function


def _rational_exp(u: sympy.Expr) -> sympy.Rational | None:
    """Return exp(u) where it is a rational number of moderate size: u = 0, or a sum of logarithms."""
    if not u.is_number:
        return None
    terms = [t.as_coeff_Mul() for t in sympy.Add.make_args(u)]
    if any(not isinstance(rest, sympy.log) or abs(c) > 256 for c, rest in terms) and u != 0:
        return None
    power = sympy.exp(u)
    return power if power.is_Rational else None


class sigmoid(Function):  # noqa: N801  (named like sympy's own functions)
    """The logistic function 1 / (1 + exp(-u))."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate exactly where exp(-u) is a rational number."""
        power = _rational_exp(-u)
        return None if power is None else 1 / (1 + power)

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return s (1 - s)."""
        s = sigmoid(self.args[0])
        return s * (1 - s)

    def _eval_rewrite_as_exp(self, u: sympy.Expr, **_: Any) -> sympy.Expr:
        return 1 / (1 + sympy.exp(-u))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _latex(self, printer: Any) -> str:
        return rf"\sigma\left({printer._print(self.args[0])}\right)"


class softplus(Function):  # noqa: N801
    """log(1 + exp(u))."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate exactly where exp(u) is a rational number."""
        power = _rational_exp(u)
        return None if power is None else sympy.log(1 + power)

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return sigmoid(u)."""
        return sigmoid(self.args[0])

    def _eval_rewrite_as_exp(self, u: sympy.Expr, **_: Any) -> sympy.Expr:
        return sympy.log(1 + sympy.exp(u))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{softplus}}\left({printer._print(self.args[0])}\right)"


class step(Function):  # noqa: N801
    """1 for u > 0 and 0 for u < 0; left unevaluated at 0, where relu has no derivative."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at numbers whose sign sympy decides exactly."""
        if u.is_positive:
            return sympy.S.One
        if u.is_negative:
            return sympy.S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return 0: the derivative away from the jump; region certificates exclude the jump."""
        return sympy.S.Zero

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real


class relu(Function):  # noqa: N801
    """max(0, u)."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at numbers whose sign sympy decides exactly."""
        if u.is_zero or u.is_negative:
            return sympy.S.Zero
        if u.is_positive and u.is_number:
            return u
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return step(u)."""
        return step(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return relu(self.args[0]._eval_evalf(prec))

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.args[0])}\right)_+"


def leaky_relu(u: sympy.Expr) -> sympy.Expr:
    """Return u for u > 0 and u / 100 for u < 0."""
    return relu(u) - relu(-u) / 100


def elu(u: sympy.Expr) -> sympy.Expr:
    """Return u for u > 0 and exp(u) - 1 for u < 0."""
    return relu(u) + sympy.exp(-relu(-u)) - 1


def maximum(*values: sympy.Expr) -> sympy.Expr:
    """Return the largest of the values, written with relu."""
    result = values[-1]
    for v in values[:-1]:
        result = v + relu(result - v)
    return result


def minimum(*values: sympy.Expr) -> sympy.Expr:
    """Return the least of the values, written with relu."""
    return -maximum(*(-v for v in values))
