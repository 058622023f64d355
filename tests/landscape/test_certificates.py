"""Krawczyk and inertia accept what is true, and refuse every spoilt hypothesis."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from pgb.expressions import parse, real_symbol
from pgb.landscape import balls, certificates, compare, proposals
from pgb.landscape.certificates import Refused, Signature, Zero
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives, jacobian

X, Y = real_symbol("x"), real_symbol("y")


def system(text_x="x^2 + y^2 - 4", text_y="x - y"):
    exprs = [parse(t, {"x": X, "y": Y}, "t") for t in (text_x, text_y)]
    return compile_expressions(exprs, (X, Y)), jacobian(exprs, (X, Y))


def data(start=("7/5", "3/2"), radius=Fraction(1, 1000)):
    f, J = system()
    centre = proposals.newton(f, J, [Fraction(s) for s in start], 128)
    return f, J, centre, [radius] * 2, proposals.inverse(J, centre, 128)


def test_the_zero_is_enclosed():
    found = certificates.krawczyk(*data(), 128)
    assert isinstance(found, Zero)
    with ctx.workprec(128):
        for ball in found.enclosure:
            assert ball.overlaps(arb(2).sqrt())
            assert ball.rad() < 1e-5


def moved(d):
    return [d[2][0] + Fraction(1, 100), d[2][1]]


@pytest.mark.parametrize(
    ("field", "spoil", "reason"),
    [
        (2, moved, "K inside the box"),
        (3, lambda d: [d[3][0] / 10**60, d[3][1]], "K inside the box"),
        (3, lambda d: [Fraction(0), d[3][1]], "positive radii"),
        (3, lambda d: [-d[3][0], d[3][1]], "positive radii"),
        (3, lambda d: [Fraction(10), Fraction(10)], "K inside the box"),
        (4, lambda d: [[-v for v in row] for row in d[4]], "K inside the box"),
        (4, lambda d: [[Fraction(0)] * 2] * 2, "K inside the box"),
        (2, lambda d: d[2][:1], "of size 2"),
        (4, lambda d: d[4][:1], "of size 2"),
    ],
)
def test_spoilt_krawczyk_data_are_refused(field, spoil, reason):
    d = list(data())
    d[field] = spoil(d)
    found = certificates.krawczyk(*d, 128)
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_another_system_is_refused():
    f, _, *rest = data()
    other = system("x^2 + y^2 - 5")
    assert isinstance(certificates.krawczyk(*other, *rest, 128), Refused)
    assert isinstance(certificates.krawczyk(f, compile_expressions([X, Y], (X, Y)), *rest, 128), Refused)


def test_a_double_zero_is_never_certified():
    f, J = system("x^2", "y")
    for radius in (Fraction(1), Fraction(1, 10**6)):
        for inverse in ([[Fraction(10**6), Fraction(0)], [Fraction(0), Fraction(1)]],):
            assert isinstance(certificates.krawczyk(f, J, [Fraction(0)] * 2, [radius] * 2, inverse, 128), Refused)


def test_a_kink_or_a_pole_in_the_box_is_refused():
    one = [[Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]
    for first in ("Abs(x) + x", "x + log(1 + 1000*x)/1000", "relu(x) + x"):
        f, J = system(first, "y")
        found = certificates.krawczyk(f, J, [Fraction(0)] * 2, [Fraction(1, 10)] * 2, one, 128)
        assert isinstance(found, Refused)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 5), st.integers(0, 10**6))
def test_signature_counts_what_was_put_in(positive, negative, seed):
    """H = Q^T D Q with Q triangular and integer: by Sylvester's law its inertia is that of D."""
    rng = np.random.default_rng(seed)
    n = positive + negative
    Q = np.tril(rng.integers(-3, 4, (n, n)), -1) + np.diag(rng.integers(1, 3, n))
    D = np.diag([int(v) for v in [*rng.integers(1, 9, positive), *(-rng.integers(1, 9, negative))]])
    H = [[arb(int(v)) for v in row] for row in Q.T @ D @ Q]
    _, vectors = proposals.eigenbasis(H, 200)
    assert certificates.signature(H, vectors, 200) == Signature(negative, positive)


