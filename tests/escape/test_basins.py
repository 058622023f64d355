"""Basin studies: shares against basins known exactly, reproducible starts, journals, interrupts, and refusals."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from pgb import cli, problem
from pgb.errors import InputError
from pgb.escape import Fate, basins
from pgb.escape import basins as study_function
from pgb.report import pictures

CASES = Path(__file__).resolve().parents[2] / "counterexamples"


def load(formula: str, parameters: str, x: str, y: str, rest: str = "", loss: str = "squared") -> problem.Problem:
    return problem.loads(
        f'[network]\nkind = "formula"\nformula = {formula}\nparameters = {parameters}\n[loss]\nname = "{loss}"\n'
        f"[data]\nx = {x}\ny = {y}\n{rest}"
    )


CUBIC = load('["t^3 - 3*t"]', '["t"]', '[["1"]]', '[["5"]]')
LINE = load('["t*x1"]', '["t"]', '[["1"]]', '[["2"]]')
PLANE = load('["u^3 - 3*u + 0*v", "v"]', '["u", "v"]', '[["1"]]', '[["5", "1"]]')


def test_basins_of_the_cubic_are_those_of_its_derivative() -> None:
    """L' = 6 (f - 5) (t^2 - 1): below t = 1 the flow of L ends at -1, above it at the global minimum."""
    found = basins(CUBIC, grid=8, box=(-3, 3))
    assert len(found.starts) == 8
    for s in found.starts:
        assert s.without.fate is (Fate.LOCAL_MINIMUM if s.theta[0] < 1 else Fate.OPTIMUM)
        assert abs(s.without.theta[0] - (-1 if s.theta[0] < 1 else 2.2790187861665935)) < 1e-5
        assert s.within is not None
        assert s.within.fate is (Fate.ESCAPE if s.theta[0] < 1 else Fate.GLOBAL_MINIMUM)
    bad = "stationary, not optimal, value 9"
    assert found.table() == {(bad, "escape to infinity"): 5, ("global minimum", "global minimum, a -> 0"): 3}
    assert found.shares(augmented=False) == {bad: 5, "global minimum": 3}
    assert all(abs(s.within.loss - 9) < 1e-6 for s in found.starts if s.within and s.within.fate is Fate.ESCAPE)


def test_rescue_depends_on_the_added_unit() -> None:
    """From the bad minimum with b = -1, w = 2 the flow of Lt reaches the exact fit."""
    p = problem.load(CASES / "rescued.toml", extra_sections=("case",))
    added = {"aux_a1": 0.0, "aux_b1": -1.0, "aux_w1_1": 2.0}
    found = basins(p, starts=4, box=(-0.9, -0.8), added=added)
    assert all(s.added == (0.0, -1.0, 2.0) for s in found.starts)
    ((pair, n),) = found.table().items()
    assert (pair[0].startswith("stationary, not optimal"), pair[1], n) == (True, "global minimum, a -> 0", 4)


def test_starts_depend_on_seed_and_number_alone() -> None:
    short, long = basins(LINE, starts=2, seed=7), basins(LINE, starts=4, seed=7)
    assert short.starts == long.starts[:2]
    assert basins(LINE, starts=2, seed=8).starts != short.starts
    assert all(-2 <= s.theta[0] <= 2 for s in long.starts)


def test_workers_find_what_one_process_finds() -> None:
    assert basins(LINE, starts=6, workers=2).starts == basins(LINE, starts=6).starts


