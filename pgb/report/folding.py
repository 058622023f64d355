"""Recognises defined objects inside kernel terms (L, Lt, a local minimum, ...), by matching and then rebuilding. Untrusted.

A fold applies only where the definition, built again from the parts that were found, is the very term that was given; so
printing the name instead of the term cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from pgb.kernel import FINITE, Term, Type, eta, lam, var

_numbers = count()


@dataclass(frozen=True, slots=True)
class Definition:
    """A named object and the term it stands for.

    Attributes
    ----------
    key
        A short identifier.
    slots
        The types of its parameters.
    build
        The term, from the parameters.
    text, latex
        How it is written: ``{0}``, ``{1}`` stand for the parameters.
    level
        How tightly the written form binds (`notation` has the levels).
    explained
        Whether a legend should spell it out.
    letters
        Names for the parameters in a legend; by their types if empty.
    only_named
        Whether to fold only where every vector parameter is a name (``a``, ``x_i``), not an expression.
    """

    key: str
    slots: tuple[Type, ...]
    build: Callable[..., Term]
    text: str
    latex: str
    level: int
    explained: bool = True
    only_named: bool = False
    letters: tuple[str, ...] = ()
    pattern: Term = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        metas = [var(f"META_{n}", type_) for n, type_ in enumerate(self.slots)]
        object.__setattr__(self, "pattern", self.build(*(eta(v) for v in metas)))

    def match(self, term: Term) -> tuple[Term, ...] | None:
        """Return the parameters for which this definition is `term` itself, or None."""
        if not _same_head(self.pattern, term):
            return None
        found: dict[str, Term] = {}
        if not _match(self.pattern, term, found):
            return None
        values = tuple(found.get(f"META_{n}") for n in range(len(self.slots)))
        if any(v is None or any(str(name).startswith("BOUND_") for name, _ in v.names) for v in values):
            return None
        known = tuple(v for v in values if v is not None)
        if self.only_named and any(v.kind == "lam" and bare(v) is None for v in known):
            return None
        return known if self.build(*known) == term else None


def _same_head(pattern: Term, term: Term) -> bool:
    return (pattern.kind, pattern.name, pattern.type) == (term.kind, term.name, term.type)


def _match(pattern: Term, term: Term, found: dict[str, Term]) -> bool:
    """Match higher-order patterns: a parameter applied to distinct bound variables matches any term."""
    if pattern.sort != term.sort:
        return False
    if pattern.kind == "var" and str(pattern.name).startswith("META_"):
        return _solve(pattern, term, found)
    if not _same_head(pattern, term) or len(pattern.args) != len(term.args):
        return False
    if pattern.kind == "lam":
        v = eta(var(f"BOUND_{next(_numbers)}", pattern.type[0]))
        return _match(pattern(v), term(v), found)
    return all(_match(p, t, found) for p, t in zip(pattern.args, term.args, strict=True))


def _solve(pattern: Term, term: Term, found: dict[str, Term]) -> bool:
    """Find the parameter at the head of `pattern`, or compare with what it was found to be before."""
    known = found.get(str(pattern.name))
    if known is not None:
        return known(*pattern.args) == term if pattern.args else known == term
    value = term
    if all(_is_bound_variable(a) for a in pattern.args) and len(set(pattern.args)) == len(pattern.args):
        for a in reversed(pattern.args):
            value = lam(var(str(a.name), a.type), value)
    elif term.kind == "var" and term.type == pattern.type and term.args == pattern.args:
        value = eta(var(str(term.name), term.type))  # a function applied to the same arguments
    else:
        return False
    found[str(pattern.name)] = value
    return True


def _is_bound_variable(term: Term) -> bool:
    return term.kind == "var" and str(term.name).startswith("BOUND_") and not term.args and term.type in FINITE


def bare(function: Term) -> Term | None:
    """Return g when the function is ``v, w, .. -> g(v, w, ..)``, a head that lacks arguments; None otherwise."""
    opened, depth = function, 0
    while opened.kind == "lam":
        opened, depth = opened.args[0], depth + 1
    if opened.kind != "var" or len(opened.args) < depth:
        return None
    kept = opened.args[: len(opened.args) - depth]
    if any(a.loose for a in kept):
        return None
    head = Term(opened.kind, opened.name, opened.type, kept)
    return head if eta(head) == function else None
