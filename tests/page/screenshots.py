"""Pictures of every view, wide and narrow, light and dark, in both languages, and the README's one.

Run as `python -m tests.page.screenshots`. They are of the demo's data, at an instant that is always the
same, so that a picture differs from the one before only where the page does.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import structlog
from playwright.async_api import async_playwright, expect
from pylopdf_fonts_jp import sans_path
from tqdm import tqdm

from bench.harness import database_servers, own_database
from datasources.collections import migrate
from domain.facilities import Facility
from domain.readings import Quality
from domain.settings import Settings
from domain.slots import slot_at
from resolvers.demo import demo_facilities, fill_demo
from resolvers.intake import store_columns
from resolvers.sources import open_sources
from schema.nodes import node_id
from tests.api import Api, Clock
from tests.browser import DESKTOP, FLAGS, PHONE, Screen, Watched, new_context, open_page
from tests.chromium import find
from tests.page.views import VIEWS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "build" / "screenshots"
PICTURE: Final = ROOT / "docs" / "images" / "page.png"
MOST_BYTES: Final = 200_000
"Of the README's picture."

_NOW: Final = datetime.fromisoformat("2040-06-15T18:40:00+09:00").astimezone(UTC)
_LOOKS: Final = [
    (f"{name}-{scheme}-{language}", replace(screen, scheme=scheme, locale=locale))
    for (name, screen), scheme, (language, locale) in product(
        (("wide", DESKTOP), ("phone", PHONE)),
        ("light", "dark"),
        (("ja", "ja-JP"), ("en", "en-GB")),
    )
]


@dataclass(frozen=True, slots=True)
class Demo:
    """Who is looked at: a company of many places, and a home that feeds in."""

    api: Api
    shop: Facility
    home: Facility

    async def visit(self, page: "Page", facility: Facility, view: str = "") -> None:
        """Open the page anew, as the member whose facility it is."""
        address = f"/?portal={facility.portal}{view}"
        await open_page(page, self.api, address, facility.owner, facility.portal)


async def main() -> None:
    """Make all of them."""
    with database_servers() as settings:
        async with own_database(settings) as own, _demo(own) as demo, _browser() as browser:
            await take(demo, browser)


@asynccontextmanager
async def _demo(settings: Settings) -> AsyncIterator[Demo]:
    sources = open_sources(settings, clock=Clock(_NOW))
    await migrate(sources.mongo)
    await fill_demo(sources)
    places = await demo_facilities(sources)
    running = slot_at(_NOW)
    for place in places:
        columns = place.readings(running, running + 1, Quality.PROVISIONAL)
        await store_columns(sources, columns, _NOW)
    known = await sources.facilities.by_numbers([place.number for place in places])
    home = next(known[place.number] for place in places if place.place.feeds_in)
    async with Api.serving(sources, demo=True) as api:
        yield Demo(api, known[places[0].number], home)


@asynccontextmanager
async def _browser() -> AsyncIterator["Browser"]:
    with TemporaryDirectory(prefix="kenshin-fonts-") as folder:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find(), args=FLAGS, env=_with_fonts(Path(folder))
            )
            yield browser
            await browser.close()


def _with_fonts(folder: Path) -> dict[str, str | float | bool]:
    """An environment in which texts are set in the font of our PDFs, whatever the machine has."""
    names = ("system-ui", "sans-serif")
    first = "".join(
        f'<alias binding="strong"><family>{name}</family>'
        "<prefer><family>Noto Sans JP</family></prefer></alias>"
        for name in names
    )
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"<dir>{Path(sans_path()).parent}</dir><cachedir>{folder}</cachedir>{first}"
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>',
        "utf-8",
    )
    return {**os.environ, "FONTCONFIG_FILE": str(file)}


async def take(demo: Demo, browser: "Browser") -> None:
    """Pictures of all looks, and the README's."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    count = len(_LOOKS) * len(_SHOWN) + 1
    with tqdm(total=count, desc="Screenshots", unit="picture") as bar:
        for look, screen in _LOOKS:
            async with _page(browser, screen) as page:
                async for name in _views(demo, page):
                    await _take_whole(page, screen, FOLDER / f"{name}-{look}.png")
                    bar.update()
        async with _page(browser, DESKTOP) as page:
            await _take_picture(demo, page)
            bar.update()


@asynccontextmanager
async def _page(browser: "Browser", screen: Screen) -> AsyncIterator["Page"]:
    watched = Watched()
    context = await new_context(browser, screen, watched)
    yield await context.new_page()
    await context.close()
    if watched.problems:
        raise SystemExit(f"The page says that something is wrong: {watched.problems}")


async def _views(demo: Demo, page: "Page") -> AsyncIterator[str]:
    """The names of all views, each while it is there to be seen."""
    await open_page(page, demo.api, f"/?portal={demo.shop.portal}")
    await expect(page.locator("input[name=password]")).to_be_visible()
    yield "log-in"
    await demo.visit(page, demo.shop)
    await expect(page.locator("k-facilities [data-wh]").nth(30)).to_be_attached()
    yield "facilities"
    await _show_shop(demo, page)
    yield "one-of-many"
    await demo.visit(page, demo.home)
    for view in VIEWS:
        await view.show(page, node_id("Facility", demo.home.number))
        yield view.name
    await page.locator("k-bills summary").first.click()
    await expect(page.get_by_role("table").first).to_be_visible()
    yield "bill"
    await demo.visit(page, demo.home, "&facility=nonsense")
    await expect(page.locator("main a.primary")).to_be_visible()
    yield "lost"


_SHOWN: Final = ("log-in", "facilities", "one-of-many", *VIEWS, "bill", "lost")


async def _show_shop(demo: Demo, page: "Page") -> None:
    """A day of a shop, beside the list of all places."""
    await demo.visit(page, demo.shop, f"&facility={node_id('Facility', demo.shop.number)}")
    await expect(page.locator("k-today k-chart[data-bars]")).to_be_visible()
    await expect(page.get_by_test_id("forecast")).to_be_visible()
    await expect(page.locator(".stream.live")).to_be_visible()


async def _take_whole(page: "Page", screen: Screen, file: Path) -> None:
    """All of the page, as on a screen that is high enough: what stays at its edge does."""
    height = 0
    # What is drawn may be higher on a higher screen.
    while height < (needed := await page.evaluate("document.documentElement.scrollHeight")):
        height = max(needed, screen.height)
        await page.set_viewport_size({"width": screen.width, "height": height})
    await page.screenshot(path=file, animations="disabled")
    await page.set_viewport_size({"width": screen.width, "height": screen.height})


async def _take_picture(demo: Demo, page: "Page") -> None:
    await _show_shop(demo, page)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURE, animations="disabled")
    if PICTURE.stat().st_size >= MOST_BYTES:
        raise SystemExit(f"{PICTURE} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(main())
