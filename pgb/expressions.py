"""Exact expressions from text: Python's `ast` walked with a whitelist, never an evaluator; and exact numbers.

The whole package works on the sympy expressions made here; the functions that sympy lacks are those of
`pgb.functions`.
"""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

import sympy
from sympy.core.evalf import PrecisionExhausted
from sympy.printing.str import StrPrinter

from pgb.errors import InputError
from pgb.functions import elu, leaky_relu, maximum, minimum, relu, sigmoid, softplus, step

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "RESERVED",
    "elu",
    "latex",
    "latex_names",
    "leaky_relu",
    "maximum",
    "minimum",
    "parse",
    "rational",
    "real_symbol",
    "relu",
    "short",
    "sigmoid",
    "softplus",
    "step",
    "text",
]

MAX_TEXT: Final = 20_000
MAX_NODES: Final = 4_000  # numbers, names, operations and calls
MAX_DEPTH: Final = 60
MAX_DIGITS: Final = 1_240
MAX_EXPONENT: Final = 256
MAX_SIZE: Final = 20_000
MAX_HEIGHT: Final = 40
MAX_NUMBER_HEIGHT: Final = 16  # sympy's decisions about deeper numbers take exponential time
MAX_BITS: Final = 4_096
MAX_MAGNITUDE: Final = 10_000

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


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
        more than 1,240 digits.
    """
    if isinstance(value, bool) or value is None:
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {value!r}")
    if isinstance(value, float):
        raise InputError(field, f"must be exact: write the decimal in quotes, '{value!r}', not the float {value!r}")
    if isinstance(value, int | Fraction | sympy.Rational):
        return _sized(sympy.Rational(value), field)
    if not isinstance(value, str):
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {short(value)}")
    parts = value.replace("−", "-").strip().split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(p.strip()) for p in parts) or len(value) > 2 * MAX_DIGITS + 8:
        raise InputError(field, f"must be an exact number such as 3, '1.5' or '2/3', got {short(value)}")
    number = _decimal(parts[0].strip())
    if len(parts) == 2:
        below = _decimal(parts[1].strip())
        if below == 0:
            raise InputError(field, f"divides by zero: {short(value)}")
        number /= below
    return _sized(number, field)


def parse(text: object, symbols: Mapping[str, sympy.Symbol], field: str) -> sympy.Expr:
    """Return the sympy expression that `text` writes, with the given names as its only variables.

    Allowed: ``+ - * /``, powers (``^`` or ``**``, with an exact exponent of size at most 256), the functions
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
        For anything that is not such a formula, for one that is no real number wherever it is a number, and for
        formulas beyond the limits on size, nesting, degree, exponents and number length. Nothing in the text is ever
        executed.
    """
    if not isinstance(text, str):
        return rational(text, field)
    if len(text) > MAX_TEXT:
        raise InputError(field, f"must be a formula of at most {MAX_TEXT} characters, got {len(text)}")
    if re.search(rf"[0-9]{{{MAX_DIGITS + 1},}}", text):
        raise InputError(field, f"has a number of more than {MAX_DIGITS} digits")
    if "#" in text or unicodedata.normalize("NFKC", text) != text:
        raise InputError(field, f"must be a formula in plain characters, got {short(text)}")
    source = " ".join(text.replace("^", "**").replace("−", "-").split())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on odd literals; they are refused below
            tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = getattr(error, "msg", None) or "too deeply nested"
        raise InputError(field, f"must be a formula, got {short(text)} ({reason})") from None
    if sum(isinstance(node, ast.expr) for node in ast.walk(tree)) > MAX_NODES:
        raise InputError(field, f"must be a formula of at most {MAX_NODES} numbers, names and operations")
    try:
        return _Walker(source, symbols, field).expression(tree.body, 0)
    except InputError:
        raise
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError) as error:
        reason = type(error).__name__  # sympy refuses some numbers (complex comparisons) in its own ways
        raise InputError(field, f"has no exact real value, got {short(text)} ({reason})") from None


def text(expression: sympy.Expr) -> str:
    """Print an expression so that `parse` reads it back."""
    return str(_TextPrinter({"order": "lex"}).doprint(expression))


def latex(expression: sympy.Expr, variables: Iterable[sympy.Symbol] = ()) -> str:
    r"""Print an expression as LaTeX, with the package's names as mathematicians write them.

    ``w1_2_3`` becomes ``w^{(1)}_{2,3}``, ``b1_2`` becomes ``b^{(1)}_{2}``, ``aux_a1`` and ``aux_w1_2`` become ``a_{1}``
    and ``w_{1,2}``; added variables get a tilde where a parameter already has their name.

    Parameters
    ----------
    expression
        What to print.
    variables
        Further variables that the reader sees beside it: no two of them, and none of the expression's, print alike.
    """
    names = latex_names({*expression.free_symbols, *variables})
    return str(sympy.latex(expression, symbol_names=names))


def latex_names(variables: Iterable[sympy.Symbol]) -> dict[sympy.Symbol, str]:
    """Return a LaTeX name for each variable, all of them different."""
    ordered = sorted(set(variables), key=lambda v: (v.name.startswith("aux_"), v.name))
    names: dict[sympy.Symbol, str] = {}
    for v in ordered:
        candidates = [_latex_name(v.name), rf"\mathtt{{{v.name}}}".replace("_", r"\_")]
        if v.name.startswith("aux_"):
            candidates.insert(1, _latex_name(v.name, tilde=True))
        names[v] = next(c for c in candidates if c not in names.values())
    return names


def real_symbol(name: str) -> sympy.Symbol:
    """Return the real variable of this name; the package uses no other kind."""
    return sympy.Symbol(name, real=True)


def short(value: object) -> str:
    """Show a value that the user gave, in at most 60 characters on one line; no size and no nesting can hurt."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return f"an integer of {value.bit_length()} bits"
    try:
        match value:
            case str():
                shown = repr(value[:80])
            case list() | tuple() | dict():
                first = itertools.islice(value.items() if isinstance(value, dict) else value, 8)
                shown = repr(dict(first) if isinstance(value, dict) else list(first))
            case _:
                shown = repr(value)
    except (RecursionError, ValueError):  # a list of lists of lists .., or an integer too long for Python to print
        return f"a {type(value).__name__}"
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _latex_name(name: str, *, tilde: bool = False) -> str:
    base = name.removeprefix("aux_")
    found = re.fullmatch(r"([A-Za-z]+?)_?([0-9]*(?:_[0-9]+)*)", base)
    if found is None:
        return rf"\mathtt{{{name}}}".replace("_", r"\_")
    letters, digits = found.groups()
    stem = str(sympy.latex(sympy.Symbol(letters))) if len(letters) > 1 else letters
    if tilde:
        stem = rf"\tilde{{{stem}}}"
    indices = [d for d in digits.split("_") if d]
    layered = letters in ("w", "b") and len(indices) == (3 if letters == "w" else 2) and not name.startswith("aux_")
    upper = f"^{{({indices[0]})}}" if layered else ""
    lower = ",".join(indices[1:] if layered else indices)
    return stem + upper + (f"_{{{lower}}}" if lower else "")


