"""Usage and bills in a browser: chart, table, file and API agree; the address holds the view."""

import asyncio
import csv
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from domain.facilities import Facility
from domain.readings import Direction
from schema.nodes import node_id
from tests.api import Api
from tests.browser import open_page
from tests.known_usage import slots_of, tokyo, wh_of
from tests.page.places import with_solar_cells
from tests.world import World, usage_of

START, END = date(2040, 5, 12), date(2040, 6, 11)
GAP_ON = date(2040, 5, 20)
GAP_HALVES = range(4, 7)
SERIES = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $resolution: Resolution!) {
  facility(id: $id) {
    usage(from: $from, to: $to, resolution: $resolution) { totalKwh columns { kwh } }
  }
}
"""


async def test_chart_table_file_and_api_tell_the_same_wh_and_the_address_holds_the_view(
    api: Api, world: World, page: Page
) -> None:
    home = await with_solar_cells(world, world.alice.facility)
    days = await with_a_gap(world, home)
    await world.use(home, START, 30, direction=Direction.EXPORT)
    await world.period(home, date(2040, 4, 12), START)
    await world.period(home, START, END)
    total, chart = page.get_by_test_id("total"), page.locator("k-chart")

    async def expect_total(wh: int) -> None:
        await expect(total).to_have_attribute("data-wh", str(wh))
        await expect(chart).to_have_attribute("data-wh", str(wh))

    address = f"/?facility={world.alice.facility_id}&view=period&date=2040-05-20&table=1"
    await open_page(page, api, address, world.alice.member)
    await expect(page.get_by_role("heading", level=2).first).to_have_text(
        "Electricity used: 2040/05/12–2040/06/10"
    )
    await expect_total(sum(days))
    assert await wh_of_rows(page) == days
    assert await told(api, world, START, END, "DAY") == days
    await expect(page.locator("k-table tfoot [data-total-wh]")).to_have_attribute(
        "data-total-wh", str(sum(days))
    )
    await expect(page.get_by_test_id("notes")).to_contain_text("2040/05/20 02:00–03:30")

    await page.get_by_role("link", name="2040/05/20").click()
    await expect(page).to_have_url(f"{origin(page)}/{address[1:].replace('period', 'day')}")
    halves = wh_of(home, tokyo(2040, 5, 20), tokyo(2040, 5, 21))
    known = [None if half in GAP_HALVES else wh for half, wh in enumerate(halves)]
    await expect_total(sum(wh or 0 for wh in known))
    await expect(chart).to_have_attribute("data-gaps", "1")
    await expect(chart).to_have_attribute("data-bars", "45")
    slider = page.get_by_role("slider", name="Electricity used: Sun 20 May 2040")
    await slider.press("Home")
    for _ in range(GAP_HALVES.start):
        await slider.press("ArrowRight")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile("02:00.*no reading"))
    assert await wh_of_rows(page) == known
    assert await told(api, world, GAP_ON, GAP_ON + timedelta(days=1), "HALF_HOUR") == known
    await page.get_by_role("button", name="kWh", exact=True).click()
    await expect(page.get_by_role("columnheader", name="kWh", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    ascending = sorted(wh for wh in known if wh is not None)
    assert await wh_of_rows(page) == [*ascending, None, None, None]

    assert await downloaded(page, "CSV") == [None if wh is None else wh / 1000 for wh in known]

    await page.go_back()
    await expect_total(sum(days))
    await page.go_forward()
    await expect(chart).to_have_attribute("data-bars", "45")
    await page.get_by_role("button", name="Later", exact=True).click()
    await expect(page).to_have_url(
        f"{origin(page)}/{address[1:].replace('period', 'day').replace('20&', '21&')}"
    )
    await expect_total(days[9])

    await page.get_by_label("Direction").select_option("EXPORT")
    await expect(page.get_by_role("heading", name="Electricity fed in")).to_be_visible()
    await expect_total(sum(wh_of(home, tokyo(2040, 5, 21), tokyo(2040, 5, 22))))
    await page.get_by_role("button", name="日本語").click()
    await expect(page.get_by_role("heading", name="2040年5月21日(月)")).to_be_visible()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await expect(page.get_by_role("heading", name="2040年5月21日(月)")).to_be_visible()


async def test_a_bill_shows_its_lines_and_leads_to_its_usage_which_is_compared_with_a_year_before(
    api: Api, world: World, page: Page
) -> None:
    home = world.alice.facility
    bill = await world.bill(home, date(2040, 5, 1))
    await world.period(home, bill.start_on, bill.end_on)
    wh = await world.use(home, bill.start_on, 30)
    before = await world.use(home, bill.start_on.replace(year=2039), 30)
    await open_page(
        page, api, f"/?facility={world.alice.facility_id}&view=bills", world.alice.member
    )
    await expect(page.get_by_test_id("amount")).to_have_text(f"¥{bill.amount_yen:,}")
    await page.locator("summary").click()
    for line in bill.lines:
        row = page.get_by_role("row").filter(has_text=line.label)
        amount = f"{line.amount_sen / 100:,.2f}".replace("-", "−")
        await expect(row.get_by_role("cell").last).to_have_text(amount)
    assert (await saved(page, "Bill as PDF")).startswith(b"%PDF")

    await page.get_by_role("link", name="Show the usage of this period").click()
    await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", str(wh.sum()))
    await page.get_by_label("Compare with").select_option("year")
    await expect(page.get_by_test_id("before")).to_have_attribute("data-wh", str(before.sum()))
    assert "compare=year" in page.url


async def test_another_place_stands_beside_this_one_and_the_address_says_which(
    api: Api, world: World, page: Page
) -> None:
    alice = world.alice
    shop = await world.place("denki-jtb", alice.member, name="<b>店</b>")
    office = await world.place("denki-jtb", alice.member)
    for place in (alice.facility, shop, office):
        await world.use(place, date(2040, 5, 1), 31)
    of_home, of_shop, of_office = (days_of_may(place) for place in (alice.facility, shop, office))
    compare, other = choices(page)

    await open_page(page, api, may_of(alice.facility_id), alice.member)
    await compare.select_option("Another place")
    await expect(other.get_by_role("option")).to_have_text(
        ["Choose a place", shop.name, office.name]
    )
    await other.select_option(shop.name)
    await expect_beside(page, of_home, of_shop)
    assert await wh_of_rows(page, column=5) == of_shop
    shop_id = node_id("Facility", shop.number)
    may = (date(2040, 5, 1), date(2040, 6, 1))
    assert await told(api, world, *may, "DAY", facility=shop_id) == of_shop
    await expect(page.get_by_role("columnheader", name=f"{shop.name}, kWh")).to_be_visible()
    difference = round((sum(of_home) / sum(of_shop) - 1) * 100)
    sign = "±" if difference == 0 else "+" if difference > 0 else "−"
    await expect(page.locator(".totals")).to_contain_text(f"shown: {sign}{abs(difference)}%.")
    slider = page.get_by_role("slider", name="Electricity used: May 2040")
    await slider.press("Home")
    of_first_day = f"{shop.name} {of_shop[0] / 1000:.3f} kWh"
    await expect(slider).to_have_attribute("aria-valuetext", re.compile(re.escape(of_first_day)))

    shared = page.url
    await page.goto("about:blank")
    await page.goto(shared)
    await expect_beside(page, of_home, of_shop)
    await page.get_by_role("link", name=shop.name).click()
    await expect_beside(page, of_shop, of_home)
    await page.go_back()
    await other.select_option(office.name)
    await expect_beside(page, of_home, of_office)
    await page.go_back()
    await expect_beside(page, of_home, of_shop)
    await page.get_by_role("link", name="All", exact=True).click()
    await expect_beside(page, of_home, of_shop)


async def test_what_another_place_lacks_is_told_and_an_address_with_none_of_the_readers_too(
    api: Api, world: World, page: Page
) -> None:
    alice = world.alice
    await with_solar_cells(world, alice.facility)
    young = await world.place("denki-jtb", alice.member, start_on=date(2040, 5, 20))
    for place in (alice.facility, young):
        await world.use(place, date(2040, 5, 1), 31)
    of_home, of_young = days_of_may(alice.facility), days_of_may(young)[19:]
    totals, alert = page.locator(".totals"), page.get_by_role("alert")
    compare, other = choices(page)

    await open_page(page, api, may_of(alice.facility_id), alice.member)
    await compare.select_option("Another place")
    await expect_beside(page, of_home, of_young)
    await expect(totals).to_contain_text("Known only of 2040/05/20–2040/05/31")
    assert await wh_of_rows(page, column=5) == [None] * 19 + of_young
    await page.get_by_label("Direction").select_option("EXPORT")
    await expect(totals).to_contain_text("It has no buy-back contract, so nothing is fed in.")
    await page.go_back()

    only = page.url
    for wrong in (world.bob.facility_id, "nonsense"):
        await page.goto(only.replace(node_id("Facility", young.number), wrong))
        await expect(alert).to_contain_text("There is no such place to compare with")
        await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", str(sum(of_home)))
    await other.select_option(young.name)
    await expect_beside(page, of_home, of_young)
    await expect(alert).to_have_count(0)


def may_of(facility: str) -> str:
    return f"/?facility={facility}&view=month&date=2040-05-20&table=1"


def choices(page: Page) -> tuple[Locator, Locator]:
    """What is compared with, and which place."""
    compare = page.get_by_role("combobox", name="Compare with")
    return compare, page.get_by_role("combobox", name="Place", exact=True)


async def expect_beside(page: Page, here: list[int], there: list[int]) -> None:
    await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", str(sum(here)))
    await expect(page.get_by_test_id("before")).to_have_attribute("data-wh", str(sum(there)))


def days_of_may(place: Facility) -> list[int]:
    halves = wh_of(place, tokyo(2040, 5, 1), tokyo(2040, 6, 1))
    return [sum(halves[day * 48 : day * 48 + 48]) for day in range(31)]


def origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


async def with_a_gap(world: World, home: Facility) -> list[int]:
    """Usage of a reading period without some half hours; answers the Wh of its days."""
    slots = slots_of(tokyo(2040, 5, 12), tokyo(2040, 6, 11))
    gap = slots_of(tokyo(2040, 5, 20, 2), tokyo(2040, 5, 20, 3, 30))
    there = [slot not in gap for slot in slots]
    wh = usage_of(home.number, slots)
    await world.store(home, slots[there], wh[there])
    return [int((wh * there)[day * 48 : day * 48 + 48].sum()) for day in range(30)]


async def wh_of_rows(page: Page, column: int = 2) -> list[int | None]:
    """The energy of each row of the table; None where it has no value."""
    cells = page.locator(f"k-table tbody td:nth-child({column})")
    found: list[str | None] = await cells.evaluate_all(
        "all => all.map(one => one.dataset.wh ?? null)"
    )
    return [None if wh is None else int(wh) for wh in found]


async def told(
    api: Api,
    world: World,
    start: date,
    end: date,
    resolution: str,
    *,
    facility: str | None = None,
) -> list[int | None]:
    """What the API answers of Alice's facility, or of another one of hers, in Wh."""
    data = await api.data(
        SERIES,
        world.alice.token,
        id=facility or world.alice.facility_id,
        to=f"{end}T00:00:00+09:00",
        resolution=resolution,
        **{"from": f"{start}T00:00:00+09:00"},
    )
    kwh: Sequence[float | None] = data["facility"]["usage"]["columns"]["kwh"]
    return [None if value is None else round(value * 1000) for value in kwh]


async def downloaded(page: Page, kind: str) -> list[float | None]:
    """The kWh of the file that a button gives."""
    _, *rows = csv.reader((await saved(page, kind)).decode("utf-8-sig").splitlines())
    return [float(row[2]) if row[2] else None for row in rows]


async def saved(page: Page, button: str) -> bytes:
    """The file that a button gives."""
    async with page.expect_download() as download:
        await page.get_by_role("button", name=button, exact=True).click()
    return await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
