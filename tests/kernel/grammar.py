"""Random well-typed terms and formulas of every construction the kernel has."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

INDEX_SORTS = ("sample", "input", "output", "degree")


class Grammar:
    """Draws terms for one kernel; `scope` holds the bound variables that may occur."""

    def __init__(self, k: Any, rnd: random.Random) -> None:
        self.k = k
        self.rnd = rnd
        self.count = 0

    def fresh(self, type_: Any) -> Any:
        self.count += 1
        return self.k.var(f"v{self.count}", type_)

    def index(self, sort: str, scope: list[Any]) -> Any:
        """An index: a bound variable, a free one, or a function of one."""
        k, rnd = self.k, self.rnd
        known = [v for v in scope if v.type == sort] or [k.var(f"c{rnd.randint(1, 2)}", sort)]
        found = rnd.choice(known)
        return k.var("sigma", (sort, sort))(found) if rnd.random() < 0.25 else found

    def number(self, depth: int, scope: list[Any]) -> Any:
        """A real term."""
        k, rnd = self.k, self.rnd
        if depth == 0:
            return self._leaf(scope)

        def sub(more: Any = None) -> Any:
            return self.number(depth - 1, scope if more is None else [*scope, more])

        def over(sort: str) -> Any:
            v = self.fresh(sort)
            return k.total(sort, k.lam(v, sub(v)))

        def function_value() -> Any:
            v = self.fresh("output")
            head = k.var("l", k.fun("sample", ("output", k.REAL), k.REAL))
            return head(self.index("sample", scope), k.lam(v, sub(v)))

        kinds: list[tuple[int, Callable[[], Any]]] = [
            (3, lambda: sub() + sub()),
            (4, lambda: sub() * sub()),
            (1, lambda: sub() - sub()),
            (4, lambda: over(rnd.choice(INDEX_SORTS))),
            (2, function_value),
            (2, lambda: k.EXP(sub())),
            (1, lambda: k.INV(sub())),
            (1, lambda: k.POW(sub(), k.SUC(k.SUC(k.ZERO)))),
            (2, lambda: k.IND(self.formula(depth - 1, scope))),
            (1, lambda: k.var("h", (k.REAL, k.REAL))(sub())),
        ]
        return rnd.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def _leaf(self, scope: list[Any]) -> Any:
        k, rnd = self.k, self.rnd
        reals = [v for v in scope if v.type == k.REAL]

        def bracket() -> Any:
            sort = rnd.choice(INDEX_SORTS)
            return k.IND(k.eq(self.index(sort, scope), self.index(sort, scope)))

        return rnd.choice([
            lambda: k.real(Fraction(rnd.randint(-3, 3), rnd.randint(1, 3))),
            lambda: rnd.choice([*reals, k.var("s", k.REAL), k.var("y", k.REAL)]),
            lambda: k.var("C", ("sample", k.REAL))(self.index("sample", scope)),
            lambda: k.var("A", ("output", k.REAL))(self.index("output", scope)),
            lambda: k.var("x", k.fun("sample", "input", k.REAL))(self.index("sample", scope), self.index("input", scope)),
            lambda: k.POW(k.var("s", k.REAL), k.AS_NAT(self.index("degree", scope))),
            bracket,
            bracket,
        ])()  # fmt: skip

    def formula(self, depth: int, scope: list[Any]) -> Any:
        """A formula."""
        k, rnd = self.k, self.rnd
        if depth <= 0:
            return self._atom(scope)

        def sub(more: Any = None) -> Any:
            return self.formula(depth - 1, scope if more is None else [*scope, more])

        def quantified(make: Callable[[Any, Any], Any]) -> Any:
            v = self.fresh(rnd.choice([*INDEX_SORTS, k.REAL]))
            return make(v, sub(v))

        def derivative() -> Any:
            v = self.fresh(k.REAL)
            f = k.lam(v, self.number(depth - 1, [*scope, v]))
            return k.HASD(f, self.number(0, scope), self.number(0, scope))

        return rnd.choice([
            lambda: self._atom(scope),
            lambda: k.LE(self.number(depth, scope), self.number(depth - 1, scope)),
            lambda: k.LT(self.number(depth, scope), self.number(depth - 1, scope)),
            lambda: k.eq(self.number(depth, scope), self.number(depth - 1, scope)),
            lambda: k.IMP(sub(), sub()),
            lambda: k.AND(sub(), sub()),
            lambda: quantified(k.forall),
            lambda: quantified(k.exists),
            derivative,
        ])()  # fmt: skip

    def _atom(self, scope: list[Any]) -> Any:
        k, rnd = self.k, self.rnd
        sort = rnd.choice(INDEX_SORTS)
        return rnd.choice([
            lambda: k.var(rnd.choice("pqr"), k.BOOL),
            lambda: k.FALSE,
            lambda: k.var("P", ("sample", k.BOOL))(self.index("sample", scope)),
            lambda: k.eq(self.index(sort, scope), self.index(sort, scope)),
            lambda: k.LE(self.number(0, scope), self.number(0, scope)),
            lambda: k.LT(self.number(0, scope), self.number(0, scope)),
        ])()  # fmt: skip
