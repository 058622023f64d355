"""Normal forms of the second checker: polynomials as dictionaries, every form a number. Standard library only.

The laws are those that the docstring of `pgb.kernel.algebra` lists, and no others. The way is another one: a monomial
is a product under several sums at once, whose bound indices are sorted by how they occur before any order is tried;
equal forms have equal numbers, given out in the order in which forms first appear, and that is also how they are sorted.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, groupby, permutations, product
from typing import Any, NamedTuple

from .terms import Term, Type, bound, make, minus, reject, shifted, subst

MOST_INDICES = 6
ONE: tuple[Any, ...] = ("product", (), ())
_NUMBERS: dict[tuple[Any, ...], int] = {}
_FORMS: dict[Term, int] = {}
_EXPANSIONS: dict[Term, tuple[Monomial, ...]] = {}
_POLYNOMIALS: dict[Term, dict[int, Fraction]] = {}


class Monomial(NamedTuple):
    """A number times the sum over the indices ``0, 1, ..`` (of these types) of the product of the factors."""

    number: Fraction
    types: tuple[Type, ...]
    factors: tuple[Term, ...]


def same(a: Term, b: Term) -> bool:
    """Have the terms one normal form?"""
    return a is b or (a.sort == b.sort and form(a) == form(b))


def form(term: Term) -> int:
    """The number of the normal form of a term or formula."""
    if term not in _FORMS:
        _FORMS[term] = _form(term)
    return _FORMS[term]


def _number(*parts: Any) -> int:
    return _NUMBERS.setdefault(parts, len(_NUMBERS))


def _form(term: Term) -> int:
    if term.kind == "lam":
        return _number("lam", term.type, form(term.args[0]))
    if term.sort == "real":
        return _number("polynomial", tuple(sorted(polynomial(term).items())))
    if term.kind == "const" and term.name in ("le", "lt", "eq") and term.args and term.args[0].sort == "real":
        gap = polynomial(minus(term.args[1], term.args[0]))
        first = gap[min(gap)] if gap else Fraction(1)
        scale = first if term.name == "eq" else abs(first)
        return _number(term.name, tuple(sorted((key, c / scale) for key, c in gap.items())))
    return _atom(term)


def _atom(term: Term) -> int:
    return _number(term.kind, term.name, term.type, *map(form, term.args))


def constant() -> int:
    """The number of the empty product."""
    return _number(*ONE)


def polynomial(term: Term) -> dict[int, Fraction]:
    """A real term as a map from the numbers of its monomials to their coefficients, none of which is 0."""
    if term not in _POLYNOMIALS:
        out: dict[int, Fraction] = {}
        for monomial in _expanded(term):
            key = _canonical(*_contracted(monomial.types, monomial.factors))
            out[key] = out.get(key, Fraction(0)) + monomial.number
        _POLYNOMIALS[term] = {key: c for key, c in out.items() if c}
    return _POLYNOMIALS[term]


def _expanded(term: Term) -> tuple[Monomial, ...]:
    if term not in _EXPANSIONS:
        _EXPANSIONS[term] = tuple(_expand(term))
    return _EXPANSIONS[term]


def _expand(term: Term) -> Iterator[Monomial]:
    """Multiply out; sums and powers are opened, everything else is a factor."""
    name = term.name if term.kind == "const" else ""
    if term.kind == "num":
        yield from [Monomial(term.name, (), ())] if term.name else []
    elif name == "add":
        yield from chain.from_iterable(map(_expanded, term.args))
    elif name == "mul":
        yield from (_times(a, b) for a, b in product(*map(_expanded, term.args)))
    elif name == "sum":
        (body,) = term.args
        for m in _expanded(body.args[0]):
            yield m._replace(types=(*m.types, body.type[0]))
    elif name == "pow" and term.args[1].kind == "const" and term.args[1].name == "zero":
        yield Monomial(Fraction(1), (), ())
    elif name == "pow" and term.args[1].kind == "const" and term.args[1].name == "suc":
        base, power = term.args[0], term.args[1].args[0]
        yield from (
            _times(a, b) for a, b in product(_expanded(base), _expanded(make("const", "pow", term.type, base, power)))
        )
    else:
        yield Monomial(Fraction(1), (), (term,))


def _times(a: Monomial, b: Monomial) -> Monomial:
    """The product: the indices of `b` stay, those of `a` come after them."""
    low, high = len(b.types), len(a.types)
    kept = tuple(bound(n, t) for n, t in enumerate(b.types)) if high else ()
    return Monomial(
        a.number * b.number,
        b.types + a.types,
        tuple(shifted(f, low) for f in a.factors) + tuple(subst(f, kept, low + high) if high else f for f in b.factors),
    )


def _contracted(types: tuple[Type, ...], factors: tuple[Term, ...]) -> tuple[tuple[Type, ...], tuple[Term, ...]]:
    """Use ``[k = k] = 1``, and ``sum_i [i = k] t(i) = t(k)`` for an index i that does not occur in k."""
    for n, factor in enumerate(factors):
        if (
            factor.kind != "const"
            or factor.name != "ind"
            or factor.args[0].kind != "const"
            or factor.args[0].name != "eq"
        ):
            continue
        a, b = factor.args[0].args
        others = factors[:n] + factors[n + 1 :]
        if a is b:
            return _contracted(types, others)
        for i, k in ((a, b), (b, a)):
            if i.kind == "bound" and i.name < len(types) and (i.name, i.type) not in k.loose:
                values = [bound(j - (j > i.name), t) for j, t in enumerate(types)]
                values[i.name] = subst(k, tuple(values), len(types) - 1)
                fewer = types[: i.name] + types[i.name + 1 :]
                return _contracted(fewer, tuple(subst(f, tuple(values), len(fewer)) for f in others))
    return types, factors


def _canonical(types: tuple[Type, ...], factors: tuple[Term, ...]) -> int:
    """The number of the sum over the indices of the product, whatever the indices were called."""
    occurring = {n for f in factors for n, _ in f.loose}
    used = [n for n in range(len(types)) if n in occurring]
    unused = [_number("size", t) for n, t in enumerate(types) if n not in occurring]
    if len(used) > MOST_INDICES:
        reject(f"a product under more than {MOST_INDICES} sums")
    looks = {n: (str(types[n]), _look(n, types, factors) if len(used) > 1 else ()) for n in used}
    classes = [tuple(group) for _, group in groupby(sorted(used, key=lambda n: looks[n]), key=lambda n: looks[n])]
    return min(
        _product(tuple(chain.from_iterable(order)), types, factors, unused)
        for order in product(*(permutations(c) for c in classes))
    )


def _look(n: int, types: tuple[Type, ...], factors: tuple[Term, ...]) -> tuple[int, ...]:
    """How the index n occurs: the factors with n marked and all other indices blank, a matter of no names."""
    values = tuple(make("var", "this" if j == n else "other", t) for j, t in enumerate(types))
    return tuple(sorted(form(subst(f, values, 0)) for f in factors))


def _product(order: tuple[int, ...], types: tuple[Type, ...], factors: tuple[Term, ...], unused: list[int]) -> int:
    """The number of the product with the indices in this order: one exponential, no bracket twice."""
    values = [make("var", "none", t) for t in types]
    for place, n in enumerate(order):
        values[n] = bound(place, types[n])
    exponent: dict[int, Fraction] = {}
    atoms, brackets = list(unused), set[int]()
    for factor in (subst(f, tuple(values), len(order)) for f in factors):
        if factor.kind == "const" and factor.name == "exp":
            for key, c in polynomial(factor.args[0]).items():
                exponent[key] = exponent.get(key, Fraction(0)) + c
        elif factor.kind == "const" and factor.name == "ind":
            brackets.add(_atom(factor))
        else:
            atoms.append(_atom(factor))
    left = tuple(sorted((key, c) for key, c in exponent.items() if c))
    if left:
        atoms.append(_number("exp", left))
    return _number("product", tuple(types[n] for n in order), tuple(sorted([*atoms, *brackets])))
