"""The attacks find nothing while all hypotheses hold, a small certified counterexample when one is dropped, and planted bugs."""

import json

import pytest
import sympy
from typer.testing import CliRunner

from pgb import cases, ledger, library
from pgb.cases import certified, read_case
from pgb.cli import app
from pgb.errors import InputError
from pgb.falsify import search
from pgb.falsify.attacks import ATTACKS, NOT_ATTACKED, attack_on, attackable, droppable, hypotheses_of
from pgb.falsify.candidates import Floats
from pgb.falsify.claims import facts_of
from pgb.falsify.documents import problem_of, weight
from pgb.falsify.search import falsify
from pgb.objective import augmented as true_augmented
from pgb.objective import optimum as true_optimum
from pgb.objective import unit as true_unit
from pgb.objective.optimum import Optimum
from pgb.theorems import THEOREMS


def judge(text):
    return cases.reproduce(read_case(text, "found"))


# -- nothing is found while every hypothesis holds


# theorem, problems to draw, and how many of them it must speak of at the least
KEPT = [
    ("vanishing", 10, 1),
    ("independence", 10, 10),
    ("elimination", 15, 2),
    ("characterisation", 12, 1),
    ("failure_mode", 12, 4),
    ("failure_mode_e", 8, 8),
    ("flow_identity", 8, 8),
    ("pgb_condition", 10, 4),
    ("no_extra_unit", 15, 1),
    ("reduction", 8, 1),
    ("ridge", 15, 1),
    ("depth_width", 10, 4),
    ("residual", 6, 3),
]


@pytest.mark.parametrize(("theorem", "examples", "floor"), KEPT)
def test_nothing_is_found_with_all_hypotheses(theorem, examples, floor):
    found = falsify(theorem, judge=judge, examples=examples, seed=0)
    assert found.counterexample is None, found.counterexample.explanation
    assert found.ok
    assert found.drawn == examples
    assert found.admissible >= 0.8 * examples
    assert found.non_vacuous >= floor
    assert found.decided + found.idle + sum(found.undecided.values()) == found.admissible
    assert all(found.undecided)  # each with its reason
    assert found.decided >= floor


@pytest.mark.slow
@pytest.mark.parametrize("theorem", attackable())
def test_nothing_is_found_in_more_problems(theorem):
    found = falsify(theorem, judge=judge, examples=200, seed=1)
    assert found.counterexample is None, found.counterexample.explanation
    assert found.non_vacuous >= 10
    assert sum(found.undecided.values()) <= 0.3 * found.admissible


# -- every hypothesis is needed

PAIRS = [(t, h) for t in attackable() for h in droppable(t)]
QUICK = [
    *((t, h) for t, h in PAIRS if t in ("elimination", "no_extra_unit", "flow_identity")),
    ("independence", "exp_neuron"),
    ("vanishing", "bias"),
    ("vacuity_consistent", "labels_consistent"),
    ("failure_mode_c", "loss_nonnegative"),
    ("failure_mode_e", "lambda_positive"),
    ("depth_width", "loss_convex"),
]


def check_counterexample(theorem, drop):
    found = falsify(theorem, drop, judge=judge, examples=1000, seconds=60, seed=0)
    case = found.counterexample
    assert case is not None, found
    assert found.ok
    again = cases.reproduce(read_case(case.toml, "found"))
    assert certified(again)
    assert (again.drops, again.breaks) == (drop, (theorem,))
    facts = facts_of(case.problem)
    assert {h for h in hypotheses_of(theorem) if facts[h].holds is not True} == {drop}
    assert case.size <= case.size_before
    assert case.size.samples <= 3
    assert case.size.variables <= 10
    assert case.size.numbers <= 100
    assert drop in case.explanation
    assert f"{theorem} fails without {drop}" in case.explanation
    assert any(c.isdigit() for c in case.explanation)


@pytest.mark.parametrize(("theorem", "drop"), QUICK)
def test_a_dropped_hypothesis_is_missed(theorem, drop):
    check_counterexample(theorem, drop)


