"""Claims about the added neurons at a given theta: descent next to every (theta, 0, b, W), and escape to infinity.

A float search proposes witnesses; balls and exact arithmetic decide. Source: after Kawaguchi and Kaelbling, arXiv 1901.00279;
the escape ray in this form is this project's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy

from pgb.cases.bench import PRECISION, Bench, Place, enclosure, shown
from pgb.cases.files import RAY, Claim
from pgb.cases.results import Finding
from pgb.expressions import text
from pgb.landscape.balls import NoEnclosure, exact
from pgb.landscape.compile import Program, compile_expressions
from pgb.objective import group_gradient, unit

if TYPE_CHECKING:
    from flint import arb

ELIMINATION: Final = ("lambda_positive", "loss_differentiable", "loss_convex", "exp_neuron", "bias", "unbounded_domain")
MAX_DIRECTIONS: Final = 300


def elimination_applies(bench: Bench) -> bool:
    """Does the problem meet every hypothesis of elimination, as far as its facts are decided?"""
    facts = bench.problem.hypotheses()
    return all(facts[h].holds is True for h in ELIMINATION)


# -- loss gradients


def group_sum(bench: Bench, rows: Sequence[int], output: int) -> sympy.Expr:
    """Return sum_{i in I_j} d_k l_i(f(xbar_j; theta)), in theta; outputs count from 1."""
    return bench.at_output(group_gradient(bench.problem, rows)[output - 1], rows[0])


def loss_gradient_nonzero(bench: Bench, claim: Claim) -> Finding:
    """Decide whether the loss gradients of some group of equal inputs do not sum to zero at theta."""
    place = bench.place(claim.fields["at"])
    groups = bench.problem.data.groups()
    if "row" in claim.fields:
        groups = tuple(g for g in groups if claim.fields["row"] in g)
    outputs = [claim.fields["output"]] if "output" in claim.fields else range(1, bench.problem.network.dy + 1)
    signs = []
    for rows, k in itertools.product(groups, outputs):
        total = group_sum(bench, rows, k)
        signs.append(bench.sign(total, place))
        if signs[-1]:
            return Finding(True, *_nonzero_gradient(bench, place, rows, k, total))
    if None in signs:
        return Finding.open(f"whether some group's loss gradient at {place.name} is non-zero is not decided")
    return Finding(False, f"every group's loss gradient vanishes at {place.name}")


def _nonzero_gradient(
    bench: Bench, place: Place, rows: Sequence[int], k: int, total: sympy.Expr
) -> tuple[str, Any, dict[str, Any]]:
    from pgb.evidence import Evidence

    ball = bench.enclose(total, place)
    x = ", ".join(text(v) for v in bench.problem.data.x[rows[0]])
    sentence = f"at x = ({x}) the loss gradients in output {k} sum to {shown(ball)}, not 0"
    if elimination_applies(bench):
        sentence += f"; so by elimination no (a, b, W) makes ({place.name}, a, b, W) a local minimum of Lt"
    return sentence, Evidence.CERTIFIED, {"rows": list(rows), "output": k, "sum": enclosure(ball)}


def loss_gradient_zero(bench: Bench, claim: Claim) -> Finding:
    """Decide whether the loss gradients of every group sum to zero at theta (in one output, or in all)."""
    place = bench.place(claim.fields["at"])
    outputs = [claim.fields["output"]] if "output" in claim.fields else range(1, bench.problem.network.dy + 1)
    signs = [
        bench.sign(group_sum(bench, rows, k), place)
        for rows, k in itertools.product(bench.problem.data.groups(), outputs)
    ]
    where = f"output {claim.fields['output']}" if "output" in claim.fields else "every output"
    if any(signs):
        return Finding(False, f"a group's loss gradient in {where} is not 0 at {place.name}")
    if None in signs:
        return Finding.open(f"whether the groups' loss gradients vanish at {place.name} is not decided")
    return Finding(True, f"the loss gradients of each group sum to 0 in {where} at {place.name}, exactly")


def sample_gradient_nonzero(bench: Bench, claim: Claim) -> Finding:
    """Decide whether the gradient of one sample's loss does not vanish at theta."""
    place, row = bench.place(claim.fields["at"]), claim.fields["row"]
    sample = bench.problem.sample_losses()[row]
    signs = []
    for k, q in enumerate(bench.problem.loss.q, start=1):
        slope = bench.at_output(sympy.diff(sample, q), row)
        signs.append(bench.sign(slope, place))
        if signs[-1]:
            ball = bench.enclose(slope, place)
            sentence = f"the loss of sample {row} has slope {shown(ball)} in output {k} at {place.name}, not 0"
            return Finding(True, sentence, certificate={"row": row, "output": k, "slope": enclosure(ball)})
    if None in signs:
        return Finding.open(f"whether the gradient of sample {row} vanishes at {place.name} is not decided")
    return Finding(False, f"the gradient of the loss of sample {row} vanishes at {place.name}")


