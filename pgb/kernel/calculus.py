"""The rules of calculus: exp, and derivatives of functions of one real variable. Trusted; standard library only.

``hasd(F, p, d)`` says that F has derivative d at p; a partial derivative is the derivative of a curve. Every rule here
stands for a fact of analysis, named in its docstring, listed with its source in `facts.FACTS`, and recorded in the
theorem's `rests_on`.
"""

from __future__ import annotations  # noqa: I001

from collections.abc import Callable
from functools import reduce
from typing import Final

from .algebra import need, same
from .signature import FINITE, REAL, refuse
from .terms import (
    AND, EXP, HASD, IMP, LE, LT, Term, beta, check, eq, eta, exists, forall, is_const, lam, local, real, total,
)  # fmt: skip
from .theorem import Theorem, conclude, given, parts

S: Final = local(0, REAL)  # the variable of every function below


def exp_tangent(t: Term) -> Theorem:
    """``|- 1 + t <= exp(t)``, for a closed real term t. Fact: exp lies above its tangent at 0."""
    return conclude(
        "exp_tangent", LE(real(1) + t, EXP(real(t))), inputs=[real(t)], fact="exp lies above its tangent at 0"
    )


def d_const(c: Term, p: Term) -> Theorem:
    """``|- (s -> c)`` has derivative 0 at p, for a real term p. Fact: derivative rules.

    Refused when
    ------------
    c is not a closed real term.
    """
    given("d_const", c, REAL)
    return conclude("d_const", HASD(lam(S, c), p, real(0)), inputs=[c, p], fact="derivative rules")


def d_id(p: Term) -> Theorem:
    """``|- (s -> s)`` has derivative 1 at p, for a closed real term p. Fact: derivative rules."""
    return conclude("d_id", HASD(lam(S, S), p, real(1)), inputs=[p], fact="derivative rules")


def _at_one_point(rule: str, one: Theorem, two: Theorem) -> tuple[Term, Term, Term, Term, Term]:
    """Return F, d, G, e, p from two theorems ``F' = d`` and ``G' = e`` at p."""
    f, p, d = parts(rule, one.concl, "hasd")
    g, q, e = parts(rule, two.concl, "hasd")
    if not same(p, q):
        refuse(rule, f"derivatives at two points, {p!r} and {q!r}")
    return f, d, g, e, p


def d_add(one: Theorem, two: Theorem) -> Theorem:
    """From ``F' = d`` and ``G' = e`` at p infer ``(F + G)' = d + e`` at p. Fact: derivative rules.

    Refused when
    ------------
    A premise is not about a derivative, or the points differ.
    """
    f, d, g, e, p = _at_one_point("d_add", one, two)
    return conclude("d_add", HASD(lam(S, f(S) + g(S)), p, d + e), [one, two], fact="derivative rules")


def d_mul(one: Theorem, two: Theorem) -> Theorem:
    """From ``F' = d`` and ``G' = e`` at p infer ``(F G)' = d G(p) + F(p) e`` at p. Fact: derivative rules.

    Refused when
    ------------
    A premise is not about a derivative, or the points differ.
    """
    f, d, g, e, p = _at_one_point("d_mul", one, two)
    return conclude("d_mul", HASD(lam(S, f(S) * g(S)), p, d * g(p) + f(p) * e), [one, two], fact="derivative rules")


def d_exp(th: Theorem) -> Theorem:
    """From ``F' = d`` at p infer ``(exp F)' = exp(F(p)) d`` at p. Fact: derivative of exp.

    Refused when
    ------------
    The premise is not about a derivative.
    """
    f, p, d = parts("d_exp", th.concl, "hasd")
    return conclude("d_exp", HASD(lam(S, EXP(f(S))), p, EXP(f(p)) * d), [th], fact="derivative of exp")


def _family(rule: str, statement: Term, number: int) -> tuple[Term, Term]:
    """Open ``for all k, ..`` over a finite sort: return k, the local of this number, and the body at k.

    A point in the body that depends on k makes the rule's conclusion open, and so refused: one point serves all k.
    """
    (body,) = parts(rule, statement, "all")
    k = local(number, body.type[0])
    if k.type not in FINITE:
        refuse(rule, f"a family over {k.type!r}, which is not a finite sort")
    return k, beta(body, (eta(k),))


