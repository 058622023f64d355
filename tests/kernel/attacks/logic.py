"""Wrong uses of the rules of logic."""

from __future__ import annotations

from .base import Chameleon, attack


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


@attack("induction", "needs the premise")
def induction_without_base(k):
    step = k.generalise(k.n, k.discharge(k.FALSE, k.th(k.FALSE)))
    return k.induction(k.lam(k.n, k.FALSE), k.true, step)


@attack("induction", "needs the premise")
def induction_without_step(k):
    p = k.eq(k.POW(k.s, k.n), 1)
    return k.induction(k.lam(k.n, p), k.linear(k.eq(k.POW(k.s, k.ZERO), 1)), k.th(k.forall(k.n, p)))


@attack("induction", "needs the premise")
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
