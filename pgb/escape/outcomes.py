"""What a basin study found: the outcome of each flow, each start with both, and the shares of the fates. Numerical."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pgb.escape.fates import Fate

SAME: Final = 1e-4  # values of stationary points that count as one, relative to 1 + |value|
MAX_VALUES: Final = 6  # stationary values that are told apart in tables


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one flow ended.

    Attributes
    ----------
    fate, reason
        As judged, and why.
    value
        Of the objective at the end.
    loss
        L(theta) at the end: for an escape, what theta alone is worth.
    t
        The last time.
    theta
        The parameters at the end.
    """

    fate: Fate
    reason: str
    value: float
    loss: float
    t: float
    theta: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data with stable keys."""
        return {
            "fate": str(self.fate),
            "reason": self.reason,
            "value": repr(self.value),
            "L_of_theta": repr(self.loss),
            "t": repr(self.t),
            "theta": [repr(v) for v in self.theta],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Outcome:
        """Read an outcome back."""
        return cls(
            Fate(record["fate"]),
            str(record["reason"]),
            float(record["value"]),
            float(record["L_of_theta"]),
            float(record["t"]),
            tuple(float(v) for v in record["theta"]),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """One start with both outcomes.

    Attributes
    ----------
    index
        Its number, from 0.
    theta, added
        The start: parameters, and added variables in the order a, b, W.
    without, within
        The outcome of L's flow, and of Lt's (None where nothing is added).
    """

    index: int
    theta: tuple[float, ...]
    added: tuple[float, ...]
    without: Outcome
    within: Outcome | None

    def to_json(self) -> dict[str, Any]:
        """Return the start as plain data with stable keys."""
        return {
            "index": self.index,
            "theta": [repr(v) for v in self.theta],
            "added": [repr(v) for v in self.added],
            "without": self.without.to_json(),
            "with": None if self.within is None else self.within.to_json(),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Start:
        """Read a start back."""
        return cls(
            int(record["index"]),
            tuple(float(v) for v in record["theta"]),
            tuple(float(v) for v in record["added"]),
            Outcome.from_json(record["without"]),
            None if record["with"] is None else Outcome.from_json(record["with"]),
        )


@dataclass(frozen=True, slots=True)
class Basins:
    """A basin study: every finished start, and the shares of the fates.

    Attributes
    ----------
    title
        The problem's.
    parameters, added
        Names of theta and of the added variables.
    starts
        The finished starts in order.
    requested
        How many there were to be.
    seed, t_end
        What reproduces them.
    interrupted
        Whether the study was stopped before the last start.
    """

    title: str
    parameters: tuple[str, ...]
    added: tuple[str, ...]
    starts: tuple[Start, ...]
    requested: int
    seed: int
    t_end: float
    interrupted: bool
    _labels: dict[tuple[bool, int], str] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        with_ = f" | with: {_listed(self.shares(augmented=True))}" if self.added else ""
        return f"Basins({len(self.starts)} starts; without: {_listed(self.shares(augmented=False))}{with_})"

    def label(self, start: Start, *, augmented: bool) -> str:
        """Return a start's fate in words; stationary ends carry their value, where there are few of them."""
        if not self._labels:
            for side in (False, True):
                self._labels.update({(side, i): text for i, text in _labels(self.starts, side).items()})
        return self._labels[augmented, start.index]

    def shares(self, *, augmented: bool) -> dict[str, int]:
        """Return how many starts met each fate, most frequent first."""
        known = [s for s in self.starts if not augmented or s.within is not None]
        counted = Counter(self.label(s, augmented=augmented) for s in known)
        return dict(sorted(counted.items(), key=lambda p: (-p[1], p[0])))

    def table(self) -> dict[tuple[str, str], int]:
        """Return how many starts have each pair (fate without, fate with)."""
        pairs = [
            (self.label(s, augmented=False), self.label(s, augmented=True)) for s in self.starts if s.within is not None
        ]
        return dict(Counter(pairs).most_common())

    def undecided(self, *, augmented: bool) -> dict[str, int]:
        """Return why starts are undecided (integration failed, still moving), with how many there are of each."""
        ends = [s.within if augmented else s.without for s in self.starts]
        open_ = [e for e in ends if e is not None and e.fate in (Fate.FAILED, Fate.UNFINISHED)]
        return dict(Counter(f"{e.fate}: {e.reason}" for e in open_).most_common())

    def to_json(self) -> dict[str, Any]:
        """Return the study as plain data with stable keys; every fate in it is numerical."""
        return {
            "title": self.title,
            "status": "numerical",
            "parameters": list(self.parameters),
            "added": list(self.added),
            "seed": self.seed,
            "t_end": repr(self.t_end),
            "requested": self.requested,
            "finished": len(self.starts),
            "interrupted": self.interrupted,
            "without": self.shares(augmented=False),
            "with": self.shares(augmented=True),
            "table": [{"without": a, "with": b, "starts": n} for (a, b), n in self.table().items()],
            "undecided": {
                "without": self.undecided(augmented=False),
                "with": self.undecided(augmented=True),
            },
            "starts": [s.to_json() for s in self.starts],
        }


def _listed(shares: Mapping[str, int]) -> str:
    return ", ".join(f"{label} {n}" for label, n in shares.items()) or "none"


def _labels(starts: Sequence[Start], augmented: bool) -> dict[int, str]:
    """Name the fates; values of stationary ends that agree to `SAME` are one."""
    ends = {s.index: s.within if augmented else s.without for s in starts}
    values: list[float] = []
    for v in sorted(e.value for e in ends.values() if e is not None and e.fate is Fate.LOCAL_MINIMUM):
        if not values or v - values[-1] > SAME * (1 + abs(v)):
            values.append(v)
    out = {}
    for i, e in ends.items():
        text = "" if e is None else str(e.fate)
        if e is not None and e.fate is Fate.LOCAL_MINIMUM:
            if len(values) <= MAX_VALUES:
                text += f", value {min(values, key=lambda v: abs(v - e.value)):.4g}"
            else:
                text += f", {len(values)} values"
        out[i] = text
    return out
