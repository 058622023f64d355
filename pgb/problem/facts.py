"""Facts about a loss, derived from its expression: differentiable, convex, non-negative, twice differentiable.

Nothing is declared: the built-in losses go through the same rules as a user's formula. Each answer is True with the
rules that show it, False with an exact witness, or None where the rules decide nothing; None is never read as True.

Sources: the composition rules are those of disciplined convex programming (M. Grant, S. Boyd, Y. Ye, "Disciplined
convex programming", 2006; S. Boyd, L. Vandenberghe, "Convex Optimization", 2004, section 3.2); one-variable
polynomials are decided by exact real-root isolation.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from pgb.expressions import relu, sigmoid, softplus, step, text

Symbols = Sequence[sympy.Symbol]
ANALYTIC = (sympy.exp, sympy.tanh, sigmoid, softplus, sympy.erf, sympy.atan, sympy.sin, sympy.cos)
CONVEX_NONDECREASING = (sympy.exp, softplus, relu)
PROBES = tuple(sympy.Rational(p, 2) for p in (-6, -3, -2, -1, 0, 1, 2, 3, 6))


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of a loss: True, False or None (not decided), and why."""

    holds: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of an expression over all real values of its variables; `None` stands for no bound."""

    low: sympy.Rational | None
    low_attained: bool
    high: sympy.Rational | None

    @property
    def positive(self) -> bool:
        """Is every value above 0?"""
        return self.low is not None and bool(self.low > 0 or (self.low == 0 and not self.low_attained))

    @property
    def nonnegative(self) -> bool:
        """Is every value at least 0?"""
        return self.low is not None and bool(self.low >= 0)


ANYTHING = Range(None, True, None)


def value_range(e: sympy.Expr) -> Range:
    """Return rational bounds of `e` over all real values of its variables, by rules on its structure."""
    if e.is_Rational:
        return Range(e, True, e)
    if e.is_number:
        return Range(sympy.S.Zero, not e.is_positive, None) if e.is_nonnegative else ANYTHING
    if isinstance(e, sympy.exp):
        low = value_range(e.args[0]).low
        return Range(sympy.S.One, True, None) if low is not None and low >= 0 else Range(sympy.S.Zero, False, None)
    if isinstance(e, relu | sympy.Abs):
        return Range(sympy.S.Zero, True, None)
    if isinstance(e, softplus):
        return Range(sympy.S.Zero, False, None)
    if isinstance(e, sigmoid):
        return Range(sympy.S.Zero, False, sympy.S.One)
    if isinstance(e, sympy.tanh | sympy.erf | sympy.sin | sympy.cos):
        return Range(sympy.S.NegativeOne, True, sympy.S.One)
    if isinstance(e, sympy.log):
        inner = value_range(e.args[0]).low
        return Range(sympy.S.Zero, True, None) if inner is not None and inner >= 1 else ANYTHING
    if isinstance(e, sympy.Add):
        return _range_of_sum([value_range(a) for a in e.args])
    if isinstance(e, sympy.Mul):
        return _range_of_product(e)
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        return _range_of_power(e)
    return ANYTHING


def _range_of_sum(parts: list[Range]) -> Range:
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    low = None if None in lows else sympy.Add(*lows)
    high = None if None in highs else sympy.Add(*highs)
    return Range(low, all(p.low_attained for p in parts), high)


def _range_of_product(e: sympy.Expr) -> Range:
    coefficient, rest = e.as_coeff_Mul()
    if coefficient != 1:
        inner = value_range(rest)
        if coefficient > 0:
            low = None if inner.low is None else coefficient * inner.low
            return Range(low, inner.low_attained, None if inner.high is None else coefficient * inner.high)
        return Range(
            None if inner.high is None else coefficient * inner.high,
            True,
            None if inner.low is None else coefficient * inner.low,
        )
    parts = [value_range(a) for a in e.args]
    if all(bool(p.positive) for p in parts):
        return Range(sympy.S.Zero, False, None)
    return Range(sympy.S.Zero, True, None) if all(bool(p.nonnegative) for p in parts) else ANYTHING


def _range_of_power(e: sympy.Expr) -> Range:
    base = value_range(e.base)
    if base.positive:
        return Range(sympy.S.Zero, False, None)
    if e.exp.is_positive and (base.nonnegative or (e.exp.is_Integer and e.exp % 2 == 0)):
        return Range(sympy.S.Zero, True, None)
    return ANYTHING


def nonnegative(e: sympy.Expr, q: Symbols) -> Fact:
    """Is `e` >= 0 for all real q?"""
    if value_range(e).nonnegative:
        return Fact(True, "a sum and product of non-negative parts")
    if _polynomial_sign(e, q) is True:
        return Fact(True, "a one-variable polynomial without sign change, by exact root isolation")
    if _absorbed(e, q):
        return Fact(True, "a logarithm of a sum of positive terms, one of them at least 1")
    for point in _probes(q):
        value = e.subs(point)
        if value.is_Rational and value < 0:
            return Fact(False, f"{text(e)} = {value} at {_at(point)}")
    return Fact(None, "not decided by the rules for signs")


def _absorbed(e: sympy.Expr, q: Symbols) -> bool:
    """Is `e` = log(S) + affine with S exp(affine) = (a constant >= 1) + positive terms?"""
    logs = [t for t in sympy.Add.make_args(e) if isinstance(t, sympy.log)]
    if len(logs) != 1 or curvature(e - logs[0], q) != 0:
        return False
    terms = [sympy.powsimp(t * sympy.exp(e - logs[0])) for t in sympy.Add.make_args(logs[0].args[0])]
    return all(value_range(t).positive for t in terms) and any(t.is_Rational and t >= 1 for t in terms)


def convex(e: sympy.Expr, q: Symbols) -> Fact:
    """Is `e` convex in q, jointly?"""
    sign = curvature(e, q)
    if sign in (0, 1):
        return Fact(True, "an affine function" if sign == 0 else "by the composition rules for convex functions")
    bend = _polynomial_sign(sympy.diff(e, q[0], 2), q) if e.is_polynomial(*q) else None
    if bend is not None:
        word = "never" if bend else "somewhere"
        return Fact(bend, f"its second derivative is {word} negative, by exact root isolation")
    for point, other in itertools.product(_probes(q), repeat=2):
        middle = {s: (point[s] + other[s]) / 2 for s in q}
        gap = e.subs(point) / 2 + e.subs(other) / 2 - e.subs(middle)
        if gap.is_Rational and gap < 0:
            return Fact(False, f"the middle of {_at(point)} and {_at(other)} lies {-gap} above the chord")
    return Fact(None, "not decided by the composition rules")


def curvature(e: sympy.Expr, q: Symbols) -> int | None:
    """Return 0 for affine, 1 for convex, -1 for concave and None where the rules decide nothing."""
    if not e.has(*q):
        return 0
    if e.is_polynomial(*q):
        poly = sympy.Poly(e, *q)
        if poly.total_degree() <= 1:
            return 0
        if poly.total_degree() == 2 and all(c.is_Rational for c in poly.coeffs()):
            return _quadratic(sympy.hessian(e, list(q)))
    if isinstance(e, sympy.Add):
        signs = {curvature(a, q) for a in e.args}
        return _join(signs)
    if isinstance(e, sympy.Mul):
        constant = sympy.Mul(*(a for a in e.args if not a.has(*q)))
        rest = sympy.Mul(*(a for a in e.args if a.has(*q)))
        inner = curvature(rest, q) if constant != 1 and rest != e else None
        if inner is None or constant.is_nonnegative is None:
            return None
        return inner if constant.is_nonnegative else -inner
    if isinstance(e, CONVEX_NONDECREASING):
        return 1 if curvature(e.args[0], q) in (0, 1) else None
    if isinstance(e, sympy.Abs):
        return 1 if curvature(e.args[0], q) == 0 else None
    if isinstance(e, sympy.log):
        return _log(e.args[0], q)
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        return _power(e, q)
    return None


def _join(signs: set[int | None]) -> int | None:
    if None in signs or {1, -1} <= signs:
        return None
    return next((s for s in signs if s), 0)


def _quadratic(hessian: sympy.Matrix) -> int | None:
    if hessian.is_positive_semidefinite:
        return 1
    return -1 if (-hessian).is_positive_semidefinite else None


def _log(inside: sympy.Expr, q: Symbols) -> int | None:
    """log(sum c_j exp(affine_j) + c_0), c_j > 0, is convex (log-sum-exp); log of a positive affine does not occur."""
    for term in sympy.Add.make_args(inside):
        coefficient, factor = term.as_independent(*q, as_Add=False)
        power = factor.as_base_exp() if factor != 1 else (sympy.E, sympy.S.Zero)
        affine = power[0] == sympy.E and curvature(power[1], q) == 0
        if not (coefficient.is_positive and affine):
            return None
    return 1


def _power(e: sympy.Expr, q: Symbols) -> int | None:
    base, exponent = e.base, e.exp
    inner = curvature(base, q)
    if inner == 0 and exponent.is_Integer and exponent >= 2 and exponent % 2 == 0:
        return 1
    if inner in (0, 1) and exponent >= 1 and value_range(base).nonnegative:
        return 1
    squares = exponent == sympy.Rational(1, 2) and all(
        value_range(a).nonnegative and (not a.has(*q) or a.is_polynomial(*q)) for a in sympy.Add.make_args(base)
    )
    if squares and base.is_polynomial(*q) and sympy.Poly(base, *q).total_degree() == 2:
        return 1 if inner == 1 else None  # a norm of affine functions
    return None


def differentiable(e: sympy.Expr, q: Symbols, order: int = 1) -> Fact:
    """Is `e` `order` times continuously differentiable on all of R^dy?"""
    blocker = _blocker(e, q, order)
    if blocker is None:
        return Fact(True, "composed of functions that are smooth where they are used")
    if order == 1:
        kink = _clean_kink(e, q)
        if kink is not None:
            return Fact(False, f"{text(kink)} has a kink where its argument vanishes, and nothing cancels it")
    return Fact(None, f"not decided: {text(blocker)}")


def _blocker(e: sympy.Expr, q: Symbols, order: int) -> sympy.Expr | None:
    """Return a subexpression that the rules cannot show smooth, or None."""
    if not e.has(*q) or e.is_polynomial(*q):
        return None
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        if isinstance(e.base, relu | sympy.Abs) and e.exp.is_Integer and e.exp > order:
            return _blocker(e.base.args[0], q, order)  # max(0, u)^n has n - 1 continuous derivatives
        if (e.exp.is_Integer and e.exp > 0) or value_range(e.base).positive:
            return _blocker(e.base, q, order)
        return e
    if isinstance(e, sympy.log) and not value_range(e.args[0]).positive:
        return e
    if isinstance(e, (sympy.Add, sympy.Mul, sympy.log, *ANALYTIC)):
        return next((b for a in e.args if (b := _blocker(a, q, order)) is not None), None)
    return e


def _clean_kink(e: sympy.Expr, q: Symbols) -> sympy.Expr | None:
    """Return a term c relu(u) or c |u|, u affine, whose kink no other term of the sum meets; None if none is seen."""
    kinks = [(t, f) for t in sympy.Add.make_args(sympy.expand(e)) for f in t.atoms(relu, sympy.Abs) if t.has(f)]
    for t, f in kinks:
        u = f.args[0]
        constant = sympy.cancel(t / f)
        others = [g.args[0] for _, g in kinks if g != f]
        alone = all(sympy.cancel(u / v).has(*q) for v in others)
        if curvature(u, q) == 0 and u.has(*q) and constant.is_Rational and alone:
            smooth_rest = _blocker(sympy.expand(e) - sum((s for s, _ in kinks), sympy.S.Zero), q, 1) is None
            if smooth_rest and all(curvature(v, q) == 0 for v in others):
                return f
    return None


def _polynomial_sign(e: sympy.Expr, q: Symbols) -> bool | None:
    """Is a one-variable polynomial over Q never negative? None for anything else."""
    if len(q) != 1 or not e.is_polynomial(*q):
        return None
    poly = sympy.Poly(e, q[0])
    if not all(c.is_Rational for c in poly.coeffs()):
        return None
    if poly.is_zero:
        return True
    _, factors = poly.factor_list()
    odd_real = any(n % 2 == 1 and f.count_roots() > 0 for f, n in factors)
    return not odd_real and poly.LC() > 0 and poly.degree() % 2 == 0


def _probes(q: Symbols) -> list[dict[sympy.Symbol, sympy.Rational]]:
    """Rational points at which a property may be refuted: a grid on each axis, and on the diagonals."""
    zero = dict.fromkeys(q, sympy.S.Zero)
    points = [zero | {s: p} for s in q for p in PROBES]
    if len(q) > 1:
        points += [
            dict(zip(q, signs, strict=True))
            for signs in itertools.product((-1, 1), repeat=min(len(q), 4))
            if len(signs) == len(q)
        ]
    return [{s: sympy.S(v) for s, v in p.items()} for p in points]


def _at(point: dict[sympy.Symbol, sympy.Rational]) -> str:
    return "(" + ", ".join(f"{s} = {v}" for s, v in point.items()) + ")"


def without_kinks(e: sympy.Expr) -> bool:
    """Is `e` free of relu, step, Abs, sign and case distinctions?"""
    return not e.has(relu, step, sympy.Abs, sympy.sign, sympy.Piecewise)
