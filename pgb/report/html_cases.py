"""The cases of `pgb report`: claims with their evidence, problems in numbers, pictures. Prints; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy

from pgb.cases import CaseReport
from pgb.cases.bench import Bench
from pgb.cases.files import Case, Claim, load_case
from pgb.errors import PgbError
from pgb.expressions import text
from pgb.landscape.compile import compile_expressions
from pgb.objective import Objective
from pgb.report import html_pictures
from pgb.report.html import Html, element, folded, join, label, link, number, section, table

LIMIT = 1500  # characters of a formula that is shown


def overview(reports: Sequence[CaseReport]) -> Html:
    """Return the table of all cases."""
    rows = [
        (link(f"case-{r.name}", r.name), _status(r), r.title, r.drops or "-",
         f"{sum(c.ok for c in r.claims)}/{len(r.claims)}")
        for r in reports
    ]  # fmt: skip
    caption = "A case holds when every claim in its file is certified again."
    return table(caption, ("case", "status", "what it shows", "drops", "claims"), rows, numbers=("claims",))


def _status(report: CaseReport) -> Html:
    return label(report.status) if report.ok else element("span", "FAILED", class_="label bad")


def case(report: CaseReport) -> Html:
    """Return the section of one case."""
    loaded = load_case(report.name)
    breaks = [link(f"theorem-{t}", t) for t in report.breaks]
    claims = [
        (c.claim, element("span", c.sentence, class_=None if c.ok else "bad"), label(c.status)) for c in report.claims
    ]
    return section(
        f"case-{report.name}", join([report.name, " ", _status(report)]), element("p", report.title),
        element("p", f"Source: {report.source}", class_="soft") if report.source else None,
        element("p", f"Without {report.drops} it breaks ", join(breaks, ", "), ".") if report.drops else None,
        picture(loaded), _problem(loaded),
        element("p", loaded.notes.strip()) if loaded.notes else None,
        folded(_count(len(claims), "claim"),
               table("Claims, certified again", ("claim", "what was found", "evidence"), claims),
               open_=not report.ok),
        level=3,
    )  # fmt: skip


def _problem(loaded: Case) -> Html:
    """Return the problem in numbers: network, loss, data, points."""
    problem = loaded.problem
    network = (
        f"{problem.network.kind}, {_count(len(problem.parameters), 'parameter')}, {_count(problem.data.m, 'sample')}"
    )
    entries = [("network", network), ("loss", problem.loss.name)]
    if problem.network.kind == "formula":
        entries.append(("f(x)", "; ".join(_formula(f) for f in problem.network.outputs)[:LIMIT]))
    if problem.augmentation.unit is not None:
        entries.append(("added unit", _formula(problem.augmentation.unit)))
    entries.append(("lambda", str(problem.augmentation.lam)))
    rows = [[join([element("dt", k), element("dd", v)]) for k, v in entries]]
    points = [
        (name, join((join([f"{n} = ", _coordinate(v)]) for n, v in point.items()), ", "))
        for name, point in problem.points.items()
    ]
    shown = folded(_count(len(points), "point"), table("Points of the file, exact", ("point", "coordinates"), points))
    return join([element("dl", *rows), shown if points else None])


def _formula(expression: sympy.Expr) -> str:
    return text(expression).replace("**", "^")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _coordinate(value: sympy.Expr) -> Html | str:
    written = _formula(value)
    return (
        written
        if len(written) <= 60 and not value.is_Rational
        else number(written if len(written) <= 60 else value.evalf(20))
    )


def picture(loaded: Case) -> Html | None:
    """Return the most telling picture of a case, or None where nothing can be drawn."""
    try:
        bench = Bench(loaded)
        for draw in (_better, _minimum, _ray, _anywhere):
            found = draw(bench)
            if found is not None:
                return found
    except (PgbError, TypeError, ValueError, KeyError):
        return None  # an illustration that cannot be drawn is left out; nothing depends on it
    return None


def _coordinates(bench: Bench, name: str, objective: Objective) -> np.ndarray:
    """Return a named point as floats, 0 where the file leaves a variable out."""
    point = bench.problem.point(name)
    exprs = [sympy.sympify(point.get(v.name, sympy.S.Zero)) for v in objective.variables]
    return np.asarray(compile_expressions(exprs, []).numpy(np.zeros((0, 1)))[:, 0], dtype=float)


def _claims(bench: Bench, kind: str) -> list[Claim]:
    return [c for c in bench.case.claims if c.kind == kind]


def _better(bench: Bench) -> Html | None:
    """Draw the objective from a bad minimum to a better point."""
    for claim in _claims(bench, "better_point"):
        objective = bench.objective(claim.fields["of"])
        start = _coordinates(bench, claim.fields["than"], objective)
        step = _coordinates(bench, claim.fields["at"], objective) - start
        marks = [(0.0, "point", claim.fields["than"]), (1.0, "point", claim.fields["at"])]
        caption = f"{objective.name} on the line from {claim.fields['than']} to {claim.fields['at']}."
        return html_pictures.curve(objective, start, step, marks, "position on the line", caption)
    return None


def _minimum(bench: Bench) -> Html | None:
    """Draw the plane of the added unit's a and one more variable through a local minimum of Lt."""
    for claim in _claims(bench, "local_minimum") + _claims(bench, "minimum_on_boundary"):
        of, at = claim.fields.get("of", "Lt"), claim.fields["at"]
        if of == "L" and len(bench.problem.parameters) > 2:
            continue
        objective = bench.objective(of)
        return _slice(objective, _coordinates(bench, at, objective), at, "local minimum")
    return None