class _TextPrinter(StrPrinter):
    """Sympy's text, in the words that `parse` knows."""

    def _print_Exp1(self, _: sympy.Expr) -> str:
        return "exp(1)"


def _decimal(number: str) -> sympy.Rational:
    return sympy.Rational(*Fraction(number).as_integer_ratio())


def _bits(number: sympy.Rational) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _sized(number: sympy.Rational, field: str) -> sympy.Rational:
    if _bits(number) > MAX_BITS:
        raise InputError(field, f"must be a number of at most {MAX_BITS} bits, got {_bits(number)} bits")
    return number


class _Size(NamedTuple):
    """How large an expression is: nodes of the written-out tree, a bound of the degree, levels of nesting.

    An irrational number counts as degree 1, like a variable, and a function of anything too.
    """

    size: int
    degree: sympy.Rational
    height: int


class _Walker:
    """Builds a sympy expression from a syntax tree, node by node; every part is measured."""

    def __init__(self, source: str, symbols: Mapping[str, sympy.Symbol], field: str) -> None:
        self.source = source.encode()
        self.symbols = symbols
        self.field = field
        self.known: dict[sympy.Basic, _Size] = {}

    def refuse(self, why: str) -> InputError:
        return InputError(self.field, why)

    def written(self, node: ast.expr) -> str:
        return self.source[node.col_offset : node.end_col_offset].decode()

    def segment(self, node: ast.expr) -> str:
        return short(self.written(node))

    def expression(self, node: ast.expr, depth: int) -> sympy.Expr:
        """Return the expression of a node, within all limits."""
        if depth > MAX_DEPTH:
            raise self.refuse(f"is nested more than {MAX_DEPTH} deep")
        return self.limited(self.built(node, depth), node)

    def built(self, node: ast.expr, depth: int) -> sympy.Expr:
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
                value = self.expression(inner, depth + 1)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self.sum(node, depth)
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self.product(node, depth)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(self.expression(left, depth + 1), self.expression(right, depth + 1), node)
            case ast.BinOp():
                raise self.refuse(f"may use + - * / and ^ only, got {self.segment(node)}")
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args, depth)
        raise self.refuse(
            f"may hold numbers, {self.variables()}, + - * / ^ and the "
            f"functions {' '.join(sorted(FUNCTIONS))} only, got {self.segment(node)}"
        )

    def variables(self) -> str:
        names = sorted(self.symbols)
        return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") if names else "no variables"

    def number(self, node: ast.Constant) -> sympy.Rational:
        written = self.written(node)
        if isinstance(node.value, bool) or not _NUMBER.fullmatch(written):
            raise self.refuse(f"has something that is no number: {short(written)}")
        return _sized(_decimal(written), self.field)

    def name(self, name: str) -> sympy.Expr:
        found = self.symbols.get(name, CONSTANTS.get(name))
        if found is None:
            raise self.refuse(f"has the unknown name {short(name)}; the variables here are {self.variables()}")
        return found

    def sum(self, node: ast.BinOp, depth: int) -> sympy.Expr:
        """Return a chain of + and - as one sum: a long sum is not a deep one."""
        first, rest = _chain(node, (ast.Add, ast.Sub))
        terms = [self.expression(first, depth + 1)]
        for op, right in rest:
            value = self.expression(right, depth + 1)
            terms.append(value if isinstance(op, ast.Add) else -value)
        return sympy.Add(*terms)

    def product(self, node: ast.BinOp, depth: int) -> sympy.Expr:
        """Return a chain of * and / as one product."""
        first, rest = _chain(node, (ast.Mult, ast.Div))
        factors = [self.expression(first, depth + 1)]
        for op, right in rest:
            value = self.expression(right, depth + 1)
            if isinstance(op, ast.Div):
                self.nonzero(value, node)
                value = 1 / value
            factors.append(value)
        roots = [p.base for f in factors for p in f.atoms(sympy.Pow) if p.base.is_Rational]
        if sum(_bits(r) for r in roots) > MAX_BITS // 4:  # sympy looks for common factors of all of them
            raise self.refuse(f"has too many roots of long numbers in one product: {self.segment(node)}")
        return sympy.Mul(*factors)

    def power(self, base: sympy.Expr, exponent: sympy.Expr, node: ast.expr) -> sympy.Expr:
        if not exponent.is_Rational:
            raise self.refuse(f"needs an exact number as exponent (write exp(...) otherwise), got {self.segment(node)}")
        if base.is_Rational and _bits(base) * abs(exponent) > MAX_BITS:
            raise self.refuse(f"has a number of more than {MAX_BITS} bits: {self.segment(node)}")
        if not base.is_Rational and abs(exponent) > MAX_EXPONENT:
            raise self.refuse(f"needs exponents of size at most {MAX_EXPONENT}, got {self.segment(node)}")
        if exponent.q.bit_length() > 64:
            raise self.refuse(f"has an exponent with too large a denominator: {self.segment(node)}")
        if exponent.is_negative:
            self.nonzero(base, node)
        if not exponent.is_Integer:
            self.sign(base, node, "takes a root of a negative number", zero=True)
        return base**exponent

    def nonzero(self, value: sympy.Expr, node: ast.expr) -> None:
        if value == 0 or (value.is_number and not value.is_Rational and self.decided(value, node) == 0):
            raise self.refuse(f"divides by zero: {self.segment(node)}")

    def sign(self, value: sympy.Expr, node: ast.expr, why: str, *, zero: bool) -> None:
        """Refuse an argument that is known to be negative (or zero, unless `zero`)."""
        if value.is_number and not value.is_Rational:
            bad = self.decided(value, node) < 0
        elif self.measure(value).height > MAX_NUMBER_HEIGHT:  # sympy's own reasoning takes exponential time there
            bad = False
        else:
            bad = value.is_negative or (value.is_zero and not zero)
        if bad:
            raise self.refuse(f"{why}: {self.segment(node)}")

    def decided(self, value: sympy.Expr, node: ast.expr) -> sympy.Expr:
        """Return a decimal value of a number, whose sign is certain."""
        try:
            return value.evalf(15, maxn=400, strict=True)
        except PrecisionExhausted:
            raise self.refuse(f"has a number whose sign is not decided: {self.segment(node)}") from None

    def call(self, name: str, args: list[ast.expr], depth: int) -> sympy.Expr:
        if name == "Piecewise":
            return self.piecewise(args, depth)
        if name not in FUNCTIONS:
            raise self.refuse(f"may call {' '.join(sorted(FUNCTIONS))} only, got {short(name)}")
        function, low, high = FUNCTIONS[name]
        if not low <= len(args) <= high:
            raise self.refuse(f"{name} takes {low if low == high else f'{low} to {high}'} argument(s), got {len(args)}")
        values = [self.expression(a, depth + 1) for a in args]
        if name == "log":
            self.sign(values[0], args[0], "takes the logarithm of a number that is not positive", zero=False)
        if name == "sqrt":
            self.sign(values[0], args[0], "takes the square root of a negative number", zero=True)
        for value, arg in zip(values, args, strict=True):
            self.tame(value, arg)
        return function(*values)

    def tame(self, value: sympy.Expr, node: ast.expr) -> None:
        """Refuse arguments that exact evaluation would blow up: 10^9 log(7) becomes 7^(10^9), exp(exp(100)) is vast."""
        for term in sympy.Add.make_args(value):
            coefficient, rest = term.as_coeff_Mul()
            if rest.has(sympy.log) and abs(coefficient) > MAX_EXPONENT:
                raise self.refuse(f"has a multiple of a logarithm larger than {MAX_EXPONENT} inside a function")
        if value.is_number and not value.is_Rational and abs(value.evalf(15)) > MAX_MAGNITUDE:
            raise self.refuse(f"has a number larger than {MAX_MAGNITUDE} inside a function: {self.segment(node)}")

    def limited(self, value: sympy.Expr, node: ast.expr) -> sympy.Expr:
        """Return the value if it is within the limits, and a finite real number if it is a number at all."""
        found = self.measure(value)
        if found.size > MAX_SIZE:
            raise self.refuse(f"must have at most {MAX_SIZE} parts when its functions are written out")
        if found.height > MAX_HEIGHT:
            raise self.refuse(f"is nested more than {MAX_HEIGHT} deep")
        if found.degree > MAX_EXPONENT:
            raise self.refuse(f"must have a degree of at most {MAX_EXPONENT}: {self.segment(node)}")
        if value.is_number and not value.is_Rational:
            if found.height > MAX_NUMBER_HEIGHT:
                raise self.refuse(f"has a number nested more than {MAX_NUMBER_HEIGHT} deep: {self.segment(node)}")
            decimal = value.evalf(15)
            if not decimal.is_Number or not decimal.is_finite:
                raise self.refuse(f"has no finite real value: {self.segment(node)}")
        return value

    def measure(self, e: sympy.Basic) -> _Size:
        """Return the size of an expression; each part is measured once."""
        if e in self.known:
            return self.known[e]
        if e in (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
            raise self.refuse("has no finite real value")
        if isinstance(e, sympy.Rational):
            _sized(e, self.field)
            return _Size(1, sympy.S.Zero, 1)
        parts = [self.measure(a) for a in e.args]
        degrees = [p.degree for p in parts]
        if isinstance(e, sympy.Add | sympy.Mul):
            degree = max(degrees) if isinstance(e, sympy.Add) else sum(degrees, sympy.S.Zero)
        elif isinstance(e, sympy.Pow) and e.exp.is_Rational:
            degree = max(degrees[0], sympy.S.One) * max(abs(e.exp), sympy.S.One)
        else:
            degree = sympy.S.One
        height = 1 + max((p.height for p in parts), default=0)
        self.known[e] = _Size(1 + sum(p.size for p in parts), degree, height)
        return self.known[e]

    def piecewise(self, args: list[ast.expr], depth: int) -> sympy.Expr:
        branches = []
        for arg in args:
            if not (isinstance(arg, ast.Tuple) and len(arg.elts) == 2):
                raise self.refuse("Piecewise takes pairs (value, condition)")
            branches.append((self.expression(arg.elts[0], depth + 1), self.condition(arg.elts[1], depth + 1)))
        if not branches or branches[-1][1] is not sympy.true:
            raise self.refuse("the last condition of a Piecewise must be True, so that it has a value everywhere")
        return sympy.Piecewise(*branches)

    def condition(self, node: ast.expr, depth: int) -> Any:
        match node:
            case ast.Constant(value=True):
                return sympy.true
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                found = _COMPARE[type(op)](self.expression(left, depth + 1), self.expression(right, depth + 1))
                if found.is_Relational or found in (sympy.true, sympy.false):
                    return found
        raise self.refuse(
            f"a condition must compare two expressions with < <= > >= or be True, got {self.segment(node)}"
        )


def _chain(
    node: ast.BinOp, ops: tuple[type[ast.operator], ...]
) -> tuple[ast.expr, list[tuple[ast.operator, ast.expr]]]:
    """Return the first operand of a left-nested chain of these operators, and the operators with their right operands."""
    rest: list[tuple[ast.operator, ast.expr]] = []
    current: ast.expr = node
    while isinstance(current, ast.BinOp) and isinstance(current.op, ops):
        rest.append((current.op, current.right))
        current = current.left
    return current, rest[::-1]
