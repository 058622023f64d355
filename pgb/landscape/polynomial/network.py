"""Deep linear networks: the exact loss, its family of gradient systems, and the strata "which hidden units are active"."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pgb.errors import InputError
from pgb.landscape.polynomial.family import Family, gradient_tapes
from pgb.landscape.polynomial.tape import Builder

if TYPE_CHECKING:
    import sympy

Matrix = tuple[tuple[Fraction, ...], ...]


def matrix(rows: Sequence[Sequence[object]], name: str) -> Matrix:
    """Return exact rows; floats are refused because the data would not be the user's."""
    out = []
    for row in rows:
        if any(isinstance(v, float) for v in row):
            raise InputError(name, "exact numbers (integers, fractions or decimal strings), not floats")
        out.append(tuple(Fraction(str(v)) for v in row))
    if len({len(r) for r in out}) > 1:
        raise InputError(name, "rows of equal length")
    return tuple(out)


def _transpose(A: Matrix) -> Matrix:
    return tuple(zip(*A, strict=True))


def _times(A: Matrix, B: Matrix) -> Matrix:
    return tuple(tuple(sum((a * b for a, b in zip(r, c, strict=True)), Fraction(0)) for c in _transpose(B)) for r in A)


@dataclass(frozen=True, slots=True)
class LinearNetwork:
    """The loss ``L = c |W_{H+1} ... W_1 X - Y|_F^2 + sum_p ridge_p theta_p^2`` of a deep linear network, exactly.

    Attributes
    ----------
    widths
        ``(dx, d_1, ..., d_H, dy)``.
    X, Y
        Exact data of shapes (dx, m) and (dy, m); columns are samples.
    ridge
        Coefficient of ``theta_p^2`` for each parameter, layer by layer, row by row.
    scale
        ``c``: 1/2, 1/m, 1, ...
    names
        Parameter names in the same order; ``w1_1_1, w1_1_2, ...`` (layer_row_column) by default.
    """

    widths: tuple[int, ...]
    X: Matrix
    Y: Matrix
    ridge: tuple[Fraction, ...]
    scale: Fraction = Fraction(1, 2)
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        d = self.widths
        if len(d) < 3 or min(d) < 1:
            raise InputError(
                "network.layers", f"input, at least one hidden layer and output, all >= 1; found {list(d)}"
            )
        object.__setattr__(self, "X", matrix(self.X, "data.x"))
        object.__setattr__(self, "Y", matrix(self.Y, "data.y"))
        object.__setattr__(self, "ridge", matrix([self.ridge], "ridge.weights")[0])
        object.__setattr__(self, "scale", Fraction(self.scale))
        if len(self.X) != d[0] or len(self.Y) != d[-1] or len(self.X[0]) != len(self.Y[0]) or not self.X[0]:
            raise InputError("data", f"{d[0]} inputs and {d[-1]} outputs per sample and at least one sample")
        if len(self.ridge) != self.n:
            raise InputError("ridge.weights", f"{self.n} weights, one per parameter; found {len(self.ridge)}")
        if self.scale <= 0:
            raise InputError("loss.scale", "a positive number")
        if not self.names:
            object.__setattr__(self, "names", tuple(parameter_names(d)))
        if len(self.names) != self.n or len(set(self.names)) != self.n:
            raise InputError("network.parameters", f"{self.n} distinct names")

    @property
    def n(self) -> int:
        """Number of parameters."""
        return count(self.widths)

    @classmethod
    def from_lambda(
        cls,
        widths: Sequence[int],
        X: Sequence[Sequence[object]],
        Y: Sequence[Sequence[object]],
        Lambda: Sequence[object],
    ) -> LinearNetwork:
        """Return ``1/2 |W..W_1 X - Y|^2 + 1/2 sum_l |Lambda_l o W_l|^2`` (o entrywise); `Lambda` nests layer, row, column."""
        weights = [Fraction(str(v)) ** 2 / 2 for layer in Lambda for row in layer for v in row]  # type: ignore[attr-defined]
        return cls(tuple(widths), matrix(X, "data.x"), matrix(Y, "data.y"), tuple(weights))

    def symbols(self) -> list[sympy.Symbol]:
        """Return the parameters as sympy symbols."""
        import sympy

        return [sympy.Symbol(name) for name in self.names]

    def loss(self, parameters: Sequence[sympy.Symbol] | None = None) -> sympy.Expr:
        """Return the loss as an exact sympy expression."""
        import sympy

        theta = list(parameters or self.symbols())
        rational = lambda v: sympy.Rational(v.numerator, v.denominator)
        P = sympy.Matrix([[rational(v) for v in row] for row in self.X])
        for (_, rows, cols), start in zip(layers(self.widths), offsets(self.widths), strict=True):
            P = sympy.Matrix(rows, cols, theta[start : start + rows * cols]) * P
        E = P - sympy.Matrix([[rational(v) for v in row] for row in self.Y])
        data = sum((e**2 for e in E), sympy.Integer(0))
        penalty = sum((rational(r) * t**2 for r, t in zip(self.ridge, theta, strict=True)), sympy.Integer(0))
        return rational(self.scale) * data + penalty

    def rank(self) -> int:
        """Rank of X, exactly."""
        return len(_independent_columns(self.X))

    def member(self) -> tuple[Family, list[Fraction]]:
        """Return the family and this network's exact parameters in it.

        With rank r of X: ``X X^T = U S U^T`` and ``Y X^T = V U^T`` with U (dx, r); U is left out when r = dx. The gradient
        of the loss divided by ``2 c`` is ``grad of 1/2 tr(P S P^T) - tr(V P^T) + 1/2 sum_p lambda_p theta_p^2`` with
        ``P = W_{H+1} ... W_1 U`` and ``lambda_p = ridge_p / c``.
        """
        r = self.rank()
        if r == 0:
            raise InputError("data.x", "not all zero")
        full = r == self.widths[0]
        if full:
            U: Matrix = ()
            S = _times(self.X, _transpose(self.X))
            V = _times(self.Y, _transpose(self.X))
        else:
            columns = _independent_columns(self.X)
            U = tuple(tuple(row[j] for j in columns) for row in self.X)
            C = _solve_columns(U, self.X)  # X = U C
            S = _times(C, _transpose(C))
            V = _times(self.Y, _transpose(C))
        params = [v for row in U for v in row]
        params += [S[i][j] for i in range(r) for j in range(i, r)]
        params += [v for row in V for v in row]
        params += [w / self.scale for w in self.ridge]
        return network_family(self.widths, r), params

    def strata(self) -> Iterator[tuple[Family, list[int], list[int]]]:
        """Yield each pattern of active hidden units as (smaller family, its variables, its parameters), origin excluded."""
        yield from network_strata(self.widths, self.rank())


