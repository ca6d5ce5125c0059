"""What all letters about money begin and end with: address, sender, amount, taxes and notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from datasources.sheet import GREY, LEFT, PALE, RIGHT, TEXT_WIDTH, Align, Sheet
from domain.bill_sheets import Addressee, Issuer, Tax, japanese_date, polite
from domain.bills import Payment
from domain.facilities import PaymentMethod

_ADDRESS_LEFT: Final = 24.0
_ADDRESS_TOP: Final = 22.0
_ADDRESS_WIDTH: Final = 80.0
"The window of an envelope shows 90 by 45 mm, 20 mm from the left and 14 mm from the top."

_ADDRESS_SIZES: Final = (9.5, 8.0, 6.5)
_NAME_SIZES: Final = (12.0, 10.0, 8.0, 6.5)
"In points: the first with which it takes two lines or less."

QUALIFIED: Final = "本書は、登録番号、適用税率および税率ごとの消費税額等を記載した適格請求書です。"

METHODS: Final = {
    PaymentMethod.DIRECT_DEBIT: "口座振替",
    PaymentMethod.CARD: "クレジットカード払い",
    PaymentMethod.PAYMENT_SLIP: "払込票によるお支払い",
}


TAXED: Final = "（税込）"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a document of a kind of contract speaks."""

    title: str
    subject: str
    amount: str
    due: str
    usage: str
    unit: str
    paid_by: str | None
    "How it is paid, whatever the contract says."
    supply_point: str | None
    "What the number of the facility is called; it is not one of gas."


def write_head(
    sheet: Sheet,
    to: Addressee,
    issuer: Issuer,
    facts: Sequence[tuple[str, str]],
    qualified: bool,
) -> None:
    """Address for the window of an envelope, who sends it, and its numbers."""
    y = _ADDRESS_TOP
    sheet.text(_ADDRESS_LEFT, y, f"〒{to.postal_code}", 10, width=_ADDRESS_WIDTH)
    for part in to.lines:
        size, lines = sheet.fitted(part, _ADDRESS_WIDTH, _ADDRESS_SIZES, 2)
        for line in lines:
            y += 5.2
            sheet.text(_ADDRESS_LEFT, y, line, size)
    y += 2
    size, lines = sheet.fitted(polite(to.name), _ADDRESS_WIDTH, _NAME_SIZES, 2)
    for line in lines:
        y += 5.5
        sheet.text(_ADDRESS_LEFT, y, line, size)
    y = 22.0
    for name, value in facts:
        sheet.text(126, y, name, 8, shade=GREY)
        sheet.text(RIGHT, y, value, 9, align=Align.RIGHT, width=42)
        y += 5
    y += 4
    sheet.text(126, y, issuer.company, 12, bold=True, width=RIGHT - 126)
    if qualified:
        sheet.text(126, y + 5.5, f"登録番号　{issuer.registration_number}", 9)


def write_title(sheet: Sheet, title: str, subject: str) -> None:
    sheet.text(LEFT, 67, title, 18, bold=True)
    sheet.text(RIGHT, 67, subject, 11, align=Align.RIGHT)
    sheet.line(LEFT, 70, RIGHT, 70, weight=0.7)
    sheet.y = 73


def write_amount(sheet: Sheet, words: Wording, amount_yen: int, payment: Payment) -> None:
    """The amount in large letters, and when and how it is paid."""
    top = sheet.y
    sheet.box(LEFT, top, TEXT_WIDTH, 22, PALE)
    sheet.text(LEFT + 4, top + 6, words.amount, 9)
    sheet.text(
        LEFT + 88, top + 16.5, f"{amount_yen:,}円", 24, align=Align.RIGHT, bold=True, width=80
    )
    y = top + 7
    for name, value in _payment_facts(words, payment):
        sheet.text(116, y, name, 8, shade=GREY)
        sheet.text(RIGHT - 4, y, value, 10, align=Align.RIGHT, width=44)
        y += 5.5
    sheet.y = top + 26


def write_taxes(sheet: Sheet, by_rate: Sequence[Tax]) -> None:
    """What a qualified invoice says of the tax: each rate, the total and the tax at that rate."""
    sheet.room_for(10.0 * len(by_rate))
    for tax in by_rate:
        total = f"{tax.percent}％対象（税込）　{tax.amount_yen:,}円"
        sheet.text(RIGHT, sheet.y + 5, total, 9, align=Align.RIGHT)
        part = f"うち消費税等（{tax.percent}％）　{tax.tax_yen:,}円"
        sheet.text(RIGHT, sheet.y + 10, part, 9, align=Align.RIGHT)
        sheet.y += 10
    sheet.y += 2


def write_notes(sheet: Sheet, notes: Sequence[str]) -> None:
    sheet.room_for(14)
    sheet.heading("ご案内")
    for note in notes:
        sheet.paragraph(LEFT, TEXT_WIDTH, note, mark="・")


def _payment_facts(words: Wording, payment: Payment) -> list[tuple[str, str]]:
    facts = [(words.due, japanese_date(payment.due_on))]
    if words.paid_by is not None:
        return [*facts, ("お支払方法", words.paid_by)]
    if payment.method is not None:
        facts.append(("お支払方法", METHODS[payment.method]))
    if payment.debit_on is not None:
        facts.append(("口座振替日", japanese_date(payment.debit_on)))
    return facts
