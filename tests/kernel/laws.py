"""Small truths about terms and normal forms that any kernel must keep; a changed kernel that breaks one is caught."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any


def laws(k: Any) -> Iterator[tuple[str, bool]]:
    """Yield each law by name, and whether this kernel keeps it."""
    yield from _terms(k)
    yield from _normal_forms(k)


def _terms(k: Any) -> Iterator[tuple[str, bool]]:
    b0, b1 = k.Term("bound", 0, k.REAL), k.Term("bound", 1, k.REAL)
    yield "a lambda binds its variable", k.lam(k.y, k.y + k.z).args[0] == b0 + k.z
    yield "an index past a new lambda is lifted", k.lam(k.y, k.y + b0).args[0] == b0 + b1
    yield "an index under a lambda stays", k.lift(k.lam(k.y, k.y), 1) == k.lam(k.y, k.y)
    yield "an index outside is lifted", k.lift(k.lam(k.y, k.y + b0), 1) == k.lam(k.y, k.y + b1)
    yield "an index is put", k.put(b0 + b1, 0, k.z) == k.z + b0
    yield "substitution does not capture", k.subst(k.lam(k.y, k.y + k.z), k.z, k.y) == k.lam(k.t, k.t + k.y)
    yield "an open value is lifted as it goes in", k.put(k.lam(k.y, k.y + b0), 0, b0) == k.lam(k.y, k.y + b0)
    yield "an index further out comes nearer", k.put(k.lam(k.y, k.y + b1), 0, k.z) == k.lam(k.y, k.y + b0)
    yield "an inner index is left alone", k.put(k.lam(k.y, k.y + b0), 0, k.z) == k.lam(k.y, k.y + k.z)
    yield "functions are applied", k.lam(k.F, k.F(k.F(k.y)))(k.lam(k.z, k.z * k.z)) == (k.y * k.y) * (k.y * k.y)
    yield "free variables", k.free(k.lam(k.y, k.y + k.z)) == {("z", k.REAL)}
    yield "one name, two types, two variables", k.free(k.eq(k.var("a", "sample"), k.i)) != k.free(k.eq(k.j, k.i))
    yield "one name, two types, two keys", k.var("a", "sample").key() != k.var("a", "output").key()
    yield "two binders, two keys", k.lam(k.i, k.one).key() != k.lam(k.o, k.one).key()
    yield "a term prints", repr(k.forall(k.y, k.LT(k.zero, k.y + k.z))) == "all(\\real. lt(0, add(#0, z)))"
    yield "a local prints", repr(k.local(3, k.REAL)) == "~3"
    yield "a theorem prints", repr(k.reflexive(k.y)) == "|- eq(y, y)"
    yield "a theorem prints its hypotheses", repr(k.discharge(k.q, k.both(k.th(k.q), k.th(k.p)))) == (
        "p |- imp(q, and(q, p))"
    )  # fmt: skip
    yield "bare functions become lambdas", k.eta(k.M) == k.lam(k.i, k.lam(k.j, k.M(k.i, k.j)))
    yield "a lambda is its own long form", k.eta(k.lam(k.y, k.y)) == k.lam(k.y, k.y)


def _normal_forms(k: Any) -> Iterator[tuple[str, bool]]:
    s, y, c, d = k.s, k.y, k.C, k.D
    i, j = k.i, k.j

    def total(v: Any, body: Any) -> Any:
        return k.sum(v, body)

    same = {
        "ring": ((s + y) * (s - y), s * s - y * y),
        "coefficients": (s * Fraction(1, 2) + s * Fraction(1, 3), s * Fraction(5, 6)),
        "cancellation": (s * y - y * s, k.zero),
        "sums are linear": (total(i, c(i) * s + d(i)), s * total(i, c(i)) + total(i, d(i))),
        "sums are exchanged": (
            total(i, total(j, k.M(i, j) * c(j))), total(j, total(i, k.M(i, j)) * c(j))),
        "sums are renamed": (
            total(i, total(j, k.M(i, j) * c(i))), total(j, total(i, k.M(j, i) * c(j)))),
        "sums are multiplied": (total(i, c(i)) * total(i, d(i)), total(i, total(j, d(i) * c(j)))),
        "empty indices count": (total(i, total(j, c(i))), total(j, k.one) * total(i, c(i))),
        "brackets contract": (total(i, k.IND(k.eq(i, j)) * c(i)), c(j)),
        "brackets contract from the right": (total(i, k.IND(k.eq(j, i)) * c(i)), c(j)),
        "brackets contract to functions": (total(i, k.IND(k.eq(i, k.sigma(j))) * c(i)), c(k.sigma(j))),
        "brackets contract among sums": (
            total(i, total(j, k.IND(k.eq(i, j)) * k.M(i, j))), total(i, k.M(i, i))),
        "one bracket leaves the other sums": (
            total(i, total(j, k.IND(k.eq(i, k.sigma(k.var("u", "sample")))) * k.M(i, j))),
            total(j, k.M(k.sigma(k.var("u", "sample")), j))),
        "brackets of the same": (k.IND(k.eq(i, i)) * s, s),
        "brackets repeat": (k.IND(k.p) * k.IND(k.p), k.IND(k.p)),
        "exponents add": (k.EXP(s) * k.EXP(y) * k.EXP(-s), k.EXP(y)),
        "exponents vanish": (k.EXP(s) * k.EXP(-s), k.one),
        "powers": (k.POW(s, k.SUC(k.SUC(k.n))), s * s * k.POW(s, k.n)),
        "power of nothing": (k.POW(s, k.ZERO), k.one),
        "inside a function": (k.l(i, k.lam(k.o, k.A(k.o) + 0)), k.l(i, k.A)),
        "inside a reciprocal": (k.INV(s + y), k.INV(y + s)),
    }  # fmt: skip
    for name, (a, b) in same.items():
        yield name, k.same(a, b)
    formulas = {
        "inequalities are scaled": (k.LE(s, y), k.LE(s * 3 + 1, y * 3 + 1)),
        "strict inequalities are scaled": (k.LT(s, y), k.LT(-y, -s)),
        "equalities are scaled": (k.eq(s, y), k.eq(y * -2, s * -2)),
        "equality at one number": (k.eq(s - s, 0), k.eq(y, y)),
        "inside a quantifier": (k.forall(s, k.LT(s, s + y)), k.forall(k.t, k.LT(k.zero, y))),
    }
    for name, (a, b) in formulas.items():
        yield name, k.same(a, b)
    sorts = ("sample", "input", "output", "degree", "param", "pert")
    six = k.one
    for sort in sorts:
        six = six * k.var("f", (sort, k.REAL))(k.var("v", sort))
    for sort in sorts:
        six = k.sum(k.var("v", sort), six)
    yield "six sums are not too many", k.same(six, six * 1)
    yield "a polynomial's coefficients", k.poly((s + 1) * (s - 1)) == {s * s: 1, k.one: -1}
    yield "zero has no monomials", k.poly(s - s) == {}
