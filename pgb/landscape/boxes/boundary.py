"""Poincare-Hopf: certifies that the gradient is homotopic to the outward field on a box's boundary; trusted.

If for no point theta of the boundary and no c >= 0 the gradient g(theta) equals -c (theta - centre), then (1 - t) g +
t (theta - centre) never vanishes there, 0 <= t <= 1: the degree of g over the box is 1, and if all critical points are
nondegenerate, sum (-1)^index = 1 (J. Milnor, "Topology from the Differentiable Viewpoint", section 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pgb.landscape.boxes.evaluate import ranges
from pgb.landscape.boxes.tape import Tape

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

LIMIT: Final = 60_000
NARROW: Final = 2.0**-16


def points_outward(tape: Tape, low: Floats, high: Floats, limit: int = LIMIT) -> bool:
    """Try to certify the hypothesis above on the boundary of the box low <= theta <= high.

    Parameters
    ----------
    limit
        Sub-boxes of the boundary to be examined at most.

    Returns
    -------
    bool
        False says only that this method did not show it.
    """
    middle = 0.5 * low + 0.5 * high
    boxes = np.concatenate([_face(low, high, j, side) for j in range(tape.n) for side in (0, 1)])
    examined = 0
    while len(boxes):
        examined += len(boxes)
        if examined > limit:
            return False
        g_low, g_high = (g[:, : tape.n] for g in ranges(tape, boxes[:, 0], boxes[:, 1]))
        right = (g_low > 0) & (boxes[:, 0] > middle)
        left = (g_high < 0) & (boxes[:, 1] < middle)
        boxes = boxes[~(right | left).any(axis=1)]
        width = boxes[:, 1] - boxes[:, 0]
        if len(boxes) and width.max(axis=1).min() < NARROW:
            return False
        boxes = _halved(boxes, width.argmax(axis=1)) if len(boxes) else boxes
    return True


def _face(low: Floats, high: Floats, j: int, side: int) -> Floats:
    box = np.stack([low, high])
    box[1 - side, j] = box[side, j]
    return box[None]


def _halved(boxes: Floats, axis: np.ndarray) -> Floats:
    rows = np.arange(len(boxes))
    cut = 0.5 * boxes[rows, 0, axis] + 0.5 * boxes[rows, 1, axis]
    first, second = boxes.copy(), boxes.copy()
    first[rows, 1, axis] = cut
    second[rows, 0, axis] = cut
    return np.concatenate([first, second])
