"""Problem files: what is wrong is said in one sentence that names the field; nothing but an `InputError` comes out."""

from __future__ import annotations

import copy
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sympy

from pgb.errors import InputError
from pgb.objective import loss, transformed
from pgb.problem import Problem, load, loads
from pgb.problem.files import from_document

DENSE = """
title = "one tanh neuron"
source = "made for this test"
[network]
kind = "dense"
layers = [2, 2, 1]
activation = "tanh"
bias = true
[loss]
name = "squared"
scale = "1/2"
reduction = "sum"
[data]
x = [["1", "0"], ["0.5", "-2/3"], [3, "1e-2"]]
y = [["5"], ["-1"], [2]]
[ridge]
weights = { w1_1_1 = "1/2", b2_1 = 3 }
[augmentation]
kind = "exp_neuron"
lambda = "1/10"
[region]
theta = ["-10", "10"]
w1_1_2 = ["0", "1"]
aux_b1 = ["-1", "1"]
[points.origin]
w1_1_1 = "0"
w1_1_2 = "-log(2)"
w1_2_1 = 1
w1_2_2 = "sqrt(2)/3"
b1_1 = "0"
b1_2 = "0"
w2_1_1 = "0"
w2_1_2 = "0"
b2_1 = "pi"
aux_w1_2 = "7"
"""
FORMULA = """
[network]
kind = "formula"
formula = ["theta^3 - 3*theta*x1", "theta + u"]
parameters = ["theta", "u"]
[loss]
name = "formula"
formula = "y3*(q1 - y1)^2 + (q2 - y2)^2"
[data]
x = [["1"], ["2"]]
y = [["5", "0", "1/2"], ["1", "2", "3"]]
[ridge]
weight = "1/100"
[augmentation]
kind = "unit"
unit = "a*tanh(w1*x1 + b)"
lambda = 0
[points.spurious]
theta = "-1"
u = "0"
"""
CLASSES = """
[network]
kind = "residual"
layers = [1, 2, 3]
activation = "softplus"
[loss]
name = "cross_entropy"
[data]
x = [["1"], ["2"], ["1"]]
y = [["0"], ["2"], ["1"]]
[augmentation]
kind = "no_extra_unit"
"""
LINEAR = """
[network]
kind = "linear"
layers = [1, 1]
[loss]
name = "logistic"
reduction = "mean"
[data]
x = [["1"], ["2"]]
y = [[1], ["-1"]]
[augmentation]
kind = "none"
"""
DOCUMENTS = {"dense": DENSE, "formula": FORMULA, "classes": CLASSES, "linear": LINEAR}


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        loads(text)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 700
    return said


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_valid_documents_are_read_exactly(text: str) -> None:
    problem = loads(text)
    assert transformed(problem).expression.free_symbols <= set(transformed(problem).variables)


def test_the_numbers_of_a_document_are_the_ones_written() -> None:
    p = loads(DENSE)
    assert p.data.x[1] == (sympy.Rational(1, 2), sympy.Rational(-2, 3))
    assert p.data.x[2] == (sympy.Integer(3), sympy.Rational(1, 100))
    assert p.ridge == {"w1_1_1": sympy.Rational(1, 2), "b2_1": sympy.Integer(3)}
    assert p.weight() == 1
    assert p.region["w1_1_2"] == (0, 1)
    assert p.region["w2_1_1"] == (-10, 10)
    assert p.region["aux_b1"] == (-1, 1)
    assert "aux_a1" not in p.region
    assert p.point("origin")["w1_1_2"] == -sympy.log(2)
    assert p.title == "one tanh neuron"
    assert loads(FORMULA).ridge == {"theta": sympy.Rational(1, 100), "u": sympy.Rational(1, 100)}


def test_a_document_means_the_same_in_any_order() -> None:
    document = tomllib.loads(DENSE)
    shuffled = dict(reversed(list(document.items())))
    assert loss(from_document(shuffled)).expression == loss(loads(DENSE)).expression


