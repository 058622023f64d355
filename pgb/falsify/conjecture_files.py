"""Reads conjecture files: a transformation, a claim, and either a problem or what problems are to be drawn; strict, as problem files.

A counterexample that `pgb falsify` writes is such a file too: reading it attacks the claim in that problem, at that point first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.expressions import short
from pgb.falsify import transformations
from pgb.falsify.builders import problems
from pgb.falsify.conjectures import Conjecture, conjecture
from pgb.falsify.documents import Document, problem_of
from pgb.falsify.inquiries import Inquiry
from pgb.problem.files import from_document, read_text, read_toml

PROBLEM: Final = ("network", "loss", "data", "ridge", "augmentation", "region", "points")
SECTIONS: Final = ("title", "source", "transformation", "claim", "problems", *PROBLEM)
CLAIM: Final = ("at", "then", "hypotheses")
WISHES: Final = ("networks", "losses", "dx", "dy", "samples", "numbers", "lambda")
ATTEMPTS: Final = 10**6


def load(path: str | Path) -> tuple[Inquiry, st.SearchStrategy[Document]]:
    """Read a conjecture file.

    Parameters
    ----------
    path
        A TOML file with a section [claim] (at, then, hypotheses); [transformation] (unit and penalty, or formula), without
        which Lt is the problem's own; and either [problems] (networks, losses, dx, dy, samples, numbers, lambda: lists to
        choose from, all optional) or one problem as in problem files, with points to look at first.

    Returns
    -------
    Inquiry, SearchStrategy
        What is claimed, and the problems to attack it with; as `pgb.falsify` takes them.

    Raises
    ------
    InputError
        With one sentence that names the file or field at fault.
    """
    return loads(read_text(path))


def loads(text: str) -> tuple[Inquiry, st.SearchStrategy[Document]]:
    """Read a conjecture from TOML text; see `load`."""
    document = read_toml(text)
    _known(document, SECTIONS, "")
    claim = _claim(document)
    own: Document = {name: document[name] for name in PROBLEM if name in document}
    if "problems" in document and own:
        raise InputError("problems", f"and [{next(iter(own))}] cannot both be given: draw problems, or give one")
    if own:
        return _given(claim, own)
    return Inquiry(claim), _drawn(document.get("problems", {}), claim)


def _claim(document: Mapping[str, Any]) -> Conjecture:
    section = document.get("claim")
    if not isinstance(section, dict):
        raise InputError("claim", "is missing; a conjecture file has a section [claim] with at and then")
    _known(section, CLAIM, "claim.")
    if "then" not in section:
        raise InputError("claim.then", "is missing; it says what holds, such as then = ['a = 0', 'L = L*']")
    title, hypotheses = document.get("title", ""), section.get("hypotheses", [])
    if not isinstance(title, str):
        raise InputError("title", f"must be text, got {short(title)}")
    if not isinstance(hypotheses, list):
        raise InputError("claim.hypotheses", f"must be a list of hypotheses, got {short(hypotheses)}")
    parts = {}
    if "transformation" in document:
        parts = transformations.from_table(document["transformation"]).plain()
    return conjecture(
        **parts, at=section.get("at", "local minimum"), then=section["then"], hypotheses=hypotheses, title=title
    )


def _given(claim: Conjecture, own: Document) -> tuple[Inquiry, st.SearchStrategy[Document]]:
    """Return the attack in one given problem: each example is another attempt to find a point in it."""
    points = own.pop("points", {})
    applied = claim.applied(own) if "data" in own and "x" in own["data"] else own
    from_document({**applied, "points": points})
    claim.objective(problem_of(applied))
    tried = tuple({n: str(v) for n, v in point.items()} for point in points.values())
    return Inquiry(claim, tried), st.integers(0, ATTEMPTS).map(lambda attempt: {**own, "attempt": attempt})


def _drawn(section: Any, claim: Conjecture) -> st.SearchStrategy[Document]:
    if not isinstance(section, dict):
        raise InputError("problems", f"must be a section [problems], got {short(section)}")
    _known(section, WISHES, "problems.")
    for key, value in section.items():
        if not isinstance(value, list) or not value:
            raise InputError(f"problems.{key}", f"must be a list of what to choose from, got {short(value)}")
    for key in ("dx", "dy", "samples"):
        if any(type(v) is not int or not 1 <= v <= 20 for v in section.get(key, [])):
            raise InputError(f"problems.{key}", f"must be a list of integers from 1 to 20, got {short(section[key])}")
    wishes = {("lam" if key == "lambda" else key): value for key, value in section.items()}
    return problems(claim.hypotheses, **wishes)


def _known(section: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in section:
        if key not in keys:
            raise InputError(
                f"{where}{short(key).strip(chr(39))}", f"is not a known key; here they are {', '.join(keys)}"
            )
