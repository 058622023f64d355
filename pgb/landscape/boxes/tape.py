"""Turns exact forms into interval code: a flat list of operations on lanes of boxes, with every constant enclosed.

Trusted by the branch-and-prune search. Sums are factored before they are emitted, because interval arithmetic is
subdistributive: the range computed for x (y + z) lies in that for x y + x z.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from pgb.errors import InputError
from pgb.landscape.boxes.forms import NONNEGATIVE, PI, SUM, Form, Forms, Monomial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Code(IntEnum):
    """Operations: d is the result's register, a, b, c are operands, k is an enclosed constant."""

    CONST = 0  # d = k
    ADD = 1
    SUB = 2
    MUL = 3
    SQR = 4
    SMUL = 5  # d = k a
    AXPY = 6  # d = b + k a
    ADDC = 7  # d = a + k
    POW = 8  # d = a^c, c >= 3
    TANH = 9  # d = tanh a, b = 1 - tanh^2 a
    SIGMOID = 10  # d = sigmoid a, b = its derivative
    EXP = 11
    LOG = 12
    SQRT = 13
    RECIP = 14
    SOFTPLUS = 15
    ERF = 16
    ATAN = 17
    SIN = 18
    COS = 19
    ABS = 20
    SIGN = 21
    STEP = 22
    RELU = 23
    SELECT = 24  # d = b where a > 0, c where a < 0, their hull where a may vanish


_FUNCTIONS: Final = {
    "exp": Code.EXP,
    "log": Code.LOG,
    "sqrt": Code.SQRT,
    "recip": Code.RECIP,
    "softplus": Code.SOFTPLUS,
    "erf": Code.ERF,
    "atan": Code.ATAN,
    "sin": Code.SIN,
    "cos": Code.COS,
    "abs": Code.ABS,
    "sign": Code.SIGN,
    "step": Code.STEP,
    "relu": Code.RELU,
}
_PAIRS: Final = {
    "tanh": (Code.TANH, 0),
    "dtanh": (Code.TANH, 1),
    "sigmoid": (Code.SIGMOID, 0),
    "dsigmoid": (Code.SIGMOID, 1),
}


def enclose(value: Fraction) -> tuple[float, float]:
    """Return the tightest pair of doubles around a rational number.

    Raises
    ------
    InputError
        For numbers beyond 1e150, which the interval code does not carry.
    """
    if abs(value) > 10**150:
        raise InputError("objective", f"has the constant {value}, which is larger than 1e150")
    nearest = value.numerator / value.denominator  # correctly rounded, by Python's definition of int / int
    exact = Fraction(nearest)
    if exact == value:
        return nearest, nearest
    if exact < value:
        return nearest, math.nextafter(nearest, math.inf)
    return math.nextafter(nearest, -math.inf), nearest


@dataclass(frozen=True, slots=True)
class Tape:
    """Interval code for lanes of boxes.

    Attributes
    ----------
    n
        Number of variables; registers 0 .. n - 1 hold them.
    code
        Shape (K, 5), int32: operation, d, a, b, c.
    constants
        Shape (K, 2): the enclosed constant of each operation.
    gradient, first
        The first `gradient` operations compute the gradient, the first `first` everything in `rows`; the others are
        needed for `hessian` only.
    registers
        Number of registers of one lane.
    rows
        Registers of the gradient, then of further combinations that vanish wherever the gradient does.
    hessian
        Shape (n, n): registers of the second derivatives.
    block
        Variables in which the objective is quadratic, given the others; their rows are also solved apart.
    """

    n: int
    code: NDArray[np.int32]
    constants: NDArray[np.float64]
    gradient: int
    first: int
    registers: int
    rows: NDArray[np.int32]
    hessian: NDArray[np.int32]
    block: NDArray[np.int64]

    def arrays(self) -> tuple[Any, ...]:
        """Return what the compiled loops take: code, constants, ends, rows, Hessian registers, number of registers, block."""
        import numpy as np

        ends = np.array([self.gradient, self.first, len(self.code)], dtype=np.int64)
        return (self.code, self.constants, ends, self.rows, self.hessian, self.registers, self.block)


