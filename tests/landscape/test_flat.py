"""Every flat rule proves what it should, and refuses data that spoil one of its hypotheses."""

import copy
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from pgb.expressions import parse, real_symbol
from pgb.landscape.certificates import Refused
from pgb.landscape.classify import classify
from pgb.landscape.flat.face import Face, Proved
from pgb.landscape.flat.rules import verify
from pgb.landscape.place import exact_place, invariant
from pgb.landscape.recheck import Checked, check
from pgb.landscape.results import Kind
from pgb.objective.base import Objective

MIN, MAX, SADDLE, FLAT = Kind.LOCAL_MINIMUM, Kind.LOCAL_MAXIMUM, Kind.SADDLE, Kind.DEGENERATE


def function(formula, names):
    symbols = {n: real_symbol(n) for n in names.split()}
    return Objective("f", tuple(symbols.values()), parse(formula, symbols, "f"), "")


def learning(names, outputs, loss, data, rest="0"):
    """Return the objective (1/m) sum loss(outputs(x_i), y_i) + rest."""
    symbols = {n: real_symbol(n) for n in names.split()}
    q = tuple(real_symbol(f"q{k + 1}") for k in range(len(outputs)))
    rows, losses = [], []
    for x, y in data:
        xs = {real_symbol(f"x{k + 1}"): sympy.Rational(v) for k, v in enumerate(x)}
        ys = {real_symbol(f"y{k + 1}"): sympy.Rational(v) for k, v in enumerate(y)}
        known = symbols | {s.name: s for s in xs}
        rows.append(tuple(parse(f, known, "f").subs(xs) for f in outputs))
        losses.append(parse(loss, {s.name: s for s in (*q, *ys)}, "l").subs(ys))
    weight = sympy.Rational(1, len(data))
    penalty = sympy.sympify(parse(rest, symbols, "r"))
    fitted = [e.subs(dict(zip(q, row, strict=True)), simultaneous=True) for e, row in zip(losses, rows, strict=True)]
    whole = weight * sympy.Add(*fitted) + penalty
    return Objective("L", tuple(symbols.values()), whole, "", weight, q, tuple(losses), tuple(rows), penalty)


def at(objective, point):
    return {v.name: parse(p, {}, "p") for v, p in zip(objective.variables, point.split(), strict=True)}


def decided(objective, point, **options):
    found = classify(objective, at(objective, point), **options)
    if found.certificate:
        again = check(found.certificate, objective)
        assert isinstance(again, Checked)
        assert (again.kind, again.local_minimum) == (found.kind, found.local_minimum)
    return found


def face(objective, point):
    return Face.whole(exact_place(objective, at(objective, point)))


def unit(n, k):
    return [[str(int(i == k))] for i in range(n)]


# -- even order


@pytest.mark.parametrize(
    ("formula", "kind", "strict"),
    [
        ("x^2 + y^4", MIN, True),
        ("x^2 + y^6", MIN, True),
        ("(x - y)^2 + (x + y)^4", MIN, True),
        ("(x - y^2)^2 + y^6", MIN, True),
        ("-(x - y^2)^2 - y^4", MAX, True),
        ("x^2 + 2*x*y^2 + 2*y^4", MIN, True),
        ("x^2 + 3*x*y^2 + 2*y^4", SADDLE, None),
        ("x^2 + 2*x*y^2 + y^4 - y^6", SADDLE, None),
        ("x^2 + y^3", SADDLE, None),
        ("tanh(x)^2 + y^4*exp(x)", MIN, True),
    ],
)
def test_one_dimensional_kernels(formula, kind, strict):
    found = decided(function(formula, "x y"), "0 0")
    assert (found.kind, found.strict) == (kind, strict)


def test_a_minimum_along_every_line_is_not_enough():
    """Peano's example: along every straight line through 0 it is least at 0, and yet it is no minimum."""
    objective = function("(y - x^2)*(y - 3*x^2)", "x y")
    place = face(objective, "0 0")
    line = {"rule": "even order", "across": unit(2, 1), "curve": [["1", "0"]], "order": 4}
    bent = line | {"curve": [["1", "0"], ["0", "2"]]}
    straight = line | {"curve": [["1", "0"], ["0", "0"]]}
    for data in (line, bent, straight):
        assert isinstance(verify(place, data), Refused)
    assert decided(objective, "0 0").kind is SADDLE


