"""The `pgb` command: reads arguments, calls the library, prints, and sets the exit status. No mathematics in it.

Exit status: 0 all well; 1 a mathematical failure, written out; 2 bad input, one sentence; 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final, NoReturn

import typer

from pgb.commands import claims, problems
from pgb.commands.shared import BAD_INPUT, INTERRUPTED, OK, app, say

__all__ = ["app", "claims", "main", "problems"]

_USAGE: Final[Any] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def main() -> NoReturn:
    """Run the command line and exit; every expected error becomes one sentence and a status."""
    from pgb.errors import PgbError

    try:
        status = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        status = INTERRUPTED
    except _USAGE as error:
        say(error.format_message())
        status = BAD_INPUT
    except PgbError as error:
        say(str(error))
        status = BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        status = OK
    sys.exit(status if isinstance(status, int) else OK)


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


if __name__ == "__main__":
    main()
