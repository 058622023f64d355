"""Attacks a theorem with random exact problems; without a dropped hypothesis it must find nothing, with one a counterexample.

Untrusted: floats propose points, the judge and balls decide. The same seed draws the same problems.
"""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from pgb.errors import InputError
from pgb.expressions import parse
from pgb.falsify import shrink
from pgb.falsify.candidates import Floats
from pgb.falsify.claims import (
    ATTACKS,
    Attack,
    Judge,
    Wanted,
    accepted,
    admissible,
    ask,
    failing_case,
    hypotheses_of,
    identity_fails,
    outcome,
    source_of,
)
from pgb.falsify.documents import POINT, Document, Spot, claims_toml, problem_of, size
from pgb.falsify.explain import described, explained
from pgb.falsify.points import spots, telling
from pgb.falsify.results import Counterexample, Falsification
from pgb.falsify.strategies import problems
from pgb.objective import optimum
from pgb.problem import Problem

JUDGED: Final = 3  # points judged in one problem
Progress = Callable[[Falsification], None]


class _Stop(BaseException):
    """Ends the drawing of problems; no `Exception`, so that hypothesis lets it pass as it does a KeyboardInterrupt."""


@dataclass(slots=True)
class _Hunt:
    """The state of one attack."""

    theorem: str
    drop: str | None
    attack: Attack
    hypotheses: tuple[str, ...]
    judge: Judge
    seed: int
    until: float
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    found: tuple[Document, Spot, Wanted] | None = None
    why: str = ""

    # -- one problem

    def trial(self, document: Document) -> None:
        """Try one problem."""
        if time.monotonic() > self.until:
            raise _Stop
        self.counts["drawn"] += 1
        problem = problem_of(document)
        if not admissible(problem, self.hypotheses, self.drop):
            return
        self.counts["admissible"] += 1
        floats = Floats(problem, self.seed * 1_000_003 + self.counts["drawn"])
        if self.drop is None:
            self._without(document, problem, floats)
            return
        proposed = False
        for spot, failure in itertools.islice(spots(floats, self.attack), JUDGED):
            proposed = True
            if accepted(self.judge, failing_case(self.theorem, self.drop, document, spot, failure, self.seed)):
                self.counts["non_vacuous"] += 1
                self.counts["decided"] += 1
                self.found = (document, spot, failure)
                raise _Stop
        if proposed:
            self.reasons["the proposed points were not certified as failures"] += 1
        else:
            self.counts["idle"] += 1

    def _without(self, document: Document, problem: Problem, floats: Floats) -> None:
        """Judge some points; certified failures of the theorem or of an identity it implies are violations."""
        premise, undecided, judged = False, "", 0
        self._identity(document, floats, floats.anywhere())
        for guess in telling(floats, self.attack):
            values, exact = floats.simplified(guess)
            spot = Spot(values, exact, floats.rival if optimum(problem).value is None else ())
            self._identity(document, floats, values)
            answers = ask(self.judge, self.attack, document, spot)
            fails, sentence = outcome(self.attack, answers)
            judged += 1
            if fails:
                self.found, self.why = (document, spot, {}), sentence
                raise _Stop
            premise |= answers[self.attack.premise][0] is True
            undecided = undecided or (_short(sentence) if fails is None else "")
        self.counts["non_vacuous"] += premise
        if not judged:
            self.counts["idle"] += 1
        elif undecided:
            self.reasons[undecided] += 1
        else:
            self.counts["decided"] += 1

    def _identity(self, document: Document, floats: Floats, values: dict[str, str]) -> None:
        """Stop with a violation where an identity that the theorem implies fails at a rational point."""
        why = identity_fails(self.attack.identity, floats.problem, values, floats.rival)
        if why:
            self.found, self.why = (document, Spot(values), {}), why
            raise _Stop

    # -- the record

    def record(
        self, seconds: float, counterexample: Counterexample | None = None, interrupted: str = ""
    ) -> Falsification:
        """Return what was found so far."""
        counts = {k: self.counts[k] for k in ("drawn", "admissible", "non_vacuous", "decided", "idle")}
        return Falsification(
            self.theorem, self.drop, self.seed, **counts, undecided=dict(self.reasons.most_common()),
            counterexample=counterexample, seconds=seconds, interrupted=interrupted,
        )  # fmt: skip


