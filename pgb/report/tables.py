"""What people read in the terminal: proofs, cases with their claims, the ledger. Prints; decides nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pgb.evidence import Evidence
from pgb.ledger import Row, Status
from pgb.report import notation
from pgb.theorems import NUMERICAL

if TYPE_CHECKING:
    from pgb.cases import CaseReport
    from pgb.coq import CoqReport
    from pgb.library import CheckedProof
    from pgb.report.proofs import ProofResult
    from pgb.report.verification import Event, Verification

STYLE = {
    Evidence.PROVED: "green",
    Evidence.CERTIFIED: "green",
    Evidence.NUMERICAL: "yellow",
    Evidence.UNDECIDED: "magenta",
    Status.NEEDED: "green",
    Status.NOT_NEEDED: "green",
    Status.OPEN: "yellow",
}
SHORT = {Status.NEEDED: "needed", Status.NOT_NEEDED: "not needed", Status.OPEN: "open"}
NUMBERS = ("steps", "facts", "claims", "undecided", "index")
WIDTH = 116  # of what is printed where there is no terminal


def console() -> Console:
    """Return the console for results, on standard output; of a fixed width where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


@contextmanager
def progress() -> Iterator[Callable[[Event], None]]:
    """Show what has finished, on standard error: a bar in a terminal, one line each elsewhere."""
    err = Console(stderr=True, highlight=False)
    if not err.is_terminal:

        def line(event: Event) -> None:
            err.print(f"[{event.done}/{event.total}] {event.what.name}: {event.what.status}", markup=False)

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def move(event: Event) -> None:
            bar.update(task, total=event.total, completed=event.done, description=event.what.name)

        yield move


def print_proof(out: Console, result: ProofResult, proof: CheckedProof | None, *, steps: bool, latex: bool) -> None:
    """Print one proof: its outcome, and on demand every step."""
    if proof is None:
        print_refusal(out, result)
        return
    if steps:
        out.print(Text(notation.steps(proof)), soft_wrap=True)
        return
    out.print(Text(f"{result.name}", style="bold"), Text("proved", style="green"), Text(f"  {result.title}"))
    out.print(Text(notation.latex(proof.theorem.concl) if latex else result.statement), soft_wrap=True)
    out.print(Text(f"  needs: {', '.join(result.hypotheses) or 'no hypothesis'}", style="dim"))
    out.print(Text(f"  rests on: {', '.join(result.rests_on) or 'the logic alone'}\n", style="dim"))


def print_refusal(out: Console, result: ProofResult) -> None:
    """Print where a proof stops: theorem, step, rule, reason."""
    theorem, step, rule, reason = result.refusal or (result.name, "", "", "")
    out.print(Text(f"{result.name}", style="bold"), Text("refused", style="red"), Text(f"  {result.title}"))
    if theorem != result.name:
        out.print(Text(f"  in the proof of {theorem}, which it uses"))
    out.print(Text(f"  step:   {step}\n  rule:   {rule}\n  reason: {reason}\n"))


def print_proof_summary(out: Console, results: Sequence[ProofResult]) -> None:
    """Print the one line that says what was proved."""
    good = sum(r.ok for r in results)
    steps = sum(r.applications for r in results)
    out.print(
        f"{good} of {len(results)} proofs checked by the kernel ({steps} rule applications); "
        f"{len(results) - good} refused."
    )


def print_twin(out: Console, report: CoqReport) -> None:
    """Print what became of the formal twin; where there is no coqc, that nothing was built."""
    style = {"passed": "green", "failed": "red"}.get(str(report.status), "yellow")
    kept = " (kept from an earlier build of the same sources)" if report.cached else ""
    out.print(
        Text("\nFormal twin in Coq:", style="bold"), Text(str(report.status), style=style), Text(report.reason + kept)
    )
    if report.version:
        chk = {True: "coqchk accepts all files", False: "coqchk refuses", None: "coqchk not asked"}[report.checked]
        out.print(
            f"  Coq {report.version}, {len(report.theorems)} theorems, {report.cpu_seconds:.0f} s of processor time, {chk}"
        )
    for axiom in report.axioms:
        out.print(Text(f"  axiom {axiom}"))
    for axiom in report.unexpected:
        out.print(Text(f"  NOT COMMITTED: {axiom}", style="red"))
    for axiom in report.missing:
        out.print(Text(f"  committed but not found: {axiom}", style="red"))
    if report.failure is not None:
        out.print(Text(f"  {report.failure.file}:{report.failure.line}: {report.failure.message}"))