def test_spoilt_even_order_data_are_refused():
    objective = function("x^2 + 2*x*y^2 + 2*y^4", "x y")
    place = face(objective, "0 0")
    good = {"rule": "even order", "across": unit(2, 0), "curve": [["0", "1"], ["-1", "0"]], "order": 4}
    assert verify(place, good) == Proved(strict=True)
    for key, value in (
        ("order", 2),
        ("order", 6),
        ("order", 3),
        ("order", 10**6),
        ("curve", [["0", "1"]]),
        ("curve", [["0", "1"], ["1", "0"]]),
        ("curve", [["1", "0"], ["-1", "0"]]),
        ("curve", [["0", "nan"], ["-1", "0"]]),
        ("across", unit(2, 1)),
        ("across", [["0"], ["0"]]),
    ):
        assert isinstance(verify(place, good | {key: value}), Refused), (key, value)
    assert isinstance(verify(face(objective, "1 0"), good), Refused)


# -- kinks


def test_the_lowest_piece_of_a_relu_network_with_a_point_on_its_kink():
    """Three points are fitted by a line, two by a constant; one of the two lies exactly on the unit's kink."""
    data = [(("-2",), ("1",)), (("-1",), ("0",)), (("1",), ("1",)), (("2",), ("3",)), (("3",), ("2",))]
    objective = learning("w b v c", ["v*relu(w*x1 + b) + c"], "(q1 - y1)^2", data)
    found = decided(objective, "1/2 1/2 1 1/2")
    assert found.local_minimum is True
    assert "lowest piece" in found.reason
    proof = dict(found.certificate["proof"])
    place = face(objective, "1/2 1/2 1 1/2")
    assert isinstance(verify(place, proof), Proved)
    assert isinstance(verify(place, proof | {"signs": [-s for s in proof["signs"]]}), Refused)
    for signs in ([], [0], [1, 1], [2]):
        assert isinstance(verify(place, proof | {"signs": signs}), Refused)
    flipped = learning(
        "w b v c", ["v*relu(w*x1 + b) + c"], "(q1 - y1)^2", [*data[:1], (("-1",), ("1",)), *data[2:]]
    )  # now the kinked point wants more, not less
    assert decided(flipped, "1/2 1/2 1 1").local_minimum is not True


def test_sharp_coordinates_need_both_sides():
    place = face(function("Abs(x) + y^2", "x y"), "0 0")
    good = {
        "rule": "sharp coordinate",
        "across": unit(2, 0),
        "slice": unit(2, 1),
        "then": {"rule": "definite", "basis": unit(2, 1)},
    }
    assert verify(place, good) == Proved(strict=True)
    for formula in (
        "Abs(x) - x + y^2 - x^2",
        "Abs(x) - 2*x + y^2",
        "-Abs(x) + y^2",
        "step(x) + y^2",
        "relu(x) - x^2 + y^2",
    ):
        assert isinstance(verify(face(function(formula, "x y"), "0 0"), good), Refused), formula
    for spoilt in ({"across": unit(2, 1)}, {"slice": unit(2, 0)}, {"slice": [[], []]}, {"then": {"rule": "constant"}}):
        assert isinstance(verify(place, good | spoilt), Refused)


def test_a_jump_is_never_a_kink():
    """step(x) falls on one side without any derivative that shows it."""
    for formula in (
        "x^2 - step(x)",
        "Abs(x) - step(x)",
        "Abs(x) - sign(x)",
        "Piecewise((Abs(x), x < 0), (Abs(x) - 1, True))",
    ):
        symbols = {"x": real_symbol("x")}
        e = (
            parse(formula.replace("sign(x)", "Abs(x)/2"), symbols, "f")
            if "sign" in formula
            else parse(formula, symbols, "f")
        )
        if "sign" in formula:
            e = sympy.Abs(symbols["x"]) - sympy.sign(symbols["x"])
        found = classify(Objective("f", (symbols["x"],), e, ""), {"x": sympy.S.Zero})
        assert found.local_minimum is not True, formula


def test_every_piece_of_a_function_with_continuous_slopes():
    objective = function("2*x^2 + y^2 - relu(x + y)^2/2 + relu(x - y)^3", "x y")
    found = decided(objective, "0 0")
    assert (found.local_minimum, found.strict) == (True, True)
    proof = dict(found.certificate["proof"])
    assert proof["rule"] == "every piece"
    place = face(objective, "0 0")
    assert isinstance(verify(place, proof), Proved)
    assert isinstance(verify(place, proof | {"pieces": proof["pieces"][:-1]}), Refused)
    one = function("x^2 - relu(x)^2*2", "x")
    assert isinstance(
        verify(face(one, "0"), {"rule": "every piece", "pieces": [{"rule": "definite", "basis": [["1"]]}] * 2}), Refused
    )
    assert decided(one, "0").local_minimum is False


