"""vanishing: wherever both partial derivatives of Lt in a_k and in b_k are zero, for every k, the added units are off: a = 0.

The reason is an identity that holds at every point where the two partial derivatives exist,
``a_k dLt/da_k - dLt/db_k = 2 lambda a_k^2``: the network sees (a_k, b_k) only through ``a_k e^(b_k)``, so the data term cancels.
Neither convexity, nor differentiability of the losses, nor any property of the network is used.

Source: after Kawaguchi and Kaelbling, arXiv 1901.00279; the proof without differentiable losses is this project's.
"""

from __future__ import annotations

from pgb.kernel import (
    EXP,
    REAL,
    Term,
    Theorem,
    both,
    convert,
    d_add,
    d_compose,
    d_const,
    d_unique,
    eq,
    generalise,
    indicator,
    lam,
    linear,
    real,
    specialise,
)
from pgb.library import Script

from .building import HALF, ONE, OUTPUT, SAMPLE, O, conjunction, for_all, fresh, implies, is_zero, square_of, variable
from .calculus import differentiate
from .statements import (
    LOSS,
    Setting,
    W,
    a,
    all_zero,
    b,
    bump,
    dot,
    i,
    k,
    matrix_row,
    mean,
    network,
    partial,
    sample_input,
    theta,
    vector_of,
)
from .tactics import apply, by_cases, cancel, discharge_all, flip, generalise_all, rewrite, zero_square

NAME = "vanishing"
TITLE = "Where both partial derivatives of every added unit vanish, a = 0"
HYPOTHESES = ("lambda_positive",)
STRUCTURE = ("exp_neuron", "bias")

SLOPE_A, SLOPE_B = variable("A", REAL), variable("B", REAL)


def slope_in_a(setting: Setting, slope: Term) -> Term:
    """Return the formula ``dLt/da_k = slope`` at (theta, a, b, W)."""
    return partial(lambda s: setting.augmented(theta, bump(a, k, s), b, W), O, slope)


def slope_in_b(setting: Setting, slope: Term) -> Term:
    """Return the formula ``dLt/db_k = slope`` at (theta, a, b, W)."""
    return partial(lambda s: setting.augmented(theta, a, bump(b, k, s), W), O, slope)


def claim(setting: Setting) -> Term:
    identity = eq(a(k) * SLOPE_A - SLOPE_B, real(2) * setting.objective.weight * square_of(a(k)))
    everywhere = for_all(
        k, SLOPE_A, SLOPE_B, then=implies(slope_in_a(setting, SLOPE_A), slope_in_b(setting, SLOPE_B), identity)
    )
    critical = [for_all(k, then=slope(setting, O)) for slope in (slope_in_a, slope_in_b)]
    return for_all(theta, a, b, W, then=conjunction(everywhere, implies(*critical, all_zero(a))))


def prove(script: Script) -> Theorem:
    setting, s = script.setting, variable("s", REAL)
    by_a = script.suppose("Let A be the partial derivative of Lt in a_k", slope_in_a(setting, SLOPE_A))
    by_b = script.suppose("Let B be the partial derivative of Lt in b_k", slope_in_b(setting, SLOPE_B))
    gain = a(k) * EXP(s) - a(k)  # what a_k gains when it is multiplied by e^s

    with script.step("Subtract the penalty: the data term alone has the derivative A - 2 lambda a_k in a_k") as step:
        penalty = differentiate(lam(s, -setting.penalty(bump(a, k, s))), O)
        data = d_add(by_a, penalty)
        slope = SLOPE_A - real(2) * setting.objective.weight * a(k)
        data = step(convert(data, partial(lambda t: setting.data_term(theta, bump(a, k, t), b, W), O, slope)))

    with script.step("Adding s to b_k does to the unit what multiplying a_k by e^s does, for every s") as step:
        same_unit = step(_rescaling(setting, s, gain))

    with script.step(
        "Hence, by the chain rule, the data term has the derivative (A - 2 lambda a_k) a_k in b_k"
    ) as step:
        composed = d_compose(data, differentiate(lam(s, gain), O))
        in_b = step(_in_b(setting, composed, same_unit, s))

    with script.step("The penalty does not depend on b, so a_k A - B = 2 lambda a_k^2") as step:
        unique = d_unique(d_add(in_b, d_const(setting.penalty(a), O)), by_b)
        goal = eq(a(k) * SLOPE_A - SLOPE_B, real(2) * setting.objective.weight * square_of(a(k)))
        identity = step(linear(goal, [(1, unique)]))
        everywhere = generalise_all(discharge_all(identity, by_a.concl, by_b.concl), k, SLOPE_A, SLOPE_B)

    zero_a = script.suppose(
        "Suppose now that all partial derivatives in a vanish", for_all(k, then=slope_in_a(setting, O))
    )
    zero_b = script.suppose("and all partial derivatives in b", for_all(k, then=slope_in_b(setting, O)))
    with script.step("Then 2 lambda a_k^2 = 0, and lambda > 0 gives a = 0") as step:
        at_zero = apply(specialise(everywhere, k, O, O), specialise(zero_a, k), specialise(zero_b, k))
        product = linear(is_zero(setting.objective.weight * square_of(a(k))), [(-HALF, at_zero)])
        off = zero_square(cancel(script.hypothesis("lambda_positive"), product, square_of(a(k))))
        off = step(generalise(k, off))
    both_parts = both(everywhere, discharge_all(off, zero_a.concl, zero_b.concl))
    return script.qed(generalise_all(both_parts, theta, a, b, W))


def _rescaling(setting: Setting, s: Term, gain: Term) -> Theorem:
    """For all s, n, d: ``unit(a_n + gain [n = k], d, b_n) = unit(a_n, d, b_n + s [n = k])``."""
    n, d, mark, z = (variable("n", OUTPUT), variable("d", REAL), fresh("v", REAL), fresh("z", OUTPUT))
    unit = setting.objective.unit

    def same(v: Term, up: Term = gain) -> Term:
        return eq(unit(a(n) + up * v, d, b(n)), unit(a(n), d, b(n) + s * v))

    def moved(h: Theorem) -> Theorem:  # n = k
        own = linear(same(ONE, a(n) * EXP(s) - a(n)))
        own = rewrite(lambda u: same(ONE, a(u) * EXP(s) - a(u)), z, h, own)
        return rewrite(same, mark, flip(indicator(h, true=True)), own)

    def unmoved(h: Theorem) -> Theorem:
        return rewrite(same, mark, flip(indicator(h, true=False)), linear(same(O)))

    return generalise_all(by_cases(eq(n, k), moved, unmoved), s, n, d)


def _in_b(setting: Setting, composed: Theorem, same_unit: Theorem, s: Term) -> Theorem:
    """Carry the derivative of ``s -> data(a_k e^s)`` over to ``s -> data(b_k + s)``."""
    n, unit = variable("n", OUTPUT), fresh("u", REAL, SAMPLE, OUTPUT, REAL)
    slope = composed.concl.args[2]
    units = specialise(same_unit, s, n, dot(matrix_row(W, n), sample_input(i)))

    def context(v: Term) -> Term:
        return partial(lambda t: mean(lambda m: LOSS(m, vector_of(
            lambda c: network(theta, sample_input(m), c) + v(t, m, c)))), O, slope)  # fmt: skip

    return rewrite(context, unit, generalise_all(units, s, i, n), composed)
