"""The second checker: reads a log of `pgb.derivations` and checks every step on its own. Standard library only.

`check` returns what the last step says, or raises `Rejected`. The rules are those of the docstrings in `pgb/kernel`,
read as mathematics and written again. Where a docstring leaves room, this checker takes the narrower reading.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from .forms import constant, polynomial, same
from .terms import (
    FINITE,
    Rejected,
    Term,
    Type,
    abstract,
    apply,
    bound,
    const,
    equal,
    expanded,
    is_closed,
    lam,
    make,
    minus,
    number,
    parts,
    quantified,
    reject,
    shifted,
    subst,
    total,
)  # fmt: skip


class Judgement(NamedTuple):
    """``hypotheses |- conclusion``, resting on facts of analysis."""

    conclusion: Term
    hypotheses: frozenset[Term]
    facts: frozenset[str]


class Rule(NamedTuple):
    inputs: str  # one letter each: f formula, r real term, v variable, t any term, b true or false; * more terms
    premises: int
    apply: Callable[..., Term | tuple[Term, frozenset[Term]]]
    fact: str | None


RULES: dict[str, Rule] = {}


def rule(inputs: str, premises: int, fact: str | None = None) -> Callable[..., Any]:
    """Register a rule: a function of its inputs and its premises to the conclusion (and the hypotheses left)."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        RULES[function.__name__] = Rule(inputs, premises, function, fact)
        return function

    return register


FALSE, ZERO_REAL = const("false"), number(0)


def is_real(term: Term) -> Term:
    if term.sort != "real":
        reject(f"not a real term: {term!r}")
    return term


def sides(formula: Term, *names: str) -> tuple[Term, Term]:
    """Both sides of an equality or inequality between real terms."""
    a, b = parts(formula, *names)
    return is_real(a), is_real(b)


def denied(formula: Term) -> Term:
    """p, from ``p -> false``."""
    p, q = parts(formula, "imp")
    if q is not FALSE:
        reject(f"not a negation: {formula!r}")
    return p


def need(found: Term, wanted: Term) -> None:
    if not same(found, wanted):
        reject(f"{wanted!r} wanted, not {found!r}")


# -- logic --------------------------------------------------------------------------------------------------------------
@rule("f", 0)
def assume(p: Term) -> Any:
    return p, frozenset([p])


@rule("f", 1)
def discharge(p: Term, th: Judgement) -> Any:
    return const("imp", p, th.conclusion), th.hypotheses - {p}


@rule("", 2)
def mp(implication: Judgement, th: Judgement) -> Term:
    p, q = parts(implication.conclusion, "imp")
    need(th.conclusion, p)
    return q


@rule("", 2)
def both(one: Judgement, two: Judgement) -> Term:
    return const("and", one.conclusion, two.conclusion)


@rule("", 1)
def left(th: Judgement) -> Term:
    return parts(th.conclusion, "and")[0]


@rule("", 1)
def right(th: Judgement) -> Term:
    return parts(th.conclusion, "and")[1]


@rule("f", 2)
def cases(p: Term, yes: Judgement, no: Judgement) -> Any:
    need(no.conclusion, yes.conclusion)
    return yes.conclusion, (yes.hypotheses - {p}) | (no.hypotheses - {const("imp", p, FALSE)})


@rule("f", 1)
def absurd(p: Term, th: Judgement) -> Term:
    parts(th.conclusion, "false")
    return p


@rule("v", 1)
def generalise(v: Term, th: Judgement) -> Term:
    if any((v.name, v.type) in h.free for h in th.hypotheses):
        reject(f"{v.name} is free in a hypothesis")
    return quantified("all", v.type, abstract(v, th.conclusion))


@rule("*", 1)
def specialise(*given: Any) -> Term:
    *values, th = given
    formula: Term = th.conclusion
    for value in values:
        (body,) = parts(formula, "all")
        formula = apply(body, expanded(value))
    return formula


@rule("ft", 1)
def witness(goal: Term, t: Term, th: Judgement) -> Term:
    (body,) = parts(goal, "ex")
    need(th.conclusion, apply(body, expanded(t)))
    return goal


