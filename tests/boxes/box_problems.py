"""The small tanh networks on x = (-1, 0, 1, 2) that the tests and the benchmark share."""

import sympy

from pgb.expressions import rational, real_symbol

X = (-1, 0, 1, 2)
Y_A = (".8", "-.9", ".9", ".2")
Y_B = (".9", "-.7", ".8", "-.6")
Y_C = ("-.5", ".9", "-.9", ".4")


def tanh_network(
    labels, ridge, units=1, *, hidden_bias=True, output_weights=True, output_bias=False, inputs=X, activation=sympy.tanh
):
    """Return (1/2) sum r^2 + (ridge/2) |theta|^2 and the parameters w, b, v, c."""
    w = [real_symbol(f"w{k + 1}") for k in range(units)]
    b = [real_symbol(f"b{k + 1}") for k in range(units)] if hidden_bias else []
    v = [real_symbol(f"v{k + 1}") for k in range(units)] if output_weights else []
    c = [real_symbol("c")] if output_bias else []
    total = sympy.S.Zero
    for x, y in zip(inputs, labels, strict=True):
        f = sum((v[k] if v else 1) * activation(w[k] * x + (b[k] if b else 0)) for k in range(units)) + (
            c[0] if c else 0
        )
        total += (f - rational(y, "y")) ** 2
    parameters = [*w, *b, *v, *c]
    return total / 2 + rational(ridge, "ridge") / 2 * sum(p**2 for p in parameters), parameters


def problem_a():
    """Two parameters, no ridge, 5 critical points in [-10, 10]^2."""
    return *tanh_network(Y_A, 0, output_weights=False), [(-10, 10)] * 2


def problem_b():
    """Three parameters, ridge 1/100, 11 critical points in [-5, 5]^3."""
    return *tanh_network(Y_B, "1/100"), [(-5, 5)] * 3


def problem_c():
    """Four parameters, ridge 1/100, 15 critical points in [-3, 3]^4."""
    return *tanh_network(Y_C, "1/100", output_bias=True), [(-3, 3)] * 4


def five_parameters():
    """Two units without hidden biases, ridge 1/100, 25 critical points in [-3, 3]^5."""
    return *tanh_network(Y_B, "1/100", 2, hidden_bias=False, output_bias=True), [(-3, 3)] * 5


def six_parameters():
    """Two units, ridge 1/10, in [-3, 3]^6."""
    return *tanh_network(Y_B, "1/10", 2), [(-3, 3)] * 6
