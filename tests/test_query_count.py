"""How many commands a query sends to MongoDB: a fixed number, however many facilities it shows."""

import asyncio
from datetime import date
from http import HTTPStatus
from typing import Any

import numpy as np
import pytest
from pymongo.monitoring import CommandStartedEvent

from domain.facilities import Facility
from domain.readings import Direction, Quality
from domain.slots import day_at, first_slot, slot_at
from domain.stored import ReadingColumns
from resolvers.intake import store_columns
from tests.api import Api, CommandLog
from tests.world import Person, World

KNOWN = ["find sessions", "find members", "find facilities"]
"What it takes to know who asks, and which facilities there are."

FACILITIES = "query ($first: Int!) { viewer { facilities(first: $first) { nodes { %s } } } }"
DAY = 'from: "2040-06-14T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00"'
USAGE_AND_BILLS = f"""
name
usage({DAY}) {{ points {{ kwh }} cursor }}
bills(first: 3) {{ nodes {{ amountYen lines {{ amountYen }} }} }}
"""
COMMANDS = {
    "latestReading { kwh }": ["find usageHeads"],
    "readingPeriods(first: 2) { nodes { usageKwh } }": ["aggregate readingPeriods"],
    "bills(first: 2) { totalCount }": ["aggregate bills", "aggregate bills"],
    "readingPeriods(first: 2) { totalCount }": [
        "aggregate readingPeriods",
        "aggregate readingPeriods",
    ],
    "today { kwh kwhYesterday }": ["find usageDays"],
    f"usage({DAY}, resolution: READING_PERIOD) {{ totalKwh }}": [
        "find readingPeriods",
        "find usageDays",
        "find usageHeads",
    ],
    "bills(last: 1) { nodes { amountYen } pageInfo { hasPreviousPage } }": ["aggregate bills"],
    f"usageProfile({DAY}) {{ points {{ averageKwh }} }}": ["find usageDays"],
    f"usage({DAY}) {{ comparedWith(what: MONTH_BEFORE) {{ totalKwh }} }}": [
        "find usageDays",
        "find usageDays",
        "find usageHeads",
    ],
    f"latestReading {{ kwh }} usage({DAY}) {{ totalKwh coverage {{ present }} }}": [
        "find usageDays",
        "find usageHeads",
    ],
}
"Fields of a facility, with the commands that they add."


class CollectionLog(CommandLog):
    """Commands with their collections, but for what the server does by itself."""

    def started(self, event: CommandStartedEvent) -> None:
        collection = event.command.get("collection", event.command[event.command_name])
        if collection != "unpublished":
            self.names.append(f"{event.command_name} {collection}")


@pytest.fixture
def commands() -> CollectionLog:
    return CollectionLog()


@pytest.fixture
async def frank(api: Api, world: World) -> Person:
    """A member with sixty facilities that all have usage, reading periods and bills."""
    frank = await world.person("denki-jtb", "frank@example.jp", facilities=60)
    await use(world, frank.facilities)
    await asyncio.gather(*(give_papers(world, facility) for facility in frank.facilities))
    await until_ready(api)
    return frank


async def use(world: World, facilities: list[Facility]) -> None:
    """Usage of yesterday for all of them, and of today until now, by one store."""
    first, end = first_slot(day_at(world.sources.clock()) - 1), slot_at(world.sources.clock())
    slots = np.arange(first, end, dtype=np.int64)
    rows = len(slots) * len(facilities)
    columns = ReadingColumns(
        np.repeat([facility.number for facility in facilities], len(slots)).astype(np.int64),
        np.full(rows, Direction.IMPORT, np.int64),
        np.tile(slots, len(facilities)),
        np.repeat([wh_of(facility) for facility in facilities], len(slots)).astype(np.int32),
        np.full(rows, Quality.SETTLED, np.int32),
        np.full(rows, -1, np.int32),
    )
    await store_columns(world.sources, columns, world.sources.clock())


def wh_of(facility: Facility) -> int:
    """What a facility uses in every half hour, another one in each."""
    return 100 + facility.number


async def give_papers(world: World, facility: Facility) -> None:
    """Two reading periods and three bills."""
    for month in (4, 5):
        await world.period(facility, date(2040, month - 1, 12), date(2040, month, 12))
    for month in (3, 4, 5):
        await world.bill(facility, date(2040, month, 1))


async def until_ready(api: Api) -> None:
    """Wait until the server has made its indexes, which takes commands too."""
    async with asyncio.timeout(5):
        while (await api.client.get("/readyz")).status_code != HTTPStatus.OK:
            pass


async def shown(api: Api, person: Person, fields: str, first: int) -> list[dict[str, Any]]:
    data = await api.data(FACILITIES % fields, person.token, first=first)
    nodes: list[dict[str, Any]] = data["viewer"]["facilities"]["nodes"]
    assert len(nodes) == first
    return nodes


async def test_sixty_facilities_with_usage_and_bills_take_the_six_commands_of_one(
    api: Api, commands: CollectionLog, frank: Person
) -> None:
    for first in (1, 60):
        commands.names.clear()
        nodes = await shown(api, frank, USAGE_AND_BILLS, first)
        assert sorted(commands.names) == [
            "aggregate bills",
            "find facilities",
            "find members",
            "find sessions",
            "find usageDays",
            "find usageHeads",
        ]
        for node, facility in zip(nodes, frank.facilities, strict=False):
            points = node["usage"]["points"]
            assert points == [{"kwh": wh_of(facility) / 1000}] * 48
            assert [len(bill["lines"]) for bill in node["bills"]["nodes"]] == [5, 5, 5]


async def test_every_other_field_takes_as_many_commands_for_sixty_as_for_one(
    api: Api, commands: CollectionLog, frank: Person
) -> None:
    for first in (1, 60):
        found = {}
        for fields in COMMANDS:
            commands.names.clear()
            await shown(api, frank, fields, first)
            found[fields] = sorted(set_aside(commands.names, KNOWN))
        assert found == COMMANDS


async def test_sixty_facilities_by_their_ids_take_one_command(
    api: Api, commands: CollectionLog, frank: Person
) -> None:
    commands.names.clear()
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } viewer { id } }"
    data = await api.data(query, frank.token, ids=frank.facility_ids)
    assert [node["id"] for node in data["nodes"]] == frank.facility_ids
    assert sorted(commands.names) == ["find facilities", "find members", "find sessions"]


async def test_what_was_not_asked_for_is_not_read(
    api: Api, commands: CollectionLog, frank: Person
) -> None:
    commands.names.clear()
    await shown(api, frank, "name supplyPointNumber address { city } contracts { plan }", 60)
    assert commands.names == KNOWN
    commands.names.clear()
    await api.data("{ viewer { loginId } }", frank.token)
    assert commands.names == ["find sessions", "find members"]
    commands.names.clear()
    await api.data('{ portal(key: "hepco") { name } }', frank.token)
    assert commands.names == []


def set_aside(names: list[str], known: list[str]) -> list[str]:
    """Names without the known ones, each of which must be there once."""
    rest = list(names)
    for name in known:
        rest.remove(name)
    return rest
