"""Path tracking for a whole batch: numba kernels where numba is present, the numpy twin otherwise. Untrusted (search only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgb.landscape.polynomial.family import ComplexArray, Family, Integers


@dataclass(frozen=True, slots=True)
class Options:
    """Step control.

    Attributes
    ----------
    tolerance
        Wanted relative error of the predictor (times the trust factor learned from Newton).
    beta
        Largest step in units of the estimated distance to the nearest singularity.
    max_steps
        Steps after which a path is given up.
    accept
        Largest relative size of the second Newton update of a step.
    far
        Size at which a path counts as gone to infinity.
    """

    tolerance: float = 0.05
    beta: float = 0.6
    max_steps: int = 3000
    accept: float = 1e-3
    far: float = 1e8


NORMAL = Options()
CAREFUL = Options(tolerance=1e-4, beta=0.3, max_steps=20000, accept=1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """End points (P, n) of a batch, status (P,) 0 = arrived, 1 = step too small, 2 = too many steps, 3 = diverged; steps (P,)."""

    points: ComplexArray
    status: Integers
    steps: Integers


def track(
    family: Family,
    points: ComplexArray,
    start: ComplexArray,
    stop: ComplexArray,
    *,
    source: Integers | None = None,
    target: Integers | None = None,
    options: Options = NORMAL,
    twin: bool = False,
) -> Tracked:
    """Follow solutions from one member of a family to another along the straight segment of parameters.

    Parameters
    ----------
    points
        Shape (P, n): solutions for the start members.
    start, stop
        Parameters, shape (q,) or (A, q) and (B, q).
    source, target
        Shape (P,): rows of `start` and `stop` for each path; all zero by default.
    twin
        Use the numpy twin (slow, the reference of the tests).
    """
    points = np.array(points, np.complex128, order="C", copy=True).reshape(-1, family.n)
    start = np.ascontiguousarray(np.atleast_2d(start), np.complex128)
    stop = np.ascontiguousarray(np.atleast_2d(stop), np.complex128)
    zeros = np.zeros(len(points), np.int64)
    source = zeros if source is None else np.asarray(source, np.int64)
    target = zeros if target is None else np.asarray(target, np.int64)
    if len(points) == 0:
        return Tracked(points, zeros, zeros)
    if twin:
        from pgb.landscape.polynomial.twin import track_paths as reference

        return Tracked(*reference(family, points, source, target, start, stop, options))
    from pgb.landscape.polynomial.kernels import track_paths

    status, steps = track_paths(
        family.n,
        family.q,
        np.array([float(c) for c in family.full.constants]),
        family.full.code.astype(np.int64),
        family.full.outputs.astype(np.int64),
        family.series.code.astype(np.int64),
        family.series.registers,
        family.series.outputs.astype(np.int64),
        family.full.registers,
        points,
        source,
        target,
        start,
        stop,
        np.array([options.tolerance, options.beta, options.max_steps, options.accept, options.far]),
    )
    return Tracked(points, status, steps)
