"""Users' conjectures: true ones survive, false ones fall with certified numbers, and a callable is believed as far as it says."""

import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import sympy
from hypothesis import strategies as st
from typer.testing import CliRunner

import pgb
from pgb.cli import app
from pgb.errors import InputError
from pgb.evidence import Evidence, Verdict
from pgb.falsify import Answer, conjecture, conjecture_files, problems
from pgb.falsify.conjectures import judged
from pgb.falsify.documents import Spot, problem_of
from pgb.falsify.drawing import draw
from pgb.falsify.inquiries import answer_of
from pgb.falsify.transformations import Transformation
from pgb.falsify.written import document_of

ROOT = Path(__file__).resolve().parent.parent.parent
HYPOTHESES = ["loss_convex", "loss_differentiable", "lambda_positive"]
DOCUMENT = {
    "network": {"kind": "formula", "formula": ["t1"], "parameters": ["t1"]},
    "loss": {"name": "squared"},
    "data": {"x": [["1"], ["-1"]], "y": [["1"], ["3"]]},
    "augmentation": {"kind": "exp_neuron", "lambda": "1/2"},
}
SMALL = {"networks": ["0", "t1*x1"], "losses": "squared", "samples": [1, 2], "lam": "1"}


def at(claim, document, exact=True, **values):
    whole = claim.applied(document)
    problem = problem_of(whole)
    return judged(claim, problem, claim.objective(problem), Spot(values, exact))


# -- the objective is what the user wrote


def test_the_default_unit_and_penalty_give_the_package_s_own_objective():
    mine = Transformation("a*exp(wx + b)")
    problem = problem_of(mine.applied(DOCUMENT))
    assert sympy.expand(mine.objective(problem).expression - pgb.augmented(problem_of(DOCUMENT)).expression) == 0


def test_the_formula_of_the_transformation_without_a_unit_is_the_package_s_own():
    mine = Transformation(formula="L*(1 + (a*exp(b) - 1)^2)/2 + lambda*a^2")
    problem = problem_of(mine.applied(DOCUMENT))
    assert sympy.expand(mine.objective(problem).expression - pgb.no_extra_unit(problem).expression) == 0


def test_penalties_are_added_for_every_output_and_inputs_are_counted():
    document = {
        "network": {"kind": "formula", "formula": ["t1", "t2"], "parameters": ["t1", "t2"]},
        "loss": {"name": "squared"},
        "data": {"x": [["1", "2"]], "y": [["0", "0"]]},
        "augmentation": {"kind": "none", "lambda": "3"},
    }
    mine = Transformation("a*wx", penalty="lambda*a^4 + w2*b^2")
    Lt = mine.objective(problem_of(mine.applied(document)))
    point = {v: n for n, v in enumerate(Lt.variables, start=1)}
    t, a, b, w = (1, 2), (3, 4), (5, 6), ((7, 8), (9, 10))
    data = sum((t[k] + a[k] * (w[k][0] + 2 * w[k][1])) ** 2 for k in (0, 1))
    assert Lt.expression.subs(point) == data + sum(3 * a[k] ** 4 + w[k][1] * b[k] ** 2 for k in (0, 1))


# -- what is true at a point, by hand


@pytest.mark.parametrize(
    ("then", "holds"),
    [
        ("a = 0", True),
        ("a != 0", False),
        ("L = L*", True),
        ("L = Lstar", True),
        ("theta minimises L", True),
        ("Lt = 1", True),
        ("Lt < 1", False),
        ("Lt <= L + lambda*a_squared", True),
        ("never", False),
    ],
)
def test_conclusions_at_a_minimum(then, holds):
    """One sample for each of two labels 1 and 3 at one input: L* = 1 at t1 = 2; there Lt = 1 is least."""
    document = {**DOCUMENT, "data": {"x": [["1"], ["1"]], "y": [["1"], ["3"]]}}
    found = at(conjecture(then=then), document, t1="2", aux_a1="0", aux_b1="0", aux_w1_1="0")
    assert found.premise.holds is True
    assert found.holds is holds


def test_a_point_that_is_no_minimum_says_nothing():
    found = at(conjecture(then="a = 0"), DOCUMENT, t1="0", aux_a1="1", aux_b1="0", aux_w1_1="0")
    assert (found.premise.holds, found.holds) == (False, True)


