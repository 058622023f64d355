"""The rules of calculus: exp, and derivatives of functions of one real variable. Trusted; standard library only.

``hasd(F, p, d)`` says that F has derivative d at p; a partial derivative is the derivative of a curve. Every rule here
stands for a fact of analysis, named in its docstring, listed with its source in `facts.FACTS`, and recorded in the
theorem's `rests_on`.
"""

from __future__ import annotations

from typing import Final

from .algebra import same
from .signature import FINITE, REAL, refuse
from .terms import AND, EXP, HASD, IMP, LE, LT, Term, beta, eq, eta, exists, forall, is_const, lam, local, real, total
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
    wanted = forall(S, IMP(LE(p, S), IMP(LT(S, p + r), LE(f(S), f(p)))))
    if not same(below.concl, wanted):
        refuse("fermat", f"needs the premise {wanted!r}, got {below.concl!r}")
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
    indices, body = list[Term](), th.concl
    while is_const(body, "all"):
        k, body = _family("continuity", body, len(indices) + 2)
        indices.append(k)
    f, p, _ = parts("continuity", body, "hasd")
    e, step = local(1, REAL), f(S) - f(p)
    near = LT(step * step, r * r)
    for k in reversed(indices):
        near = forall(k, near)
    inside = forall(S, IMP(LT((S - p) * (S - p), e * e), near))
    goal = exists(e, AND(LT(real(0), e), inside))
    return conclude("continuity", goal, [th, positive], fact="differentiable implies continuous")
