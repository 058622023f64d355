"""What every search for critical points returns: typed points with their evidence, and an honest completeness statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pgb.evidence import Evidence


class Kind(StrEnum):
    """The type of a critical point, by certified inertia of the Hessian or by a flat-point certificate."""

    LOCAL_MINIMUM = "local minimum"
    LOCAL_MAXIMUM = "local maximum"
    SADDLE = "saddle"
    DEGENERATE = "degenerate"


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """One real critical point.

    Attributes
    ----------
    theta
        Parameter name to a decimal string; every digit shown is correct to the stated `radius`.
    radius
        Decimal string: the exact critical point is within this distance of `theta` in every coordinate.
    value
        The objective's value, a decimal string (its last digit may be off by one).
    kind, index
        Type and Morse index (number of negative Hessian eigenvalues); index is None where it is not known.
    strict
        True or False where strictness of a minimum or maximum is decided, else None.
    status
        How existence, uniqueness near `theta` and the type are known.
    multiplicity
        1 for a nondegenerate point; above 1, or None, as far as known for a degenerate one.
    certificate
        Plain data from which the claim can be checked again.
    """

    theta: Mapping[str, str]
    value: str
    kind: Kind
    index: int | None
    status: Evidence
    radius: str = "0"
    strict: bool | None = None
    multiplicity: int | None = 1
    certificate: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the point as plain data with stable keys."""
        return {
            "theta": dict(self.theta),
            "radius": self.radius,
            "value": self.value,
            "kind": str(self.kind),
            "index": self.index,
            "strict": self.strict,
            "multiplicity": self.multiplicity,
            "status": str(self.status),
            "certificate": dict(self.certificate),
        }


@dataclass(frozen=True, slots=True)
class Component:
    """A positive-dimensional set of critical points, described instead of listed."""

    dimension: int
    witness: Mapping[str, str]
    value: str | None
    status: Evidence
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return the component as plain data with stable keys."""
        return {
            "dimension": self.dimension,
            "witness": dict(self.witness),
            "value": self.value,
            "status": str(self.status),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class CriticalSet:
    """All critical points that a search found, and what it may claim about the rest.

    Attributes
    ----------
    complete
        True only where it is proved that nothing is missing.
    completeness
        One sentence: the proof of completeness, or what is missing for one.
    n_complex, n_real
        Numbers of isolated complex and real critical points certified; None where not counted.
    components
        Positive-dimensional critical sets.
    interrupted
        Whether Ctrl-C ended the search; what is listed was finished before.
    open_boxes
        Regions about which nothing is claimed: coordinate name to a (low, high) pair of decimals.
    """

    title: str
    status: Evidence
    complete: bool
    completeness: str
    points: Sequence[CriticalPoint]
    n_complex: int | None = None
    n_real: int | None = None
    components: Sequence[Component] = ()
    open_boxes: Sequence[Mapping[str, tuple[str, str]]] = ()
    seconds: float = 0.0
    seed: int | None = None
    notes: Sequence[str] = ()
    interrupted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the set as plain data with stable keys."""
        return {
            "title": self.title,
            "status": str(self.status),
            "complete": self.complete,
            "completeness": self.completeness,
            "n_complex": self.n_complex,
            "n_real": self.n_real,
            "points": [p.to_json() for p in self.points],
            "components": [c.to_json() for c in self.components],
            "open_boxes": [{k: list(v) for k, v in box.items()} for box in self.open_boxes],
            "seconds": f"{self.seconds:.3f}",
            "seed": self.seed,
            "notes": list(self.notes),
            "interrupted": self.interrupted,
        }
