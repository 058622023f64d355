"""Wrong claims are rejected: each variant changes one thing of a shipped case, and the claim that it falsifies is not ok."""

import pytest

from pgb.cases import case_names, load_case, reproduce
from pgb.cases.dropping import hypotheses_of
from pgb.evidence import Evidence


def refuted(found):
    return [not c.ok and c.status is not Evidence.UNDECIDED and c.sentence.startswith("refuted") for c in found]


def rejected(found):
    return [not c.ok for c in found]


@pytest.mark.parametrize(
    ("name", "word", "changes"),
    [
        # a moved point is neither critical nor a minimum, however little it moves
        ("ysj_quadratic", "critical_point", [('w1_1_1 = "1"', 'w1_1_1 = "1.001"', 3)]),
        ("ysj_quadratic", "local_minimum", [('w2_1_1 = "1/6"', 'w2_1_1 = "1/6 + 1/1000000000"')]),
        ("ysj_sigmoid", "critical_point", [('w1_1_1 = "-log(2)"', 'w1_1_1 = "-log(2) + 1/10000000000"')]),
        ("dead_relu", "critical_point", [('b2_1 = "1"', 'b2_1 = "2"')]),
        ("auer_single_neuron", "critical_point", [('w = "-1.56939733', 'w = "-1.56939734')]),
        ("auer_single_neuron", "local_minimum", [('w = "-1.56939733', 'w = "-1.56939734'), ('w = "0.01292523', 'w = "0.01292524')]),
        ("swirszcz_sigmoid", "critical_point", [('published = "1e-45"', 'published = "1e-60"')]),
        ("bias", "local_minimum", [('aux_a1 = "10/11"', 'aux_a1 = "10/12"')]),
        # strict and flat are told apart
        ("ysj_quadratic", "local_minimum", [("strict = false", "strict = true")]),
        ("auer_single_neuron", "local_minimum", [("strict = true", "strict = false", 2)]),
        ("relu_unit", "local_minimum", [("strict = false", "strict = true")]),
        ("bias", "local_minimum", [("strict = true", "strict = false")]),
        # wrong numbers
        ("ysj_quadratic", "value (case.claims[0])", [('equals = "1/9"', 'equals = "1/8"')]),
        ("ysj_quadratic", "value (case.claims[0])", [('digits = "0.11111111111111111111', 'digits = "0.11111111111111111112')]),
        ("ysj_quadratic", "value (case.claims[3])", [('equals = "0"', 'equals = "1/1000000000000"')]),
        ("cross_entropy", "value", [("log(3) - 2*log(2)/3", "log(3) - 2*log(2)/3 + 1/10^30")]),
        ("conflicting", "optimum", [('claim = "optimum"\nvalue = "2/3"', 'claim = "optimum"\nvalue = "1/2"')]),
        ("cross_entropy", "optimum", [("attained = false", "attained = true")]),
        # the wrong point is called better, critical, optimal
        ("ysj_quadratic", "better_point", [('at = "better"\nthan = "published"', 'at = "published"\nthan = "better"')]),
        ("conflicting", "optimal", [('claim = "optimal"\nat = "fit"', 'claim = "optimal"\nat = "flat"')]),
        ("conflicting", "not_optimal", [('claim = "not_optimal"\nat = "flat"', 'claim = "not_optimal"\nat = "fit"')]),
        ("conflicting", "loss_gradient_nonzero", [('nonzero"\nat = "flat"', 'nonzero"\nat = "fit"')]),
        ("conflicting_labels", "loss_gradient_zero", [('theta = "0"', 'theta = "1"')]),
        ("two_outputs", "loss_gradient_zero", [('half"\noutput = 1', 'half"\noutput = 2')]),
        ("two_outputs", "loss_gradient_nonzero", [('half"\noutput = 2', 'half"\noutput = 1')]),
        ("conflicting_labels", "sample_gradient_nonzero", [('theta = "0"', 'theta = "1"')]),
        ("lambda_negative", "saddle", [('lambda = "-1/10"', 'lambda = "1/10"')]),
        ("bias", "a_nonzero", [('aux_a1 = "10/11"', 'aux_a1 = "0"')]),
        # rays
        ("cubic", "escape_ray", [('limit = "0"', 'limit = "1/1000000000000"')]),
        ("cubic", "escape_ray", [('c = ["3"]\nW = [["0"]]\nlimit = "0"', 'c = ["-1"]\nW = [["0"]]')]),
        ("cubic", "escape_ray", [('c = ["3"]\nW = [["0"]]\nlimit = "0"', 'c = ["0"]\nW = [["0"]]')]),
        ("ysj_quadratic", "escape_ray", [('digits = "0.0960515563', 'digits = "0.0960515564')]),
        ("ysj_quadratic", "escape_ray", [('lambda = "1/10"', 'lambda = "-1/10"')]),
        ("ysj_quadratic", "escape_ray", [('lambda = "1/10"', 'lambda = "0"')]),
        ("lambda_negative", "unbounded_below", [('lambda = "-1/10"', 'lambda = "1/10"')]),
        ("cosine_unit", "data_term_below", [('c = ["1"]', 'c = ["2"]')]),
        ("bounded_bias", "data_term_below", [('c = ["1"]', 'c = ["10/11"]'), ('aux_a1 = "10/11"', 'aux_a1 = "1"'), ('lambda = "1/10"', 'lambda = "0"')]),
        ("no_extra_unit_negative_loss", "unbounded_below", [('theta = "-s"', 'theta = "s"')]),
        # no local minimum, where there are some
        ("conflicting", "no_local_minimum", [('claim = "not_optimal"\nat = "flat"',
                                              'claim = "no_local_minimum"\nbecause = "optimum_not_attained"')]),
        ("conflicting", "no_local_minimum", [('claim = "not_optimal"\nat = "flat"',
                                              'claim = "no_local_minimum"\nbecause = "gradient_never_vanishes"')]),
        ("ding_tanh_even", "no_local_minimum", [('claim = "attained"',
                                                 'claim = "no_local_minimum"\nbecause = "optimum_not_attained"')]),
        ("straight_line", "attained", [('claim = "no_local_minimum"\nbecause = "optimum_not_attained"', 'claim = "attained"')]),
        # the boundary
        ("bounded_bias", "minimum_on_boundary", [('active = ["aux_b1"]', 'active = ["aux_a1"]')]),
        ("bounded_bias", "minimum_on_boundary", [('aux_b1 = "0"', 'aux_b1 = "-1"')]),
        # units, induced models, flows
        ("relu_unit", "dependent_units", [('c = ["1", "2"]', 'c = ["0", "0"]')]),
        ("double_well", "induced_below", [('theta = "-1"', 'theta = "1"'), ('outputs = [["-2"]]', 'outputs = [["2"]]')]),
    ],
)  # fmt: skip
def test_refuted(name, word, changes, outcome):
    assert any(refuted(outcome(name, word, *changes)))


