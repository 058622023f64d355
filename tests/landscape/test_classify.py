"""Published bad minima, textbook points, and certificates that must be refused."""

import copy
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import parse, real_symbol
from pgb.landscape.certificates import Refused
from pgb.landscape.classify import classify
from pgb.landscape.recheck import Checked, check
from pgb.landscape.results import Kind
from pgb.objective import loss
from pgb.objective.base import Objective
from pgb.problem.files import load

CASES = Path(__file__).parents[2] / "counterexamples"
MIN, MAX, SADDLE, FLAT = Kind.LOCAL_MINIMUM, Kind.LOCAL_MAXIMUM, Kind.SADDLE, Kind.DEGENERATE
PUBLISHED = {
    "ysj_sigmoid": ("critical slice, then convex image", False, "0.111111111111111111111111111111"),
    "ysj_quadratic": ("critical slice, then convex image", False, "0.111111111111111111111111111111"),
    "ysj_softplus_logistic": ("critical slice, then convex image", False, "0.636514168294812818450423822617"),
    "ysj_repeated_conflict": ("critical slice, then convex image", False, "0.1875"),
    "ysj_relu": ("convex image", False, "0.111111111111111111111111111111"),
    "ysj_relu_five_points": ("convex image", False, "2.11724137931034482758620689655"),
    "auer_single_neuron": ("definite", True, "0.151249915966863009188552194308"),
    "swirszcz_sigmoid": ("definite", True, "0.577737844906304721524241921085"),
    "fukumizu_amari_split": ("morse-bott", False, "0.00415837927043344869623353077689"),
    "goldblum_relu_xor": ("convex image", False, "0.693147180559945309417232121458"),
    "dead_relu": ("convex image", False, "0.333333333333333333333333333333"),
    "linear_weight_decay": ("definite", True, "0.5"),
    "srebro_jaakkola_rank_one": ("morse-bott", False, "0.652140856846086135539506562975"),
    "ding_tanh_even": ("critical slice, then convex image", False, "0.72"),
}


def published(name):
    problem = load(CASES / f"{name}.toml", extra_sections=["case"])
    return loss(problem), problem.points["published"]


@pytest.fixture(scope="module")
def certified():
    """Classify each published point once."""
    found = {}

    def get(name):
        if name not in found:
            objective, point = published(name)
            found[name] = objective, classify(objective, point)
        return found[name]

    return get


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_minima_are_certified(name, certified):
    objective, found = certified(name)
    rule, strict, value = PUBLISHED[name]
    assert (found.kind, found.status, found.local_minimum) == (MIN, Evidence.CERTIFIED, True)
    assert (found.strict, found.index) == (strict, 0)
    assert rule in found.reason or "positive definite" in found.reason
    assert Fraction(found.value) == Fraction(value)
    assert Fraction(found.distance) < Fraction(1, 10**40)
    again = check(json.loads(json.dumps(found.to_json()))["certificate"], objective)
    assert again == Checked(MIN, strict, 0, True)


@pytest.mark.parametrize("name", ["ysj_sigmoid", "dead_relu", "srebro_jaakkola_rank_one", "fukumizu_amari_split"])
def test_a_moved_point_is_no_minimum(name):
    objective, point = published(name)
    first = objective.variables[-1].name
    moved = {**point, first: point[first] + sympy.Rational(1, 10)}
    found = classify(objective, moved)
    assert found.critical is False
    assert found.kind is None
    assert isinstance(check(found.certificate, objective), Checked)


def spoil_number(value):
    return str(Fraction(value) * Fraction(1001, 1000) + Fraction(1, 997))


