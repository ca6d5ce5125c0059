"""What OpenID providers answer with: read over HTTP within bounds, and checked before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx2
import orjson
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import decode

from domain.external_providers import is_safe

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "Ed25519")
"""Signatures that are taken: those that the provider alone can make. Never `none`, and none by a shared
secret (HS256)."""
_MOST_BYTES: Final = 1 << 18
_REFUSALS: Final = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_OAUTH_ERRORS: Final = {"invalid_client", "invalid_grant", "invalid_request", "unauthorized_client"}
"Those that a log may show: any other text may hold anything."
_SIGNATURES: Final = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
"Headers that are not known are ignored unless they are critical (RFC 7515)."


class ProviderDown(Exception):
    """A provider does not answer, or not in time; the message has no secret and no personal data."""


class ProviderRefused(Exception):
    """A provider did not take a code, or its answer breaks a rule; the message is as harmless."""


class UnknownKey(Exception):
    """A token was signed with a key that is not among those that are known."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider is, and how it wants to be asked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_issuer: bool
    "Whether it sends `iss` back with people (RFC 9207)."
    secret_in_body: bool


async def fetched(client: httpx2.AsyncClient, address: str) -> Mapping[str, Any]:
    """The JSON object at an address; raises ProviderDown."""
    status, found = await _answer(client, "GET", address)
    if status != HTTPStatus.OK:
        raise ProviderDown(f"status {status}")
    return found


async def posted(
    client: httpx2.AsyncClient,
    address: str,
    form: Mapping[str, str],
    basic: httpx2.BasicAuth | None,
) -> Mapping[str, Any]:
    """The JSON object with which a form is answered; raises ProviderDown or ProviderRefused."""
    status, found = await _answer(client, "POST", address, form, basic)
    if status in _REFUSALS:
        code = found.get("error")
        raise ProviderRefused(str(code) if code in _OAUTH_ERRORS else f"status {status}")
    if status != HTTPStatus.OK:
        raise ProviderDown(f"status {status}")
    return found


def checked_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Metadata as a provider publishes it; raises ProviderDown for what cannot be relied on."""
    if document.get("issuer") != issuer:
        raise ProviderDown("metadata of another issuer")
    challenges = document.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(challenges, list) or "S256" not in challenges:
        raise ProviderDown("metadata without S256")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=_endpoint(document, "authorization_endpoint"),
        token_endpoint=_endpoint(document, "token_endpoint"),
        jwks_uri=_endpoint(document, "jwks_uri"),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def checked_keys(document: Mapping[str, Any]) -> KeySet:
    """Keys as a provider publishes them; raises ProviderDown."""
    keys = document.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ProviderDown("no keys")
    try:
        return KeySet.import_key_set({"keys": keys})
    except (JoseError, TypeError, ValueError):
        raise ProviderDown("keys that cannot be read") from None


def signed_claims(id_token: object, keys: KeySet) -> Mapping[str, object]:
    """Claims that one of the keys has signed; raises ProviderRefused, or UnknownKey."""
    if not isinstance(id_token, str):
        raise ProviderRefused("no ID token")
    try:
        return decode(id_token, keys, registry=_SIGNATURES).claims
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, TypeError, ValueError) as error:
        raise ProviderRefused(f"ID token: {type(error).__name__}") from None


async def _answer(
    client: httpx2.AsyncClient,
    method: str,
    address: str,
    form: Mapping[str, str] | None = None,
    basic: httpx2.BasicAuth | None = None,
) -> tuple[int, Mapping[str, Any]]:
    """Status and JSON object of an answer, empty where it is none; raises ProviderDown."""
    content = bytearray()
    try:
        async with client.stream(method, address, data=form, auth=basic) as response:
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    raise ProviderDown("an answer without end")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderDown(type(error).__name__) from None
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    return response.status_code, found if isinstance(found, dict) else {}


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise ProviderDown(f"metadata without a safe {name}")
    return address
