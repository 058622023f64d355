"""Each proved statement, evaluated on random exact problems: the kernel's own formula, not a second copy of it.

For every theorem of `proofs/` the formula that `claim` returns is interpreted on a concrete problem, its outer variables
standing for a drawn point. Premises that speak of infinitely many points (local minima, optimality among all functions)
are given their truth by another computation of the package (see `decided`); everything else is evaluated exactly.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import strategies as st

from pgb import library, objective
from pgb.kernel import REAL, Term
from pgb.landscape.classify import classify

from .concrete import (
    Concrete,
    concretes,
    loss_law,
    matrix,
    nonzero,
    numbers,
    positive,
    rational,
    rows,
    s,
    vector,
    with_point,
)
from .exact import Jet, from_sympy, jet
from .interpretation import Interpretation, Undecided, opened
from .laws import law

F = Fraction
ABOUT_MINIMA = (
    "vanishing_at_minima", "perturbation", "grouped_gradients", "elimination", "elimination_per_sample",
    "characterisation", "elimination_by_pgb",
)  # fmt: skip


def proof(name: str) -> Any:
    return library.load_proof(name)


def at_point(name: str, *names: str, setting: Any = s.STANDARD) -> Term:
    """Return a theorem's statement with its outer variables free."""
    return opened(proof(name).claim(setting), *names)


def add(it: Interpretation, type_: Any, *values: Any) -> list[Term]:
    """Give quantifiers over an infinite type values to be tried on."""
    terms = []
    for value in values:
        name = f"sample{len(it.values)}"
        it.values[name] = value
        terms.append(Term("var", name, type_))
    it.samples[type_] = [*it.samples.get(type_, ()), *terms]
    return terms


def staged(c: Concrete, theta: Any, a: Any, b: Any, W: Any, **more: Any) -> Interpretation:
    return c.interpretation(theta=vector(theta), a=vector(a), b=vector(b), W=matrix(W), **more)


def slopes(c: Concrete, point: dict[str, sympy.Expr]) -> dict[str, Jet]:
    """Return the gradient of the package's Lt, exactly."""
    lt = objective.augmented(c.problem)
    at = {v: point[v.name] for v in lt.variables}
    return {v.name: from_sympy(g.xreplace(at)) for v, g in zip(lt.variables, lt.gradient(), strict=True)}


def model(c: Concrete, outputs: Any) -> Any:
    """Return the function of x with these outputs at the samples, and 0 elsewhere."""
    table = {tuple(row): out for row, out in zip(c.x, outputs, strict=True)}

    def q(z: Any) -> Any:
        found = table.get(tuple(z(r).rational for r in range(c.dx)), [F(0)] * c.dy)
        return lambda k: jet(found[k])

    return q


def functions_of_x(c: Concrete) -> list[Any]:
    """Return h : R^dx -> R: the constant 1, the coordinates, a square, and the indicator of the first input."""
    first = tuple(c.x[0])
    return [
        lambda _: jet(1),
        lambda z: z(0),
        lambda z: z(c.dx - 1) ** 2 + 1,
        lambda z: jet(int(tuple(z(r).rational for r in range(c.dx)) == first)),
    ]


@st.composite
def minima(draw: Any, losses: tuple[str, ...] = ("squared", "quartic", "exponential"), **options: Any) -> Any:
    """A problem fitted at theta, and (theta, 0, b, W)."""
    c, theta, _, b, W = draw(with_point(losses=losses, **options))
    return c.fitted(theta, [draw(numbers), draw(numbers)]), theta, [F(0)] * c.dy, b, W


@st.composite
def crossed(draw: Any, **options: Any) -> Any:
    """A problem whose slopes add up to 0 in every output at theta without vanishing, W = 0: critical, and no minimum."""
    c, theta, _, b, _ = draw(with_point(losses=("squared",), networks=("shift", "cubic", "product"), **options))
    while c.m < 2:
        c.x.append([v + 1 for v in c.x[0]])
        c.y.append(list(c.y[0]))
    d = draw(nonzero)
    y = [[c.output(theta, i, k) for k in range(c.dy)] for i in range(c.m)]
    c.x[1] = [v + 1 for v in c.x[0]]
    y[1] = [c.output(theta, 1, k) - d for k in range(c.dy)]
    y[0] = [c.output(theta, 0, k) + d for k in range(c.dy)]
    if c.network == "product":  # theta's own slope: sum_i r_i x_i must vanish too, so the factors are 0
        theta = [F(0)] * len(theta)
        y = [[F(k) + (d if i == 0 else -d if i == 1 else 0) for k in range(c.dy)] for i in range(c.m)]
    flat = [[F(0)] * c.dx for _ in range(c.dy)]
    return Concrete(c.loss, c.network, c.x, y, c.lam), theta, [F(0)] * c.dy, b, flat


