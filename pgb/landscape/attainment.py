"""Is L* attained by some theta? The question on which vacuity turns; decided with a certificate, or left undecided.

L* is attained by theta exactly when f(xbar_j; theta) minimises the summed loss of every group j. In this order:

1. a group whose infimum no output attains (cross-entropy with one label per input): no theta attains L*;
2. a named point at which every group's loss gradient is exactly 0: yes (convex losses);
3. the equations f(xbar_j; theta) = q_j, q_j the unique minimisers, polynomial over Q with Groebner basis {1}: no;
4. a square subsystem of these equations with a Krawczyk-certified zero, other parameters held at rationals: yes;
5. every critical point of L known, complete, and every value above L*: no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy
from scipy.linalg import qr
from scipy.optimize import least_squares

from pgb.evidence import Evidence
from pgb.landscape import certificates, exact, proposals
from pgb.landscape.compare import compare
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import jacobian
from pgb.landscape.results import CriticalSet
from pgb.objective import Optimum, group_gradient, optimum
from pgb.problem import Problem

PRECISION: Final = 192
RADIUS: Final = Fraction(1, 2**40)
GROEBNER_LIMIT: Final = 8  # variables


@dataclass(frozen=True, slots=True)
class Attainment:
    """Whether some theta attains L*.

    Attributes
    ----------
    attained
        True, False or None (undecided).
    status, reason
        How that is known.
    certificate
        Plain data: the point's name, or the centre and radius of a certified interpolating theta.
    """

    attained: bool | None
    status: Evidence
    reason: str
    certificate: Mapping[str, Any]


def attainment(problem: Problem, critical: CriticalSet | None = None, *, starts: int = 40, seed: int = 0) -> Attainment:
    """Decide whether some theta attains L* of the data term.

    Parameters
    ----------
    critical
        All critical points of L, if they were enumerated.
    starts, seed
        Of the numerical search for an interpolating theta.
    """
    star = optimum(problem)
    if star.attained is False:
        return Attainment(False, Evidence.CERTIFIED, f"no output attains the optimum ({star.reason})", {})
    for name, point in problem.points.items():
        if _exactly_optimal(problem, point):
            return Attainment(
                True, Evidence.CERTIFIED, f"every loss gradient is exactly 0 at the point {name!r}", {"point": name}
            )
    targets = _targets(problem, star)
    if targets is not None:
        equations = [sympy.expand(e) for e in targets]
        if _unique(problem) and _inconsistent(equations, problem.parameters):
            return Attainment(
                False,
                Evidence.CERTIFIED,
                "the equations f(x_j; theta) = q_j have Groebner basis {1}: no theta solves them",
                {},
            )
        found = _interpolates(problem, equations, starts, seed)
        if found is not None:
            return found
    if critical is not None and critical.complete and star.value is not None and critical.points:
        low = min(critical.points, key=lambda p: float(p.value))
        margin = Fraction(low.value) - _upper(star.value)
        if margin > Fraction(1, 10**9) * max(Fraction(1), abs(Fraction(low.value))):
            return Attainment(
                False,
                Evidence.CERTIFIED,
                f"all critical points of L are known and the least value {low.value} is above L*",
                {},
            )
    return Attainment(None, Evidence.UNDECIDED, "no interpolating theta was certified, and none was excluded", {})


def _upper(value: sympy.Expr) -> Fraction:
    ball = compile_expressions([value], []).balls([], PRECISION)[0]
    return proposals.fraction(ball.upper())


def _exactly_optimal(problem: Problem, point: Mapping[str, sympy.Expr]) -> bool:
    """Is every group's loss gradient exactly 0 at the point? (For convex losses: L(theta) = L*.)"""
    if problem.loss_facts().convex.holds is not True:
        return False
    theta = {p: point[p.name] for p in problem.parameters}
    outputs = problem.outputs()
    for group in problem.data.groups():
        at = dict(zip(problem.loss.q, (f.subs(theta) for f in outputs[group[0]]), strict=True))
        if any(exact.sign(g.subs(at, simultaneous=True)) != 0 for g in group_gradient(problem, group)):
            return False
    return True


def _targets(problem: Problem, star: Optimum) -> list[sympy.Expr] | None:
    """Return f(xbar_j; theta)_k - q_jk for all groups, q_j a minimiser of the group's loss; None where one is unknown."""
    outputs = problem.outputs()
    equations = []
    for group, best in zip(problem.data.groups(), star.groups, strict=True):
        if best.minimiser is None:
            return None
        equations += [f - q for f, q in zip(outputs[group[0]], best.minimiser, strict=True)]
    return equations


def _unique(problem: Problem) -> bool:
    """Has every group's loss one minimiser only? (Cross-entropy has it up to a shift only; hinges have many.)"""
    name = problem.loss.name
    return name in ("squared", "logistic") or (name == "formula" and _strictly_convex_quadratic(problem))


def _strictly_convex_quadratic(problem: Problem) -> bool:
    q = problem.loss.q
    for losses in problem.sample_losses():
        if not losses.is_polynomial(*q) or sympy.Poly(losses, *q).total_degree() > 2:
            return False
        if not sympy.hessian(losses, list(q)).is_positive_definite:
            return False
    return True


