"""What people read in the terminal: proofs with their steps, cases with their claims, the ledger. Prints; decides nothing."""

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


def console() -> Console:
    """Return the console for results, on standard output; at least 100 columns where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


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


def print_case(out: Console, report: CaseReport) -> None:
    """Print one case with all its claims."""
    mark = Text("ok", style="green") if report.ok else Text("FAILED", style="red")
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


def print_verification(out: Console, result: Verification) -> None:
    """Print the whole of `pgb verify`: theorems, cases, ledger, and one last line that says what is open."""
    _theorems(out, result.theorems)
    _cases(out, result.cases)
    print_ledger(out, result.rows)
    for proof in result.theorems:
        if not proof.ok:
            print_refusal(out, proof)
    for report in result.cases:
        if not report.ok:
            print_case(out, report)
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


def _theorems(out: Console, results: Sequence[ProofResult]) -> None:
    table = Table(title="Theorems, for all m, dx, dy (checked derivations)", title_justify="left")
    for heading in ("theorem", "status", "hypotheses consumed", "rests on", "steps"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "steps" else "left")
    for r in results:
        status = Text("proved", style="green") if r.ok else Text("refused", style="red")
        table.add_row(r.name, status, ", ".join(r.hypotheses) or "none", ", ".join(r.rests_on), str(r.applications))
    out.print(table)


def _cases(out: Console, reports: Sequence[CaseReport]) -> None:
    table = Table(title="Published minima, dropped hypotheses, failure modes (re-certified)", title_justify="left")
    for heading in ("case", "status", "what it shows", "claims", "undecided"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("claims", "undecided") else "left")
    for r in reports:
        status = Text(str(r.status), style=STYLE[r.status]) if r.ok else Text("failed", style="red")
        open_claims = sum(c.status is Evidence.UNDECIDED for c in r.claims)
        table.add_row(r.name, status, r.title, f"{sum(c.ok for c in r.claims)}/{len(r.claims)}", str(open_claims or ""))
    out.print(table)


def print_ledger(out: Console, rows: Sequence[Row]) -> None:
    """Print theorem x hypothesis."""
    table = Table(title="Ledger: every hypothesis is used and needed, or not needed", title_justify="left")
    for heading in ("theorem", "hypothesis", "used by step", "broken by counterexample", "status"):
        table.add_column(heading, overflow="fold")
    last = ""
    for r in rows:
        if r.theorem != last and last:
            table.add_section()
        used = _shortened(r.used_by) if r.used_by else "the proof does not use it"
        table.add_row(
            r.theorem if r.theorem != last else "",
            r.hypothesis,
            used,
            ", ".join(r.counterexamples) or "-",
            Text(str(r.status), style=STYLE[r.status]),
        )
        last = r.theorem
    out.print(table)


def _shortened(uses: Sequence[str]) -> str:
    first = uses[0] if len(uses[0]) <= 110 else uses[0][:107] + "..."
    return first if len(uses) == 1 else f"{first} (and {len(uses) - 1} more)"
