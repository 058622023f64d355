"""All real critical points of an objective in a box, or everywhere, each certified, with a proof that none is missing.

The walk: exact forms -> interval tape -> symmetry -> branch and prune (`search`) -> ball certificates (`points`) ->
Poincare-Hopf check -> `CriticalSet`. Trusted, except where a module says otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy

from pgb import expressions
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.boxes import clusters, forms, rows, symmetry, tape
from pgb.landscape.compile import Program, compile_expressions
from pgb.landscape.results import Component, CriticalPoint, CriticalSet, Kind
from pgb.objective.base import Objective

if TYPE_CHECKING:
    from pgb.landscape.boxes.points import Found
    from pgb.landscape.boxes.search import Floats, Outcome, Progress

Ends = tuple[Fraction, Fraction]
MAX_PARAMETERS: Final = 12
SHOWN_BOXES: Final = 200
MANY: Final = 100_000


@dataclass(frozen=True, slots=True)
class Posed:
    """An objective made ready: its program, its forms, and the interval tape of gradient and Hessian."""

    program: Program
    store: forms.Forms
    form: forms.Form
    gradient: tuple[forms.Form, ...]
    tape: tape.Tape

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names."""
        return self.program.inputs


def pose(objective: sympy.Expr, parameters: Sequence[sympy.Symbol]) -> Posed:
    """Compile an objective for the search.

    Raises
    ------
    InputError
        For expressions that the compiler does not know, more than 12 parameters, and gradients that jump.
    """
    if not parameters or len(parameters) > MAX_PARAMETERS:
        raise InputError("parameters", f"must be 1 to {MAX_PARAMETERS} variables, got {len(parameters)}")
    program = compile_expressions([objective], parameters)
    store, (form,) = forms.from_program(program)
    gradient = store.gradient(form)
    jumps = store.kinds(gradient) & forms.JUMPS
    if jumps:
        raise InputError(
            "objective",
            f"must have a continuous gradient for the box search; its gradient has {', '.join(sorted(jumps))}, so it is "
            "decided region by region instead",
        )
    n = store.n
    hessian = [[store.derivative(gradient[i], j) for j in range(n)] for i in range(n)]
    extra = [*rows.eliminations(store, gradient), *rows.scalings(store, form, gradient)]
    extra += rows.cancellations(store, gradient)
    block = rows.quadratic_block(store, hessian)
    return Posed(program, store, form, tuple(gradient), tape.build(store, [*gradient, *extra], hessian, block))


def critical_points_in_box(
    objective: sympy.Expr,
    parameters: Sequence[sympy.Symbol],
    box: Sequence[tuple[Any, Any]] | None,
    *,
    residual_structure: Objective | None = None,
    title: str = "",
    workers: int = 2,
    boxes: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
) -> CriticalSet:
    """Find all real critical points in a box, or everywhere, and certify that they are all.

    Every sub-box is discarded by outward-rounded interval tests, or lies in a region with exactly one critical point
    (Krawczyk), or is returned as an open box. Each point is then certified a second time in Arb balls, to 30 digits,
    with its index.

    Parameters
    ----------
    objective
        A closed real expression in the parameters, with a continuous gradient.
    parameters
        At most 12.
    box
        For each parameter its exact ends (low, high), low < high; integers, rationals or decimal text. None asks for
        all critical points everywhere, which needs `residual_structure` and a ridge (see `pgb.landscape.bounds`).
    residual_structure
        The objective's parts: outputs per sample, losses, penalty.
    workers
        Threads.
    boxes, seconds
        Budgets; what was found until then is returned with the open boxes.
    seed
        Of the cost preview's random dives.
    progress
        Told the cost preview and, every half second, how far the search is.

    Raises
    ------
    InputError
        For ends that are no exact numbers or not in order, objectives that are not supported, and `box=None` where no
        bound is provable.
    """
    started = time.perf_counter()
    posed = pose(objective, parameters)
    note = ""
    coercive = False
    if box is None:
        from pgb.landscape.bounds import everywhere

        if residual_structure is not None and residual_structure.expression != objective:
            raise InputError("residual_structure", "must have the objective as its expression")
        bound = everywhere(residual_structure, posed.names)
        ends, note, coercive = list(bound.ends), bound.proof, bound.coercive
    else:
        ends = _ends(box, posed.names)
    idle = [k for k in range(posed.store.n) if not any(posed.store.depends(g, k) for g in posed.gradient)]
    if idle:
        return _cylinder(
            posed, objective, parameters, ends, idle, title, workers, boxes, seconds, seed, progress, started
        )
    whole = Objective("L", tuple(parameters), objective, "")
    return _Run(posed, whole, ends, note, coercive, workers, title, seed, started).result(boxes, seconds, progress)


