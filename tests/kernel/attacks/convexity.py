"""Wrong uses of the rule about tangents of convex functions: each wrong in one place."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from ..uses import convexity
from .base import attack


class Right:
    """The parts of a right use, some of them changed: curves A + t V_i through A at 0, G with the slope C_i along each."""

    def __init__(self, k, **changed):
        self.k = k
        vars(self).update(changed)

    @cached_property
    def vector(self):
        return ("output", self.k.REAL)

    @cached_property
    def big(self):
        return self.k.var("big", (self.vector, self.k.REAL))

    @cached_property
    def q(self):
        return self.k.eta(self.k.A)

    @cached_property
    def at(self):
        return self.k.zero

    @cached_property
    def velocity(self):
        return self.k.var("V", self.k.fun("sample", "output", self.k.REAL))

    @cached_property
    def curve(self):
        return lambda i, o, t: self.k.A(o) + t * self.velocity(i, o)

    @cached_property
    def convex(self):
        return convexity(self.k, self.big, self.q)

    @cached_property
    def coordinates(self):
        k = self.k
        return k.HASD(k.lam(k.t, self.curve(k.i, k.o, k.t)), self.at, self.velocity(k.i, k.o))

    @cached_property
    def curves(self):
        return self.k.forall(self.k.i, self.k.forall(self.k.o, self.coordinates))

    @cached_property
    def moving(self):
        return self.k.lam(self.k.o, self.curve(self.k.i, self.k.o, self.k.t))

    @cached_property
    def slope(self):
        return self.k.HASD(self.k.lam(self.k.t, self.big(self.moving)), self.at, self.k.C(self.k.i))

    @cached_property
    def along(self):
        return self.k.forall(self.k.i, self.slope)

    def prove(self):
        th = self.k.th
        return self.k.tangents(self.big, self.q, th(self.convex), th(self.curves), th(self.along))


# -- what is not convex -------------------------------------------------------------------------------------------------
def _chord(k):
    """G's point over a segment, the chord's, and their variables."""
    u, v, c, big = k.var("u", ("output", k.REAL)), k.var("v", ("output", k.REAL)), k.var("c", k.REAL), Right(k).big
    point = big(k.lam(k.o, c * u(k.o) + (k.one - c) * v(k.o)))
    return u, v, c, point, c * big(u) + (k.one - c) * big(v)


def _segment(k, c, body):
    return k.forall(c, k.IMP(k.LE(k.zero, c), k.IMP(k.LE(c, k.one), body)))


@attack("tangents", "needs the premise")
def tangent_of_a_concave_function(k):
    """-|u|^2 is far below its tangents."""
    u, v, c, point, chord = _chord(k)
    return Right(k, convex=k.forall(u, k.forall(v, _segment(k, c, k.LE(chord, point))))).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_convex_at_midpoints(k):
    """There are additive functions that are linear over Q only, and unbounded near every point."""
    u, v, c, point, chord = _chord(k)
    middle = k.subst(k.LE(point, chord), c, k.real(Fraction(1, 2)))
    return Right(k, convex=k.forall(u, k.forall(v, middle))).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_convex_on_lines_through_q(k):
    """r h(angle), h odd, is linear on every line through 0, with slopes that have nothing to do with each other."""
    u, v, c, point, chord = _chord(k)
    return Right(k, convex=k.forall(v, _segment(k, c, k.subst(k.LE(point, chord), u, k.A)))).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_convex_where_it_is_positive(k):
    """-1 - |u|^2 is nowhere positive."""
    u, v, c, point, chord = _chord(k)
    here = k.forall(u, k.IMP(k.LT(k.zero, Right(k).big(u)), k.forall(v, _segment(k, c, k.LE(point, chord)))))
    return Right(k, convex=here).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_convex_on_an_empty_segment(k):
    """0 <= c, c <= -1 and then anything."""
    u, v, c, point, chord = _chord(k)
    never = k.IMP(k.LE(k.zero, c), k.IMP(k.LE(c, k.real(-1)), k.LE(point, chord)))
    return Right(k, convex=k.forall(u, k.forall(v, k.forall(c, never)))).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_convex_in_each_coordinate(k):
    """u1 u2 is: with slopes 0 along the axes at 0, and negative elsewhere."""
    _, v, c, _, _ = _chord(k)

    def moved(t):
        return Right(k).big(k.lam(k.o, v(k.o) + k.IND(k.eq(k.o, k.o2)) * t))

    below = k.LE(moved(c * k.y + (k.one - c) * k.z), c * moved(k.y) + (k.one - c) * moved(k.z))
    below = k.forall(k.y, k.forall(k.z, _segment(k, c, below)))
    return Right(k, convex=k.forall(v, k.forall(k.o2, below))).prove()


@attack("tangents", "needs the premise")
def tangent_of_another_function(k):
    """It is the other one that is convex."""
    return Right(k, convex=convexity(k, k.var("other", Right(k).big.type), k.eta(k.A))).prove()


@attack("tangents", "needs the premise")
def tangent_of_a_function_that_is_sometimes_convex(k):
    """For some u there is a chord above."""
    u, v, c, point, chord = _chord(k)
    return Right(k, convex=k.exists(u, k.forall(v, _segment(k, c, k.LE(point, chord))))).prove()


# -- infinite families --------------------------------------------------------------------------------------------------
@attack("tangents", "not a finite sort")
def tangents_along_a_curve_for_each_number(k):
    """The sum over all of them is no number."""
    use = Right(k, velocity=lambda i, o: k.z)
    curves, slope = k.forall(k.z, k.forall(k.o, use.coordinates)), k.HASD(use.slope.args[0], k.zero, k.z)
    return Right(k, curves=curves, along=k.forall(k.z, slope)).prove()


@attack("tangents", "not a finite sort")
def tangents_along_a_curve_for_each_point_of_theta(k):
    return Right(k, along=k.forall(k.var("th", k.THETA), Right(k).slope)).prove()


@attack("tangents", "not a finite sort")
def tangents_of_a_function_of_sequences(k):
    """A linear function of infinitely many numbers may be 0 at all sequences with an end, and not at all others."""
    vector = (k.NAT, k.REAL)
    q, velocity = k.var("q", vector), k.var("V", k.fun("sample", k.NAT, k.REAL))
    point = q(k.n) + k.t * velocity(k.i, k.n)
    coordinates = k.HASD(k.lam(k.t, point), k.zero, velocity(k.i, k.n))
    curves = k.forall(k.i, k.forall(k.n, coordinates))
    return Right(k, vector=vector, q=k.eta(q), curves=curves, moving=k.lam(k.n, point)).prove()


# -- curves through other points ----------------------------------------------------------------------------------------
@attack("tangents", "do not all pass through")
def tangents_along_curves_through_many_points(k):
    """|u| has the slope 1 at 1 and the slope -1 at -1."""
    return Right(k, curve=lambda i, o, t: k.A(o) + k.D(i) + t * Right(k).velocity(i, o)).prove()


@attack("tangents", "do not all pass through")
def tangents_at_another_point(k):
    return Right(k, q=k.lam(k.o, k.A(k.o) + 1)).prove()


@attack("tangents", "do not all pass through")
def tangents_along_curves_through_the_place_of_a_sum(k):
    """F_i(0) = sum_x M(x, i), and not sum_x M(x, x): the index of the curves is none of the normal form's."""
    q = k.lam(k.o, k.sum(k.j, k.M(k.j, k.j)))
    return Right(k, q=q, curve=lambda i, o, t: k.sum(k.j, k.M(k.j, i)) + t * Right(k).velocity(i, o)).prove()


