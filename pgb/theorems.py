"""The registry of theorems: what each says in words, and which hypotheses its published or first statement names.

The machine-checked statement, the hypotheses that the checked proof really consumes and the steps that use them come
from the proof library; this table is what the ledger compares them with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HYPOTHESES: Final[dict[str, str]] = {
    "loss_differentiable": "every l_i is differentiable on R^dy",
    "loss_convex": "every l_i is convex",
    "loss_nonnegative": "every l_i >= 0",
    "lambda_positive": "lambda > 0",
    "exp_neuron": "the added unit is a_k exp(w_k . x + b_k)",
    "bias": "the added unit has its own bias b_k",
    "labels_consistent": "equal inputs have equal labels",
    "f_differentiable": "theta -> f(x_i; theta) has partial derivatives",
    "unbounded_domain": "the auxiliary parameters range over all of R^n",
    "dx_at_least_dy": "the residual network has dx >= dy",
}
STRUCTURAL: Final = frozenset({"exp_neuron", "bias", "unbounded_domain"})

_VANISHING: Final = ("loss_differentiable", "lambda_positive", "exp_neuron", "bias")
_ELIMINATION: Final = (*_VANISHING, "loss_convex", "unbounded_domain")


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem of the registry.

    Attributes
    ----------
    name
        The identifier, also the name of its proof.
    says
        The statement in one or two sentences.
    hypotheses
        The identifiers that its first statement names. The proof may need fewer.
    source
        Where it comes from.
    """

    name: str
    says: str
    hypotheses: tuple[str, ...]
    source: str


KK20: Final = "after Kawaguchi and Kaelbling 2020"
HERE: Final = "this project"

