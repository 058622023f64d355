"""Every shipped case reproduces with the outcome that its file states, and says what it is and where it comes from."""

import json

import pytest

from pgb.cases import case_names, certified, dropped_pairs, load_case
from pgb.evidence import Evidence
from pgb.theorems import HYPOTHESES

PUBLISHED = [
    "auer_single_neuron", "dead_relu", "ding_tanh_even", "fukumizu_amari_split", "goldblum_relu_xor", "linear_weight_decay",
    "srebro_jaakkola_rank_one", "swirszcz_sigmoid", "ysj_quadratic", "ysj_relu", "ysj_relu_five_points", "ysj_repeated_conflict",
    "ysj_sigmoid", "ysj_softplus_logistic",
]  # fmt: skip
FLOWS = {"cubic", "rescued"}


@pytest.mark.parametrize("name", case_names())
def test_reproduces(name, report):
    found = report(name)
    assert found.ok, [c.sentence for c in found.claims if not c.ok]
    assert found.status is (Evidence.NUMERICAL if name in FLOWS else Evidence.CERTIFIED)
    assert all(c.status is Evidence.CERTIFIED for c in found.claims if not c.claim.startswith("flow"))


@pytest.mark.parametrize("name", case_names())
def test_says_what_it_is(name):
    case = load_case(name)
    assert len(case.problem.title) > 20
    assert len(case.problem.source) > 20
    assert len(case.notes) > 30
    assert (case.kind == "published") is (name in PUBLISHED)
    assert bool(case.certainty) is (case.kind == "published")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_minima_are_certified_and_eliminated(name, report):
    """Critical, locally minimal, with a better point, a descent next to (theta, 0, b, W) at all radii, and an escape ray."""
    kinds = [c.claim.split()[0] for c in report(name).claims]
    for kind in (
        "critical_point",
        "local_minimum",
        "better_point",
        "loss_gradient_nonzero",
        "descent_nearby",
        "escape_ray",
    ):
        assert kind in kinds
    gradient = next(c for c in report(name).claims if c.claim.startswith("loss_gradient_nonzero"))
    assert "by elimination no (a, b, W) makes" in gradient.sentence
    for claim in report(name).claims:
        if claim.claim.startswith("descent_nearby"):
            assert [w["radius"] for w in claim.certificate["witnesses"]] == ["1e-1", "1e-3", "1e-6"]


@pytest.mark.parametrize("name", case_names())
def test_report_is_plain_data(name, report):
    record = json.loads(json.dumps(report(name).to_json()))
    assert record["name"] == name
    assert record["ok"] is True
    assert len(record["claims"]) == len(report(name).claims)
    assert set(record) >= {"title", "source", "kind", "drops", "breaks", "status", "claims", "seconds"}


def test_every_hypothesis_of_the_setting_is_broken_somewhere():
    drops = {hypothesis for _, hypothesis in dropped_pairs()}
    assert drops == set(HYPOTHESES)


def test_pairs_for_the_ledger(report):
    """The pairs that the counterexamples of the literature and of this project are known to give."""
    pairs = dropped_pairs()
    for theorem in ("elimination", "characterisation", "vacuity", "failure_mode", "elimination_by_pgb"):
        for hypothesis in (
            "bias",
            "exp_neuron",
            "lambda_positive",
            "loss_convex",
            "loss_differentiable",
            "unbounded_domain",
        ):
            assert pairs[theorem, hypothesis], (theorem, hypothesis)
    for pair in (
        ("vanishing", "bias"), ("vanishing", "exp_neuron"), ("vanishing", "lambda_positive"),
        ("vanishing_at_minima", "unbounded_domain"), ("perturbation", "loss_differentiable"), ("independence", "exp_neuron"),
        ("elimination_per_sample", "labels_consistent"), ("vacuity_consistent", "labels_consistent"),
        ("pgb_condition", "loss_convex"), ("pgb_condition", "loss_differentiable"), ("flow_identity", "bias"),
        ("ridge", "f_differentiable"), ("reduction", "loss_differentiable"), ("depth_width", "loss_convex"),
        ("no_extra_unit", "loss_nonnegative"), ("no_extra_unit", "bias"), ("residual", "dx_at_least_dy"),
    ):  # fmt: skip
        assert pairs[pair], pair
    assert all(certified(report(name)) for names in pairs.values() for name in names)


def test_hypotheses_that_are_not_needed_have_no_case():
    """Each of these theorems has a proof without the hypothesis: a case that broke it would be a contradiction."""
    pairs = dropped_pairs()
    assert ("vanishing", "loss_differentiable") not in pairs
    assert ("vanishing_at_minima", "loss_differentiable") not in pairs
    assert ("flow_identity", "loss_differentiable") not in pairs
    assert ("vanishing", "unbounded_domain") not in pairs
    assert ("elimination_per_sample", "loss_convex") not in pairs
    assert ("vacuity_consistent", "loss_convex") not in pairs
    assert ("grouped_gradients", "loss_convex") not in pairs
    assert ("depth_width", "loss_differentiable") not in pairs
    assert ("elimination", "labels_consistent") not in pairs


def test_progress_is_told_in_order():
    from pgb.cases import reproduce

    seen = []
    found = reproduce("lambda_zero", progress=seen.append)
    assert tuple(seen) == found.claims