@attack("tangents", "do not all pass through")
def tangents_along_curves_through_the_place_of_a_double_sum(k):
    u = k.var("u", "sample")

    def double(last):
        return k.sum(k.j, k.sum(u, k.M(k.j, u) * k.M(u, last)))

    q = k.lam(k.o, double(u))
    return Right(k, q=q, curve=lambda i, o, t: double(i) + t * Right(k).velocity(i, o)).prove()


@attack("tangents", "do not all pass through")
def tangents_for_slopes_at_another_time(k):
    """The curves are at q at t = 0, and the slopes are those at t = 1."""
    return Right(k, slope=k.HASD(Right(k).slope.args[0], k.one, k.C(k.i))).prove()


@attack("tangents", "do not all pass through")
def tangents_for_slopes_at_a_time_for_each_curve(k):
    return Right(k, slope=k.HASD(Right(k).slope.args[0], k.D(k.i), k.C(k.i))).prove()


@attack("tangents", "variable of the kernel's own")
def tangents_at_a_time_for_each_curve(k):
    return Right(k, at=k.D(k.i), curve=lambda i, o, t: k.A(o) + (t - k.D(i)) * Right(k).velocity(i, o)).prove()


@attack("tangents", "variable of the kernel's own")
def tangents_at_a_time_for_each_coordinate(k):
    f, _, d = Right(k).coordinates.args
    return Right(k, coordinates=k.HASD(f, k.A(k.o), d)).prove()


# -- slopes of something else -------------------------------------------------------------------------------------------
@attack("tangents", "needs the premise")
def tangents_with_the_slopes_along_other_curves(k):
    return Right(k, moving=k.lam(k.o, Right(k).curve(k.i, k.o, k.t) + k.t)).prove()


@attack("tangents", "needs the premise")
def tangents_with_the_slope_along_one_curve(k):
    """G along the curve of j only, for all i."""
    return Right(k, moving=k.lam(k.o, Right(k).curve(k.j, k.o, k.t))).prove()


