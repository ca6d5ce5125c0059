"""`kenshin bill`: reading periods of a month into bills, again and again, and never twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from datasources.embedded import Addresses
from datasources.mongo import Mongo
from domain.facilities import Contract, ContractKind, Facility, PaymentMethod, ReadingPeriod
from domain.market_price_records import MarketDay
from domain.readings import Direction
from domain.settings import Settings
from domain.slots import date_of_day, day_of_date, first_slot
from resolvers.billing_report import BillingReport, Outcome
from resolvers.billing_run import BillingRun
from resolvers.sources import Sources, open_sources
from schema.nodes import node_id
from tests.api import Api, Clock, CommandLog
from tests.billed import home_bill
from tests.command_line import CommandLine
from tests.world import World

MAY = date(2040, 5, 1)
START, END = date(2040, 4, 12), date(2040, 5, 12)
OCCUPIED = date(2037, 1, 1)


def contract(plan: str, kind: ContractKind = ContractKind.ELECTRICITY, **fields: Any) -> Contract:
    made = Contract(
        number=f"{kind}-{plan}",
        kind=kind,
        plan=plan,
        capacity=Decimal(6),
        capacity_unit="kVA",
        start_on=OCCUPIED,
        end_on=None,
        payment_method=PaymentMethod.CARD,
    )
    return replace(made, **fields)


def period(
    of: Facility, kind: ContractKind = ContractKind.ELECTRICITY, usage: int = 300_000
) -> ReadingPeriod:
    return ReadingPeriod(of.number, START, END, END, 1_000_000, 1_000_000 + usage, usage, kind)


BILLS = """{ viewer { bills(first: 5) { nodes {
  number usageKwh amountYen pointsRestYen lines { kind amountSen }
  revisions { revision usageKwh amountYen }
} } } }"""
POINTS = """query ($id: ID!) { facility(id: $id) {
  usage(from: "2040-04-12T00:00:00+09:00", to: "2040-05-12T00:00:00+09:00") { points { yen } }
} }"""

NO_PLAN = "contract ELECTRICITY-従量電灯: no ELECTRICITY plan '従量電灯'"


class Town:
    """Facilities of Carol's, whose portal shows bills after six business days."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sources = world.sources

    async def place(self, *contracts: Contract, read: Sequence[ContractKind] = ()) -> Facility:
        """A facility with reading periods of its contracts, or of some kinds."""
        place = await self.world.place("hepco", self.world.carol.member)
        place = await self.world.change(place, contracts=contracts)
        periods = [period(place, kind) for kind in read or [each.kind for each in contracts]]
        owned = [(place.portal, place.owner, each) for each in periods]
        assert await self.sources.periods.put(owned, self.sources.clock()) == {}
        return place

    async def bill(self, **options: Any) -> BillingReport:
        return await BillingRun(MAY, ("hepco",), **options).run(self.sources, lambda _: None)

    async def stored(self, collection: str = "bills") -> list[dict[str, Any]]:
        found = self.sources.mongo[collection].find({}).sort("_id", 1)
        documents: list[dict[str, Any]] = await found.to_list(None)
        return documents


@pytest.fixture
async def town(sources: Sources) -> Town:
    return Town(await World.made(sources))


async def points_sen(api: Api, town: Town, facility: int) -> int:
    """What all points of the period come to."""
    asked = {"id": node_id("Facility", facility)}
    usage = (await api.data(POINTS, town.world.carol.token, **asked))["facility"]["usage"]
    return sum(round(point["yen"] * 100) for point in usage["points"])


def lines(report: BillingReport) -> list[str]:
    return list(report.lines())


