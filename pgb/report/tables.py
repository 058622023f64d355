"""What people read in the terminal: proofs with their steps, cases with their claims, the ledger. Prints; decides nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pgb.evidence import Evidence
from pgb.ledger import Row, Status
from pgb.report import notation

if TYPE_CHECKING:
    from pgb.cases import CaseReport
    from pgb.checking import Check
    from pgb.condition import Gap
    from pgb.coq import CoqReport
    from pgb.escape import Flow, Infimum, Ray
    from pgb.landscape.classification import Classification
    from pgb.landscape.records import Rechecked
    from pgb.landscape.reduction import Reduction
    from pgb.landscape.results import CriticalSet
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
    table = Table()
    for heading in ("value", "kind", "index", "theta", "status"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "index" else "left")
    for p in found.points:
        theta = ", ".join(f"{n} = {_brief(v)}" for n, v in p.theta.items())
        index = "-" if p.index is None else str(p.index)
        table.add_row(_brief(p.value, 15), str(p.kind), index, theta, Text(str(p.status), style=STYLE[p.status]))
    if found.points:
        out.print(table)
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
        out.print(f"at least {found.lower}: the point is NOT a local minimum (value {_brief(found.value, 15)})")
    elif found.zero:
        out.print("0 for the perturbations used: necessary for a local minimum, not sufficient")
    else:
        out.print("not decided")
    out.print(Text(found.reason))
    if found.basis is not None:
        out.print(Text(f"gradient basis: {found.basis.how}"))
    out.print(f"perturbed points used: {found.points} (the point itself included)")


def print_escape(out: Console, ray: Ray, infimum: Infimum, run: Flow) -> None:
    """Print the failure mode from one point."""
    out.print(Text("Escape ray", style="bold"), Text(str(ray.status), style=STYLE[ray.status]))
    c, W = [float(v) for v in ray.c], [[float(v) for v in row] for row in ray.W]
    out.print(f"  a = c e^-s, b = s, c = {c}, W = {W}")
    out.print(f"  L(theta) = {_brief(ray.start, 15)}, limit of Lt = {_brief(ray.limit, 15)}")
    for s, v in ray.values:
        out.print(f"    s = {s:>3}: Lt = {_brief(v, 15)}")
    out.print(Text("V(theta)", style="bold"), Text(str(infimum.status), style=STYLE[infimum.status]))
    bounds = (
        _brief(infimum.low, 15)
        if infimum.exact
        else f"between {_brief(infimum.low, 15)} and {_brief(infimum.high, 15)}"
    )
    out.print(f"  {bounds}, not attained when it is below L(theta) ({infimum.reason})")
    out.print(Text("Gradient flow of Lt", style="bold"), Text("numerical", style="yellow"))
    out.print(f"  to t = {run.t[-1]:.3g}: {run.fate}; Lt = {run.value[-1]:.12g}")
    out.print(f"  flow_identity holds along it to {run.drift:.1e}")
    if run.law == run.law:
        out.print(f"  escape law: 4 t gap / dy = {run.law:.6f} (tends to 1)")
    elif run.fate.name == "ESCAPE":
        out.print("  escape law: not applicable, W has not settled")


def print_check(out: Console, found: Check) -> None:
    """Print the verdict on a problem: minima, optimum, theorems."""
    out.print(Text(found.title or "problem", style="bold"))
    out.print(Text(f"search: {found.search}"))
    star = "not known exactly" if found.star.value is None else _brief(str(found.star.value.evalf(20)), 15)
    reached = {True: "attained", False: "not attained", None: "attainment undecided"}[found.attainment.attained]
    out.print(Text(f"L* = {star}, {reached} [{found.attainment.status}]: {found.attainment.reason}"))
    table = Table(title="Local minima of L", title_justify="left")
    for heading in ("point", "value", "bad", "L = L*", "theta", "escape ray limit", "V(theta)"):
        table.add_column(heading, overflow="fold")
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
        table.add_row(
            m.name,
            _brief(m.value, 15),
            words[m.bad],
            words[m.optimal],
            theta,
            "-" if m.ray is None else _brief(m.ray.limit, 12),
            V,
        )
    if found.minima:
        out.print(table)
    else:
        out.print("No local minimum of L is known.")
    out.print(Text(f"Local minima of Lt: {found.augmented}", style="bold"))
    verdicts = Table(title="Theorems on this problem", title_justify="left")
    for heading in ("theorem", "verdict", "evidence", "reason"):
        verdicts.add_column(heading, overflow="fold")
    colours = {"holds": "green", "vacuous": "yellow", "violated": "red"}
    for v in found.verdicts:
        verdicts.add_row(
            v.theorem,
            Text(
                str(v.verdict).upper() if v.verdict == "vacuous" else str(v.verdict),
                style=colours.get(str(v.verdict), "magenta"),
            ),
            str(v.evidence),
            v.reason,
        )
    out.print(verdicts)
