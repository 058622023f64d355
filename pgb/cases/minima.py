"""Certificates that a point is a local minimum of L or Lt, each a small rule with its hypotheses checked at the point.

The rules serve objectives whose minima are mostly flat (every local minimum of Lt is) and cases in which a hypothesis of
the theorems fails, so none of them uses a theorem about Lt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

import sympy

from pgb.cases.bench import PRECISION, Bench, Place, enclosure, shown
from pgb.cases.files import Claim
from pgb.cases.points import essential, gradient_signs, partial_sign, programs
from pgb.cases.results import Finding
from pgb.cases.slopes import one_sided
from pgb.expressions import step, text
from pgb.landscape import certificates, proposals
from pgb.landscape.balls import NoEnclosure
from pgb.objective import Objective, group_gradient, unit
from pgb.problem.facts import value_range

NEIGHBOURHOOD: Final = Fraction(1, 64)
Rule = Callable[[Bench, Objective, Place], Finding | None]


def local_minimum(bench: Bench, objective: Objective, place: Place) -> Finding:
    """Return the first rule's finding that decides, or why none does; the certificate names the rule.

    The certificate's ``strict`` is True or False where strictness in the variables that the objective depends on is decided,
    else None.
    """
    for rule in (_definite, _at_optimum, _by_outputs, _dead_unit, _convex_in_a, _on_boundary, _by_classification):
        found = rule(bench, objective, place)
        if found is not None:
            return found
    return Finding.open(f"no rule shows that {place.name} is a local minimum of {objective.name}")


def claim_local_minimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a local minimum, strict or flat where the file says so."""
    objective = bench.objective(claim.fields["of"])
    found = local_minimum(bench, objective, bench.complete(bench.place(claim.fields["at"]), objective))
    wanted = claim.fields.get("strict")
    if not found.holds or wanted is None:
        return found
    strict = found.certificate.get("strict")
    if strict is None:
        return Finding.open(f"{found.sentence}; whether it is strict is not decided", found.certificate)
    if strict is not wanted:
        word = "strict" if strict else "not strict"
        return Finding(False, f"{found.sentence}; it is {word}", certificate=found.certificate)
    return found


def _idle(objective: Objective) -> list[str]:
    kept = essential(objective)
    return [v.name for v in objective.variables if v not in kept]


