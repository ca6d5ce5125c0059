"""The reading calendar: no two periods of a meter overlap (FA-3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.facilities import ContractKind, ReadingPeriod

Meter = tuple[int, ContractKind]
"A facility and what is measured there."


def meter_of(period: ReadingPeriod) -> Meter:
    return period.facility, period.kind


def overlaps(one: ReadingPeriod, other: ReadingPeriod) -> bool:
    """Whether both hold a day of the same meter. The same start is the same period, told again."""
    return (
        one.start_on != other.start_on
        and one.start_on < other.end_on
        and other.start_on < one.end_on
    )


def overlapped(
    known: Mapping[Meter, Sequence[ReadingPeriod]], new: Sequence[ReadingPeriod]
) -> dict[int, ReadingPeriod]:
    """Places of new periods that overlap a known one, or a new one before them, with that one."""
    calendars = {meter: {one.start_on: one for one in told} for meter, told in known.items()}
    refused: dict[int, ReadingPeriod] = {}
    for place, period in enumerate(new):
        calendar = calendars.setdefault(meter_of(period), {})
        in_the_way = next(_in_the_way(calendar.values(), period), None)
        if in_the_way is None:
            calendar[period.start_on] = period
        else:
            refused[place] = in_the_way
    return refused


def _in_the_way(
    calendar: Iterable[ReadingPeriod], period: ReadingPeriod
) -> Iterator[ReadingPeriod]:
    return (other for other in calendar if overlaps(other, period))