@pytest.mark.slow
@pytest.mark.parametrize(("theorem", "drop"), [p for p in PAIRS if p not in QUICK])
def test_a_dropped_hypothesis_is_missed_by_the_other_theorems(theorem, drop):
    check_counterexample(theorem, drop)


def test_every_theorem_with_a_proof_is_attacked():
    assert set(library.proof_names()) <= set(ATTACKS)
    assert set(ATTACKS) <= set(THEOREMS)


@pytest.mark.slow
def test_what_can_be_dropped_is_what_the_ledger_calls_needed():
    pairs = cases.run.dropped_pairs()
    needed = {
        (r.theorem, r.hypothesis) for t in attackable() for r in ledger.rows(t, pairs) if r.status == "used and needed"
    }
    assert needed == set(PAIRS)


def test_pairs_that_are_not_attacked_say_why():
    for (theorem, hypothesis), reason in NOT_ATTACKED.items():
        if theorem in library.proof_names():
            with pytest.raises(InputError, match="no counterexample"):
                attack_on(theorem, hypothesis)
        assert theorem in reason


def test_a_hypothesis_that_the_proof_does_not_use_is_refused():
    with pytest.raises(InputError, match="loss_differentiable is not used by the checked proof of vanishing"):
        falsify("vanishing", "loss_differentiable", judge=judge)


def test_a_kink_is_judged_at_the_parameters_of_the_point():
    """f = t1 at t1 = 1: |t1| + |t1 - 1| has a kink in the second sample there; with a = 0 Lt has a descent in (t1, a)."""
    case = """
title = "a kink"
network = { kind = "formula", formula = ["t1"], parameters = ["t1"] }
loss = { name = "absolute" }
data = { x = [["1"], ["-1"]], y = [["0"], ["1"]] }
augmentation = { kind = "exp_neuron", lambda = "1" }
points = { found = { t1 = "1", aux_a1 = "0", aux_b1 = "0", aux_w1_1 = "1" } }
[case]
kind = "dropped_hypothesis"
drops = "loss_differentiable"
breaks = ["perturbation"]
at = "found"
claims = [{ claim = "value", of = "L", at = "found", equals = "1/2" }]
"""
    report = judge(case)
    assert report.claims[0].ok
    assert not report.ok


# -- planted bugs


def patched_everywhere(monkeypatch, name, wrong):
    """Replace a function of `pgb.objective` wherever the package has bound its name."""
    import sys

    for module in [m for n, m in sys.modules.items() if n.startswith("pgb.") and m is not None]:
        if callable(getattr(module, name, None)):
            monkeypatch.setattr(module, name, wrong)


def without_penalty(problem):
    from dataclasses import replace

    Lt = true_augmented(problem)
    return replace(Lt, expression=Lt.expression - Lt.rest, rest=sympy.S.Zero)


def without_bias(problem, k, x):
    return true_unit(problem, k, x).subs(sympy.Symbol(f"aux_b{k}", real=True), 0)


def with_the_bias_reversed(problem, k, x):
    b = sympy.Symbol(f"aux_b{k}", real=True)
    return true_unit(problem, k, x).subs(b, -b)


def with_another_network(problem):
    from dataclasses import replace

    Lt, theta = true_augmented(problem), problem.parameters[0]
    return replace(Lt, expression=Lt.expression + theta / 7)


def optimum_off_by(shift):
    def wrong(problem):
        best = true_optimum(problem)
        return Optimum(None if best.value is None else best.value + shift, best.attained, best.groups)

    return wrong


BUGS = [
    ("augmented", without_penalty, "vanishing_at_minima"),
    ("augmented", without_penalty, "failure_mode"),
    ("unit", without_bias, "vanishing_at_minima"),
    ("unit", with_the_bias_reversed, "failure_mode"),
    ("optimum", optimum_off_by(sympy.Rational(1, 2)), "characterisation"),
    ("optimum", optimum_off_by(-sympy.Rational(1, 2)), "elimination"),
    ("unit", with_the_bias_reversed, "flow_identity"),
    ("augmented", without_penalty, "reduction"),
    ("augmented", without_penalty, "vanishing"),
    ("augmented", with_another_network, "reduction"),
]


