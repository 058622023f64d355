"""The PGB gap: zero at minima, positive where a perturbation buys a descent, and honest where it decides nothing."""

from fractions import Fraction

import pytest
import sympy

from pgb import objective, problem
from pgb.condition import gap, gradient_basis, invariances, model
from pgb.condition.model import full_point
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import real_symbol


def load(network: str, x: str, y: str, rest: str = "", loss: str = "squared") -> problem.Problem:
    return problem.loads(f'[network]\n{network}\n[loss]\nname = "{loss}"\n[data]\nx = {x}\ny = {y}\n{rest}')


def at(**values: object) -> dict[str, sympy.Expr]:
    return {n: sympy.sympify(v) for n, v in values.items()}


TWO_FACTORS = load('kind = "linear"\nlayers = [1, 1, 1]', '[["1"]]', '[["1"]]')
SADDLE = at(w1_1_1=0, w2_1_1=0)


def test_two_factors_at_the_origin_need_the_perturbation() -> None:
    """f = w2 w1 x at (0, 0): gap 0 with S = {0} alone, and the full value 1 once S holds v = (1, 0)."""
    plain = gap(TWO_FACTORS, objective.loss(TWO_FACTORS), SADDLE, perturb=False)
    assert (plain.zero, plain.status, plain.points) == (True, Evidence.CERTIFIED, 1)
    perturbed = gap(TWO_FACTORS, objective.loss(TWO_FACTORS), SADDLE)
    assert perturbed.zero is False
    assert Fraction(99, 100) < Fraction(perturbed.lower) <= 1


def test_square_of_z_has_gap_zero_at_a_maximum() -> None:
    """phi = z^2, y = 1, z = 0: a zero gap is necessary for a minimum, not sufficient."""
    p = load('kind = "formula"\nformula = ["z^2"]\nparameters = ["z"]', '[["1"]]', '[["1"]]')
    assert gap(p, objective.loss(p), at(z=0)).zero is True
    assert objective.loss(p).hessian().subs({real_symbol("z"): 0})[0] < 0


def test_gap_without_perturbations_is_the_projection_formula() -> None:
    """Squared loss: Q(z) - |(I - P_J) y|^2 / m, P_J the projection on the column space of the Jacobian."""
    p = load(
        'kind = "formula"\nformula = ["u*x1 + v*x1^2"]\nparameters = ["u", "v"]',
        '[["1"], ["2"], ["3"]]',
        '[["1"], ["0"], ["2"]]',
    )
    z = at(u=1, v=2)
    J = sympy.Matrix([[1, 1], [2, 4], [3, 9]])
    y = sympy.Matrix([1, 0, 2])
    phi = J * sympy.Matrix([1, 2])
    residual = y - J * (J.T * J).inv() * J.T * y
    expected = ((phi - y).dot(phi - y) - residual.dot(residual)) / 3
    found = gap(p, objective.loss(p), z, perturb=False)
    assert found.zero is False
    exact = Fraction(int(expected.p), int(expected.q))
    assert exact * Fraction(999, 1000) < Fraction(found.lower) <= exact


def test_gap_is_zero_at_the_optimum_of_the_same_model() -> None:
    p = load(
        'kind = "formula"\nformula = ["u*x1 + v*x1^2"]\nparameters = ["u", "v"]',
        '[["1"], ["2"], ["3"]]',
        '[["1"], ["0"], ["2"]]',
    )
    J = sympy.Matrix([[1, 1], [2, 4], [3, 9]])
    u, v = (J.T * J).inv() * J.T * sympy.Matrix([1, 0, 2])
    assert gap(p, objective.loss(p), at(u=u, v=v)).zero is True


AUGMENTED = load('kind = "formula"\nformula = ["theta^3 - 3*theta"]\nparameters = ["theta"]', '[["1"]]', '[["5"]]')


def test_bad_minimum_of_the_cubic_has_no_basis_but_lt_has_a_gap() -> None:
    """theta = -1 is a local minimum of L and never of Lt, whatever (b, W)."""
    plain = gap(AUGMENTED, objective.loss(AUGMENTED), at(theta=-1))
    assert (plain.basis, plain.zero, plain.status) == (None, None, Evidence.UNDECIDED)
    lifted = gap(AUGMENTED, objective.augmented(AUGMENTED), at(theta=-1, aux_a1=0, aux_b1="1/3", aux_w1_1="-2"))
    assert lifted.zero is False


def test_theta_held_serves_where_the_network_has_no_basis() -> None:
    """Two samples, a cubic network: only the added neuron's own basis h = a, r = 2 is there, and it suffices."""
    p = load(
        'kind = "formula"\nformula = ["theta^3 - 3*theta"]\nparameters = ["theta"]', '[["1"], ["2"]]', '[["5"], ["5"]]'
    )
    found = gap(p, objective.augmented(p), at(theta=-1, aux_a1=0, aux_b1="1/3", aux_w1_1="-2"))
    assert (found.zero, found.status) == (False, Evidence.CERTIFIED)
    assert found.basis is not None


