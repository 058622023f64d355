"""Reads the sources of the formal twin: the files, the table of theorems, the committed axioms. Untrusted."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pgb.errors import InputError

NAMED: Final = ("theorems", "needed", "rules", "facts", "others")  # the sections of the table that name constants
WARNINGS: Final = r"-[a-z-]+(,-[a-z-]+)*"  # what may follow -w


@dataclass(frozen=True, slots=True)
class Development:
    """The sources: their folder, Coq's logical name for it, its warning options, and the files in the order of building."""

    folder: Path
    name: str
    options: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of all files that decide the outcome."""
        return ("_CoqProject", "AXIOMS", "table.toml", *self.files)

    def table(self) -> dict[str, dict[str, Any]]:
        """Return the table: section -> name -> constants, or the Coq form of a hypothesis."""
        return tomllib.loads((self.folder / "table.toml").read_text(encoding="utf-8"))

    def constants(self) -> tuple[str, ...]:
        """Return ``File.constant`` for every constant that the table names, each once."""
        table = self.table()
        return tuple(dict.fromkeys(c for section in NAMED for names in table.get(section, {}).values() for c in names))

    def axioms(self) -> dict[str, str]:
        """Return the committed axioms: name -> type."""
        return parse_axioms((self.folder / "AXIOMS").read_text(encoding="utf-8"))

    def fingerprint(self, version: str) -> str:
        """Return the hash of everything that decides the outcome."""
        digest = hashlib.sha256(version.encode())
        for name in self.inputs:
            content = (self.folder / name).read_bytes()
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def sources_folder() -> Path:
    """Return the folder of the Coq sources, beside the proofs of the kernel."""
    from pgb.library import proofs_folder

    folder = proofs_folder() / "coq"
    if not (folder / "_CoqProject").is_file():
        raise InputError("proofs/coq", f"{folder} should hold the sources of the formal twin, and it does not")
    return folder


def development(folder: Path | None = None) -> Development:
    """Read ``_CoqProject``.

    Raises
    ------
    InputError
        It sets an option other than the logical name and warnings, names a file that is not there, or leaves one out.
    """
    folder = folder or sources_folder()
    field = str(folder / "_CoqProject")
    name, options, files = "", list[str](), list[str]()
    for line in filter(None, map(str.strip, (folder / "_CoqProject").read_text(encoding="utf-8").splitlines())):
        if line.startswith("-R . ") and line[5:].isidentifier():
            name = line[5:]
        elif line == "-arg -w" or (options[-1:] == ["-w"] and re.fullmatch(rf"-arg {WARNINGS}", line)):
            options.append(line[5:])
        elif line.endswith(".v") and line[:-2].isidentifier():
            files.append(line)
        else:
            raise InputError(field, f"should hold '-R . NAME', warning options and file names only, not {line!r}")
    if (
        options[-1:] == ["-w"]
        or not name
        or sorted(files) != sorted(p.name for p in folder.glob("*.v"))
        or len(set(files)) < len(files)
    ):
        raise InputError(field, "should name the development and list every .v file of the folder, each once")
    return Development(folder, name, tuple(options), tuple(files))


def parse_axioms(text: str) -> dict[str, str]:
    """Read axioms as Coq prints them: a name in the first column, then a colon and the type, over several lines or not.

    What Coq reports beside axioms (a disabled termination check, say) is kept as a name of its own.
    """
    entries = list[str]()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace() and entries:
            entries[-1] += " " + line
        else:
            entries.append(line)
    pairs = (" ".join(entry.split()).partition(" : ") for entry in entries)
    return {name.strip(): type_.strip() for name, _, type_ in pairs}


def axioms_of(listing: str) -> dict[str, str]:
    """Read the output of one ``Print Assumptions``.

    Raises
    ------
    ValueError
        It is not such an output.
    """
    lines = listing.strip().splitlines()
    if lines == ["Closed under the global context"]:
        return {}
    if not lines or lines[0] != "Axioms:":
        raise ValueError(f"not a list of axioms: {listing[:200]!r}")
    return parse_axioms("\n".join(lines[1:]))
