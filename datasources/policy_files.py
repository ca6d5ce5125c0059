"""TOML files that say what a portal or a plan is, and where in a file a mistake is."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from domain import policy_tables
from domain.policy_tables import InvalidPolicy, WrongValue

POLICY_FOLDER: Final = Path(__file__).resolve().parents[1] / "portals"
"Beside the packages, in a checkout as in an installation."

_Policy = TypeVar("_Policy")
_Statement = tuple[int, Mapping[str, object]]
"The line where a statement begins, and the document as far as its end."


class WrongPolicyFile(ValueError):
    """A file that is no policy; the message has a line `file:line: problem` for each fault."""

    @classmethod
    def of(cls, file: Path, *faults: tuple[int, str]) -> "WrongPolicyFile":
        return cls("\n".join(f"{file}:{line}: {problem}" for line, problem in faults))


def file_text(file: Path) -> str:
    """What a file says; raises WrongPolicyFile."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WrongPolicyFile.of(file, (line, "expected UTF-8")) from None


def parsed(file: Path, text: str, parse: Callable[[str, Mapping[str, object]], _Policy]) -> _Policy:
    """A file's text by a function of its key, the name of the file, and its document.

    Raises WrongPolicyFile.
    """
    try:
        document = _document(text)
    except RecursionError:
        raise WrongPolicyFile.of(file, (1, "nested too deeply")) from None
    except ValueError as error:
        raise WrongPolicyFile.of(file, _syntax_fault(text, str(error))) from None
    try:
        return parse(file.stem, document)
    except InvalidPolicy as error:
        raise misplaced(file, text, error.wrong) from None


def misplaced(file: Path, text: str, wrong: Sequence[WrongValue]) -> WrongPolicyFile:
    """The error that tells the line of each fault."""
    statements = list(_statements(text))
    faults = sorted((_line(statements, each.path), str(each)) for each in wrong)
    return WrongPolicyFile.of(file, *faults)


def _document(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _syntax_fault(text: str, message: str) -> tuple[int, str]:
    """The line that a message of tomllib names, and the rest of it."""
    if place := re.search(r" \(at line (\d+), column \d+\)$", message):
        return int(place[1]), message[: place.start()]
    return text.count("\n") + 1, message


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
            document = _document("\n".join([*lines[:end], ""]))
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
