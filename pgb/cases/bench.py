"""One case on the workbench: its objectives, its points, and exact or outward-rounded evaluation there.

Values at a point that is known only up to a radius are enclosed over the whole box, so what is shown holds for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sympy

from pgb.cases.files import Case
from pgb.errors import InputError
from pgb.expressions import text
from pgb.landscape import balls, exact
from pgb.landscape.compile import Op, Program, compile_expressions
from pgb.objective import Objective, Optimum, augmented, auxiliary, loss, no_extra_unit, optimum

if TYPE_CHECKING:
    from flint import arb

Result = TypeVar("Result")
PRECISION: Final = 320
PRECISIONS: Final = (128, 320, 1280)
JUMPS: Final = frozenset({Op.STEP, Op.SIGN, Op.SELECT})


@dataclass(frozen=True, slots=True)
class Place:
    """A point with exact coordinates, or a box around one.

    Attributes
    ----------
    name
        As in the file.
    values
        Exact coordinates by variable name.
    radius
        0 for an exact point; else the point meant is within this distance of `values` in every coordinate.
    """

    name: str
    values: Mapping[str, sympy.Expr]
    radius: Fraction = Fraction(0)

    def moved(self, name: str, values: Mapping[str, sympy.Expr]) -> Place:
        """Return the place with some coordinates replaced or added."""
        return Place(name, {**self.values, **values}, self.radius)

    def plain(self) -> dict[str, str]:
        """Return the coordinates as text."""
        return {n: text(v) for n, v in self.values.items()}


class Bench:
    """Everything that the checks of one case share, computed once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.problem = case.problem
        self._objectives: dict[str, Objective] = {}
        self._found: dict[tuple[str, str], Any] = {}
        self._coordinates: dict[tuple[sympy.Expr, int], arb] = {}

    def remember(self, what: str, where: str, compute: Callable[[], Result]) -> Result:
        """Return a result of this case that was computed before, or compute it."""
        key = (what, where)
        if key not in self._found:
            self._found[key] = compute()
        found: Result = self._found[key]
        return found

    # -- what is looked at

    def objective(self, name: str) -> Objective:
        """Return L, Lt or L2.

        Raises
        ------
        InputError
            When the problem's augmentation does not define it.
        """
        if name not in self._objectives:
            kind = self.problem.augmentation.kind
            if name == "L2" and kind != "no_extra_unit":
                raise InputError("augmentation.kind", f"must be 'no_extra_unit' for claims about L2, got {kind!r}")
            makers = {"L": loss, "Lt": augmented, "L2": no_extra_unit}
            self._objectives[name] = makers[name](self.problem)
        return self._objectives[name]

    @property
    def transformed(self) -> Objective:
        """L2 or Lt, whichever the problem's augmentation defines."""
        return self.objective(self.transformed_name)

    @property
    def transformed_name(self) -> str:
        """The name of the transformed objective, L2 or Lt."""
        return "L2" if self.problem.augmentation.kind == "no_extra_unit" else "Lt"

    @cached_property
    def optimum(self) -> Optimum:
        """L* of the data term."""
        return optimum(self.problem)

    @property
    def lam(self) -> sympy.Rational:
        """The regularisation parameter lambda."""
        return self.problem.augmentation.lam

    def added(self, letter: str) -> tuple[sympy.Symbol, ...]:
        """Return the added variables whose names begin with aux_a, aux_b or aux_w."""
        return tuple(v for v in auxiliary(self.problem) if v.name.startswith(f"aux_{letter}"))

    def place(self, name: str) -> Place:
        """Return a named point of the file, with the radius that the file states for it."""
        return Place(name, self.problem.point(name), self.case.approximate.get(name, Fraction(0)))

    def complete(self, place: Place, objective: Objective) -> Place:
        """Return the place with 0 for the variables that the objective ignores and the file leaves out.

        Raises
        ------
        InputError
            When a variable that matters has no value.
        """
        for v in objective.variables:
            if v.name not in place.values and objective.expression.has(v):
                raise InputError(f"points.{place.name}", f"must give {v.name} for claims about {objective.name}")
        idle = {v.name: sympy.S.Zero for v in objective.variables if v.name not in place.values}
        return place.moved(place.name, idle)

    def outputs(self, row: int) -> tuple[sympy.Expr, ...]:
        """Return f(x_i; theta) of one sample, in theta."""
        return self.problem.network.at(self.problem.data.x[row])

    def at_output(self, expression: sympy.Expr, row: int) -> sympy.Expr:
        """Return an expression in q with f(x_i; theta) in the place of q."""
        return expression.subs(dict(zip(self.problem.loss.q, self.outputs(row), strict=True)), simultaneous=True)

    # -- evaluation

    def coordinate(self, value: sympy.Expr, precision: int) -> arb:
        """Return a ball around a closed expression."""
        key = (value, precision)
        if key not in self._coordinates:
            self._coordinates[key] = balls.run(compile_expressions([value], []), [], precision)[0]
        return self._coordinates[key]

    def box(self, names: Sequence[str], place: Place, precision: int) -> list[arb]:
        """Return one ball for each name: the coordinate, widened by the place's radius."""
        from flint import arb, ctx

        found = [self.coordinate(place.values[n], precision) for n in names]
        if not place.radius:
            return found
        with ctx.workprec(precision):
            return [arb(v, balls.exact(place.radius)) for v in found]

    def run(self, program: Program, place: Place, precision: int = PRECISION, *, smooth: bool = False) -> list[arb]:
        """Enclose a program's outputs over a place; see `pgb.landscape.balls.run`."""
        return balls.run(program, self.box(program.inputs, place, precision), precision, smooth=smooth)

    def enclose(self, expression: sympy.Expr, place: Place, precision: int = PRECISION) -> arb:
        """Return a ball that contains the expression's value at the place.

        Raises
        ------
        NoEnclosure
            Where no finite ball is found.
        """
        if expression.has(sympy.DiracDelta):
            raise balls.NoEnclosure("the second derivative of a kink has no value")
        variables = sorted(expression.free_symbols, key=lambda v: v.name)
        return self.run(compile_expressions([expression], variables), place, precision)[0]

    def sign(self, expression: sympy.Expr, place: Place) -> int | None:
        """Return 1, 0 or -1 where the sign at the place is certain, else None; 0 comes from exact arithmetic alone.

        An expression with a jump (the derivative of a kink) has no sign where it may jump.
        """
        if expression.has(sympy.DiracDelta):
            return None
        variables = sorted(expression.free_symbols, key=lambda v: v.name)
        program = compile_expressions([expression], variables)
        jumps = [step.args[0] for step in program.code if step.op in JUMPS]
        return self._signs(replace(program, guards=tuple(dict.fromkeys(jumps))), place)[0]

    def signs(self, program: Program, place: Place) -> list[int | None]:
        """Return the certain signs of a derivative program's outputs at a place; none where a kink may sit."""
        return self._signs(program, place)

    def _signs(self, program: Program, place: Place) -> list[int | None]:
        for precision in PRECISIONS:
            try:
                found = self.run(program, place, precision, smooth=True)
            except balls.NoEnclosure:
                continue
            signs = [1 if v > 0 else -1 if v < 0 else None for v in found]
            if None not in signs:
                return [*signs]
            if not place.radius:
                break
        return self._exact_signs(program, place)

    def _exact_signs(self, program: Program, place: Place) -> list[int | None]:
        nothing: list[int | None] = [None] * len(program.outputs)
        if place.radius:
            return nothing
        ring = exact.Ring()
        try:
            values = [exact.closed_form(ring, place.values[n]) for n in program.inputs]
        except exact.Undecided:
            return nothing
        guards = replace(program, outputs=program.guards, guards=())
        if not all(_sign(ring, guards, k, values) for k in range(len(program.guards))):
            return nothing
        return [_sign(ring, program, k, values) for k in range(len(program.outputs))]


def _sign(ring: exact.Ring, program: Program, output: int, values: list[exact.Form]) -> int | None:
    try:
        return ring.sign(ring.run(program.pick([output]), values)[0])
    except exact.Undecided:
        return None


def shown(ball: arb, digits: int = 12) -> str:
    """Return a ball's digits that are certain, at most so many; a ball around 0 by its radius."""
    if ball.contains(0):
        return "0" if ball.is_zero() else f"0 +/- {ball.abs_upper().str(3, radius=False)}"
    if ball.is_exact() and ball.is_integer():
        return str(int(ball.unique_fmpz()))
    return str(ball.str(digits, radius=False))


def enclosure(ball: arb, digits: int = 30) -> str:
    """Return a ball as text for certificates: midpoint and radius."""
    return str(ball.str(digits))


def exact_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Return exact numbers as text for certificates."""
    return {n: text(sympy.sympify(v, strict=True)) for n, v in values.items()}
