"""Prints the outcome of an attack on a theorem or a claim for people. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pgb.falsify.results import Falsification


def lines(result: Falsification) -> Iterator[str]:
    """Yield the outcome line by line."""
    kept = f" without {result.drop}" if result.drop else "" if result.claim else " with all its hypotheses"
    yield f"{result.theorem}{kept}, seed {result.seed} ({result.seconds:.1f} s)"
    yield (
        f"  {result.drawn} problems drawn, {result.admissible} admissible, {result.non_vacuous} non-vacuous, "
        f"{result.decided} decided, {result.idle} without a point to judge, {sum(result.undecided.values())} undecided"
    )
    for reason, count in result.undecided.items():
        yield f"    {count} undecided: {reason}"
    if result.resumed:
        yield f"  taken up after {result.resumed} problems of earlier runs"
    if result.interrupted:
        yield f"  stopped early ({result.interrupted})"
    found = result.counterexample
    if found is None:
        yield "  no counterexample was found" + ("" if result.drop or result.claim else ", as it should be")
        return
    size = found.size
    yield (
        f"  {'counterexample' if result.drop or result.claim else 'VIOLATION'} [{found.evidence}] after {found.examples} "
        f"problems: {size.samples} sample{'s' * (size.samples != 1)}, {size.variables} variables, made smaller in "
        f"{found.steps} steps, each judged again"
    )
    yield f"  {found.explanation}"


def working(result: Falsification) -> str:
    """Return how far an attack has come, in one short line."""
    kept = f" without {result.drop}" if result.drop else ""
    name = result.theorem if len(result.theorem) <= 40 else result.theorem[:39] + "…"
    left = sum(result.undecided.values())
    return f"{name}{kept}: {result.drawn} problems, {result.non_vacuous} non-vacuous, {left} undecided, {result.seconds:.0f} s"
