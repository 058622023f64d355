"""The reduction against direct enumeration: critical points of Lt in a box, with b held at 0 so that they are isolated.

At a = 0 the b-derivative of Lt vanishes, so the critical points with a = 0 of (theta, a, w) -> Lt(theta, a, 0, w) are the
critical points of Lt with b = 0; by vanishing Lt has no others.
"""

import sympy

from pgb import objective, problem
from pgb.landscape.boxes.critical import critical_points_in_box
from pgb.landscape.reduction import reduce_at

TEXT = """
[network]
kind = "formula"
formula = ["t + x1^2/4"]
parameters = ["t"]
[loss]
name = "squared"
[data]
x = [["-1"], ["0"], ["1"], ["2"]]
y = [["1"], ["-2"], ["1"], ["1"]]
"""


def test_every_critical_point_of_lt_in_the_box_and_no_other() -> None:
    p = problem.loads(TEXT)
    plain = objective.loss(p)
    theta = {"t": sympy.solve(plain.gradient(), plain.variables)[plain.variables[0]]}
    reduced = reduce_at(p, theta)
    lt = objective.augmented(p)
    held = lt.expression.subs({v: 0 for v in lt.variables if v.name == "aux_b1"})
    variables = [v for v in lt.variables if v.name != "aux_b1"]
    found = critical_points_in_box(held, variables, [(-2, 2), ("-1/2", "1/2"), (-2, 2)], workers=1)
    assert found.complete
    on = [q for q in found.points if abs(float(q.theta["aux_a1"])) < 1e-12]
    expected = sorted(float(w) for (w,) in reduced.outputs[0].w if -2 < float(w) < 2)
    assert len(on) == len(expected) >= 1
    got = sorted(float(q.theta["aux_w1_1"]) for q in on)
    assert all(abs(a - b) < 1e-9 for a, b in zip(got, expected, strict=True))
    assert all(q.index is not None and q.index >= 1 for q in on)  # strict saddles all
