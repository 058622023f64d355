"""The kernel's L, Lt and their derivatives are those of sympy and of `pgb.objective`, on concrete problems, exactly."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import sympy

from pgb import library
from pgb.kernel import REAL, Term, assume, lam
from pgb.objective import augmented, loss, no_extra_unit
from pgb.problem import files

SIZES = [(1, 1, 1), (2, 1, 1), (3, 2, 1), (2, 1, 2), (3, 2, 2), (4, 3, 2)]
s = library.statements()
calculus = importlib.import_module("pgb_proofs.calculus")


class Concrete:
    """Sizes of the finite sorts, and a value for each free variable by name.

    Reals are sympy expressions, indices are ints from 0, functions are Python functions of one argument at a time.
    """

    def __init__(self, sizes: Mapping[str, int], values: Mapping[str, Any]) -> None:
        self.sizes = sizes
        self.values = values

    def value(self, term: Term, env: tuple[Any, ...] = ()) -> Any:
        """Return the value of a term; `env` holds the values of bound indices, innermost first."""
        if term.kind == "lam":
            return lambda v: self.value(term.args[0], (v, *env))
        if term.kind == "num":
            return sympy.Rational(term.name.numerator, term.name.denominator)
        args = [self.value(a, env) for a in term.args]
        if term.kind in ("bound", "var"):
            result = env[term.name] if term.kind == "bound" else self.values[str(term.name)]
            for a in args:
                result = result(a)
            return result
        return getattr(self, f"_{term.name}")(term, *args)

    def _add(self, _: Term, a: Any, b: Any) -> Any:
        return a + b

    def _mul(self, _: Term, a: Any, b: Any) -> Any:
        return a * b

    def _exp(self, _: Term, a: Any) -> Any:
        return sympy.exp(a)

    def _inv(self, _: Term, a: Any) -> Any:
        return 1 / a

    def _sum(self, term: Term, body: Callable[[int], Any]) -> Any:
        return sum((body(n) for n in range(self.sizes[term.type[0][0]])), sympy.S.Zero)

    def _ind(self, _: Term, truth: bool) -> Any:
        return sympy.S.One if truth else sympy.S.Zero

    def _eq(self, _: Term, a: Any, b: Any) -> bool:
        return bool(a == b)

    def _all(self, term: Term, body: Callable[[int], bool]) -> bool:
        return all(body(n) for n in range(self.sizes[term.type[0][0]]))

    def _and(self, _: Term, a: bool, b: bool) -> bool:
        return a and b


def problem(m: int, dx: int, dy: int, seed: int):
    """Return a random problem with squared loss and a polynomial network, and its kernel interpretation."""
    rng = np.random.default_rng(seed)
    xs = [[sympy.Rational(int(rng.integers(-4, 5)), int(rng.integers(1, 4))) for _ in range(dx)] for _ in range(m)]
    ys = [[sympy.Rational(int(rng.integers(-4, 5)), int(rng.integers(1, 4))) for _ in range(dy)] for _ in range(m)]
    if m > 2:
        xs[2] = xs[0]  # a group of equal inputs
    formulas = [f"theta1*x{1 + k % dx} + theta2^2 - {k + 1}*theta1*theta2" for k in range(dy)]

    def rows(table):
        return "[" + ", ".join("[" + ", ".join(f'"{v}"' for v in row) + "]" for row in table) + "]"

    text = f"""
    title = "random"
    [network]
    kind = "formula"
    formula = [{", ".join(f'"{f}"' for f in formulas)}]
    parameters = ["theta1", "theta2"]
    [loss]
    name = "squared"
    [data]
    x = {rows(xs)}
    y = {rows(ys)}
    [augmentation]
    kind = "exp_neuron"
    lambda = "3/7"
    """
    p = files.loads(text)
    symbols = augmented(p).variables
    theta, aux = symbols[:2], symbols[2:]
    a, b, W = aux[:dy], aux[dy : 2 * dy], aux[2 * dy :]

    def network(th):
        def at(z):
            def output(k):
                return th(0) * z(k % dx) + th(1) ** 2 - (k + 1) * th(0) * th(1)

            return output

        return at

    values = {
        "x": lambda i: lambda r: xs[i][r],
        "l": lambda i: lambda q: sum((q(k) - ys[i][k]) ** 2 for k in range(dy)),
        "dl": lambda i: lambda q: lambda k: 2 * (q(k) - ys[i][k]),
        "f": network,
        "lambda": sympy.Rational(3, 7),
        "theta": lambda n: theta[n],
        "a": lambda k: a[k],
        "b": lambda k: b[k],
        "W": lambda k: lambda r: W[k * dx + r],
    }
    sizes = {"sample": m, "input": dx, "output": dy, "param": 2}
    return p, (theta, a, b, W), sizes, values


def same(left, right) -> bool:
    return sympy.expand(left - right, power_exp=False) == 0 or sympy.simplify(left - right) == 0


@pytest.mark.parametrize(("m", "dx", "dy"), SIZES)
def test_the_kernel_means_the_objectives_of_the_package(m, dx, dy):
    p, _, sizes, values = problem(m, dx, dy, seed=10 * m + dx + dy)
    concrete = Concrete(sizes, values)
    kernel_l = concrete.value(s.original(s.theta))
    kernel_lt = concrete.value(s.STANDARD.augmented(s.theta, s.a, s.b, s.W))
    assert same(kernel_l, loss(p).expression)
    assert same(kernel_lt, augmented(p).expression)


@pytest.mark.parametrize(("m", "dx", "dy"), SIZES)
def test_the_derivatives_of_the_proofs_are_those_of_sympy(m, dx, dy):
    """The slopes that the derivative rules compute for Lt in a_k and b_k, against sympy's own differentiation."""
    p, (_, a, b, _), sizes, values = problem(m, dx, dy, seed=10 * m + dx + dy)
    expression = augmented(p).expression
    step, losses = s.variable("s", REAL), assume(s.STANDARD.hypothesis("loss_differentiable"))
    curves = {
        "a": lam(step, s.STANDARD.augmented(s.theta, s.bump(s.a, s.k, step), s.b, s.W)),
        "b": lam(step, s.STANDARD.augmented(s.theta, s.a, s.bump(s.b, s.k, step), s.W)),
    }
    for (name, curve), k in itertools.product(curves.items(), range(dy)):
        slope = calculus.differentiate(curve, s.O, losses).concl.args[2]
        found = Concrete(sizes, {**values, "k": k}).value(slope)
        assert same(found, sympy.diff(expression, (a if name == "a" else b)[k]))


