"""Lines of master data as they are given, each kind in the least and in all its fields."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from domain.records import (
    InvalidRecord,
)

Fields = dict[str, Any]
Parse = Callable[[Mapping[str, object]], object]

NUMBER = "0312345678901234567890"
GONE = object()

MEMBER: Fields = {"portal": "home", "loginId": "hanako", "password": "secret", "name": "山田花子"}
ADDRESS: Fields = {
    "postalCode": "160-0022",
    "prefecture": "東京都",
    "city": "新宿区新宿",
    "line1": "1-2-3",
}
CONTRACT: Fields = {
    "number": "E1",
    "kind": "ELECTRICITY",
    "plan": "従量電灯",
    "startOn": "2020-04-01",
    "paymentMethod": "CARD",
}
FACILITY: Fields = {
    "portal": "home",
    "loginId": "hanako",
    "supplyPointNumber": NUMBER,
    "customerNumber": "C1",
    "name": "自宅",
    "address": ADDRESS,
    "contracts": [CONTRACT],
}
READING_PERIOD: Fields = {
    "supplyPointNumber": NUMBER,
    "startOn": "2026-10-12",
    "endOn": "2026-11-12",
    "previousRegisterKwh": 100,
    "presentRegisterKwh": 350.5,
    "usageKwh": "250.5",
}
GAS_PERIOD: Fields = {
    "supplyPointNumber": NUMBER,
    "kind": "GAS",
    "startOn": "2026-10-12",
    "endOn": "2026-11-12",
    "previousRegisterM3": 812,
    "presentRegisterM3": 843.25,
    "usageM3": "31.25",
}
LINE: Fields = {"kind": "BASIC_CHARGE", "label": "基本料金", "amountYen": 1000}
BILL: Fields = {
    "portal": "home",
    "supplyPointNumber": NUMBER,
    "number": "B1",
    "startOn": "2026-10-12",
    "endOn": "2026-11-12",
    "usageKwh": 250.5,
    "amountYen": 1000,
    "lines": [LINE],
    "issuedOn": "2026-11-16",
    "dueOn": "2026-12-12",
    "paymentState": "UNPAID",
}
FULL_MEMBER = MEMBER | {
    "kana": "ヤマダハナコ",
    "email": "hanako@example.jp",
    "phone": "03-0000-0000",
    "state": "WITHDRAWN",
}
FULL_CONTRACT = CONTRACT | {
    "capacity": "30",
    "capacityUnit": "A",
    "endOn": "2021-04-01",
    "invoiceGroup": "本社",
    "paperReceipts": True,
}
FULL_FACILITY = FACILITY | {
    "address": ADDRESS | {"line2": "新宿ビル 101"},
    "contracts": [FULL_CONTRACT, CONTRACT | {"kind": "BUY_BACK", "number": "B1"}],
}
FULL_READING_PERIOD = READING_PERIOD | {"readOn": "2026-11-11"}
FULL_LINE = LINE | {"quantity": 3, "unit": "10A", "unitPrice": "366.666667", "amountYen": 1100.25}
DISCOUNT = LINE | {"kind": "DISCOUNT", "label": "割引", "unitPrice": -0.5, "amountYen": -100.25}
FULL_BILL = BILL | {
    "lines": [FULL_LINE, DISCOUNT],
    "kind": "ELECTRICITY",
    "contract": "E1",
    "plan": "従量電灯",
    "readOn": "2026-11-11",
    "taxPercent": 8,
    "paymentMethod": "DIRECT_DEBIT",
    "paymentState": "PAID",
    "debitOn": "2026-11-27",
    "paidOn": "2026-11-30",
}


def changed(fields: Fields, path: str, value: object) -> Fields:
    """Copy of fields in which a path such as `lines.0.unit` has a value, or none if GONE."""
    copied = copy.deepcopy(fields)
    *parents, name = path.split(".")
    target: Any = copied
    for parent in parents:
        target = target[int(parent) if parent.isdigit() else parent]
    if value is GONE:
        del target[name]
    else:
        target[int(name) if name.isdigit() else name] = value
    return copied


def refusal_of(parse: Parse, fields: Fields) -> str:
    with pytest.raises(InvalidRecord) as refusal:
        parse(fields)
    return str(refusal.value)
