"""Typed terms: what statements are made of. Trusted; standard library only.

A term is a head (number, constant, variable, bound index) applied to arguments, or one lambda. The constructor refuses
whatever is not well typed, beta-normal and eta-long, so every `Term` that exists is all three. Binders (sum, all, ex)
are constants applied to a lambda: substitution and capture are dealt with once, in this file, and nowhere else.

Meaning. Sorts: ``real``; ``nat``; ``theta``, any non-empty set; and the finite non-empty sets of `FINITE`. A formula is
true when it holds for all values of its free variables, all sets ``theta`` and all sizes of the finite sorts; only
``degree`` is tied, to ``{0, ..., m - 1}`` for ``m`` samples. Equal functions are those with equal values.

References
----------
A. Church, "A formulation of the simple theory of types", Journal of Symbolic Logic 5 (1940).
N. G. de Bruijn, "Lambda calculus notation with nameless dummies", Indagationes Mathematicae 34 (1972).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NoReturn, TypeAlias, final

Type: TypeAlias = "str | tuple[Type, Type]"  # a sort, or (A, B): the functions from A to B
REAL: Final = "real"
BOOL: Final = "bool"
NAT: Final = "nat"
THETA: Final = "theta"
FINITE: Final = frozenset({"sample", "input", "output", "degree", "param", "pert"})
BASE: Final = FINITE | {REAL, BOOL, NAT, THETA}


class Refused(ValueError):
    """A rule did not apply: nothing was proved, and nothing was disproved.

    Attributes
    ----------
    rule : str
        The rule that refused, or ``term`` for a term that is not well formed.
    why : str
        The condition that failed, with what was found instead.
    """

    def __init__(self, rule: str, why: str) -> None:
        self.rule = rule
        self.why = why
        super().__init__(f"{rule}: {why}")

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str]]:
        return Refused, (self.rule, self.why)


def refuse(rule: str, why: str) -> NoReturn:
    """Raise `Refused`."""
    raise Refused(rule, why)


# -- types ------------------------------------------------------------------------------------------------------------
def fun(*types: Type) -> Type:
    """Return the type of functions of several arguments: ``fun(A, B, C)`` is ``A -> (B -> C)``."""
    return types[0] if len(types) == 1 else (types[0], fun(*types[1:]))


def is_type(type_: object) -> bool:
    """Is this a base type or a pair of types, built of plain strings and tuples?"""
    if type(type_) is str:
        return type_ in BASE
    return type(type_) is tuple and len(type_) == 2 and is_type(type_[0]) and is_type(type_[1])


FIXED: Final[dict[str, Type]] = {
    "add": fun(REAL, REAL, REAL),
    "mul": fun(REAL, REAL, REAL),
    "exp": fun(REAL, REAL),
    "inv": fun(REAL, REAL),  # the reciprocal; at 0 some number of which nothing is known
    "pow": fun(REAL, NAT, REAL),  # t^n, with t^0 = 1
    "ind": fun(BOOL, REAL),  # the Iverson bracket: [p] = 1 if p, else 0
    "zero": NAT,
    "suc": fun(NAT, NAT),
    "as_nat": fun("degree", NAT),  # the degrees are the numbers 0, ..., m - 1
    "le": fun(REAL, REAL, BOOL),
    "lt": fun(REAL, REAL, BOOL),
    "imp": fun(BOOL, BOOL, BOOL),
    "and": fun(BOOL, BOOL, BOOL),
    "false": BOOL,
    "hasd": fun(fun(REAL, REAL), REAL, REAL, BOOL),  # hasd(F, p, d): F has derivative d at p
}


def is_constant(name: str, type_: Type) -> bool:
    """Is there a constant of this name at this type?

    Besides `FIXED`: ``eq`` at every base type but ``bool``; ``all`` and ``ex`` over every type; ``sum`` over every
    finite sort; ``fderiv(G, q, g)``, that G is Frechet differentiable at q with gradient g, over every finite sort.
    """
    if name in FIXED:
        return type_ == FIXED[name]
    match name, type_:
        case "eq", (sort, _):
            return sort in BASE and sort != BOOL and type_ == fun(sort, sort, BOOL)
        case "all" | "ex", ((sort, _), _):
            return type_ == ((sort, BOOL), BOOL)
        case "sum", ((sort, _), _):
            return sort in FINITE and type_ == ((sort, REAL), REAL)
        case "fderiv", (((sort, _), _), _):
            vector = (sort, REAL)
            return sort in FINITE and type_ == fun((vector, REAL), vector, vector, BOOL)
    return False


# -- terms ------------------------------------------------------------------------------------------------------------
# What names a head, by kind. A local is a variable of the kernel's own, numbered; no theorem contains one.
NAMED_BY: Final[dict[str, type]] = {
    "num": Fraction, "const": str, "var": str, "local": int, "bound": int, "lam": type(None)
}  # fmt: skip


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
        All arguments, outermost function first; the body for a lambda.
    sort : Type
        The type of the whole term.
    loose : frozenset
        The bound indices that point outside the term, with their types.
    names : frozenset
        The free variables and locals, with their types.
    """

    __slots__ = ("_hash", "_key", "args", "kind", "loose", "name", "names", "sort", "type")
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
        """Make a term of exact parts; `__new__`, so that calling it again cannot change a term."""
        # Exact types throughout: in Python True == 1, 0.5 == Fraction(1, 2), and a subclass may define equality.
        if type(kind) is not str or type(name) is not NAMED_BY.get(kind):
            refuse("term", f"malformed head {kind!r} {name!r}")
        if not is_type(type_):
            refuse("term", f"not a type: {type_!r}")
        if type(args) is not tuple or not all(type(a) is Term for a in args):
            refuse("term", f"the arguments of {name!r} must be a tuple of terms")
        sort = _sort_of_lambda(type_, args) if kind == "lam" else _sort_of_application(kind, name, type_, args)
        loose = _EMPTY.union(*(a.loose for a in args))
        names = _EMPTY.union(*(a.names for a in args))
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
        """Return a text that no other closed term has: the order of normal forms."""
        if self._key is None:
            name = f"{self.name:09d}" if self.kind == "local" else self.name
            type_ = "" if self.kind in ("const", "bound") else self.type
            inside = ",".join(a.key() for a in self.args)
            object.__setattr__(self, "_key", f"{self.kind[:2]}{name}{type_}({inside})")
        return self._key or ""


