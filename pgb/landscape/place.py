"""A critical point that is known exactly: given by closed expressions, or as the only zero in a certified box; trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from flint import arb, ctx

from pgb.landscape import balls, certificates
from pgb.landscape.compile import Program, compile_expressions
from pgb.landscape.derivatives import Derivatives, differentiate, jacobian
from pgb.landscape.exact import Form, Ring, Undecided, closed_form
from pgb.objective.base import Objective

PRECISION: Final = 256
MAX_DIGITS: Final = 4_096
_RATIONAL: Final = re.compile(r"-?\d+(/\d*[1-9]\d*)?")
NEAR: Final = Fraction(1, 2**64)  # radius of the neighbourhoods in which the sides of kinks are read off


@dataclass(frozen=True, slots=True)
class Place:
    """A point theta* of an objective's domain.

    Attributes
    ----------
    objective
        The function to be minimised.
    source
        Program of its value.
    ring
        Exact arithmetic in which the coordinates are expressed.
    coordinates
        n forms: closed ones for an exact point; for a certified zero rational combinations of the unknowns z, whose
        balls come from the certificate.
    exact
        Whether all coordinates are closed forms.
    critical
        Whether the whole gradient is known to vanish here (always so for a certified zero).
    piece
        True where `source` is one smooth piece of the objective, to which the objective's expression and parts do not
        apply.
    fitted, spare
        Where the outputs' exact values are known (`pgb.landscape.fitted`): these values, row by row, and the dimension of
        the manifold of points with the same outputs.
    """

    objective: Objective
    source: Program
    ring: Ring
    coordinates: tuple[Form, ...]
    exact: bool
    critical: bool
    piece: bool = False
    fitted: tuple[tuple[Form, ...], ...] | None = None
    spare: int = 0
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """The number of variables."""
        return len(self.coordinates)

    def balls(self, precision: int = PRECISION) -> list[arb]:
        """Return n balls around the coordinates."""
        return [self.ring.ball(c, precision) for c in self.coordinates]

    def open_guards(self) -> tuple[int, ...]:
        """Return the positions of the guards whose sign at this point is 0 or not decided: where kinks may sit."""
        if "open" not in self._cache:
            signs = [_sign_of(self.ring, self.source, k, self.coordinates) for k in range(len(self.source.guards))]
            self._cache["open"] = tuple(k for k, s in enumerate(signs) if not s)
        found: tuple[int, ...] = self._cache["open"]
        return found

    def smooth(self) -> Derivatives | None:
        """Return value, gradient and Hessian programs, or None where a kink may sit at this point."""
        if self.open_guards():
            return None
        if "smooth" not in self._cache:
            self._cache["smooth"] = differentiate(self.source)
        programs: Derivatives = self._cache["smooth"]
        return programs


def _sign_of(ring: Ring, source: Program, guard: int, coordinates: Sequence[Form]) -> int | None:
    """Return the certain sign of a guard at exact coordinates."""
    program = source.guard_values().pick([guard])
    values = [ring.ball(c, PRECISION) for c in coordinates]
    try:
        with ctx.workprec(PRECISION):
            (value,) = balls.run(program, values, PRECISION)
        found = certificates.sign(value)
        return found if found else ring.sign(ring.run(program, list(coordinates))[0])
    except (balls.NoEnclosure, Undecided):
        return None


def exact_place(objective: Objective, point: Mapping[str, Any]) -> Place:
    """Return the place of an exact point; `critical` says whether its gradient is exactly zero.

    Parameters
    ----------
    objective
        The function.
    point
        Closed real expressions by variable name, one for each variable.

    Raises
    ------
    Undecided
        When a coordinate has no normal form.
    """
    ring = Ring()
    source = compile_expressions([objective.expression], objective.variables)
    coordinates = tuple(closed_form(ring, point[v.name]) for v in objective.variables)
    place = Place(objective, source, ring, coordinates, exact=True, critical=False)
    programs = place.smooth()
    if programs is None:
        return place
    try:
        near = balls.run(programs.gradient, place.balls(), PRECISION, smooth=True)
        if any(certificates.sign(g) for g in near):
            return place
        gradient = ring.run(programs.gradient, list(coordinates))
    except (Undecided, balls.NoEnclosure):
        return place
    critical = all(ring.is_zero(g) for g in gradient)
    return Place(objective, source, ring, coordinates, exact=True, critical=critical, _cache=place._cache)


def plain(value: Any) -> Any:
    """Return nested tuples of rationals as nested lists of strings."""
    return str(value) if isinstance(value, Fraction | int) else [plain(v) for v in value]


def rationals(value: Any) -> Any:
    """Return nested lists of rational strings as nested tuples of rationals.

    Raises
    ------
    ValueError
        For anything else, floats and nan included.
    """
    if isinstance(value, str):
        if len(value) > MAX_DIGITS or not _RATIONAL.fullmatch(value):
            raise ValueError(f"a rational number such as '-3/7' is needed, got {value[:40]!r}")
        return Fraction(value)
    if isinstance(value, list | tuple):
        return tuple(rationals(v) for v in value)
    raise ValueError(f"a rational number in quotes is needed, got {value!r}")


def slice_gradient(place: Place, gradient: Program) -> list[Form]:
    """Return the derivatives of L along the unknowns z of a certified zero, as forms in z: they all vanish at theta*."""
    ring = place.ring
    names = sorted((name for name in ring.values if name.startswith("z")), key=lambda name: int(name[1:]))
    values = ring.run(gradient, list(place.coordinates))
    slopes = []
    for name in names:
        (monomial,) = ring.variable(name)
        total: Form = {}
        for c, g in zip(place.coordinates, values, strict=True):
            if monomial in c:
                total = ring.add(total, ring.scale(c[monomial], g))
        slopes.append(total)
    return slopes


def vanishes(place: Place, form: Form, relation: Mapping[str, Any] | None = None) -> bool:
    """Is a form in the coordinates certainly zero at theta*: identically, or (at a certified zero) by a relation to the slopes?"""
    if place.ring.is_zero(form):
        return True
    programs = place.smooth()
    if not relation or place.exact or programs is None:
        return False
    if "slopes" not in place._cache:
        place._cache["slopes"] = slice_gradient(place, programs.gradient)
    return multiple(place.ring, form, place._cache["slopes"], relation)


def multiple(ring: Ring, g: Form, slopes: Sequence[Form], relation: Mapping[str, Any]) -> bool:
    """Does g vanish wherever all slopes do: is it zero, or b g = a slopes_k for affine a, b with b not 0?"""
    if ring.is_zero(g):
        return True
    if not relation:
        return False
    k = int(relation["slope"])
    a, b = (affine(ring, relation[key]) for key in ("factor", "divisor"))
    if not 0 <= k < len(slopes) or not ring.sign(b):
        return False
    return ring.is_zero(ring.sub(ring.mul(b, g), ring.mul(a, slopes[k])))


def affine(ring: Ring, data: Mapping[str, Any]) -> Form:
    """Return sum_v c_v v + c for {"1": c, "z1": c_1, "s1": ..}."""
    total: Form = {}
    for name, value in data.items():
        letter = ring.constant(1) if name == "1" else ring.variable(name)
        total = ring.add(total, ring.mul(ring.constant(rationals(value)), letter))
    return total


def combine(ring: Ring, start: Form, coefficients: Sequence[Fraction], forms: Sequence[Form]) -> Form:
    """Return start + sum_k coefficients_k forms_k."""
    total = start
    for c, f in zip(coefficients, forms, strict=True):
        total = ring.add(total, ring.mul(ring.constant(c), f))
    return total


def derivative_vanishes(
    ring: Ring, gradient: Program, coordinates: Sequence[Form], direction: Sequence[Fraction]
) -> bool:
    """Is the derivative along a direction identically zero at coordinates that contain variables?"""
    used = [k for k, v in enumerate(direction) if v]
    try:
        parts = ring.run(gradient.pick(used), list(coordinates))
        return ring.is_zero(combine(ring, {}, [direction[k] for k in used], parts))
    except Undecided:
        return False


Field = Sequence[Sequence[Fraction]]


def field_at(place: Place, vector_field: Field, precision: int = PRECISION) -> list[arb]:
    """Return V(theta*) = M theta* + c as n balls."""
    with ctx.workprec(precision):
        point = [*place.balls(precision), arb(1)]
        return [sum((balls.exact(v) * p for v, p in zip(row, point, strict=True) if v), arb(0)) for row in vector_field]


def invariant(place: Place, vector_field: Field) -> bool:
    """Is V . grad L = 0 identically near the place, for the affine vector field V(theta) = M theta + c?

    It is when V . grad of every output and of the penalty vanish identically, or when V . grad L does. The identity is
    checked with all n variables free; kinks are on the side where they are at the place.
    """
    n = place.n
    if len(vector_field) != n or any(len(row) != n + 1 for row in vector_field) or place.open_guards():
        return False
    ring, theta = neighbourhood(place)
    velocity = [combine(ring, ring.constant(row[n]), row[:n], theta) for row in vector_field]
    moving = [k for k, v in enumerate(velocity) if v]
    for program in jacobians(place):
        count = len(program.outputs) // n
        wanted = [n * i + k for i in range(count) for k in moving]
        try:
            slopes = iter(ring.run(program.pick(wanted), theta))
            sums = []
            for _ in range(count):
                total: Form = {}
                for k in moving:
                    total = ring.add(total, ring.mul(velocity[k], next(slopes)))
                sums.append(total)
            if all(ring.is_zero(s) for s in sums):
                return True
        except Undecided:
            continue
    return False


def jacobians(place: Place) -> list[Program]:
    """Return programs of derivatives, row by row: of all outputs and the penalty, where L is made of them; and of L."""
    objective = place.objective
    programs = []
    if not place.piece and consistent(objective):
        parts = [f for row in objective.outputs for f in row] + [objective.rest]
        programs.append(jacobian(parts, objective.variables))
    return [*programs, differentiate(place.source).gradient]


def neighbourhood(place: Place) -> tuple[Ring, list[Form]]:
    """Return a ring in which all n variables are free near the place, and the variables."""
    with ctx.workprec(PRECISION):
        near = {
            v.name: b + arb(0, balls.exact(NEAR)) for v, b in zip(place.objective.variables, place.balls(), strict=True)
        }
    ring = Ring(near)
    return ring, [ring.variable(v.name) for v in place.objective.variables]


def consistent(objective: Objective) -> bool:
    """Is the objective's expression weight * sum_i l_i(F_i) + rest, as its parts say?"""
    import sympy

    if not objective.outputs or len(objective.outputs) != len(objective.sample_losses):
        return False
    data = [
        loss.subs(dict(zip(objective.q, row, strict=True)), simultaneous=True)
        for loss, row in zip(objective.sample_losses, objective.outputs, strict=True)
    ]
    return bool(objective.expression == objective.weight * sympy.Add(*data) + objective.rest)
