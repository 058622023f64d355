"""How a result is known, and what a theorem says about a problem: the two vocabularies that every result uses."""

from __future__ import annotations

from enum import StrEnum


class Evidence(StrEnum):
    """How a result is known."""

    PROVED = "proved"  # a kernel derivation, or the formal twin
    CERTIFIED = "certified"  # exact or outward-rounded interval arithmetic, certificate attached
    NUMERICAL = "numerical"  # floating point only
    UNDECIDED = "undecided"  # nothing is claimed; the reason stands beside it

    @staticmethod
    def weakest(*levels: Evidence) -> Evidence:
        """Return the weakest of the levels: a conclusion is no better known than its premises."""
        return max(levels, key=list(Evidence).index, default=Evidence.PROVED)


class Verdict(StrEnum):
    """What a theorem says about one concrete problem."""

    HOLDS = "holds"
    VACUOUS = "vacuous"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not applicable"
    UNDECIDED = "undecided"
