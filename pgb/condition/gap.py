"""The PGB gap: Q(z) minus the infimum of the induced model over gradient bases at perturbed points.

At a local minimum with a gradient basis the gap is zero (`pgb_condition`), so a positive gap proves that z is no local
minimum. The induced model is affine in alpha and Q convex, so the infimum equals Q(z) exactly when the gradient of the
losses at z is orthogonal to every column; any explicit alpha with a certified smaller value proves a positive gap, and
exact orthogonality to all columns proves gap 0 for the perturbations used.

A zero gap is necessary for a local minimum, not sufficient: phi = z^2, y = 1, squared loss, z = 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.condition.basis import GradientBasis, gradient_basis
from pgb.condition.model import Model, full_point, model
from pgb.condition.perturbations import Invariance, invariances, perturbed
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import text
from pgb.functions import relu, step
from pgb.landscape import exact
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compare import below
from pgb.landscape.compile import Program, compile_expressions
from pgb.objective import Objective, unit
from pgb.problem import Problem
from pgb.problem.facts import smooth

PRECISION: Final = 256
EPSILON: Final = sympy.Rational(1, 8)
HALVINGS: Final = 12
Point = Mapping[sympy.Symbol, sympy.Expr]


@dataclass(frozen=True, slots=True)
class Gap:
    """The PGB gap at a point.

    Attributes
    ----------
    objective
        Name of the objective.
    value
        Q(z), a decimal string.
    basis
        The gradient basis, or None: then the condition does not apply.
    invariances
        The exact invariances from which perturbed points were taken.
    points
        The number |S| of perturbed points, z itself included.
    lower
        A decimal below the gap for these perturbations: positive only if certified; "0" otherwise.
    zero
        True if the gap is proved to be 0 for these perturbations, False if it is proved positive, None if undecided.
    status, reason
        How that is known, in one sentence.
    certificate
        Plain data: the perturbed points, alpha and both values.
    """

    objective: str
    value: str
    basis: GradientBasis | None
    invariances: tuple[Invariance, ...]
    points: int
    lower: str
    zero: bool | None
    status: Evidence
    reason: str
    certificate: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data with stable keys."""
        basis = (
            None
            if self.basis is None
            else {
                "h": None if self.basis.h is None else {n: text(e) for n, e in self.basis.h.items()},
                "r": None if self.basis.r is None else text(self.basis.r),
                "how": self.basis.how,
            }
        )
        return {
            "objective": self.objective,
            "value": self.value,
            "gradient_basis": basis,
            "perturbed_points": self.points,
            "lower_bound": self.lower,
            "zero": self.zero,
            "not_a_local_minimum": self.zero is False,
            "status": str(self.status),
            "reason": self.reason,
            "certificate": dict(self.certificate),
        }


def gap(
    problem: Problem,
    objective: Objective,
    point: Mapping[str, sympy.Expr],
    *,
    perturb: bool = True,
    per_invariance: int = 6,
    seed: int = 0,
) -> Gap:
    """Return the PGB gap of an objective at an exact point.

    Parameters
    ----------
    problem
        For its loss facts and linear last layer.
    objective
        L or Lt of the problem.
    point
        Exact value of every variable by name.
    perturb
        False uses S = {0} alone.
    per_invariance
        Perturbed points taken from each exact invariance.
    seed
        Of the choice of perturbations.

    Raises
    ------
    InputError
        When the point does not give every variable.
    """
    z = full_point(objective, point)
    found = _gap(problem, objective, z, perturb, per_invariance, seed)
    if found.basis is None and objective.name == "Lt":
        objective, z = held(problem, objective, z)
        found = _gap(problem, objective, z, perturb, per_invariance, seed)
    return found


def held(problem: Problem, objective: Objective, z: Point) -> tuple[Objective, dict[sympy.Symbol, sympy.Expr]]:
    """Return Lt as a function of the added variables alone, theta held at z, and the point's added part.

    There phi_i = g(x_i; a, b, W), Q_i(q) = l_i(f(x_i; theta) + q), h = a and r = 2: the setting of elimination_by_pgb.
    A local minimum of Lt is one with theta held, so a positive gap here says the same.
    """
    theta = {p: z[p] for p in problem.parameters}
    added = tuple(v for v in objective.variables if v not in theta)
    fixed = [tuple(f.subs(theta) for f in row) for row in problem.outputs()]
    losses = tuple(
        loss.subs({q: q + f for q, f in zip(objective.q, row, strict=True)}, simultaneous=True)
        for loss, row in zip(objective.sample_losses, fixed, strict=True)
    )
    units = tuple(tuple(unit(problem, k, x) for k in range(1, len(objective.q) + 1)) for x in problem.data.x)
    penalty = problem.augmentation.lam * sympy.Add(*(v**2 for v in added[: len(objective.q)]))
    formula = objective.formula + r"\quad(\theta\text{ held})"
    whole = objective.expression.subs(theta)
    part = Objective("Lt", added, whole, formula, objective.weight, objective.q, losses, units, penalty)
    return part, {v: z[v] for v in added}


