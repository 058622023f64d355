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

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor
from typing import Any, Final

import sympy
from flint import fmpq

from pgb.landscape.compile import compile_expressions
from pgb.landscape.program import Op, Program
from pgb.landscape.ring import (
    MAX_EXPONENT,
    ONE,
    Exponent,
    Form,
    Generator,
    Letters,
    Monomial,
    Undecided,
    exponent_of,
    key,
    rational_of,
)

__all__ = ["Exponent", "Form", "Generator", "Monomial", "Ring", "Undecided", "closed_form", "sign"]

TRIAL_DIVISORS: Final = 100_000
ODD: Final = frozenset({"tanh", "erf", "atan", "sin", "sign"})
EVEN: Final = frozenset({"cos", "abs"})


class Ring(Letters):
    """Normal forms with the functions that programs use; the variables' values are known as balls.

    Parameters
    ----------
    variables
        Name to a ball that contains the variable's value at the point of interest. Signs of forms with variables are
        the signs over these balls; identities between forms hold for all values near.
    """

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
                factor = self.letter(self.generator(("exp", monomial), made), exponent_of(c))
            out = self.mul(out, factor)
        return out

    def _prime_power(self, p: int, e: Fraction) -> Form:
        g = self.generator(("prime", p), Generator("prime", argument=p))
        whole = floor(e)
        if abs(whole) > MAX_EXPONENT:
            raise Undecided("a power of a prime is too large for exact arithmetic")
        monomial: Monomial = ((g, exponent_of(e - whole)),) if e != whole else ONE
        return {monomial: fmpq(p) ** whole}

    def log(self, a: Form) -> Form:
        """Return log(a), a certainly positive: of its rational content, primes and exponentials, and of what is left."""
        if self.sign(a) != 1:
            raise Undecided("the argument of a logarithm may not be positive")
        content, primitive = self.content(a)
        out: Form = {}
        rest = primitive
        if len(primitive) == 1:
            (monomial, c), *_ = primitive.items()  # c = 1 or -1
            left = []
            for g, e in monomial:
                letter = self.generators[g]
                if letter.kind == "prime":
                    out = self.add(out, self.scale(rational_of(e), self._log_prime(letter.argument)))
                elif letter.kind == "exp":
                    out = self.add(out, {letter.argument: rational_of(e)})
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
        content, primitive = self.content(a)
        out = self.exp(self.scale(rational_of(q), self.log({ONE: content})))
        if self.rational(primitive) == 1:
            return out
        if len(primitive) == 1:
            (monomial, c), *_ = primitive.items()
            if c == 1 and all(self.generators[g].kind in ("prime", "exp") for g, _ in monomial):
                return self.mul(out, self.exp(self.scale(rational_of(q), self.log(primitive))))
        n = q.denominator
        made = Generator("root", argument=primitive, degree=n, closed=self.closed(primitive))
        letter = self.letter(self.generator(("root", key(primitive), n), made))
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
        negated = self._ids.get((name, key(self.neg(a))))
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
        return self.letter(self.generator((name, key(a)), made))

    def kink(self, name: str, a: Form) -> Form:
        """Return relu, abs, sign or step of a form, by the sign of the form where it is known, else as a letter."""
        sign = self.sign(a)
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
        return value

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
        sign = self.sign(d)
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
