"""Branch and prune once more, in numpy, by other formulas: the reference for the compiled search.

It shares only the tape and the numpy interpreter: plain interval matrices instead of midpoints and radii, Krawczyk's
operator for pruning as well as for proofs, no symmetry, no redundant rows, halving in the middle.
"""

import numpy as np

from pgb.landscape.boxes import twin


def times(a, b):
    return twin.multiply(a, b)


def plus(a, b):
    return twin.down(a[0] + b[0]), twin.up(a[1] + b[1])


def enclosures(tape, low, high):
    """Return gradient and Hessian over N boxes, as pairs of shape (n, N) and (n, n, N)."""
    n, rows = tape.n, len(tape.rows)
    a, b = twin.run(tape, low.T, high.T)
    return (a[:n], b[:n]), (a[rows:].reshape(n, n, -1), b[rows:].reshape(n, n, -1))


def krawczyk(tape, low, high):
    """Return K(X) and whether it is strictly inside X, for N boxes; the whole line where no inverse exists."""
    n = tape.n
    middle = 0.5 * low + 0.5 * high
    (_, _), H = enclosures(tape, low, high)
    g, _ = enclosures(tape, middle, middle)
    M = (0.5 * (H[0] + H[1])).transpose(2, 0, 1)
    usable = np.isfinite(M).all(axis=(1, 2)) & (np.abs(np.linalg.det(np.where(np.isfinite(M), M, 0.0))) > 1e-200)
    P = np.linalg.inv(np.where(usable[:, None, None], M, np.eye(n))).transpose(1, 2, 0)
    D = twin.down(low - middle).T, twin.up(high - middle).T
    k_low, k_high = np.empty_like(low), np.empty_like(high)
    for i in range(n):
        total = (middle[:, i], middle[:, i])
        for j in range(n):
            step = times((g[0][j], g[1][j]), (P[i, j], P[i, j]))
            total = plus(total, (-step[1], -step[0]))
            entry = (np.zeros(len(low)), np.zeros(len(low)))
            for k in range(n):
                entry = plus(entry, times((H[0][k, j], H[1][k, j]), (P[i, k], P[i, k])))
            unit = 1.0 if i == j else 0.0
            rest = twin.down(unit - entry[1]), twin.up(unit - entry[0])
            total = plus(total, times(rest, (D[0][j], D[1][j])))
        k_low[:, i], k_high[:, i] = total
    fine = usable & np.isfinite(k_low).all(axis=1) & np.isfinite(k_high).all(axis=1)
    inside = fine & ((k_low > low) & (k_high < high)).all(axis=1)
    return np.where(fine[:, None], k_low, -np.inf), np.where(fine[:, None], k_high, np.inf), inside


def zeros(tape, low, high, limit=400_000):
    """Return tight boxes, one for each zero of the gradient, or raise if the limit is reached."""
    boxes = np.stack([low, high])[None].astype(float)
    found = []
    examined = 0
    with np.errstate(all="ignore"):
        while len(boxes):
            examined += len(boxes)
            if examined > limit:
                raise RuntimeError("limit")
            g, _ = enclosures(tape, boxes[:, 0], boxes[:, 1])
            boxes = boxes[((g[0] <= 0) & (g[1] >= 0)).all(axis=0)]
            k_low, k_high, inside = krawczyk(tape, boxes[:, 0], boxes[:, 1])
            for box, a, b in zip(boxes[inside], k_low[inside], k_high[inside], strict=True):
                found.append((box, refine(tape, a, b)))
            new_low, new_high = np.maximum(boxes[:, 0], k_low), np.minimum(boxes[:, 1], k_high)
            kept = ~inside & (new_low <= new_high).all(axis=1)
            boxes = np.stack([new_low[kept], new_high[kept]], axis=1)
            boxes = np.concatenate(split(boxes))
    return distinct(found)


def split(boxes):
    if not len(boxes):
        return [boxes, boxes]
    rows = np.arange(len(boxes))
    axis = (boxes[:, 1] - boxes[:, 0]).argmax(axis=1)
    cut = 0.517 * boxes[rows, 0, axis] + 0.483 * boxes[rows, 1, axis]
    left, right = boxes.copy(), boxes.copy()
    left[rows, 1, axis] = cut
    right[rows, 0, axis] = cut
    return [left, right]


def refine(tape, low, high):
    for _ in range(4):
        a, b, _ = krawczyk(tape, low[None], high[None])
        low, high = np.maximum(low, a[0]), np.minimum(high, b[0])
    return low, high


def distinct(found):
    result = []
    for _, (a, b) in found:
        if not any((a <= d).all() and (b >= c).all() for c, d in result):
            result.append((a, b))
    return result
