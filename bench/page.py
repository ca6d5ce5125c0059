"""What the member's page takes of a browser: until it shows something, while it waits, over a day.

A headless Chromium beside a server of our own on the same machine, so times are without a network. The
page has 60 facilities, one of them with 24 months of half hours. Figures are the median of some visits.
"""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tqdm import tqdm

from bench.api_process import serving
from bench.harness import BenchError, Figure
from bench.page_browser import Visit, chromium, cpu_seconds
from bench.page_homes import PageHomes
from bench.page_size import compressed_kb, scripts_of
from datasources.collections import migrate
from domain.settings import Settings
from resolvers.sources import open_sources
from schema.page_files import PAGE_FOLDER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

_VISITS: Final = 5
_FACILITIES: Final = 60
_DAYS: Final = 730
_HALF_HOURS: Final = 35_000
"At the least, of all that a portal shows of a facility: two years, with readings or without."
_IDLE_SECONDS: Final = 10.0
_REPORT_SECONDS: Final = 1.0
"From a reading of one facility to that of the next: each of sixty tells of itself once a minute."


async def run(settings: Settings) -> Sequence[Figure]:
    """All figures."""
    if not (PAGE_FOLDER / "index.html").is_file():
        raise BenchError("Build the page: python -m web.build")
    sources = open_sources(settings)
    try:
        await migrate(sources.mongo)
        homes = await PageHomes.put(sources, _FACILITIES, _DAYS, kept_free=_VISITS + 1)
        async with serving(settings) as served, chromium() as browser:
            origin = f"http://{served.host}:{served.port}"
            looking = Looking(browser, homes, origin, _VISITS)
            return [*await looking.figures(_IDLE_SECONDS), *sizes()]
    finally:
        await sources.announcer.close()
        await sources.close()


def sizes() -> Sequence[Figure]:
    """Of all code that any view of the page loads, and of the widget with its chart."""
    page = scripts_of(PAGE_FOLDER / "index.html", PAGE_FOLDER / "assets")
    widget = PAGE_FOLDER / "widget.js"
    return [
        Figure("page_js_kb", compressed_kb(*page), "kB", "lower"),
        Figure("widget_js_kb", compressed_kb(widget), "kB", "lower"),
    ]


class Looking:
    """Visits to the page of a server."""

    def __init__(self, browser: "Browser", homes: PageHomes, origin: str, visits: int) -> None:
        self._browser = browser
        self._homes = homes
        self._origin = origin
        self._visits = visits

    async def figures(self, idle_seconds: float) -> Sequence[Figure]:
        """In the order in which they are measured."""
        return [
            Figure("page_first_chart_ms", await self.first_chart_ms(), "ms", "lower"),
            Figure("page_24m_draw_ms", await self.draw_ms(), "ms", "lower"),
            # What is reported while the page waits is newer than what is reported here.
            Figure("page_heap_growth_mb", await self.heap_growth_mb(), "MB", "lower"),
            Figure("page_idle_cpu_pct", await self.idle_pct(idle_seconds), "%", "lower"),
        ]

    async def first_chart_ms(self) -> float:
        """To the running day of a facility, with nothing in the browser's cache."""
        times = []
        for _ in self._times("first chart"):
            async with self._visit(f"?facility={self._homes.first_id}") as visit:
                times.append(await visit.first_chart_ms())
        return median(times)

    async def draw_ms(self) -> float:
        """To all half hours of a facility, by a link of a page that is shown already."""
        one_day = f"?facility={self._homes.first_id}&view=day"
        all_days = f"?facility={self._homes.first_id}&view=all"
        times = []
        for _ in self._times("24 months"):
            async with self._visit(one_day) as visit:
                await visit.first_chart_ms()
                times.append(await visit.drawn_ms(all_days, least=_HALF_HOURS))
        return median(times)

    async def heap_growth_mb(self) -> float:
        """By a day of readings of all facilities."""
        growths = []
        for number in self._times("days of readings"):
            days_ago = self._visits + 1 - number
            async with self._visit("") as visit:
                await visit.page.locator("k-facilities [data-wh]").last.wait_for()
                before = await visit.heap_mb()
                wh = await self._homes.report_day(days_ago)
                await visit.shows(wh, len(self._homes.facilities) - 1)
                growths.append(await visit.heap_mb() - before)
        return median(growths)

    async def idle_pct(self, seconds: float) -> float:
        """Of a core, of all processes of the browser, while all facilities report by turns."""
        async with self._visit("") as visit, self._reporting():
            await visit.shows(self._homes.wh, 1)
            shares = []
            for _ in self._times("idle"):
                started, spent = perf_counter(), await cpu_seconds(self._browser)
                await asyncio.sleep(seconds)
                spent = await cpu_seconds(self._browser) - spent
                shares.append(spent / (perf_counter() - started) * 100)
        return median(shares)

    def _times(self, what: str) -> "tqdm[int]":
        return tqdm(range(1, self._visits + 1), what, leave=False, unit="visit")

    @asynccontextmanager
    async def _visit(self, address: str) -> "AsyncIterator[Visit]":
        token = await self._homes.refresh_token()
        async with Visit.by(self._browser, self._origin, token) as visit:
            await visit.open(address)
            yield visit

    @asynccontextmanager
    async def _reporting(self) -> "AsyncIterator[None]":
        reporting = asyncio.create_task(self._report())
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.wait([reporting])
        if not reporting.cancelled():
            raise BenchError(f"readings could not be stored: {reporting.exception()}")

    async def _report(self) -> None:
        """Without end."""
        for facility in cycle(self._homes.facilities):
            await self._homes.report_running(facility)
            await asyncio.sleep(_REPORT_SECONDS)
