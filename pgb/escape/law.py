"""The escape law, measured along a trajectory of Lt: floating point, and labelled so.

Where c_k = a_k e^(b_k), theta and W converge, every c_k* != 0 and the data term's own gap is o(1/t):
4 t (Lt - limit) / dy -> 1 and b_k - (1/2) log(4 lambda c_k*^2 t) -> 0. The limit is found apart from the trajectory's
penalty, as the value of the data term at its stationary point (theta*, c*, W*) near the end of the trajectory, by Newton's
method; so the measured constant is not one by construction.

Source: THEORY section 2, escape_law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pgb.escape.system import System

WINDOW: Final = 10.0  # what has settled moves little while time grows by this factor
SETTLED: Final = 1e-2
OWN_GAP: Final = 0.02  # largest 4 t (data term - limit) / dy for which it counts as o(1/t)
STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Law:
    """What was measured of the escape law at one time.

    Attributes
    ----------
    applicable, reason
        Whether the law's hypotheses are met as far as the trajectory shows, and which is not.
    constant
        4 t (Lt - limit) / dy: tends to 1 where the law applies. nan where no limit was found.
    offset
        b_k - (1/2) log(4 lambda c_k*^2 t), one for each output: tends to 0. Empty where no limit was found.
    limit
        The data term at (theta*, c*, W*); where that was not found, the data term at the time itself.
    t
        The time.
    """

    applicable: bool
    reason: str
    constant: float
    offset: tuple[float, ...]
    limit: float
    t: float

    def __repr__(self) -> str:
        word = "applies" if self.applicable else f"not applicable: {self.reason}"
        return f"Law(4 t gap / dy = {self.constant:.6g} at t = {self.t:.3g}, {word})"

    def to_json(self) -> dict[str, Any]:
        """Return the measurement as plain data with stable keys."""
        return {
            "applicable": self.applicable,
            "reason": self.reason,
            "4_t_gap_over_dy": repr(self.constant),
            "offset": [repr(v) for v in self.offset],
            "limit": repr(self.limit),
            "t": repr(self.t),
        }


def measure(system: System, at: Callable[[float], np.ndarray], t: float) -> Law:
    """Measure the escape law at the end of an escaping trajectory of Lt.

    Parameters
    ----------
    system
        The system of Lt.
    at
        z at any time from 0 to t.
    t
        The time.
    """
    now, before = _settling(system, at(t)), _settling(system, at(t / WINDOW))
    stationary = _stationary_point(system, now)
    unmet = _unmet(system, now, before)
    if stationary is None:
        unmet = unmet or "the data term has no stationary point near the end of the trajectory"
        return Law(False, unmet, float("nan"), (), system.data_at(now)[0], t)
    limit = system.data_at(stationary)[0]
    value, data, dy = system.all_at(at(t))[0], system.data_at(now)[0], len(system.a)
    constant, own = 4 * t * (value - limit) / dy, 4 * t * (data - limit) / dy
    if not unmet and abs(own) > OWN_GAP:
        unmet = f"the data term's own gap is not o(1/t): 4 t gap / dy = {own:.3g} of it alone"
    with np.errstate(divide="ignore"):
        offset = at(t)[list(system.b)] - 0.5 * np.log(4 * system.lam * stationary[list(system.a)] ** 2 * t)
    reason = unmet or "theta, c and W have settled, every c_k is non-zero, and the data term's own gap is small"
    return Law(not unmet, reason, float(constant), tuple(map(float, offset)), limit, t)


def _settling(system: System, z: np.ndarray) -> np.ndarray:
    """Return (theta, c, b = 0, W): c = a e^b in the place of a."""
    out = z.copy()
    a, b = list(system.a), list(system.b)
    out[a], out[b] = z[a] * np.exp(z[b]), 0.0
    return out


def _unmet(system: System, now: np.ndarray, before: np.ndarray) -> str:
    """Return the hypothesis that the trajectory does not meet, or an empty text."""
    a, w, theta = list(system.a), list(system.w), system.theta
    c = np.abs(now[a])
    flat = [k + 1 for k, v in enumerate(c) if v < SETTLED * max(1.0, float(c.max()))]
    moved = np.abs(now - before) / (1 + np.abs(now))
    for columns, what in ((w, "W"), (theta, "theta"), (a, "c = a e^b")):
        still_moving = [system.names[i] for i in columns if moved[i] > SETTLED]
        if still_moving and not (flat and columns is a):
            return f"{what} has not settled: {', '.join(still_moving)} still moves with log t"
    if flat:
        which = ", ".join(f"c_{k}" for k in flat)
        return f"{which} tends to 0: {len(a) - len(flat)} of {len(a)} added units escape"
    return ""


def _stationary_point(system: System, z: np.ndarray) -> np.ndarray | None:
    """Follow Newton's method (least norm where the Hessian is singular) to a stationary point of the data term nearby."""
    start, free = z.copy(), [i for i in range(len(z)) if i not in system.b]
    _, gradient, hessian = system.data_at(z)
    size = float(np.linalg.norm(gradient))
    for _ in range(STEPS):
        if size < 1e-14 or not np.all(np.isfinite(hessian)):
            break
        moved = z.copy()
        moved[free] += np.linalg.lstsq(hessian[np.ix_(free, free)], -gradient[free], rcond=1e-10)[0]
        _, gradient, hessian = system.data_at(moved)
        if not float(np.linalg.norm(gradient)) < size:  # rounding has taken over, or Newton's method leads away
            break
        z, size = moved, float(np.linalg.norm(gradient))
    near = np.max(np.abs(z - start)) <= 0.1 * (1 + np.max(np.abs(start)))
    return z if size < 1e-10 and near else None
