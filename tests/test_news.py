"""Mails about bills that come out and meters that were read: to whom, when and how often (NO-1)."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from bson import Int64

from domain.bills import Bill
from domain.facilities import ContractKind, Facility
from domain.invoices import Invoice
from domain.settings import Settings
from resolvers.news import tell_news
from resolvers.sources import open_sources
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.billed import home_bill
from tests.changing import PREFER, entered, joined
from tests.messages import stored
from tests.registering import messages
from tests.world import World

SEND: Final = """mutation ($bill: ID!) {
  sendBillNotice(input: {billId: $bill}) { userErrors { code field retryAt } }
}"""
FIRST, SECOND = "hanako@example.jp", "taro@example.jp"
TODAY: Final = date(2040, 6, 15)


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, bill_mails_per_member=2)


class Household:
    """A member with two addresses and a facility."""

    def __init__(self, api: Api, member: str, token: str, facility: Facility) -> None:
        self.api = api
        self.member = member
        self.token = token
        self.facility = facility

    @classmethod
    async def of(cls, world: World, api: Api, portal: str) -> "Household":
        member = await joined(api, portal, "hanako12", FIRST)

        async def work(transaction: Any) -> None:
            await api.sources.member_changes.set_emails(
                member,
                [FIRST, SECOND],
                transaction,
                one_member_each=False,
                first_is_login_id=False,
            )

        await api.sources.mongo.transaction(work)
        token = await entered(api, portal, "hanako12")
        return cls(api, member, token, await world.place(portal, member, name="灯台下"))

    async def prefer(self, **wanted: bool) -> None:
        preferences = [{"topic": topic, "wanted": is_wanted} for topic, is_wanted in wanted.items()]
        answer = await self.api.data(PREFER, self.token, preferences=preferences)
        assert answer["setMailPreferences"]["userErrors"] == []

    def bill(self, available_on: date, usage: int = 250_000, **changes: Any) -> Bill:
        end_on = available_on - timedelta(days=8)
        start_on = end_on - timedelta(days=31)
        bill = home_bill(self.facility, start_on, end_on, available_on - timedelta(days=7), usage)
        number = f"{available_on:%y%m%d}"
        named = replace(bill, id=f"{self.facility.portal}/{number}", number=number)
        return replace(named, available_on=available_on, **changes)

    async def put(self, *bills: Bill) -> None:
        await self.api.sources.bills.put(bills, self.api.sources.clock())

    async def send(self, bill: Bill) -> list[tuple[str, list[str] | None]]:
        """Codes and fields of what keeps a mail from being sent again."""
        answer = await self.api.data(SEND, self.token, bill=node_id("Bill", bill.id))
        errors = answer["sendBillNotice"]["userErrors"]
        return [(error["code"], error["field"]) for error in errors]


async def told(api: Api) -> list[tuple[str, str]]:
    """Kinds and addresses of the mails about bills and readings, once all that is due was told."""
    while await tell_news(api.sources):
        pass
    found = await stored(api.sources.mongo)
    return sorted((mail["kind"], mail["to"]) for mail in found if mail["kind"] in KINDS)


KINDS: Final = {"BILL", "BILL_CHANGED", "BUY_BACK", "INVOICE", "READING"}


async def test_a_bill_is_told_once_to_all_addresses_on_the_day_it_comes_out(
    api: Api, world: World, clock: Clock
) -> None:
    home = await Household.of(world, api, "hepco")
    await home.prefer(BILL=True)
    bill = home.bill(TODAY + timedelta(days=1))
    await home.put(bill)
    assert await told(api) == []
    assert await home.send(bill) == [("NOT_YET_AVAILABLE", ["input", "billId"])]

    clock.advance(days=1)
    assert await told(api) == [("BILL", FIRST), ("BILL", SECOND)]
    (mail,) = await messages(api.sources, "BILL", FIRST)
    assert (mail["portal"], mail["member"], mail["language"]) == ("hepco", home.member, "ja")
    assert mail["values"] == {
        "facility": "灯台下1",
        "from_on": "2040-05-08",
        "last_on": "2040-06-07",
        "amount_yen": "10,693",
        "due_on": "2040-07-08",
    }
    await home.put(bill)
    paid = replace(bill, payment=replace(bill.payment, paid_on=TODAY))
    await home.put(paid)
    assert len(await told(api)) == 2

    home.token = await entered(api, "hepco", "hanako12")
    assert [await home.send(bill) for _ in range(3)] == [[], [], [("TOO_MANY_REQUESTS", None)]]
    assert len(await told(api)) == 6


async def test_a_correction_is_told_anew_and_as_what_it_is(api: Api, world: World) -> None:
    """Also of an old bill; but not of a revision that another one replaced before it came out."""
    home = await Household.of(world, api, "hepco")
    await home.prefer(BILL=True)
    old = home.bill(TODAY - timedelta(days=90))
    await home.put(old)
    unseen = home.bill(TODAY + timedelta(days=3))
    await home.put(unseen)
    assert await told(api) == []

    await home.put(replace(old, usage=1))
    await home.put(replace(unseen, usage=2, available_on=TODAY))
    assert await told(api) == [
        ("BILL", FIRST),
        ("BILL", SECOND),
        ("BILL_CHANGED", FIRST),
        ("BILL_CHANGED", SECOND),
    ]
    reworded = replace(old.lines[0], label="基本料金（40A）")
    await home.put(replace(old, usage=1, lines=(reworded, *old.lines[1:])))
    assert len(await told(api)) == 4  # its amount and usage are those that were told


async def test_old_bills_and_readings_that_are_stored_only_now_are_told_to_nobody(
    api: Api, world: World
) -> None:
    home = await Household.of(world, api, "hapie")
    await home.prefer(BILL=True)
    await home.put(*(home.bill(TODAY - timedelta(days=30 * month)) for month in range(1, 24)))
    late = home.bill(TODAY - timedelta(days=7))
    await home.put(late)
    for month in range(1, 6):
        await world.period(home.facility, date(2040, month, 2), date(2040, month, 28))
    assert await api.sources.mongo["news"].distinct("subject") == [late.id]


async def test_a_reading_is_told_where_the_portal_has_such_mails_unless_they_are_switched_off(
    api: Api, world: World
) -> None:
    for portal, mails in (("hapie", 2), ("hepco", 0)):
        home = await Household.of(world, api, portal)
        await world.period(home.facility, date(2040, 5, 11), date(2040, 6, 12))
        assert len(await told(api)) == mails
        await world.period(home.facility, date(2040, 5, 11), date(2040, 6, 12))
        assert len(await told(api)) == mails
        if mails:
            (mail,) = await messages(api.sources, "READING", SECOND)
            assert mail["values"]["usage"] == "250 kWh"
            assert (mail["values"]["read_on"], mail["values"]["last_on"]) == (
                "2040-06-12",
                "2040-06-11",
            )
            await home.prefer(READING=False)
            await world.period(home.facility, date(2040, 6, 12), date(2040, 6, 14))
            assert len(await told(api)) == mails
            await api.sources.mongo["outbox"].delete_many({})


async def test_a_statement_of_buy_back_is_told_as_such(api: Api, world: World) -> None:
    """BI-7."""
    home = await Household.of(world, api, "hapie")
    await home.prefer(BILL=True)
    await home.put(home.bill(TODAY, kind=ContractKind.BUY_BACK))
    assert await told(api) == [("BUY_BACK", FIRST), ("BUY_BACK", SECOND)]


async def test_of_bills_in_one_invoice_that_alone_is_told(api: Api, world: World) -> None:
    """BI-2: also while the invoice waits for the last of its bills."""
    home = await Household.of(world, api, "hepco")
    await home.prefer(BILL=True)
    (contract,) = home.facility.contracts
    await world.change(home.facility, contracts=(replace(contract, invoice_group="本社"),))
    bill = home.bill(TODAY)
    await home.put(bill)
    assert await told(api) == []

    invoice = Invoice(
        id="hepco/G-1",
        portal="hepco",
        owner=home.member,
        number="G-1",
        group="本社",
        month=date(2040, 5, 1),
        read_on=bill.read_on,
        issued_on=TODAY,
        available_on=TODAY,
        bills=(bill.id,),
        amount_yen=bill.amount_yen,
        tax_percent=10,
        payment=bill.payment,
    )
    for each in (invoice, invoice, replace(invoice, owner=home.member, amount_yen=9_999)):
        await api.sources.invoices.put([each], api.sources.clock())
        await told(api)
    assert len(await told(api)) == 4
    found = await messages(api.sources, "INVOICE", FIRST)
    due_on = bill.payment.due_on.isoformat()
    assert sorted((each["values"] for each in found), key=str) == [
        {"number": "G-1", "bills": "1", "amount_yen": amount, "due_on": due_on}
        for amount in ("10,693", "9,999")
    ]


async def test_who_does_not_want_mails_or_must_not_get_them_gets_none(
    api: Api, world: World
) -> None:
    home = await Household.of(world, api, "hepco")
    bill = home.bill(TODAY)
    await home.put(bill)
    assert await told(api) == []  # it is off unless the member has switched it on
    assert await home.send(bill) == []
    assert len(await told(api)) == 2

    await home.prefer(BILL=True)
    unmailed = home.bill(TODAY - timedelta(days=1), plan="business-low-voltage")
    await home.put(unmailed, home.bill(TODAY - timedelta(days=2), invoice="G-1"))
    (contract,) = home.facility.contracts
    await world.change(home.facility, contracts=(replace(contract, plan="低圧電力（例）"),))
    await home.put(home.bill(TODAY - timedelta(days=3), plan=None, contract=None))
    assert len(await told(api)) == 2
    assert await home.send(unmailed) == [("NO_BILL_MAIL", ["input", "billId"])]
    await world.change(home.facility)

    members = api.sources.mongo["members"]
    for change in ({"state": "POSTCARD_IN_TRANSIT"}, {"leavesAt": api.sources.clock()}):
        before = await members.find_one({"_id": home.member})
        await members.update_one({"_id": home.member}, {"$set": change})
        await home.put(home.bill(TODAY, usage=200_000 + len(str(change))))
        assert len(await told(api)) == 2
        await members.replace_one({"_id": home.member}, before)


async def test_only_the_owner_can_have_a_bill_sent_again(api: Api, world: World) -> None:
    home = await Household.of(world, api, "hepco")
    carol = await world.person("hepco", "carol")
    hers = home_bill(carol.facility, date(2040, 4, 1), date(2040, 5, 1), date(2040, 5, 4), 1_000)
    await home.put(hers)
    unknown = replace(hers, id="hepco/none")
    wrong = [("NO_SUCH_BILL", ["input", "billId"])]
    assert [await home.send(bill) for bill in (hers, unknown)] == [wrong, wrong]
    home.token = carol.token
    assert await home.send(hers) == [("NO_EMAIL", None)]
    home.token = "wrong"
    assert await home.send(hers) == [("NOT_LOGGED_IN", None)]


async def test_a_damaged_bill_and_news_of_a_later_version_keep_nothing_back(
    api: Api, world: World
) -> None:
    home = await Household.of(world, api, "hepco")
    await home.prefer(BILL=True)
    damaged, whole = home.bill(TODAY), home.bill(TODAY - timedelta(days=1))
    await home.put(damaged, whole)
    bills = api.sources.mongo["bills"]
    await bills.update_one({"_id": damaged.id}, {"$set": {"endOn": "soon"}})
    unknown = {"_id": "x", "kind": "POINTS", "subject": "x", "revision": Int64(), "tellOn": "2040"}
    await api.sources.mongo["news"].insert_one(unknown)
    assert await told(api) == [("BILL", FIRST), ("BILL", SECOND)]
    assert await api.sources.mongo["news"].distinct("kind") == ["POINTS"]


async def test_many_who_tell_at_the_same_time_tell_once(api: Api, world: World) -> None:
    home = await Household.of(world, api, "hepco")
    await home.prefer(BILL=True)
    await home.put(*(home.bill(TODAY - timedelta(days=day)) for day in range(7)))
    others = [
        open_sources(api.sources.settings, api.sources.mongo, api.sources.clock) for _ in "abc"
    ]
    await asyncio.gather(*(tell_news(each) for each in (api.sources, *others)))
    assert len(await told(api)) == 14
