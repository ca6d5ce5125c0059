"""The way in where a portal asks for more than an ID and a password, and what axe says of each step."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from domain.facilities import PaymentMethod
from tests.api import NOW, Api
from tests.browser import open_page
from tests.first_logins import HEPCO, account_of, import_accounts, postcard
from tests.page.views import Looks
from tests.registering import PASSWORD, PHONE, complete, customer, link_token, messages
from tests.stories import test_hokulink, test_mirai
from tests.world import World

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture
def world(api: Api) -> World:
    return World(api.sources)


async def log_in(page: Page, login_id: str, password: str) -> None:
    await page.locator("input[name=username]").fill(login_id)
    await page.locator("input[name=password]").fill(password)
    await page.keyboard.press("Enter")


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name)


async def go_on(page: Page, **given: str) -> None:
    """Fill in fields, by their names, and send the form."""
    for name, text in given.items():
        await page.locator(f"[name={name}]").fill(text)
    await page.get_by_role("button", name="Continue").click()


async def test_a_first_password_leads_through_all_duties_and_other_devices_are_asked_for_a_keyword(
    api: Api, world: World, page: Page
) -> None:
    looks, portal = Looks(page), test_hokulink.PORTAL
    hanako = await customer(world, portal, payment_method=PaymentMethod.PAYMENT_SLIP)
    await world.reading(hanako.facility, NOW, 120)
    token = await link_token(api, portal, test_hokulink.EMAIL)
    await complete(api, portal, token, test_hokulink.entered(hanako), course="POSTCARD")
    (mail,) = await messages(api.sources, "LOGIN_ID", test_hokulink.EMAIL)
    (letter,) = await messages(api.sources, "FIRST_PASSWORD")
    login_id, first = mail["values"]["login_id"], letter["values"]["password"]

    await open_page(page, api, f"/?portal={portal}")
    await log_in(page, login_id, first)
    await expect(heading(page, "Choose your own password")).to_be_focused()
    await expect(page.get_by_text("Step 1 of 3")).to_be_visible()
    await go_on(page, currentPassword=first, newPassword=first)
    await expect(page.get_by_label("New password")).to_be_focused()
    await looks.at("new password")
    await go_on(page, currentPassword=first, newPassword=PASSWORD)

    await expect(heading(page, "Set your secret keywords")).to_be_focused()
    for place, word in enumerate(test_hokulink.KEYWORDS, 1):
        await page.get_by_label(f"Keyword {place}").fill(word)
    await go_on(page)
    again = page.get_by_label("Your password, once more")
    await expect(again).to_be_focused()
    await looks.at("keywords")
    await go_on(page, password=PASSWORD)

    await expect(heading(page, "Tell us about yourself")).to_be_focused()
    await go_on(page)
    await expect(page.get_by_label("Nickname")).to_be_focused()
    await looks.at("profile")
    await page.get_by_label("Sex").select_option("Not told")
    await go_on(page, nickname="はな", birthMonth="1980-04")
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", "120")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()

    await page.get_by_role("button", name="Log out").click()
    await log_in(page, login_id, PASSWORD)
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", "120")
    await page.get_by_role("button", name="Log out").click()
    await page.evaluate("localStorage.clear()")
    await log_in(page, login_id, PASSWORD)
    answer = page.get_by_label("Secret keyword")
    await expect(answer).to_be_focused()
    await looks.at("keyword")
    asked = int((await page.get_by_text("Secret keyword no.").inner_text())[-1])
    await answer.fill(test_hokulink.KEYWORDS[asked - 1])
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("today-total")).to_have_attribute("data-wh", "120")
    assert looks.found == []


async def test_what_came_by_post_is_asked_for_a_phone_number_of_the_contract_or_a_code(
    api: Api, world: World, page: Page, tmp_path: Path
) -> None:
    looks = Looks(page)
    home = await customer(world, HEPCO)
    await world.reading(home.facility, NOW, 120)
    await import_accounts(api.sources, tmp_path, account_of(home))
    card = await postcard(api.sources)
    portal = test_mirai.PORTAL
    hanako = await customer(world, portal, payment_method=PaymentMethod.PAYMENT_SLIP)
    await world.reading(hanako.facility, NOW, 340)
    token = await link_token(api, portal, test_mirai.EMAIL)
    given = {"loginId": test_mirai.LOGIN_ID, "password": PASSWORD, "course": "POSTCARD"}
    await complete(api, portal, token, test_mirai.entered(hanako), **given)
    (letter,) = await messages(api.sources, "POSTCARD_CODE")
    total = page.get_by_test_id("today-total")

    await open_page(page, api, f"/?portal={HEPCO}")
    await log_in(page, card["loginId"], card["password"])
    await go_on(page, phone="03-1234-5679")
    await expect(page.get_by_label("Phone number of the contract")).to_be_focused()
    await looks.at("contract phone")
    await go_on(page, phone=PHONE)
    await expect(total).to_have_attribute("data-wh", "120")
    await page.get_by_role("button", name="Log out").click()

    await page.get_by_label("Portal").select_option(portal)
    await log_in(page, test_mirai.LOGIN_ID, PASSWORD)
    await expect(heading(page, "Enter the code of the postcard")).to_be_focused()
    await go_on(page, code="AAAA-AAAA")
    await expect(page.get_by_label("Code of the postcard")).to_be_focused()
    await page.get_by_role("button", name="Send a new postcard").click()
    await expect(page.get_by_role("alert")).to_contain_text("A postcard was sent less than a day")
    await looks.at("postcard")
    await go_on(page, code=letter["values"]["code"])
    await expect(total).to_have_attribute("data-wh", "340")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert looks.found == []
