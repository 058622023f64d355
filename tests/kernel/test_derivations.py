"""A derivation written down proves the same theorem again; a changed one is refused or proves something else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

import pgb.kernel
from pgb.derivations import apply, replay, rules, steps, to_log
from pgb.kernel import Refused

from .loading import dress
from .uses import USES

K: Any = dress(SimpleNamespace(**vars(pgb.kernel.terms), **{n: getattr(pgb.kernel, n) for n in pgb.kernel.__all__ if not hasattr(pgb.kernel.terms, n)}))  # fmt: skip


def says(th: Any) -> tuple[Any, ...]:
    return th.concl, th.hyps, th.rests_on, th.rule, th.inputs, len(th.premises)


def long_derivation() -> Any:
    """Twenty steps and more: for all s, 1 <= exp(s^2) and 0 < exp(s)."""
    square = K.square(K.s)
    one_up = K.linear(K.LE(K.one, K.EXP(K.s * K.s)), [], [(1, K.exp_tangent(K.s * K.s)), (1, square)])
    below = K.assume(K.LE(K.EXP(K.s), K.zero))
    other_half = K.square(K.EXP(K.s * Fraction(-1, 2)))
    product = K.multiply(below, K.linear(K.LE(K.zero, K.EXP(-K.s)), [], [(1, other_half)]))
    never = K.discharge(below.concl, K.linear(K.FALSE, [], [(1, product)]))
    positive = K.not_le(never)
    turned = K.specialise(K.generalise(K.s, positive), K.s)
    case = K.cases(K.p, K.left(K.both(one_up, K.assume(K.p))), K.left(K.both(one_up, K.assume(K.neg(K.p)))))
    return K.generalise(K.s, K.both(case, K.right(K.both(K.true, turned))))


@pytest.mark.parametrize(("rule", "run"), USES, ids=[run.__name__ for _, run in USES])
def test_round_trip_of_every_rule(rule: str, run: Callable[[Any], Any]) -> None:
    th = run(K).theorem
    again = replay(json.loads(json.dumps(to_log(th))))
    assert says(again) == says(th)
    assert again is not th
    assert says(apply(th.rule, th.inputs, th.premises)) == says(th)
    assert rules()[rule] is pgb.kernel.RULES[rule]


def test_round_trip_of_a_long_derivation() -> None:
    th = long_derivation()
    assert th.concl == K.forall(K.s, K.AND(K.LE(K.one, K.EXP(K.s * K.s)), K.LT(K.zero, K.EXP(K.s))))
    assert th.rests_on == {"exp lies above its tangent at 0"}
    assert not th.hyps
    log = to_log(th)
    assert says(replay(log)) == says(th)
    assert to_log(replay(log)) == log


def test_shared_steps_and_terms_are_written_once() -> None:
    th = K.assume(K.LT(K.s, K.y))
    for _ in range(60):
        th = K.left(K.both(th, th))  # 2^60 steps if they were not shared
    log = to_log(th)
    assert sum(isinstance(entry, dict) for entry in log) == 121
    assert len({json.dumps(entry) for entry in log if isinstance(entry, list)}) == len(log) - 121
    assert replay(log).concl == th.concl


def test_steps_come_after_their_premises() -> None:
    th = long_derivation()
    order = list(steps(th))
    place = {id(step): n for n, step in enumerate(order)}
    assert order[-1] is th
    assert len(place) == len(order)
    assert all(place[id(premise)] < place[id(step)] for step in order for premise in step.premises)


def test_a_derivation_longer_than_the_stack_is_no_trouble() -> None:
    th = K.reflexive(K.y)
    for _ in range(5000):
        th = K.convert(th, th.concl)
    assert replay(to_log(th)).concl == th.concl


# -- tampering ----------------------------------------------------------------------------------------------------------
def changes(log: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield copies of a log in which one field of one entry is another."""

    def with_entry(position: int, entry: Any) -> list[Any]:
        return [*log[:position], entry, *log[position + 1 :]]

    for position, entry in enumerate(log):
        if isinstance(entry, dict):
            for rule in pgb.kernel.RULES:
                if rule != entry["rule"]:
                    yield f"{position}: {entry['rule']} -> {rule}", with_entry(position, entry | {"rule": rule})
            for field in ("inputs", "premises"):
                for changed in _lists(entry[field], position):
                    yield f"{position}: {field} -> {changed}", with_entry(position, entry | {field: changed})
        else:
            kind, name, type_, *args = entry
            for other in ({"var": "const", "const": "var"}.get(kind, "var"), "local", "axiom"):
                yield f"{position}: {kind} -> {other}", with_entry(position, [other, name, type_, *args])
            for other in ("z9", "7/9", 5, None, "exp", 0.5, True):
                if other == name:
                    continue
                yield f"{position}: {name} -> {other}", with_entry(position, [kind, other, type_, *args])
            for other in ("real", "bool", "sample", ["sample", "real"], ["banana", "real"], 3):
                if other != type_:
                    yield f"{position}: {type_} -> {other}", with_entry(position, [kind, name, other, *args])
            for changed in _lists(args, position):
                yield f"{position}: arguments -> {changed}", with_entry(position, [kind, name, type_, *changed])


