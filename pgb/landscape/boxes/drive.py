"""The branch-and-prune loop, compiled by numba; trusted.

Coverage. Every point of the boxes handed in lies, at the end, in a discarded box (no zero there), in a certified region
(one zero there), in a box beyond the symmetry constraints, in an undecided box, or in a box still on the stack.
"""

from __future__ import annotations

import numpy as np

from pgb.landscape.boxes import examine as X
from pgb.landscape.boxes.functions import up
from pgb.landscape.boxes.jit import compiled
from pgb.landscape.boxes.krawczyk import certify, known, workspace
from pgb.landscape.boxes.lanes import run

FINISHED, BUDGET, ZONES_FULL, UNDECIDED_FULL, STACK_FULL = 0, 1, 2, 3, 4
# positions in the statistics
BOXES, NATURAL, MEAN, NEWTON, ZONED, MIRRORED, CERTIFIED, FAILED = 0, 1, 2, 3, 4, 5, 6, 7


@compiled
def excluded(boxlo, boxhi, zones, count, constraints, status, stats, dim, n):  # type: ignore[no-untyped-def]
    """Drop boxes inside certified regions, and boxes where a constraint sum_j s_j x_j >= 0 fails throughout."""
    for l in range(n):
        status[l] = X.SPLIT
    for q in range(constraints.shape[0]):
        for l in range(n):
            top = 0.0
            for j in range(dim):
                s = constraints[q, j]
                if s != 0.0:
                    top = up(top + (s * boxhi[j, l] if s > 0.0 else s * boxlo[j, l]))
            if top < 0.0 and status[l] != X.DISCARDED:
                status[l] = X.DISCARDED
                stats[MIRRORED] += 1
    for q in range(count):
        for l in range(n):
            within = True
            for j in range(dim):
                if not (boxlo[j, l] >= zones[q, 2, j] and boxhi[j, l] <= zones[q, 3, j]):
                    within = False
                    break
            if within and status[l] != X.DISCARDED:
                status[l] = X.DISCARDED
                stats[ZONED] += 1


@compiled
def squeeze(boxlo, boxhi, status, dim, n):  # type: ignore[no-untyped-def]
    """Move the lanes that are not discarded to the front; return their number."""
    m = 0
    for l in range(n):
        if status[l] != X.DISCARDED:
            for j in range(dim):
                boxlo[j, m] = boxlo[j, l]
                boxhi[j, m] = boxhi[j, l]
            m += 1
    for l in range(m):
        status[l] = X.SPLIT
    return m


@compiled
def test_lanes(tape, boxlo, boxhi, oldlo, oldhi, status, ws, stats, dim, n, checked):  # type: ignore[no-untyped-def]
    """Run all tests on lanes 0 .. n - 1, contracting the boxes; return how many lanes are left in play."""
    code, constants, ends, rows, registers, block = tape
    lo, hi, work, bits, scale, vectors, matrices, flags = ws
    g, gr, b, br, c, rho = vectors[0], vectors[1], vectors[2], vectors[3], vectors[4], vectors[5]
    X.load(lo, hi, boxlo, boxhi, dim, n)
    run(code, constants, 0, ends[1], lo, hi, work, bits, scale, n, checked)
    left = X.natural(lo, hi, rows, status, n)
    stats[NATURAL] += n - left
    if left == 0:
        return 0
    if left < 0.7 * n:  # fewer lanes pay for running the first part of the tape again
        n = squeeze(boxlo, boxhi, status, dim, n)
        X.load(lo, hi, boxlo, boxhi, dim, n)
        run(code, constants, 0, ends[1], lo, hi, work, bits, scale, n, checked)
    run(code, constants, ends[1], ends[2], lo, hi, work, bits, scale, n, checked)
    X.hessian(lo, hi, registers, matrices[0], matrices[1], dim, n)
    X.centre(boxlo, boxhi, c, rho, dim, n)
    X.load(lo, hi, c, c, dim, n)
    run(code, constants, 0, ends[0], lo, hi, work, bits, scale, n, checked)
    for i in range(dim):
        X.middle_radius(lo, hi, rows[i], g[i], gr[i], n)
        for l in range(n):
            oldlo[i, l] = boxlo[i, l]
            oldhi[i, l] = boxhi[i, l]
    X.mean_value(matrices[0], matrices[1], g, gr, rho, status, work, dim, n)
    met = left
    left = 0
    for l in range(n):
        left += status[l]
    stats[MEAN] += met - left
    if block.size:  # L is quadratic in these variables: their block of H is well conditioned where H is not
        X.invert(matrices[0], matrices[2], work, block, n)
        X.precondition(matrices[0], matrices[1], g, gr, matrices[2], matrices[3], b, br, work, block, dim, n)
        X.contract(matrices[3], b, br, c, rho, boxlo, boxhi, status, flags[1], work, block, dim, n)
    whole = np.arange(dim)
    X.invert(matrices[0], matrices[2], work, whole, n)
    X.precondition(matrices[0], matrices[1], g, gr, matrices[2], matrices[3], b, br, work, whole, dim, n)
    X.contract(matrices[3], b, br, c, rho, boxlo, boxhi, status, flags[1], work, whole, dim, n)
    X.promising(matrices[3], oldlo, oldhi, boxlo, boxhi, flags[1], status, work, dim, n)
    still = 0
    for l in range(n):
        still += status[l] != X.DISCARDED
    stats[NEWTON] += left - still
    return n


