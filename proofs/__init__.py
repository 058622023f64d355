"""Machine-checked derivations of the theorems about eliminating bad local minima, one module for each theorem.

Each module states its theorem as a formula built from `statements` (``claim``) and derives it with the kernel's rules (``prove``).
Nothing here is trusted: the kernel checks every step, and the library compares the outcome with the claim.
"""

from typing import Final

THEOREMS: Final = (
    "vanishing",
    "vanishing_at_minima",
    "perturbation",
    "independence",
    "grouped_gradients",
    "elimination",
    "elimination_per_sample",
    "characterisation",
    "vacuity",
    "vacuity_consistent",
    "failure_mode",
    "failure_mode_e",
    "failure_mode_c",
    "pgb_condition",
    "elimination_by_pgb",
    "no_extra_unit",
    "flow_identity",
    "reduction",
    "strict_saddle",
    "ridge",
    "depth_width",
    "residual",
    "one_neuron",
)
