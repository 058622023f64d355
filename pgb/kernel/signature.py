"""Sorts, types and constants: the vocabulary of the kernel. Trusted; standard library only.

Sorts: ``real``; ``nat``; ``theta``, any non-empty set; and the finite non-empty sets of `FINITE`. Nothing is known of
the size of a finite sort, except that the degrees are ``0, ..., m - 1`` where ``m`` is the number of samples.
"""

from __future__ import annotations

from typing import Final, NoReturn, TypeAlias

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
        The rule that refused; ``term`` for a term that is not well formed, ``theorem`` for a forged theorem.
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


def fun(*types: Type) -> Type:
    """Return the type of functions of several arguments: ``fun(A, B, C)`` is ``A -> (B -> C)``."""
    return types[0] if len(types) == 1 else (types[0], fun(*types[1:]))


def is_type(type_: object) -> bool:
    """Is this a base type, or a pair of types? Plain strings and tuples only: a subclass may define its own equality."""
    if type(type_) is str:
        return type_ in BASE
    return type(type_) is tuple and len(type_) == 2 and is_type(type_[0]) and is_type(type_[1])


def arrow(type_: Type) -> tuple[Type, Type]:
    """Return the argument and the result of a function type; of a base type, twice "", which is no type."""
    return type_ if type(type_) is tuple else ("", "")


FIXED: Final[dict[str, Type]] = {
    "add": fun(REAL, REAL, REAL),
    "mul": fun(REAL, REAL, REAL),
    "exp": fun(REAL, REAL),
    "inv": fun(REAL, REAL),  # the reciprocal; at 0 some number, of which nothing is known
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

    Besides those of `FIXED` there are: ``eq`` over every base type but ``bool``; ``all`` and ``ex`` over every type;
    ``sum`` over every finite sort; and, for vectors over every finite sort, ``fderiv(G, q, g)``: G is differentiable
    (Frechet) at the vector q, with gradient g.
    """
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
    return name in FIXED and type_ == FIXED[name]
