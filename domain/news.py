"""News that members are told of by mail: bills that come out, meters that were read (NO-1).

When somebody is told and who; the mails are `domain.news_mails`, sending them `resolvers.news`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.bill_dates import contract_billed
from domain.bills import Bill
from domain.facilities import Facility
from domain.invoices import Invoice
from domain.mail_preferences import mail_preferences
from domain.members import Member, MemberState
from domain.policy import MailTopic
from domain.portal import Portal

_FRESH: Final = timedelta(days=7)
"What came out longer ago when it is stored is history: nobody is told of bills of former years."


class NewsKind(StrEnum):
    BILL = "BILL"
    INVOICE = "INVOICE"
    READING = "READING"


@dataclass(frozen=True, slots=True)
class News:
    """What a member is to be told of from a day on, once."""

    kind: NewsKind
    subject: str
    "Id of the bill, the invoice or the reading period."
    revision: int
    "Each one is told of."
    tell_on: date

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.revision}/{self.subject}"


def bill_news(bill: Bill, stored_on: date) -> News | None:
    """What to tell of a bill that is new or corrected; None of history."""
    return _billed(NewsKind.BILL, bill, stored_on)


def invoice_news(invoice: Invoice, stored_on: date) -> News | None:
    """The same of a consolidated invoice."""
    return _billed(NewsKind.INVOICE, invoice, stored_on)


def reading_news(period: str, read_on: date, stored_on: date) -> News | None:
    """What to tell of a reading period that is new, by its id; None of history."""
    on = _tell_on(read_on, stored_on, anyway=False)
    return None if on is None else News(NewsKind.READING, period, 0, on)


def wants(member: Member, portal: Portal, topic: MailTopic) -> bool:
    """Whether a member gets such mails now: nobody who has left, or has not proved who they are."""
    if member.state is not MemberState.ACTIVE or member.leaves_at is not None:
        return False
    chosen = mail_preferences(portal, member.mail_topics)
    return any(each.wanted for each in chosen if each.kind.topic is topic)


def plan_billed(bill: Bill, facility: Facility) -> str | None:
    """What the contract of a bill calls its plan, also where the bill doesn't say it."""
    if bill.plan is not None:
        return bill.plan
    contract = contract_billed(facility, bill)
    return None if contract is None else contract.plan


def _billed(kind: NewsKind, what: Bill | Invoice, stored_on: date) -> News | None:
    on = _tell_on(what.available_on, stored_on, anyway=what.revision > 0)
    return None if on is None else News(kind, what.id, what.revision, on)


def _tell_on(out_on: date, stored_on: date, *, anyway: bool) -> date | None:
    """When to tell of what comes out on a day and is stored on another, `anyway` also if late."""
    return max(out_on, stored_on) if anyway or out_on >= stored_on - _FRESH else None