# -- each kind of mistake -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("section", ["network", "loss", "data"])
def test_a_missing_section_is_named(section: str) -> None:
    document = tomllib.loads(DENSE)
    del document[section]
    with pytest.raises(InputError, match=rf"^{section}: is missing"):
        from_document(document)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dense", "network.kind"),
        ("dense", "network.layers"),
        ("dense", "network.activation"),
        ("formula", "network.formula"),
        ("formula", "network.parameters"),
        ("dense", "loss.name"),
        ("formula", "loss.formula"),
        ("dense", "data.x"),
        ("dense", "data.y"),
        ("formula", "augmentation.unit"),
        ("formula", "points.spurious.theta"),
    ],
)
def test_a_missing_key_is_named(name: str, path: str) -> None:
    document = tomllib.loads(DOCUMENTS[name])
    *sections, key = path.split(".")
    table = document
    for s in sections:
        table = table[s]
    del table[key]
    with pytest.raises(InputError) as caught:
        from_document(document)
    assert key in str(caught.value)
    assert sections[0] in caught.value.field


@pytest.mark.parametrize(
    "section",
    ["", "network", "loss", "data", "ridge", "ridge.weights", "augmentation", "region", "points.origin"],
)
@pytest.mark.parametrize("key", ["colour", "Layers", "w9_9_9", "\x1b[31mred", "new\nline", "a" * 5000, ""])
def test_an_unknown_key_is_named_in_every_section(section: str, key: str) -> None:
    document = tomllib.loads(DENSE)
    table = document
    for s in filter(None, section.split(".")):
        table = table[s]
    table[key] = "1"
    with pytest.raises(InputError) as caught:
        from_document(document)
    said = str(caught.value)
    assert re.match(re.escape(section), said)
    assert "is not" in said
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) < 500
    if key.isidentifier() and len(key) < 20:
        assert key in said.split(":", maxsplit=1)[0]


def test_sections_of_others_are_left_alone_when_asked() -> None:
    text = DENSE + '[claim]\nkind = "x"\n'
    assert "claim" in refused(text)
    assert isinstance(loads(text, extra_sections=["claim"]), Problem)


def edited(name: str, old: str, new: str) -> str:
    assert old in DOCUMENTS[name]
    return DOCUMENTS[name].replace(old, new)


