"""Decides exactly whether closed expressions vanish and whether functions agree identically; trusted.

Everything is rewritten to one normal form: a polynomial over Q in generators (radicals of primes, logarithms of primes,
pi, exponentials of monomials, variables, and function values such as tanh(u) with u in normal form). Each rewriting is an
identity of real functions, so a form that is empty IS zero. That a form is not zero is never concluded from the form but
from a ball that excludes 0; what neither decides is `Undecided`.

Radicals and logarithms of primes are decided completely where they stand alone: prod p^(q_p), 0 <= q_p < 1, are linearly
independent over Q (A. S. Besicovitch, "On the linear independence of fractional powers of integers", 1940), and log p are
by unique factorisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd
from typing import Any, Final

import sympy
from flint import arb, ctx, fmpq

from pgb.errors import PgbError
from pgb.landscape import balls
from pgb.landscape.compile import Constant, Op, Program, compile_expressions

Exponent = int | Fraction
Monomial = tuple[tuple[int, Exponent], ...]
Form = dict[Monomial, fmpq]
Key = frozenset[tuple[Monomial, fmpq]]

MAX_TERMS: Final = 20_000
MAX_EXPONENT: Final = 4_096
TRIAL_DIVISORS: Final = 100_000
PRECISIONS: Final = (64, 256, 1024, 4096)

ONE: Final[Monomial] = ()
ODD: Final = frozenset({"tanh", "erf", "atan", "sin", "sign"})
EVEN: Final = frozenset({"cos", "abs"})


class Undecided(PgbError):
    """The exact rules do not decide this question (or the form grew too large); never a claim either way."""


@dataclass(frozen=True, slots=True)
class Generator:
    """One letter of the normal form.

    Attributes
    ----------
    kind
        ``"prime"`` (p, exponents in [0, 1)), ``"log"`` (of a prime), ``"pi"``, ``"exp"`` (of a monomial, any rational
        exponent), ``"variable"``, ``"function"``, ``"inverse"`` or ``"root"`` (n-th root, exponents 0 .. n - 1).
    name
        The variable's or function's name.
    argument
        A prime, a monomial or a form, by kind.
    degree
        n for a root.
    closed
        Whether it contains no variable.
    """

    kind: str
    name: str = ""
    argument: Any = None
    degree: int = 0
    closed: bool = True


class Ring:
    """The forms over a growing set of generators, with the variables' values known as balls.

    Parameters
    ----------
    variables
        Name to a ball that contains the variable's value at the point of interest. Signs of forms with variables are
        the signs over these balls; identities between forms hold for all values near.
    """

    def __init__(self, variables: Mapping[str, arb] | None = None) -> None:
        self.values = dict(variables or {})
        self.generators: list[Generator] = []
        self._ids: dict[Any, int] = {}
        self._balls: dict[tuple[int, int], arb] = {}
        self.assumed: dict[Key, int] = {}  # signs taken for arguments of kinks: one region of a piecewise function

    # -- letters and constants

    def generator(self, key: Any, made: Generator) -> int:
        """Return the number of a generator, new or known."""
        if key not in self._ids:
            self._ids[key] = len(self.generators)
            self.generators.append(made)
        return self._ids[key]

    def letter(self, number: int, exponent: Exponent = 1) -> Form:
        """Return one generator as a form."""
        return {((number, exponent),): fmpq(1)}

    def constant(self, value: Constant | int) -> Form:
        """Return a rational number, or pi."""
        if isinstance(value, str):
            return self.letter(self.generator("pi", Generator("pi")))
        value = Fraction(value)
        return {ONE: fmpq(value.numerator, value.denominator)} if value else {}

    def variable(self, name: str) -> Form:
        """Return a variable, whose ball must have been given."""
        if name not in self.values:
            raise Undecided(f"no ball is known for the variable {name}")
        return self.letter(self.generator(("variable", name), Generator("variable", name, closed=False)))

    def rational(self, form: Form) -> Fraction | None:
        """Return the value of a form that is a rational number, else None."""
        if not form:
            return Fraction(0)
        value = form.get(ONE)
        return Fraction(int(value.p), int(value.q)) if value is not None and len(form) == 1 else None

    def closed(self, form: Form) -> bool:
        """Does the form contain no variable?"""
        return all(self.generators[g].closed for monomial in form for g, _ in monomial)

    # -- ring operations

    def add(self, a: Form, b: Form) -> Form:
        """Return a + b."""
        if len(a) < len(b):
            a, b = b, a
        out = dict(a)
        for monomial, c in b.items():
            total = out.get(monomial, 0) + c
            if total == 0:
                del out[monomial]
            else:
                out[monomial] = total
        return out

    def scale(self, c: fmpq, a: Form) -> Form:
        """Return c a for a rational c."""
        return {m: c * v for m, v in a.items()} if c != 0 else {}

    def neg(self, a: Form) -> Form:
        """Return -a."""
        return {m: -v for m, v in a.items()}

    def sub(self, a: Form, b: Form) -> Form:
        """Return a - b."""
        return self.add(a, self.neg(b))

    def mul(self, a: Form, b: Form) -> Form:
        """Return a b.

        Raises
        ------
        Undecided
            When the product has too many terms.
        """
        if len(a) * len(b) > MAX_TERMS * 4:
            raise Undecided("an exact product has too many terms")
        out: Form = {}
        rest: Form = {}
        for m, c in a.items():
            for n, d in b.items():
                monomial, factor, forms = self._monomial_product(m, n)
                if forms:
                    term: Form = {monomial: c * d * factor}
                    for f in forms:
                        term = self.mul(term, f)
                    rest = self.add(rest, term)
                    continue
                total = out.get(monomial, 0) + c * d * factor
                if total == 0:
                    out.pop(monomial, None)
                else:
                    out[monomial] = total
        out = self.add(out, rest) if rest else out
        if len(out) > MAX_TERMS:
            raise Undecided("an exact form has too many terms")
        return out

    def _monomial_product(self, m: Monomial, n: Monomial) -> tuple[Monomial, fmpq, list[Form]]:
        """Return monomial, rational factor and further factors of m n, with the generators' own relations applied."""
        if not m or not n:
            return m or n, fmpq(1), []
        exponents: dict[int, Exponent] = dict(m)
        factor, forms = fmpq(1), []
        for g, e in n:
            exponents[g] = exponents.get(g, 0) + e
        for g, e in list(exponents.items()):
            letter = self.generators[g]
            if letter.kind == "prime" and not 0 <= e < 1:
                factor *= fmpq(letter.argument) ** floor(e)
                exponents[g] = e - floor(e)
            elif letter.kind == "root" and e >= letter.degree:
                forms.append(letter.argument)
                exponents[g] = e - letter.degree
        return tuple(sorted((g, e) for g, e in exponents.items() if e)), factor, forms

    def power(self, a: Form, n: int) -> Form:
        """Return a^n for an integer n; negative n needs a != 0."""
        if abs(n) > MAX_EXPONENT:
            raise Undecided(f"an exponent of size {abs(n)} is too large for exact arithmetic")
        if n < 0:
            return self.power(self.inverse(a), -n)
        out = self.constant(1)
        while n:
            if n & 1:
                out = self.mul(out, a)
            n >>= 1
            a = self.mul(a, a) if n else a
        return out

    def inverse(self, a: Form) -> Form:
        """Return 1 / a, where a is certainly not 0.

        Raises
        ------
        Undecided
            When a may be 0.
        """
        if not self.sign(a):
            raise Undecided("a denominator may vanish")
        if len(a) == 1:
            (monomial, c), *_ = a.items()
            out = self.constant(1)
            for g, e in monomial:
                out = self.mul(out, self._letter_inverse(g, e))
            return self.scale(1 / c, out)
        content, primitive = self._content(a)
        found = self._ids.get(("inverse", _key(self.neg(primitive))))
        if found is not None:
            return self.scale(-1 / content, self.letter(found))
        made = Generator("inverse", argument=primitive, closed=self.closed(primitive))
        return self.scale(1 / content, self.letter(self.generator(("inverse", _key(primitive)), made)))

    def _letter_inverse(self, g: int, e: Exponent) -> Form:
        letter = self.generators[g]
        if letter.kind == "inverse":
            return self.power(letter.argument, int(e))
        if letter.kind == "root":
            whole = self.inverse(letter.argument)
            return self.mul(whole, self.letter(g, letter.degree - e)) if e < letter.degree else whole
        return self.mul(self.letter(g, -e), self.constant(1))

    def _content(self, a: Form) -> tuple[fmpq, Form]:
        """Return (c, b) with a = c b, c > 0 rational and b with coprime integer coefficients."""
        above, below = 0, 1
        for v in a.values():
            above, below = gcd(above, int(v.p)), below * int(v.q) // gcd(below, int(v.q))
        content = fmpq(above, below)
        return content, self.scale(1 / content, a)

    # -- functions

    def exp(self, a: Form) -> Form:
        """Return exp(a): exp(c log p) = p^c, exp(c log u) = u^c, and one exponential letter for any other monomial."""
        out = self.constant(1)
        for monomial, v in a.items():
            c = Fraction(int(v.p), int(v.q))
            if abs(c) > MAX_EXPONENT:
                raise Undecided("an exponent is too large for exact arithmetic")
            letter = self.generators[monomial[0][0]] if len(monomial) == 1 and monomial[0][1] == 1 else None
            if letter is not None and letter.kind == "log":
                factor = self._prime_power(letter.argument, c)
            elif letter is not None and letter.name == "log" and c.denominator == 1:
                factor = self.power(letter.argument, int(c))
            else:
                made = Generator("exp", argument=monomial, closed=self.closed({monomial: fmpq(1)}))
                factor = self.letter(self.generator(("exp", monomial), made), _exponent(c))
            out = self.mul(out, factor)
        return out

    def _prime_power(self, p: int, e: Fraction) -> Form:
        g = self.generator(("prime", p), Generator("prime", argument=p))
        whole = floor(e)
        if abs(whole) > MAX_EXPONENT:
            raise Undecided("a power of a prime is too large for exact arithmetic")
        monomial: Monomial = ((g, _exponent(e - whole)),) if e != whole else ONE
        return {monomial: fmpq(p) ** whole}

    def log(self, a: Form) -> Form:
        """Return log(a), a certainly positive: of its rational content, primes and exponentials, and of what is left."""
        if self.sign(a) != 1:
            raise Undecided("the argument of a logarithm may not be positive")
        content, primitive = self._content(a)
        out: Form = {}
        rest = primitive
        if len(primitive) == 1:
            (monomial, c), *_ = primitive.items()  # c = 1 or -1
            left = []
            for g, e in monomial:
                letter = self.generators[g]
                if letter.kind == "prime":
                    out = self.add(out, self.scale(_q(e), self._log_prime(letter.argument)))
                elif letter.kind == "exp":
                    out = self.add(out, {letter.argument: _q(e)})
                else:
                    left.append((g, e))
            rest = {tuple(left): c}
        for number, sign in ((int(content.p), 1), (int(content.q), -1)):
            for p, e in sympy.factorint(number, limit=TRIAL_DIVISORS).items():
                out = self.add(out, self.scale(fmpq(sign * e), self._log_prime(int(p))))
        return out if self.rational(rest) == 1 else self.add(out, self._atom("log", rest))

    def _log_prime(self, p: int) -> Form:
        return self.letter(self.generator(("log", p), Generator("log", argument=p)))

    def root(self, a: Form, q: Fraction) -> Form:
        """Return a^q for a rational q that is no integer, a >= 0."""
        sign = self.sign(a)
        if sign == 0 and q > 0:
            return {}
        if sign != 1:
            raise Undecided("the base of a root may not be positive")
        content, primitive = self._content(a)
        out = self.exp(self.scale(_q(q), self.log({ONE: content})))
        if self.rational(primitive) == 1:
            return out
        if len(primitive) == 1:
            (monomial, c), *_ = primitive.items()
            if c == 1 and all(self.generators[g].kind in ("prime", "exp") for g, _ in monomial):
                return self.mul(out, self.exp(self.scale(_q(q), self.log(primitive))))
        n = q.denominator
        made = Generator("root", argument=primitive, degree=n, closed=self.closed(primitive))
        letter = self.letter(self.generator(("root", _key(primitive), n), made))
        return self.mul(out, self.power(letter, q.numerator))

    def function(self, name: str, a: Form) -> Form:
        """Return tanh, sigmoid, softplus, erf, atan, sin or cos of a form.

        Closed arguments go through exponentials; sigma(-u) = 1 - sigma(u), softplus(-u) = softplus(u) - u and parity
        identify the letters of u and -u.
        """
        if not a:
            at_zero = {"sigmoid": Fraction(1, 2), "cos": Fraction(1)}
            return self.log(self.constant(2)) if name == "softplus" else self.constant(at_zero.get(name, Fraction(0)))
        if self.closed(a) and name in ("tanh", "sigmoid", "softplus"):
            return self._through_exponentials(name, a)
        return self._atom(name, a)

    def _through_exponentials(self, name: str, a: Form) -> Form:
        one = self.constant(1)
        if name == "softplus":
            return self.log(self.add(one, self.exp(a)))
        if name == "sigmoid":
            return self.inverse(self.add(one, self.exp(self.neg(a))))
        square = self.exp(self.scale(fmpq(2), a))
        return self.mul(self.sub(square, one), self.inverse(self.add(square, one)))

    def _atom(self, name: str, a: Form) -> Form:
        """Return the letter of f(a), through the letter of f(-a) where that is the one known."""
        negated = self._ids.get((name, _key(self.neg(a))))
        if negated is not None and name != "log":
            other = self.letter(negated)
            if name in EVEN:
                return other
            if name in ODD:
                return self.neg(other)
            if name in ("sigmoid", "step"):
                return self.sub(self.constant(1), other)
            return self.add(other, a)  # softplus, relu
        made = Generator("function", name, a, closed=self.closed(a))
        return self.letter(self.generator((name, _key(a)), made))

    def kink(self, name: str, a: Form) -> Form:
        """Return relu, abs, sign or step of a form, by the sign of the form where it is known, else as a letter."""
        sign = self.side(a)
        if sign is None:
            return self._atom(name, a)
        match name:
            case "relu":
                return a if sign > 0 else {}
            case "abs":
                return self.scale(fmpq(sign), a)
            case "sign":
                return self.constant(sign)
        if sign == 0:
            raise Undecided("a derivative is taken at a kink")
        return self.constant(int(sign > 0))

    # -- decisions

    def is_zero(self, a: Form) -> bool:
        """Is the form zero identically? False means only that the normal form does not show it."""
        while a:
            inverses = {g for m in a for g, _ in m if self.generators[g].kind == "inverse"}
            if not inverses:
                return False
            a = self._without(a, max(inverses))
        return True

    def _without(self, a: Form, g: int) -> Form:
        """Multiply by the power of a (non-zero) denominator that removes its inverse from the form."""
        top = max(int(e) for m in a for h, e in m if h == g)
        powers = [self.constant(1)]
        for _ in range(top):
            powers.append(self.mul(powers[-1], self.generators[g].argument))
        out: Form = {}
        for m, c in a.items():
            e = int(dict(m).get(g, 0))
            rest = tuple(pair for pair in m if pair[0] != g)
            out = self.add(out, self.mul({rest: c}, powers[top - e]))
        return out

    def side(self, a: Form) -> int | None:
        """Return the sign of a kink's argument: assumed for this region, or certain."""
        for form, sign in ((a, 1), (self.neg(a), -1)):
            if _key(form) in self.assumed:
                return sign * self.assumed[_key(form)]
        return self.sign(a)

    def sign(self, a: Form) -> int | None:
        """Return 1, 0 or -1 where the sign is certain (over the variables' balls), else None."""
        if self.is_zero(a):
            return 0
        for precision in PRECISIONS if self.closed(a) else PRECISIONS[:2]:
            value = self.ball(a, precision)
            if value.is_finite() and value > 0:
                return 1
            if value.is_finite() and value < 0:
                return -1
        return None

    def ball(self, a: Form, precision: int) -> arb:
        """Return a ball that contains the form's value (over the variables' balls)."""
        with ctx.workprec(precision):
            total = arb(0)
            for m, c in a.items():
                term = arb(c)
                for g, e in m:
                    term *= balls.power(self._letter_ball(g, precision), Fraction(e))
                total += term
            return total

    def _letter_ball(self, g: int, precision: int) -> arb:
        if (g, precision) not in self._balls:
            self._balls[g, precision] = self._compute_ball(self.generators[g], precision)
        return self._balls[g, precision]

    def _compute_ball(self, letter: Generator, precision: int) -> arb:
        match letter.kind:
            case "prime":
                return arb(letter.argument)
            case "log":
                return arb(letter.argument).log()
            case "pi":
                return arb.pi()
            case "variable":
                return self.values[letter.name]
        form = {letter.argument: fmpq(1)} if letter.kind == "exp" else letter.argument
        inner = self.ball(form, precision)
        if letter.kind == "exp":
            return inner.exp()
        if letter.kind == "inverse":
            return 1 / inner
        if letter.kind == "root":
            return inner ** balls.exact(Fraction(1, letter.degree))
        return balls.TABLE[Op(letter.name)](Fraction(0), inner)

    # -- programs

    def run(self, program: Program, values: Sequence[Form]) -> list[Form]:
        """Return the outputs of a program at exact values, in normal form.

        Raises
        ------
        Undecided
            For a division by what may be 0, a domain that is not certain, or a form that grows too large.
        """
        registers = program.run(self.table(), list(values), [self.constant(c) for c in program.constants])
        return [self._finished(registers[r]) for r in program.outputs]

    @staticmethod
    def _finished(value: Any) -> Form:
        if isinstance(value, Undecided):
            raise value
        return value  # type: ignore[no-any-return]

    def table(self) -> dict[Op, Callable[..., Any]]:
        """Return the operations for `Program.run`; an undecided operand makes only its dependents undecided."""
        plain: dict[Op, Callable[..., Form]] = {
            Op.ADD: lambda _, a, b: self.add(a, b),
            Op.SUB: lambda _, a, b: self.sub(a, b),
            Op.MUL: lambda _, a, b: self.mul(a, b),
            Op.DIV: lambda _, a, b: self.mul(a, self.inverse(b)),
            Op.NEG: lambda _, a: self.neg(a),
            Op.POWI: lambda k, a: self.power(a, int(k)),
            Op.POWQ: lambda q, a: self.root(a, q),
            Op.EXP: lambda _, a: self.exp(a),
            Op.LOG: lambda _, a: self.log(a),
            Op.SQRT: lambda _, a: self.root(a, Fraction(1, 2)),
            Op.DTANH: lambda _, a: self.sub(self.constant(1), self.power(self.function("tanh", a), 2)),
            Op.DSIGMOID: lambda _, a: self._logistic_slope(self.function("sigmoid", a)),
            Op.SELECT: self._select,
        }
        for op in (Op.TANH, Op.SIGMOID, Op.SOFTPLUS, Op.ERF, Op.ATAN, Op.SIN, Op.COS):
            plain[op] = lambda _, a, name=str(op): self.function(name, a)
        for op in (Op.RELU, Op.ABS, Op.SIGN, Op.STEP):
            plain[op] = lambda _, a, name=str(op): self.kink(name, a)
        return {op: _carrying(f) for op, f in plain.items()}

    def _logistic_slope(self, s: Form) -> Form:
        return self.sub(s, self.mul(s, s))

    def _select(self, closed: Fraction, d: Form, yes: Form, no: Form) -> Form:
        if yes == no:
            return yes
        sign = self.side(d)
        if sign is None:
            raise Undecided("a condition is not decided here")
        return yes if sign > 0 or (sign == 0 and closed) else no


