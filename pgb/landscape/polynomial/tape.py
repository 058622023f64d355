"""Straight-line programs: how a polynomial system is written once and then run on floats, lanes, series, balls and exact numbers.

Trusted where a certificate is checked (the same program is run on balls); its meaning is fixed by `run_exact`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]


class Op(IntEnum):
    """The instructions of a tape; `out` is written, `a`, `b`, `c` are read."""

    ADD = 0  # out = a + b
    SUB = 1  # out = a - b
    MUL = 2  # out = a * b
    FMA = 3  # out = c + a * b
    FMS = 4  # out = c - a * b


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """A polynomial map of `n` variables and `q` parameters as a list of instructions on registers.

    Attributes
    ----------
    n, q
        Numbers of variables and parameters; they occupy registers ``0..n-1`` and ``n..n+q-1``.
    constants
        Exact constants, in the registers after the parameters.
    code
        Shape ``(k, 5)``: operation, a, b, c, out (`Op`); c is 0 where unused.
    registers
        Number of registers.
    outputs
        Register of each output, in order.
    """

    n: int
    q: int
    constants: tuple[Fraction, ...]
    code: IntArray
    registers: int
    outputs: IntArray

    def __repr__(self) -> str:
        return (
            f"Tape({self.n} variables, {self.q} parameters, {len(self.code)} operations, {len(self.outputs)} outputs)"
        )

    def run(self, values: Sequence[Any], parameters: Sequence[Any], lift: Callable[[Fraction], Any]) -> list[Any]:
        """Run the program on any ring.

        Parameters
        ----------
        values, parameters
            `n` and `q` ring elements (numbers, arrays, balls, polynomials).
        lift
            Takes an exact constant into the ring.

        Returns
        -------
        list
            The outputs.
        """
        reg: list[Any] = [None] * self.registers
        reg[: self.n] = values
        reg[self.n : self.n + self.q] = parameters
        start = self.n + self.q
        reg[start : start + len(self.constants)] = [lift(c) for c in self.constants]
        for op, a, b, c, out in self.code.tolist():
            if op == Op.ADD:
                reg[out] = reg[a] + reg[b]
            elif op == Op.SUB:
                reg[out] = reg[a] - reg[b]
            elif op == Op.MUL:
                reg[out] = reg[a] * reg[b]
            elif op == Op.FMA:
                reg[out] = reg[c] + reg[a] * reg[b]
            else:
                reg[out] = reg[c] - reg[a] * reg[b]
        return [reg[k] for k in self.outputs.tolist()]

    def run_exact(self, values: Sequence[Fraction], parameters: Sequence[Fraction]) -> list[Fraction]:
        """Run on rationals: the definition of what the tape computes."""
        return self.run(values, parameters, lambda c: c)


@dataclass(slots=True)
class Builder:
    """Writes tapes: shares common subexpressions, folds zeros and ones, fuses multiply-add, drops dead code.

    Nodes are integers; `None` never occurs. Variables are nodes ``0..n-1``, parameters ``n..n+q-1``.
    """

    n: int
    q: int
    _nodes: list[tuple[str, Any, Any]] = field(default_factory=list)
    _known: dict[tuple[str, Any, Any], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in range(self.n):
            self._node("x", k, None)
        for k in range(self.q):
            self._node("p", k, None)

    def _node(self, kind: str, a: Any, b: Any) -> int:
        key = (kind, a, b)
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return self._known[key]

    def const(self, value: Fraction | int) -> int:
        """Return the node of an exact constant."""
        return self._node("c", Fraction(value), None)

    def _value(self, a: int) -> Fraction | None:
        kind, value, _ = self._nodes[a]
        return value if kind == "c" else None

    def add(self, a: int, b: int) -> int:
        """Return a + b."""
        va, vb = self._value(a), self._value(b)
        if va is not None and vb is not None:
            return self.const(va + vb)
        if va == 0:
            return b
        if vb == 0:
            return a
        return self._node("+", min(a, b), max(a, b))

    def sub(self, a: int, b: int) -> int:
        """Return a - b."""
        va, vb = self._value(a), self._value(b)
        if va is not None and vb is not None:
            return self.const(va - vb)
        if vb == 0:
            return a
        return self.const(0) if a == b else self._node("-", a, b)

    def mul(self, a: int, b: int) -> int:
        """Return a * b."""
        va, vb = self._value(a), self._value(b)
        if va is not None and vb is not None:
            return self.const(va * vb)
        if va == 0 or vb == 0:
            return self.const(0)
        if va == 1:
            return b
        if vb == 1:
            return a
        return self._node("*", min(a, b), max(a, b))

    def total(self, terms: Sequence[int]) -> int:
        """Return the sum of the terms."""
        out = self.const(0)
        for t in terms:
            out = self.add(out, t)
        return out

    def matmul(self, A: Sequence[Sequence[int]], B: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return the matrix product of two matrices of nodes."""
        cols = list(zip(*B, strict=True))
        return [[self.total([self.mul(a, b) for a, b in zip(row, col, strict=True)]) for col in cols] for row in A]

    def derivative(self, outputs: Sequence[int], variable: int) -> list[int]:
        """Return nodes of the partial derivatives of the outputs by one variable (forward mode, zeros pruned)."""
        zero = self.const(0)
        tangent: dict[int, int] = {}
        for k in range(max(outputs) + 1):
            kind, a, b = self._nodes[k]
            if kind == "x":
                if a == variable:
                    tangent[k] = self.const(1)
            elif kind in "+-*":
                da, db = tangent.get(a, zero), tangent.get(b, zero)
                if da == zero and db == zero:
                    continue
                if kind == "+":
                    tangent[k] = self.add(da, db)
                elif kind == "-":
                    tangent[k] = self.sub(da, db)
                else:
                    tangent[k] = self.add(self.mul(da, b), self.mul(a, db))
        return [tangent.get(k, zero) for k in outputs]

    def tape(self, outputs: Sequence[int], *, reuse: bool) -> Tape:
        """Return the program that computes `outputs`; `reuse` shares registers whose values are no longer needed."""
        order, uses = self._live(outputs)
        fused = self._fusable(order, uses)
        base = self.n + self.q
        constants = [k for k in order if self._nodes[k][0] == "c"]
        reg = {k: k for k in range(base)} | {k: base + i for i, k in enumerate(constants)}
        last = self._last_use(order, fused, outputs)
        free: list[int] = []
        code: list[list[int]] = []
        top = base + len(constants)
        for k in order:
            if self._nodes[k][0] in "xpc" or k in fused:
                continue
            op, operands = self._instruction(k, fused)
            if free:
                out = free.pop()
            else:
                out, top = top, top + 1
            code.append([op, *(reg[i] for i in operands), *([0] * (3 - len(operands))), out])
            reg[k] = out
            if reuse:
                free.extend(reg[i] for i in set(operands) if last[i] == k and self._nodes[i][0] not in "xpc")
        return Tape(
            self.n,
            self.q,
            tuple(self._nodes[k][1] for k in constants),
            np.array(code, np.int32).reshape(-1, 5),
            top,
            np.array([reg[k] for k in outputs], np.int32),
        )

    def _live(self, outputs: Sequence[int]) -> tuple[list[int], dict[int, int]]:
        """Return the nodes that outputs depend on, in order, with the number of uses of each."""
        uses: dict[int, int] = {}
        stack = list(outputs)
        for k in outputs:
            uses[k] = uses.get(k, 0) + 2  # an output is never fused away
        seen: set[int] = set()
        while stack:
            k = stack.pop()
            if k in seen:
                continue
            seen.add(k)
            kind, a, b = self._nodes[k]
            if kind in "+-*":
                for i in (a, b):
                    uses[i] = uses.get(i, 0) + 1
                    stack.append(i)
        return sorted(seen), uses

    def _fusable(self, order: Sequence[int], uses: dict[int, int]) -> set[int]:
        """Return the products that are used once, by a sum or as the second operand of a difference."""
        fused: set[int] = set()
        for k in order:
            kind, a, b = self._nodes[k]
            if kind not in "+-":
                continue
            for i in (b, a) if kind == "+" else (b,):
                if self._nodes[i][0] == "*" and uses[i] == 1 and a != b:
                    fused.add(i)
                    break
        return fused

    def _instruction(self, k: int, fused: set[int]) -> tuple[Op, tuple[int, ...]]:
        kind, a, b = self._nodes[k]
        if kind == "*":
            return Op.MUL, (a, b)
        if b in fused:
            _, u, v = self._nodes[b]
            return (Op.FMA if kind == "+" else Op.FMS), (u, v, a)
        if kind == "+" and a in fused:
            _, u, v = self._nodes[a]
            return Op.FMA, (u, v, b)
        return (Op.ADD if kind == "+" else Op.SUB), (a, b)

    def _last_use(self, order: Sequence[int], fused: set[int], outputs: Sequence[int]) -> dict[int, int]:
        last: dict[int, int] = {}
        for k in order:
            if self._nodes[k][0] in "+-*" and k not in fused:
                for i in self._instruction(k, fused)[1]:
                    last[i] = k
        last.update(dict.fromkeys(outputs, len(self._nodes)))
        return last
