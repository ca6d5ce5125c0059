"""The GraphiQL page in a real browser, against the served API."""

import json
from dataclasses import replace

import pytest
from playwright.async_api import Locator, Page, expect

from datasources.mongo import Mongo
from domain.demo import PASSWORD, demo_members
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.passwords import Passwords
from resolvers.sources import open_sources
from schema.nodes import node_id
from schema.page_files import PAGE_FOLDER
from tests.api import NOW, Api, Clock
from tests.browser import Watched, open_page, origin_of
from tests.world import World

_QUERY = ".graphiql-query-editor"
_TOOL = ".graphiql-editor-tool .graphiql-editor:not(.hidden)"


class GraphiQL:
    """The page as a person uses it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def response(self) -> Locator:
        return self._page.locator(".graphiql-response .view-lines")

    async def open_tab(self, index: int, shows: str) -> None:
        await self._page.locator(".graphiql-tab").nth(index).click()
        await self.expect_query(shows)

    async def expect_query(self, text: str) -> None:
        await expect(self._page.locator(f"{_QUERY} .view-lines")).to_contain_text(text)

    async def type_query(self, query: str, name: str) -> None:
        await self._type(_QUERY, query)
        # It parses what was typed after a while; the title of the tab tells when it has.
        title = self._page.locator(".graphiql-tab-active .graphiql-tab-button")
        await expect(title).to_have_text(name)

    async def type_tool(self, tool: str, value: object) -> None:
        """Type into Variables or Headers."""
        button = self._page.get_by_role("button", name=tool, exact=True)
        if "active" not in (await button.get_attribute("class") or ""):
            await button.click()
        await self._type(_TOOL, json.dumps(value))

    async def execute(self, operation: str | None = None) -> None:
        """Press the button, and choose an operation if there are several."""
        button = self._page.get_by_role("button", name="Execute query")
        # After a change of tabs it still has a menu of the other tab's operations for a while.
        if operation is None:
            await expect(button).not_to_have_attribute("aria-haspopup", "menu")
            await button.click()
        else:
            await expect(button).to_have_attribute("aria-haspopup", "menu")
            await button.click()
            await self._page.get_by_role("menuitem", name=operation).click()

    async def expect_response(self, text: str) -> None:
        await expect(self.response).to_contain_text(text)

    async def response_text(self) -> str:
        lines = await self._page.locator(".graphiql-response .view-line").all_inner_texts()
        return "\n".join(lines).replace("\xa0", " ")

    async def _type(self, editor: str, text: str) -> None:
        await self._page.locator(f"{editor} .monaco-editor").first.click()
        await self._page.keyboard.press("ControlOrMeta+A")
        await self._page.keyboard.insert_text(text)
        # The editor closes brackets and quotes by itself: drop what it put after the cursor.
        await self._page.keyboard.press("ControlOrMeta+Shift+End")
        await self._page.keyboard.press("Delete")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No heartbeat while a test looks: each event takes the place of the one before."""
    return replace(settings, heartbeat_seconds=600.0, graphiql="on", introspection="everybody")


@pytest.fixture
async def graphiql(api: Api, page: Page) -> GraphiQL:
    assert (PAGE_FOLDER / "graphiql.html").is_file(), "Build the page: python -m web.build"
    await open_page(page, api, "/graphql")
    await expect(page).to_have_title("Kenshin GraphiQL")
    graphiql = GraphiQL(page)
    await graphiql.expect_query("LogIn")
    return graphiql


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_query_with_a_token_in_the_headers_editor_shows_its_result(
    graphiql: GraphiQL, world: World
) -> None:
    await graphiql.open_tab(1, "viewer")
    await graphiql.type_tool("Headers", bearer(world.alice.token))
    await graphiql.type_query("query Mine { viewer { loginId } }", "Mine")

    await graphiql.execute()

    await graphiql.expect_response("alice@example.jp")
    assert json.loads(await graphiql.response_text())["data"] == {
        "viewer": {"loginId": "alice@example.jp"}
    }


async def test_a_subscription_streams_a_reading_that_is_stored_while_it_runs(
    api: Api, graphiql: GraphiQL, world: World, watched: Watched
) -> None:
    await graphiql.open_tab(1, "viewer")
    await graphiql.type_tool("Headers", bearer(world.alice.token))
    facility = json.dumps([world.alice.facility_id])
    await graphiql.type_query(
        f"subscription Live {{ readings(facilityIds: {facility}) {{ reading {{ kwh }} state }} }}",
        "Live",
    )

    await graphiql.execute()

    await graphiql.expect_response('"reading": null')
    await world.reading(world.alice.facility, NOW, 417)
    await graphiql.expect_response('"kwh": 0.417')
    await world.reading(world.alice.facility, NOW, 523)
    await graphiql.expect_response('"kwh": 0.523')
    assert f"{origin_of(api)}/graphql".replace("http", "ws") in watched.requests


async def test_on_the_demo_its_operations_work_with_a_session_that_is_filled_in(
    settings: Settings, mongo: Mongo, clock: Clock, page: Page
) -> None:
    async with Api.serving(open_sources(settings, mongo, clock), demo=True) as api:
        world = await World.made(api.sources)
        facility = await demo_facility(world)
        await open_page(page, api, "/graphql")
        graphiql = GraphiQL(page)
        await graphiql.expect_query("You are logged in")

        await graphiql.execute("Home")
        await graphiql.expect_response('"facilities"')
        home = json.loads(await graphiql.response_text())["data"]["viewer"]
        (node,) = home["facilities"]["nodes"]
        assert (node["id"], node["latestReading"]) == (facility, None)
        await graphiql.execute("Live")
        await graphiql.expect_response('"cursor"')
        live = json.loads(await graphiql.response_text())["data"]["readings"]
        assert (live["reading"], live["state"]) == (None, "STALE")
        await page.get_by_role("button", name="Stop query").click()
        for name, field in (("Month", '"totalKwh"'), ("Bills", '"bills"')):
            await graphiql.execute(name)
            await graphiql.expect_response(field)
            assert '"errors"' not in await graphiql.response_text()

        await page.reload()
        await graphiql.expect_query("You are logged in")
        await graphiql.execute("Home")
        await graphiql.expect_response('"totalCount": 1')
        await graphiql.open_tab(1, "LogIn")
        await graphiql.execute()
        await graphiql.expect_response('"userErrors": []')


async def demo_facility(world: World) -> str:
    """Id of a facility of the member that the demo's login is of."""
    member = demo_members()[0]
    owner = await world.sources.members.put(
        member.portal,
        member.login_id,
        await Passwords().hash(PASSWORD),
        MemberState.ACTIVE,
        MemberProfile(member.name, None, None, None),
    )
    return node_id("Facility", (await world.place(member.portal, owner)).number)
