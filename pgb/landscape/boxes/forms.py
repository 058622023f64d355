"""Exact normal forms of a program's expressions: polynomials with rational coefficients in function atoms.

Trusted by the branch-and-prune search: every operation here is an exact identity wherever the source expression is
defined, and no constant is ever a float. The forms are what differentiation, symmetry detection and the elimination of
single data act on; `pgb.landscape.boxes.tape` turns them into interval code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from pgb.errors import InputError
from pgb.landscape.compile import Op, Program

Monomial = tuple[tuple[int, int], ...]  # ((atom, power >= 1), ...), atoms increasing
Form = tuple[tuple[Monomial, Fraction], ...]  # ((monomial, coefficient != 0), ...), monomials increasing

ZERO: Final[Form] = ()
ONE: Final[Form] = (((), Fraction(1)),)

VAR: Final = "var"
SUM: Final = "sum"  # a sum kept whole, so that products of sums are never expanded
RECIP: Final = "recip"
PI: Final = "pi"
ODD: Final = frozenset({"tanh", "erf", "atan", "sin", "sign"})
EVEN: Final = frozenset({"dtanh", "dsigmoid", "cos", "abs"})
NONNEGATIVE: Final = frozenset({"exp", "sqrt", "dtanh", "sigmoid", "dsigmoid", "softplus", "abs", "relu", "step", PI})
# Functions whose derivative jumps: a gradient that holds one of the second group is no continuous function.
CORNERS: Final = frozenset({"abs", "relu"})
JUMPS: Final = frozenset({"sign", "step", "select"})


@dataclass(frozen=True, slots=True)
class Atom:
    """A variable, pi, a sum kept whole, or a function of forms."""

    kind: str
    args: tuple[Form, ...] = ()
    index: int = 0  # of a variable
    closed: int = 0  # of a select: its value at 0 is the first branch


def constant(value: Fraction | int) -> Form:
    """Return the form of a rational number."""
    return (((), Fraction(value)),) if value else ZERO


def value_of(form: Form) -> Fraction | None:
    """Return the number that a constant rational form is, else None."""
    if not form:
        return Fraction(0)
    return form[0][1] if len(form) == 1 and not form[0][0] else None


def add(f: Form, g: Form, scale: Fraction | int = 1) -> Form:
    """Return f + scale g."""
    total = dict(f)
    for m, c in g:
        total[m] = total.get(m, Fraction(0)) + scale * c
    return tuple(sorted((m, c) for m, c in total.items() if c))


def scaled(f: Form, factor: Fraction | int) -> Form:
    """Return factor f."""
    return tuple((m, c * factor) for m, c in f) if factor else ZERO


@dataclass(slots=True)
class Forms:
    """A store of atoms in `n` variables; equal atoms have equal numbers, so equal forms are equal tuples."""

    n: int
    atoms: list[Atom] = field(default_factory=list)
    _found: dict[Atom, int] = field(default_factory=dict)
    _derived: dict[tuple[int, int], Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in range(self.n):
            self.atom(Atom(VAR, index=k))

    def atom(self, atom: Atom) -> int:
        """Return the number of an atom."""
        if atom not in self._found:
            self._found[atom] = len(self.atoms)
            self.atoms.append(atom)
        return self._found[atom]

    def variable(self, k: int) -> Form:
        """Return the form of the k-th variable."""
        return ((((k, 1),), Fraction(1)),)

    # -- arithmetic

    def whole(self, f: Form) -> Form:
        """Return f as one term: its common factor times the rest kept whole as a sum atom."""
        if len(f) <= 1:
            return f
        shared = dict(f[0][0])
        for m, _ in f[1:]:
            powers = dict(m)
            shared = {a: min(p, powers[a]) for a, p in shared.items() if a in powers}
        lead = f[0][1] if f[0][0] else f[1][1]
        rest = tuple(sorted((_without(m, shared), c / lead) for m, c in f))
        number = self.atom(Atom(SUM, (rest,)))
        return self._times(tuple(sorted(shared.items())), ((number, 1),), lead)

    def mul(self, f: Form, g: Form) -> Form:
        """Return f g, a single term unless one factor is constant."""
        for a, b in ((f, g), (g, f)):
            known = value_of(a)
            if known is not None:
                return scaled(b, known)
        f, g = self.whole(f), self.whole(g)
        return self._times(f[0][0], g[0][0], f[0][1] * g[0][1])

    def power(self, f: Form, k: int) -> Form:
        """Return f^k, k >= 0."""
        known = value_of(f)
        if known is not None:
            return constant(known**k)
        result = ONE
        for _ in range(k):
            result = self.mul(result, f)
        return result

    def recip(self, f: Form) -> Form:
        """Return 1 / f."""
        known = value_of(f)
        if known is not None:
            if known == 0:
                raise InputError("objective", "divides by zero")
            return constant(1 / known)
        ((monomial, c),) = self.whole(f)
        result = constant(1 / c)
        for a, p in monomial:
            inverse = self.atoms[a].args[0] if self.atoms[a].kind == RECIP else self._single(Atom(RECIP, (_of(a),)))
            result = self.mul(result, self.power(inverse, p))
        return result

    def function(self, kind: str, f: Form) -> Form:
        """Return kind(f), with the sign of f pulled out of odd and even functions."""
        if kind in ODD or kind in EVEN:
            lead = next((c for m, c in f if m), f[0][1] if f else Fraction(1))
            if lead < 0:
                inner = self.function(kind, scaled(f, -1))
                return inner if kind in EVEN else scaled(inner, -1)
        known = value_of(f)
        if known is not None and kind in _EXACT:
            exact = _EXACT[kind](known)
            if exact is not None:
                return constant(exact)
        return self._single(Atom(kind, (f,)))

    def select(self, d: Form, yes: Form, no: Form, closed: int) -> Form:
        """Return yes where d > 0, no where d < 0."""
        if yes == no:
            return yes
        return self._single(Atom("select", (d, yes, no), closed=closed))

    def _single(self, atom: Atom) -> Form:
        return _of(self.atom(atom))

    def _times(self, m: Monomial, k: Monomial, c: Fraction) -> Form:
        powers = dict(m)
        for a, p in k:
            powers[a] = powers.get(a, 0) + p
        return self._reduced(powers, c)

    def _reduced(self, powers: dict[int, int], c: Fraction) -> Form:
        """Apply step^2 = step, relu step = relu, |u|^2 = u^2, |u| sign u = u, sqrt(u)^2 = u to a product."""
        extra: list[Form] = []
        for a in sorted(powers):
            atom = self.atoms[a]
            if atom.kind == "step":
                powers[a] = 1
                if powers.get(self._found.get(Atom("relu", atom.args), -1), 0):
                    del powers[a]
            elif atom.kind in ("abs", "sqrt") and powers[a] >= 2:
                half, odd = divmod(powers[a], 2)
                extra.append(self.power(atom.args[0], 2 * half if atom.kind == "abs" else half))
                powers[a] = odd
        for a in [a for a in powers if self.atoms[a].kind == "sign"]:
            partner = self._found.get(Atom("abs", self.atoms[a].args), -1)
            if powers.get(partner, 0) and powers[a] % 2:
                powers[a], powers[partner] = 0, powers[partner] - 1
                extra.append(self.atoms[a].args[0])
            powers[a] = powers[a] % 2 if powers[a] > 1 else powers[a]
        result: Form = ((tuple(sorted((a, p) for a, p in powers.items() if p)), c),)
        for f in extra:
            result = self.mul(result, f)
        return result

    # -- calculus and substitution

    def derivative(self, f: Form, k: int) -> Form:
        """Return the partial derivative of f in the k-th variable."""
        total = ZERO
        for monomial, c in f:
            for a, p in monomial:
                inner = self._atom_derivative(a, k)
                if inner:
                    rest = self._reduced({b: q - (b == a) for b, q in monomial}, c * p)
                    total = add(total, self.mul(rest, inner))
        return total

    def gradient(self, f: Form) -> list[Form]:
        """Return the partial derivatives in the order of the variables."""
        return [self.derivative(f, k) for k in range(self.n)]

    def _atom_derivative(self, a: int, k: int) -> Form:
        key = (a, k)
        if key not in self._derived:
            self._derived[key] = self._differentiate(self.atoms[a], _of(a), k)
        return self._derived[key]

    def _differentiate(self, atom: Atom, itself: Form, k: int) -> Form:
        if atom.kind == VAR:
            return ONE if atom.index == k else ZERO
        if atom.kind in (PI, "sign", "step"):
            return ZERO
        if atom.kind == "select":
            d, yes, no = atom.args
            return self.select(d, self.derivative(yes, k), self.derivative(no, k), atom.closed)
        inner = self.derivative(atom.args[0], k)
        return inner if atom.kind == SUM or not inner else self.mul(self._slope(atom, itself), inner)

    def _slope(self, atom: Atom, itself: Form) -> Form:
        """Return f'(u) for the atom f(u)."""
        u = atom.args[0]
        match atom.kind:
            case "exp":
                return itself
            case "log":
                return self.recip(u)
            case "sqrt":
                return scaled(self.recip(itself), Fraction(1, 2))
            case "recip":
                return scaled(self.power(itself, 2), -1)
            case "dtanh":
                return scaled(self.mul(self.function("tanh", u), itself), -2)
            case "dsigmoid":
                return scaled(self.mul(itself, self.function("tanh", scaled(u, Fraction(1, 2)))), -1)
            case "erf":
                root = self.function("sqrt", self._single(Atom(PI)))
                bell = self.function("exp", scaled(self.power(u, 2), -1))
                return scaled(self.mul(self.recip(root), bell), 2)
            case "atan":
                return self.recip(add(ONE, self.power(u, 2)))
            case "cos":
                return scaled(self.function("sin", u), -1)
        return self.function(_SLOPES[atom.kind], u)

    def substitute(self, f: Form, values: Sequence[Form], memo: dict[int, Form] | None = None) -> Form:
        """Return f with the variables replaced by forms."""
        memo = {} if memo is None else memo
        total = ZERO
        for monomial, c in f:
            term = constant(c)
            for a, p in monomial:
                if a not in memo:
                    memo[a] = self._moved(self.atoms[a], a, values, memo)
                term = self.mul(term, self.power(memo[a], p))
            total = add(total, term)
        return total

    def _moved(self, atom: Atom, a: int, values: Sequence[Form], memo: dict[int, Form]) -> Form:
        if atom.kind == VAR:
            return values[atom.index]
        args = [self.substitute(g, values, memo) for g in atom.args]
        match atom.kind:
            case "sum":
                return args[0]
            case "recip":
                return self.recip(args[0])
            case "select":
                return self.select(args[0], args[1], args[2], atom.closed)
            case "pi":
                return _of(a)
        return self.function(atom.kind, args[0])

    def kinds(self, fs: Sequence[Form]) -> set[str]:
        """Return the kinds of all atoms that the forms reach."""
        seen: set[int] = set()
        stack = [a for f in fs for m, _ in f for a, _ in m]
        while stack:
            a = stack.pop()
            if a not in seen:
                seen.add(a)
                stack += [b for g in self.atoms[a].args for m, _ in g for b, _ in m]
        return {self.atoms[a].kind for a in seen}

    def depends(self, f: Form, k: int) -> bool:
        """Tell whether the k-th variable occurs in f."""
        return any(self._uses(a, k) for m, _ in f for a, _ in m)

    def _uses(self, a: int, k: int) -> bool:
        atom = self.atoms[a]
        return atom.index == k if atom.kind == VAR else any(self.depends(g, k) for g in atom.args)