def test_sharp_across_an_affine_kink():
    found = decided(function("3*relu(-2*x - 2*y) + 2*relu(x + y) + (x - y)^2 - x*y/8", "x y"), "0 0")
    assert (found.local_minimum, found.strict) == (True, True)


def test_level_sides_are_not_strict():
    found = decided(function("relu(x) + y^2", "x y"), "0 0")
    assert (found.local_minimum, found.strict) == (True, False)
    assert decided(function("relu(x) - relu(-x)", "x"), "0").local_minimum is False


# -- convexity in the outputs


LINE = [(("0",), ("0",)), (("1",), ("1",)), (("2",), ("5",)), (("3",), ("3",))]


def test_absolute_loss_with_points_on_the_line():
    objective = learning("w b", ["w*x1 + b"], "Abs(q1 - y1)", LINE)
    found = decided(objective, "1 0")
    assert found.local_minimum is True
    proof = dict(found.certificate["proof"])
    assert proof["rule"] == "convex image"
    place = face(objective, "1 0")
    g = {k: Fraction(v[0]) for k, v in proof["subgradients"].items()}
    assert set(g) == {"0", "1", "3"}
    assert all(abs(v) <= 1 for v in g.values())
    assert sum(g.values()) + 1 * -1 == 0  # the third point lies above the line: its slope is -1
    for key, slope in g.items():
        for value in ("2", "-2", str(slope + Fraction(1, 10))):
            spoilt = copy.deepcopy(proof)
            spoilt["subgradients"][key] = [value]
            assert isinstance(verify(place, spoilt), Refused)
    assert isinstance(verify(place, {"rule": "convex image"}), Refused)
    assert decided(objective, "1 1").local_minimum is False


def test_losses_that_are_not_convex_prove_nothing():
    objective = learning("c", ["c"], "(q1^2 - y1)^2", [(("0",), ("1",))])
    assert isinstance(verify(face(objective, "0"), {"rule": "convex image"}), Refused)
    assert decided(objective, "0").kind is MAX


def test_a_penalty_must_be_stationary_and_convex():
    data = [(("1",), ("1",)), (("2",), ("2",))]
    dead = "v*relu(w*x1 + b) + c"
    plain = learning("w b v c", [dead], "(q1 - y1)^2", data)
    assert verify(face(plain, "1 -4 1 3/2"), {"rule": "convex image"}) == Proved(strict=None)
    pulled = learning("w b v c", [dead], "(q1 - y1)^2", data, "w^2")
    assert isinstance(verify(face(pulled, "1 -4 1 3/2"), {"rule": "convex image"}), Refused)
    rested = learning("w b v c", [dead], "(q1 - y1)^2", data, "w^2")
    assert isinstance(verify(face(rested, "0 -4 1 3/2"), {"rule": "convex image"}), Proved)
    bent = learning("w b v c", [dead], "(q1 - y1)^2", data, "-w^2")
    assert isinstance(verify(face(bent, "0 -4 1 3/2"), {"rule": "convex image"}), Refused)


def test_whole_function_rules():
    place = face(function("x^2*y^2", "x y"), "0 5")
    assert isinstance(verify(place, {"rule": "nonnegative"}), Proved)
    assert isinstance(verify(place, {"rule": "convex"}), Refused)
    assert isinstance(verify(place, {"rule": "constant"}), Refused)
    assert isinstance(verify(face(function("x^4 + y^4", "x y"), "0 0"), {"rule": "convex"}), Proved)
    assert isinstance(verify(face(function("x^4 + y^4", "x y"), "1 0"), {"rule": "convex"}), Refused)
    assert isinstance(verify(face(function("x^2 + 1", "x"), "0"), {"rule": "nonnegative"}), Refused)
    assert isinstance(verify(face(function("x^2 - y", "x y"), "0 0"), {"rule": "nonnegative"}), Refused)


# -- bounds


