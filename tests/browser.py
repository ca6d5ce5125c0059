"""A real Chromium for tests: one for each process of tests, and a clean page for each test.

A page that says anything is wrong fails its test: errors on the console or uncaught, what a content
security policy refused, and requests that leave this machine.
"""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pylopdf_fonts_jp import sans_path

from tests.api import Api
from tests.chromium import find

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
    )  # most tests do without

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LIMIT_MS = 15_000
AXE = Path(__file__).parent / "npm" / "node_modules" / "axe-core" / "axe.min.js"

_HERE = frozenset({"127.0.0.1", "localhost"})
_INLINE = frozenset({"data", "blob", "about"})
_FONTS = """<fontconfig>
  <include>/etc/fonts/fonts.conf</include><dir>{font}</dir><cachedir>{cache}</cachedir>
</fontconfig>"""
_TELL_REFUSALS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`,
  `at ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page is looked at with. `@pytest.mark.parametrize("screen", [...])` chooses others."""

    width: int = 1280
    height: int = 800
    locale: str = "en-GB"
    timezone: str = "Asia/Tokyo"
    scheme: str = "light"
    "Or `dark`."
    touch: bool = False


DESKTOP = Screen()
PHONE = Screen(width=390, height=844, touch=True)


@dataclass
class Watched:
    """What went wrong on the page of a test, and every address that it asked for."""

    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Let problems pass whose text has this regular expression: a test that wants them."""
        self._allowed.append(re.compile(pattern))

    @property
    def unexpected(self) -> list[str]:
        """Problems that the test did not ask for."""
        return [text for text in self.problems if not self._allows(text)]

    def follow(self, context: "BrowserContext") -> None:
        """Note what all pages of a context do."""
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._ask(request.url))
        context.on("page", self._follow_sockets)

    def _hear(self, said: "ConsoleMessage") -> None:
        if said.type == "error":
            self._note(f"{said.text} ({said.location['url']})")

    def _follow_sockets(self, page: "Page") -> None:
        page.on("websocket", lambda socket: self._ask(socket.url))

    def _ask(self, url: str) -> None:
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme not in _INLINE and parts.hostname not in _HERE:
            self._note(f"request: {url}")

    def _note(self, text: str) -> None:
        self.problems.append(text)

    def _allows(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._allowed)


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Browser"]:
    """The Chromium of this process, with a Japanese font even where the machine has none."""
    from playwright.async_api import async_playwright, expect  # noqa: PLC0415

    executable = find()
    assert executable, "Get a browser: make programs"
    expect.set_options(timeout=LIMIT_MS)
    fonts = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    fonts.write_text(_FONTS.format(font=Path(sans_path()).parent, cache=fonts.parent))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=FLAGS,
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        yield browser
        await browser.close()


@pytest.fixture
def screen() -> Screen:
    return DESKTOP


@pytest.fixture
async def watched() -> Watched:
    return Watched()


@pytest.fixture
async def page(browser: "Browser", screen: Screen, watched: Watched) -> AsyncIterator["Page"]:
    """An empty page of a browser that knows nothing yet; the test fails if it says anything wrong."""
    context = await new_context(browser, screen, watched)
    yield await context.new_page()
    await context.close()
    assert watched.unexpected == []


async def new_context(browser: "Browser", screen: Screen, watched: Watched) -> "BrowserContext":
    """Somebody's browser, with cookies of its own."""
    options: dict[str, Any] = {"color_scheme": screen.scheme, "has_touch": screen.touch}
    context = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        locale=screen.locale,
        timezone_id=screen.timezone,
        **options,
    )
    context.set_default_timeout(LIMIT_MS)
    await context.add_init_script(_TELL_REFUSALS)
    watched.follow(context)
    return context


async def open_page(
    page: "Page", api: Api, path: str = "/", member: str | None = None, portal: str = "denki-jtb"
) -> None:
    """Open an address of the API's, as a member who has logged in on this browser before."""
    tell_time(api)
    if member is not None:
        await remember(page.context, api, member, portal)
    await page.goto(f"{origin_of(api)}{path}")


async def remember(
    context: "BrowserContext", api: Api, member: str, portal: str = "denki-jtb"
) -> None:
    """Give a browser the cookie of a member's new session."""
    opened = await api.sources.sessions.open(member, portal, api.sources.clock())
    await context.add_cookies(
        [
            {
                "name": "kenshin-session",
                "value": opened.refresh_token,
                "domain": "127.0.0.1",
                "path": "/session",
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


def tell_time(api: Api) -> None:
    """Let `Date` of the answers tell the time of the test's clock; pages go by it."""
    date = format_datetime(api.sources.clock(), usegmt=True)
    api.server.server_state.default_headers = [
        *(header for header in api.server.server_state.default_headers if header[0] != b"date"),
        (b"date", date.encode()),
    ]


def origin_of(api: Api) -> str:
    return f"http://127.0.0.1:{api.port}"


async def flaws(page: "Page") -> list[str]:
    """What axe finds wrong with a page, its best practices too. Tests that ask need `node`."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(found => found.violations)"
    )
    return [f"{flaw['id']}: {node['html']}" for flaw in found for node in flaw["nodes"]]