_EXACT: Final[dict[str, Callable[[Fraction], Fraction | None]]] = {
    "exp": lambda x: None if x else Fraction(1),
    "tanh": lambda x: None if x else Fraction(0),
    "dtanh": lambda x: None if x else Fraction(1),
    "sigmoid": lambda x: None if x else Fraction(1, 2),
    "dsigmoid": lambda x: None if x else Fraction(1, 4),
    "erf": lambda x: None if x else Fraction(0),
    "atan": lambda x: None if x else Fraction(0),
    "sin": lambda x: None if x else Fraction(0),
    "cos": lambda x: None if x else Fraction(1),
    "log": lambda x: Fraction(0) if x == 1 else None,
    "abs": abs,
    "relu": lambda x: max(x, Fraction(0)),
    "step": lambda x: Fraction(int(x > 0)) if x else None,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "sqrt": lambda x: x if x in (0, 1) else None,
}
_SLOPES: Final = {
    "tanh": "dtanh",
    "sigmoid": "dsigmoid",
    "softplus": "sigmoid",
    "sin": "cos",
    "abs": "sign",
    "relu": "step",
}


def _of(a: int) -> Form:
    return ((((a, 1),), Fraction(1)),)


def _without(m: Monomial, shared: dict[int, int]) -> Monomial:
    return tuple((a, p - shared.get(a, 0)) for a, p in m if p > shared.get(a, 0))


