"""A-priori boxes: where a ridge confines all critical points, with the proof; trusted.

Setting. L(theta) = W sum_i l_i(f_i(theta)) + sum_p mu_p theta_p^2, every mu_p > 0. For a set S of parameters let
E_S = sum_{p in S} theta_p d/dtheta_p. At every critical point, applying E_S to L gives the identity

    2 sum_{p in S} mu_p theta_p^2 = - W sum_i < grad l_i(f_i), E_S f_i >.                                           (1)

Output layer. If f_i is linear and homogeneous in theta_S (last weights and biases), E_S f_i = f_i, and the right side
  is at most W sum_i D_i, where D_i >= sup_q -< grad l_i(q), q >. For convex l_i >= 0: l_i(0) >= l_i(q) - < grad l_i(q), q >,
  so D_i = l_i(0) does. For l = q^T H q / 2 + b^T q + c, H positive definite, D_i = b^T H^-1 b / 4 does, by completing the
  square. Moreover sum_i (l_i(f_i) - inf l_i) <= sum_i (l_i(0) - inf l_i) = E, and then |d_k l_i| <= sqrt(2 H_kk E) for such
  quadratics, because a step along coordinate k lowers l_i by (d_k l_i)^2 / (2 H_kk).
Inner layers. If a pre-activation z is linear and homogeneous in theta_S, E_S sigma(z) = z sigma'(z), and this is bounded:
  |z sech^2 z| <= 0.4478 (the maximum is where z tanh z = 1/2, z = 0.7717..), |z s'(z)| <= 0.2239 for the logistic function
  (half of the former at z / 2), |z (2/sqrt pi) exp(-z^2)| <= sqrt(2/(pi e)) < 0.4840, |z / (1 + z^2)| <= 1/2. With
  bounds of grad l_i and of the outer weights from before, (1) bounds the right side, hence |theta_p| <= sqrt(R / (2 mu_p)).
Single parameters. 2 mu_p |theta_p| <= W sum_i |< grad l_i(f_i), d_p f_i >|, used wherever its range is finite.
Every range is computed by the interval code of `pgb.landscape.boxes`, with parameters that are not yet bounded ranging
over the whole line, and bounds only ever shrink. Without a ridge on a parameter nothing is claimed: tanh units may have
critical points at any distance, or whole lines of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy

from pgb.errors import InputError
from pgb.landscape.boxes import forms, tape
from pgb.landscape.boxes.forms import Form, Forms
from pgb.landscape.compile import compile_expressions
from pgb.objective.base import Objective
from pgb.problem import facts

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

# sup |u f'(u)|, proved above.
EULER: Final = {
    "tanh": Fraction(4478, 10_000),
    "sigmoid": Fraction(2239, 10_000),
    "erf": Fraction(4840, 10_000),
    "atan": Fraction(1, 2),
}
ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Bound:
    """A box that holds all critical points.

    Attributes
    ----------
    ends
        For each parameter the exact pair (-B, B).
    proof
        One sentence.
    coercive
        Whether L tends to infinity in every direction (then sum (-1)^index = 1 over nondegenerate points).
    """

    ends: tuple[tuple[Fraction, Fraction], ...]
    proof: str
    coercive: bool


@dataclass(frozen=True, slots=True)
class _Loss:
    """What is known of one l_i: D_i, l_i(0) - inf l_i, and sqrt(2 H_kk) for each output where l_i is quadratic."""

    outward: Fraction | None
    excess: Fraction | None
    curvature: tuple[Fraction, ...] | None


def everywhere(structure: Objective | None, names: Sequence[str]) -> Bound:
    """Return a box that provably holds all critical points of an objective.

    Parameters
    ----------
    structure
        The objective with its parts: outputs per sample, losses, penalty.
    names
        The parameters, in the order of the wanted ends.

    Raises
    ------
    InputError
        Where no bound is provable; the message says which hypothesis is missing.
    """
    if structure is None or not structure.outputs:
        raise InputError("box", "is needed: a bound is provable only for losses of network outputs plus a ridge")
    if [v.name for v in structure.variables] != list(names):
        raise InputError("residual_structure", f"must have the variables {', '.join(names)}")
    ridge = _ridge(structure)
    return _Bounding(structure, ridge).solve()


def _ridge(structure: Objective) -> list[Fraction]:
    """Return mu_p for every parameter; refuse penalties of another form, and parameters without one."""
    variables = structure.variables
    data = [
        loss.subs(dict(zip(structure.q, row, strict=True)), simultaneous=True)
        for loss, row in zip(structure.sample_losses, structure.outputs, strict=True)
    ]
    whole = structure.weight * sympy.Add(*data) + structure.rest
    if structure.expression != whole and sympy.expand(structure.expression - whole) != 0:
        raise InputError("residual_structure", "must add up to the objective")
    try:
        terms = sympy.Poly(structure.rest, *variables).terms()
    except sympy.PolynomialError:
        terms = [((), None)]
    found = [Fraction(0)] * len(variables)
    for powers, c in terms:
        used = [k for k, p in enumerate(powers) if p]
        if c == 0:
            continue
        if len(used) != 1 or powers[used[0]] != 2 or not c.is_Rational:
            raise InputError("box", "is needed: a bound is provable only where the penalty is a sum of mu_p theta_p^2")
        found[used[0]] = Fraction(int(c.p), int(c.q))
    bare = [v.name for v, mu in zip(variables, found, strict=True) if mu <= 0]
    if bare:
        raise InputError("box", f"is needed: without a ridge on {', '.join(bare)} no bound is provable")
    return found


def _loss_facts(loss: sympy.Expr, q: Sequence[sympy.Symbol]) -> _Loss:
    symbols = tuple(q)
    poly = loss.as_poly(*symbols) if loss.is_polynomial(*symbols) else None
    if poly is not None and poly.total_degree() == 2 and all(c.is_Rational for c in poly.coeffs()):
        H = sympy.hessian(loss, symbols)
        if H.is_positive_definite:
            zero = dict.fromkeys(symbols, 0)
            b = sympy.Matrix([sympy.diff(loss, s).subs(zero) for s in symbols])
            square = (b.T * H.inv() * b)[0]
            curvature = tuple(_root(2 * _fraction(H[k, k])) for k in range(len(symbols)))
            return _Loss(_fraction(square / 4), _fraction(square / 2), curvature)
    if facts.convex(loss, symbols).holds and facts.nonnegative(loss, symbols).holds:
        at_zero = _upper(loss.subs(dict.fromkeys(symbols, 0)))
        return _Loss(at_zero, at_zero, None)
    return _Loss(None, None, None)


def _fraction(value: sympy.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _upper(value: sympy.Expr) -> Fraction | None:
    """Return a rational upper bound of a closed expression, by ball arithmetic."""
    from pgb.landscape.balls import NoEnclosure
    from pgb.landscape.proposals import fraction

    try:
        (ball,) = compile_expressions([value], []).balls([], 128)
    except NoEnclosure:
        return None
    return fraction(ball.upper())


def _root(value: Fraction) -> Fraction:
    """Return a rational of few digits that is at least the square root of a non-negative rational."""
    guess = Fraction(math.sqrt(value)).limit_denominator(10**6) + Fraction(1, 10**9)
    while guess * guess < value:
        guess *= Fraction(1_000_001, 1_000_000)
    return guess


class _Bounding:
    """The iteration: ranges from bounds, bounds from (1)."""

    def __init__(self, structure: Objective, ridge: list[Fraction]) -> None:
        self.structure = structure
        self.mu = ridge
        self.n = len(ridge)
        self.weight = _fraction(structure.weight)
        flat = [f for row in structure.outputs for f in row]
        count = len(forms.from_program(compile_expressions(flat, structure.variables))[0].atoms)
        spare = [sympy.Dummy(f"euler{k}", real=True) for k in range(count)]
        program = compile_expressions(flat, [*structure.variables, *spare])
        self.store, outputs = forms.from_program(program)
        dy = len(structure.q)
        self.outputs = [outputs[k : k + dy] for k in range(0, len(outputs), dy)]
        self.losses = [_loss_facts(loss, structure.q) for loss in structure.sample_losses]
        self.ends: list[Fraction | None] = [None] * self.n  # |theta_p| <= ends[p]
        self.euler_range: dict[int, Fraction] = {}  # of the spare variables
        self.spare: dict[int, int] = {}  # function atom -> spare variable
        self.bounded_output = False

    # -- the walk

    def solve(self) -> Bound:
        groups = self._groups()
        output = [self._is_output(g) for g in groups]
        self.bounded_output = any(output)
        slopes = {(i, k): self.store.gradient(f)[: self.n] for i, k, f in self._all()}
        euler = {(j, i, k): self._euler(f, g) for j, g in enumerate(groups) for i, k, f in self._all()}
        rows = [f for _, _, f in self._all()]
        rows += [f for fs in slopes.values() for f in fs] + list(euler.values())
        self.tape = _tape(self.store, rows)
        loss_tapes = [self._loss_tape(loss) for loss in self.structure.sample_losses]
        for _ in range(ROUNDS):
            before = list(self.ends)
            size = self._sizes(self.tape, self._box())
            count = len(list(self._all()))
            gradient = self._loss_gradients(loss_tapes, count)
            slope = dict(zip([(*key, p) for key in slopes for p in range(self.n)], size[count:], strict=False))
            swept = dict(zip(euler, size[count + count * self.n :], strict=True))
            for j, group in enumerate(groups):
                self._apply_group(group, self._right_side(j, gradient, swept) if not output[j] else self._outward())
            for p in range(self.n):
                total = _sum(_times(gradient[i, k], slope[i, k, p]) for i, k, _ in self._all())
                if total is not None:
                    self._shrink(p, self.weight * total / (2 * self.mu[p]))
            if self.ends == before:
                break
        missing = [v.name for v, e in zip(self.structure.variables, self.ends, strict=True) if e is None]
        if missing:
            raise InputError(
                "box", f"is needed: no bound on {', '.join(missing)} follows from the ridge by the rules known"
            )
        ends = tuple((-_rounded(e), _rounded(e)) for e in self.ends if e is not None)
        shown = ", ".join(
            f"|{v.name}| <= {float(b):g}" for v, (_, b) in zip(self.structure.variables, ends, strict=True)
        )
        nonnegative = all(f.excess is not None for f in self.losses)
        return Bound(
            ends,
            f"everywhere: the ridge confines all critical points to {shown} (proof: pgb.landscape.bounds)",
            nonnegative,
        )

    def _all(self) -> list[tuple[int, int, Form]]:
        return [(i, k, f) for i, row in enumerate(self.outputs) for k, f in enumerate(row)]

    def _apply_group(self, group: Sequence[int], right: Fraction | None) -> None:
        if right is not None:
            for p in group:
                self._shrink(p, _root(right / (2 * self.mu[p])))

    def _shrink(self, p: int, bound: Fraction) -> None:
        old = self.ends[p]
        if old is None or bound < old * Fraction(999, 1000):
            self.ends[p] = bound

    # -- parts of (1)

    def _groups(self) -> list[list[int]]:
        """Return sets of parameters that occur linearly side by side: in an output, or in a function's argument."""
        sums = [f for row in self.outputs for f in row]
        sums += [a.args[0] for a in self.store.atoms if a.kind in EULER or a.kind in ("exp", "softplus", "sin", "cos")]
        groups: list[set[int]] = []
        for f in sums:
            direct = {a for m, _ in f for a, p in m if a < self.n and p == 1}
            if direct:
                joined = [g for g in groups if g & direct]
                groups = [g for g in groups if not g & direct] + [direct.union(*joined)]
        single = [{p} for p in range(self.n) if not any(p in g for g in groups)]
        return [sorted(g) for g in [*groups, *single]]

    def _is_output(self, group: Sequence[int]) -> bool:
        return all(self._swept(f, group) == f for _, _, f in self._all())

    def _swept(self, f: Form, group: Sequence[int]) -> Form:
        """Return E_S f as an exact form."""
        total: Form = forms.ZERO
        for p in group:
            total = forms.add(total, self._flat(self.store.variable(p), self.store.derivative(f, p)))
        return total

    def _flat(self, factor: Form, f: Form) -> Form:
        """Return factor * f, multiplied out term by term."""
        total: Form = forms.ZERO
        for m, c in f:
            total = forms.add(total, self.store.mul(factor, ((m, c),)))
        return total

    def _euler(self, f: Form, group: Sequence[int]) -> Form:
        """Return E_S f with every product z sigma'(z) replaced by a variable of known range."""
        total: Form = forms.ZERO
        for monomial, c in f:
            for a, p in monomial:
                inner = self._euler_atom(a, group)
                if inner:
                    rest: Form = ((tuple((b, q - (b == a)) for b, q in monomial if q > (b == a)), c * p),)
                    total = forms.add(total, self.store.mul(rest, inner))
        return total

    def _euler_atom(self, a: int, group: Sequence[int]) -> Form:
        atom = self.store.atoms[a]
        if atom.kind == forms.VAR:
            return self.store.variable(a) if a in group else forms.ZERO
        if atom.kind == forms.SUM:
            return self._euler(atom.args[0], group)
        if atom.kind == forms.PI:
            return forms.ZERO
        if atom.kind in EULER and self._swept(atom.args[0], group) == atom.args[0]:
            if a not in self.spare:
                self.spare[a] = self.n + len(self.spare)
                self.euler_range[self.spare[a]] = EULER[atom.kind]
            return self.store.variable(self.spare[a])
        if atom.kind == "select":
            return self._swept(((((a, 1),), Fraction(1)),), group)
        inner = self._euler(atom.args[0], group)
        return self.store.mul(self.store._slope(atom, ((((a, 1),), Fraction(1)),)), inner) if inner else inner

    def _outward(self) -> Fraction | None:
        """Return W sum D_i."""
        total = _sum(f.outward for f in self.losses)
        return None if total is None else self.weight * total

    def _right_side(
        self, j: int, gradient: dict[tuple[int, int], Fraction | None], swept: dict[Any, Fraction | None]
    ) -> Fraction | None:
        total = _sum(_times(gradient[i, k], swept[j, i, k]) for i, k, _ in self._all())
        return None if total is None else self.weight * total

    # -- ranges

    def _box(self) -> tuple[Floats, Floats]:
        import numpy as np

        high = np.zeros((1, self.store.n))
        for p, e in enumerate(self.ends):
            high[0, p] = np.inf if e is None else tape.enclose(e)[1]
        for p, e in self.euler_range.items():
            high[0, p] = tape.enclose(e)[1]
        return -high, high

    def _sizes(self, code: tape.Tape, box: tuple[Floats, Floats]) -> list[Fraction | None]:
        """Return upper bounds of |row| over a box, None where there is none."""
        import numpy as np

        from pgb.landscape.boxes.evaluate import ranges

        low, high = ranges(code, *box)
        top = np.maximum(-low[0], high[0])
        return [Fraction(float(v)) if math.isfinite(v) else None for v in top]

    def _loss_tape(self, loss: sympy.Expr) -> tape.Tape:
        store, (form,) = forms.from_program(compile_expressions([loss], self.structure.q))
        return _tape(store, store.gradient(form))

    def _loss_gradients(self, tapes: Sequence[tape.Tape], count: int) -> dict[tuple[int, int], Fraction | None]:
        """Return bounds of |d_k l_i(f_i)|: its range over the range of f_i, and for quadratics the energy bound."""
        from pgb.landscape.boxes.evaluate import ranges

        low, high = ranges(self.tape, *self._box())
        excess = _sum(f.excess for f in self.losses) if self.bounded_output else None
        energy = None if excess is None else _root(excess)
        result: dict[tuple[int, int], Fraction | None] = {}
        dy = len(self.structure.q)
        for i, (code, known) in enumerate(zip(tapes, self.losses, strict=True)):
            part = slice(i * dy, (i + 1) * dy)
            sizes = self._sizes(code, (low[:, :count][:, part], high[:, :count][:, part]))
            for k in range(dy):
                other = _times(energy, known.curvature[k]) if known.curvature else None
                result[i, k] = min((v for v in (sizes[k], other) if v is not None), default=None)
        return result


def _tape(store: Forms, rows: Sequence[Form]) -> tape.Tape:
    padded = [*rows, *[forms.ZERO] * max(0, store.n - len(rows))]
    return tape.build(store, padded, [[forms.ZERO] * store.n] * store.n)


def _times(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """Return the product of two bounds; nothing is known if one is missing, unless the other is 0."""
    if a == 0 or b == 0:
        return Fraction(0)
    return None if a is None or b is None else a * b


def _sum(values: Any) -> Fraction | None:
    total = Fraction(0)
    for v in values:
        if v is None:
            return None
        total += v
    return total


def _rounded(value: Fraction) -> Fraction:
    """Return a decimal of three digits that is at least the given bound, and positive."""
    if value <= 0:
        return Fraction(1, 1000)
    exponent = math.floor(math.log10(value)) - 2
    unit = Fraction(10) ** exponent
    return (value // unit + 1) * unit
