"""Prints the outcome of an attack on a theorem for people. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pgb.falsify.results import Falsification


def lines(result: Falsification) -> Iterator[str]:
    """Yield the outcome line by line."""
    kept = f"without {result.drop}" if result.drop else "with all its hypotheses"
    yield f"{result.theorem} {kept}, seed {result.seed} ({result.seconds:.1f} s)"
    yield (
        f"  {result.drawn} problems drawn, {result.admissible} admissible, {result.non_vacuous} non-vacuous, "
        f"{result.decided} decided, {result.idle} without a point to judge, {sum(result.undecided.values())} undecided"
    )
    for reason, count in result.undecided.items():
        yield f"    {count} undecided: {reason}"
    if result.interrupted:
        yield f"  stopped early ({result.interrupted})"
    found = result.counterexample
    if found is None:
        yield "  no counterexample was found" + ("" if result.drop else ", as it should be")
        return
    size = found.size
    yield (
        f"  {'counterexample' if result.drop else 'VIOLATION'} after {found.examples} problems: {size.samples} samples, "
        f"{size.variables} variables, made smaller in {found.steps} certified steps"
    )
    yield f"  {found.explanation}"
