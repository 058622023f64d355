"""The driver of the formal twin, with a coqc of our own: what it must accept, what it must refuse, what it may keep.

The sources are scanned as text: no unfinished proof, no axiom, and tables that agree with the Python side.
"""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import sys
import time
from pathlib import Path

import pytest

from pgb import coq_sources, theorems
from pgb.coq import CoqReport, CoqStatus, build, find_coqc
from pgb.coq_sources import Development, axioms_of, development, parse_axioms
from pgb.errors import InputError
from pgb.kernel import facts

FAKE = '''#!{python} -SE
"""A stand-in for coqc and coqchk: it does what the files beside it say, and writes down that it was called."""
import hashlib, json, pathlib, sys, time
here = pathlib.Path(__file__).resolve().parent
plan = json.loads((here / "plan.json").read_text())
with (here / "calls").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if pathlib.Path(__file__).name == "coqchk":
    print(plan.get("summary", ""), file=sys.stderr if plan.get("to_stderr") else sys.stdout)
    sys.exit(plan.get("coqchk_status", 0))
if "--version" in sys.argv:
    print(plan.get("version", "The Coq Proof Assistant, version 8.16.1"))
    sys.exit(0)
source = pathlib.Path(sys.argv[-1])
time.sleep(plan.get("sleep", {{}}).get(source.name, 0))
if source.name in plan.get("errors", {{}}):
    sys.stderr.write(plan["errors"][source.name])
    sys.exit(1)
if source.name == "listing.v":
    print(plan["axioms"])
if source.name not in plan.get("silent", []):
    source.with_suffix(".vo").write_bytes(hashlib.sha256(source.read_bytes()).digest())
'''
CLASSIC = "Classical_Prop.classic : forall P : Prop, P \\/ ~ P"
LISTED = f"Axioms:\n{CLASSIC}\nReal.decide\n  : forall P : Prop,\n    {{~ ~ P}} + {{~ P}}\n"
COMMITTED = f"# the axioms\n{CLASSIC}\nReal.decide\n  : forall P : Prop, {{~ ~ P}} + {{~ P}}\n"
SUMMARY = """
CONTEXT SUMMARY
===============

* Theory: Set is predicative

* Axioms:
    Coq.Logic.Classical_Prop.classic
    Coq.Reals.Real.decide

* Constants/Inductives relying on type-in-type: <none>

* Constants/Inductives relying on unsafe (co)fixpoints: <none>

* Inductives whose positivity is assumed: <none>
"""
TABLE = '[theorems]\none = ["A.one", "B.two"]\n[hypotheses]\nh = "x"\n[rules]\nr = ["B.two"]\n'


class Workshop:
    """A small development, a coqc that follows a plan, and a folder for builds."""

    def __init__(self, root: Path) -> None:
        self.sources, self.bin, self.kept = root / "sources", root / "bin", root / "kept"
        for folder in (self.sources, self.bin):
            folder.mkdir()
        for name in ("coqc", "coqchk"):
            tool = self.bin / name
            tool.write_text(FAKE.format(python=sys.executable))
            tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        self.plan(axioms=LISTED, summary=SUMMARY)
        content = {"_CoqProject": "-R . TOY\n-arg -w\n-arg -none\nA.v\nB.v\n", "AXIOMS": COMMITTED, "table.toml": TABLE}
        content |= {"A.v": "(** one *) Theorem one : True.", "B.v": "(** two *) Theorem two : True."}
        for name, text in content.items():
            (self.sources / name).write_text(text)

    def plan(self, **changes: object) -> None:
        path = self.bin / "plan.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | changes))

    def calls(self) -> list[str]:
        log = self.bin / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def compiled(self) -> list[str]:
        return [line.split()[-1] for line in self.calls() if line.endswith(".v")]

    def build(self, **options: object) -> CoqReport:
        return build(self.kept, sources=self.sources, **options)  # type: ignore[arg-type]

    def left(self) -> list[str]:
        return sorted(p.name for p in self.kept.iterdir())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    workshop = Workshop(tmp_path)
    monkeypatch.setenv("COQBIN", str(workshop.bin))
    return workshop


