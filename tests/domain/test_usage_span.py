"""Which part of an asked span is answered: history, contracts, and what should be known by now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput, RangeTooLarge
from domain.facilities import ContractKind
from domain.slots import TOKYO, day_of_date, first_slot, slot_at, start_of_slot
from domain.usage import Resolution
from domain.usage_span import AskedSpan, asked_span, supplied_slots
from tests.domain.spans_given import ALWAYS, NOW, PORTAL, Term, asked, at, before, facility, slots

DAY = at("2026-11-22T00:00"), at("2026-11-23T00:00")
WEEK = at("2026-10-31T00:00"), at("2026-11-08T00:00")


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        pytest.param(
            "2026-11-22T00:00", "2026-11-23T00:00", "2026-11-22T00:00", "2026-11-23T00:00", id="day"
        ),
        pytest.param(
            "2026-11-21T15:00:00Z",
            "2026-11-22T15:00:00Z",
            "2026-11-22T00:00",
            "2026-11-23T00:00",
            id="the same day in UTC",
        ),
        pytest.param(
            "2026-11-21T20:45:00+05:45",
            "2026-11-22T20:45:00+05:45",
            "2026-11-22T00:00",
            "2026-11-23T00:00",
            id="the same day in Kathmandu",
        ),
        pytest.param(
            "2026-11-22T10:00:00+05:45",
            "2026-11-22T11:00:00+05:45",
            "2026-11-22T13:30",
            "2026-11-22T14:30",
            id="hours of Kathmandu, quarter past in Tokyo",
        ),
        pytest.param(
            "2026-11-22T10:00",
            "2026-11-22T10:00:01",
            "2026-11-22T10:00",
            "2026-11-22T10:30",
            id="a second from the start of a half hour",
        ),
        pytest.param(
            "2026-11-22T10:01",
            "2026-11-22T10:29",
            "2026-11-22T10:30",
            "2026-11-22T10:30",
            id="no half hour starts within",
        ),
        pytest.param(
            "2026-11-22T09:40",
            "2026-11-22T10:10",
            "2026-11-22T10:00",
            "2026-11-22T10:30",
            id="up to now: the running half hour",
        ),
        pytest.param(
            "2027-11-22T00:00",
            "2028-11-22T00:00",
            "2027-11-22T00:00",
            "2028-11-22T00:00",
            id="in the future",
        ),
    ],
)
def test_half_hours_that_start_in_the_asked_span_are_read(
    start: str, end: str, first: str, last: str
) -> None:
    assert asked(start, end) == slots(first, last)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (
            "2026-11-22T10:00",
            "2026-11-22T10:00",
            "from must be before to, found 2026-11-22T10:00:00+09:00 and 2026-11-22T10:00:00+09:00",
        ),
        (
            "2026-11-22T10:00",
            "2026-11-22T00:59:59Z",
            "from must be before to, found 2026-11-22T10:00:00+09:00 and 2026-11-22T00:59:59+00:00",
        ),
    ],
)
def test_a_span_that_does_not_begin_before_it_ends_is_refused(
    start: str, end: str, message: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        asked(start, end)
    assert (refusal.value.code, str(refusal.value)) == ("BAD_INPUT", message)


@pytest.mark.parametrize(
    "start", ["2024-11-22T00:00", "2024-11-21T15:00:00Z", "2024-11-21T20:45:00+05:45"]
)
def test_the_midnight_that_opens_the_history_may_be_asked_for(start: str) -> None:
    """US-1: 24 months."""
    assert asked(start, "2024-11-22T01:00") == slots("2024-11-22T00:00", "2024-11-22T01:00")


@pytest.mark.parametrize(
    "start", ["2024-11-21T23:59:59", "2024-11-21T14:59:59Z", "0001-01-01T00:00:00Z"]
)
def test_a_second_before_the_history_is_refused_with_its_limit(start: str) -> None:
    """US-1."""
    with pytest.raises(RangeTooLarge) as refusal:
        asked(start, "2026-11-22T00:00")
    assert refusal.value.code == "RANGE_TOO_LARGE"
    assert str(refusal.value) == (
        "みらいサイト shows the last 24 months: from must not be before "
        f"2024-11-22T00:00:00+09:00, found {at(start).isoformat()}"
    )


def test_the_history_moves_on_at_tokyo_midnight() -> None:
    start, end = "2024-11-22T00:00", "2024-11-23T00:00"
    assert asked(start, end, now=at("2026-11-22T23:59:59")) == slots(start, end)
    with pytest.raises(RangeTooLarge, match=r"before 2024-11-23T00:00:00\+09:00, found"):
        asked(start, end, now=at("2026-11-22T15:00:00Z"))


@pytest.mark.parametrize(
    ("terms", "first", "last"),
    [
        pytest.param(
            [(date(2020, 1, 1), None)], "2026-03-01T12:00", "2026-06-01T12:00", id="open on both"
        ),
        pytest.param(
            [(date(2026, 4, 1), None)], "2026-04-01T00:00", "2026-06-01T12:00", id="began within"
        ),
        pytest.param(
            [(date(2020, 1, 1), date(2026, 5, 1))],
            "2026-03-01T12:00",
            "2026-05-01T00:00",
            id="ended within",
        ),
        pytest.param(
            [(date(2026, 4, 1), date(2026, 4, 15)), (date(2026, 4, 15), date(2026, 5, 1))],
            "2026-04-01T00:00",
            "2026-05-01T00:00",
            id="two contracts in a row",
        ),
        pytest.param(
            [(date(2020, 1, 1), date(2026, 4, 1)), (date(2026, 4, 1), None)],
            "2026-03-01T12:00",
            "2026-06-01T12:00",
            id="the last one is open",
        ),
        pytest.param(
            [(date(2020, 1, 1), date(2025, 1, 1))],
            "2026-03-01T12:00",
            "2026-03-01T12:00",
            id="ended before",
        ),
        pytest.param(
            [(date(2026, 7, 1), None)], "2026-07-01T00:00", "2026-07-01T00:00", id="begins after"
        ),
    ],
)
def test_a_span_is_cut_to_the_time_under_contract(terms: list[Term], first: str, last: str) -> None:
    """US-1: not before the contract."""
    found = asked("2026-03-01T12:00", "2026-06-01T12:00", facility(*terms))
    assert found == slots(first, last)


@pytest.mark.parametrize(
    ("terms", "end"),
    [
        pytest.param([(date(2026, 4, 1), date(2026, 5, 1))], "2026-05-01T00:00", id="ended"),
        pytest.param([(date(2026, 4, 1), None)], "2149-01-01T00:00", id="open"),
        pytest.param(
            [(date(2026, 5, 1), date(2026, 6, 1)), (date(2026, 4, 1), date(2026, 5, 1))],
            "2026-06-01T00:00",
            id="two, in any order",
        ),
    ],
)
def test_supplied_slots_run_from_the_first_contract_to_the_end_of_the_last(
    terms: list[Term], end: str
) -> None:
    """US-1."""
    assert supplied_slots(facility(*terms)) == range(*slots("2026-04-01T00:00", end))


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59"])
def test_the_last_instant_that_can_be_written_may_be_asked_for(end: str) -> None:
    latest = slot_at(at("2149-01-01T00:00"))
    assert asked("2026-11-22T00:00", end) == (slot_at(at("2026-11-22T00:00")), latest)
    assert asked("9000-01-01T00:00", end) == (latest, latest)
    span = before("2026-11-22T00:00", end, 12)
    assert span is not None
    assert span[0] == slot_at(at("2025-11-22T00:00"))


@pytest.mark.parametrize(
    ("now", "due_end"),
    [
        pytest.param("2026-11-22T11:29:59", "2026-11-22T09:30", id="a second before it is due"),
        pytest.param("2026-11-22T11:30", "2026-11-22T10:00", id="90 minutes after its end"),
        pytest.param("2026-11-22T11:59:59", "2026-11-22T10:00", id="until the next one is due"),
        pytest.param("2026-11-22T12:00", "2026-11-22T10:30", id="the next one is due"),
    ],
)
def test_a_half_hour_is_due_so_long_after_it_ended(now: str, due_end: str) -> None:
    """US-3: the portal says how long."""
    span = asked_span(*DAY, Resolution.DAY, ALWAYS, PORTAL, at(now))
    assert span.due_end == slot_at(at(due_end))


@pytest.mark.parametrize(
    ("span", "last_present", "end"),
    [
        pytest.param(AskedSpan(10, 20, 15), None, 15, id="what is due"),
        pytest.param(AskedSpan(10, 20, 15), 12, 15, id="a gap up to what is due"),
        pytest.param(AskedSpan(10, 20, 15), 14, 15, id="all that is due"),
        pytest.param(AskedSpan(10, 20, 15), 15, 16, id="one came early"),
        pytest.param(AskedSpan(10, 20, 15), 19, 20, id="all came early"),
        pytest.param(AskedSpan(10, 20, 99), None, 20, id="all in the past"),
        pytest.param(AskedSpan(10, 20, 5), None, 10, id="all in the future"),
        pytest.param(AskedSpan(10, 20, 5), 11, 12, id="nothing due, one came"),
        pytest.param(AskedSpan(10, 10, 99), None, 10, id="an empty span"),
    ],
)
def test_an_answer_ends_with_what_has_a_value_or_should_have_one(
    span: AskedSpan, last_present: int | None, end: int
) -> None:
    """US-3: a gap is MISSING, but the future is not a gap."""
    assert span.answered_end(last_present) == end


NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
INSTANTS = st.builds(
    lambda seconds, zone: (NOVEMBER + timedelta(seconds=seconds)).astimezone(zone),
    st.integers(0, 4 * 24 * 3600),
    st.sampled_from([UTC, TOKYO, timezone(timedelta(hours=5, minutes=45))]),
)
DATES = st.dates(date(2026, 10, 31), date(2026, 11, 6))


@given(start=INSTANTS, end=INSTANTS, started_on=DATES, ended_on=st.none() | DATES)
def test_a_half_hour_is_read_if_it_starts_in_the_span_on_a_day_under_contract(
    start: datetime, end: datetime, started_on: date, ended_on: date | None
) -> None:
    """US-1."""
    if start >= end:
        with pytest.raises(BadInput):
            asked_span(start, end, Resolution.DAY, ALWAYS, PORTAL, NOW)
        return
    of = facility((started_on, ended_on))
    span = asked_span(start, end, Resolution.DAY, of, PORTAL, NOW)
    around = range(first_slot(day_of_date(date(2026, 10, 30))), slot_at(at("2026-11-08T00:00")))
    expected = [
        slot
        for slot in around
        if start <= start_of_slot(slot) < end
        and started_on <= start_of_slot(slot).astimezone(TOKYO).date()
        and (ended_on is None or start_of_slot(slot).astimezone(TOKYO).date() < ended_on)
    ]
    assert list(range(span.first, span.end)) == expected


@given(now=INSTANTS)
def test_the_last_due_half_hour_ended_long_enough_ago_and_the_next_did_not(now: datetime) -> None:
    """US-3."""
    span = asked_span(*WEEK, Resolution.DAY, ALWAYS, PORTAL, now)
    assert start_of_slot(span.due_end) + PORTAL.reading_due <= now
    assert start_of_slot(span.due_end + 1) + PORTAL.reading_due > now


def test_a_gas_contract_opens_no_electricity_usage() -> None:
    """US-1: only what electricity was contracted for is the member's."""
    only_gas = replace(ALWAYS, contracts=(replace(ALWAYS.contracts[0], kind=ContractKind.GAS),))
    day = slots("2026-11-20T00:00", "2026-11-21T00:00")
    assert asked("2026-11-20T00:00", "2026-11-21T00:00", only_gas) == (day[0], day[0])
    assert supplied_slots(only_gas) == range(0)


def test_an_earlier_gas_contract_does_not_open_usage_before_the_electricity_contract() -> None:
    """US-1."""
    moved_in = facility((date(2026, 10, 1), None))
    gas = replace(moved_in.contracts[0], kind=ContractKind.GAS, start_on=date(2025, 1, 1))
    both = replace(moved_in, contracts=(gas, *moved_in.contracts))
    assert supplied_slots(both) == supplied_slots(moved_in)
