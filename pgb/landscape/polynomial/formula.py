"""Networks given by polynomial formulas with squared loss: the family of all data sets, through moments where these are generic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pgb.errors import InputError
from pgb.landscape.polynomial.family import Family, gradient_tapes
from pgb.landscape.polynomial.general import (
    MAX_VARIABLES,
    Exponent,
    derivative,
    generic_patterns,
    horner,
    sign_flips,
    terms,
)
from pgb.landscape.polynomial.network import Matrix, matrix
from pgb.landscape.polynomial.strata import Stratum, System
from pgb.landscape.polynomial.tape import Builder

if TYPE_CHECKING:
    import sympy

    from pgb.landscape.polynomial.solve import Posed

Table = tuple[tuple[Exponent, Fraction], ...]  # a polynomial in the parameters
Output = tuple[tuple[Exponent, Table], ...]  # power of the inputs to its coefficient


@dataclass(frozen=True, slots=True)
class FormulaNetwork:
    """The loss ``L = c sum_s |f(x_s; theta) - y_s|^2 + sum_p ridge_p theta_p^2`` with f polynomial in inputs and parameters.

    Attributes
    ----------
    outputs
        One sympy polynomial per output.
    inputs, parameters
        Symbols.
    X, Y
        Exact data of shapes (dx, m) and (dy, m); columns are samples.
    ridge
        Coefficient of ``theta_p^2`` for each parameter.
    scale
        ``c``.
    """

    outputs: tuple[sympy.Expr, ...]
    inputs: tuple[sympy.Symbol, ...]
    parameters: tuple[sympy.Symbol, ...]
    X: Matrix
    Y: Matrix
    ridge: tuple[Fraction, ...]
    scale: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", matrix(self.X, "data.x"))
        object.__setattr__(self, "Y", matrix(self.Y, "data.y"))
        object.__setattr__(self, "ridge", matrix([self.ridge], "ridge.weights")[0])
        object.__setattr__(self, "scale", Fraction(self.scale))
        if len(self.X) != len(self.inputs) or len(self.Y) != len(self.outputs) or not self.outputs:
            raise InputError("data", f"{len(self.inputs)} inputs and {len(self.outputs)} outputs per sample")
        if len({len(r) for r in (*self.X, *self.Y)}) != 1 or not self.Y[0]:
            raise InputError("data", "the same number of samples, at least one, in every row")
        if len(self.ridge) != len(self.parameters):
            raise InputError(
                "ridge.weights", f"{len(self.parameters)} weights, one per parameter; found {len(self.ridge)}"
            )
        if len(self.parameters) > MAX_VARIABLES:
            raise InputError("network.parameters", f"at most {MAX_VARIABLES}; found {len(self.parameters)}")
        if self.scale <= 0:
            raise InputError("loss.scale", "a positive number")

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names."""
        return tuple(map(str, self.parameters))

    def loss(self) -> sympy.Expr:
        """Return the loss as an exact sympy expression."""
        import sympy

        rational = lambda v: sympy.Rational(v.numerator, v.denominator)
        total = sympy.Integer(0)
        for s in range(len(self.Y[0])):
            at = {x: rational(self.X[i][s]) for i, x in enumerate(self.inputs)}
            for f, row in zip(self.outputs, self.Y, strict=True):
                total += (f.xreplace(at) - rational(row[s])) ** 2
        penalty = [rational(r) * p**2 for r, p in zip(self.ridge, self.parameters, strict=True)]
        return rational(self.scale) * total + sum(penalty, sympy.Integer(0))

    def split(self) -> tuple[Output, ...]:
        """Return each output as power of the inputs -> polynomial in the parameters."""
        dx = len(self.inputs)
        out = []
        for f in self.outputs:
            parts: dict[Exponent, dict[Exponent, Fraction]] = {}
            for e, c in terms(f, [*self.inputs, *self.parameters]).items():
                parts.setdefault(e[:dx], {})[e[dx:]] = c
            out.append(tuple((a, tuple(sorted(t.items()))) for a, t in sorted(parts.items())))
        return tuple(out)