def is_optimal(c: Concrete, theta: Any) -> bool:
    """Is L(theta) = L*? For convex losses exactly where the slopes cancel in every group; the package's L*, if known, agrees."""
    law_ = loss_law(c.loss, c.dy)
    best = all(
        sum((law_.slope(jet(c.output(theta, i, k)), c.y[i][k]) for i in group), jet(0)).sign() == 0
        for group in c.problem.data.groups()
        for k in range(c.dy)
    )
    star = objective.optimum(c.problem).value
    if star is not None:
        at = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
        assert (sympy.expand(objective.loss(c.problem).at(at) - star) == 0) is best
    return best


def decided(it: Interpretation, c: Concrete, point: Any, *, setting: Any = s.STANDARD, certify: bool = False) -> bool:
    """Give the truth of "is a local minimum" at the point, and of "theta is optimal"; return the first.

    By slopes (a differentiable function has none at a minimum), and, at critical points, by Lt >= L* + lambda |a|^2: a = 0
    and L(theta) = L* is a global minimum. Other critical points, and all if `certify`, are classified with a certificate.
    """
    theta, a, b, W = point
    named = c.point(theta, a, b, W)
    best = is_optimal(c, theta)
    if any(g.sign() for g in slopes(c, named).values()):
        minimum = False
    elif best and not any(a) and not certify:
        minimum = True
    else:
        found = classify(objective.augmented(c.problem), named).local_minimum
        assert found is not None
        minimum = found
    it.given[setting.local_minimum(s.theta, s.a, s.b, s.W)] = minimum
    # with theta held fixed: no slope in (a, b, W) and the bound again; else a slope, or a saddle in these alone
    added = [g.sign() for n, g in slopes(c, named).items() if n.startswith("aux_")]
    it.given[setting.local_minimum_fixed(s.theta, s.a, s.b, s.W)] = minimum or (not any(added) and _held(c, point))
    it.given[s.optimal(s.theta)] = best
    return minimum