@dataclass(slots=True)
class Emitter:
    """Writes code with one register for each distinct value; `finish` packs the registers."""

    store: Forms
    code: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    constants: list[tuple[float, float]] = field(default_factory=list)
    count: int = 0
    _forms: dict[Form, int] = field(default_factory=dict)
    _monomials: dict[Monomial, int] = field(default_factory=dict)
    _atoms: dict[int, int] = field(default_factory=dict)
    _powers: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = self.store.n
        for k in range(self.store.n):
            self._atoms[k] = k

    def _emit(self, op: Code, a: int = 0, b: int = 0, c: int = 0, k: tuple[float, float] = (0.0, 0.0)) -> int:
        d = self.count
        self.count += 1
        self.code.append((int(op), d, a, b, c))
        self.constants.append(k)
        return d

    def form(self, f: Form) -> int:
        """Return the register that holds a form."""
        if f not in self._forms:
            self._forms[f] = self._sum(dict(f))
        return self._forms[f]

    def _sum(self, terms: dict[Monomial, Fraction]) -> int:
        shift = terms.pop((), Fraction(0))
        parts: list[int] = []
        while (a := self._common(terms)) is not None:
            inside = {m: c for m, c in terms.items() if any(b == a for b, _ in m)}
            terms = {m: c for m, c in terms.items() if m not in inside}
            divided = {tuple((b, p - (b == a)) for b, p in m if p > (b == a)): c for m, c in inside.items()}
            parts.append(self._emit(Code.MUL, self._atom(a), self.form(tuple(sorted(divided.items())))))
        total: int | None = None
        for p in parts:
            total = p if total is None else self._emit(Code.ADD, total, p)
        for m, c in sorted(terms.items()):
            total = self._accumulate(total, self._monomial(m), c)
        if total is None:
            return self._emit(Code.CONST, k=enclose(shift))
        return self._emit(Code.ADDC, total, k=enclose(shift)) if shift else total

    def _accumulate(self, total: int | None, term: int, c: Fraction) -> int:
        """Return the register of total + c term."""
        if total is None:
            return term if c == 1 else self._emit(Code.SMUL, term, k=enclose(c))
        if c == 1:
            return self._emit(Code.ADD, total, term)
        if c == -1:
            return self._emit(Code.SUB, total, term)
        return self._emit(Code.AXPY, term, total, k=enclose(c))

    def _common(self, terms: dict[Monomial, Fraction]) -> int | None:
        """Return the atom to factor out of a sum, or None.

        An atom that occurs squared somewhere is factored out only where it has no sign change: x^2 + x y is not
        contained in the range of x (x + y) otherwise, because a square is known not to be negative.
        """
        count: dict[int, int] = {}
        blocked: set[int] = set()
        for m in terms:
            for a, p in m:
                count[a] = count.get(a, 0) + 1
                if p > 1 and self.store.atoms[a].kind not in NONNEGATIVE:
                    blocked.add(a)
        best = max(((c, -a) for a, c in count.items() if c > 1 and a not in blocked), default=None)
        return -best[1] if best else None

    def _monomial(self, m: Monomial) -> int:
        if m not in self._monomials:
            *front, (a, p) = m
            last = self._power(a, p)
            self._monomials[m] = self._emit(Code.MUL, self._monomial(tuple(front)), last) if front else last
        return self._monomials[m]

    def _power(self, a: int, p: int) -> int:
        base = self._atom(a)
        if p == 1:
            return base
        if (a, p) not in self._powers:
            self._powers[a, p] = self._emit(Code.SQR, base) if p == 2 else self._emit(Code.POW, base, c=p)
        return self._powers[a, p]

    def _atom(self, a: int) -> int:
        if a not in self._atoms:
            self._atoms[a] = self._function(a)
        return self._atoms[a]

    def _function(self, a: int) -> int:
        atom = self.store.atoms[a]
        if atom.kind == PI:
            return self._emit(Code.CONST, k=(math.pi, math.nextafter(math.pi, 4.0)))  # math.pi is below pi
        if atom.kind == SUM:
            return self.form(atom.args[0])
        if atom.kind == "select":
            d, yes, no = (self.form(f) for f in atom.args)
            return self._emit(Code.SELECT, d, yes, no)
        u = self.form(atom.args[0])
        if atom.kind in _PAIRS:
            op, second = _PAIRS[atom.kind]
            partner = self.store.atom(type(atom)(_partner(atom.kind), atom.args))
            d = self._emit(op, u, self.count + 1)
            self.count += 1
            self._atoms[partner] = d + 1 - second
            return d + second
        return self._emit(_FUNCTIONS[atom.kind], u)


