"""How many commands a query sends to MongoDB: a fixed number, however many facilities it shows."""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

import numpy as np
import pytest
from pymongo.monitoring import CommandStartedEvent

from domain.bills import Bill
from domain.facilities import Facility, ReadingPeriod
from domain.members import Session
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import day_at, first_slot, slot_at
from domain.stored import ReadingColumns
from resolvers.context import RequestContext
from resolvers.intake import store_columns
from resolvers.loaders import Loaders
from tests.api import Api, CommandLog
from tests.billed import home_bill
from tests.world import Person, World

KNOWN = ["find sessions", "find members", "find facilities"]
"What it takes to know who asks, and which facilities there are."
READ = "find usageDays"

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
    ],
    "bills(last: 1) { nodes { amountYen } pageInfo { hasPreviousPage } }": ["aggregate bills"],
    "bills(first: 3) { nodes { payment { state } revisions { amountYen } } }": [
        "aggregate bills",
        "find billRevisions",
    ],
    f"usageProfile({DAY}) {{ points {{ averageKwh }} }}": ["find usageDays"],
    f"usage({DAY}) {{ totalYen points {{ yen }} }} today {{ yen }}": ["find usageDays"],
    f"usage({DAY}) {{ comparedWith(what: MONTH_BEFORE) {{ totalKwh }} }}": [
        "find usageDays",
        "find usageDays",
    ],
    f"latestReading {{ kwh }} usage({DAY}) {{ totalKwh coverage {{ present }} }}": [
        "find usageDays",
        "find usageHeads",
    ],
}
"Fields of a facility, with the commands that they add."


BY_ITSELF = frozenset({"unpublished", "webhooks", "consents"})
"Collections that the server looks into now and then."


class CollectionLog(CommandLog):
    """Commands with their collections, but for what the server does by itself."""

    def started(self, event: CommandStartedEvent) -> None:
        collection = event.command.get("collection", event.command[event.command_name])
        if collection not in BY_ITSELF:
            self.names.append(f"{event.command_name} {collection}")


@pytest.fixture
def commands() -> CollectionLog:
    return CollectionLog()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without a cache: what a query asks of the database, not what it is spared."""
    return replace(settings, usage_cache_mb=0)


@pytest.fixture
async def frank(api: Api, world: World) -> Person:
    """A member with sixty facilities that all have usage, reading periods and bills."""
    frank = await world.person("denki-jtb", "frank@example.jp", facilities=60)
    await use(world, frank.facilities)
    await give_papers(world, frank.facilities)
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


async def give_papers(world: World, facilities: list[Facility]) -> None:
    """Two reading periods and three bills for each, the last of which was corrected."""
    now = world.sources.clock()
    periods = [
        (facility.portal, facility.owner, period_of(facility, month))
        for facility in facilities
        for month in (4, 5)
    ]
    assert not await world.sources.periods.put(periods, now)
    bills = [
        bill_of(facility, month, usage)
        for facility in facilities
        for month, usage in ((5, 249_000), (3, 250_000), (4, 250_000), (5, 250_000))
    ]
    await world.sources.bills.put(bills, now)


def period_of(facility: Facility, month: int) -> ReadingPeriod:
    start_on, end_on = (date(2040, each, 12) for each in (month - 1, month))
    return ReadingPeriod(facility.number, start_on, end_on, end_on, 1_000_000, 1_250_000, 250_000)


def bill_of(facility: Facility, month: int, usage: int) -> Bill:
    begins, ends = (date(2040, each, 12) for each in (month - 1, month))
    return home_bill(facility, begins, ends, date(2040, month, 16), usage)


async def until_ready(api: Api) -> None:
    """Wait until the server has made its indexes, which takes commands too."""
    async with asyncio.timeout(20):
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
            assert [len(bill["lines"]) for bill in node["bills"]["nodes"]] == [6, 6, 6]


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


async def test_a_month_of_sixty_facilities_is_one_read_and_their_years_as_many_as_16_mb_replies(
    api: Api, commands: CollectionLog, frank: Person
) -> None:
    for start, reads in (("2040-05-15", 1), ("2039-06-15", 1), ("2038-06-15", 2)):
        commands.names.clear()
        usage = f'usage(from: "{start}T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00"'
        nodes = await shown(api, frank, f"{usage}, resolution: MONTH) {{ totalKwh }}", 60)
        assert commands.names == [*KNOWN, *["find usageDays"] * reads]
        for node, facility in zip(nodes, frank.facilities, strict=True):
            assert node["usage"]["totalKwh"] == 48 * wh_of(facility) / 1000


async def test_what_sixty_facilities_cost_takes_one_more_command_where_their_plans_are_known(
    api: Api, commands: CollectionLog, frank: Person, world: World
) -> None:
    for facility in frank.facilities:
        contracts = (replace(facility.contracts[0], plan="lighting-b"),)
        await world.change(facility, contracts=contracts)
    for first in (1, 60):
        found = []
        for asked in ("totalYen", "points { yen }", "columns { yen }", "peak { yen } comparedWith"):
            fields = asked.replace("comparedWith", "comparedWith(what: MONTH_BEFORE) { totalKwh }")
            commands.names.clear()
            found.append(await shown(api, frank, f"usage({DAY}) {{ {fields} }}", first))
            assert commands.names[: len(KNOWN) + 2] == [*KNOWN, "find readingPeriods", READ]
        for total, points, columns, highest in zip(*found, strict=True):
            yen = columns["usage"]["columns"]["yen"]
            assert points["usage"]["points"] == [{"yen": each} for each in yen]
            assert total["usage"]["totalYen"] == sum(round(100 * each) for each in yen) // 100
            assert highest["usage"]["peak"]["yen"] == yen[0]
        commands.names.clear()
        compared = "comparedWith(what: MONTH_BEFORE) { totalYen }"
        await shown(api, frank, f"usage({DAY}) {{ {compared} }}", first)
        assert commands.names == [*KNOWN, READ, "find readingPeriods", READ]


def hold_until(requests: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests look for their session only when so many of them have come."""
    session_by_token = Loaders.session_by_token
    all_there = asyncio.Barrier(requests)

    async def held(loaders: Loaders, token: str, now: datetime) -> Session | None:
        await all_there.wait()
        return await session_by_token(loaders, token, now)

    monkeypatch.setattr(Loaders, "session_by_token", held)


