"""Does a case show that a theorem fails without a hypothesis? Three things are checked by machine, none is believed.

(i) The hypothesis fails for the problem. (ii) Every other hypothesis that the theorem names, or that its checked proof
consumes, holds. (iii) At the stated point the theorem's premise holds and its conclusion does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import sympy

from pgb import library
from pgb.cases import added, beyond
from pgb.cases.bench import Bench, Place, shown
from pgb.cases.elimination import dependent_units, unbounded_below
from pgb.cases.files import RAY, Claim
from pgb.cases.induced import induced_below
from pgb.cases.minima import held, local_minimum
from pgb.cases.neurons import a_nonzero, no_slope_in_a, together
from pgb.cases.optimality import never_all_flat, never_optimal, not_optimal, rival_value
from pgb.cases.results import Finding
from pgb.expressions import real_symbol, text
from pgb.landscape.balls import NoEnclosure
from pgb.problem.facts import Fact
from pgb.theorems import THEOREMS

Check = Callable[[Bench, Claim], Finding]
Failure = Callable[[Bench, Place], Finding]


def hypotheses_of(theorem: str) -> tuple[str, ...]:
    """Return the hypotheses that the theorem's first statement names, then those that its checked proof declares."""
    named = THEOREMS[theorem].hypotheses if theorem in THEOREMS else ()
    if theorem not in library.proof_names():
        return named
    module = library.load_proof(theorem)
    return tuple(dict.fromkeys((*named, *module.HYPOTHESES, *module.STRUCTURE)))


def breaks(bench: Bench, theorem: str) -> Finding:
    """Decide whether the case shows that the theorem needs the hypothesis that the case drops."""
    drops = bench.case.drops
    wanted = hypotheses_of(theorem)
    if drops not in wanted:
        return Finding(False, f"{theorem} does not name the hypothesis {drops}; it names {', '.join(wanted)}")
    if theorem == "ridge" and not beyond.decay_of(bench).holds:
        return beyond.decay_of(bench)
    if theorem != "ridge" and bench.problem.ridge:
        return Finding(False, f"the problem has a ridge, which {theorem} does not speak of")
    facts = bench.problem.hypotheses()
    if facts["f_differentiable"].holds is None:
        facts["f_differentiable"] = beyond.cusp(bench, bench.place(bench.case.at)) or facts["f_differentiable"]
    facts |= _factor_facts(bench) if theorem == "no_extra_unit" else _residual_facts(bench)
    dropped = facts[drops]
    if dropped.holds is not False:
        return Finding(False, f"{drops} is not known to fail here ({dropped.reason})")
    for name in wanted:
        if name != drops and facts[name].holds is not True:
            word = "fails too" if facts[name].holds is False else "is not known to hold"
            return Finding(False, f"another hypothesis of {theorem}, {name}, {word} ({facts[name].reason})")
    speaks_of = {"residual": "L", "depth_width": "L", "pgb_condition": _induced_objective(bench)}.get(
        theorem, bench.transformed_name
    )
    place = bench.complete(bench.place(bench.case.at), bench.objective(speaks_of))
    try:
        found = FAILURES[theorem](bench, place)
    except NoEnclosure as reason:
        return Finding.open(f"{theorem} without {drops}: {reason}")
    if not found.holds:
        return found
    sentence = f"{theorem} fails without {drops} ({dropped.reason}), all its other hypotheses hold: {found.sentence}"
    return Finding(True, sentence, found.evidence, found.certificate)


def _factor_facts(bench: Bench) -> dict[str, Fact]:
    """Return whether the factor of L2 is a e^b, its bias apart, and whether it has its bias."""
    own = bench.problem.augmentation.unit
    a, b = real_symbol("a"), real_symbol("b")
    factor = a * sympy.exp(b) if own is None else own
    kind = bench.problem.augmentation.kind == "no_extra_unit"
    exponential = kind and any(sympy.expand(factor - shape) == 0 for shape in (a * sympy.exp(b), a))
    reason = f"the factor is {text(factor)}"
    return {"exp_neuron": Fact(exponential, reason), "bias": Fact(kind and factor.has(b), reason)}


def _residual_facts(bench: Bench) -> dict[str, Fact]:
    """Return whether a residual network has at least as many inputs as outputs."""
    network = bench.problem.network
    if network.kind != "residual":
        return {"dx_at_least_dy": Fact(None, f"network.kind is {network.kind!r}")}
    return {"dx_at_least_dy": Fact(network.dx >= network.dy, f"dx = {network.dx}, dy = {network.dy}")}


def _minimum(bench: Bench, place: Place) -> Finding:
    return local_minimum(bench, bench.objective("Lt"), place)


