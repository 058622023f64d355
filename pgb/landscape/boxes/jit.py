"""How the package's loops are compiled: no reordered arithmetic, and a cache that forgets when any of them changes.

numba keys its cache by the file of the compiled function alone, so a change in a called function elsewhere would go
unnoticed. Here a digest of all compiled sources, and of the constants they use, is part of every key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import CellType, FunctionType
from typing import Any, Final

from numba import njit

SOURCES: Final = ("drive", "enclosures", "examine", "functions", "jit", "krawczyk", "lanes", "rounding", "tape")


def _digest() -> str:
    total = hashlib.sha256()
    for name in SOURCES:
        total.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return total.hexdigest()


DIGEST: Final = _digest()


def _stamped(function: Callable[..., Any]) -> FunctionType:
    """Return the function with the digest as a closure variable: numba hashes these."""
    code = function.__code__.replace(co_freevars=("digest",))
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, (CellType(DIGEST),))
    made.__doc__, made.__qualname__, made.__module__ = function.__doc__, function.__qualname__, function.__module__
    return made


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function: IEEE arithmetic as written, division by zero gives infinity, the interpreter lock released."""
    made: Callable[..., Any] = njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(_stamped(function))
    return made


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function into its callers."""
    made: Callable[..., Any] = njit(fastmath=False, error_model="numpy", inline="always")(function)
    return made
