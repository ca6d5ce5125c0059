"""A bill as a letter of A4: what is to be paid, for which period, and how it comes about (BI-4).

Statements of what is paid to a member (BI-7) and bills of gas (BI-8) are the same pages in other words.
"""

from decimal import Decimal
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
from datasources.sheet import GREY, HAIR, LEFT, Align, Column, Sheet
from datasources.usage_chart import draw_daily_usage
from domain.bill_sheets import (
    BillSheet,
    address_lines,
    amount_text,
    days_of,
    energy_text,
    japanese_date,
    last_day,
    quantity_text,
    taxes,
)
from domain.bills import SEN, Bill, LineItem
from domain.facilities import ContractKind

_COLUMN: Final = 84.0
_NAMES: Final = 26.0
_VALUE: Final = 8.5
_FACT: Final = 4.5
"Of a column of facts: its width, the width of the names, the size of the values, a line in mm."
_NOTHING: Final = "－"

_WORDING: Final = {
    ContractKind.ELECTRICITY: Wording(
        "ご請求書",
        "電気料金等請求書",
        f"ご請求金額{TAXED}",
        "お支払期限",
        "ご使用量",
        "kWh",
        None,
        "供給地点特定番号",
    ),
    ContractKind.GAS: Wording(
        "ご請求書",
        "ガス料金等請求書",
        f"ご請求金額{TAXED}",
        "お支払期限",
        "ご使用量",
        "m³",
        None,
        None,
    ),
    ContractKind.BUY_BACK: Wording(
        "お支払通知書",
        "購入電力料金のお知らせ",
        f"お支払金額{TAXED}",
        "お支払予定日",
        "購入電力量",
        "kWh",
        "口座振込",
        "受電地点特定番号",
    ),
}

_PART: Final = "ご請求内訳書"
"What is paid with a consolidated invoice."

_LINES: Final = (
    Column("項目", 84),
    Column("数量", 30, Align.RIGHT),
    Column("単価（円）", 26, Align.RIGHT),
    Column("金額（円）", 34, Align.RIGHT),
)


def bill_pdf(printed: BillSheet) -> bytes:
    """The file; the same sheet gives the same bytes. It takes some time: not for the event loop."""
    bill = printed.bill
    words = _WORDING[bill.kind]
    sheet = Sheet(words.subject, printed.issuer.company, bill.issued_on, bill.number)
    facts = [
        ("発行日", japanese_date(bill.issued_on)),
        ("請求番号" if bill.kind is not ContractKind.BUY_BACK else "通知番号", _number(bill)),
    ]
    if printed.place.customer_number is not None:
        facts.append(("お客さま番号", printed.place.customer_number))
    write_head(sheet, printed.addressee, printed.issuer, facts, _qualified(bill))
    month = last_day(bill)
    title = f"{words.subject}（{month.year}年{month.month}月分）"
    write_title(sheet, _PART if bill.invoice else words.title, title)
    write_amount(sheet, words, bill.amount_yen, bill.payment)
    _write_reading(sheet, printed, words)
    _write_lines(sheet, bill, words)
    write_taxes(sheet, taxes([(bill.tax_percent, bill.amount_yen)]))
    _write_comparison(sheet, printed, words)
    write_notes(sheet, _notes(printed))
    return sheet.finished()


def _number(bill: Bill) -> str:
    return f"{bill.number}（改訂{bill.revision}）" if bill.revision else bill.number


def _qualified(bill: Bill) -> bool:
    """Whether the company is the seller, whose number a qualified invoice needs."""
    return bill.kind is not ContractKind.BUY_BACK


def _write_reading(sheet: Sheet, printed: BillSheet, words: Wording) -> None:
    """Where and when was used what: two columns of facts."""
    bill, place = printed.bill, printed.place
    parts = [*([place.name] if place.name else []), *address_lines(place.address)]
    where = [line for part in parts for line in _in_column(sheet, part)]
    last = last_day(bill)
    days = f"{japanese_date(bill.start_on)}～{japanese_date(last)}（{days_of(bill)}日間）"
    left = [
        *((("ご使用場所", "")[row > 0], line) for row, line in enumerate(where)),
        *([(words.supply_point, place.supply_point)] if words.supply_point else []),
        ("ご契約番号", bill.contract or _NOTHING),
        ("ご契約種別", bill.plan or _NOTHING),
    ]
    right = [
        ("期間", days),
        ("検針日", japanese_date(bill.read_on)),
        *_registers(printed, words),
        (words.usage, f"{energy_text(bill.usage)} {words.unit}"),
    ]
    sheet.heading("ご使用場所と検針")
    top = sheet.y
    for x, facts in ((LEFT, left), (LEFT + _COLUMN + 6, right)):
        for row, (name, value) in enumerate(facts):
            y = top + 3.6 + _FACT * row
            sheet.text(x, y, name, 8, shade=GREY)
            sheet.text(x + _NAMES, y, value, _VALUE, width=_COLUMN - _NAMES)
    sheet.y = top + _FACT * max(len(left), len(right)) + 2.5


