"""What printed bills, invoices and certificates tell beside the bill itself (BI-4, BI-6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.bills import SEN, Bill, included_tax
from domain.facilities import Address, Facility, ReadingPeriod
from domain.invoices import Invoice

_COMPANIES: Final = ("会社", "法人", "組合", "協会", "財団", "事務所", "役場", "学校", "病院")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who sends a document; the number is that of issuers of qualified invoices."""

    company: str
    registration_number: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a document goes to, and where."""

    name: str
    postal_code: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of use as its bills name it: without name and customer number once it is another's."""

    name: str | None
    supply_point: str
    customer_number: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Tax:
    """Consumption tax of one rate in an amount that includes it."""

    percent: int
    amount_yen: int
    tax_yen: int


@dataclass(frozen=True, slots=True)
class BillSheet:
    """A bill with what is known of its reading period.

    `daily` is the usage of each of its days in thousandths, None where it is not known as a whole;
    it is empty if no day is known. `before` is the bill of the period before, `replaces` the revision
    whose place the bill has taken.
    """

    bill: Bill
    issuer: Issuer
    addressee: Addressee
    place: Place
    period: ReadingPeriod | None
    before: Bill | None
    replaces: Bill | None
    daily: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """A consolidated invoice with its bills, and the places of use by the numbers of facilities."""

    invoice: Invoice
    issuer: Issuer
    addressee: Addressee
    bills: Sequence[Bill]
    places: Mapping[int, Place]


def addressee(name: str, address: Address) -> Addressee:
    """A person or company at an address."""
    return Addressee(name, address.postal_code, address_lines(address))


def address_lines(address: Address) -> tuple[str, ...]:
    """An address as it is written on an envelope, without the postal code."""
    lines = (f"{address.prefecture}{address.city}{address.line1}", address.line2)
    return tuple(line for line in lines if line)


def place_of(facility: Facility, owner: str) -> Place:
    """A facility to a member who has it, or had it before."""
    mine = facility.owner == owner
    return Place(
        name=facility.name if mine else None,
        supply_point=facility.supply_point,
        customer_number=facility.customer_number if mine else None,
        address=facility.address,
    )


def taxes(amounts: Iterable[tuple[int, int]]) -> tuple[Tax, ...]:
    """Taxes in amounts, given with their rates: reckoned once for each rate, the highest first."""
    totals: dict[int, int] = {}
    for percent, amount in amounts:
        totals[percent] = totals.get(percent, 0) + amount
    return tuple(
        Tax(percent, amount, included_tax(amount, percent))
        for percent, amount in sorted(totals.items(), reverse=True)
    )


def last_day(bill: Bill) -> date:
    """Of the reading period of a bill."""
    return bill.end_on - timedelta(days=1)


def days_of(bill: Bill) -> int:
    """Days of the reading period of a bill."""
    return (bill.end_on - bill.start_on).days


def japanese_date(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def polite(name: str) -> str:
    """A name as a letter is addressed: organisations are 御中, people 様."""
    return f"{name}　{'御中' if any(word in name for word in _COMPANIES) else '様'}"


def amount_text(sen: int) -> str:
    """Sen as yen with two decimals, as lines of a breakdown are given."""
    return f"{Decimal(sen) / SEN:,.2f}"


def quantity_text(quantity: Decimal | None) -> str:
    """A quantity or a price with the decimals that it has."""
    if quantity is None:
        return ""
    whole = quantity == quantity.to_integral_value()
    return f"{quantity:,.0f}" if whole else f"{quantity.normalize():,f}"


def energy_text(thousandths: int) -> str:
    """Thousandths of a unit in the unit."""
    return quantity_text(Decimal(thousandths).scaleb(-3))
