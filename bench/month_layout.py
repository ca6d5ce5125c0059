"""The layout that peers may choose over ours: a document per facility and Tokyo month, packed.

`first` is the slot of the month's first half hour, `wh` its int32, `quality` its bytes.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import numpy as np
from bson import Int64

from bench.half_hours import HalfHours
from datasources.mongo import Document
from datasources.usage_documents import INT32
from domain.slots import date_of_day, day_of_slot

USAGE_MONTHS: Final = "usageMonths"
_MONTHS: Final = 4096
"More than facilities have months."


def month_key(facility: int, slot: int) -> int:
    """Facility and Tokyo month of a slot in one integer, in that order."""
    on = date_of_day(day_of_slot(slot))
    return facility * _MONTHS + (on.year - 1970) * 12 + on.month - 1


def month_documents(facility: int, usage: HalfHours) -> Iterator[Document]:
    slots = range(usage.first, usage.end)
    for key, of_month in groupby(slots, lambda slot: month_key(facility, slot)):
        places = [slot - usage.first for slot in of_month]
        part = slice(places[0], places[-1] + 1)
        yield {
            "_id": Int64(key),
            "first": Int64(usage.first + places[0]),
            "wh": usage.wh[part].astype(INT32).tobytes(),
            "quality": usage.quality[part].astype(np.uint8).tobytes(),
        }
