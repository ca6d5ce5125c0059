"""Seed page L: becoming a member of ほくリンク, at once or with a first password by postcard."""

import re

import pytest

from domain.facilities import PaymentMethod
from tests.api import Api, Clock
from tests.logging_in import code_of
from tests.registering import (
    NAME,
    PASSWORD,
    Customer,
    codes,
    complete,
    customer,
    everything,
    faults,
    link_token,
    messages,
)
from tests.world import World

PORTAL = "hokulink"
EMAIL = "hanako@example.jp"


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


def entered(somebody: Customer, **changes: str) -> dict[str, str]:
    return {
        "holder": "PERSON",
        "name": "検針\u3000花子",
        "kana": "ケンシンハナコ",
        "customerNumber": somebody.number,
        "postalCode": "1600022",
        "address1": "東京都新宿区新宿",
        "address2": "１番１号",
        "phone": "0312345678",
        "contractUse": "HOME",
        "familySize": "3",
    } | changes


async def test_the_instant_course_asks_for_the_last_four_digits_and_mails_the_id(
    api: Api, world: World
) -> None:
    """MB-1, MB-3, MB-7."""
    hanako = await customer(world, PORTAL, last_four="0042")
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "INSTANT", "password": PASSWORD}

    missing = await complete(api, PORTAL, token, entered(hanako), **given)
    assert faults(missing) == [("REQUIRED", "input.lastFour")]
    wrong = await complete(api, PORTAL, token, entered(hanako), lastFour="0043", **given)
    assert faults(wrong) == [("NO_MATCH", "")]
    full_width = await complete(api, PORTAL, token, entered(hanako), lastFour="\uff10042", **given)
    assert faults(full_width) == [("FULL_WIDTH", "input.lastFour")]

    done = await complete(api, PORTAL, token, entered(hanako), lastFour="0042", **given)

    assert done == {"state": "ACTIVE", "loginId": None, "userErrors": []}
    (mail,) = await messages(api.sources, "LOGIN_ID", EMAIL)
    issued = mail["values"]["login_id"]
    assert re.fullmatch("[a-z2-9]{10}", issued)
    log_in = {"portal": PORTAL, "password": PASSWORD}
    assert await code_of(api, loginId=issued, **log_in) is None
    assert await code_of(api, loginId=issued.upper(), **log_in) is None


async def test_an_id_and_a_password_that_the_portal_gives_are_not_taken(
    api: Api, world: World
) -> None:
    """MB-3, MB-7."""
    hanako = await customer(world, PORTAL, last_four="0042")
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(
        api,
        PORTAL,
        token,
        entered(hanako),
        course="POSTCARD",
        loginId="hanako",
        password=PASSWORD,
        lastFour="0042",
    )

    assert faults(done) == [
        ("NOT_ASKED", "input.loginId"),
        ("NOT_ASKED", "input.password"),
        ("NOT_ASKED", "input.lastFour"),
    ]


async def test_the_normal_course_sends_a_first_password_by_postcard_which_ends(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-7."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(api, PORTAL, token, entered(hanako), course="POSTCARD")

    assert done == {"state": "ACTIVE", "loginId": None, "userErrors": []}
    (mail,) = await messages(api.sources, "LOGIN_ID", EMAIL)
    (letter,) = await messages(api.sources, "FIRST_PASSWORD")
    assert letter["to"].split("\n")[-1] == NAME
    assert letter["to"].split("\n")[0] == hanako.contract.address.postal_code
    log_in = {
        "portal": PORTAL,
        "loginId": mail["values"]["login_id"],
        "password": letter["values"]["password"],
    }
    assert len(log_in["password"]) == 12
    assert await code_of(api, **log_in) is None
    assert await code_of(api, **log_in | {"password": log_in["password"].lower()}) == "WRONG_LOGIN"

    clock.advance(days=30)
    assert await code_of(api, **log_in) == "WRONG_LOGIN"


async def test_ten_wrong_entries_lock_the_proof_of_a_customer_number_whoever_sends_them(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-7: four digits could be guessed."""
    hanako = await customer(world, PORTAL, last_four="0042")
    tokens = [await link_token(api, PORTAL, f"{name}@example.jp") for name in ("a", "b")]
    before = await everything(api.sources)
    given = {"course": "INSTANT", "password": PASSWORD}

    for attempt in range(10):
        token = tokens[attempt % 2]
        wrong = await complete(
            api, PORTAL, token, entered(hanako), lastFour=f"{attempt:04}", **given
        )
        assert codes(wrong) == ["NO_MATCH"]

    locked = await complete(api, PORTAL, tokens[0], entered(hanako), lastFour="0042", **given)
    assert codes(locked) == ["PROOF_LOCKED"]
    assert locked["userErrors"][0]["retryAt"] == "2040-06-16T06:00:00+09:00"
    assert await everything(api.sources) == before
    nobody = entered(hanako) | {"customerNumber": "C999999"}
    for _ in range(10):
        await complete(api, PORTAL, tokens[0], nobody, lastFour="0042", **given)
    unknown = await complete(api, PORTAL, tokens[0], nobody, lastFour="0042", **given)
    assert unknown == locked

    clock.advance(hours=20)
    done = await complete(api, PORTAL, tokens[0], entered(hanako), lastFour="0042", **given)
    assert codes(done) == []
