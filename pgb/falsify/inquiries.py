"""Attacks a user's claim about problems: a conjecture in parts, judged exactly, or a Python callable, believed as far as it says.

Untrusted search: floats propose points and hypothesis makes counterexamples small; `pgb.falsify.conjectures` decides.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import numpy as np
import sympy
from scipy.optimize import minimize

from pgb.errors import InputError
from pgb.evidence import Evidence, Verdict
from pgb.expressions import parse, real_symbol, short
from pgb.falsify.campaign import Trial
from pgb.falsify.candidates import FAR, GRID, SLOPE, Floats, Guess, Vector
from pgb.falsify.conjectures import GLOBAL, NEVER, OPTIMAL, At, Conjecture, Judgment, Relation, judged
from pgb.falsify.documents import POINT, Document, Spot, problem_of, weight
from pgb.falsify.drawing import name_of
from pgb.falsify.points import STARTS, WIDE, spot_of
from pgb.falsify.reasons import short_reason
from pgb.falsify.written import document_of
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import compile_expressions
from pgb.landscape.derivatives import derivatives
from pgb.objective import Objective, loss, optimum
from pgb.problem import Problem

JUDGED: Final = 3  # points that look like failures, judged in one problem
SHOWS: Final = 1e-5
SIMPLE: Final = ("0", "1", "-1", "1/2", "-1/2", "2", "-2")
PLACES: Final = 400
NEWTON: Final = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What a user's callable says about one problem.

    Attributes
    ----------
    holds
        True, False, or None where it does not know.
    sentence
        Why.
    evidence
        How it knows.
    applies
        False when it does not speak of the problem.
    premise
        Whether it speaks of it not only vacuously.
    """

    holds: bool | None
    sentence: str = ""
    evidence: Evidence = Evidence.NUMERICAL
    applies: bool = True
    premise: bool = True