# -- descent next to (theta, 0, b, W)


@dataclass(frozen=True, slots=True)
class _Slopes:
    """First and second derivatives of the l_i in one output at f(x_i; theta), as balls."""

    first: tuple[arb, ...]
    second: tuple[arb, ...]


def descent_nearby(bench: Bench, claim: Claim) -> Finding:
    """Find and certify (a, b, W) within each radius of (0, b, W) with Lt(theta, a, b, W) < L(theta)."""
    from flint import ctx

    place = bench.place(claim.fields["at"])
    base_b, base_W = claim.fields["b"], claim.fields["W"]
    Lt, L = bench.objective("Lt"), bench.objective("L")
    variables = Lt.variables
    difference = compile_expressions([Lt.expression - L.expression], variables)
    with ctx.workprec(PRECISION):
        slopes = [_slopes(bench, place, k) for k in range(1, bench.problem.network.dy + 1)]
    witnesses = []
    for radius in claim.fields["radii"]:
        found = _witness(bench, place, difference, slopes, base_b, base_W, radius)
        if found is None:
            return Finding.open(f"no certified descent was found within {_size(radius)} of (0, b, W) at {place.name}")
        witnesses.append(found)
    drops = ", ".join(f"{w['drop_shown']} within {w['radius']}" for w in witnesses)
    b, W = ", ".join(map(text, base_b)), "; ".join(", ".join(map(text, row)) for row in base_W)
    sentence = f"next to ({place.name}, a = 0, b = ({b}), W = ({W})) Lt falls below L: by {drops}"
    plain = [{key: value for key, value in w.items() if key != "drop_shown"} for w in witnesses]
    return Finding(True, sentence, certificate={"theta": place.plain(), "witnesses": plain})


def _slopes(bench: Bench, place: Place, k: int) -> _Slopes:
    q = bench.problem.loss.q[k - 1]
    losses = bench.problem.sample_losses()
    first, second = [], []
    for i, l in enumerate(losses):
        first.append(bench.enclose(bench.at_output(sympy.diff(l, q), i), place))
        second.append(bench.enclose(bench.at_output(sympy.diff(l, q, 2), i), place))
    return _Slopes(tuple(first), tuple(second))


def _directions(dx: int) -> Iterator[tuple[int, ...]]:
    """Yield sign vectors to move w along: all of {-1, 0, 1}^dx while there are few, else the axes."""
    if 3**dx <= MAX_DIRECTIONS:
        yield from itertools.product((0, 1, -1), repeat=dx)
        return
    yield (0,) * dx
    for r, s in itertools.product(range(dx), (1, -1)):
        yield tuple(s if r == j else 0 for j in range(dx))


def _witness(
    bench: Bench,
    place: Place,
    difference: Program,
    slopes: Sequence[_Slopes],
    b: Sequence[sympy.Expr],
    W: Sequence[Sequence[sympy.Expr]],
    radius: Fraction,
) -> dict[str, Any] | None:
    """Return one certified witness: the best predicted step in one output's neuron, all other neurons left at 0."""
    from flint import ctx

    step = radius * Fraction(9, 10)
    options = []
    with ctx.workprec(PRECISION):
        for k, d in itertools.product(range(len(b)), _directions(len(W[0]))):
            row = [w + sympy.Rational(step.numerator, step.denominator) * s for w, s in zip(W[k], d, strict=True)]
            options.append((*_step(bench, slopes[k], b[k], row, step), k, row))
    options.sort(key=lambda o: -o[0])
    for _, a, k, row in options[:4]:
        if not a:
            continue
        moved = place.moved("witness", _auxiliary(bench, k, a, b, W, row))
        drop = bench.run(difference, moved)[0]
        if drop < 0:
            shown_a = {f"aux_{n}": text(v) for n, v in _named(bench, moved)}
            return {"radius": _size(radius), **shown_a, "drop": enclosure(drop), "drop_shown": shown(-drop, 4)}
    return None


