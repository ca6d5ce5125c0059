"""Portal policy: the rules of one electricity company's portal, read from `portals/*.toml`.

Typed values only; reading the files is `datasources.portal_files`. No code asks which portal it
serves, it asks the policy for a rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from domain.calendar import shift_months
from domain.slots import TOKYO


class InvalidPolicy(ValueError):
    """A portal file breaks a rule; the message names the key, what was expected and found."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Rules of one portal."""

    key: str
    name: str
    company: str
    zone: str
    history_months: int
    "How far back usage and bills can be seen (US-1, BI-1)."
    reading_due: timedelta
    "A half hour without a value counts as MISSING this long after it ended (US-3)."

    def history_from(self, now: datetime) -> date:
        """First date that members can look at."""
        return _months_before(now.astimezone(TOKYO).date(), self.history_months)


@lru_cache
def _months_before(on: date, months: int) -> date:
    return shift_months(on, -months)


def parse_portal(key: str, document: Mapping[str, object]) -> Portal:
    """Policy from a decoded TOML document; raises InvalidPolicy."""
    known = {"name", "company", "zone", "history_months", "reading_due_minutes"}
    if unknown := sorted(document.keys() - known):
        raise InvalidPolicy(f"{unknown[0]}: unknown key; known are {', '.join(sorted(known))}")
    return Portal(
        key=key,
        name=_text(document, "name"),
        company=_text(document, "company"),
        zone=_zone(document),
        history_months=_whole(document, "history_months", 1, 120),
        reading_due=timedelta(minutes=_whole(document, "reading_due_minutes", 0, 24 * 60)),
    )


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InvalidPolicy(f"{key}: expected a text, found {value!r}")
    return value


def _whole(document: Mapping[str, object], key: str, least: int, most: int) -> int:
    value = document.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidPolicy(f"{key}: expected a whole number {least} to {most}, found {value!r}")
    return value


def _zone(document: Mapping[str, object]) -> str:
    name = _text(document, "zone")
    if name != TOKYO.key:
        raise InvalidPolicy(f"zone: usage is kept by {TOKYO.key} days, found {name!r}")
    return name
