"""The running day in a browser: logged in by the form, live, and whole again after the line was cut."""

import re
from datetime import date, datetime

from playwright.async_api import Page, expect

from tests.api import NOW, Api, Clock
from tests.browser import Watched, tell_time
from tests.page.wire import Wire
from tests.world import PASSWORD, World

YESTERDAY = date(2040, 6, 14)
MIDNIGHT = datetime.fromisoformat("2040-06-15T00:00:00+09:00")


async def test_a_day_grows_with_each_reading_and_misses_or_doubles_none_when_the_line_is_cut(
    api: Api, world: World, page: Page, watched: Watched, clock: Clock
) -> None:
    watched.allow(r"net::ERR_(CONNECTION|EMPTY|SOCKET)_")
    home = await world.place("denki-jtb", world.alice.member, name="本店")
    before = await world.use(home, YESTERDAY, 2)
    today = before[48:].sum()
    halves = len(before) - 48
    tell_time(api)

    async def expect_day(wh: int, halves: int) -> None:
        await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", str(wh))
        await expect(page.locator("k-chart")).to_have_attribute("data-wh", str(wh))
        await expect(page.locator("k-chart")).to_have_attribute("data-bars", str(halves))

    stream = page.get_by_role("status", name="State of the live readings")
    async with Wire.to(api.port) as wire:
        await page.goto(wire.origin)
        await page.get_by_label("Portal").select_option("denki-jtb")
        await page.get_by_role("textbox", name=re.compile(r"\bID\b")).fill("alice@example.jp")
        await page.get_by_label("Password", exact=True).fill("wrong")
        await page.get_by_role("button", name="Log in", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("password is wrong")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Log in", exact=True).click()

        await page.get_by_role("link", name=home.name).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(home.name)
        await expect_day(today, halves)
        await expect(page.get_by_test_id("yesterday")).to_have_attribute(
            "data-wh", str(before[:48].sum())
        )
        await expect(stream).to_contain_text("Live")

        await world.reading(home, NOW, 120)
        await expect_day(today + 120, halves + 1)
        await world.reading(home, NOW, 310, revision=1)
        await expect_day(today + 310, halves + 1)
        await expect(page.get_by_test_id("running")).to_have_attribute("data-wh", "310")
        # The browser's clock is years off: the page goes by the server's.
        await expect(page.get_by_role("heading", name="Now, 12:00 to 12:30")).to_be_visible()

        await wire.cut()
        await expect(stream).to_contain_text("Reconnecting")
        corrected = int(before[48]) + 5
        await world.reading(home, MIDNIGHT, corrected, revision=7)
        await world.reading(home, NOW, 450, revision=2)
        await world.reading(world.alice.facility, NOW, 999)
        await wire.mend()
        await expect(stream).to_contain_text("Live")
        await expect_day(today + 455, halves + 1)
        await world.reading(home, NOW, 500, revision=3)
        await expect_day(today + 505, halves + 1)
        await page.reload()
        await expect_day(today + 505, halves + 1)

        renewals = watched.requests.count(f"{wire.origin}/session/refresh")
        clock.advance(hours=2)
        tell_time(api)
        await page.get_by_role("link", name="Usage", exact=True).click()
        await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", str(today + 505))
        assert watched.requests.count(f"{wire.origin}/session/refresh") == renewals + 1
