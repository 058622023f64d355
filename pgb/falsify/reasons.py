"""Shortens reasons so that those of equal kind are counted together. Decides nothing."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 160


def short_reason(sentence: str) -> str:
    """Return a reason without the numbers of one problem, at most 160 characters long."""
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "#", " ".join(sentence.split()).removeprefix("undecided: "))[:LONGEST]
