"""Every guard of the kernel matters: with it switched off, an attack gets through; with it bent, the tests notice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from .attacks import ATTACKS
from .laws import laws
from .loading import MODULES, world
from .mutants import Mutant, mutants
from .uses import USES

ALL = list(mutants())


def fate(mutant: Mutant) -> str:
    """Say what gives a changed kernel away: an attack that gets through, if there is one; else anything at all."""
    try:
        k = world({mutant.module: mutant.tree})
    except Exception as error:  # noqa: BLE001 (a changed kernel may fail in any way)
        return f"does not load: {error!r}"
    other = ""
    for attack in ATTACKS:
        try:
            attack.run(k)
        except Exception as error:  # noqa: BLE001 (a changed kernel may fail in any way)
            wanted = isinstance(error, k.Refused) and error.rule == attack.rule and attack.phrase in error.why
            other = other or ("" if wanted else f"{attack.name} is stopped otherwise: {error!r}")
        else:
            return f"attack gets through: {attack.name}"
    return other or _right_uses(k) or _laws(k) or "survives"


def _right_uses(k: Any) -> str:
    for _, run in USES:
        try:
            use = run(k)
        except Exception as error:  # noqa: BLE001 (a changed kernel may fail in any way)
            return f"{run.__name__} fails: {error!r}"
        th = use.theorem
        if (th.concl, th.hyps, th.rests_on) != (use.concl, frozenset(use.hyps), frozenset(use.facts)):
            return f"{run.__name__} proves something else"
    return ""


def _laws(k: Any) -> str:
    try:
        return next((f"law broken: {name}" for name, kept in laws(k) if not kept), "")
    except Exception as error:  # noqa: BLE001 (a changed kernel may fail in any way)
        return f"a law fails: {error!r}"


def test_the_kernel_itself_keeps_every_law() -> None:
    assert [name for name, kept in laws(world()) if not kept] == []


@pytest.mark.parametrize("module", [m for m in MODULES if m not in ("facts", "__init__")])
def test_guard_switched_off_lets_an_attack_through(module: str) -> None:
    off = [m for m in ALL if m.module == module and m.kind in ("guard", "call")]
    fates = {m.name: fate(m) for m in off}
    assert [f"{name}: {how}" for name, how in fates.items() if not how.startswith("attack gets through")] == []


@pytest.mark.parametrize("module", [m for m in MODULES if m not in ("facts", "__init__")])
def test_bent_condition_is_noticed(module: str) -> None:
    bent = [m for m in ALL if m.module == module and m.kind not in ("guard", "call")]
    assert [m.name for m in bent if fate(m) == "survives"] == []


def test_there_are_as_many_guards_as_we_think() -> None:
    """A floor, so that a guard written in another form is not forgotten by the two tests above."""
    kinds = Counter(m.kind for m in ALL)
    assert kinds["guard"] >= 50
    assert kinds["call"] >= 35
    assert kinds["part of a guard"] >= 20
    assert kinds["comparison"] >= 100
    assert kinds["hypotheses"] == 4
    assert kinds["fact"] == 16
