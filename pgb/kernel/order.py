"""The rules of the ordered field of real numbers, of finite sums and of brackets. Trusted; standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import need, poly
from .signature import REAL, refuse
from .terms import FALSE, IND, INV, LE, LT, Term, beta, eq, eta, is_const, lam, local, real, total
from .theorem import Theorem, conclude, given, parts


def _gap(rule: str, statement: Term, *names: str) -> Term:
    """Return right minus left of an equality or inequality; between real numbers, or there is no difference."""
    if not is_const(statement, *names):
        refuse(rule, f"needs {' or '.join(names)}, got {statement!r}")
    return statement.args[1] - statement.args[0]


def _weight(q: object) -> Fraction:
    """Return the coefficient of an inequality, exact and not negative."""
    if type(q) is not int and type(q) is not Fraction:
        refuse("linear", f"the coefficient {q!r} of an inequality is not an int or a Fraction")
    if q < 0:
        refuse("linear", f"the coefficient {q} of an inequality is negative")
    return Fraction(q)


def linear(
    goal: Term,
    eqs: Sequence[tuple[Term | int | Fraction, Theorem]] = (),
    ineqs: Sequence[tuple[int | Fraction, Theorem]] = (),
) -> Theorem:
    """From ``a_j = b_j`` and ``c_j <= d_j`` or ``c_j < d_j`` infer the goal, by a certificate that is checked.

    The certificate is a term ``t_j`` for each equality and a rational number ``q_j >= 0`` for each inequality. The
    goal is ``a = b``, ``a <= b``, ``a < b`` or ``false``, which stands for ``0 < 0``. By the normal form,

        (b - a) - sum_j t_j (b_j - a_j) - sum_j q_j (d_j - c_j)  =  K

    must come out as a rational number K. Then ``a = b`` follows if K = 0 and there are no inequalities; ``a <= b`` if
    K >= 0; ``a < b`` and ``false`` if K > 0, or if K = 0 and a strict inequality has ``q_j > 0``. (Farkas' lemma and
    the Positivstellensatz say when there is a certificate; to check one is to check one identity of polynomials.)

    Refused when
    ------------
    The goal or a premise is not of these forms, between real numbers; a ``t_j`` is not a closed real term; a ``q_j``
    is not an int or a Fraction, or is negative; the left side is not a number; or the number does not suffice.
    """
    equalities, inequalities = [(real(t), th) for t, th in eqs], [(_weight(q), th) for q, th in ineqs]
    gap, strict = (real(0) if goal == FALSE else _gap("linear", goal, "eq", "le", "lt")), False
    for t, th in equalities:
        given("linear", t, REAL)
        gap = gap - t * _gap("linear", th.concl, "eq")
    for q, th in inequalities:
        gap = gap - _gap("linear", th.concl, "le", "lt") * q
        strict = strict or (is_const(th.concl, "lt") and q > 0)
    rest = poly(gap)
    k = rest.pop(real(1), Fraction(0))
    if rest:
        refuse("linear", f"left over: {' + '.join(f'{c} * {key!r}' for key, c in rest.items())}")
    if is_const(goal, "eq"):
        enough = k == 0 and not inequalities
    elif is_const(goal, "le"):
        enough = k >= 0
    else:
        enough = k > 0 or (k == 0 and strict)
    if not enough:
        refuse("linear", f"the constant is {k}, which does not give {goal.name}")
    coefficients = tuple(t for t, _ in equalities), tuple(q for q, _ in inequalities)
    return conclude("linear", goal, [th for _, th in (*equalities, *inequalities)], [goal, *coefficients])


def reflexive(t: Term) -> Theorem:
    """``|- t = t``, for a closed term t of any sort."""
    return conclude("reflexive", eq(t, t), inputs=[real(t)])


def square(t: Term) -> Theorem:
    """``|- 0 <= t t``, for a closed real term t."""
    return conclude("square", LE(real(0), real(t) * t), inputs=[real(t)])


def multiply(one: Theorem, two: Theorem) -> Theorem:
    """From ``a <= b`` and ``c <= d`` infer ``0 <= (b - a) (d - c)``; with < if both premises have <.

    Refused when
    ------------
    A premise is not an inequality.
    """
    product = _gap("multiply", one.concl, "le", "lt") * _gap("multiply", two.concl, "le", "lt")
    strict = is_const(one.concl, "lt") and is_const(two.concl, "lt")
    return conclude("multiply", LT(real(0), product) if strict else LE(real(0), product), [one, two])


def _negated(rule: str, th: Theorem) -> Term:
    """Return p, from a theorem ``not p``."""
    p, q = parts(rule, th.concl, "imp")
    parts(rule, q, "false")
    return p


def not_le(th: Theorem) -> Theorem:
    """From ``not (a <= b)`` infer ``b < a``: the order is total.

    Refused when
    ------------
    The premise is not the negation of a ``<=``.
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
    need("antisymmetry", LE(b, a), two.concl)
    return conclude("antisymmetry", eq(a, b), [one, two])


def sum_le(th: Theorem) -> Theorem:
    """From ``for all i, a(i) <= b(i)`` infer ``sum_i a(i) <= sum_i b(i)``, over a finite sort.

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
        refuse("inverse", f"needs not (t = 0), got {th.concl!r}")
    return conclude("inverse", eq(t * INV(t), 1), [th])


def indicator(th: Theorem, *, true: bool) -> Theorem:
    """If `true`, from ``p`` infer ``[p] = 1``; if not, from ``not p`` infer ``[p] = 0``.

    Refused when
    ------------
    `true` is False and the premise is not a negation.
    """
    if true:
        return conclude("indicator", eq(IND(th.concl), 1), [th], [True])
    return conclude("indicator", eq(IND(_negated("indicator", th)), 0), [th], [False])
