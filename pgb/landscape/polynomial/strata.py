"""A system to solve: the full family, and the smaller families in which its solutions fall into pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgb.landscape.polynomial.family import BoolArray, ComplexArray, Family
from pgb.landscape.polynomial.network import LinearNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Solutions whose nonzero variables are `variables`: those of `family` with the parameters `parameters` of the whole.

    `flips` (g, n) generates the sign changes of all variables that move these solutions; their orbits have 2^g members.
    """

    family: Family
    variables: tuple[int, ...]
    parameters: tuple[int, ...]
    flips: BoolArray

    def embed(self, points: ComplexArray, n: int) -> ComplexArray:
        """Return points (P, n) of the whole space."""
        out = np.zeros((len(points), n), np.complex128)
        out[:, list(self.variables)] = points
        return out

    @property
    def orbit(self) -> int:
        """Number of members of each orbit."""
        return 1 << len(self.flips)


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Everything the solver needs to know about one kind of loss.

    Attributes
    ----------
    family
        All variables at once: certificates are checked here.
    strata
        Disjoint pieces that cover all solutions except the origin.
    origin
        Whether the origin solves every member.
    excess
        Whether some pattern of nonzero variables may hold infinitely many solutions: the strata do not cover it.
    """

    family: Family
    strata: tuple[Stratum, ...]
    origin: bool
    excess: bool = False


def network_system(network: LinearNetwork) -> System:
    """Return the system of a deep linear network; the origin is always a critical point."""
    family, _ = network.member()
    n = family.n
    strata = []
    for small, variables, parameters in network.strata():
        flips = np.zeros((len(small.flips), n), np.bool_)
        flips[:, variables] = small.flips
        strata.append(Stratum(small, tuple(variables), tuple(parameters), flips))
    return System(family, tuple(strata), origin=True, excess=any(r == 0 for r in network.ridge))
