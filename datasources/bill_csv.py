"""The breakdown of a bill as CSV for spreadsheets (BI-4): a row for every line, then total and tax.

UTF-8 with a byte order mark. Labels and names come from elsewhere: one that a spreadsheet would take
for a formula is given an apostrophe in front, as a person would type it.
"""

import csv
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Final

from datasources.usage_csv import BYTE_ORDER_MARK
from domain.bills import SEN, Bill, LineItem
from domain.facilities import ContractKind

_COLUMNS: Final = (
    "請求番号",
    "ご使用場所",
    "契約種別",
    "使用期間開始日",
    "使用期間終了日",
    "検針日",
    "項目",
    "項目コード",
    "数量",
    "単位",
    "単価（円）",
    "金額（円）",
)
_KINDS: Final = {
    ContractKind.ELECTRICITY: "電気",
    ContractKind.GAS: "ガス",
    ContractKind.BUY_BACK: "余剰電力買取",
}
_FORMULA_STARTS: Final = frozenset("=+-@＝＋－＠\t\r\n")
_ONE_DAY: Final = timedelta(days=1)


def bill_csv(bill: Bill, place: str) -> bytes:
    """The file of a bill; `place` is the name of its facility."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(_COLUMNS)
    of_bill = (
        _text(bill.number),
        _text(place),
        _KINDS[bill.kind],
        bill.start_on.isoformat(),
        (bill.end_on - _ONE_DAY).isoformat(),
        bill.read_on.isoformat(),
    )
    rows.writerows((*of_bill, *each) for each in _rows(bill))
    return BYTE_ORDER_MARK + out.getvalue().encode()


def _rows(bill: Bill) -> Iterator[tuple[str, ...]]:
    yield from map(_row, bill.lines)
    yield "合計（税込）", "TOTAL", "", "", "", str(bill.amount_yen)
    yield f"うち消費税等（{bill.tax_percent}%）", "TAX_INCLUDED", "", "", "", str(bill.tax_yen)


def _row(line: LineItem) -> tuple[str, ...]:
    return (
        _text(line.label),
        line.kind.value,
        _number(line.quantity),
        _text(line.unit or ""),
        _number(line.unit_price),
        f"{Decimal(line.amount_sen) / SEN:.2f}",
    )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _text(text: str) -> str:
    """A text that no spreadsheet calculates."""
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA_STARTS else text