MISTAKES = [
    ("dense", 'x = [["1", "0"]', 'x = [["1"]', r"^data\.x\[1\]: must have 1 entries"),
    ("dense", 'x = [["1", "0"]', 'x = [[0.5, "0"]', r"^data\.x\[0\]\[0\]: must be exact: write .* '0\.5'"),
    ("dense", 'x = [["1", "0"]', 'x = [[nan, "0"]', r"^data\.x\[0\]\[0\]: must be exact"),
    ("dense", 'x = [["1", "0"]', 'x = [[inf, "0"]', r"^data\.x\[0\]\[0\]: must be exact"),
    ("dense", 'x = [["1", "0"]', 'x = [["one", "0"]', r"^data\.x\[0\]\[0\]: must be an exact number"),
    ("dense", 'x = [["1", "0"]', 'x = [["1/0", "0"]', r"^data\.x\[0\]\[0\]: divides by zero"),
    ("dense", 'x = [["1", "0"], ["0.5", "-2/3"], [3, "1e-2"]]', "x = []", r"^data\.x: must be a non-empty list"),
    ("dense", 'y = [["5"], ["-1"], [2]]', 'y = [["5"], ["-1"]]', r"^data\.y: must have 3 rows"),
    ("dense", 'y = [["5"], ["-1"], [2]]', 'y = [["5", 1], ["-1", 1], [2, 1]]', r"^data\.y: must have 1 column"),
    ("dense", 'y = [["5"], ["-1"], [2]]', 'y = ["5", "-1", 2]', r"^data\.y\[0\]: must be a non-empty row"),
    ("dense", "layers = [2, 2, 1]", "layers = [1, 2, 1]", r"^network\.layers: must start with the 2 columns"),
    ("dense", "layers = [2, 2, 1]", "layers = []", r"^network\.layers: must list at least"),
    ("dense", "layers = [2, 2, 1]", "layers = [2]", r"^network\.layers: must list at least"),
    ("dense", "layers = [2, 2, 1]", "layers = [2, 0, 1]", r"^network\.layers\[1\]: must be a positive integer"),
    ("dense", "layers = [2, 2, 1]", "layers = [2, -3, 1]", r"^network\.layers\[1\]: must be a positive integer"),
    ("dense", "layers = [2, 2, 1]", "layers = [2, 2.0, 1]", r"^network\.layers\[1\]: must be a positive integer"),
    ("dense", "layers = [2, 2, 1]", "layers = [2, true, 1]", r"^network\.layers\[1\]: must be a positive integer"),
    ("dense", "layers = [2, 2, 1]", "layers = [2, 1000000, 1]", r"^network\.layers: must give at most 2000"),
    ("dense", "layers = [2, 2, 1]", f"layers = [2, 0x{'f' * 9000}, 1]", r"^network\.layers: must give at most 2000"),
    ("dense", "layers = [2, 2, 1]", f"layers = [2, {'1, ' * 500} 1]", r"^network\.layers: must list at most"),
    ("dense", 'activation = "tanh"', 'activation = "swish"', r"^network\.activation: must be one of identity"),
    ("dense", 'kind = "dense"', 'kind = "transformer"', r"^network\.kind: must be dense"),
    ("dense", 'kind = "dense"', 'kind = "linear"', r"^network\.activation: is not read"),
    ("classes", 'activation = "softplus"', 'activation = "softplus"\nbias = false', r"^network\.bias: is not read"),
    ("classes", "layers = [1, 2, 3]", "layers = [1, 2, 2, 3]", r"^network\.layers: must be \[dx, dz, dy\]"),
    ("dense", "bias = true", "bias = 1", r"^network\.bias: must be true or false"),
    ("dense", 'scale = "1/2"', 'scale = "0"', r"^loss\.scale: must be positive"),
    ("dense", 'scale = "1/2"', "scale = 0.5", r"^loss\.scale: must be exact"),
    ("dense", 'reduction = "sum"', 'reduction = "max"', r"^loss\.reduction: must be 'mean' or 'sum'"),
    ("dense", 'name = "squared"', 'name = "logistic"', r"^data\.y\[0\]: must be 1 or -1 for the logistic"),
    ("dense", 'name = "squared"', 'name = "cross_entropy"', r"^loss\.name: cross_entropy needs .* at least two outputs"),
    ("dense", 'name = "squared"', 'name = "squared"\nformula = "q1"', r"^loss\.formula: is read only when"),
    ("classes", 'y = [["0"]', 'y = [["3"]', r"^data\.y\[0\]: must be a class index 0 to 2"),
    ("classes", 'y = [["0"]', 'y = [["1/2"]', r"^data\.y\[0\]: must be a class index 0 to 2"),
    ("classes", 'y = [["0"], ["2"], ["1"]]', "y = [[1, 1, -1], [1, 0, 0], [0, 0, 1]]", r"^data\.y\[0\]: must be a class"),
    ("classes", 'y = [["0"], ["2"], ["1"]]', "y = [[1, 0], [1, 0], [0, 1]]", r"^data\.y\[0\]: must be a class index"),
    ("linear", "y = [[1]", "y = [[0]", r"^data\.y\[0\]: must be 1 or -1"),
    ("linear", "layers = [1, 1]", "layers = [1, 2]", r"^loss\.name: logistic needs a network with one output"),
    ("dense", 'w1_1_1 = "1/2", b2_1', 'w1_1_1 = "-1/2", b2_1', r"^ridge: must have weights of at least 0"),
    ("formula", 'weight = "1/100"', 'weight = "-1"', r"^ridge: must have weights of at least 0"),
    ("formula", 'weight = "1/100"', 'weight = 0.01', r"^ridge\.weight: must be exact"),
    ("formula", 'weight = "1/100"', 'weight = "1"\nweights = {}', r"^ridge: must have either weight"),
    ("dense", 'kind = "exp_neuron"', 'kind = "relu"', r"^augmentation\.kind: must be one of"),
    ("dense", 'kind = "exp_neuron"', 'kind = "exp_neuron"\nunit = "a"', r"^augmentation\.unit: is read only when"),
    ("formula", 'unit = "a*tanh(w1*x1 + b)"', 'unit = "a*tanh(w2*x1 + b)"', r"^augmentation\.unit: has the unknown name 'w2'"),
    ("dense", 'theta = ["-10", "10"]', 'theta = ["10", "-10"]', r"^region\.theta: must have its lower end below"),
    ("dense", 'theta = ["-10", "10"]', 'theta = ["10"]', r"^region\.theta: must be a pair"),
    ("dense", 'theta = ["-10", "10"]', 'theta = [-10.0, 10]', r"^region\.theta\[0\]: must be exact"),
    ("dense", 'w1_1_1 = "0"\n', "", r"^points\.origin: must give every parameter; w1_1_1 is missing"),
    ("dense", 'b2_1 = "pi"', 'b2_1 = "pi"\nw7 = 1', r"^points\.origin\.w7: is not a known key"),
    ("dense", 'b2_1 = "pi"', 'b2_1 = "log(-2)"', r"^points\.origin\.b2_1: takes the logarithm"),
    ("dense", 'b2_1 = "pi"', 'b2_1 = "w1_1_1"', r"^points\.origin\.b2_1: has the unknown name 'w1_1_1'"),
    ("dense", 'b2_1 = "pi"', "b2_1 = 0.5", r"^points\.origin\.b2_1: must be exact"),
    ("formula", "theta + u", "theta + v", r"^network\.formula\[1\]: has the unknown name 'v'"),
    ("formula", "theta + u", "theta + 1/(x1 - 2)", r"^network\.formula\[1\]: has no real value at data\.x\[1\]"),
    ("formula", "theta + u", "theta + sqrt(x1 - 3/2)", r"^network\.formula\[1\]: has no real value at data\.x\[0\]"),
    ("formula", "theta + u", "theta*log(x1 - 2)", r"^network\.formula\[1\]: has no real value at data\.x\[0\]"),
    ("formula", "theta + u", "theta + (x1 - 3/2)^(1/3)", r"^network\.formula\[1\]: has no real value at data\.x\[0\]"),
    ("formula", '["theta", "u"]', '["theta", "theta"]', r"^network\.parameters\[1\]: must be a new name"),
    ("formula", '["theta", "u"]', '["theta", "x1"]', r"^network\.parameters\[1\]: must be a new name"),
    ("formula", '["theta", "u"]', '["theta", "exp"]', r"^network\.parameters\[1\]: must be a new name"),
    ("formula", '["theta", "u"]', '["theta", "aux_a1"]', r"^network\.parameters\[1\]: must be a new name"),
    ("formula", '["theta", "u"]', '["theta", "lambda"]', r"^network\.parameters\[1\]: must be a name"),
    ("formula", '["theta", "u"]', '["theta", "\ufb01"]', r"^network\.parameters\[1\]: must be a name"),
    ("formula", '["theta", "u"]', '["theta", "a b"]', r"^network\.parameters\[1\]: must be a name"),
    ("formula", "y3*(q1 - y1)^2", "y4*(q1 - y1)^2", r"^loss\.formula: has the unknown name 'y4'"),
    ("formula", "y3*(q1 - y1)^2", "(q1 - y1)^2/y2", r"^loss\.formula: has no real value for the labels of data\.y\[0\]"),
    ("formula", "y3*(q1 - y1)^2", "log(y2 - 1)*q1", r"^loss\.formula: has no real value for the labels of data\.y\[0\]"),
    ("formula", "y3*(q1 - y1)^2", "__import__('os').system('id')", r"^loss\.formula: may hold numbers"),
    ("formula", "y3*(q1 - y1)^2", "10^10^10", r"^loss\.formula: has a number of more than"),
    ("formula", "y3*(q1 - y1)^2", "q1+" * 300_000, r"^loss\.formula: must be a formula of at most"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "says"), MISTAKES, ids=[m[3][:40] for m in MISTAKES])
