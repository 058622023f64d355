"""What an attack is, and the look-alike that several attacks use."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Attack(NamedTuple):
    """What to try, and the refusal to expect."""

    name: str
    rule: str
    phrase: str
    run: Callable[[Any], Any]


ATTACKS: list[Attack] = []


def attack(rule: str, phrase: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def register(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        ATTACKS.append(Attack(run.__name__, rule, phrase, run))
        return run

    return register


class Chameleon:
    """Looks like a term or a theorem, and is equal to whatever it is told to be equal to."""

    def __init__(self, twin: object, **attributes: object) -> None:
        self.twin = twin
        self.__dict__ |= attributes

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.twin)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["twin"], name)

    def __call__(self, *args: Any) -> Any:
        return self.twin(*args)  # type: ignore[operator]
