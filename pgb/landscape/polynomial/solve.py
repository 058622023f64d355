"""All critical points of one polynomial loss: builds the system, searches, certifies, and says what is proved about the rest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.polynomial.completeness import judge
from pgb.landscape.polynomial.degenerate import Examined, examine
from pgb.landscape.polynomial.digits import coordinates, negate, value_text
from pgb.landscape.polynomial.exact import ExactZero, certify_exact, inertia_exact, precision, value_exact
from pgb.landscape.polynomial.finish import Found
from pgb.landscape.polynomial.formula import FormulaNetwork, pose_formula
from pgb.landscape.polynomial.general import pose_polynomial, terms
from pgb.landscape.polynomial.instances import Progress, solve_instances
from pgb.landscape.polynomial.network import LinearNetwork
from pgb.landscape.polynomial.strata import System, network_system
from pgb.landscape.polynomial.symmetry import group
from pgb.landscape.results import CriticalPoint, CriticalSet, Kind

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A loss as a member of a system: ``loss = factor * value + offset`` with the family's value tape."""

    system: System
    parameters: tuple[Fraction, ...]
    factor: Fraction
    offset: Fraction
    names: tuple[str, ...]
    network: LinearNetwork | None = None

    @property
    def coercive(self) -> bool:
        """Whether the loss is known to grow at infinity: a linear network with every ridge weight positive."""
        return self.network is not None and all(r > 0 for r in self.network.ridge)


def pose_network(network: LinearNetwork) -> Posed:
    """Pose a linear network's loss."""
    _, parameters = network.member()
    square = sum((v * v for row in network.Y for v in row), Fraction(0))
    return Posed(
        network_system(network), tuple(parameters), 2 * network.scale, network.scale * square, network.names, network
    )


def critical_points_of_polynomial(
    loss: sympy.Expr | None,
    parameters: Sequence[sympy.Symbol] | None = None,
    *,
    structure: LinearNetwork | FormulaNetwork | None = None,
    title: str = "",
    seed: int = 0,
    digits: int = 40,
    use_disk: bool = True,
    progress: Progress | None = None,
) -> CriticalSet:
    """Find all critical points of a polynomial loss, certify each, and state what is proved about completeness.

    Parameters
    ----------
    loss
        Exact sympy expression, polynomial in the parameters with rational coefficients. May be None with a `structure`.
    parameters
        The variables, in order.
    structure
        The linear or formula network that the loss is, when it is one; checked exactly against `loss`.
    seed
        Seed of the random generic members; results do not depend on it.
    digits
        Significant digits of the printed real points.
    use_disk
        Keep generic solutions in the platform's cache folder.

    Returns
    -------
    CriticalSet
        Real points with type and index, numbers of certified complex and real points, positive-dimensional components,
        and a completeness statement that is True only where it is proved.

    Raises
    ------
    InputError
        When the loss is no polynomial with exact rational coefficients, or is not the structure's loss.
    """
    begun = time.perf_counter()
    posed = _pose(loss, parameters, structure)
    found = solve_instances(posed.system, [posed.parameters], seed=seed, use_disk=use_disk, progress=progress)[0]
    points = real_points(posed, found, digits)
    rest = Examined()
    if found.lost or posed.system.excess or any(p.index is None for p in points):
        rest = examine(posed, found, digits, seed)
        points = [*points, *rest.points]
    verdict = judge(posed, found, points, rest)
    return CriticalSet(
        title=title,
        status=verdict.status,
        complete=verdict.complete,
        completeness=verdict.sentence,
        points=tuple(sorted(points, key=lambda p: (Fraction(p.value), [Fraction(v) for v in p.theta.values()]))),
        n_complex=found.n_complex + rest.complex_points,
        n_real=found.n_real + rest.complex_points,
        components=rest.components,
        seconds=time.perf_counter() - begun,
        seed=seed,
        notes=(*rest.notes, *verdict.notes),
    )


