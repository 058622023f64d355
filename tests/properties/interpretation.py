"""Evaluates the kernel's own formulas on a concrete problem: finite sorts have sizes, variables have exact values.

A quantifier over a finite sort is decided. One over an infinite sort (numbers, vectors, functions) cannot be, and is
treated so that nothing true is ever called false: where "for all" is claimed it is tried on samples, where "there is" is
claimed a witness is looked for among the samples, and where such a formula is *assumed* its truth must be given from
outside, by a certified computation; without one the evaluation stops with `Undecided`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pgb.kernel import Term, put

from .exact import INFINITESIMAL, Jet, jet

BINDERS = ("all", "ex")


class Undecided(Exception):
    """An assumed formula with a quantifier over an infinite sort, whose truth was not given."""


class Interpretation:
    """Values for the free variables of a formula.

    Parameters
    ----------
    sizes
        The number of elements of each finite sort.
    values
        By variable name: jets for numbers, ints for indices, Python functions of one argument at a time for functions.
    samples
        For each infinite type, the variables (kernel terms, with values) that quantifiers over it are tried on.
    """

    def __init__(
        self, sizes: Mapping[str, int], values: Mapping[str, Any], samples: Mapping[Any, Sequence[Term]] | None = None
    ) -> None:
        self.sizes = sizes
        self.values = dict(values)
        self.samples = dict(samples or {})
        self.given: dict[Term, bool] = {}
        self.assumed_true = 0  # premises that were met: a statement whose premises never hold says nothing

    def truth(self, formula: Term, env: tuple[Any, ...] = (), *, claimed: bool = True) -> bool:
        """Return the truth of a formula: where it is claimed nothing true is called false, where assumed nothing false true."""
        if not claimed and formula in self.given:
            return self.given[formula]
        name, args = formula.name, formula.args
        if formula.kind == "const" and name == "imp":
            premise = self.truth(args[0], env, claimed=not claimed)
            self.assumed_true += premise and claimed
            return not premise or self.truth(args[1], env, claimed=claimed)
        if formula.kind == "const" and name == "and":
            return all(self.truth(a, env, claimed=claimed) for a in args)
        if formula.kind == "const" and name in BINDERS:
            return self._quantified(formula, env, claimed)
        return bool(self.value(formula, env))

    def _quantified(self, formula: Term, env: tuple[Any, ...], claimed: bool) -> bool:
        sort, body = formula.type[0][0], formula.args[0].args[0]
        decide = all if formula.name == "all" else any
        if isinstance(sort, str) and sort in self.sizes:
            return decide(self.truth(body, (n, *env), claimed=claimed) for n in range(self.sizes[sort]))
        seen = decide(self._instance(put(body, 0, v), env, claimed, formula.name) for v in self.samples.get(sort, ()))
        if claimed or seen is (formula.name == "ex"):  # an assumed one: a witness, or a refutation, settles it
            return seen
        raise Undecided(repr(formula)[:200])

    def _instance(self, instance: Term, env: tuple[Any, ...], claimed: bool, quantifier: str) -> bool:
        try:
            return self.truth(instance, env, claimed=claimed)
        except ArithmeticError:  # a value outside the exact numbers: as a witness it does not count
            if quantifier == "ex":
                return False
            raise

    def value(self, term: Term, env: tuple[Any, ...] = ()) -> Any:
        """Return the value of a term; `env` holds the values of bound variables, innermost first."""
        if term.kind == "lam":
            return lambda v: self.value(term.args[0], (v, *env))
        if term.kind == "num":
            return jet(term.name)
        if term.kind == "const":
            if term.name == "ind":
                return jet(int(self.truth(term.args[0], env)))
            if term.name in ("imp", "and", *BINDERS):
                raise Undecided("a formula inside a term")
            return self._constant(term, [self.value(a, env) for a in term.args])
        head = env[term.name] if term.kind == "bound" else self.values[term.name]
        for a in term.args:
            head = head(self.value(a, env))
        return head

    def _constant(self, term: Term, args: list[Any]) -> Any:
        match term.name:
            case "add":
                return args[0] + args[1]
            case "mul":
                return args[0] * args[1]
            case "exp":
                return args[0].exp()
            case "inv":
                return args[0].inverse()
            case "sum":
                return sum((args[0](n) for n in range(self.sizes[term.type[0][0]])), jet(0))
            case "eq":
                return args[0] == args[1]
            case "le":
                return (args[1] - args[0]).sign() >= 0
            case "lt":
                return (args[1] - args[0]).sign() > 0
            case "false":
                return False
            case "hasd":
                return self._has_derivative(*args)
        raise Undecided(f"the constant {term.name}")

    @staticmethod
    def _has_derivative(f: Callable[[Jet], Jet], at: Jet, slope: Jet) -> bool:
        moved = f(Jet(at.value) + INFINITESIMAL)
        return moved.slope == slope.value


def opened(formula: Term, *names: str) -> Term:
    """Return the body of a formula "for all v1, ..., vn", with free variables of these names."""
    for name in names:
        if formula.kind != "const" or formula.name != "all":
            raise ValueError(f"no quantifier is left for {name}")
        sort, body = formula.type[0][0], formula.args[0].args[0]
        formula = put(body, 0, Term("var", name, sort))
    return formula
