"""What several checks of a theorem's failure share: conjunction of findings, and the added neurons near a = 0."""

from __future__ import annotations

import sympy

from pgb.cases.bench import Bench, Place, enclosure, shown
from pgb.cases.results import Finding
from pgb.cases.slopes import one_sided
from pgb.evidence import Evidence
from pgb.expressions import text
from pgb.objective import unit
from pgb.problem.facts import value_range


def together(*findings: Finding) -> Finding:
    """Return the conjunction: the first that is not True, else all sentences together."""
    for f in findings:
        if not f.holds:
            return f
    certificate = {str(n): dict(f.certificate) for n, f in enumerate(findings)}
    return Finding(
        True, "; ".join(f.sentence for f in findings), Evidence.weakest(*(f.evidence for f in findings)), certificate
    )


def a_nonzero(bench: Bench, place: Place) -> Finding:
    """Is some a_k not 0 at the place?"""
    signs = {v.name: bench.sign(v, place) for v in bench.added("a")}
    for name, sign in signs.items():
        if sign:
            return Finding(True, f"there {name} = {text(place.values[name])}, not 0")
    return Finding.open("a is not decided") if None in signs.values() else Finding(False, f"a = 0 at {place.name}")


def no_slope_in_a(bench: Bench, place: Place) -> Finding:
    """At a = 0 the one-sided slopes in a disagree, so dLt/da does not exist there (one output)."""
    sides = unit_slopes(bench, place) if bench.problem.network.dy == 1 else None
    if sides is None:
        return Finding.open("the one-sided slopes in a are not known")
    right, left = (bench.enclose(s, place) for s in sides)
    if right + left > 0:
        sentence = (
            f"from a = 0 Lt has slope {shown(right)} to the right and {shown(left)} to the left: dLt/da does not exist"
        )
        return Finding(True, sentence, certificate={"right": enclosure(right), "left": enclosure(left)})
    return Finding(False, "the one-sided slopes in a agree")


def unit_slopes(bench: Bench, place: Place) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Return the slopes of Lt at the place's theta and a = 0 to the right and to the left, as functions of (b, W).

    For one positive unit. Both count positive when Lt rises away from a = 0. None where a kink or a sign is not decided, and
    where theta is not exact.
    """
    if place.radius:
        return None
    problem = bench.problem
    q, a = problem.loss.q[0], bench.added("a")[0]
    right = left = sympy.S.Zero
    theta = {p: place.values[p.name] for p in problem.parameters}
    for i, x in enumerate(problem.data.x):
        shape = sympy.diff(unit(problem, 1, x), a)
        sides = one_sided(problem.sample_losses()[i], q, bench.outputs(i)[0].subs(theta, simultaneous=True))
        if sides is None or not value_range(shape).positive:
            return None
        right += sides[0] * shape
        left -= sides[1] * shape
    return problem.weight() * right, problem.weight() * left
