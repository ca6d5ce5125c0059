"""Consents: what a member may wish for, and when one ends by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.consent_texts import scopes_text
from domain.consents import (
    MOST_FACILITIES,
    UNUSED,
    App,
    AppGrant,
    Consent,
    ConsentEnd,
    Scope,
    Wish,
    WishFault,
    earliest_day,
    latest_end,
    wish_faults,
)
from domain.outbox import Language

NOW = datetime(2040, 2, 29, 14, 59, 59, tzinfo=UTC)
"One second before midnight in Tokyo, on a day that few years have."
SECOND = timedelta(seconds=1)
APP = App(
    id="app-example",
    name="例",
    redirect_uris=("https://app.example/callback",),
    public=True,
    scopes=frozenset({Scope.USAGE_READ, Scope.BILLS_READ}),
    grants=frozenset({AppGrant.AUTHORIZATION_CODE}),
    origins=(),
    documents_only=False,
    website="",
    contact="",
    created_at=NOW,
)
OWN = frozenset(range(1, MOST_FACILITIES + 2))
GOOD = Wish(frozenset({1}), frozenset({Scope.USAGE_READ}), date(2040, 2, 29), NOW + SECOND)
CONSENT = Consent(
    id="c",
    app=APP.id,
    member="m",
    portal="denki-jtb",
    facilities=frozenset({1}),
    scopes=frozenset({Scope.USAGE_READ}),
    data_from=date(2039, 1, 1),
    until=NOW + timedelta(days=1000),
    given_at=NOW,
    used_at=NOW,
)


def test_a_consent_reaches_24_months_back_in_days_of_tokyo() -> None:
    assert earliest_day(NOW) == date(2038, 2, 28)
    assert earliest_day(NOW + SECOND) == date(2038, 3, 1)


def test_a_consent_lasts_for_three_years_at_most() -> None:
    assert latest_end(NOW) == datetime(2043, 2, 28, 14, 59, 59, tzinfo=UTC)
    assert latest_end(NOW + SECOND) == datetime(2043, 2, 28, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"facilities": frozenset()}, WishFault.NO_FACILITY),
        ({"facilities": frozenset(range(1, MOST_FACILITIES + 1))}, None),
        ({"facilities": OWN}, WishFault.TOO_MANY_FACILITIES),
        ({"facilities": frozenset({1, 5000})}, WishFault.OTHER_FACILITY),
        ({"scopes": frozenset()}, WishFault.NO_SCOPE),
        ({"scopes": APP.scopes}, None),
        ({"scopes": frozenset({Scope.PROFILE_READ})}, WishFault.OTHER_SCOPE),
        ({"data_from": date(2038, 2, 28)}, None),
        ({"data_from": date(2038, 2, 27)}, WishFault.TOO_FAR_BACK),
        ({"data_from": date(2040, 3, 1)}, WishFault.BEGINS_LATER),
        ({"until": latest_end(NOW)}, None),
        ({"until": latest_end(NOW) + SECOND}, WishFault.TOO_LONG),
        ({"until": NOW}, WishFault.ENDED),
    ],
)
def test_a_wish_is_judged_field_by_field(
    change: dict[str, object], fault: WishFault | None
) -> None:
    found = wish_faults(replace(GOOD, **change), APP, OWN, NOW)  # type: ignore[arg-type]
    assert found == ([] if fault is None else [fault])


def test_all_faults_of_a_wish_are_told_at_once() -> None:
    wrong = Wish(frozenset(), frozenset(), date(2030, 1, 1), NOW)
    assert wish_faults(wrong, APP, OWN, NOW) == [
        WishFault.NO_FACILITY,
        WishFault.NO_SCOPE,
        WishFault.TOO_FAR_BACK,
        WishFault.ENDED,
    ]


@pytest.mark.parametrize(
    ("consent", "after", "end", "ended_at"),
    [
        (CONSENT, UNUSED - SECOND, None, None),
        (CONSENT, UNUSED, ConsentEnd.LAPSED, NOW + UNUSED),
        (replace(CONSENT, used_at=NOW + SECOND), UNUSED, None, None),
        (replace(CONSENT, until=NOW + SECOND), timedelta(0), None, None),
        (replace(CONSENT, until=NOW + SECOND), SECOND, ConsentEnd.EXPIRED, NOW + SECOND),
        (
            replace(CONSENT, end=ConsentEnd.WITHDRAWN, ended_at=NOW),
            timedelta(days=2000),
            ConsentEnd.WITHDRAWN,
            NOW,
        ),
    ],
)
def test_a_consent_ends_by_time_where_nobody_ended_it(
    consent: Consent, after: timedelta, end: ConsentEnd | None, ended_at: datetime | None
) -> None:
    assert consent.end_by(NOW + after) is end
    assert consent.ended_by(NOW + after) == ended_at


def test_every_scope_has_its_words_in_both_languages() -> None:
    for language in Language:
        words = scopes_text(Scope, language)
        assert len(set(words.split("／" if language is Language.JA else "; "))) == len(Scope)
    given = [Scope.BILLS_READ, Scope.USAGE_READ]
    assert scopes_text(given, Language.JA) == (
        "30分ごとのご使用量と検針結果／請求金額、明細とお支払い状況"
    )
