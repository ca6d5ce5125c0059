"""GraphQL over HTTP: POST and GET, content negotiation and status codes of the specification.

An ASGI application of its own: answers go out in parts as they are, and a framework's request and
response objects would be a good part of what a small query costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.context import RequestContext
from resolvers.sources import Sources
from schema.clients import Clients
from schema.execution.encoding import encoded
from schema.graphiql import graphiql_page
from schema.media_types import GRAPHQL_JSON, JSON, negotiated, wanted_types
from schema.replies import Headers, Reply, coded, send_reply, tagged
from schema.root import KenshinSchema

_OK: Final = HTTPStatus.OK
"Looked up once: members of an enum are slow to get at."

_PLAIN_JSON: Final = JSON.encode()
_QUERY_ONLY: Final = frozenset({OperationType.QUERY})
_QUERY_AND_MUTATION: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Refused(Exception):
    """A request that is not a GraphQL-over-HTTP request; answered without executing anything."""

    def __init__(self, status: HTTPStatus, message: str, headers: Headers | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


_FIELDS: Final = (("extensions", dict), ("query", str), ("variables", dict), ("operationName", str))


@dataclass(slots=True)
class GraphQLParameters:
    """What a request asks for. Never changed."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "GraphQLParameters":
        """Checked parameters; raises Refused. `extensions` may be there, none is known."""
        for name, kind in _FIELDS:
            value = fields.get(name)
            if type(value) is not kind and (value is not None or name == "query"):
                wanted = "a string" if kind is str else "an object"
                raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be {wanted}")
        return cls(fields["query"], fields.get("variables"), fields.get("operationName"))


class GraphQLView:
    """The /graphql endpoint over HTTP."""

    def __init__(self, schema: KenshinSchema, sources: Sources, clients: Clients) -> None:
        self._schema = schema
        self._sources = sources
        self._clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        if scope["method"] == "GET" and _wants_page(scope, headers):
            await graphiql_page()(scope, receive, send)
            return
        accept = headers.get(b"accept", b"").decode("latin-1")
        media_type = negotiated(accept)
        try:
            if media_type is None:
                raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"accept {GRAPHQL_JSON} or {JSON}")
            reply = await self._reply(scope, headers, receive, media_type)
        except Refused as refused:
            answer = {"errors": [_bad_input(str(refused))]}
            reply = Reply(
                refused.status, media_type or JSON, [orjson.dumps(answer)], refused.headers
            )
        await send_reply(reply, scope, send)

    async def _reply(
        self, scope: Scope, headers: Headers, receive: Receive, media_type: str
    ) -> Reply:
        method = scope["method"]
        if method == "GET":
            parameters, allowed = _from_url(scope), _QUERY_ONLY
        elif method == "POST":
            limit = self._sources.settings.max_request_bytes
            parameters = GraphQLParameters.of(
                _json_object(await _json_body(headers, receive, limit), "the body")
            )
            allowed = _QUERY_AND_MUTATION
        else:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "use POST, or GET for queries",
                {b"allow": b"GET, POST"},
            )
        context = self._context(scope, headers)
        query = self._schema.prepared_query(parameters.query, parameters.operation_name)
        if query is None:
            context.client = await self._clients.of(scope)
            return _answer(await self._executed(method, parameters, context, allowed), media_type)
        result = await self._schema.answer(query, parameters.variables, context)
        reply = _answer(result, media_type)
        if not result.errors and method == "GET":
            reply = tagged(reply, headers.get(b"if-none-match"))
        # Only of queries: what logging in answers is secret, and a body's length tells of its content.
        return await coded(reply, headers.get(b"accept-encoding"))

    def _context(self, scope: Scope, headers: Headers) -> RequestContext:
        authorization = headers.get(b"authorization")
        return RequestContext(
            self._sources,
            None if authorization is None else authorization.decode("latin-1"),
            scope["state"]["request_id"],
        )

    async def _executed(
        self,
        method: str,
        parameters: GraphQLParameters,
        context: RequestContext,
        allowed: frozenset[OperationType],
    ) -> ExecutionResult:
        try:
            return await self._schema.execute(
                parameters.query,
                variable_values=parameters.variables,
                operation_name=parameters.operation_name,
                context_value=context,
                allowed_operation_types=allowed,
            )
        except CannotGetOperationTypeError as error:
            result = ExecutionResult(None, [GraphQLError(error.as_http_error_reason())])
            self._schema.process_errors(result.errors or [])
            return result
        except InvalidOperationTypeError as error:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"a {error.operation_type.value} does not go over {method}",
                {b"allow": b"POST"},
            ) from None


def _headers(scope: Scope) -> Headers:
    """Headers by their name; values of one that came several times are joined."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


async def _json_body(headers: Headers, receive: Receive, limit: int) -> bytearray:
    """Body of a request; raises Refused unless it is JSON, and as soon as it passes the limit."""
    content_type = headers.get(b"content-type", b"")
    if content_type != _PLAIN_JSON and not _is_json(content_type.decode("latin-1")):
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the body as {JSON} in UTF-8")
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body must be at most {limit} bytes"
            )
    return body


def _from_url(scope: Scope) -> GraphQLParameters:
    fields: dict[str, Any] = _url_fields(scope)
    if "variables" in fields:
        fields["variables"] = _json_object(fields["variables"].encode(), "variables")
    return GraphQLParameters.of(fields)


def _url_fields(scope: Scope) -> dict[str, Any]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def _json_object(text: bytes | bytearray, name: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} must be one JSON object")
    return value


def _answer(result: ExecutionResult, media_type: str) -> Reply:
    answer: dict[str, Any] = {}
    refused = result.data is None and not any(error.path for error in result.errors or ())
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if not refused:
        answer["data"] = result.data
    bad = refused and media_type == GRAPHQL_JSON
    return Reply(HTTPStatus.BAD_REQUEST if bad else _OK, media_type, encoded(answer))


def _bad_input(message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": "BAD_INPUT"}}


def _wants_page(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks for something to look at."""
    wanted = wanted_types(headers.get(b"accept", b"").decode("latin-1"))
    return "text/html" in wanted[:1] and "query" not in _url_fields(scope)


def _is_json(content_type: str) -> bool:
    """Whether it is JSON in UTF-8."""
    kind, _, options = content_type.partition(";")
    charset = options.partition("charset=")[2].strip().strip('"').lower()
    return kind.strip().lower() == JSON and charset in {"", "utf-8", "utf8"}
