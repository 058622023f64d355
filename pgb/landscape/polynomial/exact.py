"""TRUSTED. The certificates of `certify` in Arb balls of any precision, for the zeros that doubles cannot decide and for digits.

The same theorem with the same constants: ``eta`` bounds ``|C F(x)|``, q the row sums of ``|I - C J(B)|``, accepted when
``q <= 1/2`` and ``2 eta <= r``. Every comparison goes through `upper`, which refuses NaN and infinity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from pgb.landscape.polynomial.family import ComplexArray, Family
from pgb.landscape.polynomial.tape import Tape


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set flint's working precision inside a block."""
    from flint import ctx

    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Fraction) -> Any:
    """Return a complex Arb ball that contains an exact number."""
    from flint import acb, arb, fmpq

    return acb(arb(fmpq(value.numerator, value.denominator)))


def upper(value: Any) -> float:
    """Return a double that is at least the absolute value of every point of a ball; infinite for NaN and unbounded balls."""
    bound = float(value.abs_upper())
    if not math.isfinite(bound) or not bound >= 0.0:
        return math.inf
    return math.nextafter(math.nextafter(bound, math.inf), math.inf)


def lower(value: Any) -> float:
    """Return a double that is at most the absolute value of every point of a ball; zero for NaN and unbounded balls."""
    bound = float(value.abs_lower())
    if not math.isfinite(bound):
        return 0.0
    return max(math.nextafter(math.nextafter(bound, -math.inf), -math.inf), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class ExactZero:
    """One zero, certified in Arb.

    Attributes
    ----------
    centre
        n exact complex midpoints (acb of radius zero).
    radius, unique
        The only zero within `unique` of the centre lies within `radius` (maximum norm of moduli).
    real
        True: all coordinates real; False: certified not real; None: not decided.
    bits
        Working precision.
    """

    centre: tuple[Any, ...]
    radius: float
    unique: float
    real: bool | None
    bits: int

    def __repr__(self) -> str:
        return f"ExactZero(n={len(self.centre)}, radius={self.radius:.1e}, real={self.real}, {self.bits} bits)"

    def in_doubles(self) -> tuple[ComplexArray, float, float]:
        """Return the centre rounded to doubles, a radius about it that holds the zero, and one (or 0) that holds no other."""
        point = np.array([complex(float(c.real.mid()), float(c.imag.mid())) for c in self.centre])
        moved = self.distance(point)
        unique = max(math.nextafter(self.unique - moved, -math.inf), 0.0)
        return point, math.nextafter(moved + self.radius, math.inf), unique

    def distance(self, point: ComplexArray) -> float:
        """Return an upper bound of the maximum-norm distance of the centre from a point in doubles."""
        with precision(self.bits):
            return max(upper(c - _point(complex(z))) for c, z in zip(self.centre, point, strict=True))

    def is_the_zero_near(self, point: ComplexArray, unique: float) -> bool:
        """Whether this is the one zero that lies within `unique` of a point."""
        return math.nextafter(self.distance(point) + self.radius, math.inf) <= unique

    def balls(self) -> list[Any]:
        """Return the zero's coordinates as balls (arb when it is real, else acb)."""
        from flint import acb, arb

        with precision(self.bits):
            around = arb(0, self.radius)
            if self.real:
                return [c.real + around for c in self.centre]
            return [c + acb(around, around) for c in self.centre]


def _point(z: complex) -> Any:
    from flint import acb

    return acb(z.real, z.imag)


def _matrix(family: Family, outputs: Sequence[Any]) -> Any:
    """Return the Jacobian as an acb_mat from a tape's outputs."""
    from flint import acb_mat

    n, k = family.n, family.n
    rows: list[list[Any]] = [[None] * n for _ in range(n)]
    for j in range(n):
        for i in range(j + 1):
            rows[i][j] = rows[j][i] = outputs[k]
            k += 1
    return acb_mat(rows)


def _mid(z: Any) -> Any:
    from flint import acb

    return acb(z.real.mid(), z.imag.mid())


def _run(tape: Tape, x: Sequence[Any], p: Sequence[Fraction]) -> list[Any]:
    from flint import acb

    return [acb(v) for v in tape.run(list(x), [ball(v) for v in p], ball)]


def certify_exact(
    family: Family, point: Sequence[Any], parameters: Sequence[Fraction], bits: int = 192, newton: int = 12
) -> ExactZero | None:
    """Polish a point by Newton's method and certify the zero it leads to.

    Parameters
    ----------
    point
        n complex numbers or acb balls (their midpoints are taken).

    Returns
    -------
    ExactZero or None
        None says nothing about the point.
    """
    from flint import acb_mat

    with precision(bits):
        x = [_mid(v) if hasattr(v, "abs_upper") else _point(complex(v)) for v in point]
        C = None
        try:
            last = math.inf
            for _ in range(newton):
                out = _run(family.full, x, parameters)
                C = _matrix(family, out).mid().inv(nonstop=True).mid()
                step = C * acb_mat([[v] for v in out[: family.n]])
                x = [_mid(v - step[i, 0]) for i, v in enumerate(x)]
                size = max(upper(step[i, 0]) for i in range(family.n))
                scale = max(upper(v) for v in x)
                if not math.isfinite(size) or (size >= last and size <= scale * 2.0 ** (-bits // 2)):
                    break
                last = size
        except ZeroDivisionError:
            return None
        if C is None:
            return None
        found = _accept(family, x, parameters, C, bits)
        if found is None:
            return None
        return _with_reality(family, found, parameters, C)


def _accept(family: Family, x: Sequence[Any], parameters: Sequence[Fraction], C: Any, bits: int) -> ExactZero | None:
    """Apply the theorem at the exact centre x with the matrix C."""
    from flint import acb, acb_mat, arb

    n = family.n
    F = _run(family.full, x, parameters)[:n]
    step = C * acb_mat([[v] for v in F])
    eta = max(upper(step[i, 0]) for i in range(n))
    eta = max(eta, 2.0 ** (-900))
    if not math.isfinite(eta):
        return None
    scale = max(*(upper(v) for v in x), 2.0**-20)
    for r in (max(8.0 * eta, scale * 2.0**-44), max(8.0 * eta, scale * 2.0 ** (-bits // 3)), 4.0 * eta):
        disc = acb(arb(0, r), arb(0, r))
        J = _matrix(family, _run(family.full, [v + disc for v in x], parameters))
        A = C * J
        rows = []
        for i in range(n):
            total = arb(0)
            for j in range(n):
                total += abs(A[i, j] - 1 if i == j else A[i, j])
            rows.append(upper(total))
        if max(rows) <= 0.5 and 2.0 * eta <= r and math.isfinite(r):
            return ExactZero(tuple(x), 2.0 * eta, r, None, bits)
    return None


def _with_reality(family: Family, found: ExactZero, parameters: Sequence[Fraction], C: Any) -> ExactZero:
    """Decide realness as `certify.decide_reality` does."""
    from flint import acb

    if any(lower(c.imag) > found.radius for c in found.centre):
        return ExactZero(found.centre, found.radius, found.unique, real=False, bits=found.bits)
    straight = [acb(c.real) for c in found.centre]
    moved = max(upper(a - b) for a, b in zip(straight, found.centre, strict=True))
    again = _accept(family, straight, parameters, C, found.bits)
    if again is not None and math.nextafter(moved + again.radius, math.inf) <= found.unique:
        return ExactZero(again.centre, again.radius, again.unique, real=True, bits=found.bits)
    return found


def inertia_exact(family: Family, zero: ExactZero, parameters: Sequence[Fraction]) -> int | None:
    """Return the certified number of negative Hessian eigenvalues at a real zero, None where Gershgorin's discs meet zero.

    With any matrix V, ``V^T H V`` strictly diagonally dominant proves V invertible and gives the inertia (Sylvester).
    """
    from flint import arb, arb_mat

    if zero.real is not True:
        return None
    n = family.n
    with precision(zero.bits):
        out = _run(family.full, zero.balls(), parameters)
        rows = _matrix(family, out)
        H = arb_mat([[rows[i, j].real for j in range(n)] for i in range(n)])
        middle = np.array([[float(H[i, j].mid()) for j in range(n)] for i in range(n)])
        if not np.isfinite(middle).all():
            return None
        w, V = np.linalg.eigh(middle)
        V = V / np.sqrt(np.maximum(np.abs(w), 1e-300))
        B = arb_mat([[float(v) for v in row] for row in V])
        M = B.transpose() * H * B
        negative = 0
        for i in range(n):
            off = sum((abs(M[i, j]) for j in range(n) if j != i), arb(0))
            if not (M[i, i].is_finite() and off.is_finite() and abs(M[i, i]) > off):
                return None
            negative += bool(M[i, i] < 0)
    return negative


def value_exact(tape: Tape, zero: ExactZero, parameters: Sequence[Fraction]) -> Any:
    """Return a real Arb ball of the tape's (real) output at a real zero."""
    with precision(zero.bits):
        return _run(tape, zero.balls(), parameters)[0].real
