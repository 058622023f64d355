"""Draws losses with chosen properties: smooth and convex, kinked, with two wells, without a lower bound. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
SMALL: Final = ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "3/2", "-3/2", "1/3", "-1/3")
POSITIVE: Final = ("1", "1/2", "2", "1/10", "1/4", "1/3")
SIGNS: Final = st.lists(st.sampled_from(("1", "-1")), min_size=1, max_size=1)
Made = tuple[dict[str, str], Any]


def loss(draw: Draw, dy: int, wanted: Collection[str], drop: str | None, *, few: bool = False) -> Made:
    """Return a loss section and the strategy of a row of its labels.

    Parameters
    ----------
    dy
        The number of outputs.
    wanted, drop
        Hypotheses that are meant to hold, and the one that is meant to fail.
    few
        Whether to use few different labels, so that predictions often meet them.
    """
    plain = drop not in ("loss_differentiable", "loss_convex", "loss_nonnegative")
    kinds = {
        "smooth": plain,
        "kinked": drop == "loss_differentiable" or (plain and "loss_differentiable" not in wanted),
        "wells": drop == "loss_convex" or (plain and "loss_convex" not in wanted),
        "sloping": drop == "loss_nonnegative",
    }
    makers = {"smooth": _smooth, "kinked": _kinked, "wells": _wells, "sloping": _sloping}
    kind = draw(st.sampled_from([k for k in ("smooth", "smooth", "kinked", "wells", "sloping") if kinds[k]]))
    section, labels = makers[kind](draw, dy)
    if few and section["name"] in ("squared", "formula"):
        labels = rows(dy, SMALL[:3])
    if draw(st.integers(0, 4)) == 4:
        section["reduction"] = "sum"
    if draw(st.integers(0, 9)) == 9:
        section["scale"] = draw(st.sampled_from(POSITIVE))
    return section, labels


def numbers(section: dict[str, str]) -> bool:
    """Are the labels of a loss numbers that may have any sign?"""
    return section["name"] != "cross_entropy"


def rows(columns: int, numbers: tuple[str, ...] = SMALL) -> st.SearchStrategy[list[str]]:
    """Return a strategy for rows of small numbers."""
    return st.lists(st.sampled_from(numbers), min_size=columns, max_size=columns)


def _targets(dy: int) -> st.SearchStrategy[list[str]]:
    """Rows of small numbers; for several outputs half of them are 0 but for one entry, as labels of classes are."""
    if dy == 1:
        return rows(1)
    one = st.tuples(st.integers(0, dy - 1), st.sampled_from(SMALL[1:5]))
    return st.one_of(one.map(lambda pair: [pair[1] if k == pair[0] else "0" for k in range(dy)]), rows(dy))


def _each(formula: str, dy: int, join: str = " + ") -> dict[str, str]:
    return {"name": "formula", "formula": join.join(formula.format(k=k) for k in range(1, dy + 1))}


def _smooth(draw: Draw, dy: int) -> Made:
    """Convex and differentiable."""
    options: list[Made] = [
        ({"name": "squared"}, _targets(dy)),
        ({"name": "squared"}, rows(1, SMALL[:5]) if dy == 1 else _targets(dy)),
        (_each("(q{k} - y{k})^4", dy), rows(dy)),
        (_each("softplus(q{k} - y{k}) + softplus(y{k} - q{k})", dy), rows(dy)),
    ]
    if dy == 1:
        options += [({"name": "logistic"}, SIGNS), ({"name": "smooth_hinge"}, SIGNS)]
    else:
        classes = st.lists(st.sampled_from([str(k) for k in range(dy)]), min_size=1, max_size=1)
        options.append(({"name": "cross_entropy"}, classes))
    section, labels = draw(st.sampled_from(options))
    return dict(section), labels


def _kinked(draw: Draw, dy: int) -> Made:
    """Convex, with kinks; few different labels, so that predictions often sit on them."""
    labels: Any = rows(dy, SMALL[:3])
    options: list[Made] = [
        ({"name": "absolute"}, labels),
        (_each("relu(q{k} - y{k}) + 2*relu(y{k} - q{k})", dy), labels),
    ]
    if dy == 1:
        options.append(({"name": "formula", "formula": "relu(1 - y1*q1)"}, SIGNS))
    section, labels = draw(st.sampled_from(options))
    return dict(section), labels


def _wells(draw: Draw, dy: int) -> Made:
    """Smooth, with two wells of different depths, or one well between plains."""
    if draw(st.booleans()):
        return _known_wells(draw, dy)
    d, c = draw(st.sampled_from(POSITIVE)), draw(st.sampled_from(SMALL))
    shape = draw(
        st.sampled_from(
            (f"((q{{k}} - y{{k}})^2 - {d})^2 + ({c})*(q{{k}} - y{{k}})", f"(q{{k}}^2 - {d})^2 + y{{k}}*q{{k}}",
             f"(q{{k}} - y{{k}})^2*((q{{k}} + ({c}))^2 + {d})")
        )
    )  # fmt: skip
    return _each(shape, dy), rows(dy)


def _known_wells(draw: Draw, dy: int) -> Made:
    """A quartic in q - y, never negative, with stationary points at three whole numbers; labels put a well at whole outputs."""
    roots = draw(st.lists(st.integers(-3, 3), min_size=3, max_size=3, unique=True))
    r, s, t = sorted(roots)  # of the derivative 12 (u - r) (u - s) (u - t)
    coefficients = (3, -4 * (r + s + t), 6 * (r * s + r * t + s * t), -12 * r * s * t)

    def value(u: int) -> int:
        return sum(c * u**n for c, n in zip(coefficients, (4, 3, 2, 1), strict=True))

    floor = min(value(r), value(t))
    terms = [f"({c})*(q{{k}} - y{{k}})^{n}" for c, n in zip(coefficients, (4, 3, 2, 1), strict=True) if c]
    labels = st.lists(st.sampled_from((str(-r), str(-t))), min_size=dy, max_size=dy)
    return _each(" + ".join([*terms, f"({-floor})"]), dy), labels


def _sloping(draw: Draw, dy: int) -> Made:
    """Convex and smooth, and negative somewhere: without lower bound, or not."""
    d = draw(st.sampled_from(POSITIVE))
    shape = draw(
        st.sampled_from((f"({d})*(q{{k}} - y{{k}})", "y{k} - q{k}", "q{k} - y{k}", f"exp(q{{k}}) - {d} + 0*y{{k}}",
                         f"(q{{k}} - y{{k}})^2 - {d}"))
    )  # fmt: skip
    return _each(shape, dy), rows(dy, SMALL[:5])
