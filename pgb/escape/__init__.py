"""The failure mode: rays to infinity, the infimum that is not attained, gradient flow and its fates."""

from pgb.escape.flow import Fate, Flow, flow
from pgb.escape.infimum import Infimum, infimum
from pgb.escape.rays import Ray, best_ray, ray

__all__ = ["Fate", "Flow", "Infimum", "Ray", "best_ray", "flow", "infimum", "ray"]
