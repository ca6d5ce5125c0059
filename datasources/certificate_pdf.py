"""A payment certificate as a page of A4 (BI-6)."""

from datetime import timedelta
from typing import Final

from datasources.letterhead import METHODS, write_head, write_notes, write_taxes, write_title
from datasources.sheet import LEFT, PALE, TEXT_WIDTH, Align, Column, Sheet
from domain.bill_sheets import Issuer, address_lines, japanese_date
from domain.certificates import CertifiedBill, PaymentCertificate
from domain.facilities import ContractKind

_DAY: Final = timedelta(days=1)
_KINDS: Final = {
    ContractKind.ELECTRICITY: "電気料金等",
    ContractKind.GAS: "ガス料金等",
    ContractKind.BUY_BACK: "購入電力料金",
}
_COLUMNS: Final = (
    Column("請求番号", 40),
    Column("種別", 20),
    Column("ご使用期間", 46),
    Column("お支払日", 26),
    Column("お支払方法", 20),
    Column("金額（円）", 22, Align.RIGHT),
)


def certificate_pdf(certificate: PaymentCertificate, issuer: Issuer) -> bytes:
    """The file; the same certificate gives the same bytes."""
    sheet = Sheet("支払証明書", issuer.company, certificate.issued_on, certificate.number)
    facts = [
        ("発行日", japanese_date(certificate.issued_on)),
        ("証明書番号", certificate.number),
    ]
    if certificate.place.customer_number is not None:
        facts.append(("お客さま番号", certificate.place.customer_number))
    write_head(sheet, certificate.addressee, issuer, facts, qualified=True)
    write_title(sheet, "支払証明書", "電気料金等のお支払いについて")
    sheet.y += 3
    sheet.paragraph(LEFT, TEXT_WIDTH, "下記の料金をお支払いいただいたことを証明します。", 10)
    _write_total(sheet, certificate)
    sheet.heading("お支払いの内訳")
    sheet.head_of_table(_COLUMNS)
    for bill in certificate.bills:
        sheet.row(_COLUMNS, _cells(bill), 8)
    total = ("合計", "", "", "", "", f"{certificate.amount_yen:,}")
    sheet.row(_COLUMNS, total, 9, bold=True)
    write_taxes(sheet, certificate.taxes)
    write_notes(sheet, _NOTES)
    return sheet.finished()


_NOTES: Final = (
    "本書は、民法第486条に定める受取証書として発行するものです。",
    "本書に記載した料金について、証明書を再発行することはできません。大切に保管してください。",
)


def _write_total(sheet: Sheet, certificate: PaymentCertificate) -> None:
    top = sheet.y + 3
    place = certificate.place
    where = [*([place.name] if place.name else []), *address_lines(place.address)]
    sheet.box(LEFT, top, TEXT_WIDTH, 22, PALE)
    sheet.text(LEFT + 4, top + 6, "お支払金額合計（税込）", 9)
    amount = f"{certificate.amount_yen:,}円"
    sheet.text(LEFT + 88, top + 16.5, amount, 24, align=Align.RIGHT, bold=True, width=80)
    for row, line in enumerate([*where, f"供給地点特定番号　{place.supply_point}"]):
        sheet.text(LEFT + 98, top + 6 + 4.6 * row, line, 8.5, width=72)
    sheet.y = top + 27


def _cells(bill: CertifiedBill) -> tuple[str, ...]:
    last = bill.end_on - _DAY
    return (
        bill.number,
        _KINDS[bill.kind],
        f"{bill.start_on:%Y/%m/%d}～{last:%Y/%m/%d}",
        japanese_date(bill.paid_on),
        "" if bill.method is None else METHODS[bill.method],
        f"{bill.amount_yen:,}",
    )