def test_singular_and_uncertain_matrices_are_refused():
    identity = [[Fraction(int(i == j)) for j in range(2)] for i in range(2)]
    flat = [[arb(1), arb(1)], [arb(1), arb(1)]]
    assert isinstance(certificates.signature(flat, identity, 100), Refused)
    assert certificates.signature(flat, [[Fraction(1)], [Fraction(1)]], 100) == Signature(0, 1)
    wide = [[arb(1, 2), arb(0)], [arb(0), arb(1)]]
    assert isinstance(certificates.signature(wide, identity, 100), Refused)
    for bad in (arb("nan"), arb("inf"), arb(0, "inf")):
        found = certificates.signature([[bad, arb(0)], [arb(0), arb(1)]], identity, 100)
        assert isinstance(found, Refused)
        assert "finite" in found.reason
    assert isinstance(certificates.signature(flat, [[Fraction(1)]], 100), Refused)
    dependent = [[Fraction(1), Fraction(2)], [Fraction(1), Fraction(2)]]
    assert isinstance(certificates.signature([[arb(1), arb(0)], [arb(0), arb(2)]], dependent, 100), Refused)


def test_a_small_eigenvalue_is_told_from_zero():
    tiny = sympy.Rational(1, 10**40)
    d = derivatives(X**2 + X * Y + (sympy.Rational(1, 4) + tiny) * Y**2, (X, Y))
    flat = d.hessian.balls([arb(0), arb(0)], 300)
    H = [flat[:2], flat[2:]]
    values, vectors = proposals.eigenbasis(H, 300)
    assert 0 < values[0] < 1e-39
    assert certificates.signature(H, vectors, 300) == Signature(0, 2)


def test_independence_needs_a_minor_that_excludes_zero():
    columns = [[arb(1), arb(2)], [arb(2), arb(4)], [arb(0), arb(1)]]
    assert certificates.independent(columns, [0, 2], 60)
    assert not certificates.independent(columns, [0, 1], 60)
    assert not certificates.independent(columns, [0, 0], 60)
    assert not certificates.independent(columns, [], 60)
    assert not certificates.independent([[arb("nan")]], [0], 60)


@pytest.mark.parametrize(("ball", "sign"), [("nan", None), ("inf", None), ("0", 0), ("1", 1), ("-1", -1)])
def test_signs_of_balls(ball, sign):
    assert certificates.sign(arb(ball)) == sign
    assert certificates.sign(arb(0, 1)) is None


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ("log(2)", "7/10", -1),
        ("sqrt(2)*sqrt(3)", "sqrt(6)", 0),
        ("exp(pi*sqrt(163))", "262537412640768744", -1),
        ("tanh(log(3)/2)", "1/2", 0),
        ("1 + 1/10^60", "1", 1),
    ],
)
def test_comparison(a, b, order):
    a, b = parse(a, {}, "t"), parse(b, {}, "t")
    assert compare.compare(a, b) == order
    assert compare.compare(b, a) == -order


def test_digits_are_correctly_rounded():
    assert compare.value(sympy.pi, {}, 20) == "3.1415926535897932385"
    assert compare.value(X, {"x": sympy.Rational(2, 3)}, 5) == "0.66667"
    assert compare.value(X, {"x": sympy.Rational(25, 10)}, 1) == "2"  # a tie goes to the even digit
    assert compare.value(sympy.log(X), {"x": sympy.Integer(1)}, 5) == "0"
    with ctx.workprec(100):
        assert compare.of_ball(balls.exact(Fraction(1, 3)), 10) == "0.3333333333"
        assert compare.of_ball(arb(1, 1), 3) is None
        assert compare.of_ball(arb("nan"), 3) is None