def _held(c: Concrete, point: Any) -> bool:
    theta, *_ = point
    lt = objective.augmented(c.problem)
    named = c.point(*point)
    fixed = {p: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    added = tuple(v for v in lt.variables if v not in fixed)
    part = objective.Objective("Lt", added, lt.expression.xreplace(fixed), "")
    found = classify(part, {v.name: named[v.name] for v in added}).local_minimum
    assert found is not None
    return found


def around(it: Interpretation, c: Concrete, point: Any) -> None:
    """Samples for "for all" and witnesses for "there is": neighbours of the point, radii, functions of x, other theta."""
    theta, a, b, W = point
    t = F(1, 16)
    add(it, REAL, jet(F(1, 8)), jet(1))
    add(it, s.VECTOR, vector(a), vector([v + t for v in b]), vector([v - t for v in a]))
    add(it, s.MATRIX, matrix([[w - t for w in row] for row in W]))
    add(it, s.THETA, vector(theta), vector([v + t for v in theta]), vector([F(0)] * len(theta)))
    add(it, (s.POINT, REAL), *functions_of_x(c))
    add(it, s.POINT, vector([F(1)] * c.dx), vector([F(-2)] * c.dx))
    add(it, s.MODEL, *(model(c, [[y[k] + d for k in range(c.dy)] for y in c.y]) for d in (F(0), F(1, 2))))


# -- what the statements speak of ---------------------------------------------------------------------------------------
@law(80, drawn=with_point(), mu=numbers)
def test_values(drawn: Any, mu: Fraction) -> None:
    """L, Lt (with a ridge or without) and L2: the kernel's terms and the package's expressions have the same values."""
    c, theta, a, b, W = drawn
    c = replace(c, ridge=abs(mu))
    named = c.point(theta, a, b, W)
    it = staged(c, theta, a, b, W)
    decay = abs(mu) * sum(v**2 for v in theta)
    loss, lt = objective.loss(c.problem), objective.augmented(c.problem)
    assert it.value(s.original(s.theta)) + decay == from_sympy(loss.at(named))
    assert it.value(s.STANDARD.augmented(s.theta, s.a, s.b, s.W)) + decay == from_sympy(lt.at(named))
    c = replace(c, ridge=F(0))
    module = proof("no_extra_unit")
    other = c.interpretation(theta=vector(theta), a=jet(a[0]), b=jet(b[0]))
    found = objective.no_extra_unit(c.problem).at(named | {"aux_a": rational(a[0]), "aux_b": rational(b[0])})
    assert other.value(module.transformed(s.STANDARD, module.A, module.B)) == from_sympy(found)


# -- statements about every point ---------------------------------------------------------------------------------------
@law(25, drawn=st.one_of(with_point(), minima(), crossed()))
def test_vanishing(drawn: Any) -> None:
    """With the slopes that the package differentiates; `vanishing` says a dLt/da - dLt/db = 2 lambda a^2."""
    c, *point = drawn
    found = slopes(c, c.point(*point))
    for k in range(c.dy):
        it = staged(c, *point)
        add(it, REAL, found[f"aux_a{k + 1}"], found[f"aux_b{k + 1}"])
        assert it.truth(at_point("vanishing", "theta", "a", "b", "W"))
        assert it.assumed_true


@law(25, drawn=st.one_of(with_point(), minima(), crossed()))
def test_reduction(drawn: Any) -> None:
    """Critical points of Lt, in both directions: at random points, at minima, and where the slopes cancel at W = 0."""
    c, *point = drawn
    it = staged(c, *point)
    assert it.truth(at_point("reduction", "theta", "a", "b", "W"))
    critical = it.truth(proof("reduction").critical(s.STANDARD))
    assert critical is not any(g.sign() for g in slopes(c, c.point(*point)).values())


@law(drawn=crossed())
def test_reduction_speaks_of_critical_points_that_are_no_minima(drawn: Any) -> None:
    c, *point = drawn
    it = staged(c, *point)
    assert it.truth(proof("reduction").reduced(s.STANDARD))
    assert not is_optimal(c, point[0])


@law(25, drawn=with_point(), velocity=st.lists(numbers, min_size=8, max_size=8))
def test_flow_identity(drawn: Any, velocity: list[Fraction]) -> None:
    """On a path that follows the flow in (a, b) and moves theta and W at random, at time 1."""
    c, theta, a, b, W = drawn
    found = slopes(c, c.point(theta, a, b, W))
    speed = iter(velocity * 4)

    def path(start: Fraction, v: Any) -> Any:
        return lambda t: start + (t - 1) * v + (t - 1) ** 2 * 3

    def bundle(values: Any, speeds: Any) -> Any:
        lines = [path(x, v) for x, v in zip(values, speeds, strict=True)]
        return lambda t: lambda k: lines[k](t)

    th = bundle(theta, [next(speed) for _ in theta])
    by = [[path(w, next(speed)) for w in row] for row in W]
    for k in range(c.dy):
        A, B = found[f"aux_a{k + 1}"], found[f"aux_b{k + 1}"]
        values = {
            "theta": th,
            "W": lambda t: lambda row: lambda r: by[row][r](t),
            "a": bundle(a, [-found[f"aux_a{n + 1}"] for n in range(c.dy)]),
            "b": bundle(b, [-found[f"aux_b{n + 1}"] for n in range(c.dy)]),
        }
        it = c.interpretation(t=jet(1), k=k, A=A, B=B, **values)
        assert it.truth(at_point("flow_identity", "theta", "a", "b", "W", "t", "k", "A", "B"))
        assert it.assumed_true == 4


@law(20, drawn=with_point(), t=positive, zero=st.booleans())
def test_failure_mode_d_along_rays(drawn: Any, t: Fraction, zero: bool) -> None:
    c, theta, amplitude, b, W = drawn
    it = staged(c, theta, [0] * c.dy, b, W)
    add(it, s.VECTOR, vector([F(0)] * c.dy if zero else amplitude), vector(b))
    add(it, s.MATRIX, matrix(W))
    add(it, REAL, jet(0), jet(t))
    assert it.truth(proof("failure_mode").ray_law(s.STANDARD))


@law(25, drawn=with_point(), amplitude=st.lists(numbers, min_size=2, max_size=2))
def test_failure_mode_e(drawn: Any, amplitude: list[Fraction]) -> None:
    """Lt is never below the data term, and comes within any margin of it: (a, b) = (c e^-s, s) is a witness."""
    c, theta, a, b, W = drawn
    c_ = amplitude[: c.dy]
    never_below, rest = opened(proof("failure_mode_e").claim(s.STANDARD), "theta").args
    reached, bounds = rest.args
    it = c.interpretation(theta=vector(theta), W=matrix(W), c=vector(c_), e=jet(F(1, 4)), V=jet(0))
    it.values["e"] = jet(F(1, 2) * max(F(1), sum((c.lam * v**2 for v in c_), F(0))))
    far = jet(-4).exp()
    scaled = vector([jet(x) * jet(y).exp() for x, y in zip(a, b, strict=True)])
    add(it, s.MATRIX, matrix(W))
    add(it, s.VECTOR, vector([far * v for v in c_]), vector([4] * c.dy))
    assert it.truth(opened(reached, "c", "W", "e"))
    it.samples[s.VECTOR] = []
    add(it, s.VECTOR, vector(a), vector(b))
    assert it.truth(never_below)
    # a number is a lower bound of Lt(theta, .) exactly when it is one of D: L* is one, Lt(theta, a, b, W) + 1 is none
    add(it, s.VECTOR, scaled)
    module, opened_bounds = proof("failure_mode_e"), opened(bounds, "V")
    low, data_low = module.lower_bound(s.STANDARD), opened_bounds.args[0].args[1]
    it.values["V"] = jet(0)  # these losses are not negative
    it.given = {low: True, data_low: True}
    it.samples[s.VECTOR] = it.samples[s.VECTOR][:2]
    assert it.truth(opened_bounds)
    it.given = {}
    it.values |= {"a": vector(a), "b": vector(b)}
    it.values["V"] = it.value(s.STANDARD.augmented(s.theta, s.a, s.b, s.W)) + 1
    it.samples[s.VECTOR] = []
    add(it, s.VECTOR, vector(a), vector(b))
    assert not it.truth(low)
    it.samples[s.VECTOR] = []
    add(it, s.VECTOR, scaled)
    assert not it.truth(data_low)


@law(drawn=with_point(losses=("squared", "quartic"), max_dy=1), t=positive)
def test_no_extra_unit(drawn: Any, t: Fraction) -> None:
    c, theta, a, b, _ = drawn
    it = c.interpretation(theta=vector(theta), a=jet(a[0]), b=jet(b[0]))
    add(it, s.THETA, vector(theta), vector([v + t for v in theta]))
    add(it, REAL, jet(t), jet(F(1, 10)))
    assert it.truth(at_point("no_extra_unit", "theta", "a", "b"))


# -- statements about local minima --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ABOUT_MINIMA)
@law(12, drawn=st.one_of(minima(), crossed(), with_point()))
def test_statements_about_minima(name: str, drawn: Any) -> None:
    """At minima (with the hypothesis that the theorem asks), and, idly, at saddles and random points."""
    c, *point = drawn
    if name == "elimination_per_sample" and not c.problem.data.labels_consistent():
        return
    if name == "characterisation" and c.loss == "exponential":
        return  # that a point is a minimum is claimed there, and the neighbours' values are no exact numbers
    it = staged(c, *point)
    decided(it, c, point)
    around(it, c, point)
    assert it.truth(at_point(name, "theta", "a", "b", "W"))


@law(5, drawn=minima(losses=("squared", "quartic"), max_dy=1, max_dx=1, max_samples=2))
def test_certified_minima_are_those_of_the_characterisation(drawn: Any) -> None:
    """The same with the minimum certified by `classify`, which knows nothing of the theorem."""
    c, *point = drawn
    it = staged(c, *point)
    assert decided(it, c, point, certify=True)
    around(it, c, point)
    assert it.truth(at_point("characterisation", "theta", "a", "b", "W"))
    assert it.assumed_true


def nudges(it: Interpretation, c: Concrete, point: Any) -> None:
    """Witnesses of smaller values: along the escape ray where a is not 0, else small a at other W."""
    _, a, b, W = point
    shrunk = [jet(-1).exp() * v for v in a]
    small = [sign * F(1, 4**n) for n in (1, 3, 6) for sign in (1, -1)]
    axes = [[t if k == n else F(0) for n in range(c.dy)] for t in small for k in range(c.dy)]
    add(
        it,
        s.VECTOR,
        *([vector(shrunk), vector([v + 1 for v in b])] if any(a) else []),
        *map(vector, axes),
        vector([0] * c.dy),
    )
    turned = [[[F(n + 1, 2)] + [F(-n)] * (c.dx - 1) for _ in range(c.dy)] for n in range(3)]
    add(it, s.MATRIX, matrix(W), *map(matrix, turned))


@law(10, drawn=st.one_of(with_point(max_samples=2), crossed(max_samples=2)))
def test_failure_mode_at_a_theta_that_is_not_optimal(drawn: Any) -> None:
    """(a) no minimum, (b) every point has a better one, and some are below L(theta)."""
    c, *point = drawn
    module = proof("failure_mode")
    it = staged(c, *point)
    best = [[sum((c.y[j][k] for j in group), F(0)) / len(group) for k in range(c.dy)]
            for group in [[j for j in range(c.m) if c.x[j] == row] for row in c.x]]  # fmt: skip
    it.values["q"] = model(c, best)
    bad = it.truth(module.not_optimal())
    if not bad:
        return
    assert not is_optimal(c, point[0])
    assert not decided(it, c, point)
    nudges(it, c, point)
    assert it.truth(module.better(s.STANDARD))
    assert it.truth(module.below_original(s.STANDARD))
    for part in (s.STANDARD.local_minimum_fixed, s.STANDARD.local_minimum):
        assert it.given[part(s.theta, s.a, s.b, s.W)] is False


@law(25, drawn=with_point(max_samples=2), R=positive)
def test_failure_mode_c(drawn: Any, R: Fraction) -> None:
    """Where Lt is near a lower bound, the penalty is small, and (b, W) is not inside; sublevel sets bound a."""
    c, theta, a, b, W = drawn
    it = c.interpretation(theta=vector(theta), V=jet(0), R=jet(R), q=model(c, [[F(0)] * c.dy] * c.m))
    add(it, s.VECTOR, vector(a), vector(b), vector([0] * c.dy))
    add(it, s.MATRIX, matrix(W))
    add(it, REAL, jet(F(1, 10**9)), jet(1), jet(0))
    module = proof("failure_mode_c")
    minimising, rest = opened(module.claim(s.STANDARD), "theta").args
    it.given[module.lower_bound(s.STANDARD)] = True  # 0 is one: these losses are not negative
    assert it.truth(opened(minimising, "V").args[1].args[0])
    assert it.truth(opened(rest.args[0], "R"))
    assert it.truth(rest.args[1])


@law(12, drawn=st.one_of(with_point(max_samples=2), minima(losses=("squared",))), zero=st.booleans(), mu=positive)
def test_ridge(drawn: Any, zero: bool, mu: Fraction) -> None:
    """At theta = 0 fitted, the only minima; elsewhere none."""
    c, theta, a, b, W = drawn
    if zero:
        theta, a = [F(0)] * len(theta), [F(0)] * c.dy
        c = c.fitted(theta, [F(1)])
    c = Concrete(c.loss, c.network, c.x, c.y, c.lam, mu)
    it = staged(c, theta, a, b, W, mu=jet(mu))
    bare = Concrete(c.loss, c.network, c.x, c.y, c.lam)
    it.given[s.optimal(s.theta)] = is_optimal(bare, theta)
    sloped = any(g.sign() for g in slopes(c, c.point(theta, a, b, W)).values())
    only = not any(theta) and not any(a) and is_optimal(bare, theta)
    minimum = (
        False if sloped else only or classify(objective.augmented(c.problem), c.point(theta, a, b, W)).local_minimum
    )
    assert minimum is not None
    it.given[proof("ridge").local_minimum(s.STANDARD)] = minimum
    around(it, c, (theta, a, b, W))
    assert it.truth(at_point("ridge", "mu", "theta", "a", "b", "W"))
    assert minimum is only


@law(12, drawn=crossed(max_samples=2), bias=nonzero)
def test_strict_saddle(drawn: Any, bias: Fraction) -> None:
    """At a simple zero of S_k the line a_k = -t v, w_kr = t (up to factors) is a witness of quadratic descent."""
    c, theta, a, _, W = drawn
    b = [bias] * c.dy
    module = proof("strict_saddle")
    for k in range(c.dy):
        for r in range(c.dx):
            it = staged(c, theta, a, b, W, k=k, r=r)
            v = it.value(module.derivative_of_sum()) * F(1, c.m)
            it.given[module.quadratic_bound()] = True  # squared loss: with C = 1, everywhere
            alpha = v * (-F(1, 2) / (1 + c.lam)) * F(1, 8) * jet(-bias).exp()
            add(it, s.VECTOR, vector([alpha if n == k else F(0) for n in range(c.dy)]))
            add(it, s.MATRIX, matrix([[F(n == k and q == r) for q in range(c.dx)] for n in range(c.dy)]))
            add(it, REAL, v * v * F(1, 256), *(jet(F(n, 256)) for n in (4, 1, -1)))
            assert it.truth(at_point("strict_saddle", "theta", "b", "W", "k", "r"))
            assert it.assumed_true >= (2 if v.sign() else 1)


# -- statements of linear algebra and of models -------------------------------------------------------------------------
@law(drawn=concretes(max_dy=1), weights=st.lists(nonzero, min_size=3, max_size=3), grouped=st.booleans())
def test_independence(drawn: Any, weights: list[Fraction], grouped: bool) -> None:
    """Sums that vanish near a point: those of weights that cancel in every group, and no others."""
    c = drawn
    groups = c.problem.data.groups()
    found = [F(0)] * c.m
    for group in groups:
        for n, i in enumerate(group):
            found[i] = weights[n % 3]
        if grouped:
            found[group[-1]] -= sum((found[i] for i in group), F(0))
    it = c.interpretation(c=vector(found), w=vector([F(1, 2)] * c.dx), beta=jet(F(1, 3)))
    add(it, REAL, jet(F(1, 2)))
    steps = [[F(n, 7 + 3 * r * n) / 4 for r in range(c.dx)] for n in range(-2, 5)]
    add(it, s.POINT, *(vector([F(1, 2) + t for t in step]) for step in steps))
    add(it, (s.POINT, REAL), *functions_of_x(c))
    module = proof("independence")
    premise = module.vanishes_near(s.STANDARD, module.c, module.w, module.beta_)
    near = it.truth(premise)  # False only where some sum is exactly not 0
    assert near is all(sum((found[i] for i in g), F(0)) == 0 for g in groups)
    it.given[premise] = near
    assert it.truth(at_point("independence", "c", "w", "beta"))


@st.composite
def features(draw: Any) -> tuple[Concrete, list[Fraction], list[Fraction]]:
    """Data for phi_i(z) = z0 z1 A_i + z2 B_i, with its least-squares coefficients (alpha, beta)."""
    c = draw(concretes(losses=("squared",), networks=("shift",), max_dy=1, max_dx=1))
    A, B = rows(draw, 2, c.m)
    return c, A, B


def least_squares(c: Concrete, A: Any, B: Any, mu: Fraction | None = None) -> tuple[Fraction, Fraction]:
    y = [row[0] for row in c.y]
    dot = lambda u, v: sum((p * q for p, q in zip(u, v, strict=True)), F(0))
    G = sympy.Matrix(
        [[rational(dot(A, A)), rational(dot(A, B))], [rational(dot(A, B)), rational(dot(B, B) + (mu or 0) * c.m)]]
    )
    solution, free = G.gauss_jordan_solve(sympy.Matrix([rational(dot(A, y)), rational(dot(B, y))]))
    return tuple(F(int(v.p), int(v.q)) for v in solution.subs(dict.fromkeys(free, 0)))  # type: ignore[return-value]


def phi(A: Any, B: Any) -> Any:
    return lambda i: lambda z: lambda _: z(0) * z(1) * A[i] + z(2) * B[i]


def phi_slopes(A: Any, B: Any, z: Any) -> Any:
    return lambda i: [jet(z(1)) * A[i], jet(z(0)) * A[i], jet(B[i])]


@law(drawn=features(), u=nonzero, weights=st.lists(numbers, min_size=12, max_size=12))
def test_depth_width(drawn: Any, u: Fraction, weights: list[Fraction]) -> None:
    c, A, B = drawn
    alpha, beta = least_squares(c, A, B)
    z = [u, alpha / u, beta]
    slopes_at = phi_slopes(A, B, vector(z))
    C = [weights[:3], weights[3:6]]
    psi_slopes = [[sum((C[n][r] * slopes_at(i)[r] for r in range(3)), jet(0)) for n in range(2)] for i in range(c.m)]
    h2 = weights[6:8]
    psi = [sum((h2[n] * psi_slopes[i][n] for n in range(2)), jet(0)) for i in range(c.m)]
    it = c.interpretation(
        phi=phi(A, B), dphi=lambda i: lambda _: lambda p: slopes_at(i)[p], z=vector(z), h=vector([u, F(0), beta]),
        psi=lambda i: lambda _: psi[i], dpsi=lambda i: lambda _: lambda n: psi_slopes[i][n], h2=vector(h2), C=matrix(C),
    )  # fmt: skip
    it.sizes = {**it.sizes, "param": 3, "pert": 2, "output": 1}
    add(it, s.THETA, vector(weights[8:11]), vector([F(0)] * 3))
    statement = at_point("depth_width", "phi", "dphi", "z", "h")
    for v in (
        proof("depth_width").PSI,
        proof("depth_width").PSI_SLOPES,
        proof("depth_width").h2,
        proof("depth_width").C,
    ):
        it.samples[v.type] = [v]
    assert it.truth(statement)
    assert it.assumed_true >= 3


@law(15, drawn=features(), u=numbers, mu=positive, weights=st.lists(numbers, min_size=12, max_size=12))
def test_pgb_condition(drawn: Any, u: Fraction, mu: Fraction, weights: list[Fraction]) -> None:
    """At a local minimum no induced model at perturbed points is better; at u = v = 0 they are truly perturbed."""
    c, A, B = drawn
    alpha, beta = least_squares(c, A, B, mu)
    if u == 0 and alpha != 0:
        u = F(1)
    z = [u, alpha / u if u else F(0), beta]
    frame = proof("pgb_condition").frame_of(None)
    it = c.interpretation(
        z=vector(z), h=vector([u, F(0), beta]), r=jet(2), phi=phi(A, B),
        Q=lambda i: lambda y: lambda t: (y(0) - c.y[i][0]) ** 2 + t(0),
        dphi=lambda i: lambda at: lambda _: lambda p: phi_slopes(A, B, at)(i)[p],
        rho=lambda at: lambda _: mu * at(2) ** 2, drho=lambda at: lambda _: lambda p: 2 * mu * at(2) if p == 2 else jet(0),
    )  # fmt: skip
    it.sizes = {**it.sizes, "param": 3, "pert": 2, "output": 1, "input": 1}
    family = ("pert", ("param", REAL))
    moved = [[F(3, 5), F(0), F(0)], [F(0), F(-4, 5), F(0)]]
    add(it, family, matrix([[F(0)] * 3] * 2), matrix(moved), matrix([[u, F(0), beta], [F(0)] * 3]),
        matrix([weights[:3], weights[3:6]]), matrix([weights[6:9], weights[9:12]]))  # fmt: skip
    add(it, REAL, jet(F(1, 8)), jet(F(1, 16)), jet(0))
    (z_term,) = frame.space.point("z")
    it.given[frame.local_minimum((z_term,))] = True  # convex in (z0 z1, z2), and z0 z1 moves both ways
    it.given[frame.differentiable_near((z_term,))] = True  # polynomials
    assert it.truth(at_point("pgb_condition", "z", "h", "r"))
    assert it.assumed_true >= 3


def rows_of(n: int, m: int) -> Any:
    """Return n rows of m numbers."""
    return st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=n, max_size=n)


