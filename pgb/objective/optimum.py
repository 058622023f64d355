"""L*: the unrestricted empirical optimum, best over all functions of the input, exactly (THEORY section 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from pgb.functions import sigmoid
from pgb.problem import Problem
from pgb.problem.balls import sign
from pgb.problem.facts import value_range
from pgb.problem.sizes import MAX_TERMS, expanded, terms

Vector = tuple[sympy.Expr, ...]


@dataclass(frozen=True, slots=True)
class GroupOptimum:
    """inf_q sum_{i in I_j} l_i(q) of one group of equal inputs.

    Attributes
    ----------
    value
        The infimum (scale included, weight not), or None where it is not known exactly.
    attained
        Whether some q attains it; None where that is not known.
    minimiser
        A q that attains it, if one is known.
    reason
        Why.
    """

    value: sympy.Expr | None
    attained: bool | None
    minimiser: Vector | None
    reason: str


@dataclass(frozen=True, slots=True)
class Optimum:
    """L* = weight * sum_j inf_q sum_{i in I_j} l_i(q), group by group in the order of `Data.groups`."""

    value: sympy.Expr | None
    attained: bool | None
    groups: tuple[GroupOptimum, ...]

    @property
    def reason(self) -> str:
        """Why the value is what it is, or why it is not known."""
        return "; ".join(dict.fromkeys(g.reason for g in self.groups))


def optimum(problem: Problem) -> Optimum:
    """Return L* of the data term (a ridge has no part in it)."""
    groups = tuple(_group(problem, rows) for rows in problem.data.groups())
    values = [g.value for g in groups]
    attained = None if any(g.attained is None for g in groups) else all(bool(g.attained) for g in groups)
    if any(g.attained is False for g in groups):
        attained = False
    value = None if None in values else problem.weight() * sympy.Add(*values)
    return Optimum(value, attained, groups)


def group_gradient(problem: Problem, rows: Sequence[int]) -> Vector:
    """Return sum_{i in I_j} grad l_i(q), dy expressions in q: what elimination sets to zero at f(xbar_j; theta)."""
    total = sympy.Add(*(problem.sample_losses()[i] for i in rows))
    return tuple(sympy.diff(total, q) for q in problem.loss.q)


def _group(problem: Problem, rows: tuple[int, ...]) -> GroupOptimum:
    labels = [problem.data.y[i] for i in rows]
    scale, dy = problem.loss.scale, problem.loss.dy
    match problem.loss.name:
        case "squared":
            mean = tuple(sympy.Add(*(y[k] for y in labels)) / len(labels) for k in range(dy))
            spread = sympy.Add(*((y[k] - mean[k]) ** 2 for y in labels for k in range(dy)))
            return GroupOptimum(scale * spread, True, mean, "squared loss: the mean of the labels")
        case "absolute":
            middle = tuple(sorted(y[k] for y in labels)[len(labels) // 2] for k in range(dy))
            spread = sympy.Add(*(abs(y[k] - middle[k]) for y in labels for k in range(dy)))
            return GroupOptimum(scale * spread, True, middle, "absolute loss: a median of the labels")
        case "logistic" | "smooth_hinge":
            return _two_classes(problem.loss.name, [y[0] for y in labels], scale)
        case "cross_entropy":
            return _classes(labels, scale, dy)
    return _formula(problem, rows)


def _two_classes(name: str, labels: list[sympy.Rational], scale: sympy.Rational) -> GroupOptimum:
    up, down = sympy.S(labels.count(1)), sympy.S(labels.count(-1))
    if up and down:
        if name == "logistic":
            value = up * sympy.log(1 + down / up) + down * sympy.log(1 + up / down)
            return GroupOptimum(
                scale * value, True, (sympy.log(up / down),), "logistic loss: the log-odds of the labels"
            )
        r = sympy.sqrt(down / up)
        q = (1 - r) / (1 + r)
        value = up * (1 - q) ** 3 + down * (1 + q) ** 3
        return GroupOptimum(scale * value, True, (q,), "smooth hinge: balanced margins")
    if name == "logistic":
        return GroupOptimum(
            sympy.S.Zero, False, None, "logistic loss, one label per input: 0 is approached, never attained"
        )
    return GroupOptimum(sympy.S.Zero, True, (labels[0],), "smooth hinge, one label per input: margin 1 costs nothing")


def _classes(labels: list[tuple[sympy.Rational, ...]], scale: sympy.Rational, dy: int) -> GroupOptimum:
    weights = [tuple(sympy.S(int(k == y[0])) for k in range(dy)) if len(y) == 1 else y for y in labels]
    n = len(labels)
    share = [sympy.Add(*(w[k] for w in weights)) / n for k in range(dy)]
    entropy = -sympy.Add(*(p * sympy.log(p) for p in share if p))
    if all(share):
        return GroupOptimum(
            scale * n * entropy, True, tuple(map(sympy.log, share)), "cross-entropy: the label frequencies"
        )
    return GroupOptimum(
        scale * n * entropy,
        False,
        None,
        "cross-entropy with a class that never occurs at this input: approached, never attained",
    )


def _formula(problem: Problem, rows: tuple[int, ...]) -> GroupOptimum:
    """A user's loss: convex and differentiable, and solved where a stationary point is found exactly."""
    q = problem.loss.q
    total = sympy.Add(*(problem.sample_losses()[i] for i in rows))
    gradient = group_gradient(problem, rows)
    facts = problem.loss_facts()
    if facts.convex.holds is not True:
        return GroupOptimum(None, None, None, "a loss that is not known to be convex: its infimum is not computed")
    if total.is_polynomial(*q) and terms(total) <= MAX_TERMS and sympy.Poly(total, *q).total_degree() <= 2:
        solution = sympy.linsolve(list(gradient), *q)
        if solution:
            point = tuple(v.subs(dict.fromkeys(q, 0)) for v in next(iter(solution)))
            return GroupOptimum(total.subs(dict(zip(q, point, strict=True))), True, point, "the stationary point")
    if facts.differentiable.holds is True:
        for guess in (*_guesses(problem, rows), *_solved(gradient, q)):
            at = dict(zip(q, guess, strict=True))
            if all(sign(g.xreplace(at)) == 0 for g in gradient):
                return GroupOptimum(total.xreplace(at), True, guess, "a stationary point of a convex loss")
    if any(value_range(side).positive for g in gradient for side in (expanded(g), expanded(-g))):
        return GroupOptimum(None, False, None, "a partial derivative of the loss never vanishes: not attained")
    return GroupOptimum(None, None, None, "a loss formula whose infimum is not solved exactly")


