"""Buckets in Redis: exact however many take at once, from however many processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from structlog.testing import capture_logs

from datasources.buckets import Buckets
from domain.rate_limits import Bucket, Taken
from domain.settings import Settings
from tests.api import eventually, fresh_name
from tests.redis_server import RedisServer

HOUR = 3600
"In which a bucket of 100 gets one point back in 36 seconds: longer than any test takes."


@asynccontextmanager
async def opened(*urls: str) -> AsyncIterator[list[Buckets]]:
    """Buckets of one deployment, as seen by a process for each URL."""
    name = fresh_name()
    buckets = [Buckets(url, name, 5) for url in urls]
    yield buckets
    for each in buckets:
        await each.close()


async def taken(buckets: Buckets, bucket: Bucket, points: int = 1) -> Taken:
    found = await buckets.take(bucket, points)
    assert found is not None
    return found


async def test_a_thousand_takes_at_once_from_a_bucket_of_a_hundred_get_exactly_a_hundred(
    settings: Settings,
) -> None:
    bucket = Bucket("member:1", 100, HOUR)
    async with opened(settings.redis_url, settings.redis_url) as (one, other):
        takes = [(one, other)[place % 2].take(bucket, 1) for place in range(1000)]
        found = [each for each in await asyncio.gather(*takes) if each is not None]
        passed = [each for each in found if not each.missing_seconds]
        assert len(found) == 1000
        assert sorted(each.remaining for each in passed) == list(range(100))
        waits = [each.missing_seconds for each in found if each.missing_seconds]
        assert all(0 < seconds <= HOUR / 100 for seconds in waits)
        assert (await taken(one, Bucket("member:2", 100, HOUR))).remaining == 99


async def test_most_takes_from_a_large_bucket_ask_nobody_and_all_of_it_can_be_had(
    settings: Settings,
) -> None:
    bucket = Bucket("member:1", 10_000, 100 * HOUR)

    async def scripts() -> int:
        calls: int = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
        return calls

    urls = (settings.redis_url, settings.redis_url)
    async with Redis.from_url(settings.redis_url) as redis, opened(*urls) as (one, other):
        await taken(one, bucket)
        before = await scripts()
        assert [(await taken(one, bucket)).remaining for _ in range(1000)] == [
            *range(9998, 8998, -1)
        ]
        assert await scripts() - before == 10
        await taken(other, bucket, 4000)
        passed = 0
        while not (await taken((one, other)[passed % 2], bucket)).missing_seconds:
            passed += 1
        assert 5001 + passed == 10_000


async def test_more_points_than_are_left_are_not_taken_and_fewer_are(settings: Settings) -> None:
    bucket = Bucket("member:1", 100, HOUR)
    async with opened(settings.redis_url) as (buckets,):
        assert (await taken(buckets, bucket, 70)).remaining == 30
        missing = (await taken(buckets, bucket, 31)).missing_seconds
        assert 0 < missing <= HOUR / 100
        assert (await taken(buckets, bucket, 30)).remaining == 0


async def test_points_come_back_one_by_one(settings: Settings) -> None:
    bucket = Bucket("member:1", 3, 1)
    async with opened(settings.redis_url) as (buckets,):
        assert (await taken(buckets, bucket, 3)).remaining == 0
        async with asyncio.timeout(20):
            while (again := await taken(buckets, bucket)).missing_seconds:  # noqa: ASYNC110 - Redis' clock
                await asyncio.sleep(again.missing_seconds)


async def test_a_redis_that_is_gone_or_frozen_is_told_of_once_and_found_again(
    tmp_path: Path,
) -> None:
    server, bucket = RedisServer(tmp_path), Bucket("member:1", 100, HOUR)
    server.start()
    try:
        buckets = Buckets(server.url, fresh_name(), 0.3)
        assert (await taken(buckets, bucket)).remaining == 99
        with capture_logs() as logs:
            server.kill()
            found = await asyncio.gather(*(buckets.take(bucket, 1) for _ in range(10)))
            assert found == [None] * 10
            assert not buckets.answers
            assert buckets.take(bucket, 1).done()
            server.start()
            await eventually(lambda: buckets.answers)
            with server.frozen():
                assert await buckets.take(bucket, 1) is None
                assert buckets.take(bucket, 1).done()
            await eventually(lambda: buckets.answers)
        assert (await taken(buckets, bucket)).remaining >= 98
        server.client.script_flush()
        assert (await taken(buckets, bucket)).remaining >= 97
        assert [line["log_level"] for line in logs] == ["warning"]
        await buckets.close()
    finally:
        server.kill()
