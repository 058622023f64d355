"""residual: a local minimum of a residual network in its last two layers is no worse than any predictor linear in (x, z).

The network is f(x) = W (x + V z(x; u)), with z any function at all (zeta in the formulas) and at least as many inputs as
outputs. Let (W, V) be a local minimum of L(., ., u), u held fixed. Then L(W, V, u) <= (1/m) sum_i l_i(A x_i + B z(x_i; u)) for
all matrices A, B.

If W has no kernel, it has a right inverse, and stationarity in V gives M = 0 for the moments M_kv = sum_i d_k l_i z_v(x_i; u).
If W p = 0, adding t p e_v' to V does not change f; subtracting the conditions of stationarity in W there gives t p M = 0.

Source: after Kawaguchi and Bengio, "Depth with Nonlinearity Creates No Bad Local Minima in ResNets", 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from pgb.kernel import (
    AND,
    INV,
    LE,
    REAL,
    Term,
    Theorem,
    assume,
    both,
    cases,
    convert,
    discharge,
    eq,
    eta,
    exists,
    forall,
    fun,
    generalise,
    inverse,
    lam,
    left,
    linear,
    mp,
    multiply,
    neg,
    right,
    right_inverse,
    specialise,
    sum_le,
)
from pgb.library import Script

from .building import (
    HALF,
    INPUT,
    OUTPUT,
    SAMPLE,
    Body,
    O,
    delta,
    every,
    for_all,
    fresh,
    function,
    implies,
    is_zero,
    matrix,
    positive,
    some,
    total_over,
    variable,
    within,
)
from .calculus import along, close_to, near_zero, stationary
from .lemmas import first_order
from .statements import (
    GRADIENT,
    LOSS,
    MATRIX,
    POINT,
    THETA,
    W2,
    Setting,
    W,
    X,
    close_matrix,
    i,
    k,
    k2,
    mean,
    row,
    sample_input,
    vector_of,
)
from .tactics import (
    apply,
    cancel,
    count_positive,
    generalise_all,
    inverse_positive,
    obtain,
    rewrite,
    square_positive,
    sum_zero,
)

NAME = "residual"
TITLE = "A local minimum of W (x + V zeta) in (W, V) is no worse than any predictor A x + B zeta"
HYPOTHESES = ("dx_at_least_dy", "loss_differentiable", "loss_convex")
STRUCTURE = ()

HIDDEN = "pert"  # the components of z
INNER = fun(INPUT, HIDDEN, REAL)  # dx rows
Z = variable("zeta", POINT, THETA, HIDDEN, REAL)
u = variable("u", *THETA)
V = variable("V", *INNER)
A, B = variable("A", *MATRIX), variable("B", OUTPUT, HIDDEN, REAL)
p = variable("p", *POINT)
hidden = variable("v", HIDDEN)
RADIUS = variable("radius", REAL)


def z(n: Term, v: Term) -> Term:
    """Return ``z(x_n; u)_v``."""
    return Z(sample_input(n), eta(u), v)


def inner(V_: Term, n: Term, r: Term) -> Term:
    """Return ``(x_n + V z(x_n; u))_r``."""
    return X(n, r) + total_over(HIDDEN, lambda v: V_(r, v) * z(n, v))


def output(W_: Term, V_: Term, n: Term, c: Term) -> Term:
    """Return ``f(x_n)_c = (W (x_n + V z(x_n; u)))_c``."""
    return total_over(INPUT, lambda r: W_(c, r) * inner(V_, n, r))


def loss_of(outputs: Term) -> Term:
    """Return ``(1/m) sum_i l_i(outputs_i)``."""
    return mean(lambda n: LOSS(n, vector_of(lambda c: outputs(n, c))))


def value(W_: Term, V_: Term) -> Term:
    """Return ``L(W, V, u)``."""
    return loss_of(outputs_of(W_, V_))


def outputs_of(W_: Term, V_: Term) -> Term:
    """Return the outputs of the network for all samples."""
    return matrix(SAMPLE, OUTPUT, lambda n, c: output(W_, V_, n, c))


def linear_value(A_: Term, B_: Term) -> Term:
    """Return ``(1/m) sum_i l_i(A x_i + B z(x_i; u))``."""
    return loss_of(matrix(SAMPLE, OUTPUT, lambda n, c: linear_output(A_, B_, n, c)))


def linear_output(A_: Term, B_: Term, n: Term, c: Term) -> Term:
    """Return ``(A x_n + B z(x_n; u))_c``."""
    return total_over(INPUT, lambda r: A_(c, r) * X(n, r)) + total_over(HIDDEN, lambda v: B_(c, v) * z(n, v))


def close_inner(M: Term, M2: Term, radius: Term) -> Term:
    """Return ``|M2_rv - M_rv| < radius`` for every r, v."""
    return every(INPUT, lambda r: every(HIDDEN, lambda v: within(M2(r, v) - M(r, v), radius)))


def lowest_nearby(radius: Term) -> Term:
    """Return: ``L(W, V, u) <= L(W2, V2, u)`` for all W2, V2 within `radius`."""
    return every(MATRIX, lambda W_: every(INNER, lambda V_: implies(
        close_matrix(W, W_, radius), close_inner(V, V_, radius), LE(value(W, V), value(W_, V_)))))  # fmt: skip


def local_minimum() -> Term:
    """Return the formula "(W, V) is a local minimum of L(., ., u)"."""
    return some(REAL, lambda radius: AND(positive(radius), lowest_nearby(radius)))


def slope(n: Term, c: Term) -> Term:
    """Return ``d_c l_n (f(x_n))``."""
    return GRADIENT(n, vector_of(lambda c2: output(W, V, n, c2)), c)


def orthogonal(c: Term, to: Body) -> Term:
    """Return ``sum_i d_c l_i (f(x_i)) to(i) = 0``."""
    return is_zero(total_over(SAMPLE, lambda n: slope(n, c) * to(n)))


def moment(c: Term, v: Term) -> Term:
    """Return ``M_cv = sum_i d_c l_i (f(x_i)) z(x_i; u)_v``."""
    return total_over(SAMPLE, lambda n: slope(n, c) * z(n, v))


def in_kernel(q_: Term) -> Term:
    """Return ``W q = 0``."""
    return every(OUTPUT, lambda c: is_zero(total_over(INPUT, lambda r: W(c, r) * q_(r))))


def hypothesis(setting: Setting, name: str) -> Term:
    """Return the formula behind a hypothesis: dx >= dy says that the outputs can be mapped into the inputs one to one."""
    return dx_at_least_dy() if name == "dx_at_least_dy" else setting.hypothesis(name)


def dx_at_least_dy() -> Term:
    """Return: there is an injection of the outputs into the inputs."""
    return some(fun(OUTPUT, INPUT), lambda s: every(OUTPUT, lambda c: every(OUTPUT, lambda c2: implies(
        eq(s(c), s(c2)), eq(c, c2)))))  # fmt: skip


def claim(_: Setting) -> Term:
    bound = every(MATRIX, lambda A_: every(fun(OUTPUT, HIDDEN, REAL), lambda B_: LE(value(W, V), linear_value(A_, B_))))
    return for_all(Z, u, W, V, then=implies(local_minimum(), bound))


def prove(script: Script) -> Theorem:
    t = variable("t", REAL)
    minimum = script.suppose("Let (W, V) be a local minimum of L(., ., u), u held fixed", local_minimum())
    differentiable = script.hypothesis("loss_differentiable")
    with script.step("Stationary in V: sum_k W_kr M_kv = 0, with M_kv = sum_i d_k l_i zeta_v(x_i, u)") as step:
        in_v = step(stationary_in_v(minimum, differentiable))

    null = script.suppose("Let W p = 0", in_kernel(p))
    with script.step("Adding t p to the column v of V does not change f") as step:
        same = step(unchanged(null, t))
    with script.step(
        "So it leads to points where L is least nearby too, and stationary in W: sum_i d_k l_i (x_i + V zeta_i + t zeta_v p)_r = 0"
    ) as step:
        in_w = step(stationary_in_w(minimum, same, t, differentiable))
    with script.step("Subtract these for t = 0 and for another t: p_r M_kv = 0") as step:
        product = step(subtracted(in_w))

    moving = script.suppose("Suppose some M_kv is not 0", neg(is_zero(moment(k, hidden))))
    with script.step("Then p = 0: W has no kernel but 0, and as dx >= dy it has a right inverse R") as step:
        trivial = generalise(
            p, discharge(null.concl, generalise(row, _factor_zero(moving, specialise(product, k, row))))
        )
        inverted = step(_inverted(script.hypothesis("dx_at_least_dy"), trivial))
    with script.step("With R, stationarity in V gives M = 0 all the same") as step:
        zero = step(_solved(inverted, in_v))
    moments = generalise_all(cases(is_zero(moment(k, hidden)), assume(is_zero(moment(k, hidden))), zero), k, hidden)

    with script.step(
        "Stationarity in W: sum_i d_k l_i (x_i + V zeta_i)_r = 0; as M = 0, also sum_i d_k l_i x_ir = 0"
    ) as step:
        at_p = generalise(p, discharge(null.concl, in_w))
        flat = stationary_at_once(at_p)
        inputs = inputs_orthogonal(flat, moments)
        step(both(flat, inputs))
    with script.step("A convex differentiable loss lies above its tangents") as step:
        tangents = step(first_order(script.hypothesis("loss_convex"), differentiable))
    with script.step(
        "Sum the tangent inequalities from f(x_i) to A x_i + B zeta(x_i, u): their linear parts cancel"
    ) as step:
        best = step(lowest(tangents, flat, inputs, moments))
    return script.qed(generalise_all(discharge(minimum.concl, best), Z, u, W, V))


def stationary_in_v(minimum: Theorem, differentiable: Theorem) -> Theorem:
    """``|- for all r v, sum_k W_kr M_kv = 0`` at a local minimum."""

    def moved(s: Term) -> Term:
        return matrix(INPUT, HIDDEN, lambda r, v: V(r, v) + s * (delta(r, row) * delta(v, hidden)))

    near = obtain(minimum, RADIUS, lambda h: along(right(h), left(h), lambda _: eta(W), moved))
    s = fresh("s", REAL)
    zero = stationary(lam(s, value(W, moved(s))), near, differentiable)[1]
    rest = total_over(OUTPUT, lambda c: W(c, row) * moment(c, hidden))
    return generalise_all(cancel(inverse_positive(count_positive()), zero, rest), row, hidden)


def shifted(t: Term) -> Term:
    """Return ``V + t p e_v'``: V with t p added to its column v."""
    return matrix(INPUT, HIDDEN, lambda r, v: V(r, v) + t * p(r) * delta(v, hidden))


