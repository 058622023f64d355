"""Facts about losses: True and False are always right, and None appears only where this file says so."""

from __future__ import annotations

import itertools
import random
import re
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pgb.expressions import parse, real_symbol, relu
from pgb.problem import loads
from pgb.problem.balls import enclose, sign
from pgb.problem.facts import convex, curvature, differentiable, nonnegative, value_range
from pgb.problem.pieces import polynomial_sign, taken_apart
from pgb.problem.sizes import terms

Q = tuple(real_symbol(f"q{k}") for k in (1, 2, 3))
q1, q2, q3 = Q
HUBER = "Piecewise((q1^2/2, Abs(q1) <= 1), (Abs(q1) - 1/2, True))"

# formula, outputs, then the truth: differentiable, twice (continuously), convex, non-negative. A "?" after a truth
# says that None is an acceptable answer too.
CORPUS = [
    ("(q1 - 3)^2", 1, "T T T T"),
    ("Abs(q1 - 3)", 1, "F F T T"),
    (HUBER, 1, "T F T T"),
    (HUBER.replace("<=", "<"), 1, "T F T T"),
    ("Piecewise((q1^2/2, Abs(q1) <= 1), (Abs(q1), True))", 1, "F F F T"),
    ("Piecewise((1/2 - q1, q1 <= 0), ((1 - q1)^2/2, q1 < 1), (0, True))", 1, "T F T T"),  # smooth hinge of Rennie
    ("relu(1 - q1)", 1, "F F T T"),
    ("relu(1 - q1)^2", 1, "T F T T"),
    ("relu(1 - q1)^3", 1, "T T T T"),
    ("relu(q1)^(3/2)", 1, "T F? T T"),
    ("exp(-q1)", 1, "T T T T"),
    ("exp(q1)", 1, "T T T T"),
    ("exp(q1) - q1", 1, "T T T T"),  # Poisson losses exp(q) - y q
    ("exp(q1) - 2*q1", 1, "T T T T"),
    ("exp(q1) - 27/10*q1", 1, "T T T T"),
    ("exp(q1) - 272/100*q1", 1, "T T T F"),
    ("exp(q1) - 3*q1", 1, "T T T F"),
    ("exp(q1) - q1 - 1", 1, "T T T T"),  # linex
    ("log(exp(q1 - 1) + exp(1 - q1)) - log(2)", 1, "T T T T"),  # log-cosh
    ("softplus(2*q1) - q1 - log(2)", 1, "T T T T"),
    ("softplus(2*q1) - q1 - 7/10", 1, "T T T F?"),
    ("softplus(-q1)", 1, "T T T T"),
    ("softplus(q1) - q1", 1, "T T T T"),
    ("softplus(q1) - q1/3", 1, "T T T T"),
    ("softplus(q1) - 2*q1", 1, "T T T F"),
    ("3*softplus(-q1) + 2*softplus(q1)", 1, "T T T T"),
    ("-log(sigmoid(q1))", 1, "T T T T"),
    ("-1/3*log(sigmoid(q1)) - 2/3*log(1 - sigmoid(q1))", 1, "T T T T"),
    ("sqrt(1 + q1^2) - 1", 1, "T T T T"),
    ("sqrt(q1^2)", 1, "F F T T"),
    ("log(1 + q1^2)", 1, "T T F T"),  # Cauchy
    ("1 - exp(-q1^2)", 1, "T T F T"),  # Welsch
    ("q1^2/(1 + q1^2)", 1, "T T F T"),  # Geman-McClure
    ("Piecewise((1 - (1 - q1^2)^3, Abs(q1) < 1), (1, True))", 1, "T T F T"),  # Tukey's biweight
    ("(sigmoid(q1) - 1)^2", 1, "T T F T"),
    ("1 - sigmoid(q1)", 1, "T T F T"),
    ("(q1^2 - 1)^2", 1, "T T F T"),
    ("(q1^2 - 1)^2 - q1/8", 1, "T T F F"),
    ("Max(q1/3, -2*q1/3)", 1, "F F T T"),  # pinball
    ("Max(0, q1 - 1, -q1 - 1)", 1, "F F T T"),
    ("Max(0, Abs(q1) - 1)^2", 1, "T F T T"),
    ("Min(q1^2, 1)", 1, "F F F T"),
    ("relu(q1) - relu(q1)*exp(q1)", 1, "T F F F"),  # kinks that cancel
    ("relu(q1) + 1 - exp(relu(q1))", 1, "T F F F"),
    ("relu(q1) - relu(-q1)", 1, "T T T F"),
    ("relu(q1) - relu(-q1) - q1", 1, "T T T T"),
    ("relu(q1 - sin(1)^2 - cos(1)^2) - relu(q1 - 1)", 1, "T? T? T? T?"),  # identically zero, not seen to be
    ("Abs(q1) - 2*relu(q1)", 1, "T T T F"),
    ("Abs(q1) - relu(q1)", 1, "F F T T"),
    ("log(1/2 + exp(q1))", 1, "T T T F"),
    ("exp(-q1^2)", 1, "T T F T"),
    ("softplus(1 - q1^2)", 1, "T T F T"),
    ("relu(1 - q1^2)", 1, "F F F T"),
    ("Abs(1 - q1^2)", 1, "F F F T"),
    ("log(exp(2*q1) - exp(q1) + 1)", 1, "T? T? F F"),
    ("Piecewise((q1^2, q1 < 0), (-1, q1 <= 0), (q1^2, True))", 1, "F F F F"),
    ("Piecewise((q1^2, q1 < 0), (1, q1 <= 0), (q1^2, True))", 1, "F F F T"),
    ("Abs(q1)*q1", 1, "T F F F"),
    ("Abs(q1)^3", 1, "T T T T"),
    ("q1*relu(q1)", 1, "T F T T"),
    ("elu(q1)", 1, "T F T F"),
    ("leaky_relu(q1)", 1, "F F T F"),
    ("leaky_relu(q1)^2", 1, "T F T T"),
    ("step(q1)", 1, "F F F T"),
    ("tanh(q1)^2", 1, "T T F T"),
    ("sin(q1)^2", 1, "T T F T"),
    ("q1^4 - q1^2", 1, "T T F F"),
    ("q1^4 - 4*q1 + 3", 1, "T T T T"),
    ("q1^4 - 4*q1 + 2", 1, "T T T F"),
    ("q1^64 - q1 + 1", 1, "T T T T"),
    ("q1^3", 1, "T T F F"),
    ("0*q1 + 5", 1, "T T T T"),
    ("-1/1000", 1, "T T T F"),
    ("(q1 - 1)^2 + 2*(q2 - 2)^2", 2, "T T T T"),
    ("Abs(q1 - 1) + Abs(q2 - 2)", 2, "F F T T"),
    ("sqrt(q1^2 + q2^2)", 2, "F F T T"),
    ("sqrt(1 + q1^2 + q2^2) - 1", 2, "T T T T"),
    ("q1*q2", 2, "T T F F"),
    ("(q1*q2 - 1)^2", 2, "T T F T"),
    ("q1^2 + q2^2 - q1*q2", 2, "T T T T"),
    ("q1^2 + q2^2 - 3*q1*q2", 2, "T T F F"),
    ("q1^2 - 2*q1*q2 + q2^2", 2, "T T T T"),
    ("exp(q1) - q1 + exp(q2) - 2*q2", 2, "T T T T"),
    ("Abs(q1 - q2) - Abs(q2 - q1)", 2, "T T T T"),
    ("relu(q1 - q2) - relu(q2 - q1)", 2, "T T T F"),
    (HUBER.replace("q1", "(q1 - q2)"), 2, "T F T T"),
    (HUBER + " + " + HUBER.replace("q1", "q2"), 2, "T F T T"),
    (HUBER.replace("q1", "(q1 - q2)") + " + q1^2", 2, "T F T T"),
    ("relu(1 + q2 - q1)", 2, "F F T T"),
    ("relu(1 + q2 - q1)*relu(1 + q1 - q2)", 2, "F? F? F T"),
    ("relu(1 + Max(q2, q3) - q1)", 3, "F F T T"),  # Crammer and Singer
    ("relu(1 + q2 - q1) + relu(1 + q3 - q1)", 3, "F F T T"),  # Weston and Watkins
    ("relu(1 + q2 - q1)^2 + relu(1 + q3 - q1)^2", 3, "T F T T"),
    ("log(exp(q1) + exp(q2) + exp(q3)) - q1", 3, "T T T T"),
    ("2*log(exp(q1) + exp(q2) + exp(q3)) - 2*q1", 3, "T T T T"),
    ("log(exp(q1) + exp(q2) + exp(q3)) - q1/2 - q2/2", 3, "T T T T?"),
    ("Max(q1, q2, q3) - q1", 3, "F F T T?"),
    ("exp(q1 - q2) + exp(q2 - q3) + exp(q3 - q1) - 3", 3, "T T T T"),
]  # fmt: skip
FACTS = ("differentiable", "twice differentiable", "convex", "non-negative")


