"""Pictures inside HTML pages: curves, contours, index against loss, escape rays. Floating point; decides nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pgb.landscape.compile import compile_expressions
from pgb.objective import Objective
from pgb.report.html import Html, element

Values = npt.NDArray[np.float64]
GRID: Final = 121
KINDS: Final = {"local minimum": ("o", "#0a5d2c"), "saddle": ("x", "#8a4b00"), "local maximum": ("^", "#1b4f8a"),
                "degenerate": ("s", "#7a1f6b"), "point": ("D", "#1c1c1c")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to be marked: its coordinates by name, its kind (a key of `KINDS`), and a word beside it."""

    at: Mapping[str, float]
    kind: str
    word: str = ""


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Any, Any, list[bytes]]]:
    """Give a figure and its axes; afterwards the list holds the picture as a PNG of few colours."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
        out: list[bytes] = []
        try:
            yield figure, axes, out
            out.append(_small_png(figure))
        finally:
            plt.close(figure)


def _small_png(figure: Any) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100, format="png")
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(24, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def shown(png: bytes, alt: str, caption: str) -> Html:
    """Return a figure with its picture inside the page; the caption says that it is only an illustration."""
    source = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    note = " Drawn in floating point; an illustration, no evidence."
    return element("figure", element("img", src=source, alt=alt), element("figcaption", caption + note))


def values(objective: Objective, points: Values) -> Values:
    """Return the values at points, shape (number of variables, N), in double precision; nan outside the domain."""
    with np.errstate(all="ignore"):
        return np.asarray(
            compile_expressions([objective.expression], objective.variables).numpy(points)[0], dtype=float
        )


def curve(
    objective: Objective,
    origin: Values,
    direction: Values,
    marks: Sequence[tuple[float, str, str]],
    axis: str,
    caption: str,
) -> Html | None:
    """Return the graph of an objective along a line, over t: origin + t direction, beyond all marks at both ends.

    Parameters
    ----------
    marks
        Triples of t, kind and word; at least one.
    axis
        What t is.
    """
    places = [t for t, *_ in marks]
    margin = 0.35 * (max(places) - min(places)) or 1.5
    t = np.linspace(min(places) - margin, max(places) + margin, 400)
    y = values(objective, origin[:, None] + np.outer(direction, t))
    if np.count_nonzero(np.isfinite(y)) < 10:
        return None
    inside = np.interp(places, t, y)
    top = _ceiling(t, y, places)
    with _figure(3.3, 2.3) as (_, ax, out):
        ax.plot(t, np.where(y <= top, y, np.nan), color="black", linewidth=1.2)
        for (where, kind, word), height in zip(marks, inside, strict=True):
            marker, colour = KINDS[kind]
            ax.plot([where], [height], marker, color=colour, markersize=6, markeredgewidth=1.8)
            ax.annotate(word, (where, height), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=7)
        ax.set(xlabel=axis, ylabel=objective.name)
        ax.margins(y=0.18)
    return shown(out[0], f"Graph of {objective.name} over {axis}. {caption}", caption)


def _ceiling(t: Values, y: Values, marks: Sequence[float]) -> float:
    """Return how high a graph is shown: what lies between the marks is whole, steep walls outside are cut."""
    finite = y[np.isfinite(y)]
    between = y[(t >= min(marks)) & (t <= max(marks)) & np.isfinite(y)]
    low, high = float(finite.min()), float(between.max()) if between.size else float(finite.max())
    return high + 1.2 * max(high - low, 0.05 * abs(high), 1e-3)


def contour(
    objective: Objective,
    axes: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    place: Callable[[Values, Values], Values],
    marks: Sequence[tuple[float, float, str, str]],
    caption: str,
    path: Values | None = None,
    ceiling: float | None = None,
) -> Html | None:
    """Return contour lines over a plane.

    Parameters
    ----------
    place
        The points of the plane: two arrays of shape (N,) to coordinates of shape (number of variables, N).
    marks
        Place on the plane, kind and word.
    path
        A curve on the plane, shape (2, N).
    ceiling
        The highest value that is told apart; by default most of the picture's range.
    """
    u, v = np.meshgrid(np.linspace(*ranges[0], GRID), np.linspace(*ranges[1], GRID))
    z = values(objective, place(u.ravel(), v.ravel())).reshape(u.shape)
    finite = z[np.isfinite(z)]
    if finite.size < 10 or float(np.ptp(finite)) == 0:
        return None
    low, high = float(finite.min()), float(np.quantile(finite, 0.92)) if ceiling is None else ceiling
    if not high > low:
        return None
    levels = low + (high - low) * np.linspace(0, 1, 15) ** 2
    with _figure(3.3, 2.7) as (figure, ax, out):
        filled = ax.contourf(u, v, np.clip(z, low, high), levels=levels, cmap="Greys", alpha=0.75)
        ax.contour(u, v, z, levels=levels, colors="black", linewidths=0.35)
        figure.colorbar(filled, ax=ax, format="%.3g")
        if path is not None:
            ax.plot(*path, color="#a40000", linewidth=1.4)
        for x, y, kind, word in marks:
            marker, colour = KINDS[kind]
            ax.plot([x], [y], marker, color=colour, markersize=6, markeredgewidth=1.8)
            ax.annotate(word, (x, y), textcoords="offset points", xytext=(5, 5), fontsize=7)
        ax.set(xlabel=axes[0], ylabel=axes[1], xlim=ranges[0], ylim=ranges[1])
    return shown(out[0], f"Contour lines of {objective.name} over {axes[0]} and {axes[1]}. {caption}", caption)


def through(objective: Objective, points: Sequence[Mark], caption: str) -> Html | None:
    """Return the landscape near some points: a curve, the plane of two variables, or the plane through three points."""
    names = [v.name for v in objective.variables]
    coordinates = np.array([[p.at[n] for n in names] for p in points]).T if points else np.zeros((len(names), 0))
    if len(names) == 1:
        marks = [(p.at[names[0]], p.kind, p.word) for p in points]
        return curve(objective, np.zeros(1), np.ones(1), marks, names[0], caption) if marks else None
    if len(names) == 2:
        ranges = (_range(coordinates[0]), _range(coordinates[1]))
        marked = [(p.at[names[0]], p.at[names[1]], p.kind, p.word) for p in points]
        return contour(objective, (names[0], names[1]), ranges, lambda u, v: np.stack([u, v]), marked, caption)
    return _plane(objective, coordinates, points, caption)


def _range(values_: Values) -> tuple[float, float]:
    low, high = (float(values_.min()), float(values_.max())) if values_.size else (-1.0, 1.0)
    margin = max(0.35 * (high - low), 1.0)
    return low - margin, high + margin


def _plane(objective: Objective, coordinates: Values, points: Sequence[Mark], caption: str) -> Html | None:
    """Draw the plane through the first point and two others that are not on one line with it; else that line."""
    origin = coordinates[:, 0] if points else np.zeros(0)
    apart = [n for n in range(1, len(points)) if np.linalg.norm(coordinates[:, n] - origin) > 1e-9]
    if not apart:
        return None
    n1 = apart[0]
    u = coordinates[:, n1] - origin
    words = [p.word for p in points]
    for n2 in apart[1:]:
        v = coordinates[:, n2] - origin
        if np.linalg.norm(v - u * (u @ v) / (u @ u)) > 1e-6 * np.linalg.norm(v):
            break
    else:
        ends = [(0.0, points[0].kind, words[0]), (1.0, points[n1].kind, words[n1])]
        return curve(objective, origin, u, ends, f"position on the line from {words[0]} to {words[n1]}", caption)

    def place(s: Values, t: Values) -> Values:
        return np.asarray(origin[:, None] + np.outer(u, s) + np.outer(v, t))

    corners = ((0.0, 0.0, 0), (1.0, 0.0, n1), (0.0, 1.0, n2))
    marks = [(x, y, points[n].kind, words[n]) for x, y, n in corners]
    axes = (f"from {words[0]} towards {words[n1]}", f"from {words[0]} towards {words[n2]}")
    return contour(objective, axes, ((-0.5, 1.5), (-0.5, 1.5)), place, marks, caption)


def index_loss(points: Sequence[tuple[float, int, str]]) -> Html | None:
    """Return the index of critical points against their value: triples of value, index and kind."""
    if not points:
        return None
    with _figure(3.3, 2.3) as (_, ax, out):
        for kind, (marker, colour) in KINDS.items():
            chosen = [(v, i) for v, i, k in points if k == kind]
            if chosen:
                ax.plot(*zip(*chosen, strict=True), marker, color=colour, label=kind, markersize=6, markeredgewidth=1.8,
                        linestyle="none")  # fmt: skip
        ax.set(xlabel="value of L", ylabel="index", yticks=sorted({i for _, i, _ in points}))
        ax.margins(0.15)
        ax.legend(fontsize=7, frameon=False)
    caption = "Each critical point of L: its index (negative directions of the Hessian) against its value."
    return shown(out[0], f"Index against loss of {len(points)} critical points. {caption}", caption)


def ray(points: Sequence[tuple[float, float]], limit: float, start: float, caption: str) -> Html:
    """Return Lt along an escape ray, over its parameter s, with its limit and the value L(theta) that it leaves."""
    with _figure(3.3, 2.3) as (_, ax, out):
        s, y = zip(*points, strict=True)
        ax.plot(s, y, "o-", color="#a40000", markersize=4, label="Lt on the ray")
        ax.axhline(start, color="black", linewidth=0.8, linestyle="--", label="L(theta)")
        ax.axhline(limit, color="black", linewidth=0.8, linestyle=":", label="limit")
        if min(y) > 0 and max(y) > 1e3 * min(y):
            ax.set_yscale("log" if limit > 0 else "symlog")
        ax.set(xlabel="s (a = c e^-s, b = s)", ylabel="Lt")
        ax.legend(fontsize=7, frameon=False)
    return shown(out[0], f"Lt along an escape ray. {caption}", caption)
