"""Draws examples from a hypothesis strategy as one endless stream for each seed, from any position on. Decides nothing.

The stream is cut into blocks with seeds of their own. So its first hundred examples are the same whether a hundred or a
million are asked for, and what was drawn before a position can be left out without drawing it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

BLOCK: Final = 100
APART: Final = 1_000_003  # seeds of blocks; those of two seeds meet after a million blocks
Visit = Callable[[int, Any], None]


class Stop(BaseException):
    """Ends the drawing; no `Exception`, so that hypothesis lets it pass as it does a KeyboardInterrupt."""


class _Fails(Exception):
    """Tells hypothesis that an example is one of those looked for."""


def draw(strategy: st.SearchStrategy[Any], visit: Visit, *, seed: int, examples: int, done: int = 0) -> None:
    """Call ``visit(position, example)`` for the positions done + 1 .. examples of the stream of a seed.

    A strategy with few examples ends before, once each was drawn; `visit` may end the drawing by raising `Stop`.

    Parameters
    ----------
    strategy
        What is drawn.
    visit
        Called with the position in the stream, counted from 1, and the example. Neither what it decides nor how long it
        takes changes the stream.
    seed
        Of the stream.
    examples
        The last position.
    done
        Positions that are left out.
    """
    failures: list[Exception] = []
    try:
        for block in range(done // BLOCK, (examples + BLOCK - 1) // BLOCK):
            count = 0

            def one(example: Any, block: int = block) -> None:
                nonlocal count
                count += 1
                position = block * BLOCK + count
                if done < position <= examples:
                    try:
                        visit(position, example)
                    except Exception as error:  # noqa: BLE001  hypothesis would run the example again and blame that
                        failures.append(error)
                        raise Stop from None

            _block(strategy, seed, block, one)
            if count < BLOCK and _members(strategy, seed, block) == _members(strategy, seed, block + 1):
                return
    except Stop:
        if failures:
            raise failures[0] from None


def at(strategy: st.SearchStrategy[Any], *, seed: int, position: int) -> Any:
    """Return the example at a position of the stream, counted from 1; None where the stream has none."""
    found: list[Any] = []

    def take(here: int, example: Any) -> None:
        if here == position:
            found.append(example)
            raise Stop

    draw(strategy, take, seed=seed, examples=position, done=position - 1)
    return found[0] if found else None


def smallest(
    strategy: st.SearchStrategy[Any], fails: Callable[[Any], bool], *, seed: int, position: int
) -> tuple[Any, int]:
    """Return the simplest failing example that hypothesis shrinks the one at a position to, and how many were simpler.

    Parameters
    ----------
    fails
        Decides whether an example fails. It must give the same answer to the same example; the one at the position fails.
    """
    block, wanted = divmod(position - 1, BLOCK)
    count = 0
    trail: list[Any] = []

    def one(example: Any) -> None:
        nonlocal count
        count += 1
        if count > wanted and fails(example):
            if not trail or name_of(example) != name_of(trail[-1]):
                trail.append(example)
            raise _Fails

    with contextlib.suppress(_Fails):
        _block(strategy, seed, block, one, Phase.shrink)
    return (trail[-1], len(trail) - 1) if trail else (None, 0)


def name_of(example: Any) -> str:
    """Return a short name of an example, by its content: equal examples have equal names."""
    plain = json.dumps(example, sort_keys=True) if isinstance(example, Mapping | str | list) else repr(example)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _members(strategy: st.SearchStrategy[Any], seed: int, block: int) -> set[str]:
    out: set[str] = set()
    _block(strategy, seed, block, lambda example: out.add(name_of(example)))
    return out


def _block(strategy: st.SearchStrategy[Any], seed: int, block: int, one: Callable[[Any], None], *phases: Phase) -> None:
    """Let hypothesis draw one block; it draws no choices twice, but different choices may make equal examples."""
    quiet = settings(
        max_examples=BLOCK, database=None, deadline=None, derandomize=False, phases=[Phase.generate, *phases],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip

    def drawn(example: Any) -> None:
        one(example)

    try:
        seeded(seed * APART + block)(quiet(given(strategy)(drawn)))()
    except Unsatisfiable:
        return
