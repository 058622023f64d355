"""Facts about a loss, derived from its expression: differentiable, convex, non-negative, twice differentiable.

Nothing is declared: the built-in losses go through the same rules as a user's formula. Each answer is True with the
rules that show it, False with an exact witness, or None where the rules decide nothing; None is never read as True.

Sources: the composition rules are those of disciplined convex programming (M. Grant, S. Boyd, Y. Ye, "Disciplined
convex programming", 2006; S. Boyd, L. Vandenberghe, "Convex Optimization", 2004, section 3.2); functions of one
variable are taken apart at their kinks (`pgb.problem.pieces`); signs of constants are exact or by Arb balls.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from pgb.expressions import relu, sigmoid, softplus, step, text
from pgb.problem.balls import enclose, sign
from pgb.problem.curvature import curvature
from pgb.problem.pieces import Pieces, everywhere, one_variable, taken_apart
from pgb.problem.ranges import Range, value_range
from pgb.problem.sizes import MAX_TERMS, expanded

__all__ = [
    "Fact",
    "Range",
    "convex",
    "curvature",
    "differentiable",
    "nonnegative",
    "smooth",
    "value_range",
    "without_kinks",
]

Symbols = Sequence[sympy.Symbol]
ANALYTIC = (sympy.exp, sympy.tanh, sigmoid, softplus, sympy.erf, sympy.atan, sympy.sin, sympy.cos)
PROBES = tuple(sympy.Rational(p, 2) for p in (-6, -3, -2, -1, 0, 1, 2, 3, 6))


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of a loss: True, False or None (not decided), and why."""

    holds: bool | None
    reason: str


def nonnegative(e: sympy.Expr, q: Symbols) -> Fact:
    """Is `e` >= 0 for all real q?"""
    e = _plain(e)
    if value_range(e).nonnegative:
        return Fact(True, "a sum and product of non-negative parts")
    if _absorbed(e, q):
        return Fact(True, "a logarithm of a sum of positive terms, one of them at least 1")
    separate = _separate(e, q)
    if len(separate) > 1 and all(nonnegative(p, q).holds for p in separate):
        return Fact(True, "a sum of non-negative parts in separate variables")
    parts = [_apart(p, q) for p in separate]
    if all(p is not None and _nonnegative_pieces(p) is True for p in parts):
        return Fact(True, "never negative on any of its smooth pieces, by exact root counting")
    if differentiable(e, q).holds and convex(e, q).holds:
        found = _least(e, q)
        if found is not None:
            return found
    if e.is_Add and len(q) > 1 and all(nonnegative(t, q).holds for t in e.args):
        return Fact(True, "a sum of non-negative terms")
    for point in _probes(q):
        if sign(e.xreplace(point)) == -1:
            return Fact(False, f"{text(e)} = {_shown(e.xreplace(point))} at {_at(point)}")
    if len(parts) == 1 and parts[0] is not None and _nonnegative_pieces(parts[0]) is False:
        return Fact(False, "negative somewhere on one of its smooth pieces, by exact root counting")
    return Fact(None, "not decided by the rules for signs")


def convex(e: sympy.Expr, q: Symbols) -> Fact:
    """Is `e` convex in q, jointly?"""
    e = _plain(e)
    found = curvature(e, q)
    if found in (0, 1):
        return Fact(True, "an affine function" if found == 0 else "by the composition rules for convex functions")
    parts = [_apart(p, q) for p in _separate(e, q)]
    answers = [None if p is None else _convex_pieces(p) for p in parts]
    if answers and all(answers):
        return Fact(True, "convex on each of its smooth pieces, with slopes that increase at the junctions")
    if e.is_Add and len(q) > 1 and all(convex(t, q).holds for t in e.args):
        return Fact(True, "a sum of convex terms")
    probes = [(point, e.xreplace(point)) for point in _probes(q)]
    for (point, one), (other, two) in itertools.combinations(probes, 2):
        middle = {s: (point[s] + other[s]) / 2 for s in q}
        gap = (one + two) / 2 - e.xreplace(middle)
        if sign(gap) == -1:
            above = _shown(-gap)
            return Fact(False, f"the middle of {_at(point)} and {_at(other)} lies {above} above the chord")
    if False in answers:
        return Fact(False, "bends down, or has a slope that falls or a value that jumps, at an exactly known place")
    return Fact(None, "not decided by the composition rules")


