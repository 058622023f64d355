"""What the theorems say: data, network, loss, the objective with its added neurons, local minima, hypotheses.

Read this file to know what a theorem of this folder means; proofs are checked against formulas built only from these
definitions. The objective is a parameter, so that a proof can also be run for a changed objective and be refused.

Source: the setting of Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pgb.kernel import AND, BOOL, EXP, HASD, IND, INV, LE, REAL, Term, eq, eta, fun

from .building import (
    INPUT,
    ONE,
    OUTPUT,
    PARAM,
    SAMPLE,
    Body,
    O,
    delta,
    every,
    for_all,
    function,
    implies,
    is_zero,
    positive,
    some,
    square_of,
    total_over,
    variable,
    within,
)

VECTOR: Final = (OUTPUT, REAL)  # R^dy
POINT: Final = (INPUT, REAL)  # R^dx
MATRIX: Final = fun(OUTPUT, INPUT, REAL)  # dy rows w_k in R^dx
THETA: Final = (PARAM, REAL)  # R^dtheta
MODEL: Final = fun(POINT, OUTPUT, REAL)  # any function of x with values in R^dy
Function: TypeAlias = Callable[[Term, Term], Term]  # x, k -> the k-th output

# The data of a problem: free in every statement, so each theorem speaks of all of them.
X: Final = variable("x", SAMPLE, INPUT, REAL)
LOSS: Final = variable("l", SAMPLE, VECTOR, REAL)
GRADIENT: Final = variable("dl", SAMPLE, VECTOR, OUTPUT, REAL)
NETWORK: Final = variable("f", THETA, POINT, OUTPUT, REAL)
SLOPES: Final = variable("df", THETA, POINT, OUTPUT, PARAM, REAL)  # partial derivatives of f in theta
LAMBDA: Final = variable("lambda", REAL)
DATA: Final = (X, LOSS, GRADIENT, NETWORK, SLOPES, LAMBDA)

# Names for the variables of statements and proofs.
i, j = variable("i", SAMPLE), variable("j", SAMPLE)
k, k2 = variable("k", OUTPUT), variable("k2", OUTPUT)
row = variable("r", INPUT)
theta, theta2 = variable("theta", *THETA), variable("theta2", *THETA)
a, b, a2, b2 = (variable(n, *VECTOR) for n in ("a", "b", "a2", "b2"))
W, W2 = variable("W", *MATRIX), variable("W2", *MATRIX)
q = variable("q", *MODEL)

SAMPLES: Final = total_over(SAMPLE, lambda _: ONE)  # m


def sample_input(n: Term) -> Term:
    """Return ``x_n``, a point of R^dx."""
    return function(INPUT, lambda r: X(n, r))


def matrix_row(V: Term, c: Term) -> Term:
    """Return the row ``w_c`` of a matrix, a point of R^dx."""
    return function(INPUT, lambda r: V(c, r))


def dot(w: Term, z: Term) -> Term:
    """Return ``w . z`` in R^dx."""
    return total_over(INPUT, lambda r: w(r) * z(r))


def mean(body: Body) -> Term:
    """Return ``(1/m) sum_i body(i)``."""
    return INV(SAMPLES) * total_over(SAMPLE, body)


def empirical(model: Function) -> Term:
    """Return ``(1/m) sum_i l_i(model(x_i))``."""
    return mean(lambda n: LOSS(n, function(OUTPUT, lambda c: model(sample_input(n), c))))


def as_model(model: Term) -> Function:
    """Return a kernel function of x and k as a Python one."""
    return lambda z, c: model(eta(z), c)


def network(th: Term, z: Term, c: Term) -> Term:
    """Return ``f(z; theta)_c``."""
    return NETWORK(eta(th), eta(z), c)


def predictor(th: Term) -> Function:
    """Return ``x, k -> f(x; theta)_k``."""
    return lambda z, c: network(th, z, c)


def original(th: Term) -> Term:
    """Return ``L(theta)``."""
    return empirical(predictor(th))


def prediction(th: Term, n: Term) -> Term:
    """Return ``f(x_n; theta)`` in R^dy."""
    return function(OUTPUT, lambda c: network(th, sample_input(n), c))


def loss_slope(th: Term, n: Term, c: Term) -> Term:
    """Return ``d_c l_n (f(x_n; theta))``."""
    return GRADIENT(n, prediction(th, n), c)


def moment(weights: Body, w: Term, beta: Term) -> Term:
    """Return ``sum_i weights(i) exp(w . x_i + beta)``."""
    return total_over(SAMPLE, lambda n: weights(n) * EXP(dot(w, sample_input(n)) + beta))


def same_input(n: Term, n2: Term) -> Term:
    """Return the formula ``x_n = x_n2``."""
    return every(INPUT, lambda r: eq(X(n, r), X(n2, r)))


def group_sum(weights: Body, n: Term) -> Term:
    """Return the sum of ``weights(i)`` over the group of samples i with ``x_i = x_n``."""
    return total_over(SAMPLE, lambda n2: weights(n2) * IND(same_input(n2, n)))


def optimal(th: Term) -> Term:
    """Return the formula ``L(theta) = L*``: no function of x at all has a smaller loss."""
    return every(MODEL, lambda model: LE(original(th), empirical(as_model(model))))


def all_zero(v: Term) -> Term:
    """Return the formula ``v = 0`` in R^dy."""
    return every(OUTPUT, lambda c: is_zero(v(c)))


def close_vector(v: Term, v2: Term, radius: Term, sort: str = OUTPUT) -> Term:
    """Return ``|v2_k - v_k| < radius`` for every k."""
    return every(sort, lambda c: within(v2(c) - v(c), radius))


def close_matrix(M: Term, M2: Term, radius: Term) -> Term:
    """Return ``|M2_kr - M_kr| < radius`` for every k, r."""
    return every(OUTPUT, lambda c: every(INPUT, lambda r: within(M2(c, r) - M(c, r), radius)))


def bump(v: Term, c: Term, step: Term) -> Term:
    """Return ``v + step e_c``."""
    return function(v.type[0], lambda c2: v(c2) + step * delta(c2, c))


def axis(c: Term, step: Term) -> Term:
    """Return ``step e_c`` in R^dy."""
    return vector_of(lambda c2: step * delta(c2, c))


def vector_of(body: Body) -> Term:
    """Return the vector ``(body(k))_k`` of R^dy."""
    return function(OUTPUT, body)


def partial(value: Body, at: Term, slope: Term) -> Term:
    """Return the formula "s -> value(s) has the derivative `slope` at `at`"."""
    return HASD(function(REAL, value), at, slope)


@dataclass(frozen=True, slots=True)
class Objective:
    """The added unit of one output, its penalty, and the region its parameters range over.

    Parameters
    ----------
    name
        What is meant, in words.
    unit
        ``unit(a_k, w_k . x, b_k)``, the output of the added unit.
    penalty
        ``penalty(a_k)``, summed over k and multiplied by `weight`.
    weight
        The regularisation parameter, a kernel real.
    region
        A formula on b_k that every admissible point satisfies, or None for all of R.
    """

    name: str
    unit: Callable[[Term, Term, Term], Term]
    penalty: Body = square_of
    weight: Term = LAMBDA
    region: Body | None = None


EXPONENTIAL: Final = Objective("a_k exp(w_k . x + b_k), penalty lambda |a|^2", lambda u, d, c: u * EXP(d + c))


@dataclass(frozen=True, slots=True)
class Setting:
    """All definitions that depend on the objective ``Lt``; the standard one has the exponential neurons."""

    objective: Objective = EXPONENTIAL

    def unit(self, u: Term, c: Term, V: Term) -> Function:
        """Return ``x, k -> g(x; a, b, W)_k``."""
        act = self.objective.unit
        return lambda z, n: act(u(n), total_over(INPUT, lambda r: V(n, r) * z(r)), c(n))

    def penalty(self, u: Term) -> Term:
        """Return ``lambda |a|^2``."""
        return self.objective.weight * total_over(OUTPUT, lambda n: self.objective.penalty(u(n)))

    def data_term(self, th: Term, u: Term, c: Term, V: Term) -> Term:
        """Return ``(1/m) sum_i l_i(f(x_i; theta) + g(x_i; a, b, W))``."""
        return empirical(lambda z, n: network(th, z, n) + self.unit(u, c, V)(z, n))

    def augmented(self, th: Term, u: Term, c: Term, V: Term) -> Term:
        """Return ``Lt(theta, a, b, W)``."""
        return self.data_term(th, u, c, V) + self.penalty(u)

    def admissible(self, c: Term) -> tuple[Term, ...]:
        """Return the conditions on b, none when the parameters range over everything."""
        region = self.objective.region
        return () if region is None else (every(OUTPUT, lambda n: region(c(n))),)

    def lowest_nearby(self, th: Term, u: Term, c: Term, V: Term, radius: Term, th2: Term) -> Term:
        """Return: ``Lt(th, u, c, V) <= Lt(th2, u2, c2, V2)`` for all u2, c2, V2 within `radius`."""
        return every(VECTOR, lambda u2: every(VECTOR, lambda c2: every(MATRIX, lambda V2: implies(
            close_vector(u, u2, radius), close_vector(c, c2, radius), close_matrix(V, V2, radius), *self.admissible(c2),
            LE(self.augmented(th, u, c, V), self.augmented(th2, u2, c2, V2))))))  # fmt: skip

    def local_minimum(self, th: Term, u: Term, c: Term, V: Term) -> Term:
        """Return the formula "(theta, a, b, W) is a local minimum of Lt"."""
        return some(REAL, lambda radius: AND(positive(radius), every(THETA, lambda th2: implies(
            close_vector(th, th2, radius, PARAM), self.lowest_nearby(th, u, c, V, radius, th2)))))  # fmt: skip

    def local_minimum_fixed(self, th: Term, u: Term, c: Term, V: Term) -> Term:
        """Return the formula "(a, b, W) is a local minimum of Lt(theta, .)", theta held fixed."""
        return some(REAL, lambda radius: AND(positive(radius), self.lowest_nearby(th, u, c, V, radius, th)))

    def global_minimum(self, th: Term, u: Term, c: Term, V: Term) -> Term:
        """Return the formula "Lt is nowhere smaller than at (theta, a, b, W)"."""
        return every(THETA, lambda th2: every(VECTOR, lambda u2: every(VECTOR, lambda c2: every(MATRIX, lambda V2: LE(
            self.augmented(th, u, c, V), self.augmented(th2, u2, c2, V2))))))  # fmt: skip

    def hypothesis(self, name: str) -> Term:
        """Return the formula behind a hypothesis identifier.

        Raises
        ------
        KeyError
            The identifier is unknown, or names structure of the objective (see `STRUCTURE`) and not a formula.
        """
        return HYPOTHESES[name](self)


STANDARD: Final = Setting()


def _differentiable(_: Setting) -> Term:
    """Every l_i is Frechet differentiable everywhere, with gradient ``dl_i``."""
    n, p = variable("i", SAMPLE), variable("p", *VECTOR)
    return for_all(n, p, then=differentiable_at(n, eta(p)))


def differentiable_at(n: Term, p: Term) -> Term:
    """Return: ``l_n`` is Frechet differentiable at p with gradient ``dl_n(p)``."""
    frechet = Term("const", "fderiv", fun(fun(VECTOR, REAL), VECTOR, VECTOR, BOOL))
    return frechet(function(VECTOR, lambda v: LOSS(n, v)), p, vector_of(lambda c: GRADIENT(n, p, c)))


def _convex(_: Setting) -> Term:
    """Every l_i is convex."""
    n, p, p2, t = variable("i", SAMPLE), variable("p", *VECTOR), variable("p2", *VECTOR), variable("t", REAL)
    mix = vector_of(lambda c: (ONE - t) * p(c) + t * p2(c))
    below = LE(LOSS(n, mix), (ONE - t) * LOSS(n, eta(p)) + t * LOSS(n, eta(p2)))
    return for_all(n, p, p2, t, then=implies(LE(O, t), LE(t, ONE), below))


def _nonnegative(_: Setting) -> Term:
    """Every l_i is non-negative."""
    return every(SAMPLE, lambda n: every(VECTOR, lambda p: LE(O, LOSS(n, p))))


def _labels_consistent(_: Setting) -> Term:
    """Samples with equal inputs have equal labels, hence equal loss functions."""
    return every(SAMPLE, lambda n: every(SAMPLE, lambda n2: implies(
        same_input(n, n2), every(VECTOR, lambda p: eq(LOSS(n, p), LOSS(n2, p))))))  # fmt: skip


def _f_differentiable(_: Setting) -> Term:
    """The map theta -> f(x_i; theta)_k has every partial derivative, ``df``."""
    return every(THETA, lambda th: every(SAMPLE, lambda n: every(OUTPUT, lambda c: every(PARAM, lambda p: partial(
        lambda s: network(bump(th, p, s), sample_input(n), c), O, SLOPES(eta(th), sample_input(n), c, p))))))  # fmt: skip


HYPOTHESES: Final[dict[str, Callable[[Setting], Term]]] = {
    "lambda_positive": lambda setting: positive(setting.objective.weight),
    "loss_differentiable": _differentiable,
    "loss_convex": _convex,
    "loss_nonnegative": _nonnegative,
    "labels_consistent": _labels_consistent,
    "f_differentiable": _f_differentiable,
}

STRUCTURE: Final = ("exp_neuron", "bias", "unbounded_domain")  # properties of the objective itself, not formulas

_ACTIVATION: Final = variable("h", REAL, REAL)
THROUGH_PRODUCT: Final = Objective(
    "a_k exp(b_k) h(w_k . x) with an arbitrary function h", lambda u, d, c: u * EXP(c) * _ACTIVATION(d)
)

MUTATED: Final[dict[str, tuple[Objective, ...]]] = {
    "bias": (Objective("the unit without a bias, a_k exp(w_k . x)", lambda u, d, _: u * EXP(d)),),
    "exp_neuron": (
        Objective("a quadratic unit, a_k (w_k . x + b_k)^2", lambda u, d, c: u * square_of(d + c)),
        THROUGH_PRODUCT,
    ),
    "unbounded_domain": (
        Objective("the exponential unit with -1 <= b_k <= 1", EXPONENTIAL.unit, region=lambda c: LE(square_of(c), ONE)),
    ),
}
