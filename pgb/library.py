"""The library of proofs: finds the proof modules, checks them once, and says which step uses which hypothesis.

Untrusted: what a proof proves is decided by the kernel, and compared with its claim in `scripts`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from pgb.errors import InputError
from pgb.scripts import CheckedProof, Milestone, ProofRefused, Script, run

__all__ = [
    "PACKAGE", "CheckedProof", "Milestone", "ProofRefused", "Script", "StructureUse", "check_all", "check_proof",
    "counterexamples_folder", "frames", "load_proof", "load_proof_file", "load_refused", "proof_names", "proofs_folder",
    "proofs_package", "refused_names", "run_proof", "standard", "statements", "structure_uses", "used_by",
]  # fmt: skip

PACKAGE: Final = "pgb_proofs"


# -- where things are -----------------------------------------------------------------------------------------------
def _folder(name: str) -> Path:
    """Return the folder that ships inside the package, or stands beside it in a checkout."""
    here = Path(__file__).resolve().parent
    for candidate in (here / name, here.parent / name):
        if candidate.is_dir():
            return candidate
    raise InputError(name, f"the folder should stand inside {here} or beside it, and it does not")


def proofs_folder() -> Path:
    """Return the folder of the proof modules."""
    return _folder("proofs")


def counterexamples_folder() -> Path:
    """Return the folder of the counterexample files."""
    return _folder("counterexamples")


def proofs_package() -> ModuleType:
    """Return the package of proofs, loaded once under the fixed name ``pgb_proofs``."""
    if PACKAGE in sys.modules:
        return sys.modules[PACKAGE]
    folder = proofs_folder()
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    return _execute(spec, PACKAGE)


def _execute(spec: Any, name: str) -> ModuleType:
    """Run a module from its spec and register it; a failed import leaves nothing behind."""
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def proof_names() -> tuple[str, ...]:
    """Return the names of all theorems with a proof, each after those it uses."""
    return tuple(proofs_package().THEOREMS)


def load_proof(name: str) -> ModuleType:
    """Return the proof module of a theorem.

    Raises
    ------
    InputError
        There is no proof of that name.
    """
    if name not in proof_names():
        raise InputError("theorem", f"should be one of {', '.join(proof_names())}, not {name!r}")
    return importlib.import_module(f"{PACKAGE}.{name}")


def refused_names() -> tuple[str, ...]:
    """Return the names of the wrong proofs that come with the library, each of which must be refused."""
    proofs_package()
    return tuple(importlib.import_module(f"{PACKAGE}.refused").MISTAKES)


def load_refused(name: str) -> ModuleType:
    """Return a module of ``proofs/refused``."""
    proofs_package()
    return importlib.import_module(f"{PACKAGE}.refused.{name}")


def load_proof_file(path: str | Path) -> ModuleType:
    """Load a proof module from a file of the user's own; it may import ``pgb_proofs`` and `pgb.kernel`.

    The file is Python and is executed: only load proofs whose author you would let run code.

    Raises
    ------
    InputError
        The file cannot be read as a module, or lacks one of NAME, TITLE, HYPOTHESES, claim, prove.
    """
    file = Path(path).resolve()
    if not file.is_file() or file.suffix != ".py":
        raise InputError("proof file", f"should be an existing .py file, not {str(path)!r}")
    proofs_package()
    name = f"pgb_user_proof_{file.stem}"
    try:
        module = _execute(importlib.util.spec_from_file_location(name, file), name)
    except Exception as error:
        raise InputError(str(path), f"should be importable: {type(error).__name__}: {error}") from error
    missing = [n for n in ("NAME", "TITLE", "HYPOTHESES", "claim", "prove") if not hasattr(module, n)]
    if missing:
        raise InputError(str(path), f"a proof module should define {', '.join(missing)}")
    return module


# -- checking -------------------------------------------------------------------------------------------------------
@cache
def _outcome(name: str, setting: Any) -> CheckedProof | ProofRefused:
    """Run a proof of the library once for each setting."""
    try:
        return run(load_proof(name), setting, check_proof)
    except ProofRefused as refused:
        return refused


def standard() -> Any:
    """Return the setting of the theorems: exponential neurons, penalty ``lambda |a|^2``."""
    return statements().STANDARD


def statements() -> Any:
    """Return the module with the definitions that every theorem is stated in."""
    proofs_package()
    return importlib.import_module(f"{PACKAGE}.statements")


def run_proof(module: Any, setting: Any) -> CheckedProof:
    """Run the derivation of any proof module, which may use the theorems of the library; see `scripts.run`.

    Raises
    ------
    ProofRefused
        A rule refused, the conclusion is not the claim, or the hypotheses are not exactly the declared ones.
    """
    return run(module, setting, check_proof)


def check_proof(name: str, setting: Any = None) -> CheckedProof:
    """Check the proof of one theorem; a proof that ran once in this process is not run again.

    Raises
    ------
    InputError
        There is no proof of that name.
    ProofRefused
        The proof does not go through.
    """
    load_proof(name)
    outcome = _outcome(name, standard() if setting is None else setting)
    if isinstance(outcome, ProofRefused):
        raise outcome
    return outcome


def check_all(progress: Callable[[str, CheckedProof], None] | None = None) -> list[CheckedProof]:
    """Check every proof of the library, in an order in which lemmas come first.

    Parameters
    ----------
    progress
        Called with the name and the result after each proof.
    """
    results = []
    for name in proof_names():
        results.append(check_proof(name))
        if progress is not None:
            progress(name, results[-1])
    return results


def frames() -> tuple[Any, ...]:
    """Return the shapes of parameter space for which the PGB condition is proved in the library."""
    proofs_package()
    one = importlib.import_module(f"{PACKAGE}.frames").ONE_BLOCK
    return (one, importlib.import_module(f"{PACKAGE}.elimination_by_pgb").A_B_W)


# -- for the ledger -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class StructureUse:
    """What happens to a proof when the objective loses a property that is structure and not a formula.

    Attributes
    ----------
    hypothesis
        ``exp_neuron``, ``bias`` or ``unbounded_domain``.
    objective
        The changed objective, in words.
    refusal
        Where the same script stops, or None where it still goes through: then the theorem does not need the property
        in that form.
    """

    hypothesis: str
    objective: str
    refusal: ProofRefused | None


def used_by(name: str) -> dict[str, tuple[str, ...]]:
    """Return, for each declared hypothesis, the sentences of the steps that consume it, lemmas opened up."""
    out: dict[str, list[str]] = {n: [] for n, _ in check_proof(name).hypotheses}
    formulas = dict(check_proof(name).hypotheses)
    for milestone in check_proof(name).milestones:
        if milestone.lemma is None:
            for hypothesis in milestone.hypotheses:
                out[hypothesis].append(milestone.label)
            continue
        lemma = check_proof(milestone.lemma)
        for hypothesis, labels in used_by(milestone.lemma).items():
            for mine, formula in formulas.items():
                if formula == dict(lemma.hypotheses)[hypothesis]:
                    out[mine].extend(s if ": " in s and s.split(": ")[0] in proof_names()
                                     else f"{milestone.lemma}: {s}" for s in labels)  # fmt: skip
    return {n: tuple(dict.fromkeys(labels)) for n, labels in out.items()}


@cache
def structure_uses(name: str) -> tuple[StructureUse, ...]:
    """Run a proof's script for each changed objective of the properties it lists, and report the refusals."""
    definitions, out = statements(), []
    for hypothesis in load_proof(name).STRUCTURE:
        for objective in definitions.MUTATED[hypothesis]:
            try:
                check_proof(name, definitions.Setting(objective))
            except ProofRefused as refusal:
                out.append(StructureUse(hypothesis, objective.name, refusal))
            else:
                out.append(StructureUse(hypothesis, objective.name, None))
    return tuple(out)