# -- what passes ----------------------------------------------------------------------------------------------------
def test_a_clean_build_passes_and_says_on_what_it_rests(shop: Workshop) -> None:
    steps: list[tuple[str, int, int]] = []
    report = shop.build(progress=lambda *step: steps.append(step))
    assert report.ok
    assert report.status is CoqStatus.PASSED
    assert not report.cached
    assert report.failure is None
    assert report.theorems == ("A.one", "B.two")
    assert report.axioms == (CLASSIC, "Real.decide : forall P : Prop, {~ ~ P} + {~ P}")
    assert report.version == "8.16.1"
    assert report.checked is None
    assert steps == [("A.v", 1, 3), ("B.v", 2, 3), ("axioms", 3, 3)]
    assert shop.compiled() == ["libraries.v", "A.v", "B.v", "listing.v"]
    assert "-w -none" in next(line for line in shop.calls() if line.endswith("A.v"))
    assert not [line for line in shop.calls() if "-type-in-type" in line]


def test_a_finished_build_is_found_again(shop: Workshop) -> None:
    first, second = shop.build(), shop.build()
    assert second.cached
    assert second.ok
    assert len(shop.compiled()) == 4
    assert second.cpu_seconds == pytest.approx(first.cpu_seconds, abs=0.01)
    assert second.axioms == first.axioms
    assert second.folder == first.folder
    assert first.folder is not None
    assert {"A.vo", "B.vo", "report.json"} <= {p.name for p in Path(first.folder).iterdir()}
    assert shop.left() == [first.fingerprint]


def test_force_builds_again(shop: Workshop) -> None:
    shop.build()
    assert not shop.build(force=True).cached
    assert len(shop.compiled()) == 8


@pytest.mark.parametrize("name", ["A.v", "_CoqProject", "AXIOMS", "table.toml"])
def test_another_source_is_another_build(shop: Workshop, name: str) -> None:
    first = shop.build()
    (shop.sources / name).write_text((shop.sources / name).read_text() + "\n")
    second = shop.build()
    assert second.ok
    assert not second.cached
    assert second.fingerprint != first.fingerprint


def test_another_version_of_coq_is_another_build(shop: Workshop) -> None:
    first = shop.build()
    shop.plan(version="The Rocq Prover, version 9.0.0")
    second = shop.build()
    assert second.version == "9.0.0"
    assert not second.cached
    assert second.fingerprint != first.fingerprint


def test_the_report_is_plain_json(shop: Workshop) -> None:
    for report in (shop.build(), CoqReport(CoqStatus.NOT_BUILT, "no coqc")):
        record = json.loads(json.dumps(report.to_json()))
        assert record == report.to_json()
        assert record["status"] == str(report.status)
    shop.plan(errors={"A.v": 'File "./A.v", line 7, characters 0-1:\nError: no.\n'})
    failed = shop.build(force=True).to_json()
    assert failed["failure"] == {"file": "A.v", "line": 7, "message": "no."}


# -- what does not ---------------------------------------------------------------------------------------------------
def test_a_failing_file_is_named_with_line_and_message(shop: Workshop) -> None:
    message = 'File "./B.v", line 12, characters 3-7:\nError: Tactic failure:\n  not a valid ring equation.\n'
    shop.plan(errors={"B.v": message})
    report = shop.build()
    assert report.status is CoqStatus.FAILED
    assert not report.ok
    assert report.failure is not None
    assert (report.failure.file, report.failure.line) == ("B.v", 12)
    assert "not a valid ring equation" in report.failure.message
    assert "B.v, line 12" in report.reason
    assert shop.left() == []
    assert shop.compiled() == ["libraries.v", "A.v", "B.v"]
    shop.plan(errors={})
    assert shop.build().ok


def test_a_file_that_compiles_to_nothing_has_failed(shop: Workshop) -> None:
    shop.plan(silent=["A.v"])
    report = shop.build()
    assert report.status is CoqStatus.FAILED
    assert "wrote nothing" in report.reason


