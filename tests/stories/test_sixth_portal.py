"""An invented portal, which needs no code: its form opens without a link."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from domain.facilities import PaymentMethod
from domain.settings import Settings
from tests.api import Api
from tests.logging_in import log_in
from tests.policies import INVENTED
from tests.registering import (
    codes,
    complete,
    confirm_code,
    customer,
    faults,
    messages,
    start,
)
from tests.world import World

PORTAL = "aozora"
EMAIL = "hanako@example.jp"
PASSWORD = "blue sky".replace(" ", "-") + "-5"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    shutil.copy(INVENTED, tmp_path / f"{PORTAL}.toml")
    return replace(settings, portals=str(tmp_path))


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def test_a_member_comes_of_a_policy_alone(api: Api, world: World) -> None:
    """MB-1 to MB-8."""
    hanako = await customer(
        world, PORTAL, customer_number="000077", payment_method=PaymentMethod.PAYMENT_SLIP
    )
    begun = await start(api, PORTAL, EMAIL)
    token = begun["token"]
    assert token
    assert await messages(api.sources, "REGISTRATION_LINK") == []
    fields = {
        "kana": "ケンシン\u3000ハナコ",
        "postalCode": hanako.contract.address.postal_code,
        "customerNumber": "000077",
        "mobile": "090-1234-5678",
        "nickname": "花",
    }
    given = {"course": "POSTCARD", "loginId": "12345", "password": PASSWORD}

    wrong = await complete(api, PORTAL, token, fields | {"nickname": ""}, **given)
    assert faults(wrong) == [("REQUIRED", "input.fields.nickname")]
    done = await complete(api, PORTAL, token, fields, **given)

    assert done == {"state": "POSTCARD_IN_TRANSIT", "loginId": "12345", "userErrors": []}
    session = (await log_in(api, portal=PORTAL, loginId="12345", password=PASSWORD))["session"]
    (letter,) = await messages(api.sources, "POSTCARD_CODE")
    assert len(letter["values"]["code"].replace("-", "")) == 6
    assert codes(await confirm_code(api, session["accessToken"], letter["values"]["code"])) == []
