"""Numbers of the literature and of independent computations; invariances; the helpers that decide signs and slopes."""

import json
import re
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy

from pgb.cases import load_case, read_case, reproduce
from pgb.cases.bench import Bench, Place
from pgb.cases.points import matches
from pgb.cases.slopes import one_sided
from pgb.expressions import parse, real_symbol, relu
from pgb.landscape.derivatives import derivatives

KNOWN = json.loads((Path(__file__).parent / "data" / "published.json").read_text(encoding="utf-8"))


def bench(name):
    return Bench(load_case(name))


def digits_agree(ball, text, digits):
    """Do the ball and a printed decimal agree to so many significant digits?"""
    number = Fraction(text)
    scale = Fraction(10) ** (-digits) * max(abs(number), Fraction(1, 10**30))
    with mpmath.workdps(60):
        return abs(
            mpmath.mpf(str(ball.str(50, radius=False)).strip("[]")) - mpmath.mpf(number.numerator) / number.denominator
        ) <= (mpmath.mpf(scale.numerator) / scale.denominator)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_values_agree_with_the_independent_computation(name):
    b = bench(name)
    L = b.objective("L").expression
    assert digits_agree(b.enclose(L, b.place("published")), KNOWN[name]["value"], 40)
    better = KNOWN[name]["better_value"]
    if better != "0":
        assert digits_agree(b.enclose(L, b.place("better")), better, 40)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_hessian_spectrum_agrees(name):
    b = bench(name)
    L, place = b.objective("L"), b.place("published")
    n = len(L.variables)
    values = [float(b.coordinate(place.values[v.name], 64).mid()) for v in L.variables]
    flat = derivatives(L.expression, L.variables).hessian.numpy(np.array(values)[:, None])[:, 0]
    found = np.linalg.eigvalsh(flat.reshape(n, n))
    wanted = np.array([float(e) for e in KNOWN[name]["hessian_eigenvalues"]])
    np.testing.assert_allclose(found, wanted, atol=1e-10 * wanted.max())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_values_along_the_escape_ray_agree(name):
    b = bench(name)
    (claim,) = (c for c in b.case.claims if c.kind == "escape_ray")
    Lt, place = b.objective("Lt").expression, b.place("published")
    for s in (0, 2, 8):
        values = {v.name: c * sympy.exp(-s) for v, c in zip(b.added("a"), claim.fields["c"], strict=True)}
        values |= {v.name: sympy.Integer(s) for v in b.added("b")}
        values |= dict(zip((v.name for v in b.added("w")), (w for row in claim.fields["W"] for w in row), strict=True))
        assert digits_agree(b.enclose(Lt, place.moved("ray", values)), KNOWN[name]["ray"][str(s)], 17)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_largest_group_gradient_agrees(name):
    from pgb.cases.elimination import group_sum

    b = bench(name)
    sums = [
        abs(float(b.enclose(b.problem.weight() * group_sum(b, rows, k), b.place("published")).mid()))
        for rows in b.problem.data.groups()
        for k in range(1, b.problem.network.dy + 1)
    ]
    assert max(sums) == pytest.approx(float(KNOWN[name]["largest_group_gradient"]), rel=1e-12)


def test_witnesses_descend_in_independent_arithmetic():
    """The certified drop of 5e-27 within 1e-6 of a flat point, computed again with mpmath from the formulas."""
    report = reproduce("ysj_quadratic")
    for claim in report.claims:
        if not claim.claim.startswith("descent_nearby"):
            continue
        for w in claim.certificate["witnesses"]:
            with mpmath.workdps(80):
                a, b, w1, w2 = (mpmath.mpf(sympy.Rational(w[f"aux_{k}"])) for k in ("a1", "b1", "w1_1", "w1_2"))
                data = [((1, 0), 0), ((0, 1), 0), ((mpmath.mpf(1) / 2,) * 2, 1)]
                third = mpmath.mpf(1) / 3
                f = [third * (x[0] + x[1]) ** 2 for x, _ in data]
                before = sum((v - y) ** 2 for v, (_, y) in zip(f, data, strict=True)) / 6
                after = (
                    sum(
                        (v + a * mpmath.exp(w1 * x[0] + w2 * x[1] + b) - y) ** 2
                        for v, (x, y) in zip(f, data, strict=True)
                    )
                    / 6
                    + a**2 / 10
                )
                assert after < before
                base_b, base_W = (0, (0, 0)) if abs(w1) + abs(b) < mpmath.mpf("0.11") else ("0.3", ("-0.13", "0.13"))
                moves = [a, b - mpmath.mpf(base_b), w1 - mpmath.mpf(base_W[0]), w2 - mpmath.mpf(base_W[1])]
                assert max(map(abs, moves)) <= mpmath.mpf(w["radius"])


def test_the_hessian_at_the_minimum_without_a_bias():
    """diag(11/5, 180/121) in (a, w), the value 1/11."""
    b = bench("bias")
    Lt = b.objective("Lt")
    a, w = (v for v in Lt.variables if v.name in ("aux_a1", "aux_w1_1"))
    at = {a: sympy.Rational(10, 11), w: 0}
    assert sympy.hessian(Lt.expression, (a, w)).subs(at) == sympy.diag(sympy.Rational(11, 5), sympy.Rational(180, 121))
    assert Lt.expression.subs(at) == sympy.Rational(1, 11)


