"""Hypothesis strategies for exact, well-typed problems in which chosen hypotheses hold, or all but one. Decides nothing.

Whether a drawn problem really meets the hypotheses is decided afterwards, by `Problem.hypotheses`. The shapes that tend to hurt
are drawn on purpose: repeated and collinear inputs, conflicting labels, constant, dead and saturating networks.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any, Final

from hypothesis import strategies as st

from pgb.falsify import losses
from pgb.falsify.documents import Document
from pgb.falsify.losses import POSITIVE, SMALL, Draw, rows

SHAPES: Final = ("relu(z)", "relu(z)", "cos(z)", "exp(-(z)^2)", "tanh(z)", "sigmoid(z)", "softplus(z)", "1/(1 + (z)^2)")
FACTORS: Final = ("a*cos(b)", "a*(1 + b^2)", "a*exp(-b^2)", "a*sigmoid(b)", "a*relu(b)")  # in the place of a e^b
INTEGERS: Final = ("0", "1", "-1", "2", "-2")
CONSTANT: Final = ("{c}", "{c}", "{c}", "0*t{k} + {c}")
SMOOTH: Final = (
    "t{k}",
    "t{k}",
    "t{k}",
    "t{k}",
    "t{k}*{x}",
    "t{k}*{x} + {c}",
    "t{k}^3 - {d}*t{k}",
    "t{k}^2 + {c}",
    "t1*t2",
    "t1*t2*{x} + {c}",
    "tanh(t{k}*{x})",
    "t1*tanh(t2*{x})",
    "tanh(3*t{k}) + {c}",
    "exp(-t{k}^2)*{x}",
    "(t{k}^2 - {d})*{x}",
)
HOMOGENEOUS: Final = ("t{k}", "t{k}*{x}", "t{k}^2", "t{k}^3", "t1*t2*{x}", "t1*{x} + t2", "t{k}*exp({x})")
KINKED: Final = ("relu(-{d} - t{k}^2)*{x} + {c}", "relu(t{k}*{x} + {c})", "relu(t{k}) - relu(t{k} - {d})")
ROUGH: Final = ("sqrt(Abs(t{k} - {d})) + {c}", "{c} - sqrt(Abs(t{k} - {d}))", "sqrt(Abs(t{k} - {d}))*{x} + {c}")
# In these c is a small number, d a positive one, x one of the inputs, k the output.


def problems(hypotheses: Collection[str], drop: str | None = None, draws: str = "plain") -> st.SearchStrategy[Document]:
    """Return a strategy for problems in which these hypotheses are meant to hold, except the dropped one.

    Parameters
    ----------
    hypotheses
        Identifiers of `pgb.theorems.HYPOTHESES`. What is not named is drawn freely.
    drop
        One that is meant to fail.
    draws
        Which problems: ``"plain"``, ``"one_output"``, ``"ridge"``, ``"outputs"``, ``"residual"`` or ``"no_extra_unit"``,
        as in `pgb.falsify.attacks.Attack`.
    """

    @st.composite
    def drawn(draw: Draw) -> Document:
        wanted = frozenset(hypotheses) - {drop}
        dx, dy = _sizes(draw, drop, draws)
        loss, labels = losses.loss(draw, dy, wanted, drop, few=drop == "f_differentiable")
        document = {
            "network": _residual(draw, dx, dy) if draws == "residual" else _network(draw, dx, dy, wanted, drop, draws),
            "loss": loss,
            "data": _data(draw, dx, labels, consistent="labels_consistent" in wanted, numbers=losses.numbers(loss)),
            "augmentation": _augmentation(draw, dx, wanted, drop, draws),
        }
        if draws == "ridge":
            document["ridge"] = {"weight": draw(st.sampled_from(POSITIVE))}
        region = _region(draw, dx, dy, drop)
        return document | ({"region": region} if region else {})

    return drawn()


def _sizes(draw: Draw, drop: str | None, draws: str) -> tuple[int, int]:
    if draws == "residual":
        dx = draw(st.sampled_from((1, 1, 1, 2)))
        return dx, dx + 1 if drop == "dx_at_least_dy" else draw(st.integers(1, dx))
    if drop == "f_differentiable":  # a cusp is certified in one parameter only
        return draw(st.integers(1, 2)), 1
    sizes = (1,) * 12 + (2,) * 4 + (3,) * 2
    dx, dy = draw(st.sampled_from(sizes)), draw(st.sampled_from(sizes))
    return (dx, 1) if draws == "one_output" or dx * dy == 9 else (dx, dy)


def _network(draw: Draw, dx: int, dy: int, wanted: Collection[str], drop: str | None, draws: str) -> dict[str, Any]:
    if drop != "f_differentiable" and draw(st.integers(0, 6)) == 6:  # now and then a layered one
        return _layered(draw, dx, dy)
    rough = drop == "f_differentiable"
    shapes: tuple[str, ...] = ROUGH if rough else (*CONSTANT * 3, *SMOOTH)
    if draws == "outputs":  # what is not homogeneous in some way seldom has a gradient basis
        shapes = (*CONSTANT, *SMOOTH, *HOMOGENEOUS * 2)
    if "f_differentiable" not in wanted and drop != "f_differentiable":
        shapes = (*shapes, *KINKED)
    formulas = []
    for k in range(1, dy + 1):
        x = draw(st.sampled_from([f"x{r}" for r in range(1, dx + 1)]))
        # where f has a cusp few numbers, so that predictions often sit on labels
        c = draw(st.sampled_from(("0", "0", *SMALL[: 3 if rough else 7])))
        d = draw(st.sampled_from(POSITIVE[: 3 if rough else 6]))
        formulas.append(draw(st.sampled_from(shapes)).format(k=k, x=x, c=f"({c})" if len(c) > 1 else c, d=f"({d})"))
    return formula_network(formulas)


def formula_network(formulas: list[str]) -> dict[str, Any]:
    """Return the network section of formulas, with the parameters t1, t2 .. that they use; t1 where they use none."""
    used = [t for t in ("t1", "t2", "t3") if any(t in f for f in formulas)]
    return {"kind": "formula", "formula": formulas, "parameters": used or ["t1"]}


def _layered(draw: Draw, dx: int, dy: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(("dense", "linear", "deep", "residual")))
    if kind == "residual" and dx * dy == 1:
        return _residual(draw, dx, dy)
    if kind in ("linear", "residual"):
        return {"kind": "linear", "layers": [dx, dy]}
    if kind == "deep":
        return {"kind": "linear", "layers": [dx, 1, dy]}
    activation = draw(st.sampled_from(("tanh", "sigmoid", "square", "softplus")))
    return {"kind": "dense", "layers": [dx, 1, dy], "activation": activation, "bias": draw(st.booleans())}


def _residual(draw: Draw, dx: int, dy: int) -> dict[str, Any]:
    activation = draw(st.sampled_from(("relu", "square", "identity", "tanh")))
    return {"kind": "residual", "layers": [dx, draw(st.integers(1, 2)), dy], "activation": activation}


def _data(draw: Draw, dx: int, labels: Any, *, consistent: bool, numbers: bool) -> dict[str, Any]:
    """One to four samples: over a pool of inputs, so that some are drawn twice; or over different whole numbers; or odd.

    Half of the wider pools lie on a line. Odd data hold (-x, -y) with (x, y), where labels are numbers.
    """
    m = draw(st.integers(1, 4))
    if numbers and m in (2, 4) and draw(st.booleans()):
        x = draw(st.lists(rows(dx, SMALL[1:7]), min_size=m // 2, max_size=m // 2, unique_by=tuple))
        y = [draw(labels) for _ in x]
        mirrored = {"x": [_negative(row) for row in x], "y": [_negative(row) for row in y]}
        if not any(row in x for row in mirrored["x"]):
            return {"x": x + mirrored["x"], "y": y + mirrored["y"]}
    if dx == 1 and m > 1 and draw(st.booleans()):
        chosen = [[v] for v in draw(st.lists(st.sampled_from(INTEGERS), min_size=m, max_size=m, unique=True))]
        return {"x": chosen, "y": [draw(labels) for _ in chosen]}
    pool = draw(st.lists(rows(dx), min_size=1, max_size=m))
    if dx > 1 and draw(st.booleans()):
        direction = draw(rows(dx))
        pool = [[str(Fraction(row[0]) * Fraction(v)) for v in direction] for row in pool]
    chosen = [pool[draw(st.integers(0, len(pool) - 1))] for _ in range(m)]
    y = [draw(labels) for _ in chosen]
    if consistent:
        first = {tuple(x): label for x, label in zip(reversed(chosen), reversed(y), strict=True)}
        y = [first[tuple(x)] for x in chosen]
    return {"x": chosen, "y": y}


def _negative(row: list[str]) -> list[str]:
    return [str(-Fraction(v)) for v in row]


def _augmentation(draw: Draw, dx: int, wanted: Collection[str], drop: str | None, draws: str) -> dict[str, str]:
    if draws in ("outputs", "residual"):
        return {"kind": "none"}
    lambdas = list(POSITIVE)
    if drop == "lambda_positive":
        lambdas = ["0", "0", "-1", "-1/10"]
    elif "lambda_positive" not in wanted:
        lambdas += ["0", "-1"]
    lam = draw(st.sampled_from(lambdas))
    dot = " + ".join(f"w{r}*x{r}" for r in range(1, dx + 1))
    if draws == "no_extra_unit":
        kind, units = "no_extra_unit", ["", ""]
        units = list(FACTORS) if drop == "exp_neuron" else ["a"] if drop == "bias" else units
    else:
        kind, units = "unit", [f"a*exp({dot} + b)", ""]
        if drop == "exp_neuron":
            units = [f"a*{shape.replace('z', f'{dot} + b')}" for shape in SHAPES]
        elif drop == "bias":
            units = [f"a*exp({dot})"]
    unit = draw(st.sampled_from(units))
    if unit:
        return {"kind": kind, "lambda": lam, "unit": unit}
    return {"kind": kind if kind == "no_extra_unit" else "exp_neuron", "lambda": lam}


def _region(draw: Draw, dx: int, dy: int, drop: str | None) -> dict[str, list[str]]:
    """Return a box on the biases, half of the time on the weights too; none where the domain is to be unbounded."""
    if drop != "unbounded_domain":
        return {}
    names = [f"aux_b{k}" for k in range(1, dy + 1)]
    if draw(st.booleans()):
        names += [f"aux_w{k}_{r}" for k in range(1, dy + 1) for r in range(1, dx + 1)]
    ends = draw(st.lists(st.sampled_from(SMALL[:7]), min_size=2, max_size=2, unique=True))
    return dict.fromkeys(names, sorted(ends, key=Fraction))
