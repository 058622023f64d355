"""Theorems cannot be forged."""

from __future__ import annotations

import copy
import dataclasses

from .base import Chameleon, attack


@attack("theorem", "only a rule makes a theorem")
def theorem_by_its_constructor(k):
    return k.Theorem(object(), hyps=frozenset(), concl=k.FALSE, rests_on=frozenset(), rule="", inputs=(), premises=())


@attack("theorem", "only a rule makes a theorem")
def theorem_by_no_argument(k):
    return k.Theorem()


@attack("theorem", "no subclasses")
def theorem_of_a_subclass(k):
    return type("T", (k.Theorem,), {})


@attack("theorem", "theorems do not change")
def theorem_changed(k):
    th = k.reflexive(k.y)
    th.concl = k.FALSE
    return th


@attack("theorem", "theorems do not change")
def theorem_stripped_of_its_hypotheses(k):
    th = k.assume(k.p)
    del th.hyps
    return th


@attack("theorem", "only a rule makes a theorem")
def theorem_copied(k):
    return copy.copy(k.reflexive(k.y))


@attack("theorem", "only a rule makes a theorem")
def theorem_copied_deeply(k):
    return copy.deepcopy([k.reflexive(k.y)])


@attack("absurd", "not a theorem of this kernel")
def theorem_that_is_a_look_alike(k):
    return k.absurd(Chameleon(k.true, concl=k.FALSE, hyps=frozenset()), k.p)


@attack("both", "not a theorem of this kernel")
def second_theorem_that_is_a_look_alike(k):
    return k.both(k.true, Chameleon(k.true, concl=k.FALSE, hyps=frozenset()))


@attack("left", "not a theorem of this kernel")
def theorem_made_without_its_constructor(k):
    fake = object.__new__(k.Theorem)
    for slot, value in {"hyps": frozenset(), "concl": k.AND(k.p, k.q), "rests_on": frozenset()}.items():
        object.__setattr__(fake, slot, value)
    return k.left(fake)


@attack("mp", "not a theorem of this kernel")
def theorem_of_another_kernel(k):
    import pgb.kernel

    th = pgb.kernel.assume(pgb.kernel.var("p", "bool"))
    return k.mp(k.th(k.IMP(k.p, k.q)), Chameleon(th, concl=k.p))


@attack("linear", "not a theorem of this kernel")
def premises_that_change_between_two_readings(k):
    """First 0 = 1, for the check; then a theorem, for the record."""
    fake = Chameleon(k.true, concl=k.eq(0, 1), hyps=frozenset())

    class Pairs:
        times = 0

        def __iter__(self):
            self.times += 1
            return iter([(1, fake if self.times == 1 else k.true)])

    return k.linear(k.eq(0, 1), Pairs())


@attack("linear", "not a theorem of this kernel")
def pair_that_changes_between_two_readings(k):
    fake = Chameleon(k.true, concl=k.LE(k.one, k.zero), hyps=frozenset())

    class Pair:
        times = 0

        def __iter__(self):
            self.times += 1
            return iter((1, fake if self.times == 1 else k.true))

    return k.linear(k.LE(k.one, k.zero), [], [Pair()])


# -- attempts that Python itself stops, with a TypeError ----------------------------------------------------------------
def theorem_by_replacing_fields(k):
    return dataclasses.replace(k.reflexive(k.y), concl=k.FALSE)


def theorem_by_changing_the_class_of_an_object(k):
    return _of_class(k.Theorem, hyps=frozenset(), concl=k.FALSE)


def term_by_changing_the_class_of_an_object(k):
    return _of_class(k.Term, kind="num", name=0.5, type=k.REAL, args=())


def _of_class(cls, **attributes):
    fake = type("Fake", (), {"__slots__": cls.__slots__})()
    for name, value in attributes.items():
        setattr(fake, name, value)
    fake.__class__ = cls
    return fake


STOPPED_BY_PYTHON = (
    theorem_by_replacing_fields,
    theorem_by_changing_the_class_of_an_object,
    term_by_changing_the_class_of_an_object,
)
