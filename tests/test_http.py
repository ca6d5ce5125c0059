"""GraphQL over HTTP: what a request must be, and which status and media type its answer has."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from domain.settings import Settings
from tests.api import Api
from tests.world import World

JSON = "application/json"
UTF8 = "; charset=utf-8"
QUERY = '{ portal(key: "hepco") { name } }'
ANSWER = {"data": {"portal": {"name": "Web請求サービス"}}, "extensions": {"cost": 1}}
NAMED = """
query One { portal(key: "hepco") { key } }
query Two($key: String!) { portal(key: $key) { key } }
"""
LOG_OUT = "mutation { logOut { userErrors { code } } }"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LIMIT = 2000
ACCEPT = {"accept": JSON}

WRONG_CONTENT_TYPES = [
    "",
    "text/plain",
    "text/plain; application/json",
    "application/graphql",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=shift_jis",
]
WRONG_PARAMETERS: list[tuple[dict[str, Any], str]] = [
    ({}, "query must be a string"),
    ({"query": None}, "query must be a string"),
    ({"query": 5}, "query must be a string"),
    ({"query": [QUERY]}, "query must be a string"),
    ({"query": QUERY, "variables": []}, "variables must be an object"),
    ({"query": QUERY, "variables": "{}"}, "variables must be an object"),
    ({"query": QUERY, "operationName": 1}, "operationName must be a string"),
    ({"query": QUERY, "extensions": "x"}, "extensions must be an object"),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, max_request_bytes=LIMIT)


async def send(api: Api, body: bytes, **headers: str) -> httpx.Response:
    sent = {"content-type": JSON} | {name.replace("_", "-"): text for name, text in headers.items()}
    return await api.client.post("/graphql", content=body, headers=sent)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and message of a request that was not executed."""
    answer = response.json()
    (error,) = answer["errors"]
    assert "data" not in answer
    assert error["extensions"] == {"code": "BAD_INPUT"}
    return response.status_code, error["message"]


async def is_logged_in(api: Api, world: World) -> bool:
    return (await api.data("{ viewer { id } }", world.alice.token))["viewer"] is not None


class TestPost:
    async def test_a_query_is_answered_in_utf8(self, api: Api) -> None:
        response = await api.post({"query": QUERY})
        assert response.status_code == 200
        assert response.headers["content-type"] == JSON + UTF8
        assert response.headers["vary"] == "accept, accept-encoding, authorization"
        assert "Web請求サービス".encode() in response.content
        assert response.json() == ANSWER

    async def test_japanese_goes_in_as_utf8_and_as_escapes(self, api: Api) -> None:
        for body in ('{"query": "{ 名 }"}'.encode(), b'{"query": "{ \\u540d }"}'):
            status, message = refusal(await send(api, body))
            assert (status, message) == (200, "Syntax Error: Unexpected character: U+540D.")

    async def test_variables_and_operation_name_choose(self, api: Api) -> None:
        asked = {"query": NAMED, "operationName": "Two", "variables": {"key": "mirai"}}
        assert (await api.post(asked)).json()["data"] == {"portal": {"key": "mirai"}}

    async def test_null_is_as_good_as_nothing(self, api: Api) -> None:
        nothing = {"variables": None, "operationName": None, "extensions": None}
        assert (await api.post({"query": QUERY} | nothing)).json() == ANSWER

    async def test_what_else_is_in_the_body_does_not_matter(self, api: Api) -> None:
        assert (await api.post({"query": QUERY, "extensions": {"a": 1}, "b": 2})).json() == ANSWER

    async def test_json_in_utf8_is_taken(self, api: Api) -> None:
        body = orjson.dumps({"query": QUERY})
        for content_type in (JSON, JSON + UTF8, 'Application/JSON;charset="UTF-8"'):
            assert (await send(api, body, content_type=content_type)).json() == ANSWER

    async def test_another_content_type_is_415_and_executes_nothing(
        self, api: Api, world: World
    ) -> None:
        body = orjson.dumps({"query": LOG_OUT})
        authorization = f"Bearer {world.alice.token}"
        for kind in WRONG_CONTENT_TYPES:
            response = await send(api, body, content_type=kind, authorization=authorization)
            assert refusal(response) == (415, "send the body as application/json in UTF-8"), kind
        assert await is_logged_in(api, world)

    async def test_a_broken_body_is_400(self, api: Api) -> None:
        for body in (b"", b"{", b'{"query": "\xff"}', b'{"a": NaN}', b"{} {}"):
            status, message = refusal(await send(api, body))
            assert (status, message[:23]) == (400, "the body must be JSON: "), body

    async def test_json_that_is_no_object_is_400(self, api: Api) -> None:
        for body in ([], [{"query": QUERY}], "query", None, 1):
            response = await send(api, orjson.dumps(body))
            assert refusal(response) == (400, "the body must be one JSON object"), body

    async def test_a_parameter_of_another_kind_is_400(self, api: Api) -> None:
        for wrong, message in WRONG_PARAMETERS:
            assert refusal(await api.post(wrong)) == (400, message), wrong

    async def test_a_body_up_to_the_limit_is_taken_and_one_over_it_is_413(self, api: Api) -> None:
        body = orjson.dumps({"query": QUERY})
        assert (await send(api, body.ljust(LIMIT))).json() == ANSWER
        over = (413, f"the body must be at most {LIMIT} bytes")
        assert refusal(await send(api, body.ljust(LIMIT + 1))) == over

    async def test_the_limit_holds_without_a_content_length(self, api: Api) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(LIMIT + 1):
                yield b" "

        response = await api.client.post(
            "/graphql", content=parts(), headers={"content-type": JSON}
        )
        assert refusal(response) == (413, f"the body must be at most {LIMIT} bytes")
        assert (await api.post({"query": QUERY})).json() == ANSWER