_EMPTY: Final[frozenset[Any]] = frozenset()
_SLOTS: Final = ("kind", "name", "type", "args", "sort", "loose", "names", "_hash", "_key")


def _sort_of_lambda(type_: Type, args: tuple[Term, ...]) -> Type:
    """Return the type of the lambda with these parts, or refuse it."""
    if type(type_) is not tuple or len(args) != 1 or args[0].sort != type_[1]:
        refuse("term", f"the body of a lambda of type {type_!r} cannot be {args!r}")
    if not is_long(args[0]):
        refuse("term", f"the body {args[0]!r} of a lambda lacks arguments")
    if any(n == 0 and t != type_[0] for n, t in args[0].loose):
        refuse("term", f"the variable bound in {args[0]!r} has type {type_[0]!r}")
    return type_


def _sort_of_application(kind: str, name: Any, type_: Type, args: tuple[Term, ...]) -> Type:
    """Return the type of the head applied to the arguments, or refuse it."""
    known = kind == "local"
    if kind == "num":
        known = type_ == REAL
    elif kind == "const":
        known = is_constant(name, type_)
    elif kind == "var":
        known = name.isidentifier()
    elif kind == "bound":
        known = name >= 0
    if not known:
        refuse("term", f"there is no {kind} {name!r} of type {type_!r}")
    result = type_
    for arg in args:
        if type(result) is not tuple or arg.sort != result[0]:
            refuse("term", f"{name!r} of type {type_!r} does not take {arg!r} as an argument")
        if not is_long(arg):
            refuse("term", f"the argument {arg!r} of {name!r} lacks arguments")
        result = result[1]
    return result


def is_long(term: Term) -> bool:
    """Is a term of function type a lambda (eta-long)?"""
    return term.kind == "lam" or type(term.sort) is str


