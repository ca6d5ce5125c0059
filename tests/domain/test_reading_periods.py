"""Reading calendars: what overlaps what."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.facilities import ContractKind, ReadingPeriod
from domain.reading_periods import overlapped, overlaps

DAY_0 = date(2026, 10, 1)


def period(start: int, end: int, facility: int = 1) -> ReadingPeriod:
    days = timedelta(days=start), timedelta(days=end)
    return ReadingPeriod(facility, DAY_0 + days[0], DAY_0 + days[1], DAY_0 + days[1], 0, 0, 0)


OCTOBER, NOVEMBER = period(0, 31), period(31, 61)
PERIODS = st.builds(
    lambda start, days, facility: period(start, start + days, facility),
    st.integers(0, 20),
    st.integers(1, 8),
    st.integers(1, 2),
)


def test_periods_that_follow_on_each_other_do_not_overlap() -> None:
    assert overlapped({}, [OCTOBER, NOVEMBER]) == {}


def test_a_known_period_told_again_is_corrected_not_refused() -> None:
    longer = period(0, 30)
    assert overlapped({(1, OCTOBER.kind): [OCTOBER, NOVEMBER]}, [longer]) == {}


def test_a_correction_that_reaches_into_the_next_period_is_refused() -> None:
    longer = period(0, 32)
    assert overlapped({(1, OCTOBER.kind): [OCTOBER, NOVEMBER]}, [longer]) == {0: NOVEMBER}


def test_what_is_refused_is_in_nobodys_way() -> None:
    assert overlapped({(1, OCTOBER.kind): [OCTOBER]}, [period(30, 62), NOVEMBER]) == {0: OCTOBER}


def test_another_facility_and_another_kind_have_calendars_of_their_own() -> None:
    gas = replace(period(5, 36), kind=ContractKind.GAS)
    assert overlapped({(1, OCTOBER.kind): [OCTOBER]}, [gas, period(5, 36, facility=2)]) == {}


@given(st.lists(PERIODS, max_size=8), st.lists(PERIODS, max_size=8))
def test_whatever_is_told_no_two_periods_of_a_meter_overlap(
    before: list[ReadingPeriod], new: list[ReadingPeriod]
) -> None:
    stored: dict[tuple[int, date], ReadingPeriod] = {}
    for told in (before, new):
        known: dict[tuple[int, ContractKind], list[ReadingPeriod]] = {}
        for one in stored.values():
            known.setdefault((one.facility, one.kind), []).append(one)
        refused = overlapped(known, told)
        stored |= {
            (one.facility, one.start_on): one
            for place, one in enumerate(told)
            if place not in refused
        }
        assert all(overlaps(told[place], other) for place, other in refused.items())
    pairs = combinations(stored.values(), 2)
    assert not any(one.facility == other.facility and overlaps(one, other) for one, other in pairs)
