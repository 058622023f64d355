"""Conjectures about a user's own transformation of L, as a premise and conclusions, and what is true of them at a point.

The judgment is exact or in balls, by the rules of `pgb.cases` that use no theorem about Lt; what they leave open is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Final

import sympy

from pgb.cases import minima, optimality
from pgb.cases.bench import Bench, Place, shown
from pgb.cases.files import Case
from pgb.cases.results import Finding
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.expressions import parse, real_symbol, short, text
from pgb.falsify.documents import POINT, RADIUS, Document, Spot
from pgb.falsify.transformations import LAMBDA, PENALTY, Transformation
from pgb.landscape.balls import NoEnclosure
from pgb.objective import Objective, transformed
from pgb.problem import Problem
from pgb.theorems import HYPOTHESES

OPTIMAL: Final = "L = L*"
GLOBAL: Final = "theta minimises L"
NEVER: Final = "never"
_RELATION: Final = re.compile(r"(?P<left>[^<>=!]+)(?P<sign><=|>=|!=|=|<|>)(?P<right>[^<>=!]+)")
_MEANING: Final = {"=": (0,), "!=": (-1, 1), "<=": (-1, 0), ">=": (0, 1), "<": (-1,), ">": (1,)}
MOST: Final = 20


class At(StrEnum):
    """The points that a conjecture speaks of."""

    LOCAL_MINIMUM = "local minimum"
    CRITICAL_POINT = "critical point"
    EVERY_POINT = "every point"


@dataclass(frozen=True, slots=True)
class Relation:
    """A conclusion that compares two formulas.

    Attributes
    ----------
    text
        As the user wrote it.
    left, right
        In L, Lt, Lstar (L*), a_squared (|a|^2), lambda, and a, b, w1 .. of one output: then it is meant for every output.
    signs
        The signs of left - right with which it holds.
    """

    text: str
    left: str
    right: str
    signs: tuple[int, ...]

    def differences(self, objective: Objective, problem: Problem, base: sympy.Expr) -> list[sympy.Expr]:
        """Return left - right in the variables of the objective and ``Lstar``, for each output that it speaks of.

        Parameters
        ----------
        objective, base
            Lt, and the expression of L.
        """
        return [left - right for left, right in self.sides(objective, problem, base)]

    def sides(self, objective: Objective, problem: Problem, base: sympy.Expr) -> list[tuple[sympy.Expr, sympy.Expr]]:
        """Return left and right, as `differences`."""
        names = {v.name: v for v in objective.variables}
        a = [v for n, v in names.items() if n.startswith("aux_a")]
        common = {"L": base, "Lt": objective.expression, "Lstar": real_symbol("Lstar")}
        common |= {"lambda_": problem.augmentation.lam, "a_squared": sympy.Add(*(v**2 for v in a))}
        out = []
        for k in range(1, problem.network.dy + 1):
            values = dict(common)
            values |= {v: names[n] for v in "ab" for n in (f"aux_{v}{k}", f"aux_{v}") if n in names}
            values |= {n.removeprefix(f"aux_w{k}_"): v for n, v in names.items() if n.startswith(f"aux_w{k}_")}
            values = {f"w{n}" if n.isdigit() else n: v for n, v in values.items()}
            symbols = {n: real_symbol(n) for n in values}
            sides = [parse(LAMBDA.sub("lambda_", side), symbols, "claim.then") for side in (self.left, self.right)]
            at = {symbols[n]: v for n, v in values.items()}
            out.append(tuple(side.subs(at, simultaneous=True) for side in sides))
        return list(dict.fromkeys(out))


@dataclass(frozen=True, slots=True)
class Conjecture:
    """What a user claims about a transformation of L; see `conjecture`.

    Attributes
    ----------
    title
        What it is called.
    transformation
        None for the problem's own.
    at, then
        At every such point of Lt, these hold: relations, or `OPTIMAL`, `GLOBAL`, `NEVER`.
    hypotheses
        Those of `pgb.theorems.HYPOTHESES` that a problem must meet for the claim to speak of it.
    """

    title: str
    transformation: Transformation | None
    at: At
    then: tuple[str | Relation, ...]
    hypotheses: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.then == (NEVER,):
            said = "Lt has no local minimum" if self.at is At.LOCAL_MINIMUM else f"Lt has no {self.at}"
        else:
            where = "every point" if self.at is At.EVERY_POINT else f"every {self.at} of Lt"
            said = f"at {where}: {' and '.join(c if isinstance(c, str) else c.text for c in self.then)}"
        return said if self.transformation is None else f"with {self.transformation}, {said}"

    def applied(self, document: Document) -> Document:
        """Return a problem document with the transformation's own variables."""
        return document if self.transformation is None else self.transformation.applied(document)

    def objective(self, problem: Problem) -> Objective:
        """Return Lt of a problem whose document came from `applied`."""
        return transformed(problem) if self.transformation is None else self.transformation.objective(problem)

    def speaks_of(self, problem: Problem) -> bool:
        """Does the problem meet the hypotheses?"""
        facts = problem.hypotheses()
        return all(facts[h].holds is True for h in self.hypotheses)


