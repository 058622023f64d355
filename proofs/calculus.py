"""Reusable pieces of derivations about one real variable: differentiate, stationary minima, following curves in a ball.

Untrusted: each helper ends in calls of kernel rules, and a wrong helper is refused, not believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from pgb.kernel import (
    AND,
    HASD,
    IMP,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    antisymmetry,
    assume,
    beta,
    both,
    continuity,
    convert,
    d_add,
    d_chain,
    d_const,
    d_exp,
    d_id,
    d_mul,
    d_sum,
    discharge,
    eta,
    exists,
    fermat,
    forall,
    free,
    generalise,
    is_const,
    lam,
    left,
    leibniz,
    linear,
    mp,
    multiply,
    right,
    specialise,
    subst,
    witness,
)

from .building import O, every, fresh, positive, within
from .tactics import TacticError, apply, conjuncts, discharge_all, generalise_all, inside, obtain, smaller

Leaf: TypeAlias = Callable[[Term, Term, Term], Theorem]  # a term, the moving variable, the point -> its derivative


def differentiate(
    curve: Term, at: Term, losses: Theorem | None = None, leaves: Mapping[str, Theorem | Leaf] | None = None
) -> Theorem:
    """|- the real function `curve` has the derivative that its structure gives, at the point `at`.

    `losses` is "for all i q, l_i is Frechet differentiable at q"; `leaves` gives derivatives of other moving
    functions by name, as a quantified theorem or as a function that proves one.
    """
    s = fresh("s", REAL)
    known = dict(leaves or {})

    def go(t: Term) -> Theorem:
        if (s.name, s.type) not in free(t):
            return d_const(t, at)
        if t == s:
            return d_id(at)
        if is_const(t, "add"):
            return d_add(go(t.args[0]), go(t.args[1]))
        if is_const(t, "mul"):
            return d_mul(go(t.args[0]), go(t.args[1]))
        if is_const(t, "exp"):
            return d_exp(go(t.args[0]))
        if is_const(t, "sum"):
            n = fresh("i", t.type[0][0])
            return d_sum(generalise(n, go(beta(t.args[0], (n,)))))
        return moving(t)

    def moving(t: Term) -> Theorem:
        leaf = known.get(str(t.name)) if t.kind == "var" else None
        if isinstance(leaf, Theorem):
            return specialise(leaf, *t.args[1:])
        if leaf is not None:
            return leaf(t, s, at)
        if t.kind == "var" and losses is not None and len(t.args) == 2:
            n, point = t.args
            c = fresh("k", point.type[0])
            return d_chain(specialise(losses, n, subst(point, s, at)), generalise(c, go(beta(point, (c,)))))
        raise TacticError("differentiate", f"no rule gives the derivative of {t!r}")

    return go(beta(curve, (s,)))


def with_slope(deriv: Theorem, equal: Theorem) -> Theorem:
    """``F' = d at p, d = e |- F' = e at p``."""
    curve, at, _ = deriv.concl.args
    v = fresh("v", REAL)
    return leibniz(lam(v, HASD(curve, at, v)), equal, deriv)


def stationary(
    curve: Term, near: Theorem, losses: Theorem | None = None, leaves: Mapping[str, Theorem | Leaf] | None = None
) -> tuple[Theorem, Theorem]:
    """A minimum at 0 is stationary: from "for some e > 0, F(0) <= F(s) whenever s s < e e", F'(0) = 0.

    Returns the derivative of F at 0 and the theorem that its value is 0: one-sided Fermat, from the right for s -> F(s) and
    for s -> F(-s).
    """
    e, s = fresh("e", REAL), fresh("s", REAL)

    def at(t: Term) -> Term:
        return beta(curve, (t,))

    up = differentiate(lam(s, -at(s)), O, losses, leaves)
    down = differentiate(lam(s, -at(-s)), O, losses, leaves)
    deriv = differentiate(curve, O, losses, leaves)
    slope = deriv.concl.args[2]

    def use(p: Theorem) -> Theorem:
        pos, low = left(p), right(p)
        lower, upper = assume(LE(O, s)), assume(LT(s, O + e))
        gap = multiply(linear(LT(s, e), [], [(1, upper)]), linear(LT(O, e + s), [], [(1, pos), (1, lower)]))
        close = linear(within(s, e), [], [(1, gap)])

        def side(derivative: Theorem, point: Term) -> Theorem:
            premise = beta(low.concl.args[0], (point,)).args[0]
            le = mp(specialise(low, point), convert(close, premise))
            le = linear(LE(-at(point), -at(O)), [], [(1, le)])
            return fermat(derivative, generalise(s, discharge_all(le, lower.concl, upper.concl)), pos)

        right_side, left_side = side(up, s), side(down, -s)
        return antisymmetry(linear(LE(slope, O), [], [(1, left_side)]), linear(LE(O, slope), [], [(1, right_side)]))

    return deriv, obtain(near, e, use)


def near_zero(pos: Theorem, s: Term, th: Theorem) -> Theorem:
    """``0 < e; for all s with s s < e e, p(s) |- there is e > 0 such that ...``, with e as its own witness."""
    e = pos.concl.args[1]
    t = both(pos, generalise(s, discharge(within(s, e), th)))
    return witness(exists(e, t.concl), e, t)


def close_to(curves: Sequence[Callable[[Term], Term]], pos: Theorem) -> Theorem:
    """There is e > 0 such that every curve stays within r of its value at 0 for all s with s s < e e.

    `pos` says 0 < r; each curve takes a real to a real or to a finite family of reals, differentiably at 0.
    """
    s, radius = fresh("s", REAL), pos.concl.args[1]

    def gap(u: Term, v: Term) -> Term:
        if u.kind == "lam":
            return every(u.type[0], lambda c: gap(beta(u, (c,)), beta(v, (c,))))
        return within(u - v, radius)

    def near(curve: Callable[[Term], Term]) -> Theorem:
        indices, value, e = [], curve(s), fresh("e", REAL)
        while value.kind == "lam":
            indices.append(fresh("k", value.type[0]))
            value = beta(value, (eta(indices[-1]),))
        th = continuity(generalise_all(differentiate(lam(s, value), O), *indices), pos)
        body = forall(s, IMP(within(s, e), gap(curve(s), curve(O))))
        return convert(th, exists(e, AND(positive(e), body)))

    found = near(curves[0])
    for curve in curves[1:]:
        found = merge(found, near(curve), s)
    return found


def merge(one: Theorem, two: Theorem, s: Term) -> Theorem:
    """There is e1 > 0 with p near 0; there is e2 > 0 with q near 0 |- there is e > 0 with p and q near 0."""
    e1, e2, e = fresh("e", REAL), fresh("e", REAL), fresh("e", REAL)

    def combine(h1: Theorem, h2: Theorem) -> Theorem:
        def with_e(h: Theorem) -> Theorem:
            _, small1, small2 = conjuncts(h, 3)
            lt = assume(within(s, e))
            p = mp(specialise(right(h1), s), inside(small1, lt))
            q = mp(specialise(right(h2), s), inside(small2, lt))
            return near_zero(left(h), s, both(p, q))

        return obtain(smaller(left(h1), left(h2)), e, with_e)

    return obtain(one, e1, lambda h1: obtain(two, e2, lambda h2: combine(h1, h2)))


def along(bound: Theorem, pos: Theorem, *curves: Callable[[Term], Term]) -> Theorem:
    """Follow curves from the centre of a ball: if p holds at all points of the ball, it holds along them near s = 0.

    `bound` is "for all u1, ..., un: u1 near -> ... -> un near -> p(u1, ..., un)", `pos` says that the radius is positive.
    """
    s, e = fresh("s", REAL), fresh("e", REAL)

    def use(h: Theorem) -> Theorem:
        near = mp(specialise(right(h), s), assume(within(s, e)))
        parts = [near]
        for _ in curves[1:]:
            parts[:1] = [left(parts[0]), right(parts[0])]
        here = apply(specialise(bound, *(curve(s) for curve in curves)), *parts)
        return near_zero(left(h), s, here)

    return obtain(close_to(curves, pos), e, use)
