"""Wrong proofs that the kernel must refuse, one module for each tempting mistake.

Each module is a proof like those beside it, wrong in one place, and says where, by which rule and in which words it is refused:
``REFUSED_AT`` (the step), ``REFUSED_BY`` (the rule), ``REFUSED_BECAUSE`` (a phrase of the reason).
"""

from typing import Final

MISTAKES: Final = (
    "boundary_minimum",
    "converse_of_pgb_condition",
    "convex_in_each_output",
    "convexity_at_the_wrong_point",
    "convexity_in_the_wrong_direction",
    "coordinatewise_minimum",
    "dead_unit",
    "division_by_zero_a",
    "dropped_convexity",
    "elimination_without_bias",
    "flow_with_the_wrong_sign",
    "for_one_k_so_for_all",
    "group_sum_as_one_term",
    "independence_of_repeated_inputs",
    "lambda_only_nonnegative",
    "one_label_per_input_assumed",
    "one_neuron_at_one_direction",
    "one_sided_minimum",
    "only_the_bias_escapes",
    "penalty_gone_at_a_point",
    "polynomial_unit",
    "q_not_a_function_of_x",
    "quartic_penalty",
    "radius_that_depends_on_the_point",
    "residual_moved_off_the_kernel",
    "residual_with_few_inputs",
    "saddle_at_a_double_zero",
    "two_units_one_bias",
)
