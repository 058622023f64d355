"""Bugs planted in the package's own code: one small change of one function's source each, put in its place and taken out again."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Bug:
    """In `module`, in the function `name` (a dotted path), `before` becomes `after`.

    `law` is the property of the quick suite that notices it, ``file::name`` with its parameters after a comma each.
    """

    what: str
    module: str
    name: str
    before: str
    after: str
    law: str

    @property
    def id(self) -> str:
        return self.what.replace(" ", "-")


def _function(bug: Bug) -> FunctionType:
    found: Any = importlib.import_module(bug.module)
    for part in bug.name.split("."):
        found = inspect.getattr_static(found, part)
    if isinstance(found, property):
        found = found.fget
    return inspect.unwrap(found)


def _codes(code: CodeType, path: list[str]) -> CodeType:
    """Return the code object of a function, inside that of its module."""
    for part in path:
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part)
    return code


def mutated(bug: Bug) -> CodeType:
    """Return the changed function's code.

    Raises
    ------
    ValueError
        When the text to be changed is not there exactly once.
    """
    function = _function(bug)
    text, own = inspect.getsource(importlib.import_module(bug.module)), inspect.getsource(function)
    if own.count(bug.before) != 1 or text.count(own) != 1:
        raise ValueError(f"{bug.what}: {bug.before!r} stands {own.count(bug.before)} times in {bug.name}")
    module = compile(
        text.replace(own, own.replace(bug.before, bug.after)), function.__code__.co_filename, "exec", dont_inherit=True
    )
    code = _codes(module, bug.name.split("."))
    if code.co_freevars != function.__code__.co_freevars:
        raise ValueError(f"{bug.what}: the change needs other surroundings")
    return code


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Run with the bug: the function object stays the same, so all who have imported it see the change."""
    function = _function(bug)
    sound = function.__code__
    function.__code__ = mutated(bug)
    try:
        yield
    finally:
        function.__code__ = sound


S, L, C, T = "test_statements", "test_landscapes", "test_conditions", "test_tampering"

