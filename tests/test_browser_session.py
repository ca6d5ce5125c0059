"""The page's cookie: what keeps a member logged in, and what other pages cannot do with it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any, NoReturn

import httpx
import pytest
from pymongo.errors import ServerSelectionTimeoutError

from datasources.sessions import OpenedSession
from domain.policy import Duty
from domain.rate_limits import Taken
from domain.settings import Settings
from schema import browser_session
from server import create_app
from tests.api import Api, Clock
from tests.consenting import connected
from tests.logging_in import REFRESH, WHO, log_in
from tests.world import World

PAGE = {"sec-fetch-site": "same-origin"}
ALICE = {"viewer": {"loginId": "alice@example.jp"}}
NAME = "kenshin-session"


@dataclass
class Tab:
    """A page that asks about its session, and the cookie that its browser has."""

    api: Api
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=lambda: dict(PAGE))
    name: str = NAME
    attributes: str = ""
    "Of the last cookie that an answer set."

    async def send(self, method: str, path: str = "/session", **how: Any) -> httpx.Response:
        headers = self.headers | how.pop("headers", {})
        if self.cookie:
            headers["cookie"] = f"other=1; {self.name}={self.cookie}"
        reply = await self.api.client.request(method, path, headers=headers, **how)
        self.api.client.cookies.clear()
        if reply.is_success or "set-cookie" in reply.headers:
            assert reply.headers["cache-control"] == "no-store"
        for text in reply.headers.get_list("set-cookie"):
            ((name, morsel),) = SimpleCookie(text).items()
            assert name == self.name
            self.cookie, self.attributes = morsel.value, text.partition("; ")[2]
        return reply

    async def keep(self, token: str, **how: Any) -> int:
        reply = await self.send("POST", json={"refreshToken": token}, **how)
        return reply.status_code

    async def refresh(self) -> dict[str, Any]:
        reply = await self.send("POST", "/session/refresh")
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    async def refused(self, method: str, path: str = "/session", **how: Any) -> tuple[int, str]:
        reply = await self.send(method, path, **how)
        return reply.status_code, reply.json()["error"]["code"]


@pytest.fixture
def tab(api: Api) -> Tab:
    return Tab(api)


@pytest.fixture
async def opened(api: Api, world: World) -> OpenedSession:
    """A session of Alice."""
    return await api.sources.sessions.open(world.alice.member, "denki-jtb", api.sources.clock())


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was answered is not answered again."""
    monkeypatch.setattr(browser_session, "_AGAIN", timedelta(0))


