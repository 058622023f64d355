"""``@law``: a property of the package over drawn data, which can also be hunted on purpose (see `test_planted_bugs`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

QUICK = 40  # what `tests/conftest.py` gives to a property that does not say how many examples it needs


def law(examples: int = QUICK, **drawn: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test of a property of drawn data.

    Parameters
    ----------
    examples
        How many the quick profile draws; other profiles draw in proportion.
    drawn
        A strategy for each argument that hypothesis gives; the other arguments are parameters of the test.
    """

    def decorate(body: Callable[..., None]) -> Callable[..., None]:
        # the profile is loaded before any test module, so its number is known here
        number = max(1, examples * settings.default.max_examples // QUICK)
        test = settings(max_examples=number)(given(**drawn)(body))
        test.hunt = hunter(body, drawn, examples)  # type: ignore[attr-defined]
        return test

    return decorate


def hunter(body: Callable[..., None], drawn: dict[str, SearchStrategy[Any]], examples: int) -> Callable[..., None]:
    """Return the same property as it is hunted: the quick profile's examples, and no search for the smallest failure."""

    def hunt(**parameters: Any) -> None:
        quick = settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )

        def once(**values: Any) -> None:
            body(**values, **parameters)

        once.__name__ = body.__name__
        quick(given(**drawn)(once))()

    return hunt
