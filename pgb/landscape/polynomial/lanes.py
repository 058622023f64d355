"""Complex arithmetic on eight paths at once: one vector instruction works on one register of all lanes. Untrusted (search only).

A register file is a pair of float64 arrays ``re, im`` of shape ``(registers, LANES)``. Every operation here is one numba
intrinsic that loads whole rows as vectors, so that an interpreted instruction costs about 3 ns for eight paths.
"""

# numba compiles these functions from the types of their arguments; mypy has nothing to check them against.
# mypy: disable-error-code="no-untyped-def,untyped-decorator,no-untyped-call,import-untyped"

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LANES = 8
ORDER = 4
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_FAST = ("contract",)


class _Rows:
    """Loads and stores rows of the register file inside an intrinsic."""

    def __init__(self, context: Any, builder: Any, array_type: Any, re: Any, im: Any) -> None:
        self.b = builder
        self.data = [context.make_array(array_type)(context, builder, a).data for a in (re, im)]

    def _pointer(self, part: int, row: Any) -> Any:
        offset = self.b.mul(row, ir.Constant(row.type, LANES))
        return self.b.bitcast(self.b.gep(self.data[part], [offset]), _VECTOR.as_pointer())

    def load(self, row: Any) -> tuple[Any, Any]:
        re, im = (self.b.load(self._pointer(part, row), align=8) for part in (0, 1))
        return re, im

    def store(self, row: Any, value: tuple[Any, Any]) -> None:
        for part in (0, 1):
            self.b.store(value[part], self._pointer(part, row), align=8)


def _times(b: Any, x: tuple[Any, Any], y: tuple[Any, Any]) -> tuple[Any, Any]:
    mul = lambda u, v: b.fmul(u, v, flags=_FAST)
    re = b.fsub(mul(x[0], y[0]), mul(x[1], y[1]), flags=_FAST)
    im = b.fadd(mul(x[0], y[1]), mul(x[1], y[0]), flags=_FAST)
    return re, im


def _plus(b: Any, x: tuple[Any, Any], y: tuple[Any, Any]) -> tuple[Any, Any]:
    return b.fadd(x[0], y[0], flags=_FAST), b.fadd(x[1], y[1], flags=_FAST)


def _minus(b: Any, x: tuple[Any, Any], y: tuple[Any, Any]) -> tuple[Any, Any]:
    return b.fsub(x[0], y[0], flags=_FAST), b.fsub(x[1], y[1], flags=_FAST)


def _inverse(b: Any, x: tuple[Any, Any]) -> tuple[Any, Any]:
    square = b.fadd(b.fmul(x[0], x[0]), b.fmul(x[1], x[1]))
    return b.fdiv(x[0], square), b.fneg(b.fdiv(x[1], square))


def _operation(kind: str) -> Any:
    """Make the intrinsic ``f(re, im, a, b, c, out)`` of one instruction."""

    @intrinsic
    def f(_context: Any, re: Any, im: Any, a: Any, b: Any, c: Any, out: Any) -> Any:
        signature = types.void(re, im, a, b, c, out)

        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            rows = _Rows(context, builder, sig.args[0], args[0], args[1])
            i, j, k, o = args[2:]
            x = rows.load(i)
            if kind == "inv":
                value = _inverse(builder, x)
            elif kind == "add":
                value = _plus(builder, x, rows.load(j))
            elif kind == "sub":
                value = _minus(builder, x, rows.load(j))
            else:
                value = _times(builder, x, rows.load(j))
                if kind == "fma":
                    value = _plus(builder, rows.load(k), value)
                elif kind == "fms":
                    value = _minus(builder, rows.load(k), value)
            rows.store(o, value)
            return context.get_dummy_value()

        return signature, codegen

    return f


def _product_term(kind: str, order: int) -> Any:
    """Make ``f(re, im, a, b, c, out)``: coefficient `order` of a product of series (rows ``register * (ORDER + 1) + order``)."""

    @intrinsic
    def f(_context: Any, re: Any, im: Any, a: Any, b: Any, c: Any, out: Any) -> Any:
        signature = types.void(re, im, a, b, c, out)

        def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            rows = _Rows(context, builder, sig.args[0], args[0], args[1])
            at = lambda register, k: builder.add(
                builder.mul(register, ir.Constant(register.type, ORDER + 1)), ir.Constant(register.type, k)
            )
            i, j, k, o = args[2:]
            value = _times(builder, rows.load(at(i, 0)), rows.load(at(j, order)))
            for p in range(1, order + 1):
                value = _plus(builder, value, _times(builder, rows.load(at(i, p)), rows.load(at(j, order - p))))
            if kind == "fma":
                value = _plus(builder, rows.load(at(k, order)), value)
            elif kind == "fms":
                value = _minus(builder, rows.load(at(k, order)), value)
            rows.store(at(o, order), value)
            return context.get_dummy_value()

        return signature, codegen

    return f


