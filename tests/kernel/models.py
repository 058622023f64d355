"""Finite models: random interpretations in which every term of the kernel has an exact value.

Numbers are truncated power series ``c0 + c1 e + ... + c_n e^n``, ``e^(n+1) = 0``, with rational coefficients, ordered
by the sign of the first coefficient that is not 0. They are a commutative ring; ``exp(c0 + v) = 1 + v + v^2/2 + ...``
has exp(A) exp(B) = exp(A + B) exactly; and F has derivative d at p when ``F(p + e) = F(p) + d e`` up to ``e^2``. So all
of the algebra, exponentials included, is tested without rounding. With n = 0 they are the rational numbers.

In a *rational* model the variables stand for rational numbers only, and "F has derivative d at p" is evaluated so; in
the others it is a predicate of no meaning, but the same for equal F, p and d.

Finite sorts have 1 to 3 elements. A quantifier over an infinite sort runs over a few values, which is enough for what
is tested here: that a normal form has the value of its term, and that rules over finite sorts keep truth.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Number = tuple[Fraction, ...]
FINITE = ("sample", "input", "output", "param", "pert")


class Model:
    """An interpretation, chosen by a seed."""

    def __init__(self, seed: int, order: int = 2, *, rational: bool = False) -> None:
        self.seed = seed
        self.order = order
        self.rational = rational
        rnd = random.Random(seed)
        self.size = {sort: rnd.randint(1, 3) for sort in FINITE}
        self.size["degree"] = self.size["sample"]
        self.grid = [self.number(rnd) for _ in range(2)]

    def number(self, rnd: random.Random) -> Number:
        value = tuple(Fraction(rnd.randint(-4, 4), rnd.randint(1, 3)) for _ in range(self.order + 1))
        return self.constant(value[0]) if self.rational else value

    def constant(self, value: int | Fraction) -> Number:
        return (Fraction(value), *[Fraction(0)] * self.order)

    # -- arithmetic -----------------------------------------------------------------------------------------------------
    def add(self, a: Number, b: Number) -> Number:
        return tuple(x + y for x, y in zip(a, b, strict=True))

    def mul(self, a: Number, b: Number) -> Number:
        return tuple(sum((a[j] * b[n - j] for j in range(n + 1)), Fraction(0)) for n in range(self.order + 1))

    def exp(self, a: Number) -> Number:
        step = (Fraction(0), *a[1:])
        total = term = self.constant(1)
        for n in range(1, self.order + 1):
            term = tuple(x / n for x in self.mul(term, step))
            total = self.add(total, term)
        return total

    def inv(self, a: Number) -> Number:
        """Return the reciprocal; of a number without one, something of no meaning, the same for equal numbers."""
        if a[0] == 0:
            return self.choose("inv", a)
        out = [1 / a[0]]
        for n in range(1, self.order + 1):
            out.append(-sum((a[j] * out[n - j] for j in range(1, n + 1)), Fraction(0)) / a[0])
        return tuple(out)

    def positive(self, a: Number) -> bool:
        return next((x > 0 for x in a if x), False)

    # -- values of variables --------------------------------------------------------------------------------------------
    def choose(self, *what: object, type_: Any = "real") -> Any:
        """Return a value of a base type that depends on nothing but `what` and the model."""
        rnd = random.Random(zlib.crc32(repr((self.seed, what)).encode()))
        if type_ == "real":
            return self.number(rnd)
        if type_ == "bool":
            return rnd.random() < 0.5
        return rnd.randrange(self.size.get(type_, 3))

    def domain(self, type_: Any) -> list[Any]:
        """Return the values a quantifier runs over: all of them for a finite sort and for formulas."""
        if type_ == "bool":
            return [False, True]
        if type_ == "real":
            return self.grid
        if isinstance(type_, tuple):
            return [self.function(("some", n), type_) for n in range(2)]
        return list(range(self.size.get(type_, 3)))

    def function(self, name: object, type_: Any) -> Any:
        """Return a variable's value: of a base type, or a function of as many arguments."""
        if not isinstance(type_, tuple):
            return self.choose(name, type_=type_)
        argument, result = type_
        return lambda value: self.function((name, self.table(value, argument)), result)

    def table(self, value: Any, type_: Any) -> Any:
        """Return a value as data: a function by its values."""
        if not isinstance(type_, tuple):
            return value
        return tuple(self.table(value(v), type_[1]) for v in self.domain(type_[0]))

    # -- terms ----------------------------------------------------------------------------------------------------------
    def value(self, term: Any, bound: tuple[Any, ...] = ()) -> Any:
        """Return the value of a term: a number, a truth value, an index, or a function."""
        if term.kind == "lam":
            return lambda v: self.value(term.args[0], (v, *bound))
        if term.kind == "num":
            return self.constant(term.name)
        args = [self.value(a, bound) for a in term.args]
        if term.kind == "const":
            return self._constants()[term.name](term, *args)
        free = (term.kind, term.name, term.type)
        head = bound[term.name] if term.kind == "bound" else self.function(free, term.type)
        for a in args:
            head = head(a)
        return head

    def _constants(self) -> dict[str, Callable[..., Any]]:
        def power(_: Any, base: Number, exponent: int) -> Number:
            out = self.constant(1)
            for _ in range(exponent):
                out = self.mul(out, base)
            return out

        def total(term: Any, f: Callable[[Any], Number]) -> Number:
            out = self.constant(0)
            for v in range(self.size[term.type[0][0]]):
                out = self.add(out, f(v))
            return out

        def less(a: Number, b: Number) -> bool:
            return self.positive(self.add(b, tuple(-x for x in a)))

        return {
            "add": lambda _, a, b: self.add(a, b),
            "mul": lambda _, a, b: self.mul(a, b),
            "exp": lambda _, a: self.exp(a),
            "inv": lambda _, a: self.inv(a),
            "pow": power,
            "ind": lambda _, p: self.constant(1 if p else 0),
            "zero": lambda _: 0,
            "suc": lambda _, n: n + 1,
            "as_nat": lambda _, n: n,
            "sum": total,
            "eq": lambda _, a, b: a == b,
            "le": lambda _, a, b: not less(b, a),
            "lt": lambda _, a, b: less(a, b),
            "imp": lambda _, p, q: not p or q,
            "and": lambda _, p, q: p and q,
            "false": lambda _: False,
            "all": lambda term, f: all(f(v) for v in self.domain(term.type[0][0])),
            "ex": lambda term, f: any(f(v) for v in self.domain(term.type[0][0])),
            "hasd": self._has_derivative,
            "fderiv": self._has_gradient,
        }

    def _has_derivative(self, term: Any, f: Callable[[Number], Number], p: Number, d: Number) -> bool:
        if not self.rational:
            return self._meaningless(term, f, p, d)
        step = (Fraction(0), Fraction(1), *[Fraction(0)] * (self.order - 1))
        return f(self.add(p, step))[:2] == self.add(f(p), self.mul(d, step))[:2]

    def _has_gradient(self, term: Any, f: Callable[[Any], Number], q: Any, g: Any) -> bool:
        """All partial derivatives are right: for polynomials in exponentials this is differentiability."""
        if not self.rational:
            return self._meaningless(term, f, q, g)
        sort, _ = term.args[1].sort

        def partial(k: int) -> bool:
            def along(s: Number) -> Number:
                return f(lambda j: self.add(q(j), s) if j == k else q(j))

            return self._has_derivative(term, along, self.constant(0), g(k))

        return all(partial(k) for k in range(self.size[sort]))

    def _meaningless(self, term: Any, *values: Any) -> bool:
        types = [a.sort for a in term.args]
        data = [self.table(v, t) for v, t in zip(values, types, strict=True)]
        return bool(self.choose(term.name, *data, type_="bool"))
