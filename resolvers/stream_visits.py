"""Visits to streams: reading from the database what they lack, and whose the facilities are."""

import asyncio
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from datasources.facilities import FacilityStore
from datasources.mongo import PyMongoError
from datasources.stored_rows import StoredRows
from datasources.usage import UsageReader
from domain.errors import KenshinError
from domain.stored import Head
from domain.stream_gaps import Gap, gaps_between, size_of
from resolvers.authority import Authority
from resolvers.pace import EVENTS_PER_TICK, Pace
from resolvers.reads import Reads
from resolvers.stream import Stream

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Lack:
    """What a stream lacks; with `reset` more than is sent."""

    stream: Stream
    gaps: Sequence[Gap]
    reset: bool

    @property
    def to_read(self) -> Sequence[Gap]:
        return () if self.reset else self.gaps


class StreamVisits:
    """Brings streams to where their facilities stand, many with the same reads."""

    def __init__(
        self,
        facilities: FacilityStore,
        usage: UsageReader,
        reads: Reads,
        authority: Authority,
        catch_up_limit: int,
    ) -> None:
        self.fills = 0
        "How often a stream lacked something that was announced, or should have been."
        self.resets = 0
        "How often that was more than is sent."
        self._facilities = facilities
        self._usage = usage
        self._reads = reads
        self._limit = catch_up_limit
        self._pace = Pace(authority)

    async def visit(self, streams: Sequence[Stream], beating: Container[Stream]) -> None:
        """Hand on what streams lack, and tell those whose turn it is how things stand.

        Raises PyMongoError if the database does not answer.
        """
        try:
            await self._visit(streams, beating)
        except PyMongoError:
            raise
        except Exception as error:  # noqa: BLE001 - a damaged row of one is not the others' fault
            if len(streams) == 1:
                _log.exception("a stream cannot be read", exc_info=error)
                streams[0].end(KenshinError("something went wrong here; subscribe again"))
                return
            half = len(streams) // 2
            await self.visit(streams[:half], beating)
            await self.visit(streams[half:], beating)

    async def _visit(self, streams: Sequence[Stream], beating: Container[Stream]) -> None:
        doubts = [stream.doubts for stream in streams]
        numbers = sorted({number for stream in streams for number in stream.numbers})
        places, heads = await asyncio.gather(
            self._facilities.by_numbers(numbers), self._usage.heads(numbers)
        )
        for stream, known in zip(streams, doubts, strict=True):
            stream.know(places, known)
        for part in self._parts(streams, heads):
            rows = await self._rows(gap for lack in part for gap in lack.to_read)
            await self._pace.settle()
            for lack in part:
                lack.stream.note(heads)
                await self._fill(lack, heads, rows)
                if lack.stream in beating and self._pace.handed(lack.stream.beat()):
                    await self._pace.rest()
                lack.stream.visited()

    def _parts(
        self, streams: Iterable[Stream], heads: Mapping[int, Head]
    ) -> Iterator[Sequence[_Lack]]:
        """What streams lack, cut so that not too many readings are in memory at once."""
        orders = {number: head.order for number, head in heads.items()}
        part: list[_Lack] = []
        readings = 0
        for stream in streams:
            gaps = gaps_between(stream.positions, orders)
            lack = _Lack(stream, gaps, reset=size_of(gaps) > self._limit)
            part.append(lack)
            readings += size_of(lack.to_read)
            if readings > self._limit:
                yield part
                part, readings = [], 0
        yield part

    async def _rows(self, gaps: Iterable[Gap]) -> Mapping[Gap, StoredRows]:
        asked = {gap: self._reads.stored.load(gap, gap) for gap in gaps}
        return {gap: await rows for gap, rows in asked.items()}

    async def _fill(
        self, lack: _Lack, heads: Mapping[int, Head], rows: Mapping[Gap, StoredRows]
    ) -> None:
        self.fills += bool(lack.gaps)
        if lack.reset:
            self.resets += 1
            self._pace.handed(lack.stream.reset(heads))
        for gap in lack.to_read:
            found = rows[gap]
            for start in range(0, len(found), EVENTS_PER_TICK):
                readings = found[start : start + EVENTS_PER_TICK]
                handed = lack.stream.advance(gap.facility, readings, readings[-1].order)
                if self._pace.handed(handed):
                    await self._pace.rest()
            lack.stream.advance(gap.facility, (), gap.until)
