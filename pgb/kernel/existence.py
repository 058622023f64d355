"""Two existence facts of finite-dimensional algebra: interpolation and separation. Trusted; standard library only.

Both are listed with their sources in `facts.FACTS`, and recorded in the theorem's `rests_on`.
"""

from __future__ import annotations

from .signature import REAL, fun
from .terms import AS_NAT, IMP, POW, Term, eq, exists, forall, lam, local, total
from .theorem import Theorem, conclude, given


def lagrange(t: Term, v: Term) -> Theorem:
    """A polynomial of degree less than m takes given values at m points, equal values at equal points.

    For t and v from the samples to the real numbers: ``|- (for all i j, t_i = t_j -> v_i = v_j) -> there is a with,
    for all i, sum_p a_p t_i^p = v_i``, where p runs over the degrees ``0, ..., m - 1``. Fact: Lagrange interpolation.

    Refused when
    ------------
    t or v is not a closed function from the samples to the real numbers.
    """
    given("lagrange", t, ("sample", REAL))
    given("lagrange", v, ("sample", REAL))
    i, j, p, a = local(0, "sample"), local(1, "sample"), local(2, "degree"), local(3, ("degree", REAL))
    agree = forall(i, forall(j, IMP(eq(t(i), t(j)), eq(v(i), v(j)))))
    fits = forall(i, eq(total("degree", lam(p, a(p) * POW(t(i), AS_NAT(p)))), v(i)))
    return conclude("lagrange", IMP(agree, exists(a, fits)), inputs=[t, v], fact="Lagrange interpolation")


def separation(x: Term) -> Theorem:
    """Some direction tells apart all inputs that differ.

    For x from the samples and the inputs to the real numbers: ``|- there is u with, for all i j, u . x_i = u . x_j ->
    for all r, x_ir = x_jr``. Fact: hyperplane avoidance.

    Refused when
    ------------
    x is not a closed function from the samples and the inputs to the real numbers.
    """
    given("separation", x, fun("sample", "input", REAL))
    i, j, r, u = local(0, "sample"), local(1, "sample"), local(2, "input"), local(3, ("input", REAL))
    along = [total("input", lam(r, u(r) * x(k, r))) for k in (i, j)]
    apart = forall(i, forall(j, IMP(eq(*along), forall(r, eq(x(i, r), x(j, r))))))
    return conclude("separation", exists(u, apart), inputs=[x], fact="hyperplane avoidance")