def facts_of(e: sympy.Expr, q: tuple[sympy.Symbol, ...]) -> list[bool | None]:
    found = [differentiable(e, q), differentiable(e, q, 2), convex(e, q), nonnegative(e, q)]
    assert all(f.reason and "\n" not in f.reason for f in found)
    return [f.holds for f in found]


@pytest.mark.parametrize(("formula", "outputs", "truths"), CORPUS, ids=[c[0][:40] for c in CORPUS])
def test_known_losses(formula: str, outputs: int, truths: str) -> None:
    e = parse(formula, {q.name: q for q in Q}, "loss.formula")
    for name, truth, found in zip(FACTS, truths.split(), facts_of(e, Q[:outputs]), strict=True):
        if found is None:
            assert truth.endswith("?"), f"{formula} is not known to be {name}"
        else:
            assert found is (truth[0] == "T"), f"{formula} is said to be {name}: {found}"


@pytest.mark.parametrize(
    "formula",
    ["1/q1", "log(q1)", "sqrt(q1)", "q1^(1/3)", "log(q1 - q1^2)", "1/(q1^2 - 2)", "1/sin(q1)", "step(q1)^2 - step(q1)"],
)
def test_what_has_no_value_somewhere_is_never_called_smooth_convex_or_non_negative(formula: str) -> None:
    e = parse(formula, {"q1": q1}, "f")
    assert True not in facts_of(e, (q1,))


