"""The PGB condition refuted: an induced model with a smaller value at a local minimum, for every small eps.

Perturbed points z + eps v and coefficients alpha are given as formulas in s = eps. Each identity is checked for all s
near one value by exact arithmetic; both sides are analytic in s, so it holds for all small s > 0 where alpha is defined
(which is everywhere but at isolated s).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

import sympy
from flint import arb

from pgb.cases.bench import Bench, shown
from pgb.cases.files import RAY, Claim
from pgb.cases.results import Finding
from pgb.condition.basis import gradient_basis
from pgb.condition.model import Model, full_point, model
from pgb.expressions import text
from pgb.landscape import balls, exact
from pgb.landscape.compile import compile_expressions
from pgb.problem.facts import without_kinks

SAMPLE: Final = (Fraction(1, 16), Fraction(1, 64))  # centre and radius of the s at which identities are checked
Values = dict[sympy.Symbol, sympy.Expr]


def induced_below(bench: Bench, claim: Claim) -> Finding:
    """Certify an induced model whose value is below Q(z) for every small eps > 0."""
    objective = bench.objective(claim.fields["of"])
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    points, alphas, outputs = (claim.fields[key] for key in ("points", "alpha", "outputs"))
    if place.radius or len(points) != len(alphas) or len(outputs) != bench.problem.data.m:
        return Finding(
            False, "needs an exact point, one alpha for each perturbed point, and one output for each sample"
        )
    m = model(objective)
    if not all(without_kinks(e) for e in (*m.slots, m.rho)):
        return Finding.open("phi or rho has a kink: identities in s are not known to extend")
    z = full_point(objective, place.values)
    basis = gradient_basis(m, z, [*bench.added("a")] if objective.name == "Lt" else [])
    if basis is None or bench.sign(m.rho, place) != 0:
        return Finding.open(f"no gradient basis is known at {place.name}, or the penalty there is not 0")
    moved = [z | {v: p[v.name] for v in z if v.name in p} for p in points]
    for point in moved:
        reason = _outside(m, z, point)
        if reason:
            return Finding.open(reason)
    wanted = [q for row in outputs for q in row]
    induced = _induced(m, moved, alphas)
    targets = [*wanted, sympy.S.Zero]  # the penalty of the induced model is 0
    if not all(_identical(e, t) for e, t in zip(induced, targets, strict=True)):
        return Finding.open(f"the induced model at {place.name} is not shown to have the stated outputs")
    losses = bench.problem.sample_losses()
    value = bench.problem.weight() * sympy.Add(
        *(
            l.subs(dict(zip(objective.q, row, strict=True)), simultaneous=True)
            for l, row in zip(losses, outputs, strict=True)
        )
    )
    sign = bench.sign(objective.expression - value, place)
    here, below = bench.enclose(objective.expression, place), bench.coordinate(value, 128)
    numbers = (
        f"an induced model with {len(points)} point(s) has value {shown(below)}, Q = {shown(here)} at {place.name}"
    )
    certificate = {
        "basis": basis.how,
        "points": [{n: text(e) for n, e in p.items()} for p in points],
        "alpha": [{n: text(e) for n, e in a.items()} for a in alphas],
    }
    if sign == 1:
        return Finding(
            True, f"for every sufficiently small eps > 0 {numbers}: the PGB gap is positive", certificate=certificate
        )
    return Finding(False, f"{numbers}: not below") if sign is not None else Finding.open(f"{numbers}: not decided")


def _outside(m: Model, z: Values, point: Values) -> str:
    """Say why a point is not z + s v with |v| <= 1 and unchanged phi and rho; empty where it is."""
    steps = [sympy.expand(point[v] - z[v]) for v in z]
    slopes = [sympy.cancel(step / RAY) for step in steps]
    if any(not slope.is_Rational for slope in slopes) or sympy.Add(*(slope**2 for slope in slopes)) > 1:
        return "a perturbed point is not z + s v with a rational v of norm at most 1"
    for e in (*m.slots, m.rho):
        if not _identical(e.subs(point, simultaneous=True), e.subs(z, simultaneous=True)):
            return "a perturbed point changes phi or rho"
    return ""


def _induced(m: Model, points: Sequence[Values], alphas: Sequence[Mapping[str, sympy.Expr]]) -> list[sympy.Expr]:
    """Return sum_{j,k} alpha_kj d_k (phi, rho)(z + eps v_j), in s."""
    sums: list[sympy.Expr] = [sympy.S.Zero] * (len(m.slots) + 1)
    for row, e in enumerate((*m.slots, m.rho)):
        for point, alpha in zip(points, alphas, strict=True):
            for v in m.variables:
                if v.name in alpha:
                    sums[row] += alpha[v.name] * sympy.diff(e, v).subs(point, simultaneous=True)
    return sums


def _identical(left: sympy.Expr, right: sympy.Expr) -> bool:
    """Do two expressions in s agree for all s near the sample value?"""
    ring = exact.Ring({RAY.name: arb(balls.exact(SAMPLE[0]), balls.exact(SAMPLE[1]))})
    try:
        (form,) = ring.run(compile_expressions([left - right], [RAY]), [ring.variable(RAY.name)])
        return ring.is_zero(form)
    except exact.Undecided:
        return False
