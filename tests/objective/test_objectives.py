"""Objectives: an independent numpy implementation, the identities and invariances of THEORY section 2, L* by optimisation."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.expressions import parse, real_symbol
from pgb.objective import augmented, group_gradient, loss, no_extra_unit, optimum, transformed
from pgb.problem import ACTIVATIONS, Augmentation, Data, Loss, Problem, losses, networks
from pgb.problem.data import table

S = sympy.S
PUBLISHED: dict[str, Any] = {
    "squared": lambda q, y: ((q - y) ** 2).sum(),
    "absolute": lambda q, y: abs(q - y).sum(),
    "logistic": lambda q, y: np.logaddexp(0, -y[0] * q[0]),
    "smooth_hinge": lambda q, y: max(0, 1 - y[0] * q[0]) ** 3,
    "cross_entropy": lambda q, y: -q[int(y[0])] + np.log(np.exp(q).sum()),
    "soft_labels": lambda q, y: -(y * (q - np.log(np.exp(q).sum()))).sum(),
    "formula": lambda q, y: y[1] * (q[0] - y[0]) ** 2 + np.exp(-y[0] * q[0]),
}
FORMULA = "y2*(q1 - y1)^2 + exp(-y1*q1)"


def labels(rng: random.Random, name: str, dy: int, m: int) -> list[list[Any]]:
    match name:
        case "logistic" | "smooth_hinge":
            return [[rng.choice((1, -1))] for _ in range(m)]
        case "cross_entropy":
            return [[rng.randrange(dy)] for _ in range(m)]
        case "soft_labels":
            raw = [[rng.randint(0, 3) for _ in range(dy - 1)] + [1] for _ in range(m)]
            return [[sympy.Rational(v, sum(row)) for v in row] for row in raw]
        case "formula":
            return [[rng.choice((-1, 1)), f"{rng.randint(1, 5)}/2"] for _ in range(m)]
    return [[f"{rng.randint(-6, 6)}/2" for _ in range(dy)] for _ in range(m)]


def loss_of(name: str, dy: int, columns: int, scale: str = "1", reduction: str = "mean") -> Loss:
    section = {"name": "cross_entropy" if name == "soft_labels" else name, "scale": scale, "reduction": reduction}
    if name == "formula":
        section["formula"] = FORMULA
    return losses.from_table(section, dy, columns)


def network_of(kind: str, dx: int, dy: int) -> networks.Network:
    match kind:
        case "dense":
            return networks.dense((dx, 2, dy), ACTIVATIONS["tanh"])
        case "linear":
            return networks.linear((dx, 2, dy))
        case "residual":
            return networks.residual(dx, dy, 2, ACTIVATIONS["softplus"])
    inputs = "*".join(f"x{i}" for i in range(1, dx + 1))
    return networks.formula([f"theta^3 - {k}*theta*u + u*{inputs}" for k in range(1, dy + 1)], ["theta", "u"], dx)


def problem(
    seed: object, name: str, kind: str, *, m: int = 3, lam: str = "1/10", scale: str = "1", reduction: str = "mean"
) -> Problem:
    rng = random.Random(repr(seed))
    dy = 1 if name in {"logistic", "smooth_hinge", "formula"} else rng.choice((2, 3) if "_" in name else (1, 2))
    dx = rng.choice((1, 2))
    y = table(labels(rng, name, dy, m), "y")
    x = table([[f"{rng.randint(-3, 3)}/3" for _ in range(dx)] for _ in range(m)], "x")
    network = network_of(kind, dx, dy)
    ridge = {p.name: S(1) / 7 for p in network.parameters[::2]}
    found = loss_of(name, dy, len(y[0]), scale, reduction)
    losses.check_labels(found, y)
    return Problem("", network, found, Data(x, y), ridge=ridge, augmentation=Augmentation("exp_neuron", S(lam)))


def somewhere(p: Problem, seed: object) -> dict[str, sympy.Rational]:
    rng = random.Random(repr(seed))
    variables = augmented(p).variables
    return {v.name: sympy.Rational(rng.randint(-20, 20), 17) for v in variables}


def independent(p: Problem, name: str, point: dict[str, Any], *, extra: bool) -> float:
    """L or Lt computed with numpy from the definition: 1/m sum_i l(f(x_i) + g(x_i), y_i) + lambda |a|^2 + ridge."""
    n = {k: float(v) for k, v in point.items()}
    dy = p.network.dy
    a = np.array([n[f"aux_a{k}"] for k in range(1, dy + 1)])
    total = 0.0
    for x, y in zip(p.data.x, p.data.y, strict=True):
        at = np.array([float(v) for v in x])
        theta = {s: point[s.name] for s in p.parameters}
        q = np.array([float(sympy.N(f.subs(theta))) for f in p.network.at(x)])
        for k in range(1, dy + 1):
            if extra:
                w = np.array([n[f"aux_w{k}_{r}"] for r in range(1, len(at) + 1)])
                q[k - 1] += n[f"aux_a{k}"] * np.exp(w @ at + n[f"aux_b{k}"])
        total += float(p.loss.scale) * PUBLISHED[name](q, np.array([float(v) for v in y]))
    total /= len(p.data.x) if p.loss.mean else 1
    total += sum(float(mu) * n[name] ** 2 for name, mu in p.ridge.items())
    return total + (float(p.augmentation.lam) * (a**2).sum() if extra else 0)


NETWORKS = ("dense", "linear", "residual", "formula")


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize(("scale", "reduction"), [("1", "mean"), ("5/2", "sum")])
def test_l_and_lt_agree_with_an_independent_implementation(name: str, kind: str, scale: str, reduction: str) -> None:
    p = problem((name, kind), name, kind, scale=scale, reduction=reduction)
    for seed in range(3):
        point = somewhere(p, seed)
        for objective, extra in ((loss(p), False), (augmented(p), True)):
            value = float(sympy.N(objective.at(point)))
            assert value == pytest.approx(independent(p, name, point, extra=extra), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("kind", NETWORKS)
def test_lt_is_l_where_a_is_zero(name: str, kind: str) -> None:
    p = problem((name, kind, 1), name, kind)
    zero = {s: S.Zero for s in augmented(p).variables if s.name.startswith("aux_a")}
    assert augmented(p).expression.xreplace(zero) == loss(p).expression


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("factor", [S(3), S(2) / 7])
def test_moving_weight_from_a_to_b_changes_the_penalty_alone(name: str, factor: sympy.Rational) -> None:
    p = problem((name, 2), name, "linear", m=2)
    objective, lam = augmented(p), p.augmentation.lam
    a = [real_symbol(f"aux_a{k}") for k in range(1, p.network.dy + 1)]
    b = [real_symbol(f"aux_b{k}") for k in range(1, p.network.dy + 1)]
    data = objective.expression - lam * sympy.Add(*(v**2 for v in a))
    # (a, b) -> (a e^-t, b + t) with t = log(factor), where sympy's exponentials are exact
    moved = data.xreplace({v: v / factor for v in a} | {v: v + sympy.log(factor) for v in b})
    assert moved == data


@given(
    st.integers(0, 10**6),
    st.sampled_from(sorted(set(PUBLISHED) - {"absolute"})),
    st.sampled_from(["linear", "formula"]),
    st.sampled_from(["1/10", "3", "0", "-2"]),
)
def test_the_identity_behind_vanishing_is_exact(seed: int, name: str, kind: str, lam: str) -> None:
    p = problem(seed, name, kind, m=2, lam=lam)
    objective = augmented(p)
    slope = dict(zip(objective.variables, objective.gradient(), strict=True))
    for k in range(1, p.network.dy + 1):
        a, b = real_symbol(f"aux_a{k}"), real_symbol(f"aux_b{k}")
        assert sympy.expand(a * slope[a] - slope[b] - 2 * p.augmentation.lam * a**2) == 0


@given(st.integers(0, 10**6), st.sampled_from(sorted(PUBLISHED)), st.permutations(range(4)))
def test_the_order_of_the_samples_does_not_matter(seed: int, name: str, order: list[int]) -> None:
    p = problem(seed, name, "dense", m=4)
    data = Data(tuple(p.data.x[i] for i in order), tuple(p.data.y[i] for i in order))
    other = Problem("", p.network, p.loss, data, ridge=p.ridge, augmentation=p.augmentation)
    assert loss(other).expression == loss(p).expression
    assert augmented(other).expression == augmented(p).expression
    assert optimum(other).value == optimum(p).value


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_mean_is_the_sum_over_m(name: str) -> None:
    kept = {"lam": "0", "m": 5}
    mean, total = (problem(3, name, "linear", reduction=r, **kept) for r in ("mean", "sum"))  # type: ignore[arg-type]
    assert (mean.weight(), total.weight()) == (S(1) / 5, 1)
    ridge = loss(mean).rest
    assert sympy.expand(5 * (loss(mean).expression - ridge) - (loss(total).expression - ridge)) == 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_parts_of_an_objective_make_the_whole(name: str) -> None:
    for objective in (loss(problem(4, name, "dense")), augmented(problem(4, name, "dense"))):
        whole = objective.rest
        for l, f in zip(objective.sample_losses, objective.outputs, strict=True):
            whole += objective.weight * l.subs(dict(zip(objective.q, f, strict=True)), simultaneous=True)
        assert sympy.expand(whole - objective.expression) == 0


def test_gradient_and_hessian_are_derivatives_in_the_stated_order() -> None:
    objective = augmented(problem(5, "squared", "linear", m=2))
    z, g, H = objective.variables, objective.gradient(), objective.hessian()
    assert H.shape == (len(z), len(z))
    assert g == tuple(sympy.diff(objective.expression, v) for v in z)
    assert all(
        sympy.expand(H[i, j] - sympy.diff(g[j], z[i])) == 0 for i, j in itertools.product(range(len(z)), repeat=2)
    )
    assert H.is_symmetric()


def test_the_ridge_is_in_l_and_lt_alike_and_only_where_it_was_given() -> None:
    p = problem(6, "squared", "dense")
    bare = Problem("", p.network, p.loss, p.data, augmentation=p.augmentation)
    added = sympy.Add(*(mu * real_symbol(n) ** 2 for n, mu in p.ridge.items()))
    assert 0 < len(p.ridge) < len(p.parameters)
    assert sympy.expand(loss(p).expression - loss(bare).expression - added) == 0
    assert sympy.expand(augmented(p).expression - augmented(bare).expression - added) == 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_l2_is_its_formula_and_its_stationarity_forces_a_to_vanish(name: str) -> None:
    p = problem(7, name, "linear", m=2)
    p = Problem("", p.network, p.loss, p.data, augmentation=Augmentation("no_extra_unit", S(2)))
    a, b = real_symbol("aux_a"), real_symbol("aux_b")
    L, objective = loss(p).expression, no_extra_unit(p)
    assert objective.expression == L * (1 + (a * sympy.exp(b) - 1) ** 2) / 2 + 2 * a**2
    assert transformed(p) == objective
    assert objective.variables == (*p.parameters, a, b)
    slope = dict(zip(objective.variables, objective.gradient(), strict=True))
    assert sympy.expand(a * slope[a] - slope[b] - 4 * a**2) == 0


def test_a_unit_of_the_user_s_own_is_used_as_written() -> None:
    p = problem(8, "squared", "formula")
    names = ["a", "b", *(f"{v}{r}" for r in range(1, p.network.dx + 1) for v in "wx")]
    own = parse("a*exp(w1*x1 + b)", {n: real_symbol(n) for n in names}, "unit")
    exponential = parse(
        "a*exp(b + " + " + ".join(f"w{r}*x{r}" for r in range(1, p.network.dx + 1)) + ")",
        {n: real_symbol(n) for n in names},
        "unit",
    )
    custom = Problem(
        "", p.network, p.loss, p.data, ridge=p.ridge, augmentation=Augmentation("unit", S(1) / 10, exponential)
    )
    assert augmented(custom).expression == augmented(p).expression
    partial = Problem("", p.network, p.loss, p.data, augmentation=Augmentation("unit", S(1) / 10, own))
    assert augmented(partial).variables == augmented(p).variables


def test_without_augmentation_there_is_no_lt() -> None:
    p = problem(9, "squared", "linear")
    for kind in ("none", "no_extra_unit"):
        bare = Problem("", p.network, p.loss, p.data, augmentation=Augmentation(kind))
        with pytest.raises(InputError, match=r"^augmentation\.kind"):
            augmented(bare)
    assert transformed(Problem("", p.network, p.loss, p.data, augmentation=Augmentation("none"))) == loss(
        Problem("", p.network, p.loss, p.data)
    )


# -- text and LaTeX -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("kind", NETWORKS)
def test_an_objective_s_text_reads_back(name: str, kind: str) -> None:
    objective = augmented(problem((name, kind, 10), name, kind))
    again = parse(objective.text(), {v.name: v for v in objective.variables}, "objective")
    assert again == objective.expression or sympy.expand(again - objective.expression) == 0


def test_an_objective_s_latex_is_readable() -> None:
    p = Problem(
        "", networks.dense((1, 1, 1), ACTIVATIONS["tanh"]), loss_of("squared", 1, 1), Data(((S(2),),), ((S(5),),))
    )
    shown = augmented(p).latex()
    for part in ("a_{1}", "b_{1}", "w_{1,1}", "w^{(1)}_{1,1}", "b^{(2)}_{1}", r"\tanh"):
        assert part in shown
    assert "aux" not in shown
    named = networks.formula(["a1*x1 + theta"], ["a1", "theta"], 1)
    shown = augmented(Problem("", named, p.loss, p.data)).latex()
    assert r"\tilde{a}_{1}" in shown
    assert r"\theta" in shown
    assert "a_{1}" in shown.replace(r"\tilde{a}_{1}", "")


# -- L* -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_is_what_scipy_finds_group_by_group(name: str, seed: int) -> None:
    rng = random.Random(repr((name, seed)))
    p = problem(
        (name, seed, 11), name, "linear", m=6, scale=rng.choice(("1", "3/2")), reduction=rng.choice(("mean", "sum"))
    )
    p = Problem("", p.network, p.loss, Data(tuple((S(i % 3), *x[1:]) for i, x in enumerate(p.data.x)), p.data.y))
    best = optimum(p)
    assert [len(g) for g in p.data.groups()]
    total = 0.0
    for rows, found in zip(p.data.groups(), best.groups, strict=True):

        def cost(q: Any, rows: tuple[int, ...] = rows) -> float:
            y = [np.array([float(v) for v in p.data.y[i]]) for i in rows]
            return float(p.loss.scale) * sum(PUBLISHED[name](q, v) for v in y)

        starts = [
            np.zeros(p.loss.dy),
            np.ones(p.loss.dy) * 0.3,
            *(np.array([float(v) for v in p.data.y[i]][: p.loss.dy]) for i in rows),
        ]
        starts = [np.resize(s, p.loss.dy) for s in starts]
        least = min(
            scipy.optimize.minimize(
                cost, s, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}
            ).fun
            for s in starts
        )
        if found.value is not None:
            assert float(sympy.N(found.value)) <= least + 1e-9
            if found.attained:
                assert least == pytest.approx(float(sympy.N(found.value)), abs=1e-6)
            else:
                assert least == pytest.approx(float(sympy.N(found.value)), abs=2e-2)
            total += float(sympy.N(found.value))
        if found.minimiser is not None:
            at = np.array([float(sympy.N(v)) for v in found.minimiser])
            assert cost(at) == pytest.approx(float(sympy.N(found.value)), abs=1e-12)
            if name not in {"absolute", "smooth_hinge"}:
                q = dict(zip(p.loss.q, found.minimiser, strict=True))
                assert all(sympy.simplify(g.subs(q)) == 0 for g in group_gradient(p, rows))
        if name != "formula":
            assert found.value is not None
            assert found.attained is not None
    if best.value is not None:
        assert float(sympy.N(best.value)) == pytest.approx(float(p.weight()) * total, abs=1e-12)
        for k in range(5):
            assert float(sympy.N(best.value)) <= float(sympy.N(loss(p).at(somewhere(p, k)))) + 1e-9


def one_input(name: str, y: list[list[Any]], dy: int, formula: str = "") -> Problem:
    rows = table(y, "y")
    section = {"name": name, "reduction": "sum"} | ({"formula": formula} if formula else {})
    found = losses.from_table(section, dy, len(rows[0]))
    losses.check_labels(found, rows)
    return Problem("", networks.linear((1, dy)), found, Data(tuple((S(1),) for _ in y), rows))


log = sympy.log
OPTIMA = [
    ("squared", [[1], [3]], 1, "", 2, True, (2,)),
    ("squared", [[1, 0], [3, 0], [2, 6]], 2, "", 26, True, (2, 2)),
    ("absolute", [[0], [1], [5]], 1, "", 5, True, (1,)),
    ("absolute", [[0], [1]], 1, "", 1, True, None),
    ("logistic", [[1], [1], [-1]], 1, "", 2 * log(S(3) / 2) + log(3), True, (log(2),)),
    ("logistic", [[1], [1]], 1, "", 0, False, None),
    ("smooth_hinge", [[1], [-1]], 1, "", 2, True, (0,)),
    ("smooth_hinge", [[1]] * 4 + [[-1]], 1, "", S(4) * (S(2) / 3) ** 3 + (S(4) / 3) ** 3, True, (S(1) / 3,)),
    ("smooth_hinge", [[-1]], 1, "", 0, True, (-1,)),
    ("cross_entropy", [[0], [1]], 2, "", 2 * log(2), True, None),
    ("cross_entropy", [[0], [1]], 3, "", 2 * log(2), False, None),
    ("cross_entropy", [[1]], 3, "", 0, False, None),
    ("cross_entropy", [["1/2", "1/4", "1/4"]], 3, "", S(3) / 2 * log(2), True, None),
    ("cross_entropy", [[1, 0], [0, 1]], 2, "", 2 * log(2), True, None),
    ("formula", [[1], [4]], 1, "(q1 - y1)^2/2", S(9) / 4, True, (S(5) / 2,)),
    ("formula", [[1, 1], [4, 3]], 1, "y2*(q1 - y1)^2", S(27) / 4, True, (S(13) / 4,)),
    ("formula", [[1], [4]], 2, "(q1 - y1)^2 + (q1 - q2)^2", S(9) / 2, True, (S(5) / 2, S(5) / 2)),
    ("formula", [[1]], 1, "exp(-y1*q1)", None, False, None),
    ("formula", [[1]], 1, "exp(q1) - y1*q1", 1, True, (0,)),
    ("formula", [[2], [5]], 1, "exp(q1) - y1*q1", 7 - 7 * log(S(7) / 2), True, (log(S(7) / 2),)),
    ("formula", [[0]], 1, "exp(q1) - y1*q1", None, False, None),
    ("formula", [[1], [0], [0]], 1, "softplus(q1) - y1*q1", log(3) + 2 * log(S(3) / 2), True, (-log(2),)),
    ("formula", [[1], [1]], 1, "softplus(q1) - y1*q1", None, False, None),
    ("formula", [[3]], 1, "sqrt(1 + (q1 - y1)^2) - 1", 0, True, (3,)),
    ("formula", [[3]], 1, "(q1 - y1)^4", 0, True, (3,)),
    ("formula", [[3], [5]], 1, "(q1 - y1)^4", 2, True, (4,)),
    (
        "formula",
        [[3], [5]],
        1,
        "Piecewise(((q1 - y1)^2, Abs(q1 - y1) < 1/2), (Abs(q1 - y1) - 1/4, True))",
        S(3) / 2,
        True,
        None,
    ),
    ("formula", [[1, 2]], 2, "exp(q1 - y1) - q1 + (q2 - y2)^2", 0, True, (1, 2)),
    ("formula", [[1]], 1, "y1*q1", None, False, None),
    ("formula", [[1]], 1, "(q1^2 - y1)^2", None, None, None),
]


@pytest.mark.parametrize(("name", "y", "dy", "formula", "value", "attained", "minimiser"), OPTIMA)
def test_known_optima(
    name: str, y: list[list[Any]], dy: int, formula: str, value: Any, attained: bool | None, minimiser: Any
) -> None:
    best = optimum(one_input(name, y, dy, formula))
    assert best.reason
    assert best.attained is attained
    if value is None:
        assert best.value is None
    else:
        assert best.value is not None
        assert sympy.simplify(sympy.expand_log(best.value - value, force=True)) == 0
    if minimiser is not None:
        assert best.groups[0].minimiser == minimiser


def test_the_weight_and_the_scale_are_in_the_optimum_once() -> None:
    p = one_input("squared", [[1], [3]], 1)
    doubled = Problem("", p.network, losses.from_table({"name": "squared", "scale": "7"}, 1, 1), p.data)
    assert optimum(doubled).value == S(7)
    assert optimum(doubled).groups[0].value == 14
