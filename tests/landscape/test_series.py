"""One-sided Taylor expansions agree with sympy's series, and take the right side at kinks."""

import pytest
import sympy

from pgb.expressions import parse, real_symbol, sigmoid, softplus
from pgb.landscape.compile import compile_expressions
from pgb.landscape.exact import Ring, Undecided, closed_form
from pgb.landscape.series import Expansion

T, X, Y = real_symbol("t"), real_symbol("x"), real_symbol("y")
ORDER = 5


def expanded(text, x, y):
    """Return the coefficients along x(t), y(t), polynomials in t."""
    ring = Ring()
    expansion = Expansion(ring, ORDER)
    curve = [[closed_form(ring, sympy.Poly(p, T).coeff_monomial(T**k)) for k in range(ORDER + 1)] for p in (x, y)]
    program = compile_expressions([parse(text, {"x": X, "y": Y}, "t")], [X, Y])
    (series,) = expansion.run(program, curve)
    return ring, series


@pytest.mark.parametrize(
    "text",
    [
        "x^3*y - y^2/3",
        "exp(x*y)",
        "log(2 + x + y^2)",
        "tanh(x - y)^2",
        "sigmoid(3*x)*y",
        "softplus(x)/(1 + y^2)",
        "erf(x + y)",
        "atan(x)*sin(y) + cos(x*y)",
        "sqrt(4 + x)*(9 + y)^(1/3)",
        "1/(1 + x)^2",
    ],
)
def test_smooth_series(text):
    x, y = T - 2 * T**2, sympy.Rational(1, 2) + 3 * T
    ring, series = expanded(text, x, y)
    e = parse(text, {"x": X, "y": Y}, "t").subs({X: x, Y: y})
    e = e.replace(sigmoid, lambda u: 1 / (1 + sympy.exp(-u))).replace(softplus, lambda u: sympy.log(1 + sympy.exp(u)))
    for k, c in enumerate(series):
        wanted = sympy.diff(e, T, k).subs(T, 0) / sympy.factorial(k)
        assert abs(float(ring.ball(c, 120).mid()) - float(wanted.evalf(30))) < 1e-12 * (
            1 + abs(float(wanted.evalf(30)))
        )


@pytest.mark.parametrize(
    ("text", "x", "first"),
    [
        ("relu(x)", T, [0, 1]),
        ("relu(x)", -T, [0, 0]),
        ("Abs(x)", -3 * T, [0, 3]),
        ("relu(x)", T**2 - T**3, [0, 0, 1, -1]),
        ("relu(x)", -(T**2) + T**3, [0, 0, 0, 0]),
        ("Abs(x)*x", -T, [0, 0, -1]),
        ("Piecewise((x, x > 0), (5*x, True))", -T, [0, -5]),
        ("Piecewise((x, x > 0), (5*x, True))", T, [0, 1]),
        ("step(x)", T, [1, 0]),
        ("step(x)", -T, [0, 0]),
    ],
)
def test_kinks_take_the_side_of_the_curve(text, x, first):
    ring, series = expanded(text, x, sympy.S.Zero * T)
    assert [ring.rational(c) for c in series[: len(first)]] == first


@pytest.mark.parametrize("text", ["step(x)", "1/x", "log(x)", "sqrt(x)", "Piecewise((1, x > 0), (2, True))"])
def test_what_has_no_expansion_is_undecided(text):
    with pytest.raises(Undecided):
        expanded(text, sympy.S.Zero * T, sympy.S.Zero * T)
