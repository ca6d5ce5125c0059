"""Seed page M: becoming a member of みらいサイト, by customer number or by postcard."""

from datetime import date

import pytest

from domain.facilities import PaymentMethod
from tests.api import Api, Clock
from tests.logging_in import code_of, log_in
from tests.recovering import NEW, recover_id, recover_password, reset
from tests.registering import (
    NAME,
    PASSWORD,
    PHONE,
    Customer,
    codes,
    complete,
    confirm_code,
    customer,
    everything,
    faults,
    link_token,
    messages,
    reissue,
)
from tests.world import World

PORTAL = "mirai"
EMAIL = "hanako@example.jp"
LOGIN_ID = "Hanako_2040"
SEEN = """{ viewer { state profile { name email phone } facilities(first: 5) { nodes {
  customerNumber
  bills(first: 5) { totalCount }
  usage(from: "2040-06-01T00:00:00+09:00", to: "2040-06-02T00:00:00+09:00") { totalKwh }
} } } }"""
PLACES = "{ viewer { state facilities(first: 5) { nodes { customerNumber } } } }"
LOG_IN = {"portal": PORTAL, "loginId": LOGIN_ID, "password": PASSWORD}


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


def entered(somebody: Customer, **changes: str) -> dict[str, str]:
    return {"customerNumber": somebody.number, "name": NAME, "phone": PHONE} | changes


async def by_card(world: World) -> Customer:
    """A customer who pays by card, with usage and bills of a facility that nobody has claimed."""
    hanako = await customer(world, PORTAL)
    await world.use(hanako.facility, date(2040, 6, 1), days=2)
    await world.bill(hanako.facility, date(2040, 5, 1))
    return hanako


async def test_a_customer_registers_and_sees_usage_and_bills_at_once(
    api: Api, world: World
) -> None:
    """MB-1, MB-2, MB-3, MB-4, MB-7."""
    hanako = await by_card(world)
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(
        api, PORTAL, token, entered(hanako), course="INSTANT", loginId=LOGIN_ID, password=PASSWORD
    )

    assert done == {"state": "ACTIVE", "loginId": LOGIN_ID, "userErrors": []}
    session = (await log_in(api, **LOG_IN))["session"]
    viewer = (await api.data(SEEN, session["accessToken"]))["viewer"]
    assert viewer["profile"] == {"name": NAME, "email": EMAIL, "phone": PHONE}
    (place,) = viewer["facilities"]["nodes"]
    assert place["customerNumber"] == hanako.number
    assert place["bills"] == {"totalCount": 1}
    assert place["usage"]["totalKwh"] > 0
    assert len(await messages(api.sources, "REGISTERED", EMAIL)) == 1


async def test_width_spaces_and_hyphens_are_forgiven_and_content_is_not(
    api: Api, world: World
) -> None:
    """MB-7."""
    hanako = await by_card(world)
    token = await link_token(api, PORTAL, EMAIL)
    before = await everything(api.sources)
    given = {"course": "INSTANT", "loginId": LOGIN_ID, "password": PASSWORD}
    wrong = [
        entered(hanako, name="検針 花代"),
        entered(hanako, phone="03-1234-5679"),
        entered(hanako, customerNumber="C-999999"),
    ]

    for fields in wrong:
        assert faults(await complete(api, PORTAL, token, fields, **given)) == [("NO_MATCH", "")]
    assert await everything(api.sources) == before

    alike = entered(
        hanako, name="検針\u3000花子", phone="0312345678", customerNumber=hanako.number.lower()
    )
    assert codes(await complete(api, PORTAL, token, alike, **given)) == []


async def test_only_contracts_of_low_voltage_can_be_registered(api: Api, world: World) -> None:
    """MB-2."""
    factory = await customer(world, PORTAL, voltage=6_000)
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(
        api, PORTAL, token, entered(factory), course="INSTANT", loginId=LOGIN_ID, password=PASSWORD
    )

    assert codes(done) == ["NOT_LOW_VOLTAGE"]
    assert await code_of(api, **LOG_IN) == "WRONG_LOGIN"


