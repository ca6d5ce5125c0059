"""How much JavaScript a browser may have to fetch for a page, as it travels."""

import gzip
import re
from pathlib import Path
from typing import Final

_SCRIPT: Final = re.compile(r"[\w.-]+\.js")


def compressed_kb(*files: Path) -> float:
    """kB (10^3 bytes) of files, each compressed by gzip as a server does it once for all."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) / 1000


def scripts_of(page: Path, assets: Path) -> set[Path]:
    """Those that a page loads, at once or later, and those that they load in turn."""
    found: set[Path] = set()
    todo = [page]
    while todo:
        named = {assets / name for name in _SCRIPT.findall(todo.pop().read_text("utf-8"))}
        new = {file for file in named - found if file.is_file()}
        found |= new
        todo += new
    return found
