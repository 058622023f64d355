"""What is proved about the number of critical points, and what a count without a proof rests on. Trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgb.evidence import Evidence
from pgb.landscape.results import Component, CriticalPoint

if TYPE_CHECKING:
    from pgb.landscape.polynomial.instances import Found
    from pgb.landscape.polynomial.solve import Posed


@dataclass(frozen=True, slots=True)
class Completeness:
    """The verdict on one search: whether all points are found, in which sense, and why."""

    status: Evidence
    complete: bool
    sentence: str
    extra: int = 0
    notes: tuple[str, ...] = ()


def judge(posed: Posed, found: Found, points: Sequence[CriticalPoint], components: Sequence[Component]) -> Completeness:
    return Completeness(Evidence.NUMERICAL, False, "")
