"""Makes a counterexample small: greedy steps, simplest first, each certified again by the judge before it is kept."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from pgb.errors import InputError
from pgb.falsify.attacks import Attack, Wanted
from pgb.falsify.candidates import Floats
from pgb.falsify.claims import Judge, accepted, admissible, failing_case
from pgb.falsify.documents import Document, Spot, problem_of, size
from pgb.falsify.extras import MAKERS
from pgb.falsify.points import floats_of, looks_like, spots
from pgb.falsify.steps import KINDS, below, pairs
from pgb.landscape.balls import NoEnclosure

PASSES: Final = 4
JUDGMENTS: Final = 250
TRIED: Final = 2
Steps = Callable[[Document], Iterator[Document]]


@dataclass(frozen=True, slots=True)
class Target:
    """What must keep failing."""

    theorem: str
    drop: str
    attack: Attack
    hypotheses: tuple[str, ...]
    judge: Judge
    seed: int


@dataclass(frozen=True, slots=True)
class State:
    """A counterexample on its way: the problem, the point, the failure, the steps so far; and whether it was cut short."""

    document: Document
    spot: Spot
    failure: Wanted
    steps: int = 0
    stopped: bool = False


def shrunk(target: Target, state: State, until: float) -> State:
    """Return the smallest counterexample that greedy steps reach within the limits of time and judgments."""
    budget = [JUDGMENTS]
    try:
        for _ in range(PASSES):
            before = state
            for steps in KINDS:
                state = _descend(target, state, steps, until, budget)
            state = _nearer(target, state, until, budget)
            if state is before:
                state = _descend(target, state, pairs, until, budget)
            if state is before:
                break
        state = _plain_rival(target, state, until, budget)
    except KeyboardInterrupt:
        return replace(state, stopped=True)
    return replace(state, stopped=time.monotonic() > until)


def _descend(target: Target, state: State, steps: Steps, until: float, budget: list[int]) -> State:
    """Take every step of one kind that is certified, starting again from the new problem after each success."""
    again = True
    while again:
        again = False
        for document in steps(state.document):
            if time.monotonic() > until or budget[0] <= 0:
                return state
            smaller = _moved(target, state, document, budget)
            if smaller is not None:
                state, again = smaller, True
                break
    return state


def _moved(target: Target, state: State, document: Document, budget: list[int]) -> State | None:
    """Return the counterexample of a changed problem: at the same point if that still fails, else at one searched for."""
    if document == state.document:
        return None
    try:
        problem = problem_of(document)
        if not admissible(problem, target.hypotheses, target.drop):
            return None
        floats = floats_of(problem, target.attack, target.seed)
    except (InputError, NoEnclosure):
        return None
    tried = 0
    for spot, failure in itertools.chain(_same(floats, state, target), spots(floats, target.attack, 4)):
        if size(document, spot) >= size(state.document, state.spot) or tried >= TRIED:
            continue
        tried += 1
        if _fails(target, document, spot, failure, budget):
            return State(document, spot, failure, state.steps + 1)
    return None


def _same(floats: Floats, state: State, target: Target) -> Iterator[tuple[Spot, Wanted]]:
    """Yield the point as it is, without the variables that are gone, where floats still see a failure."""
    values = {n: state.spot.values.get(n, "0") for n in floats.names}
    (guess,) = floats.seen(floats.point(values)[None, :])
    failure = looks_like(guess, target.attack)
    if failure is not None and state.spot.exact:
        spot = Spot(values, True, floats.rival if state.spot.rival else ())
        yield from ((whole, failure) for whole in MAKERS[target.attack.extra](floats, spot))


# -- the point itself


def _nearer(target: Target, state: State, until: float, budget: list[int]) -> State:
    """Replace coordinates of an exact point by simpler numbers, one after the other."""
    if not state.spot.exact:
        return state
    floats = floats_of(problem_of(state.document), target.attack, target.seed)
    for name in list(state.spot.values):
        for new in below(state.spot.values[name]):
            spot = replace(state.spot, values={**state.spot.values, name: new}, claims=(), others={})
            (guess,) = floats.seen(floats.point(spot.values)[None, :])
            failure = looks_like(guess, target.attack)
            if failure is None:
                continue
            whole = next(MAKERS[target.attack.extra](floats, spot), None)
            if time.monotonic() > until or budget[0] <= 0:
                return state
            if whole is not None and _fails(target, state.document, whole, failure, budget):
                state = State(state.document, whole, failure, state.steps + 1)
                break
    return state


def _plain_rival(target: Target, state: State, until: float, budget: list[int]) -> State:
    """Replace the numbers of the rival predictions by simpler ones, one after the other."""
    for j, row in enumerate(state.spot.rival):
        for k, old in enumerate(row):
            for new in below(old):
                rival = [list(other) for other in state.spot.rival]
                rival[j][k] = new
                spot = replace(state.spot, rival=tuple(map(tuple, rival)))
                if time.monotonic() > until or budget[0] <= 0:
                    return state
                if _fails(target, state.document, spot, state.failure, budget):
                    state = replace(state, spot=spot, steps=state.steps + 1)
                    break
    return state


def _fails(target: Target, document: Document, spot: Spot, failure: Wanted, budget: list[int]) -> bool:
    """Does the judge certify that the theorem fails at the spot?"""
    budget[0] -= 1
    text = failing_case(target.theorem, target.drop, target.attack, document, spot, failure, target.seed)
    return accepted(target.judge, text)