async def test_a_month_is_closed_and_what_cannot_be_is_told_with_its_reason(town: Town) -> None:
    settled = await town.place(contract("season-hours"))
    wh = await town.world.use(settled, START, 30)
    registered = await town.place(contract("lighting-c"))
    waiting = await town.place(contract("season-hours"))
    market = await town.place(contract("market-linked"))
    await town.world.use(market, START, 30)
    await town.place(contract("従量電灯"))
    await town.place(contract("lighting-b", capacity=None))
    await town.place(read=[ContractKind.ELECTRICITY])
    both = await town.place(
        contract("city-gas", ContractKind.GAS), contract("buy-back", ContractKind.BUY_BACK)
    )
    fed_in = await town.world.use(both, START, 30, direction=Direction.EXPORT)
    theirs = await town.place(contract("season-hours"))
    await town.sources.bills.put(
        [home_bill(theirs, START, END, END, 300_000)], town.sources.clock()
    )

    report = await town.bill()

    assert lines(report)[0] == "bills: 4 made, 0 revised, 0 unchanged, 1 imported"
    assert report.not_closed == {
        "MISSING_HALF_HOURS": 1,
        "NEEDS_MARKET_PRICES": 1,
        "UNKNOWN_PLAN": 1,
        "UNFIT_CAPACITY": 1,
        "NO_CONTRACT": 1,
    }
    assert "not closed: 1 MISSING_HALF_HOURS" in lines(report)
    assert (
        f"  {waiting.supply_point} ELECTRICITY 2040-04-12/2040-05-12: "
        "of 1,440 half hours 1,440 are missing, 0 provisional"
    ) in lines(report)
    made = {bill["_id"]: bill for bill in await town.stored() if bill["source"] == "MADE"}
    usage = {id_: bill["usage"] for id_, bill in made.items()}
    assert usage == {
        f"hepco/E{settled.number:09d}-20400412": wh.sum(),
        f"hepco/E{registered.number:09d}-20400412": 300_000,
        f"hepco/G{both.number:09d}-20400412": 300_000,
        f"hepco/B{both.number:09d}-20400412": fed_in.sum(),
    }
    assert {bill["member"] for bill in made.values()} == {town.world.carol.member}
    assert {bill["availableOn"] for bill in made.values()} == {"2040-06-15"}, "when issued"

    prices = [
        MarketDay("東京", date_of_day(day), (1234,) * 48)
        for day in range(day_of_date(START), day_of_date(END))
    ]
    await town.sources.market_prices.put(prices)
    before = await town.stored()
    planned = await town.bill(estimate=True, dry_run=True)
    assert await town.stored() == before
    again = await town.bill(estimate=True)
    first = "bills: 2 made, 0 revised, 4 unchanged, 1 imported"
    assert [lines(planned)[0], lines(again)[0]] == [first, first]
    estimated = [bill for bill in await town.stored() if bill["estimated"]]
    assert [(bill["facility"], bill["estimated"]) for bill in estimated] == [
        (waiting.number, 300_000)
    ]
    later = await town.bill()
    assert lines(later)[0] == "bills: 0 made, 0 revised, 6 unchanged, 1 imported"


async def test_a_correction_makes_a_new_revision_and_keeps_the_old_bill(
    town: Town, api: Api
) -> None:
    places = [await town.place(contract("season-hours")) for _ in range(2)]
    for place in places:
        await town.world.use(place, START, 30)
    await town.bill()
    before = await town.stored()
    await town.bill()
    assert await town.stored() == before
    assert await town.stored("billRevisions") == []

    wh = before[0]["usage"]
    slot = first_slot(day_of_date(START))
    await town.world.store(
        places[0], np.array([slot], np.int64), np.array([90_000], np.int32), revision=7
    )
    report = await town.bill()

    assert lines(report) == ["bills: 0 made, 1 revised, 1 unchanged, 0 imported"]
    after = await town.stored()
    assert after[1] == before[1]
    assert (after[0]["revision"], after[0]["usage"] > wh) == (1, True)
    (kept,) = await town.stored("billRevisions")
    assert (kept["bill"], kept["revision"], kept["usage"]) == (before[0]["_id"], 0, wh)
    viewer = (await api.data(BILLS, town.world.carol.token))["viewer"]
    bills = {bill["number"]: bill for bill in viewer["bills"]["nodes"]}
    for document in after:
        bill = bills[document["number"]]
        assert sum(line["amountSen"] for line in bill["lines"]) == bill["amountYen"] * 100
        assert bill["usageKwh"] == document["usage"] / 1000
        points = await points_sen(api, town, document["facility"])
        fixed = sum(line["amountSen"] for line in bill["lines"] if line["kind"] == "BASIC_CHARGE")
        assert points + fixed + round(bill["pointsRestYen"] * 100) == bill["amountYen"] * 100
    assert bills[after[0]["number"]]["revisions"] == [
        {"revision": 0, "usageKwh": wh / 1000, "amountYen": before[0]["amountYen"]}
    ]
    assert bills[after[1]["number"]]["revisions"] == []


