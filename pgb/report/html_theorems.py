"""The page of `pgb report` without a problem: theorems with proofs, the ledger, the cases. Prints; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from pgb import library
from pgb.evidence import Evidence
from pgb.ledger import Row, Status
from pgb.report import html_cases, notation
from pgb.report.html import Html, contents, element, folded, join, label, legend, link, number, page, section, table
from pgb.report.verification import TwinOnly, Verification, coq_names
from pgb.theorems import HYPOTHESES, NUMERICAL, THEOREMS

if TYPE_CHECKING:
    from pgb.kernel import Term
    from pgb.library import CheckedProof, Milestone
    from pgb.report.proofs import ProofResult


def document(result: Verification) -> str:
    """Return the whole page.

    Parameters
    ----------
    result
        What `pgb verify` found in this process; its proofs are looked up in the library, where they are kept.
    """
    proofs = {r.name: library.check_proof(r.name) for r in result.theorems if r.ok}
    pairs = [("theorems", "Theorems"), ("ledger", "Ledger"), ("cases", "Cases"), ("words", "What the words promise")]
    return page(
        "pgb: theorems, ledger and counterexamples",
        element("h1", "Bad local minima: theorems, ledger and counterexamples"),
        element("p", f"pgb {version('pgb')}. {_counts(result)}"),
        contents(pairs),
        section("words", "What the words promise", legend()),
        section("theorems", "Theorems", _overview(result), _notation(proofs), long=True),
        *(_theorem(r, proofs.get(r.name)) for r in result.theorems),
        *(_twin_only(t) for t in result.twin_only),
        *(section(f"law-{n}", join([n, " ", label(Evidence.NUMERICAL)]), element("p", says), level=3)
          for n, says in NUMERICAL.items()),
        section("ledger", "Ledger: every hypothesis is used and needed, or not needed", _ledger(result, proofs),
                long=True),
        section("cases", "Published minima, dropped hypotheses, failure modes", html_cases.overview(result.cases),
                long=True),
        *(html_cases.case(c) for c in result.cases),
    )  # fmt: skip


def _counts(result: Verification) -> str:
    closed = sum(r.status is not Status.OPEN for r in result.rows)
    rest = len(result.twin_only)
    return (
        f"{sum(t.ok for t in result.theorems)} of {len(result.theorems)} theorems proved for all sizes, "
        f"{sum(c.ok for c in result.cases)} of {len(result.cases)} cases reproduced, "
        f"{closed} of {len(result.rows)} ledger rows closed"
        + (f"; {rest} further theorems are in the formal twin only." if rest else ".")
    )


def _overview(result: Verification) -> Html:
    rows: list[tuple[Html | str, ...]] = []
    for r in result.theorems:
        consumed = ", ".join(r.hypotheses) or "none"
        cells = (label(r.status), consumed, str(len(r.rests_on)), number(r.applications))
        rows.append((link(f"theorem-{r.name}", r.name), *cells))
    for t in result.twin_only:
        rows.append((link(f"theorem-{t.name}", t.name), label(t.status), f"formal twin only: {_built(t)}", "", ""))
    for n in NUMERICAL:
        rows.append((link(f"law-{n}", n), label(Evidence.NUMERICAL), "measured along flows", "", ""))
    return table(
        "For all numbers of samples, inputs and outputs. Facts: how many facts of analysis it rests on. "
        "Steps: rule applications of the whole derivation.",
        ("theorem", "status", "hypotheses consumed", "facts", "steps"),
        rows,
        numbers=("facts", "steps"),
    )


def _built(t: TwinOnly) -> str:
    return f"{t.coq[0] if t.coq else 'none'}, {'built here' if t.built else 'not built here'}"


def _notation(proofs: Mapping[str, CheckedProof]) -> Html:
    lines = notation.legend(p.theorem.concl for p in proofs.values())
    return folded("Notation: what the statements abbreviate", element("pre", "\n".join(lines)))


def _theorem(result: ProofResult, proof: CheckedProof | None) -> Html:
    known = THEOREMS.get(result.name)
    heading = join([result.name, " ", label(result.status)])
    about = [element("p", known.says), element("p", f"Source: {known.source}.", class_="soft")] if known else []
    if proof is None:
        theorem, step, rule, reason = result.refusal or (result.name, "", "", "")
        refused = element("p", f"Refused in {theorem}, step “{step}”, by {rule}: {reason}", class_="bad")
        return section(f"theorem-{result.name}", heading, *about, refused, level=3)
    given = [
        join([element("dt", name), element("dd", HYPOTHESES.get(name, ""), element("pre", notation.text(formula)))])
        for name, formula in proof.hypotheses
    ]
    facts = join([element("dt", "rests on"), element("dd", ", ".join(result.rests_on) or "the logic alone")])
    twin = join([element("dt", "formal twin"), element("dd", "Coq: " + ", ".join(coq_names(result.name)))])
    return section(
        f"theorem-{result.name}", heading, *about, element("pre", result.statement),
        element("dl", *given, facts, twin if coq_names(result.name) else None),
        folded(f"Proof: {len(proof.milestones)} steps, {proof.applications} rule applications", _steps(proof)),
        level=3, long=True,
    )  # fmt: skip


def _twin_only(t: TwinOnly) -> Html:
    return section(
        f"theorem-{t.name}", join([t.name, " ", label(t.status)]), element("p", t.says),
        element("p", f"No kernel proof. Formal twin in Coq: {', '.join(t.coq) or 'none'} "
                     f"({'built here' if t.built else 'not built here'})."),
        level=3,
    )  # fmt: skip


def _steps(proof: CheckedProof) -> Html:
    declared = {formula: name for name, formula in proof.hypotheses}
    numbers = {m.statement: m.number for m in proof.milestones if m.assumption}
    return element("ol", [_step(proof.name, m, declared, numbers) for m in proof.milestones], class_="steps")


def _step(theorem: str, m: Milestone, declared: dict[Term, str], numbers: dict[Term, int]) -> Html:
    notes: list[Html | str] = []
    if not m.assumption:
        notes = ["; ".join(notation.grounds(m, declared, numbers))]
        if m.lemma is not None:
            notes.append(link(f"theorem-{m.lemma}", f"see {m.lemma}"))
        if m.hypotheses:
            notes.append(element("strong", f"uses {', '.join(m.hypotheses)}"))
        if m.facts:
            notes.append(f"rests on {', '.join(m.facts)}")
    return element(
        "li", notation.prettier(m.label), element("pre", notation.text(m.statement)),
        element("p", join(notes, "; "), class_="soft") if notes else None, id=f"step-{theorem}-{m.number}",
    )  # fmt: skip


def _ledger(result: Verification, proofs: Mapping[str, CheckedProof]) -> Html:
    rows = [
        (link(f"theorem-{r.theorem}", r.theorem),
         element("span", r.hypothesis, class_="whole", title=HYPOTHESES.get(r.hypothesis)),
         _uses(r, proofs), join((link(f"case-{c}", c) for c in r.counterexamples), ", ") or "none", _row_status(r))
        for r in result.rows
    ]  # fmt: skip
    return table(
        "A row is closed when a step of a checked proof uses the hypothesis and a certified case breaks the theorem "
        "without it, or when the proof does not use it.",
        ("theorem", "hypothesis", "used by step", "broken by counterexample", "status"), rows,
    )  # fmt: skip


def _row_status(row: Row) -> Html:
    return element("span", str(row.status), class_="open whole" if row.status is Status.OPEN else "whole")


def _uses(row: Row, proofs: Mapping[str, CheckedProof]) -> Html | str:
    if not row.used_by:
        return "the proof does not use it"
    shown = [_use(row.theorem, use, proofs) for use in row.used_by]
    return shown[0] if len(shown) == 1 else element("ul", [element("li", s) for s in shown])


def _use(theorem: str, use: str, proofs: Mapping[str, CheckedProof]) -> Html | str:
    """Return a use as a link to the step that it names.

    A use is a label of the proof itself, ``lemma: label``, or ``refused for an objective: label (rule)``, where the
    label may stand in the proof of any theorem that is quoted.
    """
    before, colon, rest = use.partition(": ")
    candidates = [(theorem, use)]
    if colon and before in proofs:
        candidates.append((before, rest))
    elif use.startswith("refused for "):
        candidates += [(name, rest.rpartition(" (")[0]) for name in dict.fromkeys((theorem, *proofs))]
    for name, sentence in candidates:
        for m in proofs[name].milestones if name in proofs else ():
            if m.label == sentence:
                return link(f"step-{name}-{m.number}", notation.prettier(use))
    return notation.prettier(use)