def print_case(out: Console, report: CaseReport, *, claims: bool = True) -> None:
    """Print one case, with all its claims or only with their number."""
    mark = Text("ok", style="green") if report.ok else Text("FAILED", style="red")
    if not claims:
        start = f"{report.name:<27} ok {report.status!s:<9} {len(report.claims):>2} claims  "
        out.print(Text(start), Text(_cut(report.title, max(20, out.width - len(start)))), sep="")
        return
    out.print(
        Text(report.name, style="bold"), mark, Text(str(report.status), style=STYLE[report.status]), Text(report.title)
    )
    if report.drops:
        out.print(Text(f"  without {report.drops}, breaks: {', '.join(report.breaks)}", style="dim"))
    for claim in report.claims:
        sign = "+" if claim.ok else "!"
        out.print(Text(f"  {sign} {claim.sentence}"), Text(f"[{claim.status}]", style=STYLE[claim.status]))
    out.print()


def print_case_summary(out: Console, reports: Sequence[CaseReport]) -> None:
    """Print how many cases and claims hold, by evidence."""
    claims = [c for r in reports for c in r.claims]
    counts = ", ".join(
        f"{sum(c.status is level for c in claims)} {level}"
        for level in Evidence
        if any(c.status is level for c in claims)
    )
    out.print(f"{sum(r.ok for r in reports)} of {len(reports)} cases reproduced; {len(claims)} claims: {counts}.")


def print_verification(out: Console, result: Verification, *, full: bool = False) -> None:
    """Print the whole of `pgb verify`: theorems, cases, ledger, and last lines that say what is open.

    Parameters
    ----------
    full
        Whether to print every sentence whole, over as many lines as it takes; else one line per row.
    """
    _theorems(out, result, full)
    _without_proof(out, result, full)
    _cases(out, result.cases, full)
    print_ledger(out, result.rows, full=full)
    for proof in result.theorems:
        if not proof.ok:
            print_refusal(out, proof)
    for report in result.cases:
        if not report.ok:
            print_case(out, report)
    if not full:
        out.print("Sentences that end in … are whole with --full, and in the record of --json.\n")
    if result.twin_only:
        built = "passed here" if result.twin is not None and result.twin.ok else "not built here"
        out.print(f"{len(result.twin_only)} further theorems: formal twin only ({built}).")
    still_open = [r for r in result.rows if r.status is Status.OPEN]
    proved = sum(t.ok for t in result.theorems)
    good = sum(c.ok for c in result.cases)
    out.print(
        f"{proved} of {len(result.theorems)} theorems proved for all sizes, {good} of {len(result.cases)} cases "
        f"reproduced, {len(result.rows) - len(still_open)} of {len(result.rows)} ledger rows closed, "
        f"{len(still_open)} open ({result.seconds:.0f} s)."
    )
    if result.interrupted:
        out.print("Interrupted: what is shown is what was finished.")


