"""Apps get tokens for members who consent, and lose them: the whole way over HTTP."""

import asyncio
from asyncio.subprocess import PIPE
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authlib.oauth2 import rfc8414, rfc9207
from pymongo.errors import NetworkTimeout

from datasources.apps import AppStore
from domain.consents import AppGrant
from tests.api import Api, Clock
from tests.node import printed, running
from tests.partnering import (
    CALLBACK,
    SECRET,
    VERIFIER,
    Browser,
    Partner,
    consented,
    register,
    tokens_for,
)
from tests.world import World

ALICE = "alice@example.jp"
MINE = "{ viewer { facilities(first: 5) { nodes { id } } } }"
GIVEN = "{ viewer { consents(first: 1) { nodes { id dataFrom until } } } }"
LIVE = "subscription ($ids: [ID!]!) { readings(facilityIds: $ids) { state } }"
INVALID_GRANT = (400, "invalid_grant")


@pytest.fixture
async def partner(api: Api, world: World) -> Partner:
    return Partner(api, await register(api.sources))


@pytest.fixture
async def server(api: Api, world: World) -> Partner:
    """Another app, which has a secret and acts for itself too."""
    grants = frozenset(AppGrant)
    return Partner(api, await register(api.sources, "server", SECRET, grants=grants), SECRET)


def refused(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()["error"]


async def shares(partner: Partner, world: World) -> dict[str, Any]:
    """Tokens of an app that Alice lets see her facility."""
    return await tokens_for(partner, ALICE, [world.alice.facility.number])


async def test_an_app_sees_what_its_member_allowed_until_the_app_gives_it_back(
    api: Api, world: World, partner: Partner
) -> None:
    await world.place("denki-jtb", world.alice.member)
    allowed = world.alice.facility.number

    tokens = await tokens_for(partner, ALICE, [allowed], resource=f"{api.client.base_url}/graphql")

    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "usage:live usage:read"
    (given,) = (await api.data(GIVEN, world.alice.token))["viewer"]["consents"]["nodes"]
    assert given == {
        "id": tokens["consent_id"],
        "dataFrom": tokens["consent_data_from"],
        "until": tokens["consent_until"],
    }
    seen = await api.data(MINE, tokens["access_token"])
    assert seen["viewer"]["facilities"]["nodes"] == [{"id": world.alice.facility_id}]

    renewed = (await partner.refresh(tokens["refresh_token"])).json()
    assert renewed["scope"] == tokens["scope"]
    assert not await partner.active(tokens["access_token"])
    async with api.socket(renewed["access_token"]) as socket:
        await socket.subscribe("1", LIVE, ids=[world.alice.facility_id])
        assert await socket.event()
        revoked = await partner.post("revoke", token=renewed["refresh_token"])
        assert (revoked.status_code, revoked.json()) == (200, {})
        await socket.connection.wait_closed()
        assert socket.connection.close_code == 4403
    assert not await partner.active(renewed["access_token"])
    assert refused(await partner.refresh(renewed["refresh_token"])) == INVALID_GRANT
    again = await partner.post("revoke", token=renewed["refresh_token"])
    assert (again.status_code, again.json()) == (200, {})


async def test_a_code_that_comes_back_takes_all_that_it_gave(
    world: World, partner: Partner, clock: Clock
) -> None:
    code = await consented(partner, ALICE, [world.alice.facility.number])

    wrong = await partner.exchange(code, code_verifier=VERIFIER[::-1])
    assert refused(wrong) == INVALID_GRANT
    first = (await partner.exchange(code)).json()
    assert refused(await partner.exchange(code, code_verifier=VERIFIER[::-1])) == INVALID_GRANT
    assert await partner.active(first["access_token"])
    clock.advance(minutes=5)
    assert refused(await partner.exchange(code)) == INVALID_GRANT

    assert not await partner.active(first["access_token"])
    assert refused(await partner.refresh(first["refresh_token"])) == INVALID_GRANT


async def test_of_two_exchanges_at_once_one_gets_tokens_and_none_keeps_them(
    world: World, partner: Partner
) -> None:
    code = await consented(partner, ALICE, [world.alice.facility.number])

    answers = await asyncio.gather(partner.exchange(code), partner.exchange(code))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert not await partner.active(won["access_token"])


async def test_a_code_lasts_a_minute(world: World, partner: Partner, clock: Clock) -> None:
    code = await consented(partner, ALICE, [world.alice.facility.number])
    clock.advance(seconds=60)
    assert refused(await partner.exchange(code)) == INVALID_GRANT


async def test_a_refresh_token_that_comes_back_ends_the_consent(
    world: World, partner: Partner
) -> None:
    tokens = await shares(partner, world)
    renewed = (await partner.refresh(tokens["refresh_token"])).json()

    assert refused(await partner.refresh(tokens["refresh_token"])) == INVALID_GRANT

    assert not await partner.active(renewed["access_token"])
    assert refused(await partner.refresh(renewed["refresh_token"])) == INVALID_GRANT


async def test_an_app_does_nothing_with_what_is_another_apps_or_a_members_own(
    api: Api, world: World, partner: Partner, server: Partner
) -> None:
    code = await consented(partner, ALICE, [world.alice.facility.number])
    assert refused(await server.exchange(code)) == INVALID_GRANT
    tokens = (await partner.exchange(code)).json()
    own = await api.sources.sessions.open(world.alice.member, "denki-jtb", api.sources.clock())

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await server.post("introspect", token=token)).json() == {"active": False}
        assert refused(await server.post("revoke", token=token)) == INVALID_GRANT
    assert refused(await server.refresh(tokens["refresh_token"])) == INVALID_GRANT
    assert refused(await partner.refresh(own.refresh_token)) == INVALID_GRANT
    for token in (own.access_token, own.refresh_token, "nonsense"):
        assert (await server.post("introspect", token=token)).json() == {"active": False}
        assert (await server.post("revoke", token=token)).status_code == 200

    assert await partner.active(tokens["access_token"])
    assert await partner.active(own.access_token)
    assert (await partner.refresh(tokens["refresh_token"])).status_code == 200


