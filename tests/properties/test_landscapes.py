"""The landscape layer against direct enumeration: the reduction, the characterisation, attainment, and exact arithmetic."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import arb, ctx, fmpq
from hypothesis import strategies as st

from pgb import objective, problem
from pgb.landscape import certificates
from pgb.landscape.attainment import attainment
from pgb.landscape.boxes.critical import critical_points_in_box
from pgb.landscape.classify import classify
from pgb.landscape.compile import compile_expressions
from pgb.landscape.exponential_sums import zeros
from pgb.landscape.reduction import reduce_at
from pgb.landscape.results import Kind
from pgb.landscape.search import critical_points

from .concrete import SMALL, Concrete, concretes, rational, rows
from .laws import law
from .test_statements import is_optimal, minima, with_point

F = Fraction


def of(v: sympy.Rational) -> Fraction:
    return F(int(v.p), int(v.q))


@st.composite
def lines(draw: Any) -> Concrete:
    """Squared loss, f = t, dx = dy = 1: theta is the labels' mean, and S an exponential sum with several zeros."""
    xs = sorted(draw(st.sets(st.sampled_from([F(-1), F(0), F(1), F(2), F(1, 2)]), min_size=3, max_size=4)))
    return Concrete("squared", "shift", [[x] for x in xs], [[draw(st.sampled_from(SMALL))] for _ in xs])


@law(5, c=lines())
def test_reduction_against_enumeration_in_a_box(c: Concrete) -> None:
    """At b = 0 (free), the critical points of Lt with a = 0 in a box are those of the reduction, and all are saddles."""
    theta = sum((y for (y,) in c.y), F(0)) / c.m
    reduced = reduce_at(c.problem, {"t1": rational(theta)})
    if reduced.kind not in ("saddles", "none"):
        return
    lt = objective.augmented(c.problem)
    held = lt.expression.subs({v: 0 for v in lt.variables if v.name == "aux_b1"})
    variables = [v for v in lt.variables if v.name != "aux_b1"]
    found = critical_points_in_box(held, variables, [(-3, 3), ("-1/4", "1/4"), (-2, 2)], workers=1, boxes=20_000)
    on = [q for q in found.points if abs(float(q.theta["aux_a1"])) < 1e-12]
    got = sorted(float(q.theta["aux_w1_1"]) for q in on)
    expected = (
        sorted(float(w) for (w,) in reduced.outputs[0].w if -2 < float(w) < 2) if reduced.kind == "saddles" else []
    )
    if found.complete:
        assert len(got) == len(expected)
    assert all(min(abs(w - e) for e in expected) < 1e-9 for w in got)
    assert all(abs(float(q.theta["t1"]) - float(theta)) < 1e-9 for q in on)
    assert all(q.index is not None and q.index >= 1 for q in on)


@law(20, c=concretes(losses=("squared", "quartic"), networks=("shift", "linear"), max_dx=1, max_dy=2), data=st.data())
def test_reduction_against_the_gradient_of_lt(c: Concrete, data: Any) -> None:
    """At every w that the reduction returns Lt has no slope in (a, b, W); where it is strict the Hessian falls."""
    theta = [data.draw(st.sampled_from(SMALL)) for _ in c.problem.parameters]
    named = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    found = reduce_at(c.problem, named)
    lt = objective.augmented(c.problem)
    for k, output in enumerate(found.outputs, start=1):
        for (w,), strict in zip(output.w, output.strict, strict=True):
            at = {v: named.get(v.name, sympy.S.Zero) for v in lt.variables} | {
                v: sympy.Rational(w) for v in lt.variables if v.name == f"aux_w{k}_1"
            }
            (a,) = (v for v in lt.variables if v.name == f"aux_a{k}")
            (w_,) = (v for v in lt.variables if v.name == f"aux_w{k}_1")
            slope = sympy.diff(lt.expression, a)
            size = 1 + abs(float(w))
            assert abs(sympy.N(slope.subs(at), 40)) < 1e-10 * size * sympy.exp(abs(sympy.Rational(w)) * 2)
            cross = sympy.N(sympy.diff(slope, w_).subs(at), 40)
            assert (abs(cross) > 1e-12) or not strict
        assert output.strict == tuple(m == 1 for m in output.zeros.multiplicities)  # v is the derivative of S
    # the bound by sign changes, and that nothing is missed on a grid
    for k, output in enumerate(found.outputs):
        terms = [(float(of(c.problem.data.x[g[0]][0])), sum(float(slope_of(c, theta, i, k)) for i in g)) for g in
                 c.problem.data.groups()]  # fmt: skip
        grid = np.linspace(-6, 6, 400)
        values = sum(v * np.exp(x * grid) for x, v in terms)
        crossings = int(np.sum(values[:-1] * values[1:] < 0))
        if output.zeros.complete and not output.everywhere:
            assert crossings <= len(output.w)
            assert len(output.w) <= (output.zeros.sign_changes or 0)