class Rows:
    """A table of text: numbers to the right, and one line per row by cutting its widest column with … unless `full`."""

    def __init__(self, title: str, headings: Sequence[str], *, full: bool = True, wide: str = "") -> None:
        self.title, self.headings, self.full = title, tuple(headings), full
        self.wide = self.headings.index(wide or headings[-1])
        self.rows: list[tuple[str | Text, ...]] = []

    def add(self, *cells: str | Text) -> None:
        """Add a row; cells beyond the headings are dropped."""
        self.rows.append(cells[: len(self.headings)])

    def print(self, out: Console) -> None:
        """Print the title, if there is one, and the table."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold underline")
        for heading in self.headings:
            right = heading in NUMBERS
            table.add_column(heading, justify="right" if right else "left", overflow="fold", no_wrap=not self.full)
        widths = [max(map(len, column)) for column in zip(self.headings, *self.rows, strict=True)]
        room = max(12, out.width - sum(w + 2 for n, w in enumerate(widths) if n != self.wide))
        for row in self.rows:
            cells = list(row)
            if not self.full:
                cells[self.wide] = _cut(str(cells[self.wide]), room)
            table.add_row(*cells)
        if self.title:
            out.print(Text(f"{self.title}\n", style="bold"))
        out.print(table)
        out.print()


def _cut(sentence: str, room: int) -> str:
    return sentence if len(sentence) <= room else sentence[: room - 1].rstrip() + "…"


def _theorems(out: Console, result: Verification, full: bool) -> None:
    headings = ("theorem", "status", "hypotheses consumed", "rests on" if full else "facts", "steps")
    table = Rows(
        "Theorems, for all m, dx, dy (checked derivations)",
        headings,
        full=full,
        wide="rests on" if full else headings[2],
    )
    for r in result.theorems:
        status = Text("proved", style="green") if r.ok else Text("refused", style="red")
        facts = ", ".join(r.rests_on) if full else str(len(r.rests_on))
        table.add(r.name, status, ", ".join(r.hypotheses) or "none", facts, str(r.applications))
    table.print(out)


def _without_proof(out: Console, result: Verification, full: bool) -> None:
    """Print the theorems without a kernel proof, and the laws that are only measured."""
    table = Rows("Without a kernel proof", ("statement", "status", "known by", "where"), full=full, wide="where")
    for t in result.twin_only:
        built = "built here" if t.built else "not built here"
        by = f"formal twin only, {built}" if t.coq else "nothing"
        table.add(t.name, Text(str(t.status), style=STYLE[t.status]), by, "Coq: " + ", ".join(t.coq) if t.coq else "-")
    for name, says in NUMERICAL.items():
        table.add(name, Text("numerical", style="yellow"), "measured along flows", says)
    table.print(out)
    if result.twin is not None:
        out.print(Text(f"Formal twin in Coq: {result.twin.status} ({result.twin.reason})\n"))


def _cases(out: Console, reports: Sequence[CaseReport], full: bool) -> None:
    open_claims = [sum(c.status is Evidence.UNDECIDED for c in r.claims) for r in reports]
    headings = ("case", "status", "what it shows", "claims", *(("undecided",) if any(open_claims) else ()))
    table = Rows(
        "Published minima, dropped hypotheses, failure modes (re-certified)", headings, full=full, wide="what it shows"
    )
    for r, undecided in zip(reports, open_claims, strict=True):
        status = Text(str(r.status), style=STYLE[r.status]) if r.ok else Text("failed", style="red")
        table.add(r.name, status, r.title, f"{sum(c.ok for c in r.claims)}/{len(r.claims)}", str(undecided or ""))
    table.print(out)


def print_ledger(out: Console, rows: Sequence[Row], *, full: bool = True) -> None:
    """Print theorem x hypothesis."""
    headings = ("theorem", "hypothesis", "used by step", "broken by", "status")
    table = Rows("Ledger: every hypothesis is used and needed, or not needed", headings, full=full, wide="used by step")
    last = ""
    for r in rows:
        table.add(
            r.theorem if r.theorem != last else "",
            r.hypothesis,
            _more(r.used_by) if r.used_by else "- (the proof does not use it)",
            ", ".join(r.counterexamples) if full else _more(r.counterexamples) or "-",
            Text(str(r.status) if full else SHORT[r.status], style=STYLE[r.status]),
        )
        last = r.theorem
    table.print(out)


def _more(names: Sequence[str]) -> str:
    """Return the first, and how many more there are."""
    return "".join(names[:1]) + (f" (+{len(names) - 1})" if len(names) > 1 else "")