def test_spoilt_bounds_are_refused():
    objective = function("x + y^2", "x y")
    place = face(objective, "0 0")
    good = {"rule": "bound", "variable": "x", "side": "low", "then": {"rule": "definite", "basis": unit(2, 1)}}
    box = {"x": (sympy.S.Zero, sympy.S.One)}
    assert verify(place, good, box) == Proved(strict=True)
    assert isinstance(verify(place, good), Refused)
    assert isinstance(verify(place, good, {"y": box["x"]}), Refused)
    assert isinstance(verify(place, good, {"x": (sympy.S.NegativeOne, sympy.S.One)}), Refused)
    for spoilt in ({"side": "high"}, {"side": "x"}, {"variable": "y"}, {"variable": "z"}):
        assert isinstance(verify(place, good | spoilt, box), Refused)
    assert isinstance(verify(face(function("-x + y^2", "x y"), "0 0"), good, box), Refused)
    assert isinstance(verify(face(function("y^2", "x y"), "0 0"), good, box), Refused)


# -- symmetries and splits


def test_scaling_is_a_symmetry_and_its_neighbours_are_not():
    objective = learning("a b", ["a*b*x1"], "(q1 - y1)^2", [(("1",), ("1",))])
    place = exact_place(objective, at(objective, "1 1"))
    scaling = [[Fraction(1), Fraction(0), Fraction(0)], [Fraction(0), Fraction(-1), Fraction(0)]]
    assert invariant(place, scaling)
    for i in range(2):
        for j in range(3):
            other = copy.deepcopy(scaling)
            other[i][j] += 1
            assert not invariant(place, other)
    assert not invariant(place, scaling[:1])


def test_the_manifold_must_have_the_dimension_of_the_kernel():
    """x^2 (1 + y^2) z^2-like kernels: one symmetry does not cover a two-dimensional kernel."""
    objective = function("(x*y - 1)^2 + z^4", "x y z")
    found = decided(objective, "1 1 0")
    assert found.kind in (MIN, FLAT)
    place = face(objective, "1 1 0")
    data = {
        "rule": "morse-bott",
        "basis": [["1"], ["1"], ["0"]],
        "plane": [],
        "minor": [0],
        "fields": [[["1", "0", "0", "0"], ["0", "-1", "0", "0"], ["0", "0", "0", "0"]]],
    }
    assert isinstance(verify(place, data), Refused)
    assert isinstance(verify(place, data | {"fields": data["fields"] * 2, "minor": [0, 1]}), Refused)


SPLIT = [
    (("-2",), ("-9/10",)),
    (("-1",), ("-7/10",)),
    (("0",), ("1/5",)),
    (("1",), ("1",)),
    (("2",), ("6/5",)),
    (("3",), ("1",)),
]


@pytest.fixture(scope="module")
def one_unit():
    """Return certified decimals of the minimum of v tanh(w x + b) + c."""
    objective = learning("v w b c", ["v*tanh(w*x1 + b) + c"], "(q1 - y1)^2/2", SPLIT)
    from scipy.optimize import minimize

    from pgb.landscape.derivatives import derivatives

    d = derivatives(objective.expression, objective.variables)
    start = minimize(
        lambda x: d.value.numpy(x[:, None])[0, 0],
        np.array([1.0, 1.0, 0.0, 0.0]),
        jac=lambda x: d.gradient.numpy(x[:, None])[:, 0],
        method="BFGS",
    ).x
    near = {v.name: sympy.Rational(str(round(x, 8))) for v, x in zip(objective.variables, start, strict=True)}
    found = classify(objective, near, near=Fraction(1, 1000))
    assert (found.kind, found.strict, found.exact) == (MIN, True, False)
    return {k: sympy.Rational(v) for k, v in found.theta.items()}


@pytest.mark.parametrize(("share", "index"), [("1/2", 1), ("2/7", 1), ("3/2", 1)])
def test_a_split_unit_is_critical_with_the_index_of_the_second_order_matrix(one_unit, share, index):
    """Fukumizu and Amari (2000): the split point is critical for every share; its type follows from a 2 x 2 matrix."""
    objective = learning(
        "v1 w1 b1 v2 w2 b2 c", ["v1*tanh(w1*x1 + b1) + v2*tanh(w2*x1 + b2) + c"], "(q1 - y1)^2/2", SPLIT
    )
    s, p = sympy.Rational(share), one_unit
    point = {
        "v1": s * p["v"],
        "w1": p["w"],
        "b1": p["b"],
        "v2": (1 - s) * p["v"],
        "w2": p["w"],
        "b2": p["b"],
        "c": p["c"],
    }
    found = classify(objective, point)
    assert (found.kind, found.index, found.exact) == (SADDLE, index, False)
    assert isinstance(check(found.certificate, objective), Checked)