@rule("v", 2)
def choose(v: Term, existence: Judgement, th: Judgement) -> Any:
    (body,) = parts(existence.conclusion, "ex")
    others = th.hypotheses - {apply(body, expanded(v))}
    if any((v.name, v.type) in p.free for p in (existence.conclusion, th.conclusion, *others)):
        reject(f"{v.name} is free where it must not be")
    return th.conclusion, existence.hypotheses | others


@rule("f", 1)
def convert(p: Term, th: Judgement) -> Term:
    need(th.conclusion, p)
    return p


def predicate(context: Term) -> Type:
    """The type of the argument of a predicate, which must be a lambda."""
    if context.kind != "lam" or context.type[1] != "bool":
        reject(f"not a predicate: {context!r}")
    return context.type[0]


@rule("t", 2)
def leibniz(context: Term, equality: Judgement, th: Judgement) -> Term:
    wanted, statement, arguments = predicate(context), equality.conclusion, list[Type]()
    while isinstance(wanted, tuple):
        (body,) = parts(statement, "all")
        if body.type[0] != wanted[0]:
            reject(f"a quantifier over {body.type[0]!r}, not {wanted[0]!r}")
        arguments.append(wanted[0])
        wanted, statement = wanted[1], body.args[0]
    s, t = parts(statement, "eq")
    for argument in reversed(arguments):
        s, t = lam(argument, s), lam(argument, t)
    need(th.conclusion, apply(context, s))
    return apply(context, t)


@rule("t", 2)
def induction(context: Term, base: Judgement, step: Judgement) -> Term:
    if predicate(context) != "nat":
        reject("induction on other things than natural numbers")
    here = context.args[0]
    after = apply(shifted(context, 1), const("suc", bound(0, "nat")))
    need(base.conclusion, apply(context, const("zero")))
    need(step.conclusion, quantified("all", "nat", const("imp", here, after)))
    return quantified("all", "nat", here)


# -- the ordered field ----------------------------------------------------------------------------------------------------
def linear(goal: Term, multipliers: list[Term], weights: list[Fraction], premises: list[Judgement]) -> Term:
    """``(b - a) - sum t (b_j - a_j) - sum q (d_j - c_j)`` must be a number that suffices for the goal."""
    if len(premises) != len(multipliers) + len(weights):
        reject("as many coefficients as premises wanted")
    rest: dict[int, Fraction] = {}

    def take(term: Term, times: Fraction) -> None:
        for key, c in polynomial(term).items():
            rest[key] = rest.get(key, Fraction(0)) + times * c

    if goal is not FALSE:
        a, b = sides(goal, "eq", "le", "lt")
        take(minus(b, a), Fraction(1))
    for t, th in zip(multipliers, premises, strict=False):
        a, b = sides(th.conclusion, "eq")
        take(const("mul", t, minus(b, a)), Fraction(-1))
    strict = False
    for q, th in zip(weights, premises[len(multipliers) :], strict=True):
        c, d = sides(th.conclusion, "le", "lt")
        if q < 0:
            reject(f"a negative coefficient {q}")
        take(minus(d, c), -q)
        strict |= th.conclusion.name == "lt" and q > 0
    k = rest.pop(constant(), Fraction(0))
    if any(rest.values()):
        reject("monomials are left over")
    enough = {"eq": k == 0 and not weights, "le": k >= 0}.get(goal.name, k > 0 or (k == 0 and strict))
    if not enough:
        reject(f"the constant {k} does not suffice for {goal.name}")
    return goal


@rule("t", 0)
def reflexive(t: Term) -> Term:
    return equal(t, t)


@rule("r", 0)
def square(t: Term) -> Term:
    return const("le", ZERO_REAL, const("mul", t, t))


@rule("", 2)
def multiply(one: Judgement, two: Judgement) -> Term:
    (a, b), (c, d) = sides(one.conclusion, "le", "lt"), sides(two.conclusion, "le", "lt")
    strict = one.conclusion.name == two.conclusion.name == "lt"
    return const("lt" if strict else "le", ZERO_REAL, const("mul", minus(b, a), minus(d, c)))


@rule("", 1)
def not_le(th: Judgement) -> Term:
    a, b = parts(denied(th.conclusion), "le")
    return const("lt", b, a)


