"""Hypothesis strategies of problems from a user's wishes: which networks, losses, data and units are drawn. Decides nothing.

A wish is one value, a list of values to choose from (simple ones first: shrinking goes towards them), or a hypothesis strategy.
What is not wished for is drawn as for the theorems, by `pgb.falsify.strategies`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from pgb.errors import InputError
from pgb.expressions import RESERVED, short
from pgb.falsify import strategies
from pgb.falsify.documents import Document
from pgb.problem.losses import NAMES

NUMBERS: Final = ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "3/2", "-3/2")
SAMPLES: Final = (1, 2, 3, 4)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


def problems(
    hypotheses: Collection[str] = (),
    drop: str | None = None,
    *,
    networks: Any = None,
    losses: Any = None,
    dx: Any = None,
    dy: Any = None,
    samples: Any = None,
    numbers: Any = None,
    lam: Any = None,
    unit: Any = None,
) -> st.SearchStrategy[Document]:
    """Return a strategy of exact problems, as documents of problem files.

    Parameters
    ----------
    hypotheses
        Identifiers of `pgb.theorems.HYPOTHESES` that are meant to hold; what is not named is drawn freely.
    drop
        One that is meant to fail.
    networks
        Formulas in x1 .. and any other names, which are the parameters: ``"t1*tanh(t2*x1)"`` (one output), a list of
        formulas inside the list of choices (several outputs), or [network] sections such as
        ``{"kind": "dense", "layers": [1, 2, 1], "activation": "tanh"}``.
    losses
        Names of losses, formulas in q1 .. and y1 .., or [loss] sections.
    dx, dy
        Numbers of inputs and outputs, where no network is wished for.
    samples
        Numbers of samples.
    numbers
        What inputs and labels are made of: exact numbers, as text or integers.
    lam
        Values of lambda.
    unit
        Units in the place of ``a*exp(w . x + b)``, as in problem files; ``wx`` stands for w . x.

    Raises
    ------
    InputError
        When a wish is empty. What a formula is wrong about is told when a problem is read.

    Examples
    --------
    >>> strategy = problems(networks="t1*x1", losses="squared", samples=[1, 2], lam="1")
    """
    wishes = {"networks": networks, "losses": losses, "dx": dx, "dy": dy, "samples": samples, "numbers": numbers}
    chosen = {name: _choice(name, wish) for name, wish in wishes.items() if wish is not None}
    added = {name: _choice(name, wish) for name, wish in (("lambda", lam), ("unit", unit)) if wish is not None}

    @st.composite
    def wished(draw: st.DrawFn) -> Document:
        document = draw(strategies.problems(hypotheses, drop).filter(lambda d: _fits(d, dx, dy)))
        if chosen:
            document = _drawn(draw, document, chosen, consistent="labels_consistent" in hypotheses)
        if added:
            section = {**document["augmentation"], **{k: str(draw(v)) for k, v in added.items()}}
            if "unit" in added:
                section["kind"] = "unit"
            document = {**document, "augmentation": section}
        if "unit" in document["augmentation"]:
            columns = range(1, len(document["data"]["x"][0]) + 1)
            dot = "(" + " + ".join(f"w{r}*x{r}" for r in columns) + ")"
            own = re.sub(r"\bwx\b", dot, document["augmentation"]["unit"])
            document = {**document, "augmentation": {**document["augmentation"], "unit": own}}
        return document

    return wished()


def _choice(name: str, wish: Any) -> st.SearchStrategy[Any]:
    if isinstance(wish, st.SearchStrategy):
        return wish
    several = list(wish) if isinstance(wish, list | tuple | range) else [wish]
    if not several:
        raise InputError(name, "must be a value, a list of values or a hypothesis strategy, got an empty list")
    return st.sampled_from(several)


def _fits(document: Document, dx: Any, dy: Any) -> bool:
    """Has a problem the wished numbers of inputs and outputs? Strategies are taken as they come."""
    sizes = (len(document["data"]["x"][0]), _outputs(document["network"]))
    for size, wish in zip(sizes, (dx, dy), strict=True):
        if isinstance(wish, int) and size != wish:
            return False
        if isinstance(wish, list | tuple | range) and size not in wish:
            return False
    return True


def _outputs(network: Mapping[str, Any]) -> int:
    return len(network["formula"]) if "formula" in network else int(network["layers"][-1])


def _drawn(
    draw: st.DrawFn, document: Document, chosen: Mapping[str, st.SearchStrategy[Any]], *, consistent: bool
) -> Document:
    """Return the document with the wished network and loss, and data that fit them."""
    network, loss = document["network"], document["loss"]
    inputs = len(document["data"]["x"][0])
    if "networks" in chosen:
        network = _network(draw(chosen["networks"]))
        inputs = max(int(network["layers"][0]) if "layers" in network else _inputs(network["formula"]), 1)
        if "dx" in chosen and "layers" not in network:
            inputs = max(inputs, int(draw(chosen["dx"])))
    if "losses" in chosen:
        loss = _loss(draw(chosen["losses"]))
    number = chosen["numbers"].map(str) if "numbers" in chosen else st.sampled_from(NUMBERS)
    labels = _labels(loss, _outputs(network), number)
    m = int(draw(chosen["samples"] if "samples" in chosen else st.sampled_from(SAMPLES)))
    x = [[draw(number) for _ in range(inputs)] for _ in range(m)]
    y = [draw(labels) for _ in range(m)]
    if consistent:
        first = {tuple(row): label for row, label in zip(reversed(x), reversed(y), strict=True)}
        y = [first[tuple(row)] for row in x]
    kept = {k: v for k, v in document.items() if k not in ("region", "ridge")}
    if "augmentation" in kept and inputs != len(document["data"]["x"][0]):
        kept["augmentation"] = {"kind": "exp_neuron", "lambda": kept["augmentation"].get("lambda", "1/10")}
    return {**kept, "network": network, "loss": loss, "data": {"x": x, "y": y}}


def _network(wish: Any) -> dict[str, Any]:
    if isinstance(wish, Mapping):
        return dict(wish)
    formulas = [wish] if isinstance(wish, str) else list(wish)
    if not all(isinstance(f, str) for f in formulas):
        raise InputError("networks", f"must be formulas or [network] sections, got {short(wish)}")
    names = dict.fromkeys(n for f in formulas for n in _NAME.findall(f))
    parameters = [n for n in names if n not in RESERVED and not re.fullmatch(r"x[0-9]+", n)]
    return {"kind": "formula", "formula": formulas, "parameters": parameters or ["t1"]}


def _inputs(formulas: list[str]) -> int:
    return max((int(n) for f in formulas for n in re.findall(r"\bx([0-9]+)\b", f)), default=1)


def _loss(wish: Any) -> dict[str, Any]:
    if isinstance(wish, Mapping):
        return dict(wish)
    return {"name": wish} if wish in NAMES else {"name": "formula", "formula": wish}


def _labels(loss: Mapping[str, Any], dy: int, number: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Return a strategy of label rows that a loss can read."""
    columns = dy
    match loss["name"]:
        case "logistic" | "smooth_hinge":
            number, columns = st.sampled_from(("1", "-1")), 1
        case "cross_entropy":
            number, columns = st.sampled_from([str(k) for k in range(dy)]), 1
        case "formula":
            columns = max((int(n) for n in re.findall(r"\by([0-9]+)\b", str(loss.get("formula", "")))), default=dy)
    return st.lists(number, min_size=columns, max_size=columns)
