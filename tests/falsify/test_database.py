"""An attack that is stopped goes on where it was, and ends as one long run does; nothing that is not its own is touched."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import strategies as st
from typer.testing import CliRunner

import pgb
from pgb.cli import app
from pgb.errors import InputError
from pgb.falsify import Answer, campaign, database, run
from pgb.falsify.campaign import Trial
from pgb.falsify.database import State, Store
from pgb.falsify.drawing import Stop, at, draw, name_of, smallest
from pgb.falsify.durations import seconds_of

KEY = {"theorem": "thing", "drop": "", "seed": "0"}


def plain(found):
    """A result without what a clock and a stop change."""
    record = found.to_json()
    return {k: v for k, v in record.items() if k not in ("seconds", "resumed", "interrupted")}


def stop_at(number):
    def stop(found):
        if found.drawn == number:
            raise KeyboardInterrupt

    return stop


# -- the stream


def positions(strategy, *, seed, examples, done=0):
    seen = []
    draw(strategy, lambda position, e: seen.append((position, name_of(e))), seed=seed, examples=examples, done=done)
    return seen


NUMBERS = st.lists(st.integers(0, 1000), min_size=1, max_size=5)


def test_the_stream_is_the_same_from_any_position_and_for_any_number():
    whole = positions(NUMBERS, seed=3, examples=350)
    assert [p for p, _ in whole] == list(range(1, 351))
    assert positions(NUMBERS, seed=3, examples=20) == whole[:20]
    assert positions(NUMBERS, seed=3, examples=330, done=130) == whole[130:330]
    assert name_of(at(NUMBERS, seed=3, position=222)) == whole[221][1]
    assert positions(NUMBERS, seed=4, examples=350) != whole


def test_what_a_visit_does_does_not_change_the_stream():
    seen = []

    def slow(position, example):
        seen.append((position, name_of(example)))
        if position % 50 == 0:
            time.sleep(0.01)
        if position == 120:
            raise Stop

    draw(NUMBERS, slow, seed=3, examples=350)
    assert seen == positions(NUMBERS, seed=3, examples=120)


def test_an_error_in_a_visit_comes_out_as_it_is_and_at_once():
    seen = []

    def wrong(position, example):
        seen.append(position)
        if position == 7:
            raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"):
        draw(NUMBERS, wrong, seed=3, examples=50)
    assert seen == list(range(1, 8))


@pytest.mark.parametrize("members", ["a", "abc"])
def test_a_strategy_with_few_examples_ends(members):
    seen = []
    draw(st.sampled_from(members), lambda _, e: seen.append(e), seed=1, examples=10_000)
    assert sorted(seen) == sorted(members)


def test_hypothesis_makes_an_example_of_the_stream_small():
    met = []

    def heavy(position, example):
        if sum(example) > 100:
            met.append(position)
            raise Stop

    draw(NUMBERS, heavy, seed=5, examples=1000)
    small, steps = smallest(NUMBERS, lambda e: sum(e) > 100, seed=5, position=met[0])
    assert small == [101]
    assert steps > 0


# -- the state


def test_a_state_comes_back_as_it_was(tmp_path):
    store = Store(tmp_path, KEY)
    assert store.load() == State()
    state = campaign._advanced(State(), Trial(premise=True, decided=True), 1, "0" * 16, 1.5)
    state = campaign._advanced(state, Trial(decided=None, reason='why "so"'), 2, "1" * 16, 2.5)
    state = campaign._advanced(state, Trial(found={"document": {"x": ["1/2"]}}, decided=True), 3, "2" * 16, 3.5)
    store.save(state, now=True)
    back = Store(tmp_path, KEY).load()
    assert back.to_json() == state.to_json()
    assert back.resumed == 3
    assert [p.suffix for p in tmp_path.iterdir()] == [".json"]


def test_other_attacks_have_other_files(tmp_path):
    paths = {
        Store(tmp_path, {**KEY, k: v}).path
        for k, v in (("seed", "0"), ("seed", "1"), ("drop", "bias"), ("theorem", "o"))
    }
    assert len(paths) == 4


@pytest.mark.parametrize(("theorem", "stop"), [("independence", 1), ("failure_mode", 5)])
def test_a_stopped_run_goes_on_and_ends_as_one_long_run(tmp_path, theorem, stop):
    whole = pgb.falsify(theorem, examples=8, seed=2)
    first = pgb.falsify(theorem, examples=8, seed=2, database=tmp_path, progress=stop_at(stop))
    assert (first.drawn, first.interrupted) == (stop, "keyboard")
    rest = pgb.falsify(theorem, examples=8, seed=2, database=tmp_path)
    assert (rest.resumed, rest.drawn) == (stop, 8)
    assert plain(rest) == plain(whole)
    more = pgb.falsify(theorem, examples=10, seed=2, database=tmp_path)
    assert plain(more) == plain(pgb.falsify(theorem, examples=10, seed=2))


def test_an_interrupt_in_the_middle_of_a_problem_counts_it_for_nothing(tmp_path, monkeypatch):
    strategy = pgb.falsify.problems(networks="t1*x1", losses="squared", lam="1")
    calls = []

    def claim(problem):
        calls.append(problem)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return len(problem.data.x) < 9

    first = pgb.falsify(claim, strategy, examples=10, database=tmp_path)
    assert (first.drawn, first.decided, first.interrupted) == (3, 3, "keyboard")
    rest = pgb.falsify(claim, strategy, examples=10, database=tmp_path)
    assert (rest.drawn, rest.decided) == (10, 10)
    assert plain(rest) == plain(pgb.falsify(claim, strategy, examples=10))


def test_a_counterexample_is_told_again_without_a_search(tmp_path, monkeypatch):
    first = pgb.falsify("elimination", drop="bias", examples=300, database=tmp_path)
    assert first.counterexample is not None

    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr(campaign, "draw", never)
    again = pgb.falsify("elimination", drop="bias", examples=300, database=tmp_path)
    assert plain(again) == plain(first)
    assert again.counterexample.problem.points == first.counterexample.problem.points
    assert again.counterexample.size == first.counterexample.size


def test_shrinking_that_is_stopped_is_done_again(tmp_path, monkeypatch):
    strategy = pgb.falsify.problems(networks="t1*x1", losses="squared", lam="1")

    def claim(problem):
        return problem.data.m < 2

    whole = pgb.falsify(claim, strategy, database=None)

    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "smallest", stopped)
        first = pgb.falsify(claim, strategy, database=tmp_path)
    assert first.counterexample is not None
    assert plain(pgb.falsify(claim, strategy, database=tmp_path)) == plain(whole)


def test_a_killed_process_loses_a_second_at_most(tmp_path):
    command = [
        sys.executable,
        "-m",
        "pgb.cli",
        "falsify",
        "failure_mode",
        "--examples",
        "60",
        "--database",
        str(tmp_path),
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("*.json")) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text())["state"]["position"]
    assert kept > 0
    rest = pgb.falsify("failure_mode", examples=25, database=tmp_path)
    assert rest.resumed == kept
    assert plain(rest) == plain(pgb.falsify("failure_mode", examples=25))


# -- files that are not its own


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The state of an attack after two problems: its file's name and text."""
    folder = tmp_path_factory.mktemp("kept")
    pgb.falsify("failure_mode", examples=2, database=folder)
    (path,) = folder.glob("*.json")
    return path.name, path.read_text()


