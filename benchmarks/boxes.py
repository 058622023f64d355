"""Times the box search against codac (contractor paving) and scipy (multistart root finding): one run, printed as ratios.

    python benchmarks/boxes.py [--heavy] [--codac-python PATH] [--starts N]

CPU seconds of one process. codac (PyPI) changes the rounding mode of the process that imports it, so it runs in one of its
own; where it is not installed its column says so. codac encloses, it does not prove existence or uniqueness; scipy
proves nothing: its column says how many of the certified points it found.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from scipy import optimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "boxes"))

import box_problems as problems
from box_multistart import newton_limits

from pgb.landscape.boxes import symmetry
from pgb.landscape.boxes.critical import critical_points_in_box, pose
from pgb.landscape.boxes.search import Search
from pgb.landscape.derivatives import derivatives
from pgb.landscape.results import CriticalSet

Problem = tuple[sympy.Expr, list[sympy.Symbol], list[tuple[int, int]]]
CASES: list[tuple[str, Callable[[], Problem], float, float]] = [  # name, problem, target seconds, codac's resolution
    ("A  tanh(w x + b)", problems.problem_a, 0.005, 1e-3),
    ("B  v tanh(w x + b), ridge 1/100", problems.problem_b, 0.020, 1e-2),
    ("C  v tanh(w x + b) + c, ridge 1/100", problems.problem_c, 1.0, 1e-1),
    ("5 parameters, ridge 1/100", problems.five_parameters, 5.0, 0.0),
]
HEAVY = [("6 parameters, ridge 1/10", problems.six_parameters, 240.0, 0.0)]
CODAC = """
import json, sys, time
from codac import *
n, box, eps, rows = json.loads(sys.stdin.read())
x = VectorVar(n)
f = AnalyticFunction([x], vec(*[eval(r) for r in rows]))
start = time.process_time()
ctc = CtcInverse(f, IntervalVector([[0, 0]] * n))
paving = pave(IntervalVector(box), ctc, eps)
left = len(list(paving.boxes(PavingOut.outer)))
print(json.dumps([time.process_time() - start, left]))
"""


def search_seconds(problem: Problem) -> float:
    """Return the CPU seconds of the search alone, compiled, one thread: every box decided, every zero certified."""
    objective, parameters, box = problem
    posed = pose(objective, parameters)
    ends = np.array(box, dtype=float)
    group = symmetry.closure(symmetry.generators(posed.program, posed.store, posed.form), len(parameters))
    cone = symmetry.cone(symmetry.keeping(group, ends[:, 0].tolist(), ends[:, 1].tolist()), len(parameters))
    best = np.inf
    for _ in range(3):
        started = time.process_time()
        outcome = Search(posed.tape, ends[:, 0], ends[:, 1], cone, workers=1).run()
        best = min(best, time.process_time() - started)
        assert not len(outcome.undecided)
        if best > 2.0:
            break
    return best


def whole_seconds(problem: Problem) -> tuple[float, CriticalSet]:
    """Return the CPU seconds of the public call, ball certificates and thirty digits included, and its result."""
    objective, parameters, box = problem
    started = time.process_time()
    found = critical_points_in_box(objective, parameters, box, workers=1)
    return time.process_time() - started, found


def scipy_multistart(problem: Problem, found: CriticalSet, starts: int) -> tuple[float, int]:
    """Return CPU seconds of `starts` runs of scipy.optimize.root, and how many of the certified points they reach."""
    objective, parameters, box = problem
    programs = derivatives(objective, parameters)
    n = len(parameters)
    known = np.array([[float(v) for v in p.theta.values()] for p in found.points])
    ends = np.array(box, dtype=float)
    points = np.random.default_rng(0).uniform(ends[:, 0], ends[:, 1], (starts, n))
    reached: set[int] = set()
    started = time.process_time()
    for start in points:
        solution = optimize.root(
            lambda t: programs.gradient.numpy(t[:, None])[:, 0],
            start,
            jac=lambda t: programs.hessian.numpy(t[:, None])[:, 0].reshape(n, n),
        )
        if solution.success:
            distance = np.abs(known - solution.x).max(axis=1)
            if distance.min() < 1e-6:
                reached.add(int(distance.argmin()))
    return time.process_time() - started, len(reached)


def codac_paving(python: str, problem: Problem, resolution: float, limit: float) -> str | tuple[float, int]:
    """Return codac's CPU seconds and boxes left, or why there are none."""
    objective, parameters, box = problem
    names = {p: sympy.Symbol(f"x[{k}]") for k, p in enumerate(parameters)}
    rows = [sympy.sstr(sympy.diff(objective, p).evalf(17).xreplace(names)) for p in parameters]
    data = json.dumps([len(parameters), box, resolution, rows])
    try:
        out = subprocess.run(
            [python, "-c", CODAC], input=data, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not finished after {limit:.0f} s"
    if out.returncode:
        return "not installed" if "No module named 'codac'" in out.stderr else out.stderr.strip().splitlines()[-1][:60]
    seconds, left = json.loads(out.stdout.splitlines()[-1])
    return float(seconds), int(left)


def report(name: str, problem: Problem, target: float, resolution: float, options: Any) -> None:
    """Print the block of one problem."""
    alone = search_seconds(problem)
    whole, found = whole_seconds(problem)
    print(f"{name}: {len(found.points)} points, complete: {found.complete}")
    print(
        f"    search alone        {alone:9.4f} s   ({target / alone:5.1f} times faster than the target of {target:g} s)"
    )
    print(f"    with certificates   {whole:9.4f} s")
    seconds, reached = scipy_multistart(problem, found, options.starts)
    print(
        f"    scipy multistart    {seconds:9.4f} s   {seconds / alone:9.1f} x the search; {options.starts} starts reach {reached} "
        f"of {len(found.points)} points, and prove nothing"
    )
    limits = newton_limits(*problem, 10_000, seed=0)
    known = np.array([[float(v) for v in p.theta.values()] for p in found.points])
    missed = int((np.abs(limits[:, None] - known[None]).max(axis=2).min(axis=1) > 1e-6).sum()) if len(limits) else 0
    print(f"    10,000 Newton starts: {len(limits)} limits, {missed} of them missing from the certified list")
    if resolution:
        other = codac_paving(options.codac_python, problem, resolution, options.limit)
        if isinstance(other, str):
            print(f"    codac paving        {other}")
        else:
            print(
                f"    codac paving        {other[0]:9.4f} s   {other[0] / alone:9.1f} x the search; at width {resolution:g} "
                f"{other[1]} boxes stay undecided"
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--heavy", action="store_true", help="six parameters as well")
    parser.add_argument("--codac-python", default=sys.executable, help="a Python that has codac")
    parser.add_argument("--starts", type=int, default=200, help="scipy's starts")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for codac")
    options = parser.parse_args(arguments)
    whole_seconds(problems.problem_b())  # compile
    for name, make, target, resolution in CASES + (HEAVY if options.heavy else []):
        report(name, make(), target, resolution, options)


if __name__ == "__main__":
    main()
