"""Half-hour slots and Tokyo days as plain integers, and the ways between them and instants.

A *slot* is the number of half hours since 1970-01-01T00:00Z; slot ``s`` spans ``[s, s + 1)``.
A *day* is the number of Tokyo days since 1970-01-01; it holds ``SLOTS_PER_DAY`` slots. Tokyo has kept
+09:00 without daylight saving since 1952, so every day has the same length.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

TOKYO: Final = ZoneInfo("Asia/Tokyo")
SLOT_SECONDS: Final = 1800
SLOTS_PER_DAY: Final = 48
DAYS_PER_WEEK: Final = 7
FIRST_WEEKDAY: Final = 3
"Weekday of day 0, counted from Monday: 1970-01-01 was a Thursday."

_TOKYO_OFFSET_SLOTS: Final = 18
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_SLOT: Final = timedelta(seconds=SLOT_SECONDS)
_DAY_SECONDS: Final = 86_400
_KEPT_STARTS: Final = 4096


def slot_at(instant: datetime) -> int:
    """Number of the slot that holds the instant."""
    return _whole_slots(instant - _EPOCH)


def slot_from(instant: datetime) -> int:
    """Number of the first slot that starts at the instant or after it."""
    return -_whole_slots(_EPOCH - instant)


def _whole_slots(duration: timedelta) -> int:
    """The same as `duration // _SLOT`, which takes four times as long."""
    return (duration.days * _DAY_SECONDS + duration.seconds) // SLOT_SECONDS


@lru_cache(_KEPT_STARTS)
def start_of_slot(slot: int) -> datetime:
    """Start of a slot, in UTC."""
    return _EPOCH + slot * _SLOT


def day_of_slot(slot: int) -> int:
    """Number of the Tokyo day that holds the slot."""
    return (slot + _TOKYO_OFFSET_SLOTS) // SLOTS_PER_DAY


def slot_of_day(slot: int) -> int:
    """Place of a slot in its Tokyo day, 0 to 47."""
    return (slot + _TOKYO_OFFSET_SLOTS) % SLOTS_PER_DAY


def first_slot(day: int) -> int:
    """Slot that starts at 00:00 of a Tokyo day."""
    return day * SLOTS_PER_DAY - _TOKYO_OFFSET_SLOTS


def day_of_date(on: date) -> int:
    """Number of a Tokyo calendar date."""
    return on.toordinal() - _EPOCH_ORDINAL


def date_of_day(day: int) -> date:
    """Calendar date of a Tokyo day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


def date_at(instant: datetime) -> date:
    """Tokyo date at an instant."""
    return instant.astimezone(TOKYO).date()


def day_at(instant: datetime) -> int:
    """Number of the Tokyo day that holds the instant."""
    return day_of_slot(slot_at(instant))