def _slice(objective: Objective, centre: np.ndarray, word: str, kind: str = "point") -> Html | None:
    """Draw two variables through a point, the added ones first, or the graph over one."""
    used = [n for n, v in enumerate(objective.variables) if v in objective.expression.free_symbols]
    used.sort(key=lambda n: not objective.variables[n].name.startswith("aux_"))
    names = [v.name for v in objective.variables]
    if not used:
        return None
    if len(used) == 1:
        direction = np.eye(len(centre))[used[0]]
        origin = centre - centre[used[0]] * direction
        marks = [(float(centre[used[0]]), kind, word)]
        return html_pictures.curve(
            objective, origin, direction, marks, names[used[0]], f"{objective.name} through {word}."
        )
    i, j = used[:2]

    def place(u: Any, v: Any) -> Any:
        points = np.repeat(centre[:, None], len(u), axis=1)
        points[i], points[j] = u, v
        return points

    spans = tuple((float(centre[n]) - 1.5, float(centre[n]) + 1.5) for n in (i, j))
    spot = [(float(centre[i]), float(centre[j]), kind, word)]
    caption = f"{objective.name} through {word}, all other variables held."
    return html_pictures.contour(objective, (names[i], names[j]), (spans[0], spans[1]), place, spot, caption)


def _ray(bench: Bench) -> Html | None:
    """Draw Lt along the file's escape ray."""
    for claim in _claims(bench, "escape_ray"):
        objective, at = bench.objective("Lt"), claim.fields["at"]
        start = _coordinates(bench, at, objective)
        ss = np.linspace(0, 8, 17)
        points = np.repeat(start[:, None], len(ss), axis=1)
        names = [v.name for v in objective.variables]
        for k, c in enumerate(claim.fields["c"], start=1):
            points[names.index(f"aux_a{k}")] = float(c) * np.exp(-ss)
            points[names.index(f"aux_b{k}")] = ss
            for r, w in enumerate(claim.fields["W"][k - 1], start=1):
                points[names.index(f"aux_w{k}_{r}")] = float(w)
        drawn = html_pictures.values(objective, points)
        off = points[:, :1].copy()
        off[[n for n, name in enumerate(names) if name.startswith("aux_a")]] = 0
        level = float(html_pictures.values(objective, off)[0])
        limit = claim.fields.get("limit")
        return html_pictures.ray(
            list(zip(ss.tolist(), drawn.tolist(), strict=True)), float(drawn[-1]) if limit is None else float(limit),
            level, f"From theta of {at}.",
        )  # fmt: skip
    return None


def _anywhere(bench: Bench) -> Html | None:
    """Draw the transformed objective through the first point of the file."""
    for name in bench.problem.points:
        objective = bench.transformed if bench.problem.augmentation.kind != "none" else bench.objective("L")
        return _slice(objective, _coordinates(bench, name, objective), name)
    return None
