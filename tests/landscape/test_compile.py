"""Programs agree with sympy, their derivatives with sympy's, and balls contain what they must."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx, fmpq

from pgb.errors import InputError
from pgb.expressions import parse, real_symbol, relu, sigmoid, softplus, step
from pgb.landscape.balls import NoEnclosure, around
from pgb.landscape.compile import Op, compile_expressions
from pgb.landscape.derivatives import derivatives, jacobian

X, Y, Z = (real_symbol(n) for n in "xyz")
V = (X, Y, Z)
SMOOTH = [
    "x*y*z - 3*x^3/7 + pi*y^2 - 1/3",
    "tanh(x*y + z)^2/(1 + x^2)",
    "z*sigmoid(2*x - y) + softplus(-x*z)",
    "1/(1 + exp(-(x*y - z)))",
    "log(exp(x) + exp(y) + exp(2*z)) - x",
    "log(1 + exp(-y*x))/(2 + sin(x)*cos(z))",
    "erf(x - y)*atan(z)",
    "sqrt(2 + x^2) + (3 + y^2)^(2/3) + (1 + z^2)^(-1/3)",
    "exp(-x^2/2)*y^5",
    "relu(x + 10)*Abs(y - 20) - Max(x, y + 30, z)",
    "Piecewise((x^2*y, x > y + 15), (x*z + y, True))",
]


def at(expression, values):
    return sympy.N(expression.subs(dict(zip(V, values, strict=True))), 40)


@pytest.mark.parametrize("text", SMOOTH)
def test_value_gradient_hessian_agree_with_sympy(text):
    e = parse(text, {"x": X, "y": Y, "z": Z}, "test")
    d = derivatives(e, V)
    wanted = [e, *(sympy.diff(e, v) for v in V), *(sympy.diff(e, v, w) for v in V for w in V)]
    # Dirac's delta is how sympy writes that the second derivative of a kink is 0 elsewhere
    wanted = [w.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero) for w in wanted]
    rng = np.random.default_rng(1)
    for _ in range(3):
        values = [sympy.Rational(int(rng.integers(-300, 300)), 100) for _ in V]
        with ctx.workprec(200):
            point = [arb(fmpq(int(v.p), int(v.q))) for v in values]
        balls = d.together.balls(point, 200, smooth=True)
        floats = d.together.numpy(np.array([[float(v)] for v in values]))[:, 0]
        assert len(balls) == 13
        for w, ball, number in zip(wanted, balls, floats, strict=True):
            true = at(w, values)
            assert abs(float(ball.mid()) - float(true)) <= 1e-12 * (1 + abs(float(true)))
            assert float(ball.rad()) < 1e-40 * (1 + abs(float(true)))
            assert abs(number - float(true)) <= 1e-10 * (1 + abs(float(true)))


@pytest.mark.parametrize("text", [*SMOOTH, "relu(x - y)*z", "Abs(x)*step(y)", "Piecewise((x, y < z), (2*x + z, True))"])
def test_wide_balls_contain_sampled_values(text):
    e = parse(text, {"x": X, "y": Y, "z": Z}, "test")
    program = derivatives(e, V).together.pick([0])
    rng = np.random.default_rng(2)
    for radius in (Fraction(1, 100), Fraction(1), Fraction(50)):
        centre = [Fraction(int(rng.integers(-20, 20)), 10) for _ in V]
        try:
            (ball,) = program.balls([around(c, radius) for c in centre], 80)
        except NoEnclosure:
            assert radius == 50  # a denominator's enclosure reached 0, which is refused, not guessed
            continue
        shifts = rng.uniform(-1, 1, (3, 200)) * float(radius)
        points = np.array([[float(c)] for c in centre]) + shifts
        values = program.numpy(points)[0]
        low, high = float(ball.lower()), float(ball.upper())
        slack = 1e-9 * (1 + np.abs(values))
        assert np.all(values >= low - slack)
        assert np.all(values <= high + slack)


def test_subexpressions_are_shared_across_outputs():
    e = sympy.tanh(X * Y + Z)
    p = compile_expressions([e, e**2, e * X], V)
    assert [i.op for i in p.code].count(Op.TANH) == 1
    assert p.numpy(np.ones((3, 2))).shape == (3, 2)


def test_stable_forms_are_recognised():
    p = compile_expressions([1 / (1 + sympy.exp(-X)), sympy.log(1 + sympy.exp(X))], [X])
    assert [i.op for i in p.code] == [Op.SIGMOID, Op.SOFTPLUS]
    assert p.numpy(np.array([[-800.0, 800.0]])).tolist() == [[0.0, 1.0], [0.0, 800.0]]


def test_wide_bell_functions_stay_in_their_range():
    d = derivatives(sympy.tanh(X) + sigmoid(X), [X])
    (slope,) = d.gradient.balls([around(Fraction(0), Fraction(100))], 60)
    assert slope.contains(fmpq(5, 4))
    assert slope.lower() >= -(arb(2) ** -20)  # a ball cannot be one-sided: its radius has 30 bits
    assert slope.upper() <= arb(fmpq(5, 4)) + arb(2) ** -20


def test_rationals_never_pass_through_a_double():
    p = compile_expressions([sympy.Rational(1, 10) + X], [X])
    (ball,) = p.balls([arb(0)], 200)
    with ctx.workprec(200):
        assert ball.contains(fmpq(1, 10))
        assert not ball.contains(arb(0.1))


def test_kinks_are_enclosed_for_values_and_refused_for_derivatives():
    p = compile_expressions([relu(X), step(X), sympy.Abs(X)], [X])
    wide = around(Fraction(0), Fraction(1))
    r, s, a = p.balls([wide], 60)
    assert (r.contains(0), r.contains(1), s.contains(0), s.contains(1), a.contains(1)) == (True,) * 5
    assert r.lower() >= -1e-6
    d = derivatives(relu(X) + X**2, [X])
    with pytest.raises(NoEnclosure, match="not smooth"):
        d.hessian.balls([wide], 60, smooth=True)  # the Hessian's own code, 2, no longer shows the kink
    assert d.hessian.balls([around(Fraction(3), Fraction(1))], 60, smooth=True)[0] == 2
    with pytest.raises(NoEnclosure, match="not smooth"):
        d.gradient.balls([arb(0)], 60, smooth=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("log(x)", "-1"), ("sqrt(x)", "-1"), ("1/x", "0"), ("x^(1/3)", "-1"), ("step(log(x))", "-1")],
)
def test_outside_the_domain_is_refused(text, value):
    p = compile_expressions([parse(text, {"x": X}, "test")], [X])
    with pytest.raises(NoEnclosure, match="not finite"):
        p.balls([arb(value)], 60)


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_what_is_not_finite_is_refused(bad):
    p = compile_expressions([X * 0 + 1], [X])
    with pytest.raises(NoEnclosure, match="finite"):
        p.balls([arb(bad)], 60)
    with pytest.raises(NoEnclosure, match="1 coordinates"):
        p.balls([], 60)


@pytest.mark.parametrize("e", [X + 0.5, X**Y, sympy.gamma(X), sympy.I * X, sympy.oo, Y])
def test_what_has_no_exact_real_meaning_is_refused(e):
    with pytest.raises(InputError):
        compile_expressions([e], [X] if e is Y else [X, Y])


def test_shape_errors_name_the_shape():
    p = compile_expressions([X + Y], [X, Y])
    with pytest.raises(InputError, match=r"\(2, N\)"):
        p.numpy(np.zeros(2))


def test_jacobian_rows_and_picked_programs():
    p = jacobian([X * Y, sympy.exp(X)], [X, Y])
    assert p.numpy(np.array([[0.0], [3.0]]))[:, 0].tolist() == [3.0, 0.0, 1.0, 0.0]
    q = p.pick([2])
    assert q.numpy(np.array([[0.0], [3.0]])).tolist() == [[1.0]]
    assert len(q.code) == 1


def test_conditions_choose_exactly_at_their_borders():
    for closed, relation in ((0, X > 0), (1, X >= 0)):
        p = compile_expressions([sympy.Piecewise((X + 5, relation), (X - 5, True))], [X])
        assert p.balls([arb(0)], 60)[0] == (5 if closed else -5)
        assert p.numpy(np.zeros((1, 1)))[0, 0] == (5 if closed else -5)
    both = sympy.Piecewise((1, sympy.And(X > 0, X < 1)), (2, sympy.Or(X > 3, X < -3)), (3, True))
    p = compile_expressions([both], [X])
    assert p.numpy(np.array([[0.5, 2.0, 4.0, -4.0]])).tolist() == [[1.0, 3.0, 2.0, 2.0]]


def test_softplus_of_lowering_agrees_with_its_definition():
    p = compile_expressions([softplus(X), sympy.log(1 + sympy.exp(X)), sigmoid(X), 1 / (1 + sympy.exp(-X))], [X])
    assert p.outputs[0] == p.outputs[1]
    assert p.outputs[2] == p.outputs[3]


def test_pieces_of_a_kinked_function():
    e = relu(X - Y) * Z + sympy.Abs(X) - step(Y) + sympy.Piecewise((Z**2, X > Z), (Z**3, True))
    p = compile_expressions([e], V)
    names = p.guard_values()
    assert len(p.guards) == 4
    at_two = names.numpy(np.array([[2.0], [1.0], [-1.0]]))[:, 0]
    signs = {k: int(np.sign(v)) for k, v in enumerate(at_two)}
    piece = p.resolve(signs)
    assert not piece.guards
    assert not {i.op for i in piece.code} & {Op.RELU, Op.ABS, Op.STEP, Op.SELECT}
    wanted = compile_expressions([(X - Y) * Z + X - 1 + Z**2], V)
    points = np.random.default_rng(0).normal(size=(3, 20))
    assert np.allclose(piece.numpy(points), wanted.numpy(points), atol=1e-12)
    other = p.resolve({k: -s for k, s in signs.items()})
    assert np.allclose(other.numpy(points), compile_expressions([-X + Z**3], V).numpy(points), atol=1e-12)
