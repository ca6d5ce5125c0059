"""Tells members of bills that came out and meters that were read, if they want such mails then (NO-1).

What is to be told of is noted where it is stored. Whoever takes a note away writes its mails with that,
so each revision of a bill is told exactly once to each address of its member.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, TypeGuard, TypeVar

import structlog

from datasources.mongo import PyMongoError, Transaction, describe
from domain.bills import Bill
from domain.facilities import Facility
from domain.invoices import Invoice
from domain.members import Member
from domain.news import News, NewsKind, plan_billed, wants
from domain.news_mails import bill_mails, invoice_mails, reading_mails
from domain.outbox import Message
from domain.policy import MailTopic
from domain.slots import date_at
from resolvers.sources import Sources

_AT_ONCE: Final = 100
"News that are told of in one transaction."
_LOOK_SECONDS: Final = 60.0
_DAMAGED: Final = (ArithmeticError, LookupError, TypeError, ValueError)
"What comes of reading a record that no version of this program has written."
_log = structlog.get_logger()

Billed = TypeVar("Billed", Bill, Invoice)
Mails = dict[str, list[Message]]
"By ids of the news that they tell of; nothing of what nobody is to be told of."
Concerned = tuple[dict[str, Member], dict[int, Facility]]


async def keep_telling_news(sources: Sources) -> None:
    """Look every minute for bills and readings that members are to be told of."""
    while True:
        try:
            while await tell_news(sources):
                pass
        except PyMongoError as error:
            _log.warning("cannot tell of bills", error=describe(error))
        await asyncio.sleep(_LOOK_SECONDS)


async def tell_news(sources: Sources) -> int:
    """Write the mails of news that are due, some at once; gives how many were due."""
    due = await sources.news.due(_today(sources), _AT_ONCE)
    mails = await _mails(sources, due)

    async def work(transaction: Transaction) -> None:
        taken = await sources.news.take(due, transaction)
        told = [mail for news in taken for mail in mails.get(news.id, [])]
        await sources.outbox.add(told, transaction)

    if due:
        await sources.mongo.transaction(work)
    return len(due)


def mails_bills(sources: Sources, bill: Bill, facility: Facility) -> bool:
    """Whether the portal sends mails about such bills at all."""
    portal = sources.portals[bill.portal]
    plan = sources.plans.named(plan_billed(bill, facility) or "")
    switched = any(kind.topic is MailTopic.BILL for kind in portal.mail_kinds)
    return switched and (plan is None or plan.key not in portal.billing.no_bill_mail)


async def concerned(
    sources: Sources, members: Iterable[str], facilities: Iterable[int]
) -> Concerned:
    """Members and facilities by their ids."""
    return await asyncio.gather(
        sources.members.by_ids(sorted(set(members))),
        sources.facilities.by_numbers(sorted(set(facilities))),
    )


async def _mails(sources: Sources, news: Sequence[News]) -> Mails:
    """What is to be sent. A damaged record does not keep the others back; nothing is told of it."""
    try:
        bills = [each for each in news if each.kind is NewsKind.BILL]
        invoices = [each for each in news if each.kind is NewsKind.INVOICE]
        readings = [each for each in news if each.kind is NewsKind.READING]
        return {
            **await _of_bills(sources, bills),
            **await _of_invoices(sources, invoices),
            **await _of_readings(sources, readings),
        }
    except _DAMAGED as error:
        if len(news) == 1:
            _log.error("a record is damaged", news=news[0].id, error=type(error).__name__)
            return {}
    mails: Mails = {}
    for each in news:
        mails |= await _mails(sources, [each])
    return mails


async def _of_bills(sources: Sources, news: Sequence[News]) -> Mails:
    if not news:
        return {}
    bills = await sources.bills.by_ids([each.subject for each in news])
    present = [each for each in news if _is_present(bills.get(each.subject), each)]
    told = {each.id: bills[each.subject] for each in present}
    owners, facilities = await concerned(
        sources,
        (bill.owner for bill in told.values()),
        (bill.facility for bill in told.values()),
    )
    return {
        id_: await _bill_mails(sources, owner, facility, bill)
        for id_, bill in told.items()
        if (owner := owners.get(bill.owner))
        and (facility := facilities.get(bill.facility))
        and not _is_in_one(bill, facility)
        and _wanted(sources, owner, bill)
        and mails_bills(sources, bill, facility)
        and sources.portals[bill.portal].billing.opens_details(facility)
    }


async def _of_invoices(sources: Sources, news: Sequence[News]) -> Mails:
    if not news:
        return {}
    invoices = await sources.invoices.by_ids([each.subject for each in news])
    owners = await sources.members.by_ids(sorted({each.owner for each in invoices.values()}))
    return {
        each.id: invoice_mails(owner, invoice)
        for each in news
        if _is_present(invoice := invoices.get(each.subject), each)
        and (owner := owners.get(invoice.owner))
        and _wanted(sources, owner, invoice)
    }


async def _of_readings(sources: Sources, news: Sequence[News]) -> Mails:
    if not news:
        return {}
    periods = await sources.periods.by_ids([each.subject for each in news])
    owners, facilities = await concerned(
        sources,
        (owned.owner for owned in periods.values()),
        (owned.period.facility for owned in periods.values()),
    )
    return {
        each.id: reading_mails(owner, facility, owned.period)
        for each in news
        if (owned := periods.get(each.subject))
        and (owner := owners.get(owned.owner))
        and (facility := facilities.get(owned.period.facility))
        and wants(owner, sources.portals[owner.portal], MailTopic.READING)
    }


def _is_present(billed: Billed | None, news: News) -> TypeGuard[Billed]:
    """Whether news are of what is there now; of a later revision there are other ones."""
    return billed is not None and billed.revision == news.revision


def _is_in_one(bill: Bill, facility: Facility) -> bool:
    """Whether a bill is paid with others, in one invoice, which is told of instead (BI-2)."""
    grouped = [each.number for each in facility.contracts if each.invoiced_with is not None]
    return bill.invoice is not None or bill.contract in grouped


def _wanted(sources: Sources, owner: Member, billed: Bill | Invoice) -> bool:
    """Whether the owner is told of what was billed: it is seen, and such mails are switched on."""
    portal = sources.portals[owner.portal]
    seen_from = portal.history_from(sources.clock())
    seen = seen_from <= billed.available_on <= _today(sources)
    return seen and wants(owner, portal, MailTopic.BILL)


async def _bill_mails(
    sources: Sources, owner: Member, facility: Facility, bill: Bill
) -> list[Message]:
    """Of a bill, or of its correction; none where what the owner has seen says the same."""
    before = await _seen_before(sources, bill)
    if before is not None and (before.amount_yen, before.usage) == (bill.amount_yen, bill.usage):
        return []
    return bill_mails(owner, facility, bill, corrects=before is not None)


async def _seen_before(sources: Sources, bill: Bill) -> Bill | None:
    """The revision that the owner saw last before this one."""
    if bill.revision == 0:
        return None
    earlier = (await sources.bill_revisions.of_bills([bill.id], bill.owner))[bill.id]
    for each in earlier:
        if each.bill.available_on <= date_at(each.replaced_at):
            return each.bill
    return None


def _today(sources: Sources) -> date:
    return date_at(sources.clock())
