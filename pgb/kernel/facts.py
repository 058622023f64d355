"""What is taken for granted: the facts of analysis behind the rules, and what every theorem assumes. Trusted.

A rule that stands for a fact of analysis names it, and `Theorem.rests_on` collects the names. Nothing of analysis goes
unnamed. What is not analysis is in `BUILT_IN`: it is part of the logic and of the normal form, and is never listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fact:
    """A theorem of the textbooks that a rule stands for.

    Attributes
    ----------
    statement : str
        The fact in one sentence.
    source : str
        Where it is proved.
    coq : str
        The lemma of Coq's library, of Coquelicot or of this project that states it; empty if there is none.
    """

    statement: str
    source: str
    coq: str


RUDIN: Final = "W. Rudin, Principles of Mathematical Analysis, 3rd edition"

FACTS: Final[dict[str, Fact]] = {
    "derivative rules": Fact(
        "Constants, the identity, sums, products and finite sums of functions differentiable at a point are "
        "differentiable there, with the usual derivatives.",
        f"{RUDIN}, Theorem 5.3",
        "is_derive_const, is_derive_id, is_derive_plus, is_derive_mult, is_derive_sum_n",
    ),
    "derivative of exp": Fact("exp is its own derivative.", f"{RUDIN}, Theorem 8.6", "is_derive_exp"),
    "chain rule": Fact(
        "If each F_k is differentiable at p and G is differentiable (Frechet) at (F_k(p))_k with gradient g, then "
        "s -> G((F_k(s))_k) has derivative sum_k g_k F_k'(p) at p.",
        f"{RUDIN}, Theorems 5.5 and 9.15",
        "is_derive_comp, filterdiff_comp",
    ),
    "uniqueness of derivatives": Fact(
        "A function of one real variable has at most one derivative at a point.",
        f"{RUDIN}, Definition 5.1 (the derivative is a limit)",
        "is_derive_unique",
    ),
    "Fermat": Fact(
        "If F is differentiable at p and F(s) <= F(p) for p <= s < p + r, r > 0, then F'(p) <= 0.",
        f"{RUDIN}, proof of Theorem 5.8",
        "fermat",
    ),
    "differentiable implies continuous": Fact(
        "A function differentiable at a point is continuous there; for finitely many functions one neighbourhood serves.",
        f"{RUDIN}, Theorem 5.2",
        "ex_derive_continuous, fin_delta",
    ),
    "exp is positive": Fact("exp(t) > 0 for every real t.", f"{RUDIN}, Theorem 8.6", "exp_pos"),
    "exp is increasing": Fact("If a < b then exp(a) < exp(b).", f"{RUDIN}, Theorem 8.6", "exp_increasing"),
    "Lagrange interpolation": Fact(
        "Through m points, of which those with the same abscissa agree, passes a polynomial of degree less than m.",
        "E. Suli and D. Mayers, An Introduction to Numerical Analysis, chapter 6",
        "",
    ),
    "hyperplane avoidance": Fact(
        "Some direction separates finitely many points of R^d: a real vector space is not a finite union of proper subspaces.",
        "S. Roman, Advanced Linear Algebra, chapter 1",
        "",
    ),
}

BUILT_IN: Final[dict[str, str]] = {
    "logic": "Classical higher-order logic with equality, extensionality, and induction on the natural numbers.",
    "sorts": "Every sort has an element; the finite sorts are finite; there are as many degrees as samples.",
    "ordered field": "The real numbers are an ordered field; inv(t) is the reciprocal of t wherever t is not 0.",
    "finite sums": "Finite sums are linear, monotone, and may be exchanged; [p] is 1 if p holds and 0 if not.",
    "exponents": "exp(a) exp(b) = exp(a + b), exp(0) = 1, t^0 = 1, t^(n + 1) = t t^n.",
}
