"""Reads lengths of time as people write them: 90, 90s, 10m, 8h, 1h30m. Decides nothing."""

from __future__ import annotations

import re
from typing import Final

from pgb.errors import InputError
from pgb.expressions import short

UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST: Final = 366 * 86400.0
_PART: Final = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_WHOLE: Final = re.compile(rf"({_PART})|(?:{_PART}[smhd])+")


def seconds_of(text: str, field: str) -> float:
    """Return a length of time in seconds.

    Parameters
    ----------
    text
        Seconds, as ``"90"``, or numbers with units s, m, h, d: ``"90s"``, ``"10m"``, ``"8h"``, ``"1h30m"``, ``"1.5h"``.
    field
        Where it stands, for the error.

    Raises
    ------
    InputError
        When it is written otherwise, is 0, or longer than a year.
    """
    plain = text.strip().lower().replace(" ", "")
    if not _WHOLE.fullmatch(plain):
        raise InputError(field, f"must be a time such as 90, 90s, 10m, 8h or 1h30m, got {short(text)}")
    total = sum(float(number) * UNITS[unit] for number, unit in re.findall(rf"({_PART})([smhd]?)", plain))
    if not 0 < total <= LONGEST:
        raise InputError(field, f"must be longer than 0 and at most a year, got {short(text)}")
    return total
