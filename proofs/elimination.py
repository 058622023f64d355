"""elimination: at every local minimum of Lt, even with theta held fixed, theta is optimal among all functions of x.

There a = 0, the loss gradients of each group of equal inputs sum to 0, L(theta) <= L(q) for EVERY function q of x (so theta is a
global minimum of L, with value L*), the added units output 0 everywhere, and Lt = L(theta).

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import (
    LE,
    Term,
    Theorem,
    both,
    discharge,
    eq,
    generalise,
    mp,
    specialise,
)
from pgb.library import Script

from .building import (
    OUTPUT,
    Body,
    O,
    conjunction,
    every,
    for_all,
    fresh,
    function,
    implies,
    is_zero,
)
from .grouped_gradients import groups_cancel
from .lemmas import first_order, optimal_from_orthogonal
from .statements import (
    POINT,
    THETA,
    VECTOR,
    Setting,
    W,
    a,
    all_zero,
    b,
    k,
    network,
    optimal,
    original,
    theta,
    theta2,
    vector_of,
)
from .tactics import conjuncts, flip, generalise_all, join, rewrite, trivially

NAME = "elimination"
TITLE = "At every local minimum of Lt, theta is a global minimum of L, with the best value of any function of x"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "loss_convex")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def conclusion(setting: Setting) -> Term:
    """Return what holds at a local minimum: a = 0, group gradients, optimality, the unit's output and the value."""
    global_in_theta = every(THETA, lambda th2: LE(original(theta), original(th2)))
    silent = every(POINT, lambda z: every(OUTPUT, lambda c: is_zero(setting.unit(a, b, W)(z, c))))
    value = eq(setting.augmented(theta, a, b, W), original(theta))
    return conjunction(all_zero(a), groups_cancel(), optimal(theta), global_in_theta, silent, value)


def claim(setting: Setting) -> Term:
    minimum = setting.local_minimum_fixed(theta, a, b, W)
    return for_all(theta, a, b, W, then=implies(minimum, conclusion(setting)))


def prove(script: Script) -> Theorem:
    setting = script.setting
    minimum = script.suppose(
        "Let (a, b, W) be a local minimum of Lt with theta held fixed", setting.local_minimum_fixed(theta, a, b, W)
    )
    grouped = script.use(
        "grouped_gradients",
        "By grouped_gradients, a = 0 and sum_i d_k l_i(f(x_i)) h(x_i) = 0 for every k and every function h of x",
    )
    off, orthogonal, groups = conjuncts(mp(specialise(grouped, theta, a, b, W), minimum), 3)
    with script.step("A convex differentiable loss lies above its tangents") as step:
        tangents = step(first_order(script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable")))
    with script.step(
        "Sum the tangent inequalities from f(x_i) to q(x_i): their linear parts cancel, so L(theta) <= L(q)"
    ) as step:
        best = step(optimal_from_orthogonal(tangents, orthogonal))
    with script.step("In particular for q = f(.; theta'): theta is a global minimum of L") as step:
        model = function(POINT, lambda z: vector_of(lambda c: network(theta2, z, c)))
        global_in_theta = step(generalise(theta2, specialise(best, model)))
    with script.step("As a = 0, the added units output 0 everywhere, and Lt = L(theta)") as step:
        silent = _with_zero_a(off, lambda v: _silent(setting, v))
        value = _with_zero_a(off, lambda v: eq(setting.augmented(theta, v, b, W), original(theta)))
        step(both(silent, value))
    result = discharge(minimum.concl, join(off, groups, best, global_in_theta, silent, value))
    return script.qed(generalise_all(result, theta, a, b, W))


def _silent(setting: Setting, v: Term) -> Term:
    """Return: the unit with output weights v is 0 at every point."""
    return every(POINT, lambda z: every(OUTPUT, lambda c: is_zero(setting.unit(v, b, W)(z, c))))


def _with_zero_a(off: Theorem, context: Body) -> Theorem:
    """Prove a statement about a from the same statement about 0."""
    v, back = fresh("v", *VECTOR), generalise(k, flip(specialise(off, k)))
    nothing = vector_of(lambda _: O)
    return rewrite(context, v, back, trivially(context(nothing)))
