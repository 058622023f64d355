"""Every rule proves exactly what its right use gives, and refuses its wrong uses for the stated reason."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .attacks import ATTACKS, STOPPED_BY_PYTHON, Attack
from .loading import world
from .uses import USES, Use

K = world()
ANALYSIS = {
    "exp_tangent", "d_const", "d_id", "d_add", "d_mul", "d_exp", "d_sum", "d_chain", "d_compose",
    "d_unique", "fermat", "continuity", "tangents", "lagrange", "separation",
    "right_inverse",
}  # fmt: skip


@pytest.mark.parametrize(("rule", "run"), USES, ids=[run.__name__ for _, run in USES])
def test_right_use_proves_exactly_this(rule: str, run: Callable[[Any], Use]) -> None:
    use = run(K)
    th = use.theorem
    assert th.concl == use.concl
    assert th.hyps == frozenset(use.hyps)
    assert th.rests_on == frozenset(use.facts)
    assert th.rule == rule
    assert type(th.inputs) is tuple
    assert all(type(premise) is K.Theorem for premise in th.premises)


def test_every_rule_has_a_right_use() -> None:
    assert {rule for rule, _ in USES} == K.RULES.keys()


def test_every_rule_with_a_condition_is_attacked() -> None:
    unconditional = {"both", "discharge"}  # they refuse only what is no term or no theorem
    assert K.RULES.keys() - unconditional <= {a.rule for a in ATTACKS} | {"sum_le"}
    assert len(ATTACKS) == len({a.name for a in ATTACKS})


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_attack_is_refused_for_its_reason(attack: Attack) -> None:
    with pytest.raises(K.Refused) as refusal:
        attack.run(K)
    assert refusal.value.rule == attack.rule
    assert attack.phrase in refusal.value.why
    assert str(refusal.value) == f"{attack.rule}: {refusal.value.why}"


@pytest.mark.parametrize("attempt", STOPPED_BY_PYTHON, ids=lambda a: a.__name__)
def test_forging_that_python_stops(attempt: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        attempt(K)


def test_calling_a_constructor_again_changes_nothing() -> None:
    th = K.reflexive(K.y)
    th.__init__(concl=K.FALSE)
    th.concl.__init__("const", "false", K.BOOL)
    assert th.concl == K.eq(K.y, K.y)


def test_every_rule_of_analysis_names_its_fact_and_no_other_rule_does() -> None:
    for rule, run in USES:
        th = run(K).theorem
        own = th.rests_on.difference(*(premise.rests_on for premise in th.premises))
        if rule in ANALYSIS:
            assert own, rule
        else:
            assert not own, rule
        assert th.rests_on <= K.FACTS.keys()
    assert {fact for _, run in USES for fact in run(K).theorem.rests_on} == K.FACTS.keys()


def test_facts_are_inherited() -> None:
    tangent = K.exp_tangent(K.y)
    slope = K.d_id(K.y)
    assert K.both(K.true, K.both(tangent, slope)).rests_on == {"exp lies above its tangent at 0", "derivative rules"}


def test_every_fact_has_a_statement_and_a_source() -> None:
    for fact in K.FACTS.values():
        assert fact.statement.endswith(".")
        assert fact.source


def test_docstrings_say_what_is_inferred_and_when_refused() -> None:
    for name, rule in K.RULES.items():
        text = rule.__doc__ or ""
        assert "``" in text, name
        if name in ANALYSIS:
            assert "Fact:" in text, name
            assert any(fact.split(",")[0] in text for fact in K.FACTS), name


def test_terms_and_refusals_travel_and_theorems_do_not() -> None:
    import copy
    import pickle

    from pgb.kernel import LE, REAL, Refused, forall, real, reflexive, var

    s = var("s", REAL)
    p = forall(s, LE(real(0), s))
    for copied in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert copied == p
        assert hash(copied) == hash(p)
    for copier in (copy.copy, copy.deepcopy, lambda th: pickle.loads(pickle.dumps(th))):
        with pytest.raises(Refused, match="only a rule makes a theorem"):
            copier(reflexive(s))
    refusal = pickle.loads(pickle.dumps(Refused("mp", "why")))
    assert (refusal.rule, refusal.why) == ("mp", "why")


def test_too_deep_terms_prove_nothing_and_break_nothing() -> None:
    deep = K.y
    for _ in range(10_000):
        deep = K.EXP(deep)
    with pytest.raises(RecursionError):
        K.linear(K.eq(deep, deep))
    with pytest.raises(K.Refused, match="left over"):
        K.linear(K.eq(K.y, K.EXP(K.y)))


def test_attacks_are_refused_without_asserts_too() -> None:
    """`python -O` strips every assert; the kernel has none to lose."""
    script = (
        "import importlib.util, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from tests.kernel.attacks import ATTACKS\n"
        "from tests.kernel.loading import world\n"
        "k, through = world(), []\n"
        "for attack in ATTACKS:\n"
        "    try:\n"
        "        attack.run(k)\n"
        "    except k.Refused as refusal:\n"
        "        if refusal.rule == attack.rule and attack.phrase in refusal.why:\n"
        "            continue\n"
        "    through.append(attack.name)\n"
        "print(len(ATTACKS), __debug__, through)\n"
    )
    done = subprocess.run([sys.executable, "-O", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(ATTACKS)} False []"
