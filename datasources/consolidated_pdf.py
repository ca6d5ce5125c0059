"""A consolidated invoice as pages of A4: what is to be paid at once, and a row for each bill (BI-2)."""

from collections.abc import Sequence
from typing import Final

from datasources.letterhead import (
    QUALIFIED,
    TAXED,
    Wording,
    write_amount,
    write_head,
    write_notes,
    write_taxes,
    write_title,
)
from datasources.sheet import Align, Column, Sheet
from domain.bill_sheets import (
    InvoiceSheet,
    address_lines,
    energy_text,
    japanese_date,
    last_day,
    taxes,
)
from domain.bills import Bill
from domain.facilities import ContractKind

_WORDS: Final = Wording(
    title="ご請求書",
    subject="まとめ請求書",
    amount=f"ご請求金額{TAXED}",
    due="お支払期限",
    usage="ご使用量",
    unit="",
    paid_by=None,
    supply_point=None,
)
_COLUMNS: Final = (
    Column("ご使用場所", 46),
    Column("供給地点特定番号", 39),
    Column("請求番号", 30),
    Column("期間", 19),
    Column("ご使用量", 20, Align.RIGHT),
    Column("金額（円）", 20, Align.RIGHT),
)
_GAS: Final = ContractKind.GAS


def consolidated_pdf(printed: InvoiceSheet) -> bytes:
    """The file; the same sheet gives the same bytes. It takes some time: not for the event loop."""
    invoice = printed.invoice
    sheet = Sheet(_WORDS.subject, printed.issuer.company, invoice.issued_on, invoice.number)
    number = f"{invoice.number}（改訂{invoice.revision}）" if invoice.revision else invoice.number
    facts = [
        ("発行日", japanese_date(invoice.issued_on)),
        ("請求番号", number),
        ("ご契約件数", f"{len(printed.bills)}件"),
    ]
    write_head(sheet, printed.addressee, printed.issuer, facts, qualified=True)
    month = f"{invoice.month.year}年{invoice.month.month}月分"
    write_title(sheet, _WORDS.title, f"{_WORDS.subject}（{month}）")
    write_amount(sheet, _WORDS, invoice.amount_yen, invoice.payment)
    write_taxes(sheet, taxes((bill.tax_percent, bill.amount_yen) for bill in printed.bills))
    sheet.heading("ご請求の一覧")
    sheet.head_of_table(_COLUMNS)
    for bill in printed.bills:
        sheet.row(_COLUMNS, _cells(printed, bill), 8)
    total = (f"合計（{len(printed.bills)}件）", "", "", "", "", f"{invoice.amount_yen:,}")
    sheet.row(_COLUMNS, total, 9, bold=True)
    sheet.y += 3
    write_notes(sheet, _notes(invoice.number, invoice.revision))
    return sheet.finished()


def _cells(printed: InvoiceSheet, bill: Bill) -> Sequence[str]:
    place = printed.places.get(bill.facility)
    last = last_day(bill)
    unit = "m³" if bill.kind is _GAS else "kWh"
    return (
        "" if place is None else place.name or address_lines(place.address)[0],
        "" if place is None or bill.kind is _GAS else place.supply_point,
        bill.number,
        f"{bill.start_on.month}/{bill.start_on.day}～{last.month}/{last.day}",
        f"{energy_text(bill.usage)} {unit}",
        f"{bill.amount_yen:,}",
    )


def _notes(number: str, revision: int) -> list[str]:
    notes = []
    if revision:
        before = "さきにお送りした請求書" if revision == 1 else f"改訂{revision - 1}"
        notes.append(
            f"本書は、請求番号{number}の{before}に代わるものです。{before}は無効となります。"
        )
    notes.append("ご使用場所ごとの内訳は、それぞれの請求番号の請求書をご覧ください。")
    return [*notes, QUALIFIED]
