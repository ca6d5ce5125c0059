"""Checked readings that wait to be stored, as columns: no object for each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Self

import numpy as np

from domain.readings import NO_REVISION, NewReading, ReadingValues, Rejection
from domain.stored import ReadingColumns

NO_FACILITY: Final = -1


@dataclass(slots=True)
class ReadingRows:
    """Readings in the order in which they came, each with its line, and lines that gave none."""

    lines: list[int] = field(default_factory=list)
    supply_points: list[str] = field(default_factory=list)
    directions: list[int] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    wh: list[int] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, NewReading] | Rejection]) -> "ReadingRows":
        columns = cls()
        for row in rows:
            if isinstance(row, Rejection):
                columns.rejections.append(row)
            else:
                columns.add(row[0], _values(row[1]))
        return columns

    def __len__(self) -> int:
        """How many lines gave a reading, or a rejection."""
        return len(self.lines) + len(self.rejections)

    def __iadd__(self, others: "ReadingRows") -> Self:
        for column in fields(self):
            getattr(self, column.name).extend(getattr(others, column.name))
        return self

    def add(self, line: int, values: ReadingValues) -> None:
        supply_point, direction, slot, wh, quality, revision = values
        self.lines.append(line)
        self.supply_points.append(supply_point)
        self.directions.append(direction)
        self.slots.append(slot)
        self.wh.append(wh)
        self.qualities.append(quality)
        self.revisions.append(revision)

    def columns(self, numbers: Mapping[str, int]) -> ReadingColumns:
        """The readings, with facilities by supply point number; NO_FACILITY where there is none."""
        facilities = [numbers.get(number, NO_FACILITY) for number in self.supply_points]
        return ReadingColumns(
            facility=np.array(facilities, np.int64),
            direction=np.array(self.directions, np.int64),
            slot=np.array(self.slots, np.int64),
            wh=np.array(self.wh, np.int32),
            quality=np.array(self.qualities, np.int32),
            revision=np.array(self.revisions, np.int32),
        )


def _values(reading: NewReading) -> ReadingValues:
    return (
        reading.supply_point,
        reading.direction,
        reading.slot,
        reading.wh,
        reading.quality,
        NO_REVISION if reading.revision is None else reading.revision,
    )
