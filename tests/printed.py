"""Bills, invoices and certificates to be printed, with names as long as people have them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.bill_sheets import BillSheet, InvoiceSheet, Issuer, Place, addressee
from domain.bills import SEN, Bill, BillSource, LineItem, LineKind, Payment, PaymentState
from domain.certificates import CertifiedBill, PaymentCertificate
from domain.facilities import Address, ContractKind, PaymentMethod, ReadingPeriod
from domain.invoices import Invoice

ISSUER = Issuer("関西の電力株式会社", "T1234567890123")
ADDRESS = Address(
    "530-0001",
    "大阪府",
    "大阪市北区梅田",
    "三丁目1番2号",
    "グランドメゾン梅田中央タワーレジデンス、1203号室",
)
_START, _END = date(2026, 9, 12), date(2026, 10, 12)


def line(kind: LineKind, label: str, amount_sen: int, *counted: str) -> LineItem:
    """`counted`: quantity, unit and price, or nothing."""
    if not counted:
        return LineItem(kind, label, None, None, None, amount_sen)
    quantity, unit, price = counted
    return LineItem(kind, label, Decimal(quantity), unit, Decimal(price), amount_sen)


LINES = (
    line(LineKind.BASIC_CHARGE, "基本料金", 124_000, "4", "10A", "310.00"),
    line(LineKind.ENERGY_CHARGE, "電力量料金（第1段階）", 354_000, "120", "kWh", "29.50"),
    line(LineKind.ENERGY_CHARGE, "電力量料金（第2段階）", 740_652, "204.6", "kWh", "36.20"),
    line(LineKind.FUEL_ADJUSTMENT, "燃料費調整額", -27_591, "324.6", "kWh", "-0.85"),
    line(LineKind.DISCOUNT, "はじめて割", -10_000),
    line(LineKind.ROUNDING, "端数切捨て", -61),
)


def bill(**changes: Any) -> Bill:
    lines = changes.get("lines", LINES)
    given: dict[str, Any] = {
        "id": "hapie/B-1",
        "portal": "hapie",
        "owner": "alice",
        "facility": 1,
        "kind": ContractKind.ELECTRICITY,
        "contract": "E-1",
        "plan": "従量電灯（例）",
        "number": "B-1",
        "source": BillSource.MADE,
        "start_on": _START,
        "end_on": _END,
        "read_on": _END,
        "usage": 324_600,
        "amount_yen": sum(each.amount_sen for each in lines) // SEN,
        "lines": lines,
        "tax_percent": 10,
        "issued_on": date(2026, 10, 16),
        "available_on": date(2026, 10, 20),
        "payment": Payment(
            PaymentMethod.DIRECT_DEBIT,
            PaymentState.UNPAID,
            date(2026, 11, 11),
            debit_on=date(2026, 11, 9),
        ),
    }
    return Bill(**given | changes)


def sheet(printed: Bill | None = None, name: str = "検針 陽子", **changes: Any) -> BillSheet:
    """A bill with a chart and a month before."""
    of = printed or bill()
    period = ReadingPeriod(1, of.start_on, of.end_on, of.read_on, 12_345_600, 12_670_200, of.usage)
    given: dict[str, Any] = {
        "bill": of,
        "issuer": ISSUER,
        "addressee": addressee(name, ADDRESS),
        "place": place(1),
        "period": period,
        "before": bill(usage=300_000, start_on=date(2026, 8, 12), end_on=_START),
        "replaces": None,
        "daily": [None if day == 9 else 8_000 + 300 * day for day in range(30)],
    }
    return BillSheet(**given | changes)


def consolidated(bills: Sequence[Bill], revision: int = 0) -> InvoiceSheet:
    invoice = Invoice(
        id="hapie/M-1",
        portal="hapie",
        owner="alice",
        number="M-1",
        group="g",
        month=date(2026, 10, 1),
        read_on=_END,
        issued_on=date(2026, 10, 16),
        available_on=date(2026, 10, 20),
        bills=tuple(each.id for each in bills),
        amount_yen=sum(each.amount_yen for each in bills),
        tax_percent=10,
        payment=bills[0].payment,
        revision=revision,
    )
    places = {each.facility: place(each.facility) for each in bills}
    return InvoiceSheet(invoice, ISSUER, addressee("検針商事株式会社", ADDRESS), bills, places)


def certificate(**changes: Any) -> PaymentCertificate:
    """A certificate of one payment."""
    paid = CertifiedBill(
        period="1/GAS/2026-08-12",
        number="B-1",
        kind=ContractKind.GAS,
        start_on=date(2026, 8, 12),
        end_on=date(2026, 9, 12),
        paid_on=date(2026, 10, 1),
        method=PaymentMethod.PAYMENT_SLIP,
        amount_yen=1_111,
        tax_percent=10,
    )
    given: dict[str, Any] = {
        "id": "hapie/1/2026",
        "portal": "hapie",
        "owner": "alice",
        "facility": 1,
        "number": "2026-000007",
        "issued_on": date(2026, 10, 20),
        "ends_on": date(2026, 11, 19),
        "addressee": addressee("検針 陽子", ADDRESS),
        "place": place(1),
        "bills": (paid,),
    }
    return PaymentCertificate(**given | changes)


def place(number: int) -> Place:
    return Place(f"駅前第{number}店（仮設）", f"06{number:020d}", f"C{number:06d}", ADDRESS)
