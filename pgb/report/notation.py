"""Statements and proofs in mathematical notation: Unicode text, LaTeX, and proofs as numbered steps. Untrusted: decides nothing.

`printer` writes the terms; here are whole statements, legends of the definitions they name, and the steps of a checked proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from pgb.kernel import Term, Type, eta, var
from pgb.report.folding import Definition
from pgb.report.printer import LATEX, STEMS, UNICODE, Printer
from pgb.report.vocabulary import definitions

if TYPE_CHECKING:
    from pgb.library import CheckedProof, Milestone


def text(term: Term, *, fold: bool = True) -> str:
    """Return a term or formula as Unicode text, a long formula over several lines.

    Parameters
    ----------
    fold
        Whether to write L, L̃, local minimum, ... for what they abbreviate.
    """
    return "\n".join(Printer(UNICODE, definitions() if fold else ()).lines(term))


def latex(term: Term, *, fold: bool = True) -> str:
    """Return a term or formula as LaTeX, for math mode."""
    return Printer(LATEX, definitions() if fold else ()).show(term)


def legend(terms: Iterable[Term]) -> list[str]:
    """Return one line for each definition that the text of these terms abbreviates, in the order of use."""
    lines: dict[str, str] = {}
    componentwise = False
    pending: list[Definition] = []
    for term in terms:
        printer = Printer(UNICODE, definitions())
        printer.show(term)
        pending += printer.used
    while pending:
        d = pending.pop(0)
        componentwise = componentwise or d.key.startswith(("close", "same", "zero"))
        if d.explained and d.key not in lines:
            lines[d.key], used = _spelled_out(d)
            pending += used
    last = ["u = v and |u - v| < s, for vectors and matrices, mean this for every component"]
    return [*lines.values(), *(last if componentwise else [])]


def _spelled_out(d: Definition) -> tuple[str, list[Definition]]:
    """Return the line that spells a definition out, and the definitions that this line uses."""
    names = [var(stem, type_) for stem, type_ in zip(d.letters or _letters(d.slots), d.slots, strict=True)]
    body = d.build(*map(eta, names))
    inlined = {d.key, *(("data_term",) if d.key == "augmented" else ())}
    printer = Printer(UNICODE, tuple(other for other in definitions() if other.key not in inlined))
    printer.show(body)
    written = " ".join(line.strip() for line in printer.lines(body))
    head = d.text.format(*(printer.argument(eta(v)) for v in names))
    return f"{head} {'means' if body.sort == 'bool' else '='} {written}", printer.used


def _letters(types: Sequence[Type]) -> list[str]:
    """Return a usual letter for each parameter of a definition."""
    letters: list[str] = []
    for type_ in types:
        letters.append(next(s for s in STEMS[type_] if s not in letters))
    return letters


def steps(proof: CheckedProof) -> str:
    """Return a checked proof as numbered steps: what each reaches, by which rules, from which hypotheses and facts."""
    declared = {formula: name for name, formula in proof.hypotheses}
    numbers = {m.statement: m.number for m in proof.milestones if m.assumption}
    blocks = [f"{proof.name}. {prettier(proof.title)}.\n"]
    for m in proof.milestones:
        blocks.append(_step(m, declared, numbers))
    statement = "\n".join(f"  {line}" for line in text(proof.theorem.concl).split("\n"))
    blocks.append(f"Theorem {proof.name}.\n{statement}")
    if proof.hypotheses:
        given = "\n".join(f"  {name}: {_one_line(formula)}" for name, formula in proof.hypotheses)
        blocks.append(f"Hypotheses.\n{given}")
    where = legend([proof.theorem.concl, *(m.statement for m in proof.milestones), *declared])
    if where:
        blocks.append("Where\n" + "\n".join(f"  {line}" for line in where))
    facts = ", ".join(proof.rests_on)
    blocks.append(f"It rests on {facts}." if facts else "It rests on no fact of analysis.")
    blocks.append(f"A checked derivation from {len(proof.rules)} stated rules ({proof.applications} applications).")
    return "\n".join(blocks) + "\n"


def _step(m: Milestone, declared: dict[Term, str], numbers: dict[Term, int]) -> str:
    """Return one numbered step."""
    out = [f"{m.number:3d}. {prettier(m.label)}."]
    out += [f"       {line}" for line in text(m.statement).split("\n")]
    notes = () if m.assumption else (*grounds(m, declared, numbers), *consumed(m))
    return "\n".join([*out, *(f"       [{note}]" for note in notes)]) + "\n"


def grounds(m: Milestone, declared: dict[Term, str], numbers: dict[Term, int]) -> list[str]:
    """Return what a step stands on: open suppositions, lemmas, rules.

    Parameters
    ----------
    declared
        Formula to name, of the hypotheses of the theorem.
    numbers
        Formula to number, of the suppositions of the proof.
    """
    local = [h for h in m.theorem.hyps if h not in declared]
    under = sorted(numbers[h] for h in local if h in numbers)
    notes = []
    if under:
        notes.append(f"under {', '.join(f'({n})' for n in under)}")
    others = [h for h in local if h not in numbers]
    if m.lemma is not None and others:
        notes.append(f"under the hypotheses of {m.lemma}")
    elif others:
        notes += [f"given {_one_line(h)}" for h in others]
    if m.lemma is not None:
        notes.append(f"theorem {m.lemma}, checked ({m.applications} further applications)")
    else:
        notes.append("by " + ", ".join(rule if n == 1 else f"{rule} x{n}" for rule, n in m.rules))
    return notes


def consumed(m: Milestone) -> list[str]:
    """Return the hypotheses and facts that a step uses, in words."""
    notes = [f"uses {', '.join(m.hypotheses)}"] if m.hypotheses else []
    return notes + ([f"rests on {', '.join(m.facts)}"] if m.facts else [])


def _one_line(term: Term) -> str:
    return " ".join(line.strip() for line in text(term).split("\n"))


_SIGNS: Final = (
    (r"\bdLt/d", "∂L̃/∂"), (r"\bdL2/d", "∂L2/∂"), (r"\bLt\b", "L̃"), (r"\btheta(?=\b|_|2)", "θ"), (r"\bmu\b", "μ"),
    (r"\blambda\b", "λ"),
    (r"\bbeta\b", "β"), (r"\bradius\b", "ρ"), (r"\beps\b", "ε"), (r"\bphi(?=\b|_)", "φ"), (r"\brho\b", "ϱ"),
    (r"\balpha(?=\b|_)", "α"), (r"\bzeta(?=\b|_)", "ζ"), (r"\bdphi\b", "∂φ"), (r"\bpsi\b", "ψ"), (r"\bsum_", "Σ_"), (r"\bd_([kcp])\b", r"∂_\1"), (r"\bda_", "∂a_"), (r"\bgrad ", "∇"),
    ("<=", "≤"), (">=", "≥"), (r"\^2\b", "²"), (r"(?<=[\w)]) \. (?=[\w(])", " · "),
    (r"(?<![A-Za-z]{2})(?<=[\w)])'", "′"),
)  # fmt: skip


def prettier(sentence: str) -> str:
    """Return a sentence of a proof with θ for theta, Σ for sum, and so on."""
    for pattern, sign in _SIGNS:
        sentence = re.sub(pattern, sign, sentence)
    return sentence
