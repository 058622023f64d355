"""TRUSTED. A proved upper bound for the number of all complex critical points, by one rank modulo a prime.

Theorem. Let J be an ideal of Q[z_1..z_N] and g_1, ..., g_s in J polynomials with rational coefficients. Let C be a finite set of
monomials and M the matrix whose rows are those products m g_j (m a monomial) that involve only monomials of C. Let p be a prime
that divides no denominator, B a subset of C, and suppose that modulo p the columns of M outside B are linearly independent
and span (rank = |C| - |B|). Then they are so over Q, since a minor that is not 0 modulo p is not 0; so every monomial of C is
modulo J a rational combination of B. If moreover 1 is in C and ``z_i b`` is in C for every variable and every b in B, then B spans
Q[z]/J: the common zeros of J are finitely many, at most |B|, counted with multiplicity. Nothing is assumed about p.

Here J comes from a linear network with one hidden layer, or from a chain of scalar layers, whose gradient is
``A W1 S + Th W1 - W2^T R`` and ``W2 B + L2 W2 - R W1^T`` with new variables A = W2^T W2, B = W1 S W1^T. Multiplying the first by
W1^T, the second by W2^T gives ``W2^T (L2 W2) = (Th W1) W1^T`` and ``A B + W2^T (L2 W2) = W2^T R W1^T``: with these in the
list, the finite shapes below catch everything that the naive compactifications send to infinity.

When X has rank r < dx, ``X X^T = U S U^T`` and ``Y X^T = R U^T``, the gradient in row a of W1 is ``z U^T + l_a W1_a = 0`` with
``z = W2^T (W2 W1 U S - R)``. So W1_a = -z U^T / l_a, and P_a = W1_a U satisfies ``z_a + P_a Th_a = 0`` with
``Th_a = (U^T diag(1/l_a) U)^-1``: critical points correspond one to one, with multiplicity, to those of the network in (P, W2) with
r inputs and the quadratic ridge Th_a. (This needs l_a != 0 entrywise and the matrix invertible, which is checked.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pgb.landscape.polynomial.network import LinearNetwork

PRIME = 2147483629
MAX_COLUMNS = 900

Exponent = tuple[int, ...]
Poly = dict[Exponent, Fraction]
PolyMatrix = list[list[Poly]]


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `count` complex critical points with multiplicity; `how` names the shape of the matrix that proves it."""

    count: int
    how: str


@dataclass(frozen=True, slots=True, eq=False)
class Extended:
    """Elements of the ideal, the sign character of each variable (bit mask), and groups of variables with a common degree."""

    generators: tuple[Poly, ...]
    characters: tuple[int, ...]
    groups: tuple[int, ...]


def span(extended: Extended, inside: Callable[[Exponent], bool], candidates: Sequence[Exponent]) -> int | None:
    """Apply the theorem to C = the candidates that lie `inside`; return |B| or None where the shape does not close.

    The matrix is block diagonal by sign character, and each block is treated alone.
    """
    n = len(extended.characters)
    C = {e for e in candidates if inside(e)}
    if (0,) * n not in C:
        return None
    blocks: dict[int, list[Exponent]] = {}
    for e in C:
        blocks.setdefault(_character(e, extended.characters), []).append(e)
    shifts = [tuple(int(i == k) for i in range(n)) for k in range(n)]
    total = 0
    for mark, block in sorted(blocks.items()):
        if len(block) > MAX_COLUMNS:
            return None
        size = _block(extended, mark, block, C, shifts)
        if size is None:
            return None
        total += size
    return total


def _character(e: Exponent, characters: Sequence[int]) -> int:
    out = 0
    for k, c in zip(e, characters, strict=True):
        if k & 1:
            out ^= c
    return out


def _plus(a: Exponent, b: Exponent) -> Exponent:
    return tuple(i + j for i, j in zip(a, b, strict=True))


def _block(
    extended: Extended, mark: int, block: list[Exponent], C: set[Exponent], shifts: Sequence[Exponent]
) -> int | None:
    """Return the number of free columns of one block if all of them may be multiplied by every variable, else None."""
    from flint import nmod_mat

    inner = {e for e in block if all(_plus(e, s) in C for s in shifts)}
    columns = sorted(block, key=lambda e: (e in inner, -sum(e), e))
    place = {e: k for k, e in enumerate(columns)}
    rows: list[list[int]] = []
    for g in extended.generators:
        items = [(e, _residue(c)) for e, c in g.items()]
        lead = items[0][0]
        sign = _character(lead, extended.characters) ^ mark
        for e in block:
            m = tuple(i - j for i, j in zip(e, lead, strict=True))
            if min(m) < 0 or _character(m, extended.characters) != sign:
                continue
            spots = [(place.get(_plus(m, f)), c) for f, c in items]
            if any(s is None for s, _ in spots):
                continue
            row = [0] * len(columns)
            for s, c in spots:
                row[s or 0] = c
            rows.append(row)
    if not rows:
        return None
    reduced, rank = nmod_mat(len(rows), len(columns), [v for row in rows for v in row], PRIME).rref()
    pivots, i = set(), 0
    for j in range(len(columns)):
        if i < rank and int(reduced[i, j]) != 0:
            pivots.add(j)
            i += 1
    if len(pivots) != rank:
        return None
    free = [columns[j] for j in range(len(columns)) if j not in pivots]
    return len(free) if all(e in inner for e in free) else None


