"""Lt: the objective with one added neuron per output (THEORY section 1, after Kawaguchi and Kaelbling 2020)."""

from __future__ import annotations

import sympy

from pgb.errors import InputError
from pgb.expressions import real_symbol
from pgb.objective.base import Objective, assembled, loss, ridge_term
from pgb.problem import Problem
from pgb.problem.files import auxiliary_names


def auxiliary(problem: Problem) -> tuple[sympy.Symbol, ...]:
    """Return the added variables of this problem: aux_a1.., aux_b1.., aux_w1_1.. (output, then input)."""
    return tuple(map(real_symbol, auxiliary_names(problem.augmentation, problem.network)))


def unit(problem: Problem, k: int, x: tuple[sympy.Expr, ...]) -> sympy.Expr:
    """Return the added unit of output k (counted from 1) at the input x: a_k exp(w_k . x + b_k), or the user's own."""
    a, b = real_symbol(f"aux_a{k}"), real_symbol(f"aux_b{k}")
    w = [real_symbol(f"aux_w{k}_{r}") for r in range(1, len(x) + 1)]
    own = problem.augmentation.unit
    if own is None:
        return a * sympy.exp(sympy.Add(*(wr * xr for wr, xr in zip(w, x, strict=True))) + b)
    values = {real_symbol("a"): a, real_symbol("b"): b}
    for r, (wr, xr) in enumerate(zip(w, x, strict=True), start=1):
        values |= {real_symbol(f"w{r}"): wr, real_symbol(f"x{r}"): xr}
    return own.xreplace(values)


def augmented(problem: Problem) -> Objective:
    """Return Lt(theta, a, b, W) = (1/m) sum_i l_i(f(x_i; theta) + g(x_i; a, b, W)) + lambda |a|^2 (+ the ridge of L).

    Raises
    ------
    InputError
        When the problem's augmentation adds no unit (kind ``"no_extra_unit"`` or ``"none"``).
    """
    kind = problem.augmentation.kind
    if kind not in ("exp_neuron", "unit"):
        raise InputError("augmentation.kind", f"must be 'exp_neuron' or 'unit' for Lt, got {kind!r}")
    added = auxiliary(problem)
    outputs = tuple(
        tuple(f + unit(problem, k, x) for k, f in enumerate(row, start=1))
        for x, row in zip(problem.data.x, problem.outputs(), strict=True)
    )
    penalty = problem.augmentation.lam * sympy.Add(*(s**2 for s in added[: problem.network.dy]))
    shape = r"a_k e^{w_k \cdot x_i + b_k}" if kind == "exp_neuron" else r"a\text{-unit}_k(x_i)"
    front = r"\frac{1}{m} " if problem.loss.mean else ""
    formula = (
        rf"\tilde L(\theta, a, b, W) = {front}\sum_{{i=1}}^m \ell_i\bigl((f(x_i; \theta)_k + {shape})_k\bigr)"
        r" + \lambda |a|^2"
    )
    variables = problem.parameters + added
    return assembled("Lt", problem, variables, outputs, ridge_term(problem) + penalty, formula)


def no_extra_unit(problem: Problem) -> Objective:
    """Return L2(theta, a, b) = L(theta) (1 + (a e^b - 1)^2) / 2 + lambda a^2, or with a factor of the user's own for a e^b.

    THEORY section 4; after Sohl-Dickstein and Kawaguchi, arXiv:1901.03909.
    """
    a, b = real_symbol("aux_a"), real_symbol("aux_b")
    base, own = loss(problem), problem.augmentation.unit
    plain = {real_symbol("a"): a, real_symbol("b"): b}
    factor = a * sympy.exp(b) if own is None else own.subs(plain, simultaneous=True)
    expression = base.expression * (1 + (factor - 1) ** 2) / 2 + problem.augmentation.lam * a**2
    shape = "a e^b" if own is None else r"h(a, b)"
    formula = rf"L_2(\theta, a, b) = L(\theta) \bigl(1 + ({shape} - 1)^2\bigr) / 2 + \lambda a^2"
    return Objective("L2", (*base.variables, a, b), expression, formula)


def transformed(problem: Problem) -> Objective:
    """Return the objective that the problem's augmentation asks for: Lt, L2, or L itself for ``"none"``."""
    match problem.augmentation.kind:
        case "none":
            return loss(problem)
        case "no_extra_unit":
            return no_extra_unit(problem)
    return augmented(problem)