def _inconsistent(equations: Sequence[sympy.Expr], parameters: Sequence[sympy.Symbol]) -> bool:
    """Is the ideal of the equations the whole ring? Then not even a complex theta solves them."""
    used = [p for p in parameters if any(e.has(p) for e in equations)]
    if any(e.is_number and e != 0 for e in equations):
        return all(exact.sign(e) != 0 for e in equations if e.is_number and e != 0)
    if not used or len(used) > GROEBNER_LIMIT or not all(e.is_polynomial(*used) for e in equations):
        return False
    polynomials = [sympy.Poly(e, *used) for e in equations]
    if (
        not all(c.is_Rational for p in polynomials for c in p.coeffs())
        or max(p.total_degree() for p in polynomials) > 6
    ):
        return False
    basis = sympy.groebner([p.as_expr() for p in polynomials], *used, order="grevlex")
    return bool(basis.exprs == [1])


def _interpolates(problem: Problem, equations: Sequence[sympy.Expr], starts: int, seed: int) -> Attainment | None:
    """Search for a zero of the equations and certify one near it, all but as many parameters held at rationals."""
    live = [e for e in equations if e != 0]
    parameters = problem.parameters
    if not live:
        return Attainment(True, Evidence.CERTIFIED, "every theta attains L*", {})
    if any(e.is_number for e in live):
        return None
    system, slopes = compile_expressions(live, parameters), jacobian(live, parameters)
    rng = np.random.default_rng(seed)
    m, n = len(live), len(parameters)

    def residual(z: np.ndarray) -> np.ndarray:
        return np.nan_to_num(system.numpy(z[:, None])[:, 0], nan=1e6, posinf=1e6, neginf=-1e6)

    def slope(z: np.ndarray) -> np.ndarray:
        return np.nan_to_num(slopes.numpy(z[:, None])[:, 0].reshape(m, n))

    for _ in range(starts):
        run = least_squares(
            residual, rng.normal(0, 1.5, n), jac=slope, method="trf", max_nfev=400, xtol=1e-15, gtol=1e-15
        )
        if not run.cost < 1e-16:
            continue
        J = slope(run.x)
        rows = _leading(J.T)
        columns = _leading(J[rows])
        if len(rows) != len(columns):
            continue
        chosen, others = [live[i] for i in rows], [live[i] for i in range(m) if i not in rows]
        found = _certify(chosen, others, parameters, run.x, columns)
        if found is not None:
            return found
    return None


def _leading(A: np.ndarray) -> list[int]:
    """Return columns of A that are independent to working accuracy, as many as its numerical rank."""
    _, R, order = qr(A, pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int(np.sum(diagonal > 1e-7 * diagonal[0])) if diagonal.size and diagonal[0] > 0 else 0
    return sorted(int(i) for i in order[:rank])


def _certify(
    chosen: Sequence[sympy.Expr],
    others: Sequence[sympy.Expr],
    parameters: Sequence[sympy.Symbol],
    x: np.ndarray,
    moving: Sequence[int],
) -> Attainment | None:
    """Hold all parameters but `moving` at rationals near x, certify a zero of the chosen equations, derive the others."""
    held = {p: sympy.Rational(str(Fraction(f"{x[i]:.12g}"))) for i, p in enumerate(parameters) if i not in moving}
    free = [parameters[i] for i in moving]
    square = [e.subs(held) for e in chosen]
    system, slopes = compile_expressions(square, free), jacobian(square, free)
    centre = proposals.newton(system, slopes, [Fraction(float(x[i])) for i in moving], PRECISION)
    if centre is None:
        return None
    inverse = proposals.inverse(slopes, centre, PRECISION)
    if inverse is None:
        return None
    radius = [RADIUS * max(Fraction(1), abs(c)) for c in centre]
    zero = certificates.krawczyk(system, slopes, centre, radius, inverse, PRECISION)
    if isinstance(zero, certificates.Refused):
        return None
    nonzero = [p for p, v in held.items() if v != 0]
    nonzero += [p for p, ball in zip(free, zero.enclosure, strict=True) if not ball.contains(0)]
    if not _follow(chosen, others, parameters, nonzero):
        return None
    shown = {p.name: str(v) for p, v in held.items()}
    shown |= {p.name: f"{float(c):.15g}" for p, c in zip(free, centre, strict=True)}
    certificate = {"theta": shown, "radius": str(float(max(radius))), "free": [p.name for p in free]}
    return Attainment(True, Evidence.CERTIFIED, "an interpolating theta is certified (Krawczyk)", certificate)


def _follow(
    chosen: Sequence[sympy.Expr],
    others: Sequence[sympy.Expr],
    parameters: Sequence[sympy.Symbol],
    nonzero: Sequence[sympy.Symbol],
) -> bool:
    """Do the chosen equations imply the others wherever the `nonzero` parameters do not vanish?

    Shown by membership in the ideal of the chosen equations, saturated by the product of those parameters.
    """
    if not others:
        return True
    equations = [*chosen, *others]
    used = [p for p in parameters if any(e.has(p) for e in equations)]
    if len(used) > GROEBNER_LIMIT or not all(e.is_polynomial(*used) for e in equations):
        return False
    t = sympy.Symbol("_t", real=True)
    product = sympy.Mul(*(p for p in nonzero if p in used))
    basis = sympy.groebner([*chosen, t * product - 1], t, *used, order="grevlex")
    return all(basis.contains(e) for e in others)


def attains(problem: Problem, value: sympy.Expr) -> bool | None:
    """Is an exact value of the data term equal to L*? None where that is not decided."""
    star = optimum(problem).value
    if star is None:
        return None
    sign = compare(value, star)
    return None if sign is None else sign == 0
