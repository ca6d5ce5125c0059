"""An invented portal, which needs no code: its form opens without a link."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from domain.facilities import PaymentMethod
from domain.settings import Settings
from tests.api import Api
from tests.first_logins import change_password, duties, set_keywords
from tests.logging_in import confirm, log_in
from tests.policies import INVENTED
from tests.recovering import join, recover_id, recover_password, remember
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
    """MB-1 to MB-8, MB-10."""
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
    mine = session["accessToken"]
    # What the registration has asked for and proven is no duty any more: here that is the profile.
    assert await duties(api, mine) == ["KEYWORDS", "NEW_PASSWORD"]
    await confirm(api, mine, PASSWORD)
    assert codes(await set_keywords(api, mine, "アオ", "ソラ")) == []
    assert codes(await change_password(api, mine, PASSWORD, f"{PASSWORD}6")) == []
    assert await duties(api, mine) == []
    (letter,) = await messages(api.sources, "POSTCARD_CODE")
    assert len(letter["values"]["code"].replace("-", "")) == 6
    assert codes(await confirm_code(api, mine, letter["values"]["code"])) == []


async def test_one_secret_is_the_answer_to_a_question_and_the_keyword(api: Api) -> None:
    """MB-11: each way that the policy names."""
    member = await join(api, PORTAL, "12345")
    await remember(api, member, "入道 雲", "CLOUD", "はな")
    known = {"portal": PORTAL, "email": EMAIL, "answer": "入道雲"}
    by_question = known | {"way": "SECRET_QUESTION", "question": "CLOUD"}
    by_nickname = known | {"way": "KEYWORD_AND_NICKNAME", "nickname": "はな"}

    for entered in (by_question, by_nickname):
        assert (await recover_id(api, **entered))["loginId"] == "12345"
        assert (await recover_password(api, **entered, loginId="12345"))["token"]
        assert codes(await recover_id(api, **entered | {"answer": "雨雲"})) == ["WRONG_PROOF"]
