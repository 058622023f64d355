"""Existence facts of finite-dimensional algebra: interpolation, separation, inverses. Trusted; standard library only.

All are listed with their sources in `facts.FACTS`, and recorded in the theorem's `rests_on`.
"""

from __future__ import annotations

from .signature import REAL, arrow, fun
from .terms import AS_NAT, IMP, IND, POW, Term, check, eq, exists, forall, lam, local, total
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


def right_inverse(s: Term, w: Term) -> Theorem:
    """A matrix that has at most as many rows as columns, and no kernel but 0, has a right inverse.

    For s from the rows to the columns, and w from the rows and the columns to the real numbers: ``|- (for all i j,
    s_i = s_j -> i = j) -> (for all p, (for all i, w_i . p = 0) -> for all r, p_r = 0) -> there is v with, for all i j,
    sum_r w_ir v_rj = [i = j]``. Fact: rank and nullity.

    Refused when
    ------------
    s or w is not closed or not of such types, or the columns are not a finite sort.
    """
    rows, columns = arrow(check(s))
    given("right_inverse", w, fun(rows, columns, REAL))
    i, j, r = local(0, rows), local(1, rows), local(2, columns)
    p, v = local(3, (columns, REAL)), local(4, fun(columns, rows, REAL))
    image, product = (total(columns, lam(r, w(i, r) * t)) for t in (p(r), v(r, j)))
    injective = forall(i, forall(j, IMP(eq(s(i), s(j)), eq(i, j))))
    kernel = forall(p, IMP(forall(i, eq(image, 0)), forall(r, eq(p(r), 0))))
    inverse = exists(v, forall(i, forall(j, eq(product, IND(eq(i, j))))))
    return conclude("right_inverse", IMP(injective, IMP(kernel, inverse)), inputs=[s, w], fact="rank and nullity")
