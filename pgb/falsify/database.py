"""Keeps the state of an attack in a folder, so that it can go on where it was stopped; one file for each attack.

Untrusted bookkeeping: what it keeps was decided elsewhere. A file is written whole or not at all, and a file that this module
did not write is never overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from pgb.coq import cache_folder
from pgb.errors import InputError

FORMAT: Final = "pgb falsify 1"
PAUSE: Final = 1.0  # seconds between two writings of the state; a kill loses no more than that
MAX_BYTES: Final = 50_000_000
COUNTS: Final = ("drawn", "admissible", "non_vacuous", "decided", "idle")


def default_folder() -> Path:
    """Return where states are kept when nothing else is said: ``$PGB_CACHE``, else the platform's cache folder."""
    return cache_folder().parent / "falsify"


@dataclass(slots=True)
class State:
    """How far an attack has come.

    Attributes
    ----------
    position, last
        How many problems of the stream are done, and the name (by content) of the last one.
    counts, reasons
        As in `pgb.falsify.results.Falsification`; reasons are those for which problems are undecided.
    found
        What was met at `position` and has still to be made small and told; plain data, None where nothing was met.
    told
        The counterexample as plain data, once it is told.
    seconds
        Spent so far.
    resumed
        Position at which this run took it up; not kept.
    """

    position: int = 0
    last: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    found: dict[str, Any] | None = None
    told: dict[str, Any] | None = None
    seconds: float = 0.0
    resumed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "position": self.position,
            "last": self.last,
            "counts": {k: self.counts[k] for k in COUNTS},
            "reasons": dict(self.reasons),
            "found": self.found,
            "told": self.told,
            "seconds": f"{self.seconds:.3f}",
        }


class Store:
    """The file of one attack.

    Parameters
    ----------
    folder
        Made where it is missing.
    key
        What is attacked, and how: attacks with different keys have different files.

    Raises
    ------
    InputError
        When the folder cannot be used.
    """

    def __init__(self, folder: str | Path, key: Mapping[str, str]) -> None:
        self.key = {**key, "version": metadata.version("pgb")}
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("database", f"must be a folder; {folder} cannot be made ({error.strerror})") from None
        mark = hashlib.sha256(json.dumps(self.key, sort_keys=True).encode()).hexdigest()[:12]
        plain = re.sub(r"[^a-z0-9]+", "-", "-".join(v for v in key.values() if v).lower()).strip("-")[:60]
        self.path = self.folder / f"{plain}-{mark}.json"
        self._written = 0.0

    def load(self) -> State:
        """Return the state that was kept, or a fresh one.

        Raises
        ------
        InputError
            When the file is not one of this attack's, whole and well formed. It is left as it is.
        """
        try:
            with self.path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise InputError("database", f"cannot read {self.path} ({error.strerror})") from None
        try:
            return _state(json.loads(content), self.key)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InputError(
                "database", f"{self.path} is not the state of this attack as pgb writes it; it was left as it is: "
                "move it away to start afresh, or name another folder",
            ) from None  # fmt: skip

    def save(self, state: State, *, now: bool = False) -> None:
        """Write the state, whole or not at all; without `now` at most once in `PAUSE` seconds.

        Raises
        ------
        InputError
            When it cannot be written.
        """
        if not now and time.monotonic() - self._written < PAUSE:
            return
        text = json.dumps({"format": FORMAT, "key": self.key, "state": state.to_json()}, indent=1) + "\n"
        partial = self.path.with_name(self.path.name + ".part")
        try:
            with partial.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        except OSError as error:
            raise InputError("database", f"cannot write {self.path} ({error.strerror})") from None
        self._written = time.monotonic()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs of the same attack away from the file; a lock that a killed run held is free again.

        Raises
        ------
        InputError
            When another run holds it.
        """
        try:
            import fcntl
        except ImportError:  # not on this platform: two runs at once would each write whole states
            yield
            return
        try:
            lock = self.path.with_suffix(".lock").open("w")
        except OSError as error:
            raise InputError("database", f"cannot write in {self.folder} ({error.strerror})") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("database", f"{self.path} is in use by another run of the same attack") from None
            yield

    def same_stream(self, state: State, name: str) -> None:
        """Compare the last problem of the state with the one that the stream has at its position now.

        Raises
        ------
        InputError
            When they differ: the state speaks of other problems than would be drawn from here on.
        """
        if name != state.last:
            raise InputError(
                "database", f"{self.path} was written for another stream of problems (they are drawn otherwise now): "
                "move it away to start afresh, or name another folder",
            )  # fmt: skip


def _state(document: Mapping[str, Any], key: Mapping[str, str]) -> State:
    """Read the state of the attack with this key, strictly.

    Raises
    ------
    ValueError
        When it is none.
    """
    if document["format"] != FORMAT or document["key"] != key:
        raise ValueError
    record = document["state"]
    position, last, found, told = (record[k] for k in ("position", "last", "found", "told"))
    counts, reasons = record["counts"], record["reasons"]
    numbers = [position, *counts.values(), *reasons.values()]
    well = (
        set(counts) == set(COUNTS)
        and all(type(n) is int and n >= 0 for n in numbers)
        and all(isinstance(reason, str) for reason in reasons)
        and re.fullmatch(r"[0-9a-f]{16}" if position else "", last) is not None
        and all(v is None or isinstance(v, dict) for v in (found, told))
        and counts["drawn"] == position >= counts["admissible"] >= max(counts["decided"], counts["non_vacuous"])
    )
    seconds = float(record["seconds"])
    if not well or not 0 <= seconds < float("inf"):
        raise ValueError
    return State(position, last, Counter(counts), Counter(reasons), found, told, seconds, position)
