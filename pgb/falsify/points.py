"""Chooses which points of a problem are worth a judgment: those that look like failures of the theorem come first. Untrusted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from pgb.falsify.attacks import Attack, Wanted
from pgb.falsify.candidates import Floats, Guess
from pgb.falsify.closed import closed
from pgb.falsify.documents import Spot, weight
from pgb.falsify.extras import MAKERS
from pgb.objective import optimum
from pgb.problem import Problem

STARTS: Final = 6
SIMPLIFIED: Final = 4
WIDE: Final = 6  # variables; with kinks, certificates for more take long
TOLD: Final = 12  # points of one problem for which a maker is asked


def floats_of(problem: Problem, attack: Attack, seed: int) -> Floats:
    """Return the objective that the attack looks at, in double precision."""
    return Floats(problem, seed, attack.view, attack.moving)


def looks_like(guess: Guess, attack: Attack) -> Wanted | None:
    """Return the failure of the theorem that a point looks like, if any."""
    return next((look for look in attack.looks if guess.shows(look)), None)


def spots(floats: Floats, attack: Attack, starts: int = STARTS) -> Iterator[tuple[Spot, Wanted]]:
    """Yield points that look like failures, as text, simple ones first."""
    if not floats.smooth and floats.free.sum() > WIDE:
        return
    found: dict[tuple[str, ...], tuple[Spot, Wanted]] = {}
    for spot, look in itertools.islice(_proposed(floats, attack, starts), TOLD):
        for whole in MAKERS[attack.extra](floats, spot):
            found.setdefault(tuple(spot.values.values()), (whole, look))
        if len(found) >= SIMPLIFIED:
            break
    if floats.smooth:
        yield from sorted(found.values(), key=lambda pair: _order(pair[0]))
    else:  # the simplest points are those at which slopes balance, and nothing can be certified
        yield from found.values()


def _proposed(floats: Floats, attack: Attack, starts: int) -> Iterator[tuple[Spot, Wanted]]:
    for guess in floats.guesses(starts):
        look = looks_like(guess, attack)
        if look is None or (look.get("minimal") and not floats.smooth and not floats.confirmed(guess.z)):
            continue
        spot = spot_of(floats, guess, exact=attack.exact)
        if spot is not None:
            yield spot, look


def _order(spot: Spot) -> tuple[bool, int]:
    return (not spot.exact, sum(map(weight, spot.values.values())) if spot.exact else 0)


def spot_of(floats: Floats, guess: Guess, *, exact: bool = False) -> Spot | None:
    """Return the guess as text; None where only decimals are known and no critical point can be meant by them."""
    values, rational = floats.simplified(guess)
    if not rational and floats.smooth:
        left = [n for n, v in values.items() if "." in v]
        found = closed(floats.objective, values, left)
        values, rational = (values, False) if found is None else ({**values, **found}, True)
    boxed = any(n.startswith("aux_") for n in floats.problem.region)
    if not rational and (exact or not floats.smooth or boxed):
        return None
    return Spot(values, rational, floats.rival if optimum(floats.problem).value is None else ())


def telling(floats: Floats, attack: Attack) -> Iterator[Guess]:
    """Yield a point that looks like a failure, if there is one, and one at which the theorem's premise seems to hold."""
    if not attack.failures:
        return
    failing = speaking = None
    for guess in floats.guesses(STARTS):
        if failing is None and looks_like(guess, attack):
            failing = guess
        elif speaking is None and not looks_like(guess, attack) and guess.shows(attack.premise):
            speaking = guess
    yield from (guess for guess in (failing, speaking) if guess is not None)