@compiled
def push(stacklo, stackhi, top, boxlo, boxhi, lane, axis, cut, dim):  # type: ignore[no-untyped-def]
    """Push the two halves of a lane's box (or the box itself where axis < 0); return the new height."""
    copies = 1 if axis < 0 else 2
    for s in range(copies):
        for j in range(dim):
            stacklo[top, j] = boxlo[j, lane]
            stackhi[top, j] = boxhi[j, lane]
        if axis >= 0 and s == 0:
            stackhi[top, axis] = cut
        if axis >= 0 and s == 1:
            stacklo[top, axis] = cut
        top += 1
    return top


@compiled
def widest_side(boxlo, boxhi, lane, dim):  # type: ignore[no-untyped-def]
    """Return the number and the width of a lane's widest side."""
    axis, widest = 0, 0.0
    for j in range(dim):
        if boxhi[j, lane] - boxlo[j, lane] > widest:
            widest = boxhi[j, lane] - boxlo[j, lane]
            axis = j
    return axis, widest


@compiled
def search(  # type: ignore[no-untyped-def]  # noqa: PLR0912
    tape,
    stacklo,
    stackhi,
    top,
    zones,
    count,
    constraints,
    smallest,
    limit,
    undecided,
    open_count,
    lanes,
    checked,
    stats,
):
    """Work on the stack until it is empty, `limit` boxes are done, or an array is full.

    Parameters
    ----------
    tape
        `Tape.arrays()` of `pgb.landscape.boxes.tape`.
    stacklo, stackhi, top
        The boxes, shape (capacity, dim); those below `top` are meant.
    zones, count
        Certified zeros, shape (capacity, 4, dim): tight box, then the region that holds no other zero.
    constraints
        Shape (S, dim): boxes where a row's sum is negative throughout are mirror images of others.
    smallest
        Boxes narrower than this are recorded as undecided.
    undecided, open_count
        Shape (capacity, 2, dim), and how many are there.

    Returns
    -------
    reason, top, count, open_count
    """
    dim = stacklo.shape[1]
    ws = workspace(tape[5], dim, lanes)
    one = workspace(tape[5], dim, 1)
    program = (tape[0], tape[1], tape[2], tape[3], tape[4], tape[6])
    five = (tape[0], tape[1], tape[2], tape[3], tape[4])
    boxlo, boxhi = np.zeros((dim, lanes)), np.zeros((dim, lanes))
    oldlo, oldhi = np.zeros((dim, lanes)), np.zeros((dim, lanes))
    status = np.zeros(lanes, np.int64)
    zone = np.zeros((4, dim))
    done = 0
    while top > 0:
        if done >= limit:
            return BUDGET, top, count, open_count
        if top + 2 * lanes > stacklo.shape[0]:
            return STACK_FULL, top, count, open_count
        if count + lanes > zones.shape[0]:
            return ZONES_FULL, top, count, open_count
        if open_count + lanes > undecided.shape[0]:
            return UNDECIDED_FULL, top, count, open_count
        n = min(top, lanes)
        top -= n
        for l in range(n):
            for j in range(dim):
                boxlo[j, l] = stacklo[top + l, j]
                boxhi[j, l] = stackhi[top + l, j]
        done += n
        stats[BOXES] += n
        excluded(boxlo, boxhi, zones, count, constraints, status, stats, dim, n)
        n = squeeze(boxlo, boxhi, status, dim, n)
        if n == 0:
            continue
        n = test_lanes(program, boxlo, boxhi, oldlo, oldhi, status, ws, stats, dim, n, checked)
        for l in range(n):
            if status[l] == X.DISCARDED:
                continue
            if status[l] == X.CANDIDATE:
                if certify(five, boxlo, boxhi, oldlo, oldhi, l, one, zone, dim):
                    if not known(zone, zones, count, dim):
                        zones[count] = zone
                        count += 1
                        stats[CERTIFIED] += 1
                    continue
                stats[FAILED] += 1
            axis, widest = widest_side(boxlo, boxhi, l, dim)
            cut = boxlo[axis, l] + 0.47 * widest
            if not (widest >= smallest and boxlo[axis, l] < cut < boxhi[axis, l]):
                for j in range(dim):
                    undecided[open_count, 0, j] = boxlo[j, l]
                    undecided[open_count, 1, j] = boxhi[j, l]
                open_count += 1
            else:
                top = push(stacklo, stackhi, top, boxlo, boxhi, l, -1 if status[l] == X.SHRUNK else axis, cut, dim)
    return FINISHED, top, count, open_count
