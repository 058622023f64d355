"""Cases: published bad minima, counterexamples for dropped hypotheses and failure modes, each re-certified on demand."""

from pgb.cases.files import Case, Claim, case_names, load_case, read_case
from pgb.cases.results import CaseReport, ClaimResult
from pgb.cases.run import certified, dropped_pairs, reproduce

__all__ = [
    "Case",
    "CaseReport",
    "Claim",
    "ClaimResult",
    "case_names",
    "certified",
    "dropped_pairs",
    "load_case",
    "read_case",
    "reproduce",
]
