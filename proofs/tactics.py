"""Reusable pieces of derivations: each helper ends in calls of kernel rules. Untrusted: a wrong helper is refused, not believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from pgb.kernel import (
    FALSE,
    INV,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    absurd,
    antisymmetry,
    assume,
    beta,
    both,
    cases,
    choose,
    convert,
    discharge,
    eq,
    eta,
    exists,
    generalise,
    inverse,
    is_const,
    lam,
    left,
    leibniz,
    linear,
    mp,
    multiply,
    neg,
    not_le,
    reflexive,
    right,
    specialise,
    square,
    sum_le,
    witness,
)

from .building import ONE, SAMPLE, O, conjunction, delta, fresh, is_zero, positive, square_of, total_over

Prove: TypeAlias = Callable[[Theorem], Theorem]


class TacticError(ValueError):
    """A helper found no way to the goal: which helper, and why."""

    def __init__(self, tactic: str, reason: str) -> None:
        self.rule = tactic
        self.reason = reason
        super().__init__(f"{tactic}: {reason}")


# -- logic ----------------------------------------------------------------------------------------------------------
def generalise_all(th: Theorem, *variables: Term) -> Theorem:
    """``p |- for all variables, p``; the first variable ends outermost."""
    for v in reversed(variables):
        th = generalise(v, th)
    return th


def discharge_all(th: Theorem, *formulas: Term) -> Theorem:
    """``|- p1 -> (p2 -> ... q)`` from ``p1, p2, ... |- q``."""
    for p in reversed(formulas):
        th = discharge(p, th)
    return th


def apply(th: Theorem, *premises: Theorem) -> Theorem:
    """Modus ponens, once for each premise."""
    for premise in premises:
        th = mp(th, premise)
    return th


def obtain(existence: Theorem, v: Term, prove: Prove) -> Theorem:
    """From "there is v with p(v)" and a proof of q from p(v): q."""
    p = assume(beta(existence.concl.args[0], (eta(v),)))
    return choose(existence, v, prove(p))


def by_cases(p: Term, yes: Prove, no: Prove) -> Theorem:
    """Prove a formula from p and again from not p."""
    return cases(p, yes(assume(p)), no(assume(neg(p))))


def conjuncts(th: Theorem, count: int) -> list[Theorem]:
    """``p1 and (p2 and (... and pn)) |- p1, ..., pn`` as a list of `count` theorems."""
    parts = []
    for _ in range(count - 1):
        parts.append(left(th))
        th = right(th)
    return [*parts, th]


def join(*theorems: Theorem) -> Theorem:
    """``p1, ..., pn |- p1 and (p2 and ... pn)``."""
    return theorems[0] if len(theorems) == 1 else both(theorems[0], join(*theorems[1:]))


def rewrite(context: Callable[[Term], Term], v: Term, equal: Theorem, th: Theorem) -> Theorem:
    """``s = t, P[s] |- P[t]``, where P is given as a Python function of the variable `v`."""
    return leibniz(lam(v, context(v)), equal, th)


def flip(th: Theorem) -> Theorem:
    """``s = t |- t = s`` for reals, and for indices of any sort."""
    s, t = th.concl.args
    if th.concl.type[0] == REAL:
        return linear(eq(t, s), [(-1, th)])
    z = fresh("z", th.concl.type[0])
    return leibniz(lam(z, eq(z, s)), th, reflexive(s))


def trivially(goal: Term) -> Theorem:
    """Prove a conjunction, under quantifiers, of identities and inequalities that the normal form shows."""
    if is_const(goal, "and"):
        return both(trivially(goal.args[0]), trivially(goal.args[1]))
    if is_const(goal, "all"):
        v = fresh("v", goal.args[0].type[0])
        return generalise(v, trivially(beta(goal.args[0], (eta(v),))))
    return linear(goal)


def witness_chain(goal: Term, values: Sequence[Term], th: Theorem) -> Theorem:
    """From ``p(t1, ..., tn)``: the `goal`, "there are v1, ..., vn with p"."""
    if not values:
        return convert(th, goal)
    first, *rest = values
    return witness(goal, first, witness_chain(beta(goal.args[0], (eta(first),)), rest, th))


# -- algebra and order ----------------------------------------------------------------------------------------------
def zero_square(th: Theorem) -> Theorem:
    """``t t = 0 |- t = 0``: if t were not 0, multiply by its inverse twice."""
    t = th.concl.args[0].args[0]

    def otherwise(not_zero: Theorem) -> Theorem:
        inv = inverse(not_zero)
        false = linear(FALSE, [(-(ONE + t * INV(t)), inv), (square_of(INV(t)), th)])
        return absurd(false, is_zero(t))

    return by_cases(is_zero(t), lambda h: h, otherwise)


def not_zero(pos: Theorem) -> Theorem:
    """``0 < t |- t = 0 -> false``."""
    t = pos.concl.args[1]
    h = assume(is_zero(t))
    return discharge(h.concl, linear(FALSE, [(1, h)], [(1, pos)]))


def cancel(pos: Theorem, th: Theorem, rest: Term) -> Theorem:
    """``0 < c, c rest = 0 |- rest = 0``."""
    c = pos.concl.args[1]
    return linear(is_zero(rest), [(-rest, inverse(not_zero(pos))), (INV(c), th)])


def inverse_positive(pos: Theorem) -> Theorem:
    """``0 < t |- 0 < 1/t``."""
    t = pos.concl.args[1]
    h = assume(LE(INV(t), O))
    bad = multiply(h, linear(LE(O, t), [], [(1, pos)]))
    return not_le(discharge(h.concl, linear(FALSE, [(-1, inverse(not_zero(pos)))], [(1, bad)])))


def weaken(lt: Theorem) -> Theorem:
    """``s < t |- s <= t``."""
    return linear(LE(*lt.concl.args), [], [(1, lt)])


def square_positive(pos: Theorem) -> Theorem:
    """``0 < r |- 0 < r r``."""
    return linear(positive(square_of(pos.concl.args[1])), [], [(1, multiply(pos, pos))])


def smaller(p1: Theorem, p2: Theorem) -> Theorem:
    """``0 < e1, 0 < e2 |- there is e with 0 < e, e e <= e1 e1 and e e <= e2 e2``."""
    e1, e2, e = p1.concl.args[1], p2.concl.args[1], fresh("e", REAL)
    goal = exists(e, conjunction(positive(e), LE(square_of(e), square_of(e1)), LE(square_of(e), square_of(e2))))

    def take(first: bool, le: Theorem) -> Theorem:
        low, high = le.concl.args
        gap = multiply(le, linear(LE(O, high + low), [], [(1, p1), (1, p2)]))
        small = linear(LE(square_of(low), square_of(high)), [], [(1, gap)])
        itself = linear(LE(square_of(low), square_of(low)))
        parts = (itself, small) if first else (small, itself)
        return witness(goal, low, join(p1 if first else p2, *parts))

    return by_cases(
        LE(e1, e2), lambda h: take(True, h), lambda h: take(False, linear(LE(e2, e1), [], [(1, not_le(h))]))
    )


def inside(small: Theorem, lt: Theorem) -> Theorem:
    """``e e <= d d, s s < e e |- s s < d d``."""
    return linear(LT(lt.concl.args[0], small.concl.args[1]), [], [(1, small), (1, lt)])


def below_root(lt: Theorem, pos: Theorem) -> Theorem:
    """``y y < d d, 0 < d |- y < d``."""
    y, d = lt.concl.args[0].args[0], pos.concl.args[1]
    h = assume(LE(d, y))
    gap = multiply(h, linear(LE(O, y + d), [], [(1, h), (2, pos)]))
    return not_le(discharge(h.concl, linear(FALSE, [], [(1, gap), (1, lt)])))


# -- finite sums ----------------------------------------------------------------------------------------------------
def count_positive(sort: str = SAMPLE) -> Theorem:
    """``|- 0 < sum_i 1``: a sort has at least one element."""
    u, v = fresh("u", sort), fresh("v", sort)
    mark = delta(u, v)
    bound = linear(LE(mark, ONE), [], [(1, square(ONE - mark))])
    return linear(positive(total_over(sort, lambda _: ONE)), [], [(1, sum_le(generalise(u, bound)))])


def count_inverse(sort: str = SAMPLE) -> Theorem:
    """``|- (sum_i 1) (1 / sum_i 1) = 1``."""
    return inverse(not_zero(count_positive(sort)))


def sum_zero(th: Theorem) -> Theorem:
    """``for all i, t_i = 0 |- sum_i t_i = 0``."""
    n = fresh("i", th.concl.args[0].type[0])
    each = flip(specialise(th, n))
    v = fresh("v", n.type, REAL)
    zero = linear(is_zero(total_over(n.type, lambda _: O)))
    return leibniz(lam(v, is_zero(total_over(n.type, v))), generalise(n, each), zero)


def term_below_sum(body: Callable[[Term], Term], nonnegative: Theorem, at: Term) -> Theorem:
    """``for all i, 0 <= t_i |- t_at <= sum_i t_i``."""
    u = fresh("u", at.type)
    mark = delta(u, at)
    unit = linear(LE(O, ONE - mark), [], [(1, square(ONE - mark))])
    gap = multiply(specialise(nonnegative, u), unit)
    each = linear(LE(mark * body(u), body(u)), [], [(1, gap)])
    return linear(LE(body(at), total_over(at.type, body)), [], [(1, sum_le(generalise(u, each)))])


def squares_zero(v: Callable[[Term], Term], sort: str, th: Theorem) -> Theorem:
    """``sum_k v_k^2 = 0 |- for all k, v_k = 0``."""
    n, u = fresh("k", sort), fresh("u", sort)
    upper = term_below_sum(lambda c: square_of(v(c)), generalise(u, square(v(u))), n)
    both_ways = antisymmetry(
        linear(LE(square_of(v(n)), O), [(1, th)], [(1, upper)]), linear(LE(O, square_of(v(n))), [], [(1, square(v(n)))])
    )
    return generalise(n, zero_square(both_ways))


def sum_nonnegative(th: Theorem) -> Theorem:
    """``for all i, 0 <= t_i |- 0 <= sum_i t_i``."""
    total_le = sum_le(th)
    return linear(LE(O, total_le.concl.args[1]), [], [(1, total_le)])
