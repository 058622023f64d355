"""Normal forms keep values and rules keep truth, in random finite models with exact arithmetic."""

from __future__ import annotations

import ast
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
import sympy

from .grammar import Grammar
from .loading import source, world
from .models import Model
from .uses import convexity

K = world()


def drawn(seed: int, depth: int, k: Any = K) -> tuple[Any, Any]:
    """Return a random term, real or formula, and its normal form; None for the second if it has too many sums."""
    grammar = Grammar(k, random.Random(seed))
    term = grammar.number(depth, []) if seed % 3 else grammar.formula(depth, [])
    try:
        return term, k.norm(term)
    except k.Refused:
        return term, None


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_normal_form_has_the_value_of_its_term(depth: int) -> None:
    evaluated = changed = 0
    for seed in range(250):
        term, form = drawn(seed, depth)
        if form is None or len(repr(term)) > 1500:
            continue
        assert form.sort == term.sort
        assert form.names <= term.names
        assert K.norm(form) == form, term
        for model in (Model(seed, 2), Model(seed + 1, 1)):
            assert model.value(term) == model.value(form), term
        evaluated += 1
        changed += form != term
    assert evaluated >= 180
    assert changed >= 120


WRONG_ALGEBRA = {
    "no occurs-check": (" and (i.name, i.type) not in k.names", ""),
    "brackets of free variables contract": ("if i in indices and", "if"),
    "the other brackets are lost": ("factors[:n] + factors[n + 1 :]", "factors[n + 1 :]"),
    "one index too many is used up": ("if j != i", "if j.type != i.type"),
    "all repeated factors are dropped": ('if is_const(atom, "ind"):', "if True:"),
    "exponents are not added": ("exponent = exponent + f.args[0]", "exponent = f.args[0]"),
    "a power of zero is zero": ("return [Monomial(Fraction(1), (), ())]\n    if is_const(term, \"pow\") and", 'return []\n    if is_const(term, "pow") and'),
    "a power loses a factor": ("_expand(POW(base, power), fresh)", "_expand(POW(base, power), count(1))"),
    "inequalities are scaled by any number": ('lead if term.name == "eq" else abs(lead)', "lead"),
    "empty sums are dropped": ("for i in indices if i not in used]", "for i in () if i not in used]"),
    "all sums share an index": ("local(-next(fresh)", "local(-min(1, next(fresh))"),
    "binders share a level": ("eta(index)), depth + 1)", "eta(index)), depth)"),
    "sums share a level with what is inside": ("depth + len(levels))", "depth)"),
    "coefficients of equal monomials are lost": ("out.get(key, Fraction(0)) + monomial", "monomial"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG_ALGEBRA)
def test_a_wrong_normal_form_is_noticed(mistake: str) -> None:
    """The same search that finds nothing above finds each of these mistakes."""
    before, after = WRONG_ALGEBRA[mistake]
    text = source("algebra")
    assert text.count(before) == 1
    k = world({"algebra": ast.parse(text.replace(before, after))})
    for seed in range(2000):
        term, form = drawn(seed, 1 + seed % 4, k)
        if form is not None and len(repr(term)) < 600 and not _agree(seed, term, form):
            return
    pytest.fail("two thousand terms did not show it")


def _agree(seed: int, term: Any, form: Any) -> bool:
    model = Model(seed, 2)
    try:
        return bool(model.value(term) == model.value(form))
    except IndexError:  # a local where none may be
        return False


def test_terms_of_every_construction_are_drawn() -> None:
    heads: Counter[str] = Counter()

    def visit(term: Any) -> None:
        heads[term.name if term.kind == "const" else term.kind] += 1
        for arg in term.args:
            visit(arg)

    for seed in range(300):
        visit(drawn(seed, 4)[0])
    assert all(heads[name] >= 10 for name in {*K.FIXED, "eq", "all", "ex", "sum", "bound", "lam", "var", "num"}), heads
    assert any("sigma" in repr(drawn(seed, 4)[0]) for seed in range(20))


def test_different_values_have_different_normal_forms() -> None:
    """Of two terms that differ in one model, the kernel never says that they are the same."""
    differ = 0
    for seed in range(400):
        rnd = random.Random(seed)
        grammar = Grammar(K, rnd)
        a, b = grammar.number(2, []), grammar.number(2, [])
        model = Model(seed, 1)
        if model.value(a) != model.value(b):
            differ += 1
            assert not K.same(a, b), (a, b)
    assert differ >= 300


class Sound:
    """Applies rules at random, to premises that are true in a model, and evaluates what comes out."""

    def __init__(self, seed: int) -> None:
        self.rnd = random.Random(seed)
        self.model = Model(seed, 1, rational=True)
        self.grammar = Grammar(K, self.rnd)

    def true(self, p: Any) -> Any:
        """Return the theorem ``p |- p`` or ``not p |- not p``, whichever hypothesis is true in the model."""
        return K.assume(p if self.model.value(p) else K.neg(p))

    def formula(self, depth: int = 1, scope: list[Any] | None = None) -> Any:
        return self.grammar.formula(depth, scope or [])

    def number(self, depth: int = 1, scope: list[Any] | None = None) -> Any:
        return self.grammar.number(depth, scope or [])

    def inequality(self, scope: list[Any] | None = None) -> Any:
        return self.rnd.choice([K.LE, K.LT])(self.number(1, scope), self.number(1, scope))

    def true_inequality(self) -> Any:
        a, b = self.number(), self.number()
        if self.value(K.LT(b, a)):
            a, b = b, a
        return self.rnd.choice([K.LT, K.LE])(a, b) if self.value(K.LT(a, b)) else K.LE(a, b)

    def value(self, p: Any) -> bool:
        return bool(self.model.value(p))

    def theorem(self) -> Any:
        """Return a theorem with true hypotheses, of a random form."""
        p = self.rnd.choice([self.formula, self.inequality])()
        return self.true(p)


def _discharge(t: Sound) -> Any:
    p, q = t.formula(), t.theorem()
    return K.discharge(t.rnd.choice([p, q.concl]), q)


def _mp(t: Sound) -> Any:
    p = t.theorem()
    q = t.formula()
    imp = K.IMP(p.concl, q)
    if not t.value(imp):
        imp = K.IMP(p.concl, K.neg(q))
    return K.mp(K.assume(imp), p)


def _cases(t: Sound) -> Any:
    p, q = t.formula(), t.theorem()
    yes, no = K.left(K.both(q, K.assume(p))), K.left(K.both(q, K.assume(K.neg(p))))
    return K.cases(p, yes, no)


def _absurd(t: Sound) -> Any:
    """From a false hypothesis; vacuous, unless a rule drops it."""
    p = t.theorem().concl
    return K.absurd(K.mp(K.assume(K.neg(p)), K.assume(p)), t.formula())


def _generalise(t: Sound) -> Any:
    v = K.var("g", t.rnd.choice(("sample", "output")))
    p = t.formula(1, [v])
    th = t.rnd.choice([K.discharge(p, K.assume(p)), t.theorem(), K.reflexive(t.number(1, [v]))])
    return K.generalise(v, th)


def _specialise(t: Sound) -> Any:
    v = K.var("g", t.rnd.choice(("sample", "input")))
    p = t.formula(1, [v])
    if not t.value(K.forall(v, p)):
        p = K.exists(v, K.neg(p)) if t.rnd.random() < 0.5 else K.IMP(p, p)
    return K.specialise(K.assume(K.forall(v, p)), t.grammar.index(v.type, []))


def _witness(t: Sound) -> Any:
    v = K.var("g", "sample")
    p = t.formula(1, [v])
    value = t.grammar.index("sample", [])
    instance = K.subst(p, v, value)
    if not t.value(instance):
        p, instance = K.neg(p), K.neg(instance)
    return K.witness(K.exists(v, p), value, K.assume(instance))


def _choose(t: Sound) -> Any:
    v = K.var("g", "sample")
    p = t.formula(1, [v])
    if not t.value(K.exists(v, p)):
        p = K.neg(p)
    q = t.rnd.choice([t.theorem(), K.witness(K.exists(v, K.AND(p, p)), v, K.both(K.assume(p), K.assume(p)))])
    return K.choose(K.assume(K.exists(v, p)), v, K.left(K.both(q, K.assume(p))))


def _convert(t: Sound) -> Any:
    th = t.true(t.formula(2))
    return K.convert(th, K.norm(th.concl))


def _leibniz(t: Sound) -> Any:
    v = K.var("g", ("sample", K.REAL))
    at = t.grammar.index("sample", [])
    body = t.rnd.choice([K.LT, K.LE, K.eq])(v(at) * t.number(1), K.sum(K.i, v(K.i) * t.number(1, [K.i])))
    f = K.lam(K.i, t.number(1, [K.i]))
    g = K.norm(f) if t.rnd.random() < 0.5 else K.lam(K.j, t.number(0, [K.j]))
    equal = K.forall(K.i, K.eq(f(K.i), g(K.i)))
    start = t.true(K.subst(body, v, f))
    context = K.lam(v, body if start.concl == K.subst(body, v, f) else K.neg(body))
    return K.leibniz(context, K.assume(equal), start)


def _induction(t: Sound) -> Any:
    """``s^n`` has a sign, or is a sum of as many: statements that a step may or may not carry."""
    n, s = K.n, t.number(0)
    p = t.rnd.choice([K.LE(K.zero, K.POW(s * s, n)), K.eq(K.POW(s, n), 1), K.LT(K.POW(s, n), K.one + 1), t.formula()])
    context = K.lam(n, p)
    step = K.forall(n, K.IMP(p, context(K.SUC(n))))
    return K.induction(context, K.assume(context(K.ZERO)), K.assume(step))


def _linear(t: Sound) -> Any:
    """A goal made from the premises, and then often bent: accepted or refused, it must be true if accepted."""
    rnd = t.rnd
    weights = [rnd.choice([0, 1, 2, Fraction(1, 2), -1]) for _ in range(rnd.randint(0, 2))]
    ineqs = [(q, K.assume(t.true_inequality())) for q in weights]
    numbers = [t.number(1) for _ in range(rnd.randint(0, 2))]
    eqs = [(t.number(0), K.assume(K.eq(a, K.norm(a)))) for a in numbers]
    if rnd.random() < 0.3:
        eqs.append((t.number(0), K.assume(K.eq(t.number(0), t.number(0)))))
    gap = K.real(rnd.choice([0, 0, 1, -1]))
    for c, th in eqs:
        gap = gap + c * (th.concl.args[1] - th.concl.args[0])
    for q, th in ineqs:
        gap = gap + (th.concl.args[1] - th.concl.args[0]) * q
    a = t.number(1)
    goal = rnd.choice([K.LE, K.LT, K.eq])(a, a + gap) if rnd.random() < 0.8 else K.FALSE
    return K.linear(goal, eqs, ineqs)


def _multiply(t: Sound) -> Any:
    return K.multiply(K.assume(t.true_inequality()), K.assume(t.true_inequality()))


def _not_le(t: Sound) -> Any:
    a, b = t.number(1), t.number(1)
    a, b = (a, b) if t.value(K.LT(b, a)) else (b, a)
    return K.not_le(K.assume(K.neg(K.LE(a, b))))


def _antisymmetry(t: Sound) -> Any:
    a = t.number(1)
    b = K.norm(a) if t.rnd.random() < 0.8 else t.number(0)
    return K.antisymmetry(K.assume(K.LE(a, b)), K.assume(K.LE(b, a)))


def _sum_le(t: Sound) -> Any:
    v = K.var("g", t.rnd.choice(("sample", "output")))
    a, b = t.number(1, [v]), t.number(1, [v])
    b = b if t.value(K.forall(v, K.LE(a, b))) else a + b * b
    return K.sum_le(K.assume(K.forall(v, K.LE(a, b))))


def _inverse(t: Sound) -> Any:
    return K.inverse(t.true(K.eq(t.number(1), 0)))


def _indicator(t: Sound) -> Any:
    th = t.theorem()
    return K.indicator(th, true=t.rnd.random() < 0.5)


def _smooth(t: Sound, s: Any, depth: int) -> Any:
    """A function of s made of what the rules of calculus know, and its derivative theorem at the point `t.point`."""
    rnd, p = t.rnd, t.point  # type: ignore[attr-defined]
    if depth == 0:
        return rnd.choice([lambda: K.d_id(p), lambda: K.d_const(t.number(0), p)])()

    def family() -> Any:
        v = K.var(f"g{depth}", "sample")
        c = K.var("C", ("sample", K.REAL))(v)
        return K.generalise(v, K.d_mul(K.d_const(c, p), _smooth(t, s, depth - 1)))

    def chain() -> Any:
        v = K.var(f"g{depth}", "output")
        curve = K.generalise(v, K.d_mul(K.d_const(K.A(v), p), _smooth(t, s, depth - 1)))
        f, at, _ = K.specialise(curve, v).concl.args
        q = K.lam(v, f(at))
        w = K.var("w", ("output", K.REAL))
        square = K.lam(w, K.sum(K.o, w(K.o) * w(K.o)))
        return K.d_chain(K.assume(K.fderiv(square, q, K.lam(K.o, q(K.o) * 2))), curve)

    def compose() -> Any:
        inner = _smooth(t, s, depth - 1)
        f, at, _ = inner.concl.args
        outer = K.d_mul(K.d_id(f(at)), K.d_id(f(at)))
        return K.d_compose(outer, inner)

    return rnd.choice([
        lambda: K.d_add(_smooth(t, s, depth - 1), _smooth(t, s, depth - 1)),
        lambda: K.d_mul(_smooth(t, s, depth - 1), _smooth(t, s, depth - 1)),
        lambda: K.d_exp(_smooth(t, s, depth - 1)),
        lambda: K.d_sum(family()),
        chain,
        compose,
    ])()  # fmt: skip


def _calculus(t: Sound) -> Any:
    t.point = t.number(0)  # type: ignore[attr-defined]
    return _smooth(t, K.s, t.rnd.randint(0, 3))


def _d_unique(t: Sound) -> Any:
    th = _calculus(t)
    f, p, d = th.concl.args
    other = K.assume(K.HASD(f, p, K.norm(d) if t.rnd.random() < 0.8 else t.number(0)))
    return K.d_unique(th, other)


def _tangents(t: Sound) -> Any:
    """Of ``(sum u)^2 + b sum u``: what the rule says of it is an inequality between rational numbers."""
    at, v, b = t.number(0), K.var("v", ("output", K.REAL)), t.number(0)
    s, (q, velocity, bend) = K.sum(K.o, v(K.o)), (t.number(0, [K.o, K.i][:n]) for n in (1, 2, 2))
    big = K.lam(v, s * s + s * b)
    curve = K.lam(K.o, q + (K.t - at) * velocity + (K.t - at) * (K.t - at) * bend)
    slope = K.sum(K.o, velocity) * (K.sum(K.o, q) * 2 + b)
    slope = slope if t.rnd.random() < 0.8 else slope + t.number(0)
    curves = K.forall(K.i, K.forall(K.o, K.HASD(K.lam(K.t, curve(K.o)), at, velocity)))
    along = K.forall(K.i, K.HASD(K.lam(K.t, big(curve)), at, slope))
    convex = K.assume(convexity(K, big, v))
    return K.tangents(big, K.lam(K.o, q), convex, K.assume(curves), K.assume(along))


def _exp_tangent(t: Sound) -> Any:
    """At t <= 0 alone: the exponential of the models is 1 at every rational number."""
    root = t.number(1)
    return K.exp_tangent(-(root * root))


RULES = {
    "assume": lambda t: t.theorem(),
    "discharge": _discharge,
    "mp": _mp,
    "both": lambda t: K.both(t.theorem(), t.theorem()),
    "left": lambda t: K.left(t.true(K.AND(t.theorem().concl, t.theorem().concl))),
    "right": lambda t: K.right(t.true(K.AND(t.theorem().concl, t.theorem().concl))),
    "cases": _cases,
    "absurd": _absurd,
    "generalise": _generalise,
    "specialise": _specialise,
    "witness": _witness,
    "choose": _choose,
    "convert": _convert,
    "leibniz": _leibniz,
    "induction": _induction,
    "linear": _linear,
    "reflexive": lambda t: K.reflexive(t.number(2)),
    "square": lambda t: K.square(t.number(2)),
    "multiply": _multiply,
    "not_le": _not_le,
    "antisymmetry": _antisymmetry,
    "sum_le": _sum_le,
    "inverse": _inverse,
    "indicator": _indicator,
    "exp_tangent": _exp_tangent,
    "derivatives": _calculus,
    "d_unique": _d_unique,
    "tangents": _tangents,
}
VACUOUS = {"absurd"}  # its premise is false; it must stay among the hypotheses


@pytest.mark.parametrize("rule", RULES)
def test_rule_keeps_truth(rule: str) -> None:
    """What a rule proves is true in every model in which its hypotheses are; and that is often enough."""
    proved = true = 0
    for seed in range(120):
        trial = Sound(seed)
        try:
            th = RULES[rule](trial)
        except K.Refused:
            continue
        proved += 1
        for model in (trial.model, Model(seed + 1, 1, rational=True), Model(seed + 2, 1, rational=True)):
            if all(model.value(h) for h in th.hyps):
                true += 1
                assert model.value(th.concl), th
    assert proved >= 30, proved
    assert true >= 30 or rule in VACUOUS, true


@pytest.mark.parametrize("t", [Fraction(n, d) for n in range(-40, 41) for d in (1, 7, 16)], ids=str)
def test_exp_lies_above_its_tangent(t: Fraction) -> None:
    """What the rule says is true of the exponential function, bounded below by exact numbers."""
    th = K.exp_tangent(K.real(t))
    line, curve = th.concl.args
    (exponent,) = curve.args
    model = Model(0, 0, rational=True)
    assert (model.value(line)[0], model.value(exponent)[0]) == (1 + t, t)
    assert th.concl.name == "le"
    assert curve.name == "exp"
    assert 1 + t <= _exp_at_least(t)
    assert not t or 1 + t < _exp_at_least(t)


def _exp_at_least(t: Fraction) -> Fraction:
    """A number below exp(t) = exp(u)^n, |u| <= 1: 1 + u + u^2/2 + u^3/6 falls short of exp(u) by e^v u^4/24 >= 0."""
    n = max(1, -(-abs(t.numerator) // t.denominator))
    step, total, term = t / n, Fraction(1), Fraction(1)
    for k in range(1, 4):
        term = term * step / k
        total += term
    return total**n


class Matrices(Model):
    """A matrix W of outputs and inputs; vectors are tried on its kernel, matrices on its right inverse, if it has one."""

    def __init__(self, W: sympy.Matrix) -> None:
        super().__init__(0, 0, rational=True)
        self.size |= {"output": W.rows, "input": W.cols}
        self.W = W
        self.full = W.rank() == W.rows

    def domain(self, type_: Any) -> list[Any]:
        if type_ == ("input", K.REAL):
            return [lambda r, v=v: self.exact(v[r]) for v in (sympy.zeros(self.W.cols, 1), *self.W.nullspace())]
        if type_ == K.fun("input", "output", K.REAL):
            found = self.W.T * (self.W * self.W.T).inv() if self.full else self.W.T
            return [lambda r: lambda k: self.exact(found[r, k])]
        return super().domain(type_)

    def exact(self, value: sympy.Rational) -> Any:
        return self.constant(Fraction(int(value.p), int(value.q)))

    def function(self, name: object, type_: Any) -> Any:
        if type_ == K.fun("output", "input", K.REAL):
            return lambda k: lambda r: self.exact(self.W[k, r])
        if type_ == ("output", "input"):
            return lambda k: min(k, self.W.cols - 1)  # one to one if it can be
        return super().function(name, type_)


def test_a_right_inverse_needs_both_premises() -> None:
    """Over many small matrices the theorem is true, and without either premise it is false somewhere."""
    s, W = K.eta(K.var("s", ("output", "input"))), K.eta(K.var("W", K.fun("output", "input", K.REAL)))
    injective, rest = K.right_inverse(s, W).concl.args
    trivial, inverse = rest.args
    rnd, seen = random.Random(5), Counter[tuple[bool, bool, bool]]()
    for _ in range(300):
        rows, columns = rnd.randint(1, 3), rnd.randint(1, 3)
        model = Matrices(sympy.Matrix(rows, columns, lambda *_: rnd.randint(-1, 1)))
        values = tuple(model.value(formula) for formula in (injective, trivial, inverse))
        assert values == (rows <= columns, model.W.rank() == columns, model.full)
        assert model.value(K.right_inverse(s, W).concl)
        seen[values] += 1
    assert seen[True, True, True] >= 30
    assert seen[True, False, False] >= 30
    assert seen[False, True, False] >= 10
