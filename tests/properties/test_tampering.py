"""Every field of every kind of saved record, changed one at a time: `pgb recheck` refuses it, or it is listed below, with why.

What a record claims about its points (where, value, type, strictness, evidence) is confirmed field by field. A certificate
also holds data that only help to find a proof: other data that also prove the same claims are as good.
"""

from __future__ import annotations

from typing import Any

import pytest

from pgb.errors import InputError
from pgb.landscape.records import recheck_record

from .tampering import Path, changed, leaves, records, spoilt

NAMES = (
    "critical points, by boxes", "critical points, by homotopy", "critical points, by linear algebra", "a saddle",
    "no critical point", "a flat minimum of Lt", "a maximum", "flat minimum, by its orbit", "flat minimum, by a slice",
    "minimum at a kink", "decimals that fit",
)  # fmt: skip
TEXT = "text for people; nothing is concluded from it"
ORIGIN = "where the record comes from; checking again does not use it"
COMPLETE = "about points that are not listed: never confirmed by recheck, which says so"
WEAKER = "a larger radius says less, and is as true (a smaller one is refused)"
WITNESS = "data for a proof of the same claims; other data that prove them are as good"
QUERY = "the distance to the point that was asked about, which the record does not hold"
IRRELEVANT = {
    "title": TEXT,
    "reason": TEXT,
    "completeness": COMPLETE,
    "status": COMPLETE,  # of the whole set
    "complete": COMPLETE,
    "n_complex": COMPLETE,
    "n_real": COMPLETE,
    "components": COMPLETE,
    "open_boxes": COMPLETE,
    "interrupted": COMPLETE,
    "seconds": ORIGIN,
    "seed": ORIGIN,
    "notes": ORIGIN,
    "certificate.seed": ORIGIN,
    "points.certificate.orbit": ORIGIN,
    "points.certificate.region.low": ORIGIN,
    "points.certificate.region.high": ORIGIN,
    "points.certificate.method": ORIGIN,
    "points.certificate.bits": ORIGIN,
    "points.certificate.radius": ORIGIN,
    "points.certificate.unique_within": ORIGIN,
    "radius": WEAKER,
    "points.radius": WEAKER,
    "distance": QUERY,
    "certificate.place.zero.basis": WITNESS,
    "certificate.place.zero.inverse": WITNESS,
    "certificate.place.zero.precision": WITNESS,
    "certificate.signature.basis": WITNESS,
    "certificate.constant.line": WITNESS,
    "certificate.proof.basis": WITNESS,
    "certificate.proof.minor": WITNESS,
    **{f"points.certificate.{n}": WITNESS for n in ("place.zero.basis", "place.zero.inverse", "place.zero.precision", "signature.basis")},
}  # fmt: skip
BY_ITSELF = {"status"}  # listed for a set of points; refused for a classified point


def kind_of(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def confirmed(record: Any) -> bool:
    try:
        return all(r.ok for r in recheck_record(record))
    except InputError:
        return False


def accepted_changes(record: dict[str, Any], each: int) -> set[str]:
    """Return the kinds of field of which some changed value was accepted; at most `each` fields of one kind are tried."""
    seen: dict[str, int] = {}
    accepted = set()
    for path, value in leaves(record):
        kind = kind_of(path)
        variable_free = kind if "theta" not in kind and "exact." not in kind else kind.rsplit(".", 1)[0]
        seen[variable_free] = seen.get(variable_free, 0) + 1
        if seen[variable_free] > each:
            continue
        accepted |= {kind for other in spoilt(value) if confirmed(changed(record, path, other))}
    return accepted


@pytest.fixture(params=NAMES)
def record(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, records()[request.param]


def test_records_are_confirmed_as_they_are(record: Any) -> None:
    _, written = record
    results = recheck_record(written)
    assert results
    assert all(r.ok for r in results), results


def test_each_changed_field_is_refused_or_listed(record: Any, pytestconfig: pytest.Config) -> None:
    name, written = record
    thorough = pytestconfig.getoption("--profile") == "thorough"
    if "points" in written and not thorough:
        written = {**written, "points": written["points"][:1]}
    few = 1 if sum(1 for _ in leaves(written)) > 100 else 2
    accepted = accepted_changes(written, 10**6 if thorough else few)
    listed = set(IRRELEVANT) if "points" in written else set(IRRELEVANT) - BY_ITSELF
    assert accepted <= listed, (name, accepted - listed)


def test_each_field_taken_away_is_refused_or_listed(record: Any) -> None:
    """A field that is needed is missed; fields of a certificate that are not there prove less, not more."""
    _, written = record
    claims = {"theta", "value", "kind", "index", "strict", "status", "radius", "certificate"}
    point = written["points"][0] if "points" in written else written
    for field in claims:
        less = {k: v for k, v in point.items() if k != field}
        assert not confirmed({**written, "points": [less]} if "points" in written else less), field
    assert not confirmed({k: v for k, v in written.items() if k != "problem"})


def test_the_smaller_radius_is_refused() -> None:
    for written in records().values():
        for point in written.get("points", [written]):
            rounded = [v for v in point["theta"].values() if len(v) > 25]
            if rounded and point["radius"] != "0":
                less = {**point, "radius": "1e-300"}
                assert not confirmed({**written, "points": [less]} if "points" in written else less)
        negative = {**written.get("points", [written])[0], "radius": "-1"}
        assert not confirmed({**written, "points": [negative]} if "points" in written else negative)


def hunt() -> None:
    """Look for a change that is accepted and should not be, in the shortest record of each kind of checker."""
    for name in ("a saddle", "critical points, by boxes", "no critical point"):
        written = records()[name]
        if "points" in written:
            written = {**written, "points": written["points"][:1]}
        listed = set(IRRELEVANT) if "points" in written else set(IRRELEVANT) - BY_ITSELF
        assert all(r.ok for r in recheck_record(written))
        assert accepted_changes(written, 1) <= listed, name


test_each_changed_field_is_refused_or_listed.hunt = hunt  # type: ignore[attr-defined]
