"""Terms of use: which version holds, when a change counts as accepted, what a policy may say."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.policy_tables import InvalidPolicy, read_table
from domain.profile_form import Label
from domain.slots import TOKYO
from domain.terms import (
    Acceptance,
    TermsChange,
    TermsDocument,
    TermsRecord,
    TermsVersion,
    terms_of,
)

LABEL = Label("規約", "Terms")
FIRST = TermsVersion("1", date(2030, 1, 1), LABEL)
SECOND = TermsVersion("2", date(2030, 5, 1), LABEL)
THIRD = TermsVersion("3", date(2030, 9, 1), LABEL)
BY_TIME = TermsDocument("membership", LABEL, TermsChange.AFTER_NOTICE, (FIRST, SECOND, THIRD), 1)
BY_USE = TermsDocument("points", LABEL, TermsChange.BY_USE, (FIRST, SECOND, THIRD))


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("at", "current", "coming"),
    [
        ("2029-12-31T23:59:59.999", None, [FIRST, SECOND, THIRD]),
        ("2030-01-01T00:00", FIRST, [SECOND, THIRD]),
        ("2030-04-30T23:59:59.999", FIRST, [SECOND, THIRD]),
        ("2030-05-01T00:00", SECOND, [THIRD]),
        ("2031-01-01T00:00", THIRD, []),
    ],
)
def test_a_version_holds_from_its_midnight_in_tokyo_until_the_next_one(
    at: str, current: TermsVersion | None, coming: list[TermsVersion]
) -> None:
    """MB-19."""
    now = tokyo(at).astimezone(UTC)
    assert BY_TIME.current(now) == current
    assert list(BY_TIME.coming(now)) == coming
    assert list(BY_TIME.acceptable(now)) == ([current] if current else []) + coming


@pytest.mark.parametrize(
    ("told", "months", "deemed"),
    [
        ("2030-04-01T00:00", 1, "2030-05-02T00:00"),
        ("2030-04-15T23:59:59", 1, "2030-05-16T00:00"),
        ("2030-01-31T12:00", 1, "2030-03-01T00:00"),
        ("2030-11-30T12:00", 3, "2031-03-01T00:00"),
        ("2030-12-31T12:00", 12, "2032-01-01T00:00"),
    ],
)
def test_silence_counts_with_the_end_of_the_day_a_month_after_the_notice(
    told: str, months: int, deemed: str
) -> None:
    """MB-19."""
    document = replace(BY_TIME, notice_months=months)
    assert document.deemed_from(SECOND, tokyo(told).astimezone(UTC)) == tokyo(deemed)


@pytest.mark.parametrize(
    ("told", "counts"),
    [("2030-04-01T12:00", "2030-05-01T00:00"), ("2030-06-01T12:00", "2030-06-01T12:00")],
)
def test_use_counts_from_the_start_or_from_a_later_notice(told: str, counts: str) -> None:
    """MB-19."""
    assert BY_USE.deemed_from(SECOND, tokyo(told)) == tokyo(counts)


def test_a_member_sees_what_holds_what_comes_and_what_was_accepted() -> None:
    accepted = TermsRecord("membership", "1", None, None, tokyo("2030-02-01"), Acceptance.EXPLICIT)
    told = TermsRecord("membership", "2", tokyo("2030-04-01"), tokyo("2030-05-02"))
    unknown = TermsRecord("gone", "1", None, None, tokyo("2030-02-01"), Acceptance.EXPLICIT)

    found = terms_of([BY_TIME], [accepted, told, unknown], tokyo("2030-05-01T12:00"))

    assert [(each.version.version, each.record) for each in found] == [
        ("1", accepted),
        ("2", told),
        ("3", TermsRecord("membership", "3")),
    ]


def test_a_version_that_was_never_accepted_is_not_shown_once_it_is_replaced() -> None:
    told = TermsRecord("membership", "1", tokyo("2030-02-01"))
    found = terms_of([BY_TIME], [told], tokyo("2030-05-01"))
    assert [each.version.version for each in found] == ["2", "3"]


def test_time_counts_before_anybody_has_written_it_down_but_use_does_not() -> None:
    at = tokyo("2030-05-02")
    for document, expected in ((BY_TIME, (None, at, Acceptance.AFTER_NOTICE)), (BY_USE, None)):
        told = TermsRecord(document.key, "2", tokyo("2030-04-01"), at)
        for now, accepted in ((at - timedelta(seconds=1), None), (at, expected)):
            record = terms_of([document], [told], now)[0].record
            seen = (record.deemed_from, record.accepted_at, record.acceptance)
            assert seen == (accepted or (at, None, None))


VERSIONS = [
    {"version": "1", "starts_on": date(2030, 1, 1), "text": {"ja": "一", "en": "One"}},
    {"version": "2", "starts_on": date(2030, 5, 1), "text": {"ja": "二", "en": "Two"}},
]
POLICY = {
    "key": "membership",
    "label": {"ja": "規約", "en": "Terms"},
    "change": "AFTER_NOTICE",
    "notice_months": 1,
    "versions": VERSIONS,
}
VERSION = {"version": "3", "starts_on": date(2030, 9, 1), "text": {"ja": "三", "en": "Three"}}


def test_a_document_is_read_from_its_table() -> None:
    read = read_table(TermsDocument, POLICY)
    assert [version.starts_on for version in read.versions] == [date(2030, 1, 1), date(2030, 5, 1)]
    assert read.versions[1].text == Label("二", "Two")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"versions": []}, "versions: expected one or more, found none"),
        (
            {"versions": [*VERSIONS, VERSION | {"version": "1"}]},
            "versions[2]: 1 stands there already",
        ),
        (
            {"versions": [*VERSIONS, VERSION | {"starts_on": date(2030, 5, 1)}]},
            "versions[2].starts_on: expected a date after 2030-05-01, found 2030-05-01",
        ),
        (
            {"versions": [VERSION | {"starts_on": "soon"}]},
            "versions[0].starts_on: expected a date like 2026-04-01, found 'soon'",
        ),
        (
            {"versions": [VERSION | {"version": "a/b"}]},
            "versions[0].version: expected a name like 2026-04, found 'a/b'",
        ),
        ({"change": "BY_USE"}, "notice_months: expected with change AFTER_NOTICE and no other"),
        ({"notice_months": 0}, "notice_months: expected a whole number 1 to 12, found 0"),
    ],
)
def test_a_wrong_table_is_told_by_place_and_expectation(
    changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        read_table(TermsDocument, {**POLICY, **changes})
    assert str(caught.value) == problem
