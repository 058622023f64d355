"""Builders of kernel terms: variables, functions, sums and quantifiers whose bound variables are always fresh.

Untrusted in form (the kernel checks every term), but to be read: statements are written with these words.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import TypeAlias

from pgb.kernel import AND, IMP, IND, LT, Term, Type, eq, eta, exists, forall, fun, lam, real, total

Body: TypeAlias = Callable[[Term], Term]

SAMPLE, INPUT, OUTPUT, PARAM, DEGREE = "sample", "input", "output", "param", "degree"
O = real(0)
ONE = real(1)
HALF = Fraction(1, 2)

_numbers = count()


def variable(name: str, *types: Type) -> Term:
    """Return the free variable `name` of type ``types[0] -> types[1] -> ...``."""
    return Term("var", name, fun(*types))


def fresh(stem: str, *types: Type) -> Term:
    """Return a variable that no statement mentions yet; its name starts with `stem`."""
    return variable(f"{stem}_{next(_numbers)}", *types)


def function(sort: Type, body: Body) -> Term:
    """Return the function ``v -> body(v)`` with a fresh `v`, so that nothing is captured."""
    v = fresh("v", sort)
    return lam(v, body(eta(v)))


def matrix(first: Type, second: Type, body: Callable[[Term, Term], Term]) -> Term:
    """Return ``u, v -> body(u, v)`` as a kernel function of two indices."""
    return function(first, lambda u: function(second, lambda v: body(u, v)))


def total_over(sort: Type, body: Body) -> Term:
    """Return the finite sum of ``body(v)`` over `sort`."""
    return total(sort, function(sort, body))


def every(sort: Type, body: Body) -> Term:
    """Return "for all v in `sort`, body(v)"."""
    v = fresh("v", sort)
    return forall(v, body(eta(v)))


def some(sort: Type, body: Body) -> Term:
    """Return "there is v in `sort` with body(v)"."""
    v = fresh("v", sort)
    return exists(v, body(eta(v)))


def for_all(*variables: Term, then: Term) -> Term:
    """Return `then` quantified over the free variables, the first outermost."""
    for v in reversed(variables):
        then = forall(v, then)
    return then


def for_some(*variables: Term, that: Term) -> Term:
    """Return "there are such variables that ..."."""
    for v in reversed(variables):
        that = exists(v, that)
    return that


def implies(*parts: Term) -> Term:
    """Return ``p1 -> (p2 -> (... -> q))``."""
    return parts[0] if len(parts) == 1 else IMP(parts[0], implies(*parts[1:]))


def conjunction(*parts: Term) -> Term:
    """Return ``p1 and (p2 and (... and pn))``."""
    return parts[0] if len(parts) == 1 else AND(parts[0], conjunction(*parts[1:]))


def iff(p: Term, q: Term) -> Term:
    """Return ``(p -> q) and (q -> p)``."""
    return AND(IMP(p, q), IMP(q, p))


def square_of(t: Term) -> Term:
    """Return ``t t``."""
    return t * t


def is_zero(t: Term) -> Term:
    """Return the formula ``t = 0``."""
    return eq(t, O)


def delta(u: Term, v: Term) -> Term:
    """Return the Iverson bracket ``[u = v]``."""
    return IND(eq(u, v))


def within(t: Term, radius: Term) -> Term:
    """Return ``t^2 < radius^2``: for a positive radius, ``|t| < radius``."""
    return LT(square_of(t), square_of(radius))


def positive(t: Term) -> Term:
    """Return ``0 < t``."""
    return LT(O, t)