def _named(bench: Bench, place: Place) -> Iterator[tuple[str, sympy.Expr]]:
    for letter in "abw":
        for v in bench.added(letter):
            yield v.name.removeprefix("aux_"), place.values[v.name]


def _auxiliary(
    bench: Bench,
    k: int,
    a: Fraction,
    b: Sequence[sympy.Expr],
    W: Sequence[Sequence[sympy.Expr]],
    row: Sequence[sympy.Expr],
) -> dict[str, sympy.Expr]:
    values: dict[str, sympy.Expr] = {v.name: sympy.S.Zero for v in bench.added("a")}
    values[bench.added("a")[k].name] = sympy.Rational(a.numerator, a.denominator)
    values |= {v.name: value for v, value in zip(bench.added("b"), b, strict=True)}
    rows = [list(row) if j == k else list(w) for j, w in enumerate(W)]
    flat = [value for w in rows for value in w]
    return values | {v.name: value for v, value in zip(bench.added("w"), flat, strict=True)}


def _step(
    bench: Bench, slopes: _Slopes, b: sympy.Expr, row: Sequence[sympy.Expr], most: Fraction
) -> tuple[float, Fraction]:
    """Propose a for one neuron: the Newton step -G / (H + 2 lambda), at most `most`; return the predicted drop and a."""
    weight = exact(_fraction(bench.problem.weight()))
    gradient, curvature = exact(0), exact(2 * _fraction(bench.lam))
    for x, g, h in zip(bench.problem.data.x, slopes.first, slopes.second, strict=True):
        exponent = sympy.Add(b, *(w * v for w, v in zip(row, x, strict=True)))
        neuron = bench.coordinate(exponent, PRECISION).exp()
        gradient += weight * g * neuron
        curvature += weight * h * neuron**2
    slope, bend = _middle(gradient), _middle(curvature)
    a = -slope / bend if bend > 0 else -most if slope > 0 else most
    a = _rounded(max(-most, min(most, a)))
    predicted = -(slope * a + bend * a * a / 2)
    return float(predicted), a


def _middle(ball: arb) -> Fraction:
    """Return a ball's midpoint, a proposal only."""
    if not ball.is_finite():
        return Fraction(0)
    man, exp = ball.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def _rounded(value: Fraction) -> Fraction:
    """Return the value to three significant digits, so that witnesses are short."""
    if not value:
        return value
    digits = len(str(abs(value.numerator))) - len(str(value.denominator))
    scale = Fraction(10) ** (3 - digits)
    return Fraction(round(value * scale)) / scale


