"""Commands about theorems and cases: verify, prove, reproduce, report, falsify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pgb.commands.shared import (
    FAILED,
    INTERRUPTED,
    OK,
    JsonOption,
    SecondsOption,
    SeedOption,
    Ticker,
    WorkersOption,
    app,
    note,
    say,
    write_json,
)


@app.command(short_help="Every proof, every counterexample, the ledger.")
def verify(
    full: Annotated[bool, typer.Option("--full", help="Print every sentence whole, not one line per row.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes to use.")] = 2,
    json_file: JsonOption = None,
) -> int:
    """Check every proof, re-certify every counterexample, and print the ledger."""
    from pgb.report import tables, verification

    out = tables.console()
    with tables.progress() as show:
        result = verification.verify(workers=workers, on_event=show)
    tables.print_verification(out, result, full=full)
    write_json(json_file, result.to_json())
    if result.interrupted:
        return INTERRUPTED
    return OK if result.ok else FAILED


@app.command(short_help="Check proofs; print their steps.")
def prove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME ...]", help="Theorems, or Python files with a proof.")
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="Print every step with the hypotheses and facts it uses.")
    ] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print statements as LaTeX.")] = False,
    coq: Annotated[bool, typer.Option("--coq", help="Also build the formal twin and list its axioms.")] = False,
    coqchk: Annotated[bool, typer.Option("--coqchk", help="With --coq: also run coqchk.")] = False,
    json_file: JsonOption = None,
) -> int:
    """Check proofs with the kernel; without a name, all of them."""
    from pgb import library
    from pgb.report import proofs, tables

    out = tables.console()
    results = []
    for name in names or library.proof_names():
        result, proof = proofs.check_module(name)
        tables.print_proof(out, result, proof, steps=steps, latex=latex)
        results.append(result)
    tables.print_proof_summary(out, results)
    ok = all(r.ok for r in results)
    record: dict[str, Any] = {"theorems": [r.to_json() for r in results]}
    if coq or coqchk:
        from pgb import coq as twin

        report = twin.build(check=coqchk, progress=lambda *step: note(" ".join(map(str, step))))
        tables.print_twin(out, report)
        record["coq"] = report.to_json()
        ok = ok and report.status is not twin.CoqStatus.FAILED
    write_json(json_file, record | {"ok": ok})
    return OK if ok else FAILED


@app.command(short_help="Re-certify counterexamples and published minima.")
def reproduce(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME ...]", help="Cases, or case files.")] = None,
    json_file: JsonOption = None,
) -> int:
    """Re-run and re-certify counterexamples and published examples; without a name, all of them, one line each."""
    from pgb import cases
    from pgb.report import tables

    out = tables.console()
    results = []
    for name in names or cases.case_names():
        result = cases.reproduce(name)
        tables.print_case(out, result, claims=bool(names) or not result.ok)
        results.append(result)
    tables.print_case_summary(out, results)
    ok = all(r.ok for r in results)
    write_json(json_file, {"counterexamples": [r.to_json() for r in results], "ok": ok})
    return OK if ok else FAILED


@app.command(short_help="One self-contained HTML page.")
def report(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="The page to write.")],
    problem_file: Annotated[
        str | None, typer.Argument(metavar="[PROBLEM.toml]", help="Without one: theorems, ledger, counterexamples.")
    ] = None,
    seconds: SecondsOption = 60,
    workers: WorkersOption = 2,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> int:
    """One self-contained HTML page: of a problem, or of all theorems, the ledger and the counterexamples."""
    from pgb import checking
    from pgb import problem as problems
    from pgb.report import html, html_problem, html_theorems, landscapes, tables, verification

    if problem_file is None:
        with tables.progress() as show:
            result = verification.verify(workers=workers, on_event=show)
        text, record, ok = html_theorems.document(result), result.to_json(), result.ok
        stopped = result.interrupted
    else:
        problem = problems.load(problem_file, extra_sections=("case",))
        with landscapes.searching() as progress:
            found = checking.check(problem, seconds=seconds, workers=workers, seed=seed, progress=progress)
        text = html_problem.document(problem, found, problems.read_text(problem_file))
        record, ok, stopped = found.to_json(), found.ok, False
    html.write(output, text)
    typer.echo(f"{output} is written ({len(text.encode()) / 1e6:.2f} MB).")
    write_json(json_file, record)
    return INTERRUPTED if stopped else OK if ok else FAILED


@app.command(short_help="Try to break a theorem, or a conjecture of your own.")
def falsify(
    theorem: Annotated[str | None, typer.Argument(metavar="[THEOREM]", help="Without one: every theorem.")] = None,
    drop: Annotated[str | None, typer.Option("--drop", metavar="HYPOTHESIS", help="Violate this one alone.")] = None,
    claim: Annotated[
        Path | None, typer.Option("--claim", metavar="FILE.toml", help="Attack the conjecture of this file instead.")
    ] = None,
    examples: Annotated[
        int | None, typer.Option(min=1, help="Random problems for each attack; 300, or no limit with --time.")
    ] = None,
    seed: SeedOption = 0,
    duration: Annotated[
        str | None, typer.Option("--time", metavar="TIME", help="Stop after 90, 90s, 10m, 8h, all attacks together.")
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the state here and go on from it; with --time: in the cache folder."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", metavar="FILE.toml", help="Write the counterexample.")] = None,
    json_file: JsonOption = None,
) -> int:
    """Try to break a theorem with random exact problems; with --drop, find and shrink a counterexample.

    With --claim, attack a conjecture of your own: see docs/conjectures.md. A run that was stopped is taken up by the same
    command.
    """
    from pgb.errors import InputError
    from pgb.falsify import batch
    from pgb.falsify.durations import seconds_of
    from pgb.falsify.printed import lines, working

    if output is not None and theorem is None and claim is None:
        raise InputError("-o", "is read only with a theorem or --claim")
    seconds = None if duration is None else seconds_of(duration, "--time")
    folder = batch.folder_of(database, seconds)
    results = []
    for found in batch.attacks(
        theorem, drop=drop, claim=claim, examples=examples, seconds=seconds, seed=seed, database=folder,
        progress=Ticker(working),
    ):  # fmt: skip
        note("")
        typer.echo("\n".join(lines(found)))
        results.append(found)
    if folder is not None:
        say(f"the state is kept in {folder}; the same command goes on from there")
    case = next((r.counterexample for r in results if r.counterexample is not None), None)
    if output is not None and case is not None:
        try:
            output.write_text(case.toml, encoding="utf-8")
        except OSError as error:
            raise InputError("-o", f"cannot write {output} ({error.strerror})") from None
    ok = all(r.ok for r in results)
    write_json(json_file, {"attacks": [r.to_json() for r in results], "ok": ok})
    if case is None and results[-1].interrupted == "keyboard":
        return INTERRUPTED
    return OK if ok else FAILED
