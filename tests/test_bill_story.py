"""A bill through its life: made, replaced by the company's own, corrected, paid with others."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import anyio

from datasources.bills import BillStore
from domain.bills import SEN, Bill, BillSource, Payment, PaymentState
from domain.facilities import ContractKind, Facility, PaymentMethod
from domain.readings import Direction
from domain.slots import TOKYO
from resolvers.imports import Import, RecordKind
from resolvers.sources import Sources
from schema.nodes import node_id
from tests.api import NOW, Api, Clock
from tests.billed import home_bill, invoice_of
from tests.known_usage import tokyo
from tests.world import Person, World

BILLS = """query ($kind: ContractKind) { viewer {
  bills(first: 9, kind: $kind) { totalCount nodes { ...Shown } }
  facilities(first: 1) { nodes { bills(first: 9, kind: $kind) { totalCount nodes { number } } } }
} }
fragment Shown on Bill {
  id number kind revision source contractNumber plan usageKwh usageM3 amountYen taxPercent taxYen
  availableOn invoiceId
  payment { method state dueOn debitOn paidOn resultAvailableOn } paymentState paidOn
  revisions { revision number source amountYen usageKwh replacedAt lines { amountSen } }
}"""
NODE = """query ($id: ID!) { node(id: $id) { id ... on Invoice {
  number group month revision amountYen taxYen availableOn payment { state method paidOn }
  bills { number amountYen payment { state } invoiceId }
} } }"""
INVOICES = "{ viewer { invoices(first: 9) { totalCount nodes { number } } } }"
APRIL, MAY = date(2040, 4, 12), date(2040, 5, 12)


async def imported(
    sources: Sources, kind: RecordKind, path: Path, *lines: Mapping[str, Any]
) -> str:
    await anyio.Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines))
    plan = Import(path, kind, None, Direction.IMPORT, TOKYO, None)
    return await plan.run(sources, lambda _: None)


async def bills_of(api: Api, person: Person, kind: str | None = None) -> list[dict[str, Any]]:
    viewer = (await api.data(BILLS, person.token, kind=kind))["viewer"]
    found: list[dict[str, Any]] = viewer["bills"]["nodes"]
    of_facility = viewer["facilities"]["nodes"][0]["bills"]
    assert [bill["number"] for bill in of_facility["nodes"]] == [bill["number"] for bill in found]
    assert of_facility["totalCount"] == viewer["bills"]["totalCount"] == len(found)
    return found


def line_of(bill: Bill, **changes: Any) -> dict[str, Any]:
    """The company's own bill of the period, as it hands it in."""
    given = {
        "portal": bill.portal,
        "number": "K-1",
        "startOn": bill.start_on.isoformat(),
        "endOn": bill.end_on.isoformat(),
        "usageKwh": 251,
        "amountYen": 9000,
        "lines": [{"kind": "ENERGY_CHARGE", "label": "電力量料金", "amountYen": 9000}],
        "issuedOn": "2040-05-17",
        "dueOn": "2040-06-12",
        "paymentState": "UNPAID",
    }
    return given | changes


