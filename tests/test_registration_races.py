"""Registrations in the same instant: one wins, the other gets a user error, nothing is half-done."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.facilities import PaymentMethod
from domain.readings import Direction
from domain.settings import Settings
from domain.slots import TOKYO
from resolvers.imports import Import, RecordKind
from tests import registering
from tests.api import Api, Clock
from tests.logging_in import code_of, log_in
from tests.registering import (
    codes,
    complete,
    confirm_code,
    customer,
    link_token,
    messages,
    reissue,
)
from tests.stories import test_denki_jtb as jtb
from tests.stories import test_mirai as mirai
from tests.stories.test_hapie import FIELDS, PASSWORD, PORTAL
from tests.test_import_records import write
from tests.world import World


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, database_timeout_seconds=15.0)


async def test_two_people_who_want_one_id(api: Api) -> None:
    """MB-3."""
    tokens = [await link_token(api, PORTAL, f"{name}@example.jp") for name in "abcd"]

    done = await asyncio.gather(
        *(
            complete(api, PORTAL, token, FIELDS, loginId=login_id, password=PASSWORD)
            for token, login_id in zip(
                tokens, ("taro88", "TARO88", "Taro88", "taro88"), strict=True
            )
        )
    )

    assert sorted(map(codes, done)) == [[], *[["LOGIN_ID_TAKEN"]] * 3]
    assert await api.sources.mongo["members"].count_documents({}) == 1
    assert len(await messages(api.sources, "REGISTERED")) == 1
    loser = codes(done[0]) != []
    token = tokens[0] if loser else tokens[1]
    assert (
        codes(await complete(api, PORTAL, token, FIELDS, loginId="jiro88", password=PASSWORD)) == []
    )


async def test_two_people_who_have_one_address(api: Api, world: World) -> None:
    """MB-5."""
    people = [await customer(world, "mirai") for _ in range(3)]
    tokens = [await link_token(api, "mirai", mirai.EMAIL) for _ in people]

    done = await asyncio.gather(
        *(
            complete(
                api,
                "mirai",
                token,
                mirai.entered(person),
                course="INSTANT",
                loginId=f"person-{number}",
                password=registering.PASSWORD,
            )
            for number, (token, person) in enumerate(zip(tokens, people, strict=True))
        )
    )

    assert sorted(map(codes, done)) == [[], ["EMAIL_TAKEN"], ["EMAIL_TAKEN"]]
    mongo = api.sources.mongo
    assert await mongo["members"].count_documents({}) == 1
    assert await mongo["supplyContracts"].count_documents({"member": None}) == 2
    assert await mongo["facilities"].count_documents({"member": ""}) == 2
    assert await mongo["registrations"].count_documents({"member": None}) == 2


async def test_two_people_who_have_one_contract(api: Api, world: World) -> None:
    """MB-2."""
    hanako = await customer(world, "denki-jtb")
    tokens = [await link_token(api, "denki-jtb", f"{name}@example.jp") for name in "abc"]

    done = await asyncio.gather(
        *(
            complete(
                api,
                "denki-jtb",
                token,
                jtb.entered(hanako),
                course="INSTANT",
                password=registering.PASSWORD,
            )
            for token in tokens
        )
    )

    assert sorted(map(codes, done)) == [[], ["CONTRACT_TAKEN"], ["CONTRACT_TAKEN"]]
    assert await api.sources.mongo["members"].count_documents({}) == 1


async def test_one_link_that_is_used_twice_at_once(api: Api) -> None:
    """MB-1: by the same request again it gets one answer, by another one an error."""
    token = await link_token(api, PORTAL, "a@example.jp")
    given = {"loginId": "taro88", "password": PASSWORD}

    done = await asyncio.gather(
        *(complete(api, PORTAL, token, FIELDS, **given) for _ in range(3)),
        complete(
            api, PORTAL, token, FIELDS, loginId="jiro88", password=PASSWORD, idempotencyKey="2"
        ),
    )

    assert await api.sources.mongo["members"].count_documents({}) == 1
    *same, other = done
    expected = [[["WRONG_LINK"]] * 3, []] if codes(other) == [] else [[[]] * 3, ["WRONG_LINK"]]
    assert [list(map(codes, same)), codes(other)] == expected
    assert len(await messages(api.sources, "REGISTERED")) == 1


async def test_without_an_idempotency_key_a_second_request_is_another_one(api: Api) -> None:
    token = await link_token(api, PORTAL, "a@example.jp")
    given = {"loginId": "taro88", "password": PASSWORD, "idempotencyKey": None}

    done = [await complete(api, PORTAL, token, FIELDS, **given) for _ in range(2)]

    assert list(map(codes, done)) == [[], ["WRONG_LINK"]]


async def test_what_is_imported_while_somebody_registers_is_theirs_in_the_end(
    api: Api, world: World, tmp_path: Path
) -> None:
    hanako = await customer(world, "mirai")
    token = await link_token(api, "mirai", mirai.EMAIL)
    records: list[Mapping[str, Any]] = [
        {
            "portal": "mirai",
            "supplyPointNumber": f"04{number:020}",
            "customerNumber": hanako.number,
            "name": f"別宅{number}",
            "address": {
                "postalCode": "160-0022",
                "prefecture": "東京都",
                "city": "新宿区",
                "line1": "1-2-3",
            },
            "contracts": [
                {
                    "number": f"E-{number}",
                    "kind": "ELECTRICITY",
                    "plan": "従量電灯B",
                    "startOn": "2039-04-01",
                    "paymentMethod": "CARD",
                }
            ],
        }
        for number in range(20)
    ]
    file = write(tmp_path / "facilities", records)
    plan = Import(file, RecordKind.FACILITIES, None, Direction.IMPORT, TOKYO, None)

    report, done = await asyncio.gather(
        plan.run(api.sources, lambda _: None),
        complete(
            api,
            "mirai",
            token,
            mirai.entered(hanako),
            course="INSTANT",
            loginId=mirai.LOGIN_ID,
            password=registering.PASSWORD,
        ),
    )

    assert (report, codes(done)) == ("20 stored, 0 rejected", [])
    assert await code_of(api, **mirai.LOG_IN) is None
    assert await api.sources.mongo["facilities"].count_documents({"member": ""}) == 0


async def test_bills_before_the_contract_stay_with_whoever_was_there_before(
    api: Api, world: World
) -> None:
    """US-1, BI-1."""
    hanako = await customer(world, "mirai")
    await world.bill(hanako.facility, date(2036, 12, 1))
    await world.bill(hanako.facility, date(2040, 5, 1))
    token = await link_token(api, "mirai", mirai.EMAIL)

    await complete(
        api,
        "mirai",
        token,
        mirai.entered(hanako),
        course="INSTANT",
        loginId=mirai.LOGIN_ID,
        password=registering.PASSWORD,
    )

    owners = {
        bill["startOn"]: bool(bill["member"])
        for bill in await api.sources.mongo["bills"].find().to_list(None)
    }
    assert owners == {"2036-11-12": False, "2040-04-12": True}
    session = (await log_in(api, **mirai.LOG_IN))["session"]
    assert session is not None


async def test_a_code_that_is_entered_twice_at_once_and_a_postcard_that_is_asked_for_twice_at_once(
    api: Api, world: World, clock: Clock
) -> None:
    """MB-8: one of each is done."""
    hanako = await customer(world, "mirai", payment_method=PaymentMethod.PAYMENT_SLIP)
    token = await link_token(api, "mirai", mirai.EMAIL)
    given = {"course": "POSTCARD", "loginId": mirai.LOGIN_ID, "password": registering.PASSWORD}
    await complete(api, "mirai", token, mirai.entered(hanako), **given)
    clock.advance(days=1)
    mine = (await log_in(api, **mirai.LOG_IN))["session"]["accessToken"]

    asked = await asyncio.gather(*(reissue(api, mine) for _ in range(3)))
    assert sorted(map(codes, asked)) == [[], ["REISSUED_LATELY"], ["REISSUED_LATELY"]]
    first, second = await messages(api.sources, "POSTCARD_CODE")
    entered = [first["values"]["code"], *[second["values"]["code"]] * 3]

    done = await asyncio.gather(*(confirm_code(api, mine, code) for code in entered))

    assert codes(done[0])[0] in {"WRONG_CODE", "NO_POSTCARD"}
    assert [codes(each) for each in done].count([]) == 1
    viewer = (await api.data("{ viewer { state } }", mine))["viewer"]
    assert viewer == {"state": "ACTIVE"}
