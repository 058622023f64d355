"""What is left when not every orbit arrived at a regular zero: critical manifolds, multiple points, paths to infinity.

Search untrusted; a component is certified by an exact symmetry and balls, a multiple point by exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from pgb.evidence import Evidence
from pgb.landscape.polynomial.balls import Floats
from pgb.landscape.polynomial.digits import decimal, fraction, upper_decimal, value_text
from pgb.landscape.polynomial.exact import precision, upper
from pgb.landscape.polynomial.family import ComplexArray
from pgb.landscape.polynomial.lie import Field, symmetry_fields
from pgb.landscape.polynomial.multiple import is_exact_zero, multiplicity
from pgb.landscape.polynomial.symmetry import distinct, group
from pgb.landscape.results import Component, CriticalPoint, Kind

if TYPE_CHECKING:
    from pgb.landscape.polynomial.finish import Found
    from pgb.landscape.polynomial.solve import Posed

BITS = 256
STARTS = 240
FAR = 1e5


@dataclass(frozen=True, slots=True)
class Examined:
    """What explains the orbits that did not arrive.

    Attributes
    ----------
    points
        Real multiple or undecided points.
    components
        Critical manifolds.
    notes
        Sentences for the user.
    complex_points, multiplicity
        Number of distinct exact multiple points (real and complex) and the sum of their proved multiplicities.
    """

    points: tuple[CriticalPoint, ...] = ()
    components: tuple[Component, ...] = ()
    notes: tuple[str, ...] = ()
    complex_points: int = 0
    multiplicity: int = 0


def examine(posed: Posed, found: Found, digits: int, seed: int) -> Examined:
    """Explain the lost orbits of a search as far as possible."""
    notes: list[str] = []
    pending = found.pending[np.isfinite(found.pending).all(axis=1)]
    far = np.abs(pending).max(axis=1) > FAR if len(pending) else np.zeros(0, bool)
    if far.any():
        notes.append(f"{int(far.sum())} paths (one per sign orbit) of the generic member went to infinity")
    fields = symmetry_fields(posed.system.family, posed.parameters)
    components: list[Component] = []
    if fields:
        components = manifolds(posed, fields, pending[~far], seed, digits)
        if components:
            notes.append(f"the loss has a {len(fields)}-dimensional group of affine symmetries (proved exactly)")
    if posed.system.excess and not fields:
        starts = np.random.default_rng(seed).normal(size=(STARTS, posed.system.family.n))
        reached = _descend(posed, starts, np.array([float(p) for p in posed.parameters])) + 0j
        pending, far = np.concatenate([pending, reached]), np.concatenate([far, np.zeros(len(reached), bool)])
    points, count, total = multiple_points(posed, pending[~far], digits, manifold=bool(components))
    if not components:
        undecided, numerical = clusters(posed, pending[~far], [p for p, _ in points])
        points += [(p, None) for p in undecided]
        components += numerical
    return Examined(tuple(p for p, _ in points), tuple(components), tuple(notes), count, total)


def multiple_points(
    posed: Posed, pending: ComplexArray, digits: int, *, manifold: bool
) -> tuple[list[tuple[CriticalPoint, int | None]], int, int]:
    """Return exact rational multiple points among the candidates, the number of distinct ones and their total multiplicity."""
    family, parameters, n = posed.system.family, posed.parameters, posed.system.family.n
    candidates = {tuple(Fraction(0) for _ in range(n))} if posed.system.origin else set()
    for z in pending:
        if np.abs(z.imag).max() < 1e-3 * (1.0 + np.abs(z).max()):
            candidates.add(tuple(Fraction(round(float(v.real), 3)).limit_denominator(64) for v in z))
    out: list[tuple[CriticalPoint, int | None]] = []
    total = 0
    for point in sorted(candidates):
        if not is_exact_zero(family, parameters, point) or _regular(posed, point):
            continue
        m = multiplicity(family, parameters, point)
        if m is None and manifold:
            continue
        value = posed.factor * family.value.run_exact(list(point), list(parameters))[0] + posed.offset
        total += m or 0
        status = Evidence.UNDECIDED if m is None else Evidence.CERTIFIED
        text = {name: decimal(v, digits) for name, v in zip(posed.names, point, strict=True)}
        method = {"method": "exact gradient and local dual space", "point": [str(v) for v in point]}
        p = CriticalPoint(text, decimal(value, digits), Kind.DEGENERATE, None, status, "0", None, m, method)
        out.append((p, m))
    return out, sum(1 for _, m in out if m is not None), total


def _regular(posed: Posed, point: Sequence[Fraction]) -> bool:
    """Whether the Hessian at an exact point is invertible (exact determinant)."""
    from flint import fmpq, fmpq_mat

    family, n = posed.system.family, posed.system.family.n
    out = family.full.run_exact(list(point), list(posed.parameters))
    H, k = [[fmpq(0)] * n for _ in range(n)], n
    for j in range(n):
        for i in range(j + 1):
            H[i][j] = H[j][i] = fmpq(out[k].numerator, out[k].denominator)
            k += 1
    return bool(fmpq_mat(H).det() != 0)


def clusters(
    posed: Posed, pending: ComplexArray, known: Sequence[CriticalPoint]
) -> tuple[list[CriticalPoint], list[Component]]:
    """Return what singular real end points suggest: undecided points, one per cluster, and manifolds (numerical), one per value."""
    known_points = [np.array([float(Fraction(v)) for v in p.theta.values()]) for p in known]
    limits = [z for z in (_limit(posed, z) for z in pending) if z is not None]
    if not limits:
        return [], []
    images = [s * z for z in limits for s in group(posed.system.family.flips, posed.system.family.n)]
    points = np.array(images)
    points = points[distinct(points, 1e-5)]
    out: list[CriticalPoint] = []
    sets: dict[str, Component] = {}
    for z in points:
        if np.abs(z.imag).max() > 1e-5 * (1.0 + np.abs(z).max()):
            continue
        if any(np.abs(z - k).max() < 1e-4 for k in known_points):
            continue
        if _surely_regular(posed, z.real):
            continue
        theta = {name: f"{v:.8g}" for name, v in zip(posed.names, z.real, strict=True)}
        at = posed.system.family.value.run(list(z.real), [float(p) for p in posed.parameters], float)[0]
        value = f"{float(posed.factor) * at + float(posed.offset):.8g}"
        dimension = _slides(posed, z.real)
        if dimension:
            why = "Newton's method converges to other critical points in every null direction of the Hessian (floating point only)"
            sets.setdefault(f"{float(value):.5f}", Component(dimension, theta, value, Evidence.NUMERICAL, why))
            continue
        certificate = {
            "method": "end of several paths; the Hessian is singular to working precision; a cluster, not a certificate"
        }
        out.append(
            CriticalPoint(theta, value, Kind.DEGENERATE, None, Evidence.UNDECIDED, "inf", None, None, certificate)
        )
    return out, list(sets.values())


def _surely_regular(posed: Posed, x: Floats) -> bool:
    """Whether the Hessian is far from singular: such a point belongs to the regular ones."""
    _, J = posed.system.family.evaluate(x[None], np.array([float(v) for v in posed.parameters]))
    s = np.linalg.svd(J[0].real, compute_uv=False)
    return bool(s[-1] > 1e-3 * (1e-3 + s[0]))


def _slides(posed: Posed, x: Floats) -> int:
    """Return the number of null directions of the Hessian if critical points continue in all of them, else 0."""
    p = np.array([float(v) for v in posed.parameters])
    _, J = posed.system.family.evaluate(x[None], p)
    w, V = np.linalg.eigh(J[0].real)
    null = V[:, np.abs(w) < 1e-4 * (1e-3 + np.abs(w).max())].T
    step = 0.02 * (1.0 + np.abs(x).max())
    for v in null:
        end = _descend(posed, (x + step * v)[None], p)
        if len(end) == 0 or not 0.3 * step < np.linalg.norm(end[0] - x) < 3.0 * step:
            return 0
    return len(null)


def _limit(posed: Posed, z: ComplexArray) -> ComplexArray | None:
    """Follow Newton's (linear) convergence to a singular zero in floats; None where it does not settle."""
    family = posed.system.family
    p = np.array([float(v) for v in posed.parameters])
    x = z[None].copy()
    for _ in range(60):
        F, J = family.evaluate(x, p)
        step = np.linalg.lstsq(J[0], F[0], rcond=1e-13)[0]
        if not np.isfinite(step).all() or np.abs(step).max() > 1.0 + np.abs(x).max():
            break
        x = x - step
        if np.abs(step).max() < 1e-9 * (1.0 + np.abs(x).max()):
            break
    F, _ = family.evaluate(x, p)
    small = np.abs(F).max() < 1e-8 * (1.0 + np.abs(x).max() ** 3)
    return x[0] if small and np.abs(x - z).max() < 0.1 * (1.0 + np.abs(z).max()) else None


