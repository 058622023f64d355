"""Failures of the theorems about groups, critical points, weight decay and column spaces, for `pgb.cases.dropping`.

A parameter whose network has a cusp is folded: with theta = c + t^2 and theta = c - t^2 both sides become smooth in t.
"""

from __future__ import annotations

from dataclasses import replace

import sympy

from pgb.cases.bench import Bench, Place, enclosure, shown
from pgb.cases.induced import induced_below
from pgb.cases.minima import local_minimum
from pgb.cases.neurons import a_nonzero, together, unit_slopes
from pgb.cases.optimality import not_optimal
from pgb.cases.results import Finding
from pgb.expressions import text
from pgb.landscape import exact
from pgb.objective import Objective
from pgb.problem.facts import Fact, smooth


def grouped_gradients(bench: Bench, place: Place) -> Finding:
    """A local minimum of Lt where the loss gradients of some group of equal inputs do not sum to 0."""
    minimum, losses = local_minimum(bench, bench.objective("Lt"), place), bench.problem.sample_losses()
    for rows in bench.problem.data.groups():
        for q in bench.problem.loss.q:
            total = sympy.Add(*(bench.at_output(sympy.diff(losses[i], q), i) for i in rows))
            if bench.sign(total, place):
                group = ", ".join(map(str, rows))
                sentence = (
                    f"the loss slopes of the group of samples {group} sum to {shown(bench.enclose(total, place))} there"
                )
                return together(minimum, Finding(True, sentence))
    return Finding.open("no group's loss gradients are shown to have a sum other than 0")


def _flat(bench: Bench, objective: Objective, place: Place) -> Finding:
    """Is every partial derivative 0 at the place, exactly?"""
    signs = [bench.sign(slope, place) for slope in objective.gradient()]
    if any(signs):
        return Finding(False, f"a partial derivative of {objective.name} is not 0 at {place.name}")
    if None in signs:
        return Finding.open(f"whether {place.name} is critical for {objective.name} is not decided")
    return Finding(True, f"all partial derivatives of {objective.name} are 0 at {place.name}, exactly")


def reduction(bench: Bench, place: Place) -> Finding:
    """A critical point of Lt with a != 0; or a = 0, grad L = 0 and S = 0 at a point that is not critical for Lt.

    At a kink of the losses S is meant with any slopes between the one-sided ones: some of them give S = 0 when Lt rises
    to both sides of a = 0, and then dLt/da does not exist.
    """
    on = a_nonzero(bench, place)
    if on.holds is not False:
        return together(_flat(bench, bench.objective("Lt"), place), on)
    sides = unit_slopes(bench, place) if bench.problem.network.dy == 1 else None
    if sides is None:
        return Finding.open("the one-sided slopes in a are not known")
    right, left = (bench.enclose(s, place) for s in sides)
    if not (right > 0 and left > 0):
        return Finding(False, f"at a = 0 Lt is not shown to rise to both sides: slopes {shown(right)}, {shown(left)}")
    sentence = (
        f"there a = 0, and slopes between the one-sided ones give S = 0; but from a = 0 Lt rises to both sides, with"
        f" slopes {shown(right)} and {shown(left)}, so dLt/da does not exist: {place.name} is not critical for Lt"
    )
    kink = Finding(True, sentence, certificate={"right": enclosure(right), "left": enclosure(left)})
    return together(_flat(bench, bench.objective("L"), place), kink)


def strict_saddle(bench: Bench, place: Place) -> Finding:
    """A local minimum of Lt with a = 0 and S_k(w_k) = 0 where the derivative of S_k in some w_kr is not 0, for C^2 losses."""
    problem, losses = bench.problem, bench.problem.sample_losses()
    if problem.loss_facts().twice_differentiable.holds is not True:
        return Finding.open("the losses are not known to have local quadratic upper bounds")
    on = a_nonzero(bench, place)
    if on.holds is not False:
        return Finding(False, on.sentence) if on.holds else on
    dx = problem.network.dx
    for k, q in enumerate(problem.loss.q):
        w = bench.added("w")[k * dx : (k + 1) * dx]
        total = sympy.Add(*(
            bench.at_output(sympy.diff(losses[i], q), i) * sympy.exp(sympy.Add(*(v * r for v, r in zip(w, x, strict=True))))
            for i, x in enumerate(problem.data.x)))  # fmt: skip
        slopes = [sympy.diff(total, v) for v in w]
        if bench.sign(total, place) == 0 and any(bench.sign(s, place) for s in slopes):
            listed = ", ".join(shown(bench.enclose(s, place)) for s in slopes)
            simple = Finding(True, f"there a = 0 and S_{k + 1} = 0 with the derivatives {listed} in w")
            return together(local_minimum(bench, bench.objective("Lt"), place), simple)
    return Finding.open(f"no S_k is shown to have a zero with a non-zero derivative at {place.name}")


