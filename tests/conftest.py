"""``--profile quick`` (the default: few examples, the same each time) or ``--profile thorough`` (many, and new ones each time)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick",
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000, derandomize=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--profile",
        choices=("quick", "thorough"),
        default="quick",
        help="how hard the property tests look: quick (under two minutes) or thorough",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(config.getoption("--profile"))