BUGS = (
    # -- what the problem is
    Bug("1/m becomes 1/(m+1)", "pgb.problem.problem", "Problem.weight", "self.data.m)", "self.data.m + 1)", f"{S}::test_vanishing"),
    Bug("a sample is dropped", "pgb.problem.problem", "Problem.outputs", "for x in self.data.x)", "for x in (*self.data.x[:-1], self.data.x[0]))", f"{S}::test_values"),
    Bug("the labels of the samples are shifted", "pgb.problem.problem", "Problem.sample_losses", "for y in self.data.y)", "for y in (*self.data.y[1:], self.data.y[0]))", f"{S}::test_values"),
    Bug("groups are by the first input alone", "pgb.problem.data", "Data.groups", "setdefault(row, [])", "setdefault(row[:1], [])", f"{L}::test_the_optimum"),
    Bug("the squared loss has the wrong sign of y", "pgb.problem.losses", "Loss._unscaled", "(qk - yk) ** 2", "(qk + yk) ** 2", f"{S}::test_values"),
    Bug("one group is read for consistent labels", "pgb.problem.data", "Data.labels_consistent", "self.y[group[0]] for group in self.groups()", "self.y[group[0]] for group in self.groups()[:1]", f"{L}::test_the_optimum"),
    Bug("inputs in the wrong order", "pgb.problem.networks", "Network.at", "zip(self.inputs, x, strict=True)", "zip(self.inputs, tuple(x)[::-1], strict=True)", f"{S}::test_values"),
    Bug("lambda >= 0 passes for lambda > 0", "pgb.problem.problem", "Problem.hypotheses", "bool(lam > 0)", "bool(lam >= 0)", f"{L}::test_the_facts_of_losses_and_of_lambda"),
    Bug("a concave loss passes for convex", "pgb.problem.losses", "Loss.facts", "facts.convex(e, q)", "facts.convex(-e, q)", f"{L}::test_the_facts_of_losses_and_of_lambda"),
    # -- the objective
    Bug("the penalty is missing", "pgb.objective.augmented", "augmented", "ridge_term(problem) + penalty", "ridge_term(problem)", f"{S}::test_values"),
    Bug("the penalty of the last output is missing", "pgb.objective.augmented", "augmented", "added[: problem.network.dy]", "added[: max(1, problem.network.dy - 1)]", f"{S}::test_values"),
    Bug("|a|^2 becomes |a|^4", "pgb.objective.augmented", "augmented", "s**2 for s", "s**4 for s", f"{S}::test_vanishing"),
    Bug("the bias is subtracted", "pgb.objective.augmented", "unit", "strict=True))) + b)", "strict=True))) - b)", f"{S}::test_vanishing"),
    Bug("the weights of the first output serve all", "pgb.objective.augmented", "unit", 'f"aux_w{k}_{r}"', 'f"aux_w1_{r}"', f"{S}::test_values"),
    Bug("Lt without the ridge", "pgb.objective.augmented", "augmented", "variables, outputs, ridge_term(problem) + penalty", "variables, outputs, penalty", f"{S}::test_values"),
    Bug("a wrong derivative", "pgb.objective.base", "Objective.gradient", "sympy.diff(self.expression, v)", "sympy.diff(self.expression, v) * (1 + int(v.name == 'aux_a1'))", f"{S}::test_vanishing"),
    Bug("L* is the spread about 0", "pgb.objective.optimum", "_group", "spread = sympy.Add(*((y[k] - mean[k]) ** 2", "spread = sympy.Add(*(y[k] ** 2", f"{L}::test_the_optimum"),
    Bug("L* forgets the weight", "pgb.objective.optimum", "optimum", "problem.weight() * sympy.Add(*values)", "sympy.Add(*values)", f"{L}::test_the_optimum"),
    Bug("the group's slope is that of its first sample", "pgb.objective.optimum", "group_gradient", "for i in rows)", "for i in rows[:1])", f"{L}::test_the_reduction_s_kind_is_that_of_l_star"),
    Bug("the factor of L2", "pgb.objective.augmented", "no_extra_unit", "** 2) / 2 +", "** 2) +", f"{S}::test_values"),
    # -- the landscape
    Bug("the outputs of S in reverse", "pgb.landscape.reduction", "loss_slopes", "for k in range(len(q))]", "for k in range(len(q))][::-1]", f"{L}::test_the_reduction_s_kind_is_that_of_l_star"),
    Bug("the moment is S itself", "pgb.landscape.reduction", "_one_output", "value(c, nodes, z, 1)", "value(c, nodes, z, 0)", f"{L}::test_reduction_against_the_gradient_of_lt"),
    Bug("some S_k zero everywhere is enough", "pgb.landscape.reduction", "_summary", "if all(o.everywhere for o in outputs):", "if any(o.everywhere for o in outputs):", f"{L}::test_the_reduction_s_kind_is_that_of_l_star"),
    Bug("an unfinished search for zeros says that there are none", "pgb.landscape.reduction", "_no_zero", "o.zeros.complete and not o.zeros.intervals", "o.zeros.complete or not o.zeros.intervals", f"{L}::test_reduction_against_enumeration_in_a_box"),
    Bug("bisection keeps the wrong half", "pgb.landscape.exponential_sums", "_bisect", "if sign == below else", "if sign != below else", f"{L}::test_planted_zeros_of_exponential_sums_are_all_found"),
    Bug("the outermost zero is lost", "pgb.landscape.exponential_sums", "_isolate", "if before != after:", "if before != after and n:", f"{L}::test_planted_zeros_of_exponential_sums_are_all_found"),
    Bug("multiplicities are all one", "pgb.landscape.exponential_sums", "_with_multiplicity", "[m for _, m in found], changes)", "[1 for _, m in found], changes)", f"{L}::test_planted_zeros_of_exponential_sums_are_all_found"),
    Bug("eigenvalue signs are swapped", "pgb.landscape.certificates", "signature", "int(pivot < 0)", "int(pivot > 0)", f"{L}::test_planted_inertia_is_certified"),
    Bug("a pivot that may be 0 is taken", "pgb.landscape.certificates", "signature", "if not (pivot > 0 or pivot < 0):", "if not pivot.is_finite():", f"{L}::test_a_singular_form_is_not_counted"),
    Bug("Krawczyk's image may lie outside", "pgb.landscape.certificates", "krawczyk", "abs(shift).upper() < balls.exact(r)", "abs(shift).upper() < balls.exact(r) * 10**30", f"{L}::test_krawczyk_encloses_the_root_or_refuses"),
    Bug("Krawczyk with another sign", "pgb.landscape.certificates", "krawczyk", "step = -(C *", "step = (C *", f"{L}::test_krawczyk_encloses_the_root_or_refuses"),
    Bug("negative eigenvalues make a minimum", "pgb.landscape.classify", "_typed", "if not zero and below == 0:", "if not zero and below:", f"{L}::test_planted_inertia_is_certified"),
    Bug("eigenvalues of one sign make a saddle", "pgb.landscape.classify", "_typed", "if below and above:", "if below or above:", f"{L}::test_planted_inertia_is_certified"),
    Bug("recheck believes the kind", "pgb.landscape.records", "_certified", '"kind": None if found.kind is None else str(found.kind)', '"kind": point["kind"]', f"{T}::test_each_changed_field_is_refused_or_listed"),
    Bug("recheck believes the place", "pgb.landscape.records", "_placed", "if not abs(ball - balls.exact(Fraction(point", "if not ball.is_finite() and not abs(ball - balls.exact(Fraction(point", f"{T}::test_each_changed_field_is_refused_or_listed"),
    Bug("recheck believes the objective", "pgb.landscape.recheck", "_check", 'certificate["objective"] != fingerprint(objective)', 'not certificate["objective"]', f"{T}::test_each_changed_field_is_refused_or_listed"),
    Bug("one group suffices for attainment", "pgb.landscape.attainment", "_exactly_optimal", "for group in problem.data.groups():", "for group in problem.data.groups()[:1]:", f"{L}::test_named_points_attain_l_star_only_if_they_do"),
    Bug("inconsistent means consistent", "pgb.landscape.attainment", "_inconsistent", "bool(basis.exprs == [1])", "bool(basis.exprs != [1])", f"{L}::test_attainment_against_enumeration"),
    Bug("a quadratic's type from its positive eigenvalues", "pgb.landscape.search", "quadratic", "Kind.LOCAL_MINIMUM if not signs[0]", "Kind.LOCAL_MINIMUM if not signs[1]", f"{L}::test_linear_regression_is_what_numpy_finds"),
    # -- the condition and the escape
    Bug("the gap has no weight", "pgb.condition.gap", "_loss_gradient", "o.weight * sympy.diff", "sympy.diff", f"{C}::test_the_gap_with_a_ridge"),
    Bug("the induced value forgets the base", "pgb.condition.gap", "_certified_drop", "there = [h + sympy.Add", "there = [sympy.Add", f"{C}::test_the_gap_without_perturbations_is_the_distance_to_the_column_space"),
    Bug("any slope is orthogonal", "pgb.condition.gap", "_decide", "if all(s == 0 for s in slopes)", "if any(s == 0 for s in slopes)", f"{C}::test_the_gap_is_positive_where_only_perturbations_see_the_residuals"),
    Bug("a drop need not be positive", "pgb.condition.gap", "_certified_drop", "if low > 0 else None", "if low > -10**9 else None", f"{C}::test_a_gap_of_zero_in_disguise_is_not_positive"),
    Bug("blocks that are not free", "pgb.condition.perturbations", "_free", "return not any(", "return any(", f"{C}::test_the_gap_is_zero_at_minima"),
    Bug("the ray decays as e^-s", "pgb.escape.rays", "ray", "sympy.exp(-2 * s)", "sympy.exp(-s)", f"{C}::test_rays_are_values_of_lt"),
    Bug("the ray loses lambda", "pgb.escape.rays", "ray", "limit + lam * size", "limit + size", f"{C}::test_rays_are_values_of_lt"),
    Bug("the infimum forgets group sizes", "pgb.escape.infimum", "_squared", "Fraction(len(g)) for g", "Fraction(1) for g", f"{C}::test_the_infimum_is_between_l_star_and_every_ray"),
    Bug("the infimum gains twice", "pgb.escape.infimum", "_squared", "value = start - exact", "value = start - 2 * exact", f"{C}::test_the_infimum_is_between_l_star_and_every_ray"),
    Bug("residuals with the wrong sign of f", "pgb.escape.infimum", "_squared", "[i][k] - outputs", "[i][k] + outputs", f"{C}::test_the_infimum_is_between_l_star_and_every_ray"),
    Bug("the flow climbs", "pgb.escape.flow", "_follow", "[-of.gradient(y[:n])", "[of.gradient(y[:n])", f"{C}::test_the_flow_descends_and_keeps_its_invariant"),
    Bug("flow_identity with 1 for 2", "pgb.escape.flow", "_drift", "- 2 * of.lam", "- 1 * of.lam", f"{C}::test_the_flow_descends_and_keeps_its_invariant"),
)  # fmt: skip