def _vanishing(bench: Bench, place: Place) -> Finding:
    Lt = bench.objective("Lt").expression
    slopes = [sympy.diff(Lt, v) for letter in "ab" for v in bench.added(letter)]
    signs = [bench.sign(s, place) for s in slopes]
    if any(signs):
        return Finding(False, f"a derivative in (a, b) is not 0 at {place.name}")
    if None in signs:
        return Finding.open(f"whether the derivatives in (a, b) vanish at {place.name} is not decided")
    return together(Finding(True, f"dLt/da = dLt/db = 0 at {place.name}, exactly"), a_nonzero(bench, place))


def _vanishing_at_minima(bench: Bench, place: Place) -> Finding:
    return together(_minimum(bench, place), a_nonzero(bench, place))


def _perturbation(bench: Bench, place: Place) -> Finding:
    found = a_nonzero(bench, place)
    if found.holds is False:
        found = no_slope_in_a(bench, place)
    return together(_minimum(bench, place), found)


def _elimination(bench: Bench, place: Place) -> Finding:
    return together(_minimum(bench, place), not_optimal(bench, place))


def _one_neuron(bench: Bench, place: Place) -> Finding:
    if bench.problem.network.dy != 1:
        return Finding(False, f"one_neuron speaks of one output, and there are {bench.problem.network.dy}")
    return _elimination(bench, place)


def _per_sample(bench: Bench, place: Place) -> Finding:
    return together(_minimum(bench, place), _some_sample_slope(bench, place))


def _some_sample_slope(bench: Bench, place: Place) -> Finding:
    for i, sample in enumerate(bench.problem.sample_losses()):
        for q in bench.problem.loss.q:
            slope = bench.at_output(sympy.diff(sample, q), i)
            if bench.sign(slope, place):
                return Finding(
                    True, f"the loss of sample {i} has slope {shown(bench.enclose(slope, place))} there, not 0"
                )
    return Finding.open("no single loss gradient is shown to be non-zero")


def _characterisation(bench: Bench, place: Place) -> Finding:
    found = not_optimal(bench, place)
    if found.holds is False and a_nonzero(bench, place).holds is False:
        return together(Finding(True, found.sentence + ", and a = 0"), _no_minimum(bench, place))
    return together(_minimum(bench, place), found if found.holds else a_nonzero(bench, place))


def _no_minimum(bench: Bench, place: Place) -> Finding:
    found = local_minimum(bench, bench.objective("Lt"), place)
    if found.holds is None:
        return found
    return Finding(not found.holds, found.sentence, certificate=found.certificate)


def _vacuity(bench: Bench, place: Place) -> Finding:
    return together(never_optimal(bench), _minimum(bench, place))


def _vacuity_consistent(bench: Bench, place: Place) -> Finding:
    return together(never_all_flat(bench), _minimum(bench, place))


def _failure_mode(bench: Bench, place: Place) -> Finding:
    if bench.lam <= 0:
        sentence = (
            f"along a = c e^-s, b = b0 + s Lt is a constant plus ({bench.lam}) |c|^2 e^(-2 s), not strictly decreasing"
        )
        return together(Finding(True, sentence), not_optimal(bench, place))
    return _elimination(bench, place)


def _flow_identity(bench: Bench, at: Place) -> Finding:
    """Is a_k dLt/da_k - dLt/db_k not 2 lambda a_k^2, or that negative?"""
    Lt = bench.objective("Lt").expression
    complete = [n for n, p in bench.problem.points.items() if all(v.name in p for v in bench.added("a"))]
    places = [at, *(bench.complete(bench.place(n), bench.objective("Lt")) for n in complete if n != at.name)]
    for place, (a, b) in itertools.product(places, zip(bench.added("a"), bench.added("b"), strict=True)):
        rate = a * sympy.diff(Lt, a) - sympy.diff(Lt, b)
        off = bench.sign(rate - 2 * bench.lam * a**2, place)
        if off:
            ball, claimed = bench.enclose(rate, place), bench.enclose(2 * bench.lam * a**2, place)
            name = f"d/dt ({b.name} - {a.name}^2 / 2)"
            return Finding(True, f"at {place.name} the flow has {name} = {shown(ball)}, not {shown(claimed)}")
        if bench.sign(2 * bench.lam * a**2, place) == -1:
            return Finding(True, f"at {place.name} the flow has d/dt ({b.name} - {a.name}^2 / 2) < 0")
    return Finding(False, f"the identity of the flow holds at {at.name}")


def _no_extra_unit(bench: Bench, place: Place) -> Finding:
    """A stationary point of L2 in (a, b) with a != 0, L != 0, or another theta that has a smaller L."""
    L2, L = bench.objective("L2"), bench.objective("L")
    a, b = L2.variables[-2:]
    if any(bench.sign(sympy.diff(L2.expression, v), place) != 0 for v in (a, b)):
        return Finding.open(f"{place.name} is not shown to be stationary for L2 in (a, b)")
    stationary = Finding(True, f"{place.name} is stationary for L2 in (a, b), exactly")
    for e, word in ((a, "a"), (L.expression, "L(theta)")):
        if bench.sign(e, place):
            return together(stationary, Finding(True, f"there {word} = {shown(bench.enclose(e, place))}, not 0"))
    for name, values in bench.problem.points.items():
        if name != place.name and bench.sign(L.expression, Place(name, values)) == -1:
            return together(stationary, Finding(True, f"L({name}) < L({place.name}) = 0: theta is no global minimum"))
    return Finding(False, f"{place.name} has a = 0 and L = 0, and no stated point is better")


