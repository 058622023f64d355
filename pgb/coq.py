"""Builds the formal twin with Coq and compares the axioms it rests on with the committed list. Untrusted: Coq decides.

The driver copies the sources to a build folder, runs coqc on each file in the order of ``_CoqProject``, asks Coq for the
axioms of every theorem named in ``table.toml``, and wants exactly those of the file ``AXIOMS``. A finished build is kept under the
hash of everything that went into it. The seal of a kept build finds damage, not forgery: ``force=True`` builds again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pgb.coq_sources import Development, axioms_of, development

Progress = Callable[[str, int, int], None]  # what is done next, its number from 1, the number of steps

LIBRARIES: Final = "From mathcomp Require Import ssreflect bigop.\nFrom Coquelicot Require Import Coquelicot.\n"
NO_COQ: Final = "coqc is not installed (Debian: apt-get install coq libcoq-coquelicot)"
STALE: Final = 24 * 3600.0  # seconds after which an abandoned build folder is swept away


class CoqStatus(StrEnum):
    """What became of the formal twin on this machine."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_BUILT = "not built here"


@dataclass(frozen=True, slots=True)
class CoqFailure:
    """Where Coq stopped: the file, the line (None where Coq names none), and the first lines of its message."""

    file: str
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class CoqReport:
    """The outcome of a build of the formal twin.

    Attributes
    ----------
    status
        ``passed`` only if every file compiled and the axioms are exactly the committed ones.
    reason
        One sentence that says why.
    version
        The version of coqc, None where there is none.
    fingerprint
        The hash of the sources, the table, the list of axioms and the version of coqc.
    theorems
        The constants whose axioms were listed.
    axioms
        The axioms found, ``name : type``, sorted.
    unexpected, missing
        Axioms found and not committed; committed and not found.
    failure
        Where a failed build stopped.
    checked
        Whether coqchk accepted the compiled files; None if it was not asked.
    cpu_seconds
        Processor time of the build, of the first one if it was kept.
    cached
        Whether the outcome is that of an earlier build with the same fingerprint.
    folder
        Where the compiled files are kept, None if nothing was kept.
    """

    status: CoqStatus
    reason: str
    version: str | None = None
    fingerprint: str = ""
    theorems: tuple[str, ...] = ()
    axioms: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failure: CoqFailure | None = None
    checked: bool | None = None
    cpu_seconds: float = 0.0
    cached: bool = False
    folder: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the twin was built and rests on the committed axioms only."""
        return self.status is CoqStatus.PASSED

    def to_json(self) -> dict[str, Any]:
        """Return the report as a record of JSON values."""
        record = {name: getattr(self, name) for name in self.__slots__}
        failure = self.failure and {n: getattr(self.failure, n) for n in CoqFailure.__slots__}
        lists = {n: list(v) for n, v in record.items() if isinstance(v, tuple)}
        return (
            record | lists | {"status": str(self.status), "failure": failure, "cpu_seconds": round(self.cpu_seconds, 2)}
        )


def find_coqc() -> Path | None:
    """Return the path of coqc: in ``$COQBIN``, else on the search path; None where there is none."""
    found = shutil.which("coqc", path=os.environ.get("COQBIN") or None) or shutil.which("coqc")
    return Path(found) if found else None


def cache_folder() -> Path:
    """Return where builds are kept: ``$PGB_CACHE``, else the platform's cache folder."""
    if os.environ.get("PGB_CACHE"):
        return Path(os.environ["PGB_CACHE"]) / "coq"
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "pgb" / "coq"


