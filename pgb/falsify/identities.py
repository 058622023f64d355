"""Consequences of the theorems that hold at every point, and conclusions that no claim of a case file states; in balls.

Everything here is apart from the judge: a second look. Trusted for what it says is violated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

import sympy

from pgb.condition.gap import gap
from pgb.errors import InputError
from pgb.expressions import parse
from pgb.falsify.candidates import Floats, objective_of
from pgb.falsify.documents import RADIUS, Spot
from pgb.falsify.extras import exponential_sums, linear_rival
from pgb.landscape import exact
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import compile_expressions
from pgb.objective import augmented, loss, optimum, unit
from pgb.problem import Problem

PRECISION: Final = 256
DRAWS: Final = 12
Values = Mapping[str, str]


def identity_fails(name: str, floats: Floats, values: Values) -> str:
    """Return how a consequence of the theorem fails at a rational point, certified in balls; "" where that is not seen.

    ray: along a = c e^-s, b = b0 + s (here s = log 2) the network is unchanged, so Lt falls by lambda |a|^2 (1 - e^(-2s)) exactly.
    bound: Lt >= L* + lambda |a|^2 everywhere, and no predictions, one for each input, are better than L*.
    flow: a_k dLt/da_k - dLt/db_k = 2 lambda a_k^2; the same for L2.
    reduction: with a = 0 the slopes of Lt in theta are those of L, and those in b are 0.
    independent: exponentials of distinct inputs do not cancel: their sum with random c is not 0 at some of a few (b, w).
    """
    return "" if not name else _IDENTITIES[name](floats, values)


def _ray(floats: Floats, values: Values) -> str:
    Lt = augmented(floats.problem)
    point = {v: sympy.Rational(values[v.name]) for v in Lt.variables}
    a = [v for v in Lt.variables if v.name.startswith("aux_a")]
    moved = {v: v / 2 for v in a}
    moved |= {v: v + sympy.log(2) for v in Lt.variables if v.name.startswith("aux_b")}
    penalty = _penalty(floats.problem, a)
    excess = Lt.expression.subs(moved, simultaneous=True) - Lt.expression + 3 * penalty / 4
    sign = _sign(excess.subs(point, simultaneous=True))
    what = "along a = c e^-s, b = b0 + s, from s = 0 to s = log 2, Lt does not fall by 3/4 lambda |a|^2"
    return what if sign else ""


def _bound(floats: Floats, values: Values) -> str:
    problem = floats.problem
    Lt, best = augmented(problem), optimum(problem).value
    point = {v: sympy.Rational(values[v.name]) for v in Lt.variables}
    if best is None:
        return ""
    a = [v for v in Lt.variables if v.name.startswith("aux_a")]
    if _sign((Lt.expression - _penalty(problem, a) - best).subs(point, simultaneous=True)) == -1:
        return "Lt - lambda |a|^2 is below L* there"
    if _sign(loss(problem).expression.subs(point, simultaneous=True) - best) == -1:
        return "L(theta) is below L* there"
    if _sign(_predicted(problem, floats.rival) - best) == -1:
        shown = ", ".join(f"({', '.join(better)})" for better in floats.rival)
        return f"the predictions {shown} have a smaller loss than L*"
    return ""


def _flow(floats: Floats, values: Values) -> str:
    objective, lam = objective_of(floats.problem, floats.view), floats.problem.augmentation.lam
    point = {v: sympy.Rational(values[v.name]) for v in objective.variables}
    pairs = [
        next(v for v in objective.variables if v.name == f"aux_{letter}{a.name[5:]}")
        for a in objective.variables
        if a.name.startswith("aux_a")
        for letter in "ab"
    ]
    for a, b in zip(pairs[::2], pairs[1::2], strict=True):
        rate = a * sympy.diff(objective.expression, a) - sympy.diff(objective.expression, b) - 2 * lam * a**2
        if _sign(rate.subs(point, simultaneous=True)):
            return (
                f"{a.name} d{objective.name}/d{a.name} - d{objective.name}/d{b.name} is not 2 lambda {a.name}^2 there"
            )
    return ""


def _reduction(floats: Floats, values: Values) -> str:
    problem = floats.problem
    Lt, L = augmented(problem), loss(problem)
    off = {v: sympy.S.Zero for v in Lt.variables if v.name.startswith("aux_a")}
    point = {v: sympy.Rational(values[v.name]) for v in Lt.variables} | off
    for v in Lt.variables:
        if v in off or v.name.startswith("aux_w"):
            continue
        slope = sympy.diff(Lt.expression, v) - (sympy.diff(L.expression, v) if v in L.variables else 0)
        if _sign(slope.subs(point, simultaneous=True)):
            return f"with a = 0 the slope of Lt in {v.name} is not that of L there"
    return ""


def _independent(floats: Floats, values: Values) -> str:
    problem = floats.problem
    inputs = [problem.data.x[rows[0]] for rows in problem.data.groups()]
    c = [
        sympy.Integer(int(v)) for v in floats.rng.integers(1, 4, len(inputs)) * floats.rng.choice((1, -1), len(inputs))
    ]
    a = sympy.Symbol("aux_a1", real=True)
    total = sympy.Add(*(ck * unit(problem, 1, x).subs(a, 1) for ck, x in zip(c, inputs, strict=True)))
    for _ in range(DRAWS):
        point = {v: sympy.Rational(int(floats.rng.integers(-50, 50)), 7) for v in sorted(total.free_symbols, key=str)}
        if _sign(total.subs(point, simultaneous=True)):
            return ""
    return f"with c = {c} the combination of the units is 0 at {DRAWS} random (b, w), to {PRECISION} bits"


_IDENTITIES: Final[dict[str, Callable[[Floats, Values], str]]] = {
    "ray": _ray,
    "bound": _bound,
    "flow": _flow,
    "reduction": _reduction,
    "independent": _independent,
}


# -- conclusions at one point: True where the theorem's conclusion fails there, None where that is not decided


def _theta_nonzero(problem: Problem, view: str, spot: Spot) -> tuple[bool | None, str]:
    """Is some parameter not 0 at the point, or at every point within the radius of it?"""
    slack = Fraction(0) if spot.exact else Fraction(RADIUS)
    for p in problem.parameters:
        value = spot.values[p.name]
        sign = _sign(abs(parse(value, {}, p.name)) - sympy.Rational(slack.numerator, slack.denominator))
        if sign == 1:
            return True, f"there {p.name} = {value}, not 0"
    return (False, "theta = 0 there") if spot.exact else (None, "theta is 0 up to the radius of the point")


def _gap(problem: Problem, view: str, spot: Spot, *, perturb: bool = True) -> tuple[bool | None, str]:
    """Is the PGB gap certified to be positive at the point?"""
    if not spot.exact:
        return None, "the PGB gap is computed at exact points only"
    try:
        point = {n: parse(v, {}, n) for n, v in spot.values.items()}
        found = gap(problem, objective_of(problem, view), point, perturb=perturb)
    except (InputError, NoEnclosure) as reason:
        return None, f"the PGB gap is not known: {reason}"
    if found.basis is None:
        return False, "there is no gradient basis at the point: the condition does not speak of it"
    return (None if found.zero is None else not found.zero), found.reason


def _linear_predictor(problem: Problem, view: str, spot: Spot) -> tuple[bool | None, str]:
    """Has some predictor A x + B z a smaller loss than the residual network at the point?"""
    floats = Floats(problem, 0, view, "outer")
    at = {v: parse(spot.values[v.name], {}, v.name) for v in problem.parameters}
    value = loss(problem).expression.subs(at, simultaneous=True)
    for found in linear_rival(floats, spot):
        if _sign(value - _predicted(problem, found.rival)) == 1:
            return True, f"a predictor linear in (x, z), with the outputs {found.rival}, has a smaller loss there"
    return False, "no better predictor linear in (x, z) is seen"


def _simple_zero(problem: Problem, view: str, spot: Spot) -> tuple[bool | None, str]:
    """Has some S_k a zero at the point, exactly, where its slope is not 0, and is a = 0?"""
    if any(v != "0" for n, v in spot.values.items() if n.startswith("aux_a")):
        return False, "a is not 0 there"
    at = {sympy.Symbol(n, real=True): parse(v, {}, n) for n, v in spot.values.items()}
    for k, S in enumerate(exponential_sums(problem), start=1):
        slopes = [sympy.diff(S, v) for v in at if v.name.startswith(f"aux_w{k}_")]
        zero = exact.sign(S.subs(at, simultaneous=True))
        if zero == 0 and any(_sign(e.subs(at, simultaneous=True)) for e in slopes):
            return True, f"S_{k} vanishes there, and its slope does not"
        if zero is None:
            return None, "whether S vanishes there is not decided"
    return False, "no S_k has a simple zero there"


CHECKS: Final[dict[str, Callable[[Problem, str, Spot], tuple[bool | None, str]]]] = {
    "theta_nonzero": _theta_nonzero,
    "gap": _gap,
    "column_gap": lambda problem, view, spot: _gap(problem, view, spot, perturb=False),
    "linear_predictor": _linear_predictor,
    "simple_zero": _simple_zero,
}


def _penalty(problem: Problem, a: Sequence[sympy.Symbol]) -> sympy.Expr:
    return problem.augmentation.lam * sympy.Add(*(v**2 for v in a))


def _predicted(problem: Problem, rival: Sequence[Sequence[str]]) -> sympy.Expr:
    """Return the data term of predictions, one for each group of equal inputs."""
    q, losses = problem.loss.q, problem.sample_losses()
    total = [
        losses[i].subs(dict(zip(q, map(sympy.Rational, better), strict=True)), simultaneous=True)
        for rows, better in zip(problem.data.groups(), rival, strict=True)
        for i in rows
    ]
    return problem.weight() * sympy.Add(*total)


def _sign(value: sympy.Expr) -> int:
    """Return the sign of a closed expression where a ball decides it, else 0."""
    if value.has(sympy.DiracDelta):
        return 0
    try:
        (ball,) = compile_expressions([value], []).balls([], PRECISION)
    except NoEnclosure:
        return 0
    return 1 if ball > 0 else -1 if ball < 0 else 0
