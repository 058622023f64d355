"""Terms: what is not well formed cannot be made."""

from __future__ import annotations

from fractions import Fraction

from .base import Chameleon, attack


@attack("term", "malformed head")
def number_that_is_a_float(k):
    return k.assume(k.eq(k.Term("num", 0.5, k.REAL), Fraction(1, 2)))


@attack("term", "malformed head")
def number_that_is_an_int(k):
    return k.Term("num", 1, k.REAL)


@attack("term", "malformed head")
def index_that_is_a_bool(k):
    return k.Term("bound", False, k.REAL)


@attack("term", "malformed head")
def head_of_unknown_kind(k):
    return k.Term("axiom", "false", k.BOOL)


@attack("term", "malformed head")
def kind_that_is_a_string_of_its_own(k):
    return k.Term(type("S", (str,), {})("var"), "a", k.REAL)


@attack("term", "malformed head")
def name_that_is_a_string_of_its_own(k):
    return k.Term("var", type("S", (str,), {})("a"), k.REAL)


@attack("term", "not a type")
def unknown_sort(k):
    return k.assume(k.forall(k.Term("var", "a", "banana"), k.p))


@attack("term", "not a type")
def function_type_of_three(k):
    return k.var("a", (k.REAL, k.REAL, k.REAL))


@attack("term", "not a type")
def function_type_from_nowhere(k):
    return k.var("a", ("banana", k.REAL))


@attack("term", "not a type")
def function_type_to_nowhere(k):
    return k.var("a", (k.REAL, "banana"))


@attack("term", "not a type")
def sort_that_is_a_string_of_its_own(k):
    sort = type("S", (str,), {})
    return k.var("a", sort(k.REAL))


@attack("term", "not a type")
def function_type_that_is_a_tuple_of_its_own(k):
    return k.var("a", type("T", (tuple,), {})((k.REAL, k.REAL)))


@attack("term", "not a type")
def function_type_that_is_a_list(k):
    return k.var("a", [k.REAL, k.REAL])


@attack("term", "not a tuple of terms")
def arguments_in_a_list(k):
    return k.Term("const", "exp", k.EXP.type, [k.one])


@attack("term", "not a tuple of terms")
def arguments_in_a_tuple_of_its_own(k):
    return k.Term("const", "exp", k.EXP.type, type("T", (tuple,), {})((k.one,)))


@attack("term", "not a tuple of terms")
def argument_that_looks_like_a_term(k):
    """A number 0.5, in the place of 1/2."""
    half = Chameleon(k.real(Fraction(1, 2)), name=0.5)
    return k.Term("const", "exp", k.EXP.type, (half,))


@attack("term", "no subclasses")
def term_of_a_subclass(k):
    return type("T", (k.Term,), {})


@attack("term", "terms do not change")
def term_changed(k):
    k.y.name = "z"
    return k.y


@attack("term", "terms do not change")
def term_stripped(k):
    del k.y.name
    return k.y


@attack("term", "cannot have the body")
def lambda_of_no_function_type(k):
    return k.Term("lam", None, k.REAL, (k.y,))


@attack("term", "cannot have the body")
def lambda_with_two_bodies(k):
    return k.Term("lam", None, (k.REAL, k.REAL), (k.y, k.z))


@attack("term", "cannot have the body")
def lambda_with_a_body_of_another_type(k):
    return k.Term("lam", None, ("sample", k.BOOL), (k.y,))


@attack("term", "does not take")
def for_all_samples_a_number(k):
    return k.assume(k.forall(k.i, k.y))


@attack("term", "lacks arguments")
def lambda_of_a_bare_function(k):
    return k.lam(k.y, k.F)


@attack("term", "is not of type")
def lambda_over_another_type_than_its_index(k):
    return k.Term("lam", None, ("sample", k.REAL), (k.Term("bound", 0, k.REAL),))


@attack("term", "has type")
def number_of_samples_as_a_sample(k):
    return k.Term("num", Fraction(1), "sample")