async def test_the_company_s_bill_replaces_one_that_was_made_and_corrections_are_kept(
    api: Api, world: World, tmp_path: Path
) -> None:
    alice, sources = world.alice, api.sources
    made = replace(
        home_bill(alice.facility, APRIL, MAY, date(2040, 5, 16), 250_000), source=BillSource.MADE
    )
    await sources.bills.put([made], NOW)
    point = {"supplyPointNumber": alice.facility.supply_point}
    file = tmp_path / "bills"
    for line in (
        line_of(made) | point,
        line_of(made) | point,
        line_of(
            made,
            amountYen=8900,
            lines=[{"kind": "ENERGY_CHARGE", "label": "電力量料金", "amountYen": 8900.00}],
            taxPercent=8,
            paymentState="PAID",
            paidOn="2040-06-01",
        )
        | point,
    ):
        assert await imported(sources, RecordKind.BILLS, file, line) == "1 stored, 0 rejected"
    assert await sources.bills.put([made], NOW) == []

    (shown,) = await bills_of(api, alice)

    earlier = shown.pop("revisions")
    assert shown == {
        "id": node_id("Bill", "denki-jtb/K-1"),
        "number": "K-1",
        "kind": "ELECTRICITY",
        "revision": 2,
        "source": "IMPORTED",
        "contractNumber": "E1",
        "plan": "従量電灯",
        "usageKwh": 251.0,
        "usageM3": None,
        "amountYen": 8900,
        "taxPercent": 8,
        "taxYen": 659,
        "availableOn": "2040-05-17",
        "invoiceId": None,
        "payment": {
            "method": "DIRECT_DEBIT",
            "state": "PAID",
            "dueOn": "2040-06-12",
            "debitOn": None,
            "paidOn": "2040-06-01",
            "resultAvailableOn": None,
        },
        "paymentState": "PAID",
        "paidOn": "2040-06-01",
    }
    assert [(each["revision"], each["number"], each["source"]) for each in earlier] == [
        (1, "K-1", "IMPORTED"),
        (0, made.number, "MADE"),
    ]
    for each in earlier:
        assert sum(line["amountSen"] for line in each["lines"]) == each["amountYen"] * SEN
    assert [each["amountYen"] for each in earlier] == [9000, made.amount_yen]
    assert earlier[0]["replacedAt"] == NOW.astimezone(TOKYO).isoformat()
    assert await api.code(NODE, alice.token, id=node_id("Bill", made.id)) == "NOT_FOUND"


