"""Builds HTML pages: elements whose text is always escaped, labels, numbers with all digits. Decides nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from pgb.errors import InputError
from pgb.evidence import Evidence

VOID: Final = frozenset({"img", "meta", "br", "link"})
MEANING: Final = {
    Evidence.PROVED: "a derivation that the kernel accepts (pgb verify runs them all), or the formal twin, built here",
    Evidence.CERTIFIED: "decided by exact or outward-rounded arithmetic",
    Evidence.NUMERICAL: "floating point only",
    Evidence.UNDECIDED: "nothing is claimed; the reason stands beside it",
}
POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE: Final = """
:root { --ink: #1c1c1c; --soft: #555; --line: #c9c9c9; --back: #fff; --tint: #f5f5f2; }
* { box-sizing: border-box; }
body { font: 16px/1.5 Georgia, 'Times New Roman', serif; color: var(--ink); background: var(--back);
  max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1, h2, h3, h4, nav, table, figcaption, .label, summary { font-family: system-ui, 'Segoe UI', sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .3rem; }
p { margin: .4rem 0; } a { color: #0b4f9e; } a:focus, summary:focus { outline: 3px solid #ffb000; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: #fff; }
.soft { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; margin: .6rem 0; }
caption { text-align: left; color: var(--soft); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
thead th { border-bottom: 2px solid var(--ink); } th[scope=row] { font-weight: 600; }
td.number, th.number { text-align: right; padding-right: 1.4rem; font-variant-numeric: tabular-nums; }
.whole { white-space: nowrap; } td ul { margin: 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
pre { font: .86rem/1.45 'DejaVu Sans Mono', ui-monospace, Menlo, Consolas, monospace; background: var(--tint);
  padding: .5rem .7rem; margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere;
  border-left: 3px solid var(--line); }
details { margin: .4rem 0; } summary { cursor: pointer; font-size: .9rem; }
ol.steps { padding-left: 2rem; } ol.steps li { margin: .5rem 0; } :target { background: #fff6d6; }
.label { font-size: .72rem; font-weight: 700; padding: .06rem .4rem; border: 1.5px solid; border-radius: .7rem;
  white-space: nowrap; }
.proved { color: #0a5d2c; } .certified { color: #1b4f8a; border-style: double; border-width: 3px; }
.numerical { color: #8a4b00; border-style: dashed; } .undecided { color: #7a1f6b; border-style: dotted; }
.bad { color: #a40000; } .open { color: #8a4b00; }
figure { margin: .6rem 1rem .6rem 0; display: inline-block; vertical-align: top; max-width: 100%; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { font-size: .8rem; color: var(--soft); max-width: 26rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: .4rem 0; font-size: .92rem; }
dd { margin: 0; }
@media print { body { max-width: none; font-size: 10.5pt; padding: 0; } nav, .skip { display: none; }
  a { color: inherit; text-decoration: none; } section, tr, figure { break-inside: avoid; }
  section.long, details { break-inside: auto; } h2, h3 { break-after: avoid; } }
"""


class Html(str):
    """Markup that is safe to put into a page; made by `element` and `raw` alone."""

    __slots__ = ()


Child = str | None | Iterable["str | None"]


def text(value: object) -> Html:
    """Return a value as escaped text."""
    return value if isinstance(value, Html) else Html(html.escape(str(value), quote=True))


def join(children: Child, between: str = "") -> Html:
    """Return children one after the other; what is not markup yet is escaped."""
    parts = [children] if isinstance(children, str) else [c for c in children or () if c is not None]
    return Html(text(between).join(text(p) for p in parts))


def element(tag: str, *children: Child, **attributes: str | None) -> Html:
    """Return one element; ``class_`` stands for class, and an attribute that is None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{''.join(join(c) for c in children)}</{tag}>")


def link(target: str, label: str) -> Html:
    """Return a link to an element of the same page."""
    return element("a", label, href=f"#{target}")


def label(status: object) -> Html:
    """Return how something is known, as a word in a frame; its meaning is the tooltip."""
    word = str(status)
    known = word in set(Evidence)
    return element("span", word, class_=f"label {word if known else ''}".strip(),
                   title=MEANING[Evidence(word)] if known else None)  # fmt: skip


def number(full: object, digits: int = 9) -> Html:
    """Return a number, shortened for reading; the element's value keeps every digit of the record."""
    whole = str(full)
    try:
        short = whole if "/" in whole and len(whole) <= digits else f"{float(Fraction(whole)):.{digits}g}"
    except (ValueError, OverflowError, ZeroDivisionError):
        short = whole
    return element("data", short.replace("-", "−", 1) if re.match(r"-\d", short) else short, value=whole)


def table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: Sequence[str] = ()
) -> Html:
    """Return a table with a caption; the first cell of each row is its heading, columns in `numbers` go right."""
    kinds = ["number" if h in numbers else None for h in headings]
    head = element("tr", [element("th", h, scope="col", class_=k) for h, k in zip(headings, kinds, strict=True)])
    body = [
        element("tr", element("th", row[0], scope="row"),
                [element("td", cell, class_=k) for cell, k in zip(row[1:], kinds[1:], strict=True)])
        for row in rows
    ]  # fmt: skip
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", body))
    return element("div", whole, class_="scroll")


def folded(summary: Child, *children: Child, open_: bool = False) -> Html:
    """Return something that a reader can unfold, without any script."""
    return element("details", element("summary", summary), *children, open="open" if open_ else None)


def section(identifier: str, heading: Child, *children: Child, level: int = 2, long: bool = False) -> Html:
    """Return a section that can be linked to."""
    return element(
        "section", element(f"h{level}", heading), *children, id=identifier, class_="long" if long else None
    )  # fmt: skip


def contents(entries: Sequence[tuple[str, str]]) -> Html:
    """Return the navigation: pairs of target and words."""
    return element("nav", join((link(t, words) for t, words in entries), " · "), aria_label="Contents")


def legend() -> Html:
    """Return what the evidence labels mean."""
    return element("dl", [join([element("dt", label(e)), element("dd", m)]) for e, m in MEANING.items()])


def _resolved(body: str) -> Html:
    """Return the body with links to what is not on the page (an interrupted run shows less) as plain text."""
    there = set(re.findall(r' id="([^"]*)"', body))
    return Html(re.sub(r'<a href="#([^"]*)">(.*?)</a>', lambda a: a[0] if a[1] in there else a[2], body))


def page(title: str, *children: Child) -> str:
    """Return the whole document: one file, without scripts and without anything from elsewhere."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", title),
        element("style", Html(STYLE)),
    )  # fmt: skip
    body = element(
        "body", element("a", "Skip to the contents", href="#main", class_="skip"), element("main", *children, id="main")
    )
    return "<!DOCTYPE html>\n" + element("html", head, "\n", _resolved(body), lang="en") + "\n"


def write(path: Path, document: str) -> None:
    """Write a page, whole or not at all.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(document, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError("-o", f"cannot write {path} ({error.strerror})") from None
