"""Documents as the first version kept them, read after `kenshin migrate`."""

from typing import Any

from bson import Int64

from datasources.collections import migrate
from datasources.mongo import Mongo
from schema.nodes import node_id
from tests.api import Api
from tests.world import World

NODE = """
query ($bill: ID!, $facility: ID!) {
  node(id: $bill) { ... on Bill {
    kind source revision amountYen usageKwh readOn availableOn taxYen paymentState dueOn
    lines { label amountYen } payment { method state paidOn } revisions { revision }
  } }
  facility(id: $facility) {
    readingPeriods(first: 1) { nodes { kind usage usageKwh presentRegisterKwh endOn } }
  }
}
"""


def old_bill(world: World) -> dict[str, Any]:
    number, owner = world.alice.facility.number, world.alice.facility.owner
    portal = world.alice.facility.portal
    return {
        "_id": f"{portal}/OLD-1",
        "portal": portal,
        "member": owner,
        "facility": Int64(number),
        "number": "OLD-1",
        "startOn": "2040-04-12",
        "endOn": "2040-05-12",
        "usageWh": Int64(120_000),
        "amountYen": Int64(4_500),
        "lines": [
            {
                "kind": "ENERGY_CHARGE",
                "label": "電力量料金",
                "quantity": "120.000",
                "unit": "kWh",
                "unitPrice": "37.50",
                "amountYen": Int64(4_500),
            }
        ],
        "issuedOn": "2040-05-16",
        "dueOn": "2040-06-11",
        "paymentState": "PAID",
        "paidOn": "2040-06-11",
        "order": f"2040-05-16 {portal}/OLD-1",
        "place": Int64(1),
    }


def old_period(world: World) -> dict[str, Any]:
    facility = world.alice.facility
    return {
        "_id": f"{facility.number}/2040-04-12",
        "portal": facility.portal,
        "member": facility.owner,
        "facility": Int64(facility.number),
        "startOn": "2040-04-12",
        "endOn": "2040-05-12",
        "readOn": "2040-05-12",
        "previousRegisterWh": Int64(1_000_000),
        "presentRegisterWh": Int64(1_120_000),
        "usageWh": Int64(120_000),
    }


async def test_bills_and_periods_of_the_first_version_are_read_after_migrate(
    api: Api, world: World, mongo: Mongo
) -> None:
    await mongo["upgrades"].delete_many({})
    for name, document in (("bills", old_bill(world)), ("readingPeriods", old_period(world))):
        await mongo[name].insert_one(document, bypass_document_validation=True)
    await migrate(mongo)
    data = await api.data(
        NODE,
        world.alice.token,
        bill=node_id("Bill", old_bill(world)["_id"]),
        facility=world.alice.facility_id,
    )
    assert data["node"] == {
        "kind": "ELECTRICITY",
        "source": "IMPORTED",
        "revision": 0,
        "amountYen": 4_500,
        "usageKwh": 120,
        "readOn": "2040-05-12",
        "availableOn": "2040-05-16",
        "taxYen": 409,
        "paymentState": "PAID",
        "dueOn": "2040-06-11",
        "lines": [{"label": "電力量料金", "amountYen": 4_500}],
        "payment": {"method": None, "state": "PAID", "paidOn": "2040-06-11"},
        "revisions": [],
    }
    assert data["facility"]["readingPeriods"]["nodes"] == [
        {
            "kind": "ELECTRICITY",
            "usage": 120,
            "usageKwh": 120,
            "presentRegisterKwh": 1_120,
            "endOn": "2040-05-12",
        }
    ]


async def test_who_paid_by_slip_in_the_first_version_gets_receipts_on_paper(
    api: Api, world: World, mongo: Mongo
) -> None:
    later = {f"contracts.0.{field}": "" for field in ("invoiceGroup", "paperReceipts")}
    change = {"$unset": later, "$set": {"contracts.0.paymentMethod": "PAYMENT_SLIP"}}
    await mongo["facilities"].update_one({"_id": world.alice.facility.number}, change)
    query = "query ($id: ID!) { facility(id: $id) { contracts { invoiceGroup paperReceipts } } }"
    data = await api.data(query, world.alice.token, id=world.alice.facility_id)
    assert data["facility"]["contracts"] == [{"invoiceGroup": None, "paperReceipts": True}]
