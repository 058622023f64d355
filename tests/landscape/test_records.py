"""Saved records are checked again, and refused when any field of theirs is changed."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pgb import problem
from pgb.errors import InputError
from pgb.landscape.records import recheck_record
from pgb.landscape.search import classify_point, critical_points

from ..properties.tampering import LINEAR, TANH


def record(text: str) -> dict[str, Any]:
    found = critical_points(problem.loads(text), workers=1)
    return json.loads(json.dumps(found.to_json())) | {"objective": "L", "problem": text}


@pytest.fixture(scope="module", params=[TANH, LINEAR], ids=["boxes", "homotopy"])
def saved(request: pytest.FixtureRequest) -> dict[str, Any]:
    return record(request.param)


def test_everything_found_is_confirmed(saved: dict[str, Any]) -> None:
    results = recheck_record(saved)
    assert len(results) == len(saved["points"]) >= 3
    assert all(r.ok for r in results), results


def shifted(decimal: str) -> str:
    return f"{float(decimal) + 1e-6:.17g}"


@pytest.mark.parametrize("field", ["theta", "value", "kind", "index", "problem", "radius"])
def test_each_changed_field_is_refused(saved: dict[str, Any], field: str) -> None:
    changed = copy.deepcopy(saved)
    point = next(p for p in changed["points"] if p["kind"] == "local minimum")
    if field == "theta":
        name = next(iter(point["theta"]))
        point["theta"][name] = shifted(point["theta"][name])
    elif field == "value":
        point["value"] = shifted(point["value"])
    elif field == "kind":
        point["kind"] = "saddle"
    elif field == "index":
        point["index"] = 1
    elif field == "radius":
        name = max(point["theta"], key=lambda n: len(point["theta"][n]))
        point["theta"][name] = point["theta"][name][:12]
        point["radius"] = "1e-35"
    else:
        changed["problem"] = changed["problem"].replace('["1"]', '["11/10"]')
    assert not all(r.ok for r in recheck_record(changed))


def test_classification_record() -> None:
    p = problem.loads(LINEAR)
    _, written = classify_point(p, p.point("origin"))
    (result,) = recheck_record(written | {"problem": LINEAR})
    assert result.ok
    (result,) = recheck_record(written | {"problem": LINEAR, "index": 0, "kind": "local minimum"})
    assert not result.ok


@pytest.mark.parametrize("missing", ["problem", "objective", "points"])
def test_records_without_their_parts_are_bad_input(saved: dict[str, Any], missing: str) -> None:
    with pytest.raises(InputError, match=missing):
        recheck_record({k: v for k, v in saved.items() if k != missing})


def test_garbage_points_are_refused_not_raised(saved: dict[str, Any]) -> None:
    for junk in ({}, {"certificate": {}}, {"certificate": {"format": "pgb-point-1"}}, {"certificate": None}):
        assert not recheck_record(saved | {"points": [junk]})[0].ok


def test_rechecking_imports_no_search_code(saved: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(saved))
    script = (
        "import json, sys\nfrom pgb.landscape.records import recheck_record\n"
        f"recheck_record(json.load(open({str(path)!r})))\n"
        "print([m for m in sys.modules if m.startswith(('pgb.landscape.boxes', 'pgb.landscape.polynomial', "
        "'pgb.landscape.search', 'pgb.landscape.classify', 'numba'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pgb.landscape.classification']" or done.stdout.strip() == "[]"
