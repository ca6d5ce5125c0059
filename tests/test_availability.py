"""When bills, results of debits, contracts and usage may be seen, by policy (BI-3, FA-4)."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from domain.slots import TOKYO
from resolvers.imports import RecordKind
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.test_import_records import BILL, PERIOD, run, write
from tests.world import Person, World

READ: Final = {"startOn": "2040-03-27", "endOn": "2040-04-27"}
"The sixth business day after it, with Golden Week between, is May 10."
LISTS: Final = """{ viewer { bills(first: 5) { totalCount nodes { number availableOn payment {
  state paidOn debitOn resultAvailableOn } } }
  facilities(first: 5) { nodes { contractsAvailable contracts { number }
    bills(first: 5) { totalCount nodes { number } }
    readingPeriods(first: 5) { nodes { billAvailableOn } } } } } }"""
NODE: Final = "query ($id: ID!) { node(id: $id) { ... on Bill { amountYen } } }"
SPAN: Final = 'from: "2040-06-01T00:00:00+09:00", to: "2040-06-02T00:00:00+09:00"'
DETAILS: Final = {
    "usage": f"usage({SPAN}) {{ totalKwh }}",
    "usageProfile": f"usageProfile({SPAN}) {{ by }}",
    "latestReading": "latestReading { kwh }",
    "today": "today { kwh }",
    "bills": "bills(first: 1) { totalCount }",
    "readingPeriods": "readingPeriods(first: 1) { totalCount }",
}
LIVE: Final = """subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { cursor } }"""


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def imported(api: Api, folder: Path, person: Person, **changes: Any) -> str:
    """Import a reading period and its bill; gives the id of the bill."""
    own = {"supplyPointNumber": person.facility.supply_point}
    bill = BILL | READ | own | {"portal": "hepco", "number": "1"} | changes
    for kind, record in (
        (RecordKind.READING_PERIODS, PERIOD | READ | own),
        (RecordKind.BILLS, {"issuedOn": "2040-04-28", "dueOn": "2040-05-28"} | bill),
    ):
        assert await run(api.sources, kind, write(folder / kind.value, [record])) == [
            "1 stored, 0 rejected"
        ]
    return node_id("Bill", "hepco/1")


async def logged_in(api: Api, world: World, person: Person) -> str:
    """A new token of a person, for days on which the old one has ended."""
    opened = await api.sources.sessions.open(person.member, "hepco", api.sources.clock())
    return opened.access_token


async def test_a_bill_and_with_the_first_one_the_contracts_are_seen_from_the_day_of_policy(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    clock.now = datetime(2040, 5, 9, 23, 59, tzinfo=TOKYO)
    carol = await world.person("hepco", "carol")
    id_ = await imported(api, tmp_path, carol, issuedOn="2040-05-01")

    answer = await api.ask(NODE, carol.token, id=id_)
    assert answer["data"] == {"node": None}
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "NOT_YET_AVAILABLE", "availableOn": "2040-05-10"}
    before = (await api.data(LISTS, carol.token))["viewer"]
    assert before == {
        "bills": {"totalCount": 0, "nodes": []},
        "facilities": {
            "nodes": [
                {
                    "contractsAvailable": False,
                    "contracts": [],
                    "bills": {"totalCount": 0, "nodes": []},
                    "readingPeriods": {"nodes": [{"billAvailableOn": "2040-05-10"}]},
                }
            ]
        },
    }
    dora = await world.person("hepco", "dora")
    assert await api.code(NODE, dora.token, id=id_) == "NOT_FOUND"

    clock.advance(minutes=1)
    assert await api.data(NODE, carol.token, id=id_) == {"node": {"amountYen": 7_650}}
    after = (await api.data(LISTS, carol.token))["viewer"]
    (home,) = after["facilities"]["nodes"]
    assert after["bills"]["totalCount"] == home["bills"]["totalCount"] == 1
    assert after["bills"]["nodes"][0]["availableOn"] == "2040-05-10"
    assert home["contractsAvailable"]
    assert home["contracts"] == [{"number": carol.facility.contracts[0].number}]


async def test_the_result_of_a_debit_is_seen_five_business_days_after_it(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    clock.now = datetime(2040, 6, 28, 12, tzinfo=TOKYO)
    carol = await world.person("hepco", "carol")
    debit = {"paymentMethod": "DIRECT_DEBIT", "debitOn": "2040-06-22"}
    await imported(api, tmp_path, carol, **debit, paymentState="PAID", paidOn="2040-06-22")
    for at, state, paid_on in ((28, "UNPAID", None), (29, "PAID", "2040-06-22")):
        clock.now = datetime(2040, 6, at, 12, tzinfo=TOKYO)
        token = await logged_in(api, world, carol)
        (bill,) = (await api.data(LISTS, token))["viewer"]["bills"]["nodes"]
        assert bill["payment"] == {
            "state": state,
            "paidOn": paid_on,
            "debitOn": "2040-06-22",
            "resultAvailableOn": "2040-06-29",
        }


async def test_usage_and_bills_open_when_the_start_of_a_contract_is_registered(
    api: Api, world: World
) -> None:
    """FA-4: of a portal that waits for it, and of no other."""
    mina, dora = await world.person("mirai", "mina"), await world.person("hepco", "dora")
    await world.bill(mina.facility, date(2040, 5, 1))
    number = mina.facility.number
    bill = node_id("Bill", f"mirai/{number}-204005")
    closed = await world.change(mina.facility, contracts=())
    await world.change(dora.facility, contracts=())
    query = "query ($id: ID!) { node(id: $id) { ... on Facility { name %s } } }"

    for detail in DETAILS.values():
        code, _ = await api.error(query % detail, mina.token, id=mina.facility_id)
        assert code == "NOT_YET_AVAILABLE"
        assert await api.data(query % detail, dora.token, id=dora.facility_id)
        assert await api.code(query % detail, dora.token, id=mina.facility_id) == "NOT_FOUND"
    assert await api.code(NODE, mina.token, id=bill) == "NOT_YET_AVAILABLE"
    listed = "{ viewer { bills(first: 5) { totalCount nodes { id } } } }"
    none = {"viewer": {"bills": {"totalCount": 0, "nodes": []}}}
    assert await api.data(listed, mina.token) == none
    async with api.socket(mina.token) as socket:
        await socket.subscribe("1", LIVE, ids=mina.facility_ids)
        assert await socket.error_code() == "NOT_YET_AVAILABLE"
    name = await api.data(query % "contractsAvailable", mina.token, id=mina.facility_id)
    assert name == {"node": {"name": closed.name, "contractsAvailable": True}}

    await world.change(closed, contracts=mina.facility.contracts)
    for detail in DETAILS.values():
        assert await api.data(query % detail, mina.token, id=mina.facility_id)
    assert (await api.data(NODE, mina.token, id=bill))["node"]["amountYen"] > 0
    assert (await api.data(listed, mina.token))["viewer"]["bills"]["nodes"] == [{"id": bill}]
