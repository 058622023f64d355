"""Exact zeros are found, near misses are told apart, and nothing undefined is called zero."""

from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from pgb.expressions import parse, real_symbol, relu, sigmoid, softplus
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives
from pgb.landscape.exact import Ring, Undecided, closed_form, sign

ZEROS = [
    "sqrt(2)*sqrt(3) - sqrt(6)",
    "sqrt(8) - 2*sqrt(2)",
    "8^(1/3) - 2",
    "12^(1/2)/2 - 3^(1/2)",
    "1/(1 + sqrt(3)) - (sqrt(3) - 1)/2",
    "log(12) - 2*log(2) - log(3)",
    "log(8/27) - 3*log(2/3)",
    "exp(3*log(2)) - 8",
    "exp(log(3)/2) - sqrt(3)",
    "tanh(log(3)/2) - 1/2",
    "tanh(-log(3)/2) + 1/2",
    "sigmoid(-log(2)) - 1/3",
    "sigmoid(-log(3)/2)*(1 + sqrt(3)) - 1",
    "softplus(log(2)) - log(3)",
    "softplus(0) - log(2)",
    "exp(softplus(1)) - 1 - exp(1)",
    "log(1 + exp(2)) - softplus(2)",
    "sigmoid(1) + sigmoid(-1) - 1",
    "tanh(1) - (exp(2) - 1)/(exp(2) + 1)",
    "tanh(1/2) + 1 - 2*sigmoid(1)",
    "1/(1 + exp(1)) + 1/(1 + exp(-1)) - 1",
    "log(exp(1)) - 1",
    "sqrt(exp(2)) - exp(1)",
    "sqrt(1 + sqrt(3))^2 - 1 - sqrt(3)",
    "1/sqrt(1 + sqrt(3)) - sqrt(1 + sqrt(3))/(1 + sqrt(3))",
    "erf(1/3) + erf(-1/3)",
    "cos(2) - cos(-2)",
    "atan(3) + atan(-3)",
    "relu(sqrt(2) - 1) + 1 - sqrt(2)",
    "Abs(1 - pi) + 1 - pi",
    "Piecewise((log(4) - 2*log(2), sqrt(2) < 3/2), (1, True))",
    "(1 + sqrt(2))^7*(sqrt(2) - 1)^7 - 1",
    "((5 + 2*6^(1/2))^(1/2))^2 - 5 - 2*sqrt(2)*sqrt(3)",
]


@pytest.mark.parametrize("text", ZEROS)
def test_zero_is_recognised(text):
    assert sign(parse(text, {}, "t")) == 0


@pytest.mark.parametrize("text", ZEROS)
@pytest.mark.parametrize("shift", [1, -1])
def test_a_tiny_shift_is_told_apart(text, shift):
    assert sign(parse(text, {}, "t") + shift * sympy.Rational(1, 10**60)) == shift


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqrt(2) + sqrt(3) - 22/7 - 1/313", None),
        ("exp(pi*sqrt(163)) - 262537412640768744", -1),
        ("log(2) - 0.693147180559945309417232121458", 1),
        ("3^(1/3) - 1.4422495703", 1),
        ("sin(1)^2 + cos(1)^2 - 1", None),
    ],
)
def test_near_misses(text, expected):
    found = sign(parse(text, {}, "t"))
    assert found in (1, -1) if expected is None and "sin" not in text else found == expected


@pytest.mark.parametrize(
    "e", ["1/(log(4) - 2*log(2))", "log(sqrt(8) - 2*sqrt(2))", "sqrt(1 - sqrt(2))", "(sqrt(8)-2*sqrt(2))^(-1/2)"]
)
def test_what_has_no_value_is_undecided(e):
    x = real_symbol("x")
    shape = {"1": 1 / x, "l": sympy.log(x), "s": sympy.sqrt(x), "(": x ** sympy.Rational(-1, 2)}[e[0]]
    inner = {"1": "log(4)-2*log(2)", "l": "sqrt(8)-2*sqrt(2)", "s": "1-sqrt(2)", "(": "sqrt(8)-2*sqrt(2)"}[e[0]]
    ring = Ring()
    value = closed_form(ring, compile_safe(inner))
    with pytest.raises(Undecided):
        ring.run(compile_expressions([shape], [x]), [value])


