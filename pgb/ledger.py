"""The ledger: for each theorem and hypothesis, the proof step that uses it and the certified case that breaks it.

A row is `needed` only when both stand: a checked derivation consumes the hypothesis, and a certified counterexample
violates the theorem without it. It is `not needed` when the checked derivation does not consume it. All else is `open`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pgb import library
from pgb.theorems import THEOREMS


class Status(StrEnum):
    """What is shown about a theorem and one of its hypotheses."""

    NEEDED = "used and needed"
    NOT_NEEDED = "not needed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Row:
    """One theorem, one hypothesis.

    Attributes
    ----------
    used_by
        The proof steps that consume the hypothesis; for a property of the objective's form, where the same proof is
        refused when the objective loses it. Empty when the proof does not need it.
    counterexamples
        Names of the certified cases that violate the theorem without the hypothesis.
    """

    theorem: str
    hypothesis: str
    used_by: tuple[str, ...]
    counterexamples: tuple[str, ...]
    status: Status

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain data with stable keys."""
        return {
            "theorem": self.theorem,
            "hypothesis": self.hypothesis,
            "used_by": list(self.used_by),
            "counterexample": list(self.counterexamples),
            "status": str(self.status),
        }


def rows(theorem: str, broken_by: Mapping[tuple[str, str], Sequence[str]]) -> tuple[Row, ...]:
    """Return the ledger's rows of one theorem whose proof has been checked.

    Parameters
    ----------
    theorem
        A name of the proof library.
    broken_by
        (theorem, hypothesis) to the cases that were certified to violate it.

    Raises
    ------
    ProofRefused
        The proof does not go through: it has no rows.
    """
    consumed = library.used_by(theorem)
    structure: dict[str, list[library.StructureUse]] = {}
    for use in library.structure_uses(theorem):
        structure.setdefault(use.hypothesis, []).append(use)
    first = THEOREMS[theorem].hypotheses if theorem in THEOREMS else ()
    names = dict.fromkeys((*first, *consumed, *structure))
    return tuple(_row(theorem, h, _uses(h, consumed, structure), broken_by.get((theorem, h), ())) for h in names)


def _uses(
    hypothesis: str,
    consumed: Mapping[str, tuple[str, ...]],
    structure: Mapping[str, Sequence[library.StructureUse]],
) -> tuple[str, ...]:
    if hypothesis in consumed:
        return consumed[hypothesis]
    return tuple(
        f"refused for {use.objective}: {use.refusal.step} ({use.refusal.rule})"
        for use in structure.get(hypothesis, ())
        if use.refusal is not None
    )


def _row(theorem: str, hypothesis: str, uses: tuple[str, ...], cases: Sequence[str]) -> Row:
    if not uses:
        return Row(theorem, hypothesis, (), tuple(cases), Status.OPEN if cases else Status.NOT_NEEDED)
    return Row(theorem, hypothesis, uses, tuple(cases), Status.NEEDED if cases else Status.OPEN)


def open_rows(found: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows that are still open."""
    return tuple(r for r in found if r.status is Status.OPEN)
