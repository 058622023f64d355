"""Functions of one variable with kinks, taken apart into smooth pieces between rational points, and decided exactly.

A relu, an absolute value or a case distinction switches where a polynomial vanishes. Where all these places are
rational, the function is a finite list of smooth expressions, and continuity, differentiability, convexity and sign
are questions about each piece and each junction: polynomials are decided by exact root counting, other pieces by
rules. Nothing is sampled, except to name a witness.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import sympy

from pgb.functions import relu, step
from pgb.problem.balls import sign
from pgb.problem.ranges import value_range
from pgb.problem.sizes import MAX_TERMS, expanded, terms

MAX_PIECES: Final = 64
MAX_DEGREE: Final = 64
SWITCHES: Final = (relu, step, sympy.Abs, sympy.sign)
_ABOVE: Final = (sympy.StrictGreaterThan, sympy.GreaterThan)
_BELOW: Final = (sympy.StrictLessThan, sympy.LessThan)


@dataclass(frozen=True, slots=True)
class Piece:
    """A smooth expression on the open interval (low, high); None stands for no end."""

    low: sympy.Rational | None
    high: sympy.Rational | None
    expression: sympy.Expr

    def inside(self) -> sympy.Rational:
        """Return a point of the interval."""
        if self.low is None:
            return sympy.S.Zero if self.high is None else self.high - 1
        return self.low + 1 if self.high is None else (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Pieces:
    """A function of one variable as pieces, left to right; `whole` has the values at the junctions."""

    variable: sympy.Symbol
    whole: sympy.Expr
    parts: tuple[Piece, ...]

    def jumps(self, order: int) -> Iterator[tuple[sympy.Rational, int | None]]:
        """Yield, at each junction, the sign of the right minus the left derivative of this order (0: of the value).

        For order 0 a junction also jumps when the function's own value there is neither; the sign is then 1.
        """
        derivatives = [sympy.diff(p.expression, self.variable, order) for p in self.parts]
        for k, (left, right) in enumerate(itertools.pairwise(derivatives)):
            point = self.parts[k].high
            at = {self.variable: point}
            jump = sign(right.xreplace(at) - left.xreplace(at))
            if order == 0 and jump == 0:
                own = sign(self.whole.xreplace(at) - left.xreplace(at))
                jump = own if own is None else abs(own)
            yield point, jump


@lru_cache(maxsize=256)
def taken_apart(e: sympy.Expr, s: sympy.Symbol) -> Pieces | None:
    """Return the pieces of `e`, a function of `s` alone, or None where its switches are not at rational points."""
    parts: list[Piece] = []
    waiting = [Piece(None, None, e)]
    while waiting:
        piece = waiting.pop()
        switches = _innermost(piece.expression)
        if not switches:
            parts.append(Piece(piece.low, piece.high, expanded(piece.expression)))
            continue
        found = [_roots(_argument(f), s, piece) for f in switches]
        if any(roots is None for roots in found) or len(parts) + len(waiting) > MAX_PIECES:
            return None
        cuts = sorted({r for roots in found for r in roots or ()})
        for low, high in reversed(list(itertools.pairwise([piece.low, *cuts, piece.high]))):
            at = {s: Piece(low, high, e).inside()}
            sides = {f: sign(_argument(f).xreplace(at)) for f in switches}
            if not all(sides.values()):
                return None
            resolved = {f: _resolved(f, side) for f, side in sides.items() if side}
            waiting.append(Piece(low, high, piece.expression.xreplace(resolved)))
    plain = all(p.expression.free_symbols <= {s} and not p.expression.has(sympy.Piecewise) for p in parts)
    return Pieces(s, e, tuple(parts)) if plain else None


def polynomial_sign(
    p: sympy.Poly, low: sympy.Rational | None = None, high: sympy.Rational | None = None
) -> bool | None:
    """Is a polynomial over Q in one variable never negative on [low, high]? None where it is too large to decide."""
    if p.is_zero:
        return True
    if (not p.domain.is_QQ and not p.domain.is_ZZ) or p.degree() > MAX_DEGREE:
        return None
    for factor, multiplicity in p.sqf_list()[1]:
        at_ends = sum(end is not None and factor.eval(end) == 0 for end in (low, high))
        if multiplicity % 2 and factor.count_roots(low, high) > at_ends:
            return False  # the sign changes inside
    piece = Piece(low, high, p.as_expr())
    tried = (
        piece.inside() * sympy.Rational(k, k + 1) + (sympy.Rational(1, k + 1) * _near(piece)) for k in range(1, 99)
    )
    values = (p.eval(point) for point in tried)
    return bool(next(v for v in values if v != 0) > 0)


def rational_poly(e: sympy.Expr, s: sympy.Symbol) -> sympy.Poly | None:
    """Return `e` as a polynomial over Q in `s` of moderate size, or None."""
    if not e.is_polynomial(s) or terms(e) > MAX_TERMS:
        return None
    poly = sympy.Poly(e, s)
    return poly if poly.domain.is_QQ or poly.domain.is_ZZ else None


def everywhere(
    pieces: Pieces, question: Callable[[sympy.Expr], sympy.Expr], rule: Callable[[sympy.Expr], bool | None]
) -> bool | None:
    """Is `question(piece)` non-negative on each piece's interval? `rule` decides the pieces that are no polynomials."""
    answers: list[bool | None] = []
    for piece in pieces.parts:
        asked = question(piece.expression)
        poly = rational_poly(asked, pieces.variable)
        if poly is not None:
            answers.append(polynomial_sign(poly, piece.low, piece.high))
            continue
        answer = True if value_range(asked).nonnegative else rule(piece.expression)
        answers.append(False if answer is not True and _negative_inside(asked, pieces.variable, piece) else answer)
    return False if False in answers else None if None in answers else True


