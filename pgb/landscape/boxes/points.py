"""From certified regions to critical points: a second, independent certificate in Arb balls, inertia, orbits, digits; trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from flint import arb, ctx

from pgb.evidence import Evidence
from pgb.landscape import balls, certificates, proposals
from pgb.landscape.boxes.symmetry import Signed
from pgb.landscape.certificates import Refused
from pgb.landscape.certified import ZeroData
from pgb.landscape.derivatives import Derivatives
from pgb.landscape.place import plain
from pgb.landscape.polynomial.digits import decimal, upper_decimal, value_text
from pgb.landscape.recheck import FORMAT
from pgb.landscape.results import CriticalPoint, Kind

if TYPE_CHECKING:
    from pgb.landscape.boxes.search import Floats

PRECISION: Final = 192
RADIUS: Final = Fraction(1, 2**112)
DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Found:
    """One certified zero of the gradient.

    Attributes
    ----------
    centre, radius, inverse
        Data that `certificates.krawczyk` accepts; n rationals, n rationals, n x n rationals.
    low, high
        The region, in which the zero is the only one: n rationals each.
    index
        Number of negative eigenvalues of the Hessian, or None where the signs are not all certain.
    directions
        The basis that `certificates.signature` accepts.
    value
        A ball around L.
    refused
        Why the ball certificate failed; the interval certificate of the search stands alone then.
    fixed
        The coordinates that a symmetry shows to be exactly 0.
    """

    centre: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]
    inverse: tuple[tuple[Fraction, ...], ...]
    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]
    index: int | None
    directions: tuple[tuple[Fraction, ...], ...]
    value: Any
    refused: str = ""
    fixed: tuple[int, ...] = ()

    def moved(self, g: Signed) -> Found:
        """Return the image under an exact symmetry of the objective, with its certificate moved alike."""
        ends = [(a, b) if e > 0 else (-b, -a) for a, b, e in _sources(self.low, self.high, g)]
        rows = [[v * e for v in self.inverse[s]] for s, e in zip(g.source, g.sign, strict=True)] if self.inverse else []
        return Found(
            tuple(g.apply(self.centre)),
            tuple(self.radius[s] for s in g.source),
            tuple(tuple(g.apply(row)) for row in rows),
            tuple(a for a, _ in ends),
            tuple(b for _, b in ends),
            self.index,
            tuple(tuple(v * e for v in self.directions[s]) for s, e in zip(g.source, g.sign, strict=True))
            if self.directions
            else (),
            self.value,
            self.refused,
        )

    def same(self, other: Found) -> bool | None:
        """Tell whether this is the other's zero: True, False, or None where the enclosures do not tell."""
        mine = [(c - r, c + r) for c, r in zip(self.centre, self.radius, strict=True)]
        ends = zip(mine, other.low, other.high, strict=True)
        if all(a <= x and y <= b for (x, y), a, b in ends):
            return True
        theirs = [(c - r, c + r) for c, r in zip(other.centre, other.radius, strict=True)]
        if any(x > b or y < a for (x, y), (a, b) in zip(mine, theirs, strict=True)):
            return False
        return None


def _sources(low: Sequence[Fraction], high: Sequence[Fraction], g: Signed) -> list[tuple[Fraction, Fraction, int]]:
    return [(low[s], high[s], e) for s, e in zip(g.source, g.sign, strict=True)]


def certify(programs: Derivatives, zone: Floats, precision: int = PRECISION) -> Found:
    """Certify the zero of a region of the search again with Arb, and its index.

    Parameters
    ----------
    programs
        Value, gradient, Hessian.
    zone
        Shape (4, n): tight box (low, high), region (low, high), certified by the interval search.
    """
    tight, low, high = ([Fraction(float(v)) for v in zone[k]] for k in (0, 2, 3))
    top = [Fraction(float(v)) for v in zone[1]]
    middle = [(a + b) / 2 for a, b in zip(tight, top, strict=True)]
    plain_box = Found(
        tuple(middle), tuple((b - a) / 2 for a, b in zip(tight, top, strict=True)), (), tuple(low), tuple(high),
        None, (), _value(programs, middle, [(b - a) / 2 for a, b in zip(tight, top, strict=True)], precision),
    )  # fmt: skip
    centre = proposals.newton(programs.gradient, programs.hessian, middle, precision)
    inverse = proposals.inverse(programs.hessian, centre, precision) if centre else None
    if centre is None or inverse is None:
        return _refused(plain_box, "multiprecision Newton did not converge")
    radius = [RADIUS * (1 + abs(round(c))) for c in centre]
    if not all(a <= c - r and c + r <= b for a, b, c, r in zip(low, high, centre, radius, strict=True)):
        return _refused(plain_box, "multiprecision Newton left the certified region")
    found = certificates.krawczyk(programs.gradient, programs.hessian, centre, radius, inverse, precision)
    if isinstance(found, Refused):
        return _refused(plain_box, found.reason)
    index, basis = _index(programs, found.enclosure, precision)
    return Found(
        tuple(centre), tuple(radius), tuple(map(tuple, inverse)), tuple(low), tuple(high),
        index, tuple(map(tuple, basis)), _value(programs, centre, radius, precision),
    )  # fmt: skip