def falsify(
    theorem: str,
    drop: str | None = None,
    *,
    judge: Judge,
    examples: int = 200,
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Falsification:
    """Try to break a theorem.

    Parameters
    ----------
    theorem
        A key of `pgb.falsify.claims.ATTACKS`.
    drop
        A hypothesis that the theorem names, to be violated while all others hold; None keeps them all.
    judge
        Decides case files: ``lambda text: pgb.cases.reproduce(pgb.cases.read_case(text, "found"))``.
    examples
        Problems to draw at most.
    seconds
        Time for the search; shrinking a counterexample may take as long again. None sets no limit.
    seed
        The same seed, with no limit of time, gives the same result.
    progress
        Called with the counts after each problem.

    Returns
    -------
    Falsification
        Also after Ctrl-C, with what was found until then.

    Raises
    ------
    InputError
        For an unknown theorem, a hypothesis that it does not name, or when no problem that was drawn was admissible.
    """
    wanted = hypotheses_of(theorem)
    if drop is not None and drop not in wanted:
        raise InputError("drop", f"must be a hypothesis that {theorem} names: {', '.join(wanted)}, got {drop!r}")
    if examples < 1:
        raise InputError("examples", f"must be at least 1, got {examples}")
    start = time.monotonic()
    until = float("inf") if seconds is None else start + seconds
    hunt = _Hunt(theorem, drop, ATTACKS[theorem], wanted, judge, seed, until)
    interrupted = ""
    try:
        _draw(hunt, examples, lambda: progress(hunt.record(time.monotonic() - start)) if progress else None)
    except KeyboardInterrupt:
        interrupted = "keyboard"
    if hunt.found is None and not interrupted and time.monotonic() > until:
        interrupted = "time"
    counterexample = None
    if hunt.found is not None:
        patience = float("inf") if seconds is None else time.monotonic() + seconds
        counterexample = _told(hunt, patience) if drop is not None else _violation(hunt)
    elif not hunt.counts["admissible"] and not interrupted:
        raise InputError("examples", f"none of the {hunt.counts['drawn']} problems drawn was admissible; draw more")
    return hunt.record(time.monotonic() - start, counterexample, interrupted)


def _draw(hunt: _Hunt, examples: int, after: Callable[[], None]) -> None:
    """Let hypothesis draw problems until something is found or the number is reached."""

    def one(document: Document) -> None:
        if hunt.counts["drawn"] >= examples:
            raise _Stop
        hunt.trial(document)
        after()

    quiet = settings(
        max_examples=examples, database=None, deadline=None, derandomize=False, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        seeded(hunt.seed)(quiet(given(problems(hunt.hypotheses, hunt.drop))(one)))()
    except _Stop:
        return


# -- what is told about the outcome


def _told(hunt: _Hunt, patience: float) -> Counterexample | None:
    """Return the counterexample that was met, made small and explained."""
    if hunt.found is None or hunt.drop is None:
        return None
    document, spot, failure = hunt.found
    small = shrink.shrunk(
        shrink.Target(hunt.theorem, hunt.drop, hunt.attack, hunt.hypotheses, hunt.judge, hunt.seed),
        shrink.State(document, spot, failure),
        patience,
    )
    text = failing_case(hunt.theorem, hunt.drop, small.document, small.spot, small.failure, hunt.seed)
    explanation = explained(problem_of(small.document), small.spot, hunt.judge(text))
    text = failing_case(hunt.theorem, hunt.drop, small.document, small.spot, small.failure, hunt.seed, explanation)
    return Counterexample(
        _with_point(problem_of(small.document), small.spot, f"{hunt.theorem} fails without {hunt.drop}"), text,
        explanation, size(small.document, small.spot), size(document, spot), hunt.counts["drawn"], small.steps,
    )  # fmt: skip


def _violation(hunt: _Hunt) -> Counterexample | None:
    """Return the failure of a theorem with all its hypotheses, as it was met."""
    if hunt.found is None:
        return None
    document, spot, _ = hunt.found
    problem = problem_of(document)
    explanation = f"{hunt.theorem} fails although all its hypotheses hold: {described(problem)}. {hunt.why}."
    claims = [{"claim": "value", "of": "Lt", "at": POINT}]
    title = f"{hunt.theorem} fails although all its hypotheses hold"
    heading = {"kind": "failure_mode", "notes": explanation}
    text = claims_toml(document, spot, claims, heading, title, source_of(hunt.theorem, None, hunt.seed))
    measured = size(document, spot)
    return Counterexample(
        _with_point(problem, spot, title), text, explanation, measured, measured, hunt.counts["drawn"], 0
    )


def _with_point(problem: Problem, spot: Spot, title: str) -> Problem:
    point = {n: parse(v, {}, n) for n, v in spot.values.items()}
    return replace(problem, title=title, points={POINT: point})


def _short(sentence: str) -> str:
    """Return a reason without the numbers of one problem, so that equal reasons are counted together."""
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "#", sentence)[:160]
