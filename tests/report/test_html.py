"""The HTML report: well-formed, self-contained, no scripts; its numbers are the record's; user text is text."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pgb import cases, checking, cli, ledger, library
from pgb import problem as problems
from pgb.report import html, html_problem, html_theorems, verification
from pgb.report.proofs import check_module
from pgb.theorems import NUMERICAL, THEOREMS

CUBIC = """
title = "<script>alert('title')</script> & \\"quotes\\""
source = "<b>bold</b>"
[network]
kind = "formula"
formula = ["theta^3 - 3*theta"]
parameters = ["theta"]
[loss]
name = "squared"
[data]
x = [["1"]]
y = [["5"]]
[points.spurious]
theta = "-1"
"""
DEEP = """
title = "three parameters"
[network]
kind = "linear"
layers = [1, 1, 1, 1]
[loss]
name = "squared"
[data]
x = [["1"], ["2"]]
y = [["1"], ["3"]]
[ridge]
weights = { w1_1_1 = "1/10", w2_1_1 = "1/12", w3_1_1 = "1/15" }
"""
OUTSIDE = ("http:", "https:", "//", "file:", "javascript:")


class Page(HTMLParser):
    """Parses strictly: every element is closed in order; collects ids, links, sources, numbers and text."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.numbers: list[str] = []
        self.alts: list[str] = []
        self.text: list[str] = []
        self.feed(document)
        self.close()
        assert self.open == [], "unclosed elements"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        assert len(found) == len(attrs), f"an attribute of {tag} is given twice"
        self.tags.append(tag)
        self.attributes += [*found.items()]
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag == "img":
            self.sources.append(found["src"])
            self.alts.append(found["alt"])
        if tag == "data":
            self.numbers.append(found["value"])
        if tag not in html.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@cache
def of_problem(text: str) -> tuple[Page, checking.Check]:
    problem = problems.loads(text)
    found = checking.check(problem, seconds=20)
    return Page(html_problem.document(problem, found, text)), found


@cache
def of_theorems() -> tuple[Page, verification.Verification]:
    """A small run: two theorems, one refused proof, two cases, the ledger rows of the two theorems."""
    proved = [check_module(n)[0] for n in ("vanishing", "vanishing_at_minima")]
    refused = check_module(str(library.proofs_folder() / "refused" / "dropped_convexity.py"))[0]
    reports = tuple(cases.reproduce(n) for n in ("bias", "straight_line"))
    rows = tuple(r for t in proved for r in ledger.rows(t.name, verification.broken_pairs(reports)))
    rest = verification.twin_only(tuple(t.name for t in proved), built=False)
    result = verification.Verification((*proved, refused), reports, rows, twin_only=rest)
    return Page(html_theorems.document(result)), result


@pytest.fixture(params=["cubic", "deep", "theorems"])
def page(request: pytest.FixtureRequest) -> Page:
    return {"cubic": lambda: of_problem(CUBIC), "deep": lambda: of_problem(DEEP), "theorems": of_theorems}[
        request.param
    ]()[0]