def pose_formula(network: FormulaNetwork) -> Posed:
    """Pose the loss as a member of the family of all data sets of this network and size."""
    from pgb.landscape.polynomial.solve import Posed

    split = network.split()
    samples = len(network.Y[0])
    moments = _moments(split)
    ridged = tuple(k for k, r in enumerate(network.ridge) if r != 0)
    by_moments = _generic_moments(moments, len(network.inputs), samples)
    system = formula_system(split, len(network.parameters), ridged, 0 if by_moments else samples)
    if by_moments:
        values = [_moment(network.X, g, None) for g in moments[0]]
        values += [_moment(network.X, a, network.Y[o]) for o, a in moments[1]]
    else:
        values = [row[s] for row in (*network.X, *network.Y) for s in range(samples)]
    values += [network.ridge[k] / network.scale for k in ridged]
    square = sum((v * v for row in network.Y for v in row), Fraction(0))
    return Posed(system, tuple(values), 2 * network.scale, network.scale * square, network.names, None)


def _moments(split: Sequence[Output]) -> tuple[list[Exponent], list[tuple[int, Exponent]]]:
    """Return the input powers gamma whose sums ``M_gamma`` the loss contains, and the (output, power) pairs of ``sum y x^alpha``."""
    pure: set[Exponent] = set()
    mixed = []
    for o, output in enumerate(split):
        powers = [a for a, _ in output]
        pure |= {tuple(i + j for i, j in zip(a, b, strict=True)) for a in powers for b in powers}
        mixed += [(o, a) for a in powers]
    return sorted(pure), mixed


def _moment(X: Matrix, power: Exponent, y: Sequence[Fraction] | None) -> Fraction:
    total = Fraction(0)
    for s in range(len(X[0]) if X else len(y or ())):
        term = Fraction(1) if y is None else y[s]
        for row, k in zip(X, power, strict=True):
            term *= row[s] ** k
        total += term
    return total


def _generic_moments(moments: tuple[list[Exponent], list[tuple[int, Exponent]]], dx: int, samples: int) -> bool:
    """Whether random data of this size have moments in general position: the moment map has full rank."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(dx, samples))
    if dx == 0:
        return True
    power = lambda a: np.prod([x[i] ** k for i, k in enumerate(a)], axis=0) if a else np.ones(samples)
    rows = []
    for g in moments[0]:
        row = np.zeros((dx, samples))
        for i in range(dx):
            if g[i]:
                lower = tuple(k - (j == i) for j, k in enumerate(g))
                row[i] = g[i] * power(lower)
        rows.append(row.ravel())
    constant = [g for g in moments[0] if not any(g)]  # M_0 = m is a number, any value of it is as good as generic
    pure = np.linalg.matrix_rank(np.array(rows)) >= len(moments[0]) - len(constant)
    for o in {o for o, _ in moments[1]}:
        powers = np.array([power(a) for q, a in moments[1] if q == o])
        pure = pure and bool(np.linalg.matrix_rank(powers) == len(powers))
    return bool(pure)


@lru_cache(maxsize=64)
def formula_system(split: tuple[Output, ...], n: int, ridged: tuple[int, ...], samples: int) -> System:
    """Return the system of a formula network for all data: `samples` = 0 takes moments as parameters, else inputs and targets."""
    support = _support(split, n, ridged)
    flips = sign_flips(support)
    family = _formula_family(split, tuple(range(n)), n, ridged, samples, flips)
    shared = family.q - len(ridged)
    strata = []
    patterns, excess = generic_patterns(support)
    for active in patterns:
        if not active:
            continue
        inside = support[(np.delete(support, list(active), axis=1) == 0).all(axis=1)][:, list(active)]
        small_flips = sign_flips(inside)
        small = _formula_family(split, active, n, ridged, samples, small_flips)
        wide = np.zeros((len(small_flips), n), np.bool_)
        wide[:, list(active)] = small_flips
        kept = [shared + k for k, p in enumerate(ridged) if p in active]
        strata.append(Stratum(small, active, (*range(shared), *kept), wide))
    return System(family, tuple(strata), origin=not bool((support.sum(axis=1) == 1).any()), excess=excess)


def _support(split: Sequence[Output], n: int, ridged: Sequence[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return the exponents of the parameters that a generic member's loss contains, constant excluded."""
    found: set[Exponent] = {tuple(2 * (k == p) for k in range(n)) for p in ridged}
    for output in split:
        single = {e for _, t in output for e, _ in t}
        found |= single | {tuple(i + j for i, j in zip(a, b, strict=True)) for a in single for b in single}
    return np.array(sorted(e for e in found if any(e)), np.int64).reshape(-1, n)


