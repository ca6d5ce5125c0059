"""Portal policies that tests know: the five that ship, and one that was invented for them."""

import shutil
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from datasources.portal_files import read_portal, read_portals
from domain.portal import Portal

SHIPPED_FOLDER: Final = Path(__file__).parents[1] / "portals"
INVENTED: Final = Path(__file__).parent / "portals" / "aozora.toml"
SHIPPED: Final[Mapping[str, Portal]] = read_portals()
PORTALS: Final = {**SHIPPED, "aozora": read_portal(INVENTED)}


def six_portals(folder: Path) -> str:
    """The five and the invented one in a folder, for KENSHIN_PORTALS."""
    for file in [*SHIPPED_FOLDER.glob("*.toml"), INVENTED]:
        shutil.copy(file, folder)
    return str(folder)


def document() -> dict[str, Any]:
    """The invented portal as TOML decodes it, to be changed by a test."""
    return tomllib.loads(INVENTED.read_text("utf-8"))


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """That document with another value; None takes the value away."""
    whole = document()
    table: Any = whole
    for step in path[:-1]:
        table = table[step]
    if value is None:
        del table[path[-1]]
    else:
        table[path[-1]] = deepcopy(value)
    return whole
