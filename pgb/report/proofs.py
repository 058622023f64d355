"""The outcome of checking proofs, as plain data for tables, records and other processes."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from pgb import library
from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.kernel import Term, Theorem
from pgb.report import notation

LONGEST: Final = 300  # characters of a kernel term that could not be put into notation


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
        When there is no such theorem or file, or the file holds no proof.
    """
    path = Path(name_or_path)
    if path.suffix != ".py":
        return library.load_proof(name_or_path)
    folder, file = library.proofs_folder(), path.resolve()
    if file.is_file() and folder in file.parents:
        library.proofs_package()
        parts = [library.PACKAGE, *file.relative_to(folder).with_suffix("").parts]
        module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
        if not hasattr(module, "prove"):
            raise InputError(name_or_path, "is a part of the library and no proof: it defines no prove")
        return module
    return library.load_proof_file(path)


def _require_known_hypotheses(module: ModuleType, where: str) -> None:
    known = library.statements().HYPOTHESES
    unknown = [] if hasattr(module, "hypothesis") else [n for n in module.HYPOTHESES if n not in known]
    if unknown:
        raise InputError(
            where, f"declares the unknown hypothesis {unknown[0]!r}; without a function hypothesis of its own it"
            f" may declare {', '.join(known)}",
        )  # fmt: skip


def check_module(name_or_path: str) -> tuple[ProofResult, library.CheckedProof | None]:
    """Check one proof; return its outcome, and the checked proof itself when it went through."""
    start = time.perf_counter()
    module = proof_module(name_or_path)
    _require_known_hypotheses(module, name_or_path)
    try:
        if Path(name_or_path).suffix == ".py":
            proof = library.run_proof(module, library.standard())
        else:
            proof = library.check_proof(name_or_path)
    except library.ProofRefused as refused:
        refusal = (refused.theorem, refused.step, refused.rule, _readable(refused))
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


def _readable(refused: library.ProofRefused) -> str:
    """Return the reason of a refusal with its formulas in mathematical notation.

    The kernel writes its terms in its own syntax. Those that the refusing rule had at hand are looked up where it
    stopped, and each is written as mathematics where the reason has it word for word.
    """
    reason, at_hand = refused.reason, set()
    trace = (refused.__cause__ or refused).__traceback__
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            at_hand |= _formulas(value)
        trace = trace.tb_next
    for term in sorted(at_hand, key=lambda t: -len(repr(t))):
        if term.sort == "bool" and repr(term) in reason:
            reason = reason.replace(repr(term), " ".join(notation.text(term).split()))
    return reason if len(reason) <= 2 * LONGEST else f"{reason[:LONGEST]} ... ({len(reason) - LONGEST} more characters)"


def _formulas(value: Any) -> set[Term]:
    """Return a value's formula, and the parts of it between connectives, which a rule takes apart."""
    found: set[Term] = set()
    values = value if isinstance(value, list | tuple) else [value]
    pending = [v.concl if isinstance(v, Theorem) else v for v in values if isinstance(v, Term | Theorem)]
    while pending:
        term = pending.pop()
        if not term.loose:
            found.add(term)
        if term.kind == "const" and term.name in ("imp", "and"):
            pending += term.args
    return found
