"""Providers that break rules: what they answer lets nobody in, and is told from an outage."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
import trustme
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from datasources.openid import Arrival, Departure, OpenIdProviders
from datasources.openid_answers import ProviderDown, ProviderRefused
from domain.external_log_in import OutsideAccount, challenge_of
from domain.external_providers import ProviderClient

NOW = datetime(2040, 6, 15, 3, 10, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"
DEPARTURE = Departure("https://portal.example/back", "state", "nonce", "v" * 43)
ARRIVAL = Arrival("code", None)
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})

Answer = dict[str, Any] | bytes


@dataclass
class BadProvider:
    """What a provider answers at its paths; bytes are a whole answer, none cut the connection."""

    port: int = 0
    scheme: str = "http"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def behave(self) -> None:
        self.answers = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth?tenant=1",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            },
            "/keys": {"keys": [KEY.as_dict(private=False)]},
            "/token": {"id_token": self.token(), "access_token": "not looked at"},
        }

    def token(self, key: Key = KEY, alg: str = "RS256", **claims: Any) -> str:
        at = int(NOW.timestamp())
        said = {"iss": self.issuer, "aud": "kenshin", "sub": "Ichiro", "nonce": "nonce"}
        said |= {"iat": at, "exp": at + 60} | claims
        return jwt.encode({"alg": alg, "kid": "one"}, said, key, algorithms=[alg])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        self.asked.append(path)
        found = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
        if isinstance(found, dict):
            body = orjson.dumps(found)
            found = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        writer.write(found)
        writer.close()


@asynccontextmanager
async def providers(bad: BadProvider) -> AsyncIterator[OpenIdProviders]:
    client = ProviderClient("bad", bad.issuer, "kenshin", SECRET)
    known = OpenIdProviders({"bad": client}, 5, lambda: NOW)
    try:
        yield known
    finally:
        await known.close()


@asynccontextmanager
async def listening(bad: BadProvider, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    server = await asyncio.start_server(bad.serve, "127.0.0.1", 0, ssl=tls)
    bad.port = server.sockets[0].getsockname()[1]
    async with server:
        yield


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[BadProvider]:
    bad = BadProvider()
    async with listening(bad):
        yield bad


@pytest.fixture
def bad(served: BadProvider) -> BadProvider:
    served.behave()
    served.asked.clear()
    return served


def whole(status: str, body: bytes = b"{}", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\n{more}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_a_provider_that_keeps_the_rules_lets_somebody_in(bad: BadProvider) -> None:
    async with providers(bad) as known:
        address = await known.address("bad", DEPARTURE)
        assert address.startswith(
            f"{bad.issuer}/auth?tenant=1&response_type=code&client_id=kenshin&"
        )
        assert parse_qs(address)["code_challenge"] == [challenge_of("v" * 43)]
        for _ in range(2):
            found = await known.account("bad", DEPARTURE, ARRIVAL)
            assert found == OutsideAccount(bad.issuer, "Ichiro")
    assert bad.asked == ["/.well-known/openid-configuration", "/token", "/keys", "/token"]


METADATA: list[tuple[str, Any]] = [
    ("issuer", "https://id.example"),
    ("issuer", None),
    ("authorization_endpoint", "http://id.example/auth"),
    ("token_endpoint", "http://id.example/token"),
    ("token_endpoint", "http://127.0.0.1:9/\x00"),
    ("jwks_uri", None),
    ("jwks_uri", "file:///etc/passwd"),
    ("code_challenge_methods_supported", ["plain"]),
    ("code_challenge_methods_supported", None),
]


async def test_metadata_that_cannot_be_relied_on_is_as_none(bad: BadProvider) -> None:
    async with providers(bad) as known:
        for name, value in METADATA:
            bad.behave()
            metadata = bad.answers["/.well-known/openid-configuration"]
            assert isinstance(metadata, dict)
            metadata[name] = value
            with pytest.raises(ProviderDown):
                await known.account("bad", DEPARTURE, ARRIVAL)
            assert "/keys" not in bad.asked, name


OUTAGES = {
    "nothing": b"",
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{",
    "a failure": whole("500 Internal Server Error"),
    "a redirect": whole("302 Found", more="location: /elsewhere\r\n"),
    "too many requests": whole("429 Too Many Requests"),
    "an answer without end": whole("200 OK", b" " * 300_000),
}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_an_outage_is_told_as_one_wherever_it_is(bad: BadProvider, path: str) -> None:
    async with providers(bad) as known:
        for name, answer in OUTAGES.items():
            bad.answers[path] = answer
            with pytest.raises(ProviderDown):
                await known.account("bad", DEPARTURE, ARRIVAL)
            assert "/elsewhere" not in bad.asked, name
        bad.behave()
        assert (await known.account("bad", DEPARTURE, ARRIVAL)).subject == "Ichiro"


KEYS: list[Any] = [
    None,
    {},
    "one",
    [7],
    [{}],
    [{"kty": "RSA"}],
    [{"kty": "RSA", "n": 1, "e": []}],
]


async def test_keys_that_cannot_be_read_are_an_outage(bad: BadProvider) -> None:
    async with providers(bad) as known:
        for keys in KEYS:
            bad.answers["/keys"] = {"keys": keys}
            with pytest.raises(ProviderDown):
                await known.account("bad", DEPARTURE, ARRIVAL)


def unsigned(bad: BadProvider) -> str:
    _, claims, _ = bad.token().split(".")
    return f"eyJhbGciOiJub25lIn0.{claims}."


REFUSALS: dict[str, Callable[[BadProvider], Answer]] = {
    "a code that was used": lambda bad: whole("400 Bad Request", b'{"error": "invalid_grant"}'),
    "an error that may hold anything": lambda bad: whole(
        "401 Unauthorized", b'{"error": "for alice@example.jp"}'
    ),
    "no token": lambda bad: {},
    "a number": lambda bad: {"id_token": 7},
    "no JWT": lambda bad: {"id_token": "a.b"},
    "no signature": lambda bad: {"id_token": unsigned(bad)},
    "another's signature": lambda bad: {"id_token": bad.token(OTHER)},
    "the shared secret": lambda bad: {"id_token": bad.token(OctKey.import_key(SECRET), "HS256")},
    "another kind of key": lambda bad: {
        "id_token": bad.token(ECKey.generate_key("P-256"), "ES256")
    },
    "another nonce": lambda bad: {"id_token": bad.token(nonce="another")},
    "another client": lambda bad: {"id_token": bad.token(aud="another")},
    "another provider": lambda bad: {"id_token": bad.token(iss="https://id.example")},
    "too late": lambda bad: {"id_token": bad.token(exp=int(NOW.timestamp()) - 60)},
    "claims that are a list": lambda bad: {
        "id_token": jws.serialize_compact({"alg": "RS256", "kid": "one"}, b"[]", KEY)
    },
}


async def test_whoever_is_not_named_by_a_right_token_is_not_let_in(bad: BadProvider) -> None:
    async with providers(bad) as known:
        for name, answer in REFUSALS.items():
            bad.answers["/token"] = answer(bad)
            with pytest.raises(ProviderRefused) as refused:
                await known.account("bad", DEPARTURE, ARRIVAL)
            assert "example" not in str(refused.value), name


async def test_keys_that_changed_are_fetched_anew_once(bad: BadProvider) -> None:
    new = RSAKey.generate_key(2048, {"kid": "two"})
    async with providers(bad) as known:
        await known.account("bad", DEPARTURE, ARRIVAL)
        bad.answers["/token"] = {"id_token": _by("two", bad, new)}
        with pytest.raises(ProviderRefused, match="no key of the provider"):
            await known.account("bad", DEPARTURE, ARRIVAL)
        bad.answers["/keys"] = {"keys": [KEY.as_dict(private=False), new.as_dict(private=False)]}
        assert (await known.account("bad", DEPARTURE, ARRIVAL)).subject == "Ichiro"
        assert (await known.account("bad", DEPARTURE, ARRIVAL)).subject == "Ichiro"
    assert bad.asked.count("/keys") == 3
    assert bad.asked.count("/.well-known/openid-configuration") == 1


def _by(kid: str, bad: BadProvider, key: RSAKey) -> str:
    at = int(NOW.timestamp())
    claims = {"iss": bad.issuer, "aud": "kenshin", "sub": "Ichiro", "nonce": "nonce"}
    return jwt.encode({"alg": "RS256", "kid": kid}, claims | {"iat": at, "exp": at + 60}, key)


async def test_a_provider_that_names_itself_must_do_so(bad: BadProvider) -> None:
    """RFC 9207: a code of another provider is not given to this one."""
    metadata = bad.answers["/.well-known/openid-configuration"]
    assert isinstance(metadata, dict)
    metadata["authorization_response_iss_parameter_supported"] = True
    async with providers(bad) as known:
        for issuer in (None, "https://id.example", ""):
            with pytest.raises(ProviderRefused, match="iss is another provider"):
                await known.account("bad", DEPARTURE, Arrival("code", issuer))
        assert "/token" not in bad.asked
        assert await known.account("bad", DEPARTURE, Arrival("code", bad.issuer))


async def test_who_has_no_certificate_of_its_name_is_not_the_provider(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bad, authority = BadProvider(scheme="https"), trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with listening(bad, tls):
        bad.behave()
        async with providers(bad) as known:
            with pytest.raises(ProviderDown, match="ConnectError"):
                await known.account("bad", DEPARTURE, ARRIVAL)
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        async with providers(bad) as known:
            assert (await known.account("bad", DEPARTURE, ARRIVAL)).subject == "Ichiro"