@pytest.mark.parametrize(("m", "dx", "dy"), SIZES)
def test_the_moment_of_perturbation_is_the_derivative_at_a_0(m, dx, dy):
    """``m dLt/da_k (theta, 0, b, W) = sum_i d_k l_i(f(x_i)) exp(w_k . x_i + b_k)``."""
    p, (_, a, _, _), sizes, values = problem(m, dx, dy, seed=10 * m + dx + dy)
    perturbation = library.load_proof("perturbation")
    for k in range(dy):
        found = Concrete(sizes, {**values, "k": k}).value(perturbation.neuron_moment(s.k, s.b, s.W))
        at_zero = sympy.diff(augmented(p).expression, a[k]).subs(dict.fromkeys(a, 0))
        assert same(found, m * at_zero)


@pytest.mark.parametrize(("m", "dx", "dy"), [(3, 2, 1), (4, 3, 2)])
def test_group_sums_run_over_equal_inputs(m, dx, dy):
    _, _, sizes, values = problem(m, dx, dy, seed=10 * m + dx + dy)
    concrete = Concrete(sizes, {**values, "j": 0, "k": 0})
    grouped = concrete.value(s.group_sum(lambda n: s.loss_slope(s.theta, n, s.k), s.j))
    members = [i for i in range(m) if all(values["x"](i)(r) == values["x"](0)(r) for r in range(dx))]
    assert set(members) >= {0, 2}
    single = [Concrete(sizes, {**values, "i": i, "k": 0}).value(s.loss_slope(s.theta, s.i, s.k)) for i in members]
    assert same(grouped, sum(single))


def test_no_extra_unit_is_the_package_s():
    p, _, sizes, values = problem(3, 2, 1, seed=5)
    module = library.load_proof("no_extra_unit")
    objective = no_extra_unit(p)
    a, b = objective.variables[-2:]
    found = Concrete(sizes, {**values, "a": a, "b": b}).value(module.transformed(s.STANDARD, module.A, module.B))
    assert same(found, objective.expression)