def _gap(problem: Problem, objective: Objective, z: Point, perturb: bool, per_invariance: int, seed: int) -> Gap:
    m = model(objective)
    if any(e.has(sympy.Piecewise, sympy.Abs) for e in m.slots):
        raise InputError("network", "the PGB condition needs outputs that are differentiable near the point")
    value = _decimal(m, z)
    kink = _kink(m, z)
    if kink is not None:
        reason = f"a kink of {text(kink)} may sit at this point: the condition needs outputs differentiable near it"
        return Gap(objective.name, value, None, (), 1, "0", None, Evidence.UNDECIDED, reason, {})
    facts = problem.loss_facts()
    linear = [s for s in objective.variables if s in problem.network.last_layer or s.name.startswith("aux_a")]
    basis = gradient_basis(m, z, linear)
    found = invariances(m, z) if perturb else ()
    points = [z, *_choose(m, found, z, per_invariance, seed)]
    reason = ""
    if basis is None:
        reason = "no gradient basis was found at this point"
    elif not (facts.convex.holds and facts.differentiable.holds):
        reason = "the loss is not known to be convex and differentiable"
    if basis is None or reason:
        reason += ": the condition does not apply"
        return Gap(objective.name, value, basis, found, len(points), "0", None, Evidence.UNDECIDED, reason, {})
    return _decide(m, z, points, basis, found, value)


def _kink(m: Model, z: Point) -> sympy.Expr | None:
    """Return a relu or step in an output whose argument is 0 at z, or may be; None where the outputs are smooth near z."""
    rough = [e for e in m.slots if smooth(e, m.variables).holds is not True]
    atoms = sorted({f for e in rough for f in e.atoms(relu, step)}, key=str)
    return next((f for f in atoms if not exact.sign(f.args[0].subs(z))), None)


def _choose(
    m: Model, found: Sequence[Invariance], z: Point, count: int, seed: int
) -> list[dict[sympy.Symbol, sympy.Expr]]:
    """Perturbed points with |v| <= 1: rational, spread over each invariance, each joined to z without a kink between.

    Lemma. Let phi and rho be analytic on a box that holds z and z + v, and unchanged along the segment between. If z is a
    local minimum of Q, the partial derivatives of Q vanish at z + t v for small t >= 0, where they are sums of the loss
    gradients at phi(z), which do not depend on t, times derivatives of phi and rho, which are analytic in t: so they vanish
    at t = 1 too, and the columns at z + v belong to the condition as those for small eps do.
    """
    rng = np.random.default_rng(seed)
    guards = compile_expressions(_guards(m), m.variables)
    out: list[dict[sympy.Symbol, sympy.Expr]] = []
    for invariance in found:
        size = 1 if invariance.direction is not None else len(invariance.block)
        for _ in range(count):
            raw = rng.integers(-8, 9, size)
            raw[rng.integers(size)] = rng.choice((-8, 8))
            steps = [EPSILON * sympy.Rational(int(c), 8 * size) for c in raw]
            tried = (perturbed(invariance, z, [s / 2**k for s in steps]) for k in range(HALVINGS))
            out.extend(itertools.islice((p for p in tried if _joined(guards, z, p)), 1))
    return out


def _guards(m: Model) -> list[sympy.Expr]:
    """Return what must not vanish for phi and rho to be analytic: arguments of relu and step, bases of roots."""
    atoms = {f.args[0] for e in (*m.slots, m.rho) for f in e.atoms(relu, step)}
    roots = {f.base for e in (*m.slots, m.rho) for f in e.atoms(sympy.Pow) if not f.exp.is_integer}
    return sorted(atoms | roots, key=str)


def _joined(guards: Program, z: Point, other: Point) -> bool:
    """Has every guard one certain sign on the box that z and another point span?"""
    if not guards.outputs:
        return True
    try:
        ends = [[compile_expressions([p[v]], []).balls([], PRECISION)[0] for p in (z, other)] for v in z]
        found = guards.balls([a.union(b) for a, b in ends], PRECISION)
    except NoEnclosure:
        return False
    return all(value > 0 or value < 0 for value in found)


def _decide(
    m: Model, z: Point, points: Sequence[Point], basis: GradientBasis, found: tuple[Invariance, ...], value: str
) -> Gap:
    """Look for a smaller induced value; failing that, show that every column is orthogonal to the gradient."""
    columns = _columns(m, points)
    slopes = _slopes(m, z, columns)
    common = (m.objective.name, value, basis, found, len(points))
    if all(s == 0 for s in slopes):
        return Gap(
            *common,
            "0",
            True,
            Evidence.CERTIFIED,
            f"the gradient is exactly orthogonal to all {len(columns)} columns: the gap is 0",
            {},
        )
    alpha = _descent(m, z, columns)
    better = _certified_drop(m, z, columns, alpha) if alpha is not None else None
    if alpha is not None and better is not None:
        certificate = {
            "points": [{v.name: text(e) for v, e in p.items()} for p in points],
            "alpha": [str(a) for a in alpha],
            "order": "points, then variables",
        }
        return Gap(
            *common,
            better,
            False,
            Evidence.CERTIFIED,
            "an induced value is strictly smaller: the point is no local minimum",
            certificate,
        )
    return Gap(
        *common, "0", None, Evidence.UNDECIDED, "no smaller induced value found, and orthogonality is not exact", {}
    )


