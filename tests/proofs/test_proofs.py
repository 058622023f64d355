"""Every proof of the library goes through, says what it is meant to say, and rests on what it is meant to rest on."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from pgb import library
from pgb.derivations import replay, to_log
from pgb.errors import InputError
from pgb.kernel import Theorem

EXP_RULES = {"derivative of exp", "derivative rules"}
MINIMA = {"Fermat", "differentiable implies continuous", *EXP_RULES}
INDEPENDENCE = {*MINIMA, "Lagrange interpolation", "hyperplane avoidance"}
ELIMINATION = {*INDEPENDENCE, "chain rule"}
GRADIENTS = ("lambda_positive", "loss_differentiable")
FULL = (*GRADIENTS, "loss_convex")

EXPECTED: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "vanishing": (("lambda_positive",), {"chain rule", "uniqueness of derivatives", *EXP_RULES}),
    "vanishing_at_minima": (("lambda_positive",), MINIMA),
    "perturbation": (("lambda_positive", "loss_differentiable"), {*MINIMA, "chain rule"}),
    "independence": ((), INDEPENDENCE),
    "grouped_gradients": (GRADIENTS, ELIMINATION),
    "elimination": (FULL, ELIMINATION),
    "elimination_per_sample": ((*GRADIENTS, "labels_consistent"), {*ELIMINATION, "uniqueness of derivatives"}),
    "characterisation": (FULL, ELIMINATION),
    "vacuity": (FULL, ELIMINATION),
    "vacuity_consistent": ((*GRADIENTS, "labels_consistent"), {*ELIMINATION, "uniqueness of derivatives"}),
    "failure_mode": (FULL, {*ELIMINATION, "exp lies above its tangent at 0"}),
    "failure_mode_e": (("lambda_positive",), {"exp lies above its tangent at 0"}),
    "failure_mode_c": ((*FULL, "loss_nonnegative"), {*ELIMINATION, "exp lies above its tangent at 0"}),
    "pgb_condition": (
        ("loss_differentiable", "loss_convex"),
        {"Fermat", "chain rule", "derivative rules", "differentiable implies continuous"},
    ),
    "elimination_by_pgb": (FULL, ELIMINATION),
    "no_extra_unit": (
        ("lambda_positive", "loss_nonnegative"),
        {"uniqueness of derivatives", *EXP_RULES},
    ),
    "flow_identity": (("lambda_positive",), {"chain rule", "uniqueness of derivatives", *EXP_RULES}),
    "reduction": (
        ("lambda_positive", "loss_differentiable"),
        {"chain rule", "uniqueness of derivatives", *EXP_RULES},
    ),
    "strict_saddle": (
        (),
        {"differentiable implies continuous", "exp lies above its tangent at 0", *EXP_RULES},
    ),
    "ridge": ((*FULL, "f_differentiable"), ELIMINATION),
    "depth_width": (("loss_convex",), {"tangents of convex functions"}),
    "residual": (
        ("dx_at_least_dy", "loss_differentiable", "loss_convex"),
        {"Fermat", "chain rule", "derivative rules", "differentiable implies continuous", "rank and nullity"},
    ),
    "one_neuron": (FULL, ELIMINATION),
}
DATA = {"x", "l", "dl", "f", "df", "lambda"}
PGB_DATA = {"Q", "dQ", "eQ", "phi", "dphi", "rho", "drho"}


def test_every_core_theorem_is_in_the_library():
    assert set(EXPECTED) <= set(library.proof_names())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_hypotheses_and_facts(name):
    proof = library.check_proof(name)
    hypotheses, facts = EXPECTED[name]
    assert tuple(n for n, _ in proof.hypotheses) == hypotheses
    assert set(proof.rests_on) == facts


@pytest.mark.parametrize("name", library.proof_names())
def test_the_theorem_is_the_claim_under_the_declared_hypotheses(name):
    proof, module, setting = library.check_proof(name), library.load_proof(name), library.standard()
    assert type(proof.theorem) is Theorem
    assert proof.theorem.concl == module.claim(setting)
    assert proof.theorem.hyps == {formula for _, formula in proof.hypotheses}
    free = {str(n) for n, _ in proof.theorem.concl.names}
    assert free <= (PGB_DATA if name == "pgb_condition" else DATA)


@pytest.mark.parametrize("name", library.proof_names())
def test_the_sentence_is_closed_and_from_no_hypothesis(name):
    sentence = library.check_proof(name).sentence()
    assert not sentence.hyps
    assert not sentence.concl.names
    assert sentence.rests_on == library.check_proof(name).theorem.rests_on


@pytest.mark.parametrize("name", library.proof_names())
def test_the_derivation_replays_through_the_kernel(name):
    theorem = library.check_proof(name).theorem
    again = replay(to_log(theorem))
    assert (again.concl, again.hyps, again.rests_on) == (theorem.concl, theorem.hyps, theorem.rests_on)


@pytest.mark.parametrize("name", library.proof_names())
def test_milestones_account_for_the_whole_derivation(name):
    proof = library.check_proof(name)
    assert [m.number for m in proof.milestones] == list(range(1, len(proof.milestones) + 1))
    facts = {fact for m in proof.milestones for fact in m.facts}
    assert facts == set(proof.rests_on)
    consumed = {h for m in proof.milestones for h in m.hypotheses}
    assert consumed == {n for n, _ in proof.hypotheses}
    assert sum(m.applications for m in proof.milestones) >= proof.applications


@pytest.mark.parametrize("name", library.proof_names())
def test_every_hypothesis_is_used_by_a_named_step(name):
    uses = library.used_by(name)
    assert set(uses) == {n for n, _ in library.check_proof(name).hypotheses}
    assert all(labels for labels in uses.values())


def test_which_step_uses_which_hypothesis():
    uses = library.used_by("elimination")
    assert any(s.startswith("vanishing_at_minima: lambda > 0") for s in uses["lambda_positive"])
    assert any(s.startswith("perturbation: Fermat in a_k") for s in uses["loss_differentiable"])
    assert uses["loss_convex"] == ("A convex differentiable loss lies above its tangents",)


# -- structure of the objective -------------------------------------------------------------------------------------
SURVIVES_PRODUCT_UNIT = {"vanishing", "vanishing_at_minima", "flow_identity", "failure_mode_e"}
SURVIVES_WITHOUT_BIAS = {"strict_saddle"}


@pytest.mark.parametrize("name", [n for n in library.proof_names() if library.load_proof(n).STRUCTURE])
def test_a_proof_is_refused_when_the_objective_loses_its_structure(name):
    """Some theorems need of the exponential unit only that a and b enter through a e^b, strict_saddle needs no bias."""
    uses = library.structure_uses(name)
    assert {u.hypothesis for u in uses} == set(library.load_proof(name).STRUCTURE)
    for use in uses:
        through_product = "arbitrary function h" in use.objective
        without_bias = use.hypothesis == "bias"
        if (through_product and name in SURVIVES_PRODUCT_UNIT) or (without_bias and name in SURVIVES_WITHOUT_BIAS):
            assert use.refusal is None
        else:
            assert use.refusal is not None
            assert use.refusal.step
            assert use.refusal.rule in ("linear", "convert", "mp")


def test_vanishing_holds_for_any_function_of_w_x_times_a_exp_b():
    statements = library.statements()
    setting = statements.Setting(statements.THROUGH_PRODUCT)
    proof = library.check_proof("vanishing", setting)
    assert "h" in {str(n) for n, _ in proof.theorem.concl.names}
    assert proof.theorem.concl == library.load_proof("vanishing").claim(setting)


# -- what is refused ------------------------------------------------------------------------------------------------
def _module(name, **changed):
    """Return a proof like the library's, with some attributes replaced."""
    module = library.load_proof(name)
    fields = {n: getattr(module, n) for n in ("NAME", "TITLE", "HYPOTHESES", "claim", "prove")}
    if hasattr(module, "hypothesis"):
        fields["hypothesis"] = module.hypothesis
    return type("Proof", (), {n: staticmethod(v) if callable(v) else v for n, v in {**fields, **changed}.items()})


