"""Slots of the wall-clock times that files of readings are written in.

What a line looks like is in `reading_lines`, which slots are allowed in `domain.readings`.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from domain.readings import FIRST_SLOT, InvalidReading, shown, slot_starting
from domain.slots import SLOT_SECONDS, SLOTS_PER_DAY, day_of_date, slot_at

_DATE: Final = re.compile(r"(\d{4})(?:([-/])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))", re.ASCII)
_TIME: Final = re.compile(r"(\S+)[ T]+(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_SLOT: Final = timedelta(seconds=SLOT_SECONDS)
_MINUTES_PER_SLOT: Final = SLOT_SECONDS // 60
_DAYS_KEPT: Final = 4096


def read_time(text: str) -> datetime:
    """Time of a line; naive unless the text has an offset. A bare date is no time."""
    if ":" in text:
        try:
            return datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            pass
    if match := _TIME.fullmatch(text.strip()):
        on, hour, minute, second = match.groups("0")
        try:
            return datetime.combine(read_date(on), time(int(hour), int(minute), int(second)))
        except ValueError:
            pass
    raise InvalidReading(f"time must be one such as 2026-11-22 10:30, found {shown(text)}")


def read_date(text: str) -> date:
    """Date of a line: 2026/11/22, 2026-11-22 or 20261122, leading zeros optional if separated."""
    if match := _DATE.fullmatch(text.strip()):
        year, _, month, day, joined_month, joined_day = match.groups("0")
        try:
            return date(int(year), int(month) or int(joined_month), int(day) or int(joined_day))
        except ValueError:
            pass
    raise InvalidReading(f"date must be one such as 2026/11/22, found {shown(text)}")


class LocalTimes:
    """Slots of the times of one zone that may hold a reading at `now`."""

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self._zone = zone
        self._now = now
        self._last_slot = slot_at(now)
        self._midnight = lru_cache(maxsize=_DAYS_KEPT)(self._slot_of_midnight)

    def slot(self, at: datetime) -> int:
        """Slot that starts at a time; raises InvalidReading as `slot_starting` does.

        A naive time is of the zone, and refused if the zone's clocks skip it or show it twice.
        """
        if at.tzinfo is not None:
            return slot_starting(at, self._now)
        midnight = self._midnight(at.toordinal())
        half_hours, minutes = divmod(at.minute, _MINUTES_PER_SLOT)
        if midnight is not None and not (minutes or at.second or at.microsecond):
            slot = midnight + 2 * at.hour + half_hours
            if FIRST_SLOT <= slot <= self._last_slot:
                return slot
        return slot_starting(self._resolved(at), self._now)

    def _slot_of_midnight(self, ordinal: int) -> int | None:
        """First slot of a day that is plain: one offset all day, and of whole half hours."""
        midnight = datetime.fromordinal(ordinal)
        edges = (midnight, datetime.combine(midnight, time.max))
        offsets = {self._offset(edge, fold) for edge in edges for fold in (0, 1)}
        ahead, rest = divmod(offsets.pop(), _SLOT)
        if offsets or rest:
            return None
        return day_of_date(midnight) * SLOTS_PER_DAY - ahead

    def _resolved(self, at: datetime) -> datetime:
        before, after = self._offset(at, 0), self._offset(at, 1)
        if before < after:
            raise InvalidReading(f"time {at.isoformat()} does not exist in {self._zone.key}")
        if before > after:
            raise InvalidReading(f"time {at.isoformat()} is ambiguous in {self._zone.key}")
        return at.replace(tzinfo=self._zone)

    def _offset(self, at: datetime, fold: int) -> timedelta:
        # At a change of the clocks, fold 0 reads a time by the offset before it, fold 1 after it.
        return at.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta()
