"""The exact normal form: polynomials over Q in atoms, under finite sums. Trusted; standard library only.

Every step keeps the value of a term, whatever its variables stand for. The steps are

- the laws of a commutative ring with the rational numbers in it;
- a product of sums is a sum over pairs, and sums may be exchanged and their indices renamed;
- ``sum_i [i = k] t(i) = t(k)`` where i does not occur in k; ``[k = k] = 1``; ``[p] [p] = [p]``;
- ``exp(A) exp(B) = exp(A + B)``, ``exp(0) = 1``; ``t^0 = 1``, ``t^(n+1) = t t^n``;
- for formulas: ``a <= b`` if and only if ``0 <= c (b - a)``, for c > 0; likewise <, and = for c not 0.

Reciprocals, values of functions and brackets are atoms, their arguments in normal form. So two terms with the same
normal form are equal, and two formulas equivalent. The converse is not promised.

References
----------
R. L. Graham, D. E. Knuth, O. Patashnik, "Concrete Mathematics", chapter 2 (sums, Iverson brackets).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import count, permutations
from typing import Final, NamedTuple

from .signature import REAL, refuse
from .terms import EXP, MUL, POW, Term, beta, eta, is_const, lam, local, put, real, subst, total

MOST_INDICES: Final = 6  # under one product: all their orders are tried


class Monomial(NamedTuple):
    """``coefficient`` times the sum over ``indices``, which are locals, of the product of ``factors``."""

    coefficient: Fraction
    indices: tuple[Term, ...]
    factors: tuple[Term, ...]


def norm(term: Term) -> Term:
    """Return the normal form of a term or formula."""
    if type(term) is not Term:
        refuse("term", f"not a term: {term!r}")
    return _norm(term, 0)


def same(a: Term, b: Term) -> bool:
    """Have the two terms the same normal form? Then they have the same value, or truth, everywhere."""
    return norm(a) == norm(b)


def need(rule: str, wanted: Term, found: Term) -> None:
    """Refuse a premise that has not the normal form of the one that the rule needs. Both must be closed."""
    if not same(wanted, found):
        refuse(rule, f"needs the premise {wanted!r}, got {found!r}")


def poly(term: Term) -> dict[Term, Fraction]:
    """Return the normal form of a real term as a map from monomials without coefficient to coefficients, none 0."""
    return _poly(term, 0)


# Below, `depth` binders have been opened around the term, and their variables are the locals 0 .. depth - 1.
# The cache compares exact terms and exact depths: nothing else gets here.
@lru_cache(maxsize=1 << 16)
def _norm(term: Term, depth: int) -> Term:
    if term.kind == "lam":
        index = local(depth, term.type[0])
        return lam(index, _norm(put(term.args[0], 0, eta(index)), depth + 1))
    if term.sort == REAL:
        return _quote(_poly(term, depth))
    if is_const(term, "le", "lt", "eq") and term.args[0].sort == REAL:
        gap = _poly(term.args[1] - term.args[0], depth)
        lead = gap[min(gap, key=Term.key)] if gap else Fraction(1)
        scale = lead if term.name == "eq" else abs(lead)
        return Term("const", term.name, term.type, (real(0), _quote({key: c / scale for key, c in gap.items()})))
    return Term(term.kind, term.name, term.type, tuple(_norm(a, depth) for a in term.args))


def _poly(term: Term, depth: int) -> dict[Term, Fraction]:
    out: dict[Term, Fraction] = {}
    for monomial in _expand(term, count(1)):
        key = _canonical(*_contract(monomial.indices, monomial.factors), depth)
        out[key] = out.get(key, Fraction(0)) + monomial.coefficient
    return {key: c for key, c in out.items() if c}


def _quote(coefficients: dict[Term, Fraction]) -> Term:
    """Return a polynomial as a term, its monomials in order."""
    result = real(0)
    for key in sorted(coefficients, key=Term.key, reverse=True):
        piece = MUL(real(coefficients[key]), key)
        result = piece if result == real(0) else piece + result
    return result


def _expand(term: Term, fresh: Iterator[int]) -> list[Monomial]:
    """Multiply out. Each index of a sum becomes a local of its own, -1, -2, ..."""
    if term.kind == "num":
        return [Monomial(term.name, (), ())] if term.name else []
    if is_const(term, "add"):
        return _expand(term.args[0], fresh) + _expand(term.args[1], fresh)
    if is_const(term, "mul"):
        return _times(_expand(term.args[0], fresh), _expand(term.args[1], fresh))
    if is_const(term, "sum"):
        index = local(-next(fresh), term.type[0][0])
        return [m._replace(indices=(index, *m.indices)) for m in _expand(beta(term.args[0], (index,)), fresh)]
    if is_const(term, "pow") and is_const(term.args[1], "zero"):
        return [Monomial(Fraction(1), (), ())]
    if is_const(term, "pow") and is_const(term.args[1], "suc"):
        base, power = term.args[0], term.args[1].args[0]
        return _times(_expand(base, fresh), _expand(POW(base, power), fresh))
    return [Monomial(Fraction(1), (), (term,))]


def _times(left: list[Monomial], right: list[Monomial]) -> list[Monomial]:
    return [
        Monomial(a.coefficient * b.coefficient, a.indices + b.indices, a.factors + b.factors)
        for a in left
        for b in right
    ]


def _contract(indices: tuple[Term, ...], factors: tuple[Term, ...]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Use up factors ``[i = k]``: ``sum_i [i = k] t(i) = t(k)`` if i does not occur in k, and ``[k = k] = 1``."""
    for n, bracket in enumerate(factors):
        if not (is_const(bracket, "ind") and is_const(bracket.args[0], "eq")):
            continue
        rest, (a, b) = factors[:n] + factors[n + 1 :], bracket.args[0].args
        if a == b:
            return _contract(indices, rest)
        for i, k in ((a, b), (b, a)):
            if i in indices and (i.name, i.type) not in k.names:
                return _contract(tuple(j for j in indices if j != i), tuple(subst(f, i, k) for f in rest))
    return indices, factors


