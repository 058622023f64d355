"""The documents are true: their commands are run and compared, their numbers are counted again.

Convention, for README.md and docs/*.md. A ``toml`` or ``python`` block whose first line is a comment with a file name
(``# cubic.toml``) is written to a fresh folder. The commands after ``$`` in a ``console`` block are run there, in the
order of the document, and what they print must be what stands below them: ``...`` stands for anything, line breaks and
spacing do not matter. ``pgb`` runs in this process; `sed`, `cat` and ``echo $?`` run as in a shell.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import pgb.kernel
from pgb import cases, cli, library
from pgb.coq_sources import development
from pgb.report import verification

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SHELL = ("sed", "cat", "cp")


@dataclass(frozen=True)
class Command:
    """A command of a document, what should be printed, and where it stands."""

    line: str
    wanted: str
    place: str


def blocks(document: str) -> Iterator[tuple[str, str, int]]:
    """Language, text and line number of every fenced block."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        yield found[1], found[2], text.count("\n", 0, found.start()) + 2


def steps(document: str) -> Iterator[tuple[str, str] | Command]:
    """Files to write, as (name, text), and commands to run, in the order of the document."""
    for language, text, line in blocks(document):
        name = re.match(r"# ([\w.-]+\.(?:toml|py))\n", text)
        if name and language in ("toml", "python"):
            yield name[1], text
        elif language == "console":
            yield from commands(text, f"{document}:{line}")


def commands(text: str, place: str) -> Iterator[Command]:
    assert text.startswith("$ "), f"{place}: a console block begins with a command"
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        joined = part.replace("\\\n", " ")
        line, _, wanted = joined.partition("\n")
        yield Command(line, wanted, place)


