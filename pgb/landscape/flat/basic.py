"""The rules that look at the whole function: definite Hessian, constant, convex, never negative; trusted.

definite. If the gradient of L along the face vanishes at theta* and the Hessian on the face is positive definite, theta* is
a strict local minimum on the face (Taylor). A basis V of the face's directions with V^T H V positive definite is the data.

constant. If L(theta* + B r) does not depend on r near 0, every point of the face near theta* is a local minimum on the face;
not a strict one unless the face is a point.

convex. A convex function with zero gradient along the face at theta* is least there on the face; convexity is read off from the
expression by the composition rules of `pgb.problem.facts`.

nonnegative. A function that is never negative is least where it is exactly zero.
"""

from __future__ import annotations

from typing import Any

from pgb.landscape import certificates
from pgb.landscape.certificates import Refused
from pgb.landscape.exact import Undecided
from pgb.landscape.flat.convex_image import convex
from pgb.landscape.flat.face import Face, Outcome, Proved
from pgb.landscape.place import PRECISION, rationals
from pgb.problem import facts


def verify_definite(face: Face, data: dict[str, Any]) -> Outcome:
    """Check the rule `definite` with V = data["basis"], n rows."""
    basis = rationals(data["basis"])
    hessian = face.hessian()
    if isinstance(hessian, Refused):
        return hessian
    if not face.critical():
        return Refused("definite", "needs a gradient that is exactly zero along the face")
    if len(basis) != face.place.n or len(basis[0]) != face.dim or not face.contains(basis):
        return Refused("definite", f"needs {face.dim} directions in the face")
    found = certificates.signature(hessian, basis, PRECISION)
    if isinstance(found, Refused):
        return found
    if found.negative:
        return Refused("definite", f"needs no negative pivot, got {found.negative}")
    return Proved(strict=True)


def verify_constant(face: Face, _: dict[str, Any]) -> Outcome:
    """Check the rule `constant`."""
    place = face.place
    if face.dim == 0:
        return Proved(strict=True)
    try:
        (value,) = place.ring.run(place.source, face.points())
        (here,) = place.ring.run(place.source, list(place.coordinates))
    except Undecided as reason:
        return Refused("constant", str(reason))
    if place.ring.is_zero(place.ring.sub(value, here)):
        return Proved(strict=False)
    return Refused("constant", "needs a value that does not depend on the position in the face")


def verify_convex(face: Face, _: dict[str, Any]) -> Outcome:
    """Check the rule `convex`."""
    objective = face.place.objective
    if face.place.piece or not convex(objective.expression, objective.variables):
        return Refused("convex", "needs an expression that the composition rules show to be convex")
    if not face.critical():
        return Refused("convex", "needs a gradient that is exactly zero along the face")
    return Proved(strict=None)


def verify_nonnegative(face: Face, _: dict[str, Any]) -> Outcome:
    """Check the rule `nonnegative`."""
    place = face.place
    if place.piece or not facts.value_range(place.objective.expression).nonnegative:
        return Refused("nonnegative", "needs an expression that the rules for signs show to be never negative")
    try:
        (value,) = place.ring.run(place.source, list(place.coordinates))
    except Undecided as reason:
        return Refused("nonnegative", str(reason))
    if not place.ring.is_zero(value):
        return Refused("nonnegative", "needs the exact value 0")
    return Proved(strict=None)
