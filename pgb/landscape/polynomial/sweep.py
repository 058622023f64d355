"""Many random instances of one architecture: certified counts, indices and values, in a journal that survives being killed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from pgb.errors import InputError
from pgb.landscape.polynomial.finish import Found
from pgb.landscape.polynomial.instances import Progress, solve_instances
from pgb.landscape.polynomial.network import LinearNetwork, count
from pgb.landscape.polynomial.solve import pose_network

JOURNAL = "journal.jsonl"
HEADER = "family.json"
VERSION = 1
DISTRIBUTIONS = ("normal", "uniform")


@dataclass(frozen=True, slots=True)
class Distribution:
    """``normal`` with mean and standard deviation, or ``uniform`` on (low, high); drawn values are rounded to ``1/grid``."""

    kind: str = "normal"
    first: float = 0.0
    second: float = 1.0
    grid: int = 65536

    def __post_init__(self) -> None:
        if self.kind not in DISTRIBUTIONS:
            raise InputError("distribution", f"one of {', '.join(DISTRIBUTIONS)}; found {self.kind!r}")
        if self.grid < 1 or not np.isfinite([self.first, self.second]).all():
            raise InputError("distribution", "finite numbers and a grid of at least 1")
        if (self.kind == "normal" and self.second <= 0) or (self.kind == "uniform" and self.second <= self.first):
            raise InputError("distribution", "a positive standard deviation, or low < high")

    def draw(self, rng: np.random.Generator, size: int) -> list[Fraction]:
        """Return exact numbers."""
        raw = (
            rng.normal(self.first, self.second, size)
            if self.kind == "normal"
            else rng.uniform(self.first, self.second, size)
        )
        return [Fraction(round(v * self.grid), self.grid) for v in raw.tolist()]


@dataclass(frozen=True, slots=True)
class SweepFamily:
    """What is drawn: deep linear networks of given widths with random data and ridge weights.

    Attributes
    ----------
    widths, samples
        ``(dx, d_1, ..., dy)`` and m.
    x, y, ridge
        Distributions of the entries of X and Y and of the coefficients of ``theta_p^2``; ridge weights must come out positive.
    scale
        The factor c of the squared error.
    """

    widths: tuple[int, ...]
    samples: int
    x: Distribution = field(default_factory=Distribution)
    y: Distribution = field(default_factory=Distribution)
    ridge: Distribution = field(default_factory=lambda: Distribution("uniform", 0.0, 1.0))
    scale: str = "1/2"

    def __post_init__(self) -> None:
        if len(self.widths) < 3 or min(self.widths) < 1 or self.samples < 1:
            raise InputError("family", "at least three widths and one sample, all at least 1")
        if self.ridge.kind == "normal" or self.ridge.first < 0:
            raise InputError("family.ridge", "a uniform distribution on nonnegative numbers")

    def instance(self, seed: int, run: int) -> LinearNetwork:
        """Return instance `run`, a function of the seed and its number alone."""
        rng = np.random.default_rng([seed, run])
        dx, dy, m = self.widths[0], self.widths[-1], self.samples
        x, y = self.x.draw(rng, dx * m), self.y.draw(rng, dy * m)
        ridge = [r or Fraction(1, self.ridge.grid) for r in self.ridge.draw(rng, count(self.widths))]
        rows = lambda v, n: tuple(tuple(v[i * m : (i + 1) * m]) for i in range(n))
        return LinearNetwork(self.widths, rows(x, dx), rows(y, dy), tuple(ridge), Fraction(self.scale))


@dataclass(frozen=True, slots=True)
class Record:
    """One finished instance.

    `orbits_lost` counts sign orbits of the generic member without a certified zero; `check` is ``sum (-1)^index`` over the real
    points (1 when none is missing), None where an index is undecided. Values are the loss at real points, decimals whose
    error is below `value_error`.
    """

    run: int
    n_complex: int
    n_real: int
    indices: Mapping[str, int]
    values: tuple[str, ...]
    value_error: float
    orbits_lost: int
    check: int | None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """All records of a sweep, in the order of the runs, and their statistics."""

    family: SweepFamily
    seed: int
    records: tuple[Record, ...]

    def statistics(self) -> dict[str, Any]:
        """Return counts of N_C, N_R and indices, and how many runs reached the largest N_C with nothing lost."""
        top = max((r.n_complex for r in self.records), default=0)
        indices: Counter[str] = Counter()
        for r in self.records:
            indices.update(r.indices)
        best = [min(map(float, r.values)) for r in self.records if r.values]
        return {
            "runs": len(self.records),
            "n_complex": dict(sorted(Counter(r.n_complex for r in self.records).items())),
            "n_real": dict(sorted(Counter(r.n_real for r in self.records).items())),
            "indices": dict(sorted(indices.items())),
            "nothing_lost": sum(r.orbits_lost == 0 and r.n_complex == top for r in self.records),
            "check_passed": sum(r.check == 1 for r in self.records),
            "lowest_value": {"min": f"{min(best):.10g}", "max": f"{max(best):.10g}"} if best else {},
        }

    def __repr__(self) -> str:
        return f"SweepResult({len(self.records)} runs, {self.statistics()['n_complex']})"


def sweep(
    family: SweepFamily,
    runs: int,
    seed: int,
    folder: str | Path,
    *,
    batch: int = 50,
    progress: Progress | None = None,
    after_batch: Callable[[int], None] | None = None,
) -> SweepResult:
    """Solve instances ``0 .. runs - 1``, those already in the folder's journal excepted, and return all of them.

    Each record is one line, written, flushed and synced before the next batch begins; a line cut short by a kill is dropped
    and its run repeated, a repeated run number counts once. Instances depend on (seed, run) alone, so a resumed sweep
    gives the records of an uninterrupted one.

    Raises
    ------
    InputError
        When the folder belongs to another family, seed or version, or its journal is damaged before its end.
    """
    if runs < 0 or batch < 1:
        raise InputError("runs", "a nonnegative number, in batches of at least one")
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    _claim(place, family, seed)
    done = read_journal(place / JOURNAL)
    todo = [k for k in range(runs) if k not in done]
    for s in range(0, len(todo), batch):
        numbers = todo[s : s + batch]
        fresh = _solve(family, seed, numbers)
        _append(place / JOURNAL, fresh)
        done.update({r.run: r for r in fresh})
        if progress:
            progress(f"{runs - len(todo) + s + len(numbers)} of {runs} instances")
        if after_batch:
            after_batch(s + len(numbers))
    return SweepResult(family, seed, tuple(done[k] for k in sorted(done) if k < runs))


def _claim(place: Path, family: SweepFamily, seed: int) -> None:
    """Write the header of a new folder, or check that of an old one."""
    wanted = {"version": VERSION, "seed": seed, "family": json.loads(json.dumps(asdict(family)))}
    path = place / HEADER
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        temporary.replace(path)
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise InputError("folder", f"a readable {HEADER} in {place}") from err
    if found != wanted:
        raise InputError("folder", f"one of the same family, seed and version; {place} holds another sweep")


def read_journal(path: Path) -> dict[int, Record]:
    """Return the finished runs of a journal; the tail after its last newline is cut off."""
    if not path.exists():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        with path.open("r+b") as out:
            out.truncate(len(whole))
    done: dict[int, Record] = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            raw = json.loads(line)
            record = Record(**{**raw, "values": tuple(raw["values"])})
        except (ValueError, TypeError, KeyError) as err:
            raise InputError("folder", f"a journal of records; line {number} of {path} is none") from err
        done.setdefault(record.run, record)
    return done


def _append(path: Path, records: list[Record]) -> None:
    with path.open("ab") as out:
        out.write("".join(json.dumps(asdict(r)) + "\n" for r in records).encode())
        out.flush()
        os.fsync(out.fileno())


def _solve(family: SweepFamily, seed: int, numbers: list[int]) -> list[Record]:
    posed = [pose_network(family.instance(seed, k)) for k in numbers]
    by_system: dict[int, list[int]] = {}
    for k, p in enumerate(posed):  # instances of the same rank share a system
        by_system.setdefault(p.system.family.q, []).append(k)
    out: list[Record] = []
    for members in by_system.values():
        found = solve_instances(posed[members[0]].system, [posed[k].parameters for k in members], seed=seed)
        out += [_record(numbers[k], posed[k], f) for k, f in zip(members, found, strict=True)]
    return sorted(out, key=lambda r: r.run)


def _record(run: int, posed: Any, found: Found) -> Record:
    indices = {str(k): v for k, v in found.index_counts().items()}
    check = None if "-1" in indices else sum(v if int(k) % 2 == 0 else -v for k, v in indices.items())
    factor, offset = float(posed.factor), float(posed.offset)
    rows = np.flatnonzero(found.real)
    values = np.repeat(factor * found.value[rows] + offset, found.size[rows])
    error = float((abs(factor) * found.value_radius[rows]).max(initial=0.0))
    error += 2.0**-50 * float((np.abs(factor * found.value[rows]) + abs(offset)).max(initial=0.0))
    text = tuple(f"{v:.17g}" for v in np.sort(values).tolist())
    return Record(run, found.n_complex, found.n_real, indices, text, error, found.lost, check)
