"""Changing the profile, and which mails are wanted (MB-12, MB-14)."""

import asyncio

import pytest

from tests.api import Api
from tests.changing import joined, prefer, update
from tests.logging_in import code_in, log_in
from tests.registering import everything, faults
from tests.world import World

FIELDS = "{ viewer { profile { name kana phone fields { key value } } } }"
RULES = '{ portal(key: "denki-jtb") { profile { fields { key changeable } } } }'
PREFERENCES = "{ viewer { mailPreferences { topic wanted label { ja } } } }"


@pytest.fixture
async def taro(api: Api) -> str:
    """Access token of a member of a portal that asks for either of two phone numbers."""
    await joined(api, "hapie", "taro88", "taro@example.jp")
    session = (await log_in(api, portal="hapie", loginId="taro88"))["session"]
    token: str = session["accessToken"]
    return token


async def test_all_that_is_wrong_is_named_at_once_and_nothing_is_changed(
    api: Api, taro: str
) -> None:
    before = await everything(api.sources)

    done = await update(
        api,
        taro,
        ("name", "Taro"),
        ("postalCode", "537\u20100001"),
        ("phone", ""),
        ("nickname", "あ" * 300),
        ("nickname", "\u202eたろう"),
        ("shoeSize", "26"),
    )

    assert faults(done) == [
        ("REPEATED", "input.fields.4"),
        ("UNKNOWN_FIELD", "input.fields"),
        ("HALF_WIDTH", "input.fields.name"),
        ("BAD_CHARACTER", "input.fields.postalCode"),
        ("BAD_CHARACTER", "input.fields.nickname"),
        ("REQUIRED", "input.fields.phone"),
    ]
    assert (done["member"], done["supplyContract"], done["supplyContractNote"]) == (None,) * 3
    many = await update(api, taro, *[("nickname", "")] * 101)
    assert faults(many) == [("TOO_MANY", "input.fields")]
    many = await prefer(api, taro, *[("BILL", True)] * 101)
    assert faults(many) == [("TOO_MANY", "input.preferences")]
    assert await everything(api.sources) == before


async def test_the_number_of_the_contract_stays(api: Api, world: World) -> None:
    """MB-12: the profile is never the contract."""
    number = ("customerNumber", "C000001")

    rules = (await api.data(RULES))["portal"]["profile"]["fields"]
    assert [rule["key"] for rule in rules if not rule["changeable"]] == ["customerNumber"]

    done = await update(api, world.alice.token, number, ("name", "有栖"))
    assert faults(done) == [("NOT_CHANGEABLE", "input.fields.customerNumber")]
    assert (await api.data(FIELDS, world.alice.token))["viewer"]["profile"]["fields"] == []

    await api.sources.mongo["members"].update_one(
        {"_id": world.alice.member}, {"$set": {"fields.customerNumber": "C000001"}}
    )
    assert faults(await update(api, world.alice.token, number, ("name", "有栖"))) == []


async def test_two_changes_at_once_leave_one_of_two_numbers(api: Api, taro: str) -> None:
    numbers = (("phone", "06-6441-8821"), ("mobile", "090-1234-5678"))
    assert code_in(await update(api, taro, *numbers)) is None

    done = await asyncio.gather(*(update(api, taro, (key, "")) for key, _ in numbers))

    assert sorted(faults(payload) for payload in done) == [
        [],
        [("REQUIRED", "input.fields.phone")],
    ]
    profile = (await api.data(FIELDS, taro))["viewer"]["profile"]
    assert len(profile["fields"]) == 1


async def test_what_others_change_at_the_same_time_is_not_lost(api: Api, taro: str) -> None:
    changes = (("nickname", "たろう"), ("address2", "中ノ島1-2-22"), ("name", "関西太郎"))

    done = await asyncio.gather(*(update(api, taro, change) for change in changes))

    assert [code_in(payload) for payload in done] == [None] * 3
    profile = (await api.data(FIELDS, taro))["viewer"]["profile"]
    assert {(each["key"], each["value"]) for each in profile["fields"]} == set(changes)


async def test_only_the_members_own_mails_are_switched(api: Api, taro: str) -> None:
    """NO-3: at once."""
    wrong = await prefer(api, taro, ("BILL", True), ("READING", False), ("BILL", False))
    assert faults(wrong) == [("REPEATED", "input.preferences.2")]

    done = await prefer(api, taro, ("BILL", True), ("READING", False))

    assert done["member"]["mailPreferences"] == [
        {"topic": "READING", "wanted": False},
        {"topic": "BILL", "wanted": True},
        {"topic": "ADVERTISING", "wanted": False},
    ]
    assert code_in(await prefer(api, taro, ("READING", True))) is None
    found = (await api.data(PREFERENCES, taro))["viewer"]["mailPreferences"]
    assert [each["wanted"] for each in found] == [True, True, False]
    assert code_in(await prefer(api, taro)) is None


async def test_a_portal_has_only_its_own_kinds_of_mail(api: Api, world: World) -> None:
    """NO-1: H sends no mail about meter readings."""
    done = await prefer(api, world.carol.token, ("BILL", True), ("READING", True))

    assert faults(done) == [("NO_SUCH_MAIL_KIND", "input.preferences.1")]
    assert (await api.data(PREFERENCES, world.carol.token))["viewer"]["mailPreferences"] == [
        {"topic": "BILL", "wanted": False, "label": {"ja": "請求情報のお知らせ"}}
    ]


async def test_nobody_changes_nothing(api: Api) -> None:
    assert code_in(await update(api, None, ("name", "関西太郎"))) == "NOT_LOGGED_IN"
    assert code_in(await prefer(api, None, ("BILL", True))) == "NOT_LOGGED_IN"