@pytest.mark.parametrize("places", [1, 4])
async def test_requests_at_the_same_moment_share_their_reads(
    api: Api,
    commands: CollectionLog,
    frank: Person,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    places: int,
) -> None:
    query = f"query ($id: ID!) {{ facility(id: $id) {{ id usage({DAY}) {{ totalKwh }} }} }}"
    alice = world.alice
    await use(world, [alice.facility])
    ids = (frank.facility_ids[:places] * 4)[:4]
    asked = [(frank, one) for one in ids] + [(alice, one) for one in ids[:2]]
    asked += [(alice, alice.facility_id)] * 2
    hold_until(len(asked), monkeypatch)
    commands.names.clear()

    answers = await asyncio.gather(*(api.ask(query, person.token, id=one) for person, one in asked))

    found = [answer["data"]["facility"] for answer in answers]
    assert found[:4] == [day_of(frank, one) for one in ids]
    assert found[4:6] == [None, None]
    refusals = [answer["errors"][0]["extensions"]["code"] for answer in answers[4:6]]
    assert refusals == ["NOT_FOUND", "NOT_FOUND"]
    assert found[6:] == [day_of(alice, alice.facility_id)] * 2
    assert sorted(commands.names) == ["find facilities", "find sessions", "find usageDays"]


def day_of(person: Person, facility_id: str) -> dict[str, Any]:
    """What the query of a day must answer about a facility of somebody."""
    facility = person.facilities[person.facility_ids.index(facility_id)]
    return {"id": facility_id, "usage": {"totalKwh": 48 * wh_of(facility) / 1000}}


async def test_a_request_reads_a_thing_once_and_a_lasting_connection_whenever_it_is_asked(
    api: Api, commands: CollectionLog, world: World
) -> None:
    number = world.alice.facility.number
    for lasting, reads in ((False, 1), (True, 2)):
        context = RequestContext(api.sources, None, "request", lasting=lasting)
        commands.names.clear()
        for _ in range(2):
            found = await asyncio.gather(*(context.loaders.facility(number) for _ in range(2)))
            assert list(found) == [world.alice.facility] * 2
        assert commands.names == ["find facilities"] * reads


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
    assert commands.names == ["find sessions"]  # whose points it takes
    commands.names.clear()
    await api.data('{ portal(key: "hepco") { name } }')
    assert commands.names == []


def set_aside(names: list[str], known: list[str]) -> list[str]:
    """Names without the known ones, each of which must be there once."""
    rest = list(names)
    for name in known:
        rest.remove(name)
    return rest
