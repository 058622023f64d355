"""The mistake: V is moved along any p, not one with W p = 0; then the network changes."""

from __future__ import annotations

from pgb.kernel import REAL, Term, Theorem, eq, linear
from pgb.library import Script

from .. import residual
from ..building import variable
from ..residual import V, output, shifted
from ..statements import Setting, W, i, k

NAME = "residual_moved_off_the_kernel"
TITLE = "Moving V in any direction leaves f unchanged"
HYPOTHESES = ("dx_at_least_dy", "loss_differentiable", "loss_convex")
REFUSED_AT = "Adding t p to the column v of V"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"


def claim(setting: Setting) -> Term:
    return residual.claim(setting)


def hypothesis(setting: Setting, name: str) -> Term:
    return residual.hypothesis(setting, name)


def prove(script: Script) -> Theorem:
    script.suppose("Let (W, V) be a local minimum of L(., ., u), u held fixed", residual.local_minimum())
    with script.step("Adding t p to the column v of V does not change f") as step:
        moved = shifted(variable("t", REAL))
        same = step(linear(eq(output(W, moved, i, k), output(W, V, i, k))))
    return script.qed(same)
