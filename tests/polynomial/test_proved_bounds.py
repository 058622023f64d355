"""The bound by a modular rank: its ideal elements vanish where they must, its conclusion is right, its hypotheses are checked."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from polynomial_cases import network_of, random_network, read

from pgb.landscape.polynomial.completeness import bezout_bound
from pgb.landscape.polynomial.general import pose_polynomial
from pgb.landscape.polynomial.instances import solve_instances
from pgb.landscape.polynomial.modular import Extended, network_bound, reduced_data, shallow_ideal, span
from pgb.landscape.polynomial.network import LinearNetwork
from pgb.landscape.polynomial.solve import pose_network

CASES = {c["id"]: c for c in read("linear_networks.json")}


@pytest.mark.parametrize(
    ("d", "m", "count"),
    [
        ((1, 1, 1), 1, 5),
        ((2, 1, 2), 2, 17),
        ((2, 1, 2), 1, 9),
        ((3, 1, 2), 2, 17),
        ((1, 1, 3), 2, 13),
        ((3, 1, 1), 3, 13),
        ((1, 2, 1), 1, 9),
        ((2, 2, 1), 1, 9),
        ((1, 1, 1, 1), 3, 17),
        ((1, 1, 1, 1, 1), 2, 49),
        ((1, 1, 1, 1, 1, 1), 1, 129),
    ],
)
def test_bounds_are_met_by_certified_points(d: tuple[int, ...], m: int, count: int) -> None:
    network = random_network(d, m, seed=sum(d) + m)
    bound = network_bound(network)
    assert bound is not None
    posed = pose_network(network)
    found = solve_instances(posed.system, [posed.parameters])[0]
    assert bound.count == found.n_complex == count


def test_ideal_elements_vanish_on_critical_points() -> None:
    """At certified zeros, with A = W2^T W2 and B = W1 S W1^T (P = W1 U where X has lower rank)."""
    for d, m in [((2, 1, 2), 2), ((2, 2, 2), 3), ((3, 1, 2), 1), ((3, 2, 1), 2)]:
        network = random_network(d, m, seed=2)
        posed = pose_network(network)
        found = solve_instances(posed.system, [posed.parameters])[0]
        S, _, ridges, _ = reduced_data(network)
        r, (dx, d1, dy) = S.nrows(), d
        exact = lambda M: np.array([[float(v.p) / float(v.q) for v in row] for row in M.tolist()])
        S = exact(S)
        assert [exact(t).shape for t in ridges] == [(r, r)] * d1
        U = np.eye(dx)
        if r < dx:
            U = np.array([float(v) for v in network.member()[1][: dx * r]]).reshape(dx, r)
        extended = shallow_ideal(network)
        for z in found.zeros.points:
            P = z[: dx * d1].reshape(d1, dx) @ U
            W2 = z[dx * d1 :].reshape(dy, d1)
            A, B = W2.T @ W2, P @ S @ P.T
            upper = np.triu_indices(d1)
            at = np.concatenate([P.ravel(), W2.ravel(), A[upper], B[upper]])
            for g in extended.generators:
                terms = np.array([float(c) * np.prod(at ** np.array(e)) for e, c in g.items()])
                assert abs(terms.sum()) <= 1e-9 * (1.0 + np.abs(terms).sum())


def test_a_wrong_element_would_show() -> None:
    """x^2 - 1 and x - 1 together leave one point; the pair x^2 - 1 alone leaves two; x y - 1 alone never closes."""
    one, two = Fraction(1), Fraction(-1)
    square, line = {(2,): one, (0,): two}, {(1,): one, (0,): two}
    candidates = [(k,) for k in range(4)]
    inside = lambda _: True
    assert span(Extended((square,), (0,), (1,)), inside, candidates) == 2
    assert span(Extended((square, line), (0,), (1,)), inside, candidates) == 1
    plane = [(i, j) for i in range(4) for j in range(4)]
    assert span(Extended(({(1, 1): one, (0, 0): two},), (0, 0), (2,)), inside, plane) is None
    assert span(Extended((square,), (0,), (1,)), lambda e: e != (0,), candidates) is None  # 1 must be in C


def test_solutions_that_the_prime_hides_at_infinity_are_not_lost() -> None:
    """(p x - 1)(x - 2): modulo p one solution is left; the shape must not close with one."""
    from pgb.landscape.polynomial.modular import PRIME

    p = Fraction(PRIME)
    g = {(2,): p, (1,): -2 * p - 1, (0,): Fraction(2)}
    for top in (2, 3, 6):
        size = span(Extended((g,), (0,), (1,)), lambda _: True, [(k,) for k in range(top)])
        assert size is None or size >= 2


def test_degenerate_networks_are_not_bounded() -> None:
    """Equal weights give circles: no finite bound may come out. The same for a missing ridge."""
    circle = LinearNetwork((1, 2, 1), ((1,),), (("7/8",),), ("1/32", "1/32", "1/8", "1/8"))
    assert network_bound(circle) is None
    assert network_bound(LinearNetwork((1, 1, 1), ((1,),), (("7/8",),), (0, 0))) is None


def test_multiplicity_counts_in_the_bound() -> None:
    """l1 l2 = |x y|: three points, five with multiplicity."""
    network = LinearNetwork.from_lambda((1, 1, 1), [["1"]], [["1/4"]], [[["1/2"]], [["1/2"]]])
    bound = network_bound(network)
    assert bound is not None
    assert bound.count == 5


def test_no_claim_where_nothing_closes() -> None:
    assert network_bound(network_of(CASES["1_2_3_2_2_s1"])) is None
    assert network_bound(network_of(CASES["2_1_2_2_2_s1"])) is None


def test_bezout() -> None:
    x, y = sympy.symbols("x y")
    bound = bezout_bound(pose_polynomial(x**4 + y**4 + x * y, [x, y]))
    assert bound is not None
    assert bound.count == 9
