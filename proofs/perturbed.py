"""The steps of the PGB condition's proof: stationarity at perturbed points, tangents, the cancelling linear parts.

Each function is one step of `pgb_condition`; the statements are those of `frames`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from pgb.kernel import (
    HASD,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    assume,
    convert,
    d_compose,
    eq,
    eta,
    fermat,
    generalise,
    is_const,
    lam,
    left,
    linear,
    mp,
    multiply,
    right,
    same,
    specialise,
    square,
    sum_le,
)

from .building import (
    HALF,
    ONE,
    OUTPUT,
    SAMPLE,
    Body,
    O,
    delta,
    fresh,
    function,
    is_zero,
    positive,
    square_of,
    total_over,
    variable,
    within,
)
from .calculus import Leaf, close_to, differentiate, near_zero, stationary
from .frames import FAMILY, Frame
from .spaces import Index, Point, Space, family
from .statements import VECTOR, i, mean
from .tactics import (
    TacticError,
    apply,
    cancel,
    conjuncts,
    count_positive,
    discharge_all,
    flip,
    generalise_all,
    inverse_positive,
    join,
    obtain,
    rewrite,
    sum_nonnegative,
    sum_zero,
    term_below_sum,
    trivially,
    witness_chain,
)


@dataclass(frozen=True, slots=True)
class Near:
    """What is known around z: the ball where Q is lowest, the ball of the derivatives, and 0 <= eps < e / 2."""

    frame: Frame
    z: Point
    eps: Term
    low: Theorem
    ball: Theorem
    small: Theorem
    eps_from: Theorem
    eps_to: Theorem
    losses: Theorem

    @property
    def e(self) -> Term:
        """The number e, at most both radii."""
        return left(self.small).concl.args[1]

    def half(self) -> Theorem:
        """``0 < e / 2``."""
        return linear(positive(self.e * HALF), [], [(HALF, left(self.small))])

    def short(self, v: Point, admissible: Theorem, n: int, at: Index) -> Theorem:
        """``(eps v_at)^2 < (e / 2)^2``, because ``|v| <= 1``."""
        size = left(admissible)
        own = square_below_total(self.frame.space, v, n, at)
        one = linear(LE(square_of(v[n](*at)), ONE), [], [(1, own), (1, size)])
        shrunk = multiply(square(self.eps), one)
        apart = linear(LT(O, self.e * HALF + self.eps), [], [(1, self.half()), (1, self.eps_from)])
        gap = multiply(self.eps_to, apart)
        return linear(within(self.eps * v[n](*at), self.e * HALF), [], [(1, gap), (1, shrunk)])


class AtPoint:
    """The perturbed point z + eps v for a v in V[z, eps], and what holds there."""

    def __init__(self, near: Near, v: Point, admissible: Theorem) -> None:
        self.near, self.v = near, v
        self.frame, self.blocks = near.frame, near.frame.space.blocks
        self.z2 = tuple(map(eta, self.frame.space.shift(near.z, v, near.eps)))
        _, self.same_phi, self.same_rho = conjuncts(admissible, 3)
        self.shorts = [  # for each block: for all p, (eps v_p)^2 < (e / 2)^2
            generalise_all(near.short(v, admissible, n, at), *at) for n, at in self.frame.space.indices()
        ]
        self.derivatives = conjuncts(self._derivatives(), 2)

    def _derivatives(self) -> Theorem:
        """Phi and rho have their partial derivatives at z + eps v."""
        near, inside = self.near, []
        room, radius = conjuncts(near.small, 3)[2], left(near.ball).concl.args[1]
        for b, p in self.frame.space.indices():
            bounds: list[tuple[int | Fraction, Theorem]] = [
                (1, specialise(self.shorts[b], *p)),
                (1, room),
                (Fraction(3, 4), square(near.e)),
            ]
            inside.append(generalise_all(linear(within(near.eps * self.v[b](*p), radius), [], bounds), *p))
        return apply(specialise(right(near.ball), *self.z2), *inside)

    def stationary(self, n: int, at: Index) -> Theorem:
        """For all indices `at` of block n: the partial derivative of Q at z + eps v is 0, with Q_i's slopes at z."""
        near, frame, z2, s, e2 = self.near, self.frame, self.z2, variable("s", REAL), fresh("e", REAL)
        moved = frame.space.bump(z2, n, at, s)
        curve = lam(s, frame.value(moved))

        def lowest(h: Theorem) -> Theorem:
            step = mp(specialise(right(h), s), assume(within(s, e2)))
            le = apply(specialise(right(near.low), *moved), *self._inside(n, at, s, step))
            le = carry(
                le,
                lambda phi, rho: LE(mean(lambda m: frame.loss(m, phi(m), rho)), curve(s)),
                (flip_all(self.same_phi), flip_all(self.same_rho)),
                (lambda m: frame.features(m, z2)[0], frame.features(i, near.z)[1]),
            )
            return near_zero(left(h), s, convert(le, LE(curve(O), curve(s))))

        along_axis = close_to([lambda t: family(self.blocks[n], lambda p: t * marks(p, at))], near.half())
        _, zero = stationary(curve, obtain(along_axis, e2, lowest), None, self._leaves(n, at))
        slope = cancel(inverse_positive(count_positive()), zero, frame.slope(z2, z2, n, at))
        return generalise_all(self._with_slopes_at_z(slope, n, at), *at)

    def _with_slopes_at_z(self, slope: Theorem, n: int, at: Index) -> Theorem:
        """Write phi(z), rho(z) for phi(z + eps v), rho(z + eps v) in the slopes of Q_i."""
        frame, z2 = self.frame, self.z2
        in_y, in_u = frame.loss_slopes

        def at_slopes(phi: Body, rho: Term) -> Term:
            return is_zero(total_over(SAMPLE, lambda m: total_over(
                OUTPUT, lambda c: in_y(m, phi(m), rho, c) * frame.phi_slopes[n](m, *z2, c, *at)) + total_over(
                frame.slots, lambda c: in_u(m, phi(m), rho, c) * frame.rho_slopes[n](*z2, c, *at))))  # fmt: skip

        ends = (lambda m: frame.features(m, self.near.z)[0], frame.features(i, z2)[1])
        return carry(slope, at_slopes, (self.same_phi, self.same_rho), ends)

    def _inside(self, n: int, at: Index, s: Term, step: Theorem) -> list[Theorem]:
        """For each block: z + eps v + s e_at is within the radius of z."""
        near, out = self.near, []
        room = conjuncts(near.small, 3)[1]  # e e <= radius radius
        radius = left(near.low).concl.args[1]
        for b, p in self.frame.space.indices():
            short, move = specialise(self.shorts[b], *p), near.eps * self.v[b](*p)
            if b != n:
                le = linear(within(move, radius), [], [(1, short), (1, room), (Fraction(3, 4), square(near.e))])
            else:
                jump = s * marks(p, at)
                ball = specialise(step, *p)
                bounds: list[tuple[int | Fraction, Theorem]] = [
                    (2, short),
                    (2, ball),
                    (1, square(move - jump)),
                    (1, room),
                ]
                le = linear(within(move + jump, radius), [], bounds)
            out.append(generalise_all(le, *p))
        return out

    def _leaves(self, n: int, at: Index) -> dict[str, Theorem | Leaf]:
        """How to differentiate phi, rho and Q along the coordinate `at` of block n."""
        phi, rho = self.derivatives

        def in_block(coordinates: Theorem, t: Term, s: Term, point: Term) -> Theorem:
            """Compose with s -> s or s -> -s, whichever gives the term."""
            deriv = specialise(conjuncts(coordinates, len(self.blocks))[n], *at)
            for sign in (1, -1):
                out = d_compose(deriv, differentiate(lam(s, s * sign), point))
                want = HASD(lam(s, t), point, out.concl.args[2])
                if same(want, out.concl):
                    return convert(out, want)
            raise TacticError("differentiate", "the curve does not run along one coordinate")

        features: dict[str, Theorem | Leaf] = {
            "phi": lambda t, s, point: in_block(specialise(phi, t.args[0], t.args[-1]), t, s, point),
            "rho": lambda t, s, point: in_block(specialise(rho, t.args[-1]), t, s, point),
        }
        return {**features, "Q": loss_leaf(self.frame, self.near.losses, features)}


