"""Re-certifies cases: every claim of the file, then every theorem that the case says it breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pgb.cases import added, dropping, elimination, flow, induced, minima, neurons, optimality, points
from pgb.cases.bench import Bench
from pgb.cases.files import Case, Claim, case_names, load_case
from pgb.cases.results import CaseReport, ClaimResult, Finding
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.balls import NoEnclosure

Check = Callable[[Bench, Claim], Finding]

CHECKS: Final[dict[str, Check]] = {
    "value": points.value,
    "critical_point": minima.critical_point,
    "local_minimum": minima.claim_local_minimum,
    "global_minimum": minima.global_minimum,
    "minimum_on_boundary": minima.minimum_on_boundary,
    "saddle": minima.saddle,
    "better_point": points.better_point,
    "optimum": points.optimum,
    "attained": optimality.attained,
    "optimal": optimality.claim_optimal,
    "not_optimal": optimality.claim_not_optimal,
    "a_nonzero": lambda bench, claim: neurons.a_nonzero(bench, bench.place(claim.fields["at"])),
    "loss_gradient_nonzero": elimination.loss_gradient_nonzero,
    "loss_gradient_zero": elimination.loss_gradient_zero,
    "sample_gradient_nonzero": elimination.sample_gradient_nonzero,
    "descent_nearby": elimination.descent_nearby,
    "escape_ray": elimination.escape_ray,
    "data_term_below": added.data_term_below,
    "unbounded_below": elimination.unbounded_below,
    "no_local_minimum": optimality.no_local_minimum,
    "dependent_units": elimination.dependent_units,
    "induced_below": induced.induced_below,
    "stays": points.stays,
    "flow": flow.flow,
}


def reproduce(name_or_path: str | Path | Case, progress: Callable[[ClaimResult], None] | None = None) -> CaseReport:
    """Check every claim of a case again.

    Parameters
    ----------
    name_or_path
        A shipped case's name, the path of a case file, or a case that was read already.
    progress
        Called with each result as it comes.

    Raises
    ------
    InputError
        When the case cannot be read, or makes a claim that its problem does not define.
    """
    case = name_or_path if isinstance(name_or_path, Case) else load_case(name_or_path)
    start = time.perf_counter()
    bench = Bench(case)
    results: list[ClaimResult] = []

    def add(result: ClaimResult) -> None:
        results.append(result)
        if progress is not None:
            progress(result)

    for claim in case.claims:
        add(_result(f"{claim.kind} ({claim.where})", _found(bench, claim), claim.expect))
    for theorem in case.breaks:
        add(_result(f"breaks {theorem}", dropping.breaks(bench, theorem), "holds"))
    return CaseReport(
        case.name,
        case.problem.title,
        case.problem.source,
        case.kind,
        case.drops,
        case.breaks,
        tuple(results),
        time.perf_counter() - start,
    )


def _found(bench: Bench, claim: Claim) -> Finding:
    try:
        return CHECKS[claim.kind](bench, claim)
    except NoEnclosure as reason:
        return Finding.open(f"{claim.kind}: {reason}")
    except InputError as error:
        raise InputError(claim.where, str(error)) from None


def _result(name: str, found: Finding, expect: str) -> ClaimResult:
    ok = found.holds is True if expect == "holds" else found.holds is None
    sentence = found.sentence
    if found.holds is False:
        sentence = f"refuted: {sentence}"
    elif found.holds is None:
        sentence = f"undecided: {sentence}"
    return ClaimResult(name, sentence, found.evidence, ok, found.certificate)


def dropped_pairs() -> dict[tuple[str, str], list[str]]:
    """Return which shipped cases say that they break a theorem without a hypothesis; `reproduce` decides whether they do."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for name in case_names():
        case = load_case(name)
        for theorem in case.breaks:
            pairs.setdefault((theorem, case.drops), []).append(name)
    return pairs


def certified(report: CaseReport) -> bool:
    """Did the case come out as stated, with nothing weaker than certified evidence?"""
    return report.ok and report.status in (Evidence.CERTIFIED, Evidence.PROVED)
