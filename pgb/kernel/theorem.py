"""Theorems, the one door by which they are made, and the tests every rule shares. Trusted; standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn, final
from weakref import WeakSet

from .terms import BOOL, Term, Type, check, is_const, refuse

_SEAL: Final = object()


@final
class Theorem:
    """``hyps |- concl``, checked: in every interpretation in which all the hypotheses are true, so is the conclusion.

    Only `conclude` makes a theorem, and only the rules of this package call it. What holds a premise is the object
    itself: a copy, a look-alike or an object unpickled is not a theorem. Python lets a determined program change any
    object in its own process; what one trusts in the end is the derivation, run again in a fresh process.

    Attributes
    ----------
    hyps : frozenset of Term
        The hypotheses, closed formulas.
    concl : Term
        The conclusion, a closed formula.
    rests_on : frozenset of str
        The facts of analysis used anywhere in the derivation, by their names in `facts.FACTS`.
    rule : str
        The rule that made the theorem.
    inputs : tuple
        What the rule was given besides theorems: terms, coefficients.
    premises : tuple of Theorem
        The theorems that the rule was given.
    """

    __slots__ = ("__weakref__", "concl", "hyps", "inputs", "premises", "rests_on", "rule")
    hyps: frozenset[Term]
    concl: Term
    rests_on: frozenset[str]
    rule: str
    inputs: tuple[object, ...]
    premises: tuple[Theorem, ...]

    def __new__(cls, seal: object = None, **parts: object) -> Theorem:
        """Refuse everyone but `conclude`; `__new__`, so that calling it again cannot change a theorem."""
        if seal is not _SEAL:
            refuse("theorem", "only a rule makes a theorem")
        self = object.__new__(cls)
        for slot, value in parts.items():
            object.__setattr__(self, slot, value)
        _MADE.add(self)
        return self

    def __init_subclass__(cls) -> NoReturn:
        refuse("theorem", "no subclasses")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        refuse("theorem", "theorems do not change")

    def __delattr__(self, name: str) -> NoReturn:
        refuse("theorem", "theorems do not change")

    def __reduce__(self) -> NoReturn:
        refuse("theorem", "a theorem is not copied: keep its derivation and run it again")

    def __repr__(self) -> str:
        return f"{', '.join(sorted(map(repr, self.hyps)))} |- {self.concl!r}".lstrip()


_MADE: Final[WeakSet[Theorem]] = WeakSet()


def conclude(
    rule: str,
    concl: Term,
    premises: Iterable[Theorem] = (),
    inputs: Iterable[object] = (),
    *,
    hyps: frozenset[Term] | None = None,
    fact: str = "",
) -> Theorem:
    """Make the theorem that a rule has justified.

    Parameters
    ----------
    rule
        The name of the rule.
    concl
        The conclusion; it must be a formula, closed.
    premises, inputs
        What the rule was given: theorems, and everything else.
    hyps
        The hypotheses, if they are not simply those of all premises together.
    fact
        The fact of analysis that the rule stands for, if it does.
    """
    premises = tuple(premises)
    if not all(th in _MADE for th in premises):
        refuse(rule, "a premise is not a theorem of this kernel")
    if check(concl) != BOOL:
        refuse(rule, f"the conclusion is not a formula: {concl!r}")
    if hyps is None:
        hyps = union(*premises)
    rests_on = frozenset[str]().union(*(th.rests_on for th in premises), {fact} if fact else ())
    return Theorem(_SEAL, hyps=hyps, concl=concl, rests_on=rests_on, rule=rule, inputs=tuple(inputs), premises=premises)


def union(*theorems: Theorem) -> frozenset[Term]:
    """Return the hypotheses of several theorems together."""
    return frozenset[Term]().union(*(th.hyps for th in theorems))


def given(rule: str, term: object, type_: Type) -> None:
    """Refuse an input that is not a closed term of this type."""
    try:
        found = check(term)
    except ValueError as error:
        refuse(rule, str(error))
    if found != type_:
        refuse(rule, f"needs a term of type {type_!r}, got {term!r}")


def parts(rule: str, term: Term, name: str) -> tuple[Term, ...]:
    """Return the arguments of a term whose head is the constant `name`; refuse any other."""
    if not is_const(term, name):
        refuse(rule, f"needs a premise of the form {name}(...), got {term!r}")
    return term.args
