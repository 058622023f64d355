"""What people read in the terminal about escapes and basins. Prints; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pgb.report.tables import STYLE

if TYPE_CHECKING:
    from pgb.escape import Basins, Flow, Infimum, Law, Ray


@contextmanager
def counting(total: int | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show how many starts are finished, on standard error: a bar in a terminal, a line at each tenth elsewhere."""
    err = Console(stderr=True, highlight=False)
    if not err.is_terminal:
        said = -1

        def line(done: int, of: int) -> None:
            nonlocal said
            if done * 10 // of > said:
                said = done * 10 // of
                err.print(f"{done} of {of} starts finished", markup=False)

        yield line
        return
    columns = (TextColumn("starts"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starts", total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def print_escape(out: Console, ray: Ray, infimum: Infimum, run: Flow, end: Ray | None) -> None:
    """Print the failure mode from one point: ray, V(theta), flow with its fate and law, and where it has come to."""
    out.print(Text("Escape ray", style="bold"), Text(str(ray.status), style=STYLE[ray.status]))
    c, W = [float(v) for v in ray.c], [[float(v) for v in row] for row in ray.W]
    out.print(f"  a = c e^-s, b = s, c = {c}, W = {W}")
    out.print(f"  L(theta) = {_brief(ray.start)}, limit of Lt = {_brief(ray.limit)}")
    for s, v in ray.values:
        out.print(f"    s = {s:>3}: Lt = {_brief(v)}")
    out.print(Text("V(theta)", style="bold"), Text(str(infimum.status), style=STYLE[infimum.status]))
    bounds = _brief(infimum.low) if infimum.exact else f"between {_brief(infimum.low)} and {_brief(infimum.high)}"
    out.print(f"  {bounds}, not attained when it is below L(theta) ({infimum.reason})")
    out.print(Text("Gradient flow of Lt", style="bold"), Text("numerical", style="yellow"))
    out.print(f"  to t = {run.t[-1]:.3g}: {run.fate}; Lt = {run.value[-1]:.12g}")
    out.print(f"  {run.reason}")
    if run.event:
        out.print(
            "  the flow has stopped: nothing moves any more" if run.event == "still" else "  the flow went too far"
        )
    out.print(f"  flow_identity holds along it to {run.drift:.1e}")
    if run.law is not None:
        _print_law(out, run.law)
    if end is not None:
        out.print(Text("From the last point", style="bold"), Text(str(end.status), style=STYLE[end.status]))
        out.print(f"  L(theta) = {_brief(end.start)}; a strictly decreasing ray has the limit {_brief(end.limit)}")


def _print_law(out: Console, law: Law) -> None:
    if law.applicable:
        offsets = ", ".join(f"{v:.1e}" for v in law.offset)
        out.print(f"  escape law: 4 t gap / dy = {law.constant:.6f} (tends to 1)")
        out.print(f"  escape law: b - (1/2) log(4 lambda c^2 t) = {offsets} (tends to 0)")
        return
    out.print(f"  escape law: not applicable, {law.reason}", soft_wrap=True)
    if law.constant == law.constant:
        out.print(f"  measured all the same: 4 t gap / dy = {law.constant:.6f}")


def print_basins(out: Console, found: Basins) -> None:
    """Print a basin study: the shares of the fates without and with the added units, and which becomes which."""
    n = len(found.starts)
    out.print(Text(found.title or "basins", style="bold"), Text("numerical", style="yellow"))
    cut = f" of {found.requested} (stopped early)" if found.interrupted else ""
    out.print(f"{n}{cut} starts, seed {found.seed}, every flow followed to t = {found.t_end:.3g} or until it stops")
    _print_shares(out, "Without: the flow of L", found.shares(augmented=False))
    if found.added:
        _print_shares(out, "With: the flow of Lt", found.shares(augmented=True))
        table = Table(title="Which becomes which", title_justify="left")
        for heading in ("fate without", "fate with"):
            table.add_column(heading)
        for heading in ("starts", "share"):
            table.add_column(heading, justify="right")
        for (a, b), count in found.table().items():
            table.add_row(a, b, str(count), f"{100 * count / n:.1f}%")
        out.print(table)
    for side, word in ((False, "without"), (True, "with")):
        for reason, count in found.undecided(augmented=side).items():
            out.print(f"undecided {word}: {count} x {reason}", soft_wrap=True)


def _print_shares(out: Console, title: str, shares: Mapping[str, int]) -> None:
    total = sum(shares.values())
    table = Table(title=title, title_justify="left")
    table.add_column("fate")
    for heading in ("starts", "share"):
        table.add_column(heading, justify="right")
    for label, count in shares.items():
        table.add_row(label, str(count), f"{100 * count / total:.1f}%")
    out.print(table)


def _brief(text: str, digits: int = 15) -> str:
    """Shorten a decimal to about so many digits; printing only."""
    return f"{float(text):.{digits}g}"
