"""Half-hour usage as files have it: part by part, with what every file says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.calendar import shift_months
from domain.readings import Direction, Quality
from domain.slots import date_of_day, day_of_date, day_of_slot, first_slot

QUALITY_LABELS: Final[Mapping[Quality, str]] = {
    Quality.SETTLED: "確定値",
    Quality.PROVISIONAL: "速報値",
    Quality.ESTIMATED: "推定値",
    Quality.MISSING: "欠測",
}

_KWH_LABELS: Final = {Direction.IMPORT: "使用量（kWh）", Direction.EXPORT: "売電量（kWh）"}
_YEN_LABELS: Final = {
    Direction.IMPORT: "料金の目安（円）",
    Direction.EXPORT: "売電額の目安（円）",
}


@dataclass(frozen=True, slots=True)
class UsageTitle:
    """What a file is of: a facility's usage in one direction, as last stored at `updated_at`."""

    portal: str
    facility: str
    supply_point: str
    direction: Direction
    updated_at: datetime

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of the columns of a table."""
        return (
            "開始日時",
            "終了日時",
            _KWH_LABELS[self.direction],
            _YEN_LABELS[self.direction],
            "品質",
            "品質コード",
        )


@dataclass(frozen=True, slots=True, eq=False)
class UsagePart:
    """Consecutive half hours from the slot `first`; `wh` is 0 where `quality` is MISSING.

    `sen` is None where no price is known, of a single half hour NO_SEN.
    """

    first: int
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]
    sen: NDArray[np.int64] | None = None

    @property
    def end(self) -> int:
        """Slot after the last one."""
        return self.first + len(self.wh)


class UsageWriter(Protocol):
    """Writes usage as it comes; `close` takes away what is left of a file that was not finished."""

    def add(self, part: UsagePart) -> None:
        """Write a part that comes after those before."""

    def finish(self) -> None:
        """Write the end."""

    def close(self) -> None:
        """Nothing is written after it."""


def month_spans(first: int, end: int) -> Iterator[tuple[int, int]]:
    """The slots ``[first, end)`` cut at Tokyo's months."""
    while first < end:
        month = date_of_day(day_of_slot(first)).replace(day=1)
        following = first_slot(day_of_date(shift_months(month, 1)))
        yield first, min(following, end)
        first = following
