"""Attacks a theorem with random exact problems; without a dropped hypothesis it must find nothing, with one a counterexample.

Untrusted: floats propose points, the judge and balls decide. The same seed draws the same problems.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hypothesis.strategies import SearchStrategy

from pgb.errors import InputError
from pgb.expressions import parse
from pgb.falsify import campaign, shrink
from pgb.falsify.attacks import Attack, Wanted, attack_on, hypotheses_of
from pgb.falsify.campaign import Trial
from pgb.falsify.candidates import Floats
from pgb.falsify.claims import Judge, accepted, admissible, ask, failing_case, outcome, source_of
from pgb.falsify.database import State, Store
from pgb.falsify.documents import POINT, Document, Spot, claims_toml, problem_of, size
from pgb.falsify.explain import described, explained
from pgb.falsify.identities import identity_fails
from pgb.falsify.points import floats_of, spots, telling
from pgb.falsify.reasons import short_reason
from pgb.falsify.results import Counterexample, Falsification
from pgb.falsify.strategies import problems
from pgb.objective import optimum
from pgb.problem import Problem

JUDGED: Final = 3  # points judged in one problem
Progress = Callable[[Falsification], None]
_RATIONAL: Final = re.compile(r"-?\d+(/\d+|\.\d+)?")


class _Met(Exception):
    """A failure was met in a problem; carries it as plain data."""

    def __init__(self, document: Document, spot: Spot, failure: Wanted, why: str = "") -> None:
        super().__init__()
        self.found = {
            "document": document, "values": dict(spot.values), "exact": spot.exact,
            "rival": [list(q) for q in spot.rival], "failure": dict(failure), "why": why,
            "claims": [dict(c) for c in spot.claims], "others": {n: dict(p) for n, p in spot.others.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Hunt:
    """One attack: what is tried in each problem."""

    theorem: str
    drop: str | None
    attack: Attack
    hypotheses: tuple[str, ...]
    judge: Judge
    seed: int

    def trial(self, position: int, document: Document) -> Trial:
        """Try one problem."""
        problem = problem_of(document)
        if not admissible(problem, self.hypotheses, self.drop):
            return Trial(admissible=False)
        floats = floats_of(problem, self.attack, self.seed * 1_000_003 + position)
        try:
            return self._without(document, problem, floats) if self.drop is None else self._with(document, floats)
        except _Met as met:
            return Trial(premise=True, decided=True, found=met.found)

    def _with(self, document: Document, floats: Floats) -> Trial:
        """Judge the points that look like failures without the hypothesis."""
        proposed = False
        for spot, failure in itertools.islice(spots(floats, self.attack), JUDGED):
            proposed = True
            text = failing_case(self.theorem, str(self.drop), self.attack, document, spot, failure, self.seed)
            if accepted(self.judge, text):
                raise _Met(document, spot, failure)
        if proposed:
            return Trial(decided=None, reason="the proposed points were not certified as failures")
        return Trial()

    def _without(self, document: Document, problem: Problem, floats: Floats) -> Trial:
        """Judge some points; certified failures of the theorem or of an identity it implies are violations."""
        premise, undecided, judged = False, "", 0
        self._identity(document, floats, floats.anywhere())
        for guess in telling(floats, self.attack):
            values, exact = floats.simplified(guess)
            spot = Spot(values, exact, floats.rival if optimum(problem).value is None else ())
            self._identity(document, floats, values)
            answers = ask(self.judge, self.attack, problem, document, spot)
            fails, sentence = outcome(self.attack, answers)
            judged += 1
            if fails:
                raise _Met(document, spot, {}, sentence)
            premise |= not self.attack.speaks or answers[self.attack.speaks][0] is True
            undecided = undecided or (short_reason(sentence) if fails is None else "")
        if (
            not judged and not self.attack.speaks
        ):  # the theorem speaks of all points, and its identity was checked at one
            return Trial(premise=True, decided=True)
        return Trial(premise=premise, decided=False if not judged else None if undecided else True, reason=undecided)

    def _identity(self, document: Document, floats: Floats, values: dict[str, str]) -> None:
        """Stop with a violation where an identity that the theorem implies fails at a rational point."""
        exact = all(_RATIONAL.fullmatch(v) for v in values.values())
        why = identity_fails(self.attack.identity, floats, values) if exact else ""
        if why:
            raise _Met(document, Spot(values), {}, why)

    def record(self, state: State, counterexample: Counterexample | None = None, stopped: str = "") -> Falsification:
        """Return what was found so far."""
        counts = {k: state.counts[k] for k in ("drawn", "admissible", "non_vacuous", "decided", "idle")}
        return Falsification(
            self.theorem, self.drop, self.seed, **counts, undecided=dict(state.reasons.most_common()),
            counterexample=counterexample, seconds=state.seconds, interrupted=stopped, claim="",
            resumed=state.resumed,
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
    strategy: SearchStrategy[Document] | None = None,
    database: str | Path | None = None,
) -> Falsification:
    """Try to break a theorem.

    Parameters
    ----------
    theorem
        A key of `pgb.falsify.attacks.ATTACKS`.
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
    strategy
        What problems are drawn; by default `pgb.falsify.strategies.problems`.
    database
        A folder in which the state is kept and from where it is taken up: then a run that was stopped goes on, and
        gives what one uninterrupted run with this seed gives. `examples` counts all runs, `seconds` this one.

    Returns
    -------
    Falsification
        Also after Ctrl-C, with what was found until then.

    Raises
    ------
    InputError
        For an unknown theorem, a hypothesis that it does not name, a database that is not one, or when no problem that
        was drawn was admissible.
    """
    wanted, attack = hypotheses_of(theorem), attack_on(theorem, drop)
    if examples < 1:
        raise InputError("examples", f"must be at least 1, got {examples}")
    hunt = _Hunt(theorem, drop, attack, wanted, judge, seed)
    drawn = problems(wanted, drop, attack.draws) if strategy is None else strategy
    key = {
        "theorem": theorem,
        "drop": drop or "",
        "seed": str(seed),
        "strategy": "" if strategy is None else repr(strategy),
    }
    store = None if database is None else Store(database, key)
    after = None if progress is None else lambda state: progress(hunt.record(state))
    with campaign.hold(store):
        state, stopped = campaign.run(
            drawn, hunt.trial, seed=seed, examples=examples, seconds=seconds, store=store, after=after
        )
        if state.found is None and not state.counts["admissible"] and not stopped:
            raise InputError(
                "examples", f"none of the {state.counts['drawn']} problems drawn was admissible; draw more"
            )
        return hunt.record(state, _counterexample(hunt, state, seconds, store), stopped)


def _counterexample(hunt: _Hunt, state: State, seconds: float | None, store: Store | None) -> Counterexample | None:
    """Return what was met, told; and keep it, unless the telling was cut short."""
    if state.found is None:
        return None
    if state.told is not None:
        return campaign.revived(state.told)
    start = time.monotonic()
    patience = float("inf") if seconds is None else start + seconds
    position = state.counts["drawn"]
    if hunt.drop is None:
        told, short = _violation(hunt, state.found, position), False
    else:
        told, short = _told(hunt, hunt.drop, state.found, position, patience)
    state.seconds += time.monotonic() - start
    if store is not None and not short:
        state.told = campaign.kept(told)
        store.save(state, now=True)
    return told


# -- what is told about the outcome


def _told(hunt: _Hunt, drop: str, found: dict[str, Any], position: int, patience: float) -> tuple[Counterexample, bool]:
    """Return the counterexample that was met, made small and explained; and whether that was cut short."""
    document, spot, failure = found["document"], _spot(found), found["failure"]
    small = shrink.shrunk(
        shrink.Target(hunt.theorem, drop, hunt.attack, hunt.hypotheses, hunt.judge, hunt.seed),
        shrink.State(document, spot, failure),
        patience,
    )
    text = failing_case(hunt.theorem, drop, hunt.attack, small.document, small.spot, small.failure, hunt.seed)
    explanation = explained(problem_of(small.document), small.spot, hunt.judge(text))
    text = failing_case(
        hunt.theorem, drop, hunt.attack, small.document, small.spot, small.failure, hunt.seed, explanation
    )
    told = Counterexample(
        _with_point(problem_of(small.document), small.spot, f"{hunt.theorem} fails without {drop}"), text,
        explanation, size(small.document, small.spot), size(document, spot), position, small.steps,
    )  # fmt: skip
    return told, small.stopped


def _violation(hunt: _Hunt, found: dict[str, Any], position: int) -> Counterexample:
    """Return the failure of a theorem with all its hypotheses, as it was met."""
    document, spot = found["document"], _spot(found)
    problem = problem_of(document)
    explanation = f"{hunt.theorem} fails although all its hypotheses hold: {described(problem)}. {found['why']}."
    claims = [{"claim": "value", "of": hunt.attack.view, "at": POINT}]
    title = f"{hunt.theorem} fails although all its hypotheses hold"
    heading = {"kind": "failure_mode", "notes": explanation}
    text = claims_toml(document, spot, claims, heading, title, source_of(hunt.theorem, None, hunt.seed))
    measured = size(document, spot)
    return Counterexample(_with_point(problem, spot, title), text, explanation, measured, measured, position, 0)


def _spot(found: dict[str, Any]) -> Spot:
    rival = tuple(tuple(q) for q in found["rival"])
    return Spot(found["values"], found["exact"], rival, tuple(found["claims"]), found["others"])


def _with_point(problem: Problem, spot: Spot, title: str) -> Problem:
    named = {POINT: spot.values, **spot.others}
    points = {name: {n: parse(v, {}, n) for n, v in values.items()} for name, values in named.items()}
    return replace(problem, title=title, points=points)
