"""Seed page J: becoming a member of でんきJTB, whose login ID is the e-mail address."""

import pytest

from tests.api import Api
from tests.logging_in import code_of
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
