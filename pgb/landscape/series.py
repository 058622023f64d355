"""Exact one-sided Taylor expansions of programs along polynomial curves; trusted.

A series is the list of its coefficients c_0 .. c_K, forms of an exact ring: f(t) = sum c_k t^k + O(t^(K+1)) as t -> 0, t > 0. At a kink the
side is that of the first coefficient that is not zero; if none is, the argument is O(t^(K+1)), and so is its relu or Abs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq

from pgb.landscape.exact import Form, Ring, Undecided
from pgb.landscape.program import Op, Program

Series = list[Form]


class Expansion:
    """Series arithmetic of one order over one ring.

    Parameters
    ----------
    ring
        Coefficient arithmetic.
    order
        K, the last coefficient kept.
    """

    def __init__(self, ring: Ring, order: int) -> None:
        self.ring = ring
        self.order = order

    def run(self, program: Program, curve: Sequence[Series]) -> list[Series]:
        """Return the outputs' series along a curve: n series with K + 1 coefficients.

        Raises
        ------
        Undecided
            Where a sign, domain or form is not decided.
        """
        constants = [self.constant(self.ring.constant(c)) for c in program.constants]
        registers = program.run(self.table(), list(curve), constants)
        return [registers[r] for r in program.outputs]

    def constant(self, form: Form) -> Series:
        """Return a constant as a series."""
        return [form, *({} for _ in range(self.order))]

    def add(self, a: Series, b: Series) -> Series:
        """Return a + b."""
        return [self.ring.add(x, y) for x, y in zip(a, b, strict=True)]

    def neg(self, a: Series) -> Series:
        """Return -a."""
        return [self.ring.neg(x) for x in a]

    def mul(self, a: Series, b: Series) -> Series:
        """Return a b."""
        return [self._cauchy(a, b, k, 0) for k in range(self.order + 1)]

    def _cauchy(self, a: Series, b: Series, k: int, start: int) -> Form:
        """Return sum_{i=start}^{k} a_i b_{k-i}."""
        total: Form = {}
        for i in range(start, k + 1):
            if a[i] and b[k - i]:
                total = self.ring.add(total, self.ring.mul(a[i], b[k - i]))
        return total

    def div(self, a: Series, b: Series) -> Series:
        """Return a / b, b_0 not 0."""
        inverse = self.ring.inverse(b[0])
        out: Series = []
        for k in range(self.order + 1):
            known: Form = {}
            for i in range(1, k + 1):
                known = self.ring.add(known, self.ring.mul(b[i], out[k - i]))
            out.append(self.ring.mul(self.ring.sub(a[k], known), inverse))
        return out

    def _derivative(self, a: Series) -> Series:
        """Return the coefficients of t a'(t): k a_k."""
        return [self.ring.scale(fmpq(k), x) for k, x in enumerate(a)]

    def integrate(self, start: Form, slope: Callable[[Series], Series], a: Series) -> Series:
        """Solve y' = slope(y) a', y_0 = start, order by order; slope's coefficient j may use y_0 .. y_j only."""
        moving = self._derivative(a)
        y: Series = self.constant(start)
        for k in range(1, self.order + 1):
            rate = slope(y)
            y[k] = self.ring.scale(fmpq(1, k), self._cauchy(moving, rate, k, 1))
        return y

    def power(self, a: Series, n: int) -> Series:
        """Return a^n, n >= 1."""
        out = a
        for _ in range(n - 1):
            out = self.mul(out, a)
        return out

    def root(self, a: Series, q: Fraction) -> Series:
        """Return a^q, a_0 > 0: y = a^q solves y' = q y a' / a."""
        c = fmpq(q.numerator, q.denominator)
        return self.integrate(self.ring.root(a[0], q), lambda y: [self.ring.scale(c, v) for v in self.div(y, a)], a)

    def sine_cosine(self, a: Series) -> tuple[Series, Series]:
        """Return sin a and cos a."""
        moving = self._derivative(a)
        s, c = (self.constant(self.ring.function(name, a[0])) for name in ("sin", "cos"))
        for k in range(1, self.order + 1):
            s[k] = self.ring.scale(fmpq(1, k), self._cauchy(moving, c, k, 1))
            c[k] = self.ring.scale(fmpq(-1, k), self._cauchy(moving, s, k, 1))
        return s, c

    def function(self, name: str, a: Series) -> Series:
        """Return one of the smooth functions of a program."""
        ring, one = self.ring, self.constant(self.ring.constant(1))
        start = ring.exp(a[0]) if name == "exp" else ring.log(a[0]) if name == "log" else ring.function(name, a[0])

        def minus(x: Series, y: Series) -> Series:
            return self.add(x, self.neg(y))

        slopes: dict[str, Callable[[Series], Series]] = {
            "exp": lambda y: y,
            "log": lambda _: self.div(one, a),
            "tanh": lambda y: minus(one, self.mul(y, y)),
            "sigmoid": lambda y: minus(y, self.mul(y, y)),
            "softplus": lambda _: self.function("sigmoid", a),
            "atan": lambda _: self.div(one, self.add(one, self.mul(a, a))),
            "erf": lambda _: self._bell(a),
        }
        return self.integrate(start, slopes[name], a)

    def _bell(self, a: Series) -> Series:
        """Return 2 exp(-a^2) / sqrt(pi)."""
        front = self.ring.scale(fmpq(2), self.ring.inverse(self.ring.root(self.ring.constant("pi"), Fraction(1, 2))))
        return self.mul(self.constant(front), self.function("exp", self.neg(self.mul(a, a))))

    def side(self, a: Series) -> int:
        """Return the sign of a(t) for small t > 0; 0 where all known coefficients vanish."""
        for c in a:
            sign = self.ring.sign(c)
            if sign is None:
                raise Undecided("the side of a kink is not decided")
            if sign:
                return sign
        return 0

    def table(self) -> dict[Op, Callable[..., Any]]:
        """Return the operations for `Program.run`."""
        one = self.constant(self.ring.constant(1))

        def bent(name: Op) -> Callable[[Fraction, Series], Series]:
            return lambda _, a: self._kink(name, a)

        table: dict[Op, Callable[..., Any]] = {
            Op.ADD: lambda _, a, b: self.add(a, b),
            Op.SUB: lambda _, a, b: self.add(a, self.neg(b)),
            Op.MUL: lambda _, a, b: self.mul(a, b),
            Op.DIV: lambda _, a, b: self.div(a, b),
            Op.NEG: lambda _, a: self.neg(a),
            Op.POWI: lambda k, a: self.power(a, int(k)),
            Op.POWQ: lambda q, a: self.root(a, q),
            Op.SQRT: lambda _, a: self.root(a, Fraction(1, 2)),
            Op.SIN: lambda _, a: self.sine_cosine(a)[0],
            Op.COS: lambda _, a: self.sine_cosine(a)[1],
            Op.SELECT: self._select,
        }
        for op in (Op.EXP, Op.LOG, Op.TANH, Op.SIGMOID, Op.SOFTPLUS, Op.ERF, Op.ATAN):
            table[op] = lambda _, a, name=str(op): self.function(name, a)
        for op in (Op.RELU, Op.ABS, Op.SIGN, Op.STEP):
            table[op] = bent(op)
        table[Op.DTANH] = lambda _, a: self.add(one, self.neg(self.power(self.function("tanh", a), 2)))
        table[Op.DSIGMOID] = lambda _, a: self._logistic_slope(self.function("sigmoid", a))
        return table

    def _logistic_slope(self, s: Series) -> Series:
        return self.add(s, self.neg(self.mul(s, s)))

    def _kink(self, op: Op, a: Series) -> Series:
        side = self.side(a)
        zero = self.constant({})
        match op:
            case Op.RELU:
                return a if side > 0 else zero
            case Op.ABS:
                return a if side >= 0 else self.neg(a)
        if side == 0:
            raise Undecided("a jump is met along the curve")
        return self.constant(self.ring.constant(side if op is Op.SIGN else int(side > 0)))

    def _select(self, _: Fraction, d: Series, yes: Series, no: Series) -> Series:
        side = self.side(d)
        if side == 0:
            raise Undecided("a case distinction is met along the curve")
        return yes if side > 0 else no
