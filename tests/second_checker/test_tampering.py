"""Tampered derivations: the second checker refuses them or reads the theorem that the kernel reads, never another."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import pgb.kernel
from pgb import library
from pgb.derivations import replay, to_log

from .checker import Judgement, Rejected, check
from .logs import translated

PROOFS = (
    "vanishing",
    "no_extra_unit",
    "flow_identity",
    "depth_width",
    "independence",
    "reduction",
    "vanishing_at_minima",
)
EACH = 120
OPPOSITE = {
    "le": "lt", "lt": "le", "add": "mul", "mul": "add", "imp": "and", "and": "imp", "all": "ex", "ex": "all",
    "exp": "inv", "inv": "exp",
}  # fmt: skip


def by_the_kernel(log: list[Any]) -> Judgement | None:
    try:
        theorem = replay(log)
    except pgb.kernel.Refused:
        return None
    return Judgement(translated(theorem.concl), frozenset(map(translated, theorem.hyps)), theorem.rests_on)


def by_the_second(log: list[Any]) -> Judgement | None:
    try:
        return check(log)
    except Rejected:
        return None


class Tamperer:
    """Draws copies of a log in which one field of one entry is another one."""

    def __init__(self, log: list[Any], seed: int) -> None:
        self.log = log
        self.rnd = random.Random(seed)
        self.steps = [n for n, entry in enumerate(log) if isinstance(entry, dict)]
        self.terms = [n for n, entry in enumerate(log) if isinstance(entry, list)]

    def draw(self, count: int) -> Iterator[tuple[str, list[Any]]]:
        """Yield the kind of change and the changed log; each kind in turn, as far as it applies to a random entry."""
        kinds = [f for name, f in sorted(vars(Tamperer).items()) if name.startswith("change_")]
        while count:
            for change in kinds:
                position = self.rnd.choice(self.steps if "step" in change.__name__ else self.terms)
                entry = change(self, position, self.log[position])
                if entry is not None and entry != self.log[position] and count:
                    count -= 1
                    yield change.__name__, [*self.log[:position], entry, *self.log[position + 1 :]]

    def _earlier(self, among: list[int], position: int) -> int:
        return self.rnd.choice([n for n in among if n < position] or [0])

    # -- steps
    def change_step_rule(self, _: int, entry: dict[str, Any]) -> Any:
        alike = [r for r in sorted(pgb.kernel.RULES) if r != entry["rule"]]
        near = {"left": "right", "right": "left", "d_add": "d_mul", "d_mul": "d_add", "assume": "square",
                "d_unique": "antisymmetry", "cases": "mp", "multiply": "both"}  # fmt: skip
        return entry | {"rule": near.get(entry["rule"]) or self.rnd.choice(alike)}

    def change_step_premise_to_another(self, position: int, entry: dict[str, Any]) -> Any:
        if entry["premises"]:
            premises = list(entry["premises"])
            premises[self.rnd.randrange(len(premises))] = self._earlier(self.steps, position)
            return entry | {"premises": premises}
        return None

    def change_step_premises_swapped(self, _: int, entry: dict[str, Any]) -> Any:
        return entry | {"premises": entry["premises"][::-1]}

    def change_step_premise_dropped(self, _: int, entry: dict[str, Any]) -> Any:
        return entry | {"premises": entry["premises"][:-1]}

    def change_step_instance(self, position: int, entry: dict[str, Any]) -> Any:
        """Another term in the place of an input: a goal, an instance, a hypothesis to discharge, a context."""
        places = [n for n, value in enumerate(entry["inputs"]) if type(value) is int]
        if places:
            inputs = list(entry["inputs"])
            inputs[self.rnd.choice(places)] = self._earlier(self.terms, position)
            return entry | {"inputs": inputs}
        return None

    def change_step_coefficient(self, position: int, entry: dict[str, Any]) -> Any:
        if entry["rule"] == "indicator":
            return entry | {"inputs": [not entry["inputs"][0]]}
        if entry["rule"] != "linear":
            return None
        goal, multipliers, weights = entry["inputs"]
        if multipliers and self.rnd.random() < 0.5:
            return entry | {"inputs": [goal, [self._earlier(self.terms, position), *multipliers[1:]], weights]}
        other = self.rnd.choice(["0", "-1", "2", "1/3"])
        return entry | {"inputs": [goal, multipliers, [other, *weights[1:]]]} if weights else None

    def change_step_input_dropped(self, _: int, entry: dict[str, Any]) -> Any:
        return entry | {"inputs": entry["inputs"][:-1]}

    # -- terms, wherever they occur: conclusions, hypotheses, certificates
    def change_term_head(self, _: int, entry: list[Any]) -> Any:
        kind, name, *rest = entry
        if kind == "num":
            return [kind, self.rnd.choice(["0", "1", "-1", "2", "1/2"]), *rest]
        if kind == "bound":
            return [kind, name + self.rnd.choice([-1, 1]), *rest]
        if kind == "var":
            return [kind, self.rnd.choice(["all", "other", name + "_"]), *rest]
        return [kind, OPPOSITE.get(str(name), name), *rest]

    def change_term_arguments_swapped(self, _: int, entry: list[Any]) -> Any:
        return [*entry[:3], *entry[:2:-1]]

    def change_term_argument(self, position: int, entry: list[Any]) -> Any:
        return [*entry[:-1], self._earlier(self.terms, position)] if len(entry) > 3 else None

    def change_term_type(self, _: int, entry: list[Any]) -> Any:
        return [*entry[:2], self.rnd.choice(["real", "sample", ["sample", "real"], ["real", "real"]]), *entry[3:]]


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[str, str, Judgement, Judgement | None, Judgement | None]]:
    """Kind of change, proof, original, what the kernel reads and what the second checker reads."""
    out = []
    for seed, name in enumerate(PROOFS):
        log = to_log(library.check_proof(name).theorem)
        original = check(log)
        for kind, changed in Tamperer(log, seed).draw(EACH):
            out.append((kind, name, original, by_the_kernel(changed), by_the_second(changed)))
    return out


def test_the_second_checker_is_never_laxer(outcomes):
    """What it accepts the kernel accepts, and both read the same conclusion, hypotheses and facts."""
    assert [o[:2] for o in outcomes if o[4] is not None and o[4] != o[3]] == []


def test_the_second_checker_is_seldom_stricter(outcomes):
    stricter = [o[:2] for o in outcomes if o[3] is not None and o[4] is None]
    assert len(stricter) <= len(outcomes) // 100, stricter


def test_most_tampering_is_refused_and_the_rest_seen(outcomes):
    """A change that leaves the theorem is harmless: then the kernel, replaying it, proves the same theorem."""
    refused = sum(second is None for *_, second in outcomes)
    other = sum(second is not None and second != original for _, _, original, _, second in outcomes)
    unmoved = [(kind, kernel == original) for kind, _, original, kernel, second in outcomes if second == original]
    assert refused + other + len(unmoved) == len(outcomes) == EACH * len(PROOFS)
    assert refused > len(outcomes) * 0.6
    assert other > 10
    assert all(valid for _, valid in unmoved)
    assert len(unmoved) < len(outcomes) * 0.25


def test_every_kind_of_change_was_refused_somewhere(outcomes):
    kinds = Counter(kind for kind, *_, second in outcomes if second is None)
    assert len(kinds) == sum(name.startswith("change_") for name in vars(Tamperer))
    assert min(kinds.values()) >= 5, kinds
