"""The page of `pgb report PROBLEM.toml`: verdicts, critical points, escape rays, pictures. Prints; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np

from pgb.checking import Check, Minimum
from pgb.evidence import Evidence
from pgb.expressions import text as exact_text
from pgb.landscape.results import CriticalSet
from pgb.objective import augmented, loss
from pgb.problem import Problem
from pgb.report import html_pictures
from pgb.report.html import Html, contents, element, folded, join, label, legend, number, page, section, table
from pgb.report.html_pictures import Mark
from pgb.theorems import HYPOTHESES, THEOREMS

WORDS = {True: "yes", False: "no", None: "undecided"}
LIMIT = 2000  # characters of a formula that is shown
SHOWN = 500  # critical points in the table


def document(problem: Problem, found: Check, source: str) -> str:
    """Return the whole page.

    Parameters
    ----------
    problem, found
        What was studied, and what `pgb.checking.check` found.
    source
        The text of the problem file.
    """
    title = problem.title or "A problem"
    pairs = [("verdict", "Verdict"), ("minima", "Local minima"), ("critical", "Critical points"), ("escape", "Escape"),
             ("theorems", "Theorems"), ("problem", "Problem"), ("words", "What the words promise")]  # fmt: skip
    return page(
        f"pgb: {title}",
        element("h1", title),
        element("p", f"pgb {version('pgb')}. {problem.source}", class_="soft"),
        contents(pairs),
        section("verdict", "Verdict", _verdict(found)),
        section("minima", "Local minima of L, and what becomes of them", _minima(found.minima)),
        section(
            "critical",
            "Critical points of L",
            _critical(problem, found.critical, found.search, found.minima),
            long=True,
        ),
        section("escape", "Escape rays of Lt", *_escape(problem, found.minima), long=True),
        section("theorems", "Theorems on this problem", _theorems(found), long=True),
        section("problem", "The problem", _problem(problem, found, source), long=True),
        section("words", "What the words promise", legend()),
    )


def _verdict(found: Check) -> Html:
    star = "not known exactly" if found.star.value is None else exact_text(found.star.value)
    reached = {True: "attained", False: "not attained", None: "attainment undecided"}[found.attainment.attained]
    bad = [m.name for m in found.minima if m.bad]
    if bad:
        said = f"Certified bad local minima of L: {', '.join(bad)}."
    elif found.critical is not None and found.critical.complete and all(m.bad is False for m in found.minima):
        said = "No local minimum of L is bad."
    else:
        said = "No bad local minimum of L is known; that there is none is not shown."
    violated = [v.theorem for v in found.verdicts if v.verdict == "violated"]
    rows = [
        ("L*", join([star, f", {reached} ", label(found.attainment.status), f" {found.attainment.reason}"])),
        ("local minima of L", said),
        ("local minima of Lt", found.augmented),
        ("theorems violated", ", ".join(violated) or "none"),
    ]
    return element("dl", [join([element("dt", k), element("dd", v)]) for k, v in rows])


def _point(theta: Mapping[str, str]) -> Html:
    return join((join([f"{name} = ", number(value)]) for name, value in theta.items()), ", ")


def _minima(minima: Sequence[Minimum]) -> Html:
    if not minima:
        return element("p", "No local minimum of L is known.")
    rows = [
        (m.name, number(m.value, 12), _point(m.theta), label(m.status), WORDS[m.bad], WORDS[m.optimal],
         "-" if m.ray is None else join([number(m.ray.limit), " ", label(m.ray.status)]), _infimum(m))
        for m in minima
    ]  # fmt: skip
    return table(
        "Bad: some other theta is certified to be better. L = L*: as good as any function of x.",
        ("point", "value", "theta", "evidence", "bad", "L = L*", "limit of an escape ray", "V(theta)"), rows,
    )  # fmt: skip


def _infimum(m: Minimum) -> Html | str:
    if m.infimum is None:
        return "-"
    bounds = [number(m.infimum.low)] if m.infimum.exact else [number(m.infimum.low), " to ", number(m.infimum.high)]
    return join([*bounds, " ", label(m.infimum.status)])


def _critical(problem: Problem, found: CriticalSet | None, said: str, minima: Sequence[Minimum]) -> Html:
    if found is None:
        return join([element("p", said), _known(problem, minima)])
    status = join(["complete" if found.complete else "not proved complete", " ", label(found.status)])
    rows = [
        (str(n), number(p.value, 12), str(p.kind), "-" if p.index is None else str(p.index), _point(p.theta),
         label(p.status))
        for n, p in enumerate(found.points[:SHOWN], start=1)
    ]  # fmt: skip
    more = f" The first {SHOWN} of {len(found.points)} are shown." if len(found.points) > SHOWN else ""
    caption = f"{len(found.points)} real critical points.{more}"
    headings = ("point", "value", "kind", "index", "theta", "evidence")
    sets = [
        element("p", f"A critical set of dimension {c.dimension}: {c.why} ", label(c.status)) for c in found.components
    ]
    undecided = (
        f"{len(found.open_boxes)} boxes are left open: nothing is claimed about them." if found.open_boxes else None
    )
    return join([
        element("p", status), element("p", found.completeness),
        None if undecided is None else element("p", undecided, class_="open"),
        table(caption, headings, rows, numbers=("index",)) if rows else None,
        *sets, *_landscape(problem, found),
        *(element("p", f"Note: {note}", class_="soft") for note in found.notes),
    ])  # fmt: skip


def _landscape(problem: Problem, found: CriticalSet) -> list[Html]:
    """Draw L near the critical points, and index against loss."""
    marks = [
        Mark({n: float(v) for n, v in p.theta.items()}, str(p.kind), str(k))
        for k, p in enumerate(found.points, start=1)
    ]
    several = len(problem.parameters) > 2
    chosen = _telling(marks) if several else marks[:40]
    caption = "L on the plane through critical points" if several else "L and its critical points"
    pairs = [(float(p.value), p.index, str(p.kind)) for p in found.points if p.index is not None]
    drawn = [html_pictures.through(loss(problem), chosen, f"{caption}, numbered as in the table."),
             html_pictures.index_loss(pairs)]  # fmt: skip
    return [d for d in drawn if d is not None]


def _known(problem: Problem, minima: Sequence[Minimum]) -> Html | None:
    """Draw L through what is known without a search: certified minima, and the other points of the file."""
    names = [p.name for p in problem.parameters]
    marks = [Mark({n: float(v) for n, v in m.theta.items()}, "local minimum", m.name) for m in minima]
    for name, point in problem.points.items():
        if all(n in point for n in names) and all(m.word != name for m in marks):
            marks.append(Mark({n: float(point[n]) for n in names}, "point", name))
    return html_pictures.through(loss(problem), marks, "L through the points that are known.")


def _telling(marks: Sequence[Mark]) -> list[Mark]:
    """Return the points that span a plane worth seeing: the lowest, then the other minima, then the rest."""
    if not marks:
        return []
    first, rest = marks[0], list(marks[1:])
    rest.sort(key=lambda p: p.kind != "local minimum")
    return [first, *rest[:12]]


def _escape(problem: Problem, minima: Sequence[Minimum]) -> list[Html]:
    """Return, for each minimum above L*, its escape ray in numbers and pictures."""
    shown, seen = [], set()
    for m in minima:
        place = tuple((n, round(float(v), 12)) for n, v in m.theta.items())
        if m.ray is None or place in seen:  # a named point may also be one of those that were found
            continue
        seen.add(place)
        rows = [(f"s = {s}", number(v, 12)) for s, v in m.ray.values]
        c = join((number(v) for v in m.ray.c), ", ")
        W = join((join((number(w) for w in row), ", ") for row in m.ray.W), "; ")
        about = element("p", f"From minimum {m.name}: a = c e^-s, b = s, with c = (", c, ") and W = (", W, "); limit ",
                        number(m.ray.limit, 12), " ", label(m.ray.status))  # fmt: skip
        points = [(float(s), float(v)) for s, v in m.ray.values]
        picture = html_pictures.ray(points, float(m.ray.limit), float(m.ray.start), f"From minimum {m.name}.")
        values = folded("Values along the ray", table("Lt on the ray", ("s", "Lt"), rows))
        shown += [about, picture, _valley(problem, m) or Html(""), values]
    return shown or [element("p", "No local minimum of L above L* is known, so there is nothing to escape from.")]


def _valley(problem: Problem, m: Minimum) -> Html | None:
    """Draw Lt over (a_k, b_k) at a bad theta, for the unit that is largest on the ray; the others are off."""
    if m.ray is None:
        return None
    lt = augmented(problem)
    names = [v.name for v in lt.variables]
    base = np.array([float(m.theta.get(n, 0)) for n in names])
    for n, row in enumerate(m.ray.W, start=1):
        for r, w in enumerate(row, start=1):
            base[names.index(f"aux_w{n}_{r}")] = float(w)
    k, largest = max(enumerate(m.ray.c, start=1), key=lambda unit: abs(unit[1]))
    i, j, c = names.index(f"aux_a{k}"), names.index(f"aux_b{k}"), float(largest)
    s = np.linspace(0.0, 6.0, 100)
    reach = 1.2 * abs(c) or 1.0

    def place(a: html_pictures.Values, b: html_pictures.Values) -> html_pictures.Values:
        points = np.repeat(base[:, None], len(a), axis=1)
        points[i], points[j] = a, b
        return np.asarray(points)

    return html_pictures.contour(
        lt, (f"a_{k}", f"b_{k}"), ((-reach, reach), (-1.0, 6.0)), place, [(0.0, 0.0, "point", m.name)],
        f"Lt over a_{k} and b_{k} at minimum {m.name}, W as on the ray (red): a valley that falls for ever.",
        np.stack([c * np.exp(-s), s]), 2.5 * float(m.ray.start),
    )  # fmt: skip


def _theorems(found: Check) -> Html:
    rows = [(v.theorem, element("strong", str(v.verdict).upper()) if v.verdict == "vacuous" else str(v.verdict),
             label(v.evidence), v.reason) for v in found.verdicts]  # fmt: skip
    said = [
        join([element("dt", v.theorem), element("dd", THEOREMS[v.theorem].says)])
        for v in found.verdicts
        if v.theorem in THEOREMS
    ]
    return join([
        table("What each theorem says about this problem.", ("theorem", "verdict", "evidence", "reason"), rows),
        folded("What the theorems say in general", element("dl", said)),
    ])  # fmt: skip


def _problem(problem: Problem, found: Check, source: str) -> Html:
    objective = loss(problem)
    written = exact_text(objective.expression).replace("**", "^")
    formula = element("pre", f"L = {written}" if len(written) <= LIMIT else f"L = {written[:LIMIT]} ...")
    holds = {True: "holds", False: "fails", None: "not decided"}
    rows = [
        (
            name,
            HYPOTHESES.get(name, ""),
            holds[h],
            label(Evidence.UNDECIDED if h is None else Evidence.CERTIFIED),
            reason,
        )
        for name, (h, reason) in found.hypotheses.items()
    ]
    hypotheses = table(
        "Hypotheses, derived from the formulas", ("hypothesis", "means", "here", "evidence", "why"), rows
    )
    return join([formula, hypotheses, folded("The problem file", element("pre", source))])
