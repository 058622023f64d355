"""Keeps generic solutions on disk, one file per family, in the platform's cache folder. Untrusted: what is read is only a start."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from pgb.landscape.polynomial.family import FORMAT, Family
from pgb.landscape.polynomial.monodromy import Generic, solve_generic


def folder() -> Path:
    """Return the cache folder: ``$PGB_CACHE``, else the platform's own place."""
    if os.environ.get("PGB_CACHE"):
        return Path(os.environ["PGB_CACHE"]) / "polynomial"
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "pgb" / "polynomial"


def load(family: Family) -> Generic | None:
    """Return the stored solutions, or None where there are none, or they are damaged, of another format or no solutions."""
    path = folder() / f"{family.key}.npz"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
            if int(data["format"]) != FORMAT or str(data["name"]) != family.name:
                return None
            points, base = data["points"].astype(np.complex128), data["base"].astype(np.complex128)
            numbers = [int(v) for v in data["numbers"]]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    if points.ndim != 2 or points.shape[1] != family.n or base.shape != (family.q,):
        return None
    if not (np.isfinite(points).all() and np.isfinite(base).all()):
        return None
    if len(points):
        residual = np.abs(family.evaluate(points, base)[0]).max()
        if not residual <= 1e-6 * (1.0 + np.abs(points).max() ** 2) * (1.0 + np.abs(base).max()):
            return None
    return Generic(points, base, *numbers)


def save(family: Family, generic: Generic) -> None:
    """Write atomically; a folder that cannot be written is no error."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder(), suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as out:
                np.savez(
                    out,
                    format=np.int64(FORMAT),
                    name=np.str_(family.name),
                    points=generic.points,
                    base=generic.base,
                    numbers=np.array([generic.loops, generic.paths, generic.failures]),
                )
            Path(name).replace(folder() / f"{family.key}.npz")
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


_memory: dict[str, Generic] = {}


def generic_solutions(family: Family, rng: np.random.Generator, *, use_disk: bool = True) -> Generic:
    """Return the solutions of a generic member: from memory, from disk, or by monodromy (then kept)."""
    key = family.key
    if key in _memory:
        return _memory[key]
    found = load(family) if use_disk else None
    if found is None:
        found = solve_generic(family, rng)
        if use_disk:
            save(family, found)
    _memory[key] = found
    return found


def forget() -> None:
    """Empty the memory (not the disk)."""
    _memory.clear()