def test_an_idle_copy_of_a_unit_is_a_saddle_of_third_order(one_unit):
    objective = learning(
        "v1 w1 b1 v2 w2 b2 c", ["v1*tanh(w1*x1 + b1) + v2*tanh(w2*x1 + b2) + c"], "(q1 - y1)^2/2", SPLIT
    )
    p = one_unit
    point = {"v1": p["v"], "w1": p["w"], "b1": p["b"], "v2": sympy.S.Zero, "w2": p["w"], "b2": p["b"], "c": p["c"]}
    found = classify(objective, point)
    assert (found.kind, found.exact) == (SADDLE, False)
    assert "order 3" in found.reason
    again = check(found.certificate, objective)
    assert again == Checked(SADDLE, None, None, False)
    spoilt = copy.deepcopy(dict(found.certificate))
    spoilt["descent"]["relations"] = {}
    assert isinstance(check(spoilt, objective), Refused)


# -- exact fits


def test_an_exact_fit_is_found_near_decimals():
    objective = learning("v w", ["v*tanh(w*x1)"], "(q1 - y1)^2", [(("1",), ("1/2",)), (("2",), ("3/4",))])
    found = classify(objective, {"v": sympy.Rational("0.866"), "w": sympy.Rational("0.658")}, near=Fraction(1, 100))
    assert (found.kind, found.exact) == (MIN, False)
    v, w = (float(found.theta[k]) for k in "vw")
    assert abs(v * np.tanh(w) - 0.5) < 1e-12
    assert abs(v * np.tanh(2 * w) - 0.75) < 1e-12


def test_a_fit_with_spare_parameters_is_flat_and_spoilt_ones_are_refused():
    data = [(("1",), ("1/2",)), (("2",), ("3/4",)), (("2",), ("1/4",))]  # two labels at 2: their mean 1/2 is fitted
    objective = learning("v w c", ["v*tanh(w*x1) + c"], "(q1 - y1)^2", data)
    found = classify(
        objective, {"v": sympy.S.One, "w": sympy.Rational("0.7"), "c": sympy.Rational("-0.1043677")}, near=Fraction(1)
    )
    if found.exact or "fit" not in found.certificate["place"]:
        found = classify(
            objective, {"v": sympy.Rational("1e-9"), "w": sympy.Rational("0.7"), "c": sympy.Rational("0.5")}
        )
    assert (found.kind, found.strict) == (MIN, False)
    assert found.value == "0.0416666666666666666666666666667"
    certificate = dict(found.certificate)
    assert check(certificate, objective) == Checked(MIN, False, 0, True)
    fit = certificate["place"]["fit"]
    for path, value in (
        (("targets", 0, 0), "1/3"),
        (("targets", 1, 0), "3/4"),
        (("centre", 0), "7"),
        (("radius", 0), "1000"),
        (("inverse", 0, 0), "0"),
        (("base",), []),
        (("targets",), fit["targets"][:1]),
    ):
        spoilt = copy.deepcopy(certificate)
        at_ = spoilt["place"]["fit"]
        for step in path[:-1]:
            at_ = at_[step]
        at_[path[-1]] = value
        assert isinstance(check(spoilt, objective), Refused), path


# -- against plain sampling


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(-2, 2), min_size=12, max_size=12))
def test_certified_types_agree_with_sampling(c):
    """A polynomial in two variables without linear terms, at 0: its values on small circles must fit the claim."""
    x, y = real_symbol("x"), real_symbol("y")
    monomials = [x**i * y**j for total in (2, 3, 4) for i in range(total + 1) for j in [total - i]]
    objective = Objective("f", (x, y), sympy.Add(*(a * m for a, m in zip(c, monomials, strict=True))), "")
    found = classify(objective, {"x": sympy.S.Zero, "y": sympy.S.Zero})
    if found.kind in (None, FLAT):
        assert found.reason
        return
    assert isinstance(check(found.certificate, objective), Checked)
    angles = np.linspace(0, 2 * np.pi, 4001)
    # exact rationals near the circle, exact values
    radius = Fraction(1, 200)
    f = sympy.lambdify((x, y), objective.expression, "numpy")
    values = f(float(radius) * np.cos(angles), float(radius) * np.sin(angles)) * np.ones_like(angles)
    slack = 1e-16
    if found.kind is MIN:
        assert values.min() >= -slack
    if found.kind is MAX:
        assert values.max() <= slack
    if found.kind is SADDLE and "order" not in found.reason:
        assert values.min() < 0 < values.max()