def _formula_family(
    split: tuple[Output, ...],
    active: tuple[int, ...],
    n: int,
    ridged: tuple[int, ...],
    samples: int,
    flips: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> Family:
    """Return the family in the active parameters, the others being zero."""
    pure, mixed = _moments(split)
    dx = len(pure[0])
    penalties = [k for k in ridged if k in active]
    shared = samples * (dx + len(split)) if samples else len(pure) + len(mixed)
    b = Builder(len(active), shared + len(penalties))
    first = len(active)
    if samples:
        M, Y = _moment_nodes(b, first, dx, samples, pure, mixed)
    else:
        M = {g: first + k for k, g in enumerate(pure)}
        Y = {a: first + len(pure) + k for k, a in enumerate(mixed)}
    ridge = {p: first + shared + k for k, p in enumerate(penalties)}
    F = [b.const(0)] * len(active)
    value = b.const(0)
    half = b.const(Fraction(1, 2))
    for o, output in enumerate(split):
        tables = {a: _restrict(b, t, active) for a, t in output}
        f = {a: horner(b, t, len(active)) for a, t in tables.items()}
        for a, fa in f.items():
            raised = b.total([b.mul(M[tuple(i + j for i, j in zip(a, c, strict=True))], f[c]) for c in f])
            g = b.sub(raised, Y[o, a])
            value = b.add(value, b.mul(fa, b.sub(b.mul(half, raised), Y[o, a])))
            for i in range(len(active)):
                slope = horner(b, derivative(b, tables[a], i), len(active))
                F[i] = b.add(F[i], b.mul(g, slope))
    for i, p in enumerate(active):
        if p in ridge:
            F[i] = b.add(F[i], b.mul(ridge[p], i))
            value = b.add(value, b.mul(b.mul(half, ridge[p]), b.mul(i, i)))
    linear = np.arange(shared, shared + len(penalties)) if samples else np.arange(shared + len(penalties))
    if samples:
        linear = np.concatenate([np.arange(samples * dx, shared), linear])
    groups = tuple((i,) for i in range(len(active)))
    kind = f"{samples} samples" if samples else "moments"
    name = f"formula network with {len(active)} of {n} parameters and {len(split)} outputs, {kind}"
    return Family(name, len(active), b.q, *gradient_tapes(b, F, value), flips, linear, groups)


def _moment_nodes(
    b: Builder, first: int, dx: int, samples: int, pure: Sequence[Exponent], mixed: Sequence[tuple[int, Exponent]]
) -> tuple[dict[Exponent, int], dict[tuple[int, Exponent], int]]:
    """Return nodes of the moments computed from inputs and targets as parameters."""

    def power(a: Exponent, s: int) -> int:
        out = b.const(1)
        for i, k in enumerate(a):
            for _ in range(k):
                out = b.mul(out, first + i * samples + s)
        return out

    target = lambda o, s: first + dx * samples + o * samples + s
    M = {g: b.total([power(g, s) for s in range(samples)]) for g in pure}
    Y = {(o, a): b.total([b.mul(target(o, s), power(a, s)) for s in range(samples)]) for o, a in mixed}
    return M, Y


def _restrict(b: Builder, table: Table, active: Sequence[int]) -> dict[Exponent, int]:
    """Return the terms in the active parameters only, coefficients as nodes."""
    chosen = set(active)
    return {
        tuple(e[i] for i in active): b.const(c) for e, c in table if all(k == 0 or i in chosen for i, k in enumerate(e))
    }