def _columns(m: Model, points: Sequence[Point]) -> list[tuple[sympy.Expr, ...]]:
    """Return the columns d_k (phi, rho)(z + eps v_j), exact: each has m * dy + 1 entries."""
    jacobian = m.jacobian()
    out = []
    for p in points:
        rows = [[e.subs(p) for e in row] for row in jacobian]
        out += [tuple(rows[i][k] for i in range(len(rows))) for k in range(len(m.variables))]
    return out


def _loss_gradient(m: Model, z: Point) -> list[sympy.Expr]:
    """Return weight * d_k l_i(phi_i(z)) slot by slot, and 1 for rho."""
    o, out = m.objective, []
    for i, losses in enumerate(o.sample_losses):
        at = {q: m.slots[i * m.dy + k].subs(z) for k, q in enumerate(o.q)}
        out += [o.weight * sympy.diff(losses, q).subs(at, simultaneous=True) for q in o.q]
    return [*out, sympy.S.One]


def _slopes(m: Model, z: Point, columns: Sequence[tuple[sympy.Expr, ...]]) -> list[sympy.Expr]:
    """Return the exact inner products of the gradient with the columns."""
    gradient = _loss_gradient(m, z)
    return [sympy.expand(sympy.Add(*(g * c for g, c in zip(gradient, column, strict=True)))) for column in columns]


def _induced(m: Model, z: Point) -> tuple[list[sympy.Symbol], sympy.Expr]:
    """Return fresh slot variables s and weight * sum_i l_i(s_i) + s_rho."""
    o = m.objective
    s = [sympy.Symbol(f"_s{n}", real=True) for n in range(len(m.slots) + 1)]
    data = [losses.subs({q: s[i * m.dy + k] for k, q in enumerate(o.q)}) for i, losses in enumerate(o.sample_losses)]
    return s, o.weight * sympy.Add(*data) + s[-1]


def _descent(m: Model, z: Point, columns: Sequence[tuple[sympy.Expr, ...]]) -> list[Fraction] | None:
    """Minimise the induced value in floating point over phi(z) + span(columns); return rational coefficients.

    Untrusted: whatever it returns is checked by `_certified_drop`. The penalty's slot is linear, so a step along it is
    kept bounded.
    """
    from scipy.optimize import minimize

    s, induced = _induced(m, z)
    program = compile_expressions([induced, *(sympy.diff(induced, v) for v in s)], s)
    C = np.array([[float(e) for e in column] for column in columns]).T
    start = np.array([float(e.subs(z)) for e in (*m.slots, m.rho)])
    scale = np.linalg.norm(C, axis=0)
    scale[scale == 0] = 1.0

    def f(beta: np.ndarray) -> tuple[float, np.ndarray]:
        out = program.numpy((start + (C / scale) @ beta)[:, None])[:, 0]
        return float(out[0]), (C / scale).T @ out[1:] + 1e-9 * beta

    best = minimize(
        f,
        np.zeros(C.shape[1]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-1e6, 1e6)] * C.shape[1],
        options={"maxiter": 2000},
    )
    if not np.all(np.isfinite(best.x)):
        return None
    return [Fraction(float(b)).limit_denominator(10**12) for b in best.x / scale]


def _certified_drop(
    m: Model, z: Point, columns: Sequence[tuple[sympy.Expr, ...]], alpha: Sequence[Fraction]
) -> str | None:
    """Return a certified positive lower bound of Q(z) - Q(phi(z) + columns alpha), or None."""
    s, induced = _induced(m, z)
    here = [e.subs(z) for e in (*m.slots, m.rho)]
    used = [(sympy.Rational(a.numerator, a.denominator), c) for a, c in zip(alpha, columns, strict=True) if a]
    there = [h + sympy.Add(*(a * c[i] for a, c in used)) for i, h in enumerate(here)]
    old = induced.subs(dict(zip(s, here, strict=True)), simultaneous=True)
    new = induced.subs(dict(zip(s, there, strict=True)), simultaneous=True)
    try:
        drop = compile_expressions([old - new], []).balls([], PRECISION)[0]
    except NoEnclosure:
        return None
    low = drop.lower()
    return below(low) if low > 0 else None


def _decimal(m: Model, z: Point) -> str:
    ball = compile_expressions([m.objective.expression.subs(z)], []).balls([], PRECISION)[0]
    return str(ball.str(30, radius=False))
