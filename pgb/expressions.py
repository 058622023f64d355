"""Exact expressions from text: Python's `ast` walked with a whitelist, never an evaluator; and exact numbers.

The whole package works on the sympy expressions made here. Every kink is written with one primitive, ``relu``
(and its derivative ``step``, which is undefined at 0), or with ``Abs``: so piecewise-smooth problems are decided
region by region, by the signs of the arguments of these functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import sympy
from sympy.core.function import Function

from pgb.errors import InputError

MAX_TEXT: Final = 20_000
MAX_NODES: Final = 4_000
MAX_DEPTH: Final = 60
MAX_DIGITS: Final = 80
MAX_EXPONENT: Final = 64
MAX_BITS: Final = 4_096

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class sigmoid(Function):  # noqa: N801  (named like sympy's own functions)
    """The logistic function 1 / (1 + exp(-u))."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate exactly where exp(-u) is a rational number."""
        if u.is_number:
            power = sympy.exp(-u)
            if power.is_Rational:
                return 1 / (1 + power)
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return s (1 - s)."""
        s = sigmoid(self.args[0])
        return s * (1 - s)

    def _eval_rewrite_as_exp(self, u: sympy.Expr, **_: Any) -> sympy.Expr:
        return 1 / (1 + sympy.exp(-u))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _latex(self, printer: Any) -> str:
        return rf"\sigma\left({printer._print(self.args[0])}\right)"


class softplus(Function):  # noqa: N801
    """log(1 + exp(u))."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate exactly where exp(u) is a rational number."""
        if u.is_number:
            power = sympy.exp(u)
            if power.is_Rational:
                return sympy.log(1 + power)
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return sigmoid(u)."""
        return sigmoid(self.args[0])

    def _eval_rewrite_as_exp(self, u: sympy.Expr, **_: Any) -> sympy.Expr:
        return sympy.log(1 + sympy.exp(u))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        return self.rewrite(sympy.exp)._eval_evalf(prec)

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{softplus}}\left({printer._print(self.args[0])}\right)"


class step(Function):  # noqa: N801
    """1 for u > 0 and 0 for u < 0; left unevaluated at 0, where relu has no derivative."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at numbers whose sign sympy decides exactly."""
        if u.is_positive:
            return sympy.S.One
        if u.is_negative:
            return sympy.S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return 0: the derivative away from the jump; region certificates exclude the jump."""
        return sympy.S.Zero

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real


class relu(Function):  # noqa: N801
    """max(0, u)."""

    nargs = 1

    @classmethod
    def eval(cls, u: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at numbers whose sign sympy decides exactly."""
        if u.is_zero or u.is_negative:
            return sympy.S.Zero
        if u.is_positive and u.is_number:
            return u
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Return step(u)."""
        return step(self.args[0])

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_extended_real

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.args[0])}\right)_+"


def leaky_relu(u: sympy.Expr) -> sympy.Expr:
    """Return u for u > 0 and u / 100 for u < 0."""
    return relu(u) - relu(-u) / 100


def elu(u: sympy.Expr) -> sympy.Expr:
    """Return u for u > 0 and exp(u) - 1 for u < 0."""
    return relu(u) + sympy.exp(-relu(-u)) - 1


def maximum(*values: sympy.Expr) -> sympy.Expr:
    """Return the largest of the values, written with relu."""
    result = values[-1]
    for v in values[:-1]:
        result = v + relu(result - v)
    return result


def minimum(*values: sympy.Expr) -> sympy.Expr:
    """Return the least of the values, written with relu."""
    return -maximum(*(-v for v in values))


# Everything a formula may call: the function and its numbers of arguments (low, high).
FUNCTIONS: Final[dict[str, tuple[Callable[..., sympy.Expr], int, int]]] = {
    "exp": (sympy.exp, 1, 1),
    "log": (sympy.log, 1, 1),
    "sqrt": (sympy.sqrt, 1, 1),
    "tanh": (sympy.tanh, 1, 1),
    "sigmoid": (sigmoid, 1, 1),
    "softplus": (softplus, 1, 1),
    "erf": (sympy.erf, 1, 1),
    "atan": (sympy.atan, 1, 1),
    "arctan": (sympy.atan, 1, 1),
    "sin": (sympy.sin, 1, 1),
    "cos": (sympy.cos, 1, 1),
    "Abs": (sympy.Abs, 1, 1),
    "abs": (sympy.Abs, 1, 1),
    "Max": (maximum, 1, 16),
    "Min": (minimum, 1, 16),
    "relu": (relu, 1, 1),
    "leaky_relu": (leaky_relu, 1, 1),
    "elu": (elu, 1, 1),
    "step": (step, 1, 1),
}
CONSTANTS: Final[dict[str, sympy.Expr]] = {"pi": sympy.pi}
RESERVED: Final = frozenset(FUNCTIONS) | frozenset(CONSTANTS) | {"Piecewise", "True"}
_COMPARE = {ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge}


def rational(value: object, field: str) -> sympy.Rational:
    """Return an exact rational number from an integer, or from text such as ``"1.5"``, ``"-2/3"`` or ``"1e-3"``.

    Raises
    ------
    InputError
        For a float (its binary value is not what was written), for anything that is no number, and for numbers of
        more than 80 digits.
    """
    if isinstance(value, bool) or value is None:
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {value!r}")
    if isinstance(value, float):
        raise InputError(field, f"must be exact: write the decimal in quotes, '{value!r}', not the float {value!r}")
    if isinstance(value, int | Fraction | sympy.Rational):
        return _sized(sympy.Rational(value), field)
    if not isinstance(value, str):
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {_short(value)}")
    parts = value.replace("−", "-").strip().split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(p.strip()) for p in parts) or len(value) > 2 * MAX_DIGITS + 8:
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {_short(value)}")
    number = _decimal(parts[0].strip())
    if len(parts) == 2:
        below = _decimal(parts[1].strip())
        if below == 0:
            raise InputError(field, f"divides by zero: {_short(value)}")
        number /= below
    return _sized(number, field)


def parse(text: object, symbols: Mapping[str, sympy.Symbol], field: str) -> sympy.Expr:
    """Return the sympy expression that `text` writes, with the given names as its only variables.

    Allowed: ``+ - * /``, powers (``^`` or ``**``, with an exact exponent of size at most 64), the functions
    exp log sqrt tanh sigmoid softplus erf atan sin cos Abs Max Min relu leaky_relu elu, ``Piecewise((value,
    condition), ..., (value, True))``, ``pi`` and exact numbers; decimals are read exactly.

    Parameters
    ----------
    text
        The formula; an integer is taken as itself.
    symbols
        The variables by name.
    field
        Where the formula stands, for error messages.

    Raises
    ------
    InputError
        For anything that is not such a formula, and for formulas beyond the limits on size, nesting, exponents
        and number length. Nothing in the text is ever executed.
    """
    if not isinstance(text, str):
        return rational(text, field)
    if len(text) > MAX_TEXT:
        raise InputError(field, f"must be a formula of at most {MAX_TEXT} characters, got {len(text)}")
    if re.search(rf"\d{{{MAX_DIGITS + 1},}}", text):
        raise InputError(field, f"has a number of more than {MAX_DIGITS} digits")
    source = text.replace("^", "**").replace("−", "-").strip()
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = getattr(error, "msg", None) or type(error).__name__
        raise InputError(field, f"must be a formula, got {_short(text)} ({reason})") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise InputError(field, f"must be a formula of at most {MAX_NODES} operations")
    result = _Walker(source, symbols, field).expression(tree.body, 0)
    if result.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
        raise InputError(field, f"has no finite value: {_short(text)}")
    return result


def text(expression: sympy.Expr) -> str:
    """Print an expression so that `parse` reads it back."""
    return str(sympy.sstr(expression, order="lex"))


def latex(expression: sympy.Expr) -> str:
    """Print an expression as LaTeX."""
    return str(sympy.latex(expression))


def real_symbol(name: str) -> sympy.Symbol:
    """Return the real variable of this name; the package uses no other kind."""
    return sympy.Symbol(name, real=True)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _decimal(number: str) -> sympy.Rational:
    return sympy.Rational(*Fraction(number).as_integer_ratio())


def _bits(number: sympy.Rational) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _sized(number: sympy.Rational, field: str) -> sympy.Rational:
    if _bits(number) > MAX_BITS:
        raise InputError(field, f"must be a number of at most {MAX_BITS} bits, got {_bits(number)} bits")
    return number


class _Walker:
    """Builds a sympy expression from a syntax tree, node by node."""

    def __init__(self, source: str, symbols: Mapping[str, sympy.Symbol], field: str) -> None:
        self.source = source
        self.symbols = symbols
        self.field = field

    def refuse(self, why: str) -> InputError:
        return InputError(self.field, why)

    def segment(self, node: ast.AST) -> str:
        return _short(ast.get_source_segment(self.source, node) or type(node).__name__)

    def expression(self, node: ast.AST, depth: int) -> sympy.Expr:
        if depth > MAX_DEPTH:
            raise self.refuse(f"is nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
                value = self.expression(inner, depth + 1)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(self.expression(left, depth + 1), op, self.expression(right, depth + 1), node)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args, depth)
        raise self.refuse(
            f"may hold numbers, {', '.join(sorted(self.symbols)) or 'no variables'}, + - * / ^ and the "
            f"functions {' '.join(sorted(FUNCTIONS))} only, got {self.segment(node)}"
        )

    def number(self, node: ast.Constant) -> sympy.Rational:
        written = ast.get_source_segment(self.source, node) or ""
        if isinstance(node.value, bool) or not _NUMBER.fullmatch(written):
            raise self.refuse(f"has something that is no number: {_short(written)}")
        return _sized(_decimal(written), self.field)

    def name(self, name: str) -> sympy.Expr:
        found = self.symbols.get(name, CONSTANTS.get(name))
        if found is None:
            known = ", ".join(sorted(self.symbols)) or "none"
            raise self.refuse(f"has the unknown name {_short(name)}; the variables here are {known}")
        return found

    def binary(self, left: sympy.Expr, op: ast.operator, right: sympy.Expr, node: ast.AST) -> sympy.Expr:
        match op:
            case ast.Add():
                value = left + right
            case ast.Sub():
                value = left - right
            case ast.Mult():
                value = left * right
            case ast.Div():
                if right.is_zero:
                    raise self.refuse(f"divides by zero: {self.segment(node)}")
                value = left / right
            case ast.Pow():
                value = self.power(left, right, node)
            case _:
                raise self.refuse(f"may use + - * / and ^ only, got {self.segment(node)}")
        if value.is_Rational:
            _sized(value, self.field)
        return value

    def power(self, base: sympy.Expr, exponent: sympy.Expr, node: ast.AST) -> sympy.Expr:
        if not exponent.is_Rational:
            raise self.refuse(f"needs an exact number as exponent (write exp(...) otherwise), got {self.segment(node)}")
        if abs(exponent) > MAX_EXPONENT:
            raise self.refuse(f"needs exponents of size at most {MAX_EXPONENT}, got {self.segment(node)}")
        if base.is_Rational and _bits(base) * abs(exponent) > MAX_BITS:
            raise self.refuse(f"has a number of more than {MAX_BITS} bits: {self.segment(node)}")
        if base.is_zero and exponent.is_negative:
            raise self.refuse(f"divides by zero: {self.segment(node)}")
        return base**exponent

    def call(self, name: str, args: list[ast.expr], depth: int) -> sympy.Expr:
        if name == "Piecewise":
            return self.piecewise(args, depth)
        if name not in FUNCTIONS:
            raise self.refuse(f"may call {' '.join(sorted(FUNCTIONS))} only, got {_short(name)}")
        function, low, high = FUNCTIONS[name]
        if not low <= len(args) <= high:
            raise self.refuse(f"{name} takes {low if low == high else f'{low} to {high}'} argument(s), got {len(args)}")
        values = [self.expression(a, depth + 1) for a in args]
        if name == "log" and (values[0].is_zero or values[0].is_negative):
            raise self.refuse("takes the logarithm of a number that is not positive")
        if name == "sqrt" and values[0].is_negative:
            raise self.refuse("takes the square root of a negative number")
        self.tame(values)
        return function(*values)

    def tame(self, values: list[sympy.Expr]) -> None:
        """Refuse arguments such as 10^9 log(7), which exact evaluation would blow up to 7^(10^9)."""
        for value in values:
            for term in sympy.Add.make_args(value):
                coefficient, rest = term.as_coeff_Mul()
                if rest.has(sympy.log) and abs(coefficient) > MAX_EXPONENT:
                    raise self.refuse(f"has a multiple of a logarithm larger than {MAX_EXPONENT} inside a function")

    def piecewise(self, args: list[ast.expr], depth: int) -> sympy.Expr:
        branches = []
        for arg in args:
            if not (isinstance(arg, ast.Tuple) and len(arg.elts) == 2):
                raise self.refuse("Piecewise takes pairs (value, condition)")
            branches.append((self.expression(arg.elts[0], depth + 1), self.condition(arg.elts[1], depth + 1)))
        if not branches or branches[-1][1] is not sympy.true:
            raise self.refuse("the last condition of a Piecewise must be True, so that it has a value everywhere")
        return sympy.Piecewise(*branches)

    def condition(self, node: ast.AST, depth: int) -> Any:
        match node:
            case ast.Constant(value=True):
                return sympy.true
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return _COMPARE[type(op)](self.expression(left, depth + 1), self.expression(right, depth + 1))
        raise self.refuse(
            f"a condition must compare two expressions with < <= > >= or be True, got {self.segment(node)}"
        )
