"""The critical points of Lt from those of L, by the reduction theorem: (theta, 0, b, W), grad L(theta) = 0, S_k(w_k) = 0.

S_k(w) = sum_j c_kj exp(w . xbar_j), where c_kj is the k-th partial derivative of the losses of group j at f(xbar_j; theta).
For dx = 1 each S_k is an exponential sum in one variable, and all its zeros are isolated with proof; for dx > 1 its zero
set is described and sampled on lines, each zero certified. b is always free. At a zero where the moment vector
v_k = sum_j c_kj exp(w . xbar_j) xbar_j does not vanish, the Hessian of Lt has a negative eigenvalue (block
[[*, v_k], [v_k, 0]] in (a_k, w_k)): a strict saddle.

Source: THEORY section 2, reduction and strict_saddle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy

from pgb.errors import InputError
from pgb.evidence import Evidence
from pgb.landscape import exact
from pgb.landscape.balls import NoEnclosure
from pgb.landscape.compile import compile_expressions
from pgb.landscape.exponential_sums import Zeros, value, zeros
from pgb.objective import group_gradient
from pgb.problem import Problem

PRECISION: Final = 256
Coefficient = Any  # an exact rational, or a ball


@dataclass(frozen=True, slots=True)
class OutputReduction:
    """One output k at one critical point of L: where S_k vanishes.

    Attributes
    ----------
    coefficients
        c_kj by group, as decimal strings; "0" where exactly 0.
    zeros
        The isolated zeros for dx = 1; for dx > 1 zeros on sampled lines (then never complete).
    w
        Decimal midpoints of the zeros, each a point of R^dx.
    strict
        For each zero: is the moment vector certified not to vanish?
    everywhere
        True when S_k vanishes identically: every w_k is critical.
    """

    coefficients: tuple[str, ...]
    zeros: Zeros
    w: tuple[tuple[str, ...], ...]
    strict: tuple[bool, ...]
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Reduction:
    """The critical points of Lt over one critical point of L.

    Attributes
    ----------
    theta
        The critical point of L, decimals by name.
    outputs
        One reduction for each output.
    kind
        ``"minima"``: every S_k vanishes identically, all (0, b, W) over theta are global minima of Lt;
        ``"saddles"``: the product of the zero sets, certified strict saddles;
        ``"none"``: some S_k has no zero, so no critical point of Lt lies over theta;
        ``"degenerate"``: all zeros are known, some of them multiple, or every W is critical but convexity is not known;
        ``"undecided"``.
    count
        Number of points W (b stays free), None where infinite or undecided.
    status, reason
        How that is known.
    """

    theta: Mapping[str, str]
    outputs: tuple[OutputReduction, ...]
    kind: str
    count: int | None
    status: Evidence
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the reduction as plain data with stable keys."""
        outputs = [
            {
                "coefficients": list(o.coefficients),
                "w": [list(w) for w in o.w],
                "strict_saddle": list(o.strict),
                "every_w": o.everywhere,
                "complete": o.zeros.complete,
                "sign_changes": o.zeros.sign_changes,
            }
            for o in self.outputs
        ]
        return {
            "theta": dict(self.theta),
            "kind": self.kind,
            "count": self.count,
            "status": str(self.status),
            "reason": self.reason,
            "outputs": outputs,
        }


def loss_slopes(problem: Problem, theta: Mapping[str, Any]) -> list[list[Coefficient]]:
    """Return c_kj for every output k and group j.

    Parameters
    ----------
    theta
        Exact expressions by parameter name, or balls (an enclosure of a certified critical point).

    Returns
    -------
    list
        dy rows with one entry for each group: an exact rational where it is one (0 included), else a ball.
    """
    closed = all(isinstance(v, sympy.Basic) for v in theta.values())
    q, rows = problem.loss.q, []
    outputs = problem.outputs()
    for group in problem.data.groups():
        at = dict(zip(q, outputs[group[0]], strict=True))
        slopes = [g.subs(at, simultaneous=True) for g in group_gradient(problem, group)]
        rows.append([_exact(s, theta) if closed else _ball(s, problem, theta) for s in slopes])
    return [[row[k] for row in rows] for k in range(len(q))]


