"""A cache in front of the database answers what the database would, and seldom asks it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from datasources.mongo import Mongo
from datasources.usage import Span, UsageReader
from datasources.usage_cache import UsageCache
from datasources.usage_columns import DayColumns
from domain.readings import Direction, Quality
from domain.slots import first_slot
from domain.stored import ReadingColumns, day_key_range
from domain.usage import SlotSeries
from resolvers.intake import store_columns
from resolvers.sources import Sources, open_sources
from tests.api import NOW, Clock, CommandLog

FIRST_DAY = 25_600
"A multiple of 32, at which a known block begins; in 2040."
LARGE = 1 << 24
DAY_BYTES = 1 + 8 + 3 * 4 * 48
Reading = tuple[int, int, int]
"Slot since FIRST_DAY, Wh, quality."

_facilities = count(1)


@dataclass
class Home:
    """A facility of its own, read through a cache and without."""

    sources: Sources
    cache: UsageCache
    number: int = field(default_factory=lambda: next(_facilities))

    @classmethod
    def of(cls, sources: Sources, limit: int = LARGE) -> "Home":
        return cls(sources, UsageCache(sources.usage, limit))

    async def store(self, *readings: Reading, direction: Direction = Direction.IMPORT) -> None:
        slots, wh, quality = (np.array(column) for column in zip(*readings, strict=True))
        columns = ReadingColumns(
            np.full(len(slots), self.number, np.int64),
            np.full(len(slots), direction, np.int64),
            slots.astype(np.int64) + first_slot(FIRST_DAY),
            wh.astype(np.int32),
            quality.astype(np.int32),
            np.full(len(slots), -1, np.int32),
        )
        await store_columns(self.sources, columns, NOW)

    def span(self, first: int, end: int, direction: Direction = Direction.IMPORT) -> Span:
        """Slots since FIRST_DAY."""
        start = first_slot(FIRST_DAY)
        return Span(self.number, direction, start + first, start + end)

    def days(self, first: int, end: int) -> Span:
        return self.span(48 * first, 48 * end)

    async def read(self, *spans: Span) -> list[SlotSeries]:
        """As a request does: the heads, and then what is not kept."""
        heads = await self.sources.usage.heads([span.facility for span in spans])
        asked = [(span, heads[span.facility].order) for span in spans]
        kept = [self.cache.kept(*each) for each in asked]
        missing = [each for each, series in zip(asked, kept, strict=True) if series is None]
        found = iter(await self.cache.read(missing) if missing else [])
        return [next(found) if series is None else series for series in kept]

    async def compared(self, *spans: Span) -> list[SlotSeries]:
        """What both ways of reading agree about."""
        found = await self.read(*spans)
        stored = await self.sources.usage.read(spans)
        assert [values(series) for series in found] == [values(series) for series in stored]
        return found


def values(series: SlotSeries) -> tuple[Any, ...]:
    return series.first, series.wh.tolist(), series.quality.tolist(), series.revision.tolist()


def day_key(home: Home, day: int) -> int:
    span = home.days(day, day + 1)
    return day_key_range(span.facility, span.direction, span.first, span.end)[0]


class Versions:
    """What was seen under each version of a block: never two things."""

    def __init__(self) -> None:
        self._content: dict[tuple[int, ...], Any] = {}

    def note(self, found: Sequence[SlotSeries]) -> None:
        for series in found:
            for block in series.known:
                content = values(series.between(block.first, block.end))
                assert self._content.setdefault(block.version, content) == content


READINGS = st.lists(
    st.tuples(st.integers(0, 70 * 48 - 1), st.integers(0, 3), st.sampled_from(list(Quality)[1:])),
    min_size=1,
    max_size=4,
    unique_by=lambda reading: reading[0],
)
BOUNDS = st.lists(st.integers(0, 70 * 48), min_size=2, max_size=2).map(sorted)
SPANS = st.lists(st.tuples(BOUNDS, st.sampled_from(Direction)), min_size=1, max_size=3)
ACTIONS = st.lists(
    st.tuples(st.just("store"), READINGS, st.sampled_from(Direction))
    | st.tuples(st.just("read"), SPANS, st.just(0))
    | st.tuples(st.just("race"), READINGS, SPANS),
    max_size=12,
)


@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, limit=st.sampled_from([LARGE, 80 * DAY_BYTES, 0]))
async def test_a_cached_reader_answers_what_an_uncached_one_does(
    sources: Sources, actions: list[tuple[str, Any, Any]], limit: int
) -> None:
    home, versions = Home.of(sources, limit), Versions()
    for action, given_first, given_second in actions:
        if action == "store":
            await home.store(*given_first, direction=given_second)
            continue
        drawn = given_first if action == "read" else given_second
        spans = [home.span(first, end, direction) for (first, end), direction in drawn]
        if action == "race":
            found, again, _ = await asyncio.gather(
                home.read(*spans), home.read(spans[0]), home.store(*given_first)
            )
            versions.note([*found, *again])
        versions.note(await home.compared(*spans))
        assert home.cache.nbytes <= limit


class TestCommands:
    async def test_what_was_read_is_not_read_again_until_something_is_stored(
        self, sources: Sources, commands: CommandLog
    ) -> None:
        home = Home.of(sources)
        await home.store((0, 100, 2), (48, 200, 2), (99, 300, 2))
        (first,) = await home.read(home.days(0, 3))
        commands.names.clear()

        (again,) = await home.read(home.days(0, 3))
        (part,) = await home.read(home.span(47, 100))

        assert commands.names == ["find", "find"]  # the heads
        assert values(again) == values(first)
        assert part.wh.tolist() == first.wh[47:100].tolist()

    async def test_a_correction_is_seen_by_the_next_read_which_reads_that_day_only(
        self, sources: Sources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = Home.of(sources)
        await home.store(*((48 * day, 100 + day, 2) for day in range(40)))
        before = await home.read(home.days(0, 40))
        read: list[list[int]] = []
        days = UsageReader.days

        async def noted(*arguments: Any) -> DayColumns:
            found = await days(*arguments)
            read.append((found.keys - day_key(home, 0)).tolist())
            return found

        monkeypatch.setattr(UsageReader, "days", noted)
        await home.store((48 * 7, 999, 3))

        (after,) = await home.read(home.days(0, 40))
        await home.read(home.days(0, 40))
        await home.read(home.days(38, 42))

        assert read == [[7], []]
        assert int(after.wh[48 * 7]) == 999
        assert int(before[0].wh[48 * 7]) == 107
        assert int(after.wh.sum()) == int(before[0].wh.sum()) + 999 - 107

    async def test_another_process_sees_a_correction_too(
        self, sources: Sources, settings: Any, mongo: Mongo
    ) -> None:
        home = Home.of(sources)
        await home.store((0, 100, 2))
        await home.read(home.days(0, 1))
        elsewhere = replace(home, sources=open_sources(settings, mongo, Clock()))

        await elsewhere.store((0, 50, 2))

        (found,) = await home.compared(home.days(0, 1))
        assert (int(found.wh[0]), int(found.revision[0])) == (50, 1)
        await elsewhere.sources.announcer.close()

    async def test_many_facilities_are_read_by_one_command(
        self, sources: Sources, commands: CommandLog
    ) -> None:
        homes = [Home.of(sources)]
        homes += [replace(homes[0], number=next(_facilities)) for _ in range(59)]
        for home in homes:
            await home.store((5, home.number, 2))
        spans = [home.days(0, 31) for home in homes]
        commands.names.clear()
        found = await homes[0].read(*spans)
        assert commands.names == ["find", "find"]
        assert [int(series.wh.sum()) for series in found] == [home.number for home in homes]
        commands.names.clear()
        await homes[3].store((5, 7, 2))
        await homes[9].store((99, 8, 2))
        commands.names.clear()
        again = await homes[0].read(*spans)
        assert commands.names == ["find", "find"]
        assert int(again[3].wh.sum()) == 7
        assert int(again[9].wh.sum()) == homes[9].number + 8

    async def test_an_empty_span_is_not_read(self, sources: Sources, commands: CommandLog) -> None:
        home = Home.of(sources)
        (found,) = await home.read(home.span(100, 100))
        assert (found.first, found.end) == (home.span(100, 100).first,) * 2
        assert commands.names == ["find"]
        assert [len(series.wh) for series in await home.cache.read([(home.span(5, 5), 0)])] == [0]


class TestMemory:
    async def test_the_longest_unused_is_dropped_first(
        self, sources: Sources, commands: CommandLog
    ) -> None:
        one = Home.of(sources, 30 * DAY_BYTES)
        two, three = (replace(one, number=next(_facilities)) for _ in range(2))
        for home in (one, two, three):
            await home.store((0, home.number, 2))
        await one.read(one.days(0, 10))
        await two.read(two.days(0, 10))
        await one.read(one.days(0, 10))
        await three.read(three.days(0, 15))
        assert one.cache.nbytes == 25 * DAY_BYTES
        commands.names.clear()
        await one.read(one.days(0, 10))
        await three.read(three.days(0, 15))
        assert commands.names == ["find"] * 2
        await two.compared(two.days(0, 10))
        assert one.cache.nbytes == 25 * DAY_BYTES

    async def test_what_is_larger_than_the_cache_is_not_kept(self, sources: Sources) -> None:
        home = Home.of(sources, 9 * DAY_BYTES)
        await home.store((0, 1, 2))
        await home.compared(home.days(0, 10))
        assert home.cache.nbytes == 0

    async def test_a_series_that_was_handed_out_does_not_change(self, sources: Sources) -> None:
        home = Home.of(sources)
        await home.store((0, 1, 2))
        (before,) = await home.read(home.days(0, 2))
        await home.store((0, 5, 2))
        await home.read(home.days(0, 2))
        assert int(before.wh[0]) == 1
        with pytest.raises(ValueError, match="read-only"):
            before.wh[0] = 9


class TestKnownBlocks:
    async def test_blocks_are_cut_to_the_series_and_change_with_what_is_stored_in_them(
        self, sources: Sources
    ) -> None:
        home = Home.of(sources)
        await home.store((0, 1, 2), (48 * 40, 2, 2))

        async def known(first: int, end: int) -> list[tuple[int, int, int]]:
            (series,) = await home.read(home.span(first, end))
            start = first_slot(FIRST_DAY)
            for block in series.known:
                *name, _ = block.version
                assert name == [home.number, Direction.IMPORT, block.first, block.end]
            return [(one.first - start, one.end - start, one.version[-1]) for one in series.known]

        month = 32 * 48
        assert await known(0, 3 * month) == [
            (0, month, 1),
            (month, 2 * month, 2),
            (2 * month, 3 * month, 0),
        ]
        assert await known(1, 3 * month - 1) == [
            (1, month, 1),
            (month, 2 * month, 2),
            (2 * month, 3 * month - 1, 0),
        ]
        assert await known(48, 96) == [(48, 96, 0)]
        await home.store((month - 1, 9, 2))
        assert await known(0, 2 * month) == [(0, month, 3), (month, 2 * month, 2)]

    async def test_without_a_cache_nothing_is_known(self, sources: Sources) -> None:
        home = Home.of(sources)
        (series,) = await sources.usage.read([home.days(0, 64)])
        assert series.known == ()


class TestFaults:
    async def test_a_damaged_day_is_looked_at_again_and_its_block_is_not_known(
        self, sources: Sources, mongo: Mongo
    ) -> None:
        home = Home.of(sources)
        await home.store((0, 1, 2), (48, 2, 2), (48 * 40, 3, 2))
        whole = await mongo["usageDays"].find_one({"_id": day_key(home, 1)})
        await mongo["usageDays"].update_one({"_id": whole["_id"]}, {"$set": {"wh": b"\x01"}})

        with capture_logs() as logs:
            for _ in range(2):
                (broken,) = await home.compared(home.days(0, 64))
        assert [log["day"] for log in logs] == [whole["_id"]]
        assert broken.quality[48:96].tolist() == [Quality.MISSING] * 48
        assert [block.version[-1] for block in broken.known] == [3]

        await mongo["usageDays"].replace_one({"_id": whole["_id"]}, whole)
        (healed,) = await home.compared(home.days(0, 64))
        assert int(healed.wh[48]) == 2
        assert [block.version[-1] for block in healed.known] == [2, 3]

    async def test_days_of_a_server_that_lags_behind_the_head_are_not_kept(
        self, sources: Sources
    ) -> None:
        home = Home.of(sources)
        await home.store((0, 1, 2))
        await home.read(home.days(0, 1))
        order = 5  # of a head that a server knew which has failed since
        for _ in range(2):
            (series,) = await home.cache.read([(home.days(0, 1), order)])
            assert int(series.wh[0]) == 1
            assert home.cache.kept(home.days(0, 1), order) is None
        assert home.cache.kept(home.days(0, 1), 1) is not None
        fresh = Home.of(sources)
        await fresh.cache.read([(home.days(0, 1), order)])
        assert fresh.cache.nbytes == 0
