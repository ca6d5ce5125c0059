"""Documents by name: persisted queries and registered documents, over HTTP and over sockets."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from pymongo.errors import NetworkTimeout

from datasources.app_tokens import PREFIX
from datasources.trusted_documents import LONGEST_PERSISTED
from domain.consents import App, AppGrant, Scope
from domain.rate_limits import Taken
from domain.settings import Settings
from kenshin import main
from tests.api import NOW, Api
from tests.world import World

QUERY = "query Name($key: String!) { portal(key: $key) { key } }"
JSON = "application/json"
VARIABLES = {"key": "mirai"}
ANSWER = {"portal": {"key": "mirai"}}
WHO = "{ viewer { id } }"
LEFT = "{ left: rateLimit { asker } }"
LOG_OUT = "mutation { logOut { userErrors { code } } }"
UNREGISTERED = {"code": "DOCUMENT_NOT_REGISTERED"}


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def persisted(text: str, sha: str | None = None) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha or hashed(text)}}}


def error_of(answer: Mapping[str, Any]) -> tuple[str, str]:
    (error,) = answer["errors"]
    return error["message"], error["extensions"]["code"]


async def got(api: Api, parameters: Mapping[str, Any], **headers: str) -> httpx.Response:
    sent = {
        key: text if isinstance(text, str) else json.dumps(text) for key, text in parameters.items()
    }
    named = {name.replace("_", "-"): text for name, text in ({"accept": JSON} | headers).items()}
    return await api.client.get("/graphql", params=sent, headers=named)


def partner(documents_only: bool) -> App:
    return App(
        id="app-1",
        name="Partner",
        redirect_uris=(),
        public=False,
        scopes=frozenset(Scope),
        grants=frozenset(AppGrant),
        origins=(),
        documents_only=documents_only,
        website="",
        contact="",
        created_at=NOW - timedelta(days=1),
    )


async def token_of(api: Api, app: App) -> str:
    await api.sources.apps.add(app, "secret")
    _, token = await api.sources.app_tokens.open(app.id, NOW)
    assert token.startswith(PREFIX)
    return token


class TestPersistedQueries:
    async def test_a_hash_is_enough_once_the_document_came_with_it(self, api: Api) -> None:
        named = persisted(QUERY) | {"variables": VARIABLES}
        unknown = await api.post(named)
        assert unknown.status_code == 200
        assert error_of(unknown.json()) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        first = await api.post(named | {"query": QUERY})
        assert first.json()["data"] == ANSWER
        assert (await api.post(named)).json()["data"] == ANSWER
        async with Api.serving(api.sources) as another:  # which finds it in the database
            assert (await another.post(named)).json()["data"] == ANSWER

    async def test_it_is_told_by_status_where_the_media_type_has_one(self, api: Api) -> None:
        kind = "application/graphql-response+json"
        response = await api.post(persisted(WHO), accept=kind)
        assert response.status_code == 400

    async def test_a_hash_of_another_text_is_refused_and_kept_by_nobody(self, api: Api) -> None:
        wrong = persisted("", hashed(WHO))
        answer = (await api.post(wrong | {"query": QUERY, "variables": VARIABLES})).json()
        assert error_of(answer)[1] == "BAD_INPUT"
        assert error_of((await api.post(wrong)).json())[1] == "PERSISTED_QUERY_NOT_FOUND"

    async def test_what_is_wrong_or_too_long_is_not_kept(self, api: Api) -> None:
        for text in ("{ nothing }", "{", "{ viewer { id } } #" + "x" * LONGEST_PERSISTED):
            await api.post(persisted(text) | {"query": text})
            answer = (await api.post(persisted(text))).json()
            assert error_of(answer)[1] == "PERSISTED_QUERY_NOT_FOUND"

    async def test_who_has_no_points_left_leaves_nothing_here(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def empty(*_: object) -> Taken:
            return Taken(0, 1.0, 60.0)

        named = persisted(WHO) | {"query": WHO}
        with monkeypatch.context() as patch:
            patch.setattr(api.sources.buckets, "take", empty)
            assert error_of((await api.post(named)).json())[1] == "RATE_LIMITED"
            async with api.socket() as socket:
                await socket.send(type="subscribe", id="1", payload=named)
                assert await socket.error_code() == "RATE_LIMITED"
        answer = (await api.post(persisted(WHO))).json()
        assert error_of(answer)[1] == "PERSISTED_QUERY_NOT_FOUND"

    async def test_a_document_lost_to_another_one_in_its_slot_is_asked_for_again(
        self, api: Api
    ) -> None:
        store = api.sources.persisted_documents
        one, other = f"abc{1:061x}", f"abc{2:061x}"
        await store.keep(one, QUERY, NOW)
        await store.keep(other, WHO, NOW)
        assert (await store.text(one), await store.text(other)) == (None, WHO)


class TestCaching:
    async def test_what_nobody_need_be_known_for_may_be_kept_by_all(self, api: Api) -> None:
        named = persisted(QUERY) | {"variables": VARIABLES}
        await api.post(named | {"query": QUERY})
        first = await got(api, named)
        assert first.json()["data"] == ANSWER
        assert first.headers["cache-control"] == "public, max-age=60"
        # A page of another origin must not be given what was kept without the headers of CORS.
        assert first.headers["vary"] == "accept, accept-encoding, authorization, origin"
        again = await got(api, named, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == "public, max-age=60"

    async def test_what_a_member_sees_is_kept_by_nobody_else(self, api: Api, world: World) -> None:
        await api.post(persisted(WHO) | {"query": WHO})
        response = await got(api, persisted(WHO), authorization=f"Bearer {world.alice.token}")
        assert response.json()["data"]["viewer"] == {"id": world.alice.member_id}
        assert response.headers["cache-control"] == "private, no-cache"

    async def test_what_is_left_of_an_address_is_told_to_that_alone(self, api: Api) -> None:
        await api.post(persisted(LEFT) | {"query": LEFT})
        response = await got(api, persisted(LEFT))
        assert response.json()["data"]["left"]["asker"] == "ADDRESS"
        assert response.headers["cache-control"] == "private, no-cache"

    async def test_errors_are_not_kept(self, api: Api) -> None:
        for wrong in (persisted("{ nowhere }"), {"documentId": "none"}, {"query": "{ nowhere }"}):
            response = await got(api, wrong)
            assert not {"cache-control", "etag"} & set(response.headers), wrong

    async def test_a_mutation_does_not_go_over_get_by_its_name_either(
        self, api: Api, world: World
    ) -> None:
        await api.post(persisted(LOG_OUT) | {"query": LOG_OUT})
        token = world.alice.token
        response = await got(api, persisted(LOG_OUT), authorization=f"Bearer {token}")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert (await api.data(WHO, token))["viewer"] is not None


class TestRegisteredDocuments:
    async def test_they_are_executed_by_id_and_by_hash(self, api: Api) -> None:
        store = api.sources.trusted_documents
        await store.register("", {"name": QUERY, f"sha256:{hashed(WHO)}": WHO}, NOW)
        by_id = await api.post({"documentId": "name", "variables": VARIABLES})
        assert by_id.json()["data"] == ANSWER
        assert (
            await got(api, {"documentId": "name", "variables": VARIABLES})
        ).json() == by_id.json()
        assert (await api.post(persisted(WHO))).json()["data"] == {"viewer": None}
        unknown = (await api.post({"documentId": "other"})).json()
        assert error_of(unknown)[1] == "DOCUMENT_NOT_REGISTERED"

    async def test_those_of_an_app_are_its_own(self, api: Api) -> None:
        token = await token_of(api, partner(documents_only=False))
        await api.sources.trusted_documents.register("app-1", {"of-app": QUERY}, NOW)
        await api.sources.trusted_documents.register("", {"of-all": QUERY}, NOW)
        for key, by_app, by_all in (("of-app", True, False), ("of-all", True, True)):
            asked = {"documentId": key, "variables": VARIABLES}
            assert ("data" in (await api.post(asked, token)).json()) is by_app
            assert ("data" in (await api.post(asked)).json()) is by_all

    async def test_an_app_that_may_use_them_alone_can_send_nothing_else(self, api: Api) -> None:
        token = await token_of(api, partner(documents_only=True))
        await api.sources.trusted_documents.register("app-1", {"name": QUERY}, NOW)
        named = {"documentId": "name", "variables": VARIABLES}
        assert (await api.post(named, token)).json()["data"] == ANSWER
        sent = {"query": QUERY, "variables": VARIABLES}
        for other in (sent, sent | persisted(QUERY), persisted(QUERY)):
            for scheme in ("Bearer", "bearer", "BEARER \t"):
                response = await api.post(other, authorization=f"{scheme} {token}")
                assert error_of(response.json())[1] == "DOCUMENT_NOT_REGISTERED", other
        assert (await api.post(sent)).json()["data"] == ANSWER

    async def test_while_it_is_not_known_what_an_app_may_send_nothing_of_it_is_executed(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = await token_of(api, partner(documents_only=True))

        async def fail() -> frozenset[str]:
            raise NetworkTimeout

        with monkeypatch.context() as patch:
            patch.setattr(api.sources.apps, "documents_only", fail)
            assert error_of((await api.post({"query": WHO}, token)).json())[1] == "UNAVAILABLE"
        answers = await asyncio.gather(*(api.post({"query": WHO}, token) for _ in range(4)))
        codes = {error_of(answer.json())[1] for answer in answers}
        assert codes == {"DOCUMENT_NOT_REGISTERED"}

    async def test_an_id_never_gets_another_text(self, api: Api) -> None:
        store = api.sources.trusted_documents
        assert await store.register("", {"name": QUERY}, NOW) is None
        assert await store.register("", {"name": QUERY, "other": WHO}, NOW) is None
        assert await store.register("", {"third": WHO, "name": WHO}, NOW) == "name"
        assert await store.text("", "third") is None
        assert await store.text("", "name") == QUERY


class TestRegisteredOnly:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, documents="registered")

    async def test_nothing_else_is_executed_for_anybody(self, api: Api, world: World) -> None:
        await api.sources.trusted_documents.register("", {f"sha256:{hashed(WHO)}": WHO}, NOW)
        token = world.alice.token
        alice = {"viewer": {"id": world.alice.member_id}}
        assert (await api.post(persisted(WHO), token)).json()["data"] == alice
        assert (await api.post({"documentId": f"sha256:{hashed(WHO)}"}, token)).json()[
            "data"
        ] == alice
        for sent in ({"query": "{ __typename }"}, persisted(LOG_OUT) | {"query": LOG_OUT}):
            assert error_of((await api.post(sent, token)).json())[1] == "DOCUMENT_NOT_REGISTERED"
        assert (await api.post(persisted(WHO), token)).json()["data"] == alice

    async def test_nor_over_a_socket(self, api: Api, world: World) -> None:
        await api.sources.trusted_documents.register("", {"who": WHO}, NOW)
        async with api.socket(world.alice.token) as socket:
            await socket.send(id="1", type="subscribe", payload={"query": WHO})
            assert (await socket.receive())["payload"][0]["extensions"] == UNREGISTERED
            await socket.send(id="2", type="subscribe", payload={"documentId": "who"})
            found = (await socket.receive())["payload"]["data"]
            assert found == {"viewer": {"id": world.alice.member_id}}


async def test_sockets_take_names_too(api: Api, world: World) -> None:
    live = "subscription($ids: [ID!]!) { readings(facilityIds: $ids) { state } }"
    variables = {"ids": [world.alice.facility_id]}
    async with api.socket(world.alice.token) as socket:
        await socket.send(id="1", type="subscribe", payload=persisted(live))
        assert (await socket.error_code()) == "PERSISTED_QUERY_NOT_FOUND"
        payload = persisted(live) | {"query": live, "variables": variables}
        await socket.send(id="2", type="subscribe", payload=payload)
        assert (await socket.event())["state"]
        await socket.send(id="2", type="complete")
        payload = persisted(live) | {"variables": variables}
        await socket.send(id="3", type="subscribe", payload=payload)
        assert (await socket.event())["state"]


def test_documents_are_registered_by_a_command_that_checks_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KENSHIN_MONGODB_URL", settings.mongodb_url)
    monkeypatch.setenv("KENSHIN_REDIS_URL", settings.redis_url)
    good, wrong = tmp_path / "who.graphql", tmp_path / "wrong.graphql"
    good.write_text(WHO)
    wrong.write_text("{ nothing }")
    refused = CliRunner().invoke(main, ["document", "register", str(good), str(wrong)])
    assert refused.exit_code == 1
    assert f"{wrong}: sha256:{hashed('{ nothing }')}: Cannot query field" in refused.output
    unknown = CliRunner().invoke(main, ["document", "register", "--app", "app-0", str(good)])
    assert "there is no app app-0" in unknown.output
    for _ in range(2):
        done = CliRunner().invoke(main, ["document", "register", str(good)])
        assert (done.exit_code, done.output) == (0, f"sha256:{hashed(WHO)}\n")


WRONG_HASHES: list[object] = [
    {"version": 2, "sha256Hash": hashed(WHO)},
    {"version": 1, "sha256Hash": hashed(WHO).upper()},
    {"version": 1, "sha256Hash": "0"},
    {"version": 1},
    [],
    "x",
]
WRONG_NAMES: list[dict[str, Any]] = [
    {"documentId": ""},
    {"documentId": 5},
    {"documentId": "x" * 201},
    {"documentId": "name", "query": WHO},
    {"documentId": "name"} | persisted(WHO),
    *({"extensions": {"persistedQuery": wrong}} for wrong in WRONG_HASHES),
]


async def test_a_name_of_another_form_is_400(api: Api) -> None:
    for wrong in WRONG_NAMES:
        response = await api.post(wrong)
        assert (response.status_code, error_of(response.json())[1]) == (400, "BAD_INPUT"), wrong


class TestPoints:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, cost_per_minute_address=25)

    async def test_a_name_of_nothing_costs_what_a_wrong_document_does(self, api: Api) -> None:
        answers = [await api.post({"documentId": f"none-{number}"}) for number in range(3)]
        assert [answer.json()["extensions"]["cost"] for answer in answers[:2]] == [10, 10]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        async with api.socket() as socket:
            await socket.send(id="1", type="subscribe", payload=persisted(WHO))
            assert (await socket.error_code()) == "RATE_LIMITED"
