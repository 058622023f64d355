"""The rules of logic: natural deduction, quantifiers over every type, equality, induction. Trusted.

A premise counts as the formula that a rule needs when the two have the same normal form (`algebra.same`). Hypotheses,
however, are compared letter by letter: a rule removes exactly the formula that it names. Every rule refuses inputs
that are not terms, or with which its conclusion would not be a closed formula; the docstrings say the rest.

References
----------
D. Prawitz, "Natural Deduction: A Proof-Theoretical Study", 1965.
M. J. C. Gordon and T. F. Melham, "Introduction to HOL", Cambridge University Press, 1993.
"""

from __future__ import annotations

from .algebra import need, same
from .signature import BOOL, NAT, Type, arrow, refuse
from .terms import AND, IMP, SUC, ZERO, Term, beta, check, eta, forall, local, neg
from .theorem import Theorem, conclude, given, parts, variable


def assume(p: Term) -> Theorem:
    """``p |- p``, for any closed formula p."""
    return conclude("assume", p, inputs=[p], hyps=frozenset([p]))


def discharge(p: Term, th: Theorem) -> Theorem:
    """From ``H |- q`` infer ``H without p |- p -> q``. (p need not be in H.)"""
    return conclude("discharge", IMP(p, th.concl), [th], [p], hyps=th.hyps - {p})


def mp(imp: Theorem, th: Theorem) -> Theorem:
    """From ``H |- p -> q`` and ``K |- p`` infer ``H, K |- q`` (modus ponens).

    Refused when
    ------------
    The first premise is not an implication, or the second is not its hypothesis.
    """
    p, q = parts("mp", imp.concl, "imp")
    need("mp", p, th.concl)
    return conclude("mp", q, [imp, th])


def both(a: Theorem, b: Theorem) -> Theorem:
    """From ``H |- p`` and ``K |- q`` infer ``H, K |- p and q``."""
    return conclude("both", AND(a.concl, b.concl), [a, b])


def left(th: Theorem) -> Theorem:
    """From ``H |- p and q`` infer ``H |- p``.

    Refused when
    ------------
    The premise is not a conjunction.
    """
    return conclude("left", parts("left", th.concl, "and")[0], [th])


def right(th: Theorem) -> Theorem:
    """From ``H |- p and q`` infer ``H |- q``.

    Refused when
    ------------
    The premise is not a conjunction.
    """
    return conclude("right", parts("right", th.concl, "and")[1], [th])


def cases(p: Term, yes: Theorem, no: Theorem) -> Theorem:
    """From ``H |- q`` and ``K |- q`` infer ``H without p, K without (not p) |- q`` (excluded middle).

    Refused when
    ------------
    p is not a closed formula, or the premises have different conclusions.
    """
    given("cases", p, BOOL)
    if not same(yes.concl, no.concl):
        refuse("cases", f"the conclusions differ: {yes.concl!r} and {no.concl!r}")
    return conclude("cases", yes.concl, [yes, no], [p], hyps=(yes.hyps - {p}) | (no.hyps - {neg(p)}))


def absurd(th: Theorem, p: Term) -> Theorem:
    """From ``H |- false`` infer ``H |- p``, for any closed formula p.

    Refused when
    ------------
    The premise is not ``false``.
    """
    parts("absurd", th.concl, "false")
    return conclude("absurd", p, [th], [p])


def generalise(v: Term, th: Theorem) -> Theorem:
    """From ``H |- p`` infer ``H |- for all v, p``, where v is not free in H.

    Refused when
    ------------
    v is not a variable, or is free in a hypothesis.
    """
    variable("generalise", v)
    if any((v.name, v.type) in h.names for h in th.hyps):
        refuse("generalise", f"{v.name} is free in a hypothesis")
    return conclude("generalise", forall(v, th.concl), [th], [v])


