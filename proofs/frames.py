"""The general objective Q(z) = (1/m) sum_i Q_i(phi_i(z), rho(z)) of the PGB condition, and what is said about it.

Read it with `pgb_condition`: these are the definitions of its statement, for any blocks of coordinates of z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pgb.kernel import LE, LT, REAL, Term, Type, eq, eta

from .building import (
    INPUT,
    ONE,
    OUTPUT,
    PARAM,
    SAMPLE,
    O,
    conjunction,
    every,
    for_all,
    for_some,
    function,
    implies,
    is_zero,
    positive,
    some,
    square_of,
    total_over,
    variable,
)
from .spaces import Index, Point, Space
from .statements import VECTOR, i, k, mean, partial

FAMILY: Final = "pert"


@dataclass(frozen=True, slots=True)
class Frame:
    """The shapes for which the theorem is said and proved: the blocks of z and the index sort of rho.

    It provides the variables Q, phi, rho with their partial derivatives, and the formulas of the statement.
    """

    space: Space
    slots: str

    @property
    def rho_type(self) -> Type:
        """The type of the vector rho."""
        return (self.slots, REAL)

    @property
    def loss(self) -> Term:
        """The function ``Q_i(y, u)``."""
        return variable("Q", SAMPLE, VECTOR, self.rho_type, REAL)

    @property
    def loss_slopes(self) -> tuple[Term, Term]:
        """The partial derivatives of ``Q_i`` in y_k and in u_q."""
        return (
            variable("dQ", SAMPLE, VECTOR, self.rho_type, OUTPUT, REAL),
            variable("eQ", SAMPLE, VECTOR, self.rho_type, self.slots, REAL),
        )

    @property
    def phi(self) -> Term:
        """The function ``phi_i(z)_k``, of i, z, k."""
        return variable("phi", SAMPLE, *self.space.types, OUTPUT, REAL)

    @property
    def rho(self) -> Term:
        """The function ``rho(z)_q``, of z, q."""
        return variable("rho", *self.space.types, self.slots, REAL)

    @property
    def phi_slopes(self) -> tuple[Term, ...]:
        """For each block, ``d_p phi_i(z)_k``, of i, z, k, p."""
        return tuple(
            variable(f"dphi{n or ''}", SAMPLE, *self.space.types, OUTPUT, *block, REAL)
            for n, block in enumerate(self.space.blocks)
        )

    @property
    def rho_slopes(self) -> tuple[Term, ...]:
        """For each block, ``d_p rho(z)_q``, of z, q, p."""
        return tuple(
            variable(f"drho{n or ''}", *self.space.types, self.slots, *block, REAL)
            for n, block in enumerate(self.space.blocks)
        )

    @property
    def data(self) -> tuple[Term, ...]:
        """All functions the statement is about; it holds for all of them."""
        return (self.loss, *self.loss_slopes, self.phi, *self.phi_slopes, self.rho, *self.rho_slopes)

    def features(self, n: Term, z: Point) -> tuple[Term, Term]:
        """Return the vectors ``phi_n(z)`` and ``rho(z)``."""
        return (
            function(OUTPUT, lambda c: self.phi(n, *z, c)),
            function(self.slots, lambda c: self.rho(*z, c)),
        )

    def value(self, z: Point) -> Term:
        """Return ``Q(z)``."""
        return mean(lambda n: self.loss(n, *self.features(n, z)))

    def differentiable(self) -> Term:
        """Return: every Q_i obeys the chain rule along every differentiable curve, with the partial derivatives dQ, eQ."""
        n, t = variable("i", SAMPLE), variable("t", REAL)
        y, u = variable("y", REAL, *VECTOR), variable("u", REAL, *self.rho_type)
        dy, du = variable("dy", *VECTOR), variable("du", *self.rho_type)
        at = (eta(y(t)), eta(u(t)))
        in_y, in_u = self.loss_slopes
        slope = total_over(OUTPUT, lambda c: in_y(n, *at, c) * dy(c)) + total_over(
            self.slots, lambda c: in_u(n, *at, c) * du(c)
        )
        moves_y = every(OUTPUT, lambda c: partial(lambda s: y(s, c), t, dy(c)))
        moves_u = every(self.slots, lambda c: partial(lambda s: u(s, c), t, du(c)))
        chain = partial(lambda s: self.loss(n, eta(y(s)), eta(u(s))), t, slope)
        return for_all(n, y, u, t, dy, du, then=implies(moves_y, moves_u, chain))

    def convex(self) -> Term:
        """Return: every Q_i is convex in (y, u)."""
        n, t = variable("i", SAMPLE), variable("t", REAL)
        y, y2 = variable("y", *VECTOR), variable("y2", *VECTOR)
        u, u2 = variable("u", *self.rho_type), variable("u2", *self.rho_type)
        mix_y = function(OUTPUT, lambda c: (ONE - t) * y(c) + t * y2(c))
        mix_u = function(self.slots, lambda c: (ONE - t) * u(c) + t * u2(c))
        chord = (ONE - t) * self.loss(n, y, u) + t * self.loss(n, y2, u2)
        below = LE(self.loss(n, mix_y, mix_u), chord)
        return for_all(n, y, y2, u, u2, t, then=implies(LE(O, t), LE(t, ONE), below))

    def lowest(self, z: Point, radius: Term) -> Term:
        """Return: no point within `radius` of z has a smaller value."""
        return self.space.every(lambda z2: implies(*self.space.close(z, z2, radius), LE(self.value(z), self.value(z2))))

    def local_minimum(self, z: Point) -> Term:
        """Return: z is a local minimum of Q."""
        return some(REAL, lambda radius: conjunction(positive(radius), self.lowest(z, radius)))

    def differentiable_at(self, z: Point) -> Term:
        """Return: phi and rho have the partial derivatives dphi and drho at z."""
        move = self.space.bump
        phi = for_all(i, k, then=self.space.every_coordinate(lambda n, at: partial(
            lambda s: self.phi(i, *move(z, n, at, s), k), O, self.phi_slopes[n](i, *z, k, *at))))  # fmt: skip
        q_ = variable("q", self.slots)
        rho = for_all(q_, then=self.space.every_coordinate(lambda n, at: partial(
            lambda s: self.rho(*move(z, n, at, s), q_), O, self.rho_slopes[n](*z, q_, *at))))  # fmt: skip
        return conjunction(phi, rho)

    def smooth_ball(self, z: Point, radius: Term) -> Term:
        """Return: phi and rho have partial derivatives at every point within `radius` of z."""
        return self.space.every(lambda z2: implies(*self.space.close(z, z2, radius), self.differentiable_at(z2)))

    def differentiable_near(self, z: Point) -> Term:
        """Return: phi and rho have partial derivatives at every point near z."""
        return some(REAL, lambda radius: conjunction(positive(radius), self.smooth_ball(z, radius)))

    def basis(self, z: Point, h: Point, r: Term) -> Term:
        """Return: ``phi_i(z) = sum_p h_p d_p phi_i(z)`` and ``r rho(z) = sum_p h_p d_p rho(z)``."""
        phi = every(SAMPLE, lambda n: every(OUTPUT, lambda c: eq(self.phi(n, *z, c), self.along_phi(n, z, c, h))))
        rho = every(self.slots, lambda c: eq(r * self.rho(*z, c), self.along_rho(z, c, h)))
        return conjunction(phi, rho)

    def along_phi(self, n: Term, z: Point, c: Term, h: Point) -> Term:
        """Return ``sum_p h_p d_p phi_n(z)_c``."""
        return self.space.total(lambda b, at: h[b](*at) * self.phi_slopes[b](n, *z, c, *at))

    def along_rho(self, z: Point, c: Term, h: Point) -> Term:
        """Return ``sum_p h_p d_p rho(z)_c``."""
        return self.space.total(lambda b, at: h[b](*at) * self.rho_slopes[b](*z, c, *at))

    def level(self, z: Point, z2: Point) -> tuple[Term, Term]:
        """Return: phi is the same at z2 as at z, and so is rho."""
        return (
            every(SAMPLE, lambda n: every(OUTPUT, lambda c: eq(self.phi(n, *z2, c), self.phi(n, *z, c)))),
            every(self.slots, lambda c: eq(self.rho(*z2, c), self.rho(*z, c))),
        )

    def admissible(self, z: Point, eps: Term, v: Point) -> Term:
        """Return ``v in V[z, eps]``."""
        short = LE(self.space.total(lambda n, at: square_of(v[n](*at))), ONE)
        return conjunction(short, *self.level(z, self.space.shift(z, v, eps)))

    def member(self, family_: Point, j_: Term) -> Point:
        """Return the point ``v_j`` of a family."""
        return self.space.make(lambda n, at: family_[n](j_, *at))

    def all_admissible(self, z: Point, eps: Term, v: Point) -> Term:
        """Return: every ``v_j`` is in ``V[z, eps]``."""
        return every(FAMILY, lambda j_: self.admissible(z, eps, self.member(v, j_)))

    def induced_features(self, n: Term, z: Point, eps: Term, r: Term, v: Point, alpha: Point) -> tuple[Term, Term]:
        """Return ``phi_n^(alpha, S)`` and ``rho^(alpha, S)``."""

        def at(j_: Term) -> Point:
            return self.space.shift(z, self.member(v, j_), eps)

        phi = function(OUTPUT, lambda c: total_over(
            FAMILY, lambda j_: self.along_phi(n, at(j_), c, self.member(alpha, j_))))  # fmt: skip
        rho = function(self.slots, lambda c: (ONE - r) * self.rho(*z, c) + total_over(
            FAMILY, lambda j_: self.along_rho(at(j_), c, self.member(alpha, j_))))  # fmt: skip
        return phi, rho

    def induced(self, z: Point, eps: Term, r: Term, v: Point, alpha: Point) -> Term:
        """Return the value of the induced model."""
        return mean(lambda n: self.loss(n, *self.induced_features(n, z, eps, r, v, alpha)))

    def families(self, stem: str) -> Point:
        """Return a family of points, as variables."""
        return tuple(variable(f"{stem}{n or ''}", FAMILY, *block, REAL) for n, block in enumerate(self.space.blocks))

    def lower_bound(self, z: Point, r: Term, eps: Term) -> Term:
        """Return: for every admissible family and all alpha, Q(z) is at most the induced model's value."""
        v, alpha = self.families("v"), self.families("alpha")
        bound = LE(self.value(z), self.induced(z, eps, r, v, alpha))
        return for_all(*v, then=implies(self.all_admissible(z, eps, v), for_all(*alpha, then=bound)))

    def attained_by(self, z: Point, r: Term, eps: Term, v: Point, alpha: Point) -> Term:
        """Return: v is an admissible family of zeros, and with alpha the induced model has the value Q(z)."""
        zero = every(FAMILY, lambda j_: self.space.every_coordinate(lambda n, at: is_zero(v[n](j_, *at))))
        equal = eq(self.induced(z, eps, r, v, alpha), self.value(z))
        return conjunction(self.all_admissible(z, eps, v), zero, equal)

    def attained(self, z: Point, r: Term, eps: Term) -> Term:
        """Return: some admissible family of zeros and some alpha give the induced model the value Q(z)."""
        v, alpha = self.families("v"), self.families("alpha")
        return for_some(*v, *alpha, that=self.attained_by(z, r, eps, v, alpha))

    def for_small_eps(self, z: Point, r: Term) -> Term:
        """Return: there is eps0 > 0 such that for all eps in [0, eps0) the lower bound holds and is attained."""
        eps, top = variable("eps", REAL), variable("e", REAL)
        both_parts = conjunction(self.lower_bound(z, r, eps), self.attained(z, r, eps))
        inside = for_all(eps, then=implies(LE(O, eps), LT(eps, top), both_parts))
        return for_some(top, that=conjunction(positive(top), inside))

    def stationary(self, z: Point, z2: Point) -> Term:
        """Return: with the loss slopes at z and the features' slopes at z2, every partial derivative of Q vanishes."""
        return self.space.every_coordinate(lambda n, at: is_zero(self.slope(z, z2, n, at)))

    def slope(self, z: Point, z2: Point, n: int, at: Index) -> Term:
        """Return ``sum_i (sum_k d_k Q_i d_at phi_i(z2)_k + sum_q d_q Q_i d_at rho(z2)_q)``, Q_i's slopes at z."""
        in_y, in_u = self.loss_slopes
        return total_over(SAMPLE, lambda m: total_over(
            OUTPUT, lambda c: in_y(m, *self.features(m, z), c) * self.phi_slopes[n](m, *z2, c, *at)) + total_over(
            self.slots, lambda c: in_u(m, *self.features(m, z), c) * self.rho_slopes[n](*z2, c, *at)))  # fmt: skip


ONE_BLOCK: Final = Frame(Space(((PARAM,),)), INPUT)
