"""Drops every hypothesis of every theorem in turn, and prints what the attacks find as one Markdown table.

    python benchmarks/falsify.py [--seed S] [--time SECONDS] [--theorem NAME ...] [-o FILE.md]

Each counterexample is written out as a case, read again and certified again before it is counted. Seconds are CPU seconds of one
process, search and shrinking together; "drawn" is the number of random problems until the first certified failure.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pgb import cases
from pgb.expressions import text
from pgb.falsify.attacks import NOT_ATTACKED, attackable, droppable
from pgb.falsify.results import Counterexample
from pgb.falsify.search import falsify

HEAD = "| theorem | without | drawn | samples | variables | steps | seconds | found |"
RULE = "|---|---|--:|--:|--:|--:|--:|---|"


def judge(case: str) -> cases.CaseReport:
    return cases.reproduce(cases.read_case(case, "found"))


def in_short(found: Counterexample) -> str:
    """Return network, loss, unit and data of a counterexample in a few words."""
    p = found.problem
    unit, kind = p.augmentation.unit, p.augmentation.kind
    parts = [f"f = {', '.join(map(text, p.network.outputs))}"]
    parts.append(f"{p.loss.name} loss" if p.loss.expression is None else f"l = {text(p.loss.expression)}")
    parts.append(f"x = {'; '.join(','.join(map(text, r)) for r in p.data.x)}")
    parts.append(f"y = {'; '.join(','.join(map(text, r)) for r in p.data.y)}")
    parts += [f"unit {text(unit)}"] if unit is not None else []
    parts += [f"lambda = {p.augmentation.lam}"] if kind != "none" else []
    parts += [f"{n} in [{low}, {high}]" for n, (low, high) in p.region.items()]
    return ", ".join(f"`{part}`" for part in parts)


def row(theorem: str, drop: str, seed: int, seconds: float | None) -> str:
    """Attack one pair, and return its row of the table."""
    start = time.process_time()
    result = falsify(theorem, drop, judge=judge, examples=2000, seconds=seconds, seed=seed)
    spent, found = time.process_time() - start, result.counterexample
    if found is None:
        return f"| {theorem} | {drop} | {result.drawn} | | | | {spent:.1f} | nothing |"
    if not cases.certified(judge(found.toml)):
        return f"| {theorem} | {drop} | {found.examples} | | | | {spent:.1f} | REFUSED by the judge |"
    numbers = f"{found.examples} | {found.size.samples} | {found.size.variables} | {found.steps} | {spent:.1f}"
    return f"| {theorem} | {drop} | {numbers} | {in_short(found)} |"


def lines(theorems: list[str], seed: int, seconds: float | None) -> Iterator[str]:
    yield HEAD
    yield RULE
    for theorem in theorems:
        for drop in droppable(theorem):
            yield row(theorem, drop, seed, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time", type=float, help="seconds for each search, and again for shrinking; else no limit")
    parser.add_argument("--theorem", nargs="*", default=list(attackable()))
    parser.add_argument("-o", type=Path)
    options = parser.parse_args()
    table = []
    for line in lines(options.theorem, options.seed, options.time):
        print(line, flush=True)
        table.append(line)
    rest = [f"Not attacked: {theorem} without {drop}: {why}." for (theorem, drop), why in NOT_ATTACKED.items()]
    print(*rest, sep="\n")
    if options.o is not None:
        options.o.write_text("\n".join([*table, "", *rest]) + "\n", encoding="utf-8")
    rows = table[2:]
    return 1 if any(row.endswith(("nothing |", "REFUSED by the judge |")) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
