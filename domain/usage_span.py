"""Which part of an asked span can be answered, in slots."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from domain.calendar import shift_months
from domain.errors import BadInput, RangeTooLarge
from domain.facilities import Facility
from domain.portal import Portal
from domain.slots import (
    SLOTS_PER_DAY,
    TOKYO,
    day_of_date,
    first_slot,
    slot_at,
    slot_from,
    start_of_slot,
)
from domain.usage import Resolution

_LATEST: Final = datetime(2148, 12, 31, 15, tzinfo=UTC)
"Days are stored as 16 bits; spans beyond are cut to the present anyway."
_END: Final = slot_from(_LATEST)
_MONTHS_DIFFER_BY: Final = 3
"So many days longer may a span be than the same dates some months later."

MAX_DAYS: Final[Mapping[Resolution, int]] = {Resolution.HALF_HOUR: 775, Resolution.HOUR: 1550}
"So that an answer has 37,200 points at most."
MAX_DAYS_OF_FEW_POINTS: Final = 3660
"Ten years: as far as a portal's history goes."


class AskedSpan(NamedTuple):
    """Slots ``[first, end)`` to read; those before `due_end` should have a value by now."""

    first: int
    end: int
    due_end: int

    def answered_end(self, last_present: int | None) -> int:
        """End of the answer: later slots neither have a value nor should have one (US-3)."""
        known = self.due_end if last_present is None else max(self.due_end, last_present + 1)
        return max(self.first, min(self.end, known))


def asked_span(
    start: datetime,
    end: datetime,
    resolution: Resolution,
    facility: Facility,
    portal: Portal,
    now: datetime,
) -> AskedSpan:
    """Span of a question, cut to the facility's contracts (US-1).

    Raises BadInput if it is empty, RangeTooLarge if it begins before the portal's history or is
    too long for its resolution.
    """
    if not _is_span(start, end):
        raise BadInput(f"from must be before to, found {start.isoformat()} and {end.isoformat()}")
    begins, first, last = _slots_between(start, end, supplied_slots(facility))
    opens_on = portal.history_from(now)
    if begins < first_slot(day_of_date(opens_on)):
        raise RangeTooLarge(
            f"{portal.name} shows the last {portal.history_months} months: from must not be "
            f"before {midnight(opens_on).isoformat()}, found {start.isoformat()}"
        )
    due_end = slot_at(now - portal.reading_due)
    return _limited(AskedSpan(first, last, due_end), resolution, now)


def span_before(
    start: datetime,
    end: datetime,
    months: int,
    resolution: Resolution,
    facility: Facility,
    portal: Portal,
    now: datetime,
) -> AskedSpan | None:
    """The same span some months earlier (US-6); None if it is wholly out of the portal's history.

    Raises RangeTooLarge if it is too long for its resolution, by more than months differ.
    """
    opens_at = midnight(portal.history_from(now))
    earlier_end = _earlier(end, months)
    if earlier_end <= opens_at:
        return None
    earlier_start = max(_earlier(start, months), opens_at)
    _, first, last = _slots_between(earlier_start, earlier_end, supplied_slots(facility))
    span = AskedSpan(first, last, slot_at(now - portal.reading_due))
    return _limited(span, resolution, now, spare_days=_MONTHS_DIFFER_BY)


def supplied_slots(facility: Facility) -> range:
    """Slots of a facility's contracts: usage out of them belongs to somebody else (US-1)."""
    return _slots(facility.supplied_from, facility.supplied_to)


def slots_from(first: int, slots: range) -> range:
    """Those of some slots that are not before a first one."""
    return range(max(first, slots.start), slots.stop)


@lru_cache(1000)
def _slots(start_on: date | None, end_on: date | None) -> range:
    """Slots of contracts between two dates."""
    if start_on is None:
        return range(0)
    end = _END if end_on is None else first_slot(day_of_date(end_on))
    return range(first_slot(day_of_date(start_on)), end)


def midnight(on: date) -> datetime:
    """00:00 in Tokyo."""
    return start_of_slot(first_slot(day_of_date(on))).astimezone(TOKYO)


def _earlier(instant: datetime, months: int) -> datetime:
    local = min(instant, _LATEST).astimezone(TOKYO)
    return datetime.combine(shift_months(local.date(), -months), local.timetz())


def readable_end(end: int, now: datetime) -> int:
    """End of the slots up to `end` that can have a value: readings may come a day early."""
    return min(end, slot_at(now) + SLOTS_PER_DAY)


def _limited(
    span: AskedSpan, resolution: Resolution, now: datetime, spare_days: int = 0
) -> AskedSpan:
    """The span itself; raises RangeTooLarge if what can be read of it is too long."""
    limit = MAX_DAYS.get(resolution, MAX_DAYS_OF_FEW_POINTS)
    days = -(-(readable_end(span.end, now) - span.first) // SLOTS_PER_DAY)
    if days > limit + spare_days:
        raise RangeTooLarge(
            f"{resolution} is answered for at most {limit:,} days at once, found {days:,}"
        )
    return span


@lru_cache(1000)
def _is_span(start: datetime, end: datetime) -> bool:
    """Whether there is time between; instants of different zones are slow to compare."""
    return start < end


@lru_cache(1000)
def _slots_between(start: datetime, end: datetime, supplied: range) -> tuple[int, int, int]:
    """Slot that a span begins in, and the slots ``[first, end)`` of it that were supplied."""
    first = max(min(slot_from(start), _END), supplied.start)
    last = min(slot_from(end), _END, supplied.stop)
    return slot_at(start), first, max(first, last)
