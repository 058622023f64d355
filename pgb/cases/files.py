"""Reads case files: a problem file with a [case] section whose claims have a small typed vocabulary; strict, like problem files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import sympy

from pgb import library
from pgb.errors import InputError
from pgb.expressions import parse, rational, real_symbol
from pgb.problem import Problem
from pgb.problem.files import auxiliary_names, from_document, read_text, read_toml
from pgb.theorems import HYPOTHESES

KINDS: Final = ("published", "dropped_hypothesis", "failure_mode")
OBJECTIVES: Final = ("L", "Lt", "L2")
EXPECTED: Final = ("holds", "undecided")
CASE_KEYS: Final = ("kind", "drops", "breaks", "at", "certainty", "notes", "approximate", "rival", "claims")
BREAKABLE: Final = (
    "vanishing", "vanishing_at_minima", "perturbation", "independence", "elimination", "elimination_by_pgb", "one_neuron",
    "elimination_per_sample", "characterisation", "vacuity", "vacuity_consistent", "failure_mode", "failure_mode_a",
    "failure_mode_c", "failure_mode_e", "no_extra_unit", "flow_identity", "pgb_condition", "residual",
    "grouped_gradients", "reduction", "strict_saddle", "ridge", "depth_width",
)  # the theorems whose failure `pgb.cases.dropping` can check  # fmt: skip
MAX_CLAIMS: Final = 100
FATES: Final = ("escape to infinity", "global minimum, a -> 0", "stationary, not optimal", "stall at a saddle")
RAY: Final = real_symbol("s")  # the variable of rays


@dataclass(frozen=True, slots=True)
class Claim:
    """One typed claim.

    Attributes
    ----------
    kind
        A key of `VOCABULARY`.
    fields
        The values that were given, read and typed; what was left out is absent.
    expect
        ``"holds"``, or ``"undecided"`` where the file says that the checkers are known not to decide it.
    where
        Its place in the file, for messages.
    """

    kind: str
    fields: Mapping[str, Any]
    expect: str
    where: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case file.

    Attributes
    ----------
    name
        The file's name without its ending.
    problem
        The problem that it is about.
    kind
        One of `KINDS`.
    drops, breaks
        The hypothesis that the problem lacks, and the theorems that fail there; "" and () where none.
    at
        The point at which they fail.
    certainty, notes
        What is from the source and what is not; remarks.
    approximate
        Point name to a radius: the point meant is only known to lie within it of the stated coordinates, each. Every
        claim about it is then shown for all points within the radius.
    rival
        One output vector for each group of equal inputs: predictions that are better than the network's.
    """

    name: str
    problem: Problem
    kind: str
    claims: tuple[Claim, ...]
    drops: str = ""
    breaks: tuple[str, ...] = ()
    at: str = ""
    certainty: str = ""
    notes: str = ""
    approximate: Mapping[str, Fraction] = field(default_factory=dict)
    rival: tuple[tuple[sympy.Expr, ...], ...] = ()


Reader = Callable[[Any, str, Problem], Any]


def _point(value: Any, where: str, problem: Problem) -> str:
    if not isinstance(value, str) or value not in problem.points:
        raise InputError(where, f"must be one of the points {', '.join(problem.points) or '(none)'}, got {value!r}")
    return value


def _choice(*names: str) -> Reader:
    def read(value: Any, where: str, _: Problem) -> str:
        if value not in names:
            raise InputError(where, f"must be one of {', '.join(names)}, got {value!r}")
        return str(value)

    return read


def _bool(value: Any, where: str, _: Problem) -> bool:
    if not isinstance(value, bool):
        raise InputError(where, f"must be true or false, got {value!r}")
    return value


def _number(value: Any, where: str, _: Problem) -> sympy.Expr:
    return parse(value, {}, where)


def _digits(value: Any, where: str, _: Problem) -> str:
    if not isinstance(value, str):
        raise InputError(where, f"must be a decimal in quotes, got {value!r}")
    rational(value, where)
    if "/" in value or "e" in value.lower():
        raise InputError(where, f"must be a plain decimal such as '0.125', got {value!r}")
    return value


