"""Wrong uses of the kernel, each named for its idea, with the rule and the reason by which it must be refused.

An attack takes a kernel (`loading.world`) and returns what it got through, a theorem or a term, unless it is refused.
Many of them end in a false theorem: with the guard that stops them taken away, 0 = 1 follows.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple


class Attack(NamedTuple):
    """What to try, and the refusal to expect."""

    name: str
    rule: str
    phrase: str
    run: Callable[[Any], Any]


ATTACKS: list[Attack] = []


def attack(rule: str, phrase: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def register(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        ATTACKS.append(Attack(run.__name__, rule, phrase, run))
        return run

    return register


class Chameleon:
    """Looks like a term or a theorem, and is equal to whatever it is told to be equal to."""

    def __init__(self, twin: object, **attributes: object) -> None:
        self.twin = twin
        self.__dict__ |= attributes

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.twin)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["twin"], name)

    def __call__(self, *args: Any) -> Any:
        return self.twin(*args)  # type: ignore[operator]


# -- terms: what is not well formed cannot be made ----------------------------------------------------------------------
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


# -- the normal form: what is not equal has two of them -----------------------------------------------------------------
@attack("term", "not a term")
def cache_poisoned_by_a_look_alike(k):
    """The normal form of the look-alike would be remembered as that of 0 < y, which was assumed nowhere."""
    p, true = k.LT(k.zero, k.y), k.LT(k.zero, k.one)
    k.norm(Chameleon(p, kind="const", name="lt", type=true.type, args=true.args, sort=k.BOOL))
    return k.convert(k.linear(true), p)


@attack("algebra", "more than 6 sums")
def seven_sums_in_one_product(k):
    sorts = ("sample", "sample", "input", "output", "degree", "param", "pert")
    vs = [k.var(f"v{n}", sort) for n, sort in enumerate(sorts)]
    body = k.one
    for v in vs:
        body = body * k.var("f", (v.type, k.REAL))(v)
    for v in vs:
        body = k.sum(v, body)
    return k.norm(body)


@attack("linear", "left over")
def bracket_not_bound(k):
    """sum_k [k = j] C_k = C_i."""
    m = k.var("k", "sample")
    return k.linear(k.eq(k.sum(m, k.IND(k.eq(m, k.j)) * k.C(m)), k.C(k.i)))


@attack("linear", "left over")
def bracket_of_two_samples_is_one(k):
    return k.linear(k.eq(k.IND(k.eq(k.i, k.j)), 1))


@attack("linear", "left over")
def bracket_of_free_samples_used_up(k):
    """[i = j] C_i = C_j."""
    return k.linear(k.eq(k.IND(k.eq(k.i, k.j)) * k.C(k.i), k.C(k.j)))


@attack("linear", "left over")
def exactly_one_fixed_point(k):
    """sum_i [i = sigma(i)] = 1: contraction without the occurs-check."""
    return k.linear(k.eq(k.sum(k.i, k.IND(k.eq(k.i, k.sigma(k.i)))), 1))


@attack("linear", "left over")
def bracket_squared_elsewhere(k):
    """(sum_i C_i [p])^2 = sum_i C_i [p]."""
    t = k.sum(k.i, k.C(k.i) * k.IND(k.p))
    return k.linear(k.eq(t * t, t))


@attack("linear", "left over")
def factor_squared_is_the_factor(k):
    return k.linear(k.eq(k.y * k.y, k.y))


@attack("linear", "left over")
def product_of_sums_is_sum_of_products(k):
    c, d = k.C(k.i), k.D(k.i)
    return k.linear(k.eq(k.sum(k.i, c * d), k.sum(k.i, c) * k.sum(k.i, d)))


@attack("linear", "left over")
def sum_squared_is_sum_of_squares(k):
    return k.linear(k.eq(k.sum(k.i, k.C(k.i)) * k.sum(k.i, k.C(k.i)), k.sum(k.i, k.C(k.i) * k.C(k.i))))


@attack("linear", "left over")
def two_indices_of_one_sum_swapped(k):
    """sum_ij M_ij C_i = sum_ij M_ij C_j."""
    a, b = (k.sum(k.i, k.sum(k.j, k.M(k.i, k.j) * k.C(v))) for v in (k.i, k.j))
    return k.linear(k.eq(a, b))


@attack("linear", "left over")
def diagonal_for_the_whole(k):
    return k.linear(k.eq(k.sum(k.i, k.sum(k.j, k.M(k.i, k.j))), k.sum(k.i, k.M(k.i, k.i))))


@attack("linear", "left over")
def exp_of_a_sum_is_a_sum(k):
    return k.linear(k.eq(k.EXP(k.s + k.y), k.EXP(k.s) + k.EXP(k.y)))


@attack("linear", "left over")
def exp_of_a_product_is_a_product(k):
    return k.linear(k.eq(k.EXP(k.s * k.y), k.EXP(k.s) * k.EXP(k.y)))


@attack("linear", "constant is -1")
def power_of_zero_is_zero(k):
    return k.linear(k.eq(k.POW(k.s, k.ZERO), 0))


@attack("linear", "left over")
def power_of_one_more(k):
    return k.linear(k.eq(k.POW(k.s, k.SUC(k.n)), k.POW(k.s, k.n)))


@attack("linear", "left over")
def there_is_one_sample(k):
    return k.linear(k.eq(k.sum(k.i, k.one), 1))


@attack("linear", "left over")
def as_many_outputs_as_samples(k):
    return k.linear(k.eq(k.sum(k.i, k.one), k.sum(k.o, k.one)))


@attack("linear", "left over")
def reciprocal_without_a_proof(k):
    return k.linear(k.eq(k.y * k.INV(k.y), 1))


@attack("linear", "left over")
def variables_of_one_name_and_two_sorts(k):
    a, b = k.var("a", "sample"), k.var("a", "output")
    return k.linear(k.eq(k.var("f", ("sample", k.REAL))(a), k.var("f", ("output", k.REAL))(b)))


@attack("convert", "not another form")
def weak_into_strict(k):
    return k.convert(k.th(k.LE(k.zero, k.s)), k.LT(k.zero, k.s))


@attack("convert", "not another form")
def inequality_turned_round(k):
    return k.convert(k.th(k.LE(k.zero, k.s)), k.LE(k.s, k.zero))


@attack("convert", "not another form")
def inequality_scaled_by_minus_one(k):
    return k.convert(k.th(k.LT(k.s, k.y)), k.LT(-k.s, -k.y))


@attack("convert", "not another form")
def equality_into_inequality(k):
    return k.convert(k.th(k.LE(k.s, k.y)), k.eq(k.s, k.y))


@attack("convert", "not another form")
def quantifiers_exchanged(k):
    """For all y there is s, and there is s for all y."""
    p = k.LT(k.y, k.s)
    return k.convert(k.th(k.forall(k.y, k.exists(k.s, p))), k.exists(k.s, k.forall(k.y, p)))


@attack("convert", "not another form")
def implication_turned_round(k):
    return k.convert(k.th(k.IMP(k.p, k.q)), k.IMP(k.q, k.p))


@attack("convert", "not another form")
def bound_variable_captured(k):
    """There is s with s = y + 1; then put s for y without renaming."""
    return k.convert(k.th(k.exists(k.s, k.eq(k.s, k.s + 1))), k.subst(k.exists(k.s, k.eq(k.s, k.y + 1)), k.y, k.s))


@attack("convert", "not another form")
def free_variable_renamed(k):
    return k.convert(k.th(k.LT(k.zero, k.s)), k.LT(k.zero, k.y))


# -- theorems cannot be forged ------------------------------------------------------------------------------------------
@attack("theorem", "only a rule makes a theorem")
def theorem_by_its_constructor(k):
    return k.Theorem(object(), hyps=frozenset(), concl=k.FALSE, rests_on=frozenset(), rule="", inputs=(), premises=())


@attack("theorem", "only a rule makes a theorem")
def theorem_by_no_argument(k):
    return k.Theorem()


@attack("theorem", "no subclasses")
def theorem_of_a_subclass(k):
    return type("T", (k.Theorem,), {})


@attack("theorem", "theorems do not change")
def theorem_changed(k):
    th = k.reflexive(k.y)
    th.concl = k.FALSE
    return th


@attack("theorem", "theorems do not change")
def theorem_stripped_of_its_hypotheses(k):
    th = k.assume(k.p)
    del th.hyps
    return th


@attack("theorem", "only a rule makes a theorem")
def theorem_copied(k):
    return copy.copy(k.reflexive(k.y))


@attack("theorem", "only a rule makes a theorem")
def theorem_copied_deeply(k):
    return copy.deepcopy([k.reflexive(k.y)])


@attack("absurd", "not a theorem of this kernel")
def theorem_that_is_a_look_alike(k):
    return k.absurd(Chameleon(k.true, concl=k.FALSE, hyps=frozenset()), k.p)


@attack("both", "not a theorem of this kernel")
def second_theorem_that_is_a_look_alike(k):
    return k.both(k.true, Chameleon(k.true, concl=k.FALSE, hyps=frozenset()))


@attack("left", "not a theorem of this kernel")
def theorem_made_without_its_constructor(k):
    fake = object.__new__(k.Theorem)
    for slot, value in {"hyps": frozenset(), "concl": k.AND(k.p, k.q), "rests_on": frozenset()}.items():
        object.__setattr__(fake, slot, value)
    return k.left(fake)


@attack("mp", "not a theorem of this kernel")
def theorem_of_another_kernel(k):
    import pgb.kernel

    th = pgb.kernel.assume(pgb.kernel.var("p", "bool"))
    return k.mp(k.th(k.IMP(k.p, k.q)), Chameleon(th, concl=k.p))


@attack("linear", "not a theorem of this kernel")
def premises_that_change_between_two_readings(k):
    """First 0 = 1, for the check; then a theorem, for the record."""
    fake = Chameleon(k.true, concl=k.eq(0, 1), hyps=frozenset())

    class Pairs:
        times = 0

        def __iter__(self):
            self.times += 1
            return iter([(1, fake if self.times == 1 else k.true)])

    return k.linear(k.eq(0, 1), Pairs())


@attack("linear", "not a theorem of this kernel")
def pair_that_changes_between_two_readings(k):
    fake = Chameleon(k.true, concl=k.LE(k.one, k.zero), hyps=frozenset())

    class Pair:
        times = 0

        def __iter__(self):
            self.times += 1
            return iter((1, fake if self.times == 1 else k.true))

    return k.linear(k.LE(k.one, k.zero), [], [Pair()])


# -- every rule: inputs -------------------------------------------------------------------------------------------------
@attack("assume", "needs a term of type 'bool'")
def assume_a_number(k):
    return k.assume(k.y)


@attack("assume", "not a term")
def assume_a_string(k):
    return k.assume("0 = 1")


@attack("assume", "points outside")
def assume_an_open_formula(k):
    return k.assume(k.LT(k.zero, k.Term("bound", 0, k.REAL)))


@attack("assume", "variable of the kernel's own")
def assume_about_a_local(k):
    return k.assume(k.LT(k.zero, k.Term("local", 0, k.REAL)))


@attack("assume", "needs a term of type 'bool'")
def assume_a_predicate(k):
    return k.assume(k.var("P", (k.REAL, k.BOOL)))


@attack("term", "does not take")
def discharge_a_number(k):
    return k.discharge(k.y, k.true)


@attack("mp", "needs the premise")
def modus_ponens_with_another_premise(k):
    return k.mp(k.th(k.IMP(k.p, k.q)), k.th(k.r))


@attack("mp", "needs imp(...)")
def modus_ponens_with_a_conjunction(k):
    return k.mp(k.th(k.AND(k.p, k.q)), k.th(k.p))


@attack("left", "needs and(...)")
def left_of_an_implication(k):
    return k.left(k.th(k.IMP(k.p, k.q)))


@attack("right", "needs and(...)")
def right_of_an_implication(k):
    return k.right(k.th(k.IMP(k.p, k.q)))


@attack("cases", "the conclusions differ")
def cases_with_two_conclusions(k):
    return k.cases(k.p, k.th(k.p), k.th(k.neg(k.p)))


@attack("cases", "needs a term of type 'bool'")
def cases_of_a_number(k):
    return k.cases(k.y, k.true, k.true)


@attack("cases", "variable of the kernel's own")
def cases_of_a_local_formula(k):
    return k.cases(k.LT(k.zero, k.local(0, k.REAL)), k.true, k.true)


@attack("cases", "not a term")
def cases_of_a_look_alike(k):
    """Removes the hypothesis that it claims to equal."""
    return k.cases(Chameleon(k.p), k.th(k.p), k.true)


@attack("absurd", "needs false(...)")
def absurd_without_falsity(k):
    return k.absurd(k.th(k.p), k.q)


@attack("absurd", "needs a term of type 'bool'")
def absurd_number(k):
    return k.absurd(k.th(k.FALSE), k.y)


@attack("generalise", "free in a hypothesis")
def generalise_over_a_hypothesis(k):
    return k.generalise(k.s, k.th(k.LT(k.zero, k.s)))


@attack("generalise", "free in a hypothesis")
def generalise_over_one_of_two_hypotheses(k):
    return k.generalise(k.s, k.both(k.th(k.p), k.th(k.LT(k.zero, k.s))))


@attack("generalise", "is not a variable")
def generalise_over_a_number(k):
    return k.generalise(k.one, k.true)


@attack("generalise", "is not a variable")
def generalise_over_a_value(k):
    return k.generalise(k.C(k.i), k.true)


@attack("generalise", "is not a variable")
def generalise_over_a_local(k):
    return k.generalise(k.local(0, k.REAL), k.true)


@attack("generalise", "is not a variable")
def generalise_over_a_look_alike(k):
    """Not free in the hypothesis 0 < s, as its name hashes otherwise; but equal to s in the conclusion."""
    name = type("Name", (str,), {"__eq__": lambda a, b: True, "__hash__": lambda a: 0})("s")
    return k.generalise(Chameleon(k.s, name=name), k.th(k.LT(k.zero, k.s)))


@attack("term", "does not take")
def specialise_to_another_sort(k):
    return k.specialise(k.th(k.forall(k.i, k.eq(k.C(k.i), 0))), k.o)


@attack("term", "does not take")
def specialise_idle_quantifier_to_another_sort(k):
    return k.specialise(k.th(k.forall(k.i, k.p)), k.o)


@attack("term", "not a term")
def specialise_idle_quantifier_to_a_look_alike(k):
    return k.specialise(k.th(k.forall(k.i, k.p)), Chameleon(k.i))


@attack("specialise", "needs all(...)")
def specialise_an_existence(k):
    return k.specialise(k.th(k.exists(k.s, k.LT(k.zero, k.s))), k.y)


@attack("specialise", "needs all(...)")
def specialise_once_too_often(k):
    return k.specialise(k.th(k.forall(k.s, k.LT(k.zero, k.s))), k.y, k.y)


@attack("specialise", "variable of the kernel's own")
def specialise_to_a_local(k):
    return k.specialise(k.th(k.forall(k.s, k.LT(k.zero, k.s))), k.local(0, k.REAL))


@attack("witness", "needs the premise")
def witness_of_another_instance(k):
    return k.witness(k.exists(k.s, k.LT(k.zero, k.s)), k.y, k.th(k.LT(k.zero, k.z)))


@attack("witness", "needs ex(...)")
def witness_of_everything(k):
    return k.witness(k.forall(k.s, k.LT(k.zero, k.s)), k.y, k.th(k.LT(k.zero, k.y)))


@attack("witness", "needs ex(...)")
def witness_of_a_number_of_python(k):
    return k.witness(3, k.y, k.true)


@attack("witness", "needs a term of type 'real'")
def witness_of_another_sort(k):
    return k.witness(k.exists(k.s, k.truth), k.i, k.true)


@attack("witness", "variable of the kernel's own")
def witness_that_is_captured(k):
    """For all s, s = s; so there is y with, for all s, s = y."""
    goal = k.exists(k.y, k.forall(k.s, k.eq(k.s, k.y)))
    return k.witness(goal, k.local(0, k.REAL), k.generalise(k.s, k.reflexive(k.s)))


@attack("choose", "is free in")
def choose_escapes_into_the_conclusion(k):
    p = k.LT(k.zero, k.s)
    return k.choose(k.th(k.exists(k.s, p)), k.s, k.th(p))


@attack("choose", "is free in")
def choose_what_another_hypothesis_speaks_of(k):
    """There is s > 0, and s < 0: false."""
    both = k.linear(k.FALSE, [], [(1, k.th(k.LT(k.zero, k.s))), (1, k.th(k.LT(k.s, k.zero)))])
    return k.choose(k.th(k.exists(k.s, k.LT(k.zero, k.s))), k.s, both)


@attack("choose", "is free in")
def choose_what_the_existence_speaks_of(k):
    """There is s < y; let it be y: then y < y."""
    bad = k.linear(k.FALSE, [], [(1, k.th(k.LT(k.y, k.y)))])
    return k.choose(k.th(k.exists(k.s, k.LT(k.s, k.y))), k.y, bad)


@attack("choose", "is not a variable")
def choose_a_value(k):
    return k.choose(k.th(k.exists(k.s, k.truth)), k.C(k.i), k.true)


@attack("choose", "is not a variable")
def choose_a_number(k):
    """There is s > 0; let it be 0: then 0 < 0."""
    bad = k.linear(k.FALSE, [], [(1, k.th(k.LT(k.zero, k.zero)))])
    return k.choose(k.th(k.exists(k.s, k.LT(k.zero, k.s))), k.zero, bad)


@attack("choose", "is not a variable")
def choose_a_look_alike(k):
    """There is a true formula; a look-alike of any hypothesis removes it."""
    v, any_ = k.var("v", k.BOOL), k.witness(k.exists(k.p, k.p), k.truth, k.true)
    return k.choose(any_, Chameleon(k.q, kind="var", name=v.name, type=k.BOOL, sort=k.BOOL, args=()), k.th(k.q))


@attack("term", "does not take")
def choose_in_another_sort(k):
    return k.choose(k.th(k.exists(k.s, k.truth)), k.i, k.true)


@attack("choose", "needs ex(...)")
def choose_from_everything(k):
    """All s < y are chosen from, as if one were there."""
    p = k.LT(k.s, k.y)
    return k.choose(k.th(k.forall(k.s, p)), k.s, k.discharge(k.q, k.true))


@attack("convert", "variable of the kernel's own")
def convert_to_a_captured_formula(k):
    """It has the normal form of the premise, for all s, s = s, and says that there is one number."""
    p = k.forall(k.s, k.eq(k.s, k.local(0, k.REAL)))
    return k.convert(k.generalise(k.s, k.reflexive(k.s)), p)


@attack("leibniz", "needs the premise")
def leibniz_into_another_statement(k):
    return k.leibniz(k.lam(k.y, k.LT(k.zero, k.y)), k.th(k.eq(k.s, k.z)), k.th(k.LT(k.zero, k.t)))


@attack("leibniz", "needs the premise")
def leibniz_backwards(k):
    return k.leibniz(k.lam(k.y, k.LT(k.zero, k.y)), k.th(k.eq(k.s, k.z)), k.th(k.LT(k.zero, k.z)))


@attack("leibniz", "needs eq(...)")
def leibniz_with_an_inequality(k):
    return k.leibniz(k.lam(k.y, k.LT(k.zero, k.y)), k.th(k.LE(k.s, k.z)), k.th(k.LT(k.zero, k.s)))


@attack("leibniz", "needs all(...)")
def leibniz_at_one_index(k):
    """C_i = 0 for one i, so sum C = 0."""
    v = k.var("v", ("sample", k.REAL))
    context = k.lam(v, k.eq(k.sum(k.j, v(k.j)), k.sum(k.j, k.C(k.j))))
    return k.leibniz(context, k.th(k.eq(k.C(k.i), 0)), k.reflexive(k.sum(k.j, k.C(k.j))))


@attack("leibniz", "needs all(...)")
def leibniz_with_one_index_for_which_they_agree(k):
    v = k.var("v", ("sample", k.REAL))
    context = k.lam(v, k.eq(k.sum(k.j, v(k.j)), k.sum(k.j, k.C(k.j))))
    return k.leibniz(context, k.th(k.exists(k.i, k.eq(k.C(k.i), 0))), k.reflexive(k.sum(k.j, k.C(k.j))))


@attack("leibniz", "quantified over")
def leibniz_over_another_sort(k):
    v = k.var("v", ("sample", k.REAL))
    context = k.lam(v, k.eq(k.sum(k.j, v(k.j)), k.sum(k.j, k.y)))
    return k.leibniz(context, k.th(k.forall(k.o, k.eq(k.y, k.z))), k.reflexive(k.sum(k.j, k.y)))


@attack("term", "does not take")
def leibniz_between_indices(k):
    return k.leibniz(k.lam(k.y, k.truth), k.th(k.eq(k.i, k.j)), k.true)


@attack("leibniz", "needs the premise")
def leibniz_in_a_number(k):
    return k.leibniz(k.lam(k.y, k.y), k.th(k.eq(k.s, k.z)), k.true)


@attack("term", "does not take")
def leibniz_in_a_formula(k):
    return k.leibniz(k.truth, k.th(k.eq(k.s, k.z)), k.true)


@attack("term", "variable of the kernel's own")
def leibniz_in_a_context_that_is_captured(k):
    """[for all s, s = u] is 0 for every u, but at a captured u it would be 1: then 1 = 0."""
    f, u = k.var("f", (k.REAL, k.REAL)), k.var("u", k.REAL)
    context = k.lam(f, k.eq(f(k.local(0, k.REAL)), 1))
    bracket = k.IND(k.forall(k.s, k.eq(k.s, u)))
    one_point = k.assume(k.forall(k.s, k.eq(k.s, u)))
    bad = k.linear(k.FALSE, [(1, k.specialise(one_point, u + 1)), (-1, k.specialise(one_point, u))])
    equal = k.generalise(u, k.indicator(k.discharge(one_point.concl, bad), true=False))
    if not k.same(k.beta(equal.concl.args[0], (u,)), k.eq(bracket, 0)):
        return None
    return k.leibniz(context, equal, k.indicator(k.generalise(k.s, k.reflexive(k.s)), true=True))


@attack("term", "not a term")
def leibniz_in_a_look_alike(k):
    return k.leibniz(Chameleon(k.lam(k.y, k.truth)), k.reflexive(k.y), k.true)


@attack("induction", "needs the base")
def induction_without_base(k):
    step = k.generalise(k.n, k.discharge(k.FALSE, k.th(k.FALSE)))
    return k.induction(k.lam(k.n, k.FALSE), k.true, step)


@attack("induction", "needs the step")
def induction_without_step(k):
    p = k.eq(k.POW(k.s, k.n), 1)
    return k.induction(k.lam(k.n, p), k.linear(k.eq(k.POW(k.s, k.ZERO), 1)), k.th(k.forall(k.n, p)))


@attack("induction", "needs the step")
def induction_with_a_step_at_one_number(k):
    def power(e):
        return k.eq(k.POW(k.s, e), 1)

    step = k.th(k.IMP(power(k.n), power(k.SUC(k.n))))
    return k.induction(k.lam(k.n, power(k.n)), k.linear(power(k.ZERO)), step)


@attack("term", "does not take")
def induction_over_the_samples(k):
    return k.induction(k.lam(k.i, k.truth), k.true, k.true)


@attack("term", "does not take")
def induction_on_a_number(k):
    return k.induction(k.lam(k.n, k.POW(k.s, k.n)), k.true, k.true)


@attack("term", "variable of the kernel's own")
def induction_on_a_captured_predicate(k):
    """For all m, m = m: so, with one of the two captured, for all n and m, m = n."""
    p = k.forall(k.m, k.eq(k.m, k.local(0, k.NAT)))
    base = k.generalise(k.m, k.reflexive(k.m))
    claim = k.forall(k.m, k.eq(k.m, k.n))
    step = k.generalise(k.n, k.discharge(claim, k.assume(claim)))
    return k.induction(k.lam(k.n, p), base, step)


# -- order and algebra --------------------------------------------------------------------------------------------------
@attack("linear", "is negative")
def linear_with_a_negative_coefficient(k):
    return k.linear(k.LE(k.s, k.zero), [], [(-1, k.th(k.LE(k.zero, k.s)))])


@attack("linear", "not an int or a Fraction")
def linear_with_a_term_on_an_inequality(k):
    return k.linear(k.LE(k.zero, k.s * k.y), [], [(k.s, k.th(k.LE(k.zero, k.y)))])


@attack("linear", "not an int or a Fraction")
def linear_with_a_boolean(k):
    return k.linear(k.LE(k.zero, k.s), [], [(True, k.th(k.LE(k.zero, k.s)))])


@attack("linear", "not an int or a Fraction")
def linear_with_a_float(k):
    return k.linear(k.LE(k.zero, k.s), [], [(1.0, k.th(k.LE(k.zero, k.s)))])


@attack("linear", "not an int or a Fraction")
def linear_with_a_fraction_of_its_own(k):
    """Not below 0, and minus one."""
    q = type("Q", (Fraction,), {"__lt__": lambda a, b: False})(-1)
    return k.linear(k.LE(k.s, k.zero), [], [(q, k.th(k.LE(k.zero, k.s)))])


@attack("linear", "needs a term of type 'real'")
def linear_with_an_index_on_an_equality(k):
    return k.linear(k.eq(0, 0), [(k.i, k.th(k.eq(k.s, k.y)))])


@attack("linear", "variable of the kernel's own")
def linear_with_a_captured_coefficient(k):
    """From sum D = y and y = 0 follows sum C D = 0, with C at a captured index."""
    c = k.C(k.local(0, "sample"))
    eqs = [(c, k.th(k.eq(k.sum(k.i, k.D(k.i)), k.y))), (c, k.th(k.eq(k.y, 0)))]
    return k.linear(k.eq(k.sum(k.i, k.C(k.i) * k.D(k.i)), 0), eqs)


@attack("linear", "points outside")
def linear_with_an_open_coefficient(k):
    return k.linear(k.eq(0, 0), [(k.Term("bound", 0, k.REAL), k.reflexive(k.y))])


@attack("linear", "constant is 0")
def linear_equality_from_an_inequality(k):
    return k.linear(k.eq(k.s, 0), [], [(1, k.th(k.LE(k.s, k.zero)))])


@attack("linear", "constant is 1")
def linear_equality_with_a_constant_left(k):
    return k.linear(k.eq(0, 1))


@attack("linear", "constant is -1")
def linear_equality_with_a_negative_constant_left(k):
    return k.linear(k.eq(1, 0))


@attack("linear", "constant is 0")
def linear_strict_from_weak(k):
    return k.linear(k.LT(k.zero, k.s), [], [(1, k.th(k.LE(k.zero, k.s)))])


@attack("linear", "constant is -1")
def linear_weak_with_the_wrong_constant(k):
    return k.linear(k.LE(k.one, k.zero))


@attack("linear", "constant is 0")
def linear_strict_from_none_of_a_strict(k):
    return k.linear(k.LT(k.zero, k.zero), [], [(0, k.th(k.LT(k.zero, k.s)))])


@attack("linear", "constant is -1")
def linear_strict_with_a_negative_constant(k):
    return k.linear(k.LT(k.one, k.s - k.s), [], [(1, k.th(k.LT(k.y, k.y)))])


@attack("linear", "constant is 0")
def linear_false_from_nothing(k):
    return k.linear(k.FALSE)


@attack("linear", "constant is 0")
def linear_false_from_a_weak_inequality(k):
    return k.linear(k.FALSE, [], [(1, k.th(k.LE(k.y, k.y)))])


@attack("linear", "left over")
def linear_false_from_an_inequality_about_s(k):
    return k.linear(k.FALSE, [], [(1, k.th(k.LT(k.zero, k.s)))])


@attack("linear", "needs eq or le or lt")
def linear_goal_that_is_a_conjunction(k):
    p = k.LT(k.zero, k.zero)
    return k.linear(k.AND(p, p), [], [(1, k.th(k.LT(k.y, k.y)))])


@attack("linear", "needs eq")
def linear_inequality_as_an_equality(k):
    return k.linear(k.eq(k.s, 0), [(1, k.th(k.LE(k.s, k.zero)))])


@attack("linear", "needs le or lt")
def linear_equality_among_inequalities(k):
    return k.linear(k.LE(k.s, k.zero), [], [(1, k.th(k.eq(k.s, 0)))])


@attack("term", "does not take")
def linear_with_an_equality_of_indices(k):
    return k.linear(k.eq(k.s, 0), [(k.s, k.th(k.eq(k.i, k.j)))])


@attack("term", "does not take")
def linear_goal_about_indices(k):
    return k.linear(k.eq(k.i, k.j))


@attack("linear", "left over")
def convexity_the_wrong_way(k):
    """From f(y) + d (z - y) <= f(z) infer f(z) + d (z - y) <= f(y)."""
    fy, fz, d = k.F(k.y), k.F(k.z), k.F(k.s)
    first_order = k.th(k.LE(fy + d * (k.z - k.y), fz))
    return k.linear(k.LE(fz + d * (k.z - k.y), fy), [], [(1, first_order)])


@attack("reflexive", "points outside")
def reflexive_open_term(k):
    return k.reflexive(k.Term("bound", 0, k.REAL))


@attack("term", "not an int, a Fraction")
def reflexive_float(k):
    return k.reflexive(0.5)


@attack("square", "variable of the kernel's own")
def square_of_a_local(k):
    return k.square(k.local(0, k.REAL))


@attack("term", "does not take")
def square_of_an_index(k):
    return k.square(k.i)


@attack("multiply", "needs le or lt")
def multiply_an_equality(k):
    return k.multiply(k.th(k.eq(k.s, 0)), k.th(k.LE(k.zero, k.s)))


@attack("multiply", "needs le or lt")
def multiply_by_an_equality(k):
    return k.multiply(k.th(k.LE(k.zero, k.s)), k.th(k.eq(k.s, 0)))


@attack("convert", "not another form")
def multiply_weak_by_strict(k):
    return k.convert(k.multiply(k.th(k.LE(k.zero, k.s)), k.th(k.LT(k.zero, k.y))), k.LT(k.zero, k.s * k.y))


@attack("convert", "not another form")
def multiply_strict_by_weak(k):
    return k.convert(k.multiply(k.th(k.LT(k.zero, k.s)), k.th(k.LE(k.zero, k.y))), k.LT(k.zero, k.s * k.y))


@attack("not_le", "needs le(...)")
def not_le_of_a_strict_inequality(k):
    """not (a < b) gives b <= a only."""
    return k.not_le(k.th(k.neg(k.LT(k.s, k.y))))


@attack("not_le", "needs imp(...)")
def not_le_of_a_conjunction(k):
    return k.not_le(k.th(k.AND(k.LE(k.s, k.y), k.FALSE)))


@attack("not_le", "needs false(...)")
def not_le_of_an_implication(k):
    return k.not_le(k.th(k.IMP(k.LE(k.s, k.y), k.p)))


@attack("antisymmetry", "needs the converse")
def antisymmetry_of_one_inequality(k):
    return k.antisymmetry(k.th(k.LE(k.zero, k.s)), k.th(k.LE(k.zero, k.s)))


@attack("antisymmetry", "needs le(...)")
def antisymmetry_of_equalities(k):
    return k.antisymmetry(k.th(k.LT(k.zero, k.s)), k.th(k.LE(k.s, k.zero)))


@attack("sum_le", "needs all(...)")
def sum_of_one_inequality(k):
    """There is i with C_i <= D_i."""
    return k.sum_le(k.th(k.exists(k.i, k.LE(k.C(k.i), k.D(k.i)))))


@attack("sum_le", "needs le(...)")
def sum_of_equalities(k):
    return k.sum_le(k.th(k.forall(k.i, k.eq(k.C(k.i), k.D(k.i)))))


@attack("term", "no constant")
def sum_of_inequalities_over_the_real_numbers(k):
    return k.sum_le(k.th(k.forall(k.s, k.LE(k.s, k.s))))


@attack("inverse", "needs not (t = 0)")
def inverse_of_another_number(k):
    return k.inverse(k.th(k.neg(k.eq(k.s, 1))))


@attack("inverse", "needs not (t = 0)")
def inverse_of_zero(k):
    return k.inverse(k.th(k.neg(k.eq(0, 1))))


@attack("inverse", "needs imp(...)")
def inverse_of_what_is_zero(k):
    return k.inverse(k.th(k.eq(k.s, 0)))


@attack("inverse", "needs eq(...)")
def inverse_of_what_is_not_small(k):
    return k.inverse(k.th(k.neg(k.LE(k.s, k.zero))))


@attack("inverse", "needs false(...)")
def inverse_if(k):
    return k.inverse(k.th(k.IMP(k.eq(k.s, 0), k.p)))


@attack("indicator", "needs imp(...)")
def bracket_zero_of_a_true_formula(k):
    return k.indicator(k.th(k.LT(k.zero, k.s)), true=False)


@attack("indicator", "needs false(...)")
def bracket_zero_of_an_implication(k):
    return k.indicator(k.th(k.IMP(k.LT(k.zero, k.s), k.p)), true=False)


# -- calculus -----------------------------------------------------------------------------------------------------------
@attack("exp_positive", "points outside")
def exp_of_an_open_term(k):
    return k.exp_positive(k.Term("bound", 0, k.REAL))


@attack("exp_increasing", "needs lt(...)")
def exp_increasing_from_weak(k):
    return k.exp_increasing(k.th(k.LE(k.s, k.y)))


@attack("d_const", "variable of the kernel's own")
def constant_that_moves(k):
    """(s -> s) has derivative 0."""
    return k.d_const(k.local(0, k.REAL), k.zero)


@attack("d_const", "points outside")
def constant_that_is_open(k):
    return k.d_const(k.Term("bound", 0, k.REAL), k.zero)


@attack("d_const", "needs a term of type 'real'")
def constant_that_is_an_index(k):
    return k.d_const(k.i, k.zero)


@attack("d_const", "variable of the kernel's own")
def constant_at_a_local_point(k):
    return k.d_const(k.one, k.local(0, k.REAL))


@attack("d_id", "variable of the kernel's own")
def identity_at_a_local_point(k):
    return k.d_id(k.local(1, k.REAL))


@attack("d_add", "derivatives at two points")
def sum_of_derivatives_at_two_points(k):
    return k.d_add(k.d_id(k.zero), k.d_id(k.one))


@attack("d_mul", "derivatives at two points")
def product_of_derivatives_at_two_points(k):
    return k.d_mul(k.d_id(k.zero), k.d_id(k.one))


@attack("d_add", "needs hasd(...)")
def sum_with_no_derivative(k):
    vector = ("output", k.REAL)
    g = k.th(k.fderiv(k.eta(k.var("g", (vector, k.REAL))), k.eta(k.A), k.eta(k.A)))
    return k.d_add(g, g)


@attack("d_mul", "needs hasd(...)")
def product_with_no_derivative(k):
    return k.d_mul(k.d_id(k.zero), k.th(k.LT(k.zero, k.one)))


@attack("d_exp", "needs hasd(...)")
def exp_of_no_derivative(k):
    return k.d_exp(k.true)


@attack("d_sum", "not a finite sort")
def sum_of_derivatives_over_the_real_numbers(k):
    return k.d_sum(k.generalise(k.z, k.d_const(k.y, k.zero)))


@attack("d_sum", "variable of the kernel's own")
def sum_of_derivatives_at_a_moving_point(k):
    return k.d_sum(k.generalise(k.i, k.d_id(k.C(k.i))))


@attack("d_sum", "needs all(...)")
def sum_of_one_derivative(k):
    """There is an i with F_i' = 0."""
    return k.d_sum(k.th(k.exists(k.i, k.HASD(k.lam(k.s, k.C(k.i) * k.s), k.zero, k.zero))))


