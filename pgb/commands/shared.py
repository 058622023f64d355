"""What all commands share: the application, exit statuses, options, and how points are read and records written."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

OK: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
MINUTE: Final = 60.0

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
ProblemArgument = Annotated[str, typer.Argument(metavar="PROBLEM.toml", help="A problem file.")]
AtOption = Annotated[
    str, typer.Option("--at", metavar="POINT", help="A point of the file by name, or 'theta=-1, w=1/2'.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]
WorkersOption = Annotated[int, typer.Option(min=1, max=64, help="Processes to use.")]
SecondsOption = Annotated[
    float | None, typer.Option(min=0.001, help="Stop after this many seconds with what is certified.")
]


def say(sentence: str) -> None:
    """Print a sentence on stderr."""
    print(f"pgb: {sentence}", file=sys.stderr)  # noqa: T201


def note(step: str) -> None:
    """Show a step of long work on stderr, where that is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)  # noqa: T201


def write_json(path: Path | None, record: dict[str, Any]) -> None:
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


def point_of(problem: Any, text: str, option: str) -> dict[str, Any]:
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


class Ticker:
    """Shows progress on stderr: all the time on a terminal, else one line a minute."""

    def __init__(self, shown: Callable[[Any], str]) -> None:
        self.shown, self.last = shown, time.monotonic()

    def __call__(self, result: Any) -> None:
        """Show where the work stands, if it is time for that."""
        if sys.stderr.isatty():
            note(self.shown(result))
        elif time.monotonic() - self.last > MINUTE:
            self.last = time.monotonic()
            say(self.shown(result))