THEOREMS: Final[dict[str, Theorem]] = {
    t.name: t
    for t in (
        Theorem(
            "vanishing",
            "Wherever dLt/da_k = dLt/db_k = 0 for all k, the added neurons vanish: a = 0.",
            _VANISHING,
            KK20,
        ),
        Theorem(
            "vanishing_at_minima",
            "At a local minimum of Lt the added neurons vanish, even for losses that are not differentiable.",
            ("lambda_positive", "exp_neuron", "bias", "unbounded_domain"),
            HERE,
        ),
        Theorem(
            "perturbation",
            "At a local minimum a = 0, and dLt/da_k = 0 at every (b, W) nearby.",
            (*_VANISHING, "unbounded_domain"),
            KK20,
        ),
        Theorem(
            "independence",
            "If sum_j c_j exp(w . xbar_j + b) = 0 for all w in a ball and the xbar_j are distinct, every c_j is 0.",
            ("exp_neuron",),
            KK20,
        ),
        Theorem(
            "grouped_gradients",
            "At every local minimum of Lt (even with theta held) a = 0 and the loss gradients of each group of equal inputs"
            " sum to zero, whether or not the losses are convex.",
            (*_VANISHING, "unbounded_domain"),
            HERE,
        ),
        Theorem(
            "elimination",
            "At every local minimum of Lt (even with theta held) the gradients of each group of equal inputs sum to"
            " zero and theta is optimal among all functions of x.",
            _ELIMINATION,
            KK20,
        ),
        Theorem(
            "elimination_per_sample",
            "With consistent labels, the gradient of every single sample's loss vanishes there.",
            (*_ELIMINATION, "labels_consistent"),
            KK20,
        ),
        Theorem(
            "characterisation",
            "The local minima of Lt are exactly the points with L(theta) = L* and a = 0, and each is a global minimum.",
            _ELIMINATION,
            HERE,
        ),
        Theorem(
            "vacuity",
            "If no theta attains L(theta) = L*, then Lt has no local minimum at all.",
            _ELIMINATION,
            HERE,
        ),
        Theorem(
            "vacuity_consistent",
            "With consistent labels, if no theta makes every loss gradient vanish (cross-entropy never does), Lt has no local"
            " minimum at all.",
            (*_ELIMINATION, "labels_consistent"),
            HERE,
        ),
        Theorem(
            "failure_mode",
            "If L(theta) > L*: (a) no (a, b, W) makes (theta, a, b, W) a local minimum of Lt; (b) the infimum of"
            " Lt(theta, .) lies below L(theta) and is not attained; (d) along a = c e^-s, b = b0 + s the network is"
            " unchanged and Lt falls strictly: a path to infinity.",
            _ELIMINATION,
            KK20,
        ),
        Theorem(
            "failure_mode_c",
            "If L(theta) > L*, every minimising sequence of Lt(theta, .) has |(b, W)| -> infinity, and a -> 0 where the infimum"
            " is finite; with losses >= 0 a is bounded wherever Lt is: lambda |a|^2 <= Lt.",
            (*_ELIMINATION, "loss_nonnegative"),
            KK20,
        ),
        Theorem(
            "failure_mode_e",
            "The infimum of Lt(theta, .) is the infimum over c and W of the data term alone: the penalty is lost.",
            ("lambda_positive", "exp_neuron", "bias", "unbounded_domain"),
            KK20,
        ),
        Theorem(
            "flow_identity",
            "Along gradient flow of Lt, d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2.",
            ("loss_differentiable", "exp_neuron", "bias"),
            HERE,
        ),
        Theorem(
            "pgb_condition",
            "At a local minimum the objective equals the infimum of the induced model over perturbed gradient bases.",
            ("loss_differentiable", "loss_convex"),
            "after Kawaguchi, Huang and Kaelbling 2019",
        ),
        Theorem(
            "elimination_by_pgb",
            "Elimination again, from the PGB condition with phi_i = g(x_i; a, b, W).",
            _ELIMINATION,
            KK20,
        ),
        Theorem(
            "no_extra_unit",
            "Every stationary point of L (1 + (a e^b - 1)^2) / 2 + lambda a^2 in (a, b) has a = 0 and L = 0.",
            ("lambda_positive", "exp_neuron", "bias"),
            "after Sohl-Dickstein and Kawaguchi 2019",
        ),
        Theorem(
            "reduction",
            "The critical points of Lt are the (theta, 0, b, W) with grad L(theta) = 0 and every S_k(w_k) = 0.",
            _VANISHING,
            HERE,
        ),
        Theorem(
            "strict_saddle",
            "Where S_k vanishes and its derivative in w_k does not, Lt falls by at least kappa t^2, kappa > 0, along a line in"
            " (a, W): a strict saddle, for losses with a local quadratic upper bound.",
            _VANISHING,
            HERE,
        ),
        Theorem(
            "ridge",
            "With mu |theta|^2, mu > 0, a local minimum of Lt has a = 0, theta = 0 and the data term at L*.",
            (*_ELIMINATION, "f_differentiable"),
            HERE,
        ),
        Theorem(
            "one_neuron",
            "One output, convex differentiable losses of one number (smoothed hinges among them): at every local minimum of Lt"
            " (even with theta held) the added neuron is off and theta is optimal among all functions of x.",
            _ELIMINATION,
            "after Liang, Sun, Lee and Srikant 2018",
        ),
        Theorem(
            "depth_width",
            "At a critical point with a gradient basis the value is the minimum over the column space of its Jacobian.",
            ("loss_differentiable", "loss_convex"),
            "after Kawaguchi, Huang and Kaelbling 2019",
        ),
        Theorem(
            "residual",
            "A local minimum of a ResNet in its last two layers is no worse than the best predictor linear in (x, z).",
            ("loss_differentiable", "loss_convex", "dx_at_least_dy"),
            "after Kawaguchi and Bengio 2019",
        ),
    )
}

# Asymptotic laws that are only measured: neither the kernel nor the formal twin has them.
NUMERICAL: Final[dict[str, str]] = {
    "escape_law": "Where gradient flow of Lt escapes with W and every a_k e^(b_k) converging, the latter not to 0, the gap of"
    " Lt to its limit is dy / (4 t) (1 + o(1)).",
}
