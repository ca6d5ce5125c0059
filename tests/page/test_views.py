"""All views as those see them who need contrast, a keyboard, a narrow screen, or paper."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from domain.readings import Direction, Quality
from tests.api import NOW, Api
from tests.browser import Watched, open_page
from tests.page.places import with_solar_cells
from tests.page.views import VIEWS, Looks
from tests.world import PASSWORD, World

README = Path(__file__).parents[2] / "README.md"
JUNE = date(2040, 6, 1)


@pytest.mark.usefixtures("node")
async def test_axe_finds_no_flaw_on_any_view_light_or_dark_wide_or_narrow(
    api: Api, world: World, page: Page, watched: Watched
) -> None:
    home = await with_solar_cells(world, world.alice.facility)
    for direction in Direction:
        await world.use(home, JUNE, 14, direction=direction)
    await world.use(home, JUNE.replace(year=2039), 20)
    await world.reading(home, NOW, 120, quality=Quality.PROVISIONAL)
    await world.period(home, date(2040, 4, 12), date(2040, 5, 12))
    await world.bill(home, date(2040, 5, 1))
    for _ in range(6):
        await world.place("denki-jtb", world.alice.member)
    looks = Looks(page)

    await open_page(page, api, "/?portal=denki-jtb")
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_text("Fill this in.").first).to_be_visible()
    await looks.at("log-in")
    watched.allow("401")
    await open_page(page, api, "/", world.alice.member)
    await expect(page.get_by_role("searchbox")).to_be_visible()
    await looks.at("facilities")
    for view in VIEWS:
        await view.show(page, world.alice.facility_id)
        await looks.at(view.name)
    await page.locator("k-bills summary").first.click()
    await expect(page.get_by_role("table")).to_be_visible()
    await looks.at("bill")
    await page.goto(f"{page.url.partition('?')[0]}?facility=nonsense")
    await expect(page.get_by_role("link", name="Show my facilities")).to_be_visible()
    await looks.at("lost")
    assert looks.found == []
    assert len(looks.papers) == 2


async def test_the_page_is_used_by_keyboard_alone_and_printed_without_its_buttons(
    api: Api, world: World, page: Page
) -> None:
    home = world.alice.facility
    wh = await world.use(home, date(2040, 6, 14), 2)
    today = wh[48:].tolist()
    await open_page(page, api, "/?portal=denki-jtb")
    keyboard = page.keyboard

    async def tab_to(wanted: Locator) -> None:
        for _ in range(25):
            if await wanted.evaluate("one => one.matches(':focus')"):
                return
            await keyboard.press("Tab")
        await expect(wanted).to_be_focused()

    await expect(page.locator("input[name=username]")).to_be_focused()
    await keyboard.type("alice@example.jp")
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", str(sum(today)))

    await tab_to(page.get_by_role("link", name="Skip to the content"))
    await keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await tab_to(page.get_by_role("link", name="Usage", exact=True))
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    chart = page.get_by_role("slider")
    await tab_to(chart)
    await keyboard.press("Home")
    await keyboard.press("ArrowRight")
    await expect(chart).to_have_attribute("aria-valuetext", f"00:30–01:00: {today[1] / 1000} kWh")
    await tab_to(page.get_by_role("button", name="Show the table"))
    await keyboard.press("Enter")
    heads = page.get_by_role("columnheader", name="kWh", exact=True)
    await tab_to(heads.get_by_role("button"))
    await keyboard.press("Enter")
    await expect(heads).to_have_attribute("aria-sort", "ascending")
    least = page.locator("k-table tbody td[data-wh]").first
    await expect(least).to_have_attribute("data-wh", str(min(today)))

    await page.emulate_media(media="print")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(home.name)
    await expect(page.get_by_test_id("total")).to_be_visible()
    await expect(chart).to_be_visible()
    await expect(least).to_be_visible()
    await expect(page.get_by_role("navigation")).to_have_count(0)
    for name in ("Log out", "Earlier", "Hide the table", "CSV", "Copy the table"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_the_readme_opens_with_a_small_picture_of_the_page() -> None:
    title, picture = README.read_text("utf-8").splitlines()[:3:2]
    assert title.startswith("# ")
    assert re.fullmatch(r"!\[.{20,}\]\(docs/images/page\.png\)", picture)
    assert 10_000 < (README.parent / "docs" / "images" / "page.png").stat().st_size < 200_000