async def test_an_app_with_a_secret_shows_it_and_has_tokens_of_its_own(
    api: Api, world: World, server: Partner, clock: Clock
) -> None:
    issuer = str(api.client.base_url)
    own = (await server.post("token", grant_type="client_credentials")).json()
    assert own.keys() == {"access_token", "token_type", "expires_in"}
    known = (await server.post("introspect", token=own["access_token"])).json()
    ends_at = int(clock.now.timestamp()) + own["expires_in"]
    assert known == {
        "active": True,
        "client_id": "server",
        "token_type": "Bearer",
        "exp": ends_at,
        "iss": issuer,
        "aud": f"{issuer}/graphql",
    }

    tokens = await shares(server, world)
    known = (await server.post("introspect", token=tokens["access_token"])).json()
    assert (known["active"], known["scope"]) == (True, "usage:live usage:read")
    assert (await server.post("revoke", token=own["access_token"])).status_code == 200
    assert (await server.post("introspect", token=own["access_token"])).json() == {"active": False}
    assert await server.active(tokens["access_token"])

    fields = {"grant_type": "client_credentials"}
    for secret in ("wrong", ""):
        wrong = await Partner(api, server.app, secret).post("token", **fields)
        assert refused(wrong) == (401, "invalid_client")
        assert wrong.headers["www-authenticate"].startswith("Basic ")
    without = await Partner(api, server.app).post("token", **fields)
    assert refused(without) == (401, "invalid_client")
    in_form = await Partner(api, server.app).post("token", **fields, client_secret=SECRET)
    assert in_form.status_code == 200


async def test_what_is_no_form_of_an_app_is_refused(partner: Partner) -> None:
    post = partner.api.client.post
    form = {"content-type": "application/x-www-form-urlencoded"}
    bodies = [
        {"json": {"grant_type": "client_credentials"}},
        {"content": b"client_id=energy-coach&grant_type=x&grant_type=y", "headers": form},
        {"content": b"client_id=%ff", "headers": form},
        {"content": b"\xff=1", "headers": form},
        {"content": b"&".join(b"a=1" for _ in range(1101)), "headers": form},
        {"content": b"a" * 131_073, "headers": form},
    ]
    for body in bodies:
        answer = await post("/oauth/token", **body)  # type: ignore[arg-type]
        assert refused(answer) == (400, "invalid_request"), body
    elsewhere = await partner.exchange("a code", resource="https://other.example/api")
    assert refused(elsewhere) == (400, "invalid_target")
    assert (await partner.api.client.get("/oauth/token")).status_code == 405


