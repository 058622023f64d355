"""What it means that a theorem fails at a point, as claims of case files that a judge decides; and identities it implies.

The judge is given: anything that takes a case file's text and returns a report of its claims, such as `pgb.cases.reproduce`
on `pgb.cases.read_case`. Nothing is decided here but the two identities, in balls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import sympy

from pgb import library
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.falsify.documents import POINT, Document, Spot, claims_toml
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import compile_expressions
from pgb.objective import augmented, loss, optimum
from pgb.problem import Problem
from pgb.theorems import HYPOTHESES, THEOREMS

Wanted = Mapping[str, bool]
PRECISION: Final = 256
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


@dataclass(frozen=True, slots=True)
class Attack:
    """How a theorem is attacked.

    Attributes
    ----------
    premise
        The claim that makes the theorem speak of a point.
    failures
        Each is a set of answers that together contradict the theorem.
    identity
        ``"ray"`` or ``"bound"``; see `identity_fails`.
    """

    premise: str
    failures: tuple[Wanted, ...]
    identity: str


_ON: Final = {"local_minimum": True, "a_nonzero": True}
_BAD: Final = {"local_minimum": True, "not_optimal": True}
_LOST: Final = {"not_optimal": False, "a_nonzero": False, "local_minimum": False}
ATTACKS: Final[dict[str, Attack]] = {
    "vanishing_at_minima": Attack("local_minimum", (_ON,), "ray"),
    "elimination": Attack("local_minimum", (_BAD,), "bound"),
    "characterisation": Attack("local_minimum", (_BAD, _ON, _LOST), "bound"),
    "failure_mode": Attack("not_optimal", (_BAD,), "ray"),
}
_FIELDS: Final[dict[str, dict[str, str]]] = {"local_minimum": {"of": "Lt"}, "a_nonzero": {}, "not_optimal": {}}


def hypotheses_of(theorem: str) -> tuple[str, ...]:
    """Return the hypotheses that the theorem's statement names, then those that its proof declares.

    Raises
    ------
    InputError
        When there is no attack on a theorem of this name.
    """
    if theorem not in ATTACKS:
        raise InputError("theorem", f"must be one of {', '.join(ATTACKS)}, got {theorem!r}")
    module = library.load_proof(theorem)
    named = dict.fromkeys((*THEOREMS[theorem].hypotheses, *module.HYPOTHESES, *module.STRUCTURE))
    return tuple(h for h in named if h in HYPOTHESES)


def admissible(problem: Problem, hypotheses: Sequence[str], drop: str | None) -> bool:
    """Do all the hypotheses hold, and the dropped one fail?"""
    facts = problem.hypotheses()
    return all(facts[h].holds is (h != drop) for h in hypotheses)


def accepted(judge: Judge, text: str) -> bool:
    """Does the judge certify every claim of the case, and that the theorem fails there?"""
    report = judge(text)
    return report.ok and report.status in (Evidence.CERTIFIED, Evidence.PROVED)


def source_of(theorem: str, drop: str | None, seed: int) -> str:
    """Return the command that finds the case again."""
    return SOURCE.format(theorem=theorem, drop=f" --drop {drop}" if drop else "", seed=seed)


def ask(judge: Judge, attack: Attack, document: Document, spot: Spot) -> dict[str, tuple[bool | None, str]]:
    """Return the judge's answer and sentence for every claim that the attack looks at."""
    kinds = dict.fromkeys(k for failure in attack.failures for k in failure)
    claims = [{"claim": k, "at": POINT, **_FIELDS[k]} for k in kinds]
    report = judge(claims_toml(document, spot, claims, {"kind": "failure_mode"}, "a proposed point", "pgb falsify"))
    answers: dict[str, tuple[bool | None, str]] = {}
    for found in report.claims:
        holds = True if found.ok else None if found.status is Evidence.UNDECIDED else False
        answers[found.claim.split()[0]] = (holds, found.sentence)
    return answers


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
    theorem: str, drop: str, document: Document, spot: Spot, failure: Wanted, seed: int, notes: str = ""
) -> str:
    """Return the case file that says: this theorem fails at this point without this hypothesis."""
    claims = [{"claim": k, "at": POINT, **_FIELDS[k]} for k, wanted in failure.items() if wanted]
    if not claims:
        claims = [{"claim": "optimal", "at": POINT}]
    heading = {"kind": "dropped_hypothesis", "drops": drop, "breaks": [theorem], "at": POINT}
    if notes:
        heading["notes"] = notes
    return claims_toml(
        document, spot, claims, heading, f"{theorem} fails without {drop}", source_of(theorem, drop, seed)
    )


def identity_fails(name: str, problem: Problem, values: Mapping[str, str], rival: Sequence[Sequence[str]]) -> str:
    """Return how a consequence of the theorem fails at a rational point, certified in balls; "" where that is not seen.

    ray: along a = c e^-s, b = b0 + s (here s = log 2) the network is unchanged, so Lt falls by lambda |a|^2 (1 - e^(-2s)) exactly.
    bound: Lt >= L* + lambda |a|^2 everywhere, and no predictions, one for each input, are better than L*.
    """
    Lt = augmented(problem)
    point = {v: sympy.Rational(values[v.name]) for v in Lt.variables}
    a = [v for v in Lt.variables if v.name.startswith("aux_a")]
    penalty = problem.augmentation.lam * sympy.Add(*(v**2 for v in a))
    if name == "ray":
        moved = {v: v / 2 for v in a}
        moved |= {v: v + sympy.log(2) for v in Lt.variables if v.name.startswith("aux_b")}
        excess = Lt.expression.subs(moved, simultaneous=True) - Lt.expression + 3 * penalty / 4
        sign = _sign(excess.subs(point, simultaneous=True))
        what = "along a = c e^-s, b = b0 + s, from s = 0 to s = log 2, Lt does not fall by 3/4 lambda |a|^2"
        return what if sign else ""
    best = optimum(problem).value
    if best is None:
        return ""
    if _sign((Lt.expression - penalty - best).subs(point, simultaneous=True)) == -1:
        return "Lt - lambda |a|^2 is below L* there"
    if _sign(loss(problem).expression.subs(point, simultaneous=True) - best) == -1:
        return "L(theta) is below L* there"
    q, losses = problem.loss.q, problem.sample_losses()
    predicted = [
        losses[i].subs(dict(zip(q, map(sympy.Rational, better), strict=True)), simultaneous=True)
        for rows, better in zip(problem.data.groups(), rival, strict=True)
        for i in rows
    ]
    if _sign(problem.weight() * sympy.Add(*predicted) - best) == -1:
        shown = ", ".join(f"({', '.join(better)})" for better in rival)
        return f"the predictions {shown} have a smaller loss than L*"
    return ""


def _sign(value: sympy.Expr) -> int:
    """Return the sign of a closed expression where a ball decides it, else 0."""
    try:
        (ball,) = compile_expressions([value], []).balls([], PRECISION)
    except NoEnclosure:
        return 0
    return 1 if ball > 0 else -1 if ball < 0 else 0
