"""Is theta optimal among all functions of the input, and can any theta be? Exact, each answer with its reason.

Where no theta attains L*, the vacuity theorem says that Lt has no local minimum at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import sympy

from pgb.cases.bench import Bench, Place, enclosure, shown
from pgb.cases.files import Claim
from pgb.cases.results import Finding
from pgb.expressions import sigmoid, text
from pgb.landscape import exact
from pgb.landscape.attainment import attainment
from pgb.landscape.compare import compare
from pgb.objective import optimum as optimum_of
from pgb.problem import Data
from pgb.problem.facts import convex, value_range

NOWHERE: Final = Place("", {})
INVERSES: Final[dict[type, Callable[[sympy.Expr], sympy.Expr]]] = {
    sigmoid: lambda y: sympy.log(y / (1 - y)),
    sympy.tanh: lambda y: sympy.log((1 + y) / (1 - y)) / 2,
    sympy.exp: sympy.log,
}


def data_term(bench: Bench) -> sympy.Expr:
    """Return L without its ridge."""
    L = bench.objective("L")
    return L.expression - L.rest


def rival_value(bench: Bench) -> sympy.Expr | None:
    """Return the data term of the case's rival predictions, or None where it states none."""
    problem, q = bench.problem, bench.problem.loss.q
    if not bench.case.rival:
        return None
    losses = problem.sample_losses()
    total = [
        losses[i].subs(dict(zip(q, better, strict=True)), simultaneous=True)
        for rows, better in zip(problem.data.groups(), bench.case.rival, strict=True)
        for i in rows
    ]
    return problem.weight() * sympy.Add(*total)


def not_optimal(bench: Bench, place: Place) -> Finding:
    """Is L(theta) > L*? By the exact value of L*, or by the case's rival predictions."""
    value, undecided = data_term(bench), False
    for name, best in (("L*", bench.optimum.value), ("the value of the rival predictions", rival_value(bench))):
        if best is None:
            continue
        sign = bench.sign(value - best, place)
        here = bench.enclose(value, place)
        if sign == 1:
            rival = shown(bench.coordinate(best, 128))
            sentence = f"L({place.name}) = {shown(here)} is above {name} = {rival}: theta is not optimal"
            return Finding(True, sentence, certificate={"L": enclosure(here), "below": text(best)})
        if sign == 0 and name == "L*":
            return Finding(False, f"L({place.name}) = {shown(here)} is L*: theta is optimal")
        undecided = True
    why = "its order with L* is not decided" if undecided else bench.optimum.reason
    return Finding.open(f"whether L({place.name}) exceeds L* is not decided: {why}")


def optimal(bench: Bench, place: Place) -> Finding:
    """Is L(theta) = L*?"""
    found = not_optimal(bench, place)
    return found if found.holds is None else replace(found, holds=not found.holds)


def never_optimal(bench: Bench) -> Finding:
    """Does no theta attain L(theta) = L*?"""
    for rule in (_never_attained, _constant, _positive, _polynomial, _convex, _injective, _by_attainment):
        found = rule(bench)
        if found is not None:
            return found
    return Finding.open("whether some theta attains L* is not decided")


def _never_attained(bench: Bench) -> Finding | None:
    if bench.optimum.attained is False:
        return Finding(True, f"no function of the input attains L*: {bench.optimum.reason}")
    return None


def _best(bench: Bench) -> sympy.Expr | None:
    """Return an upper bound of L* that no theta may reach: L* itself, else the rival's value."""
    return bench.optimum.value if bench.optimum.value is not None else rival_value(bench)


def _constant(bench: Bench) -> Finding | None:
    value, best = data_term(bench), _best(bench)
    if best is None or value.free_symbols or compare(value, best) != 1:
        return None
    return Finding(True, f"L is {text(value)} at every theta, above L* <= {text(best)}")


def _positive(bench: Bench) -> Finding | None:
    best = _best(bench)
    if best is None or not value_range(sympy.expand(data_term(bench) - best)).positive:
        return None
    return Finding(True, f"L - {text(best)} is a sum of positive terms at every theta")


def _polynomial(bench: Bench) -> Finding | None:
    """One parameter, rational polynomial: L - L* has no real root and is positive somewhere."""
    best, parameters = _best(bench), sorted(data_term(bench).free_symbols, key=str)
    if best is None or len(parameters) != 1:
        return None
    gap = sympy.expand(data_term(bench) - best)
    if not gap.is_polynomial(*parameters):
        return None
    poly = sympy.Poly(gap, *parameters)
    if not all(c.is_Rational for c in poly.coeffs()) or poly.count_roots() or poly.eval(0) <= 0:
        return None
    return Finding(True, f"L - {text(best)} = {text(gap)} has no real root: L* is not attained")


def _convex(bench: Bench) -> Finding | None:
    """A polynomial L of degree 2, convex in theta: its minimum, by linear equations over Q, is above L*."""
    value, best = sympy.expand(data_term(bench)), _best(bench)
    parameters = sorted(value.free_symbols, key=str)
    if best is None or not parameters or not value.is_polynomial(*parameters):
        return None
    if sympy.Poly(value, *parameters).total_degree() > 2 or convex(value, parameters).holds is not True:
        return None
    solution = sympy.linsolve([sympy.diff(value, p) for p in parameters], *parameters)
    if not solution:
        return None
    point = [v.subs(dict.fromkeys(parameters, 0)) for v in next(iter(solution))]
    low = value.subs(dict(zip(parameters, point, strict=True)))
    if compare(low, best) != 1:
        return None
    return Finding(True, f"L is convex with least value {text(low)}, above L* = {text(best)}: no theta attains L*")


