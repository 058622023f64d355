"""Sweeps: every run once, whatever kills the process; other families are refused; statistics are those of the records."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pgb.errors import InputError
from pgb.landscape.polynomial.sweep import JOURNAL, Distribution, SweepFamily, read_journal, sweep

FAMILY = SweepFamily((1, 1, 2), 2)


def test_all_runs_are_complete_and_repeatable(tmp_path: Path) -> None:
    result = sweep(FAMILY, 12, 5, tmp_path / "a", batch=5)
    again = sweep(FAMILY, 12, 5, tmp_path / "b", batch=12)
    assert [r.run for r in result.records] == list(range(12))
    strip = lambda r: (r.run, r.n_complex, r.n_real, dict(r.indices), r.check)
    assert list(map(strip, result.records)) == list(map(strip, again.records))
    for p, q in zip(result.records, again.records, strict=True):
        error = p.value_error + q.value_error
        assert all(abs(float(a) - float(b)) <= error for a, b in zip(p.values, q.values, strict=True))
    s = result.statistics()
    assert s["n_complex"] == {9: 12}
    assert (s["nothing_lost"], s["check_passed"]) == (12, 12)
    assert sum(s["n_real"].values()) == 12


def test_more_runs_continue_and_fewer_are_a_prefix(tmp_path: Path) -> None:
    sweep(FAMILY, 3, 1, tmp_path)
    before = (tmp_path / JOURNAL).read_bytes()
    assert [r.run for r in sweep(FAMILY, 5, 1, tmp_path).records] == [0, 1, 2, 3, 4]
    assert (tmp_path / JOURNAL).read_bytes().startswith(before)
    assert [r.run for r in sweep(FAMILY, 2, 1, tmp_path).records] == [0, 1]


def test_a_line_cut_short_is_done_again(tmp_path: Path) -> None:
    whole = sweep(FAMILY, 4, 2, tmp_path)
    path = tmp_path / JOURNAL
    data = path.read_bytes()
    for cut in (1, 7, 60):
        path.write_bytes(data[:-cut])
        assert sweep(FAMILY, 4, 2, tmp_path).records == whole.records
    path.write_bytes(data + data.splitlines(keepends=True)[0])  # a repeated run counts once
    assert len(sweep(FAMILY, 4, 2, tmp_path).records) == 4
    path.write_bytes(b"{}\n" + data)
    with pytest.raises(InputError, match="line 1"):
        sweep(FAMILY, 4, 2, tmp_path)


def test_another_sweeps_folder_is_refused(tmp_path: Path) -> None:
    sweep(FAMILY, 1, 2, tmp_path)
    with pytest.raises(InputError, match="another sweep"):
        sweep(FAMILY, 1, 3, tmp_path)
    with pytest.raises(InputError, match="another sweep"):
        sweep(SweepFamily((1, 1, 1), 2), 1, 2, tmp_path)


def test_kill_9_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    code = (
        "from pgb.landscape.polynomial.sweep import SweepFamily, sweep\n"
        f"sweep(SweepFamily((1, 1, 2), 2), 4000, 9, {str(tmp_path / 'killed')!r}, batch=2)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    journal = tmp_path / "killed" / JOURNAL
    for _ in range(600):
        if journal.exists() and journal.read_bytes().count(b"\n") >= 6:
            break
        time.sleep(0.1)
    child.send_signal(signal.SIGKILL)
    child.wait()
    finished = read_journal(journal)
    assert 6 <= len(finished) < 4000
    runs = max(finished) + 4
    result = sweep(FAMILY, runs, 9, tmp_path / "killed")
    fresh = sweep(FAMILY, runs, 9, tmp_path / "whole")
    numbers = [json.loads(line)["run"] for line in journal.read_text().splitlines()]
    assert sorted(numbers) == list(range(runs))
    assert [(r.run, r.n_complex, r.n_real) for r in result.records] == [
        (r.run, r.n_complex, r.n_real) for r in fresh.records
    ]


@pytest.mark.parametrize(
    "bad", [("cauchy", 0.0, 1.0), ("normal", 0.0, 0.0), ("uniform", 1.0, 1.0), ("normal", float("nan"), 1.0)]
)
def test_bad_distributions(bad: tuple[str, float, float]) -> None:
    with pytest.raises(InputError, match="distribution"):
        Distribution(*bad)