def _exact(slope: sympy.Expr, theta: Mapping[str, Any]) -> Coefficient:
    point = slope.subs({s: theta[s.name] for s in slope.free_symbols})
    if point.is_Rational:
        return Fraction(int(point.p), int(point.q))
    if exact.sign(point) == 0:
        return 0
    return compile_expressions([point], []).balls([], PRECISION)[0]


def _ball(slope: sympy.Expr, problem: Problem, theta: Mapping[str, Any]) -> Coefficient:
    if slope == 0:
        return 0
    program = compile_expressions([slope], problem.parameters)
    return program.balls([theta[p.name] for p in problem.parameters], PRECISION)[0]


def reduce_at(problem: Problem, theta: Mapping[str, Any], *, lines: int = 8, seed: int = 0) -> Reduction:
    """Return all critical points of Lt over one critical point of L.

    Parameters
    ----------
    theta
        The critical point: exact expressions, or balls that enclose it, by parameter name. That it is a critical point
        of L is the caller's to know.
    lines
        For dx > 1: the number of sampled lines for each output.
    seed
        Of those lines.

    Raises
    ------
    InputError
        When the augmentation is not the exponential neuron, or lambda is 0.
    """
    shown = {n: _show(v) for n, v in theta.items()}
    try:
        slopes = loss_slopes(problem, theta)
    except (NoEnclosure, exact.Undecided) as error:
        return Reduction(shown, (), "undecided", None, Evidence.UNDECIDED, str(error))
    return _reduced(problem, shown, slopes, lines, seed)


def reduce_at_fit(problem: Problem, theta: Mapping[str, str]) -> Reduction:
    """Return all critical points of Lt over a certified exact fit: every group's loss gradient vanishes there.

    Parameters
    ----------
    theta
        The fit, decimals by parameter name. That it is one is the caller's to know (`pgb.landscape.fitted`).

    Raises
    ------
    InputError
        When the augmentation is not the exponential neuron, or lambda is 0.
    """
    groups = len(problem.data.groups())
    return _reduced(problem, dict(theta), [[0] * groups for _ in range(problem.network.dy)], 0, 0)


def _reduced(
    problem: Problem, shown: Mapping[str, str], slopes: Sequence[Sequence[Coefficient]], lines: int, seed: int
) -> Reduction:
    if problem.augmentation.kind != "exp_neuron":
        raise InputError(
            "augmentation.kind", f"must be 'exp_neuron' for the reduction, got {problem.augmentation.kind!r}"
        )
    if problem.augmentation.lam == 0:
        raise InputError("augmentation.lambda", "must not be 0 for the reduction: without a penalty a need not vanish")
    inputs = [[Fraction(int(v.p), int(v.q)) for v in problem.data.x[g[0]]] for g in problem.data.groups()]
    rng = np.random.default_rng(seed)
    outputs = tuple(_one_output(c, inputs, lines, rng) for c in slopes)
    minimal = problem.augmentation.lam > 0 and problem.hypotheses()["loss_convex"].holds is True
    kind, count, status, reason = _summary(outputs, problem.data.dx, minimal)
    return Reduction(shown, outputs, kind, count, status, reason)


def _show(v: Any) -> str:
    return str(v) if isinstance(v, sympy.Basic) else str(v.str(20, radius=False))


def _one_output(
    c: Sequence[Coefficient], inputs: Sequence[Sequence[Fraction]], lines: int, rng: np.random.Generator
) -> OutputReduction:
    shown = tuple(str(v) if isinstance(v, int | Fraction) else str(v.str(15, radius=False)) for v in c)
    if len(inputs[0]) == 1:
        nodes = [x[0] for x in inputs]
        found = zeros(c, nodes)
        strict = tuple(not value(c, nodes, z, 1).contains(0) for z in found.intervals)
        w = tuple((_middle(z),) for z in found.intervals)
        return OutputReduction(shown, found, w, strict, found.identically_zero)
    return _on_lines(c, inputs, lines, rng, shown)


def _middle(z: tuple[Fraction, Fraction]) -> str:
    middle = (z[0] + z[1]) / 2
    return f"{float(middle):.15g}"


