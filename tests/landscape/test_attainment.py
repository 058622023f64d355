"""Does some theta reach L*? Each answer with a certificate, each impossibility by a proof."""

import pytest
import sympy

from pgb import problem
from pgb.evidence import Evidence
from pgb.landscape.attainment import attainment
from pgb.landscape.results import CriticalPoint, CriticalSet, Kind


def load(network: str, x: str, y: str, loss: str = "squared", rest: str = "") -> problem.Problem:
    return problem.loads(f'[network]\n{network}\n[loss]\nname = "{loss}"\n[data]\nx = {x}\ny = {y}\n{rest}')


CUBIC = 'kind = "formula"\nformula = ["t^3 - 3*t"]\nparameters = ["t"]'
LINE = 'kind = "linear"\nlayers = [1, 1]\nbias = true'
TANH = 'kind = "dense"\nlayers = [1, {}, 1]\nactivation = "tanh"'


def test_cubic_interpolates_at_its_real_root() -> None:
    found = attainment(load(CUBIC, '[["1"]]', '[["5"]]'))
    assert (found.attained, found.status) == (True, Evidence.CERTIFIED)
    assert abs(float(found.certificate["theta"]["t"]) - 2.2790187861665935) < 1e-12


def test_three_points_not_on_a_line() -> None:
    x = '[["0"], ["1"], ["2"]]'
    assert attainment(load(LINE, x, '[["0"], ["1"], ["0"]]')).attained is False
    assert attainment(load(LINE, x, '[["0"], ["1"], ["2"]]')).attained is True


def test_rank_one_cannot_fit_rank_two() -> None:
    p = load('kind = "linear"\nlayers = [2, 1, 2]', '[["1", "0"], ["0", "1"]]', '[["1", "1"], ["1", "-1"]]')
    assert attainment(p).attained is False
    p = load('kind = "linear"\nlayers = [2, 1, 2]', '[["1", "0"], ["0", "1"]]', '[["1", "2"], ["2", "4"]]')
    assert attainment(p).attained is True


def test_enough_tanh_units_interpolate_and_too_few_stay_undecided() -> None:
    x, y = '[["0"], ["1"], ["2"], ["-1"]]', '[["0"], ["1"], ["0"], ["3"]]'
    assert attainment(load(TANH.format(3), x, y)).attained is True
    few = attainment(load(TANH.format(1), x, y))
    assert (few.attained, few.status) == (None, Evidence.UNDECIDED)


@pytest.mark.parametrize("loss", ["logistic", "smooth_hinge"])
def test_one_label_per_input(loss: str) -> None:
    """Logistic loss never attains its optimum; the smooth hinge does at margin 1."""
    found = attainment(load(TANH.format(2), '[["0"], ["1"]]', '[["1"], ["-1"]]', loss))
    assert found.attained is (loss == "smooth_hinge")


def test_conflicting_labels_are_attained_at_their_mean() -> None:
    p = load(CUBIC, '[["1"], ["1"]]', '[["-2"], ["6"]]', rest="[points.mid]\nt = 2")
    found = attainment(p)
    assert (found.attained, found.certificate) == (True, {"point": "mid"})


def test_complete_enumeration_above_the_optimum_excludes() -> None:
    p = load(TANH.format(1), '[["0"], ["1"], ["2"], ["-1"]]', '[["0"], ["1"], ["0"], ["3"]]')
    point = CriticalPoint({}, "0.25", Kind.LOCAL_MINIMUM, 0, Evidence.CERTIFIED)
    whole = CriticalSet("", Evidence.CERTIFIED, True, "", [point])
    assert attainment(p, whole).attained is False
    part = CriticalSet("", Evidence.CERTIFIED, False, "", [point])
    assert attainment(p, part).attained is None


def test_a_point_that_is_only_nearly_optimal_is_no_witness() -> None:
    p = load(LINE, '[["0"], ["1"], ["2"]]', '[["0"], ["1"], ["0"]]', rest='[points.near]\nw1_1_1 = 0\nb1_1 = "1/3"')
    assert attainment(p).attained is False
    assert sympy.Rational(1, 3) == p.point("near")["b1_1"]