def test_added_neuron_gives_basis_and_free_block() -> None:
    """At a = 0 the block (b, w) is free, and h = a with r = 2 is the basis THEORY names when f = 0."""
    p = load('kind = "formula"\nformula = ["0*t"]\nparameters = ["t"]', '[["1"], ["2"]]', '[["1"], ["1"]]')
    lt = objective.augmented(p)
    z = full_point(lt, at(t=0, aux_a1=3, aux_b1=0, aux_w1_1=0))
    found = gradient_basis(model(lt), z, [v for v in lt.variables if v.name == "aux_a1"])
    assert found is not None
    assert found.h is not None
    assert (dict(found.h), found.r) == ({"aux_a1": 3}, 2)
    z0 = full_point(lt, at(t=0, aux_a1=0, aux_b1=0, aux_w1_1=0))
    assert any({"aux_b1", "aux_w1_1"} <= set(i.block) for i in invariances(model(lt), z0))


def test_elimination_by_perturbation_alone() -> None:
    """Residuals (1, -2, 1) are orthogonal to 1 and x: at (b, w) = 0 only perturbed columns exp(w x) see them."""
    p = load(
        'kind = "formula"\nformula = ["t + s*x1"]\nparameters = ["t", "s"]',
        '[["-1"], ["0"], ["1"]]',
        '[["1"], ["-2"], ["1"]]',
    )
    point = at(t=0, s=0, aux_a1=0, aux_b1=0, aux_w1_1=0)
    lt = objective.augmented(p)
    assert gap(p, lt, point, perturb=False).zero is True
    assert gap(p, lt, point).zero is False


def test_duplicated_units_give_a_line_of_invariance() -> None:
    p = load(
        'kind = "dense"\nlayers = [1, 2, 1]\nactivation = "tanh"\nbias = false', '[["1"], ["2"]]', '[["1"], ["1"]]'
    )
    m = model(objective.loss(p))
    z = full_point(m.objective, at(w1_1_1=1, w1_2_1=1, w2_1_1="1/2", w2_1_2="1/3"))
    lines = [i.direction for i in invariances(m, z) if i.direction]
    assert {"w2_1_1": 1, "w2_1_2": -1} in lines


def test_loss_that_is_not_convex_is_undecided() -> None:
    p = load(
        'kind = "formula"\nformula = ["t*x1"]\nparameters = ["t"]',
        '[["1"]]',
        '[["1"]]',
        loss='formula"\nformula = "(q1^2 - y1)^2',
    )
    assert gap(p, objective.loss(p), at(t=2)).status is Evidence.UNDECIDED


def test_missing_coordinate_is_named() -> None:
    with pytest.raises(InputError, match="w2_1_1"):
        gap(TWO_FACTORS, objective.loss(TWO_FACTORS), at(w1_1_1=0))


def formula(f: str, names: str, y: str = "1") -> problem.Problem:
    parameters = str(names.split()).replace("'", '"')
    return load(f'kind = "formula"\nformula = ["{f}"]\nparameters = {parameters}', '[["1"]]', f'[["{y}"]]')


@pytest.mark.parametrize("edge", ["1/16", "1/100", "1/2"])
def test_a_perturbation_does_not_jump_over_a_kink(edge: str) -> None:
    """u relu(t - edge) is 0 around (0, 0), so that is a local minimum; a step t = 1/8 would wake the dead unit."""
    p = formula(f"u*relu(t - {edge})", "u t")
    found = gap(p, objective.loss(p), at(u=0, t=0))
    assert found.zero is True
    assert found.points > 1


def test_a_live_unit_is_perturbed_as_any_smooth_one() -> None:
    for f in ("u*relu(t + 1)", "u*sqrt(t + 1)", "u*exp(t)"):
        p = formula(f, "u t")
        assert gap(p, objective.loss(p), at(u=0, t=0)).zero is False


@pytest.mark.parametrize(
    ("f", "point"), [("u*relu(t)", {"u": 1, "t": 0}), ("u*relu(t)", {"u": 0, "t": 0}), ("relu(t)", {"u": 0, "t": 0})]
)
@pytest.mark.parametrize("y", ["1", "-1"])
def test_at_a_kink_nothing_is_claimed(f: str, point: dict[str, int], y: str) -> None:
    p = formula(f, "u t", y)
    found = gap(p, objective.loss(p), at(**point))
    assert (found.zero, found.status, found.lower) == (None, Evidence.UNDECIDED, "0")
    assert "a kink of relu(t)" in found.reason


def test_a_kink_that_is_smoothed_by_a_power_is_no_kink() -> None:
    p = formula("u*relu(t)^3 + s", "u t s")
    assert gap(p, objective.loss(p), at(u=1, t=0, s=0)).zero is False
    assert gap(p, objective.loss(p), at(u=1, t=0, s=1)).zero is True