def _ends(box: Sequence[tuple[Any, Any]], names: Sequence[str]) -> list[Ends]:
    if len(box) != len(names):
        raise InputError("box", f"must have {len(names)} pairs of ends, got {len(box)}")
    result = []
    for name, pair in zip(names, box, strict=True):
        if len(pair) != 2:
            raise InputError("box", f"must give {name} two ends, got {len(pair)}")
        low, high = (expressions.rational(v, f"box.{name}") for v in pair)
        if not low < high:
            raise InputError(f"box.{name}", f"must have its lower end below its upper end, got {low} and {high}")
        result.append((Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))))
    return result


@dataclass(slots=True)
class _Run:
    """One search: what it was asked, and how its outcome becomes a critical set."""

    posed: Posed
    objective: Objective
    ends: list[Ends]
    bound_proof: str
    coercive: bool
    workers: int
    title: str
    seed: int
    started: float

    def result(
        self, boxes: int | None, seconds: float | None, progress: Callable[[Progress], None] | None
    ) -> CriticalSet:
        import numpy as np

        from pgb.landscape.boxes.search import Search, Stop

        pairs = [tape.enclose(a)[:1] + tape.enclose(b)[1:] for a, b in self.ends]
        low, high = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
        n = self.posed.store.n
        group = symmetry.closure(symmetry.generators(self.posed.program, self.posed.store, self.posed.form), n)
        group = symmetry.keeping(group, low.tolist(), high.tolist())
        search = Search(self.posed.tape, low, high, symmetry.cone(group, n), self.workers)
        outcome = search.run(boxes, seconds, progress, self.seed)
        points, notes, certain = self._points(outcome, group)
        open_boxes, clusters = self._open(outcome, group)
        finished = outcome.stop is Stop.FINISHED and not len(outcome.undecided) and not len(outcome.waiting)
        complete = finished and certain
        notes += self._notes(outcome, group)
        if complete:
            verdict = self._poincare_hopf(points, low, high)
            notes.append(verdict[1])
            complete = verdict[0]
        sentence = self._sentence(outcome, complete, certain, len(points), len(clusters))
        return CriticalSet(
            self.title,
            Evidence.CERTIFIED if complete else Evidence.UNDECIDED,
            complete,
            sentence,
            tuple(points) + tuple(clusters),
            None,
            len(points) if complete else None,
            (),
            tuple(open_boxes),
            time.perf_counter() - self.started,
            self.seed,
            tuple(n for n in notes if n),
            interrupted=outcome.stop is Stop.INTERRUPTED,
        )

    def _points(
        self, outcome: Outcome, group: Sequence[symmetry.Signed]
    ) -> tuple[list[CriticalPoint], list[str], bool]:
        """Return the certified points in the box, remarks, and whether all comparisons between them were certain."""
        from pgb.landscape.boxes.points import certify, orbits, report
        from pgb.landscape.derivatives import differentiate
        from pgb.landscape.recheck import fingerprint

        programs = differentiate(self.posed.program)
        stamp = fingerprint(self.objective) if len(outcome.zones) else ""
        found = [certify(programs, zone) for zone in outcome.zones]
        families, certain = orbits(found, group)
        notes, points = [], []
        for family in families:
            for f in family:
                place = self._place(f)
                if place == "outside":
                    continue
                points.append(report(f, self.posed.names, stamp, len(family)))
                if place == "boundary":
                    notes.append(f"point {len(points)} may lie on the boundary of the box, within {points[-1].radius}")
        if not certain:
            notes.append("two certified zeros could not be told apart: their enclosures touch")
        return points, notes, certain

    def _place(self, f: Found) -> str:
        """Tell where a certified zero lies: inside the exact box, outside it, or too near its boundary to tell."""
        result = "inside"
        for j, (a, b) in enumerate(self.ends):
            radius = Fraction(0) if j in f.fixed else f.radius[j]
            centre = Fraction(0) if j in f.fixed else f.centre[j]
            if centre + radius < a or centre - radius > b:
                return "outside"
            if not (a <= centre - radius and centre + radius <= b):
                result = "boundary"
        return result

    def _open(
        self, outcome: Outcome, group: Sequence[symmetry.Signed]
    ) -> tuple[list[dict[str, tuple[str, str]]], list[CriticalPoint]]:
        """Return the open boxes, and one undecided point for each cluster of boxes that refinement did not decide.

        What the search left lies in a cone; its mirror images are as open as itself.
        """
        import numpy as np

        from pgb.landscape.boxes.search import Stop

        found = clusters.hulls(clusters.images(clusters.hulls(outcome.undecided), group))
        waiting = outcome.waiting
        if len(waiting) * len(group) > SHOWN_BOXES:
            few = (
                clusters.hulls(waiting)
                if len(waiting) < MANY
                else [np.stack([waiting[:, 0].min(0), waiting[:, 1].max(0)])]
            )
            merged = clusters.hulls(clusters.images(few, group))
        else:
            merged = list(clusters.images(list(waiting), group))
        shown = [self._named(h) for h in [*found[:SHOWN_BOXES], *merged]]
        points = [self._cluster(h) for h in found[:SHOWN_BOXES]] if outcome.stop is Stop.FINISHED else []
        return shown, points

    def _named(self, hull: Floats) -> dict[str, tuple[str, str]]:
        return {
            name: (clusters.decimal(float(hull[0][k])), clusters.decimal(float(hull[1][k])))
            for k, name in enumerate(self.posed.names)
        }

    def _cluster(self, hull: Floats) -> CriticalPoint:
        """Describe a cluster of undecided boxes: a degenerate zero, several close ones, a curve of zeros, or none."""
        middle = 0.5 * hull[0] + 0.5 * hull[1]
        value = float(self.posed.program.numpy(middle[:, None])[0, 0])
        return CriticalPoint(
            {name: repr(float(v)) for name, v in zip(self.posed.names, middle, strict=True)},
            repr(value), Kind.DEGENERATE, None, Evidence.UNDECIDED,
            repr(float((hull[1] - hull[0]).max())), None, None,
            {"hull": {k: list(v) for k, v in self._named(hull).items()},
             "why": "the interval tests decide nothing here: the Hessian may be singular, or a function undefined or too large"},
        )  # fmt: skip

    def _poincare_hopf(self, points: Sequence[CriticalPoint], low: Floats, high: Floats) -> tuple[bool, str]:
        """Check sum (-1)^index = 1 where the gradient is shown to point outward; return whether nothing contradicts it."""
        from pgb.landscape.boxes.boundary import points_outward

        if any(p.index is None for p in points):
            return True, ""
        why = "the objective is coercive and all its critical points lie in the box" if self.coercive else ""
        if not why and points_outward(self.posed.tape, low, high):
            why = "the gradient is homotopic to the outward field on the boundary (certified)"
        if not why:
            return True, ""
        total = sum((-1) ** int(p.index or 0) for p in points)
        if total == 1:
            return True, f"Poincare-Hopf check passed: sum (-1)^index = 1, and {why}"
        return False, f"CONTRADICTION: sum (-1)^index = {total}, but {why}; nothing is claimed, please report this"

    def _notes(self, outcome: Outcome, group: Sequence[symmetry.Signed]) -> list[str]:
        s = outcome.statistics
        notes = [self.bound_proof]
        if len(group) > 1:
            notes.append(
                f"symmetry group of order {len(group)} (signs and permutations of parameters), verified exactly"
            )
        notes.append(
            f"{s['boxes']} boxes in {outcome.cpu_seconds:.4f} CPU seconds; discarded: {s['natural']} by the natural range, "
            f"{s['mean_value']} by the mean value form, {s['newton']} by Newton, {s['mirrored']} as mirror images"
        )
        if outcome.estimate is not None:
            notes.append(f"the cost preview, made after a few boxes, expected about {outcome.estimate:.3g} boxes")
        return notes

    def _sentence(self, outcome: Outcome, complete: bool, certain: bool, points: int, clusters: int) -> str:
        where = "all of R^n" if self.bound_proof else "the box"
        if complete:
            return (
                f"every point of {where} lies in a sub-box that holds no critical point or in a region that holds exactly "
                f"one of the {points} listed ({outcome.statistics['boxes']} boxes, outward-rounded interval arithmetic)"
            )
        if clusters:
            return (
                f"outside {clusters} small cluster(s) of undecided boxes the {points} certified points are all; in a "
                "cluster the Hessian may be singular, or a function undefined or too large"
            )
        if not certain:
            return "two certified zeros could not be told apart"
        if len(outcome.waiting):
            return f"not complete: {outcome.stop.value}; {len(outcome.waiting)} boxes are open"
        return "not complete: see the notes"


