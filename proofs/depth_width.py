"""depth_width: at a critical point with a gradient basis, the loss is the minimum over the column space of the Jacobian.

Let Q(z) = (1/m) sum_i l_i(phi_i(z)), phi_i(z) = sum_p h_p d_p phi_i(z), and every partial derivative of Q vanish at z. Then
Q(z) <= (1/m) sum_i l_i(sum_p alpha_p d_p phi_i(z)) for all alpha. So if another model psi with a gradient basis at z' has its
Jacobian's column space inside that of phi at z, then Q(z) is at most the loss of psi at z': a wider or deeper model whose critical
point has a larger column space is no worse. The losses are convex; they need not be differentiable.

Source: after Kawaguchi, Huang and Kaelbling, "Effect of Depth and Width on Local Minima in Deep Learning".
"""

from __future__ import annotations

from pgb.kernel import (
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    both,
    convert,
    eq,
    eta,
    fun,
    generalise,
    linear,
    multiply,
    specialise,
    sum_le,
    tangents,
)
from pgb.library import Script

from .building import (
    ONE,
    OUTPUT,
    PARAM,
    SAMPLE,
    O,
    conjunction,
    every,
    for_all,
    fresh,
    function,
    implies,
    matrix,
    total_over,
    variable,
)
from .statements import LOSS, THETA, Setting, bump, i, k, mean, partial, vector_of
from .tactics import apply, count_positive, discharge_all, flip, generalise_all, inverse_positive, rewrite

NAME = "depth_width"
TITLE = "A critical value is the minimum over the Jacobian's column space; a larger column space is no worse"
HYPOTHESES = ("loss_convex",)
STRUCTURE = ()

OTHER = "pert"  # the index sort of the second model's parameters
z, h, alpha = (variable(n, *THETA) for n in ("z", "h", "alpha"))
PHI = variable("phi", SAMPLE, THETA, OUTPUT, REAL)
PHI_SLOPES = variable("dphi", SAMPLE, OUTPUT, PARAM, REAL)  # at z
PSI = variable("psi", SAMPLE, OUTPUT, REAL)  # at z'
PSI_SLOPES = variable("dpsi", SAMPLE, OUTPUT, OTHER, REAL)
h2 = variable("h2", OTHER, REAL)
C = variable("C", OTHER, PARAM, REAL)
p = variable("p", PARAM)
FAMILY = fun(SAMPLE, OUTPUT, REAL)  # an output for each sample
OUTPUTS = matrix(SAMPLE, OUTPUT, lambda n, c: PHI(n, z, c))  # phi(z)
MEAN = function(FAMILY, lambda u: mean(lambda n: LOSS(n, vector_of(lambda c: u(n, c)))))  # of the losses


def value(z_: Term) -> Term:
    """Return ``Q(z)``."""
    return mean(lambda n: LOSS(n, vector_of(lambda c: PHI(n, eta(z_), c))))


def induced(weights: Term) -> Term:
    """Return ``(1/m) sum_i l_i(sum_p weights_p d_p phi_i(z))``."""
    return mean(lambda n: LOSS(n, vector_of(lambda c: along(n, c, weights))))


def along(n: Term, c: Term, weights: Term) -> Term:
    """Return ``sum_p weights_p d_p phi_n(z)_c``."""
    return total_over(PARAM, lambda q_: weights(q_) * PHI_SLOPES(n, c, q_))


def smooth() -> Term:
    """Return: the partial derivatives of phi at z are dphi."""
    return every(SAMPLE, lambda n: every(OUTPUT, lambda c: every(PARAM, lambda q_: partial(
        lambda s: PHI(n, bump(z, q_, s), c), O, PHI_SLOPES(n, c, q_)))))  # fmt: skip


def critical() -> Term:
    """Return: every partial derivative of Q at z is 0."""
    return every(PARAM, lambda q_: partial(lambda s: value(bump(z, q_, s)), O, O))


def basis() -> Term:
    """Return: ``phi_i(z) = sum_p h_p d_p phi_i(z)``."""
    return every(SAMPLE, lambda n: every(OUTPUT, lambda c: eq(PHI(n, z, c), along(n, c, h))))


def inside() -> tuple[Term, Term]:
    """Return: psi is in the span of its slopes, and these are in the column space of phi's."""
    own = every(SAMPLE, lambda n: every(OUTPUT, lambda c: eq(
        PSI(n, c), total_over(OTHER, lambda q_: h2(q_) * PSI_SLOPES(n, c, q_)))))  # fmt: skip
    columns = every(SAMPLE, lambda n: every(OUTPUT, lambda c: every(OTHER, lambda q_: eq(
        PSI_SLOPES(n, c, q_), total_over(PARAM, lambda r: C(q_, r) * PHI_SLOPES(n, c, r))))))  # fmt: skip
    return own, columns


def other_value() -> Term:
    """Return ``(1/m) sum_i l_i(psi_i)``."""
    return mean(lambda n: LOSS(n, vector_of(lambda c: PSI(n, c))))


