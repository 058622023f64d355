"""The PGB condition: gradient bases, exact perturbations, the induced model and the gap."""

from pgb.condition.basis import GradientBasis, gradient_basis
from pgb.condition.gap import Gap, gap
from pgb.condition.model import Model, model
from pgb.condition.perturbations import Invariance, invariances

__all__ = ["Gap", "GradientBasis", "Invariance", "Model", "gap", "gradient_basis", "invariances", "model"]