def test_every_output_is_meant():
    document = {
        "network": {"kind": "formula", "formula": ["t1", "t1"], "parameters": ["t1"]},
        "loss": {"name": "squared"},
        "data": {"x": [["1"]], "y": [["0", "0"]]},
    }
    values = dict.fromkeys(["t1", "aux_a1", "aux_b1", "aux_b2", "aux_w1_1", "aux_w2_1"], "0")
    found = at(conjecture(at="every point", then="a = 0"), document, **values, aux_a2="1/3")
    assert found.holds is False
    assert "a = 0.333" in found.sentence


# -- conjectures under attack


@pytest.mark.parametrize(
    "claim",
    [
        conjecture(unit="a*exp(wx + b)", penalty="lambda*a^4", then=["a = 0", "L = L*"], hypotheses=HYPOTHESES),
        conjecture(at="every point", then="Lt >= Lstar + lambda*a_squared", hypotheses=HYPOTHESES),
    ],
)
def test_true_conjectures_survive(claim):
    found = pgb.falsify(claim, problems(HYPOTHESES, **SMALL), examples=15)
    assert found.counterexample is None
    assert found.ok
    assert found.non_vacuous >= 4


@pytest.mark.parametrize(
    "claim",
    [
        conjecture(unit="a*relu(wx + b)", then="L = L*", hypotheses=HYPOTHESES),
        conjecture(formula="L + a^2 + b^2", then="theta minimises L"),
        conjecture(unit="a*exp(wx + b)", penalty="lambda*Abs(a)", then="L = L*", hypotheses=HYPOTHESES),
        conjecture(unit="a*exp(wx)", then="a = 0", hypotheses=HYPOTHESES),
        conjecture(formula="L*(1 + (a*cos(b) - 1)^2)/2 + lambda*a^2", at="critical point", then="a = 0"),
        conjecture(at="every point", then="Lt >= L"),
        conjecture(then="never", hypotheses=HYPOTHESES),
    ],
    ids=lambda c: str(c)[:60],
)
def test_false_conjectures_fall_and_their_files_say_so_again(claim):
    cubic = {"networks": "t1^3 - 3*t1", "numbers": [0, 1, 5]}
    found = pgb.falsify(
        claim, problems(HYPOTHESES, **(SMALL | (cubic if "minimises" in str(claim) else {}))), examples=120
    )
    case = found.counterexample
    assert case is not None, found
    assert not found.ok
    assert case.evidence is Evidence.CERTIFIED
    assert case.size <= case.size_before
    assert case.size.samples == 1
    inquiry, strategy = conjecture_files.loads(case.toml)
    assert (inquiry.claim.at, inquiry.claim.then) == (claim.at, claim.then)
    again = pgb.falsify(inquiry, strategy, examples=1)
    assert again.counterexample is not None
    assert again.counterexample.problem.points == case.problem.points


def test_the_dead_unit_is_found_as_small_as_it_can_be():
    claim = conjecture(unit="a*relu(wx + b)", then="L = L*", hypotheses=HYPOTHESES)
    case = pgb.falsify(claim, problems(HYPOTHESES, **SMALL), examples=120).counterexample
    assert [len(case.problem.data.x), case.size.variables, case.size.decimals] == [1, 4, 0]
    assert "L(found) = 1 is above L* = 0" in case.explanation


# -- callables


STRATEGY = problems(networks=["t1*x1"], losses="squared", samples=[1, 2, 3], lam="1")


class Said:
    def __init__(self, **said):
        self.__dict__.update(said)


@pytest.mark.parametrize(
    ("said", "holds", "evidence", "applies"),
    [
        (True, True, Evidence.NUMERICAL, True),
        (False, False, Evidence.NUMERICAL, True),
        (None, None, Evidence.NUMERICAL, True),
        (Verdict.VIOLATED, False, Evidence.NUMERICAL, True),
        (Verdict.UNDECIDED, None, Evidence.NUMERICAL, True),
        (Verdict.NOT_APPLICABLE, True, Evidence.NUMERICAL, False),
        (Said(holds=False, evidence=Evidence.CERTIFIED, sentence="why"), False, Evidence.CERTIFIED, True),
        (Said(holds=False), False, Evidence.NUMERICAL, True),
        (Said(holds=False, evidence=Evidence.UNDECIDED), None, Evidence.UNDECIDED, True),
        (Said(verdict=Verdict.VIOLATED, evidence=Evidence.CERTIFIED, reason="r"), False, Evidence.CERTIFIED, True),
        (Answer(False, evidence=Evidence.UNDECIDED), None, Evidence.UNDECIDED, True),
    ],
)
def test_answers_are_believed_as_far_as_they_say(said, holds, evidence, applies):
    answer = answer_of(said)
    assert (answer.holds, answer.evidence, answer.applies) == (holds, evidence, applies)


