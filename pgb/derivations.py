"""Derivations on paper: a theorem's whole derivation as plain data, and its replay through the kernel. Untrusted.

A *log* is a list of JSON values that refer to earlier entries by their position; the last entry is the theorem.

- A term is a list ``[kind, name, type, argument, ...]``: the attributes of `pgb.kernel.Term`; a number is written
  ``"3/4"``, a function type ``["sample", "real"]``, each argument as a position. Equal terms appear once.
- A step is an object ``{"rule": ..., "inputs": [...], "premises": [...]}``: the rule's name, what it was given besides
  theorems, and the positions of the steps that are its premises. An input is a position (a term), a string (a rational
  number), ``true`` or ``false``, or a list of inputs.

``replay(to_log(th))`` proves the same theorem again, rule by rule; a changed log is refused or proves what it says:
compare the ``hyps`` and ``concl`` of the result with those wanted. To change a derivation, change its steps: replace a
rule, an input or a premise by another of the same log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from inspect import signature
from typing import Any, TypeAlias

from pgb.kernel import RULES, Refused, Term, Theorem, Type

Log: TypeAlias = list[Any]
_RATIONAL = re.compile(r"-?[0-9]{1,4000}(/0*[1-9][0-9]{0,3999})?", re.ASCII)


def rules() -> dict[str, Callable[..., Theorem]]:
    """Return the kernel's rules by name."""
    return dict(RULES)


def to_log(theorem: Theorem) -> Log:
    """Return the derivation of a theorem as a log.

    Parameters
    ----------
    theorem
        Any theorem of the kernel. Steps shared by several branches appear once.
    """
    log: Log = []
    terms: dict[Term, int] = {}
    theorems: dict[int, int] = {}

    def term(t: Term) -> int:
        if t not in terms:
            name = str(t.name) if t.kind == "num" else t.name
            entry = [t.kind, name, _type_out(t.type), *map(term, t.args)]
            terms[t] = len(log)
            log.append(entry)
        return terms[t]

    def given(value: object) -> Any:
        if isinstance(value, Term):
            return term(value)
        if isinstance(value, tuple):
            return [given(v) for v in value]
        return value if isinstance(value, bool) else str(value)

    for step in steps(theorem):
        inputs = [given(value) for value in step.inputs]
        premises = [theorems[id(p)] for p in step.premises]
        theorems[id(step)] = len(log)
        log.append({"rule": step.rule, "inputs": inputs, "premises": premises})
    return log


def steps(theorem: Theorem) -> Iterator[Theorem]:
    """Yield the theorems of a derivation, each once, premises first; the theorem itself comes last."""
    done: set[int] = set()
    stack = [(theorem, False)]
    while stack:
        th, ready = stack.pop()
        if id(th) in done:
            continue
        if ready:
            done.add(id(th))
            yield th
        else:
            stack.append((th, True))
            stack.extend((p, False) for p in reversed(th.premises))


def replay(log: Log) -> Theorem:
    """Run a log through the kernel and return the theorem of its last entry.

    Raises
    ------
    Refused
        If the log is malformed (rule ``replay``, with the position), or a rule refuses its step.
    """
    if not isinstance(log, list) or not log:
        raise Refused("replay", "a log is a list of entries, not empty")
    made: list[Term | Theorem] = []
    for position, entry in enumerate(log):
        try:
            made.append(_step_in(entry, made) if isinstance(entry, dict) else _term_in(entry, made))
        except RecursionError:
            raise Refused("replay", f"entry {position}: too deep") from None
        except _Malformed as error:
            raise Refused("replay", f"entry {position}: {error}") from None
    last = made[-1]
    if not isinstance(last, Theorem):
        raise Refused("replay", "the last entry is not a step")
    return last


class _Malformed(Exception):
    """An entry is not what the module's first lines describe."""


def _type_out(type_: Type) -> Any:
    return type_ if isinstance(type_, str) else [_type_out(part) for part in type_]


def _type_in(value: Any) -> Any:
    return tuple(map(_type_in, value)) if isinstance(value, list) else value


def _at(position: object, made: list[Term | Theorem], wanted: type) -> Any:
    """Return the earlier entry at a position."""
    if type(position) is not int or not 0 <= position < len(made):
        raise _Malformed(f"no earlier entry {position!r}")
    if not isinstance(made[position], wanted):
        raise _Malformed(f"entry {position} is not a {wanted.__name__.lower()}")
    return made[position]


def _number(text: object) -> Fraction:
    """Read ``"-3/4"``: digits only, for an exponent would let a short text ask for a number without end."""
    if not isinstance(text, str) or not _RATIONAL.fullmatch(text):
        raise _Malformed(f"not a rational number: {text!r}")
    return Fraction(text)


def _term_in(entry: object, made: list[Term | Theorem]) -> Term:
    if not isinstance(entry, list) or len(entry) < 3:
        raise _Malformed("neither a term nor a step")
    kind, name, type_, *args = entry
    name = _number(name) if kind == "num" else name
    return Term(kind, name, _type_in(type_), tuple(_at(a, made, Term) for a in args))


def _input_in(value: object, made: list[Term | Theorem]) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return tuple(_input_in(v, made) for v in value)
    return _number(value) if isinstance(value, str) else _at(value, made, Term)


def _step_in(entry: dict[str, Any], made: list[Term | Theorem]) -> Theorem:
    rule, inputs, premises = entry.get("rule"), entry.get("inputs"), entry.get("premises")
    if len(entry) != 3 or not isinstance(inputs, list) or not isinstance(premises, list):
        raise _Malformed("a step has a rule, inputs and premises")
    if not isinstance(rule, str) or rule not in RULES:
        raise _Malformed(f"there is no rule {rule!r}")
    inputs = tuple(_input_in(v, made) for v in inputs)
    premises = tuple(_at(p, made, Theorem) for p in premises)
    try:
        return apply(rule, inputs, premises)
    except Refused:
        raise
    except (TypeError, ValueError):  # the rule has another number of inputs or premises
        raise _Malformed(f"{rule} does not take {len(inputs)} such inputs and {len(premises)} premises") from None


def apply(rule: str, inputs: tuple[Any, ...], premises: tuple[Theorem, ...]) -> Theorem:
    """Apply a rule to what a theorem records: ``apply(th.rule, th.inputs, th.premises)`` proves `th` again.

    Raises
    ------
    Refused
        If the rule refuses.
    TypeError, ValueError
        If the rule takes another number of inputs or of premises.
    """
    if rule == "linear":
        goal, terms, numbers = inputs
        eqs, ineqs = premises[: len(terms)], premises[len(terms) :]
        return RULES[rule](goal, list(zip(terms, eqs, strict=True)), list(zip(numbers, ineqs, strict=True)))
    annotations = [parameter.annotation for parameter in signature(RULES[rule]).parameters.values()]
    if len(premises) != annotations.count("Theorem"):
        raise TypeError(f"{rule} takes {annotations.count('Theorem')} premises")
    if rule == "indicator":
        (true,) = inputs
        if type(true) is not bool:
            raise TypeError("indicator takes true or false")
        return RULES[rule](*premises, true=true)
    if rule == "choose":
        (v,), (ex, th) = inputs, premises
        return RULES[rule](ex, v, th)
    if rule in ("absurd", "convert", "specialise"):
        return RULES[rule](*premises, *inputs)
    return RULES[rule](*inputs, *premises)
