"""Printed statements: pinned for the main theorems, never the same for different terms, abbreviated only when exact."""

from __future__ import annotations

import itertools

import pytest

from pgb import library
from pgb.derivations import steps
from pgb.kernel import AND, BOOL, LE, Term, eq, forall, real, var
from pgb.report import notation
from pgb.report.folding import bare
from pgb.report.vocabulary import definitions

s = library.statements()
DATA = {"x", "l", "dl", "f", "df", "lambda", "Q", "dQ", "eQ", "phi", "dphi", "rho", "drho"}

PINNED = {
    "vanishing_at_minima": """
∀θ, a, b, W: ((a, b, W) is a local minimum of L̃(θ, ·) ⟹ a = 0) ∧ ((θ, a, b, W) is a local minimum of L̃ ⟹ a = 0)
""",
    "elimination": """
∀θ, a, b, W:
  (a, b, W) is a local minimum of L̃(θ, ·) ⟹
  a = 0 ∧
  (∀i, k: Σ_j ∂_k l_j(f(x_j; θ)) [x_j = x_i] = 0) ∧
  L(θ) = L* ∧ (∀θ′: L(θ) ≤ L(θ′)) ∧ (∀z, k: a_k exp(W_k · z + b_k) = 0) ∧ L̃(θ, a, b, W) = L(θ)
""",
    "independence": """
∀c, z, s:
  (∃ρ > 0: ∀w: |w − z| < ρ ⟹ Σ_i c_i exp(w · x_i + s) = 0) ⟹
  (∀h: Σ_i c_i h(x_i) = 0) ∧ (∀i: Σ_j c_j [x_j = x_i] = 0) ∧ ((∀i, j: x_i = x_j ⟹ i = j) ⟹ (∀i: c_i = 0))
""",
    "characterisation": """
∀θ, a, b, W:
  ((θ, a, b, W) is a local minimum of L̃ ⟺ a = 0 ∧ L(θ) = L*) ∧
  ((θ, a, b, W) is a local minimum of L̃ ⟹ (θ, a, b, W) is a global minimum of L̃ ∧ L̃(θ, a, b, W) = L(θ))
""",
    "vacuity": """
(∀θ: ¬(L(θ) = L*)) ⟹ (∀θ, a, b, W: ¬((θ, a, b, W) is a local minimum of L̃))
""",
    "one_neuron": """
∀θ, s, t, z:
  (s, t, z) is a local minimum of L̃₁(θ, ·) ⟹
  s = 0 ∧
  (∀i: Σ_j l′_j(f(θ, x_j)) [x_j = x_i] = 0) ∧
  (∀h: L₁(θ) ≤ L₁[h]) ∧ (∀θ′: L₁(θ) ≤ L₁(θ′)) ∧ (∀w: s exp(z · w + t) = 0) ∧ L̃₁(θ, s, t, z) = L₁(θ)
""",
    "residual": """
∀ζ, θ, W, V:
  (∃ρ > 0:
     ∀W′, V′:
       |W′ − W| < ρ ⟹
       |V′ − V| < ρ ⟹
       (1/m) Σ_i l_i((W_k · (x_{i,r} + Σ_v V_{r,v} ζ_v(x_i, θ))_r)_k) ≤ (1/m) Σ_i l_i((W′_k · (x_{i,r} + Σ_v V′_{r,v} ζ_v(x_i, θ))_r)_k)) ⟹
  (∀W′, K:
     (1/m) Σ_i l_i((W_k · (x_{i,r} + Σ_v V_{r,v} ζ_v(x_i, θ))_r)_k) ≤ (1/m) Σ_i l_i((W′_k · x_i + Σ_v K_{k,v} ζ_v(x_i, θ))_k))
""",
    "ridge": """
∀s, θ, a, b, W:
  0 < s ⟹
  ((∃ρ > 0:
      ∀θ′, a′, b′, W′:
        |θ′ − θ| < ρ ⟹
        |a′ − a| < ρ ⟹ |b′ − b| < ρ ⟹ |W′ − W| < ρ ⟹ L̃(θ, a, b, W) + s |θ|² ≤ L̃(θ′, a′, b′, W′) + s |θ′|²)
   ⟺
   a = 0 ∧ (∀p: θ_p = 0) ∧ L(θ) = L*)
""",
    "pgb_condition": """
∀z, h, r:
  z is a local minimum of Q ⟹
  h and r are a gradient basis at z ⟹
  φ and ϱ have partial derivatives ∂φ, ∂ϱ near z ⟹
  (∃ρ > 0:
     ∀s:
       0 ≤ s ⟹
       s < ρ ⟹
       (∀v: (∀j: v_j ∈ V[z, s]) ⟹ (∀α: Q(z) ≤ Q[v; α](z, s, r))) ∧
       (∃v, α: (∀j: v_j ∈ V[z, s]) ∧ (∀j, p: v_{j,p} = 0) ∧ Q[v; α](z, s, r) = Q(z)))
""",
}