@attack("term", "no constant")
def constant_of_nobody(k):
    return k.assume(k.Term("const", "true", k.BOOL))


@attack("term", "no constant")
def constant_of_another_type(k):
    return k.Term("const", "false", k.REAL)


@attack("term", "no constant")
def equality_of_formulas(k):
    return k.assume(k.eq(k.p, k.q))


@attack("term", "no constant")
def equality_of_functions(k):
    return k.assume(k.eq(k.eta(k.F), k.eta(k.G)))


@attack("term", "no constant")
def equality_that_is_a_number(k):
    return k.Term("const", "eq", k.fun(k.REAL, k.REAL, k.REAL))


@attack("term", "no constant")
def quantifier_that_is_a_number(k):
    return k.Term("const", "all", ((k.REAL, k.BOOL), k.REAL))


@attack("term", "no constant")
def quantifier_over_numbers(k):
    return k.Term("const", "ex", ((k.REAL, k.REAL), k.BOOL))


@attack("term", "no constant")
def sum_over_the_real_numbers(k):
    return k.assume(k.eq(k.sum(k.s, k.s), 0))


@attack("term", "no constant")
def sum_over_the_natural_numbers(k):
    return k.sum(k.n, k.POW(k.s, k.n))


@attack("term", "no constant")
def sum_over_parameter_space(k):
    return k.sum(k.var("theta", k.THETA), k.one)


@attack("term", "no constant")
def sum_of_formulas(k):
    return k.Term("const", "sum", (("sample", k.BOOL), k.REAL))


@attack("term", "no constant")
def gradient_over_the_real_numbers(k):
    v = (k.REAL, k.REAL)
    return k.Term("const", "fderiv", k.fun((v, k.REAL), v, v, k.BOOL))


@attack("term", "no constant")
def gradient_of_another_vector(k):
    v, w = ("output", k.REAL), ("input", k.REAL)
    return k.Term("const", "fderiv", k.fun((v, k.REAL), v, w, k.BOOL))


@attack("term", "cannot be called")
def variable_without_a_name(k):
    return k.var("", k.REAL)


@attack("term", "cannot be called")
def variable_that_prints_as_a_formula(k):
    """The statement would read "a) and not (a"."""
    return k.assume(k.LT(k.zero, k.var("a) and not (a", k.REAL)))


@attack("term", "is negative")
def index_below_zero(k):
    return k.Term("bound", -1, k.REAL)


@attack("term", "does not take")
def argument_of_another_sort(k):
    return k.C(k.o)


@attack("term", "does not take")
def argument_too_many(k):
    return k.C(k.i, k.i)


@attack("term", "does not take")
def argument_of_a_number(k):
    return k.Term("num", Fraction(1), k.REAL, (k.one,))


@attack("term", "lacks arguments")
def argument_that_is_a_bare_function(k):
    """Two forms of one term would have two normal forms."""
    return k.Term("var", "l", k.l.type, (k.i, k.A))


@attack("term", "does not take")
def function_applied_to_another_type(k):
    return k.beta(k.lam(k.y, k.y + 1), (k.i,))


@attack("term", "not a variable")
def function_of_a_number(k):
    return k.lam(k.one, k.y)


@attack("term", "not a variable")
def function_of_a_value(k):
    return k.lam(k.C(k.i), k.y)


@attack("term", "not a term")
def function_applied_to_a_number_of_python(k):
    return k.EXP(1)


@attack("term", "not an int, a Fraction")
def float_as_a_number(k):
    return k.real(0.5)


@attack("term", "not an int, a Fraction")
def boolean_as_a_number(k):
    return k.real(True)


@attack("term", "not an int, a Fraction")
def number_of_a_class_of_its_own(k):
    return k.real(type("I", (int,), {})(1))


@attack("term", "there is no constant")
def equality_between_two_sorts(k):
    return k.assume(k.Term("const", "eq", k.fun("sample", "output", k.BOOL), (k.i, k.o)))
