"""Whole-array uses of the compiled lanes: ranges over many boxes, and the check that no register can overflow; trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgb.landscape.boxes import lanes
from pgb.landscape.boxes.rounding import LARGE
from pgb.landscape.boxes.tape import Tape, operands

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

LANES = 128


def scratch(registers: int, count: int) -> tuple[Any, ...]:
    """Return registers (lo, hi) and scratch memory (work, bits, scale) for `lanes.run`."""
    bits = np.zeros(count, dtype=np.int64)
    lo, hi = np.zeros((registers, count)), np.zeros((registers, count))
    return lo, hi, np.zeros((4, count)), bits, bits.view(np.float64)


def ranges(tape: Tape, low: Floats, high: Floats, *, hessian: bool = False) -> tuple[Floats, Floats]:
    """Enclose all rows of a tape (or all second derivatives) over N boxes.

    Parameters
    ----------
    low, high
        Shape (N, n); infinite ends are allowed.
    hessian
        Return second derivatives, n * n columns, instead of the rows.

    Returns
    -------
    lower, upper
        Shape (N, number of rows): the whole line where nothing finite is known.
    """
    wanted = tape.hessian.reshape(-1) if hessian else tape.rows
    stop = len(tape.code) if hessian else tape.first
    lower, upper = np.empty((len(low), len(wanted))), np.empty((len(low), len(wanted)))
    lo, hi, work, bits, scale = scratch(tape.registers, LANES)
    for start in range(0, len(low), LANES):
        n = min(LANES, len(low) - start)
        lo[: tape.n, :n], hi[: tape.n, :n] = low[start : start + n].T, high[start : start + n].T
        lanes.run(tape.code, tape.constants, 0, stop, lo, hi, work, bits, scale, n, True)
        lower[start : start + n], upper[start : start + n] = lo[wanted, :n].T, hi[wanted, :n].T
    return lower, upper


def stays_finite(tape: Tape, low: Floats, high: Floats) -> bool:
    """Tell whether every register of a run over the region low <= theta <= high stays within +-LARGE (see `rounding`)."""
    lo, hi, work, bits, scale = scratch(tape.registers, 1)
    lo[: tape.n, 0], hi[: tape.n, 0] = low, high
    for i, row in enumerate(tape.code.tolist()):
        lanes.run(tape.code, tape.constants, i, i + 1, lo, hi, work, bits, scale, 1, False)
        for r in operands(tuple(row))[0]:
            if not (lo[r, 0] >= -LARGE and hi[r, 0] <= LARGE):
                return False
    return True
