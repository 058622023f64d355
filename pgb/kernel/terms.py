"""Typed terms: what statements are made of. Trusted; standard library only.

A term is a head (number, constant, variable, bound index) applied to arguments, or one lambda. The constructor refuses
whatever is not well typed, beta-normal and eta-long, so every `Term` that exists is all three. Binders (sum, all, ex)
are constants applied to a lambda: substitution and capture are dealt with once, in this file, and nowhere else.

References
----------
A. Church, "A formulation of the simple theory of types", Journal of Symbolic Logic 5 (1940).
N. G. de Bruijn, "Lambda calculus notation with nameless dummies", Indagationes Mathematicae 34 (1972).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NoReturn, final

from .signature import BOOL, FIXED, REAL, Type, arrow, fun, is_constant, is_type, refuse

# What names a head, by kind. A local is a variable of the kernel's own, numbered; no theorem contains one.
_NAMED_BY: Final = {"num": Fraction, "const": str, "var": str, "local": int, "bound": int, "lam": type(None)}
_NONE: Final[frozenset[Any]] = frozenset()
_SLOTS: Final = ("kind", "name", "type", "args", "sort", "loose", "names", "_hash", "_key")


@final
class Term:
    """A well-typed term; it never changes.

    Attributes
    ----------
    kind : str
        ``num``, ``const``, ``var``, ``local``, ``bound`` (counted from the innermost binder, from 0) or ``lam``.
    name : Fraction, str, int or None
        The number, the name, the index; None for a lambda.
    type : Type
        The type of the head; of the whole term for a lambda.
    args : tuple of Term
        The arguments in order; the body for a lambda.
    sort : Type
        The type of the whole term.
    loose : frozenset
        The bound indices that point outside the term, with their types.
    names : frozenset
        The free variables and locals, with their types.
    """

    __slots__ = (*_SLOTS, "__weakref__")  # with the last one, Python also refuses ``something.__class__ = Term``
    kind: str
    name: Any
    type: Type
    args: tuple[Term, ...]
    sort: Type
    loose: frozenset[tuple[int, Type]]
    names: frozenset[tuple[str | int, Type]]
    _hash: int
    _key: str | None

    def __new__(cls, kind: str, name: object, type_: Type, args: tuple[Term, ...] = ()) -> Term:
        """Make a term of exact parts. In `__new__`, so that no later call can change a term."""
        # Exact types throughout: in Python True == 1, 0.5 == Fraction(1, 2), and a subclass may define its equality.
        if type(kind) is not str or type(name) is not _NAMED_BY.get(kind):
            refuse("term", f"malformed head {kind!r} {name!r}")
        if not is_type(type_):
            refuse("term", f"not a type: {type_!r}")
        if type(args) is not tuple or any(type(a) is not Term for a in args):
            refuse("term", f"the arguments of {name!r} are not a tuple of terms")
        sort = _sort_of_lambda(type_, args) if kind == "lam" else _sort_of_application(kind, name, type_, args)
        loose = _NONE.union(*(a.loose for a in args))
        names = _NONE.union(*(a.names for a in args))
        if kind == "lam":
            loose = frozenset((n - 1, t) for n, t in loose if n > 0)
        elif kind == "bound":
            loose |= {(name, type_)}
        elif kind in ("var", "local"):
            names |= {(name, type_)}
        self = object.__new__(cls)
        values = (kind, name, type_, args, sort, loose, names, hash((kind, name, type_, args)), None)
        for slot, value in zip(_SLOTS, values, strict=True):
            object.__setattr__(self, slot, value)
        return self

    def __init_subclass__(cls) -> NoReturn:
        refuse("term", "no subclasses")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        refuse("term", "terms do not change")

    def __delattr__(self, name: str) -> NoReturn:
        refuse("term", "terms do not change")

    def __reduce__(self) -> tuple[object, ...]:
        return Term, (self.kind, self.name, self.type, self.args)  # a copy is made, and checked, anew

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not Term or self._hash != other._hash:
            return False
        return (self.kind, self.name, self.type, self.args) == (other.kind, other.name, other.type, other.args)

    def __call__(self, *args: Term) -> Term:
        """Apply to arguments; an argument of function type may be a bare head."""
        return beta(self, tuple(map(eta, args)))

    def __add__(self, other: Term | int | Fraction) -> Term:
        return ADD(self, real(other))

    def __mul__(self, other: Term | int | Fraction) -> Term:
        return MUL(self, real(other))

    def __sub__(self, other: Term | int | Fraction) -> Term:
        return ADD(self, MUL(real(-1), real(other)))

    def __neg__(self) -> Term:
        return MUL(real(-1), self)

    def __repr__(self) -> str:
        if self.kind == "lam":
            return f"\\{self.type[0]}. {self.args[0]!r}"
        head = f"#{self.name}" if self.kind == "bound" else f"~{self.name}" if self.kind == "local" else str(self.name)
        return f"{head}({', '.join(map(repr, self.args))})" if self.args else head

    def key(self) -> str:
        """Return a text of its own for every closed term: the order in which normal forms are sorted."""
        if self._key is None:
            name = f"{self.name:09d}" if self.kind == "local" else self.name
            type_ = self.type if self.kind in ("var", "local", "lam") else ""
            key = f"{self.kind[:2]}{name}{type_}({','.join(a.key() for a in self.args)})"
            object.__setattr__(self, "_key", key)
        return self._key or ""


def _sort_of_lambda(type_: Type, args: tuple[Term, ...]) -> Type:
    """Return the type of the lambda with these parts, or refuse it."""
    argument, result = arrow(type_)
    if [a.sort for a in args] != [result]:
        refuse("term", f"a lambda of type {type_!r} cannot have the body {args!r}")
    if not is_long(args[0]):
        refuse("term", f"the body {args[0]!r} of a lambda lacks arguments")
    if any(n == 0 and t != argument for n, t in args[0].loose):
        refuse("term", f"the variable bound in {args[0]!r} is not of type {argument!r}")
    return type_


def _sort_of_application(kind: str, name: Any, type_: Type, args: tuple[Term, ...]) -> Type:
    """Return the type of the head applied to the arguments, or refuse it."""
    if kind == "num" and type_ != REAL:
        refuse("term", f"the number {name} has type {type_!r}")
    if kind == "const" and not is_constant(name, type_):
        refuse("term", f"there is no constant {name!r} of type {type_!r}")
    if kind == "var" and not name.isidentifier():
        refuse("term", f"a variable cannot be called {name!r}")
    if kind == "bound" and name < 0:
        refuse("term", f"the index {name} is negative")
    sort = type_
    for arg in args:
        wanted, sort = arrow(sort)
        if arg.sort != wanted:
            refuse("term", f"{name} of type {type_!r} does not take {arg!r} as an argument")
        if not is_long(arg):
            refuse("term", f"the argument {arg!r} of {name} lacks arguments")
    return sort


def is_long(term: Term) -> bool:
    """Is a term of function type a lambda (eta-long)?"""
    return term.kind == "lam" or type(term.sort) is str


def check(term: object) -> Type:
    """Return the type of a term that is closed: it has no loose index and no local."""
    if type(term) is not Term:
        refuse("term", f"not a term: {term!r}")
    if term.loose:
        refuse("term", f"an index points outside {term!r}")
    if any(type(name) is int for name, _ in term.names):
        refuse("term", f"there is a variable of the kernel's own in {term!r}")
    return term.sort


# -- substitution -----------------------------------------------------------------------------------------------------
def lift(term: Term, by: int, cut: int = 0) -> Term:
    """Raise by `by` the bound indices that point outside `cut` binders."""
    if all(n < cut for n, _ in term.loose):
        return term
    name = term.name + by if term.kind == "bound" and term.name >= cut else term.name
    return Term(term.kind, name, term.type, tuple(lift(a, by, cut + (term.kind == "lam")) for a in term.args))


def put(term: Term, depth: int, value: Term) -> Term:
    """Take away the binder of index `depth`: the index becomes `value`. The result is beta-normal again."""
    if all(n < depth for n, _ in term.loose):
        return term
    if term.kind == "lam":
        return Term("lam", None, term.type, (put(term.args[0], depth + 1, value),))
    args = tuple(put(a, depth, value) for a in term.args)
    if term.kind != "bound" or term.name < depth:
        return Term(term.kind, term.name, term.type, args)
    if term.name > depth:
        return Term("bound", term.name - 1, term.type, args)
    return beta(lift(value, depth), args)


def beta(value: Term, args: tuple[Term, ...]) -> Term:
    """Apply `value` to arguments."""
    for arg in args:
        if value.kind != "lam":
            value = Term(value.kind, value.name, value.type, (*value.args, arg))
        elif arg.sort != value.type[0]:
            refuse("term", f"a function of {value.type[0]!r} does not take {arg!r}")
        else:
            value = put(value.args[0], 0, arg)
    return value


def lam(variable: Term, body: Term) -> Term:
    """Return the function ``variable -> body``."""
    if variable.kind not in ("var", "local") or variable.args:
        refuse("term", f"{variable!r} is not a variable")
    return Term("lam", None, (variable.type, body.sort), (_close(variable, body, 0),))


def _close(variable: Term, term: Term, depth: int) -> Term:
    """Make the free `variable` the bound index `depth`."""
    if (variable.name, variable.type) not in term.names and all(n < depth for n, _ in term.loose):
        return term
    args = tuple(_close(variable, a, depth + (term.kind == "lam")) for a in term.args)
    if (term.kind, term.name, term.type) == (variable.kind, variable.name, variable.type):
        return Term("bound", depth, term.type, args)
    name = term.name + 1 if term.kind == "bound" and term.name >= depth else term.name
    return Term(term.kind, name, term.type, args)


def eta(term: Term) -> Term:
    """Return a bare head of function type as a lambda: ``f`` becomes ``k -> f(k)``."""
    if type(term) is not Term:
        refuse("term", f"not a term: {term!r}")
    if is_long(term):
        return term
    bound = eta(Term("bound", 0, term.sort[0]))
    return Term("lam", None, term.sort, (eta(beta(lift(term, 1), (bound,))),))


def subst(term: Term, variable: Term, value: Term) -> Term:
    """Replace the free `variable` by `value`; nothing is captured."""
    return beta(lam(variable, term), (eta(value),))


def free(term: Term) -> frozenset[tuple[str | int, Type]]:
    """Return the free variables of a term, with their types."""
    return term.names


def whole(term: Term) -> Type:
    """Return the type of the whole term."""
    return term.sort


# -- making terms -----------------------------------------------------------------------------------------------------
def var(name: str, type_: Type) -> Term:
    """Return a variable. Two variables are the same when both their names and their types are."""
    return Term("var", name, type_)


def local(number: int, type_: Type) -> Term:
    """Return a variable of the kernel's own: no name a user can choose, and no theorem contains one."""
    return Term("local", number, type_)


