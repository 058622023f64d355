"""The failure mode: rays to infinity, the infimum that is not attained, gradient flow, its fates and its basins."""

from pgb.escape.basins import basins
from pgb.escape.fates import Fate
from pgb.escape.flow import Flow, end_ray, flow
from pgb.escape.infimum import Infimum, infimum
from pgb.escape.law import Law
from pgb.escape.outcomes import Basins
from pgb.escape.rays import Ray, best_ray, ray
from pgb.escape.system import require_flow

__all__ = [
    "Basins",
    "Fate",
    "Flow",
    "Infimum",
    "Law",
    "Ray",
    "basins",
    "best_ray",
    "end_ray",
    "flow",
    "infimum",
    "ray",
    "require_flow",
]