@pytest.mark.parametrize(("name", "wrong", "theorem"), BUGS)
def test_a_planted_bug_is_found(monkeypatch, name, wrong, theorem):
    patched_everywhere(monkeypatch, name, wrong)
    found = falsify(theorem, judge=judge, examples=60, seed=0)
    assert found.counterexample is not None
    assert not found.ok
    assert "although all its hypotheses hold" in found.counterexample.explanation


# -- the search itself


def test_the_same_seed_gives_the_same_result():
    one, two, other = (falsify("elimination", "bias", judge=judge, seed=s).to_json() for s in (0, 0, 5))
    for record in (one, two, other):
        record.pop("seconds")
    assert one == two
    assert one["counterexample"]["examples"] != other["counterexample"]["examples"] or one != other
    assert json.loads(json.dumps(one)) == one


def test_ctrl_c_returns_what_was_found_so_far():
    def stop(result):
        if result.drawn == 5:
            raise KeyboardInterrupt

    found = falsify("failure_mode", judge=judge, examples=50, progress=stop)
    assert (found.drawn, found.interrupted) == (5, "keyboard")
    assert found.admissible == 5


def test_the_time_is_kept():
    found = falsify("failure_mode", judge=judge, examples=100_000, seconds=1.0)
    assert found.interrupted == "time"
    assert 0 < found.drawn < 1000
    assert found.seconds < 20


def test_nothing_admissible_is_an_error(monkeypatch):
    monkeypatch.setattr(search, "admissible", lambda *_: False)
    with pytest.raises(InputError, match="none of the 4 problems drawn was admissible"):
        falsify("elimination", judge=judge, examples=4)


@pytest.mark.parametrize(
    ("theorem", "drop", "examples"),
    [
        ("no_such", None, 5),
        ("elimination", "no_such", 5),
        ("vanishing_at_minima", "loss_convex", 5),
        ("elimination", None, 0),
    ],
)
def test_wrong_arguments_are_refused(theorem, drop, examples):
    with pytest.raises(InputError):
        falsify(theorem, drop, judge=judge, examples=examples)


def test_the_optimum_in_floats_agrees_with_the_exact_one():
    """The screen's own L* is computed apart from `pgb.objective.optimum`; squared loss, labels 1 and 3 at one input."""
    document = {
        "network": {"kind": "formula", "formula": ["t1"], "parameters": ["t1"]},
        "loss": {"name": "squared"},
        "data": {"x": [["0"], ["0"]], "y": [["1"], ["3"]]},
        "augmentation": {"kind": "exp_neuron", "lambda": "1"},
    }
    floats = Floats(problem_of(document), 0)
    assert floats.best == pytest.approx(1.0, abs=1e-9)
    assert floats.rival == (("2",),)


@pytest.mark.parametrize(("number", "size"), [("0", 0), ("-1", 1), ("1/2", 2), ("10/11", 20), ("sqrt(2)", 70)])
def test_numbers_are_measured(number, size):
    assert weight(number) == size


# -- the command


def test_the_command_writes_a_case_that_reproduces(tmp_path):
    case, record = tmp_path / "found.toml", tmp_path / "found.json"
    run = CliRunner().invoke(
        app, ["falsify", "elimination", "--drop", "bias", "-o", str(case), "--json", str(record)], standalone_mode=False
    )
    assert run.return_value == 0
    assert "counterexample" in run.output
    assert certified(cases.reproduce(case))
    assert json.loads(record.read_text())["attacks"][0]["counterexample"]["toml"] == case.read_text()


def test_the_command_finds_nothing_with_all_hypotheses():
    run = CliRunner().invoke(app, ["falsify", "failure_mode", "--examples", "5"], standalone_mode=False)
    assert run.return_value == 0
    assert "no counterexample was found, as it should be" in run.output


def test_the_command_refuses_a_drop_without_a_theorem():
    run = CliRunner().invoke(app, ["falsify", "--drop", "bias"], standalone_mode=False)
    assert isinstance(run.exception, InputError)