def real(value: object) -> Term:
    """Return an int or a Fraction as a term, and a term as it is. Floats and booleans are refused."""
    if type(value) is Term:
        return value
    if type(value) is not int and type(value) is not Fraction:
        refuse("term", f"not an int, a Fraction or a term: {value!r}")
    return Term("num", Fraction(value), REAL)


ADD, MUL, EXP, INV, POW, IND, ZERO, SUC, AS_NAT, LE, LT, IMP, AND, FALSE, HASD = (
    Term("const", _name, _type) for _name, _type in FIXED.items()
)


def is_const(term: Term, *names: str) -> bool:
    """Is this one of the constants of these names, applied to all its arguments?"""
    return type(term) is Term and term.kind == "const" and term.name in names and is_long(term)


def eq(a: Term | int | Fraction, b: Term | int | Fraction) -> Term:
    """Return ``a = b``."""
    a, b = real(a), real(b)
    return Term("const", "eq", fun(a.sort, a.sort, BOOL), (a, b))


def neg(p: Term) -> Term:
    """Return ``not p``, which is ``p -> false``."""
    return IMP(p, FALSE)


def forall(v: Term, body: Term) -> Term:
    """Return ``for all v, body``."""
    return Term("const", "all", ((v.type, BOOL), BOOL), (lam(v, body),))


def exists(v: Term, body: Term) -> Term:
    """Return ``there is v with body``."""
    return Term("const", "ex", ((v.type, BOOL), BOOL), (lam(v, body),))


def total(sort: Type, body: Term) -> Term:
    """Return the sum of the values of the lambda `body` over a finite sort."""
    return Term("const", "sum", ((sort, REAL), REAL), (body,))


def fderiv(function: Term, at: Term, gradient: Term) -> Term:
    """Return ``function is Frechet differentiable at the vector `at`, with this gradient``."""
    vector = at.sort
    return Term("const", "fderiv", fun((vector, REAL), vector, vector, BOOL), (function, at, gradient))
