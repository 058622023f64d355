"""The main job: check every proof, re-certify every counterexample, and draw up the ledger, on several processes."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from pgb import cases, coq, ledger, library
from pgb.cases import CaseReport, ClaimResult
from pgb.coq_sources import development
from pgb.errors import PgbError
from pgb.evidence import Evidence
from pgb.report.proofs import ProofResult, check_module
from pgb.theorems import NUMERICAL, THEOREMS


@dataclass(frozen=True, slots=True)
class Event:
    """Something finished: a proof, a case, or the rows of one theorem."""

    done: int
    total: int
    what: ProofResult | CaseReport


@dataclass(frozen=True, slots=True)
class TwinOnly:
    """A theorem of the registry that the kernel has no proof of.

    Attributes
    ----------
    coq
        Its constants in the formal twin, the main one first; empty where the twin has none.
    built
        Whether a finished build of the twin's very sources is on this machine.
    """

    name: str
    says: str
    hypotheses: tuple[str, ...]
    coq: tuple[str, ...]
    built: bool

    @property
    def status(self) -> Evidence:
        """`proved` only where Coq has accepted it on this machine."""
        return Evidence.PROVED if self.built and self.coq else Evidence.UNDECIDED

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain data; beside the keys of every theorem, by what it is proved."""
        return {
            "name": self.name,
            "title": self.says,
            "status": str(self.status),
            "by": "formal twin only" if self.coq else "nothing",
            "coq": list(self.coq),
            "twin_built_here": self.built,
            "hypotheses": list(self.hypotheses),
            "rests_on": [],
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that `pgb verify` found out.

    Attributes
    ----------
    theorems, cases, rows
        The kernel's proofs, the re-certified cases, the ledger.
    twin_only
        Theorems of the registry without a kernel proof.
    twin
        The finished build of the formal twin that is on this machine, or that there is none.
    """

    theorems: tuple[ProofResult, ...] = ()
    cases: tuple[CaseReport, ...] = ()
    rows: tuple[ledger.Row, ...] = ()
    interrupted: bool = False
    seconds: float = 0.0
    twin_only: tuple[TwinOnly, ...] = ()
    twin: coq.CoqReport | None = None

    @property
    def ok(self) -> bool:
        """No proof refused, no case failed, nothing interrupted. Open rows are no failure; they are shown as open."""
        return not self.interrupted and all(t.ok for t in self.theorems) and all(c.ok for c in self.cases)

    def to_json(self) -> dict[str, Any]:
        """Return the record of `pgb verify --json`."""
        kernel = [t.to_json() | {"by": "kernel", "coq": list(coq_names(t.name))} for t in self.theorems]
        laws = [
            {"name": n, "title": says, "status": str(Evidence.NUMERICAL), "by": "measurement"}
            for n, says in NUMERICAL.items()
        ]
        return {
            "theorems": [*kernel, *(t.to_json() for t in self.twin_only)],
            "laws": laws,
            "formal_twin": None
            if self.twin is None
            else {"status": str(self.twin.status), "reason": self.twin.reason, "version": self.twin.version},
            "counterexamples": [c.to_json() for c in self.cases],
            "ledger": [r.to_json() for r in self.rows],
            "interrupted": self.interrupted,
            "seconds": f"{self.seconds:.1f}",
            "ok": self.ok,
        }


def coq_names(theorem: str) -> tuple[str, ...]:
    """Return the constants of the formal twin that state a theorem."""
    return tuple(development().table()["theorems"].get(theorem, ()))


def twin_only(proved: tuple[str, ...], built: bool) -> tuple[TwinOnly, ...]:
    """Return the theorems of the registry without a kernel proof, with what the formal twin has of them."""
    return tuple(
        TwinOnly(t.name, t.says, t.hypotheses, coq_names(t.name), built)
        for t in THEOREMS.values()
        if t.name not in proved
    )


Broken = dict[tuple[str, str], list[str]]


def _rows(broken: Broken, proved: list[str]) -> list[ledger.Row]:
    return [row for name in proved for row in ledger.rows(name, broken)]


def broken_pairs(reports: tuple[CaseReport, ...]) -> Broken:
    """Return which (theorem, hypothesis) pairs the certified cases break."""
    found: Broken = {}
    for report in reports:
        if report.drops and cases.certified(report):
            for theorem in report.breaks:
                found.setdefault((theorem, report.drops), []).append(report.name)
    return found


def verify(*, workers: int = 2, on_event: Callable[[Event], None] | None = None) -> Verification:
    """Run the main job.

    Parameters
    ----------
    workers
        Processes for the cases; the proofs run in this one at the same time.
    on_event
        Called as proofs and cases finish.

    Returns
    -------
    Verification
        Complete, or with `interrupted` set and everything that was finished before Ctrl-C.
    """
    start = time.perf_counter()
    names = cases.case_names()
    total = len(library.proof_names()) + len(names)
    proofs: list[ProofResult] = []
    reports: list[CaseReport] = []
    rows: list[ledger.Row] = []
    interrupted = False

    def tell(what: ProofResult | CaseReport) -> None:
        if on_event is not None:
            on_event(Event(len(proofs) + len(reports), total, what))

    pool = ProcessPoolExecutor(max(1, workers), multiprocessing.get_context("spawn"), initializer=_leave_interrupts)
    try:
        futures = {pool.submit(_reproduce, name): name for name in names}
        for name in library.proof_names():
            proofs.append(check_module(name)[0])
            tell(proofs[-1])
        for r in proofs:
            if r.ok:
                library.structure_uses(r.name)
        for future in _as_completed(futures):
            reports.append(future.result())
            tell(reports[-1])
        reports.sort(key=lambda c: c.name)
        rows = _rows(broken_pairs(tuple(reports)), [p.name for p in proofs if p.ok])
    except KeyboardInterrupt:
        interrupted = True
    finally:
        _stop(pool, now=interrupted)
    twin = coq.kept()
    rest = twin_only(library.proof_names(), twin.ok)
    return Verification(
        tuple(proofs), tuple(reports), tuple(rows), interrupted, time.perf_counter() - start, rest, twin
    )


def _reproduce(name: str) -> CaseReport:
    """Re-certify one case; a check that breaks down is a failed case, named as such, and stops nothing else."""
    try:
        return cases.reproduce(name)
    except PgbError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever broke, the report must say so)
        claim = ClaimResult(
            "the check itself", f"broke down: {type(error).__name__}: {error}", Evidence.UNDECIDED, ok=False
        )
        return CaseReport(name, name, "", "", "", (), (claim,))


def _leave_interrupts() -> None:
    """Let Ctrl-C reach the parent alone, which then stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _as_completed(futures: dict[Future[CaseReport], str]) -> Iterator[Future[CaseReport]]:
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from sorted(done, key=lambda f: futures[f])


def _stop(pool: ProcessPoolExecutor, *, now: bool) -> None:
    processes = list((pool._processes or {}).values()) if now else []
    pool.shutdown(wait=not now, cancel_futures=True)
    for process in processes:
        process.terminate()