def unchanged(null: Theorem, t: Term) -> Theorem:
    """``W p = 0 |- for all i k, f(x_i)_k`` is the same with ``V + t p e_v'`` in the place of V."""
    same = eq(output(W, shifted(t), i, k), output(W, V, i, k))
    return generalise_all(linear(same, [(t * z(i, hidden), specialise(null, k))]), i, k)


def stationary_in_w(minimum: Theorem, same: Theorem, t: Term, differentiable: Theorem) -> Theorem:
    """There is e > 0 with ``sum_i d_k l_i (x_i + V z + t z_v p)_r = 0`` for all t with t t < e e and all k, r."""
    e, s, y = fresh("e", REAL), fresh("s", REAL), fresh("y", SAMPLE, OUTPUT, REAL)

    def moved(w: Term, step: Term) -> Term:
        return matrix(OUTPUT, INPUT, lambda c, r: w(c, r) + step * (delta(c, k) * delta(r, row)))

    def reached(outputs: Term, step: Term) -> Term:
        return loss_of(outputs_with(outputs, lambda n, c: step * delta(c, k) * inner(shifted(t), n, row)))

    def at_shifted(h: Theorem, there: Theorem) -> Theorem:
        """Move W alone, with V + t p e_v' held: the value is that of (W, V), so stationary in W."""
        near = assume(close_matrix(W, W2, left(h).concl.args[1]))
        bound = discharge(near.concl, apply(specialise(right(h), W2, shifted(t)), near, there))
        low = along(generalise(W2, bound), left(h), lambda step: moved(W, step))

        def context(outputs: Term) -> Term:
            lower = forall(s, implies(within(s, e), LE(value(W, V), reached(outputs, s))))
            return exists(e, AND(positive(e), lower))

        zero = stationary(lam(s, reached(outputs_of(W, V), s)), rewrite(context, y, same, low), differentiable)[1]
        rest = total_over(SAMPLE, lambda n: slope(n, k) * inner(shifted(t), n, row))
        return generalise_all(cancel(inverse_positive(count_positive()), zero, rest), k, row)

    def inside(h: Theorem, close: Theorem) -> Theorem:
        there = mp(specialise(right(close), t), assume(within(t, e)))
        return near_zero(left(close), t, at_shifted(h, there))

    return obtain(minimum, RADIUS, lambda h: obtain(close_to([shifted], left(h)), e, lambda close: inside(h, close)))


