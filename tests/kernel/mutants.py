"""Changed kernels: every guard switched off in turn, every side condition and comparison bent."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

from .loading import MODULES, source

FLIPS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
SHARED_TESTS = {"given", "need", "variable"}  # calls that refuse, standing alone


class Mutant(NamedTuple):
    """One change of the kernel's syntax."""

    kind: str  # "guard", "part of a guard", "call", "comparison", "hypotheses", "fact"
    module: str
    function: str
    line: int
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return f"{self.module}.{self.function}:{self.line} {self.kind}: {self.text}"


def is_guard(node: ast.AST) -> bool:
    """Is this ``if condition: refuse(...)``?"""
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and len(node.body) == 1
        and isinstance(node.body[0], ast.Expr)
        and isinstance(call := node.body[0].value, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "refuse"
    )


def mutants() -> Iterator[Mutant]:
    """Yield all mutants of the kernel, module by module."""
    for module in MODULES:
        if module not in ("facts", "__init__"):
            yield from _of_module(module)


def _of_module(module: str) -> Iterator[Mutant]:
    original = ast.parse(source(module))
    nodes = list(ast.walk(original))
    functions = _functions(original)
    for number, node in enumerate(nodes):
        for kind, text, change in _changes(node):
            tree = copy.deepcopy(original)
            change(list(ast.walk(tree))[number])
            ast.fix_missing_locations(tree)
            yield Mutant(kind, module, functions.get(id(node), ""), getattr(node, "lineno", 0), text, tree)


def _functions(tree: ast.Module) -> dict[int, str]:
    found: dict[int, str] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            found |= {id(node): function.name for node in ast.walk(function)}
    return found


def _changes(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    """Yield the changes that begin at this node: kind, text, and what to do to its twin in a copy."""
    if is_guard(node):
        text = ast.unparse(node.test)
        yield "guard", text, lambda twin: setattr(twin, "test", ast.Constant(False))
        for path, part in _conjuncts(node.test):
            yield "part of a guard", f"without {ast.unparse(part)}", lambda twin, path=path: _drop(twin.test, path)
    if isinstance(node, ast.Expr) and _calls(node.value, SHARED_TESTS):
        yield "call", ast.unparse(node), lambda twin: setattr(twin, "value", ast.Constant(None))
    if isinstance(node, ast.FunctionDef) and node.name == "__init_subclass__":
        yield "guard", "no subclasses", lambda twin: setattr(twin, "body", [ast.Pass()])
    if isinstance(node, ast.FunctionDef) and node.name in ("__setattr__", "__delattr__"):
        name = node.name
        yield "guard", f"no {name}", lambda twin: setattr(twin, "name", f"{name}_off")
    if isinstance(node, ast.Call) and _calls(node, {"parts"}):
        yield "call", ast.unparse(node), _parts_off
    if isinstance(node, ast.Compare):
        for flip in FLIPS[type(node.ops[0])]:
            text = f"{ast.unparse(node)} with {flip.__name__}"
            yield "comparison", text, lambda twin, flip=flip: twin.ops.__setitem__(0, flip())
    if (
        isinstance(node, ast.keyword)
        and node.arg == "fact"
        and isinstance(node.value, ast.Constant)
        and node.value.value
    ):
        yield "fact", f"without {node.value.value}", lambda twin: setattr(twin, "value", ast.Constant(None))
    if isinstance(node, ast.keyword) and node.arg == "hyps" and isinstance(node.value, ast.BinOp):
        for side in ("left", "right"):
            if isinstance(node.value.op, ast.BitOr):
                text = f"only {ast.unparse(getattr(node.value, side))}"
                yield "hypotheses", text, lambda twin, side=side: setattr(twin, "value", getattr(twin.value, side))


def _calls(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _parts_off(call: ast.Call) -> None:
    """``parts(rule, formula, name)`` becomes ``formula.args``, unasked."""
    formula = call.args[1]
    call.func = ast.Name("getattr", ast.Load())
    call.args = [formula, ast.Constant("args")]


def _conjuncts(test: ast.AST, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], ast.AST]]:
    """Yield the operands of every `and` and `or` in a condition, with the way to them."""
    for field, value in ast.iter_fields(test):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if isinstance(child, ast.AST):
                if isinstance(test, ast.BoolOp) and field == "values":
                    yield (*path, (field, index)), child
                yield from _conjuncts(child, (*path, (field, index)))


def _drop(test: ast.AST, path: tuple[object, ...]) -> None:
    """Make one operand neutral: true in an `and`, false in an `or`."""
    for field, index in path[:-1]:
        test = getattr(test, field) if index is None else getattr(test, field)[index]
    test.values[path[-1][1]] = ast.Constant(isinstance(test.op, ast.And))
