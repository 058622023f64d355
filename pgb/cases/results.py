"""What re-certifying a case returns: one result for each claim, and the report of the case. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pgb.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found out.

    Attributes
    ----------
    holds
        True or False where it is decided, None where it is not.
    sentence
        What was found, in one sentence with its numbers.
    evidence
        How it is known; `undecided` exactly when `holds` is None.
    certificate
        Plain data from which the finding can be checked again; exact numbers are strings.
    """

    holds: bool | None
    sentence: str
    evidence: Evidence = Evidence.CERTIFIED
    certificate: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.holds is None) is not (self.evidence is Evidence.UNDECIDED):
            object.__setattr__(self, "evidence", Evidence.UNDECIDED)
            object.__setattr__(self, "holds", None)

    @staticmethod
    def open(sentence: str, certificate: Mapping[str, Any] | None = None) -> Finding:
        """Return the finding that nothing is decided, and why."""
        return Finding(None, sentence, Evidence.UNDECIDED, certificate or {})


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim of a case, checked again.

    Attributes
    ----------
    claim
        Its kind, and where it stands in the file.
    sentence
        What was found.
    status
        How that is known.
    ok
        Whether it is what the file expects. An undecided claim is ok only where the file says "undecided".
    certificate
        Plain data.
    """

    claim: str
    sentence: str
    status: Evidence
    ok: bool
    certificate: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data with stable keys."""
        return {
            "claim": self.claim,
            "sentence": self.sentence,
            "status": str(self.status),
            "ok": self.ok,
            "certificate": dict(self.certificate),
        }


@dataclass(frozen=True, slots=True)
class CaseReport:
    """A case, re-certified.

    Attributes
    ----------
    name, title, source, kind, drops, breaks
        From its file; `drops` is empty and `breaks` is () for a case that drops no hypothesis.
    claims
        Every claim, in the order of the file, then what dropping the hypothesis breaks.
    """

    name: str
    title: str
    source: str
    kind: str
    drops: str
    breaks: tuple[str, ...]
    claims: tuple[ClaimResult, ...]
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Did every claim come out as the file expects?"""
        return all(c.ok for c in self.claims)

    @property
    def status(self) -> Evidence:
        """The weakest evidence among the claims."""
        return Evidence.weakest(*(c.status for c in self.claims))

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data with stable keys."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "kind": self.kind,
            "drops": self.drops,
            "breaks": list(self.breaks),
            "status": str(self.status),
            "ok": self.ok,
            "claims": [c.to_json() for c in self.claims],
            "seconds": f"{self.seconds:.2f}",
        }
