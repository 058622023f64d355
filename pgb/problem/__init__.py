"""What is studied: a network, a loss, data, and what is added to the objective; all exact."""

from pgb.problem.activations import ACTIVATIONS, Activation
from pgb.problem.data import Data
from pgb.problem.files import load, loads, read_text
from pgb.problem.losses import Loss, LossFacts
from pgb.problem.networks import Network
from pgb.problem.problem import Augmentation, Problem

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Augmentation",
    "Data",
    "Loss",
    "LossFacts",
    "Network",
    "Problem",
    "load",
    "loads",
    "read_text",
]
