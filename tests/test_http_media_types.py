"""GraphQL over HTTP: the media type that a client accepts, and the status that goes with it."""

from typing import Any

import httpx
import pytest

from tests.api import Api
from tests.world import World

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
UTF8 = "; charset=utf-8"
WRONG = "{ nothing }"
LOG_OUT = "mutation { logOut { userErrors { code } } }"

WANTED = {
    None: JSON,
    "*/*": JSON,
    "application/*": JSON,
    "application/json": JSON,
    "Application/JSON; charset=utf-8": JSON,
    "text/html, */*;q=0.1": JSON,
    "application/graphql-response+json": GRAPHQL,
    "application/graphql-response+json; charset=utf-8": GRAPHQL,
    "application/graphql-response+json, application/json;q=0.9": GRAPHQL,
    "application/json, application/graphql-response+json;q=0.9": JSON,
    "application/graphql-response+json;q=0.5, application/json;q=0.9": JSON,
    "application/json;q=0, application/graphql-response+json;q=0.1": GRAPHQL,
    "application/json;q=often, application/graphql-response+json": GRAPHQL,
    "image/png, application/graphql-response+json;q=0.2": GRAPHQL,
}
"What clients accept, and what they get."

REQUEST_ERRORS: dict[str, dict[str, Any]] = {
    "empty": {"query": ""},
    "syntax": {"query": "{"},
    "validation": {"query": WRONG},
    "no operation": {"query": "fragment Named on Portal { key }"},
    "unknown operation": {"query": "query One { viewer { id } }", "operationName": "Two"},
    "several operations": {"query": "query One { viewer { id } } query Two { viewer { id } }"},
    "missing variable": {"query": "query ($key: String!) { portal(key: $key) { key } }"},
    "wrong variable": {
        "query": "query ($key: String!) { portal(key: $key) { key } }",
        "variables": {"key": 1},
    },
}
"Requests that are GraphQL over HTTP, but not executed."


async def ask(api: Api, body: dict[str, Any], accept: str | None) -> httpx.Response:
    request = api.client.build_request("POST", "/graphql", json=body)
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    return await api.client.send(request)


async def test_the_most_wanted_media_type_is_answered(api: Api) -> None:
    for accept, media_type in WANTED.items():
        response = await ask(api, {"query": WRONG}, accept)
        assert response.headers["content-type"] == media_type + UTF8, accept
        assert response.headers["vary"] == "accept, accept-encoding, authorization"
        assert response.status_code == (400 if media_type == GRAPHQL else 200)


@pytest.mark.parametrize("accept", ["image/png", "text/*", "application/json;q=0", "*/*;q=0"])
async def test_a_client_that_takes_neither_gets_406_and_nothing_is_executed(
    api: Api, world: World, accept: str
) -> None:
    response = await api.post({"query": LOG_OUT}, world.alice.token, accept=accept)
    assert response.status_code == 406
    assert response.headers["content-type"] == JSON + UTF8
    message = "accept application/graphql-response+json or application/json"
    assert response.json() == {
        "errors": [{"message": message, "extensions": {"code": "BAD_INPUT"}}]
    }
    viewer = (await api.data("{ viewer { id } }", world.alice.token))["viewer"]
    assert viewer == {"id": world.alice.member_id}


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
async def test_what_is_not_executed_has_errors_with_a_code_and_no_data(
    api: Api, accept: str, status: int
) -> None:
    for what, body in REQUEST_ERRORS.items():
        response = await ask(api, body, accept)
        answer = response.json()
        assert (response.status_code, answer.keys()) == (status, {"errors", "extensions"}), what
        codes = [error["extensions"] for error in answer["errors"]]
        assert codes == [{"code": "BAD_INPUT"}], what


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_what_is_executed_is_200_with_data_even_if_a_field_fails(
    api: Api, accept: str
) -> None:
    good = await ask(api, {"query": '{ portal(key: "hepco") { key } }'}, accept)
    assert (good.status_code, good.json()["data"]) == (200, {"portal": {"key": "hepco"}})
    partial = await ask(
        api, {"query": '{ portal(key: "mirai") { key } node(id: "x") { id } }'}, accept
    )
    assert partial.status_code == 200
    assert partial.json()["data"] == {"portal": {"key": "mirai"}, "node": None}
    whole = await ask(api, {"query": "{ nodes(ids: [%s]) { id } }" % ('"x",' * 101)}, accept)
    assert whole.status_code == 200
    assert whole.json()["data"] is None


async def test_a_body_that_is_no_request_is_400_in_either_media_type(api: Api) -> None:
    for accept in (GRAPHQL, JSON):
        response = await ask(api, {"query": None}, accept)
        assert (response.status_code, response.headers["content-type"]) == (400, accept + UTF8)
