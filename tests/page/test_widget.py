"""The usage widget: on a dashboard of another origin, as partners have it, and on the example page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Final

import pytest
from playwright.async_api import Locator, Page, expect

from domain.readings import Quality
from schema.nodes import node_id
from tests.api import NOW, Api, Clock
from tests.browser import Watched, flaws, open_page, tell_time
from tests.page.wire import Wire
from tests.partnering import Partner, register, tokens_for
from tests.world import PASSWORD, World

YESTERDAY = date(2040, 6, 14)
MIDNIGHT = datetime.fromisoformat("2040-06-15T00:00:00+09:00")

# Styles of a page that would ruin any widget that let them in.
_DASHBOARD: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dashboard</title>
<link rel="icon" href="data:,">
<style>
  * {{ color: rgb(200, 0, 0); font: 40px/3 cursive; letter-spacing: 9px }}
  section, span, p, canvas {{ display: none !important }}
  #shop {{ --kenshin-bar: rgb(1, 2, 3) }}
</style>
<script type="module" src="{api}/widget.js"></script></head>
<body>
<kenshin-usage id="home" lang="ja" facility="{home}" token="{token}"></kenshin-usage>
<kenshin-usage id="shop" lang="en" facility="{shop}" token="{token}"
  endpoint="{api}/graphql"></kenshin-usage>
<script>
  for (const widget of document.querySelectorAll("kenshin-usage"))
    widget.tokenCallback = (expired) => window.newToken(expired);
</script>
</body></html>
"""
_INSIDE: Final = """(widget) => {
  const name = getComputedStyle(widget.shadowRoot.querySelector("[part=name]"));
  return [name.fontSize, name.letterSpacing, name.display, name.color];
}"""
_BAR: Final = "(swatch) => getComputedStyle(swatch).backgroundColor"
_OUTSIDE: Final = "() => document.styleSheets.length + document.adoptedStyleSheets.length"


class Dashboard:
    """A page of another origin. `html` may be written once its origin is known."""

    def __init__(self) -> None:
        self.html = ""
        self.origin = ""

    @classmethod
    @asynccontextmanager
    async def serving(cls) -> AsyncIterator["Dashboard"]:
        dashboard = cls()
        async with await asyncio.start_server(dashboard._answer, "127.0.0.1", 0) as server:
            dashboard.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield dashboard

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = self.html.encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()


class Tokens:
    """What the dashboard's own server would do: use a refresh token once, for all widgets."""

    def __init__(self, partner: Partner, opened: dict[str, str]) -> None:
        self.first = opened["access_token"]
        self.asked: list[str] = []
        self._partner = partner
        self._newest = opened
        self._renewing = asyncio.Lock()

    async def renew(self, expired: str) -> str:
        self.asked.append(expired)
        async with self._renewing:
            if expired == self._newest["access_token"]:
                answer = await self._partner.refresh(self._newest["refresh_token"])
                self._newest = answer.json()
        return self._newest["access_token"]


async def expect_total(widget: Locator, wh: int) -> None:
    """The figure and the bars of a widget are this, to the Wh."""
    await expect(widget.locator("[part=total]")).to_have_attribute("data-wh", str(wh))
    await expect(widget.locator("k-small-chart")).to_have_attribute("data-wh", str(wh))


async def expect_totals(homes: Locator, shops: Locator, at_home: int, at_shop: int) -> None:
    await expect_total(homes, at_home)
    await expect_total(shops, at_shop)


async def expect_state(widget: Locator, text: str) -> None:
    await expect(widget.get_by_role("status")).to_have_text(text)


async def expect_looks_of_their_own(page: Page, homes: Locator, shops: Locator) -> None:
    """Nothing of the page got in but the colour that it may set, and nothing got out."""
    look = ["16px", "normal", "block", "rgb(27, 31, 36)"]
    assert [await homes.evaluate(_INSIDE), await shops.evaluate(_INSIDE)] == [look, look]
    bars = [await each.locator(".swatch.bar").evaluate(_BAR) for each in (homes, shops)]
    assert bars == ["rgb(0, 114, 178)", "rgb(1, 2, 3)"]
    assert await page.evaluate(_OUTSIDE) == 1


async def expect_no_access(widget: Locator, still: int) -> None:
    await expect(widget.get_by_role("alert")).to_contain_text("no valid access")
    await expect_state(widget, "Not connected")
    await expect_total(widget, still)


async def expect_nothing_of_the_place(widget: Locator) -> None:
    await expect(widget.get_by_role("alert")).to_be_visible()
    await expect(widget.locator("[part=name]")).to_have_text("電気使用量")
    await expect(widget.locator("[part=total], p:not([role])")).to_have_count(0)