def one_variable(e: sympy.Expr, q: Sequence[sympy.Symbol]) -> tuple[sympy.Expr, sympy.Symbol] | None:
    """Return `e` as a function of one variable t = an affine combination of q, and t; None where that is not seen."""
    used = [s for s in q if e.has(s)]
    if len(used) <= 1:
        return e, (used or list(q))[0]
    t = sympy.Dummy("t", real=True)
    s = used[0]
    inside = {a for f in e.atoms(sympy.Function, sympy.Pow) for a in f.args if isinstance(a, sympy.Expr)}
    inside |= {_argument(c) for c in e.atoms(*_ABOVE, *_BELOW)}
    for inner in sorted(inside, key=sympy.default_sort_key):
        if not inner.is_polynomial(*q) or terms(inner) > MAX_TERMS or sympy.Poly(inner, *q).total_degree() != 1:
            continue
        slope = sympy.diff(inner, s)
        if slope == 0:
            continue
        changed = e.xreplace({s: (t - inner.xreplace({s: sympy.S.Zero})) / slope})
        if terms(changed) <= MAX_TERMS:
            changed = sympy.expand(changed, deep=True)
        if not changed.has(*q):
            return changed, t
    return None


def _innermost(e: sympy.Expr) -> list[sympy.Basic]:
    """Return the switches whose own arguments have no switch in them."""
    conditions = {c for p in e.atoms(sympy.Piecewise) for _, c in p.args if isinstance(c, (*_ABOVE, *_BELOW))}
    return [f for f in e.atoms(*SWITCHES) | conditions if not _argument(f).has(*SWITCHES, sympy.Piecewise)]


def _argument(switch: sympy.Basic) -> sympy.Expr:
    return switch.lhs - switch.rhs if switch.is_Relational else switch.args[0]


def _resolved(switch: sympy.Basic, side: int) -> sympy.Basic:
    """Return what a switch is where its argument has this sign."""
    u = _argument(switch)
    if isinstance(switch, relu):
        return u if side > 0 else sympy.S.Zero
    if isinstance(switch, step):
        return sympy.S.One if side > 0 else sympy.S.Zero
    if isinstance(switch, sympy.Abs):
        return u if side > 0 else -u
    if isinstance(switch, sympy.sign):
        return sympy.Integer(side)
    return sympy.true if isinstance(switch, _ABOVE) == (side > 0) else sympy.false


def _roots(u: sympy.Expr, s: sympy.Symbol, piece: Piece) -> list[sympy.Rational] | None:
    """Return the points of the piece's interval where `u` vanishes, in order; None unless all of them are rational."""
    if not u.has(s):
        return []
    poly = rational_poly(u, s)
    if poly is None:
        return [] if value_range(u).positive or value_range(-u).positive else None
    if poly.degree() > MAX_DEGREE:
        return None
    rational = sorted(poly.ground_roots())
    if len(rational) != poly.sqf_part().count_roots():
        return None
    return [r for r in rational if (piece.low is None or r > piece.low) and (piece.high is None or r < piece.high)]


def _near(piece: Piece) -> sympy.Rational:
    """Return another point of the interval."""
    if piece.high is not None and piece.low is not None:
        return piece.low + (piece.high - piece.low) / 3
    return piece.inside() + (-1 if piece.high is not None else 1)


def _negative_inside(e: sympy.Expr, s: sympy.Symbol, piece: Piece) -> bool:
    """Is `e` certainly negative at one of a few points of the interval?"""
    if piece.low is not None and piece.high is not None:
        tried = [piece.low + (piece.high - piece.low) * sympy.Rational(k, 8) for k in range(1, 8)]
    else:
        start, way = (piece.inside(), 1 if piece.low is not None else -1)
        tried = [start + way * sympy.Rational(k, 2) for k in range(9)] + [
            start - way * sympy.Rational(k, 8) for k in range(8)
        ]
        if piece.low is None and piece.high is None:
            tried += [sympy.Rational(k, 2) for k in range(-8, 9)]
        else:
            tried = [
                t for t in tried if (piece.low is None or t > piece.low) and (piece.high is None or t < piece.high)
            ]
    return any(sign(e.xreplace({s: t})) == -1 for t in tried)
