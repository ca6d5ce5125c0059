"""Days of usage out of the database's bytes into columns, without a Python object for each day.

All day documents have the same length, so the values stand at a stride in a reply. Whatever does not
look like that, byte by byte around the values, is decoded the plain way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import bson
import numpy as np
from bson import Int64
from numpy.typing import NDArray

from datasources.mongo import Document, decode_array
from datasources.usage_documents import INT32, INT64, DamagedDays
from domain.slots import SLOTS_PER_DAY

_READ: Final = ("newest", "wh", "state")
PROJECTION: Final = dict.fromkeys(_READ, 1)

Rows = NDArray[np.void]

_DAY: Final = [
    ("length_and_key_name", np.uint8, 9),
    ("key", INT64),
    ("newest_name", np.uint8, 8),
    ("newest", INT64),
    ("wh_name", np.uint8, 9),
    ("wh", INT32, SLOTS_PER_DAY),
    ("state_name", np.uint8, 12),
    ("state", INT32, SLOTS_PER_DAY),
    ("end", np.uint8, 1),
]
"A projected day as BSON has it: names, types and lengths, the same in every day, and the values."


def _specimen(number: int, values: bytes) -> NDArray[np.uint8]:
    column = values * (SLOTS_PER_DAY * INT32.itemsize)
    day = {"_id": Int64(number), "newest": Int64(number), "wh": column, "state": column}
    return np.frombuffer(bson.encode(day), np.uint8)


_SPECIMEN: Final = _specimen(0, b"\x00")
_AROUND_VALUES: Final = np.flatnonzero(_specimen(-1, b"\xff") == _SPECIMEN)
_VALUES: Final = ("key", *_READ)

_ITEMS: Final = [
    (np.dtype([("type", np.uint8), ("name", np.uint8, digits + 1), *_DAY]), many)
    for digits, many in enumerate((10, 90, 900, 9_000, 90_000), 1)
]
"An item of a BSON array, whose name is its index, and how many there are with so many digits."
_BOTH_ENDS: Final = np.array((0, 1))
_ARRAY_HEAD: Final = 4
_ARRAY_FRAME: Final = 5
"A BSON array has its length before its items and a NUL after them."


@dataclass(frozen=True, slots=True)
class DayColumns:
    """Days that were found, each once, by key; `damaged` are keys of those that are not in it.

    `keys` and `newest` have shape ``(n,)``, `wh` and `state` ``(n, 48)``.
    """

    keys: NDArray[np.int64]
    newest: NDArray[np.int64]
    wh: NDArray[np.int32]
    state: NDArray[np.int32]
    damaged: frozenset[int]

    def rows(self, ranges: Sequence[tuple[int, int]]) -> list[slice]:
        """Rows of the days in each range of keys, both ends included."""
        bounds = np.array(ranges, np.int64).reshape(-1, 2) + _BOTH_ENDS
        return [slice(*pair) for pair in np.searchsorted(self.keys, bounds).tolist()]


def day_columns(found: Iterable[memoryview | Sequence[Document]], noted: DamagedDays) -> DayColumns:
    """Columns of days that were read with PROJECTION, as BSON arrays or decoded."""
    parts: list[Rows] = []
    damaged: set[int] = set()
    for documents in found:
        regular = _regular(documents) if isinstance(documents, memoryview) else None
        if regular is None:
            plain = decode_array(documents) if isinstance(documents, memoryview) else documents
            intact = [day for day in plain if noted.intact(day, _READ)]
            damaged |= {day["_id"] for day in plain} - {day["_id"] for day in intact}
            regular = [_rows(intact)]
        parts += regular
    return _columns(parts, frozenset(damaged))


def _regular(array: memoryview) -> list[Rows] | None:
    """Rows of the array's items; None if one of them differs in more than its values."""
    parts = []
    start, rest = _ARRAY_HEAD, len(array) - _ARRAY_FRAME
    for item, many in _ITEMS:
        count = min(many, rest // item.itemsize)
        if count:
            parts.append(np.frombuffer(array, item, count, start))
        start += count * item.itemsize
        rest -= count * item.itemsize
    return None if rest or not all(map(_is_like_specimen, parts)) else parts


def _is_like_specimen(part: Rows) -> bool:
    days = part.view(np.uint8).reshape(len(part), -1)[:, -len(_SPECIMEN) :]
    return bool((days[:, _AROUND_VALUES] == _SPECIMEN[_AROUND_VALUES]).all())


def _rows(days: Sequence[Document]) -> Rows:
    """Rows of intact days."""
    rows = np.zeros(len(days), np.dtype(_DAY))
    for row, day in zip(rows, days, strict=True):
        row["key"], row["newest"] = day["_id"], day["newest"]
        row["wh"] = np.frombuffer(day["wh"], INT32)
        row["state"] = np.frombuffer(day["state"], INT32)
    return rows


def _columns(parts: Sequence[Rows], damaged: frozenset[int]) -> DayColumns:
    parts = parts or [_rows(())]
    keys, newest, wh, state = (np.concatenate([part[name] for part in parts]) for name in _VALUES)
    if (keys[1:] <= keys[:-1]).any():
        chosen = _newest_of_each(keys, newest)
        keys, newest, wh, state = (each[chosen] for each in (keys, newest, wh, state))
    return DayColumns(keys, newest, wh, state, damaged)


def _newest_of_each(keys: NDArray[np.int64], newest: NDArray[np.int64]) -> NDArray[np.intp]:
    """Rows in the order of their keys; of a day that was found twice, what it became meanwhile."""
    ascending = np.lexsort((newest, keys))
    chosen: NDArray[np.intp] = ascending[np.append(np.diff(keys[ascending]) > 0, True)]
    return chosen