async def test_who_has_the_address_of_a_member_is_told_so_by_mail_alone(
    api: Api, world: World
) -> None:
    """MB-5: one address is one member; the answer does not tell that there is one."""
    hanako, taro = await by_card(world), await customer(world, PORTAL)
    first, second = [await link_token(api, PORTAL, EMAIL) for _ in range(2)]
    given = {"course": "INSTANT", "loginId": LOGIN_ID, "password": PASSWORD}
    await complete(api, PORTAL, first, entered(hanako), **given)

    other = await complete(api, PORTAL, second, entered(taro), **given | {"loginId": "Taro-2040"})
    assert codes(other) == ["EMAIL_TAKEN"]

    links = len(await messages(api.sources, "REGISTRATION_LINK"))
    data = await api.data(
        """mutation {
          known: startRegistration(input: {portal: "mirai", email: "HANAKO@example.jp", language: EN}) {
            token userErrors { code } }
          unknown: startRegistration(input: {portal: "mirai", email: "new@example.jp", language: EN}) {
            token userErrors { code } }
        }"""
    )
    assert data["known"] == data["unknown"] == {"token": None, "userErrors": []}
    assert len(await messages(api.sources, "ALREADY_MEMBER", "HANAKO@example.jp")) == 1
    assert len(await messages(api.sources, "REGISTRATION_LINK")) == links + 1


async def test_who_pays_by_payment_slip_sees_usage_and_bills_after_the_code_of_a_postcard(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-7, MB-8."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    await world.use(hanako.facility, date(2040, 6, 1), days=2)
    await world.bill(hanako.facility, date(2040, 5, 1))
    token = await link_token(api, PORTAL, EMAIL)
    given = {"loginId": LOGIN_ID, "password": PASSWORD}

    instant = await complete(api, PORTAL, token, entered(hanako), course="INSTANT", **given)
    assert faults(instant) == [("NOT_YOUR_COURSE", "input.course")]

    done = await complete(api, PORTAL, token, entered(hanako), course="POSTCARD", **given)
    assert done == {"state": "POSTCARD_IN_TRANSIT", "loginId": LOGIN_ID, "userErrors": []}

    mine = (await log_in(api, **LOG_IN))["session"]["accessToken"]
    assert (await api.data(PLACES, mine))["viewer"] == {
        "state": "POSTCARD_IN_TRANSIT",
        "facilities": {"nodes": [{"customerNumber": hanako.number}]},
    }
    answer = await api.ask(SEEN, mine)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"POSTCARD_IN_TRANSIT"}
    assert answer["data"] == {"viewer": None}

    (letter,) = await messages(api.sources, "POSTCARD_CODE")
    assert letter["to"].split("\n")[0] == hanako.contract.address.postal_code
    assert letter["to"].split("\n")[-1] == NAME
    assert codes(await confirm_code(api, mine, "AAAA-AAAA")) == ["WRONG_CODE"]

    other = (await log_in(api, **LOG_IN))["session"]["accessToken"]
    typed = letter["values"]["code"].lower().replace("-", " ")
    assert codes(await confirm_code(api, mine, typed)) == []
    for opened in (mine, other):
        viewer = (await api.data(SEEN, opened))["viewer"]
        assert viewer["state"] == "ACTIVE"
        assert viewer["facilities"]["nodes"][0]["bills"] == {"totalCount": 1}
    assert codes(await confirm_code(api, mine, typed)) == ["NO_POSTCARD"]