def count(widths: Sequence[int]) -> int:
    """Return the number of parameters."""
    return sum(a * b for a, b in itertools.pairwise(widths))


def layers(widths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (layer number, rows, columns) of each weight matrix."""
    return [(k + 1, b, a) for k, (a, b) in enumerate(itertools.pairwise(widths))]


def offsets(widths: Sequence[int]) -> list[int]:
    """Return the index of each layer's first parameter."""
    return list(itertools.accumulate((r * c for _, r, c in layers(widths)[:-1]), initial=0))


def parameter_names(widths: Sequence[int]) -> list[str]:
    """Return ``w1_1_1, w1_1_2, ...``."""
    return [f"w{k}_{i + 1}_{j + 1}" for k, rows, cols in layers(widths) for i in range(rows) for j in range(cols)]


def _independent_columns(A: Matrix) -> list[int]:
    """Return the columns that are not combinations of earlier ones (exact elimination)."""
    rows = [list(r) for r in A]
    pivots: list[int] = []
    for j in range(len(rows[0])):
        top = len(pivots)
        i = next((i for i in range(top, len(rows)) if rows[i][j] != 0), None)
        if i is None:
            continue
        rows[top], rows[i] = rows[i], rows[top]
        for k in range(top + 1, len(rows)):
            f = rows[k][j] / rows[top][j]
            rows[k] = [a - f * b for a, b in zip(rows[k], rows[top], strict=True)]
        pivots.append(j)
        if len(pivots) == len(rows):
            break
    return pivots


def _solve_columns(U: Matrix, X: Matrix) -> Matrix:
    """Return C with U C = X for U of full column rank whose span contains the columns of X."""
    from flint import fmpq, fmpq_mat

    to = lambda A: fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in A])
    Ut = to(_transpose(U))
    C = (Ut * to(U)).solve(Ut * to(X))
    return tuple(tuple(Fraction(int(v.p), int(v.q)) for v in row) for row in C.tolist())


