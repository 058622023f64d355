"""Writes one kernel term as mathematics: names for bound variables, brackets, signs. Untrusted.

Different closed terms never print the same: every bracket that the structure needs is written, bound variables get names that are
not in use, letters are tied to types, and a definition is abbreviated only where it is the very term (`folding`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from pgb.kernel import FINITE, REAL, Term, Type, eta, fun, is_const, real, var
from pgb.report.folding import Definition, bare
from pgb.report.vocabulary import ATOM, POWER, PRODUCT, RELATION, SUM

QUANTIFIER, IFF, IMPLIES, AND = range(4)  # how tightly a form binds, loosest first; the others are in `vocabulary`
WIDTH: Final = 118

VECTOR, POINT = ("output", REAL), ("input", REAL)
# The letters of bound variables, by type; no letter serves two types.
STEMS: Final[dict[Type, tuple[str, ...]]] = {
    "sample": ("i", "j"),
    "output": ("k",),
    "input": ("r",),
    "param": ("p",),
    "degree": ("d",),
    "pert": ("v",),
    "nat": ("n",),
    REAL: ("s", "t"),
    VECTOR: ("a", "b", "y"),
    POINT: ("z", "w"),
    ("param", REAL): ("theta",),
    fun("output", "input", REAL): ("W",),
    fun(POINT, "output", REAL): ("q",),
    (POINT, REAL): ("h",),
    ("sample", REAL): ("c",),
    ("degree", REAL): ("alpha",),
    fun(REAL, "param", REAL): ("Theta",),
    fun(REAL, "output", REAL): ("A", "B"),
    fun(REAL, "output", "input", REAL): ("U",),
    fun("sample", ("param", REAL), "output", REAL): ("phi",),
    fun("sample", "output", REAL): ("psi",),
    fun("sample", "output", "param", REAL): ("dphi",),
    fun("sample", "output", "pert", REAL): ("dpsi",),
    fun("pert", "param", REAL): ("C",),
    ("pert", REAL): ("g",),
    fun("input", "pert", REAL): ("V",),
    fun("output", "pert", REAL): ("K",),
    fun("input", "output", REAL): ("R",),
    ("output", "input"): ("sigma",),
    fun(POINT, ("param", REAL), "pert", REAL): ("zeta",),
}
# The same for statements about the general objective Q of the PGB condition.
PGB_STEMS: Final[dict[Type, tuple[str, ...]]] = {
    **STEMS,
    "sample": ("i",),
    "pert": ("j",),
    "input": ("q",),
    ("param", REAL): ("z", "h"),
    POINT: ("u",),
    REAL: ("r", "s", "t"),
    fun("pert", "param", REAL): ("v", "alpha"),
    fun("pert", "output", REAL): ("A", "B"),
    fun("pert", "output", "input", REAL): ("C",),
    fun(REAL, "input", REAL): ("U",),
    fun(REAL, "output", REAL): ("Y",),
}
GREEK: Final[dict[str, tuple[str, str]]] = {
    "theta": ("θ", r"\theta"), "Theta": ("Θ", r"\Theta"), "lambda": ("λ", r"\lambda"), "alpha": ("α", r"\alpha"),
    "beta": ("β", r"\beta"), "phi": ("φ", r"\varphi"), "rho": ("ϱ", r"\varrho"), "mu": ("μ", r"\mu"),
    "sigma": ("σ", r"\sigma"), "zeta": ("ζ", r"\zeta"),
    "radius": ("ρ", r"\rho"), "eps": ("ε", r"\varepsilon"), "dphi": ("∂φ", r"\partial\varphi"), "psi": ("ψ", r"\psi"), "dpsi": ("∂ψ", r"\partial\psi"),
    "drho": ("∂ϱ", r"\partial\varrho"), "dQ": ("∂₁Q", r"\partial_1 Q"), "eQ": ("∂₂Q", r"\partial_2 Q"),
}  # fmt: skip


# The network, the losses and their derivatives are written in their usual forms, f(x; theta)_k and d_k l_i(p).
_DATA: Final = {
    ("f", fun(("param", REAL), POINT, "output", REAL)),
    ("df", fun(("param", REAL), POINT, "output", "param", REAL)),
    ("l", fun("sample", VECTOR, REAL)),
    ("dl", fun("sample", VECTOR, "output", REAL)),
}


@dataclass(frozen=True, slots=True)
class Style:
    """The signs of one output format."""

    every: str
    some: str
    implies: str
    iff: str
    conj: str
    negation: str
    le: str
    minus: str
    maps: str
    total: str
    partial: str
    nabla: str
    prime: str
    latex: bool


UNICODE: Final = Style("∀", "∃", " ⟹ ", " ⟺ ", " ∧ ", "¬", " ≤ ", "−", " ↦ ", "Σ", "∂", "∇", "′", latex=False)
LATEX: Final = Style(
    r"\forall ", r"\exists ", r" \implies ", r" \iff ", r" \wedge ", r"\neg ", r" \le ", "-", r" \mapsto ",
    r"\sum", r"\partial", r"\nabla ", "'", latex=True,
)  # fmt: skip


class Printer:
    """Writes one term; it remembers the names it gave and the definitions it used."""

    def __init__(self, style: Style, folds: Sequence[Definition]) -> None:
        self.style = style
        self.names: dict[tuple[Any, Type], str] = {}
        self.stems = STEMS
        self.used: list[Definition] = []
        self._by_head: dict[Any, list[Definition]] = {}
        for d in folds:
            self._by_head.setdefault(_head(d.pattern), []).append(d)
        self._folded: dict[Term, tuple[Definition, tuple[Term, ...]] | None] = {}

    # -- whole formulas ---------------------------------------------------------------------------------------------
    def show(self, term: Term, level: int = QUANTIFIER) -> str:
        """Return the term, in brackets if it binds more loosely than `level`."""
        self._name_free(term)
        written, own = self._write(term)
        return written if own >= level else f"({written})"

    def lines(self, term: Term, indent: int = 0, level: int = QUANTIFIER) -> list[str]:
        """Return the term over as many lines as it needs, broken at its outermost connectives."""
        self._name_free(term)
        pad = " " * indent
        whole = self.show(term, level)
        if len(whole) + indent <= WIDTH or self._fold(term) is not None:
            return [pad + whole]
        saved = dict(self.names)
        broken = self._broken(term, indent + (level > self._write(term)[1]))
        self.names = saved
        if broken is None:
            return [pad + whole]
        if level > self._write(term)[1]:
            broken[0] = f"{pad}({broken[0].lstrip()}"
            broken[-1] += ")"
        return broken

    def _broken(self, term: Term, indent: int) -> list[str] | None:
        pad = " " * indent
        if is_const(term, "all", "ex"):
            head, body = self._binders(term)
            return [f"{pad}{head}:", *self.lines(body, indent + 2)]
        pair = _iff(term)
        if pair is not None:
            return [*self.lines(pair[0], indent, IMPLIES), f"{pad}⟺", *self.lines(pair[1], indent, IMPLIES)]
        if is_const(term, "imp") and not is_const(term.args[1], "false"):
            first = self.lines(term.args[0], indent, AND)
            first[-1] += " ⟹"
            return [*first, *self.lines(term.args[1], indent, IMPLIES)]
        if is_const(term, "and"):
            first = self.lines(term.args[0], indent, RELATION)
            first[-1] += " ∧"
            return [*first, *self.lines(term.args[1], indent, AND)]
        return None

    # -- names ------------------------------------------------------------------------------------------------------
    def _letter(self, stem: str) -> str:
        return GREEK[stem][self.style.latex] if stem in GREEK else stem

    def _name_free(self, term: Term) -> None:
        """Give every free variable its name; two of one name but different types are told apart by primes."""
        if any(name == "Q" for name, _ in term.names):
            self.stems = PGB_STEMS
        for name, type_ in sorted(term.names - self.names.keys(), key=str):
            stem, two, number = re.fullmatch(r"(.*?)(2?)((?:_\d+)?)", str(name)).groups()  # type: ignore[union-attr]
            written = self._letter(stem) + self.style.prime * bool(two) + number.replace("_", "")
            self.names[name, type_] = self._unused(written)

    def _unused(self, written: str) -> str:
        while written in self.names.values():
            written += self.style.prime
        return written

    def open(self, function: Term, *, radius: bool = False) -> tuple[str, Term, Term]:
        """Name the variable of a lambda, ρ for a radius; return the name, the variable and the body."""
        type_ = function.type[0]
        v = var(f"OPEN_{len(self.names)}", type_)
        body = function(eta(v))
        name = self._bound_name(("radius",) if radius else self.stems.get(type_, ()), v, body)
        self.names[v.name, type_] = name
        return name, v, body

    def _bound_name(self, stems: Sequence[str], v: Term, body: Term) -> str:
        if v.type == VECTOR:
            stems = [_role(v, body)]
        if not stems:
            return self._unused("F")
        for primes in range(99):
            for stem in stems:
                candidate = self._letter(stem) + self.style.prime * primes
                if candidate not in self.names.values():
                    return candidate
        return self._unused(stems[0])

    def close(self, v: Term) -> None:
        """Forget the name of a bound variable."""
        del self.names[v.name, v.type]

    # -- writing ----------------------------------------------------------------------------------------------------
    def _fold(self, term: Term) -> tuple[Definition, tuple[Term, ...]] | None:
        if term not in self._folded:
            matches = ((d, d.match(term)) for d in self._by_head.get(_head(term), ()))
            self._folded[term] = next(((d, values) for d, values in matches if values is not None), None)
        return self._folded[term]

    def _write(self, term: Term) -> tuple[str, int]:
        """Return the written form and how tightly it binds."""
        folded = self._fold(term)
        if folded is not None:
            d, values = folded
            if d not in self.used:
                self.used.append(d)
            form = d.latex if self.style.latex else d.text
            return form.format(*map(self.argument, values)), d.level
        if term.kind == "num":
            return _number(term.name), ATOM
        if term.kind == "lam":
            return self.argument(term), ATOM
        if term.kind == "const":
            written: tuple[str, int] = getattr(self, f"_write_{term.name}")(*term.args)
            return written
        return self._application(term), ATOM

    def argument(self, term: Term) -> str:
        """Return a parameter: a function as its bare name if it has one, otherwise as a family or a map."""
        self._name_free(term)
        if term.kind != "lam":
            return self.show(term, SUM)
        named = bare(term)
        if named is not None:
            return self._application(named)
        if self._fold(term) is not None:
            return self._write(term)[0]
        name, v, body = self.open(term)
        if v.type in FINITE:
            written = "0" if body == real(0) else f"({self.argument(body)})_{self._sub(name)}"
        else:
            written = f"({name}{self.style.maps}{self.argument(body)})"
        self.close(v)
        return written

    def _sub(self, name: str) -> str:
        """Return a name as it stands below a sign; in LaTeX a prime must not leave the index."""
        return f"{{{name}}}" if self.style.latex and len(name) > 1 else name

    def _application(self, term: Term) -> str:
        """Return a variable applied to arguments: indices below, other arguments in brackets."""
        name, args = self.names[term.name, term.type], term.args
        if (term.name, term.type) in _DATA:
            return self._data(name, str(term.name), args)
        below = [a for a in args if a.sort in FINITE or a.sort == "nat"]
        inside = [a for a in args if a not in below]
        if (term.name, term.type) == ("dl", fun("sample", REAL, REAL)):  # the derivative of a loss of one number
            name = f"l{self.style.prime}"
        written = name + (self._below(below) if below else "")
        return written + (f"({', '.join(map(self.argument, inside))})" if inside else "")

    def _data(self, name: str, kind: str, args: tuple[Term, ...]) -> str:
        """Return the network, a loss or one of their derivatives, at as many arguments as are there."""
        if kind in ("f", "df"):
            point = f"({self.argument(args[1]) if len(args) > 1 else '·'}; {self.argument(args[0])})" if args else ""
            below = self._below(args[2:3]) if len(args) > 2 else ""
            slope = f"{self.style.partial}{self._below(args[3:])} " if len(args) > 3 else "D" * (kind == "df")
            return f"{slope}f{point}{below}"
        index = self._below(args[:1]) if args else ""
        point = f"({self.argument(args[1])})" if len(args) > 1 else ""
        if kind == "l":
            return f"{name}{index}{point}"
        slope = f"{self.style.partial}{self._below(args[2:])} " if len(args) > 2 else self.style.nabla
        return f"{slope}l{index}{point}"

    def _below(self, indices: Sequence[Term]) -> str:
        shown = [self.show(a, SUM) for a in indices]
        inside = ",".join(shown)
        return f"_{inside}" if len(inside) == 1 or (len(shown) == 1 and not self.style.latex) else f"_{{{inside}}}"

    def _infix(self, sign: str, left: Term, right: Term) -> tuple[str, int]:
        return f"{self.show(left, SUM)}{sign}{self.show(right, SUM)}", RELATION

    def _write_eq(self, left: Term, right: Term) -> tuple[str, int]:
        return self._infix(" = ", left, right)

    def _write_le(self, left: Term, right: Term) -> tuple[str, int]:
        return self._infix(self.style.le, left, right)

    def _write_lt(self, left: Term, right: Term) -> tuple[str, int]:
        return self._infix(" < ", left, right)

    def _write_add(self, left: Term, right: Term) -> tuple[str, int]:
        first = self.show(left, SUM)
        if is_const(right, "mul") and right.args[0] == real(-1) and self._fold(right) is None:
            return f"{first} {self.style.minus} {self.show(right.args[1], PRODUCT)}", SUM
        return f"{first} + {self.show(right, PRODUCT)}", SUM

    def _write_mul(self, left: Term, right: Term) -> tuple[str, int]:
        if left == real(-1) and right.kind != "num":
            return f"{self.style.minus}{self.show(right, PRODUCT)}", SUM
        if left == right:
            return f"{self.show(left, ATOM)}{'^2' if self.style.latex else '²'}", POWER
        first = self.show(left, PRODUCT)
        if is_const(left, "mul", "sum") and (is_const(left, "sum") or _ends_in_sum(left)) and self._fold(left) is None:
            first = f"({first})"
        last = self.show(right, PRODUCT) if is_const(right, "sum") else self.show(right, POWER)
        return f"{first}{chr(92) + ', ' if self.style.latex else ' '}{last}", PRODUCT

    def _write_sum(self, body: Term) -> tuple[str, int]:
        name, v, inside = self.open(body)
        written = f"{self.style.total}_{self._sub(name)} {self.show(inside, PRODUCT)}"
        self.close(v)
        return written, PRODUCT

    def _write_exp(self, t: Term) -> tuple[str, int]:
        return f"{chr(92) if self.style.latex else ''}exp({self.show(t)})", ATOM

    def _write_inv(self, t: Term) -> tuple[str, int]:
        return (f"\\frac{{1}}{{{self.show(t)}}}" if self.style.latex else f"(1/({self.show(t)}))"), ATOM

    def _write_pow(self, t: Term, n: Term) -> tuple[str, int]:
        return f"{self.show(t, ATOM)}^{{{self.show(n)}}}", POWER

    def _write_ind(self, p: Term) -> tuple[str, int]:
        return f"[{self.show(p)}]", ATOM

    def _write_zero(self) -> tuple[str, int]:
        return "0", ATOM

    def _write_suc(self, n: Term) -> tuple[str, int]:
        return f"{self.show(n, SUM)} + 1", SUM

    def _write_as_nat(self, d: Term) -> tuple[str, int]:
        return self.show(d, ATOM), ATOM

    def _write_false(self) -> tuple[str, int]:
        return (r"\bot" if self.style.latex else "false"), ATOM

    def _write_imp(self, p: Term, q: Term) -> tuple[str, int]:
        if is_const(q, "false"):
            return f"{self.style.negation}{self.show(p, ATOM)}", RELATION
        return f"{self.show(p, AND)}{self.style.implies}{self.show(q, IMPLIES)}", IMPLIES

    def _write_and(self, p: Term, q: Term) -> tuple[str, int]:
        if is_const(p, "imp") and is_const(q, "imp") and p.args == q.args[::-1]:
            return f"{self.show(p.args[0], AND)}{self.style.iff}{self.show(p.args[1], AND)}", IFF
        return f"{self.show(p, RELATION)}{self.style.conj}{self.show(q, AND)}", AND

    def _write_all(self, body: Term) -> tuple[str, int]:
        return self._quantified(Term("const", "all", ((body.type[0], "bool"), "bool"), (body,)))

    def _write_ex(self, body: Term) -> tuple[str, int]:
        return self._quantified(Term("const", "ex", ((body.type[0], "bool"), "bool"), (body,)))

    def _quantified(self, term: Term) -> tuple[str, int]:
        saved = dict(self.names)
        head, body = self._binders(term)
        written = f"{head}: {self.show(body)}"
        self.names = saved
        return written, QUANTIFIER

    def _binders(self, term: Term) -> tuple[str, Term]:
        """Open a run of equal quantifiers; return how they are written and the body. The names stay given."""
        sign, kind = (self.style.every if is_const(term, "all") else self.style.some), term.name
        names: list[str] = []
        while is_const(term, kind) and (not names or self._fold(term) is None):
            type_ = term.args[0].type[0]
            name, v, body = self.open(term.args[0], radius=kind == "ex" and type_ == REAL)
            names.append(name if type_ in self.stems else f"{name} in {_type_text(type_)}")
            term = body
            if kind == "ex" and is_const(body, "and") and _is_positive(body.args[0], v):
                names[-1] += " > 0"
                term = body.args[1]
                break
        return f"{sign}{', '.join(names)}", term

    def _write_hasd(self, curve: Term, at: Term, slope: Term) -> tuple[str, int]:
        name, v, body = self.open(curve)
        inside = self.show(body)
        self.close(v)
        if self.style.latex:
            return (
                f"\\frac{{d}}{{d{name}}}\\Bigl[{inside}\\Bigr]_{{{name}={self.show(at)}}} = {self.show(slope, SUM)}",
                RELATION,
            )
        return f"d/d{name} [{inside}] at {name} = {self.show(at, SUM)} is {self.show(slope, SUM)}", RELATION

    def _write_fderiv(self, function: Term, at: Term, gradient: Term) -> tuple[str, int]:
        return (
            f"{self.style.nabla}[{self.argument(function)}]({self.argument(at)}) = {self.argument(gradient)}",
            RELATION,
        )


def _head(term: Term) -> tuple[str, Any, Type]:
    return term.kind, term.name, term.type


def _number(value: Fraction) -> str:
    plain = str(value)
    return plain if value >= 0 and value.denominator == 1 else f"({plain})"


def _is_positive(p: Term, v: Term) -> bool:
    return is_const(p, "lt") and p.args[0] == real(0) and p.args[1] == v


def _iff(term: Term) -> tuple[Term, Term] | None:
    if not is_const(term, "and") or not all(is_const(part, "imp") for part in term.args):
        return None
    (p, q), (q2, p2) = term.args[0].args, term.args[1].args
    return (p, q) if (p, q) == (p2, q2) else None


def _ends_in_sum(term: Term) -> bool:
    last = term.args[1]
    return is_const(last, "sum") or (is_const(last, "mul") and _ends_in_sum(last))


_LOSSES: Final = ("l", "dl", "Q", "dQ", "eQ")


def _role(v: Term, body: Term) -> str:
    """Guess the usual letter of a vector of R^dy: b inside an exponent, y as an argument of a loss, else a."""
    found: set[str] = set()

    def visit(term: Term, where: str) -> None:
        if term.kind == "var" and term.name == v.name:
            found.add(where)
        if is_const(term, "exp"):
            found.add("exp")
        inner = "b" if is_const(term, "exp") else "y" if term.name in _LOSSES and where == "a" else where
        for t in term.args:
            visit(t, inner)

    visit(body, "a")
    if "b" in found:
        return "b"
    return "y" if "y" in found and "exp" not in found else "a"


def _type_text(type_: Type) -> str:
    return type_ if isinstance(type_, str) else f"({_type_text(type_[0])}→{_type_text(type_[1])})"
