"""The theorems decided on one concrete problem: are there bad local minima, are they removed, vacuously or not, and how does it fail?

Verdicts come from two sides that must agree: the kernel's theorems with the problem's hypotheses checked exactly, and
the certified landscape (all local minima of L, whether L* is attained, escape rays).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import sympy

from pgb import library
from pgb.errors import InputError
from pgb.escape import Infimum, Ray, best_ray, infimum
from pgb.evidence import Evidence, Verdict
from pgb.landscape import certificates, exact, proposals
from pgb.landscape.attainment import Attainment, attainment
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compare import compare
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives
from pgb.landscape.results import CriticalSet, Kind
from pgb.landscape.search import critical_points
from pgb.objective import Optimum, group_gradient, loss, optimum
from pgb.problem import Problem
from pgb.theorems import STRUCTURAL, THEOREMS

POINT_SECONDS: Final = 20.0
# Theorems that speak of the local minima of Lt: vacuous where there are none.
ABOUT_MINIMA: Final = frozenset({
    "vanishing_at_minima", "perturbation", "grouped_gradients", "elimination", "elimination_per_sample", "characterisation",
    "elimination_by_pgb", "one_neuron",
})  # fmt: skip
ABOUT_BAD_THETA: Final = frozenset({"failure_mode", "failure_mode_c", "failure_mode_e"})


@dataclass(frozen=True, slots=True)
class Minimum:
    """One local minimum of L, and what becomes of it.

    Attributes
    ----------
    name
        The point's name in the problem file, or a number.
    theta, value
        Decimals.
    strict, status
        As classified.
    bad
        True when some other theta is certified to have a smaller value; None where that is not decided.
    optimal
        True when the data term is certified to be L* here, False when certified to be above; None undecided.
    ray, infimum
        For a theta with L(theta) > L*: a certified escape ray and V(theta); else None.
    """

    name: str
    theta: Mapping[str, str]
    value: str
    strict: bool | None
    status: Evidence
    bad: bool | None
    optimal: bool | None
    ray: Ray | None = None
    infimum: Infimum | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the minimum as plain data with stable keys."""
        return {
            "name": self.name,
            "theta": dict(self.theta),
            "value": self.value,
            "strict": self.strict,
            "status": str(self.status),
            "bad": self.bad,
            "optimal_among_all_functions": self.optimal,
            "escape": None if self.ray is None else self.ray.to_json(),
            "V": None if self.infimum is None else self.infimum.to_json(),
        }


@dataclass(frozen=True, slots=True)
class TheoremVerdict:
    """What one theorem says about this problem."""

    theorem: str
    verdict: Verdict
    evidence: Evidence
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data with stable keys."""
        return {
            "theorem": self.theorem,
            "verdict": str(self.verdict),
            "evidence": str(self.evidence),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """Everything that `pgb check` found out about a problem."""

    title: str
    critical: CriticalSet | None
    search: str
    star: Optimum
    attainment: Attainment
    minima: tuple[Minimum, ...]
    augmented: str
    verdicts: tuple[TheoremVerdict, ...]
    hypotheses: Mapping[str, tuple[bool | None, str]]

    @property
    def ok(self) -> bool:
        """Is no theorem violated?"""
        return all(v.verdict is not Verdict.VIOLATED for v in self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return the record of `pgb check --json`."""
        return {
            "title": self.title,
            "hypotheses": {n: {"holds": h, "reason": r} for n, (h, r) in self.hypotheses.items()},
            "L_star": None if self.star.value is None else str(self.star.value),
            "L_star_attained": self.attainment.attained,
            "L_star_reason": self.attainment.reason,
            "search": self.search,
            "complete": bool(self.critical and self.critical.complete),
            "local_minima": {"original": [m.to_json() for m in self.minima], "augmented": self.augmented},
            "verdicts": [v.to_json() for v in self.verdicts],
            "ok": self.ok,
        }


def check(
    problem: Problem,
    *,
    search: bool = True,
    seconds: float | None = 60,
    workers: int = 2,
    seed: int = 0,
    progress: Callable[..., None] | None = None,
) -> Check:
    """Decide every theorem of the library on one problem.

    Parameters
    ----------
    problem
        Exact.
    search
        Enumerate the critical points of L; without it only named points are used.
    seconds, workers, seed
        Budget, processes and seed of the searches.
    """
    critical, said = _enumerate(problem, search, seconds, workers, seed, progress)
    star = optimum(problem)
    reached = attainment(problem, critical, seed=seed)
    known, skipped = _minima(
        problem, critical, star, seed, POINT_SECONDS if seconds is None else min(seconds, POINT_SECONDS)
    )
    minima = tuple(_settle(problem, m, reached) for m in known)
    said += "".join(f"; the type of {name!r} was not decided within its time" for name in skipped)
    hypotheses = {n: (f.holds, f.reason) for n, f in problem.hypotheses().items()}
    network = problem.network
    if network.kind == "residual":
        hypotheses["dx_at_least_dy"] = (network.dx >= network.dy, f"dx = {network.dx}, dy = {network.dy}")
    verdicts = tuple(_verdict(name, hypotheses, reached, minima, problem) for name in library.proof_names())
    return Check(
        problem.title,
        critical,
        said,
        star,
        reached,
        minima,
        _describe(problem, reached, hypotheses),
        verdicts,
        hypotheses,
    )


