"""OpenID Connect providers: sending people there, and learning whom they have let in (MB-18).

The authorization code flow with PKCE. Metadata and keys of a provider are fetched when they are first
needed and kept for an hour; whatever it does, an answer comes within the seconds that are set.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Generic, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit, urlunsplit

import httpx2
from joserfc.jwk import KeySet

from datasources.openid_answers import (
    Metadata,
    ProviderDown,
    ProviderRefused,
    UnknownKey,
    checked_keys,
    checked_metadata,
    fetched,
    posted,
    signed_claims,
)
from domain.external_log_in import OutsideAccount, challenge_of
from domain.external_providers import ProviderClient
from domain.id_tokens import Expected, WrongIdToken, account_of

_Value = TypeVar("_Value")

_KEPT_SECONDS: Final = 3600.0
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Departure:
    """What a person takes along to a provider."""

    redirect_uri: str
    state: str
    nonce: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a person came back with."""

    code: str = field(repr=False)
    issuer: str | None
    "`iss`, from providers that send it."


class OpenIdProviders:
    """The providers that are set up; nothing connects before it is used."""

    def __init__(
        self,
        clients: Mapping[str, ProviderClient],
        seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._providers = {key: _Provider(client, clock) for key, client in clients.items()}
        self._seconds = seconds
        self._http: httpx2.AsyncClient | None = None
        self._opening = asyncio.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._providers

    async def address(self, key: str, departure: Departure) -> str:
        """Where a person goes to be let in; raises ProviderDown."""
        async with self._asking() as http:
            return await self._providers[key].address(http, departure)

    async def account(self, key: str, departure: Departure, arrival: Arrival) -> OutsideAccount:
        """Whom the provider has let in; raises ProviderDown or ProviderRefused."""
        async with self._asking() as http:
            return await self._providers[key].account(http, departure, arrival)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client for as long as an answer may take; raises ProviderDown after that."""
        try:
            async with asyncio.timeout(self._seconds):
                yield await self._client()
        except TimeoutError:
            raise ProviderDown("no answer in time") from None

    async def _client(self) -> httpx2.AsyncClient:
        async with self._opening:
            if self._http is None:
                # Reading the certificates would hold up everybody else.
                self._http = await asyncio.to_thread(_opened, self._seconds)
        return self._http


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_Value]):
    """What a provider published, for as long as it is believed."""

    value: _Value
    until: float = field(default_factory=lambda: time.monotonic() + _KEPT_SECONDS)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self.until


class _Provider:
    def __init__(self, client: ProviderClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._metadata: _Kept[Metadata] | None = None
        self._keys: _Kept[KeySet] | None = None

    async def address(self, http: httpx2.AsyncClient, departure: Departure) -> str:
        metadata = await self._known_metadata(http)
        parts = urlsplit(metadata.authorization_endpoint)
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": departure.redirect_uri,
            "scope": "openid",
            "state": departure.state,
            "nonce": departure.nonce,
            "code_challenge": challenge_of(departure.verifier),
            "code_challenge_method": "S256",
        }
        query = "&".join(filter(None, (parts.query, urlencode(asked))))
        return urlunsplit(parts._replace(query=query, fragment=""))

    async def account(
        self, http: httpx2.AsyncClient, departure: Departure, arrival: Arrival
    ) -> OutsideAccount:
        metadata = await self._known_metadata(http)
        self._check_issuer(metadata, arrival)
        id_token = await self._exchanged(http, metadata, departure, arrival)
        claims = await self._claims(http, metadata, id_token)
        issuer, client_id = self._client.issuer, self._client.client_id
        try:
            return account_of(claims, Expected(issuer, client_id, departure.nonce), self._clock())
        except WrongIdToken as error:
            raise ProviderRefused(f"ID token: {error}") from None

    def _check_issuer(self, metadata: Metadata, arrival: Arrival) -> None:
        """A code of another provider must not be given to this one (RFC 9207)."""
        if arrival.issuer is None and not metadata.names_issuer:
            return
        if arrival.issuer != self._client.issuer:
            raise ProviderRefused("iss is another provider")

    async def _exchanged(
        self,
        http: httpx2.AsyncClient,
        metadata: Metadata,
        departure: Departure,
        arrival: Arrival,
    ) -> object:
        """The ID token for a code."""
        client_id, secret = self._client.client_id, self._client.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": arrival.code,
            "redirect_uri": departure.redirect_uri,
            "code_verifier": departure.verifier,
        }
        if secret is not None and not metadata.secret_in_body:
            basic = httpx2.BasicAuth(quote_plus(client_id), quote_plus(secret))
            found = await posted(http, metadata.token_endpoint, form, basic)
        else:
            form |= {"client_id": client_id} | ({"client_secret": secret} if secret else {})
            found = await posted(http, metadata.token_endpoint, form, None)
        return found.get("id_token")

    async def _claims(
        self, http: httpx2.AsyncClient, metadata: Metadata, id_token: object
    ) -> Mapping[str, object]:
        """What the provider has signed; keys that it has changed since are fetched anew.

        Nobody can make us fetch them for nothing: the token came from the provider for a code of its.
        """
        kept = self._keys
        if kept is not None and kept.is_fresh:
            try:
                return signed_claims(id_token, kept.value)
            except UnknownKey:
                pass
        keys = checked_keys(await fetched(http, metadata.jwks_uri))
        self._keys = _Kept(keys)
        try:
            return signed_claims(id_token, keys)
        except UnknownKey:
            raise ProviderRefused("ID token: signed with no key of the provider") from None

    async def _known_metadata(self, http: httpx2.AsyncClient) -> Metadata:
        kept = self._metadata
        if kept is not None and kept.is_fresh:
            return kept.value
        issuer = self._client.issuer
        document = await fetched(http, issuer.rstrip("/") + _WELL_KNOWN)
        self._metadata = _Kept(checked_metadata(document, issuer))
        return self._metadata.value


def _opened(seconds: float) -> httpx2.AsyncClient:
    """A client that follows no redirects and keeps no cookies, which would be of many people.

    Nor connections: a code is sent once, and must not be lost on one that the provider has left.
    """
    nobodys = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(timeout=seconds, cookies=nobodys, limits=limits)