def differentiable(e: sympy.Expr, q: Symbols, order: int = 1) -> Fact:
    """Is `e` `order` times continuously differentiable on all of R^dy?"""
    e = _plain(e)
    blocker = _blocker(e, q, order)
    if blocker is None:
        return Fact(True, "composed of functions that are smooth where they are used")
    found = _affine_kinks(e, q)
    if found is not None:
        return found
    answers = [_smooth_pieces(part, q, order) for part in _separate(e, q)]
    if False in answers:
        return Fact(False, "its smooth pieces do not meet with equal derivatives, exactly compared at the junctions")
    if any(_smooth_pieces(line, q, order) is False for line in _lines(e, q)):
        return Fact(False, "not so along a line: its smooth pieces do not meet there with equal derivatives")
    if e.is_Add and len(q) > 1 and all(differentiable(t, q, order).holds for t in e.args):
        return Fact(True, "a sum of smooth terms")
    if all(answers):
        return Fact(True, "its smooth pieces meet with equal derivatives, exactly compared at the junctions")
    return Fact(None, f"not decided: {text(blocker)}")


def without_kinks(e: sympy.Expr) -> bool:
    """Is `e` free of relu, step, Abs, sign and case distinctions?"""
    return not e.has(relu, step, sympy.Abs, sympy.sign, sympy.Piecewise)


# -- smoothness -----------------------------------------------------------------------------------------------------
def _blocker(e: sympy.Expr, q: Symbols, order: int) -> sympy.Expr | None:
    """Return a subexpression that the rules cannot show smooth, or None."""
    if not e.has(*q) or e.is_polynomial(*q):
        return None
    if isinstance(e, sympy.Pow) and e.exp.is_Rational:
        if isinstance(e.base, relu | sympy.Abs) and e.exp > order:
            return _blocker(e.base.args[0], q, order)  # max(0, u)^n, n > order, has `order` continuous derivatives
        if (e.exp.is_Integer and e.exp > 0) or value_range(e.base).positive:
            return _blocker(e.base, q, order)
        return e
    if isinstance(e, sympy.log) and not value_range(e.args[0]).positive:
        return e
    if isinstance(e, (sympy.Add, sympy.Mul, sympy.log, *ANALYTIC)):
        return next((b for a in e.args if (b := _blocker(a, q, order)) is not None), None)
    return e


def _affine_kinks(e: sympy.Expr, q: Symbols) -> Fact | None:
    """Decide a sum of smooth terms and of rational multiples of relu(u) and |u|, u affine: does any slope jump?"""
    jumps: dict[sympy.Expr, sympy.Rational] = {}
    for t in sympy.Add.make_args(expanded(e)):
        if _blocker(t, q, 1) is None:
            continue
        c, f = t.as_coeff_Mul()
        if not isinstance(f, relu | sympy.Abs) or curvature(f.args[0], q) != 0:
            return None
        slopes = [sympy.diff(f.args[0], s) for s in q]
        lead = next((v for v in slopes if v != 0), None)
        if lead is None:
            return None
        place = sympy.expand(f.args[0] / lead)
        if not all(v.is_Rational for v in sympy.Poly(place, *q).coeffs()) or not lead.is_Rational:
            return None  # two places that are written differently must be different
        jumps[place] = jumps.get(place, sympy.S.Zero) + c * abs(lead) * (1 if isinstance(f, relu) else 2)
    for place, jump in jumps.items():
        if jump != 0:
            return Fact(False, f"has a kink where {text(place)} = 0: its slope jumps by {jump} there")
    return None


