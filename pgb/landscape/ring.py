"""The normal form of exact real expressions: polynomials over Q in named letters, with signs decided by balls; trusted.

See `pgb.landscape.exact` for the functions that are rewritten into it and for what is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd
from typing import Any, Final

from flint import arb, ctx, fmpq

from pgb.errors import PgbError
from pgb.landscape import balls
from pgb.landscape.program import Constant, Op

Exponent = int | Fraction
Monomial = tuple[tuple[int, Exponent], ...]
Form = dict[Monomial, fmpq]
Key = frozenset[tuple[Monomial, fmpq]]

MAX_TERMS: Final = 20_000
MAX_EXPONENT: Final = 4_096
PRECISIONS: Final = (64, 256, 1024, 4096)

ONE: Final[Monomial] = ()


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


class Letters:
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
        content, primitive = self.content(a)
        found = self._ids.get(("inverse", key(self.neg(primitive))))
        if found is not None:
            return self.scale(-1 / content, self.letter(found))
        made = Generator("inverse", argument=primitive, closed=self.closed(primitive))
        return self.scale(1 / content, self.letter(self.generator(("inverse", key(primitive)), made)))

    def _letter_inverse(self, g: int, e: Exponent) -> Form:
        letter = self.generators[g]
        if letter.kind == "inverse":
            return self.power(letter.argument, int(e))
        if letter.kind == "root":
            whole = self.inverse(letter.argument)
            return self.mul(whole, self.letter(g, letter.degree - e)) if e < letter.degree else whole
        return self.mul(self.letter(g, -e), self.constant(1))

    def content(self, a: Form) -> tuple[fmpq, Form]:
        """Return (c, b) with a = c b, c > 0 rational and b with coprime integer coefficients."""
        above, below = 0, 1
        for v in a.values():
            above, below = gcd(above, int(v.p)), below * int(v.q) // gcd(below, int(v.q))
        content = fmpq(above, below)
        return content, self.scale(1 / content, a)

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


def key(a: Form) -> Key:
    """Return a form's hashable identity."""
    return frozenset(a.items())


def exponent_of(e: Fraction) -> Exponent:
    """Return an exponent as an integer where it is one."""
    return e.numerator if e.denominator == 1 else e


def rational_of(e: Exponent) -> fmpq:
    """Return an exponent as a coefficient."""
    e = Fraction(e)
    return fmpq(e.numerator, e.denominator)