class Claim(Protocol):
    """What is attacked: looks at one problem, and tells of a failure."""

    def trial(self, document: Document, seed: int) -> Trial:
        """Try one problem; equal documents and seeds give equal results."""

    def nearer(self, document: Document, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the failure with simpler numbers, where there are some."""


# -- conjectures


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A conjecture under attack.

    Attributes
    ----------
    points
        Points that are looked at first, as text; for problems that are given and not drawn.
    """

    claim: Conjecture
    points: tuple[Mapping[str, str], ...] = field(default=())

    def trial(self, document: Document, seed: int) -> Trial:
        """Judge some points of one problem."""
        document = self.claim.applied(document)
        problem = problem_of(document)
        if not self.claim.speaks_of(problem):
            return Trial(admissible=False)
        objective = self.claim.objective(problem)
        premise, undecided, seen = False, "", False
        for spot, rivals in self._spots(problem, objective, seed):
            seen = True
            found = judged(self.claim, problem, objective, spot, rivals)
            if found.holds is False:
                return Trial(premise=True, decided=True, found=_plain(document, spot, rivals, found))
            premise |= found.premise.holds is True
            undecided = undecided or (short_reason(found.sentence) if found.holds is None else "")
        return Trial(premise=premise, decided=False if not seen else None if undecided else True, reason=undecided)

    def _spots(self, problem: Problem, objective: Objective, seed: int) -> Iterator[tuple[Spot, list[dict[str, str]]]]:
        for values in self.points:
            yield Spot(values, not any("." in v for v in values.values())), []
        try:
            look = _Look(self.claim, Floats(problem, seed, objective))
        except NoEnclosure:
            return
        yield from look.spots()

    def nearer(self, document: Document, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replace coordinates of an exact point by simpler numbers, as long as the conjecture fails there."""
        problem = problem_of(document)
        objective = self.claim.objective(problem)
        if not found["exact"]:
            return found
        for name in found["values"]:
            for new in (v for v in SIMPLE if weight(v) < weight(found["values"][name])):
                spot = Spot({**found["values"], name: new}, True, tuple(tuple(q) for q in found["rival"]))
                here = judged(self.claim, problem, objective, spot, found["rivals"])
                if here.holds is False:
                    found = _plain(document, spot, found["rivals"], here)
                    break
        return found


def _plain(document: Document, spot: Spot, rivals: Sequence[Mapping[str, str]], found: Judgment) -> dict[str, Any]:
    return {
        "document": document,
        "values": dict(spot.values),
        "exact": spot.exact,
        "rival": [list(q) for q in spot.rival],
        "rivals": [dict(r) for r in rivals],
        "why": found.sentence,
        "evidence": str(found.evidence),
    }


class _Look:
    """Points of one problem at which a conjecture seems to fail, and one at which it seems to hold; in floats."""

    def __init__(self, claim: Conjecture, floats: Floats) -> None:
        self.claim, self.floats = claim, floats
        problem, variables = floats.problem, floats.objective.variables
        base, best = loss(problem).expression, real_symbol("Lstar")
        star = parse(f"{floats.best:.15f}", {}, "L*")
        if optimum(problem).value is not None:
            star = optimum(problem).value
        self.relations = [
            (
                compile_expressions(
                    [d.subs(best, star) for d in part.differences(floats.objective, problem, base)], variables
                ),
                part,
            )
            for part in claim.then
            if isinstance(part, Relation)
        ]
        self.base = compile_expressions([base], problem.parameters)
        self.rivals = self._rivals(base) if GLOBAL in claim.then else []

    def _rivals(self, base: sympy.Expr) -> list[dict[str, str]]:
        """Return a theta with a small L: the best of some minima, to ever more decimals."""
        floats = self.floats
        parameters = floats.problem.parameters
        f = derivatives(base, parameters)
        points = np.concatenate([np.zeros((1, floats.p)), floats.rng.normal(0, 1.5, (PLACES, floats.p))])
        values = np.nan_to_num(f.value.numpy(points.T)[0], nan=np.inf)
        points = points[np.argsort(values)[:STARTS]]
        ends = [
            minimize(lambda t: f.value.numpy(t[:, None])[0, 0], p, jac=lambda t: f.gradient.numpy(t[:, None])[:, 0]).x
            for p in points
        ]
        points = np.concatenate([points, np.clip(ends, -1e6, 1e6)])
        values = np.nan_to_num(f.value.numpy(points.T)[0], nan=np.inf)
        self.lowest = float(values.min())
        best = points[int(np.argmin(values))]
        return [{p.name: f"{v:.{d}f}" for p, v in zip(parameters, best, strict=True)} for d in (0, 1, 3, 8)]

    def fails(self, guess: Guess) -> bool:
        """Does a conclusion seem to fail there?"""
        z = guess.z[None, :]
        if NEVER in self.claim.then or (OPTIMAL in self.claim.then and guess.bad):
            return True
        if GLOBAL in self.claim.then and float(self.base.numpy(z[:, : self.floats.p].T)[0, 0]) > self.lowest + SHOWS:
            return True
        return any(bool(self._broken(z, program, part)[0]) for program, part in self.relations)

    def _broken(self, points: Vector, program: Any, part: Relation) -> Vector:
        d = program.numpy(points.T)
        signs = np.where(np.abs(d) <= SHOWS, 0, np.sign(d))
        return np.asarray(~np.isin(signs, part.signs).all(axis=0) & np.isfinite(d).all(axis=0))

    def spots(self) -> Iterator[tuple[Spot, list[dict[str, str]]]]:
        """Yield points worth a judgment, with values of theta that may have a smaller L."""
        if self.claim.at is At.EVERY_POINT:
            yield from ((spot, []) for spot in self._anywhere())
            return
        if not self.floats.smooth and self.floats.n > WIDE:
            return
        failing = 0
        spoken = False
        done: set[tuple[str, ...]] = set()
        for guess in self._premises():
            fails = self.fails(guess)
            if (fails and failing >= JUDGED) or (not fails and spoken):
                continue
            spot = spot_of(self.floats, guess)
            if spot is None or tuple(spot.values.values()) in done:
                continue
            done.add(tuple(spot.values.values()))
            failing, spoken = failing + fails, spoken or not fails
            yield spot, self.rivals
            if failing >= JUDGED and spoken:
                return

    def _premises(self) -> Iterator[Guess]:
        floats = self.floats
        if self.claim.at is At.CRITICAL_POINT:
            found = itertools.chain(floats.guesses(STARTS), floats.seen(self._stationary()))
            yield from (g for g in found if g.flat)
            return
        for guess in floats.guesses(STARTS):
            if guess.minimal and (floats.smooth or floats.confirmed(guess.z)):
                yield guess

    def _stationary(self) -> Vector:
        """Return points to which Newton's method leads, saddles too; shape (N, n)."""
        floats, found = self.floats, []
        for start in floats.rng.normal(0, 1.2, (2 * STARTS, floats.n)) if floats.smooth else ():
            z = start
            for _ in range(NEWTON):
                H, g = floats.hessian(z), floats.slope(z)
                if not (np.isfinite(H).all() and np.isfinite(g).all() and np.abs(z).max() < FAR):
                    break
                if np.abs(g).max() < SLOPE / 10:
                    found.append(z)
                    break
                z = z - np.clip(np.linalg.pinv(H, rcond=1e-9, hermitian=True) @ g, -1, 1)
        return np.array(found).reshape(-1, floats.n)

    def _anywhere(self) -> Iterator[Spot]:
        """Yield rational points, those first at which a relation seems to fail."""
        floats = self.floats
        rival = floats.rival if optimum(floats.problem).value is None else ()
        chosen = floats.rng.integers(0, len(GRID), (PLACES, floats.n))
        points = np.array([float(v) for v in GRID])[chosen]
        weights = np.array([weight(str(v)) for v in GRID])[chosen].sum(axis=1)
        bad = np.zeros(PLACES, dtype=bool)
        for program, part in self.relations:
            bad |= self._broken(points, program, part)
        for row in np.lexsort((weights, ~bad))[:JUDGED]:
            yield Spot({n: str(GRID[i]) for n, i in zip(floats.names, chosen[row], strict=True)}, True, rival)


# -- callables


@dataclass(frozen=True, slots=True)
class Question:
    """A user's callable under attack: it is asked about every problem, and answers in its own words."""

    ask: Callable[[Problem], Any]

    def trial(self, document: Document, seed: int) -> Trial:
        """Ask about one problem. An exception leaves it undecided."""
        problem = problem_of(document)
        try:
            answer = answer_of(self.ask(problem))
        except InputError:
            raise
        except Exception as error:  # noqa: BLE001  a user's mistake in one problem must not end a night's run
            return Trial(decided=None, reason=short_reason(f"the claim raised {type(error).__name__}: {error}"))
        if not answer.applies:
            return Trial(admissible=False)
        if answer.holds is None:
            return Trial(
                premise=answer.premise, decided=None, reason=short_reason(answer.sentence or "the claim does not say")
            )
        if answer.holds:
            return Trial(premise=answer.premise, decided=True)
        found = {"document": document, "values": {}, "why": answer.sentence, "evidence": str(answer.evidence)}
        return Trial(premise=True, decided=True, found=found)

    def nearer(self, document: Document, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the failure as it is: it has no point."""
        return found


def answer_of(said: Any) -> Answer:
    """Read what a callable returned.

    Parameters
    ----------
    said
        True, False or None; a `Verdict`; or an object with ``holds`` (or ``verdict``), and, where it has them, ``evidence``
        (or ``status``) and ``sentence`` (or ``reason``). A bare truth value is known numerically, not better.

    Raises
    ------
    InputError
        When it is nothing of the kind.
    """
    if isinstance(said, Answer):
        return said if said.evidence is not Evidence.UNDECIDED else replace(said, holds=None)
    if said is None or isinstance(said, bool | np.bool_):
        return Answer(None if said is None else bool(said))
    verdict = said if isinstance(said, Verdict) else getattr(said, "verdict", None)
    sentence = str(getattr(said, "sentence", "") or getattr(said, "reason", "") or "")
    evidence = next(
        (e for e in (getattr(said, n, None) for n in ("evidence", "status")) if isinstance(e, Evidence)), None
    )
    known = Evidence.NUMERICAL if evidence is None else evidence
    if isinstance(verdict, Verdict):
        holds = {Verdict.VIOLATED: False, Verdict.UNDECIDED: None}.get(verdict, True)
        holds = None if known is Evidence.UNDECIDED else holds
        applies, premise = verdict is not Verdict.NOT_APPLICABLE, verdict is not Verdict.VACUOUS
        return Answer(holds, sentence, known, applies, premise)
    holds = getattr(said, "holds", said)
    if holds is None or isinstance(holds, bool | np.bool_):
        return Answer(None if holds is None or known is Evidence.UNDECIDED else bool(holds), sentence, known)
    wanted = "must return True, False, None, a Verdict, or an object with holds and evidence"
    raise InputError("claim", f"{wanted}, got {short(said)}")


# -- making small


@dataclass(slots=True)
class Shrinking:
    """Asks a claim about ever smaller problems, each once; what it was told stays, so that hypothesis sees one answer.

    Attributes
    ----------
    until
        When there is no time left; problems that were not asked about by then count as no failures.
    """

    claim: Claim
    seed: int
    until: float
    known: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    short: bool = False

    def fails(self, example: Any) -> bool:
        """Does the claim fail in an example?"""
        return self.found(example) is not None

    def found(self, example: Any) -> Mapping[str, Any] | None:
        """Return the failure in an example."""
        name = name_of(example)
        if name not in self.known:
            if time.monotonic() > self.until:
                self.short = True
                return None
            self.known[name] = self._found(example)
        return self.known[name]

    def _found(self, example: Any) -> Mapping[str, Any] | None:
        try:
            return self.claim.trial(document_of(example), seed_of(name_of(example), self.seed)).found
        except InputError:
            return None


def seed_of(name: str, seed: int) -> int:
    """Return the seed of the search in one example, by its content."""
    return (int(name, 16) ^ seed * 1_000_003) % 2**63


def point_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the point of a failure, read; empty for a callable's."""
    return {n: parse(v, {}, f"points.{POINT}.{n}") for n, v in found["values"].items()}
