"""Exact derivatives of programs by reverse accumulation; trusted by the certificate checkers.

Every adjoint rule below is the derivative wherever the program's guards do not vanish; on a kink nothing is claimed,
and the ball evaluation with ``smooth=True`` refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from pgb.landscape.compile import compile_expressions
from pgb.landscape.program import PI, Builder, Instruction, Op, Program


@dataclass(frozen=True, slots=True)
class Derivatives:
    """A function's programs.

    Attributes
    ----------
    value
        One output.
    gradient
        n outputs, in the order of the inputs.
    hessian
        n * n outputs, row by row (the lower half repeats the upper half's registers).
    together
        1 + n + n * n outputs: value, gradient, Hessian, with everything shared.
    """

    value: Program
    gradient: Program
    hessian: Program
    together: Program


def derivatives(expression: Any, variables: Sequence[sympy.Symbol]) -> Derivatives:
    """Return the programs of an expression, its gradient and its Hessian."""
    return differentiate(compile_expressions([expression], variables))


def differentiate(source: Program) -> Derivatives:
    """Return the programs of a program's first output, its gradient and its Hessian."""
    n = len(source.inputs)
    builder = Builder(source.inputs)
    moved = builder.include(source, [*source.outputs, *source.guards])
    guards = [moved[g] for g in source.guards]
    value = moved[source.outputs[0]]
    first = gradient_registers(builder, value)
    second = [gradient_registers(builder, g) for g in first]
    full = [second[min(i, j)][max(i, j)] for i in range(n) for j in range(n)]
    return Derivatives(
        builder.program([value], guards),
        builder.program(first, guards),
        builder.program(full, guards),
        builder.program([value, *first, *full], guards),
    )


def jacobian(expressions: Sequence[Any], variables: Sequence[sympy.Symbol]) -> Program:
    """Return the program of the Jacobian of several expressions: len(expressions) * n outputs, row by row."""
    return jacobian_of(compile_expressions(expressions, variables))


def jacobian_of(source: Program) -> Program:
    """Return the program of the Jacobian of a program's outputs, row by row."""
    builder = Builder(source.inputs)
    moved = builder.include(source, [*source.outputs, *source.guards])
    rows = [r for output in source.outputs for r in gradient_registers(builder, moved[output])]
    return builder.program(rows, [moved[g] for g in source.guards])


def gradient_registers(b: Builder, output: int) -> list[int]:
    """Append the partial derivatives of a register to the builder; return their registers, one for each input."""
    zero = b.constant(0)
    adjoint: dict[int, int] = {output: b.constant(1)}
    for r in list(b.ancestors(output)):
        node = b.nodes[r]
        if r not in adjoint or not isinstance(node, Instruction):
            continue
        for operand, part in _partials(b, r, node, adjoint[r]):
            adjoint[operand] = b.emit(Op.ADD, adjoint[operand], part) if operand in adjoint else part
    return [adjoint.get(k, zero) for k in range(len(b.inputs))]


def _partials(b: Builder, r: int, node: Instruction, a: int) -> list[tuple[int, int]]:
    """Return (operand, adjoint times partial derivative) for an instruction in register r with adjoint a."""
    u = node.args[0]
    if node.op in (Op.STEP, Op.SIGN):
        return []
    if len(node.args) == 1:
        return [(u, _chain(b, r, node, a))]
    v = node.args[1]
    match node.op:
        case Op.ADD:
            return [(u, a), (v, a)]
        case Op.SUB:
            return [(u, a), (v, b.emit(Op.NEG, a))]
        case Op.MUL:
            return [(u, b.emit(Op.MUL, a, v)), (v, b.emit(Op.MUL, a, u))]
        case Op.DIV:
            shared = b.emit(Op.DIV, a, v)
            return [(u, shared), (v, b.emit(Op.NEG, b.emit(Op.MUL, shared, r)))]
    zero = b.constant(0)
    yes, no = (b.emit(Op.SELECT, u, *pair, exponent=node.exponent) for pair in ((a, zero), (zero, a)))
    return [(v, yes), (node.args[2], no)]


def _chain(b: Builder, r: int, node: Instruction, a: int) -> int:
    """Return a f'(u) for an instruction f(u) in register r."""
    u = node.args[0]

    def times(factor: int) -> int:
        return b.emit(Op.MUL, a, factor)

    match node.op:
        case Op.NEG:
            return b.emit(Op.NEG, a)
        case Op.LOG:
            return b.emit(Op.DIV, a, u)
        case Op.SQRT:
            return b.emit(Op.DIV, a, b.emit(Op.MUL, b.constant(2), r))
        case Op.ATAN:
            return b.emit(Op.DIV, a, b.emit(Op.ADD, b.constant(1), b.emit(Op.POWI, u, exponent=2)))
        case Op.POWI | Op.POWQ:
            k = node.exponent
            power = b.emit(node.op, u, exponent=k - 1)
            return times(b.emit(Op.MUL, b.constant(k), power))
    return times(_slope(b, r, node))


def _slope(b: Builder, r: int, node: Instruction) -> int:
    """Return f'(u) for the functions whose derivative is an operation of its own."""
    u = node.args[0]
    match node.op:
        case Op.EXP:
            return r
        case Op.TANH:
            return b.emit(Op.DTANH, u)
        case Op.DTANH:
            return b.emit(Op.MUL, b.constant(-2), b.emit(Op.MUL, b.emit(Op.TANH, u), r))
        case Op.SIGMOID:
            return b.emit(Op.DSIGMOID, u)
        case Op.DSIGMOID:
            twice = b.emit(Op.MUL, b.constant(2), b.emit(Op.SIGMOID, u))
            return b.emit(Op.MUL, r, b.emit(Op.SUB, b.constant(1), twice))
        case Op.SOFTPLUS:
            return b.emit(Op.SIGMOID, u)
        case Op.ERF:
            bell = b.emit(Op.EXP, b.emit(Op.NEG, b.emit(Op.POWI, u, exponent=2)))
            return b.emit(Op.DIV, b.emit(Op.MUL, b.constant(2), bell), b.emit(Op.SQRT, b.constant(PI)))
        case Op.SIN:
            return b.emit(Op.COS, u)
        case Op.COS:
            return b.emit(Op.NEG, b.emit(Op.SIN, u))
        case Op.ABS:
            return b.emit(Op.SIGN, u)
        case Op.RELU:
            return b.emit(Op.STEP, u)
    msg = f"no derivative rule for {node.op}"
    raise NotImplementedError(msg)