def _enumerate(
    problem: Problem, search: bool, seconds: float | None, workers: int, seed: int, progress: Callable[..., None] | None
) -> tuple[CriticalSet | None, str]:
    if not search:
        return None, "no search was asked for; only the named points are studied"
    try:
        found = critical_points(problem, seconds=seconds, workers=workers, seed=seed, progress=progress)
    except InputError as error:
        return None, f"the critical points of L are not enumerated: {error}"
    return found, found.completeness


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after so many seconds; without effect outside the main thread, where nothing can interrupt."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _minima(
    problem: Problem, critical: CriticalSet | None, star: Optimum, seed: int, seconds: float
) -> tuple[tuple[Minimum, ...], list[str]]:
    """Return the local minima of L, those found by the search and the named points certified to be minima.

    Also the names of points that took too long.
    """
    skipped: list[str] = []
    from pgb.landscape.classify import classify

    objective = loss(problem)
    found: list[tuple[str, Mapping[str, str], str, bool | None, Evidence, Mapping[str, sympy.Expr] | None]] = []
    for n, p in enumerate(critical.points if critical is not None else (), start=1):
        if p.kind is Kind.LOCAL_MINIMUM:
            found.append((str(n), p.theta, p.value, p.strict, p.status, None))
    for name, point in problem.points.items():
        if set(point) - {v.name for v in objective.variables}:
            continue
        try:
            with _within(seconds):
                seen = classify(objective, point)
        except TimeoutError:
            skipped.append(name)
            continue
        if (
            seen.kind is Kind.LOCAL_MINIMUM and not seen.exact
        ):  # the certified critical point near the decimals is meant
            found.append((name, seen.theta, seen.value or "0", seen.strict, seen.status, None))
        elif seen.kind is Kind.LOCAL_MINIMUM:
            shown = {k: _decimal(v) for k, v in point.items()}
            found.append((name, shown, _decimal(objective.at(point)), seen.strict, seen.status, point))
    values = [Fraction(v) for _, _, v, *_ in found]
    others = [objective.at(p) for p in problem.points.values()]
    return tuple(_minimum(problem, star, item, values, others, seed) for item in found), skipped


def _decimal(value: sympy.Expr) -> str:
    return str(compile_expressions([value], []).balls([], 256)[0].str(25, radius=False))


def _minimum(
    problem: Problem, star: Optimum, item: Any, values: Sequence[Fraction], others: Sequence[sympy.Expr], seed: int
) -> Minimum:
    name, theta, value, strict, status, point = item
    own = Fraction(value)
    slack = Fraction(1, 10**15) * max(Fraction(1), abs(own))
    at = point if point is not None else {k: sympy.Rational(v) for k, v in theta.items()}
    bad = True if any(v < own - slack for v in values) else None
    if bad is None and any(_below(e, own - slack) for e in others):
        bad = True
    optimal = _optimal(problem, star, point, own, slack)
    if bad is None and optimal:
        bad = False
    escape, V = None, None
    if optimal is False and problem.augmentation.kind == "exp_neuron" and problem.augmentation.lam > 0:
        try:
            escape = best_ray(problem, at, seed=seed)
            V = infimum(problem, at, best=escape, seed=seed)
        except NoEnclosure:
            escape = None
    return Minimum(name, theta, value, strict, status, bad, optimal, escape, V)


def _settle(problem: Problem, minimum: Minimum, reached: Attainment) -> Minimum:
    """Use a certified interpolating theta: above its value L* a minimum is bad, and at its place it is optimal."""
    if problem.ridge or reached.attained is not True:
        return minimum
    if minimum.optimal is False and minimum.bad is None:
        return replace(minimum, bad=True)
    theta = reached.certificate.get("theta")
    if minimum.optimal is None and theta and _same_zero(problem, minimum.theta, theta):
        return replace(minimum, optimal=True, bad=False)
    return minimum