def _guesses(problem: Problem, rows: tuple[int, ...]) -> list[Vector]:
    """Return points at which losses are often least: the labels, their mean, and 0."""
    dy, labels = problem.loss.dy, [problem.data.y[i] for i in rows]
    points = list(dict.fromkeys(y[:dy] for y in labels if len(y) >= dy))[:8]
    mean = tuple(sympy.Add(*column) / len(points) for column in zip(*points, strict=True))
    return [p for p in (*points, mean, (sympy.S.Zero,) * dy) if p]


def _solved(gradient: Vector, q: tuple[sympy.Symbol, ...]) -> list[Vector]:
    """Solve c F(u) + d = 0 for one output, F the exponential or the sigmoid and u affine; empty otherwise."""
    found = gradient[0].atoms(sympy.exp, sigmoid)
    if len(q) != 1 or len(found) != 1:
        return []
    f, y = next(iter(found)), sympy.Dummy(real=True)
    u, linear = f.args[0], sympy.expand(gradient[0]).xreplace({f: y})
    if linear.has(*q) or sympy.diff(linear, y, 2) != 0 or sympy.diff(u, q[0]).has(*q):
        return []
    value = -linear.xreplace({y: sympy.S.Zero}) / sympy.diff(linear, y)
    odds = value if isinstance(f, sympy.exp) else value / (1 - value)
    if sign(value) != 1 or sign(odds) != 1:
        return []
    return [((sympy.log(odds) - u.xreplace({q[0]: sympy.S.Zero})) / sympy.diff(u, q[0]),)]
