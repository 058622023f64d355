"""What is written is read back as it was: problem files, records, certificates, derivation logs."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
import sympy
from hypothesis import strategies as st

from pgb import derivations, library, objective, problem
from pgb.expressions import parse, text
from pgb.falsify import ATTACKS, hypotheses_of
from pgb.falsify.documents import Spot, claims_toml, problem_of
from pgb.falsify.strategies import problems
from pgb.landscape import recheck
from pgb.landscape.records import recheck_record
from pgb.problem.files import from_document

from .laws import law
from .tampering import records
from .test_statements import with_point


def same_problem(one: problem.Problem, two: problem.Problem) -> bool:
    return (one.network, one.loss, one.data, one.ridge, one.augmentation, one.region) == (
        two.network, two.loss, two.data, two.ridge, two.augmentation, two.region,
    )  # fmt: skip


@law(30, drawn=with_point(losses=("squared", "quartic", "exponential")))
def test_a_problem_file(drawn: Any) -> None:
    """Text -> Problem -> document from the Problem's own parts -> Problem: the same, and the same L and Lt."""
    c, *_ = drawn
    p = c.problem
    document = tomllib.loads(c.text())
    document["network"]["formula"] = [text(f) for f in p.network.outputs]
    if p.loss.expression is not None:
        document["loss"]["formula"] = text(p.loss.expression)
    document["data"] = {n: [[str(v) for v in row] for row in t] for n, t in (("x", p.data.x), ("y", p.data.y))}
    document["augmentation"] = {"kind": p.augmentation.kind, "lambda": str(p.augmentation.lam)}
    again = from_document(document)
    assert same_problem(again, p)
    assert objective.augmented(again).expression == objective.augmented(p).expression


@law(40, document=st.sampled_from(list(ATTACKS)).flatmap(lambda name: problems(hypotheses_of(name))))
def test_a_drawn_document_as_toml(document: dict[str, Any]) -> None:
    """Documents of every kind of network, loss and unit, written as a case file and read again."""
    p = problem_of(document)
    names = [v.name for v in objective.transformed(p).variables]
    spot = Spot(dict.fromkeys(names, "1/3"))
    written = claims_toml(document, spot, [], {}, "a title", "drawn")
    again = problem.loads(written, extra_sections=("case",))
    assert same_problem(again, p)
    assert (again.title, set(again.points["found"].values())) == ("a title", {sympy.Rational(1, 3)})
    assert objective.transformed(again).expression == objective.transformed(p).expression


@law(20, drawn=with_point())
def test_the_text_of_an_objective(drawn: Any) -> None:
    c, *_ = drawn
    lt = objective.augmented(c.problem)
    again = parse(lt.text(), {v.name: v for v in lt.variables}, "objective")
    assert sympy.expand(again - lt.expression) == 0
    assert recheck.fingerprint(lt) == recheck.fingerprint(objective.augmented(problem.loads(c.text())))


def test_records_through_a_file(tmp_path: Any) -> None:
    """Each kind of record is written, read, and confirmed; and its certificates are plain data that survive twice."""
    for number, (name, record) in enumerate(records().items()):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        read = json.loads(path.read_text(encoding="utf-8"))
        assert read == record
        assert all(r.ok for r in recheck_record(read)), name


@pytest.mark.parametrize("name", ["vanishing", "flow_identity", "ridge"])
def test_a_derivation_through_a_file(name: str, tmp_path: Any) -> None:
    th = library.check_proof(name).theorem
    path = tmp_path / "log.json"
    path.write_text(json.dumps(derivations.to_log(th)), encoding="utf-8")
    again = derivations.replay(json.loads(path.read_text(encoding="utf-8")))
    assert (again.concl, again.hyps, again.rests_on) == (th.concl, th.hyps, th.rests_on)
