"""The proof kernel: terms, their exact algebra, and the rules by which theorems are made. Trusted.

A theorem says that its conclusion holds wherever its hypotheses do, and nothing but the rules in `RULES` makes one.
Reading order: `signature`, `terms`, `algebra`, `theorem`, `facts`, then the rules: `logic`, `order`, `calculus`,
`existence`. A rule that does not apply raises `Refused`; a term too deep for Python's stack raises RecursionError.

Examples
--------
>>> a = var("a", REAL)
>>> th = square(a - 1)
>>> linear(LE(a * 2, a * a + 1), [], [(1, th)])
|- le(mul(a, 2), add(mul(a, a), 1))
>>> linear(LT(a * 2, a * a + 1), [], [(1, th)])
Traceback (most recent call last):
    ...
pgb.kernel.signature.Refused: linear: the constant is 0, which does not give lt
"""

# fmt: off
# isort: off
from collections.abc import Callable as _Callable
from typing import Final as _Final

from .signature import BASE, BOOL, FINITE, NAT, REAL, THETA, Refused, Type, fun
from .terms import (
    ADD, AND, AS_NAT, EXP, FALSE, HASD, IMP, IND, INV, LE, LT, MUL, POW, SUC, ZERO, Term, beta, check, eq, eta, exists,
    fderiv, forall, free, is_const, lam, lift, neg, put, real, subst, total, var, whole,
)
from .algebra import norm, poly, same
from .theorem import Theorem
from .facts import BUILT_IN, FACTS, Fact
from .logic import (
    absurd, assume, both, cases, choose, convert, discharge, generalise, induction, left, leibniz, mp, right,
    specialise, witness,
)
from .order import antisymmetry, indicator, inverse, linear, multiply, not_le, reflexive, square, sum_le
from .calculus import (
    continuity, d_add, d_chain, d_compose, d_const, d_exp, d_id, d_mul, d_sum, d_unique, exp_tangent, fermat, tangents,
)
from .existence import lagrange, right_inverse, separation

RULES: _Final[dict[str, _Callable[..., Theorem]]] = {rule.__name__: rule for rule in (
    assume, discharge, mp, both, left, right, cases, absurd,
    generalise, specialise, witness, choose, convert, leibniz, induction,
    linear, reflexive, square, multiply, not_le, antisymmetry, sum_le, inverse, indicator,
    exp_tangent,
    d_const, d_id, d_add, d_mul, d_exp, d_sum, d_chain, d_compose, d_unique, fermat, continuity, tangents,
    lagrange, right_inverse, separation,
)}

__all__ = [
    "ADD", "AND", "AS_NAT", "BASE", "BOOL", "BUILT_IN", "EXP", "FACTS", "FALSE", "FINITE", "HASD", "IMP", "IND", "INV",
    "LE", "LT", "MUL", "NAT", "POW", "REAL", "RULES", "SUC", "THETA", "ZERO", "Fact", "Refused", "Term", "Theorem",
    "Type", "absurd", "antisymmetry", "assume", "beta", "both", "cases", "check", "choose", "continuity", "convert",
    "d_add", "d_chain", "d_compose", "d_const", "d_exp", "d_id", "d_mul", "d_sum", "d_unique", "discharge", "eq",
    "eta", "exists", "exp_tangent", "fderiv", "fermat", "forall", "free", "fun", "generalise",
    "indicator", "induction", "inverse", "is_const", "lagrange", "lam", "left", "leibniz", "lift", "linear", "mp",
    "multiply", "neg", "norm", "not_le", "poly", "put", "real", "reflexive", "right", "right_inverse", "same", "separation",
    "specialise", "square", "subst", "sum_le", "tangents", "total", "var", "whole", "witness",
]