@pytest.mark.parametrize(
    ("listing", "unexpected", "missing"),
    [
        (LISTED + "B.cheat : False\n", ["B.cheat : False"], []),
        (LISTED + "B.loop is assumed to be guarded.\n", ["B.loop is assumed to be guarded. : "], []),
        (f"Axioms:\n{CLASSIC}\n", [], ["Real.decide : forall P : Prop, {~ ~ P} + {~ P}"]),
        ("Closed under the global context\n", [], [CLASSIC, "Real.decide : forall P : Prop, {~ ~ P} + {~ P}"]),
        (LISTED.replace("P \\/ ~ P", "P"), ["Classical_Prop.classic : forall P : Prop, P"], [CLASSIC]),
    ],
)
def test_other_axioms_than_the_committed_ones_fail(
    shop: Workshop, listing: str, unexpected: list[str], missing: list[str]
) -> None:
    shop.plan(axioms=listing)
    report = shop.build()
    assert report.status is CoqStatus.FAILED
    assert shop.left() == []
    assert (list(report.unexpected), list(report.missing)) == (unexpected, missing)
    assert "not the committed ones" in report.reason


@pytest.mark.parametrize("listing", ["", "hello", "B.cheat : False\nAxioms:\n"])
def test_a_listing_that_is_none_fails(shop: Workshop, listing: str) -> None:
    shop.plan(axioms=listing)
    report = shop.build()
    assert report.status is CoqStatus.FAILED
    assert "not a list of axioms" in report.reason


def test_a_theorem_of_the_table_that_is_not_there_fails(shop: Workshop) -> None:
    shop.plan(errors={"listing.v": 'File "./listing.v", line 4:\nError: The reference TOY.B.two was not found\n'})
    report = shop.build()
    assert report.status is CoqStatus.FAILED
    assert report.failure is not None
    assert "TOY.B.two" in report.failure.message