@pytest.mark.parametrize("said", ["yes", 1, 0.0, [], Said(x=1)])
def test_other_answers_are_refused(said):
    with pytest.raises(InputError, match="must return True, False, None"):
        pgb.falsify(lambda _: said, STRATEGY, examples=2)


def test_a_callable_s_counterexample_is_made_small_and_no_better_known_than_it_says():
    found = pgb.falsify(lambda problem: problem.data.m < 2, STRATEGY, examples=50)
    case = found.counterexample
    assert case.evidence is Evidence.NUMERICAL
    assert case.problem.data.m == 2
    assert {str(v) for row in (*case.problem.data.x, *case.problem.data.y) for v in row} == {"0"}
    assert pgb.loads(case.toml).data == case.problem.data


def test_exceptions_are_undecided_and_never_lost():
    def sometimes(problem):
        if problem.data.m == 2:
            raise ValueError("two")
        return True

    found = pgb.falsify(sometimes, STRATEGY, examples=20)
    assert found.undecided["the claim raised ValueError: two"] > 0
    assert found.decided + sum(found.undecided.values()) == 20
    with pytest.raises(InputError, match="failed for every problem: the claim raised ZeroDivisionError"):
        pgb.falsify(lambda _: 1 / 0, STRATEGY, examples=3)


# -- strategies


def drawn(strategy, count=25):
    out = []
    draw(strategy, lambda _, example: out.append(example), seed=0, examples=count)
    return out


def test_wishes_are_met():
    wishes = {
        "networks": ["t1*x1", ["u + x2", "v"], {"kind": "dense", "layers": [1, 2, 1], "activation": "tanh"}],
        "losses": ["squared", "(q1 - y1)^4"], "samples": range(1, 3), "numbers": [0, "1/2"], "lam": st.just("7"),
        "unit": "a*tanh(wx + b)",
    }  # fmt: skip
    for document in drawn(problems(["labels_consistent"], **wishes)):
        problem = problem_of(document)
        assert problem.network.dx in (1, 2)
        assert problem.data.m in (1, 2)
        assert {str(v) for row in (*problem.data.x, *problem.data.y) for v in row} <= {"0", "1/2"}
        assert problem.augmentation.lam == 7
        assert problem.augmentation.unit.has(sympy.tanh)
        assert problem.hypotheses()["labels_consistent"].holds


@pytest.mark.parametrize(("wish", "values"), [("dx", [2]), ("dy", [2])])
def test_sizes_are_met(wish, values):
    for document in drawn(problems(**{wish: values})):
        problem = problem_of(document)
        assert {"dx": problem.network.dx, "dy": problem.network.dy}[wish] in values


def test_own_strategies_of_problems_texts_and_documents():
    documents = problems(networks="t1*x1", losses="squared", samples=1, lam="1")
    objects = documents.map(problem_of)
    seen = []
    for strategy in (documents, objects):
        pgb.falsify(lambda problem: seen.append(type(problem).__name__) or True, strategy, examples=3)
    assert set(seen) == {"Problem"}
    with pytest.raises(InputError, match="must draw problems"):
        pgb.falsify(lambda _: True, st.just(5), examples=1)


def test_a_theorem_takes_a_strategy_too():
    found = pgb.falsify("elimination", problems(**SMALL).map(problem_of), examples=4)
    assert (found.counterexample, found.admissible) == (None, 4)


@pytest.mark.parametrize(
    "document", [DOCUMENT, {**DOCUMENT, "ridge": {"weight": "1/2"}, "region": {"aux_b1": ["-1", "1"]}}]
)
def test_a_problem_s_document_has_the_same_content(document):
    problem = problem_of(document)
    again = problem_of(document_of(problem))
    assert (again.data, again.region, again.ridge, again.augmentation) == (
        problem.data, problem.region, problem.ridge, problem.augmentation,
    )  # fmt: skip
    assert again.outputs() == problem.outputs()
    assert again.sample_losses() == problem.sample_losses()