def _on_lines(
    c: Sequence[Coefficient],
    inputs: Sequence[Sequence[Fraction]],
    lines: int,
    rng: np.random.Generator,
    shown: tuple[str, ...],
) -> OutputReduction:
    """Zeros of S_k on lines w = s u through the origin, rational u: exponential sums in s with nodes u . xbar_j."""
    if all(isinstance(v, int | Fraction) and v == 0 for v in c):
        return OutputReduction(shown, zeros(c, [Fraction(n) for n in range(len(c))]), (), (), True)
    found: list[tuple[Fraction, Fraction]] = []
    w: list[tuple[str, ...]] = []
    strict: list[bool] = []
    for _ in range(lines):
        u = [Fraction(int(v), 8) for v in rng.integers(-24, 25, len(inputs[0]))]
        nodes = [sum((a * b for a, b in zip(u, x, strict=True)), Fraction(0)) for x in inputs]
        merged = _merged(c, nodes)
        for z in zeros([v for _, v in merged], [n for n, _ in merged]).intervals:
            found.append(z)
            w.append(tuple(f"{float((z[0] + z[1]) / 2 * a):.15g}" for a in u))
            # d/ds S_k(s u) = u . v_k, so it suffices that this component does not vanish
            strict.append(not value([v for _, v in merged], [n for n, _ in merged], z, 1).contains(0))
    reason = "for dx > 1 the zero set of S_k is a hypersurface; these zeros were found on sampled lines"
    sampled = Zeros(tuple(found), False, None, reason)
    return OutputReduction(shown, sampled, tuple(w), tuple(strict), False)


def _merged(c: Sequence[Coefficient], nodes: Sequence[Fraction]) -> list[tuple[Fraction, Coefficient]]:
    """Add the coefficients of equal nodes."""
    out: dict[Fraction, Coefficient] = {}
    for v, n in zip(c, nodes, strict=True):
        out[n] = out[n] + v if n in out else v
    return list(out.items())


def _summary(outputs: Sequence[OutputReduction], dx: int, minimal: bool) -> tuple[str, int | None, Evidence, str]:
    if all(o.everywhere for o in outputs):
        why = "every loss gradient is exactly 0: "
        if minimal:
            why += "L(theta) = L*, and all (theta, 0, b, W) are global minima of Lt"
            return "minima", None, Evidence.CERTIFIED, why
        why += "all (theta, 0, b, W) are critical; they are minima where the losses are convex and lambda > 0"
        return "degenerate", None, Evidence.CERTIFIED, why
    if any(_no_zero(o) for o in outputs):
        return "none", 0, Evidence.CERTIFIED, "some S_k has no zero: Lt has no critical point over this theta"
    if dx == 1 and all(o.zeros.complete for o in outputs):
        if all(all(o.strict) for o in outputs):
            free = any(o.everywhere for o in outputs)
            number = int(np.prod([len(o.zeros.intervals) for o in outputs if not o.everywhere]))
            return (
                "saddles",
                None if free else number,
                Evidence.CERTIFIED,
                f"{number} value(s) of W with b free, each a certified strict saddle of Lt",
            )
        return (
            "degenerate",
            None,
            Evidence.CERTIFIED,
            "a multiple zero of S_k: its moment vector vanishes or is not decided",
        )
    if dx > 1 and all(o.everywhere or (o.w and all(o.strict)) for o in outputs):
        return (
            "saddles",
            None,
            Evidence.CERTIFIED,
            "a hypersurface of W; the sampled points are certified strict saddles",
        )
    return "undecided", None, Evidence.UNDECIDED, "; ".join(dict.fromkeys(o.zeros.reason for o in outputs))


def _no_zero(o: OutputReduction) -> bool:
    """Is S_k certified to vanish nowhere: all coefficients of one sign, or an empty complete isolation?"""
    if o.everywhere:
        return False
    if o.zeros.complete and not o.zeros.intervals:
        return True
    signs = {s.startswith("-") for s in o.coefficients if s != "0"}
    return len(signs) == 1 and o.zeros.sign_changes == 0
