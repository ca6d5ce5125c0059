"""Readings in: rows that were checked one by one are stored, counted and announced."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import structlog

from datasources.usage_writes import DAYS_PER_TRANSACTION
from domain.readings import NewReading, Rejection
from domain.stored import Announcement, ReadingColumns
from domain.usage_days import Outcome
from resolvers.sources import Sources

_log = structlog.get_logger()

ROWS_AT_ONCE: Final = 20_000
"Bounds the memory of an import, however long it is."

_LISTED: Final = 1000
_UNPUBLISHED_AFTER: Final = timedelta(seconds=5)


@dataclass(slots=True)
class IntakeReport:
    """What became of rows; of the rejections the first thousand are listed."""

    stored: int = 0
    unchanged: int = 0
    corrected: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    def reject(self, rejections: Iterable[Rejection]) -> None:
        for rejection in rejections:
            self.rejected += 1
            if len(self.rejections) < _LISTED:
                self.rejections.append(rejection)

    def count(self, outcomes: Counter[int]) -> None:
        self.stored += outcomes[Outcome.STORED]
        self.unchanged += outcomes[Outcome.UNCHANGED]
        self.corrected += outcomes[Outcome.CORRECTED]


Row = tuple[int, NewReading] | Rejection
"A reading with its line, or why the line has none."


async def take_rows(
    sources: Sources, rows: Sequence[Row], report: IntakeReport, received_at: datetime
) -> None:
    """Store and announce rows, and add to the report what became of them."""
    report.reject(row for row in rows if isinstance(row, Rejection))
    lines = [row for row in rows if not isinstance(row, Rejection)]
    numbers = await sources.facilities.numbers_of({reading.supply_point for _, reading in lines})
    report.reject(
        Rejection(line, f"no facility has supply point number {reading.supply_point}")
        for line, reading in lines
        if reading.supply_point not in numbers
    )
    lines = [(line, reading) for line, reading in lines if reading.supply_point in numbers]
    if lines:
        columns = _columns(numbers, [reading for _, reading in lines])
        outcome = await store_columns(sources, columns, received_at)
        report.count(Counter(outcome.tolist()))
        clashes = itertools.compress(lines, outcome == Outcome.CONFLICT)
        report.reject(
            Rejection(line, f"revision {reading.revision} is stored with another value")
            for line, reading in clashes
        )
    report.rejections.sort(key=lambda rejection: rejection.line)


async def store_columns(
    sources: Sources, columns: ReadingColumns, received_at: datetime
) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Store and announce readings in transactions; gives the outcome by row."""
    outcomes = []
    for batch in columns.batches(DAYS_PER_TRANSACTION):
        stored = await sources.writer.store(batch, received_at)
        outcomes.append(stored.outcome)
        await _announce(sources, stored.announcements, stored.outbox)
    return np.concatenate(outcomes) if outcomes else np.zeros(0, np.int8)


async def announce_forgotten(sources: Sources) -> int:
    """Announce what a process stored but did not live to announce; gives the number of batches."""
    entries = await sources.writer.unpublished(sources.clock() - _UNPUBLISHED_AFTER)
    for outbox, announcements in entries:
        await _announce(sources, announcements, outbox)
    return len(entries)


async def _announce(
    sources: Sources, announcements: Sequence[Announcement], outbox: object
) -> None:
    if not announcements:
        return
    if await sources.announcer.publish(announcements):
        await sources.writer.published(outbox)
    else:
        _log.warning("redis is down: readings are announced later", facilities=len(announcements))


def _columns(numbers: dict[str, int], readings: Sequence[NewReading]) -> ReadingColumns:
    return ReadingColumns(
        facility=np.array([numbers[reading.supply_point] for reading in readings], np.int64),
        direction=np.array([reading.direction for reading in readings], np.int64),
        slot=np.array([reading.slot for reading in readings], np.int64),
        wh=np.array([reading.wh for reading in readings], np.int32),
        quality=np.array([reading.quality for reading in readings], np.int32),
        revision=np.array(
            [-1 if reading.revision is None else reading.revision for reading in readings],
            np.int32,
        ),
    )