DROPS = [(name, h) for name, (hypotheses, _) in EXPECTED.items() for h in hypotheses]


@pytest.mark.parametrize(("name", "dropped"), DROPS)
def test_a_proof_without_one_of_its_hypotheses_is_refused(name, dropped):
    kept = tuple(h for h in library.load_proof(name).HYPOTHESES if h != dropped)
    with pytest.raises(library.ProofRefused, match=r"undeclared hypothesis|is not declared"):
        library.run_proof(_module(name, HYPOTHESES=kept), library.standard())


@pytest.mark.parametrize("name", ["vanishing", "independence", "no_extra_unit"])
def test_a_declared_hypothesis_that_is_never_used_is_refused(name):
    more = (*library.load_proof(name).HYPOTHESES, "loss_convex")
    with pytest.raises(library.ProofRefused, match="declared but never used: loss_convex"):
        library.run_proof(_module(name, HYPOTHESES=more), library.standard())


def test_a_proof_of_something_else_is_refused():
    other = library.load_proof("vacuity")
    with pytest.raises(library.ProofRefused) as caught:
        library.run_proof(_module("characterisation", claim=other.claim), library.standard())
    assert (caught.value.step, caught.value.rule) == ("the statement", "convert")


def test_a_proof_that_returns_no_theorem_is_refused():
    with pytest.raises(library.ProofRefused, match="returned no theorem"):
        library.run_proof(_module("vacuity", prove=lambda script: script.claim), library.standard())