def test_without_coqc_nothing_is_claimed(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.build()  # even a finished build is not an outcome here
    monkeypatch.setenv("COQBIN", str(shop.sources))
    monkeypatch.setenv("PATH", str(shop.sources))
    report = shop.build()
    assert find_coqc() is None
    assert report.status is CoqStatus.NOT_BUILT
    assert str(report.status) == "not built here"
    assert not report.ok


def test_a_coqc_that_does_not_run_is_no_coqc(shop: Workshop) -> None:
    (shop.bin / "coqc").write_text("#!/nowhere/python\n")
    assert shop.build().status is CoqStatus.NOT_BUILT


def test_a_coqc_without_coquelicot_is_not_enough(shop: Workshop) -> None:
    shop.plan(errors={"libraries.v": "Error: Cannot find a physical path bound to logical path Coquelicot.\n"})
    report = shop.build()
    assert report.status is CoqStatus.NOT_BUILT
    assert "Coquelicot" in report.reason
    assert shop.left() == []


def test_the_time_limit_ends_the_build_and_its_processes(shop: Workshop) -> None:
    shop.plan(sleep={"B.v": 30})
    start = time.monotonic()
    report = shop.build(timeout=1.5)
    assert time.monotonic() - start < 15
    assert report.status is CoqStatus.FAILED
    assert "time limit" in report.reason
    assert shop.left() == []


def test_an_interrupted_build_leaves_nothing(shop: Workshop) -> None:
    def interrupt(name: str, *_: int) -> None:
        if name == "axioms":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.build(progress=interrupt)
    assert shop.left() == []
    assert not shop.build().cached


def test_sources_that_change_under_the_build_are_not_kept(shop: Workshop) -> None:
    def change(name: str, *_: int) -> None:
        if name == "B.v":
            (shop.sources / "A.v").write_text("(** one *) Theorem one : False.")

    report = shop.build(progress=change)
    assert report.status is CoqStatus.FAILED
    assert "changed during the build" in report.reason
    assert shop.left() == []


def test_old_abandoned_builds_are_swept_away(shop: Workshop) -> None:
    for name, age in ((".building-old", 3 * 86400), (".building-new", 0)):
        (shop.kept / name).mkdir(parents=True)
        os.utime(shop.kept / name, (time.time() - age,) * 2)
    report = shop.build()
    assert shop.left() == sorted([".building-new", report.fingerprint])


# -- damage to what was kept -----------------------------------------------------------------------------------------
def _edit_report(path: Path, **changes: object) -> None:
    stored = json.loads(path.read_text())
    stored["report"] |= changes
    path.write_text(json.dumps(stored))


@pytest.mark.parametrize(
    "damage",
    [
        lambda home: (home / "A.vo").write_bytes(b"other"),
        lambda home: (home / "A.vo").unlink(),
        lambda home: (home / "A.v").write_text("Theorem one : False."),
        lambda home: (home / "AXIOMS").write_text(COMMITTED + "B.cheat : False\n"),
        lambda home: (home / "report.json").unlink(),
        lambda home: (home / "report.json").write_text("{"),
        lambda home: (home / "report.json").write_text("[]"),
        lambda home: _edit_report(home / "report.json", cpu_seconds=0.001),
        lambda home: _edit_report(home / "report.json", checked=True),
        lambda home: _edit_report(home / "report.json", axioms=[]),
        lambda home: _edit_report(home / "report.json", status="failed"),
    ],
)
def test_a_damaged_build_is_not_believed(shop: Workshop, damage: object) -> None:
    first = shop.build()
    assert first.folder is not None
    damage(Path(first.folder))  # type: ignore[operator]
    second = shop.build()
    assert second.ok
    assert not second.cached
    assert second.checked is None
    assert shop.build().cached


# -- coqchk ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("to_stderr", [True, False])
def test_coqchk_is_run_once_when_asked(shop: Workshop, to_stderr: bool) -> None:
    shop.plan(to_stderr=to_stderr)
    assert shop.build().checked is None
    assert shop.build(check=True).checked is True
    again = shop.build(check=True)
    assert again.checked is True
    assert again.cached
    asked = [line for line in shop.calls() if "-silent" in line]
    assert len(asked) == 1
    assert asked[0].endswith("-R . TOY TOY.A TOY.B")


@pytest.mark.parametrize(
    "changes",
    [
        {"coqchk_status": 1},
        {"summary": ""},
        {"summary": SUMMARY.replace("Coq.Reals.Real.decide", "Coq.Reals.Real.decide\n    TOY.B.cheat")},
        {"summary": SUMMARY.replace("Coq.Reals.Real.decide", "Coq.Reals.Unreal.decide")},
        {"summary": SUMMARY.replace("type-in-type: <none>", "type-in-type:\n    TOY.A.one")},
        {"summary": SUMMARY.replace("assumed: <none>", "assumed:\n    TOY.A.t")},
        {"summary": SUMMARY.replace("Set is predicative", "Set is impredicative")},
    ],
)
def test_what_coqchk_does_not_accept_has_failed(shop: Workshop, changes: dict[str, object]) -> None:
    shop.plan(**changes)
    report = shop.build(check=True)
    assert report.status is CoqStatus.FAILED
    assert report.checked is False
    assert shop.left() == []


def test_without_coqchk_a_check_fails(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.bin / "coqchk").unlink()
    monkeypatch.setenv("PATH", str(shop.sources))
    report = shop.build(check=True)
    assert report.status is CoqStatus.FAILED
    assert "not installed" in report.reason


# -- the project file ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "-R . TOY\nA.v\n",
        "-R . TOY\nA.v\nB.v\nB.v\n",
        "-R . TOY\nA.v\nB.v\nC.v\n",
        "A.v\nB.v\n",
        "-R . TOY\n-arg -type-in-type\nA.v\nB.v\n",
        "-R . TOY\n-arg -w\n-arg -none\n-arg -type-in-type\nA.v\nB.v\n",
        "-R . TOY\n-Q /elsewhere Coq\nA.v\nB.v\n",
        "-R . TOY\n../A.v\nA.v\nB.v\n",
        "-R . TOY\nA.v\nB.v\n-arg -w\n",
    ],
)
def test_a_project_file_that_hides_something_is_bad_input(shop: Workshop, text: str) -> None:
    (shop.sources / "_CoqProject").write_text(text)
    with pytest.raises(InputError, match="_CoqProject"):
        shop.build()


def test_axioms_are_read_as_coq_prints_them() -> None:
    assert parse_axioms(COMMITTED) == axioms_of(LISTED)
    assert axioms_of("Closed under the global context\n") == {}
    with pytest.raises(ValueError, match="not a list"):
        axioms_of("x\nClosed under the global context\n")


# -- the sources, as text --------------------------------------------------------------------------------------------
DEV: Development = development()
TEXTS = {name: (DEV.folder / name).read_text(encoding="utf-8") for name in DEV.files}
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjecture|Abort|Admit|Obligations?|Declare|Load|Cd|Drop|Extraction"
    r"|bypass_check|Unset\s+(?:Guard|Positivity|Universe)\s+Checking|Set\s+\w+\s+Checking|type_in_type)\b"
)