def test_a_journal_is_resumed_extended_mended_and_never_mixed(tmp_path: Path) -> None:
    journal = tmp_path / "starts.jsonl"
    first = basins(LINE, starts=3, journal=journal)
    calls: list[tuple[int, int]] = []
    again = basins(LINE, starts=3, journal=journal, progress=lambda *n: calls.append(n))
    assert (again.starts, calls) == (first.starts, [])
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"index": 3, "theta"')  # a crash in the middle of a line
    more = basins(LINE, starts=5, journal=journal, progress=lambda *n: calls.append(n))
    assert calls == [(4, 5), (5, 5)]
    assert more.starts == basins(LINE, starts=5).starts
    assert len(journal.read_text().splitlines()) == 6
    with pytest.raises(InputError, match="another problem"):
        basins(LINE, starts=3, seed=1, journal=journal)
    journal.write_text("[]\n")
    with pytest.raises(InputError, match="not a journal"):
        basins(LINE, starts=3, journal=journal)


def test_an_interrupt_keeps_finished_starts() -> None:
    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    found = basins(LINE, starts=5, progress=stop)
    assert (len(found.starts), found.interrupted, found.requested) == (2, True, 5)
    assert json.loads(json.dumps(found.to_json()))["finished"] == 2


def test_undecided_starts_are_counted_with_reasons() -> None:
    found = basins(LINE, starts=3, t_end=0.01)
    assert set(found.shares(augmented=False)) == {"still moving"}
    assert sum(found.undecided(augmented=False).values()) == 3
    assert all("the gradient is" in reason for reason in found.undecided(augmented=False))


def test_no_flow_is_said_to_end_at_an_optimum_that_no_theta_attains() -> None:
    """Three points off a line: Lt falls below every tolerance above L* = 0 while the neuron carries what the line cannot."""
    p = problem.load(CASES / "straight_line.toml", extra_sections=("case",))
    found = basins(p, starts=4, added={"aux_a1": -0.1, "aux_b1": 0.0, "aux_w1_1": -2.0}, t_end=1e8)
    ends = [s.within for s in found.starts if s.within is not None]
    assert min(e.value for e in ends) < 1e-8
    assert all(e.fate in (Fate.ESCAPE, Fate.UNFINISHED, Fate.SADDLE) for e in ends)
    assert all(e.loss > 0.2 for e in ends)


def test_a_loss_without_a_lower_bound_runs_far() -> None:
    """L = t x falls linearly: dt/dt = -1."""
    p = problem.loads(
        '[network]\nkind = "formula"\nformula = ["t*x1"]\nparameters = ["t"]\n[loss]\nname = "formula"\nformula = "q1"\n'
        '[data]\nx = [["1"]]\ny = [["0"]]\n[augmentation]\nkind = "none"'
    )
    (start,) = basins(p, starts=1, t_end=1e9).starts
    assert start.without.fate is Fate.RUNAWAY
    assert abs(start.without.t - 1e8) < 10


def test_a_flow_that_breaks_down_is_an_outcome() -> None:
    """f = exp(exp(exp(t))) is not finite at t = 3."""
    p = load('["exp(exp(exp(t)))"]', '["t"]', '[["1"]]', '[["1"]]')
    found = basins(p, starts=2, box=(3, 4))
    assert set(found.shares(augmented=True)) == {"integration failed"}
    assert all("not finite" in reason for reason in found.undecided(augmented=True))


def test_separable_logistic_regression_runs_to_infinity_without_and_escapes_with() -> None:
    found = basins(load('["t*x1"]', '["t"]', '[["1"], ["-1"]]', '[["1"], ["-1"]]', loss="logistic"), starts=2)
    assert {s.without.fate for s in found.starts} == {Fate.RUNAWAY}
    assert {s.within.fate for s in found.starts if s.within} <= {Fate.ESCAPE, Fate.RUNAWAY}


