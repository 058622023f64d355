"""The fate of a gradient flow of Lt, integrated in floating point: always `numerical`, never more."""

from __future__ import annotations

import sympy

from pgb.cases.bench import Bench
from pgb.cases.files import Claim
from pgb.cases.results import Finding
from pgb.escape.flow import Flow
from pgb.escape.flow import flow as integrate
from pgb.evidence import Evidence


def flow(bench: Bench, claim: Claim) -> Finding:
    """Check the stated fate of the flow from a point."""
    objective = bench.transformed
    start = bench.complete(bench.place(claim.fields["from"]), objective)
    begin = {v.name: float(start.values[v.name]) for v in objective.variables}
    time = float(claim.fields["time"])
    run = integrate(bench.problem, objective, begin, time, samples=50)
    if not run.success:
        return Finding.open(f"the integrator stopped before t = {time:g}: {run.message}")
    end = dict(zip(run.variables, map(float, run.z[-1]), strict=True))
    failed = [reason for reason, ok in _tests(bench, claim, run, end) if not ok]
    listed = ", ".join(f"{n} = {v:.6g}" for n, v in end.items())
    sentence = (
        f"the flow of {objective.name} from {start.name} is at {listed} with value {run.value[-1]:.4g} at t = {time:g}: "
        f"{run.fate} (departure from the flow identity {run.drift:.1e})"
    )
    if failed:
        return Finding(False, f"{sentence}; not as stated: {'; '.join(failed)}", Evidence.NUMERICAL, run.to_json())
    return Finding(True, sentence, Evidence.NUMERICAL, run.to_json())


def _tests(bench: Bench, claim: Claim, run: Flow, end: dict[str, float]) -> list[tuple[str, bool]]:
    fields = claim.fields
    within = float(fields.get("within", sympy.Rational(1, 1000)))
    tests = [(f"the fate is not {fields['fate']!r}", str(run.fate) == fields["fate"])]
    tests += [
        (f"{name} is not within {within:g} of {float(target):.6g}", abs(end[name] - float(target)) <= within)
        for name, target in fields.get("near", {}).items()
    ]
    a, b = ([end[v.name] for v in bench.added(letter)] for letter in "ab")
    bounds = {
        "value_below": float(run.value[-1]),
        "a_below": max(map(abs, a)),
        "drift_below": run.drift,
    }
    tests += [
        (f"{key}: {found:.3g} is not below {fields[key]}", found < float(fields[key]))
        for key, found in bounds.items()
        if key in fields
    ]
    if "b_above" in fields:
        tests.append((f"b is not above {fields['b_above']}", min(b) > float(fields["b_above"])))
    return tests