def hidden(u: Any) -> Any:
    """Return the two components u_0 x^2 + 1 and u_1 x of a hidden layer."""
    return lambda z: lambda v: u(0) * z(0) ** 2 + 1 if v == 0 else u(1) * z(0)


def residual_at(c: Concrete, u: Any, W: Any, V: Any, rivals: Any) -> Interpretation:
    """Return the residual network with this W and V at a local minimum in them, beside predictors A x + B z."""
    module = proof("residual")
    it = c.interpretation(W=matrix(W), V=matrix(V), u=vector(u), zeta=lambda z: lambda th: hidden(th)(z))
    it.sizes = {**it.sizes, "pert": len(V[0]), "param": 2}
    it.given[module.local_minimum()] = True
    add(it, s.MATRIX, *(matrix(A) for A, _ in rivals))
    add(it, module.B.type, *(matrix(B) for _, B in rivals))
    return it


@law(drawn=features(), u=rows_of(1, 2), rivals=st.lists(rows_of(1, 3), min_size=4, max_size=4))
def test_residual(drawn: Any, u: Any, rivals: Any) -> None:
    """The least-squares predictor in (x, z_0), as W (x + V z): no predictor A x + B z_0 is better."""
    c, _, _ = drawn
    x, z = [row[0] for row in c.x], [u[0][0] * row[0] ** 2 + 1 for row in c.x]
    alpha, beta = least_squares(c, x, z)
    if alpha == 0 != beta:
        return  # it is not of the form W (x + V z)
    V = [[beta / alpha if alpha else u[0][1]]]
    it = residual_at(c, u[0], [[alpha]], V, [([row[0][:1]], [row[0][1:2]]) for row in rivals])
    assert it.truth(at_point("residual", "zeta", "u", "W", "V"))
    assert it.assumed_true == 1


