"""Pictures of trajectories and basins (matplotlib, written to files). Draws numbers; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from pgb.errors import InputError
from pgb.escape import Basins, Fate, Flow

# The palette of M. Okabe and K. Ito, "Color Universal Design" (2008): told apart by colour-blind readers too.
PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: Final = ("-", "--", "-.", ":")
MARKS: Final = {
    Fate.GLOBAL_MINIMUM: ("#009E73", "o"),
    Fate.OPTIMUM: ("#009E73", "o"),
    Fate.ESCAPE: ("#D55E00", "^"),
    Fate.LOCAL_MINIMUM: ("#0072B2", "s"),
    Fate.SADDLE: ("#CC79A7", "X"),
    Fate.STATIONARY: ("#56B4E9", "s"),
    Fate.RUNAWAY: ("#E69F00", "v"),
    Fate.UNFINISHED: ("#888888", "P"),
    Fate.FAILED: ("#000000", "x"),
}
FEW: Final = 8  # curves that are told apart by a legend
FLOOR: Final = 1e-16  # below it a value is rounding
DPI: Final = 90
FORMATS: Final = (".png", ".svg", ".pdf")


def _figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained")
    for ax in np.ravel(axes):
        ax.grid(visible=True, color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
    return figure, np.atleast_1d(axes)


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    try:
        small = {"pil_kwargs": {"optimize": True}} if path.suffix.lower() == ".png" else {}
        figure.savefig(path, dpi=DPI, **small)
    except (OSError, ValueError) as error:
        raise InputError("--picture", f"cannot write {path} ({error})") from None
    finally:
        plt.close(figure)


def check(path: Path | None) -> None:
    """Refuse a picture that could not be written, before anything long is computed.

    Raises
    ------
    InputError
        When the folder is missing, or the format is not one that matplotlib writes.
    """
    if path is None:
        return
    if not path.parent.is_dir():
        raise InputError("--picture", f"cannot write {path}: there is no folder {path.parent}")
    if path.suffix.lower() not in FORMATS:
        raise InputError("--picture", f"must end in {', '.join(FORMATS)}, got {path.name}")


def escape(run: Flow, path: Path, title: str = "") -> None:
    """Draw a trajectory of Lt on a logarithmic time axis: its value, |a|, b, and theta with W.

    Where the escape law applies it is drawn beside what was measured.

    Parameters
    ----------
    run
        A trajectory with auxiliary variables.
    path
        File to write; the format is that of its name.
    title
        Above the picture.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    figure, axes = _figure(2, 2, (10, 7))
    keep = run.t > 0
    t, z = run.t[keep], run.z[keep]
    names = {letter: [i for i, n in enumerate(run.variables) if n.startswith(f"aux_{letter}")] for letter in "abw"}
    rest = [i for i, n in enumerate(run.variables) if not n.startswith("aux_")]
    _value(axes[0, 0], run, t, run.value[keep])
    _curves(axes[0, 1], t, *_sizes(run, z, names["a"]))
    axes[0, 1].set(yscale="log", ylabel="|a|", title="size of the added units' a")
    _curves(axes[1, 0], t, z[:, names["b"]], [run.variables[i] for i in names["b"]])
    if run.law is not None and run.law.applicable:
        late = t > max(1.0, t[-1] / 1e4)
        for k, (i, offset) in enumerate(zip(names["b"], run.law.offset, strict=True)):
            line = z[-1, i] - offset + np.log(t[late] / t[-1]) / 2
            axes[1, 0].plot(t[late], line, color="black", linestyle=":", label=None if k else "escape law")
    axes[1, 0].set(ylabel="b", title="their biases b")
    _curves(axes[1, 1], t, z[:, rest + names["w"]], [run.variables[i] for i in rest + names["w"]])
    axes[1, 1].set(ylabel="value", title="network parameters and added weights w")
    for ax in axes.flat:
        ax.set(xscale="log", xlabel="time t")
        if ax.get_legend_handles_labels()[0]:
            ax.legend(frameon=False, fontsize=8)
    _heading(figure, title, f"flow of Lt to t = {run.t[-1]:.3g}: {run.fate}")
    _save(figure, path)