def claim(_: Setting) -> Term:
    minimum = every(THETA, lambda w: LE(value(z), induced(w)))
    wider = for_all(PSI, PSI_SLOPES, h2, C, then=implies(*inside(), LE(value(z), other_value())))
    premises = (smooth(), critical(), basis())
    return for_all(PHI, PHI_SLOPES, z, h, then=implies(*premises, conjunction(minimum, wider)))


def prove(script: Script) -> Theorem:
    slopes = script.suppose("Let dphi be the partial derivatives of phi at z", smooth())
    flat = script.suppose("let z be a critical point of Q", critical())
    spans = script.suppose("and let h be a gradient basis at z", basis())
    with script.step("Convex losses have a convex mean, a function of the outputs for all samples") as step:
        convex = step(convex_mean(script.hypothesis("loss_convex")))
    with script.step(
        "Its derivative is 0 along each curve s -> phi(z + s e_p), so its minimum over phi(z) + span(d_p phi(z)) is at phi(z)"
    ) as step:
        curves = generalise_all(specialise(slopes, i, k, p), p, i, k)
        lowest = step(tangents(MEAN, OUTPUTS, convex, curves, flat))
    with script.step("By the gradient basis phi(z) is in the span: a lower bound for every alpha") as step:
        least = step(generalise(alpha, lower_bound(lowest, spans)))
    own, columns = (script.suppose(label, premise) for label, premise in zip(
        ("Let psi have a gradient basis h' at z'", "with its columns in the column space of dphi"), inside(), strict=True))  # fmt: skip
    with script.step("Then psi is some sum_p alpha_p d_p phi_i(z), so its loss is at least Q(z)") as step:
        wider = step(_wider(least, own, columns))
    wider = generalise_all(discharge_all(wider, own.concl, columns.concl), PSI, PSI_SLOPES, h2, C)
    result = discharge_all(both(least, wider), slopes.concl, flat.concl, spans.concl)
    return script.qed(generalise_all(result, PHI, PHI_SLOPES, z, h))


def convex_mean(convex: Theorem) -> Theorem:
    """``|- for all u v c``: if ``0 <= c <= 1``, the mean of the losses at ``c u + (1 - c) v`` is below the chord."""
    u, v, c = fresh("u", FAMILY), fresh("v", FAMILY), fresh("c", REAL)
    lower, upper = assume(LE(O, c)), assume(LE(c, ONE))
    each = apply(specialise(convex, i, v(i), u(i), c), lower, upper)
    summed = multiply(sum_le(generalise(i, each)), inverse_positive(count_positive()))
    mix = matrix(SAMPLE, OUTPUT, lambda n, o: c * u(n, o) + (ONE - c) * v(n, o))
    chord = linear(LE(MEAN(mix), c * MEAN(u) + (ONE - c) * MEAN(v)), [], [(1, summed)])
    return generalise_all(discharge_all(chord, lower.concl, upper.concl), u, v, c)


def lower_bound(lowest: Theorem, spans: Theorem) -> Theorem:
    """``Q(z) <=`` the induced value of alpha: phi_i(z) + sum_p (alpha_p - h_p) d_p phi_i(z) is sum_p alpha_p d_p phi_i(z)."""
    weights, u = function(PARAM, lambda r: alpha(r) - h(r)), fresh("u", FAMILY)
    there = eq(PHI(i, z, k) + along(i, k, weights), along(i, k, alpha))
    equal = generalise_all(linear(there, [(1, specialise(spans, i, k))]), i, k)
    bound = specialise(lowest, weights)
    moved = LE(value(z), MEAN(matrix(SAMPLE, OUTPUT, lambda n, c: PHI(n, z, c) + along(n, c, weights))))
    return rewrite(lambda f: LE(value(z), MEAN(f)), u, equal, convert(bound, moved))


def _wider(least: Theorem, own: Theorem, columns: Theorem) -> Theorem:
    """Psi is the induced model with ``alpha_p = sum_q h'_q C_qp``."""
    weights = function(PARAM, lambda r: total_over(OTHER, lambda q_: h2(q_) * C(q_, r)))
    u, q_ = fresh("u", SAMPLE, OUTPUT, REAL), fresh("q", OTHER)
    term = linear(
        eq(h2(q_) * PSI_SLOPES(i, k, q_), h2(q_) * total_over(PARAM, lambda r: C(q_, r) * PHI_SLOPES(i, k, r))),
        [(h2(q_), specialise(columns, i, k, q_))],
    )
    v = fresh("v", OTHER, REAL)
    spread = rewrite(lambda w: eq(PSI(i, k), total_over(OTHER, w)), v, generalise(q_, term), specialise(own, i, k))
    equal = generalise_all(flip(convert(spread, eq(PSI(i, k), along(i, k, weights)))), i, k)
    bound = specialise(least, weights)
    return rewrite(lambda w: LE(value(z), mean(lambda n: LOSS(n, vector_of(lambda c: w(n, c))))), u, equal, bound)
