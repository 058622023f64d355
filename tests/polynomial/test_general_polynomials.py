"""Polynomial losses without a linear network behind them: counts from theory, manifolds and multiple points."""

from fractions import Fraction

import pytest
import sympy
from test_programs import quadratic_network

from pgb.evidence import Evidence
from pgb.landscape.polynomial import FormulaNetwork, critical_points_of_polynomial
from pgb.landscape.polynomial.degenerate import certify_orbit
from pgb.landscape.polynomial.formula import pose_formula
from pgb.landscape.polynomial.general import pose_polynomial
from pgb.landscape.polynomial.instances import solve_instances
from pgb.landscape.polynomial.lie import Field, proves, symmetry_fields
from pgb.landscape.polynomial.multiple import is_exact_zero, multiplicity
from pgb.landscape.results import Kind

x, y, z = sympy.symbols("x y z")


def test_the_cubic() -> None:
    """(t^3 - 3 t - 5)^2: a spurious minimum at -1 with value 9, a maximum at 1, the global minimum at 2.279..."""
    result = critical_points_of_polynomial((x**3 - 3 * x - 5) ** 2, [x], title="cubic")
    assert (result.n_complex, result.n_real, result.complete) == (5, 3, True)
    assert [(p.value, p.kind) for p in result.points[1:]] == [("9", Kind.LOCAL_MINIMUM), ("49", Kind.LOCAL_MAXIMUM)]
    assert result.points[0].theta["x"].startswith("2.2790187861665935")
    assert Fraction(result.points[1].theta["x"]) == -1


def test_one_quadratic_unit_has_33() -> None:
    network = quadratic_network()
    known = critical_points_of_polynomial(network.loss(), network.parameters, structure=network)
    bare = critical_points_of_polynomial(network.loss(), network.parameters)
    assert known.n_complex == bare.n_complex == 33
    assert [p.theta for p in known.points] == [p.theta for p in bare.points]
    assert sum((-1) ** (p.index or 0) for p in known.points) == 1


def test_two_quadratic_units_have_481() -> None:
    v1, v2, a, b, c, d, x1, x2 = sympy.symbols("v1 v2 a b c d x1 x2")
    f = v1 * (a * x1 + b * x2) ** 2 + v2 * (c * x1 + d * x2) ** 2
    data = ((1, -2, 3, "1/2"), (2, 1, "-1/3", 1))
    ridge = tuple(Fraction(k, 32) for k in (3, 5, 7, 11, 13, 17))
    network = FormulaNetwork((f,), (x1, x2), (v1, v2, a, b, c, d), data, ((1, -3, 2, 4),), ridge)
    posed = pose_formula(network)
    found = solve_instances(posed.system, [posed.parameters])[0]
    assert (found.n_complex, found.lost) == (481, 0)
    assert sum(n if k % 2 == 0 else -n for k, n in found.index_counts().items()) == 1


def test_counts_of_products_of_univariate_losses() -> None:
    """A separable loss has the product of the counts: 3 * 5 * 1."""
    loss = (x**2 - 2) ** 2 + y**6 / 6 - y**4 + y**2 + y / 7 + (z - 3) ** 2
    result = critical_points_of_polynomial(sympy.expand(loss), [x, y, z])
    assert (result.n_complex, result.complete) == (15, True)


@pytest.mark.parametrize("loss", [(x * y - 1) ** 2, (x**2 + y**2 - 1) ** 2])
def test_curves_of_minima_are_components(loss: sympy.Expr) -> None:
    result = critical_points_of_polynomial(loss, [x, y])
    assert {(c.dimension, Fraction(c.value or "1") < Fraction(1, 10**20), c.status) for c in result.components} == {
        (1, True, Evidence.CERTIFIED)
    }
    assert [set(p.theta.values()) for p in result.points] == [{"0"}]
    assert not result.complete


def test_multiple_points_once() -> None:
    result = critical_points_of_polynomial(x**4 + y**4, [x, y])
    assert [(p.kind, p.multiplicity) for p in result.points] == [(Kind.DEGENERATE, 9)]
    assert result.complete
    folds = critical_points_of_polynomial((x**2 - 2) ** 3 + y**2, [x, y])  # double points at +- sqrt 2
    assert [p.status for p in folds.points] == [Evidence.CERTIFIED, Evidence.UNDECIDED, Evidence.UNDECIDED]
    assert [p.multiplicity for p in folds.points] == [1, None, None]
    assert (folds.n_complex, folds.complete) == (1, False)


def test_multiplicities() -> None:
    for loss, point, want in [(x**3 + y**2, (0, 0), 2), (x**2 * y + y**4, (0, 0), 5), ((x - 1) ** 5 + y**2, (1, 0), 4)]:
        posed = pose_polynomial(sympy.expand(loss), [x, y])
        at = [Fraction(v) for v in point]
        assert is_exact_zero(posed.system.family, posed.parameters, at)
        assert multiplicity(posed.system.family, posed.parameters, at) == want
    posed = pose_polynomial((x * y) ** 2, [x, y])
    assert multiplicity(posed.system.family, posed.parameters, [Fraction(0)] * 2) is None  # not isolated
    assert not is_exact_zero(posed.system.family, posed.parameters, [Fraction(1), Fraction(1)])


def test_symmetries_are_proved_and_false_ones_refused() -> None:
    posed = pose_polynomial(sympy.expand((x**2 + y**2 - 1) ** 2 + z**2), [x, y, z])
    family, p = posed.system.family, posed.parameters
    (field,) = symmetry_fields(family, p)
    assert proves(family, p, field)
    one, zero = Fraction(1), Fraction(0)
    stretch = Field(((one, zero, zero), (zero, zero, zero), (zero, zero, zero)), (zero, zero, zero))
    assert not proves(family, p, stretch)
    import numpy as np

    assert certify_orbit(posed, [field], np.array([0.6, 0.8, 0.0]), 1) is not None
    generic = pose_polynomial(sympy.expand((x**2 + 2 * y**2 - 1) ** 2 + z**2 + x * z**3), [x, y, z])
    assert symmetry_fields(generic.system.family, generic.parameters) == []