def check(term: object) -> Type:
    """Return the type of a term that stands by itself: no loose index, no local, no missing argument; else refuse."""
    if type(term) is not Term:
        refuse("term", f"not a term: {term!r}")
    if term.loose:
        refuse("term", f"an index points outside {term!r}")
    if any(type(name) is int for name, _ in term.names):
        refuse("term", f"a variable of the kernel's own in {term!r}")
    if not is_long(term):
        refuse("term", f"{term!r} lacks arguments")
    return term.sort


# -- substitution -----------------------------------------------------------------------------------------------------
def lift(term: Term, by: int, cut: int = 0) -> Term:
    """Raise by `by` the bound indices that point outside `cut` binders."""
    if all(n < cut for n, _ in term.loose):
        return term
    name = term.name + by if term.kind == "bound" and term.name >= cut else term.name
    return Term(term.kind, name, term.type, tuple(lift(a, by, cut + (term.kind == "lam")) for a in term.args))


def put(term: Term, depth: int, value: Term) -> Term:
    """Take away the binder of index `depth`: the index becomes `value`; the result is beta-normal."""
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
            refuse("term", f"a function of {value.type[0]!r} applied to {arg!r}")
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
    if (variable.name, variable.type) not in term.names and not term.loose:
        return term
    args = tuple(_close(variable, a, depth + (term.kind == "lam")) for a in term.args)
    if (term.kind, term.name, term.type) == (variable.kind, variable.name, variable.type):
        return Term("bound", depth, term.type, args)
    name = term.name + 1 if term.kind == "bound" and term.name >= depth else term.name
    return Term(term.kind, name, term.type, args)


def eta(term: Term) -> Term:
    """Return a head of function type as a lambda: ``f`` becomes ``k -> f(k)``."""
    if is_long(term):
        return term
    bound = Term("bound", 0, term.sort[0])
    return Term("lam", None, term.sort, (eta(lift(term, 1)(bound)),))


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
    """Return a variable. Two variables are the same when name and type are."""
    return Term("var", name, type_)


def local(number: int, type_: Type) -> Term:
    """Return a variable of the kernel's own, which `check` refuses: it cannot meet a user's variable."""
    return Term("local", number, type_)


def real(value: object) -> Term:
    """Return an int or Fraction as a term, and a term as itself. Floats are refused."""
    if type(value) is Term:
        return value
    if type(value) is not int and type(value) is not Fraction:
        refuse("real", f"not an int, a Fraction or a term: {value!r}")
    return Term("num", Fraction(value), REAL)


ADD, MUL, EXP, INV, POW, IND, ZERO, SUC, AS_NAT, LE, LT, IMP, AND, FALSE, HASD = (
    Term("const", _name, _type) for _name, _type in FIXED.items()
)


def is_const(term: Term, *names: str) -> bool:
    """Is the head of the term a constant with one of these names?"""
    return term.kind == "const" and term.name in names


def eq(a: Term, b: Term) -> Term:
    """Return ``a = b``."""
    return Term("const", "eq", fun(a.sort, a.sort, BOOL), (a, b))


def neg(p: Term) -> Term:
    """Return ``not p``, which is ``p -> false``."""
    return IMP(p, FALSE)


def forall(v: Term, body: Term) -> Term:
    """Return "for all v, body"."""
    return Term("const", "all", ((v.type, BOOL), BOOL), (lam(v, body),))


def exists(v: Term, body: Term) -> Term:
    """Return "there is v with body"."""
    return Term("const", "ex", ((v.type, BOOL), BOOL), (lam(v, body),))


def total(sort: Type, body: Term) -> Term:
    """Return the sum over a finite sort of the values of the lambda `body`."""
    return Term("const", "sum", ((sort, REAL), REAL), (body,))


def fderiv(function: Term, at: Term, gradient: Term) -> Term:
    """Return "`function`, of a vector, is Frechet differentiable at `at` with this gradient"."""
    vector = at.sort
    return Term("const", "fderiv", fun((vector, REAL), vector, vector, BOOL), (function, at, gradient))