@pytest.fixture
def kept_path(kept, tmp_path):
    path = tmp_path / kept[0]
    path.write_text(kept[1])
    return path


def torn(text):
    return text[: len(text) // 2]


def changed(*keys, value):
    def change(text):
        record = json.loads(text)
        inner = record
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        return json.dumps(record)

    return change


DAMAGE = [
    lambda _: "",
    lambda _: "[]",
    lambda _: "\x00\x01",
    lambda _: "[" * 100_000,
    torn,
    changed("format", value="something else 7"),
    changed("key", "seed", value="1"),
    changed("state", "position", value=-1),
    changed("state", "position", value=1),
    changed("state", "position", value="2"),
    changed("state", "counts", value={"drawn": 2}),
    changed("state", "counts", "decided", value=9),
    changed("state", "counts", "drawn", value=2.0),
    changed("state", "reasons", value={"why": -1}),
    changed("state", "last", value="no name"),
    changed("state", "seconds", value="nan"),
    changed("state", "found", value="something"),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path, kept_path, damage):
    path = kept_path
    path.write_text(damage(path.read_text()))
    before = path.read_bytes()
    with pytest.raises(
        InputError, match=r"is not the state of this attack as pgb writes it; it was left as it is"
    ) as error:
        pgb.falsify("failure_mode", examples=3, database=tmp_path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == before


def test_a_state_of_another_stream_is_refused(tmp_path, kept_path):
    path = kept_path
    path.write_text(changed("state", "last", value="0" * 16)(path.read_text()))
    before = path.read_bytes()
    with pytest.raises(InputError, match="was written for another stream of problems"):
        pgb.falsify("failure_mode", examples=3, database=tmp_path)
    assert path.read_bytes() == before


def test_the_command_says_it_in_one_sentence_and_exits_with_2(tmp_path, kept_path):
    path = kept_path
    path.write_text("not json")
    command = [sys.executable, "-m", "pgb.cli", "falsify", "failure_mode", "--database", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr
    assert path.read_text() == "not json"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="must be a folder"):
        pgb.falsify("failure_mode", examples=2, database=tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_two_runs_do_not_share_a_file(tmp_path):
    """Where the platform has locks; elsewhere the second run is let in."""
    locked = importlib.util.find_spec("fcntl") is not None
    store = Store(tmp_path, KEY)
    refused = pytest.raises(InputError, match="in use by another run") if locked else contextlib.nullcontext()
    with store.held(), refused, Store(tmp_path, KEY).held():
        pass
    with Store(tmp_path, KEY).held():
        pass


def test_a_write_that_fails_leaves_the_old_state(tmp_path, monkeypatch):
    store = Store(tmp_path, KEY)
    store.save(State(position=0), now=True)
    before = store.path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        store.save(State(position=5), now=True)
    assert store.path.read_bytes() == before


# -- time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("8h", 28800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("0.5", 0.5),
        (" 2 H ", 7200),
        ("1d", 86400),
    ],
)
def test_lengths_of_time_are_read(text, seconds):
    assert seconds_of(text, "--time") == seconds


@pytest.mark.parametrize(
    "text", ["", "h", "8 hours", "-5", "0", "0h", "1e3", "nan", "inf", "5x", "1h30", "400d", "9" * 30]
)
def test_other_lengths_of_time_are_refused(text):
    with pytest.raises(InputError, match=r"--time: must be"):
        seconds_of(text, "--time")


def test_time_is_shared_and_the_state_goes_to_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PGB_CACHE", str(tmp_path))
    runs = [
        CliRunner().invoke(app, ["falsify", "failure_mode", "--time", "1.5s"], standalone_mode=False) for _ in range(2)
    ]
    assert [r.return_value for r in runs] == [0, 0]
    assert all("stopped early (time)" in r.output for r in runs)
    assert "taken up after" in runs[1].output
    assert database.default_folder() == tmp_path / "falsify"
    assert len(list((tmp_path / "falsify").glob("*.json"))) == 1


def test_too_little_time_is_no_failure(tmp_path):
    options = ["falsify", "--time", "0.001", "--database", str(tmp_path)]
    run = CliRunner().invoke(app, options, standalone_mode=False)
    assert run.return_value == 0
    assert run.output.count("stopped early (time)") >= 15


def test_without_a_time_or_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("PGB_CACHE", str(tmp_path))
    CliRunner().invoke(app, ["falsify", "failure_mode", "--examples", "2"], standalone_mode=False)
    assert list(tmp_path.iterdir()) == []


def test_answers_with_better_evidence_are_not_invented(tmp_path):
    strategy = pgb.falsify.problems(networks="t1", losses="squared", samples=1, lam="1")
    found = pgb.falsify(lambda _: Answer(False, "so it is"), strategy, database=tmp_path)
    again = pgb.falsify(lambda _: Answer(False, "so it is"), strategy)
    assert found.counterexample.evidence == again.counterexample.evidence == "numerical"
