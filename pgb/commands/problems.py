"""Commands about one problem, and about families of random ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pgb.commands.shared import (
    FAILED,
    INTERRUPTED,
    OK,
    AtOption,
    JsonOption,
    ProblemArgument,
    SecondsOption,
    SeedOption,
    WorkersOption,
    app,
    point_of,
    write_json,
)


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
    write_json(json_file, record)
    return INTERRUPTED if found.interrupted else OK


@app.command(short_help="What is this point? With a certificate.")
def classify(problem_file: ProblemArgument, at: AtOption, json_file: JsonOption = None) -> int:
    """Is this point a critical point, a (strict or flat) local minimum, a saddle? With its certificate."""
    from pgb import problem as problems
    from pgb.landscape import search
    from pgb.report import landscapes, tables

    problem = problems.load(problem_file, extra_sections=("case",))
    result, record = search.classify_point(problem, point_of(problem, at, "--at"))
    landscapes.print_classification(tables.console(), at, result)
    write_json(json_file, record | {"problem": problems.read_text(problem_file)})
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
    write_json(json_file, {"points": [r.to_json() for r in results], "ok": ok})
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
    point = point_of(problem, at, "--at")
    lifted = any(name.startswith("aux_") for name in point)
    target = objective.augmented(problem) if lifted else objective.loss(problem)
    found = condition.gap(problem, target, point, perturb=not unperturbed, seed=seed)
    landscapes.print_gap(tables.console(), at, found)
    write_json(json_file, found.to_json())
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
    write_json(json_file, found.to_json())
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
    point = point_of(problem, start, "--from")
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
    write_json(json_file, record | {"end_ray": None if end is None else end.to_json()})
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
        given = {name: float(v) for name, v in point_of(problem, added, "--added").items() if name.startswith("aux_")}
    with escapes.counting() as progress:
        found = escaping.basins(
            problem, starts=starts, grid=grid, box=None if every is None else (float(every[0]), float(every[1])),
            added=given, spread=spread, t_end=until, seed=seed, workers=workers, journal=resume, progress=progress,
        )  # fmt: skip
    escapes.print_basins(tables.console(), found)
    write_json(json_file, found.to_json())
    if picture is not None and found.starts:
        pictures.basins(found, problem, picture)
    return INTERRUPTED if found.interrupted else OK


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
    write_json(json_file, families.to_json(title, result))
    return OK
