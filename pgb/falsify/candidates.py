"""Proposes points at which a theorem might fail, in floating point: minima of Lt, and points with the added neurons off.

Untrusted: a proposal is simplified to small rationals where that changes nothing, and what holds there is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.expressions import parse, relu, step
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import Derivatives, derivatives
from pgb.objective import Objective, augmented, loss, no_extra_unit
from pgb.problem import Problem
from pgb.problem.facts import without_kinks

Vector = np.ndarray[Any, np.dtype[Any]]  # floats, or flags
MOVING: Final[dict[str, str | tuple[str, ...]]] = {
    "all": "", "added": "aux_", "ab": ("aux_a", "aux_b"), "outer": ("W", "V")
}  # beginnings of names  # fmt: skip
FAR: Final = 7.0  # beyond it a search is taken to escape to infinity
SLOPE: Final = 1e-9
STEPS: Final = 60
CROWD: Final = 60
APART: Final = 1e-4
GRID: Final = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "-1/2", "2", "-2", "3", "-3"))
DENOMINATORS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 20)


@dataclass(frozen=True, slots=True)
class Guess:
    """A point in floats.

    Attributes
    ----------
    z
        Coordinates in the order of `Lt.variables`.
    minimal, flat
        Whether no nearby value was seen below its own, and whether there is no slope, in the variables that move.
    on, bad, moved
        Whether some a_k is not 0; whether the data term exceeds L* (for L2: is not 0); whether some parameter is not 0; all
        by more than rounding.
    """

    z: Vector
    minimal: bool
    flat: bool
    on: bool
    bad: bool
    moved: bool

    def shows(self, look: Mapping[str, bool]) -> bool:
        """Has the point all these signs?"""
        signs = {
            "minimal": self.minimal,
            "flat": self.flat,
            "on": self.on,
            "bad": self.bad,
            "moved": self.moved,
        }
        return all(signs[name] is wanted for name, wanted in look.items())


class Floats:
    """A problem's objectives in double precision.

    Parameters
    ----------
    view
        The objective looked at: Lt, L, L2, or one of somebody's own.
    moving
        The variables that move, as in `pgb.falsify.attacks.Attack`; the others keep small rational values.
    """

    def __init__(self, problem: Problem, seed: int, view: str | Objective = "Lt", moving: str = "all") -> None:
        self.problem, self.view = problem, view if isinstance(view, str) else view.name
        self.rng = np.random.default_rng(seed)
        self.objective: Objective = objective_of(problem, view)
        self.names = [v.name for v in self.objective.variables]
        self.n, self.p = len(self.names), len(problem.parameters)
        self.free = np.array([n.startswith(MOVING[moving]) for n in self.names])
        self.smooth = self._without_kinks()
        self._lt = derivatives(self.objective.expression, self.objective.variables)
        base = loss(problem)
        self._l = derivatives(base.expression - base.rest, problem.parameters)
        region = problem.region
        self.low = np.array([float(region[n][0]) if n in region else -np.inf for n in self.names])
        self.high = np.array([float(region[n][1]) if n in region else np.inf for n in self.names])
        self.neurons = np.array([n.startswith("aux_a") for n in self.names], dtype=bool)
        self.best, self.rival = self._optimum()

    def _without_kinks(self) -> bool:
        """Is the objective free of kinks in the variables that move?"""
        e = self.objective.expression
        moving = [v for v, free in zip(self.objective.variables, self.free, strict=True) if free]
        kinks = e.atoms(relu, step, sympy.Abs, sympy.sign, sympy.Piecewise)
        return without_kinks(e) or not any(kink.has(*moving) for kink in kinks)

    # -- values

    def values(self, points: Vector) -> Vector:
        """Return Lt at N points, shape (N, n) to (N,)."""
        out: Vector = self._lt.value.numpy(points.T)[0]
        return out

    def originals(self, points: Vector) -> Vector:
        """Return L at N points of theta, shape (N, p) to (N,)."""
        out: Vector = self._l.value.numpy(points.T)[0]
        return out

    def slope(self, z: Vector) -> Vector:
        """Return the gradient of Lt, with what points out of the region removed."""
        g: Vector = self._lt.gradient.numpy(z[:, None])[:, 0]
        return np.asarray(self._inward(z[None, :], g[None, :])[0])

    def _inward(self, points: Vector, slopes: Vector) -> Vector:
        stuck = ((points <= self.low) & (slopes > 0)) | ((points >= self.high) & (slopes < 0)) | ~self.free
        return np.where(stuck, 0.0, slopes)

    def hessian(self, z: Vector) -> Vector:
        """Return the Hessian of Lt, shape (n, n)."""
        out: Vector = self._lt.hessian.numpy(z[:, None])[:, 0].reshape(self.n, self.n)
        return out

    def _optimum(self) -> tuple[float, tuple[tuple[str, ...], ...]]:
        """Return L* as a zooming grid finds it, and simple predictions that come near it, group by group."""
        q, dy = self.problem.loss.q, self.problem.network.dy
        losses, total, rival = self.problem.sample_losses(), 0.0, []
        side = 81 if dy == 1 else 25
        for rows in self.problem.data.groups():
            value = compile_expressions([sum(losses[i] for i in rows)], q)
            centre, width = np.zeros(dy), 8.0
            for _ in range(9):
                axes = np.meshgrid(*(c + np.linspace(-width, width, side) for c in centre))
                points = np.stack([axis.ravel() for axis in axes])
                here = value.numpy(points)[0]
                centre, width = points[:, np.nanargmin(here)], width * 4 / side
            simple = [_simplest(v, 1e-4) for v in centre]
            near = float(value.numpy(np.array([[float(v)] for v in simple]))[0, 0])
            total += min(float(np.nanmin(here)), near)
            rival.append(tuple(map(str, simple)))
        return float(self.problem.weight()) * total, tuple(rival)

    # -- what a point looks like

    def looks_minimal(self, points: Vector) -> Vector:
        """Return, for each of N points, whether no value is seen below its own at small distances; shape (N,)."""
        good: Vector = np.array(np.isfinite(self.values(points)))
        for directions in (
            np.eye(self.n)[self.free],
            self._directions(60),
        ):  # the axes first: they refute most points, and cost little
            good[np.flatnonzero(good)[CROWD:]] &= len(directions) != 60  # many points alike need no second look
            if good.any():
                good[good] = self._not_below(points[good], directions)
        return good

    def confirmed(self, z: Vector) -> bool:
        """Does a point look minimal in many directions, and so do points of equal value near it (as they must)?"""
        shifts = 0.02 * self.rng.normal(size=(6, self.n))
        shifts[:, : self.p], shifts[:, self.neurons], shifts[:, ~self.free] = 0.0, 0.0, 0.0
        points = np.concatenate([z[None, :], np.clip(z + shifts, self.low, self.high)])
        values = self.values(points)
        level = points[np.abs(values - values[0]) < 1e-13]
        return bool(self._not_below(level, self._directions(800)).all())

    def _directions(self, count: int) -> Vector:
        """Random directions, two thirds of them along some coordinates only: kinks hide descent from the others."""
        out = self.rng.normal(size=(count, self.n))
        out[count // 3 :] *= self.rng.random((count - count // 3, self.n)) < 0.5
        out[:, ~self.free] = 0.0
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12))

    def _not_below(self, points: Vector, directions: Vector) -> Vector:
        steps = np.concatenate([directions * r for r in (1e-2, 1e-3, -1e-2, -1e-3)])
        moved = np.clip(points[:, None, :] + steps[None, :, :], self.low, self.high)
        around = self.values(moved.reshape(-1, self.n)).reshape(len(points), -1)
        here = self.values(points)
        return np.asarray((around >= (here - 1e-12 * (1 + np.abs(here)))[:, None]).all(axis=1))

    def seen(self, points: Vector) -> list[Guess]:
        """Describe points."""
        if not len(points):
            return []
        slopes = self._inward(points, np.nan_to_num(self._lt.gradient.numpy(points.T).T, nan=np.inf))
        original = self.originals(points[:, : self.p])
        theta = np.abs(points[:, : self.p]) > APART
        flags: tuple[Any, ...] = (
            self.looks_minimal(points),
            np.abs(slopes).max(axis=1, initial=0.0) < SLOPE,
            (np.abs(points[:, self.neurons]) > APART).any(axis=1),
            np.abs(original) > APART if self.view == "L2" else original > self.best + APART,
            theta.any(axis=1),
        )
        return [Guess(z, *map(bool, row)) for z, *row in zip(points, *flags, strict=True)]

    # -- the search

    def guesses(self, starts: int) -> Iterator[Guess]:
        """Yield points: small rational ones, minima of the objective, and minima of L with the added neurons off."""
        yield from self.seen(self._grid(160 if self.smooth else 600))
        if not self.smooth:  # a smooth search stalls at kinks, and what it finds there has no exact coordinates
            return
        if self.view == "Lt" and self.free.all():
            yield from self.seen(self._off(starts))
        begin = np.clip(self.rng.normal(0, 1.2, (starts, self.n)), self.low, self.high)
        begin = np.where(self.free, begin, self._grid(starts))
        yield from self.seen(self.descend(begin))

    def _grid(self, count: int) -> Vector:
        points = self.rng.choice([float(v) for v in GRID], size=(count, self.n), p=_LEANING)
        points[: count // 2, self.neurons] = 0.0
        out: Vector = np.clip(points, self.low, self.high)
        return out

    def _off(self, starts: int) -> Vector:
        """Minima of L in theta, a = 0 and a small rational (b, W)."""
        everywhere = np.full(self.p, np.inf)
        begin = self.rng.normal(0, 1.2, (starts, self.p))
        theta = _descended(self._l, begin, -everywhere, everywhere, np.ones(self.p, dtype=bool))
        points = self._grid(starts)
        points[:, self.neurons], points[:, : self.p] = 0.0, np.clip(theta, self.low[: self.p], self.high[: self.p])
        out: Vector = points[(np.abs(theta) < FAR).all(axis=1)]
        return out

    def anywhere(self) -> dict[str, str]:
        """Return a random small rational point with every neuron on, as text; identities must hold there too."""
        chosen = self.rng.choice([float(v) for v in GRID if v], size=self.n)
        return {n: str(Fraction(v)) for n, v in zip(self.names, np.clip(chosen, self.low, self.high), strict=True)}

    def descend(self, starts: Vector, free: Vector | None = None) -> Vector:
        """Return points where Lt has no slope in its free coordinates, reached from some of the starts; shape (N, n)."""
        free = self.free if free is None else free & self.free
        found = _descended(self._lt, starts, self.low, self.high, free)
        kept = [
            z for z in found if np.all(np.abs(z) < FAR) and (not self.smooth or np.max(np.abs(self.slope(z))) < SLOPE)
        ]
        return np.array(kept).reshape(-1, self.n)

    def simplified(self, guess: Guess) -> tuple[dict[str, str], bool]:
        """Return the guess as text, with simple rationals wherever a minimum stays one; and whether all are rational."""
        if np.isin(guess.z, [float(v) for v in GRID]).all():
            return {n: str(Fraction(v)) for n, v in zip(self.names, guess.z, strict=True)}, True
        z, fixed = guess.z.copy(), ~self.free
        flat = self._flat(z)
        exact = {int(i): Fraction(float(z[i])) for i in np.flatnonzero(fixed)}
        for i in sorted(map(int, np.flatnonzero(self.free)), key=lambda i: -i if not self.neurons[i] else self.n):
            for r in _rationals(z[i], wide=bool(flat[i])):
                if abs(float(r) - z[i]) < 1e-9:
                    moved = z.copy()
                    moved[i] = float(r)
                else:
                    trial, free = z.copy(), ~fixed
                    trial[i], free[i] = float(r), False
                    trial = np.clip(trial, self.low, self.high)
                    if trial[i] != float(r):
                        continue
                    reached = self.descend(trial[None, :], free)
                    if not len(reached) or not self._alike(reached[0], guess):
                        continue
                    moved = reached[0]
                z, fixed[i], exact[i] = moved, True, r
                break
        text = {n: str(exact[i]) if i in exact else f"{z[i]:.12f}" for i, n in enumerate(self.names)}
        return text, len(exact) == self.n

    def _flat(self, z: Vector) -> Vector:
        """Return which coordinates may be moved without leaving the minima, as far as curvature tells."""
        if not self.smooth:
            return np.ones(self.n, dtype=bool)
        H = self.hessian(z)
        if not np.all(np.isfinite(H)):
            return np.ones(self.n, dtype=bool)
        values, vectors = np.linalg.eigh(H)
        kernel = vectors[:, np.abs(values) < 1e-6 * (1 + np.abs(values).max())]
        out: Vector = (np.abs(kernel) > 1e-3).any(axis=1)
        return out

    def _alike(self, z: Vector, guess: Guess) -> bool:
        (other,) = self.seen(z[None, :])
        same = (other.minimal, other.flat, other.bad) == (guess.minimal, guess.flat, guess.bad)
        return same and (other.on or not guess.on) and (other.moved or not guess.moved)

    def point(self, values: Mapping[str, str]) -> Vector:
        """Return a point from text."""
        return np.array([float(parse(values[n], {}, f"point.{n}")) for n in self.names])


def objective_of(problem: Problem, view: str | Objective) -> Objective:
    """Return Lt, L or L2, or an objective of somebody's own as it is."""
    if isinstance(view, Objective):
        return view
    return {"Lt": augmented, "L": loss, "L2": no_extra_unit}[view](problem)


