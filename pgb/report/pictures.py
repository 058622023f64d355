"""Pictures of trajectories and landscapes (matplotlib, written to files). Draws numbers; decides nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from pgb.errors import InputError
from pgb.escape import Fate, Flow


def _axes(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained")
    return figure, np.atleast_1d(axes)


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise InputError("--picture", f"cannot write {path} ({error})") from None
    finally:
        plt.close(figure)


def escape(run: Flow, path: Path, title: str = "") -> None:
    """Draw a trajectory of Lt: its value, the parameters theta, and the added units' a and b, over time.

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
    figure, axes = _axes(1, 3, (12, 3.6))
    t = run.t[1:]
    gap = run.value[1:] - (run.limit if run.fate is Fate.ESCAPE else min(0.0, float(run.value.min())))
    axes[0].loglog(t, np.maximum(gap, 1e-300), color="C0")
    if run.fate is Fate.ESCAPE and np.isfinite(run.law):
        dy = sum(n.startswith("aux_a") for n in run.variables)
        axes[0].loglog(t, dy / (4 * t), color="black", linestyle=":", label=f"escape law {dy}/(4t)")
        axes[0].legend(frameon=False)
    axes[0].set(
        xlabel="time t",
        ylabel="gap to the limit" if run.fate is Fate.ESCAPE else "value of Lt",
        title="Lt along the flow",
    )
    dashes = itertools.cycle(("-", "--", ":", "-."))  # curves that coincide stay visible
    for name, column in zip(run.variables, run.z.T, strict=True):
        target = axes[2] if name.startswith("aux_") else axes[1]
        if target is axes[1] and sum(not n.startswith("aux_") for n in run.variables) > 10:
            target.semilogx(t, column[1:], color="C0", linewidth=0.8, alpha=0.6)
        else:
            target.semilogx(t, column[1:], linestyle=next(dashes), label=name.removeprefix("aux_"))
    axes[1].set(xlabel="time t", title="parameters of the network")
    axes[2].set(xlabel="time t", title="added neurons")
    for ax in axes[1:]:
        if ax.get_legend_handles_labels()[0]:
            ax.legend(frameon=False, fontsize=8)
    figure.suptitle(f"{title}: {run.fate}" if title else str(run.fate))
    _save(figure, path)