def manifolds(posed: Posed, fields: Sequence[Field], pending: ComplexArray, seed: int, digits: int) -> list[Component]:
    """Search real critical points on which the symmetry group acts with orbits of positive dimension, and certify one per value."""
    family, n = posed.system.family, posed.system.family.n
    rng = np.random.default_rng(seed)
    starts = [rng.normal(size=n) * 10.0 ** rng.uniform(-0.7, 0.7) for _ in range(STARTS)]
    starts += [z.real + 0.1 * z.imag for z in pending[:STARTS]]
    p = np.array([float(v) for v in posed.parameters])
    out: dict[tuple[str, int], Component] = {}
    for x in _descend(posed, np.array(starts), p):
        V = np.array([f.at(list(x), float) for f in fields]).T
        s = np.linalg.svd(V, compute_uv=False)
        rank = int((s > 1e-6 * (1.0 + np.abs(x).max())).sum())
        _, J = family.evaluate(x[None], p)
        nullity = int((np.abs(np.linalg.eigvalsh(J[0].real)) < 1e-6 * (1.0 + np.abs(J).max())).sum())
        if rank == 0:
            continue
        at = float(posed.factor) * float(family.value.run(list(x), list(p), float)[0]) + float(posed.offset)
        key = (f"{at / (1.0 + abs(float(posed.offset))):.8f}", rank)
        if key in out:
            continue
        found = certify_orbit(posed, fields, x, rank)
        if found is None:
            continue
        theta, radius = found
        out[key] = _component(posed, theta, radius, rank, nullity, digits)
    return sorted(out.values(), key=lambda c: (float(c.value or 0), c.dimension))