add, sub, mul, fma, fms, inv = (_operation(kind) for kind in ("add", "sub", "mul", "fma", "fms", "inv"))
mul0, mul1, mul2, mul3, mul4 = (_product_term("mul", k) for k in range(5))
fma0, fma1, fma2, fma3, fma4 = (_product_term("fma", k) for k in range(5))
fms0, fms1, fms2, fms3, fms4 = (_product_term("fms", k) for k in range(5))


@njit(cache=True)
def run_tape(code, re, im):
    """Run a tape on all lanes; `code` is int64 of shape (k, 5)."""
    for k in range(code.shape[0]):
        op, a, b, c, out = code[k, 0], code[k, 1], code[k, 2], code[k, 3], code[k, 4]
        if op == 3:
            fma(re, im, a, b, c, out)
        elif op == 2:
            mul(re, im, a, b, c, out)
        elif op == 4:
            fms(re, im, a, b, c, out)
        elif op == 0:
            add(re, im, a, b, c, out)
        else:
            sub(re, im, a, b, c, out)


@njit(cache=True)
def run_series(code, re, im, order):  # noqa: PLR0912 - each order is its own instruction
    """Compute coefficient `order` of every register's power series; lower orders must be there already."""
    w = ORDER + 1
    for k in range(code.shape[0]):
        op, a, b, c, out = code[k, 0], code[k, 1], code[k, 2], code[k, 3], code[k, 4]
        if op == 0:
            add(re, im, a * w + order, b * w + order, c, out * w + order)
        elif op == 1:
            sub(re, im, a * w + order, b * w + order, c, out * w + order)
        elif order == 0:
            if op == 2:
                mul0(re, im, a, b, c, out)
            elif op == 3:
                fma0(re, im, a, b, c, out)
            else:
                fms0(re, im, a, b, c, out)
        elif order == 1:
            if op == 2:
                mul1(re, im, a, b, c, out)
            elif op == 3:
                fma1(re, im, a, b, c, out)
            else:
                fms1(re, im, a, b, c, out)
        elif order == 2:
            if op == 2:
                mul2(re, im, a, b, c, out)
            elif op == 3:
                fma2(re, im, a, b, c, out)
            else:
                fms2(re, im, a, b, c, out)
        elif order == 3:
            if op == 2:
                mul3(re, im, a, b, c, out)
            elif op == 3:
                fma3(re, im, a, b, c, out)
            else:
                fms3(re, im, a, b, c, out)
        elif op == 2:
            mul4(re, im, a, b, c, out)
        elif op == 3:
            fma4(re, im, a, b, c, out)
        else:
            fms4(re, im, a, b, c, out)


@njit(cache=True)
def factor(n, re, im, pivots):
    """LU with partial pivoting in each lane; row ``i * n + j`` holds entry (i, j), the diagonal becomes its inverse."""
    for k in range(n):
        for lane in range(LANES):
            best, row = -1.0, k
            for i in range(k, n):
                size = abs(re[i * n + k, lane]) + abs(im[i * n + k, lane])
                if size > best:
                    best, row = size, i
            pivots[k, lane] = row
            if row != k:
                for j in range(n):
                    p, q = k * n + j, row * n + j
                    r, s = re[p, lane], im[p, lane]
                    re[p, lane], im[p, lane] = re[q, lane], im[q, lane]
                    re[q, lane], im[q, lane] = r, s
        inv(re, im, k * n + k, 0, 0, k * n + k)
        for i in range(k + 1, n):
            mul(re, im, i * n + k, k * n + k, 0, i * n + k)
            for j in range(k + 1, n):
                fms(re, im, i * n + k, k * n + j, i * n + j, i * n + j)


@njit(cache=True)
def solve(n, re, im, pivots, rhs):
    """Solve in place for the right-hand side in rows ``rhs .. rhs+n-1`` of the same file as the factors."""
    for k in range(n):
        for lane in range(LANES):
            row = pivots[k, lane]
            if row != k:
                p, q = rhs + k, rhs + row
                r, s = re[p, lane], im[p, lane]
                re[p, lane], im[p, lane] = re[q, lane], im[q, lane]
                re[q, lane], im[q, lane] = r, s
    for i in range(1, n):
        for j in range(i):
            fms(re, im, i * n + j, rhs + j, rhs + i, rhs + i)
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            fms(re, im, i * n + j, rhs + j, rhs + i, rhs + i)
        mul(re, im, rhs + i, i * n + i, 0, rhs + i)