def carry(
    th: Theorem, context: Callable[[Body, Term], Term], equal: tuple[Theorem, Theorem], ends: tuple[Body, Term]
) -> Theorem:
    """Rewrite phi, then rho, in a statement about both.

    `equal` says what phi and what rho are replaced by; `ends` gives the new phi and the old rho.
    """
    new_phi, old_rho = ends
    u, w = fresh("u", SAMPLE, OUTPUT, REAL), fresh("w", *old_rho.sort)
    th = rewrite(lambda p: context(lambda m: function(OUTPUT, lambda c: p(m, c)), old_rho), u, equal[0], th)
    return rewrite(lambda p: context(new_phi, eta(p)), w, equal[1], th)


def flip_all(th: Theorem) -> Theorem:
    """``for all k.., s = t |- for all k.., t = s`` for reals."""
    indices, inner = [], th
    while is_const(inner.concl, "all"):
        indices.append(fresh("k", inner.concl.args[0].type[0]))
        inner = specialise(inner, indices[-1])
    return generalise_all(flip(inner), *indices)


def loss_leaf(frame: Frame, losses: Theorem, features: dict[str, Theorem | Leaf]) -> Leaf:
    """How to differentiate ``Q_i(y(s), u(s))``: by the chain rule that `losses` states."""

    def leaf(t: Term, s: Term, point: Term) -> Theorem:
        m, y, u = t.args
        slopes, moves = [], []
        for curve in (y, u):
            c = fresh("k", curve.type[0])
            moves.append(generalise(c, differentiate(lam(s, curve(c)), point, None, features)))
            body = moves[-1].concl.args[0]
            slopes.append(function(c.type, lambda v, body=body: body(v).args[2]))  # type: ignore[misc]
        return apply(specialise(losses, m, lam(s, y), lam(s, u), point, *slopes), *moves)

    return leaf


