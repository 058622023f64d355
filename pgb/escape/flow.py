"""Gradient flow of L and Lt by a stiff integrator, with flow_identity monitored, and the fate of each trajectory.

Numerical: floating point throughout, and labelled so. Along the flow of Lt, d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2
holds exactly (flow_identity), so the drift of b_k - a_k^2 / 2 - 2 lambda int a_k^2 dt from its start measures the
integrator's error. A trajectory is followed until t_end or until an event: the gradient falls to rounding ("still"), or
a coordinate leaves every reasonable range ("far").

Source: THEORY section 2, flow_identity and escape_law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.errors import InputError
from pgb.escape.fates import Fate, judge
from pgb.escape.law import Law, measure
from pgb.escape.rays import Ray, ray
from pgb.escape.system import System, system
from pgb.objective import Objective
from pgb.problem import Problem

RTOL: Final = 1e-10
ATOL: Final = 1e-12
STOP: Final = 1e-11  # gradient, relative to 1 + |value|, below which nothing moves any more
FAR: Final = 1e8
MAX_STEPS: Final = 50_000
METHODS: Final = ("BDF", "Radau", "LSODA")
FIRST: Final = 1e-3  # the first stored time after 0


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
    fate, reason
        Judged at the last time, and why.
    law
        The escape law at the last time for an escape, else None.
    event
        What ended the trajectory before t_end: "still", "far", or "".
    success, message
        The integrator's word.
    """

    variables: tuple[str, ...]
    t: np.ndarray
    z: np.ndarray
    value: np.ndarray
    drift: float
    fate: Fate
    reason: str
    law: Law | None
    event: str
    success: bool
    message: str
    _curve: Callable[[float], np.ndarray] = field(repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Flow({len(self.t)} times to t = {self.t[-1]:.3g}, {self.fate}, value {self.value[-1]:.12g})"

    def at(self, t: float) -> np.ndarray:
        """Return the coordinates at any time from 0 to the last one (the integrator's dense output), shape (d,).

        Raises
        ------
        InputError
            When t is outside.
        """
        if not 0 <= t <= self.t[-1]:
            raise InputError("t", f"must be between 0 and {self.t[-1]:.6g}, got {t}")
        return self._curve(float(t))

    @property
    def theta(self) -> dict[str, float]:
        """The network's parameters at the end."""
        return {n: float(v) for n, v in zip(self.variables, self.z[-1], strict=True) if not n.startswith("aux_")}

    def to_json(self) -> dict[str, Any]:
        """Return the end of the trajectory as plain data with stable keys (all of it is numerical)."""
        law = self.law
        return {
            "status": "numerical",
            "t": repr(float(self.t[-1])),
            "end": {n: repr(float(v)) for n, v in zip(self.variables, self.z[-1], strict=True)},
            "value": repr(float(self.value[-1])),
            "fate": str(self.fate),
            "reason": self.reason,
            "event": self.event,
            "integrator": self.message,
            "flow_identity_drift": repr(self.drift),
            "law": None if law is None else law.to_json(),
            "escape_law_4_t_gap_over_dy": repr(law.constant if law is not None else float("nan")),
            "escape_offset": [repr(v) for v in (law.offset if law is not None else ())],
        }


def flow(
    problem: Problem,
    objective: Objective,
    start: Mapping[str, float],
    t_end: float = 1e5,
    samples: int = 400,
    *,
    method: str = "BDF",
    rtol: float = RTOL,
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
        Number of stored times: 0, then spaced geometrically from 1e-3 to the last time.
    method
        BDF, Radau or LSODA, the stiff integrators of scipy.
    rtol
        Relative tolerance of the integrator; the absolute one is a hundredth of it.

    Raises
    ------
    InputError
        When a variable is missing, a number is not finite, t_end is not above 0.001, or the loss is not differentiable.
    """
    names = tuple(v.name for v in objective.variables)
    missing = [n for n in names if n not in start]
    if missing:
        raise InputError(f"start.{missing[0]}", "is missing")
    return integrate(
        system(problem, objective), np.array([float(start[n]) for n in names]), t_end, samples, method=method, rtol=rtol
    )


def integrate(
    of: System, z0: np.ndarray, t_end: float, samples: int = 400, *, method: str = "BDF", rtol: float = RTOL
) -> Flow:
    """Integrate a compiled system; see `flow`."""
    if not (np.isfinite(t_end) and t_end > FIRST):
        raise InputError("t_end", f"must be a finite time above 0.001, got {t_end}")
    if method not in METHODS:
        raise InputError("method", f"must be one of {', '.join(METHODS)}, got {method!r}")
    wrong = [n for n, v in zip(of.names, z0, strict=True) if not np.isfinite(v)]
    if wrong:
        raise InputError(f"start.{wrong[0]}", "must be a finite number")
    run = _follow(of, z0, t_end, method, rtol)
    last = run.t
    times = np.concatenate([[0.0], np.geomspace(min(FIRST, last / 10), last, samples)]) if last > 0 else np.zeros(1)
    states = np.array([run.at(t) for t in times])
    n = len(of.names)
    z = states[:, :n]
    value = of.together.numpy(z.T)[0]
    drift = _drift(of, states) if of.augmented else float("nan")

    def curve(t: float) -> np.ndarray:
        return run.at(t)[:n]

    success = not run.broken
    if run.broken:
        fate, reason = Fate.FAILED, run.broken
    elif run.event == "far":
        fate, reason = Fate.RUNAWAY, f"a coordinate passes {FAR:.0e} at t = {last:.3g}"
    else:
        fate, reason = judge(of, curve, last)
    law = measure(of, curve, last) if fate is Fate.ESCAPE and of.settled is not None else None
    message = run.broken or f"{run.steps} steps of {method}"
    return Flow(of.names, times, z, value, drift, fate, reason, law, run.event, success, message, curve)


@dataclass(frozen=True, slots=True)
class _Run:
    """An integration: its dense output, where and why it ended."""

    at: Callable[[float], np.ndarray]
    t: float
    event: str
    broken: str
    steps: int


def _follow(of: System, z0: np.ndarray, t_end: float, method: str, rtol: float) -> _Run:
    """Step the integrator until t_end or an event; the states are z and the integrals of a_k^2."""
    import scipy.integrate

    library: Any = scipy.integrate
    n, a = len(z0), list(of.a)

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        return np.concatenate([-of.gradient(y[:n]), y[a] ** 2])

    def jacobian(_: float, y: np.ndarray) -> np.ndarray:
        out = np.zeros((n + len(a), n + len(a)))
        out[:n, :n] = -of.hessian(y[:n])
        for row, i in enumerate(a):
            out[n + row, i] = 2 * y[i]
        return out

    y0 = np.concatenate([z0, np.zeros(len(a))])
    first = of.gradient(z0)
    if not np.all(np.isfinite(first)):
        return _Run(lambda _: y0, 0.0, "", "the gradient is not finite at the start", 0)
    if not np.any(first):
        return _Run(lambda t: np.concatenate([z0, t * z0[a] ** 2]), t_end, "still", "", 0)
    with np.errstate(all="ignore"):
        solver = getattr(library, method)(slope, 0.0, y0, t_end, jac=jacobian, rtol=rtol, atol=rtol / 100)
        events: dict[str, Callable[[np.ndarray], float]] = {
            "still": lambda y: _stillness(of, y[:n]),
            "far": lambda y: 1 - float(np.max(np.abs(y[:n]))) / FAR,
        }
        times, event, broken = [0.0], "", ""
        pieces: list[Callable[[float], np.ndarray]] = []
        before = {name: g(y0) for name, g in events.items()}
        while solver.status == "running" and not event:
            trouble = _step(solver)
            if trouble or len(pieces) >= MAX_STEPS:
                broken = f"at t = {solver.t:.3g}: {trouble or f'more than {MAX_STEPS:,} steps'}"
                break
            piece, end = solver.dense_output(), solver.t
            after = {name: g(solver.y) for name, g in events.items()}
            event = next((name for name in events if before[name] > 0 >= after[name]), "")
            if event:
                end = _locate(events[event], piece, times[-1], end)
            times.append(end)
            pieces.append(piece)
            before = after
    if not pieces:
        return _Run(lambda _: y0, 0.0, "", broken, 0)
    dense = library.OdeSolution(times, pieces)
    return _Run(dense, times[-1], event, broken, len(pieces))


def _step(solver: Any) -> str:
    """Take one step; return what went wrong, or an empty text."""
    try:
        message = solver.step()
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return str(error)
    if solver.status == "failed":
        return str(message)
    return "" if np.all(np.isfinite(solver.y)) else "the trajectory is not finite"


def _stillness(of: System, z: np.ndarray) -> float:
    value, *gradient = of.first.numpy(z[:, None])[:, 0]
    return float(np.linalg.norm(gradient) - STOP * (1 + abs(value)))


def _locate(
    event: Callable[[np.ndarray], float], piece: Callable[[float], np.ndarray], low: float, high: float
) -> float:
    """Return the time of an event inside a step; its end where dense output and step disagree on the sign."""
    from scipy.optimize import brentq

    if not event(piece(low)) > 0 >= event(piece(high)):
        return high
    return float(brentq(lambda t: event(piece(t)), low, high, rtol=1e-6))


def _drift(of: System, states: np.ndarray) -> float:
    a, b = list(of.a), list(of.b)
    invariant = states[:, b] - states[:, a] ** 2 / 2 - 2 * of.lam * states[:, len(of.names) :]
    return float(np.max(np.abs(invariant - invariant[0])))


def end_ray(problem: Problem, run: Flow) -> Ray:
    """Return the escape ray through the last point of a trajectory of Lt, certified.

    What is certified is not the trajectory but where it has come to: from the very last point, taken as exact numbers
    of 12 digits, Lt falls strictly to the ray's limit, which lies below L(theta) by at least `drop`.

    Raises
    ------
    InputError
        When the trajectory has no added units, or the augmentation is not the exponential neuron with lambda > 0.
    """
    end = dict(zip(run.variables, run.z[-1], strict=True))
    dy, dx = problem.network.dy, problem.network.dx
    if "aux_a1" not in end:
        raise InputError("run", "must be a trajectory of Lt: L has no added units")

    def short(v: float) -> Fraction:
        return Fraction(f"{v:.12g}")

    outputs = range(1, dy + 1)
    c = [short(end[f"aux_a{k}"] * np.exp(end[f"aux_b{k}"])) for k in outputs]
    W = [[short(end[f"aux_w{k}_{r}"]) for r in range(1, dx + 1)] for k in outputs]
    theta = {p.name: sympy.Rational(*short(end[p.name]).as_integer_ratio()) for p in problem.parameters}
    return ray(problem, theta, c, W)
