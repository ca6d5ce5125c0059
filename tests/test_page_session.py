"""The member's page and its session in a real browser: loaded twice at once, in two tabs, and left."""

import pytest
from playwright.async_api import Page, expect

from schema.page_files import PAGE_FOLDER
from tests.api import Api
from tests.browser import Watched, open_page, origin_of
from tests.world import PASSWORD, World

KEPT = "[document.cookie, ...Object.values(localStorage), ...Object.values(sessionStorage)].join()"

REFUSED = """for (const store of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, store, { get() { throw new DOMException("", "SecurityError") } })"""
SPOILT = """for (const key of ["devices", "portal", "lang", "external"])
  for (const store of [localStorage, sessionStorage]) store.setItem(`kenshin.${key}`, "{<b>")"""


@pytest.fixture(autouse=True)
def _built() -> None:
    assert (PAGE_FOLDER / "index.html").is_file(), "Build the page: python -m web.build"


async def test_tabs_share_a_session_that_reloads_keep_and_one_log_out_ends(
    api: Api, world: World, page: Page, watched: Watched
) -> None:
    async def sessions() -> int:
        of_alice = {"member": world.alice.member}
        return int(await api.sources.mongo["sessions"].count_documents(of_alice))

    await open_page(page, api, "/", world.alice.member)
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()
    for _ in range(3):  # each before the answer to the one before has come
        async with page.expect_request("**/session/refresh"):
            await page.reload(wait_until="commit")
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()

    second = await page.context.new_page()
    async with second.expect_request(lambda sent: "authorization" in sent.headers) as asked:
        await second.goto(origin_of(api))
    token = (await asked.value).headers["authorization"].removeprefix("Bearer ")
    await expect(second.get_by_role("button", name="Log out")).to_be_visible()
    (cookie,) = await page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"]) == ("kenshin-session", True)
    kept = await second.evaluate(KEPT)
    assert token not in kept
    assert cookie["value"] not in kept
    assert await sessions() == 2

    await second.get_by_role("button", name="Log out").click()
    for tab in (page, second):
        await expect(tab.get_by_role("heading", name="Log in")).to_be_visible()
    assert await page.context.cookies() == []
    assert await sessions() == 1
    assert await api.sources.mongo["outbox"].count_documents({}) == 0
    await page.reload()
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert f"{origin_of(api)}/session/refresh" in watched.requests


@pytest.mark.parametrize("storage", [REFUSED, SPOILT], ids=["refused", "spoilt"])
async def test_members_log_in_whatever_their_browser_keeps(
    api: Api, world: World, page: Page, storage: str
) -> None:
    await page.add_init_script(storage)
    await open_page(page, api, "/?portal=denki-jtb&state=constructor&code=1")
    await expect(page.get_by_role("alert")).to_contain_text("not begun in this browser tab")
    await page.get_by_label("Portal").select_option("denki-jtb")
    await page.locator("input[name=username]").fill("alice@example.jp")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert await api.sources.mongo["sessions"].count_documents({"member": world.alice.member}) == 2
