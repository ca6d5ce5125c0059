"""Which part of an asked span can be answered, in slots."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.calendar import shift_months
from domain.errors import BadInput, RangeTooLarge
from domain.facilities import Facility
from domain.portal import Portal
from domain.slots import TOKYO, day_of_date, first_slot, slot_at, slot_from, start_of_slot

_LATEST: Final = datetime(2149, 1, 1, tzinfo=TOKYO)
"Days are stored as 16 bits; spans beyond are cut to the present anyway."


@dataclass(frozen=True, slots=True)
class AskedSpan:
    """Slots ``[first, end)`` to read; those before `due_end` should have a value by now."""

    first: int
    end: int
    due_end: int

    def answered_end(self, last_present: int | None) -> int:
        """End of the answer: later slots neither have a value nor should have one (US-3)."""
        known = self.due_end if last_present is None else max(self.due_end, last_present + 1)
        return max(self.first, min(self.end, known))


def asked_span(
    start: datetime, end: datetime, facility: Facility, portal: Portal, now: datetime
) -> AskedSpan:
    """Span of a question, cut to the facility's contracts (US-1).

    Raises BadInput if it is empty, RangeTooLarge if it begins before the portal's history.
    """
    if start >= end:
        raise BadInput(f"from must be before to, found {start.isoformat()} and {end.isoformat()}")
    opens_on = portal.history_from(now)
    if start < midnight(opens_on):
        raise RangeTooLarge(
            f"{portal.name} shows the last {portal.history_months} months: from must not be "
            f"before {midnight(opens_on).isoformat()}, found {start.isoformat()}"
        )
    return _cut(start, end, facility, portal, now)


def span_before(
    start: datetime, end: datetime, months: int, facility: Facility, portal: Portal, now: datetime
) -> AskedSpan | None:
    """The same span some months earlier (US-6); None if it is wholly out of the portal's history."""
    opens_at = midnight(portal.history_from(now))
    earlier_end = _earlier(end, months)
    if earlier_end <= opens_at:
        return None
    return _cut(max(_earlier(start, months), opens_at), earlier_end, facility, portal, now)


def supplied_slots(facility: Facility) -> range:
    """Slots of a facility's contracts: usage out of them belongs to somebody else (US-1)."""
    if facility.supplied_from is None:
        return range(0)
    end = slot_from(_LATEST)
    if facility.supplied_to is not None:
        end = first_slot(day_of_date(facility.supplied_to))
    return range(first_slot(day_of_date(facility.supplied_from)), end)


def midnight(on: date) -> datetime:
    """00:00 in Tokyo."""
    return start_of_slot(first_slot(day_of_date(on))).astimezone(TOKYO)


def _earlier(instant: datetime, months: int) -> datetime:
    local = min(instant, _LATEST).astimezone(TOKYO)
    return datetime.combine(shift_months(local.date(), -months), local.timetz())


def _cut(
    start: datetime, end: datetime, facility: Facility, portal: Portal, now: datetime
) -> AskedSpan:
    supplied = supplied_slots(facility)
    first = max(slot_from(min(start, _LATEST)), supplied.start)
    last = min(slot_from(min(end, _LATEST)), supplied.stop)
    return AskedSpan(first, max(first, last), slot_at(now - portal.reading_due))