def _definite(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """Zero gradient, exactly, and a positive definite Hessian in the variables that matter."""
    variables = essential(objective)
    signs = gradient_signs(bench, objective, place)
    if any(signs):
        return _not_critical(bench, objective, place, signs) if not bench.problem.region else None
    if None in signs or not variables:
        return None
    n = len(variables)
    try:
        flat = bench.run(programs(bench, objective).hessian, place, smooth=True)
    except NoEnclosure:
        return None
    matrix = [flat[i * n : (i + 1) * n] for i in range(n)]
    values, basis = proposals.eigenbasis(matrix, PRECISION)
    if not values or min(values) <= proposals.ZERO_RELATIVE * max(map(abs, values)):
        return None
    if certificates.positive_definite(matrix, basis, PRECISION) is not True:
        return None
    idle = _idle(objective)
    sentence = (
        f"{place.name} is a local minimum of {objective.name}, strict"
        + (f" in {', '.join(v.name for v in variables)}" if idle else "")
        + f": the gradient is exactly 0 and the Hessian positive definite (least eigenvalue about {min(values):.4g})"
    )
    return Finding(
        True,
        sentence,
        certificate={
            "rule": "definite",
            "strict": True,
            "point": place.plain(),
            "hessian": [[enclosure(h, 17) for h in row] for row in matrix],
            "basis": [[str(v) for v in row] for row in basis],
        },
    )


def _not_critical(bench: Bench, objective: Objective, place: Place, signs: Sequence[int | None]) -> Finding:
    worst = essential(objective)[next(i for i, s in enumerate(signs) if s)]
    ball = bench.enclose(sympy.diff(objective.expression, worst), place)
    sentence = f"{place.name} is not critical for {objective.name}: its derivative in {worst.name} is {shown(ball)}"
    return Finding(False, sentence, certificate={"variable": worst.name, "derivative": enclosure(ball)})


def _at_optimum(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """The value is L*, and lambda >= 0: nothing lies below, for Lt >= L* by the definition of L*."""
    best = bench.optimum.value
    if best is None or place.radius or bench.lam < 0 or bench.problem.ridge:
        return None
    if objective.name not in ("L", "Lt") or bench.sign(objective.expression - best, place) != 0:
        return None
    sentence = (
        f"{place.name} is a global minimum of {objective.name}: its value {text(best)} is L*, and no value is below L*"
    )
    strict = None if objective.name == "L" else _flat_in_neuron(bench, place)
    return Finding(
        True, sentence, certificate={"rule": "optimum", "strict": strict, "global": True, "point": place.plain()}
    )


def _flat_in_neuron(bench: Bench, place: Place) -> bool | None:
    """False (not strict) where a = 0, since then Lt ignores (b, W), or where a e^b can be kept; else not decided."""
    off = all(bench.sign(v, place) == 0 for v in bench.added("a"))
    return False if off and not bench.problem.region else None


def _off(bench: Bench, place: Place) -> bool:
    return all(place.values[v.name] == 0 for v in bench.added("a"))


def _linear_in_a(bench: Bench) -> bool:
    """Is every unit a_k times something without a?"""
    for k, a in enumerate(bench.added("a"), start=1):
        for x in bench.problem.data.x:
            u = unit(bench.problem, k, x)
            slope = sympy.diff(u, a)
            if slope.has(a) or sympy.expand(u - a * slope) != 0:
                return False
    return True


def _continuous(bench: Bench) -> bool:
    return not any(f.has(step, sympy.Piecewise, sympy.sign) for f in bench.problem.network.outputs)


def _by_outputs(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """Each group's loss has a strict local minimum at the network's output there, the neurons are off, lambda >= 0.

    Outputs move continuously, so near the point no group's loss is smaller and the penalty is not either.
    """
    if objective.name == "L2" or bench.lam < 0 or bench.problem.ridge or place.radius or not _continuous(bench):
        return None
    if objective.name == "Lt" and not (_off(bench, place) and _linear_in_a(bench)):
        return None
    if not all(_output_minimum(bench, rows, place) for rows in bench.problem.data.groups()):
        return None
    sentence = (
        f"{place.name} is a local minimum of {objective.name}: each group's loss has a strict local minimum at the "
        "output there, the outputs are continuous, and the penalty is 0"
    )
    strict = _flat_in_neuron(bench, place) if objective.name == "Lt" else None
    return Finding(True, sentence, certificate={"rule": "outputs", "strict": strict, "point": place.plain()})


def _output_minimum(bench: Bench, rows: Sequence[int], place: Place) -> bool:
    """Has the group's loss zero gradient and a positive definite Hessian, in q, at f(xbar_j; theta)?"""
    q = bench.problem.loss.q
    if bench.problem.loss_facts().twice_differentiable.holds is not True:
        return False
    gradient = group_gradient(bench.problem, rows)
    if any(bench.sign(bench.at_output(g, rows[0]), place) != 0 for g in gradient):
        return False
    try:
        matrix = [[bench.enclose(bench.at_output(sympy.diff(g, v), rows[0]), place) for v in q] for g in gradient]
    except NoEnclosure:
        return False
    values, basis = proposals.eigenbasis(matrix, PRECISION)
    return bool(values) and certificates.positive_definite(matrix, basis, PRECISION) is True


def _dead_unit(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """Every unit is identically 0 near the point, so there Lt = L + lambda |a|^2; a = 0, lambda > 0, and L is minimal."""
    if objective.name != "Lt" or place.radius or bench.lam <= 0 or not _off(bench, place) or not _linear_in_a(bench):
        return None
    near = Place("box", {n: place.values[n] for n in _bw(bench)}, NEIGHBOURHOOD)
    for k, a in enumerate(bench.added("a"), start=1):
        for x in bench.problem.data.x:
            try:
                if not bench.enclose(sympy.diff(unit(bench.problem, k, x), a), near).is_zero():
                    return None
            except NoEnclosure:
                return None
    L = bench.objective("L")
    if L.expression.free_symbols:
        inner = local_minimum(bench, L, place)
        if not inner.holds:
            return None
    sentence = (
        f"{place.name} is a local minimum of Lt, not strict: for (b, W) within {NEIGHBOURHOOD} every added unit is 0, "
        "so Lt = L + lambda |a|^2 there"
    )
    return Finding(True, sentence, certificate={"rule": "dead unit", "strict": False, "box": near.plain()})


def _bw(bench: Bench) -> list[str]:
    return [v.name for letter in "bw" for v in bench.added(letter)]


def _convex_in_a(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """One output, a network without parameters that matter, a = 0: Lt is convex in a and rises on both sides of a = 0.

    The one-sided slopes at a = 0 are shown positive for every (b, W) in a box, so Lt >= L on that box.
    """
    problem = bench.problem
    if objective.name != "Lt" or problem.network.dy != 1 or place.radius or bench.lam < 0:
        return None
    if not _off(bench, place) or not _linear_in_a(bench) or bench.objective("L").expression.free_symbols:
        return None
    if problem.loss_facts().convex.holds is not True:
        return None
    sides = unit_slopes(bench)
    near = Place("box", {n: place.values[n] for n in _bw(bench)}, NEIGHBOURHOOD)
    if sides is None:
        return None
    try:
        right, left = (bench.enclose(s, near) for s in sides)
    except NoEnclosure:
        return None
    if not (right > 0 and left > 0):
        return None
    sentence = (
        f"{place.name} is a local minimum of Lt, not strict: Lt is convex in a, and for (b, W) within {NEIGHBOURHOOD} "
        f"it rises from a = 0 with slope at least {shown(right.lower(), 4)} to the right, {shown(left.lower(), 4)} to the left"
    )
    return Finding(
        True,
        sentence,
        certificate={
            "rule": "convex in a",
            "strict": False,
            "box": near.plain(),
            "slopes": [enclosure(right), enclosure(left)],
        },
    )


def unit_slopes(bench: Bench) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Return the slopes of Lt at a = 0 to the right and to the left, as functions of (b, W); needs positive units.

    Both count positive when Lt rises away from a = 0. None where a kink or sign is not decided.
    """
    problem = bench.problem
    q, a = problem.loss.q[0], bench.added("a")[0]
    right = left = sympy.S.Zero
    for i, x in enumerate(problem.data.x):
        shape = sympy.diff(unit(problem, 1, x), a)
        sides = one_sided(problem.sample_losses()[i], q, bench.outputs(i)[0])
        if sides is None or not value_range(shape).positive:
            return None
        right += sides[0] * shape
        left -= sides[1] * shape
    return problem.weight() * right, problem.weight() * left


def _on_boundary(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    """A minimum of Lt over the region: Lt rises strictly into the region in the variables at a bound; the rest is definite."""
    region = bench.problem.region
    active = [v for v in essential(objective) if v.name in region and place.values[v.name] in region[v.name]]
    if not active or place.radius:
        return None
    rises = {}
    for v in active:
        inward = 1 if place.values[v.name] == region[v.name][0] else -1
        if partial_sign(bench, objective, place, v) != inward:
            return None
        rises[v.name] = text(place.values[v.name])
    held = {v: place.values[v.name] for v in active}
    rest = objective.expression.subs(held, simultaneous=True)
    free = Objective(objective.name, tuple(v for v in essential(objective) if v not in held), rest, "")
    if any(s != 0 for s in gradient_signs(bench, free, place)):
        return None
    inner = _definite_part(bench, free, place)
    if inner is None:
        return None
    bounds = ", ".join(f"{n} = {v}" for n, v in rises.items())
    sentence = (
        f"{place.name} is a local minimum of {objective.name} over the region: at the bound {bounds} it rises strictly "
        "inward, and in the other variables the gradient is 0 and the Hessian positive definite"
    )
    certificate = {"rule": "boundary", "strict": True, "active": rises, "hessian": inner}
    return Finding(True, sentence, certificate=certificate)


def _definite_part(bench: Bench, free: Objective, place: Place) -> list[list[str]] | None:
    """Return the Hessian's enclosure where it is positive definite in the free variables, else None."""
    n = len(essential(free))
    try:
        flat = bench.run(programs(bench, free).hessian, place, smooth=True)
    except NoEnclosure:
        return None
    matrix = [flat[i * n : (i + 1) * n] for i in range(n)]
    _, basis = proposals.eigenbasis(matrix, PRECISION)
    if n and certificates.positive_definite(matrix, basis, PRECISION) is not True:
        return None
    return [[enclosure(h, 17) for h in row] for row in matrix]


def minimum_on_boundary(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a local minimum of Lt over the region, with the stated variables at a bound."""
    objective = bench.objective("Lt")
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    found = _on_boundary(bench, objective, place)
    if found is None:
        return Finding.open(f"no rule shows that {place.name} is a minimum of Lt on the region's boundary")
    if sorted(found.certificate["active"]) != sorted(claim.fields["active"]):
        return Finding(False, f"{found.sentence}; the stated variables at a bound are {claim.fields['active']}")
    return found


def global_minimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a global minimum, by the value L*."""
    objective = bench.objective(claim.fields["of"])
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    found = _at_optimum(bench, objective, place)
    if found is not None:
        return found
    best = bench.optimum.value
    if best is not None and bench.sign(objective.expression - best, place) == 1:
        return Finding.open(
            f"{objective.name}({place.name}) is above L* = {text(best)}; no other rule for global minima"
        )
    return Finding.open(f"no rule decides whether {place.name} is a global minimum of {objective.name}")


def _by_classification(bench: Bench, objective: Objective, place: Place) -> Finding | None:
    return None


def claim_point(bench: Bench, claim: Claim) -> tuple[Objective, Place]:
    """Return what a claim about a critical point speaks of."""
    objective = bench.objective(claim.fields["of"])
    return objective, bench.complete(bench.place(claim.fields["at"]), objective)


def critical_point(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that the gradient vanishes at a point, exactly; at an approximate one, at a zero within its radius."""
    objective, place = claim_point(bench, claim)
    signs = gradient_signs(bench, objective, place)
    if any(signs):
        return _not_critical(bench, objective, place, signs)
    if None in signs:
        return Finding.open(f"whether {place.name} is critical for {objective.name} is not decided")
    sentence = f"{place.name} is critical for {objective.name}: all {len(signs)} partial derivatives are exactly 0"
    return Finding(True, sentence, certificate={"point": place.plain()})


def saddle(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a critical point is no local extremum: eigenvalues of both signs, or the stated descent."""
    objective, place = claim_point(bench, claim)
    signs = gradient_signs(bench, objective, place)
    if any(signs):
        return _not_critical(bench, objective, place, signs)
    if None in signs:
        return Finding.open(f"whether {place.name} is critical for {objective.name} is not decided")
    n = len(signs)
    flat = bench.run(programs(bench, objective).hessian, place, smooth=True)
    matrix = [flat[i * n : (i + 1) * n] for i in range(n)]
    values, basis = proposals.eigenbasis(matrix, PRECISION)
    size = max(map(abs, values), default=0.0)
    keep = [k for k, v in enumerate(values) if abs(v) > proposals.ZERO_RELATIVE * size]
    found = certificates.signature(matrix, [[row[k] for k in keep] for row in basis], PRECISION)
    if isinstance(found, certificates.Refused) or not found.negative or not found.positive:
        return Finding.open(f"{place.name} is not shown to have curvature of both signs")
    sentence = (
        f"{place.name} is a saddle of {objective.name}: the gradient is exactly 0, and at least {found.negative} "
        f"eigenvalue(s) of the Hessian are negative, {found.positive} positive"
    )
    certificate = {"point": place.plain(), "negative": found.negative, "positive": found.positive}
    return Finding(True, sentence, certificate=certificate)