# -- wrong input


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({"then": []}, r"claim\.then"),
        ({"then": "a = 0 = b"}, r"claim\.then"),
        ({"then": "nonsense = 0"}, "nonsense"),
        ({"then": "__import__('os') = 0"}, r"claim\.then"),
        ({"then": "a = 0", "at": "somewhere"}, r"claim\.at"),
        ({"then": ["never", "a = 0"]}, "stands alone"),
        ({"then": "never", "at": "every point"}, "stands alone"),
        ({"then": "a = 0", "unit": "a*exp(z)"}, "z"),
        ({"then": "a = 0", "unit": "a", "formula": "L"}, "transformation"),
        ({"then": "a = 0", "penalty": "lambda*a^4"}, "transformation"),
        ({"then": "a = 0", "formula": "L + c"}, "c"),
        ({"then": "a = 0", "hypotheses": ["no_such"]}, "hypotheses"),
    ],
)
def test_wrong_conjectures_are_refused(parts, match):
    with pytest.raises(InputError, match=match):
        conjecture(**parts)


@pytest.mark.parametrize(
    ("claim", "options"),
    [
        (5, {}),
        (lambda _: True, {}),
        (lambda _: True, {"strategy": [1, 2]}),
        (conjecture(then="a = 0"), {"drop": "bias"}),
        (conjecture(then="a = 0"), {"examples": 0}),
        ("no_such_theorem", {}),
    ],
)
def test_wrong_arguments_are_refused(claim, options):
    with pytest.raises(InputError):
        pgb.falsify(claim, **options)


def test_a_claim_that_never_speaks_is_an_error():
    with pytest.raises(InputError, match="speaks of none of the 3 problems"):
        pgb.falsify(lambda _: Verdict.NOT_APPLICABLE, STRATEGY, examples=3)


@pytest.mark.parametrize(
    "text",
    [
        "[transformation]\nunit = 'a'",
        "[claim]\nthen = 'a = 0'\nmore = 1",
        "[claim]\nat = 'local minimum'",
        "[claim]\nthen = 'a = 0'\n[transformation]\nunits = 'a'",
        "[claim]\nthen = 'a = 0'\n[problems]\nnetworks = 't1'",
        "[claim]\nthen = 'a = 0'\n[problems]\nsamples = [0]",
        "[claim]\nthen = 'a = 0'\n[problems]\n[network]\nkind = 'formula'",
        "[claim]\nthen = 'a = 0'\n[network]\nkind = 'formula'\nformula = ['t']\nparameters = ['t']",
        "[claim]\nthen = 'a = 0'\n[surprise]",
        "claim = 3",
    ],
)
def test_wrong_files_are_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "claim.toml"
    path.write_text(text)
    run = CliRunner().invoke(app, ["falsify", "--claim", str(path), "--examples", "1"], standalone_mode=False)
    assert isinstance(run.exception, InputError)
    assert "\n" not in str(run.exception)


@pytest.mark.parametrize("extra", [["elimination"], ["--drop", "bias"]])
def test_a_claim_file_stands_alone(tmp_path, extra):
    run = CliRunner().invoke(app, ["falsify", *extra, "--claim", str(tmp_path / "x.toml")], standalone_mode=False)
    assert isinstance(run.exception, InputError)


# -- the names


def test_the_package_is_the_function_and_holds_its_modules():
    from pgb.falsify import falsify, search
    from pgb.falsify.search import Falsification

    assert pgb.falsify.falsify is falsify
    assert pgb.falsify.search is search
    assert list(inspect.signature(pgb.falsify).parameters)[:3] == ["claim", "strategy", "drop"]
    found = pgb.falsify("failure_mode", examples=2)
    assert isinstance(found, Falsification)
    assert found.to_json()["drawn"] == falsify("failure_mode", examples=2).drawn == 2


@pytest.mark.parametrize(
    "line",
    [
        "import pgb; pgb.falsify('failure_mode', examples=1)",
        "import pgb, pgb.falsify.search; pgb.falsify('failure_mode', examples=1)",
        "from pgb.falsify import falsify; falsify('failure_mode', examples=1)",
        "from pgb import falsify; falsify('failure_mode', examples=1)",
    ],
)
def test_every_way_to_import_it(line):
    subprocess.run([sys.executable, "-c", line], check=True)


# -- the document


def test_the_python_of_the_document_runs():
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    text = (ROOT / "docs" / "conjectures.md").read_text(encoding="utf-8")
    test = parser.get_doctest(text, {}, "conjectures", "docs/conjectures.md", 0)
    assert len(test.examples) >= 6
    assert runner.run(test).failed == 0