@attack("d_sum", "needs hasd(...)")
def sum_of_no_derivatives(k):
    return k.d_sum(k.th(k.forall(k.i, k.LT(k.zero, k.C(k.i)))))


def _differentiable(k, at):
    vector = ("output", k.REAL)
    g = k.var("g", (vector, k.REAL))
    return k.th(k.fderiv(k.eta(g), at, k.eta(k.A)))


@attack("d_chain", "needed at")
def chain_at_another_vector(k):
    """G is differentiable at 0, the curve is at 1."""
    return k.d_chain(_differentiable(k, k.lam(k.o, k.zero)), k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needed at")
def chain_over_another_sort(k):
    return k.d_chain(_differentiable(k, k.lam(k.o, k.one)), k.generalise(k.i, k.d_id(k.one)))


@attack("d_chain", "variable of the kernel's own")
def chain_at_a_moving_point(k):
    """Each coordinate of the curve is differentiable, but at a point of its own."""
    at = k.lam(k.o, k.A(k.o))
    return k.d_chain(_differentiable(k, at), k.generalise(k.o, k.d_id(k.A(k.o))))


@attack("d_chain", "not a finite sort")
def chain_of_infinitely_many(k):
    return k.d_chain(_differentiable(k, k.eta(k.A)), k.generalise(k.z, k.d_id(k.one)))


@attack("d_chain", "needs all(...)")
def chain_of_some_coordinate(k):
    curve = k.th(k.exists(k.o, k.HASD(k.lam(k.s, k.A(k.o)), k.zero, k.one)))
    return k.d_chain(_differentiable(k, k.eta(k.A)), curve)


@attack("d_chain", "needs fderiv(...)")
def chain_without_frechet(k):
    return k.d_chain(k.d_id(k.one), k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needs fderiv(...)")
def chain_from_partial_derivatives(k):
    """All directional derivatives do not make a function differentiable."""
    vector = ("output", k.REAL)
    g = k.var("dirs", k.fun((vector, k.REAL), vector, vector, k.BOOL))
    h = k.var("h", (vector, k.REAL))
    claim = k.th(g(h, k.lam(k.o, k.one), k.A))
    return k.d_chain(claim, k.generalise(k.o, k.d_id(k.one)))


@attack("d_chain", "needs hasd(...)")
def chain_along_no_curve(k):
    return k.d_chain(_differentiable(k, k.eta(k.A)), k.th(k.forall(k.o, k.LT(k.zero, k.A(k.o)))))


@attack("d_compose", "needed at")
def compose_at_the_inner_point(k):
    """F' = 1 at 0, G = s + 1 at 0: F is needed at 1."""
    inner = k.d_add(k.d_id(k.zero), k.d_const(k.one, k.zero))
    return k.d_compose(k.d_id(k.zero), inner)


@attack("d_compose", "needs hasd(...)")
def compose_with_no_derivative(k):
    return k.d_compose(k.d_id(k.zero), k.true)


@attack("d_compose", "needs hasd(...)")
def compose_from_no_derivative(k):
    return k.d_compose(k.true, k.d_id(k.zero))


@attack("d_unique", "derivatives at two points")
def unique_derivative_at_two_points(k):
    f = k.lam(k.s, k.s * k.s)
    return k.d_unique(k.th(k.HASD(f, k.zero, k.y)), k.th(k.HASD(f, k.one, k.z)))


@attack("d_unique", "derivatives of two functions")
def unique_derivative_of_two_functions(k):
    return k.d_unique(k.d_id(k.zero), k.d_const(k.y, k.zero))


@attack("d_unique", "needs hasd(...)")
def unique_derivative_of_nothing(k):
    return k.d_unique(k.true, k.d_id(k.zero))


def _below(k, f, p, r, strictly_below=None):
    top = k.LE(f(k.s), f(p)) if strictly_below is None else strictly_below
    return k.th(k.forall(k.s, k.IMP(k.LE(p, k.s), k.IMP(k.LT(k.s, p + r), top))))


@attack("fermat", "needs 0 < r")
def fermat_on_one_point(k):
    """With r = y >= 1 - 1: premises about y say nothing when 0 < r is -1 < y."""
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, k.y), k.th(k.LT(k.real(-1), k.y)))


