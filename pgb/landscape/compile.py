"""Compiles exact sympy expressions to straight-line programs; trusted: lowering is an exact identity of real functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import sympy

from pgb import expressions
from pgb.errors import InputError
from pgb.landscape.program import KINKS, PI, Builder, Constant, Instruction, Op, Program

__all__ = ["KINKS", "PI", "Builder", "Constant", "Instruction", "Op", "Program", "compile_expressions"]

_UNARY: Final = {
    sympy.exp: Op.EXP,
    sympy.tanh: Op.TANH,
    sympy.erf: Op.ERF,
    sympy.atan: Op.ATAN,
    sympy.sin: Op.SIN,
    sympy.cos: Op.COS,
    sympy.Abs: Op.ABS,
    sympy.sign: Op.SIGN,
    expressions.sigmoid: Op.SIGMOID,
    expressions.softplus: Op.SOFTPLUS,
    expressions.relu: Op.RELU,
    expressions.step: Op.STEP,
}


class _Lowering:
    """Translates sympy expressions into a builder, each distinct subexpression once."""

    def __init__(self, builder: Builder, variables: Sequence[sympy.Symbol]) -> None:
        self.b = builder
        self.done: dict[Any, int] = {v: k for k, v in enumerate(variables)}

    def lower(self, e: Any) -> int:
        if e not in self.done:
            self.done[e] = self._lower(e)
        return self.done[e]

    def _lower(self, e: Any) -> int:
        b = self.b
        if e.is_Rational:
            return b.constant(Fraction(int(e.p), int(e.q)))
        if e is sympy.pi:
            return b.constant(PI)
        if e is sympy.E:
            return b.emit(Op.EXP, b.constant(1))
        if e.is_Add:
            return self._sum([self.lower(a) for a in e.args])
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow and not isinstance(e, sympy.exp):
            return self._power(e.base, e.exp)
        if isinstance(e, sympy.log):
            return self._log(e.args[0])
        if isinstance(e, sympy.Piecewise):
            return self._piecewise(list(e.args))
        if isinstance(e, sympy.Max | sympy.Min):
            largest = expressions.maximum if isinstance(e, sympy.Max) else expressions.minimum
            return self.lower(largest(*sorted(e.args, key=sympy.default_sort_key)))
        op = _UNARY.get(e.func)
        if op is None:
            raise InputError("expression", f"has the part {e}, which is no number, variable or function known here")
        return b.emit(op, self.lower(e.args[0]))

    def _sum(self, terms: list[int]) -> int:
        total = terms[0]
        for t in terms[1:]:
            total = self.b.emit(Op.ADD, total, t)
        return total

    def _product(self, e: Any) -> int:
        above, below = self.b.constant(1), self.b.constant(1)
        for factor in e.args:
            if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative and _logistic(factor.base) is None:
                below = self.b.emit(Op.MUL, below, self._power(factor.base, -factor.exp))
            else:
                above = self.b.emit(Op.MUL, above, self.lower(factor))
        return self.b.emit(Op.DIV, above, below)

    def _power(self, base: Any, exponent: Any) -> int:
        b = self.b
        if not exponent.is_Rational:
            raise InputError("expression", f"needs exact rational exponents, got {base}**({exponent})")
        logistic = _logistic(base)
        if exponent.is_negative:
            if exponent.is_Integer and logistic is not None:
                return b.emit(Op.POWI, b.emit(Op.SIGMOID, self.lower(-logistic)), exponent=-int(exponent))
            return b.emit(Op.DIV, b.constant(1), self._power(base, -exponent))
        u = self.lower(base)
        if exponent.is_Integer:
            return b.emit(Op.POWI, u, exponent=int(exponent))
        if exponent == sympy.S.Half:
            return b.emit(Op.SQRT, u)
        return b.emit(Op.POWQ, u, exponent=Fraction(int(exponent.p), int(exponent.q)))

    def _log(self, u: Any) -> int:
        """Lower log u, with log(exp a + exp b + ...) built from softplus, which neither overflows nor cancels."""
        terms = [_exponent(t) for t in sympy.Add.make_args(u)]
        if len(terms) > 1 and all(t is not None for t in terms):
            total, *rest = (self.lower(t) for t in terms)
            for t in rest:
                difference = self.b.emit(Op.SUB, t, total)
                total = self.b.emit(Op.ADD, total, self.b.emit(Op.SOFTPLUS, difference))
            return total
        return self.b.emit(Op.LOG, self.lower(u))

    def _piecewise(self, branches: list[Any]) -> int:
        (value, condition), *rest = branches
        if condition == sympy.true:
            return self.lower(value)
        if not rest:
            raise InputError("expression", "has a Piecewise whose last condition is not True")
        return self._choose(condition, self.lower(value), self._piecewise(rest))

    def _choose(self, condition: Any, yes: int, no: int) -> int:
        """Lower 'yes where the condition holds, else no'."""
        if condition in (sympy.true, sympy.false):
            return yes if condition == sympy.true else no
        if isinstance(condition, sympy.And):
            for c in reversed(condition.args):
                yes = self._choose(c, yes, no)
            return yes
        if isinstance(condition, sympy.Or):
            for c in reversed(condition.args):
                no = self._choose(c, yes, no)
            return no
        if isinstance(condition, sympy.Not):
            return self._choose(condition.args[0], no, yes)
        if not isinstance(condition, sympy.Gt | sympy.Ge | sympy.Lt | sympy.Le):
            raise InputError("expression", f"may compare with < <= > >= only, got {condition}")
        difference = self.lower(condition.gts - condition.lts)
        closed = not isinstance(condition, sympy.Gt | sympy.Lt)
        value = self.b.rational(difference)
        if value == 0:
            return yes if closed else no
        return self.b.emit(Op.SELECT, difference, yes, no, exponent=int(closed))


def _exponent(term: Any) -> Any:
    """Return u where the term is exp(u), 0 where it is 1, else None."""
    if isinstance(term, sympy.exp):
        return term.args[0]
    return sympy.S.One if term is sympy.E else sympy.S.Zero if term == 1 else None


def _logistic(base: Any) -> Any:
    """Return u where the expression is 1 + exp(u), else None."""
    if base.is_Add and len(base.args) == 2 and sympy.S.One in base.args:
        other = base.args[0] if base.args[1] == 1 else base.args[1]
        return other.args[0] if isinstance(other, sympy.exp) else None
    return None


def compile_expressions(exprs: Sequence[Any], variables: Sequence[sympy.Symbol]) -> Program:
    """Return the program that computes the expressions, with common subexpressions shared among all of them.

    Parameters
    ----------
    exprs
        Closed real expressions in `variables`, built from rationals, pi, + - * / ^ and the functions of
        `pgb.expressions`, Piecewise, Max, Min, sign.
    variables
        The inputs, in order.

    Raises
    ------
    InputError
        For floats, complex or infinite numbers, other functions, and unknown symbols.
    """
    builder = Builder([str(v) for v in variables])
    lowering = _Lowering(builder, variables)
    return builder.program([lowering.lower(sympy.sympify(e, strict=True)) for e in exprs])