_LEANING: Final = np.array([6, 3, 3, 1, 1, 1, 1, 0.5, 0.5]) / 17


def _descended(f: Derivatives, starts: Vector, low: Vector, high: Vector, free: Vector) -> Vector:
    """Return where a damped Newton search leads, all starts at once; steps go down along negative curvature too."""
    z, damping = starts.copy(), np.full(len(starts), 1e-2)
    n = z.shape[1]
    out = f.together.numpy(z.T).T
    for _ in range(STEPS):
        value, g, H = out[:, 0], np.nan_to_num(out[:, 1 : 1 + n]), np.nan_to_num(out[:, 1 + n :]).reshape(-1, n, n)
        stuck = ~free | ((z <= low) & (g > 0)) | ((z >= high) & (g < 0))
        g = np.where(stuck, 0.0, g)
        if np.max(np.abs(g), initial=0.0) < 1e-13:
            break
        H = np.where(stuck[:, :, None] | stuck[:, None, :], 0.0, np.clip(H, -1e12, 1e12))
        curvature, frame = np.linalg.eigh(H)
        along = np.einsum("nij,ni->nj", frame, g)
        step = np.einsum("nij,nj->ni", frame, along / (np.abs(curvature) + damping[:, None]))
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        trial = np.where(stuck, z, np.clip(z - step, low, high))
        there = f.together.numpy(trial.T).T
        better = there[:, 0] <= value
        z, out = np.where(better[:, None], trial, z), np.where(better[:, None], there, out)
        damping = np.clip(np.where(better, damping / 5, damping * 6), 1e-12, 1e8)
    return z


def _simplest(value: float, within: float) -> Fraction:
    for d in DENOMINATORS:
        r = Fraction(round(float(value) * d), d)
        if abs(float(r) - value) < within:
            return r
    return Fraction(round(float(value) * 1000), 1000)


def _rationals(value: float, *, wide: bool) -> Iterator[Fraction]:
    """Yield simple rationals: those within rounding of the value and, where it may move, 0, 1, -1 and near ones too."""
    near = _simplest(value, 1e-9)
    if abs(float(near) - value) < 1e-9 and (not wide or near == 0):
        yield near
        return
    if wide:
        yield from (Fraction(v) for v in (0, 1, -1))
        yield from (Fraction(round(value * d), d) for d in (1, 2))
        if abs(float(near) - value) < 1e-9:
            yield near
