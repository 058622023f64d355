"""The errors that `pgb` raises for what it was given; mathematical outcomes are values, never exceptions."""

from __future__ import annotations


class PgbError(Exception):
    """Base class of every error that `pgb` raises on purpose."""


class InputError(PgbError, ValueError):
    """Something that the user gave cannot be used; the message is one sentence that names the field.

    Parameters
    ----------
    field
        Where the trouble is, as the user wrote it: ``"network.layers"``, ``"--at"``.
    wanted
        What it should be, with the value that was found.
    """

    def __init__(self, field: str, wanted: str) -> None:
        self.field = field
        self.wanted = wanted
        super().__init__(f"{field}: {wanted}")
