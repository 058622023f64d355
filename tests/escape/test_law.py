"""The escape law on many problems, the reasons where it does not apply, and the page that lists both."""

import importlib.util
import math
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from pgb import problem
from pgb.escape import Fate, end_ray
from pgb.evidence import Evidence

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES = sorted((DOCS / "escape_law").glob("*.toml"))
LAWFUL = [p for p in FILES if not p.stem.startswith("no_law")]
QUICK = [p for p in LAWFUL if p.stem in ("one_sample", "three_outputs", "softplus_loss", "two_inputs", "deep_linear")]
PAGE = (DOCS / "escape.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_escape", DOCS / "make_escape.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(name: str) -> dict[str, list[str]]:
    """Return the rows of a table of the page by their first cell, without its link."""
    table = PAGE.split(f"<!-- begin {name} -->\n")[1].split(f"<!-- end {name} -->")[0]
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return {re.sub(r"\[(.*)\]\(.*\)", r"\1", row[0]): row[1:] for row in cells}


def holds(make: ModuleType, path: Path) -> None:
    p, run = make.law_run(path)
    assert run.fate is Fate.ESCAPE
    law = run.law
    assert law is not None
    assert law.applicable, law.reason
    assert abs(law.constant - 1) < 0.01
    assert max(map(abs, law.offset)) < 0.01
    assert run.drift < 1e-6
    shown = rows("law")[path.stem]
    assert abs(float(shown[5]) - law.constant) < 2e-5
    assert shown[:5] == [p.loss.name, *map(str, (p.data.m, p.data.dx, p.network.dy, p.augmentation.lam))]


@pytest.mark.parametrize("path", QUICK, ids=lambda p: p.stem)
def test_the_law_holds(make: ModuleType, path: Path) -> None:
    holds(make, path)


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in LAWFUL if p not in QUICK], ids=lambda p: p.stem)
def test_the_law_holds_on_all(make: ModuleType, path: Path) -> None:
    holds(make, path)


def test_the_law_is_shown_on_at_least_20_different_problems() -> None:
    assert len(LAWFUL) >= 20
    assert set(rows("law")) == {p.stem for p in LAWFUL}
    loaded = [problem.load(p) for p in LAWFUL]
    shapes = {(p.network.outputs, p.sample_losses(), p.weight(), p.data.x, p.augmentation.lam) for p in loaded}
    assert len(shapes) == len(LAWFUL)
    assert {p.loss.name for p in loaded} >= {"squared", "logistic", "smooth_hinge", "cross_entropy", "formula"}
    assert {(p.data.dx, p.network.dy) for p in loaded} >= {(1, 1), (2, 1), (1, 2), (1, 3)}


@pytest.mark.parametrize(
    ("stem", "reason", "constant"),
    [
        ("no_law_away_from_0", "W has not settled", 1 / 2),  # w moves as b does: two directions share the work of one
        ("no_law_one_of_two", "1 of 2 added units escape", 1 / 2),
        ("no_law_three_classes", "2 of 3 added units escape", 2 / 3),
        ("no_law_consistent_logistic", "has not settled", math.nan),
    ],
)
def test_the_law_is_not_applied_where_a_hypothesis_fails(
    make: ModuleType, stem: str, reason: str, constant: float
) -> None:
    _, run = make.law_run(DOCS / "escape_law" / f"{stem}.toml")
    assert run.fate is Fate.ESCAPE
    assert run.law is not None
    assert not run.law.applicable
    assert reason in run.law.reason
    assert run.law.reason == rows("no_law")[stem][0]
    assert run.law.constant == pytest.approx(constant, rel=0.01, nan_ok=True)


def test_the_measured_limit_is_not_taken_from_the_penalty(make: ModuleType) -> None:
    """Samples y = (1, 2, 1) at x = (-1, 0, 1): the best c e^(w x) is the constant 4/3 (w = 0), of value 2/9."""
    _, run = make.law_run(DOCS / "escape_law" / "weight_at_0.toml")
    assert run.law is not None
    assert abs(run.law.limit - 2 / 9) < 1e-13
    assert abs(run.z[-1][1] * np.exp(run.z[-1][2]) - 4 / 3) < 1e-4


@pytest.mark.parametrize("name", ["cubic", "straight_line", "cross_entropy", "rescued", "two_outputs", "conflicting"])
def test_the_six_examples_are_as_the_page_says(make: ModuleType, name: str) -> None:
    p, run = make.example_run(name)
    computed = make.example_row(name, p, run).strip("|").split("|")
    for new, old in zip((c.strip() for c in computed[1:]), rows("examples")[name], strict=True):
        assert re.sub(r"[\d.e+-]+", "#", new) == re.sub(r"[\d.e+-]+", "#", old)
        numbers = [[float(v) for v in re.findall(r"\d[\d.]*(?:e[+-]\d+)?", cell)] for cell in (new, old)]
        assert numbers[0] == pytest.approx(numbers[1], rel=2e-3)
    if run.fate is Fate.ESCAPE:
        assert end_ray(p, run).status is Evidence.CERTIFIED
    assert (DOCS / "escape" / f"{name}.png").stat().st_size < 100_000
    assert f"pgb escape counterexamples/{name}.toml --from" in PAGE


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cubic", "rescued", "conflicting"])
def test_basins_are_as_the_page_says(make: ModuleType, name: str) -> None:
    _, found = make.study(name)
    assert [row for row in study_lines() if row.startswith(f"| {name} |")] == make.study_rows(name, found)


def study_lines() -> list[str]:
    return PAGE.split("<!-- begin basins -->\n")[1].split("<!-- end basins -->")[0].strip().splitlines()


def test_basins_on_the_page_contradict_no_theorem() -> None:
    """straight_line: no theta attains L* = 0, so no flow can end at a global minimum of L* there."""
    lines = study_lines()[2:]
    assert {line.split("|")[1].strip() for line in lines} == {"cubic", "rescued", "straight_line", "conflicting"}
    assert not any("straight_line" in line and "global minimum" in line for line in lines)
    for name in ("cubic", "rescued", "straight_line", "conflicting"):
        assert (DOCS / "escape" / f"basins_{name}.png").stat().st_size < 100_000


def test_fates_of_the_six_examples_are_those_of_the_theory() -> None:
    fates = {name: row[2] for name, row in rows("examples").items()}
    assert fates == {
        "cubic": "escape to infinity",
        "straight_line": "escape to infinity",
        "cross_entropy": "escape to infinity",
        "rescued": "global minimum, a -> 0",
        "two_outputs": "escape to infinity",
        "conflicting": "global minimum, a -> 0",
    }
