"""Families of polynomial gradient systems: one program for all members, its sign symmetries, and a point to start from.

Untrusted except for the tape itself, which certificates run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pgb.landscape.polynomial.tape import Builder, Tape

ComplexArray = npt.NDArray[np.complexfloating[Any, Any]]
BoolArray = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

FORMAT = 2  # version of everything that is kept on disk


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Gradient systems ``F(x; p) = 0`` with the same program, for all parameters p.

    Attributes
    ----------
    name
        What the family is, e.g. ``"linear network 2-2-2, rank 2"``.
    n, q
        Numbers of variables and parameters.
    full
        Tape of F (n outputs) and of the symmetric Jacobian, column by column: J[0,0], J[0,1], J[1,1], J[0,2], ...
    value
        Tape of the function whose gradient F is (one output).
    series
        Tape of F alone in single-assignment form (no register is written twice).
    flips
        Shape (g, n), True where generator k of the sign group changes the sign of a variable; generators are independent.
    linear
        Indices of parameters in which F is linear (the others fixed): a point of the family is found by solving for them.
    active
        Groups of variables none of which may vanish entirely (a vanishing group is a point of a smaller family).
    """

    name: str
    n: int
    q: int
    full: Tape
    series: Tape
    value: Tape
    flips: BoolArray
    linear: Integers
    active: tuple[tuple[int, ...], ...] = ()
    _cache: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """A name for files: changes whenever the program or the stored format does."""
        h = hashlib.sha256()
        h.update(f"{FORMAT}|{self.name}|{self.n}|{self.q}|{self.full.constants}".encode())
        h.update(self.full.code.tobytes() + self.full.outputs.tobytes() + np.packbits(self.flips).tobytes())
        return h.hexdigest()[:24]

    def evaluate(self, x: npt.ArrayLike, p: npt.ArrayLike) -> tuple[ComplexArray, ComplexArray]:
        """Return F, shape (P, n), and J, shape (P, n, n), at points x (P, n) with parameters p (P, q) or (q,), in floats."""
        at = np.asarray(x, np.complex128)
        member = np.broadcast_to(np.asarray(p, np.complex128), (len(at), self.q))
        values = self.full.run(list(at.T), list(member.T), lambda c: np.complex128(float(c)))
        values = [np.broadcast_to(v, (len(at),)) for v in values]
        F = np.stack(values[: self.n], axis=1)
        J = np.empty((len(at), self.n, self.n), np.complex128)
        k = self.n
        for j in range(self.n):
            for i in range(j + 1):
                J[:, i, j] = J[:, j, i] = values[k]
                k += 1
        return F, J

    def member(self, rng: np.random.Generator) -> ComplexArray:
        """Return random complex parameters."""
        return np.asarray(rng.normal(size=self.q) + 1j * rng.normal(size=self.q), np.complex128)

    def seed(self, rng: np.random.Generator) -> tuple[ComplexArray, ComplexArray, float]:
        """Return a random point, parameters for which it solves the system, and the Jacobian's reciprocal condition number."""
        x = np.asarray(rng.normal(size=(1, self.n)) + 1j * rng.normal(size=(1, self.n)), np.complex128)
        p = self.member(rng)
        at = self.evaluate(x, p)[0][0]
        columns = []
        for k in self.linear:
            moved = p.copy()
            moved[k] += 1.0
            columns.append(self.evaluate(x, moved)[0][0] - at)
        p[self.linear] -= np.linalg.lstsq(np.array(columns).T, at, rcond=None)[0]
        F, J = self.evaluate(x, p)
        s = np.linalg.svd(J[0], compute_uv=False)
        if not s[0] or np.abs(F).max() > 1e-8 * (1.0 + np.abs(p).max()):
            return x[0], p, 0.0
        return x[0], p, float(s[-1] / s[0])


def gradient_tapes(builder: Builder, F: Sequence[int], value: int) -> tuple[Tape, Tape, Tape]:
    """Return the tapes of a family: gradient F with Jacobian, F alone for series, and the function itself."""
    n = builder.n
    columns = [builder.derivative(F[: j + 1], j) for j in range(n)]
    full = builder.tape([*F, *(y for column in columns for y in column)], reuse=True)
    return full, builder.tape(F, reuse=False), builder.tape([value], reuse=True)
