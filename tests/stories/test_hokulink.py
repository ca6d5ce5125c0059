"""Seed page L: becoming a member of ほくリンク, at once or with a first password by postcard."""

import re
from datetime import date

import pytest

from domain.facilities import PaymentMethod
from tests.api import Api, Clock
from tests.first_logins import (
    DUTIES,
    begin,
    change_password,
    complete_profile,
    duties,
    set_keywords,
)
from tests.logging_in import ANSWER, code_of, confirm, log_in
from tests.recovering import NEW, REQUEST, REQUEST_ID, reset, token_in
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
BILLS = """{ viewer {
  profile { fields { key value } }
  bills(first: 5) { nodes { amountYen } }
} }"""
KEYWORDS = ("つばめ", "立山", "Kani 3")
PROFILE = {"nickname": "$nickname", "birthMonth": "1980-04", "sex": "NOT_TOLD"}
"A text that begins with a dollar is a text."


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


async def test_the_first_log_in_asks_for_a_password_three_keywords_and_a_profile_in_this_order(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-4, MB-7, MB-8, MB-10, MB-12."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    await world.bill(hanako.facility, date(2040, 5, 1))
    token = await link_token(api, PORTAL, EMAIL)
    await complete(api, PORTAL, token, entered(hanako), course="POSTCARD")
    (mail,) = await messages(api.sources, "LOGIN_ID", EMAIL)
    (letter,) = await messages(api.sources, "FIRST_PASSWORD")
    me = {"portal": PORTAL, "loginId": mail["values"]["login_id"]}
    first = letter["values"]["password"]

    session = await begin(api, **me, password=first)
    assert session["duties"] == ["NEW_PASSWORD", "KEYWORDS", "PROFILE"]
    here = session["accessToken"]
    assert await api.error(BILLS, here) == (
        "FORBIDDEN",
        "the first log-in is not complete: NEW_PASSWORD comes next, with changePassword",
    )
    assert codes(await complete_profile(api, here, **PROFILE)) == ["DUTY_FIRST"]
    assert codes(await set_keywords(api, here, *KEYWORDS)) == ["DUTY_FIRST"]
    assert codes(await confirm(api, here, first)) == ["DUTY_FIRST"]
    assert faults(await change_password(api, here, first, first)) == [
        ("SAME_PASSWORD", "input.newPassword")
    ]
    elsewhere = (await begin(api, **me, password=first))["accessToken"]
    assert codes(await change_password(api, here, first, PASSWORD)) == []
    assert await api.code(DUTIES, elsewhere) == "UNAUTHENTICATED"
    assert await code_of(api, **me, password=first) == "WRONG_LOGIN"

    assert await duties(api, here) == ["KEYWORDS", "PROFILE"]
    assert codes(await set_keywords(api, here, *KEYWORDS)) == ["PASSWORD_NEEDED"]
    await confirm(api, here, PASSWORD)
    assert codes(await set_keywords(api, here, *KEYWORDS[:2])) == ["WRONG_KEYWORD_COUNT"]
    kept = await set_keywords(api, here, *KEYWORDS)
    assert kept["deviceToken"]

    # On another device, months later: a keyword is asked for, and what was left to do still is.
    clock.advance(days=60)
    challenge = (await log_in(api, **me, password=PASSWORD))["challenge"]
    given = {"token": challenge["token"], "answer": KEYWORDS[challenge["position"] - 1]}
    there = (await api.data(ANSWER, input=given))["answerChallenge"]["session"]["accessToken"]
    assert await duties(api, there) == ["PROFILE"]
    wrong = PROFILE | {"nickname": "\u202eはな", "birthMonth": "1980-13", "sex": ""}
    assert faults(await complete_profile(api, there, **wrong, name="別人")) == [
        ("UNKNOWN_FIELD", "input.fields"),
        ("BAD_CHARACTER", "input.fields.nickname"),
        ("BAD_FORM", "input.fields.birthMonth"),
        ("REQUIRED", "input.fields.sex"),
    ]
    assert await api.code(BILLS, there) == "FORBIDDEN"
    same = {"portal": PORTAL, "password": PASSWORD, "loginId": me["loginId"]}
    here = (await log_in(api, **same, deviceToken=kept["deviceToken"]))["session"]["accessToken"]
    done = await complete_profile(api, there, **PROFILE)
    assert done == {"duties": [], "userErrors": []}

    for each in (here, there):
        viewer = (await api.data(BILLS, each))["viewer"]
        assert len(viewer["bills"]["nodes"]) == 1
        fields = {field["key"]: field["value"] for field in viewer["profile"]["fields"]}
        assert fields == entered(hanako) | PROFILE
    assert codes(await complete_profile(api, there, **PROFILE)) == ["NO_DUTY"]


async def test_who_has_the_customer_number_is_mailed_the_id_and_a_link_for_a_new_password(
    api: Api, world: World
) -> None:
    """MB-11."""
    hanako = await customer(world, PORTAL, last_four="0042")
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "INSTANT", "password": PASSWORD, "lastFour": "0042"}
    not_asked = await complete(
        api, PORTAL, token, entered(hanako), **given, recovery={"answer": "ポチ"}
    )
    assert faults(not_asked) == [("NOT_ASKED", "input.recovery")]
    assert codes(await complete(api, PORTAL, token, entered(hanako), **given)) == []
    (mail,) = await messages(api.sources, "LOGIN_ID", EMAIL)
    issued = mail["values"]["login_id"]
    number = {"portal": PORTAL, "customerNumber": hanako.number.lower(), "language": "JA"}

    for mutation in (REQUEST_ID, REQUEST):
        (payload,) = (await api.data(mutation, input=number)).values()
        assert codes(payload) == []
        await api.sources.afterwards.close()

    (mail,) = await messages(api.sources, "LOGIN_ID_REMINDER", EMAIL)
    assert mail["values"] == {"login_ids": issued}
    (mail,) = await messages(api.sources, "PASSWORD_RESET", EMAIL)
    assert codes(await reset(api, token_in(mail, PORTAL), portal=PORTAL)) == []
    assert await code_of(api, portal=PORTAL, loginId=issued, password=NEW) is None


async def test_the_customer_number_does_not_replace_a_first_password_by_postcard(
    api: Api, world: World
) -> None:
    """MB-7, MB-11: the postcard shows who lives at the address of the contract."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, PORTAL, EMAIL)
    assert codes(await complete(api, PORTAL, token, entered(hanako), course="POSTCARD")) == []

    number = {"portal": PORTAL, "customerNumber": hanako.number, "language": "JA"}
    await api.data(REQUEST, input=number)
    await api.sources.afterwards.close()

    assert await messages(api.sources, "PASSWORD_RESET") == []
