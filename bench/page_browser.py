"""The browser that looks: Chromium without a window, and what it tells of itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from bench.harness import BenchError
from tests.chromium import find

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page

_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_SECONDS: Final = 30.0
# Charts tell what they have drawn; a page that is told to go on forgets what was before.
_LISTEN: Final = """
window.charts = [];
addEventListener("drawn", ({ detail }) => charts.push({ at: performance.now(), ...detail }));
"""
_DRAWN: Final = "least => charts.find(({ slots }) => slots >= least)?.at"
_GO: Final = """
to => {
  charts.length = 0;
  window.left = performance.now();
  history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}
"""


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """Raises BenchError where there is none."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - no other benchmark needs it

    if (executable := find()) is None:
        raise BenchError("Get a browser: python tests/chromium.py")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """One opened page, of somebody who has logged in before; with an empty cache."""

    def __init__(self, page: "Page", origin: str) -> None:
        self.page = page
        self._origin = origin

    @classmethod
    @asynccontextmanager
    async def by(
        cls, browser: "Browser", origin: str, refresh_token: str
    ) -> AsyncIterator["Visit"]:
        context = await browser.new_context(timezone_id="Asia/Tokyo", locale="ja-JP")
        context.set_default_timeout(_SECONDS * 1000)
        await context.add_init_script(_LISTEN)
        cookie: Any = {
            "name": "kenshin-session",
            "value": refresh_token,
            "url": f"{origin}/session",
            "httpOnly": True,
            "sameSite": "Strict",
        }
        await context.add_cookies([cookie])
        try:
            yield cls(await context.new_page(), origin)
        finally:
            await context.close()

    async def open(self, address: str) -> None:
        await self.page.goto(f"{self._origin}/{address}")

    async def first_chart_ms(self) -> float:
        """From the begin of the navigation to the first chart that has half hours."""
        return await self._drawn(least=1)

    async def drawn_ms(self, address: str, least: int) -> float:
        """From following a link to a drawn chart of so many points, its query in between."""
        await self.page.evaluate(_GO, address)
        left: float = await self.page.evaluate("left")
        return await self._drawn(least) - left

    async def _drawn(self, least: int) -> float:
        found = await self.page.wait_for_function(_DRAWN, arg=least)
        at: float = await found.json_value()
        return at

    async def shows(self, wh: int, times: int) -> None:
        """Wait until the page shows an energy so often."""
        await self.page.locator(f"[data-wh='{wh}']").nth(times - 1).wait_for(state="attached")

    async def heap_mb(self) -> float:
        """MB (10^6 bytes) that its scripts hold, without what they have let go."""
        session: CDPSession = await self.page.context.new_cdp_session(self.page)
        for _ in range(2):  # the first leaves what has a finalizer
            await session.send("HeapProfiler.collectGarbage")
        used = float((await session.send("Runtime.getHeapUsage"))["usedSize"])
        await session.detach()
        return used / 1e6


async def cpu_seconds(browser: "Browser") -> float:
    """Processor time of all processes of a browser so far."""
    session = await browser.new_browser_cdp_session()
    found = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    return float(sum(process["cpuTime"] for process in found["processInfo"]))