@pytest.mark.parametrize(
    ("name", "word", "changes"),
    [
        ("relu_unit", "dependent_units", [('radius = "1/4"', 'radius = "2"')]),
        ("relu_unit", "dependent_units", [('unit = "a*relu(w1*x1 + b)"', 'unit = "a*exp(w1*x1 + b)"')]),
        ("double_well", "induced_below", [('outputs = [["-2"]]', 'outputs = [["-1"]]')]),
        ("absolute_loss", "induced_below", [('{ aux_w1_1 = "1 + s" }', '{ aux_w1_1 = "1 + 2*s" }')]),
        ("absolute_loss", "induced_below", [('{ aux_w1_1 = "1 + s" }', '{ aux_a1 = "s" }')]),
        ("absolute_loss", "induced_below", [('outputs = [["0"], ["1"]]', 'outputs = [["0"], ["2"]]')]),
        ("cubic", "stays", [('variables = ["theta"]', 'variables = ["theta", "aux_a1"]')]),
        ("cubic", "stays", [('theta = "-1"\naux_a1', 'theta = "-2"\naux_a1')]),
        ("cubic", "global_minimum", [('at = "global"\n\n[[case.claims]]\nclaim = "stays"',
                                      'at = "spurious"\n\n[[case.claims]]\nclaim = "stays"')]),
        ("lambda_zero", "global_minimum", [('lambda = "0"', 'lambda = "-1/100"')]),
        ("conflicting", "descent_nearby", [('claim = "not_optimal"\nat = "flat"',
                                            'claim = "descent_nearby"\nat = "fit"\nb = ["0"]\nW = [["0"]]\nradii = ["1e-2"]')]),
        ("ding_tanh_even", "value (case.claims[3])", [('at_most = "1e-80"', 'at_most = "1e-200"')]),
        ("auer_single_neuron", "value", [('published = "1e-45"', 'published = "1e-9"')]),
        ("linear_weight_decay", "no_local_minimum", [('claim = "optimum"\nvalue = "0"\nattained = true',
                                                      'claim = "no_local_minimum"\nbecause = "optimum_not_attained"')]),
    ],
)  # fmt: skip
def test_not_shown(name, word, changes, outcome):
    """What the rules cannot show is undecided, and undecided is not ok."""
    found = outcome(name, word, *changes)
    assert any(rejected(found))
    assert not any(refuted(found))