def without_comments(text: str) -> str:
    """Coq text without comments, which nest."""
    depth, out, at = 0, [], 0
    while at < len(text):
        if text.startswith("(*", at) and not text.startswith("(*)", at):
            depth, at = depth + 1, at + 2
        elif depth and text.startswith("*)", at):
            depth, at = depth - 1, at + 2
        else:
            out.append("" if depth else text[at])
            at += 1
    assert depth == 0
    return "".join(out)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", DEV.files)
def test_no_unfinished_proof_and_no_axiom(name: str) -> None:
    code = without_comments(TEXTS[name])
    assert not FORBIDDEN.findall(code)
    depth = 0  # a Variable or Hypothesis outside a section would be an axiom
    for line in code.splitlines():
        depth += bool(re.match(r"\s*Section \w+\.", line)) - bool(re.match(r"\s*End \w+\.", line))
        assert depth > 0 or not re.match(r"\s*(Variables?|Hypothes[ie]s|Context)\b", line), line
    assert depth == 0
    assert code.count("Proof.") == code.count("Qed.") + code.count("Defined.")
    assert len(re.findall(r"^(?:Lemma|Theorem|Corollary)\b", code, re.MULTILINE)) <= code.count("Proof.")


@pytest.mark.parametrize("name", DEV.files)
def test_each_file_says_first_what_it_proves(name: str) -> None:
    header = re.match(r"\(\*\* (.{80,}?) \*\)\n", TEXTS[name], re.DOTALL)
    assert header is not None
    assert header[1].rstrip().endswith(".")
    assert max(map(len, TEXTS[name].splitlines())) <= 160


def test_the_final_statements_use_nothing_of_the_development() -> None:
    code = without_comments(TEXTS["Statements.v"])
    assert set(re.findall(r"^From (\w+) Require", code, re.MULTILINE)) == {"Coq", "mathcomp", "Coquelicot"}
    assert DEV.name not in re.findall(r"\w+", code)
    stated = re.findall(r"^Definition (\w+)_statement : Prop :=", code, re.MULTILINE)
    assert len(stated) == code.count("Definition ") == 5
    proved = re.findall(r"^Theorem (\w+)_final : (\w+)_statement\.", without_comments(TEXTS["Final.v"]), re.MULTILINE)
    assert proved == [(name, name) for name in stated]


def test_every_constant_of_the_table_is_stated_in_its_file() -> None:
    for constant in DEV.constants():
        module, _, name = constant.partition(".")
        assert re.search(
            rf"^(Theorem|Lemma|Corollary) {name}\b", without_comments(TEXTS[f"{module}.v"]), re.MULTILINE
        ), constant


def test_no_theorem_escapes_the_axiom_listing() -> None:
    named = set(DEV.constants())
    for name, text in TEXTS.items():
        for theorem in re.findall(r"^(?:Theorem|Corollary) (\w+)", without_comments(text), re.MULTILINE):
            assert f"{name[:-2]}.{theorem}" in named


def test_the_table_names_every_theorem_and_hypothesis_of_the_registry() -> None:
    table = DEV.table()
    assert set(theorems.THEOREMS) <= set(table["theorems"])
    assert set(theorems.HYPOTHESES) == set(table["hypotheses"]) == set(table["needed"])
    assert set(facts.FACTS) == set(table["facts"])


def test_the_table_names_every_rule_that_stands_for_a_fact() -> None:
    folder = Path(facts.__file__).parent
    rules = set()
    for module in ("calculus", "existence", "order"):
        tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
        rules |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    table = DEV.table()["rules"]
    assert rules - {"reflexive"} <= set(table)
    for rule, lemmas in table.items():
        assert all(lemma.startswith(f"Rules.rule_{rule}") for lemma in lemmas)


def test_the_coq_form_of_each_hypothesis_stands_in_the_sources() -> None:
    everything = flat(" ".join(map(without_comments, TEXTS.values())))
    for form in DEV.table()["hypotheses"].values():
        assert flat(form) in everything


def test_the_committed_axioms_are_those_of_the_standard_library() -> None:
    names = set(DEV.axioms())
    assert names == {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }


def test_the_sources_are_found_beside_the_proofs() -> None:
    assert coq_sources.sources_folder().parts[-2:] == ("proofs", "coq")