def _descend(posed: Posed, x: Floats, p: Floats) -> Floats:
    """Gauss-Newton on the gradient with pseudo-inverse and halving, from many starts at once; only converged rows are returned."""
    family = posed.system.family
    for _ in range(60):
        F, J = (part.real for part in family.evaluate(x, p))
        good = np.isfinite(F).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
        x, F, J = x[good], F[good], J[good]
        if len(x) == 0:
            return x
        step = (np.linalg.pinv(J, rcond=1e-9) @ F[:, :, None])[:, :, 0]
        size = np.linalg.norm(F, axis=1)
        scale = np.ones(len(x))
        for _ in range(8):
            trial = np.linalg.norm(family.evaluate(x - scale[:, None] * step, p)[0].real, axis=1)
            scale = np.where(trial < size, scale, 0.5 * scale)
        x = x - scale[:, None] * step
    F = family.evaluate(x, p)[0].real
    return np.asarray(x[np.abs(F).max(axis=1) < 1e-10 * (1.0 + np.abs(x).max(axis=1))])


def certify_orbit(posed: Posed, fields: Sequence[Field], x: Floats, rank: int) -> tuple[list[Any], float] | None:
    """Certify a real critical point whose symmetry orbit has dimension `rank`.

    With r = rank fields v_j and rows c_i consider ``(grad L(t) + sum_j mu_j v_j(t), c_i . (t - x))`` in (t, mu). Krawczyk proves
    a real zero near (x, 0). There ``0 = <grad L, v_i> = -sum_j mu_j <v_j, v_i>``; the Gram matrix of the v_j is proved invertible on
    the ball, so mu = 0: t is critical, and so is its whole orbit, of dimension r at t.

    Returns
    -------
    (balls, radius) or None
        The point as n real Arb balls, and the radius of the balls.
    """
    from flint import arb, arb_mat, fmpq

    family, n = posed.system.family, posed.system.family.n
    lift = lambda v: arb(fmpq(v.numerator, v.denominator))
    V = np.array([f.at(list(x), float) for f in fields]).T
    chosen = _independent(V, rank)
    if len(chosen) < rank:
        return None
    use = [fields[j] for j in chosen]
    slices = np.linalg.qr(V[:, chosen])[0].T
    with precision(BITS):
        parameters = [lift(v) for v in posed.parameters]
        rows = [[arb(float(v)) for v in row] for row in slices]
        centre = [arb(float(v)) for v in x]

        def evaluate(t: list[Any], mu: list[Any]) -> tuple[list[Any], Any]:
            out = family.full.run(t, parameters, lift)
            v = [f.at(t, lift) for f in use]
            G = [out[i] + sum((m * w[i] for m, w in zip(mu, v, strict=True)), arb(0)) for i in range(n)]
            G += [sum((c * (a - b) for c, a, b in zip(row, t, centre, strict=True)), arb(0)) for row in rows]
            J = [[arb(0)] * (n + rank) for _ in range(n + rank)]
            k = n
            for j in range(n):
                for i in range(j + 1):
                    J[i][j] = J[i][j] + out[k]
                    if i != j:
                        J[j][i] = J[j][i] + out[k]
                    k += 1
            for m, f in zip(mu, use, strict=True):
                for i in range(n):
                    for j in range(n):
                        if f.matrix[i][j]:
                            J[i][j] = J[i][j] + m * lift(f.matrix[i][j])
            for j in range(rank):
                for i in range(n):
                    J[i][n + j] = v[j][i]
                    J[n + j][i] = rows[j][i]
            return G, arb_mat(J)

        found = _krawczyk(evaluate, list(centre), [arb(0)] * rank)
        if found is None:
            return None
        balls, radius = found
        v = [f.at(balls, lift) for f in use]
        gram = arb_mat([[sum((p * q for p, q in zip(a, b, strict=True)), arb(0)) for b in v] for a in v])
        if not (gram.det().is_finite() and abs(gram.det()) > 0):
            return None
        return balls, radius


