"""Load the kernel, as it is or with some of its syntax changed, and dress it with the words that tests use."""

from __future__ import annotations

import ast
import itertools
import sys
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import pgb.kernel

FOLDER = Path(pgb.kernel.__file__).parent
MODULES = ("signature", "terms", "algebra", "facts", "theorem", "logic", "order", "calculus", "existence", "__init__")
_serial = itertools.count()


@cache
def source(module: str) -> str:
    return (FOLDER / f"{module}.py").read_text(encoding="utf-8")


@cache
def _compiled(module: str) -> CodeType:
    return compile(source(module), f"kernel/{module}.py", "exec")


def world(changed: dict[str, ast.Module] | None = None) -> Any:
    """Return the kernel's names, those of its modules, and some variables, from a private copy of the package.

    Parameters
    ----------
    changed
        Syntax trees to run in the place of some modules' own.
    """
    changed = changed or {}
    package = f"_kernel_{next(_serial)}"
    names: dict[str, Any] = {}
    try:
        root = sys.modules[package] = ModuleType(package)
        root.__path__ = []
        root.__package__ = package
        for module in MODULES:
            tree = changed.get(module)
            code = compile(tree, f"changed/{module}.py", "exec") if tree else _compiled(module)
            made = root if module == "__init__" else ModuleType(f"{package}.{module}")
            made.__package__ = package
            sys.modules[made.__name__] = made
            exec(code, made.__dict__)  # noqa: S102
            names |= {name: value for name, value in vars(made).items() if not name.startswith("__")}
    finally:
        for name in [n for n in sys.modules if n.split(".")[0] == package]:
            del sys.modules[name]
    return dress(SimpleNamespace(**names))


def dress(k: Any) -> Any:
    """Add the variables and abbreviations that attacks are written with."""
    real, bool_, nat = k.REAL, k.BOOL, k.NAT
    k.s, k.t, k.y, k.z = (k.var(n, real) for n in "styz")
    k.p, k.q, k.r = (k.var(n, bool_) for n in "pqr")
    k.m, k.n = k.var("m", nat), k.var("n", nat)
    k.i, k.j = k.var("i", "sample"), k.var("j", "sample")
    k.o, k.o2 = k.var("o", "output"), k.var("o2", "output")
    k.C, k.D = k.var("C", ("sample", real)), k.var("D", ("sample", real))
    k.A = k.var("A", ("output", real))
    k.x = k.var("x", k.fun("sample", "input", real))
    k.M = k.var("M", k.fun("sample", "sample", real))
    k.sigma = k.var("sigma", ("sample", "sample"))
    k.F, k.G = k.var("F", (real, real)), k.var("G", (real, real))
    k.l = k.var("l", k.fun("sample", ("output", real), real))
    k.zero = k.real(0)
    k.one = k.real(1)
    k.th = k.assume  # a theorem, whatever it says
    k.sum = lambda v, body: k.total(v.type, k.lam(v, body))
    k.truth = k.IMP(k.FALSE, k.FALSE)
    k.true = k.discharge(k.FALSE, k.assume(k.FALSE))
    return k