def test_undecided_must_be_announced(variant):
    claim = '[[case.claims]]\nclaim = "global_minimum"\nof = "L"\nat = "spurious"\n'
    silent = reproduce(variant("cubic", claims=claim))
    announced = reproduce(variant("cubic", claims=claim + 'expect = "undecided"\n'))
    assert not silent.ok
    assert announced.ok
    assert silent.status is announced.status is Evidence.UNDECIDED


def test_a_claim_announced_as_undecided_must_be_undecided(variant):
    claim = '[[case.claims]]\nclaim = "value"\nof = "L"\nat = "spurious"\nequals = "{}"\nexpect = "undecided"\n'
    assert not reproduce(variant("cubic", claims=claim.format(9))).ok
    assert not reproduce(variant("cubic", claims=claim.format(8))).ok


def test_wrong_fates_are_refuted(outcome):
    changes = [('fate = "escape to infinity"', 'fate = "global minimum, a -> 0"'), ('time = "1000"', 'time = "50"')]
    assert all(refuted(outcome("cubic", "flow", *changes)))
    assert all(
        refuted(
            outcome(
                "cubic", "flow", ('near = { theta = "-1" }', 'near = { theta = "2" }'), ('time = "1000"', 'time = "50"')
            )
        )
    )


# -- claims to break a theorem

DROPPED = [n for n in case_names() if load_case(n).kind == "dropped_hypothesis"]