def _targets(bench: Bench) -> Iterator[tuple[sympy.Expr, sympy.Expr]] | None:
    """Return (f_k(xbar_j; theta), q_k) for all j, k, where each group has exactly one best prediction q; else None."""
    q = bench.problem.loss.q
    pairs = []
    for rows, group in zip(bench.problem.data.groups(), bench.optimum.groups, strict=True):
        total = sympy.Add(*(bench.problem.sample_losses()[i] for i in rows))
        if group.minimiser is None or not total.is_polynomial(*q) or sympy.Poly(total, *q).total_degree() != 2:
            return None
        if not sympy.hessian(total, list(q)).is_positive_definite:
            return None
        pairs += list(zip(bench.outputs(rows[0]), group.minimiser, strict=True))
    return iter(pairs)


def _by_attainment(bench: Bench) -> Finding | None:
    """Named optimal points, inconsistent polynomial equations, certified interpolation: see `pgb.landscape.attainment`."""
    found = attainment(bench.problem)
    if found.attained is None:
        return None
    return Finding(not found.attained, found.reason, found.status, dict(found.certificate))


def _injective(bench: Bench) -> Finding | None:
    """Outputs h(u), h injective and u linear in one parameter: two equations that ask for different parameters."""
    pairs = _targets(bench)
    if pairs is None or len(bench.problem.parameters) != 1:
        return None
    (p,) = bench.problem.parameters
    wanted = []
    for f, y in pairs:
        if type(f) not in INVERSES:
            return None
        u, slope = f.args[0], sympy.diff(f.args[0], p)
        if slope.has(p) or exact.sign(slope) in (0, None) or not _in_range(type(f), y):
            return None
        wanted.append((INVERSES[type(f)](y) - u.subs(p, 0)) / slope)
    if any(compare(wanted[0], other) in (1, -1) for other in wanted[1:]):
        listed = ", ".join(text(w) for w in wanted)
        return Finding(
            True, f"fitting each sample exactly asks for {p.name} = {listed}: they differ, so no theta attains L*"
        )
    return None


def _in_range(function: type, y: sympy.Expr) -> bool:
    """Is a number certainly a value of sigmoid, tanh or exp?"""
    low, high = {sigmoid: (0, 1), sympy.tanh: (-1, 1), sympy.exp: (0, None)}[function]
    return exact.sign(y - low) == 1 and (high is None or exact.sign(high - y) == 1)


def never_all_flat(bench: Bench) -> Finding:
    """Does no theta make the gradient of every single sample's loss vanish?"""
    problem = bench.problem
    if not data_term(bench).free_symbols:
        for i, sample in enumerate(problem.sample_losses()):
            for q in problem.loss.q:
                slope = bench.sign(bench.at_output(sympy.diff(sample, q), i), NOWHERE)
                if slope:
                    return Finding(
                        True, f"the network is constant, and the loss of sample {i} has a slope there, not 0"
                    )
    if problem.loss_facts().convex.holds is True and bench.optimum.value is not None:
        single = [
            optimum_of(replace(problem, data=Data((x,), (y,)), loss=replace(problem.loss, mean=False))).value
            for x, y in zip(problem.data.x, problem.data.y, strict=True)
        ]
        if None not in single:
            apart = problem.weight() * sympy.Add(*single)
            if compare(bench.optimum.value, apart) == 1:
                sentence = (
                    f"samples fitted apart reach {text(apart)}, together at best {text(bench.optimum.value)}: equal inputs "
                    "want different predictions, so their gradients never vanish at once"
                )
                return Finding(True, sentence)
    never = never_optimal(bench)
    if never.holds and problem.data.labels_consistent() and problem.loss_facts().convex.holds is True:
        return Finding(True, f"{never.sentence}; with convex losses and consistent labels some gradient is never 0")
    return Finding.open("whether some theta makes all loss gradients vanish is not decided")


def no_local_minimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that Lt has no local minimum, by the vacuity theorem and the stated reason."""
    from pgb.cases.elimination import elimination_applies

    if not elimination_applies(bench) or bench.problem.ridge:
        return Finding.open("a hypothesis of the vacuity theorem is not known to hold here")
    because = claim.fields["because"]
    never = _never_attained(bench) if because == "gradient_never_vanishes" else never_optimal(bench)
    if never is None:
        return Finding(False, f"L* is attained by some function: {bench.optimum.reason}")
    if never.holds:
        return Finding(True, f"Lt has no local minimum, by vacuity: {never.sentence}")
    return never


def attained(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that some theta attains L(theta) = L*, so that Lt has local minima."""
    found = never_optimal(bench)
    return found if found.holds is None else replace(found, holds=not found.holds)


def claim_not_optimal(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim L(theta) > L*."""
    return not_optimal(bench, bench.place(claim.fields["at"]))


def claim_optimal(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim L(theta) = L*."""
    return optimal(bench, bench.place(claim.fields["at"]))
