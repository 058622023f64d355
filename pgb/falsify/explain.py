"""Explains a counterexample in one paragraph, with the numbers that its judge certified."""

from __future__ import annotations

import sympy

from pgb.expressions import text
from pgb.falsify.claims import Judged
from pgb.falsify.documents import Spot
from pgb.problem import Problem


def described(problem: Problem, added: str = "") -> str:
    """Return the problem in one clause, with what is added to L in other words where these are given."""
    x = ", ".join(_row(r) for r in problem.data.x)
    y = ", ".join(_row(r) for r in problem.data.y)
    f = _row(problem.network.outputs)
    loss = problem.loss
    how = f"{loss.name} loss" if loss.expression is None else f"loss {text(loss.expression)}"
    own = problem.augmentation.unit
    unit = "a exp(w . x + b)" if own is None else text(own)
    parts = [
        f"the network {f} with the {how}{'' if loss.mean else ' (summed)'}",
        f"x = {x}",
        f"y = {y}",
        f"lambda = {problem.augmentation.lam}",
        added or f"the added unit {unit}",
    ]
    parts += [f"{name} in [{low}, {high}]" for name, (low, high) in problem.region.items()]
    return ", ".join(parts)


def explained(problem: Problem, spot: Spot, report: Judged) -> str:
    """Return one paragraph: the problem, the point, what is certified there, and which theorem that contradicts."""
    breaks = next((c.sentence for c in report.claims if c.claim.startswith("breaks")), "")
    conclusion, _, shown = breaks.partition(" hold: ")
    said = [c.sentence for c in report.claims if not c.claim.startswith("breaks")]
    numbers = "; ".join([*said, *(part for part in shown.split("; ") if not any(part in other for other in said))])
    for value in spot.values.values():
        if "." in value:  # the judge prints a decimal as a fraction
            numbers = numbers.replace(text(sympy.Rational(value)), f"{value}..")
    where = ", ".join(f"{n} = {v}{'..' if '.' in v else ''}" for n, v in spot.values.items())
    return f"Take {described(problem)}. The point found is {where}: {numbers}. So {conclusion}{' hold' * bool(shown)}."


def _row(row: tuple[object, ...]) -> str:
    inner = ", ".join(text(v) for v in row)
    return inner if len(row) == 1 else f"({inner})"