def _lines(e: sympy.Expr, q: Symbols) -> list[sympy.Expr]:
    """Return `e` on a few lines along the axes: where one of them has a kink, so has `e`."""
    if len(q) == 1:
        return []
    shifts = (sympy.S.Zero, sympy.Rational(1, 3))
    return [e.xreplace({s: c * k for k, s in enumerate(q) if s != moving}) for moving in q for c in shifts]


def smooth(e: sympy.Expr, variables: Symbols) -> Fact:
    """Is `e` continuously differentiable in these variables, whatever the others are? True or None."""
    blocker = _blocker(e, variables, 1)
    if blocker is None:
        return Fact(True, "composed of functions that are smooth where they are used")
    shown = text(blocker)
    return Fact(None, f"not decided: {shown if len(shown) <= 80 else shown[:77] + '...'}")


def _smooth_pieces(e: sympy.Expr, q: Symbols, order: int) -> bool | None:
    if _blocker(e, q, order) is None:
        return True
    pieces = _apart(e, q)
    if pieces is None or any(_blocker(p.expression, [pieces.variable], order) is not None for p in pieces.parts):
        return None
    jumps = [jump for k in range(order + 1) for _, jump in pieces.jumps(k)]
    if any(jump is not None and jump != 0 for jump in jumps):
        return False
    return None if None in jumps else True


# -- functions of one variable --------------------------------------------------------------------------------------
def _apart(e: sympy.Expr, q: Symbols) -> Pieces | None:
    single = one_variable(e, q)
    return None if single is None else taken_apart(*single)


def _convex_pieces(pieces: Pieces) -> bool | None:
    s = [pieces.variable]
    if any(_blocker(p.expression, s, 2) is not None for p in pieces.parts):
        return None
    values = [jump for _, jump in pieces.jumps(0)]
    if any(jump is not None and jump != 0 for jump in values):
        return False  # a convex function on the whole line is continuous
    slopes = [jump for _, jump in pieces.jumps(1)]
    bends = everywhere(pieces, lambda p: sympy.diff(p, *s, 2), lambda p: True if curvature(p, s) in (0, 1) else None)
    if -1 in slopes or bends is False:
        return False
    return True if bends and None not in slopes + values else None


def _nonnegative_pieces(pieces: Pieces) -> bool | None:
    if any(_blocker(p.expression, [pieces.variable], 0) is not None for p in pieces.parts):
        return None
    values = [sign(pieces.whole.xreplace({pieces.variable: p.high})) for p in pieces.parts[:-1]]
    found = everywhere(pieces, lambda p: p, lambda _: None)
    if -1 in values or found is False:
        return False
    return True if found and None not in values else None


def _separate(e: sympy.Expr, q: Symbols) -> list[sympy.Expr]:
    """Split a sum into sums in disjoint sets of variables: they are convex or smooth together if and only if each is."""
    groups: list[tuple[set[sympy.Symbol], list[sympy.Expr]]] = []
    constants = [t for t in sympy.Add.make_args(e) if not t.has(*q)]
    for t in sympy.Add.make_args(e):
        if not t.has(*q):
            continue
        met = [g for g in groups if g[0] & t.free_symbols]
        groups = [g for g in groups if not g[0] & t.free_symbols]
        members = [t, *(o for g in met for o in g[1])]
        groups.append(((t.free_symbols & set(q)).union(*(g[0] for g in met)), members))
    sums = [sympy.Add(*members) for _, members in groups] or [sympy.S.Zero]
    return [sympy.Add(sums[0], *constants), *sums[1:]]


# -- least values of convex functions -------------------------------------------------------------------------------
def _least(e: sympy.Expr, q: Symbols) -> Fact | None:
    """Decide the sign of the least value of a smooth convex function: at a stationary point, or between two tangents."""
    gradient = [sympy.diff(e, s) for s in q]
    numbers = {sympy.S.Zero, *(v for r in e.atoms(sympy.Rational) for v in (r, -r))}
    candidates = [dict.fromkeys(q, v) for v in sorted(numbers)[:16]] + _probes(q)
    for point in candidates:
        if all(g.xreplace(point) == 0 for g in gradient):
            value = e.xreplace(point)
            side = sign(value)
            if side is not None:
                return Fact(side >= 0, f"convex, and least at {_at(point)}, with the value {_shown(value)}")
    single = one_variable(e, q)
    return None if single is None else _between_tangents(*single)


