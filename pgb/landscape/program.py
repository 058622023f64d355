"""Straight-line programs: shared subexpressions over exact constants, run in any arithmetic; trusted by the checkers.

Every rewriting here is an exact identity of real functions, and no constant is ever a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from pgb.errors import InputError

if TYPE_CHECKING:
    import numpy as np


class Op(StrEnum):
    """The operations of a program; each takes one, two or (select) three registers."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    NEG = "neg"
    POWI = "powi"  # u^k, integer k >= 2 in `exponent`
    POWQ = "powq"  # u^q for u > 0, q in `exponent` not an integer
    EXP = "exp"
    LOG = "log"
    SQRT = "sqrt"
    TANH = "tanh"
    DTANH = "dtanh"  # 1 - tanh(u)^2, kept whole so that intervals stay tight
    SIGMOID = "sigmoid"
    DSIGMOID = "dsigmoid"  # s(u) (1 - s(u)), kept whole likewise
    SOFTPLUS = "softplus"
    ERF = "erf"
    ATAN = "atan"
    SIN = "sin"
    COS = "cos"
    ABS = "abs"
    SIGN = "sign"
    RELU = "relu"
    STEP = "step"
    SELECT = "select"  # (d, a, b): a where d > 0, b where d < 0; at d = 0 a if `exponent` is 1, else b


