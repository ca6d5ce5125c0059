"""What a registration refuses: each by a code and a path, with nothing done (MB-1, MB-5)."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from domain.settings import Settings
from tests.api import Api, Clock
from tests.changing import joined
from tests.registering import (
    COMPLETE,
    START,
    TEST_MAIL,
    codes,
    complete,
    everything,
    faults,
    link_token,
    messages,
    secret_answer,
    start,
    terms_in_force,
)
from tests.stories.test_hapie import EMAIL, FIELDS, PASSWORD, PORTAL

SURROGATE = (
    '{"query": %s, "variables": {"input": '
    '{"portal": "hapie", "email": "a\\ud800@example.jp", "language": "JA"}}}'
)
WRONG_ADDRESSES = {
    "taro\uff20example.jp": "FULL_WIDTH_AT",
    "taro@example\uff0ejp": "FULL_WIDTH_DOT",
    "taro@example,jp": "COMMA_FOR_DOT",
    " taro@example.jp": "STRAY_SPACE",
    "taro@example.jp\u3000": "STRAY_SPACE",
    "taro": "NO_AT",
    "taro@@example.jp": "SEVERAL_AT",
    "taro.@example.jp": "MISPLACED_DOT",
    "taro@example": "BAD_DOMAIN",
    "": "REQUIRED",
    "a" * 300 + "@example.jp": "TOO_LONG",
    "ta\u200bro@example.jp": "BAD_CHARACTER",
    "\u202etaro@example.jp": "BAD_CHARACTER",
    "\U0001f338@example.jp": "BAD_CHARACTER",
    "taro\uff11@example.jp": "FULL_WIDTH",
    "taro\0@example.jp": "BAD_CHARACTER",
}
WRONG_FIELDS: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"name": "関" * 300}, ("TOO_LONG", "name")),
    ({"name": "関西\u200b太郎"}, ("BAD_CHARACTER", "name")),
    ({"name": "\u202e関西太郎"}, ("BAD_CHARACTER", "name")),
    ({"name": "関西\U0001f338"}, ("BAD_CHARACTER", "name")),
    ({"name": ""}, ("REQUIRED", "name")),
    ({"name": "\u3000関西"}, ("STRAY_SPACE", "name")),
    ({"postalCode": "\uff15\uff13\uff17\uff10\uff10\uff10\uff11"}, ("FULL_WIDTH", "postalCode")),
    ({"postalCode": "537-001"}, ("BAD_FORM", "postalCode")),
    ({"phone": "06\u22126441\u22128821"}, ("BAD_CHARACTER", "phone")),
    ({"phone": "06-6441-882\uff11"}, ("FULL_WIDTH", "phone")),
    ({"phone": "+81664418821"}, ("BAD_CHARACTER", "phone")),
]
WRONG_ENTRIES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"loginId": "ｔaro88"}, [("FULL_WIDTH", "input.loginId")]),
    ({"loginId": "ta\u200bro8"}, [("BAD_CHARACTER", "input.loginId")]),
    ({"loginId": "t" * 300}, [("TOO_LONG", "input.loginId")]),
    ({"loginId": None}, [("REQUIRED", "input.loginId")]),
    ({"password": None}, [("REQUIRED", "input.password")]),
    ({"password": "taro88"}, [("SAME_AS_LOGIN_ID", "input.password")]),
    ({"password": "password1"}, [("BREACHED", "input.password")]),
    ({"password": "tulip\uff18\uff18"}, [("FULL_WIDTH", "input.password")]),
    ({"lastFour": "0042"}, [("NOT_ASKED", "input.lastFour")]),
    ({"idempotencyKey": ""}, [("REQUIRED", "input.idempotencyKey")]),
    ({"idempotencyKey": "k" * 201}, [("TOO_LONG", "input.idempotencyKey")]),
]
GIVEN: dict[str, Any] = {"loginId": "taro88", "password": PASSWORD}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        registrations_per_address=3,
        registration_mails_per_email=2,
        login_ids_per_person=2,
    )


@pytest.mark.parametrize(("email", "code"), WRONG_ADDRESSES.items(), ids=ascii)
async def test_a_wrong_address_is_named_exactly_and_gets_no_mail(
    api: Api, email: str, code: str
) -> None:
    assert faults(await start(api, PORTAL, email)) == [(code, "input.email")]
    assert (await everything(api.sources))["outbox"] == []


async def test_half_a_character_is_an_error_and_no_accident(api: Api) -> None:
    body = SURROGATE % orjson.dumps(START).decode()
    response = await api.client.post(
        "/graphql", content=body.encode(), headers={"content-type": "application/json"}
    )

    assert response.status_code < 500
    assert "INTERNAL" not in response.text
    assert (await everything(api.sources))["outbox"] == []


async def test_an_unknown_portal_has_no_registration(api: Api) -> None:
    assert faults(await start(api, "nowhere", EMAIL)) == [("UNKNOWN_PORTAL", "input.portal")]


@pytest.mark.parametrize(("changes", "fault"), WRONG_FIELDS, ids=ascii)
async def test_a_wrong_field_is_named_by_its_key(
    api: Api, changes: dict[str, str], fault: tuple[str, str]
) -> None:
    token = await link_token(api, PORTAL, EMAIL)
    before = await everything(api.sources)

    done = await complete(api, PORTAL, token, FIELDS | changes, **GIVEN)

    assert faults(done) == [(fault[0], f"input.fields.{fault[1]}")]
    assert await everything(api.sources) == before


@pytest.mark.parametrize(("changes", "expected"), WRONG_ENTRIES, ids=ascii)
async def test_a_wrong_entry_is_named(
    api: Api, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    token = await link_token(api, PORTAL, EMAIL)
    before = await everything(api.sources)

    assert faults(await complete(api, PORTAL, token, FIELDS, **GIVEN | changes)) == expected
    assert await everything(api.sources) == before


async def test_unknown_and_repeated_fields_are_refused(api: Api) -> None:
    token = await link_token(api, PORTAL, EMAIL)

    unknown = await complete(api, PORTAL, token, FIELDS | {"customerNumber": "C1"}, **GIVEN)
    assert faults(unknown) == [("UNKNOWN_FIELD", "input.fields")]

    given = [{"key": key, "value": value} for key, value in FIELDS.items()]
    more = {"fields": [given[0], *given], "portal": PORTAL, "token": token, "idempotencyKey": "1"}
    answer = {
        "recovery": secret_answer(api, PORTAL),
        "acceptedTerms": terms_in_force(api, PORTAL),
    }
    repeated = (await api.data(COMPLETE, input=GIVEN | more | answer))["completeRegistration"]
    assert faults(repeated) == [("REPEATED", "input.fields.1")]


async def test_a_list_that_no_form_can_have_is_not_looked_through(api: Api) -> None:
    token = await link_token(api, PORTAL, EMAIL)
    lists: dict[str, list[Any]] = {
        "fields": [{"key": "name", "value": ""}] * 101,
        "moreEmails": ["b@example.jp"] * 101,
        "acceptedTerms": [{"document": "membership", "version": "1"}] * 101,
    }
    given = GIVEN | {"portal": PORTAL, "token": token, "fields": []}
    for name, many in lists.items():
        done = (await api.data(COMPLETE, input=given | {name: many}))["completeRegistration"]
        assert faults(done) == [("TOO_MANY", f"input.{name}")]


async def test_nobody_finds_out_which_of_many_ids_are_taken(api: Api) -> None:
    await joined(api, PORTAL, "jiro88")
    token, other = [await link_token(api, PORTAL, name) for name in (EMAIL, "b@example.jp")]
    taken = GIVEN | {"loginId": "JIRO88"}
    for _ in range(2):
        told = await complete(api, PORTAL, token, FIELDS, **taken)
        assert faults(told) == [("LOGIN_ID_TAKEN", "input.loginId")]

    both = [await complete(api, PORTAL, token, FIELDS, **each) for each in (taken, GIVEN)]
    assert both[0] == both[1]
    assert codes(both[0]) == ["TOO_MANY_REQUESTS"]
    assert both[0]["userErrors"][0]["retryAt"] == "2040-06-15T12:40:00+09:00"
    assert codes(await complete(api, PORTAL, other, FIELDS, **GIVEN)) == []


async def test_a_link_works_once_in_its_portal_until_it_ends(api: Api, clock: Clock) -> None:
    """MB-1."""
    token, late = [await link_token(api, PORTAL, name) for name in (EMAIL, "b@example.jp")]
    for portal, wrong in (("denki-jtb", token), (PORTAL, "no token"), (PORTAL, "")):
        other = await complete(api, portal, wrong, FIELDS, **GIVEN)
        assert faults(other) == [("WRONG_LINK", "input.token")]
    assert codes(await complete(api, PORTAL, token, FIELDS, **GIVEN)) == []
    after = await everything(api.sources)

    more = {"loginId": "jiro88", "password": PASSWORD, "idempotencyKey": "key-2"}
    again = await complete(api, PORTAL, token, FIELDS, **more)
    assert faults(again) == [("WRONG_LINK", "input.token")]
    test_mail = await api.data(TEST_MAIL, input={"portal": PORTAL, "token": token})
    assert faults(test_mail["sendTestMail"]) == [("WRONG_LINK", "input.token")]

    clock.advance(hours=24)
    ended = await complete(api, PORTAL, late, FIELDS, **more)
    assert faults(ended) == [("WRONG_LINK", "input.token")]
    assert await everything(api.sources) == after


async def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(api: Api) -> None:
    token = await link_token(api, PORTAL, EMAIL)
    first = await complete(api, PORTAL, token, FIELDS, **GIVEN)
    after = await everything(api.sources)

    assert await complete(api, PORTAL, token, FIELDS, **GIVEN) == first
    assert await everything(api.sources) == after


async def test_one_mailbox_gets_few_mails_and_one_client_begins_few_registrations(
    api: Api,
) -> None:
    for _ in range(2):
        assert codes(await start(api, PORTAL, EMAIL)) == []
    full = await start(api, PORTAL, EMAIL.upper())
    assert codes(full) == ["TOO_MANY_MAILS"]
    assert full["userErrors"][0]["retryAt"] == "2040-06-15T12:40:00+09:00"
    many = await start(api, PORTAL, "other@example.jp")
    assert codes(many) == ["TOO_MANY_REGISTRATIONS"]
    assert many["userErrors"][0]["retryAt"] == "2040-06-15T12:30:00+09:00"
    assert len(await messages(api.sources, "REGISTRATION_LINK")) == 2
