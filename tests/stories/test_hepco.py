"""Seed page H: nobody registers with Web請求サービス, the company makes the accounts and sends them."""

import re
from datetime import date
from pathlib import Path

import pytest

from schema.nodes import node_id
from tests.api import Api, Clock
from tests.first_logins import (
    HEPCO,
    account_of,
    begin,
    change_password,
    confirm_phone,
    duties,
    import_accounts,
    postcard,
)
from tests.logging_in import code_of, confirm, fail, refresh
from tests.registering import (
    NAME,
    PASSWORD,
    PHONE,
    codes,
    complete,
    customer,
    everything,
    faults,
    link_token,
    messages,
    start,
)
from tests.stories.test_hapie import FIELDS
from tests.world import World

BILLS = "{ viewer { bills(first: 5) { nodes { amountYen } } } }"
PLACES = "{ viewer { facilities(first: 5) { totalCount } } }"
READINGS = "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { cursor } }"
CHANGE_ID = """mutation ($loginId: String!) {
  changeLoginId(input: {loginId: $loginId}) { member { loginId } userErrors { code } }
}"""
NEXT = "the first log-in is not complete: CONTRACT_PHONE comes next, with confirmContractPhone"


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def test_nobody_registers(api: Api) -> None:
    """MB-2."""
    assert faults(await start(api, HEPCO, "hanako@example.jp")) == [
        ("NO_REGISTRATION", "input.portal")
    ]

    token = await link_token(api, "hapie", "hanako@example.jp")
    before = await everything(api.sources)
    done = await complete(api, HEPCO, token, FIELDS, loginId="taro88", password="tulip88field")
    assert faults(done) == [("NO_REGISTRATION", "input.portal")]
    assert await everything(api.sources) == before


async def test_a_postcard_and_the_phone_number_of_the_contract_open_the_account(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    """MB-2, MB-3, MB-4, MB-7."""
    home, shop = [await customer(world, HEPCO) for _ in range(2)]
    await world.bill(home.facility, date(2040, 5, 1))
    told = await import_accounts(api.sources, tmp_path, account_of(home, shop))
    assert told == ["1 stored, 0 rejected"]

    (letter,) = await messages(api.sources, "ACCOUNT_POSTCARD")
    assert letter["to"].split("\n")[0] == home.contract.address.postal_code
    assert letter["to"].split("\n")[-1] == NAME
    card = await postcard(api.sources)
    assert re.fullmatch("[a-z2-9]{10}", card["loginId"])
    assert len(card["password"]) == 12
    assert await code_of(api, **card | {"password": card["password"].swapcase()}) == "WRONG_LOGIN"
    session = await begin(api, **card | {"loginId": card["loginId"].upper()})
    token = session["accessToken"]

    # Nothing of the account is shown before the phone number is.
    assert session["duties"] == session["member"]["duties"] == ["CONTRACT_PHONE"]
    assert await api.error(BILLS, token) == ("FORBIDDEN", NEXT)
    assert await api.error("{ viewer { loginId } }", token) == ("FORBIDDEN", NEXT)
    async with api.socket(token) as socket:
        await socket.subscribe("1", READINGS, ids=[node_id("Facility", home.facility.number)])
        assert await socket.error_code() == "FORBIDDEN"
    token = (await refresh(api, session["refreshToken"]))["session"]["accessToken"]
    assert await duties(api, token) == ["CONTRACT_PHONE"]

    assert faults(await confirm_phone(api, token, "")) == [("REQUIRED", "input.phone")]
    assert faults(await confirm_phone(api, token, "\uff10112345678")) == [
        ("FULL_WIDTH", "input.phone")
    ]
    wrong = [await confirm_phone(api, token, f"03-1234-56{place}9") for place in range(10)]
    assert [faults(each) for each in wrong] == [[("WRONG_PHONE", "input.phone")]] * 10
    locked = await confirm_phone(api, token, PHONE)
    assert codes(locked) == ["PHONE_LOCKED"]
    assert locked["userErrors"][0]["retryAt"] == "2040-06-16T06:00:00+09:00"
    assert await code_of(api, **card) is None
    clock.advance(hours=18)
    token = (await begin(api, **card))["accessToken"]
    assert await confirm_phone(api, token, PHONE.replace("-", "")) == {
        "duties": [],
        "userErrors": [],
    }
    assert codes(await confirm_phone(api, token, PHONE)) == ["NO_DUTY"]

    assert len((await api.data(BILLS, token))["viewer"]["bills"]["nodes"]) == 1
    assert (await api.data(PLACES, token))["viewer"]["facilities"]["totalCount"] == 2


async def test_an_account_that_was_opened_is_the_member_s_own(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    """MB-3, MB-7, MB-9, MB-14, FA-5."""
    home = await customer(world, HEPCO)
    await import_accounts(api.sources, tmp_path, account_of(home))
    card = await postcard(api.sources)
    token = (await begin(api, **card))["accessToken"]
    assert codes(await confirm_phone(api, token, PHONE)) == []

    assert codes(await confirm(api, token, card["password"])) == []
    changed = (await api.data(CHANGE_ID, token, loginId="hanako1950"))["changeLoginId"]
    assert changed == {"member": {"loginId": "hanako1950"}, "userErrors": []}
    # So is the password of the postcard, which would have ended by then.
    clock.advance(days=100)
    mine = card | {"loginId": "hanako1950"}
    session = await begin(api, **mine)
    assert session["duties"] == []
    token = session["accessToken"]
    assert codes(await change_password(api, token, card["password"], PASSWORD)) == []
    mine["password"] = PASSWORD
    assert await fail(api, 10, **mine | {"password": "wrong"}) == ["WRONG_LOGIN"] * 10
    assert await code_of(api, **mine) == "LOCKED"

    # The file comes every night, and what is new in it is added.
    before = await everything(api.sources)
    await import_accounts(api.sources, tmp_path, account_of(home))
    assert await everything(api.sources) == before
    flat = await customer(world, HEPCO)
    await import_accounts(api.sources, tmp_path, account_of(home, flat))
    assert (await api.data(PLACES, token))["viewer"]["facilities"] == {"totalCount": 2}
    assert len(await messages(api.sources, "ACCOUNT_POSTCARD")) == 1


async def test_the_password_of_a_postcard_ends_unless_the_first_log_in_is_completed(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    """MB-7."""
    home = await customer(world, HEPCO)
    await import_accounts(api.sources, tmp_path, account_of(home, language="en"))
    (letter,) = await messages(api.sources, "ACCOUNT_POSTCARD")
    assert letter["language"] == "en"
    card = await postcard(api.sources)
    session = await begin(api, **card)

    clock.advance(days=89)
    assert await duties(api, (await begin(api, **card))["accessToken"]) == ["CONTRACT_PHONE"]
    clock.advance(days=1)
    assert await code_of(api, **card) == "WRONG_LOGIN"
    assert await api.code("{ viewer { id } }", session["accessToken"]) == "UNAUTHENTICATED"
