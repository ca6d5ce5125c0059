"""How usage is kept: a document per facility, direction and Tokyo day, 48 slots packed in columns.

`_id` is `domain.stored.day_key`; `wh` and `state` are 48 little-endian int32, `order` and
`receivedMs` 48 int64; `newest` is the highest order in the day. All documents have the same length,
so many of them are read and written as one array, without a Python object for each value.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import bson
import numpy as np
import structlog
from bson import Int64
from bson.raw_bson import RawBSONDocument
from numpy.typing import NDArray

from datasources.mongo import Document, decode
from domain.slots import SLOTS_PER_DAY
from domain.stored import facility_of_day_keys
from domain.usage_days import DayBlock

INT32: Final = np.dtype("<i4")
INT64: Final = np.dtype("<i8")

COLUMNS: Final[Mapping[str, np.dtype[Any]]] = {
    "wh": INT32,
    "state": INT32,
    "order": INT64,
    "receivedMs": INT64,
}
_MAX_NOTED: Final = 10_000

_DAY: Final = np.dtype(
    [
        ("length_and_key_name", np.uint8, 9),
        ("key", INT64),
        ("facility_name", np.uint8, 10),
        ("facility", INT64),
        ("newest_name", np.uint8, 8),
        ("newest", INT64),
        ("wh_name", np.uint8, 9),
        ("wh", INT32, SLOTS_PER_DAY),
        ("state_name", np.uint8, 12),
        ("state", INT32, SLOTS_PER_DAY),
        ("order_name", np.uint8, 12),
        ("order", INT64, SLOTS_PER_DAY),
        ("receivedMs_name", np.uint8, 17),
        ("receivedMs", INT64, SLOTS_PER_DAY),
        ("end", np.uint8, 1),
    ]
)
"A day as BSON has it: names, types and lengths, the same in every day, and the values."


def _specimen(number: int, values: bytes) -> NDArray[np.uint8]:
    numbers = dict.fromkeys(("_id", "facility", "newest"), Int64(number))
    columns = {name: values * (SLOTS_PER_DAY * column.itemsize) for name, column in COLUMNS.items()}
    return np.frombuffer(bson.encode(numbers | columns), np.uint8)


_SPECIMEN: Final = _specimen(0, b"\x00")
_AROUND_VALUES: Final = np.flatnonzero(_specimen(-1, b"\xff") == _SPECIMEN)

Days = NDArray[np.void]

_log = structlog.get_logger()


class DamagedDays:
    """Days that were found damaged; each is logged once, as far as they can be remembered."""

    def __init__(self) -> None:
        self._noted: set[int] = set()

    def intact(self, day: Document, columns: Collection[str] = tuple(COLUMNS)) -> bool:
        """Whether a day has the columns that were read; one that has not counts as MISSING."""
        broken = [name for name in columns if not _fits(name, day.get(name))]
        if broken and day["_id"] not in self._noted and len(self._noted) < _MAX_NOTED:
            self._noted.add(day["_id"])
            _log.error("usage day is corrupt", day=day["_id"], columns=broken)
        return not broken


def _fits(name: str, value: object) -> bool:
    if name not in COLUMNS:
        return isinstance(value, int)
    return isinstance(value, bytes) and len(value) == SLOTS_PER_DAY * COLUMNS[name].itemsize


def load_days(
    block: DayBlock, keys: NDArray[np.int64], days: Sequence[bytes], damaged: DamagedDays
) -> NDArray[np.bool_]:
    """Put documents, as BSON, into the rows of a block that have their keys; the keys ascend.

    Gives by row whether there was a document. The row of a damaged one stays empty.
    """
    found = _regular(days)
    if found is None:
        found = _rows([decode(day) for day in days], damaged)
    rows = np.searchsorted(keys, found["key"])
    for name, column in _columns_of(block):
        column[rows] = found[name]
    stored = np.zeros(len(keys), np.bool_)
    stored[rows] = True
    return stored


def day_documents(
    block: DayBlock, keys: NDArray[np.int64], rows: NDArray[np.intp]
) -> list[RawBSONDocument]:
    """Documents of rows of a block, whose days have these keys."""
    days = np.repeat(_SPECIMEN.view(_DAY), len(rows))
    days["key"] = keys[rows]
    days["facility"] = facility_of_day_keys(keys[rows])
    days["newest"] = block.order[rows].max(axis=1)
    for name, column in _columns_of(block):
        days[name] = column[rows]
    raw, size = days.tobytes(), _DAY.itemsize
    return [RawBSONDocument(raw[start : start + size]) for start in range(0, len(raw), size)]


def _columns_of(block: DayBlock) -> Iterator[tuple[str, NDArray[Any]]]:
    return zip(COLUMNS, (block.wh, block.state, block.order, block.received_ms), strict=True)


def _regular(days: Sequence[bytes]) -> Days | None:
    """Documents as they are; None if one of them differs in more than its values."""
    if any(len(day) != _DAY.itemsize for day in days):
        return None
    rows = np.frombuffer(b"".join(days), np.uint8).reshape(len(days), _DAY.itemsize)
    if (rows[:, _AROUND_VALUES] != _SPECIMEN[_AROUND_VALUES]).any():
        return None
    return rows.view(_DAY).reshape(len(days))


def _rows(days: Sequence[Document], damaged: DamagedDays) -> Days:
    rows = np.zeros(len(days), _DAY)
    for row, day in zip(rows, days, strict=True):
        row["key"] = day["_id"]
        if damaged.intact(day):
            for name, kind in COLUMNS.items():
                row[name] = np.frombuffer(day[name], kind)
    return rows
