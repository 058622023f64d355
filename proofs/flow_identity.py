"""flow_identity: along the gradient flow of Lt, d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2 >= 0, however theta and W move.

The flow says a_k' = -dLt/da_k and b_k' = -dLt/db_k; then (b_k - a_k^2 / 2)' = a_k dLt/da_k - dLt/db_k, the identity of vanishing.

Source: this project.
"""

from __future__ import annotations

from pgb.kernel import LE, REAL, Term, Theorem, both, eq, eta, lam, left, linear, multiply, real, specialise, square
from pgb.library import Script

from .building import HALF, O, conjunction, for_all, implies, square_of, variable
from .calculus import differentiate, with_slope
from .statements import MATRIX, THETA, VECTOR, Setting, bump, k, partial
from .tactics import apply, discharge_all, generalise_all, weaken

NAME = "flow_identity"
TITLE = "Along the gradient flow of Lt, d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2 >= 0"
HYPOTHESES = ("lambda_positive",)
STRUCTURE = ("exp_neuron", "bias")

t, A, B = variable("t", REAL), variable("A", REAL), variable("B", REAL)
path_theta, path_w = variable("theta", REAL, *THETA), variable("W", REAL, *MATRIX)
path_a, path_b = variable("a", REAL, *VECTOR), variable("b", REAL, *VECTOR)


def _at(path: Term) -> Term:
    """Return the vector (or matrix) that a path reaches at time t."""
    return eta(path(t))


def flow(setting: Setting) -> tuple[Term, Term, Term, Term]:
    """Return: A, B are the partial derivatives of Lt in a_k, b_k on the path at time t, and a_k' = -A, b_k' = -B."""
    th, u, c, V = (_at(p) for p in (path_theta, path_a, path_b, path_w))
    return (
        partial(lambda s: setting.augmented(th, bump(u, k, s), c, V), O, A),
        partial(lambda s: setting.augmented(th, u, bump(c, k, s), V), O, B),
        partial(lambda s: path_a(s, k), t, -A),
        partial(lambda s: path_b(s, k), t, -B),
    )


def growth(setting: Setting) -> Term:
    """Return ``2 lambda a_k(t)^2``."""
    return real(2) * setting.objective.weight * square_of(path_a(t, k))


def claim(setting: Setting) -> Term:
    grows = partial(lambda s: path_b(s, k) - square_of(path_a(s, k)) * HALF, t, growth(setting))
    then = implies(*flow(setting), conjunction(grows, LE(O, growth(setting))))
    return for_all(path_theta, path_a, path_b, path_w, t, k, A, B, then=then)


def prove(script: Script) -> Theorem:
    setting = script.setting
    labels = (
        "Let A be dLt/da_k on the path at time t",
        "and B be dLt/db_k",
        "The flow moves a_k with velocity -A",
        "and b_k with velocity -B",
    )
    by_a, by_b, a_moves, b_moves = (script.suppose(*pair) for pair in zip(labels, flow(setting), strict=True))
    vanish = script.use("vanishing", "By vanishing's identity, a_k A - B = 2 lambda a_k^2 at every point")
    with script.step("Differentiate b_k - a_k^2 / 2 in time: its velocity is a_k A - B") as step:
        s = variable("s", REAL)
        curve = lam(s, path_b(s, k) - square_of(path_a(s, k)) * HALF)
        velocity = step(differentiate(curve, t, None, {"a": lambda *_: a_moves, "b": lambda *_: b_moves}))
    with script.step("So it is 2 lambda a_k^2") as step:
        here = specialise(vanish, *(_at(p) for p in (path_theta, path_a, path_b, path_w)))
        identity = apply(specialise(left(here), k, A, B), by_a, by_b)
        value = linear(eq(velocity.concl.args[2], growth(setting)), [(1, identity)])
        grows = step(with_slope(velocity, value))
    with script.step("which is not negative, as lambda > 0") as step:
        square_le = multiply(weaken(script.hypothesis("lambda_positive")), square(path_a(t, k)))
        sign = step(linear(LE(O, growth(setting)), [], [(2, square_le)]))
    result = discharge_all(both(grows, sign), by_a.concl, by_b.concl, a_moves.concl, b_moves.concl)
    return script.qed(generalise_all(result, path_theta, path_a, path_b, path_w, t, k, A, B))
