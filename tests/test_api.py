"""The Python interface: public names are there, lazily, and mirror the command line."""

import subprocess
import sys

import pgb

PROBLEM = """
[network]
kind = "formula"
formula = ["t^3 - 3*t"]
parameters = ["t"]
[loss]
name = "squared"
[data]
x = [["1"]]
y = [["5"]]
"""


def test_public_names_resolve() -> None:
    for name in pgb.__all__:
        assert callable(getattr(pgb, name)), name


def test_import_is_light() -> None:
    script = "import sys, pgb; print([m for m in ('sympy', 'numpy', 'flint') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_walk_from_text_to_verdict() -> None:
    problem = pgb.loads(PROBLEM)
    found = pgb.critical_points(problem)
    assert [p.value for p in found.points] == ["0", "9", "49"]
    assert pgb.optimum(problem).value == 0
    assert pgb.check(problem).ok
    assert "exp" in pgb.augmented(problem).latex() or "e^" in pgb.augmented(problem).latex()
