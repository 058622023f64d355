"""The rules of the ordered field of real numbers and of finite sums. Trusted; standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import poly, same
from .terms import BOOL, FALSE, IND, INV, LE, LT, REAL, Term, beta, eq, eta, is_const, lam, local, real, refuse, total
from .theorem import Theorem, conclude, given, parts


def linear(
    goal: Term,
    eqs: Sequence[tuple[Term | int | Fraction, Theorem]] = (),
    ineqs: Sequence[tuple[int | Fraction, Theorem]] = (),
) -> Theorem:
    """From ``a_j = b_j`` and ``c_j <= d_j`` or ``c_j < d_j`` infer the `goal`, by a certificate that is checked.

    The certificate is a term ``t_j`` for each equality and a rational number ``q_j >= 0`` for each inequality. The
    goal is ``a = b``, ``a <= b``, ``a < b`` or false (read as 0 < 0). With the normal form it must come out that

        (b - a) - sum_j t_j (b_j - a_j) - sum_j q_j (d_j - c_j)  =  K,  a rational number,

    and then the goal holds if K = 0 and there are no inequalities (for =), if K >= 0 (for <=), and if K > 0, or K = 0
    and some strict inequality has ``q_j > 0`` (for < and false). After Farkas' lemma and the Positivstellensatz: the
    certificate may come from anywhere, the check is one identity of polynomials.

    Refused when
    ------------
    The goal or a premise is not such a statement about real numbers, a ``t_j`` is not a closed real term, a ``q_j`` is
    not a non-negative int or Fraction, the left side is not a number, or it has the wrong sign.
    """
    given("linear", goal, BOOL)
    gap, strict = (real(0) if goal == FALSE else _gap("linear", goal, "eq", "le", "lt")), False
    terms = [real(t) for t, _ in eqs]
    for t, (_, th) in zip(terms, eqs, strict=True):
        given("linear", t, REAL)
        gap = gap - t * _gap("linear", th.concl, "eq")
    for q, th in ineqs:
        if type(q) is not int and type(q) is not Fraction:
            refuse("linear", f"the coefficient {q!r} of an inequality is not an int or a Fraction")
        if q < 0:
            refuse("linear", f"the coefficient {q!r} of an inequality is negative")
        gap = gap - real(q) * _gap("linear", th.concl, "le", "lt")
        strict = strict or (is_const(th.concl, "lt") and q > 0)
    rest = poly(gap)
    k = rest.pop(real(1), Fraction(0))
    if rest:
        refuse("linear", f"left over: {' + '.join(f'{c} * {key!r}' for key, c in rest.items())}")
    if goal.name == "eq":
        enough = k == 0 and not ineqs
    elif goal.name == "le":
        enough = k >= 0
    else:
        enough = k > 0 or (k == 0 and strict)
    if not enough:
        refuse("linear", f"the constant {k} does not give {goal.name}")
    premises = [th for _, th in (*eqs, *ineqs)]
    return conclude("linear", goal, premises, [goal, tuple(terms), tuple(Fraction(q) for q, _ in ineqs)])


def _gap(rule: str, statement: Term, *names: str) -> Term:
    """Return right minus left of an (in)equality between real numbers."""
    if not is_const(statement, *names) or statement.args[0].sort != REAL:
        refuse(rule, f"needs {' or '.join(names)} between real numbers, got {statement!r}")
    return statement.args[1] - statement.args[0]


def reflexive(t: Term) -> Theorem:
    """``|- t = t``, in every sort."""
    return conclude("reflexive", eq(t, t), inputs=[t])


def square(t: Term) -> Theorem:
    """``|- 0 <= t t``."""
    return conclude("square", LE(real(0), t * t), inputs=[t])


def multiply(one: Theorem, two: Theorem) -> Theorem:
    """From ``a <= b`` and ``c <= d`` infer ``0 <= (b - a)(d - c)``; with < if both premises are strict.

    Refused when
    ------------
    A premise is not an inequality.
    """
    gaps = [_gap("multiply", th.concl, "le", "lt") for th in (one, two)]
    strict = is_const(one.concl, "lt") and is_const(two.concl, "lt")
    return conclude("multiply", (LT if strict else LE)(real(0), gaps[0] * gaps[1]), [one, two])


def _negated(rule: str, th: Theorem) -> Term:
    """Return p, from a theorem ``not p``."""
    p, q = parts(rule, th.concl, "imp")
    parts(rule, q, "false")
    return p


def not_le(th: Theorem) -> Theorem:
    """From ``not (a <= b)`` infer ``b < a`` (the order is total).

    Refused when
    ------------
    The premise is not a negated ``<=``.
    """
    a, b = parts("not_le", _negated("not_le", th), "le")
    return conclude("not_le", LT(b, a), [th])


def antisymmetry(one: Theorem, two: Theorem) -> Theorem:
    """From ``a <= b`` and ``b <= a`` infer ``a = b``.

    Refused when
    ------------
    The first premise is not a ``<=``, or the second is not its converse.
    """
    a, b = parts("antisymmetry", one.concl, "le")
    if not same(two.concl, LE(b, a)):
        refuse("antisymmetry", f"needs the converse {LE(b, a)!r}, got {two.concl!r}")
    return conclude("antisymmetry", eq(a, b), [one, two])


def sum_le(th: Theorem) -> Theorem:
    """From ``for all i, a(i) <= b(i)``, i in a finite sort, infer ``sum_i a(i) <= sum_i b(i)``.

    Refused when
    ------------
    The premise is not a ``<=`` for all elements of a finite sort.
    """
    (body,) = parts("sum_le", th.concl, "all")
    i = local(0, body.type[0])
    a, b = parts("sum_le", beta(body, (eta(i),)), "le")
    return conclude("sum_le", LE(total(i.type, lam(i, a)), total(i.type, lam(i, b))), [th])


def inverse(th: Theorem) -> Theorem:
    """From ``not (t = 0)`` infer ``t inv(t) = 1``.

    Refused when
    ------------
    The premise is not of this form, with the number 0 on the right.
    """
    t, zero = parts("inverse", _negated("inverse", th), "eq")
    if zero != real(0):
        refuse("inverse", f"needs t = 0 -> false, got {th.concl!r}")
    return conclude("inverse", eq(t * INV(t), real(1)), [th])


def indicator(th: Theorem, *, true: bool) -> Theorem:
    """From ``p`` infer ``[p] = 1`` (`true`); from ``not p`` infer ``[p] = 0`` (not `true`).

    Refused when
    ------------
    `true` is False and the premise is not a negation.
    """
    if true:
        return conclude("indicator", eq(IND(th.concl), real(1)), [th], [True])
    return conclude("indicator", eq(IND(_negated("indicator", th)), real(0)), [th], [False])
