"""Looks for a proof that a place is a local minimum on a face: eigenvectors, simple directions, symmetries; untrusted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from flint import fmpq, fmpq_mat

from pgb.landscape import certificates, proposals
from pgb.landscape.certificates import Refused
from pgb.landscape.derivatives import differentiate
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.curves import MAX_ORDER
from pgb.landscape.flat.even_order import along, expand
from pgb.landscape.flat.face import Face, Matrix, stack
from pgb.landscape.flat.fields import fields, rational_basis
from pgb.landscape.flat.pieces import piece
from pgb.landscape.place import PRECISION, combine, field_at, plain

MAX_DEPTH: Final = 6
MAX_PIECES: Final = 6
Proof = dict[str, Any]


def eigen(face: Face) -> tuple[list[float], Matrix] | None:
    """Return eigenvalues of the Hessian on the face and eigenvectors as columns in the face's coordinates."""
    hessian = face.hessian()
    if isinstance(hessian, Refused):
        return None
    small = certificates.congruence(hessian, face.basis)
    values, vectors = proposals.eigenbasis(small, PRECISION)
    return values, tuple(map(tuple, vectors))


def split(values: Sequence[float]) -> tuple[list[int], list[int], list[int]]:
    """Return the numbers of the eigenvalues that look negative, zero and positive."""
    numbers = range(len(values))
    return (
        [k for k in numbers if values[k] < 0],
        [k for k in numbers if values[k] == 0],
        [k for k in numbers if values[k] > 0],
    )


def columns(matrix: Matrix, numbers: Sequence[int]) -> Matrix:
    """Return some columns of a matrix."""
    return tuple(tuple(row[k] for k in numbers) for row in matrix)


def morse_bott(face: Face, rng: np.random.Generator) -> Iterator[Proof]:
    """Propose data for the Morse-Bott rule: fields first, then a plane of rational kernel directions, then both."""
    found = eigen(face)
    if found is None:
        return
    values, vectors = found
    negative, zero, positive = split(values)
    if negative or not zero:
        return
    basis = face.sub(columns(vectors, positive)).basis
    candidates = kernel_fields(face, rng)
    kernel = rational_kernel(vectors, zero)
    planes: list[Matrix] = [()]
    if kernel:
        planes += [
            face.sub(stack(list(choice))).basis
            for size in range(1, len(kernel) + 1)
            for choice in _choices(kernel, size)
        ]
    tried = 0
    for plane in planes:
        chosen = completed(face, plane, candidates, len(zero))
        if chosen is None:
            continue
        moving, minor = chosen
        tried += 1
        if tried > 12:
            return
        proof: Proof = {
            "rule": "morse-bott",
            "basis": plain(basis),
            "fields": plain(moving),
            "plane": plain(plane),
            "minor": minor,
        }
        if plane and not face.place.exact:
            from pgb.landscape.flat.cofactors import cofactors

            proof["cofactors"] = cofactors(face, plane)
        yield proof


def _choices(kernel: Sequence[Sequence[Fraction]], size: int) -> Iterator[tuple[Sequence[Fraction], ...]]:
    return itertools.islice(itertools.combinations(kernel, size), 4)


def kernel_fields(face: Face, rng: np.random.Generator) -> list[Any]:
    """Return fields that do not vanish at the place (and are along the face)."""
    from pgb.landscape.flat.morse_bott import tangent

    key = "fields"
    if key not in face.place._cache:
        face.place._cache[key] = [] if face.place.open_guards() else fields(face.place, rng)
    found = []
    for vector_field in face.place._cache[key]:
        value = [float(v.mid()) for v in field_at(face.place, vector_field)]
        if max(map(abs, value)) > 1e-8 and tangent(face, vector_field):
            found.append(vector_field)
    return found


def completed(face: Face, plane: Matrix, candidates: Sequence[Any], k: int) -> tuple[list[Any], list[int]] | None:
    """Add fields to a plane until k directions are independent; return the fields and the rows of a good minor."""
    n = face.place.n
    chosen: list[Any] = []
    A = np.array([[float(v) for v in row] for row in plane]) if plane else np.zeros((n, 0))
    for vector_field in candidates:
        if A.shape[1] == k:
            break
        value = np.array([float(v.mid()) for v in field_at(face.place, vector_field)])
        B = np.column_stack([A, value / np.linalg.norm(value)])
        if np.linalg.svd(B, compute_uv=False)[-1] > 1e-6:
            A, chosen = B, [*chosen, vector_field]
    if A.shape[1] != k or (k and np.linalg.svd(A, compute_uv=False)[-1] < 1e-6):
        return None
    return chosen, _minor(A)


def _minor(A: np.ndarray) -> list[int]:
    """Return rows of a well-conditioned square minor, by pivoted elimination."""
    from scipy.linalg import qr

    _, _, order = qr(A.T, pivoting=True)
    return sorted(int(i) for i in order[: A.shape[1]])


def rational_kernel(vectors: Matrix, zero: Sequence[int]) -> list[list[Fraction]]:
    """Return rational vectors (in the face's coordinates) that span the apparent kernel, or as many as can be read off."""
    V = np.array([[float(row[k]) for row in vectors] for k in zero])
    return rational_basis(V)


