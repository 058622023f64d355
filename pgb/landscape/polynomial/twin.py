"""The tracker of `kernels` in plain numpy, all paths in lockstep: slow, and the reference that the kernels are tested against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgb.landscape.polynomial.family import ComplexArray, Family, Integers

if TYPE_CHECKING:
    from pgb.landscape.polynomial.tracker import Options

ORDER = 4


class Series:
    """Truncated power series with array coefficients (list of ORDER + 1 arrays)."""

    __slots__ = ("c",)

    def __init__(self, c: list[Any]) -> None:
        self.c = c

    def __add__(self, other: Series) -> Series:
        return Series([a + b for a, b in zip(self.c, other.c, strict=True)])

    def __sub__(self, other: Series) -> Series:
        return Series([a - b for a, b in zip(self.c, other.c, strict=True)])

    def __mul__(self, other: Series) -> Series:
        return Series([sum(self.c[i] * other.c[k - i] for i in range(k + 1)) for k in range(ORDER + 1)])


def taylor(family: Family, x: ComplexArray, p: ComplexArray, d: ComplexArray) -> ComplexArray:
    """Return the Taylor coefficients 1..4, shape (4, P, n), of the solution path through (x, p) in the direction d."""
    _, J = family.evaluate(x, p)
    zero = np.zeros(len(x), np.complex128)
    c = np.zeros((ORDER + 1, *x.shape), np.complex128)
    c[0] = x
    parameters = [Series([a, b, zero, zero, zero]) for a, b in zip(p.T, d.T, strict=True)]
    for k in range(1, ORDER + 1):
        values = [Series(list(c[:, :, i])) for i in range(family.n)]
        out = family.series.run(values, parameters, lambda v: Series([float(v) + zero, zero, zero, zero, zero]))
        rhs = np.stack([o.c[k] + zero for o in out], axis=1)
        c[k] = -np.linalg.solve(J, rhs[:, :, None])[:, :, 0]
    return c[1:]


def _weights(x: ComplexArray) -> Any:
    size = np.abs(x)
    return 1.0 / np.maximum(np.maximum(size, 0.1 * size.max(axis=1, keepdims=True)), 1e-6)


def _step_length(c: ComplexArray, w: Any, trust: Any, options: Options) -> Any:
    m2, m3, m4 = (np.abs(c[k]) * w for k in (1, 2, 3))
    with np.errstate(all="ignore"):
        ratio = np.where(m3 > 1e-12 * (1.0 + m2), m2 / m3, 1e30)
        pade = np.where(m2 > 1e-14, np.abs(c[3] - c[2] ** 2 / c[1]) * w, m4)
        error, tau = pade.max(axis=1), ratio.min(axis=1)
        a3, a4 = m3.max(axis=1), m4.max(axis=1)
        tau = np.where(a4 > 1e-300, np.maximum(tau, 0.25 * a3 / a4), tau)
        h = options.beta * tau
        return np.where(
            error > 1e-300, np.minimum(h, (options.tolerance / (np.maximum(trust, 1.0) * error)) ** 0.25), h
        )


def _predict(c: ComplexArray, h: Any, w: Any) -> ComplexArray:
    h = h[:, None]
    a2 = np.abs(c[1])
    with np.errstate(all="ignore"):
        pade = h * c[0] + h * h * c[1] / (1.0 - h * c[2] / c[1])
        use = (a2 * w > 1e-14) & (h * np.abs(c[2]) < 0.7 * a2)
    return np.where(use, pade, h * (c[0] + h * (c[1] + h * c[2])))


def track_paths(
    family: Family,
    points: ComplexArray,
    source: Integers,
    target: Integers,
    start: ComplexArray,
    stop: ComplexArray,
    options: Options,
) -> tuple[ComplexArray, Integers, Integers]:
    """Track every path; see `tracker.track`."""
    paths = len(points)
    x, p0 = points.copy(), start[source]
    d = stop[target] - p0
    t, trust = np.zeros(paths), np.ones(paths)
    status, steps = np.full(paths, -1), np.zeros(paths, np.int64)
    w = _weights(x)
    c = taylor(family, x, p0, d)
    h = np.minimum(_step_length(c, w, trust, options), 1.0)
    while (live := np.flatnonzero(status < 0)).size:
        s = t[live] + h[live]
        p = p0[live] + s[:, None] * d[live]
        y = x[live] + _predict(c[:, live], h[live], w[live])
        norms = []
        for _ in range(2):
            F, J = family.evaluate(y, p)
            try:
                update = np.linalg.solve(J, F[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                update = np.full_like(y, np.nan)
            norm = ((np.abs(update.real) + np.abs(update.imag)) * w[live]).max(axis=1)
            norms.append(np.where(np.isnan(norm), np.inf, norm))
            y = y - update
        first, second = norms
        steps[live] += 1
        good = (first < 0.1) & (second < options.accept) & (second <= np.maximum(0.25 * first, 1e-8))
        moved = live[good]
        with np.errstate(all="ignore"):
            seen = np.where(second > 1e-14, 2.0 * second / first**2, 0.0)
        trust[moved] = np.where(first[good] > 1e-9, np.maximum(0.5 * trust[moved], seen[good]), trust[moved])
        x[moved], t[moved] = y[good], s[good]
        w[moved] = _weights(x[moved])
        status[moved[t[moved] >= 1.0 - 1e-14]] = 0
        far = moved[(np.abs(x[moved]).max(axis=1) > options.far) & (status[moved] < 0)]
        status[far] = 3
        h[live[~good]] *= 0.4
        status[live[~good & (h[live] < 1e-13)]] = 1
        status[live[(steps[live] > options.max_steps) & (status[live] < 0)]] = 2
        again = moved[status[moved] < 0]
        if again.size:
            c[:, again] = taylor(family, x[again], p0[again] + t[again, None] * d[again], d[again])
            length = _step_length(c[:, again], w[again], trust[again], options)
            h[again] = np.minimum(length, 1.0 - t[again])
    return x, status, steps
