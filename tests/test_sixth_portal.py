"""A sixth portal is a file and no code: a member of an invented one lives by its rules alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from datasources.mongo import Mongo
from domain.settings import Settings
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.logging_in import code_in, code_of, confirm, fail, log_in
from tests.policies import six_portals
from tests.test_own_login import change, change_id
from tests.test_second_factor import set_keywords
from tests.world import Person, World

SORA = {"portal": "aozora", "loginId": "1234"}


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock, tmp_path: Path) -> AsyncIterator[Api]:
    """The API with six portals; accounts alone are counted."""
    settings = replace(settings, portals=six_portals(tmp_path), wrong_log_ins_per_address=0)
    async with Api.serving(open_sources(settings, mongo, clock)) as serving:
        yield serving


@pytest.fixture
async def sora(api: Api, world: World) -> Person:
    return await world.person("aozora", "1234", facilities=1)


def codes(payload: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_three_wrong_passwords_lock_its_account_until_midnight(
    api: Api, clock: Clock, sora: Person
) -> None:
    """MB-9: number and hour are policy."""
    assert await fail(api, 3, **SORA) == ["WRONG_LOGIN"] * 3

    assert await code_of(api, **SORA) == "LOCKED"
    clock.now = datetime.fromisoformat("2040-06-15T23:59:59.999+09:00")
    assert await code_of(api, **SORA) == "LOCKED"
    clock.now = datetime.fromisoformat("2040-06-16T00:00:00+09:00")
    assert (await log_in(api, **SORA))["session"] is not None


async def test_its_new_devices_are_asked_for_one_of_two_keywords(api: Api, sora: Person) -> None:
    """MB-10."""
    await confirm(api, sora.token)
    for keywords, expected in (
        (["ソラ", "クモ", "カゼ"], ("WRONG_KEYWORD_COUNT", ["input", "keywords"])),
        (["ソラ", "くも"], ("BAD_CHARACTER", ["input", "keywords", "1"])),
        (["ソ", "クモ"], ("TOO_SHORT", ["input", "keywords", "0"])),
    ):
        assert codes(await set_keywords(api, sora.token, keywords)) == [expected]
    assert codes(await set_keywords(api, sora.token, ["ソラ", "クモ"])) == []

    payload = await log_in(api, **SORA)

    assert payload["session"] is None
    assert payload["challenge"]["position"] in {1, 2}


async def test_its_passwords_and_ids_have_its_own_form(api: Api, sora: Person) -> None:
    """MB-3, MB-4, MB-14."""
    await confirm(api, sora.token)
    assert code_in(await change_id(api, sora.token, "12345678")) == "TOO_LONG"
    assert code_in(await change_id(api, sora.token, "sora1")) == "BAD_CHARACTER"
    assert codes(await change_id(api, sora.token, "555")) == []
    assert code_in(await change(api, sora.token, new="空の広さ!")) == "BAD_CHARACTER"
    assert codes(await change(api, sora.token, new="x-ray.555/sky")) == []
    assert (await log_in(api, portal="aozora", loginId="555", password="x-ray.555/sky"))["session"]


async def test_its_members_see_its_months(api: Api, world: World, sora: Person) -> None:
    """US-1: 36 months there, 24 in the others."""
    query = """query ($id: ID!) { facility(id: $id) {
      usage(from: "2037-06-16T00:00:00+09:00", to: "2037-06-17T00:00:00+09:00") { from }
    } }"""
    data = await api.data(query, sora.token, id=sora.facility_id)
    assert data["facility"]["usage"] == {"from": "2037-06-16T00:00:00+09:00"}
    assert await api.code(query, world.alice.token, id=world.alice.facility_id) == "RANGE_TOO_LARGE"
