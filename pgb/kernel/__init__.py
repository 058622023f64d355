"""The proof kernel: terms, their exact algebra, and the rules by which theorems are made. Trusted.

A theorem says that its conclusion holds wherever its hypotheses do; nothing but the rules listed in `RULES` makes one.
Reading order: `terms`, `algebra`, `theorem`, `facts`, then the rules: `logic`, `order`, `calculus`, `existence`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .algebra import norm, poly, same
from .calculus import (
    continuity,
    d_add,
    d_chain,
    d_compose,
    d_const,
    d_exp,
    d_id,
    d_mul,
    d_sum,
    d_unique,
    exp_increasing,
    exp_positive,
    fermat,
)
from .existence import lagrange, separation
from .facts import BUILT_IN, FACTS, Fact
from .logic import (
    absurd,
    assume,
    both,
    cases,
    choose,
    convert,
    discharge,
    generalise,
    induction,
    left,
    leibniz,
    mp,
    right,
    specialise,
    witness,
)
from .order import (
    antisymmetry,
    indicator,
    inverse,
    linear,
    multiply,
    not_le,
    reflexive,
    square,
    sum_le,
)
from .terms import (
    ADD,
    AND,
    AS_NAT,
    BASE,
    BOOL,
    EXP,
    FALSE,
    FINITE,
    HASD,
    IMP,
    IND,
    INV,
    LE,
    LT,
    MUL,
    NAT,
    POW,
    REAL,
    SUC,
    THETA,
    ZERO,
    Refused,
    Term,
    Type,
    beta,
    check,
    eq,
    eta,
    exists,
    fderiv,
    forall,
    free,
    fun,
    is_const,
    lam,
    lift,
    neg,
    put,
    real,
    subst,
    total,
    var,
    whole,
)
from .theorem import Theorem

# Every rule of inference, in reading order.
RULES: Final[dict[str, Callable[..., Theorem]]] = {
    rule.__name__: rule
    for rule in (
        assume, discharge, mp, both, left, right, cases, absurd,
        generalise, specialise, witness, choose, convert, leibniz, induction,
        linear, reflexive, square, multiply, not_le, antisymmetry, sum_le, inverse, indicator,
        exp_positive, exp_increasing,
        d_const, d_id, d_add, d_mul, d_exp, d_sum, d_chain, d_compose, d_unique, fermat, continuity,
        lagrange, separation,
    )
}  # fmt: skip

__all__ = [
    "ADD", "AND", "AS_NAT", "BASE", "BOOL", "BUILT_IN", "EXP", "FACTS", "FALSE", "FINITE", "HASD", "IMP", "IND",
    "INV", "LE", "LT", "MUL", "NAT", "POW", "REAL", "RULES", "SUC", "THETA", "ZERO", "Fact", "Refused", "Term",
    "Theorem", "Type", "absurd", "antisymmetry", "assume", "beta", "both", "cases", "check", "choose", "continuity",
    "convert", "d_add", "d_chain", "d_compose", "d_const", "d_exp", "d_id", "d_mul", "d_sum", "d_unique", "discharge",
    "eq", "eta", "exists", "exp_increasing", "exp_positive", "fderiv", "fermat", "forall", "free", "fun",
    "generalise", "indicator", "induction", "inverse", "is_const", "lagrange", "lam", "left", "leibniz", "lift",
    "linear", "mp", "multiply", "neg", "norm", "not_le", "poly", "put", "real", "reflexive", "right", "same",
    "separation", "specialise", "square", "subst", "sum_le", "total", "var", "whole", "witness",
]  # fmt: skip