# -- soundness by random functions ----------------------------------------------------------------------------------
ATOMS = ["q1", "q1 - 1", "2*q1 + 1/2", "-q1", "q1^2", "1/3", "-2", "q1/2 - 3/2"]
SHAPES = [
    "relu({})", "Abs({})", "exp({})", "softplus({})", "-({})", "({})^2", "({})^3", "sigmoid({})", "tanh({})", "({}) + ({})",
    "({}) - ({})", "({})*({})", "Max({}, {})", "Min({}, {})", "Piecewise(({}, q1 < 1), ({}, True))", "log(1 + ({})^2)",
    "sqrt(1 + ({})^2)", "relu({})^2", "2*({})", "log(exp({}) + exp({}))", "leaky_relu({})", "elu({})",
]  # fmt: skip


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(SHAPES), inner, inner).map(lambda t: t[0].format(t[1], t[2]))


random_losses = st.recursive(st.sampled_from(ATOMS), grown, max_leaves=5)


def numeric(e: sympy.Expr, q: tuple[sympy.Symbol, ...]) -> Any:
    names = {"relu": lambda u: np.maximum(u, 0), "sigmoid": lambda u: 1 / (1 + np.exp(-u))}
    names |= {"softplus": lambda u: np.logaddexp(0, u), "step": lambda u: np.where(u > 0, 1.0, 0.0)}
    return sympy.lambdify(q, e, [names, "numpy"])


