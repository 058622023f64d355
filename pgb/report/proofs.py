"""The outcome of checking proofs, as plain data for tables, records and other processes."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from pgb import library
from pgb.evidence import Evidence
from pgb.report import notation


@dataclass(frozen=True, slots=True)
class ProofResult:
    """The outcome of checking one proof, as plain data that can cross processes.

    Attributes
    ----------
    status
        `proved`, or `undecided` when the proof was refused.
    hypotheses, rests_on
        Identifiers of the hypotheses consumed, and the facts of analysis used.
    statement
        The theorem, pretty-printed from the kernel's own term.
    applications, rules
        Rule applications in the whole derivation, and how many different rules.
    refusal
        For a refused proof: theorem, step, rule and reason.
    """

    name: str
    title: str
    status: Evidence
    hypotheses: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    statement: str = ""
    applications: int = 0
    rules: int = 0
    seconds: float = 0.0
    refusal: tuple[str, str, str, str] | None = None

    @property
    def ok(self) -> bool:
        """Did the proof go through?"""
        return self.status is Evidence.PROVED

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data with stable keys."""
        record: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "status": str(self.status),
            "hypotheses": list(self.hypotheses),
            "rests_on": list(self.rests_on),
            "statement": self.statement,
            "rule_applications": self.applications,
        }
        if self.refusal is not None:
            record["refusal"] = dict(zip(("theorem", "step", "rule", "reason"), self.refusal, strict=True))
        return record


def proof_module(name_or_path: str) -> ModuleType:
    """Return a proof module by theorem name, or from a Python file.

    Raises
    ------
    InputError
        When there is no such theorem or file.
    """
    path = Path(name_or_path)
    if path.suffix != ".py":
        return library.load_proof(name_or_path)
    folder, file = library.proofs_folder(), path.resolve()
    if file.is_file() and folder in file.parents:
        library.proofs_package()
        return importlib.import_module(".".join((library.PACKAGE, *file.relative_to(folder).with_suffix("").parts)))
    return library.load_proof_file(path)


def check_module(name_or_path: str) -> tuple[ProofResult, library.CheckedProof | None]:
    """Check one proof; return its outcome, and the checked proof itself when it went through."""
    start = time.perf_counter()
    module = proof_module(name_or_path)
    try:
        if Path(name_or_path).suffix == ".py":
            proof = library.run_proof(module, library.standard())
        else:
            proof = library.check_proof(name_or_path)
    except library.ProofRefused as refused:
        refusal = (refused.theorem, refused.step, refused.rule, refused.reason)
        result = ProofResult(module.NAME, module.TITLE, Evidence.UNDECIDED, refusal=refusal)
        return replace(result, seconds=time.perf_counter() - start), None
    result = ProofResult(
        proof.name,
        proof.title,
        Evidence.PROVED,
        tuple(n for n, _ in proof.hypotheses),
        proof.rests_on,
        notation.text(proof.theorem.concl),
        proof.applications,
        len(proof.rules),
        time.perf_counter() - start,
    )
    return result, proof