async def test_payments_come_in_any_order_and_the_result_of_a_debit_waits_for_its_day(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    alice, sources = world.alice, api.sources
    bill = await world.bill(alice.facility, MAY)
    place = await sources.bills.last_place()

    def payment(state: str, at: str, **more: Any) -> dict[str, Any]:
        given = {"portal": "denki-jtb", "bill": bill.number, "method": "DIRECT_DEBIT"}
        return given | {"state": state, "recordedAt": f"2040-06-{at}:00+09:00"} | more

    debited = payment("PAID", "12T09:00", debitOn="2040-06-12", paidOn="2040-06-12")
    planned = payment("UNPAID", "01T09:00", debitOn="2040-06-12")
    unknown = debited | {"bill": "no-such"}
    report = await imported(
        sources,
        RecordKind.PAYMENTS,
        tmp_path / "payments",
        *(debited, planned, debited, unknown),
        {name: value for name, value in debited.items() if name != "bill"},
        debited | {"portal": "hepco"},
        debited | {"paidOn": None},
        debited | {"recordedAt": "2041-06-12T09:00:00+09:00"},
    )
    assert report.splitlines() == [
        "3 stored, 5 rejected",
        "  line 4: portal 'denki-jtb' has no bill 'no-such'",
        "  line 5: either bill or invoice must be given, found none",
        f"  line 6: portal 'hepco' has no bill '{bill.number}'",
        "  line 7: paidOn must be given, found none",
        "  line 8: recordedAt must not be in the future, found 2041-06-12T09:00:00+09:00",
    ]

    (shown,) = await bills_of(api, alice)
    assert shown["payment"] == {
        "method": "DIRECT_DEBIT",
        "state": "UNPAID",
        "dueOn": "2040-06-11",
        "debitOn": "2040-06-12",
        "paidOn": None,
        "resultAvailableOn": "2040-06-19",
    }
    assert (shown["paymentState"], shown["paidOn"]) == ("UNPAID", None)
    assert (shown["revision"], await sources.bills.last_place()) == (0, place)
    clock.now = tokyo(2040, 6, 19)
    alice.token = (await sources.sessions.open(alice.member, "denki-jtb", clock.now)).access_token
    (shown,) = await bills_of(api, alice)
    assert (shown["paymentState"], shown["paidOn"]) == ("PAID", "2040-06-12")


async def test_however_lines_of_payments_come_the_last_one_recorded_counts(
    api: Api, world: World, tmp_path: Path
) -> None:
    sources, place = api.sources, world.alice.facility
    planned = {"method": "DIRECT_DEBIT", "state": "UNPAID", "debitOn": "2040-05-28"}
    failed = planned | {"state": "DEBIT_FAILED"}
    paid = {"method": "PAYMENT_SLIP", "state": "PAID", "paidOn": "2040-06-10"}
    days = {"2040-05-20": planned, "2040-05-29": failed, "2040-06-11": paid}
    told = [line | {"recordedAt": f"{day}T09:00:00+09:00"} for day, line in days.items()]
    orders = [*itertools.permutations(told), [*told, *told[::-1]]]
    bills = [await world.bill(place, date(2039, 12 - at, 1)) for at in range(len(orders))]
    lines = [
        line | {"portal": bill.portal, "bill": bill.number}
        for bill, order in zip(bills, orders, strict=True)
        for line in order
    ]
    for _ in range(2):
        report = await imported(sources, RecordKind.PAYMENTS, tmp_path / "payments", *lines)
        assert report == f"{len(lines)} stored, 0 rejected"
        found = await sources.bills.by_ids([bill.id for bill in bills])
        payments = {replace(bill.payment, due_on=date.min) for bill in found.values()}
        assert payments == {
            Payment(
                method=PaymentMethod.PAYMENT_SLIP,
                state=PaymentState.PAID,
                due_on=date.min,
                paid_on=date(2040, 6, 10),
                recorded_at=datetime(2040, 6, 11, tzinfo=UTC),
            )
        }


async def test_corrections_that_processes_hand_in_at_once_are_one_after_the_other(
    api: Api, world: World
) -> None:
    bill = await world.bill(world.alice.facility, MAY)
    others = [
        home_bill(world.alice.facility, APRIL, MAY, bill.issued_on, usage)
        for usage in (260_000, 270_000, 280_000)
    ]
    stores = [BillStore(api.sources.mongo) for _ in others]
    await asyncio.gather(
        *(store.put([each], NOW) for store, each in zip(stores, others, strict=True))
    )
    (shown,) = await bills_of(api, world.alice)
    kept = [each["revision"] for each in shown["revisions"]]
    assert (shown["revision"], kept) == (3, [2, 1, 0])
    amounts = {shown["amountYen"], *(each["amountYen"] for each in shown["revisions"])}
    assert amounts == {bill.amount_yen, *(each.amount_yen for each in others)}


async def test_another_payment_method_touches_no_member_data(
    api: Api, world: World, tmp_path: Path
) -> None:
    alice, sources = world.alice, api.sources
    line = {
        "portal": "denki-jtb",
        "loginId": "alice@example.jp",
        "supplyPointNumber": alice.facility.supply_point,
        "customerNumber": alice.facility.customer_number,
        "name": alice.facility.name,
        "address": {
            "postalCode": "160-0022",
            "prefecture": "東京都",
            "city": "新宿区新宿",
            "line1": "1番1号",
        },
        "contracts": [
            {
                "number": "E1",
                "kind": "ELECTRICITY",
                "plan": "従量電灯",
                "startOn": "2037-01-01",
                "paymentMethod": "PAYMENT_SLIP",
                "invoiceGroup": "本社",
            }
        ],
    }

    async def kept() -> list[Any]:
        names = ("members", "sessions", "registrations", "supplyContracts", "outbox")
        return [await sources.mongo.find(name, {}) for name in names]

    before = await kept()
    await imported(sources, RecordKind.FACILITIES, tmp_path / "facilities", line)

    assert await kept() == before
    data = await api.data(
        "query ($id: ID!) { facility(id: $id) { contracts "
        "{ paymentMethod paperReceipts invoiceGroup } } }",
        alice.token,
        id=alice.facility_id,
    )
    assert data["facility"]["contracts"] == [
        {"paymentMethod": "PAYMENT_SLIP", "paperReceipts": True, "invoiceGroup": "本社"}
    ]


def gas_bill(facility: Facility) -> Bill:
    bill = home_bill(facility, APRIL, MAY, date(2040, 5, 16), 250_000)
    return replace(bill, id=f"{bill.id}G", number=f"{bill.number}G", kind=ContractKind.GAS)


async def test_bills_of_an_invoice_come_out_and_are_paid_with_it(
    api: Api, world: World, clock: Clock, tmp_path: Path
) -> None:
    alice, bob, sources = world.alice, world.bob, api.sources
    power, gas = await world.bill(alice.facility, MAY), gas_bill(alice.facility)
    await sources.bills.put([gas], NOW)
    (only_gas,) = await bills_of(api, alice, "GAS")
    assert (only_gas["usageKwh"], only_gas["usageM3"]) == (None, 250.0)
    place = await sources.bills.last_place()

    tomorrow = date(2040, 6, 16)
    invoice = invoice_of([power, gas], tomorrow)
    assert await sources.invoices.put([invoice], NOW) == [invoice]
    assert await sources.invoices.put([invoice], NOW) == []
    wanted = node_id("Invoice", invoice.id)
    assert await bills_of(api, alice) == []
    for id_ in (wanted, node_id("Bill", gas.id)):
        answer = await api.ask(NODE, alice.token, id=id_)
        assert answer["errors"][0]["extensions"] == {
            "code": "NOT_YET_AVAILABLE",
            "availableOn": "2040-06-16",
        }
        assert await api.code(NODE, bob.token, id=id_) == "NOT_FOUND"
    assert (await api.data(INVOICES, alice.token))["viewer"]["invoices"]["totalCount"] == 0

    clock.now = tokyo(2040, 6, 16)
    for person in (alice, bob):
        opened = await sources.sessions.open(person.member, "denki-jtb", clock.now)
        person.token = opened.access_token
    paid = {
        "portal": "denki-jtb",
        "method": "PAYMENT_SLIP",
        "state": "PAID",
        "paidOn": "2040-06-15",
        "recordedAt": "2040-06-15T12:00:00+09:00",
    }
    report = await imported(
        sources,
        RecordKind.PAYMENTS,
        tmp_path / "payments",
        paid | {"bill": gas.number},
        paid | {"invoice": "G-1"},
        paid | {"invoice": "G-2"},
    )
    assert report.splitlines() == [
        "1 stored, 2 rejected",
        f"  line 1: bill '{gas.number}' is paid with invoice 'G-1'",
        "  line 3: portal 'denki-jtb' has no invoice 'G-2'",
    ]
    assert (await api.data(NODE, alice.token, id=wanted))["node"] == {
        "id": wanted,
        "number": "G-1",
        "group": "本社",
        "month": "2040-05-01",
        "revision": 0,
        "amountYen": 2 * 10693,
        "taxYen": 1944,
        "availableOn": "2040-06-16",
        "payment": {"state": "PAID", "method": "PAYMENT_SLIP", "paidOn": "2040-06-15"},
        "bills": [
            {
                "number": bill.number,
                "amountYen": 10693,
                "payment": {"state": "PAID"},
                "invoiceId": wanted,
            }
            for bill in (power, gas)
        ],
    }
    assert (await api.data(INVOICES, alice.token))["viewer"]["invoices"]["nodes"] == [
        {"number": "G-1"}
    ]
    assert (await api.data(INVOICES, bob.token))["viewer"]["invoices"]["totalCount"] == 0
    assert await api.code(NODE, bob.token, id=wanted) == "NOT_FOUND"
    assert await sources.bills.last_place() > place

    smaller = invoice_of([power], tomorrow)
    (stored,) = await sources.invoices.put([smaller], NOW)
    assert (stored.revision, stored.payment.state) == (1, PaymentState.PAID)
    assert (await sources.bills.by_ids([gas.id]))[gas.id].invoice is None
    (earlier,) = await sources.mongo.find("invoiceRevisions", {})
    assert (earlier["invoice"], earlier["amountYen"]) == (invoice.id, 2 * 10693)


async def test_a_line_of_a_hundred_million_yen_is_shown_to_the_sen(
    api: Api, world: World, tmp_path: Path
) -> None:
    alice, sources = world.alice, api.sources
    bill = home_bill(alice.facility, APRIL, MAY, MAY, 250_000)
    charge = {"kind": "ENERGY_CHARGE", "label": "電力量料金", "amountYen": 100_000_000.25}
    rounding = {"kind": "ROUNDING", "label": "端数切捨", "amountYen": -0.25}
    line = line_of(bill, amountYen=100_000_000, lines=[charge, rounding])
    line |= {"supplyPointNumber": alice.facility.supply_point}
    await imported(sources, RecordKind.BILLS, tmp_path / "bills", line)
    data = await api.data(
        "{ viewer { bills(first: 1) { nodes { amountYen lines { amountYen amountSen } } } } }",
        alice.token,
    )
    assert data["viewer"]["bills"]["nodes"] == [
        {
            "amountYen": 100_000_000,
            "lines": [
                {"amountYen": 100_000_000.25, "amountSen": 10_000_000_025},
                {"amountYen": -0.25, "amountSen": -25},
            ],
        }
    ]
