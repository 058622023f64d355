"""Counts, indices, values and 30 digits of every reference network, and the verdict on every degenerate one."""

import json
from fractions import Fraction

import pytest
from polynomial_cases import DATA, network_of, random_network, read

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape.polynomial import LinearNetwork, critical_points_of_polynomial
from pgb.landscape.polynomial.instances import solve_instances
from pgb.landscape.polynomial.solve import pose_network
from pgb.landscape.results import Kind

DIGITS = Fraction(1, 10**30)
PROVED = {"1_2_1_2_2_s1", "1_2_3_2_2_s1", "2_1_2_2_1_s1", "2_2_1_1_1_s1", "2_1_2_2_2_s1", "2_2_1_1_2_s1"}


@pytest.mark.parametrize("case", read("linear_networks.json"), ids=lambda c: c["id"])
def test_reference_network(case: dict) -> None:
    network = network_of(case)
    small = network.n <= 6
    result = critical_points_of_polynomial(network.loss() if small else None, structure=network, digits=40)
    assert (result.n_complex, result.n_real) == (case["N_C"], case["N_R"])
    assert all(p.status is Evidence.CERTIFIED for p in result.points)
    indices = [str(p.index) for p in result.points]
    assert {k: indices.count(k) for k in set(indices)} == case["index_counts"]
    got = [
        ([Fraction(p.theta[n]) for n in network.names], p.index, Fraction(p.value), Fraction(p.radius))
        for p in result.points
    ]
    for want in case["real_solutions"]:
        x = [Fraction(v) for v in want["x"]]
        near = [g for g in got if max(abs(a - b) for a, b in zip(x, g[0], strict=True)) < DIGITS]
        assert len(near) == 1
        assert near[0][1] == want["index"]
        assert abs(near[0][2] - Fraction(want["loss"])) < DIGITS
        assert near[0][3] < DIGITS
    assert result.complete is (case["id"] not in PROVED)
    assert any("check passed" in note for note in result.notes)
    kinds = {p.kind for p in result.points if p.index == 0}
    assert kinds == {Kind.LOCAL_MINIMUM}


@pytest.mark.parametrize("case", read("linear_networks_degenerate.json"), ids=lambda c: c["id"])
def test_degenerate_network(case: dict) -> None:
    result = critical_points_of_polynomial(None, structure=network_of(case))
    if case["dimension"] == 0:
        assert result.components == ()
        assert (result.n_complex, result.n_real) == (case["distinct"], case["N_R"])
        multiple = sum((p.multiplicity or 0) - 1 for p in result.points)
        assert result.n_complex + multiple == case["degree"]
    else:
        assert {c.dimension for c in result.components} == {case["dimension"]}
        assert all(c.status is Evidence.CERTIFIED for c in result.components)
        assert not result.complete
        assert (result.n_complex, result.n_real) == (1, 1)  # the origin alone is isolated
        assert [set(p.theta.values()) for p in result.points] == [{"0"}]


def test_a_triple_origin_is_reported_once() -> None:
    case = next(c for c in read("linear_networks_degenerate.json") if c["id"] == "D5_bifurcation")
    result = critical_points_of_polynomial(None, structure=network_of(case))
    assert [(p.kind, p.multiplicity, set(p.theta.values())) for p in result.points] == [(Kind.DEGENERATE, 3, {"0"})]
    assert result.complete  # 2 regular + 3 = the proved bound 5


@pytest.mark.parametrize(
    "row",
    json.loads((DATA / "published_counts.json").read_text())["N_C"][::3],
    ids=lambda r: "-".join(map(str, r["architecture"])),
)
def test_published_counts(row: dict) -> None:
    H, di, m, dx, dy = row["architecture"]
    posed = pose_network(random_network((dx, *[di] * H, dy), m, seed=sum(row["architecture"])))
    found = solve_instances(posed.system, [posed.parameters])[0]
    assert (found.n_complex, found.lost) == (row["N_C"], 0)
    assert sum(v if k % 2 == 0 else -v for k, v in found.index_counts().items()) == 1


def test_scale_reduction_and_seed_do_not_matter() -> None:
    """Multiplying c and every ridge weight by the same number moves no critical point."""
    network = random_network((2, 1, 2), 3, 8)
    scaled = LinearNetwork(
        network.widths, network.X, network.Y, tuple(5 * r / 3 for r in network.ridge), network.scale * 5 / 3
    )
    a = critical_points_of_polynomial(None, structure=network, seed=1)
    b = critical_points_of_polynomial(None, structure=scaled, seed=2)
    assert [p.theta for p in a.points] == [p.theta for p in b.points]
    assert [p.index for p in a.points] == [p.index for p in b.points]


def test_the_structure_must_be_the_losses() -> None:
    network = random_network((1, 1, 1), 2, 3)
    with pytest.raises(InputError, match="structure"):
        critical_points_of_polynomial(network.loss() + network.symbols()[0], structure=network)


@pytest.mark.slow
def test_thirteen_thousand_points() -> None:
    posed = [pose_network(random_network((2, 2, 2, 2), 2, seed)) for seed in range(4)]
    found = solve_instances(posed[0].system, [p.parameters for p in posed])
    assert [(f.n_complex, f.lost) for f in found] == [(13441, 0)] * 4
    assert all(sum(v if k % 2 == 0 else -v for k, v in f.index_counts().items()) == 1 for f in found)
