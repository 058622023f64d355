"""How each theorem is attacked: which problems to draw, at which points to look, what contradicts it. Untrusted.

A look is a set of signs that floats can see at a point; the judge decides what they are worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pgb import library
from pgb.errors import InputError
from pgb.theorems import HYPOTHESES, THEOREMS

Wanted = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Attack:
    """How a theorem is attacked.

    Attributes
    ----------
    looks
        Signs of failure, any of them: of "minimal", "flat" (no slope in what moves), "on" (a != 0), "bad" (L above
        L*, or for L2 not 0), "moved" (theta != 0).
    premise
        The signs of a point that the theorem speaks of.
    failures
        Each is a set of answers, to claims of case files or checks, that together contradict the theorem.
    speaks
        The answer that makes the theorem speak of a point; "" where it speaks of all.
    identity
        A consequence of the theorem that holds at every point; see `pgb.falsify.identities`.
    draws
        Which problems: ``"plain"``, ``"one_output"``, ``"ridge"``, ``"outputs"`` (nothing is added), ``"residual"`` or
        ``"no_extra_unit"``.
    view
        The objective looked at: Lt, L or L2.
    moving
        What the theorem moves: ``"all"``, ``"added"``, ``"ab"``, or ``"outer"`` (W and V of a residual network).
    exact
        Whether the judge needs exact coordinates.
    extra
        What the case has to state besides the point; see `pgb.falsify.extras`.
    stated
        Whether the case also claims what was seen at the point; what breaks the theorem is checked in any case.
    """

    looks: tuple[Wanted, ...]
    premise: Wanted
    failures: tuple[Wanted, ...]
    speaks: str
    identity: str
    draws: str = "plain"
    view: str = "Lt"
    moving: str = "all"
    exact: bool = False
    extra: str = ""
    stated: bool = True


_ON: Final = {"local_minimum": True, "a_nonzero": True}
_BAD: Final = {"local_minimum": True, "not_optimal": True}
_LOST: Final = {"not_optimal": False, "a_nonzero": False, "local_minimum": False}
_SEEN_ON: Final = {"minimal": True, "on": True}
_SEEN_BAD: Final = {"minimal": True, "bad": True}
LOST: Final = {"minimal": False, "on": False, "bad": False}
_MINIMAL: Final = {"minimal": True}

_VANISHING: Final = Attack((_SEEN_ON,), _MINIMAL, (_ON,), "local_minimum", "ray")
_ELIMINATION: Final = Attack((_SEEN_BAD,), _MINIMAL, (_BAD,), "local_minimum", "bound")
_HELD: Final = Attack((_SEEN_BAD,), {"bad": True}, (_BAD,), "not_optimal", "ray", moving="added", exact=True)

ATTACKS: Final[dict[str, Attack]] = {
    "vanishing": Attack(
        ({"flat": True, "on": True},), {"flat": True}, ({"critical_point": True, "a_nonzero": True},), "critical_point",
        "flow", moving="ab", exact=True,
    ),
    "vanishing_at_minima": _VANISHING,
    "perturbation": _VANISHING,
    "independence": Attack(({},), {}, (), "", "independent", exact=True, extra="dependent"),
    "grouped_gradients": replace(
        _ELIMINATION, failures=({"local_minimum": True, "loss_gradient_nonzero": True}, _ON), identity="ray"
    ),
    "elimination": _ELIMINATION,
    "elimination_per_sample": replace(
        _ELIMINATION, failures=({"local_minimum": True, "sample_gradient_nonzero": True}, _BAD, _ON)
    ),
    "characterisation": replace(_ELIMINATION, looks=(_SEEN_BAD, _SEEN_ON, LOST), failures=(_BAD, _ON, _LOST)),
    "vacuity": replace(_ELIMINATION, failures=({"local_minimum": True, "attained": False},)),
    "vacuity_consistent": replace(_ELIMINATION, failures=({"local_minimum": True, "attained": False},)),
    "failure_mode": Attack((_SEEN_BAD,), {"bad": True, "minimal": False}, (_BAD,), "not_optimal", "ray"),
    "failure_mode_c": _HELD,
    "failure_mode_e": replace(_HELD, looks=(_SEEN_ON,), failures=(_ON,), speaks="", extra="data_term"),
    "flow_identity": Attack(({"on": True},), {}, (), "", "flow", exact=True),
    "pgb_condition": Attack(
        (_SEEN_BAD,), _MINIMAL, ({"local_minimum": True, "gap": True},), "local_minimum", "", draws="outputs", view="L",
        exact=True, extra="column_space",
    ),
    "elimination_by_pgb": _ELIMINATION,
    "one_neuron": replace(_ELIMINATION, draws="one_output"),
    "no_extra_unit": Attack(
        ({"flat": True, "on": True}, {"flat": True, "bad": True}), {"flat": True},
        ({"critical_point": True, "a_nonzero": True}, {"critical_point": True, "zero_loss": False}), "critical_point",
        "flow", draws="no_extra_unit", view="L2", moving="ab", exact=True,
    ),
    "reduction": Attack(
        ({"flat": True, "on": True},), {"flat": True}, ({"critical_point": True, "a_nonzero": True},), "critical_point",
        "reduction", exact=True,
    ),
    "strict_saddle": Attack(
        ({"minimal": True, "on": False, "bad": True},), {"flat": True, "on": False},
        ({"local_minimum": True, "simple_zero": True},), "simple_zero", "reduction", exact=True, extra="simple_zero",
    ),
    "ridge": Attack(
        (_SEEN_ON, {"minimal": True, "moved": True}, _SEEN_BAD), _MINIMAL,
        (_ON, _BAD, {"local_minimum": True, "theta_nonzero": True}), "local_minimum", "ray", draws="ridge",
    ),
    "depth_width": Attack(
        ({"flat": True, "bad": True},), {"flat": True}, ({"critical_point": True, "column_gap": True},),
        "critical_point", "", draws="outputs", view="L", exact=True, extra="column_space",
    ),
    "residual": Attack(
        (_SEEN_BAD,), _MINIMAL, ({"local_minimum": True, "linear_predictor": True},), "local_minimum", "",
        draws="residual", view="L", moving="outer", exact=True, extra="linear_rival",
    ),
}  # fmt: skip

# Where a theorem fails in another way once this hypothesis is gone.
_KINK: Final = (_SEEN_BAD,)
_OTHERWISE: Final[dict[tuple[str, str], Attack]] = {
    ("perturbation", "loss_differentiable"): replace(ATTACKS["perturbation"], looks=_KINK),
    ("reduction", "loss_differentiable"): replace(ATTACKS["reduction"], looks=_KINK),
    ("elimination_per_sample", "labels_consistent"): replace(ATTACKS["elimination_per_sample"], looks=(_MINIMAL,)),
    ("vacuity_consistent", "labels_consistent"): replace(ATTACKS["vacuity_consistent"], looks=(_MINIMAL,)),
    ("failure_mode_c", "loss_nonnegative"): replace(ATTACKS["failure_mode_c"], looks=({"bad": True},), extra="ray"),
    ("failure_mode_e", "lambda_positive"): replace(ATTACKS["failure_mode_e"], looks=({},), extra="ray"),
    ("pgb_condition", "loss_differentiable"): replace(
        ATTACKS["pgb_condition"], draws="plain", view="Lt", extra="perturbed"
    ),
    # local minima at cusps are certified by folding theta, which plain claims of case files do not do
    ("ridge", "f_differentiable"): replace(ATTACKS["ridge"], stated=False),
    ("no_extra_unit", "loss_nonnegative"): replace(
        ATTACKS["no_extra_unit"], looks=({"flat": True, "on": False, "bad": False},), extra="better_theta"
    ),
}

# Pairs that a random search cannot break, each with the reason that a user is told.
NOT_ATTACKED: Final[dict[tuple[str, str], str]] = {
    (
        "strict_saddle",
        "bias",
    ): "bias cannot be dropped from strict_saddle: units a_k exp(w_k . x) are the case b = 0, and the"
    " line of descent in (a, W) does not move b, so there is no counterexample",
}


def attack_on(theorem: str, drop: str | None) -> Attack:
    """Return how a theorem is attacked without a hypothesis, or with all of them.

    Raises
    ------
    InputError
        When there is no attack on a theorem of this name, or none without this hypothesis; with the reason.
    """
    wanted = hypotheses_of(theorem)
    if drop is None:
        return ATTACKS[theorem]
    if drop not in wanted:
        raise InputError("drop", f"must be a hypothesis that {theorem} names: {', '.join(wanted)}, got {drop!r}")
    if drop not in droppable(theorem):
        reason = NOT_ATTACKED.get((theorem, drop))
        raise InputError("drop", reason or f"{drop} is not used by the checked proof of {theorem}: it holds without it")
    return replace(_OTHERWISE.get((theorem, drop), ATTACKS[theorem]), exact=True)  # decimals are hard to read


def hypotheses_of(theorem: str) -> tuple[str, ...]:
    """Return the hypotheses that the theorem's statement names, then those that its proof declares.

    Raises
    ------
    InputError
        When there is no attack on a theorem of this name.
    """
    if theorem not in ATTACKS:
        raise InputError("theorem", f"must be one of {', '.join(attackable())}, got {theorem!r}")
    named = dict.fromkeys((*THEOREMS[theorem].hypotheses, *_used(theorem)))
    return tuple(h for h in named if h in HYPOTHESES)


def droppable(theorem: str) -> tuple[str, ...]:
    """Return the hypotheses that the theorem's checked proof uses, and without which it is attacked."""
    used = _used(theorem)
    return tuple(h for h in hypotheses_of(theorem) if h in used and (theorem, h) not in NOT_ATTACKED)


def attackable() -> tuple[str, ...]:
    """Return the theorems with an attack and a checked proof."""
    return tuple(t for t in ATTACKS if t in library.proof_names())


def _used(theorem: str) -> tuple[str, ...]:
    """Return what the proof declares to use; where there is no proof, what the statement names."""
    if theorem not in library.proof_names():
        return THEOREMS[theorem].hypotheses
    module = library.load_proof(theorem)
    return (*module.HYPOTHESES, *module.STRUCTURE)
