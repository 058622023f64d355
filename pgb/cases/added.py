"""What Lt(theta, .) can reach by its added neurons alone: certified least values, and data terms below them.

Each rule for a least value is an inequality that holds for all (a, b, W) in the region at once; exact arithmetic and exact
root counting decide. None uses a theorem about Lt.
"""

from __future__ import annotations

import sympy

from pgb.cases.bench import Bench, Place, shown
from pgb.cases.elimination import unbounded_below
from pgb.cases.files import Claim
from pgb.cases.neurons import together
from pgb.cases.optimality import not_optimal
from pgb.cases.results import Finding
from pgb.cases.slopes import one_sided
from pgb.expressions import text
from pgb.landscape import exact
from pgb.objective import unit
from pgb.problem.facts import value_range

U = sympy.Symbol("u", positive=True)  # exp(w), for one input


def least(bench: Bench, place: Place) -> Finding:
    """Is Lt(theta, a, b, W) at the place the least value over all admissible (a, b, W), theta held fixed?"""
    for v in (v for letter in "abw" for v in bench.added(letter) if v.name in bench.problem.region):
        low, high = bench.problem.region[v.name]
        if bench.sign(v - low, place) not in (0, 1) or bench.sign(high - v, place) not in (0, 1):
            return Finding.open(f"{place.name} is not shown to lie in the region")
    reasons = []
    for rule in (_zero, _bounded_unit, _nothing_to_gain):
        found = rule(bench, place)
        if isinstance(found, Finding):
            return found
        reasons.append(found)
    return Finding.open(f"no rule shows that no (a, b, W) is better than {place.name}: {'; '.join(reasons)}")


def _zero(bench: Bench, place: Place) -> Finding | str:
    """Losses that are never negative, lambda >= 0, and the value 0."""
    if bench.lam < 0 or bench.problem.loss_facts().nonnegative.holds is not True:
        return "the losses or the penalty may be negative"
    if bench.sign(bench.objective("Lt").expression, place) != 0:
        return f"Lt({place.name}) is not 0"
    return Finding(True, f"Lt({place.name}) = 0, and no value is negative")


def _bounded_unit(bench: Bench, place: Place) -> Finding | str:
    """A unit a_k h with |h| <= B at all samples: then lambda |a|^2 >= (lambda / m) sum_ik p_ik^2 / B^2 with p = a h.

    What is left is a sum over the samples of strictly convex functions of p_i; each is least at its stationary point.
    """
    problem = bench.problem
    if bench.lam <= 0 or problem.loss_facts().convex.holds is not True:
        return "lambda or the convexity of the losses"
    if problem.loss_facts().differentiable.holds is not True:
        return "the losses are not differentiable"
    bounds = []
    for k in range(1, problem.network.dy + 1):
        bound = _attained_bound(bench, place, k)
        if bound is None:
            return f"unit {k} has no bound that it attains at every sample"
        if not all(_best_output(bench, place, k, i, bound) for i in range(problem.data.m)):
            return "some sample alone would rather have another output"
        bounds.append(text(bound))
    value = shown(bench.enclose(bench.objective("Lt").expression, place))
    sentence = (
        f"Lt({place.name}) = {value} is the least value over all (a, b, W): the unit is at most {', '.join(bounds)} |a|,"
        " and with the penalty that this leaves every sample has its best output"
    )
    return Finding(True, sentence, certificate={"bounds": bounds})


def _attained_bound(bench: Bench, place: Place, k: int) -> sympy.Expr | None:
    """Return B > 0 with |h| <= B at every sample over the region, and |h| = B at the place, or None; the unit is a_k h."""
    problem, a = bench.problem, bench.added("a")[k - 1]
    units = [unit(problem, k, x) for x in problem.data.x]
    shapes = [sympy.diff(u, a) for u in units]
    if any(sympy.expand(u - a * h) != 0 or h.has(a) for u, h in zip(units, shapes, strict=True)):
        return None
    bound, *others = [_bound(bench, h) for h in shapes]
    if bound is None or any(b is None or b != bound for b in others) or exact.sign(bound) != 1:
        return None
    return bound if all(bench.sign(h**2 - bound**2, place) == 0 for h in shapes) else None


