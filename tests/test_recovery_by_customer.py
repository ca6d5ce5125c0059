"""Asking for a forgotten ID or password with a customer number (MB-11)."""

from dataclasses import replace
from typing import Any

import pytest

from domain.settings import Settings
from tests.api import Api
from tests.recovering import EMAIL, REQUEST, REQUEST_ID, join
from tests.registering import Customer, customer, faults, messages
from tests.world import World

PORTAL = "hokulink"
NAMES = {REQUEST: "requestPasswordReset", REQUEST_ID: "requestLoginId"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, recovery_mails_per_email=2)


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def customer_of(world: World, api: Api, member: str) -> Customer:
    """A customer who is a member."""
    somebody = await customer(world, PORTAL)

    async def work(transaction: Any) -> None:
        assert await api.sources.contracts.claim(somebody.contract.id, member, transaction)

    await api.sources.mongo.transaction(work)
    return somebody


def asked(number: str, **changes: str) -> dict[str, str]:
    return {"portal": PORTAL, "customerNumber": number, "language": "JA"} | changes


async def told(api: Api, mutation: str, given: dict[str, str]) -> list[tuple[str, str]]:
    payload = (await api.data(mutation, input=given))[NAMES[mutation]]
    await api.sources.afterwards.close()
    return faults(payload)


async def test_mail_goes_to_the_member_alone_and_the_answer_is_the_same_for_all(
    api: Api, world: World
) -> None:
    member = await join(api, PORTAL, "hanako22")
    await join(api, PORTAL, "taro2222")
    hanako = await customer_of(world, api, member)
    nobodys = await customer(world, PORTAL)
    answers = []
    for mutation in (REQUEST, REQUEST_ID, REQUEST):
        for number in (hanako.number, nobodys.number, "C999999"):
            given = {"query": mutation, "variables": {"input": asked(number)}}
            answers.append((await api.post(given)).content)
    await api.sources.afterwards.close()

    assert answers[0::3] == answers[1::3] == answers[2::3]
    assert [b"TOO_MANY_MAILS" in answer for answer in answers[0::3]] == [False, False, True]
    mails = await messages(api.sources, "PASSWORD_RESET")
    mails += await messages(api.sources, "LOGIN_ID_REMINDER")
    assert [(mail["member"], mail["to"]) for mail in mails] == [(member, EMAIL)] * 2
    assert mails[1]["values"] == {"login_ids": "hanako22"}
    assert len(await api.sources.mongo.find("outbox", {})) == 2


async def test_a_number_is_taken_where_the_policy_says_so_and_instead_of_an_address(
    api: Api, world: World
) -> None:
    for mutation in (REQUEST, REQUEST_ID):
        for given, expected in (
            (asked("C1", portal="mirai"), ("NOT_ASKED", "input.customerNumber")),
            (asked("C1", email=EMAIL), ("TOO_MANY", "input.email")),
            (asked(""), ("REQUIRED", "input.customerNumber")),
            (asked("\uff231"), ("FULL_WIDTH", "input.customerNumber")),
            (asked("1" * 300), ("TOO_LONG", "input.customerNumber")),
            ({"portal": PORTAL, "language": "EN"}, ("REQUIRED", "input.email")),
        ):
            assert await told(api, mutation, given) == [expected]
    assert await api.sources.mongo.find("outbox", {}) == []
    assert await api.sources.mongo.find("logInAddresses", {}) == []