@pytest.mark.parametrize("name", sorted(PINNED))
def test_statements_read_as_pinned(name):
    assert notation.text(library.check_proof(name).theorem.concl) == PINNED[name].strip()


def test_hypotheses_read_as_pinned():
    shown = {name: notation.text(s.STANDARD.hypothesis(name)) for name in s.HYPOTHESES}
    assert shown == {
        "lambda_positive": "0 < λ",
        "loss_differentiable": "∀i, y: ∇[l_i](y) = ∇l_i(y)",
        "loss_convex": "∀i, y, y′, s: 0 ≤ s ⟹ s ≤ 1 ⟹ l_i(((1 − s) y_k + s y′_k)_k) ≤ (1 − s) l_i(y) + s l_i(y′)",
        "loss_nonnegative": "∀i, y: 0 ≤ l_i(y)",
        "labels_consistent": "∀i, j: x_i = x_j ⟹ (∀y: l_i(y) = l_j(y))",
        "f_differentiable": "∀θ, i, k, p: d/ds [f(x_i; (θ + s e_p))_k] at s = 0 is ∂_p f(x_i; θ)_k",
    }


def closed(term: Term) -> Term:
    """Quantify a formula over its free variables other than the data."""
    for name, type_ in sorted(term.names, key=str):
        if str(name) not in DATA:
            term = forall(var(str(name), type_), term)
    return term


def corpus() -> list[Term]:
    """Return many closed formulas: conclusions from all derivations, their parts, and near-copies of the claims."""
    found: dict[Term, None] = {}
    for name in library.proof_names():
        theorem = library.check_proof(name).theorem
        for th in itertools.islice(steps(theorem), 0, None, 9):
            if th.concl.sort == BOOL and _size(th.concl) < 120:
                found[closed(th.concl)] = None
        if _size(theorem.concl) < 250:
            for mutant in near_copies(theorem.concl)[::3]:
                found[mutant] = None
    return list(found)


def _size(term: Term) -> int:
    return 1 + sum(map(_size, term.args))


def near_copies(term: Term) -> list[Term]:
    """Return formulas that differ from a closed one in one small place."""
    out = []

    def rebuild(t: Term, path: tuple[int, ...], new: Term) -> Term:
        if not path:
            return new
        args = list(t.args)
        args[path[0]] = rebuild(args[path[0]], path[1:], new)
        return Term(t.kind, t.name, t.type, tuple(args))

    def visit(t: Term, path: tuple[int, ...]) -> None:
        if t.kind == "const" and t.name in ("add", "mul", "le", "lt", "and") and t.args[0] != t.args[1]:
            out.append(rebuild(term, path, Term(t.kind, t.name, t.type, (t.args[1], t.args[0]))))
        if t.kind == "const" and t.name in ("add", "mul") and t.args[0].name == t.name:
            inner = t.args[0]
            moved = Term(
                t.kind, t.name, t.type, (inner.args[0], Term(t.kind, t.name, t.type, (inner.args[1], t.args[1])))
            )
            out.append(rebuild(term, path, moved))
        if t.kind == "num":
            out.append(rebuild(term, path, real(t.name + 1)))
        for n, a in enumerate(t.args):
            visit(a, (*path, n))

    visit(term, ())
    return out


@pytest.fixture(scope="module")
def formulas() -> list[Term]:
    return corpus()


@pytest.mark.parametrize(("form", "fold"), [("text", True), ("text", False), ("latex", True)])
def test_different_formulas_never_print_the_same(formulas, fold, form):
    write = getattr(notation, form)
    seen: dict[str, Term] = {}
    for term in formulas:
        written = " ".join(write(term, fold=fold).split())
        assert seen.setdefault(written, term) == term, written
    assert len(seen) == len(formulas) > 400


