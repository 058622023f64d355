"""Proposes what a case must state besides its point: rays, coefficients, rival predictions. Untrusted: the judge decides.

Each maker takes the floats and a spot, and yields the spot with what was found, simple things first; nothing where floats see
nothing. They search small rationals at random, or solve for what the claim speaks of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.expressions import parse, text
from pgb.falsify.candidates import APART, GRID, Floats, Vector
from pgb.falsify.documents import POINT, Spot, weight
from pgb.landscape.compile import compile_expressions
from pgb.objective import unit
from pgb.problem import Problem

Maker = Callable[[Floats, Spot], Iterator[Spot]]
TRIALS: Final = 500
MOST: Final = 3
RADIUS: Final = Fraction(1, 8)
NUMBERS: Final = np.array([float(v) for v in GRID])
SPEEDS: Final = (1e2, 1e4, 1e6)


def none(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Nothing needs to be stated."""
    yield spot


def dependent(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Numbers c, b, W and a radius: sum_j c_j u(xbar_j) of the first unit with a = 1 vanishes near (b, W)."""
    problem = floats.problem
    a = sympy.Symbol("aux_a1", real=True)
    inputs = [problem.data.x[rows[0]] for rows in problem.data.groups()]
    names = ["aux_b1", *(f"aux_w1_{r}" for r in range(1, problem.network.dx + 1))]
    variables = [sympy.Symbol(n, real=True) for n in names]
    shapes = compile_expressions([unit(problem, 1, x).subs(a, 1) for x in inputs], variables)
    near = floats.rng.uniform(-float(RADIUS), float(RADIUS), (12, len(names)))
    for _ in range(TRIALS // 10):
        centre = floats.rng.choice(NUMBERS, len(names))
        values = shapes.numpy((centre + near).T)
        for c in (*np.eye(len(inputs)), floats.rng.choice(NUMBERS, len(inputs))):
            if c.any() and np.abs(c @ values).max() < 1e-12:
                b, *w = (str(Fraction(v)) for v in centre)
                yield _claiming(spot, claim="dependent_units", c=_plain(c), b=b, W=w, radius=str(RADIUS))
                return


def ray(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """A ray a_1 = s or -s, b_1 = n log s, along which Lt falls ever further."""
    at = {n: float(parse(v, {}, n)) for n, v in spot.values.items()}
    for sign, n in itertools.product(("", "-"), (0, 1, -1, 2)):
        points = []
        for s in SPEEDS:
            moved = at | {"aux_a1": -s if sign else s, "aux_b1": n * float(np.log(s))}
            points.append([moved[name] for name in floats.names])
        values = floats.values(np.array(points))
        if np.all(np.isfinite(values)) and values[0] < -1 and values[1] < 10 * values[0] and values[2] < 10 * values[1]:
            path = {"aux_a1": f"{sign}s"} | ({"aux_b1": f"{n}*log(s)"} if n else {})
            yield _claiming(spot, claim="unbounded_below", of="Lt", at=POINT, ray=path)


def data_term(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Some c and W at which the data term alone is below Lt at the spot."""
    dx, dy = floats.problem.network.dx, floats.problem.network.dy
    here = floats.point(spot.values)
    level = floats.values(here[None, :])[0]
    points = np.repeat(here[None, :], TRIALS, axis=0)
    added = points[:, floats.p :]
    added[:] = floats.rng.choice(NUMBERS, added.shape)
    added[:, dy : 2 * dy] = 0.0
    lam = float(floats.problem.augmentation.lam)
    values = floats.values(points) - lam * (points[:, floats.neurons] ** 2).sum(axis=1)
    found = added[values < level - APART]
    for row in sorted(found, key=_heaviness)[:1]:
        rows = np.reshape(row[2 * dy :], (dy, dx))
        yield _claiming(spot, claim="data_term_below", at=POINT, c=_plain(row[:dy]), W=[_plain(r) for r in rows])


def column_space(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Coefficients alpha: the model J alpha has a smaller value than the spot; J is the Jacobian of all outputs there."""
    objective = floats.objective
    at = {v: parse(spot.values[v.name], {}, v.name) for v in objective.variables}
    jacobian = sympy.Matrix([[sympy.diff(f, v).subs(at) for v in at] for row in objective.outputs for f in row])
    loss = _total_loss(floats)
    J = np.array(jacobian.evalf(), dtype=float)
    phi = np.array([float(f.subs(at).evalf()) for row in objective.outputs for f in row])
    if np.abs(J @ np.linalg.lstsq(J, phi, rcond=None)[0] - phi).max() > APART**2:
        return  # no gradient basis
    alphas = floats.rng.choice(NUMBERS, (TRIALS, len(at)))
    alphas[: TRIALS // 2] *= floats.rng.random((TRIALS // 2, len(at))) < 0.4
    values = loss(J @ alphas.T)
    level = float(objective.expression.subs(at).evalf())
    for alpha in sorted(alphas[values < level - APART], key=_heaviness)[:MOST]:
        exact = [sympy.Rational(str(Fraction(v))) for v in alpha]
        outputs = [text(sympy.expand(e)) for e in jacobian * sympy.Matrix(exact)]
        dy = floats.problem.network.dy
        rows = [outputs[i : i + dy] for i in range(0, len(outputs), dy)]
        named = {v.name: str(e) for v, e in zip(at, exact, strict=True) if e}
        yield _claiming(
            spot, claim="induced_below", of=objective.name, at=POINT, points=[{}], alpha=[named], outputs=rows
        )


def perturbed(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Two inputs, one output, a = 0: the neuron's slopes at w and at w + s together make any predictions."""
    problem = floats.problem
    groups = problem.data.groups()
    if len(groups) != 2 or problem.network.dy != 1:
        return
    inputs = [problem.data.x[rows[0]] for rows in groups]
    r = next(r for r, (u, v) in enumerate(zip(*inputs, strict=True), start=1) if u != v)
    name, s = f"aux_w1_{r}", sympy.Symbol("s", real=True)
    at = {sympy.Symbol(n, real=True): parse(v, {}, n) for n, v in spot.values.items()}
    a, w = sympy.Symbol("aux_a1", real=True), sympy.Symbol(name, real=True)
    columns = [[sympy.diff(unit(problem, 1, x), a).subs(at | {w: v}) for x in inputs] for v in (at[w], at[w] + s)]
    (p, q), (u, v) = columns
    y = [sympy.Rational(row[0]) for row in floats.rival]
    det = p * v - q * u
    alphas = [{"aux_a1": text((y[0] * v - y[1] * u) / det)}, {"aux_a1": text((p * y[1] - q * y[0]) / det)}]
    of = {i: str(value) for rows, value in zip(groups, y, strict=True) for i in rows}
    outputs = [[of[i]] for i in range(problem.data.m)]
    points = [{}, {name: text(at[w] + s)}]
    yield _claiming(spot, claim="induced_below", of="Lt", at=POINT, points=points, alpha=alphas, outputs=outputs)


def better_theta(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Another theta, at which L is below 0."""
    thetas = floats.rng.choice(NUMBERS, (TRIALS // 5, floats.p))
    found = thetas[floats.originals(thetas) < -APART]
    for theta in sorted(found, key=_heaviness)[:1]:
        yield replace(spot, others={"better": dict(zip(floats.names, _plain(theta), strict=False))})


def simple_zero(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Nothing is stated, but only where some S_k(w_k) = sum_i d_k l_i exp(w_k . x_i) seems to vanish, not its slope."""
    problem = floats.problem
    at = {sympy.Symbol(n, real=True): float(parse(v, {}, n)) for n, v in spot.values.items()}
    for k, S in enumerate(exponential_sums(problem), start=1):
        w = [sympy.Symbol(f"aux_w{k}_{r}", real=True) for r in range(1, problem.network.dx + 1)]
        values = [float(e.subs(at)) for e in (S, *(sympy.diff(S, v) for v in w))]
        if abs(values[0]) < APART and any(abs(slope) > APART for slope in values[1:]):
            yield spot
            return


def exponential_sums(problem: Problem) -> list[sympy.Expr]:
    """Return S_k(theta, w_k) = sum_i d_k l_i(f(x_i; theta)) exp(w_k . x_i) for every output k."""
    sums = []
    for k, q in enumerate(problem.loss.q, start=1):
        total = sympy.S.Zero
        for x, f, l in zip(problem.data.x, problem.outputs(), problem.sample_losses(), strict=True):
            slope = sympy.diff(l, q).subs(dict(zip(problem.loss.q, f, strict=True)), simultaneous=True)
            total += slope * sympy.exp(
                sympy.Add(*(sympy.Symbol(f"aux_w{k}_{r}", real=True) * v for r, v in enumerate(x, 1)))
            )
        sums.append(total)
    return sums


def linear_rival(floats: Floats, spot: Spot) -> Iterator[Spot]:
    """Predictions A x + B z(x, u) with a smaller loss than at the spot."""
    rows = [[*map(sympy.Rational, x), *hidden(floats, spot, i)] for i, x in enumerate(floats.problem.data.x)]
    if not all(v.is_Rational for row in rows for v in row):
        return
    features = sympy.Matrix(rows)
    loss = _total_loss(floats)
    level = float(floats.values(floats.point(spot.values)[None, :])[0])
    F = np.array(features, dtype=float)
    groups = floats.problem.data.groups()
    wanted = np.array([floats.rival[j] for j, rows in enumerate(groups) for _ in rows], dtype=object)
    order = np.argsort([i for rows in groups for i in rows])
    target = np.array([[float(Fraction(v)) for v in row] for row in wanted[order]])
    fitted = np.linalg.lstsq(F, target, rcond=None)[0]
    guesses = [fitted, *floats.rng.choice(NUMBERS, (TRIALS // 5, *fitted.shape))]
    for guess in guesses:
        coefficients = sympy.Matrix(
            *guess.shape, [sympy.Rational(str(Fraction(v).limit_denominator(24))) for v in guess.ravel()]
        )
        predicted = features * coefficients
        if loss(np.array(predicted, dtype=float).reshape(-1, 1))[0] < level - APART:
            yield replace(spot, rival=tuple(tuple(str(v) for v in predicted.row(rows[0])) for rows in groups))
            return


def hidden(floats: Floats, spot: Spot, row: int) -> list[sympy.Expr]:
    """Return z(x_i, u) of a residual network at the spot."""
    network, x = floats.problem.network, floats.problem.data.x[row]
    value = {n: parse(v, {}, n) for n, v in spot.values.items()}
    act = network.activation
    if act is None:
        return []
    return [
        act(sympy.Add(value[f"c{k}"], *(value[f"u{k}_{r}"] * v for r, v in enumerate(x, start=1))))
        for k in range(1, network.layers[1] + 1)
    ]


MAKERS: Final[dict[str, Maker]] = {
    "": none,
    "dependent": dependent,
    "ray": ray,
    "data_term": data_term,
    "column_space": column_space,
    "perturbed": perturbed,
    "better_theta": better_theta,
    "linear_rival": linear_rival,
    "simple_zero": simple_zero,
}


def _claiming(spot: Spot, **claim: Any) -> Spot:
    return replace(spot, claims=(claim,))


def _total_loss(floats: Floats) -> Callable[[Vector], Vector]:
    """Return the data term as a function of all outputs, shape (m * dy, N) to (N,)."""
    problem = floats.problem
    slots = [
        [sympy.Symbol(f"slot_{i}_{k}", real=True) for k in range(problem.network.dy)] for i in range(problem.data.m)
    ]
    losses = (
        l.xreplace(dict(zip(problem.loss.q, row, strict=True)))
        for l, row in zip(problem.sample_losses(), slots, strict=True)
    )
    program = compile_expressions([problem.weight() * sympy.Add(*losses)], [v for row in slots for v in row])

    def evaluated(points: Vector) -> Vector:
        out: Vector = program.numpy(points)[0]
        return out

    return evaluated


def _plain(values: Vector) -> list[str]:
    return [str(Fraction(float(v))) for v in values]


def _heaviness(values: Vector) -> int:
    return sum(map(weight, _plain(values)))
