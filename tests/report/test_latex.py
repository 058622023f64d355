"""LaTeX of every theorem, hypothesis and proof step: plain ASCII that a TeX parser accepts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.mathtext import MathTextParser

from pgb import library
from pgb.kernel import Term
from pgb.report import notation

mpl.use("Agg")
PARSER = MathTextParser("path")
# What LaTeX with amsmath knows and matplotlib's TeX parser does not, by what it calls them.
KNOWN = {r"\implies": r"\Longrightarrow", r"\iff": r"\Longleftrightarrow", r"\le": r"\leq", r"\Bigl": "", r"\Bigr": ""}


def accepts(written: str) -> None:
    """Raise unless a TeX parser accepts the formula: its commands, braces, subscripts and primes."""
    assert written.isascii(), written
    for command, substitute in KNOWN.items():
        written = re.sub(re.escape(command) + r"(?![A-Za-z])", lambda _, s=substitute: s, written)
    PARSER.parse(f"${written}$")


def formulas(name: str) -> list[Term]:
    proof = library.check_proof(name)
    return [proof.theorem.concl, *(f for _, f in proof.hypotheses), *(m.statement for m in proof.milestones)]


@pytest.mark.parametrize("name", library.proof_names())
def test_every_formula_of_a_proof_is_latex(name: str) -> None:
    for term in formulas(name):
        accepts(notation.latex(term))


@pytest.mark.parametrize(
    "wrong", ["\\nablal_i", "a_{k", "a_i_j", "x^2^3", "\\theta\N{PRIME}", "\\frac{1}"],
    ids=["command", "brace", "subscript", "power", "prime", "argument"],
)  # fmt: skip
def test_wrong_latex_would_be_noticed(wrong: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        accepts(wrong)


def test_primed_indices_stay_below() -> None:
    """A prime after an unbraced index would be set above the sum: sum_p' is not sum_{p'}."""
    written = [notation.latex(term) for name in library.proof_names() for term in formulas(name)]
    assert [w for w in written if re.search(r"_[A-Za-z]'", w)] == []
    assert any("'" in w for w in written)


def test_latex_compiles_where_tex_is_installed(tmp_path: Path) -> None:
    """Without a TeX engine the document is only checked for its shape; the parser above has read every formula."""
    body = "\n".join(rf"\[ {notation.latex(library.check_proof(n).theorem.concl)} \]" for n in library.proof_names())
    document = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n" + body + "\n\\end{document}\n"
    assert document.isascii()
    engine = shutil.which("pdflatex") or shutil.which("lualatex")
    if engine:
        (tmp_path / "all.tex").write_text(document)
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
