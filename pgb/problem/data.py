"""The data of a problem: exact samples, and the groups of samples that share an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from pgb.errors import InputError
from pgb.expressions import rational, short

Row = tuple[sympy.Rational, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """m samples (x_i, y_i), exact.

    Attributes
    ----------
    x
        m rows of dx rationals.
    y
        m rows of rationals: the label columns that the loss reads.
    """

    x: tuple[Row, ...]
    y: tuple[Row, ...]

    @property
    def m(self) -> int:
        """The number of samples."""
        return len(self.x)

    @property
    def dx(self) -> int:
        """The dimension of the inputs."""
        return len(self.x[0])

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Return the index sets I_j = {i : x_i = xbar_j}, ordered by their first sample (THEORY: grouped samples)."""
        found: dict[Row, list[int]] = {}
        for i, row in enumerate(self.x):
            found.setdefault(row, []).append(i)
        return tuple(map(tuple, found.values()))

    def labels_consistent(self) -> bool:
        """Do equal inputs have equal labels?"""
        return all(self.y[i] == self.y[group[0]] for group in self.groups() for i in group)


def table(rows: object, field: str) -> tuple[Row, ...]:
    """Return a non-empty rectangular table of exact numbers.

    Raises
    ------
    InputError
        Naming the row and column of the first entry that is not an exact number, or the first row of another length.
    """
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise InputError(field, f"must be a non-empty list of rows such as [['1', '0'], ['0', '1']], got {short(rows)}")
    out: list[Row] = []
    for i, row in enumerate(rows):
        if not isinstance(row, Sequence) or isinstance(row, str) or not row:
            raise InputError(f"{field}[{i}]", f"must be a non-empty row such as ['1', '0'], got {short(row)}")
        out.append(tuple(rational(v, f"{field}[{i}][{j}]") for j, v in enumerate(row)))
        if len(out[-1]) != len(out[0]):
            raise InputError(f"{field}[{i}]", f"must have {len(out[0])} entries like the first row, got {len(out[-1])}")
    return tuple(out)
