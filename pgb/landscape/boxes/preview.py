"""The cost preview: an estimate of the number of boxes that a search needs, before it is run; untrusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pgb.landscape.boxes import drive, examine
from pgb.landscape.boxes.krawczyk import workspace
from pgb.landscape.boxes.tape import Tape

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

SPLIT: Final = 0.47


def boxes_needed(
    tape: Tape, low: Floats, high: Floats, constraints: Floats, smallest: float, *, checked: bool, seed: int,
    dives: int = 2048,
) -> float:  # fmt: skip
    """Estimate the size of the bisection tree by random dives from one of its levels.

    D. E. Knuth, Mathematics of Computation 29 (1975) 121-136: a dive that goes into one of two halves, drawn at random,
    and doubles its weight has the size of the tree as its expectation. The tree is walked completely down to its first
    level of more than `dives` / 2 boxes, which lowers the variance; the estimate is unbiased but skewed, so it mostly
    comes out somewhat low.

    Parameters
    ----------
    low, high, constraints, smallest, checked
        As the search has them.
    seed
        Of the random choices.
    """
    rng = np.random.default_rng(seed)
    arrays = tape.arrays()
    program = (*arrays[:5], arrays[6])
    ws = workspace(tape.registers, tape.n, dives)
    lo, hi = np.zeros((tape.n, dives)), np.zeros((tape.n, dives))
    old_lo, old_hi = np.zeros((tape.n, dives)), np.zeros((tape.n, dives))
    status, statistics = np.zeros(dives, dtype=np.int64), np.zeros(8, dtype=np.int64)
    lo[:, 0], hi[:, 0] = low, high
    n, weight, total = 1, 1.0, 0.0
    while n:
        total += n * weight
        status[:n] = examine.SPLIT
        if len(constraints):
            top = np.maximum(constraints, 0.0) @ hi[:, :n] + np.minimum(constraints, 0.0) @ lo[:, :n]
            kept = np.flatnonzero((top >= 0).all(axis=0))
            n = len(kept)
            lo[:, :n], hi[:, :n] = lo[:, kept], hi[:, kept]
        n = drive.test_lanes(program, lo, hi, old_lo, old_hi, status, ws, statistics, tape.n, n, checked) if n else 0
        wide = (hi[:, :n] - lo[:, :n]).max(axis=0, initial=0.0) >= smallest
        kept = np.flatnonzero((status[:n] != examine.DISCARDED) & (status[:n] != examine.CANDIDATE) & wide)
        n = len(kept)
        a, b = lo[:, kept], hi[:, kept]
        axis, lane = (b - a).argmax(axis=0) if n else np.zeros(0, dtype=np.int64), np.arange(n)
        cut = a[axis, lane] + SPLIT * (b - a)[axis, lane]
        left, right = (a.copy(), b.copy()), (a.copy(), b.copy())
        left[1][axis, lane], right[0][axis, lane] = cut, cut
        if 2 * n <= dives:
            lo[:, : 2 * n], hi[:, : 2 * n] = np.hstack([left[0], right[0]]), np.hstack([left[1], right[1]])
            n *= 2
        else:
            first = rng.random(n) < 0.5
            lo[:, :n], hi[:, :n] = np.where(first, left[0], right[0]), np.where(first, left[1], right[1])
            weight *= 2.0
    return total
