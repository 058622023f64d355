"""Wrong uses of the rule about tangents of convex functions: each premise wrong in one place."""

from __future__ import annotations

from fractions import Fraction

from ..uses import convexity
from .base import attack

CURVES, FAMILY = "sample", "output"


class Right:
    """A right use: G of vectors, curves A + t V_i through A at 0, G with the slope C_i along each of them."""

    def __init__(self, k):
        self.k, self.vector = k, (FAMILY, k.REAL)
        self.big, self.q, self.at = k.var("big", (self.vector, k.REAL)), k.eta(k.A), k.zero
        self.V = k.var("V", k.fun(CURVES, FAMILY, k.REAL))

    def curve(self, i, o, t):
        return self.k.A(o) + t * self.V(i, o)

    def convex(self):
        return convexity(self.k, self.big, self.q)

    def coordinates(self):
        k = self.k
        return k.HASD(k.lam(k.t, self.curve(k.i, k.o, k.t)), self.at, self.V(k.i, k.o))

    def curves(self):
        return self.k.forall(self.k.i, self.k.forall(self.k.o, self.coordinates()))

    def slope(self):
        k = self.k
        return k.HASD(k.lam(k.t, self.big(k.lam(k.o, self.curve(k.i, k.o, k.t)))), self.at, k.C(k.i))

    def along(self):
        return self.k.forall(self.k.i, self.slope())

    def prove(self):
        th = self.k.th
        return self.k.tangents(self.big, self.q, th(self.convex()), th(self.curves()), th(self.along()))


def wrong(rule, phrase):
    """Register an attack: a function of the kernel that returns a changed class `Right`, used as if it were right."""

    def register(change):
        def run(k):
            return change(k)(k).prove()

        run.__name__, run.__doc__ = change.__name__, change.__doc__
        return attack(rule, phrase)(run)

    return register


# -- what is not convex -------------------------------------------------------------------------------------------------
def _chord(k, big, mix, above):
    u, v, c = k.var("u", (FAMILY, k.REAL)), k.var("v", (FAMILY, k.REAL)), k.var("c", k.REAL)
    point, line = big(k.lam(k.o, mix(c, u(k.o), v(k.o)))), c * big(u) + (k.one - c) * big(v)
    return u, v, c, k.LE(line, point) if above else k.LE(point, line)


def _segment(k, c, body):
    return k.IMP(k.LE(k.zero, c), k.IMP(k.LE(c, k.one), body))


def _mix(c, a, b):
    return c * a + (b - c * b)


@wrong("tangents", "needs the premise")
def tangent_of_a_concave_function(k):
    """-|u|^2 is far below its tangents."""

    class Concave(Right):
        def convex(self):
            u, v, c, above = _chord(k, self.big, _mix, True)
            return k.forall(u, k.forall(v, k.forall(c, _segment(k, c, above))))

    return Concave


@wrong("tangents", "needs the premise")
def tangent_of_a_function_convex_at_midpoints(k):
    """There are additive functions that are linear over Q only, and unbounded near every point."""

    class Midpoints(Right):
        def convex(self):
            u, v, c, below = _chord(k, self.big, _mix, False)
            return k.forall(u, k.forall(v, k.subst(below, c, k.real(Fraction(1, 2)))))

    return Midpoints


@wrong("tangents", "needs the premise")
def tangent_of_a_function_convex_on_lines_through_q(k):
    """r h(angle), h odd, is linear on every line through 0, with slopes that have nothing to do with each other."""

    class Star(Right):
        def convex(self):
            u, v, c, below = _chord(k, self.big, _mix, False)
            return k.forall(v, k.forall(c, _segment(k, c, k.subst(below, u, k.A))))

    return Star


@wrong("tangents", "needs the premise")
def tangent_of_a_function_convex_where_it_is_positive(k):
    """-1 - |u|^2 is nowhere positive."""

    class Half(Right):
        def convex(self):
            u, v, c, below = _chord(k, self.big, _mix, False)
            here = k.IMP(k.LT(k.zero, self.big(u)), _segment(k, c, below))
            return k.forall(u, k.forall(v, k.forall(c, here)))

    return Half


@wrong("tangents", "needs the premise")
def tangent_of_a_function_convex_on_an_empty_segment(k):
    """0 <= c, c <= -1 and then anything."""

    class Empty(Right):
        def convex(self):
            u, v, c, below = _chord(k, self.big, _mix, False)
            never = k.IMP(k.LE(k.zero, c), k.IMP(k.LE(c, k.real(-1)), below))
            return k.forall(u, k.forall(v, k.forall(c, never)))

    return Empty


