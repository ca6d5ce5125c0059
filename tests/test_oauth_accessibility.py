"""The consent pages in a real browser: by keyboard alone, and without a flaw that axe knows."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.api import Api
from tests.browser import Watched, flaws
from tests.partnering import Partner, register
from tests.world import PASSWORD, World


@pytest.mark.usefixtures("node")
async def test_a_member_allows_an_app_by_keyboard_on_pages_without_a_flaw(
    api: Api, world: World, page: Page, watched: Watched
) -> None:
    partner = Partner(api, await register(api.sources))
    await world.place("denki-jtb", world.alice.member)
    watched.allow(r"400 \(Bad Request\)")
    watched.allow(r"^request: https://app\.example/")
    await page.route("https://app.example/**", lambda route: route.fulfill(body="Welcome back"))

    async def next_to(label: str, text: str = "") -> None:
        await page.keyboard.press("Tab")
        await expect(page.get_by_label(label, exact=True)).to_be_focused()
        await page.keyboard.type(text)

    await page.goto(f"{api.client.base_url}/oauth/authorize?{urlencode(partner.asked())}")
    await page.get_by_role("link", name="日本語").focus()
    await next_to("Portal")
    await page.keyboard.press("ArrowDown")
    await next_to("Login ID", "alice@example.jp")
    await next_to("Password", "wrong")
    await page.keyboard.press("Enter")

    await expect(page).to_have_title(re.compile("^Error: "))
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_label("Login ID")).to_have_accessible_description(
        "Login ID or password is wrong"
    )
    assert await flaws(page) == []
    await page.get_by_label("Login ID").focus()
    await next_to("Password", PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("group", name="For which places?")).to_be_visible()
    await page.get_by_role("button", name="Allow", exact=True).press("Enter")
    await page.get_by_role("link", name="Choose at least one place").press("Enter")
    await expect(page.get_by_role("group", name="For which places?")).to_be_focused()
    assert await flaws(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await flaws(page) == []
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Allow", exact=True).press("Enter")

    await expect(page.get_by_text("Welcome back")).to_be_visible()
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    assert (await partner.exchange(code)).status_code == 200
