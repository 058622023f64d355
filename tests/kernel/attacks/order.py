"""Wrong uses of the rules of order and algebra."""

from __future__ import annotations

from fractions import Fraction

from .base import attack


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


@attack("antisymmetry", "needs the premise")
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
