"""What nobody learns of registrations: who is a member or a customer, and what was entered."""

import logging
from typing import Any

import pytest
import structlog

from domain.facilities import PaymentMethod
from tests.api import Api, CommandLog
from tests.logging_in import log_in
from tests.registering import (
    NAME,
    PASSWORD,
    PHONE,
    codes,
    complete,
    confirm_code,
    customer,
    link_token,
    messages,
    start,
)
from tests.stories import test_hokulink as hokulink
from tests.stories import test_mirai as mirai
from tests.world import World

GIVEN = {"loginId": mirai.LOGIN_ID, "password": PASSWORD}


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def commands_of(commands: CommandLog, asking: Any) -> tuple[Any, list[str]]:
    """An answer, and the commands that were sent to MongoDB for it; those of tasks are left out."""
    commands.names.clear()
    answer = await asking
    names = {"insert", "update", "commitTransaction", "delete", "findAndModify"}
    return answer, [name for name in commands.names if name in names]


async def test_an_address_with_a_member_costs_and_answers_the_same_as_any_other(
    api: Api, world: World, commands: CommandLog
) -> None:
    """MB-5, MB-9."""
    hanako = await customer(world, "mirai")
    token = await link_token(api, "mirai", mirai.EMAIL)
    fields = mirai.entered(hanako)
    assert codes(await complete(api, "mirai", token, fields, course="INSTANT", **GIVEN)) == []

    known = await commands_of(commands, start(api, "mirai", mirai.EMAIL))
    unknown = await commands_of(commands, start(api, "mirai", "nobody@example.jp"))

    assert known == unknown
    assert known[1].count("insert") == 2


async def test_a_customer_number_that_exists_costs_and_answers_the_same_as_any_other(
    api: Api, world: World, commands: CommandLog
) -> None:
    """MB-7."""
    hanako = await customer(world, "hokulink", last_four="0042")
    token = await link_token(api, "hokulink", "a@example.jp")
    given: dict[str, Any] = {"course": "INSTANT", "password": PASSWORD, "lastFour": "0043"}
    fields = hokulink.entered(hanako)

    there = await commands_of(commands, complete(api, "hokulink", token, fields, **given))
    absent = await commands_of(
        commands,
        complete(api, "hokulink", token, fields | {"customerNumber": "C999999"}, **given),
    )

    assert codes(there[0]) == ["NO_MATCH"]
    assert there == absent


async def test_secrets_are_kept_as_hashes_and_none_is_logged(
    api: Api, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), structlog.testing.capture_logs() as logs:
        hanako = await customer(world, "mirai", payment_method=PaymentMethod.PAYMENT_SLIP)
        token = await link_token(api, "mirai", mirai.EMAIL)
        fields = mirai.entered(hanako)
        await complete(api, "mirai", token, fields, course="POSTCARD", **GIVEN)
        mine = (await log_in(api, **mirai.LOG_IN))["session"]["accessToken"]
        (letter,) = await messages(api.sources, "POSTCARD_CODE")
        code = letter["values"]["code"]
        await confirm_code(api, mine, "AAAA-AAAA")
        names = ("members", "registrations", "postcards", "supplyContracts", "logInAttempts")
        kept = repr([await api.sources.mongo[name].find().to_list(None) for name in names])
        assert codes(await confirm_code(api, mine, code)) == []

    said = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    written = repr((logs, said))
    assert "request" in written
    secrets = [token, code, code.replace("-", ""), PASSWORD, mine]
    assert [text for text in secrets if text in kept] == []
    personal = [mirai.EMAIL, NAME, PHONE, hanako.number, mirai.LOGIN_ID]
    assert [text for text in [*secrets, *personal] if text in written] == []
