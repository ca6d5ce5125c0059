"""What a client need not download again, and what it downloads compressed."""

import gzip
import sys
from dataclasses import replace
from datetime import date

import brotli
import httpx
import pytest

from domain.settings import Settings
from domain.slots import day_of_date, first_slot, start_of_slot
from tests.api import Api
from tests.world import PASSWORD, Person, World

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DAY = date(2040, 6, 1)
QUERY = """
query Day($id: ID!) {
  facility(id: $id) {
    usage(from: "2040-06-01T00:00:00+09:00", to: "2040-06-02T00:00:00+09:00") {
      points { startAt endAt kwh quality revision }
    }
  }
}
"""
LOG_IN = """
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) { session { accessToken } }
}
"""
LONG_ALIASES = " ".join(f"{'alias' * 20}{number}: __typename" for number in range(45))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One query is made long by its aliases."""
    return replace(settings, max_aliases=0, max_repeats=0)


@pytest.fixture
async def alice(world: World) -> Person:
    await world.use(world.alice.facility, DAY, 1)
    return world.alice


async def get(api: Api, person: Person, query: str = QUERY, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return await api.client.get(
        "/graphql",
        params={"query": query, "variables": f'{{"id": "{person.facility_id}"}}'},
        headers=sent | {"authorization": f"Bearer {person.token}"},
    )


async def raw(api: Api, person: Person, accept_encoding: str) -> tuple[str | None, bytes]:
    """Content coding and body as they came."""
    body = {"query": QUERY, "variables": {"id": person.facility_id}}
    headers = {"authorization": f"Bearer {person.token}", "accept-encoding": accept_encoding}
    async with api.client.stream("POST", "/graphql", json=body, headers=headers) as response:
        content = b"".join([chunk async for chunk in response.aiter_raw()])
        return response.headers.get("content-encoding"), content


class TestEntityTags:
    async def test_an_answer_that_the_client_has_is_not_sent_again(
        self, api: Api, alice: Person
    ) -> None:
        first = await get(api, alice)
        again = await get(api, alice, if_none_match=first.headers["etag"])
        assert (first.status_code, again.status_code) == (200, 304)
        assert again.content == b""
        assert "content-length" not in again.headers
        for name in ("etag", "vary", "cache-control"):
            assert again.headers[name] == first.headers[name]
        assert first.headers["cache-control"] == "private, no-cache"

    async def test_a_correction_makes_another_tag(
        self, api: Api, world: World, alice: Person
    ) -> None:
        first = await get(api, alice)
        at = start_of_slot(first_slot(day_of_date(DAY)) + 3)
        await world.reading(alice.facility, at, 4321)
        after = await get(api, alice, if_none_match=first.headers["etag"])
        assert after.status_code == 200
        assert after.headers["etag"] != first.headers["etag"]
        point = after.json()["data"]["facility"]["usage"]["points"][3]
        assert (point["kwh"], point["revision"]) == (4.321, 1)

    async def test_another_member_gets_no_304_for_what_is_not_theirs(
        self, api: Api, world: World, alice: Person
    ) -> None:
        tag = (await get(api, alice)).headers["etag"]
        theirs = await api.client.get(
            "/graphql",
            params={"query": QUERY, "variables": f'{{"id": "{alice.facility_id}"}}'},
            headers={"authorization": f"Bearer {world.bob.token}", "if-none-match": tag},
        )
        assert theirs.status_code == 200
        assert theirs.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert "etag" not in theirs.headers

    async def test_errors_and_posts_have_no_tag(self, api: Api, alice: Person) -> None:
        wrong = await get(api, alice, "{ nonsense }", if_none_match="*")
        assert (wrong.status_code, "etag" in wrong.headers) == (200, False)
        posted = await api.post({"query": "{ __typename }"}, alice.token)
        assert "etag" not in posted.headers

    async def test_the_tag_is_the_same_in_every_coding_and_other_in_another_media_type(
        self, api: Api, alice: Person
    ) -> None:
        plain = await get(api, alice, accept_encoding="identity")
        coded = await get(api, alice, accept_encoding="gzip")
        assert (coded.headers["content-encoding"], coded.content) == ("gzip", plain.content)
        assert coded.headers["etag"] == plain.headers["etag"]
        other = await get(api, alice, accept="application/graphql-response+json")
        assert other.headers["etag"] != plain.headers["etag"]


class TestCompression:
    async def test_the_client_chooses_the_coding(self, api: Api, alice: Person) -> None:
        coding, plain = await raw(api, alice, "identity")
        assert coding is None
        decoders = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}
        for name, decompress in decoders.items():
            coding, body = await raw(api, alice, f"{name}, identity;q=0.5")
            assert coding == name
            assert len(body) < len(plain) / 5
            assert decompress(body) == plain

    async def test_a_short_answer_is_not_compressed(self, api: Api) -> None:
        response = await api.post({"query": "{ __typename }"}, accept_encoding="gzip")
        assert "content-encoding" not in response.headers

    @pytest.mark.usefixtures("world")
    async def test_what_a_mutation_answers_is_never_compressed(self, api: Api) -> None:
        given = {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD}
        query = LOG_IN.replace("session {", "session { " + LONG_ALIASES)
        headers = {"accept-encoding": "gzip"}
        response = await api.client.post(
            "/graphql", json={"query": query, "variables": {"input": given}}, headers=headers
        )
        assert response.json()["data"]["logIn"]["session"]["accessToken"]
        assert len(response.content) > 4000
        assert "content-encoding" not in response.headers
