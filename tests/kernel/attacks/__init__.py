"""Wrong uses of the kernel, each named for its idea, with the rule and the reason by which it must be refused.

An attack takes a kernel (`loading.world`) and returns what it got through, a theorem or a term, unless it is refused.
Many of them end in a false theorem: with the guard that stops them taken away, 0 = 1 follows.
"""

from __future__ import annotations

from . import calculus, convexity, forging, logic, normal_forms, order, terms
from .base import ATTACKS, Attack
from .forging import STOPPED_BY_PYTHON

__all__ = [
    "ATTACKS", "STOPPED_BY_PYTHON", "Attack", "calculus", "convexity", "forging", "logic", "normal_forms", "order", "terms",
]  # fmt: skip
