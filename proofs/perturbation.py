"""perturbation: at a local minimum a = 0, and dLt/da_k (theta, 0, b', W') = 0 for all (b', W') near (b, W).

With a = 0 the value of Lt does not depend on (b, W), so each neighbour (theta, 0, b', W') is a minimum in a as well, and Fermat
applies there.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    beta,
    both,
    choose,
    convert,
    discharge,
    generalise,
    lam,
    left,
    mp,
    right,
    specialise,
    witness,
)
from pgb.library import Script

from .building import OUTPUT, O, conjunction, every, for_all, fresh, implies, is_zero, positive, some, variable, within
from .calculus import close_to, near_zero, stationary, with_slope
from .statements import (
    MATRIX,
    VECTOR,
    W2,
    Setting,
    W,
    a,
    all_zero,
    axis,
    b,
    b2,
    close_matrix,
    close_vector,
    k,
    loss_slope,
    matrix_row,
    moment,
    partial,
    theta,
    vector_of,
)
from .tactics import apply, cancel, count_positive, discharge_all, generalise_all, inverse_positive, obtain, rewrite

NAME = "perturbation"
TITLE = "At a local minimum, a = 0 and the derivatives in a vanish for all (b', W') near (b, W)"
HYPOTHESES = ("lambda_positive", "loss_differentiable")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def slope_at_zero(setting: Setting, c: Term, bias: Term, weights: Term) -> Term:
    """Return the formula ``dLt/da_c (theta, 0, b', W') = 0``."""
    return partial(lambda s: setting.augmented(theta, axis(c, s), bias, weights), O, O)


def neuron_moment(c: Term, bias: Term, weights: Term) -> Term:
    """Return ``sum_i d_c l_i(f(x_i; theta)) exp(w'_c . x_i + b'_c)``."""
    return moment(lambda n: loss_slope(theta, n, c), matrix_row(weights, c), bias(c))


def nearby(setting: Setting) -> Term:
    """Return: for some radius, both statements hold for all (b', W') within it and all k."""
    return some(REAL, lambda radius: conjunction(positive(radius), every(VECTOR, lambda c: every(MATRIX, lambda V: implies(
        close_vector(b, c, radius), close_matrix(W, V, radius), every(OUTPUT, lambda n: conjunction(
            slope_at_zero(setting, n, c, V), is_zero(neuron_moment(n, c, V)))))))))  # fmt: skip


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, conjunction(all_zero(a), nearby(setting))))


def prove(script: Script) -> Theorem:
    setting, radius = script.setting, variable("radius", REAL)
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    vanish = script.use("vanishing_at_minima", "By vanishing_at_minima, a = 0 there")
    with script.step("So (0, b, W) is a local minimum of Lt with theta held fixed") as step:
        off = mp(left(specialise(vanish, theta, a, b, W)), minimum)
        at_zero = rewrite(lambda v: setting.local_minimum_fixed(theta, v, b, W), fresh("v", *VECTOR), off, minimum)
        step(at_zero)
    ball = variable("radius", REAL)
    inner = beta(at_zero.concl.args[0], (ball,))
    h = script.suppose("Let radius be such that Lt(theta, 0, b, W) is smallest within it", inner)
    close_b = script.suppose("Let b' be within it of b", close_vector(b, b2, ball))
    close_w = script.suppose("and W' within it of W", close_matrix(W, W2, ball))

    with script.step(
        "At a = 0 the value ignores (b, W): moving a_k alone from (0, b', W') does not go below it"
    ) as step:
        low = step(_lowest_along_axis(setting, h, close_b, close_w))
    with script.step("Fermat in a_k: dLt/da_k (theta, 0, b', W') = 0") as step:
        s = variable("s", REAL)
        curve = lam(s, setting.augmented(theta, axis(k, s), b2, W2))
        derivative, zero = stationary(curve, low, script.hypothesis("loss_differentiable"))
        slope = step(convert(with_slope(derivative, zero), slope_at_zero(setting, k, b2, W2)))
    with script.step("That derivative is (1/m) sum_i d_k l_i(f(x_i)) exp(w'_k . x_i + b'_k)") as step:
        value = step(cancel(inverse_positive(count_positive()), zero, neuron_moment(k, b2, W2)))

    here = discharge_all(generalise(k, both(slope, value)), close_b.concl, close_w.concl)
    found = both(left(h), generalise_all(here, b2, W2))
    some_radius = choose(at_zero, ball, witness(nearby(setting), ball, found))
    result = discharge(minimum.concl, both(off, some_radius))
    del radius
    return script.qed(generalise_all(result, theta, a, b, W))


def _lowest_along_axis(setting: Setting, h: Theorem, close_b: Theorem, close_w: Theorem) -> Theorem:
    """There is e > 0 with ``Lt(theta, 0, b', W') <= Lt(theta, s e_k, b', W')`` for s s < e e."""
    v, s, e = fresh("v", *VECTOR), variable("s", REAL), fresh("e", REAL)
    radius = left(h).concl.args[1]
    near = assume(close_vector(vector_of(lambda _: O), v, radius))
    in_a = apply(specialise(right(h), v, b2, W2), near, close_b, close_w)
    bound = generalise(v, discharge(near.concl, in_a))
    curve = lam(s, setting.augmented(theta, axis(k, s), b2, W2))

    def use(close: Theorem) -> Theorem:
        step = mp(specialise(right(close), s), assume(within(s, e)))
        le = mp(specialise(bound, axis(k, s)), step)
        return near_zero(left(close), s, convert(le, LE(curve(O), curve(s))))

    return obtain(close_to([lambda t: axis(k, t)], left(h)), e, use)
