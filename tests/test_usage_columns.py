"""Days out of the bytes of a reply are the days that were stored, whatever else is among them."""

from collections.abc import Mapping
from typing import Any

import bson
import numpy as np
import pytest
from bson import Int64
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from datasources.usage_columns import DayColumns, day_columns
from datasources.usage_documents import DamagedDays

Document = dict[str, Any]
WH, STATE = range(1000, 1048), range(48)


def day(key: int) -> Document:
    """A projected day whose values are told apart by its key."""
    return {
        "_id": Int64(key),
        "newest": Int64(7 * key),
        "wh": (np.array(WH, "<i4") + key).tobytes(),
        "state": (np.array(STATE, "<i4") + key).tobytes(),
    }


def array(documents: list[Document]) -> memoryview:
    return memoryview(bson.encode({str(index): each for index, each in enumerate(documents)}))


def values(columns: DayColumns) -> Mapping[int, Any]:
    parts = (columns.keys, columns.newest, columns.wh, columns.state)
    rows = zip(*(part.tolist() for part in parts), strict=True)
    return {key: [newest, wh, state] for key, newest, wh, state in rows}


def expected(keys: list[int]) -> Mapping[int, Any]:
    return {
        key: [7 * key, [wh + key for wh in WH], [state + key for state in STATE]] for key in keys
    }


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 1001])
def test_all_days_of_a_reply_are_there(count: int) -> None:
    keys = list(range(500, 500 + count))
    found = day_columns([array([day(key) for key in keys])], DamagedDays())
    assert values(found) == expected(keys)
    assert found.damaged == frozenset()


@given(st.lists(st.lists(st.integers(0, 2**25), unique=True, max_size=12), max_size=3))
def test_days_of_several_replies_are_ascending_and_found_by_ranges(
    replies: list[list[int]],
) -> None:
    shifted = [[3 * key + place for key in keys] for place, keys in enumerate(replies)]
    everything = sorted(key for keys in shifted for key in keys)

    found = day_columns([array([day(key) for key in keys]) for keys in shifted], DamagedDays())

    assert found.keys.tolist() == everything
    assert values(found) == expected(everything)
    ranges = [(0, 2**60), (10, 9), *((key, key) for key in everything)]
    rows = found.rows(ranges)
    assert [found.keys[each].tolist() for each in rows] == [
        everything,
        [],
        *([key] for key in everything),
    ]


IRREGULAR: dict[str, Document] = {
    "an extra field": day(7) | {"more": 1},
    "fields in another order": {"_id": Int64(7), **dict(list(day(7).items())[:0:-1])},
    "a short number": day(7) | {"newest": 49},
    "bytes of another kind": day(7) | {"wh": bson.Binary(day(7)["wh"], 128)},
}
DAMAGED: dict[str, tuple[Document, list[str]]] = {
    "a short column": (day(7) | {"wh": b"\x01\x02"}, ["wh"]),
    "a long column": (day(7) | {"state": bytes(193)}, ["state"]),
    "a text of the right length": (day(7) | {"wh": "a" * 191}, ["wh"]),
    "a list": (day(7) | {"wh": list(WH)}, ["wh"]),
    "no column": ({"_id": Int64(7), "newest": Int64(49)}, ["wh", "state"]),
    "no order": ({name: value for name, value in day(7).items() if name != "newest"}, ["newest"]),
    "an order that is a text": (day(7) | {"newest": "12345678"}, ["newest"]),
    "null": (day(7) | {"newest": None, "wh": None}, ["newest", "wh"]),
}


@pytest.mark.parametrize("name", IRREGULAR)
def test_a_day_with_another_layout_is_read_all_the_same(name: str) -> None:
    documents = [day(5), IRREGULAR[name], day(9)]
    with capture_logs() as logs:
        found = day_columns([array(documents)], DamagedDays())
        decoded = day_columns([documents], DamagedDays())
    assert values(found) == values(decoded) == expected([5, 7, 9])
    assert logs == []


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_day_is_left_out_and_logged_once(name: str) -> None:
    broken, columns = DAMAGED[name]
    noted = DamagedDays()
    with capture_logs() as logs:
        for _ in range(2):
            found = day_columns([array([day(5), broken]), array([day(9)])], noted)
            assert values(found) == expected([5, 9])
            assert found.damaged == {7}
    assert [(log["day"], log["columns"]) for log in logs] == [(7, columns)]


def test_what_cannot_even_be_decoded_does_not_hide_the_other_days() -> None:
    text, late = array([day(5), day(7) | {"wh": "é"}]), array([day(9)])
    raw = bytearray(text)
    at = raw.index("é".encode())
    raw[at : at + 2] = b"\xff\xff"
    far = bson.encode({"0": {"_id": Int64(8), "wh": bson.DatetimeMS(2**60)}})

    with capture_logs():
        found = day_columns([memoryview(raw), late, memoryview(far)], DamagedDays())

    assert values(found) == expected([5, 9])
    assert found.damaged == {7, 8}


def test_no_more_damaged_days_are_logged_than_can_be_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("datasources.usage_documents._MAX_NOTED", 3)
    with capture_logs() as logs:
        day_columns([[day(key) | {"wh": None} for key in range(5)]], DamagedDays())
    assert [log["day"] for log in logs] == [0, 1, 2]
