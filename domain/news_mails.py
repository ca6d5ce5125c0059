"""Mails that tell members of bills and meter readings, to all addresses of theirs (NO-1)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.bills import Bill
from domain.facilities import ContractKind, Facility, ReadingPeriod
from domain.invoices import Invoice
from domain.members import Member
from domain.outbox import Language, MailKind, Message

_DAY: Final = timedelta(days=1)
_UNITS: Final = {ContractKind.GAS: "m³"}


def bill_mails(
    member: Member, facility: Facility, bill: Bill, *, corrects: bool = False
) -> list[Message]:
    """Of a bill that came out, or of one that `corrects` another one that did."""
    values = {
        "facility": facility.name,
        **_span(bill.start_on, bill.end_on),
        "amount_yen": f"{bill.amount_yen:,}",
    }
    if corrects:
        return _to_all(member, MailKind.BILL_CHANGED, values)
    if bill.kind is ContractKind.BUY_BACK:
        return _to_all(member, MailKind.BUY_BACK, values)
    return _to_all(member, MailKind.BILL, values | {"due_on": bill.payment.due_on.isoformat()})


def invoice_mails(member: Member, invoice: Invoice) -> list[Message]:
    """Of a consolidated invoice, in place of mails about its bills."""
    values = {
        "number": invoice.number,
        "bills": str(len(invoice.bills)),
        "amount_yen": f"{invoice.amount_yen:,}",
        "due_on": invoice.payment.due_on.isoformat(),
    }
    return _to_all(member, MailKind.INVOICE, values)


def reading_mails(member: Member, facility: Facility, period: ReadingPeriod) -> list[Message]:
    """Of a meter reading and what it says was used, or fed in."""
    usage = (Decimal(period.usage) / 1000).normalize()
    values = {
        "facility": facility.name,
        "read_on": period.read_on.isoformat(),
        **_span(period.start_on, period.end_on),
        "usage": f"{usage:,f} {_UNITS.get(period.kind, 'kWh')}",
    }
    return _to_all(member, MailKind.READING, values)


def _span(start_on: date, end_on: date) -> dict[str, str]:
    return {"from_on": start_on.isoformat(), "last_on": (end_on - _DAY).isoformat()}


def _to_all(member: Member, kind: MailKind, values: dict[str, str]) -> list[Message]:
    """Nothing to a member without an address, who finds it in the portal."""
    language = Language(member.language)
    return [Message(kind, member.portal, member.id, to, language, values) for to in member.emails]
