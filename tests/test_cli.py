"""The command line: what it prints, what it writes, and above all its exit status on good, refused and bad input."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pgb import cli

CUBIC = """
title = "cubic"
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


@pytest.fixture
def cubic(tmp_path: Path) -> Path:
    path = tmp_path / "cubic.toml"
    path.write_text(CUBIC)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["pgb", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_prove_one_theorem_with_its_steps(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "prove", "elimination", "--steps") == 0
    out = capsys.readouterr().out
    assert "uses lambda_positive" in out
    assert "A checked derivation from" in out
    assert "1 of 1 proofs checked by the kernel" in out


def test_wrong_proof_exits_1_and_names_step_rule_and_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pgb import library

    wrong = next(p for p in sorted((library.proofs_folder() / "refused").glob("*.py")) if p.stem != "__init__")
    assert run(monkeypatch, "prove", wrong) == 1
    out = capsys.readouterr().out
    assert "refused" in out
    assert all(word in out for word in ("step:", "rule:", "reason:"))


def test_a_changed_sign_in_a_shipped_proof_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from pgb import library

    source = (library.proofs_folder() / "vanishing.py").read_text()
    source = source.replace("from .", "from pgb_proofs.")
    changed = source.replace("slope = SLOPE_A - real(2)", "slope = SLOPE_A + real(2)")
    assert changed != source
    path = tmp_path / "changed.py"
    path.write_text(changed)
    assert run(monkeypatch, "prove", path) == 1
    out = capsys.readouterr().out
    assert "Subtract the penalty" in out
    path.write_text(source)
    assert run(monkeypatch, "prove", path) == 0


def test_reproduce_writes_its_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record = tmp_path / "out.json"
    assert run(monkeypatch, "reproduce", "bias", "--json", record) == 0
    found = json.loads(record.read_text())
    assert found["ok"] is True
    assert found["counterexamples"][0]["status"] == "certified"
    assert "strict local minimum" in capsys.readouterr().out


def test_critical_classify_gap_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cubic: Path, tmp_path: Path
) -> None:
    record = tmp_path / "out.json"
    assert run(monkeypatch, "critical", cubic, "--augmented", "--json", record) == 0
    found = json.loads(record.read_text())
    assert [p["kind"] for p in found["points"]] == ["local minimum", "local minimum", "local maximum"]
    assert all(isinstance(v, str) for p in found["points"] for v in p["theta"].values())
    assert run(monkeypatch, "classify", cubic, "--at", "spurious", "--json", record) == 0
    assert json.loads(record.read_text())["kind"] == "local minimum"
    lifted = "theta=-1, aux_a1=0, aux_b1=1/3, aux_w1_1=-2"
    assert run(monkeypatch, "gap", cubic, "--at", lifted, "--json", record) == 0
    assert json.loads(record.read_text())["not_a_local_minimum"] is True
    assert run(monkeypatch, "check", cubic, "--json", record) == 0
    assert {v["theorem"]: v["verdict"] for v in json.loads(record.read_text())["verdicts"]}["elimination"] == "holds"
    assert "NOT a local minimum" in capsys.readouterr().out


def test_escape_draws_a_picture(monkeypatch: pytest.MonkeyPatch, cubic: Path, tmp_path: Path) -> None:
    picture, record = tmp_path / "escape.png", tmp_path / "out.json"
    status = run(
        monkeypatch, "escape", cubic, "--from", "spurious", "--until", "100", "--picture", picture, "--json", record
    )
    assert status == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(record.read_text())["ray"]["status"] == "certified"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (("[loss]", "[lost]"), "lost"),
        (('name = "squared"', ""), "loss.name"),
        (('x = [["1"]]', "x = [[0.5]]"), "data.x"),
        (('y = [["5"]]', 'y = [["5", "6"]]'), "data.y"),
        (("theta^3 - 3*theta", "__import__('os').system('touch hacked')"), "network.formula"),
        (("theta^3 - 3*theta", "10^10^10"), "network.formula"),
        (("theta^3 - 3*theta", "theta" + "+1" * 500_000), "network.formula"),
        (('theta = "-1"', 'thteta = "-1"'), "thteta"),
    ],
    ids=["unknown section", "missing key", "float", "shape", "code", "power", "1 MB", "unknown coordinate"],
)
def test_bad_input_is_one_sentence_and_status_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    change: tuple[str, str],
    names: str,
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(CUBIC.replace(*change))
    monkeypatch.chdir(tmp_path)
    start = time.perf_counter()
    assert run(monkeypatch, "critical", path) == 2
    assert time.perf_counter() - start < 20
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert names in err
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("critical", "/nonexistent.toml"),
        ("prove", "no_such_theorem"),
        ("prove", "/nonexistent.py"),
        ("reproduce", "no_such_case"),
        ("verify", "--workers", "zero"),
    ],
)
def test_bad_arguments_are_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(monkeypatch, *arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("pgb: ")
    assert "Traceback" not in err


def test_non_utf8_and_folders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'title = "caf\xe9"\n')
    assert run(monkeypatch, "check", path) == 2
    assert "UTF-8" in capsys.readouterr().err
    assert run(monkeypatch, "check", tmp_path) == 2


def test_record_that_cannot_be_written_is_bad_input(monkeypatch: pytest.MonkeyPatch, cubic: Path) -> None:
    assert run(monkeypatch, "critical", cubic, "--json", "/nonexistent/folder/out.json") == 2


def test_help_imports_nothing_heavy() -> None:
    """The commands' help needs none of sympy, numpy, numba, scipy, matplotlib, flint."""
    script = (
        "import sys\nsys.argv = ['pgb', '--help']\nfrom pgb import cli\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('sympy', 'numpy', 'numba', 'scipy', 'matplotlib', 'flint') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
    assert "verify" in done.stdout


def test_ci_runs_the_readmes_test_command() -> None:
    root = Path(__file__).resolve().parent.parent
    command = next(line for line in (root / "README.md").read_text().splitlines() if line.endswith("pytest -n 2"))
    assert command in (root / ".ci" / "run").read_text()


def test_readme_lists_every_command() -> None:
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text()
    names = [c.name or c.callback.__name__ for c in cli.app.registered_commands if c.callback is not None]
    assert [n for n in names if f"`pgb {n}" not in readme] == []