def _same_zero(problem: Problem, theta: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Are two certified critical points of L, given by decimals, the same?

    One Krawczyk box of radius 1e-6 around the first holds exactly one critical point; both lie well inside it. (An
    interpolating theta minimises L, so it is critical; its certified radius is below 1e-9.)
    """
    objective = loss(problem)
    names = [v.name for v in objective.variables]
    centre = [Fraction(theta[n]) for n in names]
    if max(abs(c - Fraction(other[n])) for c, n in zip(centre, names, strict=True)) > Fraction(1, 10**8):
        return False
    programs = derivatives(objective.expression, objective.variables)
    inverse = proposals.inverse(programs.hessian, centre, 256)
    if inverse is None:
        return False
    radius = [Fraction(1, 10**6)] * len(names)
    found = certificates.krawczyk(programs.gradient, programs.hessian, centre, radius, inverse, 256)
    return not isinstance(found, certificates.Refused)


def _below(e: sympy.Expr, bound: Fraction) -> bool:
    return compare(e, sympy.Rational(bound.numerator, bound.denominator)) == -1


def _optimal(
    problem: Problem, star: Optimum, point: Mapping[str, sympy.Expr] | None, own: Fraction, slack: Fraction
) -> bool | None:
    """Is the data term L* here? Exactly decided at an exact point; at a certified decimal only excluded."""
    if star.value is None and star.attained is False:
        return False
    if star.value is None:
        return None
    if problem.ridge:
        return None
    if point is not None:
        return _vanishes(loss(problem).at(point) - star.value)
    high = compile_expressions([star.value], []).balls([], 256)[0]
    gap = sympy.Rational((own - slack).numerator, (own - slack).denominator)
    if compare(gap, star.value) == 1 or (star.attained is False and high.is_finite()):
        return False
    return None


def _vanishes(value: sympy.Expr) -> bool | None:
    """Is a closed value exactly 0? Balls first; the exact rules only where 1,024 bits do not exclude 0, and not for long."""
    program = compile_expressions([value], [])
    for precision in (256, 1024):
        (ball,) = program.balls([], precision)
        if not ball.contains(0):
            return False
    try:
        with _within(POINT_SECONDS / 4):
            sign = exact.sign(value)
    except TimeoutError:
        return None
    return None if sign is None else sign == 0


def _uniform_ridge(problem: Problem) -> bool:
    """Is the penalty mu |theta|^2 with one mu > 0 for all parameters, and f differentiable, as the theorem ridge asks?"""
    weights = set(problem.ridge.values())
    everywhere = len(problem.ridge) == len(problem.parameters)
    return everywhere and len(weights) == 1 and problem.hypotheses()["f_differentiable"].holds is True


def _zero_is_optimal(problem: Problem) -> bool | None:
    """Is the data term L* at theta = 0? Exactly, by the loss gradients of the groups; None where undecided."""
    zero = dict.fromkeys(problem.parameters, sympy.S.Zero)
    outputs, signs = problem.outputs(), []
    for group in problem.data.groups():
        at = dict(zip(problem.loss.q, (f.subs(zero) for f in outputs[group[0]]), strict=True))
        signs += [exact.sign(g.subs(at, simultaneous=True)) for g in group_gradient(problem, group)]
    if any(sign in (1, -1) for sign in signs):
        return False
    return None if None in signs else True


Hypotheses = Mapping[str, tuple[bool | None, str]]


def _lacking(theorem: str, hypotheses: Hypotheses) -> list[str]:
    """Return the hypotheses of a theorem that are not known to hold here, in words."""
    module = library.load_proof(theorem)
    names = [n for n in (*module.HYPOTHESES, *module.STRUCTURE) if n in hypotheses]
    words = {False: "fails", None: "is not decided"}
    return [f"{n} {words[hypotheses[n][0]]}" for n in names if hypotheses[n][0] is not True]


def _describe(problem: Problem, reached: Attainment, hypotheses: Hypotheses) -> str:
    """Return the local minima of the transformed objective, in one sentence; only where a theorem describes them."""
    kind = problem.augmentation.kind
    if kind != "exp_neuron":
        return f"not described for augmentation.kind {kind!r}"
    theorem = "ridge" if problem.ridge else "characterisation"
    lacking = _lacking(theorem, hypotheses)
    if lacking:
        return f"not described: the theorem {theorem} does not apply ({', '.join(lacking)})"
    if _uniform_ridge(problem) and _zero_is_optimal(problem) is False:
        return "none at all: with weight decay they need theta = 0 (ridge), where the data term is not L*: vacuous"
    if problem.ridge:
        return "a = 0, theta = 0 where the ridge is, and the data term at L* (ridge); else none"
    if reached.attained is True:
        return "exactly the points with L(theta) = L*, a = 0 and any (b, W); all of them global, and some exist"
    if reached.attained is False:
        return (
            "none at all: no theta attains L*, so the elimination is vacuous and L's global minimum is eliminated too"
        )
    return "exactly the points with L(theta) = L* and a = 0, if any; whether there are any is undecided"


def _verdict(
    name: str,
    hypotheses: Mapping[str, tuple[bool | None, str]],
    reached: Attainment,
    minima: Sequence[Minimum],
    problem: Problem,
) -> TheoremVerdict:
    module = library.load_proof(name)
    needs = [*module.HYPOTHESES, *module.STRUCTURE]
    known = {n: hypotheses[n] for n in needs if n in hypotheses}
    failing = [f"{n} fails ({why})" for n, (holds, why) in known.items() if holds is False]
    if failing:
        return TheoremVerdict(name, Verdict.NOT_APPLICABLE, Evidence.CERTIFIED, "; ".join(failing))
    unknown = [f"{n} is not decided ({why})" for n, (holds, why) in known.items() if holds is None]
    unknown += [f"{n} is not decided here" for n in needs if n not in hypotheses and n not in STRUCTURAL]
    if name == "no_extra_unit" and problem.augmentation.kind != "no_extra_unit":
        return TheoremVerdict(
            name, Verdict.NOT_APPLICABLE, Evidence.CERTIFIED, "augmentation.kind is not 'no_extra_unit'"
        )
    if name == "residual" and problem.network.kind != "residual":
        return TheoremVerdict(name, Verdict.NOT_APPLICABLE, Evidence.CERTIFIED, "network.kind is not 'residual'")
    if name == "one_neuron" and problem.network.dy != 1:
        reason = f"the network has {problem.network.dy} outputs, not one"
        return TheoremVerdict(name, Verdict.NOT_APPLICABLE, Evidence.CERTIFIED, reason)
    if name == "ridge" and not _uniform_ridge(problem):
        reason = "the problem has no weight decay mu |theta|^2, with one mu > 0 for all parameters"
        return TheoremVerdict(name, Verdict.NOT_APPLICABLE, Evidence.CERTIFIED, reason)
    if unknown:
        return TheoremVerdict(name, Verdict.UNDECIDED, Evidence.UNDECIDED, "; ".join(unknown))
    return _applied(name, reached, minima, problem, hypotheses)


def _applied(
    name: str, reached: Attainment, minima: Sequence[Minimum], problem: Problem, hypotheses: Hypotheses
) -> TheoremVerdict:
    """All hypotheses hold: the theorem holds; say whether it says anything here."""
    says = THEOREMS[name].says if name in THEOREMS else ""
    if name in ABOUT_MINIMA:
        lacking = _lacking("ridge" if problem.ridge else "characterisation", hypotheses)
        if lacking:  # then nothing says which points are local minima of Lt, or that there are none
            return TheoremVerdict(
                name, Verdict.HOLDS, Evidence.PROVED, f"whether vacuously is undecided: {', '.join(lacking)}"
            )
        if reached.attained is False:
            return TheoremVerdict(
                name,
                Verdict.VACUOUS,
                Evidence.weakest(Evidence.PROVED, reached.status),
                f"Lt has no local minimum: {reached.reason}",
            )
        if _uniform_ridge(problem) and _zero_is_optimal(problem) is False:
            reason = (
                "Lt has no local minimum: by the theorem ridge it would need theta = 0, where the data term is not L*"
            )
            return TheoremVerdict(name, Verdict.VACUOUS, Evidence.CERTIFIED, reason)
        if problem.ridge:
            return TheoremVerdict(
                name, Verdict.HOLDS, Evidence.PROVED, "with theta held; for the ridge see the theorem ridge"
            )
        if reached.attained is None:
            return TheoremVerdict(
                name, Verdict.HOLDS, Evidence.PROVED, "whether vacuously is undecided: " + reached.reason
            )
        return TheoremVerdict(name, Verdict.HOLDS, Evidence.PROVED, f"not vacuous: {reached.reason}")
    if name.startswith("vacuity"):
        if reached.attained is True:
            return TheoremVerdict(name, Verdict.VACUOUS, reached.status, f"its premise fails: {reached.reason}")
        if reached.attained is False:
            return TheoremVerdict(
                name, Verdict.HOLDS, Evidence.weakest(Evidence.PROVED, reached.status), reached.reason
            )
        return TheoremVerdict(name, Verdict.UNDECIDED, Evidence.UNDECIDED, reached.reason)
    if name in ABOUT_BAD_THETA:
        above = [m.name for m in minima if m.optimal is False]
        where = (
            f"applies at the local minima {', '.join(above)} of L"
            if above
            else "no local minimum of L above L* is known"
        )
        return TheoremVerdict(name, Verdict.HOLDS, Evidence.PROVED, where)
    return TheoremVerdict(name, Verdict.HOLDS, Evidence.PROVED, says)