def _pose(
    loss: sympy.Expr | None, parameters: Sequence[sympy.Symbol] | None, structure: LinearNetwork | FormulaNetwork | None
) -> Posed:
    if structure is not None:
        if loss is not None:
            check_structure(loss, parameters, structure)
        return pose_network(structure) if isinstance(structure, LinearNetwork) else pose_formula(structure)
    if loss is None or parameters is None:
        raise InputError("loss", "an expression with its parameters, or a structure")
    return pose_polynomial(loss, parameters)


def check_structure(
    loss: sympy.Expr, parameters: Sequence[sympy.Symbol] | None, structure: LinearNetwork | FormulaNetwork
) -> None:
    """Check exactly that a loss is the structure's.

    Raises
    ------
    InputError
        When they differ as polynomials.
    """
    linear = isinstance(structure, LinearNetwork)
    symbols = list(parameters) if parameters is not None else []
    if isinstance(structure, FormulaNetwork):
        symbols = symbols or list(structure.parameters)
        if symbols != list(structure.parameters):
            raise InputError("parameters", "the structure's parameters in the same order")
    else:
        symbols = symbols or structure.symbols()
    if len(symbols) != len(structure.names):
        raise InputError("parameters", f"{len(structure.names)} symbols, one per weight; found {len(symbols)}")
    own = structure.loss(symbols) if isinstance(structure, LinearNetwork) else structure.loss()
    if terms(loss, symbols) != terms(own, symbols):
        raise InputError(
            "structure", f"the {'linear' if linear else 'formula'} network whose loss was given; the two differ"
        )


def real_points(posed: Posed, found: Found, digits: int) -> list[CriticalPoint]:
    """Return the certified real critical points with decimals, orbit by orbit."""
    out: list[CriticalPoint] = []
    bits = int(digits * 3.33) + 80
    for k in np.flatnonzero(found.real):
        point = found.zeros.points[k]
        zero = certify_exact(posed.system.family, point.tolist(), posed.parameters, bits)
        if zero is None or not zero.real or not zero.is_the_zero_near(point, float(found.zeros.unique[k])):
            zero = certify_exact(posed.system.family, point.tolist(), posed.parameters, 4 * bits)
        if zero is None or not zero.real or not zero.is_the_zero_near(point, float(found.zeros.unique[k])):
            continue  # counted in n_real only through the list of points: an uncertified refinement is not printed
        index: int | None = int(found.index[k])
        if index == -1:
            index = inertia_exact(posed.system.family, zero, posed.parameters)
        number = int(found.stratum[k])
        flips = posed.system.strata[number].flips if number >= 0 else np.zeros((0, len(posed.names)), np.bool_)
        out.extend(describe(posed, zero, index, group(flips, len(posed.names)).tolist(), digits))
    return out


def describe(
    posed: Posed, zero: ExactZero, index: int | None, signs: Sequence[Sequence[int]], digits: int
) -> list[CriticalPoint]:
    """Return one `CriticalPoint` per member of a real zero's sign orbit."""
    _, texts, radius = coordinates(zero, digits)
    value = value_text(loss_ball(posed, zero), digits)
    n = len(posed.names)
    kind = Kind.DEGENERATE if index is None else Kind.SADDLE
    if index == 0:
        kind = Kind.LOCAL_MINIMUM
    elif index == n:
        kind = Kind.LOCAL_MAXIMUM
    strict = True if index in (0, n) else None
    certificate = {
        "method": "Krawczyk in Arb balls",
        "bits": zero.bits,
        "radius": f"{zero.radius:.3e}",
        "unique_within": f"{zero.unique:.3e}",
    }
    status = Evidence.CERTIFIED if index is not None else Evidence.UNDECIDED
    return [
        CriticalPoint(
            dict(zip(posed.names, negate(texts, s), strict=True)),
            value,
            kind,
            index,
            status,
            radius,
            strict,
            1,
            certificate,
        )
        for s in signs
    ]


def loss_ball(posed: Posed, zero: ExactZero) -> Any:
    """Return the loss at a real zero as a real Arb ball."""
    from flint import arb, fmpq

    exact = lambda v: arb(fmpq(v.numerator, v.denominator))
    with precision(zero.bits):
        return value_exact(posed.system.family.value, zero, posed.parameters) * exact(posed.factor) + exact(
            posed.offset
        )