def _residue(c: Fraction) -> int:
    if c.denominator % PRIME == 0:
        raise ZeroDivisionError
    return c.numerator * pow(c.denominator, -1, PRIME) % PRIME


def network_bound(network: LinearNetwork) -> Bound | None:
    """Return a proved bound for a linear network, or None where no shape within the size limit closes (or none applies).

    Parameters
    ----------
    network
        One hidden layer, or all widths 1; every ridge weight positive. With two hidden units or more only rank 1 and one output.
    """
    if any(r <= 0 for r in network.ridge):
        return None
    try:
        if all(w == 1 for w in network.widths):
            return _chain_bound(network)
        if len(network.widths) == 3:
            return _shallow_bound(network)
    except ZeroDivisionError:  # the prime divides a denominator, or the reduced ridge is singular
        return None
    return None


def _chain_bound(network: LinearNetwork) -> Bound | None:
    """Scalar layers: gradient and ``l_k w_k^2 = l_1 w_1^2`` (w_k times the k-th equation minus w_1 times the first)."""
    _, parameters = network.member()
    N = network.n
    S, R, ridge = parameters[0], parameters[1], parameters[2:]
    unit = [tuple(int(i == k) for i in range(N)) for k in range(N)]
    generators: list[Poly] = []
    for k in range(N):
        generators.append(
            {
                tuple(2 - (i == k) for i in range(N)): S,
                tuple(int(i != k) for i in range(N)): -R,
                unit[k]: ridge[k],
            }
        )
    generators += [{_plus(unit[k], unit[k]): ridge[k], _plus(unit[0], unit[0]): -ridge[0]} for k in range(1, N)]
    generators = [{e: c for e, c in g.items() if c} for g in generators]
    characters = tuple((1 << k if k < N - 1 else 0) ^ (1 << (k - 1) if k else 0) for k in range(N))
    extended = Extended(tuple(generators), characters, (1,) * N)
    for top in (2 * N, 2 * N + 2, 2 * N + 4):
        candidates = list(itertools.product(range(top + 1), *[range(4)] * (N - 1)))
        for width in (2, 3):
            inside = lambda e, w=width: all(k <= w for k in e[1:])
            size = span(extended, inside, candidates)
            if size is not None:
                return Bound(size, f"monomials of degree at most {top} in the first weight and {width} in each other")
    return None


def _shallow_bound(network: LinearNetwork) -> Bound | None:
    extended = shallow_ideal(network)
    parts = extended.groups
    if network.widths[1] > 1 and (network.widths[2] > 1 or network.rank() > 1):
        return None  # the shapes below do not close there: no need to try
    box = ("w <= 4, a <= 2, b <= 2", lambda w, a, b: w <= 4 and a <= 2 and b <= 2)
    cone = ("w + 2a + 2b <= 4", lambda w, a, b: w + 2 * a + 2 * b <= 4)
    shapes: list[tuple[str, Callable[[int, int, int], bool]]] = [box if network.widths[1] == 1 else cone]
    for name, shape in shapes:
        candidates = list(_within(parts, shape))
        if len(candidates) > MAX_COLUMNS << network.widths[1]:
            continue
        size = span(extended, lambda _: True, candidates)
        if size is not None:
            return Bound(size, f"monomials of degree w in the weights, a in A and b in B with {name}")
    return None


def _within(parts: tuple[int, ...], shape: Callable[[int, int, int], bool]) -> Iterator[Exponent]:
    pieces = [[(d, e) for d in range(7) for e in _exponents(n, d)] for n in parts]
    for w, a, b in itertools.product(*pieces):
        if shape(w[0], a[0], b[0]):
            yield (*w[1], *a[1], *b[1])


def _exponents(n: int, degree: int) -> Iterator[Exponent]:
    if n == 1:
        yield (degree,)
        return
    for k in range(degree + 1):
        for rest in _exponents(n - 1, degree - k):
            yield (k, *rest)