def test_residual_is_false_with_fewer_inputs_than_outputs() -> None:
    """x = -1, 1 and y = (2, 0), (0, 1) with z = (1, x): the best outputs of rank one, against the exact fit."""
    c = Concrete("squared", "shift", [[F(-1)], [F(1)]], [[F(2), F(0)], [F(0), F(1)]])
    W, V = [[F(1)], [F(0)]], [[F(1), F(-2)]]
    exact = ([[F(0)], [F(0)]], [[F(1), F(-1)], [F(1, 2), F(1, 2)]])
    assert not residual_at(c, [F(0), F(1)], W, V, [exact]).truth(at_point("residual", "zeta", "u", "W", "V"))
    assert residual_at(c, [F(0), F(1)], W, V, [(W, [[F(0)] * 2] * 2)]).truth(
        at_point("residual", "zeta", "u", "W", "V")
    )


@law(drawn=st.one_of(with_point(max_dy=1), minima(max_dy=1), crossed(max_dy=1)))
def test_one_neuron(drawn: Any) -> None:
    """The same problems as for `elimination`, said in numbers; a local minimum there is one here."""
    c, *point = drawn
    theta, a, b, W = point
    module, other = proof("one_neuron"), Interpretation({}, {})
    decided(other, c, point)
    it = c.interpretation(theta=vector(theta), a=jet(a[0]), b=jet(b[0]), w=vector(W[0]))
    losses, slopes_, net = (it.values[name] for name in ("l", "dl", "f"))
    it.values |= {
        "l": lambda i: lambda q: losses(i)(lambda _: q),
        "dl": lambda i: lambda q: slopes_(i)(lambda _: q)(0),
        "f": lambda th: lambda z: net(th)(z)(0),
    }
    minimum = other.given[s.STANDARD.local_minimum_fixed(s.theta, s.a, s.b, s.W)]
    it.given[module.local_minimum(s.STANDARD, s.theta, module.a, module.b, module.w)] = minimum
    add(it, s.THETA, vector(theta), vector([v + F(1, 16) for v in theta]), vector([F(0)] * len(theta)))
    add(it, s.POINT, vector([F(1)] * c.dx), vector([F(-2)] * c.dx))
    fits = [model(c, [[y[0] + d] for y in c.y]) for d in (F(0), F(1, 2))]
    add(it, (s.POINT, REAL), *functions_of_x(c), *(lambda z, q=q: q(z)(0) for q in fits))  # type: ignore[misc]
    assert it.truth(at_point("one_neuron", "theta", "a", "b", "w"))
    assert it.assumed_true == minimum


