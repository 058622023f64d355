"""depth_width: at a critical point with a gradient basis, the loss is the minimum over the column space of the Jacobian.

Let Q(z) = (1/m) sum_i l_i(phi_i(z)), phi_i(z) = sum_p h_p d_p phi_i(z), and every partial derivative of Q vanish at z. Then
Q(z) <= (1/m) sum_i l_i(sum_p alpha_p d_p phi_i(z)) for all alpha. So if another model psi with a gradient basis at z' has its
Jacobian's column space inside that of phi at z, then Q(z) is at most the loss of psi at z': a wider or deeper model whose critical
point has a larger column space is no worse.

Source: after Kawaguchi, Huang and Kaelbling, "Effect of Depth and Width on Local Minima in Deep Learning".
"""

from __future__ import annotations

from pgb.kernel import (
    LE,
    REAL,
    Term,
    Theorem,
    both,
    convert,
    d_unique,
    eq,
    eta,
    generalise,
    lam,
    linear,
    multiply,
    specialise,
    sum_le,
)
from pgb.library import Script

from .building import (
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
    is_zero,
    total_over,
    variable,
)
from .calculus import Leaf, differentiate
from .lemmas import first_order
from .statements import GRADIENT, LOSS, THETA, Setting, bump, i, k, mean, partial, vector_of
from .tactics import cancel, count_positive, discharge_all, flip, generalise_all, inverse_positive, rewrite, sum_zero

NAME = "depth_width"
TITLE = "A critical value is the minimum over the Jacobian's column space; a larger column space is no worse"
HYPOTHESES = ("loss_differentiable", "loss_convex")
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
    losses = script.hypothesis("loss_differentiable")
    slopes = script.suppose("Let dphi be the partial derivatives of phi at z", smooth())
    flat = script.suppose("let z be a critical point of Q", critical())
    spans = script.suppose("and let h be a gradient basis at z", basis())
    with script.step("By the chain rule sum_ik d_k l_i(phi_i(z)) d_p phi_i(z)_k = 0 for every p") as step:
        orthogonal = step(_orthogonal(slopes, flat, losses))
    with script.step("A convex differentiable loss lies above its tangents") as step:
        tangents = step(first_order(script.hypothesis("loss_convex"), losses))
    with script.step(
        "From phi_i(z) to sum_p alpha_p d_p phi_i(z) the linear parts cancel: a lower bound for every alpha"
    ) as step:
        least = step(generalise(alpha, _least(orthogonal, spans, tangents)))
    own, columns = (script.suppose(label, premise) for label, premise in zip(
        ("Let psi have a gradient basis h' at z'", "with its columns in the column space of dphi"), inside(), strict=True))  # fmt: skip
    with script.step("Then psi is some sum_p alpha_p d_p phi_i(z), so its loss is at least Q(z)") as step:
        wider = step(_wider(least, own, columns))
    wider = generalise_all(discharge_all(wider, own.concl, columns.concl), PSI, PSI_SLOPES, h2, C)
    result = discharge_all(both(least, wider), slopes.concl, flat.concl, spans.concl)
    return script.qed(generalise_all(result, PHI, PHI_SLOPES, z, h))


def _at_z(n: Term) -> Term:
    """Return ``phi_n(z)``."""
    return vector_of(lambda c: PHI(n, z, c))


def _orthogonal(slopes: Theorem, flat: Theorem, losses: Theorem) -> Theorem:
    """For all p: ``sum_i sum_k d_k l_i(phi_i(z)) d_p phi_i(z)_k = 0``."""
    s = variable("s", REAL)
    leaves: dict[str, Theorem | Leaf] = {"phi": lambda t, *_: specialise(slopes, t.args[0], t.args[2], p)}
    deriv = differentiate(lam(s, value(bump(z, p, s))), O, losses, leaves)
    zero = d_unique(deriv, specialise(flat, p))
    goal = total_over(SAMPLE, lambda n: total_over(OUTPUT, lambda c: GRADIENT(n, _at_z(n), c) * PHI_SLOPES(n, c, p)))
    return generalise(p, cancel(inverse_positive(count_positive()), zero, goal))


def _least(orthogonal: Theorem, spans: Theorem, tangents: Theorem) -> Theorem:
    """``Q(z) <=`` the induced value of alpha."""
    each = specialise(orthogonal, p)
    linear_part = sum_zero(generalise(p, linear(
        is_zero((alpha(p) - h(p)) * each.concl.args[0]), [(alpha(p) - h(p), each)])))  # fmt: skip
    u = fresh("u", SAMPLE, OUTPUT, REAL)

    def rises(phi: Term) -> Term:
        return is_zero(total_over(SAMPLE, lambda n: total_over(
            OUTPUT, lambda c: GRADIENT(n, _at_z(n), c) * (along(n, c, alpha) - phi(n, c)))))  # fmt: skip

    by_h = function(SAMPLE, lambda n: vector_of(lambda c: along(n, c, h)))
    cancelled = convert(linear_part, rises(by_h))
    back = generalise_all(flip(specialise(spans, i, k)), i, k)
    cancelled = rewrite(rises, u, back, cancelled)
    then = vector_of(lambda c: along(i, c, alpha))
    summed = sum_le(generalise(i, specialise(tangents, i, _at_z(i), then)))
    low = total_over(SAMPLE, lambda n: LOSS(n, _at_z(n)))
    high = total_over(SAMPLE, lambda n: LOSS(n, vector_of(lambda c: along(n, c, alpha))))
    le = linear(LE(low, high), [(-1, cancelled)], [(1, summed)])
    scaled = multiply(le, inverse_positive(count_positive()))
    return linear(LE(value(z), induced(alpha)), [], [(1, scaled)])


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