def reduced_data(network: LinearNetwork) -> tuple[Any, Any, list[Any], list[list[Fraction]]]:
    """Return S (r, r), R (dy, r), the quadratic ridge Th_a (r, r) of each unit and L2 (dy, d1) as exact matrices."""
    from flint import fmpq, fmpq_mat

    dx, d1, dy = network.widths
    r = network.rank()
    q = lambda v: fmpq(v.numerator, v.denominator)
    values = iter(network.member()[1])
    U = fmpq_mat([[q(next(values)) for _ in range(r)] for _ in range(dx)]) if r < dx else None
    S = fmpq_mat(r, r)
    for i in range(r):
        for j in range(i, r):
            S[i, j] = S[j, i] = q(next(values))
    R = fmpq_mat([[q(next(values)) for _ in range(r)] for _ in range(dy)])
    first = [[next(values) for _ in range(dx)] for _ in range(d1)]
    second = [[next(values) for _ in range(d1)] for _ in range(dy)]
    ridges = []
    for row in first:
        if U is None:
            ridges.append(fmpq_mat([[q(v) if i == j else fmpq(0) for j in range(dx)] for i, v in enumerate(row)]))
        else:
            D = fmpq_mat([[1 / q(v) if i == j else fmpq(0) for j in range(dx)] for i, v in enumerate(row)])
            ridges.append((U.transpose() * D * U).inv())
    return S, R, ridges, second


def shallow_ideal(network: LinearNetwork) -> Extended:
    """Return the ideal elements of a network with one hidden layer in the variables (W1 or P, W2, A, B)."""
    S, R, ridges, second = reduced_data(network)
    _, d1, dy = network.widths
    r = S.nrows()
    pairs = [(a, b) for a in range(d1) for b in range(a, d1)]
    weights, n = d1 * (r + dy), d1 * (r + dy) + 2 * len(pairs)
    exact = lambda v: Fraction(int(v.p), int(v.q))
    var = lambda k: {tuple(int(i == k) for i in range(n)): Fraction(1)}
    const = lambda v: {(0,) * n: v} if v else {}
    W1 = [[var(a * r + i) for i in range(r)] for a in range(d1)]
    W2 = [[var(d1 * r + i * d1 + a) for a in range(d1)] for i in range(dy)]
    A: PolyMatrix = [[{} for _ in range(d1)] for _ in range(d1)]
    B: PolyMatrix = [[{} for _ in range(d1)] for _ in range(d1)]
    for k, (a, b) in enumerate(pairs):
        A[a][b] = A[b][a] = var(weights + k)
        B[a][b] = B[b][a] = var(weights + len(pairs) + k)
    Sm = [[const(exact(S[i, j])) for j in range(r)] for i in range(r)]
    Rm = [[const(exact(R[i, j])) for j in range(r)] for i in range(dy)]
    L1 = [_row_times(W1[a], [[const(exact(ridges[a][i, j])) for j in range(r)] for i in range(r)]) for a in range(d1)]
    L2 = [[_mul(const(second[i][a]), W2[i][a]) for a in range(d1)] for i in range(dy)]
    t = lambda M: [list(row) for row in zip(*M, strict=True)]
    equations = [
        _sum(_dot(_dot(A, W1), Sm), L1, _neg(_dot(t(W2), Rm))),
        _sum(_dot(W2, B), L2, _neg(_dot(Rm, t(W1)))),
        _sum(_dot(t(W2), W2), _neg(A)),
        _sum(_dot(_dot(W1, Sm), t(W1)), _neg(B)),
        _sum(_dot(t(W2), L2), _neg(_dot(L1, t(W1)))),
        _sum(_dot(A, B), _dot(t(W2), L2), _neg(_dot(_dot(t(W2), Rm), t(W1)))),
    ]
    generators = [g for M in equations for row in M for g in row if g]
    marks = [1 << a for a in range(d1) for _ in range(r)] + [1 << a for _ in range(dy) for a in range(d1)]
    marks += [(1 << a) ^ (1 << b) for a, b in pairs] * 2
    return Extended(tuple(generators), tuple(marks), (weights, len(pairs), len(pairs)))


def _mul(a: Poly, b: Poly) -> Poly:
    out: Poly = {}
    for e, c in a.items():
        for f, d in b.items():
            k = _plus(e, f)
            out[k] = out.get(k, Fraction(0)) + c * d
    return {e: c for e, c in out.items() if c}


def _add(*terms: Poly) -> Poly:
    out: Poly = {}
    for t in terms:
        for e, c in t.items():
            out[e] = out.get(e, Fraction(0)) + c
    return {e: c for e, c in out.items() if c}


def _dot(A: PolyMatrix, B: PolyMatrix) -> PolyMatrix:
    columns = list(zip(*B, strict=True))
    return [[_add(*(_mul(a, b) for a, b in zip(row, col, strict=True))) for col in columns] for row in A]


def _row_times(row: list[Poly], M: PolyMatrix) -> list[Poly]:
    return _dot([row], M)[0]


def _neg(A: PolyMatrix) -> PolyMatrix:
    return [[{e: -c for e, c in a.items()} for a in row] for row in A]


def _sum(*matrices: PolyMatrix) -> PolyMatrix:
    return [[_add(*cells) for cells in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]
