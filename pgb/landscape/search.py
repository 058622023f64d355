"""One door to all critical points of a problem: picks the engine by the objective's structure, and says which.

Polynomial objectives go to homotopy (complex and real points, completeness by a proved bound where there is one); all
others to interval branch and prune, in the region of the problem or everywhere when a ridge proves a bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.results import Component, CriticalPoint, CriticalSet, Kind
from pgb.landscape.univariate import critical_points_on_the_line, on_the_line
from pgb.objective import Objective, loss, transformed
from pgb.problem import Problem
from pgb.problem.problem import Interval

if TYPE_CHECKING:
    from pgb.landscape.classification import Classification
    from pgb.landscape.polynomial.formula import FormulaNetwork
    from pgb.landscape.polynomial.network import LinearNetwork
    from pgb.landscape.reduction import Reduction

Progress = Callable[..., None]


def critical_points(
    problem: Problem,
    *,
    augmented: bool = False,
    box: Sequence[Interval] | None = None,
    everywhere: bool = False,
    workers: int = 2,
    boxes: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> CriticalSet:
    """Return all critical points of L, or of the transformed objective.

    Parameters
    ----------
    problem
        The problem; its region is the box unless `box` or `everywhere` says otherwise.
    augmented
        Search the transformed objective (Lt, L2) directly. The critical points of Lt are never isolated (b is free);
        use `pgb.landscape.reduction` for their description.
    box
        One closed interval for each variable.
    everywhere
        Ignore the problem's region.
    workers, boxes, seconds
        Processes, and budgets of the branch and prune search.
    seed
        Of every random choice; results do not depend on it.
    progress
        Called by the engines as they go.

    Raises
    ------
    InputError
        When the objective has kinks, or the search would be unbounded and no bound is provable.
    """
    objective = transformed(problem) if augmented else loss(problem)
    rectangle = None if everywhere else box if box is not None else region(problem, objective)
    if rectangle is None and _polynomial(objective):
        if sympy.Poly(objective.expression, *objective.variables).total_degree() <= 2:
            return quadratic(problem, objective)
        line = on_the_line(objective)
        if line is not None:
            return critical_points_on_the_line(problem.title, objective, line)
        return _homotopy(problem, objective, seed, progress)
    return _sorted(_boxes(problem, objective, rectangle, workers, boxes, seconds, seed, progress))


def _sorted(found: CriticalSet) -> CriticalSet:
    """Return the set with its points by value, then by coordinates."""
    points = sorted(found.points, key=lambda p: (Fraction(p.value), [Fraction(v) for v in p.theta.values()]))
    return replace(found, points=tuple(points))


def region(problem: Problem, objective: Objective) -> list[Interval] | None:
    """Return the problem's region for every variable of the objective; None where some variable has none."""
    found = [problem.region.get(v.name) for v in objective.variables]
    return None if any(r is None for r in found) else [r for r in found if r is not None]


def _polynomial(objective: Objective) -> bool:
    e = objective.expression
    if not e.is_polynomial(*objective.variables):
        return False
    return all(c.is_Rational for c in sympy.Poly(e, *objective.variables).coeffs())


def quadratic(problem: Problem, objective: Objective) -> CriticalSet:
    """Solve grad = 0 exactly where the objective has degree at most 2: one point, an affine set, or none."""
    variables = objective.variables
    hessian = objective.hessian()
    signs = _inertia(hessian)
    solution = sympy.linsolve(list(objective.gradient()), *variables)
    title, status = problem.title, Evidence.CERTIFIED
    if not solution:
        return CriticalSet(title, status, True, "the gradient is linear and has no zero", (), 0, 0)
    point = [v.subs(dict.fromkeys(variables, 0)) for v in next(iter(solution))]
    theta = {v.name: _decimal(c) for v, c in zip(variables, point, strict=True)}
    value = _decimal(objective.expression.subs(dict(zip(variables, point, strict=True))))
    nullity = len(variables) - sum(signs)
    if nullity:
        why = f"the gradient is linear of rank {len(variables) - nullity}: its zeros are an affine set"
        component = Component(nullity, theta, value, status, why)
        return CriticalSet(title, status, True, why, (), 0, 0, components=(component,))
    kind = Kind.LOCAL_MINIMUM if not signs[0] else Kind.LOCAL_MAXIMUM if not signs[1] else Kind.SADDLE
    exact = {v.name: str(c) for v, c in zip(variables, point, strict=True)}
    found = CriticalPoint(theta, value, kind, signs[0], status, "1e-30", kind is not Kind.SADDLE, 1, {"exact": exact})
    return CriticalSet(
        title, status, True, "the gradient is linear and regular: one zero, solved exactly", (found,), 1, 1
    )


def _inertia(matrix: sympy.Matrix) -> tuple[int, int]:
    """Return the numbers of negative and positive eigenvalues of a rational symmetric matrix, exactly.

    By Descartes' rule, which is exact for a polynomial whose roots are all real.
    """
    row = matrix.charpoly().all_coeffs()

    def changes(coefficients: Sequence[sympy.Rational]) -> int:
        signs = [c > 0 for c in coefficients if c != 0]
        return sum(a != b for a, b in itertools.pairwise(signs))

    flipped = [c * (-1) ** n for n, c in enumerate(row)]
    return changes(flipped), changes(row)


def _decimal(value: sympy.Rational) -> str:
    """Return a rational as a decimal, exactly where it is short, else to 40 digits."""
    return str(sympy.N(value, 40)) if value.q != 1 else str(value)


