"""Objectives as exact sympy expressions: L itself, and what every transformation of L shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from pgb import expressions
from pgb.problem import Problem


@dataclass(frozen=True, slots=True)
class Objective:
    """A function to be minimised, exact, with its parts.

    Every objective of this package has the form weight * sum_i l_i(F_i(z)) + rest(z), or is a closed expression of
    its own (`outputs` empty). The parts let later stages use convexity per sample.

    Attributes
    ----------
    name
        ``"L"``, ``"Lt"`` or ``"L2"``.
    variables
        z: theta first, then auxiliary variables.
    expression
        The whole, in `variables` alone.
    weight, q, sample_losses, outputs, rest
        The parts: the factor, the output variables q1 .. q_dy, l_i(q), F_i(z) (m rows of dy), and the penalty terms.
    formula
        The definition in LaTeX, for all sizes.
    """

    name: str
    variables: tuple[sympy.Symbol, ...]
    expression: sympy.Expr
    formula: str
    weight: sympy.Rational = sympy.S.One
    q: tuple[sympy.Symbol, ...] = ()
    sample_losses: tuple[sympy.Expr, ...] = ()
    outputs: tuple[tuple[sympy.Expr, ...], ...] = ()
    rest: sympy.Expr = sympy.S.Zero

    def gradient(self) -> tuple[sympy.Expr, ...]:
        """Return the partial derivatives in the order of `variables`."""
        return tuple(sympy.diff(self.expression, v) for v in self.variables)

    def hessian(self) -> sympy.Matrix:
        """Return the matrix of second partial derivatives, shape (n, n)."""
        g = self.gradient()
        n = len(g)
        return sympy.Matrix(n, n, lambda i, j: sympy.diff(g[min(i, j)], self.variables[max(i, j)]))

    def at(self, point: Mapping[str, sympy.Expr]) -> sympy.Expr:
        """Return the exact value at a point; variables that it does not name stay."""
        return self.expression.xreplace(
            {v: sympy.sympify(point[v.name], strict=True) for v in self.variables if v.name in point}
        )

    def text(self) -> str:
        """Print this problem's objective as text that `pgb.expressions.parse` reads back."""
        return expressions.text(self.expression)

    def latex(self) -> str:
        """Print this problem's objective as LaTeX, with the names of `pgb.expressions.latex`."""
        return expressions.latex(self.expression, self.variables)


def ridge_term(problem: Problem) -> sympy.Expr:
    """Return sum_p mu_p theta_p^2."""
    return sympy.Add(*(problem.ridge[p.name] * p**2 for p in problem.parameters if p.name in problem.ridge))


def assembled(
    name: str,
    problem: Problem,
    variables: tuple[sympy.Symbol, ...],
    outputs: tuple[tuple[sympy.Expr, ...], ...],
    rest: sympy.Expr,
    formula: str,
) -> Objective:
    """Return weight * sum_i l_i(outputs_i) + rest for this problem's losses."""
    q, weight = problem.loss.q, problem.weight()
    losses = problem.sample_losses()
    data = [l.xreplace(dict(zip(q, f, strict=True))) for l, f in zip(losses, outputs, strict=True)]
    return Objective(name, variables, weight * sympy.Add(*data) + rest, formula, weight, q, losses, outputs, rest)


def loss(problem: Problem) -> Objective:
    """Return L(theta) = (1/m) sum_i l_i(f(x_i; theta)) + sum_p mu_p theta_p^2 (THEORY section 1)."""
    front = r"\frac{1}{m} " if problem.loss.mean else ""
    formula = rf"L(\theta) = {front}\sum_{{i=1}}^m \ell_i(f(x_i; \theta))"
    if problem.ridge:
        formula += r" + \sum_p \mu_p \theta_p^2"
    return assembled("L", problem, problem.parameters, problem.outputs(), ridge_term(problem), formula)