def test_a_changed_sign_in_a_proof_file_names_step_rule_and_reason(tmp_path):
    """The file is the library's own proof of flow_identity, with the velocity of b_k changed from -B to B."""
    source = (library.proofs_folder() / "flow_identity.py").read_text(encoding="utf-8")
    assert source.count("t, -B)") == 1
    path = tmp_path / "flow_with_a_sign_changed.py"
    path.write_text(source.replace("t, -B)", "t, B)").replace("from .", "from pgb_proofs."), encoding="utf-8")
    with pytest.raises(library.ProofRefused) as caught:
        library.run_proof(library.load_proof_file(path), library.standard())
    assert caught.value.step == "So it is 2 lambda a_k^2"
    assert caught.value.rule == "linear"
    assert "left over" in caught.value.reason
    assert str(caught.value).startswith("flow_identity: step 'So it is 2 lambda a_k^2' is refused by linear")


def test_the_same_file_unchanged_is_accepted(tmp_path):
    source = (library.proofs_folder() / "flow_identity.py").read_text(encoding="utf-8")
    path = tmp_path / "flow_as_it_is.py"
    path.write_text(source.replace("from .", "from pgb_proofs."), encoding="utf-8")
    proof = library.run_proof(library.load_proof_file(path), library.standard())
    assert proof.theorem.concl == library.check_proof("flow_identity").theorem.concl


def test_a_mistake_in_the_script_itself_is_a_refusal_of_that_step():
    def prove(script):
        with script.step("Look up what is not there"):
            return {}["nothing"]

    with pytest.raises(library.ProofRefused) as caught:
        library.run_proof(_module("vacuity", prove=prove), library.standard())
    assert (caught.value.step, caught.value.rule) == ("Look up what is not there", "KeyError")


@pytest.mark.parametrize("module", library.refused_names())
def test_a_tempting_mistake_is_refused_for_its_reason(module):
    wrong = library.load_refused(module)
    assert module == wrong.NAME
    with pytest.raises(library.ProofRefused) as caught:
        library.run_proof(wrong, library.standard())
    assert wrong.REFUSED_AT in caught.value.step
    assert caught.value.rule == wrong.REFUSED_BY
    assert wrong.REFUSED_BECAUSE in caught.value.reason


def test_each_file_of_wrong_proofs_is_listed():
    files = {p.stem for p in (library.proofs_folder() / "refused").glob("*.py")} - {"__init__"}
    assert files == set(library.refused_names())
    assert len(files) >= 14


# -- finding proofs -------------------------------------------------------------------------------------------------
def test_an_unknown_theorem_is_bad_input():
    with pytest.raises(InputError, match="should be one of vanishing"):
        library.check_proof("riemann_hypothesis")


def test_proof_files_that_cannot_be_used_are_bad_input(tmp_path):
    with pytest.raises(InputError, match=r"existing \.py file"):
        library.load_proof_file(tmp_path / "missing.py")
    broken = tmp_path / "broken.py"
    broken.write_text("NAME = (", encoding="utf-8")
    with pytest.raises(InputError, match="importable"):
        library.load_proof_file(broken)
    partial = tmp_path / "partial.py"
    partial.write_text(textwrap.dedent("NAME = 'x'\nTITLE = 'x'\nHYPOTHESES = ()\n"), encoding="utf-8")
    with pytest.raises(InputError, match="should define claim, prove"):
        library.load_proof_file(partial)


def test_folders_exist():
    assert (library.proofs_folder() / "elimination.py").is_file()
    assert Path(library.counterexamples_folder()).is_dir()


def test_check_all_reports_progress_in_order():
    seen: list[str] = []
    results = library.check_all(lambda name, _: seen.append(name))
    assert tuple(seen) == library.proof_names() == tuple(r.name for r in results)