@wrong("tangents", "needs the premise")
def tangent_of_a_function_convex_in_each_coordinate(k):
    """u1 u2 is: with slopes 0 along the axes at 0, and negative elsewhere."""

    class Separately(Right):
        def convex(self):
            v, c, y, z = k.var("v", self.vector), k.var("c", k.REAL), k.y, k.z

            def moved(t):
                step = k.IND(k.eq(k.o, k.o2))
                return self.big(k.lam(k.o, v(k.o) + step * t))

            below = k.LE(moved(c * y + (k.one - c) * z), c * moved(y) + (k.one - c) * moved(z))
            for x in (c, z, y, v, k.o2):
                below = k.forall(x, _segment(k, c, below) if x is c else below)
            return below

    return Separately


@wrong("tangents", "needs the premise")
def tangent_of_another_function(k):
    """It is the other one that is convex."""

    class Other(Right):
        def convex(self):
            return convexity(k, k.var("other", self.big.type), self.q)

    return Other


@wrong("tangents", "needs the premise")
def tangent_of_a_function_that_is_sometimes_convex(k):
    """For some u there is a chord above."""

    class Some(Right):
        def convex(self):
            u, v, c, below = _chord(k, self.big, _mix, False)
            return k.exists(u, k.forall(v, k.forall(c, _segment(k, c, below))))

    return Some


# -- infinite families --------------------------------------------------------------------------------------------------
@wrong("tangents", "not a finite sort")
def tangents_along_a_curve_for_each_number(k):
    """The sum over all of them is no number."""

    class Numbers(Right):
        def curve(self, i, o, t):
            return k.A(o) + t * k.z

        def curves(self):
            return k.forall(k.z, k.forall(k.o, k.HASD(k.lam(k.t, k.A(k.o) + k.t * k.z), self.at, k.z)))

        def along(self):
            return k.forall(k.z, k.HASD(self.slope().args[0], self.at, k.z))

    return Numbers


@wrong("tangents", "not a finite sort")
def tangents_of_a_function_of_sequences(k):
    """A linear function of infinitely many numbers may be 0 on all finite ones and not on all."""

    class Sequences(Right):
        def __init__(self, k):
            super().__init__(k)
            self.vector = (k.NAT, k.REAL)
            self.big, self.q = k.var("big", (self.vector, k.REAL)), k.eta(k.var("A", self.vector))
            self.V = k.var("V", k.fun(CURVES, k.NAT, k.REAL))

        def curve(self, i, n, t):
            return self.q(n) + t * self.V(i, n)

        def curves(self):
            f = k.lam(k.t, self.curve(k.i, k.n, k.t))
            return k.forall(k.i, k.forall(k.n, k.HASD(f, self.at, self.V(k.i, k.n))))

        def slope(self):
            curve = k.lam(k.n, self.curve(k.i, k.n, k.t))
            return k.HASD(k.lam(k.t, self.big(curve)), self.at, k.C(k.i))

    return Sequences


@wrong("tangents", "not a finite sort")
def tangents_along_a_curve_for_each_parameter_vector(k):
    class Thetas(Right):
        def along(self):
            return k.forall(k.var("th", k.THETA), self.slope())

    return Thetas


# -- curves through other points ----------------------------------------------------------------------------------------
@wrong("tangents", "do not all pass through")
def tangents_along_curves_through_many_points(k):
    """|u| has the slope 1 at 1 and the slope -1 at -1."""

    class Apart(Right):
        def curve(self, i, o, t):
            return k.A(o) + k.D(i) + t * self.V(i, o)

    return Apart


@wrong("tangents", "do not all pass through")
def tangents_at_another_point(k):
    class Elsewhere(Right):
        def __init__(self, k):
            super().__init__(k)
            self.q = k.lam(k.o, k.A(k.o) + 1)

    return Elsewhere


@wrong("tangents", "do not all pass through")
def tangents_along_curves_through_the_place_of_a_sum(k):
    """F_i(0) = sum_x M(x, i), and not sum_x M(x, x): the index of the curves is none of the normal form's."""

    class Hidden(Right):
        def __init__(self, k):
            super().__init__(k)
            self.q = k.lam(k.o, k.sum(k.j, k.M(k.j, k.j)))

        def curve(self, i, o, t):
            return k.sum(k.j, k.M(k.j, i)) + t * self.V(i, o)

    return Hidden


