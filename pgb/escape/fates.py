"""The fate of a trajectory of gradient flow, judged from its end in floating point: always numerical, never a claim."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import numpy as np

from pgb.escape.system import System

STILL: Final = 1e-7  # of the gradient, relative to 1 + |value|
SAME: Final = 1e-6  # of values, likewise
OFF: Final = 1e-4  # of the added units' outputs, where a has gone to 0
Curve = Callable[[float], np.ndarray]


class Fate(StrEnum):
    """Where a trajectory ends, judged in floating point."""

    GLOBAL_MINIMUM = "global minimum, a -> 0"
    OPTIMUM = "global minimum"  # of L, which has no a
    ESCAPE = "escape to infinity"
    LOCAL_MINIMUM = "stationary, not optimal"
    SADDLE = "stall at a saddle"
    STATIONARY = "stationary, L* unknown"
    RUNAWAY = "parameters run to infinity"
    UNFINISHED = "still moving"
    FAILED = "integration failed"


def judge(system: System, at: Curve, t: float) -> tuple[Fate, str]:
    """Judge a trajectory by its end; return the fate and why.

    Parameters
    ----------
    system
        What was integrated.
    at
        z at any time from 0 to t, shape (n,).
    t
        Last time.
    """
    z = at(t)
    value, gradient, hessian = system.all_at(z)
    if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
        return Fate.FAILED, f"the objective is not finite at t = {t:.3g}"
    if system.augmented and _escapes(system, at, t):
        return Fate.ESCAPE, "a -> 0 while the added units' outputs do not, and (b, W) moves outwards"
    size = float(np.linalg.norm(gradient)) / (1 + abs(value))
    if size <= STILL:
        return _stationary(system, z, value, hessian)
    if _near_optimum(system, value):
        return Fate.UNFINISHED, f"the value is within {abs(value - (system.star or 0.0)):.0e} of L*, still on its way"
    if _outwards(at, t, list(range(len(z)))):
        return Fate.RUNAWAY, f"the parameters move outwards at a steady rate in log t; the value is {value:.6g}"
    return Fate.UNFINISHED, f"the gradient is {size:.1e} (relative) at t = {t:.3g}, above {STILL:.0e}"


def _stationary(system: System, z: np.ndarray, value: float, hessian: np.ndarray) -> tuple[Fate, str]:
    star = system.star
    if system.augmented and float(np.max(np.abs(system.units(z)))) > OFF:  # vanishing: at a critical point a = 0
        return Fate.UNFINISHED, "the gradient is small, but the added units are still on"
    if star is not None and abs(value - star) < SAME * (1 + abs(star)):
        return (Fate.GLOBAL_MINIMUM if system.augmented else Fate.OPTIMUM), "the value is L*"
    lowest = float(np.linalg.eigvalsh(hessian)[0]) if np.all(np.isfinite(hessian)) else 0.0
    if lowest < -SAME:
        return Fate.SADDLE, f"the Hessian has the eigenvalue {lowest:.2e}"
    if star is None:
        return Fate.STATIONARY, "the gradient vanishes; L* is not known exactly"
    if system.augmented and system.convex:
        return Fate.SADDLE, "stationary above L*: by elimination no local minimum of Lt"
    return Fate.LOCAL_MINIMUM, f"the gradient vanishes at a value {value - star:.6g} above L*"


def _near_optimum(system: System, value: float) -> bool:
    """Is the value close to an L* that is attained, so that nothing need run to infinity for it?"""
    return system.attained is True and system.star is not None and value - system.star < 1e-5 * (1 + abs(system.star))


def _escapes(system: System, at: Curve, t: float) -> bool:
    """Is a shrinking while a e^(w . x + b) stays, with (b, W) on its way outwards?"""
    now, before = at(t), at(t / 10)
    units = [float(np.max(np.abs(system.units(z)))) for z in (now, before)]
    a = [float(np.max(np.abs(z[list(system.a)]))) for z in (now, before)]
    stays = np.isfinite(units[0]) and units[0] > 1e-3 and units[0] > 0.8 * units[1]
    return bool(stays) and a[0] < 0.8 * a[1] and _outwards(at, t, [*system.b, *system.w])


def _outwards(at: Curve, t: float, columns: list[int]) -> bool:
    """Do these coordinates move steadily in log t, as log t itself does?

    The way made over the last factor of ten in time is compared with that over the factor before: a power t^-p that dies
    out has the ratio 10^-p, log t has 1, and motion that has only just begun has 10.
    """
    early, middle, late = (at(s)[columns] for s in (t / 100, t / 10, t))
    first, last = float(np.linalg.norm(middle - early)), float(np.linalg.norm(late - middle))
    return last > 1e-2 and 0.4 * first < last < 5 * first
