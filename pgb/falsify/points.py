"""Chooses which points of a problem are worth a judgment: those that look like failures of the theorem come first. Untrusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pgb.falsify.candidates import Floats, Guess
from pgb.falsify.claims import Attack, Wanted
from pgb.falsify.closed import closed
from pgb.falsify.documents import Spot, weight
from pgb.objective import optimum

STARTS: Final = 6
SIMPLIFIED: Final = 4
WIDE: Final = 6  # variables; with kinks, certificates for more take long


def looks_like(guess: Guess, attack: Attack) -> Wanted | None:
    """Return the failure of the theorem that a point looks like, if any."""
    looks = {"local_minimum": guess.minimal, "a_nonzero": guess.on, "not_optimal": guess.bad}
    return next((f for f in attack.failures if all(looks[k] is wanted for k, wanted in f.items())), None)


def spots(floats: Floats, attack: Attack, starts: int = STARTS) -> Iterator[tuple[Spot, Wanted]]:
    """Yield points that look like failures, as text, simple ones first."""
    if not floats.smooth and floats.n > WIDE:
        return
    found: dict[tuple[str, ...], tuple[Spot, Wanted]] = {}
    for guess in floats.guesses(starts):
        failure = looks_like(guess, attack)
        if failure is None or not (floats.smooth or floats.confirmed(guess.z)):
            continue
        spot = spot_of(floats, guess)
        if spot is not None:
            found.setdefault(tuple(spot.values.values()), (spot, failure))
        if len(found) >= SIMPLIFIED:
            break
    if floats.smooth:
        yield from sorted(found.values(), key=lambda pair: _order(pair[0]))
    else:  # the simplest points are those at which slopes balance, and nothing can be certified
        yield from found.values()


def _order(spot: Spot) -> tuple[bool, int]:
    return (not spot.exact, sum(map(weight, spot.values.values())) if spot.exact else 0)


def spot_of(floats: Floats, guess: Guess) -> Spot | None:
    """Return the guess as text; None where only decimals are known and no critical point can be meant by them."""
    values, exact = floats.simplified(guess)
    if not exact and floats.smooth:
        left = [n for n, v in values.items() if "." in v]
        found = closed(floats.Lt, values, left)
        values, exact = (values, False) if found is None else ({**values, **found}, True)
    if not exact and (not floats.smooth or any(n.startswith("aux_") for n in floats.problem.region)):
        return None
    return Spot(values, exact, floats.rival if optimum(floats.problem).value is None else ())


def telling(floats: Floats, attack: Attack) -> Iterator[Guess]:
    """Yield a point that looks like a failure, if there is one, and one at which the theorem's premise seems to hold."""
    failing = speaking = None
    for guess in floats.guesses(STARTS):
        if failing is None and looks_like(guess, attack):
            failing = guess
        elif speaking is None and attack.premise == "local_minimum":
            speaking = guess if guess.minimal and not guess.bad and not guess.on else None
        elif speaking is None:
            speaking = guess if guess.bad and not guess.minimal else None
    yield from (guess for guess in (failing, speaking) if guess is not None)
