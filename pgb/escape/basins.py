"""Basins: from many starts, the fate of L's flow and of Lt's, side by side. Numerical throughout, and labelled so.

Each start is a theta with small (or given) added units; the same theta starts both flows. Start number i depends on the
seed and i alone, so a study can be extended, resumed, or spread over processes without changing a single start.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pgb.errors import InputError
from pgb.escape.flow import integrate
from pgb.escape.outcomes import Basins, Outcome, Start
from pgb.escape.rays import require_exp_neuron
from pgb.escape.system import System, system
from pgb.objective import augmented, loss
from pgb.problem import Problem

RTOL: Final = 1e-8
BOX: Final = (-2.0, 2.0)
MAX_STARTS: Final = 100_000
SAMPLES: Final = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the starts are.

    Attributes
    ----------
    count
        Their number.
    low, high
        The box of theta, shape (p,) each.
    per_axis
        Points per axis of a grid, or 0 for random starts.
    added
        Given added variables, or None for normal ones of deviation `spread`.
    spread, seed
        Of the random starts.
    t_end
        Last time.
    """

    count: int
    low: tuple[float, ...]
    high: tuple[float, ...]
    per_axis: int
    added: tuple[float, ...] | None
    n_added: int
    spread: float
    seed: int
    t_end: float

    def start(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return theta and the added variables of one start."""
        rng = np.random.default_rng([self.seed, index])
        low, high = np.array(self.low), np.array(self.high)
        if self.per_axis:
            places = np.unravel_index(index, (self.per_axis,) * len(low))
            theta = low + (high - low) * np.array(places) / max(1, self.per_axis - 1)
        else:
            theta = rng.uniform(low, high)
        if self.added is not None:
            return theta, np.array(self.added)
        return theta, rng.normal(0, self.spread, self.n_added)


def basins(
    problem: Problem,
    *,
    starts: int = 100,
    grid: int | None = None,
    box: tuple[float, float] | None = None,
    added: Mapping[str, float] | None = None,
    spread: float = 0.1,
    t_end: float = 1e7,
    seed: int = 0,
    workers: int = 1,
    journal: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Basins:
    """Follow the flows of L and Lt from many starts.

    Parameters
    ----------
    problem
        With the exponential neuron and lambda > 0, or with augmentation.kind "none" (then L alone is followed).
    starts
        Number of random starts, uniform in the box.
    grid
        Instead: so many points on each axis of the box.
    box
        The same interval for every parameter. Without it, the file's region, and [-2, 2] where it has none.
    added
        The added variables of every start by name. Without it they are normal of deviation `spread`.
    t_end
        Last time of every flow.
    seed
        Of the random starts; start i depends on the seed and on i alone.
    workers
        Processes. More than one needs the usual ``if __name__ == "__main__"`` in scripts.
    journal
        A file of finished starts, one a line: those already there are not run again, new ones are appended.
    progress
        Called with the numbers of finished and of all starts.

    Returns
    -------
    Basins
        With `interrupted` set after Ctrl-C; the finished starts are kept.

    Raises
    ------
    InputError
        For another augmentation, lambda <= 0, a loss that is not differentiable, an empty box, too many starts, or a
        journal of another study.
    """
    lifted = problem.augmentation.kind != "none"
    if lifted:
        require_exp_neuron(problem)
    systems = (system(problem, loss(problem)), system(problem, augmented(problem)) if lifted else None)
    plan = _plan(problem, systems[1], starts, grid, box, added, spread, seed, t_end)
    book = _Journal(journal, _key(problem, plan, lifted)) if journal is not None else None
    done = {} if book is None else {s.index: s for s in book.read() if s.index < plan.count}
    todo = [i for i in range(plan.count) if i not in done]
    interrupted = False
    try:
        for s in _run(systems, plan, todo, workers):
            done[s.index] = s
            if book is not None:
                book.add(s)
            if progress is not None:
                progress(len(done), plan.count)
    except KeyboardInterrupt:
        interrupted = True
    names = systems[0].names
    extra = systems[1].names[len(names) :] if systems[1] is not None else ()
    finished = tuple(done[i] for i in sorted(done))
    return Basins(problem.title, names, extra, finished, plan.count, seed, t_end, interrupted)


def _plan(
    problem: Problem,
    lifted: System | None,
    starts: int,
    grid: int | None,
    box: tuple[float, float] | None,
    added: Mapping[str, float] | None,
    spread: float,
    seed: int,
    t_end: float,
) -> Plan:
    names = [p.name for p in problem.parameters]
    ranges = [
        box if box is not None else tuple(map(float, problem.region[n])) if n in problem.region else BOX for n in names
    ]
    if not all(np.isfinite([low, high]).all() and low < high for low, high in ranges):
        raise InputError("box", f"must be an interval of finite numbers, got {box}")
    if not (np.isfinite(spread) and spread >= 0):
        raise InputError("spread", f"must be a finite number of at least 0, got {spread}")
    if grid is not None and (grid < 2 or grid ** len(names) > MAX_STARTS):
        raise InputError(
            "grid", f"must be at least 2 points an axis and at most {MAX_STARTS:,} in all, got {grid}^{len(names)}"
        )
    if grid is None and not 1 <= starts <= MAX_STARTS:
        raise InputError("starts", f"must be between 1 and {MAX_STARTS:,}, got {starts}")
    extra = () if lifted is None else lifted.names[len(names) :]
    given = None
    if added is not None and extra:
        missing = [n for n in extra if n not in added]
        if missing:
            raise InputError(f"added.{missing[0]}", "is missing: give every added variable, or none")
        given = tuple(float(added[n]) for n in extra)
        if not np.all(np.isfinite(given)):
            raise InputError("added", "must be finite numbers")
    count = starts if grid is None else grid ** len(names)
    low, high = (tuple(float(r[side]) for r in ranges) for side in (0, 1))
    return Plan(count, low, high, grid or 0, given, len(extra), spread, seed, t_end)


def follow(systems: tuple[System, System | None], plan: Plan, index: int) -> Start:
    """Run both flows from one start; what breaks down is an outcome with its reason."""
    theta, added = plan.start(index)
    plain, lifted = systems
    without = _outcome(plain, plain, theta, plan.t_end)
    within = None if lifted is None else _outcome(lifted, plain, np.concatenate([theta, added]), plan.t_end)
    return Start(index, tuple(map(float, theta)), tuple(map(float, added)), without, within)


def _outcome(of: System, plain: System, z0: np.ndarray, t_end: float) -> Outcome:
    run = integrate(of, z0, t_end, SAMPLES, rtol=RTOL)
    theta = run.z[-1][: len(plain.names)]
    worth = float(plain.together.numpy(theta[:, None])[0, 0])
    return Outcome(run.fate, run.reason, float(run.value[-1]), worth, float(run.t[-1]), tuple(float(v) for v in theta))


def _run(systems: tuple[System, System | None], plan: Plan, todo: Sequence[int], workers: int) -> Iterator[Start]:
    """Yield finished starts: in order in this process, as they finish from several."""
    if workers <= 1 or len(todo) <= 4:
        for i in todo:
            yield follow(systems, plan, i)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(todo)), multiprocessing.get_context("spawn"), initializer=_take, initargs=(systems, plan)
    )
    stopped = True
    try:
        queue = iter(todo)
        waiting: set[Future[Start]] = {pool.submit(_follow, i) for i in itertools.islice(queue, 4 * workers)}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(_follow, i) for i in itertools.islice(queue, len(done))}
            for future in done:
                yield future.result()
        stopped = False
    finally:
        processes = list((pool._processes or {}).values()) if stopped else []
        pool.shutdown(wait=not stopped, cancel_futures=True)
        for process in processes:
            process.terminate()


_HELD: dict[str, Any] = {}  # in a worker process: what every start of the study shares


def _take(systems: tuple[System, System | None], plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    _HELD["study"] = (systems, plan)


def _follow(index: int) -> Start:
    systems, plan = _HELD["study"]
    return follow(systems, plan, index)


def _key(problem: Problem, plan: Plan, lifted: bool) -> str:
    """Return a digest of everything that an outcome depends on, the number of random starts apart."""
    objective = augmented(problem) if lifted else loss(problem)
    parts = [objective.text(), plan.low, plan.high, plan.per_axis, plan.added, plan.spread, plan.seed, plan.t_end, RTOL]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class _Journal:
    """Finished starts in a file, one JSON record a line after a first line that names the study."""

    def __init__(self, path: str | Path, key: str) -> None:
        self.path, self.key = Path(path), key

    def read(self) -> list[Start]:
        """Return the starts in the file; a last line that was cut off is dropped, and the file mended."""
        try:
            if not self.path.exists():
                self.path.write_text(json.dumps({"pgb_basins": 1, "key": self.key}) + "\n", encoding="utf-8")
                return []
            text = self.path.read_text(encoding="utf-8")
            lines = text.split("\n")
            if not text.endswith("\n"):
                self._replace("\n".join(lines[:-1]) + "\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("--resume", f"cannot use {self.path} ({error})") from None
        try:
            head, *rest = [json.loads(line) for line in lines[:-1]]
            key = head["key"]
            if key == self.key:
                return [Start.from_json(record) for record in rest]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError("--resume", f"{self.path} is not a journal of a basin study") from None
        raise InputError("--resume", f"{self.path} belongs to another problem, box, seed or time")

    def _replace(self, text: str) -> None:
        partial = self.path.with_name(self.path.name + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.path)

    def add(self, start: Start) -> None:
        """Append one start and see it to the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(start.to_json()) + "\n")
            file.flush()
            os.fsync(file.fileno())
