"""pgb_condition: at a local minimum, the value is the infimum of the perturbed gradient-basis model.

Let Q(z) = (1/m) sum_i Q_i(phi_i(z), rho(z)) with Q_i convex and differentiable, and at z let h and r satisfy
phi_i(z) = sum_p h_p d_p phi_i(z) and r rho(z) = sum_p h_p d_p rho(z) (the gradient basis). V[z, eps] holds the v with |v| <= 1 for
which phi and rho are the same at z + eps v as at z. If z is a local minimum of Q and phi, rho have partial derivatives near z, then
for all small eps >= 0 and every finite family v_j in V[z, eps] and all alpha, Q(z) is at most the value of the induced model,

    (1/m) sum_i Q_i( sum_jp alpha_pj d_p phi_i(z + eps v_j),  (1 - r) rho(z) + sum_jp alpha_pj d_p rho(z + eps v_j) ),

with equality for v_j = 0 and alpha_p. = h_p. So Q(z) is the minimum of the induced model.

The space of z may have several blocks of coordinates (`spaces`); the statement printed for this theorem has one. The family is
indexed by any finite set. "Q_i is differentiable" is said as the chain rule along every differentiable curve, which in finite
dimension is Frechet differentiability, because the kernel's own notion is for one vector and not for the pair (phi, rho).

Source: after Kawaguchi, Huang and Kaelbling, arXiv 1904.03673.
"""

from __future__ import annotations

from pgb.kernel import LE, LT, REAL, Term, Theorem, beta, both, choose, discharge, generalise, left, linear, witness
from pgb.library import Script

from .building import HALF, O, for_all, implies, positive, variable
from .frames import ONE_BLOCK, Frame
from .perturbed import AtPoint, Near, attained, below, linear_part, tangents_of
from .spaces import Point
from .tactics import discharge_all, generalise_all, join, smaller

NAME = "pgb_condition"
TITLE = "At a local minimum with a gradient basis, Q(z) is the minimum of the perturbed gradient-basis model"
HYPOTHESES = ("loss_differentiable", "loss_convex")
STRUCTURE = ()


def frame_of(setting: object) -> Frame:
    """Return the frame to speak about: the setting itself if it is one, else one block of coordinates."""
    return setting if isinstance(setting, Frame) else ONE_BLOCK


def hypothesis(setting: object, name: str) -> Term:
    frame = frame_of(setting)
    return {"loss_differentiable": frame.differentiable, "loss_convex": frame.convex}[name]()


def points(frame: Frame) -> tuple[Point, Point, Term]:
    """Return the variables z, h and r of the statement."""
    return frame.space.point("z"), frame.space.point("h"), variable("r", REAL)


def claim(setting: object) -> Term:
    frame = frame_of(setting)
    z, h, r = points(frame)
    premises = (frame.local_minimum(z), frame.basis(z, h, r), frame.differentiable_near(z))
    return for_all(*z, *h, r, then=implies(*premises, frame.for_small_eps(z, r)))


# -- the proof ------------------------------------------------------------------------------------------------------
def prove(script: Script) -> Theorem:
    frame = frame_of(script.setting)
    z, h, r = points(frame)
    minimum = script.suppose("Let z be a local minimum of Q", frame.local_minimum(z))
    basis = script.suppose("with the gradient basis h, r", frame.basis(z, h, r))
    smooth = script.suppose("and let phi, rho have partial derivatives near z", frame.differentiable_near(z))
    radius, radius2, e, eps = (variable(n, REAL) for n in ("radius", "radius2", "e", "eps"))
    low = script.suppose("Let Q be lowest at z within radius", beta(minimum.concl.args[0], (radius,)))
    ball = script.suppose("and the partial derivatives exist within radius'", beta(smooth.concl.args[0], (radius2,)))
    with script.step("Some e > 0 is at most both; eps0 is half of it") as step:
        least = step(smaller(left(low), left(ball)))
    small = script.suppose("Let e be that number", beta(least.concl.args[0], (e,)))
    eps_from = script.suppose("and 0 <= eps", LE(O, eps))
    eps_to = script.suppose("with eps < e / 2", LT(eps, e * HALF))
    near = Near(frame, z, eps, low, ball, small, eps_from, eps_to, script.hypothesis("loss_differentiable"))

    v = frame.space.point("v")
    inside_v = script.suppose("Let v be in V[z, eps]", frame.admissible(z, eps, v))
    with script.step(
        "Moving z + eps v does not go below Q(z) = Q(z + eps v): every partial derivative of Q vanishes at z + eps v"
    ) as step:
        there = AtPoint(near, v, inside_v)
        flat = step(join(*(there.stationary(n, at) for n, at in frame.space.indices())))
    all_flat = generalise_all(discharge(inside_v.concl, flat), *v)
    with script.step("A convex differentiable Q_i lies above its tangent at (phi_i(z), rho(z))") as step:
        tangents = step(tangents_of(frame, script.hypothesis("loss_convex"), script.hypothesis("loss_differentiable")))

    vs, alpha = frame.families("v"), frame.families("alpha")
    members = script.suppose("Let every v_j be in V[z, eps]", frame.all_admissible(z, eps, vs))
    with script.step(
        "From phi(z), rho(z) to the induced model, the tangents' linear parts are sums of those derivatives: they cancel"
    ) as step:
        cancelled = step(linear_part(frame, near, all_flat, basis, members, (h, r, vs, alpha)))
    with script.step("So Q(z) is at most the induced model's value") as step:
        lower = step(below(frame, near, tangents, cancelled, (r, vs, alpha)))
    lower = generalise_all(discharge(members.concl, generalise_all(lower, *alpha)), *vs)
    with script.step("For v_j = 0 and alpha = h the gradient basis gives back phi and rho: equality") as step:
        equal = step(attained(frame, z, h, r, eps, basis))

    inner = generalise(eps, discharge_all(both(lower, equal), eps_from.concl, eps_to.concl))
    half = linear(positive(e * HALF), [], [(HALF, left(small))])
    result = witness(frame.for_small_eps(z, r), e * HALF, both(half, inner))
    result = choose(least, e, result)
    result = choose(minimum, radius, choose(smooth, radius2, result))
    result = discharge_all(result, minimum.concl, basis.concl, smooth.concl)
    return script.qed(generalise_all(result, *z, *h, r))
