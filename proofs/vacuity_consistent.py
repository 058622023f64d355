"""vacuity_consistent: with consistent labels, Lt has no local minimum unless some theta makes every loss gradient vanish.

Two instances: cross-entropy and logistic losses, whose gradients never vanish; and a model that cannot fit all samples
exactly under squared loss, for example linear regression on points that lie on no line.

Source: this project; beyond Kawaguchi and Kaelbling, arXiv 1901.00279.
"""

from __future__ import annotations

from pgb.kernel import Term, Theorem, assume, both, discharge, generalise, mp, neg, specialise
from pgb.library import Script

from .building import OUTPUT, SAMPLE, conjunction, every, implies, is_zero
from .elimination_per_sample import every_gradient_zero
from .lemmas import local_minimum_gives_fixed
from .statements import GRADIENT, THETA, VECTOR, Setting, W, a, b, i, prediction, theta
from .tactics import generalise_all
from .vacuity import no_local_minimum

NAME = "vacuity_consistent"
TITLE = "With consistent labels and no theta where all loss gradients vanish, Lt has no local minimum"
HYPOTHESES = ("lambda_positive", "loss_differentiable", "labels_consistent")
STRUCTURE = ("exp_neuron", "bias", "unbounded_domain")


def never_all_zero() -> Term:
    """Return: for no theta do all ``grad l_i(f(x_i; theta))`` vanish."""
    return every(THETA, lambda th: neg(every_gradient_zero(th)))


def gradients_never_vanish() -> Term:
    """Return: no ``grad l_i`` vanishes anywhere."""
    return every(SAMPLE, lambda n: every(VECTOR, lambda p: neg(every(OUTPUT, lambda c: is_zero(GRADIENT(n, p, c))))))


def claim(setting: Setting) -> Term:
    in_general = implies(never_all_zero(), no_local_minimum(setting))
    return conjunction(in_general, implies(gradients_never_vanish(), no_local_minimum(setting)))


def prove(script: Script) -> Theorem:
    setting = script.setting
    never = script.suppose("Suppose no theta makes all loss gradients vanish", never_all_zero())
    minimum = script.suppose("and (theta, a, b, W) is a local minimum of Lt", setting.local_minimum(theta, a, b, W))
    per_sample = script.use("elimination_per_sample", "By elimination_per_sample they all vanish at a local minimum")
    with script.step("That contradicts the supposition: there is no local minimum") as step:
        held = mp(specialise(local_minimum_gives_fixed(setting), theta, a, b, W), minimum)
        contradiction = mp(specialise(never, theta), mp(specialise(per_sample, theta, a, b, W), held))
        none = step(generalise_all(discharge(minimum.concl, contradiction), theta, a, b, W))
        in_general = discharge(never.concl, none)
    nonzero = script.suppose("Suppose no loss gradient vanishes anywhere (cross-entropy)", gradients_never_vanish())
    with script.step("Then no theta makes all of them vanish, and the first part applies") as step:
        vanish = assume(every_gradient_zero(theta))
        at_sample = mp(specialise(nonzero, i, prediction(theta, i)), specialise(vanish, i))
        instance = step(mp(in_general, generalise(theta, discharge(vanish.concl, at_sample))))
    return script.qed(both(in_general, discharge(nonzero.concl, instance)))
