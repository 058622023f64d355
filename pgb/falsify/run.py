"""`falsify`: attacks a theorem, or a user's own claim about problems, with problems from a strategy; the entrance for users.

Decides nothing itself: theorems are judged by `pgb.cases`, conjectures by `pgb.falsify.conjectures`, a callable by its author.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis.strategies import SearchStrategy

from pgb.cases import read_case, reproduce
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import short
from pgb.falsify import campaign, search
from pgb.falsify.builders import problems
from pgb.falsify.campaign import Trial
from pgb.falsify.claims import Judge
from pgb.falsify.conjectures import Conjecture
from pgb.falsify.database import State, Store
from pgb.falsify.documents import POINT, Document, Size, Spot, problem_of, size
from pgb.falsify.drawing import name_of, smallest
from pgb.falsify.explain import described
from pgb.falsify.inquiries import Claim, Inquiry, Question, Shrinking, point_of, seed_of
from pgb.falsify.results import Counterexample, Falsification
from pgb.falsify.written import document_of, file_of

Progress = Callable[[Falsification], None]


def falsify(
    claim: str | Conjecture | Inquiry | Callable[[Any], Any],
    strategy: SearchStrategy[Any] | None = None,
    *,
    drop: str | None = None,
    examples: int = 200,
    seconds: float | None = None,
    seed: int = 0,
    database: str | Path | None = None,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> Falsification:
    """Try to break a theorem, or a claim of your own.

    Parameters
    ----------
    claim
        The name of a theorem; a `pgb.falsify.conjecture`; or a callable that takes a `pgb.Problem` and returns whether your
        claim holds for it: True, False, None (not known), a `pgb.evidence.Verdict`, or an object with ``holds``, ``evidence``
        and ``sentence``, such as `pgb.falsify.Answer`. What a callable says is known as it says, a bare truth value
        numerically.
    strategy
        Draws problems: from `pgb.falsify.problems`, or any hypothesis strategy of `pgb.Problem` objects, of documents, or of
        texts of problem files. Needed with a callable.
    drop
        With a theorem: a hypothesis to be violated while all others hold.
    examples
        Problems to draw at most, over all runs with the same database.
    seconds
        Time for this run; making a counterexample small may take as long again. None sets no limit.
    seed
        The same seed, with no limit of time, gives the same result.
    database
        A folder in which the state is kept, and from where it is taken up after an interrupt.
    judge
        With a theorem: decides case files, in the place of `pgb.cases.reproduce`.
    progress
        Called with the counts after each problem.

    Returns
    -------
    Falsification
        Also after Ctrl-C, with what was found until then.

    Raises
    ------
    InputError
        For an unknown theorem or hypothesis, a claim or strategy that is none, a database that is not one, or when the claim
        spoke of none of the problems drawn.
    """
    if isinstance(claim, str):
        drawn = None if strategy is None else _checked(strategy).map(document_of)
        return search.falsify(
            claim, drop, judge=judge or _judge, examples=examples, seconds=seconds, seed=seed, progress=progress,
            strategy=drawn, database=database,
        )  # fmt: skip
    if drop is not None or judge is not None:
        raise InputError("drop" if drop is not None else "judge", "is read only with the name of a theorem")
    if examples < 1:
        raise InputError("examples", f"must be at least 1, got {examples}")
    inquest = _Inquest.of(claim, strategy, seed)
    store = None if database is None else Store(database, inquest.key())
    after = None if progress is None else lambda state: progress(inquest.record(state))
    with campaign.hold(store):
        state, stopped = campaign.run(
            inquest.strategy, inquest.trial, seed=seed, examples=examples, seconds=seconds, store=store, after=after
        )
        inquest.check(state, stopped)
        return inquest.record(state, inquest.told(state, seconds, store), stopped)


def _judge(text: str) -> Any:
    return reproduce(read_case(text, POINT))


def _checked(strategy: Any) -> SearchStrategy[Any]:
    if not isinstance(strategy, SearchStrategy):
        wanted = "must be a hypothesis strategy of problems, such as pgb.falsify.problems(...)"
        raise InputError("strategy", f"{wanted}, got {short(strategy)}")
    return strategy


class _Inquest:
    """One attack on a user's claim."""

    def __init__(
        self, claim: Claim, name: str, said: str, content: str, strategy: SearchStrategy[Any], seed: int
    ) -> None:
        self.claim, self.name, self.said, self.content = claim, name, said, content
        self.strategy, self.seed = strategy, seed

    @staticmethod
    def of(claim: Any, strategy: SearchStrategy[Any] | None, seed: int) -> _Inquest:
        """Return the attack on a conjecture or a callable.

        Raises
        ------
        InputError
            When it is neither, or comes without a strategy.
        """
        if isinstance(claim, Conjecture):
            claim = Inquiry(claim)
        if isinstance(claim, Inquiry):
            drawn = problems(claim.claim.hypotheses) if strategy is None else _checked(strategy)
            return _Inquest(claim, claim.claim.title, str(claim.claim), repr(claim), drawn, seed)
        if not callable(claim):
            wanted = "must be a theorem's name, a pgb.falsify.conjecture(...), or a callable that takes a problem"
            raise InputError("claim", f"{wanted}, got {short(claim)}")
        if strategy is None:
            raise InputError("strategy", "is needed with a callable: it says which problems are drawn")
        name = getattr(claim, "__qualname__", type(claim).__qualname__)
        said = " ".join((getattr(claim, "__doc__", None) or "").split()) or name
        code = getattr(claim, "__code__", None)
        content = f"{getattr(claim, '__module__', '')}.{name}" + (
            "" if code is None else code.co_code.hex() + repr(code.co_consts)
        )
        return _Inquest(Question(claim), name, said, content, _checked(strategy), seed)

    def key(self) -> dict[str, str]:
        """Return what makes the state of this attack its own; addresses of objects are no part of it."""
        content = hashlib.sha256(_plain(self.content).encode()).hexdigest()[:16]
        return {"claim": self.name, "seed": str(self.seed), "content": content, "strategy": _plain(repr(self.strategy))}

    def trial(self, position: int, example: Any) -> Trial:
        """Try one problem of the stream."""
        return self.claim.trial(document_of(example), seed_of(name_of(example), self.seed))

    def check(self, state: State, stopped: str) -> None:
        """Refuse an attack that never came to the point.

        Raises
        ------
        InputError
            When the claim spoke of no problem, or raised an exception for every one.
        """
        if state.found is not None or stopped:
            return
        if not state.counts["admissible"]:
            raise InputError("strategy", f"the claim speaks of none of the {state.counts['drawn']} problems drawn")
        (reason, count), *_ = [*state.reasons.most_common(1), ("", 0)]
        if count == state.counts["admissible"] and reason.startswith("the claim raised "):
            raise InputError("claim", f"failed for every problem: {reason}")

    def record(self, state: State, counterexample: Counterexample | None = None, stopped: str = "") -> Falsification:
        """Return what was found so far."""
        counts = {k: state.counts[k] for k in ("drawn", "admissible", "non_vacuous", "decided", "idle")}
        return Falsification(
            self.name, None, self.seed, **counts, undecided=dict(state.reasons.most_common()),
            counterexample=counterexample, seconds=state.seconds, interrupted=stopped, claim=self.said,
            resumed=state.resumed,
        )  # fmt: skip

    def told(self, state: State, seconds: float | None, store: Store | None) -> Counterexample | None:
        """Return the failure that was met, made small and told; and keep it, unless that was cut short."""
        if state.found is None:
            return None
        if state.told is not None:
            return campaign.revived(state.told)
        start = time.monotonic()
        until = float("inf") if seconds is None else start + seconds
        small = Shrinking(self.claim, self.seed, until)
        found, steps, short = dict(state.found), 0, False
        try:
            example, steps = smallest(self.strategy, small.fails, seed=self.seed, position=state.position)
            found = dict((None if example is None else small.found(example)) or found)
            nearer = dict(self.claim.nearer(found["document"], found))
            steps += nearer["values"] != found["values"]
            found, short = nearer, small.short
        except KeyboardInterrupt:
            short = True
        told = self._counterexample(found, state.found, steps, state.counts["drawn"])
        state.seconds += time.monotonic() - start
        if store is not None and not short:
            state.told = campaign.kept(told)
            store.save(state, now=True)
        return told

    def _counterexample(
        self, found: Mapping[str, Any], before: Mapping[str, Any], steps: int, examples: int
    ) -> Counterexample:
        evidence, document = Evidence(found["evidence"]), found["document"]
        problem = problem_of(document)
        where = ", ".join(f"{n} = {v}{'..' if '.' in v else ''}" for n, v in found["values"].items())
        whole = self.claim.claim.transformation if isinstance(self.claim, Inquiry) else None
        why = f" {found['why']}." if found["why"] else ""
        point = f" The point found is {where}:" if where else " The claim says:" if why else ""
        explanation = f"Take {described(problem, '' if whole is None else str(whole))}.{point}{why} So it does not hold that {self.said} [{evidence}]."
        title = f"Counterexample: {self.name.removeprefix('Counterexample: ')}"
        points = {POINT: point_of(found)} if found["values"] else {}
        source = f"pgb falsify, seed {self.seed}, problem {examples}"
        text = file_of(title, source, document, self._sections(), _spot(found), explanation)
        return Counterexample(
            replace(problem, title=title, points=points), text, explanation, _size(found), _size(before), examples, steps,
            evidence,
        )  # fmt: skip

    def _sections(self) -> dict[str, Any]:
        if not isinstance(self.claim, Inquiry):
            return {}
        claim = self.claim.claim
        then = [c if isinstance(c, str) else c.text for c in claim.then]
        said = {"claim": {"at": str(claim.at), "then": then, "hypotheses": list(claim.hypotheses)}}
        return said if claim.transformation is None else {"transformation": claim.transformation.plain(), **said}


def _spot(found: Mapping[str, Any]) -> Spot:
    return Spot(found["values"], found.get("exact", True), tuple(tuple(q) for q in found.get("rival", ())))


def _size(found: Mapping[str, Any]) -> Size:
    document: Document = {"augmentation": {"lambda": "0"}, **found["document"]}
    return size(document, _spot(found))


def _plain(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)
