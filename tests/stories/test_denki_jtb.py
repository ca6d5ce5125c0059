"""Seed page J: becoming a member of でんきJTB, whose login ID is the e-mail address."""

import pytest

from tests.api import Api
from tests.changing import changing, confirm_email, emails_of, update
from tests.changing import entered as signed_in
from tests.logging_in import WHO, code_of, log_in
from tests.registering import (
    NAME,
    PASSWORD,
    PHONE,
    Customer,
    codes,
    complete,
    customer,
    faults,
    link_token,
    messages,
)
from tests.world import World

PORTAL = "denki-jtb"
EMAIL = "hanako@example.jp"


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


def entered(somebody: Customer) -> dict[str, str]:
    return {
        "customerNumber": somebody.number,
        "name": NAME,
        "kana": "ｹﾝｼﾝ ﾊﾅｺ",
        "postalCode": "160-0022",
        "address1": "東京都新宿区新宿",
        "address2": "1番1号",
        "phone": PHONE,
    }


async def test_the_address_that_the_link_went_to_is_the_login_id(api: Api, world: World) -> None:
    """MB-1, MB-3."""
    hanako = await customer(world, PORTAL)
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "INSTANT", "password": PASSWORD}

    named = await complete(api, PORTAL, token, entered(hanako), loginId="hanako", **given)
    assert faults(named) == [("NOT_ASKED", "input.loginId")]
    same = await complete(
        api, PORTAL, token, entered(hanako), course="INSTANT", password=EMAIL.upper()
    )
    assert faults(same) == [("SAME_AS_LOGIN_ID", "input.password")]

    done = await complete(api, PORTAL, token, entered(hanako), **given)

    assert done == {"state": "ACTIVE", "loginId": EMAIL, "userErrors": []}
    log_in = {"portal": PORTAL, "loginId": "Hanako@Example.jp", "password": PASSWORD}
    assert await code_of(api, **log_in) is None


async def test_a_contract_has_one_member(api: Api, world: World) -> None:
    """MB-2."""
    hanako = await customer(world, PORTAL)
    given = {"course": "INSTANT", "password": PASSWORD}
    first, second = [await link_token(api, PORTAL, f"{name}@example.jp") for name in ("a", "b")]
    assert codes(await complete(api, PORTAL, first, entered(hanako), **given)) == []

    again = await complete(api, PORTAL, second, entered(hanako), **given)

    assert faults(again) == [("CONTRACT_TAKEN", "")]
    log_in = {"portal": PORTAL, "loginId": "b@example.jp", "password": PASSWORD}
    assert await code_of(api, **log_in) == "WRONG_LOGIN"


async def test_another_address_is_confirmed_told_of_and_logged_in_with(
    api: Api, world: World
) -> None:
    """MB-13, MB-12: what the page calls changing the member's data."""
    hanako = await customer(world, PORTAL)
    link = await link_token(api, PORTAL, EMAIL)
    given = {"course": "INSTANT", "password": PASSWORD}
    assert codes(await complete(api, PORTAL, link, entered(hanako), **given)) == []
    elsewhere = (await log_in(api, portal=PORTAL, loginId=EMAIL, password=PASSWORD))["session"]
    token = await signed_in(api, PORTAL, EMAIL, PASSWORD)
    new = "hanako.new@example.jp"

    link = await changing(api, token, new)

    assert await emails_of(api, token) == [EMAIL]
    done = await confirm_email(api, link, PORTAL)
    assert done == {"sessionsEnded": True, "userErrors": []}
    told = await messages(api.sources, "EMAIL_CHANGED")
    assert sorted(mail["to"] for mail in told) == sorted([EMAIL, new])
    for session in (token, elsewhere["accessToken"]):
        assert await api.code(WHO, session) == "UNAUTHENTICATED"
    assert await code_of(api, portal=PORTAL, loginId=EMAIL, password=PASSWORD) == "WRONG_LOGIN"
    token = await signed_in(api, PORTAL, new, PASSWORD)
    assert await emails_of(api, token) == [new]

    moved = {"postalCode": "060-0001", "address1": "北海道札幌市中央区", "phone": "011-123-4567"}
    changed = await update(api, token, *moved.items())

    assert changed["supplyContract"] == "UNCHANGED"
    assert "ご契約内容は変わりません" in changed["supplyContractNote"]["ja"]
    assert changed["member"]["profile"] == {
        "name": NAME,
        "kana": "ｹﾝｼﾝ ﾊﾅｺ",
        "email": new,
        "phone": "011-123-4567",
        "fields": [
            {"key": key, "value": value} for key, value in (entered(hanako) | moved).items()
        ],
    }
    contract = await api.sources.contracts.find(PORTAL, hanako.number)
    assert contract is not None
    assert (contract.name, contract.phone) == (NAME, PHONE)
    assert contract.address == hanako.contract.address