def outputs_with(outputs: Term, more: Callable[[Term, Term], Term]) -> Term:
    """Return ``outputs + more``, for all samples."""
    return matrix(SAMPLE, OUTPUT, lambda n, c: outputs(n, c) + more(n, c))


def _at(h: Theorem, t: Term) -> Theorem:
    """Return the statement of `stationary_in_w` at t = 0 or t = e / 2."""
    e = left(h).concl.args[1]
    weight = 1 if t == O else Fraction(3, 4)  # e e - 0 0 is all of e e, e e - (e / 2)^2 three quarters of it
    return mp(specialise(right(h), t), linear(within(t, e), [], [(weight, square_positive(left(h)))]))


def subtracted(in_w: Theorem) -> Theorem:
    """From `stationary_in_w`: ``for all k r v, p_r M_kv = 0``."""
    e, product = fresh("e", REAL), p(row) * moment(k, hidden)

    def use(h: Theorem) -> Theorem:
        one, two = (specialise(_at(h, t), k, row) for t in (O, e * HALF))
        return cancel(left(h), linear(is_zero(e * product), [(-2, one), (2, two)]), product)

    return generalise_all(obtain(in_w, e, use), k, row)


def _factor_zero(nonzero: Theorem, product: Theorem) -> Theorem:
    """``not (t = 0), s t = 0 |- s = 0``."""
    s, t = product.concl.args[0].args
    return linear(is_zero(s), [(-s, inverse(nonzero)), (INV(t), product)])