def test_latex_brackets_balance(formulas):
    for term in formulas[::5]:
        written = notation.latex(term)
        assert written.count("{") == written.count("}")
        assert written.count("(") == written.count(")")


def test_an_abbreviation_is_the_very_term(formulas):
    """Wherever a definition is recognised, building it again gives the term that stood there."""
    counts: dict[str, int] = {}

    numbers = itertools.count()

    def visit(term: Term) -> None:
        if term.kind == "lam":
            visit(term(var(f"probe_{next(numbers)}", term.type[0])))
            return
        for d in definitions():
            values = d.match(term)
            if values is not None:
                assert d.build(*values) == term
                counts[d.key] = counts.get(d.key, 0) + 1
        for a in term.args:
            visit(a)

    claims = [library.check_proof(n).theorem.concl for n in ("characterisation", "elimination", "vanishing")]
    for term in (*claims, *formulas[::30]):
        visit(term)
    assert {"augmented", "original", "local_minimum", "local_minimum_fixed", "optimal", "dot"} <= counts.keys()


def test_near_misses_are_not_abbreviated():
    point = (s.theta, s.a, s.b, s.W)
    value = s.STANDARD.augmented(*point)
    assert notation.text(value) == "L̃(θ, a, b, W)"
    doubled = s.STANDARD.data_term(*point) + real(2) * s.STANDARD.penalty(s.a)
    no_mean = s.total_over(s.SAMPLE, lambda n: s.LOSS(n, s.prediction(s.theta, n)))
    without_bias = s.Setting(s.MUTATED["bias"][0])
    strict = s.some("real", lambda r: AND(s.positive(r), s.STANDARD.lowest_nearby(*point, r, s.theta2)))
    other_point = s.LOSS(s.i, s.prediction(s.theta, s.j))
    assert notation.text(doubled) == "D(θ, a, b, W) + 2 (λ |a|²)"
    assert notation.text(no_mean) == "Σ_i l_i(f(x_i; θ))"
    assert notation.text(other_point) == "l_i(f(x_j; θ))"
    assert "local minimum" not in notation.text(without_bias.local_minimum(*point))
    assert "L̃" not in notation.text(without_bias.augmented(*point))
    assert "local minimum" not in notation.text(strict)


def test_bound_variables_do_not_take_names_in_use():
    term = s.every(s.OUTPUT, lambda c: eq(s.a(c), s.a(s.k)))
    assert notation.text(term) == "∀k′: a_k′ = a_k"
    nested = s.every("real", lambda u: s.every("real", lambda v: LE(u, v)))
    assert notation.text(nested) == "∀s, t: s ≤ t"


def test_eta_long_functions_print_as_their_names():
    assert bare(s.prediction(s.theta, s.i)) is not None
    assert notation.text(eq(s.LOSS(s.i, s.a), s.LOSS(s.i, s.b))) == "l_i(a) = l_i(b)"


def test_steps_read_like_the_proof():
    shown = notation.steps(library.check_proof("elimination"))
    lines = shown.splitlines()
    assert lines[0].startswith("elimination. At every local minimum of L̃")
    assert "[theorem grouped_gradients, checked (667 further applications)]" in shown
    assert "       L(θ) = L*" in lines
    assert "[uses loss_convex, loss_differentiable]" in shown or "[uses loss_differentiable, loss_convex]" in shown
    assert "Hypotheses." in lines
    assert "  lambda_positive: 0 < λ" in lines
    assert "  L(θ) = (1/m) Σ_i l_i(f(x_i; θ))" in lines
    proof = library.check_proof("elimination")
    assert (
        lines[-1] == f"A checked derivation from {len(proof.rules)} stated rules ({proof.applications} applications)."
    )


@pytest.mark.parametrize("name", library.proof_names())
def test_every_proof_prints_with_the_hypotheses_it_consumes(name):
    proof = library.check_proof(name)
    shown = notation.steps(proof)
    for identifier, _ in proof.hypotheses:
        assert f"  {identifier}: " in shown
        assert any(
            f"[uses {line}]" in shown
            for line in {", ".join(m.hypotheses) for m in proof.milestones if identifier in m.hypotheses}
        )
    for fact in proof.rests_on:
        assert fact in shown