def _in_column(sheet: Sheet, text: str) -> list[str]:
    return sheet.broken(text, _COLUMN - _NAMES, _VALUE)


def _registers(printed: BillSheet, words: Wording) -> list[tuple[str, str]]:
    period = printed.period
    if period is None:
        return []
    return [
        ("当月指示数", f"{energy_text(period.present_register)} {words.unit}"),
        ("前月指示数", f"{energy_text(period.previous_register)} {words.unit}"),
    ]


def _write_lines(sheet: Sheet, bill: Bill, words: Wording) -> None:
    sheet.room_for(30)
    sheet.heading("内訳")
    sheet.head_of_table(_LINES)
    for line in bill.lines:
        cells = (
            line.label,
            _quantity(line),
            "" if line.unit_price is None else price_text(line.unit_price),
            amount_text(line.amount_sen),
        )
        sheet.row(_LINES, cells)
    total = (
        f"{words.amount.removesuffix(TAXED)}合計{TAXED}",
        "",
        "",
        amount_text(bill.amount_yen * SEN),
    )
    sheet.row(_LINES, total, 9, bold=True)


def _quantity(line: LineItem) -> str:
    """A quantity with its unit; units like 10A are counted."""
    if line.quantity is None:
        return ""
    unit = line.unit or ""
    between = " × " if unit[:1].isdigit() else " "
    return f"{quantity_text(line.quantity)}{between}{unit}".rstrip()


def price_text(price: Decimal) -> str:
    """A price in yen with two decimals or more."""
    decimals = max(2, -int(price.normalize().as_tuple().exponent))
    return f"{price:,.{decimals}f}"


def _write_comparison(sheet: Sheet, printed: BillSheet, words: Wording) -> None:
    """The chart of the days at the left, the month before at the right."""
    bill, before = printed.bill, printed.before
    if before is None and not printed.daily:
        return
    sheet.room_for(46)
    sheet.heading(f"{words.usage}の推移")
    top = sheet.y
    if printed.daily:
        title = f"1日ごとの{words.usage}（{words.unit}）"
        place = (LEFT, top, 104.0, 34.0)
        draw_daily_usage(sheet, place, title, bill.start_on, printed.daily)
    if before is not None:
        x = LEFT + 112 if printed.daily else LEFT
        _write_before(sheet, x, top, printed.bill, before, words)
    sheet.y = top + 36.5


def _write_before(
    sheet: Sheet, x: float, top: float, bill: Bill, before: Bill, words: Wording
) -> None:
    width = 62.0
    columns = ((x, Align.LEFT), (x + 41, Align.RIGHT), (x + width, Align.RIGHT))
    rows = [
        ("", "今回", "前回"),
        ("期間の日数", f"{days_of(bill)}日", f"{days_of(before)}日"),
        (f"{words.usage}（{words.unit}）", energy_text(bill.usage), energy_text(before.usage)),
        (f"1日あたり（{words.unit}）", _per_day(bill), _per_day(before)),
        ("金額（円）", f"{bill.amount_yen:,}", f"{before.amount_yen:,}"),
    ]
    for place, row in enumerate(rows):
        y = top + 3.4 + place * 5.5
        for (at, align), cell in zip(columns, row, strict=True):
            sheet.text(at, y, cell, 8, align=align, shade=GREY if place == 0 else 0)
        sheet.line(x, y + 1.8, x + width, y + 1.8, shade=HAIR)
    change = _change(bill, before)
    if change:
        sheet.text(x, top + 32, f"1日あたりの{words.usage}は前回に比べ{change}", 8, width=width)


def _per_day(bill: Bill) -> str:
    return f"{bill.usage / 1000 / days_of(bill):,.1f}"


def _change(bill: Bill, before: Bill) -> str | None:
    """By how much usage a day has changed; None if there was none before."""
    if before.usage <= 0:
        return None
    change = bill.usage * days_of(before) / (before.usage * days_of(bill)) - 1
    percent = round(abs(change) * 100)
    if percent == 0:
        return "ほぼ同じです。"
    return f"{percent}％{'増えました。' if change > 0 else '減りました。'}"


def _notes(printed: BillSheet) -> list[str]:
    bill, notes = printed.bill, []
    if printed.replaces is not None:
        before = printed.replaces
        notes.append(
            f"本書は、{japanese_date(before.issued_on)}発行の{_number(before)}に代わるものです。"
            "同書は無効となります。"
        )
    if bill.estimated:
        unit = "m³" if bill.kind is ContractKind.GAS else "kWh"
        notes.append(
            f"{energy_text(bill.estimated)} {unit}は、計量値が得られなかったため推定した値です。"
        )
    notes.append("各項目の単価および金額は、消費税等を含みます。")
    if bill.kind is ContractKind.BUY_BACK:
        notes.append("本書の金額は、ご指定の口座へお支払いします。")
    elif bill.invoice is not None:
        notes.append(f"本書の金額は、まとめ請求書{bill.invoice}に合算してご請求します。")
    else:
        notes.append(QUALIFIED)
    return notes