def _numbers(value: Any, where: str, problem: Problem) -> tuple[sympy.Expr, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(where, f"must be a list of exact numbers, got {value!r}")
    return tuple(_number(v, f"{where}[{i}]", problem) for i, v in enumerate(value))


def _per_output(value: Any, where: str, problem: Problem) -> tuple[sympy.Expr, ...]:
    found = _numbers(value, where, problem)
    if len(found) != problem.network.dy:
        raise InputError(where, f"must have one entry for each of the {problem.network.dy} outputs, got {len(found)}")
    return found


def _matrix(value: Any, where: str, problem: Problem) -> tuple[tuple[sympy.Expr, ...], ...]:
    dy, dx = problem.network.dy, problem.network.dx
    if not isinstance(value, list) or len(value) != dy:
        raise InputError(where, f"must have a row of {dx} numbers for each of the {dy} outputs, got {value!r}")
    rows = tuple(_numbers(row, f"{where}[{k}]", problem) for k, row in enumerate(value))
    if any(len(row) != dx for row in rows):
        raise InputError(where, f"must have rows of {dx} numbers, one for each input, got {value!r}")
    return rows


def _radii(value: Any, where: str, _: Problem) -> tuple[Fraction, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(where, f"must be a list of radii such as ['1e-1', '1e-6'], got {value!r}")
    return tuple(_radius(v, f"{where}[{i}]") for i, v in enumerate(value))


def _radius(value: Any, where: str, _: Problem | None = None) -> Fraction:
    found = rational(value, where)
    if found <= 0:
        raise InputError(where, f"must be positive, got {found}")
    return Fraction(int(found.p), int(found.q))


def _row(value: Any, where: str, problem: Problem) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < problem.data.m:
        raise InputError(where, f"must be a row of the data, 0 to {problem.data.m - 1}, got {value!r}")
    return value


def _output(value: Any, where: str, problem: Problem) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= problem.network.dy:
        raise InputError(where, f"must be an output, 1 to {problem.network.dy}, got {value!r}")
    return value


def _variables(value: Any, where: str, problem: Problem) -> tuple[str, ...]:
    known = _variable_names(problem)
    if not isinstance(value, list) or not value or any(v not in known for v in value):
        raise InputError(where, f"must be a list of variables out of {', '.join(known)}, got {value!r}")
    return tuple(value)


def _path(value: Any, where: str, problem: Problem) -> dict[str, sympy.Expr]:
    known = _variable_names(problem)
    if not isinstance(value, dict) or any(v not in known for v in value):
        raise InputError(where, f"must be a table of formulas in s for some of {', '.join(known)}, got {value!r}")
    return {n: parse(v, {"s": RAY}, f"{where}.{n}") for n, v in value.items()}


def _paths(value: Any, where: str, problem: Problem) -> tuple[dict[str, sympy.Expr], ...]:
    if not isinstance(value, list) or not value:
        raise InputError(where, f"must be a list of tables of formulas in s, got {value!r}")
    return tuple(_path(v, f"{where}[{i}]", problem) for i, v in enumerate(value))


def _output_rows(value: Any, where: str, problem: Problem) -> tuple[tuple[sympy.Expr, ...], ...]:
    if not isinstance(value, list) or len(value) != problem.data.m:
        raise InputError(where, f"must have one output vector for each of the {problem.data.m} samples, got {value!r}")
    return tuple(_per_output(row, f"{where}[{i}]", problem) for i, row in enumerate(value))


def _near(value: Any, where: str, problem: Problem) -> dict[str, sympy.Expr]:
    known = _variable_names(problem)
    if not isinstance(value, dict) or not value or any(v not in known for v in value):
        raise InputError(where, f"must be a table of numbers for some of {', '.join(known)}, got {value!r}")
    return {n: parse(v, {}, f"{where}.{n}") for n, v in value.items()}


def _variable_names(problem: Problem) -> tuple[str, ...]:
    added = auxiliary_names(problem.augmentation, problem.network)
    return (*(p.name for p in problem.parameters), *added)


_OF: Final = _choice(*OBJECTIVES)
# Every claim that a file may make: field -> (reader, required).
VOCABULARY: Final[dict[str, dict[str, tuple[Reader, bool]]]] = {
    "value": {
        "of": (_OF, True),
        "at": (_point, True),
        "equals": (_number, False),
        "digits": (_digits, False),
        "at_most": (_number, False),
    },
    "critical_point": {"of": (_OF, True), "at": (_point, True)},
    "local_minimum": {"of": (_OF, True), "at": (_point, True), "strict": (_bool, False), "held": (_variables, False)},
    "global_minimum": {"of": (_OF, True), "at": (_point, True)},
    "minimum_on_boundary": {"at": (_point, True), "active": (_variables, True)},
    "saddle": {"of": (_OF, True), "at": (_point, True)},
    "better_point": {"of": (_OF, True), "at": (_point, True), "than": (_point, True)},
    "optimum": {"value": (_number, False), "digits": (_digits, False), "attained": (_bool, True)},
    "attained": {},
    "optimal": {"at": (_point, True)},
    "not_optimal": {"at": (_point, True)},
    "a_nonzero": {"at": (_point, True)},
    "loss_gradient_nonzero": {"at": (_point, True), "row": (_row, False), "output": (_output, False)},
    "loss_gradient_zero": {"at": (_point, True), "output": (_output, False)},
    "sample_gradient_nonzero": {"at": (_point, True), "row": (_row, True)},
    "descent_nearby": {
        "at": (_point, True),
        "b": (_per_output, True),
        "W": (_matrix, True),
        "radii": (_radii, True),
    },
    "escape_ray": {
        "at": (_point, True),
        "c": (_per_output, True),
        "b": (_per_output, False),
        "W": (_matrix, True),
        "limit": (_number, False),
        "digits": (_digits, False),
    },
    "data_term_below": {"at": (_point, True), "c": (_per_output, True), "W": (_matrix, True)},
    "unbounded_below": {"of": (_OF, True), "at": (_point, True), "ray": (_path, True)},
    "no_local_minimum": {"because": (_choice("gradient_never_vanishes", "optimum_not_attained"), True)},
    "dependent_units": {"c": (_numbers, True), "b": (_number, True), "W": (_numbers, True), "radius": (_radius, True)},
    "induced_below": {
        "of": (_OF, True),
        "at": (_point, True),
        "points": (_paths, True),
        "alpha": (_paths, True),
        "outputs": (_output_rows, True),
    },
    "stays": {"from": (_point, True), "variables": (_variables, True)},
    "flow": {
        "from": (_point, True),
        "time": (_number, True),
        "near": (_near, False),
        "within": (_number, False),
        "fate": (_choice(*FATES), True),
        "value_below": (_number, False),
        "b_above": (_number, False),
        "a_below": (_number, False),
        "drift_below": (_number, False),
    },
}  # fmt: skip


def folder() -> Path:
    """Return the folder of the shipped case files."""
    return library.counterexamples_folder()


def case_names() -> tuple[str, ...]:
    """Return the names of the shipped cases, sorted."""
    return tuple(sorted(p.stem for p in folder().glob("*.toml")))


def load_case(name_or_path: str | Path) -> Case:
    """Read a case: a shipped one by its name, any other by the path of its file.

    Raises
    ------
    InputError
        With one sentence that names the file or field at fault.
    """
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and path.suffix != ".toml":
        if name_or_path not in case_names():
            raise InputError("case", f"must be a .toml file or one of {', '.join(case_names())}, got {name_or_path!r}")
        path = folder() / f"{name_or_path}.toml"
    return read_case(read_text(path), path.stem)


def read_case(text: str, name: str) -> Case:
    """Read a case from TOML text; see `load_case`."""
    document = read_toml(text)
    problem = from_document(document, extra_sections=("case",))
    section = document.get("case")
    if not isinstance(section, dict):
        raise InputError("case", "is missing; a case file is a problem file with a [case] section")
    for key in section:
        if key not in CASE_KEYS:
            raise InputError(f"case.{key}", f"is not a known key; here they are {', '.join(CASE_KEYS)}")
    kind = _choice(*KINDS)(section.get("kind"), "case.kind", problem)
    drops, breaks, at = _dropped(section, kind, problem)
    return Case(
        name,
        problem,
        kind,
        _claims(section.get("claims"), problem),
        drops,
        breaks,
        at,
        _text(section, "certainty"),
        _text(section, "notes"),
        _approximate(section.get("approximate", {}), problem),
        _rival(section.get("rival", []), problem),
    )


def _text(section: Mapping[str, Any], key: str) -> str:
    value = section.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"case.{key}", f"must be text, got {value!r}")
    return " ".join(value.split())


def _dropped(section: Mapping[str, Any], kind: str, problem: Problem) -> tuple[str, tuple[str, ...], str]:
    keys = [k for k in ("drops", "breaks", "at") if k in section]
    if kind != "dropped_hypothesis":
        if keys:
            raise InputError(
                f"case.{keys[0]}", f"is read only when case.kind is 'dropped_hypothesis', got kind {kind!r}"
            )
        return "", (), ""
    drops = _choice(*HYPOTHESES)(section.get("drops"), "case.drops", problem)
    breaks = section.get("breaks")
    if not isinstance(breaks, list) or not breaks:
        raise InputError("case.breaks", f"must list the theorems that fail, got {breaks!r}")
    for i, theorem in enumerate(breaks):
        _choice(*BREAKABLE)(theorem, f"case.breaks[{i}]", problem)
    return drops, tuple(breaks), _point(section.get("at"), "case.at", problem)


def _approximate(section: Any, problem: Problem) -> dict[str, Fraction]:
    if not isinstance(section, dict):
        raise InputError("case.approximate", f"must be a table from points to radii, got {section!r}")
    for name in section:
        _point(name, f"case.approximate.{name}", problem)
    return {n: _radius(v, f"case.approximate.{n}") for n, v in section.items()}


def _rival(value: Any, problem: Problem) -> tuple[tuple[sympy.Expr, ...], ...]:
    if not isinstance(value, list):
        raise InputError("case.rival", f"must be a list of output vectors, got {value!r}")
    groups = len(problem.data.groups())
    if value and len(value) != groups:
        raise InputError("case.rival", f"must have one output vector for each of the {groups} inputs, got {len(value)}")
    return tuple(_per_output(row, f"case.rival[{j}]", problem) for j, row in enumerate(value))


def _claims(value: Any, problem: Problem) -> tuple[Claim, ...]:
    if not isinstance(value, list) or not value or len(value) > MAX_CLAIMS:
        raise InputError("case.claims", f"must be 1 to {MAX_CLAIMS} tables [[case.claims]], got {value!r}")
    return tuple(_claim(table, f"case.claims[{i}]", problem) for i, table in enumerate(value))


def _claim(table: Any, where: str, problem: Problem) -> Claim:
    if not isinstance(table, dict):
        raise InputError(where, f"must be a table [[case.claims]], got {table!r}")
    kind = _choice(*VOCABULARY)(table.get("claim"), f"{where}.claim", problem)
    schema = VOCABULARY[kind]
    for key in table:
        if key not in ("claim", "expect", *schema):
            raise InputError(
                f"{where}.{key}", f"is not a field of the claim {kind}; it has {', '.join(schema)}, expect"
            )
    fields = {}
    for key, (read, required) in schema.items():
        if key in table:
            fields[key] = read(table[key], f"{where}.{key}", problem)
        elif required:
            raise InputError(f"{where}.{key}", f"is missing in the claim {kind}")
    expect = _choice(*EXPECTED)(table.get("expect", "holds"), f"{where}.expect", problem)
    return Claim(kind, fields, expect, where)
