"""How usage is kept: a document per facility, direction and Tokyo day, 48 slots packed in columns.

`_id` is `domain.stored.day_key`; `wh` and `state` are 48 little-endian int32, `order` and
`receivedMs` 48 int64; `newest` is the highest order in the day. All documents have the same length.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import structlog
from bson import Int64

from datasources.mongo import Document
from domain.slots import SLOTS_PER_DAY
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


def load_day(block: DayBlock, row: int, day: Document) -> None:
    """Put a whole document into a row of a block."""
    block.wh[row] = np.frombuffer(day["wh"], INT32)
    block.state[row] = np.frombuffer(day["state"], INT32)
    block.order[row] = np.frombuffer(day["order"], INT64)
    block.received_ms[row] = np.frombuffer(day["receivedMs"], INT64)


def day_document(key: int, facility: int, block: DayBlock, row: int) -> Document:
    """Document of a row of a block."""
    return {
        "_id": Int64(key),
        "facility": Int64(facility),
        "newest": Int64(block.order[row].max()),
        "wh": block.wh[row].astype(INT32).tobytes(),
        "state": block.state[row].astype(INT32).tobytes(),
        "order": block.order[row].astype(INT64).tobytes(),
        "receivedMs": block.received_ms[row].astype(INT64).tobytes(),
    }
