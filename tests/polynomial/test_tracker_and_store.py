"""The compiled tracker does what its numpy twin does; monodromy finds known root counts; the store believes nothing."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from polynomial_cases import random_network

from pgb.landscape.polynomial import store
from pgb.landscape.polynomial.monodromy import solve_generic
from pgb.landscape.polynomial.network import network_family
from pgb.landscape.polynomial.rescue import track_precisely
from pgb.landscape.polynomial.solve import pose_network
from pgb.landscape.polynomial.symmetry import canonical, distinct, group, orbit
from pgb.landscape.polynomial.tracker import track
from pgb.landscape.polynomial.twin import taylor


@pytest.mark.parametrize(("d", "rank"), [((2, 1, 2), 2), ((2, 2, 2), 2), ((1, 1, 1, 1), 1), ((3, 1, 2), 2)])
def test_kernels_agree_with_the_twin(d: tuple[int, ...], rank: int) -> None:
    family = network_family(d, rank)
    rng = np.random.default_rng(3)
    generic = solve_generic(family, rng)
    stops = np.array([family.member(rng) for _ in range(2)])
    n = len(generic.points)
    points = np.tile(generic.points, (2, 1))
    target = np.repeat([0, 1], n)
    fast = track(family, points, generic.base, stops, target=target)
    slow = track(family, points, generic.base, stops, target=target, twin=True)
    assert (fast.status == 0).all()
    assert (slow.status == 0).all()
    scale = 1.0 + np.abs(slow.points).max()
    assert np.abs(fast.points - slow.points).max() < 1e-5 * scale
    more = fast.steps - slow.steps  # a fresh lane spends one step on its start; rounding decides close calls
    assert np.median(more) == 1
    assert np.abs(more).max() <= 0.3 * slow.steps.max()
    for k in (0, 1):
        assert len(distinct(canonical(fast.points[target == k], family.flips))) == n


def test_taylor_coefficients_solve_the_equations() -> None:
    """F(x + c1 s + ... + c4 s^4; p + s d) = O(s^5)."""
    family = network_family((2, 2, 1), 2)
    rng = np.random.default_rng(1)
    generic = solve_generic(family, rng)
    d = np.broadcast_to(family.member(rng), (len(generic.points), family.q))
    p = np.broadcast_to(generic.base, d.shape)
    c = taylor(family, generic.points, p, d)
    errors = []
    for s in (2e-3, 1e-3):
        x = generic.points + sum(c[k] * s ** (k + 1) for k in range(4))
        errors.append(np.abs(family.evaluate(x, p + s * d)[0]).max())
    assert errors[0] / errors[1] == pytest.approx(32.0, rel=0.15)


@pytest.mark.parametrize(
    ("d", "rank", "orbits"),
    [
        ((1, 1, 1), 1, 2),
        ((2, 1, 2), 2, 8),
        ((2, 2, 2), 2, 48),
        ((2, 1, 1, 2), 2, 20),
        ((1, 1, 1, 1, 1), 1, 6),
        ((2, 2, 1), 1, 0),
    ],
)
def test_root_counts_of_strata(d: tuple[int, ...], rank: int, orbits: int) -> None:
    """As counted by msolve and PHCpack on the networks of linear_networks.json, split by their zero patterns."""
    family = network_family(d, rank)
    for seed in (0, 1):
        assert len(solve_generic(family, np.random.default_rng(seed)).points) == orbits


def test_paths_to_infinity_are_told() -> None:
    """Without ridge on the second layer's weight the points of (1, 1, 1) go to infinity."""
    family = network_family((1, 1, 1), 1)
    generic = solve_generic(family, np.random.default_rng(0))
    stop = generic.base.copy()
    stop[-1] = 0.0
    assert (track(family, generic.points, generic.base, stop).status != 0).all()


def test_orbits_and_representatives() -> None:
    family = network_family((2, 2, 2), 2)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 8)) + 1j * rng.normal(size=(5, 8))
    images = orbit(x, family.flips)
    assert images.shape == (4, 5, 8)
    for image in images:
        assert np.array_equal(canonical(image, family.flips), canonical(x, family.flips))
    assert len(distinct(images.reshape(-1, 8))) == 20
    assert len(group(family.flips, 8)) == 4
    assert distinct(np.concatenate([x, x[2:3] + 1e-10])).tolist() == [0, 1, 2, 3, 4]


def test_the_store_returns_what_it_kept_and_refuses_damage(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGB_CACHE", str(tmp_path))
    family = network_family((2, 1, 2), 2)
    generic = solve_generic(family, np.random.default_rng(0))
    assert store.load(family) is None
    store.save(family, generic)
    again = store.load(family)
    assert again is not None
    assert np.array_equal(again.points, generic.points)
    assert np.array_equal(again.base, generic.base)
    path = store.folder() / f"{family.key}.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert store.load(family) is None
    path.write_bytes(b"")
    assert store.load(family) is None
    store.save(family, type(generic)(generic.points + 0.1, generic.base, 1, 1, 0))
    assert store.load(family) is None  # not solutions
    assert store.load(network_family((1, 1, 1), 1)) is None
    assert not list(store.folder().glob("*.tmp"))


def test_import_is_light() -> None:
    code = "import sys, pgb.landscape.polynomial; print(sorted(m for m in ('numba', 'sympy', 'flint', 'scipy') if m in sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_results_do_not_depend_on_the_cache() -> None:
    posed = pose_network(random_network((2, 1, 2), 2, 5))
    from pgb.landscape.polynomial.instances import solve_instances

    a = solve_instances(posed.system, [posed.parameters], seed=1)[0]
    store.forget()
    b = solve_instances(posed.system, [posed.parameters], seed=2, use_disk=False)[0]
    assert (a.n_complex, a.n_real, a.index_counts()) == (b.n_complex, b.n_real, b.index_counts())


def test_paths_that_doubles_lose_are_followed_in_higher_precision() -> None:
    """A nearly degenerate instance: 16 of its 81 points have coordinates near 3000 and are out of reach in doubles."""
    from pgb.landscape.polynomial.instances import solve_instances
    from pgb.landscape.polynomial.sweep import SweepFamily

    posed = pose_network(SweepFamily((2, 1, 1, 2), 2).instance(11, 59))
    found = solve_instances(posed.system, [posed.parameters])[0]
    assert (found.n_complex, found.lost) == (81, 0)
    assert np.abs(found.zeros.points).max() > 1e3


def test_the_precise_tracker_agrees_with_the_fast_one() -> None:
    family = network_family((2, 1, 2), 2)
    rng = np.random.default_rng(2)
    generic = solve_generic(family, rng)
    stop = [Fraction(int(v), 8) for v in rng.integers(1, 30, family.q)]
    fast = track(family, generic.points, generic.base, np.array([float(v) for v in stop]) + 0j)
    for row in range(3):
        x = track_precisely(family, generic.points[row].tolist(), generic.base.tolist(), stop)
        assert x is not None
        slow = np.array([complex(float(v.real), float(v.imag)) for v in x])
        assert np.abs(slow - fast.points[row]).max() < 1e-6 * (1.0 + np.abs(slow).max())
