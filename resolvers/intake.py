"""Readings in: rows that were checked one by one are stored, counted and announced."""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from datasources.usage_writes import DAYS_PER_TRANSACTION
from domain.reading_rows import NO_FACILITY, ReadingRows
from domain.readings import MAX_REVISION, NO_REVISION, Rejection
from domain.stored import Announcement, ReadingColumns
from domain.usage_days import Outcome
from resolvers.sources import Sources

_log = structlog.get_logger()

ROWS_AT_ONCE: Final = 20_000
"Bounds the memory of an import, however long it is: so many are stored, so many wait for that."

_TRANSACTIONS_AT_ONCE: Final = 4
"Of one import. While MongoDB is busy with some, others are prepared and announced."

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


class Intake:
    """Takes rows in their order: while some are stored, the next ones may already come.

    Rows of the same half hour meet each other in that order.
    """

    def __init__(self, sources: Sources, received_at: datetime) -> None:
        self.report = IntakeReport()
        self._sources = sources
        self._received_at = received_at
        self._rows = ReadingRows()
        self._storing: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, sources: Sources, received_at: datetime) -> AsyncIterator["Intake"]:
        """An intake whose report is complete when the block is left."""
        intake = cls(sources, received_at)
        try:
            yield intake
            await intake._store()
        finally:
            await intake._stored()

    async def take(self, rows: ReadingRows) -> None:
        """Take more rows; comes back when there is room for the next ones."""
        self._rows += rows
        if len(self._rows) >= ROWS_AT_ONCE:
            await self._store()

    async def _store(self) -> None:
        await self._stored()
        rows, self._rows = self._rows, ReadingRows()
        if not len(rows):
            return
        taking = take_rows(self._sources, rows, self.report, self._received_at)
        self._storing = asyncio.create_task(taking)

    async def _stored(self) -> None:
        storing, self._storing = self._storing, None
        if storing is not None:
            await storing


async def take_rows(
    sources: Sources, rows: ReadingRows, report: IntakeReport, received_at: datetime
) -> None:
    """Store and announce rows, and add to the report what became of them."""
    columns = rows.columns(await sources.facilities.numbers_of(set(rows.supply_points)))
    known = np.flatnonzero(columns.facility != NO_FACILITY)
    outcome = await store_columns(sources, columns[known], received_at)
    report.count(Counter(outcome.tolist()))
    refused = itertools.chain(
        rows.rejections,
        _without_facility(rows, np.flatnonzero(columns.facility == NO_FACILITY)),
        _clashing(rows, known[outcome == Outcome.CONFLICT]),
    )
    report.reject(sorted(refused, key=lambda rejection: rejection.line))


def _without_facility(rows: ReadingRows, at: NDArray[np.intp]) -> Iterator[Rejection]:
    for row in at.tolist():
        number = rows.supply_points[row]
        yield Rejection(rows.lines[row], f"no facility has supply point number {number}")


def _clashing(rows: ReadingRows, at: NDArray[np.intp]) -> Iterator[Rejection]:
    for row in at.tolist():
        given = rows.revisions[row]
        revision = MAX_REVISION if given == NO_REVISION else given
        yield Rejection(rows.lines[row], f"revision {revision} is stored with another value")


async def store_columns(
    sources: Sources, columns: ReadingColumns, received_at: datetime
) -> NDArray[np.int8]:
    """Store and announce readings, some facilities at a time; gives the outcome by row.

    After an error some may be stored: the same readings again change nothing.
    """
    outcome = np.zeros(len(columns), np.int8)
    shares = deque(columns.shares(DAYS_PER_TRANSACTION))

    async def store_shares() -> None:
        try:
            while shares:
                rows = shares.popleft()
                outcome[rows] = await _store_in_order(sources, columns[rows], received_at)
        except BaseException:
            shares.clear()
            raise

    workers = (store_shares() for _ in range(min(len(shares), _TRANSACTIONS_AT_ONCE)))
    for ended in await asyncio.gather(*workers, return_exceptions=True):
        if ended is not None:
            raise ended
    return outcome


async def _store_in_order(
    sources: Sources, columns: ReadingColumns, received_at: datetime
) -> NDArray[np.int8]:
    """Store and announce readings in transactions one after the other."""
    outcomes = []
    for batch in columns.batches(2 * DAYS_PER_TRANSACTION):
        stored = await sources.writer.store(batch, received_at)
        outcomes.append(stored.outcome)
        await _announce(sources, stored.announcements, stored.outbox)
    return np.concatenate(outcomes)


async def announce_forgotten(sources: Sources) -> int:
    """Announce what was stored and not announced; gives the number of batches that now are."""
    entries = await sources.writer.unpublished(sources.clock() - _UNPUBLISHED_AFTER)
    told = [await _announce(sources, announcements, outbox) for outbox, announcements in entries]
    return sum(told)


async def _announce(
    sources: Sources, announcements: Sequence[Announcement], outbox: object
) -> bool:
    """Whether listeners were told; what they were not stays in the outbox."""
    if not announcements:
        return True
    told = await sources.announcer.publish(announcements)
    if told:
        await sources.writer.published(outbox)
    else:
        _log.warning("redis is down: readings are announced later", facilities=len(announcements))
    return told