def _partner(kind: str) -> str:
    return kind[1:] if kind.startswith("d") else "d" + kind


def build(store: Forms, rows: Sequence[Form], hessian: Sequence[Sequence[Form]], block: Sequence[int] = ()) -> Tape:
    """Return the tape of gradient rows (with further combinations after them) and of a symmetric Hessian.

    Parameters
    ----------
    rows
        At least n forms, the gradient first.
    hessian
        Shape (n, n); only the upper half is read.
    block
        Variables whose rows are also solved apart.
    """
    import numpy as np

    emitter = Emitter(store)
    n = store.n
    row_registers = [emitter.form(f) for f in rows[:n]]
    gradient = len(emitter.code)
    row_registers += [emitter.form(f) for f in rows[n:]]
    first = len(emitter.code)
    upper = {(i, j): emitter.form(hessian[i][j]) for i in range(n) for j in range(i, n)}
    moved, code, registers = _pack(emitter, [*row_registers, *upper.values()])
    return Tape(
        n,
        np.array(code, dtype=np.int32).reshape(-1, 5),
        np.array(emitter.constants, dtype=np.float64).reshape(-1, 2),
        gradient,
        first,
        registers,
        np.array([moved[r] for r in row_registers], dtype=np.int32),
        np.array([[moved[upper[min(i, j), max(i, j)]] for j in range(n)] for i in range(n)], dtype=np.int32),
        np.array(block, dtype=np.int64),
    )


def operands(row: tuple[int, int, int, int, int]) -> tuple[list[int], list[int]]:
    """Return the registers that an operation writes and reads."""
    op, d, a, b, c = row
    if op == Code.CONST:
        return [d], []
    if op in (Code.TANH, Code.SIGMOID):
        return [d, b], [a]
    if op in (Code.ADD, Code.SUB, Code.MUL, Code.AXPY):
        return [d], [a, b]
    if op == Code.SELECT:
        return [d], [a, b, c]
    return [d], [a]


def _pack(emitter: Emitter, outputs: Sequence[int]) -> tuple[dict[int, int], list[tuple[int, int, int, int, int]], int]:
    """Give registers whose values are no longer needed to later results; variables and outputs keep theirs."""
    last: dict[int, float] = {}
    for step, row in enumerate(emitter.code):
        for r in operands(row)[1]:
            last[r] = step
    for r in (*range(emitter.store.n), *outputs):
        last[r] = math.inf
    moved = {k: k for k in range(emitter.store.n)}
    free: list[int] = []
    used = emitter.store.n
    code = []
    for step, row in enumerate(emitter.code):
        writes, reads = operands(row)
        for r in writes:  # results never overlap with this step's operands
            if free:
                moved[r] = free.pop()
            else:
                moved[r], used = used, used + 1
        op, d, a, b, c = row
        names = set(writes) | set(reads)
        renamed = (op, moved[d], moved[a] if a in names else 0, moved[b] if b in names else b)
        code.append((*renamed, moved[c] if op == Code.SELECT else c))
        for r in dict.fromkeys((*reads, *writes)):
            if last.get(r, -1) <= step:
                free.append(moved[r])
    return moved, code, used
