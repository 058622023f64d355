"""The ledger: closed only when a step uses the hypothesis AND a certified case breaks the theorem without it."""

import pytest

from pgb import ledger, library
from pgb.cases import dropped_pairs
from pgb.evidence import Evidence
from pgb.ledger import Status
from pgb.report.verification import broken_pairs, verify
from pgb.theorems import HYPOTHESES, THEOREMS


def pairs(rows: tuple[ledger.Row, ...]) -> set[tuple[str, str]]:
    return {(r.theorem, r.hypothesis) for r in ledger.open_rows(rows)}


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


def test_depth_width_needs_convex_losses_and_no_differentiable_ones() -> None:
    rows = ledger.rows("depth_width", dropped_pairs())
    assert status(rows, "loss_differentiable") is Status.NOT_NEEDED
    assert status(rows, "loss_convex") is Status.NEEDED


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


@pytest.mark.parametrize("name", library.proof_names())
def test_each_hypothesis_that_a_proof_consumes_is_claimed_by_a_case(name: str) -> None:
    claimed = dropped_pairs()
    consumed = {*library.used_by(name), *(u.hypothesis for u in library.structure_uses(name) if u.refusal is not None)}
    unclaimed = {(name, hypothesis) for hypothesis in consumed if (name, hypothesis) not in claimed}
    assert not unclaimed
    assert not pairs(ledger.rows(name, claimed))


def test_no_case_claims_what_a_proof_shows_not_to_be_needed() -> None:
    for (theorem, hypothesis), names in dropped_pairs().items():
        if theorem in library.proof_names():
            rows = ledger.rows(theorem, {(theorem, hypothesis): names})
            assert status(rows, hypothesis) is Status.NEEDED, (theorem, hypothesis, names)


@pytest.mark.parametrize("name", ["elimination_per_sample", "vacuity_consistent"])
def test_the_gradient_statements_need_no_convexity(name: str) -> None:
    assert "loss_convex" in THEOREMS[name].hypotheses
    assert status(ledger.rows(name, {}), "loss_convex") is Status.NOT_NEEDED
    assert "loss_convex" not in THEOREMS["grouped_gradients"].hypotheses


@pytest.mark.slow
def test_the_ledger_of_the_shipped_proofs_and_cases_is_closed() -> None:
    found = verify(workers=1)
    assert found.ok
    assert {r.theorem for r in found.rows} == set(library.proof_names())
    assert not pairs(found.rows)