def _carrying(f: Callable[..., Form]) -> Callable[..., Any]:
    """Return f with `Undecided` operands and outcomes passed on as values; 0 times anything undecided stays undecided."""

    def operation(exponent: Fraction, *operands: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Undecided):
                return operand
        try:
            return f(exponent, *operands)
        except Undecided as reason:
            return reason

    return operation


def _key(a: Form) -> Key:
    return frozenset(a.items())


def _exponent(e: Fraction) -> Exponent:
    return e.numerator if e.denominator == 1 else e


def _q(e: Exponent) -> fmpq:
    e = Fraction(e)
    return fmpq(e.numerator, e.denominator)


def closed_form(ring: Ring, expression: Any) -> Form:
    """Return the normal form of a closed real expression.

    Raises
    ------
    Undecided
        When a domain or sign in it is not decided.
    InputError
        When it is no closed expression of the known functions.
    """
    return ring.run(compile_expressions([expression], []), [])[0]


def sign(expression: Any) -> int | None:
    """Return the exact sign of a closed real expression: 1, 0 or -1; None where it is not decided.

    Examples
    --------
    >>> import sympy
    >>> sign(sympy.tanh(sympy.log(3) / 2) - sympy.Rational(1, 2))
    0
    """
    ring = Ring()
    try:
        return ring.sign(closed_form(ring, expression))
    except Undecided:
        return None
