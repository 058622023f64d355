"""The `pgb` command: reads arguments, calls the library, prints, and sets the exit status. No mathematics in it.

Exit status: 0 all well; 1 a mathematical failure, written out; 2 bad input, one sentence; 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

OK: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
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


@app.command()
def verify(
    json_file: JsonOption = None, workers: Annotated[int, typer.Option(min=1, max=64, help="Processes to use.")] = 2
) -> int:
    """Check every proof, re-certify every counterexample, and print the ledger."""
    from pgb.report import tables, verification

    out = tables.console()
    with tables.progress() as show:
        result = verification.verify(workers=workers, on_event=show)
    tables.print_verification(out, result)
    _write_json(json_file, result.to_json())
    if result.interrupted:
        return INTERRUPTED
    return OK if result.ok else FAILED


@app.command()
def prove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME ...]", help="Theorems, or Python files with a proof.")
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="Print every step with the hypotheses and facts it uses.")
    ] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print statements as LaTeX.")] = False,
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
    _write_json(json_file, {"theorems": [r.to_json() for r in results], "ok": ok})
    return OK if ok else FAILED


@app.command()
def reproduce(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME ...]", help="Cases, or case files.")] = None,
    json_file: JsonOption = None,
) -> int:
    """Re-run and re-certify counterexamples and published examples; without a name, all of them."""
    from pgb import cases
    from pgb.report import tables

    out = tables.console()
    results = []
    for name in names or cases.case_names():
        result = cases.reproduce(name)
        tables.print_case(out, result)
        results.append(result)
    tables.print_case_summary(out, results)
    ok = all(r.ok for r in results)
    _write_json(json_file, {"counterexamples": [r.to_json() for r in results], "ok": ok})
    return OK if ok else FAILED


if __name__ == "__main__":
    main()