@attack("fermat", "needs lt(...)")
def fermat_on_an_empty_neighbourhood(k):
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, k.y), k.th(k.LE(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_with_another_radius(k):
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.zero, -k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_at_a_minimum(k):
    f = k.lam(k.s, k.s)
    below = _below(k, f, k.zero, k.y, k.LE(k.zero, k.s))
    return k.fermat(k.d_id(k.zero), below, k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_on_the_left(k):
    left = k.th(k.forall(k.s, k.IMP(k.LE(k.s, k.zero), k.IMP(k.LT(-k.y, k.s), k.LE(k.s, k.zero)))))
    return k.fermat(k.d_id(k.zero), left, k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_at_another_point(k):
    """s <= 1 for s from 1 on: s -> s has no maximum there, but nothing was said of 0."""
    f = k.lam(k.s, k.s)
    return k.fermat(k.d_id(k.zero), _below(k, f, k.one, k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs the premise")
def fermat_for_another_function(k):
    return k.fermat(k.d_id(k.zero), _below(k, k.lam(k.s, -k.s), k.zero, k.y), k.th(k.LT(k.zero, k.y)))


@attack("fermat", "needs hasd(...)")
def fermat_without_a_derivative(k):
    return k.fermat(k.true, k.true, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "not a finite sort")
def continuity_of_infinitely_many(k):
    one = k.d_mul(k.d_id(k.zero), k.d_const(k.z, k.zero))
    return k.continuity(k.generalise(k.z, one), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "not a finite sort")
def continuity_of_all_powers(k):
    powers = k.th(k.forall(k.n, k.HASD(k.lam(k.s, k.POW(k.s, k.n)), k.one, k.zero)))
    return k.continuity(powers, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "variable of the kernel's own")
def continuity_at_a_moving_point(k):
    return k.continuity(k.generalise(k.i, k.d_id(k.C(k.i))), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "variable of the kernel's own")
def continuity_at_a_point_that_moves_with_the_outer_index(k):
    th = k.generalise(k.i, k.generalise(k.o, k.d_id(k.C(k.i))))
    return k.continuity(th, k.th(k.LT(k.zero, k.y)))


@attack("continuity", "needs lt(...)")
def continuity_within_nothing(k):
    return k.continuity(k.d_id(k.zero), k.th(k.LE(k.zero, k.y)))


@attack("continuity", "needs 0 < r")
def continuity_within_a_negative_radius(k):
    """-1 < r allows r = 0, and then no s is within r."""
    return k.continuity(k.d_id(k.zero), k.th(k.LT(k.real(-1), k.y)))


@attack("continuity", "needs hasd(...)")
def continuity_of_what_has_no_derivative(k):
    return k.continuity(k.true, k.th(k.LT(k.zero, k.y)))


# -- variables that are called like constants ---------------------------------------------------------------------------
def _called(k, name, *args):
    """A formula that looks like one about the constant `name`, but says nothing."""
    return k.th(k.var(name, k.fun(*(a.sort for a in args), k.BOOL))(*args))


def _derivative(k):
    """Says nothing, and looks like F' = 1 at 0."""
    return _called(k, "hasd", k.lam(k.s, k.F(k.s)), k.zero, k.one)


@attack("mp", "needs imp(...)")
def variable_called_imp(k):
    return k.mp(_called(k, "imp", k.p, k.q), k.th(k.p))


@attack("left", "needs and(...)")
def variable_called_and(k):
    return k.left(_called(k, "and", k.p, k.q))


@attack("d_add", "needs hasd(...)")
def variable_called_hasd_first(k):
    return k.d_add(_derivative(k), k.d_id(k.zero))


@attack("d_mul", "needs hasd(...)")
def variable_called_hasd_second(k):
    return k.d_mul(k.d_id(k.zero), _derivative(k))


@attack("d_exp", "needs hasd(...)")
def variable_called_hasd_under_exp(k):
    return k.d_exp(_derivative(k))


@attack("d_sum", "needs hasd(...)")
def variables_called_hasd_in_a_sum(k):
    return k.d_sum(k.th(k.forall(k.i, _derivative(k).concl)))


@attack("d_chain", "needs hasd(...)")
def variables_called_hasd_in_a_chain(k):
    at = k.lam(k.o, k.F(k.zero))
    return k.d_chain(_differentiable(k, at), k.th(k.forall(k.o, _derivative(k).concl)))


@attack("d_compose", "needs hasd(...)")
def variable_called_hasd_outside(k):
    return k.d_compose(_derivative(k), k.d_id(k.zero))


@attack("d_compose", "needs hasd(...)")
def variable_called_hasd_inside(k):
    return k.d_compose(k.d_id(k.F(k.zero)), _derivative(k))


@attack("d_unique", "needs hasd(...)")
def variable_called_hasd_twice(k):
    return k.d_unique(_derivative(k), _derivative(k))


@attack("fermat", "needs hasd(...)")
def variable_called_hasd_at_a_maximum(k):
    f = k.eta(k.F)
    return k.fermat(_derivative(k), _below(k, f, k.zero, k.y), k.th(k.LT(k.zero, k.y)))


@attack("continuity", "needs hasd(...)")
def variable_called_hasd_near_a_point(k):
    return k.continuity(_derivative(k), k.th(k.LT(k.zero, k.y)))


# -- existence ----------------------------------------------------------------------------------------------------------
@attack("lagrange", "needs a term of type")
def interpolation_over_another_sort(k):
    return k.lagrange(k.eta(k.A), k.eta(k.C))


@attack("lagrange", "needs a term of type")
def interpolation_of_values_over_another_sort(k):
    return k.lagrange(k.eta(k.C), k.eta(k.A))


@attack("lagrange", "variable of the kernel's own")
def interpolation_at_captured_points(k):
    """The points t_i = M(i, u) with u captured by i: all the points may then be one, with different values."""
    points = k.lam(k.i, k.M(k.i, k.local(0, "sample")))
    return k.lagrange(points, k.eta(k.C))


@attack("lagrange", "variable of the kernel's own")
def interpolation_of_captured_values(k):
    return k.lagrange(k.eta(k.C), k.lam(k.i, k.M(k.i, k.local(0, "sample"))))


@attack("convert", "not another form")
def interpolation_without_distinct_points(k):
    th = k.lagrange(k.lam(k.i, k.zero), k.eta(k.C))
    return k.convert(th, k.IMP(k.truth, th.concl.args[1]))


@attack("separation", "needs a term of type")
def separation_of_another_sort(k):
    return k.separation(k.eta(k.var("W", k.fun("output", "input", k.REAL))))


@attack("separation", "variable of the kernel's own")
def separation_of_captured_inputs(k):
    x = k.lam(k.i, k.lam(k.var("r", "input"), k.M(k.i, k.local(0, "sample"))))
    return k.separation(x)


@attack("witness", "needs the premise")
def separation_by_a_direction_of_choice(k):
    """The direction exists; it is not any direction."""
    goal = k.separation(k.eta(k.x)).concl
    return k.witness(goal, k.lam(k.var("r", "input"), k.zero), k.true)


# -- attempts that Python itself stops, with a TypeError ----------------------------------------------------------------
def theorem_by_replacing_fields(k):
    return dataclasses.replace(k.reflexive(k.y), concl=k.FALSE)


def theorem_by_changing_the_class_of_an_object(k):
    return _of_class(k.Theorem, hyps=frozenset(), concl=k.FALSE)


def term_by_changing_the_class_of_an_object(k):
    return _of_class(k.Term, kind="num", name=0.5, type=k.REAL, args=())


def _of_class(cls, **attributes):
    fake = type("Fake", (), {"__slots__": cls.__slots__})()
    for name, value in attributes.items():
        setattr(fake, name, value)
    fake.__class__ = cls
    return fake


STOPPED_BY_PYTHON = (
    theorem_by_replacing_fields,
    theorem_by_changing_the_class_of_an_object,
    term_by_changing_the_class_of_an_object,
)
