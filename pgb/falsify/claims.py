"""What it means that a theorem fails at a point, as claims of case files that a judge decides.

The judge is given: anything that takes a case file's text and returns a report of its claims, such as `pgb.cases.reproduce`
on `pgb.cases.read_case`. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import sympy

from pgb.evidence import Evidence
from pgb.expressions import real_symbol
from pgb.falsify.attacks import LOST, Attack, Wanted
from pgb.falsify.candidates import MOVING
from pgb.falsify.documents import POINT, Document, Spot, claims_toml, problem_of
from pgb.falsify.identities import CHECKS
from pgb.problem import Problem
from pgb.problem.facts import Fact

SOURCE: Final = "pgb falsify {theorem}{drop} --seed {seed}"


class JudgedClaim(Protocol):
    """One claim, decided or not."""

    @property
    def claim(self) -> str:
        """Its kind, then where it stands."""

    @property
    def sentence(self) -> str:
        """What was found."""

    @property
    def status(self) -> Evidence:
        """How that is known."""

    @property
    def ok(self) -> bool:
        """Whether it holds."""


class Judged(Protocol):
    """A judged case."""

    @property
    def ok(self) -> bool:
        """Whether all its claims hold."""

    @property
    def status(self) -> Evidence:
        """The weakest evidence among them."""

    @property
    def claims(self) -> Sequence[JudgedClaim]:
        """Every claim."""


class Judge(Protocol):
    """Decides a case file."""

    def __call__(self, text: str, /) -> Judged:
        """Return the report on the case that the text describes."""


def facts_of(problem: Problem) -> dict[str, Fact]:
    """Return every hypothesis of the registry with whether this problem meets it, those about networks and factors too."""
    facts, network, added = problem.hypotheses(), problem.network, problem.augmentation
    residual = network.kind == "residual"
    sizes = f"dx = {network.dx}, dy = {network.dy}, network.kind is {network.kind!r}"
    facts["dx_at_least_dy"] = Fact(network.dx >= network.dy if residual else None, sizes)
    if added.kind == "no_extra_unit":
        a, b = real_symbol("a"), real_symbol("b")
        factor = a * sympy.exp(b) if added.unit is None else added.unit
        reason = f"the factor is {factor}"
        exponential = any(sympy.expand(factor - shape) == 0 for shape in (a * sympy.exp(b), a))
        facts["exp_neuron"], facts["bias"] = Fact(exponential, reason), Fact(bool(factor.has(b)), reason)
    return facts


def admissible(problem: Problem, hypotheses: Sequence[str], drop: str | None) -> bool:
    """Do all the hypotheses hold, and the dropped one fail? That f is not differentiable is left to the judge."""
    facts = facts_of(problem)
    if any(facts[h].holds is not True for h in hypotheses if h != drop):
        return False
    return drop is None or facts[drop].holds is False or (drop == "f_differentiable" and facts[drop].holds is None)


def accepted(judge: Judge, text: str) -> bool:
    """Does the judge certify every claim of the case, and that the theorem fails there?"""
    report = judge(text)
    return report.ok and report.status in (Evidence.CERTIFIED, Evidence.PROVED)


def source_of(theorem: str, drop: str | None, seed: int) -> str:
    """Return the command that finds the case again."""
    return SOURCE.format(theorem=theorem, drop=f" --drop {drop}" if drop else "", seed=seed)


def ask(
    judge: Judge, attack: Attack, problem: Problem, document: Document, spot: Spot
) -> dict[str, tuple[bool | None, str]]:
    """Return the answer and sentence for every claim and check that the attack looks at.

    A claim that is made of every sample holds when it holds for one of them.
    """
    kinds = dict.fromkeys(k for failure in attack.failures for k in failure)
    claims = [claim for k in kinds if k not in CHECKS for claim in _claims(k, attack, problem)]
    answers: dict[str, tuple[bool | None, str]] = {}
    if claims:
        report = judge(claims_toml(document, spot, claims, {"kind": "failure_mode"}, "a proposed point", "pgb falsify"))
        for found in report.claims:
            holds = True if found.ok else None if found.status is Evidence.UNDECIDED else False
            kind = _KINDS.get(found.claim.split()[0], found.claim.split()[0])
            if kind not in answers or _stronger(holds, answers[kind][0]):
                answers[kind] = (holds, found.sentence)
    premise = answers.get(attack.speaks, (True, ""))
    for name in kinds:
        if name in CHECKS:
            answers[name] = (None, "") if premise[0] is False else CHECKS[name](problem, attack.view, spot)
    return answers


def _stronger(new: bool | None, old: bool | None) -> bool:
    return new is True or (new is None and old is False)


_KINDS: Final = {"value": "zero_loss"}


def _claims(kind: str, attack: Attack, problem: Problem) -> list[dict[str, Any]]:
    """Return a claim of case files about the point: what it is of, and which variables are held."""
    match kind:
        case "local_minimum":
            return [local_minimum(attack, problem)]
        case "critical_point":
            return [{"claim": kind, "of": attack.view, "at": POINT}]
        case "zero_loss":
            return [{"claim": "value", "of": "L", "at": POINT, "equals": "0"}]
        case "sample_gradient_nonzero":
            return [{"claim": kind, "at": POINT, "row": i} for i in range(problem.data.m)]
        case "attained":
            return [{"claim": kind}]
    return [{"claim": kind, "at": POINT}]


def local_minimum(attack: Attack, problem: Problem) -> dict[str, Any]:
    """Return the claim that the point is a local minimum in the variables that move."""
    held = [p.name for p in problem.parameters if not p.name.startswith(MOVING[attack.moving])]
    return {"claim": "local_minimum", "of": attack.view, "at": POINT} | ({"held": held} if held else {})


def outcome(attack: Attack, answers: Mapping[str, tuple[bool | None, str]]) -> tuple[bool | None, str]:
    """Return whether the theorem fails at the point, and the sentences that say so or why it is not decided."""
    why = ""
    for failure in attack.failures:
        met = {k: answers[k][0] for k in failure}
        if met == dict(failure):
            return True, "; ".join(answers[k][1] for k in failure)
        if not any(answer is (not failure[k]) for k, answer in met.items()):
            why = why or next(answers[k][1] for k, answer in met.items() if answer is None)
    return (None, why) if why else (False, "")


def failing_case(
    theorem: str, drop: str, attack: Attack, document: Document, spot: Spot, look: Wanted, seed: int, notes: str = ""
) -> str:
    """Return the case file that says: this theorem fails at this point without this hypothesis."""
    claims: list[dict[str, Any]] = []
    look = look if attack.stated else {}
    if look.get("minimal"):
        claims.append(local_minimum(attack, problem_of(document)))
    if look.get("flat") and attack.moving == "all":
        claims.append({"claim": "critical_point", "of": attack.view, "at": POINT})
    if look.get("on"):
        claims.append({"claim": "a_nonzero", "at": POINT})
    if look.get("bad") and attack.view != "L2":
        claims.append({"claim": "not_optimal", "at": POINT})
    if look == LOST:
        claims.append({"claim": "optimal", "at": POINT})
    if not claims and not spot.claims:
        claims.append({"claim": "value", "of": "L", "at": POINT})
    heading = {"kind": "dropped_hypothesis", "drops": drop, "breaks": [theorem], "at": POINT}
    if notes:
        heading["notes"] = notes
    return claims_toml(
        document, spot, claims, heading, f"{theorem} fails without {drop}", source_of(theorem, drop, seed)
    )