def slope_of(c: Concrete, theta: Any, i: int, k: int) -> Fraction:
    """Return d_k l_i(f(x_i; theta)), by hand."""
    r = c.output(theta, i, k) - c.y[i][k]
    return 2 * r if c.loss == "squared" else 4 * r**3


@law(15, drawn=st.one_of(minima(losses=("squared", "quartic"), max_dx=1), with_point(max_dx=1)), off=st.booleans())
def test_the_reduction_s_kind_is_that_of_l_star(drawn: Any, off: bool) -> None:
    """ "minima" exactly where L(theta) = L*; the slopes by group are those computed by hand."""
    c, theta, *_ = drawn
    if off:  # the last output does not fit, the others as they do
        c = replace(c, y=[[*row[:-1], row[-1] + 1] for row in c.y])
    named = {p.name: rational(v) for p, v in zip(c.problem.parameters, theta, strict=True)}
    found = reduce_at(c.problem, named)
    assert (found.kind == "minima") is is_optimal(c, theta)
    for k, output in enumerate(found.outputs):
        by_hand = [sum((slope_of(c, theta, i, k) for i in g), F(0)) for g in c.problem.data.groups()]
        assert [F(v) for v in output.coefficients] == by_hand


@law(4, drawn=with_point(losses=("squared",), networks=("cubic", "shift"), max_dx=1, max_dy=1, max_samples=2))
def test_characterisation_against_enumeration(drawn: Any) -> None:
    """All critical points of L, all zeros of S over each: those of Lt that are minima are the ones with L = L*, a = 0."""
    c, theta, *_ = drawn
    c = c.fitted(theta, [F(1)])
    star = objective.optimum(c.problem).value
    found = critical_points(c.problem)
    assert found.complete
    assert min(F(p.value) for p in found.points) == F(str(star))
    lt = objective.augmented(c.problem)
    exact = {F(p.theta["t1"]) for p in found.points if F(p.theta["t1"]).denominator < 100}
    assert theta[0] in {round(v * 6) / F(6) for v in (F(p.theta["t1"]) for p in found.points)}
    for t in exact | {theta[0]}:
        reduced = reduce_at(c.problem, {"t1": rational(t)})
        for w in ["0"] if reduced.outputs[0].everywhere else [w for (w,) in reduced.outputs[0].w]:
            seen = classify(lt, c.point([t], [F(0)], [F(1, 3)], [[F(w)]]))
            assert seen.local_minimum is is_optimal(c, [t])
            assert seen.local_minimum is (reduced.kind == "minima")


@law(10, drawn=with_point(losses=("squared",), networks=("cubic", "shift", "linear"), max_dx=1, max_dy=1))
def test_attainment_against_enumeration(drawn: Any) -> None:
    """L* is attained exactly where the least critical value of L is L*."""
    c, *_ = drawn
    star = objective.optimum(c.problem).value
    found, reached = critical_points(c.problem), attainment(c.problem)
    values = [F(p.value) for p in found.points] + [F(q.value) for q in found.components if q.value is not None]
    if found.complete and values and reached.attained is not None:
        close = abs(min(values) - F(str(star))) < F(1, 10**20)
        assert reached.attained is close


