"""Random exact problems, twice: as the package reads them, and as values for the variables of the kernel's statements.

The second side is written here by hand (losses, networks, their derivatives), so that the package's problem layer is not
compared with itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from hypothesis import strategies as st

from pgb import library, problem
from pgb.kernel import Term

from .exact import Jet, jet
from .interpretation import Interpretation

s = library.statements()

SMALL = [
    Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2), (2, 1), (-2, 1), (3, 2), (-2, 3), (1, 3))
]
NONZERO = [v for v in SMALL if v]
numbers = st.sampled_from(SMALL)
nonzero = st.sampled_from(NONZERO)
positive = st.sampled_from([v for v in SMALL if v > 0] + [Fraction(1, 10)])

Row = Sequence[Fraction]
Vector = Callable[[int], Jet]


@dataclass(frozen=True)
class LossLaw:
    """A loss per sample, by hand: the section of a problem file, l(q, y) summed over outputs, and its derivative."""

    section: dict[str, str]
    value: Callable[[Jet, Fraction], Jet]
    slope: Callable[[Jet, Fraction], Jet]


def _formula(text: str, dy: int) -> dict[str, str]:
    return {"name": "formula", "formula": " + ".join(text.format(k=k) for k in range(1, dy + 1))}


def loss_law(name: str, dy: int) -> LossLaw:
    match name:
        case "squared":
            return LossLaw({"name": "squared"}, lambda q, y: (q - y) ** 2, lambda q, y: 2 * (q - y))
        case "quartic":
            return LossLaw(_formula("(q{k} - y{k})^4", dy), lambda q, y: (q - y) ** 4, lambda q, y: 4 * (q - y) ** 3)
        case "exponential":  # least at q = y, and only where q is rational can it be evaluated exactly
            return LossLaw(
                _formula("exp(q{k} - y{k}) - q{k}", dy), lambda q, y: (q - y).exp() - q, lambda q, y: (q - y).exp() - 1
            )
    raise ValueError(name)


@dataclass(frozen=True)
class NetworkLaw:
    """A network by hand: one formula text for each output, and the same as a Python function (theta, x, k)."""

    parameters: tuple[str, ...]
    text: Callable[[int, int], str]  # (k from 0, dx)
    value: Callable[[Vector, Vector, int], Jet]


def network_law(name: str, dy: int) -> NetworkLaw:
    ts = tuple(f"t{k + 1}" for k in range(dy))
    match name:
        case "shift":
            return NetworkLaw(ts, lambda k, _: f"t{k + 1}", lambda th, _, k: th(k))
        case "linear":
            return NetworkLaw((*ts, "u"), lambda k, dx: f"t{k + 1}*x{dx} + u", lambda th, x, k: th(k) * x(-1) + th(dy))
        case "cubic":
            return NetworkLaw(ts, lambda k, _: f"t{k + 1}^3 - 3*t{k + 1}", lambda th, _, k: th(k) ** 3 - 3 * th(k))
        case "product":
            return NetworkLaw(("u", "v"), lambda k, _: f"u*v*x1 + {k}", lambda th, x, k: th(0) * th(1) * x(0) + k)
    raise ValueError(name)


NETWORKS = ("shift", "linear", "cubic", "product")


@dataclass
class Concrete:
    """One problem, on both sides."""

    loss: str
    network: str
    x: list[list[Fraction]]
    y: list[list[Fraction]]
    lam: Fraction = Fraction(1, 10)
    ridge: Fraction = Fraction(0)
    extra: str = ""
    problem: problem.Problem = field(init=False)

    def __post_init__(self) -> None:
        self.problem = problem.loads(self.text())

    @property
    def m(self) -> int:
        return len(self.x)

    @property
    def dx(self) -> int:
        return len(self.x[0])

    @property
    def dy(self) -> int:
        return len(self.y[0])

    def text(self) -> str:
        """Return the problem file."""
        law = network_law(self.network, self.dy)
        table = {
            "kind": "formula",
            "formula": [law.text(k, self.dx) for k in range(self.dy)],
            "parameters": list(law.parameters),
        }

        def section(name: str, entries: dict[str, Any]) -> str:
            return f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in entries.items())

        rows = {n: [[str(v) for v in row] for row in t] for n, t in (("x", self.x), ("y", self.y))}
        parts = [
            section("network", table),
            section("loss", loss_law(self.loss, self.dy).section),
            section("data", rows),
            section("augmentation", {"kind": "exp_neuron", "lambda": str(self.lam)}),
        ]
        if self.ridge:
            parts.append(section("ridge", {"weight": str(self.ridge)}))
        return "".join(parts) + self.extra

    def output(self, theta: Row, i: int, k: int) -> Fraction:
        """Return f(x_i; theta)_k, by hand."""
        law = network_law(self.network, self.dy)
        return law.value(lambda n: jet(theta[n]), lambda r: jet(self.x[i][r]), k).rational

    def fitted(self, theta: Row, spread: Sequence[Fraction]) -> Concrete:
        """Return the problem with labels for which every group's slopes cancel at theta: f + d and f - d by turns."""
        place: dict[tuple[Fraction, ...], list[int]] = {}
        for i, row in enumerate(self.x):
            place.setdefault(tuple(row), []).append(i)
        y = [[Fraction(0)] * self.dy for _ in self.x]
        for group in place.values():
            for n, i in enumerate(group):
                paired = n + 1 < len(group) if n % 2 == 0 else True
                d = spread[n // 2 % len(spread)] * (-1) ** n if paired and self.loss != "exponential" else Fraction(0)
                y[i] = [self.output(theta, i, k) + d for k in range(self.dy)]
        return Concrete(self.loss, self.network, self.x, y, self.lam, self.ridge)

    def interpretation(self, samples: dict[Any, list[Term]] | None = None, **values: Any) -> Interpretation:
        """Return values for the kernel's x, l, dl, f, df, lambda, and those given."""
        law, network = loss_law(self.loss, self.dy), network_law(self.network, self.dy)

        def losses(i: int) -> Callable[[Vector], Jet]:
            return lambda q: sum((law.value(q(k), self.y[i][k]) for k in range(self.dy)), jet(0))

        def slopes(i: int) -> Callable[[Vector], Vector]:
            return lambda q: lambda k: law.slope(q(k), self.y[i][k])

        def net(th: Vector) -> Callable[[Vector], Vector]:
            # "the last input" is asked for by -1
            return lambda z: lambda k: network.value(th, lambda r: z(r % self.dx), k)

        sizes = {"sample": self.m, "input": self.dx, "output": self.dy, "param": len(network.parameters)}
        table = {
            "x": lambda i: lambda r: jet(self.x[i][r]),
            "l": losses,
            "dl": slopes,
            "f": net,
            "lambda": jet(self.lam),
        }
        return Interpretation(sizes, table | values, samples)

    def point(self, theta: Row, a: Row, b: Row, W: Sequence[Row]) -> dict[str, sympy.Expr]:
        """Return a point of Lt as the package names it."""
        names = [v.name for v in self.problem.parameters]
        flat = [*theta, *a, *b, *(w for row in W for w in row)]
        names += [f"aux_{v}{k}" for v in "ab" for k in range(1, self.dy + 1)]
        names += [f"aux_w{k}_{r}" for k in range(1, self.dy + 1) for r in range(1, self.dx + 1)]
        return {n: rational(v) for n, v in zip(names, flat, strict=True)}


def rational(v: Fraction) -> sympy.Rational:
    return sympy.Rational(v.numerator, v.denominator)


def vector(values: Sequence[Any]) -> Vector:
    """Return a kernel vector: a function of the index."""
    found = [jet(v) for v in values]
    return lambda n: found[n]


def matrix(rows: Sequence[Sequence[Any]]) -> Callable[[int], Vector]:
    """Return a kernel matrix."""
    found = [vector(row) for row in rows]
    return lambda n: found[n]


def rows(draw: Any, n: int, m: int, of: Any = numbers) -> list[list[Fraction]]:
    return [[draw(of) for _ in range(m)] for _ in range(n)]


@st.composite
def concretes(
    draw: Any,
    losses: Sequence[str] = ("squared", "quartic"),
    networks: Sequence[str] = NETWORKS,
    max_samples: int = 3,
    max_dx: int = 2,
    max_dy: int = 2,
) -> Concrete:
    """Problems with repeated inputs now and then, and labels at random."""
    dx, dy, m = draw(st.integers(1, max_dx)), draw(st.integers(1, max_dy)), draw(st.integers(1, max_samples))
    x = rows(draw, m, dx)
    if m > 1:
        other, shared = x[draw(st.integers(0, m - 2))], draw(st.integers(0, 2 * dx))
        x[-1] = [*other[:shared], *x[-1][shared:]]  # a repeated input more often than not, or half of one
    return Concrete(
        draw(st.sampled_from(losses)), draw(st.sampled_from(networks)), x, rows(draw, m, dy), draw(positive)
    )


@st.composite
def with_point(draw: Any, **options: Any) -> tuple[Concrete, list[Fraction], list[Fraction], list[Fraction], list[Any]]:
    """A problem with a point (theta, a, b, W)."""
    c = draw(concretes(**options))
    n = len(c.problem.parameters)
    (theta,), (a,), (b,) = rows(draw, 1, n), rows(draw, 1, c.dy), rows(draw, 1, c.dy)
    return c, theta, a, b, rows(draw, c.dy, c.dx)