def compile_safe(text):
    return parse(text, {}, "t")


def test_a_derivative_at_a_kink_is_undecided():
    x = real_symbol("x")
    ring = Ring()
    zero = closed_form(ring, parse("log(4) - 2*log(2)", {}, "t"))
    with pytest.raises(Undecided, match="kink"):
        ring.run(derivatives(relu(x), [x]).gradient, [zero])


def test_identities_of_functions():
    x, y = real_symbol("x"), real_symbol("y")
    ring = Ring({"x": arb(0, 1), "y": arb(0, 1)})
    X, Y = ring.variable("x"), ring.variable("y")
    zero = [
        softplus(x - y) - softplus(y - x) - x + y,
        sigmoid(x) + sigmoid(-x) - 1,
        sympy.tanh(x * y) + sympy.tanh(-x * y),
        sympy.exp(x + y) - sympy.exp(x) * sympy.exp(y),
        (x + y) ** 3 - x**3 - y**3 - 3 * x * y * (x + y),
        sympy.exp(x - sympy.log(2)) - sympy.exp(x) / 2,
        x / (1 + x**2) + 1 / (2 + 2 * x**2) - (x + sympy.S.Half) / (1 + x**2),
    ]
    for form in ring.run(compile_expressions(zero, [x, y]), [X, Y]):
        assert ring.is_zero(form)
    other = [sympy.tanh(x) - sympy.tanh(y), x - y, softplus(x) - softplus(-x), sympy.exp(x) - sympy.exp(-x)]
    for form in ring.run(compile_expressions(other, [x, y]), [X, Y]):
        assert not ring.is_zero(form)
        assert ring.sign(form) is None


def test_regions_decide_kinks_near_the_point_only():
    x = real_symbol("x")
    program = compile_expressions([relu(x) - x, relu(x)], [x])
    right = Ring({"x": arb(3, 1)})
    a, b = right.run(program, [right.variable("x")])
    assert right.is_zero(a)
    assert not right.is_zero(b)
    left = Ring({"x": arb(-3, 1)})
    assert left.is_zero(left.run(program, [left.variable("x")])[1])
    across = Ring({"x": arb(0, 1)})
    assert not any(across.is_zero(f) for f in across.run(program, [across.variable("x")]))


small = st.fractions(min_value=-4, max_value=4, max_denominator=6)


@settings(max_examples=60, deadline=None)
@given(a=small, b=small, p=st.sampled_from([2, 3, 5, 6]), q=st.sampled_from([2, 3, 10]))
def test_forms_enclose_what_sympy_computes(a, b, p, q):
    """The ball of a normal form contains the value found without it, and products are consistent."""
    A, B = sympy.Rational(a.numerator, a.denominator), sympy.Rational(b.numerator, b.denominator)
    e = (
        sympy.tanh(A * sympy.log(p)) * sympy.sqrt(q)
        + softplus(B) * sigmoid(A)
        - sympy.log(q) * p ** sympy.Rational(1, 3)
    )
    ring = Ring()
    form = closed_form(ring, e)
    (plain,) = compile_expressions([e], []).balls([], 200)
    assert ring.ball(form, 200).overlaps(plain)
    square = ring.mul(form, form)
    assert ring.is_zero(ring.sub(square, ring.power(form, 2)))
    product = ring.mul(ring.add(form, ring.constant(1)), ring.sub(form, ring.constant(1)))
    assert ring.is_zero(ring.sub(product, ring.sub(square, ring.constant(1))))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 400), k=st.integers(2, 5), c=small)
def test_radicals_against_integer_arithmetic(n, k, c):
    """n^(1/k) = c exactly when c >= 0 and c^k = n."""
    wanted = c > 0 and c**k == n
    e = sympy.Integer(n) ** sympy.Rational(1, k) - sympy.Rational(c.numerator, c.denominator)
    assert (sign(e) == 0) == wanted


def test_precision_is_the_balls_own():
    ring = Ring()
    with ctx.workprec(300):
        assert ring.ball(ring.constant(Fraction(1, 3)), 300).contains(fmpq(1, 3))
        assert ring.ball(ring.constant(Fraction(1, 3)), 300).rad() < arb(2) ** -290