def _inverted(injection: Theorem, trivial: Theorem) -> Theorem:
    """``|- there is R with W R = 1``, from dx >= dy and "W p = 0 only for p = 0"."""
    s = fresh("s", OUTPUT, INPUT)
    return obtain(injection, s, lambda h: apply(right_inverse(eta(s), eta(W)), h, trivial))


def _solved(inverted: Theorem, in_v: Theorem) -> Theorem:
    """``sum_k W_kr M_kv = 0 |- M_kv = 0`` with a right inverse R of W."""
    R, g = fresh("R", INPUT, OUTPUT, REAL), fresh("g", OUTPUT, REAL)

    def combined(marks: Term) -> Term:
        return is_zero(total_over(OUTPUT, lambda c: marks(c) * moment(c, hidden)))

    def use(h: Theorem) -> Theorem:
        premise = specialise(in_v, row, hidden)
        each = linear(is_zero(R(row, k) * premise.concl.args[0]), [(R(row, k), premise)])
        marks = function(OUTPUT, lambda c: total_over(INPUT, lambda r: W(c, r) * R(r, k)))
        start = convert(sum_zero(generalise(row, each)), combined(marks))
        done = rewrite(combined, g, generalise(k2, specialise(h, k2, k)), start)
        return convert(done, is_zero(moment(k, hidden)))

    return obtain(inverted, R, use)


def stationary_at_once(at_p: Theorem) -> Theorem:
    """``|- for all k r, sum_i d_k l_i (x_i + V z)_r = 0``: `stationary_in_w` for p = 0, at t = 0."""
    nothing, e = function(INPUT, lambda _: O), fresh("e", REAL)
    none = generalise(k, linear(is_zero(total_over(INPUT, lambda r: W(k, r) * O))))
    flat = every(OUTPUT, lambda c: every(INPUT, lambda r: orthogonal(c, lambda n: inner(V, n, r))))
    return obtain(mp(specialise(at_p, nothing), none), e, lambda h: convert(_at(h, O), flat))


def inputs_orthogonal(flat: Theorem, moments: Theorem) -> Theorem:
    """``|- for all k r, sum_i d_k l_i x_ir = 0``, as M = 0."""
    each = linear(is_zero(V(row, hidden) * moment(k, hidden)), [(V(row, hidden), specialise(moments, k, hidden))])
    less = [(1, specialise(flat, k, row)), (-1, sum_zero(generalise(hidden, each)))]
    return generalise_all(linear(orthogonal(k, lambda n: X(n, row)), less), k, row)


def lowest(tangents: Theorem, flat: Theorem, inputs: Theorem, moments: Theorem) -> Theorem:
    """``|- for all A B, L(W, V, u) <= (1/m) sum_i l_i(A x_i + B z(x_i; u))``."""

    def weighted(weights: Term, zero: Theorem, index: Term) -> Theorem:
        premise = specialise(zero, k, index)
        each = linear(is_zero(weights(k, index) * premise.concl.args[0]), [(weights(k, index), premise)])
        return sum_zero(generalise(index, each))

    parts = [(1, weighted(A, inputs, row)), (1, weighted(B, moments, hidden)), (-1, weighted(W, flat, row))]
    change = orthogonal(k, lambda n: linear_output(A, B, n, k) - output(W, V, n, k))
    linear_part = sum_zero(generalise(k, linear(change, parts)))
    now, then = outputs_of(W, V), matrix(SAMPLE, OUTPUT, lambda n, c: linear_output(A, B, n, c))
    gap = sum_le(generalise(i, specialise(tangents, i, now(i), then(i))))
    low, high = (total_over(SAMPLE, lambda n, y=y: LOSS(n, eta(y(n)))) for y in (now, then))  # type: ignore[misc]
    le = linear(LE(low, high), [(-1, linear_part)], [(1, gap)])
    scaled = multiply(le, inverse_positive(count_positive()))
    return generalise_all(linear(LE(value(W, V), linear_value(A, B)), [], [(1, scaled)]), A, B)