@law(20, c=concretes(losses=("squared",), networks=("shift", "linear"), max_dx=1, max_dy=1))
def test_linear_regression_is_what_numpy_finds(c: Concrete) -> None:
    A = np.array([[1.0] if c.network == "shift" else [float(x), 1.0] for (x,) in c.x])
    y = np.array([float(v) for (v,) in c.y])
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    value = float(np.sum((A @ best - y) ** 2)) / c.m
    found = critical_points(c.problem)
    assert found.complete
    shown = [*found.points, *found.components]
    assert len(shown) == 1
    assert abs(float(shown[0].value) - value) < 1e-12
    assert all(p.kind is Kind.LOCAL_MINIMUM and p.index == 0 for p in found.points)


@law(
    30,
    roots=st.lists(st.sampled_from([F(1, 2), F(1), F(2), F(3), F(1, 3)]), min_size=1, max_size=3),
    lead=st.sampled_from(SMALL[1:]),
)
def test_planted_zeros_of_exponential_sums_are_all_found(roots: list[Fraction], lead: Fraction) -> None:
    """prod (e^w - r): the zeros are log r, with their multiplicities."""
    row = [lead]
    for r in roots:
        row = [p - r * q for p, q in zip([F(0), *row], [*row, F(0)], strict=True)]
    found = zeros(row, [F(n) for n in range(len(row))])
    assert found.complete
    assert sum(found.multiplicities) == len(roots)
    expected = sorted((float(r), roots.count(r)) for r in set(roots))
    for (low, high), m, (r, times) in zip(found.intervals, found.multiplicities, expected, strict=True):
        assert float(low) - 1e-12 <= np.log(r) <= float(high) + 1e-12
        assert m == times


@law(25, data=st.data())
def test_planted_inertia_is_certified(data: Any) -> None:
    """The point 0 of sum_i d_i (row_i . z)^2: its type is that of the signs of d (Sylvester); 0 among them is no obstacle."""
    n = data.draw(st.integers(1, 3))
    d = [data.draw(st.sampled_from([1, 2, -1, -3, 0])) for _ in range(n)]
    d[0] = d[0] or 1
    z, forms = triangular(data, n)
    value = sympy.Add(*(rational(F(v)) * f**2 for v, f in zip(d, forms, strict=True)))
    found = classify(
        objective.Objective("Q", z, sympy.expand(value + 5), ""), dict.fromkeys((v.name for v in z), sympy.S.Zero)
    )
    negative, positive = sum(v < 0 for v in d), sum(v > 0 for v in d)
    kind = Kind.LOCAL_MINIMUM if not negative else Kind.LOCAL_MAXIMUM if not positive else Kind.SADDLE
    assert (found.kind, found.index, F(found.value)) == (kind, negative, 5)
    assert found.local_minimum is (negative == 0)
    assert found.strict is (None if kind is Kind.SADDLE else all(d))


def triangular(data: Any, n: int) -> tuple[Any, Any]:
    """Return n variables and n independent linear forms of them."""
    low = rows(data.draw, n, n)
    z = sympy.symbols(f"z1:{n + 1}", real=True)
    return z, [z[i] + sympy.Add(*(rational(low[i][j]) * z[j] for j in range(i))) for i in range(n)]


@law(20, data=st.data())
def test_a_singular_form_is_not_counted(data: Any) -> None:
    """LDL^T of a singular matrix on the whole space is refused: some pivot is 0."""
    n = data.draw(st.integers(2, 3))
    d = [data.draw(st.sampled_from([1, -2])) for _ in range(n - 1)] + [0]
    z, forms = triangular(data, n)
    hessian = sympy.hessian(sympy.Add(*(v * f**2 for v, f in zip(d, forms, strict=True))), z)
    H = [[arb(fmpq(int(v.p), int(v.q))) for v in hessian.row(i)] for i in range(n)]
    identity = [[F(int(i == j)) for j in range(n)] for i in range(n)]
    assert isinstance(certificates.signature(H, identity, 128), certificates.Refused)