@given(random_losses, st.integers(0, 2**32 - 1))
def test_claims_about_random_losses_are_never_refuted(formula: str, seed: int) -> None:
    e = parse(formula, {"q1": q1}, "f")
    smooth, twice, bowl, positive = facts_of(e, (q1,))
    rng = np.random.default_rng(seed)
    at = np.concatenate([rng.normal(size=300) * 3, np.linspace(-4, 4, 65)])
    f = numeric(e, (q1,))
    with np.errstate(all="ignore"):
        a, b = at, rng.permutation(at)
        fa, fb, fm = (np.broadcast_to(np.asarray(f(v), float), v.shape) for v in (a, b, (a + b) / 2))
        good = np.isfinite(fa) & np.isfinite(fb) & np.isfinite(fm)
        size = 1e-9 * (1 + abs(fa) + abs(fb) + abs(fm))
        if bowl:
            assert (fm <= (fa + fb) / 2 + size)[good].all()
        if positive:
            assert (fa >= -size)[good].all()
        h = 1e-6
        slopes = [(np.asarray(f(at + s * h), float) - np.asarray(f(at), float)) / (s * h) for s in (1, -1)]
        jump = abs(np.broadcast_to(slopes[0] - slopes[1], at.shape))
        scale = 1 + abs(fa) + sum(abs(np.broadcast_to(s, at.shape)) for s in slopes)
        tame = np.isfinite(jump) & (scale < 1e3)
        if smooth:
            assert (jump <= 1e-2 * scale)[tame].all(), "a kink"
    if twice:
        assert smooth is True


@given(random_losses)
def test_a_refutation_names_a_real_witness(formula: str) -> None:
    e = parse(formula, {"q1": q1}, "f")
    found = convex(e, (q1,))
    points = [sympy.Rational(v) for v in re.findall(r"\(q1 = (-?[\d/]+)", found.reason)]
    if found.holds is False and len(points) == 2:
        a, b = points
        gap = (e.subs(q1, a) + e.subs(q1, b)) / 2 - e.subs(q1, (a + b) / 2)
        assert sympy.N(gap, 30) < 0
    found = nonnegative(e, (q1,))
    points = [sympy.Rational(v) for v in re.findall(r"\(q1 = (-?[\d/]+)", found.reason)]
    if found.holds is False and points:
        assert sympy.N(e.subs(q1, points[0]), 30) < 0


# -- the parts ------------------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(st.fractions(-4, 4, max_denominator=5), st.integers(1, 3)), max_size=5), st.booleans())
def test_signs_of_polynomials_with_planted_roots(roots: list[tuple[Fraction, int]], complex_pair: bool) -> None:
    p = sympy.Integer(1)
    for r, n in roots:
        p *= (q1 - sympy.Rational(r)) ** n
    if complex_pair:
        p *= q1**2 + q1 + 1
    merged: dict[Fraction, int] = {}
    for r, n in roots:
        merged[r] = merged.get(r, 0) + n
    assert polynomial_sign(sympy.Poly(p, q1)) is all(n % 2 == 0 for n in merged.values())
    least = max(merged, default=Fraction(0))
    assert polynomial_sign(sympy.Poly(p, q1), sympy.Rational(least), None) is True
    assert polynomial_sign(sympy.Poly(-p, q1), sympy.Rational(least), None) is False


def test_pieces_cover_the_line_and_agree_with_the_function() -> None:
    e = parse("Max(Abs(q1 - 1) - 2, relu(q1)*q1 - 1/4, Piecewise((q1, q1 < -5), (1, True)))", {"q1": q1}, "f")
    assert taken_apart(e, q1) is None  # a switch at an irrational point
    e = parse("Max(Abs(q1 - 1) - 2, 2*relu(q1) - 1/4) + Piecewise((q1, q1 < -5), (1, True))", {"q1": q1}, "f")
    pieces = taken_apart(e, q1)
    assert pieces is not None
    ends = [pieces.parts[0].low, *(p.high for p in pieces.parts)]
    assert ends[0] is None
    assert ends[-1] is None
    assert all(p.high == r.low for p, r in itertools.pairwise(pieces.parts))
    for k in range(-90, 90):
        at = sympy.Rational(2 * k + 1, 14)
        piece = next(p for p in pieces.parts if (p.low is None or p.low < at) and (p.high is None or at < p.high))
        assert piece.expression.subs(q1, at) == e.subs(q1, at)


