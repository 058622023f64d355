"""One door to all critical points: the right engine, and exact answers where the gradient is linear."""

from dataclasses import replace

import numpy as np
import pytest
import sympy

from pgb import objective, problem
from pgb.landscape.polynomial import critical_points_of_polynomial
from pgb.landscape.results import Kind
from pgb.landscape.search import critical_points, network_family


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


RIDGED = [
    ("u*v*x1 + u^2*x2", "uv"),
    ("theta^3 - 3*theta", ["theta"]),
    ("u*x1 + v*x2^2 + u*v", "uv"),
    ("(u - 1)*(v*x1 - 2)", "uv"),
    ("u^2*v + w*x1", "uvw"),
    ("u*v*w*x1", "uvw"),
]


def ridged(formula: str, names: list[str], samples: int, seed: int) -> problem.Problem:
    rng = np.random.default_rng(seed)
    number = lambda: f"{rng.integers(-20, 21)}/{rng.choice([1, 2, 4, 8])}"
    rows = lambda width: str([[number() for _ in range(width)] for _ in range(samples)]).replace("'", '"')
    weights = "\n".join(f'{n} = "{rng.integers(1, 31)}/32"' for n in names)
    kind = f'kind = "formula"\nformula = ["{formula}"]\nparameters = {names}'.replace("'", '"')
    return load(kind, rows(2), rows(1), f"[ridge.weights]\n{weights}")


@pytest.mark.parametrize(("formula", "names"), RIDGED)
@pytest.mark.parametrize("samples", [1, 3])
def test_the_family_of_all_data_and_the_polynomial_alone_have_the_same_points(formula, names, samples) -> None:
    """Two ways into the engine: continuation over data and ridges, and over the coefficients of the loss."""
    p = ridged(formula, list(names), samples, samples)
    L = objective.loss(p)
    assert network_family(p) is not None
    found, alone = critical_points(p), critical_points_of_polynomial(L.expression, L.variables)
    assert (found.n_complex, found.n_real) == (alone.n_complex, alone.n_real)
    for one, other in zip(found.points, alone.points, strict=True):
        assert one.kind is other.kind
        assert all(abs(float(v) - float(other.theta[n])) < 1e-12 for n, v in one.theta.items())
    assert sum((-1) ** q.index for q in found.points) == 1
    assert not found.notes


def test_without_a_ridge_there_is_no_family() -> None:
    """f' = 0 is a component of the solutions over all data: continuation alone would miss theta = 1 and -1."""
    kind = 'kind = "formula"\nformula = ["theta^3 - 3*theta"]\nparameters = ["theta"]'
    p = load(kind, '[["1"]]', '[["5"]]')
    assert network_family(p) is None
    assert critical_points(p).n_real == 3


def test_missing_points_are_noticed_by_their_indices(monkeypatch) -> None:
    p = ridged("u*v*x1 + u^2*x2", ["u", "v"], 3, 3)
    whole = critical_points(p)

    def short(*_, **__):
        return replace(whole, points=whole.points[1:])

    monkeypatch.setattr("pgb.landscape.polynomial.solve.critical_points_of_polynomial", short)
    (note,) = critical_points(p).notes
    assert note.startswith("Real critical points are missing")
