"""The mistake: dLt/da = 0 at the one direction w of a critical point is used as if it held for all w' near w."""

from __future__ import annotations

from pgb.kernel import LE, Term, Theorem, discharge, left, mp, specialise
from pgb.library import Script

from ..building import SAMPLE, every, for_all, function, implies, is_zero
from ..one_neuron import MODEL, b, of_model, original, slope, w
from ..statements import Setting, moment, theta
from ..tactics import generalise_all

NAME = "one_neuron_at_one_direction"
TITLE = "One neuron eliminates all bad critical points"
HYPOTHESES = ("loss_differentiable", "loss_convex")
REFUSED_AT = "By independence the slopes of equal inputs cancel"
REFUSED_BY = "mp"
REFUSED_BECAUSE = "needs the premise"


def flat() -> Term:
    """Return ``sum_i l_i'(f(x_i)) exp(w . x_i + b) = 0``: the derivative of Lt in a vanishes at (theta, 0, b, w)."""
    return is_zero(moment(slope, w, b))


def claim(_: Setting) -> Term:
    best = every(MODEL, lambda model: LE(original(theta), of_model(model)))
    return for_all(theta, b, w, then=implies(flat(), best))


def prove(script: Script) -> Theorem:
    critical = script.suppose("Let dLt/da = 0 at (theta, 0, b, w)", flat())
    independent = script.use("independence", "By independence, such sums vanish only if equal inputs cancel")
    with script.step("By independence the slopes of equal inputs cancel") as step:
        cancelled = step(left(mp(specialise(independent, function(SAMPLE, slope), w, b), critical)))
    return script.qed(generalise_all(discharge(critical.concl, cancelled), theta, b, w))
