"""Falsification: random exact problems against theorems and users' claims, with every hypothesis kept, or one of them dropped.

The package can be called: ``pgb.falsify(claim, strategy)`` is `pgb.falsify.run.falsify`, also named `pgb.falsify.falsify`.
"""

import inspect
import sys
import types

from pgb.falsify.attacks import ATTACKS, hypotheses_of
from pgb.falsify.builders import problems
from pgb.falsify.conjectures import Conjecture, conjecture
from pgb.falsify.inquiries import Answer
from pgb.falsify.results import Counterexample, Falsification
from pgb.falsify.run import falsify
from pgb.falsify.transformations import Transformation

__all__ = [
    "ATTACKS",
    "Answer",
    "Conjecture",
    "Counterexample",
    "Falsification",
    "Transformation",
    "conjecture",
    "falsify",
    "hypotheses_of",
    "problems",
]


class _CallablePackage(types.ModuleType):
    """A package whose name is also that of its main function."""

    __call__ = staticmethod(falsify)


sys.modules[__name__].__class__ = _CallablePackage
__signature__ = inspect.signature(falsify)