def _best_output(bench: Bench, place: Place, k: int, i: int, bound: sympy.Expr) -> bool:
    """Is the slope of weight l_i(f_i + p) + (lambda / m) sum_k p_k^2 / B_k^2 in p_k zero at the place, exactly?"""
    problem = bench.problem
    x = problem.data.x[i]
    at = {
        q: f + unit(problem, n, x)
        for n, (q, f) in enumerate(zip(problem.loss.q, bench.outputs(i), strict=True), start=1)
    }
    slope = problem.weight() * sympy.diff(problem.sample_losses()[i], problem.loss.q[k - 1])
    pull = 2 * bench.lam * unit(problem, k, x) / (problem.data.m * bound**2)
    return bench.sign(slope.subs(at, simultaneous=True) + pull, place) == 0


def _bound(bench: Bench, h: sympy.Expr) -> sympy.Expr | None:
    """Return a number B with |h| <= B over the region, or None: for constants, bounded ranges, boxed exponents."""
    region = bench.problem.region
    if isinstance(h, sympy.exp):
        terms = [t.as_coeff_Mul() for t in sympy.Add.make_args(sympy.expand(h.args[0]))]
        if all(v.is_Symbol and v.name in region for _, v in terms):
            return sympy.exp(sympy.Add(*(max(c * end for end in region[v.name]) for c, v in terms)))
    if not h.free_symbols:
        return sympy.Abs(h)
    values = value_range(h)
    if values.low is None or values.high is None:
        return None
    return max(abs(values.low), abs(values.high))


def _nothing_to_gain(bench: Bench, place: Place) -> Finding | str:
    """One output, one integer input, exponential units, a = 0: sum_i l_i(f_i + c u^(x_i)) is least at c = 0 for every u > 0.

    Then Lt >= L(theta) + lambda |a|^2 for all (a, b, W), by c = a e^b and u = e^w.
    """
    problem, facts = bench.problem, bench.problem.hypotheses()
    if bench.lam < 0 or problem.network.dy != 1 or problem.network.dx != 1:
        return "several inputs or outputs, or a negative lambda"
    if facts["exp_neuron"].holds is not True or facts["bias"].holds is not True:
        return "the unit is not exponential"
    if bench.sign(bench.added("a")[0], place) != 0 or place.radius:
        return f"a is not 0 at {place.name}"
    rows = [x[0] for x in problem.data.x]
    if not all(x.is_Integer for x in rows):
        return "the inputs are not integers"
    values = {p: place.values[p.name] for p in problem.parameters}
    outputs = [bench.outputs(i)[0].subs(values, simultaneous=True) for i in range(len(rows))]
    reason = _by_slopes(bench, rows, outputs) or _by_quadratic(bench, rows, outputs)
    if not reason:
        return "some neuron may improve the data term"
    return Finding(True, f"no neuron improves the data term at {place.name}, whatever (a, b, w): {reason}")


def _by_slopes(bench: Bench, rows: list[sympy.Integer], outputs: list[sympy.Expr]) -> str:
    """Convex losses: the sums of the one-sided slopes times u^(x_i) keep the signs of rising away from c = 0."""
    problem, q = bench.problem, bench.problem.loss.q[0]
    if problem.loss_facts().convex.holds is not True:
        return ""
    right = left = sympy.S.Zero
    for x, f, loss in zip(rows, outputs, problem.sample_losses(), strict=True):
        sides = one_sided(loss, q, f)
        if sides is None:
            return ""
        right, left = right + sides[0] * U**x, left - sides[1] * U**x
    if not (_never_negative(right) and _never_negative(left)):
        return ""
    return f"it rises from c = 0 with slopes {text(right)} and {text(left)}, never negative for u = e^w > 0"


def _by_quadratic(bench: Bench, rows: list[sympy.Integer], outputs: list[sympy.Expr]) -> str:
    """Polynomial losses: the change is c^2 (A c^2 + B c + C) with A > 0 and 4 A C >= B^2 for every u > 0."""
    q, c, change = bench.problem.loss.q[0], sympy.Dummy("c"), sympy.S.Zero
    for x, f, loss in zip(rows, outputs, bench.problem.sample_losses(), strict=True):
        if not loss.is_polynomial(q):
            return ""
        change += loss.subs(q, f + c * U**x) - loss.subs(q, f)
    found = sympy.Poly(sympy.expand(change), c)
    A, B, C = (found.coeff_monomial(c**n) for n in (4, 3, 2))
    if sympy.expand(found.as_expr() - A * c**4 - B * c**3 - C * c**2) != 0:
        return ""
    gap = sympy.expand(4 * A * C - B**2)
    if not (_never_negative(A) and _never_negative(C) and _never_negative(gap) and _never_zero(A)):
        return ""
    listed = ", ".join(f"{n} = {text(e)}" for n, e in zip("ABC", (A, B, C), strict=True))
    return f"the change is c^2 (A c^2 + B c + C), {listed}, and 4 A C - B^2 = {text(gap)} > 0 for u = e^w > 0"


