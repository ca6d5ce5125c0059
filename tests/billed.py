"""Bills that tests hand in, whose amounts can be worked out by hand."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from domain.bills import SEN, Bill, BillSource, LineItem, LineKind, Payment, PaymentState
from domain.facilities import ContractKind, Facility, PaymentMethod
from domain.invoices import Invoice

_FIRST_KWH = Decimal(120)


def home_lines(usage: int) -> tuple[LineItem, ...]:
    """40 A with two tiers; whole yen in all, and what is dropped for that is the last line."""
    kwh = Decimal(usage) / 1000
    first = min(kwh, _FIRST_KWH)
    lines = [
        _line(LineKind.BASIC_CHARGE, "基本料金", Decimal(4), "10A", "310.00"),
        _line(LineKind.ENERGY_CHARGE, "電力量料金（第1段階）", first, "kWh", "29.50"),
        _line(LineKind.ENERGY_CHARGE, "電力量料金（第2段階）", kwh - first, "kWh", "36.20"),
        _line(LineKind.FUEL_ADJUSTMENT, "燃料費調整額", kwh, "kWh", "0.85"),
        _line(LineKind.RENEWABLE_LEVY, "再生可能エネルギー発電促進賦課金", kwh, "kWh", "3.98"),
    ]
    if rest := sum(line.amount_sen for line in lines) % SEN:
        lines.append(LineItem(LineKind.ROUNDING, "端数切捨", None, None, None, -rest))
    return tuple(line for line in lines if line.amount_sen)


def home_bill(
    facility: Facility, start_on: date, end_on: date, issued_on: date, usage: int
) -> Bill:
    """An unpaid bill of the company's, available as soon as it is issued."""
    number = f"{facility.number}-{end_on:%Y%m}"
    lines = home_lines(usage)
    return Bill(
        id=f"{facility.portal}/{number}",
        portal=facility.portal,
        owner=facility.owner,
        facility=facility.number,
        kind=ContractKind.ELECTRICITY,
        contract=facility.contracts[0].number,
        plan=facility.contracts[0].plan,
        number=number,
        source=BillSource.IMPORTED,
        start_on=start_on,
        end_on=end_on,
        read_on=end_on,
        usage=usage,
        amount_yen=sum(line.amount_sen for line in lines) // SEN,
        lines=lines,
        tax_percent=10,
        issued_on=issued_on,
        available_on=issued_on,
        payment=Payment(
            PaymentMethod.DIRECT_DEBIT, PaymentState.UNPAID, end_on + timedelta(days=30)
        ),
    )


def invoice_of(bills: Sequence[Bill], available_on: date) -> Invoice:
    """A consolidated invoice of bills of one owner, to be paid by slip."""
    first = bills[0]
    return Invoice(
        id=f"{first.portal}/G-1",
        portal=first.portal,
        owner=first.owner,
        number="G-1",
        group="本社",
        month=first.end_on.replace(day=1),
        read_on=first.read_on,
        issued_on=first.issued_on,
        available_on=available_on,
        bills=tuple(bill.id for bill in bills),
        amount_yen=sum(bill.amount_yen for bill in bills),
        tax_percent=10,
        payment=Payment(PaymentMethod.PAYMENT_SLIP, PaymentState.UNPAID, first.payment.due_on),
    )


def _line(kind: LineKind, label: str, quantity: Decimal, unit: str, price: str) -> LineItem:
    yen = quantity * Decimal(price)
    sen = int((yen * SEN).quantize(Decimal(1), ROUND_HALF_UP))
    return LineItem(kind, label, quantity, unit, Decimal(price), sen)
