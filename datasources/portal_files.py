"""Portal policies from the TOML files of `portals/`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.portal import InvalidPolicy, Portal, parse_portal

_FOLDER: Final = Path(__file__).resolve().parents[1] / "portals"
"Beside the packages, in a checkout as in an installation."


def read_portals() -> Mapping[str, Portal]:
    """All portals by key; raises InvalidPolicy naming the file of a wrong one."""
    portals = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        try:
            portals[file.stem] = parse_portal(file.stem, tomllib.loads(file.read_text("utf-8")))
        except (InvalidPolicy, tomllib.TOMLDecodeError) as error:
            raise InvalidPolicy(f"portals/{file.name}: {error}") from None
    return portals
