"""The failure mode: certified rays, V(theta), flow_identity as an invariant, the escape law, and fates."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from scipy.optimize import minimize

from pgb import objective, problem
from pgb.errors import InputError
from pgb.escape import Fate, best_ray, flow, infimum, ray
from pgb.escape.infimum import supremum
from pgb.evidence import Evidence


def load(formula: str, parameters: str, x: str, y: str, rest: str = "", loss: str = "squared") -> problem.Problem:
    return problem.loads(
        f'[network]\nkind = "formula"\nformula = {formula}\nparameters = {parameters}\n[loss]\nname = "{loss}"\n'
        f"[data]\nx = {x}\ny = {y}\n{rest}"
    )


CUBIC = load('["t^3 - 3*t"]', '["t"]', '[["1"]]', '[["5"]]')
BAD = {"t": sympy.S.NegativeOne}
CONSTANT = load('["0*t"]', '["t"]', '[["0"]]', '[["1"]]')


def test_ray_of_the_cubic_is_exact() -> None:
    """c e^(w x) = 3 fits y = 5 from f = 2: the limit is 0, and Lt(s) = lambda c^2 e^(-2 s)."""
    found = ray(CUBIC, BAD, [F(3)], [[F(0)]], at=(0, 1))
    assert (found.start, found.limit, found.status) == ("9.0000000000000000000", "0", Evidence.CERTIFIED)
    assert 0 < F(found.drop) <= 9
    assert math.isclose(float(found.values[1][1]), 0.9 * math.exp(-2), rel_tol=1e-15)


def test_ray_values_are_those_of_lt() -> None:
    p = load('["t + s*x1"]', '["t", "s"]', '[["-1"], ["0"], ["2"]]', '[["1"], ["-2"], ["1"]]')
    theta = {"t": sympy.Rational(1, 3), "s": sympy.Rational(-1, 2)}
    c, w = sympy.Rational(2, 5), sympy.Rational(-3, 4)
    found = ray(p, theta, [F(2, 5)], [[F(-3, 4)]], at=(3,))
    point = theta | {"aux_a1": c * sympy.exp(-3), "aux_b1": sympy.S(3), "aux_w1_1": w}
    assert abs(sympy.N(objective.augmented(p).at(point), 30) - sympy.Float(found.values[0][1], 30)) < 1e-18


def test_a_ray_that_does_not_help_certifies_no_drop() -> None:
    found = ray(CUBIC, BAD, [F(-1)], [[F(0)]])
    assert (found.drop, found.status) == ("0", Evidence.UNDECIDED)


def test_best_ray_never_beats_the_infimum() -> None:
    p = load('["t + s*x1"]', '["t", "s"]', '[["-1"], ["0"], ["2"]]', '[["1"], ["-2"], ["1"]]')
    theta = {"t": sympy.Rational(1, 3), "s": sympy.Rational(-1, 2)}
    v = infimum(p, theta)
    assert v.exact
    assert float(v.low) - 1e-12 <= float(best_ray(p, theta).limit) < float(objective.loss(p).at(theta))
    assert objective.optimum(p).value < sympy.Float(v.low)


@pytest.mark.parametrize("seed", range(6))
def test_infimum_agrees_with_multistart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sums = [F(int(v), 4) for v in rng.integers(-9, 10, 4)]
    sizes = [F(int(v)) for v in rng.integers(1, 3, 4)]
    nodes = [F(-1), F(0), F(1, 2), F(2)]
    found = supremum(sums, sizes, nodes)
    assert found is not None

    def phi(w: np.ndarray) -> float:
        e = np.exp(w[0] * np.array([float(x) for x in nodes]) - abs(w[0]) * 2)
        return -float((np.array([float(s) for s in sums]) @ e) ** 2 / (np.array([float(n) for n in sizes]) @ e**2))

    best = max(-minimize(phi, [w0], method="Nelder-Mead").fun for w0 in np.linspace(-8, 8, 33))
    assert best <= float(found[0].mid()) + 1e-9
    assert best >= float(found[0].mid()) - 1e-3


def test_infimum_where_the_gain_vanishes_between_two_better_ends() -> None:
    """Residuals (-1/3, 2/3, -1/3) at 0, 1, 2: R(w) = -(1 - e^w)^2 / 3 has a double zero at w = 0, where no c helps."""
    third = F(1, 3)
    found = supremum([-third, 2 * third, -third], [F(1)] * 3, [F(0), F(1), F(2)])
    assert found is not None
    assert found[0].is_finite()
    grid = np.linspace(-30, 30, 60001)
    e = np.exp(np.multiply.outer(grid, [0.0, 1.0, 2.0]) - np.maximum(0, 2 * grid)[:, None])
    best = float(np.max((e @ [-1 / 3, 2 / 3, -1 / 3]) ** 2 / (e**2).sum(axis=1)))
    assert abs(best - float(found[0].mid())) < 1e-7


def test_infimum_of_a_loss_without_closed_form_is_a_bracket() -> None:
    p = load('["t"]', '["t"]', '[["0"], ["1"]]', '[["1"], ["-1"]]', loss="logistic")
    v = infimum(p, {"t": sympy.S.Zero})
    assert (v.exact, v.low, v.status) == (False, "0", Evidence.CERTIFIED)
    assert float(v.high) < math.log(2)


def test_cubic_escapes_over_its_bad_minimum_with_theta_unmoved() -> None:
    found = flow(CUBIC, objective.augmented(CUBIC), {"t": -1, "aux_a1": 0, "aux_b1": 0, "aux_w1_1": 0}, 1e5)
    assert found.success
    assert found.fate is Fate.ESCAPE
    assert np.max(np.abs(found.z[:, 0] + 1)) < 1e-9
    assert found.value[-1] < 1e-5
    assert np.all(np.diff(found.value) < 1e-9)
    assert found.drift < 1e-8


def test_escape_law_for_one_sample() -> None:
    """4 t gap -> dy and b - (1/2) log(4 lambda c^2 t) -> 0 (lambda = 1/10, residual 1)."""
    start = {"t": 0, "aux_a1": 0, "aux_b1": 0, "aux_w1_1": 0}
    found = flow(CONSTANT, objective.augmented(CONSTANT), start, 1e5)
    assert found.law is not None
    assert found.law.applicable
    assert abs(found.law.constant - 1) < 1e-3
    assert abs(found.law.offset[0]) < 1e-3
    assert found.drift < 1e-8
    earlier = flow(CONSTANT, objective.augmented(CONSTANT), start, 1e3)
    assert abs(4e3 * earlier.value[-1] - 1.0119) < 1e-4  # here the limit of Lt is exactly 0


def test_escape_law_counts_the_outputs() -> None:
    p = load('["0*t", "0*t"]', '["t"]', '[["0"]]', '[["1", "-2"]]')
    start = dict.fromkeys([v.name for v in objective.augmented(p).variables], 0.0)
    found = flow(p, objective.augmented(p), start, 1e5).law
    assert found is not None
    assert abs(found.constant - 1) < 2e-3
    assert max(map(abs, found.offset)) < 1e-3


def test_flow_of_l_ends_at_the_bad_minimum_and_at_a_saddle() -> None:
    assert flow(CUBIC, objective.loss(CUBIC), {"t": -0.5}, 1e3).fate is Fate.LOCAL_MINIMUM
    p = load('["u*v*x1"]', '["u", "v"]', '[["1"]]', '[["1"]]')
    assert flow(p, objective.loss(p), {"u": 0, "v": 0}, 1e3).fate is Fate.SADDLE
    assert flow(p, objective.loss(p), {"u": 1, "v": 0.5}, 1e3).fate is Fate.OPTIMUM


def test_other_augmentations_and_bad_times_are_refused() -> None:
    plain = load('["t"]', '["t"]', '[["1"]]', '[["1"]]', '[augmentation]\nkind = "none"')
    with pytest.raises(InputError, match="exp_neuron"):
        best_ray(plain, {"t": sympy.S.Zero})
    with pytest.raises(InputError, match="t_end"):
        flow(CUBIC, objective.loss(CUBIC), {"t": 0}, float("nan"))
    with pytest.raises(InputError, match=r"start\.t"):
        flow(CUBIC, objective.loss(CUBIC), {})
