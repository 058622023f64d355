"""What people read in the terminal about landscapes: critical sets, points, gaps, escapes, verdicts. Prints; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from pgb.report.tables import STYLE, Rows

if TYPE_CHECKING:
    from pgb.checking import Check
    from pgb.condition import Gap
    from pgb.landscape.classification import Classification
    from pgb.landscape.polynomial.sweep import SweepResult
    from pgb.landscape.records import Rechecked
    from pgb.landscape.reduction import Reduction
    from pgb.landscape.results import CriticalSet


@contextmanager
def searching() -> Iterator[Callable[..., None]]:
    """Show that a search moves: one status line in a terminal, nothing elsewhere."""
    err = Console(stderr=True, highlight=False)
    if not err.is_terminal:
        yield lambda *_, **__: None
        return
    with err.status("searching") as status:

        def say(news: Any) -> None:
            boxes = getattr(news, "boxes", None)
            if boxes is None:
                status.update(str(news))
                return
            estimate = "" if news.estimate is None else f" of about {news.estimate:,.0f} (often an underestimate)"
            share = f"{100 * news.covered:.1f}% of the region decided"
            status.update(f"{boxes:,} boxes{estimate}, {news.zeros} zeros certified, {share}")

        yield say


def print_critical(out: Console, found: CriticalSet) -> None:
    """Print a critical set: one line that says what is proved, then the points by value."""
    word = Text("complete", style="green") if found.complete else Text("not proved complete", style="yellow")
    out.print(
        Text(found.title or "critical points", style="bold"), word, Text(str(found.status), style=STYLE[found.status])
    )
    counts = [f"{len(found.points)} real critical points listed"]
    if found.n_complex is not None:
        counts.append(f"{found.n_complex} complex")
    if found.components:
        counts.append(f"{len(found.components)} positive-dimensional sets")
    if found.open_boxes:
        counts.append(f"{len(found.open_boxes)} boxes left open")
    out.print(", ".join(counts) + f" ({found.seconds:.2f} s)")
    out.print(Text(found.completeness))
    table = Rows("", ("value", "kind", "index", "status", "theta"))
    for p in found.points:
        theta = ", ".join(f"{n} = {_brief(v)}" for n, v in p.theta.items())
        index = "-" if p.index is None else str(p.index)
        table.add(_brief(p.value, 15), str(p.kind), index, Text(str(p.status), style=STYLE[p.status]), theta)
    if found.points:
        table.print(out)
    for c in found.components:
        out.print(Text(f"a critical set of dimension {c.dimension} ({c.status}): {c.why}"))
        out.print(Text("  through " + ", ".join(f"{n} = {_brief(v)}" for n, v in c.witness.items())))
    for note in found.notes:
        out.print(Text(f"note: {note}"))


def _brief(number: str, digits: int = 9) -> str:
    """Shorten a decimal string for reading; the record keeps all digits."""
    try:
        return f"{float(number):.{digits}g}"
    except ValueError:
        return number


def print_reductions(out: Console, reductions: Sequence[Reduction]) -> None:
    """Print the critical points of Lt over each critical point of L (b is free throughout)."""
    out.print(Text("\nCritical points of Lt: (theta, a = 0, b free, W)", style="bold"))
    for r in reductions:
        theta = ", ".join(f"{n} = {_brief(v)}" for n, v in r.theta.items())
        out.print(Text(f"{theta}: {r.kind}"), Text(f"[{r.status}]", style=STYLE[r.status]), Text(r.reason))
        for k, o in enumerate(r.outputs, start=1):
            if o.w and not o.everywhere:
                out.print(Text(f"  w_{k} = " + "; ".join("(" + ", ".join(map(_brief, w)) + ")" for w in o.w)))


def print_classification(out: Console, at: str, found: Classification) -> None:
    """Print what a point is, and why."""
    if found.kind is None:
        kind = "not a critical point" if found.critical is False else "nothing is decided"
    else:
        kind = f"{'strict ' if found.strict else ''}{found.kind}{' (not strict)' if found.strict is False else ''}"
    out.print(Text(f"{at}: {kind}", style="bold"), Text(str(found.status), style=STYLE[found.status]))
    if not found.exact and found.critical:
        out.print(
            Text(f"the critical point meant is certified within {_brief(found.distance, 3)} of the decimals given")
        )
    if found.index is not None:
        out.print(f"index {found.index}")
    if found.value is not None:
        out.print(Text(f"value {found.value}"))
    out.print(Text(found.reason))


def print_rechecked(out: Console, results: Sequence[Rechecked]) -> None:
    """Print what was confirmed, and what was refused and why."""
    for r in results:
        out.print(
            Text(f"point {r.point}:"),
            Text("confirmed" if r.ok else "REFUSED", style="green" if r.ok else "red"),
            Text(r.reason),
        )
    good = sum(r.ok for r in results)
    out.print(f"{good} of {len(results)} points confirmed. That there are no others is not part of these certificates.")


def print_gap(out: Console, at: str, found: Gap) -> None:
    """Print a PGB gap and what it proves."""
    out.print(
        Text(f"PGB gap of {found.objective} at {at}", style="bold"), Text(str(found.status), style=STYLE[found.status])
    )
    if found.zero is False:
        out.print(
            f"at least {Decimal(found.lower)}: the point is NOT a local minimum (value {_brief(found.value, 15)})"
        )
    elif found.zero:
        out.print("0 for the perturbations used: necessary for a local minimum, not sufficient")
    else:
        out.print("not decided")
    out.print(Text(found.reason))
    if found.basis is not None:
        out.print(Text(f"gradient basis: {found.basis.how}"))
    out.print(f"perturbed points used: {found.points} (the point itself included)")


def print_check(out: Console, found: Check) -> None:
    """Print the verdict on a problem: minima, optimum, theorems."""
    out.print(Text(found.title or "problem", style="bold"))
    out.print(Text(f"search: {found.search}"))
    star = "not known exactly" if found.star.value is None else _brief(str(found.star.value.evalf(20)), 15)
    reached = {True: "attained", False: "not attained", None: "attainment undecided"}[found.attainment.attained]
    out.print(Text(f"L* = {star}, {reached} [{found.attainment.status}]: {found.attainment.reason}"))
    table = Rows("Local minima of L", ("point", "value", "bad", "L = L*", "escape ray limit", "V(theta)", "theta"))
    words = {True: "yes", False: "no", None: "undecided"}
    for m in found.minima:
        theta = ", ".join(f"{n} = {_brief(v)}" for n, v in m.theta.items())
        V = (
            "-"
            if m.infimum is None
            else _brief(m.infimum.low, 12)
            if m.infimum.exact
            else f"<= {_brief(m.infimum.high, 12)}"
        )
        limit = "-" if m.ray is None else _brief(m.ray.limit, 12)
        table.add(m.name, _brief(m.value, 15), words[m.bad], words[m.optimal], limit, V, theta)
    if found.minima:
        table.print(out)
    else:
        out.print("No local minimum of L is known.")
    out.print(Text(f"Local minima of Lt: {found.augmented}\n", style="bold"))
    verdicts = Rows("Theorems on this problem", ("theorem", "verdict", "evidence", "reason"))
    colours = {"holds": "green", "vacuous": "yellow", "violated": "red"}
    for v in found.verdicts:
        verdicts.add(
            v.theorem,
            Text(
                str(v.verdict).upper() if v.verdict == "vacuous" else str(v.verdict),
                style=colours.get(str(v.verdict), "magenta"),
            ),
            str(v.evidence),
            v.reason,
        )
    verdicts.print(out)
    out.print("The derivations behind “proved” are checked by `pgb verify`.")


def print_sweep(out: Console, title: str, result: SweepResult) -> None:
    """Print the statistics of a sweep; every count is of certified points."""
    facts = result.statistics()
    out.print(Text(title or "sweep", style="bold"), Text("certified", style="green"), f"seed {result.seed}")
    table = Rows("", ("", "value: number of runs"))
    for key in ("n_complex", "n_real"):
        table.add(key, ", ".join(f"{v}: {n}" for v, n in facts[key].items()))
    table.add("index: points", ", ".join(f"{v}: {n}" for v, n in facts["indices"].items()))
    table.add("nothing lost", f"{facts['nothing_lost']} of {facts['runs']}")
    table.add("sum (-1)^index = 1", f"{facts['check_passed']} of {facts['runs']}")
    if facts["lowest_value"]:
        table.add("least value of L", f"{facts['lowest_value']['min']} to {facts['lowest_value']['max']}")
    table.print(out)