def _families(rule: str, statement: Term) -> tuple[list[Term], Term]:
    """Open every quantifier, as `_family` does; the indices are the locals 2, 3, .."""
    indices = list[Term]()
    while is_const(statement, "all"):
        k, statement = _family(rule, statement, len(indices) + 2)
        indices.append(k)
    return indices, statement


def _bind(binder: Callable[[Term, Term], Term], indices: list[Term], body: Term) -> Term:
    return reduce(lambda t, k: binder(k, t), reversed(indices), body)


def d_sum(th: Theorem) -> Theorem:
    """From ``for all i, F_i' = d_i`` at p infer ``(sum_i F_i)' = sum_i d_i`` at p. Fact: derivative rules.

    Refused when
    ------------
    The premise is not about derivatives for all elements of a finite sort, at one point p.
    """
    i, body = _family("d_sum", th.concl, 1)
    f, p, d = parts("d_sum", body, "hasd")
    function, slope = lam(S, total(i.type, lam(i, f(S)))), total(i.type, lam(i, d))
    return conclude("d_sum", HASD(function, p, slope), [th], fact="derivative rules")


def d_chain(outer: Theorem, inner: Theorem) -> Theorem:
    """The derivative of a function of several variables along a curve. Fact: chain rule.

    From ``fderiv(G, q, g)``, where ``q = (F_k(p))_k``, and ``for all k, F_k' = d_k`` at p infer
    ``(s -> G((F_k(s))_k))' = sum_k g_k d_k`` at p.

    Refused when
    ------------
    The premises are not of these forms, with one p for all k, or G is differentiable at another vector than the curve's.
    """
    big, q, g = parts("d_chain", outer.concl, "fderiv")
    k, body = _family("d_chain", inner.concl, 1)
    f, p, d = parts("d_chain", body, "hasd")
    if not same(q, lam(k, f(p))):
        refuse("d_chain", f"differentiable at {q!r}, needed at {lam(k, f(p))!r}")
    function, slope = lam(S, big(lam(k, f(S)))), total(k.type, lam(k, g(k) * d))
    return conclude("d_chain", HASD(function, p, slope), [outer, inner], fact="chain rule")


def d_compose(outer: Theorem, inner: Theorem) -> Theorem:
    """From ``F' = d`` at G(p) and ``G' = e`` at p infer ``(s -> F(G(s)))' = d e`` at p. Fact: chain rule.

    Refused when
    ------------
    A premise is not about a derivative, or the outer one is at another point than G(p).
    """
    f, q, d = parts("d_compose", outer.concl, "hasd")
    g, p, e = parts("d_compose", inner.concl, "hasd")
    if not same(q, g(p)):
        refuse("d_compose", f"the outer derivative is at {q!r}, needed at {g(p)!r}")
    return conclude("d_compose", HASD(lam(S, f(g(S))), p, d * e), [outer, inner], fact="chain rule")


def d_unique(one: Theorem, two: Theorem) -> Theorem:
    """From ``F' = d`` and ``F' = e`` at p infer ``d = e``. Fact: uniqueness of derivatives.

    Refused when
    ------------
    A premise is not about a derivative, or the points or the functions differ.
    """
    f, d, g, e, _ = _at_one_point("d_unique", one, two)
    if not same(f, g):
        refuse("d_unique", f"derivatives of two functions, {f!r} and {g!r}")
    return conclude("d_unique", eq(d, e), [one, two], fact="uniqueness of derivatives")


def _radius(rule: str, positive: Theorem) -> Term:
    """Return r, from a theorem ``0 < r``."""
    zero, r = parts(rule, positive.concl, "lt")
    if zero != real(0):
        refuse(rule, f"needs 0 < r, got {positive.concl!r}")
    return r


