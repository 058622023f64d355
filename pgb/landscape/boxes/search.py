"""Drives the compiled branch-and-prune loop: workers, budgets, interruption, refinement of what stays undecided.

Trusted for coverage: whatever is neither discarded nor certified is returned as an open box, whatever the reason to stop.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from types import FrameType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pgb.landscape.boxes import drive
from pgb.landscape.boxes.evaluate import stays_finite
from pgb.landscape.boxes.preview import boxes_needed
from pgb.landscape.boxes.tape import Tape

Floats = NDArray[np.float64]

LANES: Final = 256
SLICE: Final = 100_000  # boxes between two looks at the clock
FIRST_SLICE: Final = 20_000  # done by one worker; small searches end here
PREVIEW: Final = 100_000  # boxes after which the cost of the rest is estimated
COARSE: Final = 2.0**-12  # width at which a box is first set aside as undecided, relative to the region's scale
FINER: Final = 8.0
FINEST: Final = 1e-11
MANY: Final = 20_000  # undecided boxes above which growth under refinement means a degenerate zero
GROWTH: Final = 1.3


class Stop(Enum):
    """Why a search ended; the value is the advice."""

    FINISHED = "every box was decided, or refined as far as is useful"
    BOXES = "the budget of boxes ran out; raise `boxes`"
    SECONDS = "the time ran out; raise `seconds`"
    INTERRUPTED = "the search was interrupted"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a progress callback is told.

    Attributes
    ----------
    boxes, zeros
        Boxes examined and zeros certified so far.
    waiting
        Boxes still to be examined.
    estimate
        The cost preview: about how many boxes the whole search needs (often an underestimate), or None.
    covered
        Share of the region's volume that is decided, 0 to 1.
    seconds
        Wall time so far.
    """

    boxes: int
    zeros: int
    waiting: int
    estimate: float | None
    covered: float
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What a search leaves.

    Attributes
    ----------
    zones
        Shape (Z, 4, n): for each zero a tight box (low, high) and a region (low, high) that holds no other zero.
    undecided, waiting
        Shape (U, 2, n): boxes too narrow to split, and boxes not examined.
    statistics
        Counts by name.
    """

    zones: Floats
    undecided: Floats
    waiting: Floats
    stop: Stop
    statistics: dict[str, int]
    estimate: float | None = None
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class _Stack:
    """One worker's boxes, and the arrays that the compiled loop writes to."""

    low: Floats
    high: Floats
    top: int
    undecided: Floats
    open_count: int = 0
    stats: NDArray[np.int64] = field(default_factory=lambda: np.zeros(8, np.int64))

    def grow(self, room: int) -> None:
        """Make room for `room` more boxes on the stack and among the undecided."""
        if self.top + room > len(self.low):
            more = np.zeros((len(self.low) + room, self.low.shape[1]))
            self.low, self.high = np.concatenate([self.low, more]), np.concatenate([self.high, more])
        if self.open_count + room > len(self.undecided):
            extra = np.zeros((len(self.undecided) + room, *self.undecided.shape[1:]))
            self.undecided = np.concatenate([self.undecided, extra])

    def put(self, low: Floats, high: Floats) -> None:
        """Put boxes on the stack."""
        self.grow(len(low) + 2 * LANES)
        self.low[self.top : self.top + len(low)] = low
        self.high[self.top : self.top + len(low)] = high
        self.top += len(low)


def _stack(n: int) -> _Stack:
    return _Stack(np.zeros((8192, n)), np.zeros((8192, n)), 0, np.zeros((2048, 2, n)))