async def test_nobody_is_sent_anywhere_for_an_app_or_a_redirect_that_is_not_registered(
    api: Api, partner: Partner
) -> None:
    right = "https://app.example/callback"
    tricks = [
        *(right + end for end in ("/", "?a=b", "#", "/../evil", "%2f", "%00", ".evil.example")),
        *("https://evil.example/callback", "https://app.example@evil.example/callback"),
        *("https://APP.example/callback", "HTTPS://app.example/callback", "//app.example/callback"),
        *(
            "http://app.example/callback",
            "https://app.example:443/callback",
            'javascript:alert("")',
        ),
        *("https://app.example/Callback", " " + right, right + "\n", right + '"<script>'),
    ]
    questions = [partner.asked(redirect_uri=trick) for trick in tricks]
    questions += [partner.asked(redirect_uri=None), partner.asked(client_id="nobody")]
    async with Browser.at(api, partner.asked()) as browser:
        for asked in questions:
            page = await api.client.get("/oauth/authorize", params=asked)
            assert (page.status_code, "location" in page.headers) == (400, False), asked
            assert "<script>" not in page.text
        for more in ("redirect_uri=https%3A%2F%2Fevil.example", "client_id=nobody", "state=2"):
            page = await api.client.get(f"/oauth/authorize?{browser.query}&{more}")
            assert (page.status_code, "location" in page.headers) == (400, False), more


async def test_an_app_hears_what_was_wrong_with_its_state_unchanged(
    api: Api, world: World, partner: Partner
) -> None:
    state = "a b+c/ü%26&=?#\"'<>\\\t雪"
    issuer = str(api.client.base_url)
    faults = {
        "invalid_request": {"code_challenge_method": "plain"},
        "invalid_scope": {"scope": "everything"},
        "unsupported_response_type": {"response_type": "token"},
        "invalid_target": {"resource": "https://other.example/"},
    }
    for error, changes in faults.items():
        async with Browser.at(api, partner.asked(state=state, **changes)) as browser:
            back = browser.back()
            assert (back["error"], back["state"], back["iss"]) == (error, state, issuer)
            assert browser.page.headers["location"].startswith("https://app.example/callback?")
    async with Browser.at(api, partner.asked(state=state)) as browser:
        await browser.send("refuse")
        assert browser.back() == {"error": "access_denied", "state": state, "iss": issuer}
    async with Browser.at(api, partner.asked(state=state)) as browser:
        await browser.log_in(ALICE)
        await browser.approve([world.alice.facility.number])
        back = browser.back()
        assert back == {"code": back["code"], "state": state, "iss": issuer}


async def test_an_app_that_has_ended_gets_nothing(api: Api, world: World, partner: Partner) -> None:
    tokens = await shares(partner, world)
    await register(api.sources, ended_at=api.sources.clock())

    assert refused(await partner.refresh(tokens["refresh_token"])) == (401, "invalid_client")
    page = await api.client.get("/oauth/authorize", params=partner.asked())
    assert page.status_code == 400


async def test_the_metadata_is_what_the_specification_asks_for(api: Api) -> None:
    found = (await api.client.get("/.well-known/oauth-authorization-server")).json()

    metadata = rfc8414.AuthorizationServerMetadata(found)
    metadata.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])
    assert found["issuer"] == str(api.client.base_url)
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name, address in found.items():
        if name.endswith("_endpoint"):
            assert (await api.client.get(address)).status_code in {400, 405}


async def test_a_database_that_does_not_answer_is_said_to_be_that(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise NetworkTimeout

    monkeypatch.setattr(AppStore, "by_id", fail)
    monkeypatch.setattr(AppStore, "proven", fail)
    assert refused(await partner.exchange("a code")) == (503, "temporarily_unavailable")
    page = await partner.api.client.get("/oauth/authorize", params=partner.asked())
    assert (page.status_code, "ただいまご利用いただけません" in page.text) == (503, True)


async def test_a_strict_client_of_another_maker_goes_the_whole_way(
    api: Api, world: World, server: Partner, node: tuple[str, ...]
) -> None:
    of_app = (str(api.client.base_url), server.app.id, SECRET, CALLBACK)
    async with running(node, "oauth.mjs", *of_app, stdin=PIPE) as process:
        assert process.stdin is not None
        said = printed(process)
        asked = dict(parse_qsl(urlsplit((await anext(said))["go"]).query))
        async with Browser.at(api, asked) as browser:
            await browser.log_in(ALICE)
            await browser.approve([world.alice.facility.number])
        process.stdin.write(f"{browser.page.headers['location']}\n".encode())
        assert await anext(said) == {
            "scope": "bills:read points:read profile:read usage:live usage:read",
            "before": True,
            "after": False,
            "own": 3600,
        }