@pytest.mark.parametrize("name", DROPPED)
def test_no_other_hypothesis_is_dropped(name, text, variant):
    """The same case, said to drop any other hypothesis, breaks nothing: that hypothesis holds, or is not named."""
    from pgb.theorems import HYPOTHESES

    own = load_case(name).drops
    claim = f'[[case.claims]]\nclaim = "value"\nof = "L"\nat = "{load_case(name).at}"\nat_most = "1000000"\n'
    for other in sorted(set(HYPOTHESES) - {own}):
        found = reproduce(variant(name, (f'drops = "{own}"', f'drops = "{other}"'), claims=claim))
        assert all(rejected([c for c in found.claims if c.claim.startswith("breaks")])), other


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("bias", ('name = "squared"', 'name = "absolute"'), "loss_differentiable"),
        ("bias", ('lambda = "1/10"', 'lambda = "0"'), "lambda_positive"),
        ("bias", ('lambda = "1/10"', 'lambda = "-1/10"'), "lambda_positive"),
        ("cosine_unit", ('lambda = "1/10"', 'lambda = "0"'), "lambda_positive"),
        ("cosine_unit", ("a*cos(w1*x1 + b)", "a*cos(w1*x1)*exp(b)"), "bias"),
        ("double_well", ("3*q1^4 + 4*q1^3 - 12*q1^2 + 32", "Abs(q1 - 1)*Abs(q1 + 2)"), "loss_differentiable"),
        ("absolute_loss", ('lambda = "1/10"', 'lambda = "0"'), "lambda_positive"),
        ("lambda_zero", ('name = "squared"', 'name = "absolute"'), "loss_differentiable"),
        ("bounded_bias", ('kind = "exp_neuron"', 'kind = "unit"\nunit = "a*cos(w1*x1 + b)"'), "exp_neuron"),
        ("conflicting_labels", ('lambda = "1/10"', 'lambda = "0"'), "lambda_positive"),
        ("no_extra_unit_lambda_zero", ('kind = "no_extra_unit"', 'kind = "no_extra_unit"\nunit = "a"'), "bias"),
    ],
)
def test_a_second_failing_hypothesis_disqualifies(name, change, why, outcome):
    """Of the theorems that name it; a theorem that does not need it may well be broken still."""
    found = [c for c in outcome(name, "breaks", change) if why in hypotheses_of(c.claim.split()[1])]
    assert all(refuted(found))
    assert any("another hypothesis of" in c.sentence and f", {why}," in c.sentence for c in found)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cosine_unit", [("a*cos(w1*x1 + b)", "a*exp(w1*x1 + b)")]),  # the hypothesis holds after all
        ("bounded_bias", [('[region]\naux_b1 = ["-1", "0"]\n', "")]),
        ("conflicting_labels", [('y = [["1"], ["-1"]]', 'y = [["1"], ["1"]]')]),
        ("lambda_zero", [('lambda = "0"', 'lambda = "1/10"')]),
        ("double_well", [("3*q1^4 + 4*q1^3 - 12*q1^2 + 32", "(q1 + 2)^2")]),
        ("residual_narrow", [('layers = [1, 2, 2]', 'layers = [1, 2, 1]'), ('y = [["2", "0"], ["0", "1"]]', 'y = [["2"], ["0"]]'),
                             ('rival = [["2", "0"], ["0", "1"]]', 'rival = [["2"], ["0"]]'), ('W2_1 = "0"\n', "")]),
    ],
)  # fmt: skip
def test_a_hypothesis_that_holds_is_not_dropped(name, changes, outcome):
    found = outcome(name, "breaks", *changes)
    assert all(refuted(found))
    assert all("is not known to fail" in c.sentence for c in found)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ridge_bias", ('weight = "1/10"', 'weight = "0"')),
        ("ridge_lambda_zero", ('[ridge]\nweight = "1/10"\n', "")),
        ("ridge_cusp", ('[ridge]\nweight = "1/10"\n', "")),
    ],
)
def test_the_ridge_theorem_speaks_of_a_positive_ridge(name, change, outcome):
    found = outcome(name, "breaks", change)
    assert all(refuted(found))
    assert all("weight decay" in c.sentence for c in found)


@pytest.mark.parametrize(
    "formula", ["1 + (theta - 1)^2", "1 + sqrt(Abs(theta - 1))^4", "1 + sqrt((theta - 1)^2 + 1) - 1"]
)
def test_a_network_without_a_cusp_is_differentiable(formula, outcome):
    found = outcome("ridge_cusp", "breaks", ("1 + sqrt(Abs(theta - 1))", formula))
    assert all(rejected(found))
    assert all("f_differentiable is not known to fail" in c.sentence for c in found)


@pytest.mark.parametrize("formula", ["1 + sqrt(Abs(theta - 2))", "1 + Abs(theta - 1)"])
def test_a_cusp_elsewhere_or_a_kink_is_no_cusp_here(formula, outcome):
    assert all(rejected(outcome("ridge_cusp", "breaks", ("1 + sqrt(Abs(theta - 1))", formula))))