async def test_two_widgets_of_a_foreign_page_lose_and_double_nothing_and_renew_their_token(
    api: Api, world: World, clock: Clock, page: Page, watched: Watched
) -> None:
    watched.allow(r"ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket")
    home = world.alice.facility
    shop = await world.place("denki-jtb", world.alice.member, name="<b>本店</b>")
    usage_home = await world.use(home, YESTERDAY, 2)
    usage_shop = await world.use(shop, YESTERDAY, 2)
    at_home, at_shop = int(usage_home[48:].sum()), int(usage_shop[48:].sum())
    tell_time(api)
    async with Dashboard.serving() as dashboard, Wire.to(api.port) as wire:
        partner = Partner(api, await register(api.sources, origins=(dashboard.origin,)))
        places = [home.number, shop.number]
        tokens = Tokens(partner, await tokens_for(partner, "alice@example.jp", places))
        await page.expose_function("newToken", tokens.renew)
        ids = {"home": world.alice.facility_id, "shop": node_id("Facility", shop.number)}
        dashboard.html = _DASHBOARD.format(api=wire.origin, token=tokens.first, **ids)
        await page.goto(dashboard.origin)
        homes, shops = page.locator("#home"), page.locator("#shop")

        await expect_totals(homes, shops, at_home, at_shop)
        await expect(homes).to_contain_text("今日 2040年6月15日(金)")
        await expect(shops).to_contain_text("Today, Fri 15 June 2040")
        await expect(shops.locator("[part=name]")).to_have_text(shop.name)
        yesterday_by_now = usage_shop[: len(usage_shop) - 48].sum() / 1000
        await expect(shops.locator("[part=against]")).to_contain_text(f"{yesterday_by_now:.3f} kWh")
        await expect_state(homes, "ライブ")
        await expect_looks_of_their_own(page, homes, shops)

        await world.reading(shop, NOW, 120, quality=Quality.PROVISIONAL)
        await expect_totals(homes, shops, at_home, at_shop + 120)
        await shops.get_by_text("As a table").click()
        await expect(shops.get_by_role("row").last).to_have_text("12:00 0.120 provisional")

        await wire.cut()
        await expect_state(homes, "再接続中")
        await expect(shops).to_contain_text("What you see is as of Fri 15 Jun 12:30.")
        await world.reading(shop, MIDNIGHT, int(usage_shop[48]) + 5, revision=7)
        await world.reading(shop, NOW, 450, revision=2)
        await world.reading(home, NOW, 70)
        await wire.mend()
        await expect_totals(homes, shops, at_home + 70, at_shop + 455)
        await expect_state(shops, "Live")

        assert tokens.asked == []
        clock.advance(hours=2)
        await world.reading(shop, clock(), 33)
        await world.reading(home, clock(), 44)
        await expect_totals(homes, shops, at_home + 114, at_shop + 488)
        assert set(tokens.asked) == {tokens.first}
        # The half hours in between have not come: a gap, as yet.
        await expect(shops.locator("k-small-chart")).to_have_attribute("data-gaps", "1")

        await shops.evaluate("(widget) => { widget.tokenCallback = () => null }")
        clock.advance(hours=2)
        await world.reading(shop, clock(), 1)
        await expect_no_access(shops, at_shop + 488)
        await homes.evaluate("(widget) => { widget.tokenCallback = null; widget.token = '' }")
        await expect_nothing_of_the_place(homes)


@pytest.mark.usefixtures("node")
async def test_the_example_page_shows_the_places_of_who_logs_in(
    api: Api, world: World, page: Page
) -> None:
    home = world.alice.facility
    await world.place("denki-jtb", world.alice.member, name="本店")
    usage = await world.use(home, date(2040, 5, 1), 46)
    await open_page(page, api, "/examples/widget")
    await page.get_by_label("Portal").select_option("denki-jtb")
    await page.get_by_label("Login ID").fill("alice@example.jp")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Show my places").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Show my places").click()

    widgets = page.locator("kenshin-usage")
    await expect(widgets).to_have_count(2)
    await expect_total(widgets.first, int(usage[45 * 48 :].sum()))
    await expect(widgets.last).to_contain_text("no reading yet")
    assert await flaws(page) == []

    await page.get_by_label("Language").select_option("en")
    await page.get_by_label("View").select_option("month")
    await expect_total(widgets.first, int(usage[31 * 48 :].sum()))
    await expect(widgets.first.locator("k-small-chart")).to_have_attribute("data-bars", "15")
    await widgets.first.get_by_role("button", name="Earlier").click()
    await expect_total(widgets.first, int(usage[: 31 * 48].sum()))
    await expect(widgets.first).to_contain_text("May 2040")
    bars = widgets.first.get_by_role("slider")
    await bars.press("End")
    last = usage[30 * 48 : 31 * 48].sum() / 1000
    await expect(bars).to_have_attribute("aria-valuetext", f"Thu 31 May 2040: {last:.3f} kWh")
    assert await flaws(page) == []

    alert = widgets.first.get_by_role("alert")
    await widgets.first.evaluate("(widget, id) => { widget.facility = id }", world.bob.facility_id)
    await expect(alert).to_contain_text("There is no such thing, or it is not yours.")
    await widgets.first.evaluate("(widget) => { widget.view = 'week' }")
    await expect(alert).to_have_text("The attribute “view” is today, day or month.")
    await widgets.first.evaluate(
        "(widget, id) => { Object.assign(widget, { facility: id, view: 'day' }) }",
        world.alice.facility_id,
    )
    await expect_total(widgets.first, int(usage[30 * 48 : 31 * 48].sum()))
    await expect(alert).to_have_count(0)