def specialise(th: Theorem, *values: Term) -> Theorem:
    """From ``H |- for all v w .., p(v, w, ..)`` infer ``H |- p(s, t, ..)``, for closed terms of the variables' types.

    Refused when
    ------------
    There are more values than quantifiers, or a value has another type than its variable.
    """
    concl, values = th.concl, tuple(map(eta, values))
    for t in values:
        (body,) = parts("specialise", concl, "all")
        concl = beta(body, (t,))
    return conclude("specialise", concl, [th], values)


def witness(goal: Term, t: Term, th: Theorem) -> Theorem:
    """From ``H |- p(t)`` infer the goal, ``H |- there is v with p(v)``.

    Refused when
    ------------
    The goal is not existential, t is not a closed term of the type of v, or the premise is not ``p(t)``.
    """
    (body,) = parts("witness", goal, "ex")
    t = eta(t)
    given("witness", t, body.type[0])
    need("witness", beta(body, (t,)), th.concl)
    return conclude("witness", goal, [th], [goal, t])


def choose(ex: Theorem, v: Term, th: Theorem) -> Theorem:
    """From ``H |- there is v with p(v)`` and ``K, p(v) |- q`` infer ``H, K |- q``, v not free in K, q, the existence.

    Refused when
    ------------
    The first premise is not existential, v is not a variable of its type, or v is free in the first conclusion, in the
    second, or in a hypothesis of the second premise other than ``p(v)``.
    """
    (body,) = parts("choose", ex.concl, "ex")
    variable("choose", v)
    others = th.hyps - {beta(body, (eta(v),))}
    if any((v.name, v.type) in p.names for p in (ex.concl, th.concl, *others)):
        refuse("choose", f"{v.name} is free in {ex.concl!r}, {th.concl!r} or another hypothesis")
    return conclude("choose", th.concl, [ex, th], [v], hyps=ex.hyps | others)


def convert(th: Theorem, p: Term) -> Theorem:
    """From ``H |- q`` infer ``H |- p``, where p and q have the same normal form.

    Refused when
    ------------
    The normal forms differ.
    """
    if not same(p, th.concl):
        refuse("convert", f"{p!r} is not another form of {th.concl!r}")
    return conclude("convert", p, [th], [p])


def leibniz(context: Term, equal: Theorem, th: Theorem) -> Theorem:
    """From ``H |- for all k.., s(k..) = t(k..)`` and ``K |- P(s)`` infer ``H, K |- P(t)``, where P is the context.

    The argument of P has any type ``A -> B -> .. -> sort``; the first premise has a quantifier for each of A, B, ..:
    functions with equal values are equal.

    Refused when
    ------------
    P is not closed, the first premise is not an equality of such arguments, quantified so, or the second is not ``P(s)``.
    """
    (wanted, _), statement = arrow(check(context)), equal.concl
    functions: list[Type] = []
    while type(wanted) is tuple:
        (body,) = parts("leibniz", statement, "all")
        if body.type[0] != wanted[0]:
            refuse("leibniz", f"quantified over {body.type[0]!r}, not over {wanted[0]!r}")
        functions.append(wanted)
        wanted, statement = wanted[1], body.args[0]
    s, t = parts("leibniz", statement, "eq")
    for type_ in reversed(functions):
        s, t = Term("lam", None, type_, (s,)), Term("lam", None, type_, (t,))
    need("leibniz", beta(context, (s,)), th.concl)
    return conclude("leibniz", beta(context, (t,)), [equal, th], [context])


def induction(context: Term, base: Theorem, step: Theorem) -> Theorem:
    """From ``H |- P(0)`` and ``K |- for all n, P(n) -> P(n + 1)`` infer ``H, K |- for all n, P(n)``; P is the context.

    Refused when
    ------------
    P is not closed, or a premise is not the one that P asks for.
    """
    check(context)
    n = local(0, NAT)
    need("induction", forall(n, IMP(context(n), context(SUC(n)))), step.concl)
    need("induction", context(ZERO), base.concl)
    return conclude("induction", forall(n, context(n)), [base, step], [context])
