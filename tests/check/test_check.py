"""The verdicts on whole problems: what THEORY predicts for the worked examples, and never more than is known."""

import pytest

from pgb import checking, problem
from pgb.checking import Check
from pgb.evidence import Evidence, Verdict


def load(network: str, x: str, y: str, loss: str = "squared", rest: str = "") -> problem.Problem:
    return problem.loads(f'[network]\n{network}\n[loss]\nname = "{loss}"\n[data]\nx = {x}\ny = {y}\n{rest}')


def verdicts(found: Check) -> dict[str, Verdict]:
    return {v.theorem: v.verdict for v in found.verdicts}


CUBIC = 'kind = "formula"\nformula = ["t^3 - 3*t"]\nparameters = ["t"]'


@pytest.fixture(scope="module")
def cubic() -> Check:
    return checking.check(load(CUBIC, '[["1"]]', '[["5"]]'))


def test_cubic_has_one_bad_minimum_and_a_good_one(cubic: Check) -> None:
    bad = [m for m in cubic.minima if m.bad]
    good = [m for m in cubic.minima if m.optimal]
    assert [m.value for m in bad] == ["9"]
    assert [m.bad for m in good] == [False]
    assert abs(float(good[0].theta["t"]) - 2.2790187861665935) < 1e-12
    assert bad[0].optimal is False
    assert bad[0].infimum is not None
    assert (bad[0].infimum.exact, float(bad[0].infimum.low)) == (True, 0.0)


def test_cubic_is_not_vacuous(cubic: Check) -> None:
    found = verdicts(cubic)
    assert cubic.ok
    assert found["elimination"] is Verdict.HOLDS
    assert found["characterisation"] is Verdict.HOLDS
    assert found["vacuity"] is Verdict.VACUOUS
    assert found["failure_mode"] is Verdict.HOLDS
    assert next(v for v in cubic.verdicts if v.theorem == "elimination").evidence is Evidence.PROVED


def test_straight_line_is_vacuous() -> None:
    """Three points not on a line: L has one minimum, global; Lt has none at all."""
    found = checking.check(
        load('kind = "linear"\nlayers = [1, 1]\nbias = true', '[["0"], ["1"], ["2"]]', '[["0"], ["1"], ["0"]]')
    )
    assert found.attainment.attained is False
    assert verdicts(found)["elimination"] is Verdict.VACUOUS
    assert verdicts(found)["vacuity"] is Verdict.HOLDS
    assert "none at all" in found.augmented
    assert len(found.minima) == 1
    assert found.minima[0].optimal is False


def test_cross_entropy_is_vacuous_for_any_network() -> None:
    network = 'kind = "dense"\nlayers = [1, 2, 2]\nactivation = "tanh"'
    found = checking.check(load(network, '[["0"], ["1"]]', '[["0"], ["1"]]', "cross_entropy"), search=False)
    assert verdicts(found)["elimination"] is Verdict.VACUOUS
    assert found.star.value == 0


def test_conflicting_labels_leave_minima_with_a_positive_optimum() -> None:
    found = checking.check(load(CUBIC, '[["1"], ["1"]]', '[["-2"], ["6"]]', rest="[points.mid]\nt = 2"))
    assert found.star.value == 16
    names = verdicts(found)
    assert names["elimination"] is Verdict.HOLDS
    assert names["elimination_per_sample"] is Verdict.NOT_APPLICABLE
    assert next(m for m in found.minima if m.name == "mid").optimal is True


@pytest.mark.parametrize(
    ("loss", "rest", "failing"),
    [
        ("absolute", "", "loss_differentiable"),
        ('formula"\nformula = "(q1^2 - y1)^2', "", "loss_convex"),
        ("squared", '[augmentation]\nlambda = "-1"', "lambda_positive"),
        ("squared", '[augmentation]\nkind = "unit"\nunit = "a*exp(w1*x1)"', "bias"),
        ("squared", '[region]\naux_b1 = ["-1", "1"]', "unbounded_domain"),
    ],
)
def test_a_hypothesis_that_fails_makes_elimination_not_applicable(loss: str, rest: str, failing: str) -> None:
    found = checking.check(load(CUBIC, '[["1"]]', '[["5"]]', loss, rest), search=False)
    verdict = next(v for v in found.verdicts if v.theorem == "elimination")
    assert verdict.verdict is Verdict.NOT_APPLICABLE
    assert failing in verdict.reason


def test_undecided_attainment_is_said() -> None:
    network = 'kind = "dense"\nlayers = [1, 1, 1]\nactivation = "tanh"'
    found = checking.check(load(network, '[["0"], ["1"], ["2"], ["-1"]]', '[["0"], ["1"], ["0"], ["3"]]'), search=False)
    assert found.attainment.attained is None
    assert "undecided" in next(v.reason for v in found.verdicts if v.theorem == "elimination")


def test_record_has_the_stable_keys(cubic: Check) -> None:
    record = cubic.to_json()
    assert {"title", "local_minima", "verdicts"} <= set(record)
    assert set(record["local_minima"]) == {"original", "augmented"}
    assert all(set(v) == {"theorem", "verdict", "evidence", "reason"} for v in record["verdicts"])
    assert all(isinstance(m["value"], str) for m in record["local_minima"]["original"])


def test_weight_decay_makes_elimination_vacuous() -> None:
    """With mu |theta|^2 a local minimum of Lt needs theta = 0 and the data term at L* (ridge)."""
    found = checking.check(load(CUBIC, '[["1"]]', '[["5"]]', rest='[ridge]\nweight = "1/20"'), search=False)
    assert verdicts(found)["elimination"] is Verdict.VACUOUS
    assert "none at all" in found.augmented
    zero = checking.check(load(CUBIC, '[["1"]]', '[["0"]]', rest='[ridge]\nweight = "1/20"'), search=False)
    assert verdicts(zero)["elimination"] is Verdict.HOLDS


def test_decimals_near_an_interpolating_point_are_not_called_bad() -> None:
    rest = '[points.root]\nt = "2.27901878616659353"'
    found = checking.check(load(CUBIC, '[["1"]]', '[["5"]]', rest=rest), search=False)
    assert all(m.bad is not True for m in found.minima)