def _lists(values: list[Any], position: int) -> Iterator[list[Any]]:
    """Yield lists that differ from this one: shorter, longer, in another order, or in one value."""
    yield [*values, 0]
    for n, value in enumerate(values):
        yield values[:n] + values[n + 1 :]
        for other in (position, position - 1, position - 2, -1, "1/3", "x", True, None, 0.5, {}, [], 10**9):
            if other != value or type(other) is not type(value):
                yield [*values[:n], other, *values[n + 1 :]]
        if isinstance(value, list):
            for changed in _lists(value, position):
                yield [*values[:n], changed, *values[n + 1 :]]
    if len(values) == 2 and values[0] != values[1]:
        yield [values[1], values[0]]


def test_a_changed_log_is_refused_or_proves_something_else() -> None:
    """Nothing but `Refused` comes out, or a theorem: another, unless the change leaves a valid derivation.

    Such are the name of a bound variable, a premise from which the same follows, another certificate of `linear`.
    """
    rnd = random.Random(20)
    refused = other = 0
    unmoved: list[str] = []
    for th in [run(K).theorem for _, run in USES] + [long_derivation()]:
        log = to_log(th)
        every = list(changes(log))
        for name, changed in rnd.sample(every, min(len(every), 250)):
            try:
                again = replay(changed)
            except Refused:
                refused += 1
                continue
            if (again.concl, again.hyps) != (th.concl, th.hyps):
                other += 1
            else:
                unmoved.append(f"{th.rule}, {name}")
    assert refused > 8_000
    assert other > 300
    assert len(unmoved) < other / 10, unmoved


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ([], "not empty"),
        ("log", "not empty"),
        ([["var", "y", "real"]], "not a step"),
        ([{"rule": "assume", "inputs": [0], "premises": []}], "no earlier entry 0"),
        ([["var", "y", "real"], {"rule": "magic", "inputs": [0], "premises": []}], "no rule 'magic'"),
        ([["var", "y", "real"], {"rule": "square", "inputs": [0]}], "a step has"),
        ([["var", "y", "real"], {"rule": "square", "inputs": [0], "premises": [], "extra": 1}], "a step has"),
        ([["var", "y", "real"], {"rule": "square", "inputs": [0], "premises": [0]}], "not a theorem"),
        ([["var", "y", "real"], {"rule": "square", "inputs": [0, 0], "premises": []}], "does not take 2"),
        ([["var", "y", "real"], {"rule": "square", "inputs": ["1/0"], "premises": []}], "not a rational number"),
        ([["var", "y"]], "neither a term nor a step"),
        ([["num", "nan", "real"]], "not a rational number"),
        ([["num", "1e400000000", "real"]], "not a rational number"),
        ([3], "neither a term nor a step"),
    ],
)
def test_a_malformed_log_is_refused_with_its_position(log: Any, why: str) -> None:
    with pytest.raises(Refused, match=r"^replay: ") as refusal:
        replay(log)
    assert why in refusal.value.why


def test_a_log_too_deep_is_refused() -> None:
    log: list[Any] = [["var", "y", "real"]]
    log += [["const", "exp", ["real", "real"], n] for n in range(20_000)]
    log += [["const", "eq", ["real", ["real", "bool"]], 20_000, 20_000]]
    log += [{"rule": "linear", "inputs": [20_001, [], []], "premises": []}]
    with pytest.raises(Refused, match="too deep"):
        replay(log)
