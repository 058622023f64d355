"""Mutated statements, derivations and objectives: every change to the mathematics is noticed.

A mutant of a statement is *equivalent* when the kernel's normal form of the two is the same; a mutant of a derivation step
when the step still proves the same sequent up to normal form. Every other mutant must be refused, or end in something
that is not the claim under the declared hypotheses.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

from pgb import library
from pgb.derivations import apply, steps
from pgb.kernel import (
    BOOL,
    RULES,
    Refused,
    Term,
    Theorem,
    assume,
    convert,
    is_const,
    linear,
    mp,
    norm,
    real,
    specialise,
)

STATEMENT_MUTANTS = 24  # for each theorem, as far as there are places
STEP_MUTANTS = 45

s = library.statements()


# -- mutants of terms -----------------------------------------------------------------------------------------------
def places(term: Term, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Term]]:
    """Yield every subterm with its path."""
    yield path, term
    for n, a in enumerate(term.args):
        yield from places(a, (*path, n))


def rebuilt(term: Term, path: tuple[int, ...], new: Term) -> Term:
    if not path:
        return new
    args = list(term.args)
    args[path[0]] = rebuilt(args[path[0]], path[1:], new)
    return Term(term.kind, term.name, term.type, tuple(args))


def head(term: Term, name: str, type_: Any = None) -> Term:
    return Term("const", name, type_ or term.type, term.args)


def changed_heads(t: Term) -> Iterator[tuple[str, Term]]:
    """Yield one-place changes of a term, with what kind of change each is."""
    if t.kind == "num":
        yield "coefficient", real(t.name + 1)
        yield "sign", real(-t.name)
    if t.kind == "bound" and not t.args:
        yield "index", Term("bound", t.name + 1, t.type)
    if t.kind != "const":
        return
    if t.name == "add":
        yield "sign", t.args[0] - t.args[1]
        yield "dropped term", t.args[0]
        yield "dropped term", t.args[1]
    if t.name == "mul":
        yield "operation", t.args[0] + t.args[1]
        yield "dropped factor", t.args[1]
    if t.name == "exp":
        yield "dropped exp", t.args[0]
    if t.name in ("le", "lt"):
        yield "order", head(t, "lt" if t.name == "le" else "le")
        yield "direction", Term("const", t.name, t.type, t.args[::-1])
    if t.name == "imp":
        yield "dropped premise", t.args[1]
        yield "direction", Term("const", "imp", t.type, t.args[::-1])
    if t.name == "and":
        yield "connective", head(t, "imp")
    if t.name in ("all", "ex"):
        yield "quantifier", head(t, "ex" if t.name == "all" else "all")
        inner = t.args[0].args[0]
        if inner.kind == "const" and inner.name in ("all", "ex") and inner.name != t.name:
            yield "quantifier order", _swapped(t, inner)
    if t.name == "eq" and t.args[0].sort == "real":
        yield "equality", Term("const", "le", ("real", ("real", BOOL)), t.args)


def _swapped(outer: Term, inner: Term) -> Term:
    """Return ``Q' v. Q u. p`` for ``Q u. Q' v. p``."""

    def swap(t: Term, depth: int) -> Term:
        name = {depth: depth + 1, depth + 1: depth}.get(t.name, t.name) if t.kind == "bound" else t.name
        return Term(t.kind, name, t.type, tuple(swap(a, depth + (t.kind == "lam")) for a in t.args))

    u, v = outer.args[0].type, inner.args[0].type
    within = Term("const", outer.name, outer.type, (Term("lam", None, u, (swap(inner.args[0].args[0], 0),)),))
    return Term("const", inner.name, inner.type, (Term("lam", None, v, (within,)),))


def mutants(term: Term, rng: random.Random, count: int) -> list[tuple[str, Term]]:
    """Return up to `count` well-formed closed mutants of a term, spread over the kinds of change."""
    by_kind: dict[str, list[Term]] = {}
    for path, t in places(term):
        for kind, new in _safely(t):
            try:
                whole = rebuilt(term, path, new)
            except Refused:
                continue
            if not whole.loose and whole.sort == term.sort and whole != term:
                by_kind.setdefault(kind, []).append(whole)
    for found in by_kind.values():
        rng.shuffle(found)
    out: list[tuple[str, Term]] = []
    while len(out) < count and any(by_kind.values()):
        for kind, found in by_kind.items():
            if found and len(out) < count:
                out.append((kind, found.pop()))
    return out


def _safely(t: Term) -> Iterator[tuple[str, Term]]:
    changes = changed_heads(t)
    while True:
        try:
            yield next(changes)
        except StopIteration:
            return
        except Refused:
            continue


# -- statements -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", library.proof_names())
def test_no_mutated_statement_is_proved(name):
    theorem = library.check_proof(name).theorem
    rng = random.Random(f"statement {name}")
    normal = norm(theorem.concl)
    kinds: Counter[str] = Counter()
    for kind, mutant in mutants(theorem.concl, rng, STATEMENT_MUTANTS):
        if norm(mutant) == normal:
            kinds["equivalent"] += 1
            convert(theorem, mutant)
            continue
        kinds[kind] += 1
        with pytest.raises(Refused, match="is not another form of"):
            convert(theorem, mutant)
    assert kinds.total() - kinds["equivalent"] >= 10
    assert len(kinds) >= 5
    assert kinds["equivalent"] < kinds.total() / 4


@pytest.mark.parametrize("name", library.proof_names())
def test_no_proof_goes_through_with_a_mutated_hypothesis(name):
    """With a changed formula for one hypothesis the script stops, unless the kernel shows that it implies the original."""
    module, proof = library.load_proof(name), library.check_proof(name)
    rng = random.Random(f"hypothesis {name}")
    for identifier, formula in proof.hypotheses:
        for _, mutant in mutants(formula, rng, 4):
            if norm(mutant) == norm(formula):
                continue

            def hypothesis(setting: Any, n: str, one: str = identifier, new: Term = mutant) -> Term:
                original: Callable[[Any, str], Term] = getattr(module, "hypothesis", lambda t, h: t.hypothesis(h))
                return new if n == one else original(setting, n)

            changed = type("Changed", (), {
                **{n: getattr(module, n) for n in ("NAME", "TITLE", "HYPOTHESES")},
                "claim": staticmethod(module.claim),
                "prove": staticmethod(module.prove),
                "hypothesis": staticmethod(hypothesis),
            })  # fmt: skip
            try:
                library.run_proof(changed, library.standard())
            except library.ProofRefused:
                continue
            assert implies(mutant, formula), (identifier, mutant)


def implies(stronger: Term, weaker: Term) -> bool:
    """Does one hypothesis, by at most fewer premises and one inequality, give the other? The kernel decides."""
    th, premises, goal = assume(stronger), [], weaker
    try:
        while is_const(goal, "all"):
            v = s.variable(f"v{len(goal.key())}", goal.args[0].type[0])
            th, goal = specialise(th, v), goal.args[0](v)
        while is_const(goal, "imp"):
            premises.append(assume(goal.args[0]))
            goal = goal.args[1]
        while is_const(th.concl, "imp"):
            th = mp(th, next(p for p in premises if norm(p.concl) == norm(th.concl.args[0])))
        return norm(linear(goal, [], [(1, th)]).concl) == norm(goal)
    except (Refused, StopIteration):
        return False


# -- derivations ----------------------------------------------------------------------------------------------------
Change = tuple[str, tuple[Any, ...], tuple[Theorem, ...]]


def changes(step: Theorem, pool: list[Theorem], rng: random.Random) -> Iterator[Change]:
    """Yield changed applications: another rule, input, premise or order of premises."""
    rule, inputs, premises = step.rule, step.inputs, step.premises
    if len(premises) > 1 and premises[0].concl != premises[1].concl:
        yield rule, inputs, (premises[1], premises[0], *premises[2:])
    if premises:
        other = rng.choice(pool)
        yield rule, inputs, (other, *premises[1:])
    yield rng.choice(sorted(RULES)), inputs, premises
    for n, value in enumerate(inputs):
        for new in changed_inputs(value, pool, rng):
            yield rule, (*inputs[:n], new, *inputs[n + 1 :]), premises


def changed_inputs(value: Any, pool: list[Theorem], rng: random.Random) -> Iterator[Any]:
    if isinstance(value, Term):
        found = mutants(value, rng, 3)
        yield from (new for _, new in found)
        other = rng.choice(pool).concl
        same_type = [t for _, t in places(other) if t.sort == value.sort and not t.loose and t != value]
        if same_type:
            yield rng.choice(same_type)
    elif isinstance(value, Fraction):
        yield value + 1
        yield -value
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            for new in changed_inputs(part, pool, rng):
                yield (*value[:n], new, *value[n + 1 :])


def same_sequent(new: Theorem, old: Theorem) -> bool:
    return new.hyps == old.hyps and norm(new.concl) == norm(old.concl)


def outcome(nodes: list[Theorem], at: int, change: Change) -> tuple[str, Theorem | None]:
    """Redo a derivation from the changed step on.

    It is refused; or equivalent, at the step itself; or it rejoins, when every line of steps that the change reaches comes
    to one that proves what it proved before (a sum over i of [i = k] or over k, say; or the changed half of a conjunction
    is not used); or it proves some final theorem.
    """
    try:
        new = apply(*change)
        if same_sequent(new, nodes[at]):
            return "equivalent", None
        redone = {id(nodes[at]): new}
        for node in nodes[at + 1 :]:
            if not any(id(p) in redone for p in node.premises):
                continue
            again = apply(node.rule, node.inputs, tuple(redone.get(id(p), p) for p in node.premises))
            if node is not nodes[-1] and same_sequent(again, node):
                continue
            redone[id(node)] = again
    except (Refused, TypeError, ValueError):
        return "refused", None
    if id(nodes[-1]) not in redone:
        return "rejoins", None
    return "proved", redone[id(nodes[-1])]


@pytest.mark.parametrize("name", library.proof_names())
def test_no_mutated_derivation_proves_the_claim(name):
    theorem = library.check_proof(name).theorem
    nodes = list(steps(theorem))
    rng = random.Random(f"derivation {name}")
    results: Counter[str] = Counter()
    while results["refused"] + results["proved"] < STEP_MUTANTS:
        at = rng.randrange(len(nodes))
        possible = list(changes(nodes[at], nodes, rng))
        if not possible:
            continue
        result, final = outcome(nodes, at, rng.choice(possible))
        results[result] += 1
        if result == "proved" and final is not None:
            assert (final.hyps, final.concl) != (theorem.hyps, theorem.concl), (at, nodes[at].rule, nodes[at].concl)
    assert results["rejoins"] <= 2
    assert results["equivalent"] < STEP_MUTANTS / 2
    assert results["refused"] > STEP_MUTANTS / 2


# -- objectives -----------------------------------------------------------------------------------------------------
def unit(act: Callable[[Term, Term, Term], Term], penalty: Callable[[Term], Term] = s.square_of, **more: Any) -> Any:
    return s.Setting(s.Objective("changed", act, penalty, **more))


def standard_unit(u: Term, d: Term, c: Term) -> Term:
    return u * s.EXP(d + c)


OBJECTIVES = {
    "no bias": unit(lambda u, d, _: u * s.EXP(d)),
    "bias twice": unit(lambda u, d, c: u * s.EXP(d + c + c)),
    "bias subtracted": unit(lambda u, d, c: u * s.EXP(d - c)),
    "linear unit": unit(lambda u, d, c: u * (d + c)),
    "quadratic unit": unit(lambda u, d, c: u * s.square_of(d + c)),
    "squared unit": unit(lambda u, d, c: s.square_of(u * s.EXP(d + c))),
    "shifted unit": unit(lambda u, d, c: u * s.EXP(d + c) + 1),
    "gaussian unit": unit(lambda u, d, c: u * s.EXP(s.square_of(d) + c)),
    "linear penalty": unit(standard_unit, lambda u: u),
    "quartic penalty": unit(standard_unit, lambda u: s.square_of(s.square_of(u))),
    "shifted penalty": unit(standard_unit, lambda u: s.square_of(u - 1)),
    "no penalty": unit(standard_unit, lambda _: real(0)),
    "negative penalty": unit(standard_unit, lambda u: -s.square_of(u)),
    "doubled penalty": unit(standard_unit, lambda u: real(2) * s.square_of(u)),
}
# What stays true, and is proved by the same script: there a, b enter the unit through a e^b alone, or the penalty is 2 |a|^2.
STILL_TRUE = {
    ("vanishing", "squared unit"),
    ("vanishing", "shifted unit"),
    ("vanishing", "gaussian unit"),
    ("vanishing_at_minima", "squared unit"),
    ("vanishing_at_minima", "shifted unit"),
    ("vanishing_at_minima", "gaussian unit"),
}


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
@pytest.mark.parametrize(
    "name", ["vanishing", "vanishing_at_minima", "perturbation", "elimination", "failure_mode", "one_neuron"]
)
def test_a_changed_objective_is_noticed(name, objective):
    try:
        library.check_proof(name, OBJECTIVES[objective])
    except library.ProofRefused:
        assert (name, objective) not in STILL_TRUE
    else:
        assert (name, objective) in STILL_TRUE