class Shell:
    """Runs the commands of one document in its folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch, self.status = folder, monkeypatch, 0

    def run(self, line: str) -> str:
        words = shlex.split(line)
        if line == "echo $?":
            return f"{self.status}\n"
        if words[0] == "pgb":
            return self._pgb(words)
        assert words[0] in SHELL, f"documents may run pgb, {', '.join(SHELL)} and echo $?, not {words[0]!r}"
        done = subprocess.run(line, shell=True, cwd=self.folder, capture_output=True, text=True, check=False)
        self.status = done.returncode
        return done.stdout + done.stderr

    def _pgb(self, words: list[str]) -> str:
        self.monkeypatch.setattr(sys, "argv", words)
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), pytest.raises(SystemExit) as stop:
            cli.main()
        self.status = int(stop.value.code or 0)
        return out.getvalue()


def agrees(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted.rstrip() + "\n", got.rstrip() + "\n", LOOSE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_print_what_the_document_says(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counterexamples").symlink_to(library.counterexamples_folder())
    (tmp_path / "proofs").symlink_to(library.proofs_folder())
    shell = Shell(tmp_path, monkeypatch)
    for step in steps(document):
        if isinstance(step, tuple):
            (tmp_path / step[0]).write_text(step[1], encoding="utf-8")
            continue
        got = shell.run(step.line)
        assert agrees(step.wanted, got), f"{step.place}: $ {step.line}\n--- says\n{step.wanted}\n--- prints\n{got}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_wildcards_leave_something_to_compare(document: str) -> None:
    """A command that prints something is quoted with at least three words of it."""
    for step in steps(document):
        if isinstance(step, Command) and step.wanted.strip() and step.line != "echo $?":
            assert len(step.wanted.replace("...", " ").split()) >= 3, f"{step.place}: $ {step.line}"


def test_the_runner_notices_a_wrong_output_and_a_wrong_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path, monkeypatch)
    got = shell.run("pgb prove vanishing")
    assert agrees("vanishing proved ...\n... 1 of 1 proofs checked by the kernel (...", got)
    assert not agrees("vanishing refused ...", got)
    assert shell.run("echo $?") == "0\n"
    shell.run("pgb prove nonsense")
    assert shell.run("echo $?") == "2\n"


def test_readme_s_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict(step for step in steps("README.md") if isinstance(step, tuple))
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (code,) = [text for language, text, _ in blocks("README.md") if language == "python" and text not in files.values()]
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102  (our own document)
    assert names["problem"].title == "cubic"  # type: ignore[attr-defined]


# -- the commands of the README ---------------------------------------------------------------------------------------
def table_of_commands() -> dict[str, str]:
    """Command name to the first cell of its row."""
    rows = re.findall(r"^\| `(pgb (\w+)[^`]*)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name: cell for cell, name in rows}


def app_commands() -> dict[str, object]:
    return {c.name or c.callback.__name__: c.callback for c in cli.app.registered_commands if c.callback is not None}


def test_readme_lists_the_commands_that_exist_and_no_others() -> None:
    listed, there = set(table_of_commands()), set(app_commands())
    assert listed == there, f"README.md, Commands: add {sorted(there - listed)}, remove {sorted(listed - there)}"


@pytest.mark.parametrize("name", sorted(app_commands()))
def test_readme_s_options_exist(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["pgb", name, "--help"])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        cli.main()
    shown = capsys.readouterr().out
    for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", table_of_commands()[name]):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", shown), f"README.md: pgb {name} has no option {option}"


# -- numbers ----------------------------------------------------------------------------------------------------------
# fmt: off
WORDS = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "twenty-one", "twenty-two",
    "twenty-three", "twenty-four", "twenty-five",
]
# fmt: on


@cache
def _attacks() -> int:
    """Wrong uses of the kernel that its tests try: the decorated functions of tests/kernel/attacks."""
    return sum(
        any("attack" in ast.unparse(d) for d in node.decorator_list)
        for file in (ROOT / "tests" / "kernel" / "attacks").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )


def _lines(files: list[Path]) -> int:
    return sum(bool(line.strip()) for file in files for line in file.read_text(encoding="utf-8").splitlines())


COUNTED: dict[str, Callable[[], int]] = {
    r"{n} (?:stated )?rules": lambda: len(pgb.kernel.RULES),
    r"{n} facts of analysis": lambda: len(pgb.kernel.FACTS),
    r"{n} theorems with a kernel proof": lambda: len(library.proof_names()),
    r"{n} theorems? (?:is|are) in the formal twin only": lambda: len(
        verification.twin_only(library.proof_names(), built=False)
    ),
    r"{n} cases": lambda: len(cases.case_names()),
    r"{n} constants of the twin": lambda: len(development().constants()),
    r"{n} published (?:bad )?local minima": lambda: sum(
        cases.load_case(name).kind == "published" for name in cases.case_names()
    ),
    r"{n} axioms": lambda: len(development().axioms()),
}
BELOW: dict[str, Callable[[], int]] = {
    r"fewer than {n} lines": lambda: _lines(sorted((ROOT / "pgb" / "kernel").glob("*.py"))),
    r"below {n} lines": lambda: _lines(
        [ROOT / "tests" / "second_checker" / f"{p}.py" for p in ("checker", "forms", "terms")]
    ),
}
ABOVE: dict[str, Callable[[], int]] = {
    r"more than {n} (?:tempting |wrong )+proofs": lambda: len(library.refused_names()),
    r"more than {n} attacks": _attacks,
}
NUMBER = r"(?<![\w.-])(\d[\d,]*|" + "|".join(reversed(WORDS)) + r")(?![\w-])"
# Numbers that count nothing of the code: minutes of the audit, numbering, a version.
FREE = (
    r"^\d+\. \(\d+ min\)",
    r"\(\d+ min\)",
    r"Python 3\.\d+",
    r"\bone (?:hour|sentence|screen|by one|of)\b",
    r"exit status \d",
)


def value(written: str) -> int:
    return WORDS.index(written.lower()) + 2 if written.lower() in WORDS else int(written.replace(",", ""))


def prose(document: str) -> str:
    """The text of a document without its blocks and code spans, on one line per paragraph or row."""
    text = FENCE.sub("", (ROOT / document).read_text(encoding="utf-8"))
    text = re.sub(r"`[^`]*`", "`code`", text)
    return re.sub(r" +", " ", re.sub(r"(?<=[^\n|])\n(?=[^\n|\-\d#])", " ", text))


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md"])
@pytest.mark.parametrize("pattern", [*COUNTED, *BELOW, *ABOVE])
def test_numbers_are_counted(document: str, pattern: str) -> None:
    for found in re.finditer(pattern.replace("{n}", NUMBER), prose(document), re.IGNORECASE):
        said, counted = value(found[1]), (COUNTED | BELOW | ABOVE)[pattern]()
        if pattern in COUNTED:
            assert said == counted, f"{document}: “{found[0]}” must say {counted}"
        elif pattern in BELOW:
            assert counted < said <= counted + 250, f"{document}: “{found[0]}”, but there are {counted}"
        else:
            assert said < counted <= 2 * said, f"{document}: “{found[0]}”, but there are {counted}"


def test_every_number_of_the_trust_document_is_counted_here() -> None:
    rest = prose("docs/trust.md")
    for pattern in FREE:
        rest = re.sub(pattern, "", rest, flags=re.MULTILINE)
    for pattern in (*COUNTED, *BELOW, *ABOVE):
        rest = re.sub(pattern.replace("{n}", NUMBER), "", rest, flags=re.IGNORECASE)
    left = [rest[max(0, m.start() - 40) : m.end() + 30] for m in re.finditer(NUMBER, rest, re.IGNORECASE)]
    assert left == [], "docs/trust.md has numbers that nothing checks: count them in COUNTED, or leave them out"


NAMED = re.compile(r"`((?:pgb|proofs|docs|tests|counterexamples|benchmarks)/[\w/.*-]*)`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_that_a_document_names_exist(document: str) -> None:
    text = FENCE.sub("", (ROOT / document).read_text(encoding="utf-8"))
    missing = [name for name in NAMED.findall(text) if not list(ROOT.glob(name.rstrip("/")))]
    assert missing == [], f"{document} names files that are not there"


def test_the_trust_document_names_every_module_that_says_it_is_trusted() -> None:
    table = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8").partition("## Not trusted")[0]
    named = NAMED.findall(table)
    left = []
    for file in sorted((ROOT / "pgb").rglob("*.py")):
        says = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        path = str(file.relative_to(ROOT))
        if re.search(r"(?<![uU]n)(?<![Nn]ot )\b[Tt]rusted", says) and not any(path.startswith(name) for name in named):
            left.append(path)
    allowed = {"pgb/landscape/classify.py", "pgb/falsify/search.py"}  # they speak of other modules
    assert set(left) <= allowed, (
        "docs/trust.md, Trusted: these modules say that they are trusted and are not in the table"
    )