@wrong("tangents", "do not all pass through")
def tangents_along_curves_through_the_place_of_a_double_sum(k):
    class Hidden(Right):
        def __init__(self, k):
            super().__init__(k)
            u = k.var("u", CURVES)
            self.q = k.lam(k.o, k.sum(k.j, k.sum(u, k.M(k.j, u) * k.M(u, u))))

        def curve(self, i, o, t):
            u = k.var("u", CURVES)
            return k.sum(k.j, k.sum(u, k.M(k.j, u) * k.M(u, i))) + t * self.V(i, o)

    return Hidden


@wrong("tangents", "do not all pass through")
def tangents_for_slopes_at_another_time(k):
    """The curves are at q at t = 0, and the slopes are those at t = 1."""

    class Later(Right):
        def along(self):
            return k.forall(k.i, k.HASD(self.slope().args[0], k.one, k.C(k.i)))

    return Later


@wrong("tangents", "do not all pass through")
def tangents_for_slopes_at_a_time_for_each_curve(k):
    class Times(Right):
        def along(self):
            return k.forall(k.i, k.HASD(self.slope().args[0], k.D(k.i), k.C(k.i)))

    return Times


@wrong("tangents", "variable of the kernel's own")
def tangents_at_a_time_for_each_curve(k):
    class Times(Right):
        def __init__(self, k):
            super().__init__(k)
            self.at = k.D(k.i)

        def curve(self, i, o, t):
            return k.A(o) + (t - k.D(i)) * self.V(i, o)

    return Times


@wrong("tangents", "variable of the kernel's own")
def tangents_at_a_time_for_each_coordinate(k):
    class Times(Right):
        def coordinates(self):
            return k.HASD(k.lam(k.t, self.curve(k.i, k.o, k.t)), k.A(k.o), self.V(k.i, k.o))

    return Times


# -- slopes of something else -------------------------------------------------------------------------------------------
@wrong("tangents", "needs the premise")
def tangents_with_the_slopes_along_other_curves(k):
    class Others(Right):
        def slope(self):
            curve = k.lam(k.o, self.curve(k.i, k.o, k.t) + k.t)
            return k.HASD(k.lam(k.t, self.big(curve)), self.at, k.C(k.i))

    return Others


@wrong("tangents", "needs the premise")
def tangents_with_the_slope_along_one_curve(k):
    """G along the curve of j only, for all i."""

    class One(Right):
        def slope(self):
            curve = k.lam(k.o, self.curve(k.j, k.o, k.t))
            return k.HASD(k.lam(k.t, self.big(curve)), self.at, k.C(k.i))

    return One


@wrong("tangents", "needs the premise")
def tangents_with_the_slopes_of_another_function(k):
    class Other(Right):
        def slope(self):
            curve = k.lam(k.o, self.curve(k.i, k.o, k.t))
            return k.HASD(k.lam(k.t, k.var("other", self.big.type)(curve)), self.at, k.C(k.i))

    return Other


@wrong("tangents", "needs the premise")
def tangents_with_coordinates_exchanged(k):
    """G at the curve's coordinates in another order."""

    class Exchanged(Right):
        def slope(self):
            rho = k.var("rho", (FAMILY, FAMILY))
            curve = k.lam(k.o, self.curve(k.i, rho(k.o), k.t))
            return k.HASD(k.lam(k.t, self.big(curve)), self.at, k.C(k.i))

    return Exchanged


@wrong("tangents", "needs all(...)")
def tangents_with_the_slope_for_one_i(k):
    class One(Right):
        def along(self):
            return self.slope()

    return One


@wrong("tangents", "needs all(...)")
def tangents_with_some_slope(k):
    class Some(Right):
        def along(self):
            return k.exists(k.i, self.slope())

    return Some


@wrong("tangents", "needs all(...)")
def tangents_along_some_curve(k):
    class Some(Right):
        def curves(self):
            return k.exists(k.i, k.forall(k.o, self.coordinates()))

    return Some


@wrong("tangents", "needs hasd(...)")
def tangents_with_some_coordinate(k):
    class Some(Right):
        def curves(self):
            return k.forall(k.i, k.exists(k.o, self.coordinates()))

    return Some


@wrong("term", "does not take")
def tangents_with_slopes_over_another_sort(k):
    class Other(Right):
        def along(self):
            return k.forall(k.o2, k.subst(self.slope(), k.i, k.j))

    return Other