@lru_cache(maxsize=256)
def network_family(widths: tuple[int, ...], rank: int) -> Family:
    """Return the family of deep linear networks with the given widths and rank of the data matrix X."""
    d, full = widths, rank == widths[0]
    n = count(d)
    q = (0 if full else d[0] * rank) + rank * (rank + 1) // 2 + d[-1] * rank + n
    b = Builder(n, q)
    nodes = iter(range(n + q))
    block = lambda rows, cols: [[next(nodes) for _ in range(cols)] for _ in range(rows)]
    W = [block(rows, cols) for _, rows, cols in layers(d)]
    U = None if full else block(d[0], rank)
    S = [[0] * rank for _ in range(rank)]
    for i in range(rank):
        for j in range(i, rank):
            S[i][j] = S[j][i] = next(nodes)
    V = block(d[-1], rank)
    ridge = list(nodes)
    F = _gradient(b, W, U, S, V, ridge)
    tapes = gradient_tapes(b, F, _value(b, W, U, S, V, ridge))
    return Family(
        f"linear network {'-'.join(map(str, d))}, rank {rank}",
        n,
        q,
        *tapes,
        _unit_flips(d),
        np.arange(q - n, q),
        tuple(tuple(np.flatnonzero(f).tolist()) for f in _unit_flips(d)),
    )


def _gradient(
    b: Builder,
    W: list[list[list[int]]],
    U: list[list[int]] | None,
    S: list[list[int]],
    V: list[list[int]],
    ridge: list[int],
) -> list[int]:
    """Return the nodes of the gradient by back-propagation in matrix form."""
    turn = lambda A: [list(r) for r in zip(*A, strict=True)]
    P = [W[0] if U is None else b.matmul(W[0], U)]
    for w in W[1:]:
        P.append(b.matmul(w, P[-1]))
    D = [[b.sub(p, v) for p, v in zip(r, s, strict=True)] for r, s in zip(b.matmul(P[-1], S), V, strict=True)]
    G: list[list[list[int]]] = []
    for k in range(len(W) - 1, -1, -1):
        if k > 0:
            G.append(b.matmul(D, turn(P[k - 1])))
            D = b.matmul(turn(W[k]), D)
        else:
            G.append(D if U is None else b.matmul(D, turn(U)))
    flat = [v for g in reversed(G) for row in g for v in row]
    return [b.add(g, b.mul(r, k)) for k, (g, r) in enumerate(zip(flat, ridge, strict=True))]


def _value(
    b: Builder,
    W: list[list[list[int]]],
    U: list[list[int]] | None,
    S: list[list[int]],
    V: list[list[int]],
    ridge: list[int],
) -> int:
    """Return the node of ``1/2 tr(P S P^T) - tr(V P^T) + 1/2 sum_p lambda_p theta_p^2``."""
    P = W[0] if U is None else b.matmul(W[0], U)
    for w in W[1:]:
        P = b.matmul(w, P)
    half = b.const(Fraction(1, 2))
    pairs = lambda A, B: [b.mul(x, y) for r, s in zip(A, B, strict=True) for x, y in zip(r, s, strict=True)]
    square = b.total([*pairs(b.matmul(P, S), P), *(b.mul(r, b.mul(k, k)) for k, r in enumerate(ridge))])
    return b.sub(b.mul(half, square), b.total(pairs(P, V)))


def _unit_flips(widths: Sequence[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return, for each hidden unit, its incoming row and outgoing column."""
    n, start = count(widths), offsets(widths)
    flips = []
    for k in range(1, len(widths) - 1):
        for u in range(widths[k]):
            f = np.zeros(n, np.bool_)
            f[start[k - 1] + u * widths[k - 1] : start[k - 1] + (u + 1) * widths[k - 1]] = True
            f[start[k] + u + widths[k] * np.arange(widths[k + 1])] = True
            flips.append(f)
    return np.array(flips)


@lru_cache(maxsize=64)
def network_strata(widths: tuple[int, ...], rank: int) -> tuple[tuple[Family, list[int], list[int]], ...]:
    """Return (family, variables, parameters) of every non-empty choice of active units in every hidden layer."""
    d, start = widths, offsets(widths)
    n = count(d)
    shared = network_family(d, rank).q - n
    out = []
    choices = [[c for k in range(1, width + 1) for c in itertools.combinations(range(width), k)] for width in d[1:-1]]
    for pattern in itertools.product(*choices):
        units = [tuple(range(d[0])), *pattern, tuple(range(d[-1]))]
        variables = [start[k] + i * d[k] + j for k in range(len(d) - 1) for i in units[k + 1] for j in units[k]]
        family = network_family(tuple(len(u) for u in units), rank)
        out.append((family, variables, [*range(shared), *(shared + v for v in variables)]))
    return tuple(sorted(out, key=lambda s: len(s[1])))
