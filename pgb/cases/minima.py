"""Claims about the type of a point: critical, local minimum (strict or flat, or on the boundary), saddle, global minimum.

Each answer is a certificate of `pgb.landscape.classify` that `pgb.landscape.recheck` has accepted again. None of its rules
uses a theorem about Lt, so they serve cases in which a hypothesis of those theorems fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import sympy

from pgb.cases.bench import Bench, Place
from pgb.cases.files import Claim
from pgb.cases.points import essential
from pgb.cases.results import Finding
from pgb.evidence import Evidence
from pgb.expressions import text
from pgb.landscape.certificates import Refused
from pgb.landscape.classify import Classification, classify
from pgb.landscape.recheck import check
from pgb.landscape.results import Kind
from pgb.objective import Objective
from pgb.problem.networks import AUXILIARY_PREFIX


def classified(bench: Bench, objective: Objective, place: Place) -> Classification | str:
    """Return the certified type of a point in the variables that the objective depends on, or why there is none.

    A point with a radius stands for the critical point within that radius; any other point is meant exactly.
    """

    def decide() -> Classification | str:
        kept = replace(objective, variables=essential(objective))
        names = {v.name for v in kept.variables}
        bounds = {n: b for n, b in bench.problem.region.items() if n in names and n.startswith(AUXILIARY_PREFIX)}
        found = classify(kept, {n: place.values[n] for n in names}, bounds=bounds or None)
        if not found.exact and Fraction(found.distance) > place.radius:
            how = f"a critical point of {objective.name} is {found.distance} away from {place.name}"
            return (
                f"{how}, which is stated to within {float(place.radius):.0e}" if place.radius else f"{how}, not at it"
            )
        if found.certificate and found.status is Evidence.CERTIFIED:
            again = check(found.certificate, kept)
            if isinstance(again, Refused):
                return f"the certificate was not accepted again: {again}"
        if found.local_minimum and found.strict is None and constant_axis(kept, place):
            found = replace(found, strict=False)
        return found

    return bench.remember(f"type for {objective.name}", place.name, decide)


def constant_axis(objective: Objective, place: Place) -> str:
    """Return a variable along which the objective is constant from the place, by exact substitution; "" if none is seen."""
    for v in objective.variables:
        others = {u: place.values[u.name] for u in objective.variables if u != v}
        if not objective.expression.subs(others, simultaneous=True).has(v):
            return v.name
    return ""


def local_minimum(bench: Bench, objective: Objective, place: Place) -> Finding:
    """Decide whether a point is a local minimum (within the region, for Lt); the certificate says if it is strict."""
    found = classified(bench, objective, place)
    name = f"{place.name} is a local minimum of {objective.name}"
    if isinstance(found, str):
        return Finding(False, found)
    if found.local_minimum is None:
        return Finding.open(f"whether {name} is not decided: {found.reason}")
    certificate = found.to_json()
    if not found.local_minimum:
        return Finding(
            False, f"{place.name} is no local minimum of {objective.name}: {found.reason}", certificate=certificate
        )
    return Finding(True, f"{name}{_strictness(objective, found)}: {found.reason}", certificate=certificate)


def held(objective: Objective, moving: Sequence[sympy.Symbol], place: Place) -> Objective:
    """Return the objective as a function of some variables alone, the others held at the place's exact values."""
    values = {v: place.values[v.name] for v in objective.variables if v not in moving}
    return replace(
        objective,
        name=f"{objective.name}({', '.join(v.name for v in moving)})",
        variables=tuple(moving),
        expression=objective.expression.subs(values, simultaneous=True),
        outputs=tuple(tuple(f.subs(values, simultaneous=True) for f in row) for row in objective.outputs),
        rest=objective.rest.subs(values, simultaneous=True),
    )


def _strictness(objective: Objective, found: Classification) -> str:
    if found.strict is None:
        return ""
    kept = essential(objective)
    idle = len(kept) < len(objective.variables)
    if found.strict:
        return f", strict in {', '.join(v.name for v in kept)}" if idle else ", strict"
    return ", not strict"


