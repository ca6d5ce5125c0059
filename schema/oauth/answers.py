"""Requests and answers of OAuth's endpoints: forms in, JSON out."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import RateLimited
from domain.settings import Settings
from schema.oauth.codes import OAuthCode, OAuthError

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_BYTES: Final = 131_072
"Of a form: a thousand facilities fit."
_MOST_FIELDS: Final = 1_100
_NOT_KEPT: Final = {"cache-control": "no-store", "pragma": "no-cache"}


class WrongForm(ValueError):
    """A body or a query that is no form, or too large; the message says what."""


def issuer_of(settings: Settings, request: Request) -> str:
    """What this server is called in OAuth: its public address."""
    return settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Fields in their order; those without a value count as left out. Raises WrongForm."""
    try:
        return parse_qsl(text, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise WrongForm("not a form in UTF-8, or too many fields") from None


def single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Fields by name; raises WrongForm for one that is repeated: which of them would count?"""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise WrongForm("a parameter is repeated")
    return fields


async def form_of(request: Request) -> list[tuple[str, str]]:
    """Fields of a body, which is read only as far as it may be long; raises WrongForm."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind.strip().lower() != _FORM:
        raise WrongForm(f"send the body as {_FORM}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise WrongForm(f"the body must be at most {_MOST_BYTES} bytes")
    try:
        return pairs_of(body.decode("ascii"))
    except UnicodeDecodeError:
        raise WrongForm("encode the form's fields") from None


def answer(content: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """An answer that nobody keeps."""
    return Response(orjson.dumps(content), int(status), _NOT_KEPT, "application/json")


def refusal(error: OAuthError) -> Response:
    """An answer that says what was wrong."""
    content = {"error": error.code.value, "error_description": str(error)}
    reply = answer(content, error.status)
    if error.code is OAuthCode.INVALID_CLIENT:
        reply.headers["www-authenticate"] = 'Basic realm="oauth"'
    return reply


def too_many(limited: RateLimited) -> Response:
    """An answer to who has asked for too much: OAuth has no code for it, HTTP a status."""
    reply = refusal(OAuthError(OAuthCode.TEMPORARILY_UNAVAILABLE, str(limited)))
    reply.status_code = int(HTTPStatus.TOO_MANY_REQUESTS)
    reply.headers["retry-after"] = str(limited.retry_after)
    return reply
