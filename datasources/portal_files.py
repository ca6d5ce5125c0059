"""Portal policies from the TOML files of `portals/`, and where in a file a mistake is."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from domain import policy_tables
from domain.policy_tables import InvalidPolicy, WrongValue
from domain.portal import Portal, parse_portal

_FOLDER: Final = Path(__file__).resolve().parents[1] / "portals"
"Beside the packages, in a checkout as in an installation."

_KEPT: Final = 32
"Of more portals than a deployment has."

_Statement = tuple[int, Mapping[str, object]]
"The line where a statement begins, and the document as far as its end."


class WrongPolicyFile(ValueError):
    """A portal file that is no policy; the message has a line `file:line: problem` for each fault."""

    @classmethod
    def of(cls, file: Path, *faults: tuple[int, str]) -> "WrongPolicyFile":
        return cls("\n".join(f"{file}:{line}: {problem}" for line, problem in faults))


def read_portals(folder: str = "") -> Mapping[str, Portal]:
    """All portals of a folder, or those that ship, by key; raises WrongPolicyFile."""
    where = Path(folder) if folder else _FOLDER
    files = sorted(where.glob("*.toml"))
    if not files:
        raise WrongPolicyFile(f"{where}: expected a folder with portal files")
    return {file.stem: read_portal(file) for file in files}


def read_portal(file: Path) -> Portal:
    """The policy in a file, whose name is the portal's key; raises WrongPolicyFile."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WrongPolicyFile.of(file, (line, "expected UTF-8")) from None
    return _portal(file, text)


@lru_cache(_KEPT)
def _portal(file: Path, text: str) -> Portal:
    """A file's policy, kept since every command checks all files before it opens what it works on."""
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise WrongPolicyFile.of(file, (1, "nested too deeply")) from None
    except ValueError as error:
        raise WrongPolicyFile.of(file, _syntax_fault(text, str(error))) from None
    try:
        return parse_portal(file.stem, document)
    except InvalidPolicy as error:
        raise WrongPolicyFile.of(file, *_located(text, error.wrong)) from None


def _syntax_fault(text: str, message: str) -> tuple[int, str]:
    """The line that a message of tomllib names, and the rest of it."""
    if place := re.search(r" \(at line (\d+), column \d+\)$", message):
        return int(place[1]), message[: place.start()]
    return text.count("\n") + 1, message


def _located(text: str, wrong: Sequence[WrongValue]) -> list[tuple[int, str]]:
    statements = list(_statements(text))
    return sorted((_line(statements, each.path), str(each)) for each in wrong)


def _line(statements: Sequence[_Statement], path: policy_tables.Path) -> int:
    """Where the value at a path is set; of a missing one, where its table begins."""
    for length in range(len(path), 0, -1):
        for line, document in statements:
            if _has(document, path[:length]):
                return line
    return 1


def _statements(text: str) -> Iterator[_Statement]:
    """Every statement of a document without syntax errors.

    tomllib tells no lines. But the first lines of a document are a document themselves, unless the
    last of them is within a statement that goes on: so they tell which line brought a value.
    """
    lines = text.split("\n")
    begun = 1
    for end in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("\n".join([*lines[:end], ""]))
        except tomllib.TOMLDecodeError:
            continue
        yield begun, document
        begun = end + 1


def _has(document: Any, path: policy_tables.Path) -> bool:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