@law(30, r=st.integers(2, 50), shift=st.integers(-9, 9), sign=st.sampled_from([1, -1]))
def test_krawczyk_encloses_the_root_or_refuses(r: int, shift: int, sign: int) -> None:
    """x^2 = r from a centre beside the root: a box that holds it gives an enclosure of it, one that does not is refused."""
    x = sympy.Symbol("x", real=True)
    f, J = compile_expressions([x**2 - r], [x]), compile_expressions([2 * x], [x])
    centre = sign * (F(int(r**0.5 * 10**6), 10**6) + F(shift, 10**4))
    found = certificates.krawczyk(f, J, [centre], [F(1, 100)], [[1 / (2 * centre)]], 128)
    assert isinstance(found, certificates.Zero)
    with ctx.workprec(128):
        assert found.enclosure[0].contains(sign * arb(r).sqrt().mid())
    if shift > 1:
        assert isinstance(
            certificates.krawczyk(f, J, [centre], [F(1, 10**5)], [[1 / (2 * centre)]], 128), certificates.Refused
        )
    assert isinstance(certificates.krawczyk(f, J, [centre], [F(30)], [[1 / (2 * centre)]], 128), certificates.Refused)


# -- what is known of a problem -----------------------------------------------------------------------------------------
@law(80, c=concretes(losses=("squared",), networks=("shift", "product")))
def test_the_optimum(c: Concrete) -> None:
    """L* of the squared loss is the mean spread of the labels within groups of equal inputs; the facts, by hand."""
    groups: dict[tuple[Fraction, ...], list[list[Fraction]]] = {}
    for x, y in zip(c.x, c.y, strict=True):
        groups.setdefault(tuple(x), []).append(y)
    spread = F(0)
    for labels in groups.values():
        for column in zip(*labels, strict=True):
            mean = sum(column, F(0)) / len(column)
            spread += sum(((v - mean) ** 2 for v in column), F(0))
    star = objective.optimum(c.problem)
    assert star.value == rational(spread / c.m)
    assert star.attained is True
    assert [len(g) for g in c.problem.data.groups()] == [len(g) for g in groups.values()]
    consistent = all(len({tuple(y) for y in labels}) == 1 for labels in groups.values())
    assert c.problem.hypotheses()["labels_consistent"].holds is consistent


@law(12, c=concretes(losses=("squared", "quartic", "exponential"), max_samples=1), lam=st.sampled_from(SMALL))
def test_the_facts_of_losses_and_of_lambda(c: Concrete, lam: Fraction) -> None:
    facts = replace(c, lam=lam).problem.hypotheses()
    assert facts["loss_convex"].holds is True
    assert facts["loss_differentiable"].holds is True
    if c.loss != "exponential":
        assert facts["loss_nonnegative"].holds is True
    assert facts["lambda_positive"].holds is (lam > 0)
    if c.loss != "squared":
        turned = c.text().replace('formula = "', 'formula = "2 - (').replace('"\n[data]', ')"\n[data]')
        assert problem.loads(turned).hypotheses()["loss_convex"].holds is not True


@law(
    15,
    drawn=st.one_of(with_point(losses=("squared",), max_dx=1), minima(losses=("squared",), max_dx=1)),
    half=st.booleans(),
)
def test_named_points_attain_l_star_only_if_they_do(drawn: Any, half: bool) -> None:
    c, theta, *_ = drawn
    if half and c.m > 1:  # only the last sample does not fit
        c = c.fitted(theta, [F(0)])
        c = replace(c, x=[*c.x[:-1], [c.x[-1][0] + 5]])
        c = replace(c, y=[*c.y[:-1], [c.output(theta, c.m - 1, k) + 1 for k in range(c.dy)]])
    lines_ = [f'{p.name} = "{v}"' for p, v in zip(c.problem.parameters, theta, strict=True)]
    named = replace(c, extra="[points.here]\n" + "\n".join(lines_))
    found = attainment(named.problem, starts=1)
    assert (found.certificate.get("point") == "here") is is_optimal(c, theta)