async def test_a_lost_or_expired_code_is_replaced_and_then_dead(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-8."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "POSTCARD", "loginId": LOGIN_ID, "password": PASSWORD}
    await complete(api, PORTAL, token, entered(hanako), **given)
    mine = (await log_in(api, **LOG_IN))["session"]["accessToken"]
    (first,) = await messages(api.sources, "POSTCARD_CODE")

    early = await reissue(api, mine)
    assert codes(early) == ["REISSUED_LATELY"]
    assert early["userErrors"][0]["retryAt"] == "2040-06-16T12:10:00+09:00"

    clock.advance(days=30)
    mine = (await log_in(api, **LOG_IN))["session"]["accessToken"]
    assert codes(await confirm_code(api, mine, first["values"]["code"])) == ["CODE_ENDED"]
    assert codes(await reissue(api, mine)) == []
    second = (await messages(api.sources, "POSTCARD_CODE"))[-1]
    assert codes(await confirm_code(api, mine, first["values"]["code"])) == ["WRONG_CODE"]
    assert codes(await confirm_code(api, mine, second["values"]["code"])) == []
    assert (await api.data(PLACES, mine))["viewer"]["state"] == "ACTIVE"


async def test_wrong_codes_are_limited_like_wrong_passwords_and_lock_nothing_else(
    api: Api, world: World
) -> None:
    """MB-8, MB-9."""
    hanako = await customer(world, PORTAL, payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "POSTCARD", "loginId": LOGIN_ID, "password": PASSWORD}
    await complete(api, PORTAL, token, entered(hanako), **given)
    mine = (await log_in(api, **LOG_IN))["session"]["accessToken"]
    (letter,) = await messages(api.sources, "POSTCARD_CODE")

    wrong = [codes(await confirm_code(api, mine, "AAAA-AAAA")) for _ in range(10)]

    assert wrong == [["WRONG_CODE"]] * 10
    locked = await confirm_code(api, mine, letter["values"]["code"])
    assert codes(locked) == ["CODE_LOCKED"]
    assert locked["userErrors"][0]["retryAt"] == "2040-06-16T06:00:00+09:00"
    assert await code_of(api, **LOG_IN) is None


async def test_id_and_password_come_back_by_the_secret_question(api: Api, world: World) -> None:
    """MB-11: first the ID, then a new password."""
    hanako = await by_card(world)
    token = await link_token(api, PORTAL, EMAIL)
    given = {"course": "INSTANT", "loginId": LOGIN_ID, "password": PASSWORD}
    for answer, fault in (
        (None, ("REQUIRED", "input.recovery")),
        ({"answer": "東小学校"}, ("REQUIRED", "input.recovery.question")),
        ({"question": "SCHOOL", "answer": ""}, ("REQUIRED", "input.recovery.answer")),
    ):
        form = given | {"recovery": answer}
        assert faults(await complete(api, PORTAL, token, entered(hanako), **form)) == [fault]
    recovery = {"question": "SCHOOL", "answer": "東 小学校"}
    form = given | {"recovery": recovery}
    assert codes(await complete(api, PORTAL, token, entered(hanako), **form)) == []
    before = (await log_in(api, **LOG_IN))["session"]["accessToken"]

    known = {
        "portal": PORTAL,
        "way": "SECRET_QUESTION",
        "email": EMAIL.upper(),
        "question": "SCHOOL",
        "answer": "東小学校",
    }
    assert codes(await recover_id(api, **known | {"answer": "西小学校"})) == ["WRONG_PROOF"]
    assert await recover_id(api, **known) == {"loginId": LOGIN_ID, "userErrors": []}
    (mail,) = await messages(api.sources, "LOGIN_ID_REMINDER", EMAIL)
    assert mail["values"] == {"login_ids": LOGIN_ID}

    may = await recover_password(api, **known, loginId=LOGIN_ID)
    assert codes(await reset(api, may["token"], portal=PORTAL)) == []

    ended = await api.ask(PLACES, before)
    assert [error["extensions"]["code"] for error in ended["errors"]] == ["UNAUTHENTICATED"]
    assert await code_of(api, **LOG_IN) == "WRONG_LOGIN"
    assert await code_of(api, **LOG_IN | {"password": NEW}) is None
    assert len(await messages(api.sources, "PASSWORD_CHANGED", EMAIL)) == 1
