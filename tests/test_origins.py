"""Pages of other origins: CORS over HTTP and the origin of sockets, by the same allow-list."""

import time
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pymongo.errors import NetworkTimeout
from websockets.exceptions import InvalidStatus

from domain.consents import App, AppGrant, Scope
from domain.settings import Settings
from schema import origins
from tests.api import NOW, Api

LISTED = "https://portal.example.jp"
OF_APP = "https://app.example.com"
FOREIGN = (
    "https://evil.example",
    "null",
    "https://portal.example.jp.evil.example",
    "http://portal.example.jp",
    "https://portal.example.jp:8443",
)
QUERY = {"query": "{ __typename }"}
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, origins=f"https://other.example {LISTED}")


def app_with(origin: str) -> App:
    return App(
        id="app-with-a-page",
        name="Page",
        redirect_uris=(),
        public=True,
        scopes=frozenset(Scope),
        grants=frozenset(AppGrant),
        origins=(origin,),
        documents_only=False,
        website="",
        contact="",
        created_at=NOW - timedelta(days=1),
        ended_at=None,
    )


async def preflight(api: Api, origin: str, path: str = "/graphql") -> httpx.Response:
    return await api.client.options(path, headers={"origin": origin, **ASKS})


async def test_pages_on_the_list_may_ask_and_read(api: Api) -> None:
    own = f"http://127.0.0.1:{api.port}"
    for origin in (LISTED, own):
        asked = await preflight(api, origin)
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == origin
        assert asked.headers["access-control-allow-methods"] == "GET, POST"
        assert asked.headers["access-control-allow-headers"] == "authorization, content-type"
        answer = await api.post(QUERY, origin=origin)
        assert answer.json()["data"] == {"__typename": "Query"}
        assert answer.headers["access-control-allow-origin"] == origin
        assert "origin" in answer.headers["vary"].split(", ")
        assert "retry-after" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
        assert "access-control-allow-credentials" not in asked.headers


async def test_errors_can_be_read_by_pages_on_the_list(api: Api) -> None:
    answer = await api.post({"query": None}, origin=LISTED)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (400, LISTED)


async def test_pages_of_other_origins_get_nothing_anywhere(api: Api) -> None:
    for origin in FOREIGN:
        answers = [
            await preflight(api, origin),
            await preflight(api, origin, "/files/x"),
            await api.post(QUERY, origin=origin),
            await api.client.get("/graphql", params=QUERY, headers={"origin": origin}),
            await api.client.get("/healthz", headers={"origin": origin}),
        ]
        for answer in answers:
            assert answer.status_code == 403, origin
            assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["vary"] == "origin"


async def test_a_form_of_an_own_page_may_come_from_the_origin_null(api: Api) -> None:
    for site, status in (("same-origin", 200), ("same-site", 403), ("cross-site", 403)):
        answer = await api.post(QUERY, origin="null", **{"sec-fetch-site": site})
        assert answer.status_code == status, site


async def test_sockets_open_for_the_same_pages_only(api: Api) -> None:
    async with api.raw_socket(Origin=LISTED):
        pass
    for origin in FOREIGN:
        with pytest.raises(InvalidStatus) as refused:
            async with api.raw_socket(Origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_pages_of_an_app_are_on_the_list_from_its_next_reading(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.post(QUERY, origin=OF_APP)).status_code == 403
    await api.sources.apps.add(app_with(OF_APP))
    assert (await api.post(QUERY, origin=OF_APP)).status_code == 403
    later = time.monotonic() + origins._KEPT_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    allowed = await api.post(QUERY, origin=OF_APP)
    assert allowed.headers["access-control-allow-origin"] == OF_APP
    async with api.raw_socket(Origin=OF_APP):
        pass


async def test_options_without_an_origin_is_no_preflight(api: Api) -> None:
    answer = await api.client.options("/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_database_that_does_not_answer_keeps_out_only_whom_it_would_have_told_of(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> frozenset[str]:
        raise NetworkTimeout

    monkeypatch.setattr(api.sources.apps, "origins", fail)
    assert (await api.post(QUERY, origin=OF_APP)).status_code == 403
    assert (await api.post(QUERY, origin=LISTED)).status_code == 200
