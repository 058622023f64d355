"""The steps that make a counterexample small are single, generic, and know no theorem."""

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.falsify import extras, losses, shrink, steps, strategies
from pgb.falsify.documents import Spot, problem_of, size
from pgb.falsify.strategies import problems
from pgb.theorems import HYPOTHESES, THEOREMS

DRAWS = ("plain", "ridge", "outputs", "residual", "no_extra_unit")
NOWHERE = Spot({})


def documents():
    return st.sampled_from(DRAWS).flatmap(lambda draws: problems((), None, draws))


def sections(document):
    return {name: json.dumps(section, sort_keys=True) for name, section in document.items()}


@given(documents())
@settings(max_examples=12)
def test_steps_give_problems_and_leave_the_document_alone(document):
    before, readable = json.dumps(document), 0
    for kind in steps.KINDS:
        for changed in kind(document):
            assert json.dumps(document) == before
            try:
                problem_of(changed)
            except InputError:
                continue  # such as class labels with a loss that wants numbers
            readable += 1
            assert len(changed["data"]["x"]) >= len(document["data"]["x"]) - 1
    assert readable > 0


@given(documents())
@settings(max_examples=12)
def test_a_step_changes_the_network_or_the_data(document):
    """No compound jump: the network and the inputs change together only where one output or one input column goes."""
    for kind in steps.KINDS:
        for changed in kind(document):
            different = {n for n in sections(document) if sections(changed).get(n) != sections(document)[n]}
            if {"network", "data"} <= different:
                x, y = (changed["data"][k] for k in "xy")
                columns = len(x[0]) + len(y[0])
                assert columns == len(document["data"]["x"][0]) + len(document["data"]["y"][0]) - 1
                assert len(x) == len(document["data"]["x"])


@given(documents())
@settings(max_examples=12)
def test_simpler_numbers_are_smaller(document):
    for changed in steps.simpler(document):
        assert size(changed, NOWHERE) != size(document, NOWHERE) or "region" in document


def test_steps_take_a_document_alone():
    for kind in (*steps.KINDS, steps.pairs):
        assert list(inspect.signature(kind).parameters) == ["document"]


def test_pairs_are_two_single_steps():
    """Two samples and a network: both may go at once, or the inputs with one of them."""
    document = {
        "network": {"kind": "formula", "formula": ["t1*x1"], "parameters": ["t1"]},
        "loss": {"name": "squared"},
        "data": {"x": [["1"], ["-1"]], "y": [["1"], ["2"]]},
        "augmentation": {"kind": "exp_neuron", "lambda": "1"},
    }
    single = [*steps.fewer(document), *steps.centred(document)]
    double = list(steps.pairs(document))
    assert any(d["data"]["x"] == [["0"]] and d["network"] == document["network"] for d in double)
    assert document not in double
    assert all(any(d in [*steps.fewer(s), *steps.centred(s)] for s in single) for d in double)


@pytest.mark.parametrize("module", [steps, shrink, extras, losses])
def test_no_theorem_is_named_where_counterexamples_are_made(module):
    source = inspect.getsource(module)
    sections = {"ridge", "residual", "reduction", "exp_neuron"}  # also words of problem files
    drawn = {"loss_differentiable", "loss_convex", "loss_nonnegative"} if module is losses else set()
    for name in {*THEOREMS, *HYPOTHESES} - sections - drawn:
        assert f'"{name}"' not in source


def test_problems_are_drawn_over_all_kinds():
    seen = set()

    @given(documents())
    @settings(max_examples=1500, database=None)
    def draw(document):
        network, x, y = document["network"], document["data"]["x"], document["data"]["y"]
        dy = len(network["formula"]) if "formula" in network else network["layers"][-1]
        seen.update({f"network {network['kind']}", f"loss {document['loss']['name']}", f"dx {len(x[0])}", f"dy {dy}"})
        seen.add(f"added {document['augmentation']['kind']}")
        seen.update({"ridge"} & set(document))
        pairs = {(*map(tuple, pair),) for pair in zip(x, y, strict=True)}
        inputs = {tuple(row) for row in x}
        seen.update({"repeated"} if len(inputs) < len(x) else ())
        seen.update({"conflict"} if len(pairs) > len(inputs) else ())
        seen.update({"constant"} if network.get("formula") == ["0"] else ())

    draw()
    networks = {f"network {kind}" for kind in ("formula", "dense", "linear", "residual")}
    named = {f"loss {n}" for n in ("squared", "absolute", "logistic", "smooth_hinge", "cross_entropy", "formula")}
    sizes = {f"{d} {n}" for d in ("dx", "dy") for n in (1, 2, 3)}
    kinds = {f"added {kind}" for kind in ("exp_neuron", "unit", "none", "no_extra_unit")}
    assert networks | named | sizes | kinds | {"ridge", "repeated", "conflict", "constant"} <= seen


def test_nothing_of_a_region_is_drawn_while_the_domain_is_unbounded():
    assert strategies._region(None, 1, 1, None) == {}