@given(random_losses, st.fractions(-3, 3, max_denominator=9))
def test_balls_hold_the_values_that_mpmath_finds(formula: str, at: Fraction) -> None:
    e = parse(formula, {"q1": q1}, "f").subs(q1, sympy.Rational(at))
    ball, value = enclose(e, 200), sympy.N(e, 40)
    if ball is not None and value.is_Float:
        assert abs(float(ball.mid()) - float(value)) <= 1e-12 * (1 + abs(float(value)))
        assert float(ball.rad()) < 1e-30 * (1 + abs(float(value)))
    side = sign(e)
    if side:
        assert side * value > 0


def test_a_sign_is_zero_only_where_it_is() -> None:
    assert sign(sympy.sqrt(2) * sympy.sqrt(3) - sympy.sqrt(6)) == 0
    assert sign((1 + sympy.sqrt(2)) ** 2 - 3 - 2 * sympy.sqrt(2)) == 0
    assert sign(sympy.sin(1) ** 2 + sympy.cos(1) ** 2 - 1) is None
    assert sign(sympy.exp(1) - sympy.Rational(2718281828459045235360287471352662497, 10**36)) == 1
    assert sign(sympy.sqrt(-2)) is None
    assert sign(sympy.log(-2)) is None
    assert sign(q1) is None
    assert enclose(sympy.zoo) is None
    assert enclose(sympy.nan) is None


@given(random_losses)
def test_ranges_hold_every_value(formula: str) -> None:
    e = parse(formula, {"q1": q1}, "f")
    r = value_range(e)
    for k in range(-12, 13):
        value = sympy.N(e.subs(q1, sympy.Rational(k, 3)), 25)
        if value.is_Float or value.is_Integer:
            slack = sympy.Float("1e-20", 30)
            assert r.low is None or value > r.low - slack
            assert r.high is None or value < r.high + slack
            assert not r.positive or value > 0


@given(random_losses)
def test_the_bound_of_the_number_of_terms_holds(formula: str) -> None:
    e = parse(formula, {"q1": q1}, "f")
    if terms(e) < 500:
        assert len(sympy.Add.make_args(sympy.expand(e, deep=False, log=False))) <= terms(e)


def test_curvature_of_random_quadratic_forms_is_that_of_their_eigenvalues() -> None:
    rng = random.Random(5)
    seen = set()
    for _ in range(200):
        n = rng.choice((2, 3))
        A = np.array([[rng.randint(-2, 2) for _ in range(n)] for _ in range(n)])
        if rng.random() < 0.5:
            A = A @ A.T * rng.choice((1, -1))  # a singular one now and then
        A = A + A.T
        e = sum(int(A[i, j]) * Q[i] * Q[j] for i in range(n) for j in range(n)) + Q[0]
        e = sympy.expand(e)
        eigenvalues = np.linalg.eigvalsh(A)
        truth = 0 if not A.any() else 1 if eigenvalues[0] > -1e-9 else -1 if eigenvalues[-1] < 1e-9 else None
        assert curvature(e, Q[:n]) == truth
        seen.add(truth)
        if truth is None or truth == -1:
            assert convex(e, Q[:n]).holds in (False, None)
    assert {1, -1, None} <= seen


# -- the built-in losses --------------------------------------------------------------------------------------------
HEAD = '[network]\nkind = "linear"\nlayers = [1, {dy}]\n[loss]\nname = "{name}"\nscale = "{scale}"\n[data]\nx = [["1"], ["2"]]\ny = {y}\n'
BUILT_IN = [
    ("squared", 1, "[[1], [-2]]", "T T T T"),
    ("squared", 2, "[[1, 2], [-2, 0]]", "T T T T"),
    ("absolute", 1, "[[1], [-2]]", "F F T T"),
    ("absolute", 3, "[[1, 0, 1], [-2, 0, 4]]", "F F T T"),
    ("logistic", 1, "[[1], [-1]]", "T T T T"),
    ("smooth_hinge", 1, "[[1], [-1]]", "T T T T"),
    ("cross_entropy", 2, "[[0], [1]]", "T T T T"),
    ("cross_entropy", 3, "[[2], [0]]", "T T T T"),
    ("cross_entropy", 3, '[["1/2", "1/4", "1/4"], [0, 0, 1]]', "T T T T"),
]


