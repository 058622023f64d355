"""What an attack on a theorem returns: how many problems it tried, what was decided, and a counterexample if it found one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pgb.evidence import Evidence
from pgb.falsify.documents import Size
from pgb.problem import Problem


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A failure of a theorem, certified; or of a user's claim, known as `evidence` says.

    Attributes
    ----------
    problem
        The problem, with the point of failure named ``found``.
    toml
        The case file, as `pgb reproduce` reads it.
    explanation
        One paragraph with its numbers.
    size, size_before
        As it is, and as the search first met it.
    examples
        Problems drawn until it was met.
    steps
        Accepted steps of shrinking, each judged again.
    evidence
        How the failure is known.
    """

    problem: Problem
    toml: str
    explanation: str
    size: Size
    size_before: Size
    examples: int
    steps: int
    evidence: Evidence = Evidence.CERTIFIED

    def to_json(self) -> dict[str, Any]:
        """Return plain data with stable keys."""
        return {
            "title": self.problem.title,
            "explanation": self.explanation,
            "samples": self.size.samples,
            "variables": self.size.variables,
            "exact": not self.size.decimals,
            "numbers": self.size.numbers,
            "examples": self.examples,
            "steps": self.steps,
            "evidence": str(self.evidence),
            "toml": self.toml,
        }


@dataclass(frozen=True, slots=True)
class Falsification:
    """The outcome of one attack.

    Attributes
    ----------
    theorem, drop, seed
        What was attacked; `drop` is None when every hypothesis was kept.
    drawn, admissible
        Problems drawn, and those with the hypotheses as asked for.
    non_vacuous
        Admissible problems with a point at which the theorem's premise was certified.
    decided
        Admissible problems in which every point that was judged was decided, and at least one was judged.
    idle
        Admissible problems in which the search proposed no point.
    undecided
        The other admissible problems, counted by the first reason.
    counterexample
        With a dropped hypothesis what was looked for; without one, a bug in the theorem or in this package.
    interrupted
        Whether it was stopped early: by the keyboard, or by its time.
    claim
        What a user's own claim says; "" for a theorem.
    resumed
        Problems that earlier runs with the same database had drawn.
    """

    theorem: str
    drop: str | None
    seed: int
    drawn: int = 0
    admissible: int = 0
    non_vacuous: int = 0
    decided: int = 0
    idle: int = 0
    undecided: Mapping[str, int] = field(default_factory=dict)
    counterexample: Counterexample | None = None
    seconds: float = 0.0
    interrupted: str = ""
    claim: str = ""
    resumed: int = 0

    @property
    def ok(self) -> bool:
        """Did the attack come out as it should: something with a hypothesis dropped, nothing without, some problems admissible?"""
        looked = self.admissible > 0 or bool(self.interrupted)  # with no time nothing has gone wrong
        return looked and (self.counterexample is not None) is (self.drop is not None)

    def to_json(self) -> dict[str, Any]:
        """Return plain data with stable keys."""
        return {
            "theorem": self.theorem,
            "drop": self.drop,
            "seed": self.seed,
            "drawn": self.drawn,
            "admissible": self.admissible,
            "non_vacuous": self.non_vacuous,
            "decided": self.decided,
            "idle": self.idle,
            "undecided": dict(self.undecided),
            "counterexample": None if self.counterexample is None else self.counterexample.to_json(),
            "seconds": f"{self.seconds:.2f}",
            "interrupted": self.interrupted,
            "claim": self.claim,
            "resumed": self.resumed,
            "ok": self.ok,
        }
