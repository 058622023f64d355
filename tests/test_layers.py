"""Imports point one way: each room knows the rooms below it and none above; the kernel knows the standard library alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pgb"
# From the ground up; the rooms of one line do not know each other.
LAYERS = (
    ("errors",),
    ("evidence", "functions"),
    ("expressions",),
    ("problem",),
    ("objective",),
    ("landscape",),
    ("condition",),
    ("escape",),
    ("theorems",),
    ("cases", "checking", "ledger"),
    ("falsify",),
    ("report",),
    ("commands",),
    ("cli",),
)
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
# Beside the line: what runs and records proofs. These know the kernel and the errors; `theorems` and above know them.
BESIDE = {
    "kernel": set(),
    "derivations": {"kernel", "errors", "evidence"},
    "scripts": {"kernel", "errors"},
    "library": {"kernel", "errors", "evidence", "derivations", "scripts"},
    "coq_sources": {"kernel", "errors", "evidence", "library"},
    "coq": {"kernel", "errors", "evidence", "library", "coq_sources"},
}
KNOWS_BESIDE = RANK["theorems"]


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(name: str, path: Path, *, lazy: bool = True) -> Iterator[str]:
    """Yield the dotted names that a module imports; with `lazy` also those inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if lazy else _eager(tree)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(filter(None, [base, node.module]))
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in MODULES else source


def _eager(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def room(name: str) -> str:
    """Return the room of ``pgb.room.anything``."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("name", [n for n in MODULES if n != "pgb"])
def test_a_module_knows_only_what_lies_below_it(name: str) -> None:
    here = room(name)
    assert here in RANK or here in BESIDE, f"{name} has no place in the house: add its room to LAYERS"
    for other in imported(name, MODULES[name]):
        if other.split(".")[0] != "pgb" or room(other) in ("", here):
            continue
        there = room(other)
        if here in BESIDE:
            assert there in BESIDE[here], f"{name} imports {other}"
        elif there in BESIDE:
            assert RANK[here] >= KNOWS_BESIDE, f"{name} imports {other}"
        else:
            assert RANK[there] < RANK[here], f"{name} imports {other}"


def test_no_module_needs_itself_to_be_loaded() -> None:
    graph = {}
    for name, path in MODULES.items():
        graph[name] = {other for other in imported(name, path, lazy=False) if other in MODULES and other != name}
        if path.name == "__init__.py":  # a package loads its parts; that a part names a sibling is no cycle
            continue
        graph[name] -= {name.rpartition(".")[0]}
    assert list(TopologicalSorter(graph).static_order())


def test_the_kernel_knows_the_standard_library_alone() -> None:
    kernel = {n: p for n, p in MODULES.items() if room(n) == "kernel"}
    assert len(kernel) >= 5
    for name, path in kernel.items():
        for other in imported(name, path):
            top = other.split(".")[0]
            assert room(other) == "kernel" if top == "pgb" else top in sys.stdlib_module_names, (
                f"{name} imports {other}"
            )


def test_no_module_evaluates_text_or_asserts() -> None:
    forbidden = {"eval", "exec", "compile", "__import__"}
    evaluating = {"sympify", "parse_expr", "lambdify"}  # sympy's readers of text run it as Python
    reads_text = {"functions", "expressions", "problem", "objective"}  # above these there is no text of the user's left
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), f"{name}: line {node.lineno} asserts"
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                strict = any(k.arg == "strict" and getattr(k.value, "value", False) is True for k in node.keywords)
                runs = called in evaluating and not (called == "sympify" and (strict or room(name) not in reads_text))
                runs |= isinstance(node.func, ast.Name) and called in forbidden
                assert not runs, f"{name}: line {node.lineno} calls {called}"


def test_the_reading_of_imports_sees_every_way_to_import(tmp_path: Path) -> None:
    source = "import os, sys as s\nfrom pgb import errors\nfrom ..errors import InputError\nfrom . import base\ndef f():\n    import json\n"
    path = tmp_path / "thing.py"
    path.write_text(source, encoding="utf-8")
    found = set(imported("pgb.objective.thing", path))
    assert found == {"os", "sys", "json", "pgb.errors", "pgb.objective.base"}
    assert "json" not in set(imported("pgb.objective.thing", path, lazy=False))
