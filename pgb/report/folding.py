"""Recognises defined objects inside kernel terms (L, Lt, a local minimum, ...), by matching and then rebuilding. Untrusted.

A fold applies only where the definition, built again from the parts that were found, is the very term that was given; so
printing the name instead of the term cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from pgb.kernel import FINITE, Term, Type, beta, eta, lam, var

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
        Whether to fold only where every parameter is a name (``a``, ``x_i``, ``s``), not an expression.
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
        found: dict[str, Term] = {}
        if not _match(self.pattern, term, (), found):
            return None
        values = tuple(found.get(f"META_{n}") for n in range(len(self.slots)))
        known = tuple(v for v in values if v is not None)
        if len(known) < len(values):
            return None
        if self.only_named and not all(bare(v) is not None for v in known):
            return None
        return known if self.build(*known) == term else None


def _same_head(pattern: Term, term: Term) -> bool:
    return (pattern.kind, pattern.name, pattern.type) == (term.kind, term.name, term.type)


def _match(pattern: Term, term: Term, binders: tuple[Type, ...], found: dict[str, Term]) -> bool:
    """Match higher-order patterns: a parameter applied to distinct bound variables matches any term.

    `binders` holds the types of the lambdas passed on the way, innermost first; bound indices refer to them.
    """
    if pattern.sort != term.sort:
        return False
    if not any(str(name).startswith("META_") for name, _ in pattern.names):
        return pattern == term
    if pattern.kind == "var" and str(pattern.name).startswith("META_"):
        return _solve(pattern, term, binders, found)
    if not _same_head(pattern, term) or len(pattern.args) != len(term.args):
        return False
    inside = (pattern.type[0], *binders) if pattern.kind == "lam" else binders
    return all(_match(p, t, inside, found) for p, t in zip(pattern.args, term.args, strict=True))


def _solve(pattern: Term, term: Term, binders: tuple[Type, ...], found: dict[str, Term]) -> bool:
    """Find the parameter at the head of `pattern`, or compare with what it was found to be before."""
    known = found.get(str(pattern.name))
    if known is not None:
        return known(*pattern.args) == term if pattern.args else known == term
    indices = [a.name for a in pattern.args if a.kind == "bound" and not a.args and a.type in FINITE]
    if len(indices) == len(pattern.args) == len(set(indices)):
        if any(n not in indices for n, _ in term.loose):
            return False
        value = _abstract(term, indices, binders)
    elif term.kind == "var" and term.type == pattern.type and term.args == pattern.args:
        value = eta(var(str(term.name), term.type))  # a function applied to the same arguments
    else:
        return False
    found[str(pattern.name)] = value
    return True


def _abstract(term: Term, indices: Sequence[int], binders: tuple[Type, ...]) -> Term:
    """Return the function of the bound variables with these indices whose value is `term`."""
    if not term.loose and not indices:
        return term
    closed = term
    for type_ in binders:
        closed = Term("lam", None, (type_, closed.sort), (closed,))
    fresh = {n: var(f"BOUND_{next(_numbers)}", type_) for n, type_ in enumerate(binders)}
    opened = beta(closed, tuple(eta(fresh[n]) for n in reversed(range(len(binders)))))
    for n in reversed(indices):
        opened = lam(fresh[n], opened)
    return opened


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
