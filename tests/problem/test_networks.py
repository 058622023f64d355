"""Networks compute what their definition says: an independent forward pass, products of matrices, Euler's identity."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.expressions import real_symbol
from pgb.problem import ACTIVATIONS, networks
from pgb.problem.data import Data, table

NUMPY: dict[str, Any] = {
    "identity": lambda u: u,
    "square": lambda u: u * u,
    "cube": lambda u: u * u * u,
    "tanh": np.tanh,
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "softplus": lambda u: np.logaddexp(0, u),
    "exp": np.exp,
    "erf": np.vectorize(__import__("math").erf),
    "arctan": np.arctan,
    "sin": np.sin,
    "elu": lambda u: np.where(u > 0, u, np.expm1(np.minimum(u, 0))),
    "relu": lambda u: np.maximum(u, 0),
    "leaky_relu": lambda u: np.where(u > 0, u, u / 100),
}


def test_every_activation_has_an_independent_twin() -> None:
    assert set(NUMPY) == set(ACTIVATIONS)


def rationals(rng: random.Random, n: int) -> list[sympy.Rational]:
    return [sympy.Rational(rng.randint(-40, 40), 23) for _ in range(n)]


def value(network: networks.Network, theta: list[sympy.Rational], x: list[sympy.Rational]) -> list[float]:
    point = dict(zip(network.parameters, theta, strict=True))
    return [float(sympy.N(f.xreplace(point), 20)) for f in network.at(x)]


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("widths", [(1, 1), (2, 3), (1, 2, 1), (2, 3, 2), (2, 2, 2, 1)])
def test_dense_networks_agree_with_a_forward_pass(name: str, bias: bool, widths: tuple[int, ...]) -> None:
    rng = random.Random(f"{name}{bias}{widths}")
    network = networks.dense(widths, ACTIVATIONS[name], bias=bias)
    theta, x = rationals(rng, len(network.parameters)), rationals(rng, widths[0])
    numbers = dict(zip([p.name for p in network.parameters], map(float, theta), strict=True))
    h = np.array([float(v) for v in x])
    for layer, (n, m) in enumerate(itertools.pairwise(widths), start=1):
        W = np.array([[numbers[f"w{layer}_{i}_{j}"] for j in range(1, n + 1)] for i in range(1, m + 1)])
        h = W @ h + (np.array([numbers[f"b{layer}_{i}"] for i in range(1, m + 1)]) if bias else 0)
        if layer < len(widths) - 1:
            h = NUMPY[name](h)
    assert np.allclose(value(network, theta, x), h, rtol=1e-12, atol=1e-12)


def test_parameters_are_named_and_ordered_layer_by_layer() -> None:
    network = networks.dense((2, 2, 1), ACTIVATIONS["tanh"])
    names = [p.name for p in network.parameters]
    assert names == ["w1_1_1", "w1_1_2", "b1_1", "w1_2_1", "w1_2_2", "b1_2", "w2_1_1", "w2_1_2", "b2_1"]
    assert [p.name for p in network.last_layer] == ["w2_1_1", "w2_1_2", "b2_1"]
    assert (network.dx, network.dy, network.kind, network.bias) == (2, 1, "dense", True)
    assert all(p.is_real for p in network.parameters)
    bare = networks.dense((2, 2, 1), ACTIVATIONS["tanh"], bias=False)
    assert [p.name for p in bare.parameters] == [n for n in names if n.startswith("w")]


@pytest.mark.parametrize("widths", [(1, 1), (2, 3, 2), (3, 1, 2, 2)])
def test_a_linear_network_is_a_product_of_matrices(widths: tuple[int, ...]) -> None:
    network = networks.linear(widths)
    assert network.kind == "linear"
    product = sympy.Matrix(network.inputs)
    for layer, (n, m) in enumerate(itertools.pairwise(widths), start=1):
        product = sympy.Matrix(m, n, lambda i, j, k=layer: real_symbol(f"w{k}_{i + 1}_{j + 1}")) * product
    assert [sympy.expand(f - g) for f, g in zip(network.outputs, product, strict=True)] == [0] * widths[-1]


@pytest.mark.parametrize(("dx", "dy", "dz"), [(1, 1, 1), (2, 1, 3), (3, 2, 2)])
def test_a_residual_network_is_its_formula(dx: int, dy: int, dz: int) -> None:
    rng = random.Random(dx * 100 + dy * 10 + dz)
    network = networks.residual(dx, dy, dz, ACTIVATIONS["tanh"])
    theta, x = rationals(rng, len(network.parameters)), rationals(rng, dx)
    numbers = dict(zip([p.name for p in network.parameters], map(float, theta), strict=True))

    def matrix(name: str, rows: int, columns: int) -> Any:
        return np.array([[numbers[f"{name}{i}_{j}"] for j in range(1, columns + 1)] for i in range(1, rows + 1)])

    W, V, u = matrix("W", dy, dx), matrix("V", dx, dz), matrix("u", dz, dx)
    c = np.array([numbers[f"c{i}"] for i in range(1, dz + 1)])
    at = np.array([float(v) for v in x])
    assert len(network.parameters) == dy * dx + dx * dz + dz * dx + dz
    assert np.allclose(value(network, theta, x), W @ (at + V @ np.tanh(u @ at + c)), rtol=1e-12)


def euler_gap(network: networks.Network) -> list[sympy.Expr]:
    return [
        sympy.expand(f - sum((u * sympy.diff(f, u) for u in network.last_layer), sympy.S.Zero)) for f in network.outputs
    ]


@given(st.lists(st.integers(1, 3), min_size=2, max_size=4), st.sampled_from(sorted(ACTIVATIONS)), st.booleans())
def test_a_last_layer_gives_euler_s_identity(widths: list[int], name: str, bias: bool) -> None:
    network = networks.dense(widths, ACTIVATIONS[name], bias=bias)
    assert network.last_layer
    assert euler_gap(network) == [0] * network.dy
    assert not any(sympy.diff(f, u).has(*network.last_layer) for f in network.outputs for u in network.last_layer)


@pytest.mark.parametrize(
    ("formulas", "names", "last"),
    [
        (["v*tanh(w*x1 + b) + c"], ["v", "w", "b", "c"], {"v", "c"}),
        (["theta^3 - 3*theta"], ["theta"], set()),
        (["u*v*x1"], ["u", "v"], {"u"}),
        (["u*x1 + 1"], ["u"], set()),
        (["u*x1", "u + v"], ["u", "v"], {"u", "v"}),
        (["u*x1", "v^2"], ["u", "v"], set()),
        (["(a1 + c)*exp(w*x1)"], ["a1", "c", "w"], {"a1", "c"}),
        (["(u + v + w + z + s + t)^64"], ["u", "v", "w", "z", "s", "t"], set()),
    ],
)
def test_the_linear_parameters_of_a_formula_are_found(formulas: list[str], names: list[str], last: set[str]) -> None:
    network = networks.formula(formulas, names, 1)
    assert {p.name for p in network.last_layer} == last
    assert not last or euler_gap(network) == [0] * len(formulas)
    assert [p.name for p in network.parameters] == names


@given(st.lists(st.fractions(-9, 9, max_denominator=9), min_size=2, max_size=2))
def test_an_input_is_substituted_exactly(x: list[Any]) -> None:
    formulas = ["theta*x1/(1 + x2^2) + relu(x1)", "Piecewise((theta, x1 < x2), (x2*theta^2, True))", "exp(x1*theta)"]
    network = networks.formula(formulas, ["theta"], 2)
    theta = network.parameters[0]
    a, b = map(sympy.Rational, x)
    expected = (
        theta * a / (1 + b**2) + max(a, sympy.S.Zero),
        theta if a < b else b * theta**2,
        sympy.exp(a * theta),
    )
    assert tuple(sympy.simplify(f - e) for f, e in zip(network.at([a, b]), expected, strict=True)) == (0, 0, 0)


def test_text_is_no_input() -> None:
    network = networks.formula(["theta*x1"], ["theta"], 1)
    with pytest.raises((sympy.SympifyError, TypeError)):
        network.at(["__import__('os')"])


@pytest.mark.parametrize(
    ("widths", "name"),
    [((1,) * 17, "tanh"), ((1, 50, 50, 1), "tanh"), ((1,) * 8, "cube"), ((1,) * 12, "square"), ((1,) * 16, "elu")],
)
def test_networks_too_large_to_write_out_are_refused(widths: tuple[int, ...], name: str) -> None:
    with pytest.raises(InputError, match=r"^network\.layers: must "):
        networks.dense(widths, ACTIVATIONS[name])


# -- data -----------------------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=8))
def test_groups_are_the_classes_of_equal_inputs(pairs: list[tuple[int, int]]) -> None:
    data = Data(table([[a, f"{a}/2"] for a, _ in pairs], "x"), table([[b] for _, b in pairs], "y"))
    groups = data.groups()
    assert sorted(i for g in groups for i in g) == list(range(len(pairs)))
    for i, j in itertools.product(range(len(pairs)), repeat=2):
        together = any(i in g and j in g for g in groups)
        assert together == (pairs[i][0] == pairs[j][0])
    assert data.labels_consistent() == (len(set(pairs)) == len({a for a, _ in pairs}))
    assert [g[0] for g in groups] == sorted(g[0] for g in groups)


def test_equal_numbers_written_differently_are_one_input() -> None:
    data = Data(table([["0.5"], ["1/2"], ["5e-1"], ["2/4"]], "x"), table([[1], [1], [2], [1]], "y"))
    assert data.groups() == ((0, 1, 2, 3),)
    assert not data.labels_consistent()
