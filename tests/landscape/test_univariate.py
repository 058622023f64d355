"""Polynomials of one variable: every critical point, exactly, against planted zeros and against numpy."""

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pgb import problem
from pgb.evidence import Evidence
from pgb.landscape.records import recheck_record
from pgb.landscape.results import Kind
from pgb.landscape.search import critical_points
from pgb.landscape.univariate import critical_points_on_the_line, on_the_line
from pgb.objective.base import Objective

t = sympy.Symbol("t", real=True)
MIN, MAX, SADDLE = Kind.LOCAL_MINIMUM, Kind.LOCAL_MAXIMUM, Kind.SADDLE


def solved(f):
    objective = Objective("f", (t,), sympy.sympify(f), "")
    return critical_points_on_the_line("", objective, on_the_line(objective))


def test_the_fourth_power_of_the_cubic() -> None:
    """(t^3 - 3 t - 5)^4: the zero of the cubic is a critical point of multiplicity 3, and its value is exactly 0."""
    found = solved((t**3 - 3 * t - 5) ** 4)
    assert (found.complete, found.status, found.n_complex, found.n_real) == (True, Evidence.CERTIFIED, 5, 3)
    zero, low, high = found.points
    assert (zero.value, zero.kind, zero.multiplicity, zero.index) == ("0", MIN, 3, 0)
    assert zero.theta["t"].startswith("2.27901878616659357949")
    assert [(p.theta["t"], p.value, p.kind, p.index) for p in (low, high)] == [
        ("-1", "81", MIN, 0),
        ("1", "2401", MAX, 1),
    ]


@given(st.lists(st.tuples(st.fractions(-3, 3, max_denominator=5), st.integers(1, 3)), min_size=1, max_size=4))
def test_planted_zeros_of_the_derivative_are_found_with_their_types(planted) -> None:
    zeros = dict(planted)
    slope = sympy.prod([(t - sympy.Rational(str(c))) ** m for c, m in zeros.items()]) * (t**2 + 1)
    found = solved(sympy.integrate(sympy.expand(slope), t))
    assert {Fraction(p.theta["t"]).limit_denominator(100): p.multiplicity for p in found.points} == zeros
    for p in found.points:
        c = Fraction(p.theta["t"]).limit_denominator(100)
        left = (-1) ** sum(m for z, m in zeros.items() if z >= c)
        right = (-1) ** sum(m for z, m in zeros.items() if z > c)
        assert p.kind is (SADDLE if left == right else MIN if left < 0 else MAX)
        assert abs(Fraction(p.theta["t"]) - c) <= Fraction(p.radius)


@pytest.mark.parametrize("seed", range(5))
def test_values_and_places_agree_with_floating_point(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coefficients = [int(v) for v in rng.integers(-9, 10, 7)] + [3]
    f = sum(c * t**k for k, c in enumerate(reversed(coefficients[:-1]), start=1)) + coefficients[-1]
    poly = np.poly1d([float(v) for v in sympy.Poly(f, t).all_coeffs()])
    roots = np.roots(poly.deriv())
    real = sorted(float(r.real) for r in roots if abs(r.imag) < 1e-9)
    found = solved(f)
    assert sorted(float(p.theta["t"]) for p in found.points) == pytest.approx(real, abs=1e-6)
    for p in found.points:
        assert float(p.value) == pytest.approx(poly(float(p.theta["t"])), rel=1e-9, abs=1e-9)


def test_values_too_small_for_the_first_interval_are_still_right_in_every_digit() -> None:
    """f = 10^-200 t + (t^2 - 2)^2: near sqrt(2) the value is sqrt(2) 10^-200 up to 10^-400, not what 60 decimals leave."""
    tiny = sympy.Rational(1, 10**200)
    found = solved(tiny * t + (t**2 - 2) ** 2)
    low, high, top = found.points
    for point, sign in ((low, "-"), (high, "")):
        assert point.value.startswith(f"{sign}1.41421356237309504880")
        assert point.value.endswith("E-200")
    assert top.kind is MAX
    assert abs(Fraction(top.theta["t"]) * 8 * 10**200 - 1) < Fraction(1, 10**30)


def test_what_is_no_rational_polynomial_in_one_variable_is_left_to_others() -> None:
    for e, names in ((sympy.exp(t), (t,)), (sympy.sqrt(2) * t**3, (t,)), (t**3, (t, sympy.Symbol("s", real=True)))):
        assert on_the_line(Objective("f", names, e, "")) is None
    changed = record() | {"problem": TEXT.replace("(q1 - y1)^4", "sqrt(2)*(q1 - y1)^4")}
    assert not any(r.ok for r in recheck_record(changed))


TEXT = """
[network]
kind = "formula"
formula = ["theta^3 - 3*theta"]
parameters = ["theta"]
[loss]
name = "formula"
formula = "(q1 - y1)^4"
[data]
x = [["1"]]
y = [["5"]]
"""


def record():
    return json.loads(json.dumps(critical_points(problem.loads(TEXT)).to_json())) | {"objective": "L", "problem": TEXT}


def test_records_are_confirmed() -> None:
    assert [r.ok for r in recheck_record(record())] == [True] * 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "local maximum"), ("index", 1), ("strict", False), ("multiplicity", 1), ("status", "numerical"),
        ("value", "1"), ("theta", {"theta": "2.2791"}), ("radius", "0"),
        ("certificate", {"format": "pgb-univariate-1", "interval": ["0", "3"]}),
    ],
)  # fmt: skip
def test_changed_records_are_refused(field, value) -> None:
    changed = record()
    changed["points"][0][field] = value
    assert [r.ok for r in recheck_record(changed)] == [False, True, True]
