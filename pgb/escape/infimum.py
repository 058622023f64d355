"""V(theta) = inf over (a, b, W) of Lt(theta, .): never attained when L(theta) > L*; certified where it can be computed.

V is the infimum over c and W of the data term (failure_mode (e)). For the squared loss and one input dimension the best
c is explicit, and with grouped residual sums R_j and group sizes n_j each output lowers the sum of squares by

    phi(w) = (sum_j R_j e^(w x_j))^2 / sum_j n_j e^(2 w x_j),

whose critical points with a non-zero numerator are the zeros of sum_ij R_i n_j (x_i - x_j) e^(w (x_i + 2 x_j)), again an
exponential sum; towards +-infinity phi tends to R^2 / n of the outermost group. All of them are certified, so V is too.
For other losses V lies between L* and the limit of the best ray found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import sympy
from flint import arb, ctx

from pgb.escape.rays import Exact, Ray, best_ray, require_exp_neuron
from pgb.evidence import Evidence
from pgb.landscape.balls import exact
from pgb.landscape.compile import compile_expressions
from pgb.landscape.exponential_sums import zeros
from pgb.objective import loss, optimum
from pgb.problem import Problem

PRECISION: Final = 256


@dataclass(frozen=True, slots=True)
class Infimum:
    """V(theta), or a bracket of it.

    Attributes
    ----------
    low, high
        Decimals with low <= V <= high (each within 1e-20, relative, of the bound it stands for).
    exact
        True when V itself is certified, and low and high are the same number to the digits shown.
    at
        Where the infimum is approached: one text for each output.
    status, reason
        How that is known.
    """

    low: str
    high: str
    exact: bool
    at: tuple[str, ...]
    status: Evidence
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the bracket as plain data with stable keys."""
        return {
            "low": self.low,
            "high": self.high,
            "exact": self.exact,
            "at": list(self.at),
            "status": str(self.status),
            "reason": self.reason,
        }


def infimum(problem: Problem, theta: Exact, *, best: Ray | None = None, seed: int = 0) -> Infimum:
    """Return V(theta) for exact parameters.

    Parameters
    ----------
    best
        A ray already found, whose limit is the upper bound where V has no closed form; else one is searched for.
    seed
        Of that search.

    Raises
    ------
    InputError
        When the augmentation is not the exponential neuron with lambda > 0.
    """
    require_exp_neuron(problem)
    if problem.loss.name == "squared" and problem.data.dx == 1:
        found = _squared(problem, theta)
        if found is not None:
            return found
    best = best or best_ray(problem, theta, seed=seed)
    star = optimum(problem)
    if star.value is None:
        return Infimum("-inf", best.limit, False, (), Evidence.UNDECIDED, "L* is not known exactly: no lower bound")
    low = _decimal(star.value + loss(problem).rest.subs({p: theta[p.name] for p in problem.parameters}))
    return Infimum(low, best.limit, False, (), Evidence.CERTIFIED, "between L* and the limit of the best ray found")


def _decimal(value: sympy.Expr) -> str:
    return str(compile_expressions([value], []).balls([], PRECISION)[0].str(20, radius=False))


def _squared(problem: Problem, theta: Exact) -> Infimum | None:
    """Compute V for the squared loss, dx = 1, output by output; None where residuals are not rational or undecided."""
    values = {p: theta[p.name] for p in problem.parameters}
    outputs = problem.outputs()
    groups = problem.data.groups()
    nodes = [_fraction(problem.data.x[g[0]][0]) for g in groups]
    sizes = [Fraction(len(g)) for g in groups]
    gain, places = arb(0), []
    with ctx.workprec(PRECISION):
        for k in range(problem.network.dy):
            sums = []
            for g in groups:
                total = sympy.Add(*(problem.data.y[i][k] - outputs[i][k].subs(values) for i in g))
                if not total.is_Rational:
                    return None
                sums.append(_fraction(total))
            found = supremum(sums, sizes, nodes)
            if found is None:
                return None
            gain += found[0]
            places.append(found[1])
        scale = problem.weight() * problem.loss.scale
        start = compile_expressions([loss(problem).at(theta)], []).balls([], PRECISION)[0]
        value = start - exact(_fraction(scale)) * gain
    if not value.is_finite():
        return None
    shown = str(value.str(20, radius=False))
    return Infimum(
        shown, shown, True, tuple(places), Evidence.CERTIFIED, "the best c is explicit and all critical w are isolated"
    )


def supremum(sums: Sequence[Fraction], sizes: Sequence[Fraction], nodes: Sequence[Fraction]) -> tuple[arb, str] | None:
    """Return the supremum over w of phi(w), with the place where it is approached; None where undecided.

    Parameters
    ----------
    sums, sizes, nodes
        R_j, n_j > 0 and distinct x_j.
    """
    order = sorted(range(len(nodes)), key=lambda j: nodes[j])
    candidates = [
        (exact(sums[j] ** 2 / sizes[j]), where)
        for j, where in ((order[0], "w -> -infinity"), (order[-1], "w -> +infinity"))
    ]
    terms: dict[Fraction, Fraction] = {}
    for R, x in zip(sums, nodes, strict=True):
        for n, z in zip(sizes, nodes, strict=True):
            terms[x + 2 * z] = terms.get(x + 2 * z, Fraction(0)) + R * n * (x - z)
    critical = zeros(list(terms.values()), list(terms))
    if not critical.complete:
        return None
    for low, high in critical.intervals:
        w = exact(low).union(exact(high))
        top = sum((exact(R) * (w * exact(x)).exp() for R, x in zip(sums, nodes, strict=True)), arb(0))
        bottom = sum((exact(n) * (2 * w * exact(x)).exp() for n, x in zip(sizes, nodes, strict=True)), arb(0))
        candidates.append((top * top / bottom, f"w = {float((low + high) / 2):.12g}"))
    if not all(value.is_finite() for value, _ in candidates):
        return None
    best = candidates[0]
    for other in candidates[1:]:
        best = (best[0].max(other[0]), other[1] if other[0].mid() > best[0].mid() else best[1])
    return best


def _fraction(v: sympy.Rational) -> Fraction:
    return Fraction(int(v.p), int(v.q))