def test_a_mistake_is_named(name: str, old: str, new: str, says: str) -> None:
    begin = time.process_time()
    assert re.search(says, refused(edited(name, old, new)))
    assert time.process_time() - begin < 2


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a file, got a folder"):
        load(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="must be the path of a file"):
        load("a\x00b")
    bad = tmp_path / "bad.toml"
    for content, says in [
        (b"\xff\xfe\x00", "must be UTF-8 text; byte 0"),
        (b"", "network: is missing"),
        (b"x = = 1", "must be TOML"),
        (b"x = " + b"[" * 5000, "must be TOML"),
        (b"x = 1\nx = 2", "must be TOML"),
        (b"x = 1" + b"0" * 5000, "must be TOML"),
        (b"\x00", "must be TOML"),
        (b"#" * 4_000_001, "must be a file of at most"),
    ]:
        bad.write_bytes(content)
        with pytest.raises(InputError) as caught:
            load(bad)
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)
    good = tmp_path / "good.toml"
    good.write_text(DENSE, encoding="utf-8")
    assert load(good) == loads(DENSE)


def test_an_unknown_point_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"^points\.nowhere: is not defined; the points are origin"):
        loads(DENSE).point("nowhere")


# -- every value replaced by values of the wrong type ----------------------------------------------------------------
WRONG: list[Any] = [
    True, 0, -1, 10**5000, 0.5, float("nan"), float("inf"), "", "x", "-1/2", "1e999", "\x00", [], [[]], [[[1]]], ["a"], {}, {"a": {}},
    tomllib.loads("t = 2020-01-01")["t"], [None], "theta", [1, 2], ["1", "2"], "\ud800",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_value_of_another_type_gives_an_input_error_or_a_problem(name: str) -> None:
    document = tomllib.loads(DOCUMENTS[name])
    refusals = 0
    for path in places(document):
        for wrong in WRONG:
            changed = copy.deepcopy(document)
            table: Any = changed
            for step in path[:-1]:
                table = table[step]
            if not path:
                continue
            table[path[-1]] = wrong
            try:
                problem = from_document(changed)
            except InputError as error:
                refusals += 1
                said = f"{error}"
                if "\n" in said or len(said) > 700:
                    pytest.fail(said)
            else:
                transformed(problem)
    assert refusals > 200


HUGE = """
[network]
kind = "formula"
formula = ["{f}"]
parameters = ["theta"]
[loss]
name = "squared"
[data]
x = [["1000000000"]]
y = [["5"]]
[points.p]
theta = "{theta}"
aux_a1 = "0"
aux_b1 = "0"
aux_w1_1 = "{w}"
"""


@pytest.mark.parametrize(
    ("f", "theta", "w", "exponent"),
    [
        ("exp(theta*x1)", "log(7)", "0", "1000000000*theta"),
        ("exp(theta*exp(30*theta))", "log(7)", "0", "theta*exp(30*theta)"),
        ("theta*x1", "1", "log(7)", "aux_b1 + 1000000000*aux_w1_1"),
    ],
)
def test_a_point_whose_numbers_have_billions_of_digits_is_refused(f: str, theta: str, w: str, exponent: str) -> None:
    assert refused(HUGE.format(f=f, theta=theta, w=w)).startswith(f"points.p: makes exp({exponent}) too long")


@pytest.mark.parametrize(
    ("f", "theta"), [("exp(theta*x1)", "1"), ("tanh(theta*x1)", "log(7)"), ("exp(theta)", "log(7)")]
)
def test_large_exponents_that_stay_symbolic_are_read(f: str, theta: str) -> None:
    assert "p" in loads(HUGE.format(f=f, theta=theta, w="0")).points
