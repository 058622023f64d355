"""Networks f(x; theta) as exact expressions: dense, linear, residual, and any formula."""

from __future__ import annotations

import itertools
import keyword
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sympy

from pgb.errors import InputError
from pgb.expressions import RESERVED, parse, real_symbol, short
from pgb.problem.activations import ACTIVATIONS, Activation, activation
from pgb.problem.sizes import expanded

MAX_PARAMETERS: Final = 2_000
MAX_LAYERS: Final = 16
MAX_DEGREE: Final = 256
MAX_PARTS: Final = 100_000
AUXILIARY_PREFIX: Final = "aux_"
READS: Final = {
    "dense": ("layers", "activation", "bias"),
    "linear": ("layers", "bias"),
    "residual": ("layers", "activation"),
    "formula": ("formula", "parameters"),
}


@dataclass(frozen=True, slots=True)
class Network:
    """A network: named real parameters, and one expression per output in the inputs and parameters.

    Attributes
    ----------
    kind
        ``"dense"``, ``"linear"``, ``"residual"`` or ``"formula"``.
    inputs
        The input variables x1 .. x_dx.
    parameters
        theta, in a fixed order.
    outputs
        f_1 .. f_dy.
    layers
        Layer widths (dx, ..., dy) for dense and linear networks, else empty.
    activation
        Of the hidden layers, where there are any.
    last_layer
        Parameters in which every output is linear and homogeneous together with the rest fixed (a linear last layer):
        they give the network the gradient-basis property of THEORY section 3. Empty where none is known.
    """

    kind: str
    inputs: tuple[sympy.Symbol, ...]
    parameters: tuple[sympy.Symbol, ...]
    outputs: tuple[sympy.Expr, ...]
    layers: tuple[int, ...] = ()
    activation: Activation | None = None
    bias: bool = False
    last_layer: tuple[sympy.Symbol, ...] = field(default=())

    @property
    def dx(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @property
    def dy(self) -> int:
        """The number of outputs."""
        return len(self.outputs)

    def at(self, x: Sequence[sympy.Expr]) -> tuple[sympy.Expr, ...]:
        """Return the dy outputs at one input, in the parameters alone.

        Parameters
        ----------
        x
            dx exact numbers.
        """
        values = {s: sympy.sympify(v, strict=True) for s, v in zip(self.inputs, x, strict=True)}
        return tuple(f.xreplace(values) for f in self.outputs)


def dense(layers: Sequence[int], act: Activation, *, bias: bool = True) -> Network:
    """Return the fully connected network of these layer widths, with a linear last layer.

    Parameters are w{layer}_{row}_{column} and, with `bias`, b{layer}_{row}; layers count from 1.

    Raises
    ------
    InputError
        For fewer than two or more than 16 layers, widths that are not positive integers, more than 2,000 parameters,
        or expressions that would be too large (of degree above 256, or of more than 100,000 parts).
    """
    widths = _widths(layers, "network.layers")
    _moderate(widths, act)
    inputs = _inputs(widths[0])
    values: list[sympy.Expr] = list(inputs)
    parameters: list[sympy.Symbol] = []
    last: list[sympy.Symbol] = []
    for layer, (before, after) in enumerate(itertools.pairwise(widths), start=1):
        rows: list[sympy.Expr] = []
        last = []
        for row in range(1, after + 1):
            weights = [real_symbol(f"w{layer}_{row}_{column}") for column in range(1, before + 1)]
            last += weights
            total = sum((w * v for w, v in zip(weights, values, strict=True)), sympy.S.Zero)
            if bias:
                last.append(real_symbol(f"b{layer}_{row}"))
                total += last[-1]
            rows.append(total)
        parameters += last
        values = rows if layer == len(widths) - 1 else [act(v) for v in rows]
    kind = "linear" if act.name == "identity" and not bias else "dense"
    return Network(kind, inputs, tuple(parameters), tuple(values), widths, act, bias, tuple(last))


def linear(layers: Sequence[int], *, bias: bool = False) -> Network:
    """Return the deep linear network W_{H+1} ... W_1 x; see `dense`."""
    return dense(layers, ACTIVATIONS["identity"], bias=bias)


def residual(dx: int, dy: int, dz: int, act: Activation) -> Network:
    """Return f = W (x + V z(x, u)) with z_k = act(u_k . x + c_k), k = 1..dz (THEORY section 4, residual networks).

    Parameters are W{row}_{column} (dy x dx), V{row}_{column} (dx x dz), u{row}_{column} (dz x dx) and c{row}.
    """
    _widths((dx, dz, dy), "network.layers")
    inputs = _inputs(dx)
    W = [[real_symbol(f"W{i}_{j}") for j in range(1, dx + 1)] for i in range(1, dy + 1)]
    V = [[real_symbol(f"V{i}_{j}") for j in range(1, dz + 1)] for i in range(1, dx + 1)]
    u = [[real_symbol(f"u{i}_{j}") for j in range(1, dx + 1)] for i in range(1, dz + 1)]
    c = [real_symbol(f"c{i}") for i in range(1, dz + 1)]
    z = [act(sum((w * x for w, x in zip(row, inputs, strict=True)), b)) for row, b in zip(u, c, strict=True)]
    inner = [
        x + sum((v * s for v, s in zip(row, z, strict=True)), sympy.S.Zero) for x, row in zip(inputs, V, strict=True)
    ]
    outputs = [sum((w * h for w, h in zip(row, inner, strict=True)), sympy.S.Zero) for row in W]
    flat_W, flat_V, flat_u = (tuple(p for row in M for p in row) for M in (W, V, u))
    return Network(
        "residual",
        inputs,
        flat_W + flat_V + flat_u + tuple(c),
        tuple(outputs),
        (dx, dz, dy),
        act,
        bias=True,
        last_layer=flat_W,
    )


def formula(formulas: object, names: object, dx: int) -> Network:
    """Return the network given by one formula per output, in the inputs x1 .. x_dx and the named parameters.

    Raises
    ------
    InputError
        For names that are not identifiers, are taken (x1, exp, pi, aux_...) or repeat,
        and for formulas that `pgb.expressions.parse` refuses.
    """
    if not isinstance(formulas, Sequence) or isinstance(formulas, str) or not formulas:
        raise InputError("network.formula", f"must be a list with one formula per output, got {short(formulas)}")
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise InputError("network.parameters", f"must be a list of parameter names, got {short(names)}")
    inputs = _inputs(dx)
    taken = RESERVED | {x.name for x in inputs}
    symbols: dict[str, sympy.Symbol] = {}
    for i, name in enumerate(names):
        where = f"network.parameters[{i}]"
        if not isinstance(name, str) or not _is_name(name):
            raise InputError(where, f"must be a name such as 'w1', got {short(name)}")
        if name in taken or name in symbols or name.startswith(AUXILIARY_PREFIX):
            raise InputError(where, f"must be a new name that is not taken by an input or function, got {short(name)}")
        symbols[name] = real_symbol(name)
    known = symbols | {x.name: x for x in inputs}
    outputs = tuple(parse(f, known, f"network.formula[{k}]") for k, f in enumerate(formulas))
    return Network("formula", inputs, tuple(symbols.values()), outputs, last_layer=_linear_in(outputs, symbols))


def from_table(section: Mapping[str, Any], dx: int) -> Network:
    """Return the network that a [network] section describes (problem files, DESIGN section 4)."""
    kind = section.get("kind")
    if not isinstance(kind, str) or kind not in READS:
        raise InputError("network.kind", f"must be {', '.join(READS)}, got {short(kind)}")
    for key in section:
        if key not in ("kind", *READS[kind]):
            raise InputError(f"network.{key}", f"is not read for the kind {kind!r}; here the keys are {READS[kind]}")
    if kind == "formula":
        return formula(section.get("formula"), section.get("parameters"), dx)
    layers = section.get("layers")
    bias = section.get("bias", kind == "dense")
    if not isinstance(bias, bool):
        raise InputError("network.bias", f"must be true or false, got {short(bias)}")
    widths = _widths(layers, "network.layers")
    if widths[0] != dx:
        raise InputError("network.layers", f"must start with the {dx} columns of data.x, got {widths[0]}")
    if kind == "linear":
        return linear(widths, bias=bias)
    act = activation(section.get("activation"), "network.activation")
    if kind == "dense":
        return dense(widths, act, bias=bias)
    if len(widths) != 3:
        raise InputError("network.layers", f"must be [dx, dz, dy] for a residual network, got {list(widths)}")
    return residual(widths[0], widths[2], widths[1], act)


def _inputs(dx: int) -> tuple[sympy.Symbol, ...]:
    return tuple(real_symbol(f"x{i}") for i in range(1, dx + 1))


def _widths(layers: object, where: str) -> tuple[int, ...]:
    if not isinstance(layers, Sequence) or isinstance(layers, str) or len(layers) < 2:
        raise InputError(
            where, f"must list at least an input and an output width such as [1, 2, 1], got {short(layers)}"
        )
    if len(layers) > MAX_LAYERS:
        raise InputError(where, f"must list at most {MAX_LAYERS} widths, got {len(layers)}")
    for i, width in enumerate(layers):
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise InputError(f"{where}[{i}]", f"must be a positive integer, got {short(width)}")
    count = sum((a + 1) * b for a, b in itertools.pairwise(layers))
    if count > MAX_PARAMETERS:
        raise InputError(where, f"must give at most {MAX_PARAMETERS} parameters, got {short(count)}")
    return tuple(layers)


def _moderate(widths: Sequence[int], act: Activation) -> None:
    """Refuse networks whose outputs, written out, are too large to work with."""
    u = sympy.Dummy(real=True)
    hidden = len(widths) - 2
    degree = {"square": 2, "cube": 3}.get(act.name, 1) ** hidden
    if degree > MAX_DEGREE:
        raise InputError("network.layers", f"must give outputs of degree at most {MAX_DEGREE}, got {degree}")
    copies = act(u).count(u)
    parts = 1
    for layer, before in enumerate(widths[:-1]):
        parts = before * (parts * (copies if layer else 1) + 3)
    if parts > MAX_PARTS:
        raise InputError("network.layers", f"must give outputs of at most {MAX_PARTS} parts, got about {parts}")


def _is_name(name: str) -> bool:
    plain = name.isidentifier() and not keyword.iskeyword(name) and len(name) <= 40
    return plain and unicodedata.normalize("NFKC", name) == name  # as Python, and so the parser of formulas, reads it


def _linear_in(outputs: Sequence[sympy.Expr], symbols: Mapping[str, sympy.Symbol]) -> tuple[sympy.Symbol, ...]:
    """Return parameters u with f = sum_u u df/du exactly, found greedily; empty where there are none."""
    chosen: list[sympy.Symbol] = []
    for s in symbols.values():
        slopes = [sympy.diff(f, s) for f in outputs]
        if any(slope != 0 for slope in slopes) and not any(g.has(s, *chosen) for g in slopes):
            chosen.append(s)
    none = dict.fromkeys(chosen, sympy.S.Zero)  # no slope holds a chosen parameter, so f is affine in them jointly
    return tuple(chosen) if chosen and all(expanded(f.xreplace(none)) == 0 for f in outputs) else ()