def _krawczyk(evaluate: Any, t: list[Any], mu: list[Any]) -> tuple[list[Any], float] | None:
    """Newton, then the contraction test of `exact` in real balls for the unknowns (t, mu)."""
    from flint import arb, arb_mat

    n, r = len(t), len(mu)
    C = None
    try:
        for _ in range(10):
            G, J = evaluate(t, mu)
            C = arb_mat([[J[i, j].mid() for j in range(n + r)] for i in range(n + r)]).inv(nonstop=True)
            C = arb_mat([[C[i, j].mid() for j in range(n + r)] for i in range(n + r)])
            step = C * arb_mat([[g] for g in G])
            t = [(a - step[i, 0]).mid() for i, a in enumerate(t)]
            mu = [(m - step[n + i, 0]).mid() for i, m in enumerate(mu)]
    except ZeroDivisionError:
        return None
    G, _ = evaluate(t, mu)
    step = C * arb_mat([[g] for g in G])
    eta = max(*(upper(step[i, 0]) for i in range(n + r)), 2.0**-900)
    for radius in (8.0 * eta, 1e-12):
        if not (math.isfinite(eta) and 2.0 * eta <= radius):
            continue
        around = arb(0, radius)
        _, J = evaluate([a + around for a in t], [m + around for m in mu])
        A = C * J
        rows = [sum((abs(A[i, j] - int(i == j)) for j in range(n + r)), arb(0)) for i in range(n + r)]
        if max(upper(v) for v in rows) <= 0.5:
            return [a + arb(0, 2.0 * eta) for a in t], 2.0 * eta
    return None


def _independent(V: Floats, rank: int) -> list[int]:
    """Return columns that span, by pivoted orthogonalisation."""
    R, out = V.copy(), []
    for _ in range(rank):
        size = np.linalg.norm(R, axis=0)
        j = int(size.argmax())
        if size[j] <= 1e-9:
            break
        out.append(j)
        q = R[:, j] / size[j]
        R = R - np.outer(q, q @ R)
    return out


def _component(posed: Posed, theta: list[Any], radius: float, rank: int, nullity: int, digits: int) -> Component:
    """Describe a certified orbit."""
    from flint import arb, fmpq

    lift = lambda v: arb(fmpq(v.numerator, v.denominator))
    with precision(BITS):
        value = posed.system.family.value.run(theta, [lift(v) for v in posed.parameters], lift)[0]
        value = value * lift(posed.factor) + lift(posed.offset)
    text = {name: decimal(fraction(t.mid()), digits) for name, t in zip(posed.names, theta, strict=True)}
    why = (
        f"the orbit of a critical point (certified within {upper_decimal(Fraction(radius) + Fraction(1, 10**digits))} of the "
        f"witness) under affine symmetries of the loss (proved exactly) has dimension {rank}"
    )
    if nullity > rank:
        why += f"; the Hessian has {nullity} numerically null directions there, so the set may be larger"
    return Component(rank, text, value_text(value, digits), Evidence.CERTIFIED, why)