def simple_directions(face: Face, vectors: Matrix, zero: Sequence[int]) -> list[list[Fraction]]:
    """Return e_i, e_i - e_j and e_i + e_j, in the face's coordinates, that are orthogonal to the apparent kernel."""
    d = face.dim
    kernel = np.array([[float(row[k]) for k in zero] for row in vectors]).reshape(d, len(zero))
    found = []
    unit = [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    for i in range(d):
        options = [unit[i]]
        options += [
            [a + s * b for a, b in zip(unit[i], unit[j], strict=True)] for j in range(i + 1, d) for s in (-1, 1)
        ]
        found += [v for v in options if np.all(np.abs(np.array(v, dtype=float) @ kernel) < 1e-8)]
    return found


def critical_slices(face: Face, rng: np.random.Generator) -> Iterator[tuple[Proof, Face]]:
    """Propose slices across which the derivative vanishes identically; the proof on the slice is still to be added."""
    found = eigen(face)
    if found is None:
        return
    values, vectors = found
    negative, zero, positive = split(values)
    if negative or not positive or not zero:
        return
    range_basis = rational_basis(np.array([[float(row[k]) for row in vectors] for k in positive]))
    for candidates in (simple_directions(face, vectors, zero), range_basis):
        across = _stable(face, candidates, rng)
        if not across:
            continue
        inside = orthogonal(across, face.dim)
        T = face.sub(stack(across))
        small = face.sub(stack(inside)) if inside else Face(face.place, tuple(() for _ in face.basis))
        inner = eigen(T)
        if inner is None or min(inner[0]) <= 0:
            continue
        yield (
            {
                "rule": "critical slice",
                "across": plain(T.basis),
                "basis": plain(T.sub(inner[1]).basis),
                "slice": plain(small.basis),
            },
            small,
        )


def _stable(face: Face, candidates: list[list[Fraction]], rng: np.random.Generator) -> list[list[Fraction]]:
    """Drop candidates until every derivative along one of them vanishes numerically on the slice orthogonal to all."""
    programs = face.programs()
    if isinstance(programs, Refused):
        return []
    centre = np.array([float(b.mid()) for b in face.place.balls()])
    B = np.array([[float(v) for v in row] for row in face.basis])
    while True:
        basis = independent(candidates)
        inside = orthogonal(basis, face.dim)
        free = np.array([[float(v) for v in w] for w in inside]).reshape(len(inside), face.dim).T
        points = centre[:, None] + B @ (free @ (0.05 * rng.uniform(-1, 1, (len(inside), 6))))
        slopes = B.T @ programs.gradient.numpy(points)
        size = 1e-9 * (1 + float(np.max(np.abs(slopes))))
        kept = [v for v in candidates if np.all(np.abs(np.array(v, dtype=float) @ slopes) < size)]
        if len(kept) == len(candidates) or not kept:
            return independent(kept)
        candidates = kept


def independent(vectors: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """Return a maximal linearly independent part of the vectors."""
    chosen: list[list[Fraction]] = []
    for v in vectors:
        if certificates.rank([*chosen, list(v)]) > len(chosen):
            chosen.append(list(v))
    return chosen


def orthogonal(vectors: Sequence[Sequence[Fraction]], d: int) -> list[list[Fraction]]:
    """Return a rational basis of the orthogonal complement in R^d."""
    from sympy import Matrix as SympyMatrix
    from sympy import Rational

    if not vectors:
        return [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    rows = SympyMatrix([[Rational(v.numerator, v.denominator) for v in row] for row in vectors])
    return [[Fraction(int(x.p), int(x.q)) for x in v] for v in rows.nullspace()]


def sharp_slices(face: Face) -> Iterator[tuple[Proof, Face]]:
    """Propose coordinates of the face as sharp ones, then directions across the zero sets of affine guards."""
    if not face.open_guards():
        return
    d = face.dim
    unit = [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    pairs = [(unit[i], [unit[j] for j in range(d) if j != i]) for i in range(d)]
    for normal in _guard_normals(face):
        pivot = max(range(d), key=lambda i: abs(normal[i]))
        if sum(1 for x in normal if x) > 1:
            pairs.append((unit[pivot], orthogonal([normal], d)))
    for direction, inside in pairs:
        small = face.sub(stack(inside)) if inside else Face(face.place, tuple(() for _ in face.basis))
        across = face.sub(stack([direction])).basis
        yield {"rule": "sharp coordinate", "across": plain(across), "slice": plain(small.basis)}, small


def _guard_normals(face: Face) -> Iterator[list[Fraction]]:
    """Yield the rational gradients of the guards that may vanish, in the face's coordinates."""
    place = face.place
    for k in face.open_guards():
        try:
            slopes = place.ring.run(
                differentiate(place.source.guard_values().pick([k])).gradient, list(place.coordinates)
            )
            forms = [combine(place.ring, {}, column, slopes) for column in zip(*face.basis, strict=True)]
        except Undecided:
            continue
        values = [place.ring.rational(f) for f in forms]
        normal = [v for v in values if v is not None]
        if len(normal) == face.dim and any(normal):
            yield normal


def constant_direction(face: Face, rng: np.random.Generator) -> Proof | None:
    """Return data that show L constant on a curve through the place, or None."""
    from pgb.landscape.recheck import constant_line

    found = eigen(face)
    if found is None:
        return None
    values, vectors = found
    for v in rational_kernel(vectors, split(values)[1]):
        data: Proof = {"line": plain(product_vector(face.basis, v))}
        if constant_line(face, data):
            return data
    for vector_field in kernel_fields(face, rng):
        data = {"field": plain(vector_field)}
        if constant_line(face, data):
            return data
    return None


def product_vector(basis: Matrix, v: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return B v."""
    return tuple(sum((b * x for b, x in zip(row, v, strict=True)), Fraction(0)) for row in basis)


def even_order(face: Face) -> Iterator[Proof]:
    """Propose a curve along a one-dimensional kernel, bent order by order so that derivatives across it vanish."""
    found = eigen(face)
    if found is None:
        return
    values, vectors = found
    negative, zero, _ = split(values)
    if negative or len(zero) != 1:
        return
    kernel = rational_kernel(vectors, zero)
    if not kernel:
        return
    direction = kernel[0]
    pivot = max(range(face.dim), key=lambda i: abs(direction[i]))
    unit = [[Fraction(int(i == j)) for j in range(face.dim)] for i in range(face.dim)]
    across = face.sub(stack([u for i, u in enumerate(unit) if i != pivot])) if face.dim > 1 else None
    curve = [list(product_vector(face.basis, direction))]
    for order in range(4, MAX_ORDER + 1, 2):
        while across is not None and 2 * (len(curve) + 1) <= order:
            bend = _next_bend(face, across, curve)
            if bend is None:
                return
            curve.append(bend)
        while across is None and 2 * (len(curve) + 1) <= order:
            curve.append([Fraction(0)] * face.place.n)
        yield {
            "rule": "even order",
            "across": plain(across.basis if across else tuple(() for _ in face.basis)),
            "curve": plain(tuple(curve)),
            "order": order,
        }


def _next_bend(face: Face, across: Face, curve: list[list[Fraction]]) -> list[Fraction] | None:
    """Return w with V^T (H w + the next coefficient of the gradient) = 0, where it is rational."""
    programs = face.programs()
    if isinstance(programs, Refused):
        return None
    ring, n, m = face.place.ring, face.place.n, len(curve) + 1
    try:
        _, slopes = expand(face, programs, curve, m)
        flat = ring.run(programs.hessian, list(face.place.coordinates))
    except Undecided:
        return None
    columns_ = list(zip(*across.basis, strict=True))
    right = [ring.rational(along(ring, slopes, c)[m]) for c in columns_]
    rows = [flat[n * i : n * i + n] for i in range(n)]
    left = [
        [ring.rational(combine(ring, {}, a, [combine(ring, {}, b, row) for row in rows])) for b in columns_]
        for a in columns_
    ]
    if any(v is None for v in right):
        return None
    if not any(right):
        return [Fraction(0)] * n
    if any(v is None for row in left for v in row):
        return None
    matrix = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row if v is not None] for row in left])
    try:
        solved = matrix.solve(fmpq_mat([[fmpq(-v.numerator, v.denominator)] for v in right if v is not None]))
    except ZeroDivisionError:
        return None
    weights = [Fraction(int(solved[i, 0].p), int(solved[i, 0].q)) for i in range(len(columns_))]
    return list(product_vector(across.basis, weights))


def convex_image(face: Face) -> Iterator[Proof]:
    """Propose the convex-image rule: with gradients, or with subgradients found by linear programming at kinks of the losses."""
    from pgb.landscape.flat.subgradients import subgradients

    chosen = subgradients(face)
    if chosen is not None:
        yield {"rule": "convex image", **({"subgradients": chosen} if chosen else {})}


def lowest_pieces(face: Face) -> Iterator[tuple[Proof, Face]]:
    """Propose each smooth piece at a kinked point as the lowest one."""
    place = face.place
    guards = place.open_guards()
    if not guards or face.dim != place.n or len(guards) > MAX_PIECES:
        return
    for signs in itertools.product((-1, 1), repeat=len(guards)):
        smooth = piece(place, dict(zip(guards, signs, strict=True)))
        if smooth.critical:
            yield {"rule": "lowest piece", "signs": list(signs)}, Face.whole(smooth)


def kernel_relations(face: Face, kernel: Sequence[Sequence[Fraction]]) -> list[Any]:
    """Return, for each entry of H v, v in the kernel, why it vanishes at a certified zero; None where no reason is found."""
    from pgb.landscape.flat.cofactors import slope_relation

    place = face.place
    programs, ring, n = face.programs(), place.ring, place.n
    if isinstance(programs, Refused):
        return []
    try:
        flat = ring.run(programs.hessian, list(place.coordinates))
        return [slope_relation(place, combine(ring, {}, v, flat[n * i : n * i + n])) for v in kernel for i in range(n)]
    except Undecided:
        return []
