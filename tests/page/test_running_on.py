"""A page that stays open: while Redis is away, while no meter sends anything, and over midnight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from domain.settings import Settings
from tests.api import Api, Clock
from tests.browser import open_page, tell_time
from tests.redis_server import RedisServer
from tests.world import World

LATE = datetime.fromisoformat("2040-06-15T23:10:00+09:00").astimezone(UTC)
LAST = datetime.fromisoformat("2040-06-15T21:00:00+09:00")
"The half hour that is just not overdue at that time."


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def settings(settings: Settings, redis: RedisServer) -> Settings:
    return replace(settings, redis_url=redis.url)


async def test_the_day_goes_on_without_redis_is_stale_without_readings_and_another_after_midnight(
    api: Api, world: World, page: Page, clock: Clock, redis: RedisServer
) -> None:
    clock.now = LATE
    home = world.alice.facility
    await world.reading(home, LAST, 100)
    await open_page(page, api, "/", world.alice.member)
    total = page.get_by_test_id("today-total")
    stream = page.get_by_role("status", name="State of the live readings")
    await expect(total).to_have_attribute("data-wh", "100")
    await expect(stream).to_have_text("Live")

    redis.kill()
    await world.reading(home, LAST, 120, revision=1)
    await expect(total).to_have_attribute("data-wh", "120")
    await page.get_by_role("link", name="Usage", exact=True).click()
    await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", "120")
    await page.get_by_role("link", name="Today", exact=True).click()
    clock.advance(minutes=30)
    await expect(stream).to_have_text("Readings delayed")
    await expect(page.get_by_text("The meters have sent nothing for longer")).to_be_visible()
    await expect(total).to_have_attribute("data-wh", "120")
    await world.reading(home, clock.now, 300)
    await expect(stream).to_have_text("Live")
    await expect(total).to_have_attribute("data-wh", "420")

    redis.start()
    clock.advance(minutes=25)
    tell_time(api)
    await expect(page.get_by_role("heading", name="Sat 16 June 2040")).to_be_visible()
    await expect(page.get_by_test_id("yesterday")).to_have_attribute("data-wh", "420")
    await world.reading(home, clock.now, 50)
    await expect(total).to_have_attribute("data-wh", "50")
    await expect(stream).to_have_text("Live")
