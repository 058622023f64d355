"""What a user reads when a proof or a point is wrong: mathematics, one sentence, and the right exit status."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pgb import cli, library
from pgb.report.proofs import check_module

MISTAKE = """
from pgb.kernel import discharge, mp, specialise
from pgb_proofs.building import O, for_all, implies
from pgb_proofs.statements import W, a, b, k, optimal, theta
from pgb_proofs.tactics import conjuncts, generalise_all
from pgb_proofs.vanishing import slope_in_a

NAME, TITLE = "mistake", "Where the slopes in a vanish, theta is optimal"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")


def flat(setting):
    return for_all(k, then=slope_in_a(setting, O))


def claim(setting):
    return for_all(theta, a, b, W, then=implies(flat(setting), optimal(theta)))


def prove(script):
    critical = script.suppose("Let the slopes in a vanish", flat(script.setting))
    known = script.use("elimination", "By elimination")
    with script.step("This point is a local minimum") as step:
        optimum = step(conjuncts(mp(specialise(known, theta, a, b, W), critical), 6)[2])
    return script.qed(generalise_all(discharge(critical.concl, optimum), theta, a, b, W))
"""


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["pgb", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_the_reason_of_a_refusal_is_mathematics(tmp_path: Path) -> None:
    path = tmp_path / "mistake.py"
    path.write_text(MISTAKE)
    result, proof = check_module(str(path))
    assert proof is None
    assert result.refusal is not None
    assert result.refusal[1:] == (
        "This point is a local minimum",
        "mp",
        "needs the premise (a, b, W) is a local minimum of L̃(θ, ·), got ∀k: ∂L̃/∂a_k (θ, a, b, W) = 0",
    )


@pytest.mark.parametrize("name", library.refused_names())
def test_no_refusal_prints_pages_of_kernel_terms(name: str) -> None:
    result, _ = check_module(str(library.proofs_folder() / "refused" / f"{name}.py"))
    assert result.refusal is not None
    assert len(result.refusal[3]) < 700


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('"loss_convex")', '"loss_smooth")'), "unknown hypothesis 'loss_smooth'"),
        (("NAME, TITLE", "NOME, TITLE"), "should define NAME"),
        (("def claim", "def claim("), "SyntaxError"),
    ],
)
def test_a_proof_file_that_is_no_proof_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    change: tuple[str, str],
    says: str,
) -> None:
    path = tmp_path / "mistake.py"
    path.write_text(MISTAKE.replace(*change))
    assert run(monkeypatch, "prove", path) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["building.py", "refused/__init__.py", "coq/../tactics.py"])
def test_a_part_of_the_library_is_no_proof(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(monkeypatch, "prove", library.proofs_folder() / name) == 2
    assert "no proof" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "option", "point", "says"),
    [
        ("escape", "--from", "theta=1, v=2", "unknown variable 'v'"),
        ("escape", "--from", "aux_a1=1", "lacks theta"),
        ("gap", "--at", "v=2", "unknown variable 'v'"),
        ("classify", "--at", "theta=1, v=2", "unknown variable 'v'"),
    ],
)
def test_points_must_name_the_variables(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    option: str,
    point: str,
    says: str,
) -> None:
    case = library.counterexamples_folder() / "cubic.toml"
    assert run(monkeypatch, command, case, option, point) == 2
    assert says in capsys.readouterr().err