@wrong("tangents", "needs hasd(...)")
def tangents_with_one_sided_slopes(k):
    """A kink: |u| rises from 0 with the slope 1 on the right, and lies below that line on the left."""

    class OneSided(Right):
        def along(self):
            rise = self.big(k.lam(k.o, self.curve(k.i, k.o, k.t))) - self.big(self.q)
            near = k.LE(rise, k.t * (k.C(k.i) + k.y))
            return k.forall(k.i, k.forall(k.t, k.IMP(k.LE(k.zero, k.t), near)))

    return OneSided


@wrong("tangents", "needs hasd(...)")
def tangents_along_curves_that_are_only_continuous(k):
    """sqrt|t| and G = u^2: G has a derivative along the curve, the curve has none."""

    class Rough(Right):
        def coordinates(self):
            d = self.curve(k.i, k.o, k.t) - k.A(k.o)
            return k.LT(d * d, k.y)

    return Rough


@wrong("tangents", "needs hasd(...)")
def tangents_with_slopes_called_hasd(k):
    class Called(Right):
        def slope(self):
            f, at, e = super().slope().args
            return k.var("hasd", k.HASD.type)(f, at, e)

    return Called


@wrong("tangents", "needs hasd(...)")
def tangents_along_curves_called_hasd(k):
    class Called(Right):
        def coordinates(self):
            f, at, d = super().coordinates().args
            return k.var("hasd", k.HASD.type)(f, at, d)

    return Called


# -- malformed inputs ---------------------------------------------------------------------------------------------------
@wrong("tangents", "variable of the kernel's own")
def tangents_of_a_function_of_a_hidden_coordinate(k):
    """G(u) is u at a coordinate that no user can name."""

    class Hidden(Right):
        def __init__(self, k):
            super().__init__(k)
            u = k.var("u", self.vector)
            self.big, self.q = k.lam(u, u(k.local(2, FAMILY))), k.lam(k.o, k.y)
            self.visible = k.lam(u, u(k.o2))

        def curve(self, i, o, t):
            return k.y + t

        def coordinates(self):
            return k.HASD(k.lam(k.t, k.y + k.t), self.at, k.one)

        def convex(self):
            return convexity(k, self.visible, self.q)

        def slope(self):
            return k.HASD(k.lam(k.t, k.y + k.t), self.at, k.C(k.i))

    return Hidden


@wrong("term", "variable of the kernel's own")
def tangents_at_a_hidden_point(k):
    class Hidden(Right):
        def __init__(self, k):
            super().__init__(k)
            self.q = k.lam(k.o, k.local(0, k.REAL))

    return Hidden


@wrong("term", "not a term")
def tangents_at_no_point(k):
    class Nothing(Right):
        def prove(self):
            th = k.th
            return k.tangents(self.big, None, th(self.convex()), th(self.curves()), th(self.along()))

    return Nothing


@wrong("tangents", "needs a term of type")
def tangents_of_a_function_of_other_vectors(k):
    class Other(Right):
        def prove(self):
            th, other = k.th, k.var("big", (("input", k.REAL), k.REAL))
            return k.tangents(other, self.q, th(self.convex()), th(self.curves()), th(self.along()))

    return Other


@wrong("tangents", "needs a term of type")
def tangents_of_a_function_with_values_in_a_set(k):
    class Other(Right):
        def prove(self):
            th, other = k.th, k.var("big", (self.vector, "sample"))
            return k.tangents(other, self.q, th(self.convex()), th(self.curves()), th(self.along()))

    return Other


@wrong("tangents", "not a theorem of this kernel")
def tangents_of_a_claim(k):
    class Claim(Right):
        def prove(self):
            claim = type("Claim", (), {"concl": self.convex(), "hyps": frozenset(), "rests_on": frozenset()})()
            return k.tangents(self.big, self.q, claim, k.th(self.curves()), k.th(self.along()))

    return Claim


# -- what does not follow -----------------------------------------------------------------------------------------------
@wrong("linear", "is negative")
def convex_function_below_its_tangents(k):
    class Below(Right):
        def prove(self):
            th = k.specialise(super().prove(), k.C)
            low, high = th.concl.args
            return k.linear(k.LE(high, low), [], [(-1, th)])

    return Below


@wrong("linear", "does not give lt")
def convex_function_strictly_above_its_tangents(k):
    """A linear function is not."""

    class Strict(Right):
        def prove(self):
            th = k.specialise(super().prove(), k.C)
            return k.linear(k.LT(*th.concl.args), [], [(1, th)])

    return Strict
