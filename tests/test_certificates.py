"""Payment certificates as a member gets them: once a year, of nothing twice (BI-6)."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.bills import Bill, PaymentState
from domain.facilities import PaymentMethod
from resolvers.sources import Sources
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.downloading import fetched, refused
from tests.pdf_texts import text_of
from tests.world import Person, World

ISSUE = """mutation ($facility: ID!, $key: String) {
  issuePaymentCertificate(input: {facilityId: $facility, idempotencyKey: $key}) {
    certificate { id number issuedOn endsOn amountYen bills { number paidOn amountYen taxPercent } }
    issuedOn
    userErrors { code field retryAt }
  }
}"""
ALL = """{ viewer { paymentCertificates(first: 10) {
  totalCount nodes { id number issuedOn facilityId download { url } }
} } }"""


@pytest.fixture
async def payer(world: World) -> Person:
    return await world.person("hapie", "payer1")


async def paid(sources: Sources, world: World, of: Person, month: date) -> Bill:
    bill = await world.bill(of.facility, month)
    payment = replace(
        bill.payment,
        method=PaymentMethod.PAYMENT_SLIP,
        state=PaymentState.PAID,
        paid_on=month.replace(day=25),
    )
    bill = replace(bill, payment=payment)
    await sources.bills.put([bill], sources.clock())
    return bill


async def issue(
    api: Api, of: Person, key: str | None = None, facility: str | None = None
) -> dict[str, Any]:
    given = {"facility": facility or of.facility_id, "key": key}
    answer: dict[str, Any] = (await api.data(ISSUE, of.token, **given))["issuePaymentCertificate"]
    return answer


async def url(api: Api, of: Person) -> str:
    found = (await api.data(ALL, of.token))["viewer"]["paymentCertificates"]["nodes"]
    return str(found[0]["download"]["url"])


async def logged_in(world: World, person: Person) -> Person:
    """The same person in a new session."""
    opened = await world.sources.sessions.open(person.member, "hapie", world.sources.clock())
    return replace(person, token=opened.access_token)


def code(answer: dict[str, Any]) -> str:
    assert answer["certificate"] is None
    (error,) = answer["userErrors"]
    return str(error["code"])


async def test_a_certificate_is_issued_once_a_year_and_never_certifies_a_payment_twice(
    api: Api, world: World, payer: Person, clock: Clock
) -> None:
    sources = api.sources
    assert code(await issue(api, payer)) == "NOTHING_PAID"
    bills = [await paid(sources, world, payer, date(2040, month, 1)) for month in (3, 4)]
    await world.bill(payer.facility, date(2040, 5, 1))

    first = await issue(api, payer, "key-1")
    certificate = first["certificate"]
    assert first["userErrors"] == []
    assert certificate["number"] == "2040-000001"
    assert (certificate["issuedOn"], certificate["endsOn"]) == ("2040-06-15", "2040-07-15")
    assert certificate["amountYen"] == sum(bill.amount_yen for bill in bills)
    assert certificate["bills"] == [
        {
            "number": bill.number,
            "paidOn": f"2040-0{month}-25",
            "amountYen": bill.amount_yen,
            "taxPercent": 10,
        }
        for bill, month in zip(bills, (3, 4), strict=True)
    ]

    assert await issue(api, payer, "key-1") == first
    for key in (None, "key-2"):
        again = await issue(api, payer, key)
        assert code(again) == "ALREADY_ISSUED"
        assert again["issuedOn"] == "2040-06-15"
        assert again["userErrors"][0]["retryAt"] == "2041-01-01T00:00:00+09:00"

    clock.advance(days=240)
    payer = await logged_in(world, payer)
    assert code(await issue(api, payer)) == "NOTHING_PAID"
    late = await paid(sources, world, payer, date(2041, 1, 1))
    second = (await issue(api, payer))["certificate"]
    assert [bill["number"] for bill in second["bills"]] == [late.number]
    assert second["number"] == "2041-000001"
    found = (await api.data(ALL, payer.token))["viewer"]["paymentCertificates"]
    assert found["totalCount"] == 2
    assert [each["issuedOn"] for each in found["nodes"]] == ["2041-02-10", "2040-06-15"]
    assert found["nodes"][1]["download"] is None


async def test_of_requests_at_once_one_issues_it_and_the_same_ones_get_its_answer(
    api: Api, world: World, payer: Person
) -> None:
    await paid(api.sources, world, payer, date(2040, 4, 1))
    keys = ["mine", "mine", None, "other", None, "mine"]
    answers = await asyncio.gather(*(issue(api, payer, key) for key in keys))

    stored = await api.sources.mongo.find("paymentCertificates", {})
    assert len(stored) == 1
    issued = [answer for answer in answers if answer["certificate"]]
    assert issued
    assert all(answer == issued[0] for answer in issued)
    others = [code(answer) for answer in answers if not answer["certificate"]]
    assert set(others) <= {"ALREADY_ISSUED"}
    with_key = [
        bool(a["certificate"]) for a, key in zip(answers, keys, strict=True) if key == "mine"
    ]
    assert len(set(with_key)) == 1
    counter = await api.sources.mongo.find("counters", {"_id": "certificate/hapie/2040"})
    assert [each["value"] for each in counter] == [1]


async def test_who_gets_no_certificate_is_told_why(api: Api, world: World, payer: Person) -> None:
    await paid(api.sources, world, payer, date(2040, 4, 1))
    (contract,) = payer.facility.contracts
    for change, expected in (
        ({"payment_method": PaymentMethod.CARD}, "CARD_PAYER"),
        ({"paper_receipts": True}, "PAPER_RECEIPTS"),
    ):
        await world.change(payer.facility, contracts=(replace(contract, **change),))
        assert code(await issue(api, payer)) == expected
    assert code(await issue(api, world.alice)) == "NOT_OFFERED"
    others = await issue(api, payer, facility=world.alice.facility_id)
    assert (code(others), others["userErrors"][0]["field"]) == (
        "NO_SUCH_FACILITY",
        ["input", "facilityId"],
    )
    assert code(await issue(api, payer, facility="nonsense")) == "NO_SUCH_FACILITY"
    await world.change(payer.facility, contracts=(contract,))
    assert code(await issue(api, payer, "鍵")) == "BAD_CHARACTER"
    opened = await api.sources.sessions.open(
        payer.member, "hapie", api.sources.clock(), in_transit=True
    )
    assert (
        code(await issue(api, replace(payer, token=opened.access_token))) == "POSTCARD_IN_TRANSIT"
    )
    assert await api.sources.mongo.find("paymentCertificates", {}) == []


async def test_the_document_is_fetched_again_as_it_was_for_as_long_as_policy_says(
    api: Api, world: World, payer: Person, clock: Clock
) -> None:
    bill = await paid(api.sources, world, payer, date(2040, 4, 1))
    await issue(api, payer)
    first = await fetched(api, await url(api, payer))
    text = text_of(first.content)
    for wanted in (
        "支払証明書",
        "2040-000001",
        bill.number,
        f"{bill.amount_yen:,}",
        "payer1 の名前",
    ):
        assert wanted.replace(" ", "") in text

    # Whatever becomes of the bill and the place, the document stays as it is.
    await api.sources.bills.put(
        [replace(bill, payment=replace(bill.payment, state=PaymentState.OVERDUE))], clock()
    )
    await world.change(payer.facility, name="別の名前")
    clock.advance(days=29, hours=11, minutes=48)
    payer = await logged_in(world, payer)
    last = await url(api, payer)
    assert (await fetched(api, last)).content == first.content
    clock.advance(minutes=3)
    assert await refused(api, last) == (410, "LINK_ENDED")


async def test_a_certificate_is_shown_to_nobody_else(api: Api, world: World, payer: Person) -> None:
    await paid(api.sources, world, payer, date(2040, 4, 1))
    certificate = (await issue(api, payer))["certificate"]
    query = "query ($id: ID!) { node(id: $id) { __typename } }"
    assert await api.code(query, world.alice.token, id=certificate["id"]) == "NOT_FOUND"
    unknown = node_id("PaymentCertificate", "hapie/1/2039")
    assert await api.code(query, payer.token, id=unknown) == "NOT_FOUND"
