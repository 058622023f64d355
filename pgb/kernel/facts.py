"""What is taken for granted: the facts of analysis behind the rules, and what every theorem assumes. Trusted.

A rule that stands for a fact of analysis names it, and `Theorem.rests_on` collects the names. What is not analysis,
the logic and the algebra of `BUILT_IN`, is part of every rule and of the normal form, and is not listed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fact:
    """A theorem of the textbooks for which a rule stands."""

    statement: str  # in one sentence
    source: str  # where it is proved
    coq: tuple[str, ...]  # the lemmas of `proofs/coq` that prove its rules, as ``File.lemma``


_RUDIN: Final = "W. Rudin, Principles of Mathematical Analysis (3rd ed.)"

FACTS: Final[dict[str, Fact]] = {
    "exp lies above its tangent at 0": Fact(
        "1 + t <= exp(t) for every real t.",
        f"{_RUDIN}, Theorems 5.10 (mean value) and 8.6: exp is its own derivative, and increasing",
        ("Rules.rule_exp_tangent",),
    ),
    "derivative rules": Fact(
        "Constants, the identity, and sums, products and finite sums of functions differentiable at a point are "
        "differentiable there, with the usual derivatives.",
        f"{_RUDIN}, Theorem 5.3",
        ("Rules.rule_d_const", "Rules.rule_d_id", "Rules.rule_d_add", "Rules.rule_d_mul", "Rules.rule_d_sum"),
    ),
    "derivative of exp": Fact(
        "If F has derivative d at p, then exp(F) has derivative exp(F(p)) d there.",
        f"{_RUDIN}, Theorems 8.6 and 5.5",
        ("Rules.rule_d_exp",),
    ),
    "chain rule": Fact(
        "If each F_k has derivative d_k at p, and G is differentiable (Frechet) at (F_k(p))_k with gradient g, then "
        "s -> G((F_k(s))_k) has derivative sum_k g_k d_k at p; likewise for G of one variable.",
        f"{_RUDIN}, Theorems 5.5 and 9.15",
        ("Rules.rule_d_chain", "Rules.rule_d_compose"),
    ),
    "uniqueness of derivatives": Fact(
        "A function of a real variable has at most one derivative at a point.",
        f"{_RUDIN}, Definition 5.1: the derivative is a limit",
        ("Rules.rule_d_unique",),
    ),
    "Fermat": Fact(
        "If F has derivative d at p, and F(s) <= F(p) for p <= s < p + r, r > 0, then d <= 0.",
        f"{_RUDIN}, proof of Theorem 5.8",
        ("Rules.rule_fermat",),
    ),
    "differentiable implies continuous": Fact(
        "Functions differentiable at a point are continuous there; for finitely many, one neighbourhood serves.",
        f"{_RUDIN}, Theorem 5.2",
        ("Rules.rule_continuity",),
    ),
    "tangents of convex functions": Fact(
        "A convex function G of finitely many numbers with derivatives e_p along curves of velocities d_p through q "
        "is at least G(q) + sum_p w_p e_p at q + sum_p w_p d_p.",
        "R. T. Rockafellar, Convex Analysis, Theorems 10.4 (convex functions are locally Lipschitz) and 25.2",
        ("Rules.rule_tangents",),
    ),
    "Lagrange interpolation": Fact(
        "A polynomial of degree less than m takes given values at m points, equal values at equal points.",
        "E. Süli and D. Mayers, An Introduction to Numerical Analysis, chapter 6",
        ("Rules.rule_lagrange",),
    ),
    "hyperplane avoidance": Fact(
        "Some direction separates finitely many points of R^d: R^d is not a finite union of proper subspaces.",
        "S. Roman, Advanced Linear Algebra, chapter 1",
        ("Rules.rule_separation",),
    ),
    "rank and nullity": Fact(
        "A matrix that has at most as many rows as columns, and no kernel but 0, has a right inverse.",
        "S. Axler, Linear Algebra Done Right (3rd ed.), Theorem 3.22 (fundamental theorem of linear maps)",
        ("Rules.rule_right_inverse",),
    ),
}

BUILT_IN: Final[dict[str, str]] = {
    "logic": "Classical higher-order logic with equality and extensionality; induction on the natural numbers.",
    "sorts": "Every sort has an element; the finite sorts are finite; there are as many degrees as samples.",
    "ordered field": "The real numbers are an ordered field; inv(t) is the reciprocal of t wherever t is not 0.",
    "finite sums": "Finite sums are linear and monotone, and may be exchanged; [p] is 1 if p holds, else 0.",
    "exponents": "exp(a) exp(b) = exp(a + b), exp(0) = 1; t^0 = 1, t^(n+1) = t t^n.",
}
