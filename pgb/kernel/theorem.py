"""Theorems, the one door through which they are made, and the tests that rules share. Trusted; standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn, final
from weakref import WeakSet

from .signature import BOOL, Refused, Type, refuse
from .terms import Term, check, is_const

_SEAL: Final = object()


@final
class Theorem:
    """``hyps |- concl``, checked: whatever the free variables stand for, if all of hyps are true then so is concl.

    Only `conclude` makes a theorem, and only the rules of this package call it. What counts as a premise is the object
    itself: it cannot be copied or unpickled, and a look-alike is no theorem. A determined program can change any object
    in its own Python process; what one trusts in the end is the derivation, run again in a fresh process.

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

    def __new__(cls, seal: object = None, **slots: object) -> Theorem:
        """Refuse everyone but `conclude`. In `__new__`, so that no later call can change a theorem."""
        if seal is not _SEAL:
            refuse("theorem", "only a rule makes a theorem")
        self = object.__new__(cls)
        for slot, value in slots.items():
            object.__setattr__(self, slot, value)
        _MADE.add(self)
        return self

    def __init_subclass__(cls) -> NoReturn:
        refuse("theorem", "no subclasses")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        refuse("theorem", "theorems do not change")

    def __delattr__(self, name: str) -> NoReturn:
        refuse("theorem", "theorems do not change")

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
    fact: str | None = None,
) -> Theorem:
    """Make the theorem that a rule has justified.

    Parameters
    ----------
    rule
        The name of the rule.
    concl
        The conclusion.
    premises, inputs
        What the rule was given: theorems, and everything else.
    hyps
        The hypotheses; those of all the premises together, if not given.
    fact
        The fact of analysis that the rule stands for, if it stands for one.

    Refused when
    ------------
    A premise was not made here, or the conclusion is not a closed formula.
    """
    premises = tuple(premises)
    # The type first: a look-alike may define equality, and so be found among the theorems.
    if not all(type(th) is Theorem and th in _MADE for th in premises):
        refuse(rule, "a premise is not a theorem of this kernel")
    given(rule, concl, BOOL)
    if hyps is None:
        hyps = frozenset[Term]().union(*(th.hyps for th in premises))
    rests_on = frozenset[str]().union(*(th.rests_on for th in premises), [fact] if fact else [])
    return Theorem(_SEAL, hyps=hyps, concl=concl, rests_on=rests_on, rule=rule, inputs=tuple(inputs), premises=premises)


def given(rule: str, term: object, type_: Type) -> None:
    """Refuse what is not a closed term of this type."""
    try:
        found = check(term)
    except Refused as error:
        refuse(rule, error.why)
    if found != type_:
        refuse(rule, f"needs a term of type {type_!r}, got {term!r}")


def variable(rule: str, v: object) -> None:
    """Refuse what is not a variable."""
    if type(v) is not Term or v.kind != "var" or v.args:
        refuse(rule, f"{v!r} is not a variable")


def parts(rule: str, formula: Term, name: str) -> tuple[Term, ...]:
    """Return the arguments of a formula whose head is the constant `name`; refuse any other."""
    if not is_const(formula, name):
        refuse(rule, f"needs {name}(...), got {formula!r}")
    return formula.args