def failing(error: Exception) -> Callable[..., Awaitable[NoReturn]]:
    async def fail(*_given: object, **_options: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.usefixtures("world")
async def test_a_page_stays_logged_in_by_its_cookie_until_it_logs_out(api: Api, tab: Tab) -> None:
    assert (await tab.send("POST", "/session/refresh")).status_code == 204
    session = (await log_in(api))["session"]
    assert await tab.keep(session["refreshToken"]) == 204
    assert tab.cookie == session["refreshToken"]
    assert set(tab.attributes.split("; ")) == {
        *("HttpOnly", "Max-Age=2592000", "Path=/session", "SameSite=strict")
    }

    answer = await tab.refresh()
    assert answer == {
        "accessToken": answer["accessToken"],
        "expiresAt": "2040-06-15T13:10:00+09:00",
        "duties": [],
    }
    assert tab.cookie != session["refreshToken"]
    assert await api.data(WHO, answer["accessToken"]) == ALICE
    assert await api.code(WHO, session["accessToken"]) == "UNAUTHENTICATED"

    reply = await tab.send("DELETE")
    assert (reply.status_code, tab.cookie) == (204, "")
    assert "Max-Age=0" in tab.attributes
    assert await api.code(WHO, answer["accessToken"]) == "UNAUTHENTICATED"
    assert (await tab.send("DELETE")).status_code == 204


async def test_a_page_that_is_loaded_again_at_once_is_no_thief(
    tab: Tab, opened: OpenedSession
) -> None:
    tab.cookie = opened.refresh_token
    again = replace(tab)
    first, second = await asyncio.gather(tab.refresh(), again.refresh())
    transport = httpx.ASGITransport(create_app(tab.api.sources))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        late = Tab(replace(tab.api, client=client), opened.refresh_token)
        assert first == second == await late.refresh()  # by another process
    assert tab.cookie == again.cookie == late.cookie
    assert await tab.api.data(WHO, first["accessToken"]) == ALICE


async def test_a_token_that_a_client_has_used_is_forgiven_to_no_page(
    api: Api, tab: Tab, opened: OpenedSession
) -> None:
    payload = (await api.data(REFRESH, refreshToken=opened.refresh_token))["refreshSession"]
    tab.cookie = opened.refresh_token
    assert await tab.refused("POST", "/session/refresh") == (401, "UNAUTHENTICATED")
    assert await api.code(WHO, payload["session"]["accessToken"]) == "UNAUTHENTICATED"


@pytest.mark.usefixtures("forgetful")
async def test_a_cookie_that_comes_back_later_ends_the_session(
    api: Api, tab: Tab, opened: OpenedSession
) -> None:
    thief = Tab(api, opened.refresh_token)
    tab.cookie = opened.refresh_token
    answer = await tab.refresh()
    assert await thief.keep(opened.refresh_token) == 401
    assert await api.data(WHO, answer["accessToken"]) == ALICE
    assert await thief.refused("POST", "/session/refresh") == (401, "UNAUTHENTICATED")
    assert thief.cookie == ""
    assert await api.code(WHO, answer["accessToken"]) == "UNAUTHENTICATED"
    assert await tab.refused("POST", "/session/refresh") == (401, "UNAUTHENTICATED")


async def test_who_logs_out_before_the_next_cookie_has_come_is_logged_out(
    api: Api, tab: Tab, opened: OpenedSession
) -> None:
    tab.cookie = opened.refresh_token
    renewing, leaving = replace(tab), replace(tab)
    answer = await renewing.refresh()
    assert (await leaving.send("DELETE")).status_code == 204
    assert await api.code(WHO, answer["accessToken"]) == "UNAUTHENTICATED"
    assert await api.sources.mongo["outbox"].count_documents({}) == 0


async def test_only_a_members_own_living_refresh_token_is_taken(
    api: Api, world: World, tab: Tab, clock: Clock, opened: OpenedSession
) -> None:
    alice = world.alice
    _, app = await connected(api.sources, alice.member, [alice.facility.number])
    others = [alice.token, app.refresh_token, app.access_token, "", "\0", "𠮷" * 40, "a.b"]
    for token in others:
        assert await tab.keep(token) == (401 if token else 400), token
        assert tab.cookie == ""
    for token in [token for token in others if token.isascii() and token.isprintable()]:
        forged = Tab(api, token or "x")
        assert await forged.refused("POST", "/session/refresh") == (401, "UNAUTHENTICATED")
        forged.cookie = token or "x"
        assert (await forged.send("DELETE")).status_code == 204
    alive = [(token, clock.now) for token in (app.access_token, alice.token)]
    assert None not in await api.sources.sessions.by_access_tokens(alive)

    tab.cookie = opened.refresh_token
    clock.advance(days=30)
    assert await tab.keep(opened.refresh_token) == 401
    assert await tab.refused("POST", "/session/refresh") == (401, "UNAUTHENTICATED")
    assert tab.cookie == ""


async def test_a_body_that_is_no_token_is_bad_input(tab: Tab) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    text = {"content-type": "text/plain"}
    json = {"content-type": "application/json"}
    bodies = [
        (form, b"refreshToken=x"),
        (text, b'{"refreshToken": "x"}'),
        ({}, b'{"refreshToken": "x"}'),
        (json, b""),
        (json, b"["),
        (json, b"[]"),
        (json, b"\xff"),
        (json, b'{"refreshToken": null}'),
        (json, b'{"refreshToken": {"$ne": ""}}'),
        (json, b'{"refreshToken": "' + b"x" * 3000 + b'"}'),
        (json, b"[" * 2000),
    ]
    for headers, content in bodies:
        assert await tab.refused("POST", headers=headers, content=content) == (400, "BAD_INPUT")
    assert tab.cookie == ""


async def test_pages_of_other_origins_cannot_use_the_cookie(
    api: Api, world: World, tab: Tab, opened: OpenedSession
) -> None:
    await connected(api.sources, world.alice.member, [world.alice.facility.number])
    own = f"http://127.0.0.1:{api.port}"
    tab.cookie = opened.refresh_token
    foreign: list[dict[str, str]] = [
        {},
        {"origin": "null"},
        {"origin": "://"},
        {"origin": "https://127.0.0.1"},
        {"origin": own.replace("http:", "https:")},
        {"origin": "https://app.example"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "same-site", "origin": own},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
    ]
    asked = [("POST", "/session"), ("POST", "/session/refresh"), ("DELETE", "/session")]
    for tab.headers in foreign:
        for method, path in asked:
            reply = await tab.send(method, path)
            assert reply.status_code == 403, tab.headers
            assert "FORBIDDEN" in reply.text
            assert "access-control-allow-credentials" not in reply.headers
            assert "set-cookie" not in reply.headers
    assert await api.data(WHO, opened.access_token) == ALICE
    tab.headers = {"origin": own}
    await tab.refresh()
    for method in ("GET", "PUT", "PATCH"):
        assert (await api.client.request(method, "/session")).status_code == 405
    assert (await api.client.get("/session/refresh")).status_code == 405


async def test_a_database_that_does_not_answer_keeps_the_cookie_except_of_who_logs_out(
    api: Api, tab: Tab, opened: OpenedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.cookie = opened.refresh_token
    down = failing(ServerSelectionTimeoutError("down"))
    for name in ("refresh", "by_refresh_token"):
        monkeypatch.setattr(api.sources.sessions, name, down)
    assert await tab.refused("POST", "/session/refresh") == (503, "UNAVAILABLE")
    assert await tab.keep(opened.refresh_token) == 503
    assert tab.cookie == opened.refresh_token
    leaving = replace(tab)
    assert await leaving.refused("DELETE") == (503, "UNAVAILABLE")
    assert leaving.cookie == ""
    monkeypatch.undo()
    await tab.refresh()

    taken = [Taken(0, 2.5, 60.0), None]
    for result, status in zip(taken, [(429, "RATE_LIMITED"), (503, "UNAVAILABLE")], strict=True):
        kept = tab.cookie
        answer: asyncio.Future[Taken | None] = asyncio.get_running_loop().create_future()
        answer.set_result(result)
        monkeypatch.setattr(api.sources.buckets, "take", lambda *_, answer=answer: answer)
        assert await tab.refused("POST", "/session/refresh") == status
        assert tab.cookie == kept


class TestUnderHttps:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="https://portal.example.jp/")

    async def test_the_cookie_is_one_that_no_other_host_of_the_domain_can_set(
        self, api: Api, opened: OpenedSession
    ) -> None:
        tossed = Tab(api, opened.refresh_token, name=NAME)
        assert (await tossed.send("POST", "/session/refresh")).status_code == 204
        tab = Tab(api, name=f"__Host-{NAME}", headers={"origin": "https://portal.example.jp"})
        assert await tab.keep(opened.refresh_token) == 204
        assert set(tab.attributes.split("; ")) == {
            *("HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=strict", "Secure")
        }
        await tab.refresh()
        await tab.send("DELETE")
        assert {"Max-Age=0", "Path=/", "Secure"} <= set(tab.attributes.split("; "))


async def test_duties_of_the_first_log_in_are_told_again(api: Api, world: World) -> None:
    opened = await api.sources.sessions.open(
        world.alice.member, "denki-jtb", api.sources.clock(), duties=[Duty.NEW_PASSWORD]
    )
    assert (await Tab(api, opened.refresh_token).refresh())["duties"] == ["NEW_PASSWORD"]


async def test_graphql_knows_nobody_by_the_cookie(api: Api, opened: OpenedSession) -> None:
    cookies = {"cookie": f"{NAME}={opened.refresh_token}"}
    answer = await api.post({"query": WHO}, **cookies)
    assert answer.json()["data"] == {"viewer": None}
    payload = (await api.data(REFRESH, refreshToken=opened.refresh_token))["refreshSession"]
    assert payload["userErrors"] == []
