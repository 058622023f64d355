"""The `pgb` command: reads arguments, calls the library, prints, and sets the exit status. No mathematics in it.

Exit status: 0 all well; 1 a mathematical failure, written out; 2 bad input, one sentence; 130 interrupted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

OK: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
MINUTE: Final = 60.0
_USAGE: Final[Any] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

app = typer.Typer(
    name="pgb",
    help="A theorem checker for loss landscapes of neural networks.",
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

JsonOption = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write the result as one JSON record.")
]


def main() -> NoReturn:
    """Run the command line and exit; every expected error becomes one sentence and a status."""
    from pgb.errors import PgbError

    try:
        status = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted")
        status = INTERRUPTED
    except _USAGE as error:
        _say(error.format_message())
        status = BAD_INPUT
    except PgbError as error:
        _say(str(error))
        status = BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        status = OK
    sys.exit(status if isinstance(status, int) else OK)


def _say(sentence: str) -> None:
    print(f"pgb: {sentence}", file=sys.stderr)  # noqa: T201


def _note(step: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)  # noqa: T201


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pgb {version('pgb')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A theorem checker for loss landscapes of neural networks."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def _write_json(path: Path | None, record: dict[str, Any]) -> None:
    """Write one record, whole or not at all."""
    if path is None:
        return
    from pgb.errors import InputError

    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    try:
        if str(path) in ("-", "/dev/stdout"):
            sys.stdout.write(text)
            return
        partial = path.with_name(path.name + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError("--json", f"cannot write {path} ({error.strerror})") from None


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
    _write_json(json_file, result.to_json())
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

        report = twin.build(check=coqchk, progress=lambda *step: _note(" ".join(map(str, step))))
        tables.print_twin(out, report)
        record["coq"] = report.to_json()
        ok = ok and report.status is not twin.CoqStatus.FAILED
    _write_json(json_file, record | {"ok": ok})
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
    _write_json(json_file, {"counterexamples": [r.to_json() for r in results], "ok": ok})
    return OK if ok else FAILED


ProblemArgument = Annotated[str, typer.Argument(metavar="PROBLEM.toml", help="A problem file.")]
AtOption = Annotated[
    str, typer.Option("--at", metavar="POINT", help="A point of the file by name, or 'theta=-1, w=1/2'.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]
WorkersOption = Annotated[int, typer.Option(min=1, max=64, help="Processes to use.")]
SecondsOption = Annotated[
    float | None, typer.Option(min=0.001, help="Stop after this many seconds with what is certified.")
]


def _point(problem: Any, text: str, option: str) -> dict[str, Any]:
    """Return a point by its name in the file, or from text such as ``theta=-1, w=1/2``."""
    from pgb.errors import InputError
    from pgb.expressions import parse
    from pgb.problem.files import auxiliary_names

    if text in problem.points:
        return dict(problem.points[text])
    known = ", ".join(problem.points) or "none"
    out: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            raise InputError(option, f"must be a point of the file ({known}) or 'name=value, ...', got {text!r}")
        out[name.strip()] = parse(value.strip(), {}, f"{option} {name.strip()}")
    names = [*(p.name for p in problem.parameters), *auxiliary_names(problem.augmentation, problem.network)]
    unknown = [name for name in out if name not in names]
    if unknown:
        raise InputError(option, f"has the unknown variable {unknown[0]!r}; the variables are {', '.join(names)}")
    problem.check_size(out, option)
    return out


@app.command(short_help="All critical points, typed and certified.")
def critical(
    problem_file: ProblemArgument,
    augmented: Annotated[bool, typer.Option("--augmented", help="The critical points of Lt, by reduction.")] = False,
    box: Annotated[
        tuple[str, str] | None, typer.Option("--box", metavar="A B", help="The same interval for all.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Ignore the file's region.")] = False,
    boxes: Annotated[int | None, typer.Option(min=1, help="Stop after this many boxes.")] = None,
    seconds: SecondsOption = None,
    workers: WorkersOption = 2,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> int:
    """All critical points, typed and certified, with what is proved about completeness."""
    from pgb import problem as problems
    from pgb.landscape import search
    from pgb.problem.files import interval
    from pgb.report import landscapes, tables

    problem = problems.load(problem_file, extra_sections=("case",))  # a case file is a problem too
    every = [interval(box, "--box")] * len(problem.parameters) if box is not None else None
    with landscapes.searching() as progress:
        found = search.critical_points(
            problem, box=every, everywhere=everywhere, boxes=boxes, seconds=seconds, workers=workers, seed=seed,
            progress=progress,
        )  # fmt: skip
    out = tables.console()
    landscapes.print_critical(out, found)
    record = found.to_json() | {"objective": "L", "problem": problems.read_text(problem_file)}
    if augmented:
        reductions = search.augmented_points(problem, found)
        landscapes.print_reductions(out, reductions)
        record["augmented"] = [r.to_json() for r in reductions]
    _write_json(json_file, record)
    return INTERRUPTED if found.interrupted else OK


@app.command(short_help="What is this point? With a certificate.")
def classify(problem_file: ProblemArgument, at: AtOption, json_file: JsonOption = None) -> int:
    """Is this point a critical point, a (strict or flat) local minimum, a saddle? With its certificate."""
    from pgb import problem as problems
    from pgb.landscape import search
    from pgb.report import landscapes, tables

    problem = problems.load(problem_file, extra_sections=("case",))
    result, record = search.classify_point(problem, _point(problem, at, "--at"))
    landscapes.print_classification(tables.console(), at, result)
    _write_json(json_file, record | {"problem": problems.read_text(problem_file)})
    return OK


@app.command(short_help="Check a saved record again.")
def recheck(
    certificate: Annotated[str, typer.Argument(metavar="CERTIFICATE.json", help="A record written by --json.")],
    json_file: JsonOption = None,
) -> int:
    """Check a saved record of critical points again, with the trusted checkers alone."""
    from pgb import problem as problems
    from pgb.errors import InputError
    from pgb.landscape import records
    from pgb.report import landscapes, tables

    try:
        record = json.loads(problems.read_text(certificate))
    except (ValueError, RecursionError) as error:
        raise InputError(certificate, f"must be a JSON record ({error})") from None
    if not isinstance(record, dict):
        raise InputError(certificate, "must be a JSON record as pgb writes it")
    results = records.recheck_record(record)
    landscapes.print_rechecked(tables.console(), results)
    ok = all(r.ok for r in results)
    _write_json(json_file, {"points": [r.to_json() for r in results], "ok": ok})
    return OK if ok else FAILED


@app.command(short_help="The PGB gap at a point.")
def gap(
    problem_file: ProblemArgument,
    at: AtOption,
    unperturbed: Annotated[bool, typer.Option("--unperturbed", help="Use S = {0} alone.")] = False,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> int:
    """The PGB gap at a point: a positive one proves that the point is no local minimum."""
    from pgb import condition, objective
    from pgb import problem as problems
    from pgb.report import landscapes, tables

    problem = problems.load(problem_file, extra_sections=("case",))
    point = _point(problem, at, "--at")
    lifted = any(name.startswith("aux_") for name in point)
    target = objective.augmented(problem) if lifted else objective.loss(problem)
    found = condition.gap(problem, target, point, perturb=not unperturbed, seed=seed)
    landscapes.print_gap(tables.console(), at, found)
    _write_json(json_file, found.to_json())
    return OK


@app.command(short_help="Every theorem on this problem.")
def check(
    problem_file: ProblemArgument,
    no_search: Annotated[bool, typer.Option("--no-search", help="Study the named points only.")] = False,
    seconds: SecondsOption = 60,
    workers: WorkersOption = 2,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> int:
    """Every theorem on this problem: verdicts, vacuity, bad local minima and how they escape."""
    from pgb import checking
    from pgb import problem as problems
    from pgb.report import landscapes, tables

    problem = problems.load(problem_file, extra_sections=("case",))
    with landscapes.searching() as progress:
        found = checking.check(
            problem, search=not no_search, seconds=seconds, workers=workers, seed=seed, progress=progress
        )
    landscapes.print_check(tables.console(), found)
    _write_json(json_file, found.to_json())
    return OK if found.ok else FAILED


@app.command(short_help="The failure mode from a point.")
def escape(
    problem_file: ProblemArgument,
    start: Annotated[str, typer.Option("--from", metavar="POINT", help="A point by name, or 'theta=-1, ...'.")],
    until: Annotated[float, typer.Option("--until", help="Last time of the gradient flow.")] = 1e5,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE.png", help="Draw the trajectory.")] = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
) -> int:
    """The failure mode from a point: certified ray, V(theta), gradient flow of Lt, its fate and law."""
    from pgb import escape as escaping
    from pgb import objective
    from pgb import problem as problems
    from pgb.errors import InputError
    from pgb.report import escapes, pictures, tables

    pictures.check(picture)
    problem = problems.load(problem_file, extra_sections=("case",))
    point = _point(problem, start, "--from")
    lt = objective.augmented(problem)
    missing = [p.name for p in problem.parameters if p.name not in point]
    if missing:
        raise InputError("--from", f"lacks {', '.join(missing)}: a point gives every parameter of the network")
    escaping.require_flow(problem)
    theta = {p.name: point[p.name] for p in problem.parameters}
    ray = escaping.best_ray(problem, theta, seed=seed)
    infimum = escaping.infimum(problem, theta, best=ray)
    begin = {v.name: float(point.get(v.name, 0)) for v in lt.variables}
    run = escaping.flow(problem, lt, begin, until)
    end = escaping.end_ray(problem, run) if run.fate is escaping.Fate.ESCAPE else None
    escapes.print_escape(tables.console(), ray, infimum, run, end)
    if picture is not None:
        pictures.escape(run, picture, title=problem.title)
    record = {"ray": ray.to_json(), "V": infimum.to_json(), "flow": run.to_json()}
    _write_json(json_file, record | {"end_ray": None if end is None else end.to_json()})
    return OK


@app.command(short_help="The fates of many starts.")
def basins(
    problem_file: ProblemArgument,
    starts: Annotated[int, typer.Option("--starts", min=1, help="Random starts, uniform in the box.")] = 100,
    grid: Annotated[int | None, typer.Option("--grid", min=2, help="Instead: points on each axis of the box.")] = None,
    box: Annotated[
        tuple[str, str] | None, typer.Option("--box", metavar="A B", help="The same interval for all parameters.")
    ] = None,
    added: Annotated[
        str | None, typer.Option("--added", metavar="POINT", help="Added units of every start; else small and random.")
    ] = None,
    spread: Annotated[float, typer.Option("--spread", min=0, help="Deviation of random added units.")] = 0.1,
    until: Annotated[float, typer.Option("--until", help="Last time of every flow.")] = 1e7,
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FILE", help="Keep finished starts here, and go on from them.")
    ] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE.png", help="Draw the study.")] = None,
    json_file: JsonOption = None,
) -> int:
    """From many starts, the fate of the flow of L and of Lt: shares without and with augmentation."""
    from pgb import escape as escaping
    from pgb import problem as problems
    from pgb.problem.files import interval
    from pgb.report import escapes, pictures, tables

    pictures.check(picture)
    problem = problems.load(problem_file, extra_sections=("case",))
    every = None if box is None else interval(box, "--box")
    given = None
    if added is not None:
        given = {name: float(v) for name, v in _point(problem, added, "--added").items() if name.startswith("aux_")}
    with escapes.counting() as progress:
        found = escaping.basins(
            problem, starts=starts, grid=grid, box=None if every is None else (float(every[0]), float(every[1])),
            added=given, spread=spread, t_end=until, seed=seed, workers=workers, journal=resume, progress=progress,
        )  # fmt: skip
    escapes.print_basins(tables.console(), found)
    _write_json(json_file, found.to_json())
    if picture is not None and found.starts:
        pictures.basins(found, problem, picture)
    return INTERRUPTED if found.interrupted else OK


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
    _write_json(json_file, record)
    return INTERRUPTED if stopped else OK if ok else FAILED


@app.command(short_help="Many random networks, certified counts.")
def sweep(
    family_file: Annotated[str, typer.Argument(metavar="FAMILY.toml", help="An architecture and its distributions.")],
    runs: Annotated[int, typer.Option(min=1, help="Random instances, counted from 0.")] = 100,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the file's seed.")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", metavar="DIR", help="Keep the journal here.")] = None,
    json_file: JsonOption = None,
) -> int:
    """Many random instances of one architecture: certified counts of critical points, resumable."""
    from pgb.landscape import families
    from pgb.report import landscapes, tables

    title, family, written = families.load(family_file)
    with landscapes.searching() as progress:
        result = families.run(family, runs, written if seed is None else seed, resume, progress)
    landscapes.print_sweep(tables.console(), title, result)
    _write_json(json_file, families.to_json(title, result))
    return OK


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
        progress=_Ticker(working),
    ):  # fmt: skip
        _note("")
        typer.echo("\n".join(lines(found)))
        results.append(found)
    if folder is not None:
        _say(f"the state is kept in {folder}; the same command goes on from there")
    case = next((r.counterexample for r in results if r.counterexample is not None), None)
    if output is not None and case is not None:
        try:
            output.write_text(case.toml, encoding="utf-8")
        except OSError as error:
            raise InputError("-o", f"cannot write {output} ({error.strerror})") from None
    ok = all(r.ok for r in results)
    _write_json(json_file, {"attacks": [r.to_json() for r in results], "ok": ok})
    if case is None and results[-1].interrupted == "keyboard":
        return INTERRUPTED
    return OK if ok else FAILED


class _Ticker:
    """Shows progress on stderr: all the time on a terminal, else one line a minute."""

    def __init__(self, shown: Callable[[Any], str]) -> None:
        self.shown, self.last = shown, time.monotonic()

    def __call__(self, result: Any) -> None:
        if sys.stderr.isatty():
            _note(self.shown(result))
        elif time.monotonic() - self.last > MINUTE:
            self.last = time.monotonic()
            _say(self.shown(result))


if __name__ == "__main__":
    main()