@attack("tangents", "needs the premise")
def tangents_with_coordinates_exchanged(k):
    """G at the curve's coordinates in another order."""
    rho = k.var("rho", ("output", "output"))
    return Right(k, moving=k.lam(k.o, Right(k).curve(k.i, rho(k.o), k.t))).prove()


@attack("tangents", "needs the premise")
def tangents_with_the_slopes_of_another_function(k):
    other = Right(k, big=k.var("other", Right(k).big.type))
    return Right(k, slope=other.slope).prove()


@attack("tangents", "needs all(...)")
def tangents_with_the_slope_for_one_i(k):
    return Right(k, along=Right(k).slope).prove()


@attack("tangents", "needs all(...)")
def tangents_with_some_slope(k):
    return Right(k, along=k.exists(k.i, Right(k).slope)).prove()


@attack("tangents", "needs all(...)")
def tangents_along_some_curve(k):
    return Right(k, curves=k.exists(k.i, k.forall(k.o, Right(k).coordinates))).prove()


@attack("tangents", "needs hasd(...)")
def tangents_with_some_coordinate(k):
    return Right(k, curves=k.forall(k.i, k.exists(k.o, Right(k).coordinates))).prove()


@attack("term", "does not take")
def tangents_with_slopes_over_another_sort(k):
    return Right(k, along=k.forall(k.o2, k.subst(Right(k).slope, k.i, k.j))).prove()


@attack("tangents", "needs hasd(...)")
def tangents_with_one_sided_slopes(k):
    """|u| rises from 0 with the slope 1 along u = t, t >= 0, and along u = -t; it does not rise along u = t - t."""
    rise = Right(k).big(Right(k).moving) - Right(k).big(k.A)
    near = k.forall(k.t, k.IMP(k.LE(k.zero, k.t), k.LE(rise, k.t * (k.C(k.i) + k.y))))
    return Right(k, slope=near).prove()


@attack("tangents", "needs hasd(...)")
def tangents_along_curves_that_are_only_continuous(k):
    """sqrt|t| and G = u^4: G has a derivative along the curve, the curve has none."""
    d = Right(k).curve(k.i, k.o, k.t) - k.A(k.o)
    return Right(k, coordinates=k.LT(d * d, k.y)).prove()


@attack("tangents", "needs hasd(...)")
def tangents_with_slopes_called_hasd(k):
    return Right(k, slope=k.var("hasd", k.HASD.type)(*Right(k).slope.args)).prove()


@attack("tangents", "needs hasd(...)")
def tangents_along_curves_called_hasd(k):
    return Right(k, coordinates=k.var("hasd", k.HASD.type)(*Right(k).coordinates.args)).prove()


# -- malformed inputs ---------------------------------------------------------------------------------------------------
@attack("tangents", "variable of the kernel's own")
def tangents_of_a_function_of_a_hidden_coordinate(k):
    """G(u) is u at a coordinate that no user can name; the premises do not show it."""
    u = k.var("u", ("output", k.REAL))
    convex = convexity(k, k.lam(u, u(k.o2)), u)
    hidden = Right(k, big=k.lam(u, u(k.local(2, "output"))), q=k.lam(k.o, k.y), convex=convex)
    hidden.curve, hidden.velocity = (lambda i, o, t: k.y + t), (lambda i, o: k.one)
    return hidden.prove()


@attack("term", "variable of the kernel's own")
def tangents_at_a_hidden_point(k):
    return Right(k, q=k.lam(k.o, k.local(0, k.REAL))).prove()


@attack("term", "not a term")
def tangents_at_no_point(k):
    return Right(k, q=None, convex=Right(k).convex).prove()


@attack("tangents", "needs a term of type")
def tangents_of_a_function_of_other_vectors(k):
    other, right = k.var("big", (("input", k.REAL), k.REAL)), Right(k)
    return Right(k, big=other, convex=right.convex, along=right.along).prove()


@attack("tangents", "needs a term of type")
def tangents_of_a_function_with_values_in_a_set(k):
    other, right = k.var("big", (Right(k).vector, "sample")), Right(k)
    return Right(k, big=other, convex=right.convex, along=right.along).prove()


@attack("tangents", "not a theorem of this kernel")
def tangents_of_a_claim(k):
    use = Right(k)
    claim = type("Claim", (), {"concl": use.convex, "hyps": frozenset(), "rests_on": frozenset()})()
    return k.tangents(use.big, use.q, claim, k.th(use.curves), k.th(use.along))


# -- what does not follow -----------------------------------------------------------------------------------------------
@attack("linear", "is negative")
def convex_function_below_its_tangents(k):
    th = k.specialise(Right(k).prove(), k.C)
    low, high = th.concl.args
    return k.linear(k.LE(high, low), [], [(-1, th)])


@attack("linear", "does not give lt")
def convex_function_strictly_above_its_tangents(k):
    """A linear function is not."""
    th = k.specialise(Right(k).prove(), k.C)
    return k.linear(k.LT(*th.concl.args), [], [(1, th)])
