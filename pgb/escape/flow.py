"""Gradient flow of L and Lt by a stiff integrator, with flow_identity monitored, and the fate of each trajectory.

Numerical: floating point throughout, and labelled so. Along the flow of Lt, d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2
holds exactly (flow_identity), so the drift of b_k - a_k^2 / 2 - 2 lambda int a_k^2 dt from its start measures the
integrator's error. A trajectory escapes when the added units' outputs settle at something other than 0 while (b, W)
moves outwards. The escape law then says, where W converges and c_k = a_k e^(b_k) -> c_k* != 0:
4 t (Lt - limit) / dy -> 1 and b_k - (1/2) log(4 lambda c_k*^2 t) -> 0.

Source: THEORY section 2, flow_identity and escape_law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from pgb.errors import InputError
from pgb.landscape.derivatives import derivatives
from pgb.objective import Objective
from pgb.problem import Problem

RTOL: Final = 1e-10
ATOL: Final = 1e-12
STILL: Final = 1e-7


class Fate(StrEnum):
    """Where a trajectory ends, judged in floating point."""

    GLOBAL_MINIMUM = "global minimum, a -> 0"
    ESCAPE = "escape to infinity"
    LOCAL_MINIMUM = "stationary, not optimal"
    SADDLE = "stall at a saddle"
    UNFINISHED = "still moving"


@dataclass(frozen=True, slots=True)
class Flow:
    """A trajectory of gradient flow.

    Attributes
    ----------
    variables
        Names of the coordinates.
    t
        Times, shape (n,).
    z
        Coordinates, shape (n, d).
    value
        The objective, shape (n,).
    drift
        Largest departure from flow_identity over time and outputs, absolute; nan for an objective without added units.
    fate
        Judged at the last time.
    law
        4 t (Lt - limit) / dy at the last time for an escape whose W has settled, else nan. It tends to 1.
    offset
        b_k - (1/2) log(4 lambda c_k^2 t) at the last time for an escape, else empty. It tends to 0.
    limit
        The limit of Lt along the escape ray through the last point, else nan.
    success, message
        The integrator's word.
    """

    variables: tuple[str, ...]
    t: np.ndarray
    z: np.ndarray
    value: np.ndarray
    drift: float
    fate: Fate
    law: float
    offset: tuple[float, ...]
    limit: float
    success: bool
    message: str

    def __repr__(self) -> str:
        return f"Flow({len(self.t)} times to t = {self.t[-1]:.3g}, {self.fate}, value {self.value[-1]:.12g})"

    def to_json(self) -> dict[str, Any]:
        """Return the end of the trajectory as plain data with stable keys (all of it is numerical)."""
        return {
            "status": "numerical",
            "t": repr(float(self.t[-1])),
            "end": {n: repr(float(v)) for n, v in zip(self.variables, self.z[-1], strict=True)},
            "value": repr(float(self.value[-1])),
            "fate": str(self.fate),
            "flow_identity_drift": repr(self.drift),
            "escape_law_4_t_gap_over_dy": repr(self.law),
            "escape_offset": [repr(v) for v in self.offset],
        }


def flow(
    problem: Problem, objective: Objective, start: Mapping[str, float], t_end: float = 1e5, samples: int = 400
) -> Flow:
    """Integrate dz/dt = -grad of the objective from `start`.

    Parameters
    ----------
    problem
        The objective's problem.
    objective
        L or Lt.
    start
        Value of every variable by name.
    t_end
        Last time.
    samples
        Number of stored times: 0, then spaced geometrically from 1e-3 to t_end.

    Raises
    ------
    InputError
        When a variable is missing, or t_end is not positive and finite.
    """
    from scipy.integrate import solve_ivp

    if not (np.isfinite(t_end) and t_end > 1e-3):
        raise InputError("t_end", f"must be a finite time above 0.001, got {t_end}")
    names = tuple(v.name for v in objective.variables)
    missing = [n for n in names if n not in start]
    if missing:
        raise InputError(f"start.{missing[0]}", "is missing")
    program = derivatives(objective.expression, objective.variables).together
    n = len(names)
    a = [i for i, name in enumerate(names) if name.startswith("aux_a")] if objective.name == "Lt" else []
    lam = float(problem.augmentation.lam)

    def field(_: float, y: np.ndarray) -> np.ndarray:
        g = program.numpy(y[:n, None])[1 : 1 + n, 0]
        return np.concatenate([-g, y[a] ** 2])

    def jacobian(_: float, y: np.ndarray) -> np.ndarray:
        out = np.zeros((n + len(a), n + len(a)))
        out[:n, :n] = -program.numpy(y[:n, None])[1 + n :, 0].reshape(n, n)
        for row, i in enumerate(a):
            out[n + row, i] = 2 * y[i]
        return out

    times = np.concatenate([[0.0], np.geomspace(1e-3, t_end, samples)])
    y0 = np.concatenate([[float(start[name]) for name in names], np.zeros(len(a))])
    run = solve_ivp(field, (0.0, t_end), y0, method="Radau", jac=jacobian, t_eval=times, rtol=RTOL, atol=ATOL)
    z = run.y[:n].T
    value = program.numpy(run.y[:n])[0]
    drift = _drift(z, run.y[n:].T, names, lam) if a else float("nan")
    hessian = program.numpy(z[-1][:, None])[1 + n :, 0].reshape(n, n)
    gradient = program.numpy(z[-1][:, None])[1 : 1 + n, 0]
    end = _judge(problem, names, z, value, float(run.t[-1]), gradient, hessian, lam, bool(a))
    return Flow(names, run.t, z, value, drift, *end, bool(run.success), str(run.message))


def _columns(names: tuple[str, ...], letter: str) -> list[int]:
    return [i for i, name in enumerate(names) if name.startswith(f"aux_{letter}")]


def _drift(z: np.ndarray, integral: np.ndarray, names: tuple[str, ...], lam: float) -> float:
    a, b = _columns(names, "a"), _columns(names, "b")
    invariant = z[:, b] - z[:, a] ** 2 / 2 - 2 * lam * integral
    return float(np.max(np.abs(invariant - invariant[0])))


def _judge(
    problem: Problem,
    names: tuple[str, ...],
    z: np.ndarray,
    value: np.ndarray,
    t: float,
    gradient: np.ndarray,
    hessian: np.ndarray,
    lam: float,
    augmented: bool,
) -> tuple[Fate, float, tuple[float, ...], float]:
    """Judge the end: an escape by its law, else by the gradient, the Hessian and L*."""
    nothing: tuple[float, tuple[float, ...], float] = (float("nan"), (), float("nan"))
    if augmented and _escapes(problem, names, z):
        return Fate.ESCAPE, *_law(names, z, float(value[-1]), t, lam)
    if np.linalg.norm(gradient) > STILL * (1 + abs(float(value[-1]))):
        return Fate.UNFINISHED, *nothing
    if np.linalg.eigvalsh(hessian)[0] < -1e-6:
        return Fate.SADDLE, *nothing
    from pgb.objective import optimum

    star = optimum(problem).value
    best = star is not None and abs(float(value[-1]) - float(star)) < 1e-6 * (1 + abs(float(star)))
    return (Fate.GLOBAL_MINIMUM if best else Fate.LOCAL_MINIMUM), *nothing


def _escapes(problem: Problem, names: tuple[str, ...], z: np.ndarray) -> bool:
    """Do the added units' outputs settle at something other than 0 while (b, W) still moves outwards?"""
    before = z[len(z) - max(2, len(z) // 20)]
    last, earlier = _units(problem, names, z[-1]), _units(problem, names, before)
    size = float(np.max(np.abs(last)))
    still = size > 1e-3 and float(np.max(np.abs(last - earlier))) < 0.05 * size
    outer = _columns(names, "b") + _columns(names, "w")
    moving = float(np.linalg.norm(z[-1][outer])) - float(np.linalg.norm(before[outer])) > 1e-3
    return still and moving


def _units(problem: Problem, names: tuple[str, ...], point: np.ndarray) -> np.ndarray:
    """Return a_k exp(w_k . x_i + b_k), shape (m, dy)."""
    x = np.array([[float(v) for v in row] for row in problem.data.x])
    a, b = point[_columns(names, "a")], point[_columns(names, "b")]
    w = point[_columns(names, "w")].reshape(len(a), -1)
    return np.asarray(a * np.exp(x @ w.T + b))


def _law(
    names: tuple[str, ...], z: np.ndarray, value: float, t: float, lam: float
) -> tuple[float, tuple[float, ...], float]:
    """Return the escape law's constant, its offsets and the limit of Lt; nan where W does not settle (no law then)."""
    a, b, w = (_columns(names, letter) for letter in "abw")
    penalty = lam * float(np.sum(z[-1][a] ** 2))
    before = z[len(z) - max(2, len(z) // 20)]
    if float(np.max(np.abs(z[-1][w] - before[w]), initial=0.0)) > 1e-3:
        return float("nan"), (), value - penalty
    c = z[-1][a] * np.exp(z[-1][b])
    with np.errstate(divide="ignore"):
        offset = z[-1][b] - 0.5 * np.log(4 * lam * c**2 * t)
    return 4 * t * penalty / len(a), tuple(float(v) for v in offset), value - penalty
