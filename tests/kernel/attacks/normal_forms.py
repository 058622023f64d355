"""Normal forms: what is not equal has two of them."""

from __future__ import annotations

from .base import Chameleon, attack


@attack("term", "not a term")
def cache_poisoned_by_a_look_alike(k):
    """The normal form of the look-alike would be remembered as that of 0 < unseen, which was assumed nowhere."""
    p, true = k.LT(k.zero, k.var("unseen", k.REAL)), k.LT(k.zero, k.one)
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
