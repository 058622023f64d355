"""The critical points of Lt over those of L: counts, strictness, and agreement with the gradient of Lt itself."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from pgb import objective, problem
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape import search
from pgb.landscape.reduction import reduce_at, reduce_at_fit


def load(x: str, y: str, loss: str = "squared", outputs: str = '"t + s*x1"', extra: str = "") -> problem.Problem:
    return problem.loads(
        f'[network]\nkind = "formula"\nformula = [{outputs}]\nparameters = ["t", "s"]\n[loss]\nname = "{loss}"\n'
        f"[data]\nx = {x}\ny = {y}\n{extra}"
    )


def at(t: object, s: object) -> dict[str, sympy.Expr]:
    return {"t": sympy.sympify(t), "s": sympy.sympify(s)}


FOUR_X, FOUR_Y = '[["-1"], ["0"], ["1"], ["2"]]', '[["1"], ["-2"], ["1"], ["1"]]'
FOUR = load(FOUR_X, FOUR_Y, outputs='"t + s*x1^2"')


def least_squares(p: problem.Problem) -> dict[str, sympy.Expr]:
    lt = objective.loss(p)
    solution = sympy.solve(lt.gradient(), lt.variables, dict=True)[0]
    return {v.name: solution[v] for v in lt.variables}


def test_zeros_of_s_are_critical_points_of_lt() -> None:
    theta = least_squares(FOUR)
    found = reduce_at(FOUR, theta)
    lt = objective.augmented(FOUR)
    assert (found.kind, found.status) == ("saddles", Evidence.CERTIFIED)
    assert found.count == len(found.outputs[0].w) >= 1
    for (w,) in found.outputs[0].w:
        point = {v: theta.get(v.name, sympy.S.Zero) for v in lt.variables}
        point[lt.variables[-1]] = sympy.Rational(w)
        assert all(abs(sympy.N(g.subs(point), 30)) < 1e-12 for g in lt.gradient())
        hessian = np.array(lt.hessian().subs(point).evalf(30).tolist(), dtype=float)
        assert np.linalg.eigvalsh(hessian)[0] < -1e-6


def test_regression_on_one_and_x_always_meets_a_double_zero_at_w_0() -> None:
    """The normal equations say S(0) = S'(0) = 0: the flat direction that lets bad minima survive second-order tests."""
    p = load(FOUR_X, FOUR_Y)
    found = reduce_at(p, least_squares(p))
    assert found.kind == "degenerate"
    (double,) = (
        z
        for z, m in zip(found.outputs[0].zeros.intervals, found.outputs[0].zeros.multiplicities, strict=True)
        if m == 2
    )
    assert double[0] <= 0 <= double[1]


def test_interpolation_gives_global_minima_for_every_w() -> None:
    p = load('[["-1"], ["1"]]', '[["1"], ["3"]]')
    found = reduce_at(p, at(2, 1))
    assert (found.kind, found.count) == ("minima", None)


def test_conflicting_labels_group_before_they_are_summed() -> None:
    """Two labels for one x: single gradients do not vanish, the group's does."""
    p = load('[["1"], ["1"], ["2"]]', '[["0"], ["2"], ["3"]]')
    assert reduce_at(p, at(-1, 2)).kind == "minima"


def test_one_sign_has_no_critical_point() -> None:
    p = load('[["1"]]', '[["5"]]')
    assert reduce_at(p, at(0, 0)).kind == "none"


def test_even_residuals_meet_a_double_zero() -> None:
    p = load('[["-1"], ["0"], ["1"]]', '[["1"], ["-2"], ["1"]]')
    found = reduce_at(p, at(0, 0))
    assert (found.kind, found.outputs[0].zeros.multiplicities) == ("degenerate", (2,))


def test_plane_inputs_are_sampled_never_called_complete() -> None:
    p = load('[["1", "0"], ["0", "1"], ["1", "1"]]', '[["1"], ["-1"], ["1"]]')
    found = reduce_at(p, at(0, 0), lines=16)
    assert found.outputs[0].zeros.complete is False
    assert found.kind == "saddles"


def test_balls_give_the_same_count_as_exact_coordinates() -> None:
    from flint import arb, fmpq

    theta = least_squares(FOUR)
    balls = {n: arb(fmpq(int(v.p), int(v.q))) + arb(0, Fraction(1, 10**30).__float__()) for n, v in theta.items()}
    assert reduce_at(FOUR, balls).count == reduce_at(FOUR, theta).count


def test_other_augmentations_are_refused() -> None:
    p = load('[["1"]]', '[["5"]]', extra='[augmentation]\nkind = "none"')
    with pytest.raises(InputError, match="exp_neuron"):
        reduce_at(p, at(0, 0))


CUBIC = '[network]\nkind = "formula"\nformula = ["t^3 - 3*t"]\nparameters = ["t"]\n[loss]\n{loss}\n[data]\nx = [["1"]]\ny = [["5"]]\n'


def test_over_a_certified_fit_every_w_is_a_minimum() -> None:
    """The cubic's root is no closed form: that f = y there is known from the certified fit, not from the decimals."""
    p = problem.loads(CUBIC.format(loss='name = "squared"'))
    found = search.augmented_points(p, search.critical_points(p))
    assert [r.kind for r in found] == ["minima", "none", "none"]
    assert all(r.status is Evidence.CERTIFIED for r in found)
    assert found[0].outputs[0].everywhere


def test_without_convexity_or_a_penalty_nothing_is_called_a_minimum() -> None:
    wells = problem.loads(CUBIC.format(loss='name = "formula"\nformula = "(q1 - y1)^2*((q1 + y1)^2 + 1)"'))
    assert reduce_at_fit(wells, {"t": "2.279"}).kind == "degenerate"
    negative = problem.loads(
        CUBIC.format(loss='name = "squared"') + '[augmentation]\nkind = "exp_neuron"\nlambda = "-1"'
    )
    assert reduce_at_fit(negative, {"t": "2.279"}).kind == "degenerate"
    free = problem.loads(CUBIC.format(loss='name = "squared"') + '[augmentation]\nkind = "exp_neuron"\nlambda = 0')
    with pytest.raises(InputError, match="lambda: must not be 0"):
        reduce_at_fit(free, {"t": "2.279"})