def tangents_of(frame: Frame, convex: Theorem, losses: Theorem) -> Theorem:
    """For all i, y, y', u, u': Q_i(y, u) + its slopes there times (y' - y, u' - u) is at most Q_i(y', u')."""
    y, y2, s = variable("y", *VECTOR), variable("y2", *VECTOR), variable("s", REAL)
    u, u2 = variable("u", *frame.rho_type), variable("u2", *frame.rho_type)
    mix_y = function(OUTPUT, lambda c: (ONE - s) * y(c) + s * y2(c))
    mix_u = function(frame.slots, lambda c: (ONE - s) * u(c) + s * u2(c))
    gap = lam(s, frame.loss(i, mix_y, mix_u) - (ONE - s) * frame.loss(i, y, u) - s * frame.loss(i, y2, u2))
    lower, upper = assume(LE(O, s)), assume(LT(s, O + ONE))
    chord = apply(specialise(convex, i, y, y2, u, u2, s), lower, linear(LE(s, ONE), [], [(1, upper)]))
    below = generalise(s, discharge_all(linear(LE(gap(s), gap(O)), [], [(1, chord)]), lower.concl, upper.concl))
    deriv = differentiate(gap, O, None, {"Q": loss_leaf(frame, losses, {})})
    slope = fermat(deriv, below, linear(positive(ONE)))
    in_y, in_u = frame.loss_slopes
    rise = total_over(OUTPUT, lambda c: in_y(i, y, u, c) * (y2(c) - y(c))) + total_over(
        frame.slots, lambda c: in_u(i, y, u, c) * (u2(c) - u(c))
    )
    goal = LE(frame.loss(i, y, u) + rise, frame.loss(i, y2, u2))
    return generalise_all(linear(goal, [], [(1, slope)]), i, y, y2, u, u2)