def _refused(found: Found, reason: str) -> Found:
    return Found(
        found.centre, found.radius, (), found.low, found.high, None, (), found.value, reason
    )  # fmt: skip


def _value(programs: Derivatives, centre: Sequence[Fraction], radius: Sequence[Fraction], precision: int) -> Any:
    with ctx.workprec(precision):
        box = [balls.around(c, r) for c, r in zip(centre, radius, strict=True)]
        try:
            return balls.run(programs.value, box, precision)[0]
        except balls.NoEnclosure:
            return arb("nan")


def _index(programs: Derivatives, enclosure: Sequence[arb], precision: int) -> tuple[int | None, list[list[Fraction]]]:
    """Return the certified number of negative eigenvalues of the Hessian at a zero, and the basis that shows it."""
    n = len(enclosure)
    try:
        flat = balls.run(programs.hessian, list(enclosure), precision, smooth=True)
    except balls.NoEnclosure:
        return None, []
    matrix = [flat[n * i : n * (i + 1)] for i in range(n)]
    basis = proposals.eigenbasis(matrix, precision)[1]
    found = certificates.signature(matrix, basis, precision) if basis else Refused("signature", "no basis")
    if isinstance(found, Refused) or found.negative + found.positive != n:
        return None, []
    return found.negative, basis


def orbits(representatives: Sequence[Found], group: Sequence[Signed]) -> tuple[list[list[Found]], bool]:
    """Return the orbits of zeros under a group, each without repetitions, and whether all comparisons were certain.

    A coordinate whose sign some symmetry changes while it keeps the zero is exactly 0.
    """
    certain = True
    result: list[list[Found]] = []
    for first in representatives:
        known = [f for orbit in result for f in orbit]
        if any(first.same(f) for f in known):
            continue
        orbit: list[Found] = []
        zero: set[int] = set()
        for g in group:
            image = first.moved(g)
            answers = [image.same(f) for f in orbit]
            certain &= None not in answers or True in answers
            if True not in answers:
                orbit.append(image)
            if g.trivial or image.same(first):
                zero |= {j for j, (s, e) in enumerate(zip(g.source, g.sign, strict=True)) if s == j and e < 0}
        certain &= all(f.same(k) is not None for f in orbit for k in known)
        result.append([_fixed(f, first, g, zero) for f, g in _labelled(orbit, first, group)] if zero else orbit)
    return result, certain


def _labelled(orbit: Sequence[Found], first: Found, group: Sequence[Signed]) -> list[tuple[Found, Signed]]:
    return [(f, next(g for g in group if first.moved(g).same(f))) for f in orbit]


def _fixed(f: Found, first: Found, g: Signed, zero: set[int]) -> Found:
    """Return the orbit's member g(first) with its coordinates that are exactly 0 marked."""
    marked = tuple(j for j, s in enumerate(g.source) if s in zero)
    return Found(
        f.centre, f.radius, f.inverse, f.low, f.high, f.index, f.directions, f.value, f.refused, marked
    )  # fmt: skip


def report(found: Found, names: Sequence[str], objective: str, orbit_size: int) -> CriticalPoint:
    """Return the critical point with its digits, type and a certificate that `pgb.landscape.recheck` checks.

    Parameters
    ----------
    names
        The variables.
    objective
        Fingerprint of the objective.
    orbit_size
        Number of points of its orbit under the objective's symmetries.
    """
    n = len(names)
    texts, worst = [], Fraction(0)
    for j, (c, r) in enumerate(zip(found.centre, found.radius, strict=True)):
        text = "0" if j in found.fixed else decimal(c, DIGITS)
        texts.append(text)
        worst = max(worst, Fraction(0) if j in found.fixed else r + abs(Fraction(text) - c))
    kind, strict = kind_of(found.index, n)
    certificate: dict[str, Any] = {
        "objective": objective,
        "variables": list(names),
        "region": {"low": plain(found.low), "high": plain(found.high)},
        "orbit": orbit_size,
    }
    if found.inverse:
        unit = tuple(tuple(Fraction(int(i == j)) for j in range(n)) for i in range(n))
        data = ZeroData(
            (Fraction(0),) * n, unit, found.centre, found.radius, found.inverse, precision=PRECISION
        )  # fmt: skip
        certificate |= {"format": FORMAT, "place": {"zero": data.to_json()}}
        certificate |= {"claim": {"kind": str(kind), "strict": strict, "index": found.index}}
    if found.directions:
        certificate["signature"] = {"basis": plain(found.directions)}
    if found.refused:
        certificate["refused"] = found.refused
    return CriticalPoint(
        dict(zip(names, texts, strict=True)),
        value_text(found.value, DIGITS - 2) if found.value.is_finite() else "unknown",
        kind, found.index, Evidence.CERTIFIED, upper_decimal(worst), strict,
        1 if found.index is not None else None, certificate,
    )  # fmt: skip


def kind_of(index: int | None, n: int) -> tuple[Kind, bool | None]:
    """Return the type of a critical point in n variables by its index, and whether it is a strict extremum."""
    if index is None:
        return Kind.DEGENERATE, None
    if index == 0:
        return Kind.LOCAL_MINIMUM, True
    return (Kind.LOCAL_MAXIMUM, True) if index == n else (Kind.SADDLE, None)