def _homotopy(problem: Problem, objective: Objective, seed: int, progress: Progress | None) -> CriticalSet:
    from pgb.landscape.polynomial.solve import critical_points_of_polynomial

    structure = network_family(problem) if objective.name == "L" else None
    found = critical_points_of_polynomial(
        objective.expression,
        objective.variables,
        structure=structure,
        title=problem.title,
        seed=seed,
        progress=progress,
    )
    note = _missing(problem, objective, found)
    return replace(found, notes=(*found.notes, note)) if note else found


def _missing(problem: Problem, objective: Objective, found: CriticalSet) -> str:
    """Return why points must be missing, if the indices say so; else "".

    The critical points of a function that tends to infinity in all directions, if all are nondegenerate, have
    sum (-1)^index = 1 (Poincare-Hopf; Milnor, Topology from the Differentiable Viewpoint, section 6).
    """
    growing = objective.name == "L" and all(problem.ridge.get(v.name, 0) > 0 for v in objective.variables)
    if not growing or problem.hypotheses()["loss_nonnegative"].holds is not True:
        return ""
    indices = [p.index for p in found.points if p.multiplicity == 1 and p.index is not None]
    total = sum(-1 if k % 2 else 1 for k in indices)
    if found.components or found.open_boxes or found.interrupted or len(indices) < len(found.points) or total == 1:
        return ""
    return f"Real critical points are missing: the indices of those listed give {total}, and those of all would give 1."


def network_family(problem: Problem) -> LinearNetwork | FormulaNetwork | None:
    """Return the problem as a member of the engine's family of all data sets of its network; None where it has none.

    A deep linear network always has one. Any other polynomial network has one when every parameter carries a ridge:
    then the solutions over all data and ridges form one irreducible variety on each stratum of zero parameters, because
    the equations can be solved for the ridges, and continuation reaches all of them. Without a ridge they need not
    (f' = 0 is a component of its own), and the loss is solved as a polynomial like any other.
    """
    from pgb.landscape.polynomial.formula import FormulaNetwork
    from pgb.landscape.polynomial.general import MAX_VARIABLES
    from pgb.landscape.polynomial.network import LinearNetwork

    network = problem.network
    if problem.loss.name != "squared":
        return None
    X = tuple(tuple(_exact(row[j]) for row in problem.data.x) for j in range(problem.data.dx))
    Y = tuple(tuple(_exact(row[j]) for row in problem.data.y) for j in range(network.dy))
    ridge = tuple(_exact(problem.ridge.get(p.name, sympy.S.Zero)) for p in network.parameters)
    scale = _exact(problem.weight() * problem.loss.scale)
    if network.kind == "linear" and not network.bias and len(network.layers) >= 3:
        if not any(v for row in X for v in row):
            return None
        return LinearNetwork(network.layers, X, Y, ridge, scale, tuple(p.name for p in network.parameters))
    symbols = (*network.inputs, *network.parameters)
    if not all(ridge) or len(ridge) > MAX_VARIABLES or not all(f.is_polynomial(*symbols) for f in network.outputs):
        return None
    if not all(c.is_Rational for f in network.outputs for c in sympy.Poly(f, *symbols).coeffs()):
        return None
    return FormulaNetwork(network.outputs, network.inputs, network.parameters, X, Y, ridge, scale)


def _exact(v: sympy.Rational) -> Fraction:
    return Fraction(int(v.p), int(v.q))


def _boxes(
    problem: Problem,
    objective: Objective,
    rectangle: Sequence[Interval] | None,
    workers: int,
    boxes: int | None,
    seconds: float | None,
    seed: int,
    progress: Progress | None,
) -> CriticalSet:
    from pgb.landscape.boxes.critical import critical_points_in_box

    if rectangle is not None and len(rectangle) != len(objective.variables):
        raise InputError("--box", f"must give {len(objective.variables)} intervals, got {len(rectangle)}")
    return critical_points_in_box(
        objective.expression,
        objective.variables,
        rectangle,
        residual_structure=objective,
        title=problem.title,
        workers=workers,
        boxes=boxes,
        seconds=seconds,
        seed=seed,
        progress=progress,
    )


def augmented_points(problem: Problem, critical: CriticalSet) -> list[Reduction]:
    """Return the critical points of Lt over every real critical point of L that was found, by the reduction theorem."""
    from pgb.landscape.reduction import reduce_at, reduce_at_fit

    out = []
    for point in critical.points:
        found = reduce_at(problem, enclosure(point))
        if found.kind == "undecided" and _fits(problem, point):
            found = reduce_at_fit(problem, found.theta)
        out.append(found)
    return out


def _fits(problem: Problem, point: CriticalPoint) -> bool:
    """Is it certified that the loss gradients vanish exactly at a zero within the point's own decimals?"""
    from pgb.landscape import fits
    from pgb.landscape.place import exact_place

    objective = loss(problem)
    if problem.ridge:
        return False
    place = exact_place(objective, {n: sympy.Rational(v) for n, v in point.theta.items()})
    return fits.find(place, max(Fraction(point.radius), Fraction(1, 10**30))) is not None


def enclosure(point: CriticalPoint) -> dict[str, Any]:
    """Return balls that contain a certified critical point: its decimals, widened by the stated radius."""
    from flint import ctx

    from pgb.landscape.balls import around

    with ctx.workprec(512):
        return {n: around(Fraction(v), Fraction(point.radius)) for n, v in point.theta.items()}


def classify_point(problem: Problem, point: Mapping[str, sympy.Expr]) -> tuple[Classification, dict[str, Any]]:
    """Classify a point of L, or of the transformed objective when it names auxiliary variables; and its record."""
    from pgb.landscape.classify import classify

    lifted = any(name.startswith("aux_") for name in point)
    objective = transformed(problem) if lifted else loss(problem)
    found = classify(objective, point)
    return found, {"title": problem.title, "objective": objective.name, **found.to_json()}
