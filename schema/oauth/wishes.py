"""What a member filled in on the consent page, and what it proposes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.calendar import shift_months
from domain.consents import Scope, Wish, WishFault, latest_end
from domain.facilities import Facility
from domain.slots import TOKYO, date_at
from resolvers.consents import WishRefused

_PROPOSED_MONTHS: Final = 12
"Back and ahead."
_MOST_DIGITS: Final = 18
"Of the number of a facility."

_FIELDS: Final = {
    WishFault.NO_FACILITY: "facilities",
    WishFault.TOO_MANY_FACILITIES: "facilities",
    WishFault.OTHER_FACILITY: "facilities",
    WishFault.NO_SCOPE: "scopes",
    WishFault.OTHER_SCOPE: "scopes",
    WishFault.TOO_FAR_BACK: "from",
    WishFault.BEGINS_LATER: "from",
    WishFault.TOO_LONG: "until",
    WishFault.ENDED: "until",
}
"Ids of the page's fields."


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of the page; days as they were written."""

    facilities: frozenset[int]
    scopes: frozenset[str]
    data_from: str
    until: str
    everywhere: bool = False
    "All places, whichever are chosen."

    def wish(self, asked: frozenset[Scope], now: datetime) -> Wish:
        """What the member wishes; raises WishRefused for what no page of ours offers.

        `until` is the last day; a consent that may last as long as any ends with the hour of that.
        """
        first, last = _day(self.data_from), _day(self.until)
        wrong = {
            WishFault.OTHER_SCOPE: not self.scopes <= asked,
            WishFault.TOO_FAR_BACK: first is None,
            WishFault.ENDED: last is None,
        }
        if first is None or last is None or any(wrong.values()):
            raise WishRefused([fault for fault, found in wrong.items() if found])
        until = _end_of(last)
        if last == date_at(latest_end(now)):
            until = min(until, latest_end(now))
        return Wish(self.facilities, frozenset(map(Scope, self.scopes)), first, until)


def given_by(form: Sequence[tuple[str, str]]) -> Given:
    """The fields of a form that was sent."""
    single = dict(form)
    numbers = (value for name, value in form if name == "facility")
    return Given(
        frozenset(int(number) if _is_number(number) else 0 for number in numbers),
        frozenset(value for name, value in form if name == "scope"),
        single.get("from", ""),
        single.get("until", ""),
        "everywhere" in single,
    )


def proposal(places: Sequence[Facility], asked: frozenset[Scope], now: datetime) -> Given:
    """What the page shows first: the scopes asked for, a year back and ahead, an only place."""
    today = date_at(now)
    only = frozenset({places[0].number}) if len(places) == 1 else frozenset()
    first = shift_months(today, -_PROPOSED_MONTHS)
    last = shift_months(today, _PROPOSED_MONTHS)
    return Given(only, frozenset(asked), first.isoformat(), last.isoformat())


def fields_of(faults: Sequence[WishFault]) -> dict[str, WishFault]:
    """The first fault of each field of the page, by its id."""
    first: dict[str, WishFault] = {}
    for fault in faults:
        first.setdefault(_FIELDS[fault], fault)
    return first


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO) + timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < date.max else None


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS
