"""The formal twin itself, where coqc is installed: it builds on the committed axioms, and mutated statements do not build.

Without coqc there is one test, which records "not built here".
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgb.coq import CoqReport, CoqStatus, build, find_coqc
from pgb.coq_sources import Development, development

COQC = find_coqc()
DEV: Development = development()


@dataclass(frozen=True)
class Mutation:
    """A statement made wrong: in `file`, every `old` from the first occurrence of `start` on, up to the next blank line."""

    what: str
    file: str
    start: str
    changes: tuple[tuple[str, str], ...]

    def apply(self, text: str) -> str:
        begin = text.index(self.start)
        end = text.find("\nProof.", begin) if self.file != "Statements.v" else text.find("\n\n", begin)
        part = text[begin:end]
        for old, new in self.changes:
            assert old in part, f"{self.what}: {old!r} is not in the statement"
            part = part.replace(old, new)
        return text[:begin] + part + text[end:]


def one(what: str, file: str, start: str, *changes: tuple[str, str]) -> Mutation:
    return Mutation(what, f"{file}.v", start, changes)


FIXED = "Definition elimination_fixed_theta_statement"
MODE, PGB, RESIDUAL = (f"Definition {n}_statement" for n in ("failure_mode", "pgb_condition", "residual"))
MUTATIONS = (
    # hypotheses removed or weakened
    one("lambda_positive weakened", "Statements", "Definition elimination_statement", ("0 < lambda", "0 <= lambda")),
    one("lambda_positive dropped", "Statements", FIXED, ("0 < lambda ->", "True ->")),
    one("loss_convex reversed", "Statements", FIXED, ("<= (1 - t) * l i p", ">= (1 - t) * l i p")),
    one("loss_differentiable dropped", "Statements", FIXED, ("Rabs (l i (fun k => p k + h k) - l i p -", "Rabs (0 * l i p * ")),
    one("only theta moves at a local minimum", "Statements", FIXED, ("<= Lt th a' b' W') ->", "<= Lt th a b W) ->")),
    one("theta not bad", "Statements", MODE, ("L q < L (f th)", "L q <= L (f th)")),
    one("loss_nonnegative dropped", "Statements", MODE, ("(forall i p, 0 <= l i p) ->", "True ->")),
    one("perturbations need not keep rho", "Statements", PGB, ("(forall c, rho (at_ v) c = rho z c) in", "True in")),
    one("no bound on eps", "Statements", PGB, ("0 <= eps < eps0", "0 <= eps")),
    one("dx >= dy turned round", "Statements", RESIDUAL, ("(dy <= dx)%N", "(dx <= dy)%N")),
    one("loss_convex exchanged for something harmless", "Ridge", "Theorem ridge", ("(forall i, convex (loss i))", "(0 <= mu)")),
    one("inputs not distinct", "Independence", "Theorem independence (", ("x i j = x i' j) -> i = i'", "x i j = x i' j) -> True")),
    one("lambda may vanish", "Reduction", "Theorem reduction", ("lambda <> 0", "0 <= lambda")),
    one("S_k need not vanish", "StrictSaddle", "Theorem strict_saddle", ("Sk = 0 ->", "True ->")),
    one("critical points are only stationary", "OneNeuron", "Theorem one_neuron th", ("forall v, phi u <= phi v", "exists v, phi u <= phi v")),
    # signs and coefficients
    one("penalty subtracted", "Statements", FIXED, ("+ lambda * SUM", "- lambda * SUM")),
    one("b instead of a", "Statements", FIXED, ("(forall k, a k = 0)", "(forall k, b k = 0)")),
    one("the ray decays too fast", "Statements", MODE, ("exp (- 2 * s)", "exp (- 3 * s)")),
    one("1 + r", "Statements", PGB, ("(1 - r) * rho", "(1 + r) * rho")),
    one("r forgotten", "Statements", PGB, ("r * rho z c = SUM", "rho z c = SUM")),
    one("strictly better than all predictors", "Statements", RESIDUAL, ("L (f W V u) <= L (fun v k", "L (f W V u) < L (fun v k")),
    one("half the identity", "Vanishing", "Theorem vanishing_identity", ("= 2 * lambda", "= lambda")),
    one("the flow turned round", "Flow", "Theorem flow_identity", ("(2 * lambda * (", "(- 2 * lambda * (")),
    one("wider is worse", "DepthWidth", "Theorem depth_width", ("obj psi' Q z' <= obj psi Q z", "obj psi Q z <= obj psi' Q z'")),
    one("the whole loss remains", "NoExtraUnit", "Theorem no_extra_unit_escape", ("L th / 2 + eps) /\\", "L th / 2) /\\")),
    one("curves that miss the point", "Rules", "Lemma rule_tangents", ("F p k t = q k", "F p k t = F p k t")),
    one("losses that need not be convex", "DepthWidth", "Theorem depth_width", ("(forall i, convex (Q i))", "True")),
    # structure of the objective
    one("bias dropped", "Statements", FIXED, ("(W k j * z j) + b k)", "(W k j * z j))")),
    one("a linear unit", "Statements", FIXED, ("exp (SUM", "(SUM")),
    one("the penalty stays in the limit", "Statements", MODE, ("v = L (fun z k => f th z k + c k * exp", "v = lambda + L (fun z k => f th z k + c k * exp")),
    # quantifier order
    one("the radius depends on the neighbour", "Statements", "Definition elimination_statement",
        ("exists r : R, 0 < r /\\ forall th' a' b' W', ball", "forall th' a' b' W', exists r : R, 0 < r /\\ (ball"),
        ("Lt th a b W <= Lt th' a' b' W' in", "Lt th a b W <= Lt th' a' b' W') in")),
    one("one N for every M", "Statements", MODE, ("(forall M, exists N, forall n", "(exists N, forall M, forall n")),
    one("one point below every level", "Statements", MODE, ("(forall a b W, Rbar_lt V (Lt th a b W))", "(exists v, forall a b W, Rbar_lt v (Lt th a b W) /\\ is_finite v)")),
    one("one eps0 for every problem", "Statements", PGB, ("exists eps0 : R, 0 < eps0 /\\ forall eps", "forall eps0 : R, 0 < eps0 -> forall eps")),
)  # fmt: skip


def recompile(built: Path, scratch: Path, file: str, text: str) -> subprocess.CompletedProcess[str]:
    """Compile one changed file against the compiled others, and what proves it where the file only states."""
    for compiled in built.glob("*.vo"):
        if compiled.name != f"{file[:-2]}.vo":
            os.link(compiled, scratch / compiled.name)
    names = [file]
    (scratch / file).write_text(text, encoding="utf-8")
    if file == "Statements.v":
        (scratch / "Final.vo").unlink()
        (scratch / "Final.v").write_bytes((built / "Final.v").read_bytes())
        names.append("Final.v")
    for name in names:
        command = [str(COQC), "-q", "-R", ".", DEV.name, *DEV.options, name]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            break
    return done


if COQC is None:

    def test_not_built_here(tmp_path: Path) -> None:
        report = build(tmp_path)
        assert str(report.status) == "not built here"
        assert not report.ok

else:

    @pytest.fixture(scope="session")
    def report() -> CoqReport:
        return build()

    @pytest.fixture(scope="session")
    def built(report: CoqReport) -> Path:
        assert report.folder is not None, report.reason
        return Path(report.folder)

    @pytest.mark.slow
    def test_the_twin_builds_on_exactly_the_committed_axioms(report: CoqReport) -> None:
        assert report.status is CoqStatus.PASSED, report.reason
        assert report.theorems == DEV.constants()
        assert dict(axiom.split(" : ", 1) for axiom in report.axioms) == DEV.axioms()

    @pytest.mark.slow
    @pytest.mark.parametrize("file", sorted({m.file for m in MUTATIONS}))
    def test_the_unchanged_file_compiles(built: Path, tmp_path: Path, file: str) -> None:
        done = recompile(built, tmp_path, file, (DEV.folder / file).read_text(encoding="utf-8"))
        assert done.returncode == 0, done.stderr

    @pytest.mark.slow
    @pytest.mark.parametrize("mutation", MUTATIONS, ids=[m.what.replace(" ", "_") for m in MUTATIONS])
    def test_a_mutated_statement_does_not_build(built: Path, tmp_path: Path, mutation: Mutation) -> None:
        text = (DEV.folder / mutation.file).read_text(encoding="utf-8")
        done = recompile(built, tmp_path, mutation.file, mutation.apply(text))
        assert done.returncode != 0
        # it is still a statement: the proof fails, in the file that proves it
        place = re.search(r'File "\./(\w+\.v)", line (\d+)', done.stderr)
        assert place is not None
        if mutation.file == "Statements.v":
            assert place[1] == "Final.v"
        else:
            assert int(place[2]) > text[: text.index("\nProof.", text.index(mutation.start))].count("\n") + 1


def test_every_mutation_changes_its_statement() -> None:
    assert len(MUTATIONS) >= 10
    for mutation in MUTATIONS:
        text = (DEV.folder / mutation.file).read_text(encoding="utf-8")
        assert mutation.apply(text) != text