KINKS: Final = frozenset({Op.RELU, Op.STEP, Op.ABS, Op.SIGN, Op.SELECT})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One operation on registers."""

    op: Op
    args: tuple[int, ...]
    exponent: Fraction = Fraction(0)


PI: Final = "pi"
Constant = Fraction | str  # a rational, or PI


@dataclass(frozen=True, slots=True)
class Program:
    """A straight-line program with shared subexpressions.

    Registers are numbered: inputs, then constants, then one for each instruction; an instruction reads lower ones only.

    Attributes
    ----------
    inputs
        Names of the variables, register k for the k-th.
    constants
        Exact rationals, or `PI`.
    code
        The instructions, in order.
    outputs
        Registers of the results.
    guards
        Registers that must not vanish for the SOURCE expressions to be smooth: arguments of relu, step, Abs, sign and
        the differences that conditions compare. Where all are non-zero, derivatives are the true ones.
    """

    inputs: tuple[str, ...]
    constants: tuple[Constant, ...]
    code: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    guards: tuple[int, ...] = ()

    @property
    def n_registers(self) -> int:
        """The number of registers."""
        return len(self.inputs) + len(self.constants) + len(self.code)

    def run(self, table: Mapping[Op, Any], inputs: Sequence[Any], constants: Sequence[Any]) -> list[Any]:
        """Return all registers, computed in any arithmetic.

        Parameters
        ----------
        table
            For each operation a function ``(exponent, *operands) -> value``.
        inputs, constants
            Values of the first registers, in that arithmetic.
        """
        registers = [*inputs, *constants]
        for step in self.code:
            registers.append(table[step.op](step.exponent, *(registers[a] for a in step.args)))
        return registers

    def numpy(self, points: np.ndarray) -> np.ndarray:
        """Evaluate in double precision, without any claim on rounding.

        Parameters
        ----------
        points
            Shape (n, N): one row for each input, one column for each point.

        Returns
        -------
        numpy.ndarray
            Shape (n_out, N). Points outside the domain of a function give nan or inf, silently.
        """
        import numpy as np

        from pgb.landscape.floats import TABLE, constant

        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[0] != len(self.inputs):
            raise InputError("points", f"must have shape ({len(self.inputs)}, N), got {points.shape}")
        with np.errstate(all="ignore"):
            registers = self.run(TABLE, list(points), [constant(c) for c in self.constants])
            out = np.empty((len(self.outputs), points.shape[1]))
            for k, r in enumerate(self.outputs):
                out[k] = registers[r]
        return out

    def balls(self, values: Sequence[Any], precision: int, *, smooth: bool = False) -> list[Any]:
        """Enclose the outputs over a box of balls; see `pgb.landscape.balls.run`."""
        from pgb.landscape.balls import run

        return run(self, values, precision, smooth=smooth)

    def pick(self, outputs: Sequence[int]) -> Program:
        """Return the program of the outputs with these positions; what only others need is dropped, guards are kept."""
        builder = Builder(self.inputs)
        moved = builder.include(self, [self.outputs[k] for k in outputs] + list(self.guards))
        return builder.program([moved[self.outputs[k]] for k in outputs], [moved[g] for g in self.guards])

    def guard_values(self) -> Program:
        """Return the program whose outputs are the guards, in their order."""
        return replace(self, outputs=self.guards)

    def uses(self, guard: int) -> frozenset[Op]:
        """Return the kinks that read the guard at this position."""
        register = self.guards[guard]
        return frozenset(i.op for i in self.code if i.op in KINKS and i.args[0] == register)

    def continuous_at(self, guard: int) -> bool:
        """Is the guard read by relu and Abs only, so that nothing jumps where it vanishes?"""
        return self.uses(guard) <= {Op.RELU, Op.ABS}

    def resolve(self, signs: Mapping[int, int]) -> Program:
        """Return the program of one smooth piece: kinks are replaced by the branch that a sign of their argument selects.

        Parameters
        ----------
        signs
            Position in `guards` to 1, -1 or 0. Where the guards really have these signs both programs agree; 0 stands
            for a guard that vanishes identically on the set of interest.
        """
        registers = {self.guards[k]: sign for k, sign in signs.items()}
        builder = Builder(self.inputs)
        moved = builder.include(self, [*self.outputs, *self.guards], registers)
        kept = [g for k, g in enumerate(self.guards) if k not in signs]
        return builder.program([moved[r] for r in self.outputs], [moved[g] for g in kept])

    def along(self, base: Sequence[Fraction], basis: Sequence[Sequence[Fraction]], names: Sequence[str]) -> Program:
        """Return the program on an affine subspace: inputs z, evaluated at base + basis z.

        Parameters
        ----------
        base
            n rationals.
        basis
            n rows of d rationals.
        names
            The d new inputs.
        """
        builder = Builder(names)
        places = []
        for start, row in zip(base, basis, strict=True):
            total = builder.constant(start)
            for k, v in enumerate(row):
                total = builder.emit(Op.ADD, total, builder.emit(Op.MUL, builder.constant(v), k))
            places.append(total)
        moved = builder.include(self, [*self.outputs, *self.guards], inputs=places)
        return builder.program([moved[r] for r in self.outputs], [moved[g] for g in self.guards])


class Builder:
    """Grows a program; equal operations share a register, rational arithmetic on constants is done exactly."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self.inputs = tuple(inputs)
        self.nodes: list[Instruction | Constant | None] = [None] * len(self.inputs)
        self._found: dict[Any, int] = {}
        self.guards: dict[int, None] = {}

    # -- registers

    def constant(self, value: Constant | int) -> int:
        """Return the register of an exact constant."""
        value = value if isinstance(value, str) else Fraction(value)
        return self._register(("constant", value), value)

    def emit(self, op: Op, *args: int, exponent: Fraction | int = 0) -> int:
        """Return the register of an operation, after the exact simplifications of `_simplify`."""
        exponent = Fraction(exponent)
        simple = _simplify(self, op, args, exponent)
        if simple is not None:
            return simple
        if op in (Op.ADD, Op.MUL):
            args = tuple(sorted(args))
        if op in KINKS:
            self.guards.setdefault(args[0])
        node = Instruction(op, args, exponent)
        return self._register(node, node)

    def rational(self, register: int) -> Fraction | None:
        """Return the register's value where it is a rational constant."""
        node = self.nodes[register]
        return node if isinstance(node, Fraction) else None

    def _register(self, key: Any, node: Instruction | Constant) -> int:
        if key not in self._found:
            self._found[key] = len(self.nodes)
            self.nodes.append(node)
        return self._found[key]

    # -- whole programs

    def include(
        self,
        program: Program,
        wanted: Sequence[int],
        signs: Mapping[int, int] | None = None,
        inputs: Sequence[int] | None = None,
    ) -> dict[int, int]:
        """Copy what the wanted registers of another program need; return old register -> new.

        `signs` gives signs of arguments of kinks by register: those kinks are copied as the branch they select.
        `inputs` are the registers here that stand for the other program's inputs; by default the inputs themselves.
        """
        signs = signs or {}
        n, c = len(program.inputs), len(program.constants)
        needed = set(wanted)
        for r in range(program.n_registers - 1, n + c - 1, -1):
            if r in needed:
                needed.update(program.code[r - n - c].args)
        moved = dict(enumerate(range(n) if inputs is None else inputs))
        for r in sorted(needed):
            if n <= r < n + c:
                moved[r] = self.constant(program.constants[r - n])
            elif r >= n + c:
                step = program.code[r - n - c]
                args = tuple(moved[a] for a in step.args)
                if step.op in KINKS and step.args[0] in signs:
                    moved[r] = self._branch(step, args, signs[step.args[0]])
                else:
                    moved[r] = self.emit(step.op, *args, exponent=step.exponent)
        return moved

    def _branch(self, step: Instruction, args: tuple[int, ...], sign: int) -> int:
        """Return the register of a kink where its argument has this sign."""
        match step.op:
            case Op.RELU:
                return args[0] if sign > 0 else self.constant(0)
            case Op.ABS:
                return self.emit(Op.MUL, self.constant(sign), args[0])
            case Op.STEP:
                return self.constant(int(sign > 0))
            case Op.SIGN:
                return self.constant(sign)
        return args[1] if sign > 0 or (sign == 0 and step.exponent) else args[2]

    def program(self, outputs: Sequence[int], guards: Sequence[int] | None = None) -> Program:
        """Return the finished program of these output registers."""
        kept = list(self.guards) if guards is None else list(guards)
        kept = [g for g in dict.fromkeys(kept) if not self.rational(g)]
        needed = {*outputs, *kept}
        for r in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[r]
            if r in needed and isinstance(node, Instruction):
                needed.update(node.args)
        n = len(self.inputs)
        constants = [r for r in sorted(needed) if isinstance(self.nodes[r], Fraction | str)]
        steps = [r for r in sorted(needed) if isinstance(self.nodes[r], Instruction)]
        place = {r: r for r in range(n)}
        place.update({r: n + k for k, r in enumerate(constants)})
        place.update({r: n + len(constants) + k for k, r in enumerate(steps)})
        code = []
        for r in steps:
            node = self.nodes[r]
            if isinstance(node, Instruction):
                code.append(Instruction(node.op, tuple(place[a] for a in node.args), node.exponent))
        values = tuple(v for v in (self.nodes[r] for r in constants) if isinstance(v, Fraction | str))
        return Program(
            self.inputs, values, tuple(code), tuple(place[r] for r in outputs), tuple(place[g] for g in kept)
        )

    def ancestors(self, register: int) -> Iterator[int]:
        """Yield the instructions that a register depends on, itself included, from the highest number down."""
        needed = {register}
        for r in range(register, len(self.inputs) - 1, -1):
            node = self.nodes[r]
            if r in needed and isinstance(node, Instruction):
                needed.update(node.args)
                yield r