def test_without_augmentation_the_flow_of_l_alone_is_followed() -> None:
    plain = load('["t"]', '["t"]', '[["1"]]', '[["1"]]', '[augmentation]\nkind = "none"')
    found = basins(plain, starts=2)
    assert (found.added, found.shares(augmented=True), found.table()) == ((), {}, {})
    assert found.shares(augmented=False) == {"global minimum": 2}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"starts": 0}, "starts"),
        ({"grid": 1}, "grid"),
        ({"grid": 10**6}, "grid"),
        ({"box": (1, 1)}, "box"),
        ({"box": (0, float("inf"))}, "box"),
        ({"spread": float("nan")}, "spread"),
        ({"added": {"aux_a1": 0.0}}, "added.aux_b1"),
        ({"t_end": float("inf")}, "t_end"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as error:
        study_function(LINE, **options)
    assert error.value.field == field


@pytest.mark.parametrize(
    ("rest", "loss", "field"),
    [
        ('[augmentation]\nkind = "exp_neuron"\nlambda = "0"', "squared", "augmentation.lambda"),
        ('[augmentation]\nkind = "no_extra_unit"\nlambda = "1"', "squared", "augmentation.kind"),
        ('[augmentation]\nkind = "unit"\nunit = "a*exp(w1*x1)"\nlambda = "1"', "squared", "augmentation.kind"),
        ("", "absolute", "loss"),
        ('[region]\naux_b1 = ["-1", "0"]', "squared", "region.aux_b1"),
    ],
)
def test_problems_without_such_flows_are_refused(rest: str, loss: str, field: str) -> None:
    with pytest.raises(InputError) as error:
        basins(load('["t"]', '["t"]', '[["1"]]', '[["1"]]', rest, loss), starts=1)
    assert error.value.field == field


def test_the_region_of_the_file_is_where_starts_are() -> None:
    p = load('["t*x1"]', '["t"]', '[["1"]]', '[["2"]]', '[region]\nt = ["5", "6"]')
    assert all(5 <= s.theta[0] <= 6 for s in basins(p, starts=3).starts)


def test_pictures_of_one_two_and_three_parameters(tmp_path: Path) -> None:
    three = load('["u*v + w"]', '["u", "v", "w"]', '[["1"]]', '[["1"]]')
    for p, options in ((LINE, {"starts": 2}), (PLANE, {"grid": 2}), (three, {"starts": 2})):
        path = tmp_path / f"{len(p.parameters)}.png"
        pictures.basins(basins(p, **options), p, path)
        assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="--picture"):
        pictures.basins(basins(LINE, starts=1), LINE, tmp_path / "no" / "where.png")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["pgb", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, picture = tmp_path / "basins.json", tmp_path / "basins.png"
    cubic = CASES / "cubic.toml"
    status = run(
        monkeypatch, "basins", cubic, "--grid", 3, "--box", "-3", "3", "--json", record, "--picture", picture,
        "--workers", 1,
    )  # fmt: skip
    assert status == 0
    captured = capsys.readouterr()
    assert "3 of 3 starts finished" in captured.err
    assert "escape to infinity" in captured.out
    assert "numerical" in captured.out
    written = json.loads(record.read_text())
    assert (written["status"], written["finished"]) == ("numerical", 3)
    assert np.isclose(float(written["starts"][0]["theta"][0]), -3)
    assert picture.exists()
    assert run(monkeypatch, "basins", cubic, "--box", "3", "-3") == 2
    assert run(monkeypatch, "basins", cubic, "--picture", tmp_path / "no" / "where.png") == 2
    assert run(monkeypatch, "basins", cubic, "--picture", tmp_path / "basins.txt") == 2
    assert run(monkeypatch, "basins", CASES / "lambda_zero.toml") == 2
    assert run(monkeypatch, "basins", CASES / "absolute_loss.toml") == 2
    assert "must be differentiable" in capsys.readouterr().err


def test_command_interrupted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pgb.escape.basins import follow

    module = sys.modules[follow.__module__]
    calls = []

    def third_stops(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return follow(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "follow", third_stops)
    record = tmp_path / "part.json"
    assert run(monkeypatch, "basins", CASES / "cubic.toml", "--starts", 5, "--workers", 1, "--json", record) == 130
    assert json.loads(record.read_text())["finished"] == 2