def test_a_ridge_disqualifies(outcome):
    found = outcome("lambda_zero", "breaks", ("[augmentation]", '[ridge]\nweight = "1/100"\n\n[augmentation]'))
    assert all(refuted(found))


@pytest.mark.parametrize(
    ("name", "word", "changes"),
    [
        ("bias", "breaks", [('aux_a1 = "10/11"', 'aux_a1 = "1"')]),  # no minimum, not even critical
        ("relu_unit", "breaks elimination", [('aux_b1 = "-1"', 'aux_b1 = "1"')]),  # the unit is alive
        ("relu_unit", "breaks independence", [('b = "-1"', 'b = "1"')]),
        ("lambda_zero", "breaks elimination", [('aux_a1 = "3"', 'aux_a1 = "2"')]),
        ("conflicting_labels", "breaks", [('theta = "0"', 'theta = "1/2"')]),
        ("no_extra_unit_negative_loss", "breaks", [('[points.lower]\ntheta = "-1"', '[points.lower]\ntheta = "1"')]),
        ("double_well", "breaks elimination", [('rival = [["-2"]]', 'rival = [["3"]]')]),
        ("double_well", "breaks pgb_condition", [('alpha = [{ theta = "-1" }]', 'alpha = [{ theta = "1/2" }]')]),
        ("unbounded_loss", "breaks", [('aux_a1 = "-s", aux_b1 = "3*log(s)"', 'aux_a1 = "-1", aux_b1 = "3*log(s)"')]),
        ("residual_narrow", "breaks", [('V1_1 = "3"', 'V1_1 = "2"')]),
        ("residual_narrow", "breaks", [('rival = [["2", "0"]', 'rival = [["0", "1"]')]),  # worse than the network
        # an exact fit, where every slope is 0
        ("relu_unit", "breaks grouped_gradients", [('y = [["1"], ["1"]]', 'y = [["0"], ["0"]]')]),
        ("bias", "breaks reduction", [('aux_w1_1 = "0"', 'aux_w1_1 = "1"')]),  # not critical in w
        ("absolute_loss", "breaks reduction", [('aux_w1_1 = "1"', 'aux_w1_1 = "-1"')]),  # Lt falls to one side of a = 0
        (
            "absolute_loss",
            "breaks reduction",
            [('y = [["0"], ["1"]]', 'y = [["2"], ["1"]]')],
        ),  # no kink at the residuals
        ("double_well", "breaks depth_width", [('theta = "1"', 'theta = "2"')]),  # not critical
        ("double_well", "breaks depth_width", [('alpha = [{ theta = "-1" }]', 'alpha = [{ theta = "1/2" }]')]),
        ("lambda_zero", "breaks failure_mode_c", [('aux_a1 = "3"', 'aux_a1 = "2"')]),
        ("cosine_unit", "breaks failure_mode_c", [('aux_w1_1 = "0"', 'aux_w1_1 = "1"')]),
        (
            "bias_at_the_origin",
            "breaks failure_mode_c",
            [('y = [["1"]]', 'y = [["0"]]'), ('aux_a1 = "10/11"', 'aux_a1 = "0"')],
        ),
        ("absolute_loss_middle", "breaks", [('y = [["0"], ["1"], ["0"]]', 'y = [["1"], ["1"], ["0"]]')]),  # c > 0 helps
        ("absolute_loss_middle", "breaks", [('y = [["0"], ["1"], ["0"]]', 'y = [["0"], ["0"], ["0"]]')]),  # optimal
        (
            "absolute_loss_middle",
            "breaks",
            [('x = [["-1"], ["0"], ["1"]]', 'x = [["0"], ["-1"], ["1"]]')],
        ),  # a large w helps
        (
            "absolute_loss_middle",
            "breaks",
            [('x = [["-1"], ["0"], ["1"]]', 'x = [["-1/2"], ["0"], ["1/2"]]')],
        ),  # not decided
        ("absolute_loss_middle", "breaks", [('aux_a1 = "0"', 'aux_a1 = "1"')]),
        (
            "two_wells_in_the_middle",
            "breaks",
            [('"q1^2 + y1*(1 - q1^2 +', '"q1^2/100 + y1*(1 - q1^2/100 +')],
        ),  # c = 3/2 helps
        ("two_wells_in_the_middle", "breaks", [('rival = [["0"], ["3/2"], ["0"]]', 'rival = [["0"], ["1"], ["0"]]')]),
        ("cosine_unit", "breaks failure_mode_e", [('aux_a1 = "10/11"', 'aux_a1 = "9/11"')]),  # a better a
        ("cosine_unit", "breaks failure_mode_e", [('aux_b1 = "0"', 'aux_b1 = "1/10"')]),  # below the crest
        ("cosine_unit", "breaks failure_mode_e", [('c = ["1"]', 'c = ["2"]')]),
        (
            "bounded_bias",
            "breaks failure_mode_e",
            [('aux_b1 = ["-1", "0"]', 'aux_b1 = ["-1", "1/10"]')],
        ),  # not at the bound
        ("bounded_bias", "breaks failure_mode_e", [('x = [["0"]]', 'x = [["1"]]')]),  # w does what the bias may not
        ("bias_at_the_origin", "breaks failure_mode_e", [('x = [["0"]]', 'x = [["1"]]')]),
        ("bias_at_the_origin", "breaks failure_mode_e", [('y = [["1"]]', 'y = [["2"]]')]),
        (
            "lambda_negative",
            "breaks failure_mode_e",
            [('aux_a1 = "s", aux_b1 = "-log(s)"', 'aux_a1 = "0", aux_b1 = "s"')],
        ),
        ("lambda_negative", "breaks failure_mode_e", [('aux_b1 = "-log(s)"', 'aux_b1 = "-log(s)", theta = "s"')]),
        ("dead_relu_saddle", "breaks", [('y = [["1"], ["-1"]]', 'y = [["1"], ["1"]]')]),  # S(0) = -4
        ("dead_relu_saddle", "breaks", [('y = [["1"], ["-1"]]', 'y = [["0"], ["0"]]')]),  # S is 0 everywhere
        ("dead_relu_saddle", "breaks", [('aux_b1 = "-1"', 'aux_b1 = "1"')]),  # alive: a saddle
        ("dead_relu_saddle", "breaks", [('aux_a1 = "0"', 'aux_a1 = "1"')]),
        ("dead_relu_saddle", "breaks", [('aux_w1_1 = "0"', 'aux_w1_1 = "1/2"')]),
        ("dead_relu_saddle", "breaks", [("a*relu(w1*x1 + b)", "a*exp(w1*x1 + b)")]),  # the hypothesis holds
        ("ridge_bias", "breaks", [('aux_a1 = "10/11"', 'aux_a1 = "1"')]),
        ("ridge_absolute_loss", "breaks", [('aux_w1_1 = "1"', 'aux_w1_1 = "-1"')]),
        ("ridge_double_well", "breaks", [('rival = [["-3"]]', 'rival = [["1"]]')]),  # worse than the network
        (
            "ridge_cusp",
            "breaks",
            [('weight = "1/10"', 'weight = "3/10"')],
        ),  # the decay wins against a unit of the same weight
        ("ridge_cusp", "breaks", [('lambda = "1"', 'lambda = "1/10"')]),  # a cheap neuron pays for the step
        ("ridge_cusp", "breaks", [('theta = "1"', 'theta = "2"')]),  # no cusp there, and no minimum
    ],
)
def test_the_conclusion_must_fail_at_the_point(name, word, changes, outcome):
    assert all(rejected(outcome(name, word, *changes)))
