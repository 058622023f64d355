"""The gradient system of L or Lt as compiled programs: what is integrated and what its end is judged by. Not trusted.

A system is plain data (programs, numbers, names), so it can be sent to worker processes. Floating point throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from pgb.errors import InputError
from pgb.expressions import real_symbol
from pgb.landscape.derivatives import derivatives
from pgb.landscape.program import Program
from pgb.objective import Objective, optimum
from pgb.problem import Problem


@dataclass(frozen=True, slots=True)
class System:
    """dz/dt = -grad of an objective.

    Attributes
    ----------
    names
        Names of the coordinates z, shape (n,).
    first
        1 + n outputs: value and gradient.
    second
        n * n outputs: the Hessian.
    together
        1 + n + n * n outputs: value, gradient, Hessian.
    settled
        For Lt: 1 + n + n * n outputs of its data term as a function of (theta, c, b, W), c in the place of a; it does
        not depend on b. None for L.
    a, b, w
        Positions of the added units' variables; empty for L.
    lam
        lambda, 0 for L.
    x
        Inputs, shape (m, dx).
    star, attained
        L*, or None where it is not known exactly; and whether some outputs q attain it, None where not known.
    convex
        Is the loss convex and differentiable, so that a stationary point of Lt above L* is no local minimum?
    """

    names: tuple[str, ...]
    first: Program
    second: Program
    together: Program
    settled: Program | None
    a: tuple[int, ...]
    b: tuple[int, ...]
    w: tuple[int, ...]
    lam: float
    x: np.ndarray
    star: float | None
    attained: bool | None
    convex: bool

    @property
    def augmented(self) -> bool:
        """Is this the system of Lt?"""
        return bool(self.a)

    @property
    def theta(self) -> list[int]:
        """Positions of the network's parameters."""
        added = {*self.a, *self.b, *self.w}
        return [i for i in range(len(self.names)) if i not in added]

    def gradient(self, z: np.ndarray) -> np.ndarray:
        """Return the gradient at one point, shape (n,)."""
        return np.asarray(self.first.numpy(z[:, None])[1:, 0])

    def hessian(self, z: np.ndarray) -> np.ndarray:
        """Return the Hessian at one point, shape (n, n)."""
        return np.asarray(self.second.numpy(z[:, None])[:, 0].reshape(len(z), len(z)))

    def all_at(self, z: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return value, gradient and Hessian at one point."""
        return _split(self.together, z)

    def data_at(self, z: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the data term of (theta, c, b, W) with its gradient and Hessian; for Lt only."""
        if self.settled is None:
            raise InputError("objective", "must be Lt: L has no added units")
        return _split(self.settled, z)

    def units(self, z: np.ndarray) -> np.ndarray:
        """Return a_k exp(w_k . x_i + b_k), shape (m, dy)."""
        w = z[list(self.w)].reshape(len(self.a), -1)
        with np.errstate(over="ignore"):
            return np.asarray(z[list(self.a)] * np.exp(self.x @ w.T + z[list(self.b)]))


def _split(program: Program, z: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    n = len(z)
    out = program.numpy(z[:, None])[:, 0]
    return float(out[0]), out[1 : 1 + n], out[1 + n :].reshape(n, n)


def require_flow(problem: Problem) -> None:
    """Refuse what has no gradient flow: a loss that is known not to be differentiable, added variables with bounds.

    Raises
    ------
    InputError
        Naming the loss, or the bound.
    """
    fact = problem.loss_facts().differentiable
    if fact.holds is False:
        raise InputError("loss", f"must be differentiable for a gradient flow; {problem.loss.name}: {fact.reason}")
    bounded = [v for v in problem.region if v.startswith("aux_")]
    if bounded:
        raise InputError(
            f"region.{bounded[0]}", "bounds an added variable, but the gradient flow of Lt knows no bounds"
        )


def system(problem: Problem, objective: Objective) -> System:
    """Compile the gradient system of an objective.

    Raises
    ------
    InputError
        When the loss is not differentiable, or the file bounds an added variable.
    """
    require_flow(problem)
    variables, expression = objective.variables, objective.expression
    names = tuple(v.name for v in variables)
    compiled = derivatives(expression, variables)
    lifted = objective.name == "Lt"
    a, b, w = (
        tuple(i for i, name in enumerate(names) if lifted and name.startswith(f"aux_{letter}")) for letter in "abw"
    )
    settled = None
    if lifted and problem.augmentation.kind == "exp_neuron":
        off = {real_symbol(names[i]): sympy.S.Zero for i in b}
        penalty = problem.augmentation.lam * sympy.Add(*(variables[i] ** 2 for i in a))
        settled = derivatives(expression.xreplace(off) - penalty, variables).together
    star, facts = optimum(problem), problem.loss_facts()
    return System(
        names,
        compiled.together.pick(range(1 + len(names))),
        compiled.hessian,
        compiled.together,
        settled,
        a,
        b,
        w,
        float(problem.augmentation.lam) if lifted else 0.0,
        np.array([[float(v) for v in row] for row in problem.data.x]),
        None if star.value is None else float(star.value),
        star.attained,
        facts.convex.holds is True and facts.differentiable.holds is True,
    )
