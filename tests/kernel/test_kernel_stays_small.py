"""The kernel stays small, alone, and the only place where theorems are made."""

from __future__ import annotations

import ast
import doctest
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import pgb.kernel

KERNEL = Path(pgb.kernel.__file__).parent
ROOT = KERNEL.parents[1]
FILES = sorted(KERNEL.glob("*.py"))


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None


def _sizes() -> tuple[int, int]:
    """Return the statements of the kernel, imports and docstrings apart, and its lines that are not blank."""
    statements = lines = 0
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        nodes = list(ast.walk(ast.parse(text)))
        statements += sum(token.type == tokenize.NEWLINE for token in tokens)
        statements -= sum(_has_docstring(n) or isinstance(n, ast.Import | ast.ImportFrom) for n in nodes)
        lines += sum(bool(line.strip()) for line in text.splitlines())
    return statements, lines


def test_size() -> None:
    statements, lines = _sizes()
    assert statements <= 650
    assert lines <= 1230


def test_imports_are_the_standard_library_or_the_kernel() -> None:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names), file
            if isinstance(node, ast.ImportFrom):
                inside = node.level == 1
                assert inside or (node.module or "").split(".")[0] in sys.stdlib_module_names, file


def test_no_assert_no_float_no_input_or_output() -> None:
    banned = {"float", "open", "print", "input", "eval", "exec", "compile", "__import__", "globals", "complex", "round"}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), file
            assert not (isinstance(node, ast.Name) and node.id in banned), (file, getattr(node, "id", ""))
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), file
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)), file


def test_true_division_only_of_fractions() -> None:
    """``/`` between two ints would make a float; the kernel divides once, coefficients, which are Fractions."""
    divisions = [
        (file.name, ast.unparse(node))
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    ]
    assert divisions == [("algebra.py", "c / scale")]


@pytest.mark.parametrize("folder", ["pgb", "proofs"])
def test_nobody_else_reaches_behind_the_kernel(folder: str) -> None:
    """No other code names the seal, or anything else that the kernel keeps to itself."""
    for file in (ROOT / folder).rglob("*.py"):
        if KERNEL in file.parents:
            continue
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        assert "_SEAL" not in text, file
        assert "_MADE" not in text, file
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pgb.kernel"):
                names = {alias.name for alias in node.names}
                assert "conclude" not in names, file
                assert not any(name.startswith("_") for name in names), file


def test_only_conclude_holds_the_seal_and_only_rules_call_it() -> None:
    callers: dict[str, list[str]] = {"Theorem": [], "conclude": []}
    for file in FILES:
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in callers:
                        callers[node.func.id].append(function.name)
    assert callers["Theorem"] == ["conclude"]
    assert set(callers["conclude"]) == pgb.kernel.RULES.keys()


def test_kernel_imports_alone() -> None:
    """Nothing of the package but the kernel, and nothing installed, is loaded with it."""
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pgb.kernel; "
        "print(sorted(m for m in sys.modules if m.startswith('pgb') and not m.startswith('pgb.kernel')), "
        "sorted(m for m in ('sympy', 'numpy', 'mpmath') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pgb'] []"


def test_the_example_in_the_docstring() -> None:
    result = doctest.testmod(pgb.kernel, extraglobs=vars(pgb.kernel))
    assert result.attempted == 4
    assert result.failed == 0