def numbers(tree, path=()):
    """Yield the paths of all rational strings of a proof."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in ("rule", "variable", "side"):
                yield from numbers(value, (*path, key))
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            yield from numbers(value, (*path, i))
    elif isinstance(tree, str):
        yield path


def replaced(tree, path, value):
    out = copy.deepcopy(tree)
    at = out
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return out


@pytest.mark.parametrize(
    "name", ["auer_single_neuron", "srebro_jaakkola_rank_one", "fukumizu_amari_split", "dead_relu"]
)
@pytest.mark.parametrize("bad", ["nan", "inf", "1e400000000", "x", "", None, 0.5, True])
def test_what_is_no_rational_is_refused_everywhere(name, bad, certified):
    objective, found = certified(name)
    certificate = dict(found.certificate)
    paths = list(numbers({k: certificate[k] for k in ("place", "signature", "proof") if k in certificate}))
    for path in paths[:: max(1, len(paths) // 12)]:
        assert isinstance(check(replaced(certificate, path, bad), objective), Refused), path


@pytest.mark.parametrize("name", ["auer_single_neuron", "srebro_jaakkola_rank_one", "fukumizu_amari_split"])
def test_a_moved_centre_or_a_shrunk_box_is_refused(name, certified):
    objective, found = certified(name)
    certificate = dict(found.certificate)
    zero = certificate["place"]["zero"]
    for k in range(len(zero["centre"])):
        assert isinstance(
            check(replaced(certificate, ("place", "zero", "centre", k), spoil_number(zero["centre"][k])), objective),
            Refused,
        )
        assert isinstance(
            check(replaced(certificate, ("place", "zero", "radius", k), "1/" + "1" + "0" * 200), objective), Refused
        )
        assert isinstance(check(replaced(certificate, ("place", "zero", "radius", k), "-1"), objective), Refused)
        assert isinstance(check(replaced(certificate, ("place", "zero", "radius", k), "1000"), objective), Refused)
        flipped = str(-Fraction(zero["inverse"][k][k]))
        assert isinstance(check(replaced(certificate, ("place", "zero", "inverse", k, k), flipped), objective), Refused)
    for precision in (1, 10**9, "256", None):
        assert isinstance(check(replaced(certificate, ("place", "zero", "precision"), precision), objective), Refused)


def test_wrong_symmetries_and_planes_are_refused(certified):
    objective, found = certified("srebro_jaakkola_rank_one")
    certificate = dict(found.certificate)
    for path in numbers({"proof": {"fields": certificate["proof"]["fields"]}}):
        assert isinstance(check(replaced(certificate, path, "7/3"), objective), Refused), path
    for path in numbers({"place": {"zero": {"fields": certificate["place"]["zero"]["fields"]}}}):
        assert isinstance(check(replaced(certificate, path, "7/3"), objective), Refused), path
    objective, found = certified("fukumizu_amari_split")
    certificate = dict(found.certificate)
    for path in numbers({"proof": {key: certificate["proof"][key] for key in ("plane", "cofactors")}}):
        assert isinstance(check(replaced(certificate, path, "7/3"), objective), Refused), path
    for path in numbers({"place": {"zero": {"normals": certificate["place"]["zero"]["normals"]}}}):
        assert isinstance(check(replaced(certificate, path, "7/3"), objective), Refused), path


def test_wrong_slices_are_refused(certified):
    objective, found = certified("ysj_sigmoid")
    certificate = dict(found.certificate)
    proof = certificate["proof"]
    for path in numbers({"proof": {"across": proof["across"]}}):
        assert isinstance(check(replaced(certificate, path, "7/3"), objective), Refused), path
    narrower = [row[1:] for row in proof["slice"]]
    doubled = [[row[0], *row[:-1]] for row in proof["slice"]]
    for spoilt in (narrower, doubled, proof["across"], [], [[]] * 9, proof["slice"][1:]):
        assert isinstance(check(replaced(certificate, ("proof", "slice"), spoilt), objective), Refused)
    swapped = {**proof, "across": proof["slice"], "slice": proof["across"]}
    assert isinstance(check(replaced(certificate, ("proof",), swapped), objective), Refused)
    assert isinstance(check(replaced(certificate, ("proof", "then"), {"rule": "constant"}), objective), Refused)
    assert isinstance(check(replaced(certificate, ("proof",), {"rule": "convex image"}), objective), Refused)
    assert isinstance(check(replaced(certificate, ("proof",), {"rule": "magic"}), objective), Refused)
    assert isinstance(check(replaced(certificate, ("proof",), {}), objective), Refused)


@pytest.mark.parametrize("name", ["auer_single_neuron", "ysj_sigmoid", "srebro_jaakkola_rank_one"])
def test_claims_beyond_the_proof_are_refused(name, certified):
    objective, found = certified(name)
    certificate = dict(found.certificate)
    strict = certificate["claim"]["strict"]
    for key, value in (
        ("kind", "local maximum"),
        ("kind", "saddle"),
        ("kind", "x"),
        ("index", 1),
        ("strict", not strict),
    ):
        assert isinstance(check(replaced(certificate, ("claim", key), value), objective), Refused), (key, value)


def test_a_foreign_problem_is_refused(certified):
    objective, found = certified("ysj_sigmoid")
    other, _ = certified("ysj_quadratic")
    assert isinstance(check(found.certificate, other), Refused)
    shifted = Objective(objective.name, objective.variables, objective.expression + 1, "")
    assert isinstance(check(found.certificate, shifted), Refused)
    for broken in (None, 3, [], {}, {"format": "pgb-point-1"}, {**found.certificate, "format": "other"}):
        assert isinstance(check(broken, objective), Refused)
    assert isinstance(check({**found.certificate, "variables": []}, objective), Refused)
    assert isinstance(check(replaced(dict(found.certificate), ("place", "exact", "b2_1"), "1/7"), objective), Refused)


def test_parts_that_do_not_make_up_the_objective_prove_nothing():
    """A convex image argument about other outputs says nothing about this expression."""
    objective, point = published("dead_relu")
    names = {v.name: v for v in objective.variables}
    worse = Objective(
        "L",
        objective.variables,
        objective.expression - names["w1_1_1"] ** 2 * 0 - (names["b1_1"] + 4) ** 2,
        "",
        objective.weight,
        objective.q,
        objective.sample_losses,
        objective.outputs,
        objective.rest,
    )
    found = classify(worse, point)
    assert found.local_minimum is not True


def textbook(formula, names, point, **options):
    symbols = {n: real_symbol(n) for n in names.split()}
    objective = Objective("f", tuple(symbols.values()), parse(formula, symbols, "f"), "")
    values = {n: parse(v, {}, "p") for n, v in zip(symbols, point.split(), strict=True)}
    found = classify(objective, values, **options)
    if found.certificate:
        again = check(json.loads(json.dumps(found.to_json()))["certificate"], objective)
        assert isinstance(again, Checked)
        assert again.kind == found.kind
        assert again.local_minimum == found.local_minimum
    return found


TEXTBOOK = [
    ("x^2 + y^2", "x y", "0 0", MIN, True),
    ("-x^2 - 3*y^2", "x y", "0 0", MAX, True),
    ("x^2 - y^2", "x y", "0 0", SADDLE, None),
    ("x*y", "x y", "0 0", SADDLE, None),
    ("x^2 - y^4", "x y", "0 0", SADDLE, None),
    ("x^3", "x", "0", SADDLE, None),
    ("x^3 - 3*x*y^2", "x y", "0 0", SADDLE, None),
    ("(y - x^2)*(y - 3*x^2)", "x y", "0 0", SADDLE, None),
    ("(x*y - 1)^2", "x y", "2 1/2", MIN, False),
    ("(x^2 + y^2 - 1)^2", "x y", "3/5 4/5", MIN, False),
    ("-(x^2 + y^2 - 1)^2", "x y", "3/5 4/5", MAX, False),
    ("(x^2 + y^2 - 1)^2", "x y", "0 0", MAX, True),
    ("(x^2 + y^2 - 1)^2 - z^2", "x y z", "3/5 4/5 0", SADDLE, None),
    ("x^2 + 3", "x y", "0 5", MIN, False),
    ("3", "x", "5", MIN, False),
    ("sin(x)", "x", "pi/2", MAX, True),
    ("log(x)^2", "x", "1", MIN, True),
    ("tanh(x)^2*(1 + y^2)", "x y", "0 1", MIN, False),
    ("(w2*w1 - 1)^2", "w1 w2", "0 0", SADDLE, None),
    ("(w3*w2*w1 - 1)^2", "w1 w2 w3", "0 0 0", SADDLE, None),
]


@pytest.mark.parametrize(("formula", "names", "point", "kind", "strict"), TEXTBOOK)
def test_textbook_points(formula, names, point, kind, strict):
    found = textbook(formula, names, point)
    assert (found.kind, found.strict, found.critical) == (kind, strict, True)
    assert found.status is Evidence.CERTIFIED
    assert found.local_minimum is (kind is MIN)


def test_decimals_near_a_zero_stand_for_it_and_say_so():
    found = textbook("sin(x)", "x", "-157079632679/100000000000")
    assert (found.kind, found.exact) == (MIN, False)
    assert Fraction(found.theta["x"]) - Fraction("-1.57079632679489661923132169164") == 0
    assert 0 < Fraction(found.distance) < Fraction(1, 10**10)
    assert Fraction(found.radius) < Fraction(1, 10**25)


def test_the_index_counts_directions_of_descent():
    assert textbook("x^2 - y^2 - 2*z^2", "x y z", "0 0 0").index == 2
    assert textbook("(x^2 + y^2 - 1)^2 - z^2", "x y z", "3/5 4/5 0").index == 1
    assert textbook("x^2 - z^2 + y^4", "x y z", "0 0 0").index == 1


@pytest.mark.parametrize("point", ["1/10 0", "1/1000 0", "-3 2"])
def test_points_that_are_not_critical(point):
    found = textbook("x^2 + y^2", "x y", point)
    assert (found.kind, found.critical, found.local_minimum) == (None, False, False)
    assert "dL/dx" in found.reason


@pytest.mark.parametrize("formula", ["exp(-1/x^2)", "log(x)", "1/x", "step(x)"])
def test_points_outside_the_domain_are_undecided(formula):
    found = textbook(formula, "x", "0")
    assert (found.kind, found.local_minimum, found.status) == (None, None, Evidence.UNDECIDED)
    assert found.reason


KINKS = [
    ("Abs(x) + y^2", "x y", "0 0", True, True),
    ("Abs(x) + x/2 + y^2", "x y", "0 0", True, True),
    ("Abs(x) + Abs(y)", "x y", "0 0", True, True),
    ("(Abs(x*exp(w + b)) + Abs(x*exp(b - w) - 1))/2 + x^2/10", "x b w", "0 0 1", True, False),
    ("Abs(x) - 2*x + y^2", "x y", "0 0", False, None),
    ("-Abs(x)", "x", "0", False, None),
    ("-relu(x)^2", "x", "0", False, None),
    ("relu(x)", "x", "-1", True, False),
    ("relu(x) + relu(-2*x)", "x", "0", True, True),
]


@pytest.mark.parametrize(("formula", "names", "point", "minimum", "strict"), KINKS)
def test_kinks(formula, names, point, minimum, strict):
    found = textbook(formula, names, point)
    assert (found.local_minimum, found.strict) == (minimum, strict)


def test_minima_on_the_border_of_a_box():
    unit = {"x": (sympy.S(0), sympy.S(1))}
    assert textbook("x + y^2", "x y", "0 0", bounds=unit).kind is MIN
    assert textbook("-x + y^2", "x y", "1 0", bounds=unit).kind is MIN
    assert textbook("-x + y^2", "x y", "0 0", bounds=unit).local_minimum is False
    assert textbook("x + y^2", "x y", "1/2 0", bounds=unit).local_minimum is False


def test_unusable_points_are_input_errors():
    x = real_symbol("x")
    objective = Objective("f", (x,), x**2, "")
    for point, message in (
        ({}, "missing"),
        ({"x": 0, "y": 1}, "unknown variable y"),
        ({"x": sympy.Float(0.5)}, "closed exact"),
        ({"x": x}, "closed exact"),
        ({"x": sympy.oo}, "closed exact"),
    ):
        with pytest.raises(InputError, match=message):
            classify(objective, point)


def test_results_are_reproducible():
    objective, point = published("ysj_quadratic")
    assert classify(objective, point).to_json() == classify(objective, point).to_json()


def test_the_recheck_loads_no_search_code():
    """In a fresh process: only trusted rooms come with `recheck`."""
    code = "import sys, pgb.landscape.recheck; print(*sorted(m for m in sys.modules if m.startswith('pgb.landscape')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    search = (
        "classify",
        "zeros",
        "fits",
        "proposals",
        "search",
        "fields",
        "cofactors",
        "descents",
        "prove",
        "subgradients",
    )
    assert not [m for m in loaded if m.rpartition(".")[2] in search]
    assert "pgb.landscape.flat.rules" in loaded
