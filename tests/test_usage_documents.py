"""Days as BSON: made and read as one array, the same as if each were encoded by itself."""

from typing import Any

import bson
import numpy as np
import pytest
from bson import Int64
from hypothesis import given
from hypothesis import strategies as st

from datasources.usage_documents import DamagedDays, day_documents, load_days
from domain.readings import MAX_WH, Direction
from domain.stored import day_key
from domain.usage_days import DayBlock

Document = dict[str, Any]


def block_of(seed: int, days: int) -> DayBlock:
    """Days full of any values."""
    random = np.random.default_rng(seed)
    block = DayBlock.empty(days)
    block.wh[:] = random.integers(0, MAX_WH, block.wh.shape)
    block.state[:] = random.integers(0, 2**31 - 1, block.state.shape)
    block.order[:] = random.integers(0, 2**62, block.order.shape)
    block.received_ms[:] = random.integers(0, 2**45, block.received_ms.shape)
    return block


def keys_of(*facilities: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    numbers = np.array(facilities, np.int64)
    return day_key(numbers, np.full(len(numbers), Direction.EXPORT), np.full(len(numbers), 960_000))


def plain(block: DayBlock, key: int, facility: int, row: int) -> Document:
    return {
        "_id": Int64(key),
        "facility": Int64(facility),
        "newest": Int64(max(block.order[row].tolist())),
        "wh": block.wh[row].astype("<i4").tobytes(),
        "state": block.state[row].astype("<i4").tobytes(),
        "order": block.order[row].astype("<i8").tobytes(),
        "receivedMs": block.received_ms[row].astype("<i8").tobytes(),
    }


@given(
    seed=st.integers(0, 9),
    facilities=st.lists(st.integers(0, 2**40), unique=True, max_size=8).map(sorted),
)
def test_documents_are_those_that_bson_makes_of_dicts(seed: int, facilities: list[int]) -> None:
    block, keys = block_of(seed, len(facilities)), keys_of(*facilities)
    rows = np.arange(len(facilities))[::2]
    expected = [plain(block, int(keys[row]), facilities[row], row) for row in rows.tolist()]
    found = [bytes(day.raw) for day in day_documents(block, keys, rows)]
    assert found == list(map(bson.encode, expected))


def test_documents_in_any_order_go_back_into_the_rows_of_their_keys() -> None:
    block, keys = block_of(1, 5), keys_of(1, 2, 3, 4, 5)
    days = day_documents(block, keys, np.array([4, 0, 2]))
    loaded = DayBlock.empty(5)

    is_stored = load_days(loaded, keys, [bytes(day.raw) for day in days], DamagedDays())

    assert is_stored.tolist() == [True, False, True, False, True]
    for name in ("wh", "state", "order", "received_ms"):
        expected = np.where(is_stored[:, None], getattr(block, name), 0)
        assert getattr(loaded, name).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("changes", "is_intact"),
    [
        pytest.param({"wh": b"\x01\x02"}, False, id="a column is too short"),
        pytest.param({"order": None}, False, id="a column is null"),
        pytest.param({"wh": "x" * 191}, False, id="text of the same length"),
        pytest.param({"note": "by hand"}, True, id="one more field"),
        pytest.param({"newest": 5}, True, id="a shorter number"),
    ],
)
def test_of_days_that_look_otherwise_the_intact_are_read_and_the_damaged_are_empty(
    changes: Document, is_intact: bool
) -> None:
    block, keys = block_of(1, 2), keys_of(1, 2)
    regular, odd = (plain(block, int(keys[row]), row + 1, row) for row in (0, 1))
    loaded = DayBlock.empty(2)

    days = [bson.encode(odd | changes), bson.encode(regular)]
    is_stored = load_days(loaded, keys, days, DamagedDays())

    assert is_stored.all()
    assert loaded.order[0].tolist() == block.order[0].tolist()
    expected = block if is_intact else DayBlock.empty(2)
    assert loaded.wh[1].tolist() == expected.wh[1].tolist()
    assert loaded.received_ms[1].tolist() == expected.received_ms[1].tolist()


def test_no_documents_fill_no_row() -> None:
    loaded = DayBlock.empty(3)
    assert load_days(loaded, keys_of(1, 2, 3), [], DamagedDays()).tolist() == [False] * 3
