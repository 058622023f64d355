"""A verdict claims no more than a theorem with its hypotheses gives: not for losses it does not cover, nor without a ridge."""

from __future__ import annotations

import pytest

from pgb import checking, library
from pgb import problem as problems
from pgb.cases import case_names, load_case
from pgb.evidence import Verdict
from pgb.problem import Problem


def shipped(name: str) -> Problem:
    return problems.load(str(library.counterexamples_folder() / f"{name}.toml"), extra_sections=("case",))


@pytest.mark.parametrize("name", ["double_well", "absolute_loss"])
def test_local_minima_of_lt_are_not_described_where_a_certified_one_contradicts(name: str) -> None:
    """These cases have a certified local minimum of Lt with L > L*: no sentence may say that there is none."""
    found = checking.check(shipped(name), search=False)
    assert found.augmented.startswith("not described")
    assert all(v.verdict is not Verdict.VACUOUS for v in found.verdicts)


def test_cases_that_break_the_characterisation_are_never_described_by_it() -> None:
    """Without searches: the hypotheses alone must stop the sentence."""
    checked = 0
    for name in case_names():
        case = load_case(name)
        if "characterisation" in case.breaks and case.problem.augmentation.kind == "exp_neuron":
            hypotheses = {n: (f.holds, f.reason) for n, f in case.problem.hypotheses().items()}
            reached = checking.attainment(case.problem, None)
            assert checking._describe(case.problem, reached, hypotheses).startswith("not described"), name
            checked += 1
    assert checked >= 4


def test_the_ridge_theorem_is_not_applied_without_a_ridge() -> None:
    text = """
    [network]
    kind = "formula"
    formula = ["theta^3 - 3*theta"]
    parameters = ["theta"]
    [loss]
    name = "squared"
    [data]
    x = [["1"]]
    y = [["5"]]
    """
    for more, wanted in (("", Verdict.NOT_APPLICABLE), ('[ridge]\nweight = "1/10"\n', Verdict.HOLDS)):
        found = checking.check(problems.loads(text + more), search=False)
        (verdict,) = [v for v in found.verdicts if v.theorem == "ridge"]
        assert verdict.verdict is wanted


def test_grouped_gradients_is_vacuous_with_the_others() -> None:
    """Regression on three points off a line: Lt has no local minimum, so what is said about local minima is empty."""
    found = checking.check(shipped("straight_line"))
    said = {v.theorem: v.verdict for v in found.verdicts}
    assert {said[n] for n in checking.ABOUT_MINIMA} == {Verdict.VACUOUS}
