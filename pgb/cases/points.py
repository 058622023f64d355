"""Claims about an objective at a point: its value, whether it is critical, of which type, and whether another point is better."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import sympy

from pgb.cases.bench import Bench, Place, enclosure, shown
from pgb.cases.files import Claim
from pgb.cases.results import Finding
from pgb.expressions import text
from pgb.objective import Objective
from pgb.problem.facts import without_kinks


def essential(objective: Objective) -> tuple[sympy.Symbol, ...]:
    """Return the variables that the objective depends on; in the others it is constant."""
    return tuple(v for v in objective.variables if objective.expression.has(v))


def matches(
    bench: Bench, expression: sympy.Expr, place: Place, equals: sympy.Expr | None, digits: str | None
) -> bool | None:
    """Is the value the stated number exactly, and the stated decimal to within one unit of its last digit?"""
    answers: list[bool | None] = [True]
    if equals is not None:
        sign = bench.sign(expression - equals, place)
        answers.append(None if sign is None else sign == 0)
    if digits is not None:
        exponent = Decimal(digits).as_tuple().exponent
        unit = Fraction(10) ** int(exponent)
        number = sympy.Rational(*Fraction(digits).as_integer_ratio())
        half = sympy.Rational(unit.numerator, unit.denominator)
        signs = [bench.sign(half - expression + number, place), bench.sign(half + expression - number, place)]
        answers.append(False if -1 in signs else None if None in signs else True)
    return False if False in answers else None if None in answers else True


def value(bench: Bench, claim: Claim) -> Finding:
    """Decide whether the value is as stated."""
    objective = bench.objective(claim.fields["of"])
    place = bench.complete(bench.place(claim.fields["at"]), objective)
    e = objective.expression
    ball = bench.enclose(e, place)
    equals, digits, most = (claim.fields.get(key) for key in ("equals", "digits", "at_most"))
    answer = matches(bench, e, place, equals, digits)
    if most is not None and answer is not False:
        sign = bench.sign(most - e, place)
        answer = None if sign is None or answer is None else sign >= 0
    wanted = text(equals) if equals is not None else digits if digits is not None else f"at most {text(most)}"
    certificate = {"point": place.plain(), "value": enclosure(ball)}
    name = f"{objective.name}({place.name})"
    if answer is None:
        return Finding.open(f"{name} = {shown(ball)} is not decided against {wanted}", certificate)
    if answer:
        number = text(equals) if equals is not None else shown(ball, 20)
        return Finding(True, f"{name} = {number}", certificate=certificate)
    return Finding(False, f"{name} = {shown(ball)} is not {wanted}", certificate=certificate)


def better_point(bench: Bench, claim: Claim) -> Finding:
    """Decide whether one point has a strictly smaller value than another."""
    objective = bench.objective(claim.fields["of"])
    better = bench.complete(bench.place(claim.fields["at"]), objective)
    worse = bench.complete(bench.place(claim.fields["than"]), objective)
    low, high = bench.enclose(objective.expression, better), bench.enclose(objective.expression, worse)
    certificate = {"better": better.plain(), "value": enclosure(low), "than": enclosure(high)}
    numbers = f"{objective.name}({better.name}) = {shown(low)}, {objective.name}({worse.name}) = {shown(high)}"
    if low < high:
        return Finding(True, f"{better.name} is strictly better than {worse.name}: {numbers}", certificate=certificate)
    if low > high:
        return Finding(False, f"{better.name} is not better than {worse.name}: {numbers}", certificate=certificate)
    return Finding.open(f"the order of {numbers} is not decided", certificate)


def stays(bench: Bench, claim: Claim) -> Finding:
    """Certify that gradient flow keeps coordinates: with them fixed, their partial derivatives vanish identically.

    Then the flow with them fixed solves the whole flow equation, and it is the only solution (the field is C^1).
    """
    objective = bench.transformed
    place = bench.place(claim.fields["from"])
    fixed = {v: place.values[v.name] for v in objective.variables if v.name in claim.fields["variables"]}
    if place.radius or len(fixed) != len(claim.fields["variables"]) or not without_kinks(objective.expression):
        return Finding.open("needs exact coordinates for the variables that stay, and an objective without kinks")
    left = [
        v.name for v in fixed if sympy.expand(sympy.diff(objective.expression, v).subs(fixed, simultaneous=True)) != 0
    ]
    held = ", ".join(f"{v.name} = {text(e)}" for v, e in fixed.items())
    if left:
        return Finding.open(f"d{objective.name}/d{left[0]} is not shown to vanish identically on {held}")
    return Finding(
        True, f"gradient flow of {objective.name} keeps {held} for ever: these derivatives vanish identically"
    )


def optimum(bench: Bench, claim: Claim) -> Finding:
    """Decide the value of L*, the unrestricted optimum, and whether some function attains it."""
    found = bench.optimum
    attained = claim.fields["attained"]
    if found.attained is None:
        return Finding.open(f"whether L* is attained is not known ({found.reason})")
    if found.attained is not attained:
        return Finding(False, f"L* is {'' if found.attained else 'not '}attained ({found.reason})")
    word = "attained" if attained else "not attained by any function"
    if "value" not in claim.fields and "digits" not in claim.fields:
        return Finding(True, f"L* is {word} ({found.reason})")
    if found.value is None:
        return Finding.open(f"the value of L* is not known ({found.reason})")
    answer = matches(bench, found.value, Place("", {}), claim.fields.get("value"), claim.fields.get("digits"))
    sentence = f"L* = {text(found.value)}, {word} ({found.reason})"
    return Finding.open(sentence) if answer is None else Finding(answer, sentence)
