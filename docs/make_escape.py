"""Writes the tables and pictures of docs/escape.md from the problems it names; run it as `python docs/make_escape.py`.

Each table stands in escape.md between `<!-- begin NAME -->` and `<!-- end NAME -->`. Everything here is numerical. With
names as arguments only those parts are made: `law`, `examples`, `basins`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pgb import objective, problem
from pgb.escape import Basins, Flow, basins, flow, infimum
from pgb.expressions import parse
from pgb.report import pictures

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "counterexamples"
TIME = 1e5
ORIGIN = "w1_1_1=1, w1_2_1=-1/2, b1_1=0, b1_2=1/2, w2_1_1=1/2, w2_1_2=0, w2_2_1=0, w2_2_2=1/2, b2_1=0, b2_2=0"
EXAMPLES = {
    "cubic": "spurious",
    "straight_line": "w1_1_1=0, b1_1=1/3, aux_a1=-1/10, aux_w1_1=-2",
    "cross_entropy": ORIGIN,
    "rescued": "bad",
    "two_outputs": "half",
    "conflicting": "flat",
}
STUDIES = {
    "cubic": {"grid": 30, "box": (-3.0, 3.0)},
    "rescued": {"grid": 30, "box": (-2.0, 2.0), "added": "bad"},
    "straight_line": {"grid": 6, "box": (-2.0, 2.0)},
    "conflicting": {"starts": 20},
}


def point(p: problem.Problem, text: str) -> dict[str, float]:
    """Return a start by its name in the file or from `name=value, ...`; added variables that it lacks are 0."""
    if text in p.points:
        given = {n: float(v) for n, v in p.points[text].items()}
    else:
        pairs = [part.split("=") for part in text.split(",")]
        given = {n.strip(): float(parse(v.strip(), {}, n)) for n, v in pairs}
    return {v.name: given.get(v.name, 0.0) for v in objective.augmented(p).variables}


def law_run(path: Path) -> tuple[problem.Problem, Flow]:
    """Follow Lt from the file's start to t = 1e5."""
    p = problem.load(path)
    return p, flow(p, objective.augmented(p), point(p, "start"), TIME)


def law_table() -> str:
    """Return the measured constants, problem by problem."""
    rows = [
        "| problem | loss | m | dx | dy | lambda | 4 t gap / dy | largest offset of b | w settles at |",
        "|---" * 9 + "|",
    ]
    for path in sorted((HERE / "escape_law").glob("*.toml")):
        if path.stem.startswith("no_law"):
            continue
        p, run = law_run(path)
        if run.law is None or not run.law.applicable:
            raise SystemExit(f"{path}: {run.fate}, {run.law}")
        if path.stem == "deep_linear":
            pictures.escape(run, HERE / "escape" / "law.png", p.title)
        w = ", ".join(f"{v:.3f}" for n, v in zip(run.variables, run.z[-1], strict=True) if n.startswith("aux_w"))
        offset = max(run.law.offset, key=abs)
        rows.append(
            f"| [{path.stem}](escape_law/{path.name}) | {p.loss.name} | {p.data.m} | {p.data.dx} | {p.network.dy} "
            f"| {p.augmentation.lam} | {run.law.constant:.5f} | {offset:.1e} | {w} |"
        )
    return "\n".join(rows)


def no_law_table() -> str:
    """Return the problems to which the law does not apply, with the reason given."""
    rows = ["| problem | reason | 4 t gap / dy all the same |", "|---|---|---|"]
    for path in sorted((HERE / "escape_law").glob("no_law_*.toml")):
        _, run = law_run(path)
        if run.law is None or run.law.applicable:
            raise SystemExit(f"{path}: {run.fate}, {run.law}")
        shown = f"{run.law.constant:.5f}" if run.law.constant == run.law.constant else "no limit"
        rows.append(f"| [{path.stem}](escape_law/{path.name}) | {run.law.reason} | {shown} |")
    return "\n".join(rows)


def example_run(name: str) -> tuple[problem.Problem, Flow]:
    """Follow Lt from the start of one of the six examples."""
    p = problem.load(CASES / f"{name}.toml", extra_sections=("case",))
    return p, flow(p, objective.augmented(p), point(p, EXAMPLES[name]), TIME)


def shown(value: float, digits: int = 4) -> str:
    """Return a number for a table; what is rounding is said to be small, not printed."""
    return "below 1e-12" if abs(value) < 1e-12 else f"{value:.{digits}g}"


def example_row(name: str, p: problem.Problem, run: Flow) -> str:
    """Return one row of the table of examples."""
    plain = objective.loss(p)
    text = EXAMPLES[name]
    at = p.points.get(text)
    if at is None:
        at = {n.strip(): parse(v.strip(), {}, n) for n, v in (part.split("=") for part in text.split(","))}
    theta = {v.name: at[v.name] for v in plain.variables}
    v = infimum(p, theta)
    bracket = f"{float(v.low):.6g}" if v.exact else f"from {float(v.low):.6g} to {shown(float(v.high), 2)}"
    start = float(plain.at(theta).evalf())
    end = float(plain.at({n: parse(repr(x), {}, n) for n, x in run.theta.items()}).evalf())
    measured = "-"
    if run.law is not None:
        measured = f"{run.law.constant:.4f}" if run.law.constant == run.law.constant else "no limit"
        measured += "" if run.law.applicable else " (law not applicable)"
    return f"| {name} | {start:.6g} | {bracket} | {run.fate} | {shown(run.value[-1])} | {shown(end)} | {measured} |"


def example_table() -> str:
    """Return the six examples, and draw them."""
    rows = [
        "| example | L at the start | V(theta) | fate | Lt at the end | L(theta) at the end | 4 t gap / dy |",
        "|---" * 7 + "|",
    ]
    for name in EXAMPLES:
        p, run = example_run(name)
        pictures.escape(run, HERE / "escape" / f"{name}.png", p.title)
        rows.append(example_row(name, p, run))
    return "\n".join(rows)


def study(name: str) -> tuple[problem.Problem, Basins]:
    """Run one of the basin studies."""
    options = dict(STUDIES[name])
    p = problem.load(CASES / f"{name}.toml", extra_sections=("case",))
    if "added" in options:
        options["added"] = {n: v for n, v in point(p, str(options["added"])).items() if n.startswith("aux_")}
    return p, basins(p, **options)


def study_rows(name: str, found: Basins) -> list[str]:
    """Return the rows of one study."""
    n = len(found.starts)
    return [f"| {name} | {a} | {b} | {k} of {n} |" for (a, b), k in found.table().items()]


def study_table() -> str:
    """Return the basin studies, and draw them."""
    rows = ["| problem | fate without | fate with | starts |", "|---|---|---|---|"]
    for name in STUDIES:
        p, found = study(name)
        pictures.basins(found, p, HERE / "escape" / f"basins_{name}.png")
        rows += study_rows(name, found)
    return "\n".join(rows)


PARTS = {
    "law": {"law": law_table, "no_law": no_law_table},
    "examples": {"examples": example_table},
    "basins": {"basins": study_table},
}


def put(text: str, name: str, table: str) -> str:
    """Replace one table of the page."""
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"escape.md has no place for {name}")
    return pattern.sub(lambda m: f"{m[1]}{table}\n{m[2]}", text)


def main(wanted: Sequence[str]) -> None:
    """Make the parts that are asked for, or all."""
    (HERE / "escape").mkdir(exist_ok=True)
    for part in wanted or PARTS:
        for name, make in PARTS[part].items():
            table = make()
            page = HERE / "escape.md"
            page.write_text(put(page.read_text(encoding="utf-8"), name, table), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
