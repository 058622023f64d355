"""ridge: with mu |theta|^2, mu > 0, added to L and Lt alike, the local minima of Lt are exactly a = 0, theta = 0, L(0) = L*.

So with weight decay local minima exist only if the zero network is optimal among all functions of x.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    HASD,
    INV,
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    both,
    convert,
    d_compose,
    discharge,
    eta,
    generalise,
    is_const,
    lam,
    left,
    linear,
    mp,
    multiply,
    real,
    right,
    same,
    specialise,
    square,
    witness,
)
from pgb.library import Script

from .building import (
    HALF,
    ONE,
    PARAM,
    SAMPLE,
    O,
    conjunction,
    every,
    for_all,
    fresh,
    function,
    iff,
    implies,
    is_zero,
    positive,
    some,
    square_of,
    total_over,
    variable,
    within,
)
from .calculus import Leaf, close_to, differentiate, near_zero, stationary
from .lemmas import first_order, global_from_optimal, optimal_from_orthogonal
from .statements import (
    POINT,
    SAMPLES,
    SLOPES,
    VECTOR,
    W2,
    Setting,
    W,
    a,
    a2,
    all_zero,
    b,
    b2,
    bump,
    close_matrix,
    close_vector,
    k,
    optimal,
    original,
    theta,
    theta2,
)
from .tactics import (
    TacticError,
    apply,
    cancel,
    conjuncts,
    discharge_all,
    generalise_all,
    join,
    obtain,
    rewrite,
    square_positive,
    sum_nonnegative,
    sum_zero,
    weaken,
)

NAME = "ridge"
TITLE = "With weight decay mu |theta|^2, the local minima of Lt are exactly a = 0, theta = 0, L(theta) = L*"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex", "f_differentiable")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")

MU = variable("mu", REAL)
p = variable("p", PARAM)


def decay(th: Term) -> Term:
    """Return ``mu |theta|^2``."""
    return MU * total_over(PARAM, lambda n: square_of(th(n)))


def lowest(setting: Setting, radius: Term, th: Term, u: Term, c: Term, V: Term) -> Term:
    """Return: Lt + mu |theta|^2 at (theta, a, b, W) is at most its value at a nearby point."""
    return implies(
        close_vector(theta, th, radius, PARAM), close_vector(a, u, radius), close_vector(b, c, radius),
        close_matrix(W, V, radius), *setting.admissible(c),
        LE(setting.augmented(theta, a, b, W) + decay(theta), setting.augmented(th, u, c, V) + decay(th)),
    )  # fmt: skip


def local_minimum(setting: Setting) -> Term:
    """Return: (theta, a, b, W) is a local minimum of Lt + mu |theta|^2."""
    return some(REAL, lambda radius: conjunction(positive(radius), for_all(
        theta2, a2, b2, W2, then=lowest(setting, radius, theta2, a2, b2, W2))))  # fmt: skip


def only_zero() -> Term:
    """Return: a = 0, theta = 0 and L(theta) = L*."""
    return conjunction(all_zero(a), every(PARAM, lambda n: is_zero(theta(n))), optimal(theta))


def claim(setting: Setting) -> Term:
    exactly = iff(local_minimum(setting), only_zero())
    return for_all(MU, theta, a, b, W, then=implies(positive(MU), exactly))


def prove(script: Script) -> Theorem:
    setting, losses = script.setting, script.hypothesis("loss_differentiable")
    mu_positive = script.suppose("Let mu > 0", positive(MU))
    minimum = script.suppose("Let (theta, a, b, W) be a local minimum of Lt + mu |theta|^2", local_minimum(setting))
    grouped = script.use("grouped_gradients", "By grouped_gradients, at a local minimum with theta held fixed")
    with script.step("Hold theta: the decay is constant, so (a, b, W) is a local minimum of Lt(theta, .)") as step:
        held = step(_held(setting, minimum))
    with script.step("So a = 0 and sum_i d_k l_i(f(x_i)) h(x_i) = 0 for every function h of x") as step:
        off, orthogonal, _ = conjuncts(mp(specialise(grouped, theta, a, b, W), held), 3)
        step(both(off, orthogonal))
    with script.step("By convexity L(theta) = L*") as step:
        tangents = first_order(script.hypothesis("loss_convex"), losses)
        best = step(optimal_from_orthogonal(tangents, orthogonal))
    with script.step("Move theta_p alone: L(theta) + mu |theta|^2 is stationary") as step:
        slope = step(_stationary(setting, minimum, off, losses, script.hypothesis("f_differentiable")))
    with script.step("For h the derivative of f in theta_p the data term drops out: 2 mu theta_p = 0") as step:
        zero = step(_theta_zero(mu_positive, slope, orthogonal))
    forward = discharge(minimum.concl, join(off, zero, best))

    known = script.suppose("Conversely let a = 0, theta = 0 and L(theta) = L*", only_zero())
    with script.step("Then Lt + mu |theta|^2 is at least L*, its value here: a global, hence a local minimum") as step:
        bound = global_from_optimal(setting, script.hypothesis("lambda_positive"))
        back = step(_back(setting, bound, known, mu_positive))
    result = discharge(mu_positive.concl, both(forward, discharge(known.concl, back)))
    return script.qed(generalise_all(result, MU, theta, a, b, W))


def _held(setting: Setting, minimum: Theorem) -> Theorem:
    """A local minimum of Lt + mu |theta|^2 is one of Lt(theta, .)."""
    radius, n = fresh("r", REAL), fresh("p", PARAM)

    def use(h: Theorem) -> Theorem:
        still = linear(within(theta(n) - theta(n), radius), [], [(1, square_positive(left(h)))])
        at = mp(specialise(right(h), theta, a2, b2, W2), generalise(n, still))
        near = [close_vector(a, a2, radius), close_vector(b, b2, radius), close_matrix(W, W2, radius)]
        le = apply(at, *map(assume, near))
        goal = LE(setting.augmented(theta, a, b, W), setting.augmented(theta, a2, b2, W2))
        le = generalise_all(discharge_all(linear(goal, [], [(1, le)]), *near), a2, b2, W2)
        return witness(setting.local_minimum_fixed(theta, a, b, W), radius, both(left(h), le))

    return obtain(minimum, radius, use)


def _moved(t: Term) -> Term:
    """Return ``theta + t e_p``."""
    return bump(theta, p, t)


def _stationary(setting: Setting, minimum: Theorem, off: Theorem, losses: Theorem, smooth: Theorem) -> Theorem:
    """The derivative of ``L(theta + s e_p) + mu |theta + s e_p|^2`` at s = 0 is 0."""
    radius, s, e = fresh("r", REAL), variable("s", REAL), fresh("e", REAL)
    curve = lam(s, original(_moved(s)) + decay(_moved(s)))

    def use(h: Theorem) -> Theorem:
        def step(close: Theorem) -> Theorem:
            near = mp(specialise(right(close), s), assume(within(s, e)))
            own = [
                trivially_close(close_vector(a, a, radius), left(h)),
                trivially_close(close_vector(b, b, radius), left(h)),
                trivially_close(close_matrix(W, W, radius), left(h)),
            ]
            there = specialise(right(h), _moved(s), a, b, W)
            le = apply(there, convert(near, there.concl.args[0]), *own)
            v, zero = fresh("v", *VECTOR), generalise(k, specialise(off, k))
            le = rewrite(lambda u: LE(
                setting.augmented(theta, u, b, W) + decay(theta),
                setting.augmented(_moved(s), u, b, W) + decay(_moved(s))), v, zero, le)  # fmt: skip
            return near_zero(left(close), s, convert(le, LE(curve(O), curve(s))))

        return obtain(close_to([_moved], left(h)), e, step)

    leaves: dict[str, Theorem | Leaf] = {"f": lambda t, v, at: _network_leaf(smooth, t, v, at)}
    return stationary(curve, obtain(minimum, radius, use), losses, leaves)[1]


def trivially_close(goal: Term, pos: Theorem) -> Theorem:
    """Every coordinate is within a positive radius of itself."""
    if is_const(goal, "all"):
        v = fresh("v", goal.args[0].type[0])
        return generalise(v, trivially_close(goal.args[0](v), pos))
    return linear(goal, [], [(1, square_positive(pos))])


def _network_leaf(smooth: Theorem, t: Term, s: Term, at: Term) -> Theorem:
    """The derivative of ``f(x_i; theta + s e_p)_k``, or with -s."""
    n = next(variable(str(name), type_) for name, type_ in t.args[1].names if type_ == SAMPLE)
    deriv = specialise(smooth, theta, n, t.args[2], p)
    for sign in (1, -1):
        out = d_compose(deriv, differentiate(lam(s, s * sign), at))
        want = HASD(lam(s, t), at, out.concl.args[2])
        if same(want, out.concl):
            return convert(out, want)
    raise TacticError("differentiate", "the network does not move along theta_p")


def _theta_zero(mu_positive: Theorem, slope: Theorem, orthogonal: Theorem) -> Theorem:
    """``2 mu theta_p = 0``, because the loss slopes are orthogonal to the derivatives of f."""
    change = function(POINT, lambda z: SLOPES(eta(theta), z, k, p))
    data = sum_zero(generalise(k, specialise(orthogonal, k, change)))
    product = linear(is_zero(MU * theta(p)), [(HALF, slope), (real(-HALF) * INV(SAMPLES), data)])
    return generalise(p, cancel(mu_positive, product, theta(p)))


def _back(setting: Setting, bound: Theorem, known: Theorem, mu_positive: Theorem) -> Theorem:
    """A point with a = 0, theta = 0, L(theta) = L* is a local minimum, with radius 1."""
    off, zero, best = conjuncts(known, 3)
    lowest_value = specialise(apply(specialise(bound, theta, a, b, W), off, best), theta2, a2, b2, W2)
    n = fresh("p", PARAM)
    decay_there = multiply(weaken(mu_positive), sum_nonnegative(generalise(n, square(theta2(n)))))
    each = linear(is_zero(square_of(theta(n))), [(theta(n), specialise(zero, n))])
    decay_here = sum_zero(generalise(n, each))
    goal = LE(setting.augmented(theta, a, b, W) + decay(theta), setting.augmented(theta2, a2, b2, W2) + decay(theta2))
    le = linear(goal, [(MU, decay_here)], [(1, lowest_value), (1, decay_there)])
    near = [
        close_vector(theta, theta2, ONE, PARAM), close_vector(a, a2, ONE), close_vector(b, b2, ONE),
        close_matrix(W, W2, ONE),
    ]  # fmt: skip
    ball = both(linear(positive(ONE)), generalise_all(discharge_all(le, *near), theta2, a2, b2, W2))
    return witness(local_minimum(setting), ONE, ball)
