"""A problem: one network, one loss, one data set, and what is added to the objective. Everything in it is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import sympy

from pgb.errors import InputError
from pgb.expressions import real_symbol, text
from pgb.problem.data import Data
from pgb.problem.facts import Fact, smooth
from pgb.problem.losses import Loss, LossFacts
from pgb.problem.networks import AUXILIARY_PREFIX, Network
from pgb.problem.sizes import expanded, overflow

KINDS: Final = ("exp_neuron", "no_extra_unit", "unit", "none")
Point = Mapping[str, sympy.Expr]
Interval = tuple[sympy.Rational, sympy.Rational]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is added to the objective.

    Attributes
    ----------
    kind
        ``"exp_neuron"``: a_k exp(w_k . x + b_k) per output and lambda |a|^2 (THEORY section 1);
        ``"no_extra_unit"``: THEORY section 4; ``"unit"``: a unit of the user's own per output and lambda |a|^2;
        ``"none"``.
    lam
        lambda. The theorems ask lambda > 0; any value may be studied.
    unit
        For ``"unit"``: the unit of one output, in a, b, w1 .. w_dx and x1 .. x_dx. For ``"no_extra_unit"``: what takes
        the place of a e^b, in a and b.
    """

    kind: str = "exp_neuron"
    lam: sympy.Rational = sympy.Rational(1, 10)
    unit: sympy.Expr | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """An exact learning problem (THEORY section 1).

    Attributes
    ----------
    title, source
        Free text.
    network, loss, data
        What is trained, how it is judged, and on what.
    ridge
        Coefficient of theta_p^2 by parameter name, added to L and Lt alike; parameters without one are absent.
    augmentation
        What turns L into Lt.
    region
        Closed interval by variable name; variables without one range over all of R.
    points
        Named exact points; parameters and, where given, auxiliary variables by name.
    """

    title: str
    network: Network
    loss: Loss
    data: Data
    source: str = ""
    ridge: Mapping[str, sympy.Rational] = field(default_factory=dict)
    augmentation: Augmentation = field(default_factory=Augmentation)
    region: Mapping[str, Interval] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[sympy.Symbol, ...]:
        """The parameters theta in order."""
        return self.network.parameters

    def outputs(self) -> tuple[tuple[sympy.Expr, ...], ...]:
        """Return f(x_i; theta): m rows of dy expressions in theta."""
        return tuple(self.network.at(x) for x in self.data.x)

    def sample_losses(self) -> tuple[sympy.Expr, ...]:
        """Return l_i(q) for each sample, scale included, in q1 .. q_dy."""
        return tuple(self.loss.sample(y) for y in self.data.y)

    def weight(self) -> sympy.Rational:
        """Return the factor in front of sum_i l_i: 1/m for the mean, 1 for the sum."""
        return sympy.Rational(1, self.data.m) if self.loss.mean else sympy.S.One

    def loss_facts(self) -> LossFacts:
        """Return what is known of the l_i, derived from their expressions."""
        return self.loss.facts(self.data.y)

    def hypotheses(self) -> dict[str, Fact]:
        """Return, for every hypothesis identifier of THEORY section 1, whether this problem meets it and why."""
        facts = self.loss_facts()
        lam = self.augmentation.lam
        exponential, biased = self._unit_facts()
        outputs = [smooth(f, self.parameters) for f in self.network.outputs]
        boxed = sorted(v for v in self.region if v.startswith(AUXILIARY_PREFIX))
        return {
            "loss_differentiable": facts.differentiable,
            "loss_convex": facts.convex,
            "loss_nonnegative": facts.nonnegative,
            "lambda_positive": Fact(bool(lam > 0), f"lambda = {lam}"),
            "exp_neuron": exponential,
            "bias": biased,
            "labels_consistent": Fact(self.data.labels_consistent(), "equal inputs compared exactly"),
            "f_differentiable": next((f for f in outputs if not f.holds), outputs[0]),
            "unbounded_domain": Fact(not boxed, f"bounded: {', '.join(boxed)}" if boxed else "no auxiliary bound"),
        }

    def _unit_facts(self) -> tuple[Fact, Fact]:
        """Return whether the added unit is the exponential one (its bias apart), and whether it has its own bias.

        A bias is own when the unit sees w and b through w . x + b alone: du/dw_r = x_r du/db, an exact identity.
        """
        kind, own = self.augmentation.kind, self.augmentation.unit
        if kind == "exp_neuron":
            return Fact(True, "the added unit is a exp(w . x + b)"), Fact(True, "the added unit is a exp(w . x + b)")
        if own is None or kind == "no_extra_unit":
            return Fact(False, f"augmentation.kind is {kind!r}"), Fact(None, f"augmentation.kind is {kind!r}")
        a, b = real_symbol("a"), real_symbol("b")
        pairs = [(real_symbol(f"w{r}"), real_symbol(f"x{r}")) for r in range(1, self.network.dx + 1)]
        dot = sympy.Add(*(w * x for w, x in pairs))
        shapes = [a * sympy.exp(dot + b), a * sympy.exp(dot)]
        exponential = any(expanded(own - shape) == 0 for shape in shapes)
        shifts = all(expanded(sympy.diff(own, w) - x * sympy.diff(own, b)) == 0 for w, x in pairs)
        biased = True if own.has(b) and shifts else None if own.has(b) else False
        reason = "the added unit is " + text(own)
        return Fact(exponential, reason), Fact(biased, reason)

    def check_size(self, point: Point, where: str) -> None:
        """Refuse a point that makes numbers of the objective too long to work with exactly.

        Parameters
        ----------
        point
            Values by variable name.
        where
            The field that an error names.

        Raises
        ------
        InputError
            When exp of a logarithm would have more than 43,000 digits at some sample.
        """
        values = {real_symbol(n): v for n, v in point.items()}
        added = [
            sympy.exp(sum((real_symbol(f"{AUXILIARY_PREFIX}w{k}_{r}") * v for r, v in enumerate(x, 1)), bias))
            for k in range(1, self.network.dy + 1)
            for bias in [real_symbol(f"{AUXILIARY_PREFIX}b{k}")]
            for x in self.data.x
        ]
        found = overflow([*(f for row in self.outputs() for f in row), *added], values)
        if found is not None:
            raise InputError(where, f"makes exp({text(found)}) too long a number for exact work")

    def point(self, name: str) -> Point:
        """Return a named point.

        Raises
        ------
        InputError
            When the problem has no point of that name.
        """
        if name not in self.points:
            raise InputError(f"points.{name}", f"is not defined; the points are {', '.join(self.points) or 'none'}")
        return self.points[name]