def conjecture(
    *,
    unit: str = "",
    penalty: str = PENALTY,
    formula: str = "",
    at: str = "local minimum",
    then: str | Sequence[str],
    hypotheses: Sequence[str] = (),
    title: str = "",
) -> Conjecture:
    """State a conjecture about a transformation of L.

    Parameters
    ----------
    unit, penalty
        A unit that is added to every output, in a, b, w1 .. and x1 .. (``wx`` stands for w . x), and a penalty that is
        added for every output, in a, b, w1 .. and ``lambda``.
    formula
        Instead of both, the whole of Lt in L, a, b and ``lambda``: ``"L*(1 + (a*exp(b) - 1)^2)/2 + lambda*a^2"``.
        With neither, Lt is what a problem's own [augmentation] says.
    at
        ``"local minimum"``, ``"critical point"`` (both of Lt) or ``"every point"``.
    then
        What holds there: ``"L = L*"`` (theta is optimal among all functions of the input), ``"theta minimises L"`` (among
        all theta), ``"never"`` (there is no such point), or a comparison by ``= != <= >= < >`` of formulas in L, Lt, Lstar,
        lambda, a_squared (for ``|a|^2``), and a, b, w1 .. for every output.
    hypotheses
        Those that a problem has to meet, such as ``"loss_convex"``.
    title
        What it is called; by default what it says.

    Raises
    ------
    InputError
        When a part cannot be read.

    Examples
    --------
    >>> print(conjecture(unit="a*tanh(wx + b)", then=["a = 0", "L = L*"]))
    with the added unit a*tanh(wx + b) and the penalty lambda*a^2, at every local minimum of Lt: a = 0 and L = L*
    """
    transformation = None
    if unit or formula or penalty != PENALTY:
        transformation = Transformation(unit, penalty, formula)
    if at not in tuple(At):
        raise InputError("claim.at", f"must be one of {', '.join(At)}, got {short(at)}")
    parts = [then] if isinstance(then, str) else list(then)
    if not parts or len(parts) > MOST or not all(isinstance(p, str) for p in parts):
        raise InputError(
            "claim.then", f"must be 1 to {MOST} conclusions such as 'a = 0' or 'L = L*', got {short(then)}"
        )
    for name in hypotheses:
        if name not in HYPOTHESES:
            raise InputError("hypotheses", f"must be some of {', '.join(HYPOTHESES)}, got {short(name)}")
    conclusions = tuple(_conclusion(part) for part in parts)
    if NEVER in conclusions and (len(conclusions) > 1 or at == At.EVERY_POINT):
        raise InputError("claim.then", f"{NEVER!r} stands alone, and with {At.LOCAL_MINIMUM} or {At.CRITICAL_POINT}")
    whole = Conjecture(title, transformation, At(at), conclusions, tuple(hypotheses))
    _tried(whole)
    return whole if title else Conjecture(str(whole), transformation, At(at), conclusions, tuple(hypotheses))


def _conclusion(part: str) -> str | Relation:
    plain = " ".join(part.split())
    if plain.replace(" ", "") in ("L=L*", "L=Lstar"):
        return OPTIMAL
    if plain.lower() in (GLOBAL, "theta minimizes l", GLOBAL.lower()):
        return GLOBAL
    if plain.lower() == NEVER:
        return NEVER
    found = _RELATION.fullmatch(plain)
    if found is None:
        wanted = f"must be {OPTIMAL!r}, {GLOBAL!r}, {NEVER!r} or a comparison such as 'a = 0', got {short(part)}"
        raise InputError("claim.then", wanted)
    return Relation(plain, found["left"].strip(), found["right"].strip(), _MEANING[found["sign"]])


def _tried(claim: Conjecture) -> None:
    """Read all formulas once, on the smallest problem, so that mistakes are told at once."""
    from pgb.falsify.documents import problem_of

    sample: Document = {
        "network": {"kind": "formula", "formula": ["t1"], "parameters": ["t1"]},
        "loss": {"name": "squared"},
        "data": {"x": [["1"]], "y": [["1"]]},
    }
    wide = sample["data"] | {"x": [["1"] * 9]}  # so that w9 and x9 have a meaning
    problem = problem_of(claim.applied({**sample, "data": wide}))
    objective = claim.objective(problem)
    for part in claim.then:
        if isinstance(part, Relation):
            part.sides(objective, problem, sympy.S.Zero)


# -- what is true at a point


