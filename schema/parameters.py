"""What a request of GraphQL over HTTP asks for, read from its body or its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from domain.errors import BadInput
from resolvers.trusted_documents import DocumentReference, reference_of
from schema.media_types import JSON
from schema.repeated_names import repeats_a_name
from schema.replies import Headers

_PLAIN_JSON: Final = JSON.encode()
_FIELDS: Final = (("query", str), ("variables", dict), ("operationName", str), ("extensions", dict))
"Kinds of what may be there, or be null."


class Refused(Exception):
    """A request that is answered with a status of HTTP and one error, without executing anything."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        headers: Headers | None = None,
        extensions: Mapping[str, Any] = BadInput().extensions,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.extensions = extensions


@dataclass(slots=True)
class GraphQLParameters:
    """What a request asks for. Never changed."""

    query: str
    "Empty if the document is only named."
    variables: dict[str, Any] | None
    operation_name: str | None
    method: str
    "GET executes queries only."
    reference: DocumentReference | None = None
    "What names the document."

    @classmethod
    def of(cls, fields: Mapping[str, Any], method: str) -> "GraphQLParameters":
        """Checked parameters; raises Refused."""
        for name, kind in _FIELDS:
            value = fields.get(name)
            if value is not None and type(value) is not kind:
                raise _wrong(name, kind)
        query = fields.get("query")
        reference = None
        if "extensions" in fields or "documentId" in fields:
            reference = _reference(fields)
        if query is None:
            if reference is None:
                raise _wrong("query", str)
            query = ""
        return cls(query, fields.get("variables"), fields.get("operationName"), method, reference)


async def parameters_of(
    scope: Scope, headers: Headers, receive: Receive, limit: int
) -> GraphQLParameters:
    """Parameters of a request whose body may have so many bytes; raises Refused."""
    method = scope["method"]
    if method == "POST":
        body = await _json_body(headers, receive, limit)
        return GraphQLParameters.of(_json_object(body, "the body"), method)
    if method == "GET":
        return _from_url(scope)
    raise Refused(
        HTTPStatus.METHOD_NOT_ALLOWED, "use POST, or GET for queries", {b"allow": b"GET, POST"}
    )


def url_fields(scope: Scope) -> dict[str, Any]:
    """What the address of a request asks for; raises Refused for what is no UTF-8, or given twice."""
    text = scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the address must be UTF-8") from None
    fields: dict[str, Any] = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused(HTTPStatus.BAD_REQUEST, "a parameter must not be given twice")
    return fields


def _wrong(name: str, kind: type) -> Refused:
    wanted = "a string" if kind is str else "an object"
    return Refused(HTTPStatus.BAD_REQUEST, f"{name} must be {wanted}")


def _reference(fields: Mapping[str, Any]) -> DocumentReference | None:
    try:
        return reference_of(fields)
    except BadInput as error:
        raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None


async def _json_body(headers: Headers, receive: Receive, limit: int) -> bytearray:
    """Body of a request; raises Refused unless it is JSON, and as soon as it passes the limit."""
    content_type = headers.get(b"content-type", b"")
    if content_type != _PLAIN_JSON and not _is_json(content_type.decode("latin-1")):
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the body as {JSON} in UTF-8")
    if b"content-encoding" in headers:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as it is, not compressed")
    if int(headers.get(b"content-length", 0)) > limit:
        raise _too_large(limit)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return body


def _too_large(limit: int) -> Refused:
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body must be at most {limit} bytes")


def _from_url(scope: Scope) -> GraphQLParameters:
    fields = url_fields(scope)
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = _json_object(fields[name].encode(), name)
    return GraphQLParameters.of(fields, "GET")


def _json_object(text: bytes | bytearray, name: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be one JSON object")
    try:
        repeats = repeats_a_name(text, value)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must not be {error}") from None
    if repeats:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must not give a name twice")
    return value


def _is_json(content_type: str) -> bool:
    """Whether it is JSON in UTF-8."""
    kind, _, options = content_type.partition(";")
    charset = options.partition("charset=")[2].strip().strip('"').lower()
    return kind.strip().lower() == JSON and charset in {"", "utf-8", "utf8"}
