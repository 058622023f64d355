"""One door to all critical points: the right engine, and exact answers where the gradient is linear."""

import numpy as np
import pytest
import sympy

from pgb import objective, problem
from pgb.landscape.results import Kind
from pgb.landscape.search import critical_points


def load(network: str, x: str, y: str, rest: str = "") -> problem.Problem:
    return problem.loads(f'[network]\n{network}\n[loss]\nname = "squared"\n[data]\nx = {x}\ny = {y}\n{rest}')


def test_linear_regression_is_solved_exactly() -> None:
    p = load('kind = "linear"\nlayers = [1, 1]\nbias = true', '[["0"], ["1"], ["2"]]', '[["0"], ["1"], ["0"]]')
    found = critical_points(p)
    assert (found.complete, found.n_complex, found.n_real) == (True, 1, 1)
    assert found.points[0].certificate["exact"] == {"w1_1_1": "0", "b1_1": "1/3"}
    assert abs(sympy.Rational(found.points[0].value) - sympy.Rational(2, 9)) < sympy.Rational(1, 10**35)
    assert found.points[0].kind is Kind.LOCAL_MINIMUM


def test_more_parameters_than_data_give_an_affine_set() -> None:
    p = load('kind = "formula"\nformula = ["u*x1 + v*x2"]\nparameters = ["u", "v"]', '[["1", "2"]]', '[["3"]]')
    found = critical_points(p)
    assert found.complete
    assert not found.points
    assert [c.dimension for c in found.components] == [1]
    w = {n: sympy.Rational(v) for n, v in found.components[0].witness.items()}
    assert w["u"] + 2 * w["v"] == 3


@pytest.mark.parametrize("seed", range(4))
def test_quadratic_types_are_the_signs_of_eigenvalues(seed: int) -> None:
    rng = np.random.default_rng(seed)
    A = rng.integers(-4, 5, (3, 3))
    A = A + A.T
    names = ["u", "v", "w"]
    form = " + ".join(f"({A[i, j]})*{names[i]}*{names[j]}" for i in range(3) for j in range(3))
    p = load(f'kind = "formula"\nformula = ["{form} + u - v"]\nparameters = ["u", "v", "w"]', '[["1"]]', '[["0"]]')
    plain = problem.loads(
        f'[network]\nkind = "formula"\nformula = ["{form} + u - v"]\nparameters = ["u", "v", "w"]\n[loss]\nname = "formula"\n'
        'formula = "q1"\n[data]\nx = [["1"]]\ny = [["0"]]'
    )
    assert objective.loss(p).variables == objective.loss(plain).variables
    found = critical_points(plain)
    eigenvalues = np.linalg.eigvalsh(A)
    assert found.points[0].index == int(np.sum(eigenvalues < 0))