def _independence(bench: Bench, place: Place) -> Finding:
    return _stated(bench, "dependent_units", dependent_units)


def _pgb_condition(bench: Bench, place: Place) -> Finding:
    minimum = local_minimum(bench, bench.objective(_induced_objective(bench)), place)
    return together(minimum, _stated(bench, "induced_below", induced_below))


def _induced_objective(bench: Bench) -> str:
    return next((c.fields["of"] for c in bench.case.claims if c.kind == "induced_below"), "L")


def _failure_mode_c(bench: Bench, place: Place) -> Finding:
    """A minimum of Lt(theta, .) at a non-optimal theta; or a minimising path, Lt to -infinity, along which a is unbounded."""
    if bench.case.drops != "loss_nonnegative":
        return added.stays_at_a_minimum(bench, place)
    for claim in bench.case.claims:
        if claim.kind == "unbounded_below" and claim.fields["of"] == "Lt":
            moving = [claim.fields["ray"].get(v.name, sympy.S.Zero) for v in bench.added("a")]
            theta = {p.name for p in bench.problem.parameters} & set(claim.fields["ray"])
            if theta or not any(e.is_polynomial(RAY) and e.has(RAY) for e in moving):
                continue
            return together(
                not_optimal(bench, place), unbounded_below(bench, claim), Finding(True, "a is unbounded along it")
            )
    return Finding.open("the case claims no ray of (a, b, W) on which Lt is unbounded below")


def _residual(bench: Bench, place: Place) -> Finding:
    """A local minimum in (W, V) whose value exceeds that of a predictor A x + B z(x, u), the case's rival."""
    network, problem = bench.problem.network, bench.problem
    kept = [p for p in problem.parameters if p.name[0] in "WV"]
    minimum = local_minimum(bench, held(bench.objective("L"), kept, place), place)
    rows = [problem.data.groups()[j][0] for j in range(len(bench.case.rival))]
    features = sympy.Matrix([[*problem.data.x[i], *_hidden(bench, i, place)] for i in rows])
    targets = sympy.Matrix([list(better) for better in bench.case.rival])
    symbols = sympy.symbols(f"A0:{features.cols}")
    for k in range(network.dy):
        if not sympy.linsolve((features, targets[:, k]), *symbols):
            return Finding.open("the rival predictions are not linear in (x, z)")
    value = rival_value(bench)
    if value is None or bench.sign(bench.objective("L").expression - value, place) != 1:
        return Finding.open("no rival predictions linear in (x, z) are shown to be better")
    here = shown(bench.enclose(bench.objective("L").expression, place))
    return together(minimum, Finding(True, f"L = {here} there, and {text(value)} for a predictor linear in (x, z)"))


def _hidden(bench: Bench, row: int, place: Place) -> list[sympy.Expr]:
    """Return z(x_i, u) of a residual network at the place, exactly."""
    network, x = bench.problem.network, bench.problem.data.x[row]
    act = network.activation
    if act is None:
        raise NoEnclosure("the network has no activation")
    value = {p.name: place.values[p.name] for p in bench.problem.parameters}
    return [
        act(sympy.Add(value[f"c{k}"], *(value[f"u{k}_{r}"] * v for r, v in enumerate(x, start=1))))
        for k in range(1, network.layers[1] + 1)
    ]


def _stated(bench: Bench, kind: str, check: Check) -> Finding:
    """Return the finding of the case's own claim of this kind."""
    for claim in bench.case.claims:
        if claim.kind == kind:
            return check(bench, claim)
    return Finding.open(f"the case makes no claim {kind}")


FAILURES: Final[dict[str, Failure]] = {
    "vanishing": _vanishing,
    "vanishing_at_minima": _vanishing_at_minima,
    "perturbation": _perturbation,
    "independence": _independence,
    "elimination": _elimination,
    "elimination_by_pgb": _elimination,
    "one_neuron": _one_neuron,
    "elimination_per_sample": _per_sample,
    "characterisation": _characterisation,
    "vacuity": _vacuity,
    "vacuity_consistent": _vacuity_consistent,
    "failure_mode": _failure_mode,
    "failure_mode_a": _elimination,
    "no_extra_unit": _no_extra_unit,
    "flow_identity": _flow_identity,
    "failure_mode_c": _failure_mode_c,
    "failure_mode_e": added.failure_mode_e,
    "pgb_condition": _pgb_condition,
    "residual": _residual,
    "grouped_gradients": beyond.grouped_gradients,
    "reduction": beyond.reduction,
    "strict_saddle": beyond.strict_saddle,
    "ridge": beyond.ridge,
    "depth_width": beyond.depth_width,
}