_FOLD: Final[dict[Op, Callable[..., Fraction | None]]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.DIV: lambda a, b: a / b if b else None,
    Op.NEG: lambda a: -a,
    Op.ABS: abs,
    Op.RELU: lambda a: max(a, Fraction(0)),
    Op.STEP: lambda a: Fraction(int(a > 0)) if a else None,
    Op.SIGN: lambda a: Fraction((a > 0) - (a < 0)),
}
MAX_FOLDED_BITS: Final = 20_000


def _simplify(b: Builder, op: Op, args: tuple[int, ...], exponent: Fraction) -> int | None:
    """Return the register that an operation equals by exact arithmetic or a unit law, or None."""
    known = [b.rational(a) for a in args]
    first, second = known[0], known[1] if len(known) > 1 else None
    if op in _FOLD and None not in known:
        value = _FOLD[op](*known)
        if value is not None and _bits(value) < MAX_FOLDED_BITS:
            return b.constant(value)
    match op:
        case Op.POWI if exponent == 1:
            return args[0]
        case Op.POWI if first is not None and _bits(first) * exponent < MAX_FOLDED_BITS:
            return b.constant(first ** int(exponent))
        case Op.SELECT if first:
            return args[1] if first > 0 else args[2]
        case Op.SELECT if args[1] == args[2]:
            return args[1]
    simple = _with_units(b, op, args, first, second)
    return _without_signs(b, op, args) if simple is None else simple


def _with_units(
    b: Builder, op: Op, args: tuple[int, ...], first: Fraction | None, second: Fraction | None
) -> int | None:
    """Apply 0 + u = u, u - 0 = u, 0 u = 0, 1 u = u, (-1) u = -u, u u = u^2, u / 1 = u."""
    match op:
        case Op.ADD if first == 0:
            return args[1]
        case Op.ADD | Op.SUB if second == 0:
            return args[0]
        case Op.SUB if first == 0:
            return b.emit(Op.NEG, args[1])
        case Op.MUL if 0 in (first, second):
            return b.constant(0)
        case Op.MUL if first in (1, -1):
            return args[1] if first == 1 else b.emit(Op.NEG, args[1])
        case Op.MUL | Op.DIV if second in (1, -1):
            return args[0] if second == 1 else b.emit(Op.NEG, args[0])
        case Op.MUL if args[0] == args[1]:
            return b.emit(Op.POWI, args[0], exponent=2)
    return None


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _without_signs(b: Builder, op: Op, args: tuple[int, ...]) -> int | None:
    """Move negations outward: -(-u) = u, a + (-u) = a - u, a - (-u) = a + u, (-u) v = -(u v)."""
    inner = [n.args[0] if isinstance(n := b.nodes[a], Instruction) and n.op is Op.NEG else None for a in args]
    match op, inner:
        case Op.NEG, [int(u)]:
            return u
        case Op.ADD, [_, int(u)]:
            return b.emit(Op.SUB, args[0], u)
        case Op.ADD, [int(u), _]:
            return b.emit(Op.SUB, args[1], u)
        case Op.SUB, [_, int(u)]:
            return b.emit(Op.ADD, args[0], u)
        case ((Op.MUL | Op.DIV), [int(u), _]):
            return b.emit(Op.NEG, b.emit(op, u, args[1]))
        case ((Op.MUL | Op.DIV), [_, int(u)]):
            return b.emit(Op.NEG, b.emit(op, args[0], u))
    return None
