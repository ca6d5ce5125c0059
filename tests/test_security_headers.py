"""Headers against what browsers might do with an answer: on everything, whatever it is."""

from dataclasses import replace

import pytest

from domain.settings import Settings
from schema.security_headers import security_headers
from tests.api import Api

OF_ALL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
FRAMES = "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
BROWSER = {"accept": "text/html"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, graphiql="on")


async def test_every_answer_has_them_and_nothing_tells_of_the_server(api: Api) -> None:
    query = {"query": "{ __typename }"}
    answers = [
        await api.post(query),
        await api.post({"query": None}),
        await api.client.get("/graphql", params=query),
        await api.client.get("/graphql", headers=BROWSER),
        await api.client.delete("/graphql"),
        await api.client.get("/files/none"),
        await api.client.post("/ingest/readings"),
        await api.client.get("/healthz"),
        await api.client.get("/readyz"),
        await api.client.get("/nothing"),
        await api.post(query, origin="https://evil.example"),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in OF_ALL} == OF_ALL, answer.url
        assert answer.headers.get_list("content-security-policy")[0] == FRAMES
        assert "server" not in answer.headers


async def test_an_answer_is_no_page_and_the_page_loads_from_here_only(api: Api) -> None:
    answer = await api.post({"query": "{ __typename }"})
    assert answer.headers.get_list("content-security-policy")[1:] == ["default-src 'none'"]
    page = await api.client.get("/graphql", headers=BROWSER)
    (policy,) = page.headers.get_list("content-security-policy")[1:]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")


def test_only_a_server_that_is_reached_by_https_asks_browsers_to_stay_with_it() -> None:
    name = "strict-transport-security"
    assert dict(security_headers("https://api.example.jp"))[name] == "max-age=31536000"
    assert name not in dict(security_headers("http://localhost:8000"))
    assert name not in dict(security_headers(""))