def _value(ax: Any, run: Flow, t: np.ndarray, value: np.ndarray) -> None:
    law = run.law
    if law is None or not np.isfinite(law.constant):  # no limit is known to measure a gap from
        low, high = float(np.min(value)), float(np.max(value))
        ax.plot(t, value, color=PALETTE[0])
        if low > 0 and high > 1e3 * low:
            ax.set_yscale("log")
            ax.set_ylim(bottom=max(FLOOR, low / 3))
        ax.set(ylabel="Lt", title="Lt along the flow")
        return
    gap = value - law.limit
    ax.plot(t, np.where(gap > 0, gap, np.nan), color=PALETTE[0], label="measured")
    if law.applicable:
        dy = sum(n.startswith("aux_a") for n in run.variables)
        late = t > max(1.0, t[-1] / 1e4)
        ax.plot(t[late], dy / (4 * t[late]), color="black", linestyle=":", label=f"escape law {dy} / (4t)")
    ax.set(yscale="log", ylabel="Lt - limit", title=f"Lt falls to its limit {_short(law.limit)}, never reached")


def _short(v: float) -> str:
    return "0" if abs(v) < 1e-12 else f"{v:.5g}"


def _sizes(run: Flow, z: np.ndarray, columns: Sequence[int]) -> tuple[np.ndarray, list[str]]:
    """Return |a| with gaps where it is rounding, and legends."""
    size = np.abs(z[:, columns])
    drawn = np.where(size > FLOOR, size, np.nan)
    empty = np.all(np.isnan(drawn), axis=0)
    return drawn, [f"|{run.variables[i]}|" + (" = 0" if e else "") for i, e in zip(columns, empty, strict=True)]


def _curves(ax: Any, t: np.ndarray, columns: np.ndarray, names: Sequence[str]) -> None:
    few = len(names) <= FEW
    for k, (name, column) in enumerate(zip(names, columns.T, strict=True)):
        style = DASHES[k % len(DASHES)]  # curves that coincide stay visible
        colour = PALETTE[k % len(PALETTE)]
        ax.plot(t, column, color=colour, linestyle=style if few else "-", linewidth=1.5 if few else 0.9,
                label=name if few else None)  # fmt: skip
    if not few:
        ax.plot([], [], color="#888888", label=f"{len(names)} curves")


def _heading(figure: Any, title: str, line: str) -> None:
    import textwrap

    lines = textwrap.wrap(title, 110)[:2]
    figure.suptitle("\n".join([*lines, line]), fontsize=11)


