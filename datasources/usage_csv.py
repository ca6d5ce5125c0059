"""Half-hour usage as CSV that Japanese spreadsheets open: UTF-8 with a byte order mark, CRLF.

Times are those of Tokyo, kWh have three decimals, a half hour without a value has an empty field. There
is no text in it but ours, so nothing that a spreadsheet could take for a formula.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Final

from domain.readings import Quality
from domain.slots import SLOTS_PER_DAY, date_of_day, day_of_slot, first_slot
from domain.tariff.points import NO_SEN
from domain.usage_parts import QUALITY_LABELS, UsagePart, UsageTitle

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MISSING: Final = int(Quality.MISSING)
_TIMES: Final = tuple(f"{place // 2:02}:{place % 2 * 30:02}" for place in range(SLOTS_PER_DAY))
_QUALITIES: Final = tuple(f"{QUALITY_LABELS[quality]},{quality.name}" for quality in Quality)


class UsageCsv:
    """A writer of one file."""

    def __init__(self, out: BinaryIO, title: UsageTitle) -> None:
        self._out = out
        out.write(BYTE_ORDER_MARK + f"{','.join(title.columns)}\r\n".encode())

    def add(self, part: UsagePart) -> None:
        self._out.write("".join(_lines(part)).encode())

    def finish(self) -> None:
        """Nothing comes after the last line."""

    def close(self) -> None:
        """Nothing is left anywhere else."""


def _lines(part: UsagePart) -> Iterator[str]:
    instants = [_instant(slot) for slot in range(part.first, part.end + 1)]
    wh, quality = part.wh.tolist(), part.quality.tolist()
    sen = [NO_SEN] * len(wh) if part.sen is None else part.sen.tolist()
    for at, (used, kind, cost) in enumerate(zip(wh, quality, sen, strict=True)):
        kwh = "" if kind == _MISSING else f"{used / 1000:.3f}"
        yen = "" if cost == NO_SEN else f"{cost / 100:.2f}"
        yield f"{instants[at]},{instants[at + 1]},{kwh},{yen},{_QUALITIES[kind]}\r\n"


def _instant(slot: int) -> str:
    """Start of a slot in Tokyo, as spreadsheets read it."""
    day = day_of_slot(slot)
    return f"{_date(day)} {_TIMES[slot - first_slot(day)]}"


@lru_cache(64)
def _date(day: int) -> str:
    return date_of_day(day).isoformat()
