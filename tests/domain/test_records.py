"""What holds for a line of master data of every kind: nulls, unknown keys, garbage."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_records import parse_bill
from domain.reading_period_records import parse_reading_period
from domain.records import InvalidRecord, parse_facility, parse_member
from tests.domain.records_given import (
    ADDRESS,
    FULL_BILL,
    FULL_CONTRACT,
    FULL_FACILITY,
    FULL_LINE,
    FULL_MEMBER,
    FULL_READING_PERIOD,
    GONE,
    MEMBER,
    READING_PERIOD,
    Fields,
    Parse,
    changed,
    refusal_of,
)

OF_OTHER_KINDS = ("kind", "previousRegisterM3", "presentRegisterM3", "usageM3")
OPTIONAL_OF_BILLS = (
    *("kind", "contract", "plan", "readOn", "taxPercent"),
    *("paymentMethod", "debitOn", "paidOn"),
)
FULL: dict[Parse, Fields] = {
    parse_member: FULL_MEMBER,
    parse_facility: FULL_FACILITY,
    parse_reading_period: FULL_READING_PERIOD,
    parse_bill: FULL_BILL,
}


@pytest.mark.parametrize(
    ("parse", "path", "value"),
    [
        (parse_member, "kana", None),
        (parse_member, "email", None),
        (parse_member, "phone", None),
        (parse_member, "state", None),
        (parse_member, "passwordHash", None),
        (parse_facility, "address.line2", None),
        (parse_facility, "contracts.0.capacity", None),
        (parse_facility, "contracts.0.capacityUnit", None),
        (parse_facility, "contracts.0.endOn", None),
        (parse_reading_period, "readOn", None),
        (parse_facility, "contracts.0.invoiceGroup", None),
        (parse_facility, "contracts.0.paperReceipts", None),
        *((parse_bill, name, None) for name in OPTIONAL_OF_BILLS),
        (parse_bill, "lines.0.quantity", None),
        (parse_bill, "lines.0.unit", None),
        (parse_bill, "lines.0.unitPrice", None),
    ],
)
def test_null_counts_as_not_given(parse: Parse, path: str, value: None) -> None:
    fields = changed(FULL[parse], path, value)
    assert parse(fields) == parse(changed(fields, path, GONE))


@pytest.mark.parametrize(
    ("parse", "path", "keys", "names"),
    [
        (parse_member, "", "keys", [*FULL_MEMBER, "passwordHash"]),
        (parse_facility, "", "keys", [*FULL_FACILITY]),
        (parse_facility, "address.", "keys of address", [*ADDRESS, "line2"]),
        (parse_facility, "contracts.0.", "keys of contracts[0]", [*FULL_CONTRACT]),
        (parse_reading_period, "", "keys", [*FULL_READING_PERIOD, *OF_OTHER_KINDS]),
        (parse_bill, "", "keys", [*FULL_BILL, "usageM3"]),
        (parse_bill, "lines.1.", "keys of lines[1]", [*FULL_LINE]),
    ],
)
def test_a_key_nobody_reads_is_refused(
    parse: Parse, path: str, keys: str, names: list[str]
) -> None:
    reason = refusal_of(parse, changed(FULL[parse], f"{path}owner", None))
    start, end = f"{keys} must be among ", ", found 'owner'"
    assert (reason[: len(start)], reason[-len(end) :]) == (start, end)
    assert sorted(reason[len(start) : -len(end)].split(", ")) == sorted(names)


def test_the_keys_that_could_be_given_are_listed_in_their_order() -> None:
    expected = "keys must be among portal, loginId, password, passwordHash, name, kana, email, "
    expected += "phone, state, found 'loginid'"
    assert refusal_of(parse_member, MEMBER | {"loginid": "a"}) == expected


def test_unknown_keys_are_named_in_order_and_clipped() -> None:
    reason = refusal_of(parse_reading_period, READING_PERIOD | {"b": 1, "a\x00": 1})
    assert reason.endswith(r", found 'a\x00, b'")
    long = refusal_of(parse_reading_period, READING_PERIOD | {"k" * 1000: 1})
    assert long.endswith("kkk'")
    assert len(long) < 250


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """JSON like a value, any part of which may be missing, added or something else."""
    if draw(st.integers(0, 7)) == 0:
        return draw(JSON)
    if isinstance(value, list):
        return [draw(spoilt(item)) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: draw(spoilt(item)) for key, item in value.items() if draw(st.integers(0, 15))}
    added: Fields = {} if draw(st.integers(0, 15)) else draw(st.dictionaries(st.text(), JSON))
    return kept | added


@pytest.mark.parametrize("parse", FULL)
@given(data=st.data())
def test_garbage_is_only_ever_an_invalid_record(parse: Parse, data: st.DataObject) -> None:
    garbage = st.dictionaries(st.text() | st.sampled_from([*FULL[parse]]), JSON)
    fields = data.draw(garbage | spoilt(FULL[parse]).filter(lambda made: isinstance(made, dict)))
    with suppress(InvalidRecord):
        parse(fields)