@rule("", 2)
def antisymmetry(one: Judgement, two: Judgement) -> Term:
    a, b = parts(one.conclusion, "le")
    need(two.conclusion, const("le", b, a))
    return equal(a, b)


@rule("", 1)
def sum_le(th: Judgement) -> Term:
    (body,) = parts(th.conclusion, "all")
    a, b = parts(body.args[0], "le")
    return const("le", total(body.type[0], a), total(body.type[0], b))


@rule("", 1)
def inverse(th: Judgement) -> Term:
    t, zero = sides(denied(th.conclusion), "eq")
    if zero is not ZERO_REAL:
        reject("not (t = 0) wanted, with the number 0")
    return equal(const("mul", t, const("inv", t)), number(1))


@rule("b", 1)
def indicator(true: bool, th: Judgement) -> Term:
    p = th.conclusion if true else denied(th.conclusion)
    return equal(const("ind", p), number(int(true)))


# -- calculus -------------------------------------------------------------------------------------------------------------
@rule("r", 0, "exp lies above its tangent at 0")
def exp_tangent(t: Term) -> Term:
    return const("le", const("add", number(1), t), const("exp", t))


def derivative(body: Term, p: Term, slope: Term) -> Term:
    """``hasd(s -> body, p, slope)``, where s is index 0 of the body."""
    return const("hasd", lam("real", body), p, slope)


def hasd(formula: Term) -> tuple[Term, Term, Term]:
    """F, p, d of ``hasd(F, p, d)``; F is a lambda, and its body says F(s) with s as index 0."""
    f, p, d = parts(formula, "hasd")
    return f, p, d


@rule("rr", 0, "derivative rules")
def d_const(c: Term, p: Term) -> Term:
    return derivative(shifted(c, 1), p, ZERO_REAL)


@rule("r", 0, "derivative rules")
def d_id(p: Term) -> Term:
    return derivative(bound(0, "real"), p, number(1))


@rule("", 2, "derivative rules")
def d_add(one: Judgement, two: Judgement) -> Term:
    (f, p, d), (g, q, e) = hasd(one.conclusion), hasd(two.conclusion)
    need(q, p)
    return derivative(const("add", f.args[0], g.args[0]), p, const("add", d, e))


@rule("", 2, "derivative rules")
def d_mul(one: Judgement, two: Judgement) -> Term:
    (f, p, d), (g, q, e) = hasd(one.conclusion), hasd(two.conclusion)
    need(q, p)
    slope = const("add", const("mul", d, apply(g, p)), const("mul", apply(f, p), e))
    return derivative(const("mul", f.args[0], g.args[0]), p, slope)


@rule("", 1, "derivative of exp")
def d_exp(th: Judgement) -> Term:
    f, p, d = hasd(th.conclusion)
    return derivative(const("exp", f.args[0]), p, const("mul", const("exp", apply(f, p)), d))


def family(statement: Term) -> tuple[Type, Term, Term, Term]:
    """k's sort, and F_k, p, d_k (with k as index 0, but p closed) of ``for all k, F_k has derivative d_k at p``."""
    (body,) = parts(statement, "all")
    if body.type[0] not in FINITE:
        reject(f"a family over {body.type[0]!r}")
    f, p, d = hasd(body.args[0])
    if not is_closed(p):
        reject("the point of a family depends on its index")
    return body.type[0], f, p, d


def exchanged(f: Term, sort: Type) -> Term:
    """The body of F_k with the argument s as index 1 and k as index 0."""
    return subst(f.args[0], (bound(1, "real"), bound(0, sort)), 2)


@rule("", 1, "derivative rules")
def d_sum(th: Judgement) -> Term:
    sort, f, p, d = family(th.conclusion)
    return derivative(total(sort, exchanged(f, sort)), p, total(sort, d))


@rule("", 2, "chain rule")
def d_chain(outer: Judgement, inner: Judgement) -> Term:
    big, q, g = parts(outer.conclusion, "fderiv")
    sort, f, p, d = family(inner.conclusion)
    need(q, lam(sort, apply(f, p)))
    along = apply(shifted(big, 1), lam(sort, exchanged(f, sort)))
    slope = total(sort, const("mul", apply(shifted(g, 1), bound(0, sort)), d))
    return derivative(along, p, slope)


