"""The second checker accepts every proof of the library and says the same; it refuses what the kernel refuses."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import pgb.kernel
from pgb import library
from pgb.derivations import to_log

from ..kernel.attacks import ATTACKS
from ..kernel.grammar import Grammar
from ..kernel.loading import dress
from ..kernel.uses import USES
from . import checker, forms
from .checker import Rejected, check
from .logs import refused_step, translated

MODULES = ("signature", "terms", "algebra", "facts", "theorem", "logic", "order", "calculus", "existence")
K: Any = dress(SimpleNamespace(**{n: x for m in MODULES for n, x in vars(getattr(pgb.kernel, m)).items()}))
HERE = Path(__file__).parent
PARTS = ("terms.py", "forms.py", "checker.py")


def says(theorem: pgb.kernel.Theorem) -> checker.Judgement:
    """What a theorem of the kernel says, in the second checker's terms."""
    return checker.Judgement(translated(theorem.concl), frozenset(map(translated, theorem.hyps)), theorem.rests_on)


def test_it_shares_no_code_and_stays_readable():
    lines = 0
    for part in PARTS:
        text = (HERE / part).read_text(encoding="utf-8")
        lines += sum(bool(line.strip()) for line in text.splitlines())
        for node in ast.walk(ast.parse(text)):
            assert not isinstance(node, ast.Assert)
            if isinstance(node, ast.Import):
                assert all(alias.name in sys.stdlib_module_names for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                own = node.level == 1 and f"{node.module}.py" in PARTS
                assert own or str(node.module).split(".")[0] in sys.stdlib_module_names
    assert lines <= 800


def test_it_knows_exactly_the_rules_and_the_facts():
    assert {*checker.RULES, "linear"} == set(pgb.kernel.RULES)
    assert {r.fact for r in checker.RULES.values() if r.fact} <= set(pgb.kernel.FACTS)
    own = {r.fact for r in checker.RULES.values()} | {"Fermat"}
    assert own - {None} == set(pgb.kernel.FACTS)


@pytest.mark.parametrize("name", library.proof_names())
def test_it_accepts_the_proof_and_finds_the_same_theorem(name):
    proof = library.check_proof(name)
    assert check(to_log(proof.theorem)) == says(proof.theorem)
    assert check(to_log(proof.sentence())) == says(proof.sentence())


def test_the_proofs_use_every_rule():
    used = {rule for name in library.proof_names() for rule, _ in library.check_proof(name).rules}
    assert used == set(pgb.kernel.RULES)


@pytest.mark.parametrize(("rule", "run"), USES, ids=[run.__name__ for _, run in USES])
def test_right_uses_of_each_rule_are_accepted(rule, run):
    theorem = run(K).theorem
    assert theorem.rule == rule
    assert check(to_log(theorem)) == says(theorem)


# -- what it refuses ----------------------------------------------------------------------------------------------------
def test_wrong_uses_of_each_rule_are_refused():
    """The attacks on the kernel that can be written in a log at all."""
    tried = set()
    for attack in ATTACKS:
        log = refused_step(lambda attack=attack: attack.run(K))
        if log is not None:
            tried.add(log[-1]["rule"])
            with pytest.raises(Rejected):
                check(log)
    assert len(tried) >= 30, tried


@pytest.mark.parametrize("name", library.refused_names())
def test_a_wrong_proof_cannot_be_logged_to_its_false_claim(name):
    """The step at which the kernel stops is refused here too, and what was derived before is not the claim."""
    wrong = library.load_refused(name)
    claim = translated(wrong.claim(library.standard()))
    reached: list[pgb.kernel.Theorem] = []

    class Recorder:
        NAME, TITLE, HYPOTHESES = wrong.NAME, wrong.TITLE, wrong.HYPOTHESES
        claim = staticmethod(wrong.claim)
        if hasattr(wrong, "hypothesis"):
            hypothesis = staticmethod(wrong.hypothesis)

        @staticmethod
        def prove(script: Any) -> pgb.kernel.Theorem:
            try:
                theorem = wrong.prove(script)
            finally:
                reached.extend(th for _, th, _, _ in script.records)
            reached.append(theorem)
            return theorem

    log = refused_step(lambda: library.run_proof(Recorder, library.standard()))
    if log is not None:
        with pytest.raises(Rejected):
            check(log)
    assert log is not None or wrong.REFUSED_BY not in pgb.kernel.RULES
    declared = {translated(f) for _, f in declared_hypotheses(wrong)}
    for theorem in reached:
        judgement = check(to_log(theorem))
        assert judgement == says(theorem)
        assert judgement.conclusion is not claim or not judgement.hypotheses <= declared


def declared_hypotheses(module: Any) -> list[tuple[str, Any]]:
    setting = library.standard()
    formula = getattr(module, "hypothesis", lambda s, n: s.hypothesis(n))
    return [(n, formula(setting, n)) for n in module.HYPOTHESES]


SQUARE = {"rule": "square", "inputs": [0], "premises": []}


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ([], "a list with entries"),
        ("log", "a list with entries"),
        ([["var", "y", "real"]], "not a step"),
        ([["var", "y", "real"], SQUARE | {"premises": [0]}], "no Judgement at 0"),
        ([["var", "y", "real"], SQUARE | {"inputs": [0, 0]}], "other numbers of inputs"),
        ([["var", "y", "real"], SQUARE | {"extra": 1}], "a step has"),
        ([["var", "y", "real"], SQUARE | {"inputs": [True]}], "no Term at True"),
        ([["var", "y", "real"], SQUARE | {"rule": "magic"}], "no rule 'magic'"),
        ([["var", "y", "nat"], SQUARE], "of the wrong kind"),
        ([["bound", 0, "real"], SQUARE], "open"),
        ([["local", 0, "real"], SQUARE], "neither a term nor a step"),
        ([["num", "nan", "real"], SQUARE], "not a rational number"),
        ([["num", "1/0", "real"], SQUARE], "not a rational number"),
        ([["num", 0.5, "real"], SQUARE], "malformed"),
        ([["var", "not a name", "real"], SQUARE], "no head"),
        ([["const", "false", "bool"], {"rule": "linear", "inputs": [0, {}, {}], "premises": []}], "takes lists"),
        ([["const", "false", "bool"], {"rule": "linear", "inputs": [0, [], []], "premises": []}], "does not suffice"),
    ],
)
def test_malformed_logs_are_refused(log, why):
    with pytest.raises(Rejected, match=why):
        check(log)


