"""one_neuron: one output and one added neuron, in plain numbers: at every local minimum a = 0 and theta is a global minimum.

The losses l_i are any convex differentiable functions of one real number, smoothed hinges among them, and
Lt(theta, a, b, w) = (1/m) sum_i l_i(f(x_i; theta) + a exp(w . x_i + b)) + lambda a^2. At a local minimum in (a, b, w), theta held
fixed: a = 0, the slopes of each group of equal inputs sum to 0, and L(theta) <= L(q) for every real function q of x.

Source: after Liang, Sun, Lee and Srikant, "Adding One Neuron Can Eliminate All Bad Local Minima", NeurIPS 2018.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    HASD,
    LE,
    LT,
    REAL,
    Term,
    Theorem,
    assume,
    beta,
    both,
    choose,
    convert,
    d_compose,
    discharge,
    eq,
    eta,
    exists,
    fermat,
    forall,
    generalise,
    lam,
    left,
    linear,
    mp,
    multiply,
    real,
    right,
    specialise,
    subst,
    sum_le,
    witness,
)
from pgb.library import Script

from .building import (
    HALF,
    INPUT,
    ONE,
    SAMPLE,
    Body,
    O,
    conjunction,
    every,
    for_all,
    fresh,
    function,
    implies,
    is_zero,
    positive,
    some,
    total_over,
    variable,
    within,
)
from .calculus import Leaf, along, differentiate, near_zero, stationary
from .independence import vanishes_near
from .statements import POINT, THETA, Setting, close_vector, dot, group_sum, i, mean, sample_input, theta, theta2
from .tactics import (
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
    square_positive,
    trivially,
    zero_square,
)

NAME = "one_neuron"
TITLE = "One output: at every local minimum the added neuron is off and theta is optimal among all functions of x"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

# Losses, their derivatives and the network, with one real output.
LOSS, SLOPE = variable("l", SAMPLE, REAL, REAL), variable("dl", SAMPLE, REAL, REAL)
NETWORK = variable("f", THETA, POINT, REAL)
MODEL = (POINT, REAL)
a, b = variable("a", REAL), variable("b", REAL)
w, w2 = variable("w", *POINT), variable("w2", *POINT)
q = variable("q", *MODEL)


def output(th: Term, n: Term) -> Term:
    """Return ``f(x_n; theta)``."""
    return NETWORK(eta(th), sample_input(n))


def slope(n: Term) -> Term:
    """Return ``l_n'(f(x_n; theta))``."""
    return SLOPE(n, output(theta, n))


def original(th: Term) -> Term:
    """Return ``L(theta)``."""
    return mean(lambda n: LOSS(n, output(th, n)))


def of_model(model: Term) -> Term:
    """Return ``(1/m) sum_i l_i(model(x_i))``."""
    return mean(lambda n: LOSS(n, model(sample_input(n))))


def augmented(setting: Setting, th: Term, u: Term, c: Term, v: Term) -> Term:
    """Return ``Lt(th, u, c, v)``."""
    unit = setting.objective.unit
    data = mean(lambda n: LOSS(n, output(th, n) + unit(u, dot(v, sample_input(n)), c)))
    return data + setting.objective.weight * setting.objective.penalty(u)


def local_minimum(setting: Setting, th: Term, u: Term, c: Term, v: Term) -> Term:
    """Return the formula "(u, c, v) is a local minimum of Lt(th, .)"."""
    region = setting.objective.region

    def lowest(radius: Term, u2: Term, c2: Term, v2: Term) -> Term:
        near = (within(u2 - u, radius), within(c2 - c, radius), close_vector(v, v2, radius, INPUT))
        admissible = () if region is None else (region(c2),)
        return implies(*near, *admissible, LE(augmented(setting, th, u, c, v), augmented(setting, th, u2, c2, v2)))

    return some(REAL, lambda radius: conjunction(positive(radius), every(REAL, lambda u2: every(REAL, lambda c2: every(
        POINT, lambda v2: lowest(radius, u2, c2, v2))))))  # fmt: skip


def hypothesis(setting: Setting, name: str) -> Term:
    """Return the formula behind a hypothesis identifier, for losses of one real number."""
    n, p, p2, t = variable("i", SAMPLE), variable("p", REAL), variable("p2", REAL), variable("t", REAL)
    if name == "loss_differentiable":
        return for_all(n, p, then=HASD(function(REAL, lambda v: LOSS(n, v)), p, SLOPE(n, p)))
    if name == "loss_convex":
        chord = (ONE - t) * LOSS(n, p) + t * LOSS(n, p2)
        below = LE(LOSS(n, (ONE - t) * p + t * p2), chord)
        return for_all(n, p, p2, t, then=implies(LE(O, t), LE(t, ONE), below))
    return setting.hypothesis(name)