@rule("", 2, "chain rule")
def d_compose(outer: Judgement, inner: Judgement) -> Term:
    (f, q, d), (g, p, e) = hasd(outer.conclusion), hasd(inner.conclusion)
    need(q, apply(g, p))
    return derivative(apply(shifted(f, 1), g.args[0]), p, const("mul", d, e))


@rule("", 2, "uniqueness of derivatives")
def d_unique(one: Judgement, two: Judgement) -> Term:
    (f, p, d), (g, q, e) = hasd(one.conclusion), hasd(two.conclusion)
    need(q, p)
    need(g, f)
    return equal(d, e)


def radius(th: Judgement) -> Term:
    """r, from ``0 < r``."""
    zero, r = parts(th.conclusion, "lt")
    if zero is not ZERO_REAL:
        reject(f"0 < r wanted, not {th.conclusion!r}")
    return r


@rule("", 3, "Fermat")
def fermat(slope: Judgement, below: Judgement, positive: Judgement) -> Term:
    (f, p, d), r, s = hasd(slope.conclusion), radius(positive), bound(0, "real")
    near = const("imp", const("lt", s, const("add", p, r)), const("le", f.args[0], apply(f, p)))
    need(below.conclusion, quantified("all", "real", const("imp", const("le", p, s), near)))
    return const("le", d, ZERO_REAL)


def families(body: Term) -> tuple[list[Type], Term, Term, Term]:
    """The sorts of k.., and F_k, p, d_k of ``for all k.., F_k has derivative d_k at p``; p is closed."""
    sorts = list[Type]()
    while (body.kind, body.name) == ("const", "all"):
        (predicate_of_k,) = body.args
        sorts.append(predicate_of_k.type[0])
        body = predicate_of_k.args[0]
    f, p, d = hasd(body)
    if any(sort not in FINITE for sort in sorts) or not is_closed(p):
        reject("a family over finite sorts, at one point, wanted")
    return sorts, f, p, d


@rule("", 2, "differentiable implies continuous")
def continuity(th: Judgement, positive: Judgement) -> Term:
    r, (sorts, f, p, _) = radius(positive), families(th.conclusion)
    n = len(sorts)  # in what follows the indices are: the members of the family, then s, then e
    s, members = bound(n, "real"), tuple(bound(k, t) for k, t in enumerate(reversed(sorts)))
    step = minus(subst(f.args[0], (s, *members), n + 2), subst(f.args[0], (p, *members), n + 2))
    near = const("lt", const("mul", step, step), const("mul", r, r))
    for sort in reversed(sorts):
        near = quantified("all", sort, near)
    away, e = minus(bound(0, "real"), p), bound(1, "real")
    inside = const("imp", const("lt", const("mul", away, away), const("mul", e, e)), near)
    positive_e = const("lt", ZERO_REAL, bound(0, "real"))
    return quantified("ex", "real", const("and", positive_e, quantified("all", "real", inside)))


@rule("tt", 3, "tangents of convex functions")
def tangents(big: Term, q: Term, convex: Judgement, curves: Judgement, along: Judgement) -> Term:
    sorts, f, t, d = families(curves.conclusion)  # the indices of F and d: those of k.., then that of p
    (slopes,) = parts(along.conclusion, "all")
    _, _, e = hasd(slopes.args[0])
    if sorts[:1] != [slopes.type[0]]:
        reject("as many curves as slopes along them wanted")
    p, *ks = sorts
    n, vector = len(ks), q.sort

    def indices(by: int) -> list[Term]:
        """k.., the last of them as index `by`."""
        return [bound(n - 1 - j + by, sort) for j, sort in enumerate(ks)]

    def family(entry: Term) -> Term:
        for sort in reversed(ks):
            entry = lam(sort, entry)
        return entry

    def mean(c: Term, a: Term, b: Term) -> Term:
        return const("add", const("mul", c, a), const("mul", minus(number(1), c), b))

    need(lam(p, q), lam(p, family(apply(f, t))))
    u, v = (make("bound", index + n, vector, *indices(0)) for index in (2, 1))
    mix, c = family(mean(bound(n, "real"), u, v)), bound(0, "real")
    ends = [apply(big, expanded(bound(index, vector))) for index in (2, 1)]
    below = const("imp", const("le", c, number(1)), const("le", apply(big, mix), mean(c, *ends)))
    below = const("imp", const("le", ZERO_REAL, c), below)
    for type_ in ("real", vector, vector):
        below = quantified("all", type_, below)
    need(convex.conclusion, below)
    curve = family(subst(f.args[0], (bound(n, "real"), *reversed(indices(0))), n + 1))
    need(along.conclusion, quantified("all", p, derivative(apply(big, curve), t, e)))
    outer, inner = (make("bound", index, (p, "real"), bound(0, p)) for index in (1, n + 1))
    step = total(p, const("mul", inner, subst(d, (*reversed(indices(1)), bound(0, p)), 0)))
    there = apply(big, family(const("add", apply(q, *indices(0)), step)))
    low = const("add", apply(big, q), total(p, const("mul", outer, e)))
    return quantified("all", (p, "real"), const("le", low, there))


