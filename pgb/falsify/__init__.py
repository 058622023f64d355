"""Falsification: random exact problems against the theorems, with every hypothesis kept, or one of them dropped."""

from pgb.falsify.attacks import ATTACKS, hypotheses_of
from pgb.falsify.results import Counterexample, Falsification
from pgb.falsify.search import falsify
from pgb.falsify.strategies import problems

__all__ = ["ATTACKS", "Counterexample", "Falsification", "falsify", "hypotheses_of", "problems"]
