"""What `pgb verify` prints: one line a row, nothing left out, the formal twin only for what was built here."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from pgb import coq, ledger, library
from pgb.cases import CaseReport, ClaimResult
from pgb.evidence import Evidence
from pgb.report import tables, verification
from pgb.report.proofs import check_module
from pgb.theorems import NUMERICAL, THEOREMS


def printed(result: verification.Verification, *, width: int = tables.WIDTH, full: bool = False) -> list[str]:
    out = Console(file=io.StringIO(), width=width, highlight=False)
    tables.print_verification(out, result, full=full)
    assert isinstance(out.file, io.StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def small(**more: object) -> verification.Verification:
    proof, _ = check_module("vanishing")
    rows = ledger.rows("vanishing", {("vanishing", "bias"): ["bias", "another"]})
    return verification.Verification((proof,), (), rows, **more)  # type: ignore[arg-type]


def test_each_row_is_one_line_within_the_width() -> None:
    result = small(twin_only=verification.twin_only(("vanishing",), built=False))
    lines = printed(result)
    assert max(map(len, lines)) <= tables.WIDTH
    assert sum(line.startswith("vanishing ") for line in lines) == 2  # in the table of theorems, in the ledger
    for row in result.rows:
        (line,) = [n for n in lines if f" {row.hypothesis} " in n and " " * 5 in n and not n.startswith("vanishing  p")]
        assert line.endswith(tables.SHORT[row.status])
    assert any("bias (+1)" in line for line in lines)


def test_full_prints_every_sentence_whole() -> None:
    result = small()
    words = " ".join(" ".join(printed(result, width=400, full=True)).split())
    for row in result.rows:
        assert all(use in words for use in row.used_by[:1])
    assert "…" not in words


def test_the_last_line_has_the_counts() -> None:
    last = printed(small())[-1]
    assert last.startswith(
        "1 of 1 theorems proved for all sizes, 0 of 0 cases reproduced, 2 of 4 ledger rows closed, 2"
    )


@pytest.mark.parametrize("built", [False, True])
def test_theorems_without_a_kernel_proof_are_listed_with_their_coq_name(built: bool) -> None:
    twin_only = verification.twin_only(("vanishing",), built=built)
    assert {t.name for t in twin_only} == set(THEOREMS) - {"vanishing"}
    lines = printed(small(twin_only=twin_only), width=200)
    for t in twin_only:
        (line,) = [n for n in lines if n.startswith(f"{t.name} ")]
        assert ("formal twin only, built here" if built else "formal twin only, not built here") in line
        assert t.coq[0] in line
        assert ("proved" in line) is built


def test_nothing_of_the_registry_is_left_out_of_the_record() -> None:
    record = small(twin_only=verification.twin_only(("vanishing",), built=False)).to_json()
    by = {t["name"]: (t["by"], t["status"]) for t in record["theorems"]}
    assert set(by) == set(THEOREMS)
    assert by.pop("vanishing") == ("kernel", "proved")
    assert set(by.values()) == {("formal twin only", "undecided")}
    assert {law["name"]: law["status"] for law in record["laws"]} == dict.fromkeys(NUMERICAL, "numerical")
    assert all(t["coq"] for t in record["theorems"])


def test_a_theorem_that_nothing_proves_is_said_to_be_proved_by_nothing() -> None:
    orphan = verification.TwinOnly("orphan", "Says something.", (), (), built=True)
    assert orphan.status is Evidence.UNDECIDED
    assert orphan.to_json()["by"] == "nothing"
    assert any(line.split()[:3] == ["orphan", "undecided", "nothing"] for line in printed(small(twin_only=(orphan,))))


def test_kernel_and_twin_only_theorems_are_the_registry() -> None:
    rest = verification.twin_only(library.proof_names(), built=False)
    assert {*library.proof_names(), *(t.name for t in rest)} == set(THEOREMS)


def test_an_absent_build_of_the_twin_is_not_built_here(tmp_path: Path) -> None:
    report = coq.kept(tmp_path)
    assert report.status is coq.CoqStatus.NOT_BUILT
    assert not report.ok
    assert list(tmp_path.iterdir()) == []


def test_all_cases_are_one_line_each_and_a_named_one_has_its_claims() -> None:
    report = CaseReport(
        "name",
        "A title that is longer than the line " * 5,
        "",
        "published",
        "",
        (),
        (ClaimResult("c", "Found.", Evidence.CERTIFIED, ok=True),),
    )
    for claims, wanted in ((False, 1), (True, 4)):
        out = Console(file=io.StringIO(), width=tables.WIDTH, highlight=False)
        tables.print_case(out, report, claims=claims)
        assert isinstance(out.file, io.StringIO)
        text = out.file.getvalue()
        assert text.count("\n") == wanted
        assert ("Found." in text) is claims