# -- statements about whole problems ------------------------------------------------------------------------------------
@law(8, drawn=with_point(losses=("squared",), max_samples=3, max_dx=1, max_dy=1, networks=("linear", "shift")))
@pytest.mark.parametrize("name", ["vacuity", "vacuity_consistent"])
def test_vacuity(name: str, drawn: Any) -> None:
    """Where the package says that no theta attains L*, no point that is tried is a local minimum."""
    from pgb.landscape.attainment import attainment

    c, *point = drawn
    if name == "vacuity_consistent" and not c.problem.data.labels_consistent():
        return
    found = attainment(c.problem)
    assert found.attained is not None
    it = staged(c, *point)
    statement = proof(name).claim(s.STANDARD)
    parts = [statement] if name == "vacuity" else list(statement.args)
    it.given[parts[0].args[0]] = found.attained is False
    for part in parts[1:]:
        it.given[part.args[0]] = False  # squared loss: its gradient vanishes somewhere
    minimum = decided(it, c, point)
    for sort, v in ((s.THETA, s.theta), (s.MATRIX, s.W)):
        it.samples[sort] = [v]
    theta, a, b, W = point
    for first, second in ((a, a), (b, b), (b, a)):  # the quantifiers over a and b share their samples
        decided_at(it, c, (theta, first, second, W), first is a, second is a)
    it.samples[s.VECTOR] = [s.a, s.b]
    assert it.truth(statement)
    if found.attained is False:
        assert not minimum