async def test_a_run_that_was_stopped_and_runs_at_once_make_every_bill_once(
    town: Town, settings: Settings, database: str, clock: Clock
) -> None:
    places = [await town.place(contract("lighting-c")) for _ in range(9)]
    run = BillingRun(MAY, ("hepco",), at_once=4)

    def stop(_: int) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await run.run(town.sources, stop)
    assert len(await town.stored()) == 4

    other = Mongo(settings.mongodb_url, database=database)
    second = open_sources(settings, other, clock)
    reports = await asyncio.gather(
        run.run(town.sources, lambda _: None), run.run(second, lambda _: None)
    )
    await second.close()

    bills = await town.stored()
    assert [bill["facility"] for bill in bills] == [place.number for place in places]
    assert {bill["revision"] for bill in bills} == {0}
    assert await town.stored("billRevisions") == []
    assert sum(report.bills[Outcome.MADE] for report in reports) == 5


async def test_a_batch_takes_as_many_commands_as_one_facility(
    town: Town, commands: CommandLog
) -> None:
    await town.place(contract("market-linked"))
    commands.names.clear()
    await town.bill()
    one = sorted(commands.names)
    for _ in range(11):
        await town.place(contract("market-linked"))
    commands.names.clear()
    await town.bill()
    assert sorted(commands.names) == one


async def test_a_group_has_one_invoice_once_all_its_contracts_are_billed(
    town: Town, clock: Clock
) -> None:
    clock.now = datetime(2040, 5, 13, 3, tzinfo=UTC)
    grouped = contract("lighting-c", invoice_group="本社")
    office = await town.place(grouped, contract("buy-back", ContractKind.BUY_BACK))
    await town.place(contract("city-gas", ContractKind.GAS, invoice_group="本社"))
    shop = await town.place(grouped, read=[ContractKind.BUY_BACK])
    await town.place(contract("lighting-c"))

    report = await town.bill()

    assert lines(report)[:3] == [
        "bills: 4 made, 0 revised, 0 unchanged, 0 imported",
        "invoices: 0 made, 0 revised, 0 unchanged, 1 waiting",
        f"  本社 waits for {shop.supply_point} ELECTRICITY",
    ]
    by_itself, at_the_latest = "2040-05-21", "2040-06-11"
    assert [(bill["kind"], bill["availableOn"]) for bill in await town.stored()] == [
        ("BUY_BACK", by_itself),
        ("ELECTRICITY", at_the_latest),
        ("ELECTRICITY", by_itself),
        ("GAS", at_the_latest),
    ]

    clock.now = datetime(2040, 5, 18, 3, tzinfo=UTC)
    read = replace(period(shop), read_on=date(2040, 5, 17))
    await town.sources.periods.put([(shop.portal, shop.owner, read)], clock.now)
    report = await town.bill()

    assert "invoices: 1 made, 0 revised, 0 unchanged, 0 waiting" in lines(report)
    (invoice,) = await town.stored("invoices")
    bills = [bill for bill in await town.stored() if bill["invoice"] == invoice["number"]]
    assert sorted(bill["_id"] for bill in bills) == sorted(invoice["bills"])
    assert len(bills) == 3
    assert invoice["amountYen"] == sum(bill["amountYen"] for bill in bills)
    assert (invoice["readOn"], invoice["issuedOn"]) == ("2040-05-17", "2040-05-18")
    assert {bill["availableOn"] for bill in bills} == {invoice["availableOn"]} == {"2040-05-25"}

    again = await town.bill()
    assert "invoices: 0 made, 0 revised, 1 unchanged, 0 waiting" in lines(again)
    corrected = period(office, usage=400_000)
    await town.sources.periods.put([(office.portal, office.owner, corrected)], clock.now)
    revised = await town.bill()
    assert lines(revised)[:2] == [
        "bills: 0 made, 1 revised, 4 unchanged, 0 imported",
        "invoices: 0 made, 1 revised, 0 unchanged, 0 waiting",
    ]
    (after,) = await town.stored("invoices")
    assert (after["revision"], after["amountYen"] > invoice["amountYen"]) == (1, True)


async def test_the_command_says_what_became_of_a_month_and_fails_if_some_of_it_is_open(
    town: Town, servers: Addresses, database: str
) -> None:
    await town.place(contract("lighting-c"))
    place = await town.place(contract("従量電灯"))

    answer = CommandLine.on(servers, database).run(
        "bill", "--period", "2040-05", "--portal", "hepco"
    )

    assert (answer.code, answer.out.splitlines()) == (
        3,
        [
            "bills: 1 made, 0 revised, 0 unchanged, 0 imported",
            "not closed: 1 UNKNOWN_PLAN",
            f"  {place.supply_point} ELECTRICITY 2040-04-12/2040-05-12: {NO_PLAN}",
        ],
    )
    assert len(await town.stored()) == 1