def decay_of(bench: Bench) -> Finding:
    """Has every parameter the same positive weight decay mu?"""
    weights = {bench.problem.ridge.get(p.name, sympy.S.Zero) for p in bench.problem.parameters}
    if len(weights) == 1 and all(w > 0 for w in weights):
        return Finding(True, f"the ridge has mu = {text(*weights)}")
    return Finding(
        False, "the theorem ridge speaks of problems whose parameters all have the same positive weight decay"
    )


def ridge(bench: Bench, place: Place) -> Finding:
    """A local minimum of Lt + mu |theta|^2 where a != 0, theta != 0 or L(theta) > L*."""
    objective = bench.objective("Lt")
    folds = _folds(bench, objective, place)
    if folds:
        minimum = together(*(local_minimum(bench, side, at) for side, at in folds))
    else:
        minimum = local_minimum(bench, objective, place)
    on = a_nonzero(bench, place)
    if on.holds:
        return together(minimum, on)
    for p in bench.problem.parameters:
        if bench.sign(p, place):
            return together(minimum, Finding(True, f"there {p.name} = {text(place.values[p.name])}, not 0"))
    return together(minimum, not_optimal(bench, place))


def cusp(bench: Bench, place: Place) -> Fact | None:
    """Return that f is not differentiable in theta, where it is seen to have a cusp at the place; None otherwise.

    f(c + t^2) or f(c - t^2) is then smooth in t with a slope alpha != 0 at 0, so the difference quotient of f is
    alpha / t + O(1), which has no limit.
    """
    for i, row in enumerate(bench.outputs(j) for j in range(bench.problem.data.m)):
        for f in row:
            for sign, side in _sides(bench, f, place):
                (theta,) = bench.problem.parameters
                slope = sympy.diff(side, theta).subs(theta, 0)
                if exact.sign(slope):
                    word = f"{theta.name} = {text(place.values[theta.name])} {'+' if sign > 0 else '-'} t^2"
                    return Fact(False, f"at {word} the output of sample {i} has slope {text(slope)} in t: a cusp")
    return None


def _sides(bench: Bench, e: sympy.Expr, place: Place) -> list[tuple[int, sympy.Expr]]:
    """Return e(c + t^2) and e(c - t^2) in the place of e(theta), t written as theta, where both are smooth in t.

    They are the same functions for t > 0 by the rules for positive t; that they also agree at t = 0 is checked.
    """
    if len(bench.problem.parameters) != 1 or place.radius:
        return []
    (theta,), found = bench.problem.parameters, []
    c, t = place.values[theta.name], sympy.Dummy("t", positive=True)
    for sign in (1, -1):
        side = e.subs(theta, c + sign * t**2).subs(t, theta)
        agrees = sympy.expand(side.subs(theta, 0) - e.subs(theta, c)) == 0
        if not agrees or not smooth(side, sorted(side.free_symbols, key=str)).holds:
            return []
        found.append((sign, side))
    return found


def _folds(bench: Bench, objective: Objective, place: Place) -> list[tuple[Objective, Place]]:
    """Return the objective in (t, a, b, W) on either side of a cusp, with t = 0 for the place; none where f is smooth.

    The place is a local minimum where it is one of both sides: every theta near c is c + t^2 or c - t^2 with a small t.
    """
    if all(smooth(f, bench.problem.parameters).holds for f in bench.problem.network.outputs):
        return []
    (theta,) = bench.problem.parameters[:1]
    folds = []
    for sign, side in _sides(bench, objective.expression, place):
        name = f"{objective.name} at {theta.name} = {text(place.values[theta.name])} {'+' if sign > 0 else '-'} t^2"
        own = replace(objective, name=name, expression=side, outputs=(), sample_losses=(), rest=sympy.S.Zero)
        folds.append((own, place.moved(place.name, {theta.name: sympy.S.Zero})))
    return folds


def depth_width(bench: Bench, place: Place) -> Finding:
    """A critical point of L with a gradient basis, and a model in its Jacobian's column space with a smaller value."""
    for claim in bench.case.claims:
        fields = claim.fields
        if claim.kind == "induced_below" and (fields["of"], fields["at"]) == ("L", place.name):
            if any(fields["points"]):
                continue
            return together(_flat(bench, bench.objective("L"), place), induced_below(bench, claim))
    return Finding.open("the case claims no induced_below of L at this point alone")
