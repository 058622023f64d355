"""The table of the two proofs of each statement agrees with the Python kernel, its library and its registry. No Coq is run."""

import re

import pytest

from pgb import coq_sources, library, theorems
from pgb.kernel.facts import FACTS

FOLDER = coq_sources.sources_folder()
SOURCES = {p.stem: p.read_text(encoding="utf-8") for p in sorted(FOLDER.glob("*.v"))}
TABLE = coq_sources.development(FOLDER).table()


def lemmas(module: str) -> set[str]:
    """Return the names proved in a file of `proofs/coq`."""
    return set(re.findall(r"^(?:Theorem|Lemma|Corollary)\s+(\w+)", SOURCES[module], re.MULTILINE))


@pytest.mark.parametrize("name", sorted(FACTS))
def test_each_fact_of_the_kernel_names_its_lemmas(name: str) -> None:
    assert FACTS[name].coq
    assert list(FACTS[name].coq) == TABLE["facts"][name]
    for constant in FACTS[name].coq:
        module, lemma = constant.split(".")
        assert module == "Rules"
        assert lemma in lemmas(module)


def test_no_fact_is_missing_on_either_side() -> None:
    assert set(FACTS) == set(TABLE["facts"])


def test_the_lemmas_of_a_fact_are_those_of_its_rules() -> None:
    by_rules = {lemma for names in TABLE["rules"].values() for lemma in names}
    assert {lemma for fact in FACTS.values() for lemma in fact.coq} <= by_rules


def test_every_theorem_of_the_library_has_its_formal_twin() -> None:
    assert set(library.proof_names()) <= set(TABLE["theorems"])
    for name in library.proof_names():
        for constant in TABLE["theorems"][name]:
            module, theorem = constant.split(".")
            assert theorem in lemmas(module), (name, constant)


def test_the_table_speaks_of_known_theorems_and_hypotheses_alone() -> None:
    assert set(TABLE["theorems"]) == set(theorems.THEOREMS)
    assert set(TABLE["hypotheses"]) == set(TABLE["needed"]) == set(theorems.HYPOTHESES)


def test_every_hypothesis_that_a_proof_declares_is_in_the_table() -> None:
    for name in library.proof_names():
        module = library.load_proof(name)
        assert {*module.HYPOTHESES, *module.STRUCTURE} <= set(TABLE["hypotheses"]), name
    known = library.statements()
    assert {*known.HYPOTHESES, *known.STRUCTURE} <= set(TABLE["hypotheses"])
