"""Groups undecided boxes into clusters, each reported by its hull; a search that stops at a degenerate zero leaves one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from pgb.landscape.boxes.symmetry import Signed

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

CELLS: Final = 48
MANY: Final = 4_000


def hulls(boxes: Floats) -> list[Floats]:
    """Return the hulls of the connected clusters of boxes, largest number of boxes first.

    Parameters
    ----------
    boxes
        Shape (U, 2, n); boxes that touch, or are closer than their own size, belong together. Many boxes are first joined over the cells of a grid, which
        can only join clusters.

    Returns
    -------
    list
        Arrays of shape (2, n) that cover all boxes.
    """
    if not len(boxes):
        return []
    pieces = boxes if len(boxes) <= MANY else _joined(boxes)
    reach = (pieces[:, 1] - pieces[:, 0]).max(axis=1, keepdims=True)  # contraction leaves small gaps
    low, high = pieces[:, 0] - reach, pieces[:, 1] + reach
    open_ = np.ones(len(pieces), dtype=bool)
    found: list[tuple[int, Floats]] = []
    while open_.any():
        seed = int(np.argmax(open_))
        members = [seed]
        open_[seed] = False
        frontier = [seed]
        while frontier:
            k = frontier.pop()
            touching = (low <= high[k]).all(axis=1) & (high >= low[k]).all(axis=1)
            new = np.flatnonzero(touching & open_)
            open_[new] = False
            frontier += [int(j) for j in new]
            members += [int(j) for j in new]
        hull = np.stack([pieces[members, 0].min(axis=0), pieces[members, 1].max(axis=0)])
        found.append((len(members), hull))
    return [hull for _, hull in sorted(found, key=lambda pair: -pair[0])]


def _joined(boxes: Floats) -> Floats:
    """Return the hulls of the boxes whose lower corners share a cell of a grid."""
    low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    cell = np.maximum((high - low) / CELLS, (boxes[:, 1] - boxes[:, 0]).max(axis=0))
    keys = np.floor((boxes[:, 0] - low) / np.maximum(cell, 1e-300)).astype(np.int64)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)
    count = int(group.max()) + 1
    joined = np.empty((count, 2, boxes.shape[2]))
    joined[:, 0], joined[:, 1] = np.inf, -np.inf
    np.minimum.at(joined[:, 0], group, boxes[:, 0])
    np.maximum.at(joined[:, 1], group, boxes[:, 1])
    return joined


def images(hulls: Sequence[Floats], group: Sequence[Signed]) -> Floats:
    """Return the boxes' images under all maps of a group, each once; shape (K, 2, n)."""
    if not hulls:
        return np.zeros((0, 2, len(group[0].source)))
    boxes = np.stack(hulls)
    images = []
    for g in group:
        sign = np.array(g.sign, dtype=float)
        moved = boxes[:, :, list(g.source)] * sign
        images.append(np.stack([moved.min(axis=1), moved.max(axis=1)], axis=1))
    return np.unique(np.concatenate(images) + 0.0, axis=0)


def decimal(value: float) -> str:
    """Return the exact decimal of a double."""
    return format(Decimal(value), "f") if abs(value) >= 1e-6 or value == 0 else str(Decimal(value))
