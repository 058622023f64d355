"""The mistake: residual without dx >= dy: the outputs are mapped into the inputs in any way, not one to one."""

from __future__ import annotations

from pgb.kernel import Term, Theorem, eta, mp, right_inverse
from pgb.library import Script

from .. import residual
from ..building import INPUT, OUTPUT, every, for_all, implies, is_zero, variable
from ..residual import in_kernel, p
from ..statements import Setting, W

NAME = "residual_with_few_inputs"
TITLE = "Residual networks of any width"
HYPOTHESES = ("loss_differentiable", "loss_convex")
REFUSED_AT = "it has a right inverse"
REFUSED_BY = "mp"
REFUSED_BECAUSE = "needs the premise"


def claim(setting: Setting) -> Term:
    return residual.claim(setting)


def prove(script: Script) -> Theorem:
    trivial = for_all(p, then=implies(in_kernel(p), every(INPUT, lambda r: is_zero(p(r)))))
    only_zero = script.suppose("Suppose W p = 0 only for p = 0", trivial)
    with script.step("Map each output to an input: W has no kernel, so it has a right inverse") as step:
        some_map = variable("s", OUTPUT, INPUT)
        inverted = step(mp(right_inverse(eta(some_map), eta(W)), only_zero))
    return script.qed(inverted)
