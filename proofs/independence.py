"""independence: exponentials x -> exp(w . x + b) with w in any open ball separate distinct points.

If sum_i c_i exp(w . x_i + b) = 0 for all w in a ball, then the c_i of each group of equal inputs sum to 0; for distinct inputs
every c_i is 0. Choose a direction u in which different inputs have different t_i = u . x_i; differentiate along u as often as one
likes: sum_i c_i e_i t_i^p = 0 for every p, where e_i = exp(w . x_i + b); a polynomial interpolates any function of x at the t_i.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    AS_NAT,
    EXP,
    IND,
    LE,
    NAT,
    POW,
    REAL,
    SUC,
    ZERO,
    Term,
    Theorem,
    assume,
    beta,
    choose,
    convert,
    discharge,
    eq,
    eta,
    forall,
    generalise,
    indicator,
    induction,
    lagrange,
    lam,
    left,
    linear,
    mp,
    right,
    separation,
    specialise,
)
from pgb.library import Script

from .building import (
    DEGREE,
    INPUT,
    SAMPLE,
    Body,
    O,
    conjunction,
    delta,
    every,
    for_all,
    fresh,
    function,
    implies,
    is_zero,
    positive,
    some,
    square_of,
    total_over,
    variable,
    within,
)
from .calculus import close_to, near_zero, stationary
from .statements import POINT, Setting, X, close_vector, dot, group_sum, i, j, row, same_input, sample_input
from .tactics import below_root, by_cases, flip, generalise_all, join, obtain, rewrite, square_positive, sum_zero

NAME = "independence"
TITLE = "If sum_i c_i exp(w . x_i + b) = 0 for all w in a ball, each group of equal inputs has sum c_i = 0"
HYPOTHESES = ()
STRUCTURE = ("exp_neuron",)

c = variable("c", SAMPLE, REAL)
w = variable("w", *POINT)
beta_ = variable("beta", REAL)
h = variable("h", POINT, REAL)


def vanishes_near(setting: Setting, weights: Term, centre: Term, bias: Term) -> Term:
    """Return: for some r > 0 and all w' within r of w, ``sum_i c_i exp(w' . x_i + beta) = 0``, or with another unit."""

    def combined(w2: Term) -> Term:
        unit = setting.objective.unit
        return total_over(SAMPLE, lambda n: unit(weights(n), dot(w2, sample_input(n)), bias))

    return some(REAL, lambda radius: conjunction(positive(radius), every(POINT, lambda w2: implies(
        close_vector(centre, w2, radius, INPUT), is_zero(combined(w2))))))  # fmt: skip


def distinct() -> Term:
    """Return: the inputs of the samples are pairwise distinct."""
    return every(SAMPLE, lambda n: every(SAMPLE, lambda n2: implies(same_input(n, n2), eq(n, n2))))


def claim(setting: Setting) -> Term:
    against_all = every((POINT, REAL), lambda g: is_zero(total_over(SAMPLE, lambda n: c(n) * g(sample_input(n)))))
    groups = every(SAMPLE, lambda n: is_zero(group_sum(c, n)))
    each = implies(distinct(), every(SAMPLE, lambda n: is_zero(c(n))))
    return for_all(
        c, w, beta_, then=implies(vanishes_near(setting, c, w, beta_), conjunction(against_all, groups, each))
    )


def prove(script: Script) -> Theorem:
    radius, u, e, s = variable("radius", REAL), variable("u", *POINT), variable("e", REAL), variable("s", REAL)
    vanish = script.suppose(
        "Suppose sum_i c_i exp(w' . x_i + beta) = 0 for w' near w", vanishes_near(script.setting, c, w, beta_)
    )
    with script.step("Some direction u separates the inputs: u . x_i = u . x_j only if x_i = x_j") as step:
        separating = step(separation(eta(X)))
    ball = script.suppose("Let radius be that of the ball", beta(vanish.concl.args[0], (radius,)))
    apart = script.suppose("and u such a direction", beta(separating.concl.args[0], (eta(u),)))

    with script.step("The points w + s u stay in the ball for small s") as step:
        line = step(close_to([lambda t: function(INPUT, lambda r: w(r) + t * u(r))], left(ball)))
    small = script.suppose("Let e bound those s", beta(line.concl.args[0], (e,)))
    with script.step(
        "Differentiate along u again and again: sum_i c_i e_i t_i^p exp(s t_i) = 0 for |s| < e and every power p"
    ) as step:
        powers = step(_all_powers(ball, small, u, e, s))
    with script.step("At s = 0: sum_i c_i e_i t_i^p = 0 for every p") as step:
        p = variable("p", NAT)
        start = linear(within(O, e), [], [(1, square_positive(left(small)))])
        at_zero = mp(specialise(powers, p, O), start)
        goal = is_zero(total_over(SAMPLE, lambda n: _scaled(n) * POW(_slope(u, n), p)))
        moments = step(generalise(p, convert(at_zero, goal)))
    with script.step(
        "Lagrange: some polynomial takes the value h(x_i) / e_i at every t_i, for any function h of x"
    ) as step:
        fit = step(_interpolate(apart, u))
    with script.step("Combine: sum_i c_i h(x_i) = 0 for every function h") as step:
        against_all = step(generalise(h, _combine(fit, moments, u)))
    with script.step("For h the indicator of x_j: the c_i of the group of j sum to 0") as step:
        point = function(POINT, lambda z: IND(every(INPUT, lambda r: eq(z(r), X(j, r)))))
        group = convert(specialise(against_all, point), is_zero(group_sum(c, j)))
        groups = step(generalise(j, group))
    different = script.suppose("Suppose the inputs are distinct", distinct())
    with script.step("Then the group of j is j alone: c_j = 0") as step:
        each = step(generalise(j, _single(different, group)))

    result = join(against_all, groups, discharge(different.concl, each))
    result = choose(line, e, result)
    result = choose(vanish, radius, choose(separating, u, result))
    return script.qed(generalise_all(discharge(vanish.concl, result), c, w, beta_))


def _exponent(n: Term) -> Term:
    """Return ``w . x_n + beta``."""
    return dot(w, sample_input(n)) + beta_


def _scaled(n: Term) -> Term:
    """Return ``c_n e_n`` with ``e_n = exp(w . x_n + beta)``."""
    return c(n) * EXP(_exponent(n))


def _slope(u: Term, n: Term) -> Term:
    """Return ``t_n = u . x_n``."""
    return dot(u, sample_input(n))


def _all_powers(ball: Theorem, small: Theorem, u: Term, e: Term, s: Term) -> Theorem:
    """For all p, s: if s s < e e then ``sum_i c_i e_i t_i^p exp(s t_i) = 0``. Induction on p."""
    p = variable("p", NAT)

    def weighted(power: Term, at: Term) -> Term:
        return total_over(SAMPLE, lambda n: _scaled(n) * POW(_slope(u, n), power) * EXP(at * _slope(u, n)))

    def vanishes(power: Term) -> Term:
        return forall(s, implies(within(s, e), is_zero(weighted(power, s))))

    lt = assume(within(s, e))
    line = function(INPUT, lambda r: w(r) + s * u(r))
    first = mp(specialise(right(ball), line), mp(specialise(right(small), s), lt))
    base = generalise(s, discharge(lt.concl, convert(first, is_zero(weighted(ZERO, s)))))
    known = assume(vanishes(p))
    slope = _flat(lambda t: weighted(p, t), known, lt, e, s)
    higher = generalise(s, discharge(lt.concl, convert(slope, is_zero(weighted(SUC(p), s)))))
    step = generalise(p, discharge(known.concl, convert(higher, vanishes(SUC(p)))))
    return induction(lam(p, vanishes(p)), convert(base, vanishes(ZERO)), step)


def _flat(value: Body, known: Theorem, lt: Theorem, e: Term, s: Term) -> Theorem:
    """A function that is 0 on (-e, e) has the derivative 0 there: each point of it is a minimum."""
    v, e2 = fresh("v", REAL), fresh("e", REAL)
    curve = lam(v, value(s + v))
    gap = linear(positive(square_of(e) - square_of(s)), [], [(1, lt)])

    def use(h: Theorem) -> Theorem:
        near = assume(within(v, e2))
        inner = below_root(mp(specialise(right(h), v), near), gap)  # (s + v)^2 - s^2 < e^2 - s^2
        there = mp(specialise(known, s + v), linear(within(s + v, e), [], [(1, inner)]))
        here = mp(specialise(known, s), lt)
        return near_zero(left(h), v, linear(LE(curve(O), curve(v)), [(-1, there), (1, here)]))

    close = close_to([lambda t: square_of(s + t)], gap)
    return stationary(curve, obtain(close, e2, use))[1]


def _interpolate(apart: Theorem, u: Term) -> Theorem:
    """There are a_p with ``sum_p a_p t_i^p = h(x_i) exp(-(w . x_i + beta))`` for all i."""
    n2, z = variable("n2", SAMPLE), fresh("z", *POINT)

    def target(at: Term) -> Term:
        return h(at) * EXP(-(total_over(INPUT, lambda r: w(r) * at(r)) + beta_))

    here = target(sample_input(i))
    equal = assume(eq(_slope(u, i), _slope(u, n2)))
    same = mp(specialise(apart, i, n2), equal)
    agree = rewrite(lambda v: eq(here, target(eta(v))), z, same, linear(eq(here, here)))
    premise = generalise_all(discharge(equal.concl, agree), i, n2)
    nodes = function(SAMPLE, lambda n: _slope(u, n))
    values = function(SAMPLE, lambda n: target(sample_input(n)))
    return mp(lagrange(nodes, values), premise)


def _combine(fit: Theorem, moments: Theorem, u: Term) -> Theorem:
    """Replace ``h(x_i) / e_i`` by the polynomial and use that every moment vanishes."""
    coefficients, p, v = variable("alpha", DEGREE, REAL), variable("p", DEGREE), fresh("v", SAMPLE, REAL)

    def use(fits: Theorem) -> Theorem:
        one = total_over(SAMPLE, lambda n: _scaled(n) * POW(_slope(u, n), AS_NAT(p)))
        term = linear(is_zero(coefficients(p) * one), [(coefficients(p), specialise(moments, AS_NAT(p)))])
        polynomial = is_zero(total_over(SAMPLE, lambda n: _scaled(n) * total_over(
            DEGREE, lambda d: coefficients(d) * POW(_slope(u, n), AS_NAT(d)))))  # fmt: skip
        start = convert(sum_zero(generalise(p, term)), polynomial)
        done = rewrite(lambda g: is_zero(total_over(SAMPLE, lambda n: _scaled(n) * g(n))), v, fits, start)
        return convert(done, is_zero(total_over(SAMPLE, lambda n: c(n) * h(sample_input(n)))))

    return obtain(fit, coefficients, use)


def _single(different: Theorem, group: Theorem) -> Theorem:
    """For distinct inputs, [x_i = x_j] = [i = j], so the group sum is c_j."""
    mark, v = IND(same_input(i, j)), fresh("v", SAMPLE, REAL)

    def together(same: Theorem) -> Theorem:
        index = indicator(mp(specialise(different, i, j), same), true=True)
        return linear(eq(mark, delta(i, j)), [(1, indicator(same, true=True)), (-1, index)])

    def apart(not_same: Theorem) -> Theorem:
        equal = assume(eq(i, j))
        z = fresh("z", SAMPLE)
        itself = generalise(row, linear(eq(X(j, row), X(j, row))))
        moved = rewrite(lambda n: same_input(n, j), z, flip(equal), itself)
        unequal = discharge(equal.concl, mp(not_same, moved))
        index = indicator(unequal, true=False)
        return linear(eq(mark, delta(i, j)), [(1, indicator(not_same, true=False)), (-1, index)])

    marks = generalise(i, by_cases(same_input(i, j), together, apart))
    total = rewrite(lambda g: is_zero(total_over(SAMPLE, lambda n: c(n) * g(n))), v, marks, group)
    return convert(total, is_zero(c(j)))
