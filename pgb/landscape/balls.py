"""Rigorous evaluation of programs in balls (Arb, through python-flint); trusted.

Exact rationals enter as rationals, never through a double; what is not finite is refused and never compared, since a ball that
is not a number "contains" everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from flint import arb, ctx, fmpq

from pgb.errors import PgbError
from pgb.landscape.program import Constant, Op

if TYPE_CHECKING:
    from pgb.landscape.program import Program


class NoEnclosure(PgbError):
    """No finite enclosure exists here, or the function has a kink here; the message says which. Never a claim."""


def exact(value: Fraction | int) -> arb:
    """Return a ball around an exact rational at the current precision."""
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def around(centre: Fraction, radius: Fraction) -> arb:
    """Return a ball that contains the interval [centre - radius, centre + radius]."""
    return arb(exact(centre), exact(radius))


def constant(value: Constant) -> arb:
    """Return a ball around a program's constant."""
    return arb.pi() if isinstance(value, str) else exact(value)


def hull(a: arb, b: arb) -> arb:
    """Return a ball that contains both balls."""
    return a.union(b)


def run(program: Program, values: Sequence[arb], precision: int, *, smooth: bool = False) -> list[arb]:
    """Enclose a program's outputs over a box of balls.

    Parameters
    ----------
    program
        With n inputs.
    values
        n finite balls.
    precision
        Working precision in bits.
    smooth
        Refuse where an argument of relu, Abs, sign, step or a condition may vanish. Needed wherever outputs are used as
        derivatives; without it a kink's value is enclosed by its hull.

    Returns
    -------
    list of arb
        One finite ball for each output: it contains every value of the output over the box.

    Raises
    ------
    NoEnclosure
        Where an output is not finite, or `smooth` is asked for and a guard may vanish.
    """
    if len(values) != len(program.inputs):
        raise NoEnclosure(f"{len(program.inputs)} coordinates needed, got {len(values)}")
    if not all(isinstance(v, arb) and v.is_finite() for v in values):
        raise NoEnclosure("a coordinate is not a finite ball")
    with ctx.workprec(precision):
        registers = program.run(TABLE, list(values), [constant(c) for c in program.constants])
        for g in program.guards if smooth else ():
            if not (registers[g] > 0 or registers[g] < 0):
                raise NoEnclosure("an argument of relu, Abs, sign, step or a condition may vanish here: not smooth")
        outputs = [registers[r] for r in program.outputs]
        if not all(v.is_finite() for v in outputs):
            raise NoEnclosure("a value is not finite over the box (a domain or a division by a ball around 0)")
    return outputs


NARROW: Final = arb(2) ** -20


def _narrow(u: arb) -> bool:
    """Is the ball so small that the plain formula loses nothing? (also true for what is not finite)"""
    return not u.is_finite() or bool(u.rad() <= NARROW)


def _increasing(f: Callable[[arb], arb]) -> Callable[[Fraction, arb], arb]:
    """Return the evaluation of an increasing function, by its end points on wide balls."""

    def evaluate(_: Fraction, u: arb) -> arb:
        return f(u) if _narrow(u) else hull(f(u.lower()), f(u.upper()))

    return evaluate


def _bell(f: Callable[[arb], arb]) -> Callable[[Fraction, arb], arb]:
    """Return the evaluation of an even function that decreases in |u|, by the least and greatest |u| on wide balls."""

    def evaluate(_: Fraction, u: arb) -> arb:
        return f(u) if _narrow(u) else hull(f(u.abs_lower()), f(u.abs_upper()))

    return evaluate


def _power(k: Fraction, u: arb) -> arb:
    n = int(k)
    if _narrow(u) and not u.contains(0):  # arb(0, r) ** 2 is nan for a ball centred at 0
        return u**n
    return hull(u.lower() ** n, u.upper() ** n) if n % 2 else hull(u.abs_lower() ** n, u.abs_upper() ** n)


def _rational_power(q: Fraction, u: arb) -> arb:
    if not u > 0:
        return arb("nan")
    return u ** exact(q) if _narrow(u) else hull(u.lower() ** exact(q), u.upper() ** exact(q))


def power(u: arb, q: Fraction) -> arb:
    """Enclose u^q for a rational q; a power that is no integer needs u > 0."""
    if q.denominator > 1:
        return _rational_power(q, u)
    return _power(q, u) if q >= 0 else 1 / _power(-q, u)


def _absolute(_: Fraction, u: arb) -> arb:
    if u >= 0:
        return u
    return -u if u <= 0 else hull(arb(0), u.abs_upper()) if u.is_finite() else arb("nan")


def _relu(_: Fraction, u: arb) -> arb:
    if u >= 0:
        return u
    return arb(0) if u <= 0 else hull(arb(0), u.upper()) if u.is_finite() else arb("nan")


def _jump(below: int) -> Callable[[Fraction, arb], arb]:
    """Return the evaluation of a function that is `below` for u < 0 and 1 for u > 0; the hull around 0."""

    def evaluate(_: Fraction, u: arb) -> arb:
        if u > 0:
            return arb(1)
        return arb(below) if u < 0 else hull(arb(below), arb(1)) if u.is_finite() else arb("nan")

    return evaluate


def _select(closed: Fraction, d: arb, yes: arb, no: arb) -> arb:
    if d > 0 or (closed and d >= 0):
        return yes
    if d < 0 or (not closed and d <= 0):
        return no
    return hull(yes, no) if d.is_finite() else arb("nan")


# Each entry contains {f(x) : x in the operands}: inherited from Arb's own operations (F. Johansson, "Arb: efficient
# arbitrary-precision midpoint-radius interval arithmetic", IEEE Transactions on Computers 66, 2017).
TABLE: Final[dict[Op, Callable[..., Any]]] = {
    Op.ADD: lambda _, a, b: a + b,
    Op.SUB: lambda _, a, b: a - b,
    Op.MUL: lambda _, a, b: a * b,
    Op.DIV: lambda _, a, b: a / b,
    Op.NEG: lambda _, a: -a,
    Op.POWI: _power,
    Op.POWQ: _rational_power,
    Op.EXP: _increasing(lambda u: u.exp()),
    Op.LOG: _increasing(lambda u: u.log()),
    Op.SQRT: _increasing(lambda u: u.sqrt()),
    Op.TANH: _increasing(lambda u: u.tanh()),
    Op.DTANH: _bell(lambda u: 1 / u.cosh() ** 2),
    Op.SIGMOID: _increasing(lambda u: 1 / (1 + (-u).exp())),
    Op.DSIGMOID: _bell(lambda u: 1 / (2 * (u / 2).cosh()) ** 2),
    Op.SOFTPLUS: _increasing(lambda u: u.exp().log1p()),
    Op.ERF: _increasing(lambda u: u.erf()),
    Op.ATAN: _increasing(lambda u: u.atan()),
    Op.SIN: lambda _, a: a.sin(),
    Op.COS: lambda _, a: a.cos(),
    Op.ABS: _absolute,
    Op.SIGN: _jump(-1),
    Op.RELU: _relu,
    Op.STEP: _jump(0),
    Op.SELECT: _select,
}