def silent(setting: Setting, u: Term) -> Term:
    """Return: the unit with output weight u is 0 at every point."""
    return every(POINT, lambda z: is_zero(setting.objective.unit(u, dot(w, z), b)))


def claim(setting: Setting) -> Term:
    groups = every(SAMPLE, lambda n: is_zero(group_sum(slope, n)))
    optimal = every(MODEL, lambda model: LE(original(theta), of_model(model)))
    in_theta = every(THETA, lambda th: LE(original(theta), original(th)))
    same = eq(augmented(setting, theta, a, b, w), original(theta))
    found = conjunction(is_zero(a), groups, optimal, in_theta, silent(setting, a), same)
    return for_all(theta, a, b, w, then=implies(local_minimum(setting, theta, a, b, w), found))


def prove(script: Script) -> Theorem:
    setting, radius = script.setting, variable("radius", REAL)
    minimum = script.suppose(
        "Let (a, b, w) be a local minimum of Lt with theta held fixed", local_minimum(setting, theta, a, b, w)
    )
    with script.step(
        "Follow (a e^(-s), b + s): the network does not change, so lambda a^2 <= lambda a^2 e^(-2s) for small s"
    ) as step:
        low, penalty = rescaled(setting, minimum)
        step(low)
    with script.step("By Fermat -2 lambda a^2 = 0, and lambda > 0: a = 0") as step:
        square = setting.objective.penalty(a)
        product = linear(is_zero(setting.objective.weight * square), [(-HALF, stationary(penalty, low)[1])])
        off = step(zero_square(cancel(script.hypothesis("lambda_positive"), product, square)))

    with script.step("So (0, b, w) is a local minimum of Lt with theta held fixed") as step:
        at_zero = step(rewrite(lambda v: local_minimum(setting, theta, v, b, w), fresh("v", REAL), off, minimum))
    ball = script.suppose("Let radius be such that Lt(theta, 0, b, w) is smallest within it", beta(
        at_zero.concl.args[0], (radius,)))  # fmt: skip
    close = script.suppose("Let w' be within it of w", close_vector(w, w2, radius, INPUT))
    with script.step("At a = 0 the value ignores w: moving a alone from (0, b, w') does not go below it") as step:
        lowest = step(lowest_in_a(setting, ball, close))
    with script.step("Fermat in a: sum_i l_i'(f(x_i)) exp(w' . x_i + b) = 0") as step:
        zero = step(moment_zero(setting, lowest, script.hypothesis("loss_differentiable")))
    independent = script.use(
        "independence", "By independence, such sums vanish only if the slopes of equal inputs cancel"
    )
    with script.step(
        "Hence sum_i l_i'(f(x_i)) h(x_i) = 0 for every function h of x, and the slopes of each group sum to 0"
    ) as step:
        goal = vanishes_near(setting, function(SAMPLE, slope), w, b)
        near = witness(goal, radius, both(left(ball), generalise(w2, discharge(close.concl, zero))))
        near = choose(at_zero, radius, near)
        orthogonal = mp(specialise(independent, function(SAMPLE, slope), w, b), near)
        against_all, groups, _ = conjuncts(orthogonal, 3)
        step(both(against_all, groups))

    with script.step("A convex differentiable loss lies above its tangents") as step:
        tangents = step(first_order(script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable")))
    with script.step(
        "Sum the tangent inequalities from f(x_i) to q(x_i): their linear parts cancel, so L(theta) <= L(q)"
    ) as step:
        best = step(optimal(tangents, against_all))
    with script.step("In particular for q = f(.; theta'): theta is a global minimum of L") as step:
        in_theta = step(generalise(theta2, specialise(best, function(POINT, lambda z: NETWORK(theta2, z)))))
    with script.step("As a = 0, the added unit outputs 0 everywhere, and Lt = L(theta)") as step:
        quiet = with_zero(off, lambda u: silent(setting, u))
        same = with_zero(off, lambda u: eq(augmented(setting, theta, u, b, w), original(theta)))
        step(both(quiet, same))
    result = discharge(minimum.concl, join(off, groups, best, in_theta, quiet, same))
    return script.qed(generalise_all(result, theta, a, b, w))


def rescaled(setting: Setting, minimum: Theorem) -> tuple[Theorem, Term]:
    """Along (a e^(-s), b + s) only the penalty changes: it is least at s = 0, for small s. Also that function of s."""
    s, e, radius = fresh("s", REAL), fresh("e", REAL), fresh("radius", REAL)
    penalty = lam(s, setting.objective.weight * setting.objective.penalty(a) * EXP(real(-2) * s))

    def follow(h: Theorem) -> Theorem:
        near = along(right(h), left(h), lambda t: a * EXP(-t), lambda t: b + t, lambda _: eta(w))
        lower = forall(s, implies(within(s, e), LE(penalty(O), penalty(s))))
        return convert(near, exists(e, conjunction(positive(e), lower)))

    return obtain(minimum, radius, follow), penalty


def curve_in_a(setting: Setting) -> Term:
    """Return ``s -> Lt(theta, s, b, w')``."""
    return function(REAL, lambda s: augmented(setting, theta, s, b, w2))


def lowest_in_a(setting: Setting, ball: Theorem, close: Theorem) -> Theorem:
    """There is e > 0 with ``Lt(theta, 0, b, w') <= Lt(theta, s, b, w')`` for s s < e e."""
    s, radius, curve = fresh("s", REAL), left(ball).concl.args[1], curve_in_a(setting)
    still = linear(within(b - b, radius), [], [(1, square_positive(left(ball)))])
    le = apply(specialise(right(ball), s, b, w2), assume(within(s, radius)), still, close)
    return near_zero(left(ball), s, convert(le, LE(curve(O), curve(s))))


def moment_zero(setting: Setting, lowest: Theorem, differentiable: Theorem) -> Theorem:
    """``sum_i l_i'(f(x_i)) exp(w' . x_i + b) = 0``, m times the derivative of Lt in a at (0, b, w')."""
    zero = stationary(curve_in_a(setting), lowest, leaves={str(LOSS.name): composed(differentiable)})[1]
    terms = total_over(SAMPLE, lambda n: slope(n) * EXP(dot(w2, sample_input(n)) + b))
    return cancel(inverse_positive(count_positive()), zero, terms)


def composed(differentiable: Theorem) -> Leaf:
    """Return the derivative of ``l_n(value)`` where the value moves: the chain rule for one variable."""

    def derive(t: Term, s: Term, at: Term) -> Theorem:
        n, value = t.args
        return d_compose(specialise(differentiable, n, subst(value, s, at)), differentiate(lam(s, value), at))

    return derive


def first_order(convex: Theorem, differentiable: Theorem) -> Theorem:
    """``|- for all i p q, l_i(p) + l_i'(p) (q - p) <= l_i(q)``: one-sided Fermat at s = 0 for the gap below the chord."""
    p, p2, s = variable("p", REAL), variable("p2", REAL), variable("s", REAL)
    gap = lam(s, LOSS(i, (ONE - s) * p + s * p2) - (ONE - s) * LOSS(i, p) - s * LOSS(i, p2))
    lower, upper = assume(LE(O, s)), assume(LT(s, O + ONE))
    chord = apply(specialise(convex, i, p, p2, s), lower, linear(LE(s, ONE), [], [(1, upper)]))
    low = linear(LE(gap(s), gap(O)), [], [(1, chord)])
    below = generalise(s, discharge_all(low, lower.concl, upper.concl))
    leaves = {str(LOSS.name): composed(differentiable)}
    slope_ = fermat(differentiate(gap, O, leaves=leaves), below, linear(positive(ONE)))
    goal = LE(LOSS(i, p) + SLOPE(i, p) * (p2 - p), LOSS(i, p2))
    return generalise_all(linear(goal, [], [(1, slope_)]), i, p, p2)


def optimal(tangents: Theorem, against_all: Theorem) -> Theorem:
    """``|- for all q, L(theta) <= (1/m) sum_i l_i(q(x_i))``."""
    linear_part = specialise(against_all, function(POINT, lambda z: q(z) - NETWORK(theta, z)))
    gap = sum_le(generalise(i, specialise(tangents, i, output(theta, i), q(sample_input(i)))))
    low = total_over(SAMPLE, lambda n: LOSS(n, output(theta, n)))
    high = total_over(SAMPLE, lambda n: LOSS(n, q(sample_input(n))))
    le = linear(LE(low, high), [(-1, linear_part)], [(1, gap)])
    scaled = multiply(le, inverse_positive(count_positive()))
    return generalise(q, linear(LE(original(theta), of_model(q)), [], [(1, scaled)]))


def with_zero(off: Theorem, context: Body) -> Theorem:
    """Prove a statement about a from the same statement about 0."""
    return rewrite(context, fresh("v", REAL), flip(off), trivially(context(O)))
