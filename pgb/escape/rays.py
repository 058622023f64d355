"""Escape rays: a_k = c_k e^-s, b_k = s, W fixed. The network is unchanged along one, and Lt falls strictly to a limit.

On a ray Lt(s) = limit + lambda |c|^2 e^(-2 s) exactly, where the limit is the data term of f + (c_k exp(w_k . x))_k.
So a ray whose limit lies below L(theta) shows how the bad minimum comes back: as a descent to infinity.

Source: THEORY section 2, failure_mode (d), (e).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import real_symbol
from pgb.landscape.compare import below
from pgb.landscape.compile import Program, compile_expressions
from pgb.landscape.derivatives import derivatives
from pgb.objective import loss
from pgb.problem import Problem

PRECISION: Final = 256
Exact = Mapping[str, sympy.Expr]


@dataclass(frozen=True, slots=True)
class Ray:
    """An escape ray from theta.

    Attributes
    ----------
    c, W
        Exact rationals: dy numbers, and dy rows of dx numbers.
    start
        L(theta), decimal.
    limit
        The limit of Lt along the ray, decimal.
    drop
        A decimal that is certified to be at most L(theta) - limit; "0" when no drop is certified.
    status
        `certified` when the limit is certified to lie below L(theta).
    values
        Pairs (s, Lt at s), decimals.
    """

    c: tuple[Fraction, ...]
    W: tuple[tuple[Fraction, ...], ...]
    start: str
    limit: str
    drop: str
    status: Evidence
    values: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the ray as plain data with stable keys."""
        return {
            "c": [str(v) for v in self.c],
            "W": [[str(v) for v in row] for row in self.W],
            "L": self.start,
            "limit": self.limit,
            "certified_drop": self.drop,
            "status": str(self.status),
            "values": [list(v) for v in self.values],
        }


def require_exp_neuron(problem: Problem) -> None:
    """Refuse problems whose augmentation is not the exponential neuron with lambda > 0."""
    if problem.augmentation.kind != "exp_neuron":
        raise InputError("augmentation.kind", f"must be 'exp_neuron' for an escape, got {problem.augmentation.kind!r}")
    if problem.augmentation.lam <= 0:
        raise InputError("augmentation.lambda", f"must be positive for an escape, got {problem.augmentation.lam}")


def data_term(problem: Problem, theta: Exact) -> tuple[sympy.Expr, tuple[sympy.Symbol, ...], tuple[sympy.Symbol, ...]]:
    """Return the objective of (c, W) at fixed theta, ridge included, with its variables c_1.. and w_1_1.. .

    F(c, W) = weight * sum_i l_i(f(x_i; theta) + (c_k exp(w_k . x_i))_k) + ridge(theta).
    """
    dy, dx = problem.network.dy, problem.network.dx
    c = tuple(real_symbol(f"_c{k}") for k in range(dy))
    w = tuple(real_symbol(f"_w{k}_{r}") for k in range(dy) for r in range(dx))
    values = {p: theta[p.name] for p in problem.parameters}
    q, parts = problem.loss.q, []
    for x, row, losses in zip(problem.data.x, problem.outputs(), problem.sample_losses(), strict=True):
        at = {}
        for k in range(dy):
            exponent = sympy.Add(*(w[k * dx + r] * x[r] for r in range(dx)))
            at[q[k]] = row[k].subs(values) + c[k] * sympy.exp(exponent)
        parts.append(losses.subs(at, simultaneous=True))
    ridge = sympy.Add(*(m * values[real_symbol(n)] ** 2 for n, m in problem.ridge.items()))
    return problem.weight() * sympy.Add(*parts) + ridge, c, w


def ray(
    problem: Problem,
    theta: Exact,
    c: Sequence[Fraction],
    W: Sequence[Sequence[Fraction]],
    at: Sequence[int] = (0, 1, 2, 4, 8, 16),
) -> Ray:
    """Return the certified values and limit of one ray.

    Parameters
    ----------
    theta
        Exact parameters by name.
    c, W
        dy numbers, and dy rows of dx numbers.
    at
        The s at which to give Lt.

    Raises
    ------
    InputError
        When the augmentation is not the exponential neuron with lambda > 0.
    """
    require_exp_neuron(problem)
    term, cs, ws = data_term(problem, theta)
    point = dict(zip(cs, map(_sym, c), strict=True)) | dict(zip(ws, (_sym(v) for r in W for v in r), strict=True))
    limit = term.subs(point, simultaneous=True)
    here = loss(problem).at(theta)
    lam, size = problem.augmentation.lam, sympy.Add(*(_sym(v) ** 2 for v in c))
    values = [limit + lam * size * sympy.exp(-2 * s) for s in at]
    balls = compile_expressions([here, limit, here - limit, *values], []).balls([], PRECISION)
    low = balls[2].lower()
    certified = bool(low > 0)
    return Ray(
        tuple(c),
        tuple(tuple(r) for r in W),
        _text(balls[0]),
        _text(balls[1]),
        below(low) if certified else "0",
        Evidence.CERTIFIED if certified else Evidence.UNDECIDED,
        tuple((str(s), _text(v)) for s, v in zip(at, balls[3:], strict=True)),
    )


def best_ray(problem: Problem, theta: Exact, *, starts: int = 8, seed: int = 0) -> Ray:
    """Search for a ray with a low limit; the limit itself is certified, that it is the lowest is not.

    Parameters
    ----------
    starts
        Random starts of the local search.
    seed
        Of those starts.
    """
    require_exp_neuron(problem)
    c, W = search(problem, theta, starts=starts, seed=seed)
    return ray(problem, theta, c, W)


def search(problem: Problem, theta: Exact, *, starts: int, seed: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Minimise F(c, W) from random starts in floating point; untrusted. |w| is kept below 50."""
    from scipy.optimize import minimize

    term, cs, ws = data_term(problem, theta)
    n, dx = len(cs) + len(ws), problem.network.dx
    program: Program = derivatives(term, (*cs, *ws)).together.pick(range(1 + n))
    rng = np.random.default_rng(seed)

    def f(z: np.ndarray) -> tuple[float, np.ndarray]:
        out = program.numpy(z[:, None])[:, 0]
        return (float(out[0]), out[1:]) if np.all(np.isfinite(out)) else (1e300, np.zeros(n))

    bounds = [(-1e6, 1e6)] * len(cs) + [(-50.0, 50.0)] * len(ws)
    best, value = np.zeros(n), np.inf
    for _ in range(starts):
        z0 = np.concatenate([rng.normal(0, 1, len(cs)), rng.normal(0, 1.5, len(ws))])
        found = minimize(f, z0, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
        if found.fun < value:
            best, value = found.x, found.fun
    exact = [Fraction(f"{float(v):.10g}") for v in best]
    rows = exact[len(cs) :]
    return exact[: len(cs)], [rows[k * dx : (k + 1) * dx] for k in range(len(cs))]


def _sym(v: Fraction) -> sympy.Rational:
    return sympy.Rational(v.numerator, v.denominator)


def _text(ball: Any) -> str:
    return str(ball.str(20, radius=False))
