"""Typed terms of the second checker: each exists once, so that two terms are the same when they are one object.

Substitution is parallel: all bound indices of a context are replaced at once. Standard library only; written from the
docstrings of `pgb.kernel.signature` and `pgb.kernel.terms`, and sharing no code with them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NoReturn

Type = Any  # a sort, or a pair (argument, result)
FINITE = {"sample", "input", "output", "degree", "param", "pert"}
SORTS = FINITE | {"real", "bool", "nat", "theta"}


class Rejected(ValueError):
    """The log is not a derivation by the rules."""


def reject(why: str) -> NoReturn:
    raise Rejected(why)


def arrows(*types: Type) -> Type:
    """``arrows(A, B, C)`` is the type of functions of an A and a B with values in C."""
    result = types[-1]
    for argument in reversed(types[:-1]):
        result = (argument, result)
    return result


def well_formed(type_: object) -> bool:
    if isinstance(type_, str):
        return type_ in SORTS
    return isinstance(type_, tuple) and len(type_) == 2 and all(map(well_formed, type_))


R1, R2 = arrows("real", "real"), arrows("real", "real", "real")
SIGNATURE = {
    "add": R2, "mul": R2, "exp": R1, "inv": R1, "pow": arrows("real", "nat", "real"), "ind": arrows("bool", "real"),
    "zero": "nat", "suc": arrows("nat", "nat"), "as_nat": arrows("degree", "nat"), "false": "bool",
    "le": arrows("real", "real", "bool"), "lt": arrows("real", "real", "bool"), "and": arrows("bool", "bool", "bool"),
    "imp": arrows("bool", "bool", "bool"), "hasd": arrows(R1, "real", "real", "bool"),
}  # fmt: skip


def declared(name: str, type_: Type) -> bool:
    """Has the language a constant of this name and type?"""
    if name in SIGNATURE:
        return bool(type_ == SIGNATURE[name])
    if name == "eq":
        return any(type_ == arrows(s, s, "bool") for s in SORTS - {"bool"})
    if name in ("all", "ex"):
        return isinstance(type_, tuple) and isinstance(type_[0], tuple) and type_ == ((type_[0][0], "bool"), "bool")
    if name == "sum":
        return any(type_ == ((s, "real"), "real") for s in FINITE)
    if name == "fderiv":
        return any(type_ == arrows(((s, "real"), "real"), (s, "real"), (s, "real"), "bool") for s in FINITE)
    return False


class Term:
    """A head and its arguments, or a lambda and its body.

    `sort` is the type of the whole, `loose` the indices (with types) bound outside, `free` the variables (with types).
    Made by `make` alone; compared and hashed by identity.
    """

    __slots__ = ("args", "free", "kind", "loose", "name", "reach", "sort", "type")

    def __init__(self, kind: str, name: Any, type_: Type, args: tuple[Term, ...]) -> None:
        self.kind, self.name, self.type, self.args = kind, name, type_, args
        self.sort = self._checked_sort()
        self.loose: frozenset[tuple[int, Type]] = frozenset(x for a in args for x in a.loose)
        self.free: frozenset[tuple[str, Type]] = frozenset(x for a in args for x in a.free)
        if kind == "bound":
            self.loose |= {(name, type_)}
        elif kind == "var":
            self.free |= {(name, type_)}
        elif kind == "lam":
            if any(t != type_[0] for n, t in self.loose if n == 0):
                reject("a bound variable is used at two types")
            self.loose = frozenset((n - 1, t) for n, t in self.loose if n > 0)
        self.reach = max((n + 1 for n, _ in self.loose), default=0)

    def _checked_sort(self) -> Type:
        kind, name, sort = self.kind, self.name, self.type
        if not well_formed(sort):
            reject(f"no type: {sort!r}")
        if kind == "lam":
            if name is not None or not isinstance(sort, tuple) or [a.sort for a in self.args] != [sort[1]]:
                reject("a lambda whose body has another type")
        elif not (
            (kind == "num" and type(name) is Fraction and sort == "real")
            or (kind == "const" and type(name) is str and declared(name, sort))
            or (kind == "var" and type(name) is str and name.isidentifier())
            or (kind == "bound" and type(name) is int and name >= 0)
        ):
            reject(f"no head: {kind} {name!r} of type {sort!r}")
        else:
            for a in self.args:
                if not isinstance(sort, tuple) or sort[0] != a.sort:
                    reject(f"{name} does not take an argument of type {a.sort!r}")
                sort = sort[1]
        if any(isinstance(a.sort, tuple) and a.kind != "lam" for a in self.args):
            reject(f"an argument of {name} is a function, and no lambda")
        return self.type if kind == "lam" else sort

    def __repr__(self) -> str:
        head = f"\\{self.type[0]}." if self.kind == "lam" else f"#{self.name}" if self.kind == "bound" else self.name
        return f"{head}({', '.join(map(repr, self.args))})" if self.args else str(head)


_TERMS: dict[tuple[Any, ...], Term] = {}
_DONE: dict[tuple[Any, ...], Term] = {}


def make(kind: str, name: Any, type_: Type, *args: Term) -> Term:
    """The one term of these parts."""
    key = (kind, type(name), name, type_, args)
    if key not in _TERMS:
        _TERMS[key] = Term(kind, name, type_, args)
    return _TERMS[key]


def bound(n: int, type_: Type) -> Term:
    return make("bound", n, type_)


def expanded(term: Term) -> Term:
    """A bare head of function type as a lambda, ``f`` as ``k -> f(k)``."""
    if term.kind == "lam" or not isinstance(term.sort, tuple):
        return term
    last = expanded(bound(0, term.sort[0]))
    return make("lam", None, term.sort, expanded(apply(shifted(term, 1), last)))


def subst(term: Term, values: tuple[Term, ...], by: int) -> Term:
    """Replace index n by ``values[n]``; the indices after them, k-th after the last, become ``by + k``."""
    if not term.reach or (not values and not by):
        return term
    key = (term, values, by)
    if key not in _DONE:
        _DONE[key] = _subst(term, values, by, 0)
    return _DONE[key]


def _subst(term: Term, values: tuple[Term, ...], by: int, under: int) -> Term:
    if term.reach <= under:
        return term
    inside = under + (term.kind == "lam")
    args = [_subst(a, values, by, inside) for a in term.args]
    if term.kind != "bound" or term.name < under:
        return make(term.kind, term.name, term.type, *args)
    n = term.name - under
    if n < len(values):
        if values[n].sort != term.type:
            reject(f"{values[n]!r} in the place of a bound variable of type {term.type!r}")
        return apply(shifted(values[n], under), *args)
    return make("bound", n - len(values) + by + under, term.type, *args)


def shifted(term: Term, by: int) -> Term:
    """The same term seen from under `by` more binders."""
    return subst(term, (), by)


def apply(function: Term, *args: Term) -> Term:
    """The function at arguments, beta-reduced."""
    for arg in args:
        if function.kind != "lam":
            function = make(function.kind, function.name, function.type, *function.args, arg)
        elif arg.sort != function.type[0]:
            reject(f"a function of {function.type[0]!r} at {arg!r}")
        else:
            function = subst(function.args[0], (arg,), 0)
    return function


def abstract(variable: Term, term: Term, under: int = 0) -> Term:
    """The body of the lambda that takes a free variable of a closed term as its argument."""
    if (variable.name, variable.type) not in term.free:
        return term
    args = [abstract(variable, a, under + (term.kind == "lam")) for a in term.args]
    if (term.kind, term.name, term.type) == ("var", variable.name, variable.type):
        return make("bound", under, term.type, *args)
    return make(term.kind, term.name, term.type, *args)


def is_closed(term: Term) -> bool:
    return not term.loose


# -- short names for what rules build -----------------------------------------------------------------------------------
def lam(argument: Type, body: Term) -> Term:
    return make("lam", None, (argument, body.sort), body)


def const(name: str, *args: Term) -> Term:
    return make("const", name, SIGNATURE[name], *args)


def number(value: int | Fraction) -> Term:
    return make("num", Fraction(value), "real")


def minus(a: Term, b: Term) -> Term:
    """``a - b`` is written ``a + (-1) b``."""
    return const("add", a, const("mul", number(-1), b))


def equal(a: Term, b: Term) -> Term:
    return make("const", "eq", arrows(a.sort, a.sort, "bool"), a, b)


def quantified(name: str, sort: Type, body: Term) -> Term:
    """``all`` or ``ex`` over a type, of a formula in which index 0 is the variable."""
    return make("const", name, ((sort, "bool"), "bool"), lam(sort, body))


def total(sort: Type, body: Term) -> Term:
    """The sum over a finite sort of a term in which index 0 runs."""
    return make("const", "sum", ((sort, "real"), "real"), lam(sort, body))


def parts(term: Term, *names: str) -> tuple[Term, ...]:
    """The arguments of a formula that begins with one of these constants."""
    if term.kind != "const" or term.name not in names or isinstance(term.sort, tuple):
        reject(f"{' or '.join(names)} wanted, not {term!r}")
    return term.args
