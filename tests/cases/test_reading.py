"""Case files are read strictly: bad input is one sentence that names the field."""

import pytest

from pgb.cases import load_case, read_case
from pgb.errors import InputError

HEAD = """
[network]
kind = "formula"
formula = ["theta"]
parameters = ["theta"]
[loss]
name = "squared"
[data]
x = [["1"], ["2"]]
y = [["1"], ["3"]]
[points.p]
theta = "1"
"""
CASE = '[case]\nkind = "failure_mode"\n'
CLAIM = '[[case.claims]]\nclaim = "value"\nof = "L"\nat = "p"\nequals = "2"\n'
DROPPED = '[case]\nkind = "dropped_hypothesis"\ndrops = "bias"\nbreaks = ["vanishing"]\nat = "p"\n'


def test_a_good_case_is_read():
    case = read_case(HEAD + CASE + CLAIM, "good")
    assert case.claims[0].kind == "value"
    assert case.claims[0].fields["equals"] == 2
    assert case.claims[0].expect == "holds"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (HEAD, "case: is missing"),
        (HEAD + "[case]\n" + CLAIM, "case.kind"),
        (HEAD + '[case]\nkind = "rumour"\n' + CLAIM, "case.kind"),
        (HEAD + CASE + 'colour = "red"\n' + CLAIM, "case.colour"),
        (HEAD + CASE, "case.claims"),
        (HEAD + CASE + 'drops = "bias"\n' + CLAIM, "case.drops"),
        (HEAD + CASE + 'notes = 3\n' + CLAIM, "case.notes"),
        (HEAD + CASE + 'approximate = { q = "1e-9" }\n' + CLAIM, "case.approximate.q"),
        (HEAD + CASE + 'approximate = { p = "0" }\n' + CLAIM, "case.approximate.p"),
        (HEAD + CASE + 'approximate = { p = 1e-9 }\n' + CLAIM, "case.approximate.p"),
        (HEAD + CASE + 'rival = [["1"]]\n' + CLAIM, "case.rival"),
        (HEAD + DROPPED.replace('"bias"', '"luck"') + CLAIM, "case.drops"),
        (HEAD + DROPPED.replace('"vanishing"', '"pythagoras"') + CLAIM, "case.breaks[0]"),
        (HEAD + DROPPED.replace('["vanishing"]', "[]") + CLAIM, "case.breaks"),
        (HEAD + DROPPED.replace('at = "p"', 'at = "q"') + CLAIM, "case.at"),
        (HEAD + CASE + CLAIM.replace('"value"', '"wish"'), "case.claims[0].claim"),
        (HEAD + CASE + CLAIM + 'tolerance = "1"\n', "case.claims[0].tolerance"),
        (HEAD + CASE + CLAIM.replace('at = "p"\n', ""), "case.claims[0].at"),
        (HEAD + CASE + CLAIM.replace('"p"', '"q"'), "case.claims[0].at"),
        (HEAD + CASE + CLAIM.replace('"L"', '"M"'), "case.claims[0].of"),
        (HEAD + CASE + CLAIM.replace('"2"', "2.5"), "case.claims[0].equals"),
        (HEAD + CASE + CLAIM.replace('"2"', "\"__import__('os')\""), "case.claims[0].equals"),
        (HEAD + CASE + CLAIM.replace('equals = "2"', 'digits = "2/3"'), "case.claims[0].digits"),
        (HEAD + CASE + CLAIM + 'expect = "maybe"\n', "case.claims[0].expect"),
        (HEAD + CASE + CLAIM + '[[case.claims]]\nclaim = "sample_gradient_nonzero"\nat = "p"\nrow = 2\n', "case.claims[1].row"),
        (HEAD + CASE + '[[case.claims]]\nclaim = "descent_nearby"\nat = "p"\nb = ["0"]\nW = [["0", "0"]]\nradii = ["1"]\n',
         "case.claims[0].W"),
        (HEAD + CASE + '[[case.claims]]\nclaim = "descent_nearby"\nat = "p"\nb = ["0"]\nW = [["0"]]\nradii = ["-1"]\n',
         "case.claims[0].radii[0]"),
        (HEAD + CASE + '[[case.claims]]\nclaim = "unbounded_below"\nof = "Lt"\nat = "p"\nray = { zeta = "s" }\n',
         "case.claims[0].ray"),
        (HEAD + CASE + '[[case.claims]]\nclaim = "unbounded_below"\nof = "Lt"\nat = "p"\nray = { aux_a1 = "t" }\n',
         "case.claims[0].ray.aux_a1"),
        (HEAD + CASE + '[[case.claims]]\nclaim = "flow"\nfrom = "p"\ntime = "1"\nfate = "glory"\n', "case.claims[0].fate"),
    ],
)  # fmt: skip
def test_bad_cases_name_the_field(text, field):
    with pytest.raises(InputError) as error:
        read_case(text, "bad")
    assert str(error.value).startswith(field)
    assert "\n" not in str(error.value)


def test_unknown_names_and_files():
    with pytest.raises(InputError, match=r"must be a \.toml file or one of"):
        load_case("no_such_case")
    with pytest.raises(InputError, match="cannot be read"):
        load_case("no_such_file.toml")


def test_a_problem_file_alone_still_refuses_the_case_section(tmp_path):
    from pgb.problem import load

    path = tmp_path / "case.toml"
    path.write_text(HEAD + CASE + CLAIM)
    with pytest.raises(InputError, match=r"^case: is not a known key"):
        load(path)
    assert load_case(path).name == "case"


def test_claims_about_an_objective_that_the_problem_lacks():
    from pgb.cases import reproduce

    case = read_case(HEAD + CASE + CLAIM.replace('"L"', '"L2"'), "bad")
    with pytest.raises(InputError, match=r"case.claims\[0\]"):
        reproduce(case)
    case = read_case(HEAD + CASE + CLAIM.replace('"L"', '"Lt"'), "bad")
    with pytest.raises(InputError, match="must give aux_a1"):
        reproduce(case)
