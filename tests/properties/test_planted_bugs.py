"""Every bug planted in the package's own code is noticed by a property of this suite, within its quick number of examples.

``python -m tests.properties.test_planted_bugs`` prints the table of `docs/falsification.md`.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .planted import BUGS, Bug, _function, mutated, planted


def hunter(bug: Bug) -> Callable[[], None]:
    """Return the bug's property, as the quick profile runs it."""
    file, name = bug.law.split("::")
    return getattr(importlib.import_module(f"{__package__}.{file}"), name).hunt  # type: ignore[no-any-return]


def caught(bug: Bug) -> tuple[bool, float]:
    """Return whether the property fails with the bug in place, and the CPU seconds that it took."""
    hunt, start = hunter(bug), time.process_time()
    with planted(bug):
        try:
            hunt()
        except Exception:  # noqa: BLE001  (a bug may raise anything)
            return True, time.process_time() - start
    return False, time.process_time() - start


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.id)
def test_a_planted_bug_is_caught(bug: Bug, record_property: Any) -> None:
    found, seconds = caught(bug)
    record_property("seconds", round(seconds, 2))
    assert found, f"{bug.what} ({bug.module}.{bug.name}) is not noticed by {bug.law}"


@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.id)
def test_a_planted_bug_changes_the_code_and_is_taken_out_again(bug: Bug) -> None:
    function = _function(bug)
    sound = function.__code__
    other = mutated(bug)
    assert (other.co_code, other.co_names, other.co_consts) != (sound.co_code, sound.co_names, sound.co_consts)
    with planted(bug):
        assert function.__code__ is not sound
    assert function.__code__ is sound


def test_there_are_enough_bugs_in_every_layer() -> None:
    layers = [bug.module.split(".")[1] for bug in BUGS]
    assert len(BUGS) >= 25
    assert {n: layers.count(n) for n in set(layers)}.keys() >= {
        "problem",
        "objective",
        "landscape",
        "condition",
        "escape",
    }
    assert all(layers.count(n) >= 3 for n in set(layers))


def rows(bug: Bug) -> str:
    """Return what the table says of a bug, but for the seconds."""
    place = f"`{bug.module.removeprefix('pgb.')}.{bug.name}`"
    return f"| {bug.what.replace('|', chr(92) + '|')} | {place} | `{bug.law.replace('::', '.py::')}` |"


def test_the_table_in_the_documents_is_complete() -> None:
    text = (Path(__file__).parents[2] / "docs" / "falsification.md").read_text(encoding="utf-8")
    assert [bug.what for bug in BUGS if rows(bug) not in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("law", sorted({bug.law for bug in BUGS}))
def test_without_a_bug_nothing_is_caught(law: str) -> None:
    hunter(next(bug for bug in BUGS if bug.law == law))()


if __name__ == "__main__":
    print("| bug | where | the property that notices it | CPU seconds |\n|---|---|---|---|")  # noqa: T201
    for bug in BUGS:
        found, seconds = caught(bug)
        print(rows(bug), f"{seconds:.2f} |" if found else "SURVIVES |", flush=True)  # noqa: T201