class _StoppedError(Exception):
    """A step failed; the failure says where."""

    def __init__(self, failure: CoqFailure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass(frozen=True, slots=True)
class _Coq:
    """The tools of one Coq installation, one development, and a deadline on the monotonic clock."""

    coqc: Path
    dev: Development
    deadline: float

    def run(self, tool: Path, arguments: list[str], cwd: Path, about: str) -> tuple[int, str, str]:
        """Run a tool to its end or to the deadline; nothing it started outlives the call."""
        environment = {k: v for k, v in os.environ.items() if k not in {"COQPATH", "COQFLAGS", "ROCQPATH"}}
        process = subprocess.Popen(
            [str(tool), *arguments], cwd=cwd, env=environment, start_new_session=True, text=True, encoding="utf-8",
            errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            out, err = process.communicate(timeout=max(0.1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise _StoppedError(CoqFailure(about, None, "the time limit was reached")) from None
        finally:
            if process.poll() is None:
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
                process.communicate()
        return process.returncode, out, err

    def compile(self, name: str, cwd: Path) -> str:
        """Compile one file and return what Coq printed."""
        arguments = ["-q", "-R", ".", self.dev.name, *self.dev.options, name]
        code, out, err = self.run(self.coqc, arguments, cwd, name)
        if code or not (cwd / name).with_suffix(".vo").is_file():
            raise _StoppedError(_failure(name, err or out or f"coqc ended with status {code} and wrote nothing"))
        return out

    def axioms(self, cwd: Path) -> dict[str, str]:
        """Return the axioms of all constants of the table together: of a tuple of all of them, which Coq traverses once."""
        constants = [f"{self.dev.name}.{c}" for c in self.dev.constants()]
        modules = sorted({c.split(".")[1] for c in constants})
        tuple_of_all = ",\n  ".join(f"@{c}" for c in constants)
        lines = [
            f"From {self.dev.name} Require {' '.join(modules)}.",
            f"Definition everything := (tt,\n  {tuple_of_all}).",
        ]
        (cwd / "listing.v").write_text("\n".join([*lines, "Print Assumptions everything.", ""]), encoding="utf-8")
        listing = self.compile("listing.v", cwd)
        for leftover in cwd.glob("*listing*"):
            leftover.unlink()
        try:
            return axioms_of(listing)
        except ValueError as error:
            raise _StoppedError(CoqFailure("listing.v", None, str(error))) from None

    def recheck(self, cwd: Path) -> None:
        """Run coqchk, the independent checker of compiled files, on all of them."""
        found = shutil.which("coqchk", path=str(self.coqc.parent)) or shutil.which("coqchk")
        if not found:
            raise _StoppedError(CoqFailure("coqchk", None, "coqchk is not installed"))
        modules = [f"{self.dev.name}.{Path(f).stem}" for f in self.dev.files]
        arguments = ["-silent", "-o", "-R", ".", self.dev.name, *modules]
        code, out, err = self.run(Path(found), arguments, cwd, "coqchk")
        out += err  # some versions print the summary there
        if code or "CONTEXT SUMMARY" not in out:
            raise _StoppedError(_failure("coqchk", out or f"coqchk ended with status {code}"))
        suspect = [line.strip() for line in out.splitlines() if line.startswith("* ") and not _harmless(line)]
        listed = re.findall(r"^ {4}(\S+)$", out.partition("* Axioms:")[2].partition("* ")[0], re.MULTILINE)
        committed = self.dev.axioms()
        suspect += [name for name in listed if not any(f".{name}".endswith(f".{known}") for known in committed)]
        if suspect:
            raise _StoppedError(CoqFailure("coqchk", None, "not accepted: " + "; ".join(suspect)))


def _harmless(line: str) -> bool:
    """Whether a line of coqchk's summary is as in sound mathematics; the axioms themselves are compared apart."""
    return line.endswith("<none>") or line.rstrip() in {"* Axioms:", "* Theory: Set is predicative"}


def _failure(file: str, text: str) -> CoqFailure:
    """Read file, line and message from what Coq wrote."""
    place = re.search(r'File "(?:\./)?([^"]+)", line (\d+)', text)
    message = text.partition("Error:")[2] or text
    lines = [line.rstrip() for line in message.strip().splitlines() if line.strip()]
    if place is None:
        return CoqFailure(file, None, "\n".join(lines[:12]) or "no message")
    return CoqFailure(
        Path(place[1]).name if file.endswith(".v") else file, int(place[2]), "\n".join(lines[:12]) or "no message"
    )


def build(
    folder: Path | None = None,
    *,
    force: bool = False,
    check: bool = False,
    progress: Progress | None = None,
    timeout: float = 1800.0,
    sources: Path | None = None,
) -> CoqReport:
    """Build the formal twin, or find the finished build of the same sources.

    Parameters
    ----------
    folder
        Where builds are kept; by default the platform's cache folder.
    force
        Build again even if there is a finished build.
    check
        Also run coqchk on the compiled files.
    progress
        Called before each step.
    timeout
        Seconds for everything together; then the build has failed.
    sources
        The folder of the sources; by default the ones that come with the package.

    Raises
    ------
    InputError
        The sources are incomplete, see `development`.
    """
    dev = development(sources)
    coqc = find_coqc()
    if coqc is None:
        return CoqReport(CoqStatus.NOT_BUILT, NO_COQ)
    coq = _Coq(coqc, dev, time.monotonic() + timeout)
    base = folder or cache_folder()
    base.mkdir(parents=True, exist_ok=True)
    try:
        version = _version(coq, base)
    except (_StoppedError, OSError) as error:
        return CoqReport(CoqStatus.NOT_BUILT, f"{coqc} does not run: {error}")
    mark = dev.fingerprint(version)
    kept = None if force else _load(base / mark, dev, mark)
    if kept is not None and (kept.checked or not check):
        return replace(kept, cached=True, folder=str(base / mark))
    report = CoqReport(CoqStatus.FAILED, "", version, mark, dev.constants())
    with _scratch(base) as scratch:
        return _build(coq, report, scratch, base / mark, check, progress or (lambda *_: None))


def kept(folder: Path | None = None, *, sources: Path | None = None) -> CoqReport:
    """Return the finished build of these very sources and this Coq; never builds: then it is ``not built here``.

    Parameters
    ----------
    folder, sources
        As for `build`.
    """
    dev, coqc, base = development(sources), find_coqc(), folder or cache_folder()
    if coqc is None:
        return CoqReport(CoqStatus.NOT_BUILT, NO_COQ)
    try:
        version = _version(_Coq(coqc, dev, time.monotonic() + 60), dev.folder)
    except (_StoppedError, OSError) as error:
        return CoqReport(CoqStatus.NOT_BUILT, f"{coqc} does not run: {error}")
    mark = dev.fingerprint(version)
    found = _load(base / mark, dev, mark)
    if found is None:
        return CoqReport(CoqStatus.NOT_BUILT, "`pgb prove --coq` builds it", version, mark)
    return replace(found, cached=True, folder=str(base / mark))


def _version(coq: _Coq, cwd: Path) -> str:
    """Return the version of coqc."""
    code, out, err = coq.run(coq.coqc, ["--version"], cwd, "coqc --version")
    found = re.search(r"version (\S+)", out)
    if code or found is None:
        raise _StoppedError(CoqFailure("coqc --version", None, (err or out).strip() or "it printed nothing"))
    return found[1]


def _build(coq: _Coq, report: CoqReport, scratch: Path, home: Path, check: bool, progress: Progress) -> CoqReport:
    """Compile, list the axioms, compare, and keep the build if everything is as it should be."""
    dev, start = coq.dev, os.times()
    steps = len(dev.files) + 1 + check
    (scratch / "libraries.v").write_text(LIBRARIES, encoding="utf-8")
    try:
        coq.compile("libraries.v", scratch)
    except _StoppedError as stop:
        reason = f"Coq is here, its library Coquelicot is not (Debian: libcoq-coquelicot): {stop.failure.message}"
        return replace(report, status=CoqStatus.NOT_BUILT, reason=reason)
    for leftover in scratch.glob("*libraries*"):
        leftover.unlink()
    for name in dev.inputs:
        shutil.copyfile(dev.folder / name, scratch / name)
    try:
        for number, name in enumerate(dev.files, 1):
            progress(name, number, steps)
            coq.compile(name, scratch)
        progress("axioms", len(dev.files) + 1, steps)
        found, wanted = coq.axioms(scratch), dev.axioms()
        report = replace(report, axioms=_lines(found), unexpected=_lines(found, wanted), missing=_lines(wanted, found))
        if check and not (report.unexpected or report.missing):
            progress("coqchk", steps, steps)
            coq.recheck(scratch)
            report = replace(report, checked=True)
    except _StoppedError as stop:
        where = stop.failure.file + (f", line {stop.failure.line}" if stop.failure.line else "")
        checked = False if stop.failure.file == "coqchk" else None
        reason = f"{where}: {stop.failure.message.splitlines()[0]}"
        return replace(report, reason=reason, failure=stop.failure, checked=checked, cpu_seconds=_spent(start))
    report = replace(report, cpu_seconds=_spent(start))
    if dev.fingerprint(report.version or "") != report.fingerprint:
        return replace(report, reason="the sources changed during the build")
    if report.unexpected or report.missing:
        names = [e.partition(" : ")[0] for e in (*report.unexpected, *report.missing)]
        return replace(report, reason=f"the axioms are not the committed ones: {', '.join(names)}")
    reason = (
        f"{len(report.theorems)} theorems compiled; they rest on {len(report.axioms)} axioms of the standard library"
    )
    return _keep(replace(report, status=CoqStatus.PASSED, reason=reason), scratch, home)


def _spent(start: os.times_result) -> float:
    """Return the processor seconds of finished child processes since `start`."""
    now = os.times()
    return now.children_user + now.children_system - start.children_user - start.children_system


def _lines(axioms: dict[str, str], but: dict[str, str] | None = None) -> tuple[str, ...]:
    """Return ``name : type`` of the axioms that are not, name and type, in `but`."""
    return tuple(sorted(f"{n} : {t}" for n, t in axioms.items() if (but or {}).get(n) != t))


# -- finished builds ------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def _scratch(base: Path) -> Iterator[Path]:
    """Give a folder for one build; whatever is still there at the end is removed, and so are old abandoned ones."""
    for old in base.glob(".building-*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > STALE:
                shutil.rmtree(old, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=base))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _seal(home: Path, dev: Development, record: dict[str, Any]) -> str:
    """Return the hash of the kept sources, of the compiled files and of the report."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode())
    for name in (*dev.inputs, *(str(Path(f).with_suffix(".vo")) for f in dev.files)):
        digest.update(name.encode() + hashlib.sha256((home / name).read_bytes()).digest())
    return digest.hexdigest()


def _keep(report: CoqReport, scratch: Path, home: Path) -> CoqReport:
    """Seal a finished build and move it to its place in one step; an outcome that cannot be kept is still an outcome."""
    dev = development(scratch)
    record = report.to_json()
    try:
        sealed = {"report": record, "seal": _seal(scratch, dev, record)}
        (scratch / "report.json").write_text(json.dumps(sealed, indent=1), encoding="utf-8")
        shutil.rmtree(home, ignore_errors=True)
        scratch.replace(home)
    except OSError:
        return report
    return replace(report, folder=str(home))


def _load(home: Path, dev: Development, mark: str) -> CoqReport | None:
    """Return the report of a finished build, or None where there is none or it is damaged."""
    try:
        stored = json.loads((home / "report.json").read_text(encoding="utf-8"))
        record = stored["report"]
        if stored["seal"] != _seal(home, dev, record) or record["fingerprint"] != mark:
            return None
        if record["status"] != CoqStatus.PASSED or record["unexpected"] or record["missing"] or record["failure"]:
            return None
        lists = {n: tuple(v) for n, v in record.items() if isinstance(v, list)}
        return CoqReport(**(record | lists | {"status": CoqStatus.PASSED}))
    except (OSError, ValueError, KeyError, TypeError):
        return None
