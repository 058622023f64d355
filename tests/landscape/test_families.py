"""Family files are read strictly; a sweep resumes where it stopped and counts nothing twice."""

import json
from pathlib import Path

import pytest

from pgb.errors import InputError
from pgb.landscape import families

FAMILY = """
title = "scalar"
[family]
layers = [1, 1, 1]
samples = 2
seed = 5
x = { kind = "uniform", low = "1/2", high = "2" }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "family.toml"
    file.write_text(FAMILY)
    return file


def test_a_sweep_counts_certified_points_and_resumes(path: Path, tmp_path: Path) -> None:
    title, family, seed = families.load(path)
    assert (title, seed, family.widths) == ("scalar", 5, (1, 1, 1))
    folder = tmp_path / "journal"
    part = families.run(family, 3, seed, folder, None)
    whole = families.run(family, 8, seed, folder, None)
    fresh = families.run(family, 8, seed, None, None)
    assert whole.records == fresh.records
    assert whole.records[:3] == part.records
    assert whole.statistics()["n_complex"] == {5: 8}
    assert whole.statistics()["check_passed"] == 8
    assert json.dumps(families.to_json(title, whole))


def test_a_line_cut_by_a_kill_is_repeated(path: Path, tmp_path: Path) -> None:
    _, family, seed = families.load(path)
    folder = tmp_path / "journal"
    before = families.run(family, 4, seed, folder, None)
    journal = next(folder.glob("*.jsonl"))
    text = journal.read_text()
    journal.write_text(text[: len(text) - 20])
    assert families.run(family, 4, seed, folder, None).records == before.records


def test_another_seed_does_not_mix_with_a_journal(path: Path, tmp_path: Path) -> None:
    _, family, seed = families.load(path)
    families.run(family, 2, seed, tmp_path / "journal", None)
    with pytest.raises(InputError):
        families.run(family, 2, seed + 1, tmp_path / "journal", None)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (("[family]", "[familie]"), "familie"),
        (("layers = [1, 1, 1]", "layers = [1, 1]"), "family.layers"),
        (("samples = 2", "samples = 0"), "family.samples"),
        (("seed = 5", 'seed = "5"'), "family.seed"),
        (('kind = "uniform"', 'kind = "cauchy"'), "family.x"),
        (('low = "1/2"', "low = 0.5"), "family.x.low"),
        (("samples = 2", "sample = 2"), "family.sample"),
    ],
)
def test_bad_families_name_the_field(path: Path, change: tuple[str, str], names: str) -> None:
    path.write_text(FAMILY.replace(*change))
    with pytest.raises(InputError, match=names.replace(".", r"\.")):
        families.load(path)
