"""The ledger: closed only when a step uses the hypothesis AND a certified case breaks the theorem without it."""

import pytest

from pgb import ledger, library
from pgb.evidence import Evidence
from pgb.ledger import Status
from pgb.report.verification import broken_pairs
from pgb.theorems import HYPOTHESES, THEOREMS


def status(rows: tuple[ledger.Row, ...], hypothesis: str) -> Status:
    return next(r.status for r in rows if r.hypothesis == hypothesis)


def test_without_counterexamples_used_hypotheses_stay_open() -> None:
    rows = ledger.rows("elimination", {})
    assert status(rows, "loss_convex") is Status.OPEN
    assert ledger.open_rows(rows)


def test_with_a_counterexample_a_used_hypothesis_is_needed() -> None:
    rows = ledger.rows("elimination", {("elimination", "loss_convex"): ["double_well"]})
    assert status(rows, "loss_convex") is Status.NEEDED
    assert status(rows, "lambda_positive") is Status.OPEN


def test_a_hypothesis_that_the_proof_does_not_use_is_not_needed() -> None:
    """vanishing needs no differentiable loss: its proof goes through the data term as a function of a e^b alone."""
    rows = ledger.rows("vanishing", {})
    assert status(rows, "loss_differentiable") is Status.NOT_NEEDED


def test_a_counterexample_against_an_unused_hypothesis_is_a_contradiction_left_open() -> None:
    rows = ledger.rows("vanishing", {("vanishing", "loss_differentiable"): ["ghost"]})
    assert status(rows, "loss_differentiable") is Status.OPEN


def test_every_used_hypothesis_names_a_step() -> None:
    for name in library.proof_names():
        consumed = library.used_by(name)
        assert all(consumed.values()), name


def test_structure_rows_say_where_the_mutated_objective_is_refused() -> None:
    rows = ledger.rows("elimination", {})
    for hypothesis in ("bias", "exp_neuron"):
        assert any(r.hypothesis == hypothesis and r.used_by and "refused for" in r.used_by[0] for r in rows)


def test_registry_and_proof_library_agree() -> None:
    unknown = [n for n in library.proof_names() if n not in THEOREMS]
    assert unknown == []
    for name in library.proof_names():
        named = {n for n, _ in library.check_proof(name).hypotheses}
        assert named <= set(HYPOTHESES), name


def test_only_certified_cases_close_rows() -> None:
    from pgb.cases import CaseReport, ClaimResult

    def report(evidence: Evidence, *, ok: bool) -> CaseReport:
        claim = ClaimResult("breaks elimination", "", evidence, ok=ok)
        return CaseReport("case", "", "", "dropped_hypothesis", "bias", ("elimination",), (claim,))

    assert broken_pairs((report(Evidence.CERTIFIED, ok=True),)) == {("elimination", "bias"): ["case"]}
    assert broken_pairs((report(Evidence.NUMERICAL, ok=True),)) == {}
    assert broken_pairs((report(Evidence.CERTIFIED, ok=False),)) == {}


@pytest.mark.parametrize("name", sorted(THEOREMS))
def test_registry_names_known_hypotheses(name: str) -> None:
    assert set(THEOREMS[name].hypotheses) <= set(HYPOTHESES)
    assert THEOREMS[name].says.endswith(".")