def _between_tangents(e: sympy.Expr, s: sympy.Symbol) -> Fact | None:
    """A convex function lies above the corner of two tangents of opposite slopes; balls enclose its height."""
    slope = sympy.diff(e, s)
    low, high = (sympy.Integer(side * 16) for side in (-1, 1))
    if sign(slope.xreplace({s: low})) != -1 or sign(slope.xreplace({s: high})) != 1:
        return None
    for _ in range(40):
        ends = [enclose(v) for v in (low, high, *(f.xreplace({s: p}) for f in (e, slope) for p in (low, high)))]
        if any(ball is None for ball in ends):
            return None
        a, b, f_low, f_high, g_low, g_high = (ball for ball in ends if ball is not None)
        corner = (f_high - f_low + g_low * a - g_high * b) / (g_low - g_high)
        if f_low + g_low * (corner - a) > 0:
            return Fact(True, f"convex, and above the tangents at {low} and {high}, which meet above 0")
        middle = (low + high) / 2
        if sign(e.xreplace({s: middle})) == -1:
            return Fact(False, f"negative: {_shown(e.xreplace({s: middle}))} at {s.name} = {middle}")
        way = sign(slope.xreplace({s: middle}))
        if not way:
            return None
        low, high = (low, middle) if way > 0 else (middle, high)
    return None


def _absorbed(e: sympy.Expr, q: Symbols) -> bool:
    """Is `e` = c log(S) + affine, c > 0, with S exp(affine / c) = (a constant >= 1) + positive terms?"""
    e = e.replace(softplus, lambda u: sympy.log(1 + sympy.exp(u)))
    logs = [t for t in sympy.Add.make_args(e) if isinstance(t.as_coeff_Mul()[1], sympy.log)]
    if len(logs) != 1 or curvature(e - logs[0], q) != 0:
        return False
    c, log = logs[0].as_coeff_Mul()
    summands = sympy.Add.make_args(log.args[0])
    if c <= 0 or len(summands) > MAX_TERMS:
        return False
    absorbed = [sympy.powsimp(t * sympy.exp((e - logs[0]) / c)) for t in summands]
    return all(value_range(t).positive for t in absorbed) and any(t.is_Rational and t >= 1 for t in absorbed)


# -- small parts ----------------------------------------------------------------------------------------------------
def _plain(e: sympy.Expr) -> sympy.Expr:
    """Return the same function with the logarithms of sigmoids written as softplus."""
    return e.replace(lambda f: isinstance(f, sympy.log), lambda f: _log_sigmoid(f.args[0]))


def _log_sigmoid(u: sympy.Expr) -> sympy.Expr:
    if isinstance(u, sigmoid):
        return -softplus(-u.args[0])
    other = 1 - u
    return -softplus(other.args[0]) if isinstance(other, sigmoid) else sympy.log(u)


def _probes(q: Symbols) -> list[dict[sympy.Symbol, sympy.Rational]]:
    """Rational points at which a property may be refuted: a grid on each axis, and on the diagonals."""
    zero = dict.fromkeys(q, sympy.S.Zero)
    points = [zero | {s: p} for s in q for p in PROBES]
    if 1 < len(q) <= 4:
        points += [dict(zip(q, signs, strict=True)) for signs in itertools.product((-1, 1), repeat=len(q))]
    return [{s: sympy.S(v) for s, v in p.items()} for p in points]


def _at(point: dict[sympy.Symbol, sympy.Rational]) -> str:
    return "(" + ", ".join(f"{s} = {v}" for s, v in point.items()) + ")"


def _shown(value: sympy.Expr) -> str:
    return str(value) if value.is_Rational else f"{text(value)} (about {sympy.N(value, 6)})"