class TestGet:
    async def test_a_query_is_answered(self, api: Api) -> None:
        response = await api.client.get("/graphql", params={"query": QUERY}, headers=ACCEPT)
        assert (response.status_code, response.json()) == (200, ANSWER)

    async def test_variables_and_operation_name_choose(self, api: Api) -> None:
        asked = {"query": NAMED, "operationName": "Two", "variables": '{"key": "mirai"}'}
        response = await api.client.get("/graphql", params=asked, headers=ACCEPT)
        assert response.json()["data"] == {"portal": {"key": "mirai"}}

    async def test_a_mutation_is_405_and_executes_nothing(self, api: Api, world: World) -> None:
        response = await api.client.get(
            "/graphql",
            params={"query": LOG_OUT},
            headers={"authorization": f"Bearer {world.alice.token}"},
        )
        assert refusal(response) == (405, "a mutation does not go over GET")
        assert response.headers["allow"] == "POST"
        assert await is_logged_in(api, world)

    async def test_a_wrong_parameter_is_400(self, api: Api) -> None:
        wrong = [
            ({}, "query must be a string"),
            ({"variables": "{}"}, "query must be a string"),
            ({"query": QUERY, "variables": "[]"}, "variables must be one JSON object"),
        ]
        for params, message in wrong:
            response = await api.client.get("/graphql", params=params, headers=ACCEPT)
            assert refusal(response) == (400, message)

    async def test_broken_variables_are_400(self, api: Api) -> None:
        response = await api.client.get(
            "/graphql", params={"query": QUERY, "variables": "{"}, headers=ACCEPT
        )
        status, message = refusal(response)
        assert (status, message[:24]) == (400, "variables must be JSON: ")

    async def test_another_method_is_405(self, api: Api) -> None:
        for method in ("PUT", "PATCH", "DELETE", "HEAD"):
            response = await api.client.request(method, "/graphql", json={"query": QUERY})
            assert response.status_code == 405, method
            assert response.headers["allow"] == "GET, POST"
            if method != "HEAD":
                assert refusal(response) == (405, "use POST, or GET for queries")

    async def test_a_subscription_is_405(self, api: Api) -> None:
        asked = {"query": "subscription { readings(facilityIds: []) { cursor } }"}
        posted = await api.post(asked)
        assert refusal(posted) == (405, "a subscription does not go over POST")
        got = await api.client.get("/graphql", params=asked, headers=ACCEPT)
        assert refusal(got) == (405, "a subscription does not go over GET")


class TestForgery:
    """What a page of another origin can have a browser send unasked is not executed."""

    async def test_a_document_in_an_address_needs_more_than_the_address(self, api: Api) -> None:
        accept_json = {"accept": "application/graphql-response+json"}
        told = [
            ({}, 400),
            ({"accept": "*/*"}, 400),
            ({"accept": "image/avif,image/webp,*/*;q=0.8", "sec-fetch-mode": "no-cors"}, 400),
            ({"sec-fetch-mode": "navigate", **ACCEPT}, 400),
            ({"sec-fetch-mode": "no-cors", **accept_json}, 400),
            ({"sec-fetch-mode": "cors"}, 200),
            ({"sec-fetch-mode": "same-origin"}, 200),
            (ACCEPT, 200),
            (accept_json, 200),
        ]
        for headers, status in told:
            response = await api.client.get("/graphql", params={"query": QUERY}, headers=headers)
            assert response.status_code == status, headers
            if status == 400:
                message = "POST a document, or accept application/graphql-response+json"
                assert refusal(response) == (400, message)

    async def test_a_token_is_sent_on_purpose(self, api: Api, world: World) -> None:
        headers = {"authorization": f"Bearer {world.alice.token}"}
        response = await api.client.get("/graphql", params={"query": QUERY}, headers=headers)
        assert response.json() == ANSWER


class TestPage:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, graphiql="on")

    async def test_a_browser_gets_a_page(self, api: Api) -> None:
        for params in ({}, {"query": QUERY}):
            response = await api.client.get("/graphql", params=params, headers={"accept": BROWSER})
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/html; charset=utf-8"
            assert response.text[:15].lower() == "<!doctype html>"

    async def test_a_post_never_gets_a_page(self, api: Api) -> None:
        response = await api.post({"query": QUERY}, accept=BROWSER)
        assert response.headers["content-type"] == JSON + UTF8
        assert response.json()["data"] == ANSWER["data"]

    async def test_who_wants_json_more_gets_no_page(self, api: Api) -> None:
        response = await api.client.get(
            "/graphql", headers={"accept": "text/html;q=0.9, application/json"}
        )
        assert refusal(response) == (400, "query must be a string")


async def test_a_browser_gets_no_page_where_none_is_shown(api: Api) -> None:
    response = await api.client.get("/graphql", headers={"accept": BROWSER})
    assert refusal(response) == (400, "query must be a string")


class TestHealth:
    async def test_the_process_lives(self, api: Api) -> None:
        response = await api.client.get("/healthz")
        assert (response.status_code, response.text) == (200, "ok\n")

    async def test_the_server_is_ready_once_both_databases_are(self, api: Api) -> None:
        async with asyncio.timeout(20):
            while (response := await api.client.get("/readyz")).status_code == 503:
                assert response.json()["ready"] is False
        assert response.status_code == 200
        assert response.json() == {"ready": True, "mongodb": "ok", "redis": "ok"}
