"""Shared by the tests of cases: shipped files as text, variants of them, and each shipped case reproduced once."""

from dataclasses import replace
from functools import cache

import pytest

from pgb.cases import read_case, reproduce
from pgb.cases.files import folder

CLAIMS_OF_FAILURES = ("dependent_units", "induced_below", "unbounded_below", "data_term_below")  # read by `dropping`


@pytest.fixture(scope="session")
def text():
    """Return the text of a shipped case file."""
    return cache(lambda name: (folder() / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def report():
    """Return the report of a shipped case, computed once."""
    return cache(reproduce)


@pytest.fixture
def variant(text):
    """Return a function that reads a shipped case with some of its text replaced, each pattern exactly as often as said."""

    def make(name, *changes, claims=None):
        content = text(name)
        for change in changes:
            old, new = change[:2]
            count = change[2] if len(change) > 2 else 1
            assert content.count(old) == count, (old, content.count(old))
            content = content.replace(old, new)
        if claims is not None:
            content = content[: content.index("[[case.claims]]")] + claims
        return read_case(content, f"{name} (variant)")

    return make


@pytest.fixture
def outcome(variant):
    """Return a function that reproduces a variant and gives the results whose claim begins with a word."""

    def run(name, word, *changes):
        case = variant(name, *changes)
        if not word.startswith("breaks"):
            wanted = tuple(c for c in case.claims if f"{c.kind} ({c.where})".startswith(word))
            case = replace(case, claims=wanted, breaks=())
        else:
            wanted = tuple(c for c in case.claims if c.kind in CLAIMS_OF_FAILURES)
            case = replace(case, claims=wanted)
        found = [c for c in reproduce(case).claims if c.claim.startswith(word)]
        assert found, word
        return found

    return run