def _polynomial(e: sympy.Expr) -> sympy.Poly | None:
    """Return e times a power of u as a polynomial over Q with another constant term than 0, or None; e is not 0."""
    numerator, denominator = sympy.fraction(sympy.together(sympy.expand(e)))
    if not numerator.is_polynomial(U) or sympy.Poly(denominator, U).length() != 1:
        return None
    poly = sympy.Poly(numerator / sympy.Poly(denominator, U).LC(), U)
    if not all(v.is_Rational for v in poly.coeffs()):
        return None
    return sympy.Poly(poly.as_expr() / U ** min(n for (n,) in poly.monoms()), U)


def _never_zero(e: sympy.Expr) -> bool:
    """Has e no root u > 0, by exact root counting?"""
    poly = None if sympy.expand(e) == 0 else _polynomial(e)
    return poly is not None and poly.count_roots(0, None) == 0


def _never_negative(e: sympy.Expr) -> bool:
    """Is e never negative for u > 0? It is 0, or has no root there and is positive at 1."""
    return bool(sympy.expand(e) == 0 or (_never_zero(e) and exact.sign(e.subs(U, 1)) == 1))


def data_term_below(bench: Bench, claim: Claim) -> Finding:
    """Decide the claim that D(c, W), the data term of the units at a = c, b = 0, is below Lt at a point of the same theta."""
    place = bench.complete(bench.place(claim.fields["at"]), bench.objective("Lt"))
    Lt, a = bench.objective("Lt"), bench.added("a")
    values = dict(zip((v.name for v in a), claim.fields["c"], strict=True))
    values |= {v.name: sympy.S.Zero for v in bench.added("b")}
    rows = (w for row in claim.fields["W"] for w in row)
    values |= dict(zip((v.name for v in bench.added("w")), rows, strict=True))
    there = place.moved(f"{place.name} with c, W", values)
    data = Lt.expression - bench.lam * sympy.Add(*(v**2 for v in a))
    low, high = bench.enclose(data, there), bench.enclose(Lt.expression, place)
    sentence = f"D(c, W) = {shown(low)} at the stated c, W, and Lt({place.name}) = {shown(high)}"
    if low < high:
        return Finding(True, sentence, certificate={"c_W": there.plain()})
    return Finding(False, sentence) if low >= high else Finding.open(sentence)


def failure_mode_e(bench: Bench, place: Place) -> Finding:
    """The infimum of Lt(theta, .) is not that of the data term D: Lt is unbounded below and D is not, or Lt stays above D."""
    if bench.lam < 0:
        if bench.problem.loss_facts().nonnegative.holds is not True:
            return Finding.open("D is not known to be bounded below")
        bounded = Finding(True, "D(c, W) >= 0 for all c, W, as the losses are never negative")
        return together(bounded, _falls(bench))
    for claim in bench.case.claims:
        if claim.kind == "data_term_below" and claim.fields["at"] == place.name:
            return together(least(bench, place), data_term_below(bench, claim))
    return Finding.open("the case claims no data_term_below at this point")


def _falls(bench: Bench) -> Finding:
    """Does Lt(theta, .) tend to -infinity along a ray that the case states, with theta held?"""
    for claim in bench.case.claims:
        if claim.kind != "unbounded_below" or claim.fields["of"] != "Lt":
            continue
        if not {p.name for p in bench.problem.parameters} & set(claim.fields["ray"]):
            return unbounded_below(bench, claim)
    return Finding.open("the case claims no ray of (a, b, W) on which Lt is unbounded below")


def stays_at_a_minimum(bench: Bench, place: Place) -> Finding:
    """A non-optimal theta at which Lt(theta, .) attains its infimum: the constant sequence is minimising and stays put."""
    attained = least(bench, place)
    rest = Finding(True, "so the constant sequence is minimising, and its (b, W) stay where they are")
    return together(not_optimal(bench, place), attained, rest)
