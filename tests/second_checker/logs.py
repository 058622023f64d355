"""For the tests: terms and refused steps of the kernel, written into logs."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

import pgb.kernel
from pgb.derivations import to_log

from .terms import Term, make


def translated(term: pgb.kernel.Term) -> Term:
    """A term of the kernel as one of the second checker."""
    return make(term.kind, term.name, term.type, *map(translated, term.args))


def write(value: Any, log: list[Any]) -> Any:
    """Append a term to a log and return its position; other inputs are returned as a log holds them."""
    if isinstance(value, pgb.kernel.Term):
        args = [write(a, log) for a in value.args]
        log.append([value.kind, str(value.name) if value.kind == "num" else value.name, _data(value.type), *args])
        return len(log) - 1
    return value if isinstance(value, bool) else str(value)


def _data(type_: Any) -> Any:
    return type_ if isinstance(type_, str) else [_data(t) for t in type_]


def append(log: list[Any], theorem: pgb.kernel.Theorem) -> int:
    """Append a whole derivation to a log and return the position of its theorem."""
    start = len(log)

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(v) for v in value]
        return value + start if type(value) is int else value

    for entry in to_log(theorem):
        if isinstance(entry, dict):
            log.append({k: moved(v) if k != "rule" else v for k, v in entry.items()})
        else:
            log.append([*entry[:3], *map(moved, entry[3:])])
    return len(log) - 1


def refused_step(refuse: Callable[[], object]) -> list[Any] | None:
    """The log of the step at which a script of the kernel's was refused, its premises derived; None if no rule was."""
    try:
        refuse()
    except Exception as error:  # noqa: BLE001 (a refused script may fail in any way)
        found = _rule_frame(error.__traceback__) or _rule_frame(getattr(error.__cause__, "__traceback__", None))
        return None if found is None else _written(*found)
    return None


def _rule_frame(traceback: TracebackType | None) -> tuple[str, dict[str, Any]] | None:
    """The innermost call of a rule in a traceback, with its arguments."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        rule = pgb.kernel.RULES.get(code.co_name)
        if rule is not None and rule.__code__ is code:
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)]
            found = code.co_name, {n: traceback.tb_frame.f_locals[n] for n in names}
        traceback = traceback.tb_next
    return found


def _written(rule: str, given: dict[str, Any]) -> list[Any] | None:
    """A log that ends with the step, if what the rule was given can be written at all."""
    log: list[Any] = []
    inputs: list[Any] = []
    premises: list[int] = []
    values = list(given.values())
    if rule == "linear":
        goal, eqs, ineqs = values
        values = [goal, [pgb.kernel.real(t) for t, _ in eqs], [q for q, _ in ineqs], *(th for _, th in (*eqs, *ineqs))]
    elif rule == "specialise":
        values = [values[0], *values[1]]
    for value in values:
        if getattr(value, "premises", None) is None and type(value) is pgb.kernel.Theorem:
            return None  # forged: it has no derivation to write
        if type(value) is pgb.kernel.Theorem:
            premises.append(append(log, value))
        elif isinstance(value, list):
            inputs.append([write(v, log) for v in value])
        elif isinstance(value, bool) or type(value) is pgb.kernel.Term:
            inputs.append(write(value, log))
        else:
            return None
    log.append({"rule": rule, "inputs": inputs, "premises": premises})
    return log