def decided_at(it: Interpretation, c: Concrete, point: Any, first: bool, second: bool) -> None:
    other = Interpretation({}, {})
    minimum = decided(other, c, point)
    names = [s.a if is_a else s.b for is_a in (first, second)]
    it.given[s.STANDARD.local_minimum(s.theta, *names, s.W)] = minimum


# -- the suite itself ---------------------------------------------------------------------------------------------------
HERE = {
    *ABOUT_MINIMA, "vanishing", "reduction", "flow_identity", "failure_mode", "failure_mode_e", "failure_mode_c",
    "no_extra_unit", "ridge", "strict_saddle", "independence", "depth_width", "pgb_condition", "vacuity",
    "vacuity_consistent", "residual", "one_neuron",
}  # fmt: skip


def test_every_proved_theorem_is_evaluated() -> None:
    assert set(library.proof_names()) == HERE


def line(x: Fraction, y: Fraction) -> Concrete:
    """Return f = t, squared loss, the inputs x and -x and the label y for both."""
    return Concrete("squared", "shift", [[x], [-x]], [[y], [y]])


def test_a_false_statement_is_refuted() -> None:
    """Without a bias (10/11, 0) is a local minimum with a != 0, and the evaluation says that `vanishing` fails there."""
    (no_bias,) = s.MUTATED["bias"]
    c, setting = line(F(1), F(1)), s.Setting(no_bias)
    it = staged(c, [F(0)], [F(10, 11)], [F(0)], [[F(0)]])
    add(it, REAL, jet(0))
    statement = at_point("vanishing", "theta", "a", "b", "W", setting=setting)
    assert not it.truth(statement)
    it.given[setting.local_minimum_fixed(s.theta, s.a, s.b, s.W)] = True
    around(it, c, ([F(0)], [F(10, 11)], [F(0)], [[F(0)]]))
    assert not it.truth(opened(proof("perturbation").claim(setting), "theta", "a", "b", "W"))


def test_what_is_assumed_without_reason_is_not_decided() -> None:
    c = line(F(1), F(1))
    it = staged(c, [F(0)], [F(0)], [F(0)], [[F(0)]])
    with pytest.raises(Undecided):
        it.truth(at_point("elimination", "theta", "a", "b", "W"))