def _cylinder(
    posed: Posed, objective: sympy.Expr, parameters: Sequence[sympy.Symbol], ends: list[Ends], idle: list[int],
    title: str, workers: int, boxes: int | None, seconds: float | None, seed: int,
    progress: Callable[[Progress], None] | None, started: float,
) -> CriticalSet:  # fmt: skip
    """Treat an objective whose gradient does not involve some parameters: its critical set is a product.

    L = M(the others) + c . (idle parameters), M and c from the exact forms: where c is not 0 there is none.
    """
    names = posed.names
    why = f"the gradient does not depend on {', '.join(names[k] for k in idle)}"
    if any(forms.value_of(posed.gradient[k]) != 0 for k in idle):
        return CriticalSet(
            title, Evidence.CERTIFIED, True, f"{why}, and is not 0 there: no critical point exists", (), None, 0,
            seconds=time.perf_counter() - started, seed=seed,
        )  # fmt: skip
    live = [k for k in range(len(names)) if k not in idle]
    base: CriticalSet | None = None
    if live:
        fixed = {parameters[k]: sympy.Rational(*sum(ends[k]).as_integer_ratio()) / 2 for k in idle}
        base = critical_points_in_box(
            objective.subs(fixed), [parameters[k] for k in live], [ends[k] for k in live],
            title=title, workers=workers, boxes=boxes, seconds=seconds, seed=seed, progress=progress,
        )  # fmt: skip
    components = [
        Component(
            len(idle), dict(p.theta), p.value, p.status, f"{why}: any values of these may be added to the witness"
        )
        for p in (base.points if base else ())
    ]
    if base is None:
        components = [Component(len(names), {}, None, Evidence.CERTIFIED, "the gradient vanishes identically")]
    return CriticalSet(
        title, base.status if base else Evidence.CERTIFIED, base.complete if base else True,
        base.completeness if base else "the objective is constant", (), None, 0, tuple(components),
        base.open_boxes if base else (), time.perf_counter() - started, seed,
        (*(base.notes if base else ()), why),
    )  # fmt: skip
