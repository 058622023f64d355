"""Hypothesis strategies for exact, well-typed problems in which chosen hypotheses hold, or all but one. Decides nothing.

Whether a drawn problem really meets the hypotheses is decided afterwards, by `Problem.hypotheses`. The shapes that tend to hurt
are drawn on purpose: repeated inputs, conflicting labels, collinear inputs, constant and saturating networks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from hypothesis import strategies as st

from pgb.falsify.documents import Document

Draw = Callable[[st.SearchStrategy[Any]], Any]
SMALL: Final = ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "3/2", "-3/2", "1/3", "-1/3")
POSITIVE: Final = ("1", "1/2", "2", "1/10", "1/4", "1/3")
SHAPES: Final = ("relu(z)", "cos(z)", "exp(-(z)^2)", "tanh(z)", "sigmoid(z)", "softplus(z)", "1/(1 + (z)^2)")
NETWORKS: Final = (
    "{c}",
    "{c}",
    "{c}",
    "t{k}",
    "t{k}*{x}",
    "t{k}*{x} + {c}",
    "t{k}^3 - {d}*t{k}",
    "t{k}^2 + {c}",
    "t1*t2",
    "t1*t2*{x} + {c}",
    "tanh(t{k}*{x})",
    "t1*tanh(t2*{x})",
    "(t{k}^2 - {d})*{x}",
)  # c a small number, d a positive one, x one of the inputs, k the output


def problems(hypotheses: Collection[str], drop: str | None = None) -> st.SearchStrategy[Document]:
    """Return a strategy for problems in which these hypotheses are meant to hold, except the dropped one.

    Parameters
    ----------
    hypotheses
        Identifiers of THEORY section 1. What is not named is drawn freely.
    drop
        One that is meant to fail.
    """

    @st.composite
    def draws(draw: Draw) -> Document:
        dx, dy = draw(st.sampled_from((1, 1, 1, 2))), draw(st.sampled_from((1, 1, 1, 2)))
        wanted = frozenset(hypotheses) - {drop}
        loss, labels = _loss(draw, dy, wanted, drop)
        document = {
            "network": _network(draw, dx, dy),
            "loss": loss,
            "data": _data(draw, dx, labels, consistent="labels_consistent" in wanted),
            "augmentation": _augmentation(draw, dx, wanted, drop),
        }
        region = _region(draw, dx, dy, wanted, drop)
        return document | ({"region": region} if region else {})

    return draws()


def _network(draw: Draw, dx: int, dy: int) -> dict[str, Any]:
    if draw(st.integers(0, 9)) == 9:  # now and then a dense one
        kind = draw(st.sampled_from(("dense", "linear")))
        layers = [dx, 1, dy] if kind == "dense" else [dx, dy]
        return {"kind": kind, "layers": layers} | ({"activation": "tanh", "bias": False} if kind == "dense" else {})
    formulas = []
    for k in range(1, dy + 1):
        x = draw(st.sampled_from([f"x{r}" for r in range(1, dx + 1)]))
        c, d = draw(st.sampled_from(SMALL[:7])), draw(st.sampled_from(POSITIVE))
        formulas.append(draw(st.sampled_from(NETWORKS)).format(k=k, x=x, c=f"({c})" if len(c) > 1 else c, d=d))
    used = [t for t in ("t1", "t2") if any(t in f.replace("tanh", "") for f in formulas)]
    return {"kind": "formula", "formula": formulas, "parameters": used or ["t1"]}


def _loss(draw: Draw, dy: int, wanted: Collection[str], drop: str | None) -> tuple[dict[str, str], Any]:
    """Return a loss section and the strategy of a row of its labels."""
    kinds = {
        "smooth": drop not in ("loss_differentiable", "loss_convex"),
        "kinked": drop == "loss_differentiable" or (drop != "loss_convex" and "loss_differentiable" not in wanted),
        "wells": drop == "loss_convex" or (drop != "loss_differentiable" and "loss_convex" not in wanted),
    }
    makers = {"smooth": _smooth, "kinked": _kinked, "wells": _wells}
    allowed = [k for k in ("smooth", "smooth", "kinked", "wells") if kinds[k]]
    kind = draw(st.sampled_from(allowed))
    section, labels = makers[kind](draw, dy)
    if draw(st.integers(0, 4)) == 4:
        section["reduction"] = "sum"
    return section, labels


def _rows(columns: int, numbers: tuple[str, ...] = SMALL) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(numbers), min_size=columns, max_size=columns)


_SIGNS: Final = st.lists(st.sampled_from(("1", "-1")), min_size=1, max_size=1)


def _each(formula: str, dy: int, join: str = " + ") -> dict[str, str]:
    return {"name": "formula", "formula": join.join(formula.format(k=k) for k in range(1, dy + 1))}


def _smooth(draw: Draw, dy: int) -> tuple[dict[str, str], Any]:
    """Convex and differentiable."""
    options: list[tuple[dict[str, str], Any]] = [
        ({"name": "squared"}, _rows(dy)),
        ({"name": "squared"}, _rows(dy)),
        (_each("(q{k} - y{k})^4", dy), _rows(dy)),
        (_each("softplus(q{k} - y{k}) + softplus(y{k} - q{k})", dy), _rows(dy)),
    ]
    if dy == 1:
        options += [({"name": "logistic"}, _SIGNS), ({"name": "smooth_hinge"}, _SIGNS)]
    else:
        options.append(({"name": "cross_entropy"}, st.lists(st.sampled_from(("0", "1")), min_size=1, max_size=1)))
    section, labels = draw(st.sampled_from(options))
    return dict(section), labels


def _kinked(draw: Draw, dy: int) -> tuple[dict[str, str], Any]:
    """Convex, with kinks; few different labels, so that predictions often sit on them."""
    labels: Any = _rows(dy, SMALL[:3])
    options: list[tuple[dict[str, str], Any]] = [
        ({"name": "absolute"}, labels),
        (_each("relu(q{k} - y{k}) + 2*relu(y{k} - q{k})", dy), labels),
    ]
    if dy == 1:
        options.append(({"name": "formula", "formula": "relu(1 - y1*q1)"}, _SIGNS))
    section, labels = draw(st.sampled_from(options))
    return dict(section), labels


def _wells(draw: Draw, dy: int) -> tuple[dict[str, str], Any]:
    """Smooth, with two wells of different depths, or one well between plains."""
    d, c = draw(st.sampled_from(POSITIVE)), draw(st.sampled_from(SMALL))
    shape = draw(
        st.sampled_from(
            (f"((q{{k}} - y{{k}})^2 - {d})^2 + ({c})*(q{{k}} - y{{k}})", f"(q{{k}}^2 - {d})^2 + y{{k}}*q{{k}}",
             f"(q{{k}} - y{{k}})^2*((q{{k}} + ({c}))^2 + {d})")
        )
    )  # fmt: skip
    return _each(shape, dy), _rows(dy)


def _data(draw: Draw, dx: int, labels: Any, *, consistent: bool) -> dict[str, Any]:
    """One to four samples over a pool of inputs, so that some are drawn twice; half of the wider pools lie on a line."""
    m = draw(st.integers(1, 4))
    pool = draw(st.lists(_rows(dx), min_size=1, max_size=m))
    if dx > 1 and draw(st.booleans()):
        direction = draw(_rows(dx))
        pool = [[_times(row[0], v) for v in direction] for row in pool]
    chosen = [draw(st.integers(0, len(pool) - 1)) for _ in range(m)]
    shared = [draw(labels) for _ in pool] if consistent else []
    y = [shared[j] if consistent else draw(labels) for j in chosen]
    if consistent:  # the pool may hold an input twice
        first = {tuple(pool[j]): shared[j] for j in reversed(chosen)}
        y = [first[tuple(pool[j])] for j in chosen]
    return {"x": [pool[j] for j in chosen], "y": y}


def _times(a: str, b: str) -> str:
    from fractions import Fraction

    return str(Fraction(a) * Fraction(b))


def _augmentation(draw: Draw, dx: int, wanted: Collection[str], drop: str | None) -> dict[str, str]:
    lambdas = list(POSITIVE)
    if drop == "lambda_positive":
        lambdas = ["0", "0", "-1", "-1/10"]
    elif "lambda_positive" not in wanted:
        lambdas += ["0", "-1"]
    lam = draw(st.sampled_from(lambdas))
    dot = " + ".join(f"w{r}*x{r}" for r in range(1, dx + 1))
    units = [f"a*exp({dot} + b)", ""]
    if drop == "exp_neuron":
        units = [f"a*{shape.replace('z', f'{dot} + b')}" for shape in SHAPES]
    elif drop == "bias":
        units = [f"a*exp({dot})"]
    unit = draw(st.sampled_from(units))
    return {"kind": "unit", "lambda": lam, "unit": unit} if unit else {"kind": "exp_neuron", "lambda": lam}


def _region(draw: Draw, dx: int, dy: int, wanted: Collection[str], drop: str | None) -> dict[str, list[str]]:
    """Return a box on the biases, half of the time on the weights too; none where the domain is to be unbounded."""
    from fractions import Fraction

    if drop != "unbounded_domain":
        return {}
    names = [f"aux_b{k}" for k in range(1, dy + 1)]
    if draw(st.booleans()):
        names += [f"aux_w{k}_{r}" for k in range(1, dy + 1) for r in range(1, dx + 1)]
    ends = draw(st.lists(st.sampled_from(SMALL[:7]), min_size=2, max_size=2, unique=True))
    return dict.fromkeys(names, sorted(ends, key=Fraction))