def test_ids_are_unique_and_every_link_resolves(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert [a for a in page.links if not a.startswith("#") or a[1:] not in page.ids] == []


def test_nothing_comes_from_elsewhere_and_nothing_runs(page: Page) -> None:
    assert "script" not in page.tags
    assert all(src.startswith("data:image/png;base64,") for src in page.sources)
    urls = [v for k, v in page.attributes if k in ("src", "href", "action", "data", "background", "style")]
    assert [u for u in urls if u.startswith(OUTSIDE)] == []
    assert [k for k, _ in page.attributes if k.startswith("on")] == []


def test_pictures_are_there_and_described(page: Page) -> None:
    assert page.sources
    assert all(len(alt) > 30 for alt in page.alts)
    assert page.words.count("an illustration, no evidence") == len(page.sources)


def test_the_outline_is_accessible(page: Page) -> None:
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("nav") == 1
    assert page.tags.count("caption") == page.tags.count("table")
    assert ("lang", "en") in page.attributes
    assert {v for k, v in page.attributes if k == "scope"} == {"col", "row"}


@pytest.mark.parametrize("text", [CUBIC, DEEP], ids=["cubic", "deep"])
def test_numbers_are_those_of_the_record(text: str) -> None:
    page, found = of_problem(text)
    record = found.to_json()
    assert record["local_minima"]["original"]
    for minimum in record["local_minima"]["original"]:
        assert {minimum["value"], *minimum["theta"].values()} <= set(page.numbers)
        if minimum["escape"] is not None:
            assert {minimum["escape"]["limit"], *(v for _, v in minimum["escape"]["values"])} <= set(page.numbers)
    assert found.critical is not None
    for point in found.critical.to_json()["points"]:
        assert {point["value"], *point["theta"].values()} <= set(page.numbers)
    for verdict in record["verdicts"]:
        assert verdict["theorem"] in page.words
        assert " ".join(verdict["reason"].split()) in page.words
    assert page.words.count("VACUOUS") == sum(v["verdict"] == "vacuous" for v in record["verdicts"])


def test_numbers_shown_are_their_values_rounded() -> None:
    assert (
        html.number("2.279018786166593579491442605776")
        == '<data value="2.279018786166593579491442605776">2.27901879</data>'
    )
    assert html.number("-1") == '<data value="-1">−1</data>'
    assert html.number("<oo>") == '<data value="&lt;oo&gt;">&lt;oo&gt;</data>'


def test_user_text_is_text() -> None:
    page, _ = of_problem(CUBIC)
    assert "<script>alert('title')</script> & \"quotes\"" in page.words
    assert "<b>bold</b>" in page.words
    assert "b" not in page.tags


def test_a_string_is_never_taken_for_markup() -> None:
    assert (
        html.element("p", "<i>", html.element("em", "&"), title='"<')
        == '<p title="&quot;&lt;">&lt;i&gt;<em>&amp;</em></p>'
    )
    joined = f"{html.element('em', 'x')}"  # formatting makes it a plain string again
    assert html.join([joined]) == "&lt;em&gt;x&lt;/em&gt;"


def test_every_theorem_is_on_the_page_with_its_evidence() -> None:
    page, result = of_theorems()
    sections = {i.removeprefix("theorem-") for i in page.ids if i.startswith("theorem-")}
    assert sections == {*THEOREMS, "dropped_convexity"}
    assert {i.removeprefix("law-") for i in page.ids if i.startswith("law-")} == set(NUMERICAL)
    for t in result.theorems:
        assert " ".join(t.statement.split()) in page.words
    assert "Refused in dropped_convexity" in page.words
    assert "not built here" in page.words


def test_steps_carry_the_hypotheses_they_consume_and_the_ledger_links_to_them() -> None:
    page, result = of_theorems()
    for t in result.theorems[:2]:
        proof = library.check_proof(t.name)
        assert all(f"step-{t.name}-{m.number}" in page.ids for m in proof.milestones)
        assert f"{len(proof.milestones)} steps, {proof.applications} rule applications" in page.words
    assert "uses lambda_positive" in page.words
    last = max(m.number for m in library.check_proof("vanishing").milestones if "lambda_positive" in m.hypotheses)
    assert f"#step-vanishing-{last}" in page.links
    rows = [use for r in result.rows for use in r.used_by]
    assert sum(a.startswith("#step-") for a in page.links) == len(rows)  # every use of the ledger links to its step
    assert page.links.count("#case-bias") >= 3  # in the overview, and in the ledger rows of two theorems


def test_cases_show_their_claims_and_numbers() -> None:
    page, result = of_theorems()
    for report in result.cases:
        assert f"case-{report.name}" in page.ids
        for claim in report.claims:
            assert " ".join(claim.sentence.split()) in page.words
    assert {"10/11", "0"} <= set(page.numbers)


def test_a_failed_claim_is_marked() -> None:
    _, result = of_theorems()
    report = result.cases[0]
    wrong = replace(report, claims=(replace(report.claims[0], ok=False), *report.claims[1:]))
    failed = Page(html_theorems.document(replace(result, cases=(wrong,), rows=())))
    assert "FAILED" in failed.words
    assert "0 of 1 cases reproduced" in failed.words


def test_the_command_writes_page_and_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    problem, out, record = tmp_path / "cubic.toml", tmp_path / "page.html", tmp_path / "record.json"
    problem.write_text(CUBIC)

    def run(*arguments: object) -> object:
        monkeypatch.setattr(sys, "argv", ["pgb", "report", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code

    assert run(problem, "-o", out, "--json", record) == 0
    page = Page(out.read_text(encoding="utf-8"))
    found = json.loads(record.read_text())
    assert {m["value"] for m in found["local_minima"]["original"]} <= set(page.numbers)
    assert str(out) in capsys.readouterr().out
    assert run(problem, "-o", tmp_path / "no" / "page.html") == 2
    assert run(problem) == 2
    assert "-o" in capsys.readouterr().err


@pytest.mark.slow
def test_the_whole_page_is_below_a_megabyte(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "all.html"
    monkeypatch.setattr(sys, "argv", ["pgb", "report", "-o", str(out)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0
    assert out.stat().st_size < 1_100_000
    page = Page(out.read_text(encoding="utf-8"))
    assert [a for a in page.links if a[1:] not in page.ids] == []
    assert {*cases.case_names()} <= {i.removeprefix("case-") for i in page.ids}
    assert len(page.sources) >= 40
    assert "is written" in capsys.readouterr().out
