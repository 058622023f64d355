"""Follows single paths in Arb midpoints of any precision: for the few whose end points doubles cannot resolve. Untrusted (search only)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pgb.landscape.polynomial.exact import ball, precision, upper
from pgb.landscape.polynomial.family import Family

MAX_STEPS = 1200
FAR = 1e7


def track_precisely(
    family: Family, point: Sequence[complex], start: Sequence[complex], stop: Sequence[Fraction], bits: int = 192
) -> list[Any] | None:
    """Follow a solution from the member `start` to the exact member `stop`: Runge-Kutta predictor, Newton corrector.

    Returns
    -------
    list or None
        n acb midpoints near a solution of the end member; None when the path needs too many steps or too small ones. Costs
        about 3 ms a step for eight variables.
    """
    from flint import acb

    with precision(bits):
        p0 = [acb(complex(v).real, complex(v).imag) for v in start]
        d = [ball(v) - u for v, u in zip(stop, p0, strict=True)]
        x = [acb(complex(v).real, complex(v).imag) for v in point]
        path = _Path(family, p0, d)
        try:
            for _ in range(6):
                x, _ = path.newton(x, 0.0)
            return _follow(path, x)
        except ZeroDivisionError:
            return None


class _Path:
    """The system along the segment of parameters."""

    def __init__(self, family: Family, p0: Sequence[Any], d: Sequence[Any]) -> None:
        self.family, self.p0, self.d = family, p0, d

    def _solve(self, x: Sequence[Any], t: float, *, along: bool) -> list[Any]:
        """Return ``J^-1 F``, or with `along` the velocity ``-J^-1 dF/dt``, at (x, t)."""
        from flint import acb_mat

        n = self.family.n
        out = self.family.full.run(list(x), [a + b * t for a, b in zip(self.p0, self.d, strict=True)], ball)
        rows: list[list[Any]] = [[None] * n for _ in range(n)]
        k = n
        for j in range(n):
            for i in range(j + 1):
                rows[i][j] = rows[j][i] = out[k]
                k += 1
        rhs = out[:n]
        if along:  # a difference quotient with a step far below the tangent's wanted accuracy
            moved = [a + b * t + b * 2.0**-60 for a, b in zip(self.p0, self.d, strict=True)]
            ahead = self.family.full.run(list(x), moved, ball)
            rhs = [(v - u) * 2.0**60 for u, v in zip(out[:n], ahead[:n], strict=True)]
        J = acb_mat([[_mid(v) for v in row] for row in rows])
        y = J.solve(acb_mat([[_mid(v)] for v in rhs]), nonstop=True)
        return [_mid(-y[i, 0]) if along else _mid(y[i, 0]) for i in range(n)]

    def newton(self, x: Sequence[Any], t: float) -> tuple[list[Any], float]:
        """Return the Newton iterate and the relative size of the update."""
        step = self._solve(x, t, along=False)
        big = max(upper(v) for v in x)
        size = max(upper(s) / max(upper(v), 0.01 * big, 1e-6) for s, v in zip(step, x, strict=True))
        return [_mid(v - s) for v, s in zip(x, step, strict=True)], size

    def predict(self, x: Sequence[Any], t: float, h: float) -> list[Any]:
        """Return a classical Runge-Kutta step."""
        k1 = self._solve(x, t, along=True)
        k2 = self._solve([_mid(v + k * (h / 2)) for v, k in zip(x, k1, strict=True)], t + h / 2, along=True)
        k3 = self._solve([_mid(v + k * (h / 2)) for v, k in zip(x, k2, strict=True)], t + h / 2, along=True)
        k4 = self._solve([_mid(v + k * h) for v, k in zip(x, k3, strict=True)], t + h, along=True)
        return [_mid(v + (a + b * 2 + c * 2 + e) * (h / 6)) for v, a, b, c, e in zip(x, k1, k2, k3, k4, strict=True)]


def _follow(path: _Path, x: list[Any]) -> list[Any] | None:
    t, h = 0.0, 0.02
    for _ in range(MAX_STEPS):
        if t >= 1.0:
            return x
        if max(upper(v) for v in x) > FAR:
            return None
        step = min(h, 1.0 - t)
        y = path.predict(x, t, step)
        y, first = path.newton(y, t + step)
        y, second = path.newton(y, t + step)
        if math.isfinite(second) and first < 1e-2 and second < max(0.1 * first, 1e-20):
            x, t = y, (1.0 if step == 1.0 - t else t + step)
            h = step * min(3.0, max(0.5, 0.9 * (1e-4 / max(first, 1e-12)) ** 0.25))
        else:
            h = 0.4 * step
            if h < 1e-15:
                return None
    return None


def _mid(z: Any) -> Any:
    from flint import acb

    return acb(z.real.mid(), z.imag.mid())