def marks(index: Index, at: Index) -> Term:
    """Return ``[index = at]``, a product over the sorts of a block."""
    mark = delta(index[0], at[0])
    for u, v in zip(index[1:], at[1:], strict=True):
        mark = mark * delta(u, v)
    return mark


def square_below_total(space: Space, v: Point, n: int, at: Index) -> Theorem:
    """``v_at^2 <= sum of all v_p^2``."""

    def rest(b: int, done: Index) -> Term:
        """Return the sum of the squares in block b over the indices not yet chosen."""
        if len(done) == len(space.blocks[b]):
            return square_of(v[b](*done))
        return total_over(space.blocks[b][len(done)], lambda u: rest(b, (*done, u)))

    def nonnegative(b: int, done: Index) -> Theorem:
        if len(done) == len(space.blocks[b]):
            return square(v[b](*done))
        u = fresh("u", space.blocks[b][len(done)])
        return sum_nonnegative(generalise(u, nonnegative(b, (*done, u))))

    bounds = [nonnegative(b, ()) for b in range(len(space.blocks)) if b != n]
    for depth in range(len(at)):
        u, done = fresh("u", at[depth].type), at[:depth]
        others = generalise(u, nonnegative(n, (*done, u)))
        bounds.append(term_below_sum(lambda w, done=done: rest(n, (*done, w)), others, at[depth]))  # type: ignore[misc]
    goal = LE(square_of(v[n](*at)), space.total(lambda b, p: square_of(v[b](*p))))
    return linear(goal, [], [(1, bound) for bound in bounds])


Families = tuple[Point, Term, Point, Point]  # h, r, the family v, alpha


def linear_part(
    frame: Frame, near: Near, all_flat: Theorem, basis: Theorem, members: Theorem, given: Families
) -> Theorem:
    """``sum_i (slopes of Q_i at z) . (induced model - (phi_i(z), r rho(z))) = 0``."""
    h, r, vs, alpha = given
    space, z, j_ = frame.space, near.z, variable("j", FAMILY)
    member = frame.member(vs, j_)
    of_family = apply(specialise(all_flat, *member), specialise(members, j_))
    nothing = space.make(lambda _, __: O)
    of_zero = apply(specialise(all_flat, *nothing), zero_admissible(frame, z, near.eps))
    count = len(space.blocks)
    parts: list[tuple[int, Theorem]] = []
    for n, at in space.indices():
        one = specialise(conjuncts(of_family, count)[n], *at)
        parts.append((1, _summed(alpha[n](j_, *at), one, (j_, *at))))
        one = specialise(conjuncts(of_zero, count)[n], *at)
        parts.append((-1, _summed(h[n](*at), one, at)))

    def goal(phi: Body, rho: Term) -> Term:
        """Return the statement with ``sum_p h_p d_p phi`` and ``sum_p h_p d_p rho`` written as phi and rho."""
        in_y, in_u = frame.loss_slopes

        def row(m: Term) -> Term:
            induced_phi, _ = frame.induced_features(m, z, near.eps, r, vs, alpha)
            at_z = frame.features(m, z)
            return total_over(OUTPUT, lambda c: in_y(m, *at_z, c) * (induced_phi(c) - phi(m)(c))) + total_over(
                frame.slots, lambda c: in_u(m, *at_z, c) * (_induced_rho(frame, near, vs, alpha, c) - rho(c))
            )

        return is_zero(total_over(SAMPLE, row))

    by_h = (lambda m: function(OUTPUT, lambda c: frame.along_phi(m, z, c, h)),
            function(frame.slots, lambda c: frame.along_rho(z, c, h)))  # fmt: skip
    start = linear(goal(*by_h), parts)
    equal_phi, equal_rho = conjuncts(basis, 2)
    return carry(start, goal, (flip_all(equal_phi), flip_all(equal_rho)), (lambda m: frame.features(m, z)[0], by_h[1]))


