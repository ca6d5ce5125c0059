"""The household of a Python peer that holds prebuilt rows, out of the file that PEER_HOME names."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from domain.readings import Quality
from domain.slots import TOKYO, slot_at, start_of_slot

_SLOT: Final = timedelta(minutes=30)
_QUALITIES: Final = tuple(Quality)


class HalfHour(NamedTuple):
    start_at: datetime
    end_at: datetime
    kwh: float | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class Home:
    """A member's token and facility, and its usage from slot `first` on."""

    token: str
    member: str
    facility: str
    first: int
    half_hours: tuple[HalfHour, ...]

    @property
    def members(self) -> Mapping[str | None, str]:
        """Members by the value of the `authorization` header."""
        return {f"Bearer {self.token}": self.member}

    def places(self, start: datetime, end: datetime) -> slice:
        """Where the half hours of a span are."""
        return slice(slot_at(start) - self.first, slot_at(end) - self.first)


def read_home() -> Home:
    home = json.loads(Path(os.environ["PEER_HOME"]).read_bytes())
    rows = half_hours(home["first"], home["wh"], home["quality"])
    return Home(home["token"], home["member"], home["facility"], home["first"], tuple(rows))


def half_hours(first: int, wh: list[int], qualities: list[int]) -> Iterator[HalfHour]:
    """Consecutive half hours out of columns of equal length."""
    start_at = start_of_slot(first).astimezone(TOKYO)
    for used, quality in zip(wh, qualities, strict=True):
        end_at = start_at + _SLOT
        kwh = used / 1000 if quality else None
        yield HalfHour(start_at, end_at, kwh, _QUALITIES[quality])
        start_at = end_at