# -- existence ------------------------------------------------------------------------------------------------------------
def of_type(term: Term, wanted: Type) -> Term:
    if term.sort != wanted:
        reject(f"a term of type {wanted!r} wanted, not {term!r}")
    return expanded(term)


@rule("tt", 0, "Lagrange interpolation")
def lagrange(t: Term, v: Term) -> Term:
    t, v = of_type(t, ("sample", "real")), of_type(v, ("sample", "real"))
    i, j = bound(1, "sample"), bound(0, "sample")
    pair = const("imp", equal(apply(t, i), apply(t, j)), equal(apply(v, i), apply(v, j)))
    agree = quantified("all", "sample", quantified("all", "sample", pair))
    a, i, p = make("bound", 2, ("degree", "real"), bound(0, "degree")), bound(1, "sample"), bound(0, "degree")
    term = const("mul", a, const("pow", apply(t, i), const("as_nat", p)))
    fits = quantified("all", "sample", equal(total("degree", term), apply(v, bound(0, "sample"))))
    return const("imp", agree, quantified("ex", ("degree", "real"), fits))


@rule("t", 0, "hyperplane avoidance")
def separation(x: Term) -> Term:
    x = of_type(x, ("sample", ("input", "real")))

    def along(sample: int) -> Term:
        u = make("bound", 3, ("input", "real"), bound(0, "input"))
        return total("input", const("mul", u, apply(x, bound(sample + 1, "sample"), bound(0, "input"))))

    at = [apply(x, bound(n, "sample"), bound(0, "input")) for n in (2, 1)]
    told = const("imp", equal(along(1), along(0)), quantified("all", "input", equal(*at)))
    apart = quantified("all", "sample", quantified("all", "sample", told))
    return quantified("ex", ("input", "real"), apart)


@rule("tt", 0, "rank and nullity")
def right_inverse(s: Term, w: Term) -> Term:
    s = expanded(s)
    if s.kind != "lam":
        reject("a map of the rows into the columns wanted")
    rows, columns = s.sort
    w = of_type(w, (rows, (columns, "real")))
    i, j, r = bound(1, rows), bound(0, rows), bound(0, columns)
    row = apply(w, bound(1, rows), r)  # under the quantifier of i and the sum over r
    image = total(columns, const("mul", row, make("bound", 2, (columns, "real"), r)))
    zeros = [quantified("all", rows, equal(image, ZERO_REAL))]
    zeros.append(quantified("all", columns, equal(make("bound", 1, (columns, "real"), r), ZERO_REAL)))
    kernel = quantified("all", (columns, "real"), const("imp", *zeros))
    apart = const("imp", equal(apply(s, i), apply(s, j)), equal(i, j))
    inner = make("bound", 3, (columns, (rows, "real")), r, bound(1, rows))
    entry = total(columns, const("mul", apply(w, bound(2, rows), r), inner))
    product = equal(entry, const("ind", equal(i, j)))
    for _ in "ij":
        apart, product = quantified("all", rows, apart), quantified("all", rows, product)
    found = quantified("ex", (columns, (rows, "real")), product)
    return const("imp", apart, const("imp", kernel, found))