def claim_local_minimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a local minimum, strict or flat where the file says so.

    Strict means: in the variables that the objective depends on.
    """
    objective, place = _about(bench, claim)
    if "held" in claim.fields:
        objective = held(objective, [v for v in objective.variables if v.name not in claim.fields["held"]], place)
    found = local_minimum(bench, objective, place)
    wanted = claim.fields.get("strict")
    if not found.holds or wanted is None:
        return found
    strict = found.certificate["strict"]
    if strict is None:
        return Finding.open(f"{found.sentence}; whether it is strict is not decided", found.certificate)
    return found if strict is wanted else Finding(False, found.sentence, certificate=found.certificate)


def minimum_on_boundary(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a local minimum of Lt over the region, with the stated variables at a bound."""
    objective = bench.objective("Lt")
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    for name in claim.fields["active"]:
        if not any(place.values[name] == end for end in bench.problem.region.get(name, ())):
            return Finding(False, f"{name} = {text(place.values[name])} is not at a bound of the region")
        inward = 1 if place.values[name] == bench.problem.region[name][0] else -1
        (v,) = (v for v in objective.variables if v.name == name)
        if bench.sign(sympy.diff(objective.expression, v), place) != inward:
            return Finding(False, f"Lt does not rise strictly from the bound of {name} into the region")
    found = local_minimum(bench, objective, place)
    at = ", ".join(f"{n} = {text(place.values[n])}" for n in claim.fields["active"])
    return replace(found, sentence=f"{found.sentence}, Lt rising strictly from {at}") if found.holds else found


def critical_point(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that the gradient vanishes at a point; at an approximate one, at a zero within its radius."""
    objective, place = _about(bench, claim)
    found = classified(bench, objective, place)
    if isinstance(found, str):
        return Finding(False, found)
    certificate = found.to_json()
    if found.critical is None:
        return Finding.open(
            f"whether {place.name} is critical for {objective.name} is not decided: {found.reason}", certificate
        )
    if not found.critical:
        return Finding(
            False, f"{place.name} is not critical for {objective.name}: {found.reason}", certificate=certificate
        )
    where = (
        "" if found.exact else f" within {found.distance} of the stated coordinates (a certified zero of the gradient)"
    )
    how = ": the gradient is exactly 0" if found.exact else where
    return Finding(True, f"{place.name} is critical for {objective.name}{how}", certificate=certificate)


def saddle(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a critical point is a saddle."""
    objective, place = _about(bench, claim)
    found = classified(bench, objective, place)
    if isinstance(found, str):
        return Finding(False, found)
    sentence = f"{place.name} is {'a saddle' if found.kind is Kind.SADDLE else 'no saddle'} of {objective.name}: {found.reason}"
    if found.kind is Kind.SADDLE:
        return Finding(True, sentence, certificate=found.to_json())
    if found.kind in (Kind.LOCAL_MINIMUM, Kind.LOCAL_MAXIMUM) or found.critical is False:
        return Finding(False, sentence, certificate=found.to_json())
    return Finding.open(f"whether {place.name} is a saddle of {objective.name} is not decided: {found.reason}")


def global_minimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that a point is a global minimum of L or Lt: its value is L*, and nothing lies below L*.

    Lt >= L* + lambda |a|^2 by the definition of L*, so lambda >= 0 is all that is needed.
    """
    objective, place = _about(bench, claim)
    best = bench.optimum.value
    if best is None or bench.lam < 0 or objective.name not in ("L", "Lt"):
        return Finding.open(f"no rule decides global minima here: {bench.optimum.reason}, lambda = {bench.lam}")
    sign = bench.sign(objective.expression - best, place)
    if sign == 0:
        sentence = (
            f"{place.name} is a global minimum of {objective.name}: its value {text(best)} is L*, the least possible"
        )
        return Finding(True, sentence, certificate={"point": place.plain(), "optimum": text(best)})
    return Finding.open(f"{objective.name}({place.name}) is not shown to be L* = {text(best)}")


def _about(bench: Bench, claim: Claim) -> tuple[Objective, Place]:
    """Return what a claim about a point speaks of."""
    objective = bench.objective(claim.fields["of"])
    return objective, bench.complete(bench.place(claim.fields["at"]), objective)