def test_a_variable_called_like_a_constant_is_no_constant():
    """From an arbitrary predicate ``all`` of predicates nothing follows about its members."""
    bare = ["var", "y", "real"]
    predicate = ["lam", None, ["real", "bool"], 1]
    quantifier = ["var", "all", [["real", "bool"], "bool"], 2]
    assumed = {"rule": "assume", "inputs": [3], "premises": []}
    log = [bare, ["const", "false", "bool"], predicate, quantifier, assumed]
    assert check(log).conclusion.name == "all"
    with pytest.raises(Rejected, match="all wanted"):
        check([*log, {"rule": "specialise", "inputs": [0], "premises": [4]}])


def test_a_log_too_deep_is_refused():
    log: list[Any] = [["var", "y", "real"]]
    log += [["const", "exp", ["real", "real"], n] for n in range(20_000)]
    log += [["const", "eq", ["real", ["real", "bool"]], 20_000, 20_000]]
    log += [{"rule": "linear", "inputs": [20_001, [], []], "premises": []}]
    with pytest.raises(Rejected, match="too deep"):
        check(log)


# -- normal forms -------------------------------------------------------------------------------------------------------
def rewritten(term: pgb.kernel.Term, rnd: random.Random) -> pgb.kernel.Term:
    """The same term with some arguments of constants exchanged: not always the same value."""
    args = [rewritten(a, rnd) for a in term.args]
    if term.kind == "const" and len(args) == 2 and args[0].sort == args[1].sort and rnd.random() < 0.3:
        args.reverse()
    return pgb.kernel.Term(term.kind, term.name, term.type, tuple(args))


def test_normal_forms_decide_alike():
    """Random terms against their normal forms by the kernel, against themselves rewritten, and against their kin."""
    rnd = random.Random(3)
    grammar, counts = Grammar(pgb.kernel, rnd), {True: 0, False: 0}
    for _ in range(400):
        a = grammar.number(3, []) if rnd.random() < 0.6 else grammar.formula(2, [])
        for b in (pgb.kernel.norm(a), rewritten(a, rnd), rewritten(a, rnd)):
            equal = pgb.kernel.same(a, b)
            assert forms.same(translated(a), translated(b)) == equal, (a, b)
            counts[equal] += 1
    assert counts[True] > 500
    assert counts[False] > 100


def test_a_product_under_seven_sums_is_refused():
    (attack,) = [a for a in ATTACKS if a.name == "seven_sums_in_one_product"]
    seven = attack.run(type("Unnormalised", (), {**vars(K), "norm": staticmethod(lambda term: term)}))
    with pytest.raises(Rejected, match="more than 6 sums"):
        forms.form(translated(seven))