def basins(study: Basins, problem: Any, path: Path) -> None:
    """Draw a basin study: starts on the landscape of L for one or two parameters, shares as bars for more.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    match len(study.parameters):
        case 1:
            figure = _line(study, problem)
        case 2:
            figure = _plane(study, problem)
        case _:
            figure = _bars(study)
    _save(figure, path)


def _sides(study: Basins) -> list[tuple[bool, str]]:
    return [(False, "without added units: flow of L")] + (
        [(True, "with added units: flow of Lt")] if study.added else []
    )


def _program(problem: Any) -> Any:
    from pgb.landscape.compile import compile_expressions
    from pgb.objective import loss

    target = loss(problem)
    return compile_expressions([target.expression], target.variables)


def _groups(study: Basins, side: bool) -> list[tuple[Fate, str, np.ndarray, np.ndarray]]:
    """Return fate, legend and starts (positions in the study, theta) of each label, most frequent first."""
    out = []
    for label, count in study.shares(augmented=side).items():
        chosen = [i for i, s in enumerate(study.starts) if study.label(s, augmented=side) == label]
        first = study.starts[chosen[0]]
        end = first.within if side else first.without
        if end is not None:
            theta = np.array([study.starts[i].theta for i in chosen])
            share = f"{label}: {count} ({100 * count / len(study.starts):.0f}%)"
            out.append((end.fate, share, np.array(chosen), theta))
    return out


def _line(study: Basins, problem: Any) -> Any:
    sides = _sides(study)
    figure, axes = _figure(len(sides), 1, (8.5, 3.4 * len(sides)))
    program = _program(problem)
    all_theta = np.array([s.theta[0] for s in study.starts]) if study.starts else np.zeros(1)
    pad = 0.05 * (float(np.ptp(all_theta)) or 1.0)
    grid = np.linspace(all_theta.min() - pad, all_theta.max() + pad, 600)
    curve = program.numpy(grid[None])[0]
    for (side, title), ax in zip(sides, axes, strict=True):
        ax.plot(grid, curve, color="#555555", linewidth=1.2, zorder=1)
        for k, (fate, label, _, theta) in enumerate(_groups(study, side)):
            colour, mark = _mark(fate, k, side, study)
            ax.scatter(theta[:, 0], program.numpy(theta.T)[0], c=colour, marker=mark, s=30, label=label, zorder=3,
                       edgecolors="white", linewidths=0.4)  # fmt: skip
        ax.set(xlabel=f"start: {study.parameters[0]}", ylabel="L(theta)", title=title)
        _below(ax, study, 0.24)
    _heading(figure, study.title, f"fate of {len(study.starts)} starts on the curve of L")
    return figure


def _plane(study: Basins, problem: Any) -> Any:
    sides = _sides(study)
    figure, axes = _figure(1, len(sides), (5 * len(sides), 5.2))
    program = _program(problem)
    theta = np.array([s.theta for s in study.starts]) if study.starts else np.zeros((1, 2))
    low, high = theta.min(axis=0), theta.max(axis=0)
    pad = 0.05 * np.where(high > low, high - low, 1.0)
    u, v = (np.linspace(low[k] - pad[k], high[k] + pad[k], 160) for k in (0, 1))
    mesh = np.meshgrid(u, v)
    height = program.numpy(np.array([m.ravel() for m in mesh]))[0].reshape(mesh[0].shape)
    height = np.log10(np.maximum(height - np.nanmin(height), 0) + 1e-3 * (1 + float(np.nanmedian(height))))
    for (side, title), ax in zip(sides, axes, strict=True):
        ax.contourf(u, v, height, levels=9, cmap="Greys", alpha=0.3, zorder=0)
        ax.contour(u, v, height, levels=9, colors="#777777", linewidths=0.5, linestyles="solid", zorder=1)
        ax.grid(visible=False)
        for k, (fate, label, _, points) in enumerate(_groups(study, side)):
            colour, mark = _mark(fate, k, side, study)
            ax.scatter(points[:, 0], points[:, 1], c=colour, marker=mark, s=34, label=label, zorder=3,
                       edgecolors="white", linewidths=0.5)  # fmt: skip
        ax.set(xlabel=f"start: {study.parameters[0]}", ylabel=f"start: {study.parameters[1]}", title=title)
        _below(ax, study)
    _heading(figure, study.title, f"fate of {len(study.starts)} starts; darker is higher L")
    return figure


def _mark(fate: Fate, k: int, side: bool, study: Basins) -> tuple[str, str]:
    """Return colour and marker; several stationary values get markers of their own."""
    colour, mark = MARKS[fate]
    if fate is Fate.LOCAL_MINIMUM:
        same = [g for g in _groups(study, side)[:k] if g[0] is fate]
        colour = ("#0072B2", "#56B4E9", "#004466", "#88AADD", "#2255AA", "#99CCEE")[len(same) % 6]
        mark = ("s", "D", "p", "h", "*", "d")[len(same) % 6]
    return colour, mark


def _below(ax: Any, study: Basins, gap: float = 0.13) -> None:
    if study.starts:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -gap), frameon=False, fontsize=9, ncols=1)


def _bars(study: Basins) -> Any:
    sides = _sides(study)
    rows = [len(study.shares(augmented=side)) for side, _ in sides]
    figure, _ = _figure(1, 1, (8.5, 1.6 + 0.75 * len(sides) + 0.45 * sum(rows)))
    figure.clear()
    axes = np.atleast_1d(figure.subplots(len(sides), 1, sharex=True, height_ratios=[max(r, 1) for r in rows]))
    total = max(1, len(study.starts))
    for (side, title), ax in zip(sides, axes, strict=True):
        groups = _groups(study, side)
        for k, (fate, _, chosen, _) in enumerate(groups):
            colour = _mark(fate, k, side, study)[0]
            ax.barh(k, 100 * len(chosen) / total, color=colour, height=0.65)
            ax.text(100 * len(chosen) / total + 1, k, f"{len(chosen)}", va="center", fontsize=9)
        ax.set_yticks(range(len(groups)), [label.rsplit(":", 1)[0] for _, label, _, _ in groups], fontsize=9)
        ax.set_ylim(len(groups) - 0.4, -0.6)
        ax.set(xlim=(0, 108), title=title)
        ax.grid(visible=True, axis="x", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
    axes[-1].set_xlabel("share of starts, %")
    _heading(figure, study.title, f"fate of {total} starts")
    return figure