def _canonical(indices: tuple[Term, ...], factors: tuple[Term, ...], depth: int) -> Term:
    """Return the sum over the indices of the normalised product: the first in order, over all orders of the indices."""
    names = frozenset[object]().union(*(f.names for f in factors))
    used = [i for i in indices if (i.name, i.type) in names]
    sizes = [total(i.type, lam(i, real(1))) for i in indices if i not in used]
    if len(used) > MOST_INDICES:
        refuse("algebra", f"a product under more than {MOST_INDICES} sums")
    found: list[Term] = []
    for order in permutations(used):
        sorts = [str(i.type) for i in order]
        if sorts != sorted(sorts):
            continue
        levels = [local(depth + n, i.type) for n, i in enumerate(order)]
        renamed = list(factors)
        for old, new in zip(order, levels, strict=True):  # the old are negative, the new are not: no clash
            renamed = [subst(f, old, new) for f in renamed]
        term = _product(renamed, sizes, depth + len(levels))
        for level in reversed(levels):
            term = total(level.type, lam(level, term))
        found.append(term)
    return min(found, key=Term.key)


def _product(factors: list[Term], sizes: list[Term], depth: int) -> Term:
    """Normalise the factors, gather the exponentials into one, drop repeated brackets, and sort."""
    exponent, atoms, brackets = real(0), list(sizes), set[Term]()
    for f in factors:
        if is_const(f, "exp"):
            exponent = exponent + f.args[0]
            continue
        atom = Term(f.kind, f.name, f.type, tuple(_norm(a, depth) for a in f.args))
        if is_const(atom, "ind"):
            brackets.add(atom)
        else:
            atoms.append(atom)
    exponent = _norm(exponent, depth)
    if exponent != real(0):
        atoms.append(EXP(exponent))
    result = real(1)
    for atom in sorted([*atoms, *brackets], key=Term.key, reverse=True):
        result = atom if result == real(1) else MUL(atom, result)
    return result
