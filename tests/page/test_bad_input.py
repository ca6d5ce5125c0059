"""What a browser survives: wrong passwords and addresses, strange names, every refusal of the API."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from domain.settings import Settings
from tests.api import NOW, Api, Clock
from tests.browser import Watched, open_page, tell_time
from tests.logging_in import fail
from tests.page.views import Looks
from tests.world import PASSWORD, World

ERRORS = Path(__file__).parents[2] / "docs" / "errors.md"
LOGIN_ID = re.compile(r"\bID\b")
"Each portal has its own name for it."
JAPANESE = re.compile("[ぁ-んァ-ン]")
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
WIDE = "新宿区西新宿二丁目第三鈴木ビル地下一階店"
RAW = "the server's own words"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Accounts alone are counted here: all tests of a process have one address."""
    return replace(settings, wrong_log_ins_per_address=0)


async def test_whoever_cannot_log_in_is_told_why_and_comes_back_to_where_they_were(
    api: Api, world: World, page: Page, clock: Clock, watched: Watched
) -> None:
    place = f"/?portal=denki-jtb&facility={world.alice.facility_id}&view=bills"
    await open_page(page, api, place)
    log_in = page.get_by_role("button", name="Log in", exact=True)
    password = page.get_by_label("Password", exact=True)
    alert = page.get_by_role("alert")

    await log_in.click()
    await expect(page.get_by_role("textbox", name=LOGIN_ID)).to_be_focused()
    await page.get_by_role("textbox", name=LOGIN_ID).fill("alice@example.jp")
    await password.fill("wrong")
    await password.press("Enter")
    await expect(alert).to_have_text(
        "The login ID or the password is wrong. Check both and try again."
    )
    assert await fail(api, 9) == ["WRONG_LOGIN"] * 9
    await password.fill(PASSWORD)
    await log_in.click()
    await expect(alert).to_contain_text("Locked after too many wrong passwords.")
    await expect(alert).to_contain_text("06:00")

    clock.advance(days=1)
    tell_time(api)
    await password.fill(PASSWORD)
    await log_in.click()
    await expect(page.get_by_role("heading", name="Bills of the last months")).to_be_visible()
    assert page.url.endswith(place)
    watched.allow("401")
    await api.sources.sessions.end_all(world.alice.member)
    await expect(page.get_by_text("You were logged out.")).to_be_visible()
    await expect(log_in).to_be_visible()


async def test_names_are_text_and_addresses_that_lead_nowhere_say_so(
    api: Api, world: World, page: Page
) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    many = [world.place("denki-jtb", world.alice.member, name=f"{WIDE} ") for _ in range(198)]
    await asyncio.gather(*many)
    strange = await world.place("denki-jtb", world.alice.member, name=SCRIPT)
    await world.reading(strange, NOW, 77)

    await open_page(page, api, "/?view=nonsense&date=2040-99-99", world.alice.member)
    search = page.get_by_role("searchbox")
    await expect(page.get_by_text("200 facilities")).to_be_visible()
    await search.fill("script")
    await expect(page.get_by_text("1 of 200")).to_be_visible()
    await search.press("ArrowDown")
    await expect(page.get_by_role("link", name=SCRIPT)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", "77")
    await page.get_by_role("link", name="Usage", exact=True).click()
    await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", "77")

    lost = page.get_by_role("heading", name="This facility can't be shown")
    for address in ("nonsense", world.bob.facility_id, "%00", "RmFjaWxpdHk6OTk5OTk5OTk5"):
        await page.goto(f"{page.url.partition('?')[0]}?facility={address}&view=year")
        await expect(lost).to_be_visible()
    await page.get_by_role("link", name="Show my facilities").click()
    await expect(page.get_by_text("200 facilities")).to_be_visible()
    assert dialogs == []


@pytest.mark.usefixtures("node")
async def test_a_member_without_facilities_is_told_that_there_are_none(
    api: Api, world: World, page: Page
) -> None:
    looks = Looks(page)
    newcomer = await world.person("denki-jtb", "new@example.jp", facilities=0)
    await open_page(page, api, "/", newcomer.member)
    await expect(page.get_by_text("There is no facility in your account yet")).to_be_visible()
    await looks.at("empty account")
    assert looks.found == []


async def test_every_refusal_is_told_in_the_readers_language_and_a_refused_socket_too(
    api: Api, world: World, page: Page, watched: Watched
) -> None:
    answers: dict[str, dict[str, Any]] = {}

    async def answer(route: Route) -> None:
        asked = re.search(r"(?:query|mutation) (\w+)", route.request.post_data or "")
        found = answers.get(asked[1] if asked else "")
        if found is None:
            await route.fallback()
        else:
            await route.fulfill(json=found)

    async def refuse(socket: WebSocketRoute) -> None:
        await socket.close(code=1011)

    await page.route("**/graphql", answer)
    await page.route_web_socket("**/graphql", refuse)
    await world.reading(world.alice.facility, NOW, 50)
    answers["LogIn"] = {"data": {"logIn": refused_with(codes("user-errors", "faults"))}}
    await open_page(page, api, "/?portal=denki-jtb")
    await page.get_by_role("textbox", name=LOGIN_ID).fill("alice@example.jp")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Log in", exact=True).click()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("The login ID or the password is wrong.")
    await expect(alert).not_to_contain_text(RAW)
    await page.get_by_role("button", name="日本語").click()
    await expect(alert).to_contain_text(JAPANESE)
    await expect(alert).not_to_contain_text(RAW)
    await expect(alert).not_to_contain_text(re.compile("[a-z]+ [a-z]+"))
    await page.get_by_role("button", name="English").click()

    del answers["LogIn"]
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", "50")
    stream = page.get_by_role("status", name="State of the live readings")
    await expect(stream).to_contain_text("Reconnecting")
    await page.get_by_role("link", name="Usage", exact=True).click()
    await expect(page.get_by_test_id("total")).to_have_attribute("data-wh", "50")
    told = {}
    for code in [*codes("errors")[1:], "A_NEW_ONE"]:
        answers["Usage"] = {"errors": [{"message": RAW, "extensions": {"code": code}}]}
        await page.get_by_role("button", name=re.compile("Earlier|Try again")).first.click()
        told[code] = await alert.inner_text()
    assert not any(RAW in text for text in told.values())
    assert [code for code in told if told[code] == told["A_NEW_ONE"]] == ["INTERNAL", "A_NEW_ONE"]

    answers["Usage"] = {"errors": [{"message": RAW, "extensions": {"code": "UNAUTHENTICATED"}}]}
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("Log in again")).to_be_visible()


def codes(*tables: str) -> Sequence[str]:
    """Those that tables of docs/errors.md have."""
    text = ERRORS.read_text("utf-8")
    found = [
        re.search(f"<!-- table: {name} -->(.*?)<!-- end -->", text, re.DOTALL) for name in tables
    ]
    return [
        code
        for table in found
        if table
        for code in re.findall(r"^\| `(\w+)`", table[1], re.MULTILINE)
    ]


def refused_with(codes: Sequence[str]) -> dict[str, Any]:
    """The payload of a log-in that is refused for so many reasons at once."""
    errors = [{"code": code, "message": RAW, "field": None, "retryAt": None} for code in codes]
    return {"session": None, "challenge": None, "deviceToken": None, "userErrors": errors}