@pytest.mark.parametrize(
    "name", ["ysj_quadratic", "ysj_repeated_conflict", "two_outputs", "absolute_loss", "relu_unit", "conflicting"]
)
def test_the_order_of_the_samples_does_not_matter(name, text, report):
    content = text(name)
    rows = {k: re.search(rf"^{k} = (\[\[.*\]\])$", content, re.MULTILINE).group(1) for k in "xy"}
    for key, old in rows.items():
        content = content.replace(f"{key} = {old}", f"{key} = {json.dumps(json.loads(old)[::-1])}")
    for key in ("outputs", "rival"):
        content = re.sub(
            rf"^{key} = (\[\[.*\]\])$",
            lambda m, k=key: f"{k} = {json.dumps(json.loads(m.group(1))[::-1])}",
            content,
            flags=re.MULTILINE,
        )
    mirrored = reproduce(read_case(content, name))
    assert mirrored.ok
    assert [c.status for c in mirrored.claims] == [c.status for c in report(name).claims]
    assert [c.claim for c in mirrored.claims] == [c.claim for c in report(name).claims]


def test_results_do_not_depend_on_the_run(report):
    again = reproduce("ysj_quadratic")
    assert [c.to_json() for c in again.claims] == [c.to_json() for c in report("ysj_quadratic").claims]


def test_stored_certificates_are_accepted_again(report):
    """The certificate of a flat minimum, out of the JSON record, passes the trusted checker; a tampered one does not."""
    from pgb.landscape.certificates import Refused
    from pgb.landscape.recheck import check

    b = bench("ysj_quadratic")
    claims = json.loads(json.dumps(report("ysj_quadratic").to_json()))["claims"]
    (stored,) = (c["certificate"]["certificate"] for c in claims if c["claim"].startswith("local_minimum"))
    assert not isinstance(check(stored, b.objective("L")), Refused)
    stored["place"]["exact"]["w1_1_1"] = "2"
    assert isinstance(check(stored, b.objective("L")), Refused)


# -- helpers


@pytest.mark.parametrize(
    ("digits", "answer"),
    [
        ("0.3333", True),
        ("0.33333333333333333333", True),
        ("0.3334", True),
        ("0.3335", False),
        ("0.33333333333333333335", False),
    ],
)
def test_stated_decimals_hold_to_one_unit_of_their_last_digit(digits, answer):
    third = sympy.Rational(1, 3)
    assert matches(bench("bias"), third, Place("", {}), None, digits) is answer


def test_matches_exactly_or_not():
    b, nowhere = bench("bias"), Place("", {})
    e = sympy.sqrt(2) * sympy.sqrt(3)
    assert matches(b, e, nowhere, sympy.sqrt(6), None) is True
    assert matches(b, e, nowhere, sympy.sqrt(6) + sympy.Rational(1, 10**40), None) is False


def test_a_box_gives_no_zero_and_no_sign_that_it_does_not_have():
    b = bench("bias")
    x = real_symbol("x")
    box = Place("box", {"x": sympy.Integer(1)}, Fraction(1, 10))
    assert b.sign(x, box) == 1
    assert b.sign(x - 1, box) is None
    assert b.sign(x - 2, box) == -1
    assert b.sign(x - x, box) == 0 if (x - x).free_symbols else True
    assert b.sign(x - 1, Place("point", {"x": sympy.Integer(1)})) == 0


def test_a_derivative_at_a_kink_has_no_sign():
    b = bench("bias")
    x = real_symbol("x")
    zero = Place("point", {"x": sympy.Integer(0)})
    for e in (sympy.Abs(x) + 5 * x, relu(x) + 5 * x, relu(-x) * 3 - x):
        assert b.sign(sympy.diff(e, x), zero) is None
        assert b.sign(sympy.diff(e, x), Place("point", {"x": sympy.Integer(1)})) in (1, -1)
        assert b.sign(e, zero) == 0


@pytest.mark.parametrize(
    ("formula", "at", "sides"),
    [
        ("Abs(q)", 0, (1, -1)),
        ("Abs(q)", 2, (1, 1)),
        ("Abs(3 - 2*q)", sympy.Rational(3, 2), (2, -2)),
        ("relu(q)", 0, (1, 0)),
        ("relu(-q)", 0, (0, -1)),
        ("q^2 + 4*relu(1 - q) - Abs(q - 1)", 1, (1, -1)),
        ("relu(q)^2", 0, (0, 0)),
        ("exp(Abs(q))", 0, (1, -1)),
    ],
)
def test_one_sided_slopes_are_limits_of_difference_quotients(formula, at, sides):
    q = real_symbol("q")
    e = parse(formula, {"q": q}, "formula")
    assert one_sided(e, q, sympy.sympify(at)) == sides
    for side, slope in zip((1, -1), sides, strict=True):
        h = side * sympy.Rational(1, 10**9)
        quotient = (e.subs(q, at + h) - e.subs(q, at)) / h
        assert abs(float(quotient) - float(slope)) < 1e-6


def test_nested_kinks_are_not_guessed():
    q = real_symbol("q")
    assert one_sided(relu(1 - relu(q)), q, sympy.Integer(0)) is None


@pytest.mark.parametrize(("label", "fits"), [("3/4", True), ("2", False), ("1", False), ("-1/2", False)])
def test_labels_outside_the_range_of_a_sigmoid_are_left_to_other_rules(label, fits, text):
    """Two labels: the second asks for w = 0, the first for w = log 3 / 10 or for nothing at all."""
    from pgb.cases.optimality import _injective

    content = text("auer_single_neuron").replace('y = [["11/20"], ["1/4"]]', f'y = [["{label}"], ["1/2"]]')
    found = _injective(Bench(read_case(content, "variant")))
    assert (found is not None and found.holds) is fits