def _induced_rho(frame: Frame, near: Near, vs: Point, alpha: Point, c: Term) -> Term:
    """Return ``sum_jp alpha_pj d_p rho(z + eps v_j)_c``."""
    return total_over(FAMILY, lambda j_: frame.along_rho(
        frame.space.shift(near.z, frame.member(vs, j_), near.eps), c, frame.member(alpha, j_)))  # fmt: skip


def _summed(weight: Term, th: Theorem, indices: Index) -> Theorem:
    """``t = 0`` for all indices |- the sum of weight times t over them is 0."""
    out = linear(is_zero(weight * th.concl.args[0]), [(weight, th)])
    for v in reversed(indices):
        out = sum_zero(generalise(v, out))
    return out


def zero_admissible(frame: Frame, z: Point, eps: Term) -> Theorem:
    """``0 in V[z, eps]``."""
    nothing = frame.space.make(lambda _, __: O)
    goal = frame.admissible(z, eps, nothing)
    return trivially(goal)


def _parts(goal: Term, count: int) -> list[Term]:
    out = []
    for _ in range(count - 1):
        out.append(goal.args[0])
        goal = goal.args[1]
    return [*out, goal]


def below(frame: Frame, near: Near, tangents: Theorem, cancelled: Theorem, given: tuple[Term, Point, Point]) -> Theorem:
    """``Q(z) <=`` the induced model's value."""
    r, vs, alpha = given
    now = frame.features(i, near.z)
    then = frame.induced_features(i, near.z, near.eps, r, vs, alpha)
    summed = sum_le(generalise(i, specialise(tangents, i, now[0], then[0], now[1], then[1])))
    low = total_over(SAMPLE, lambda m: frame.loss(m, *frame.features(m, near.z)))
    high = total_over(SAMPLE, lambda m: frame.loss(m, *frame.induced_features(m, near.z, near.eps, r, vs, alpha)))
    le = linear(LE(low, high), [(-1, cancelled)], [(1, summed)])
    scaled = multiply(le, inverse_positive(count_positive()))
    goal = LE(frame.value(near.z), frame.induced(near.z, near.eps, r, vs, alpha))
    return linear(goal, [], [(1, scaled)])


def attained(frame: Frame, z: Point, h: Point, r: Term, eps: Term, basis: Theorem) -> Theorem:
    """The family v_j = 0 with alpha_pj = h_p [j = j0] has the induced value Q(z)."""
    space, j0 = frame.space, fresh("j", FAMILY)
    vs = tuple(function(FAMILY, lambda _, b=b: family(b, lambda __: O)) for b in space.blocks)  # type: ignore[misc]
    alpha = tuple(
        function(FAMILY, lambda j_, n=n, b=b: family(b, lambda p: h[n](*p) * delta(j_, j0)))  # type: ignore[misc]
        for n, b in enumerate(space.blocks)
    )
    equal_phi, equal_rho = conjuncts(basis, 2)
    q_ = fresh("q", frame.slots)
    rho_goal = eq(frame.rho(*z, q_), (ONE - r) * frame.rho(*z, q_) + frame.along_rho(z, q_, h))
    rho_step = generalise(q_, linear(rho_goal, [(1, specialise(equal_rho, q_))]))
    value = frame.value(z)
    by_h = (lambda m: function(OUTPUT, lambda c: frame.along_phi(m, z, c, h)), frame.features(i, z)[1])
    equal = carry(
        linear(eq(value, value)), lambda phi, rho: eq(mean(lambda m: frame.loss(m, phi(m), rho)), value),
        (equal_phi, rho_step), by_h,
    )  # fmt: skip
    j_ = fresh("j", FAMILY)
    admissible = generalise(j_, zero_admissible(frame, z, eps))
    goal = frame.attained_by(z, r, eps, vs, alpha)
    parts = _parts(goal, 3)
    th = join(convert(admissible, parts[0]), trivially(parts[1]), convert(equal, parts[2]))
    return witness_chain(frame.attained(z, r, eps), (*vs, *alpha), th)