@dataclass(frozen=True, slots=True)
class Judgment:
    """What is known about a conjecture at one point.

    Attributes
    ----------
    premise
        Whether it is one of the points that the conjecture speaks of.
    conclusions
        What is known of each conclusion there.
    """

    premise: Finding
    conclusions: tuple[Finding, ...]

    @property
    def holds(self) -> bool | None:
        """True where the conjecture does not fail, False where it fails, None where that is undecided."""
        answers = [c.holds for c in self.conclusions]
        if self.premise.holds is False or all(a is True for a in answers):
            return True
        if self.premise.holds is None:
            return None
        return False if False in answers else None

    @property
    def sentence(self) -> str:
        """What was found that decides it, or why nothing does."""
        if self.holds is None:
            return next(f.sentence for f in (self.premise, *self.conclusions) if f.holds is None)
        telling = (self.premise, *(c for c in self.conclusions if c.holds is self.holds))
        return "; ".join(f.sentence for f in telling if f.sentence)

    @property
    def evidence(self) -> Evidence:
        """How a failure is known."""
        failing = next((c for c in self.conclusions if c.holds is False), self.premise)
        return Evidence.weakest(self.premise.evidence, failing.evidence)


class _Workbench(Bench):
    """The bench of a case, with the conjecture's Lt in the place of the problem's."""

    def __init__(self, case: Case, lt: Objective) -> None:
        super().__init__(case)
        self._lt = lt

    def objective(self, name: str) -> Objective:
        return self._lt if name == "Lt" else super().objective(name)


def judged(
    claim: Conjecture, problem: Problem, objective: Objective, spot: Spot, rivals: Sequence[Mapping[str, str]] = ()
) -> Judgment:
    """Decide the conjecture at one point.

    Parameters
    ----------
    problem, objective
        From `Conjecture.applied` and `Conjecture.objective`.
    spot
        The point.
    rivals
        Other values of theta, with which L may be smaller.
    """
    rival = tuple(tuple(parse(v, {}, "rival") for v in q) for q in spot.rival)
    radius = {} if spot.exact else {POINT: Fraction(RADIUS)}
    case = Case(POINT, problem, "failure_mode", (), approximate=radius, rival=rival)
    bench = _Workbench(case, objective)
    values = {n: parse(v, {}, f"points.{n}") for n, v in spot.values.items()}
    place = Place(POINT, values, Fraction(0) if spot.exact else Fraction(RADIUS))
    premise = _quiet(lambda: _premise(claim.at, bench, objective, place))
    if premise.holds is False:
        return Judgment(premise, ())
    return Judgment(premise, tuple(_quiet(partial(_concluded, c, bench, place, rivals)) for c in claim.then))


def _quiet(decide: Callable[[], Finding]) -> Finding:
    try:
        return decide()
    except NoEnclosure as reason:
        return Finding.open(str(reason))


def _premise(at: At, bench: Bench, objective: Objective, place: Place) -> Finding:
    if at is At.EVERY_POINT:
        return Finding(True, "")
    if at is At.LOCAL_MINIMUM:
        return minima.local_minimum(bench, objective, place)
    found = minima.classified(bench, objective, place)
    if isinstance(found, str):
        return Finding(False, found)
    if found.critical is None:
        return Finding.open(f"whether {place.name} is critical for Lt is not decided: {found.reason}")
    word = "is" if found.critical else "is not"
    near = "" if found.exact else f" within {found.distance} of the stated coordinates"
    return Finding(found.critical, f"{place.name} {word} critical for Lt{near}", certificate=found.to_json())


def _concluded(part: str | Relation, bench: Bench, place: Place, rivals: Sequence[Mapping[str, str]]) -> Finding:
    if isinstance(part, Relation):
        return _related(part, bench, place)
    if part == NEVER:
        return Finding(False, "")
    found = optimality.optimal(bench, place)
    if part == OPTIMAL or found.holds is True:
        return found
    base = bench.objective("L")
    for theta in rivals:
        other = {v: parse(theta[v.name], {}, "rival") for v in base.variables}
        lower = base.expression.subs(other, simultaneous=True)
        if bench.sign(base.expression - lower, place) == 1:
            at = ", ".join(f"{v.name} = {text(e)}" for v, e in other.items())
            here, there = bench.enclose(base.expression, place), bench.enclose(lower, place)
            return Finding(False, f"L({place.name}) = {shown(here)} is above L = {shown(there)} at {at}")
    return Finding.open(f"whether another theta has a smaller L than {place.name} is not decided")


def _related(part: Relation, bench: Bench, place: Place) -> Finding:
    """Decide a comparison: it fails where the sign of left - right is certain and another one for some output."""
    best, star = bench.optimum, real_symbol("Lstar")
    undecided = ""
    for sides in part.sides(bench.objective("Lt"), bench.problem, bench.objective("L").expression):
        if any(side.has(star) for side in sides) and best.value is None:
            return Finding.open(f"L* is not known: {best.reason}")
        left, right = (side if best.value is None else side.subs(star, best.value) for side in sides)
        sign = bench.sign(left - right, place)
        values = f"{part.left} = {shown(bench.enclose(left, place))}"
        if part.right != shown(bench.enclose(right, place)):
            values += f", {part.right} = {shown(bench.enclose(right, place))}"
        if sign is None:
            undecided = undecided or f"whether {part.text} is not decided: {values}"
        elif sign not in part.signs:
            return Finding(False, f"{values}, against {part.text}")
    return Finding.open(undecided) if undecided else Finding(True, f"{part.text} holds")