def _fraction(value: sympy.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _size(radius: Fraction) -> str:
    return f"{float(radius):.0e}".replace("e-0", "e-").replace("e+0", "e+")


# -- escape to infinity


def escape_ray(bench: Bench, claim: Claim) -> Finding:
    """Certify the ray a = c e^-s, b = b0 + s: Lt falls strictly along it, to a limit below L(theta).

    The unit is unchanged along the ray (an exact identity), so Lt = limit + lambda |c|^2 e^(-2 s).
    """
    from pgb.cases.points import matches

    place = bench.place(claim.fields["at"])
    dy = bench.problem.network.dy
    c, W = claim.fields["c"], claim.fields["W"]
    b = claim.fields.get("b", (sympy.S.Zero,) * dy)
    values = dict(zip((v.name for v in bench.added("a")), c, strict=True))
    values |= dict(zip((v.name for v in bench.added("b")), b, strict=True))
    values |= dict(zip((v.name for v in bench.added("w")), (w for row in W for w in row), strict=True))
    start = place.moved("ray", values)
    if not _unit_constant(bench, c, b):
        return Finding(False, "the added unit changes along a = c e^-s, b = b0 + s")
    if bench.lam <= 0 or all(v == 0 for v in c):
        return Finding(
            False, f"Lt does not fall strictly along the ray: lambda = {bench.lam}, c = {list(map(text, c))}"
        )
    a = bench.added("a")
    limit = bench.objective("Lt").expression - bench.lam * sympy.Add(*(v**2 for v in a))
    below = bench.sign(limit - bench.objective("L").expression, start)
    ball, original = bench.enclose(limit, start), bench.enclose(bench.objective("L").expression, place)
    stated = matches(bench, limit, start, claim.fields.get("limit"), claim.fields.get("digits"))
    numbers = f"{shown(ball)} (L = {shown(original)})"
    if stated is False or below in (0, 1):
        return Finding(False, f"the ray's limit is {numbers}: not as stated, or not below L")
    if below is None or stated is None:
        return Finding.open(f"the ray's limit {numbers} is not decided against L or the stated value")
    sentence = f"along a = c e^-s, b = b0 + s from {place.name} Lt falls strictly to {numbers}, which it never attains"
    return Finding(True, sentence, certificate={"start": start.plain(), "limit": enclosure(ball)})


def _unit_constant(bench: Bench, c: Sequence[sympy.Expr], b: Sequence[sympy.Expr]) -> bool:
    """Is every unit exactly independent of s along the ray, at every sample?"""
    ray: dict[sympy.Symbol, sympy.Expr] = {v: ck * sympy.exp(-RAY) for v, ck in zip(bench.added("a"), c, strict=True)}
    ray |= {v: bk + RAY for v, bk in zip(bench.added("b"), b, strict=True)}
    units = (unit(bench.problem, k, x) for k in range(1, len(c) + 1) for x in bench.problem.data.x)
    return not any(sympy.expand(u.subs(ray, simultaneous=True)).has(RAY) for u in units)


def unbounded_below(bench: Bench, claim: Claim) -> Finding:
    """Certify that an objective tends to -infinity along a ray on which it is a polynomial in s, s > 0."""
    objective = bench.objective(claim.fields["of"])
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    positive = sympy.Symbol("s", positive=True)
    path = {n: e.subs(RAY, positive) for n, e in claim.fields["ray"].items()}
    values = {v: path.get(v.name, place.values[v.name]) for v in objective.variables}
    along = sympy.expand(objective.expression.subs(values, simultaneous=True))
    if place.radius or not along.is_polynomial(positive):
        return Finding.open(f"{objective.name} along the ray is no polynomial in s: {text(along)[:200]}")
    poly = sympy.Poly(along, positive)
    lead = bench.sign(poly.LC(), Place("", {}))
    sentence = f"along the ray {objective.name} is {text(along)[:200]}"
    certificate = {"ray": {n: text(e) for n, e in claim.fields["ray"].items()}, "value": text(along)}
    if lead == -1 and poly.degree() > 0:
        return Finding(True, f"{sentence}, which tends to -infinity", certificate=certificate)
    return Finding(False, f"{sentence}, which does not tend to -infinity", certificate=certificate)


def dependent_units(bench: Bench, claim: Claim) -> Finding:
    """Certify sum_j c_j h(w . xbar_j + b) = 0 for all w and b in a box, with c not 0: the units are not independent."""
    c, b, W, radius = (claim.fields[key] for key in ("c", "b", "W", "radius"))
    groups = bench.problem.data.groups()
    if len(c) != len(groups) or len(W) != bench.problem.network.dx or len(b.free_symbols) or all(v == 0 for v in c):
        return Finding(False, f"c must be {len(groups)} numbers, not all 0, and W {bench.problem.network.dx} numbers")
    total = sympy.Add(
        *(ck * unit(bench.problem, 1, bench.problem.data.x[rows[0]]) for ck, rows in zip(c, groups, strict=True))
    ).subs(bench.added("a")[0], 1)
    names = [bench.added("b")[0].name, *(v.name for v in bench.added("w")[: len(W)])]
    place = Place("box", dict(zip(names, (b, *W), strict=True)), radius)
    try:
        ball = bench.enclose(total, place)
    except NoEnclosure as reason:
        return Finding.open(str(reason))
    listed = ", ".join(map(text, c))
    if ball.is_zero():
        sentence = f"with c = ({listed}) the units' combination is 0 for all (b, w) within {radius} of the stated point"
        return Finding(True, sentence, certificate={"c": list(map(text, c)), "box": place.plain()})
    return Finding.open(
        f"the combination with c = ({listed}) lies in {enclosure(ball)} over the box: not shown to be 0"
    )