@pytest.mark.parametrize(("m", "dx"), [(1, 1), (3, 2)])
def test_one_neuron_speaks_of_the_package_s_objectives_with_one_output(m, dx):
    p, (theta, a, b, W), sizes, values = problem(m, dx, 1, seed=10 * m + dx + 1)
    one = library.load_proof("one_neuron")
    losses, slopes, network = (values[name] for name in ("l", "dl", "f"))
    scalars = {
        "l": lambda i: lambda q: losses(i)(lambda _: q),
        "f": lambda th: lambda z: network(th)(z)(0),
        "a": a[0],
        "b": b[0],
        "w": lambda r: W[r],
    }
    concrete = Concrete(sizes, {**values, **scalars})
    assert same(concrete.value(one.original(s.theta)), loss(p).expression)
    assert same(concrete.value(one.augmented(s.STANDARD, s.theta, one.a, one.b, one.w)), augmented(p).expression)
    derivative = Concrete(sizes, {**values, **scalars, "dl": lambda i: lambda q: slopes(i)(lambda _: q)(0), "i": 0})
    expected = sympy.diff((loss(p).outputs[0][0] - p.data.y[0][0]) ** 2, theta[0])
    chain = derivative.value(one.slope(s.i)) * sympy.diff(loss(p).outputs[0][0], theta[0])
    assert same(chain, expected)


@pytest.mark.parametrize(("dx", "dz", "dy"), [(1, 1, 1), (2, 1, 2), (2, 3, 1), (1, 2, 2)])
def test_residual_speaks_of_the_package_s_residual_networks(dx, dz, dy):
    """L(W, V, u) and the loss of A x + B z, with the package's own formula of the network and its parameters' names."""
    rng = np.random.default_rng(dx + 3 * dz + 9 * dy)
    xs, ys = ([[int(rng.integers(-3, 4)) for _ in range(n)] for _ in range(3)] for n in (dx, dy))
    rows = {name: [[str(v) for v in row] for row in table] for name, table in (("x", xs), ("y", ys))}
    p = files.loads(f"""
    title = "random"
    [network]
    kind = "residual"
    layers = [{dx}, {dz}, {dy}]
    activation = "sin"
    [loss]
    name = "squared"
    [data]
    x = {rows["x"]}
    y = {rows["y"]}
    [augmentation]
    kind = "none"
    """)
    named, module = {v.name: v for v in p.parameters}, library.load_proof("residual")

    def hidden(z):
        def component(v):
            return sympy.sin(named[f"c{v + 1}"] + sum(named[f"u{v + 1}_{r + 1}"] * z(r) for r in range(dx)))

        return component

    values = {
        "x": lambda i: lambda r: sympy.Integer(xs[i][r]),
        "l": lambda i: lambda q: sum((q(k) - ys[i][k]) ** 2 for k in range(dy)),
        "zeta": lambda z: lambda _: hidden(z),
        "u": lambda _: sympy.S.Zero,
        "W": lambda k: lambda r: named[f"W{k + 1}_{r + 1}"],
        "V": lambda r: lambda v: named[f"V{r + 1}_{v + 1}"],
        "A": lambda k: lambda r: sympy.Integer(k - 2 * r),
        "B": lambda k: lambda v: sympy.Integer(3 * k + v),
    }
    concrete = Concrete({"sample": 3, "input": dx, "output": dy, "pert": dz, "param": 1}, values)
    assert same(concrete.value(module.value(module.W, module.V)), loss(p).expression)
    fit = [[sum((k - 2 * r) * x[r] for r in range(dx)) + sum((3 * k + v) * hidden(x.__getitem__)(v) for v in range(dz))
            for k in range(dy)] for x in xs]  # fmt: skip
    expected = (
        sum((f - y) ** 2 for row, label in zip(fit, ys, strict=True) for f, y in zip(row, label, strict=True)) / 3
    )
    assert same(concrete.value(module.linear_value(module.A, module.B)), expected)


def test_the_comparison_tells_changed_objectives_apart():
    p, _, sizes, values = problem(2, 1, 1, seed=3)
    expected = augmented(p).expression
    for objective in itertools.chain.from_iterable(s.MUTATED.values()):
        if objective is s.THROUGH_PRODUCT or objective.region is not None:
            continue
        setting = s.Setting(objective)
        found = Concrete(sizes, values).value(setting.augmented(s.theta, s.a, s.b, s.W))
        assert not same(found, expected)