def fermat(deriv: Theorem, below: Theorem, positive: Theorem) -> Theorem:
    """From ``F' = d`` at p, ``for all s, p <= s -> s < p + r -> F(s) <= F(p)`` and ``0 < r`` infer ``d <= 0``.

    Fact: Fermat, one-sided.

    Refused when
    ------------
    The premises are not of these forms, with the same F, p and r.
    """
    f, p, d = parts("fermat", deriv.concl, "hasd")
    r = _radius("fermat", positive)
    need("fermat", forall(S, IMP(LE(p, S), IMP(LT(S, p + r), LE(f(S), f(p))))), below.concl)
    return conclude("fermat", LE(d, real(0)), [deriv, below, positive], fact="Fermat")


def continuity(th: Theorem, positive: Theorem) -> Theorem:
    """Near p, finitely many functions differentiable at p are all within r of their values at p.

    From ``for all k.., F_k' = d_k`` at p, over finite sorts or without k, and ``0 < r`` infer that there is e with
    ``0 < e`` and, for all s, ``(s - p)^2 < e^2`` implies ``for all k.., (F_k(s) - F_k(p))^2 < r^2``.
    Fact: differentiable implies continuous.

    Refused when
    ------------
    The premises are not of these forms, with one p for all k
    """
    r = _radius("continuity", positive)
    indices, body = _families("continuity", th.concl)
    f, p, _ = parts("continuity", body, "hasd")
    e, step = local(1, REAL), f(S) - f(p)
    near = _bind(forall, indices, LT(step * step, r * r))
    goal = exists(e, AND(LT(real(0), e), forall(S, IMP(LT((S - p) * (S - p), e * e), near))))
    return conclude("continuity", goal, [th, positive], fact="differentiable implies continuous")


def tangents(big: Term, q: Term, convex: Theorem, curves: Theorem, along: Theorem) -> Theorem:
    """A convex function G of finitely many numbers lies above its tangents along curves through one point q.

    From ``for all u v c, 0 <= c -> c <= 1 -> G(c u + (1 - c) v) <= c G(u) + (1 - c) G(v)``, where u, v and q are
    families over finite sorts; ``for all p k.., F_pk' = d_pk`` at t, where ``F_pk(t) = q_k``; and ``for all p,
    (s -> G((F_pk(s))_k))' = e_p`` at t, infer ``for all w, G(q) + sum_p w_p e_p <= G((q_k + sum_p w_p d_pk)_k)``.
    Fact: tangents of convex functions.

    Refused when
    ------------
    G or q is not closed, or the premises are not of these forms, with the same G, q, F and t and finite sorts.
    """
    given("tangents", big, (check(q), REAL))
    p, slope = _family("tangents", along.concl, 1)
    ks, body = _families("tangents", beta(parts("tangents", curves.concl, "all")[0], (p,)))
    f, t, d = parts("tangents", body, "hasd")
    g, r, e = parts("tangents", slope, "hasd")
    given("tangents", t, REAL)  # closed, as all that is compared: the normal form has locals of its own
    u, v, c, w = local(1, q.sort), local(2, q.sort), local(3, REAL), local(4, (p.type, REAL))
    mix = _bind(lam, ks, c * u(*ks) + (real(1) - c) * v(*ks))
    chord = IMP(LE(real(0), c), IMP(LE(c, real(1)), LE(big(mix), c * big(u) + (real(1) - c) * big(v))))
    need("tangents", forall(u, forall(v, forall(c, chord))), convex.concl)
    need("tangents", lam(p, lam(S, big(_bind(lam, ks, f(S))))), lam(p, g))
    if not (same(lam(p, t), lam(p, r)) and same(lam(p, q), lam(p, _bind(lam, ks, f(t))))):
        refuse("tangents", f"the curves do not all pass through {q!r} at one point")
    rise, step = (total(p.type, lam(p, w(p) * x)) for x in (e, d))
    above = forall(w, LE(big(q) + rise, big(_bind(lam, ks, q(*ks) + step))))
    return conclude("tangents", above, [convex, curves, along], [big, q], fact="tangents of convex functions")