class Search:
    """A branch-and-prune search over one region; `run` works until a budget ends, and can be called again.

    Parameters
    ----------
    tape
        Interval code of the gradient and the Hessian.
    low, high
        The region.
    constraints
        Rows of a cone that meets every orbit of a symmetry group which maps the region to itself.
    workers
        Threads.
    """

    def __init__(self, tape: Tape, low: Floats, high: Floats, constraints: Floats, workers: int = 2) -> None:
        self.n = tape.n
        self.low, self.high = np.array(low, dtype=float), np.array(high, dtype=float)
        self.constraints = np.ascontiguousarray(constraints, dtype=float).reshape(-1, self.n)
        self.workers = max(1, workers)
        self.plain, self.tape = tape, tape.arrays()
        self.zones = np.zeros((0, 4, self.n))
        self.stacks = [_stack(self.n)]
        self.stacks[0].put(self.low[None], self.high[None])
        self.estimate: float | None = None
        self.scale = float(np.clip(np.max(self.high - self.low), 1e-6, 8.0))
        self.checked = not stays_finite(tape, self.low, self.high)
        self.cpu = 0.0

    # -- the public walk

    def run(
        self,
        boxes: int | None = None,
        seconds: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        seed: int = 0,
    ) -> Outcome:
        """Search until everything is decided or refined, or a budget ends, or Ctrl-C is pressed.

        Parameters
        ----------
        boxes, seconds
            Budgets; None for no limit.
        progress
            Called about every half second in long searches, and once with the cost preview.
        seed
            Of the cost preview's random dives.
        """
        self._compile()
        started, cpu = time.monotonic(), time.process_time()
        deadline = None if seconds is None else started + seconds
        limit = None if boxes is None else self.boxes + boxes
        smallest = COARSE * self.scale
        before = 0
        with _interruptible() as interrupted:
            while True:
                stop = self._exhaust(smallest, limit, deadline, interrupted, progress, started, seed)
                found = np.concatenate([s.undecided[: s.open_count] for s in self.stacks])
                if stop is not Stop.FINISHED or not len(found):
                    break
                smallest /= FINER
                if smallest < FINEST * self.scale or (len(found) > MANY and before and len(found) > GROWTH * before):
                    break
                before = len(found)
                self._refill(found)
        self.cpu += time.process_time() - cpu
        waiting = np.concatenate([np.stack([s.low[: s.top], s.high[: s.top]], axis=1) for s in self.stacks])
        return Outcome(self.zones, found, waiting, stop, self.statistics(), self.estimate, self.cpu)

    @property
    def boxes(self) -> int:
        """The number of boxes examined so far."""
        return int(sum(s.stats[0] for s in self.stacks))

    def statistics(self) -> dict[str, int]:
        """Return the counts by name."""
        names = ("boxes", "natural", "mean_value", "newton", "in_certified", "mirrored", "certified", "failed")
        total = np.sum([s.stats for s in self.stacks], axis=0)
        return {name: int(total[k]) for k, name in enumerate(names)}

    # -- its parts

    def _compile(self) -> None:
        """Compile the loop, or load it from the cache, so that budgets count the search alone."""
        s = self.stacks[0]
        drive.search(
            self.tape, s.low, s.high, 0, np.zeros((0, 4, self.n)), 0, self.constraints, 1.0, 0,
            s.undecided, 0, 1, self.checked, np.zeros_like(s.stats),
        )  # fmt: skip

    def _refill(self, found: Floats) -> None:
        """Put the undecided boxes back on the stacks, for splitting with a smaller smallest width."""
        for s in self.stacks:
            s.open_count = 0
        self.stacks[0].put(found[:, 0], found[:, 1])

    def _exhaust(
        self,
        smallest: float,
        limit: int | None,
        deadline: float | None,
        interrupted: Callable[[], bool],
        progress: Callable[[Progress], None] | None,
        started: float,
        seed: int,
    ) -> Stop:
        """Work in slices until the stacks are empty or a budget ends."""
        told = started
        size = FIRST_SLICE
        while any(s.top for s in self.stacks):
            if interrupted():
                return Stop.INTERRUPTED
            if limit is not None and self.boxes >= limit:
                return Stop.BOXES
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                return Stop.SECONDS
            if self.boxes >= PREVIEW and self.estimate is None:
                self.estimate = boxes_needed(
                    self.plain, self.low, self.high, self.constraints, smallest, checked=self.checked, seed=seed
                )
                if progress is not None:
                    progress(self._progress(started))
                    told = now
            if progress is not None and now - told > 0.5:
                progress(self._progress(started))
                told = now
            room = size if limit is None else min(size, limit - self.boxes)
            self._slice(smallest, room)
            size = SLICE
        return Stop.FINISHED

    def _progress(self, started: float) -> Progress:
        whole = float(np.prod(self.high - self.low))
        left = sum(float(np.prod(s.high[: s.top] - s.low[: s.top], axis=1).sum()) for s in self.stacks)
        waiting = sum(s.top for s in self.stacks)
        covered = 1.0 - left / whole if whole > 0 else 0.0
        return Progress(self.boxes, len(self.zones), waiting, self.estimate, covered, time.monotonic() - started)

    def _slice(self, smallest: float, room: int) -> None:
        """Let every worker examine up to its share of `room` boxes; then pool what they certified."""
        if self.workers == 1 or self.boxes < FIRST_SLICE:
            self._merge(self._work(self.stacks[0], smallest, room))
            return
        while len(self.stacks) < self.workers:
            self.stacks.append(_stack(self.n))
        self._share()
        share = max(1, room // self.workers)
        with ThreadPoolExecutor(self.workers) as pool:
            jobs = [pool.submit(self._work, s, smallest, share) for s in self.stacks]
        for job in jobs:
            self._merge(job.result())

    def _share(self) -> None:
        """Deal the waiting boxes out evenly, wide and narrow ones alike."""
        total = sum(s.top for s in self.stacks)
        if min(s.top for s in self.stacks) * 4 * len(self.stacks) >= total:
            return
        low = np.concatenate([s.low[: s.top] for s in self.stacks])
        high = np.concatenate([s.high[: s.top] for s in self.stacks])
        for k, s in enumerate(self.stacks):
            s.top = 0
            s.put(low[k :: len(self.stacks)], high[k :: len(self.stacks)])

    def _work(self, s: _Stack, smallest: float, room: int) -> Floats:
        """Run the compiled loop on one stack; return the zones that it certified."""
        base = count = len(self.zones)
        zones = np.concatenate([self.zones, np.zeros((2 * LANES, 4, self.n))])
        while s.top and room > 0:
            s.grow(4 * LANES)
            start = int(s.stats[drive.BOXES])
            reason, s.top, count, s.open_count = drive.search(
                self.tape, s.low, s.high, s.top, zones, count, self.constraints, smallest, room,
                s.undecided, s.open_count, LANES, self.checked, s.stats,
            )  # fmt: skip
            room -= int(s.stats[drive.BOXES]) - start
            if reason == drive.ZONES_FULL:
                zones = np.concatenate([zones, np.zeros((2 * LANES, 4, self.n))])
        return zones[base:count]

    def _merge(self, zones: Floats) -> None:
        """Add zones whose zero is not that of a known one."""
        for zone in zones:
            inside = (zone[0] >= self.zones[:, 2]).all(axis=1) & (zone[1] <= self.zones[:, 3]).all(axis=1)
            if not inside.any():
                self.zones = np.concatenate([self.zones, zone[None]])


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a flag that is looked at between slices, so that nothing certified is lost."""
    pressed: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        pressed.append(number)

    main = threading.current_thread() is threading.main_thread()
    saved: Any = signal.signal(signal.SIGINT, note) if main else None
    try:
        yield lambda: bool(pressed)
    finally:
        if main:
            signal.signal(signal.SIGINT, saved)
