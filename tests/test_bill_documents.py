"""Bills and invoices as PDF: what a member gets behind the address of a file."""

from dataclasses import replace
from datetime import date

from domain.facilities import Address, PaymentMethod
from domain.invoices import Invoice
from domain.supply import SupplyContract
from schema.nodes import node_id
from tests.api import NOW, Api
from tests.downloading import fetched
from tests.pdf_texts import text_of
from tests.world import Person, World

URL = """query ($id: ID!) { node(id: $id) {
  ... on Bill { download(format: PDF) { url } }
  ... on Invoice { download { url } }
} }"""


async def printed(api: Api, of: Person, kind: str, key: str) -> str:
    found = await api.data(URL, of.token, id=node_id(kind, key))
    response = await fetched(api, found["node"]["download"]["url"])
    assert response.headers["content-type"] == "application/pdf"
    again = await fetched(api, found["node"]["download"]["url"])
    assert again.content == response.content
    return text_of(response.content)


async def test_a_bill_is_printed_with_its_period_and_sent_to_who_has_the_contract(
    api: Api, world: World
) -> None:
    alice, facility = world.alice, world.alice.facility
    await world.bill(facility, date(2040, 4, 1), 120_000)
    bill = await world.bill(facility, date(2040, 5, 1))
    await world.period(facility, bill.start_on, bill.end_on)
    await world.use(facility, date(2040, 4, 12), 20)
    text = await printed(api, alice, "Bill", bill.id)
    for said in (
        *("alice@example.jpの名前様", "〒160-0022", facility.customer_number, facility.name),
        *("当月指示数1,250kWh", "1日ごとのご使用量(kWh)", f"金額(円){bill.amount_yen:,}"),
    ):
        assert said in text, said

    office = Address("060-0001", "北海道", "札幌市中央区北一条西", "2丁目", None)
    contract = SupplyContract(
        *("denki-jtb", facility.customer_number, "検針株式会社", None, None, office),
        *(PaymentMethod.DIRECT_DEBIT, 100),
    )
    await api.sources.contracts.put([contract])
    assert "検針株式会社" not in await printed(api, alice, "Bill", bill.id)
    await api.sources.mongo["supplyContracts"].update_one(
        {"_id": contract.id}, {"$set": {"member": alice.member}}
    )
    text = await printed(api, alice, "Bill", bill.id)
    assert "〒060-0001北海道札幌市中央区北一条西2丁目検針株式会社御中" in text

    changed = replace(bill, lines=bill.lines[:1], amount_yen=1_240, plan="lighting-b")
    await api.sources.bills.put([changed], NOW)
    text = await printed(api, alice, "Bill", bill.id)
    assert "ご契約種別従量電灯B(例)" in text
    assert f"{bill.number}(改訂1)" in text
    assert f"発行の{bill.number}に代わるものです" in text


async def test_who_had_a_place_before_prints_the_old_bills_and_learns_nothing_of_the_new_occupant(
    api: Api, world: World
) -> None:
    alice = world.alice
    bill = await world.bill(alice.facility, date(2040, 5, 1))
    await world.change(
        alice.facility, owner=world.bob.member, name="ボブの店", customer_number="B-777"
    )
    text = await printed(api, alice, "Bill", bill.id)
    assert "ボブの店" not in text
    assert "B-777" not in text
    assert alice.facility.supply_point in text
    assert "alice@example.jpの名前様" in text


async def test_a_consolidated_invoice_is_printed_with_a_row_for_each_bill(
    api: Api, world: World
) -> None:
    company = await world.person("denki-jtb", "company@example.jp", facilities=3)
    bills = [await world.bill(place, date(2040, 5, 1)) for place in company.facilities]
    invoice = Invoice(
        id="denki-jtb/M-1",
        portal="denki-jtb",
        owner=company.member,
        number="M-1",
        group="g",
        month=date(2040, 5, 1),
        read_on=bills[0].read_on,
        issued_on=bills[0].issued_on,
        available_on=bills[0].available_on,
        bills=tuple(bill.id for bill in bills),
        amount_yen=sum(bill.amount_yen for bill in bills),
        tax_percent=10,
        payment=bills[0].payment,
    )
    await api.sources.invoices.put([invoice], NOW)
    text = await printed(api, company, "Invoice", invoice.id)
    for bill, place in zip(bills, company.facilities, strict=True):
        assert f"{place.name}{place.supply_point}{bill.number}4/12~5/11" in text
    assert f"合計(3件){invoice.amount_yen:,}" in text
    part = await printed(api, company, "Bill", bills[0].id)
    assert "ご請求内訳書" in part
    assert "まとめ請求書M-1に合算" in part