# -- logs -----------------------------------------------------------------------------------------------------------------
def check(log: object) -> Judgement:
    """Return what the last step of a log says; raise `Rejected` unless every entry is in order."""
    if not isinstance(log, list) or not log:
        reject("a log is a list with entries")
    made: list[Term | Judgement] = []
    try:
        for entry in log:
            made.append(_step(entry, made) if isinstance(entry, dict) else read_term(entry, made))
    except RecursionError:
        reject("too deep")
    except (TypeError, IndexError, AttributeError) as error:
        raise Rejected(f"entry {len(made)} is malformed: {error}") from error
    if not isinstance(made[-1], Judgement):
        reject("the last entry is not a step")
    return made[-1]


def _type(data: object) -> Type:
    return tuple(map(_type, data)) if isinstance(data, list) else data


def _rational(text: str) -> Fraction:
    top, slash, bottom = text.partition("/")
    digits = (top.removeprefix("-"), *([bottom] if slash else []))
    if not all(d.isascii() and d.isdecimal() and len(d) <= 4000 for d in digits) or (slash and not int(bottom)):
        reject(f"not a rational number: {text!r}")
    return Fraction(int(top), int(bottom) if slash else 1)


def _earlier(position: object, made: list[Any], wanted: type) -> Any:
    if type(position) is not int or not 0 <= position < len(made) or not isinstance(made[position], wanted):
        reject(f"no {wanted.__name__} at {position!r}")
    return made[position]


def read_term(entry: Any, made: list[Any]) -> Term:
    """Read ``[kind, name, type, argument, ..]``."""
    if not isinstance(entry, list) or len(entry) < 3 or entry[0] not in ("num", "const", "var", "bound", "lam"):
        reject(f"neither a term nor a step: {entry!r}")
    kind, name, type_, *args = entry
    return make(
        kind, _rational(name) if kind == "num" else name, _type(type_), *(_earlier(a, made, Term) for a in args)
    )


def _input(kind: str, data: object, made: list[Any]) -> Any:
    """One input of a rule, of the kind that the rule's letter says."""
    if kind == "b":
        return data if type(data) is bool else reject(f"true or false wanted, not {data!r}")
    term: Term = _earlier(data, made, Term)
    sort = {"f": "bool", "r": "real"}.get(kind, term.sort)
    if not is_closed(term) or term.sort != sort or (kind == "v" and (term.kind != "var" or term.args)):
        reject(f"the input {term!r} is open or of the wrong kind")
    return term


def _step(entry: dict[str, Any], made: list[Any]) -> Judgement:
    if set(entry) != {"rule", "inputs", "premises"} or not all(
        isinstance(entry[k], list) for k in ("inputs", "premises")
    ):
        reject("a step has a rule, inputs and premises")
    name, inputs = entry["rule"], entry["inputs"]
    premises = [_earlier(p, made, Judgement) for p in entry["premises"]]
    facts = frozenset(f for th in premises for f in th.facts)
    hypotheses = frozenset(h for th in premises for h in th.hypotheses)
    if name == "linear":
        goal, multipliers, weights = inputs if len(inputs) == 3 else reject("linear takes three inputs")
        if not isinstance(multipliers, list) or not isinstance(weights, list):
            reject("linear takes lists of coefficients")
        terms, numbers = [_input("r", t, made) for t in multipliers], [_rational(q) for q in weights]
        return Judgement(linear(_input("f", goal, made), terms, numbers, premises), hypotheses, facts)
    if name not in RULES:
        reject(f"there is no rule {name!r}")
    a_rule = RULES[name]
    letters = "t" * len(inputs) if a_rule.inputs == "*" else a_rule.inputs
    if len(inputs) != len(letters) or len(premises) != a_rule.premises:
        reject(f"{name} takes other numbers of inputs and premises")
    result = a_rule.apply(*(_input(k, i, made) for k, i in zip(letters, inputs, strict=True)), *premises)
    conclusion, hypotheses = result if isinstance(result, tuple) else (result, hypotheses)
    if conclusion.sort != "bool" or not is_closed(conclusion):
        reject(f"{name} would conclude {conclusion!r}, not a closed formula")
    return Judgement(conclusion, hypotheses, facts | {a_rule.fact} if a_rule.fact else facts)