def from_program(program: Program) -> tuple[Forms, list[Form]]:
    """Return the store and the forms of a program's outputs.

    Parameters
    ----------
    program
        Any program of `pgb.landscape.compile`.
    """
    store = Forms(len(program.inputs))
    registers: list[Form] = [store.variable(k) for k in range(store.n)]
    for c in program.constants:
        registers.append(constant(c) if isinstance(c, Fraction) else store._single(Atom(PI)))
    for step in program.code:
        registers.append(_translate(store, step.op, step.exponent, [registers[a] for a in step.args]))
    return store, [registers[r] for r in program.outputs]


def _translate(s: Forms, op: Op, exponent: Fraction, args: list[Form]) -> Form:
    match op:
        case Op.ADD:
            return add(args[0], args[1])
        case Op.SUB:
            return add(args[0], args[1], -1)
        case Op.NEG:
            return scaled(args[0], -1)
        case Op.MUL:
            return s.mul(args[0], args[1])
        case Op.DIV:
            return s.mul(args[0], s.recip(args[1]))
        case Op.POWI:
            return s.power(args[0], int(exponent))
        case Op.POWQ:
            return s.function("exp", scaled(s.function("log", args[0]), exponent))
        case Op.SELECT:
            return s.select(args[0], args[1], args[2], int(exponent))
    return s.function(str(op), args[0])
