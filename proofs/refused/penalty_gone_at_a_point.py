"""The mistake: the infimum of failure_mode_e is taken to be attained; lambda |c|^2 e^(-2s) tends to 0 and never is 0."""

from __future__ import annotations

from pgb.kernel import EXP, LE, REAL, Term, Theorem, linear
from pgb.library import Script

from ..building import O, for_all, for_some, variable
from ..statements import VECTOR, Setting, W, a, b, theta, vector_of
from ..tactics import generalise_all, witness_chain

NAME = "penalty_gone_at_a_point"
TITLE = "Every data term D(c, W) is reached by some Lt(theta, a, b, W)"
HYPOTHESES = ()
REFUSED_AT = "far enough along the ray"
REFUSED_BY = "linear"
REFUSED_BECAUSE = "left over"

c, s = variable("c", *VECTOR), variable("s", REAL)


def reached(setting: Setting, u: Term, v: Term) -> Term:
    return LE(setting.augmented(theta, u, v, W), setting.data_term(theta, c, vector_of(lambda _: O), W))


def claim(setting: Setting) -> Term:
    return for_all(theta, c, W, then=for_some(a, b, that=reached(setting, a, b)))


def prove(script: Script) -> Theorem:
    setting = script.setting
    ray = vector_of(lambda n: c(n) * EXP(-s)), vector_of(lambda _: s)
    with script.step("The penalty vanishes along a = c e^(-s), b = s: far enough along the ray Lt is D(c, W)") as step:
        there = step(linear(reached(setting, *ray)))
    found = witness_chain(for_some(a, b, that=reached(setting, a, b)), ray, there)
    return script.qed(generalise_all(found, theta, c, W))
