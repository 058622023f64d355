"""Runs the attacks that one command asks for, one after the other, and shares the time among them. Decides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pgb.errors import InputError
from pgb.falsify.attacks import attackable
from pgb.falsify.conjecture_files import load
from pgb.falsify.database import default_folder
from pgb.falsify.results import Falsification
from pgb.falsify.run import falsify

EXAMPLES: Final = 300  # where neither a number nor a time is given
UNLIMITED: Final = 10**12


def folder_of(database: Path | None, seconds: float | None) -> Path | None:
    """Return where states are kept: where the user says; for runs with a time the default folder; else nowhere."""
    if database is not None:
        return database
    return None if seconds is None else default_folder()


def attacks(
    theorem: str | None,
    *,
    drop: str | None = None,
    claim: Path | None = None,
    examples: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    database: Path | None = None,
    progress: Callable[[Falsification], None] | None = None,
) -> Iterator[Falsification]:
    """Attack one theorem, the conjecture of a file, or every theorem in turn; yield each outcome as it comes.

    Parameters
    ----------
    theorem, drop
        As in `pgb.falsify.run.falsify`; None for every theorem.
    claim
        A conjecture file, instead.
    examples
        Problems for each attack. None means `EXAMPLES`, or no limit where a time is given.
    seconds
        For all attacks together.
    seed, database, progress
        As in `pgb.falsify.run.falsify`.

    Raises
    ------
    InputError
        For arguments that do not go together, and as `pgb.falsify.run.falsify`.
    """
    if claim is not None and (theorem is not None or drop is not None):
        raise InputError("--claim", "stands alone: a conjecture file says itself what is claimed and assumed")
    if theorem is None and drop is not None:
        raise InputError("THEOREM", f"is needed with --drop; it is one of {', '.join(attackable())}")
    if examples is None:
        examples = EXAMPLES if seconds is None else UNLIMITED
    if claim is not None:
        inquiry, strategy = load(claim)
        yield falsify(
            inquiry, strategy, examples=examples, seconds=seconds, seed=seed, database=database, progress=progress
        )
        return
    names = attackable() if theorem is None else (theorem,)
    until = None if seconds is None else time.monotonic() + seconds
    for i, name in enumerate(names):
        share = None if until is None else max(until - time.monotonic(), 0.0) / (len(names) - i)
        found = falsify(
            name, drop=drop, examples=examples, seconds=share, seed=seed, database=database, progress=progress
        )
        yield found
        if found.interrupted == "keyboard":
            return
