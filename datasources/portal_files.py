"""Portal policies from the TOML files of `portals/`."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from datasources.plan_files import read_plan_book
from datasources.policy_files import (
    POLICY_FOLDER,
    WrongPolicyFile,
    file_text,
    misplaced,
    parsed,
)
from domain.policy_tables import WrongValue
from domain.portal import Portal, parse_portal
from domain.tariff.plans import Plan

_KEPT: Final = 32
"Of more portals than a deployment has."


def read_portals(folder: str = "") -> Mapping[str, Portal]:
    """All portals of a folder, or those that ship, by key; raises WrongPolicyFile."""
    where = Path(folder) if folder else POLICY_FOLDER
    files = sorted(where.glob("*.toml"))
    if not files:
        raise WrongPolicyFile(f"{where}: expected a folder with portal files")
    plans = read_plan_book(str(where)).plans
    return {file.stem: _with_plans(file, plans) for file in files}


def read_portal(file: Path) -> Portal:
    """The policy in a file, whose name is the portal's key; raises WrongPolicyFile.

    The plans that it opens are those beside it, or those that ship.
    """
    return _with_plans(file, read_plan_book(str(file.parent)).plans)


def _with_plans(file: Path, known: Mapping[str, Plan]) -> Portal:
    text = file_text(file)
    portal = _portal(file, text)
    unknown = [
        WrongValue(("billing", "plans", place), f"no plan {key}; there are {', '.join(known)}")
        for place, key in enumerate(portal.billing.plans)
        if key not in known
    ]
    if unknown:
        raise misplaced(file, text, unknown)
    return portal


@lru_cache(_KEPT)
def _portal(file: Path, text: str) -> Portal:
    """A file's policy, kept since every command checks all files before it opens what it works on."""
    return parsed(file, text, parse_portal)
