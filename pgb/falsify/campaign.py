"""Runs an attack over a stream of problems: counts what comes out, keeps its state, stops in time, and goes on later.

Decides nothing. A trial that is interrupted counts for nothing, so that going on gives what one long run would have given.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import astuple, dataclass
from typing import Any

from hypothesis import strategies as st

from pgb.evidence import Evidence
from pgb.falsify.database import State, Store
from pgb.falsify.documents import Size
from pgb.falsify.drawing import Stop, at, draw, name_of
from pgb.falsify.results import Counterexample
from pgb.problem.files import from_document, read_toml


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out of one problem.

    Attributes
    ----------
    admissible
        Whether it is one of those that the theorem or claim speaks of.
    premise
        Whether a point was met at which the premise holds.
    decided
        True when all that was judged was decided, False when nothing was there to judge, None when `reason` says why not.
    reason
        Why it is undecided.
    found
        The failure, as plain data; it ends the attack.
    """

    admissible: bool = True
    premise: bool = False
    decided: bool | None = False
    reason: str = ""
    found: Mapping[str, Any] | None = None


Try = Callable[[int, Any], Trial]


def run(
    strategy: st.SearchStrategy[Any],
    trial: Try,
    *,
    seed: int,
    examples: int,
    seconds: float | None,
    store: Store | None = None,
    after: Callable[[State], None] | None = None,
) -> tuple[State, str]:
    """Try one problem after the other until one fails, the number is reached, or the time is over.

    Parameters
    ----------
    strategy, seed, examples
        The stream; see `pgb.falsify.drawing.draw`.
    trial
        Called with each position and problem.
    seconds
        For this run. None sets no limit.
    store
        Where the state is kept and from where it is taken up. The caller holds its lock.
    after
        Called with the state after each problem.

    Returns
    -------
    State, str
        How far it came, and whether ``"keyboard"`` or ``"time"`` stopped it; else ``""``.

    Raises
    ------
    InputError
        When the store cannot be read or written, or was written for another stream.
    """
    state = State() if store is None else store.load()
    if store is not None and state.position:
        store.same_stream(state, name_of(at(strategy, seed=seed, position=state.position)))
    start, before, late = time.monotonic(), state.seconds, False

    def visit(position: int, example: Any) -> None:
        nonlocal state, late
        if seconds is not None and time.monotonic() - start > seconds:
            late = True
            raise Stop
        result = trial(position, example)
        state = _advanced(state, result, position, name_of(example), before + time.monotonic() - start)
        if store is not None:
            store.save(state)
        if after is not None:
            after(state)
        if result.found is not None:
            raise Stop

    interrupted = ""
    try:
        if state.found is None:
            draw(strategy, visit, seed=seed, examples=examples, done=state.position)
    except KeyboardInterrupt:
        interrupted = "keyboard"
    finally:
        if store is not None and state.position:
            store.save(state, now=True)
    return state, interrupted or ("time" if late else "")


def hold(store: Store | None) -> Any:
    """Return a context in which nobody else uses the store."""
    return nullcontext() if store is None else store.held()


def _advanced(state: State, result: Trial, position: int, name: str, seconds: float) -> State:
    """Return the state after one more problem; a new one, so that no interrupt can leave half a step behind."""
    counts, reasons = Counter(state.counts), Counter(state.reasons)
    counts["drawn"] += 1
    if result.admissible:
        counts["admissible"] += 1
        counts["non_vacuous"] += result.premise
        counts["decided"] += result.decided is True
        counts["idle"] += result.decided is False
        if result.decided is None:
            reasons[result.reason] += 1
    found = None if result.found is None else dict(result.found)
    return State(position, name, counts, reasons, found, None, seconds, state.resumed)


def kept(found: Counterexample) -> dict[str, Any]:
    """Return a counterexample as plain data from which `revived` makes it again."""
    return {
        "toml": found.toml,
        "title": found.problem.title,
        "explanation": found.explanation,
        "size": list(astuple(found.size)),
        "size_before": list(astuple(found.size_before)),
        "examples": found.examples,
        "steps": found.steps,
        "evidence": str(found.evidence),
    }


def revived(plain: Mapping[str, Any]) -> Counterexample:
    """Return the counterexample that `kept` wrote down."""
    problem = from_document(read_toml(plain["toml"]), extra_sections=("case", "transformation", "claim"))
    return Counterexample(
        problem, plain["toml"], plain["explanation"], Size(*plain["size"]), Size(*plain["size_before"]),
        plain["examples"], plain["steps"], Evidence(plain["evidence"]),
    )  # fmt: skip