@pytest.mark.parametrize(("name", "dy", "y", "truths"), BUILT_IN)
@pytest.mark.parametrize("scale", ["1", "1/2", "3"])
def test_every_built_in_loss_derives_its_facts(name: str, dy: int, y: str, truths: str, scale: str) -> None:
    facts = loads(HEAD.format(name=name, dy=dy, y=y, scale=scale)).loss_facts()
    found = [facts.differentiable, facts.twice_differentiable, facts.convex, facts.nonnegative]
    assert [f.holds for f in found] == [t == "T" for t in truths.split()]
    assert all(isinstance(f.holds, bool) for f in found)


def test_the_facts_of_a_problem_are_the_weakest_over_its_samples() -> None:
    text = HEAD.format(name="formula", dy=1, y='[["1"], ["-1"]]', scale=1).replace(
        "[data]", 'formula = "y1*q1^2"\n[data]'
    )
    facts = loads(text).loss_facts()
    assert facts.convex.holds is False
    assert facts.nonnegative.holds is False
    assert facts.differentiable.holds is True


def test_hypotheses_are_plain_truth_values() -> None:
    p = loads(HEAD.format(name="squared", dy=1, y="[[1], [2]]", scale=1))
    found = p.hypotheses()
    assert set(found) == {
        "loss_differentiable", "loss_convex", "loss_nonnegative", "lambda_positive", "exp_neuron", "bias", "labels_consistent",
        "f_differentiable", "unbounded_domain",
    }  # fmt: skip
    assert all(f.holds is True for f in found.values())


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        ("u*tanh(theta*x1)", True),
        ("theta^3 - x1*theta", True),
        ("theta/(1 + theta^2) + log(1 + exp(u)) + u*sqrt(x1)", True),
        ("theta^3/x1 + u", True),
        ("relu(theta)^2 + u", True),
        ("relu(theta) + u", None),
        ("sqrt(theta) + u", None),
        ("log(theta) + u", None),
        ("u/theta", None),
        ("theta^(1/3) + u", None),
        ("Abs(theta)*u", None),
    ],
)
def test_a_network_is_called_differentiable_only_where_it_is(formula: str, holds: bool | None) -> None:
    text = HEAD.format(name="squared", dy=1, y="[[1], [2]]", scale=1).replace(
        'kind = "linear"\nlayers = [1, 1]', f'kind = "formula"\nformula = ["{formula}"]\nparameters = ["theta", "u"]'
    )
    assert loads(text).hypotheses()["f_differentiable"].holds is holds


def test_relu_of_a_number_is_the_number() -> None:
    assert relu(sympy.Integer(2)) == 2


LARGE = ["(q1 + q2 + q3 + 1)^64", "relu((q1 + q2 + q3 + 1)^64) + Abs(q1)", "((q1 + 1)^16 - q2)^16", "(q1^32 + q1 + 1)^8 + q1",
         "(q1 - 1/3)^256", "exp((q1 + q2 + q3)^64)", "(q1*q2*q3 + 1)^80*relu(q1)", "sqrt(1 + (q1 + q2 + q3)^64)",
         "+".join(f"relu(q1 - {k})" for k in range(100)), "+".join(f"Abs(q1 - {k})*q1^{k}" for k in range(20)),
         "relu(" * 10 + "q1" + " - 1/2)" * 10, "*".join(f"Abs(q1 - {k})" for k in range(12)), "relu(q1^64 - q1 - 3)^2"]  # fmt: skip


@pytest.mark.parametrize("formula", LARGE, ids=range(len(LARGE)))
def test_large_losses_are_decided_or_given_up_at_once(formula: str) -> None:
    e = parse(formula, {q.name: q for q in Q}, "f")
    begin = time.process_time()
    facts_of(e, Q if e.has(q2) else (q1,))
    assert time.process_time() - begin < 8
